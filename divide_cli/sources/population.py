"""Populations that weight percentages: areas x years for each breakdown, with the editions they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, reduce
from pathlib import Path

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.catalogue import Weight, catalogue
from divide_cli.catalogue.codelists import age_span
from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import count_of, plural
from divide_cli.frames.columns import Array, Mask, category, composite_key, unique_rows, values_of
from divide_cli.frames.observations import Observations, Reading
from divide_cli.frames.schema import conform, place
from divide_cli.language import commas, later, remarked, say
from divide_cli.sources import editions

UNCOUNTED = later("not computable: no population for this breakdown and year")


NONE = -1
"""The origin of a cell that no source counts."""
FAR = 100.0
"""How many times as large, or as small, counts of the same people must be to be doubted: less than thousands."""
SCALE = later(
    "{file}: the median count of people is {middle:.2g} times that of {edition} ({count} "
    "compared). Are these thousands or millions? If so, give persons: they were used as "
    "persons"
)
MOST_NAMED = 5
"""The number of areas of a user's file that a label names; of more, it gives the number."""


@dataclass(frozen=True)
class Table:
    """People by area (rows, in the order of the REF_AREA categories) and year; NaN if no source counts them.

    `origin` is the position in `sources` of the one that counts each cell, or NONE. `label` names the sources.
    """

    persons: Array
    origin: Array
    sources: tuple[str, ...]
    label: str


@dataclass(frozen=True)
class _Counts:
    """The counts of one edition: an array of areas x years for each of its breakdowns."""

    name: str
    years: Array
    cells: Mapping[tuple[str, str, str], Array]
    readings: tuple[Reading, ...]

    def of(self, sex: str, ages: tuple[int, int], urbanisation: str) -> Array | None:
        """The counts of one breakdown; where the source has only parts of it, the sum of all of them.

        Parts are age bands, the two sexes, or urban and rural areas. None if the source has neither.
        """
        bands = {span: age for s, age, u in self.cells if (s, u) == (sex, urbanisation) and (span := age_span(age))}
        parts = [[self.cells[sex, bands[ages], urbanisation]]] if ages in bands else []
        parts.append([self.cells[sex, bands[tile], urbanisation] for tile in _tiles(sorted(bands), ages)])
        if sex == v.TOTAL:
            parts.append(_all_known([self.of(side, ages, urbanisation) for side in ("F", "M")]))
        if urbanisation == v.TOTAL:
            parts.append(_all_known([self.of(sex, ages, side) for side in ("URB", "RUR")]))
        sums = [np.asarray(np.sum(part, axis=0)) for part in parts if part]
        return reduce(_filled, sums) if sums else None

    def at(self, counts: Array, years: Array) -> Array:
        """The counts for other years: those of the edition, else a linear interpolation between its years."""
        after = np.clip(np.searchsorted(self.years, years), 0, len(self.years) - 1)
        before = np.where(self.years[after] == years, after, np.maximum(after - 1, 0))
        step = np.maximum(self.years[after] - self.years[before], 1)
        share = (years - self.years[before]) / step
        inside = (years >= self.years[0]) & (years <= self.years[-1])
        value = counts[:, before] + (counts[:, after] - counts[:, before]) * share
        return np.where(inside, value, np.nan)


def _all_known(parts: Sequence[Array | None]) -> list[Array]:
    known = [part for part in parts if part is not None]
    return known if len(known) == len(parts) else []


def _filled(counts: Array, others: Array) -> Array:
    """The counts, and those of others where they are unknown."""
    return np.where(np.isnan(counts), others, counts)


def _tiles(bands: Sequence[tuple[int, int]], ages: tuple[int, int]) -> list[tuple[int, int]]:
    """The finest bands that fill the span without overlap; none if that is impossible."""
    tiles: list[tuple[int, int]] = []
    start = ages[0]
    while start <= ages[1]:
        tile = min((span for span in bands if span[0] == start and span[1] <= ages[1]), default=None)
        if tile is None:
            return []
        tiles.append(tile)
        start = tile[1] + 1
    return tiles


