"""Populations that weight percentages: areas x years for each breakdown, with the editions they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.catalogue import Weight, catalogue
from divide_cli.catalogue.codelists import age_span
from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import plural
from divide_cli.frames.columns import Array, Mask, category, composite_key, unique_rows
from divide_cli.frames.observations import Observations, Reading
from divide_cli.frames.schema import conform, place
from divide_cli.sources import editions

UNCOUNTED = "not computable: no population for this breakdown and year"


@dataclass(frozen=True)
class Table:
    """People by area (rows, in the order of the REF_AREA categories) and year; NaN if no edition counts them.

    `later` marks cells that do not come from the first edition. `label` names the editions.
    """

    persons: Array
    later: Mask
    label: str


@dataclass(frozen=True)
class _Counts:
    """The counts of one edition: an array of areas x years for each of its breakdowns."""

    name: str
    years: Array
    cells: Mapping[tuple[str, str, str], Array]
    readings: tuple[Reading, ...]

    def of(self, sex: str, ages: tuple[int, int], urbanisation: str) -> Array | None:
        """The counts of one breakdown, as a sum over sexes and age bands if the edition has only parts of it."""
        bands = {span: age for s, age, u in self.cells if (s, u) == (sex, urbanisation) and (span := age_span(age))}
        if not bands and sex == v.TOTAL:
            sides = [self.of(side, ages, urbanisation) for side in ("F", "M")]
            return None if sides[0] is None or sides[1] is None else sides[0] + sides[1]
        tiles = [ages] if ages in bands else _tiles(sorted(bands), ages)
        if not tiles:
            return None
        return np.asarray(np.sum([self.cells[sex, bands[tile], urbanisation] for tile in tiles], axis=0))

    def at(self, counts: Array, years: Array) -> Array:
        """The counts for other years: those of the edition, else a linear interpolation between its years."""
        after = np.clip(np.searchsorted(self.years, years), 0, len(self.years) - 1)
        before = np.where(self.years[after] == years, after, np.maximum(after - 1, 0))
        step = np.maximum(self.years[after] - self.years[before], 1)
        share = (years - self.years[before]) / step
        inside = (years >= self.years[0]) & (years <= self.years[-1])
        value = counts[:, before] + (counts[:, after] - counts[:, before]) * share
        return np.where(inside, value, np.nan)


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
    keys = zip(*(frame[name].iloc[first].astype(str) for name in v.DIMENSIONS), strict=True)
    cells = {(sex, age, urbanisation): counts[index] for index, (sex, age, urbanisation) in enumerate(keys)}
    return _Counts(name, years.astype(np.int16), cells, observations.readings)


@dataclass(frozen=True)
class Population:
    """The populations of a run: the editions of the catalogue, or the user's file."""

    file: str = ""
    readings: dict[str, tuple[Reading, ...]] = field(default_factory=dict)
    """The Readings of each source that was used."""

    @cached_property
    def _own(self) -> _Counts:
        read = readers.load(self.file, Path(self.file).name, indicator="population")
        conform(read.frame, read.dimensions)
        other = np.flatnonzero((read.frame[v.INDICATOR] != "population").to_numpy())
        if len(other):
            rows = f"{read.frame[v.INDICATOR].iloc[other[0]]}, in {len(other)} {plural(len(other), 'row')}"
            raise SourceError("population_file_other_indicator", found=rows, where=place(read.frame, int(other[0])))
        return _counts(read, Path(self.file).name)

    def table(self, weight: Weight, breakdown: Mapping[str, str], years: Array) -> Table:
        """The people of the breakdown in each year; NaN everywhere if no edition has the breakdown."""
        shape = (len(category(v.REF_AREA).categories), len(years))
        persons = np.full(shape, np.nan)
        later = np.zeros(shape, dtype=bool)
        ages = age_span(str(breakdown[v.AGE]))
        other = any(code != v.TOTAL for name, code in breakdown.items() if name not in v.DIMENSIONS)
        names: list[str] = []
        sources = [self._own] if self.file else map(_edition_counts, weight.editions)
        for source in [] if other or ages is None else sources:
            span = (max(ages[0], weight.age_from), ages[1])  # type: ignore[index]
            counts = source.of(breakdown[v.SEX], span, breakdown[v.URBANISATION])
            if counts is None:
                continue
            at_years = source.at(counts, years)
            new = np.isnan(persons) & ~np.isnan(at_years)
            if new.any():
                interpolated = not np.isin(years[new.any(axis=0)], source.years).all()
                names.append(f"{source.name}, linear between its years" if interpolated else source.name)
                self.readings[source.name] = source.readings
            later |= new & bool(len(names) > 1)
            persons = np.where(new, at_years, persons)
        return Table(persons, later, f"{weight.name} ({'; then '.join(names) or 'none for this breakdown'})")


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
    kinds = zip(*(frame[name].iloc[first].astype(str) for name in breakdown), strict=True)
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
