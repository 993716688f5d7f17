"""Disparity among subgroups that stand in no order: distances from the mean, the best, a reference; entropy.

Every function takes Subgroups (y_j, p_j; mu = sum p_j y_j, r_j = y_j / mu) and gives one number for each setting. NaN
where the formula is undefined. Sources, readings and warnings: data/catalogue/measures/.
"""

import numpy as np

from divide_cli.analysis.measures.subgroups import Array, Subgroups, divided, weighted


def between_group_variance(of: Subgroups) -> Array:
    """sum p_j (y_j - mu)^2, in squared units."""
    return weighted(of.deviations**2, of.shares)


def between_group_standard_deviation(of: Subgroups) -> Array:
    """sqrt(sum p_j (y_j - mu)^2), in the unit of the values."""
    return np.asarray(np.sqrt(between_group_variance(of)))


def coefficient_of_variation(of: Subgroups) -> Array:
    """100 sqrt(sum p_j (y_j - mu)^2) / mu, percent of the mean; undefined where the mean is 0."""
    return 100 * divided(between_group_standard_deviation(of), of.mean)


def mean_difference_from_mean_unweighted(of: Subgroups) -> Array:
    """(1 / J) sum |y_j - mu|, mu being the weighted mean."""
    return np.asarray(of.distances.mean(axis=-1))


def mean_difference_from_mean(of: Subgroups) -> Array:
    """sum p_j |y_j - mu|."""
    return weighted(of.distances, of.shares)


def mean_difference_from_best_unweighted(of: Subgroups) -> Array:
    """(1 / J) sum |y_j - y_best|."""
    return np.asarray(np.abs(of.values.mean(axis=-1) - of.best))  # all lie on one side of the best


def mean_difference_from_best(of: Subgroups) -> Array:
    """sum p_j |y_j - y_best|."""
    return np.asarray(np.abs(of.mean - of.best))


def mean_difference_from_reference_unweighted(of: Subgroups) -> Array:
    """(1 / J) sum |y_j - y_ref|."""
    return np.asarray(np.abs(of.values - of.reference_value[..., None]).mean(axis=-1))


def mean_difference_from_reference(of: Subgroups) -> Array:
    """sum p_j |y_j - y_ref|."""
    return weighted(np.abs(of.values - of.reference_value[..., None]), of.shares)


def index_of_disparity_unweighted(of: Subgroups) -> Array:
    """(100 / J) sum |y_j - mu| / mu, percent of the mean; undefined where the mean is 0."""
    return 100 * divided(mean_difference_from_mean_unweighted(of), of.mean)


def index_of_disparity(of: Subgroups) -> Array:
    """100 sum p_j |y_j - mu| / mu, percent of the mean; undefined where the mean is 0."""
    return 100 * divided(mean_difference_from_mean(of), of.mean)


def theil_index(of: Subgroups) -> Array:
    """1000 sum p_j r_j ln r_j, with r ln r = 0 at r = 0 (its limit); undefined where the mean is 0 or a value negative.

    Computed as 1000 sum p_j (r_j ln r_j - r_j + 1), the same since sum p_j r_j = 1; no term of it is negative.
    """
    with np.errstate(invalid="ignore"):
        products = np.where(of.relative == 0, 0.0, of.relative * of.logs)
    return 1000 * weighted(products - of.relative + 1, of.shares)


def mean_log_deviation(of: Subgroups) -> Array:
    """1000 sum -p_j ln r_j; undefined where a value or the mean is 0.

    Computed as 1000 sum p_j (r_j - 1 - ln r_j), of which no term is negative.
    """
    return finite(1000 * weighted(of.relative - 1 - of.logs, of.shares))


def finite(values: Array) -> Array:
    """The values; NaN where they are infinite."""
    return np.asarray(np.where(np.isinf(values), np.nan, values))
