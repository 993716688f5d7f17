"""Inequality among subgroups without an order, and among people who all have the value of their area.

Distances from the mean, the best, a reference; entropy; Gini, Hoover, Atkinson, shares; the parts of inequality between
and within groups.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from divide_cli.analysis.measures import subgroups
from divide_cli.analysis.measures.subgroups import Array, Subgroups, divided, gradient_of, measure, weighted


def finite(values: Array) -> Array:
    """The values, with NaN for infinite ones."""
    return np.asarray(np.where(np.isinf(values), np.nan, values))


@measure()
def between_group_variance(of: Subgroups) -> Array:
    """sum p_j (y_j - mu)^2, in squared units."""
    return weighted(of.deviations**2, of.shares)


@gradient_of("between_group_variance")
def variance_gradient(of: Subgroups) -> Array:
    """2 p_j (y_j - mu)."""
    return np.asarray(2 * of.shares * of.deviations)


@measure()
def between_group_standard_deviation(of: Subgroups) -> Array:
    """sqrt(sum p_j (y_j - mu)^2), in the unit of the values."""
    return np.asarray(np.sqrt(between_group_variance(of)))


@measure()
def coefficient_of_variation(of: Subgroups) -> Array:
    """100 sqrt(sum p_j (y_j - mu)^2) / mu, percent of the mean; undefined where the mean is 0."""
    return 100 * divided(between_group_standard_deviation(of), of.mean)


@measure("unweighted")
def mean_difference_from_mean_unweighted(of: Subgroups) -> Array:
    """(1 / J) sum |y_j - mu|, mu being the weighted mean."""
    return np.asarray(of.distances.mean(axis=-1))


@measure()
def mean_difference_from_mean(of: Subgroups) -> Array:
    """sum p_j |y_j - mu|."""
    return weighted(of.distances, of.shares)


@measure("sides")
def mean_difference_from_best_unweighted(of: Subgroups) -> Array:
    """(1 / J) sum |y_j - y_best|."""
    return np.asarray(np.abs(of.values.mean(axis=-1) - of.best))  # all are on one side of the best


@measure("sides")
def mean_difference_from_best(of: Subgroups) -> Array:
    """sum p_j |y_j - y_best|."""
    return np.asarray(np.abs(of.mean - of.best))


@measure("sides")
def mean_difference_from_reference_unweighted(of: Subgroups) -> Array:
    """(1 / J) sum |y_j - y_ref|."""
    return np.asarray(np.abs(of.values - of.reference_value[..., None]).mean(axis=-1))


@measure("sides")
def mean_difference_from_reference(of: Subgroups) -> Array:
    """sum p_j |y_j - y_ref|."""
    return weighted(np.abs(of.values - of.reference_value[..., None]), of.shares)


@measure("unweighted")
def index_of_disparity_unweighted(of: Subgroups) -> Array:
    """(100 / J) sum |y_j - mu| / mu, percent of the mean; undefined where the mean is 0."""
    return 100 * divided(mean_difference_from_mean_unweighted(of), of.mean)


@measure()
def index_of_disparity(of: Subgroups) -> Array:
    """100 sum p_j |y_j - mu| / mu, percent of the mean; undefined where the mean is 0."""
    return 100 * divided(mean_difference_from_mean(of), of.mean)


@measure()
def theil_index(of: Subgroups) -> Array:
    """1000 sum p_j r_j ln r_j, with r ln r = 0 at r = 0 (its limit); undefined where the mean is 0 or a value negative.

    Computed as 1000 sum p_j (r_j ln r_j - r_j + 1), the same since sum p_j r_j = 1; no term of it is negative.
    """
    with np.errstate(invalid="ignore"):
        products = np.where(of.relative == 0, 0.0, of.relative * of.logs)
    return 1000 * weighted(products - of.relative + 1, of.shares)


@gradient_of("theil_index")
def theil_gradient(of: Subgroups) -> Array:
    """1000 p_j (ln r_j - TI / 1000) / mu: both the estimate and its error are per thousand."""
    index = theil_index(of)[..., None] / 1000
    return np.asarray(1000 * of.shares * (of.logs - index) / of.mean[..., None])


@measure()
def mean_log_deviation(of: Subgroups) -> Array:
    """1000 sum -p_j ln r_j; undefined where a value or the mean is 0.

    Computed as 1000 sum p_j (r_j - 1 - ln r_j), of which no term is negative.
    """
    return finite(1000 * weighted(of.relative - 1 - of.logs, of.shares))


@gradient_of("mean_log_deviation")
def log_deviation_gradient(of: Subgroups) -> Array:
    """1000 p_j (1 - 1 / r_j) / mu: both the estimate and its error are per thousand."""
    return np.asarray(1000 * of.shares * (1 - divided(np.ones_like(of.relative), of.relative)) / of.mean[..., None])


@measure()
def gini_index(of: Subgroups) -> Array:
    """sum_i sum_j p_i p_j |y_i - y_j| / (2 mu), from 0 to 1; undefined where the mean is 0.

    It is computed as sum p_j (2 X_j - 1) (y_j - mu) / mu over the subgroups from the lowest value to the highest.
    """
    values, shares = of.ascending
    slopes = 2 * np.cumsum(shares, axis=-1) - shares - 1
    return divided(np.einsum("...j,...j,...j->...", shares, slopes, values - of.mean[..., None]), of.mean)


@measure()
def hoover_index(of: Subgroups) -> Array:
    """sum p_j |r_j - 1| / 2, from 0 to 1; undefined where the mean is 0."""
    return 0.5 * divided(weighted(of.distances, of.shares), of.mean)


@measure("spread", "atkinson_index_half", "atkinson_index_one", "atkinson_index_two")
def atkinson_index(of: Subgroups, epsilon: float) -> Array:
    """1 - (sum p_j r_j^(1 - e))^(1 / (1 - e)), or 1 - exp(sum p_j ln r_j) for e = 1; undefined where the mean is 0.

    From e = 1 on, a subgroup at 0 makes it 1, its limit.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        if epsilon == 1:
            return np.asarray(1 - np.exp(weighted(of.logs, of.shares)))
        power = weighted(np.exp((1 - epsilon) * of.logs), of.shares)
        return np.asarray(1 - power ** (1 / (1 - epsilon)))


