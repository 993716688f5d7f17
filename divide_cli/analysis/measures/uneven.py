"""Errors that differ below and above the values: which of the two counts for which end of an interval.

An interval of a percentage near 0 or 100 is not symmetric: that of a logit, of Wilson, or of Clopper and Pearson. Each
side says how far the truth may be in that direction. The standard error below a value e_j is (e_j - lower end) / z, the
one above (upper end - e_j) / z. The method of variance estimates recovery (MOVER) keeps the two apart (Zou and Donner
2008, Stat. Med. 27:1693; Donner and Zou 2012, Stat. Methods Med. Res. 21:347). The lower end of a linear function
sum g_j y_j is

    sum g_j e_j - z sqrt(sum (g_j s_j)^2), with s_j below e_j where g_j > 0, and above it where g_j < 0

and the upper end likewise, with the other errors. So is the least and the greatest value of the function over all y
with sum ((y_j - e_j) / s_j)^2 <= z^2, with s_j the error on the side of y_j. This set is an ellipsoid whose half-axes
have two lengths. It is convex, since each term is. Other measures take their least and greatest value over it too,
instead of over the ellipsoid; of a ratio of two values, that is MOVER-R.
"""

import numpy as np

from divide_cli.analysis.measures.nearest import Errors, errors_of, less_unequal
from divide_cli.analysis.measures.subgroups import Array, Subgroups

LEAST = 1e-9
"""The least error on the side of a truth, in relation to the greatest of all errors; an error of 0 has no inverse."""


def errors_towards(slopes: Array, uneven: Array) -> Array:
    """The errors on the sides in which a linear function with these slopes rises: above where it rises with a value.

    `slopes` have the shape (..., J), `uneven` errors (2, J): below and above.
    """
    return np.asarray(np.where(slopes > 0, uneven[1], uneven[0]))


def farthest(slopes: Array, covariance: Array, distance: float, uneven: Array | None = None) -> Array:
    """The displacement at the distance with which a linear function with slopes g rises most: C g / sqrt(g' C g) times
    the distance, shape (..., J).

    C is the covariance, or the diagonal of the squares of `errors_towards` if errors are `uneven`. It is 0 if the
    function does not move.
    """
    push = slopes @ covariance if uneven is None else slopes * errors_towards(slopes, uneven) ** 2
    length = np.sqrt(np.maximum((slopes * push).sum(axis=-1, keepdims=True), 1e-300))
    return np.asarray(distance * push / length)


def linear_ends(value: Array, slopes: Array, distance: float, uneven: Array) -> tuple[Array, Array]:
    """Both ends of a linear function with these slopes, shape (..., J), of the module's text."""
    down, up = (np.linalg.norm(slopes * errors_towards(side * slopes, uneven), axis=-1) for side in (-1, 1))
    return np.asarray(value - distance * down), np.asarray(value + distance * up)


def single_moves(covariance: Array, distance: float, uneven: Array | None = None) -> Array:
    """The displacements at the distance in which one value moves up or down, with those that its errors move: shape
    (2 J, J).
    """
    if uneven is not None:
        return np.asarray(distance * np.concatenate([np.diag(uneven[1]), -np.diag(uneven[0])]))
    deviation = np.sqrt(np.diag(covariance))
    moves = distance * covariance / np.maximum(deviation, 1e-300)[:, None]
    return np.concatenate([moves, -moves])


def of_truths(of: Subgroups, errors: Errors, distance: float, uneven: Array) -> Errors:
    """The errors around less unequal truths, of one setting with values of shape (1, J).

    A truth below an estimate is one that its lower end speaks of, and so the error is the one below it; likewise above.
    The side is that of the truth nearest to the estimates at the distance, which `errors` without sides give.
    """
    (truth,) = less_unequal(of.values, errors, np.array([distance]))[:, 0]
    deviations = errors_towards(truth - of.values[0], uneven)
    return errors_of(np.diag(np.maximum(deviations, LEAST * uneven.max()) ** 2), of.shares)
