"""How much a workbook will hold, counted in one pass over its XML before anything is built from it.

A workbook of a few kilobytes may unpack to gigabytes, span the far corners of a sheet, or show one long text a million
times; the library that reads cells would try to hold all of it.
"""

import re
import zipfile
from collections.abc import Sequence
from xml.parsers import expat

from divide_cli.errors import SourceError
from divide_cli.readers.opening.container import DAMAGE, Container, blocks, entries
from divide_cli.readers.opening.spool import most, too_large

_READ = (".xml", ".rels")
_SHARED = "xl/sharedStrings.xml"
_PLACE = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")


class _Sheet:
    """Counts what one part of a workbook holds as its XML goes by: a sheet, or the texts that sheets share."""

    def __init__(self, name: str, shared: Sequence[int]) -> None:
        self.name, self.shared = name, shared
        self.row = self.column = self.last_row = self.last_column = 0
        self.shown: list[str] = []  # the numbers of the shared texts that are shown
        self.lengths: list[int] = []  # of the texts that this part stores
        self.stored = 0
        self.most = most("workbook_cells")
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        self._of_table = False

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag if ":" not in tag else tag.rpartition(":")[2]
        if name == "c":
            place = _PLACE.fullmatch(attributes.get("r", ""))
            if place:
                self.row, self.column = int(place[2]), _number(place[1])
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
            said = attributes.get("r", "")
            self.row, self.column = int(said) if said.isdecimal() and len(said) < 10 else self.row + 1, 0
        elif name == "si":
            self.lengths.append(0)
            self.stored += 1  # an empty one takes room as well
            self.parser.CharacterDataHandler = self._text
        elif name == "Relationship":
            target = attributes.get("Target", "")
            if attributes.get("Type", "").endswith("/worksheet") and not target.endswith(".xml"):
                raise _damaged(self.name, f"a sheet that is kept in {target!r}")

    def _grown(self) -> None:
        self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
        if self.last_row * self.last_column > self.most:
            raise too_large("workbook_too_large", "workbook_cells", self.name)

    def _number_of_text(self, data: str) -> None:
        self.shown[-1] += data[:20]

    def _end(self, _tag: str) -> None:
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None

    def _text(self, data: str) -> None:
        self.lengths[-1] += len(data)
        self.stored += len(data)

    @property
    def cells(self) -> int:
        """The cells from A1 to the last row and column with content."""
        return self.last_row * self.last_column

    @property
    def characters(self) -> int:
        """The characters of the texts that are stored once, as often as they are shown."""
        known = dict(zip(map(str, range(len(self.shared))), self.shared, strict=True))
        return sum(known.get(number.strip(), 0) for number in self.shown)


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
        raise too_large("workbook_too_large", "workbook_bytes", name, f"{size:,}")
    if entries(container.held) > most("archive_members"):
        raise too_large("workbook_too_large", "archive_members", name)
    try:
        with container.held.open() as raw, zipfile.ZipFile(raw) as archive:
            _measured(archive, name)
    except (*DAMAGE, expat.ExpatError, NotImplementedError) as error:
        raise _damaged(name, str(error)) from error


def _measured(archive: zipfile.ZipFile, name: str) -> None:
    """Counts all XML of the archive: texts first, then what shows them."""
    members = [member for member in archive.infolist() if member.filename.lower().endswith(_READ)]
    names = [member.filename.lower() for member in members]
    if len(set(names)) < len(names):
        raise _damaged(name, "two parts of one name")
    shared: list[int] = []
    unpacked, characters, cells = 0, 0, 0
    for member in sorted(members, key=lambda member: member.filename != _SHARED):
        sheet = _Sheet(name, shared)
        for block in blocks(archive, member, name):
            unpacked += len(block)
            if unpacked > most("workbook_xml_bytes"):
                raise too_large("workbook_too_large", "workbook_xml_bytes", name)
            sheet.parser.Parse(block, False)
            if sheet.stored > most("workbook_characters"):
                raise too_large("workbook_too_large", "workbook_characters", name)
        sheet.parser.Parse(b"", True)
        if member.filename == _SHARED:
            shared = sheet.lengths
            continue
        cells += sheet.cells
        characters += sheet.characters
        if cells > most("workbook_cells"):
            raise too_large("workbook_too_large", "workbook_cells", name, f"{cells:,} or more")
        if characters > most("workbook_characters"):
            raise too_large("workbook_too_large", "workbook_characters", name, f"{characters:,} or more")


def _damaged(name: str, found: str) -> SourceError:
    return SourceError("workbook_unreadable", found=found, where=name)
