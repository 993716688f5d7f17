"""Numbers as a reader sees them: decimals by unit, bounds in brackets, a dash for what is not there, marks beside."""

import math
from collections.abc import Iterable, Sequence

from divide_cli import concepts as v
from divide_cli.analysis.measures.pairs import BandPlace
from divide_cli.catalogue import catalogue
from divide_cli.frames.bounds import cut_to_tenths
from divide_cli.reports.tables import Row

NOTHING = "–"


def number(value: float | None, unit: str, sign: str = "", decimals: int | None = None) -> str:
    """The value with the decimals of its unit, or those given; persons in millions; `sign="+"` shows a rise too."""
    if value is None or math.isnan(value):
        return NOTHING
    places = catalogue().units[unit].decimals if decimals is None else decimals
    text = f"{value / 1e6:{sign},.0f} M" if unit == v.PERSONS else f"{value:{sign}.{places}f}"
    return text if any(digit in text for digit in "123456789") else text.lstrip("+-")  # no sign before zero


def bounds(lower: float | None, upper: float | None, unit: str, decimals: int | None = None) -> str:
    """`[lower, upper]`, an open end as a dash; nothing where the two are one or both are missing."""
    ends = [number(end, unit, "", decimals) for end in (lower, upper)]
    if ends == [NOTHING, NOTHING] or lower == upper:
        return ""
    return f"[{ends[0]}, {ends[1]}]"


def with_unit(text: str, unit: str) -> str:
    """The text with the symbol of the unit, where it has one."""
    symbol = catalogue().units[unit].symbol
    return text if text == NOTHING or not symbol or unit == v.PERSONS else f"{text} {symbol}"


def bounded(value: float | None, lower: float | None, upper: float | None, unit: str) -> str:
    """The value with its bounds: `70.8 [70.7, 70.9]`."""
    return " ".join(part for part in (number(value, unit), bounds(lower, upper, unit)) if part)


def bounds_of(row: Row) -> str:
    """The bounds of a row of a frame, if it has any."""
    return bounds(row[v.BOUND_LOWER], row[v.BOUND_UPPER], str(row[v.UNIT_MEASURE]))


def value_of(row: Row) -> str:
    """The value of a row of a frame with its bounds and its unit: `70.8 [70.7, 70.9] %`."""
    unit = str(row[v.UNIT_MEASURE])
    return with_unit(bounded(row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit), unit)


def no_wider(lower: float, upper: float, unit: str) -> bool:
    """Whether bounds lie no farther apart than the decimals that are printed, so that they need not be."""
    return not upper - lower > 1.5 * 10.0 ** -catalogue().units[unit].decimals


def percent(share: float | None) -> str:
    """A coverage with one decimal, cut off and not rounded: 74.96 is not shown as the 75 that it falls short of."""
    return NOTHING if share is None or math.isnan(share) else f"{cut_to_tenths(share):.1f} %"


ESTIMATE, DIFFERENT = "e", "*"
_BAND = {BandPlace.BELOW: "<", BandPlace.INSIDE: "=", BandPlace.ABOVE: ">", BandPlace.UNDETERMINED: "?"}


def marks(row: Row) -> str:
    """`e` where estimates contribute, `*` where the sides rest on other economies, and the place in the parity band."""
    estimate = ESTIMATE if row[v.OBS_STATUS] == v.ESTIMATED else ""
    different = DIFFERENT if row.get(v.SIDES_UNLIKE) else ""
    return estimate + different + _BAND.get(row.get(v.BAND_PLACE, BandPlace.NONE), "")


def meanings(used: Iterable[str], measures: Sequence[str]) -> list[str]:
    """The meaning of the marks that were used, a sentence each."""
    shown = set("".join(used))
    notes = ["*: the sides rest on different economies; OBS_COMMENT says on how many."] if DIFFERENT in shown else []
    for band in {catalogue().measures[name].band for name in measures} - {None}:
        if band is not None and shown & set("<=>?"):
            span = f"Parity is {band.lower} to {band.upper}"
            notes.append(f"{span}: = inside, < below, > above, ? undetermined by coverage or rounding.")
    return notes
