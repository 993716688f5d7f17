"""The cases that break a rule in a file, and the findings for those that are listed."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from divide_cli import concepts as v
from divide_cli import language
from divide_cli.catalogue import Rule, catalogue
from divide_cli.catalogue.codelists import code_name
from divide_cli.errors import Place
from divide_cli.frames.columns import Array, Mask
from divide_cli.frames.stages import in_order
from divide_cli.language import commas
from divide_cli.validation.report import Finding, NotChecked
from divide_cli.validation.rules.grouping import NO_ROW
from divide_cli.validation.rules.submission import Submission


@dataclass(frozen=True)
class Explanation:
    """A case in words: what was expected and found, further details, and all rows involved.

    Without `rows`, the rows involved are those of the case.
    """

    expected: str
    found: str
    detail: str = ""
    rows: Sequence[int] | Array = ()


Explain = Callable[[int], Explanation]
_A_BLOCK = 1 << 27
"""Bytes of memory for which one thread more may check: more than a rule needs for a block."""


@dataclass(frozen=True)
class Violations:
    """Cases that break a rule: `rows[i]` are the rows of case i (NO_ROW pads), the one to correct first.

    `checked` is the number of cases checked, `not_checked` the number not checked by reason. `flags` are the rows
    concerned if they are more than `rows` has, and `column` is the concept whose column is to be corrected.
    """

    rows: Array
    explain: Explain
    checked: int
    not_checked: Mapping[NotChecked, int] = field(default_factory=dict)
    column: str = v.OBS_VALUE
    flags: Mask | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def in_order(self) -> "Violations":
        """The cases in the order of the rows to correct."""
        heads, explain = self.rows[:, 0], self.explain
        if (heads[1:] >= heads[:-1]).all():
            return self
        order = np.argsort(heads, kind="stable")
        return replace(self, rows=self.rows[order], explain=lambda case: explain(int(order[case])))

    def only(self, mask: Mask) -> "Violations":
        """The cases of the mask."""
        cases, explain = np.flatnonzero(mask), self.explain
        flags = self.flags if mask.all() else None
        return replace(self, rows=self.rows[mask], explain=lambda case: explain(int(cases[case])), flags=flags)

    def concerned(self, size: int) -> Mask:
        """The rows, out of `size`, that any case is about."""
        if self.flags is not None:
            return self.flags
        concerned = np.zeros(size + 1, dtype=bool)  # the last element is for NO_ROW
        concerned[self.rows.reshape(-1)] = True
        return concerned[:size]


def no_violations(checked: int = 0, not_checked: Mapping[NotChecked, int] | None = None) -> Violations:
    """No case."""
    rows = np.zeros((0, 1), dtype=np.intp)
    return Violations(rows, lambda _case: Explanation("", ""), checked, not_checked or {})


def one_row_each(rows: Array, explain: Explain, checked: Mask | int, **more: Any) -> Violations:
    """A case for each row, or each row of a mask; `explain` takes the row, `checked` is a number or a mask."""
    each = np.asarray(np.flatnonzero(rows) if rows.dtype == bool else rows, dtype=np.intp)
    number = checked if isinstance(checked, int) else int(checked.sum())
    return Violations(each.reshape(-1, 1), lambda case: explain(int(each[case])), number, **more)


def grouped(
    submission: Submission,
    groups: Sequence[Array],
    explain: Callable[[int, Array], Explanation],
    checked: int,
    heads: Sequence[int] | None = None,
    column: str = v.OBS_VALUE,
) -> Violations:
    """A case for the rows of each group, the first (or that of `heads`) first; explained by case and its rows."""
    if not groups:
        return no_violations(checked)
    flags = np.zeros(len(submission), dtype=bool)
    flags[np.concatenate(groups)] = True
    fronts = np.array(heads if heads is not None else [rows[0] for rows in groups], dtype=np.intp)

    def explanation(case: int) -> Explanation:
        return replace(explain(case, groups[case]), rows=groups[case])

    return Violations(fronts.reshape(-1, 1), explanation, checked, column=column, flags=flags)


def by_area(submission: Submission, check: Callable[[Submission], Violations]) -> Violations:
    """The violations of a check that is applied to some areas at a time, so that its intermediate results stay small.

    It is only for checks whose cases are within one area each. Several blocks are checked at a time; cases come in the
    order of the rows, whatever the sizes of the blocks and the number of threads.
    """
    blocks = list(submission.blocks())
    made = in_order(check, [block for _, block in blocks], _A_BLOCK)
    parts = [(start, violations) for (start, _), violations in zip(blocks, made, strict=True)]
    violations = parts[0][1] if len(parts) == 1 else _joined(len(submission), parts)
    return violations.in_order()


def _joined(size: int, parts: Sequence[tuple[int, Violations]]) -> Violations:
    """The cases of all blocks, each beginning at a row, as cases of the whole submission of `size` rows."""
    not_checked = Counter[NotChecked]()
    for _, violations in parts:
        not_checked.update(violations.not_checked)
    checked = sum(violations.checked for _, violations in parts)
    broken = [(start, violations) for start, violations in parts if len(violations)]
    if not broken:
        return no_violations(checked, not_checked)
    ends = np.cumsum([len(violations) for _, violations in broken])
    rows = np.full((int(ends[-1]), max(part.rows.shape[1] for _, part in broken)), NO_ROW, dtype=np.intp)
    flags = np.zeros(size, dtype=bool) if any(part.flags is not None for _, part in broken) else None
    for end, (start, part) in zip(ends.tolist(), broken, strict=True):
        rows[end - len(part) : end, : part.rows.shape[1]] = np.where(part.rows == NO_ROW, NO_ROW, part.rows + start)
        if part.flags is not None and flags is not None:
            flags[start : start + len(part.flags)] = part.flags

    def explain(case: int) -> Explanation:
        at = int(np.searchsorted(ends, case, side="right"))
        start, part = broken[at]
        explanation = part.explain(case - int(ends[at]) + len(part))
        return replace(explanation, rows=[row if row == NO_ROW else row + start for row in explanation.rows])

    return Violations(rows, explain, checked, not_checked, broken[0][1].column, flags)


def number(value: float) -> str:
    """A number as shown: up to six significant digits, no trailing zeros."""
    return language.digits(f"{value:.6g}" if abs(value) < 1e6 else f"{value:,.0f}")


Matches = Callable[[Mapping[str, str]], Mask]
_YEARS_AROUND = 2
_MOST_LINES = 1000
"""The most lines that one finding of many rows names; the message says how many there are."""


@dataclass(frozen=True)
class Places:
    """The places of findings: names of files, the number of the file of each finding among them, and its line."""

    files: Sequence[str]
    file_of: Array
    lines: Array

    def only(self, cases: Array) -> "Places":
        """The places of some of the findings."""
        return Places(self.files, self.file_of[cases], self.lines[cases])


@dataclass(frozen=True)
class Findings:
    """The findings of a rule in a file: how many, how each is created, and which of them a waiver's key names.

    With their `places`, they can be put in order before they are created.
    """

    rule: Rule
    size: int
    finding: Callable[[int], Finding]
    matches: Matches
    places: Places | None = None


def listed_lines(lines: Sequence[int]) -> tuple[int, ...]:
    """The lines that a finding names: each once, in the order given, up to a thousand."""
    return tuple(dict.fromkeys(int(line) for line in lines[: 2 * _MOST_LINES]))[:_MOST_LINES]


def finding_of(
    rule: Rule,
    place: Place,
    key: Mapping[str, str | int],
    explanation: Explanation,
    message: str,
    hint: str = "",
    lines: Sequence[int] = (),
    context: Sequence[int] = (),
) -> Finding:
    """A finding of the rule; the lines involved are at least its own."""
    involved = tuple(dict.fromkeys([*([place.line] if place.line else []), *lines]))
    around = tuple(sorted(set(context) - set(involved)))
    texts = explanation.expected, explanation.found, message, hint or rule.hint
    return Finding(rule.id, rule.severity, place.file, place.line, place.column, key, *texts, involved, context=around)


def message_of(rule: Rule, explanation: Explanation, key: str, count: int) -> str:
    """The rule's message for a case, or for `count` cases."""
    texts = {"expected": explanation.expected, "found": explanation.found, "detail": explanation.detail}
    return language.filled(rule.message, {"key": key, "count": language.digits(f"{count:,}"), **texts})


