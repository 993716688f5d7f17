"""Measures of disparity: the registry, and their application to pairs with bounds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from divide_cli import concepts as v
from divide_cli.analysis.measures import pairwise
from divide_cli.catalogue import Band, Measure, catalogue
from divide_cli.frames.bounds import Bounded, half_up, monotone

Array = npt.NDArray[np.float64]
Formula = Callable[[Array, Array, Array, Array], Array]

FORMULAE: Mapping[str, Formula] = {
    "absolute_difference": pairwise.absolute_difference,
    "ratio": pairwise.ratio,
    "parity_score": pairwise.parity_score,
    "relative_gap": pairwise.relative_gap,
    "relative_gap_to_compared": pairwise.relative_gap_to_compared,
    "adjusted_parity": pairwise.adjusted_parity,
    "excess_persons": pairwise.excess_persons,
    "persons_to_parity": pairwise.persons_to_parity,
}
"""One formula for each entry of measures/pair.yaml; a test asks that the two agree."""


@dataclass(frozen=True)
class Sides:
    """The two sides of pairs: values with bounds (percent) and populations (persons); NaN where unknown."""

    reference: Bounded
    reference_persons: Array
    compared: Bounded
    compared_persons: Array


def apply(measure: Measure, sides: Sides) -> tuple[Bounded, npt.NDArray[np.bool_]]:
    """The measure of every pair, and where it is undefined: both sides are known and the formula divides by zero.

    Every measure is monotone: it rises with the side that `increases_with` names and falls with the other.
    """
    formula = FORMULAE[measure.id]
    persons = sides.reference_persons, sides.compared_persons
    known = ~np.isnan(sides.reference.value) & ~np.isnan(sides.compared.value)
    if measure.unit == v.PERSONS:
        known &= ~np.isnan(persons[0]) & ~np.isnan(persons[1])
    if measure.increases_with == "reference":
        result = monotone(lambda r, c: formula(r, c, *persons), [sides.reference], [sides.compared])
    else:
        result = monotone(lambda c, r: formula(r, c, *persons), [sides.compared], [sides.reference])
    return result, known & np.isnan(result.value)


def unit_of(measure: Measure, indicator: str) -> str:
    """The unit of the measure of an indicator: its own, or that of a difference of two values of the indicator."""
    known = catalogue()
    return known.units[known.indicators[indicator].unit].difference if measure.unit == "difference" else measure.unit


class BandPlace(IntEnum):
    """Where a score lies in a band; NONE where there is no score or no band is meant for it."""

    NONE = 0
    BELOW = 1
    INSIDE = 2
    ABOVE = 3
    UNDETERMINED = 4

    @property
    def word(self) -> str:
        """The place in lower case: `inside`."""
        return self.name.lower()


def in_band(score: Bounded, band: Band) -> npt.NDArray[np.int64]:
    """The BandPlace of each score.

    The score is rounded half up in decimal to the band's decimals and then tested. Where its bounds, rounded likewise,
    lie on different sides, the answer is undetermined.
    """

    def place(number: Array) -> npt.NDArray[np.int64]:
        rounded: Array = half_up(number, band.decimals)
        return BandPlace.BELOW + (rounded >= float(band.lower)).astype(np.int64) + (rounded > float(band.upper))

    low, high = place(score.lower), place(score.upper)
    unsure = np.isnan(score.lower) | np.isnan(score.upper) | (low != high)
    places = np.where(unsure, BandPlace.UNDETERMINED, place(score.value))
    return np.where(np.isnan(score.value), BandPlace.NONE, places)
