"""Delimited text -> rows: text as dictionary codes, one column of numbers, the line of each row.

A row with another number of cells than the header is refused, and a value that is no number; all else is kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from divide_cli.errors import SourceError
from divide_cli.readers.figures import decimal_mark, figures
from divide_cli.readers.rows import Rows, Sorting, TextColumn, picked
from divide_cli.readers.text import Text

_TEXT = pa.dictionary(pa.int32(), pa.string())
Ragged = Mapping[int, tuple[int, str]]
"""Rows with too many or too few cells: place below the header -> number of cells, text."""


def _skip(_row: arrow_csv.InvalidRow) -> str:
    return "skip"


def names_of(record: Sequence[str]) -> list[str]:
    """The names of a header, without the blanks around them; a column without a name is `column 5`."""
    return [name.strip() or f"column {index}" for index, name in enumerate(record, start=1)]


@dataclass(frozen=True)
class Layout:
    """What is known of a file's table before its rows are read: its header and the record that it stands in."""

    text: Text
    names: tuple[str, ...]
    header: int = 0

    def __post_init__(self) -> None:
        repeated = sorted({name for name in self.names if self.names.count(name) > 1})
        where = f"{self.text.file.name}:{self.text.lines[self.header]}"
        if repeated:
            raise SourceError("a column stands twice in the header", found=", ".join(repeated), where=where)
        if len(self.text.lines) < self.header + 2:
            raise SourceError(
                "a file has a header and no rows",
                expected="at least one observation",
                found="0 rows below the header",
                where=self.text.file.name,
                hint="check the export",
            )

    @property
    def lines(self) -> npt.NDArray[np.int32]:
        """The line of each record below the header."""
        return self.text.lines[self.header + 1 :]

    def parse(self, kinds: dict[str, pa.DataType], missing: Sequence[str], ragged: Collection[int] = ()) -> pa.Table:
        """The columns named in `kinds`; rows in `ragged`, by their place, are left out."""
        skipped = int(self.text.lines[self.header]) - 1
        with self.text.open() as handle:
            return arrow_csv.read_csv(
                handle,
                read_options=arrow_csv.ReadOptions(
                    column_names=list(self.names),
                    skip_rows=skipped,
                    skip_rows_after_names=1,
                    use_threads=not ragged,
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.text.delimiter,
                    newlines_in_values=self.text.breaks_in_cells,
                    invalid_row_handler=_skip if ragged else None,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=kinds,
                    include_columns=list(kinds),
                    null_values=["", *missing],
                    strings_can_be_null=False,
                ),
            )

    def ragged(self) -> Ragged:
        """The rows with another number of cells than the header."""
        found: dict[int, tuple[int, str]] = {}
        skipped = int(self.text.lines[self.header]) - 1

        def note(row: arrow_csv.InvalidRow) -> str:
            found[row.number - skipped - 2] = row.actual_columns, row.text
            return "skip"

        with self.text.open() as handle:
            try:
                arrow_csv.read_csv(
                    handle,
                    read_options=arrow_csv.ReadOptions(
                        column_names=list(self.names), skip_rows=skipped, skip_rows_after_names=1, use_threads=False
                    ),
                    parse_options=arrow_csv.ParseOptions(
                        delimiter=self.text.delimiter,
                        newlines_in_values=self.text.breaks_in_cells,
                        invalid_row_handler=note,
                    ),
                    convert_options=arrow_csv.ConvertOptions(
                        column_types={self.names[0]: pa.binary()}, include_columns=[self.names[0]]
                    ),
                )
            except pa.ArrowInvalid as error:
                self.unparsable(str(error))
        return found

    def unparsable(self, message: str) -> NoReturn:
        """Raises what a failure of the parser means."""
        raise SourceError(
            "a file cannot be parsed as CSV", found=message.splitlines()[0], where=self.text.file.name
        ) from None


