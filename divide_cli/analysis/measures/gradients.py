"""Derivatives of measures by each y_j: the closed forms behind their standard errors, sqrt(sum_j (df/dy_j se_j)^2).

One function a measure, from Subgroups to an array of shape (..., J). They take population shares as known.
"""

from collections.abc import Callable, Mapping

import numpy as np

from divide_cli.analysis.measures import ordered, simple, unequal, unordered
from divide_cli.analysis.measures.subgroups import Array, Subgroups, divided, weighted
from divide_cli.catalogue import Measure


def _unit(of: Subgroups, place: Array) -> Array:
    """1 at the place of each setting, 0 elsewhere."""
    return np.asarray((np.arange(of.number) == np.asarray(place)[..., None]).astype(float))


def _places(of: Subgroups) -> tuple[Array, Array]:
    """The places of the reference and the compared value, as `simple.sides` takes them."""
    lead = of.values.shape[:-1]
    if of.reference is not None and of.compared is not None:
        return np.full(lead, of.reference), np.full(lead, of.compared)
    if of.ordered:
        return np.full(lead, of.number - 1), np.zeros(lead, dtype=int)
    return of.values.argmax(axis=-1), of.values.argmin(axis=-1)


def _best(of: Subgroups) -> Array:
    """1 at the place of the reference, or of the best value."""
    if of.reference_place is not None:
        return _unit(of, np.full(of.values.shape[:-1], of.reference_place))
    return _unit(of, of.values.argmin(axis=-1) if of.adverse else of.values.argmax(axis=-1))


def difference(of: Subgroups) -> Array:
    """+1 at the reference, -1 at the compared subgroup."""
    reference, compared = _places(of)
    return np.asarray(_unit(of, reference) - _unit(of, compared))


def ratio(of: Subgroups) -> Array:
    """Of r / c: R / r at the reference, -R / c at the compared subgroup."""
    return _logarithmic(of, simple.subgroup_ratio(of), lambda y: divided(np.ones_like(y), y))


def odds(of: Subgroups) -> Array:
    """Of the odds ratio: OR m / (y (m - y)), m the maximum, at the reference, and minus that at the compared one."""
    m = of.maximum
    return _logarithmic(of, simple.odds_ratio(of), lambda y: divided(np.full_like(y, m), y * (m - y)))


def complement(of: Subgroups) -> Array:
    """Of (m - c) / (m - r): CR / (m - r) at the reference, -CR / (m - c) at the compared subgroup."""
    return _logarithmic(of, simple.complement_ratio(of), lambda y: divided(np.ones_like(y), of.maximum - y))


def _logarithmic(of: Subgroups, value: Array, slope: Callable[[Array], Array]) -> Array:
    reference, compared = _places(of)
    ends = _unit(of, reference) - _unit(of, compared)
    return np.asarray(value[..., None] * np.where(ends == 0, 0.0, ends * slope(of.values)))


def absolute_concentration(of: Subgroups) -> Array:
    """p_j (2 X_j - 1)."""
    return np.asarray(np.broadcast_to(of.shares * (2 * of.ranks - 1), of.values.shape))


def relative_concentration(of: Subgroups) -> Array:
    """p_j (2 X_j - 1 - RCI) / mu."""
    index = ordered.relative_concentration_index(of)[..., None]
    return np.asarray(of.shares * (2 * of.ranks - 1 - index) / of.mean[..., None])


def slope_linear(of: Subgroups) -> Array:
    """p_j (X_j - 1/2) / sum p (X - 1/2)^2: the weighted mean of X is 1/2."""
    centred = of.ranks - 0.5
    return np.asarray(
        np.broadcast_to(of.shares * centred / (of.shares * centred**2).sum(axis=-1)[..., None], of.values.shape)
    )


def relative_linear(of: Subgroups) -> Array:
    """Of (a + b) / a, with a = mu - b / 2: (da + db - RII da) / a."""
    bottom, slope = ordered.line(of)
    along = slope_linear(of)
    at_zero = of.shares - along / 2
    index = divided(bottom + slope, bottom)[..., None]
    return divided(at_zero + along - index * at_zero, bottom[..., None])


