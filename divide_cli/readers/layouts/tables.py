"""Tables: long (one observation a row), wide (years or series in columns), Parquet, and JSON.

Each cell of a wide table counts as one row, and so does each object in a JSON list. The layout names the columns. A
table may be in a workbook.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow
from divide_cli.errors import SourceError
from divide_cli.frames import room
from divide_cli.frames.columns import Mask, without_number
from divide_cli.frames.observations import Observations
from divide_cli.language import commas, say
from divide_cli.readers.layouts.blocks import CodedTexts
from divide_cli.readers.layouts.csv_table import NAMELESS, CsvTable, Ragged, names_of, ragged_row, read, text_column
from divide_cli.readers.mapping import observations
from divide_cli.readers.mapping.codes import series_meaning
from divide_cli.readers.mapping.column_roles import ColumnRoles, Columns, column_roles, parts_of, with_joined
from divide_cli.readers.mapping.names import read_names
from divide_cli.readers.mapping.numbers import figures, not_a_number, read_values
from divide_cli.readers.mapping.raw_rows import CELLS, MELTED, NOTHING, RowFate, Rows, TextColumn, WrongText
from divide_cli.readers.opening import JsonDocument, ParquetDocument, TextDocument, WorkbookDocument
from divide_cli.readers.recognition import Match, ReadOptions, several, sheet_with

MISSING_TEXT = "#N/A"
"""The marker for a missing text in SDMX-CSV 2.0 (NaN is the one for a missing number)."""
EVERY = ""
"""Name of a column that is empty in every row of JSON. A layout uses it to ignore all rows."""
UNREAD = "0"
"""The cell of a series that the catalogue does not have, in place of its value."""
PARENT = "PARENT"
"""Role of the column with the parent series of a breakdown row."""
Table = TextDocument | WorkbookDocument | ParquetDocument


def load_table(document: Table, match: Match, options: ReadOptions) -> Observations:
    """The rows of a table as observations or, if it has values in several columns, its cells: empty ones are ignored.

    A breakdown row is rejected if its parent is not the series that its code names.
    """
    if isinstance(document, ParquetDocument):
        rows, roles = _typed_rows(document, match, options)
    else:
        document, match = sheet_with(document, match) if isinstance(document, WorkbookDocument) else (document, match)
        of_table = melted_rows if match.flow.melted else _text_rows
        rows, roles = of_table(document, match, options)
    if PARENT in roles.column_of:
        _confirm_parents(rows, match.flow, roles.column_of[v.INDICATOR], roles.column_of[PARENT])
    return observations(rows, roles, match, options)


def load_json(document: JsonDocument, match: Match, options: ReadOptions) -> Observations:
    """The objects as observations. A column of the layout is a path of keys (`answer.0.value`)."""
    flow, objects = match.flow, list(document.objects())
    lines = np.array([line for line, _ in objects], dtype=np.int32)
    paths = [name for columns in flow.columns.values() for name in several(columns)]
    keys = dict.fromkeys(name for _, entry in objects for name in (entry if isinstance(entry, Mapping) else ()))
    roles = column_roles(flow, list(dict.fromkeys([*paths, *keys])), options)
    wanted = dict.fromkeys([*roles.wanted, *paths])
    columns = {name: TextColumn.of(_json_text(_at(entry, name)) for _, entry in objects) for name in wanted}
    columns[EVERY] = TextColumn.constant("", len(objects))
    rows = Rows(document.file, columns, np.full(len(objects), np.nan), lines, RowFate(lines, options.strict))
    number = roles.column_of.get(v.OBS_VALUE)
    if number is not None:
        rows.numbers, rows.beside, wrong = figures(columns[number], flow.missing)
        rows.wrong = (number, wrong)
    return observations(rows, roles, match, options)


def _text_rows(document: TextDocument, match: Match, options: ReadOptions) -> tuple[Rows, ColumnRoles]:
    """The rows of the table and the roles of its columns."""
    flow = match.flow
    table = CsvTable(document, tuple(names_of(document.records()[match.record])), match.record)
    roles = column_roles(flow, table.names, options)
    number = roles.column_of[v.OBS_VALUE]
    names = dict.fromkeys([*roles.wanted, *parts_of(flow.columns)])
    wanted = [name for name in names if name in table.names and name != number]
    rows = read(table, wanted, number, flow, options)
    roles = replace(roles, column_of=with_joined(rows, flow.columns, roles, table.names))
    ignore_empty_rows(rows)
    refuse_headers(rows)
    if flow.own_codes:
        _ignore_unfilled(rows, roles)
        read_names(rows, roles)
    _unmark(rows, roles, flow.missing)
    return rows, roles


def _ignore_unfilled(rows: Rows, roles: ColumnRoles) -> None:
    """Ignores rows without a value and without an area or a year, such as unused rows of a template."""
    empty = without_number(rows.numbers)
    if rows.wrong:
        empty &= ~rows.columns[rows.wrong[0]].has(rows.wrong[1])
    area, year = (rows.columns[roles.column_of[concept]].equals("") for concept in (v.REF_AREA, v.TIME_PERIOD))
    rows.fate.ignore(empty & (area | year), "row_not_filled_in")


def _unmark(rows: Rows, roles: ColumnRoles, missing: Sequence[str]) -> None:
    """Empties the cells of attributes that contain SDMX's marker for a missing text."""
    attributes = (v.UNIT_MEASURE, v.OBS_STATUS, v.DECIMALS, v.CITATION, *v.AMOUNTS)
    names = {*roles.comments, *(roles.column_of[name] for name in attributes if name in roles.column_of)}
    for name in names if MISSING_TEXT in missing else ():
        rows.add({name: rows.columns[name].mapped(lambda text: "" if text == MISSING_TEXT else text)})


