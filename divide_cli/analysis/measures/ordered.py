"""Inequality among ordered subgroups: concentration indices, slope and relative index of inequality.

Subgroups are ordered from the most to the least disadvantaged; X_j = sum_{k<j} p_k + p_j / 2 is the fractional rank.
Positive concentration indices: the least disadvantaged have more. Positive slope indices: the most disadvantaged are
behind, since WHO reverses both slope and relative index for adverse indicators.
"""

import numpy as np
import numpy.typing as npt

from divide_cli.analysis.measures.subgroups import Array, Subgroups, divided, gradient_of, measure, weighted

ROUNDS, CLOSE, LONGEST = 1000, 1e-9, 100.0
"""The most Newton steps of the logistic fit, the length of the last (relative to the intercept), and the longest.

Ten steps are usual; many are needed only near a step from 0 to 100. The error after a step is its length squared.
"""


@measure("order")
def absolute_concentration_index(of: Subgroups) -> Array:
    """sum p_j (2 X_j - 1) y_j, in the unit of the values."""
    return weighted(of.deviations, of.shares * (2 * of.ranks - 1))


@gradient_of("absolute_concentration_index")
def absolute_concentration_gradient(of: Subgroups) -> Array:
    """p_j (2 X_j - 1)."""
    return np.asarray(np.broadcast_to(of.shares * (2 * of.ranks - 1), of.values.shape))


@measure("order")
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


def facing(of: Subgroups, bottom: Array, top: Array) -> tuple[Array, Array]:
    """The ends of a fit, the better first if those at the bottom are behind: top and bottom, or the reverse if
    adverse.
    """
    return (bottom, top) if of.adverse else (top, bottom)


@measure("order")
def slope_index_linear(of: Subgroups) -> Array:
    """f(1) - f(0), f the least-squares line of y on X, weighted once by p; f(0) - f(1) if adverse."""
    slope = line(of)[1]
    return -slope if of.adverse else slope


@gradient_of("slope_index_linear")
def slope_linear_gradient(of: Subgroups) -> Array:
    """p_j (X_j - 1/2) / sum p (X - 1/2)^2, reversed if adverse: the weighted mean of X is 1/2."""
    along = _along(of)
    return -along if of.adverse else along


def _along(of: Subgroups) -> Array:
    """The derivatives of the line's slope."""
    centred = of.ranks - 0.5
    return np.asarray(
        np.broadcast_to(of.shares * centred / (of.shares * centred**2).sum(axis=-1)[..., None], of.values.shape)
    )


@measure("order")
def relative_index_linear(of: Subgroups) -> Array:
    """f(1) / f(0), f the least-squares line of y on X, f(0) / f(1) if adverse; undefined where the line is not above 0
    at both ends.
    """
    bottom, slope = line(of)
    positive = (bottom > 0) & (bottom + slope > 0)
    return np.where(positive, divided(*facing(of, bottom, bottom + slope)), np.nan)


@gradient_of("relative_index_linear")
def relative_linear_gradient(of: Subgroups) -> Array:
    """The derivatives of (a + b) / a, with a = mu - b / 2: (da + db - RII da) / a; of a / (a + b) if adverse."""
    bottom, slope = line(of)
    along = _along(of)
    over, under = facing(of, bottom, bottom + slope)
    of_over, of_under = facing(of, of.shares - along / 2, of.shares + along / 2)
    return divided(of_over - divided(over, under)[..., None] * of_under, under[..., None])


def step(of: Subgroups) -> Array:
    """1 where the values step from 0 up to the maximum, -1 where they step down, 0 where they do not step.

    The most disadvantaged subgroups have one limit and the others the other limit; at the step, one subgroup may have
    any value. NaN where all have the same limit. With a step, and with one limit, no logistic curve has the greatest
    likelihood; with any other values exactly one has. Subgroups without people do not count.
    """
    nobody = of.shares <= 0
    empty, full = (of.values <= 0) | nobody, (of.values >= of.maximum) | nobody
    least = of.number - 1
    up = _leading(empty) + _leading(full[..., ::-1]) >= least
    down = _leading(full) + _leading(empty[..., ::-1]) >= least
    level = empty.all(axis=-1) | full.all(axis=-1)
    return np.where(level, np.nan, up.astype(float) - down.astype(float))


