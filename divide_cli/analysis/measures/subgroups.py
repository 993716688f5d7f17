"""Subgroups, the registry of measures of inequality, and the simplest of these measures.

A measure is an entry of data/catalogue/measures/ and a function that `@measure` registers under the entry's id. Every
function takes Subgroups (y_j, p_j; mu = sum p_j y_j, r_j = y_j / mu) and gives one number for each setting, NaN if the
formula is undefined. The catalogue has the formulae in words, sources, readings and warnings. This module has the
simple and impact measures: two sides, odds, the complement, and the gain from levelling up.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from divide_cli.catalogue import Measure
from divide_cli.language import say

Array = npt.NDArray[np.float64]
Shape = Literal["sides", "order", "spread", "unweighted"]
"""The shape of a measure over a box of values.

`sides` compares one or two values, which are named or the highest, lowest or best, with others or their mean. `order`
depends on the values through sum p_j y_j and sum p_j X_j y_j only. `spread` is quasi-convex and never rises when values
move towards each other. It rises with values above some level and falls with values below it. `unweighted` is the mean
of the distances from the weighted mean, or a multiple of it in relation to that mean.
"""
Function = TypeVar("Function", bound=Callable[..., Array])

SUBGROUP_FORMULAE: dict[str, tuple[Callable[..., Array], Shape]] = {}
"""The function of each measure and its shape."""
GRADIENTS: dict[str, Callable[..., Array]] = {}
"""The derivatives by each y_j, for measures whose standard error sqrt(sum_j (df/dy_j se_j)^2) has a closed form."""


def measure(shape: Shape = "spread", *ids: str) -> Callable[[Function], Function]:
    """Registers a formula under its own name, or under the ids of the entries that give it different parameters."""

    def register(function: Function) -> Function:
        SUBGROUP_FORMULAE.update(dict.fromkeys(ids or (function.__name__,), (function, shape)))
        return function

    return register


def gradient_of(*ids: str) -> Callable[[Function], Function]:
    """Registers the derivatives of the measures with those ids: of shape (..., J), with population shares taken as
    known.
    """

    def register(function: Function) -> Function:
        GRADIENTS.update(dict.fromkeys(ids, function))
        return function

    return register


def weighted(values: Array, weights: Array) -> Array:
    """sum_j w_j x_j over the last axis, whatever axes precede it."""
    if weights.ndim == 1:
        return np.asarray(values @ weights)
    return np.asarray(np.einsum("...j,...j->...", values, weights))


def divided(numerator: Array, denominator: Array) -> Array:
    """The quotient, also of fractions; NaN where the denominator is zero."""
    with np.errstate(invalid="ignore"):
        return np.asarray(numerator / np.where(denominator == 0, np.nan, denominator))


@dataclass(frozen=True)
class Subgroups:
    """J subgroups: y_j (`values`, shape (..., J)) and p_j (`shares`, shape (J,) or (..., J), summing to 1 over J).

    Leading axes are settings, draws, vertices: every formula reduces the last axis only. If `ordered`, subgroups go
    from the most to the least disadvantaged. `reference` and `compared` are positions. Without a reference, the least
    disadvantaged subgroup is used; without an order, the best value is used (the highest, or the lowest if the
    indicator is `adverse`). With `against_worst`, a reference without a compared subgroup is compared with the worst of
    the others. `maximum` is the highest value that the unit allows (100 for percentages), infinite if it
    allows any. Values are known: the caller leaves missing subgroups out and says so.
    """

    values: Array
    shares: Array
    reference: int | None = None
    compared: int | None = None
    ordered: bool = False
    adverse: bool = False
    maximum: float = np.inf
    against_worst: bool = False

    def at(self, values: Array) -> "Subgroups":
        """The same subgroups with other values."""
        return replace(self, values=values)

    @property
    def number(self) -> int:
        """J, the number of subgroups."""
        return int(self.values.shape[-1])

    @cached_property
    def mean(self) -> Array:
        """mu = sum_j p_j y_j."""
        return weighted(self.values, self.shares)

    @cached_property
    def deviations(self) -> Array:
        """y_j - mu."""
        return np.asarray(self.values - self.mean[..., None])

    @cached_property
    def distances(self) -> Array:
        """|y_j - mu|."""
        return np.abs(self.deviations)

    @cached_property
    def relative(self) -> Array:
        """r_j = y_j / mu; NaN where the mean is zero."""
        return divided(self.values, self.mean[..., None])

    @cached_property
    def logs(self) -> Array:
        """ln r_j; minus infinity where a value is zero, NaN below it."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.log(self.relative))

    @cached_property
    def ranks(self) -> Array:
        """X_j = sum_{k<j} p_k + p_j / 2, the fractional rank in the order of the subgroups."""
        return np.asarray(np.cumsum(self.shares, axis=-1) - self.shares / 2)

    @cached_property
    def best(self) -> Array:
        """The best value: the highest, or the lowest where the indicator is adverse."""
        return np.asarray(self.values.min(axis=-1) if self.adverse else self.values.max(axis=-1))

    @property
    def reference_place(self) -> int | None:
        """The position of the reference: as named, or the last of an order; None for the best value."""
        return self.number - 1 if self.reference is None and self.ordered else self.reference

    @cached_property
    def reference_value(self) -> Array:
        """The value at the reference's position, or the best value without one."""
        return self.best if self.reference_place is None else np.asarray(self.values[..., self.reference_place])

    @cached_property
    def ascending(self) -> tuple[Array, Array]:
        """The values from the lowest to the highest, and their shares in that order."""
        order = np.argsort(self.values, axis=-1, kind="stable")
        shares = np.take_along_axis(np.broadcast_to(self.shares, self.values.shape), order, axis=-1)
        return np.take_along_axis(self.values, order, axis=-1), np.asarray(shares)


