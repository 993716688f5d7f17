"""Bytes of unknown number, kept in memory while they are few, else in a temporary file; too many are refused.

What unpacks, or comes through a pipe, is never loaded before its size is known (data/catalogue/limits.yaml).
"""

import hashlib
import io
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

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
class Spool:
    """The bytes of a file: `content`, or those at `path`, which goes with the last `Spool` of it if it is temporary."""

    content: bytes = field(default=b"", repr=False)
    path: Path | None = None

    def open(self) -> BinaryIO:
        """A fresh handle on the bytes."""
        return self.path.open("rb") if self.path else io.BytesIO(self.content)

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in order."""
        with self.open() as handle:
            yield from blocks_of(handle)

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
        sha256 = hashlib.sha256()
        for chunk in self.chunks():
            sha256.update(chunk)
        return sha256.hexdigest(), self.size


def spooled(blocks: Iterable[bytes], name: str, packed: int = 0) -> Spool:
    """All blocks; SourceError where they are too many. `packed` is the size of the archive they come from."""
    size, kept, file = 0, list[bytes](), None
    with ExitStack() as undo:
        for block in blocks:
            size += len(block)
            _refuse_too_many(size, name, packed)
            if file is None and size <= most("bytes_in_memory"):
                kept.append(block)
                continue
            with _room_for(name):
                if file is None:
                    file = tempfile.NamedTemporaryFile(prefix="divide-", delete=False)  # noqa: SIM115
                    undo.callback(_removed, file)
                    file.writelines(kept)
                    kept.clear()
                file.write(block)
        if file is None:
            return Spool(b"".join(kept))
        with _room_for(name):
            file.close()
        undo.pop_all()
    spool = Spool(path=Path(file.name))
    weakref.finalize(spool, _removed, file)
    return spool


def _refuse_too_many(size: int, name: str, packed: int) -> None:
    if size > most("unpacked_bytes"):
        raise too_large("file_too_large", "unpacked_bytes", name)
    if packed and size > max(most("bytes_in_memory"), packed * most("unpacked_ratio")):
        raise too_large("archive_bomb", "unpacked_ratio", name, f"more than {size:,} bytes from {packed:,}")


@contextmanager
def _room_for(name: str) -> Iterator[None]:
    """A temporary file that cannot be written, as the user is told of it."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise SourceError("unpacking_no_room", found=reason, where=name) from error


def _removed(file: Any) -> None:
    """Closes a temporary file and deletes it."""
    with suppress(OSError):
        file.close()
    with suppress(OSError):
        Path(file.name).unlink()


def blocks_of(handle: IO[bytes] | io.BufferedIOBase) -> Iterator[bytes]:
    """What a handle gives, block by block, to its end."""
    while block := handle.read(CHUNK):
        yield block
