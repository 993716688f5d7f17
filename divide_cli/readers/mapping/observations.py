"""Rows of any layout -> observations, as a dataflow of the catalogue says what columns and texts mean."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow, codelist
from divide_cli.frames.columns import Texts, category, fixed, labelled
from divide_cli.frames.observations import Observations, Reading
from divide_cli.frames.schema import failures
from divide_cli.readers.mapping import areas, attributes, columns, series
from divide_cli.readers.mapping.column_roles import Plan
from divide_cli.readers.mapping.numbers import not_a_number
from divide_cli.readers.mapping.raw_rows import MELTED, Mask, Rows, TextColumn
from divide_cli.readers.options import ReadOptions


def observations(
    rows: Rows, plan: Plan, flow: Dataflow, options: ReadOptions, inner: str, evidence: str
) -> Observations:
    """The rows that can be used as observations; the others are counted by reason.

    The frame has one row for each row used: the key, further dimensions, value, unit, status, comment, file and line.
    """
    _ignore(rows, plan, flow)
    size = len(rows)
    if not flow.columns:
        return _nothing(rows, flow, evidence)
    told = _told(rows, plan, flow, options, inner)
    if rows.wrong:
        rows.refuse_texts(*rows.wrong, not_a_number)
    frame: dict[str, Any] = {v.REF_AREA: areas.areas(rows, plan.column_of.get(v.REF_AREA), flow, options)}
    indicator = frame[v.INDICATOR] = _indicator(*told[0])
    attributes.check_percent_signs(rows, indicator, plan.column_of.get(v.OBS_VALUE, ""))
    for concept in v.DIMENSIONS:
        frame[concept] = _breakdown(rows, plan, flow, concept, told)
    further = _further(rows, plan, flow, told)
    frame |= further
    periods = [(re.compile(entry["pattern"]), entry.get("status", ""), entry.get("says", "")) for entry in flow.periods]
    frame[v.TIME_PERIOD], period_status, period_said = columns.years(rows, plan.column_of[v.TIME_PERIOD], periods)
    frame[v.OBS_VALUE] = rows.numbers
    frame[v.UNIT_MEASURE], said_of_units = attributes.units(rows, plan, flow, frame[v.INDICATOR])
    frame[v.OBS_STATUS] = attributes.status(rows, plan, flow, period_status)
    frame[v.OBS_COMMENT] = attributes.comments(rows, plan, flow, period_said, told)
    if v.CITATION in plan.column_of:
        frame[v.CITATION] = columns.free(rows.columns[plan.column_of[v.CITATION]])
    if v.DECIMALS in plan.column_of:
        frame[v.DECIMALS] = columns.integers(rows, plan.column_of[v.DECIMALS])
    for name in v.AMOUNTS:
        if name in plan.column_of:
            frame[name] = columns.amounts(rows, plan.column_of[name])
    columns.check_fixed(rows, plan.column_of)
    if options.submitted:
        frame |= _as_written(rows, plan)
    frame[v.FILE] = attributes.file_column(rows)
    frame[v.LINE] = rows.lines
    made = _border(frame, rows, tuple(sorted(further)), options.submitted)
    dimensions = tuple(name for name in sorted(further) if flow.own_codes or _broken_down(made[name]))
    made = made.drop(columns=[name for name in further if name not in dimensions])
    estimates = int((made[v.OBS_STATUS] == v.ESTIMATED).sum()) if len(made) else 0
    reading = Reading(
        rows.file,
        flow.id,
        size,
        estimates,
        rows.licence or flow.licence,
        plan.ignored,
        (*rows.notes, *(remark.text for remark in said_of_units), *areas.outside(made)),
        evidence,
        rows.fate.set_aside("ignored"),
        rows.fate.set_aside("refused"),
        (*rows.remarks, *said_of_units),
        {**dict(zip((v.OBS_COMMENT,), plan.comments, strict=False)), **plan.column_of, **plan.dimensions},
    )
    return Observations(made, dimensions, (reading,))


def _nothing(rows: Rows, flow: Dataflow, evidence: str) -> Observations:
    """No observations: what holds no figure by its nature, with its entries counted."""
    names = [*v.KEY, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT, v.FILE, v.LINE]
    types = {**dict.fromkeys(names, "category"), v.TIME_PERIOD: "int16", v.OBS_VALUE: "float64", v.LINE: "int32"}
    frame = pd.DataFrame({name: pd.Series([], dtype="object") for name in names}).astype(types)
    for name in (*v.KEY, v.UNIT_MEASURE, v.OBS_STATUS):
        if name != v.TIME_PERIOD:
            frame[name] = pd.Categorical.from_codes([], dtype=category(name))
    ignored = rows.fate.set_aside("ignored")
    return Observations(
        frame, (), (Reading(rows.file, flow.id, len(rows), 0, flow.licence, (), (), evidence, ignored),)
    )


def _ignore(rows: Rows, plan: Plan, flow: Dataflow) -> None:
    """Sets the rows aside whose code the dataflow says to ignore."""
    for concept, entries in flow.ignored.items():
        source = rows.columns.get(plan.column_of.get(concept) or plan.dimensions.get(concept) or concept)
        if source is None:
            continue
        for entry in entries:
            codes = codelist(entry["codelist"]).rows if "codelist" in entry else entry.get("codes", ())
            pattern = re.compile(entry["pattern"]) if "pattern" in entry else None
            met = [
                index
                for index, text in enumerate(source.values)
                if text in codes or (pattern and pattern.fullmatch(text))
            ]
            if met:
                rows.fate.ignore(np.isin(source.codes, met), entry.get("code", "not_a_figure"), why=entry["why"])


def _told(rows: Rows, plan: Plan, flow: Dataflow, options: ReadOptions, inner: str) -> list[series.Told]:
    """What the series, and columns that say codes of several concepts, tell of each row; the series comes first."""
    column = plan.column_of.get(v.INDICATOR)
    if column is None:
        told: list[series.Told] = [series.constant(series.of_file(rows, flow, options, inner), rows)]
    else:
        told = [(rows.columns[column], series.resolve(rows, flow, column))]
    for name, rules in flow.compound.items():
        if name in rows.columns:
            told.append((rows.columns[name], series.compound(rows, name, rules)))
    return told


def _indicator(of_series: TextColumn, meanings: Sequence[series.Meaning | None]) -> Texts:
    dtype = category(v.INDICATOR)
    target = np.array([-1 if told is None else dtype.categories.get_loc(told[v.INDICATOR]) for told in meanings])
    return pd.Categorical.from_codes(target[of_series.codes].astype(np.int16) if len(target) else [], dtype=dtype)


def _breakdown(rows: Rows, plan: Plan, flow: Dataflow, concept: str, told: Sequence[series.Told]) -> Texts:
    """The codes of a breakdown: what the series tells, else the column, else the dataflow's constant or the total."""
    column = plan.column_of.get(concept)
    if column:
        made = columns.coded(rows, column, concept, flow.codes.get(concept))
    else:
        made = fixed(flow.constants.get(concept, v.TOTAL), concept, len(rows))
    for source, meanings in told:
        codes = [(found or {}).get(concept, "") for found in meanings]
        if not any(codes):
            continue
        own = columns.by_text(
            source, concept, dict(zip(source.values, (code or v.TOTAL for code in codes), strict=True))
        )
        said = np.array([bool(code) for code in codes])[source.codes]
        dtype = own.dtype if len(own.categories) > len(made.categories) else made.dtype
        if set(own.categories) | set(made.categories) != set(dtype.categories):
            dtype = pd.CategoricalDtype(sorted({*own.categories, *made.categories}))
        made, own = made.set_categories(dtype.categories), own.set_categories(dtype.categories)
        made = pd.Categorical.from_codes(np.where(said, own.codes, made.codes), dtype=dtype)
    return made


