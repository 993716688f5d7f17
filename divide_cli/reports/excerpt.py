"""The rows of the file that a finding is about, as they stand in it: what to mend beside what it is judged by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from divide_cli.readers.opening.grid import Grid
from divide_cli.reports.places import Columns, letters
from divide_cli.validation.report import Finding

ROWS = 8
"""Rows of a finding that are shown."""
LISTED = 25
"""Rows that are shown of a finding about many rows, which has nothing to compare them with."""
COLUMNS = 12
"""Columns that are shown."""
ALIKE, LEAST = 7, 3
"""Columns up to which those that say the same in all rows are shown (they only widen a table), and the least."""
_COMPARED = 4
"""Rows kept for comparison where more lines are involved than are shown."""
SHOWN_FOR = {"error": "to mend", "warning": "to check", "note": "to look at"}
ACCEPTED, INVOLVED, COMPARED, BESIDE = "accepted", "also involved", "to compare", "next to it"
"""Why a row is shown: the line of the finding by its severity, the others by what they are to it."""


@dataclass(frozen=True)
class Row:
    """A row of the file: its line, why it is shown, and its cells; None where the row ends before a column."""

    line: int
    role: str
    cells: tuple[str | None, ...]


@dataclass(frozen=True)
class Excerpt:
    """Rows under the `names` of their columns.

    `columns` says which are shown, from 0; `marked` is the one in question, None where the finding names none; `more`
    counts lines involved that are left out, `hidden` the columns.
    """

    names: tuple[str, ...]
    columns: tuple[int, ...]
    rows: tuple[Row, ...]
    marked: int | None
    more: int
    hidden: int


class Rows:
    """The rows of a table, of which excerpts are taken."""

    def __init__(self, grid: Grid, findings: Iterable[Finding]) -> None:
        self.grid, self.columns = grid, Columns(grid)
        self.at = {line: place for place, line in enumerate(grid.lines)}
        for finding in findings:
            self.columns.place(finding.column, finding.line)
        self.header = self.columns.header or next(iter(grid.lines), 0)

    def about(self, finding: Finding) -> Excerpt | None:
        """The rows of a finding, in the order of the file; None where it names no line that the table has."""
        roles, more = self._roles(finding)
        if not roles:
            return None
        rows = {line: self.grid.rows[self.at[line]] for line in sorted(roles)}
        head = self.grid.rows[self.at[self.header]] if self.header and self.header <= min(rows) else []
        marked = self.columns.place(finding.column, finding.line or min(rows))
        columns, hidden = _columns(head, list(rows.values()), marked)
        return Excerpt(
            tuple(head[column].strip() if column < len(head) else "" for column in columns),
            columns,
            tuple(Row(line, roles[line], _cells(row, columns)) for line, row in rows.items()),
            marked,
            more,
            hidden,
        )

    def _roles(self, finding: Finding) -> tuple[dict[int, str], int]:
        """The lines to show and why, and how many of those involved are left out."""
        own = [finding.line] if finding.line in self.at else []
        involved = [line for line in dict.fromkeys(finding.lines) if line in self.at and line not in own]
        compared = [
            line for line in dict.fromkeys(finding.context)
            if line in self.at and line not in own and line not in involved
        ]  # fmt: skip
        room = (ROWS if compared else LISTED) - len(own)
        kept = involved[: room - min(len(compared), _COMPARED)]
        roles = dict.fromkeys(own, ACCEPTED if finding.waiver else SHOWN_FOR[finding.severity])
        roles |= dict.fromkeys(kept, INVOLVED) | dict.fromkeys(compared[: room - len(kept)], COMPARED)
        if own and len(roles) == 1:
            roles |= dict.fromkeys(self._beside(finding.line), BESIDE)
        return roles, len(involved) - len(kept)

    def _beside(self, line: int) -> list[int]:
        """The lines before and after, the header not among them."""
        place = self.at[line]
        near = self.grid.lines[max(place - 1, 0) : place] + self.grid.lines[place + 1 : place + 2]
        return [other for other in near if other != self.header]


def _columns(head: Sequence[str], rows: Sequence[Sequence[str]], marked: int | None) -> tuple[tuple[int, ...], int]:
    """The columns to show, and how many others hold anything.

    Of many, first the marked one, then those whose cells differ or are lacking, then those that hold anything.
    """
    width = max(len(head), *(len(row) for row in rows))
    ranks: dict[int, int] = {}
    for column in range(width):
        held = {row[column] if column < len(row) else None for row in rows}
        ranks[column] = 0 if column == marked else 1 if len(held) > 1 else 2 if any(held) else 3
    if marked is not None:
        ranks[marked] = 0
    telling = sum(rank < 2 for rank in ranks.values())
    room = ALIKE if len(ranks) <= ALIKE else max(telling, LEAST)
    shown = sorted(ranks, key=ranks.__getitem__)[: min(room, COLUMNS)]
    hidden = sum(rank < 3 for rank in ranks.values()) - sum(ranks[column] < 3 for column in shown)
    return tuple(sorted(shown)), hidden


def _cells(row: Sequence[str], columns: Sequence[int]) -> tuple[str | None, ...]:
    return tuple(row[column] if column < len(row) else None for column in columns)


def in_words(row: Row, excerpt: Excerpt) -> str:
    """A row in words: `line 12 (to compare): Year 2019 · Value 99.9`.

    Left out are empty cells, and columns that say the same in all rows shown, which tell nothing apart.
    """
    named = zip(
        excerpt.columns, excerpt.names, row.cells, zip(*(one.cells for one in excerpt.rows), strict=True), strict=True
    )
    said = [
        f"{name or f'column {letters(column)}'} {cell}"
        for column, name, cell, all_ in named
        if cell and (column == excerpt.marked or len(set(all_)) > 1)
    ]
    return f"line {row.line} ({row.role}): {' · '.join(said) or 'empty'}"
