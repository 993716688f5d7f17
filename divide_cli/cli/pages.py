"""`divide report` and `divide chart`: the page of figures with its pictures, and one picture."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import completion, options
from divide_cli.errors import OptionError
from divide_cli.reports.progress import working

ChartFormat = StrEnum("ChartFormat", ["svg", "png"])
_Boundaries = Annotated[
    Path | None,
    options.one(
        "FILE", "Boundaries of economies (GeoJSON), for a map; the features name economies by ISO alpha-3 code."
    ),
]
_AreasAndFiles = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[AREA...|FILES]",
        help="Economies or groups, by code or name; and files of figures. [default: the embedded data]",
        autocompletion=completion.areas,
        show_default=False,
    ),
]


def report(
    areas_and_files: _AreasAndFiles = None,
    editions: options.Editions = None,
    income_fy: options.IncomeYear = None,
    min_coverage: options.MinCoverage = 75.0,
    population: options.Population = None,
    groups: options.Groups = None,
    boundaries: _Boundaries = None,
    *,
    estimate: options.Estimate = False,
    skip_refused: options.SkipRefused = False,
    findings: Annotated[
        bool, typer.Option("--findings", help="Show what `divide validate` finds in the files, instead of figures.")
    ] = False,
    out: Annotated[Path | None, options.one("FILE", "File for the page. [default: standard output]")] = None,
) -> None:
    """Write a page of figures with pictures (HTML).

    The page shows the divides that A/RES/80/173 cites, as quoted, published and computed. It shows groups over the
    years, economies (also as a map of squares), targets, and what moved. Each picture has its table and its data.

    With AREA, the page is about these areas. The page contains all it needs. Needs the extra `report`.

    \b
    Examples:
      divide report --out report.html
      divide report Kenya AFR --out kenya.html
      divide report --findings figures.csv --out findings.html
    """
    words = {**locals(), "areas_and_files": areas_and_files or []}
    if findings:
        raise typer.Exit(_findings(areas_and_files or [], out))
    from divide_cli import api
    from divide_cli.reports import charts

    with charts.begun(), working("computing"):
        from divide_cli.reports import tables
        from divide_cli.reports.html.report import Begun, begun, text

        early: list[Begun] = []
        pages = options.call(api.report, {**words, "tell": lambda overview: early.append(begun(overview))})
        page = text(pages, *early)
    tables.write(tables.Output(list, {"html": lambda: page}), "html", out, "the page")
    for doubt in dict.fromkeys(doubt for one in pages for doubt in one.result.doubts):
        tables.tell_doubts([doubt])
    tables.tell_written([out] if out else [])


def _findings(files: list[str], out: Path | None) -> int:
    """Writes the page of findings in the files; returns the exit code of `divide validate`."""
    if not files:
        raise OptionError("findings_without_file")
    from divide_cli import api
    from divide_cli.reports import validation

    with working("checking") as tell:
        result = api.validate(files, tell=tell)
    validation.deliver(*result, "html", out, "", "error")
    validation.tell(result.report, out)
    return result.exit_code("error")


def chart(
    name: Annotated[
        str,
        typer.Argument(
            metavar="CHART", help="Id of a chart (`divide list charts`).", autocompletion=completion.entries("charts")
        ),
    ],
    areas_and_files: _AreasAndFiles = None,
    editions: options.Editions = None,
    income_fy: options.IncomeYear = None,
    min_coverage: options.MinCoverage = 75.0,
    population: options.Population = None,
    groups: options.Groups = None,
    boundaries: _Boundaries = None,
    *,
    estimate: options.Estimate = False,
    skip_refused: options.SkipRefused = False,
    format: Annotated[
        ChartFormat | None,
        typer.Option(help="Format of the picture; png needs --out. [default: from the name of --out, or svg]"),
    ] = None,
    out: Annotated[Path | None, options.one("FILE", "File for the picture. [default: standard output]")] = None,
) -> None:
    """Write one picture of `divide report` (SVG or PNG).

    Needs the extra `report`.

    \b
    Examples:
      divide chart divides --out divides.svg
      divide chart course Kenya --out kenya.png
      divide chart boundaries --boundaries areas.geojson --out map.svg
    """
    words = {**locals(), "areas_and_files": areas_and_files or []}
    form = options.form_of(format, out, {".svg": "svg", ".png": "png"}, "chart_form_unclear") or "svg"
    if form == "png" and out is None:
        raise OptionError("png_without_out")
    from divide_cli import api

    with working("computing"):
        entry, overview = options.call(api.chart, words)
        from divide_cli.reports import charts, tables
        from divide_cli.reports.charts.changes import drawn

        picture = charts.alone(entry, drawn(entry, overview), form)
    charts.deliver(picture, out)
    tables.tell_doubts(overview.result.doubts)
    tables.tell_written([out] if out else [])
