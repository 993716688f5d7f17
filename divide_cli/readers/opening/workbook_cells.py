"""What a workbook shows where the library that reads its cells gives another value, or none.

The library gives 0.401 for a cell that shows 40.1 %, and an empty cell for an error (#DIV/0!) and for a formula whose
result is not stored. The XML of the sheets has the format, the error and the formula. Call this after the size of the
XML is known to be within the limits.
"""

import posixpath
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from xml.parsers import expat

from divide_cli.language import later, say
from divide_cli.readers.opening.container import blocks

_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_WORKBOOK, _RELATIONS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
_PERCENT_IDS = {"9", "10"}
"""The formats 0% and 0.00%, which every workbook has without listing them."""
_LITERAL = re.compile(r'"[^"]*"|\\.')
"""Parts of a format that are shown as they are."""
UNSTORED = later("(formula without a stored result)")
Place = tuple[int, int]
"""Row and column of a cell, from 0."""


def shown_otherwise(archive: zipfile.ZipFile, name: str) -> dict[str, dict[Place, str]]:
    """Sheet -> place -> the text that the cell shows. Only cells that the library gives otherwise are listed."""
    parts = {member.filename: member for member in archive.infolist()}

    def content(part: str) -> bytes:
        return b"".join(blocks(archive, parts[part], name)) if part in parts else b""

    percent = _percent_styles(content(_STYLES))
    sheets = {}
    for sheet, part in _parts_of(content(_WORKBOOK), content(_RELATIONS)).items():
        xml = content(part)
        if percent or b'"e"' in xml or b"<f" in xml or b":f" in xml:
            sheets[sheet] = _Cells(percent).of(xml)
    return sheets


def _elements(xml: bytes) -> list[tuple[str, Mapping[str, str]]]:
    """The elements of a short part in the order in which they begin, without the prefixes of their names."""
    found: list[tuple[str, Mapping[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(":")[2], attributes))
    if xml:
        parser.Parse(xml, True)
    return found


def _parts_of(workbook: bytes, relations: bytes) -> dict[str, str]:
    """The part of the archive with each sheet."""
    targets = {of.get("Id", ""): of.get("Target", "") for tag, of in _elements(relations) if tag == "Relationship"}
    sheets = {}
    for tag, attributes in _elements(workbook):
        key = next((text for name, text in attributes.items() if name.endswith(":id")), "")
        if tag == "sheet" and targets.get(key):
            target = targets[key]
            part = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            sheets[attributes.get("name", "")] = posixpath.normpath(part)
    return sheets


def _percent_styles(styles: bytes) -> set[str]:
    """The numbers of the cell styles that show percentages."""
    percent, numbers, cells = set(_PERCENT_IDS), set[str](), False
    place = 0
    for tag, attributes in _elements(styles):
        if tag == "numFmt" and "%" in _LITERAL.sub("", attributes.get("formatCode", "")):
            percent.add(attributes.get("numFmtId", ""))
        elif tag in ("cellXfs", "cellStyleXfs", "cellStyles"):
            cells = tag == "cellXfs"
        elif tag == "xf" and cells:
            if attributes.get("numFmtId") in percent:
                numbers.add(str(place))
            place += 1
    return numbers


class _Cells:
    """Reads the cells of a sheet from its XML."""

    def __init__(self, percent: set[str]) -> None:
        self.percent = percent
        self.shown: dict[Place, str] = {}
        self.attributes: Mapping[str, str] = {}
        self.formula = self.inside = False
        self.text = ""

    def of(self, xml: bytes) -> dict[Place, str]:
        """The cells that show something else than the library gives."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.CharacterDataHandler = self._data
        parser.Parse(xml, True)
        return self.shown

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self.attributes, self.formula, self.text = attributes, False, ""
        self.formula |= name == "f"
        self.inside = name == "v"

    def _data(self, data: str) -> None:
        if self.inside:
            self.text += data

    def _end(self, tag: str) -> None:
        self.inside = False
        place = _PLACE.fullmatch(self.attributes.get("r", ""))
        if tag.rpartition(":")[2] == "c" and place and (text := self._shown()):
            self.shown[int(place[2]) - 1, _column(place[1])] = text

    def _shown(self) -> str:
        """What the cell shows; empty if the library gives it."""
        kind, stored = self.attributes.get("t", "n"), self.text.strip()
        if kind == "e":
            return stored
        if self.formula and not stored and kind != "str":
            return say(UNSTORED)
        if kind == "n" and stored and self.attributes.get("s", "0") in self.percent:
            return _percentage(stored)
        return ""


def _percentage(stored: str) -> str:
    """A share as a percentage, as a sheet shows it: 0.401 as 40.1%. Noise of arithmetic beyond 15 digits is dropped."""
    try:
        number = Decimal(f"{Decimal(stored):.15g}") * 100
    except InvalidOperation:
        return stored
    return f"{number.normalize():f}%"


def _column(letters: str) -> int:
    """The position of a column by its letters: A is 0."""
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - 64
    return place - 1
