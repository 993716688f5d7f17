"""Confidence intervals of measures from the errors of the values.

The values e_j are estimates, population shares are taken as known. Their errors are standard errors s_j, if they are
independent of each other, or a covariance. Standard errors may differ below and above a value (module `uneven`). The
`interval` of the measure's entry decides:

- exact: f is linear in the values: f +- z sqrt(g' C g), with g the derivatives and C the covariance
- ellipse: f depends on two sums: from the least to the greatest f of the values that agree with the estimates (module
  `ellipse`)
- curved, kinked_at_mean, kinked_at_ties: f is a measure of spread, smooth or not; so are those that pick the highest,
  lowest or best subgroup (module `curved`)

How often the intervals contain the truth is studied in benchmarks/measures/coverage.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from divide_cli.analysis.measures.curved import biases, ends, kind_of, slopes
from divide_cli.analysis.measures.ellipse import ellipse
from divide_cli.analysis.measures.nearest import errors_of
from divide_cli.analysis.measures.subgroups import Array, Subgroups, evaluate, gradient
from divide_cli.analysis.measures.uneven import linear_ends
from divide_cli.catalogue import Measure
from divide_cli.distributions import MANY, normal_quantile, student_quantile
from divide_cli.language import later, say

NONE = float("nan")


@dataclass(frozen=True)
class Interval:
    """The interval of a measure: its ends, the bias of the estimate, and why it is missing, open or not to be trusted.

    Ends are NaN if there is no interval, the bias of the plain estimate if it was not computed. One end is NaN if the
    interval is open there; `remarks` say why.
    """

    lower: float = NONE
    upper: float = NONE
    bias: float = NONE
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def combined_freedom(parts: Array, freedom: Array, independent: bool = True) -> float:
    """The degrees of freedom of the sum of errors with variances v_j and degrees n_j; infinite if no n_j is known.

    Of independent errors (sum v_j)^2 / sum (v_j^2 / n_j), rounded down: Satterthwaite 1946, Biometrics Bull. 2:110;
    Welch 1947, Biometrika 34:28. It does not hold for errors that covary: they have the least n_j with v_j > 0.
    """
    if not independent:
        return float(freedom[parts > 0].min(initial=np.inf))
    estimated = float((parts**2 / freedom).sum())
    total = float(parts.sum()) ** 2
    return float(np.floor(max(total / estimated * (1 + 1e-12), freedom.min()))) if estimated and total else np.inf


def root_of(errors: Array) -> Array:
    """R with R R' = C: standard errors in the diagonal, or the symmetric root of a covariance."""
    if errors.ndim == 1:
        return np.diag(errors)
    variances, axes = np.linalg.eigh(errors)
    return np.asarray(axes * np.sqrt(np.maximum(variances, 0)) @ axes.T)


def distance(level: float, freedom: float) -> float:
    """z of a level in percent, or Student's t with so many degrees of freedom, if fewer than 1,000."""
    return student_quantile(level, int(freedom)) if freedom < MANY else normal_quantile(level)


def intervals(
    measures: Sequence[Measure],
    of: Subgroups,
    errors: Array,
    level: float = 95.0,
    freedom: Array | None = None,
    uneven: Array | None = None,
) -> list[Interval]:
    """The interval of each measure of one setting.

    `errors` are the standard errors of its values, shape (J,), or their covariance, shape (J, J). `freedom` are the
    degrees of freedom of the standard errors, infinite where they are known: t then takes the place of z. `uneven` are
    the standard errors below and above the values, shape (2, J), of which `errors` are the means. The means alone count
    for the bias and the degrees of freedom.
    """
    if np.isnan(errors).any():
        return [Interval() for _ in measures]
    covariance = np.diag(errors**2) if errors.ndim == 1 else errors
    at_z: dict[float, list[Measure]] = {}
    for entry in measures:
        of_measure = np.inf
        if freedom is not None and np.isfinite(freedom).any():
            parts = slopes(entry, of.at(of.values[None]), np.sqrt(np.diag(covariance)))[0] ** 2 * np.diag(covariance)
            of_measure = combined_freedom(parts, freedom, errors.ndim == 1)
        at_z.setdefault(distance(level, of_measure), []).append(entry)
    found: dict[str, tuple[Array, Array]] = {}
    for z, entries in at_z.items():
        found |= interval_ends(entries, of.at(of.values[None]), covariance, z, uneven)
    curved = [entry for entry in measures if kind_of(entry, of)]  # others do not need the shares, which may be unknown
    bias = biases(curved, of, errors_of(covariance, of.shares)) if curved else {}
    result = []
    for entry in measures:
        if np.isnan(evaluate(entry, of)):
            result.append(Interval())
        else:
            low, high = (float(end[0]) for end in found[entry.id])
            result.append(open_ended(entry, low, high, bias.get(entry.id, NONE)))
    return result


def interval_ends(
    measures: Sequence[Measure], of: Subgroups, covariance: Array, z: float, uneven: Array | None = None
) -> dict[str, tuple[Array, Array]]:
    """The ends of each measure by its id, of N settings with values of shape (N, J); NaN or infinite where open.

    With `uneven` errors there is one setting.
    """
    curved = [entry for entry in measures if kind_of(entry, of)]
    found = ends(curved, of, errors_of(covariance, of.shares), z, uneven) if curved else {}
    for entry in measures:
        if entry.id in found:
            continue
        if entry.interval == "ellipse":
            found[entry.id] = ellipse(entry, of, covariance, z, uneven)
        elif uneven is not None:
            found[entry.id] = linear_ends(evaluate(entry, of), gradient(entry, of), z, uneven)
        else:
            slopes = gradient(entry, of)
            variance = np.einsum("...j,jk,...k->...", slopes, covariance, slopes)
            half = z * np.sqrt(np.maximum(variance, 0))  # rounding errors may make 0 negative
            value = evaluate(entry, of)
            found[entry.id] = value - half, value + half
    return found


def open_ended(measure: Measure, low: float, high: float, bias: float = NONE) -> Interval:
    """The interval with these ends, within the values that the measure can take, and why an end is open.

    There is none if both ends are open, or say no more than the measure's limits.
    """
    floor, ceiling = (limit if limit is None else float(limit) for limit in measure.domain)
    lower = low if np.isfinite(low) else NONE
    upper = high if np.isfinite(high) else NONE
    lower = lower if floor is None else max(floor, lower if np.isfinite(lower) else floor)
    upper = upper if ceiling is None else min(ceiling, upper if np.isfinite(upper) else ceiling)
    nothing = [np.isnan(end) or end == limit for end, limit in ((lower, floor), (upper, ceiling))]
    if all(nothing) and (np.isnan(lower) or np.isnan(upper)):
        return Interval(
            bias=bias,
            warnings=(say("no interval: the errors allow every value ({undefined})", undefined=measure.undefined),),
        )
    no_lower = later("no lower end of the interval: the errors allow that it is undefined ({undefined})")
    no_upper = later("no upper end of the interval: the errors allow that it is undefined ({undefined})")
    for why, end in ((no_lower, lower), (no_upper, upper)):
        if np.isnan(end):
            return Interval(lower, upper, bias, remarks=(say(why, undefined=measure.undefined),))
    return Interval(lower, upper, bias)
