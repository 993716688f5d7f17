"""A report as SARIF 2.1.0 (OASIS): rules, results with stable fingerprints, and suppressions for accepted findings."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from divide_cli import __version__
from divide_cli.errors.text_safety import MESSAGE, json_pieces, shown
from divide_cli.reports.findings import acceptance, parts, path_of, reading_error, rules, sheet_of
from divide_cli.reports.json import fields_of, versions
from divide_cli.validation.report import Applied, Described, Finding, Input, Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "divideKey/v1"
"""The name of a fingerprint of rule, key and column: a finding stays the same when lines move."""
_MOST_LINES = 100


def text(report: Report, described: Mapping[str, Described]) -> str:
    """The report as a SARIF log with one run."""
    return "".join(pieces(report, described))


def pieces(report: Report, described: Mapping[str, Described]) -> Iterator[str]:
    """The pieces of the text. Each finding is written before the next is read."""
    return json_pieces(document(report, described, versions()), levels=4)


def document(report: Report, described: Mapping[str, Described], rests_on: Mapping[str, str]) -> dict[str, Any]:
    """The report as the data of a SARIF log, with the versions that it rests on; the results are an iterator."""
    rule_entries = rules(report, described)
    places = {name: place for place, name in enumerate(rule_entries)}
    files = {entry.path: place for place, entry in enumerate(report.inputs)}
    repeats: Counter[str] = Counter()

    def results() -> Iterator[dict[str, Any]]:
        for finding in report.findings:
            path = path_of(finding.file, report.inputs)
            yield _result(finding, path, files.get(path), places[finding.rule], repeats)

    described_rules = [_rule(rule, applied) for rule, applied in rule_entries.values()]
    counts = ("rule", "severity", "count", "waived", "listed")
    summary = [fields_of(tally, *counts) | {"notListed": tally.count - tally.listed} for tally in report.summary]
    run = {
        "tool": {"driver": {"name": "divide", "version": __version__, "rules": described_rules}},
        "invocations": [_invocation(report, places, files)],
        "artifacts": [_artifact(entry) for entry in report.inputs],
        "columnKind": "unicodeCodePoints",
        "results": results(),
        "properties": {"versions": rests_on, "limit": report.limit, "summary": summary},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def uri(path: str) -> str:
    """A relative reference, percent-encoded; a file outside the working folder keeps its full path."""
    file = Path(path)
    if file.is_absolute():
        here = Path.cwd()
        if not file.is_relative_to(here):
            return "file://" + quote(os.fsencode(file.as_posix()), safe="/")
        file = file.relative_to(here)
    return quote(os.fsencode(file.as_posix()), safe="/")


def _message(text: str, limit: int = MESSAGE) -> dict[str, str]:
    """A plain text message: braces are doubled, so that none is taken for an argument, and nothing reads as a link."""
    plain = shown(text, limit).replace("{", "{{").replace("}", "}}")
    return {"text": plain.replace("](", "] (") or "-"}


def _rule(rule: Described, applied: Applied | None) -> dict[str, Any]:
    properties: dict[str, Any] = {"source": rule.source, **({"page": rule.page} if rule.page else {})}
    if applied:
        properties |= {"checked": applied.checked, "notChecked": dict(applied.not_checked), "skipped": applied.skipped}
    return {
        "id": rule.id,
        "shortDescription": _message(rule.name),
        "defaultConfiguration": {"level": rule.severity},
        "properties": properties,
        **({"fullDescription": _message(rule.reason)} if rule.reason else {}),
        **({"help": _message(rule.hint)} if rule.hint else {}),
        **({"helpUri": rule.page} if "://" in rule.page else {}),  # must be absolute
    }


def _artifact(entry: Input) -> dict[str, Any]:
    return {
        "location": {"uri": uri(entry.path)},
        "length": entry.size if entry.sha256 else -1,
        "roles": ["analysisTarget"],
        **({"hashes": {"sha-256": entry.sha256}} if entry.sha256 else {}),
        "properties": fields_of(entry, "dataflow", "rows", "used", "ignored", "refused"),
    }


def _invocation(report: Report, places: Mapping[str, int], files: Mapping[str, int]) -> dict[str, Any]:
    """Whether all files were read; unread files, and rules that were skipped, as notifications."""
    unread, skipped = [], []
    for entry in report.inputs:
        if entry.error:
            locations = [{"physicalLocation": _place(entry.path, files[entry.path])}]
            unread.append({"level": "error", "message": _message(reading_error(entry)), "locations": locations})
    for rule in report.rules:
        if rule.skipped:
            message = _message(f"{rule.rule} was skipped: {rule.skipped}")
            associated = {"id": rule.rule, "index": places[rule.rule]}
            skipped.append({"level": "note", "message": message, "associatedRule": associated})
    return {
        "executionSuccessful": not report.unreadable,
        **({"toolExecutionNotifications": unread} if unread else {}),
        **({"toolConfigurationNotifications": skipped} if skipped else {}),
    }


def _place(path: str, file: int | None, line: int = 0, span: tuple[int, int, int] | None = None) -> dict[str, Any]:
    """The file, by its number among the artifacts if it is one, and the line and the columns if there are any."""
    location = {"artifactLocation": {"uri": uri(path), **({} if file is None else {"index": file})}}
    region = {"startLine": line}
    if span:
        region |= dict(zip(("startColumn", "endLine", "endColumn"), span, strict=True))
    return location | ({"region": region} if line else {})


def _result(finding: Finding, path: str, file: int | None, rule: int, repeats: Counter[str]) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _place(path, file, finding.line, finding.span)}
    names = (("sheet", sheet_of(finding.file, path)), ("column", finding.column))
    if logical := [{"name": shown(name), "kind": kind} for kind, name in names if name]:
        location["logicalLocations"] = logical
    others = [line for line in finding.lines if line and line != finding.line][:_MOST_LINES]
    related = [{"physicalLocation": _place(path, file, line)} for line in others]
    lines = [label + _message(text, limit)["text"] for label, text, limit in parts(finding, finding.hint)]
    key = {shown(concept): shown(str(code)) for concept, code in finding.key.items()}
    values = {"expected": shown(finding.expected), "found": shown(finding.found)}
    suppressions = []  # an empty list says that a finding is not suppressed
    if finding.waiver:
        reason = shown(f"accepted {acceptance(finding.waiver)}", MESSAGE)
        suppressions.append({"kind": "external", "status": "accepted", "justification": reason})
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": "\n".join(lines) or "-"},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: _fingerprint(finding, repeats)},
        "suppressions": suppressions,
        "properties": {"key": key, **values, "hint": shown(finding.hint, MESSAGE)},
        **({"relatedLocations": related} if related else {}),
    }


def _fingerprint(finding: Finding, repeats: Counter[str]) -> str:
    """A hash of rule, key and column (or of what was found, without a key), with a number if it is not unique."""
    about = [f"{concept}={code}" for concept, code in sorted(finding.key.items())] or [finding.found]
    identity = [finding.rule, finding.column, *about]
    digest = hashlib.sha256("\x1f".join(identity).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    repeats[finding.file + digest] += 1
    return f"{digest}:{repeats[finding.file + digest]}"
