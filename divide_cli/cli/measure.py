"""`divide measure`: the measures of disparity for one question, with bounds, intervals, parts and course over time."""

from typing import Annotated

import typer

from divide_cli.cli import options
from divide_cli.reports import Format


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
    from divide_cli import api
    from divide_cli.reports.progress import working

    with working("measuring"):
        result = api.measure(
            question,
            files,
            over=over,
            order=order,
            measures=measures,
            areas=areas,
            years=years,
            editions=editions,
            income_fy=income_fy,
            level=level,
            min_coverage=min_coverage,
            population=population,
            groups=groups,
        )
    from divide_cli.reports import inequality, tables

    tables.write(inequality.output(result), format.value)
