"""A file's table before its rows are read: its header, the lines of its records, and the parser that reads them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow_csv

from divide_cli.errors import Place, SourceError
from divide_cli.errors.text_safety import grown
from divide_cli.readers.opening.text import Text

_SHOWN = 120
_BLOCK = 4 * 2**20
"""Bytes that one thread parses at a time: larger blocks cost fewer dictionaries of texts, smaller ones less memory."""
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
        repeated = sorted(name for name, count in Counter(self.names).items() if count > 1)
        where = Place(self.text.file.name, self.text.lines[self.header])
        if repeated:
            raise SourceError("column_duplicate", found=", ".join(repeated), where=where)
        if len(self.text.lines) < self.header + 2:
            raise SourceError("rows_missing", where=self.text.file.name)

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
                    block_size=_BLOCK,
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
                    check_utf8=False,  # `Text` has, or was decoded
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
        raise SourceError("csv_unparsable", found=message.splitlines()[0], where=self.text.file.name) from None


def lost(name: str, expected: int, found: int) -> NoReturn:
    """One row for each record that the pass over the bytes met; else the lines of the rows are unknown."""
    raise SourceError(
        "rows_lost",
        expected=f"{grown(expected, 'row')}, one a record of the file",
        found=grown(found, "row"),
        where=name,
    )


def beyond(layout: Layout, row: tuple[int, str]) -> bool:
    """Whether a row has all cells of the header, and empty ones after them."""
    cells, text = row
    surplus = text.rstrip("\r\n")[len(text.rstrip(layout.text.delimiter + " \r\n")) :]
    return surplus.count(layout.text.delimiter) >= cells - len(layout.names) > 0


def lone(layout: Layout, row: tuple[int, str]) -> bool:
    """Whether a row is a line of words, a remark between the rows, and no row that was cut off (`2019`)."""
    cells, text = row
    return cells == 1 < len(layout.names) and any(letter.isalpha() for letter in text)


def cells_of(row: tuple[int, str]) -> str:
    """The number of cells of a row, and its text."""
    cells, text = row
    bare = text.strip("\r\n")
    return f"{grown(cells, 'cell')}: {bare if len(bare) <= _SHOWN else bare[:_SHOWN] + ' ...'}"


def ragged_row(layout: Layout, ragged: Ragged) -> SourceError:
    """The refusal of rows with too many or too few cells."""
    first = min(ragged)
    others = f", and {grown(len(ragged) - 1, 'more row')}" if len(ragged) > 1 else ""
    code = "row_ragged"
    if lone(layout, ragged[first]):
        code = "row_only_text"
    elif beyond(layout, ragged[first]):
        code = "row_trailing_cells"
    return SourceError(
        code,
        expected=grown(len(layout.names), "cell"),
        found=f"{cells_of(ragged[first])}{others}",
        where=Place(layout.text.file.name, layout.lines[first]),
        hint="a delimiter is missing, or the row is cut off: compare it with the rows around"
        if ragged[first][0] < len(layout.names)
        else "put cells that hold a delimiter in quotation marks; delete delimiters that are too many",
    )
