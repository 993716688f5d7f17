"""The rows of the file on the page: a small table under a finding, the line to mend and its cell marked."""

from collections.abc import Iterator, Mapping
from html import escape

from divide_cli.errors.text_safety import shown
from divide_cli.readers.opening.grid import Grid
from divide_cli.reports.excerpt import BESIDE, COMPARED, INVOLVED, Excerpt, Row, Rows
from divide_cli.reports.places import letters
from divide_cli.validation.report import Finding, Report

MOST = 2_000
"""Findings of a page that have their rows shown; more make it slow to open."""
_CELL = 60
"""Characters of a cell that are shown."""
_OTHERS = (INVOLVED, COMPARED, BESIDE)


class Excerpts:
    """The rows of the findings of a page, from the tables of its files; `left` counts those beyond the first `MOST`."""

    def __init__(self, report: Report, tables: Mapping[str, Grid]) -> None:
        self._sheets = {entry.path for entry in report.inputs}
        self._rows = {
            file: Rows(grid, [finding for finding in report.findings if finding.file == file])
            for file, grid in tables.items()
        }
        self._made = self.left = 0

    def first_break(self, file: str) -> int:
        """The line of the first row with a line break inside a cell; 0 where no row that is kept has one."""
        grid = self._rows[file].grid if file in self._rows else Grid([], [], 0)
        lined = zip(grid.lines, grid.rows, strict=True)
        return next((line for line, row in lined if any("\n" in cell for cell in row)), 0)

    def of(self, finding: Finding) -> Iterator[str]:
        """The table; nothing where the file has no cells or the finding no line."""
        rows = self._rows.get(finding.file)
        if rows is None:
            return
        if self._made >= MOST:
            self.left += 1
            return
        if excerpt := rows.about(finding):
            self._made += 1
            yield from _table(excerpt, finding.file not in self._sheets)


def _table(excerpt: Excerpt, sheet: bool) -> Iterator[str]:
    """The rows under the names of their columns; on a sheet, the letters of the columns beside these."""
    yield '<div class="rows"><table class="excerpt"><thead><tr>'
    yield f'<th scope="col">{"Row" if sheet else "Line"}</th>'
    for column, name in zip(excerpt.columns, excerpt.names, strict=True):
        letter = f'<span class="letter">{letters(column)}</span> ' if sheet or not name else ""
        yield f'<th scope="col">{letter}{_text(name)}</th>'
    yield "</tr></thead><tbody>"
    for row in excerpt.rows:
        yield from _row(row, excerpt)
    yield "</tbody></table>"
    said = []
    if excerpt.more > 0:
        said.append(f"{excerpt.more:,} more line{'s are' if excerpt.more > 1 else ' is'} involved.")
    if excerpt.hidden:
        said.append(f"{excerpt.hidden:,} more column{'s are' if excerpt.hidden > 1 else ' is'} not shown.")
    if said:
        yield f'<p class="soft">{" ".join(said)}</p>'
    yield "</div>"


def _row(row: Row, excerpt: Excerpt) -> Iterator[str]:
    other = row.role in _OTHERS
    yield f'<tr class="{"other" if other else "meant"}"><th scope="row">{row.line} <span>{row.role}</span></th>'
    for column, cell in zip(excerpt.columns, row.cells, strict=True):
        said = '<i class="soft">no cell</i>' if cell is None else _text(cell)
        if column == excerpt.marked and not other:
            said = f"<mark>{said or '(empty)'}</mark>"
        beside = ' class="same"' if column == excerpt.marked and row.role == INVOLVED else ""
        yield f"<td{beside}>{said}</td>"
    yield "</tr>"


def _text(said: str) -> str:
    return f"<bdi>{escape(shown(said, _CELL), quote=True)}</bdi>" if said else ""
