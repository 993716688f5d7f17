"""`divide claims new`: a claims file to begin with."""

from pathlib import Path
from typing import Annotated

import typer

claims = typer.Typer(help="Claims files: published figures as tests.", no_args_is_help=True, rich_markup_mode=None)


@claims.callback()
def _claims() -> None:
    """Claims files: published figures as tests."""


@claims.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Claims file to write.")] = Path("claims.yaml"),
    title: Annotated[str, typer.Option(help="Title of the report.")] = "",
) -> None:
    """Start a claims file for a report of your own, with its schema for the editor beside it."""
    import sys

    from divide_cli.claims import starter

    files = starter.started(file, title)

    from divide_cli.frames import atomic_write

    for path in atomic_write.texts(files, "a claims file"):
        print(f"wrote {path}", file=sys.stderr)
    print(f"next: divide reproduce {file}", file=sys.stderr)
