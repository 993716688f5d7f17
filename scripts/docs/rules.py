"""The pages of the rules, docs/rules/: from rules.yaml, the files of tests/submissions, and the kinds of rules.

Each page shows a file that breaks the rule, what the program prints for it, and a file that just passes.
"""

import inspect
import io
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from divide_cli.catalogue import Rule, catalogue, codelist
from divide_cli.concepts import SEVERITIES
from divide_cli.reports import findings
from divide_cli.reports.tables import print_rich
from divide_cli.validation.report import Described, Finding, Report
from divide_cli.validation.rules import Stage, kinds
from scripts.docs import ROOT
from scripts.docs.markdown import page, table
from scripts.docs.submissions import FOLDER, OTHERS, Specimen, specimens

PAGES = "docs/rules"
_WHOLE = 12
"""A file of up to so many lines is shown as a whole."""
_AROUND = 2
"""Lines before and after a line that matters, which are shown of a longer file."""
_SECTION = re.compile(r"^# --- (?P<title>.+)$|^(?P<rule>[a-z0-9_]+):$", re.MULTILINE)
_UNITS = {"implied_share": "a share of people, between 0 and 1", "gap_in_years": "years"}
"""Kinds whose tolerance is not in the unit of the values, and what it is in."""
_FILES = {"previous": "The earlier submission", "waivers": "The waivers"}


def pages() -> dict[str, str]:
    """The index, and one page for each rule."""
    with chdir(FOLDER):  # so that files have short names in what is printed
        every = specimens(Path())
        texts = {f"{PAGES}/{rule.id}.md": _page(rule, every) for rule in catalogue().rules.values()}
    return {f"{PAGES}/index.md": _index(), **texts}


@cache
def sections() -> dict[str, list[Rule]]:
    """The rules by the headings of rules.yaml, which are comments."""
    text = (ROOT / "data" / "catalogue" / "rules.yaml").read_text(encoding="utf-8")
    by_title: dict[str, list[Rule]] = {}
    for match in _SECTION.finditer(text):
        if match["title"]:
            by_title[findings.sentence(match["title"])] = []
        else:
            by_title[next(reversed(by_title))].append(catalogue().rules[match["rule"]])
    return by_title


def _index() -> str:
    rules = catalogue().rules.values()
    severities = [
        (severity, sum(rule.severity == severity for rule in rules), _meaning(severity))
        for severity in reversed(SEVERITIES)
    ]
    tables = {
        title: table(
            ("What is wrong", "Severity", "Id"),
            [(f"[{rule.name}]({rule.id}.md)", rule.severity, f"`{rule.id}`") for rule in own],
        )
        for title, own in sections().items()
    }
    meanings = table(("Severity", "Rules", "Meaning"), severities)
    return page("rules.md.j2", count=len(rules), severities=meanings, sections=tables)


def _meaning(severity: str) -> str:
    return str(findings.texts()["marks"][severity]["meaning"])


def _page(rule: Rule, every: Sequence[Specimen]) -> str:
    own = [specimen for specimen in every if specimen.rule.id == rule.id]
    failing, *more_failing = sorted((one for one in own if one.severity), key=_length)
    passing, *more_passing = sorted((one for one in own if not one.severity), key=_length)
    report = failing.judged()
    faults = [finding for finding in report.findings if finding.rule == rule.id]
    text = page(
        "rule.md.j2",
        rule=rule,
        section=next(title for title, rules in sections().items() if rule in rules),
        meaning=_meaning(rule.severity),
        how=inspect.cleandoc(kinds()[rule.kind].function.__doc__ or ""),
        settings=table(("Setting", "Value"), settings(rule)),
        failing=failing,
        excerpts=list(_excerpts(failing, faults)),
        marked=any(finding.line for finding in faults),
        also_uses=any(len(finding.lines) > 1 and finding.line for finding in faults),
        prints=printed(report, rule),
        more_failing=more_failing,
        passing=passing,
        near_miss=_near_miss(passing.path, failing.path),
        near_miss_files=[(title, path, _lines(path)) for title, path in _further(passing)],
        more_passing=more_passing,
        of_reader=kinds()[rule.kind].stage in (Stage.FILE, Stage.REFUSED),
        waiver=None if kinds()[rule.kind].stage is Stage.WAIVERS else waiver_for(faults[0]),
        related=_related(rule),
    )
    return re.sub(r"\n{3,}", "\n\n", text)


def _length(specimen: Specimen) -> int:
    return len(specimen.path.name)


# --- what the rule is


def settings(rule: Rule) -> Iterator[tuple[str, str]]:
    """The scope, the tolerance and the parameters of a rule: what is set, and to what."""
    scope: Mapping[str, Any] = {**rule.scope}
    if units := scope.get("units"):
        named = codelist("CL_UNIT_MEASURE")
        yield "Units of the indicators", ", ".join(f"{named.name(unit)} (`{unit}`)" for unit in units)
    labels = {"indicators": "Indicators", "without": "Indicators that are not checked", "families": "Layouts"}
    for key, label in labels.items():
        if codes := scope.get(key):
            yield label, _codes(codes)
    for dimension, codes in scope.get("where", {}).items():
        yield f"Rows with `{dimension}`", _codes(codes)
    if scope.get("of_parts"):
        yield "Rows", "only parts of the country and further breakdowns"
    limits = {"subnational": "parts of the country", "further": "further breakdowns"}
    if left_out := [words for key, words in limits.items() if scope.get(key) is False]:
        yield "Rows that are not checked", " and ".join(left_out)
    if rule.tolerance:
        points = "percentage points" if scope.get("units") == ["PT"] else "in the unit of the values"
        yield "Tolerance", f"{rule.tolerance:g} ({_UNITS.get(rule.kind, points)})"
    for name, value in rule.parameters.items():
        yield f"`{name}`", _codes(value if isinstance(value, list) else [value])


