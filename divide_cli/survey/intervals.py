"""Confidence intervals of survey estimates, by Student's t with the degrees of freedom of each domain.

Means, totals and ratios: estimate +- t SE. Shares p: on the scale of log odds, so that the interval stays within 0 and
1 (R survey: `svyciprop`, method "logit"). At p = 0 and p = 1 the log odds do not exist, and the interval is Korn and
Graubard's: that of Clopper and Pearson for the effective sample size (Korn and Graubard 1998, Survey Methodology
24:193). The rule of NCHS for the publication of shares uses the latter for every share (Parker et al. 2017, Vital and
Health Statistics 2(175)).

Everything is an array with one element for each estimate. NaN: there is no interval.
"""

import numpy as np

from divide_cli.distributions import beta_quantile, student_quantile
from divide_cli.survey.cells import Floats

Ends = tuple[Floats, Floats]


def student(level: float, freedom: Floats) -> Floats:
    """t for a level in percent; NaN without degrees of freedom."""
    known = np.isfinite(freedom) & (freedom >= 1)
    return np.array([student_quantile(level, int(n)) if ok else np.nan for n, ok in zip(freedom, known, strict=True)])


def symmetric(values: Floats, errors: Floats, distance: Floats) -> Ends:
    """values +- t SE."""
    return values - distance * errors, values + distance * errors


def logit(shares: Floats, errors: Floats, distance: Floats) -> Ends:
    """The ends for shares from their log odds +- t SE / (p (1 - p)); NaN at 0 and 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return from_odds(log_odds(shares), errors / (shares * (1 - shares)), distance)


def log_odds(shares: Floats) -> Floats:
    """log (p / (1 - p)): infinite at 0 and 1."""
    with np.errstate(divide="ignore"):
        return np.log(shares) - np.log1p(-shares)


def from_odds(odds: Floats, errors: Floats, distance: Floats) -> Ends:
    """The ends for shares from log odds and their standard errors; NaN where log odds are infinite."""
    odds = np.where(np.isfinite(odds), odds, np.nan)
    lower, upper = symmetric(odds, errors, distance)
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-lower)), 1 / (1 + np.exp(-upper))


def effective_size(shares: Floats, errors: Floats, n: Floats) -> Floats:
    """p (1 - p) / SE^2: the size of the simple random sample with the same error, at most n; n if p is 0 or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = shares * (1 - shares) / errors**2
    return np.where((shares == 0) | (shares == 1), n, np.minimum(size, n))


def adjusted_size(size: Floats, n: Floats, freedom: Floats, level: float) -> Floats:
    """The effective size times (t of n - 1 / t of the degrees of freedom)^2, at most n."""
    return np.minimum(size * (student(level, n - 1) / student(level, freedom)) ** 2, n)


def korn_graubard(shares: Floats, errors: Floats, n: Floats, freedom: Floats, level: float) -> Ends:
    """Clopper and Pearson's interval for p and the effective sample size, adjusted for the degrees of freedom."""
    return clopper_pearson(shares, adjusted_size(effective_size(shares, errors, n), n, freedom, level), level)


def clopper_pearson(shares: Floats, size: Floats, level: float) -> Ends:
    """The exact interval for p of a simple random sample of that size, which need not be whole."""
    tail = (1 - level / 100) / 2
    pairs = [(p * size, (1 - p) * size) for p, size in zip(shares.tolist(), size.tolist(), strict=True)]
    known = [np.isfinite(yes) and np.isfinite(no) for yes, no in pairs]
    lower = [beta_quantile(tail, yes, no + 1) if ok else np.nan for (yes, no), ok in zip(pairs, known, strict=True)]
    upper = [beta_quantile(1 - tail, yes + 1, no) if ok else np.nan for (yes, no), ok in zip(pairs, known, strict=True)]
    return np.array(lower), np.array(upper)
