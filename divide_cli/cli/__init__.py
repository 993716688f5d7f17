"""The command line. A command parses, calls one function of `api`, hands the result to one of `reports`, and exits.

Exit codes: 0 success; 1 findings (or a claim that is not as expected), or nothing could be computed; 2 a wrong
option or option value; 3 a path or content that cannot be read, understood or written. Others: 3 too little memory; 70
a bug of the program itself; 128 and the number of a signal: 130 interrupted (Ctrl-C), 143 terminated.
"""

import errno
import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NoReturn

from divide_cli import __version__, language
from divide_cli.cli.process import interruptible, open_streams
from divide_cli.errors import DivideError, SourceError, UnforeseenError
from divide_cli.errors.text_safety import visible
from divide_cli.language import clauses, say


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
    if kind == "editions":
        from divide_cli.sources.editions import left_out

        for doubt in left_out():
            print(f"divide: warning: {visible(doubt)}", file=sys.stderr)


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
    """Runs the command and exits. The version, and the catalogue without an option, do not need typer."""
    if words in (["--version"], ["-V"]):
        print(f"divide {__version__}")
        sys.exit(0)
    lookup = _LOOKUPS.get((words[0], len(words) - 1)) if words else None
    if lookup and not any(word.startswith("-") for word in words) and not os.environ.get("DIVIDE_LANG"):
        lookup(*words[1:])
        sys.exit(0)  # as typer does
    from divide_cli.cli.commands import app_for

    app_for(words)()


def run() -> None:
    """Runs a command. A failure that the user can act on becomes a message on stderr and an exit code."""
    open_streams()
    try:
        _run_and_flush()
    except DivideError as error:
        _fail(error)
    except KeyboardInterrupt as interrupt:
        texts = (say("divide: interrupted"), *(say(str(text)) for text in interrupt.args))
        print(clauses(texts), file=sys.stderr)
        sys.exit(getattr(interrupt, "exit_code", 130))
    except MemoryError:
        _fail(SourceError("memory_exhausted"))
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 (a panic of a library in Rust is not an Exception)
        _fail(SourceError("memory_exhausted") if getattr(error, "errno", 0) == errno.ENOMEM else _unforeseen(error))
    finally:
        language.use(language.ENGLISH)


def _run_and_flush() -> None:
    """Runs a command, and gives an interruption its meaning: typer has turned it into an exit."""
    try:
        with _light_start(), interruptible():
            _command(sys.argv[1:])
    except SystemExit as end:
        if interrupt := _interrupt_behind(end):
            raise interrupt from None
        raise
    finally:
        sys.stdout.flush()


def _fail(error: DivideError) -> NoReturn:
    print(language.say("divide: error: {error}", error=error), file=sys.stderr)
    sys.exit(error.exit_code)


def _interrupt_behind(end: BaseException | None) -> KeyboardInterrupt | None:
    """The interruption that typer has turned into an exit; None if there is none."""
    while end is not None and not isinstance(end, KeyboardInterrupt):
        end = end.__context__
    return end


def _unforeseen(error: BaseException) -> UnforeseenError:
    """The error for what has no error of its own. Its traceback is in a file, or on stderr with `divide --debug`."""
    import traceback

    found = traceback.format_exception_only(error)[-1].strip()
    trace = "".join(traceback.format_exception(error))
    path = "" if "--debug" in sys.argv[1:] else _kept(trace)
    if not path:
        print(*map(visible, trace.splitlines()), sep="\n", file=sys.stderr)
    return UnforeseenError("unforeseen", found=found, where=path)


def _kept(trace: str) -> str:
    """The new file with the traceback, which only its owner can read; empty if it cannot be written."""
    import tempfile

    try:
        descriptor, path = tempfile.mkstemp(prefix="divide-bug-", suffix=".txt")
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"divide {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n\n{trace}")
    except OSError:
        return ""
    return path
