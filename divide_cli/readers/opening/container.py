"""The bytes of an untrusted file: plain, gzip or zip, from a path, a pipe or standard input.

An archive is unpacked block by block, up to the limits of data/catalogue/limits.yaml. The sizes that it states are
ignored, and the names of its files are only shown. Unpacked and piped bytes are spooled: they stay in memory while they
are few, and go to a temporary file after that. Nothing is loaded before its size is known.
"""

import copy
import gzip
import hashlib
import io
import lzma
import os
import stat
import struct
import sys
import tempfile
import time
import weakref
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from divide_cli import temporary
from divide_cli.catalogue import catalogue
from divide_cli.errors import SourceError, reason_of
from divide_cli.errors.text_safety import in_utf8
from divide_cli.frames import in_memory
from divide_cli.frames.observations import InputFile
from divide_cli.language import commas, say

CHUNK = 1 << 21
HEAD = 1 << 20
"""Bytes at the beginning of a file that are used to recognise it: more than its first record may have."""
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_ENTRY = b"PK\x01\x02"
_WORKBOOK = "xl/workbook.xml"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Other methods unpack without limit: a block of a few bytes may become gigabytes."""
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(RuntimeError, EOFError, OSError, ValueError, OverflowError, KeyError),
)
"""Exceptions of the archive modules for truncated, damaged, encrypted or unsupported archives."""


def most(limit: str) -> int:
    """The highest number that a limit of the catalogue allows."""
    return catalogue().limits[limit].most


def too_large(code: str, limit: str, where: str, found: str = "") -> SourceError:
    """The error for exceeding a limit of the catalogue."""
    entry = catalogue().limits[limit]
    return SourceError(code, most=entry.most, things=entry.name, found=found or say("more"), where=where)


def refuse_above(limit: str, size: int, code: str, where: str, found: str = "") -> None:
    """Raises SourceError if a size exceeds a limit of the catalogue; `found` may show the size (`about {:,}`)."""
    if size > most(limit):
        raise too_large(code, limit, where, found.format(size))


@dataclass(frozen=True)
class Spool:
    """The bytes of a file: `content`, or those at `path`. A temporary file is deleted with its last `Spool`."""

    content: bytes = field(default=b"", repr=False)
    path: Path | None = None

    def open(self) -> io.BufferedReader | io.BytesIO:
        """A new handle on the bytes."""
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
        """The number of bytes."""
        return self.path.stat().st_size if self.path else len(self.content)

    @property
    def is_long(self) -> bool:
        """Whether there is more than one block of bytes."""
        return self.size > CHUNK

    def digest(self) -> tuple[str, int]:
        """SHA-256 and size of the bytes."""
        with self.open() as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest(), self.size


def spooled(blocks: Iterable[bytes], name: str, packed: int = 0) -> Spool:
    """All blocks; SourceError if there are too many bytes. `packed` is the size of the archive that they come from."""
    size, kept, file = 0, list[bytes](), None
    with ExitStack() as undo:
        for block in blocks:
            size += len(block)
            refuse_above("unpacked_bytes", size, "file_too_large", name)
            if packed and size > max(most("bytes_in_memory"), packed * most("unpacked_ratio")):
                raise too_large(
                    "archive_bomb",
                    "unpacked_ratio",
                    name,
                    say("more than {size:,} bytes, unpacked from {packed:,}", size=size, packed=packed),
                )
            if file is None and size <= most("bytes_in_memory"):
                kept.append(block)
                continue
            with _explained("unpacking_no_room", name):
                if file is None:
                    file = tempfile.NamedTemporaryFile(dir=temporary.scratch(), delete=False)  # noqa: SIM115
                    undo.callback(_removed, file)
                    file.writelines(kept)
                    kept.clear()
                file.write(block)
        if file is None:
            return Spool(b"".join(kept))
        with _explained("unpacking_no_room", name):
            file.close()
        undo.pop_all()
    spool = Spool(path=Path(file.name))
    weakref.finalize(spool, _removed, file)
    return spool


@contextmanager
def _explained(code: str, name: str) -> Iterator[None]:
    """Turns failures of the operating system into the error with that code and the system's reason."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        raise SourceError(code, found=reason_of(error), where=name) from error


def _removed(file: Any) -> None:
    """Closes a temporary file and deletes it."""
    with suppress(OSError):
        file.close()
    with suppress(OSError):
        Path(file.name).unlink()


def blocks_of(handle: IO[bytes] | io.BufferedIOBase) -> Iterator[bytes]:
    """The bytes of a handle, block by block, to its end."""
    while block := handle.read(CHUNK):
        yield block