def evaluate(entry: Measure, of: Subgroups) -> Array:
    """The measure of every setting, in the shape of the leading axes of the values; NaN where undefined."""
    return SUBGROUP_FORMULAE[entry.id][0](of, **entry.parameters)


def gradient(entry: Measure, of: Subgroups) -> Array:
    """The derivatives of the measure by each value; KeyError for a measure without a closed form."""
    return GRADIENTS[entry.id](of, **entry.parameters)


def shape_of(entry: Measure) -> Shape:
    """The shape of the measure over a box of values."""
    return SUBGROUP_FORMULAE[entry.id][1]


def picks_extremes(entry: Measure, of: Subgroups) -> bool:
    """Whether the measure picks the highest, lowest or best of these subgroups."""
    if entry.compares_with == "sides":
        return not of.ordered and (of.reference is None or of.compared is None)
    return entry.compares_with == "best" or (entry.compares_with == "reference" and of.reference_place is None)


def refusal(entry: Measure, of: Subgroups) -> str:
    """Why the measure does not apply to these subgroups; empty if it does."""
    if of.number < 2:
        return say("undefined: one subgroup")
    if of.number < entry.subgroups:
        return say("not applicable: {of} subgroups, {subgroups} are needed", of=of.number, subgroups=entry.subgroups)
    if entry.family == "ordered" and not of.ordered:
        return say("not applicable: the subgroups have no order")
    if entry.needs_maximum and not np.isfinite(of.maximum):
        return say("not applicable: the indicator is not a percentage")
    return ""


def tied(of: Subgroups, errors: Array) -> bool:
    """Whether the best two or the worst two values differ by at most 4 standard errors of their difference."""
    order = np.argsort(of.values, kind="stable")
    pairs = ((order[-1], order[-2]), (order[0], order[1]))
    return any(abs(of.values[i] - of.values[j]) < 4 * np.hypot(errors[i], errors[j]) for i, j in pairs)


Places = npt.NDArray[np.intp]
"""Positions among the subgroups, one for each setting."""


def places(of: Subgroups) -> tuple[Places, Places]:
    """The positions of r and c: the reference and the compared subgroup as named, or the ends of the order; where the
    indicator is adverse, the reverse; else highest and lowest.

    The worst of the others is the lowest, or the highest if the indicator is adverse.
    """
    lead = of.values.shape[:-1]
    if of.reference is not None and of.compared is not None:
        pair = np.full(lead, of.reference), np.full(lead, of.compared)
    elif of.ordered:
        pair = np.full(lead, of.number - 1), np.zeros(lead, dtype=int)
    elif of.reference is not None and of.against_worst:
        worth = np.where(np.arange(of.number) == of.reference, np.inf, -of.values if of.adverse else of.values)
        pair = np.full(lead, of.reference), np.asarray(worth.argmin(axis=-1))
    else:
        return of.values.argmax(axis=-1), of.values.argmin(axis=-1)
    return pair[::-1] if of.adverse else pair


