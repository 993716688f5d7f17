"""`divide compute`, `divide measure`, `divide targets`: gaps, inequality among subgroups, and targets met."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from divide_cli.cli import completion, options
from divide_cli.cli.languages import for_machines
from divide_cli.language import say
from divide_cli.reports import Format, Frame, ResultFormat
from divide_cli.reports.option_words import Order, PanelChoice, Status, limits
from divide_cli.reports.progress import working


def compute(
    files: options.Files = None,
    gaps: options.Gaps = None,
    indicators: options.Indicators = None,
    areas: Annotated[options.Words, options.areas("Limit to this economy or group, by code or name")] = None,
    years: Annotated[options.Words, options.years("Limit to this year")] = None,
    editions: options.Editions = None,
    income_fy: Annotated[
        str | None,
        options.one(
            "FY",
            "World Bank fiscal year of the income groups (FY26, 26 or 2026; FY26_oghist for the later history). "
            "[default: the newest list in force on the edition's date]",
            autocompletion=completion.fiscal_years,
        ),
    ] = None,
    measures: Annotated[
        options.Words,
        options.many(
            "--measure",
            "ID",
            "Limit to this measure, by id or as tables print it (`divide list measures`)",
            autocompletion=completion.pair_measures,
        ),
    ] = None,
    min_coverage: options.MinCoverage = 75.0,
    population: options.Population = None,
    groups: options.Groups = None,
    sort: Annotated[Order | None, typer.Option(help="Sort areas, highest first; economies without --area.")] = None,
    top: Annotated[int | None, options.one("N", "Print only the first N areas of each table.", **limits("top"))] = None,
    *,
    estimate: options.Estimate = False,
    encoding: options.FileEncoding = "",
    dimensions: options.FileDimensions = None,
    attributes: options.FileAttributes = None,
    structure: options.FileStructure = None,
    skip_refused: options.SkipRefused = False,
    memory: options.Memory = "",
    format: options.HowToShow = ResultFormat.table,
    excel_safe: options.ExcelSafe = False,
    table: Annotated[
        Frame | None, typer.Option(help="What --format csv prints. [default: gaps if there are any]")
    ] = None,
    out: Annotated[
        Path | None,
        options.one(
            "DIR|FILE",
            "Folder for gaps.parquet and aggregates.parquet [default: out]; with --format xlsx, the workbook.",
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write/--no-write", help="Write the Parquet files, or not.")] = True,
) -> None:
    """Compute the gaps that A/RES/80/173 cites.

    Each gap is shown with its coverage, bounds, source and edition.

    Without FILES, divide uses the embedded editions. With FILES, it uses your figures: tidy CSV with SDMX columns, ITU
    DataHub CSV, and other layouts (`divide list dataflows`).

    \b
    Examples:
      divide compute --gap internet_use_sex --area EUR
      divide compute --indicator internet_use --area Kenya --years 2015:2024
      divide compute --indicator internet_use --sort value --top 10
      divide compute individuals-using-the-internet.csv
    """
    words = {**locals(), "beside": format in (ResultFormat.table, ResultFormat.markdown)}
    options.frame_of(table, format, Frame.gaps)
    options.require_one_format(format, out, "gaps.xlsx")
    if format == ResultFormat.xlsx:
        _workbook_of(words)
        return
    folder = out or Path("out")
    if write:
        options.require_other_file([*(files or ()), population], *(folder / f"{name.value}.parquet" for name in Frame))
    from divide_cli import api

    with working("computing"):
        result = options.call(api.compute, words)
        from divide_cli.reports import gaps as report
        from divide_cli.reports import parquet, tables

        before, torn = (parquet.asked_before(folder), parquet.torn(folder)) if write else ({}, "")
        in_english = for_machines(result, lambda: options.call(api.compute, words)) if write else result
        paths = parquet.parquet(in_english, folder) if write else ()
    tables.write(report.output(result, table.value if table else ""), format.value, safe=excel_safe)
    report.tell(result, paths, torn, parquet.narrowed(result, before, folder))


def _workbook_of(words: Mapping[str, Any]) -> None:
    """Writes the workbook of `divide compute`, and no Parquet files."""
    options.require_other_file([*(words["files"] or ()), words["population"]], words["out"])
    from divide_cli import api

    with working("computing"):
        result = options.call(api.compute, words)
        from divide_cli.reports import gaps, spreadsheet
        from divide_cli.reports.spreadsheet_contents import of_result

        spreadsheet.write(of_result(result), words["out"], safe=words["excel_safe"])
    gaps.tell(result, [words["out"]])


def measure(
    question: Annotated[
        str,
        typer.Argument(
            metavar="GAP|INDICATOR",
            help="Id of a gap or of an indicator.",
            autocompletion=completion.gaps_and_indicators,
        ),
    ],
    files: options.Files = None,
    over: Annotated[
        str,
        typer.Option(
            help="What to compare: SEX, URBANISATION, AGE, income_group, itu_region, REF_AREA (the areas), or a "
            "further dimension of the files. [default: what the gap compares, or REF_AREA]",
            autocompletion=completion.over,
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
    level: Annotated[float, options.one("PERCENT", "Level of confidence intervals.", **limits("level"))] = 95.0,
    min_coverage: options.MinCoverage = 75.0,
    population: options.Population = None,
    groups: options.Groups = None,
    *,
    covariance: options.Covariance = None,
    panel: options.Panel = PanelChoice.all,
    encoding: options.FileEncoding = "",
    dimensions: options.FileDimensions = None,
    attributes: options.FileAttributes = None,
    structure: options.FileStructure = None,
    skip_refused: options.SkipRefused = False,
    memory: options.Memory = "",
    format: options.HowToShow = ResultFormat.table,
    excel_safe: options.ExcelSafe = False,
    out: options.OutputFile = None,
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
    options.require_one_format(format, out, "inequality.xlsx")
    options.require_other_file([*(files or ()), population, covariance], out)
    from divide_cli import api

    with working("measuring"):
        result = options.call(api.measure, words)
    from divide_cli.reports import economies, inequality, tables

    if out and format == ResultFormat.xlsx:
        from divide_cli.reports import spreadsheet
        from divide_cli.reports.spreadsheet_contents import of_inequality

        spreadsheet.write(of_inequality(result), out, safe=excel_safe)
    else:
        tables.write(inequality.output(result), format.value, out, say("the measures"), safe=excel_safe)
    tables.tell_written([out] if out else [])
    tables.tell_doubts(result.doubts)
    economies.tell_absent(economies.absent_from(result.frame, result.request.areas))


def targets(
    files: options.Files = None,
    targets: Annotated[
        options.Words,
        options.many(
            "--target",
            "ID",
            "Limit to this target (`divide list targets`)",
            autocompletion=completion.entries("targets"),
        ),
    ] = None,
    areas: Annotated[
        options.Words, options.areas("Economy or group, by code or name", "all groups, and counts of economies")
    ] = None,
    years: options.LatestYears = None,
    editions: options.Editions = None,
    income_fy: options.IncomeYear = None,
    min_coverage: options.MinCoverage = 75.0,
    groups: options.Groups = None,
    status: Annotated[
        Status | None,
        typer.Option(
            help="List only the areas, economies too, with this status; on_track: in time at the present pace."
        ),
    ] = None,
    encoding: options.FileEncoding = "",
    dimensions: options.FileDimensions = None,
    attributes: options.FileAttributes = None,
    structure: options.FileStructure = None,
    skip_refused: options.SkipRefused = False,
    memory: options.Memory = "",
    format: options.HowToPrint = Format.table,
    excel_safe: options.ExcelSafe = False,
) -> None:
    """Show which areas meet the connectivity targets.

    For the others, shows the shortfall and the year in which they reach the target at their present pace.

    \b
    Examples:
      divide targets --area KEN
      divide targets --target universal_internet_use --status on_track
    """
    words = locals()
    from divide_cli import api

    with working("comparing"):
        assessment = options.call(api.targets, words)
    from divide_cli.reports import economies, tables
    from divide_cli.reports import targets as report

    tables.write(report.output(assessment), format.value, safe=excel_safe)
    tables.tell_doubts(assessment.doubts)
    economies.tell_absent(economies.absent_from(assessment.frame, assessment.request.areas))
