"""Rules on age bands: whether they fill the ages without overlap, and whether their weighted mean gives the total."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from divide_cli import vocab as v
from divide_cli.catalogue import Rule
from divide_cli.catalogue.ages import age_name, age_span
from divide_cli.rules.culprit import first, suspects
from divide_cli.rules.hits import Hits, Said, none, number
from divide_cli.rules.parts import EXACT, medians
from divide_cli.rules.persons import Persons
from divide_cli.rules.table import NOWHERE, Array, Floats, Mask, Table

_MOST_BANDS = 63
OVERLAP, GAP, ONE = "age bands overlap", "age bands leave ages out", "a single age band"
UNCOUNTED = "no population by age for this area and year"
PARTS = "a part of the country, or a further breakdown: whose people by age no source counts"


@dataclass(frozen=True)
class Bands:
    """The keys that have one and the same set of age bands: bands x cases of places, and the spans of the bands.

    `whole` are the places of the total of all ages, NOWHERE where there is none.
    """

    spans: tuple[tuple[int, int], ...]
    codes: tuple[str, ...]
    places: Array
    whole: Array


def bands(table: Table, rule: Rule) -> Iterator[Bands]:
    """The keys of the scope by the set of bands that they have, in the order of the bands."""
    digit = table.digits[v.AGE]
    spans = [age_span(code) if code != v.TOTAL else None for code in digit.codes]
    banded = np.array([span is not None for span in spans], dtype=bool)
    if not banded.any() or banded.sum() > _MOST_BANDS:
        return
    rows = np.flatnonzero(table.of_scope(rule) & banded[digit.places])
    new = np.ones(len(rows), dtype=bool)
    new[1:] = table.key[rows[1:]] != table.key[rows[:-1]]
    rows = rows[new]
    bare = table.key[rows] - digit.places[rows].astype(np.int64) * digit.stride
    keys, group = np.unique(bare, return_inverse=True)
    rank = np.cumsum(banded) - 1
    marks = np.zeros(len(keys), dtype=np.int64)
    np.bitwise_or.at(marks, group, np.int64(1) << rank[digit.places[rows]])
    total = digit.place(v.TOTAL)
    for mark in np.unique(marks):
        held = [place for place in np.flatnonzero(banded) if mark >> rank[place] & 1]
        held.sort(key=lambda place: spans[place] or (0, 0))
        own = keys[marks == mark]
        places = np.stack([table.find(own + place * digit.stride) for place in held])
        whole = table.find(own + total * digit.stride) if total != NOWHERE else np.full(len(own), NOWHERE)
        yield Bands(
            tuple(spans[place] or (0, 0) for place in held), tuple(digit.codes[place] for place in held), places, whole
        )


def tiling(spans: Sequence[tuple[int, int]]) -> tuple[list[int], str]:
    """The finest bands that lie side by side, without those that hold others; and what is wrong with them, if anything."""
    outer = {
        index
        for index, (low, high) in enumerate(spans)
        for other, (first_, last) in enumerate(spans)
        if other != index and low <= first_ and last <= high and (low, high) != (first_, last)
    }
    kept = [index for index in range(len(spans)) if index not in outer]
    if len(kept) < 2:
        return kept, ONE
    for before, after in zip(kept, kept[1:], strict=False):
        if spans[after][0] <= spans[before][1]:
            return kept, OVERLAP
        if spans[after][0] > spans[before][1] + 1:
            return kept, GAP
    return kept, ""


def misfit(table: Table, rule: Rule) -> Hits:
    """Age bands that overlap, or leave ages out between them (`what`: overlap or gap); a case a set of bands and indicator.

    A band that holds others whole (15 and over beside 15 to 24) is no overlap.
    """
    wanted = OVERLAP if rule.parameters["what"] == "overlap" else GAP
    cases: list[tuple[Array, str, str]] = []
    checked = 0
    for found in bands(table, rule):
        kept, trouble = tiling(found.spans)
        checked += found.places.shape[1]
        if trouble != wanted:
            continue
        pairs = list(zip(kept, kept[1:], strict=False))
        at = next(
            position
            for position, (one, other) in enumerate(pairs)
            if (found.spans[other][0] <= found.spans[one][1]) == (wanted == OVERLAP)
            and found.spans[other][0] != found.spans[one][1] + 1
        )
        before, after = pairs[at]
        shown = ", ".join(age_name(found.codes[index]) for index in kept)
        where = f"{age_name(found.codes[before])} and {age_name(found.codes[after])}"
        indicator = table.digits[v.INDICATOR].places[found.places[before]]
        cases += [(np.sort(found.places[before][indicator == code]), where, shown) for code in np.unique(indicator)]
    if not cases:
        return none(checked)

    def word(case: int) -> Said:
        places, where, shown = cases[case]
        return Said("bands side by side", shown, where, others=tuple(places.tolist()))

    flags = np.zeros(len(table), dtype=bool)
    flags[np.concatenate([places for places, _, _ in cases])] = True
    return Hits(np.array([[places[0]] for places, _, _ in cases]), word, checked, column=v.AGE, flags=flags)


def mean_of_bands(table: Table, rule: Rule) -> Hits:
    """The total differs from the population-weighted mean of bands that fill its ages, by more than the tolerance (PP).

    Both are intervals: of their printed decimals, and of the people of bands that cut a five-year group (`uncertainty`).
    Bands that overlap or leave ages out are not checked, nor are parts of the country. Where the same key has `years`
    other years, the difference is taken from their median: an offset that all years share is a matter of the ages or
    people that the total is of, and no slip.
    """
    persons = Persons(table)
    not_checked: dict[str, int] = {}
    cases: list[tuple[Bands, list[int], Array, Floats, Floats, Floats, Floats]] = []
    checked = 0
    for found in bands(table, rule):
        kept, trouble = tiling(found.spans)
        with_total = found.whole != NOWHERE
        if trouble:
            not_checked[trouble] = not_checked.get(trouble, 0) + int(with_total.sum())
            continue
        inner = ~(table.subnational[found.whole] | table.further[found.whole]) & with_total
        not_checked[PARTS] = not_checked.get(PARTS, 0) + int((with_total & ~inner).sum())
        here = np.flatnonzero(inner)
        if not len(here):
            continue
        low, high, weight = _mean(table, persons, found, kept, here, rule)
        known = ~np.isnan(low)
        not_checked[UNCOUNTED] = not_checked.get(UNCOUNTED, 0) + int((~known).sum())
        here, low, high, weight = here[known], low[known], high[known], weight[:, known]
        checked += len(here)
        whole = found.whole[here]
        total, half = table.value[whole], table.half[whole]
        offset = np.where(total > high, total - high, np.where(total < low, total - low, 0.0))
        cases.append((found, kept, here, (low + high) / 2, offset, half, weight))
    return _judged(table, rule, cases, checked, not_checked)


def _mean(
    table: Table, persons: Persons, found: Bands, kept: Sequence[int], here: Array, rule: Rule
) -> tuple[Floats, Floats, Floats]:
    """Least and greatest weighted mean of the bands, and each band's weight, bands x cases."""
    at = found.places[np.array(kept)][:, here]
    sex = table.digits[v.SEX]
    row, column = persons.rows(at[0])
    low_n, high_n = np.full(at.shape, np.nan), np.full(at.shape, np.nan)
    for code in np.unique(sex.places[at[0]]):
        mine = sex.places[at[0]] == code
        for position, index in enumerate(kept):
            least, most = persons.aged(sex.codes[code], found.spans[index], rule.parameters["uncertainty"])
            low_n[position, mine], high_n[position, mine] = (n[row[mine], column[mine]] for n in (least, most))
    value, half = table.value[at], table.half[at]
    middle = (low_n + high_n) / 2
    whole = middle.sum(axis=0)
    weight = np.divide(middle, whole, out=np.full(middle.shape, np.nan), where=whole > 0)
    mean = (weight * value).sum(axis=0)
    lean = np.abs((high_n - low_n) / 2 / np.where(whole > 0, whole, np.nan) * (value - mean)).sum(axis=0)
    room = (weight * half).sum(axis=0) + lean
    return mean - room, mean + room, weight


