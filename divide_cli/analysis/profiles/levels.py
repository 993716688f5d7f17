"""Levels of areas, their ranks among the economies of their groups, and the courses of series over the years."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.panel import changing_reporters
from divide_cli.analysis.pipeline import RunValues
from divide_cli.analysis.request import Row, Source, frame_of
from divide_cli.analysis.targets import RECENT
from divide_cli.analysis.trends import NONE, course, fitted
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.frames.columns import Array
from divide_cli.frames.schema import unit_limits
from divide_cli.language import clauses, say
from divide_cli.sources.editions import newest_published

SERIES = (v.INDICATOR, v.REF_AREA, v.EDITION, v.MEMBERSHIP)
"""The columns that the values of one series have in common."""
BEFORE = {"TEN_YEARS_BEFORE": 10, "FIVE_YEARS_BEFORE": 5}


def totals(frame: pd.DataFrame, dimensions: Sequence[str]) -> pd.DataFrame:
    """The rows that are totals in every dimension."""
    if not len(frame):
        return frame
    whole = np.ones(len(frame), dtype=bool)
    for name in (*v.DIMENSIONS, *dimensions):
        whole &= (frame[name] == v.TOTAL).to_numpy()
    return frame[whole]


def picked(rows: pd.DataFrame, further: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
    """The rows of the years; without years, the latest value of each series, and a later one that is withheld."""
    if not len(rows):
        return rows
    told = (rows[v.OBS_VALUE].notna() | (rows[v.OBS_STATUS] == v.WITHHELD)).to_numpy()
    if years:
        return rows[told & rows[v.TIME_PERIOD].isin(years).to_numpy()]
    ordered = rows[told].sort_values(v.TIME_PERIOD, kind="stable")
    key = [*SERIES, *further]
    latest = ~ordered.duplicated(key, keep="last").to_numpy()
    valued = ordered[v.OBS_VALUE].notna().to_numpy()
    latest[np.flatnonzero(valued)[~ordered[valued].duplicated(key, keep="last").to_numpy()]] = True
    return ordered[latest]


def levels(rows: pd.DataFrame, years: Sequence[int], sources: Mapping[str, Source]) -> pd.DataFrame:
    """The levels to show, of rows of areas that are totals.

    Of a group, the newest published edition is also shown in the years of the values combined from economies, so that
    the two can be compared.
    """
    shown = picked(rows, (), years)
    if years or not len(shown):
        return shown
    newest = newest_published(name for name in sources)
    key = [v.INDICATOR, v.REF_AREA, v.TIME_PERIOD]
    combined = shown[~shown[v.MEMBERSHIP].isin((v.NOT_APPLICABLE, v.AS_PUBLISHED)).to_numpy()]
    others = rows[(rows[v.EDITION] == newest).to_numpy()] if newest else rows[:0]
    same = others.merge(combined[key].drop_duplicates(), on=key) if len(combined) else others[:0]
    both = pd.concat([shown, same.astype(shown.dtypes.to_dict())]) if len(same) else shown
    return both[~both.duplicated([*SERIES, v.TIME_PERIOD]).to_numpy()]


def ranks(shown: pd.DataFrame, values: RunValues) -> pd.DataFrame:
    """The rank of each level of an economy in every group that it is in: 1 is the best.

    It is 1 + the number of economies of the group with a better value of the same indicator, year and edition; equal
    values share a rank (TIED counts the others). Of an indicator without a better side, the highest value is first.
    """
    rows: list[Row] = []
    for edition, part in shown.groupby(v.EDITION, observed=True) if len(shown) else ():
        groups = values.members[str(edition)].groups
        figures = _figures(values.observed[str(edition)], values.dimensions)
        year = figures[v.TIME_PERIOD].to_numpy()
        economies = (part[v.MEMBERSHIP] == v.NOT_APPLICABLE) & part[v.OBS_VALUE].notna()
        for level in part[economies.to_numpy()].to_dict("records"):
            same = figures[(year == level[v.TIME_PERIOD]) & (figures[v.INDICATOR] == level[v.INDICATOR]).to_numpy()]
            areas, numbers = same[v.REF_AREA].astype(str).to_numpy(), same[v.OBS_VALUE].to_numpy()
            for group, members in groups.items():
                if level[v.REF_AREA] in members:
                    inside = np.isin(areas, list(members))
                    rows.append(_rank(level, numbers[inside]) | {"GROUP": group, v.N_AREAS_TOTAL: len(members)})
    return frame_of([row | {v.MEMBERSHIP: values.sources[row[v.EDITION]].groups} for row in rows], "ranks")


def _figures(observed: pd.DataFrame, dimensions: Sequence[str]) -> pd.DataFrame:
    """The values of an edition that are totals, each within the limits of its unit."""
    rows = totals(observed, [name for name in dimensions if name in observed])
    rows = rows[rows[v.OBS_VALUE].notna().to_numpy()][[v.INDICATOR, v.TIME_PERIOD, v.REF_AREA, v.OBS_VALUE]]
    least, most = unit_limits(rows[v.INDICATOR].cat.categories)
    codes = rows[v.INDICATOR].cat.codes.to_numpy()
    return rows.assign(**{v.OBS_VALUE: np.clip(rows[v.OBS_VALUE].to_numpy(), least[codes], most[codes])})


def _rank(level: Mapping[Any, Any], numbers: Array) -> Row:
    """The rank of a level among the numbers of a group, its own among them."""
    sign = -1 if catalogue().indicators[level[v.INDICATOR]].direction == "adverse" else 1
    value = level[v.OBS_VALUE]
    return {
        **{name: level[name] for name in (v.REF_AREA, v.INDICATOR, v.TIME_PERIOD, v.EDITION)},
        "RANK": int((sign * numbers > sign * value).sum()) + 1,
        "TIED": int((numbers == value).sum()) - 1,
        v.N_AREAS: len(numbers),
    }


def courses(rows: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """The course of each series of levels, and of differences between the sides of gaps, with two values or more."""
    found = [_course(series, _NO_GAP) for series in _series(rows, SERIES)]
    for series in _series(gaps, (v.GAP, *SERIES)):
        found.append(_course(series, {name: series[name].iloc[-1] for name in _NO_GAP}))
    return frame_of(found, "courses")


_NO_GAP = {v.GAP: "", v.OVER: "", v.REFERENCE: "", v.COMPARED: ""}


def _series(frame: pd.DataFrame, key: Sequence[str]) -> Iterator[pd.DataFrame]:
    """The values of each series by year, if there are two or more."""
    if not len(frame):
        return
    valued = frame[frame[v.OBS_VALUE].notna().to_numpy()].sort_values(v.TIME_PERIOD, kind="stable")
    for at in valued.groupby(list(key), observed=True).indices.values():
        if len(at) > 1:
            yield valued.iloc[at]


def _course(series: pd.DataFrame, gap: Row) -> Row:
    """The first and the last value of a series, those of earlier years, and the pace of its latest years."""
    is_gap = bool(gap[v.GAP])
    years, numbers = series[v.TIME_PERIOD].to_numpy().astype(int), series[v.OBS_VALUE].to_numpy()
    last = {name: series[name].iloc[-1] for name in (*SERIES, v.SOURCE)}
    line = fitted(years[-RECENT:].astype(float), numbers[-RECENT:])
    at = dict(zip(years.tolist(), numbers.tolist(), strict=True))
    indicator = catalogue().indicators[str(last[v.INDICATOR])]
    changed = "" if is_gap else _changed(series.iloc[-RECENT:], str(last[v.REF_AREA]))
    return {
        **last,
        **gap,
        v.UNIT_MEASURE: catalogue().units[indicator.unit].difference if is_gap else indicator.unit,
        v.FIRST_YEAR: years[0],
        "FIRST_VALUE": numbers[0],
        **{name: at.get(int(years[-1]) - number, NONE) for name, number in BEFORE.items()},
        v.LAST_YEAR: years[-1],
        "LAST_VALUE": numbers[-1],
        v.N_POINTS: len(years),
        v.COURSE: course(numbers[0], numbers[-1]).value if is_gap else "",
        "PACE": NONE if line.remark else line.slope,
        "PACE_LOWER": NONE if line.remark else line.lower,
        "PACE_UPPER": NONE if line.remark else line.upper,
        "PACE_FIRST_YEAR": years[-RECENT:][0],
        "PACE_POINTS": line.n,
        v.OBS_COMMENT: clauses(text for text in (line.remark, changed) if text),
    }


def _changed(series: pd.DataFrame, area: str) -> str:
    """Whether the latest values of a group rest on other economies in other years; empty for an economy."""
    if is_economy(area) or v.REPORTERS not in series:
        return ""
    columns = (series[[name]].to_numpy(dtype=float) for name in (v.REPORTERS, v.N_AREAS))
    changed = changing_reporters((area,), *columns)
    return say("the economies behind the pace change over the years: {changed}", changed=changed) if changed else ""
