"""The truths against which the lower end of an interval is tested: nearest to the estimates, and less unequal.

Of all values with a given between-group variance V, the nearest to estimates e with errors of covariance C minimises
(y - e)' C^-1 (y - e) + k V(y) for some k >= 0. V is y' M y with M = diag(p) - p p'. In coordinates in which C is the
identity and M is diagonal, with entries t_i, the solution is e_i / (1 + k t_i). It is e at k = 0, and equality as k
grows: subgroups with large errors move first.

At a kink, such as that of |y_j - mu| at the mean, estimates overstate the truth most, and they are nearly never at the
kink, even if the truth is. For kinked measures they are therefore replaced first: `tied` moves together those that may
well be equal, and `at_mean` moves to the mean those that may well have it.
"""

from dataclasses import dataclass

import numpy as np

from divide_cli.analysis.measures.subgroups import Array, Places

TIED, AT_MEAN = 1.5, 2.0
"""How surprising the scatter of equal values may be, in standard deviations of its chi-square, and the distance from
the mean, in standard errors.
"""
HALVINGS, WIDEST = 30, 14.0
"""How k is found: by halving ln k between -14 and 14, relative to the greatest t_i."""


@dataclass(frozen=True)
class Errors:
    """Errors of covariance C = R R', and coordinates x = `inwards` y, y = `outwards` x, of the module's text."""

    covariance: Array
    root: Array
    pull: Array
    outwards: Array
    inwards: Array


def errors_of(covariance: Array, shares: Array) -> Errors:
    """The errors with a covariance (shape (J, J)) of values with population shares; no variance is exactly 0."""
    variances, axes = np.linalg.eigh(covariance)
    lengths = np.sqrt(np.maximum(variances, 1e-12 * max(variances.max(), 1e-300)))
    root = axes * lengths
    pull, turned = np.linalg.eigh(root.T @ (np.diag(shares) - np.outer(shares, shares)) @ root)
    pull = np.where(pull > 1e-10 * pull.max(), pull, 0.0)
    return Errors(covariance, root, pull, root @ turned, turned.T @ (axes / lengths).T)


def less_unequal(start: Array, errors: Errors, distances: Array) -> Array:
    """The nearest truths at each distance from `start` (shape (N, J)), and equality last: shape (N, K + 1, J)."""
    inside = start @ errors.inwards.T
    pull = errors.pull / errors.pull.max()
    movable = (inside * (pull > 0))[:, None]
    low, high = np.full((2, len(start), len(distances)), WIDEST)
    low = -low
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        strength = np.exp(middle)[..., None] * pull
        far = ((movable * (strength / (1 + strength))) ** 2).sum(axis=-1) > distances**2
        low, high = np.where(far, low, middle), np.where(far, middle, high)
    near = inside[:, None] / (1 + np.exp(high)[..., None] * pull)
    equal = np.where(pull > 0, 0.0, inside)[:, None]
    return np.asarray(np.concatenate([near, equal], axis=1) @ errors.outwards.T)


def tied(values: Array, deviations: Array) -> Array:
    """The values (shape (N, J)) with those that may well be equal moved towards their average.

    Neighbours in the order of the values are joined, the most alike first, while the scatter Q = sum (y - average)^2 /
    s^2 of the n + 1 joined values is below n + 1.5 sqrt(2 n). Errors explain n of it, with a standard deviation of
    sqrt(2 n). Their distances from the average are reduced to the root of what this leaves, 1 - (n + sqrt(2 n)) / Q.
    """
    order = np.argsort(values, axis=1, kind="stable")
    ascending = np.take_along_axis(values, order, 1)
    precision = np.take_along_axis(np.broadcast_to(deviations**-2.0, values.shape), order, 1)
    sums = [_running(precision * ascending**power) for power in (0, 1, 2)]
    first, end = _joined(sums, values.shape)
    scatter, average = _scatter(sums, first, end)
    degrees = end - first - 1
    explained = degrees + np.sqrt(2 * degrees)
    kept = np.sqrt(np.clip(1 - explained / np.maximum(scatter, np.where(degrees, 1e-300, np.inf)), 0, 1))
    result = np.empty_like(values)
    np.put_along_axis(result, order, average + np.where(degrees > 0, kept, 1.0) * (ascending - average), 1)
    return result


def _running(terms: Array) -> Array:
    """The sums of the first 0, 1, ... J terms of each row."""
    return np.concatenate([np.zeros((len(terms), 1)), np.cumsum(terms, axis=1)], axis=1)


def _scatter(sums: list[Array], first: Places, end: Places) -> tuple[Array, Array]:
    """Q and the weighted average of the values from place `first` to before place `end`."""
    weight, total, squares = (np.take_along_axis(x, end, 1) - np.take_along_axis(x, first, 1) for x in sums)
    return np.maximum(squares - total**2 / weight, 0), total / weight


def _joined(sums: list[Array], shape: tuple[int, ...]) -> tuple[Places, Places]:
    """For each place in the ascending order, the first place of its group and the place after the last."""
    rows, number = shape
    apart, edge, place = np.ones((rows, number - 1), dtype=bool), np.ones((rows, 1), dtype=bool), np.arange(number)
    while True:
        first = np.maximum.accumulate(np.where(np.hstack([edge, apart]), place, 0), axis=1)
        after = np.where(np.hstack([apart, edge]), place + 1, number)
        end = np.minimum.accumulate(after[:, ::-1], axis=1)[:, ::-1]
        degrees = end[:, 1:] - first[:, :-1] - 1
        surprise = (_scatter(sums, first[:, :-1], end[:, 1:])[0] - degrees) / np.sqrt(2 * degrees)
        surprise = np.where(apart, surprise, np.inf)
        joining = np.flatnonzero(surprise.min(axis=1) < TIED)
        if not len(joining):
            return first, end
        apart[joining, surprise[joining].argmin(axis=1)] = False


def at_mean(values: Array, shares: Array, covariance: Array) -> Array:
    """The values (shape (N, J)) with those moved to the mean that are within 2 standard errors of it."""
    contrast = np.eye(len(shares)) - shares
    deviation = np.sqrt(np.einsum("ij,jk,ik->i", contrast, covariance, contrast))
    near = np.abs(values @ contrast.T) < AT_MEAN * deviation
    near &= ~near.all(axis=1, keepdims=True)
    away = np.where(near, 0.0, shares)
    mean = (away * values).sum(axis=1, keepdims=True) / np.maximum(away.sum(axis=1, keepdims=True), 1e-300)
    return np.where(near, mean, values)
