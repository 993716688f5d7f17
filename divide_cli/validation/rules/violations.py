"""What one rule finds in one submission: the rows of each case, and how to explain it when it is listed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from divide_cli import concepts as v
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules.submission import NO_ROW, Array, Mask, Submission

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Explanation:
    """A case in words: what was expected and found, what more is to be said, and all rows involved.

    Without `rows`, the rows involved are those of the case.
    """

    expected: str
    found: str
    detail: str = ""
    rows: Sequence[int] | Rows = ()


Explain = Callable[[int], Explanation]


@dataclass(frozen=True)
class Violations:
    """Cases that break a rule: `rows[i]` are the rows of case i (NO_ROW pads), the one to correct first.

    `checked` is the number of cases that the rule looked at, `not_checked` why it could not look at others, `flags` the
    rows concerned where they are more than `rows` says, `column` the concept whose column is to be corrected.
    """

    rows: Rows
    explain: Explain
    checked: int
    not_checked: Mapping[NotChecked, int] = field(default_factory=dict)
    column: str = v.OBS_VALUE
    flags: Mask | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, mask: Mask) -> "Violations":
        """The cases of the mask."""
        cases, explain = np.flatnonzero(mask), self.explain
        flags = self.flags if mask.all() else None
        return replace(self, rows=self.rows[mask], explain=lambda case: explain(int(cases[case])), flags=flags)

    def concerned(self, size: int) -> Mask:
        """The rows, of so many, that any case is about."""
        if self.flags is not None:
            return self.flags
        concerned = np.zeros(size + 1, dtype=bool)  # the last one serves NO_ROW
        concerned[self.rows.reshape(-1)] = True
        return concerned[:size]


def no_violations(checked: int = 0, not_checked: Mapping[NotChecked, int] | None = None) -> Violations:
    """No case."""
    rows = np.zeros((0, 1), dtype=np.intp)
    return Violations(rows, lambda _case: Explanation("", ""), checked, not_checked or {})


def one_row_each(rows: Array, explain: Explain, checked: Mask | int, **more: Any) -> Violations:
    """A case for each row, or each row of a mask; `explain` takes the row, `checked` is the number or the mask."""
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
    """A case for the rows of each group, the first (or that of `heads`) in front; explained by case and its rows."""
    if not groups:
        return no_violations(checked)
    flags = np.zeros(len(submission), dtype=bool)
    flags[np.concatenate(groups)] = True
    fronts = np.array(heads if heads is not None else [rows[0] for rows in groups], dtype=np.intp)

    def explanation(case: int) -> Explanation:
        return replace(explain(case, groups[case]), rows=groups[case])

    return Violations(fronts.reshape(-1, 1), explanation, checked, column=column, flags=flags)


def by_area(submission: Submission, check: Callable[[Submission], Violations]) -> Violations:
    """The violations of a check that is made of some areas at a time, so that what it works out stays small.

    Only for checks whose cases lie within one area each.
    """
    parts = [(start, check(block)) for start, block in submission.blocks()]
    return parts[0][1] if len(parts) == 1 else _joined(len(submission), parts)


def _joined(size: int, parts: Sequence[tuple[int, Violations]]) -> Violations:
    """The cases of all blocks, each of which begins at a row, as cases of the submission of so many rows."""
    not_checked: dict[NotChecked, int] = {}
    for _, violations in parts:
        for reason, count in violations.not_checked.items():
            not_checked[reason] = not_checked.get(reason, 0) + count
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
    """A number as it is shown: up to six significant digits, no trailing zeros."""
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
