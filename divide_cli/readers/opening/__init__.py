"""Bytes -> documents: a file opened far enough to be recognised, as delimited text, JSON, a workbook or Parquet.

`grids` gives the cells of tables as they are in the file, for reports to the data owner.
"""

import codecs
import json
import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, ClassVar

from divide_cli.catalogue import user_json
from divide_cli.errors import Place, SourceError
from divide_cli.frames.observations import InputFile
from divide_cli.language import later, say
from divide_cli.readers.opening.container import Container, open_container, refuse_above
from divide_cli.readers.opening.parquet import ParquetDocument as ParquetDocument
from divide_cli.readers.opening.parquet import open_parquet
from divide_cli.readers.opening.text import TextDocument as TextDocument
from divide_cli.readers.opening.text import decoded, open_text
from divide_cli.readers.opening.workbook import WorkbookDocument as WorkbookDocument
from divide_cli.readers.opening.workbook import open_workbook

_NOT_TEXT = (
    (b"\x89PNG", later("a PNG image")),
    (b"\xff\xd8\xff", later("a JPEG image")),
    (b"GIF8", later("a GIF image")),
    (b"%PDF", later("a PDF document")),
    (b"\xd0\xcf\x11\xe0", later("an old Excel or Word file (save it as .xlsx)")),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", later("a SAS data set")),
    (b"HEADER RECORD*******LIB", later("a SAS transport file")),
)
_MICRODATA = (
    (rb"\$FL[23]", "an SPSS file"),
    (rb"<stata_dta>|[\x6e-\x73][\x01\x02]\x01\x00", "a Stata file"),
)
"""The beginnings of files of survey records."""
_OTHER_TEXT = (
    (rb"(CHARSET|AXIS-VERSION|CODEPAGE|MATRIX|LANGUAGE)\s*=\s*\"", later("a PC-Axis file")),
    (rb"(?s)<\?xml.{0,2000}(SDMX|sdmx)", later("an SDMX-ML file")),
    (rb"<\?xml", later("an XML file")),
)
"""The beginnings of formats of statistical offices that are text, but not tables."""


