"""The rows of a file that a finding is about, the rows to compare them with, and the columns that findings name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from divide_cli.errors import SourceError
from divide_cli.language import later, say
from divide_cli.readers.opening import Grid, grids
from divide_cli.readers.opening.workbook import column_letters, column_place
from divide_cli.reports.findings import path_of
from divide_cli.validation.report import Finding, Report

SHOWN_ROWS = 8
"""The number of rows shown for a finding."""
LISTED = 25
"""Rows shown for a finding about many rows without others to compare with."""
SHOWN_COLUMNS = 12
"""The number of columns shown."""
ALIKE, LEAST = 7, 3
"""Up to the first number, columns with the same cells in all rows are shown; the second is the minimum."""
_COMPARED = 4
"""Rows kept for comparison if more lines are involved than are shown."""
SHEET_COLUMNS = 16_384
"""The number of columns of a sheet of Excel."""
_LETTERS = re.compile(r"[A-Z]{1,3}")
_NUMBERED = re.compile(r"column [0-9]+")
_LAST_HEADER = 30
"""The names of columns are looked for in these first lines."""
SHOWN_FOR = {"error": later("to correct"), "warning": later("to check"), "note": later("worth checking")}
ACCEPTED, INVOLVED, COMPARED, BESIDE = (
    later("accepted"),
    later("also involved"),
    later("for comparison"),
    later("nearby"),
)
"""Why a row is shown: for the line of the finding by severity, then for the other rows."""


@dataclass(frozen=True)
class Row:
    """A row of the file: its line, why it is shown, and its cells; None if the row ends before a column."""

    line: int
    role: str
    cells: tuple[str | None, ...]


@dataclass(frozen=True)
class Excerpt:
    """Rows under the `names` of their columns.

    `columns` says which are shown, from 0; `marked` is the column of the finding, None if it names none; `more`
    counts lines involved that are left out, `hidden` the columns.
    """

    names: tuple[str, ...]
    columns: tuple[int, ...]
    rows: tuple[Row, ...]
    marked: int | None
    more: int
    hidden: int


class Rows:
    """The rows of a table from which excerpts are taken, and the places of the columns that findings name.

    `named_header` is the line of those names, 0 if there is none near the top; `header` is the first line then.
    """

    def __init__(self, grid: Grid, findings: Iterable[Finding]) -> None:
        self.grid = grid
        self.at = {line: place for place, line in enumerate(grid.lines)}
        self._cells_by_name: dict[str, list[tuple[int, int]]] = {}
        for finding in findings:
            self.column_of(finding.column, finding.line)
        tops = (cells[0][0] for cells in self._cells_by_name.values() if cells)
        self.named_header = max((line for line in tops if line <= _LAST_HEADER), default=0)
        self.header = self.named_header or next(iter(grid.lines), 0)

    def column_of(self, name: str, line: int) -> int | None:
        """The column, from 0, of a finding on that line: by the header above, by number (`column 5`) or by letter.

        None if it names no known column.
        """
        headers = [column for at, column in self._cells_of(name) if at <= line]
        if headers:
            return headers[0]
        if number := _NUMBERED.fullmatch(name):
            return min(max(int(number[0].split()[1]), 1), SHEET_COLUMNS) - 1
        column = column_place(name) if _LETTERS.fullmatch(name) else SHEET_COLUMNS
        return column if column < SHEET_COLUMNS else None

    def _cells_of(self, name: str) -> list[tuple[int, int]]:
        """The cells that contain only the name: line and column, from the top."""
        if name and name not in self._cells_by_name:
            cells = self._cells_by_name.setdefault(name, [])
            for line, row in zip(self.grid.lines, self.grid.rows, strict=True):
                if any(name in cell for cell in row) and name in (texts := [cell.strip() for cell in row]):
                    cells.append((line, texts.index(name)))
        return self._cells_by_name.get(name, [])

    def about(self, finding: Finding) -> Excerpt | None:
        """The rows of a finding, in the order of the file; None if it names no line of the table."""
        roles, more = self._roles(finding)
        if not roles:
            return None
        rows = {line: self.grid.rows[self.at[line]] for line in sorted(roles)}
        head = self.grid.rows[self.at[self.header]] if self.header and self.header <= min(rows) else []
        marked = self.column_of(finding.column, finding.line or min(rows))
        columns, hidden = _columns(head, list(rows.values()), marked)
        names = tuple(head[column].strip() if column < len(head) else "" for column in columns)
        cells = (tuple(row[at] if at < len(row) else None for at in columns) for row in rows.values())
        shown = tuple(Row(line, roles[line], own) for line, own in zip(rows, cells, strict=True))
        return Excerpt(names, columns, shown, marked, more, hidden)

    def _roles(self, finding: Finding) -> tuple[dict[int, str], int]:
        """The lines to show and why, and how many of those involved are left out."""
        own = [finding.line] if finding.line in self.at else []
        involved = [line for line in dict.fromkeys(finding.lines) if line in self.at and line not in own]
        known = {*own, *involved}
        compared = [line for line in dict.fromkeys(finding.context) if line in self.at and line not in known]
        room = (SHOWN_ROWS if compared else LISTED) - len(own)
        kept = involved[: room - min(len(compared), _COMPARED)]
        roles = dict.fromkeys(own, ACCEPTED if finding.waiver else SHOWN_FOR[finding.severity])
        roles |= dict.fromkeys(kept, INVOLVED) | dict.fromkeys(compared[: room - len(kept)], COMPARED)
        if own and len(roles) == 1:
            roles |= dict.fromkeys(self._beside(finding.line), BESIDE)
        return roles, len(involved) - len(kept)

    def _beside(self, line: int) -> list[int]:
        """The lines before and after, without the header."""
        place = self.at[line]
        near = self.grid.lines[max(place - 1, 0) : place] + self.grid.lines[place + 1 : place + 2]
        return [other for other in near if other != self.header]


def _columns(head: Sequence[str], rows: Sequence[Sequence[str]], marked: int | None) -> tuple[tuple[int, ...], int]:
    """The columns to show, and how many others are not empty.

    Of many: first the marked one, then those whose cells differ or are missing, then others that are not empty.
    """
    ranks: dict[int, int] = {}
    for column, (_, *values) in enumerate(zip_longest(head, *rows)):
        ranks[column] = 1 if len(set(values)) > 1 else 2 if any(values) else 3
    if marked is not None:
        ranks[marked] = 0
    telling = sum(rank < 2 for rank in ranks.values())
    room = ALIKE if len(ranks) <= ALIKE else max(telling, LEAST)
    columns = sorted(ranks, key=ranks.__getitem__)[: min(room, SHOWN_COLUMNS)]
    hidden = sum(rank < 3 for rank in ranks.values()) - sum(ranks[column] < 3 for column in columns)
    return tuple(sorted(columns)), hidden


def in_words(row: Row, excerpt: Excerpt) -> str:
    """A row in words: `line 12 (for comparison): Year 2019 · Value 99.9`.

    Empty cells are left out, and so are columns with the same text in all rows shown, which distinguish nothing.
    """
    cells = [
        f"{name or say('column {column}', column=column_letters(column))} {cell}"
        for place, (column, name, cell) in enumerate(zip(excerpt.columns, excerpt.names, row.cells, strict=True))
        if cell and (column == excerpt.marked or len({one.cells[place] for one in excerpt.rows}) > 1)
    ]
    return say(
        "line {line} ({role}): {cells}", line=row.line, role=say(row.role), cells=" · ".join(cells) or say("empty")
    )


_STDIN = ("-", "<stdin>")


def reread(report: Report, encoding: str = "", faulty: bool = False) -> dict[str, Grid]:
    """The cells of the inputs that were read, by the names that findings give them: the path, or `path[sheet]`.

    With `faulty`, only inputs with a finding on a line are included. Raises SourceError if a file can no longer be
    read, or differs from the one that was checked. Input that cannot be read twice (standard input, a pipe), JSON,
    Parquet, and text that the csv module cannot divide have no cells.
    """
    grids_by_file: dict[str, Grid] = {}
    lines: dict[str, set[int]] = {}
    for finding in report.findings:
        lines.setdefault(finding.file, set()).update((finding.line, *finding.lines, *finding.context))
    with_lines = {path_of(file, report.inputs) for file, numbers in lines.items() if any(numbers)}
    for entry in report.inputs:
        lasts = entry.path not in _STDIN and (Path(entry.path).is_file() or not Path(entry.path).exists())
        if entry.error or not lasts or (faulty and entry.path not in with_lines):
            continue
        try:
            file, cells = grids(entry.path, lines, encoding)
        except SourceError as error:
            if error.code != "csv_unparsable":
                raise
            continue  # its rows were read, but it has no cells that could be shown
        if file.sha256 != entry.sha256:
            raise SourceError("file_changed", sha256=entry.sha256, found=f"sha256 {file.sha256}", where=entry.path)
        grids_by_file |= cells
    return grids_by_file