@dataclass
class Container:
    """The bytes of one data file. `outer` is the archive that contains it, if there is one."""

    name: str
    inner: str
    compression: str
    spool: Spool
    outer: tuple[str, int] | None = None
    workbook: bool = False

    def head(self) -> bytes:
        """The first bytes of the data file."""
        return self.spool.head(HEAD)

    def input_file(self, encoding: str, delimiter: str = "", decimal: str = "", sha256: str = "") -> InputFile:
        """The record of the file as it was given. `sha256` is the hash of the data file, if already known."""
        digest = self.outer or ((sha256, self.spool.size) if sha256 else self.spool.digest())
        return InputFile(self.name, *digest, encoding, delimiter, decimal, self.compression)


def open_container(path: str) -> Container:
    """The unpacked data file at the path (`-` is standard input), or the table in memory of that name.

    Raises SourceError if it cannot be opened.
    """
    if (content := in_memory.bytes_of(path)) is not None:
        return Container(path, path, "", Spool(content))
    name = in_utf8(path)
    with _explained("file_unopenable", path):
        if path == "-":
            return _unpacked("<stdin>", spooled(blocks_of(sys.stdin.buffer), "<stdin>"))
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            raise SourceError("path_is_directory", where=path)
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            raise SourceError("path_is_device", where=path)
        if stat.S_ISFIFO(mode):
            with closing(_piped(path)) as pipe:  # closed at once after an error, so the writer notices
                return _unpacked(name, spooled(pipe, path))
        with Path(path).open("rb"):
            return _unpacked(name, Spool(path=Path(path)))


def _piped(path: str) -> Generator[bytes, None, None]:
    """The bytes written to a named pipe; SourceError if no process opens it for writing."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open(descriptor, "rb", buffering=0) as pipe:
        until = time.monotonic() + most("pipe_seconds")
        while (first := pipe.read(CHUNK)) == b"":  # None: a writer has opened the pipe, but not written yet
            if time.monotonic() > until:
                raise too_large("pipe_silent", "pipe_seconds", path, "nothing")
            time.sleep(0.02)
        os.set_blocking(descriptor, True)
        if first:
            yield first
        yield from blocks_of(pipe)


def _unpacked(name: str, spool: Spool) -> Container:
    """The data file in the spool; SourceError if it is an archive in an archive."""
    begin = spool.head(4)
    if not begin.startswith((_GZIP, _ZIP)):
        return Container(name, Path(name).name, "", spool)
    container = _gunzipped(name, spool) if begin.startswith(_GZIP) else _unzipped(name, spool)
    if container.compression and container.spool.head(4).startswith((_GZIP, _ZIP)):
        raise SourceError("archive_nested", found=container.inner, where=container.name)
    return container


def _gunzipped(name: str, spool: Spool) -> Container:
    try:
        with spool.open() as raw, gzip.open(raw) as handle:
            content = spooled(blocks_of(handle), name, spool.size)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError("archive_damaged", kind="gzip", found=str(error), where=name) from error
    return Container(name, Path(name).stem, "gzip", content, spool.digest())


def _unzipped(name: str, spool: Spool) -> Container:
    refuse_above("archive_members", entries(spool), "archive_too_many_files", name, "{:,}")
    try:
        with spool.open() as raw, zipfile.ZipFile(raw) as archive:
            if _WORKBOOK in archive.namelist():
                return Container(name, Path(name).name, "", spool, workbook=True)
            member = _data_file(name, archive)
            content = spooled(blocks(archive, member, name), name, spool.size)
    except DAMAGE as error:
        raise SourceError("archive_damaged", kind="zip", found=str(error), where=name) from error
    return Container(name, PurePosixPath(member.filename).name, "zip", content, spool.digest())


def entries(spool: Spool) -> int:
    """An upper limit for the number of files in an archive, counted before its directory is read."""
    count, before = 0, b""
    for chunk in spool.chunks():
        count += (before + chunk).count(_ENTRY)
        before = chunk[-len(_ENTRY) + 1 :]
    return count


def _data_file(name: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one data file of the archive. Companion files are recognised by their names."""
    beside = [pattern for flow in catalogue().dataflows.values() for pattern in flow.companions]
    files = [(member, PurePosixPath(member.filename)) for member in archive.infolist() if not member.is_dir()]
    members = [member for member, path in files if not any(path.match(pattern) for pattern in beside)]
    if len(members) != 1:
        code = "archive_files_ambiguous" if members else "archive_files_missing"
        found = commas(member.filename for member in members[:8]) or say("0 files")
        raise SourceError(code, found=found, where=name)
    return members[0]


def blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """The bytes of a file in an archive, to their true end, whatever size the archive states."""
    if member.compress_type not in _METHODS:
        method = say("method {compress_type} of the ZIP specification", compress_type=member.compress_type)
        raise SourceError("archive_method_unsupported", found=method, where=name)
    honest = copy.copy(member)
    honest.file_size = most("unpacked_bytes") + CHUNK  # zipfile stops at the stated size; the checksum is kept
    with archive.open(honest) as handle:
        yield from blocks_of(handle)
