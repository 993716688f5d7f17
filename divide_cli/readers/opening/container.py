"""Opens a file as it was downloaded: plain, gzip or zip, a path, a pipe or standard input. Nothing is trusted.

An archive is unpacked block by block, up to the limits of data/catalogue/limits.yaml; what it claims of itself counts
for nothing, and the names of its files are shown and not used.
"""

import copy
import gzip
import lzma
import os
import stat
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from divide_cli.catalogue import catalogue
from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import in_utf8
from divide_cli.readers.opening.spool import CHUNK, Held, blocks_of, most, poured, too_large

HEAD = 1 << 20
"""Bytes of the beginning of a file that it is recognised by: as many as its first record may have, and more."""
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_ENTRY = b"PK\x01\x02"
_WORKBOOK = "xl/workbook.xml"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others unpack without measure: a block of a few bytes may become gigabytes."""
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(RuntimeError, EOFError, OSError, ValueError, OverflowError, KeyError),
)
"""What the archive modules raise for archives that are cut off, damaged, encrypted, or packed in a way they lack."""


@dataclass
class Container:
    """The bytes of one data file. `outer` is the file as it was given, where that is not the data file itself."""

    name: str
    inner: str
    compression: str
    held: Held
    outer: tuple[str, int] | None = None
    workbook: bool = False

    def head(self) -> bytes:
        """The first bytes of the data file."""
        return self.held.head(HEAD)

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the data file, in order."""
        return self.held.chunks()

    def read(self) -> bytes:
        """All bytes of the data file."""
        return self.held.read()

    def digest(self) -> tuple[str, int] | None:
        """SHA-256 and size of the file as it was given, where that is not the data file itself."""
        return self.outer


def open_container(path: str) -> Container:
    """The data file at the path (`-` is standard input), unpacked; SourceError where it cannot be opened."""
    name = in_utf8(path)
    with _named(path):
        if path == "-":
            return _unpacked("<stdin>", poured(blocks_of(sys.stdin.buffer), "<stdin>"))
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            raise SourceError("path_is_directory", where=path)
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            raise SourceError("path_is_device", where=path)
        if stat.S_ISFIFO(mode):
            with closing(_piped(path)) as pipe:  # at once where it is refused: its writer is told
                return _unpacked(name, poured(pipe, path))
        with Path(path).open("rb"):
            return _unpacked(name, Held(path=Path(path)))


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Failures to open the path, as the user is told of them."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise SourceError("file_unopenable", found=reason, where=path) from error


def _piped(path: str) -> Generator[bytes, None, None]:
    """What is written to a named pipe; SourceError where nobody opens it for writing."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open(descriptor, "rb", buffering=0) as pipe:
        until = time.monotonic() + most("pipe_seconds")
        while (first := pipe.read(CHUNK)) == b"":  # None: somebody is there, and has not written yet
            if time.monotonic() > until:
                raise too_large("pipe_silent", "pipe_seconds", path, "nothing")
            time.sleep(0.02)
        os.set_blocking(descriptor, True)
        if first:
            yield first
        while block := pipe.read(CHUNK):
            yield block


def _unpacked(name: str, given: Held) -> Container:
    """The data file in what was given."""
    begin = given.head(4)
    if begin.startswith(_GZIP):
        return _only(_gunzipped(name, given))
    if begin.startswith(_ZIP):
        return _only(_unzipped(name, given))
    return Container(name, Path(name).name, "", given)


def _only(container: Container) -> Container:
    """The container, if its data file is no archive again."""
    if container.compression and container.held.head(4).startswith((_GZIP, _ZIP)):
        raise SourceError("archive_nested", found=container.inner, where=container.name)
    return container


def _gunzipped(name: str, given: Held) -> Container:
    try:
        with given.open() as raw, gzip.GzipFile(fileobj=raw) as handle:
            held = poured(blocks_of(handle), name, given.size)  # type: ignore[arg-type]
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(name, "gzip", error) from error
    return Container(name, Path(name).stem, "gzip", held, given.digest())


def _unzipped(name: str, given: Held) -> Container:
    count = entries(given)
    if count > most("archive_members"):
        raise too_large("archive_too_many_files", "archive_members", name, f"{count:,}")
    try:
        with given.open() as raw, zipfile.ZipFile(raw) as archive:
            if _WORKBOOK in archive.namelist():
                return Container(name, Path(name).name, "", given, workbook=True)
            member = _data_file(name, archive)
            held = poured(blocks(archive, member, name), name, given.size)
    except DAMAGE as error:
        raise _damaged(name, "zip", error) from error
    return Container(name, PurePosixPath(member.filename).name, "zip", held, given.digest())


def entries(given: Held) -> int:
    """How many files an archive may name, counted before its directory is read: at least as many as it does."""
    count, before = 0, b""
    for chunk in given.chunks():
        count += (before + chunk).count(_ENTRY)
        before = chunk[-len(_ENTRY) + 1 :]
    return count


def _data_file(name: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file of the archive that is not beside a data file by its name."""
    beside = [pattern for flow in catalogue().dataflows.values() for pattern in flow.companions]
    members = [
        member for member in archive.infolist()
        if not member.is_dir() and not any(PurePosixPath(member.filename).match(pattern) for pattern in beside)
    ]  # fmt: skip
    if len(members) != 1:
        raise SourceError(
            "archive_files_ambiguous" if members else "archive_files_missing",
            found=", ".join(member.filename for member in members[:8]) or "0 files",
            where=name,
        )
    return members[0]


def blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """The bytes of a file in an archive, to their true end, whatever size the archive claims for them."""
    if member.compress_type not in _METHODS:
        raise SourceError(
            "archive_method_unsupported", found=f"method {member.compress_type} of the ZIP specification", where=name
        )
    honest = copy.copy(member)
    honest.file_size = most("unpacked_bytes") + CHUNK  # zipfile stops at the size that is claimed; its checksum is kept
    with archive.open(honest) as handle:
        yield from blocks_of(handle)  # type: ignore[arg-type]


def _damaged(name: str, kind: str, error: Exception) -> SourceError:
    return SourceError("archive_damaged", kind=kind, found=str(error), where=name)
