"""Composes a validation: files -> observations -> cases of every rule -> waivers -> a report with exact counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from divide_cli import readers
from divide_cli.catalogue import Rule
from divide_cli.concepts import SEVERITIES
from divide_cli.errors import OptionError, SourceError
from divide_cli.frames.observations import Observations, combine
from divide_cli.readers import Memberships, ReadOptions
from divide_cli.validation.report import NO_PREVIOUS, NO_WAIVERS, Applied, Finding, Input, Report, Tally
from divide_cli.validation.rules import APART, KINDS
from divide_cli.validation.rules.findings import Cases, of_hits
from divide_cli.validation.rules.previous import against, same_kind
from divide_cli.validation.rules.structure import of_reading, unreadable
from divide_cli.validation.rules.submission import Array, table_of
from divide_cli.validation.rules.violations import Hits
from divide_cli.validation.waivers import Entry, covering, of_waivers

Told = Callable[[str], None]


@dataclass(frozen=True)
class Submission:
    """What is to be checked: files, an earlier submission, the rules in their order, what is skipped and why."""

    files: tuple[str, ...]
    rules: tuple[Rule, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)
    previous: str = ""
    waivers: tuple[Entry, ...] = ()
    read_options: ReadOptions = field(default_factory=lambda: ReadOptions(strict=False, submitted=True))
    limit: int = 100
    today: date = field(default_factory=date.today)


@dataclass
class _Ledger:
    """What has been found so far; findings are worded as they are listed, and no more than the limit of a rule."""

    submission: Submission
    findings: list[Finding] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    checked: dict[str, int] = field(default_factory=dict)
    not_checked: dict[str, dict[str, int]] = field(default_factory=dict)

    def enter(self, cases: Cases) -> None:
        """Counts the cases, and lists as many as the limit leaves."""
        rule, size = cases.rule, cases.size
        covered = covering(cases, self.submission.waivers, self.submission.today)
        waived = np.zeros(size, dtype=bool)
        for _, mask in covered:
            waived |= mask
        before = self.tallies.get(rule.id, Tally(rule.id, rule.severity, 0))
        room = size if not self.submission.limit else max(self.submission.limit - before.listed, 0)
        # what is not accepted comes first: it must not be hidden behind what is
        order = np.argsort(waived, kind="stable")[:room] if waived.any() else np.arange(min(room, size))
        for case in np.sort(order):
            finding = cases.finding(int(case))
            entry = next((entry for entry, mask in covered if mask[case]), None)
            self.findings.append(replace(finding, waiver=entry.waiver) if entry else finding)
        self.tallies[rule.id] = replace(
            before,
            count=before.count + size,
            waived=before.waived + int(waived.sum()),
            listed=before.listed + len(order),
        )

    def note(self, rule: Rule, checked: int, not_checked: Mapping[str, int]) -> None:
        """Counts what a rule looked at, and what it could not look at."""
        self.checked[rule.id] = self.checked.get(rule.id, 0) + checked
        told = self.not_checked.setdefault(rule.id, {})
        for why, count in not_checked.items():
            if count:
                told[why] = told.get(why, 0) + count


def validate(submission: Submission, tell: Told = lambda _what: None) -> Report:
    """The report on the files. OptionError for options that no file fits; a file that cannot be read is a finding."""
    ledger = _Ledger(submission)
    inputs: list[Input] = []
    kept: list[Observations] = []
    for path in submission.files:
        tell(f"reading {path}")
        try:
            read = readers.read(path, "", submission.read_options)
            if isinstance(read, Memberships):
                raise SourceError("memberships_not_observations", found=f"{len(read.frame)} memberships", where=path)
        except OptionError:
            raise
        except SourceError as error:
            inputs.append(Input(path, error=str(error)))
            for cases in unreadable(submission.rules, path, error):
                ledger.enter(cases)
            continue
        inputs.append(_input(path, read))
        _check(ledger, _place(path, read), read, tell)
        if submission.previous:
            kept.append(read)
    if kept:
        _compare(ledger, kept)
    for cases in of_waivers(submission.rules, submission.waivers, submission.today):
        ledger.enter(cases)
    return Report(tuple(inputs), _applied(ledger), _summary(ledger), _in_order(ledger), submission.limit)


def _input(path: str, read: Observations) -> Input:
    reading = read.readings[0]
    ignored, refused = (sum(pile.rows for pile in piles) for piles in (reading.ignored, reading.refused))
    return Input(
        path, reading.file.sha256, reading.file.size, reading.dataflow, reading.rows, reading.used, ignored, refused
    )


def _place(path: str, read: Observations) -> str:
    """What findings name as their file: the path, or `path[sheet]` where one sheet of a workbook was read."""
    name = read.readings[0].file.name
    return name if name.startswith(f"{path}[") else path


def _check(ledger: _Ledger, path: str, read: Observations, tell: Told) -> None:
    """All rules on one file: first on its rows as the reader saw them, then on its values, in the rules' order."""
    rules = ledger.submission.rules
    tell(f"checking {path}")
    for cases in of_reading(rules, path, read):
        ledger.enter(cases)
    table = table_of(read, ledger.submission.today)
    needed = {other for rule in rules for other in rule.unless}
    concerned: dict[str, Array] = {}
    for rule in rules:
        if rule.kind in APART:
            if rule.kind not in ("waiver", "against_previous"):
                ledger.note(rule, read.readings[0].rows, {})
            continue
        tell(f"checking {path}: {rule.name}")
        hits = _but(KINDS[rule.kind](table, rule), [concerned[other] for other in rule.unless if other in concerned])
        ledger.note(rule, hits.checked, hits.not_checked)
        if not len(hits):
            continue
        if rule.id in needed:
            concerned[rule.id] = np.packbits(np.append(hits.concerned(len(table)), False))
        for cases in of_hits(rule, path, table, hits):
            ledger.enter(cases)
        if rule.gate:
            table = table.without(hits.concerned(len(table)))