def ignore_empty_rows(rows: Rows) -> None:
    """Ignores rows without any text or number, which spreadsheets leave at the end."""
    columns = [*rows.columns.values(), *([rows.beside] if rows.beside else [])]
    if rows.columns and all("" in column.values for column in columns):
        empty = without_number(rows.numbers)
        for column in columns:
            empty &= column.equals("")
        rows.fate.ignore(empty, "row_empty")


def refuse_headers(rows: Rows) -> None:
    """Rejects rows with the names of at least two of their own columns. Another table may begin there."""
    named = np.zeros(len(rows), dtype=np.int16)
    for name, column in rows.columns.items():
        if name in column.values:
            named += column.equals(name)
    rows.refuse(named >= 2, "header_repeated", "")


def _confirm_parents(rows: Rows, flow: Dataflow, series: str, parent: str) -> None:
    codes, parents = rows.columns[series], rows.columns[parent]
    for index, code in enumerate(codes.values):
        own, suffix = series_meaning(code, flow), code.replace("%", "").rpartition("_")[2]
        if own is None or suffix not in flow.suffixes:
            continue
        of_series = codes.codes == index
        for position in np.unique(parents.codes[of_series]):
            name = parents.values[position]
            above = series_meaning(name, flow) if name else own
            if above is None or above[v.INDICATOR] != own[v.INDICATOR]:
                here, indicator = of_series & (parents.codes == position), own[v.INDICATOR]
                where, found = rows.where(int(np.argmax(here)), parent), repr(name)
                rows.fate.refuse(
                    here, SourceError("parent_series_differs", indicator=indicator, found=found, where=where)
                )


def _typed_rows(document: ParquetDocument, match: Match, options: ReadOptions) -> tuple[Rows, ColumnRoles]:
    """The rows of a Parquet file. The line of a row is its number, from 1."""
    file = document.file
    roles = column_roles(match.flow, document.schema.names, options)
    number, kind = roles.column_of[v.OBS_VALUE], document.schema.field(roles.column_of[v.OBS_VALUE]).type
    columns = {name: _typed_texts(document, name) for name in roles.wanted}
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        raise SourceError("value_column_not_numeric", found=str(kind), where=file.name)
    numbers, lines = room.column(document.rows, np.float64), room.column(document.rows, np.int32)
    finite = True
    for start, part in _parts(document, number):
        numbers[start : start + len(part)] = part.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        lines[start : start + len(part)] = np.arange(start + 1, start + len(part) + 1)
        finite = finite and not np.isinf(numbers[start : start + len(part)]).any()
    rows = Rows(file, columns, numbers, lines, RowFate(lines, options.strict), licence=_licence(document))
    if not finite:
        infinite = np.isinf(numbers)
        row = int(np.argmax(infinite))
        rows.fate.refuse(infinite, not_a_number(WrongText(str(numbers[row]), rows.where(row, number))), number)
    return rows, roles


def _parts(document: ParquetDocument, name: str) -> Iterator[tuple[int, pa.Array]]:
    """The rows of a column, some at a time, with the position of the first. What is in files leaves memory."""
    start = 0
    for part in document.column(name):
        yield start, part
        start += len(part)
        room.release()
    pa.default_memory_pool().release_unused()


class _Input(msgspec.Struct):
    """What the metadata of a Parquet file says about an input."""

    licence: str = ""


class _Provenance(msgspec.Struct):
    """What the metadata of a Parquet file says about where its figures come from."""

    inputs: tuple[_Input, ...] = ()


def _licence(document: ParquetDocument) -> str:
    """The licences of the files from which `divide read` made a Parquet file."""
    provenance = (document.schema.metadata or {}).get(b"divide", b"{}")
    try:
        inputs = msgspec.json.decode(provenance, type=_Provenance).inputs
    except (msgspec.DecodeError, RecursionError):  # written by another program
        return ""
    return "; ".join(sorted({entry.licence for entry in inputs} - {""}))


