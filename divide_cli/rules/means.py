"""The total against the population-weighted mean of its age bands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from divide_cli import vocab as v
from divide_cli.catalogue import Rule
from divide_cli.rules.ages import SEXES, Bands, bands, tiling
from divide_cli.rules.culprit import first, suspects
from divide_cli.rules.hits import Hits, Said, none, number
from divide_cli.rules.parts import EXACT, medians
from divide_cli.rules.persons import Persons
from divide_cli.rules.table import NOWHERE, Array, Floats, Mask, Table

UNCOUNTED = "no population by age for this area and year"
WITHOUT_TOTAL = "no total of all ages"
TOO_SHORT = "too few years to tell a slip from another scope of ages"
PARTS = "a part of the country, or a further breakdown: whose people by age no source counts"


@dataclass(frozen=True)
class _Case:
    """One key: the rows of its total (one, or women and men), of its bands, and their weights; total and mean.

    `room` is what rounding and cut bands allow between the two.
    """

    totals: Array
    shares: Floats
    parts: Array
    weights: Floats
    total: float
    mean: float
    room: float


def mean_of_bands(table: Table, rule: Rule) -> Hits:
    """The total differs from the population-weighted mean of bands that fill its ages, by more than the tolerance (PP).

    Both are intervals: of their printed decimals, and of the people of bands that cut a five-year group
    (`uncertainty`). Where a file has no total but both sexes, their weighted mean stands for it. Bands that overlap or
    leave ages out are not checked, nor are parts of the country. Where the same key has `years` other years, the
    difference is taken from their median: an offset that all years share is a matter of the ages or people that the
    total is of, and no slip. With `history`, keys that have not so many years are left to a milder rule.
    """
    persons = Persons(table)
    not_checked: dict[str, int] = {}
    cases: list[_Case] = []

    def leave(why: str, count: int) -> None:
        if count:
            not_checked[why] = not_checked.get(why, 0) + count

    for found in bands(table, rule):
        kept, trouble = tiling(found.spans)
        with_total = (found.whole != NOWHERE) | (found.sides != NOWHERE).all(axis=0)
        leave(WITHOUT_TOTAL, int((~with_total).sum()))
        if trouble:
            leave(trouble, int(with_total.sum()))
            continue
        apart = table.subnational[found.places[0]] | table.further[found.places[0]]
        leave(PARTS, int((with_total & apart).sum()))
        here = np.flatnonzero(with_total & ~apart)
        made = [_case(table, persons, found, kept, int(case), rule) for case in here]
        leave(UNCOUNTED, sum(case is None for case in made))
        cases += [case for case in made if case is not None]
    return _judged(table, rule, cases, not_checked)


def _case(table: Table, persons: Persons, found: Bands, kept: Sequence[int], case: int, rule: Rule) -> _Case | None:
    """The key at one place of a set of bands; None where its people are not counted."""
    parts = found.places[np.array(kept), case]
    (row,), (column,) = persons.rows(parts[:1])
    sexes = table.digits[v.SEX]
    sex = sexes.codes[sexes.places[parts[0]]]
    counted = [persons.aged(sex, found.spans[index], rule.parameters["uncertainty"]) for index in kept]
    low, high = (np.array([both[side][row, column] for both in counted]) for side in (0, 1))
    middle = (low + high) / 2
    whole = float(middle.sum())
    if np.isnan(whole) or whole <= 0:
        return None
    weights = middle / whole
    value, half = table.value[parts], table.half[parts]
    mean = float(weights @ value)
    room = float(weights @ half) + float(np.abs((high - low) / 2 / whole * (value - mean)).sum())
    totals, shares = found.whole[case : case + 1], np.ones(1)
    if totals[0] == NOWHERE:
        totals = found.sides[:, case]
        span = found.spans[kept[0]][0], found.spans[kept[-1]][1]
        people = np.array([persons.aged(side, span)[0][row, column] for side in SEXES])
        shares = people / people.sum()
    room += float(shares @ table.half[totals])
    return _Case(totals, shares, parts, weights, float(shares @ table.value[totals]), mean, room)


def _judged(table: Table, rule: Rule, cases: Sequence[_Case], not_checked: dict[str, int]) -> Hits:
    """The cases that are off by more than the tolerance, with the row to mend in front."""
    if not cases:
        return none(0, not_checked=not_checked)
    offset = np.array([case.total - case.mean for case in cases])
    room = np.array([case.room for case in cases])
    usual, known = _usual(table.series[np.array([case.totals[0] for case in cases])], offset, rule.parameters["years"])
    limit = rule.tolerance + EXACT
    wrong = (np.abs(offset - usual) - room > limit) & (np.abs(offset) - room > limit)
    if rule.parameters["history"]:
        wrong &= known
        if not known.all():
            not_checked = {**not_checked, TOO_SHORT: int((~known).sum())}
    met = [(cases[index], float(offset[index] - usual[index])) for index in np.flatnonzero(wrong).tolist()]
    width = max((len(case.totals) + len(case.parts) for case, _ in met), default=1)
    places = np.full((len(met), width), NOWHERE, dtype=np.intp)
    for position, (case, missing) in enumerate(met):
        rows = np.concatenate([case.totals, case.parts])[None, :]
        change = np.concatenate([-missing / case.shares, missing / case.weights])
        needed = table.value[rows] + change
        needed[(needed < 0) | (needed > 100)] = np.nan
        places[position, : rows.shape[1]] = first(rows, suspects(table, rows, needed))[0]

    def word(index: int) -> Said:
        case, _ = met[index]
        away = number(round(case.total - case.mean, 1))
        return Said(f"a total of about {number(round(case.mean, 1))}", number(round(case.total, 2)), away)

    return Hits(places, word, len(cases), not_checked)


def _usual(series: Array, offset: Floats, years: int) -> tuple[Floats, Mask]:
    """The median offset of each series that has `years` years besides, else 0; and which have."""
    _, inverse, count = np.unique(series, return_inverse=True, return_counts=True)
    middle = medians(offset, inverse, len(count))
    known = (count > years)[inverse]
    return np.where(known, middle[inverse], 0.0), known
