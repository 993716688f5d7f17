"""Opens a file as it was downloaded: plain, gzip or zip, a path or standard input."""

import gzip
import hashlib
import io
import lzma
import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from divide_cli.catalogue import catalogue
from divide_cli.errors import SourceError

CHUNK = 1 << 21
HEAD = 1 << 16
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_WORKBOOK = "xl/workbook.xml"
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(RuntimeError, EOFError, OSError, ValueError, OverflowError, KeyError),
)
"""What the archive modules raise for archives that are cut off, damaged, encrypted, or packed in a way they lack."""


@dataclass
class Container:
    """The bytes of one data file. `path` is set where they stand in a plain file, else `content` holds them."""

    name: str
    inner: str
    compression: str
    path: Path | None
    content: bytes = field(repr=False)
    outer: bytes | None = field(default=None, repr=False)
    workbook: bool = False

    def head(self) -> bytes:
        """The first bytes of the data file."""
        if self.path is None:
            return self.content[:HEAD]
        with self.path.open("rb") as handle:
            return handle.read(HEAD)

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the data file, in order."""
        if self.path is None:
            for start in range(0, len(self.content), CHUNK):
                yield self.content[start : start + CHUNK]
            return
        with self.path.open("rb") as handle:
            while chunk := handle.read(CHUNK):
                yield chunk

    def read(self) -> bytes:
        """All bytes of the data file."""
        return self.content if self.path is None else self.path.read_bytes()

    def digest(self) -> tuple[str, int] | None:
        """SHA-256 and size of the file as it was given, where that is not the data file itself."""
        return None if self.outer is None else (hashlib.sha256(self.outer).hexdigest(), len(self.outer))


def open_container(path: str) -> Container:
    """The data file at the path (`-` is standard input), unpacked; SourceError where it cannot be opened."""
    if path == "-":
        return _packed("<stdin>", sys.stdin.buffer.read())
    try:
        if Path(path).is_dir():
            raise SourceError("a directory was given where a file is needed", where=path, hint="name the files in it")
        with Path(path).open("rb") as handle:
            head = handle.read(4)
            if not head.startswith((_GZIP, _ZIP)) and handle.seekable():
                return Container(path, Path(path).name, "", Path(path), b"")
            return _packed(path, head + handle.read())
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise SourceError(
            "a file cannot be opened", expected="a readable file", found=reason, where=path, hint="check the path"
        ) from error


def _packed(name: str, raw: bytes) -> Container:
    if raw.startswith(_GZIP):
        try:
            content = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise _damaged(name, "gzip", error) from error
        return Container(name, Path(name).stem, "gzip", None, content, raw)
    if raw.startswith(_ZIP):
        return _zipped(name, raw)
    return Container(name, Path(name).name, "", None, raw)


def _zipped(name: str, raw: bytes) -> Container:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
            if _WORKBOOK in names:
                return Container(name, Path(name).name, "", None, raw, workbook=True)
            beside = [pattern for flow in catalogue().dataflows.values() for pattern in flow.companions]
            members = [
                member for member in names
                if not member.endswith("/") and not any(Path(member).match(pattern) for pattern in beside)
            ]  # fmt: skip
            if len(members) != 1:
                raise SourceError(
                    "a zip archive holds more than one data file" if members else "a zip archive holds no data file",
                    expected="one data file, beside its metadata",
                    found=", ".join(members[:8]) or "0 files",
                    where=name,
                    hint="unpack it and name the file",
                )
            return Container(name, Path(members[0]).name, "zip", None, archive.read(members[0]), raw)
    except _DAMAGE as error:
        raise _damaged(name, "zip", error) from error


def _damaged(name: str, kind: str, error: Exception) -> SourceError:
    return SourceError(
        f"a {kind} archive cannot be unpacked",
        expected="a sound gzip or ZIP archive, or an Excel workbook",
        found=str(error),
        where=name,
        hint="download the file again",
    )
