"""The stages of long work, reported to what shows them: how many rows or bytes of how many are done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from divide_cli.language import later, say

SCANNED = later("{file}: {done:,.0f} of {size:,.0f} MB read")
PARSED = later("{file}: {done:,} of {rows:,} rows read")
CODED = later("{file}: codes and notes of {rows:,} rows")
CHECKED = later("checking {rows:,} rows")
COMBINED = later("combining {rows:,} values of economies")

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


@contextmanager
def told_to(listener: Callable[[str], None]) -> Iterator[None]:
    """Within the block, the listener gets each stage in words."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(stage: str, **parts: Any) -> None:
    """Tells the stage, one of the texts of this module with its slots filled; nothing if nobody listens."""
    if listener := _listener.get():
        listener(say(stage, **parts))
