"""The model of one panel: values of economies by year -> estimates of those that are missing, with their errors.

On the logit scale x = ln(p / (100 - p)), with p in percent, an economy follows its donors, the economies of the same
income group and region. G_t is their growth into year t: the trimmed mean of the changes x_t - x_(t-1) of those with
both values, drawn to that of the world by n / (n + pooling). The distance r_t = x_t - sum_(s <= t) G_s of a value from
that path stays as it was last known, or moves in a straight line between two years that are known. The level of an
economy without any value is a ridge regression of the year's values on the logarithm of GNI per head and on effects of
income group, region, and both.

The error of a path is a random walk that starts at each known value (a Brownian bridge between two): its variance is
W = walk^2 d, with d = h years after, or before, the nearest value, and h1 h2 / (h1 + h2) between two. That of the level
is N = never^2. An estimate is the mean of the two with the weights N and W, over W + N: the longer ago the last value,
the more it is drawn to the level. With s = p / 100, its variance is (W N / (W + N)) / sqrt(4 s (1 - s)) plus that of a
survey, (noise / (s (1 - s)))^2, plus (nowcast a)^2, a years after the last one with a quorum.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from divide_cli.catalogue.estimates import Estimation, Growth

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PLAIN = 0.01
"""The penalty on the slope of the covariate: a hundredth of an economy, so that a year with few values has one."""


class Kind(IntEnum):
    """Where an estimate comes from; its name in small letters is EST_KIND."""

    REPORTED = 0
    BETWEEN = 1
    AFTER = 2
    BEFORE = 3
    NEVER = 4


@dataclass(frozen=True)
class Panel:
    """Percentages by area (rows) and year (columns, each a year after the one before), NaN where missing.

    `income` and `region` are the groups of each area as numbers from 0; areas without a group have one of their own.
    `covariate` is the logarithm of GNI per head, NaN where it is unknown.
    """

    percent: Array
    income: Ints
    region: Ints
    covariate: Array

    @property
    def donors(self) -> Ints:
        """The donor group of each area, as a number from 0: its income group and its region."""
        return self.income * (int(self.region.max(initial=0)) + 1) + self.region


@dataclass(frozen=True)
class Estimates:
    """The values of a panel, reported or estimated, in percent, and what is known of each.

    `error` is the standard deviation on the logit scale, 0 if reported, without that of a nowcast, which all economies
    share. `steps` are the years from the nearest reported value, `ahead` those after the last one with a quorum.
    `origin` is the column of that value, -1 without one. `growth` is that of the donors, into each year.
    """

    percent: Array
    kind: Ints
    error: Array
    steps: Ints
    ahead: Ints
    origin: Ints
    growth: Array

    def interval(self, model: Estimation) -> tuple[Array, Array]:
        """The ends of the interval of each value, in percent; the value itself if it is reported."""
        from statistics import NormalDist  # most runs do not need it

        z = NormalDist().inv_cdf(0.5 + model.simulation.level / 200)
        half = z * np.hypot(self.error, model.errors.nowcast * self.ahead)
        x = logit(self.percent, model.nearest)
        ends = (np.where(self.error > 0, expit(x + side * half), self.percent) for side in (-1, 1))
        low, high = ends
        return low, high


def logit(percent: Array, nearest: float) -> Array:
    """ln(p / (100 - p)), of p not nearer to 0 and 100 than `nearest`."""
    bounded = np.clip(percent, nearest, 100 - nearest)
    return np.asarray(np.log(bounded / (100 - bounded)))


def expit(x: Array) -> Array:
    """100 / (1 + exp(-x)), in percent."""
    return np.asarray(100 / (1 + np.exp(-x)))


def estimate(panel: Panel, model: Estimation) -> Estimates:
    """The values of the panel, with estimates in all missing cells, and how wrong they may be."""
    x = logit(panel.percent, model.nearest)
    known, ahead = np.isfinite(x), years_ahead(x, model.growth)
    growth = donors_growth(x, panel.donors, model.growth, ahead)
    path = np.cumsum(growth, axis=1)
    near = neighbours(known)
    carried = path + between(x - path, near)
    never = np.asarray(~known.any(axis=1, keepdims=True))
    drawn = _drawn(near, never, model)
    missing = (1 - drawn) * carried + drawn * levels(panel, x, model, path, ahead)
    percent = np.where(known, panel.percent, expit(missing))
    kind = np.where(near.before < 0, Kind.BEFORE, np.where(near.after < 0, Kind.AFTER, Kind.BETWEEN))
    kind = np.where(known, Kind.REPORTED, np.where(never, Kind.NEVER, kind)).astype(np.int64)
    return Estimates(
        percent=percent,
        kind=kind,
        error=np.where(known, 0.0, _errors(percent, drawn, model)),
        steps=np.where(never, 0, near.steps),
        ahead=np.where(known, 0, ahead),
        origin=np.where(never, -1, near.origin),
        growth=growth,
    )


def years_ahead(x: Array, growth: Growth) -> Ints:
    """How many years each column is after the last one in which enough economies have a change; 0 up to that one."""
    changes = np.isfinite(x[:, 1:] - x[:, :-1]).sum(axis=0)
    enough = np.flatnonzero(changes >= growth.quorum) + 1
    last = int(enough[-1]) if len(enough) else x.shape[1] - 1
    return np.maximum(np.arange(x.shape[1]) - last, 0)


def donors_growth(x: Array, donors: Ints, choice: Growth, ahead: Ints) -> Array:
    """G: the growth of each area's donors into each year; in a nowcast, its mean of the last years with a quorum."""
    changes = np.full_like(x, np.nan)
    changes[:, 1:] = np.clip(x[:, 1:] - x[:, :-1], -choice.most, choice.most)
    world = np.nan_to_num(trimmed_mean(changes, choice.trim))
    growth = np.tile(world, (len(x), 1))
    for group in np.unique(donors):
        members = donors == group
        own = changes[members] - world
        number = np.isfinite(own).sum(axis=0)
        growth[members] += np.nan_to_num(trimmed_mean(own, choice.trim)) * (
            number / np.maximum(number + choice.pooling, 1)
        )
    last = int(np.flatnonzero(ahead == 0)[-1])
    recent = growth[:, max(last - choice.window + 1, 1) : last + 1]
    mean = recent.mean(axis=1, keepdims=True) if recent.shape[1] else np.zeros((len(x), 1))
    return np.where(ahead > 0, mean, growth)


