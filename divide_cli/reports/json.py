"""Results and reports as JSON, with what they rest on: versions, options, editions, inputs with their sha256."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from divide_cli import __version__
from divide_cli.errors import text_safety
from divide_cli.errors.text_safety import cut

if TYPE_CHECKING:
    from divide_cli.analysis.request import Result
    from divide_cli.frames.observations import Reading, SetAside
    from divide_cli.readers import ReadOptions
    from divide_cli.validation.report import Applied, Described, Finding, Input, Report

NAMED_LINES = 100
"""The number of lines named of rows that are rejected for one reason."""
LONGEST = 10_000
"""The number of characters of a text that JSON keeps; a longer text is cut, and states its length."""


def versions() -> dict[str, str]:
    """The versions of `divide` and of what its results rest on."""
    import pandas
    import pyarrow

    libraries = {"pandas": pandas.__version__, "pyarrow": pyarrow.__version__}
    return {"divide": __version__, "python": platform.python_version(), **libraries}


def fields_of(record: object, *names: str) -> dict[str, Any]:
    """The named fields of a record, by name."""
    return {name: getattr(record, name) for name in names}


def text(report: "Report", described: "Mapping[str, Described]") -> str:
    """The report as JSON; control characters are escaped, so it is safe to print on a terminal."""
    return "".join(pieces(report, described))


def pieces(report: "Report", described: "Mapping[str, Described]") -> Iterator[str]:
    """The pieces of the text. Each finding is written before the next is read."""
    from divide_cli.reports.findings import rules

    document = {
        "versions": versions(),
        "limit": report.limit,
        "inputs": [_input(entry) for entry in report.inputs],
        "rules": [_rule(rule, applied) for rule, applied in rules(report, described).values()],
        "summary": [fields_of(tally, "rule", "severity", "count", "waived", "listed") for tally in report.summary],
        "findings": map(_finding, report.findings),
    }
    return text_safety.json_pieces(document)


def _input(entry: "Input") -> dict[str, Any]:
    return {
        **fields_of(entry, "path", "sha256"),
        "bytes": entry.size,
        **fields_of(entry, "rows", "used", "ignored", "refused", "dataflow"),
        "error": cut(entry.error, LONGEST) or None,
    }


def _rule(rule: "Described", applied: "Applied | None") -> dict[str, Any]:
    return {
        **fields_of(rule, "id", "name", "severity"),
        "applied": applied is not None and not applied.skipped,
        "skipped": (applied.skipped if applied else "") or None,
        "checked": applied.checked if applied else 0,
        "not_checked": dict(applied.not_checked) if applied else {},
        **fields_of(rule, "reason", "hint", "source"),
    }


def _finding(finding: "Finding") -> dict[str, Any]:
    key = {concept: cut(code, LONGEST) if isinstance(code, str) else code for concept, code in finding.key.items()}
    texts = fields_of(finding, "expected", "found", "message", "hint")
    return {
        **fields_of(finding, "rule", "severity", "file"),
        "line": finding.line or None,
        **fields_of(finding, "lines", "context"),
        "column": cut(finding.column, LONGEST),
        "key": key,
        **{name: cut(text, LONGEST) for name, text in texts.items()},
        "waived": finding.waiver is not None,
        "waiver": fields_of(finding.waiver, "reason", "owner", "expires") if finding.waiver else None,
    }


def of_reading(reading: "Reading", embedded: bool) -> dict[str, Any]:
    """The data about a file that was read; an embedded file is named within its folder."""
    path = Path(reading.file.name)
    return {
        "path": f"{path.parent.name}/{path.name}" if embedded else reading.file.name,
        "sha256": reading.file.sha256,
        "bytes": reading.file.size,
        "encoding": reading.file.encoding,
        "dataflow": reading.dataflow,
        "rows_in": reading.rows,
        "rows_used": reading.used,
        "rows_ignored": sum(pile.rows for pile in reading.ignored),
        **fields_of(reading, "estimates", "licence", "ignored_columns", "notes"),
        **_refused(reading),
    }


def _refused(reading: "Reading") -> dict[str, Any]:
    """The rejected rows, which a result or a converted file is without; empty if there are none."""
    rows = sum(pile.rows for pile in reading.refused)
    return {"rows_refused": rows, "refused": set_aside(reading.refused, NAMED_LINES)} if rows else {}


def set_aside(rows: "Sequence[SetAside]", limit: int) -> list[dict[str, Any]]:
    """The reasons why rows are not used, each with its number of rows and at most `limit` lines (0: all)."""
    return [{"reason": part.reason, "rows": part.rows, "lines": list(part.lines[: limit or None])} for part in rows]


def reading_options(options: "ReadOptions") -> dict[str, Any]:
    """The options that say how files are read, by name, as far as they are given."""
    given = {
        "encoding": options.encoding,
        "dimension": options.dimensions,
        "attribute": options.attributes,
        "structure": options.structure.path if options.structure else "",
        "skip_refused": not options.strict,
    }
    return {name: value for name, value in given.items() if value}


def of_readings(readings: Sequence["Reading"]) -> dict[str, Any]:
    """The provenance of observations that were read from files."""
    return {"tool": "divide", "version": __version__, "inputs": [of_reading(reading, False) for reading in readings]}


def provenance(result: "Result") -> dict[str, Any]:
    """The provenance of a result; the same for the same inputs and options."""
    request = result.request
    options = {
        "files": request.files, "edition": request.editions, "gap": request.gaps, "indicator": request.indicators,
        "area": request.areas, "year": request.years, "measure": request.measures, "income_fy": request.income_fy,
        "min_coverage": request.minimum, "population": request.population, "groups": request.groups,
        "sort": request.sort or None, "top": request.top or None,
        **({"estimate": True} if request.estimate else {}), **reading_options(request.reading),
    }  # fmt: skip
    about = ("id", "title", "role", "citation", "licence", "membership")
    editions = [fields_of(source, *about) for source in result.sources.values()]
    return {
        "tool": "divide",
        "version": __version__,
        "options": options,
        "editions": editions,
        "inputs": [of_reading(reading, not request.files) for reading in result.readings],
        "weights": [of_reading(reading, not request.population) for reading in result.weights],
        "dimensions": result.dimensions,
        "keys_with_one_side_only": dict(result.single),
        "areas_without_data": result.areas_without_data,
        "doubts": result.doubts,
    }
