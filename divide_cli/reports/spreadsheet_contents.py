"""What the workbooks of `divide compute`, `measure` and `profile` have: the frames of JSON, and notes on them."""

from collections.abc import Mapping
from typing import Any

from divide_cli.analysis.inequality import Inequality
from divide_cli.analysis.profiles import Profile
from divide_cli.analysis.request import Request, Result, Source
from divide_cli.catalogue import area_name, catalogue
from divide_cli.errors.text_safety import visible
from divide_cli.language import commas
from divide_cli.reports import economies, estimates, gaps, inequality, tables
from divide_cli.reports.json import of_reading, provenance
from divide_cli.reports.published import country_sources
from divide_cli.reports.spreadsheet import Spreadsheet
from divide_cli.reports.spreadsheet_columns import texts


def of_result(result: Result) -> Spreadsheet:
    """The workbook of `divide compute`: gaps and group values, with the notes on the whole run."""
    about = provenance(result)
    told, notes = _on_estimates(result.estimates, result.request)
    remarks = [
        *economies.absences(result.areas_without_data),
        *tables.doubts_as_notes(result.doubts),
        *told,
        *gaps.of_the_run(result, country_sources(result)),
    ]
    return Spreadsheet(
        "compute",
        "",
        {"gaps": result.gaps, "aggregates": result.aggregates},
        _with_figures(result),
        result.request.minimum,
        about["options"],
        [*about["inputs"], *about["weights"]],
        remarks,
        notes,
    )


def of_inequality(measured: Inequality) -> Spreadsheet:
    """The workbook of `divide measure`: every measure, with the notes on all of them."""
    query, request = measured.query, measured.request
    used = set(measured.frame["EDITION"].astype(str)) if len(measured.frame) else set[str]()
    choice = {
        "indicator": query.indicator, "over": query.over, "order": query.ranks, "reference": query.reference,
        "without": query.without, "level": request.level, "panel": request.panel, **_choice(request),
    }  # fmt: skip
    return Spreadsheet(
        "measure",
        catalogue().indicators[query.indicator].short,
        {"disparities": measured.frame},
        [source for source in measured.sources.values() if source.id in used],
        request.minimum,
        choice,
        remarks=inequality.on_all(measured),
        notes={"coverage": str(texts()["notes"]["coverage_of_subgroups"])},
    )


def of_profile(shown: Profile) -> Spreadsheet:
    """The workbook of `divide profile`: a table for each frame, with notes on ranks, paces and years."""
    request = shown.request
    told, notes = _on_estimates(shown.estimates, request)
    areas = commas(visible(area_name(area)) for area in request.areas)
    frames = {name: getattr(shown, name) for name in ("levels", "ranks", "gaps", "courses", "missing")}
    frames |= {"targets": shown.targets.frame}
    return Spreadsheet(
        "profile",
        areas,
        {name: frames[name] for name in ("levels", "ranks", "gaps", "courses", "targets", "missing")},
        list(shown.sources.values()),
        request.minimum,
        _choice(request),
        [of_reading(reading, not request.files) for reading in shown.readings],
        [*tables.doubts_as_notes(shown.doubts), *told],
        notes,
    )


def _with_figures(result: Result) -> list[Source]:
    """The sources that have a row in a frame."""
    used = {str(name) for frame in (result.gaps, result.aggregates) if len(frame) for name in frame["EDITION"].unique()}
    return [source for source in result.sources.values() if source.id in used]


def _on_estimates(found: Mapping[str, Any], request: Request) -> tuple[list[str], dict[str, str]]:
    """The note on estimates: on the columns of estimates if there are any, else on all tables."""
    told = estimates.notes(found, request.estimate)
    return ([], {"estimates": told[0]}) if found else (told, {})


def _choice(request: Request) -> dict[str, Any]:
    """The options that limit the figures, as they are named on the command line."""
    names = {
        "files": "files", "areas": "area", "years": "year", "editions": "edition", "measures": "measure",
        "income_fy": "income_fy", "minimum": "min_coverage", "population": "population", "groups": "groups",
    }  # fmt: skip
    return {option: getattr(request, name) for name, option in names.items()}
