"""Rules on a figure among those beside it: the nation among its regions, one region among the others."""

from dataclasses import dataclass

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.concepts import EXACT
from divide_cli.validation import vtl
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.submission import NO_ROW, PARTS_OF_COUNTRY, Array, Floats, Submission
from divide_cli.validation.rules.violations import Explanation, Violations, no_violations, number

BELOW = "/"
"""Parts a region from the place within it, in the code of a part of the country."""


@dataclass(frozen=True)
class _Regions:
    """The regions of each key and year: their rows, where those of a key begin, how many they are, the nation's row."""

    rows: Array
    start: Array
    count: Array
    nation: Array

    def least(self, values: Floats) -> Floats:
        """The least of the regions of each key."""
        return np.asarray(np.minimum.reduceat(values, self.start)) if len(values) else values

    def greatest(self, values: Floats) -> Floats:
        """The greatest of the regions of each key."""
        return np.asarray(np.maximum.reduceat(values, self.start)) if len(values) else values


def _regions(submission: Submission, rule: Rule) -> _Regions | None:
    """The regions directly below the nation, by key and year; None where the file has none."""
    if PARTS_OF_COUNTRY not in submission.read.dimensions:
        return None
    codes, known = submission.column(PARTS_OF_COUNTRY), submission.categories(PARTS_OF_COUNTRY)
    region = np.array([code != v.TOTAL and BELOW not in code for code in known], dtype=bool)
    national = np.array([code == v.TOTAL for code in known], dtype=bool)
    usable, key = submission.usable_in(rule), submission.key_without(PARTS_OF_COUNTRY)
    rows = np.flatnonzero(usable & region[codes])
    if not len(rows):
        return None
    rows = rows[np.argsort(key[rows], kind="stable")]
    keys, start, count = np.unique(key[rows], return_index=True, return_counts=True)
    nations = np.flatnonzero(usable & national[codes])
    place = np.minimum(np.searchsorted(keys, key[nations]), len(keys) - 1)
    with_regions = keys[place] == key[nations]
    nation = np.full(len(keys), NO_ROW, dtype=np.intp)
    nation[place[with_regions]] = nations[with_regions]
    return _Regions(rows, start, count, nation)


@kind(vtl.Unsaid.FURTHER)
def total_beyond_parts(submission: Submission, rule: Rule, *, least: int) -> Violations:
    """The nation lies below the least or above the greatest of its regions, by more than rounding and the tolerance.

    A mean lies among what it is the mean of. `least`: the regions that it takes, since a few may be chosen.
    """
    regions = _regions(submission, rule)
    if regions is None:
        return no_violations()
    value, half = submission.value, submission.half
    checked = (regions.nation != NO_ROW) & (regions.count >= least)
    low, high = regions.least((value - half)[regions.rows]), regions.greatest((value + half)[regions.rows])
    total, room = value[regions.nation], half[regions.nation] + rule.tolerance + EXACT
    wrong = np.flatnonzero(checked & ((total + room < low) | (total - room > high)))

    def explain(case: int) -> Explanation:
        one = wrong[case]
        rows = regions.rows[regions.start[one] :][: regions.count[one]]
        between = f"{number(value[rows].min())} to {number(value[rows].max())}"
        nation = int(regions.nation[one])
        return Explanation(between, number(value[nation]), f"{len(rows)}", rows=(nation, *rows.tolist()))

    return Violations(regions.nation[wrong].reshape(-1, 1), explain, int(checked.sum()))


@kind(vtl.Unsaid.FURTHER)
def stands_apart(submission: Submission, rule: Rule, *, least: int, times: float) -> Violations:
    """One region stands above the next by more than the tolerance (PP), at more than `times` its value.

    `least`: the regions that it takes.
    """
    regions = _regions(submission, rule)
    if regions is None:
        return no_violations()
    value = submission.value[regions.rows]
    checked = regions.count >= least
    top = regions.greatest(value)
    key = np.repeat(np.arange(len(regions.start)), regions.count)
    highest = value == top[key]
    single = np.bincount(key, weights=highest, minlength=len(top)) == 1
    next_ = regions.greatest(np.where(highest, -np.inf, value))
    far = (top - next_ > rule.tolerance + EXACT) & (top > times * next_)
    wrong = np.flatnonzero(checked & single & far)

    def explain(case: int) -> Explanation:
        return Explanation(f"at most about {number(next_[wrong[case]])}", number(top[wrong[case]]))

    rows = regions.rows[np.isin(key, wrong) & highest]
    return Violations(rows.reshape(-1, 1), explain, int(checked.sum()))
