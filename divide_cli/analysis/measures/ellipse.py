"""Intervals of measures that depend on two sums of the values: the lowest and highest value over the error ellipse.

Values y agree at distance r with estimates e, whose errors have the covariance C, if (y - e)' C^-1 (y - e) <= r^2. The
interval of a measure f of two sums A y goes from the least to the greatest f over those values. If r is the quantile z
of the normal distribution, the interval of a linear f is the usual one, and that of a ratio of two linear functions is
Fieller's (1954, J. Roy. Stat. Soc. B 16:175). For other f it is the interval of the profile likelihood. It does not
depend on the scale: the interval of ln f is the logarithm of that of f.

Named sides, ends of an order, concentration indices, and fits of a line or a logistic curve depend on two sums: on r
and c, on r and the mean, or on sum p_j y_j and sum p_j X_j y_j. The extremes are on the edge of the ellipse, which the
module searches by angle. If errors differ below and above the estimates, the edge is that of module `uneven`. Where the
edge reaches values at which f is undefined, that end is open: the measure is "at least" so much. If both ends are open,
there is no interval.
"""

from collections.abc import Callable

import numpy as np

from divide_cli.analysis.measures.subgroups import Array, Subgroups, evaluate
from divide_cli.analysis.measures.uneven import farthest
from divide_cli.catalogue import Measure
from divide_cli.frames.columns import Mask

Function = Callable[[Array], Array]
"""A function from points, one in each place of the last axis but one, to values."""
Edge = Callable[[Array], Array]
"""A function from angles, shape (..., K), to the points on an edge around 0, shape (..., K, J)."""

ANGLES = 72
"""The angles of the first search; each following search is between the neighbours of the best."""
FINER, ROUNDS, HALVINGS = 9, 6, 40
"""The angles of each following search, 4 times finer than the last, how many follow, and the halvings of `_open`."""


def sums(measure: Measure, of: Subgroups) -> Array:
    """The rows A, shape (2, J), of the two sums that the measure depends on; any sides are named or of an order."""
    if measure.family == "ordered":
        return np.stack([of.shares, of.shares * of.ranks])
    of_each = np.eye(of.number)
    if measure.family == "impact":
        return np.stack([of_each[of.reference_place], of.shares])
    if of.reference is None or of.compared is None:
        return of_each[[of.number - 1, 0]]
    return of_each[[of.reference, of.compared]]


def axes(rows: Array, covariance: Array) -> Array:
    """The half-axes of the ellipse among the values, shape (J, 2): C A' (A C A')^-1/2.

    The values e + r (axes @ (cos t, sin t)) are on its edge: of all values with these two sums, the nearest to e.
    """
    spread = covariance @ rows.T
    return np.asarray(spread @ _inverse_root(rows @ spread))


def _inverse_root(matrix: Array) -> Array:
    """M^-1/2 of a symmetric matrix; 0 in directions in which it is 0."""
    lengths, directions = np.linalg.eigh(matrix)
    inverse = np.where(lengths > 1e-12 * lengths.max(), 1 / np.sqrt(np.where(lengths > 0, lengths, 1.0)), 0.0)
    return np.asarray((directions * inverse) @ directions.T)


def even_edge(half_axes: Array) -> Edge:
    """The edge of the ellipse with these half-axes, shape (J, 2)."""
    return lambda angles: np.asarray(_directions(angles) @ half_axes.T)


def uneven_edge(rows: Array, covariance: Array, distance: float, uneven: Array) -> Edge:
    """The edge at the distance where errors differ below and above: the farthest values in each direction.

    Directions are those of the two sums, which the covariance scales to similar lengths.
    """
    scaled = _inverse_root(rows @ covariance @ rows.T) @ rows
    return lambda angles: farthest(_directions(angles) @ scaled, covariance, distance, uneven)


def _directions(angles: Array) -> Array:
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def extremes(function: Function, centre: Array, edge: Edge) -> tuple[Array, Array]:
    """The least and the greatest value of the function over the edge around the centre, shape (...).

    The function takes points of shape (N, K, J). `centre` has the shape (N, J) or (J,). An end is NaN where the
    function is undefined beyond values below (or above) its value at the centre.
    """

    if centre.ndim == 1:
        low, high = extremes(function, centre[None], edge)
        return low[0], high[0]
    step = 2 * np.pi / ANGLES
    first = np.broadcast_to(np.arange(ANGLES) * step, (*centre.shape[:-1], ANGLES))
    values = function(_points(centre, edge, first))
    ends = []
    for sign in (-1.0, 1.0):
        angle, best = _highest(sign * values, first)
        width = step
        for _ in range(ROUNDS):
            near = angle[..., None] + np.linspace(-width, width, FINER)
            angle, best = _highest(sign * function(_points(centre, edge, near)), near)
            width *= 2 / (FINER - 1)
        ends.append(np.where(np.isinf(best), np.nan, sign * best))
    if np.isnan(values).any():
        below, above = _open(function, centre, edge, values)
        return np.where(below, np.nan, ends[0]), np.where(above, np.nan, ends[1])
    return ends[0], ends[1]


def _points(centre: Array, edge: Edge, angles: Array) -> Array:
    """The points on the edge around the centre at the angles, shape (..., K, J)."""
    return np.asarray(centre[..., None, :] + edge(angles))


def _open(function: Function, centre: Array, edge: Edge, values: Array) -> tuple[Mask, Mask]:
    """Whether the function is undefined beyond its least, and beyond its greatest value on the edge.

    Between an angle where it is defined and a neighbour where it is not, the last defined value is found by halving.
    """
    undefined, here = np.isnan(values), function(centre[..., None, :])[..., 0]
    below, above = np.zeros(here.shape, dtype=bool), np.zeros(here.shape, dtype=bool)
    for side in (-1, 1):
        settings, place = np.nonzero(~undefined & np.roll(undefined, -side, axis=-1))
        centres, step = centre[settings], side * 2 * np.pi / ANGLES
        known = place * 2 * np.pi / ANGLES
        last = values[settings, place]
        for _ in range(HALVINGS):
            step /= 2
            found = function(_points(centres, edge, (known + step)[..., None]))[..., 0]
            defined = ~np.isnan(found)
            known, last = np.where(defined, known + step, known), np.where(defined, found, last)
        reference = here[settings]
        np.logical_or.at(below, settings, last < reference)
        np.logical_or.at(above, settings, last > reference)
    return below, above


def _highest(values: Array, angles: Array) -> tuple[Array, Array]:
    """The angle of the highest value along the last axis, and that value; NaN counts as lowest."""
    known = np.where(np.isnan(values), -np.inf, values)
    place = known.argmax(axis=-1)[..., None]
    return np.take_along_axis(angles, place, -1)[..., 0], np.take_along_axis(known, place, -1)[..., 0]


def ellipse(
    measure: Measure, of: Subgroups, covariance: Array, distance: float, uneven: Array | None = None
) -> tuple[Array, Array]:
    """The interval of the measure over the values at the distance: its ends, NaN where an end is open.

    Values have the shape (N, J) or (J,), `uneven` errors (2, J) below and above them. Sides stay within the limits of
    the unit.
    """
    rows = sums(measure, of)

    def value(points: Array) -> Array:
        inside = np.clip(points, 0, of.maximum) if measure.family == "simple" else points
        return evaluate(measure, of.at(inside))

    even = even_edge(distance * axes(rows, covariance))
    edge = even if uneven is None else uneven_edge(rows, covariance, distance, uneven)
    return extremes(value, of.values, edge)
