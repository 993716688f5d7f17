"""`divide read`: what a file is, what was made of each of its rows, and the figures in the common form."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from divide_cli.cli.options import Format, known_values


class Form(StrEnum):
    """Forms in which figures are written."""

    parquet = "parquet"
    csv = "csv"
    sdmx_csv = "sdmx-csv"


def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files of figures (- is standard input).")],
    to: Annotated[
        Optional[Form],  # noqa: UP045 (typer reads the annotation at run time)
        typer.Option("--to", help="Form in which --out is written. [default: what the name of --out says]"),
    ] = None,
    out: Annotated[Optional[Path], typer.Option(help="File to write the figures to.")] = None,  # noqa: UP045
    indicator: Annotated[str, typer.Option(help="Indicator of a file that does not say it.")] = "",
    area: Annotated[str, typer.Option(help="Economy (ISO alpha-3) of a file that does not say it.")] = "",
    dataflow: Annotated[str, typer.Option(help="Layout to read as, whatever the file looks like.")] = "",
    encoding: Annotated[str, typer.Option(help="Encoding, whatever the bytes look like: windows-1251.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="Lines named for each reason; 0: all.")] = 100,
    format: Annotated[Format, typer.Option(help="How to print; csv prints the figures.")] = Format.table,
) -> None:
    """Read files as they were downloaded: show what was recognised and where each row went, write one common form.

    Every row is used, ignored or refused, with the reason and its lines; nothing is dropped in silence.
    """
    from divide_cli.catalogue import catalogue, codelist
    from divide_cli.errors import DivideError, OptionError

    known = catalogue()
    known_values("--indicator", [indicator] if indicator else (), known.indicators, "indicators")
    known_values("--area", [area] if area else (), codelist("CL_AREA").codes, "areas")
    known_values("--dataflow", [dataflow] if dataflow else (), known.dataflows, "dataflows")
    form = _form(to, out)

    sys.modules.setdefault("hypothesis", None)  # type: ignore[arg-type]  # pandera would import it, for nothing here
    from divide_cli.frames.observations import Observations, together
    from divide_cli.readers import Memberships, ReadOptions
    from divide_cli.readers import read as read_file
    from divide_cli.reports import parquet, reading
    from divide_cli.reports.progress import working

    options = ReadOptions(indicator, area, dataflow, encoding, strict=False)
    found: list[reading.Found] = []
    with working("reading"):
        for path in files:
            try:
                found.append(reading.Found(path, read_file(path, "", options)))
            except OptionError:
                raise
            except DivideError as error:
                found.append(reading.Found(path, None, error))
    figures = [entry.read for entry in found if isinstance(entry.read, Observations)]
    groups = [entry.read for entry in found if isinstance(entry.read, Memberships)]
    if figures and groups and (form or format is Format.csv):
        raise OptionError("observations_with_memberships", found=", ".join(files))
    if format is Format.csv:
        sys.stdout.write(parquet.as_csv(together(figures)) if figures else parquet.groups_as_csv(groups))
    else:
        reading.show(found, format.value, limit)
    written: tuple[Path, ...] = ()
    if any(entry.error for entry in found):
        out = None  # a file that lacks one of those asked for would look whole
    if out and figures:
        written = parquet.observations(together(figures), form, out)
    elif out and groups:
        written = parquet.memberships(groups, form, out)
    reading.tell(found, written)
    reading.require_something(found)


def _form(to: Form | None, out: Path | None) -> str:
    """The form to write; OptionError where one of the two options is lacking."""
    from divide_cli.errors import OptionError

    if out is None:
        if to is not None:
            raise OptionError("to_without_out", found=f"--to {to.value}")
        return ""
    if to is not None:
        return to.value
    forms = {".parquet": Form.parquet, ".csv": Form.csv}
    if out.suffix not in forms:
        raise OptionError("out_format_unclear", found=str(out))
    return forms[out.suffix].value
