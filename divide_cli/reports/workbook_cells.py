"""A sheet of the submission with the cells of findings marked and commented, and a sheet written from top to bottom.

A row stands on the row of its line, so that the numbers of Excel are those of the findings. Texts stay texts: none
becomes a number, a formula or a link.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from divide_cli.errors.text_safety import CELL, MESSAGE, shown, visible
from divide_cli.readers.opening.grid import Grid
from divide_cli.reports.excerpts import SHEET_COLUMNS as COLUMNS
from divide_cli.reports.excerpts import Rows, in_words
from divide_cli.reports.findings import GRAVEST_FIRST, accepted, sentence
from divide_cli.validation.report import Described, Finding

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

ROWS, CHARACTERS = 1_048_576, 32_767
"""Rows of a sheet of Excel, and what one cell of it can hold."""
COMMENTS = 10_000
"""Comments of a sheet; more make Excel slow to open it."""
ACCEPTED, INVOLVED = "accepted", "involved"
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "error": {"bg_color": "#F8CFCF", "font_color": "#7A0F0F", "border": 5, "border_color": "#911717", "bold": True},
    "warning": {"bg_color": "#FDE7B8", "font_color": "#5A3600", "border": 8, "border_color": "#6B4100"},
    "note": {"bg_color": "#D9E7F8", "font_color": "#173B66", "border": 4, "border_color": "#1C4678"},
    ACCEPTED: {"bg_color": "#DCF1E3", "font_color": "#12432A", "border": 7, "border_color": "#175231", "italic": True},
    INVOLVED: {"bg_color": "#ECECEC", "font_color": "#333333", "border": 3, "border_color": "#666666"},
}
"""How a cell with a finding looks: each by its fill, and by its frame where colours are not seen."""
_NO_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")
_OBEYED = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[\d.,\s]*%?")
_COLUMN_WIDTHS = (6, 42)
_MEASURED = 200


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
    rows = Rows(grid, [finding for _, finding in findings])
    made = Marks(header=rows.columns.header)
    for number, finding in findings:
        if finding.line not in rows.at or finding.line > ROWS:
            continue
        rule = known[finding.rule]
        cell = finding.line - 1, rows.columns.place(finding.column, finding.line) or 0
        made.cells[number] = cell
        _mark(made, cell, finding, _comment(finding, rule, rows))
        for line in finding.lines:
            if line != finding.line and line in rows.at and line <= ROWS:
                _mark(made, (line - 1, cell[1]), finding, _beside(finding, rule, line), INVOLVED)
    return made


def _mark(made: Marks, cell: tuple[int, int], finding: Finding, said: str, kind: str = "") -> None:
    order = (*GRAVEST_FIRST, ACCEPTED, INVOLVED)
    kind = kind or (ACCEPTED if finding.waiver else finding.severity)
    made.kinds[cell] = min(made.kinds.get(cell, kind), kind, key=order.index)
    texts = made.said.setdefault(cell, [])
    if said not in texts:
        texts.append(said)


def _title(finding: Finding, rule: Described, line: int) -> str:
    grave = f"{'ACCEPTED ' if finding.waiver else ''}{finding.severity.upper()}"
    column = f", column {shown(finding.column)}" if finding.column else ""
    return f"{grave}: {shown(sentence(rule.name))}\nLine {line}{column}"


def _beside(finding: Finding, rule: Described, line: int) -> str:
    """What is said at a line that is involved in a finding of another line."""
    told = f"This line is involved in what is found at line {finding.line}:"
    advice = finding.hint or rule.hint
    said = [_title(finding, rule, line), told, shown(sentence(finding.message), MESSAGE)]
    return "\n".join([*said, *([f"What to do: {shown(sentence(advice), MESSAGE)}"] if advice else [])])


def _comment(finding: Finding, rule: Described, rows: Rows) -> str:
    parts = [
        ("", sentence(finding.message), MESSAGE),
        ("Expected: ", finding.expected, CELL),
        ("Found: ", finding.found, CELL),
        ("What to do: ", sentence(finding.hint or rule.hint), MESSAGE),
    ]
    if waiver := finding.waiver:
        parts.append(("Accepted: ", accepted(waiver), MESSAGE))
    said = [_title(finding, rule, finding.line), *(name + shown(text, limit) for name, text, limit in parts if text)]
    if (excerpt := rows.about(finding)) and (others := [row for row in excerpt.rows if row.line != finding.line]):
        said += ["Other rows of the file:", *(shown(in_words(row, excerpt)) for row in others)]
    return "\n".join(said)


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
        sheet.set_column(column, column, min(max(width + 2, _COLUMN_WIDTHS[0]), _COLUMN_WIDTHS[1]))
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


_WIDTHS = (48, 24, 24, 12, 12, 12, 12, 12)
_BESIDE = 2
"""The last column that a step reaches over."""
_LINE, _HIGHEST = 15, 409
"""The height of a line, and of the highest row that Excel takes, in points."""


def height(texts: Sequence[str], widths: Sequence[int]) -> float:
    """How high a row is whose texts are wrapped in columns of these widths, in characters; at most what Excel takes.

    A row of an unstated height is drawn one line high by some programs.
    """
    lines = (1 + len(text) // max(width - 1, 1) for text, width in zip(texts, widths, strict=True))
    return min(_LINE * max(lines, default=1), _HIGHEST)


def on_paper(sheet: "Worksheet") -> None:
    """Landscape A4, as wide as a page."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