_OTHER_JSON = (
    ({"id", "size", "value"}, later("a JSON-stat file")),
    ({"dataset"}, later("a JSON-stat file")),
    ({"data", "meta"}, later("an SDMX-JSON file")),
)
_JSON = re.compile(rb"(\xef\xbb\xbf)?\s*(\{|\[\s*([\[{\]\"\d-]|true|false|null))")
"""The beginning of JSON. (`[Sex],[Age]` is the header of a table.)"""
_BLANK = " \t\r\n"
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""An escape in JSON. `half` is a surrogate without its other half, which cannot be encoded."""


MOST_ROWS = 100_000
"""The number of rows up to which a table is kept completely. Of a longer one, only the requested rows are kept."""
HEAD_ROWS = 20
AROUND = 2
"""Lines that are kept before and after a requested line."""


@dataclass(frozen=True)
class JsonDocument:
    """A JSON document, the file it was read from, and its source (`text`)."""

    unit: ClassVar[str] = "keys"
    file: InputFile
    inner: str
    content: Any
    text: str

    def records(self) -> Sequence[Sequence[str]]:
        """The keys of the objects."""
        return [_keys(self.content)]

    def objects(self) -> Iterator[tuple[int, Any]]:
        """The entries of the list of figures, each with the line on which it begins; or the only object."""
        if isinstance(self.content, dict):
            yield 1, self.content
            return
        text, decoder = self.text, json.JSONDecoder()
        place, line, counted = self._start(), 1, 0
        while True:
            while text[place] in _BLANK + ",":
                place += 1
            if text[place] == "]":
                return
            line += text.count("\n", counted, place)
            counted = place
            entry, place = decoder.raw_decode(text, place)
            yield line, entry

    def _start(self) -> int:
        """The position after the opening bracket of the list: the outer list, or the one after the head of a page."""
        place = self.text.index("[") + 1
        if _is_page(self.content):
            while self.text[place] in _BLANK:
                place += 1
            place = self.text.index("[", json.JSONDecoder().raw_decode(self.text, place)[1]) + 1
        return place


Document = TextDocument | WorkbookDocument | JsonDocument | ParquetDocument
"""A file, with its name inside its archive (`inner`), the `records()` by which its layout is recognised, and the word
for their cells (`unit`): columns of a text, names of sheets, keys of objects."""


def open_document(path: str, encoding: str = "") -> Document:
    """The file at the path, ready to be recognised; SourceError if it is damaged or has an unsupported type."""
    container = open_container(path)
    if container.workbook:
        return open_workbook(container)
    head = container.head()
    if head.startswith(b"PAR1"):
        return open_parquet(container)
    _refuse_other_types(head, container.name)
    if _JSON.match(head):
        return _open_json(container, encoding)
    return open_text(container, encoding)


def _refuse_other_types(head: bytes, name: str) -> None:
    """Raises SourceError if the first bytes are those of a binary file type."""
    if not head:
        raise SourceError("file_empty", where=name)
    begin = head.removeprefix(codecs.BOM_UTF8).lstrip()[:15].lower()
    if begin.startswith((b"<!doctype html", b"<html")):
        line = head[:60].decode("utf-8", errors="replace").split("\n")[0]
        raise SourceError("file_is_web_page", found=line, where=name)
    for form, kind in _MICRODATA:
        if re.match(form, head):
            raise microdata(say(kind), name)
    for magic, kind in _NOT_TEXT:
        if head.startswith(magic):
            raise SourceError("file_not_text", found=say(kind), where=name)
    for pattern, kind in _OTHER_TEXT:
        if re.match(pattern, head.removeprefix(codecs.BOM_UTF8).lstrip()):
            raise SourceError("file_not_table", found=say(kind), where=name)


def microdata(found: str, name: str) -> SourceError:
    """The error for a file of survey records, which names the command that estimates figures from them."""
    return SourceError("file_is_microdata", found=found, file=shlex.quote(name), where=name)


def _keys(content: Any) -> list[str]:
    """The keys of the first object; for a page of the World Bank, those of its head and of its first entry."""
    if isinstance(content, dict):
        return list(content)
    entries = content if isinstance(content, list) else []
    first = next((entry for entry in entries if isinstance(entry, dict)), None)
    if first is None:
        return ["(numbers)"] if entries and all(isinstance(entry, int) for entry in entries) else []
    return [*first, *(_keys(entries[1]) if _is_page(entries) else [])]


def _is_page(content: Any) -> bool:
    """Whether a list consists of the head of a page and the list of its entries."""
    return isinstance(content, list) and len(content) == 2 and isinstance(content[1], list)


def _open_json(container: Container, encoding: str) -> JsonDocument:
    refuse_above("json_bytes", container.spool.size, "json_too_large", container.name, "{:,}")
    text, encoding = decoded(container, encoding)
    text = text.removeprefix("\ufeff")
    values = sum(text.count(mark) for mark in ",[{")
    refuse_above("json_values", values, "json_too_large", container.name, say("about {:,}"))
    try:
        content = user_json.loads(text)
    except ValueError as error:  # also an integer with thousands of digits
        where = Place(container.name, getattr(error, "lineno", 1))
        raise SourceError("json_malformed", found=str(error), where=where) from error
    surrogates = "\\ud" in text or "\\uD" in text
    if half := next((escape for escape in _ESCAPE.finditer(text) if escape["half"]), None) if surrogates else None:
        where = Place(container.name, text.count("\n", 0, half.start()) + 1)
        raise SourceError("json_malformed", found=say("an incomplete character, {half}", half=half[0]), where=where)
    if content in ([], {}):
        raise SourceError("answer_empty", found=text.strip(), where=container.name)
    for keys, kind in _OTHER_JSON:
        if isinstance(content, dict) and keys <= set(content):
            raise SourceError("file_not_table", found=say(kind), where=container.name)
    return JsonDocument(container.input_file(encoding), container.inner, content, text)


@dataclass(frozen=True)
class Grid:
    """The rows of a table by line. `total` is the number of rows of the whole table, kept or not."""

    rows: list[list[str]]
    lines: list[int]
    total: int

    @property
    def cut(self) -> bool:
        """Whether some rows were not kept."""
        return len(self.rows) < self.total


def grids(path: str, lines: Mapping[str, Collection[int]], encoding: str = "") -> tuple[InputFile, dict[str, Grid]]:
    """The tables of a file by their names in findings: the path, or `path[sheet]` for each sheet.

    Of a table with more than MOST_ROWS rows, the first rows are kept, and the `lines` with those around them. Only
    delimited text and workbooks have tables. Raises SourceError if the file cannot be read.
    """
    document = open_document(path, encoding)
    tables = {}
    if isinstance(document, WorkbookDocument):
        for sheet, rows in document.sheets.items():
            name = f"{path}[{sheet}]"
            tables[name] = _kept(enumerate(rows, start=1), len(rows), lines.get(name, ()))
    elif isinstance(document, TextDocument):
        tables[path] = _kept(document.numbered_records(), len(document.lines), lines.get(path, ()))
    return document.file, tables


def _kept(rows: Iterable[tuple[int, list[str]]], total: int, wanted: Collection[int]) -> Grid:
    near = {line + step for line in wanted for step in range(-AROUND, AROUND + 1)}
    last = max(near, default=0)
    whole = total <= MOST_ROWS
    reached = takewhile(lambda row: whole or row[0] < HEAD_ROWS or row[1][0] <= last, enumerate(rows))
    kept = [entry for place, entry in reached if whole or place < HEAD_ROWS or entry[0] in near]
    return Grid([row for _, row in kept], [line for line, _ in kept], total)
