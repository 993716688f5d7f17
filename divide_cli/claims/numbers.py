"""A selector and an edition -> the number that a claim is about, with bounds, coverage and the cells behind it.

All claims use one computation, whose rows are found by key: published figures, and figures from countries. Bounds are
carried through each step of a selector, and a cell that it uses twice has one value in both places. A missing number
makes everything derived from it missing, and keeps the bounds that can still be given.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import product
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import structs

from divide_cli import concepts as v
from divide_cli.analysis.request import Result
from divide_cli.catalogue import area_name, economies
from divide_cli.catalogue.claims import ANY_ECONOMY, Basis, Claim, Selector
from divide_cli.claims.printed import PrintedFigure
from divide_cli.frames.bounds import Bounded, monotone
from divide_cli.frames.columns import values_of
from divide_cli.language import later, say

Key = tuple[str, ...]
Breakdown = tuple[str, str, str]


class Absence(StrEnum):
    """Why there is no number: texts, to be filled with the parts of a `Lack`."""

    INDICATOR = later("{edition} has no {what}")
    AREA = later("{edition} has {what}, but not for {place}")
    YEAR = later("{edition} has {what} for {place} in {years}, not in {year}")
    ECONOMIES = later("{edition} has no {what} by economy")
    YEAR_OF_ECONOMIES = later("{edition} has {what} by economy (latest values {years}), not in {year}")
    POPULATION = later("no source counts these people")
    EDITION = later("no edition is named for this basis")
    UNDEFINED = later("undefined: it divides by zero")
    VALUE = later("no value")
    WITHHELD = "{comment}"


@dataclass(frozen=True)
class Lack:
    """Why a number is missing, and the names in the text about it."""

    absence: Absence
    parts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return say(self.absence, **self.parts)


@dataclass(frozen=True)
class Number(Bounded):
    """A value with its lowest and highest possible value; NaN if unknown.

    `coverage` is in percent of the people (NaN for published figures). `persons` are the people behind the value,
    `cells` the keys that it was computed from, and `lack` is why there is no value.
    """

    coverage: float = nan
    persons: float = nan
    membership: str = ""
    year: int | None = None
    cells: tuple[Key, ...] = ()
    lack: Lack | None = None

    @property
    def has_value(self) -> bool:
        """Whether the value is known."""
        return not isnan(self.value)

    @property
    def has_bounds(self) -> bool:
        """Whether both bounds are known."""
        return not isnan(self.lower) and not isnan(self.upper)

    def with_bounds(self, bounds: Bounded) -> "Number":
        """The same number with another value and other bounds."""
        return replace(self, lower=bounds.lower, value=bounds.value, upper=bounds.upper)


def no_number(absence: Absence, year: int | None = None, **parts: Any) -> Number:
    """A missing number, with the reason."""
    return Number(nan, nan, nan, year=year, lack=Lack(absence, {"year": year, **parts}))


UNKNOWN = Bounded(nan, nan, nan)


def _of_both(first: Number, second: Number, bounds: Bounded) -> Number:
    """A number computed from two; its coverage is the lower of theirs."""
    coverage = first.coverage if isnan(second.coverage) else min(first.coverage, second.coverage)
    cells, undefined = (*first.cells, *second.cells), Lack(Absence.UNDEFINED) if isnan(bounds.value) else None
    lack = first.lack or second.lack or undefined
    return replace(first.with_bounds(bounds), coverage=coverage, cells=cells, lack=lack)


def complement(x: Number) -> Number:
    """100 - x."""
    return x.with_bounds(monotone(lambda value: 100 - value, falling=[x]))


def people(x: Number) -> Number:
    """x N / 100: the number of persons in a percentage of N persons."""
    if isnan(x.persons):
        return replace(x.with_bounds(UNKNOWN), lack=x.lack or Lack(Absence.POPULATION))
    n = x.persons / 100
    return x.with_bounds(monotone(lambda value: value * n, rising=[x]))


def total(parts: Sequence[Number]) -> Number:
    """The sum."""
    whole = parts[0]
    for part in parts[1:]:
        whole = _of_both(whole, part, monotone(lambda x, y: x + y, rising=[whole, part]))
    return whole


def remainder(whole: Number, part: Number) -> Number:
    """(T N - P n) / (N - n): the share among the people of the whole who are not of the part; undefined if N is n."""
    n, m = whole.persons, part.persons
    if isnan(n) or isnan(m):
        lack = whole.lack or part.lack or Lack(Absence.POPULATION)
        return replace(_of_both(whole, part, UNKNOWN), lack=lack)
    rest = monotone(lambda t, p: quotient(t * n - p * m, n - m), rising=[whole], falling=[part])
    return replace(_of_both(whole, part, rest), persons=n - m)


def quotient(x: float, y: float) -> float:
    """x / y; NaN where y is 0."""
    return x / y if y else nan


def ratio(x: Number, y: Number, scale: float = 1) -> Number:
    """scale x / y; without a value or bound where y is 0."""
    return _of_both(x, y, monotone(lambda a, b: quotient(scale * a, b), rising=[x], falling=[y]))


def change(later: Number, earlier: Number, kind: str) -> Number:
    """100 (x1 / x0 - 1) for a `relative` change (percent of the earlier number), x1 - x0 for an `absolute` one."""
    if kind == "absolute":
        return _of_both(later, earlier, monotone(lambda x, y: x - y, rising=[later], falling=[earlier]))
    percent = ratio(later, earlier, 100)
    return percent.with_bounds(monotone(lambda value: value - 100, rising=[percent]))


def scale_down(x: Number, power: int) -> Number:
    """The number in units of 10^power."""
    return x.with_bounds(monotone(lambda value: value / 10.0**power, rising=[x])) if power else x


Series = Mapping[int, Number]
"""A number for each year."""


@dataclass(frozen=True)
class Values:
    """Numbers by edition and basis, then by key (what, area, sex, age, urbanisation), then by year.

    `what` is an indicator, or a gap and a measure joined by a space.
    """

    numbers: Mapping[tuple[str, str], Mapping[Key, Series]]
    observed: Mapping[str, pd.DataFrame]
    dimensions: tuple[str, ...]

    @staticmethod
    def of(result: Result) -> "Values":
        """An index over a result that keeps its observations and populations."""
        parts = ((result.aggregates, result.persons), (result.gaps, None))
        return Values(index(parts, result.dimensions), result.observed, result.dimensions)

    def series(self, edition: str, basis: str, key: Key) -> Series:
        """The years at a key; empty if the edition has none on that basis."""
        return self.numbers.get((edition, basis), {}).get(key, {})

    def has(self, edition: str, basis: str, what: str = "") -> bool:
        """Whether the edition has any number on that basis, of the indicator or gap if one is named."""
        numbers = self.numbers.get((edition, basis), {})
        return any(key[0] == what for key in numbers) if what else (edition, basis) in self.numbers

    def economies(self, edition: str, indicator: str, breakdown: Breakdown, year: int | None) -> pd.DataFrame:
        """The economies' values of one year, or each economy's latest: REF_AREA, TIME_PERIOD, OBS_VALUE."""
        columns = [v.REF_AREA, v.TIME_PERIOD, v.OBS_VALUE]
        frame = self.observed.get(edition)
        if frame is None:
            return pd.DataFrame({name: [] for name in columns})
        rows = self._rows(frame, indicator, breakdown) & frame[v.OBS_VALUE].notna().to_numpy()
        rows &= frame[v.REF_AREA].isin(economies()).to_numpy()
        if year is not None:
            rows &= (frame[v.TIME_PERIOD] == year).to_numpy()
        values = frame.loc[rows, columns].sort_values([v.REF_AREA, v.TIME_PERIOD])
        latest: pd.DataFrame = values.drop_duplicates(v.REF_AREA, keep="last")
        return latest

    def place(self, edition: str, key: Key, year: int) -> str:
        """`edition/file:line (cell of the source)` of a published figure; empty if it is not one."""
        frame = self.observed.get(edition)
        if frame is None:
            return ""
        rows = self._rows(frame, key[0], (key[2], key[3], key[4]))
        rows &= (frame[v.REF_AREA] == key[1]).to_numpy() & (frame[v.TIME_PERIOD] == year).to_numpy()
        if not rows.any():
            return ""
        row = frame.iloc[rows.argmax()]
        citation = f" ({row[v.CITATION]})" if v.CITATION in frame and row[v.CITATION] else ""
        return f"{edition}/{Path(row[v.FILE]).name}:{row[v.LINE]}{citation}"

    def _rows(self, frame: pd.DataFrame, indicator: str, breakdown: Breakdown) -> npt.NDArray[np.bool_]:
        """The rows of the indicator and the breakdown that are totals in every further dimension."""
        codes = {v.INDICATOR: indicator, **dict(zip(v.DIMENSIONS, breakdown, strict=True))}
        codes |= {name: v.TOTAL for name in self.dimensions if name in frame}
        rows = np.ones(len(frame), dtype=bool)
        for name, code in codes.items():
            rows &= (frame[name] == code).to_numpy()
        return rows


Part = tuple[pd.DataFrame, "pd.Series[float] | None"]
"""A frame of aggregates or gaps, with the people behind its rows if they are known."""


def index(parts: Iterable[Part], dimensions: Sequence[str]) -> dict[tuple[str, str], dict[Key, dict[int, Number]]]:
    """The rows of frames of aggregates or gaps by key; a dimension that a gap is over counts as a total."""
    numbers: dict[tuple[str, str], dict[Key, dict[int, Number]]] = {}
    for frame, persons in parts:
        if not len(frame):
            continue
        totals = frame[list(dimensions)].isin((v.TOTAL, v.NOT_APPLICABLE)).all(axis=1).to_numpy()
        rows = frame[totals]
        people = persons[totals].tolist() if persons is not None else [nan] * len(rows)
        what = [v.GAP, v.MEASURE] if v.GAP in rows else [v.INDICATOR]
        names = [" ".join(words) for words in zip(*(values_of(rows[name]) for name in what), strict=True)]
        key = (v.EDITION, v.MEMBERSHIP, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)
        columns = (*key, v.BOUND_LOWER, v.OBS_VALUE, v.BOUND_UPPER, v.COVERAGE, v.OBS_COMMENT)
        for name, n, row in zip(names, people, zip(*(values_of(rows[c]) for c in columns), strict=True), strict=True):
            edition, membership, area, *breakdown, year, lower, value, upper, coverage, comment = row
            basis = Basis.PUBLISHED if membership == v.AS_PUBLISHED else Basis.COUNTRIES
            place = (name, area, *(v.TOTAL if code == v.NOT_APPLICABLE else code for code in breakdown))
            lack = None
            if isnan(value):
                lack = Lack(Absence.WITHHELD, {"comment": comment}) if comment else Lack(Absence.VALUE)
            cells = ((edition, *place, str(year)),)
            number = Number(lower, value, upper, coverage, n, membership, year, cells, lack)
            numbers.setdefault((edition, basis), {}).setdefault(place, {})[year] = number
    return numbers


def number_of(claim: Claim, figure: PrintedFigure, values: Values, edition: str, basis: str) -> Number:
    """The number of the claim, in the unit and power of ten in which it is printed."""
    source, scale = _Numbers(values, edition, basis), 100.0 if claim.unit == "PT" else 1.0
    if claim.selector.area == ANY_ECONOMY:
        return source.economies(claim.selector, figure)
    number = source.derived(claim.selector, scale)
    repeated = sorted({cell for cell in number.cells if number.cells.count(cell) > 1})
    if repeated and number.has_bounds:
        number = number.with_bounds(source.bounds_with_one_value(claim.selector, scale, number, repeated))
    return scale_down(number, claim.unit_mult)


def nearness(selector: Selector, values: Values, edition: str, basis: str) -> int:
    """How near an edition is to having a number: 2 if it has other years, 1 if only the indicator, 0 otherwise."""
    key = _key(selector, selector.areas[0])
    return 2 if values.series(edition, basis, key) else int(values.has(edition, basis, key[0]))


def _key(selector: Selector, area: str) -> Key:
    what = f"{selector.gap} {selector.measure}" if selector.gap else selector.indicator
    return (what, area, *selector.breakdown)


@dataclass(frozen=True)
class _Numbers:
    """The numbers of selectors on one basis of one edition."""

    values: Values
    edition: str
    basis: str
    fixed: Mapping[Key, Number] = field(default_factory=dict)
    """Numbers that take the place of those of their cells."""

    def derived(self, selector: Selector, scale: float) -> Number:
        """The number with its change and its ratio to another, for the latest year if the selector names none."""
        year = selector.year if selector.year is not None else self._latest(selector)
        if year is None:
            return self._absent(selector, selector.areas[0], None)
        number = self._of_year(selector, year)
        if selector.since is not None:
            number = change(number, self._of_year(selector, selector.since), selector.change)
        if selector.divisor:
            number = ratio(number, self.derived(selector.divisor, scale), scale)
        return number

    def bounds_with_one_value(self, selector: Selector, scale: float, number: Number, cells: Sequence[Key]) -> Bounded:
        """The number with bounds for which each of the cells has one value wherever the selector uses it.

        The number rises or falls with each cell throughout. Its extremes are therefore those at the ends of the cells.
        """
        series = {cell: self.values.series(self.edition, self.basis, cell[1:-1])[int(cell[-1])] for cell in cells}
        ends = [[one.with_bounds(Bounded(end, end, end)) for end in (one.lower, one.upper)] for one in series.values()]
        corners = [
            replace(self, fixed=dict(zip(cells, corner, strict=True))).derived(selector, scale)
            for corner in product(*ends)
        ]
        lower, upper = np.min([one.lower for one in corners]), np.max([one.upper for one in corners])
        return Bounded(float(lower), number.value, float(upper))

    def economies(self, selector: Selector, figure: PrintedFigure) -> Number:
        """How many economies have a value, are below the printed figure, or are at or below `at_most`."""
        year, what = selector.year, selector.indicator
        without = no_number(Absence.ECONOMIES, year, edition=self.edition, what=what)
        if self.basis == Basis.PUBLISHED:
            return without
        frame = self.values.economies(self.edition, what, selector.breakdown, year)
        if not len(frame):
            latest = self.values.economies(self.edition, what, selector.breakdown, None)[v.TIME_PERIOD]
            if not len(latest):
                return without
            years = say("{lowest} to {highest}", lowest=latest.min(), highest=latest.max())
            return no_number(Absence.YEAR_OF_ECONOMIES, year, edition=self.edition, what=what, years=years)
        value = frame[v.OBS_VALUE].to_numpy()
        if figure.least:
            value = value[value < figure.number]
        elif selector.at_most is not None:
            value = value[value <= selector.at_most]
        count = float(len(value))
        return Number(count, count, count, year=year)

    def _of_year(self, selector: Selector, year: int) -> Number:
        """The number before changes and ratios, for one year; the sum over the areas if there are several."""
        parts = []
        for area in selector.areas:
            number = self._cell(selector, area, year)
            if selector.without:
                codes: dict[str, Any] = {**selector.without}
                part = structs.replace(selector, **codes)
                number = remainder(number, self._cell(part, selector.without.get("area", area), year))
            number = complement(number) if selector.complement else number
            parts.append(people(number) if selector.persons else number)
        return total(parts)

    def _series(self, selector: Selector, area: str) -> Series:
        return self.values.series(self.edition, self.basis, _key(selector, area))

    def _cell(self, selector: Selector, area: str, year: int) -> Number:
        number = self._series(selector, area).get(year) or self._absent(selector, area, year)
        return self.fixed.get(number.cells[0], number) if number.cells else number

    def _latest(self, selector: Selector) -> int | None:
        """The last year for which every area has a value."""
        series = [self._series(selector, area) for area in selector.areas]
        return max(set.intersection(*({year for year, n in one.items() if not n.lack} for one in series)), default=None)

    def _absent(self, selector: Selector, area: str, year: int | None) -> Number:
        """A missing number, with what the edition does not have to compute the claim."""
        what = selector.gap or selector.indicator
        if not self.values.has(self.edition, self.basis, _key(selector, area)[0]):
            return no_number(Absence.INDICATOR, year, edition=self.edition, what=what)
        codes = " ".join(code for code in selector.breakdown if code != v.TOTAL)
        place = f"{area_name(area)}, {codes}" if codes else area_name(area)
        series = self._series(selector, area)
        if not series:
            return no_number(Absence.AREA, year, edition=self.edition, what=what, place=place)
        span = sorted(year for year, number in series.items() if number.has_value) or sorted(series)
        years = str(span[0]) if len(span) == 1 else say("{span} to {span_2}", span=span[0], span_2=span[-1])
        return no_number(Absence.YEAR, year, edition=self.edition, what=what, place=place, years=years)
