"""Prepares delimited text for parsing: its encoding, delimiter and hash, and the line on which each record begins.

The encoding is that of the byte order mark, else UTF-8 or UTF-16, else the one whose words are known or plausible
(`encodings`). Text in another encoding is converted to UTF-8, block by block. Bytes that cannot be decoded are an error
with their line.

One pass over the bytes (`scan`), in chunks, comes before parsing.
"""

import codecs
import csv
import hashlib
import io
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from divide_cli.errors import Place, SourceError
from divide_cli.frames import stages
from divide_cli.frames.observations import InputFile, Remark
from divide_cli.language import say
from divide_cli.readers.opening.container import HEAD, Container, Spool, refuse_above, spooled
from divide_cli.readers.opening.encodings import Choice, codec_of, detected, without_mark
from divide_cli.readers.opening.scan import Cut, Scan

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_FIRST_RECORDS = 10
_FIRST_LINES = 30
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKS = re.compile(b"(?:\xef\xbb\xbf)*")
"""Byte order marks of UTF-8. A program that adds one to a file that has one leaves two."""
_SEPARATOR = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
"""The first line of a file for Excel: it names the delimiter."""


class Block(NamedTuple):
    """Neighbouring records: their first byte and number of bytes, the position of the first record, their number."""

    place: int
    size: int
    first: int
    records: int


@dataclass(frozen=True)
class TextDocument:
    """A text file that is ready to be parsed. `lines[i]` is the line on which record i begins.

    `cuts` are some ends of records, a few megabytes apart, between which the file can be parsed block by block.
    `labelled` are the columns of SDMX-CSV with codes and names in one cell (`REF_AREA: Reference area`, `FJI: Fiji`).
    """

    unit: ClassVar[str] = "columns"
    file: InputFile
    inner: str
    head: str
    lines: npt.NDArray[np.int32]
    spool: Spool
    delimiter: str = ","
    breaks_in_cells: bool = False
    labelled: frozenset[str] = frozenset()
    cuts: tuple[Cut, ...] = ()

    def blocks(self, header: int) -> list[Block]:
        """The file in parts of whole records. The first has the record of the header and at least one below it."""
        ends = [cut for cut in self.cuts if header + 1 < cut.records < len(self.lines)]
        ends.append(Cut(self.spool.size, len(self.lines)))
        return [
            Block(before.place, end.place - before.place, before.records, end.records - before.records)
            for before, end in pairwise([Cut(0, 0), *ends])
        ]

    def records(self) -> list[list[str]]:
        """The first records of the file, by which it is recognised, without spaces around the cells."""
        records: list[list[str]] = []
        with cells_of_any_length():
            for record in csv.reader(io.StringIO(self.head.lstrip("\r\n"), newline=""), delimiter=self.delimiter):
                where = Place(self.file.name, self.lines[0] if len(self.lines) else 1)
                refuse_above("columns", len(record), "table_too_wide", where, "{:,}")
                if record:
                    records.append([" ".join(cell.split()) if "\n" in cell else cell.strip() for cell in record])
                    if len(records) == 1 and self.labelled:
                        records[0] = [code_of(cell) if code_of(cell) in self.labelled else cell for cell in records[0]]
                if len(records) == _FIRST_RECORDS:
                    break
        return records

    def first_lines(self) -> list[list[str]]:
        """The first lines of the file, each parsed as if the file began with it."""
        lines = islice(io.StringIO(self.head, newline=None), _FIRST_LINES)
        with cells_of_any_length():
            records = [next(csv.reader([line], delimiter=delimiter_of(line)), []) for line in lines]
        return [[cell.strip() for cell in record] for record in records]

    def numbered_records(self, newline: str = "\n") -> Iterator[tuple[int, list[str]]]:
        """All records that are not empty, each with the line on which it begins.

        If `newline` is empty, carriage returns end lines too, and there may be more records than in `lines`.
        """
        with (
            self.spool.open() as raw,
            io.TextIOWrapper(raw, encoding="utf-8-sig", newline=newline) as handle,
            cells_of_any_length(),
        ):
            reader = csv.reader(handle, delimiter=self.delimiter)
            before = 0
            try:
                for record in reader:
                    if record:
                        yield before + 1, record
                    before = reader.line_num
            except csv.Error as error:
                where = Place(self.file.name, before + 1)
                raise SourceError("csv_unparsable", found=str(error), where=where) from error


