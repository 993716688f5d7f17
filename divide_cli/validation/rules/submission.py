"""A submission as the rules see it: values sorted by series and year, each with the interval that its decimals allow.

A series is all years of one key without the year. The key is packed into one integer whose digits are the breakdowns,
so that the row of another sex, age, place or indicator is found by adding a number and searching.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.frames.keys import LIMIT, composite_key, unique_rows
from divide_cli.frames.observations import Observations

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
NOWHERE = -1
"""A partner that the submission lacks."""
_DIGITS = (v.REF_AREA, v.INDICATOR, v.SEX, v.AGE, v.URBANISATION)
_MOST_DECIMALS = 12
"""More decimals than a double holds safely: the value is taken as exact."""


@dataclass(frozen=True)
class Digit:
    """A breakdown in the key: its codes in use, their places, and what one place more adds to the key."""

    codes: tuple[str, ...]
    places: Array
    stride: int

    def place(self, code: str) -> int:
        """The place of a code; NOWHERE where no row has it."""
        return self.codes.index(code) if code in self.codes else NOWHERE


@dataclass(frozen=True)
class Table:
    """The rows of a submission, sorted by series, then year, then as the file has them.

    `frame` is as it was read; `order[i]` is the row of the frame that stands at place i. All arrays are by place.
    """

    read: Observations
    order: npt.NDArray[np.int32]
    key: npt.NDArray[np.int64]
    digits: Mapping[str, Digit]
    years: int
    value: Floats
    year: npt.NDArray[np.int16]
    gated: Mask = field(repr=False)
    """Rows that a gate has set aside: wrong in themselves, so that nothing is compared with them."""
    today: date = field(default_factory=date.today)
    """The day of the check: no figure is of a later year."""
    _cells: dict[str, tuple[Array, Array | None]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.order)

    @property
    def frame(self) -> pd.DataFrame:
        """The observations as they were read."""
        return self.read.frame

    def column(self, name: str) -> Array:
        """Codes of a category column, or the values of another, by place."""
        column = self.frame[name]
        codes = column.cat.codes.to_numpy() if isinstance(column.dtype, pd.CategoricalDtype) else column.to_numpy()
        return np.asarray(codes[self.order])

    def cell(self, name: str, place: int) -> Any:
        """What the column says at one place."""
        if name not in self._cells:
            column = self.frame[name].array
            coded = isinstance(column, pd.Categorical)
            texts = np.asarray(column.categories, dtype=object) if coded else None
            self._cells[name] = np.asarray(column.codes if coded else column), texts
        values, texts = self._cells[name]
        value = values[self.order[place]]
        return value if texts is None else texts[value]

    def without(self, mask: Mask) -> "Table":
        """The table with more rows set aside; what depends on no gate is not worked out again."""
        made = replace(self, gated=self.gated | mask)
        kept = ("series", "half", "subnational", "further")
        made.__dict__.update({name: self.__dict__[name] for name in kept if name in self.__dict__})
        return made

    @cached_property
    def series(self) -> npt.NDArray[np.int32]:
        """The number of the series of each place: equal where all but the year is, and ascending."""
        bare = self.key // self.years
        made = np.zeros(len(self), dtype=np.int32)
        np.cumsum(bare[1:] != bare[:-1], out=made[1:])
        return made

    @cached_property
    def usable(self) -> Mask:
        """Places with a value that no gate has set aside."""
        return ~(self.gated | np.isnan(self.value))

    @cached_property
    def half(self) -> Floats:
        """Half a unit of the last decimal as the file writes it; where the layout does not tell, as the value shows."""
        decimals = np.full(len(self), -1, dtype=np.int8)
        if v.PRINTED in self.frame:
            decimals = self.column(v.PRINTED).astype(np.int8)
        if v.DECIMALS in self.frame:
            stated = self.frame[v.DECIMALS].to_numpy(dtype=np.float64, na_value=-1)[self.order].astype(np.int8)
            decimals = np.where(stated >= 0, stated, decimals)
        unknown = decimals < 0
        if unknown.any():
            decimals[unknown] = shown_decimals(self.value[unknown])
        known = np.arange(np.iinfo(np.int8).max + 1)
        return np.asarray(np.where(known > _MOST_DECIMALS, 0.0, 0.5 * 10.0 ** -known.astype(np.float64))[decimals])

    @cached_property
    def subnational(self) -> Mask:
        """Places that are of a part of the country."""
        return self.broken_down((PARTS_OF_COUNTRY,))

    @cached_property
    def further(self) -> Mask:
        """Places that are broken down by more than sex, age, urbanisation and parts of the country."""
        return self.broken_down([name for name in self.read.dimensions if name != PARTS_OF_COUNTRY])

    def broken_down(self, names: Sequence[str]) -> Mask:
        """Places at which one of the dimensions says another code than the total."""
        made = np.zeros(len(self), dtype=bool)
        for name in names:
            if name in self.read.dimensions:
                known = self.frame[name].cat.categories
                total = np.array([code in (v.TOTAL, v.NOT_APPLICABLE) for code in known], dtype=bool)
                made |= ~total[self.column(name)]
        return made

    def is_code(self, dimension: str, code: str) -> Mask:
        """Places at which the dimension says the code."""
        digit = self.digits[dimension]
        return np.asarray(digit.places == digit.place(code))

    def shifted(self, at: Array, dimension: str, code: str) -> npt.NDArray[np.int64]:
        """The key of each place with another code of a dimension; NOWHERE where no row has the code."""
        digit = self.digits[dimension]
        place = digit.place(code)
        if place == NOWHERE:
            return np.full(len(at), NOWHERE, dtype=np.int64)
        return np.asarray(self.key[at] + (place - digit.places[at]).astype(np.int64) * digit.stride)

    def partner(self, at: Array, dimension: str, code: str) -> Array:
        """The usable place with the same key but another code of a dimension; NOWHERE where there is none."""
        return self.find(self.shifted(at, dimension, code))

    def holds(self, keys: npt.NDArray[np.int64]) -> Mask:
        """Whether the submission has a row of each key, with a value or without."""
        place = np.minimum(np.searchsorted(self.key, keys), max(len(self) - 1, 0))
        return np.asarray(self.key[place] == keys) if len(self) else np.zeros(len(keys), dtype=bool)

    def find(self, keys: npt.NDArray[np.int64]) -> Array:
        """The first usable place of each key; NOWHERE where there is none."""
        place = np.searchsorted(self.key, keys)
        place = np.minimum(place, max(len(self) - 1, 0))
        found = (self.key[place] == keys) & self.usable[place] if len(self) else np.zeros(len(keys), dtype=bool)
        return np.where(found, place, NOWHERE)

    @cached_property
    def before(self) -> Array:
        """The usable place of the series' last earlier year with a value; NOWHERE where there is none."""
        return _neighbour(self, 1)

    @cached_property
    def after(self) -> Array:
        """The usable place of the series' next year with a value; NOWHERE where there is none."""
        return _neighbour(self, -1)

    def of_scope(self, rule: Rule) -> Mask:
        """The usable places that the rule's scope names, by indicator, unit, and codes of dimensions."""
        return self.usable & self.in_scope(rule)

    def in_scope(self, rule: Rule) -> Mask:
        """The places that the rule's scope names, whatever their values are."""
        known, scope = catalogue().indicators, rule.scope
        digit = self.digits[v.INDICATOR]
        units, wanted, without = scope.get("units"), scope.get("indicators"), scope.get("without", ())
        fits = np.array(
            [
                (units is None or known[code].unit in units)
                and (wanted is None or code in wanted)
                and code not in without
                for code in digit.codes
            ],
            dtype=bool,
        )
        made = fits[digit.places] if len(fits) else np.zeros(len(self), dtype=bool)
        for dimension, codes in scope.get("where", {}).items():
            if dimension in self.digits:
                inside = np.array([code in codes for code in self.digits[dimension].codes], dtype=bool)
                made = made & inside[self.digits[dimension].places]
        if not scope.get("subnational", True):
            made = made & ~self.subnational
        if not scope.get("further", True):
            made = made & ~self.further
        if scope.get("of_parts"):
            made = made & (self.subnational | self.further)
        return np.asarray(made)


