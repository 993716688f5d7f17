"""`divide list`, `divide show`, `divide fetch`: what the catalogue and the editions hold, and how to have more."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import print_entries, print_listing

INTERRUPTED = 130


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
    from divide_cli.reports.progress import tell_fetched

    try:
        tell_fetched(api.fetch(indicators, source=source, to=to, base_url=base_url))
    except KeyboardInterrupt:
        print("divide: interrupted; the same command goes on where this one stopped", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
