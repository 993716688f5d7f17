"""`divide reproduce`, `divide lock`, `divide claims new`: published figures as tests, and what they rest on."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import completion, options
from divide_cli.language import labelled, say
from divide_cli.reports import ClaimsFormat, Format
from divide_cli.reports.option_words import Basis
from divide_cli.reports.progress import working

Claims = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILES",
        help="Claims files, texts with marked figures (.md, .qmd, .tex, .rst), or folders of texts. "
        "[default: the claims of divide.toml, or the embedded publications]",
    ),
]
InsteadEditions = Annotated[
    options.Words,
    options.many(
        "--edition",
        "ID",
        "Edition to use instead of those that the claims name",
        autocompletion=completion.entries("editions"),
    ),
]


def reproduce(
    claims: Claims = None,
    only: Annotated[
        options.Words,
        options.many(
            "--only", "ID", "Limit to this claim (`divide list claims`)", autocompletion=completion.entries("claims")
        ),
    ] = None,
    editions: InsteadEditions = None,
    basis: Annotated[
        Basis,
        typer.Option(help="Recompute from published group values, from country figures, or from both."),
    ] = Basis.both,
    estimate: options.Estimate = False,
    format: Annotated[ClaimsFormat, typer.Option(help="Format of the output.")] = ClaimsFormat.table,
    lock: Annotated[
        Path | None, options.one("FILE", "Report what has changed since this lock was written (`divide lock`).")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Print a patch of the texts, with the right figures. No file is changed.")
    ] = False,
) -> None:
    """Check published figures against their sources.

    Recomputes each figure, and says whether it follows from its sources. The exit code is 1 if a verdict is not the one
    that the claims file expects. For a figure marked in a text, this means that it is wrong or cannot be checked.
    """
    from divide_cli import api
    from divide_cli.api.project import project

    with working("computing"):
        reproduction = api.reproduce(
            project().claimed(claims),
            only=only,
            editions=editions,
            basis=basis.value,
            estimate=estimate,
            lock=lock,
        )
    from divide_cli.reports import claims as report

    if write:
        report.deliver_patch(reproduction)
    else:
        report.deliver(reproduction, format.value)
    raise typer.Exit(1 if reproduction.unexpected else 0)


def lock(
    claims: Claims = None,
    editions: InsteadEditions = None,
    out: Annotated[Path, options.one("FILE", "File to write.")] = Path("divide.lock"),
) -> None:
    """Record what the claims rest on, to detect later changes.

    divide.lock contains the sha256 of everything that the claims rest on, the version, and the computed values. Later,
    `divide reproduce --lock FILE` reports what has changed.
    """
    from divide_cli import api
    from divide_cli.api.project import project
    from divide_cli.errors.text_safety import count_of
    from divide_cli.reports.tables import tell_written

    files = project().claimed(claims)
    options.require_other_file(files or (), out)
    with working("computing"):
        reproduction = api.lock(files, editions=editions, out=out)
    tell_written([out], labelled(count_of(len(reproduction.outcomes), "claim"), ""))


claims_app = typer.Typer(
    help="Write claims files, and find figures to claim in texts.", no_args_is_help=True, rich_markup_mode=None
)


def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Claims file to write.")] = Path("claims.yaml"),
    title: Annotated[str, typer.Option(help="Title of the report.")] = "",
) -> None:
    """Start a claims file for a report of your own.

    Also writes its schema to the same folder, with which your editor can check the file.
    """
    from divide_cli import api
    from divide_cli.reports.tables import tell_written

    for path in api.new_claims(file, title):
        tell_written([path])
    print(say("next: {command}", command=f"divide reproduce {file}"), file=sys.stderr)


def find(
    texts: Annotated[
        list[Path], typer.Argument(metavar="TEXTS", help="Texts (.md, .qmd, .tex, .rst), or folders of texts.")
    ],
    editions: Annotated[
        options.Words,
        options.many(
            "--edition", "ID", "Limit candidates to this edition", autocompletion=completion.entries("editions")
        ),
    ] = None,
    format: options.HowToPrint = Format.table,
) -> None:
    """List the figures of a text that have no claim yet.

    For each figure, it gives the numbers of the catalogue that print alike and fit the words around it. They are marks
    to copy.

    \b
    Examples:
      divide claims find report.md
      divide claims find docs/ --format csv
    """
    from divide_cli import api

    with working("computing"):
        entries = api.unclaimed(texts, editions=editions)
    from divide_cli.reports import unclaimed

    unclaimed.deliver(entries, format.value)
