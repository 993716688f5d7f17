"""Measures of two sides, with bounds: r the reference value, c the compared value (percent), n_r and n_c their people.

A measure is an entry of data/catalogue/measures/pair.yaml and a function here that `@pair_measure` registers under the
entry's id. All take and give arrays of the same shape; a missing side gives NaN, and so does a zero denominator.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from divide_cli import concepts as v
from divide_cli.analysis.measures.subgroups import divided
from divide_cli.catalogue import Band, Measure, catalogue
from divide_cli.frames.bounds import Bounded, half_up, monotone
from divide_cli.frames.columns import Array, Mask

Formula = Callable[[Array, Array, Array, Array], Array]

PAIR_FORMULAE: dict[str, Formula] = {}
"""The function of each measure of pairs."""


def pair_measure(function: Formula) -> Formula:
    """Registers a formula under its name."""
    PAIR_FORMULAE[function.__name__] = function
    return function


@pair_measure
def absolute_difference(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """r - c, in percentage points."""
    return r - c


@pair_measure
def ratio(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """r / c; undefined where c is 0."""
    return divided(r, c)


@pair_measure
def parity_score(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """c / r (ITU's gender parity score where r is men and c women); undefined where r is 0."""
    return divided(c, r)


@pair_measure
def relative_gap(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """100 (r - c) / r, in percent of the reference value; undefined where r is 0."""
    return 100 * divided(r - c, r)


@pair_measure
def relative_gap_to_compared(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """100 (r - c) / c, in percent of the compared value; undefined where c is 0."""
    return 100 * divided(r - c, c)


@pair_measure
def adjusted_parity(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """c / r where c <= r, otherwise 2 - r / c: from 0 to 2, parity at 1; undefined where both are 0."""
    return np.where(c <= r, divided(c, r), 2 - divided(r, c))


@pair_measure
def excess_persons(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """(r n_r - c n_c) / 100, persons: how many more people of the reference side have it."""
    return np.asarray((r * n_r - c * n_c) / 100)


@pair_measure
def persons_to_parity(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """(r - c) n_c / 100, persons: how many of the compared side would have to gain it for equal shares."""
    return np.asarray((r - c) * n_c / 100)


@dataclass(frozen=True)
class Sides:
    """The two sides of pairs: values with bounds (percent) and populations (persons); NaN where unknown."""

    reference: Bounded
    reference_persons: Array
    compared: Bounded
    compared_persons: Array


def apply(measure: Measure, sides: Sides) -> tuple[Bounded, Mask]:
    """The measure of every pair, and where it is undefined: both sides are known, and the formula divides by zero.

    Every measure is monotone: it rises with the side that `increases_with` names and falls with the other.
    """
    formula = PAIR_FORMULAE[measure.id]
    persons = sides.reference_persons, sides.compared_persons
    complete = ~np.isnan(sides.reference.value) & ~np.isnan(sides.compared.value)
    if measure.unit == v.PERSONS:
        complete &= ~np.isnan(persons[0]) & ~np.isnan(persons[1])
    if measure.increases_with == "reference":
        result = monotone(lambda r, c: formula(r, c, *persons), [sides.reference], [sides.compared])
    else:
        result = monotone(lambda c, r: formula(r, c, *persons), [sides.compared], [sides.reference])
    return result, complete & np.isnan(result.value)


def unit_of(measure: Measure, indicator: str) -> str:
    """The unit of the measure of an indicator: its own, or that of a difference between two values of the indicator."""
    unit = catalogue().units[catalogue().indicators[indicator].unit]
    return unit.difference if measure.unit == "difference" else measure.unit


class BandPlace(IntEnum):
    """The position of a score in a band; NONE if there is no score or no band is intended for it."""

    NONE = 0
    BELOW = 1
    INSIDE = 2
    ABOVE = 3
    UNDETERMINED = 4


def in_band(score: Bounded, band: Band) -> Array:
    """The BandPlace of each score.

    The score is rounded half up in decimal to the band's decimals and then tested. If its bounds, rounded likewise,
    give different positions, the answer is undetermined.
    """

    def place(number: Array) -> Array:
        rounded: Array = half_up(number, band.decimals)
        return BandPlace.BELOW + (rounded >= float(band.lower)).astype(np.int64) + (rounded > float(band.upper))

    low, high = place(score.lower), place(score.upper)
    unsure = np.isnan(score.lower) | np.isnan(score.upper) | (low != high)
    places = np.where(unsure, BandPlace.UNDETERMINED, place(score.value))
    return np.where(np.isnan(score.value), BandPlace.NONE, places)
