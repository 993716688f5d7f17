"""One pass over the bytes of a delimited text: the line on which each record begins, and where the file can be cut.

It finds errors that a CSV parser would accept silently: a NUL byte, a quotation mark that is never closed, and a record
that is too long.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from divide_cli.errors import Place, SourceError
from divide_cli.frames import room
from divide_cli.language import say
from divide_cli.readers.opening.container import most, too_large

_QUOTE, _LINE_FEED, _RETURN = 34, 10, 13
BLOCK = 3 * 2**19
"""Bytes that one thread parses at a time. Larger blocks need fewer dictionaries of texts, smaller ones less memory."""

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]
_ONE, _TOP = np.uint64(1), np.uint64(63)


class Cut(NamedTuple):
    """The end of a record: the byte after it, and the number of records before that."""

    place: int
    records: int


@dataclass
class Scan:
    """The state of the pass over the bytes, between two chunks."""

    name: str
    delimiter: int
    inside: int = 0  # 1 inside a quoted cell
    breaks: int = 0  # line feeds so far
    last: int = _LINE_FEED  # byte before the chunk
    empty: bool = True  # the record so far has only carriage returns
    starts: list[npt.NDArray[np.int32] | range] = field(default_factory=list)
    begun: int = 1  # line on which the current record began
    quoted: int = 1  # line of the last quotation mark
    broken: bool = False  # a quoted cell contained a line feed
    open: int = 0  # bytes of the current record so far
    fed: int = 0  # bytes of the file before the chunk
    records: int = 0  # records that have ended
    equal: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))  # memory for comparisons
    cuts: list[Cut] = field(default_factory=lambda: [Cut(0, 0)])
    longest: int = field(default_factory=lambda: most("record_bytes"))

    def record_lines(self, chunks: Iterable[bytes]) -> npt.NDArray[np.int32]:
        """The line on which each record begins; SourceError if a quoted cell is never closed."""
        before = b""
        for chunk in chunks:
            if before:
                self._feed(before, chunk[0])
            before = chunk
        if before:
            self._feed(before, _LINE_FEED)
        if self.inside:
            self._unpaired(self.quoted, say("a quoted cell that is never closed"))
        if not self.empty:
            self.starts.append(range(self.begun, self.begun + 1))
        lines = room.column(sum(map(len, self.starts)), np.int32)
        filled = 0
        for starts in self.starts:
            lines[filled : filled + len(starts)] = starts if isinstance(starts, np.ndarray) else _lines(starts)
            filled += len(starts)
        room.release()
        return lines

    def _feed(self, chunk: bytes, following: int) -> None:
        """Takes a chunk and the next byte after it (a line feed at the end of the file)."""
        nul = chunk.find(b"\0")
        if nul >= 0:
            raise SourceError("nul_byte", where=Place(self.name, self.breaks + chunk.count(_LINE_FEED, 0, nul) + 1))
        array = np.frombuffer(chunk, dtype=np.uint8)
        feeds = np.flatnonzero(array == _LINE_FEED)
        ends, ordinals = feeds, np.arange(len(feeds))
        if self.inside or _QUOTE in chunk:
            inside = self._in_pairs(array, following)
            if inside is None:
                quotes = np.flatnonzero(array == _QUOTE)
                self._pairing(array, quotes, feeds, following)
                outside = ((np.searchsorted(quotes, feeds) + self.inside) & 1) == 0
                ends, ordinals = feeds[outside], ordinals[outside]
                self.broken |= len(ends) < len(feeds)
                inside = (self.inside + len(quotes)) & 1
            if (last := chunk.rfind(_QUOTE)) >= 0:
                self.quoted = self._line(feeds, last)
            self.inside = inside
        self._records(array, ends, ordinals)
        if len(ends) and self.fed + int(ends[-1]) + 1 - self.cuts[-1].place >= BLOCK:
            self.cuts.append(Cut(self.fed + int(ends[-1]) + 1, self.records))
        self.fed += len(chunk)
        self.breaks += len(feeds)
        self.last = int(array[-1])

    def _in_pairs(self, array: Bytes, following: int) -> int | None:
        """Whether the next chunk begins inside a cell, if all quotation marks open or close one and none has a break.

        Else None. The bytes are judged 64 at a time, each by a bit of an integer: the parity of the quotation marks up
        to a byte says whether it is inside.
        """
        size = len(array)
        if len(self.equal) < size:
            self.equal = np.empty(size, dtype=bool)
        marks, breaks, delimiters, returns = (
            _bits(np.equal(array, byte, out=self.equal[:size]))
            for byte in (_QUOTE, _LINE_FEED, self.delimiter, _RETURN)
        )
        beside = marks | breaks | delimiters | returns
        if self._ends_cell(following):
            beside[size // 64] |= np.uint64(1 << size % 64)
        inside = marks.copy()
        for step in (1, 2, 4, 8, 16, 32):
            inside ^= inside << np.uint64(step)
        odd = np.bitwise_xor.accumulate(inside >> _TOP)
        begins = np.full(len(odd), self.inside, dtype=np.uint64)
        begins[1:] ^= odd[:-1]
        inside ^= np.uint64(0) - begins  # all bits, if the word begins inside
        preceded, followed = beside << _ONE, beside >> _ONE
        preceded[0] |= np.uint64(self._ends_cell(self.last))
        preceded[1:] |= beside[:-1] >> _TOP
        followed[:-1] |= beside[1:] << _TOP
        wrong = (marks & inside & ~preceded) | (marks & ~inside & ~followed) | (breaks & inside)
        return None if wrong.any() else int(odd[-1]) ^ self.inside

    def _ends_cell(self, byte: int) -> bool:
        """Whether a quotation mark may open after the byte, or close before it."""
        return byte in (self.delimiter, _LINE_FEED, _RETURN, _QUOTE)

    def _pairing(self, array: Bytes, quotes: Places, feeds: Places, following: int) -> None:
        """Checks that opening quotation marks begin a cell and closing ones end it; a doubled mark is text."""
        opening = ((np.arange(len(quotes)) + self.inside) & 1) == 0
        neighbour = np.where(opening, quotes - 1, quotes + 1)
        byte = array[np.clip(neighbour, 0, len(array) - 1)]
        byte = np.where(neighbour < 0, self.last, np.where(neighbour >= len(array), following, byte))
        wrong = ~np.isin(byte, (self.delimiter, _LINE_FEED, _RETURN, _QUOTE))
        if wrong.any():
            at = int(np.argmax(wrong))
            line = self._line(feeds, int(quotes[at]))
            if opening[at]:
                self._unpaired(line, say("a quotation mark inside a cell that is not quoted"))
            begun = self._line(feeds, int(quotes[at - 1])) if at else self.quoted
            self._unpaired(
                begun, say("a quoted cell that is not closed before the next quotation mark, on line {line}", line=line)
            )

    def _line(self, feeds: Places, place: int) -> int:
        """The line of a position in the chunk."""
        return self.breaks + int(np.searchsorted(feeds, place)) + 1

    def _unpaired(self, line: int, problem: str) -> NoReturn:
        raise SourceError("quotes_unpaired", found=problem, where=Place(self.name, line))

    def _records(self, array: Bytes, ends: Places, ordinals: Places) -> None:
        if not len(ends):
            self.empty = self.empty and not bool((array != _RETURN).any())
            self.open += len(array)
            if self.open > self.longest:
                if self.inside:
                    self._unpaired(self.quoted, say("a quoted cell of {longest:,} bytes or more", longest=self.longest))
                raise too_large("row_too_long", "record_bytes", Place(self.name, self.begun))
            return
        begins = np.concatenate(([self.begun], self.breaks + ordinals[:-1] + 2)).astype(np.int32)
        sizes = np.diff(ends, prepend=-1) - 1
        if self.open + int(sizes[0]) > self.longest or int(sizes.max()) > self.longest:
            long = 0 if self.open + int(sizes[0]) > self.longest else int(np.argmax(sizes))
            raise too_large("row_too_long", "record_bytes", Place(self.name, int(begins[long])))
        self.open = len(array) - int(ends[-1]) - 1
        blank = (sizes == 0) | ((sizes == 1) & (array[np.maximum(ends - 1, 0)] == _RETURN))
        blank[0] = self.empty and bool(sizes[0] == 0 or (array[: ends[0]] == _RETURN).all())
        begins = begins[~blank]
        self.records += len(begins)
        if len(begins) and len(begins) == begins[-1] - begins[0] + 1:  # one line a record
            self.starts.append(range(int(begins[0]), int(begins[-1]) + 1))
        else:
            self.starts.append(begins)
        self.begun = self.breaks + int(ordinals[-1]) + 2
        tail = array[ends[-1] + 1 :]
        self.empty = not bool((tail != _RETURN).any())


def _lines(lines: range) -> npt.NDArray[np.int32]:
    return np.arange(lines.start, lines.stop, dtype=np.int32)


def _bits(marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    """The marks as bits of integers, from the lowest bit on, and at least one bit more."""
    words = np.zeros(len(marks) // 64 + 1, dtype=np.uint64)
    packed = np.packbits(marks, bitorder="little")
    words.view(np.uint8)[: len(packed)] = packed
    return words
