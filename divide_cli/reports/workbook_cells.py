"""A sheet of the submission with marked and commented cells, and a sheet written from top to bottom.

Each line of the file is written to the row of the same number, so the row numbers of Excel are the line numbers of the
findings. Texts stay texts: none becomes a number, a formula or a link.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from divide_cli import temporary
from divide_cli.errors import DivideError, SourceError, reason_of
from divide_cli.errors.text_safety import MESSAGE, excel_safe, shown, visible
from divide_cli.frames import atomic_write
from divide_cli.language import later, say
from divide_cli.readers.opening import Grid
from divide_cli.reports.excerpts import SHEET_COLUMNS as COLUMNS
from divide_cli.reports.excerpts import Rows, in_words
from divide_cli.reports.findings import acceptance, parts, sentence, texts
from divide_cli.validation.report import Described, Finding

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

ROWS, CHARACTERS = 1_048_576, 32_767
"""The most rows of a sheet of Excel, and the most characters of a cell."""
COMMENTS = 10_000
"""The most comments of a sheet; more make Excel slow to open it."""
ACCEPTED, INVOLVED = later("accepted"), later("involved")
_NO_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")
_OBEYED = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[\d.,\s]*%?")
_COLUMN_WIDTHS = (6, 42)
_MEASURED = 200
_CREATED = datetime(1980, 1, 1)
"""The time of creation of every workbook, the first that a zip file can state: equal contents give equal bytes."""


@contextmanager
def new_workbook(
    path: Path, what: str, hint: str = "", constant_memory: bool = False, properties: Mapping[str, str] | None = None
) -> Iterator["Workbook"]:
    """A workbook that is written to the path at the end, whole or not at all; its texts stay texts.

    DivideError with the `hint` if xlsxwriter is not installed; SourceError if the workbook cannot be written.
    """
    try:
        from xlsxwriter.exceptions import FileCreateError
        from xlsxwriter.workbook import Workbook
    except ImportError as error:
        raise DivideError("excel_extra_missing", where=str(path), **({"hint": hint} if hint else {})) from error
    options = {"constant_memory": constant_memory, "strings_to_formulas": False, "strings_to_urls": False}
    content = io.BytesIO()
    try:
        book = Workbook(content, {**options, "tmpdir": str(temporary.scratch())})
        book.set_properties({"created": _CREATED, **(properties or {})})
        yield book
        book.close()
    except (OSError, FileCreateError) as error:
        reason = reason_of(error.args[0] if isinstance(error, FileCreateError) else error)
        raise SourceError("output_unwritable", what=what, found=reason, where=str(path)) from error
    atomic_write.write({path: content.getvalue()}, what)


class Looks:
    """The formats of a workbook by name, and of cells by their mark and whether Excel might read them as a formula."""

    def __init__(self, book: "Workbook", safe: bool = False) -> None:
        self.safe = safe
        self.by_name = {name: book.add_format(look) for name, look in texts()["formats"].items()}
        marks = {"": {}} | {kind: mark["look"] for kind, mark in texts()["marks"].items()}
        self._of_marks = {
            (kind, obeyed): book.add_format({"num_format": "@", "valign": "top", **look, "quote_prefix": obeyed})
            for kind, look in marks.items()
            for obeyed in (False, True)
        }

    def text(self, text: str) -> str:
        """The text that fits into a cell; if the workbook is to be `safe`, with an apostrophe before a formula."""
        return fit(excel_safe(text) if self.safe else text)

    def of(self, kind: str, text: str = "") -> "Format":
        """The format of a text; a text that would be a formula if it were typed is marked as text."""
        return self._of_marks[kind, bool(_OBEYED.match(text)) and not _NUMBER.fullmatch(text)]


@dataclass
class Marks:
    """The comments and looks of the cells of a sheet, and the cell of each finding; `left` lists what was left out.

    `header` is the line of the names of the columns, 0 if no finding names a column.
    """

    kinds: dict[tuple[int, int], str] = field(default_factory=dict)
    comments: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    cells: dict[int, tuple[int, int]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    header: int = 0


def fit(text: str) -> str:
    """The text, cut and with its length if it is too long for a cell; Excel counts in units of UTF-16."""
    if not text.isascii():
        text = _NO_TEXT.sub(lambda match: visible(match[0]), text)
    if 2 * len(text) <= CHARACTERS or len(units := text.encode("utf-16-le")) <= 2 * CHARACTERS:
        return text
    length = say("… ({count:,} characters)", count=len(text))
    return units[: 2 * (CHARACTERS - len(length))].decode("utf-16-le", errors="ignore") + length


def marks_of(grid: Grid, findings: Sequence[tuple[int, Finding]], rule_entries: Mapping[str, Described]) -> Marks:
    """The cells of the findings, each with its number in the list of findings."""
    rows = Rows(grid, [finding for _, finding in findings])
    marks = Marks(header=rows.named_header)
    for number, finding in findings:
        if finding.line not in rows.at or finding.line > ROWS:
            continue
        rule = rule_entries[finding.rule]
        cell = finding.line - 1, rows.column_of(finding.column, finding.line) or 0
        marks.cells[number] = cell
        _mark(marks, cell, finding, _comment(finding, rule, rows))
        for line in finding.lines:
            if line != finding.line and line in rows.at and line <= ROWS:
                _mark(marks, (line - 1, cell[1]), finding, _beside(finding, rule, line), INVOLVED)
    return marks


def _mark(marks: Marks, cell: tuple[int, int], finding: Finding, text: str, kind: str = "") -> None:
    order = list(texts()["marks"])
    kind = kind or (ACCEPTED if finding.waiver else finding.severity)
    marks.kinds[cell] = min(marks.kinds.get(cell, kind), kind, key=order.index)
    comments = marks.comments.setdefault(cell, [])
    if text not in comments:
        comments.append(text)


def _title(finding: Finding, rule: Described, line: int) -> str:
    grave = say(finding.severity).upper()
    grave = say("ACCEPTED {severity}", severity=grave) if finding.waiver else grave
    column = say(", column {column}", column=shown(finding.column)) if finding.column else ""
    return say(
        "{severity}: {rule}\nLine {line}{column}",
        severity=grave,
        rule=shown(sentence(rule.name)),
        line=line,
        column=column,
    )


def _beside(finding: Finding, rule: Described, line: int) -> str:
    """The comment on a line that is involved in the finding at another line."""
    introduction = say("This line is involved in the finding at line {line}:", line=finding.line)
    advice = finding.hint or rule.hint
    lines = [_title(finding, rule, line), introduction, shown(sentence(finding.message), MESSAGE)]
    lines += [say("What to do: {advice}", advice=shown(sentence(advice), MESSAGE))] if advice else []
    return "\n".join(lines)


def _comment(finding: Finding, rule: Described, rows: Rows) -> str:
    said = parts(finding, finding.hint or rule.hint)
    lines = [_title(finding, rule, finding.line), *(label + shown(text, limit) for label, text, limit in said)]
    if finding.waiver:
        lines.append(say("Accepted {acceptance}", acceptance=shown(acceptance(finding.waiver), MESSAGE)))
    if (excerpt := rows.about(finding)) and (others := [row for row in excerpt.rows if row.line != finding.line]):
        lines += [say("Other rows of the file:"), *(shown(in_words(row, excerpt)) for row in others)]
    return "\n".join(lines)


def write(sheet: "Worksheet", grid: Grid, marks: Marks, looks: Looks) -> None:
    """Writes the rows in order with their comments; `marks.left` lists what does not fit into Excel."""
    marked: dict[int, list[int]] = {}
    for at, column in marks.kinds:
        marked.setdefault(at, []).append(column)
    below, cut, beyond, comments = len(grid.rows), 0, 0, 0
    _arrange(sheet, grid, marks)
    for line, row in zip(grid.lines, grid.rows, strict=True):
        if line > ROWS:
            break
        below -= 1
        beyond += len(row) > COLUMNS
        for column, text in enumerate(row[:COLUMNS]):
            if text:
                cell_text = looks.text(text)
                cut += len(cell_text) < len(text)
                kind = marks.kinds.get((line - 1, column), "")
                sheet.write_string(line - 1, column, cell_text, looks.of(kind, text))
        for column in marked.get(line - 1, ()):
            cell = line - 1, column
            if column >= len(row) or not row[column]:
                sheet.write_blank(*cell, None, looks.of(marks.kinds[cell]))
            comments += 1
            if comments <= COMMENTS:
                _comment_on(sheet, cell, fit("\n\n".join(marks.comments[cell])))
    without = comments - COMMENTS
    omissions = (
        (
            say("rows without findings, left out of a long table (other rows keep their numbers)"),
            grid.total - len(grid.rows),
        ),
        (say("rows below row {rows:,}, the last row of a sheet", rows=ROWS), below),
        (say("rows cut after {columns:,} cells, the most that a sheet can hold", columns=COLUMNS), beyond),
        (say("cells cut after {characters:,} characters, the most that a cell can hold", characters=CHARACTERS), cut),
        (
            say(
                "cells with findings but no comment, after the first {comments:,} (more make Excel slow)",
                comments=COMMENTS,
            ),
            without,
        ),
    )
    marks.left += [f"{what}: {count:,}" for what, count in omissions if count > 0]


def _arrange(sheet: "Worksheet", grid: Grid, marks: Marks) -> None:
    """Sets the widths, the header that stays visible, and the rows that are hidden."""
    widths: dict[int, int] = {}
    for row in grid.rows[:_MEASURED]:
        for column, text in enumerate(row[:_MEASURED]):
            widths[column] = max(widths.get(column, 0), len(text))
    for column, width in widths.items():
        sheet.set_column(column, column, min(max(width + 2, _COLUMN_WIDTHS[0]), _COLUMN_WIDTHS[1]))
    if marks.header:
        sheet.freeze_panes(marks.header, 0)
    if grid.cut:
        sheet.set_default_row(hide_unused_rows=True)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{ROWS}"})


def _comment_on(sheet: "Worksheet", cell: tuple[int, int], text: str) -> None:
    """Writes a comment as high as its text needs."""
    lines = sum(1 + len(line) // 46 for line in text.split("\n"))
    look = {"author": "divide", "width": 320, "height": min(18 * lines + 12, 480), "font_size": 9}
    sheet.write_comment(*cell, text, look)


_WIDTHS = (48, 24, 24, 12, 12, 12, 12, 12)
_BESIDE = 2
"""The last column that a step spans."""
_LINE, _HIGHEST = 15, 409
"""The height of a line, and of the highest row that Excel allows, in points."""


def height(texts: Sequence[str], widths: Sequence[int]) -> float:
    """The height of a row whose texts are wrapped in columns of these widths (characters), at most what Excel allows.

    Some programs draw a row without a height one line high.
    """
    lines = (1 + len(text) // max(width - 1, 1) for text, width in zip(texts, widths, strict=True))
    return min(_LINE * max(lines, default=1), _HIGHEST)


def on_paper(sheet: "Worksheet") -> None:
    """Sets the sheet to landscape A4, as wide as a page."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


