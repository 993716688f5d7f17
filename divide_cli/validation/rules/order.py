"""Rules on figures that belong together: networks and indicators in order, the nation among its regions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.frames.columns import Array, Mask
from divide_cli.language import say
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.error_localisation import first, suspects
from divide_cli.validation.rules.findings import Explanation, Violations, no_violations, number
from divide_cli.validation.rules.grouping import NO_ROW, Floats, first_of_each, groups, places_of
from divide_cli.validation.rules.patterns import searched
from divide_cli.validation.rules.submission import PARTS_OF_COUNTRY, Submission
from divide_cli.validation.rules.totals import pairs


@kind(vtl.ordered, by_area=True)
def ordered(
    submission: Submission,
    rule: Rule,
    *,
    order: Sequence[str],
    fallen: float = np.inf,
    years: Sequence[float] = (1, np.inf),
    finest: bool = False,
    pattern: str = "",
) -> Violations:
    """Each indicator in `order` must reach the next one in the file, within rounding and the tolerance.

    `finest`: values have as many decimals as the finest of their series, since programs drop a zero at the end.
    `fallen`: if the first of two is below its own highest value by more than that (PP), the pair is not checked.
    `years`: in how many years, at least and at most, the two series must be out of order. `pattern`: only series are
    compared of which a comment, of either indicator, matches it (a regular expression, ignoring case).
    """
    in_use = [code for code in order if code in submission.index[v.INDICATOR].codes]
    if len(in_use) < 2:
        return no_violations(0, {NotChecked.SWITCHED_OFF: 0, NotChecked.NO_OTHER_INDICATOR: 0})
    value, usable = submission.value, submission.usable_in(rule)
    half_of = _finest(submission, in_use) if finest else submission.half.__getitem__
    cases, checked = [np.zeros((0, 2), dtype=np.intp)], 0
    stated = _stated(submission, pattern) if pattern else None
    not_checked = {NotChecked.SWITCHED_OFF: 0, NotChecked.NO_OTHER_INDICATOR: 0}
    for above, below in pairwise(in_use):
        upper = np.flatnonzero(usable & submission.is_code(v.INDICATOR, above))
        lower = submission.partner(upper, v.INDICATOR, below)
        both = lower != NO_ROW
        not_checked[NotChecked.NO_OTHER_INDICATOR] += int((~both).sum())
        upper, lower = upper[both], lower[both]
        if stated is not None:
            either = stated[upper] | stated[lower]
            upper, lower = upper[either], lower[either]
        shrinking = np.zeros(len(upper), dtype=bool)
        if np.isfinite(fallen):
            shrinking = submission.highest(upper) - value[upper] > fallen
        not_checked[NotChecked.SWITCHED_OFF] += int(shrinking.sum())
        upper, lower = upper[~shrinking], lower[~shrinking]
        checked += len(upper)
        over = value[lower] - value[upper]
        wrong = over > rule.tolerance
        wrong[wrong] = over[wrong] - half_of(lower[wrong]) - half_of(upper[wrong]) > rule.tolerance + v.EXACT
        count = groups(submission.series[upper]).count(wrong)
        wrong &= (count >= years[0]) & (count <= years[1])
        cases.append(np.stack([lower, upper], axis=1)[wrong])
    rows = np.concatenate(cases)
    positions = suspects(submission, rows, value[rows][:, ::-1])

    def explain(case: int) -> Explanation:
        over, under = rows[case]
        high, low = number(value[over]), number(value[under])
        detail = say(
            "{indicator_at} {high} is above {indicator_at_2} {low}",
            indicator_at=submission.indicator_at(over),
            high=high,
            indicator_at_2=submission.indicator_at(under),
            low=low,
        )
        if positions[case] == 0:
            return Explanation(say("at most {low}", low=low), high, detail)
        return Explanation(say("at least {high}", high=high), low, detail)

    return Violations(first(rows, positions), explain, checked, not_checked)


def _stated(submission: Submission, pattern: str) -> Mask:
    """The rows of series of which a comment matches the pattern."""
    found = searched(pattern, submission.categories(v.OBS_COMMENT))
    matching = np.array([match is not None for match in found] + [False])
    if not matching.any():
        return np.zeros(len(submission), dtype=bool)
    series = submission.series - submission.series[:1]
    stating = np.zeros(int(series.max(initial=-1)) + 1, dtype=bool)
    stating[series[matching[submission.column(v.OBS_COMMENT)]]] = True  # the last is for rows without a comment (-1)
    return np.asarray(stating[series])


def _finest(submission: Submission, indicators: Sequence[str]) -> Callable[[Array], Floats]:
    """Half a unit of the last decimal of the finest value of a row's series, for rows of these indicators."""
    usable = submission.usable & np.logical_or.reduce([submission.is_code(v.INDICATOR, code) for code in indicators])
    rows, series = np.flatnonzero(usable), submission.series
    starts = np.flatnonzero(first_of_each(series[rows]))
    least, lowest = np.full(int(np.ptp(series)) + 1 if len(series) else 0, np.inf), series[:1]
    if len(rows):
        least[series[rows[starts]] - lowest] = np.minimum.reduceat(submission.half[rows], starts)
    return lambda own: np.minimum(least[series[own] - lowest], submission.half[own])


