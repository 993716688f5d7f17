"""Simple and impact measures of subgroups: two sides, odds, the complement, and what levelling up would gain."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from divide_cli.analysis.measures.subgroups import Array, Subgroups, divided, gradient_of, measure

Places = npt.NDArray[np.intp]
"""Positions among the subgroups, one a setting."""


def _places(of: Subgroups) -> tuple[Places, Places]:
    """The places of reference and compared value: those named; else the ends of the order; else highest and lowest."""
    lead = of.values.shape[:-1]
    if of.reference is not None and of.compared is not None:
        return np.full(lead, of.reference), np.full(lead, of.compared)
    if of.ordered:
        return np.full(lead, of.number - 1), np.zeros(lead, dtype=int)
    return of.values.argmax(axis=-1), of.values.argmin(axis=-1)


def sides(of: Subgroups) -> tuple[Array, Array]:
    """The reference and the compared value."""
    reference, compared = (np.take_along_axis(of.values, place[..., None], -1)[..., 0] for place in _places(of))
    return reference, compared


def _unit(of: Subgroups, place: Places) -> Array:
    """1 at the place of each setting, 0 elsewhere."""
    return np.asarray((np.arange(of.number) == place[..., None]).astype(float))


@measure("corners")
def subgroup_difference(of: Subgroups) -> Array:
    """y_reference - y_compared: the ends of the order, or the highest and the lowest subgroup."""
    reference, compared = sides(of)
    return np.asarray(reference - compared)


@gradient_of("subgroup_difference")
def difference_gradient(of: Subgroups) -> Array:
    """+1 at the reference, -1 at the compared subgroup."""
    reference, compared = _places(of)
    return np.asarray(_unit(of, reference) - _unit(of, compared))


def _logarithmic(of: Subgroups, value: Array, slope: Callable[[Array], Array]) -> Array:
    """f times the slope of ln f at the reference, and minus that at the compared subgroup."""
    ends = difference_gradient(of)
    return np.asarray(value[..., None] * np.where(ends == 0, 0.0, ends * slope(of.values)))


@measure("corners")
def subgroup_ratio(of: Subgroups) -> Array:
    """y_reference / y_compared; undefined where the compared value is 0."""
    return divided(*sides(of))


@gradient_of("subgroup_ratio")
def ratio_gradient(of: Subgroups) -> Array:
    """Of r / c: R / r at the reference, -R / c at the compared subgroup."""
    return _logarithmic(of, subgroup_ratio(of), lambda y: divided(np.ones_like(y), y))


@measure("corners")
def odds_ratio(of: Subgroups) -> Array:
    """(r / (100 - r)) / (c / (100 - c)); undefined where c = 0 or r = 100, or in a unit without a maximum."""
    reference, compared = sides(of)
    if not np.isfinite(of.maximum):
        return np.full(reference.shape, np.nan)
    return divided(reference * (of.maximum - compared), (of.maximum - reference) * compared)


@gradient_of("odds_ratio")
def odds_gradient(of: Subgroups) -> Array:
    """Of the odds ratio: OR m / (y (m - y)), m the maximum, at the reference, and minus that at the compared one."""
    m = of.maximum
    return _logarithmic(of, odds_ratio(of), lambda y: divided(np.full_like(y, m), y * (m - y)))


@measure("corners")
def complement_ratio(of: Subgroups) -> Array:
    """(100 - c) / (100 - r): how many times the reference's lacking share the compared's is.

    Undefined where r = 100, or in a unit without a maximum.
    """
    reference, compared = sides(of)
    if not np.isfinite(of.maximum):
        return np.full(reference.shape, np.nan)
    return divided(of.maximum - compared, of.maximum - reference)


@gradient_of("complement_ratio")
def complement_gradient(of: Subgroups) -> Array:
    """Of (m - c) / (m - r): CR / (m - r) at the reference, -CR / (m - c) at the compared subgroup."""
    return _logarithmic(of, complement_ratio(of), lambda y: divided(np.ones_like(y), of.maximum - y))


def _best(of: Subgroups) -> Array:
    """1 at the place of the reference, or of the best value."""
    if of.reference_place is not None:
        return _unit(of, np.full(of.values.shape[:-1], of.reference_place))
    return _unit(of, of.values.argmin(axis=-1) if of.adverse else of.values.argmax(axis=-1))


@measure("corners")
def population_attributable_risk(of: Subgroups) -> Array:
    """y_reference - mu: how far the average would move if every subgroup stood at the reference's value."""
    return np.asarray(of.reference_value - of.mean)


@gradient_of("population_attributable_risk")
def attributable_risk_gradient(of: Subgroups) -> Array:
    """1 at the reference, less p_j everywhere."""
    return np.asarray(_best(of) - of.shares)


@measure("corners")
def population_attributable_fraction(of: Subgroups) -> Array:
    """100 (y_reference - mu) / mu, percent of the average; undefined where the mean is 0."""
    return 100 * divided(population_attributable_risk(of), of.mean)


@gradient_of("population_attributable_fraction")
def attributable_fraction_gradient(of: Subgroups) -> Array:
    """100 (1 at the reference - p_j y_ref / mu) / mu: both the estimate and its error are percent."""
    share = divided(of.reference_value, of.mean)[..., None]
    return np.asarray(100 * (_best(of) - of.shares * share) / of.mean[..., None])
