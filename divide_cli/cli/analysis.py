"""`divide compute`, `divide measure`, `divide targets`: gaps, disparity among subgroups, and who meets what."""

from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import options
from divide_cli.reports import Format
from divide_cli.reports.progress import working


def compute(
    files: options.Files = None,
    gaps: Annotated[options.Words, typer.Option("--gap", help="Gap id; repeat for more (divide list gaps).")] = None,
    indicators: Annotated[
        options.Words, typer.Option("--indicator", help="Indicator id; repeat for more (divide list indicators).")
    ] = None,
    areas: Annotated[
        options.Words, typer.Option("--area", help="Economy (ISO alpha-3) or group code; repeat for more.")
    ] = None,
    years: Annotated[
        options.Years, typer.Option("--year", min=1900, max=2100, help="Calendar year; repeat for more.")
    ] = None,
    editions: options.Editions = None,
    income_fy: Annotated[
        str | None,
        typer.Option(
            "--income-fy",
            help="World Bank fiscal year of the income groups: FY26, 26 or 2026; FY26_oghist for the later history. "
            "[default: the latest that the edition's date knows]",
        ),
    ] = None,
    measures: options.Measures = None,
    min_coverage: options.MinCoverage = 75.0,
    population: options.Population = None,
    groups: options.Groups = None,
    format: options.HowToPrint = Format.table,
    out: Annotated[Path, typer.Option(help="Folder for gaps.parquet and aggregates.parquet.")] = Path("out"),
    write: Annotated[bool, typer.Option("--write/--no-write", help="Whether to write the Parquet files.")] = True,
) -> None:
    """Compute the gaps that A/RES/80/173 cites, with coverage, bounds, source and edition.

    Without FILES, from the embedded editions; with FILES, from yours (tidy CSV with SDMX columns, ITU DataHub CSV).
    """
    words = {**locals(), "beside": format in (Format.table, Format.markdown)}
    from divide_cli import api

    with working("computing"):
        result = options.call(api.compute, words)
        from divide_cli.reports import gaps as report
        from divide_cli.reports import parquet, tables

        paths = parquet.parquet(result, out) if write else ()
    tables.write(report.output(result), format.value)
    report.tell(result, paths)


def measure(
    question: Annotated[str, typer.Argument(metavar="GAP|INDICATOR", help="Id of a gap, or of an indicator.")],
    files: options.Files = None,
    over: Annotated[
        str,
        typer.Option(
            help="What is compared: SEX, URBANISATION, AGE, income_group, itu_region, REF_AREA (the areas), or a "
            "further dimension of the files. [default: what the gap compares, else REF_AREA]"
        ),
    ] = "",
    order: Annotated[
        str, typer.Option(help="Subgroups from the most to the least disadvantaged, with commas: Q1,Q2,Q3,Q4,Q5.")
    ] = "",
    measures: options.Measures = None,
    areas: options.AreasOrGroups = None,
    years: options.LatestYears = None,
    editions: options.Editions = None,
    income_fy: options.IncomeYear = None,
    level: Annotated[float, typer.Option(min=50, max=99.99, help="Level of intervals, percent.")] = 95.0,
    min_coverage: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of people below which measures are withheld.")
    ] = 75.0,
    population: options.Population = None,
    groups: options.Groups = None,
    format: options.HowToPrint = Format.table,
) -> None:
    """Measure the disparity among subgroups: WHO's measures, Gini and its kin, parts, pace and years to parity.

    Rounding and missing data give bounds; standard errors (columns STD_ERR, or CI_LOWER, CI_UPPER, CI_LEVEL) give
    intervals.
    """
    words = locals()
    from divide_cli import api

    with working("measuring"):
        result = options.call(api.measure, words)
    from divide_cli.reports import inequality, tables

    tables.write(inequality.output(result), format.value)


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
    words = locals()
    from divide_cli import api

    with working("comparing"):
        assessment = options.call(api.targets, words)
    from divide_cli.reports import tables
    from divide_cli.reports import targets as report

    tables.write(report.output(assessment), format.value)
