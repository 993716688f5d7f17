"""`divide profile`: all that is known about economies and groups."""

from typing import Annotated

import typer

from divide_cli.cli import completion, options
from divide_cli.errors import OptionError
from divide_cli.reports import Format, ProfileFrame
from divide_cli.reports.progress import working


def profile(
    areas_and_files: Annotated[
        list[str],
        typer.Argument(
            metavar="AREA...|FILES",
            help="Economies or groups, by code or name (KEN, Kenya, AFR); and files of figures, if they exist.",
            autocompletion=completion.areas,
        ),
    ],
    years: Annotated[options.Words, options.years("Calendar year", "the latest of each series")] = None,
    editions: options.Editions = None,
    income_fy: options.IncomeYear = None,
    min_coverage: options.MinCoverage = 75.0,
    population: options.Population = None,
    groups: options.Groups = None,
    *,
    estimate: options.Estimate = False,
    skip_refused: options.SkipRefused = False,
    format: options.HowToPrint = Format.table,
    table: Annotated[ProfileFrame | None, typer.Option(help="What --format csv prints. [default: levels]")] = None,
) -> None:
    """Show all that is known about an area.

    Levels with ranks, gaps, the course over the years, targets, and what has no figure. Several areas are shown side
    by side. A group has its members, and its values from countries next to the published ones.

    \b
    Examples:
      divide profile Kenya
      divide profile KEN TZA UGA --year 2022
      divide profile AFR figures.csv
    """
    words = locals()
    if table and format != Format.csv:
        raise OptionError("table_without_csv", found=f"--format {format.value}", name=table.value)
    from divide_cli import api

    with working("computing"):
        result = options.call(api.profile, words)
    from divide_cli.reports import profile as report
    from divide_cli.reports import tables

    tables.write(report.output(result, table.value if table else "levels"), format.value)
    tables.tell_doubts(result.doubts)
