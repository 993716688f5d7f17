"""A submission against an earlier one: values revised, withdrawn and added, key by key."""

from typing import Literal

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.errors import SourceError
from divide_cli.frames.observations import Observations, combine
from divide_cli.validation import vtl
from divide_cli.validation.report import Finding
from divide_cli.validation.rules import Stage, kind
from divide_cli.validation.rules.findings import Explanation, Findings, finding_at, matcher, number
from divide_cli.validation.rules.submission import NO_ROW, Array, Mask, submission_of


class Comparison:
    """Two submissions as one, in which a mask tells the rows of the earlier one, and their values side by side."""

    def __init__(self, now: Observations, before: Observations) -> None:
        both = combine([now, before])
        self.submission = submission_of(both)
        self.earlier: Mask = self.submission.order >= len(now.frame)
        self.valued = ~np.isnan(self.submission.value)
        keys = np.unique(self.submission.key[self.valued])
        self.new, self.old = (self._rows_of(keys, self.valued & side) for side in (~self.earlier, self.earlier))

    def _rows_of(self, keys: Array, side: Mask) -> Array:
        """The row of each key among those of one side, the first of several; NO_ROW where there is none."""
        rows = np.flatnonzero(side)
        if not len(rows):
            return np.full(len(keys), NO_ROW)
        row = rows[np.minimum(np.searchsorted(self.submission.key[rows], keys), len(rows) - 1)]
        return np.where(self.submission.key[row] == keys, row, NO_ROW)

    def revised(self, tolerance: float, most: float) -> tuple[Array, Array]:
        """The rows whose values differ by more than the tolerance and rounding, and up to `most`; the earlier rows."""
        value, half = self.submission.value, self.submission.half
        size = np.abs(value[self.new] - value[self.old])
        rounding = np.maximum(half[self.new], half[self.old])  # one may be the other with fewer decimals
        both = (self.new != NO_ROW) & (self.old != NO_ROW)
        rows = both & (size > np.maximum(tolerance, rounding + v.EXACT)) & (size <= most)
        return self.new[rows], self.old[rows]

    def shifted(self, least: int) -> tuple[Array, Array]:
        """The first row of each series of which `least` values stood under the year before; the earlier rows of these.

        Only values that the earlier submission has not under the same year, with decimals.
        """
        submission = self.submission
        distinctive = self.valued & (submission.half < 0.5 - v.EXACT)
        now, then = np.flatnonzero(distinctive & ~self.earlier), distinctive & self.earlier
        key, value = submission.key[now], submission.value
        before, same = self._rows_of(key - 1, then), self._rows_of(key, then)
        moved = (before != NO_ROW) & (submission.year[now] > submission.year.min(initial=0))
        moved &= value[now] == value[before]
        moved &= (same == NO_ROW) | (value[now] != value[same])
        now, before = now[moved], before[moved]
        _, first, count = np.unique(submission.series[now], return_index=True, return_counts=True)
        first = first[count >= least]
        return now[first], before[first]


@kind(vtl.Unsaid.PREVIOUS, stage=Stage.PREVIOUS)
def against_previous(
    comparison: Comparison,
    rule: Rule,
    *,
    what: Literal["revised", "withdrawn", "added", "shifted"],
    most: float = np.inf,
    least: int = 1,
) -> Findings:
    """Values that an earlier submission has otherwise.

    `what`: `revised` (a value that differs by more than the tolerance and rounding, and up to `most`), `withdrawn` (a
    key with a value only in the earlier submission), `added` (only in the new one), or `shifted` (`least` values with
    decimals of a series that stood under the year before).
    """
    submission, new, old = comparison.submission, comparison.new, comparison.old
    if what == "revised":
        rows, earlier = comparison.revised(rule.tolerance, most)
    elif what == "shifted":
        rows, earlier = comparison.shifted(least)
    elif what == "withdrawn":
        rows = earlier = old[(new == NO_ROW) & (old != NO_ROW)]
    else:
        rows, earlier = (side[(new != NO_ROW) & (old == NO_ROW)] for side in (new, old))

    def finding(case: int) -> Finding:
        row, then = int(rows[case]), int(earlier[case])
        value = submission.value[row]
        was = "no value" if then == NO_ROW else number(submission.value[then])
        if what == "shifted":
            was = f"{was} under {submission.year[then]}, as before"
        change = "" if then in (NO_ROW, row) else f"{value - submission.value[then]:+.3g}"
        explanation = Explanation(was, "no value" if row == then else number(value), change)
        return finding_at(rule, submission, row, v.OBS_VALUE, explanation)

    return Findings(rule, len(rows), finding, matcher(submission, rows, v.OBS_VALUE))


def same_kind(now: Observations, before: Observations) -> None:
    """SourceError where the two submissions share no indicator and area, so that nothing can be compared."""
    shared = [set(_codes(now, name)) & set(_codes(before, name)) for name in (v.REF_AREA, v.INDICATOR)]
    if not all(shared):
        raise SourceError(
            "previous_unrelated",
            found=f"{', '.join(_codes(before, v.INDICATOR)[:6])} of {', '.join(_codes(before, v.REF_AREA)[:6])}",
            where=before.readings[0].file.name,
        )


def _codes(read: Observations, name: str) -> list[str]:
    """The codes of a column that some row has."""
    column = read.frame[name].cat
    return [str(column.categories[code]) for code in np.unique(column.codes.to_numpy()) if code >= 0]
