"""Each file of tests/submissions is judged as its name says: error_, warn_ or note_ and the rule that it breaks, or ok_.

<name>.yaml says why, the options that the file needs, and the line and column of each finding of the rule.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import structs

from divide_cli.catalogue import Rule, catalogue
from divide_cli.readers import ReadOptions
from divide_cli.validation.report import Report
from divide_cli.validation.run import ValidationRequest, validate
from divide_cli.validation.waivers import waivers_from

HERE = Path(__file__).resolve().parents[1] / "submissions"
FILES = sorted(HERE.glob("*.csv"))
RULES = catalogue().rules
SEVERITY = {"error": "error", "warn": "warning", "note": "note", "ok": ""}
KEYS = {"why", "area", "indicator", "previous", "waivers", "at", "also", "tighter"}
every = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def rule_of(path: Path) -> Rule:
    """The rule that the name of the file names: the longest id that it begins with."""
    rest = path.stem.partition("_")[2]
    fitting = [name for name in RULES if rest == name or rest.startswith(f"{name}_")]
    assert fitting, f"{path.name} names no rule"
    return RULES[max(fitting, key=len)]


def said(path: Path) -> dict[str, Any]:
    """What <name>.yaml says about the file."""
    return dict(yaml.safe_load(path.with_suffix(".yaml").read_text(encoding="utf-8")))


def judged(path: Path, rules: tuple[Rule, ...] = tuple(RULES.values())) -> Report:
    told = said(path)
    accepted = waivers_from(str(HERE / told["waivers"]), list(RULES)) if "waivers" in told else []
    choices = ReadOptions(told.get("indicator", ""), told.get("area", ""), strict=False, submitted=True)
    previous = str(HERE / told["previous"]) if "previous" in told else ""
    return validate(
        ValidationRequest(
            (str(path),), rules, previous=previous, waivers=tuple(accepted), read_options=choices, limit=0,
            today=date(2026, 7, 1),
        )
    )  # fmt: skip


@cache
def report(path: Path) -> Report:
    return judged(path)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_a_file_that_trips_it_and_one_that_does_not(name: str) -> None:
    prefixes = {path.name.partition("_")[0] for path in FILES if rule_of(path).id == name}
    trips = next(prefix for prefix, severity in SEVERITY.items() if severity == RULES[name].severity)
    assert prefixes == {trips, "ok"}


def test_no_other_file_lies_about() -> None:
    used = {
        HERE / told[key] for path in FILES for told in [said(path)] for key in ("previous", "waivers") if key in told
    }
    known = {*FILES, *(path.with_suffix(".yaml") for path in FILES), *used, HERE / "README.md"}
    assert {path for path in HERE.rglob("*") if path.is_file()} == known


@every
def test_the_name_is_the_verdict(path: Path) -> None:
    """Each finding of the rule is at the line and column that <name>.yaml says; a file named ok has none."""
    rule, told = rule_of(path), said(path)
    assert told["why"] and set(told) <= KEYS
    found = [finding for finding in report(path).findings if finding.rule == rule.id]
    assert [[finding.line, finding.column] for finding in found] == told.get("at", [])
    prefix = path.name.partition("_")[0]
    assert (prefix == "ok") == (not found)
    assert {finding.severity for finding in found} <= {SEVERITY[prefix]}


@every
def test_the_rule_looked_at_the_file(path: Path) -> None:
    """A file that the rule cannot check proves nothing."""
    rule = rule_of(path)
    (applied,) = [entry for entry in report(path).rules if entry.rule == rule.id]
    assert not applied.skipped
    if rule.kind not in ("unreadable", "waiver"):
        assert applied.checked > 0


@every
def test_no_other_error_is_found(path: Path) -> None:
    """But those that <name>.yaml names under `also`."""
    errors = {finding.rule for finding in report(path).findings if finding.severity == "error"}
    assert errors - {rule_of(path).id} == set(said(path).get("also", []))


@pytest.mark.parametrize("path", [path for path in FILES if "tighter" in said(path)], ids=lambda path: path.name)
def test_a_near_miss_is_near(path: Path) -> None:
    """With the tolerance or parameter that <name>.yaml gives, a little stricter, the file does trip the rule."""
    rule, change = rule_of(path), said(path)["tighter"]
    settings = {**rule.parameters, **{name: value for name, value in change.items() if name != "tolerance"}}
    stricter = structs.replace(rule, parameters=settings, tolerance=change.get("tolerance", rule.tolerance))
    rules = tuple(stricter if other.id == rule.id else other for other in RULES.values())
    assert any(finding.rule == rule.id for finding in judged(path, rules).findings)


@every
def test_findings_can_be_acted_on(path: Path) -> None:
    """Message, hint and severity of every finding; the line and the lines involved are lines of the file."""
    told = said(path)
    files = {str(path), *(str(HERE / told[key]) for key in ("previous", "waivers") if key in told)}
    for finding in report(path).findings:
        assert finding.severity == RULES[finding.rule].severity
        assert finding.message.strip() and finding.hint.strip() and "{" not in finding.message
        assert finding.file in files
        length = Path(finding.file).read_bytes().count(b"\n")
        assert all(1 <= line <= length for line in finding.lines)
        assert finding.line == 0 or finding.line in finding.lines
