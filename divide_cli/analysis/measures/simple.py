"""Simple and impact measures of subgroups: extremes, odds, the complement, and what levelling up would gain.

Every function takes Subgroups and gives one number for each setting; NaN where the formula is undefined. Sources,
readings and warnings: data/catalogue/measures/.
"""

import numpy as np

from divide_cli.analysis.measures.subgroups import Array, Subgroups, divided


def sides(of: Subgroups) -> tuple[Array, Array]:
    """Reference and compared value: those named; else the ends of the order; else the highest and the lowest value."""
    if of.reference is not None and of.compared is not None:
        return of.values[..., of.reference], of.values[..., of.compared]
    if of.ordered:
        return of.values[..., -1], of.values[..., 0]
    return of.values.max(axis=-1), of.values.min(axis=-1)


def subgroup_difference(of: Subgroups) -> Array:
    """y_reference - y_compared: the ends of the order, or the highest and the lowest subgroup."""
    reference, compared = sides(of)
    return np.asarray(reference - compared)


def subgroup_ratio(of: Subgroups) -> Array:
    """y_reference / y_compared; undefined where the compared value is 0."""
    return divided(*sides(of))


def odds_ratio(of: Subgroups) -> Array:
    """(r / (100 - r)) / (c / (100 - c)); undefined where c = 0 or r = 100, or in a unit without a maximum."""
    reference, compared = sides(of)
    if not np.isfinite(of.maximum):
        return np.full(reference.shape, np.nan)
    return divided(reference * (of.maximum - compared), (of.maximum - reference) * compared)


def complement_ratio(of: Subgroups) -> Array:
    """(100 - c) / (100 - r): how many times the reference's lacking share the compared's is.

    Undefined where r = 100, or in a unit without a maximum.
    """
    reference, compared = sides(of)
    if not np.isfinite(of.maximum):
        return np.full(reference.shape, np.nan)
    return divided(of.maximum - compared, of.maximum - reference)


def population_attributable_risk(of: Subgroups) -> Array:
    """y_reference - mu: how far the average would move if every subgroup stood at the reference's value."""
    return np.asarray(of.reference_value - of.mean)


def population_attributable_fraction(of: Subgroups) -> Array:
    """100 (y_reference - mu) / mu, percent of the average; undefined where the mean is 0."""
    return 100 * divided(population_attributable_risk(of), of.mean)
