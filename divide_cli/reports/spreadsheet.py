"""Figures as a workbook to publish: cover, contents, notes, a sheet for each table, sources, files, columns.

The layout is that of the Analysis Function's guidance for statistics in spreadsheets, as gptables and aftables have it:
one table a sheet, marked as a table, from column A; its title in A1; no merged, hidden or empty cell in it; shorthand,
which the sheet explains, where there is no figure; notes on a sheet of their own. It needs the extra `excel`. Equal
contents give equal bytes. No text becomes a number, a formula or a link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from divide_cli import __version__, language
from divide_cli.analysis.request import Source
from divide_cli.analysis.targets import RECENT
from divide_cli.analysis.trends import FEWEST
from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import excel_safe, visible
from divide_cli.frames.columns import without_internal
from divide_cli.language import clauses, commas, digits, filled, labelled, say
from divide_cli.reports.entry_words import coded
from divide_cli.reports.spreadsheet_columns import NOT_APPLICABLE, Cell, Column, columns_of, texts
from divide_cli.reports.workbook_cells import CHARACTERS, ROWS, height, new_workbook, on_paper
from divide_cli.sources.editions import editions

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

COVER, CONTENTS, NOTES, SOURCES, FILES, COLUMNS = "Cover", "Contents", "Notes", "Sources", "Files", "Columns"
HEAD = 5
"""The row of the heads of a table of figures, from 0: title, about the table, shorthand, notes and a link are above."""
_WIDTHS = (10, 48)
_COVER_WIDTH = 100
_SCHEMAS = {"levels": "aggregates"}
"""The Table Schema of a frame, where it is not that of its name."""


@dataclass(frozen=True)
class Spreadsheet:
    """What a workbook of figures has. `kind` is the command, `subject` what it is about, if it is not about everything.

    `minimum` is the least coverage in percent. `choice` are the options given. `files` are as JSON has them. `remarks`
    are notes on all tables; `notes` are texts of notes on columns by id, instead of those of spreadsheet_texts.yaml.
    """

    kind: str
    subject: str
    frames: Mapping[str, pd.DataFrame]
    sources: Sequence[Source]
    minimum: float
    choice: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[Mapping[str, Any]] = ()
    remarks: Sequence[str] = ()
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The title of the workbook."""
        return filled(texts()["cover"][self.kind], {"subject": self.subject})


@dataclass(frozen=True)
class _Sheet:
    """A sheet with one table; `links` are the sheets that the cells of the first column lead to, if any."""

    name: str
    title: str
    lines: Sequence[str]
    columns: Sequence[Column]
    links: Sequence[str] = ()

    @property
    def rows(self) -> int:
        """The number of rows of its table."""
        return len(self.columns[0].cells)


def write(content: Spreadsheet, path: Path, safe: bool = False) -> None:
    """Writes the workbook, whole or not at all.

    If `safe`, texts that begin like a formula have an apostrophe too. DivideError if xlsxwriter is not installed;
    SourceError if a table has more rows than a sheet, a text is too long for a cell, or the file cannot be written.
    """
    sheets, cover = _sheets(content), _cover(content)
    _require_that_texts_fit(COVER, path, "A", [text for text, _ in cover], safe)
    for sheet in sheets:
        _require_that_it_fits(sheet, path, safe)
    properties = {"title": content.title, "subject": say("Digital divides"), "author": f"divide {__version__}"}
    with new_workbook(path, say("the workbook"), say(HINT), properties=properties) as book:
        book.set_custom_property("Language", language.current())
        formats = _Formats(book, safe)
        _write_cover(book.add_worksheet(COVER), cover, formats)
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, formats)


HINT = language.later("run pip install 'divide-cli[excel]', or use --format csv")


def _require_that_it_fits(sheet: _Sheet, path: Path, safe: bool) -> None:
    """SourceError if the table has too many rows for a sheet, or a text is too long for a cell."""
    most = ROWS - HEAD - 1
    if sheet.rows > most:
        raise SourceError("sheet_too_long", what=sheet.name, most=most, number=sheet.rows, where=str(path))
    for column in sheet.columns:
        _require_that_texts_fit(sheet.name, path, column.code, column.cells, safe)


