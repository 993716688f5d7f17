"""The highest value of a measure of spread over a box of possible values, lower_j <= y_j <= upper_j.

It is at a corner of the box, since the measure is quasi-convex. At that corner there is a level above which the measure
rises with a value, and below which it falls: the values that are above the level in all of the box are at their upper
ends, those below it at their lower ends. Only values that the box leaves on both sides of the level may be at either
end. For each level, these are few if the box comes from rounding.
"""

from typing import cast

import numpy as np
import numpy.typing as npt

from divide_cli.analysis.measures.spread_limits import limit_of
from divide_cli.analysis.measures.subgroups import Array, Subgroups, evaluate, shape_of
from divide_cli.catalogue import Measure

VALUES = 2**20
"""The most values of corners that are tried: 16 values at each of the 2^16 corners of 16 subgroups."""


def highest(measure: Measure, of: Subgroups, lower: Array, upper: Array) -> tuple[float, bool]:
    """The highest value, and whether it may be too high; NaN if the measure is undefined at a corner.

    Where nobody has it, a measure in relation to the mean is undefined, but has a limit nearby: it is not tried.
    """
    if shape_of(measure) == "unweighted":
        return _unweighted(measure, of, lower, upper), False
    free = _undecided(lower, upper)
    if len(lower) * sum(2 ** int(row.sum()) for row, _ in free) > VALUES:
        return limit_of(measure, of, lower, upper)
    points = np.concatenate([_corners(*row, lower, upper) for row in free])
    values = evaluate(measure, of.at(points[points.any(axis=-1)]))
    return float(values.max()) if len(values) else np.nan, False


Marks = npt.NDArray[np.bool_]


def _undecided(lower: Array, upper: Array) -> list[tuple[Marks, Marks]]:
    """For levels from the lowest on, which values may be at either end, and which of the others are at their upper one.

    The sets between two levels change at the ends of values. Only sets that are part of no other are kept.
    """
    wide = upper > lower
    ends = np.concatenate([upper[wide], lower[wide]])
    opens = np.repeat([False, True], wide.sum())
    places = np.tile(np.flatnonzero(wide), 2)
    free, above, rows, grown = np.zeros(len(lower), bool), wide.copy(), [], not wide.any()
    for k in np.lexsort((opens, ends)):  # where one value ends and another begins, no level is within both
        if opens[k]:
            free[places[k]], above[places[k]], grown = True, False, True
            continue
        if grown:
            rows.append((free.copy(), above.copy()))
        free[places[k]], grown = False, False
    return rows or [(free, above)]


def _corners(free: Marks, above: Marks, lower: Array, upper: Array) -> Array:
    """The corners at which the undecided values are at either end and the others where they are."""
    numbers = np.arange(2 ** int(free.sum()))
    points = np.tile(np.where(above, upper, lower), (len(numbers), 1))
    points[:, free] = np.where(numbers[:, None] >> np.arange(free.sum()) & 1, upper[free], lower[free])
    return points


def _unweighted(measure: Measure, of: Subgroups, lower: Array, upper: Array) -> float:
    """The highest mean of the distances from the weighted mean, or the highest of its quotients by that mean.

    With k of J values above the mean, the sum of the distances is sum e_j y_j - (2 k - J) mu, with e_j = 1 for those
    and -1 for the others; with any other e, it is less. Given k, it is a sum over the subgroups, so that the k that
    gain most from e_j = 1 are found by sorting. A quotient is at most q if distances - q mu is never above 0: q rises
    until it is (Dinkelbach 1967, Management Sci. 13:492).
    """
    relative, best, level = measure.scale == "relative", -np.inf, 0.0
    while True:
        points = _signed(of.shares, lower, upper, level)
        points = points[points.any(axis=-1)]
        values = evaluate(measure, of.at(points))
        if not len(values) or not values.max() > best:
            return best if np.isfinite(best) else np.nan
        best, at = float(values.max()), of.at(points[int(values.argmax())])
        if not relative:
            return best
        level = float(at.distances.mean() / at.mean)


def _signed(shares: Array, lower: Array, upper: Array, level: float) -> Array:
    """For each k, the point with the highest sum of the distances - J level mu if k values are above the mean."""
    number = len(lower)
    k = np.arange(number + 1)[:, None]
    weight = shares * (2 * k - number + number * level)
    gains, points = [], []
    for sign in (1.0, -1.0):
        slope = sign - weight
        points.append(np.where(slope > 0, upper, lower))
        gains.append(slope * points[-1])
    order = np.argsort(gains[1] - gains[0], axis=-1, kind="stable")
    above = np.zeros((number + 1, number), dtype=bool)
    np.put_along_axis(above, order, np.arange(number) < k, axis=-1)
    return cast(Array, np.where(above, points[0], points[1]))
