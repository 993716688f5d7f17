"""Composes a validation: files -> observations -> cases of every rule -> waivers -> a report with exact counts."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from divide_cli import readers
from divide_cli.catalogue import Rule
from divide_cli.errors import SourceError
from divide_cli.frames.columns import Array, Mask
from divide_cli.frames.observations import Observations, combine
from divide_cli.language import say
from divide_cli.readers import Memberships, ReadOptions
from divide_cli.sources import editions
from divide_cli.validation.listing import Created, Listing, in_order, kept
from divide_cli.validation.report import Applied, Input, NotChecked, Report, Skipped, Tally, gravest_first
from divide_cli.validation.rules import Stage, kinds
from divide_cli.validation.rules.findings import Findings, Violations, findings_of
from divide_cli.validation.rules.grouping import BLOCK
from divide_cli.validation.rules.sorting import submission_of
from divide_cli.validation.rules.structure import of_reading, of_unreadable
from divide_cli.validation.rules.submission import Submission
from divide_cli.validation.rules.time import Comparison, same_kind
from divide_cli.validation.waivers import Entry, covering

Progress = Callable[[str], None]


@dataclass(frozen=True)
class ValidationRequest:
    """What to check: files, an earlier submission, the rules in their order, and the rules skipped with the reason.

    `against` are the editions whose figures the files are compared with.
    """

    files: tuple[str, ...]
    rules: tuple[Rule, ...]
    skipped: Mapping[str, Skipped] = field(default_factory=dict)
    previous: str = ""
    against: tuple[str, ...] = field(default_factory=editions.country_editions)
    waivers: tuple[Entry, ...] = ()
    read_options: ReadOptions = field(default_factory=lambda: ReadOptions(strict=False, submitted=True))
    limit: int = 100
    today: date = field(default_factory=date.today)

    def rules_of(self, *stages: Stage) -> Iterator[Rule]:
        """The rules whose kinds apply at one of the stages."""
        return (rule for rule in self.rules if kinds()[rule.kind].stage in stages)


@dataclass
class _Ledger:
    """All findings so far; they are created only if listed, up to the limit of a rule."""

    request: ValidationRequest
    inputs: list[Input] = field(default_factory=list)
    lists: list[Listing | Created] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    checked: Counter[str] = field(default_factory=Counter)
    not_checked: dict[str, Counter[NotChecked]] = field(default_factory=dict)

    def enter(self, *of_rules: Findings) -> None:
        """Counts findings of rules, and lists as many of each as the limit allows."""
        for findings in of_rules:
            if findings.size:
                self._enter(findings)

    def _enter(self, findings: Findings) -> None:
        rule, size = findings.rule, findings.size
        covers = covering(findings, self.request.waivers, self.request.today)
        waived = np.zeros(size, dtype=bool)
        for _, mask in covers:
            waived |= mask
        before = self.tallies.get(rule.id, Tally(rule.id, rule.severity, 0))
        room = max(self.request.limit - before.listed, 0) if self.request.limit else size
        # findings that are not accepted come first, so that accepted ones do not crowd them out
        order = np.argsort(waived, kind="stable")[:room] if waived.any() else np.arange(min(room, size))
        cases, waiver_of = np.sort(order), np.full(size, -1, dtype=np.int32)
        for number, (_, mask) in reversed(list(enumerate(covers))):
            waiver_of[mask] = number
        listing = Listing(findings, cases, [entry.waiver for entry, _ in covers], waiver_of[cases])
        self.lists.append(kept(listing))
        self.tallies[rule.id] = replace(
            before,
            count=before.count + size,
            waived=before.waived + int(waived.sum()),
            listed=before.listed + len(order),
        )

    def count(self, rule: Rule, checked: int, not_checked: Mapping[NotChecked, int] | None = None) -> None:
        """Counts the cases that a rule checked, and those that it could not check."""
        self.checked[rule.id] += checked
        self.not_checked[rule.id] = self.not_checked.get(rule.id, Counter()) + Counter(not_checked or {})


def validate(request: ValidationRequest, progress: Progress = lambda _what: None) -> Report:
    """Returns the report on the files. A file that cannot be read is a finding.

    Raises OptionError for options that fit no file.
    """
    ledger = _Ledger(request)
    submissions = []
    for path in request.files:
        progress(say("reading {path}", path=path))
        read = _read(ledger, path)
        if read is None:
            continue
        # findings name the path, or `path[sheet]` where one sheet of a workbook was read
        name = read.readings[0].file.name
        file = name if _is_of(name, path) else path
        progress(say("checking {file}", file=file))
        ledger.enter(*of_reading(request.rules, file, read))
        _check_values(ledger, file, read, progress)
        submissions += [read] if request.previous else []
    if submissions:
        _compare(ledger, combine(submissions))
    for rule in request.rules_of(Stage.WAIVERS):  # waivers that have expired, and those that covered nothing
        for entry in request.waivers:
            ledger.enter(*kinds()[rule.kind].ask(rule, entry, request.today))
    return _report(ledger)


def _read(ledger: _Ledger, path: str) -> Observations | None:
    """The observations of a file; None if it cannot be read, which is entered as findings."""
    try:
        read = readers.read(path, "", ledger.request.read_options)
        if isinstance(read, Memberships):
            parts = {"count": len(read.frame), "layout": read.readings[0].dataflow}
            raise SourceError("memberships_not_observations", where=path, **parts)
    except SourceError as error:
        ledger.inputs.append(Input(path, error=str(error)))
        ledger.enter(*of_unreadable(ledger.request.rules, path, error))
        return None
    reading, file = read.readings[0], read.readings[0].file
    ignored, refused = (sum(part.rows for part in parts) for parts in (reading.ignored, reading.refused))
    rows = reading.rows, reading.used, ignored, refused
    ledger.inputs.append(Input(path, file.sha256, file.size, reading.dataflow, *rows, encoding=file.decoded_as))
    return read


def _is_of(name: str, path: str) -> bool:
    """Whether a name is the file, or one of its sheets."""
    return name.startswith(f"{path}[")


def _check_values(ledger: _Ledger, path: str, read: Observations, progress: Progress) -> None:
    """Applies the rules on values in order; rows that break a gate are set aside for later rules."""
    request = ledger.request
    submission = submission_of(read, request.today, request.against, give_up=not request.previous)
    concerned: dict[str, Array] = {}
    for rule in ledger.request.rules_of(Stage.FILE, Stage.REFUSED, Stage.READING):
        ledger.count(rule, read.readings[0].rows)
    published = (Stage.PUBLISHED,) if submission.against else ()
    for rule in ledger.request.rules_of(Stage.VALUES, *published):
        progress(say("checking {path}: {rule}", path=path, rule=rule.name))
        submission = _checked(ledger, rule, path, submission, concerned)
        _give_back(len(submission))


def _checked(ledger: _Ledger, rule: Rule, path: str, submission: Submission, concerned: dict[str, Array]) -> Submission:
    """Applies a rule; returns the submission for those after it, without the rows that break a gate.

    `concerned` has a bit for each row that breaks an earlier rule, if later ones leave such rows to it.
    """
    violations = kinds()[rule.kind].violations(submission, rule)
    violations = _unless(violations, [concerned[other] for other in rule.unless if other in concerned])
    ledger.count(rule, violations.checked, violations.not_checked)
    if not len(violations):
        return submission
    rows: Mask = violations.concerned(len(submission))
    if any(rule.id in other.unless for other in ledger.request.rules):
        concerned[rule.id] = np.packbits(np.append(rows, False))
    ledger.enter(findings_of(rule, path, submission, violations))
    return submission.without(rows) if rule.gate else submission


def _give_back(rows: int) -> None:
    """Returns what a rule on many rows leaves in the heap to the operating system, which glibc does only if asked."""
    if rows > BLOCK and sys.platform == "linux":
        import ctypes

        if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
            trim(0)


def _unless(violations: Violations, others: Sequence[Array]) -> Violations:
    """The cases that involve no row of the others. Each of the others has a bit for each row and one for none (-1)."""
    for bits in others if len(violations) else ():
        concerned = np.unpackbits(bits).view(bool)
        violations = violations.only(np.asarray(~concerned[violations.rows].any(axis=1)))
    return violations


def _compare(ledger: _Ledger, now: Observations) -> None:
    """Applies the rules on changes since the earlier submission."""
    request = ledger.request
    before = readers.read(request.previous, "", request.read_options)
    if isinstance(before, Memberships):
        raise SourceError("previous_holds_memberships", where=request.previous)
    same_kind(now, before)
    if rules := list(request.rules_of(Stage.PREVIOUS)):
        comparison = Comparison(now, before)
        for rule in rules:
            ledger.count(rule, len(comparison.new))
            ledger.enter(kinds()[rule.kind].ask(rule, comparison))


def _report(ledger: _Ledger) -> Report:
    applied = [_applied(ledger, rule) for rule in ledger.request.rules]
    applied += [Applied(name, skipped=reason) for name, reason in ledger.request.skipped.items()]
    paths = ledger.request.files

    def place_of(file: str) -> int:
        """The place of the path, among those given, that is the file or its workbook."""
        own = (place for place, path in enumerate(paths) if file == path or _is_of(file, path))
        return next(own, len(paths))

    tallies, findings = gravest_first(ledger.tallies.values()), in_order(ledger.lists, place_of)
    return Report(tuple(ledger.inputs), tuple(applied), tallies, findings, ledger.request.limit)


def _applied(ledger: _Ledger, rule: Rule) -> Applied:
    """The outcome of a rule."""
    stage, skipped = kinds()[rule.kind].stage, Skipped.NO
    if stage is Stage.PREVIOUS and not ledger.request.previous:
        skipped = Skipped.NO_PREVIOUS
    elif stage is Stage.WAIVERS and not ledger.request.waivers:
        skipped = Skipped.NO_WAIVERS
    elif stage is Stage.PUBLISHED and not ledger.request.against:
        skipped = Skipped.NO_EDITIONS
    counts = ledger.not_checked.get(rule.id, Counter())
    texts = {say(reason, **rule.parameters): counts[reason] for reason in NotChecked if counts[reason]}
    return Applied(rule.id, ledger.checked[rule.id], texts, skipped)
