"""The total against the population-weighted mean of its age bands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.validation.rules.ages import SEXES, Bands, bands, parted, tiling
from divide_cli.validation.rules.error_localisation import first, predicted, suspects
from divide_cli.validation.rules.reference_population import Persons
from divide_cli.validation.rules.submission import NOWHERE, Array, Floats, Mask, Table
from divide_cli.validation.rules.totals import EXACT, medians
from divide_cli.validation.rules.violations import Hits, Said, none, number

UNCOUNTED = "no population by age for this area and year"
WITHOUT_TOTAL = "no total of all ages"
TOO_SHORT = "too few years to tell a slip from another scope of ages"
PARTS = "a part of the country, or a further breakdown: whose people by age no source counts"
_AGES = 1000
"""More than any year of age: a scope of ages is one number, first x 1000 + last."""


@dataclass(frozen=True)
class _Set:
    """The keys with one set of bands: bands x cases of places, people and half their uncertainty; totals x cases."""

    spans: tuple[tuple[int, int], ...]
    parts: Array
    people: Floats
    unsure: Floats
    totals: Array
    shares: Floats


@dataclass(frozen=True)
class _Tries:
    """One row a case and scope of ages that its total may be of (`first` and `last`: bands of its set)."""

    set_: Array
    case: Array
    first: Array
    last: Array
    series: Array
    scope: Array
    offset: Floats
    room: Floats

    def only(self, mask: Array) -> "_Tries":
        """The rows of the mask, or at these places."""
        return _Tries(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))


def mean_of_bands(table: Table, rule: Rule) -> Hits:
    """The total differs from the population-weighted mean of bands that fill its ages, by more than the tolerance (PP).

    Both are intervals: of their printed decimals, and of the people of bands that cut a five-year group
    (`uncertainty`). Where a file has no total but both sexes, their weighted mean stands for it. Bands that overlap or
    leave ages out are not checked, nor are parts of the country.

    A file seldom says which ages its total is of: each run of neighbouring bands may be meant, and the one is taken
    that fits. Where the key has `years` other years, it is the run that fits most of them: the difference is taken from
    its median there, and must exceed `spread` times its median deviation. Keys of fewer years are left out where
    `history` is asked for; else it is enough that any run fits. With `share`, so are those of which more is off. Where
    no other year tells which row is wrong, it is the total, or, from `large` (PP) on, the row that stands most apart.
    """
    persons = Persons(table)
    not_checked: dict[str, int] = {}
    sets: list[_Set] = []

    def leave(why: str, count: int) -> None:
        if count:
            not_checked[why] = not_checked.get(why, 0) + count

    for held in bands(table, rule):
        found = replace(held, spans=tuple(parted(held.spans)))
        kept, trouble = tiling(found.spans)
        with_total = (found.whole != NOWHERE) | (found.sides != NOWHERE).all(axis=0)
        leave(WITHOUT_TOTAL, int((~with_total).sum()))
        if trouble:
            leave(trouble, int(with_total.sum()))
            continue
        apart = table.subnational[found.places[0]] | table.further[found.places[0]]
        leave(PARTS, int((with_total & apart).sum()))
        for has_total in (True, False):
            here = np.flatnonzero(with_total & ~apart & ((found.whole != NOWHERE) == has_total))
            if len(here):
                made, uncounted = _set(table, persons, found, kept, here, rule, has_total)
                leave(UNCOUNTED, uncounted)
                sets.append(made)
    sets = [made for made in sets if made.parts.shape[1]]
    if not sets:
        return none(0, not_checked=not_checked)
    return _judged(table, rule, sets, not_checked)


def _set(
    table: Table, persons: Persons, found: Bands, kept: Sequence[int], here: Array, rule: Rule, has_total: bool
) -> tuple[_Set, int]:
    """The keys of a set of bands whose people are counted, and the number of the others."""
    parts = found.places[np.array(kept)][:, here]
    row, column = persons.rows(parts[0])
    sex = table.digits[v.SEX]
    low, high = np.full(parts.shape, np.nan), np.full(parts.shape, np.nan)
    for code in np.unique(sex.places[parts[0]]):
        mine = sex.places[parts[0]] == code
        for position, index in enumerate(kept):
            least, most = persons.aged(sex.codes[code], found.spans[index], rule.parameters["uncertainty"])
            low[position, mine], high[position, mine] = (n[row[mine], column[mine]] for n in (least, most))
    if has_total:
        totals, shares = found.whole[here][None, :], np.ones((1, len(here)))
    else:
        totals = found.sides[:, here]
        span = found.spans[kept[0]][0], found.spans[kept[-1]][1]
        people = np.stack([persons.aged(side, span)[0][row, column] for side in SEXES])
        shares = people / people.sum(axis=0)
    known = ~np.isnan(low).any(axis=0) & ((low + high).sum(axis=0) > 0) & ~np.isnan(shares).any(axis=0)
    spans = tuple(found.spans[index] for index in kept)
    middle, unsure = (low + high)[:, known] / 2, (high - low)[:, known] / 2
    made = _Set(spans, parts[:, known], middle, unsure, totals[:, known], shares[:, known])
    return made, int((~known).sum())


def _tries(table: Table, sets: Sequence[_Set]) -> _Tries:
    """Every case with every run of at least two neighbouring bands."""
    columns: list[list[Array]] = [[] for _ in _Tries.__dataclass_fields__]
    for index, one in enumerate(sets):
        value, half = table.value[one.parts], table.half[one.parts]
        total = (one.shares * table.value[one.totals]).sum(axis=0)
        about = (one.shares * table.half[one.totals]).sum(axis=0)
        size = len(total)
        for low in range(len(one.spans) - 1):
            for high in range(low + 1, len(one.spans)):
                run = slice(low, high + 1)
                people = one.people[run]
                whole = np.maximum(people.sum(axis=0), 1e-9)
                mean = (people * value[run]).sum(axis=0) / whole
                lean = (np.abs(one.unsure[run] * (value[run] - mean))).sum(axis=0) / whole
                room = (people * half[run]).sum(axis=0) / whole + lean + about
                scope = one.spans[low][0] * _AGES + one.spans[high][1]
                made = (
                    *(np.full(size, index), np.arange(size), np.full(size, low), np.full(size, high)),
                    *(table.series[one.totals[0]], np.full(size, scope), total - mean, room),
                )
                for column, values in zip(columns, made, strict=True):
                    column.append(values)
    return _Tries(*(np.concatenate(column) for column in columns))


def _judged(table: Table, rule: Rule, sets: Sequence[_Set], not_checked: dict[str, int]) -> Hits:
    """The cases that are off by more than the tolerance, with the row to mend in front."""
    settings, checked = rule.parameters, sum(one.parts.shape[1] for one in sets)
    tries = _tries(table, sets)
    known, usual, spread = _by_history(tries, settings["years"])
    alone = ~np.isin(tries.series, np.unique(tries.series[known]))
    if settings["history"]:
        short = _cases(tries.only(alone))
        not_checked, taken = {**not_checked, **({TOO_SHORT: short} if short else {})}, known
    else:
        usual, spread = np.where(alone, 0.0, usual), np.where(alone, 0.0, spread)
        taken = known | (alone & _best(tries, rule.tolerance))
    chosen, usual, spread = tries.only(taken), usual[taken], spread[taken]
    limit = np.maximum(rule.tolerance, settings["spread"] * spread) + EXACT
    wrong = (np.abs(chosen.offset - usual) - chosen.room > limit) & (
        np.abs(chosen.offset) - chosen.room > rule.tolerance + EXACT
    )
    if "share" in settings:
        wrong &= _few(chosen.series, wrong, settings["share"])
    met, missing = chosen.only(wrong), (chosen.offset - usual)[wrong]
    width = max((len(sets[index].spans) + len(sets[index].totals) for index in met.set_), default=1)
    places = np.full((len(missing), width), NOWHERE, dtype=np.intp)
    fits = np.full(len(missing), np.nan)
    for position in range(len(missing)):
        one, off = sets[int(met.set_[position])], float(missing[position])
        rows, fits[position] = _ranked(table, one, met, position, off, rule.tolerance, settings["large"])
        places[position, : len(rows)] = rows

    def word(index: int) -> Said:
        one, case = sets[int(met.set_[index])], int(met.case[index])
        total = float(one.shares[:, case] @ table.value[one.totals[:, case]])
        mean = total - float(met.offset[index])
        away = number(round(total - mean, 1))
        shown = (
            f"the age bands, weighted by population, give a total of about {number(round(mean, 1))}; "
            f"the total says {number(round(total, 2))} ({away} points)"
        )
        expected = "another figure" if np.isnan(fits[index]) else f"about {number(round(float(fits[index]), 1))}"
        return Said(expected, number(table.value[places[index, 0]]), shown)

    return Hits(places, word, checked, not_checked)


def _few(series: Array, wrong: Mask, share: float) -> Mask:
    """The rows of series of which no more than a share is wrong: slips are single, other scopes are not."""
    _, inverse, count = np.unique(series, return_inverse=True, return_counts=True)
    return np.asarray((np.bincount(inverse, weights=wrong, minlength=len(count)) <= share * count)[inverse])


def _cases(tries: _Tries) -> int:
    """The number of different cases."""
    return len(np.unique(tries.set_.astype(np.int64) * (tries.case.max(initial=0) + 1) + tries.case))


def _by_history(tries: _Tries, years: int) -> tuple[Mask, Floats, Floats]:
    """The rows of each series' scope that fits its years best; the median offset there, and the median deviation.

    A scope must be that of more than `years` cases.
    """
    pair = np.stack([tries.series, tries.scope])
    met, group, count = np.unique(pair, axis=1, return_inverse=True, return_counts=True)
    group = group.reshape(-1)
    off = medians(np.abs(tries.offset), group, len(count))
    off[count <= years] = np.inf
    order = np.lexsort((met[1], off, met[0]))
    head = np.ones(len(order), dtype=bool)
    head[1:] = met[0][order[1:]] != met[0][order[:-1]]
    chosen = np.zeros(len(count), dtype=bool)
    chosen[order[head]] = True
    chosen &= np.isfinite(off)
    usual = medians(tries.offset, group, len(count))[group]
    spread = medians(np.abs(tries.offset - usual), group, len(count))[group]
    return chosen[group], usual, spread


def _best(tries: _Tries, tolerance: float) -> Mask:
    """The row of each case whose scope fits it best; where none does, the widest, in which the wrong row must be."""
    case = tries.set_.astype(np.int64) * (int(tries.case.max(initial=0)) + 1) + tries.case
    away = np.abs(tries.offset) - tries.room
    misfit = away > tolerance + EXACT
    order = np.lexsort((np.where(misfit, (tries.first - tries.last).astype(np.float64), away), misfit, case))
    head = np.ones(len(order), dtype=bool)
    head[1:] = case[order[1:]] != case[order[:-1]]
    made = np.zeros(len(order), dtype=bool)
    made[order[head]] = True
    return made


def _ranked(
    table: Table, one: _Set, met: _Tries, position: int, missing: float, tolerance: float, large: float
) -> tuple[Array, float]:
    """The rows of a case, the one to mend in front, and the value of that row that would fit."""
    case, run = int(met.case[position]), slice(int(met.first[position]), int(met.last[position]) + 1)
    people = one.people[run, case]
    weights = people / people.sum()
    rows = np.concatenate([one.totals[:, case], one.parts[run, case]])[None, :]
    with np.errstate(divide="ignore"):
        per_point = np.concatenate([-1 / one.shares[:, case], 1 / weights])
    needed = table.value[rows] + missing * per_point
    inside = np.clip(needed, 0, 100)  # a row that cannot repair all is none, if too much would be left
    needed = np.where(np.abs((needed - inside) / per_point) > tolerance, np.nan, inside)
    named = suspects(table, rows, needed)
    if abs(missing) >= large and np.isnan(predicted(table, rows[0])).all():
        apart = np.abs(table.value[rows] - np.median(table.value[rows]))
        named = np.where(np.isnan(needed), -1.0, apart).argmax(axis=1)
    return np.asarray(first(rows, named)[0]), float(needed[0, named[0]])
