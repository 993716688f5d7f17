"""Inequality among people who all stand at the value of their area: Gini, Hoover, Atkinson, entropy, shares.

Every function takes Subgroups (y_j, p_j; mu = sum p_j y_j, r_j = y_j / mu) and gives one number for each setting. NaN
where the formula is undefined. Sources, readings and warnings: data/catalogue/measures/.
"""

import numpy as np

from divide_cli.analysis.measures.subgroups import Array, Subgroups, divided, weighted
from divide_cli.analysis.measures.unordered import finite


def gini_index(of: Subgroups) -> Array:
    """sum_i sum_j p_i p_j |y_i - y_j| / (2 mu), from 0 to 1; undefined where the mean is 0.

    Computed as sum p_j (2 X_j - 1) (y_j - mu) / mu over the subgroups from the lowest value to the highest.
    """
    values, shares = of.ascending
    slopes = 2 * np.cumsum(shares, axis=-1) - shares - 1
    return divided(np.einsum("...j,...j,...j->...", shares, slopes, values - of.mean[..., None]), of.mean)


def hoover_index(of: Subgroups) -> Array:
    """sum p_j |r_j - 1| / 2, from 0 to 1; undefined where the mean is 0."""
    return 0.5 * divided(weighted(of.distances, of.shares), of.mean)


def atkinson_index(of: Subgroups, epsilon: float) -> Array:
    """1 - (sum p_j r_j^(1 - e))^(1 / (1 - e)), or 1 - exp(sum p_j ln r_j) for e = 1; undefined where the mean is 0.

    From e = 1 on, a subgroup at 0 makes it 1, its limit.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        if epsilon == 1:
            return np.asarray(1 - np.exp(weighted(of.logs, of.shares)))
        power = weighted(np.exp((1 - epsilon) * of.logs), of.shares)
        return np.asarray(1 - power ** (1 / (1 - epsilon)))


def generalised_entropy(of: Subgroups, alpha: float) -> Array:
    """(sum p_j r_j^a - 1) / (a (a - 1)), a neither 0 nor 1; undefined where the mean is 0, for a < 0 where a value is
    0.

    Computed as sum p_j (r_j^a - 1 - a (r_j - 1)) / (a (a - 1)), of which no term is negative.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        terms = of.relative**alpha - 1 - alpha * (of.relative - 1)
    return finite(weighted(terms, of.shares) / (alpha * (alpha - 1)))


def share_ratio(of: Subgroups, top: float, bottom: float) -> Array:
    """Sum of the values of the top percent of people over that of the bottom percent; undefined where that is 0.

    People stand in the order of their area's value; an area at the edge counts with the part of it that lies inside.
    """
    values, shares = of.ascending
    after = np.cumsum(shares, axis=-1)
    low = np.clip(bottom / 100 - (after - shares), 0, shares)
    high = np.clip(after - (1 - top / 100), 0, shares)
    return divided(weighted(values, high), weighted(values, low))