def _require_that_texts_fit(name: str, path: Path, column: str, cells: Sequence[Cell], safe: bool) -> None:
    """SourceError if a text is too long for a cell, as it is written."""
    for row, cell in enumerate(cells, start=1):
        if isinstance(cell, str) and 2 * len(cell) >= CHARACTERS:
            size = _units_of_utf16(excel_safe(cell) if safe else cell)
            if size > CHARACTERS:
                where = say("{path}, column {column}, row {row} of the table", path=path, column=column, row=row)
                raise SourceError("cell_too_long", what=name, number=size, where=where)


def _units_of_utf16(text: str) -> int:
    """The characters of a text as Excel counts them."""
    return len(text.encode("utf-16-le")) // 2


# --- what the sheets have


def _sheets(content: Spreadsheet) -> list[_Sheet]:
    """The sheets behind the cover, in order."""
    tables = {
        name: columns_of(without_internal(frame), _SCHEMAS.get(name, name))
        for name, frame in content.frames.items()
        if len(frame)
    }
    notes = _notes(content, tables)
    marks = {text: filled(texts()["lines"]["mark"], {"number": place}) for place, text in enumerate(notes, start=1)}
    figures = [
        _of_figures(content, name, columns, marks, number)
        for number, (name, columns) in enumerate(tables.items(), start=1)
    ]
    further = [_of_sources(content), _of_files(content), _of_columns(tables)]
    sheets = [sheet for sheet in (_of_notes(notes, marks), *figures, *further) if sheet.rows]
    return [_of_contents(content, sheets), *sheets]


def _texts_of_notes(content: Spreadsheet) -> dict[str, str]:
    """The texts of the notes on columns, by id."""
    parts = {"minimum": f"{content.minimum:g}", "fewest": FEWEST, "recent": RECENT}
    return {name: filled(text, parts) for name, text in {**texts()["notes"], **content.notes}.items()}


def _notes(content: Spreadsheet, tables: Mapping[str, Sequence[Column]]) -> dict[str, list[str]]:
    """The text of each note, and the tables that it applies to (all, if none is named), in the order of reference."""
    ids = _texts_of_notes(content)
    notes: dict[str, list[str]] = {text: [] for text in content.remarks}
    for name, columns in tables.items():
        for text in dict.fromkeys(ids[column.note] for column in columns if column.note in ids):
            notes.setdefault(text, []).append(texts()["sheets"][name])
    return notes


def _column(name: str, cells: Sequence[Cell], code: str = "") -> Column:
    """A column of a sheet that is not of figures; an empty text is marked as not applicable."""
    shown = [visible(cell) or NOT_APPLICABLE if isinstance(cell, str) else cell for cell in cells]
    return Column(code or name, texts()["heads"][name], shown, ["#,##0"] * len(shown))


def _about(name: str, columns: Sequence[Column]) -> str:
    """The sentence on the table of a sheet."""
    rows = texts()["rows"][name]
    parts = {"rows": rows, "number": digits(f"{len(columns[0].cells):,}"), "columns": len(columns)}
    return filled(texts()["lines"]["one_table"], parts)


def _shorthand(columns: Sequence[Column]) -> str:
    """What the shorthand in the columns means."""
    lines, used = texts()["lines"], {cell for column in columns for cell in column.cells if isinstance(cell, str)}
    meanings = clauses(f"{mark} {meaning}" for mark, meaning in texts()["shorthand"].items() if mark in used)
    return filled(lines["shorthand"], {"meanings": meanings}) if meanings else str(lines["no_shorthand"])


def _of_figures(
    content: Spreadsheet, name: str, columns: Sequence[Column], marks: Mapping[str, str], number: int
) -> _Sheet:
    """The sheet of a table of figures, whose heads refer to the notes; `marks` gives the mark of each text."""
    ids, lines = _texts_of_notes(content), texts()["lines"]
    of_columns = [marks[ids[column.note]] if column.note in ids else "" for column in columns]
    marked = [
        replace(column, head=f"{column.head} {mark}".rstrip()) for column, mark in zip(columns, of_columns, strict=True)
    ]
    own = dict.fromkeys([*(marks[text] for text in content.remarks), *filter(None, of_columns)])
    on_notes = filled(lines["notes"], {"marks": commas(own)}) if own else str(lines["no_notes"])
    parts = {"number": number, "table": texts()["sheets"][name], "subject": content.subject}
    title = filled(lines["title_of" if content.subject else "title"], parts)
    return _Sheet(name, title, (_about(name, columns), _shorthand(columns), on_notes, lines["back"]), marked)


