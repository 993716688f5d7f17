"""`divide template`: an empty submission of an indicator, to be filled in and validated."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from divide_cli.cli.options import known_values


class Form(StrEnum):
    """Forms of a template."""

    csv = "csv"
    xlsx = "xlsx"


def template(
    indicator: Annotated[str, typer.Argument(metavar="INDICATOR", help="Indicator (divide list indicators).")],
    area: Annotated[
        Optional[list[str]],  # noqa: UP045 (typer reads the annotation at run time)
        typer.Option(help="Economy (ISO alpha-3) to fill in; repeat for more. [default: left empty]"),
    ] = None,
    year: Annotated[
        Optional[list[int]],  # noqa: UP045
        typer.Option(min=1900, max=2100, help="Year to fill in; repeat for more. [default: left empty]"),
    ] = None,
    out: Annotated[Optional[Path], typer.Option(help="File to write. [default: standard output]")] = None,  # noqa: UP045
    format: Annotated[
        Optional[Form],  # noqa: UP045
        typer.Option(help="Form of the template; xlsx needs --out. [default: what the name of --out says, else csv]"),
    ] = None,
) -> None:
    """Write an empty submission: a row for each breakdown, with keys and unit; xlsx has lists of the codes.

    Fill in OBS_VALUE, and check it with `divide validate`.
    """
    from divide_cli.catalogue import catalogue, codelist
    from divide_cli.errors import OptionError

    known, areas = catalogue().indicators, codelist("CL_AREA").codes
    known_values("INDICATOR", [indicator], known, "indicators")
    known_values("--area", area or (), areas, "areas")
    form = format or _form(out)
    if form is Form.xlsx and out is None:
        raise OptionError("xlsx_without_out")

    from divide_cli.reports import template as rendering
    from divide_cli.reports.template import rows

    made = rows(known[indicator], tuple(dict.fromkeys(area or ())), tuple(dict.fromkeys(year or ())))
    if out is None:
        sys.stdout.write(rendering.as_csv(made))
        return
    if form is Form.xlsx:
        rendering.write_workbook(known[indicator], made, out)
    else:
        rendering.write_csv(made, out)
    rendering.tell(out, len(made))


def _form(out: Path | None) -> Form:
    """The form that the name of the file says, CSV on standard output; OptionError where it says neither."""
    from divide_cli.errors import OptionError

    forms = {".csv": Form.csv, ".xlsx": Form.xlsx}
    if out is None:
        return Form.csv
    if out.suffix.lower() not in forms:
        raise OptionError(
            "out_format_unclear",
            expected="a name that ends in .csv or .xlsx, or --format",
            found=str(out),
            hint="name a .csv or .xlsx file, or add --format csv or --format xlsx",
        )
    return forms[out.suffix.lower()]
