"""`divide reproduce` and `divide lock`: published figures as tests, and what they rest on."""

import gc
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from divide_cli.claims.reproduce import Reproduction

Many = Optional[list[str]]  # noqa: UP045 (typer reads the annotation at run time)
Files = Annotated[
    Optional[list[Path]],  # noqa: UP045
    typer.Argument(metavar="CLAIMS.yaml", help="Files of claims; none: the embedded publications."),
]


class Output(StrEnum):
    """How outcomes are printed."""

    table = "table"
    json = "json"
    junit = "junit"
    sarif = "sarif"
    github = "github"
    markdown = "markdown"


class Basis(StrEnum):
    """Which figures claims are held against."""

    published = "published"
    countries = "countries"
    both = "both"


def reproduce(
    claims: Files = None,
    only: Annotated[Many, typer.Option(metavar="ID", help="Claim id; repeat for more (divide list claims).")] = None,
    edition: Annotated[
        Many, typer.Option(help="Edition in place of those that the claims name; repeat for more.")
    ] = None,
    basis: Annotated[Basis, typer.Option(help="Published aggregates, country figures upward, or both.")] = Basis.both,
    format: Annotated[Output, typer.Option(help="How to print.")] = Output.table,
    lock: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FILE", help="Say what has moved since this lock was written (divide lock)."),
    ] = None,
) -> None:
    """Recompute the figures that publications print, and say of each whether it follows from its sources.

    Exit code 1 when the verdict on a claim is not the one that its file expects.
    """
    from divide_cli.claims import lock as locks
    from divide_cli.errors.text_safety import visible

    before = locks.read(lock) if lock else None
    made = _run(claims or (), only or (), edition or (), basis)
    now = locks.locked(made) if before else {}
    moved = locks.moved(before, now) if before else None
    of_claims = locks.moved_claims(before, now) if before else {}

    from divide_cli.reports import claims as render
    from divide_cli.reports import tables

    if format is Output.table:
        tables.print_rich(render.blocks(made, moved))
    elif format is Output.markdown:
        sys.stdout.write(tables.as_markdown(render.blocks(made, moved)))
    elif format is Output.json:
        sys.stdout.write(render.as_json(made, moved))
    else:
        sys.stdout.write(_findings(made, format, {name: "; ".join(lines) for name, lines in of_claims.items()}))
        for line in moved or ():
            print(visible(line), file=sys.stderr)
    print(f"{_number(made)}, {made.unexpected or 'none'} with another verdict than expected", file=sys.stderr)
    if made.unexpected:
        raise typer.Exit(1)


def lock(
    claims: Files = None,
    edition: Annotated[
        Many, typer.Option(help="Edition in place of those that the claims name; repeat for more.")
    ] = None,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("divide.lock"),
) -> None:
    """Write divide.lock: the sha256 of all that the claims rest on, the version, and the computed values.

    `divide reproduce --lock FILE` says later what has moved.
    """
    from divide_cli.claims import lock as locks

    made = _run(claims or (), (), edition or (), Basis.both)

    from divide_cli.frames import atomic_write

    atomic_write.texts({out: locks.written(locks.locked(made))}, "a lock")
    print(f"{_number(made)}: wrote {out}", file=sys.stderr)


def _run(files: Sequence[Path], only: Sequence[str], editions: Sequence[str], basis: Basis) -> "Reproduction":
    """The outcomes; heavy libraries are imported only after the files have been read and the options checked."""
    from divide_cli.claims import load
    from divide_cli.claims.records import BASES
    from divide_cli.sources import editions as sources

    paths = list(dict.fromkeys(files)) or load.embedded()
    read = [load.load(path) for path in paths]
    chosen = load.chosen(read, only)
    for name in editions:
        sources.edition(name)

    sys.modules.setdefault("hypothesis", None)  # type: ignore[arg-type]  # pandera would import it, for nothing here
    gc.disable()  # as in `compute`: importing makes a million objects and no garbage
    from divide_cli.claims.reproduce import reproduce as run
    from divide_cli.reports.progress import working

    gc.freeze()
    gc.enable()
    with working("computing"):
        return run(read, chosen, editions, BASES if basis is Basis.both else (basis.value,))


def _number(made: "Reproduction") -> str:
    return f"{len(made.outcomes)} claim{'s' * (len(made.outcomes) != 1)}"


def _findings(made: "Reproduction", form: Output, moved: dict[str, str]) -> str:
    """The outcomes as findings, in a format that other programs read."""
    from divide_cli.claims import report
    from divide_cli.reports import annotations, claims, junit

    described = report.described(made)
    if form is Output.junit:
        return junit.joined(report.reports(made, moved), described, "divide reproduce")
    atomic_write = report.joined(made, moved)
    return (
        claims.as_sarif(atomic_write, described)
        if form is Output.sarif
        else annotations.text(atomic_write, described, "divide reproduce")
    )
