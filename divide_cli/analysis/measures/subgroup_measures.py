"""The battery: every measure of subgroups, its function, and how it moves within a box of possible values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from divide_cli.analysis.measures import ordered, simple, unequal, unordered
from divide_cli.analysis.measures.subgroups import Array, Subgroups
from divide_cli.catalogue import Measure

Shape = Literal["corners", "spread", "unweighted"]
"""Over a box of values: `corners` is monotone in each value; `spread` is quasi-convex and never rises when values move
towards each other, so that it is least where all values that can be equal are; `unweighted` is quasi-convex only."""


@dataclass(frozen=True)
class Formula:
    """A function of Subgroups (and of the parameters that the files of measures/ gives), and its shape.

    `extremes` marks those that look for the highest, lowest or best subgroup where no reference is named.
    """

    function: Callable[..., Array]
    shape: Shape = "spread"
    extremes: bool = False


BATTERY: Mapping[str, Formula] = {
    "subgroup_difference": Formula(simple.subgroup_difference, extremes=True),
    "subgroup_ratio": Formula(simple.subgroup_ratio, extremes=True),
    "odds_ratio": Formula(simple.odds_ratio, extremes=True),
    "complement_ratio": Formula(simple.complement_ratio, extremes=True),
    "absolute_concentration_index": Formula(ordered.absolute_concentration_index, "corners"),
    "relative_concentration_index": Formula(ordered.relative_concentration_index, "corners"),
    "slope_index": Formula(ordered.slope_index, "corners"),
    "relative_index": Formula(ordered.relative_index, "corners"),
    "slope_index_linear": Formula(ordered.slope_index_linear, "corners"),
    "relative_index_linear": Formula(ordered.relative_index_linear, "corners"),
    "between_group_variance": Formula(unordered.between_group_variance),
    "between_group_standard_deviation": Formula(unordered.between_group_standard_deviation),
    "coefficient_of_variation": Formula(unordered.coefficient_of_variation),
    "mean_difference_from_mean_unweighted": Formula(unordered.mean_difference_from_mean_unweighted, "unweighted"),
    "mean_difference_from_mean": Formula(unordered.mean_difference_from_mean),
    "mean_difference_from_best_unweighted": Formula(unordered.mean_difference_from_best_unweighted, extremes=True),
    "mean_difference_from_best": Formula(unordered.mean_difference_from_best, extremes=True),
    "mean_difference_from_reference_unweighted": Formula(
        unordered.mean_difference_from_reference_unweighted, extremes=True
    ),
    "mean_difference_from_reference": Formula(unordered.mean_difference_from_reference, extremes=True),
    "index_of_disparity_unweighted": Formula(unordered.index_of_disparity_unweighted, "unweighted"),
    "index_of_disparity": Formula(unordered.index_of_disparity),
    "theil_index": Formula(unordered.theil_index),
    "mean_log_deviation": Formula(unordered.mean_log_deviation),
    "population_attributable_risk": Formula(simple.population_attributable_risk, extremes=True),
    "population_attributable_fraction": Formula(simple.population_attributable_fraction, extremes=True),
    "gini_index": Formula(unequal.gini_index),
    "hoover_index": Formula(unequal.hoover_index),
    "atkinson_index_half": Formula(unequal.atkinson_index),
    "atkinson_index_one": Formula(unequal.atkinson_index),
    "atkinson_index_two": Formula(unequal.atkinson_index),
    "generalised_entropy_minus_one": Formula(unequal.generalised_entropy),
    "generalised_entropy_two": Formula(unequal.generalised_entropy),
    "palma_ratio": Formula(unequal.share_ratio),
    "ratio_20_20": Formula(unequal.share_ratio),
}
"""One formula for each entry of measures/ that is of subgroups; a test asks that the two agree."""

IMPACT = ("population_attributable_risk", "population_attributable_fraction")


def evaluate(measure: Measure, of: Subgroups) -> Array:
    """The measure of every setting, of the shape that the leading axes of the values have; NaN where undefined."""
    return BATTERY[measure.id].function(of, **measure.parameters)


def shape_of(measure: Measure, of: Subgroups) -> Shape:
    """The shape of the measure for these subgroups: named sides and the ends of an order make extremes monotone."""
    if not picks_extremes(measure, of):
        named = measure.id in IMPACT or measure.family == "simple"
        return "corners" if named else BATTERY[measure.id].shape
    return "spread"


def picks_extremes(measure: Measure, of: Subgroups) -> bool:
    """Whether the measure looks for the highest, lowest or best subgroup of these."""
    if not BATTERY[measure.id].extremes:
        return False
    if measure.family == "simple":
        return not of.ordered and (of.reference is None or of.compared is None)
    return of.reference_place is None or measure.id.startswith("mean_difference_from_best")


def refusal(measure: Measure, of: Subgroups) -> str:
    """Why the measure does not apply to these subgroups; empty where it does."""
    if of.number < 2:
        return "undefined: one subgroup"
    if of.number < measure.subgroups:
        return f"not applicable: {of.number} subgroups, {measure.subgroups} are needed"
    if measure.family == "ordered" and not of.ordered:
        return "not applicable: the subgroups stand in no order"
    if measure.needs_maximum and not np.isfinite(of.maximum):
        return "not applicable: the indicator is no percentage"
    return ""


def tied(of: Subgroups, errors: Array) -> bool:
    """Whether the best and the next, or the worst and the next, lie within 4 standard errors of their difference."""
    order = np.argsort(of.values, kind="stable")
    pairs: Sequence[tuple[int, int]] = ((order[-1], order[-2]), (order[0], order[1]))
    return any(abs(of.values[i] - of.values[j]) < 4 * np.hypot(errors[i], errors[j]) for i, j in pairs)
