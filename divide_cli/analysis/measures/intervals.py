"""Intervals from standard errors: in closed form or by simulation, with the bias reported and corrected.

The values y_j are estimates with known standard errors s_j, independent of each other; population shares are taken as
known. The `interval` of the measure's entry decides:

- exact: f is linear in the values: f +- z sqrt(sum_j (df/dy_j s_j)^2)
- ellipse: from the least to the greatest f of the values that agree with the estimates (module `ellipse`)
- corrected: the delta method's error around f - b, where b is the bias found by simulation
- simulated: c +- z S, with c and S from simulation extrapolation

Simulation adds noise to the estimates: M_k and V_k are mean and variance of f(y + sqrt(k) s Z) over draws Z, k = 1, 2,
3. Estimates that scatter look more unequal than the truth. Percentiles of draws around them are biased twice; with many
subgroups they almost never contain the truth. The values at k = 0 (the estimate), 1, 2 and 3 are therefore continued to
k = -1, where there is no noise (Cook and Stefanski 1994, JASA 89:1314; Stefanski and Cook 1995, JASA 90:1247).

The centre c = 2 f - M_1 continues the mean by a line. The variance, with its sign reversed, is continued by a line
(V_1), a parabola (3 V_1 - V_2) and a cubic (6 V_1 - 4 V_2 + V_3); the largest of the three is used. S^2 is 1.05 times
that plus (2 d)^2, where d is the distance of c from the mean continued by a parabola, 3 f - 3 M_1 + M_2: uncertainty
about the bias widens the interval. For f quadratic in the values d is 0.

The factors 1.05 and 2 are calibrated on designs with other values, shares and errors than those of the study that
evaluates them (benchmarks/measures/coverage.py). The draws Z are the same for every measure and setting.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import NormalDist

import numpy as np

from divide_cli.analysis.measures.ellipse import ellipse
from divide_cli.analysis.measures.subgroups import Array, Subgroups, evaluate, gradient, picks_extremes, tied
from divide_cli.catalogue import Measure

NONE = float("nan")
SEED = 80173
DRAWS = 1000
FAR = 4.0
"""The distance from a boundary, in standard errors, from which intervals are trusted."""
ENOUGH = 5
"""The number of subgroups from which simulated intervals are trusted."""
SIMULATED = ("corrected", "simulated")
WIDER, APART = 1.05, 2.0
"""The calibrated factors 1.05 and 2 of the module's text."""


@dataclass(frozen=True)
class Interval:
    """The interval of a measure: its ends, standard error and bias, and why it is missing or cannot be trusted.

    Ends are NaN if there is no interval, the bias of the plain estimate if it was not computed. One end is NaN if the
    interval is open there; `remarks` say why.
    """

    lower: float = NONE
    upper: float = NONE
    error: float = NONE
    bias: float = NONE
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@cache
def normals(draws: int, number: int) -> Array:
    """Standard normal draws of shape (draws, J): pairs of z and -z, the same in every run."""
    half = np.random.default_rng(SEED).standard_normal((draws // 2, number))
    return np.concatenate([half, -half])


def intervals(
    measures: Sequence[Measure], of: Subgroups, errors: Array, level: float = 95.0, draws: int = DRAWS
) -> list[Interval]:
    """The interval of each measure of one setting; `errors` are the standard errors of its values, shape (J,)."""
    noise = errors * normals(draws, of.number)
    clouds = [of.at(np.maximum(of.values + np.sqrt(k) * noise, 0)) for k in (1.0, 2.0, 3.0)]
    z = NormalDist().inv_cdf(0.5 + level / 200)
    return [_interval(measure, of, errors, z, clouds) for measure in measures]


def _interval(measure: Measure, of: Subgroups, errors: Array, z: float, clouds: Sequence[Subgroups]) -> Interval:
    value = float(evaluate(measure, of))
    if np.isnan(value) or np.isnan(errors).any():
        return Interval()
    error, centre, bias = NONE, value, NONE
    if measure.interval != "simulated":
        error = float(np.sqrt(((gradient(measure, of) * errors) ** 2).sum()))
    if measure.interval in SIMULATED:
        drawn = [evaluate(measure, cloud) for cloud in clouds[: 1 if measure.interval == "corrected" else 3]]
        undefined = int(np.isnan(drawn[-1]).sum())
        if undefined:
            return Interval(warnings=(f"no interval: in {undefined} of {len(drawn[-1])} draws {measure.undefined}",))
        bias = float(drawn[0].mean()) - value
        centre = value - bias
        if measure.interval == "simulated":
            centre, error = _extrapolated(value, drawn)
    warnings = tuple(f"interval unreliable: {doubt}" for doubt in doubts(measure, of, errors, centre, error))
    if measure.interval == "ellipse":
        return replace(
            open_ended(measure, *ellipse(measure, of, np.diag(errors**2), z)), error=error, warnings=warnings
        )
    least, most = measure.domain
    floor, ceiling = -np.inf if least is None else least, np.inf if most is None else most
    lower, upper = (float(min(max(end, floor), ceiling)) for end in (centre - z * error, centre + z * error))
    return Interval(lower, upper, error, bias, warnings)


def open_ended(measure: Measure, low: float | Array, high: float | Array) -> Interval:
    """The interval with these ends, and why one of them is open; none if both are, or say no more than the formula."""
    lower, upper = float(low), float(high)
    nothing = [np.isnan(end) or end == limit for end, limit in zip((lower, upper), measure.domain, strict=True)]
    if all(nothing):
        return Interval(warnings=(f"no interval: the errors allow every value ({measure.undefined})",))
    for name, end in (("lower", lower), ("upper", upper)):
        if np.isnan(end):
            why = f"no {name} end of the interval: the errors allow that it is undefined ({measure.undefined})"
            return Interval(lower, upper, remarks=(why,))
    return Interval(lower, upper)


def _extrapolated(value: float, drawn: Sequence[Array]) -> tuple[float, float]:
    """Centre and standard error without noise, from the values with one, two and three times the noise's variance."""
    means = [float(values.mean()) for values in drawn]
    one, two, three = (float(values.var()) for values in drawn)
    line, parabola = 2 * value - means[0], 3 * value - 3 * means[0] + means[1]
    variance = max(one, 3 * one - two, 6 * one - 4 * two + three)
    return line, float(np.sqrt(WIDER * variance + (APART * (line - parabola)) ** 2))


def doubts(measure: Measure, of: Subgroups, errors: Array, value: float, error: float) -> list[str]:
    """Why the interval cannot be trusted: it is outside the range that the study of coverage confirmed."""
    reasons = []
    if picks_extremes(measure, of) and tied(of, errors):
        reasons.append("the extreme subgroups are tied within 4 standard errors")
    if measure.interval in SIMULATED and (of.values < FAR * errors).any():
        reasons.append("a subgroup within 4 standard errors of 0")
    if measure.interval in SIMULATED:
        if of.number < ENOUGH:
            reasons.append(f"fewer than {ENOUGH} subgroups")
        if abs(value - measure.equality) < FAR * error:
            reasons.append("within 4 standard errors of no inequality")
    return reasons
