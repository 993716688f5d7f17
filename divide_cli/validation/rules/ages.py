"""Rules on age bands: whether they fill the ages without overlap, and whether their weighted mean gives the total."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.catalogue.ages import age_name, age_span
from divide_cli.validation.rules.submission import NOWHERE, Array, Table
from divide_cli.validation.rules.violations import Hits, Said, none

_MOST_BANDS = 63
SEXES = ("F", "M")
OVERLAP, GAP, ONE = "age bands overlap", "age bands leave ages out", "a single age band"
UNCOUNTED = "no population by age for this area and year"
PARTS = "a part of the country, or a further breakdown: whose people by age no source counts"


@dataclass(frozen=True)
class Bands:
    """The keys that have one and the same set of age bands: bands x cases of places, and the spans of the bands.

    `whole` are the places of the total of all ages, `sides` (2 x cases) those of the totals of women and men, where the
    key is of both sexes; NOWHERE where there is none.
    """

    spans: tuple[tuple[int, int], ...]
    codes: tuple[str, ...]
    places: Array
    whole: Array
    sides: Array


def bands(table: Table, rule: Rule) -> Iterator[Bands]:
    """The keys of the scope by the set of bands that they have, in the order of the bands."""
    digit = table.digits[v.AGE]
    spans = [age_span(code) if code != v.TOTAL else None for code in digit.codes]
    banded = np.array([span is not None for span in spans], dtype=bool)
    if not banded.any() or banded.sum() > _MOST_BANDS:
        return
    rows = np.flatnonzero(table.of_scope(rule) & banded[digit.places])
    if not len(rows):
        return
    new = np.ones(len(rows), dtype=bool)
    new[1:] = table.key[rows[1:]] != table.key[rows[:-1]]
    rows = rows[new]
    bare = table.key[rows] - digit.places[rows].astype(np.int64) * digit.stride
    keys, group = np.unique(bare, return_inverse=True)
    rank = np.cumsum(banded) - 1
    marks = np.zeros(len(keys), dtype=np.int64)
    np.bitwise_or.at(marks, group, np.int64(1) << rank[digit.places[rows]])
    total = digit.place(v.TOTAL)
    order = np.argsort(marks, kind="stable")
    each, start = np.unique(marks[order], return_index=True)
    for mark, these in zip(each, np.split(order, start[1:]), strict=True):
        held = [place for place in np.flatnonzero(banded) if mark >> rank[place] & 1]
        held.sort(key=lambda place: spans[place] or (0, 0))
        own = keys[these]
        places = np.stack([table.find(own + place * digit.stride) for place in held])
        whole = np.full(len(own), NOWHERE)
        sides = np.full((len(SEXES), len(own)), NOWHERE)
        if total != NOWHERE:
            whole = table.find(own + total * digit.stride)
            sides = np.stack([_of_sex(table, places[0], own + total * digit.stride, sex) for sex in SEXES])
        found = [spans[place] or (0, 0) for place in held]
        yield Bands(tuple(found), tuple(digit.codes[place] for place in held), places, whole, sides)


def _of_sex(table: Table, places: Array, keys: Array, sex: str) -> Array:
    """The places of the keys of both sexes with one sex in its stead."""
    digit = table.digits[v.SEX]
    both, own = digit.place(v.TOTAL), digit.place(sex)
    if NOWHERE in (both, own):
        return np.full(len(keys), NOWHERE)
    return np.where(digit.places[places] == both, table.find(keys + (own - both) * digit.stride), NOWHERE)


def tiling(spans: Sequence[tuple[int, int]]) -> tuple[list[int], str]:
    """The finest bands that lie side by side, without those that hold others; and what is wrong with them, if any."""
    outer = {
        index
        for index, (low, high) in enumerate(spans)
        for other, (first_, last) in enumerate(spans)
        if other != index and low <= first_ and last <= high and (low, high) != (first_, last)
    }
    kept = [index for index in range(len(spans)) if index not in outer]
    if len(kept) < 2:
        return kept, ONE
    for before, after in pairwise(kept):
        if spans[after][0] <= spans[before][1]:
            return kept, OVERLAP
        if spans[after][0] > spans[before][1] + 1:
            return kept, GAP
    return kept, ""


def parted(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The bands, each ending a year earlier where another begins in its last (0-5, 5-14): that year is the other's."""
    begin = {low for low, high in spans if high > low}
    return [(low, high - 1) if high in begin and low < high else (low, high) for low, high in spans]


def _spans(table: Table, rule: Rule) -> list[tuple[int, int]]:
    """The age bands that any row of the scope has, usable or not."""
    digit = table.digits[v.AGE]
    count = np.bincount(digit.places[table.in_scope(rule)], minlength=len(digit.codes))
    codes = (code for code, rows in zip(digit.codes, count.tolist(), strict=True) if rows and code != v.TOTAL)
    return [span for code in codes if (span := age_span(code))]


def misfit(table: Table, rule: Rule) -> Hits:
    """Age bands that overlap, or leave ages out between them (`what`: overlap or gap). A case a set and indicator.

    A band that holds others whole (15 and over beside 15 to 24) is no overlap. Ages that another row of the file has
    are not left out: a row was lost or set aside.
    """
    wanted = OVERLAP if rule.parameters["what"] == "overlap" else GAP
    cases: list[tuple[Array, str, str]] = []
    checked, held = 0, _spans(table, rule)
    for found in bands(table, rule):
        kept, trouble = tiling(found.spans)
        checked += found.places.shape[1]
        if trouble != wanted:
            continue
        pairs = list(pairwise(kept))
        at = next(
            position
            for position, (one, other) in enumerate(pairs)
            if (found.spans[other][0] <= found.spans[one][1]) == (wanted == OVERLAP)
            and found.spans[other][0] != found.spans[one][1] + 1
        )
        before, after = pairs[at]
        low, high = found.spans[before][1] + 1, found.spans[after][0] - 1
        if wanted == GAP and any(low <= span[0] and span[1] <= high for span in held):
            continue
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
