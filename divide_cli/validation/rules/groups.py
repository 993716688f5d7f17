"""Rows by the group that they are in: counts, medians and quantiles of each group, pairs of rows with equal keys."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli.validation.rules.submission import BLOCK, Array, Floats, Mask

_SPREAD = np.int64(-7046029254386353131)
"""2^64 over the golden ratio, made odd: a product with it spreads small numbers over all bits (Knuth)."""


@dataclass(frozen=True)
class Groups:
    """The group of each row, numbered from 0 in the order of their keys, with the key and the size of each group."""

    keys: Array
    number: Array
    size: Array

    def count(self, mask: Mask) -> Floats:
        """How many rows of each row's group are in the mask."""
        return np.asarray(np.bincount(self.number, weights=mask, minlength=len(self.size))[self.number])

    def all(self, mask: Mask) -> Mask:
        """The rows whose whole group is in the mask."""
        return np.asarray(self.count(mask) == self.sizes)

    @property
    def sizes(self) -> Array:
        """The size of each row's group."""
        return np.asarray(self.size[self.number])

    def median(self, values: Floats) -> Floats:
        """The median of the values of each row's group."""
        return medians(values, self.number, len(self.size))[self.number]

    def members(self, rows: Array) -> list[Array]:
        """The rows of each group."""
        order = np.argsort(self.number, kind="stable")
        return np.split(rows[order], np.cumsum(self.size)[:-1]) if len(rows) else []


def groups(keys: Array) -> Groups:
    """The groups of rows that have one key."""
    distinct, number, size = np.unique(keys, return_inverse=True, return_counts=True)
    return Groups(distinct, number.reshape(-1), size)


def first_of_each(keys: Array) -> Mask:
    """The rows that begin a run of equal keys."""
    first = np.ones(len(keys), dtype=bool)
    first[1:] = keys[1:] != keys[:-1]
    return first


def slices(rows: Array) -> Iterator[Array]:
    """The rows in parts that are small enough to work with."""
    for start in range(0, len(rows), BLOCK):
        yield rows[start : start + BLOCK]


def whole_groups(group: Array) -> Iterator[slice]:
    """Parts of groups in ascending order, each of whole groups."""
    start = 0
    while start < len(group):
        last = group[min(start + BLOCK, len(group)) - 1]
        stop = int(np.searchsorted(group, last, side="right"))
        yield slice(start, stop)
        start = stop


def highest_so_far(values: Floats, series: Array) -> Floats:
    """The highest of each value and those before it of the same series; rows of a series stand together."""
    highest, step = values.copy(), 1
    while (same := series[step:] == series[:-step]).any():  # each round looks twice as far back
        highest[step:] = np.where(same, np.maximum(highest[step:], highest[:-step]), highest[step:])
        step *= 2
    return highest


def ascending(values: Floats, group: Array) -> Floats:
    """The values by the number of their group and, inside a group, in ascending order."""
    size = len(values)
    order = np.argsort(values)
    rank = np.empty(size, dtype=np.int64)
    rank[order] = np.arange(size)
    ranks = np.sort(group.astype(np.int64) * size + rank) % max(size, 1)  # sorts integers faster than pairs
    return np.asarray(values[order[ranks]])


def quantiles(ordered: Floats, size: Array, share: float) -> Floats:
    """The quantile of each group, between the two nearest of its values; `ordered` is what `ascending` gives."""
    at = share * (size - 1)
    low = np.floor(at).astype(np.intp)
    high = np.minimum(low + 1, size - 1)
    start = _starts(size)
    return np.asarray(ordered[start + low] * (1 - (at - low)) + ordered[start + high] * (at - low))


def middles(ordered: Floats, size: Array) -> Floats:
    """The median of each group; `ordered` is what `ascending` gives."""
    start = _starts(size)
    return np.asarray((ordered[start + (size - 1) // 2] + ordered[start + size // 2]) / 2)


def medians(values: Floats, group: Array, number: int) -> Floats:
    """The median of the values of each of the groups, which have numbers from 0 on and at least one value."""
    return middles(ascending(values, group), np.bincount(group, minlength=number))


def _starts(size: Array) -> npt.NDArray[np.intp]:
    """Where each group begins among rows that are ordered by group."""
    return (np.cumsum(size) - size).astype(np.intp)


def equal_rows(left: Array, right: Array, value: Floats) -> tuple[Array, Array]:
    """All pairs of rows whose keys, left and right, and values are equal: the left and the right rows.

    Where both keys are the same array, no row is paired with itself.
    """
    left_hash, right_hash = _hash(left, value), _hash(right, value)
    ordered = np.sort(left_hash if left is right else np.concatenate([left_hash, right_hash]))
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])  # few rows have a partner: only they are joined
    own, other = (np.flatnonzero(among(again, hashes)) for hashes in (left_hash, right_hash))
    one = pd.DataFrame({"key": left[own], "value": value[own], "own": own})
    two = pd.DataFrame({"key": right[other], "value": value[other], "other": other})
    pairs = one.merge(two, on=["key", "value"], how="inner", validate="many_to_many")
    if left is right:
        pairs = pairs[pairs["own"] != pairs["other"]]
    return pairs["own"].to_numpy(), pairs["other"].to_numpy()


def _hash(keys: Array, value: Floats) -> Array:
    """One integer for each key and value: equal where both are equal, and seldom elsewhere."""
    return np.asarray(keys * _SPREAD ^ value.view(np.int64))


def among(few: Array, many: Array) -> Mask:
    """Which of the many are among the few, which are in ascending order."""
    if not len(few):
        return np.zeros(len(many), dtype=bool)
    return np.asarray(few[np.minimum(np.searchsorted(few, many), len(few) - 1)] == many)
