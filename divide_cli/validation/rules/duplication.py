"""Rules on copies: rows that occur twice, values carried on, columns copied to others, years filled down."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.catalogue.codelists import age_span, code_name
from divide_cli.frames.columns import Array, Mask, row_blocks
from divide_cli.language import commas, say
from divide_cli.validation import vtl
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.equal_values import distinctive, equal_rows, hashed, of_other_indicators, recurring
from divide_cli.validation.rules.error_localisation import suggestion
from divide_cli.validation.rules.findings import Explanation, Violations, grouped, no_violations, number
from divide_cli.validation.rules.grouping import NO_ROW, Floats, Groups, first_of_each, groups
from divide_cli.validation.rules.submission import Submission
from divide_cli.validation.rules.totals import pairs

_SHOWN = 4
"""The number of values of a copy that are shown."""


def differently_described(submission: Submission, rows: Array, others: Array, *further: str) -> Mask:
    """Whether the file describes two rows differently: in comment, status or citation."""
    differ = np.zeros(len(rows), dtype=bool)
    for name in (v.OBS_COMMENT, v.CITATION, v.OBS_STATUS, *further):
        if name in submission.frame:
            codes = submission.column(name)
            differ |= codes[rows] != codes[others]
    return differ


@kind(vtl.Statements("duplicate_key"))
def duplicate_key(
    submission: Submission, _rule: Rule, *, values: Literal["different", "same"], said_apart: bool | None = None
) -> Violations:
    """A later row with the key of an earlier one: with another value (`values: different`) or the same (`same`).

    There is one case for each later row; if one of two rows is empty, it is ignored and there is no case. `said_apart`
    selects rows whose comment, source or status differs from the earlier row's (true), or is the same (false).
    """
    key, value, usable = submission.key, submission.value, submission.usable
    starts = [
        part.start + np.flatnonzero(np.diff(key[part.start : part.stop + 1]) == 0) for part in row_blocks(len(key))
    ]
    again = np.concatenate([np.zeros(0, dtype=np.intp), *starts])
    rows = np.union1d(again, again + 1)
    rows = rows[usable[rows]]
    first = first_of_each(key[rows])
    head = rows[np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))] if len(rows) else rows
    differ = np.abs(value[rows] - value[head]) > v.EXACT
    wrong = ~first & (differ if values == "different" else ~differ)
    if said_apart is not None:
        wrong &= differently_described(submission, rows, head, v.LABELS) == said_apart
    cases = np.stack([rows[wrong], head[wrong]], axis=1)

    def explain(case: int) -> Explanation:
        row, earlier = cases[case]
        same = slice(*np.searchsorted(key, [key[row], key[row] + 1]))
        involved = np.flatnonzero(usable[same]) + same.start
        expected = say("one row for each key")
        if abs(value[row] - value[earlier]) > v.EXACT:
            nearby = suggestion(submission, int(earlier))
            expected = say(
                "one value for each key{years_between}{nearby}",
                years_between=_years_between(submission, row),
                nearby=nearby,
            )
        return Explanation(expected, number(value[row]), number(value[earlier]), rows=involved)

    return Violations(cases, explain, int(usable.sum()))


def _years_between(submission: Submission, row: int) -> str:
    """The year before or after, if no row of the series has it but it has years beyond: perhaps it was meant."""
    years = np.unique(submission.year[submission.rows_of_series(row)]).astype(np.int64)
    year = int(submission.year[row])
    absent = [str(near) for near in (year - 1, year + 1) if years[0] < near < years[-1] and near not in years]
    return (
        say("; there is no row for {absent}: one of these two may belong there", absent=say(" or ").join(absent))
        if absent
        else ""
    )


def _with_decimals(half: Floats) -> Mask:
    return half < 0.5 - v.EXACT


@kind(vtl.Unsaid.SERIES, by_area=True)
def repeated(submission: Submission, rule: Rule, *, ceiling: float) -> Violations:
    """A value with decimals that repeats the year before to the last decimal; 0 and values near the limit are left out.

    `ceiling`: values from there on repeat by nature.
    """
    value, year = submission.value, submission.year
    asked = submission.usable_in(rule) & (submission.span > 0)
    rows = np.flatnonzero(asked & (submission.span == 1) & (submission.moved == 0) & (value > 0) & (value < ceiling))
    before = submission.before[rows]
    wrong = _with_decimals(np.minimum(submission.half[rows], submission.half[before]))
    cases = np.stack([rows, before], axis=1)[wrong]

    def explain(case: int) -> Explanation:
        row, earlier = cases[case]
        return Explanation(
            say("a figure of its own"),
            number(value[row]),
            say("{value} in {year}", value=number(value[earlier]), year=year[earlier]),
        )

    return Violations(cases, explain, int(np.count_nonzero(asked)))


@kind(vtl.Unsaid.SERIES, by_area=True)
def same_sides(submission: Submission, rule: Rule, *, dimension: str, parts: Sequence[str], least: int) -> Violations:
    """Both parts have the same values with decimals in every year, `least` of them: one was copied to the other."""
    both = pairs(submission, rule, dimension, parts, total=False)
    value, half = both.value, both.half
    equal = (value[:, 1] == value[:, 2]) & _with_decimals(half[:, 1:].max(axis=1)) & (value[:, 1] % 100 != 0)
    series = groups(both.series)
    cases = both.only(series.all(equal) & (series.sizes >= least))

    def explain(case: int) -> Explanation:
        expected = say("different values for {names} and {names_2}", names=cases.names[0], names_2=cases.names[1])
        return Explanation(expected, say("{cases} for both", cases=number(cases.value[case, 2])))

    return Violations(cases.rows[:, [2, 1]], explain, len(both))


@kind(vtl.Unsaid.SERIES, by_area=True)
def copied(submission: Submission, rule: Rule, *, lag: int, least: int, distinct: int, share: float) -> Violations:
    """An indicator repeats the values of another, in the same year or with a `lag` of years, in `least` years or more.

    Only values with decimals count, of which `distinct` must differ: networks that keep one figure for years agree
    by nature. At least `share` of the values of the copy must match. Each series is one case.
    """
    indicator = submission.index[v.INDICATOR]
    rows, copy, original = of_other_indicators(submission, rule, lag)
    if not len(copy):
        return no_violations(len(rows))
    pair = groups(submission.series[copy].astype(np.int64) * len(indicator.codes) + indicator.numbers[original])
    enough = _proved(submission, rows, copy, pair, least, distinct, share)
    if not lag:
        enough &= ~_other_way(submission.series, copy, original, enough, indicator.numbers)
    pair = groups(pair.number[enough])
    copies, originals = pair.members(copy[enough]), pair.members(original[enough])

    def explain(case: int, own: Array) -> Explanation:
        other = originals[case]
        years = say("{year} to {year_2}", year=submission.year[other[0]], year_2=submission.year[other[-1]])
        return _copy(
            submission,
            own,
            say("{indicator_at} of {years}", indicator_at=submission.indicator_at(other[0]), years=years),
        )

    return grouped(submission, copies, explain, len(rows))


def _proved(
    submission: Submission, rows: Array, copy: Array, pair: Groups, least: int, distinct: int, share: float
) -> Mask:
    """The copied values of groups that prove copying; `pair` groups them by series and by what they were copied from.

    A group needs `least` values, `distinct` different ones, and `share` of the values that its series has in `rows`.
    """
    series, first = submission.series, submission.series[0]
    enough = pair.sizes >= least
    if not enough.any():
        return enough
    size_of = np.bincount(series[rows] - first)
    enough &= pair.sizes >= share * size_of[series[copy] - first]
    return np.asarray(enough & (pair.distinct(submission.value[copy]) >= distinct))


def _other_way(unit: Array, copy: Array, original: Array, proved: Mask, rank: Array) -> Mask:
    """The copied values whose units (series, indicators) copy each other, if the copy is not the one of higher rank.

    Which of two was first is unknown: the order of the rows does not say it, and does not decide it.
    """
    own, other = (unit[rows].astype(np.int64) for rows in (copy, original))
    size = int(unit.max(initial=0)) + 1
    mutual = np.isin(other * size + own, (own * size + other)[proved])
    return np.asarray(mutual & (rank[copy] < rank[original]))


def _copy(submission: Submission, rows: Array, original: str) -> Explanation:
    values = commas(number(value) for value in submission.value[rows[:_SHOWN]])
    return Explanation(say("figures of its own"), values, original)


@kind(vtl.Unsaid.SERIES, by_area=True, across=lambda rule: rule.parameters["codes_of"] not in v.DIMENSIONS)
def code_copied(
    submission: Submission, rule: Rule, *, codes_of: str, least: int, distinct: int, share: float, ceiling: float
) -> Violations:
    """A code of the dimension `codes_of` (an age band, a region) repeats another in `least` years or more.

    Only values with decimals and below `ceiling` count, of which `distinct` must differ. At least `share` of the values
    of the copy must match. Codes of which one contains the other may agree. Each series is one case.
    """
    chosen = distinctive(submission, rule) & (submission.value < ceiling)
    if codes_of not in submission.frame or not chosen.any():
        return no_violations(int(chosen.sum()))
    codes, texts = submission.column(codes_of), submission.categories(codes_of)
    rows = np.flatnonzero(chosen & (codes != (texts.index(v.TOTAL) if v.TOTAL in texts else NO_ROW)))
    key = submission.key_without(codes_of, rows)
    copy, original = (rows[places] for places in equal_rows(key, key, submission.value[rows]))
    if not len(copy):
        return no_violations(len(rows))
    pair = groups(submission.series[copy].astype(np.int64) * len(texts) + codes[original])
    enough = _proved(submission, rows, copy, pair, least, distinct, share)
    enough &= ~_other_way(submission.series, copy, original, enough, np.argsort(np.argsort(texts))[codes])
    enough[enough] = [
        not _nested(codes_of, texts[own], texts[other])
        for own, other in zip(codes[copy[enough]], codes[original[enough]], strict=True)
    ]
    pair = groups(pair.number[enough])
    copies, originals = pair.members(copy[enough]), pair.members(original[enough])

    def explain(case: int, own: Array) -> Explanation:
        other = originals[case]
        years = say("{lowest} to {highest}", lowest=submission.year[own].min(), highest=submission.year[own].max())
        return _copy(submission, own, f"{code_name(codes_of, texts[codes[other[0]]])}, {years}")

    return grouped(submission, copies, explain, len(rows))


def _nested(dimension: str, code: str, other: str) -> bool:
    """Whether one of two age bands, or of two places, contains the other."""
    one, two = (age_span(text) if dimension == v.AGE else None for text in (code, other))
    if one and two:
        return (one[0] <= two[0] and two[1] <= one[1]) or (two[0] <= one[0] and one[1] <= two[1])
    return code.startswith(other) or other.startswith(code)


@kind(vtl.Unsaid.SERIES, by_area=True)
def block_repeated(submission: Submission, rule: Rule, *, least: int, distinct: int) -> Violations:
    """A block of `least` neighbouring values of a series, of which `distinct` differ, is there again under other years.

    The years between the values are the same in both. All values that are repeated at one distance are one case.
    """
    rows = np.flatnonzero(submission.usable_in(rule))
    rows = rows[first_of_each(submission.key[rows])]
    value, year, series = submission.value[rows], submission.year[rows], submission.series[rows]
    size = max(len(rows) - least + 1, 0)
    # each value of such a block is there twice in the series
    twice = np.zeros(len(rows), dtype=bool)
    twice[recurring(hashed(series.astype(np.int64), value))[0]] = True
    may_start = series[:size] == series[least - 1 :]
    for step in range(least):
        may_start &= twice[step : step + size]
    start = np.flatnonzero(may_start)
    # a block is known by the hash of its series, its values and the years between them
    mark = series[start].astype(np.int64)
    for step in range(least):
        mark = hashed(mark, value[start + step]) + (year[start + step] - year[start])
    again, first = recurring(mark)
    start, first = start[again], start[first]
    steps = np.arange(least)
    own, other = (one.reshape(-1, 1) + steps for one in (start, first))
    same = (start != first) & (series[start] == series[first]) & (value[own] == value[other]).all(axis=1)
    same &= (np.diff(np.sort(value[own], axis=1), axis=1) > 0).sum(axis=1) + 1 >= distinct
    lag = (year[start] - year[first])[same].astype(np.int64)
    cases = groups(series[start[same]].astype(np.int64) * submission.years + lag)
    copies = [rows[np.unique(block)] for block in cases.members(own[same])]
    originals = [rows[np.unique(block)] for block in cases.members(other[same])]

    def explain(case: int, block: Array) -> Explanation:
        years = [
            say("{year} to {year_2}", year=submission.year[part[0]], year_2=submission.year[part[-1]])
            for part in (originals[case], block)
        ]
        return _copy(submission, block, say("{years} under {years_2}", years=years[0], years_2=years[1]))

    return grouped(submission, copies, explain, len(rows))


@kind(vtl.Unsaid.FURTHER)
def copied_across(submission: Submission, rule: Rule, *, least: int, distinct: int, share: float) -> Violations:
    """An indicator repeats the values of another with the same key and year, group by group: one column was copied.

    Only values with decimals count: `least` of them, of which `distinct` differ, and `share` of the copy's. All of
    them are one case.
    """
    parts = [_repeating(block, rule, start) for start, block in submission.blocks()]
    if not parts:
        return no_violations()
    indicator, number_of_codes = submission.index[v.INDICATOR], len(submission.index[v.INDICATOR].codes)
    own, other = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
    whole = np.sum([count for _, _, count in parts], axis=0)
    pair = indicator.numbers[own].astype(np.int64) * number_of_codes + indicator.numbers[other]
    count = np.bincount(pair, minlength=number_of_codes**2)  # a row with two originals counts twice
    likely = (count >= least) & (count >= share * np.repeat(whole, number_of_codes))
    proved = np.zeros(len(own), dtype=bool)
    for code in np.flatnonzero(likely):
        rows = np.unique(own[pair == code])
        enough = len(rows) >= least and len(rows) >= share * whole[code // number_of_codes]
        proved |= (pair == code) & (enough and len(np.unique(submission.value[rows])) >= distinct)
    proved &= ~_other_way(indicator.numbers, own, other, proved, indicator.numbers)
    cases = [proved & (pair == code) for code in np.unique(pair[proved])]
    copies = [np.unique(own[case]) for case in cases]
    originals = [submission.indicator_at(other[case][0]) for case in cases]

    def explain(case: int, rows: Array) -> Explanation:
        return _copy(submission, rows, originals[case])

    return grouped(submission, copies, explain, int(whole.sum()))


def _repeating(block: Submission, rule: Rule, start: int) -> tuple[Array, Array, Array]:
    """The values that another indicator has too, their originals, and the number of values of each indicator.

    The rows are those of the submission from which this block was taken; the block begins at `start`.
    """
    _, own, other = of_other_indicators(block, rule)
    return own + start, other + start, block.of_each_indicator(distinctive(block, rule))


@kind(vtl.Unsaid.SERIES)
def filled_down(submission: Submission, rule: Rule, *, dimension: str, parts: Sequence[str]) -> Violations:
    """Three consecutive rows give the total and the two parts for consecutive years: one year, filled down.

    It applies only if the file has nothing else with that key.
    """
    index, year, usable = submission.index[dimension], submission.year, submission.usable_in(rule)
    numbers_of_three = sorted(index.number_of(code) for code in (v.TOTAL, *parts))
    checked = max(int(usable.sum()) - 2, 0)
    if not checked or NO_ROW in numbers_of_three:
        return no_violations(checked)

    def series(own: Array) -> Array:
        return np.asarray(submission.key_without(dimension, own) // submission.years)

    # each of the three is the only row of its own series
    rows = np.concatenate([start + _only_of_series(block, rule) for start, block in submission.blocks()])
    rows = rows[np.argsort(submission.order[rows])]
    parts_of_rows = (rows[part.start : part.stop + 2] for part in row_blocks(len(rows)))
    three = [np.zeros((0, 3), dtype=np.intp), *(_three_years(own, series, year) for own in parts_of_rows)]
    cases = np.concatenate(three)
    cases = cases[(np.sort(index.numbers[cases], axis=1) == np.array(numbers_of_three)).all(axis=1)]
    if len(cases):
        cases = cases[_alone(submission, usable, series, cases)]

    def explain(case: int) -> Explanation:
        years = commas(map(str, sorted(year[cases[case]])))
        return Explanation(say("one year for the total and its parts"), years)

    return Violations(cases, explain, checked, column=v.TIME_PERIOD)


def _only_of_series(submission: Submission, rule: Rule) -> Array:
    """The usable rows of the scope that are alone in their series."""
    rows = np.flatnonzero(submission.usable_in(rule))
    begins = first_of_each(submission.series[rows])
    return rows[begins & np.append(begins[1:], True)] if len(rows) else rows


def _alone(submission: Submission, usable: Mask, series: Callable[[Array], Array], three: Array) -> Mask:
    """Whether each three usable rows follow each other in the file, which has no other of that series."""
    place = np.empty(len(submission), dtype=np.int32)
    place[submission.row_at] = np.cumsum(usable[submission.row_at])
    keys, own = np.unique(series(three[:, 0]), return_inverse=True)
    rows, count = np.flatnonzero(usable), np.zeros(len(keys), dtype=np.int64)
    for part in row_blocks(len(rows)):
        key = series(rows[part])
        count += np.bincount(np.searchsorted(keys, key[np.isin(key, keys)]), minlength=len(keys))
    return np.asarray((count[own] == 3) & (place[three[:, 2]] - place[three[:, 1]] == 2))


def _three_years(rows: Array, series: Callable[[Array], Array], year: Array) -> Array:
    """Three rows in a run of one series, for one year after the other: the second, the first and the third."""
    key, years = series(rows), year[rows]
    at = np.flatnonzero((key[:-2] == key[1:-1]) & (key[1:-1] == key[2:]))
    at = at[(years[at + 1] - years[at] == 1) & (years[at + 2] - years[at + 1] == 1)]
    return np.stack([rows[at + 1], rows[at], rows[at + 2]], axis=1).astype(np.intp)