@kind(vtl.sides(vtl.NOT_BEHIND, total=False), by_area=True)
def side_behind(submission: Submission, rule: Rule, *, dimension: str, parts: Sequence[str]) -> Violations:
    """The first part is below the second by more than rounding and the tolerance; this is impossible or unlikely."""
    both = pairs(submission, rule, dimension, parts, total=False)
    value, half = both.value, both.half
    behind = value[:, 2] - value[:, 1] - half[:, 1] - half[:, 2]
    cases = both.only(behind > rule.tolerance + v.EXACT)

    def explain(case: int) -> Explanation:
        (_, one, other), (first, second) = cases.value[case], cases.names
        return Explanation(
            say("{first} not below {second}", first=first, second=second),
            f"{first} {number(one)}, {second} {number(other)}",
        )

    return Violations(cases.rows[:, 1:], explain, len(both))


BELOW = "/"
"""Separates a region from the place within it, in the code of a part of the country."""


@dataclass(frozen=True)
class _Regions:
    """The regions of each key and year: their rows, the first row of each key, their number, and the nation's row."""

    rows: Array
    start: Array
    count: Array
    nation: Array


def _regions(submission: Submission, rule: Rule) -> _Regions:
    """The regions directly below the nation, by key and year."""
    if PARTS_OF_COUNTRY not in submission.read.dimensions:
        return _Regions(*[np.zeros(0, dtype=np.intp)] * 4)
    codes, places = submission.column(PARTS_OF_COUNTRY), submission.categories(PARTS_OF_COUNTRY)
    region = np.array([code != v.TOTAL and BELOW not in code for code in places], dtype=bool)
    national = np.array([code == v.TOTAL for code in places], dtype=bool)
    usable, key = submission.usable_in(rule), submission.key_without(PARTS_OF_COUNTRY)
    rows = np.flatnonzero(usable & region[codes])
    rows = rows[np.argsort(key[rows], kind="stable")]
    keys, start, count = np.unique(key[rows], return_index=True, return_counts=True)
    nations = np.flatnonzero(usable & national[codes])
    place = places_of(key[nations], keys)
    nation = np.full(len(keys), NO_ROW, dtype=np.intp)
    nation[place[place != NO_ROW]] = nations[place != NO_ROW]
    return _Regions(rows, start, count, nation)


@kind(vtl.Unsaid.FURTHER)
def total_beyond_parts(submission: Submission, rule: Rule, *, least: int) -> Violations:
    """The nation is below the least or above the greatest of its regions, by more than rounding and the tolerance.

    A mean is among the values that it is the mean of. `least`: the number of regions needed, since a few may be
    selected.
    """
    regions = _regions(submission, rule)
    value, half = submission.value, submission.half
    checked = (regions.nation != NO_ROW) & (regions.count >= least)
    low = np.minimum.reduceat(value[regions.rows] - half[regions.rows], regions.start)
    high = np.maximum.reduceat(value[regions.rows] + half[regions.rows], regions.start)
    total, room = value[regions.nation], half[regions.nation] + rule.tolerance + v.EXACT
    wrong = np.flatnonzero(checked & ((total + room < low) | (total - room > high)))

    def explain(case: int) -> Explanation:
        one = wrong[case]
        rows = regions.rows[regions.start[one] :][: regions.count[one]]
        between = say("{lowest} to {highest}", lowest=number(value[rows].min()), highest=number(value[rows].max()))
        nation = int(regions.nation[one])
        return Explanation(between, number(value[nation]), f"{len(rows)}", rows=(nation, *rows.tolist()))

    return Violations(regions.nation[wrong].reshape(-1, 1), explain, int(checked.sum()))


@kind(vtl.Unsaid.FURTHER)
def stands_apart(submission: Submission, rule: Rule, *, least: int, times: float) -> Violations:
    """One region is above the next by more than the tolerance (PP), at more than `times` its value.

    `least`: the number of regions needed.
    """
    regions = _regions(submission, rule)
    value = submission.value[regions.rows]
    checked = regions.count >= least
    top = np.maximum.reduceat(value, regions.start)
    key = np.repeat(np.arange(len(regions.start)), regions.count)
    highest = value == top[key]
    single = np.bincount(key, weights=highest, minlength=len(top)) == 1
    next_ = np.maximum.reduceat(np.where(highest, -np.inf, value), regions.start)
    far = (top - next_ > rule.tolerance + v.EXACT) & (top > times * next_)
    wrong = np.flatnonzero(checked & single & far)

    def explain(case: int) -> Explanation:
        highest_other = number(next_[wrong[case]])
        return Explanation(
            say("at most about {highest_other}", highest_other=highest_other), number(top[wrong[case]]), highest_other
        )

    rows = regions.rows[np.isin(key, wrong) & highest]
    return Violations(rows.reshape(-1, 1), explain, int(checked.sum()))
