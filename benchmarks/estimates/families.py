"""The ways to estimate that are compared: two baselines, the model of `divide`, and the families it was chosen from.

Each takes a panel and gives percentages for all its cells, from nothing but the panel.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from msgspec import structs

from benchmarks.estimates.observed import MODEL
from divide_cli.analysis.estimates import model as chosen
from divide_cli.analysis.estimates.model import Panel, expit, logit, neighbours

Array = npt.NDArray[np.float64]
Family = Callable[[Panel], Array]
DAMPING = 0.85
"""What remains of a trend's distance from the growth of its group a year later; 0.8 to 0.98 are usual for a damped
trend (R. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice, 8.2).
"""
LATEST = 5
"""Observed years that a trend rests on, and donors of an economy without any value."""


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


def logit_trend(panel: Panel, damping: float = DAMPING) -> Array:
    """Baseline: a trend on the logit scale, by least squares over the last five observed years, damped to the group's.

    The growth h years after the last value is g + damping^h (s - g), with s the slope of the economy and g the mean
    slope of its income group by region. Years between and before take the nearest value. An economy without any value
    has the mean of the five nearest by GNI per head of its region and income group.
    """
    x = logit(panel.percent, MODEL.nearest)
    slopes, near = _slopes(x), neighbours(np.isfinite(x))
    group = np.array([_mean_slope(slopes, panel.donors == one) for one in panel.donors])
    own = np.where(np.isnan(slopes), group, slopes)
    h = np.where(near.after < 0, near.here - near.before, 0)
    part = damping * (1 - damping**h) / (1 - damping) if damping < 1 else h
    rows = np.arange(len(x))[:, None]
    value = np.where(near.before >= 0, x[rows, near.before], x[rows, near.after])
    trend = expit(value + group[:, None] * h + (own - group)[:, None] * part)
    never = ~np.isfinite(x).any(axis=1, keepdims=True)
    return np.where(never, _five_nearest(panel), trend)


def _slopes(x: Array) -> Array:
    """The slope of the last five values of each area, NaN with fewer than two."""
    slopes = np.full(len(x), np.nan)
    for row, series in enumerate(x):
        years = np.flatnonzero(np.isfinite(series))[-LATEST:]
        if len(years) > 1:
            slopes[row] = np.polyfit(years, series[years], 1)[0]
    return slopes


def _mean_slope(slopes: Array, group: npt.NDArray[np.bool_]) -> float:
    of_group = slopes[group & np.isfinite(slopes)]
    return float(of_group.mean() if len(of_group) else np.nanmean(slopes))


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


FAMILIES: dict[str, Family] = {
    "last value carried forward": carried_forward,
    "logit trend with group donors": logit_trend,
    "the same, damping 0.5": lambda panel: logit_trend(panel, 0.5),
    "divide: partial pooling": pooled,
    "without GNI per head": without_income,
    "donors' plain mean": untrimmed,
    "own trend around donors": local_trend,
    "Gaussian process": gaussian_process,
}
