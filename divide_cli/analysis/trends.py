"""Trends of yearly figures: course, pace, the year of a crossing, S-time-distance, sigma and beta convergence.

Lines are fitted by least squares. Residuals are assumed to be independent; yearly figures often are not, and intervals
are then too narrow. The crossing's interval is Fieller's: the years x in which the line a + b x may be at the level
(Fieller 1954, J. Roy. Stat. Soc. B 16:175). There is no crossing, and no interval, if the slope's own interval
contains 0.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

import numpy as np

from divide_cli.distributions import student_quantile
from divide_cli.frames.columns import Array
from divide_cli.language import counted, later, say

NONE = float("nan")
FEWEST = 4
"""The least number of years for a line: with three, a single residual would determine the scatter."""
DIGITS = 9
"""The decimals of a gap that count; those beyond come from binary numbers."""
FARTHEST = 100.0
"""The number of years after the last figure within which a crossing is reported."""


@dataclass(frozen=True)
class Line:
    """y = mean + slope (x - centre), with n points; `lower` and `upper` are the ends of the slope's interval.

    `remark` says why there is no trend; it is empty if there is one.
    """

    slope: float = NONE
    lower: float = NONE
    upper: float = NONE
    mean: float = NONE
    centre: float = NONE
    first: float = NONE
    last: float = NONE
    scatter: float = NONE  # standard deviation of the residuals, n - 2 degrees of freedom
    spread: float = NONE  # sum of squared distances of the years from their centre
    n: int = 0
    t: float = NONE
    remark: str = ""

    def at(self, year: float) -> float:
        """The value of the line in that year."""
        return self.mean + self.slope * (year - self.centre)


class Course(StrEnum):
    """What became of the distance from equality between two years."""

    CLOSED = "closed"
    WIDENED = "widened"
    CHANGED_SIDES = "changed_sides"
    UNCHANGED = "unchanged"


class CrossingStatus(Enum):
    """Whether a line reaches a level, and what prevents it."""

    REACHED = ""
    NO_TREND = later("no trend")
    MOVING_AWAY = later("moving away at the present pace")
    PASSED = later("the fit has already passed it")
    FAR = later("more than {farthest:g} years away at this pace")


@dataclass(frozen=True)
class Crossing:
    """The year in which a line reaches a level, with Fieller's interval; NaN, with the reason, if it does not."""

    status: CrossingStatus
    remark: str = ""
    year: float = NONE
    lower: float = NONE
    upper: float = NONE


@dataclass(frozen=True)
class TimeDistance:
    """The years by which the follower is behind in the year `at` (negative: ahead).

    If the leader's figures do not go back far enough, `open` is true and the distance is at least `years`.
    """

    years: float = NONE
    at: float = NONE
    open: bool = False


@dataclass(frozen=True)
class Convergence:
    """A line whose slope is below 0 if areas converge, and the number of areas that it rests on."""

    line: Line
    areas: int


def course(first: float, last: float) -> Course:
    """The course from the first gap to the last, two differences: changed sides if their signs are opposite.

    Otherwise it closed if the last is nearer to 0, and widened if it is farther from 0. Differences of binary numbers
    are exact to DIGITS decimals: 44.3 - 40.1 is as wide as 69.5 - 65.3.
    """
    first, last = round(first, DIGITS), round(last, DIGITS)
    if first * last < 0:
        return Course.CHANGED_SIDES
    if abs(first) == abs(last):
        return Course.UNCHANGED
    return Course.CLOSED if abs(last) < abs(first) else Course.WIDENED


def courses(first: tuple[float, float], last: tuple[float, float]) -> set[Course]:
    """The courses between two gaps that are known within bounds.

    Each course is a union of convex cones of (first, last), so the corners of the box decide whether there is one.
    """
    return {course(one, other) for one in first for other in last}


def logit(shares: Array, maximum: float = 100.0) -> Array:
    """ln(y / (m - y)), which turns a logistic path into a line; NaN outside 0 to m and at both ends."""
    inside = (shares > 0) & (shares < maximum)
    safe = np.where(inside, shares, maximum / 2)
    return np.asarray(np.where(inside, np.log(safe / (maximum - safe)), np.nan))


def fitted(years: Array, values: Array, level: float = 95.0) -> Line:
    """The least-squares line through the known values; no trend with fewer than FEWEST, or if the slope may be 0."""
    known = ~np.isnan(values)
    x, y = years[known].astype(float), values[known]
    n = len(x)
    if n < FEWEST:
        return Line(
            n=n,
            remark=counted(
                n,
                "no trend: {number} year, {fewest} are needed",
                "no trend: {number} years, {fewest} are needed",
                fewest=FEWEST,
            ),
        )
    centre, mean = float(x.mean()), float(y.mean())
    spread = float(((x - centre) ** 2).sum())
    slope = float(((x - centre) * (y - mean)).sum()) / spread
    residuals = y - mean - slope * (x - centre)
    scatter = float(np.sqrt((residuals**2).sum() / (n - 2)))
    t = student_quantile(level, n - 2)
    half = t * scatter / spread**0.5
    flat = say("no trend: the slope's confidence interval contains 0") if slope - half <= 0 <= slope + half else ""
    ends = float(x.min()), float(x.max())
    return Line(slope, slope - half, slope + half, mean, centre, *ends, scatter, spread, n, t, flat)


