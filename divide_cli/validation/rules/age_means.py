"""The rule that a total is the mean of its age bands, weighted by the people of each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.frames.columns import Array, Mask
from divide_cli.language import say
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.age_bands import SEXES, Span, bands, parted, tiling
from divide_cli.validation.rules.error_localisation import first, predicted, suspects
from divide_cli.validation.rules.findings import Explanation, Violations, no_violations, number
from divide_cli.validation.rules.grouping import NO_ROW, Floats, Groups, first_of_each, groups, ranges
from divide_cli.validation.rules.implied_shares import ReferencePopulation
from divide_cli.validation.rules.submission import Submission

_AGES = 1000
"""More than any year of age: a range of ages is one number, first x 1000 + last."""


@dataclass(frozen=True)
class _WeightedBands:
    """The keys with one set of bands: bands x cases of rows, people and half their uncertainty; totals x cases."""

    spans: tuple[Span, ...]
    rows: Array
    people: Floats
    unsure: Floats
    totals: Array
    shares: Floats


@dataclass(frozen=True)
class _Weighted:
    """The sets of bands of a submission, the ages that their totals may be of, and the keys not checked by reason."""

    sets: list[_WeightedBands]
    scopes: "_Scopes"
    not_checked: Counter[NotChecked]


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
    name = uncertainty, repr(rule.scope)
    shared = submission.once(name, lambda block: _all(block, rule, uncertainty), rule.kind)
    sets, scopes, not_checked = shared.sets, shared.scopes, Counter(shared.not_checked)
    if not sets:
        return no_violations(0, not_checked)
    checked = sum(one.rows.shape[1] for one in sets)
    same = groups(scopes.group)
    likely = _fits_best(scopes, same, years)[same.number]
    alone = ~_any_of_series(scopes.series, likely)
    if history:
        not_checked[NotChecked.SHORT_HISTORY] = len(np.unique(scopes.of_case[alone]))
    else:
        likely[np.flatnonzero(alone)[_best(scopes.only(alone), rule.tolerance)]] = True
    # only series in which a total is off by more than the tolerance are of further interest
    off = likely & (np.abs(scopes.offset) - scopes.room > rule.tolerance + v.EXACT)
    kept = np.flatnonzero(likely & _any_of_series(scopes.series, off))
    scopes, off, unknown = scopes.only(kept), off[kept], alone[kept]
    usual, deviation = _usual(scopes)
    usual[unknown] = deviation[unknown] = 0.0
    missing = scopes.offset - usual
    limit = np.maximum(rule.tolerance, spread * deviation) + v.EXACT
    wrong = off & (np.abs(missing) - scopes.room > limit)
    # a slip affects one row, another range of ages affects many
    series = groups(scopes.series)
    wrong &= series.count(wrong) <= share * series.sizes
    order = np.flatnonzero(wrong)[np.argsort(scopes.place[wrong])]
    cases, missing = scopes.only(order), missing[order]
    runs = np.stack([cases.bands, cases.first, cases.last], axis=1).astype(np.intp)
    rows = np.full((len(runs), max(one.rows.shape[0] + 2 for one in sets)), NO_ROW, dtype=np.intp)
    fits = np.full(len(runs), np.nan)
    for run in np.unique(runs, axis=0):
        own = np.flatnonzero((runs == run).all(axis=1))
        gap = cases.case[own], slice(run[1], run[2] + 1), missing[own]
        ranked, fits[own] = _ranked(submission, sets[run[0]], *gap, rule.tolerance, large)
        rows[own, : ranked.shape[1]] = ranked

    def explain(case: int) -> Explanation:
        one, at = sets[cases.bands[case]], cases.case[case]
        total = float(one.shares[:, at] @ submission.value[one.totals[:, at]])
        mean, fit = total - cases.offset[case], fits[case]
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


def _all(submission: Submission, rule: Rule, uncertainty: float) -> _Weighted:
    """The bands of each set that fill ages and whose people are counted, and why others are not checked."""
    population = ReferencePopulation(submission)
    sets: list[_WeightedBands] = []
    not_checked = Counter[NotChecked]()
    for one in bands(submission, rule):
        spans = parted(one.spans)
        finest, trouble = tiling(spans)
        total, sides = one.total, one.sides
        with_total = (total != NO_ROW) | (sides != NO_ROW).all(axis=0)
        not_checked[NotChecked.NO_TOTAL] += int((~with_total).sum())
        if trouble:
            not_checked[trouble] += int(with_total.sum())
            continue
        of_parts = submission.subnational[one.rows] | submission.further[one.rows]
        not_checked[NotChecked.PARTS] += int((with_total & of_parts).sum())
        rows = np.stack([one.rows_of(band) for band in finest])
        for has_total in (True, False):
            cases = np.flatnonzero(with_total & ~of_parts & ((total != NO_ROW) == has_total))
            if len(cases):
                totals = total[None, cases] if has_total else sides[:, cases]
                weighted = _with_people(
                    population, tuple(spans[band] for band in finest), rows[:, cases], totals, uncertainty
                )
                not_checked[NotChecked.NO_AGES] += len(cases) - weighted.rows.shape[1]
                sets += [weighted] if weighted.rows.shape[1] else []
    return _Weighted(sets, _scopes(submission, sets), not_checked)


def _with_people(
    population: ReferencePopulation, spans: Sequence[Span], rows: Array, totals: Array, uncertainty: float
) -> _WeightedBands:
    """The keys of a set of bands whose people are counted, with a total, or with both sexes instead."""
    area, year = population.cells(rows[0])
    index = population.submission.index[v.SEX]
    sexes = np.unique(index.numbers[rows[0]])
    sex = np.searchsorted(sexes, index.numbers[rows[0]])
    low, high = np.full(rows.shape, np.nan), np.full(rows.shape, np.nan)
    for position, span in enumerate(spans):
        of_sexes = [population.persons_aged(index.codes[number], span, uncertainty) for number in sexes]
        low[position], high[position] = (np.stack(bound)[sex, area, year] for bound in zip(*of_sexes, strict=True))
    if len(totals) == 1:
        shares = np.ones(totals.shape)
    else:
        span = spans[0][0], spans[-1][1]
        people = np.stack([population.persons_aged(side, span)[0][area, year] for side in SEXES])
        shares = people / people.sum(axis=0)
    counted = ~np.isnan(low).any(axis=0) & ((low + high).sum(axis=0) > 0) & ~np.isnan(shares).any(axis=0)
    middle, unsure = (low + high)[:, counted] / 2, (high - low)[:, counted] / 2
    return _WeightedBands(tuple(spans), rows[:, counted], middle, unsure, totals[:, counted], shares[:, counted])


def _scopes(submission: Submission, sets: Sequence[_WeightedBands]) -> "_Scopes":
    """The ages that totals may be of, sorted by series and scope."""
    offset, room, series, case = ([np.zeros(0, dtype=kind)] for kind in (np.float64, np.float64, np.int32, np.int32))
    runs: list[Array] = [np.zeros((0, 6), dtype=np.int64)]
    done = 0
    for index, one in enumerate(sets):
        value, half = submission.value[one.rows], submission.half[one.rows]
        total, about = ((one.shares * of[one.totals]).sum(axis=0) for of in (submission.value, submission.half))
        own = submission.series[one.totals[0]]
        starts = np.flatnonzero(first_of_each(own))  # the years of a series are together
        sizes = np.diff(starts, append=len(own))
        of_value, of_half = one.people * value, one.people * half
        for low in range(len(one.spans) - 1):
            for high in range(low + 1, len(one.spans)):
                run = slice(low, high + 1)
                whole = np.maximum(one.people[run].sum(axis=0), 1e-9)
                mean = of_value[run].sum(axis=0) / whole
                lean = (np.abs(one.unsure[run] * (value[run] - mean))).sum(axis=0) / whole
                offset.append(total - mean)
                room.append(of_half[run].sum(axis=0) / whole + lean + about)
                series.append(own)
                case.append(np.arange(len(own), dtype=np.int32))
                ages = one.spans[low][0] * _AGES + one.spans[high][1]
                each = np.full((4, len(starts)), [[index], [low], [high], [ages]])
                runs.append(np.stack([starts + done, sizes, *each], axis=1))
                done += len(own)
    start, size, *of_run = np.concatenate(runs).T
    every = np.concatenate(series)
    group = every[start].astype(np.int64) * _AGES**2 + of_run[3]
    order = np.argsort(group, kind="stable")
    place, size = ranges(start[order], size[order]), size[order]
    index_, first, last = (np.repeat(one[order].astype(np.int16), size) for one in of_run[:3])
    offset_, room_, case_ = (np.concatenate(parts)[place] for parts in (offset, room, case))
    return _Scopes(np.repeat(group[order], size), index_, first, last, case_, offset_, room_, place.astype(np.int32))


@dataclass(frozen=True)
class _Scopes:
    """For each case of a set of bands, each run of two or more neighbouring bands that its total may be of.

    `group` is the number of the series and the ages, and ascends. `bands` is the set, `first` and `last` are the bands
    of the run. `offset` is how far the total is above their mean, and `room` how much of that rounding and uncertain
    populations explain. `place` orders them by set, run and case.
    """

    group: Array
    bands: Array
    first: Array
    last: Array
    case: Array
    offset: Floats
    room: Floats
    place: Array

    @property
    def series(self) -> Array:
        """The number of the series."""
        return np.asarray(self.group // _AGES**2)

    @property
    def of_case(self) -> Array:
        """A number for the set and the case."""
        return np.asarray(self.bands.astype(np.int64) << 32 | self.case)

    def only(self, rows: Array) -> "_Scopes":
        """Some of them."""
        return _Scopes(*(getattr(self, one.name)[rows] for one in fields(self)))


def _any_of_series(series: Array, rows: Mask) -> Mask:
    """The rows of ascending series of which any row is in the mask."""
    starts = first_of_each(series)
    some = np.logical_or.reduceat(rows, np.flatnonzero(starts)) if len(rows) else rows
    return np.asarray(some[np.cumsum(starts) - 1])


def _fits_best(scopes: _Scopes, same: Groups, years: int) -> Mask:
    """The group of each series whose scope fits its years best, if any scope occurs in more than `years` cases.

    It has the fewest years beyond rounding, then the least misfit, then the least scope.
    """
    misfit = np.abs(scopes.offset)
    unlike = np.bincount(same.number, weights=misfit - scopes.room > v.EXACT)
    (off,) = same.quantiles_of_each(misfit, 0.5)
    series, scope = np.divmod(same.keys, _AGES**2)
    order = np.lexsort((scope, off, unlike, series))
    order = order[(same.size > years)[order]]
    best = np.zeros(len(same.keys), dtype=bool)
    best[order[first_of_each(series[order])]] = True
    return best


def _usual(scopes: _Scopes) -> tuple[Floats, Floats]:
    """The median offset in the years of each series and scope, and the median deviation from it."""
    same = groups(scopes.group)
    usual = same.median(scopes.offset)
    return usual, same.median(np.abs(scopes.offset - usual))


def _best(scopes: _Scopes, tolerance: float) -> Array:
    """The row of each case whose scope fits it best; if none does, the widest, which must contain the wrong row."""
    away = np.abs(scopes.offset) - scopes.room
    misfit = away > tolerance + v.EXACT
    width = scopes.last.astype(np.float64) - scopes.first
    order = np.lexsort((scopes.place, np.where(misfit, -width, away), misfit, scopes.of_case))
    return np.asarray(order[first_of_each(scopes.of_case[order])])


def _ranked(
    submission: Submission,
    one: _WeightedBands,
    case: Array,
    run: slice,
    missing: Floats,
    tolerance: float,
    large: float,
) -> tuple[Array, Floats]:
    """The rows of cases with one scope, those to correct first, and the values of these rows that would fit.

    `missing` is how far each total is above the mean of the bands of the `run`, more than usual.
    """
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