PARTS_OF_COUNTRY = "SUBNATIONAL_AREA"
"""The dimension under which national files carry the parts of a country."""


def _neighbour(table: Table, step: int) -> Array:
    """For each place the nearest usable one on one side that is of the same series and another year."""
    made = np.full(len(table), NOWHERE, dtype=np.int32)
    usable = np.flatnonzero(table.usable).astype(np.int32)
    first = np.ones(len(usable), dtype=bool)
    first[1:] = table.key[usable[1:]] != table.key[usable[:-1]]
    usable = usable[first]
    series = table.series[usable]
    same = series[1:] == series[:-1]
    if step > 0:
        made[usable[1:][same]] = usable[:-1][same]
    else:
        made[usable[:-1][same]] = usable[1:][same]
    return made


def shown_decimals(values: Floats) -> npt.NDArray[np.int8]:
    """The fewest decimals with which each number can be written: 0 for 86.0, 1 for 86.8."""
    made = np.full(len(values), _MOST_DECIMALS + 1, dtype=np.int8)
    for decimals in range(_MOST_DECIMALS, -1, -1):
        made[np.isclose(np.round(values, decimals), values, rtol=0, atol=1e-12)] = decimals
    return made


def table_of(read: Observations, today: date | None = None) -> Table:
    """The submission ready for the rules, which are applied today, or as on another day."""
    frame = read.frame
    codes = {name: _used(frame[name]) for name in _DIGITS}
    year = frame[v.TIME_PERIOD].to_numpy()
    low, high = (int(year.min()), int(year.max())) if len(year) else (0, 0)
    years = high - low + 1
    key = year.astype(np.int64) - low
    stride, digits = years, dict[str, tuple[tuple[str, ...], Array, int]]()
    for name in reversed(_DIGITS):
        texts, places = codes[name]
        digits[name] = texts, places, stride
        key += places.astype(np.int64) * stride
        stride *= max(len(texts), 1)
    if read.dimensions:
        rest = composite_key(frame, list(read.dimensions))
        if int(rest.max(initial=0)) > LIMIT // stride:
            _, rest = unique_rows(rest)
        rest *= stride
        key += rest
    order = np.argsort(key, kind="stable").astype(np.int32)
    return Table(
        read=read,
        order=order,
        key=key[order],
        digits={name: Digit(texts, places[order], stride) for name, (texts, places, stride) in digits.items()},
        years=years,
        value=frame[v.OBS_VALUE].to_numpy()[order],
        year=frame[v.TIME_PERIOD].to_numpy()[order],
        gated=np.zeros(len(frame), dtype=bool),
        today=today or date.today(),
    )


def _used(column: "pd.Series[Any]") -> tuple[tuple[str, ...], Array]:
    """The codes of a category column that some row has, and the place of each row's code among them."""
    codes, size = column.cat.codes.to_numpy(), len(column.cat.categories)
    met = np.zeros(size + 1, dtype=bool)
    met[codes] = True  # a missing code, -1, is the last place
    used = np.flatnonzero(met[:-1])
    rank = np.zeros(size + 1, dtype=np.min_scalar_type(-max(len(used), 1)))
    rank[used] = np.arange(len(used))
    return tuple(map(str, column.cat.categories.take(used).tolist())), rank.take(codes, mode="wrap")
