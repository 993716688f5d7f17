"""Rules on one key through time, from year to year and from an earlier submission to this one.

From year to year: jumps, spikes, falls, extreme ratios, years without a value. Between submissions: values revised,
withdrawn and added.
"""

from collections.abc import Iterator, Sequence
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
from divide_cli.validation.rules.grouping import BLOCK, NO_ROW, Floats, Groups, first_of_each, groups, in_blocks, ranges
from divide_cli.validation.rules.sorting import submission_of
from divide_cli.validation.rules.submission import Submission


def _with_year_before(submission: Submission, rule: Rule) -> Array:
    """The rows of the scope that have an earlier year with a value."""
    return np.flatnonzero(submission.usable_in(rule) & (submission.before != NO_ROW))


def _changes(submission: Submission, rows: Array) -> tuple[Array, Floats, Floats, Floats]:
    """The row of the earlier year for each of these rows, the years between, the change, and what rounding allows."""
    before = submission.before[rows]
    span = (submission.year[rows] - submission.year[before]).astype(np.float64)
    change = submission.value[rows] - submission.value[before]
    return before, span, change, submission.half[rows] + submission.half[before]


def _steps(
    submission: Submission, rows: Array, checked: int, not_checked: dict[NotChecked, int] | None = None
) -> Violations:
    """A case for each row and that of the earlier year, from which it is too far away."""
    cases = np.stack([rows, submission.before[rows]], axis=1)

    def explain(case: int) -> Explanation:
        row, earlier = cases[case]
        value, year = number(submission.value[earlier]), submission.year[earlier]
        expected = say("a value closer to that of {year} ({value})", year=year, value=value)
        return Explanation(expected, number(submission.value[row]), say("{value} in {year}", value=value, year=year))

    return Violations(cases, explain, checked, not_checked or {})


@kind(vtl.Unsaid.SERIES, by_area=True)
def jump(
    submission: Submission, rule: Rule, *, of: Literal["one", "many", "break"], many: int, share: float
) -> Violations:
    """A change of more than the tolerance (PP a year) from the last year with a value.

    `of`: `one` for a single series that jumps; `many` for a year in which many series of the indicator and area do,
    at least `many` and `share` of them (one case for each year); `break` for a jump at which comment, status or
    citation change too: a break, not growth.
    """
    rows = _with_year_before(submission, rule)
    before, span, change, room = _changes(submission, rows)
    jumping = np.abs(change) - room > rule.tolerance * span + v.EXACT
    described = differently_described(submission, rows[jumping], before[jumping])
    if of == "break":
        return _steps(submission, rows[jumping][described], len(rows))
    jumping[jumping] = ~described
    if not jumping.any():
        return no_violations(len(rows))
    area, indicator = submission.index[v.REF_AREA], submission.index[v.INDICATOR]
    series = area.numbers[rows].astype(np.int64) * len(indicator.codes) + indicator.numbers[rows]
    years = groups(series * submission.years + submission.key[rows] % submission.years)  # the year's digit
    number_jumping = years.count(jumping)
    of_many = jumping & (number_jumping >= many) & (number_jumping >= share * years.sizes)
    if of == "one":
        return _steps(submission, rows[jumping & ~of_many], len(rows))

    def explain(_case: int, jumps: Array) -> Explanation:
        change = submission.value[jumps] - submission.value[submission.before[jumps]]
        extent = say(
            "{count} series, {lowest:+.3g} to {highest:+.3g}",
            count=len(jumps),
            lowest=change.min(),
            highest=change.max(),
        )
        return Explanation(say("a note on what changed"), extent, str(submission.year[jumps[0]]))

    return grouped(submission, groups(years.number[of_many]).members(rows[of_many]), explain, len(rows))


@kind(vtl.Unsaid.SERIES, by_area=True)
def spike(submission: Submission, rule: Rule, *, alone: float, returns: float) -> Violations:
    """A value that differs from both neighbouring years by more than the tolerance (PP a year), in the same direction.

    If the neighbours differ by `returns` (PP) at most, it is enough to differ from both by more than `alone`, however
    many years are between.
    """
    value, year, half = submission.value, submission.year, submission.half
    inside = submission.usable_in(rule) & (submission.before != NO_ROW) & (submission.after != NO_ROW)
    rows = np.flatnonzero(inside)
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

    return Violations(cases, explain, len(rows))


