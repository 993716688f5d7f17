"""The encoding of a text file: by its byte order mark, else UTF-8, else Windows-1252 where nothing else is possible.

Text in another encoding is written as UTF-8, block by block; bytes that are none are refused with their line.
"""

import codecs
import io
import re
from collections.abc import Iterator

from divide_cli.errors import Place, SourceError
from divide_cli.readers.opening.container import Container

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


def marked(head: bytes) -> str:
    """The encoding that a byte order mark says; UTF-8 where there is none."""
    return next((label for mark, label in _BYTE_ORDER_MARKS if head.startswith(mark)), "utf-8")


def guessed(container: Container) -> str:
    """Windows-1252 where bytes that are no UTF-8 stand in a file that has no character of UTF-8; else SourceError."""
    before = b""
    for chunk in container.spool.chunks():
        if any(byte in chunk for byte in _NOT_WINDOWS) or _SEQUENCE.search(before + chunk):
            break
        before = chunk[-1:]
    else:
        return "windows-1252"
    raise SourceError("encoding_unknown_bytes", where=Place(container.name, _first_wrong(container)))


def decoded(container: Container, encoding: str = "") -> tuple[str, str]:
    """The whole text of a small file, with line feeds, and its encoding; SourceError where its bytes are none."""
    encoding = encoding or marked(container.head())
    return "".join(_texts(container, encoding)), encoding


def as_utf8(container: Container, encoding: str) -> Iterator[bytes]:
    """The text of the file in UTF-8 with line feeds, without a byte order mark, block by block."""
    first = True
    for text in _texts(container, encoding):
        unmarked = text.removeprefix("\ufeff") if first else text
        first = first and not text
        try:
            yield unmarked.encode("utf-8")
        except UnicodeEncodeError as error:
            raise _damaged(container.name, encoding, f"half a character ({error.reason})", 1) from error


class Utf8:
    """Tells whether bytes that come in chunks are UTF-8; `error` is the first failure."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.error: UnicodeDecodeError | None = None

    def feed(self, chunk: bytes, final: bool = False) -> None:
        """Takes the next bytes."""
        if self.error or (chunk.isascii() and not final and not self.decoder.getstate()[0]):
            return
        try:
            self.decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            self.error = error


def _texts(container: Container, encoding: str) -> Iterator[str]:
    """The content as text with line feeds, block by block; undecodable bytes are an error with their line."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    read, lines = 0, 1
    try:
        for chunk in container.spool.chunks():
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


def _damaged(name: str, encoding: str, problem: str, line: int) -> SourceError:
    return SourceError("encoding_damaged", encoding=encoding.upper(), found=problem, where=Place(name, line))


def _first_wrong(container: Container) -> int:
    """The line of the first bytes that are no UTF-8."""
    utf8, line = Utf8(), 1
    for chunk in container.spool.chunks():
        utf8.feed(chunk)
        if utf8.error:
            return line + utf8.error.object[: utf8.error.start].count(b"\n")
        line += chunk.count(b"\n")
    return line
