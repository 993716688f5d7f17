"""What `divide measure` shows: the subgroups, each measure with its reading, the parts, the course over the years."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.analysis.inequality.measured import BETWEEN, IntervalStatus
from divide_cli.analysis.inequality.query import Inequality
from divide_cli.analysis.inequality.subgroup_sets import SubgroupSet
from divide_cli.catalogue import Measure, area_name, catalogue, codelist
from divide_cli.catalogue.ages import age_name
from divide_cli.frames.columns import without_internal
from divide_cli.reports import tables
from divide_cli.reports.json import as_csv
from divide_cli.reports.numbers import NOTHING, bounded, bounds, no_wider, number, percent, with_unit
from divide_cli.reports.tables import Block, Row

FAMILIES = ("pair", "simple", "impact", "ordered", "unordered", "areas")
MOST = 12
"""Subgroups that are listed one by one."""


def show(inequality: Inequality, form: str) -> None:
    """Prints the answer on stdout as `table`, `json`, `csv` or `markdown`."""
    if form == "json":
        sys.stdout.write(_json(inequality))
    elif form == "csv":
        sys.stdout.write(as_csv(inequality.frame))
    elif form == "markdown":
        sys.stdout.write(tables.as_markdown(_blocks(inequality)))
    else:
        tables.print_rich(_blocks(inequality))


def _json(inequality: Inequality) -> str:
    query, request = inequality.query, inequality.request
    meta = {
        "tool": "divide", "version": __version__, "indicator": query.indicator, "over": query.over,
        "order": list(query.order), "level": request.level, "min_coverage": request.minimum,
        "editions": [
            {"id": source.id, "citation": source.citation, "licence": source.licence, "membership": source.membership}
            for source in inequality.sources.values()
        ],
    }  # fmt: skip
    rows = without_internal(inequality.frame).to_json(orient="records", double_precision=15, force_ascii=False)
    return f'{{"meta": {json.dumps(meta, ensure_ascii=False)},\n"disparities": {rows}}}\n'


def _blocks(inequality: Inequality) -> list[Block]:
    frame, by_year = inequality.frame, catalogue().time_measures
    made: list[Block] = []
    for subgroup_set in inequality.subgroup_sets:
        mine = (frame[v.EDITION] == subgroup_set.edition) & (frame[v.REF_AREA] == subgroup_set.area)
        mine &= frame[v.MEMBERSHIP] == subgroup_set.membership
        rows = [
            {str(name): value for name, value in row.items()}
            for row in frame[mine & (frame[v.TIME_PERIOD] == subgroup_set.year)].to_dict("records")
        ]
        made.append(_subgroups(subgroup_set))
        if subgroup_set.withheld:
            notes = (*made[-1].notes, f"{subgroup_set.withheld.text}; --format csv prints the bounds.")
            made[-1] = replace(made[-1], notes=notes)
            continue
        known = [row for row in rows if row[v.MEASURE] not in by_year and row[v.PART] == v.TOTAL]
        if subgroup_set.uncounted:
            known = [row for row in known if row[v.NO_VALUE] != subgroup_set.uncounted.reason.name]
            notes = (*made[-1].notes, f"Measures that count people are {subgroup_set.uncounted.text}.")
            made[-1] = replace(made[-1], notes=notes)
        made += [block for block in (_measures(known), _parts(rows)) if block.rows]
    for (edition, area), part in frame[frame[v.MEASURE].isin(list(by_year))].groupby(
        [v.EDITION, v.REF_AREA], observed=True, sort=False
    ):
        made.append(_course(f"Over the years: {area_name(str(area))}, {edition}", part))
    return made


def _name(question_over: str, code: str) -> str:
    if question_over in v.DIMENSIONS:
        name = age_name(code) if question_over == v.AGE else codelist(f"CL_{question_over}").name(code)
        return code if name == code else f"{code} {name}"
    known = codelist("CL_AREA").rows
    return f"{code} {area_name(code)}" if code in known else code


def _subgroups(of: SubgroupSet) -> Block:
    indicator = catalogue().indicators[of.query.indicator]
    title = f"{indicator.short} by {of.query.over}: {area_name(of.area)}, {of.year}, {of.edition}"
    total = of.persons.sum()  # unknown where that of a subgroup is
    shares = 100 * of.persons / total if total else of.persons
    shown = range(len(of.codes)) if len(of.codes) <= MOST else _extremes(of)
    rows = [
        (
            _name(of.query.over, of.codes[j]),
            _value(of, j, indicator.unit),
            percent(float(shares[j])),
            number(float(of.errors[j]), "PT_GNI") if not np.isnan(of.errors[j]) else NOTHING,
        )
        for j in shown
    ]
    columns: tuple[str, ...] = ("Subgroup", "Value", "People", "Std. error")
    cells: list[tuple[str, ...]] = list(rows)
    if np.isnan(of.errors).all():
        columns, cells = columns[:3], [row[:3] for row in rows]
    coverage = "unknown" if np.isnan(of.coverage) else percent(of.coverage)
    notes = [f"{len(of.codes)} subgroups, the lowest and highest shown; coverage {coverage}."]
    if len(of.codes) <= MOST:
        notes = [f"Coverage {coverage}."]
    groups = "" if of.membership == v.NOT_APPLICABLE else f"groups {of.membership}; "
    notes.append(f"{of.source}; {groups}weights {of.weights}.")
    if of.query.order:
        notes.append("In order, from the most to the least disadvantaged.")
    return Block(title, columns, cells, frozenset(("Value", "People", "Std. error")), notes=tuple(notes))


def _value(of: SubgroupSet, place: int, unit: str) -> str:
    value, low, high = (float(column[place]) for column in (of.values, of.lower, of.upper))
    return number(value, unit) if no_wider(low, high, unit) else bounded(value, low, high, unit)


def _extremes(of: SubgroupSet) -> list[int]:
    order = np.argsort(of.values, kind="stable").tolist()
    return [*order[:3], *order[-3:]]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _order(row: Row) -> tuple[int, int]:
    return FAMILIES.index(_entry(row).family), list(catalogue().every_measure).index(str(row[v.MEASURE]))


def _entry(row: Row) -> Measure:
    return catalogue().every_measure[str(row[v.MEASURE])]


def _measures(rows: Sequence[Row]) -> Block:
    """The measures by family, each with bounds, interval where there is one, and how to read it."""
    ordered = sorted(rows, key=_order)
    with_interval = any(not pd.isna(row[v.CI_LEVEL]) for row in ordered)
    cells: list[tuple[str, ...]] = []
    rules: set[int] = set()
    family, notes = "", []
    for row in ordered:
        entry = _entry(row)
        if entry.family != family and cells:
            rules.add(len(cells))
        family = entry.family
        said = str(row[v.OBS_COMMENT] or "")
        unit = str(row[v.UNIT_MEASURE])
        value = with_unit(bounded(row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit), unit)
        interval = bounds(row[v.CI_LOWER], row[v.CI_UPPER], unit) if with_interval else ""
        status = row[v.INTERVAL_STATUS]
        doubt = " ?" if status == IntervalStatus.UNRELIABLE else ""
        reading: str = entry.reading if not pd.isna(row[v.OBS_VALUE]) else _sentence(said)
        cells.append((entry.short, value, *((interval + doubt,) if with_interval else ()), reading))
        if status in (IntervalStatus.UNRELIABLE, IntervalStatus.UNDEFINED):
            notes.append(f"{entry.short}: {said}.")
    level = next((f"{row[v.CI_LEVEL]:g}" for row in ordered if not pd.isna(row[v.CI_LEVEL])), "")
    columns = ("Measure", "Value", *((f"{level} % interval",) if with_interval else ()), "Reading")
    if any(not (pd.isna(row[v.BOUND_LOWER]) and pd.isna(row[v.BOUND_UPPER])) for row in ordered):
        notes.insert(0, "Brackets after a value: bounds, given what is missing or rounded; no confidence interval.")
    if any(not pd.isna(row[v.BIAS]) for row in ordered):
        notes.insert(
            0, "Intervals are corrected for the bias that the scatter of the estimates gives the plain values (BIAS)."
        )
    return Block("Measures", columns, cells, frozenset(("Value",)), frozenset(rules), tuple(notes))


def _parts(rows: Sequence[Row]) -> Block:
    """The parts between and within groups, and how much of the whole is between them."""
    cells: list[tuple[str, ...]] = []
    for row in (row for row in rows if row[v.PART] == BETWEEN):
        within = next(
            r for r in rows if (r[v.MEASURE], r[v.PARTED_BY]) == (row[v.MEASURE], row[v.PARTED_BY]) and r is not row
        )
        total = row[v.OBS_VALUE] + within[v.OBS_VALUE]
        unit = str(row[v.UNIT_MEASURE])
        cells.append((
            str(row[v.PARTED_BY]), _entry(row).short, number(total, unit), number(row[v.OBS_VALUE], unit),
            number(within[v.OBS_VALUE], unit), percent(100 * row[v.OBS_VALUE] / total if total else None),
        ))  # fmt: skip
    notes = dict.fromkeys(str(row[v.OBS_COMMENT]) for row in rows if row[v.PART] == BETWEEN and row[v.OBS_COMMENT])
    columns = ("Parted by", "Measure", "Whole", "Between", "Within", "Between, %")
    return Block(
        "Between and within groups", columns, cells, frozenset(columns[2:]), notes=tuple(f"{n}." for n in notes)
    )


def _course(title: str, part: pd.DataFrame) -> Block:
    cells: list[tuple[str, ...]] = []
    notes: dict[str, None] = {}
    for row in part.to_dict("records"):
        entry, unit = _entry(row), str(row[v.UNIT_MEASURE])
        remark = str(row[v.REMARK_TEXT])
        notes[str(row[v.PERIOD_TEXT])] = None
        value = with_unit(number(row[v.OBS_VALUE], unit), unit)
        if pd.isna(row[v.OBS_VALUE]) and not (pd.isna(row[v.BOUND_LOWER]) and pd.isna(row[v.BOUND_UPPER])):
            value = bounds(row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit)
        interval = bounds(row[v.CI_LOWER], row[v.CI_UPPER], unit)
        if entry.decimals is not None and not pd.isna(row[v.OBS_VALUE]):
            text, low, high = (f"{row[name]:.{entry.decimals}f}" for name in (v.OBS_VALUE, v.CI_LOWER, v.CI_UPPER))
            value, interval = with_unit(text, unit), f"[{low}, {high}]"
        cells.append((entry.short, value, interval, _sentence(remark) if remark else entry.reading))
    level = next((f"{x:g}" for x in part[v.CI_LEVEL].tolist() if not pd.isna(x)), "95")
    columns = ("Measure", "Value", f"{level} % interval", "Reading")
    texts = tuple(_sentence(text) for text in notes if text)
    return Block(title, columns, cells, frozenset(("Value",)), notes=texts)
