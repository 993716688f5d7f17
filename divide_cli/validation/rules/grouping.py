"""Groups of rows with equal keys, and places of keys in ascending ones: whole columns, without loops over rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli.frames.columns import Array, Mask

Floats = npt.NDArray[np.float64]
NO_ROW = -1
"""Marks a key without a row in the submission, and a code that no row has."""
BLOCK = 1 << 19
"""The number of rows processed at a time, plus at most an area or a group."""


@dataclass(frozen=True)
class Groups:
    """The group of each row, numbered from 0 in the order of their keys, with the key and the size of each group."""

    keys: Array
    number: Array
    size: Array

    def count(self, mask: Mask) -> Floats:
        """The number of rows of each row's group that are in the mask."""
        return np.asarray(np.bincount(self.number, weights=mask, minlength=len(self.size))[self.number])

    def all(self, mask: Mask) -> Mask:
        """The rows whose whole group is in the mask."""
        return np.asarray(self.count(mask) == self.sizes)

    @property
    def sizes(self) -> Array:
        """The size of each row's group."""
        return np.asarray(self.size[self.number])

    def distinct(self, values: Floats) -> Array:
        """How many different values the group of each row has."""
        different = pd.DataFrame({"group": self.number, "value": values}).drop_duplicates()["group"]
        return np.asarray(np.bincount(different, minlength=len(self.size))[self.number])

    def least(self, values: Floats) -> Floats:
        """The least value of each row's group."""
        return np.asarray(pd.Series(values).groupby(self.number).min())[self.number]

    def quantiles(self, values: Floats, *shares: float) -> list[Floats]:
        """The quantiles of the values of each row's group, interpolated between the two nearest values."""
        ascending, first = self._ascending(values), np.cumsum(self.size) - self.size
        found = []
        for share in shares:
            below = share * (self.size - 1)
            whole = below.astype(np.intp)
            value = ascending[first + whole]
            above = ascending[first + np.minimum(whole + 1, self.size - 1)]
            between = (value + above) / 2 if share == 0.5 else value + (above - value) * (below - whole)
            found.append(np.where(below == whole, value, between)[self.number])
        return found

    def median(self, values: Floats) -> Floats:
        """The median of the values of each row's group."""
        return self.quantiles(values, 0.5)[0]

    @cached_property
    def _order(self) -> Array:
        """The rows, group after group."""
        return np.argsort(self.number, kind="stable")

    def _ascending(self, values: Floats) -> Floats:
        """The values of each group in ascending order, group after group. Groups of one size are sorted together."""
        ascending = values[self._order]
        first = np.cumsum(self.size) - self.size
        for size in np.unique(self.size[self.size > 1]):
            own = first[self.size == size][:, None] + np.arange(size)
            ascending[own] = np.sort(ascending[own], axis=1)
        return ascending

    def members(self, rows: Array) -> list[Array]:
        """The rows of each group."""
        return np.split(rows[self._order], np.cumsum(self.size)[:-1]) if len(rows) else []


def groups(keys: Array) -> Groups:
    """The groups of rows with equal keys. Ascending keys need no sort."""
    if len(keys) and bool((keys[1:] >= keys[:-1]).all()):
        begins = first_of_each(keys)
        starts = np.flatnonzero(begins)
        return Groups(keys[starts], np.cumsum(begins) - 1, np.diff(starts, append=len(keys)))
    distinct, number, size = np.unique(keys, return_inverse=True, return_counts=True)
    return Groups(distinct, number.reshape(-1), size)


def in_blocks(group: Array) -> Iterator[slice]:
    """Divides ascending groups into parts that are small enough to process, each of whole groups."""
    start = 0
    while start < len(group):
        last = group[min(start + BLOCK, len(group)) - 1]
        stop = int(np.searchsorted(group, last, side="right"))
        yield slice(start, stop)
        start = stop


def places_of(keys: Array, ascending: Array) -> Array:
    """The first position of each key among ascending ones; NO_ROW where it is missing."""
    place = np.minimum(np.searchsorted(ascending, keys), max(len(ascending) - 1, 0))
    return np.where(ascending[place] == keys, place, NO_ROW) if len(ascending) else np.full(len(keys), NO_ROW)


def first_of_each(keys: Array) -> Mask:
    """The rows that begin a run of equal keys."""
    first = np.ones(len(keys), dtype=bool)
    first[1:] = keys[1:] != keys[:-1]
    return first


def highest_so_far(values: Floats, series: Array) -> Floats:
    """The highest of each value and the values before it in the same series."""
    return np.asarray(pd.Series(values).groupby(series).cummax())