def _codes(values: Sequence[object]) -> str:
    return ", ".join(f"`{str(value).lower() if isinstance(value, bool) else value}`" for value in values)


def _related(rule: Rule) -> list[tuple[str, list[Rule]]]:
    """The rules that this one is related to, by the way in which they are."""
    rules = catalogue().rules
    related = {
        "If a case touches a row that breaks one of these rules, only that rule reports it:": [
            rules[name] for name in rule.unless
        ],
        "These rules leave such rows to this rule:": [one for one in rules.values() if rule.id in one.unless],
        "These rules are checked in the same way, with other settings:": [
            one
            for one in rules.values()
            if one.kind == rule.kind and rule.kind not in _BROAD and one.id not in (rule.id, *rule.unless)
            if rule.id not in one.unless
        ],
    }
    return [(words, own) for words, own in related.items() if own]


_BROAD = ("refused", "unreadable")
"""Kinds whose rules have little in common but how a finding is made."""


# --- its files


@dataclass(frozen=True)
class Excerpt:
    """Some lines of a file, and what the file is."""

    title: str
    path: Path
    text: str


def _excerpts(specimen: Specimen, faults: Sequence[Finding]) -> Iterator[Excerpt]:
    """The file and those that the check uses besides, with the lines of the findings marked."""
    for title, path in (("", specimen.path), *_further(specimen)):
        own = [finding for finding in faults if Path(finding.file) == path]
        marks = {line: ":" for finding in own for line in finding.lines if line}
        marks |= {finding.line: ">" for finding in own if finding.line}
        yield Excerpt(title, path, _lines(path, marks))


def _further(specimen: Specimen) -> list[tuple[str, Path]]:
    return [(_FILES[key], path) for key in OTHERS if (path := specimen.further(key))]


def _text(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def _lines(path: Path, marks: Mapping[int, str] | None = None) -> str:
    """The numbered lines of a file; of a long one the header, the marked lines and those around."""
    lines, marks = _text(path), marks or {}
    chosen = {1} | {near for line in marks for near in range(line - _AROUND, line + _AROUND + 1)}
    shown, before, width = [], 0, len(str(len(lines)))
    for number, line in enumerate(lines, 1):
        if len(lines) > _WHOLE and marks and number not in chosen:
            continue
        if number > before + 1:
            shown.append("  ...")
        shown.append(f"{marks.get(number, ' ')} {number:>{width}} | {line}".rstrip())
        before = number
    return "\n".join([*shown, *(["  ..."] if before < len(lines) else [])])


def _near_miss(path: Path, failing: Path) -> str:
    """The lines of a file; of a long one those that differ from the failing file."""
    lines, others = _text(path), _text(failing)
    if len(lines) <= _WHOLE:
        return _lines(path)
    blocks = SequenceMatcher(None, others, lines, autojunk=False).get_opcodes()
    changed = {line + 1: " " for tag, _, _, start, end in blocks if tag != "equal" for line in range(start, end)}
    return _lines(path, changed or {1: " "})


# --- what the program prints


@contextmanager
def _terminal(columns: int) -> Iterator[io.TextIOWrapper]:
    """Standard output as a terminal of so many columns, without colours."""
    stream, before = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), dict(os.environ)
    os.environ |= {"COLUMNS": str(columns), "NO_COLOR": "1"}
    try:
        with redirect_stdout(stream):
            yield stream
    finally:
        os.environ.clear()
        os.environ |= before


def printed(report: Report, rule: Rule, columns: int = 100) -> str:
    """What `divide validate` prints for the findings of one rule."""
    described = {one.id: Described.of(one) for one in catalogue().rules.values()}
    only = replace(
        report,
        findings=tuple(finding for finding in report.findings if finding.rule == rule.id),
        summary=tuple(tally for tally in report.summary if tally.rule == rule.id),
    )
    blocks = [block for block in findings.blocks(only, described) if f"({rule.id})" in block.title]
    with _terminal(columns) as stream:
        print_rich(blocks)
        sys.stdout.flush()
    stream.seek(0)
    return "\n".join(line.rstrip() for line in stream.read().strip("\n").splitlines())


def waiver_for(finding: Finding) -> str:
    """A waiver that covers the finding, as YAML: by the key of the figure, or by its place if it has no key."""
    place: dict[str, str | int] = {"FILE": Path(finding.file).name, "LINE": finding.line, "COLUMN": finding.column}
    key = dict(finding.key) or {name: value for name, value in place.items() if value}
    entry = {
        "rule": finding.rule,
        "key": key,
        "reason": "confirmed with the survey team",
        "owner": "Name of the person",
        "expires": "2027-06-30",
    }
    text = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True)
    return text.replace("'2027-06-30'", "2027-06-30").strip()
