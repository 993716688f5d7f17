"""Workbooks (.xlsx): their sheets as texts, if they are not too large. Needs the extra `excel`.

A workbook of a few kilobytes may unpack to gigabytes, use the far corners of a sheet, or show a long text a million
times. The library that reads cells would try to load all of it, so the XML is counted first, in one pass.
"""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import reduce
from typing import ClassVar
from xml.parsers import expat

from divide_cli.errors import SourceError
from divide_cli.frames.observations import InputFile
from divide_cli.language import say
from divide_cli.readers.opening.container import DAMAGE, HEAD, Container, Spool, blocks, entries, refuse_above
from divide_cli.readers.opening.scan import Scan
from divide_cli.readers.opening.text import TextDocument
from divide_cli.readers.opening.workbook_cells import Place, shown_otherwise

_FIRST_ROWS = 12
_READ = (".xml", ".rels")
_SHARED = "xl/sharedStrings.xml"
_PLACE = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")


@dataclass(frozen=True)
class WorkbookDocument:
    """The sheets of a workbook. A row is a list of texts; numbers are unformatted, except percentages (40.1%)."""

    unit: ClassVar[str] = "sheets"
    file: InputFile
    inner: str
    sheets: dict[str, list[list[str]]]
    hidden: frozenset[str] = frozenset()

    def records(self) -> Sequence[Sequence[str]]:
        """The names of the sheets, then the first rows of each sheet."""
        rows = [row for sheet in self.sheets.values() for row in sheet[:_FIRST_ROWS]]
        return [list(self.sheets), *([cell.strip() for cell in row] for row in rows)]

    def as_text(self, sheet: str) -> TextDocument:
        """A sheet as delimited text, which the readers of tables take. Its lines are the rows of the sheet."""
        table = io.StringIO(newline="")
        csv.writer(table, lineterminator="\n").writerows(
            [cell.replace("\r", " ").replace("\n", " ") for cell in row] for row in self.sheets[sheet]
        )
        content = table.getvalue().encode("utf-8")
        lines = Scan(self.file.name, ord(",")).record_lines([content] if content else [])
        file = replace(self.file, name=f"{self.file.name}[{sheet}]", delimiter=",", decimal=".")
        head = content[:HEAD].decode("utf-8", errors="replace")
        return TextDocument(file, self.inner, head, lines, Spool(content))