def code_of(cell: str) -> str:
    """The code in a cell with a code and its name."""
    return cell.partition(":")[0].strip()


def _labelled(header: Sequence[str]) -> frozenset[str]:
    """The columns of an SDMX-CSV header with codes and names; none if the codes are not those of SDMX."""
    codes = [code_of(cell) for cell in header]
    if not {"TIME_PERIOD", "OBS_VALUE"} <= set(codes) or len(set(codes)) < len(codes):
        return frozenset()
    return frozenset(code for code, cell in zip(codes, header, strict=True) if code != cell)


@contextmanager
def cells_of_any_length() -> Iterator[None]:
    """Lets the csv module read cells of any length, since this module has its own limit for rows."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def delimiter_of(head: str) -> str:
    """The delimiter of the first record: a tab if its first line has one, else the most frequent outside quotation
    marks.
    """
    record, lines = "", io.StringIO(head, newline=None)
    for line in lines:
        record += line
        if record.strip() and record.count('"') % 2 == 0:  # otherwise a quoted cell goes on on the next line
            break
    bare = [re.sub(r'"[^"]*("|$)', "", part) for part in (record.strip("\n").partition("\n")[0], record)]
    if "\t" in bare[0]:
        return "\t"
    return max(DELIMITERS, key=lambda mark: (bare[1].count(mark), mark == ","))


def open_text(container: Container, encoding: str = "") -> TextDocument:
    """The file, ready to be parsed; SourceError if it is not valid text. `encoding` replaces the detection."""
    head, choice = container.head(), Choice(encoding)
    encoding = encoding or marked(head)
    if encoding in ("utf-8", "utf-8-sig") and (b"\r" not in head or b"\n" in head):
        sha256, skipped = hashlib.sha256(), len(_MARKS.match(head)[0])  # type: ignore[index]  # the pattern may be empty
        try:
            chunks = _checked(container.spool, skipped, sha256)
            return _scanned(container, encoding, container.spool, chunks, skipped, sha256)
        except UnicodeDecodeError:
            choice = guessed(container)
            encoding = choice.encoding
    spool = spooled(as_utf8(container, encoding), container.name)
    document = _scanned(container, encoding, spool, spool.chunks())
    return replace(document, file=replace(document.file, reason=choice.reason, remarks=_doubts(container, choice)))


def _doubts(container: Container, choice: Choice) -> tuple[Remark, ...]:
    """The remark on an encoding that may be another, with the line of the first letter that it concerns."""
    if not choice.doubt:
        return ()
    text = say(
        "read as {encoding}, but {doubt}; name another with `divide read FILE --encoding NAME`",
        encoding=choice.encoding,
        doubt=choice.doubt,
    )
    return (Remark("encoding_doubtful", text, "", [_first_wrong(container)]),)


def _checked(spool: Spool, skipped: int, sha256: Any) -> Iterator[bytes]:
    """The chunks without the first `skipped` bytes, each hashed on its way; UnicodeDecodeError if not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for chunk in spool.chunks():
        hashing = threading.Thread(target=sha256.update, args=(chunk,))  # in parallel: hashing releases the lock
        hashing.start()
        if decoder.getstate()[0] or not chunk.isascii():
            decoder.decode(chunk)
        if len(chunk) > skipped:
            yield chunk[skipped:]
        skipped = max(skipped - len(chunk), 0)
        hashing.join()
    decoder.decode(b"", final=True)