def _of_contents(content: Spreadsheet, sheets: Sequence[_Sheet]) -> _Sheet:
    columns = [
        _column("sheet", [sheet.name for sheet in sheets]),
        _column("table", [texts()["sheets"][sheet.name] for sheet in sheets]),
        _column("rows", [sheet.rows for sheet in sheets]),
    ]
    names, lines = texts()["sheets"], texts()["lines"]
    empty = [filled(lines["empty"], {"table": names[one]}) for one, frame in content.frames.items() if not len(frame)]
    about = [_about(CONTENTS, columns), *empty]
    return _Sheet(CONTENTS, names[CONTENTS], about, columns, [sheet.name for sheet in sheets])


def _of_notes(notes: Mapping[str, Sequence[str]], marks: Mapping[str, str]) -> _Sheet:
    everywhere = str(texts()["heads"]["all_tables"])
    columns = [
        _column("note", [marks[text] for text in notes]),
        _column("text", list(notes)),
        _column("applies", [commas(tables) or everywhere for tables in notes.values()]),
    ]
    return _plain_sheet(NOTES, columns)


def _of_sources(content: Spreadsheet) -> _Sheet:
    sources, known = content.sources, editions()
    columns = [
        _column("edition", [source.id for source in sources]),
        _column("title", [source.title for source in sources]),
        _column("citation", [source.citation for source in sources]),
        _column("licence", [source.licence for source in sources]),
        _column("role", [coded(source.role) for source in sources]),
        _column("date", [known[one.id].vintage.isoformat() if one.id in known else "" for one in sources]),
        _column("groups", [say(source.membership) for source in sources]),
        _column("method", [source.method for source in sources]),
    ]
    return _plain_sheet(SOURCES, columns)


_OF_FILES = {
    "file": "path", "sha256": "sha256", "bytes": "bytes", "layout": "dataflow", "records": "rows_in",
    "used": "rows_used", "ignored": "rows_ignored", "rejected": "rows_refused",
}  # fmt: skip
"""The columns of the sheet of files, and the keys of JSON that they are."""


def _of_files(content: Spreadsheet) -> _Sheet:
    return _plain_sheet(
        FILES, [_column(name, [one.get(key, 0) for one in content.files], key) for name, key in _OF_FILES.items()]
    )


def _of_columns(tables: Mapping[str, Sequence[Column]]) -> _Sheet:
    rows = [(texts()["sheets"][name], column) for name, columns in tables.items() for column in columns]
    columns = [
        _column("table", [table for table, _ in rows]),
        _column("column", [column.head for _, column in rows]),
        _column("code_of_column", ["" if column.named else column.code for _, column in rows]),
        _column("meaning", [column.meaning for _, column in rows]),
    ]
    return _plain_sheet(COLUMNS, columns)


def _plain_sheet(name: str, columns: Sequence[Column]) -> _Sheet:
    return _Sheet(name, texts()["sheets"][name], (_about(name, columns), _shorthand(columns)), columns)


def _cover(content: Spreadsheet) -> list[tuple[str, str]]:
    """The lines of the cover with their looks: title, content, what was asked for, editions, licences, citations."""
    cover = texts()["cover"]
    sources, known = content.sources, editions()
    given = {name: value for name, value in content.choice.items() if value not in (None, "", False, [], ())}
    asked = [labelled(name.replace("_", "-"), _as_typed(value)) for name, value in given.items()]
    dates = [
        filled(cover["edition"], {"edition": commas((one.id, one.title)), "day": known[one.id].vintage.isoformat()})
        if one.id in known
        else filled(cover["edition_of_file"], {"edition": one.title or one.id})
        for one in sources
    ]
    licences = commas(sorted({one.licence for one in sources if one.licence}))
    citations = clauses(dict.fromkeys(one.citation for one in sources if one.citation))
    parts = [
        (cover["what"], [cover[f"about_{content.kind}"]]),
        (cover["choice"], asked or [cover["everything"]]),
        (cover["date"], dates),
        (cover["licence"], [filled(cover["licences"], {"licences": licences}) if licences else cover["no_licence"]]),
        (cover["cite"], [filled(cover["citation"], {"version": __version__, "citations": citations})]),
        (cover["reading"], [cover["guide"]]),
    ]
    lines = [(content.title, "title")]
    for head, paragraphs in parts:
        lines += [(head, "head"), *((text, "paragraph") for text in paragraphs)]
    return [(visible(text), look) for text, look in lines]


