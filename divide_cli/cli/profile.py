"""`divide profile`: all that is known about economies and groups."""

from typing import Annotated

import typer

from divide_cli.cli import completion, options
from divide_cli.language import say
from divide_cli.reports import ProfileFrame, ResultFormat
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
    format: options.HowToShow = ResultFormat.table,
    table: Annotated[ProfileFrame | None, typer.Option(help="What --format csv prints. [default: levels]")] = None,
    excel_safe: options.ExcelSafe = False,
    out: options.OutputFile = None,
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
    options.frame_of(table, format, ProfileFrame.levels)
    options.require_one_format(format, out, "profile.xlsx")
    options.require_other_file([*areas_and_files, population], out)
    from divide_cli import api

    with working("computing"):
        result = options.call(api.profile, words)
    from divide_cli.reports import profile as report
    from divide_cli.reports import tables

    if out and format == ResultFormat.xlsx:
        from divide_cli.reports import spreadsheet
        from divide_cli.reports.spreadsheet_contents import of_profile

        spreadsheet.write(of_profile(result), out, safe=excel_safe)
    else:
        shown = report.output(result, table.value if table else "levels")
        tables.write(shown, format.value, out, say("the profile"), safe=excel_safe)
    tables.tell_written([out] if out else [])
    tables.tell_doubts(result.doubts)
