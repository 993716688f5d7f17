"""A folder for one process at a time."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Makes the folder where there is none; whether it is this process's until the block ends (always so on Windows).

    The lock is the operating system's, so it ends with the process, however that ends.
    """
    folder.mkdir(exist_ok=True)
    if sys.platform == "win32":
        yield True
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        mine = True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            mine = False
        except OSError as error:  # a file system without locks
            mine = error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)
        moved = not folder.exists() or not os.path.samestat(os.fstat(descriptor), folder.stat())
        yield mine and not moved
    finally:
        os.close(descriptor)
