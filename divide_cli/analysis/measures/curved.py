"""Intervals of measures of spread, which are curved or have kinks: lower ends by simulation, upper ends by search.

Estimates that scatter look more unequal than the truth. The test whether a measure f may be c therefore compares the
estimate with what samples from a truth with f = c would give.

The lower end is the least c that is not rejected. The truths tried are nearest to the estimates (module `nearest`).
Around each truth t, draws with the known errors give the mean m, standard deviation s and skewness of g(Y), with g an
increasing function of f. The truth is rejected if g(estimate) - g(t) exceeds m - g(t) + q s, with q the upper quantile
of the normal distribution, corrected for skewness (Cornish and Fisher 1938). For measures with kinks, that excess is at
least the one at truths nearer to the estimates. The end is interpolated where rejection starts. If equality is not
rejected, it is the value at equality. Such limits invert tests at a constrained estimate (Chuang and Lai 2000,
Statistica Sinica 10:1).

The upper end is the greatest f over the values y that agree with the estimates: (y - e)' C^-1 (y - e) <= z^2, within
the limits of the unit. For every measure of spread the values less unequal than the truth form a convex set. Outside it
is a half-space whose edge goes through the truth. The estimates are further than z from that half-space in at most
the share of samples that the level allows, so the end is right as often as it should be, and near equality more often.

Where errors differ below and above the estimates, module `uneven` says which count.
"""

from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from typing import Literal

import numpy as np

from divide_cli.analysis.measures.nearest import Errors, at_mean, errors_of, less_unequal, tied
from divide_cli.analysis.measures.subgroups import GRADIENTS, Array, Subgroups, evaluate, gradient, picks_extremes
from divide_cli.analysis.measures.uneven import farthest, of_truths, single_moves
from divide_cli.catalogue import Measure

SEED, DRAWS, DRAWS_EACH = 80173, 160, 5
"""The seed of the draws, how many there are at least, and how many for each subgroup."""
DISTANCES = np.array([0.0, 0.77, 1.17, 1.73, 2.65, 4.3])
"""The distances of the truths from the estimates, in quantiles z."""
SKEWEST = 1.5
"""The greatest skewness for which the quantile is corrected."""
ROUNDS = 4
"""How often the search for the greatest value goes on along the derivatives."""
STEP = 1e-3
"""The step of numerical derivatives, in standard errors."""


@cache
def normals(number: int) -> Array:
    """Standard normal draws of shape (K, J), the same in every run; their means are 0 and their covariance is the
    identity.
    """
    random, half = np.random.default_rng(SEED), max(DRAWS, DRAWS_EACH * number) // 2
    drawn = random.standard_normal((half, number))
    drawn *= (_lengths(half, number)[random.permutation(half)] / np.linalg.norm(drawn, axis=1))[:, None]
    both = np.concatenate([drawn, -drawn])
    variances, axes = np.linalg.eigh(both.T @ both / len(both))
    return np.asarray(both @ (axes / np.sqrt(variances)) @ axes.T)


def _lengths(draws: int, number: int) -> Array:
    """Evenly spaced quantiles of the length of J standard normal numbers (Wilson and Hilferty 1931)."""
    normal = NormalDist()
    z = np.array([normal.inv_cdf((place + 0.5) / draws) for place in range(draws)])
    spread = 2 / (9 * number)
    return np.asarray(np.sqrt(number * np.maximum(1 - spread + z * np.sqrt(spread), 0.05) ** 3))


Kind = Literal["curved", "kinked_at_mean", "kinked_at_ties"]
"""Whether a measure of spread is smooth, has kinks where values are at the mean, or where values are tied."""


def kind_of(measure: Measure, of: Subgroups) -> Kind | None:
    """The kind of a measure of spread, as which all count that pick the highest, lowest or best; None for others."""
    if picks_extremes(measure, of):
        return "kinked_at_ties"
    return measure.interval if measure.interval in ("curved", "kinked_at_mean", "kinked_at_ties") else None


