"""Bounds: the lowest and the highest value of a measure over a box of possible values, lower_j <= y_j <= upper_j.

Rounding and missing data give a box, not a distribution: the result is an optimum, not an interval. How it is found
depends on the shape of the measure: this module has the measures of sides, `ordered_bounds` those of an order, and
`lowest` and `highest` the two ends of the others.
"""

from dataclasses import dataclass

import numpy as np

from divide_cli.analysis.measures.highest import highest
from divide_cli.analysis.measures.lowest import lowest
from divide_cli.analysis.measures.ordered_bounds import ends_of_order
from divide_cli.analysis.measures.subgroups import Array, Subgroups, evaluate, shape_of
from divide_cli.catalogue import Measure


@dataclass(frozen=True)
class Bounds:
    """The lowest and highest value over the box; NaN if the measure has no limit, or is undefined somewhere.

    `loose` says that the upper bound may be too high: no value of the box is above it, but perhaps none reaches it.
    """

    lower: float
    upper: float
    loose: bool = False


def bounds(measure: Measure, of: Subgroups, lower: Array, upper: Array) -> Bounds:
    """The bounds of the measure of one setting, whose values are between `lower` and `upper` (shape (J,)).

    The value itself, `of`, is never outside, whatever the last digits of the bounds are.
    """
    shape, loose = shape_of(measure), False
    if shape == "sides":
        low, high = _ends(measure, of, _of_sides(measure, of, lower, upper))
    elif shape == "order":
        low, high = ends_of_order(measure, of, lower, upper)
    else:
        low = lowest(measure, of, lower, upper)
        high, loose = highest(measure, of, lower, upper)
    value = float(evaluate(measure, of))
    if not np.isnan(value):
        low, high = min(low, value), max(high, value)  # NaN stays
    return Bounds(low, high, loose)


def _ends(measure: Measure, of: Subgroups, points: Array) -> tuple[float, float]:
    """The lowest and highest value at the points of a box among which the extremes are.

    Simple measures grow without limit towards where they are undefined, so that their lowest value is known. Where
    nobody has it, other measures are undefined, but have a limit nearby.
    """
    values, simple = evaluate(measure, of.at(points)), measure.family == "simple"
    if np.isnan(values).all():
        return np.nan, np.nan
    undefined = bool((np.isnan(values) & (simple | points.any(axis=-1))).any())
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return low if simple or not undefined else np.nan, np.nan if undefined else high


def _of_sides(measure: Measure, of: Subgroups, lower: Array, upper: Array) -> Array:
    """Points of the box, two at least of which have the extremes of a measure of sides."""
    place = _fixed(measure, of)
    if place is None:
        return np.concatenate([_one_apart(lower, upper), _evened(lower, upper)])
    return _around(place, lower, upper)


def _fixed(measure: Measure, of: Subgroups) -> int | None:
    """The position of a side that is the same whatever the values; None if the highest, lowest or best is each side."""
    if measure.compares_with != "sides":
        return of.reference_place if measure.compares_with == "reference" else None
    if of.ordered and (of.reference is None or of.compared is None):
        return of.number - 1
    return of.reference if of.compared is not None or of.against_worst else None


def _one_apart(lower: Array, upper: Array) -> Array:
    """One value at its upper end and the others at their lower ends, or the reverse: shape (2 J, J).

    The distance of the highest value from the others, or from their mean, is the greatest such distance of any value:
    it is greatest where that value is highest and the others are lowest.
    """
    apart = np.eye(len(lower), dtype=bool)
    return np.concatenate([np.where(apart, upper, lower), np.where(apart, lower, upper)])


def _evened(lower: Array, upper: Array) -> Array:
    """The values as equal as the box allows: none is higher than the greatest lower end, or none lower than the least
    upper end, or halfway. Shape (3, J).
    """
    level = np.array([lower.max(), upper.min()])
    return np.asarray(np.clip(np.append(level, level.mean())[:, None], lower, upper))


def _around(place: int, lower: Array, upper: Array) -> Array:
    """The reference at each end with the others at their lower, upper and farther ends, and all near one level.

    The distance from a reference is convex in its value, which is least at an end of a value within its own ends.
    """
    middle = (lower + upper) / 2
    rows = []
    for end in (lower[place], upper[place]):
        rows += [lower.copy(), upper.copy(), np.where(middle > end, upper, lower)]
        for row in rows[-3:]:
            row[place] = end
    levels = np.clip(np.unique(np.concatenate([lower, upper])), lower[place], upper[place])
    return np.concatenate([rows, np.clip(levels[:, None], lower, upper)])