@kind(vtl.Unsaid.SERIES, by_area=True)
def fall(submission: Submission, rule: Rule, *, regained: bool = False) -> Violations:
    """A fall of more than the tolerance (PP a year) in shares that are known to grow.

    `regained`: only if a later year is as high again as the year before, so that nothing was discontinued.
    """
    rows = _with_year_before(submission, rule)
    before, span, change, room = _changes(submission, rows)
    wrong = -change - room > rule.tolerance * span + v.EXACT
    if regained:
        regains = submission.highest(rows[wrong], later=True) >= (submission.value[before] - room)[wrong]
        wrong[wrong] = regains
    return _steps(submission, rows[wrong], len(rows))


@kind(vtl.Unsaid.SERIES, by_area=True)
def stays_down(submission: Submission, rule: Rule, *, order: Sequence[str], alike: float) -> Violations:
    """A fall of more than the tolerance (PP), however many years are between, that no later year regains.

    `alike`: a fall of more than that (PP) is enough if it leads to the very value of an indicator that is later in
    `order`, which the year before did not have.
    """
    rows = _with_year_before(submission, rule)
    before, _, change, room = _changes(submission, rows)
    lost, checked = -change - room, len(rows)
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
    yearly = [np.zeros(0, dtype=np.int32)]
    for start, block in submission.blocks():
        rows = _with_year_before(block, rule)
        before, span, change, room = _changes(block, rows)
        both = (span == 1) & (block.value[rows] > 0) & (block.value[before] > 0) & (np.abs(change) > room)
        yearly.append((rows[both] + start).astype(np.int32))
    far, checked, short = [np.zeros(0, dtype=np.int32)], 0, 0
    for rows, group in _in_groups(submission, np.concatenate(yearly), among):
        now, then = submission.value[rows], submission.value[submission.before[rows]]
        same = groups(group)
        enough = same.size >= least
        least_effect, greatest_effect, effect = _usual_effects(now, then, same, C, A, U)
        apart = np.flatnonzero(np.abs(now - then) > rule.tolerance + v.EXACT)
        own, one = same.number[apart], effect[apart]
        outside = enough[own] & ((one < least_effect[own]) | (one > greatest_effect[own]))
        far.append(rows[apart[outside]])
        checked += int(same.size[enough].sum())
        short += int(same.size[~enough].sum())
    return _steps(submission, np.sort(np.concatenate(far)).astype(np.intp), checked, {NotChecked.FEW_RATIOS: short})


def _in_groups(submission: Submission, rows: Array, among: str) -> Iterator[tuple[Array, Array]]:
    """Some of the ascending rows at a time, with the number of the group of each: whole groups, one after the other.

    The groups are series, or the years of an indicator.
    """
    if among == "history":
        series = submission.series[rows]
        yield from ((rows[part], series[part]) for part in in_blocks(series))
        return
    index, years = submission.index[v.INDICATOR], submission.years
    first_year = submission.year.min(initial=9999).astype(np.int32)
    numbers = index.numbers[rows]
    runs = np.flatnonzero(first_of_each(numbers))  # the rows of an indicator are together in each area
    indicator, size = numbers[runs], np.diff(runs, append=len(rows))
    batch_of = (np.cumsum(np.bincount(indicator, weights=size, minlength=len(index.codes))) // BLOCK)[indicator]
    for batch in np.unique(batch_of):
        some = batch_of == batch
        own = rows[ranges(runs[some], size[some])]
        group = np.repeat(indicator[some].astype(np.int32) * years, size[some]) + (submission.year[own] - first_year)
        group = group.astype(np.min_scalar_type(len(index.codes) * years))  # 16 bits are sorted by counting
        order = np.argsort(group, kind="stable")
        own, group = own[order], group[order]
        yield from ((own[part], group[part]) for part in in_blocks(group))


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


@kind(vtl.Unsaid.SERIES, by_area=True)
def gap_in_years(submission: Submission, rule: Rule) -> Violations:
    """More years without a value than the tolerance, between two that have one.

    Years whose rows a gate has set aside are not missing.
    """
    year, key = submission.year, submission.key
    rows = _with_year_before(submission, rule)
    before = submission.before[rows]
    missing = year[rows].astype(np.int64) - year[before] - 1
    aside = np.unique(key[submission.gated & ~np.isnan(submission.value)])
    between = np.searchsorted(aside, key[rows]) - np.searchsorted(aside, key[before], side="right")
    cases = np.stack([rows, before], axis=1)[(missing > rule.tolerance) & (between == 0)]

    def explain(case: int) -> Explanation:
        row, earlier = cases[case]
        return Explanation(
            say("a value for each year"),
            say("no value between {year} and {year_2}", year=year[earlier], year_2=year[row]),
        )

    return Violations(cases, explain, len(rows), column=v.TIME_PERIOD)


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
