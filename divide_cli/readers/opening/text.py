"""Text files made ready to be parsed: the encoding, the delimiter, the hash, and the line on which each record begins.

One pass over the bytes, in chunks, before anything is parsed (see scan.py).
"""

import codecs
import csv
import hashlib
import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from divide_cli.errors import Place, SourceError
from divide_cli.frames.observations import InputFile
from divide_cli.readers.opening.container import HEAD, Container
from divide_cli.readers.opening.csv_scan import Scan
from divide_cli.readers.opening.file_types import refuse_other_kinds
from divide_cli.readers.opening.spool import Held, most, poured, too_large

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as that of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
"""The beginning of a character of several bytes in UTF-8."""
_NOT_WINDOWS = b"\x81\x8d\x8f\x90\x9d"
"""Bytes that are no character in Windows-1252."""
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_FIRST_RECORDS = 10
_FIRST_LINES = 30


@dataclass(frozen=True)
class Text:
    """A text file that is fit to be parsed. `lines[i]` is the line on which record i begins."""

    file: InputFile
    head: str
    lines: npt.NDArray[np.int32]
    delimiter: str = ","
    breaks_in_cells: bool = False
    held: Held = Held()  # noqa: RUF009 (it cannot be changed)
    inner: str = ""

    def open(self) -> pa.NativeFile:
        """A fresh handle on the UTF-8 bytes."""
        if self.held.path is None:
            return pa.BufferReader(self.held.content)
        try:
            return pa.OSFile(str(self.held.path))
        except UnicodeEncodeError:  # a name whose bytes are no UTF-8
            return pa.PythonFile(self.held.open())

    def first_records(self) -> list[list[str]]:
        """The first records of the file, for its recognition; blanks around the cells are dropped."""
        text = self.head.lstrip("\r\n")
        found = []
        with cells_of_any_length():
            for record in csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter):
                if len(record) > most("columns"):
                    where = Place(self.file.name, self.lines[0] if len(self.lines) else 1)
                    raise too_large("table_too_wide", "columns", where, f"{len(record):,}")
                if record:
                    found.append([cell.strip() for cell in record])
                if len(found) == _FIRST_RECORDS:
                    break
        return found

    def first_lines(self) -> list[list[str]]:
        """The first lines of the file, each as the record that it would be if the file began with it."""
        found = []
        with cells_of_any_length():
            for line in islice(io.StringIO(self.head, newline=None), _FIRST_LINES):
                cells = next(csv.reader([line], delimiter=_sniffed(line)), [])
                found.append([cell.strip() for cell in cells])
        return found


@contextmanager
def cells_of_any_length() -> Iterator[None]:
    """Lets the csv module read cells of any length: rows have their own limit here."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def decoded(container: Container, encoding: str = "") -> tuple[str, str]:
    """The whole text of a small file, with line feeds, and its encoding; SourceError where its bytes are none."""
    known = encoding or _marked(container.head())
    return "".join(_texts(container, known)), known


def _marked(head: bytes) -> str:
    """The encoding that a byte order mark says; UTF-8 where there is none."""
    return next((label for mark, label in _BYTE_ORDER_MARKS if head.startswith(mark)), "utf-8")


def _texts(container: Container, encoding: str) -> Iterator[str]:
    """The content as text with line feeds, block by block; undecodable bytes are an error with their line."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    read, lines = 0, 1
    try:
        for chunk in container.chunks():
            read += len(chunk)
            text = decoder.decode(chunk)
            lines += text.count("\n")
            yield text
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        before = bytes(error.object[: error.start])
        line = lines + before.decode(encoding, errors="replace").count("\n")
        place = read - len(error.object) + error.start
        raise _damaged(container.name, encoding, f"{error.reason} at byte {place}", line) from error
    except UnicodeError as error:
        raise _damaged(container.name, encoding, str(error), lines) from error


def _damaged(name: str, encoding: str, found: str, line: int) -> SourceError:
    return SourceError("encoding_damaged", expected=f"{encoding.upper()} text", found=found, where=Place(name, line))


def _other_encoding(container: Container) -> str:
    """Windows-1252 where bytes that are no UTF-8 stand in a file that has no character of UTF-8; else SourceError."""
    before = b""
    for chunk in container.chunks():
        if any(byte in chunk for byte in _NOT_WINDOWS) or _SEQUENCE.search(before + chunk):
            break
        before = chunk[-1:]
    else:
        return "windows-1252"
    raise SourceError("encoding_unknown_bytes", where=Place(container.name, _first_wrong(container)))


def _first_wrong(container: Container) -> int:
    """The line of the first bytes that are no UTF-8."""
    utf8, line = _Utf8(), 1
    for chunk in container.chunks():
        utf8.feed(chunk)
        if utf8.error:
            begun = utf8.error.object[: utf8.error.start]
            return line + begun.count(b"\n")
        line += chunk.count(b"\n")
    return line


def _sniffed(head: str) -> str:
    """The delimiter of the first record: a tab where it has one, else what is most frequent outside quotation marks."""
    line = next((line for line in io.StringIO(head, newline=None) if line.strip()), "")
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
    known = encoding or _marked(head)
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
            hashing = threading.Thread(target=digest.update, args=(chunk,))  # beside the rest: it holds no lock
            hashing.start()
            utf8.feed(chunk)
            if waiting:
                scan.feed(waiting, chunk[0])
            waiting = chunk if size else chunk[skipped:]
            size += len(chunk)
            hashing.join()
        utf8.feed(b"", final=True)
        if waiting:
            scan.feed(waiting, ord("\n"))
        lines = scan.finish()
    except SourceError:
        if not utf8.error:
            raise
    if utf8.error:
        return _whole(container, _other_encoding(container))
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
        breaks_in_cells=scan.broken,
        held=container.held,
        inner=container.inner,
    )


def _whole(container: Container, encoding: str) -> Text:
    """The text of a file that is not UTF-8 with line feeds: written as such block by block, then scanned."""
    held = poured(_as_utf8(container, encoding), container.name)
    shown = held.head(HEAD).decode("utf-8", errors="replace")
    delimiter = _sniffed(shown)
    scan, waiting = Scan(container.name, ord(delimiter)), b""
    for chunk in held.chunks():
        if waiting:
            scan.feed(waiting, chunk[0])
        waiting = chunk
    if waiting:
        scan.feed(waiting, ord("\n"))
    sha256, size = container.digest() or container.held.digest()
    return Text(
        file=InputFile(container.name, sha256, size, encoding, delimiter, ".", container.compression),
        head=shown,
        lines=scan.finish(),
        delimiter=delimiter,
        breaks_in_cells=scan.broken,
        held=held,
        inner=container.inner,
    )


def _as_utf8(container: Container, encoding: str) -> Iterator[bytes]:
    first = True
    for text in _texts(container, encoding):
        made = text.removeprefix("\ufeff") if first else text
        first = first and not text
        try:
            yield made.encode("utf-8")
        except UnicodeEncodeError as error:
            raise _damaged(container.name, encoding, f"half a character ({error.reason})", 1) from error
