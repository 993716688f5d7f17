"""Measures of two sides: r the reference value, c the compared value (percent), n_r and n_c their people (persons).

All take and give arrays of the same shape; a missing side gives NaN, and so does a zero denominator. Formulae, readings
and sources stand in data/catalogue/measures/pair.yaml.
"""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def _divided(numerator: Array, denominator: Array) -> Array:
    """The quotient; NaN where the denominator is zero."""
    nonzero = np.where(denominator == 0, np.nan, denominator)
    return np.asarray(numerator / nonzero)


def absolute_difference(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """r - c, in percentage points."""
    return r - c


def ratio(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """r / c; undefined where c is 0."""
    return _divided(r, c)


def parity_score(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """c / r (ITU's gender parity score where r is men and c women); undefined where r is 0."""
    return _divided(c, r)


def relative_gap(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """100 (r - c) / r, in percent of the reference value; undefined where r is 0."""
    return 100 * _divided(r - c, r)


def relative_gap_to_compared(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """100 (r - c) / c, in percent of the compared value; undefined where c is 0."""
    return 100 * _divided(r - c, c)


def adjusted_parity(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """c / r where c <= r, else 2 - r / c: from 0 to 2, parity at 1; undefined where both are 0."""
    return np.where(c <= r, _divided(c, r), 2 - _divided(r, c))


def excess_persons(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """(r n_r - c n_c) / 100, persons: how many more people of the reference side have it."""
    return np.asarray((r * n_r - c * n_c) / 100)


def persons_to_parity(r: Array, c: Array, n_r: Array, n_c: Array) -> Array:
    """(r - c) n_c / 100, persons: how many of the compared side would have to gain it for equal shares."""
    return np.asarray((r - c) * n_c / 100)
