"""A report as JSON: inputs, rules, summary and findings, with the versions that made it."""

import platform
from collections.abc import Mapping
from typing import Any

from divide_cli import __version__
from divide_cli.errors.text_safety import as_json, cut
from divide_cli.reports.by_file import rules
from divide_cli.validation.report import Described, Finding, Report

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
    return as_json(document(report, described))


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
