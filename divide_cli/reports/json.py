"""Results and reports as JSON, and what they rest on: versions, options, editions, inputs with their sha256."""

import json
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from divide_cli import __version__
from divide_cli.errors import text_safety
from divide_cli.errors.text_safety import cut, harmless_json
from divide_cli.reports.findings import rules
from divide_cli.validation.report import Described, Finding, Report

if TYPE_CHECKING:
    import pandas as pd

    from divide_cli.analysis.request import Result
    from divide_cli.frames.observations import Reading

LONGEST = 10_000
"""Characters of a text that JSON keeps; a longer one is cut, and says how long it was."""


def versions() -> dict[str, str]:
    """The versions of `divide` and of what its results rest on."""
    import pandas
    import pyarrow

    return {
        "divide": __version__,
        "python": platform.python_version(),
        "pandas": pandas.__version__,
        "pyarrow": pyarrow.__version__,
    }


def text(report: Report, described: Mapping[str, Described]) -> str:
    """The report as JSON; control characters are escaped, so that it may be printed on a terminal."""
    return text_safety.as_json(document(report, described))


def document(report: Report, described: Mapping[str, Described]) -> dict[str, Any]:
    """The report as data."""
    return {
        "versions": versions(),
        "limit": report.limit,
        "inputs": [
            {
                "path": entry.path,
                "sha256": entry.sha256,
                "bytes": entry.size,
                "rows": entry.rows,
                "used": entry.used,
                "ignored": entry.ignored,
                "refused": entry.refused,
                "dataflow": entry.dataflow,
                "error": cut(entry.error, LONGEST) or None,
            }
            for entry in report.inputs
        ],
        "rules": [
            {
                "id": name,
                "name": rule.name,
                "severity": rule.severity,
                "applied": applied is not None and not applied.skipped,
                "skipped": (applied.skipped if applied else "") or None,
                "checked": applied.checked if applied else 0,
                "not_checked": dict(applied.not_checked) if applied else {},
                "reason": rule.reason,
                "hint": rule.hint,
                "source": rule.source,
            }
            for name, (rule, applied) in rules(report, described).items()
        ],
        "summary": [
            {
                "rule": tally.rule,
                "severity": tally.severity,
                "count": tally.count,
                "waived": tally.waived,
                "listed": tally.listed,
            }
            for tally in report.summary
        ],
        "findings": [_finding(finding) for finding in report.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    waiver = finding.waiver
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "file": finding.file,
        "line": finding.line or None,
        "lines": list(finding.lines),
        "context": list(finding.context),
        "column": cut(finding.column, LONGEST),
        "key": {
            concept: cut(code, LONGEST) if isinstance(code, str) else code for concept, code in finding.key.items()
        },
        "expected": cut(finding.expected, LONGEST),
        "found": cut(finding.found, LONGEST),
        "message": cut(finding.message, LONGEST),
        "hint": cut(finding.hint, LONGEST),
        "waived": waiver is not None,
        "waiver": {"reason": waiver.reason, "owner": waiver.owner, "expires": waiver.expires} if waiver else None,
    }


def _records(frame: "pd.DataFrame") -> str:
    from divide_cli.frames.columns import without_internal

    return without_internal(frame).to_json(orient="records", double_precision=15, force_ascii=False) or "[]"


def as_json(result: "Result") -> str:
    """`{"meta": {...}, "gaps": [...], "aggregates": [...]}`; what is missing is null."""
    meta = json.dumps(provenance(result), ensure_ascii=False)
    made = f'{{"meta": {meta},\n"gaps": {_records(result.gaps)},\n"aggregates": {_records(result.aggregates)}}}\n'
    return harmless_json(made)


def as_csv(frame: "pd.DataFrame") -> str:
    """The frame as CSV with a header; what is missing is empty."""
    from divide_cli.frames.columns import without_internal

    return str(without_internal(frame).to_csv(index=False, lineterminator="\n"))


def _input(reading: "Reading", base: bool) -> dict[str, Any]:
    path = Path(reading.file.name)
    return {
        "path": f"{path.parent.name}/{path.name}" if base else reading.file.name,
        "sha256": reading.file.sha256,
        "bytes": reading.file.size,
        "encoding": reading.file.encoding,
        "dataflow": reading.dataflow,
        "rows_in": reading.rows,
        "rows_used": reading.used,
        "rows_ignored": sum(pile.rows for pile in reading.ignored),
        "estimates": reading.estimates,
        "licence": reading.licence,
        "ignored_columns": list(reading.ignored_columns),
        "notes": list(reading.notes),
    }


def of_readings(readings: Sequence["Reading"]) -> dict[str, Any]:
    """The provenance of observations that were read from files."""
    return {"tool": "divide", "version": __version__, "inputs": [_input(reading, False) for reading in readings]}


def provenance(result: "Result") -> dict[str, Any]:
    """The provenance of a result; the same for the same inputs and options."""
    request = result.request
    embedded = not request.files
    return {
        "tool": "divide",
        "version": __version__,
        "options": {
            "files": list(request.files),
            "edition": list(request.editions),
            "gap": list(request.gaps),
            "indicator": list(request.indicators),
            "area": list(request.areas),
            "year": list(request.years),
            "measure": list(request.measures),
            "income_fy": request.income_fy,
            "min_coverage": request.minimum,
            "population": request.population,
            "groups": list(request.groups),
        },
        "editions": [
            {
                "id": source.id,
                "title": source.title,
                "role": source.role,
                "citation": source.citation,
                "licence": source.licence,
                "membership": source.membership,
            }
            for source in result.sources.values()
        ],
        "inputs": [_input(reading, embedded) for reading in result.readings],
        "weights": [_input(reading, not request.population) for reading in result.weights],
        "dimensions": list(result.dimensions),
        "keys_with_one_side_only": dict(result.single),
    }
