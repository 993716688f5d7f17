"""Inequality of areas parted exactly into between groups and within groups: Theil index, mean log deviation, variance.

With P_g the share of people of group g and mu_g its average:
Theil      T = sum_g P_g (mu_g / mu) T_g + T between, T between being the index of the groups at their averages
log dev.   L = sum_g P_g L_g + L between
variance   V = sum_g P_g V_g + V between
Source: Shorrocks 1980, Econometrica 48:613; for the variance, the law of total variance.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from divide_cli.analysis.measures.subgroups import Array, Subgroups
from divide_cli.analysis.measures.unordered import between_group_variance, mean_log_deviation, theil_index

DECOMPOSED: Mapping[str, tuple[Callable[[Subgroups], Array], bool]] = {
    "theil_index": (theil_index, True),
    "mean_log_deviation": (mean_log_deviation, False),
    "between_group_variance": (between_group_variance, False),
}
"""The measures that part, and whether a group counts by its share of the sum (else of the people)."""


@dataclass(frozen=True)
class Parts:
    """A measure of all areas, and its two parts, which sum to it; `groups` are the parts within each group."""

    total: float
    between: float
    within: float
    groups: Mapping[str, float]


def parted(measure: str, of: Subgroups, group: npt.NDArray[np.str_]) -> Parts:
    """The parts of the measure of one setting, whose subgroups belong to the groups named (shape (J,)); NaN where the
    measure is undefined.
    """
    function, by_sum = DECOMPOSED[measure]
    total, mean = float(function(of)), float(of.mean)
    shares, averages, within = [], [], {}
    for name in np.unique(group):
        inside = group == name
        share = float(of.shares[inside].sum())
        own = Subgroups(of.values[inside], of.shares[inside] / share)
        shares.append(share)
        averages.append(float(own.mean))
        weight = share * float(own.mean) / mean if by_sum and mean else share
        # a group that stands at 0 has nothing to part by a measure that weighs by the sum
        within[str(name)] = weight * float(function(own)) if weight else 0.0
    between = float(function(Subgroups(np.array(averages), np.array(shares))))
    return Parts(total, between, float(sum(within.values())), within)
