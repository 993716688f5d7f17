"""`divide explain` and `divide diff`: why a number is what it is, and why it moved."""

from typing import Annotated

import typer

from divide_cli.cli import completion, options
from divide_cli.reports import DiffFrame, Format
from divide_cli.reports.option_words import limits
from divide_cli.reports.progress import working

_EDITIONS = completion.entries("editions")


def explain(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="SELECTOR...",
            help="Indicator, gap or claim; then an area [WLD], a year [latest], codes such as SEX=F, and files.",
            autocompletion=completion.selectors,
        ),
    ],
    editions: options.Editions = None,
    income_fy: options.IncomeYear = None,
    min_coverage: options.MinCoverage = 75.0,
    population: options.Population = None,
    groups: options.Groups = None,
    estimate: options.Estimate = False,
    skip_refused: options.SkipRefused = False,
    format: options.HowToPrint = Format.table,
) -> None:
    """Show why a number is what it is.

    Takes one number apart: the formula, and the value, weight and contribution of each economy. Names who is missing
    and how far they could move it, the file and line of each value, and what `divide validate` finds there.

    \b
    Examples:
      divide explain internet_use LIC 2024
      divide explain internet_use_income WLD
      divide explain p21_urban
    """
    words_of_command = locals()
    from divide_cli import api

    with working("explaining"):
        explained = options.call(api.explain, words_of_command)
    from divide_cli.reports import explain as report
    from divide_cli.reports import tables

    tables.write(report.output(*explained), format.value)
    tables.tell_doubts(explained.doubts)


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="Edition or file.", autocompletion=_EDITIONS)],
    after: Annotated[
        str,
        typer.Argument(
            metavar="[B]",
            help="Edition or file to compare it with. [default: A]",
            show_default=False,
            autocompletion=_EDITIONS,
        ),
    ] = "",
    indicators: options.Indicators = None,
    gaps: options.Gaps = None,
    areas: Annotated[options.Words, options.areas("Limit to this economy or group, by code or name")] = None,
    years: Annotated[
        options.Words, options.many("--year", "YEAR|SPAN", "Limit to this year of both sides (2024, or 2015:2024)")
    ] = None,
    between: Annotated[
        str, typer.Option("--years", metavar="FROM:TO", help="Compare two years instead of two sources.")
    ] = "",
    income_fy: Annotated[
        str, options.one("FY[:FY]", "World Bank fiscal year of the income groups of both sides, or of each.")
    ] = "",
    min_coverage: options.MinCoverage = 75.0,
    population: options.Population = None,
    groups: options.Groups = None,
    estimate: options.Estimate = False,
    skip_refused: options.SkipRefused = False,
    format: options.HowToPrint = Format.table,
    table: Annotated[DiffFrame | None, typer.Option(help="What --format csv prints. [default: changes]")] = None,
    fail_above: Annotated[
        float | None,
        options.one(
            "X", "Exit with 1 if a figure, group value or gap was revised by more than X.", **limits("fail_above")
        ),
    ] = None,
) -> None:
    """Show what changed between two editions, and why values moved.

    Compares two editions or files figure by figure: revised, added, withdrawn. Divides the change of each group value
    and gap into terms: figures revised, reporters, weights, membership, estimates.

    \b
    Examples:
      divide diff wdi_2025_10 wdi_2026_08 --year 2023
      divide diff wdi_2026_08 --income-fy FY26:FY27
      divide diff wdi_2026_08 --years 2015:2024
    """
    words = locals()
    frame = options.frame_of(table, format, DiffFrame.changes)
    figures_only = format == Format.csv and frame == DiffFrame.changes and fail_above is None
    from divide_cli import api

    with working("comparing"):
        difference = options.call(api.diff, {**words, "figures_only": figures_only})
    from divide_cli.reports import diff as report
    from divide_cli.reports import tables

    tables.write(report.output(difference, frame), format.value)
    tables.tell_doubts(difference.doubts)
    raise typer.Exit(report.tell_revisions(difference, fail_above))