class Writer:
    """Writes a sheet from top to bottom."""

    def __init__(self, sheet: "Worksheet", looks: Looks) -> None:
        self.sheet, self.looks, self.at = sheet, looks, 0
        add = looks.book.add_format
        self.big = add({"bold": True, "font_size": 16})
        self.head = add({"bold": True, "font_size": 12})
        self.name = add({"bold": True, "bottom": 1, "bg_color": "#EDEFF2", "valign": "top"})
        self.text = add({"num_format": "@", "valign": "top"})
        self.number = add({"num_format": "#,##0", "valign": "top", "align": "left"})
        self.wrapped = add({"num_format": "@", "valign": "top", "text_wrap": True})
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        on_paper(sheet)

    def title(self, said: str) -> None:
        """The title of the sheet."""
        self.sheet.write_string(self.at, 0, said, self.big)
        self.at += 1

    def line(self, said: str) -> None:
        """A line that reaches over the cells beside it."""
        self.sheet.write_string(self.at, 0, fit(shown(said, MESSAGE)), self.text)
        self.at += 1

    def row(self, cells: Sequence[str | int], kind: str = "") -> None:
        """A row, its first cell with the look of a kind of finding; texts are wrapped, the last reaches over."""
        wrapped = ["" if isinstance(said, int) else shown(said, MESSAGE) for said in cells[:-1]]
        self.sheet.set_row(self.at, height(wrapped, _WIDTHS[: len(wrapped)]))
        for column, said in enumerate(cells):
            if isinstance(said, int):
                self.sheet.write_number(self.at, column, said, self.number)
            elif said:
                beside = self.wrapped if column + 1 < len(cells) else self.text
                look = self.looks.of(kind) if kind and not column else beside
                self.sheet.write_string(self.at, column, fit(shown(said, MESSAGE)), look)
        self.at += 1

    def steps(self, said: Sequence[str]) -> None:
        """What to do now, numbered, each step as wide as a page."""
        if not said:
            return
        self.at += 1
        self.sheet.write_string(self.at, 0, "What to do now", self.head)
        for number, step in enumerate(said, start=1):
            self.at += 1
            told = f"{number}. {step}"
            self.sheet.merge_range(self.at, 0, self.at, _BESIDE, "", self.wrapped)
            self.sheet.write_string(self.at, 0, told, self.wrapped)
            self.sheet.set_row(self.at, height([told], [sum(_WIDTHS[: _BESIDE + 1])]))
        self.at += 1

    def table(self, title: str, names: Sequence[str], rows: Sequence[Sequence[str | int]], kinds: bool = False) -> None:
        """A table below an empty row, without the columns that hold nothing; nothing where it has no rows.

        With `kinds` the first cell of a row looks like the kind of finding that it names.
        """
        if not rows:
            return
        used = [column for column in range(len(rows[0])) if any(row[column] for row in rows)]
        self.at += 1
        if title:
            self.sheet.write_string(self.at, 0, title, self.head)
            self.at += 1
        for column, place in enumerate(used[: len(names)]):
            self.sheet.write_string(self.at, column, names[place], self.name)
        self.at += bool(names)
        for row in rows:
            self.row([row[place] for place in used], str(row[0]) if kinds else "")
