"""Writes files completely or not at all, several of them in one act.

Regular files are replaced: the content is written under a temporary name next to the file, which is then renamed. Links
are followed to their file. Devices, pipes and open descriptors (/dev/stdout, /dev/fd/3) are written to.
"""

import errno
import os
import shutil
import signal
import stat
import sys
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from divide_cli import temporary
from divide_cli.errors import SourceError, reason_of

_FOLDERS_OF_DESCRIPTORS = ("/dev/fd", "/proc/self/fd", "/proc/thread-self/fd")
_MOST_LINKS = 40
_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM") if hasattr(signal, name)]
_PATIENCE = 2.0
"""Seconds that renaming waits for another process to finish its own, which takes milliseconds."""
Moves = Sequence[tuple[Path, Path]]
"""Temporary files, and what each of them replaces."""


Content = str | bytes | Iterator[str]
"""A text, bytes, or the pieces of a text."""


def write(files: Mapping[Path, Content], what: str = "the observations", **parts: str) -> tuple[Path, ...]:
    """Writes all files, texts as UTF-8, or none; returns their paths. A file that is replaced keeps its permissions.

    All contents are on disk under temporary names before the first file is renamed; if a renaming fails, the earlier
    ones are undone. Raises SourceError; `what` names the output, `parts` are texts of the error.
    """
    with ExitStack() as temporaries:
        moves, others = [], []
        for path, text in files.items():
            content = _encoded(text)
            with _reported(path, what, parts):
                target = regular(path)
                if target is None:
                    others.append((path, content))
                else:
                    moves.append((temporaries.enter_context(_beside(target, content)), target))
        for path, content in others:
            with _reported(path, what, parts):
                _send(path, content)
        with _reported(next(iter(files)), what, parts), _in_turn({target.parent for _, target in moves}):
            _rename(moves)
    return tuple(files)


def _encoded(content: Content) -> Iterator[bytes]:
    """The bytes of a content, piece by piece."""
    if isinstance(content, bytes):
        yield content
    else:
        for piece in [content] if isinstance(content, str) else content:
            yield piece.encode("utf-8", "replace")


@contextmanager
def _reported(path: Path, what: str, parts: Mapping[str, str]) -> Iterator[None]:
    """Turns errors of the operating system into SourceError, with the path."""
    try:
        yield
    except IsADirectoryError as error:
        raise SourceError("output_is_folder", **{"what": what, "where": str(path), **parts}) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        where = str(getattr(error, "filename2", None) or path)
        raise SourceError(
            "output_unwritable", found=reason_of(error), **{"what": what, "where": where, **parts}
        ) from error


def regular(path: Path) -> Path | None:
    """The file that the path leads to through links, whether it exists or not; None for devices, pipes, descriptors."""
    end = _end_of_links(path)
    if descriptor_of(end) is not None:
        return None
    try:
        mode = end.stat().st_mode
    except FileNotFoundError:
        return end
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return end if stat.S_ISREG(mode) else None


def _end_of_links(path: Path) -> Path:
    """The path that the links lead to; the link that stands for an open descriptor is the end."""
    for _ in range(_MOST_LINKS):
        if not os.path.islink(path) or _is_descriptor(path):
            return path
        path = Path(os.path.realpath(path.parent), path.readlink())
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def _is_descriptor(path: Path) -> bool:
    folders = map(os.path.realpath, _FOLDERS_OF_DESCRIPTORS)
    return path.name.isdecimal() and os.path.realpath(path.parent) in folders


def descriptor_of(path: Path) -> int | None:
    """The number of the open descriptor that the path stands for (/dev/stdout: 1), or None."""
    end = _end_of_links(path)
    return int(end.name) if _is_descriptor(end) else None


def _send(path: Path, content: Iterator[bytes]) -> None:
    """Writes to what cannot be replaced; to standard output after what is printed already."""
    number = descriptor_of(path)
    if number == 1 and (printed := getattr(sys.stdout, "buffer", None)):
        sys.stdout.flush()
        printed.writelines(content)
        printed.flush()
        return
    with open(path if number is None else os.dup(number), "wb") as place:
        place.writelines(content)


@contextmanager
def _beside(target: Path, content: Iterator[bytes]) -> Iterator[Path]:
    """A temporary file next to the target with the content; owner and permissions are those of the target, if any."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.sweep(target.parent)
    with temporary.written(target.parent, content, target.stat() if os.path.exists(target) else None) as path:
        yield path


def _rename(moves: Moves) -> None:
    """Renames all, or puts back what was there."""
    done: list[tuple[Path | None, Path]] = []
    with _undisturbed(), ExitStack() as second_names:
        try:
            for path, target in moves:
                earlier = second_names.enter_context(_kept(target)) if len(moves) > 1 else None
                path.replace(target)
                done.append((earlier, target))
        except OSError:
            for earlier, target in done:
                if earlier:
                    earlier.replace(target)
                else:
                    target.unlink()
            raise


@contextmanager
def _kept(target: Path) -> Iterator[Path | None]:
    """A second name of the target, or a copy where files have one name only; None if there is no target."""
    if not os.path.exists(target):  # also a name that is too long
        yield None
        return
    path = temporary.new_name(target.parent)
    try:
        try:
            os.link(target, path)
        except OSError:
            shutil.copy2(target, path)
        yield path
    finally:
        temporary.discard(path)


@contextmanager
def _in_turn(folders: Collection[Path]) -> Iterator[None]:
    """Waits while another process renames in these folders, so that all its files or all of ours come last.

    The lock is on the folder itself and leaves no file. A lock that lasts longer is that of another program.
    """
    with ExitStack() as descriptors:
        for folder in sorted(folders) if sys.platform != "win32" and len(folders) else ():
            with suppress(OSError):
                descriptor = os.open(folder, os.O_RDONLY)
                descriptors.callback(os.close, descriptor)
                until = time.monotonic() + _PATIENCE
                while temporary.lock(descriptor) is False and time.monotonic() < until:
                    time.sleep(0.005)
        yield


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Delays the signals that end a process until the block is over. Python handles them in the main thread only."""
    arrived: list[int] = []
    handlers = {name: signal.getsignal(name) for name in _ENDING}
    if threading.current_thread() is not threading.main_thread() or None in handlers.values():
        yield
        return
    try:
        for name, handler in handlers.items():
            if handler != signal.SIG_IGN:
                signal.signal(name, lambda number, _frame: arrived.append(number))
        yield
    finally:
        for name, handler in handlers.items():
            signal.signal(name, handler)
        for number in arrived:
            signal.raise_signal(number)
