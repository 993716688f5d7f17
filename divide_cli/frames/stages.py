"""Long work: its stages, reported to what shows them, and its parts, of which several are done at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from divide_cli.frames import room
from divide_cli.language import later, say

if TYPE_CHECKING:
    from concurrent.futures import Future

_Part = TypeVar("_Part")
_Made = TypeVar("_Made")

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


def in_order(work: Callable[[_Part], _Made], parts: Sequence[_Part], memory: int) -> Iterator[_Made]:
    """The result of the work on each part, in the order of the parts; some are made ahead in threads.

    There is one thread for each processor, as long as each may use so many bytes of memory. A single part needs no
    thread. The first error ends the work: nobody waits for more than the parts begun.
    """
    if len(parts) <= 1:
        yield from map(work, parts)
        return
    from concurrent.futures import ThreadPoolExecutor

    import pyarrow as pa

    threads = min(pa.cpu_count(), max(room.limit() // memory, 1))
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[_Made]] = deque()
        try:
            for part in parts:
                waiting.append(pool.submit(copy_context().run, work, part))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def ahead(parts: Iterable[_Part]) -> Iterator[_Part]:
    """The parts in order. While the caller works on one, a thread makes the next."""
    from concurrent.futures import ThreadPoolExecutor

    makes = iter(parts)

    def following() -> "Future[list[_Part]]":
        return pool.submit(copy_context().run, lambda: list(islice(makes, 1)))

    with ThreadPoolExecutor(1) as pool:
        waiting = following()
        while part := waiting.result():
            waiting = following()
            yield part[0]
