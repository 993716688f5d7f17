"""Measures of disparity: the registry, and their application to pairs with bounds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from divide_cli import concepts as v
from divide_cli.analysis.measures import pairwise
from divide_cli.catalogue import Band, Measure

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
"""One formula for each entry of measures.yaml; a test asks that the two agree."""


@dataclass(frozen=True)
class Sides:
    """Reference and compared side of pairs: value, bounds (percent) and population (persons); NaN where unknown."""

    reference: Array
    reference_lower: Array
    reference_upper: Array
    reference_persons: Array
    compared: Array
    compared_lower: Array
    compared_upper: Array
    compared_persons: Array


@dataclass(frozen=True)
class Measured:
    """A measure of pairs: its value, and the lowest and highest value that the bounds of the sides allow.

    `undefined` marks pairs whose sides are known and whose formula divides by zero there.
    """

    value: Array
    lower: Array
    upper: Array
    undefined: npt.NDArray[np.bool_]


def apply(measure: Measure, sides: Sides) -> Measured:
    """The measure of every pair.

    Every measure is monotone in both sides, so that its bounds are its values at two corners of the box of the sides:
    for a measure that rises with the reference, lower = f(reference lower, compared upper). A corner where the formula
    is undefined has no bound (NaN).
    """
    formula = FORMULAE[measure.id]
    persons = (sides.reference_persons, sides.compared_persons)
    value = formula(sides.reference, sides.compared, *persons)
    ends = (
        formula(sides.reference_lower, sides.compared_upper, *persons),
        formula(sides.reference_upper, sides.compared_lower, *persons),
    )
    lower, upper = ends if measure.increases_with == "reference" else ends[::-1]
    known = ~np.isnan(sides.reference) & ~np.isnan(sides.compared)
    if measure.unit == v.PERSONS:
        known &= ~np.isnan(sides.reference_persons) & ~np.isnan(sides.compared_persons)
    return Measured(value, lower, upper, known & np.isnan(value))


BELOW, INSIDE, ABOVE, UNDETERMINED = "below", "inside", "above", "undetermined"


def in_band(measured: Measured, band: Band) -> npt.NDArray[Any]:
    """Where each score lies: `below`, `inside`, `above` the band, or `undetermined`; empty where there is no score.

    The score is rounded half up in decimal to the band's decimals and then tested. Where its bounds, rounded likewise,
    lie on different sides, the answer is undetermined.
    """
    limits = float(band.lower), float(band.upper)

    def place(score: Array) -> npt.NDArray[np.int64]:
        rounded = half_up(score, band.decimals)
        return (rounded >= limits[0]).astype(np.int64) + (rounded > limits[1])

    low, high = place(measured.lower), place(measured.upper)
    unsure = np.isnan(measured.lower) | np.isnan(measured.upper) | (low != high)
    words = np.array([BELOW, INSIDE, ABOVE], dtype=object)[place(measured.value)]
    return np.where(np.isnan(measured.value), "", np.where(unsure, UNDETERMINED, words))


def half_up(values: Array, decimals: int) -> Array:
    """The values rounded half up as decimal numbers: 0.975 -> 0.98, 1.005 -> 1.01, whatever their binary tail is.

    The ninth decimal after the last one kept is taken as exact, which is finer than any quotient of printed figures.
    """
    scaled = np.round(values * 10.0**decimals, 9)
    return np.asarray(np.floor(scaled + 0.5) / 10.0**decimals)
