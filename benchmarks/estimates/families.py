"""The ways to estimate that are compared: two baselines, the model of `divide`, and the families it was chosen from.

Each takes a panel and gives percentages for all its cells, from nothing but the panel.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from msgspec import structs

from benchmarks.estimates.observed import MODEL
from divide_cli.analysis.estimates import model as chosen
from divide_cli.analysis.estimates.model import Ints, Panel, between, expit, logit, neighbours

Array = npt.NDArray[np.float64]
Family = Callable[[Panel], Array]
DAMPING = 0.85
"""What remains a year later of an economy's own trend around its donors; 0.8 to 0.98 are usual for a damped trend (R.
Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice, 8.2).
"""
LATEST = 5
"""Observed years that a trend rests on, and donors of an economy without any value."""
GROUPS: dict[str, Callable[[Panel], Ints]] = {
    "income group": lambda panel: panel.income,
    "region": lambda panel: panel.region,
    "income group by region": lambda panel: panel.donors,
}
SUMMARIES: dict[str, Callable[[Array], np.floating | float]] = {"mean": np.mean, "median": np.median}


@dataclass(frozen=True)
class Trend:
    """A reading of the damped trend: what its words leave open.

    `damping` is what remains of a slope's distance from that of the group a year later. `group` and `summary` say whose
    slopes, and what of them. `window`: the last five `values`, or those of the last five `years` before the last.
    `between` two values: the `nearest`, or a straight `line` on the logit scale.
    """

    damping: float = 0.3
    group: str = "income group"
    summary: str = "median"
    window: str = "values"
    between: str = "nearest"


STRONGEST = Trend()
"""The reading with the smallest error on hidden values, of those in readings.csv."""
PLAIN = Trend(0.5, "income group by region", "mean")
"""The reading that is nearest to the words: the donor group of the model, and its mean."""


def carried_forward(panel: Panel) -> Array:
    """Baseline: the last value, or the first before it; without any, the median of the income group by region."""
    near = neighbours(np.isfinite(panel.percent))
    rows = np.arange(len(panel.percent))[:, None]
    own = np.where(near.before >= 0, panel.percent[rows, near.before], panel.percent[rows, near.after])
    never = ~np.isfinite(panel.percent).any(axis=1, keepdims=True)
    return np.where(never, _of_donors(panel, np.median), own)


def _of_donors(panel: Panel, summary: Callable[[Array], np.floating | float]) -> Array:
    """For areas without any value: the summary of the donor group, else of the income group, else of all, by year."""
    values = np.full_like(panel.percent, np.nan)
    never = np.flatnonzero(~np.isfinite(panel.percent).any(axis=1))
    for year in range(values.shape[1]):
        known = np.isfinite(panel.percent[:, year])
        for row in never if known.any() else ():
            for group in (panel.donors == panel.donors[row], panel.income == panel.income[row], known):
                if (known & group).any():
                    values[row, year] = summary(panel.percent[known & group, year])
                    break
    return _held(values)


def _held(values: Array) -> Array:
    """The values, those of the last year with any in later years."""
    known = np.flatnonzero(np.isfinite(values).any(axis=0))
    if len(known):
        values[:, known[-1] + 1 :] = values[:, [known[-1]]]
    return values


def logit_trend(panel: Panel, reading: Trend = STRONGEST) -> Array:
    """Baseline: a trend on the logit scale, by least squares over the last five observed years, damped to the group's.

    The growth h years after the last value is g + damping^h (s - g), with s the slope of the economy and g that of its
    group. Years before the first value take it. An economy without any value has the mean of the five nearest by GNI
    per head of its region and income group.
    """
    x = logit(panel.percent, MODEL.nearest)
    slopes, near = _slopes(x, reading.window), neighbours(np.isfinite(x))
    group = _slopes_of_groups(slopes, GROUPS[reading.group](panel), reading)
    own = np.where(np.isnan(slopes), group, slopes)
    h = np.where(near.after < 0, near.here - near.before, 0)
    part = reading.damping * (1 - reading.damping**h) / (1 - reading.damping)
    rows = np.arange(len(x))[:, None]
    nearest = np.where(near.before >= 0, x[rows, near.before], x[rows, near.after])
    value = nearest if reading.between == "nearest" else between(x, near)
    trend = expit(value + group[:, None] * h + (own - group)[:, None] * part)
    never = ~np.isfinite(x).any(axis=1, keepdims=True)
    return np.where(never, _five_nearest(panel), trend)


def _slopes(x: Array, window: str = "values") -> Array:
    """The least-squares slope of the latest values of each area, NaN with fewer than two."""
    known, year = np.isfinite(x), np.arange(x.shape[1])
    to_last = np.cumsum(known[:, ::-1], axis=1)[:, ::-1]
    last = np.where(known, year, -1).max(axis=1, keepdims=True)
    used = known & (to_last <= LATEST if window == "values" else year > last - LATEST)
    number = used.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = (year - (used * year).sum(axis=1, keepdims=True) / number) * used
        return np.asarray((centred * np.where(used, x, 0)).sum(axis=1) / (centred**2).sum(axis=1))


def _slopes_of_groups(slopes: Array, groups: Ints, reading: Trend) -> Array:
    """The slope of the group of each area; that of all, where no area of the group has one."""
    known, summary = np.isfinite(slopes), SUMMARIES[reading.summary]
    of_groups = np.full_like(slopes, summary(slopes[known]))
    for group in np.unique(groups[known]):
        of_groups[groups == group] = summary(slopes[known & (groups == group)])
    return of_groups


def _five_nearest(panel: Panel) -> Array:
    """The mean of the five donors nearest by GNI per head: of region and income group, else of region, else of all."""
    values = np.full_like(panel.percent, np.nan)
    never = np.flatnonzero(~np.isfinite(panel.percent).any(axis=1))
    for year in range(values.shape[1]):
        known = np.isfinite(panel.percent[:, year])
        for row in never if known.any() else ():
            distance = np.abs(panel.covariate[:, year] - panel.covariate[row, year])
            distance = np.where(np.isnan(distance), np.inf, distance)
            both, region = panel.donors == panel.donors[row], panel.region == panel.region[row]
            group = next(known & one for one in (both, region, known) if (known & one).any())
            donors = np.argsort(np.where(group, distance, np.nan), kind="stable")[: min(LATEST, int(group.sum()))]
            values[row, year] = panel.percent[donors, year].mean()
    return _held(values)


def pooled(panel: Panel) -> Array:
    """The model of `divide`: partial pooling with a common year effect of donors."""
    return chosen.estimate(panel, MODEL).percent


def without_income(panel: Panel) -> Array:
    """The same model without GNI per head."""
    return pooled(replace(panel, covariate=np.full_like(panel.covariate, np.nan)))


def untrimmed(panel: Panel) -> Array:
    """The same model with the plain mean of the donors' changes."""
    growth = structs.replace(MODEL.growth, trim=0.0)
    return chosen.estimate(panel, structs.replace(MODEL, growth=growth)).percent