@gradient_of("atkinson_index_half", "atkinson_index_one", "atkinson_index_two")
def atkinson_gradient(of: Subgroups, epsilon: float) -> Array:
    """p_j ((1 - A) - ((1 - A) / r_j)^e) / mu."""
    rest = 1 - atkinson_index(of, epsilon)[..., None]
    return np.asarray(of.shares * (rest - divided(rest, of.relative) ** epsilon) / of.mean[..., None])


@measure("spread", "generalised_entropy_minus_one", "generalised_entropy_two")
def generalised_entropy(of: Subgroups, alpha: float) -> Array:
    """(sum p_j r_j^a - 1) / (a (a - 1)), a not 0 or 1; undefined where the mean is 0, and for a < 0 where a value is.

    It is computed as sum p_j (r_j^a - 1 - a (r_j - 1)) / (a (a - 1)), of which no term is negative.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        terms = of.relative**alpha - 1 - alpha * (of.relative - 1)
    return finite(weighted(terms, of.shares) / (alpha * (alpha - 1)))


@gradient_of("generalised_entropy_minus_one", "generalised_entropy_two")
def entropy_gradient(of: Subgroups, alpha: float) -> Array:
    """p_j (r_j^(a - 1) - sum p r^a) / ((a - 1) mu)."""
    whole = weighted(of.relative**alpha, of.shares)[..., None]
    return np.asarray(of.shares * (of.relative ** (alpha - 1) - whole) / ((alpha - 1) * of.mean[..., None]))


def sums_at_ends(of: Subgroups, top: float, bottom: float) -> tuple[Array, Array]:
    """The sums of the values of the top percent and of the bottom percent of people, in the order of their values.

    An area at the edge counts with its part inside.
    """
    values, shares = of.ascending
    after = np.cumsum(shares, axis=-1)
    low = np.clip(bottom / 100 - (after - shares), 0, shares)
    high = np.clip(after - (1 - top / 100), 0, shares)
    return weighted(values, high), weighted(values, low)


@measure("spread", "palma_ratio", "ratio_20_20")
def share_ratio(of: Subgroups, top: float, bottom: float) -> Array:
    """The sum of the values of the top percent of people over that of the bottom percent; undefined where that is 0."""
    return divided(*sums_at_ends(of, top, bottom))


DECOMPOSED: Mapping[str, bool] = {"theil_index": True, "mean_log_deviation": False, "between_group_variance": False}
"""The measures that split exactly, and whether a group counts by its share of the sum (otherwise of the people)."""


@dataclass(frozen=True)
class Parts:
    """A measure of all areas, and its two parts, which sum to it; `groups` are the parts within each group."""

    total: float
    between: float
    within: float
    groups: Mapping[str, float]


def parted(name: str, of: Subgroups, groups: npt.NDArray[np.str_]) -> Parts:
    """The parts between and within groups of a measure of one setting; NaN where the measure is undefined.

    `groups` names the group of each subgroup (shape (J,)). With P_g the share of people of group g, mu_g its average,
    and `between` the measure of the groups at their averages: Theil index T = sum_g P_g (mu_g / mu) T_g + T between,
    mean log deviation L = sum_g P_g L_g + L between, variance V = sum_g P_g V_g + V between. Source: Shorrocks 1980,
    Econometrica 48:613; for the variance, the law of total variance.
    """
    function, by_sum = subgroups.SUBGROUP_FORMULAE[name][0], DECOMPOSED[name]
    total, mean = float(function(of)), float(of.mean)
    shares, averages, within = [], [], {}
    for group in np.unique(groups):
        inside = groups == group
        share = float(of.shares[inside].sum())
        own = Subgroups(of.values[inside], of.shares[inside] / share)
        shares.append(share)
        averages.append(float(own.mean))
        weight = share * float(own.mean) / mean if by_sum and mean else share
        # a group at 0 has no inequality to split by a measure that weighs by the sum
        within[str(group)] = weight * float(function(own)) if weight else 0.0
    between = float(function(Subgroups(np.array(averages), np.array(shares))))
    return Parts(total, between, float(sum(within.values())), within)
