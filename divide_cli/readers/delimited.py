"""Delimited text -> columns: text as dictionary codes, one column of numbers, the line of each row."""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from divide_cli.errors import SourceError
from divide_cli.readers.text import Text

_TEXT = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class TextColumn:
    """A column of text: `values[codes[i]]` is the text of row i."""

    codes: npt.NDArray[np.signedinteger]
    values: list[str]

    def row_of(self, value: int) -> int:
        """The first row that holds the value of that index."""
        return int(np.argmax(self.codes == value))


@dataclass(frozen=True)
class Delimited:
    """The rows of one file. `numbers` holds NaN for an empty cell; `lines` the line on which each row begins."""

    text: Text
    columns: Mapping[str, TextColumn]
    numbers: npt.NDArray[np.float64]
    lines: npt.NDArray[np.int32]

    def where(self, row: int, column: str = "") -> str:
        """`file:line, column X` of a row."""
        return f"{self.text.file.name}:{self.lines[row]}" + (f", column {column}" if column else "")


def header(text: Text) -> list[str]:
    """The names in the first record, without the blanks around them."""
    record = next(csv.reader(io.StringIO(text.head.lstrip("\r\n"), newline="")), [])
    return [name.strip() for name in record]


def read(text: Text, wanted: Sequence[str], number: str) -> Delimited:
    """The `wanted` text columns and the `number` column of every row; SourceError where a row or a number is unsound.

    Empty text stays empty text; an empty number is NaN; nothing else is read as missing.
    """
    names = header(text)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise SourceError("a column stands twice in the header", found=", ".join(repeated), where=f"{text.file.name}:1")
    if len(text.lines) < 2:
        raise SourceError(
            "a file has a header and no rows",
            expected="at least one observation",
            found="0 rows below the header",
            where=text.file.name,
            hint="check the export",
        )
    try:
        table = _parse(text, names, wanted, {number: pa.float64()})
    except pa.ArrowInvalid:
        _explain(text, names, wanted, number)
    _count(text, table)
    numbers = table.column(number).to_numpy()
    unsound = np.isinf(numbers)
    if int(np.isnan(numbers).sum()) > table.column(number).null_count:
        unsound |= pc.is_nan(table.column(number)).fill_null(False).to_numpy()
    columns = {}
    for name in wanted:  # each is let go of when it is taken over
        columns[name] = _column(table.column(name))
        table = table.drop_columns([name])
    del table
    pa.default_memory_pool().release_unused()
    result = Delimited(text, columns, numbers, text.lines[1:])
    if unsound.any():
        row = int(np.argmax(unsound))
        raise _not_a_number(result.where(row, number), str(numbers[row]), int(unsound.sum()))
    return result


def _count(text: Text, table: pa.Table) -> None:
    """One row for each record that the pass over the bytes met; else the lines of the rows are unknown."""
    if table.num_rows != len(text.lines) - 1:
        raise SourceError(
            "rows would be lost",
            expected=f"{len(text.lines) - 1} rows, one a record of the file",
            found=f"{table.num_rows} rows",
            where=text.file.name,
            hint="look for mixed line ends",
        )


def _parse(
    text: Text, names: Sequence[str], wanted: Sequence[str], numbers: Mapping[str, pa.DataType], threads: bool = True
) -> pa.Table:
    with text.open() as handle:
        return arrow_csv.read_csv(
            handle,
            read_options=arrow_csv.ReadOptions(
                column_names=list(names), skip_rows=int(text.lines[0]) - 1, skip_rows_after_names=1, use_threads=threads
            ),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=text.breaks_in_cells),
            convert_options=arrow_csv.ConvertOptions(
                column_types={**dict.fromkeys(wanted, _TEXT), **numbers},
                include_columns=[*wanted, *numbers],
                null_values=[""],
                strings_can_be_null=False,
            ),
        )


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


def _not_a_number(where: str, found: str, count: int) -> SourceError:
    return SourceError(
        "a value is not a number",
        expected="a decimal number with a point, or an empty cell for a missing value",
        found=f"{found!r}" + (f" and {count - 1} more" if count > 1 else ""),
        where=where,
        hint="correct the cell, or leave it empty and say why in OBS_COMMENT",
    )


def _explain(text: Text, names: Sequence[str], wanted: Sequence[str], number: str) -> NoReturn:
    """Finds why a file could not be parsed and raises the SourceError that says it."""
    try:
        table = _parse(text, names, wanted, {number: _TEXT}, threads=False)
    except pa.ArrowInvalid as error:
        _unparsable(text, str(error), len(names))
    _count(text, table)
    column = _column(table.column(number))
    bad = [index for index, value in enumerate(column.values) if value and not _is_number(value)]
    rows = np.flatnonzero(np.isin(column.codes, bad))
    raise _not_a_number(
        f"{text.file.name}:{text.lines[int(rows[0]) + 1]}, column {number}",
        column.values[int(column.codes[rows[0]])],
        len(rows),
    )


def _is_number(value: str) -> bool:
    number = _cast(value).as_py()
    return number is not None and math.isfinite(number)


def _cast(value: str) -> pa.Scalar:
    try:
        return pa.scalar(value).cast(pa.float64())
    except pa.ArrowInvalid:
        return pa.scalar(None, pa.float64())


def _unparsable(text: Text, message: str, columns: int) -> NoReturn:
    ragged = re.search(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)", message)
    if ragged:
        row = int(ragged.group(1) or 0)
        line = int(text.lines[row - 1]) if 0 < row <= len(text.lines) else 0
        raise SourceError(
            "a row has another number of cells than the header",
            expected=f"{columns} cells",
            found=f"{ragged.group(3)} cells",
            where=f"{text.file.name}:{line}" if line else text.file.name,
            hint="quote cells that hold a comma; check that the file is whole",
        )
    if "UTF8" in message:
        line = _undecodable_line(text)
        raise SourceError(
            "a file is not UTF-8 text",
            expected="UTF-8, or UTF-16 with a byte order mark",
            found="bytes that are no UTF-8",
            where=f"{text.file.name}:{line}",
            hint="save the file as CSV UTF-8",
        )
    raise SourceError("a file cannot be parsed as CSV", found=message.splitlines()[0], where=text.file.name)


def _undecodable_line(text: Text) -> int:
    with text.open() as handle:
        raw = handle.read()
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return int(raw[: error.start].count(b"\n")) + 1
    return 1
