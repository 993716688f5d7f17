"""The command line. A command parses, calls one function of `api`, hands the result to one of `reports`, and exits.

Exit codes: 0 fine; 1 findings (a claim that is not as expected is one), or nothing could be computed; 2 a wrong option
or option value; 3 a path or content that cannot be read or understood.
"""

import errno
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from divide_cli import __version__
from divide_cli.cli import compute, entries, measure, read, reproduce, targets, validate
from divide_cli.errors import DivideError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What is wrong with the place that standard output goes to."""

app = typer.Typer(
    name="divide",
    help="The digital-divide indicator calculator: gaps in Internet use, telephones and coverage, with their coverage, "
    "bounds, source and edition.",
    epilog="Exit codes: 0 fine, 1 findings or nothing computed, 2 a wrong option or value, 3 a file that cannot be "
    "read or understood.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"divide {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(False, "--version", "-V", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """The digital-divide indicator calculator."""


app.add_typer(reproduce.claims_app, name="claims")
app.command("compute")(compute.compute)
app.command("fetch")(entries.fetch)
app.command("list")(entries.list_entries)
app.command("lock")(reproduce.lock)
app.command("measure")(measure.measure)
app.command("read")(read.read)
app.command("reproduce")(reproduce.reproduce)
app.command("rules")(validate.rules)
app.command("show")(entries.show_entry)
app.command("template")(validate.template)
app.command("validate")(validate.validate)
app.command("targets")(targets.targets)


@contextmanager
def _light_start() -> Iterator[None]:
    """What makes commands start sooner, beside importing pandas and its kin only in the function that needs them.

    pandera would import hypothesis, for nothing here. Importing makes a million objects and hardly any garbage: looking
    for it after every 700 of them costs an eighth of the time.
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


def run() -> None:
    """Runs a command; a failure that the user can act on is one message on stderr and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows ?, and no traceback
    try:
        try:
            with _light_start():
                app()
        finally:
            sys.stdout.flush()
    except DivideError as error:
        print(f"divide: error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of a pipe (head, less) has seen enough
        _discard_output()
        sys.exit(0)
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        _discard_output()  # what typer and rich make of the same: an exit with code 1
        sys.exit(0)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _discard_output()
        print(f"divide: error: the output cannot be written\n  found: {os.strerror(error.errno)}", file=sys.stderr)
        sys.exit(3)


def _discard_output() -> None:
    """What is left in the buffer goes nowhere, so that the end of the process does not fail over it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