def finding_at(
    rule: Rule,
    submission: Submission,
    row: int,
    column: str,
    explanation: Explanation,
    count: int = 1,
    lines: Sequence[int] = (),
    context: Sequence[int] = (),
) -> Finding:
    """A finding at a row of the submission, for `count` cases or rows; its column is that of a concept."""
    key = key_at(submission, row)
    message = message_of(rule, explanation, _in_words(key), count)
    # the file of a row is named with the sheet in brackets where it is a workbook
    place = Place(str(submission.cell(v.FILE, row)), _line(submission, row), column_at(submission, column, row))
    return finding_of(rule, place, key, explanation, message, "", lines, context)


def findings_of(rule: Rule, path: str, submission: Submission, violations: Violations) -> Findings:
    """The findings of a rule on values: one a case, or one for all cases of a file or an indicator.

    The parameter `few` is the number of cases up to which each has its own finding nevertheless.
    """
    heads = violations.rows[:, 0]
    if not rule.together or len(violations) <= rule.parameters.get("few", 0):
        of_case = partial(_of_case, rule, submission, violations)
        matches = matcher(submission, heads, violations.column, path)
        return Findings(rule, len(heads), of_case, matches, _places(submission, heads))
    group = np.zeros(len(violations), dtype=np.int64)
    if rule.together == "indicator":
        group = submission.index[v.INDICATOR].numbers[heads].astype(np.int64)
    _, first, group_of = np.unique(group, return_index=True, return_inverse=True)

    def of_group(number: int) -> Finding:
        return _of_cases(rule, submission, violations, np.flatnonzero(group_of == number))

    return Findings(rule, len(first), of_group, matcher(submission, heads[first], violations.column, path))


