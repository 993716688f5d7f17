"""Measured inequality: subgroup sets -> one row for each measure, with bounds, interval, bias, status and comment."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from divide_cli import concepts as v
from divide_cli.analysis.inequality.subgroup_sets import Absence, NoValue, SubgroupSet
from divide_cli.analysis.measures.bounds import Bounds, bounds
from divide_cli.analysis.measures.intervals import (
    NONE,
    Interval,
    combined_freedom,
    distance,
    intervals,
)
from divide_cli.analysis.measures.pair_intervals import UncertainSides, interval_columns, pair_interval
from divide_cli.analysis.measures.pairs import Sides, apply, unit_of
from divide_cli.analysis.measures.subgroups import evaluate, refusal
from divide_cli.analysis.measures.unordered import DECOMPOSED, parted
from divide_cli.analysis.request import Request, Row
from divide_cli.catalogue import Measure, catalogue
from divide_cli.catalogue.applicability import objection
from divide_cli.language import clauses, commas, later, say
from divide_cli.sources.groupings import Membership

BETWEEN, WITHIN = "BETWEEN", "WITHIN"
UNGROUPED = "ungrouped"
SMALL = 1e-4
"""The step of numerical derivatives, in standard errors."""
REFERENCED = ("sides", "reference")
"""What a measure that is relative to a reference compares with."""
BEHIND = later("the reference is behind the average; WHO shows 0")


class IntervalStatus(StrEnum):
    """Whether a row has an interval, and whether both of its ends are known."""

    ABSENT = "absent"
    SOUND = "sound"
    OPEN = "open"  # it has one end only
    UNDEFINED = "undefined"  # every value is possible


def measured(subgroup_set: SubgroupSet, request: Request) -> list[Row]:
    """The measures of one set, in the columns of the schema `disparities`: those requested, or all that apply."""
    if not len(subgroup_set.codes):
        return []
    pairs, measures, of = catalogue().measures, catalogue().subgroup_measures, subgroup_set.subgroups()
    rows, names, sides = [], request.measures, subgroup_set.sides
    indicator = subgroup_set.query.indicator
    if sides is not None:
        entries = [entry for entry in pairs.values() if entry.id in (names or pairs)]
        applying = [entry for entry in entries if not objection(entry, indicator)]
        rows = [_pair_row(subgroup_set, sides, entry, request.level) for entry in applying]
    entries = [entry for entry in measures.values() if entry.id in (names or measures)]
    entries = [entry for entry in entries if not objection(entry, indicator) and (names or not refusal(entry, of))]
    by_measure = _intervals(subgroup_set, [entry for entry in entries if not refusal(entry, of)], request.level)
    return rows + [_row(subgroup_set, entry, request.level, by_measure.get(entry.id)) for entry in entries]


def _intervals(subgroup_set: SubgroupSet, entries: Sequence[Measure], level: float) -> dict[str, Interval]:
    """The intervals by measure: of all if all subgroups are known, else of those that rest on two ends that are."""
    of, ends, known = subgroup_set.subgroups(), subgroup_set.ends, subgroup_set.errors
    errors, uneven = subgroup_set.uncertainty(range(of.number)), subgroup_set.uneven
    if subgroup_set.withheld or np.isnan([subgroup_set.values, subgroup_set.persons, known]).any():
        if ends is None or np.isnan([subgroup_set.values, known])[:, list(ends)].any():
            return {}
        entries = [entry for entry in entries if entry.family == "simple"]
        of, errors = subgroup_set.subgroups(np.nan_to_num(subgroup_set.values)), np.nan_to_num(errors)
        uneven = None if uneven is None else np.nan_to_num(uneven)
    of_entries = intervals(entries, of, errors, level, subgroup_set.freedom, uneven) if entries else []
    return {entry.id: interval for entry, interval in zip(entries, of_entries, strict=True)}


def row_of(
    subgroup_set: SubgroupSet,
    measure: Measure,
    value: float = NONE,
    absence: Absence | None = None,
    remarks: Sequence[str] = (),
) -> Row:
    """The row of a measure: its value, its key, and what it rests on."""
    status, query = v.ESTIMATED if subgroup_set.estimated else v.NORMAL, subgroup_set.query
    relative = measure.family == "pair" or measure.compares_with in REFERENCED
    left_out = say("without {without}", without=commas(query.without)) if query.without else ""
    if absence or np.isnan(value):
        status = absence.reason.status if absence else v.MISSING
    return {
        v.INDICATOR: query.indicator,
        v.OVER: query.over,
        v.REFERENCE: (relative and subgroup_set.reference) or v.NOT_APPLICABLE,
        v.MEASURE: measure.id,
        v.PARTED_BY: v.NOT_APPLICABLE,
        v.PART: v.TOTAL,
        v.REF_AREA: subgroup_set.area,
        v.TIME_PERIOD: subgroup_set.year,
        v.OBS_VALUE: value,
        v.UNIT_MEASURE: unit_of(measure, query.indicator),
        v.COVERAGE: subgroup_set.coverage,
        v.N_SUBGROUPS: subgroup_set.present,
        v.OBS_STATUS: status,
        v.OBS_COMMENT: clauses(text for text in (absence.text if absence else "", left_out, *remarks) if text),
        v.EDITION: subgroup_set.edition,
        v.MEMBERSHIP: subgroup_set.membership,
        v.WEIGHTS: subgroup_set.weights,
        v.SOURCE: subgroup_set.source,
        v.NO_VALUE: absence.reason.name if absence else "",
        v.INTERVAL_STATUS: IntervalStatus.ABSENT,
    }


def _row(subgroup_set: SubgroupSet, measure: Measure, level: float, interval: Interval | None) -> Row:
    of = subgroup_set.subgroups()
    if refused := refusal(measure, of):
        return row_of(subgroup_set, measure, absence=Absence(NoValue.NOT_APPLICABLE, refused))
    ends = None if subgroup_set.ends is None or measure.family != "simple" else list(subgroup_set.ends)
    # two sides and the ends of an order represent themselves only
    alone = ends is not None and not np.isnan(subgroup_set.values[ends]).any()
    absence, uncounted = (None, None) if alone else (subgroup_set.withheld, subgroup_set.uncounted)
    if measure.compares_with in REFERENCED and subgroup_set.unreferenced:
        absence = subgroup_set.unreferenced
    value = NONE if absence or (uncounted and measure.weighted) else float(evaluate(measure, of))
    missing = bool(np.isnan(value))
    if missing and not absence:  # an unweighted measure that starts from the mean of all people counts people too
        absence = uncounted or Absence(NoValue.UNDEFINED, say("undefined: {undefined}", undefined=measure.undefined))
    box = _box(subgroup_set, measure, ends)
    told = _of_reference(subgroup_set, measure, -value if of.adverse else value)
    remarks = [told, *_remarks(box, measure), *(_of_interval(interval, subgroup_set) if interval else ())]
    row = row_of(subgroup_set, measure, value, absence, remarks) | {v.REMARK_TEXT: told}
    row |= {v.BOUND_LOWER: box.lower, v.BOUND_UPPER: box.upper, v.INTERVAL_STATUS: _interval_status(interval)}
    return row | (interval_columns(interval.lower, interval.upper, level) | {v.BIAS: interval.bias} if interval else {})


def _of_reference(subgroup_set: SubgroupSet, measure: Measure, gain: float) -> str:
    """Which subgroup a reference that was chosen is compared with, or that there is nothing to gain from it."""
    if measure.family == "simple" and subgroup_set.query.reference:
        ends = subgroup_set.ends
        compared = subgroup_set.codes[ends[1]] if ends else say("the worst of the others")
        return say("{reference} compared with {compared}", reference=subgroup_set.reference, compared=compared)
    return say(BEHIND) if measure.family == "impact" and gain < 0 else ""


def _of_interval(interval: Interval, subgroup_set: SubgroupSet) -> Sequence[str]:
    """What to know about an interval: why it is open or missing, and on which errors it rests."""
    rests = () if np.isnan([interval.lower, interval.upper]).all() else (subgroup_set.errors_text,)
    return (*interval.warnings, *interval.remarks, *rests)


def _interval_status(interval: Interval | None) -> IntervalStatus:
    if interval is None:
        return IntervalStatus.ABSENT
    if np.isnan([interval.lower, interval.upper]).all():
        return IntervalStatus.UNDEFINED if interval.warnings else IntervalStatus.ABSENT
    return IntervalStatus.OPEN if interval.remarks else IntervalStatus.SOUND


def _box(subgroup_set: SubgroupSet, measure: Measure, ends: list[int] | None) -> Bounds:
    """The bounds, if every subgroup, or each of the two `ends`, has finite bounds that are not all single points;
    otherwise none. Areas that are withheld have none, since those without a value are not in the set.
    """
    lower, upper = subgroup_set.lower, subgroup_set.upper
    if subgroup_set.withheld and not subgroup_set.expected:
        return Bounds(NONE, NONE)
    counted = ends if ends is not None else list(range(len(lower)))
    if not np.isfinite([lower, upper])[:, counted].all() or (lower == upper)[counted].all():
        return Bounds(NONE, NONE)
    lower, upper = np.nan_to_num(lower), np.nan_to_num(upper)  # of subgroups that do not count
    of = subgroup_set.subgroups(np.where(np.isnan(subgroup_set.values), (lower + upper) / 2, subgroup_set.values))
    lost = measure.compares_with in REFERENCED and subgroup_set.unreferenced and of.reference is None
    if lost or (subgroup_set.uncounted and np.isnan(evaluate(measure, of))):  # it counts people, or has no reference
        return Bounds(NONE, NONE)
    return bounds(measure, of, lower, upper)


def _remarks(box: Bounds, measure: Measure) -> list[str]:
    without_lower, without_upper = np.isnan(box.lower), np.isnan(box.upper)
    remarks = [say("the upper bound may be too high")] if box.loose else []
    if without_lower and not without_upper:
        remarks.append(say("no lower bound: {undefined} is possible", undefined=measure.undefined))
    if without_upper and not without_lower:
        remarks.append(say("no upper bound: {undefined} is possible", undefined=measure.undefined))
    return remarks


def _pair_row(subgroup_set: SubgroupSet, sides: tuple[int, int], measure: Measure, level: float) -> Row:
    """A measure of the two sides of the query's comparison."""
    result, undefined = apply(measure, Sides(*subgroup_set.side(sides[0]), *subgroup_set.side(sides[1])))
    value, low, high = float(result.value[0]), float(result.lower[0]), float(result.upper[0])
    absence = None
    if np.isnan(subgroup_set.values[list(sides)]).any():
        absence = Absence(NoValue.SIDE_MISSING, say("withheld: a side is withheld or has no value"))
    elif undefined[0]:
        absence = Absence(NoValue.UNDEFINED, say("undefined: {undefined}", undefined=measure.undefined))
    elif np.isnan(value):
        absence = subgroup_set.uncounted
    interval = Interval() if np.isnan(value) else _pair_interval(subgroup_set, measure, sides, level)
    row = row_of(subgroup_set, measure, value, absence, _of_interval(interval, subgroup_set))
    row |= interval_columns(interval.lower, interval.upper, level) | {v.INTERVAL_STATUS: _interval_status(interval)}
    return row if low == high else row | {v.BOUND_LOWER: low, v.BOUND_UPPER: high}


