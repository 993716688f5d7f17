"""Numbers as a reader sees them: decimals by unit, bounds in brackets, a dash for what is not there."""

import math

from divide_cli.catalogue import catalogue

NOTHING = "–"


def number(value: float | None, unit: str, sign: str = "") -> str:
    """The value with the decimals of its unit, persons in millions; `sign="+"` shows the sign of a change."""
    if value is None or math.isnan(value):
        return NOTHING
    if unit == "PS":
        return f"{value / 1e6:{sign},.0f} M"
    return f"{value:{sign}.{catalogue().units[unit].decimals}f}"


def bounds(lower: float | None, upper: float | None, unit: str) -> str:
    """`[lower, upper]`, an open end as a dash; nothing where the two are one or both are missing."""
    ends = [number(lower, unit), number(upper, unit)]
    if ends == [NOTHING, NOTHING] or lower == upper:
        return ""
    return f"[{ends[0]}, {ends[1]}]"


def with_unit(text: str, unit: str) -> str:
    """The text with the symbol of the unit, where it has one."""
    symbol = catalogue().units[unit].symbol
    return text if text == NOTHING or not symbol or unit == "PS" else f"{text} {symbol}"


def bounded(value: float | None, lower: float | None, upper: float | None, unit: str) -> str:
    """The value with its bounds: `70.8 [70.7, 70.9]`."""
    return " ".join(part for part in (number(value, unit), bounds(lower, upper, unit)) if part)


def percent(share: float | None) -> str:
    """A coverage, in whole percent; 99.7 is never shown as 100."""
    if share is None or math.isnan(share):
        return NOTHING
    whole = round(share)
    return f"{share:.1f} %" if whole == 100 and share < 100 else f"{whole} %"
