"""`divide targets`: who meets what, how far the others are, and when they get there at the present pace."""

from typing import Annotated

import typer

from divide_cli.cli import options
from divide_cli.reports import Format


def targets(
    files: options.Files = None,
    targets: Annotated[
        options.Words, typer.Option("--target", help="Target id; repeat for more (divide list targets).")
    ] = None,
    areas: Annotated[
        options.Words,
        typer.Option("--area", help="Economy or group; repeat for more. [default: groups, and how many economies]"),
    ] = None,
    years: options.LatestYears = None,
    editions: options.Editions = None,
    income_fy: options.IncomeYear = None,
    min_coverage: options.MinCoverage = 75.0,
    groups: options.Groups = None,
    format: options.HowToPrint = Format.table,
) -> None:
    """Show who meets the targets of connectivity, how far the others are, and the year at the present pace."""
    from divide_cli import api
    from divide_cli.reports.progress import working

    with working("comparing"):
        assessment = api.targets(
            files,
            targets=targets,
            areas=areas,
            years=years,
            editions=editions,
            income_fy=income_fy,
            min_coverage=min_coverage,
            groups=groups,
        )
    from divide_cli.reports import tables
    from divide_cli.reports import targets as report

    tables.write(report.output(assessment), format.value)