def _further(rows: Rows, plan: Plan, flow: Dataflow, told: Sequence[series.Told]) -> dict[str, Texts]:
    """Dimensions beyond sex, age and urbanisation, with the texts of the file as codes."""
    made = {}
    for concept, column in plan.dimensions.items():
        known = flow.codes.get(concept, {})
        source = rows.columns[column]
        if known or not flow.own_codes:
            made[concept] = labelled(source.codes, [known.get(text, text) or v.TOTAL for text in source.values])
        else:
            made[concept] = columns.dimension(rows, column)
    core = {v.INDICATOR, *v.DIMENSIONS, v.OBS_COMMENT}
    for source, meanings in told:
        for concept in sorted({name for found in meanings if found for name in found} - core):
            made[concept] = labelled(source.codes, [(found or {}).get(concept, v.TOTAL) for found in meanings])
    return made


def _broken_down(column: "pd.Series[str]") -> bool:
    used: list[str] = list(column.cat.categories[np.unique(column.cat.codes)]) if len(column) else []
    return any(code not in (v.TOTAL, v.NOT_APPLICABLE) for code in used)


def _as_written(rows: Rows, plan: Plan) -> dict[str, object]:
    """How each value is written, where the layout tells, and the quantities beside it."""
    made: dict[str, object] = {}
    if rows.printed is not None:
        made[v.PRINTED] = rows.printed
    if rows.padded is not None and rows.padded.any():
        made[v.PADDED] = rows.padded
    if rows.labels is not None:
        made[v.LABELS] = columns.free(rows.labels)
    if MELTED in rows.columns:
        made[v.CELL] = columns.free(rows.columns[MELTED])
    for name in v.QUANTITIES:
        if name in plan.column_of:
            made[name] = columns.quantities(rows, plan.column_of[name])
    return made


def _border(told: dict[str, Any], rows: Rows, dimensions: tuple[str, ...], submitted: bool) -> pd.DataFrame:
    """The rows in use; where refusals are counted, those that the border would not let pass are refused too.

    The rows of a submission are for rules to judge.
    """
    still = rows.fate.open()
    if not rows.fate.strict and not submitted:
        place = np.arange(len(rows)) if still is None else np.flatnonzero(still)
        for found, error in failures(_rows_of(dict(told), still), dimensions):
            mask = np.zeros(len(rows), dtype=bool)
            mask[place[found]] = True
            rows.fate.refuse(mask, error)
        still = rows.fate.open()
    return _rows_of(told, still)


def _rows_of(told: dict[str, Any], still: Mask | None) -> pd.DataFrame:
    """The columns at the rows in use; each is let go of when its rows are taken, so that none is held twice."""
    if still is None:
        return pd.DataFrame(told, copy=False)
    kept = np.flatnonzero(still)
    return pd.DataFrame({name: told.pop(name).take(kept) for name in list(told)}, copy=False)
