"""The commands by name, and those on what the catalogue and the editions hold: `divide list`, `show` and `fetch`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from divide_cli import __version__
from divide_cli.cli import analysis, files, print_entries, print_listing, reproduce
from divide_cli.reports.progress import tell_fetched

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


def _print_version(flag: bool) -> None:
    if flag:
        print(f"divide {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(
        False, "--version", "-V", callback=_print_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """The digital-divide indicator calculator."""


def list_entries(
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="Kind of entry; none: the kinds.")] = None,
) -> None:
    """List what the catalogue holds: indicators, gaps, measures, editions, areas ..."""
    print_listing(kind)


def show_entry(
    entry: Annotated[str, typer.Argument(metavar="ID", help="Id of an entry, or the code of an area or a group.")],
) -> None:
    """Show one entry: definition, formula, source, licence, coverage by year."""
    print_entries(entry)


def fetch(
    indicators: Annotated[list[str], typer.Argument(metavar="INDICATOR", help="Ids (divide list indicators).")],
    source: Annotated[str, typer.Option(help="Whom to ask: itu (ITU DataHub) or worldbank (World Bank, WDI).")] = "itu",
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder that the edition's folder is made in. [default: your data folder]"),
    ] = None,
    base_url: Annotated[
        str, typer.Option(metavar="URL", help="Address to ask instead of the source's own: a mirror, a test.")
    ] = "",
) -> None:
    """Fetch current figures into an edition of your own, named after the source and the day.

    Prints its id, for divide compute --edition. An interrupted download goes on where it stopped.
    """
    from divide_cli import api

    try:
        tell_fetched(api.fetch(indicators, source=source, to=to, base_url=base_url))
    except KeyboardInterrupt:
        print("divide: interrupted; the same command goes on where this one stopped", file=sys.stderr)
        raise typer.Exit(130) from None  # 128 and the number of the signal, as in shells


app.add_typer(reproduce.claims_app, name="claims")
app.command("compute")(analysis.compute)
app.command("fetch")(fetch)
app.command("list")(list_entries)
app.command("lock")(reproduce.lock)
app.command("measure")(analysis.measure)
app.command("read")(files.read)
app.command("reproduce")(reproduce.reproduce)
app.command("rules")(files.rules)
app.command("show")(show_entry)
app.command("template")(files.template)
app.command("validate")(files.validate)
app.command("targets")(analysis.targets)
