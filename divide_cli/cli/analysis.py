"""`divide compute`, `divide measure`, `divide targets`: gaps, inequality among subgroups, and targets met."""

from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import options
from divide_cli.reports import Format, Frame
from divide_cli.reports.progress import working


def compute(
    files: options.Files = None,
    gaps: Annotated[options.Words, options.many("--gap", "ID", "Limit to this gap (`divide list gaps`)")] = None,
    indicators: Annotated[
        options.Words, options.many("--indicator", "ID", "Limit to this indicator (`divide list indicators`)")
    ] = None,
    areas: Annotated[
        options.Words, options.many("--area", "CODE", "Limit to this economy (ISO alpha-3) or group")
    ] = None,
    years: Annotated[options.Years, options.many("--year", "YEAR", "Limit to this year", min=1900, max=2100)] = None,
    editions: options.Editions = None,
    income_fy: Annotated[
        str | None,
        options.one(
            "FY",
            "World Bank fiscal year of the income groups (FY26, 26 or 2026; FY26_oghist for the later history). "
            "[default: the newest list in force on the edition's date]",
        ),
    ] = None,
    measures: options.Measures = None,
    min_coverage: options.MinCoverage = 75.0,
    population: options.Population = None,
    groups: options.Groups = None,
    *,
    encoding: options.FileEncoding = "",
    dimensions: options.FileDimensions = None,
    attributes: options.FileAttributes = None,
    structure: options.FileStructure = None,
    skip_refused: options.SkipRefused = False,
    format: options.HowToPrint = Format.table,
    excel_safe: options.ExcelSafe = False,
    table: Annotated[Frame | None, typer.Option(help="What --format csv prints. [default: gaps]")] = None,
    out: Annotated[Path, options.one("DIR", "Folder for gaps.parquet and aggregates.parquet.")] = Path("out"),
    write: Annotated[bool, typer.Option("--write/--no-write", help="Write the Parquet files, or not.")] = True,
) -> None:
    """Compute the gaps that A/RES/80/173 cites.

    Each gap is shown with its coverage, bounds, source and edition.

    Without FILES, divide uses the embedded editions. With FILES, it uses your figures: tidy CSV with SDMX columns, ITU
    DataHub CSV, and other layouts (`divide list dataflows`).

    \b
    Examples:
      divide compute --gap internet_use_sex --area EUR
      divide compute individuals-using-the-internet.csv
    """
    words = {**locals(), "beside": format in (Format.table, Format.markdown)}
    frame = options.frame_of(table, format)
    from divide_cli import api

    with working("computing"):
        result = options.call(api.compute, words)
        from divide_cli.reports import gaps as report
        from divide_cli.reports import parquet, tables

        before, torn = (parquet.asked_before(out), parquet.torn(out)) if write else ({}, "")
        paths = parquet.parquet(result, out) if write else ()
    tables.write(report.output(result, frame), format.value, safe=excel_safe)
    report.tell(result, paths, torn, parquet.narrowed(result, before, out))


def measure(
    question: Annotated[str, typer.Argument(metavar="GAP|INDICATOR", help="Id of a gap or of an indicator.")],
    files: options.Files = None,
    over: Annotated[
        str,
        typer.Option(
            help="What to compare: SEX, URBANISATION, AGE, income_group, itu_region, REF_AREA (the areas), or a "
            "further dimension of the files. [default: what the gap compares, or REF_AREA]"
        ),
    ] = "",
    order: Annotated[
        str, options.one("CODES", "All subgroups, from the most to the least disadvantaged (example: Q1,Q2,Q3,Q4,Q5).")
    ] = "",
    reference: Annotated[
        str,
        options.one("CODE", "Subgroup to compare with. [default: that of the gap, the end of the order, or the best]"),
    ] = "",
    without: Annotated[str, options.one("CODES", "Subgroups to leave out (example: Q1,Q2).")] = "",
    measures: options.Measures = None,
    areas: options.AreasOrGroups = None,
    years: options.LatestYears = None,
    editions: options.Editions = None,
    income_fy: options.IncomeYear = None,
    level: Annotated[float, options.one("PERCENT", "Level of confidence intervals.", min=50, max=99.99)] = 95.0,
    min_coverage: options.MinCoverage = 75.0,
    population: options.Population = None,
    groups: options.Groups = None,
    *,
    covariance: options.Covariance = None,
    panel: options.Panel = options.PanelChoice.all,
    encoding: options.FileEncoding = "",
    dimensions: options.FileDimensions = None,
    attributes: options.FileAttributes = None,
    structure: options.FileStructure = None,
    skip_refused: options.SkipRefused = False,
    format: options.HowToPrint = Format.table,
    excel_safe: options.ExcelSafe = False,
) -> None:
    """Measure inequality among the subgroups of one indicator.

    Computes every measure that applies: WHO's summary measures, the Gini index and related indices, inequality between
    and within groups, pace, and years to parity.

    Rounding and missing data give bounds. Standard errors give confidence intervals (columns STD_ERR, or CI_LOWER,
    CI_UPPER and CI_LEVEL), and --covariance those of subgroups from one sample.

    \b
    Examples:
      divide measure internet_use_income
      divide measure internet_use --over REF_AREA
    """
    words = locals()
    from divide_cli import api

    with working("measuring"):
        result = options.call(api.measure, words)
    from divide_cli.reports import inequality, tables

    tables.write(inequality.output(result), format.value, safe=excel_safe)
    tables.tell_doubts(result.doubts)


def targets(
    files: options.Files = None,
    targets: Annotated[
        options.Words, options.many("--target", "ID", "Limit to this target (`divide list targets`)")
    ] = None,
    areas: Annotated[
        options.Words, options.many("--area", "CODE", "Economy or group", "all groups, and counts of economies")
    ] = None,
    years: options.LatestYears = None,
    editions: options.Editions = None,
    income_fy: options.IncomeYear = None,
    min_coverage: options.MinCoverage = 75.0,
    groups: options.Groups = None,
    encoding: options.FileEncoding = "",
    dimensions: options.FileDimensions = None,
    attributes: options.FileAttributes = None,
    structure: options.FileStructure = None,
    skip_refused: options.SkipRefused = False,
    format: options.HowToPrint = Format.table,
    excel_safe: options.ExcelSafe = False,
) -> None:
    """Show which areas meet the connectivity targets.

    For the others, shows the shortfall and the year in which they reach the target at their present pace.
    """
    words = locals()
    from divide_cli import api

    with working("comparing"):
        assessment = options.call(api.targets, words)
    from divide_cli.reports import tables
    from divide_cli.reports import targets as report

    tables.write(report.output(assessment), format.value, safe=excel_safe)
    tables.tell_doubts(assessment.doubts)
