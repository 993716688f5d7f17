"""A report as annotations of GitHub workflows: one command for each finding, by severity, every rule before any twice.

GitHub shows the first ten of each level in a step: they are of ten rules if so many are broken. An annotation has no
place for a named column, so the title names it.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, zip_longest

from divide_cli.errors.text_safety import CELL, MESSAGE, count_of, shown
from divide_cli.reports import findings
from divide_cli.validation.report import Described, Finding, Report

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
_SHOWN = 10
"""The number of annotations of a level that GitHub shows for a step."""


def text(report: Report, described: Mapping[str, Described], command: str = "divide validate") -> str:
    """One command a line, then a line with the counts; accepted findings are only counted."""
    rule_entries = findings.rules(report, described)
    unread = [
        _command("error", {"file": entry.path, "title": "The file could not be read"}, findings.reading_error(entry))
        for entry in report.inputs
        if entry.error
    ]
    commands = {severity: unread if severity == "error" else [] for severity in findings.GRAVEST_FIRST}
    for severity, lines in commands.items():
        more = {tally.rule: tally.count - tally.waived - 1 for tally in report.summary if tally.severity == severity}
        for finding in _in_turn(report, severity):
            lines.append(_annotation(finding, rule_entries[finding.rule][0], more.pop(finding.rule, 0), report))
    last = f"{command}: {findings.totals(report)}"
    if any(len(lines) > _SHOWN for lines in commands.values()):
        last += f". GitHub shows at most {_SHOWN} annotations of each level. `--format markdown` lists all findings."
    return "\n".join([*chain.from_iterable(commands.values()), last]) + "\n"


def _in_turn(report: Report, severity: str) -> Iterator[Finding]:
    """The findings of a severity that are not accepted: the first of each rule, then the second of each ..."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.severity == severity and not finding.waiver:
            by_rule.setdefault(finding.rule, []).append(finding)
    return (finding for finding in chain.from_iterable(zip_longest(*by_rule.values())) if finding)


def _annotation(finding: Finding, rule: Described, more: int, report: Report) -> str:
    path = findings.path_of(finding.file, report.inputs)
    sheet = findings.sheet_of(finding.file, path)
    column = f", column {shown(finding.column)}" if finding.column else ""
    properties: dict[str, str] = {"file": path}
    if finding.line:
        properties["line"] = str(finding.line)
    if finding.span:
        first, end_line, after = finding.span
        properties |= {"endLine": str(end_line), "col": str(first)}
        properties |= {"endColumn": str(after - 1)} if end_line == finding.line else {}
    properties["title"] = f"{rule.name}{f', sheet {sheet}' if sheet else ''}{column}"
    about = ("About: ", findings.key_in_codes(finding.key), CELL)
    last = ("", f"{count_of(more, 'more finding')} of this rule" if more else "", CELL)
    texts = findings.parts(finding, finding.hint or rule.hint)
    texts.insert(bool(finding.message), about)
    lines = [label + shown(text, limit) for label, text, limit in (*texts, last) if text]
    return _command(_COMMANDS[finding.severity], properties, "\n".join(lines), safe=True)


def _command(name: str, properties: Mapping[str, str], message: str, safe: bool = False) -> str:
    values = {key: _data(shown(value, MESSAGE)) for key, value in properties.items()}
    listed = ",".join(f"{key}={value.replace(':', '%3A').replace(',', '%2C')}" for key, value in values.items())
    return f"::{name} {listed}::{_data(message if safe else shown(message, MESSAGE))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
