"""A report as SARIF 2.1.0 (OASIS): rules, results with stable fingerprints, accepted findings as suppressed ones."""

import hashlib
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from divide_cli import __version__
from divide_cli.errors.text_safety import CELL, MESSAGE, as_json, shown
from divide_cli.reports.findings import accepted, path_of, rules, sheet_of, why
from divide_cli.reports.json import versions
from divide_cli.validation.report import Applied, Described, Finding, Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "divideKey/v1"
"""Made of rule, key and column: a finding stays the same one when lines move."""
_MOST_LINES = 100
_LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def text(report: Report, described: Mapping[str, Described]) -> str:
    """The report as a SARIF log with one run."""
    return as_json(document(report, described), levels=4)


def document(report: Report, described: Mapping[str, Described]) -> dict[str, Any]:
    """The report as the data of a SARIF log."""
    known = rules(report, described)
    places = {name: place for place, name in enumerate(known)}
    files = {entry.path: place for place, entry in enumerate(report.inputs)}
    met: Counter[str] = Counter()
    results = []
    for finding in report.findings:
        path = path_of(finding.file, report.inputs)
        results.append(_result(finding, path, files.get(path), places[finding.rule], met))
    run = {
        "tool": {
            "driver": {
                "name": "divide",
                "version": __version__,
                "rules": [_rule(rule, applied) for rule, applied in known.values()],
            }
        },
        "invocations": [_invocation(report, places, files)],
        "artifacts": [
            {
                "location": {"uri": uri(entry.path)},
                "length": entry.size if entry.sha256 else -1,
                "roles": ["analysisTarget"],
                **({"hashes": {"sha-256": entry.sha256}} if entry.sha256 else {}),
                "properties": {
                    "dataflow": entry.dataflow,
                    "rows": entry.rows,
                    "used": entry.used,
                    "ignored": entry.ignored,
                    "refused": entry.refused,
                },
            }
            for entry in report.inputs
        ],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "versions": versions(),
            "limit": report.limit,
            "summary": [
                {
                    "rule": tally.rule,
                    "severity": tally.severity,
                    "count": tally.count,
                    "waived": tally.waived,
                    "listed": tally.listed,
                    "notListed": tally.count - tally.listed,
                }
                for tally in report.summary
            ],
        },
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def uri(path: str) -> str:
    """A relative reference, percent-encoded; a file outside the working folder keeps its whole path."""
    given = Path(path)
    if given.is_absolute():
        here = Path.cwd()
        if not given.is_relative_to(here):
            return "file://" + quote(os.fsencode(given.as_posix()), safe="/")
        given = given.relative_to(here)
    return quote(os.fsencode(given.as_posix()), safe="/")


def _message(said: str, limit: int = MESSAGE) -> dict[str, str]:
    """A plain text message: braces doubled, so that none stands for an argument, and nothing that reads as a link."""
    made = shown(said, limit).replace("{", "{{").replace("}", "}}")
    return {"text": made.replace("](", "] (") or "-"}


def _rule(rule: Described, applied: Applied | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": rule.id,
        "shortDescription": _message(rule.name),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"source": rule.source},
    }
    if rule.reason:
        made["fullDescription"] = _message(rule.reason)
    if rule.hint:
        made["help"] = _message(rule.hint)
    if applied:
        checked = {"checked": applied.checked, "notChecked": dict(applied.not_checked), "skipped": applied.skipped}
        made["properties"] |= checked
    return made


def _invocation(report: Report, places: Mapping[str, int], files: Mapping[str, int]) -> dict[str, Any]:
    """Whether all files were read; files that were not, and rules that were skipped, as notifications."""
    unread = [
        {
            "level": "error",
            "message": _message(why(entry)),
            "locations": [{"physicalLocation": _artifact(entry.path, files[entry.path])}],
        }
        for entry in report.inputs
        if entry.error
    ]
    skipped = [
        {
            "level": "note",
            "message": _message(f"{entry.rule} was skipped: {entry.skipped}"),
            "associatedRule": {"id": entry.rule, "index": places[entry.rule]},
        }
        for entry in report.rules
        if entry.skipped
    ]
    made: dict[str, Any] = {"executionSuccessful": not report.unreadable}
    if unread:
        made["toolExecutionNotifications"] = unread
    if skipped:
        made["toolConfigurationNotifications"] = skipped
    return made


def _artifact(path: str, place: int | None) -> dict[str, Any]:
    return {"artifactLocation": {"uri": uri(path), **({} if place is None else {"index": place})}}


def _result(finding: Finding, path: str, place: int | None, rule: int, met: Counter[str]) -> dict[str, Any]:
    physical = _artifact(path, place)
    location: dict[str, Any] = {
        "physicalLocation": physical | ({"region": {"startLine": finding.line}} if finding.line else {})
    }
    names = (("sheet", sheet_of(finding.file, path)), ("column", finding.column))
    if named := [{"name": shown(name), "kind": kind} for kind, name in names if name]:
        location["logicalLocations"] = named
    others = [line for line in finding.lines if line and line != finding.line][:_MOST_LINES]
    made = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": _said(finding),
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: _fingerprint(finding, met)},
        "suppressions": _suppressions(finding),
        "properties": {
            "key": {shown(concept): shown(str(code)) for concept, code in finding.key.items()},
            "expected": shown(finding.expected),
            "found": shown(finding.found),
            "hint": shown(finding.hint, MESSAGE),
        },
    }
    if others:
        made["relatedLocations"] = [
            {"physicalLocation": physical | {"region": {"startLine": line}}} for line in others
        ]  # fmt: skip
    return made


def _said(finding: Finding) -> dict[str, str]:
    """The message with what was expected and found and what to do, a line each."""
    parts = (
        ("", finding.message, MESSAGE),
        ("Expected: ", finding.expected, CELL),
        ("Found: ", finding.found, CELL),
        ("What to do: ", finding.hint, MESSAGE),
    )
    return {"text": "\n".join(name + _message(part, limit)["text"] for name, part, limit in parts if part) or "-"}


def _suppressions(finding: Finding) -> list[dict[str, Any]]:
    """The waiver of an accepted finding; an empty list says that a finding is not suppressed."""
    if not (waiver := finding.waiver):
        return []
    why = shown(accepted(waiver), MESSAGE)
    return [{"kind": "external", "status": "accepted", "justification": why}]


def _fingerprint(finding: Finding, met: Counter[str]) -> str:
    """A hash of rule, key and column - of what was found where there is no key - and a number where it is not alone."""
    about = [f"{concept}={code}" for concept, code in sorted(finding.key.items())] or [finding.found]
    parts = [finding.rule, finding.column, *about]
    made = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    met[finding.file + made] += 1
    return f"{made}:{met[finding.file + made]}"
