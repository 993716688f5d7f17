"""Rules on age bands: whether they fill the ages without overlap, and whether their weighted mean gives the total."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.catalogue.codelists import age_name, age_span
from divide_cli.frames.columns import Array, Mask
from divide_cli.language import commas, say
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.error_localisation import first, predicted, suspects
from divide_cli.validation.rules.findings import Explanation, Violations, grouped, no_violations, number
from divide_cli.validation.rules.grouping import NO_ROW, Floats, first_of_each, groups
from divide_cli.validation.rules.implied_shares import ReferencePopulation
from divide_cli.validation.rules.submission import Submission

Span = tuple[int, int]
"""The first and the last year of age of a band, inclusive."""
_MOST_BANDS = 63
_SEXES = ("F", "M")
_AGES = 1000
"""More than any year of age: a range of ages is one number, first x 1000 + last."""


@dataclass(frozen=True)
class Bands:
    """The keys with the same set of age bands: bands x cases of rows, and the spans of the bands.

    `total` are the rows of the total of all ages. `sides` (2 x cases) are the totals of women and men, if the key is of
    both sexes. Both are NO_ROW if there is none.
    """

    spans: tuple[Span, ...]
    codes: tuple[str, ...]
    rows: Array
    total: Array
    sides: Array


def bands(submission: Submission, rule: Rule) -> Iterator[Bands]:
    """The keys of the scope by the set of their bands, in the order of the bands."""
    age = submission.index[v.AGE]
    spans = [None if code == v.TOTAL else age_span(code) for code in age.codes]
    is_band = np.array([span is not None for span in spans], dtype=bool)
    if not is_band.any() or is_band.sum() > _MOST_BANDS:
        return
    rows = np.flatnonzero(submission.usable_in(rule) & is_band[age.numbers])
    rows = rows[first_of_each(submission.key[rows])]
    # a set of bands is a number with one bit a band
    bit = np.int64(1) << (np.cumsum(is_band) - 1)
    keys, place = np.unique(submission.key_without(v.AGE, rows), return_inverse=True)
    sets = np.zeros(len(keys), dtype=np.int64)
    np.bitwise_or.at(sets, place, bit[age.numbers[rows]])
    by_set = groups(sets)
    for set_, own in zip(by_set.keys, by_set.members(keys), strict=True):
        numbers = [one for one in np.flatnonzero(is_band) if set_ & bit[one]]
        numbers.sort(key=lambda one: spans[one] or (0, 0))
        of_bands = np.stack([submission.rows_of(own + one * age.stride) for one in numbers])
        total = own + age.number_of(v.TOTAL) * age.stride if v.TOTAL in age.codes else np.full(len(own), NO_ROW)
        yield Bands(
            tuple(spans[one] or (0, 0) for one in numbers),
            tuple(age.codes[one] for one in numbers),
            of_bands,
            submission.rows_of(total),
            np.stack([_of_sex(submission, of_bands[0], total, sex) for sex in _SEXES]),
        )


def _of_sex(submission: Submission, rows: Array, keys: Array, sex: str) -> Array:
    """The rows with these keys, for all ages and one sex instead of both."""
    index = submission.index[v.SEX]
    both, own = index.number_of(v.TOTAL), index.number_of(sex)
    if NO_ROW in (both, own):
        return np.full(len(keys), NO_ROW)
    of_one = np.where(keys == NO_ROW, NO_ROW, keys + (own - both) * index.stride)
    return np.where(index.numbers[rows] == both, submission.rows_of(of_one), NO_ROW)


def tiling(spans: Sequence[Span]) -> tuple[list[int], NotChecked | None]:
    """The finest adjacent bands, without those that contain others, and what is wrong with them, if anything."""
    outer = {
        index
        for index, (low, high) in enumerate(spans)
        for other, (start, end) in enumerate(spans)
        if other != index and low <= start and end <= high and (low, high) != (start, end)
    }
    finest = [index for index in range(len(spans)) if index not in outer]
    if len(finest) < 2:
        return finest, NotChecked.ONE_BAND
    faults = (_between(spans[before], spans[after]) for before, after in pairwise(finest))
    return finest, next((fault for fault in faults if fault), None)


def _between(before: Span, after: Span) -> NotChecked | None:
    """Whether a band overlaps the next, or leaves out ages before it."""
    if after[0] <= before[1]:
        return NotChecked.BANDS_OVERLAP
    return NotChecked.BANDS_LEAVE_GAP if after[0] > before[1] + 1 else None


def parted(spans: Sequence[Span]) -> list[Span]:
    """The bands, each ending a year earlier if another begins in its last year (0-5, 5-14)."""
    starts = {low for low, high in spans if high > low}
    return [(low, high - 1) if high in starts and low < high else (low, high) for low, high in spans]


def _spans_in_scope(submission: Submission, rule: Rule) -> list[Span]:
    """The age bands that any row of the scope has, usable or not."""
    index = submission.index[v.AGE]
    in_use = np.unique(index.numbers[submission.in_scope(rule)])
    codes = [index.codes[one] for one in in_use if index.codes[one] != v.TOTAL]
    return [span for code in codes if (span := age_span(code))]


@kind(vtl.Unsaid.AGES)
def age_bands(submission: Submission, rule: Rule, *, what: Literal["overlap", "gap"]) -> Violations:
    """Age bands that overlap, or leave ages out between them (`what`: overlap or gap).

    There is one case for each set of bands and each indicator. A band that contains others completely (15 and over
    with 15 to 24) does not overlap them. Ages in another row of the file are not left out: that row was lost or set
    aside.
    """
    fault = NotChecked.BANDS_OVERLAP if what == "overlap" else NotChecked.BANDS_LEAVE_GAP
    cases: list[Array] = []
    texts: list[tuple[str, str]] = []
    checked, in_scope = 0, _spans_in_scope(submission, rule)
    for one in bands(submission, rule):
        finest, trouble = tiling(one.spans)
        checked += one.rows.shape[1]
        if trouble is not fault:
            continue
        faulty = (pair for pair in pairwise(finest) if _between(*(one.spans[band] for band in pair)) is fault)
        before, after = next(faulty)
        low, high = one.spans[before][1] + 1, one.spans[after][0] - 1
        if what == "gap" and any(low <= span[0] and span[1] <= high for span in in_scope):
            continue
        labels = commas(age_name(one.codes[band]) for band in finest)
        where = say(
            "{age_name} and {age_name_2}", age_name=age_name(one.codes[before]), age_name_2=age_name(one.codes[after])
        )
        indicator = submission.index[v.INDICATOR].numbers[one.rows[before]]
        for code in np.unique(indicator):
            cases.append(np.sort(one.rows[before][indicator == code]))
            texts.append((labels, where))

    def explain(case: int, _rows: Array) -> Explanation:
        return Explanation(say("bands without gaps or overlaps"), *texts[case])

    return grouped(submission, cases, explain, checked, column=v.AGE)


@dataclass(frozen=True)
class _WeightedBands:
    """The keys with one set of bands: bands x cases of rows, people and half their uncertainty; totals x cases."""

    spans: tuple[Span, ...]
    rows: Array
    people: Floats
    unsure: Floats
    totals: Array
    shares: Floats


@kind(vtl.Unsaid.PEOPLE, by_area=True)
def mean_of_bands(
    submission: Submission,
    rule: Rule,
    *,
    uncertainty: float,
    years: int,
    history: bool,
    spread: float,
    large: float,
    share: float = 1.0,
) -> Violations:
    """The total differs from the population-weighted mean of bands that fill its ages, by more than the tolerance (PP).

    Both are intervals: of their printed decimals, and of the people of bands that cut a five-year group
    (`uncertainty`). If a file has both sexes and no total, their weighted mean replaces it. Bands that overlap or leave
    ages out are not checked; neither are parts of the country.

    A file seldom says which ages its total is of. Any run of neighbouring bands may be meant; the one that fits is
    used. If the key has `years` other years, that is the run that fits most of them: the difference is taken from its
    median there, and must exceed `spread` times its median deviation. With `history`, keys of fewer years are left out;
    otherwise it is enough that any run fits. With `share`, keys with a greater share of wrong rows are left out too. If
    no other year shows which row is wrong, it is the total or, from `large` (PP) on, the row that differs most.
    """
    sets, not_checked = _weighted(submission, rule, uncertainty)
    if not sets:
        return no_violations(0, not_checked)
    checked = sum(one.rows.shape[1] for one in sets)
    scopes = _scopes(submission, sets)
    scopes["likely"], scopes["usual"], scopes["deviation"] = _by_history(scopes, years)
    alone = ~scopes.groupby("series")["likely"].transform("any")
    if history:
        not_checked[NotChecked.SHORT_HISTORY] = len(scopes.loc[alone, ["bands", "case"]].drop_duplicates())
    else:
        scopes.loc[alone, ["usual", "deviation"]] = 0.0
        scopes["likely"] |= alone & _best(scopes, rule.tolerance)
    likely = scopes[scopes["likely"]].assign(missing=scopes["offset"] - scopes["usual"])
    limit = np.maximum(rule.tolerance, spread * likely["deviation"]) + v.EXACT
    wrong = likely["missing"].abs() - likely["room"] > limit
    wrong &= likely["offset"].abs() - likely["room"] > rule.tolerance + v.EXACT
    series = wrong.groupby(likely["series"])
    # a slip affects one row, another range of ages affects many
    wrong &= series.transform("sum") <= share * series.transform("size")
    cases = likely[wrong].to_records(index=False)
    runs = np.stack([cases["bands"], cases["first"], cases["last"]], axis=1)
    rows = np.full((len(cases), max(one.rows.shape[0] + 2 for one in sets)), NO_ROW, dtype=np.intp)
    fits = np.full(len(cases), np.nan)
    for run in np.unique(runs, axis=0):
        own = np.flatnonzero((runs == run).all(axis=1))
        ranked, fits[own] = _ranked(submission, sets[run[0]], cases[own], rule.tolerance, large)
        rows[own, : ranked.shape[1]] = ranked

    def explain(case: int) -> Explanation:
        one, at = sets[cases[case].bands], cases[case].case
        total = float(one.shares[:, at] @ submission.value[one.totals[:, at]])
        mean, fit = total - cases[case].offset, fits[case]
        detail = say(
            "the age bands, weighted by population, give about {mean}, but the total is {total} "
            "(total minus bands: {total_2} points)",
            mean=number(round(mean, 1)),
            total=number(round(total, 2)),
            total_2=number(round(total - mean, 1)),
        )
        expected = say("another figure") if np.isnan(fit) else say("about {fit}", fit=number(round(fit, 1)))
        return Explanation(expected, number(submission.value[rows[case, 0]]), detail)

    return Violations(rows, explain, checked, not_checked)


def _weighted(
    submission: Submission, rule: Rule, uncertainty: float
) -> tuple[list[_WeightedBands], Counter[NotChecked]]:
    """The bands of each set that fill ages and whose people are counted, and why others are not checked."""
    population = ReferencePopulation(submission)
    sets: list[_WeightedBands] = []
    not_checked = Counter[NotChecked]()
    for as_labelled in bands(submission, rule):
        one = replace(as_labelled, spans=tuple(parted(as_labelled.spans)))
        finest, trouble = tiling(one.spans)
        with_total = (one.total != NO_ROW) | (one.sides != NO_ROW).all(axis=0)
        not_checked[NotChecked.NO_TOTAL] += int((~with_total).sum())
        if trouble:
            not_checked[trouble] += int(with_total.sum())
            continue
        of_parts = submission.subnational[one.rows[0]] | submission.further[one.rows[0]]
        not_checked[NotChecked.PARTS] += int((with_total & of_parts).sum())
        for has_total in (True, False):
            cases = np.flatnonzero(with_total & ~of_parts & ((one.total != NO_ROW) == has_total))
            if len(cases):
                weighted = _with_people(population, one, finest, cases, uncertainty)
                not_checked[NotChecked.NO_AGES] += len(cases) - weighted.rows.shape[1]
                sets += [weighted] if weighted.rows.shape[1] else []
    return sets, not_checked


def _with_people(
    population: ReferencePopulation, one: Bands, finest: Sequence[int], cases: Array, uncertainty: float
) -> _WeightedBands:
    """The keys of a set of bands whose people are counted, with a total, or with both sexes instead."""
    rows = one.rows[np.array(finest)][:, cases]
    area, year = population.cells(rows[0])
    sex = population.submission.index[v.SEX]
    low, high = np.full(rows.shape, np.nan), np.full(rows.shape, np.nan)
    for code in np.unique(sex.numbers[rows[0]]):
        mine = sex.numbers[rows[0]] == code
        for position, band in enumerate(finest):
            persons = population.persons_aged(sex.codes[code], one.spans[band], uncertainty)
            low[position, mine], high[position, mine] = (bound[area[mine], year[mine]] for bound in persons)
    if one.total[cases[0]] != NO_ROW:
        totals, shares = one.total[cases][None, :], np.ones((1, len(cases)))
    else:
        totals = one.sides[:, cases]
        span = one.spans[finest[0]][0], one.spans[finest[-1]][1]
        people = np.stack([population.persons_aged(side, span)[0][area, year] for side in _SEXES])
        shares = people / people.sum(axis=0)
    has_people = ~np.isnan(low).any(axis=0) & ((low + high).sum(axis=0) > 0) & ~np.isnan(shares).any(axis=0)
    spans = tuple(one.spans[band] for band in finest)
    middle, unsure = (low + high)[:, has_people] / 2, (high - low)[:, has_people] / 2
    return _WeightedBands(spans, rows[:, has_people], middle, unsure, totals[:, has_people], shares[:, has_people])


def _scopes(submission: Submission, sets: Sequence[_WeightedBands]) -> pd.DataFrame:
    """A row for each case of a set of bands and each run of two or more neighbouring bands that its total may be of.

    `first` and `last` are the bands of the run. `offset` is how far the total is above their mean, and `room` how much
    of that rounding and uncertain populations explain.
    """
    parts: list[dict[str, Array]] = []
    for index, one in enumerate(sets):
        value, half = submission.value[one.rows], submission.half[one.rows]
        total, about = ((one.shares * of[one.totals]).sum(axis=0) for of in (submission.value, submission.half))
        series = submission.series[one.totals[0]]
        for low in range(len(one.spans) - 1):
            for high in range(low + 1, len(one.spans)):
                run = slice(low, high + 1)
                people = one.people[run]
                whole = np.maximum(people.sum(axis=0), 1e-9)
                mean = (people * value[run]).sum(axis=0) / whole
                lean = (np.abs(one.unsure[run] * (value[run] - mean))).sum(axis=0) / whole
                room = (people * half[run]).sum(axis=0) / whole + lean + about
                scope = one.spans[low][0] * _AGES + one.spans[high][1]
                of_run = {"bands": index, "first": low, "last": high, "scope": scope}
                parts.append(
                    {"series": series, "offset": total - mean, "room": room, "case": np.arange(len(total))}
                    | {name: np.full(len(total), number) for name, number in of_run.items()}
                )
    return pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _by_history(scopes: pd.DataFrame, years: int) -> tuple[Mask, Floats, Floats]:
    """The rows of the scope that fits the years of each series best; the median offset there, and the median deviation.

    A scope must occur in more than `years` cases.
    """
    offset, scope = scopes["offset"].to_numpy(), scopes["scope"].to_numpy()
    same = groups(scopes["series"].to_numpy().astype(np.int64) * (_AGES * _AGES) + scope)
    off, enough = same.median(np.abs(offset)), same.sizes > years
    # the scope of a series is that of its first row: fewest years beyond rounding, least misfit, least scope
    unlike = same.count(np.abs(offset) - scopes["room"].to_numpy() > v.EXACT)
    ranked = scopes[["series", "scope"]].assign(off=off, unlike=unlike)[enough]
    ranked = ranked.sort_values(["series", "unlike", "off", "scope"]).drop_duplicates("series")
    best = enough & (scopes["scope"] == scopes["series"].map(ranked.set_index("series")["scope"])).to_numpy()
    usual = same.median(offset)
    return best, usual, same.median(np.abs(offset - usual))


def _best(scopes: pd.DataFrame, tolerance: float) -> "pd.Series[bool]":
    """The row of each case whose scope fits it best; if none does, the widest, which must contain the wrong row."""
    away = scopes["offset"].abs() - scopes["room"]
    misfit = away > tolerance + v.EXACT
    ranked = scopes.assign(misfit=misfit, away=away.where(~misfit, scopes["first"] - scopes["last"]))
    ranked = ranked.sort_values(["bands", "case", "misfit", "away"], kind="stable").drop_duplicates(["bands", "case"])
    return pd.Series(scopes.index.isin(ranked.index), index=scopes.index)


def _ranked(
    submission: Submission, one: _WeightedBands, scopes: Any, tolerance: float, large: float
) -> tuple[Array, Floats]:
    """The rows of cases with one scope, those to correct first, and the values of these rows that would fit."""
    case, run, missing = scopes["case"], slice(scopes["first"][0], scopes["last"][0] + 1), scopes["missing"]
    people = np.ascontiguousarray(one.people[run, case].T)
    weights = people / people.sum(axis=1, keepdims=True)
    rows = np.concatenate([one.totals[:, case], one.rows[run, case]]).T
    with np.errstate(divide="ignore"):
        per_point = np.concatenate([-1 / one.shares[:, case].T, 1 / weights], axis=1)
    value = submission.value[rows]
    needed = value + missing[:, None] * per_point
    inside = np.clip(needed, 0, 100)  # not a candidate if too much of the difference would remain
    needed = np.where(np.abs((needed - inside) / per_point) > tolerance, np.nan, inside)
    position = suspects(submission, rows, needed)
    alone = np.isnan(predicted(submission, rows.reshape(-1))).reshape(rows.shape).all(axis=1)
    apart = np.where(np.isnan(needed), -1.0, np.abs(value - np.median(value, axis=1, keepdims=True)))
    position = np.where((np.abs(missing) >= large) & alone, apart.argmax(axis=1), position)
    return first(rows, position), needed[np.arange(len(rows)), position]
