"""`divide measure`: the measures of disparity for one question, with bounds, intervals, parts and course over time."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from divide_cli.cli.options import Format, known_values

if TYPE_CHECKING:
    from divide_cli.catalogue import Comparison

Many = Optional[list[str]]  # noqa: UP045 (typer reads the annotation at run time)
REF_AREA = "REF_AREA"


def measure(
    question: Annotated[str, typer.Argument(metavar="GAP|INDICATOR", help="Id of a gap, or of an indicator.")],
    files: Annotated[
        Many, typer.Argument(metavar="[FILES]...", help="Files of figures (- is standard input); none: embedded data.")
    ] = None,
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
    measure: Annotated[Many, typer.Option(help="Measure id; repeat for more (divide list measures).")] = None,
    area: Annotated[Many, typer.Option(help="Economy or group; repeat for more. [default: WLD]")] = None,
    year: Annotated[
        Optional[list[int]],  # noqa: UP045
        typer.Option(min=1900, max=2100, help="Calendar year; repeat for more. [default: the latest]"),
    ] = None,
    edition: Annotated[Many, typer.Option(help="Edition of a source; repeat for more (divide list editions).")] = None,
    income_fy: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--income-fy", help="World Bank fiscal year of the income groups, as in divide compute."),
    ] = None,
    level: Annotated[float, typer.Option(min=50, max=99.99, help="Level of intervals, percent.")] = 95.0,
    min_coverage: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of people below which measures are withheld.")
    ] = 75.0,
    population: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Tidy CSV of persons by area and year that weighs in place of the embedded populations."),
    ] = None,
    groups: Annotated[
        Many, typer.Option(help="CSV of area groups (REF_AREA, GROUP), or a list such as sids_m49; repeat for more.")
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Measure the disparity among subgroups: WHO's measures, Gini and its kin, parts, pace and years to parity.

    Rounding and missing data give bounds; standard errors (columns STD_ERR, or CI_LOWER, CI_UPPER, CI_LEVEL) give
    intervals.
    """
    from divide_cli.catalogue import catalogue, codelist
    from divide_cli.errors import OptionError
    from divide_cli.sources import editions
    from divide_cli.sources.groupings import membership, vintage

    known = catalogue()
    indicator, comparison = _asked(question, over)
    over = over or (comparison.over if comparison else REF_AREA)
    own_groups = tuple(groups or ())
    own_codes = list(membership(vintage(None, date.max), own_groups).groups) if own_groups else []
    areas = tuple(code.upper() if code.isascii() else code for code in area or ())
    known_values("--area", areas, [*codelist("CL_AREA").codes, *own_codes], "areas")
    measures = known_values("--measure", measure or (), known.every_measure, "measures")
    if not files:
        known_values("--over", [over], ["SEX", "URBANISATION", "AGE", *known.groupings, REF_AREA], "groupings")
    if files and edition:
        raise OptionError("edition_with_files", found=", ".join(edition))
    for name in edition or ():
        editions.edition(name)
    if income_fy:
        vintage(income_fy, date.max)
    ranked = tuple(code.strip() for code in order.split(",") if code.strip())
    if not ranked and over in known.groupings and known.groupings[over].ordered:
        ranked = known.groupings[over].codes[::-1]

    sys.modules.setdefault("hypothesis", None)  # type: ignore[arg-type]  # pandera would import it, for nothing here
    from divide_cli.analysis.inequality.query import measure_inequality
    from divide_cli.analysis.inequality.subgroup_sets import Query
    from divide_cli.analysis.request import Request
    from divide_cli.reports import inequality
    from divide_cli.reports.progress import working

    request = Request(
        files=tuple(files or ()),
        editions=tuple(edition or ()),
        areas=areas,
        years=tuple(year or ()),
        measures=measures,
        income_fy=income_fy,
        level=level,
        minimum=min_coverage,
        population=str(population or ""),
        groups=own_groups,
    )
    with working("measuring"):
        result = measure_inequality(Query(indicator, over, comparison, ranked), request)
    inequality.require_something(result)
    inequality.show(result, format.value)


def _asked(question: str, over: str) -> tuple[str, "Comparison | None"]:
    """The indicator of the question, and the comparison of its gap, or the one that is over the same."""
    from divide_cli.catalogue import catalogue
    from divide_cli.errors import OptionError

    known = catalogue()
    if question in known.gaps:
        gap = known.gaps[question]
        comparison = known.comparisons[gap.comparison]
        if over and over != comparison.over:
            raise OptionError(
                "over_contradicts_gap",
                indicator=gap.indicator,
                over=over,
                expected=comparison.over,
                found=over,
                where="--over",
            )
        return gap.indicator, comparison
    known_values("GAP|INDICATOR", [question], [*known.gaps, *known.indicators], "gaps")
    return question, next((entry for entry in known.comparisons.values() if entry.over == over), None)
