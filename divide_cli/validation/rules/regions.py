"""Rules on a figure among those beside it: the nation among its regions, one region among the others."""

from dataclasses import dataclass

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.validation.rules.submission import NOWHERE, PARTS_OF_COUNTRY, Array, Floats, Mask, Table
from divide_cli.validation.rules.sums import without
from divide_cli.validation.rules.totals import EXACT
from divide_cli.validation.rules.violations import Hits, Said, none, number

BELOW = "/"
"""Parts a region from the place within it, in the code of a part of the country."""


@dataclass(frozen=True)
class _Companies:
    """The regions of each key and year: places by company, where each begins, its size, and the nation's row."""

    places: Array
    start: Array
    count: Array
    whole: Array

    def least(self, values: Floats) -> Floats:
        """The least of each company."""
        return np.asarray(np.minimum.reduceat(values, self.start)) if len(values) else values

    def greatest(self, values: Floats) -> Floats:
        """The greatest of each company."""
        return np.asarray(np.maximum.reduceat(values, self.start)) if len(values) else values


def _companies(table: Table, rule: Rule) -> _Companies | None:
    """The regions directly below the nation, by key and year; None where the file has none."""
    if PARTS_OF_COUNTRY not in table.read.dimensions:
        return None
    column = table.frame[PARTS_OF_COUNTRY]
    codes = column.cat.codes.to_numpy()[table.order]
    known = [str(code) for code in column.cat.categories]
    region = np.array([code != v.TOTAL and BELOW not in code for code in known], dtype=bool)
    seen = table.of_scope(rule)
    bare = without(table, PARTS_OF_COUNTRY)
    at = np.flatnonzero(seen & region[codes])
    if not len(at):
        return None
    at = at[np.argsort(bare[at], kind="stable")]
    keys, start, count = np.unique(bare[at], return_index=True, return_counts=True)
    nation = np.flatnonzero(seen & _is(codes, known, v.TOTAL))
    whole = np.full(len(keys), NOWHERE, dtype=np.intp)
    place = np.searchsorted(keys, bare[nation])
    held = (place < len(keys)) & (keys[np.minimum(place, len(keys) - 1)] == bare[nation])
    whole[place[held]] = nation[held]
    return _Companies(at, start, count, whole)


def _is(codes: Array, known: list[str], code: str) -> Mask:
    return np.asarray(codes == (known.index(code) if code in known else NOWHERE))


def total_beyond_parts(table: Table, rule: Rule) -> Hits:
    """The nation lies below the least or above the greatest of its regions, by more than rounding and the tolerance.

    A mean lies among what it is the mean of. Parameter `least`: the regions that it takes, since a few may be chosen.
    """
    found = _companies(table, rule)
    if found is None:
        return none()
    value, half = table.value, table.half
    checked = (found.whole != NOWHERE) & (found.count >= rule.parameters["least"])
    low, high = found.least((value - half)[found.places]), found.greatest((value + half)[found.places])
    total, room = value[found.whole], half[found.whole] + rule.tolerance + EXACT
    wrong = np.flatnonzero(checked & ((total + room < low) | (total - room > high)))

    def word(case: int) -> Said:
        index = wrong[case]
        members = found.places[found.start[index] : found.start[index] + found.count[index]]
        between = f"{number(value[members].min())} to {number(value[members].max())}"
        others = (int(found.whole[index]), *members.tolist())
        return Said(between, number(value[found.whole[index]]), f"{len(members)}", others=others)

    return Hits(found.whole[wrong].reshape(-1, 1), word, int(checked.sum()))


def stands_apart(table: Table, rule: Rule) -> Hits:
    """One region stands above the next by more than the tolerance (PP), at more than `times` its value.

    Parameter `least`: the regions that it takes.
    """
    found = _companies(table, rule)
    if found is None:
        return none()
    value = table.value[found.places]
    checked = found.count >= rule.parameters["least"]
    top = found.greatest(value)
    company = np.repeat(np.arange(len(found.start)), found.count)
    highest = value == top[company]
    single = np.bincount(company, weights=highest, minlength=len(top)) == 1
    next_ = found.greatest(np.where(highest, -np.inf, value))
    far = (top - next_ > rule.tolerance + EXACT) & (top > rule.parameters["times"] * next_)
    apart = np.flatnonzero(checked & single & far)
    places = found.places[np.isin(company, apart) & highest]

    def word(case: int) -> Said:
        return Said(f"at most about {number(next_[apart[case]])}", number(top[apart[case]]))

    return Hits(places.reshape(-1, 1), word, int(checked.sum()))