def _as_typed(value: Any) -> str:
    """The value of an option, as it is typed."""
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else say("yes") if value is True else str(value)


# --- writing


class _Formats:
    """The formats of a workbook by name, and of numbers by their number format; texts that are safe if they must be."""

    def __init__(self, book: "Workbook", safe: bool) -> None:
        self._book, self._safe = book, safe
        self._numbers: dict[str, Format] = {}
        self.by_name = {name: book.add_format(look) for name, look in texts()["formats"].items()}

    def number(self, pattern: str) -> "Format":
        """The format of a number."""
        if pattern not in self._numbers:
            self._numbers[pattern] = self._book.add_format({**texts()["formats"]["number"], "num_format": pattern})
        return self._numbers[pattern]

    def text(self, text: str) -> str:
        """The text as a cell has it."""
        return excel_safe(text) if self._safe else text


def _write_cover(sheet: "Worksheet", lines: Sequence[tuple[str, str]], formats: _Formats) -> None:
    """Writes the lines of the cover in column A."""
    _arrange(sheet, 0)
    sheet.set_column(0, 0, _COVER_WIDTH)
    for row, (text, look) in enumerate(lines):
        if look == "paragraph":
            sheet.set_row(row, height([text], [_COVER_WIDTH]))
        sheet.write_string(row, 0, formats.text(text), formats.by_name[look])


def _arrange(sheet: "Worksheet", frozen: int) -> None:
    """Sets direction, paper, and the rows that stay visible."""
    on_paper(sheet)
    if language.direction() == "rtl":
        sheet.right_to_left()
    if frozen:
        sheet.freeze_panes(frozen, 0)


def _write_sheet(sheet: "Worksheet", content: _Sheet, formats: _Formats) -> None:
    """Writes title and lines, then the table: heads at once above the rows, from column A."""
    head = 1 + len(content.lines)
    _arrange(sheet, head + 1)
    sheet.write_string(0, 0, formats.text(visible(content.title)), formats.by_name["title"])
    back = texts()["lines"]["back"]
    for row, line in enumerate(content.lines, start=1):
        if line == back:
            sheet.write_url(row, 0, f"internal:'{CONTENTS}'!A1", formats.by_name["link"], line)
        else:
            sheet.write_string(row, 0, formats.text(visible(line)), formats.by_name["line"])
    widths = [_width(column) for column in content.columns]
    for place, (column, width) in enumerate(zip(content.columns, widths, strict=True)):
        sheet.set_column(place, place, width)
        _write_column(sheet, head, place, column, content.links if place == 0 else (), formats)
    heads = [column.head for column in content.columns]
    sheet.set_row(head, height(heads, widths))
    look = {"style": "Table Style Light 1", "banded_rows": False, "autofilter": False}
    named = [{"header": formats.text(text), "header_format": formats.by_name["columns"]} for text in heads]
    sheet.add_table(
        head, 0, head + content.rows, len(heads) - 1, {**look, "name": content.name.lower(), "columns": named}
    )
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{ROWS}"})


def _width(column: Column) -> int:
    """The width of a column in characters: that of its longest cell, within limits."""
    longest = max((len(str(cell)) for cell in column.cells if isinstance(cell, str)), default=0)
    return min(max(longest + 2, len(max(column.head.split(), key=len)) + 2, _WIDTHS[0]), _WIDTHS[1])


def _write_column(
    sheet: "Worksheet", head: int, place: int, column: Column, links: Sequence[str], formats: _Formats
) -> None:
    """Writes the cells of a column below its head: numbers as numbers, texts as texts, shorthand at the right."""
    numeric = any(not isinstance(cell, str) for cell in column.cells)
    look = formats.by_name["shorthand" if numeric else "text"]
    for row, cell in enumerate(column.cells):
        at = head + 1 + row
        if not isinstance(cell, str):
            sheet.write_number(at, place, cell, formats.number(column.formats[row]))
        elif links:
            sheet.write_url(at, place, f"internal:'{links[row]}'!A1", formats.by_name["link"], cell)
        else:
            sheet.write_string(at, place, formats.text(cell), look)
