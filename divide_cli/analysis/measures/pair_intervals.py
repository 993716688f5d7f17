"""Confidence intervals and standard errors of measures of two sides, whose errors may covary.

A linear function has the interval value +- z SE. Others (ratios) have the interval from their lowest to their highest
value over the pairs of sides that agree with the estimates (module `ellipse`); for a ratio that is Fieller's. Their
standard error is that of the delta method, sqrt(g' C g) with the slopes g of the measure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from divide_cli import concepts as v
from divide_cli.analysis.measures.ellipse import even_edge, extremes, uneven_edge
from divide_cli.analysis.measures.intervals import Interval, open_ended, root_of
from divide_cli.analysis.measures.pairs import PAIR_FORMULAE
from divide_cli.analysis.measures.subgroups import Array
from divide_cli.analysis.measures.uneven import linear_ends
from divide_cli.catalogue import Measure

RELATIVE = ("RATIO", "PT")
"""Units of the measures that divide one side by another; the others are linear in the sides."""
STEP = 1e-5
"""The step of numerical slopes, relative to the side (or to 1 if that is larger)."""


@dataclass(frozen=True)
class UncertainSides:
    """The values of the reference and the compared side, the errors of both, and the people of each.

    `errors` is the covariance, shape (2, 2), or the standard errors of independent sides, shape (2,). `maximum` is the
    highest value of the unit. `uneven` are the standard errors below and above, shape (2, 2), of independent sides.
    """

    values: Array
    errors: Array
    persons: Sequence[float]
    maximum: float
    uneven: Array | None = None

    def function(self, measure: Measure) -> Callable[[Array], Array]:
        """The measure as a function of points, whose last axis has the two sides."""
        persons = [np.array(number) for number in self.persons]
        return lambda points: PAIR_FORMULAE[measure.id](points[..., 0], points[..., 1], *persons)


def pair_interval(measure: Measure, of: UncertainSides, z: float) -> Interval:
    """The interval of the measure at the quantile z; none if an error is unknown."""
    if np.isnan(of.errors).any():
        return Interval()
    value, at, root = of.function(measure), of.values, root_of(of.errors)
    if measure.unit not in RELATIVE:
        if of.uneven is not None:
            low, high = linear_ends(value(at), value(np.eye(2)), z, of.uneven)
            return Interval(float(low), float(high))
        half = z * float(np.linalg.norm(value(root)))
        return Interval(float(value(at)) - half, float(value(at)) + half)
    edge = even_edge(z * root) if of.uneven is None else uneven_edge(np.eye(2), np.diag(of.errors**2), z, of.uneven)
    low, high = extremes(lambda points: value(np.clip(points, 0, of.maximum)), at, edge)
    return open_ended(measure, float(low), float(high))


def pair_error(measure: Measure, of: UncertainSides) -> float:
    """The standard error of the measure, NaN if an error is unknown; at a kink, that of the side where c <= r."""
    if np.isnan(of.errors).any():
        return float("nan")
    value, root = of.function(measure), root_of(of.errors)
    if measure.unit not in RELATIVE:
        return float(np.linalg.norm(value(root)))
    steps = np.diag(STEP * np.maximum(np.abs(of.values), 1))
    slopes = (value(of.values + steps) - value(of.values - steps)) / (2 * np.diag(steps))
    return float(np.linalg.norm(slopes @ root))


def interval_columns(lower: float, upper: float, level: float) -> dict[str, float]:
    """The columns of a confidence interval; an open end is NaN, and so is the level without an interval."""
    none = np.isnan([lower, upper]).all()
    return {v.CI_LOWER: lower, v.CI_UPPER: upper, v.CI_LEVEL: float("nan") if none else level}
