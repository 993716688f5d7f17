"""S-time-distance (Sicherl 1973, 2011): how many years ago the leader stood where the follower stands now."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Distance:
    """Years by which the follower is behind in the year `at` (negative: ahead). `open` where the leader's figures do
    not reach back far enough: the distance is then at least `years`.
    """

    years: float
    at: float
    open: bool = False
    refused: str = ""


def time_distance(years: Array, leader: Array, follower: Array) -> Distance:
    """S = T - t, t the year in which the leader stood at the follower's level of T, the last year that both have.

    Between two years a line is drawn; where the leader crossed the level more than once the last time counts. Where the
    follower is ahead, the two change places and the distance is negative.
    """
    both = ~np.isnan(leader) & ~np.isnan(follower)
    if not both.any():
        return Distance(float("nan"), float("nan"), refused="no year with both sides")
    last = int(np.flatnonzero(both)[-1])
    ahead = follower[last] > leader[last]
    front, back = (follower, leader) if ahead else (leader, follower)
    known = np.flatnonzero(~np.isnan(front[: last + 1]))
    x, y, level = years[known].astype(float), front[known], float(back[last])
    sign = -1.0 if ahead else 1.0
    at = float(years[last])
    if y[-1] == level:
        return Distance(0.0, at)
    crossed = np.flatnonzero((y[:-1] <= level) & (y[1:] > level))
    if not len(crossed):
        return Distance(sign * (at - float(x[0])), at, open=True)
    k = int(crossed[-1])
    then = x[k] + (level - y[k]) / (y[k + 1] - y[k]) * (x[k + 1] - x[k])
    return Distance(sign * (at - float(then)), at)