def _places(submission: Submission, rows: Array) -> Places:
    """The places of these rows."""
    files = submission.categories(v.FILE)
    return Places(files, submission.column(v.FILE)[rows], submission.column(v.LINE)[rows])


def _of_case(rule: Rule, submission: Submission, violations: Violations, case: int) -> Finding:
    explanation, row = violations.explain(case), int(violations.rows[case, 0])
    involved = np.asarray(explanation.rows if len(explanation.rows) else violations.rows[case])
    rows = involved[involved >= 0]  # a million if a key occurs that often
    lines = [_line(submission, other) for other in rows[: 2 * _MOST_LINES].tolist()]
    context = [*_next_to_twins(submission, row, rows), *_context(submission, row)]
    return finding_at(rule, submission, row, violations.column, explanation, len(rows), lines, context)


def _of_cases(rule: Rule, submission: Submission, violations: Violations, cases: Array) -> Finding:
    """One finding for many cases: the first in the file as the example, and the lines of all."""
    lines = submission.frame[v.LINE].to_numpy()[violations.rows[cases, 0]]
    order = np.argsort(lines, kind="stable")
    head, lines = int(cases[order[0]]), listed_lines(lines[order].tolist())
    explanation, row = violations.explain(head), int(violations.rows[head, 0])
    return finding_at(rule, submission, row, violations.column, explanation, len(cases), lines)