def trimmed_mean(values: Array, trim: float) -> Array:
    """The mean of each column without the floor(trim n) lowest and highest of its n values; NaN without a value."""
    ordered = np.sort(values, axis=0)
    number = np.isfinite(ordered).sum(axis=0)
    cut = np.floor(number * trim)
    rank = np.arange(len(values))[:, None]
    inside = (rank >= cut) & (rank < number - cut)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(inside, ordered, 0.0).sum(axis=0) / inside.sum(axis=0))


@dataclass(frozen=True)
class Neighbours:
    """The columns of the nearest reported values of each cell, -1 if there is none on that side."""

    before: Ints
    after: Ints
    here: Ints

    @property
    def origin(self) -> Ints:
        """The nearer of the two columns, the earlier one if they are equally far."""
        nearer = (self.after >= 0) & ((self.before < 0) | (self.after - self.here < self.here - self.before))
        return np.where(nearer, self.after, self.before)

    @property
    def steps(self) -> Ints:
        """The years from the nearer of the two."""
        return np.asarray(np.abs(self.here - self.origin))


def neighbours(known: Mask) -> Neighbours:
    """The nearest known column at or before each cell, and at or after it."""
    here = np.broadcast_to(np.arange(known.shape[1]), known.shape)
    before = np.maximum.accumulate(np.where(known, here, -1), axis=1)
    none = known.shape[1]
    after = np.minimum.accumulate(np.where(known, here, none)[:, ::-1], axis=1)[:, ::-1]
    return Neighbours(before, np.where(after == none, -1, after), here)


def between(distance: Array, near: Neighbours) -> Array:
    """The distance of each cell: a straight line between its neighbours, or the only one; 0 without any."""
    rows = np.arange(len(distance))[:, None]
    first, last = distance[rows, near.before], distance[rows, near.after]
    share = (near.here - near.before) / np.maximum(near.after - near.before, 1)
    line = first + (last - first) * share
    only = np.where(near.before < 0, last, np.where(near.after < 0, first, line))
    return np.where((near.before < 0) & (near.after < 0), 0.0, only)


def levels(panel: Panel, x: Array, model: Estimation, path: Array, ahead: Ints) -> Array:
    """The regression's level of each area in each year; in a nowcast, that of the last year with a quorum plus growth.

    The ridge penalty is `shrinkage` for each effect of income group, region and both, none for the constant. A year
    without a value has the level 0.
    """
    level = np.zeros_like(x)
    last = int(np.flatnonzero(ahead == 0)[-1])
    for year in range(last + 1):
        known = np.isfinite(x[:, year])
        if known.any():
            design, penalty = _design(panel, year, model.level.shrinkage)
            own = design[known]
            effects = np.linalg.solve(own.T @ own + np.diag(penalty), own.T @ x[known, year])
            level[:, year] = design @ effects
    beyond = slice(last + 1, None)
    level[:, beyond] = level[:, [last]] + path[:, beyond] - path[:, [last]]
    return level


def _design(panel: Panel, year: int, shrinkage: float) -> tuple[Array, Array]:
    """The columns of the regression and the penalty of each; an unknown covariate is the mean of its income group."""
    covariate = panel.covariate[:, year]
    centred = np.nan_to_num(covariate - _mean(covariate))
    for group in np.unique(panel.income):
        unknown = (panel.income == group) & np.isnan(covariate)
        centred[unknown] = _mean(covariate[panel.income == group]) - _mean(covariate)
    effects = [column for groups in (panel.income, panel.region, panel.donors) for column in _indicators(groups)]
    columns = [np.ones(len(covariate)), np.nan_to_num(centred), *effects]
    return np.column_stack(columns), np.array([1e-9, PLAIN, *[shrinkage] * len(effects)])


def _mean(values: Array) -> float:
    """The mean of the known values; NaN if there is none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else np.nan


def _indicators(groups: Ints) -> Iterator[Array]:
    return ((groups == group).astype(float) for group in np.unique(groups))


def bridge(near: Neighbours) -> Array:
    """d, the years that the variance of a random walk grows over: between two values h1 h2 / (h1 + h2)."""
    first, last = near.here - near.before, near.after - near.here
    both = (near.before >= 0) & (near.after >= 0)
    return np.asarray(np.where(both, first * last / np.maximum(first + last, 1), near.steps))


def _drawn(near: Neighbours, never: Mask, model: Estimation) -> Array:
    """How far each estimate is drawn to the level: W / (W + N), 0 at a reported value and 1 without any."""
    walk = model.errors.walk**2 * bridge(near)
    return np.where(never, 1.0, walk / (walk + model.errors.never**2))


def _errors(percent: Array, drawn: Array, model: Estimation) -> Array:
    """The standard deviation of the own error of each estimate, on the logit scale: W N / (W + N) is `drawn` N."""
    share = np.clip(percent, model.nearest, 100 - model.nearest) / 100
    spread = share * (1 - share)
    own = drawn * model.errors.never**2 / np.sqrt(4 * spread)
    return np.asarray(np.sqrt(own + (model.errors.noise / spread) ** 2))
