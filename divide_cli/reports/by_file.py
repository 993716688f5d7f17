"""A report by file and rule, and the words of a finding: what all formats say alike."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue, codelist
from divide_cli.catalogue.ages import age_name
from divide_cli.concepts import SEVERITIES
from divide_cli.errors.text_safety import grown
from divide_cli.validation.report import NO_PREVIOUS, NO_WAIVERS, Applied, Described, Finding, Input, Report, Tally

GRAVEST_FIRST = SEVERITIES[::-1]
CONCEPTS = {
    v.REF_AREA: "Area", v.INDICATOR: "Indicator", v.SEX: "Sex", v.AGE: "Age", v.URBANISATION: "Urban or rural",
    v.TIME_PERIOD: "Year",
}  # fmt: skip
"""Concepts whose codes have names of their own, or need none."""
_FURTHER = {
    "SUBNATIONAL_AREA": "Part of the country", "EDUCATION_LEV": "Education",
    "INCOME_WEALTH_QUANTILE": "Income or wealth",
}  # fmt: skip
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*(?=[ ,:;]|\.?$)")


@dataclass(frozen=True)
class Broken:
    """A rule that a file breaks: how often, how many of these are accepted, and the findings that are listed.

    `exact` is False where the report has the sums of several files only, and lists fewer: `count` is then a least.
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
        """How often, in figures."""
        return f"{self.count:,}" if self.exact else f"at least {self.count:,}"


def path_of(file: str, inputs: Sequence[Input]) -> str:
    """The path of the input that a finding's file means: `a.xlsx` of the sheet `a.xlsx[2023]`; else the file itself."""
    if any(entry.path == file for entry in inputs):
        return file
    return next((entry.path for entry in inputs if sheet_of(file, entry.path)), file)


def sheet_of(file: str, path: str) -> str:
    """The sheet of the workbook at the path that a finding's file names, else nothing."""
    return file[len(path) + 1 : -1] if file.startswith(f"{path}[") and file.endswith("]") else ""


def files(report: Report) -> Iterator[tuple[Input, tuple[Broken, ...]]]:
    """Each input with the rules that it breaks, the gravest first; then other files that findings are about."""
    grouped: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in report.findings:
        path = path_of(finding.file, report.inputs)
        grouped.setdefault((path, finding.rule, finding.severity), []).append(finding)
    named = [file for tally in report.summary for file in tally.files]
    paths = [*(path for path, _, _ in grouped), *(path_of(file, report.inputs) for file in named)]
    known = {entry.path for entry in report.inputs}
    entries = [*report.inputs, *(Input(path) for path in dict.fromkeys(paths) if path not in known)]
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
    waived = sum(1 for finding in findings if finding.waiver)
    return len(findings), waived, not 0 < tally.listed < tally.count


def rules(report: Report, described: Mapping[str, Described]) -> dict[str, tuple[Described, Applied | None]]:
    """Every rule that the report speaks of: what is said of it, and what became of it where the run says so."""
    applied = {entry.rule: entry for entry in report.rules}
    graves = {finding.rule: finding.severity for finding in report.findings}
    graves |= {tally.rule: tally.severity for tally in reversed(report.summary)}
    return {
        name: (described.get(name) or Described(name, name, graves.get(name, "warning")), applied.get(name))
        for name in dict.fromkeys([*applied, *graves])
    }


def key_in_codes(key: Mapping[str, str | int]) -> str:
    """The key of an observation as its codes, without totals: `ALB internet_use F 2023`."""
    return " ".join(str(code) for code in key.values() if code not in (v.TOTAL, ""))


def key_in_words(key: Mapping[str, str | int]) -> dict[str, str]:
    """The key of an observation in the catalogue's words, without totals: {"Area": "Albania", "Sex": "Female" ...}."""
    return {
        concept_in_words(concept): _name(concept, str(code))
        for concept, code in key.items()
        if code not in (v.TOTAL, v.NOT_APPLICABLE, "")
    }


def concept_in_words(concept: str) -> str:
    """What a column id means: `Part of the country` for SUBNATIONAL_AREA; of one without a name, its words."""
    known = CONCEPTS.get(concept) or _FURTHER.get(concept)
    return known or (concept.replace("_", " ").capitalize() if concept.isupper() else concept)


def about(key: Mapping[str, str | int]) -> list[str]:
    """What an observation is of, in words: `Albania`, `Female`, `Part of the country: AL-01`, `2023`."""
    named = frozenset(CONCEPTS.values())
    return [word if name in named else f"{name}: {word}" for name, word in key_in_words(key).items()]


def sentence(said: str) -> str:
    """The text with a capital letter where it begins with a word; names and codes stay as they are."""
    return said[:1].upper() + said[1:] if _WORD.match(said) else said


def _name(concept: str, code: str) -> str:
    if concept == v.INDICATOR:
        known = catalogue().indicators.get(code)
        return known.name if known else code
    if concept == v.AGE:
        return age_name(code)
    lists = {v.REF_AREA: "CL_AREA", v.SEX: "CL_SEX", v.URBANISATION: "CL_URBANISATION"}
    return codelist(lists[concept]).name(code) if concept in lists else code


def place(finding: Finding) -> str:
    """Line and column in words: `line 12, column Value`, or `whole file`."""
    line = f"line {finding.line}" if finding.line else "whole file"
    others = [number for number in finding.lines if number != finding.line]
    more = f" (with line{'s' * (len(others) > 1)} {few(others)})" if others and finding.line else ""
    return line + more + (f", column {finding.column}" if finding.column else "")


def few(numbers: Sequence[int], most: int = 8) -> str:
    """`8, 12`; of many the first, and how many more there are."""
    rest = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return ", ".join(map(str, numbers[:most])) + rest


def why(entry: Input) -> str:
    """Why a file could not be read, in one line."""
    return "; ".join(line.strip() for line in entry.error.splitlines() if line.strip())


def totals(report: Report) -> str:
    """The counts of a run in words: `2 errors, 1 warning and 3 notes; 1 of them accepted`."""
    counts = {name: sum(tally.count for tally in report.summary if tally.severity == name) for name in GRAVEST_FIRST}
    said = [grown(number, name) for name, number in counts.items() if number]
    waived = sum(tally.waived for tally in report.summary)
    if not said:
        return "nothing was found"
    joined = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    return joined + (f"; {waived:,} of them accepted" if waived else "")


ALL = "all"
"""The cases of a rule that was skipped."""


def not_checked(report: Report, given: bool = False) -> list[tuple[str, str, str]]:
    """What was not checked: rule, cases (`all` where the rule was skipped), and why.

    With `given`, without the rules on what was not given to the run: an earlier submission, waivers.
    """
    rows = []
    for entry in report.rules:
        if given and entry.skipped in (NO_PREVIOUS, NO_WAIVERS):
            continue
        if entry.skipped:
            rows.append((entry.rule, ALL, entry.skipped))
        rows += [(entry.rule, f"{count:,}", reason) for reason, count in entry.not_checked.items()]
    return rows