def _typed_texts(document: ParquetDocument, name: str) -> TextColumn:
    """A column of any type as text, empty if missing. Each distinct text is stored once."""
    texts = CodedTexts.of_size(document.rows)
    for start, part in _parts(document, name):
        kind = part.type
        try:
            coded = pa.types.is_dictionary(kind)
            if coded and not pa.types.is_string(kind.value_type):
                part, coded = part.cast(kind.value_type), False  # noqa: PLW2901
            texts.fill(start, part if coded else part.cast(pa.string()).dictionary_encode())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            where = say("{file}, column {name}", file=document.file.name, name=name)
            raise SourceError("text_column_not_text", found=str(kind), where=where) from error
    return texts.column(document.rows)


def melted_rows(
    document: TextDocument, match: Match, options: ReadOptions, columns: Columns | None = None, heads: str = ""
) -> tuple[Rows, ColumnRoles]:
    """One row for each cell below the heads that are years or series, and the roles of the columns.

    `columns` and the pattern of `heads` replace those of the layout.
    """
    flow = match.flow
    columns_named, heads = flow.columns if columns is None else columns, heads or flow.melted["columns"]
    table = CsvTable(document, tuple(names_of(document.records()[match.record])), match.record)
    melted = _melted(flow, columns_named, heads, table.names)
    if not melted:
        expected, found = say("columns whose names match {heads}", heads=heads), commas(table.names)
        raise SourceError("value_columns_missing", expected=expected, found=found, where=table.header_place)
    code = re.compile(flow.melted.get("code", NOTHING))  # the part of a head that is its meaning
    meanings = [part[1] if (part := code.search(name)) else name for name in melted]
    beside = _beside(flow, meanings, table.names)
    below = dict.fromkeys([*melted, *(name for names in beside.values() for name in names)])
    named = [name for name in table.names if name not in below]
    content, ragged = table.texts([*named, *below])
    if (wider := table.widened(ragged)) is not table:
        content, ragged = wider.texts([*named, *below])
    kept = np.delete(np.arange(len(table.lines)), sorted(ragged))
    texts = {}
    for name in named:
        own = text_column(content.column(name))
        texts[name] = TextColumn(np.repeat(own.codes, len(melted)), own.values)
    if flow.split:
        texts |= _split(texts, named[0], flow.split)
    texts |= {name: _interleaved(content, heads) for name, heads in beside.items()}
    texts[MELTED] = TextColumn(np.tile(np.arange(len(melted), dtype=np.int32), len(kept)), meanings)
    lines = np.repeat(table.lines[kept], len(melted))
    rows = Rows(document.file, texts, np.full(len(lines), np.nan), lines, RowFate(lines, options.strict))
    rows.remarks = table.trailing(wider)
    roles = _melted_roles(rows, flow, columns_named, named, options)
    known = _of_known_series(rows, roles, flow)[:: len(melted)] if columns is None else np.ones(len(kept), dtype=bool)
    cells = _interleaved(content, melted) if known.all() else _partly_read(content, melted, known, flow.missing)
    read_values(rows, CELLS, cells, flow, options.tells_decimals)
    if ragged:
        rows = _with_ragged(rows, table, ragged, flow)
        cells = cells.spread(np.arange(len(lines)), len(rows))
    rows.ignore_without_value(cells.mapped(lambda text: text.strip().partition(" ")[0]), flow.missing)
    return rows, roles


def _of_known_series(rows: Rows, roles: ColumnRoles, flow: Dataflow) -> Mask:
    """The rows whose series is known; all if the layout has no column of series. The others will be rejected."""
    column = roles.column_of.get(v.INDICATOR, MELTED)
    return rows.columns[column].where(lambda text: series_meaning(text, flow) is not None if column != MELTED else True)


def _partly_read(content: pa.Table, melted: Sequence[str], known: Mask, missing: Sequence[str]) -> TextColumn:
    """The melted cells, line by line, with UNREAD in place of each value on a line whose series is not known.

    A download of the World Bank has a thousand such series, and millions of values that nobody will read.
    """
    of_known = content.filter(pa.array(known))
    texts = [pc.cast(of_known.column(name), pa.string()).dictionary_encode() for name in melted]
    read = _interleaved(pa.table(dict(zip(melted, texts, strict=True))), melted)
    markers = list(dict.fromkeys(["", *missing]))
    codes = np.empty((len(known), len(melted)), dtype=np.int32)
    codes[known] = read.codes.reshape(-1, len(melted))
    for place, name in enumerate(melted):
        others = content.column(name).filter(pa.array(~known))
        codes[~known, place] = len(read.values) + _markers(others, markers)
    return TextColumn(codes.reshape(-1), [*read.values, *markers, UNREAD])


