"""The lowest value of a measure of spread over a box of possible values, lower_j <= y_j <= upper_j.

If a measure never rises when values move towards each other, it is lowest on the path y_j = clip(t, lower_j, upper_j)
for some t: of all points of the box with one mean, that point has the least spread. If the mean is weighted and the
distances are not, the least for one mean is found by moving the heaviest subgroups first. Along both paths, a
quasi-convex measure falls and then rises.
"""

from collections.abc import Callable

import numpy as np

from divide_cli.analysis.measures.subgroups import Array, Subgroups, evaluate, shape_of
from divide_cli.catalogue import Measure

GRID, ROUNDS = 17, 14
"""Points of a search along one number, and the number of refinements: 8 times finer each time."""


def lowest(measure: Measure, of: Subgroups, lower: Array, upper: Array) -> float:
    """The lowest value over the box; NaN if the measure is undefined in all of it."""

    def value(points: Array) -> Array:
        return evaluate(measure, of.at(points))

    level = np.array([lower.max(), upper.min()])
    if level[0] <= level[1]:
        return _lowest(value(np.tile(level[:, None], of.number)))  # all can be equal, and nothing is less unequal
    if shape_of(measure) == "unweighted":
        return _least(lambda m: value(_evened(m, of.shares, lower, upper)), _means(of.shares, lower, upper))
    wide = upper > lower
    levels = np.unique(np.concatenate([lower[wide], upper[wide]])) if wide.any() else lower[:1]
    return _least(lambda t: value(np.clip(t[:, None], lower, upper)), levels)


def _lowest(values: Array) -> float:
    """The lowest value that is defined; NaN if none is."""
    return float("nan") if np.isnan(values).all() else float(np.nanmin(values))


def _least(value: Callable[[Array], Array], points: Array) -> float:
    """The least of a function of one number that falls and then rises; NaN if it is undefined everywhere.

    It is evaluated at the points, then ever finer in the stretches around the first and the last of the lowest. Each
    stretch is searched alone, since the function is level in some.
    """
    values = value(points)
    best = _lowest(values)
    low = np.flatnonzero(values <= best + 1e-12 * abs(best))
    if len(points) == 1 or not len(low):
        return best
    first = np.unique([low[0] - 1, low[0], low[-1] - 1, low[-1]])
    first = first[(first >= 0) & (first < len(points) - 1)]
    start, end = points[first], points[first + 1]
    for _ in range(ROUNDS):
        finer = start[:, None] + (end - start)[:, None] * np.linspace(0, 1, GRID)
        values = value(finer.ravel()).reshape(finer.shape)
        best = min(best, _lowest(values))
        place = np.where(np.isnan(values), np.inf, values).argmin(axis=-1)[:, None]
        start = np.take_along_axis(finer, np.maximum(place - 1, 0), axis=-1)[:, 0]
        end = np.take_along_axis(finer, np.minimum(place + 1, GRID - 1), axis=-1)[:, 0]
    return best


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
