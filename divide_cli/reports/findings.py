"""The findings of a report by file and rule: words that all formats share, and tables for terminals and Markdown."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from divide_cli import concepts as v
from divide_cli import language
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.codelists import code_name
from divide_cli.catalogue.load import read_yaml
from divide_cli.catalogue.words import texts_in
from divide_cli.concepts import SEVERITIES
from divide_cli.errors.text_safety import CELL, MESSAGE, count_of, plural, shown
from divide_cli.language import clauses, commas, digits, labelled, later, remarked, say
from divide_cli.reports.tables import Block, as_markdown, without_empty_columns
from divide_cli.validation.report import Applied, Described, Finding, Input, Report, Skipped, Tally, Waiver

if TYPE_CHECKING:
    import pandas as pd

GRAVEST_FIRST = SEVERITIES[::-1]
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*(?=[ ,:;\u00a0]|\.?$)")


@language.ByLanguage
def texts() -> Mapping[str, Any]:
    """The sentences of reports, and the looks of their workbooks: the content of texts.yaml, in the language."""
    content = read_yaml(Path(__file__).with_name("texts.yaml"))
    translated: Mapping[str, Any] = texts_in(content, "texts", language.translated)
    return translated


@dataclass(frozen=True)
class Broken:
    """A rule that a file breaks: the number of findings, how many of them are accepted, and those that are listed.

    `exact` is False where the report has the sums of several files only, and lists fewer: `count` is then a minimum.
    """

    rule: str
    severity: str
    count: int
    waived: int
    findings: tuple[Finding, ...]
    exact: bool = True

    @property
    def open(self) -> int:
        """Findings that are not accepted."""
        return self.count - self.waived

    @property
    def number(self) -> str:
        """How often, as text."""
        return digits(f"{self.count:,}") if self.exact else say("at least {count:,}", count=self.count)


def path_of(file: str, inputs: Sequence[Input]) -> str:
    """The path of the input that a finding names: `a.xlsx` for the sheet `a.xlsx[2023]`, otherwise the file itself."""
    if any(entry.path == file for entry in inputs):
        return file
    return next((entry.path for entry in inputs if sheet_of(file, entry.path)), file)


def sheet_of(file: str, path: str) -> str:
    """The sheet that a finding names in the workbook at the path, otherwise an empty text."""
    return file[len(path) + 1 : -1] if file.startswith(f"{path}[") and file.endswith("]") else ""


def files(report: Report) -> Iterator[tuple[Input, tuple[Broken, ...]]]:
    """Each input with the rules that it breaks, by severity; then other files that findings are about."""
    grouped: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in report.findings:
        path = path_of(finding.file, report.inputs)
        grouped.setdefault((path, finding.rule, finding.severity), []).append(finding)
    in_tallies = [path_of(file, report.inputs) for tally in report.summary for file in tally.files]
    paths = [*(path for path, _, _ in grouped), *in_tallies]
    paths_of_inputs = {entry.path for entry in report.inputs}
    entries = [*report.inputs, *(Input(path) for path in dict.fromkeys(paths) if path not in paths_of_inputs)]
    tallies = sorted(report.summary, key=lambda tally: GRAVEST_FIRST.index(tally.severity))
    for entry in entries:
        broken = []
        for tally in tallies:
            findings = grouped.get((entry.path, tally.rule, tally.severity), [])
            count, waived, exact = _counts(tally, findings, entry, report, alone=len(entries) == 1)
            if count:
                broken.append(Broken(tally.rule, tally.severity, count, waived, tuple(findings), exact))
        yield entry, tuple(broken)


def _counts(
    tally: Tally, findings: Sequence[Finding], entry: Input, report: Report, alone: bool
) -> tuple[int, int, bool]:
    """How often the file breaks the rule, how many of these are accepted, and whether that is known exactly."""
    if alone:
        return tally.count, tally.waived, True
    if tally.files:
        here = [counts for file, counts in tally.files.items() if path_of(file, report.inputs) == entry.path]
        return sum(count for count, _ in here), sum(waived for _, waived in here), True
    return len(findings), sum(bool(one.waiver) for one in findings), not 0 < tally.listed < tally.count


def rules(report: Report, described: Mapping[str, Described]) -> dict[str, tuple[Described, Applied | None]]:
    """Every rule in the report: its description, and the checks made if the run gives them."""
    applied = {entry.rule: entry for entry in report.rules}
    counted = applied.keys() >= {tally.rule for tally in report.summary}
    counted &= sum(tally.listed for tally in report.summary) == len(report.findings)  # findings are not read for this
    graves = {} if counted else {finding.rule: finding.severity for finding in report.findings}
    graves |= {tally.rule: tally.severity for tally in reversed(report.summary)}
    names = dict.fromkeys([*applied, *graves])
    unknown = {name: Described(name, name, graves.get(name, "warning")) for name in names}
    return {name: (described.get(name, unknown[name]), applied.get(name)) for name in names}


def key_in_codes(key: Mapping[str, str | int]) -> str:
    """The key of an observation as its codes, without totals: `ALB internet_use F 2023`."""
    return " ".join(str(code) for code in key.values() if code not in (v.TOTAL, ""))


def about(key: Mapping[str, str | int]) -> list[str]:
    """An observation in words, without totals: `Albania`, `Female`, `Part of the country: AL-01`."""
    codes = {concept: str(code) for concept, code in key.items() if code not in (v.TOTAL, v.NOT_APPLICABLE, "")}
    further = {concept: labelled(_concept_in_words(concept), code) for concept, code in codes.items()}
    return [code_name(concept, code) if concept in v.KEY else further[concept] for concept, code in codes.items()]


def _concept_in_words(concept: str) -> str:
    """A further dimension in words: `Part of the country` for SUBNATIONAL_AREA, otherwise the words of its id."""
    words = concept.replace("_", " ").capitalize() if concept.isupper() else concept
    return str(texts()["dimensions"].get(concept, words))


def sentence(text: str) -> str:
    """The text with a capital letter if it begins with a word; names and codes stay as they are."""
    word = _WORD.match(text)
    return text[:1].upper() + text[1:] if word and word[0].islower() else text


def acceptance(waiver: Waiver) -> str:
    """Until when a finding is accepted, by whom, and why."""
    return say("until {expires} by {owner}: {reason}", expires=waiver.expires, owner=waiver.owner, reason=waiver.reason)


def layout(dataflow: str) -> str:
    """The name of a layout; its id if the catalogue does not contain it."""
    entry = catalogue().dataflows.get(dataflow)
    return entry.name if entry else dataflow


def parts(finding: Finding, hint: str) -> list[tuple[str, str, int]]:
    """The parts of a finding: the label, the text, and the number of characters shown."""
    every = (
        ("", sentence(finding.message), MESSAGE),
        (say("Expected: "), finding.expected, CELL),
        (say("Found: "), finding.found, CELL),
        (say("What to do: "), sentence(hint), MESSAGE),
    )
    return [part for part in every if part[1]]


def place(finding: Finding) -> str:
    """Line and column in words: `line 12, column Value`, or `whole file`."""
    line = say("line {line}", line=finding.line) if finding.line else say("whole file")
    others = [number for number in finding.lines if number != finding.line]
    more = (
        say(" (with {noun} {few})", noun=plural(len(others), "line"), few=few(others))
        if others and finding.line
        else ""
    )
    column = finding.column or (str(finding.span[0]) if finding.span else "")
    return line + more + (say(", column {column}", column=column) if column else "")


def few(numbers: Sequence[int | str], most: int = 8) -> str:
    """`8, 12`; if there are many, the first ones and how many more."""
    rest = say(" and {count} more", count=len(numbers) - most) if len(numbers) > most else ""
    return commas(map(str, numbers[:most])) + rest


def reading_error(entry: Input) -> str:
    """Why a file could not be read, in one line."""
    return clauses(line.strip() for line in entry.error.splitlines() if line.strip())


def totals(report: Report) -> str:
    """The counts of a run in words: `2 errors, 1 warning and 3 notes; 1 of them accepted`."""
    counts = {name: sum(tally.count for tally in report.summary if tally.severity == name) for name in GRAVEST_FIRST}
    parts = [count_of(number, name) for name, number in counts.items() if number]
    waived = sum(tally.waived for tally in report.summary)
    if not parts:
        return say("no findings")
    joined = parts[0] if len(parts) == 1 else say("{parts} and {parts_2}", parts=commas(parts[:-1]), parts_2=parts[-1])
    return joined + (say("; {waived:,} of them accepted", waived=waived) if waived else "")


ALL = later("all")
"""The checks of a rule that was skipped."""


def not_checked(report: Report, only_given: bool = False) -> list[tuple[str, str, str]]:
    """What was not checked: rule, number of checks (`all` if the rule was skipped), and why.

    With `only_given`, without the rules about what was not given to the run: an earlier submission, waivers.
    """
    rows: list[tuple[str, str, str]] = []
    for entry in report.rules:
        if only_given and entry.skipped in (Skipped.NO_PREVIOUS, Skipped.NO_WAIVERS):
            continue
        if entry.skipped:
            rows.append((entry.rule, ALL, say(entry.skipped)))
        rows += [(entry.rule, digits(f"{count:,}"), reason) for reason, count in entry.not_checked.items()]
    return rows


def open_findings(report: Report, severity: str) -> int:
    """Findings of a severity that nobody has accepted."""
    return sum(tally.count - tally.waived for tally in report.summary if tally.severity == severity)


def steps(report: Report, copy: bool = False) -> list[str]:
    """What the data owner should do now, step by step; empty if there is nothing to do.

    With `copy` the report contains a copy of the file, which must not be sent back.
    """
    errors, warnings = open_findings(report, "error"), open_findings(report, "warning")
    states = {"unreadable": report.unreadable, "errors": errors, "warnings": warnings, "findings": errors + warnings}
    states["any"] = report.unreadable or errors + warnings
    file = texts()["file_of_copy" if copy else "file"]
    return [step["text"].format(file=file) for step in texts()["steps"] if states[step["when"]]]


SUMMARY_BYTES = 1_000_000
"""The size of a step summary; GitHub allows 1 MiB."""
_NAMED = 3
"""Up to this number, rules that are left out for one reason are named."""
_FEWER = (0, 20, 5, 1, None)
Known = Mapping[str, tuple[Described, Applied | None]]


def text(report: Report, described: Mapping[str, Described]) -> str:
    """The report as Markdown for a step summary: it lists fewer findings for each rule if all would be too long."""
    head, *others = _inputs(report), _summary(report, rules(report, described)), *_not_checked(report)
    markdown = ""
    for each in _FEWER:
        listed = [] if each is None else _broken(report, rules(report, described), each)
        tables = as_markdown([head, *others[:1], *listed, *others[1:]], links=False)
        markdown = f"## divide validate: {totals(report)}\n\n{tables}"
        if len(markdown.encode("utf-8", "replace")) <= SUMMARY_BYTES:
            break
    return markdown


def blocks(report: Report, described: Mapping[str, Described], each: int = 0) -> list[Block]:
    """The tables; for each rule in a file at most `each` of the findings listed in the report, 0 for all."""
    entries = rules(report, described)
    return [_inputs(report), *_broken(report, entries, each), *_not_checked(report), _summary(report, entries)]


def _broken(report: Report, entries: Known, each: int) -> list[Block]:
    return [_rule(entry, one, entries[one.rule][0], each) for entry, broken in files(report) for one in broken]


def _inputs(report: Report) -> Block:
    rows: list[tuple[str, ...]] = []
    notes: list[str] = []
    fates = {"Rows": "rows", "Used": "used", "Ignored": "ignored", "Rejected": "refused"}
    for entry in report.inputs:
        path = shown(entry.path)
        if entry.error:
            rows.append((path, say("could not be read"), *("" for _ in fates)))
            notes.append(labelled(path, shown(reading_error(entry), MESSAGE)))
        else:
            rows.append(
                (path, shown(entry.dataflow), *(digits(f"{getattr(entry, fate):,}") for fate in fates.values()))
            )
    block = Block("Files", ("File", "Layout", *fates), rows, frozenset(fates), notes=tuple(notes))
    return without_empty_columns(block)


def _rule(entry: Input, broken: Broken, rule: Described, each: int) -> Block:
    """The findings of a rule in a file; what to do is said once if it is the same for all."""
    listed = broken.findings[: each or None]
    hints = {finding.hint for finding in listed}
    common = hints.pop() if len(hints) == 1 else None
    rows = [_row(finding, entry.path, finding.hint if common is None else "") for finding in listed]
    accepted = say(", {waived:,} of them accepted", waived=broken.waived) if broken.waived else ""
    notes = []
    if listed and broken.count > len(listed):
        notes.append(say("{count:,} more not listed: --limit 0 lists all.", count=broken.count - len(listed)))
    if common:
        notes.append(say("What to do: {common}", common=shown(sentence(common), MESSAGE)))
    number = say(
        "{broken} {noun} in {path}{accepted}",
        broken=broken.number,
        noun=plural(broken.count, "finding"),
        path=shown(entry.path),
        accepted=accepted,
    )
    title = commas(
        (labelled(say(broken.severity.capitalize()), remarked(shown(sentence(rule.name)), broken.rule)), number)
    )
    columns, empty = ("Line", "Column", "About", say("What is wrong")), say("None is listed: --limit 0 lists all.")
    return without_empty_columns(Block(title, columns, rows, frozenset(("Line",)), notes=tuple(notes), empty=empty))


def _row(finding: Finding, path: str, hint: str) -> tuple[str, ...]:
    sheet = finding.file.removeprefix(path)
    others = [line for line in finding.lines if line != finding.line]
    said = [sentence(finding.message)]
    values = ((later("expected {value}"), finding.expected), (later("found {value}"), finding.found))
    said += [say(text, value=shown(value)) for text, value in values if value and not _says(finding.message, value)]
    said += (
        [say("see also {noun} {few}", noun=plural(len(others), "line"), few=few(others))]
        if others and finding.line
        else []
    )
    said += [say("what to do: {hint}", hint=hint)] if hint else []
    said += [say("accepted {acceptance}", acceptance=acceptance(finding.waiver))] if finding.waiver else []
    line = f"{shown(f'{sheet} ' if sheet else '')}{finding.line or say('all')}"
    wrong = clauses(shown(part, MESSAGE) for part in said)
    return line, shown(finding.column), shown(key_in_codes(finding.key)), wrong


def _says(message: str, part: str) -> bool:
    """Whether the message contains the part as separate words."""
    return len(part) <= CELL and re.search(rf"(?<![\w.]){re.escape(part)}(?![\w]|\.\d)", message) is not None


def _summary(report: Report, entries: Known) -> Block:
    """The rules that were broken, and the counts of the run."""
    rows: list[tuple[str, ...]] = []
    for tally in report.summary:
        name, waived = shown(sentence(entries[tally.rule][0].name)), f"{tally.waived:,}" if tally.waived else ""
        rows.append((say(tally.severity), shown(tally.rule), name, digits(f"{tally.count:,}"), waived))
    counts = say(
        "{rules}, {checks} made.", rules=count_of(len(report.rules), "rule"), checks=count_of(report.checked, "check")
    )
    columns, note = (
        ("Severity", "Rule", say("What is wrong"), "Findings", "Accepted"),
        f"{sentence(totals(report))}. {counts}",
    )
    numeric, whole = frozenset(columns[3:]), frozenset(("Rule",))
    return without_empty_columns(Block("Summary", columns, rows, numeric, notes=(note,), whole=whole))


def _not_checked(report: Report) -> Iterator[Block]:
    reasons = list(not_checked(report))
    many = Counter(reason for _, checks, reason in reasons if checks == ALL)
    rows: list[tuple[str, ...]] = [
        (shown(rule), say(checks), shown(sentence(reason), MESSAGE))
        for rule, checks, reason in reasons
        if checks != ALL or many[reason] <= _NAMED
    ]
    together = ((reason, rules) for reason, rules in many.items() if rules > _NAMED)
    rows += [
        (say("{rules} rules", rules=rules), say(ALL), shown(sentence(reason), MESSAGE)) for reason, rules in together
    ]
    if rows:
        yield Block(
            say("Not checked"), ("Rule", "Checks", "Why"), rows, frozenset(("Checks",)), whole=frozenset(("Rule",))
        )


_FIELDS = ("rule", "severity", "file", "line", "column", "expected", "found", "message", "hint")


def findings_frame(listed: Sequence[Finding]) -> "pd.DataFrame":
    """A row for each finding: its rule, place and texts, whether it is waived, and the key of its observation.

    LINE is the line of a file, the row of a frame (from 1), or 0 for the whole file.
    """
    import pandas as pd

    keys = list(dict.fromkeys(concept for finding in listed for concept in finding.key))
    rows = [
        [*(getattr(one, name) for name in _FIELDS), one.waiver is not None, *(one.key.get(concept) for concept in keys)]
        for one in listed
    ]
    frame = pd.DataFrame(rows, columns=[*map(str.upper, _FIELDS), "WAIVED", *keys])
    return frame.astype({"LINE": "int64", "WAIVED": "bool"})