class Writer:
    """Writes a sheet from top to bottom."""

    def __init__(self, sheet: "Worksheet", looks: Looks) -> None:
        self.sheet, self.looks, self.at = sheet, looks, 0
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        on_paper(sheet)

    def line(self, text: str, look: str = "text") -> None:
        """Writes a line that runs over the cells to its right."""
        self.sheet.write_string(self.at, 0, self.looks.text(shown(text, MESSAGE)), self.looks.by_name[look])
        self.at += 1

    def row(self, cells: Sequence[str | int], kind: str = "") -> None:
        """Writes a row, its first cell in the format of a kind of finding; texts are wrapped, except the last."""
        wrapped = ["" if isinstance(text, int) else shown(text, MESSAGE) for text in cells[:-1]]
        self.sheet.set_row(self.at, height(wrapped, _WIDTHS[: len(wrapped)]))
        for column, text in enumerate(cells):
            if isinstance(text, int):
                self.sheet.write_number(self.at, column, text, self.looks.by_name["count"])
            elif text:
                beside = self.looks.by_name["wrapped" if column + 1 < len(cells) else "text"]
                look = self.looks.of(kind) if kind and not column else beside
                self.sheet.write_string(self.at, column, self.looks.text(shown(text, MESSAGE)), look)
        self.at += 1

    def steps(self, text: Sequence[str]) -> None:
        """Writes what to do now, numbered, each step as wide as a page."""
        if not text:
            return
        self.at += 1
        self.line(say("What to do now"), "head")
        for number, step in enumerate(text, start=1):
            numbered = f"{number}. {step}"
            self.sheet.merge_range(self.at, 0, self.at, _BESIDE, numbered, self.looks.by_name["wrapped"])
            self.sheet.set_row(self.at, height([numbered], [sum(_WIDTHS[: _BESIDE + 1])]))
            self.at += 1

    def table(self, title: str, names: Sequence[str], rows: Sequence[Sequence[str | int]], kinds: bool = False) -> None:
        """Writes a table below an empty row, without empty columns; writes nothing if it has no rows.

        With `kinds` the first cell of a row has the format of the kind of finding that it names.
        """
        if not rows:
            return
        used = [column for column in range(len(rows[0])) if any(row[column] for row in rows)]
        self.at += 1
        if title:
            self.line(say(title), "head")
        for column, place in enumerate(used[: len(names)]):
            self.sheet.write_string(self.at, column, say(names[place]), self.looks.by_name["columns"])
        self.at += bool(names)
        for row in rows:
            cells = [row[place] for place in used]
            self.row([say(str(row[0])), *cells[1:]] if kinds else cells, str(row[0]) if kinds else "")
