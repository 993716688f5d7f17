"""Findings: the record with which readers, rules and claims report, and the report of a run.

Counts are exact and never capped. The report may list fewer findings, and says so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from divide_cli.catalogue import Rule, catalogue
from divide_cli.concepts import RULE_PAGE, SEVERITIES


class Skipped(StrEnum):
    """Why a rule was not applied, in the words of reports."""

    NO = ""
    NOT_CHOSEN = "--only"
    LEFT_OUT = "--skip"
    NO_PREVIOUS = "no earlier submission (--previous)"
    NO_WAIVERS = "no waivers (--waivers)"
    NO_EDITIONS = "--against none"


class NotChecked(StrEnum):
    """Why a rule could not check a case, in the words of reports; parameters of the rule are filled in."""

    NO_NEIGHBOUR = "no neighbouring year"
    NARROW = "the parts differ only by rounding"
    NO_POPULATION = "no population for this area, year and breakdown"
    BROKEN_DOWN = "broken down further: no source counts these people"
    NO_AGES = "no population by age for this area and year"
    NO_TOTAL = "no total of all ages"
    SHORT_HISTORY = "too few years to tell a mistake from other ages covered"
    PARTS = "a part of the country, or broken down further: no source counts these people by age"
    BANDS_OVERLAP = "the age bands overlap"
    BANDS_LEAVE_GAP = "the age bands leave ages out"
    ONE_BAND = "only one age band"
    SWITCHED_OFF = "the older network is shrinking: it is being switched off"
    NO_OTHER_INDICATOR = "the other indicator is not in the file"
    FEW_RATIOS = "fewer than {least} ratios to compare with"
    NO_COMMENTS = "no comments in the file"
    NO_EDITION = "no edition here has figures of this indicator from countries"
    NOT_PUBLISHED = "no edition has a figure with this key"
    WITHIN_COUNTRY = "a part of the country, or broken down further: such figures are compared with no edition"


@dataclass(frozen=True)
class Waiver:
    """Why a finding is accepted: the reason, the person responsible, and the last day (ISO) of acceptance."""

    reason: str
    owner: str
    expires: str


@dataclass(frozen=True)
class Finding:
    """One result of one rule: what, where, expected, found, what to do.

    `line` is the line to correct, 0 if a finding is about the whole file. `lines` are all lines involved, including
    `line`. `context` are lines that help to judge it: the same key in the years around, the other parts of its total.
    `span` is a place in running text: the first column, the line of the end, and the column after the last one.
    `key` is concept -> code of the observation; it is empty if the row could not be read. `waiver` is set if the
    finding is accepted: it is listed, and does not fail a run.
    """

    rule: str
    severity: str
    file: str
    line: int
    column: str
    key: Mapping[str, str | int]
    expected: str
    found: str
    message: str
    hint: str
    lines: tuple[int, ...] = ()
    waiver: Waiver | None = None
    context: tuple[int, ...] = ()
    span: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Described:
    """A rule as a report describes it: id and name, why it is checked, what to do about a finding, and its source.

    `page` is the address of its page; a rule of a user has none.
    """

    id: str
    name: str
    severity: str
    reason: str = ""
    hint: str = ""
    source: str = ""
    page: str = ""

    @classmethod
    def of(cls, rule: Rule) -> "Described":
        """The description of a rule of the catalogue, or of a user's."""
        page = RULE_PAGE.format(rule.id) if catalogue().rules.get(rule.id) == rule else ""
        return cls(rule.id, rule.name, rule.severity, rule.reason, rule.hint, rule.source, page)


@dataclass(frozen=True)
class Tally:
    """How often a rule was broken in all files: `count` findings, of which `waived` are accepted and `listed` shown.

    `files` is file -> findings and how many of these are accepted; it is empty if only the sums are known.
    """

    rule: str
    severity: str
    count: int
    waived: int = 0
    listed: int = 0
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Applied:
    """The outcome of a rule in a run: cases checked, cases not checked and why, or why the rule was skipped.

    A case is what the rule checks: a value, a pair, a total with its parts.
    """

    rule: str
    checked: int = 0
    not_checked: Mapping[str, int] = field(default_factory=dict)
    skipped: Skipped = Skipped.NO


@dataclass(frozen=True)
class Input:
    """A file of the run: what it is and the outcomes of its rows; `error` says why it could not be read.

    `encoding` says as which encoding it was read, and why, if it is not UTF-8.
    """

    path: str
    sha256: str = ""
    size: int = 0
    dataflow: str = ""
    rows: int = 0
    used: int = 0
    ignored: int = 0
    refused: int = 0
    error: str = ""
    encoding: str = ""


@dataclass(frozen=True)
class Report:
    """The findings of a run: `summary` has a row for each rule that was broken, `findings` those that are listed.

    At most `limit` findings a rule are listed; 0 lists all. Very many are created each time that they are
    read.
    """

    inputs: tuple[Input, ...]
    rules: tuple[Applied, ...]
    summary: tuple[Tally, ...]
    findings: Sequence[Finding]
    limit: int = 100

    @property
    def unreadable(self) -> bool:
        """Whether a file could not be read or understood."""
        return any(entry.error for entry in self.inputs)

    @property
    def checked(self) -> int:
        """The number of cases checked by any rule."""
        return sum(entry.checked for entry in self.rules)

    def failing(self, fail_on: str) -> int:
        """The number of findings at or above that severity that are not waived."""
        grave = SEVERITIES[SEVERITIES.index(fail_on) :]
        return sum(tally.count - tally.waived for tally in self.summary if tally.severity in grave)


def limited(report: Report, limit: int) -> Report:
    """The report with at most `limit` findings of each rule listed; 0 lists all."""
    if not limit:
        return replace(report, limit=0)
    listed = Counter[str]()
    findings = []
    for finding in report.findings:
        listed[finding.rule] += 1
        findings += [finding] if listed[finding.rule] <= limit else []
    summary = tuple(replace(tally, listed=min(tally.listed, limit)) for tally in report.summary)
    return replace(report, findings=tuple(findings), summary=summary, limit=limit)


def tallied(findings: Sequence[Finding]) -> tuple[Tally, ...]:
    """The summary of findings that are all listed, the most severe first."""
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault((finding.rule, finding.severity), []).append(finding)
    return gravest_first(
        Tally(rule, severity, len(own), sum(1 for one in own if one.waiver), len(own), _files(own))
        for (rule, severity), own in by_rule.items()
    )


def gravest_first(tallies: Iterable[Tally]) -> tuple[Tally, ...]:
    """The tallies by severity, then by number of findings."""
    return tuple(sorted(tallies, key=lambda one: (-SEVERITIES.index(one.severity), -one.count, one.rule)))


def _files(findings: Sequence[Finding]) -> dict[str, tuple[int, int]]:
    """File -> its findings, and how many of these are waived."""
    waived = Counter(finding.file for finding in findings if finding.waiver)
    return {file: (count, waived[file]) for file, count in Counter(finding.file for finding in findings).items()}
