"""`divide fetch`: current figures from a provider's interface, as an edition of your own."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Optional
from urllib.parse import urlsplit

import typer

from divide_cli.cli.options import known_values
from divide_cli.errors import OptionError

INTERRUPTED = 130


def fetch(
    indicators: Annotated[list[str], typer.Argument(metavar="INDICATOR", help="Ids (divide list indicators).")],
    source: Annotated[str, typer.Option(help="Whom to ask: itu (ITU DataHub) or worldbank (World Bank, WDI).")] = "itu",
    to: Annotated[
        Optional[Path],  # noqa: UP045 (typer reads the annotation at run time)
        typer.Option(metavar="DIR", help="Folder that the edition's folder is made in. [default: your data folder]"),
    ] = None,
    base_url: Annotated[
        str, typer.Option(metavar="URL", help="Address to ask instead of the source's own: a mirror, a test.")
    ] = "",
) -> None:
    """Fetch current figures into an edition of your own, named after the source and the day.

    Prints its id, for divide compute --edition. An interrupted download goes on where it stopped.
    """
    try:
        _fetch(indicators, source, to, base_url)
    except KeyboardInterrupt:
        print("divide: interrupted; the same command goes on where this one stopped", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None


def _fetch(indicators: list[str], source: str, to: Path | None, base_url: str) -> None:
    from divide_cli.catalogue import catalogue
    from divide_cli.sources import editions

    known = catalogue()
    if source not in known.services:
        listed = ", ".join(f"{service.id} ({service.name})" for service in known.services.values())
        raise OptionError("source_unknown", expected=listed, found=source, where="--source")
    _require_address(base_url)
    service = known.services[source]
    names = known_values("INDICATOR", indicators, known.indicators, "indicators")

    from divide_cli.reports.progress import downloading, tell_fetched
    from divide_cli.sources.fetch import fetch as run
    from divide_cli.sources.fetch import require_published

    require_published(names, service)
    folder = to or editions.own_folder()
    with downloading(service.name) as progress:
        done = run(names, service, folder, date.today(), progress, base_url=base_url)
    tell_fetched(done, service, found=folder.absolute() in {place.absolute() for place in editions.folders()})


def _require_address(base_url: str) -> None:
    """OptionError unless the text is empty or an http address."""
    if not base_url:
        return
    try:
        parts = urlsplit(base_url)
        sound = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
        sound = sound and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound:
        raise OptionError("url_unsupported", found=base_url, where="--base-url")
