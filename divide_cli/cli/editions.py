"""`divide edition add`: a file as an edition of your own."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import completion, options

edition_app = typer.Typer(
    help="Make editions of your own, which commands name with --edition.", no_args_is_help=True, rich_markup_mode=None
)


@edition_app.callback()
def _edition() -> None:
    """Make editions of your own, which commands name with --edition."""


def add(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="File of figures, in any layout that `divide read` reads.")
    ],
    edition: Annotated[
        str, typer.Option("--id", metavar="ID", help="Id of the edition: small letters, digits and _ (my_2026_11).")
    ],
    to: Annotated[
        Path | None,
        options.one(
            "DIR", "Folder in which the edition gets its own folder. [default: DIVIDE_EDITIONS, or your data folder]"
        ),
    ] = None,
    title: Annotated[str, options.one("TEXT", "Title. [default: the name of the file, and the day]")] = "",
    producer: Annotated[str, options.one("TEXT", "Who made the figures.")] = "",
    url: Annotated[str, options.one("URL", "Where the file is published.")] = "",
    licence: Annotated[
        str,
        options.one(
            "ID",
            "Licence (`divide list licences`, or a text). [default: as the layout states]",
            autocompletion=completion.entries("licences"),
        ),
    ] = "",
    citation: Annotated[str, options.one("TEXT", "How to cite the figures. [default: file, sha256 and day]")] = "",
    vintage: Annotated[
        datetime | None,
        options.one(
            "DAY", "Day of the figures, for the groups of that day (2026-11-24). [default: today]", formats=["%Y-%m-%d"]
        ),
    ] = None,
    indicator: options.FileIndicator = "",
    area: options.FileArea = "",
    dataflow: options.FileDataflow = "",
    encoding: options.FileEncoding = "",
) -> None:
    """Make a file an edition of your own.

    The edition has a copy of the file, and an origin.yaml with its sha256, licence and day. Commands, claims and
    `divide diff` can then name it. Rows that cannot be used are left out, and counted on stderr and in origin.yaml.

    \b
    Examples:
      divide edition add figures.csv --id my_2026_11
      divide edition add survey.xlsx --id survey_2025 --licence CC-BY-4.0 --vintage 2025-06-30
    """
    words = locals()
    from divide_cli import api
    from divide_cli.reports.progress import tell_added

    tell_added(options.call(api.add_edition, words))
