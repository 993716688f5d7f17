"""Writes a sheet of titles, steps and tables from top to bottom."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from divide_cli.errors.text_safety import MESSAGE, shown
from divide_cli.reports.workbook_cells import Looks, fit

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

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
