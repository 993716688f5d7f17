"""Disparities: settings -> one row for each measure, with bounds, interval, bias, status and what to beware of."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from divide_cli import concepts as v
from divide_cli.analysis.inequality.subgroup_sets import PRESENT, Setting
from divide_cli.analysis.measures import FORMULAE, Sides, apply
from divide_cli.analysis.measures.bounds import Bounds, bounds
from divide_cli.analysis.measures.intervals import Interval, intervals
from divide_cli.analysis.measures.subgroup_measures import evaluate, refusal
from divide_cli.catalogue import Measure, catalogue
from divide_cli.frames.bounds import Bounded, cut_to_tenths

Row = dict[str, Any]
NONE = float("nan")
BETWEEN, WITHIN = "BETWEEN", "WITHIN"


@dataclass(frozen=True)
class Choice:
    """Which measures are formed, at which level, and below which coverage a value is withheld."""

    measures: tuple[str, ...] = ()
    level: float = 95.0
    minimum: float = 75.0


def rows_of(setting: Setting, choice: Choice) -> list[Row]:
    """The measures of a setting, as the schema `disparities` has them: those asked for, else all that apply."""
    known = catalogue()
    if not len(setting.codes):
        return []
    taken = [entry for entry in known.measures.values() if not choice.measures or entry.id in choice.measures]
    rows = [row for entry in taken if (row := _pair(setting, entry, choice)) is not None]
    of = setting.subgroups()
    wanted = [known.subgroup_measures[name] for name in choice.measures if name in known.subgroup_measures]
    entries = wanted or ([] if choice.measures else [e for e in known.subgroup_measures.values() if not refusal(e, of)])
    open_ = [entry for entry in entries if not refusal(entry, of)]
    sure = setting.known and not withheld(setting, choice) and not np.isnan(setting.errors).any()
    made = intervals(open_, of, setting.errors, choice.level) if sure else []
    found = {entry.id: interval for entry, interval in zip(open_, made, strict=False)}
    return rows + [_row(setting, entry, choice, found.get(entry.id), refusal(entry, of)) for entry in entries]


def withheld(setting: Setting, choice: Choice) -> str:
    """Why the measures of the setting are withheld; empty where they are not."""
    present = int((~np.isnan(setting.values)).sum())
    if setting.expected and 100 * present < PRESENT * setting.expected:
        return f"withheld: {present} of {setting.expected} subgroups have a value"
    if setting.coverage < choice.minimum:
        return f"withheld: coverage {cut_to_tenths(setting.coverage):.1f} % is below {choice.minimum:g} %"
    return ""


def uncounted(setting: Setting) -> str:
    """Why measures that count people cannot be formed, with the subgroups whose people are unknown; else empty."""
    lacking = [code for code, unknown in zip(setting.codes, np.isnan(setting.persons), strict=True) if unknown]
    if not lacking:
        return "" if setting.persons.sum() else "not computable: no people in any subgroup"
    of = "any subgroup" if len(lacking) == len(setting.codes) else ", ".join(lacking)
    return f"not computable: no population for {of}"


def blank(setting: Setting, measure: Measure) -> Row:
    """A row without a value: what it is of and what it rests on."""
    indicator = catalogue().indicators[setting.question.indicator]
    difference = catalogue().units[indicator.unit].difference
    return {
        v.INDICATOR: indicator.id,
        v.OVER: setting.question.over,
        v.MEASURE: measure.id,
        v.PARTED_BY: v.NOT_APPLICABLE,
        v.PART: v.TOTAL,
        v.REF_AREA: setting.area,
        v.TIME_PERIOD: setting.year,
        v.OBS_VALUE: NONE,
        v.UNIT_MEASURE: difference if measure.unit == "difference" else measure.unit,
        v.BOUND_LOWER: NONE,
        v.BOUND_UPPER: NONE,
        v.COVERAGE: setting.coverage,
        v.N_SUBGROUPS: int((~np.isnan(setting.values)).sum()),
        v.BIAS: NONE,
        v.OBS_STATUS: v.MISSING,
        v.OBS_COMMENT: "",
        v.EDITION: setting.edition,
        v.MEMBERSHIP: setting.membership,
        v.WEIGHTS: setting.weights,
        v.SOURCE: setting.source,
        v.CI_LOWER: NONE,
        v.CI_UPPER: NONE,
        v.CI_LEVEL: NONE,
    }


def _row(setting: Setting, measure: Measure, choice: Choice, interval: Interval | None, refused: str) -> Row:
    row = blank(setting, measure)
    if refused:
        return {**row, v.OBS_COMMENT: refused}
    of = setting.subgroups()
    sides = [] if of.reference is None or of.compared is None else [of.reference, of.compared]
    alone = measure.family == "simple" and bool(sides) and not np.isnan(setting.values[sides]).any()
    why = "" if alone else withheld(setting, choice)  # two named sides stand for themselves
    lacking = "" if alone else uncounted(setting)
    value = NONE if why or (lacking and measure.weighted) else float(evaluate(measure, of))
    if lacking and not why and np.isnan(value):  # also an unweighted one that starts from the mean of all people
        why = lacking
    box = Bounds(NONE, NONE) if lacking and np.isnan(value) else _box(setting, measure)
    said = [why, f"undefined: {measure.undefined}" if not why and np.isnan(value) else "", *_edges(box, measure)]
    said += interval.warnings if interval else ()
    has = interval is not None and not np.isnan(interval.lower)
    return {
        **row,
        v.OBS_VALUE: value,
        v.BOUND_LOWER: box.lower,
        v.BOUND_UPPER: box.upper,
        v.BIAS: interval.bias if interval else NONE,
        v.OBS_STATUS: _status(setting, why, value),
        v.OBS_COMMENT: "; ".join(text for text in said if text),
        v.CI_LOWER: interval.lower if has and interval else NONE,
        v.CI_UPPER: interval.upper if has and interval else NONE,
        v.CI_LEVEL: choice.level if has else NONE,
    }


def _status(setting: Setting, why: str, value: float) -> str:
    if why:
        return v.WITHHELD if why.startswith("withheld") else v.MISSING
    return v.MISSING if np.isnan(value) else v.ESTIMATED if setting.estimated else v.NORMAL


def _box(setting: Setting, measure: Measure) -> Bounds:
    """The bounds where every subgroup has some, and they are no points; else none."""
    ends = setting.lower, setting.upper
    if np.isnan(ends).any() or (ends[0] == ends[1]).all() or (measure.weighted and not setting.persons.sum()):
        return Bounds(NONE, NONE)
    middle = (ends[0] + ends[1]) / 2
    return bounds(measure, setting.subgroups(np.where(np.isnan(setting.values), middle, setting.values)), *ends)


def _edges(box: Bounds, measure: Measure) -> list[str]:
    lacking = np.isnan([box.lower, box.upper])
    said = ["bounds found by climbing, not by trying every corner"] if box.climbed else []
    if lacking.any() and not lacking.all():
        said.append(f"no {'lower' if lacking[0] else 'upper'} bound: {measure.undefined} is possible")
    return said


def _pair(setting: Setting, measure: Measure, choice: Choice) -> Row | None:
    """A measure of the comparison's two sides; None where the question has no comparison, or lacks a side."""
    comparison = setting.question.comparison
    if comparison is None:
        return None
    places = [setting.place(code) for code in (comparison.reference, comparison.compared)]
    if None in places:
        return None
    at = [place for place in places if place is not None]
    columns = (setting.values, setting.lower, setting.upper, setting.persons)
    sides = [[column[[place]] for column in columns] for place in at]
    (r, r_low, r_high, r_persons), (c, c_low, c_high, c_persons) = sides
    result, undefined = apply(
        measure, Sides(Bounded(r_low, r, r_high), r_persons, Bounded(c_low, c, c_high), c_persons)
    )
    value, low, high = float(result.value[0]), float(result.lower[0]), float(result.upper[0])
    if low == high:
        low = high = NONE
    missing = np.isnan(setting.values[at]).any()
    said = ["withheld: a side is withheld or has no value"] if missing else []
    said += [f"undefined: {measure.undefined}"] if undefined[0] else []
    ends = (NONE, NONE) if np.isnan(value) else _pair_interval(setting, measure, at, choice.level)
    status = v.WITHHELD if missing else _status(setting, "", value)
    return {
        **blank(setting, measure),
        v.OBS_VALUE: value,
        v.BOUND_LOWER: low,
        v.BOUND_UPPER: high,
        v.OBS_STATUS: status,
        v.OBS_COMMENT: "; ".join(said),
        v.CI_LOWER: ends[0],
        v.CI_UPPER: ends[1],
        v.CI_LEVEL: NONE if np.isnan(ends[0]) else choice.level,
    }


def _pair_interval(setting: Setting, measure: Measure, at: Sequence[int], level: float) -> tuple[float, float]:
    """Of measures of the ratio r / c: that of ln(r / c), carried over; of the others, which are linear: the
    normal one.
    """
    (r, c), (error_r, error_c) = setting.values[at], setting.errors[at]
    if np.isnan([error_r, error_c]).any():
        return NONE, NONE
    z = NormalDist().inv_cdf(0.5 + level / 200)
    persons = [np.array([number]) for number in setting.persons[at]]

    def value(one: float, other: float) -> float:
        return float(FORMULAE[measure.id](np.array([one]), np.array([other]), *persons)[0])

    if measure.unit in ("RATIO", "PT"):
        if r <= 0 or c <= 0:
            return NONE, NONE
        factor = np.exp(z * np.hypot(error_r / r, error_c / c))
        low, high = sorted((value(r / c / factor, 1.0), value(r / c * factor, 1.0)))
        return low, high
    half = z * float(np.hypot(value(1.0, 0.0) * error_r, value(0.0, 1.0) * error_c))
    return value(r, c) - half, value(r, c) + half
