"""A report as JUnit XML: a suite for each file, a case for each rule, a failure if the rule is broken.

Findings at or above `fail_on` that are not accepted fail a case, as they set the exit code. JUnit has no warning:
findings of a lower severity and accepted findings are the output of their case.
"""

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as Xml

from divide_cli.concepts import SEVERITIES
from divide_cli.errors.text_safety import MESSAGE, count_of, shown
from divide_cli.reports.findings import Broken, Known, acceptance, files, key_in_codes, place, reading_error, rules
from divide_cli.reports.json import fields_of
from divide_cli.validation.report import Applied, Described, Finding, Input, Report


def text(report: Report, described: Mapping[str, Described], fail_on: str = "error") -> str:
    """The report as an XML document with its declaration."""
    return join([report], described, "divide validate", fail_on)


def join(reports: Sequence[Report], described: Mapping[str, Described], command: str, fail_on: str = "error") -> str:
    """Reports as one document: the suites of a report have the cases of its own rules."""
    root, grave = Xml.Element("testsuites", name=command), SEVERITIES[SEVERITIES.index(fail_on) :]
    for report in reports:
        rule_entries = rules(report, described)
        for entry, broken in files(report):
            root.append(_suite(entry, broken, rule_entries, grave))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _suite(entry: Input, broken: Sequence[Broken], rule_entries: Known, grave: Sequence[str]) -> Xml.Element:
    """The suite of a file; a file that could not be read has a single case `readable`, an error."""
    suite = Xml.Element("testsuite", name=shown(entry.path))
    if entry.sha256:
        facts = {"sha256": entry.sha256, "bytes": entry.size}
        facts |= fields_of(entry, "dataflow", "rows", "used", "ignored", "refused")
        properties = Xml.SubElement(suite, "properties")
        for name, fact in facts.items():
            Xml.SubElement(properties, "property", name=name, value=shown(str(fact)))
    if entry.error:
        case = Xml.SubElement(suite, "testcase", name="readable", classname=shown(entry.path))
        error = Xml.SubElement(case, "error", type="unreadable", message="The file could not be read")
        error.text = shown(reading_error(entry), MESSAGE)
    for name, (rule, applied) in rule_entries.items():
        here = [one for one in broken if one.rule == name]
        if here or (applied and entry.sha256 and not entry.error):
            suite.append(_case(entry, rule, applied, here, grave))
    cases = suite.findall("testcase")
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    suite.set("tests", str(len(cases)))
    for name, mark in counts.items():
        suite.set(name, str(len(suite.findall(f"testcase[{mark}]"))))
    return suite


def _case(
    entry: Input, rule: Described, applied: Applied | None, broken: list[Broken], grave: Sequence[str]
) -> Xml.Element:
    """The case of a rule in a file: a finding with one of the `grave` severities fails it."""
    case = Xml.Element("testcase", name=shown(rule.id), classname=shown(entry.path))
    failing = [one for one in broken if one.severity in grave and one.open]
    if failing:
        counts = ", ".join(_counted(one) for one in failing)
        failure = Xml.SubElement(case, "failure", type=failing[0].severity, message=shown(f"{rule.name}: {counts}"))
        advice = [f"What to do: {shown(rule.hint, MESSAGE)}"] if rule.hint else []
        failure.text = "\n".join([*(line for one in failing for line in _open(one)), *advice])
    elif applied and applied.skipped:
        Xml.SubElement(case, "skipped", message=shown(applied.skipped, MESSAGE))
    elif applied and not applied.checked and not broken:
        why = "; ".join(f"{reason} ({count:,})" for reason, count in applied.not_checked.items())
        Xml.SubElement(case, "skipped", message=shown(f"no checks made: {why or 'nothing to check'}", MESSAGE))
    if lines := [line for one in broken for line in _beside(one, rule, one.severity in grave)]:
        Xml.SubElement(case, "system-out").text = "\n".join(lines)
    return case


def _counted(broken: Broken) -> str:
    least = "" if broken.exact else "at least "
    accepted = f" (and {broken.waived:,} accepted)" if broken.waived else ""
    return least + count_of(broken.open, broken.severity) + accepted


def _open(broken: Broken) -> list[str]:
    """The findings that are not accepted, a line each, and the number of those not listed."""
    lines = [_line(finding) for finding in broken.findings if not finding.waiver]
    more = broken.open - len(lines)
    return [*lines, f"{broken.severity}: {more:,} more not listed"] if more > 0 else lines


def _beside(broken: Broken, rule: Described, fails: bool) -> list[str]:
    """The findings that do not fail the case: accepted ones, with their waivers, and all those of lower severity."""
    accepted = ((finding, finding.waiver) for finding in broken.findings if finding.waiver)
    lines = [f"{_line(finding)}; accepted {shown(acceptance(waiver), MESSAGE)}" for finding, waiver in accepted]
    if broken.open and not fails:
        lines += [shown(f"{rule.name}: {_counted(broken)}"), *_open(broken)]
    return lines


def _line(finding: Finding) -> str:
    expected = f"; expected {shown(finding.expected)}" if finding.expected else ""
    found = f"; found {shown(finding.found)}" if finding.found else ""
    key = f" [{shown(key_in_codes(finding.key))}]" if finding.key else ""
    return f"{finding.severity}: {shown(place(finding))}{key}: {shown(finding.message, MESSAGE)}{expected}{found}"
