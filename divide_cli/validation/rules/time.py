"""Rules on one key through time, from year to year and from an earlier submission to this one.

From year to year: jumps, spikes, falls, years without a value. Between submissions: values revised,
withdrawn and added.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.errors import SourceError
from divide_cli.frames.columns import Array, Mask
from divide_cli.frames.observations import Observations, combine
from divide_cli.language import commas, say
from divide_cli.validation import vtl
from divide_cli.validation.report import Finding, NotChecked
from divide_cli.validation.rules import Stage, kind
from divide_cli.validation.rules.duplication import differently_described
from divide_cli.validation.rules.findings import (
    Explanation,
    Findings,
    Violations,
    finding_at,
    grouped,
    matcher,
    no_violations,
    number,
)
from divide_cli.validation.rules.grouping import NO_ROW, Floats, groups, places_of
from divide_cli.validation.rules.sorting import submission_of
from divide_cli.validation.rules.submission import Submission


def with_year_before(submission: Submission, rule: Rule) -> Mask:
    """The rows of the scope that have an earlier year with a value."""
    return submission.usable_in(rule) & (submission.span > 0)


def changes(submission: Submission, rows: Array) -> tuple[Array, Array, Floats, Floats]:
    """The row of the earlier year for each of these rows, the years between, the change, and what rounding allows."""
    before = submission.before[rows]
    change = submission.value[rows] - submission.value[before]
    return before, submission.span[rows], change, submission.half[rows] + submission.half[before]


def steps(
    submission: Submission,
    rows: Array,
    before: Array,
    checked: int,
    not_checked: dict[NotChecked, int] | None = None,
) -> Violations:
    """A case for each row and that of the earlier year, from which it is too far away."""
    cases = np.stack([rows, before], axis=1)

    def explain(case: int) -> Explanation:
        row, earlier = cases[case]
        value, year = number(submission.value[earlier]), submission.year[earlier]
        expected = say("a value closer to that of {year} ({value})", year=year, value=value)
        return Explanation(expected, number(submission.value[row]), say("{value} in {year}", value=value, year=year))

    return Violations(cases, explain, checked, not_checked or {})


@kind(vtl.Unsaid.SERIES, by_area=True, across=lambda _rule: True)
def jump(
    submission: Submission, rule: Rule, *, of: Literal["one", "many", "break"], many: int, share: float
) -> Violations:
    """A change of more than the tolerance (PP a year) from the last year with a value.

    `of`: `one` for a single series that jumps; `many` for a year in which many series of the indicator and area do,
    at least `many` and `share` of them (one case for each year); `break` for a jump at which comment, status or
    citation change too: a break, not growth.
    """
    asked = with_year_before(submission, rule)
    rows, checked = np.flatnonzero(asked & submission.moved_by(rule.tolerance)), int(np.count_nonzero(asked))
    before, span, change, room = changes(submission, rows)
    jumping = np.abs(change) - room > rule.tolerance * span + v.EXACT
    rows, before = rows[jumping], before[jumping]
    described = differently_described(submission, rows, before)
    if of == "break":
        return steps(submission, rows[described], before[described], checked)
    rows, before = rows[~described], before[~described]
    if not len(rows):
        return no_violations(checked)
    years = groups(_year_of_indicator(submission, rows))
    of_all = _number_of_each(submission, asked, years.keys)[years.number]
    of_many = (years.sizes >= many) & (years.sizes >= share * of_all)
    if of == "one":
        return steps(submission, rows[~of_many], before[~of_many], checked)

    def explain(_case: int, jumps: Array) -> Explanation:
        change = submission.value[jumps] - submission.value[submission.before[jumps]]
        extent = say(
            "{count} series, {lowest:+.3g} to {highest:+.3g}",
            count=len(jumps),
            lowest=change.min(),
            highest=change.max(),
        )
        return Explanation(say("a note on what changed"), extent, str(submission.year[jumps[0]]))

    return grouped(submission, groups(years.number[of_many]).members(rows[of_many]), explain, checked)


def _year_of_indicator(submission: Submission, rows: Array) -> Array:
    """A number for the area, the indicator and the year of each row."""
    area, indicator = submission.index[v.REF_AREA], submission.index[v.INDICATOR]
    series = area.numbers[rows].astype(np.int64) * len(indicator.codes) + indicator.numbers[rows]
    return np.asarray(series * submission.years + submission.key[rows] % submission.years)  # the year's digit


def _number_of_each(submission: Submission, asked: Mask, years: Array) -> Array:
    """The number of rows asked in each of these years of an indicator, as `_year_of_indicator` numbers them."""
    begins, _, size = submission.indicator_runs
    indicator_of_area = _year_of_indicator(submission, begins) // submission.years
    concerned = np.isin(indicator_of_area, years // submission.years)
    year = _year_of_indicator(submission, np.flatnonzero(asked & np.repeat(concerned, size)))
    place = places_of(year, years)
    return np.bincount(place[place != NO_ROW], minlength=len(years))


@kind(vtl.Unsaid.SERIES, by_area=True)
def spike(submission: Submission, rule: Rule, *, alone: float, returns: float) -> Violations:
    """A value that differs from both neighbouring years by more than the tolerance (PP a year), in the same direction.

    If the neighbours differ by `returns` (PP) at most, it is enough to differ from both by more than `alone`, however
    many years are between.
    """
    value, year, half = submission.value, submission.year, submission.half
    inside = with_year_before(submission, rule) & (submission.after != NO_ROW)
    rows, checked = np.flatnonzero(inside & submission.moved_by(min(rule.tolerance, alone))), int(inside.sum())
    before, after = submission.before[rows], submission.after[rows]
    up, down = value[rows] - value[before], value[rows] - value[after]
    back = (year[rows] - year[before]) * rule.tolerance
    ahead = (year[after] - year[rows]) * rule.tolerance
    room = half[rows] + np.maximum(half[before], half[after])
    wrong = (np.abs(up) - room > back + v.EXACT) & (np.abs(down) - room > ahead + v.EXACT)
    away = np.minimum(np.abs(up), np.abs(down)) - room > alone + v.EXACT
    wrong |= away & (np.abs(up - down) <= returns + v.EXACT)
    wrong &= up * down > 0
    cases = np.stack([rows, before, after], axis=1)[wrong]

    def explain(case: int) -> Explanation:
        row, earlier, later = cases[case]
        around = say(
            "{value} in {year} and {value_2} in {year_2}",
            value=number(value[earlier]),
            year=year[earlier],
            value_2=number(value[later]),
            year_2=year[later],
        )
        return Explanation(around, number(value[row]))

    return Violations(cases, explain, checked)


@kind(vtl.Unsaid.SERIES, by_area=True)
def fall(submission: Submission, rule: Rule, *, regained: bool = False) -> Violations:
    """A fall of more than the tolerance (PP a year) in shares that are known to grow.

    `regained`: only if a later year is as high again as the year before, so that nothing was discontinued.
    """
    asked = with_year_before(submission, rule)
    rows = np.flatnonzero(asked & submission.moved_by(rule.tolerance))
    before, span, change, room = changes(submission, rows)
    wrong = -change - room > rule.tolerance * span + v.EXACT
    if regained:
        regains = submission.highest(rows[wrong], later=True) >= (submission.value[before] - room)[wrong]
        wrong[wrong] = regains
    return steps(submission, rows[wrong], before[wrong], int(np.count_nonzero(asked)))


@kind(vtl.Unsaid.SERIES, by_area=True)
def stays_down(submission: Submission, rule: Rule, *, order: Sequence[str], alike: float) -> Violations:
    """A fall of more than the tolerance (PP), however many years are between, that no later year regains.

    `alike`: a fall of more than that (PP) is enough if it leads to the very value of an indicator that is later in
    `order`, which the year before did not have.
    """
    asked = with_year_before(submission, rule)
    rows = np.flatnonzero(asked & submission.moved_by(min(rule.tolerance, alike)))
    before, _, change, room = changes(submission, rows)
    lost, checked = -change - room, int(np.count_nonzero(asked))
    fallen = lost > min(rule.tolerance, alike) + v.EXACT
    rows, before, lost, room = rows[fallen], before[fallen], lost[fallen], room[fallen]
    newer = _value_of_newer(submission, rows, order)
    newer[_value_of_newer(submission, before, order) != NO_ROW] = NO_ROW
    wrong = (lost > rule.tolerance + v.EXACT) | ((newer != NO_ROW) & (lost > alike + v.EXACT))
    wrong[wrong] = submission.highest(rows[wrong], later=True) < (submission.value[before] - room)[wrong]
    cases = np.stack([rows, before, newer], axis=1)[wrong]

    def explain(case: int) -> Explanation:
        row, earlier, other = cases[case]
        value, year = number(submission.value[earlier]), submission.year[earlier]
        same = (
            say(", the very figure of {indicator_at}", indicator_at=submission.indicator_at(other))
            if other != NO_ROW
            else ""
        )
        expected = say("a value closer to that of {year} ({value})", year=year, value=value)
        return Explanation(
            expected, f"{number(submission.value[row])}{same}", say("{value} in {year}", value=value, year=year)
        )

    return Violations(cases, explain, checked)


def _value_of_newer(submission: Submission, rows: Array, order: Sequence[str]) -> Array:
    """The row of an indicator later in the order that has the same key and value above 0; NO_ROW if there is none."""
    newer = np.full(len(rows), NO_ROW, dtype=np.intp)
    indicator = submission.index[v.INDICATOR]
    for place, code in enumerate(order):
        older = [indicator.number_of(one) for one in order[:place]]
        other = submission.partner(rows, v.INDICATOR, code)
        same = (submission.value[other] == submission.value[rows]) & (submission.value[rows] > 0)
        newer = np.where((other != NO_ROW) & same & np.isin(indicator.numbers[rows], older), other, newer)
    return newer


@kind(vtl.Unsaid.SERIES, by_area=True)
def gap_in_years(submission: Submission, rule: Rule) -> Violations:
    """More years without a value than the tolerance, between two that have one.

    Years whose rows a gate has set aside are not missing.
    """
    year, key = submission.year, submission.key
    asked = with_year_before(submission, rule)
    rows = np.flatnonzero(asked & (submission.span - 1 > rule.tolerance))
    before = submission.before[rows]
    aside = np.unique(key[submission.gated & ~np.isnan(submission.value)])
    between = np.searchsorted(aside, key[rows]) - np.searchsorted(aside, key[before], side="right")
    cases = np.stack([rows, before], axis=1)[between == 0]

    def explain(case: int) -> Explanation:
        row, earlier = cases[case]
        return Explanation(
            say("a value for each year"),
            say("no value between {year} and {year_2}", year=year[earlier], year_2=year[row]),
        )

    return Violations(cases, explain, int(np.count_nonzero(asked)), column=v.TIME_PERIOD)


class Comparison:
    """Two submissions as one, with a mask for the rows of the earlier one, and their values in parallel."""

    def __init__(self, now: Observations, before: Observations) -> None:
        both = combine([now, before])
        self.submission = submission_of(both)
        self.earlier: Mask = self.submission.order >= len(now.frame)
        self.valued = ~np.isnan(self.submission.value)
        keys, sides = np.unique(self.submission.key[self.valued]), (~self.earlier, self.earlier)
        self.new, self.old = (self.submission.first_rows(keys, self.valued & side) for side in sides)

    def revised(self, tolerance: float, most: float) -> tuple[Array, Array]:
        """The rows whose values differ by more than the tolerance and rounding, up to `most`, with the earlier rows."""
        value, half = self.submission.value, self.submission.half
        size = np.abs(value[self.new] - value[self.old])
        rounding = np.maximum(half[self.new], half[self.old])  # one may be the other with fewer decimals
        both = (self.new != NO_ROW) & (self.old != NO_ROW)
        rows = both & (size > np.maximum(tolerance, rounding + v.EXACT)) & (size <= most)
        return self.new[rows], self.old[rows]

    def shifted(self, least: int) -> tuple[Array, Array]:
        """The first row of each series with `least` values that were under the year before, with the earlier rows.

        Only values with decimals count that the earlier submission does not have under the same year.
        """
        submission = self.submission
        distinctive = self.valued & submission.half.at_most(0.5 - v.EXACT)
        now, then = np.flatnonzero(distinctive & ~self.earlier), distinctive & self.earlier
        key, value = submission.key[now], submission.value
        before, same = self.submission.first_rows(key - 1, then), self.submission.first_rows(key, then)
        moved = (before != NO_ROW) & (key % submission.years > 0)  # the key before a first year is of another series
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
    """Values that differ from an earlier submission.

    `what`: `revised` (a value that differs by more than the tolerance and rounding, and by up to `most`), `withdrawn`
    (a key with a value only in the earlier submission), `added` (only in the new one), or `shifted` (`least` values
    with decimals of a series that were under the year before).
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
        was = say("no value") if then == NO_ROW else number(submission.value[then])
        if what == "shifted":
            was = say("{was} in {year}, as before", was=was, year=submission.year[then])
        change = "" if then in (NO_ROW, row) else f"{value - submission.value[then]:+.3g}"
        explanation = Explanation(was, say("no value") if row == then else number(value), change)
        return finding_at(rule, submission, row, v.OBS_VALUE, explanation)

    return Findings(rule, len(rows), finding, matcher(submission, rows, v.OBS_VALUE))


def same_kind(now: Observations, before: Observations) -> None:
    """Raises SourceError if the two submissions share no indicator and area, so that nothing can be compared."""
    shared = [set(_codes(now, name)) & set(_codes(before, name)) for name in (v.REF_AREA, v.INDICATOR)]
    if not all(shared):
        raise SourceError(
            "previous_unrelated",
            found=say(
                "{codes} of {codes_2}",
                codes=commas(_codes(before, v.INDICATOR)[:6]),
                codes_2=commas(_codes(before, v.REF_AREA)[:6]),
            ),
            where=before.readings[0].file.name,
        )


def _codes(read: Observations, name: str) -> list[str]:
    """The codes of a column that some row has."""
    return [str(code) for code in read.frame[name].cat.remove_unused_categories().cat.categories]
