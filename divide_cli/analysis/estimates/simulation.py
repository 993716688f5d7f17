"""Joint draws of the economies of one year, and the intervals of groups that follow.

The error of an economy is sd (sqrt(w) A + sqrt(r) B + sqrt(1 - w - r) C) on the logit scale: A is common to the world
in a year, B to a region, and C its own, all standard normal. In a nowcast, a growth that all share is added, nowcast
a D. Independent errors would cancel in a group and make its interval too narrow.
"""

import numpy as np
import numpy.typing as npt

from divide_cli.analysis.estimates.model import Estimates, Ints, expit, logit
from divide_cli.catalogue.estimates import Estimation

Array = npt.NDArray[np.float64]


def normals(model: Estimation, year: int, areas: int, stream: int = 0) -> Array:
    """Standard normal numbers, draws x (areas + 1): the same for a year whatever else is asked; the last is common."""
    generator = np.random.default_rng([model.simulation.seed, year, stream])
    return generator.standard_normal((model.simulation.draws, areas + 1))


def errors_of(error: Array, region: Ints, model: Estimation, year: int, stream: int = 0) -> Array:
    """Joint errors of the areas of one year on the logit scale, draws x areas, with these standard deviations."""
    errors, areas = model.errors, len(region)
    own = normals(model, year, areas, stream)
    by_region = normals(model, year, int(region.max(initial=0)) + 1, stream + 1)
    common = np.sqrt(errors.world) * own[:, -1:] + np.sqrt(errors.region) * by_region[:, :-1][:, region]
    return np.asarray((common + np.sqrt(1 - errors.world - errors.region) * own[:, :-1]) * error)


def draws(estimates: Estimates, region: Ints, model: Estimation, column: int, year: int) -> Array:
    """The percentages of one year, draws x areas; those that are reported are the same in every draw."""
    missing = np.flatnonzero(estimates.error[:, column] > 0)
    error = errors_of(estimates.error[:, column], region, model, year)[:, missing]
    drift = model.errors.nowcast * estimates.ahead[missing, column] * normals(model, year, 0, stream=4)
    x = logit(estimates.percent[missing, column], model.nearest)
    percent = np.tile(estimates.percent[:, column], (model.simulation.draws, 1))
    percent[:, missing] = expit(x + error + drift)
    return percent


def group_interval(percent: Array, weights: Array, model: Estimation) -> tuple[float, float]:
    """The interval of sum(w p) / sum(w) over the draws: the quantiles that leave out the same share on both sides."""
    means = percent @ weights / weights.sum()
    outside = (1 - model.simulation.level / 100) / 2
    low, high = np.quantile(means, (outside, 1 - outside))
    return float(low), float(high)
