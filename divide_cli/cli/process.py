"""The process of a command: its three standard streams, and the signals that end it.

Every byte that is printed arrives, or the run ends with a message and exit code 3. A stream that is closed, or whose
reader has gone, changes no result. A signal ends the run in order, so that nothing temporary stays.
"""

import io
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from divide_cli import temporary
from divide_cli.errors import SourceError, reason_of

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_GRACE = 5.0
"""Seconds that a process has to clear up after a signal."""


class _Output(io.FileIO):
    """Standard output. It waits while a pipe that does not block is full, and discards all once its reader has gone."""

    discards = False
    """Whether what is written goes nowhere."""

    def write(self, data: Any, /) -> int:
        """Writes some or all of the data, and returns how much. Raises SourceError the first time it is impossible."""
        if self.discards:
            return memoryview(data).nbytes
        try:
            while (written := super().write(data)) is None:
                select.select((), (self,), ())
        except OSError as error:
            self.discards = True
            if not isinstance(error, BrokenPipeError):
                raise SourceError("stdout_unwritable", found=reason_of(error)) from error
            written = memoryview(data).nbytes
        return written


class _Messages(_Output):
    """Standard error: what cannot be written there is lost, and the run goes on."""

    def write(self, data: Any, /) -> int:
        """Writes some or all of the data, and returns how much; discards all if that is impossible."""
        with suppress(SourceError):
            return super().write(data)
        return memoryview(data).nbytes


def open_streams() -> None:
    """Makes the standard streams what this module promises; one that is closed becomes the null device.

    Python's own are not enough: without a buffer (PYTHONUNBUFFERED) a short write loses bytes, a closed one is None.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
    sys.stdin = sys.stdin or io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)))
    sys.stdout = _stream(sys.stdout, 1, _Output)
    sys.stderr = _stream(sys.stderr, 2, _Messages)


def _stream(stream: TextIO | None, number: int, kind: type[_Output]) -> TextIO:
    """The stream of that descriptor in the encoding of the earlier one; ? stands for what that does not have."""
    if stream is None:
        return _text(kind(number, "w", closefd=False), "utf-8", False)
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.reconfigure(errors="replace")
    with suppress(OSError):  # a stream of a test or a notebook has no descriptor
        if stream.fileno() == number and sys.platform != "win32":
            stream.flush()
            at_once = stream.line_buffering or stream.write_through
            return _text(kind(number, "w", closefd=False), stream.encoding, at_once)
    return stream


def _text(raw: _Output, encoding: str, line_buffering: bool) -> TextIO:
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors="replace", line_buffering=line_buffering)


class Interrupted(KeyboardInterrupt):
    """The end by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number
        """As in shells."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Lets the signals that end a process raise Interrupted, except those that the process was started to ignore.

    What is not printed yet is then discarded, since its reader may wait for ever. A process that has not ended after
    some seconds, because a thread waits for another, ends all the same; a second signal ends it at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    handlers = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    interruptions: list[Interrupted] = []
    hook = sys.unraisablehook

    def end(number: int, _frame: object) -> None:
        interruptions.append(Interrupted(number))
        if isinstance(raw := getattr(getattr(sys.stdout, "buffer", None), "raw", None), _Output):
            raw.discards = True
        _leave_after(_GRACE, 128 + number)
        raise interruptions[0]

    def swallowed(lost: "sys.UnraisableHookArgs") -> None:
        if isinstance(lost.exc_value, Interrupted):  # it came while Python cleared up an object, and would be lost
            _leave_after(0.01, lost.exc_value.exit_code)
        else:
            hook(lost)

    sys.unraisablehook = swallowed
    try:
        for number in handlers:
            signal.signal(number, end)
        yield
    finally:
        temporary.discard_all()  # here, since a signal that comes later finds no handler
        sys.unraisablehook = hook
        for number, handler in handlers.items():
            signal.signal(number, signal.SIG_DFL if interruptions else handler)
        if interruptions:  # libraries turn it into other exceptions
            raise interruptions[0] from None


def _leave_after(seconds: float, exit_code: int) -> None:
    """Ends the process after that time, without what is temporary; on Windows, never."""

    def leave(_number: int, _frame: object) -> None:
        temporary.discard_all()
        os._exit(exit_code)

    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, leave)
        signal.setitimer(signal.ITIMER_REAL, seconds)
