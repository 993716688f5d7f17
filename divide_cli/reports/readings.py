"""Readings: what the number of a measure means for an indicator, by its unit, its direction and the sign of the value.

The sentences are data (`reading` of data/catalogue/measures/), and so are the words that fill their slots.
"""

import math
from collections.abc import Iterable
from enum import Enum

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.applicability import quantity_of
from divide_cli.catalogue.measure_parts import Reading
from divide_cli.catalogue.records import Measure
from divide_cli.language import ended, first_sentence, labelled, later, say
from divide_cli.reports.tables import Row, is_computed, sentence

CLOSE = 1e-9
"""The distance from equality, relative to the larger of the two, up to which values are equal."""
Names = tuple[str, str]
"""The reference side and the compared side."""
SIDES: Names = (later("the reference group"), later("the compared group"))
BOUNDS, INTERVAL = later("the bounds include"), later("the interval includes")


class Place(Enum):
    """The place of a value relative to the equality of its measure; the value of a member is its key in a reading."""

    ABOVE = "above"
    BELOW = "below"
    EQUAL = "equal"
    OPEN = "open"  # its bounds or its interval include equality


def place_of(value: float, equality: float, lower: float = math.nan, upper: float = math.nan) -> Place:
    """The place of a value, given the ends of its bounds or its interval; one that is missing has no limit."""
    ends = [] if math.isnan(lower) and math.isnan(upper) else [lower, upper]
    unlimited = [-math.inf, math.inf]
    known = [limit if math.isnan(end) else end for end, limit in zip(ends, unlimited, strict=False)]
    signs = {_sign(number, equality) for number in (value, *known)}
    if len(signs) == 1:
        return {1: Place.ABOVE, -1: Place.BELOW, 0: Place.EQUAL}[signs.pop()]
    return Place.OPEN


def _sign(number: float, equality: float) -> int:
    close = math.isclose(number, equality, rel_tol=CLOSE, abs_tol=CLOSE)
    return 0 if close else 1 if number > equality else -1


def fill(text: str, indicator: str, names: Names = SIDES, which: str = BOUNDS) -> str:
    """The text with its slots filled for an indicator; `names` are the reference and the compared side."""
    entry = catalogue().indicators[indicator]
    difference = catalogue().units[catalogue().units[entry.unit].difference]
    words = catalogue().directions[entry.direction]
    one, other = map(say, names) if names == SIDES else names
    filled = text.format(
        reference=one, compared=other, better=one, worse=other, range=say(which),
        unit=difference.words or difference.name, noun=quantity_of(indicator).noun,
        **{name: getattr(words, name) for name in _WORDS},
    )  # fmt: skip
    begins_with_code = names != SIDES and filled.startswith(names)
    return ended(filled) if begins_with_code else sentence(filled)


_WORDS = ("higher", "lower", "higher_than", "lower_than", "behind", "ahead_of", "rise", "fall")


def text_at(reading: Reading, place: Place) -> str:
    """The sentence for a place; the general text where the reading has none."""
    return getattr(reading, place.value) or first_sentence(reading.text)


def of_row(measure: Measure, row: Row, names: Names = SIDES) -> str:
    """The reading of a row with a value, from its bounds and, where these exclude equality, its interval."""
    which, place = BOUNDS, _place_within(measure, row, v.BOUND_LOWER, v.BOUND_UPPER)
    if place is not Place.OPEN:
        which, place = INTERVAL, _place_within(measure, row, v.CI_LOWER, v.CI_UPPER)
    return fill(text_at(measure.reading, place), str(row[v.INDICATOR]), names, which)


def _place_within(measure: Measure, row: Row, *ends: str) -> Place:
    """The place of the value of a row, given two columns of ends."""
    lower, upper = (float(row[end]) if end in row else math.nan for end in ends)
    return place_of(float(row[v.OBS_VALUE]), measure.equality, lower, upper)


def in_general(measure: Measure, rows: Iterable[Row]) -> list[str]:
    """The readings of the places that occur among rows of one measure and indicator; where several, with their sign."""
    valued = [row for row in rows if is_computed(row)]
    places = [place_of(float(row[v.OBS_VALUE]), measure.equality) for row in valued]
    occurring = dict.fromkeys(zip((str(row[v.INDICATOR]) for row in valued), places, strict=True))
    sided = [(name, place) for name, place in occurring if place is not Place.EQUAL]
    several = len({place for _, place in sided}) > 1
    texts: dict[str, None] = {}
    for name, place in sided:
        reading = fill(text_at(measure.reading, place), name)
        texts[labelled(_side(place, measure.equality), reading) if several else reading] = None
    return list(texts)


def _side(place: Place, equality: float) -> str:
    if place is Place.ABOVE:
        return say("above {equality:g}", equality=equality)
    return say("below {equality:g}", equality=equality)


def in_words(measure: Measure) -> str:
    """The general text, with the slots in words; for `divide show` and the reference pages."""
    return measure.reading.text.format(unit=say("the unit of a difference"), noun=say("value"))