def _pair_interval(subgroup_set: SubgroupSet, measure: Measure, sides: Sequence[int], level: float) -> Interval:
    """The normal interval of a linear function, or MOVER's; for others, over the values that agree."""
    at, errors = subgroup_set.values[list(sides)], subgroup_set.errors[list(sides)]
    uneven = None if subgroup_set.uneven is None else subgroup_set.uneven[:, list(sides)]
    if np.isnan(errors).any():
        return Interval()
    of = UncertainSides(
        at,
        subgroup_set.uncertainty(sides),
        [*subgroup_set.persons[list(sides)]],
        subgroup_set.subgroups().maximum,
        uneven,
    )
    value = of.function(measure)
    moved = value(at + SMALL * np.diag(errors)) - value(at)
    independent, freedom = subgroup_set.covariance is None, subgroup_set.freedom[list(sides)]
    z = distance(level, combined_freedom(np.nan_to_num(moved) ** 2, freedom, independent))
    return pair_interval(measure, of, z)


def parts(subgroup_set: SubgroupSet, request: Request, members: Membership) -> list[Row]:
    """Inequality among economies, split by each grouping; economies of no group form one group."""
    among_areas = subgroup_set.query.over == v.REF_AREA and len(subgroup_set.codes) >= 3
    if not among_areas or subgroup_set.withheld or subgroup_set.uncounted:
        return []
    rows = []
    for grouping in (entry for entry in catalogue().groupings.values() if entry.parts_inequality):
        group_of = {area: code for code in grouping.codes for area in members.groups.get(code, ())}
        groups = np.array([group_of.get(code, UNGROUPED) for code in subgroup_set.codes])
        alone = int((groups == UNGROUPED).sum())
        remarks = (
            [say("economies without a group, {alone} in all, form a group of their own", alone=alone)] if alone else []
        )
        for name in (name for name in DECOMPOSED if name in (request.measures or DECOMPOSED)):
            if objection(catalogue().subgroup_measures[name], subgroup_set.query.indicator):
                continue
            measure, whole = catalogue().subgroup_measures[name], parted(name, subgroup_set.subgroups(), groups)
            undefined = Absence(NoValue.UNDEFINED, say("undefined: {undefined}", undefined=measure.undefined))
            absence = undefined if np.isnan(whole.total) else None
            for part, value in ((BETWEEN, whole.between), (WITHIN, whole.within)):
                row = row_of(subgroup_set, measure, value, absence, () if absence else remarks)
                rows.append(row | {v.PARTED_BY: grouping.id, v.PART: part})
    return rows