def on_scale(measure: Measure, values: Array) -> Array:
    """g(f): the logarithm of a ratio, and the root of a measure that is quadratic near equality."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if measure.unit == "RATIO":
            return np.asarray(np.log(values))
        return np.asarray(np.sqrt(np.maximum(values, 0)) if measure.quadratic else values)


def from_scale(measure: Measure, values: Array) -> Array:
    """f of g."""
    if measure.unit == "RATIO":
        return np.asarray(np.exp(values))
    return np.asarray(np.maximum(values, 0) ** 2 if measure.quadratic else values)


def lower_ends(measures: Sequence[Measure], of: Subgroups, errors: Errors, z: float) -> dict[str, Array]:
    """The lower end of each measure, of N settings with values of shape (N, J), by its id."""
    found: dict[str, Array] = {}
    for kind in dict.fromkeys(kind_of(entry, of) for entry in measures):
        truths = _truths(kind, of, errors, z)
        clouds, there_of = of.at(np.maximum(truths[:, :, None] + normals(of.number) @ errors.root.T, 0)), of.at(truths)
        for entry in (entry for entry in measures if kind_of(entry, of) == kind):
            here, there, drawn = (on_scale(entry, evaluate(entry, at)) for at in (of, there_of, clouds))
            there[:, -1] = least = on_scale(entry, np.asarray(entry.equality, dtype=float))
            excess = _excess(drawn, there, z)
            if kind != "curved":
                excess = np.maximum.accumulate(excess, axis=1)
            end = _crossing(there, here[:, None] - excess)
            found[entry.id] = from_scale(entry, np.maximum(end, least))
    return found


def _truths(kind: Kind | None, of: Subgroups, errors: Errors, z: float) -> Array:
    """The truths to try for a kind of measure, from the estimates to equality, shape (N, K, J)."""
    start, covariance = of.values, errors.covariance
    if kind == "kinked_at_mean":
        start = at_mean(start, of.shares, covariance)
    elif kind == "kinked_at_ties":  # the highest and lowest do not depend on shares
        start = tied(start, np.sqrt(np.diag(errors.root @ errors.root.T)))
        errors = errors_of(covariance, np.full(of.number, 1 / of.number))
    distances = z * DISTANCES[z * DISTANCES < np.sqrt(of.number - 1) + 1.8 * z]
    nearest = less_unequal(start, errors, distances[1:])
    return np.asarray(np.clip(np.concatenate([start[:, None], nearest], axis=1), 0, of.maximum))


def _excess(drawn: Array, there: Array, z: float) -> Array:
    """By how much the estimate exceeds the truth at most, at the level of z: m - g(t) + q s, over the defined draws."""
    known = np.isfinite(drawn)
    number = np.maximum(known.sum(axis=-1), 1)
    mean = np.where(known, drawn, 0.0).sum(axis=-1) / number
    centred = np.where(known, drawn - mean[..., None], 0.0)
    deviation = np.sqrt((centred**2).sum(axis=-1) / number)
    skewness = (centred**3).sum(axis=-1) / number / np.maximum(deviation, 1e-150) ** 3
    skewness = np.clip(skewness, -SKEWEST, SKEWEST)
    quantile = z + skewness * (z**2 - 1) / 6 - skewness**2 * (2 * z**3 - 5 * z) / 36
    return np.asarray(mean - there + quantile * deviation)


def _crossing(there: Array, limit: Array) -> Array:
    """Where along the truths, the last of which is equality, they first fall below their limit; equality if nowhere."""
    spare = there - limit
    rejected = spare < 0
    count, rows = there.shape[1], np.arange(len(there))
    first = np.where(rejected.any(axis=1), rejected.argmax(axis=1), count)
    after = np.clip(first, 1, count - 1)
    before = after - 1
    over, under = spare[rows, before], spare[rows, after]
    part = np.clip(over / np.where(over > under, over - under, 1.0), 0, 1)
    between = there[rows, before] + part * (there[rows, after] - there[rows, before])
    return np.asarray(np.where(first == 0, limit[:, 0], np.where(first == count, there[:, -1], between)))


def upper_ends(measure: Measure, of: Subgroups, errors: Errors, z: float, uneven: Array | None = None) -> Array:
    """The greatest value at the distance z, of N settings with values of shape (N, J); infinite where undefined.

    The search starts at the estimates, and at the best point where one value alone is moved (with those that its errors
    move). It goes to the edge of the ellipsoid along the derivatives; the measure never falls on the way.
    """

    def value(points: Array) -> Array:
        found = evaluate(measure, of.at(points))
        return np.where(np.isnan(found), np.inf, found)

    deviation = np.sqrt(np.diag(errors.covariance))
    single = np.clip(of.values[:, None] + single_moves(errors.covariance, z, uneven), 0, of.maximum)
    values = value(single)
    best = values.max(axis=1)
    for points in (of.values, single[np.arange(len(single)), values.argmax(axis=1)]):
        at = points
        for _ in range(ROUNDS):
            slope = slopes(measure, of.at(at), deviation)
            at = np.clip(of.values + farthest(slope, errors.covariance, z, uneven), 0, of.maximum)
            best = np.maximum(best, value(at))
    return np.asarray(best)


def slopes(measure: Measure, of: Subgroups, deviation: Array) -> Array:
    """The derivatives of the measure, shape (N, J): in closed form, or by small differences in standard errors."""
    if measure.id in GRADIENTS:
        with np.errstate(invalid="ignore", divide="ignore"):
            found = gradient(measure, of)
    else:
        steps = np.diag(np.maximum(STEP * deviation, 1e-9))
        up = of.values[:, None] + steps
        down = np.maximum(of.values[:, None] - steps, 0)
        with np.errstate(invalid="ignore"):
            found = evaluate(measure, of.at(up)) - evaluate(measure, of.at(down))
            found = found / (up - down).diagonal(axis1=1, axis2=2)
    return np.where(np.isfinite(found), found, 0.0)


def ends(
    measures: Sequence[Measure], of: Subgroups, errors: Errors, z: float, uneven: Array | None = None
) -> dict[str, tuple[Array, Array]]:
    """Both ends of each measure, of N settings with values of shape (N, J); the upper one is infinite where open.

    With `uneven` errors, below and above the values (2, J), there is one setting.
    """
    lower = lower_ends(measures, of, errors if uneven is None else of_truths(of, errors, z, uneven), z)
    return {entry.id: (lower[entry.id], upper_ends(entry, of, errors, z, uneven)) for entry in measures}


def biases(measures: Sequence[Measure], of: Subgroups, errors: Errors) -> dict[str, float]:
    """By how much samples around the estimates of one setting exceed them on average; NaN if none is defined."""
    cloud = of.at(np.maximum(of.values + normals(of.number) @ errors.root.T, 0))
    found: dict[str, float] = {}
    for entry in measures:
        drawn = evaluate(entry, cloud)
        known = np.isfinite(drawn)
        found[entry.id] = float(drawn[known].mean() - evaluate(entry, of)) if known.any() else float("nan")
    return found
