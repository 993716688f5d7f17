"""Targets: who meets what, how far the others are, and when they get there at the present pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.measures import BandPlace, in_band
from divide_cli.analysis.pipeline import current_editions, published_editions, values_of
from divide_cli.analysis.request import Request, Source
from divide_cli.analysis.trends import PAST, Crossing, crossing, fitted, logit
from divide_cli.catalogue import Target, catalogue
from divide_cli.frames.bounds import Bounded, half_up, monotone
from divide_cli.frames.schema import fields
from divide_cli.sources.population import Population

Row = dict[str, Any]
NONE = float("nan")
MET, NOT_MET, UNSURE = "met", "not met", "undetermined"
RECENT = 6
"""Years at hand, the latest, that the present pace is taken from."""
LEVEL = 95.0


@dataclass(frozen=True)
class Point:
    """A value of one year: a level, or a parity score with the difference of its sides; bounds and what is said
    of it.
    """

    year: int
    value: float
    lower: float
    upper: float
    line: float
    curve: float
    status: str
    membership: str
    source: str


@dataclass(frozen=True)
class Met:
    """The frame `targets` (one row a target, area, year and edition) and the sources of the run."""

    frame: pd.DataFrame
    sources: dict[str, Source]


def met(targets: Sequence[Target], request: Request) -> Met:
    """Each target for every area with a figure: the years asked for, else the latest that is not withheld, or the
    latest.

    Of groups the newest published edition that has any is taken where none is named; of economies, the country figures.
    """
    population = Population(request.population)
    chosen = Request(
        files=request.files,
        editions=request.editions or (() if request.files else tuple(current_editions())),
        indicators=tuple(dict.fromkeys(target.indicator for target in targets)),
        income_fy=request.income_fy,
        minimum=request.minimum,
        population=request.population,
        groups=request.groups,
    )
    values, dimensions, sources, *_ = values_of(chosen, population, _taken)
    rows = [
        row for target in targets if len(values) for row in _rows(target, _plain(values, target, dimensions), request)
    ]
    return Met(_frame(rows), sources)


def _taken(frame: pd.DataFrame, groups: npt.NDArray[np.bool_], dimensions: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Every row of an economy: totals, and the sides of parity."""
    return np.ones(len(frame), dtype=bool)


def _plain(values: pd.DataFrame, target: Target, dimensions: Sequence[str]) -> pd.DataFrame:
    """The rows that the target looks at: of its indicator, totals but for the dimension whose parity is asked."""
    comparison = catalogue().comparisons[target.parity] if target.parity else None
    over = comparison.over if comparison else ""
    keep = (values[v.INDICATOR] == target.indicator).to_numpy()
    if comparison:
        keep = keep & values[over].isin((comparison.reference, comparison.compared)).to_numpy()
    for name in (*v.DIMENSIONS, *dimensions):
        if name != over:
            keep = keep & (values[name] == v.TOTAL).to_numpy()
    return values[keep]


def _rows(target: Target, frame: pd.DataFrame, request: Request) -> list[Row]:
    if request.areas:
        frame = frame[frame[v.REF_AREA].isin(request.areas).to_numpy()]
    if not request.editions and not request.files:
        held = set(frame[v.EDITION].unique())
        newest = [name for name in published_editions() if name in held][:1]
        groups = (frame[v.MEMBERSHIP] != v.NOT_APPLICABLE).to_numpy()
        unwanted = groups & ~frame[v.EDITION].isin(newest).to_numpy() if newest else np.zeros(len(frame), dtype=bool)
        frame = frame[~unwanted]
    rows = []
    for (edition, _, area), part in frame.groupby([v.EDITION, v.BASIS, v.REF_AREA], observed=True, sort=True):
        points = _points(target, part)
        for place in _places(points, request.years):
            rows.append(_judged(target, str(area), str(edition), points[: place + 1]))
    return rows


def _points(target: Target, part: pd.DataFrame) -> list[Point]:
    """The points of one area in one edition, year by year."""
    if not target.parity:
        ordered = part.sort_values(v.TIME_PERIOD, kind="stable")
        columns = [ordered[name].tolist() for name in (v.TIME_PERIOD, v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER)]
        values = ordered[v.OBS_VALUE].to_numpy(dtype=np.float64)
        maximum = catalogue().units[catalogue().indicators[target.indicator].unit].maximum
        curve = logit(values, maximum) if maximum else np.full(len(values), np.nan)
        columns += [values.tolist(), curve.tolist()]
        texts = [ordered[name].astype(str).tolist() for name in (v.OBS_STATUS, v.MEMBERSHIP, v.SOURCE)]
        return [Point(*row) for row in zip(*columns, *texts, strict=True)]
    comparison = catalogue().comparisons[target.parity]
    sides = [part[(part[comparison.over] == code).to_numpy()] for code in (comparison.reference, comparison.compared)]
    both = sides[0].merge(sides[1], on=v.TIME_PERIOD, suffixes=("", "_c"), validate="one_to_one")
    both = both.sort_values(v.TIME_PERIOD, kind="stable")
    names = [f"{name}{side}" for side in ("", "_c") for name in (v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER)]
    r, r_low, r_high, c, c_low, c_high = (both[name].to_numpy(dtype=np.float64) for name in names)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = monotone(
            lambda over, under: np.where(under > 0, over / under, np.nan),
            [Bounded(c_low, c, c_high)],
            [Bounded(r_low, r, r_high)],
        )
    texts = [both[name].astype(str).tolist() for name in (v.OBS_STATUS, v.MEMBERSHIP, v.SOURCE)]
    numbers = [column.tolist() for column in (score.value, score.lower, score.upper, r - c, logit(r) - logit(c))]
    return [Point(*row) for row in zip(both[v.TIME_PERIOD].tolist(), *numbers, *texts, strict=True)]


