"""A sheet of the submission: the cells as they stand in the file, those with findings marked and commented.

A row stands on the row of its line, so that the numbers of Excel are those of the findings. Texts stay texts: none
becomes a number, a formula or a link.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from divide_cli.findings import Described, Finding
from divide_cli.plain import CELL, MESSAGE, shown, visible
from divide_cli.readers.grid import Grid
from divide_cli.render.by_file import GRAVEST_FIRST

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

ROWS, COLUMNS, CHARACTERS = 1_048_576, 16_384, 32_767
"""What a sheet of Excel and one cell of it can hold."""
COMMENTS = 10_000
"""Comments of a sheet; more make Excel slow to open it."""
ACCEPTED = "accepted"
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "error": {"bg_color": "#F8CFCF", "font_color": "#7A0F0F", "border": 5, "border_color": "#911717", "bold": True},
    "warning": {"bg_color": "#FDE7B8", "font_color": "#5A3600", "border": 8, "border_color": "#6B4100"},
    "note": {"bg_color": "#D9E7F8", "font_color": "#173B66", "border": 4, "border_color": "#1C4678"},
    ACCEPTED: {"bg_color": "#DCF1E3", "font_color": "#12432A", "border": 7, "border_color": "#175231", "italic": True},
}
"""How a cell with a finding looks: each by its fill, and by its frame where colours are not seen."""
_NO_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")
_OBEYED = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[\d.,\s]*%?")
_LETTERS = re.compile(r"[A-Z]{1,3}")
_WIDTHS = (6, 42)
_MEASURED = 200
_LAST_HEADER = 30


@dataclass
class Looks:
    """The formats of a workbook by what a cell is: plain, of a severity, accepted; and whether Excel may obey it."""

    book: "Workbook"
    made: dict[tuple[str, bool], "Format"] = field(default_factory=dict)

    def of(self, kind: str, text: str = "") -> "Format":
        """The format of a text; one that a spreadsheet would obey if it were typed is marked as a text by Excel."""
        obeyed = bool(_OBEYED.match(text)) and not _NUMBER.fullmatch(text)
        if (kind, obeyed) not in self.made:
            look = {"num_format": "@", "valign": "top", **LOOKS.get(kind, {}), "quote_prefix": obeyed}
            self.made[kind, obeyed] = self.book.add_format(look)
        return self.made[kind, obeyed]


@dataclass
class Marks:
    """What is said at the cells of a sheet, and where each finding's cell is; `left` says what had no place.

    `header` is the line of the names of the columns, 0 where no finding names one.
    """

    kinds: dict[tuple[int, int], str] = field(default_factory=dict)
    said: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    cells: dict[int, tuple[int, int]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    header: int = 0


def fit(text: str) -> str:
    """The text as a cell can hold it: whole, or cut with its length; Excel counts in units of UTF-16."""
    if not text.isascii():
        text = _NO_TEXT.sub(lambda found: visible(found[0]), text)
    if 2 * len(text) <= CHARACTERS or len(units := text.encode("utf-16-le")) <= 2 * CHARACTERS:
        return text
    said = f"… ({len(text):,} characters)"
    return units[: 2 * (CHARACTERS - len(said))].decode("utf-16-le", errors="ignore") + said


def marks(grid: Grid, findings: Sequence[tuple[int, Finding]], known: Mapping[str, Described]) -> Marks:
    """The cells of the findings, each with its number in the list of findings."""
    rows = dict(zip(grid.lines, grid.rows, strict=True))
    made, columns = Marks(), _Columns(grid)
    for number, finding in findings:
        if finding.line not in rows or finding.line > ROWS:
            continue
        cell = finding.line - 1, columns.place(finding.column, finding.line)
        made.cells[number] = cell
        _mark(made, cell, finding, _comment(finding, known[finding.rule]))
        for line in finding.lines:
            if line != finding.line and line in rows and line <= ROWS:
                beside = line - 1, cell[1]
                _mark(made, beside, finding, f"{_title(finding, known[finding.rule])}\nsee line {finding.line}")
    headers = [at for places in columns.found.values() for at, _ in places[:1] if at <= _LAST_HEADER]
    made.header = max(headers, default=0)
    return made


def _mark(made: Marks, cell: tuple[int, int], finding: Finding, said: str) -> None:
    order = (*GRAVEST_FIRST, ACCEPTED)
    kind = ACCEPTED if finding.waiver else finding.severity
    made.kinds[cell] = min(made.kinds.get(cell, kind), kind, key=order.index)
    texts = made.said.setdefault(cell, [])
    if said not in texts:
        texts.append(said)


class _Columns:
    """Where a column is that a finding names: by the header above its line, by number (`column 5`) or by letter."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.found: dict[str, list[tuple[int, int]]] = {}

    def place(self, name: str, line: int) -> int:
        """The column, from 0; the first where the finding names none that is known."""
        if not name:
            return 0
        if name not in self.found:
            rows = zip(self.grid.lines, self.grid.rows, strict=True)
            named = ((at, [cell.strip() for cell in row]) for at, row in rows if any(name in cell for cell in row))
            self.found[name] = [(at, row.index(name)) for at, row in named if name in row]
        headers = [place for at, place in self.found[name] if at <= line]
        if headers:
            return headers[0]
        if name.startswith("column ") and name[7:].isdecimal():
            return min(max(int(name[7:]), 1), COLUMNS) - 1
        return _of_letters(name) if _LETTERS.fullmatch(name) else 0