def _told(chunks: Iterable[bytes], name: str, size: int) -> Iterator[bytes]:
    """The chunks. Each is reported as read."""
    done = 0
    for chunk in chunks:
        yield chunk
        done += len(chunk)
        stages.tell(stages.SCANNED, file=name, done=done / 1e6, size=size / 1e6)


def _scanned(
    container: Container, encoding: str, spool: Spool, chunks: Iterable[bytes], skipped: int = 0, sha256: Any = None
) -> TextDocument:
    """The document in the spool, which begins after `skipped` bytes. Its chunks are UTF-8 with line feeds."""
    head = spool.head(HEAD)[skipped:].decode("utf-8", errors="replace")
    named = _SEPARATOR.match(head)
    head = head[named.end() :] if named else head
    delimiter = named[1] if named and named[1] in DELIMITERS else delimiter_of(head)
    scan = Scan(container.name, ord(delimiter), fed=skipped)
    above = 1 if named else 0
    chunks = stages.ahead(chunks) if spool.is_long else chunks
    lines = scan.record_lines(_told(chunks, container.name, spool.size))[above:]
    cuts = tuple(Cut(cut.place, cut.records - above) for cut in scan.cuts)
    file = container.input_file(encoding, delimiter, ".", sha256.hexdigest() if sha256 else "")
    document = TextDocument(file, container.inner, head, lines, spool, delimiter, scan.broken, cuts=cuts)
    return replace(document, labelled=_labelled(next(iter(document.records()), [])))


def marked(head: bytes) -> str:
    """The encoding that the byte order mark names, or UTF-16 without a mark; UTF-8 if there is no sign of another."""
    named = next((label for mark, label in _BYTE_ORDER_MARKS if head.startswith(mark)), "")
    return named or without_mark(head) or "utf-8"


def guessed(container: Container) -> Choice:
    """The encoding of a text that is not UTF-8, by its words; SourceError if it mixes encodings or none is likely."""
    if choice := detected(container.spool.chunks()):
        return choice
    raise SourceError("encoding_unknown_bytes", where=Place(container.name, _first_wrong(container)))


def decoded(container: Container, encoding: str = "") -> tuple[str, str]:
    """The whole text of a small file, with line feeds, and its encoding; SourceError if it cannot be decoded."""
    encoding = encoding or marked(container.head())
    return "".join(_texts(container, encoding)), encoding


def as_utf8(container: Container, encoding: str) -> Iterator[bytes]:
    """The text of the file in UTF-8 with line feeds, without a byte order mark, block by block."""
    first = True
    for text in _texts(container, encoding):
        unmarked = text.lstrip("\ufeff") if first else text
        first = first and not text
        try:
            yield unmarked.encode("utf-8")
        except UnicodeEncodeError as error:
            raise _damaged(
                container.name, encoding, say("an incomplete character ({reason})", reason=error.reason), 1
            ) from error


def _texts(container: Container, encoding: str) -> Iterator[str]:
    """The content as text with line feeds, block by block; SourceError with the line of undecodable bytes."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec_of(encoding))(), translate=True)
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
        line = lines + before.decode(codec_of(encoding), errors="replace").count("\n")
        place = read - len(error.object) + error.start
        raise _damaged(
            container.name, encoding, say("{reason} at byte {place}", reason=error.reason, place=place), line
        ) from error
    except UnicodeError as error:
        raise _damaged(container.name, encoding, str(error), lines) from error


def _damaged(name: str, encoding: str, problem: str, line: int) -> SourceError:
    return SourceError("encoding_damaged", encoding=encoding.upper(), found=problem, where=Place(name, line))


def _first_wrong(container: Container) -> int:
    """The line of the first bytes that are not UTF-8."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    for chunk in container.spool.chunks():
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].count(b"\n")
        line += chunk.count(b"\n")
    return line