def _places(points: Sequence[Point], years: Sequence[int]) -> list[int]:
    if years:
        return [place for place, point in enumerate(points) if point.year in years]
    known = [place for place, point in enumerate(points) if not np.isnan(point.value)]
    return (known or list(range(len(points))))[-1:]


def _judged(target: Target, area: str, edition: str, points: Sequence[Point]) -> Row:
    """The row of the last point: verdict, stage, distance, and the pace of the latest years up to it."""
    now = points[-1]
    verdict, distance = _parity(now) if target.parity else _level(target, now)
    withheld = "withheld: coverage is below the threshold" if np.isnan(now.value) else ""
    pace, said, never = NONE, withheld, Crossing(NONE, NONE, NONE)
    line, curve = never, never
    if not withheld and verdict != MET:
        goal = 0.0 if target.parity else float(target.at_least or target.at_most)
        recent = [point for point in points if not np.isnan(point.value)][-RECENT:]
        years = np.array([point.year for point in recent], dtype=float)
        rising = now.line < 0 if target.parity else bool(target.at_least)
        course = fitted(years, np.array([point.line for point in recent]), LEVEL)
        line, pace = crossing(course, goal, rising), NONE if course.refused else course.slope
        limit = 0.0 if target.parity else float(logit(np.array([goal]))[0])
        curve = crossing(fitted(years, np.array([point.curve for point in recent]), LEVEL), limit, rising)
        said = _refusal(line, curve, distance > 0, not all(np.isnan(point.curve) for point in recent))
    unit = "RATIO" if target.parity else catalogue().indicators[target.indicator].unit
    return {
        "TARGET": target.id,
        v.INDICATOR: target.indicator,
        v.REF_AREA: area,
        v.TIME_PERIOD: now.year,
        v.OBS_VALUE: now.value,
        v.UNIT_MEASURE: unit,
        v.BOUND_LOWER: now.lower,
        v.BOUND_UPPER: now.upper,
        "VERDICT": verdict,
        "BAND": _band(target, now.value),
        "DISTANCE": distance,
        "PACE": pace,
        "YEAR_REACHED": line.year,
        "YEARS_LEFT": line.year - now.year,
        v.CI_LOWER: line.lower,
        v.CI_UPPER: line.upper,
        "LOGISTIC_YEAR": curve.year,
        "LOGISTIC_LOWER": curve.lower,
        "LOGISTIC_UPPER": curve.upper,
        v.CI_LEVEL: NONE if np.isnan([line.lower, curve.lower]).all() else LEVEL,
        "DEADLINE": target.year,
        v.OBS_STATUS: now.status,
        v.OBS_COMMENT: said,
        v.EDITION: edition,
        v.MEMBERSHIP: now.membership,
        v.SOURCE: now.source,
    }


def _refusal(line: Crossing, curve: Crossing, short: bool, curved: bool) -> str:
    """Why there is no year on the line, else why there is none on the curve, if the unit has one (`curved`).

    `short` says that the latest value lies short of the target.
    """
    reason = line.refused or (f"on a curve: {curve.refused}" if curved and curve.refused else "")
    return f"{reason}, the latest value is not" if short and reason.endswith(PAST) else reason


def _level(target: Target, now: Point) -> tuple[str, float]:
    """Whether the value meets the limit whatever it is within its bounds, and how far it lies short."""
    limit, sign = float(target.at_least or target.at_most), 1 if target.at_least else -1
    distance = NONE if np.isnan(now.value) else max(sign * (limit - now.value), 0.0)
    worst, best = (now.lower, now.upper) if target.at_least else (now.upper, now.lower)
    if np.isnan([worst, best]).any():
        return UNSURE, distance
    if sign * (worst - limit) >= 0:
        return MET, distance
    return (NOT_MET if sign * (best - limit) < 0 else UNSURE), distance


def _parity(now: Point) -> tuple[str, float]:
    """Whether the score lies in the band of `parity_score`, tested as ITU does on the rounded score, and how far
    off.
    """
    band = catalogue().measures["parity_score"].band
    if band is None or np.isnan(now.value):
        return UNSURE, NONE
    place = in_band(Bounded(*(np.array([number]) for number in (now.lower, now.value, now.upper))), band)[0]
    rounded = float(half_up(now.value, band.decimals))
    distance = max(float(band.lower) - rounded, rounded - float(band.upper), 0.0)
    return (MET if place == BandPlace.INSIDE else UNSURE if place == BandPlace.UNDETERMINED else NOT_MET), distance


def _band(target: Target, value: float) -> str:
    """The stage whose lower end is the last at or below the value."""
    reached = [str(band["name"]) for band in target.bands if value >= band["from"]]
    return reached[-1] if reached else ""


def _frame(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows with the columns of the schema, texts as categories."""
    known = fields("targets")
    types = {"string": "category", "number": "float64", "integer": "Int32"}
    frame = pd.DataFrame(list(rows), columns=list(known))
    return frame.astype({name: types[field["type"]] for name, field in known.items()})
