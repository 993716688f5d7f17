"""Text files made ready to be parsed: the encoding, the delimiter, the hash, and the line on which each record begins.

One pass over the bytes, in chunks, before anything is parsed (see scan.py).
"""

import codecs
import csv
import hashlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from divide_cli.errors import SourceError
from divide_cli.observations import InputFile
from divide_cli.readers.container import CHUNK, HEAD, Container
from divide_cli.readers.scan import Scan

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOT_TEXT = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file (save it as .xlsx)"),
    (b"$FL2", "an SPSS file of survey microdata"),
)
_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
"""The beginning of a character of several bytes in UTF-8."""
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_FIRST_RECORDS = 10


@dataclass(frozen=True)
class Text:
    """A text file that is fit to be parsed. `lines[i]` is the line on which record i begins."""

    file: InputFile
    head: str
    lines: npt.NDArray[np.int32]
    delimiter: str = ","
    path: Path | None = None
    breaks_in_cells: bool = False
    content: bytes = field(default=b"", repr=False)
    inner: str = ""

    def open(self) -> pa.NativeFile:
        """A fresh handle on the UTF-8 bytes."""
        return pa.OSFile(str(self.path)) if self.path else pa.BufferReader(self.content)

    def first_records(self) -> list[list[str]]:
        """The first records of the file, for its recognition; blanks around the cells are dropped."""
        text = self.head.lstrip("\r\n")
        found = []
        try:
            for record in csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter):
                if record:
                    found.append([cell.strip() for cell in record])
                if len(found) == _FIRST_RECORDS:
                    break
        except csv.Error as error:  # a cell that is longer than any header's
            raise SourceError(
                "a file cannot be parsed as CSV", found=str(error), where=self.file.name, hint="check its first lines"
            ) from error
        return found


def refuse_other_kinds(head: bytes, name: str) -> None:
    """SourceError where the first bytes are those of a file that holds no text."""
    if not head:
        raise SourceError("a file is empty", expected="a CSV file with a header and rows", found="0 bytes", where=name)
    begin = head.removeprefix(codecs.BOM_UTF8).lstrip()[:15].lower()
    if begin.startswith((b"<!doctype html", b"<html")):
        raise SourceError(
            "a file is a web page",
            expected="a file of figures",
            found=head[:60].decode("utf-8", errors="replace").split("\n")[0],
            where=name,
            hint="the download gave a page in place of the file, perhaps an error: open it in a browser",
        )
    for magic, kind in _NOT_TEXT:
        if head.startswith(magic):
            raise SourceError(
                "a file is not text", expected="a CSV file", found=kind, where=name, hint="export it as CSV"
            )


def decoded(container: Container, encoding: str = "") -> tuple[str, str]:
    """The whole text of a small file and its encoding; SourceError where its bytes are none."""
    raw = container.read()
    known = encoding or next((label for mark, label in _BYTE_ORDER_MARKS if raw.startswith(mark)), "utf-8")
    return _text(raw, known, container.name), known


