"""A submission as the rules see it: values sorted by series and year, each with the interval that its decimals allow.

A series is all years of one key without the year. A key is one mixed-radix number: its digits are the year and the
numbers of the codes of each dimension, so that the row of another sex, age, place or indicator is found by adding a
multiple of the dimension's stride and searching.
"""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.frames import room
from divide_cli.frames.bounds import MOST_DECIMALS, HalfUnits, shown_decimals
from divide_cli.frames.columns import Array, Mask, composite_key, row_blocks, taken, without_number
from divide_cli.frames.observations import Observations
from divide_cli.validation.rules.grouping import (
    BLOCK,
    NO_ROW,
    Floats,
    KeyPlaces,
    first_of_each,
    highest_so_far,
    places_of,
    ranges,
)

PARTS_OF_COUNTRY = "SUBNATIONAL_AREA"
"""The dimension in which national files have the parts of a country."""
_Shared = TypeVar("_Shared")
DIMENSIONS = (v.REF_AREA, v.INDICATOR, v.SEX, v.AGE, v.URBANISATION)


@dataclass(frozen=True)
class DimensionIndex:
    """A dimension in the key: its codes in use, the number of each row's code, and the stride of one number."""

    codes: tuple[str, ...]
    numbers: Array
    stride: int

    def number_of(self, code: str) -> int:
        """The number of a code; NO_ROW if no row has it."""
        return self.codes.index(code) if code in self.codes else NO_ROW

    def code_at(self, row: int) -> str:
        """The code of a row."""
        return self.codes[int(self.numbers[row])]


_FEW = 16
"""Rows of fewer keys than this part of a submission are searched for one by one."""