def sides(of: Subgroups) -> tuple[Array, Array]:
    """The values r and c, of which r is at least c where those expected to be behind are behind (WHO)."""
    reference, compared = (np.take_along_axis(of.values, place[..., None], -1)[..., 0] for place in places(of))
    return reference, compared


def _unit(of: Subgroups, place: Places) -> Array:
    """1 at the position of each setting, 0 elsewhere."""
    return np.asarray((np.arange(of.number) == place[..., None]).astype(float))


@measure("sides")
def subgroup_difference(of: Subgroups) -> Array:
    """r - c: the named sides or the ends of the order, reversed if adverse; or the highest and the lowest subgroup."""
    reference, compared = sides(of)
    return np.asarray(reference - compared)


@gradient_of("subgroup_difference")
def difference_gradient(of: Subgroups) -> Array:
    """+1 at the reference, -1 at the compared subgroup."""
    reference, compared = places(of)
    return np.asarray(_unit(of, reference) - _unit(of, compared))


def _logarithmic(of: Subgroups, value: Array, slope: Callable[[Array], Array]) -> Array:
    """f times the slope of ln f at the reference, and minus that at the compared subgroup."""
    ends = difference_gradient(of)
    return np.asarray(value[..., None] * np.where(ends == 0, 0.0, ends * slope(of.values)))


@measure("sides")
def subgroup_ratio(of: Subgroups) -> Array:
    """y_reference / y_compared; undefined where the compared value is 0."""
    return divided(*sides(of))


@gradient_of("subgroup_ratio")
def ratio_gradient(of: Subgroups) -> Array:
    """The derivatives of r / c: R / r at the reference, -R / c at the compared subgroup."""
    return _logarithmic(of, subgroup_ratio(of), lambda y: divided(np.ones_like(y), y))


@measure("sides")
def odds_ratio(of: Subgroups) -> Array:
    """(r / (100 - r)) / (c / (100 - c)); undefined where c = 0 or r = 100, or in a unit without a maximum."""
    reference, compared = sides(of)
    if not np.isfinite(of.maximum):
        return np.full(reference.shape, np.nan)
    return divided(reference * (of.maximum - compared), (of.maximum - reference) * compared)


@gradient_of("odds_ratio")
def odds_gradient(of: Subgroups) -> Array:
    """The derivatives of the odds ratio: OR m / (y (m - y)), m the maximum, at the reference; minus that at the
    compared one.
    """
    m = of.maximum
    return _logarithmic(of, odds_ratio(of), lambda y: divided(np.full_like(y, m), y * (m - y)))


@measure("sides")
def complement_ratio(of: Subgroups) -> Array:
    """(100 - c) / (100 - r): the compared group's share of people without it, as a multiple of the reference's.

    Undefined where r = 100, or in a unit without a maximum.
    """
    reference, compared = sides(of)
    return divided(of.maximum - compared, of.maximum - reference)


@gradient_of("complement_ratio")
def complement_gradient(of: Subgroups) -> Array:
    """The derivatives of (m - c) / (m - r): CR / (m - r) at the reference, -CR / (m - c) at the compared subgroup."""
    return _logarithmic(of, complement_ratio(of), lambda y: divided(np.ones_like(y), of.maximum - y))


def _best(of: Subgroups) -> Array:
    """1 at the position of the reference, or of the best value."""
    if of.reference_place is not None:
        return _unit(of, np.full(of.values.shape[:-1], of.reference_place))
    return _unit(of, of.values.argmin(axis=-1) if of.adverse else of.values.argmax(axis=-1))


@measure("sides")
def population_attributable_risk(of: Subgroups) -> Array:
    """y_reference - mu: how far the average would move if every subgroup had the reference's value."""
    return np.asarray(of.reference_value - of.mean)


@gradient_of("population_attributable_risk")
def attributable_risk_gradient(of: Subgroups) -> Array:
    """1 at the reference, less p_j everywhere."""
    return np.asarray(_best(of) - of.shares)


@measure("sides")
def population_attributable_fraction(of: Subgroups) -> Array:
    """100 (y_reference - mu) / mu, percent of the average; undefined where the mean is 0."""
    return 100 * divided(population_attributable_risk(of), of.mean)


@gradient_of("population_attributable_fraction")
def attributable_fraction_gradient(of: Subgroups) -> Array:
    """100 (1 at the reference - p_j y_ref / mu) / mu: both the estimate and its error are percent."""
    share = divided(of.reference_value, of.mean)[..., None]
    return np.asarray(100 * (_best(of) - of.shares * share) / of.mean[..., None])
