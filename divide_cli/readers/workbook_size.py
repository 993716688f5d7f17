"""How much a workbook will hold, counted in one pass over its XML before anything is built from it.

A workbook of a few kilobytes may unpack to gigabytes, span the far corners of a sheet, or show one long text a million
times; the library that reads cells would try to hold all of it.
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from divide_cli.errors import SourceError
from divide_cli.readers.container import Container, blocks, entries
from divide_cli.readers.held import most, too_large

_READ = (".xml", ".rels")
_SHARED = "xl/sharedStrings.xml"
_PLACE = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")


@dataclass
class _Sheet:
    """Counts a sheet, or the table of texts that sheets share, as its XML goes by."""

    name: str
    shared: Mapping[int, int]
    row: int = 0
    column: int = 0
    last_row: int = 0
    last_column: int = 0
    of_table: bool = False
    in_value: bool = False
    value: str = ""
    characters: int = 0
    lengths: dict[int, int] = field(default_factory=dict)

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = tag.rpartition(":")[2]
        if name == "c":
            self._cell(attributes)
        elif name == "row":
            said = attributes.get("r", "")
            self.row, self.column = int(said) if said.isdecimal() and len(said) < 10 else self.row + 1, 0
        elif name in ("v", "is"):
            self.in_value, self.value = name == "v", ""
            self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
            if self.last_row * self.last_column > most("workbook_cells"):
                raise too_large("a workbook is too large", "workbook_cells", self.name)
        elif name == "si":
            self.lengths[len(self.lengths)] = 0
        elif name == "Relationship":
            target = attributes.get("Target", "")
            if attributes.get("Type", "").endswith("/worksheet") and not target.endswith(".xml"):
                raise _damaged(self.name, f"a sheet that is kept in {target!r}")

    def _cell(self, attributes: dict[str, str]) -> None:
        place = _PLACE.fullmatch(attributes.get("r", ""))
        if place:
            self.row, self.column = int(place[2]), _number(place[1])
        else:
            self.column += 1
        self.of_table = attributes.get("t") == "s"

    def text(self, data: str) -> None:
        """Text between two marks."""
        if self.lengths:
            self.lengths[len(self.lengths) - 1] += len(data)
        elif self.in_value and self.of_table:
            self.value = (self.value + data)[:10]
        self._count(len(data))

    def end(self, tag: str) -> None:
        """An element ends."""
        if self.in_value and tag.rpartition(":")[2] == "v":
            self.in_value = False
            if self.of_table and self.value.strip().isdecimal():
                self._count(self.shared.get(int(self.value), 0))

    def _count(self, characters: int) -> None:
        self.characters += characters
        if self.characters > most("workbook_characters"):
            raise too_large("a workbook is too large", "workbook_characters", self.name)


def _number(letters: str) -> int:
    """The number of a column: A is 1, XFD is 16384."""
    made = 0
    for letter in letters.upper():
        made = made * 26 + ord(letter) - 64
    return made


def refuse_too_large(container: Container) -> None:
    """SourceError where the workbook holds more cells or characters than are read, or is not sound."""
    name, size = container.name, container.held.size
    if size > most("workbook_bytes"):
        raise too_large("a workbook is too large", "workbook_bytes", name, f"{size:,}")
    if entries(container.held) > most("archive_members"):
        raise too_large("a workbook is too large", "archive_members", name)
    try:
        with container.held.open() as raw, zipfile.ZipFile(raw) as archive:
            _measured(archive, name, size)
    except (zipfile.BadZipFile, expat.ExpatError, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise _damaged(name, str(error)) from error


def _measured(archive: zipfile.ZipFile, name: str, size: int) -> None:
    """Counts all XML of the archive: texts first, then what shows them."""
    members = [member for member in archive.infolist() if member.filename.lower().endswith(_READ)]
    names = [member.filename.lower() for member in members]
    if len(set(names)) < len(names):
        raise _damaged(name, "two parts of one name")
    shared: Mapping[int, int] = {}
    unpacked, characters, cells = 0, 0, 0
    for member in sorted(members, key=lambda member: member.filename != _SHARED):
        sheet = _Sheet(name, shared)
        sheet.characters = characters
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = sheet.begin, sheet.end
        parser.CharacterDataHandler = sheet.text
        for block in blocks(archive, member, name):
            unpacked += len(block)
            if unpacked > max(most("bytes_in_memory"), size * most("unpacked_ratio")):
                raise too_large("a workbook unpacks to far more than figures do", "unpacked_ratio", name)
            parser.Parse(block, False)
        parser.Parse(b"", True)
        if member.filename == _SHARED:
            shared = sheet.lengths
        else:
            characters = sheet.characters
        cells += sheet.last_row * sheet.last_column
        if cells > most("workbook_cells"):
            raise too_large("a workbook is too large", "workbook_cells", name, f"{cells:,} or more")


def _damaged(name: str, found: str) -> SourceError:
    return SourceError("a workbook cannot be read", found=found, where=name, hint="save or download it again")
