"""Inequality over the years: sets of one area and edition -> change, pace, time distance, parity, convergence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.inequality.measured import interval_columns, row_of
from divide_cli.analysis.inequality.subgroup_sets import SubgroupSet
from divide_cli.analysis.measures.subgroups import Array, divided
from divide_cli.analysis.request import Request, Row
from divide_cli.analysis.trends import NONE, Crossing, Line, beta, crossing, fitted, logit, sigma, time_distance
from divide_cli.catalogue import catalogue


def over_time(series: Sequence[SubgroupSet], request: Request) -> list[Row]:
    """The measures over the years of the sets of one area and edition, in the order of their years.

    They are of two sides if the query has a comparison, and of all subgroups if there are at least three.
    """
    if len(series) < 2:
        return []
    rows = [*_of_sides(series, request.level), *_of_spread(series, request.level)]
    return [row for row in rows if not request.measures or row[v.MEASURE] in request.measures]


@dataclass(frozen=True)
class _Period:
    """The sets that the measures rest on; rows are for the last of them."""

    series: Sequence[SubgroupSet]
    level: float

    def row(self, name: str, value: float, remark: str = "", further: str = "") -> Row:
        """The row of a measure; `further` describes the period, and `remark` says what to take into account."""
        first, last = self.series[0], self.series[-1]
        period = f"from {first.year} to {last.year}, {len(self.series)} years{further}"
        row = row_of(last, catalogue().time_measures[name], value, None, (period, remark))
        status = v.MISSING if np.isnan(value) else v.NORMAL
        return row | {v.OBS_STATUS: status, v.PERIOD_TEXT: period, v.REMARK_TEXT: remark}

    def trend(self, name: str, trend: Line | Crossing, further: str = "") -> Row:
        """The row of a slope, or of the year of a crossing, with its interval."""
        value = trend.slope if isinstance(trend, Line) else trend.year
        row = self.row(name, value, trend.remark, further)
        return row | interval_columns(trend.lower, trend.upper, self.level)


def _of_sides(series: Sequence[SubgroupSet], level: float) -> list[Row]:
    """The measures of the gap between two sides, over the years that have both."""
    both = [one for one in series if one.sides is not None and not np.isnan(one.values[list(one.sides)]).any()]
    if len(both) < 2:
        return []
    years = np.array([one.year for one in both], dtype=float)
    r, c = np.array([one.values[list(one.sides or ())] for one in both], dtype=float).T
    period, gap, maximum = _Period(both, level), r - c, both[-1].subgroups().maximum
    rows = [
        period.row("change", float(gap[-1] - gap[0])),
        period.trend("velocity", fitted(years, gap, level)),
        _distance(period, years, r, c),
        period.trend("time_to_parity_linear", _parity(years, gap, level)),
    ]
    if not np.isfinite(maximum):
        return rows
    curve = _parity(years, logit(r, maximum) - logit(c, maximum), level)
    return [_complement(period, r, c, maximum), *rows, period.trend("time_to_parity_logistic", curve)]


def _parity(years: Array, gap: Array, level: float) -> Crossing:
    """The year in which the gap is 0."""
    return crossing(fitted(years, gap, level), 0.0, rising=bool(gap[-1] < 0))


def _complement(period: _Period, r: Array, c: Array, maximum: float) -> Row:
    """Whether the ratios of the shares with and without agree on the change from the first year to the last."""
    ends = [0, -1]
    shares, lacking = divided(r[ends], c[ends]), divided(maximum - c[ends], maximum - r[ends])
    moved = np.array([shares[1] - shares[0], lacking[1] - lacking[0]])
    if np.isnan(moved).any():
        return period.row("complement_check", NONE, f"undefined: a side at 0 or at {maximum:g}")
    story = "opposite stories" if moved[0] * moved[1] < 0 else "one story"
    remark = (
        f"{story}: the ratio of the shares went from {shares[0]:.2f} to {shares[1]:.2f}, that of the shares without it "
        f"from {lacking[0]:.2f} to {lacking[1]:.2f}"
    )
    return period.row("complement_check", float(moved[1]), remark)


def _distance(period: _Period, years: Array, r: Array, c: Array) -> Row:
    distance = time_distance(years, r, c)
    if not distance.open:
        return period.row("time_distance", distance.years)
    end = v.BOUND_LOWER if distance.years > 0 else v.BOUND_UPPER
    return period.row("time_distance", NONE, "more than the years available") | {end: distance.years}


def _of_spread(series: Sequence[SubgroupSet], level: float) -> list[Row]:
    """Sigma and beta convergence of the subgroups, over the years whose subgroups cover enough people."""
    sound = [one for one in series if not one.withheld]
    if len(sound) < 2 or max(len(one.codes) for one in sound) < 3:
        return []
    of_years = [pd.Series(one.values, index=one.codes) for one in sound]
    values = pd.concat(of_years, axis=1).sort_index().to_numpy()
    years = np.array([one.year for one in sound], dtype=float)
    period, convergences = _Period(sound, level), {"sigma": sigma, "beta": beta}
    trends = {name: convergence(years, values, level) for name, convergence in convergences.items()}
    return [
        period.trend(f"{name}_convergence", trend.line, f", {trend.areas} subgroups") for name, trend in trends.items()
    ]
