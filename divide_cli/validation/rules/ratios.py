"""The rule on ratios to the year before that are extreme among those of other series, or of other years."""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.frames.columns import Array, Mask
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.findings import Violations
from divide_cli.validation.rules.grouping import BLOCK, Floats, Groups, groups, in_blocks, ranges
from divide_cli.validation.rules.submission import Submission
from divide_cli.validation.rules.time import steps, with_year_before


@kind(vtl.Unsaid.SERIES)
def ratio(
    submission: Submission,
    rule: Rule,
    *,
    among: Literal["group", "history"],
    least: int,
    C: float,  # noqa: N803 (the letters of the paper)
    A: float,  # noqa: N803
    U: float,  # noqa: N803
) -> Violations:
    """Hidiroglou and Berthelot: a ratio to the year before that is extreme among those of its group.

    r = x_t / x_(t-1); s = 1 - m/r where r < m, otherwise r/m - 1 (m: the median of r); E = s max(x_t, x_(t-1))^U. The
    ratio is extreme if E is more than C max(q, |A M|) from its median M, q being its distance to the quartile on that
    side. `among`: `group` (the series of the indicator in that year) or `history` (the other years of the series),
    which must have `least` ratios. Hidiroglou and Berthelot (1986).
    """
    yearly, before = np.zeros(len(submission), dtype=bool), np.empty(len(submission), dtype=np.int32)
    for start, block in submission.blocks():
        yearly[start : start + len(block)] = _has_ratio(block, rule)
        before[start : start + len(block)] = block.before + start
    far, checked, short = [np.zeros(0, dtype=np.intp)], 0, 0
    for rows, group in _in_groups(submission, yearly, among):
        now, then = submission.value[rows], submission.value[before[rows]]
        same = groups(group)
        enough = same.size >= least
        least_effect, greatest_effect, effect = _usual_effects(now, then, same, C, A, U)
        apart = np.flatnonzero(np.abs(now - then) > rule.tolerance + v.EXACT)
        own, one = same.number[apart], effect[apart]
        outside = enough[own] & ((one < least_effect[own]) | (one > greatest_effect[own]))
        far.append(rows[apart[outside]])
        checked += int(same.size[enough].sum())
        short += int(same.size[~enough].sum())
    cases = np.sort(np.concatenate(far))
    return steps(submission, cases, before[cases], checked, {NotChecked.FEW_RATIOS: short})


def _has_ratio(submission: Submission, rule: Rule) -> Mask:
    """The rows with a ratio to the year before, both values above 0, unless rounding explains the change."""
    has_ratio: Mask = with_year_before(submission, rule) & (submission.value > 0)
    has_ratio &= (submission.span == 1) & (submission.moved > 0)
    rows = np.flatnonzero(has_ratio)
    before = submission.before[rows]
    then = submission.value[before]
    size = np.abs(submission.value[rows] - then)
    has_ratio[rows[then <= 0]] = False
    doubtful = np.flatnonzero(size <= 2 * submission.half.greatest)
    room = submission.half[rows[doubtful]] + submission.half[before[doubtful]]
    has_ratio[rows[doubtful[size[doubtful] <= room]]] = False
    return has_ratio


def _in_groups(submission: Submission, chosen: Mask, among: str) -> Iterator[tuple[Array, Array]]:
    """Some of the chosen rows at a time, with the number of the group of each: whole groups, one after the other.

    The groups are series, or the years of an indicator.
    """
    if among == "history":
        rows = np.flatnonzero(chosen)
        series = submission.series[rows]
        yield from ((rows[part], series[part]) for part in in_blocks(series))
        return
    codes, years = submission.index[v.INDICATOR].codes, submission.years
    first_year = submission.year.min(initial=9999).astype(np.int32)
    runs, indicator, size = submission.indicator_runs
    batch_of = (np.cumsum(np.bincount(indicator, weights=size, minlength=len(codes))) // BLOCK)[indicator]
    for batch in np.unique(batch_of):
        some = batch_of == batch
        rows = ranges(runs[some], size[some])
        group = np.repeat(indicator[some].astype(np.int32) * years, size[some]) + (submission.year[rows] - first_year)
        group = group.astype(np.min_scalar_type(len(codes) * years))  # 16 bits are sorted by counting
        own = chosen[rows]
        rows, group = rows[own], group[own]
        order = np.argsort(group, kind="stable")
        rows, group = rows[order], group[order]
        yield from ((rows[part], group[part]) for part in in_blocks(group))


def _usual_effects(
    now: Floats, then: Floats, same: Groups, far: float, floor: float, power: float
) -> tuple[Floats, Floats, Floats]:
    """The least and greatest usual E of each group, and the E of each ratio; `far`, `floor`, `power` are C, A, U."""
    rate = now / then
    middle = same.quantiles_of_each(rate, 0.5)[0][same.number]
    centred = np.where(rate < middle, 1 - middle / rate, rate / middle - 1)
    effect = centred * np.maximum(now, then) ** power
    low, median, high = same.quantiles_of_each(effect, 0.25, 0.5, 0.75)
    least = np.abs(floor * median)
    return median - far * np.maximum(median - low, least), median + far * np.maximum(high - median, least), effect
