"""`divide compute`: the gaps, printed and written."""

import gc
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from divide_cli.cli.options import Format, known_values

Many = Optional[list[str]]  # noqa: UP045 (typer reads the annotation at run time)


def compute(
    files: Annotated[
        Many, typer.Argument(metavar="[FILES]...", help="Files of figures (- is standard input); none: embedded data.")
    ] = None,
    gap: Annotated[Many, typer.Option(help="Gap id; repeat for more (divide list gaps).")] = None,
    indicator: Annotated[Many, typer.Option(help="Indicator id; repeat for more (divide list indicators).")] = None,
    area: Annotated[Many, typer.Option(help="Economy (ISO alpha-3) or group code; repeat for more.")] = None,
    year: Annotated[
        Optional[list[int]], typer.Option(min=1900, max=2100, help="Calendar year; repeat for more.")  # noqa: UP045
    ] = None,
    edition: Annotated[Many, typer.Option(help="Edition of a source; repeat for more (divide list editions).")] = None,
    income_fy: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--income-fy",
            help="World Bank fiscal year of the income groups: FY26, 26 or 2026; FY26_oghist for the later history. "
            "[default: the latest that the edition's date knows]",
        ),
    ] = None,
    measure: Annotated[Many, typer.Option(help="Measure id; repeat for more (divide list measures).")] = None,
    min_coverage: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of a group's people below which its value is withheld.")
    ] = 75.0,
    population: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Tidy CSV of persons by area and year that weighs in place of the embedded populations."),
    ] = None,
    groups: Annotated[
        Many,
        typer.Option(help="CSV of area groups (REF_AREA, GROUP), or a list such as sids_m49; repeat for more."),
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
    out: Annotated[Path, typer.Option(help="Folder for gaps.parquet and aggregates.parquet.")] = Path("out"),
    write: Annotated[bool, typer.Option("--write/--no-write", help="Whether to write the Parquet files.")] = True,
) -> None:
    """Compute the gaps that A/RES/80/173 cites, with coverage, bounds, source and edition.

    Without FILES, from the embedded editions; with FILES, from yours (tidy CSV with SDMX columns, ITU DataHub CSV).
    """
    from divide_cli.catalogue import catalogue, codelist
    from divide_cli.errors import OptionError

    known = catalogue()
    own_groups = tuple(groups or ())
    areas = tuple(code.upper() if code.isascii() else code for code in area or ())
    chosen: dict[str, Any] = {
        "gaps": known_values("--gap", gap or (), known.gaps, "gaps"),
        "indicators": known_values("--indicator", indicator or (), known.indicators, "indicators"),
        "areas": known_values("--area", areas, [*codelist("CL_AREA").codes, *_own_codes(own_groups)], "areas"),
        "measures": known_values("--measure", measure or (), known.measures, "measures"),
        "editions": tuple(edition or ()),
    }
    if files and edition:
        raise OptionError("edition_with_files", found=", ".join(edition), hint="give the files or the editions")
    from divide_cli.sources import editions
    from divide_cli.sources import groupings as area_groups

    for name in chosen["editions"]:
        editions.edition(name)
    if income_fy:
        area_groups.vintage(income_fy, date.max)

    sys.modules.setdefault("hypothesis", None)  # type: ignore[arg-type]  # pandera would import it, for nothing here
    gc.disable()  # importing makes a million objects and no garbage: an eighth of the time would go into looking for it
    from divide_cli.analysis.pipeline import compute as run
    from divide_cli.analysis.request import Request
    from divide_cli.reports import gaps as report
    from divide_cli.reports import parquet as writing
    from divide_cli.reports.progress import working

    gc.freeze()
    gc.enable()

    request = Request(
        files=tuple(files or ()),
        years=tuple(year or ()),
        income_fy=income_fy,
        minimum=min_coverage,
        population=str(population or ""),
        groups=own_groups,
        **chosen,
    )
    with working("computing"):
        result = run(request)
        report.require_something(result)
        written = writing.parquet(result, out) if write else ()
    report.show(result, format.value)
    report.tell(result, written)


def _own_codes(groups: tuple[str, ...]) -> list[str]:
    """Codes of groups that the user's lists define."""
    if not groups:
        return []
    from divide_cli.sources.groupings import membership, vintage

    return list(membership(vintage(None, date.max), groups).groups)
