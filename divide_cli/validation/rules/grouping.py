"""Groups of rows with equal keys, and places of keys in ascending ones: whole columns, without loops over rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli.frames.columns import Array, Mask

Floats = npt.NDArray[np.float64]
NO_ROW = -1
"""Marks a key without a row in the submission, and a code that no row has."""
BLOCK = 1 << 18
"""The number of rows processed at a time, plus at most an area or a group."""

_SPARSE = 2
"""So many times as many series as rows may be numbered."""
_NOWHERE = np.int32(-(1 << 30))
"""The start of a series that no key has."""


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
        least = np.minimum.reduceat(values[self._order], np.cumsum(self.size) - self.size) if len(values) else values
        return np.asarray(least[self.number])

    def quantiles_of_each(self, values: Floats, *shares: float) -> list[Floats]:
        """The quantiles of the values of each group, interpolated between the two nearest values."""
        ranked, first = self._ranked(values, shares), np.cumsum(self.size) - self.size
        found = []
        for share in shares:
            below = share * (self.size - 1)
            whole = below.astype(np.intp)
            value = ranked[first + whole]
            above = ranked[first + np.minimum(whole + 1, self.size - 1)]
            between = (value + above) / 2 if share == 0.5 else value + (above - value) * (below - whole)
            found.append(np.where(below == whole, value, between))
        return found

    def median(self, values: Floats) -> Floats:
        """The median of the values of each row's group."""
        return np.asarray(self.quantiles_of_each(values, 0.5)[0][self.number])

    @cached_property
    def _order(self) -> Array:
        """The rows, group after group."""
        if (self.number[1:] >= self.number[:-1]).all():
            return np.arange(len(self.number))
        return np.argsort(self.number, kind="stable")

    def _ranked(self, values: Floats, shares: Sequence[float]) -> Floats:
        """The values group after group, each in ascending order where the quantiles of these shares are.

        Small groups of one size are sorted together.
        """
        ranked = values[self._order]
        first = np.cumsum(self.size) - self.size
        sizes, number_of = np.unique(self.size[self.size > 1], return_counts=True)
        for size, many in zip(sizes.tolist(), number_of.tolist(), strict=True):
            starts = first[self.size == size]
            if many < size:
                ranks = {min(int(share * (size - 1)) + next_, size - 1) for share in shares for next_ in (0, 1)}
                for start in starts.tolist():
                    ranked[start : start + size].partition(sorted(ranks))
                continue
            own = starts[:, None] + np.arange(size)
            ranked[own] = np.sort(ranked[own], axis=1)
        return ranked

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


@dataclass(frozen=True)
class KeyPlaces:
    """Where each key is among ascending ones whose last digit is the year: found without a search in most series.

    `start` has, for each series from `lowest` on, the place of its first year less the digit of that year. A series
    without missing years has every year at `start` plus its digit; only if another key is there is it searched for.
    Where the numbers of series are sparse, `start` is empty and all keys are searched for.
    """

    ascending: Array
    years: int
    lowest: int
    start: Array
    repeats: bool

    @classmethod
    def of(cls, ascending: Array, years: int) -> "KeyPlaces":
        """The places among these keys."""
        series = ascending // years
        lowest = int(series[0]) if len(series) else 0
        many = int(series[-1]) - lowest + 1 if len(series) else 0
        if many > _SPARSE * len(ascending):
            return cls(ascending, years, lowest, np.zeros(0, dtype=np.int32), repeats=True)
        first = np.flatnonzero(first_of_each(series))
        start = np.full(many + 1, _NOWHERE, dtype=np.int32)  # the last is for keys of no series
        start[series[first] - lowest] = first - ascending[first] % years
        return cls(ascending, years, lowest, start, repeats=bool((ascending[1:] == ascending[:-1]).any()))

    def of_keys(self, keys: Array) -> Array:
        """The first place of each key; NO_ROW where it is missing."""
        if not len(self.start) or not len(self.ascending):
            return places_of(keys, self.ascending)
        series = keys // self.years
        digit = keys - series * self.years
        series -= self.lowest
        # numbers below 0 are as large as unsigned ones: they become the last series, which has no key
        np.minimum(series.view(np.uint64), np.uint64(len(self.start) - 1), out=series.view(np.uint64))
        likely = self.start[series] + digit
        place = np.clip(likely, 0, len(self.ascending) - 1)
        there = self.ascending[place] == keys
        if self.repeats:
            there &= self.ascending[place - 1] != keys
        elsewhere = np.flatnonzero(~there)
        place[elsewhere] = NO_ROW
        search = elsewhere[likely[elsewhere] > -self.years]
        place[search] = places_of(keys[search], self.ascending)
        return np.asarray(place)


def places_of(keys: Array, ascending: Array) -> Array:
    """The first position of each key among ascending ones; NO_ROW where it is missing."""
    place = np.minimum(np.searchsorted(ascending, keys), max(len(ascending) - 1, 0))
    return np.where(ascending[place] == keys, place, NO_ROW) if len(ascending) else np.full(len(keys), NO_ROW)


def ranges(starts: Array, sizes: Array) -> Array:
    """The positions of ranges, one after the other: so many from each start on."""
    before = np.cumsum(sizes) - sizes
    return np.asarray(np.repeat(starts - before, sizes) + np.arange(int(sizes.sum())))


def first_of_each(keys: Array) -> Mask:
    """The rows that begin a run of equal keys."""
    first = np.ones(len(keys), dtype=bool)
    first[1:] = keys[1:] != keys[:-1]
    return first


def highest_so_far(values: Floats, series: Array) -> Floats:
    """The highest of each value and the values before it in the same series. Rows of a series are together.

    Each step looks twice as far back as the one before.
    """
    highest, step = values.copy(), 1
    while (same := series[step:] == series[:-step]).any():
        highest[step:] = np.where(same, np.fmax(highest[step:], highest[:-step]), highest[step:])
        step *= 2
    return highest