def read(
    layout: Layout,
    wanted: Sequence[str],
    number: str,
    missing: Sequence[str] = (),
    flagged: bool = False,
    strict: bool = True,
) -> Rows:
    """The `wanted` text columns and the `number` column of every row.

    Empty text stays empty text; an empty number, and one of the `missing` markers, is NaN; nothing else is read as
    missing. Where `flagged`, letters may stand after a number. Rows with too many or too few cells are refused.
    """
    text = layout.text
    kinds = {**dict.fromkeys(wanted, _TEXT), number: pa.float64()}
    table, decimal = None, "."
    ragged: Ragged = {}
    if not flagged:
        table = _numbers(layout, kinds, missing)
    if table is not None and table.num_rows != len(layout.lines):
        lost(layout.text.file.name, len(layout.lines), table.num_rows)
    if table is None:
        kinds[number] = _TEXT
        table, ragged = _texts(layout, kinds)
    kept = np.delete(np.arange(len(layout.lines)), sorted(ragged)) if ragged else np.arange(0)
    sorting = Sorting(layout.lines, strict)
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
    for name in wanted:  # each is let go of when it is taken over
        columns[name] = _column(table.column(name))
        table = table.drop_columns([name])
    del table
    pa.default_memory_pool().release_unused()
    file = replace(text.file, decimal=decimal)
    rows = Rows(file, columns, numbers, layout.lines, sorting, beside)
    if ragged:
        rows = _spread(rows, kept)
        _refuse_ragged(rows, layout, ragged)
    if wrong and said is not None:
        rows.columns = {**rows.columns, number: _place(said, kept, len(layout.lines)) if ragged else said}
        rows.wrong = (number, wrong)
    return rows


def _numbers(layout: Layout, kinds: dict[str, pa.DataType], missing: Sequence[str]) -> pa.Table | None:
    """The table with its numbers, if every cell of theirs is one; NaN and infinity are none."""
    try:
        table = layout.parse(kinds, missing)
    except pa.ArrowInvalid:
        return None
    for name, kind in kinds.items():
        if kind != pa.float64():
            continue
        finite = pc.all(pc.is_finite(table.column(name)), min_count=0).as_py()
        if not finite:
            return None
    return table


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


def lost(name: str, expected: int, found: int) -> NoReturn:
    """One row for each record that the pass over the bytes met; else the lines of the rows are unknown."""
    raise SourceError(
        "rows would be lost",
        expected=f"{expected} rows, one a record of the file",
        found=f"{found} rows",
        where=name,
        hint="look for mixed line ends",
    )


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
    return replace(rows, numbers=numbers, columns=columns, beside=beside)


def _refuse_ragged(rows: Rows, layout: Layout, ragged: Ragged) -> None:
    mask = np.zeros(len(rows), dtype=bool)
    mask[sorted(ragged)] = True
    rows.sorting.refuse(mask, ragged_row(layout, ragged))


def ragged_row(layout: Layout, ragged: Ragged) -> SourceError:
    """The refusal of rows with too many or too few cells."""
    first = min(ragged)
    others = f", and {len(ragged) - 1} more rows" if len(ragged) > 1 else ""
    return SourceError(
        "a row has another number of cells than the header",
        expected=f"{len(layout.names)} cells",
        found=f"{ragged[first][0]} cells{others}",
        where=f"{layout.text.file.name}:{layout.lines[first]}",
        hint="quote cells that hold a comma; check that the file is whole",
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


def cells(layout: Layout, wanted: Sequence[str], melted: Sequence[str]) -> tuple[pa.Table, Ragged]:
    """The `wanted` and `melted` columns as text, for layouts with years or series in columns."""
    return _texts(layout, dict.fromkeys([*wanted, *melted], _TEXT))


def text_column(column: pa.ChunkedArray) -> TextColumn:
    """A column of the parser's as text."""
    return _column(column)


__all__ = ["Layout", "cells", "names_of", "picked", "read", "text_column"]
