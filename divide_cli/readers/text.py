"""Opens a text file for reading: its encoding, its hash, and the line on which each record begins.

One pass over the bytes, in chunks, before anything is parsed: what a CSV parser would swallow in silence (a NUL byte, a
quotation mark that is never closed) is an error here, with its line.
"""

import codecs
import hashlib
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from divide_cli.errors import SourceError
from divide_cli.observations import InputFile

CHUNK = 1 << 21
HEAD = 1 << 16
_QUOTE, _LINE_FEED, _RETURN = 34, 10, 13
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOT_TEXT = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file"),
)


@dataclass(frozen=True)
class Text:
    """A text file that is fit to be parsed. `lines[i]` is the line on which record i begins (0 is the header)."""

    file: InputFile
    head: str
    lines: npt.NDArray[np.int32]
    path: Path | None = None
    breaks_in_cells: bool = False
    content: bytes = field(default=b"", repr=False)

    def open(self) -> pa.NativeFile:
        """A fresh handle on the UTF-8 bytes."""
        return pa.OSFile(str(self.path)) if self.path else pa.BufferReader(self.content)


def _open(path: str) -> BinaryIO:
    if path == "-":
        return io.BytesIO(sys.stdin.buffer.read())
    try:
        if Path(path).is_dir():
            raise SourceError("a directory was given where a file is needed", where=path, hint="name the files in it")
        return Path(path).open("rb")
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise SourceError(
            "a file cannot be opened", expected="a readable file", found=reason, where=path, hint="check the path"
        ) from error


def _chunks(handle: BinaryIO) -> Iterator[bytes]:
    while chunk := handle.read(CHUNK):
        yield chunk


def _refuse(head: bytes, name: str) -> None:
    if not head:
        raise SourceError("a file is empty", expected="a CSV file with a header and rows", found="0 bytes", where=name)
    for magic, kind in _NOT_TEXT:
        if head.startswith(magic):
            raise SourceError(
                "a file is not text", expected="a CSV file", found=kind, where=name, hint="export it as CSV"
            )


@dataclass
class _Scan:
    """State of the pass over the bytes between two chunks."""

    name: str
    delimiter: int
    inside: int = 0  # 1 inside a quoted cell
    breaks: int = 0  # line feeds so far
    last: int = _LINE_FEED  # byte before the chunk
    empty: bool = True  # the record so far has no byte but returns
    starts: list[npt.NDArray[np.int32]] = field(default_factory=list)
    begun: int = 1  # line on which the present record began
    quoted: int = 1  # line of the last quotation mark
    broken: bool = False  # a quoted cell held a line feed

    def feed(self, chunk: bytes, following: int) -> None:
        """Takes a chunk and the byte that follows it (a line feed at the end of the file)."""
        found = chunk.find(b"\0")
        if found >= 0:
            raise SourceError(
                "a file holds a NUL byte",
                expected="text in UTF-8, or UTF-16 with a byte order mark",
                found="a NUL byte, as in binary files or UTF-16 without its mark",
                where=f"{self.name}:{self.breaks + chunk.count(10, 0, found) + 1}",
                hint="export the file again as CSV in UTF-8",
            )
        array = np.frombuffer(chunk, dtype=np.uint8)
        feeds = np.flatnonzero(array == _LINE_FEED)
        ends, ordinals = feeds, np.arange(len(feeds))
        if self.inside or _QUOTE in chunk:
            quotes = np.flatnonzero(array == _QUOTE)
            self._pairing(array, quotes, feeds, following)
            outside = ((np.searchsorted(quotes, feeds) + self.inside) & 1) == 0
            ends, ordinals = feeds[outside], ordinals[outside]
            self.broken |= len(ends) < len(feeds)
            self.inside = (self.inside + len(quotes)) & 1
        self._records(array, ends, ordinals)
        self.breaks += len(feeds)
        self.last = int(array[-1])

    def _pairing(
        self, array: npt.NDArray[np.uint8], quotes: npt.NDArray[np.intp], feeds: npt.NDArray[np.intp], following: int
    ) -> None:
        """Every opening mark must begin a cell and every closing one end it; a doubled mark is text."""
        opening = ((np.arange(len(quotes)) + self.inside) & 1) == 0
        neighbour = np.where(opening, quotes - 1, quotes + 1)
        byte = array[np.clip(neighbour, 0, len(array) - 1)]
        byte = np.where(neighbour < 0, self.last, np.where(neighbour >= len(array), following, byte))
        wrong = ~np.isin(byte, (self.delimiter, _LINE_FEED, _RETURN, _QUOTE))
        lines = self.breaks + np.searchsorted(feeds, quotes) + 1
        if wrong.any():
            at = int(np.argmax(wrong))
            if opening[at]:
                self._unpaired(int(lines[at]), "a mark in the middle of a cell that is not quoted")
            begun = int(lines[at - 1]) if at else self.quoted
            self._unpaired(begun, f"a quoted cell that is not closed before the next mark, on line {lines[at]}")
        if len(quotes):
            self.quoted = int(lines[-1])

    def _unpaired(self, line: int, found: str) -> None:
        raise SourceError(
            "quotation marks do not pair",
            expected='cells quoted whole ("a, b"), a mark inside a cell doubled ("")',
            found=found,
            where=f"{self.name}:{line}",
            hint="close the cell, or double the mark",
        )

    def _records(
        self, array: npt.NDArray[np.uint8], ends: npt.NDArray[np.intp], ordinals: npt.NDArray[np.intp]
    ) -> None:
        if not len(ends):
            self.empty = self.empty and not bool((array != _RETURN).any())
            return
        begins = np.concatenate(([self.begun], self.breaks + ordinals[:-1] + 2)).astype(np.int32)
        sizes = np.diff(ends, prepend=-1) - 1
        blank = (sizes == 0) | ((sizes == 1) & (array[np.maximum(ends - 1, 0)] == _RETURN))
        blank[0] = self.empty and bool(sizes[0] == 0 or (array[: ends[0]] == _RETURN).all())
        self.starts.append(begins[~blank])
        self.begun = self.breaks + int(ordinals[-1]) + 2
        tail = array[ends[-1] + 1 :]
        self.empty = not bool((tail != _RETURN).any())

    def finish(self) -> npt.NDArray[np.int32]:
        if self.inside:
            self._unpaired(self.quoted, "a quoted cell that is never closed")
        if not self.empty:
            self.starts.append(np.array([self.begun], dtype=np.int32))
        return np.concatenate(self.starts) if self.starts else np.zeros(0, dtype=np.int32)


