"""Inequality over the years: sets of one area and edition -> change, pace, time distance, parity, convergence."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.inequality.measured import row_of
from divide_cli.analysis.inequality.panels import is_used
from divide_cli.analysis.inequality.subgroup_sets import SubgroupSet
from divide_cli.analysis.measures.pair_intervals import interval_columns
from divide_cli.analysis.measures.subgroups import Array, divided
from divide_cli.analysis.panel import changing_reporters
from divide_cli.analysis.request import Request, Row
from divide_cli.analysis.trends import (
    DIGITS,
    NONE,
    Course,
    Crossing,
    Line,
    beta,
    course,
    courses,
    crossing,
    fitted,
    logit,
    sigma,
    time_distance,
)
from divide_cli.catalogue import Unit, catalogue
from divide_cli.catalogue.applicability import objection
from divide_cli.catalogue.measure_parts import Courses
from divide_cli.language import say


def over_time(series: Sequence[SubgroupSet], request: Request) -> list[Row]:
    """The measures over the years of the sets of one area and edition, in the order of their years.

    They are of two sides if the query has a comparison, and of all subgroups if there are at least three.
    """
    if len(series) < 2:
        return []
    rows = [*_of_sides(series, request.level), *_of_spread(series, request.level)]
    measures, indicator = catalogue().time_measures, series[0].query.indicator
    names = [name for name in measures if not objection(measures[name], indicator)]
    return [row for row in rows if row[v.MEASURE] in names and row[v.MEASURE] in (request.measures or names)]


@dataclass(frozen=True)
class _Period:
    """The sets that the measures rest on; rows are for the last of them."""

    series: Sequence[SubgroupSet]
    level: float
    codes: Sequence[str]

    @cached_property
    def years(self) -> Array:
        """The years of the sets."""
        return np.array([one.year for one in self.series], dtype=float)

    @cached_property
    def changes(self) -> str:
        """Where the economies behind the values of subgroups change over the years, with how many; else empty."""
        places = [[one.codes.index(code) for code in self.codes] for one in self.series]
        reporters, areas = (
            np.array([getattr(one, name)[at] for one, at in zip(self.series, places, strict=True)])
            for name in ("reporters", "areas")
        )
        changed = changing_reporters(self.codes, reporters, areas)
        how = say("--panel constant takes those with a figure in all years")
        return (
            say("the economies behind the values change over the years ({changed}); {how}", changed=changed, how=how)
            if changed
            else ""
        )

    def row(self, name: str, value: float, remark: str = "", further: str = "", ends: bool = False) -> Row:
        """The row of a measure; `further` describes the period, and `remark` says what to take into account.

        With `ends`, the value rests on the first year and the last.
        """
        first, last = self.series[0].year, self.series[-1].year
        number = len({first, last}) if ends else len(self.series)
        period = (
            say("{first} and {last}", first=first, last=last)
            if ends
            else say("from {first} to {last}, {number} years", first=first, last=last, number=number)
        )
        entry = catalogue().time_measures[name]
        panel = self.series[-1].panel
        who = panel.names if panel else self.changes
        caution = "" if np.isnan(value) else entry.remark
        row = row_of(self.series[-1], entry, value, None, (f"{period}{further}", remark.rstrip("."), caution, who))
        return row | {
            v.FIRST_YEAR: first,
            v.LAST_YEAR: last,
            v.N_POINTS: number,
            v.OBS_STATUS: v.MISSING if np.isnan(value) else v.NORMAL,
            v.PERIOD_TEXT: f"{period}{further}",
            v.REMARK_TEXT: remark,
            v.PANEL_TEXT: panel.text if panel else self.changes,
        }

    def trend(self, name: str, trend: Line | Crossing, remark: str = "", further: str = "", ends: bool = False) -> Row:
        """The row of a slope, or of the year of a crossing, with its interval."""
        value = trend.slope if isinstance(trend, Line) else trend.year
        row = self.row(name, value, trend.remark or remark, further, ends)
        return row | interval_columns(trend.lower, trend.upper, self.level)


@dataclass(frozen=True)
class _Sides:
    """The values of the reference (r) and of the compared subgroup (c) in the years of a period."""

    period: _Period
    r: Array
    c: Array

    @property
    def gap(self) -> Array:
        """The difference r - c."""
        return self.r - self.c

    @property
    def adverse(self) -> bool:
        """Whether the side with the higher value is behind."""
        return catalogue().indicators[self.period.series[0].query.indicator].direction == "adverse"

    def read_aloud(self, name: str, first: float, last: float, pace: float = NONE) -> tuple[Course, str]:
        """The course from the first gap to the last, and the sentence that the catalogue has for it."""
        texts, became = catalogue().time_measures[name].courses, course(first, last)
        unit = catalogue().units[catalogue().units[_unit(self.period.series[0])].difference]
        decimals = catalogue().time_measures[name].decimals
        return became, texts[became.value].format(
            then=self._who_is_behind(texts, first, unit),
            now=self._who_is_behind(texts, last, unit),
            first=self.period.series[0].year,
            last=self.period.series[-1].year,
            pace=_distance_text(pace, unit, decimals),
        )

    def _who_is_behind(self, texts: Courses, gap: float, unit: Unit) -> str:
        codes = self.period.series[0].query.sides
        if not round(gap, DIGITS) or codes is None:
            return texts["level"]
        reference, compared = codes
        side = compared if (gap > 0) != self.adverse else reference
        return texts["behind"].format(side=side, gap=_distance_text(gap, unit))

    def bounds_of_gap(self, place: int) -> tuple[float, float]:
        """The lowest and the highest gap that the bounds of the two sides in a year allow."""
        one = self.period.series[place]
        reference, compared = one.sides or (0, 0)
        return float(one.lower[reference] - one.upper[compared]), float(one.upper[reference] - one.lower[compared])


def _unit(of: SubgroupSet) -> str:
    return catalogue().indicators[of.query.indicator].unit


def _distance_text(gap: float, unit: Unit, decimals: int | None = None) -> str:
    """`4.2 PP`: a distance, without its sign."""
    return f"{abs(gap):,.{unit.decimals if decimals is None else decimals}f} {unit.symbol}".strip()


def _of_sides(series: Sequence[SubgroupSet], level: float) -> list[Row]:
    """The measures of the gap between two sides, over the years that have both."""
    both = [one for one in series if one.query.comparison and is_used(one)]
    if len(both) < 2:
        return []
    period = _Period(both, level, [both[-1].codes[place] for place in both[-1].sides or ()])
    sides = _Sides(period, *np.array([one.values[list(one.sides or ())] for one in both], dtype=float).T)
    maximum = both[-1].subgroups().maximum
    rows = [
        _change(sides),
        _velocity(sides),
        _distance(sides),
        period.trend("time_to_parity_linear", _parity(period, sides.gap)),
    ]
    if not np.isfinite(maximum):
        return rows
    curve = _parity(period, logit(sides.r, maximum) - logit(sides.c, maximum))
    return [_complement(sides, maximum), *rows, period.trend("time_to_parity_logistic", curve)]


def _change(sides: _Sides) -> Row:
    """The change from the first gap to the last, with its course, and whether the bounds allow another."""
    first, last = float(sides.gap[0]), float(sides.gap[-1])
    became, text = sides.read_aloud("change", first, last)
    doubtful = len(courses(sides.bounds_of_gap(0), sides.bounds_of_gap(-1))) > 1
    remark = say("{text} The bounds of the values allow another course.", text=text) if doubtful else text
    return sides.period.row("change", last - first, remark, ends=True) | {v.COURSE: became.value}


def _velocity(sides: _Sides) -> Row:
    """The slope of the line through the gaps; its course is that of the line, if there is a trend."""
    period = sides.period
    line = fitted(period.years, sides.gap, period.level)
    if line.remark:
        return period.trend("velocity", line)
    became, text = sides.read_aloud("velocity", line.at(line.first), line.at(line.last), line.slope)
    return period.trend("velocity", line, text) | {v.COURSE: became.value}


def _parity(period: _Period, gap: Array) -> Crossing:
    """The year in which the gap is 0."""
    return crossing(fitted(period.years, gap, period.level), 0.0, rising=bool(gap[-1] < 0))


def _complement(sides: _Sides, maximum: float) -> Row:
    """Whether the ratios of the shares with and without agree on the change from the first year to the last."""
    ends = [0, -1]
    r, c = sides.r[ends], sides.c[ends]
    shares, lacking = divided(r, c), divided(maximum - c, maximum - r)
    moved = np.array([shares[1] - shares[0], lacking[1] - lacking[0]])
    if np.isnan(moved).any():
        return sides.period.row(
            "complement_check", NONE, say("undefined: a side at 0 or at {maximum:g}", maximum=maximum), ends=True
        )
    story = say("opposite stories") if moved[0] * moved[1] < 0 else say("one story")
    remark = say(
        "{story}: the ratio of the shares went from {shares:.2f} to {shares_2:.2f}, that of "
        "the shares without it from {missing:.2f} to {missing_2:.2f}",
        story=story,
        shares=shares[0],
        shares_2=shares[1],
        missing=lacking[0],
        missing_2=lacking[1],
    )
    return sides.period.row("complement_check", float(moved[1]), remark, ends=True)


def _distance(sides: _Sides) -> Row:
    """The years behind; of an adverse indicator, the side with the lower value leads."""
    sign = -1.0 if sides.adverse else 1.0
    distance = time_distance(sides.period.years, sign * sides.r, sign * sides.c)
    if not distance.open:
        return sides.period.row("time_distance", distance.years)
    end, place = (v.BOUND_LOWER, 1) if distance.years > 0 else (v.BOUND_UPPER, 0)
    behind = (sides.period.series[-1].query.sides or ("", ""))[place]
    row = sides.period.row(
        "time_distance", NONE, say("{behind} is behind by more than the years available", behind=behind)
    )
    return row | {end: distance.years}


def _of_spread(series: Sequence[SubgroupSet], level: float) -> list[Row]:
    """Sigma and beta convergence of the subgroups, over the years whose subgroups cover enough people."""
    sound = [one for one in series if not one.withheld]
    if len(sound) < 2 or max(len(one.codes) for one in sound) < 3:
        return []
    of_years = [pd.Series(one.values, index=one.codes) for one in sound]
    values = pd.concat(of_years, axis=1).sort_index().to_numpy()
    in_all_years = [code for code in sound[-1].codes if all(code in one.codes for one in sound)]
    period = _Period(sound, level, in_all_years)
    spread, growth = sigma(period.years, values, level), beta(period.years, values, level)
    return [
        period.trend("sigma_convergence", spread.line, further=say(", {areas} subgroups", areas=spread.areas)),
        period.trend(
            "beta_convergence", growth.line, further=say(", {areas} subgroups", areas=growth.areas), ends=True
        ),
    ]
