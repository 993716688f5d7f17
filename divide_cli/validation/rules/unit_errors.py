"""Rules on percentages in a wrong unit: fractions of an indicator or one part, slips of single values, zeros."""

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.error_localisation import predicted
from divide_cli.validation.rules.submission import NO_ROW, Array, Submission
from divide_cli.validation.rules.violations import Explanation, Violations, grouped, number, one_row_each

_TWO_DECIMALS = 0.005 + 1e-9
"""Half a unit of the second decimal, from which on values are written as fractions are."""


@kind(vtl.Unsaid.TOGETHER)
def fractions(
    submission: Submission, rule: Rule, *, least: int, reach: float, whole: bool = False, since: int = 0
) -> Violations:
    """All values of an indicator lie between 0 and 1 where the unit is percent: shares were given as fractions.

    `least`: the number of values that it takes; `reach`: what the greatest must exceed; most of the values must have
    two decimals or more, which percentages below 1 seldom have. `whole`: only where no other value of the scope exceeds
    1 either, and a year after `since` has one.
    """
    usable, indicator, value = submission.usable_in(rule), submission.index[v.INDICATOR].numbers, submission.value
    count, above, reaching, precise = (
        np.bincount(indicator[usable & mask], minlength=len(submission.index[v.INDICATOR].codes))
        for mask in (True, value > 1, value > reach, submission.half <= _TWO_DECIMALS)
    )
    wrong = (count >= least) & (above == 0) & (reaching > 0) & (2 * precise > count)
    if whole:
        wrong &= not (above.any() or (submission.year[usable] <= since).all())
    groups = [np.flatnonzero(usable & (indicator == number)) for number in np.flatnonzero(wrong)]
    return _given_as_fractions(submission, groups, int((count > 0).sum()))


def _given_as_fractions(submission: Submission, groups: list[Array], checked: int) -> Violations:
    """One case for the rows of each group, with the range of their values."""

    def explain(_case: int, rows: Array) -> Explanation:
        values = submission.value[rows]
        return Explanation("0 to 100", f"{number(values.min())} to {number(values.max())}", f"{len(values):,}")

    return grouped(submission, groups, explain, checked)


@kind(vtl.Unsaid.TOGETHER)
def part_fractions(submission: Submission, rule: Rule, *, dimension: str, least: int, near: float) -> Violations:
    """All values of one part (women, say) of an indicator lie between 0 and 1, and a hundredfold they fit the totals.

    `dimension`: that of the part; `least`: the number of values above 0 with a total that it takes, most of which must
    have two decimals or more; `near`: how far (PP) at the median a hundred times such a value may be from the total,
    which must be above 1. Where a network has not come yet, the values are zeros and no fractions.
    """
    parts, indicator, value = submission.index[dimension], submission.index[v.INDICATOR], submission.value
    usable = np.flatnonzero(submission.usable_in(rule) & ~submission.is_code(dimension, v.TOTAL))
    group = indicator.numbers[usable].astype(np.int64) * len(parts.codes) + parts.numbers[usable]
    small = np.bincount(group, weights=value[usable] > 1) == 0
    groups = []
    for one in np.flatnonzero(small & (np.bincount(group) > 0)):
        rows = usable[group == one]
        total = submission.partner(rows, dimension, v.TOTAL)
        both = (total != NO_ROW) & (value[rows] > 0)
        paired, totals = rows[both], value[total[both]]
        precise = int((submission.half[paired] <= _TWO_DECIMALS).sum())
        if len(paired) < least or 2 * precise <= len(paired) or (totals <= 1).any():
            continue
        if np.median(np.abs(100 * value[paired] - totals)) <= near:
            groups.append(rows)
    return _given_as_fractions(submission, groups, len(np.unique(group)))


@kind(vtl.Unsaid.SERIES, by_area=True)
def slip(
    submission: Submission,
    rule: Rule,
    *,
    factor: float,
    apart: float,
    near: float,
    above: float = -np.inf,
    below: float = np.inf,
) -> Violations:
    """A value that its neighbouring years contradict, and that multiplied by `factor` fits them.

    A first value is none: what begins near zero may grow fast. `apart`: the least distance (in the unit) from the
    neighbours; `near`: how near the corrected value must come, in the unit; `below` and `above`: the values that such a
    slip can give.
    """
    rows = np.flatnonzero(submission.usable_in(rule) & (submission.before != NO_ROW))
    usual, value = predicted(submission, rows), submission.value[rows]
    has_neighbour = ~np.isnan(usual)
    wrong = has_neighbour & (np.abs(value - usual) >= apart) & (np.abs(value * factor - usual) <= near)
    wrong &= (value > above) & (value <= below)

    def explain(row: int) -> Explanation:
        nearby = float(predicted(submission, np.array([row]))[0])
        own = submission.value[row]
        return Explanation(f"about {number(round(nearby, 1))}", number(own), number(own * factor))

    not_checked = {NotChecked.NO_NEIGHBOUR: int((~has_neighbour).sum())}
    return one_row_each(rows[wrong], explain, has_neighbour, not_checked=not_checked)


@kind(vtl.Unsaid.SERIES, by_area=True)
def lonely_zero(submission: Submission, rule: Rule, *, neighbours: float) -> Violations:
    """A zero between two years whose values are both above `neighbours`: often a missing value."""
    before, after, value = submission.before, submission.after, submission.value
    inside = submission.usable_in(rule) & (before != NO_ROW) & (after != NO_ROW)
    wrong = inside & (value == 0) & (value[before] > neighbours) & (value[after] > neighbours)

    def explain(row: int) -> Explanation:
        return Explanation(
            "a value, or an empty cell", "0", f"{number(value[before[row]])} and {number(value[after[row]])}"
        )

    return one_row_each(wrong, explain, inside)
