"""Delimited text -> rows: text as dictionary codes, one column of numbers, the line of each row.

A row with another number of cells than the header is refused, and a value that is no number; all else is kept.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from divide_cli.readers.layouts.layout import Layout, Ragged, beyond, cells_of, lone, lost, ragged_row
from divide_cli.readers.mapping.numbers import as_written, decimal_mark, figures
from divide_cli.readers.mapping.raw_rows import RowFate, Rows, TextColumn, picked
from divide_cli.readers.options import ReadOptions

_TEXT = pa.dictionary(pa.int32(), pa.string())
_STRICT = ReadOptions()


def read(
    layout: Layout,
    wanted: Sequence[str],
    number: str,
    missing: Sequence[str] = (),
    flagged: bool = False,
    options: ReadOptions = _STRICT,
) -> Rows:
    """The `wanted` text columns and the `number` column of every row.

    Empty text stays empty text; an empty number, and one of the `missing` markers, is NaN; nothing else is read as
    missing. Where `flagged`, letters may stand after a number. Rows with too many or too few cells are refused.
    """
    text = layout.text
    kinds = {**dict.fromkeys(wanted, _TEXT), number: pa.float64()}
    table, decimal = None, "."
    ragged: Ragged = {}
    printed: npt.NDArray[np.int8] | None = None
    padded: npt.NDArray[np.bool_] | None = None
    if not flagged:
        table, printed = _numbers(layout, kinds, missing, options.submitted)
    if table is not None and table.num_rows != len(layout.lines):
        lost(layout.text.file.name, len(layout.lines), table.num_rows)
    if table is None:
        kinds[number] = _TEXT
        table, ragged = _texts(layout, kinds)
    kept = np.delete(np.arange(len(layout.lines)), sorted(ragged)) if ragged else np.arange(0)
    fate = RowFate(layout.lines, options.strict)
    columns: dict[str, TextColumn] = {}
    beside: TextColumn | None = None
    said: TextColumn | None = None
    wrong: list[int] = []
    if table.schema.field(number).type == pa.float64():
        numbers = table.column(number).to_numpy()
    else:
        said = _column(table.column(number))
        decimal = decimal_mark(said.values, text.delimiter)
        numbers, beside, wrong = figures(said, missing, decimal, flagged)
        if options.submitted:
            printed, padded = (of_text[said.codes] for of_text in as_written(said.values, decimal))
    for name in wanted:  # each is let go of when it is taken over
        columns[name] = _column(table.column(name))
        table = table.drop_columns([name])
    del table
    pa.default_memory_pool().release_unused()
    file = replace(text.file, decimal=decimal)
    rows = Rows(file, columns, numbers, layout.lines, fate, beside, printed=printed, padded=padded)
    if ragged:
        rows = _spread(rows, kept)
        _refuse_ragged(rows, layout, ragged)
    if wrong and said is not None:
        rows.columns = {**rows.columns, number: _place(said, kept, len(layout.lines)) if ragged else said}
        rows.wrong = (number, wrong)
    return rows


def _numbers(
    layout: Layout, kinds: dict[str, pa.DataType], missing: Sequence[str], written: bool
) -> tuple[pa.Table | None, npt.NDArray[np.int8] | None]:
    """The table with its numbers, if every cell of theirs is one; NaN and infinity are none.

    Where it matters how they are `written`, their decimals too.
    """
    number = next(name for name, kind in kinds.items() if kind == pa.float64())
    printed = None
    try:
        if written:
            table = layout.parse({**kinds, number: pa.string()}, ())
            place = table.schema.get_field_index(number)
            with ThreadPoolExecutor() as pool:  # arrays of libraries that hold no lock
                chunks = list(pool.map(lambda chunk: _written(chunk, ["", *missing]), table.column(place).chunks))
            table = table.set_column(place, number, pa.chunked_array([chunk for chunk, _ in chunks], pa.float64()))
            printed = np.concatenate([np.zeros(0, dtype=np.int8), *(decimals for _, decimals in chunks)])
        else:
            table = layout.parse(kinds, missing)
    except pa.ArrowInvalid:
        return None, None
    if not pc.all(pc.is_finite(table.column(number)), min_count=0).as_py():
        return None, None
    return table, printed


def _written(texts: pa.StringArray, missing: Sequence[str]) -> tuple[pa.DoubleArray, npt.NDArray[np.int8]]:
    """The numbers of texts and their decimals, -1 for missing ones and those with an exponent; else ArrowInvalid."""
    absent = pc.is_in(texts, pa.array(missing, pa.string()))
    numbers = pc.cast(pc.if_else(absent, pa.scalar(None, pa.string()), texts), pa.float64())
    point = pc.find_substring(texts, ".").to_numpy(zero_copy_only=False)
    size = pc.binary_length(texts).to_numpy(zero_copy_only=False)
    decimals = np.where(point < 0, 0, np.minimum(size - point - 1, 99))
    unknown = absent.to_numpy(zero_copy_only=False)
    held = texts.buffers()[2] or b""
    for mark in b"eE":
        if (np.frombuffer(held, dtype=np.uint8) == mark).any():  # seldom, so that no text has to be searched
            unknown = unknown | (pc.find_substring(texts, chr(mark)).to_numpy(zero_copy_only=False) >= 0)
    return numbers, np.where(unknown, -1, decimals).astype(np.int8)


def _texts(layout: Layout, kinds: dict[str, pa.DataType]) -> tuple[pa.Table, Ragged]:
    """The table with all its columns as text, and the rows with too many or too few cells (see `Layout.ragged`)."""
    try:
        table = layout.parse(kinds, ())
        ragged: Ragged = {}
    except pa.ArrowInvalid as error:
        if "columns, got" not in str(error):
            layout.unparsable(str(error))
        ragged = layout.ragged()
        table = layout.parse(kinds, (), ragged)
    if table.num_rows + len(ragged) != len(layout.lines):
        lost(layout.text.file.name, len(layout.lines), table.num_rows + len(ragged))
    return table, ragged


def _place(column: TextColumn, kept: npt.NDArray[np.intp], size: int) -> TextColumn:
    """The column spread over `size` rows, empty text where a row was left out."""
    values = column.values if "" in column.values else [*column.values, ""]
    codes = np.full(size, values.index(""), dtype=np.min_scalar_type(-len(values)))
    codes[kept] = column.codes
    return TextColumn(codes, values)


def _spread(rows: Rows, kept: npt.NDArray[np.intp]) -> Rows:
    size = len(rows.lines)
    numbers = np.full(size, np.nan)
    numbers[kept] = rows.numbers
    columns = {name: _place(column, kept, size) for name, column in rows.columns.items()}
    beside = _place(rows.beside, kept, size) if rows.beside else None
    printed, padded = (None if part is None else _apart(part, kept, size) for part in (rows.printed, rows.padded))
    return replace(rows, numbers=numbers, columns=columns, beside=beside, printed=printed, padded=padded)


def _apart(part: npt.NDArray[Any], kept: npt.NDArray[np.intp], size: int) -> npt.NDArray[Any]:
    """What is known of the kept rows, spread over `size` rows: -1 or False where a row was left out."""
    made = np.full(size, -1 if part.dtype == np.int8 else 0, dtype=part.dtype)
    made[kept] = part
    return made


def _refuse_ragged(rows: Rows, layout: Layout, ragged: Ragged) -> None:
    of_kind: dict[tuple[bool, bool], dict[int, tuple[int, str]]] = {}
    for row, told in ragged.items():
        of_kind.setdefault((beyond(layout, told), lone(layout, told)), {})[row] = told
    for kind in of_kind.values():
        mask = np.zeros(len(rows), dtype=bool)
        mask[sorted(kind)] = True
        rows.fate.refuse(mask, ragged_row(layout, kind), "", lambda row: cells_of(ragged[row]))


def _column(column: pa.ChunkedArray) -> TextColumn:
    """The codes of all chunks in one array of the smallest integer type, over one list of distinct texts."""
    united = column.unify_dictionaries()
    values = united.chunk(0).dictionary.to_pylist() if united.num_chunks else []
    codes = np.empty(len(column), dtype=np.min_scalar_type(-max(len(values), 1)))
    start = 0
    for chunk in united.chunks:
        codes[start : start + len(chunk)] = chunk.indices.to_numpy(zero_copy_only=False)
        start += len(chunk)
    return TextColumn(codes, values)


def cells(layout: Layout, wanted: Sequence[str], melted: Sequence[str]) -> tuple[pa.Table, Ragged]:
    """The `wanted` and `melted` columns as text, for layouts with years or series in columns."""
    return _texts(layout, dict.fromkeys([*wanted, *melted], _TEXT))


def text_column(column: pa.ChunkedArray) -> TextColumn:
    """A column of the parser's as text."""
    return _column(column)


__all__ = ["cells", "picked", "read", "text_column"]