def open_workbook(container: Container) -> WorkbookDocument:
    """The workbook in the container; SourceError if it is damaged or the extra is not installed."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum
    except ImportError as error:
        lacking = say("python-calamine is not installed")
        raise SourceError("excel_extra_missing", found=lacking, where=container.name) from error
    shown = _refuse_too_large(container)
    raw, sheets = container.spool.read(), dict[str, list[list[str]]]()
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        for name in book.sheet_names:
            grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            sheets[name] = [[_text(cell) for cell in row] for row in grid]
            for (row, column), text in shown.get(name, {}).items():
                if row < len(sheets[name]) and column < len(sheets[name][row]):
                    sheets[name][row][column] = text
        hidden = frozenset(sheet.name for sheet in book.sheets_metadata if sheet.visible != SheetVisibleEnum.Visible)
    except (CalamineError, ValueError) as error:
        raise SourceError("workbook_unreadable", found=str(error), where=container.name) from error
    file = container.input_file("xlsx", sha256=hashlib.sha256(raw).hexdigest())
    return WorkbookDocument(file, container.inner, sheets, hidden)


def _text(cell: object) -> str:
    """The cell as text: a whole number without a decimal point, a date in ISO 8601."""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return str(cell)


class _Sheet:
    """Counts the content of one part of a workbook from its XML: a sheet, or the texts that sheets share."""

    def __init__(self, name: str, shared: Sequence[int]) -> None:
        self.name, self.shared = name, shared
        self.row = self.column = self.last_row = self.last_column = 0
        self.shown: list[str] = []  # numbers of the shared texts that cells show
        self.lengths: list[int] = []  # lengths of the texts that this part stores
        self.stored = 0
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        self._of_table = False

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag if ":" not in tag else tag.rpartition(":")[2]
        if name == "c":
            place = _PLACE.fullmatch(attributes.get("r", ""))
            if place:
                self.row, self.column = int(place[2]), column_place(place[1]) + 1
            else:
                self.column += 1
            self._of_table = attributes.get("t") == "s"
        elif name in ("v", "is"):
            if self.row > self.last_row or self.column > self.last_column:
                self._grown()
            if self._of_table and name == "v":
                self.shown.append("")
                self.parser.CharacterDataHandler, self.parser.EndElementHandler = self._number_of_text, self._end
        elif name == "row":
            number = attributes.get("r", "")
            self.row, self.column = int(number) if number.isdecimal() and len(number) < 10 else self.row + 1, 0
        elif name == "si":
            self.lengths.append(0)
            self.stored += 1  # an empty text takes space too
            self.parser.CharacterDataHandler = self._text
        elif name == "Relationship":
            target = attributes.get("Target", "")
            if attributes.get("Type", "").endswith("/worksheet") and not target.endswith(".xml"):
                raise SourceError(
                    "workbook_unreadable", found=say("a sheet stored in {target!r}", target=target), where=self.name
                )

    def _grown(self) -> None:
        self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
        refuse_above("workbook_cells", self.cells, "workbook_too_large", self.name)

    def _number_of_text(self, data: str) -> None:
        self.shown[-1] += data[:20]

    def _end(self, _tag: str) -> None:
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None

    def _text(self, data: str) -> None:
        self.lengths[-1] += len(data)
        self.stored += len(data)

    @property
    def cells(self) -> int:
        """The number of cells from A1 to the last row and column with content."""
        return self.last_row * self.last_column

    @property
    def characters(self) -> int:
        """The characters of all texts, with shared texts counted each time that a cell shows them."""
        lengths = dict(zip(map(str, range(len(self.shared))), self.shared, strict=True))
        return sum(lengths.get(number.strip(), 0) for number in self.shown)


def column_place(letters: str) -> int:
    """The position of a column by its letters: A is 0, AA is 26, XFD is 16383."""
    return reduce(lambda number, letter: number * 26 + ord(letter) - 64, letters.upper(), 0) - 1


def column_letters(place: int) -> str:
    """The letters of a column by its position: 0 is A, 26 is AA."""
    return (column_letters(place // 26 - 1) if place >= 26 else "") + chr(65 + place % 26)


def _refuse_too_large(container: Container) -> dict[str, dict[Place, str]]:
    """The cells that the library gives otherwise; SourceError if the workbook has too many cells or is damaged."""
    name, size = container.name, container.spool.size
    refuse_above("workbook_bytes", size, "workbook_too_large", name, "{:,}")
    refuse_above("archive_members", entries(container.spool), "workbook_too_large", name)
    try:
        with container.spool.open() as raw, zipfile.ZipFile(raw) as archive:
            _measured(archive, name)
            return shown_otherwise(archive, name)
    except (*DAMAGE, expat.ExpatError, LookupError, NotImplementedError) as error:  # LookupError: no such encoding
        raise SourceError("workbook_unreadable", found=str(error), where=name) from error


def _measured(archive: zipfile.ZipFile, name: str) -> None:
    """Counts the content of all XML in the archive: texts first, then the sheets that show them."""
    members = [member for member in archive.infolist() if member.filename.lower().endswith(_READ)]
    names = [member.filename.lower() for member in members]
    if len(set(names)) < len(names):
        raise SourceError("workbook_unreadable", found=say("two parts with the same name"), where=name)
    shared: list[int] = []
    unpacked, characters, cells = 0, 0, 0
    for member in sorted(members, key=lambda member: member.filename != _SHARED):
        sheet = _Sheet(name, shared)
        for block in blocks(archive, member, name):
            unpacked += len(block)
            refuse_above("workbook_xml_bytes", unpacked, "workbook_too_large", name)
            sheet.parser.Parse(block, False)
            refuse_above("workbook_characters", sheet.stored, "workbook_too_large", name)
        sheet.parser.Parse(b"", True)
        if member.filename == _SHARED:
            shared = sheet.lengths
            continue
        cells += sheet.cells
        characters += sheet.characters
        refuse_above("workbook_cells", cells, "workbook_too_large", name, say("{:,} or more"))
        refuse_above("workbook_characters", characters, "workbook_too_large", name, say("{:,} or more"))