def crossing(line: Line, level: float, rising: bool) -> Crossing:
    """The year in which the line reaches the level: from below if `rising`, otherwise from above.

    There is none without a trend, if the slope has the other sign, if the line passed the level by the last year, or if
    the year is too far away.
    """
    if line.remark:
        return Crossing(CrossingStatus.NO_TREND, line.remark)
    if (line.slope > 0) != rising:
        return _without(CrossingStatus.MOVING_AWAY)
    if (level - line.at(line.last)) * line.slope <= 0:
        return _without(CrossingStatus.PASSED)
    wanted = (level - line.mean) / line.slope
    g = (line.t * line.scatter / line.slope) ** 2 / line.spread
    half = line.t * line.scatter / abs(line.slope) * np.sqrt((1 - g) / line.n + wanted**2 / line.spread)
    year, ends = line.centre + wanted, sorted(line.centre + (wanted + sign * half) / (1 - g) for sign in (-1, 1))
    if year - line.last > FARTHEST:
        return _without(CrossingStatus.FAR)
    return Crossing(CrossingStatus.REACHED, "", float(year), float(ends[0]), float(ends[1]))


def _without(status: CrossingStatus) -> Crossing:
    return Crossing(status, say(status.value, farthest=FARTHEST))


def time_distance(years: Array, leader: Array, follower: Array) -> TimeDistance:
    """S = T - t, where t is the year in which the leader was at the follower's level of T, the last year that both
    have.

    A straight line joins two years. If the leader crossed the level more than once, the last time counts. If the
    follower is ahead, the two are exchanged and the distance is negative. Source: Sicherl 1973, 2011.
    """
    both = ~np.isnan(leader) & ~np.isnan(follower)
    if not both.any():
        return TimeDistance()
    last = int(np.flatnonzero(both)[-1])
    ahead = follower[last] > leader[last]
    front, back = (follower, leader) if ahead else (leader, follower)
    known = np.flatnonzero(~np.isnan(front[: last + 1]))
    x, y, level = years[known].astype(float), front[known], float(back[last])
    sign = -1.0 if ahead else 1.0
    at = float(years[last])
    if y[-1] == level:
        return TimeDistance(0.0, at)
    crossed = np.flatnonzero((y[:-1] <= level) & (y[1:] > level))
    if not len(crossed):
        return TimeDistance(sign * (at - float(x[0])), at, open=True)
    k = int(crossed[-1])
    then = x[k] + (level - y[k]) / (y[k + 1] - y[k]) * (x[k + 1] - x[k])
    return TimeDistance(sign * (at - float(then)), at)


def sigma(years: Array, values: Array, level: float = 95.0) -> Convergence:
    """The yearly change of the standard deviation across areas, each counted once; `values` has shape (areas, years).

    Only areas with a figure in every year count: a change of the sample is not convergence. Source: Barro and
    Sala-i-Martin 1992, J. Political Economy 100:223.
    """
    whole = ~np.isnan(values).any(axis=1)
    areas = int(whole.sum())
    if areas < 3:
        return Convergence(
            Line(remark=say("{areas} areas have a figure in every year, 3 are needed", areas=areas)), areas
        )
    return Convergence(fitted(years, values[whole].std(axis=0), level), areas)


def beta(years: Array, values: Array, level: float = 95.0) -> Convergence:
    """The slope of ln(y_T / y_0) / T on ln y_0 over the areas with both; below 0, those behind grow faster.

    Areas at 0 have no logarithm and are left out. For a percentage, the slope must fall below 0 as areas near 100.
    Source: as for sigma.
    """
    first, last = values[:, 0], values[:, -1]
    with np.errstate(invalid="ignore"):
        sound = (first > 0) & (last > 0)
    areas = int(sound.sum())
    span = float(years[-1] - years[0])
    if areas < 4 or span <= 0:
        return Convergence(Line(remark=say("{areas} areas have both years, 4 are needed", areas=areas)), areas)
    growth = np.log(last[sound] / first[sound]) / span
    start = np.log(first[sound])
    if np.ptp(start) == 0:
        return Convergence(Line(remark=say("all areas began at one level")), areas)
    return Convergence(fitted(start, growth, level), areas)
