"""Raw rows -> observations. A layout of the catalogue gives the meanings of columns and texts.

The stages, in order: series, areas and breakdowns, years, units, statuses and comments, the check of the frame.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow, codelist
from divide_cli.frames import stages
from divide_cli.frames.columns import Mask, Texts, constant, counts_of, fixed, labelled, of_codes
from divide_cli.frames.observations import Observations, from_records
from divide_cli.frames.schema import failures
from divide_cli.readers.mapping import attributes, codes, numbers
from divide_cli.readers.mapping.codes import Meanings
from divide_cli.readers.mapping.column_roles import ColumnRoles, settled
from divide_cli.readers.mapping.raw_rows import MELTED, NOTHING, Rows
from divide_cli.readers.recognition import Match, ReadOptions


def observations(
    rows: Rows,
    roles: ColumnRoles,
    match: Match,
    options: ReadOptions,
    series: Meanings | None = None,
    unit_codes: Mapping[str, str] | None = None,
) -> Observations:
    """The usable rows as observations. The others are counted by reason.

    The frame has one row for each row used: the key, further dimensions, value, unit, status, comment, file and line.
    If the layout does not list the series of the file, `series` gives their meanings and `unit_codes` its units.
    """
    flow = match.flow
    stages.tell(stages.CODED, file=rows.file.name, rows=len(rows))
    roles, doubts = settled(rows, roles)
    _ignore(rows, roles, flow)
    rows.licence = rows.licence or codes.licence(rows, flow)
    if not flow.columns:
        return _nothing(rows, match)
    if series is None:
        column = roles.column_of.get(v.INDICATOR)
        series = codes.series(rows, flow, column) if column else codes.series_of_file(rows, flow, options, match.inner)
    meanings = [series, *(codes.compound(rows, name, flow) for name in flow.compound if name in rows.columns)]
    if rows.wrong:
        rows.refuse_texts(*rows.wrong, numbers.not_a_number)
    frame: dict[str, Any] = {v.REF_AREA: codes.areas(rows, roles.column_of.get(v.REF_AREA), flow, options)}
    indicator = frame[v.INDICATOR] = series.indicator()
    attributes.check_percent_signs(rows, indicator, roles.column_of.get(v.OBS_VALUE, ""))
    for concept in v.DIMENSIONS:
        frame[concept] = _breakdown(rows, roles, flow, concept, meanings)
    further = _further(rows, roles, flow, meanings)
    frame |= further
    periods = [(re.compile(entry["pattern"]), entry.get("status", ""), entry.get("says", "")) for entry in flow.periods]
    frame[v.TIME_PERIOD], status, comment = numbers.years(rows, roles.column_of[v.TIME_PERIOD], periods)
    frame[v.OBS_VALUE] = rows.numbers
    _release(rows, roles)
    frame[v.UNIT_MEASURE], other_units = attributes.units(rows, roles, flow, indicator, unit_codes)
    if rows.doubtful:
        numbers.refuse_doubtful(rows, *rows.doubtful, frame[v.UNIT_MEASURE])
    remarks = (*doubts, *other_units)
    frame[v.OBS_STATUS] = attributes.status(rows, roles, flow, status)
    frame[v.OBS_COMMENT] = attributes.comments(rows, roles, flow, comment, meanings)
    frame |= _optional(rows, roles)
    codes.check_fixed(rows, roles.column_of)
    if rows.printed is not None:
        frame[v.PRINTED] = rows.printed
    if options.submitted:
        frame |= _as_written(rows, roles, frame[v.UNIT_MEASURE])
    frame[v.FILE] = attributes.file_column(rows)
    frame[v.LINE] = rows.lines
    table = _border(frame, rows, tuple(sorted(further)), options.submitted)
    dimensions = tuple(name for name in sorted(further) if flow.own_codes or _broken_down(table[name]))
    table = table.drop(columns=[name for name in further if name not in dimensions])
    comment_column = {v.OBS_COMMENT: roles.comments[0]} if roles.comments else {}
    told = [remark.text for remark in (*rows.remarks, *remarks) if remark.text not in rows.notes]
    reading = rows.reading(
        flow,
        match.evidence,
        estimates=_estimates(table),
        ignored_columns=roles.ignored,
        notes=(*rows.notes, *told, *codes.areas_outside(table)),
        remarks=(*rows.remarks, *remarks),
        columns={**comment_column, **roles.column_of, **roles.dimensions},
    )
    return Observations(table, dimensions, (reading,))


def _estimates(table: pd.DataFrame) -> int:
    """The number of rows with the status of an estimate."""
    status = table[v.OBS_STATUS].array
    return int(counts_of(status)[status.categories == v.ESTIMATED].sum())


def _release(rows: Rows, roles: ColumnRoles) -> None:
    """Drops the columns of areas, breakdowns and further dimensions, of which the frame has the codes by now."""
    coded = {*(roles.column_of.get(concept) for concept in (v.REF_AREA, *v.DIMENSIONS)), *roles.dimensions.values()}
    others = {name for concept, name in roles.column_of.items() if concept not in (v.REF_AREA, *v.DIMENSIONS)}
    spare = coded - others - {*roles.comments, *roles.also, MELTED}
    rows.columns = {name: column for name, column in rows.columns.items() if name not in spare}


def _nothing(rows: Rows, match: Match) -> Observations:
    """An empty frame for a layout without figures, with its entries counted."""
    names = [*v.KEY, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT, v.FILE, v.LINE]
    return Observations(from_records([], names), (), (rows.reading(match.flow, match.evidence),))


def _ignore(rows: Rows, roles: ColumnRoles, flow: Dataflow) -> None:
    """Ignores the rows with a code that the layout ignores."""
    for concept, entries in flow.ignored.items():
        source = rows.columns.get(roles.column_of.get(concept) or roles.dimensions.get(concept) or concept)
        if source is None:
            continue
        for entry in entries:
            listed = codelist(entry["codelist"]).rows if "codelist" in entry else entry.get("codes", ())
            pattern = re.compile(entry.get("pattern", NOTHING))
            texts = [index for index, text in enumerate(source.values) if text in listed or pattern.fullmatch(text)]
            rows.fate.ignore(source.has(texts), entry.get("code", "not_a_figure"), why=entry["why"])


def _breakdown(rows: Rows, roles: ColumnRoles, flow: Dataflow, concept: str, meanings: Sequence[Meanings]) -> Texts:
    """The codes of a breakdown: from the series, else the column, else the constant of the layout, else the total."""
    column = roles.column_of.get(concept)
    if column:
        whole = codes.coded(rows, column, concept, flow.codes.get(concept, {}))
    else:
        whole = fixed(flow.constants.get(concept, v.TOTAL), concept, len(rows))
    for meaning in meanings:
        texts = meaning.codes(concept)
        if not any(texts):
            continue
        coded = [text or v.TOTAL for text in texts]
        own = of_codes(meaning.column.codes, coded, codes.type_of(concept, coded))
        says = np.array([bool(text) for text in texts])[meaning.column.codes]
        dtype = own.dtype if len(own.categories) > len(whole.categories) else whole.dtype
        if set(own.categories) | set(whole.categories) != set(dtype.categories):
            dtype = pd.CategoricalDtype(sorted({*own.categories, *whole.categories}))
        whole, own = whole.set_categories(dtype.categories), own.set_categories(dtype.categories)
        whole = pd.Categorical.from_codes(np.where(says, own.codes, whole.codes), dtype=dtype)
    return whole


def _further(rows: Rows, roles: ColumnRoles, flow: Dataflow, meanings: Sequence[Meanings]) -> dict[str, Texts]:
    """Dimensions other than sex, age and urbanisation, with the texts of the file as codes."""
    dimensions = {}
    for concept, column in roles.dimensions.items():
        code_of, source = flow.codes.get(concept, {}), rows.columns[column]
        if code_of or not flow.own_codes:
            dimensions[concept] = labelled(source.codes, [code_of.get(text, text) or v.TOTAL for text in source.values])
        else:
            dimensions[concept] = codes.dimension(rows, column)
    core = {v.INDICATOR, *v.DIMENSIONS, v.OBS_COMMENT}
    for meaning in meanings:
        for concept in sorted({name for says in meaning.of if says for name in says} - core):
            dimensions[concept] = labelled(meaning.column.codes, meaning.codes(concept, v.TOTAL))
    return dimensions


def _broken_down(column: "pd.Series[str]") -> bool:
    used: list[str] = list(column.cat.categories[np.unique(column.cat.codes)]) if len(column) else []
    return any(code not in (v.TOTAL, v.NOT_APPLICABLE) for code in used)


def _optional(rows: Rows, roles: ColumnRoles) -> dict[str, Any]:
    """The columns of citations, decimals and amounts that the file has."""
    optional = {
        v.CITATION: lambda rows, name: codes.free(rows.columns[name]),
        v.DECIMALS: numbers.decimals,
        **dict.fromkeys(v.AMOUNTS, numbers.amounts),
    }
    return {name: read(rows, roles.column_of[name]) for name, read in optional.items() if name in roles.column_of}


def _as_written(rows: Rows, roles: ColumnRoles, units: Texts) -> dict[str, Any]:
    """How else each value is written, if the layout shows it, and the quantities given with it."""
    melted = rows.columns.get(MELTED)
    written: dict[str, Any] = {
        v.PADDED: rows.padded if rows.padded is not None and rows.padded.any() else None,
        v.LABELS: codes.free(rows.labels) if rows.labels else None,
        v.CELL: codes.free(melted) if melted else None,
    }
    counts = constant(v.PERSONS, len(rows))
    of = {name: units if name == v.STD_ERR else counts for name in v.QUANTITIES if name in roles.column_of}
    quantities = {name: numbers.quantities(rows, roles.column_of[name], unit) for name, unit in of.items()}
    return {name: column for name, column in written.items() if column is not None} | quantities


def _border(frame: dict[str, Any], rows: Rows, dimensions: tuple[str, ...], submitted: bool) -> pd.DataFrame:
    """The rows in use. If errors are counted, rows that do not conform to the schema are rejected here.

    Rows of a submission are left to the rules.
    """
    if not rows.fate.strict and not submitted:
        in_use = rows.fate.undecided()
        places = np.flatnonzero(in_use)
        for failing, error in failures(_rows_in_use(dict(frame), in_use), dimensions):
            rows.fate.refuse_undecided(places[failing], error)
    return _rows_in_use(frame, rows.fate.undecided())


def _rows_in_use(frame: dict[str, Any], in_use: Mask) -> pd.DataFrame:
    """The columns at the rows in use. Each source column is released once its rows are taken, to save memory."""
    if in_use.all():
        return pd.DataFrame(frame, copy=False)
    return pd.DataFrame({name: frame.pop(name)[in_use] for name in list(frame)}, copy=False)