def _counts(observations: Observations, name: str) -> _Counts:
    frame = observations.frame
    years, year = np.unique(frame[v.TIME_PERIOD].to_numpy(), return_inverse=True)
    first, kind = unique_rows(composite_key(frame, v.DIMENSIONS))
    counts = np.full((len(first), len(category(v.REF_AREA).categories), len(years)), np.nan)
    counts[kind, frame[v.REF_AREA].cat.codes.to_numpy(), year.reshape(-1)] = frame[v.OBS_VALUE].to_numpy()
    keys = zip(*(values_of(frame[name].iloc[first]) for name in v.DIMENSIONS), strict=True)
    cells = {(sex, age, urbanisation): counts[index] for index, (sex, age, urbanisation) in enumerate(keys)}
    return _Counts(name, years.astype(np.int16), cells, observations.readings)


@dataclass(frozen=True)
class Population:
    """The populations of a run: those of the user's file for what it holds, and the editions of the catalogue.

    The editions are left out if the file counts other people than they do (`_has_scope_of`).
    """

    file: str = ""
    readings: dict[str, tuple[Reading, ...]] = field(default_factory=dict)
    """The Readings of each source that was used."""
    skip_refused: bool = False
    """Whether rejected rows of the file are left out."""

    @cached_property
    def _own(self) -> _Counts:
        options = readers.ReadOptions(indicator="population", strict=not self.skip_refused, selecting=True)
        with readers.naming_the_way_on([self.file], options):
            read = readers.load(self.file, Path(self.file).name, options)
            conform(read.frame, read.dimensions)
        other = np.flatnonzero((read.frame[v.INDICATOR] != "population").to_numpy())
        if len(other):
            rows = say(
                "{iloc}, in {count} {noun}",
                iloc=read.frame[v.INDICATOR].iloc[other[0]],
                count=len(other),
                noun=plural(len(other), "row"),
            )
            raise SourceError("population_file_other_indicator", found=rows, where=place(read.frame, int(other[0])))
        return _counts(read, Path(self.file).name)

    def table(self, weight: Weight, breakdown: Mapping[str, str], years: Array) -> Table:
        """The people of the breakdown in each year; NaN everywhere if no source has the breakdown."""
        shape = (len(category(v.REF_AREA).categories), len(years))
        persons, origin = np.full(shape, np.nan), np.full(shape, NONE, dtype=np.int8)
        ages = age_span(str(breakdown[v.AGE]))
        names, remarks = list[str](), list[str]()
        if ages is None or any(code != v.TOTAL for name, code in breakdown.items() if name not in v.DIMENSIONS):
            return Table(persons, origin, (), remarked(weight.name, say("none for this breakdown")))
        key = (breakdown[v.SEX], (max(ages[0], weight.age_from), ages[1]), breakdown[v.URBANISATION])
        editions_used = [_edition_counts(name) for name in weight.editions]
        fits = not self.file or self._has_scope_of(editions_used, key, weight.same_scope)
        for source in [*([self._own] if self.file else []), *(editions_used if fits else [])]:
            counts = source.of(*key)
            if counts is None:
                continue
            at_years = source.at(counts, years)
            new = np.isnan(persons) & ~np.isnan(at_years)
            if new.any():
                origin[new] = len(names)
                names.append(source.name)
                interpolated = not np.isin(years[new.any(axis=0)], source.years).all()
                remarks.append(say(", linear between its years") if interpolated else "")
                self.readings[source.name] = source.readings
            persons = np.where(new, at_years, persons)
        if names and names[0] == Path(self.file).name:
            further = say(" alone: its scope is not that of {name}", name=editions_used[0].name)
            remarks[0] = (_for_areas(origin == 0) if names[1:] else "" if fits else further) + remarks[0]
        parts = say("; then ").join(map("".join, zip(names, remarks, strict=True)))
        return Table(persons, origin, tuple(names), remarked(weight.name, parts or say("none for this breakdown")))

    def _has_scope_of(self, others: Sequence[_Counts], key: tuple[str, tuple[int, int], str], most: float) -> bool:
        """Whether the file counts the same people as the editions: the median quotient of both is 1/most to most.

        The quotients are those of the breakdown in the areas and years that both count. If there are none, they are
        those of all breakdowns of the file; if there are none either, nothing contradicts.
        """
        quotients = self._quotients(others, key)
        if not len(quotients):
            quotients = self._all_quotients(others)
        return not len(quotients) or bool(1 / most <= np.median(quotients) <= most)

    def _all_quotients(self, others: Sequence[_Counts]) -> Array:
        """The quotients of all breakdowns of the file."""
        spans = [(sex, span, urbanisation) for sex, age, urbanisation in self._own.cells if (span := age_span(age))]
        return np.concatenate([np.zeros(0), *(self._quotients(others, each) for each in spans)])

    @property
    def doubts(self) -> tuple[str, ...]:
        """Says which rows of a file that was used are left out, and if its counts are far from those of the editions
        for the same people.
        """
        if "_own" not in self.__dict__:
            return ()
        left_out = tuple(reading.left_out for reading in self._own.readings if reading.left_out)
        names = catalogue().weights["population"].editions
        quotients = self._all_quotients([_edition_counts(name) for name in names])
        middle = float(np.median(quotients)) if len(quotients) else 1.0
        if 1 / FAR <= middle <= FAR:
            return left_out
        count = count_of(len(quotients), "count")
        return (*left_out, say(SCALE, file=self.file, middle=middle, count=count, edition=names[0]))

    def _quotients(self, others: Sequence[_Counts], key: tuple[str, tuple[int, int], str]) -> Array:
        """The counts of the file divided by those of the editions, of one breakdown, where both are known."""
        own, years = self._own.of(*key), self._own.years
        ours = [other.at(counts, years) for other in others if (counts := other.of(*key)) is not None]
        if own is None or not ours:
            return np.zeros(0)
        counted = reduce(_filled, ours)
        both = ~np.isnan(own) & (counted > 0)
        return np.asarray(own[both] / counted[both])