def _markers(column: pa.ChunkedArray, markers: Sequence[str]) -> npt.NDArray[np.int32]:
    """The index of the missing marker in each cell, before any flag; the number of markers if there is none."""
    parts = [np.zeros(0, dtype=np.int32)]
    for chunk in column.chunks:
        texts = pc.replace_substring_regex(pc.utf8_trim_whitespace(chunk.dictionary), " .*", "")
        found = pc.fill_null(pc.index_in(texts, pa.array(markers, texts.type)), len(markers)).take(chunk.indices)
        parts.append(pc.fill_null(found, markers.index("")).to_numpy(zero_copy_only=False))
    return np.concatenate(parts)


def _melted_roles(
    rows: Rows, flow: Dataflow, columns: Columns, named: Sequence[str], options: ReadOptions
) -> ColumnRoles:
    """The roles of the other columns, and of the heads, which have the concept that the layout names."""
    concept, names = flow.melted["concept"], [*rows.columns]
    others = {name: spellings for name, spellings in columns.items() if name != concept}
    roles = column_roles(flow, names, options, others)
    column_of = with_joined(rows, others, roles, names)
    unread = {MELTED, *(named[:1] if flow.split else [])}
    unread |= {name for name in names if rows.columns[name].values == [""]}
    ignored = tuple(name for name in roles.ignored if name not in unread)
    return replace(roles, column_of={**column_of, concept: MELTED}, ignored=ignored)


def _melted(flow: Dataflow, columns: Columns, heads: str, names: Sequence[str]) -> list[str]:
    """The columns whose heads are years or series. A column without a name has the numbers of the rows."""
    pattern = re.compile(heads)
    named = {name for spellings in columns.values() for name in several(spellings)}
    serving = {*named, *flow.dimensions.values(), *flow.comments, *flow.unused}
    return [name for name in names if name not in serving and pattern.fullmatch(name) and not NAMELESS.fullmatch(name)]


def _beside(flow: Dataflow, meanings: Sequence[str], names: Sequence[str]) -> dict[str, list[str]]:
    """The columns that go with those of values (`2018_note` with `2018_value`), in the order of the values."""
    heads = {
        name: [head.format(meaning) for meaning in meanings] for name, head in flow.melted.get("beside", {}).items()
    }
    return {name: of_values for name, of_values in heads.items() if set(of_values) <= set(names)}


def _interleaved(content: pa.Table, names: Sequence[str]) -> TextColumn:
    """The cells of several columns, row by row."""
    columns = [content.column(name) for name in names]
    chunks = [chunk for column in columns for chunk in column.chunks]
    below = text_column(pa.chunked_array(chunks, columns[0].type))
    return TextColumn(below.codes.reshape(len(names), -1).T.reshape(-1), below.values)


def _split(columns: Mapping[str, TextColumn], first: str, mark: str) -> dict[str, TextColumn]:
    """The columns that are joined in the first field (`freq,unit,geo\\TIME_PERIOD`), by name."""
    heads = first.partition("\\")[0].split(mark)
    source = columns[first]
    parts = [[part.strip() for part in text.split(mark)] for text in source.values]
    return {
        head: TextColumn(source.codes, [part[place] if place < len(part) else "" for part in parts])
        for place, head in enumerate(heads)
    }


def _with_ragged(rows: Rows, table: CsvTable, ragged: Ragged, flow: Dataflow) -> Rows:
    """The rows, followed by those with too many or too few cells: rejected, unless the layout ignores their lines."""
    size, places = len(rows), np.array(sorted(ragged))
    rows = rows.spread(np.arange(size), np.concatenate([rows.lines, table.lines[places]]))
    at_end = np.arange(len(rows)) >= size
    for entry in flow.ignored.get(table.names[0], ()):  # a line about the source has one cell
        pattern = re.compile(entry.get("pattern", NOTHING))
        ignored = at_end.copy()
        ignored[size:] = [bool(pattern.fullmatch(ragged[place][1].strip(' ,;\t"'))) for place in places]
        rows.fate.ignore(ignored, entry.get("code", "not_a_figure"), why=entry["why"])
    rest = rows.fate.among(at_end)
    if rest.any():
        rows.fate.refuse(rest, ragged_row(table, {int(place): ragged[place] for place in places[rest[size:]]}))
    return rows


def _at(entry: Any, path: str) -> Any:
    """The value at the end of the path; None if the path does not exist."""
    for step in path.split("."):
        if isinstance(entry, Mapping):
            entry = entry.get(step)
        elif isinstance(entry, Sequence) and not isinstance(entry, str) and step.isdigit() and int(step) < len(entry):
            entry = entry[int(step)]
        else:
            return None
    return entry


def _json_text(value: Any) -> str:
    """The value as text: a missing one as empty text, numbers as JSON writes them."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
