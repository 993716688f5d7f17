"""Rules on counts and their parts, which add up: speeds of subscriptions, sexes of persons."""

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.frames.keys import composite_key
from divide_cli.validation.rules.submission import Array, Floats, Mask, Table
from divide_cli.validation.rules.totals import EXACT
from divide_cli.validation.rules.violations import Hits, Said, none, number


def sum_of_parts(table: Table, rule: Rule) -> Hits:
    """The parts of a dimension do not add up to its total, beyond rounding and the tolerance, though they usually do.

    Any dimension counts, one at a time. The parts are taken to be exhaustive where they add up in `years` other years
    of the same key; a total must have `least` parts.
    """
    seen = table.of_scope(rule)
    made: list[tuple[Array, Floats]] = []
    checked = 0
    for dimension in (*v.DIMENSIONS, *table.read.dimensions):
        whole, sums, off, count = _sums(table, seen, dimension)
        enough = count >= rule.parameters["least"]
        whole, sums, off = whole[enough], sums[enough], off[enough]
        checked += len(whole)
        agrees = off <= rule.tolerance + EXACT
        _, inverse, size = np.unique(table.series[whole], return_inverse=True, return_counts=True)
        usual = np.bincount(inverse, weights=agrees, minlength=len(size))[inverse]
        wrong = ~agrees & (usual >= rule.parameters["years"])
        made.append((whole[wrong], sums[wrong]))
    places = np.concatenate([at for at, _ in made])
    if not len(places):
        return none(checked)
    total = np.concatenate([sums for _, sums in made])

    def word(case: int) -> Said:
        return Said(number(table.value[places[case]]), number(round(float(total[case]), 6)))

    return Hits(places.reshape(-1, 1), word, checked)


def _sums(table: Table, seen: Mask, dimension: str) -> tuple[Array, Floats, Floats, Array]:
    """The totals of a dimension, the sum of their parts, by how much more than rounding they differ, and the parts."""
    column = table.frame[dimension]
    codes = column.cat.codes.to_numpy()[table.order]
    known = list(column.cat.categories)
    empty = np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64)
    if v.TOTAL not in known:
        return empty
    total = codes == known.index(v.TOTAL)
    at = np.flatnonzero(seen & total)
    parts = np.flatnonzero(seen & ~total)
    if not len(at) or not len(parts):
        return empty
    rest = without(table, dimension)
    keys, first = np.unique(rest[at], return_index=True)
    place = np.minimum(np.searchsorted(keys, rest[parts]), len(keys) - 1)
    found = keys[place] == rest[parts]
    parts, place = parts[found], place[found]
    sums: Floats = np.bincount(place, weights=table.value[parts], minlength=len(keys)).astype(np.float64)
    room: Floats = np.bincount(place, weights=table.half[parts], minlength=len(keys)).astype(np.float64)
    whole = at[first]
    off = np.abs(sums - table.value[whole]) - room - table.half[whole]
    return whole, sums, off, np.bincount(place, minlength=len(keys))


def without(table: Table, dimension: str) -> Array:
    """One number for each key without the dimension: equal where the keys differ in nothing else."""
    if dimension in table.digits:
        digit = table.digits[dimension]
        return np.asarray(table.key - digit.places.astype(np.int64) * digit.stride)
    others = [name for name in table.read.dimensions if name != dimension]
    bare = table.key % _rest(table)
    if not others:
        return np.asarray(bare)
    further = np.unique(composite_key(table.frame, others)[table.order], return_inverse=True)[1].reshape(-1)
    return np.asarray(bare + further.astype(np.int64) * _rest(table))


def _rest(table: Table) -> int:
    """The size of the key without further dimensions."""
    digit = table.digits[v.REF_AREA]
    return int(digit.stride) * max(len(digit.codes), 1)
