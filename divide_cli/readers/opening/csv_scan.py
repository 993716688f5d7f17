"""One pass over the bytes of a text file: where each record begins, and what a CSV parser would swallow in silence.

A NUL byte and a quotation mark that is never closed are errors here, with their line.
"""

from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from divide_cli.errors import Place, SourceError
from divide_cli.readers.opening.spool import most, too_large

_QUOTE, _LINE_FEED, _RETURN = 34, 10, 13


@dataclass
class Scan:
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
    open: int = 0  # bytes of the present record so far
    longest: int = field(default_factory=lambda: most("record_bytes"))

    def feed(self, chunk: bytes, following: int) -> None:
        """Takes a chunk and the byte that follows it (a line feed at the end of the file)."""
        found = chunk.find(b"\0")
        if found >= 0:
            raise SourceError("nul_byte", where=Place(self.name, self.breaks + chunk.count(10, 0, found) + 1))
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
        if wrong.any():
            at = int(np.argmax(wrong))
            line = self._line(feeds, int(quotes[at]))
            if opening[at]:
                self._unpaired(line, "a mark in the middle of a cell that is not quoted")
            begun = self._line(feeds, int(quotes[at - 1])) if at else self.quoted
            self._unpaired(begun, f"a quoted cell that is not closed before the next mark, on line {line}")
        if len(quotes):
            self.quoted = self._line(feeds, int(quotes[-1]))

    def _line(self, feeds: npt.NDArray[np.intp], place: int) -> int:
        """The line of a place in the chunk."""
        return self.breaks + int(np.searchsorted(feeds, place)) + 1

    def _unpaired(self, line: int, found: str) -> None:
        raise SourceError("quotes_unpaired", found=found, where=Place(self.name, line))

    def _records(
        self, array: npt.NDArray[np.uint8], ends: npt.NDArray[np.intp], ordinals: npt.NDArray[np.intp]
    ) -> None:
        if not len(ends):
            self.empty = self.empty and not bool((array != _RETURN).any())
            self.open += len(array)
            if self.open > self.longest:
                self._too_long(self.begun, bool(self.inside))
            return
        begins = np.concatenate(([self.begun], self.breaks + ordinals[:-1] + 2)).astype(np.int32)
        sizes = np.diff(ends, prepend=-1) - 1
        if self.open + int(sizes[0]) > self.longest or int(sizes.max()) > self.longest:
            long = 0 if self.open + int(sizes[0]) > self.longest else int(np.argmax(sizes))
            self._too_long(int(begins[long]), False)
        self.open = len(array) - int(ends[-1]) - 1
        blank = (sizes == 0) | ((sizes == 1) & (array[np.maximum(ends - 1, 0)] == _RETURN))
        blank[0] = self.empty and bool(sizes[0] == 0 or (array[: ends[0]] == _RETURN).all())
        self.starts.append(begins[~blank])
        self.begun = self.breaks + int(ordinals[-1]) + 2
        tail = array[ends[-1] + 1 :]
        self.empty = not bool((tail != _RETURN).any())

    def _too_long(self, line: int, inside: bool) -> NoReturn:
        if inside:
            self._unpaired(self.quoted, f"a quoted cell that goes on for {self.longest:,} bytes and more")
        raise too_large("row_too_long", "record_bytes", Place(self.name, line))

    def finish(self) -> npt.NDArray[np.int32]:
        """The line on which each record begins; SourceError where a quoted cell is open."""
        if self.inside:
            self._unpaired(self.quoted, "a quoted cell that is never closed")
        if not self.empty:
            self.starts.append(np.array([self.begun], dtype=np.int32))
        return np.concatenate(self.starts) if self.starts else np.zeros(0, dtype=np.int32)
