"""Targets: which areas meet them, how far the others are, and when they would arrive at the present pace."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.measures.pairs import BandPlace, Sides, apply, in_band
from divide_cli.analysis.panel import changing_reporters
from divide_cli.analysis.pipeline import RunValues, current_values
from divide_cli.analysis.request import Request, Row, Source, frame_of
from divide_cli.analysis.trends import NONE, Crossing, CrossingStatus, Line, course, crossing, fitted, logit
from divide_cli.analysis.values import in_totals
from divide_cli.catalogue import Target, catalogue, is_economy
from divide_cli.frames.bounds import Bounded, half_up
from divide_cli.frames.columns import rows_of
from divide_cli.language import clauses, later, say
from divide_cli.sources.editions import newest_published

MET, NOT_MET, UNSURE = "met", later("not met"), "undetermined"
RECENT = 6
"""The number of latest years with a figure from which the present pace is computed, if there are as many."""
LEVEL = 95.0
_SERIES = (v.EDITION, v.BASIS, v.REF_AREA)
"""The columns that the points of one series have in common."""
_BOUNDED = (v.BOUND_LOWER, v.OBS_VALUE, v.BOUND_UPPER)
_OWN = (v.INDICATOR, v.REF_AREA, v.TIME_PERIOD, *_BOUNDED, v.OBS_STATUS, v.EDITION, v.MEMBERSHIP, v.SOURCE)
"""The columns in the row of a point that describe the point itself."""


class Track(StrEnum):
    """Whether an area that does not meet a target reaches it by the target's year, at its present linear pace."""

    MET = "met"
    ON_TRACK = "on_track"
    OFF_TRACK = "off_track"
    NO_TREND = "no_trend"
    UNDETERMINED = "undetermined"


Point = Row
"""A row of `_points`: the value of one year, a level or a parity score, and its place on a line (LINE: the level, or
the difference of the sides) and on a logistic curve (CURVE).
"""


@dataclass(frozen=True)
class TargetAssessment:
    """The frame `targets` (one row a target, area, year and edition), the sources of the run, and its request."""

    frame: pd.DataFrame
    sources: dict[str, Source]
    request: Request
    targets: Sequence[Target]
    doubts: tuple[str, ...] = ()
    status: Track | None = None
    """The status whose areas are listed; all if None."""

    @property
    def listed(self) -> pd.DataFrame:
        """The rows of the status: by target, groups before economies; those first that arrive first, are nearest, or
        are farthest beyond the target.
        """
        if self.status is None:
            return self.frame
        rows = self.frame[(self.frame["TRACK"] == self.status).to_numpy()]
        place = {target.id: index for index, target in enumerate(self.targets)}
        keys = pd.DataFrame({
            "TARGET": [place[name] for name in rows["TARGET"]],
            "ECONOMY": [is_economy(area) for area in rows[v.REF_AREA]],
            "YEAR": rows["YEAR_REACHED"].to_numpy(),
            "DISTANCE": rows["DISTANCE"].to_numpy(),
            "BEYOND": [_beyond(target, value) for target, value in zip(rows["TARGET"], rows[v.OBS_VALUE], strict=True)],
            "AREA": rows[v.REF_AREA].astype(str).to_numpy(),
        })  # fmt: skip
        return rows.iloc[keys.sort_values(list(keys.columns)).index]


def _beyond(name: str, value: float) -> float:
    """How far a value falls short of the limit of its target, or of parity, below 0 if it is beyond a limit."""
    target = catalogue().targets[name]
    if target.parity:
        return abs(value - 1)
    return float(target.at_least) - value if target.at_least else value - float(target.at_most)


def assess(targets: Sequence[Target], request: Request) -> TargetAssessment:
    """Assesses each target for every area with a figure.

    Without years, the assessment is of the latest year that is not withheld, or of the latest. Without editions, groups
    come from the newest published edition that has any, and economies from the country figures.
    """
    indicators = [target.indicator for target in targets]
    return assessed(
        targets, current_values(request, indicators, lambda frame, *_: np.ones(len(frame), dtype=bool)), request
    )


def assessed(targets: Sequence[Target], values: RunValues, request: Request) -> TargetAssessment:
    """Assesses each target for the areas of the request, or for all, from values that have been computed."""
    rows: list[Row] = []
    present = set(values.frame[v.INDICATOR].unique()) if len(values.frame) else set()
    for target in (target for target in targets if target.indicator in present):
        frame = _plain(values.frame, target, values.dimensions)
        rows += _assessed(target, _of_request(frame, request), request)
    return TargetAssessment(
        frame_of(rows, "targets", (v.REMARK_TEXT, v.PANEL_TEXT)), values.sources, request, targets, values.doubts
    )