def _leading(marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """How many marks come before the first that is false."""
    return np.asarray(np.cumprod(marks, axis=-1).sum(axis=-1))


def curve(of: Subgroups) -> tuple[Array, Array]:
    """Intercept a and slope b of logit(y / maximum) = a + b X, maximum likelihood weighted once by p; NaN without a
    curve, that is where the values step from one limit of the unit to the other, or all have one limit.

    Newton steps solve sum p_j (y_j / maximum - f(X_j)) (1, X_j) = 0. The likelihood, which is concave, rises in each.
    """
    exists = step(of) == 0
    shares, ranks = (np.broadcast_to(x, of.values.shape)[exists] for x in (of.shares, of.ranks))
    having, lacking = of.values[exists] / of.maximum, (of.maximum - of.values[exists]) / of.maximum
    with np.errstate(invalid="ignore", divide="ignore"):
        a = np.log(weighted(having, shares)) - np.log(weighted(lacking, shares))
    b, moving, data = np.zeros_like(a), np.arange(len(a)), (having, lacking, shares, ranks)
    for _ in range(ROUNDS):
        if not len(moving):
            break
        up, along, length = _newton(a[moving], b[moving], *data)
        a[moving], b[moving] = a[moving] + up, b[moving] + along
        still = ~(length < CLOSE * (1 + np.abs(a[moving])))
        if not still.all():
            moving, data = moving[still], tuple(x[still] for x in data)
    a[moving] = b[moving] = np.nan
    result = np.full((2, *exists.shape), np.nan)
    result[:, exists] = a, b
    return result[0], result[1]


def _newton(
    a: Array, b: Array, having: Array, lacking: Array, shares: Array, ranks: Array
) -> tuple[Array, Array, Array]:
    """The Newton step by which a and b move, shortened if needed, and by how much a + b X moves at most.

    A step of length d > 1 after which the likelihood falls is taken to the part ln(1 + d) / d. The likelihood rises up
    to there, since its second derivative changes by at most e^d. Source: Sun and Tran-Dinh 2019, Math. Program.
    178:145.
    """
    predictor = a[:, None] + b[:, None] * ranks
    error = _errors(predictor, having, lacking, shares)
    with np.errstate(invalid="ignore", divide="ignore"):
        total, centre, spread = _moments(shares * logistic(predictor) * logistic(-predictor), ranks)
        along = (error * (ranks - centre[:, None])).sum(axis=-1) / spread
        up = error.sum(axis=-1) / total - centre * along
        length = np.maximum(np.abs(up), np.abs(up + along))
    far = length > 1
    if far.any():
        part = np.minimum(LONGEST / length[far], 1.0)
        moves = (part * up[far])[:, None] + (part * along[far])[:, None] * ranks[far]
        beyond = _errors(predictor[far] + moves, having[far], lacking[far], shares[far])
        part = np.where((beyond * moves).sum(axis=-1) < 0, np.log1p(length[far]) / length[far], part)
        up[far], along[far] = part * up[far], part * along[far]
    return up, along, length


def _errors(predictor: Array, having: Array, lacking: Array, shares: Array) -> Array:
    """p_j (y_j / maximum - f_j), from the smaller of f and 1 - f, so that it is exact in both tails."""
    below, above = having - logistic(predictor), logistic(-predictor) - lacking
    return np.asarray(shares * np.where(predictor < 0, below, above))


def _moments(weights: Array, ranks: Array) -> tuple[Array, Array, Array]:
    """The sum of the weights, the weighted mean of the ranks, and sum w (X - mean)^2."""
    total = weights.sum(axis=-1)
    centre = (weights * ranks).sum(axis=-1) / total
    return total, centre, (weights * (ranks - centre[..., None]) ** 2).sum(axis=-1)


def logistic(predictor: Array) -> Array:
    """1 / (1 + e^-x), without overflow, and exact in both tails."""
    small = np.exp(-np.abs(predictor))
    return np.asarray(np.where(predictor < 0, small, 1.0) / (1 + small))


def _ends(of: Subgroups) -> tuple[Array, Array]:
    """The fitted curve at X = 0 and X = 1, in the unit of the values."""
    a, b = curve(of)
    return of.maximum * logistic(a), of.maximum * logistic(a + b)


def _ends_and_gradients(of: Subgroups) -> tuple[Array, Array, Array, Array]:
    """The logistic curve's values at 0 and at 1, and their derivatives by each y_j, through the score equations."""
    a, b = curve(of)
    ranks = np.broadcast_to(of.ranks, of.values.shape)
    predictor = a[..., None] + b[..., None] * ranks
    weight = of.shares * logistic(predictor) * logistic(-predictor)
    total, centre, spread = (x[..., None] for x in _moments(weight, ranks))
    push = of.shares / of.maximum
    with np.errstate(invalid="ignore", divide="ignore"):
        along = push * (ranks - centre) / spread
        up = push / total - centre * along
    ends = a, a + b
    slopes = [(of.maximum * logistic(end) * logistic(-end))[..., None] for end in ends]
    return of.maximum * logistic(a), of.maximum * logistic(a + b), slopes[0] * up, slopes[1] * (up + along)


@measure("order")
def slope_index(of: Subgroups) -> Array:
    """f(1) - f(0), f the logistic curve of y on X, weighted once by p; f(0) - f(1) if adverse; undefined where no curve
    fits.
    """
    over, under = facing(of, *_ends(of))
    return np.asarray(over - under)


@gradient_of("slope_index")
def slope_gradient(of: Subgroups) -> Array:
    """The derivatives of f(1) - f(0), f the logistic curve; of f(0) - f(1) if adverse."""
    of_over, of_under = facing(of, *_ends_and_gradients(of)[2:])
    return np.asarray(of_over - of_under)


@measure("order")
def relative_index(of: Subgroups) -> Array:
    """f(1) / f(0), f the logistic curve of y on X, weighted once by p; f(0) / f(1) if adverse; undefined where no curve
    fits.
    """
    return divided(*facing(of, *_ends(of)))


@gradient_of("relative_index")
def relative_gradient(of: Subgroups) -> Array:
    """The derivatives of f(1) / f(0), f the logistic curve; of f(0) / f(1) if adverse."""
    bottom, top, at_zero, at_one = _ends_and_gradients(of)
    over, under = facing(of, bottom, top)
    of_over, of_under = facing(of, at_zero, at_one)
    return np.asarray((of_over - (over / under)[..., None] * of_under) / under[..., None])