def _text(raw: bytes, encoding: str, name: str) -> str:
    """The content as text with line feeds; undecodable bytes are an error with the line they stand on."""
    try:
        text = raw.decode(encoding)
    except LookupError as error:
        raise SourceError(
            "an encoding is unknown", expected="utf-8, utf-16, windows-1252 ...", found=encoding, where=name
        ) from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].decode(encoding, errors="replace").count("\n") + 1
        raise SourceError(
            "a file is cut off or damaged",
            expected=f"{encoding.upper()} text",
            found=f"{error.reason} at byte {error.start}",
            where=f"{name}:{line}",
            hint="export or download the file again",
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _other_encoding(raw: bytes, error: UnicodeDecodeError, name: str) -> str:
    """Windows-1252 where bytes that are no UTF-8 stand in a file that has no character of UTF-8; else SourceError."""
    try:
        raw.decode("windows-1252")
        plausible = not _SEQUENCE.search(raw)
    except UnicodeDecodeError:
        plausible = False
    if not plausible:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SourceError(
            "a file is not UTF-8 text",
            expected="UTF-8, UTF-16 with a byte order mark, or Windows-1252",
            found="bytes that are no UTF-8 beside others that are, or of no known encoding",
            where=f"{name}:{line}",
            hint="save the file as CSV UTF-8, or name its encoding with --encoding",
        )
    return "windows-1252"


def _sniffed(head: str) -> str:
    """The delimiter of the first record: a tab where it has one, else what is most frequent outside quotation marks."""
    line = next((line for line in head.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", line)
    if "\t" in bare:
        return "\t"
    return max(DELIMITERS, key=lambda mark: (bare.count(mark), mark == ","))


class _Utf8:
    """Tells whether bytes that come in chunks are UTF-8."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.error: UnicodeDecodeError | None = None

    def feed(self, chunk: bytes, final: bool = False) -> None:
        if self.error or (chunk.isascii() and not final and not self.decoder.getstate()[0]):
            return
        try:
            self.decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            self.error = error


def open_text(container: Container, encoding: str = "") -> Text:
    """The file ready to be parsed; SourceError where it is not sound text. `encoding` overrules the detection."""
    name, head = container.name, container.head()
    refuse_other_kinds(head, name)
    known = encoding or next((label for mark, label in _BYTE_ORDER_MARKS if head.startswith(mark)), "utf-8")
    returns_only = b"\r" in head and b"\n" not in head
    if known not in ("utf-8", "utf-8-sig") or returns_only:
        return _whole(container, known)
    skipped = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    shown = head[skipped:].decode("utf-8", errors="replace")
    delimiter = _sniffed(shown)
    scan, utf8 = Scan(name, ord(delimiter)), _Utf8()
    digest, size, waiting = hashlib.sha256(), 0, b""
    try:
        for chunk in container.chunks():
            digest.update(chunk)
            utf8.feed(chunk)
            if waiting:
                scan.feed(waiting, chunk[0])
            waiting = chunk if size else chunk[skipped:]
            size += len(chunk)
        utf8.feed(b"", final=True)
        if waiting:
            scan.feed(waiting, ord("\n"))
        lines = scan.finish()
    except SourceError:
        if not utf8.error:
            raise
    if utf8.error:
        raw = container.read()
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError as error:
            return _whole(container, _other_encoding(raw, error, name))
    outer = container.digest()
    return Text(
        file=InputFile(
            name,
            outer[0] if outer else digest.hexdigest(),
            outer[1] if outer else size,
            known,
            delimiter,
            ".",
            container.compression,
        ),
        head=shown,
        lines=lines,
        delimiter=delimiter,
        path=container.path,
        breaks_in_cells=scan.broken,
        content=container.content,
        inner=container.inner,
    )


def _whole(container: Container, encoding: str) -> Text:
    """The text of a file that is not UTF-8 with line feeds: decoded whole, then scanned."""
    raw = container.read()
    content = _text(raw, encoding, container.name).removeprefix("\ufeff").encode("utf-8")
    shown = content[:HEAD].decode("utf-8", errors="replace")
    delimiter = _sniffed(shown)
    scan = Scan(container.name, ord(delimiter))
    for start in range(0, len(content), CHUNK):
        chunk = content[start : start + CHUNK]
        following = content[start + CHUNK] if start + CHUNK < len(content) else ord("\n")
        scan.feed(chunk, following)
    sha256, size = container.digest() or (hashlib.sha256(raw).hexdigest(), len(raw))
    return Text(
        file=InputFile(container.name, sha256, size, encoding, delimiter, ".", container.compression),
        head=shown,
        lines=scan.finish(),
        delimiter=delimiter,
        breaks_in_cells=scan.broken,
        content=content,
        inner=container.inner,
    )