def _plain(values: pd.DataFrame, target: Target, dimensions: Sequence[str]) -> pd.DataFrame:
    """The rows of the target's indicator: totals, except in the dimension in which parity is assessed."""
    comparison = catalogue().comparisons[target.parity] if target.parity else None
    rows = values[in_totals(values, target.indicator, dimensions, comparison.over if comparison else "")]
    if comparison is None:
        return rows
    return rows[rows[comparison.over].isin((comparison.reference, comparison.compared)).to_numpy()]


def _of_request(frame: pd.DataFrame, request: Request) -> pd.DataFrame:
    """The rows of the areas requested; without a source, groups come from the newest published edition."""
    if request.areas:
        frame = frame[frame[v.REF_AREA].isin(request.areas).to_numpy()]
    newest = None if request.editions or request.files else newest_published(frame[v.EDITION].unique())
    if newest is None:
        return frame
    return frame[((frame[v.MEMBERSHIP] == v.NOT_APPLICABLE) | (frame[v.EDITION] == newest)).to_numpy()]


def _assessed(target: Target, frame: pd.DataFrame, request: Request) -> list[Row]:
    """The rows of one target. All its series are prepared together, since most have only a few points."""
    points = _points(target, frame).sort_values([*_SERIES, v.TIME_PERIOD])
    rows: list[Row] = []
    for _, series in groupby(rows_of(points), key=itemgetter(*_SERIES)):
        course: list[Any] = list(series)
        valued = [not np.isnan(point[v.OBS_VALUE]) for point in course]
        for place in request.places([point[v.TIME_PERIOD] for point in course], valued):
            rows.append(_row(target, course[: place + 1]))
    return rows


def _points(target: Target, frame: pd.DataFrame) -> pd.DataFrame:
    """The points of every series: levels, or the parity scores of the years that have both sides."""
    if not target.parity:
        values = frame[v.OBS_VALUE].to_numpy(dtype=np.float64)
        maximum = catalogue().units[catalogue().indicators[target.indicator].unit].maximum
        curve = logit(values, maximum) if maximum else np.full(len(values), np.nan)
        return frame.assign(LINE=values, CURVE=curve)
    comparison = catalogue().comparisons[target.parity]
    sides = [frame[(frame[comparison.over] == code).to_numpy()] for code in (comparison.reference, comparison.compared)]
    both = sides[0].merge(sides[1], on=[*_SERIES, v.TIME_PERIOD], suffixes=("", "_c"), validate="one_to_one")
    r, c = (Bounded(*(both[f"{name}{side}"].to_numpy(dtype=np.float64) for name in _BOUNDED)) for side in ("", "_c"))
    persons = np.full(len(both), np.nan)
    score, _ = apply(catalogue().measures["parity_score"], Sides(r, persons, c, persons))
    scores = {v.OBS_VALUE: score.value, v.BOUND_LOWER: score.lower, v.BOUND_UPPER: score.upper}
    return both.assign(**scores, LINE=r.value - c.value, CURVE=logit(r.value) - logit(c.value))


def _pace(target: Target, points: Sequence[Point], verdict: str, distance: float) -> Row:
    """The slope of the latest years up to the last point, and when line and logistic curve reach the target."""
    goal = 0.0 if target.parity else float(target.at_least or target.at_most)
    limit = 0.0 if target.parity else float(logit(np.array([goal]))[0])
    rising = points[-1]["LINE"] < 0 if target.parity else bool(target.at_least)
    recent = [point for point in points if not np.isnan(point[v.OBS_VALUE])][-RECENT:]
    years, levels, logits = np.array([(p[v.TIME_PERIOD], p["LINE"], p["CURVE"]) for p in recent], dtype=float).T
    pace = fitted(years, levels, LEVEL)
    line, curve = crossing(pace, goal, rising), crossing(fitted(years, logits, LEVEL), limit, rising)
    remark = _remark(line, curve, distance > 0, known=not np.isnan(logits).all())
    changed = _changes(recent)
    given = not np.isnan([line.year, curve.year]).all()
    caution = catalogue().time_measures["time_to_parity_linear"].remark if given else ""
    return {
        "TRACK": _track(target, verdict, points[-1][v.TIME_PERIOD], line),
        "PACE": NONE if pace.remark else pace.slope,
        v.COURSE: _course(pace) if target.parity else "",
        v.FIRST_YEAR: recent[0][v.TIME_PERIOD],
        v.LAST_YEAR: recent[-1][v.TIME_PERIOD],
        v.N_POINTS: len(recent),
        "YEAR_REACHED": line.year,
        "YEARS_LEFT": line.year - points[-1][v.TIME_PERIOD],
        v.CI_LOWER: line.lower,
        v.CI_UPPER: line.upper,
        "LOGISTIC_YEAR": curve.year,
        "LOGISTIC_LOWER": curve.lower,
        "LOGISTIC_UPPER": curve.upper,
        v.CI_LEVEL: NONE if np.isnan([line.lower, curve.lower]).all() else LEVEL,
        v.OBS_COMMENT: clauses(text for text in (remark, caution, changed) if text),
        v.REMARK_TEXT: remark,
        v.PANEL_TEXT: changed,
    }


