"""Room for long columns: in memory while they take little of what a command may use, then in temporary files.

A column in a file is an array as any other. What is touched of it comes into memory, and leaves it with `release`,
which loses nothing. The files have no names, so they end with the process at the latest.
"""

import mmap
import os
import re
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from divide_cli import temporary
from divide_cli.errors import OptionError, SourceError, reason_of

if TYPE_CHECKING:
    import numpy.typing as npt

SHARE = 4
"""Long columns take at most this part of the memory: a fourth. The rest is for the program, and for what is short."""
SMALL = 1 << 20
"""Bytes of a column that is never put into a file."""
ENOUGH = 1 << 31
"""Bytes of memory that are used at most unless more is asked for: with more, nothing would be faster."""
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B\s*", re.IGNORECASE)
_FREE = re.compile(r"MemAvailable:\s*(\d+) kB")


class _Use:
    """What the columns of this process use, and may use."""

    most = 0
    """Bytes of memory; 0 until somebody asks."""
    columns = 0
    """Bytes of the columns in memory."""
    files: ClassVar["weakref.WeakSet[mmap.mmap]"] = weakref.WeakSet()
    """The files that are columns."""


def bytes_of(size: str) -> int:
    """The bytes of a size such as `500MB` or `2GiB`; OptionError if it is malformed or nothing."""
    parts = _SIZE.fullmatch(size)
    steps, base = (
        ("kmgt".index(parts[2].lower()) + 1 if parts[2] else 0, 1024 if parts[3] else 1000) if parts else (0, 1)
    )
    number = int(float(parts[1]) * base**steps) if parts else 0
    if not number:
        raise OptionError("memory_malformed", found=size)
    return number


def limit_to(size: str) -> None:
    """Sets the memory that this process may use, such as `500MB`; empty: a quarter of what is free, 2 GiB at most."""
    _Use.most = bytes_of(size) if size else 0


def limit() -> int:
    """The bytes of memory that this process may use. It is a goal: results that are larger are not made smaller."""
    _Use.most = _Use.most or min(_free() // 4, ENOUGH)
    return _Use.most


def _free() -> int:
    """The bytes of memory that are free, or that the limit of a container leaves."""
    limits = [int(text) for text in [_text("/sys/fs/cgroup/memory.max").strip()] if text.isdigit()]
    if found := _FREE.search(_text("/proc/meminfo")):
        limits.append(1024 * int(found[1]))
    return min(limits, default=4 * ENOUGH)


def _text(path: str) -> str:
    try:
        return Path(path).read_text("ascii")
    except OSError:  # another system
        return ""


def column(rows: int, kind: "npt.DTypeLike") -> "npt.NDArray[Any]":
    """A new column of zeros. Raises SourceError if it does not fit into memory, and the disk is full."""
    import numpy as np

    dtype = np.dtype(kind)
    size = rows * dtype.itemsize
    if size > SMALL and _Use.columns + size > limit() // SHARE:
        return np.frombuffer(_file(size), dtype=dtype, count=rows)
    made = np.zeros(rows, dtype=dtype)
    if size > SMALL:
        _Use.columns += size
        weakref.finalize(made, _give_back, size).atexit = False
    return made


def _give_back(size: int) -> None:
    _Use.columns -= size


def _file(size: int) -> mmap.mmap:
    """A file of zeros as memory. Its room on the disk is claimed at once: a page without room would end the process."""
    try:
        with tempfile.TemporaryFile(dir=temporary.scratch()) as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                for start in range(0, size, SMALL):
                    file.write(bytes(min(SMALL, size - start)))
                file.flush()
            mapped = mmap.mmap(file.fileno(), size)
    except OSError as error:
        raise SourceError("columns_no_room", found=reason_of(error)) from error
    _Use.files.add(mapped)
    return mapped


def release() -> None:
    """Takes the columns in files out of memory. They come back as they are touched."""
    for mapped in _Use.files:
        if hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)