def _judged(
    table: Table,
    rule: Rule,
    cases: Sequence[tuple[Bands, list[int], Array, Floats, Floats, Floats, Floats]],
    checked: int,
    not_checked: dict[str, int],
) -> Hits:
    """The cases that are off by more than the tolerance, with the row to mend in front."""
    if not cases:
        return none(checked, not_checked={why: count for why, count in not_checked.items() if count})
    whole = np.concatenate([found.whole[here] for found, _, here, *_ in cases])
    offset = np.concatenate([case[4] for case in cases])
    half = np.concatenate([case[5] for case in cases])
    usual = _usual(table.series[whole], offset, rule.parameters["years"])
    off = np.abs(offset - usual) - half
    wrong: Mask = (off > rule.tolerance + EXACT) & (np.abs(offset) - half > rule.tolerance + EXACT)
    made: list[tuple[Array, float, float]] = []
    start = 0
    for found, kept, here, mean, _, _, weight in cases:
        for case in np.flatnonzero(wrong[start : start + len(here)]):
            at = np.array([[found.whole[here[case]], *found.places[kept, here[case]]]])
            missing = offset[start + case] - usual[start + case]
            needed = table.value[at] + np.array([[-missing, *(missing / weight[:, case])]])
            needed[(needed < 0) | (needed > 100)] = np.nan
            made.append((first(at, suspects(table, at, needed))[0], float(mean[case]), float(table.value[at[0, 0]])))
        start += len(here)
    width = max((len(places) for places, _, _ in made), default=1)
    places = np.full((len(made), width), NOWHERE, dtype=np.intp)
    for position, (rows, _, _) in enumerate(made):
        places[position, : len(rows)] = rows

    def word(case: int) -> Said:
        _, mean, total = made[case]
        return Said(f"a total of about {number(round(mean, 1))}", number(total), number(round(total - mean, 1)))

    return Hits(places, word, checked, {why: count for why, count in not_checked.items() if count})


def _usual(series: Array, offset: Floats, years: int) -> Floats:
    """The median offset of each series that has `years` years besides, else 0."""
    _, inverse, count = np.unique(series, return_inverse=True, return_counts=True)
    middle = medians(offset, inverse, len(count))
    return np.where((count > years)[inverse], middle[inverse], 0.0)
