"""The lowest and the highest value of a measure of ordered subgroups over a box, lower_j <= y_j <= upper_j.

Every such measure depends on the values through two sums only, sum p_j y_j and sum p_j X_j y_j: the concentration
indices and the line by their formulae, the logistic curve by its score equations. Over the box, the two sums fill a
polygon (a zonogon). Its corners are the points where the values up to some subgroup are at one end, and those after it
at the other end; along each of its sides one value moves between its ends. No measure has an extreme inside the
polygon: linear and quotient measures are extreme at corners, and along a side the logistic ones are searched.
"""

import numpy as np

from divide_cli.analysis.measures.ordered import facing, line, step
from divide_cli.analysis.measures.subgroups import Array, Subgroups, evaluate, gradient
from divide_cli.catalogue import Measure

PARTS = 1 / (1 + np.exp(-np.linspace(-18, 18, 25)))
"""Where a side is first looked at, between its ends: as densely near 0 and 1 as a logistic curve changes there."""

FINER, ROUNDS = 12, 8
"""Points between two others with an extreme between them, and how often finer ones are taken."""


def ends_of_order(measure: Measure, of: Subgroups, lower: Array, upper: Array) -> tuple[float, float]:
    """The lowest and highest value; NaN where the measure grows without limit, or is undefined throughout."""
    corners = _corners(lower, upper)
    if measure.needs_maximum:
        return _of_curve(measure, of, corners)
    if measure.id == "relative_index_linear":
        return _of_quotient(measure, of, corners)
    return _extremes(evaluate(measure, of.at(corners)))


def _corners(lower: Array, upper: Array) -> Array:
    """The corners of the polygon, each next to the one before, and the first again: shape (2 J + 1, J)."""
    first = np.tri(len(lower) + 1, len(lower), -1, dtype=bool)  # none, the first, the first two ...
    return np.concatenate([np.where(first, upper, lower), np.where(first, lower, upper)[1:]])


def _extremes(values: Array) -> tuple[float, float]:
    """The lowest and highest of the values that are defined; NaN for an infinite one."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.nan, np.nan
    low, high = float(known.min()), float(known.max())
    return low if np.isfinite(low) else np.nan, high if np.isfinite(high) else np.nan


def _of_quotient(measure: Measure, of: Subgroups, corners: Array) -> tuple[float, float]:
    """The extremes of f(1) / f(0), reversed if adverse, where both are above 0: without limit towards a denominator of
    0, and down to 0 at a numerator of 0.

    Both are linear in the values, so that a side has at most one point where one of them is 0.
    """
    bottom, slope = line(of.at(corners))
    above, below = facing(of, bottom, bottom + slope)
    values = [evaluate(measure, of.at(corners))]
    for zero, other, limit in ((below, above, np.inf), (above, below, 0.0)):
        crosses = np.sign(zero[:-1]) != np.sign(zero[1:])
        part = zero[:-1][crosses] / (zero[:-1] - zero[1:])[crosses]
        there = other[:-1][crosses] * (1 - part) + other[1:][crosses] * part
        values.append(np.full(int((there > 0).sum()), limit))
    return _extremes(np.concatenate(values))


def _of_curve(measure: Measure, of: Subgroups, corners: Array) -> tuple[float, float]:
    """The extremes along the sides of the polygon, of a measure of the logistic curve.

    Where its derivative along the side changes sign between two points, or is unknown, it is looked at ever finer.
    """
    moving = (corners[:-1] != corners[1:]).any(axis=-1)
    start, along = corners[:-1][moving], np.diff(corners, axis=0)[moving]
    parts = np.concatenate([[0.0], PARTS, [1.0]])
    points = start[:, None] + parts[:, None] * along[:, None]
    values = [_with_limits(measure, of.at(corners[:1])), _with_limits(measure, of.at(points)).ravel()]
    rises = np.sign((gradient(measure, of.at(points)) * along[:, None]).sum(axis=-1))
    for sign in (1.0, -1.0):
        side, part = np.nonzero(~(sign * rises[:, :-1] < 0) & ~(sign * rises[:, 1:] > 0))
        peaks = _peaks(measure, of, sign, start[side], along[side], parts[part], parts[part + 1])
        values.append(peaks)
    return _extremes(np.concatenate(values))


def _peaks(measure: Measure, of: Subgroups, sign: float, start: Array, along: Array, low: Array, high: Array) -> Array:
    """The highest value of each side between two parts of it (with sign -1 the lowest), of those that are defined."""
    found = []
    between = np.linspace(0, 1, FINER + 2)
    for _ in range(ROUNDS if len(start) else 0):
        parts = low[:, None] + (high - low)[:, None] * between
        values = _with_limits(measure, of.at(start[:, None] + parts[..., None] * along[:, None]))
        found.append(values.ravel())
        best = np.where(np.isnan(values), -np.inf, sign * values).argmax(axis=-1)[:, None]
        low = np.take_along_axis(parts, np.maximum(best - 1, 0), axis=-1)[:, 0]
        high = np.take_along_axis(parts, np.minimum(best + 1, FINER + 1), axis=-1)[:, 0]
    return np.concatenate(found) if found else np.empty(0)


def _with_limits(measure: Measure, of: Subgroups) -> Array:
    """The measure of the logistic curve, and the limit that it approaches where the values step from 0 to the maximum.

    There the curve becomes as steep as one likes: f(0) and f(1) approach 0 and the maximum, or the reverse.
    """
    steps, up, down = -step(of) if of.adverse else step(of), of.maximum, -of.maximum
    if measure.scale == "relative":
        up, down = np.inf, 0.0
    return np.where(steps > 0, up, np.where(steps < 0, down, evaluate(measure, of)))