def _but(hits: Hits, others: Sequence[Array]) -> Hits:
    """The cases that touch no place of the others, of which each has a bit for each place and one for none (-1)."""
    for bits in others if len(hits) else ():
        taken = np.unpackbits(bits).view(bool)
        hits = hits.kept(np.asarray(~taken[hits.places].any(axis=1)))
    return hits


def _compare(ledger: _Ledger, kept: Sequence[Observations]) -> None:
    submission = ledger.submission
    before = readers.read(submission.previous, "", submission.read_options)
    if isinstance(before, Memberships):
        raise SourceError("previous_holds_memberships", where=submission.previous)
    now = combine(list(kept))
    same_kind(now, before)
    found, checked = against(submission.rules, now, before)
    for rule in submission.rules:
        if rule.id in checked:
            ledger.note(rule, checked[rule.id], {})
    for cases in found:
        ledger.enter(cases)


def _applied(ledger: _Ledger) -> tuple[Applied, ...]:
    submission = ledger.submission
    made = []
    for rule in submission.rules:
        skipped = ""
        if rule.kind == "against_previous" and not submission.previous:
            skipped = NO_PREVIOUS
        elif rule.kind == "waiver" and not submission.waivers:
            skipped = NO_WAIVERS
        made.append(Applied(rule.id, ledger.checked.get(rule.id, 0), ledger.not_checked.get(rule.id, {}), skipped))
    return (*made, *(Applied(name, skipped=why) for name, why in submission.skipped.items()))


def _summary(ledger: _Ledger) -> tuple[Tally, ...]:
    return tuple(
        sorted(ledger.tallies.values(), key=lambda one: (-SEVERITIES.index(one.severity), -one.count, one.rule))
    )


def _in_order(ledger: _Ledger) -> tuple[Finding, ...]:
    """The findings by file as given, then line, then gravity."""
    files = ledger.submission.files
    place = {
        name: next(
            (index for index, path in enumerate(files) if name == path or name.startswith(f"{path}[")), len(files)
        )
        for name in {one.file for one in ledger.findings}
    }
    return tuple(
        sorted(
            ledger.findings,
            key=lambda one: (place[one.file], one.file, one.line, -SEVERITIES.index(one.severity), one.rule),
        )
    )
