"""`divide reproduce`, `divide lock`, `divide claims new`: published figures as tests, and what they rest on."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import options
from divide_cli.reports import ClaimsFormat
from divide_cli.reports.progress import working

Claims = Annotated[
    list[Path] | None,
    typer.Argument(metavar="CLAIMS.yaml", help="Files of claims; none: the embedded publications."),
]
InsteadEditions = Annotated[
    options.Words, typer.Option("--edition", help="Edition in place of those that the claims name; repeat for more.")
]


def reproduce(
    claims: Claims = None,
    only: Annotated[
        options.Words, typer.Option(metavar="ID", help="Claim id; repeat for more (divide list claims).")
    ] = None,
    editions: InsteadEditions = None,
    basis: Annotated[
        options.Basis, typer.Option(help="Published aggregates, country figures upward, or both.")
    ] = options.Basis.both,
    format: Annotated[ClaimsFormat, typer.Option(help="How to print.")] = ClaimsFormat.table,
    lock: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Say what has moved since this lock was written (divide lock)."),
    ] = None,
) -> None:
    """Recompute the figures that publications print, and say of each whether it follows from its sources.

    Exit code 1 when the verdict on a claim is not the one that its file expects.
    """
    from divide_cli import api

    with working("computing"):
        reproduction = api.reproduce(claims, only=only, editions=editions, basis=basis.value, lock=lock)
    from divide_cli.reports import claims as report

    report.deliver(reproduction, format.value)
    raise typer.Exit(1 if reproduction.unexpected else 0)


def lock(
    claims: Claims = None,
    editions: InsteadEditions = None,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("divide.lock"),
) -> None:
    """Write divide.lock: the sha256 of all that the claims rest on, the version, and the computed values.

    `divide reproduce --lock FILE` says later what has moved.
    """
    from divide_cli import api
    from divide_cli.errors.text_safety import count_of

    with working("computing"):
        reproduction = api.lock(claims, editions=editions, out=out)
    print(f"{count_of(len(reproduction.outcomes), 'claim')}: wrote {out}", file=sys.stderr)


claims_app = typer.Typer(help="Claims files: published figures as tests.", no_args_is_help=True, rich_markup_mode=None)


@claims_app.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Claims file to write.")] = Path("claims.yaml"),
    title: Annotated[str, typer.Option(help="Title of the report.")] = "",
) -> None:
    """Start a claims file for a report of your own, with its schema for the editor beside it."""
    from divide_cli import api

    for path in api.new_claims(file, title):
        print(f"wrote {path}", file=sys.stderr)
    print(f"next: divide reproduce {file}", file=sys.stderr)
