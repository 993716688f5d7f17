"""The cells of a file as they stand in it, with the line of each row: what is given back to those who own the data."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from divide_cli.errors import Place, SourceError
from divide_cli.frames.observations import InputFile
from divide_cli.readers.opening import open_document
from divide_cli.readers.opening.text import TextDocument, cells_of_any_length
from divide_cli.readers.opening.workbook import WorkbookDocument

MOST_ROWS = 100_000
"""Rows of a table that are all kept; of a longer one only those that are asked for."""
HEAD_ROWS = 20
AROUND = 2
"""Lines before and after one that is asked for, which are kept with it."""


@dataclass(frozen=True)
class Grid:
    """The rows of a table, each on its line; `total` is how many rows the table has, kept or not."""

    rows: list[list[str]]
    lines: list[int]
    total: int

    @property
    def cut(self) -> bool:
        """Whether rows were left out."""
        return len(self.rows) < self.total


def grids(path: str, lines: Mapping[str, Collection[int]], encoding: str = "") -> tuple[InputFile, dict[str, Grid]]:
    """The tables of a file by the names that findings give them: the path, or `path[sheet]` for each sheet.

    `lines` are the lines to keep, with those around, of a table of more than MOST_ROWS rows; its first rows are kept
    too. Delimited text and workbooks have tables, other files none. SourceError where the file cannot be read.
    """
    document = open_document(path, encoding)
    tables = {}
    if isinstance(document, WorkbookDocument):
        for sheet, rows in document.sheets.items():
            name = f"{path}[{sheet}]"
            tables[name] = _kept(enumerate(rows, start=1), len(rows), lines.get(name, ()))
    elif isinstance(document, TextDocument):
        tables[path] = _kept(_records(document), len(document.lines), lines.get(path, ()))
    return document.file, tables


def _kept(rows: Iterable[tuple[int, list[str]]], total: int, wanted: Collection[int]) -> Grid:
    near = {line + step for line in wanted for step in range(-AROUND, AROUND + 1)}
    last = max(near, default=0)
    whole = total <= MOST_ROWS
    reached = takewhile(lambda row: whole or row[0] < HEAD_ROWS or row[1][0] <= last, enumerate(rows))
    kept = [entry for place, entry in reached if whole or place < HEAD_ROWS or entry[0] in near]
    return Grid([row for _, row in kept], [line for line, _ in kept], total)


def _records(text: TextDocument) -> Iterator[tuple[int, list[str]]]:
    """The records that hold anything, each with the line on which it begins."""
    with (
        text.open() as raw,
        io.TextIOWrapper(raw, encoding="utf-8-sig", newline="\n") as handle,
        cells_of_any_length(),
    ):
        reader = csv.reader(handle, delimiter=text.delimiter)
        before = 0
        try:
            for record in reader:
                if record:
                    yield before + 1, record
                before = reader.line_num
        except csv.Error as error:
            raise SourceError("csv_unparsable", found=str(error), where=Place(text.file.name, before + 1)) from error