def _decoded(raw: bytes, encoding: str, name: str) -> bytes:
    """The content in UTF-8 with line feeds; undecodable bytes are an error with the line they stand on."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].decode(encoding, errors="replace").count("\n") + 1
        raise SourceError(
            "a file is cut off or damaged",
            expected=f"{encoding.upper()} text, as its byte order mark says",
            found=f"{error.reason} at byte {error.start}",
            where=f"{name}:{line}",
            hint="export or download the file again",
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8")


def open_text(path: str, delimiter: str = ",") -> Text:
    """The file (or `-`, standard input) scanned and ready to be parsed; SourceError where it is not sound text."""
    name = "<stdin>" if path == "-" else path
    with _open(path) as handle:
        head = handle.read(HEAD)
        _refuse(head, name)
        encoding = next((label for mark, label in _BYTE_ORDER_MARKS if head.startswith(mark)), "utf-8")
        returns_only = b"\r" in head and b"\n" not in head
        handle.seek(0)
        digest, size = hashlib.sha256(), 0
        content = b""
        if encoding == "utf-16" or returns_only or path == "-":
            raw = handle.read()
            digest.update(raw)
            size = len(raw)
            content = _decoded(raw, encoding, name) if encoding == "utf-16" or returns_only else raw
            source: BinaryIO = io.BytesIO(content)
        else:
            source = handle
        scan = _Scan(name, ord(delimiter))
        if source.read(3) != codecs.BOM_UTF8:
            source.seek(0)
        elif source is handle:
            digest.update(codecs.BOM_UTF8)
            size += 3
        waiting = b""
        for chunk in _chunks(source):
            if source is handle:
                digest.update(chunk)
                size += len(chunk)
            if waiting:
                scan.feed(waiting, chunk[0])
            waiting = chunk
        if waiting:
            scan.feed(waiting, _LINE_FEED)
    start = content or head
    return Text(
        file=InputFile(name, digest.hexdigest(), size, encoding.removesuffix("-sig")),
        head=start[:HEAD].removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace"),
        lines=scan.finish(),
        path=None if content else Path(path),
        breaks_in_cells=scan.broken,
        content=content,
    )
