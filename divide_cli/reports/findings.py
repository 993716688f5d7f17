"""A report as tables: what was read, what is wrong by file and rule, and what was not checked; for terminals and CI."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from divide_cli.errors.text_safety import CELL, MESSAGE, grown, shown
from divide_cli.reports.by_file import ALL, Broken, few, files, key_in_codes, not_checked, rules, totals, why
from divide_cli.reports.tables import Block, as_markdown, print_rich
from divide_cli.validation.report import Applied, Described, Finding, Input, Report

SUMMARY_BYTES = 1_000_000
"""A step summary of GitHub may have 1 MiB."""
_NAMED = 3
"""Rules that are left out for one reason are named up to this number."""
_FEWER = (0, 20, 5, 1, None)
Known = Mapping[str, tuple[Described, Applied | None]]


def show(report: Report, described: Mapping[str, Described]) -> None:
    """Prints the report on stdout, as wide as the terminal."""
    print_rich(blocks(report, described))


def text(report: Report, described: Mapping[str, Described]) -> str:
    """The report as Markdown, fit for a step summary: fewer findings a rule are listed where all would be too long."""
    head, *others = _inputs(report), *_summary(report, rules(report, described)), *_not_checked(report)
    made = ""
    for each in _FEWER:
        listed = [] if each is None else _broken(report, rules(report, described), each)
        made = (
            f"## divide validate: {totals(report)}\n\n{as_markdown([head, *others[:1], *listed, *others[1:]], False)}"
        )
        if len(made.encode("utf-8", "replace")) <= SUMMARY_BYTES:
            break
    return made


def blocks(report: Report, described: Mapping[str, Described], each: int = 0) -> list[Block]:
    """The tables; of each rule in a file at most `each` findings that the report lists, 0 for all."""
    known = rules(report, described)
    return [_inputs(report), *_broken(report, known, each), *_not_checked(report), *_summary(report, known)]


def _broken(report: Report, known: Known, each: int) -> list[Block]:
    return [_rule(entry, one, known[one.rule][0], each) for entry, found in files(report) for one in found]


def _inputs(report: Report) -> Block:
    rows: list[tuple[str, ...]] = []
    for entry in report.inputs:
        if entry.error:
            rows.append((shown(entry.path), "cannot be read", "", "", "", ""))
        else:
            counts = (entry.rows, entry.used, entry.ignored, entry.refused)
            rows.append((shown(entry.path), shown(entry.dataflow), *(f"{count:,}" for count in counts)))
    numeric = frozenset(("rows", "used", "ignored", "refused"))
    notes = tuple(f"{shown(entry.path)}: {shown(why(entry), MESSAGE)}" for entry in report.inputs if entry.error)
    return Block("Files", ("file", "layout", "rows", "used", "ignored", "refused"), rows, numeric, notes=notes)


def _rule(entry: Input, broken: Broken, rule: Described, each: int) -> Block:
    """The findings of a rule in a file; what to do stands once where it is the same for all."""
    listed = broken.findings[: each or None]
    hints = {finding.hint for finding in listed}
    alone = len(hints) == 1
    rows = [_row(finding, entry.path, "" if alone else finding.hint) for finding in listed]
    accepted = f", {broken.waived:,} of them accepted" if broken.waived else ""
    notes = []
    if listed and broken.count > len(listed):
        notes.append(f"{broken.count - len(listed):,} more are not listed: --limit 0 lists all.")
    if alone and (hint := hints.pop()):
        notes.append(f"What to do: {shown(hint, MESSAGE)}")
    return Block(
        f"{broken.severity}: {shown(rule.name)} ({broken.rule}), {broken.number} in {shown(entry.path)}{accepted}",
        ("line", "column", "observation", "what is wrong"),
        rows,
        frozenset(("line",)),
        notes=tuple(notes),
        empty="None of these is listed: --limit 0 lists all.",
    )


def _row(finding: Finding, path: str, hint: str) -> tuple[str, ...]:
    sheet = finding.file.removeprefix(path)
    others = [line for line in finding.lines if line != finding.line]
    said = [finding.message]
    parts = (("expected", finding.expected), ("found", finding.found))
    said += [f"{name} {shown(part)}" for name, part in parts if part and not _says(finding.message, part)]
    said += [f"see line{'s' * (len(others) > 1)} {few(others)}"] if others and finding.line else []
    said += [f"what to do: {hint}"] if hint else []
    if waiver := finding.waiver:
        said.append(f"accepted until {waiver.expires} by {waiver.owner}: {waiver.reason}")
    where = f"{sheet} " if sheet else ""
    return (
        f"{shown(where)}{finding.line or 'all'}",
        shown(finding.column, CELL),
        shown(key_in_codes(finding.key), CELL),
        "; ".join(shown(part, MESSAGE) for part in said),
    )


def _says(message: str, part: str) -> bool:
    """Whether the message holds the part as words of its own."""
    return len(part) <= CELL and re.search(rf"(?<![\w.]){re.escape(part)}(?![\w]|\.\d)", message) is not None


def _summary(report: Report, known: Known) -> Iterator[Block]:
    rows: list[tuple[str, ...]] = [
        (
            tally.severity,
            shown(tally.rule),
            shown(known[tally.rule][0].name),
            f"{tally.count:,}",
            f"{tally.waived:,}" if tally.waived else "",
        )
        for tally in report.summary
    ]
    note = f"{grown(len(report.rules), 'rule')}, {grown(report.checked, 'case')} checked: {totals(report)}."
    columns = ("severity", "rule", "in words", "findings", "accepted")
    numeric, whole = frozenset(columns[3:]), frozenset(("rule",))
    yield Block("Summary", columns, rows, numeric, notes=(note,), empty="No rule is broken.", whole=whole)


def _not_checked(report: Report) -> Iterator[Block]:
    told = list(not_checked(report))
    many = Counter(reason for _, cases, reason in told if cases == ALL)
    rows: list[tuple[str, ...]] = [
        (shown(rule), cases, shown(reason, MESSAGE))
        for rule, cases, reason in told
        if cases != ALL or many[reason] <= _NAMED
    ]
    rows += [(f"{rules} rules", ALL, shown(reason, MESSAGE)) for reason, rules in many.items() if rules > _NAMED]
    if rows:
        yield Block("Not checked", ("rule", "cases", "why"), rows, frozenset(("cases",)), whole=frozenset(("rule",)))