def _for_areas(counted: Mask) -> str:
    """` for BEN, TGO`: the areas (rows) with a marked cell, or the number of them."""
    codes = category(v.REF_AREA).categories[np.flatnonzero(counted.any(axis=1))]
    return say(
        " for {codes}", codes=commas(codes) if len(codes) <= MOST_NAMED else say("{count} areas", count=len(codes))
    )


@cache
def _edition_counts(name: str) -> _Counts:
    return _counts(editions.load(name), name)


def weight_of(indicator: str) -> Weight:
    """The weight of an indicator: that of its aggregation, else the whole population."""
    return catalogue().weights[catalogue().indicators[indicator].aggregation.weight or "population"]


@dataclass(frozen=True)
class PeopleBehind:
    """The people of rows: tables, their people (tables x areas x years), and the table and year of each row."""

    tables: Sequence[Table]
    persons: Array
    years: Array
    table: Array
    year: Array


def people_behind(frame: pd.DataFrame, dimensions: Sequence[str], population: Population) -> PeopleBehind:
    """The people that weight rows of INDICATOR, breakdowns and TIME_PERIOD. Rows with equal weights share a table."""
    breakdown = [v.INDICATOR, *v.DIMENSIONS, *dimensions]
    first, kind = unique_rows(composite_key(frame, breakdown))
    low, high = int(frame[v.TIME_PERIOD].min()), int(frame[v.TIME_PERIOD].max())
    years = np.arange(low, high + 1, dtype=np.int16)
    place: dict[tuple[object, ...], int] = {}
    tables: list[Table] = []
    of_kind = np.zeros(len(first), dtype=np.intp)
    kinds = zip(*(values_of(frame[name].iloc[first]) for name in breakdown), strict=True)
    for index, (indicator, *codes) in enumerate(kinds):
        weight = weight_of(indicator)
        no_edition_counts = any(code != v.TOTAL for code in codes[len(v.DIMENSIONS) :])
        key = (weight.id, None if no_edition_counts else tuple(codes))
        if key not in place:
            place[key] = len(tables)
            tables.append(population.table(weight, dict(zip(breakdown[1:], codes, strict=True)), years))
        of_kind[index] = place[key]
    persons = np.stack([table.persons for table in tables])
    return PeopleBehind(tables, persons, years, of_kind[kind], frame[v.TIME_PERIOD].to_numpy() - low)
