"""Rules on what must not exceed what: a newer network an older one, users owners, the second of two parts the first."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.concepts import EXACT
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.error_localisation import conflict, suspects
from divide_cli.validation.rules.groups import groups, highest_so_far
from divide_cli.validation.rules.submission import NO_ROW, Array, Floats, Submission
from divide_cli.validation.rules.totals import pairs
from divide_cli.validation.rules.violations import Explanation, Violations, number


@kind(vtl.OfKeys(vtl.ordered), by_area=True)
def ordered(
    submission: Submission,
    rule: Rule,
    *,
    order: Sequence[str],
    fallen: float = np.inf,
    years: Sequence[float] = (1, np.inf),
    finest: bool = False,
) -> Violations:
    """Of indicators in `order`, each must reach the next that the file has, give or take rounding and the tolerance.

    `finest`: values have the decimals of the finest of their series, since programs drop a zero at the end. `fallen`:
    where the first of two has fallen from its own highest value by more than that (PP), the pair is not checked.
    `years`, least and most: in how many years the two series must be out of order.
    """
    value, usable = submission.value, submission.usable_in(rule)
    half = _finest(submission) if finest else submission.half
    cases, checked = [np.zeros((0, 2), dtype=np.intp)], 0
    not_checked = {NotChecked.SWITCHED_OFF: 0, NotChecked.NO_OTHER_INDICATOR: 0}
    in_use = [code for code in order if code in submission.index[v.INDICATOR].codes]
    for above, below in pairwise(in_use):
        upper = np.flatnonzero(usable & submission.is_code(v.INDICATOR, above))
        lower = submission.partner(upper, v.INDICATOR, below)
        both = lower != NO_ROW
        not_checked[NotChecked.NO_OTHER_INDICATOR] += int((~both).sum())
        upper, lower = upper[both], lower[both]
        shrinking = _fallen(submission, upper) > fallen
        not_checked[NotChecked.SWITCHED_OFF] += int(shrinking.sum())
        upper, lower = upper[~shrinking], lower[~shrinking]
        checked += len(upper)
        wrong = value[lower] - value[upper] - half[lower] - half[upper] > rule.tolerance + EXACT
        count = groups(submission.series[upper]).count(wrong)
        wrong &= (count >= years[0]) & (count <= years[1])
        cases.append(np.stack([lower, upper], axis=1)[wrong])
    rows = np.concatenate(cases)

    def explain(case: int, position: int) -> Explanation:
        over, under = rows[case]
        high, low = number(value[over]), number(value[under])
        detail = f"{submission.indicator_at(over)} {high} is above {submission.indicator_at(under)} {low}"
        if position == 0:
            return Explanation(f"at most {low}", high, detail)
        return Explanation(f"at least {high}", low, detail)

    position = suspects(submission, rows, value[rows][:, ::-1])
    return conflict(rows, position, explain, checked, {reason: n for reason, n in not_checked.items() if n})


def _finest(submission: Submission) -> Floats:
    """Half a unit of the last decimal of the finest value of each row's series."""
    series = submission.series
    least = np.full(int(series.max(initial=-1)) + 1, np.inf)
    np.minimum.at(least, series[submission.usable], submission.half[submission.usable])
    return np.asarray(np.minimum(least[series], submission.half))


def _fallen(submission: Submission, rows: Array) -> Array:
    """How far each row lies below the highest value of its series in earlier years."""
    usable = np.flatnonzero(submission.usable)
    top = np.full(len(submission), -np.inf)
    top[usable] = highest_so_far(submission.value[usable], submission.series[usable])
    return np.asarray(top[rows] - submission.value[rows])


@kind(vtl.OfKeys(vtl.side_behind), by_area=True)
def side_behind(submission: Submission, rule: Rule, *, dimension: str, parts: Sequence[str]) -> Violations:
    """The first part lies below the second, by more than rounding and the tolerance, where it cannot or hardly can."""
    both = pairs(submission, rule, dimension, parts, total=False)
    value, half = both.value, both.half
    behind = value[:, 2] - value[:, 1] - half[:, 1] - half[:, 2]
    cases = both.only(behind > rule.tolerance + EXACT)

    def explain(case: int) -> Explanation:
        (_, one, other), (first, second) = cases.value[case], cases.names
        return Explanation(f"{first} at least {second}", f"{first} {number(one)}, {second} {number(other)}")

    return Violations(cases.rows[:, 1:], explain, len(both))
