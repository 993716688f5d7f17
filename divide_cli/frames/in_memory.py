"""Tables in memory that a caller gives in place of files: the bytes that `open_container` finds under their names.

A name such as `<frame 1>` has brackets, as `<stdin>` has, so that people do not confuse it with a path.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_given: ContextVar[Mapping[str, bytes] | None] = ContextVar("given", default=None)


@contextmanager
def given(tables: Mapping[str, bytes]) -> Iterator[None]:
    """Within the block, each name opens its bytes; other names are paths, as always."""
    token = _given.set(tables)
    try:
        yield
    finally:
        _given.reset(token)


def bytes_of(name: str) -> bytes | None:
    """The bytes under that name; None if there is no such table."""
    return (_given.get() or {}).get(name)


def exists(word: str) -> bool:
    """Whether a word of a command names something to read: a path, standard input (`-`), or a table in memory."""
    return word == "-" or bytes_of(word) is not None or os.path.exists(word)
