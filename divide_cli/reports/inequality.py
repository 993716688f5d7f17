"""What `divide measure` shows: the subgroups, each measure with its reading, the parts, the course over the years."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.analysis.inequality.measured import BETWEEN, uncounted, withheld
from divide_cli.analysis.inequality.query import Answer
from divide_cli.analysis.inequality.subgroup_sets import Setting
from divide_cli.analysis.request import Request
from divide_cli.catalogue import Measure, area_name, catalogue, codelist
from divide_cli.catalogue.ages import age_name
from divide_cli.errors import NothingComputedError
from divide_cli.reports import tables
from divide_cli.reports.json import as_csv
from divide_cli.reports.numbers import NOTHING, bounded, bounds, no_wider, number, percent, with_unit
from divide_cli.reports.tables import Block, Row

FAMILIES = ("pair", "simple", "impact", "ordered", "unordered", "areas")
RATES = ("velocity", "sigma_convergence")
"""Changes a year, which one decimal would hide."""
MOST = 12
"""Subgroups that are listed one by one."""


def require_something(answer: Answer, request: Request) -> None:
    """NothingComputedError where no setting was found, or none that a measure asked for applies to."""
    if len(answer.frame):
        return
    raise NothingComputedError(
        "nothing_measured",
        indicator=answer.question.indicator,
        over=answer.question.over,
        found=f"{len(answer.settings) or 'no'} settings"
        + (f", years {', '.join(map(str, request.years))}" if request.years else ""),
        where=", ".join(answer.sources),
    )


def show(answer: Answer, form: str) -> None:
    """Prints the answer on stdout as `table`, `json`, `csv` or `markdown`."""
    if form == "json":
        sys.stdout.write(_json(answer))
    elif form == "csv":
        sys.stdout.write(as_csv(answer.frame))
    elif form == "markdown":
        sys.stdout.write(tables.as_markdown(_blocks(answer)))
    else:
        tables.print_rich(_blocks(answer))


def _json(answer: Answer) -> str:
    meta = {
        "tool": "divide", "version": __version__, "indicator": answer.question.indicator, "over": answer.question.over,
        "order": list(answer.question.order), "level": answer.choice.level, "min_coverage": answer.choice.minimum,
        "editions": [
            {"id": source.id, "citation": source.citation, "licence": source.licence, "membership": source.membership}
            for source in answer.sources.values()
        ],
    }  # fmt: skip
    rows = answer.frame.to_json(orient="records", double_precision=15, force_ascii=False)
    return f'{{"meta": {json.dumps(meta, ensure_ascii=False)},\n"disparities": {rows}}}\n'


def _blocks(answer: Answer) -> list[Block]:
    frame = answer.frame
    made: list[Block] = []
    for setting in answer.settings:
        mine = (frame[v.EDITION] == setting.edition) & (frame[v.REF_AREA] == setting.area)
        mine &= frame[v.MEMBERSHIP] == setting.membership
        rows = [
            {str(name): value for name, value in row.items()}
            for row in frame[mine & (frame[v.TIME_PERIOD] == setting.year)].to_dict("records")
        ]
        made.append(_subgroups(setting))
        why = withheld(setting, answer.choice)
        if why:
            made[-1] = replace(made[-1], notes=(*made[-1].notes, f"{why}; --format csv prints the bounds."))
            continue
        known = [row for row in rows if row[v.MEASURE] not in catalogue().time_measures and row[v.PART] == v.TOTAL]
        lacking = uncounted(setting)
        if lacking:
            known = [row for row in known if row[v.OBS_COMMENT] != lacking]
            made[-1] = replace(made[-1], notes=(*made[-1].notes, f"Measures that count people are {lacking}."))
        made += [block for block in (_measures(known), _parts(rows)) if block.rows]
    for (edition, area), part in frame[frame[v.MEASURE].isin(list(catalogue().time_measures))].groupby(
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


def _subgroups(setting: Setting) -> Block:
    indicator = catalogue().indicators[setting.question.indicator]
    title = (
        f"{indicator.short} by {setting.question.over}: {area_name(setting.area)}, {setting.year}, {setting.edition}"
    )
    total = setting.persons.sum()  # unknown where that of a subgroup is
    shares = 100 * setting.persons / total if total else setting.persons
    shown = range(len(setting.codes)) if len(setting.codes) <= MOST else _extremes(setting)
    rows = [
        (
            _name(setting.question.over, setting.codes[j]),
            _value(setting, j, indicator.unit),
            percent(float(shares[j])),
            number(float(setting.errors[j]), "PT_GNI") if not np.isnan(setting.errors[j]) else NOTHING,
        )
        for j in shown
    ]
    columns: tuple[str, ...] = ("Subgroup", "Value", "People", "Std. error")
    cells: list[tuple[str, ...]] = list(rows)
    if np.isnan(setting.errors).all():
        columns, cells = columns[:3], [row[:3] for row in rows]
    coverage = "unknown" if np.isnan(setting.coverage) else percent(setting.coverage)
    notes = [f"{len(setting.codes)} subgroups, the lowest and highest shown; coverage {coverage}."]
    if len(setting.codes) <= MOST:
        notes = [f"Coverage {coverage}."]
    groups = "" if setting.membership == v.NOT_APPLICABLE else f"groups {setting.membership}; "
    notes.append(f"{setting.source}; {groups}weights {setting.weights}.")
    if setting.question.order:
        notes.append("In order, from the most to the least disadvantaged.")
    return Block(title, columns, cells, frozenset(("Value", "People", "Std. error")), notes=tuple(notes))


def _value(setting: Setting, place: int, unit: str) -> str:
    value, low, high = (float(column[place]) for column in (setting.values, setting.lower, setting.upper))
    return number(value, unit) if no_wider(low, high, unit) else bounded(value, low, high, unit)


def _extremes(setting: Setting) -> list[int]:
    order = np.argsort(setting.values, kind="stable").tolist()
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
        doubt = " ?" if "unreliable" in said else ""
        reading: str = entry.reading if not pd.isna(row[v.OBS_VALUE]) else _sentence(said)
        cells.append((entry.short, value, *((interval + doubt,) if with_interval else ()), reading))
        if "unreliable" in said or said.startswith("no interval"):
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
        period, _, doubt = str(row[v.OBS_COMMENT]).partition("; ")
        notes[period] = None
        value = with_unit(number(row[v.OBS_VALUE], unit), unit)
        if pd.isna(row[v.OBS_VALUE]) and not (pd.isna(row[v.BOUND_LOWER]) and pd.isna(row[v.BOUND_UPPER])):
            value = bounds(row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit)
        interval = bounds(row[v.CI_LOWER], row[v.CI_UPPER], unit)
        if entry.id in RATES and not pd.isna(row[v.OBS_VALUE]):
            value = with_unit(f"{row[v.OBS_VALUE]:.2f}", unit)
            interval = f"[{row[v.CI_LOWER]:.2f}, {row[v.CI_UPPER]:.2f}]"
        cells.append((entry.short, value, interval, _sentence(doubt) if doubt else entry.reading))
    level = next((f"{x:g}" for x in part[v.CI_LEVEL].tolist() if not pd.isna(x)), "95")
    columns = ("Measure", "Value", f"{level} % interval", "Reading")
    texts = tuple(_sentence(text) for text in notes if text)
    return Block(title, columns, cells, frozenset(("Value",)), notes=texts)
