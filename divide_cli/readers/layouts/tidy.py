"""Reader of tables with one observation a row (long); the dataflow names the columns."""

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from divide_cli import concepts as v
from divide_cli.errors import SourceError
from divide_cli.frames.observations import Observations
from divide_cli.readers.layouts.delimited import read
from divide_cli.readers.layouts.layout import Layout, names_of
from divide_cli.readers.layouts.recognition import Match, sheet_with
from divide_cli.readers.mapping.column_roles import Plan, plan_of, with_joined
from divide_cli.readers.mapping.numbers import not_a_number
from divide_cli.readers.mapping.observations import observations
from divide_cli.readers.mapping.raw_rows import RowFate, Rows, TextColumn
from divide_cli.readers.opening.documents import Document, Table
from divide_cli.readers.options import ReadOptions

MISSING_TEXT = "#N/A"
"""What stands for a missing text in SDMX-CSV 2.0 (NaN stands for a missing number)."""


def load(document: Document, match: Match, options: ReadOptions) -> Observations:
    """The rows as observations."""
    if document.workbook:
        text, match = sheet_with(document, match)
        document = replace(document, text=text)
    rows, plan = rows_of(document, match, options)
    return observations(rows, plan, match.flow, options, document.inner, match.evidence)


def rows_of(document: Document, match: Match, options: ReadOptions) -> tuple[Rows, Plan]:
    """The rows of the table and what each column serves."""
    flow, text = match.flow, document.text
    if document.table:
        return _typed(document.table, match, options)
    if text is None:
        raise TypeError(document.name)
    layout = Layout(text, tuple(names_of(text.first_records()[match.record])), match.record)
    plan = plan_of(flow, layout.names, options)
    number = plan.column_of[v.OBS_VALUE]
    parts = [name for names in flow.columns.values() if not isinstance(names, str) for name in names]
    wanted = [name for name in dict.fromkeys([*plan.wanted, *parts]) if name in layout.names and name != number]
    rows = read(layout, wanted, number, flow.missing, bool(flow.flags), options)
    column_of = with_joined(
        rows, {name: flow.columns.get(name, column) for name, column in plan.column_of.items()}, layout.names
    )
    plan = replace(plan, column_of=column_of)
    blank_rows(rows)
    header_again(rows)
    if flow.own_codes:
        _unfilled(rows, plan)
    _unmark(rows, plan, flow.missing)
    return rows, plan


def _unfilled(rows: Rows, plan: Plan) -> None:
    """Rows without a value and without an area or a year: those of a template that nobody has filled in."""
    empty = np.isnan(rows.numbers)
    if rows.wrong:
        empty &= ~np.isin(rows.columns[rows.wrong[0]].codes, rows.wrong[1])
    lacking = np.zeros(len(rows), dtype=bool)
    for concept in (v.REF_AREA, v.TIME_PERIOD):
        source = rows.columns[plan.column_of[concept]]
        if "" in source.values:
            lacking |= source.codes == source.values.index("")
    rows.fate.ignore(empty & lacking, "row_not_filled_in")


def _unmark(rows: Rows, plan: Plan, missing: Sequence[str]) -> None:
    """SDMX's marker of a missing text, in a column that says something beside the value, says nothing."""
    attributes = (v.UNIT_MEASURE, v.OBS_STATUS, v.DECIMALS, v.CITATION, *v.AMOUNTS)
    names = {*plan.comments, *(plan.column_of[name] for name in attributes if name in plan.column_of)}
    for name in names if MISSING_TEXT in missing else ():
        source = rows.columns[name]
        if MISSING_TEXT in source.values:
            texts = ["" if text == MISSING_TEXT else text for text in source.values]
            rows.columns = {**rows.columns, name: TextColumn(source.codes, texts)}


def blank_rows(rows: Rows) -> None:
    """Rows without any text or number hold nothing; spreadsheets leave them at the foot."""
    if all("" in column.values for column in rows.columns.values()):
        blank = np.isnan(rows.numbers)
        for column in rows.columns.values():
            blank &= column.codes == column.values.index("")
        if rows.beside:
            blank &= rows.beside.codes == (rows.beside.values.index("") if "" in rows.beside.values else -1)
        if len(rows.columns):
            rows.fate.ignore(blank, "row_empty")


def header_again(rows: Rows) -> None:
    """Refuses rows that name their own columns, two at least: a table begins there that may be of something else."""
    named = np.zeros(len(rows), dtype=np.int16)
    for name, column in rows.columns.items():
        if name in column.values:
            named += column.codes == column.values.index(name)
    again = named >= 2
    if again.any():
        row = int(np.argmax(again))
        rows.fate.refuse(
            again,
            SourceError("header_repeated", where=rows.where(row)),
        )


def _typed(table: Table, match: Match, options: ReadOptions) -> tuple[Rows, Plan]:
    """The rows of a Parquet file; the line of a row is its number, from 1 on."""
    flow, names = match.flow, table.content.column_names
    plan = plan_of(flow, names, options)
    number = plan.column_of[v.OBS_VALUE]
    size = table.content.num_rows
    lines = np.arange(1, size + 1, dtype=np.int32)
    columns = {name: _as_text(table.content.column(name), f"{table.file.name}, column {name}") for name in plan.wanted}
    value = table.content.column(number)
    if not (pa.types.is_floating(value.type) or pa.types.is_integer(value.type)):
        raise SourceError("value_column_not_numeric", found=str(value.type), where=table.file.name)
    numbers = value.cast(pa.float64(), safe=False).to_numpy()
    rows = Rows(table.file, columns, numbers, lines, RowFate(lines, options.strict), licence=_licence(table))
    infinite = np.isinf(numbers)
    if infinite.any():
        row = int(np.argmax(infinite))
        rows.fate.refuse(infinite, not_a_number(str(numbers[row]), "", "", rows.where(row, number)), number)
    return rows, plan


def _licence(table: Table) -> str:
    """The licences of the files that `divide read` made a Parquet file from."""
    told = (table.content.schema.metadata or {}).get(b"divide", b"{}")
    try:
        inputs = json.loads(told).get("inputs", [])
    except ValueError:
        return ""
    return "; ".join(sorted({entry["licence"] for entry in inputs if entry.get("licence")}))


def _as_text(column: pa.ChunkedArray, where: str) -> TextColumn:
    """A column of any type as text, empty where it is missing; what is stored once is kept once."""
    kind = column.type
    try:
        if pa.types.is_dictionary(kind) and not pa.types.is_string(kind.value_type):
            column = column.cast(kind.value_type)
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SourceError("text_column_not_text", found=str(kind), where=where) from error
    united = column.unify_dictionaries()
    values = united.chunk(0).dictionary.to_pylist() if united.num_chunks else []
    codes = np.full(len(column), len(values), dtype=np.int64)
    start = 0
    for chunk in united.chunks:
        codes[start : start + len(chunk)] = pc.fill_null(chunk.indices, len(values)).to_numpy(zero_copy_only=False)
        start += len(chunk)
    texts = [text or "" for text in values] + [""] * bool(column.null_count)
    place = {text: index for index, text in enumerate(dict.fromkeys(texts))}
    united_codes = np.array([place[text] for text in texts], dtype=np.min_scalar_type(-max(len(place), 1)))
    return TextColumn(united_codes[codes] if len(codes) else codes, list(place))