def _curve(of: Subgroups) -> tuple[Array, Array, Array, Array]:
    """The logistic curve's values at 0 and at 1, and their derivatives by each y_j, through the score equations."""
    a, b = ordered.curve(of)
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


def slope_logistic(of: Subgroups) -> Array:
    """Of f(1) - f(0), f the logistic curve."""
    _, _, at_zero, at_one = _curve(of)
    return np.asarray(at_one - at_zero)


def relative_logistic(of: Subgroups) -> Array:
    """Of f(1) / f(0), f the logistic curve."""
    bottom, top, at_zero, at_one = _curve(of)
    return np.asarray((at_one - (top / bottom)[..., None] * at_zero) / bottom[..., None])


def variance(of: Subgroups) -> Array:
    """2 p_j (y_j - mu)."""
    return np.asarray(2 * of.shares * of.deviations)


def theil(of: Subgroups) -> Array:
    """1000 p_j (ln r_j - TI / 1000) / mu: both the estimate and its error are per thousand."""
    index = unordered.theil_index(of)[..., None] / 1000
    return np.asarray(1000 * of.shares * (of.logs - index) / of.mean[..., None])


def log_deviation(of: Subgroups) -> Array:
    """1000 p_j (1 - 1 / r_j) / mu: both the estimate and its error are per thousand."""
    return np.asarray(1000 * of.shares * (1 - divided(np.ones_like(of.relative), of.relative)) / of.mean[..., None])


def attributable_risk(of: Subgroups) -> Array:
    """1 at the reference, less p_j everywhere."""
    return np.asarray(_best(of) - of.shares)


def attributable_fraction(of: Subgroups) -> Array:
    """100 (1 at the reference - p_j y_ref / mu) / mu: both the estimate and its error are percent."""
    share = divided(of.reference_value, of.mean)[..., None]
    return np.asarray(100 * (_best(of) - of.shares * share) / of.mean[..., None])


def atkinson(of: Subgroups, epsilon: float) -> Array:
    """p_j ((1 - A) - ((1 - A) / r_j)^e) / mu."""
    rest = 1 - unequal.atkinson_index(of, epsilon)[..., None]
    return np.asarray(of.shares * (rest - divided(rest, of.relative) ** epsilon) / of.mean[..., None])


def entropy(of: Subgroups, alpha: float) -> Array:
    """p_j (r_j^(a - 1) - sum p r^a) / ((a - 1) mu)."""
    whole = weighted(of.relative**alpha, of.shares)[..., None]
    return np.asarray(of.shares * (of.relative ** (alpha - 1) - whole) / ((alpha - 1) * of.mean[..., None]))


GRADIENTS: Mapping[str, Callable[..., Array]] = {
    "subgroup_difference": difference,
    "subgroup_ratio": ratio,
    "odds_ratio": odds,
    "complement_ratio": complement,
    "absolute_concentration_index": absolute_concentration,
    "relative_concentration_index": relative_concentration,
    "slope_index": slope_logistic,
    "relative_index": relative_logistic,
    "slope_index_linear": slope_linear,
    "relative_index_linear": relative_linear,
    "between_group_variance": variance,
    "theil_index": theil,
    "mean_log_deviation": log_deviation,
    "population_attributable_risk": attributable_risk,
    "population_attributable_fraction": attributable_fraction,
    "atkinson_index_half": atkinson,
    "atkinson_index_one": atkinson,
    "atkinson_index_two": atkinson,
    "generalised_entropy_minus_one": entropy,
    "generalised_entropy_two": entropy,
}
"""The measures whose standard error has a closed form; the others are simulated."""


def gradient(measure: Measure, of: Subgroups) -> Array:
    """The derivatives of the measure by each value; KeyError for one that has no closed form."""
    return GRADIENTS[measure.id](of, **measure.parameters)
