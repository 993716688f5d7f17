"""`divide targets`: who meets what, how far the others are, and when they get there at the present pace."""

import sys
from datetime import date
from typing import Annotated, Optional

import typer

from divide_cli.cli.options import Format, known_values

Many = Optional[list[str]]  # noqa: UP045 (typer reads the annotation at run time)


def targets(
    files: Annotated[
        Many, typer.Argument(metavar="[FILES]...", help="Files of figures (- is standard input); none: embedded data.")
    ] = None,
    target: Annotated[Many, typer.Option(help="Target id; repeat for more (divide list targets).")] = None,
    area: Annotated[
        Many, typer.Option(help="Economy or group; repeat for more. [default: groups, and how many economies]")
    ] = None,
    year: Annotated[
        Optional[list[int]],  # noqa: UP045
        typer.Option(min=1900, max=2100, help="Calendar year; repeat for more. [default: the latest]"),
    ] = None,
    edition: Annotated[Many, typer.Option(help="Edition of a source; repeat for more (divide list editions).")] = None,
    income_fy: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--income-fy", help="World Bank fiscal year of the income groups, as in divide compute."),
    ] = None,
    min_coverage: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of a group's people below which its value is withheld.")
    ] = 75.0,
    groups: Annotated[
        Many, typer.Option(help="CSV of area groups (REF_AREA, GROUP), or a list such as sids_m49; repeat for more.")
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Show who meets the targets of connectivity, how far the others are, and the year at the present pace."""
    from divide_cli.catalogue import catalogue, codelist
    from divide_cli.errors import OptionError
    from divide_cli.sources import editions
    from divide_cli.sources.groupings import membership, vintage

    known = catalogue()
    own_groups = tuple(groups or ())
    own_codes = list(membership(vintage(None, date.max), own_groups).groups) if own_groups else []
    areas = tuple(code.upper() if code.isascii() else code for code in area or ())
    known_values("--area", areas, [*codelist("CL_AREA").codes, *own_codes], "areas")
    names = known_values("--target", target or (), known.targets, "targets")
    if files and edition:
        raise OptionError("edition_with_files", found=", ".join(edition))
    for name in edition or ():
        editions.edition(name)
    if income_fy:
        vintage(income_fy, date.max)

    sys.modules.setdefault("hypothesis", None)  # type: ignore[arg-type]  # pandera would import it, for nothing here
    from divide_cli.analysis.request import Request
    from divide_cli.analysis.targets import assess
    from divide_cli.reports import targets as render
    from divide_cli.reports.progress import working

    request = Request(
        files=tuple(files or ()),
        editions=tuple(edition or ()),
        areas=areas,
        years=tuple(year or ()),
        income_fy=income_fy,
        minimum=min_coverage,
        groups=own_groups,
    )
    with working("comparing"):
        assessment = assess([known.targets[name] for name in names or known.targets], request)
    render.require_something(assessment, request)
    render.show(assessment, request, format.value)
