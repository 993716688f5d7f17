"""The command line. A command parses, calls one function, renders, exits; pandas is imported inside it.

Exit codes: 0 fine; 1 nothing could be computed; 2 a wrong option or option value; 3 a path or content that cannot be
read or understood.
"""

import os
import sys

import typer

from divide_cli import __version__
from divide_cli.cli import compute, entries, fetch, measure, read, targets
from divide_cli.errors import DivideError

app = typer.Typer(
    name="divide",
    help="The digital-divide indicator calculator: gaps in Internet use, telephones and coverage, with their coverage, "
    "bounds, source and edition.",
    epilog="Exit codes: 0 fine, 1 nothing could be computed, 2 a wrong option or value, 3 a file that cannot be read "
    "or understood.",
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


app.command("compute")(compute.compute)
app.command("fetch")(fetch.fetch)
app.command("list")(entries.list_entries)
app.command("measure")(measure.measure)
app.command("read")(read.read)
app.command("show")(entries.show_entry)
app.command("targets")(targets.targets)


def run() -> None:
    """Runs a command; a failure that the user can act on is one message on stderr and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows ?, and no traceback
    try:
        app()
    except DivideError as error:
        if error.subject:  # else it has been told
            print(f"divide: error: {error}", file=sys.stderr)
        sys.exit(error.code)
    except BrokenPipeError:  # the reader of a pipe (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
