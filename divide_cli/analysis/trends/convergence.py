"""Convergence of areas: does their spread shrink (sigma), and do those behind grow faster (beta)?

Both on the areas that have a figure in every year used, so that a change of the sample is no convergence. Source: Barro
and Sala-i-Martin 1992, J. Political Economy 100:223.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from divide_cli.analysis.trends.lines import fitted

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Convergence:
    """A slope with its interval; below 0 areas converge. `areas` is how many it rests on."""

    slope: float
    lower: float
    upper: float
    areas: int
    refused: str = ""


def sigma(years: Array, values: Array, level: float = 95.0) -> Convergence:
    """Change a year of the standard deviation across areas, each counting once; `values` has shape (areas, years)."""
    whole = ~np.isnan(values).any(axis=1)
    areas = int(whole.sum())
    none = float("nan")
    if areas < 3:
        return Convergence(none, none, none, areas, f"{areas} areas have a figure in every year, 3 are needed")
    line = fitted(years, values[whole].std(axis=0), level)
    return Convergence(line.slope, line.lower, line.upper, areas, line.refused)


def beta(years: Array, values: Array, level: float = 95.0) -> Convergence:
    """Slope of ln(y_T / y_0) / T on ln y_0 over the areas with both; below 0 those behind grow faster.

    Areas at 0 have no logarithm and are left out. Of a percentage it is bound to fall below 0 as areas near 100.
    """
    first, last = values[:, 0], values[:, -1]
    with np.errstate(invalid="ignore"):
        sound = (first > 0) & (last > 0)
    areas = int(sound.sum())
    span = float(years[-1] - years[0])
    none = float("nan")
    if areas < 4 or span <= 0:
        return Convergence(none, none, none, areas, f"{areas} areas have both years, 4 are needed")
    growth = np.log(last[sound] / first[sound]) / span
    start = np.log(first[sound])
    if np.ptp(start) == 0:
        return Convergence(none, none, none, areas, "all areas began at one level")
    line = fitted(start, growth, level)
    return Convergence(line.slope, line.lower, line.upper, areas, line.refused)
