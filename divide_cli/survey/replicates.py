"""The covariance of estimates from replicate weights.

Each replicate r is the same sample with other weights and gives an estimate t_r. With the scale s of the method and a
scale s_r of each replicate

    V = s sum over r of s_r (t_r - t) (t_r - t)'

where t is the mean of the t_r with s_r > 0, or the estimate of the whole sample (`mse`). Sources: Wolter 2007,
Introduction to Variance Estimation, chapters 3 to 5; Judkins 1990, J. Official Statistics 6:223 (Fay's method); Fay and
Train 1995, Proc. Government Statistics Section, ASA, 154 (successive differences). The R package survey (`svrepdesign`)
has the same scales, and the same degrees of freedom: the rank of the matrix of replicate weights, less 1.
"""

import numpy as np

from divide_cli.survey.cells import Codes, Floats, Replicated
from divide_cli.survey.design import Replicates

DEPENDENT = 1e-5
"""A column is a combination of those before it if this share of its length, or less, is outside of them."""


def scales(design: Replicates) -> Floats:
    """s s_r, shape (replicates,)."""
    number = len(design.columns)
    methods = {
        "brr": 1 / number,
        "fay": 1 / (number * (1 - (design.rho or 0)) ** 2),
        "jackknife1": (number - 1) / number,
        "jackknifen": 1.0,
        "bootstrap": 1 / max(number - 1, 1),
        "successive_differences": 4 / number,
    }
    scale = methods[design.method] if design.factor is None else design.factor
    return np.asarray(np.broadcast_to(design.rscales or 1.0, (number,)) * scale, dtype=np.float64)


def covariance(design: Replicates, replicates: Floats, estimates: Floats) -> Floats:
    """The covariance of estimates, shape (domains, domains), from replicates of shape (replicates, domains).

    A replicate without a value (NaN) of a domain is left out of its variances. Without any value they are NaN.
    """
    weights, known = scales(design)[:, None], np.isfinite(replicates)
    counted = known & (weights > 0)
    number = counted.sum(axis=0)
    means = np.where(counted, replicates, 0).sum(axis=0) / np.where(number > 0, number, np.nan)
    deviations = np.where(known, replicates - (estimates if design.mse else means), 0) * np.sqrt(weights)
    matrix = np.asarray(deviations.T @ deviations)
    unknown = number == 0
    matrix[unknown] = matrix[:, unknown] = np.nan
    return matrix


def freedoms(of: Replicated, denominator: str, domain: Codes, domains: int) -> Floats:
    """The rank of the replicate weights of each domain, less 1, shape (domains, domains).

    Of two domains together it is at least the greater of the two, which is taken.
    """
    counted = of.counted[denominator]
    each = np.array([rank(of.weights[counted & (domain == one)]) - 1.0 for one in range(domains)])
    return np.asarray(np.maximum(each[:, None], each[None, :]), dtype=np.float64)


def rank(matrix: Floats) -> int:
    """The number of columns outside of the space of those before them, as R's `qr` counts with tol = 1e-5."""
    if not len(matrix):
        return 0
    triangle = np.asarray(np.linalg.qr(matrix, mode="r"))  # has the lengths and angles of the columns
    axes = np.zeros((len(triangle), 0))
    for column in triangle.T:
        rest = column - axes @ (axes.T @ column)
        rest -= axes @ (axes.T @ rest)
        length = np.linalg.norm(rest)
        if length > DEPENDENT * np.linalg.norm(column):
            axes = np.column_stack([axes, rest / length])
    return axes.shape[1]