def _context(submission: Submission, row: int) -> list[int]:
    """The lines of the same key in the years around, and of the other parts of its total in that year."""
    key = int(submission.key[row])
    around = key + np.array([*range(-_YEARS_AROUND, 0), *range(1, _YEARS_AROUND + 1)])
    keys = [around[around // submission.years == key // submission.years]]
    for dimension in (v.SEX, v.URBANISATION):
        index = submission.index[dimension]
        keys.append(key + (np.arange(len(index.codes)) - int(index.numbers[row])) * index.stride)
    rows = submission.rows_of(np.concatenate(keys)).tolist()
    return [_line(submission, other) for other in rows if other not in (NO_ROW, row)]


def _next_to_twins(submission: Submission, row: int, rows: Array) -> list[int]:
    """The lines above and below each of the first rows that share one key: they show the block of each."""
    if len(rows) < 2 or not (submission.key[rows] == submission.key[row]).all():
        return []
    twins = submission.order[rows[:2]].astype(np.intp)
    near = np.stack([twins - 1, twins + 1], axis=1).reshape(-1)
    near = near[(near >= 0) & (near < len(submission)) & ~np.isin(near, submission.order[rows])]
    return [_line(submission, other) for other in submission.row_at[near].tolist()]


def _line(submission: Submission, row: int) -> int:
    return int(submission.cell(v.LINE, row))


def column_at(submission: Submission, concept: str, row: int) -> str:
    """The column to correct, by the name that it has in the row's own file."""
    if concept == v.OBS_VALUE and v.CELL in submission.frame and (cell := str(submission.cell(v.CELL, row))):
        return cell
    file, readings = str(submission.cell(v.FILE, row)), submission.read.readings
    own = (one for one in readings if file == one.file.name or file.startswith(f"{one.file.name}["))
    return next(own, readings[0]).columns.get(concept, concept)


def key_at(submission: Submission, row: int) -> dict[str, str | int]:
    """Concept -> code of a row."""
    names = (*v.KEY[:-1], *submission.read.dimensions)
    key: dict[str, str | int] = {name: str(submission.cell(name, row)) for name in names}
    return {**key, v.TIME_PERIOD: int(submission.year[row])}


def _in_words(key: Mapping[str, str | int]) -> str:
    """The key of a row for readers: the indicator, its breakdown, the year."""
    parts = [catalogue().indicators[str(key[v.INDICATOR])].short]
    for name, code in key.items():
        if name in (v.INDICATOR, v.TIME_PERIOD, v.REF_AREA) or code in (v.TOTAL, v.NOT_APPLICABLE):
            continue
        words = code_name(name, str(code))
        parts.append(words.lower() if name in (v.SEX, v.URBANISATION) else words)
    return commas([str(key[v.REF_AREA]), *parts, str(key[v.TIME_PERIOD])])


def names_file(pattern: str, file: str) -> bool:
    """Whether a waiver's pattern matches a file, as findings write it (`a.xlsx[2023]`), or its workbook."""
    book = file.rpartition("[")[0] if file.endswith("]") else ""
    if not pattern:
        return False
    return pattern in (file, Path(file).name) or any(Path(name).match(pattern) for name in (file, book) if name)


def matcher(submission: Submission, rows: Array, column: str, path: str = "") -> Matches:
    """Returns which cases a waiver's key names, by the codes of the row to correct and by FILE, LINE and COLUMN.

    FILE is a pattern for the `path` or, if the rows are from several files, for the row's own file.
    """

    def matches(name: str, text: str) -> Mask | bool:
        if name == v.FILE:
            files = submission.frame[v.FILE].cat
            fits = np.array([names_file(text, path or file) for file in files.categories], dtype=bool)
            return np.asarray(fits[files.codes.to_numpy()[rows]])
        if name == "COLUMN":
            return np.array([column_at(submission, column, int(row)) == text for row in rows], dtype=bool)
        if name in submission.frame:
            return np.asarray(submission.frame[name].iloc[rows].astype(str).to_numpy() == text)
        return False

    return matching(len(rows), matches)


def at_lines(path: str, lines: Array, column: str) -> Matches:
    """Which of the cases, at these lines, a waiver's key names by file, line and column: such rows have no codes."""

    def matches(name: str, text: str) -> Mask | bool:
        if name == v.LINE:
            return np.asarray(lines.astype(str) == text)
        return (name == v.FILE and names_file(text, path)) or (name == "COLUMN" and column == text)

    return matching(len(lines), matches)


def matching(size: int, matches: Callable[[str, str], Mask | bool]) -> Matches:
    """Which of `size` cases agree with every part of a key; `matches` judges one part, a name and its text."""

    def of_key(key: Mapping[str, str]) -> Mask:
        cases = np.ones(size, dtype=bool)
        for name, text in key.items():
            cases &= matches(name, text)
        return cases

    return of_key