def local_trend(panel: Panel) -> Array:
    """Family: the model's path plus half the economy's own trend around it, which is damped to the donors' growth."""
    x, fitted = logit(panel.percent, MODEL.nearest), chosen.estimate(panel, MODEL)
    slopes = _slopes(x - np.cumsum(fitted.growth, axis=1))
    h = np.where(fitted.kind == chosen.Kind.AFTER, fitted.steps, 0)
    part = 0.5 * np.nan_to_num(slopes)[:, None] * DAMPING * (1 - DAMPING**h) / (1 - DAMPING)
    return np.where(h > 0, expit(logit(fitted.percent, MODEL.nearest) + part), fitted.percent)


def gaussian_process(panel: Panel) -> Array:
    """Family: a Gaussian process on the logit scale around the level of the regression, economy by economy.

    Its kernel forgets with a scale of 15 years (variance 0.25, that of the regression's errors); a survey has noise
    (variance 0.01).
    """
    x = logit(panel.percent, MODEL.nearest)
    ahead = chosen.years_ahead(x, MODEL.growth)
    path = np.cumsum(chosen.donors_growth(x, panel.donors, MODEL.growth, ahead), axis=1)
    mean = chosen.levels(panel, x, MODEL, path, ahead)
    years = np.arange(x.shape[1])
    kernel = 0.25 * np.exp(-np.abs(years[:, None] - years) / 15)
    values = expit(mean)
    for row, known in enumerate(np.isfinite(x)):
        if known.any():
            own = kernel[np.ix_(known, known)] + 0.01 * np.eye(int(known.sum()))
            values[row] = expit(mean[row] + kernel[:, known] @ np.linalg.solve(own, (x[row] - mean[row])[known]))
    return values


def mean_with_trend(panel: Panel) -> Array:
    """Family: the mean of the model and the logit trend, on the logit scale; the model without any value."""
    fitted, trend = (logit(values, MODEL.nearest) for values in (pooled(panel), logit_trend(panel)))
    never = ~np.isfinite(panel.percent).any(axis=1, keepdims=True)
    return expit(np.where(never, fitted, (fitted + trend) / 2))


FAMILIES: dict[str, Family] = {
    "last value carried forward": carried_forward,
    "logit trend with group donors": logit_trend,
    "the same by region": lambda panel: logit_trend(panel, PLAIN),
    "divide: partial pooling": pooled,
    "without GNI per head": without_income,
    "donors' plain mean": untrimmed,
    "own trend around donors": local_trend,
    "Gaussian process": gaussian_process,
    "mean of model and trend": mean_with_trend,
}
