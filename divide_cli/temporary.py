"""Temporary files and folders of this process, gone when it ends; a later run removes those of a killed one.

Each has an unpredictable name and is new: it is never opened through a link. The process locks it, and the operating
system ends the lock with the process. What has such a name and no lock was left by a process that was killed; it is
removed if it is the user's own, or the user is the superuser.
"""

import atexit
import errno
import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

_NAME = re.compile(r"\.divide-[0-9a-f]{16}\.tmp")
_FOLLOW_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_own: set[Path] = set()
_scratch: list[Path] = []


@contextmanager
def written(folder: Path, content: bytes | Iterable[bytes], like: os.stat_result | None = None) -> Iterator[Path]:
    """A new file in the folder with the content, or its pieces, safe on disk; removed unless it has been renamed.

    Owner and permissions are those of the status `like`, or those of any new file.
    """
    path, descriptor = _claimed(folder, partial(os.open, flags=_NEW, mode=0o600 if like else 0o666))
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.writelines([content] if isinstance(content, bytes) else content)
        if like:
            _resemble(path, like)
        os.fsync(descriptor)
        if sys.platform == "win32":  # there, an open file cannot be renamed
            os.close(descriptor)
            descriptor = -1
        yield path
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        discard(path)


def _resemble(path: Path, like: os.stat_result) -> None:
    """Gives the file the permissions, and the owner as far as this process may."""
    if sys.platform != "win32":
        with suppress(PermissionError):
            os.chown(path, like.st_uid, like.st_gid)
    path.chmod(stat.S_IMODE(like.st_mode))


def new_name(folder: Path) -> Path:
    """A name in the folder that nobody can foresee; what gets it is removed at the latest when the process ends."""
    path = folder / f".divide-{os.urandom(8).hex()}.tmp"
    _own.add(path)
    return path


def scratch() -> Path:
    """The folder of this process for temporary files, in that of the system ($TMPDIR); created when first asked for."""
    if not _scratch or not _scratch[0].is_dir():
        folder = _of_system()
        sweep(folder)
        _scratch[:] = [_claimed(folder, _new_folder)[0]]
    return _scratch[0]


def _of_system() -> Path:
    """The folder of the system for temporary files, found as `tempfile` does but without writing a file to try it."""
    named = (os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    for folder in filter(None, (*named, "/tmp", "/var/tmp")):  # noqa: S108
        if os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK):
            return Path(folder).absolute()
    import tempfile

    return Path(tempfile.gettempdir())


def _new_folder(path: Path) -> int:
    """Creates the folder; a descriptor of it to lock, -1 where folders have none."""
    path.mkdir(0o700)
    return -1 if sys.platform == "win32" else os.open(path, os.O_RDONLY | _FOLLOW_NO_LINK)


def _claimed(folder: Path, create: Callable[[Path], int]) -> tuple[Path, int]:
    """What was created under a new name, locked before another process could take it for left over."""
    while True:
        path = new_name(folder)
        try:
            descriptor = create(path)
        except FileNotFoundError:  # another process has removed the new folder before it could be opened
            discard(path)
            if not folder.is_dir():
                raise
            continue
        locked = lock(descriptor)
        if locked is None or (locked and path.exists() and os.path.samestat(os.fstat(descriptor), path.lstat())):
            return path, descriptor
        os.close(descriptor)
        discard(path)


def lock(descriptor: int) -> bool | None:
    """Locks a file or folder until the descriptor is closed; False if another process has the lock, None without locks.

    Windows has no such locks, and neither have some file systems.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in (errno.EAGAIN, errno.EACCES) else None
    return True


def sweep(folder: Path) -> None:
    """Removes from the folder what processes have left that were killed, never what a living one uses."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name):
                _remove_left_over(Path(entry.path))


def _remove_left_over(path: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | _FOLLOW_NO_LINK)
        try:
            status = os.fstat(descriptor)
            plain = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
            if plain and lock(descriptor) and os.geteuid() in (0, status.st_uid):
                discard(path)
        finally:
            os.close(descriptor)


def discard(path: Path) -> None:
    """Removes a temporary file or folder, if it is there."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    _own.discard(path)


@atexit.register
def discard_all() -> None:
    """Removes all that this process has created and not removed yet."""
    for path in tuple(_own):
        discard(path)
