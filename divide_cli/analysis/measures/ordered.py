"""Inequality among ordered subgroups: concentration indices, slope and relative index of inequality.

Subgroups are ordered from the most to the least disadvantaged; X_j = sum_{k<j} p_k + p_j / 2 is the fractional rank.
Positive: the least disadvantaged have more.
"""

import numpy as np

from divide_cli.analysis.measures.subgroups import Array, Subgroups, divided, gradient_of, measure, weighted

ROUNDS = 60
"""The most Newton steps of the logistic fit; it needs about six if the curve exists."""


@measure("corners")
def absolute_concentration_index(of: Subgroups) -> Array:
    """sum p_j (2 X_j - 1) y_j, in the unit of the values."""
    return weighted(of.deviations, of.shares * (2 * of.ranks - 1))


@gradient_of("absolute_concentration_index")
def absolute_concentration_gradient(of: Subgroups) -> Array:
    """p_j (2 X_j - 1)."""
    return np.asarray(np.broadcast_to(of.shares * (2 * of.ranks - 1), of.values.shape))


@measure("corners")
def relative_concentration_index(of: Subgroups) -> Array:
    """sum p_j (2 X_j - 1) y_j / mu, from -1 to 1; undefined where the mean is 0."""
    return divided(absolute_concentration_index(of), of.mean)


@gradient_of("relative_concentration_index")
def relative_concentration_gradient(of: Subgroups) -> Array:
    """p_j (2 X_j - 1 - RCI) / mu."""
    index = relative_concentration_index(of)[..., None]
    return np.asarray(of.shares * (2 * of.ranks - 1 - index) / of.mean[..., None])


def line(of: Subgroups) -> tuple[Array, Array]:
    """Intercept and slope of the least-squares line of y on X, weighted once by p."""
    centre = weighted(of.ranks, of.shares)
    from_centre = of.ranks - centre[..., None]
    slope = weighted(of.deviations, of.shares * from_centre) / weighted(from_centre**2, of.shares)
    return np.asarray(of.mean - slope * centre), np.asarray(slope)


@measure("corners")
def slope_index_linear(of: Subgroups) -> Array:
    """f(1) - f(0), f the least-squares line of y on X, weighted once by p."""
    return line(of)[1]


@gradient_of("slope_index_linear")
def slope_linear_gradient(of: Subgroups) -> Array:
    """p_j (X_j - 1/2) / sum p (X - 1/2)^2: the weighted mean of X is 1/2."""
    centred = of.ranks - 0.5
    return np.asarray(
        np.broadcast_to(of.shares * centred / (of.shares * centred**2).sum(axis=-1)[..., None], of.values.shape)
    )


@measure("corners")
def relative_index_linear(of: Subgroups) -> Array:
    """f(1) / f(0), f the least-squares line of y on X; undefined where the line is not above 0 at both ends."""
    bottom, slope = line(of)
    positive = (bottom > 0) & (bottom + slope > 0)
    return np.where(positive, divided(bottom + slope, bottom), np.nan)


@gradient_of("relative_index_linear")
def relative_linear_gradient(of: Subgroups) -> Array:
    """The derivatives of (a + b) / a, with a = mu - b / 2: (da + db - RII da) / a."""
    bottom, slope = line(of)
    along = slope_linear_gradient(of)
    at_zero = of.shares - along / 2
    index = divided(bottom + slope, bottom)[..., None]
    return divided(at_zero + along - index * at_zero, bottom[..., None])


def curve(of: Subgroups) -> tuple[Array, Array]:
    """Intercept a and slope b of logit(y / maximum) = a + b X, maximum likelihood weighted once by p; NaN without a
    curve.

    Newton steps solve sum p_j (y_j / maximum - f(X_j)) (1, X_j) = 0. If all values are 0 or the maximum, there is no
    curve.
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


def _ends_and_gradients(of: Subgroups) -> tuple[Array, Array, Array, Array]:
    """The logistic curve's values at 0 and at 1, and their derivatives by each y_j, through the score equations."""
    a, b = curve(of)
    ranks = np.broadcast_to(of.ranks, of.values.shape)
    with np.errstate(over="ignore"):
        fitted = 1 / (1 + np.exp(-(a[..., None] + b[..., None] * ranks)))
        ends = 1 / (1 + np.exp(-a)), 1 / (1 + np.exp(-(a + b)))
    weight = of.shares * fitted * (1 - fitted)
    s0, s1, s2 = (np.asarray((weight * ranks**k).sum(axis=-1)[..., None]) for k in (0, 1, 2))
    determinant = s0 * s2 - s1**2
    push = of.shares / of.maximum
    da, db = push * (s2 - s1 * ranks) / determinant, push * (s0 * ranks - s1) / determinant
    slopes = [(of.maximum * end * (1 - end))[..., None] for end in ends]
    return of.maximum * ends[0], of.maximum * ends[1], slopes[0] * da, slopes[1] * (da + db)


@measure("corners")
def slope_index(of: Subgroups) -> Array:
    """f(1) - f(0), f the logistic curve of y on X, weighted once by p; undefined where no curve fits."""
    bottom, top = _ends(of)
    return np.asarray(top - bottom)


@gradient_of("slope_index")
def slope_gradient(of: Subgroups) -> Array:
    """The derivatives of f(1) - f(0), f the logistic curve."""
    _, _, at_zero, at_one = _ends_and_gradients(of)
    return np.asarray(at_one - at_zero)


@measure("corners")
def relative_index(of: Subgroups) -> Array:
    """f(1) / f(0), f the logistic curve of y on X, weighted once by p; undefined where no curve fits."""
    bottom, top = _ends(of)
    return divided(top, bottom)


@gradient_of("relative_index")
def relative_gradient(of: Subgroups) -> Array:
    """The derivatives of f(1) / f(0), f the logistic curve."""
    bottom, top, at_zero, at_one = _ends_and_gradients(of)
    return np.asarray((at_one - (top / bottom)[..., None] * at_zero) / bottom[..., None])
