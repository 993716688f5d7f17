"""The command line. A command parses, calls one function of `api`, hands the result to one of `reports`, and exits.

Exit codes: 0 success; 1 findings (including a claim that is not as expected), or nothing could be computed; 2 a wrong
option or option value; 3 a path or content that cannot be read or understood.
"""

import errno
import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from divide_cli.errors import DivideError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors of the place that standard output goes to."""


@contextmanager
def _light_start() -> Iterator[None]:
    """Makes commands start sooner. Libraries are also imported only in the functions that need them.

    pandera would import hypothesis, which is not needed here. Imports create a million objects and hardly any garbage;
    collecting it after every 700 of them costs an eighth of the time. Importing typer takes longer than `divide list`
    and `divide show` run, so these do without it if they are given no option (`_command`).
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(50_000, *thresholds[1:])
    absent = sys.modules.setdefault("hypothesis", None) is None  # type: ignore[arg-type]  # as if it were not installed
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        if absent:
            del sys.modules["hypothesis"]


def print_listing(kind: str | None = None, form: str = "table") -> None:
    """Prints the kinds of entries, or the entries of one kind."""
    from divide_cli import api
    from divide_cli.reports import listing

    if form != "table":
        entries = listing.kinds_as_rows(api.kinds()) if kind is None else listing.list_as_rows(api.entries(kind))
        listing.print_as(form, kind or "kinds", entries)
    elif kind is None:
        listing.print_kinds(api.kinds())
    else:
        listing.print_list(kind, api.entries(kind))


def print_entries(name: str, form: str = "table") -> None:
    """Prints the entries with that id or code."""
    from divide_cli import api
    from divide_cli.reports import listing

    entries = api.entry(name)
    if form != "table":
        listing.print_entries_as(form, entries)
        return
    for entry in entries:
        listing.print_entry(entry)


_LOOKUPS: Mapping[tuple[str, int], Callable[..., None]] = {
    ("list", 0): print_listing,
    ("list", 1): print_listing,
    ("show", 1): print_entries,
}
"""Commands that need no parser, by their name and the number of words that follow."""


def _command(words: Sequence[str]) -> None:
    """Runs the command and exits. Looking up the catalogue without an option does not need typer."""
    lookup = _LOOKUPS.get((words[0], len(words) - 1)) if words else None
    if lookup and not any(word.startswith("-") for word in words):
        lookup(*words[1:])
        sys.exit(0)  # as typer does
    from divide_cli.cli.commands import app

    app()


def run() -> None:
    """Runs a command. A failure that the user can act on becomes a message on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a character that the terminal cannot show becomes ?, not a traceback
    try:
        try:
            with _light_start():
                _command(sys.argv[1:])
        finally:
            sys.stdout.flush()
    except DivideError as error:
        print(f"divide: error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except (BrokenPipeError, SystemExit) as end:  # typer and rich turn a broken pipe into exit code 1
        if not isinstance(end, BrokenPipeError) and not isinstance(end.__context__, BrokenPipeError):
            raise
        _discard_output()  # the reader of the pipe (head, less) has closed it
        sys.exit(0)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _discard_output()
        print(f"divide: error: the output cannot be written\n  found: {os.strerror(error.errno)}", file=sys.stderr)
        sys.exit(3)


def _discard_output() -> None:
    """Discards the rest of the buffer, so that the process does not fail again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
