"""Each file of tests/submissions is judged as its name says: error_, warn_ or note_ and the rule that it breaks, or ok_.

<name>.yaml says why, the options that the file needs, and the line and column of each finding of the rule.
"""

from functools import cache
from pathlib import Path

import pytest
from msgspec import structs

from divide_cli.catalogue import catalogue
from divide_cli.validation.report import Report
from scripts.docs.submissions import FOLDER, OTHERS, SEVERITIES, Specimen, specimens

RULES = catalogue().rules
SPECIMENS = specimens()
KEYS = {"why", "area", "indicator", "previous", "waivers", "at", "also", "tighter"}


def named(every: list[Specimen]) -> pytest.MarkDecorator:
    """One case for each file, with its name."""
    return pytest.mark.parametrize("specimen", every, ids=lambda specimen: specimen.path.name)


@cache
def report(specimen: Specimen) -> Report:
    return specimen.judged()


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_a_file_that_trips_it_and_one_that_does_not(name: str) -> None:
    severities = {specimen.severity for specimen in SPECIMENS if specimen.rule.id == name}
    assert severities == {RULES[name].severity, SEVERITIES["ok"]}


def test_no_other_file_lies_about() -> None:
    files = {specimen.path for specimen in SPECIMENS}
    used = {further for specimen in SPECIMENS for key in OTHERS if (further := specimen.further(key))}
    known = {*files, *(path.with_suffix(".yaml") for path in files), *used, FOLDER / "README.md"}
    assert {path for path in FOLDER.rglob("*") if path.is_file()} == known


@named(SPECIMENS)
def test_the_name_is_the_verdict(specimen: Specimen) -> None:
    """Each finding of the rule is at the line and column that <name>.yaml says; a file named ok has none."""
    assert specimen.notes["why"]
    assert set(specimen.notes) <= KEYS
    own = [finding for finding in report(specimen).findings if finding.rule == specimen.rule.id]
    assert [[finding.line, finding.column] for finding in own] == specimen.notes.get("at", [])
    assert {finding.severity for finding in own} == ({specimen.severity} - {""})


@named(SPECIMENS)
def test_the_rule_looked_at_the_file(specimen: Specimen) -> None:
    """A file that the rule cannot check proves nothing."""
    (applied,) = [entry for entry in report(specimen).rules if entry.rule == specimen.rule.id]
    assert not applied.skipped
    if specimen.rule.kind not in ("unreadable", "waiver"):
        assert applied.checked > 0


@named(SPECIMENS)
def test_no_other_error_is_found(specimen: Specimen) -> None:
    """Except those that <name>.yaml names under `also`."""
    errors = {finding.rule for finding in report(specimen).findings if finding.severity == "error"}
    assert errors - {specimen.rule.id} == set(specimen.notes.get("also", []))


@named([specimen for specimen in SPECIMENS if "tighter" in specimen.notes])
def test_a_near_miss_is_near(specimen: Specimen) -> None:
    """With the tolerance or parameter that <name>.yaml gives, a little stricter, the file does trip the rule."""
    rule, change = specimen.rule, specimen.notes["tighter"]
    settings = {**rule.parameters, **{name: value for name, value in change.items() if name != "tolerance"}}
    stricter = structs.replace(rule, parameters=settings, tolerance=change.get("tolerance", rule.tolerance))
    rules = tuple(stricter if other.id == rule.id else other for other in RULES.values())
    assert any(finding.rule == rule.id for finding in specimen.judged(rules).findings)


@named(SPECIMENS)
def test_findings_can_be_acted_on(specimen: Specimen) -> None:
    """Message, hint and severity of every finding; the line and the lines involved are lines of the file."""
    files = {str(specimen.path), *(str(further) for key in OTHERS if (further := specimen.further(key)))}
    for finding in report(specimen).findings:
        assert finding.severity == RULES[finding.rule].severity
        assert finding.message.strip() and finding.hint.strip() and "{" not in finding.message
        assert finding.file in files
        length = Path(finding.file).read_bytes().count(b"\n")
        assert all(1 <= line <= length for line in finding.lines)
        assert finding.line == 0 or finding.line in finding.lines