def _track(target: Target, verdict: str, year: int, line: Crossing) -> Track:
    """Whether the line reaches the target by its year: by the value of that year, as a whole number.

    A target that is not met in or after its year is missed. A line that is past a target that the value has not met
    decides nothing.
    """
    if verdict == UNSURE or (line.status is CrossingStatus.PASSED and year < target.year):
        return Track.UNDETERMINED
    if year >= target.year:
        return Track.OFF_TRACK
    if line.status is CrossingStatus.NO_TREND:
        return Track.NO_TREND
    in_time = line.status is CrossingStatus.REACHED and first_year(line.year) <= target.year
    return Track.ON_TRACK if in_time else Track.OFF_TRACK


def first_year(time: float) -> int:
    """The first whole year that is not before that time: 2030 for 2030.0, 2031 for 2030.2."""
    return math.ceil(round(time, 6))


def _remark(line: Crossing, curve: Crossing, short: bool, known: bool) -> str:
    """Why there is no year on the line, or else on the curve if its values are `known`; `short` of the target."""
    remark, reason = line.remark, line.status
    if not remark and curve.remark and known:
        remark, reason = say("logistic curve: {remark}", remark=curve.remark), curve.status
    return (
        say("{remark}, but the latest value has not", remark=remark)
        if short and reason is CrossingStatus.PASSED
        else remark
    )


def _changes(points: Sequence[Point]) -> str:
    """Whether the values rest on other economies in other years, with how many; empty for an economy."""
    sides = ("", "_c") if f"{v.REPORTERS}_c" in points[0] else ("",)
    reporters, areas = (
        np.array([[point[f"{name}{side}"] for side in sides] for point in points], dtype=float).sum(
            axis=1, keepdims=True
        )
        for name in (v.REPORTERS, v.N_AREAS)
    )
    changed = changing_reporters((str(points[-1][v.REF_AREA]),), reporters, areas / len(sides))
    return say("the economies behind the pace change over the years: {changed}", changed=changed) if changed else ""


def _course(line: Line) -> str:
    """What becomes of the difference of the sides on a line; empty without a trend."""
    return "" if line.remark else course(line.at(line.first), line.at(line.last)).value


def _row(target: Target, points: Sequence[Point]) -> Row:
    """The row of the last point: verdict, stage, distance, and the pace of the latest years up to it."""
    now = points[-1]
    verdict, distance = _parity(now) if target.parity else _level(target, now)
    withheld = say("withheld: the coverage is below the minimum") if np.isnan(now[v.OBS_VALUE]) else ""
    track = Track.MET if verdict == MET else Track.UNDETERMINED
    pace: Row = {"TRACK": track, v.OBS_COMMENT: withheld, v.REMARK_TEXT: withheld}
    if verdict != MET and not np.isnan(now[v.OBS_VALUE]):
        pace = _pace(target, points, verdict, distance)
    return pace | {
        **{name: now[name] for name in _OWN},
        "TARGET": target.id,
        v.UNIT_MEASURE: "RATIO" if target.parity else catalogue().indicators[target.indicator].unit,
        "VERDICT": verdict,
        "BAND": next((band["name"] for band in reversed(target.bands) if band["from"] <= now[v.OBS_VALUE]), ""),
        "DISTANCE": distance,
        "DEADLINE": target.year,
    }


def _level(target: Target, now: Point) -> tuple[str, float]:
    """Whether the value meets the limit anywhere within its bounds, and its shortfall."""
    limit, sign = float(target.at_least or target.at_most), 1 if target.at_least else -1
    lower, value, upper = (now[name] for name in _BOUNDED)
    distance = NONE if np.isnan(value) else max(sign * (limit - value), 0.0)
    worst, best = (lower, upper) if target.at_least else (upper, lower)
    if np.isnan([worst, best]).any():
        return UNSURE, distance
    if sign * (worst - limit) >= 0:
        return MET, distance
    return (NOT_MET if sign * (best - limit) < 0 else UNSURE), distance


def _parity(now: Point) -> tuple[str, float]:
    """Whether the score is in the band of `parity_score`, and its shortfall; tests the rounded score, as ITU does."""
    band = catalogue().measures["parity_score"].band
    if band is None or np.isnan(now[v.OBS_VALUE]):
        return UNSURE, NONE
    place = in_band(Bounded(*(np.array([now[name]]) for name in _BOUNDED)), band)[0]
    rounded = float(half_up(now[v.OBS_VALUE], band.decimals))
    distance = max(float(band.lower) - rounded, rounded - float(band.upper), 0.0)
    return (MET if place == BandPlace.INSIDE else UNSURE if place == BandPlace.UNDETERMINED else NOT_MET), distance
