"""`divide compute`: the gaps, printed and written."""

from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import options
from divide_cli.reports import Format


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
    from divide_cli import api
    from divide_cli.reports.progress import working

    with working("computing"):
        result = api.compute(
            files,
            gaps=gaps,
            indicators=indicators,
            areas=areas,
            years=years,
            editions=editions,
            income_fy=income_fy,
            measures=measures,
            min_coverage=min_coverage,
            population=population,
            groups=groups,
            beside=format in (Format.table, Format.markdown),
        )
        from divide_cli.reports import gaps as report
        from divide_cli.reports import parquet, tables

        paths = parquet.parquet(result, out) if write else ()
    tables.write(report.output(result), format.value)
    report.tell(result, paths)
