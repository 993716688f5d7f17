"""Disparity among ordered subgroups: concentration indices, slope and relative index of inequality.

Subgroups stand from the most to the least disadvantaged; X_j = sum_{k<j} p_k + p_j / 2 is the fractional rank.
Positive: the least disadvantaged have more. Sources, readings and warnings: data/catalogue/measures/.
"""

import numpy as np

from divide_cli.analysis.measures.subgroups import Array, Subgroups, divided, weighted

ROUNDS = 60
"""Newton steps of the logistic fit; it needs about six where the curve exists."""


def absolute_concentration_index(of: Subgroups) -> Array:
    """sum p_j (2 X_j - 1) y_j, in the unit of the values."""
    return weighted(of.deviations, of.shares * (2 * of.ranks - 1))


def relative_concentration_index(of: Subgroups) -> Array:
    """sum p_j (2 X_j - 1) y_j / mu, from -1 to 1; undefined where the mean is 0."""
    return divided(absolute_concentration_index(of), of.mean)


def line(of: Subgroups) -> tuple[Array, Array]:
    """Intercept and slope of the least-squares line of y on X, weighted once by p."""
    centre = weighted(of.ranks, of.shares)
    from_centre = of.ranks - centre[..., None]
    slope = weighted(of.deviations, of.shares * from_centre) / weighted(from_centre**2, of.shares)
    return np.asarray(of.mean - slope * centre), np.asarray(slope)


def curve(of: Subgroups) -> tuple[Array, Array]:
    """Intercept a and slope b of logit(y / maximum) = a + b X, maximum likelihood weighted once by p; NaN where there
    is none.

    sum p_j (y_j / maximum - f(X_j)) (1, X_j) = 0, solved by Newton steps. Where all values stand at 0 or at the maximum
    the curve does not exist.
    """
    shares, ranks = of.shares, np.broadcast_to(of.ranks, of.values.shape)
    target = of.values / of.maximum
    share = np.clip(of.mean / of.maximum, 1e-9, 1 - 1e-9)
    a, b = np.log(share / (1 - share)), np.zeros_like(share)
    step = np.full_like(share, np.inf)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for _ in range(ROUNDS):
            fitted = 1 / (1 + np.exp(-(a[..., None] + b[..., None] * ranks)))
            weight = shares * fitted * (1 - fitted)
            rest = shares * (target - fitted)
            score = rest.sum(axis=-1), (rest * ranks).sum(axis=-1)
            s0, s1, s2 = weight.sum(axis=-1), (weight * ranks).sum(axis=-1), (weight * ranks**2).sum(axis=-1)
            determinant = s0 * s2 - s1**2
            up = (s2 * score[0] - s1 * score[1]) / determinant
            along = (s0 * score[1] - s1 * score[0]) / determinant
            a, b = a + up, b + along
            step = np.abs(up) + np.abs(along)
            if not (step > 1e-12).any():
                break
    exists = (step < 1e-8) & (np.abs(a) + np.abs(b) < 50)
    return np.where(exists, a, np.nan), np.where(exists, b, np.nan)


def _ends(of: Subgroups) -> tuple[Array, Array]:
    """The fitted curve at X = 0 and X = 1, in the unit of the values."""
    a, b = curve(of)
    with np.errstate(over="ignore"):
        return of.maximum / (1 + np.exp(-a)), of.maximum / (1 + np.exp(-(a + b)))


def slope_index(of: Subgroups) -> Array:
    """f(1) - f(0), f the logistic curve of y on X, weighted once by p; undefined where no curve fits."""
    bottom, top = _ends(of)
    return np.asarray(top - bottom)


def relative_index(of: Subgroups) -> Array:
    """f(1) / f(0), f the logistic curve of y on X, weighted once by p; undefined where no curve fits."""
    bottom, top = _ends(of)
    return divided(top, bottom)


def slope_index_linear(of: Subgroups) -> Array:
    """f(1) - f(0), f the least-squares line of y on X, weighted once by p."""
    return line(of)[1]


def relative_index_linear(of: Subgroups) -> Array:
    """f(1) / f(0), f the least-squares line of y on X; undefined where the line is not above 0 at both ends."""
    bottom, slope = line(of)
    positive = (bottom > 0) & (bottom + slope > 0)
    return np.where(positive, divided(bottom + slope, bottom), np.nan)