@dataclass(frozen=True)
class Submission:
    """The rows of a submission, sorted by series, then by year, then in the order of the file.

    All arrays and the columns of `frame` are by row; `order[i]` is the place of row i among the observations as they
    were read. `against` names the editions to compare with.
    """

    read: Observations
    order: npt.NDArray[np.int32]
    key: npt.NDArray[np.int64]
    index: Mapping[str, DimensionIndex]
    years: int
    value: Floats
    year: npt.NDArray[np.int16]
    gated: Mask = field(repr=False)
    """Rows that a gate has set aside: they are wrong in themselves, so nothing is compared with them."""
    today: date = field(default_factory=date.today)
    """The day of the check: no figure is of a later year."""
    against: tuple[str, ...] = ()
    _cells: dict[str, tuple[Array, Array | None]] = field(default_factory=dict, repr=False)
    _shared: dict[tuple[str, Hashable], Any] = field(default_factory=dict, repr=False)
    _start: int = 0
    """The row at which a block begins in the whole submission."""

    def __len__(self) -> int:
        return len(self.order)

    @property
    def frame(self) -> pd.DataFrame:
        """All observations, sorted; those of a block are its `place`."""
        return self.read.frame

    @property
    def place(self) -> slice:
        """The rows of the frame that the submission has: all, unless it is a block."""
        return slice(self._start, self._start + len(self))

    def column(self, name: str) -> Array:
        """The codes of a category column, or the values of another, by row."""
        column = self.frame[name].array
        return np.asarray(column.codes if isinstance(column, pd.Categorical) else column)[self.place]

    def categories(self, name: str) -> list[str]:
        """The texts of a category column, by code."""
        return [str(text) for text in self.frame[name].cat.categories]

    def cell(self, name: str, row: int) -> Any:
        """The value of the column in one row."""
        if name not in self._cells:
            column = self.frame[name].array
            coded = isinstance(column, pd.Categorical)
            texts = np.asarray(column.categories, dtype=object) if coded else None
            self._cells[name] = np.asarray(column.codes if coded else column)[self.place], texts
        values, texts = self._cells[name]
        value = values[row]
        return value if texts is None else texts[value]

    def indicator_at(self, row: int) -> str:
        """The short name of a row's indicator."""
        return catalogue().indicators[self.index[v.INDICATOR].code_at(row)].short

    def without(self, mask: Mask) -> "Submission":
        """The submission with more rows set aside; what depends on no gate is not computed again."""
        rest = replace(self, gated=self.gated | mask, _shared={})
        independent = ("series", "half", "subnational", "further", "places")
        rest.__dict__.update({name: self.__dict__[name] for name in independent if name in self.__dict__})
        return rest

    def once(self, name: Hashable, compute: "Callable[[Submission], _Shared]", kind: str = "") -> _Shared:
        """What several rules, or only those of a kind, need under this name: the first of them computes it."""
        if (kind, name) not in self._shared:
            self._shared[kind, name] = compute(self)
        shared: _Shared = self._shared[kind, name]
        return shared

    def forget_other_kinds(self, kind: str) -> None:
        """Drops what only rules of other kinds share."""
        for part in (self, *self.__dict__.get("_blocks", ())):
            for key in [key for key in part._shared if key[0] not in ("", kind)]:
                del part._shared[key]

    def blocks(self) -> Iterator[tuple[int, "Submission"]]:
        """The submission in parts of whole areas, each with the row at which it begins: the same to every rule.

        Rows of an area with different codes of further dimensions can be in different parts.
        """
        if len(self) > BLOCK:
            yield from ((block._start, block) for block in self._blocks)
        elif len(self):
            yield 0, self

    @cached_property
    def _blocks(self) -> list["Submission"]:
        """The blocks of a long submission."""
        stride, start, blocks = self.index[v.REF_AREA].stride, 0, []
        while start < len(self):
            stop = len(self)
            if start + BLOCK < stop:
                next_area = (int(self.key[start + BLOCK]) // stride + 1) * stride
                stop = int(np.searchsorted(self.key, next_area))
            blocks.append(self._block(slice(start, stop)))
            start = stop
        return blocks

    def _block(self, rows: slice) -> "Submission":
        """Neighbouring rows as a submission of their own; what is computed already is not computed again."""
        index = {name: replace(one, numbers=one.numbers[rows]) for name, one in self.index.items()}
        arrays = {name: getattr(self, name)[rows] for name in ("order", "key", "value", "year", "gated")}
        block = replace(self, index=index, _cells={}, _shared={}, _start=rows.start, **arrays)
        block.__dict__.update({name: getattr(self, name)[rows] for name in ("series", "usable")})
        block.__dict__["half"] = HalfUnits(self.half.decimals[rows])
        return block

    @cached_property
    def row_at(self) -> npt.NDArray[np.int32]:
        """The row of each place in the order of the file: the inverse of `order`."""
        row_at = np.empty(len(self), dtype=np.int32)
        row_at[self.order] = np.arange(len(self), dtype=np.int32)
        return row_at

    @cached_property
    def series(self) -> npt.NDArray[np.int32]:
        """The number of the series of each row: equal if only the year differs, and ascending."""
        number, before = room.column(len(self), np.int32), -1
        for rows in row_blocks(len(self)):
            series = self.key[max(rows.start - 1, 0) : rows.stop] // self.years
            first = first_of_each(series)[min(rows.start, 1) :]
            number[rows] = before + np.cumsum(first)
            before = int(number[rows.stop - 1])
        return number

    @cached_property
    def usable(self) -> Mask:
        """Rows with a value that no gate has set aside."""
        rows = without_number(self.value)
        rows |= self.gated
        return np.logical_not(rows, out=rows)

    @cached_property
    def half(self) -> HalfUnits:
        """Half a unit of the last decimal as the file or the value shows it; 45.300000000000004 is 45.3."""
        decimals = np.full(len(self), -1, dtype=np.int8)
        if v.PRINTED in self.frame:
            decimals = np.array(self.column(v.PRINTED), dtype=np.int8)
        if v.DECIMALS in self.frame:
            stated = self.frame[v.DECIMALS].to_numpy(dtype=np.float64, na_value=-1)[self.place].astype(np.int8)
            decimals = np.where(stated >= 0, stated, decimals)
        unknown = (decimals < 0) | (decimals > MOST_DECIMALS)
        if unknown.any():
            values, shown = self.value[unknown], shown_decimals(self.value[unknown])
            scale = 10.0 ** shown.astype(np.float64)
            noise = (decimals[unknown] < 0) | (np.round(values * scale) / scale != values)
            decimals[unknown] = np.where(noise, shown, decimals[unknown])
        return HalfUnits(decimals)

    @cached_property
    def subnational(self) -> Mask:
        """Rows for a part of the country."""
        return self._broken_down((PARTS_OF_COUNTRY,))

    @cached_property
    def further(self) -> Mask:
        """Rows that are broken down by more than sex, age, urbanisation and parts of the country."""
        return self._broken_down([name for name in self.read.dimensions if name != PARTS_OF_COUNTRY])

    def _broken_down(self, names: Sequence[str]) -> Mask:
        """Rows in which one of the dimensions has a code other than the total."""
        rows = np.zeros(len(self), dtype=bool)
        for name in names:
            if name in self.read.dimensions:
                total = [code in (v.TOTAL, v.NOT_APPLICABLE) for code in self.categories(name)]
                rows |= ~taken(np.array(total, dtype=bool), self.column(name))
        return rows

    def of_indicators(self, codes: Collection[str]) -> Mask:
        """The rows of these indicators."""
        named = np.array([code in codes for code in self.index[v.INDICATOR].codes], dtype=bool)
        if named.all() or not named.any():
            return np.full(len(self), named.any())
        _, indicator, size = self.indicator_runs
        return np.repeat(named[indicator], size)

    def is_code(self, dimension: str, code: str) -> Mask:
        """Rows in which the dimension has the code."""
        index = self.index[dimension]
        return np.asarray(index.numbers == index.number_of(code))

    def of_each_indicator(self, rows: Mask) -> Array:
        """The number of these rows for each indicator."""
        codes, (begins, indicator, _) = self.index[v.INDICATOR].codes, self.indicator_runs
        if not len(begins):
            return np.zeros(len(codes), dtype=np.intp)
        count = np.add.reduceat(rows.view(np.uint8), begins, dtype=np.int32)
        return np.bincount(indicator, weights=count, minlength=len(codes)).astype(np.intp)

    @cached_property
    def indicator_runs(self) -> tuple[Array, Array, Array]:
        """The rows of an indicator are together in each area: where these runs begin, their indicators and sizes."""
        numbers = self.index[v.INDICATOR].numbers
        begins = np.flatnonzero(first_of_each(numbers))
        return begins, numbers[begins], np.diff(begins, append=len(numbers))

    def key_without(self, dimension: str, rows: Any = slice(None)) -> npt.NDArray[np.int64]:
        """The key of each row without a dimension: equal if the keys differ in nothing else."""
        if dimension in self.index:
            index = self.index[dimension]
            return np.asarray(self.key[rows] - index.numbers[rows].astype(np.int64) * index.stride)
        size = self.of_one_breakdown
        key = self.key[rows] % size
        others = [name for name in self.read.dimensions if name != dimension]
        if others:
            own = composite_key(self.frame[others].iloc[self.place], others)[rows]
            rest = np.unique(own, return_inverse=True)[1]
            key = key + rest.reshape(-1) * size
        return np.asarray(key)

    @property
    def of_one_breakdown(self) -> int:
        """The number of keys with the same codes of the further dimensions, which are together the highest digit."""
        area = self.index[v.REF_AREA]
        return area.stride * max(len(area.codes), 1)

    def key_with(self, rows: Array, dimension: str, code: str) -> npt.NDArray[np.int64]:
        """The key of each row with another code of a dimension; NO_ROW if no row has the code."""
        index = self.index[dimension]
        number = index.number_of(code)
        if number == NO_ROW:
            return np.full(len(rows), NO_ROW, dtype=np.int64)
        return np.asarray(self.key[rows] + (number - index.numbers[rows]).astype(np.int64) * index.stride)

    def partner(self, rows: Array, dimension: str, code: str) -> Array:
        """The usable row with the same key but another code of a dimension; NO_ROW if there is none."""
        return self.rows_of(self.key_with(rows, dimension, code))

    def rows_of(self, keys: npt.NDArray[np.int64]) -> Array:
        """The first usable row of each key; NO_ROW where there is none."""
        row = self.first_of(keys)
        return np.where(self.usable[row], row, NO_ROW) if len(self) else row

    def first_of(self, keys: npt.NDArray[np.int64]) -> Array:
        """The first row of each key, usable or not; NO_ROW where there is none."""
        if len(self) > 2 * BLOCK or len(keys) * _FEW < len(self):  # a table costs more than it saves
            return places_of(keys, self.key)
        return self.places.of_keys(keys)

    @cached_property
    def places(self) -> KeyPlaces:
        """Where each key is among the rows."""
        return KeyPlaces.of(self.key, self.years)

    def first_rows(self, keys: Array, side: Mask) -> Array:
        """The first row of each key among the rows of a mask; NO_ROW where there is none."""
        rows = np.append(np.flatnonzero(side), NO_ROW)
        return rows[places_of(keys, self.key[rows[:-1]])]

    def rows_of_series(self, row: int) -> slice:
        """All rows of a row's series."""
        first = self.key[row] // self.years * self.years
        return slice(*np.searchsorted(self.key, [first, first + self.years]))

    @cached_property
    def before(self) -> npt.NDArray[np.int32]:
        """The usable row of the series' last earlier year with a value; NO_ROW where there is none."""
        return _neighbour(self, 1)

    @cached_property
    def after(self) -> npt.NDArray[np.int32]:
        """The usable row of the series' next year with a value; NO_ROW where there is none."""
        return _neighbour(self, -1)

    @cached_property
    def span(self) -> npt.NDArray[np.int16]:
        """The years since the row `before`; 0 where there is none."""
        span = self.year - self.year[self.before]
        span[self.before == NO_ROW] = 0
        return span

    @cached_property
    def moved(self) -> npt.NDArray[np.uint8]:
        """How far each value is from that `before`: the whole points (up to 254) plus 1; 0 if not at all, or none is.

        It takes one byte a row, and shows rules the few rows that they can be about.
        """
        size = np.abs(self.value - self.value[self.before])
        size[self.span == 0] = 0
        moved = np.minimum(size, 254).astype(np.uint8)
        moved[size > 0] += 1
        return moved

    def moved_by(self, points: float) -> Mask:
        """The rows whose values may be more than so many points from those `before`: all that are, and few others."""
        return np.asarray(self.moved > min(int(points), 254))

    def highest(self, rows: Array, later: bool = False) -> Floats:
        """The highest value of the series of each usable row up to its year or, if `later`, from that year on."""
        series, step = np.unique(self.series[rows]), -1 if later else 1
        first, end = (np.searchsorted(self.series, series, side=side) for side in ("left", "right"))
        own = ranges(first, end - first)
        values = np.where(self.usable[own], self.value[own], np.nan)[::step]
        return np.asarray(highest_so_far(values, self.series[own][::step])[::step][np.searchsorted(own, rows)])

    def usable_in(self, rule: Rule) -> Mask:
        """The usable rows that the rule's scope names, by indicator, unit, and codes of dimensions."""
        return self.usable & self.in_scope(rule)

    def in_scope(self, rule: Rule) -> Mask:
        """The rows that the rule's scope names, whatever their values."""
        indicators, scope, index = catalogue().indicators, rule.scope, self.index[v.INDICATOR]
        rows = self.of_indicators([code for code in index.codes if rule.is_asked_of(indicators[code])])
        for dimension, codes in scope.get("where", {}).items():
            if dimension in self.index:
                inside = np.array([code in codes for code in self.index[dimension].codes], dtype=bool)
                rows = rows & taken(inside, self.index[dimension].numbers)
        if not scope.get("subnational", True):
            rows = rows & ~self.subnational
        if not scope.get("further", True):
            rows = rows & ~self.further
        if scope.get("of_parts"):
            rows = rows & (self.subnational | self.further)
        return np.asarray(rows)


def _neighbour(submission: Submission, step: int) -> npt.NDArray[np.int32]:
    """For each row, the nearest usable one on one side with the same series and another year."""
    size, usable = len(submission), submission.usable
    begins = first_of_each(submission.series)
    if usable.all() and first_of_each(submission.key).all():  # the row above, or the one below
        neighbour = np.arange(-step, size - step, dtype=np.int32)
        neighbour[begins if step > 0 else np.append(begins, True)[1:]] = NO_ROW
        return neighbour
    neighbour = np.full(size, NO_ROW, dtype=np.int32)
    rows = np.flatnonzero(usable).astype(np.int32)
    rows = rows[first_of_each(submission.key[rows])]
    same = ~first_of_each(submission.series[rows])[1:]
    earlier, later = rows[:-1][same], rows[1:][same]
    own, other = (later, earlier) if step > 0 else (earlier, later)
    neighbour[own] = other
    return neighbour
