"""Bounds: the lowest and the highest value of a measure over a box of possible values, lower_j <= y_j <= upper_j.

Rounding and missing data give a box, not a distribution: the result is an optimum, not an interval. Every measure of
subgroups is monotone or quasi-convex in the values. A quasi-convex function is highest at a vertex of the box. If it
never rises when values move towards each other, it is lowest on the path y_j = clip(t, lower_j, upper_j) for some t: of
all points of the box with one mean, that point has the least spread. If the mean is weighted and the distances are not,
the least for one mean m is found by moving the heaviest subgroups first.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from divide_cli.analysis.measures.subgroups import Array, Subgroups, evaluate, shape_of
from divide_cli.catalogue import Measure

Function = Callable[[Array], Array]
"""A function from points, one a row, to values."""

ENUMERATED = 12
"""The number of subgroups up to which every vertex of the box is tried; beyond it, vertices are climbed to."""

CLIMBED = 1024
"""The number of vertices tried in each step of all climbs; it decides how many climbs start for each subgroup."""

GRID, ROUNDS = 33, 14
"""Points of a search along one number, and the number of refinements: 16 times finer each time."""


@dataclass(frozen=True)
class Bounds:
    """The lowest and highest value over the box; NaN if the measure is undefined somewhere in it.

    `climbed` says that there were too many vertices to try each.
    """

    lower: float
    upper: float
    climbed: bool = False


def bounds(measure: Measure, of: Subgroups, lower: Array, upper: Array) -> Bounds:
    """The bounds of the measure of one setting, whose values are between `lower` and `upper` (shape (J,))."""
    shape = shape_of(measure, of)
    sign = -1.0 if measure.family == "impact" and shape == "spread" and of.adverse else 1.0

    def value(points: Array) -> Array:
        return sign * evaluate(measure, of.at(points))

    climbed = of.number > ENUMERATED
    high = _highest(value, lower, upper, climbed)
    if shape == "corners":
        # the simple measures grow without limit towards where they are undefined, so that their lowest value is known
        low = -_highest(lambda points: -value(points), lower, upper, climbed, partial=measure.family == "simple")
    elif shape == "unweighted":
        low = _least(lambda m: value(_evened(m, of.shares, lower, upper)), _means(of.shares, lower, upper))
    else:
        low = _least(lambda t: value(np.clip(t[:, None], lower, upper)), np.unique(np.concatenate([lower, upper])))
    low, high = sorted((sign * low, sign * high)) if not np.isnan([low, high]).any() else (sign * low, sign * high)
    return Bounds(float(low), float(high), climbed)


def _highest(value: Function, lower: Array, upper: Array, climbed: bool, partial: bool = False) -> float:
    """The highest value at a vertex of the box: of all vertices, or of those that are climbed to."""
    return _climb(value, lower, upper, partial) if climbed else _extreme(value(_vertices(lower, upper)), partial)


def _extreme(values: Array, partial: bool = False) -> float:
    """The highest value; NaN if any is undefined or, where `partial`, if all are."""
    undefined = np.isnan(values)
    return float("nan") if undefined.all() or (undefined.any() and not partial) else float(np.nanmax(values))


def _vertices(lower: Array, upper: Array) -> Array:
    """Every corner of the box, shape (2^J, J); equal ends give one corner."""
    free = np.flatnonzero(upper > lower)
    corners = np.tile(lower, (2 ** len(free), 1))
    for place, j in enumerate(free):
        corners[:, j] = np.where(np.arange(len(corners)) >> place & 1, upper[j], lower[j])
    return corners


def _climb(value: Function, lower: Array, upper: Array, partial: bool = False) -> float:
    """The highest value at a vertex that no change of one value raises, by climbing from the best thresholds.

    A threshold sets the values above it to their upper ends and the others to their lower ends, or the reverse.
    """
    order = np.argsort(lower + upper, kind="stable")
    above = np.zeros((len(order) + 1, len(order)), dtype=bool)
    for k in range(len(order)):
        above[k + 1 :, order[-k - 1]] = True
    starts = np.concatenate([np.where(above, upper, lower), np.where(above, lower, upper)])
    values = value(starts)
    if np.isnan(_extreme(values, partial)):
        return float("nan")
    best = np.argsort(-values, kind="stable")[: max(CLIMBED // len(order), 1)]
    defined = best[~np.isnan(values[best])]
    return float(np.max([_top(value, starts[k], float(values[k]), lower, upper, partial) for k in defined]))


def _top(value: Function, at: Array, best: float, lower: Array, upper: Array, partial: bool) -> float:
    """The value at which no move of one value to its other end raises it, found from a vertex and its value."""
    while not np.isnan(best):
        flipped = np.where(np.eye(len(at), dtype=bool), np.where(at == upper, lower, upper), at)
        values = value(flipped)
        higher = _extreme(values, partial)
        if higher <= best:
            break
        best, at = higher, flipped[int(np.nanargmax(values))] if not np.isnan(higher) else at
    return best


def _least(value: Function, points: Array) -> float:
    """The least of a function of one number that falls and then rises, and may be level between points.

    It is evaluated at the points, then ever finer in the stretches on either side of the lowest.
    """
    values = value(points)
    if np.isnan(values).all():
        return float("nan")
    best = float(np.nanmin(values))
    low = np.flatnonzero(values <= best + 1e-12 * abs(best))
    for start in range(max(low[0] - 1, 0), min(low[-1] + 1, len(points) - 1)):
        best = min(best, _refined(value, points[start], points[start + 1]))
    return best


def _refined(value: Function, start: float, end: float) -> float:
    """The least in one stretch; infinity if it is undefined throughout."""
    best = np.inf
    for _ in range(ROUNDS):
        points = np.linspace(start, end, GRID)
        values = value(points)
        if np.isnan(values).all():
            break
        best = min(best, float(np.nanmin(values)))
        place = int(np.nanargmin(values))
        start, end = points[max(place - 1, 0)], points[min(place + 1, GRID - 1)]
    return float(best)


def _means(shares: Array, lower: Array, upper: Array) -> Array:
    """The initial means: the lowest and highest that the box allows, and the ends of each value between them."""
    ends = np.array([lower @ shares, upper @ shares])
    inside = np.concatenate([lower, upper])
    return np.unique(np.concatenate([ends, inside[(inside > ends[0]) & (inside < ends[1])]]))


def _evened(means: Array, shares: Array, lower: Array, upper: Array) -> Array:
    """For each mean m, the point of the box with that mean and the least sum of |y_j - m|; NaN if there is none.

    It is clip(m), with the heaviest values moved until the mean is m.
    """
    points = np.clip(means[:, None], lower, upper)
    lack = means - points @ shares
    order = np.argsort(-shares, kind="stable")
    up = lack > 0
    room = np.where(up[:, None], upper - points, points - lower)[:, order]
    capacity = room * shares[order]
    before = np.cumsum(capacity, axis=1) - capacity
    filled = np.clip(np.abs(lack)[:, None] - before, 0, capacity)
    moved = np.divide(filled, shares[order], out=np.zeros_like(filled), where=shares[order] > 0)
    points[:, order] += np.where(up[:, None], moved, -moved)
    short = np.abs(lack) > capacity.sum(axis=1) * (1 + 1e-9) + 1e-12
    points[short] = np.nan
    return np.asarray(points)
