"""Least-squares lines through yearly figures, and the year in which a line reaches a level.

Residuals are taken as independent of each other; yearly figures often are not, and intervals are then too narrow. The
crossing's interval is Fieller's: the years x at which the line a + b x may stand at the level (Fieller 1954, J. Roy.
Stat. Soc. B 16:175). There is none, and no crossing, where the slope's own interval holds 0.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from divide_cli.analysis.trends.student import quantile

Array = npt.NDArray[np.float64]
FEWEST = 4
"""Years that a line needs: with three, one residual alone would have to say how far they scatter."""
FARTHEST = 100.0
"""Years beyond the last figure up to which a crossing is told."""
PAST = "the fit is past it already"


@dataclass(frozen=True)
class Line:
    """y = mean + slope (x - centre), with n points; `lower` and `upper` are the ends of the slope's interval.

    `refused` says why there is no trend to speak of; empty where there is one.
    """

    slope: float
    lower: float
    upper: float
    mean: float
    centre: float
    last: float
    scatter: float  # standard deviation of the residuals, n - 2 degrees of freedom
    spread: float  # sum of squared distances of the years from their centre
    n: int
    t: float
    refused: str = ""


@dataclass(frozen=True)
class Crossing:
    """The year in which a line reaches a level, with Fieller's interval; NaN, and the reason, where it does not."""

    year: float
    lower: float
    upper: float
    refused: str = ""


def logit(shares: Array, maximum: float = 100.0) -> Array:
    """ln(y / (m - y)), on which a logistic path is a line; NaN outside of 0 to m and at its ends."""
    inside = (shares > 0) & (shares < maximum)
    held = np.where(inside, shares, maximum / 2)
    return np.asarray(np.where(inside, np.log(held / (maximum - held)), np.nan))


def fitted(years: Array, values: Array, level: float = 95.0) -> Line:
    """The least-squares line through the known values; refused with fewer than FEWEST, or where the slope may be 0."""
    known = ~np.isnan(values)
    x, y = years[known].astype(float), values[known]
    n = len(x)
    none = float("nan")
    if n < FEWEST:
        word = "year" if n == 1 else "years"
        refused = f"no trend: {n} {word}, {FEWEST} are needed"
        return Line(none, none, none, none, none, none, none, none, n, none, refused)
    centre, mean = float(x.mean()), float(y.mean())
    spread = float(((x - centre) ** 2).sum())
    slope = float(((x - centre) * (y - mean)).sum()) / spread
    residuals = y - mean - slope * (x - centre)
    scatter = float(np.sqrt((residuals**2).sum() / (n - 2)))
    t = quantile(level, n - 2)
    half = t * scatter / spread**0.5
    flat = "no trend: the slope's interval holds 0" if slope - half <= 0 <= slope + half else ""
    return Line(slope, slope - half, slope + half, mean, centre, float(x.max()), scatter, spread, n, t, flat)


def crossing(line: Line, level: float, rising: bool) -> Crossing:
    """The year in which the line comes to the level, from below where it is `rising`, else from above.

    Refused: no trend; moving away (the slope has the other sign); past it in the last year already; too far away.
    """
    none = float("nan")
    if line.refused:
        return Crossing(none, none, none, line.refused)
    if (line.slope > 0) != rising:
        return Crossing(none, none, none, "moving away at the present pace")
    now = line.mean + line.slope * (line.last - line.centre)
    if (level - now) * line.slope <= 0:
        return Crossing(none, none, none, PAST)
    wanted = (level - line.mean) / line.slope
    g = (line.t * line.scatter / line.slope) ** 2 / line.spread
    half = line.t * line.scatter / abs(line.slope) * np.sqrt((1 - g) / line.n + wanted**2 / line.spread)
    year, ends = line.centre + wanted, sorted(line.centre + (wanted + sign * half) / (1 - g) for sign in (-1, 1))
    if year - line.last > FARTHEST:
        return Crossing(none, none, none, f"more than {FARTHEST:g} years away at this pace")
    return Crossing(float(year), float(ends[0]), float(ends[1]))
