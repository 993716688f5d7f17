"""Bytes of unknown number, kept in memory while they are few, else in a temporary file; too many are refused.

What unpacks, or comes through a pipe, is never loaded before its size is known (data/catalogue/limits.yaml).
"""

import hashlib
import io
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from divide_cli.catalogue import catalogue
from divide_cli.errors import SourceError

CHUNK = 1 << 21


def most(limit: str) -> int:
    """The greatest number that a limit of the catalogue allows."""
    return catalogue().limits[limit].most


def too_large(code: str, limit: str, where: str, found: str = "more") -> SourceError:
    """The refusal of what exceeds a limit of the catalogue."""
    entry = catalogue().limits[limit]
    return SourceError(code, most=entry.most, things=entry.name, found=found, where=where)


@dataclass(frozen=True)
class Held:
    """The bytes of a file: `content`, or those at `path`, which goes with the last `Held` of it if it is temporary."""

    content: bytes = field(default=b"", repr=False)
    path: Path | None = None

    def open(self) -> BinaryIO:
        """A fresh handle on the bytes."""
        return self.path.open("rb") if self.path else io.BytesIO(self.content)

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in order."""
        with self.open() as handle:
            while chunk := handle.read(CHUNK):
                yield chunk

    def head(self, size: int) -> bytes:
        """The first bytes."""
        with self.open() as handle:
            return handle.read(size)

    def read(self) -> bytes:
        """All bytes."""
        return self.path.read_bytes() if self.path else self.content

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self.path.stat().st_size if self.path else len(self.content)

    def digest(self) -> tuple[str, int]:
        """SHA-256 and size of the bytes."""
        made, size = hashlib.sha256(), 0
        for chunk in self.chunks():
            made.update(chunk)
            size += len(chunk)
        return made.hexdigest(), size


@dataclass
class Pouring:
    """Takes bytes block by block; SourceError where they become too many, or too many for the size of their archive."""

    name: str
    packed: int = 0  # size of the archive, 0 where there is none
    size: int = 0
    _blocks: list[bytes] = field(default_factory=list)
    _file: BinaryIO | None = None
    _path: str = ""

    def take(self, block: bytes) -> None:
        """The next bytes."""
        self.size += len(block)
        if self.size > most("unpacked_bytes"):
            raise too_large("file_too_large", "unpacked_bytes", self.name)
        if self.packed and self.size > max(most("bytes_in_memory"), self.packed * most("unpacked_ratio")):
            found = f"more than {self.size:,} bytes from {self.packed:,}"
            raise too_large("archive_bomb", "unpacked_ratio", self.name, found)
        if self._file is None and self.size <= most("bytes_in_memory"):
            self._blocks.append(block)
            return
        try:
            if self._file is None:
                descriptor, self._path = tempfile.mkstemp(prefix="divide-")
                self._file = os.fdopen(descriptor, "wb")
                self._file.writelines(self._blocks)
                self._blocks.clear()
            self._file.write(block)
        except OSError as error:
            raise self._no_room(error) from error

    def done(self) -> Held:
        """What was taken."""
        if self._file is None:
            return Held(b"".join(self._blocks))
        try:
            self._file.close()
        except OSError as error:
            raise self._no_room(error) from error
        path = Path(self._path)
        held = Held(path=path)
        weakref.finalize(held, _removed, path)
        return held

    def dropped(self) -> None:
        """Forgets what was taken."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            _removed(Path(self._path))

    def _no_room(self, error: OSError) -> SourceError:
        return SourceError(
            "unpacking_no_room", found=os.strerror(error.errno) if error.errno else str(error), where=self.name
        )


def poured(blocks: Iterable[bytes], name: str, packed: int = 0) -> Held:
    """All blocks, held; SourceError where they are too many. `packed` is the size of the archive they come from."""
    pouring = Pouring(name, packed)
    done = False
    try:
        for block in blocks:
            pouring.take(block)
        held = pouring.done()
        done = True
    finally:
        if not done:
            pouring.dropped()
    return held


def _removed(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def blocks_of(handle: BinaryIO) -> Iterator[bytes]:
    """What a handle gives, block by block, to its end."""
    while block := handle.read(CHUNK):
        yield block


__all__ = ["CHUNK", "Held", "Pouring", "blocks_of", "most", "poured", "too_large"]