def _of_letters(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1 if number <= COLUMNS else 0


def _title(finding: Finding, rule: Described) -> str:
    return f"{'ACCEPTED ' if finding.waiver else ''}{finding.severity.upper()}: {shown(rule.name)}"


def _comment(finding: Finding, rule: Described) -> str:
    parts = [
        ("", finding.message, MESSAGE),
        ("Column: ", finding.column, CELL),
        ("Expected: ", finding.expected, CELL),
        ("Found: ", finding.found, CELL),
        ("What to do: ", finding.hint or rule.hint, MESSAGE),
    ]
    if waiver := finding.waiver:
        parts.append(("Accepted: ", f"{waiver.reason} ({waiver.owner}, until {waiver.expires})", MESSAGE))
    return "\n".join([_title(finding, rule), *(name + shown(text, limit) for name, text, limit in parts if text)])


def write(sheet: "Worksheet", grid: Grid, made: Marks, looks: Looks) -> None:
    """Writes the rows in order, comments with them; what Excel cannot hold is said in `made.left`."""
    marked: dict[int, list[int]] = {}
    for at, column in made.kinds:
        marked.setdefault(at, []).append(column)
    below, cut, beyond, comments = len(grid.rows), 0, 0, 0
    _arrange(sheet, grid, made)
    for line, row in zip(grid.lines, grid.rows, strict=True):
        if line > ROWS:
            break
        below -= 1
        beyond += len(row) > COLUMNS
        for column, text in enumerate(row[:COLUMNS]):
            if text:
                held = fit(text)
                cut += len(held) < len(text)
                kind = made.kinds.get((line - 1, column), "")
                sheet.write_string(line - 1, column, held, looks.of(kind, text))
        for column in marked.get(line - 1, ()):
            cell = line - 1, column
            if column >= len(row) or not row[column]:
                sheet.write_blank(*cell, None, looks.of(made.kinds[cell]))
            comments += 1
            if comments <= COMMENTS:
                _comment_on(sheet, cell, fit("\n\n".join(made.said[cell])))
    told = (
        ("rows without findings left out of a long table; the others keep their numbers", grid.total - len(grid.rows)),
        (f"rows left out below row {ROWS:,}, where a sheet ends", below),
        (f"rows cut after {COLUMNS:,} cells, where a sheet ends", beyond),
        (f"cells cut after {CHARACTERS:,} characters, which is what a cell can hold", cut),
        (
            f"cells with findings, after the first {COMMENTS:,}, without a comment: Excel would be slow",
            comments - COMMENTS,
        ),
    )
    made.left += [f"{what}: {count:,}" for what, count in told if count > 0]


def _arrange(sheet: "Worksheet", grid: Grid, made: Marks) -> None:
    """Widths, the header that stays in sight, and the rows that are hidden."""
    widths: dict[int, int] = {}
    for row in grid.rows[:_MEASURED]:
        for column, text in enumerate(row[:_MEASURED]):
            widths[column] = max(widths.get(column, 0), len(text))
    for column, width in widths.items():
        sheet.set_column(column, column, min(max(width + 2, _WIDTHS[0]), _WIDTHS[1]))
    if made.header:
        sheet.freeze_panes(made.header, 0)
    if grid.cut:
        sheet.set_default_row(hide_unused_rows=True)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{ROWS}"})


def _comment_on(sheet: "Worksheet", cell: tuple[int, int], text: str) -> None:
    """A comment that is as high as its text needs."""
    lines = sum(1 + len(line) // 46 for line in text.split("\n"))
    look = {"author": "divide", "width": 320, "height": min(18 * lines + 12, 480), "font_size": 9}
    sheet.write_comment(*cell, text, look)
