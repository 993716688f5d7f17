"""`divide read`: what a file is, what was made of each of its rows, and the figures in the common form."""

from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import options
from divide_cli.errors import OptionError
from divide_cli.reports import FiguresFormat, Format
from divide_cli.reports.progress import working


def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files of figures (- is standard input).")],
    to: Annotated[
        FiguresFormat | None,
        typer.Option("--to", help="Form in which --out is written. [default: what the name of --out says]"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write the figures to.")] = None,
    indicator: options.FileIndicator = "",
    area: options.FileArea = "",
    dataflow: options.FileDataflow = "",
    encoding: options.FileEncoding = "",
    limit: Annotated[int, typer.Option(min=0, help="Lines named for each reason; 0: all.")] = 100,
    format: Annotated[Format, typer.Option(help="How to print; csv prints the figures.")] = Format.table,
) -> None:
    """Read files as they were downloaded: show what was recognised and where each row went, write one common form.

    Every row is used, ignored or refused, with the reason and its lines; nothing is dropped in silence.
    """
    from divide_cli import api

    if to and not out:
        raise OptionError("to_without_out", found=f"--to {to.value}")
    form = options.form_of(to, out, {".parquet": "parquet", ".csv": "csv"}, "out_format_unclear")
    with working("reading"):
        readings = api.read(files, indicator=indicator, area=area, dataflow=dataflow, encoding=encoding)
    from divide_cli.reports import reading

    reading.deliver(readings, format.value, limit, form, out)
    if failure := reading.failure(readings):
        raise failure
