"""Small bars in the terminal: a share of people with its bounds, next to the figures of a table.

A bar is full up to the lowest possible value, dark up to the value, and light up to the highest. A withheld value has
its bounds only. Bars are drawn where stdout is a terminal and the table leaves room; never in a pipe or a file.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from divide_cli import concepts as v
from divide_cli.language import say
from divide_cli.reports.widths import fits, full_widths

WIDTH = 25
"""Characters of a bar: each is four per cent of people."""
Characters = tuple[str, str, str, str]
BLOCKS: Characters = ("█", "▓", "░", " ")
ASCII: Characters = ("#", "=", "-", " ")
"""The characters up to the lowest possible value, the value, the highest possible value, and 100 %."""


class Bar(NamedTuple):
    """A share of people in per cent with its bounds; NaN for a value that is withheld."""

    value: float
    lower: float
    upper: float


def bars_of(rows: Sequence[Mapping[Any, Any]]) -> tuple[Bar | None, ...]:
    """The bar of each row of a frame; None for other units, and for rows without a value and without bounds."""
    bars = []
    for row in rows:
        bar = Bar(*(float(row[name]) for name in (v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER)))
        if math.isnan(bar.lower) or math.isnan(bar.upper):
            bar = Bar(bar.value, bar.value, bar.value)
        bars.append(bar if row[v.UNIT_MEASURE] == "PT" and not math.isnan(bar.lower) else None)
    return tuple(bars)


def drawn(bar: Bar | None, characters: Characters = BLOCKS) -> str:
    """The bar as a text of `WIDTH` characters; empty for none.

    A character belongs to the part that its middle is in, so that a bar of 50 % is full in the first half.
    """
    if bar is None:
        return ""
    full, dark, light, none = characters
    text = ""
    for place in range(WIDTH):
        middle = (place + 0.5) * 100 / WIDTH
        if math.isnan(bar.value):
            text += light if bar.lower <= middle <= bar.upper else none
        else:
            text += (
                full if middle <= bar.lower else dark if middle <= bar.value else light if middle <= bar.upper else none
            )
    return text


def column_of(
    bars: Sequence[Bar | None], columns: Sequence[str], rows: Sequence[Sequence[str]], room: int, ascii_only: bool
) -> tuple[str, list[str], str] | None:
    """Head, cells and note of a column of bars, if stdout is a terminal and the column fits; otherwise None."""
    if not any(bars) or len(bars) != len(rows) or not sys.stdout.isatty():
        return None
    head = "0 %".ljust(WIDTH - 5) + "100 %"
    if not fits({**full_widths(columns, rows), head: WIDTH}, room):
        return None
    characters = ASCII if ascii_only else BLOCKS
    note = say(
        "Bars: {full} up to the lowest possible value, {dark} to the value, {light} to the highest possible value.",
        full=characters[0],
        dark=characters[1],
        light=characters[2],
    )
    return head, [drawn(bar, characters) for bar in bars], note
