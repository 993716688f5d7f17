"""Populations that weigh the percentages: areas x years, for a breakdown, with the edition that each comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.catalogue import Weight, catalogue
from divide_cli.catalogue.ages import age_span
from divide_cli.errors import SourceError
from divide_cli.frames.columns import category
from divide_cli.frames.keys import composite_key, unique_rows
from divide_cli.frames.observations import Observations, Reading
from divide_cli.frames.schema import conform, place
from divide_cli.sources import editions

Array = npt.NDArray[np.float64]
UNCOUNTED = "not computable: no population for this breakdown and year"


@dataclass(frozen=True)
class Table:
    """Persons by area (rows, in the order of the REF_AREA categories) and year; NaN where no edition counts them.

    `later` marks cells that come from another than the first edition; `label` names the editions.
    """

    persons: Array
    later: npt.NDArray[np.bool_]
    label: str


@dataclass(frozen=True)
class _Counts:
    """One edition's counts: an areas x years array for each breakdown that it holds."""

    name: str
    years: npt.NDArray[np.int16]
    cells: Mapping[tuple[str, str, str], Array]
    readings: tuple[Reading, ...]

    def of(self, sex: str, ages: tuple[int, int], urbanisation: str) -> Array | None:
        """The counts of one breakdown, summed over sexes and age bands where the edition has only parts."""
        held = {span: age for s, age, u in self.cells if (s, u) == (sex, urbanisation) and (span := age_span(age))}
        if not held and sex == v.TOTAL:
            sides = [self.of(side, ages, urbanisation) for side in ("F", "M")]
            return None if sides[0] is None or sides[1] is None else sides[0] + sides[1]
        tiles = [ages] if ages in held else _tiles(sorted(held), ages)
        if not tiles:
            return None
        return np.asarray(np.sum([self.cells[sex, held[tile], urbanisation] for tile in tiles], axis=0))

    def at(self, counts: Array, years: npt.NDArray[np.int16]) -> Array:
        """The counts at other years: as they are where the edition has the year, else linear between its years."""
        after = np.clip(np.searchsorted(self.years, years), 0, len(self.years) - 1)
        before = np.where(self.years[after] == years, after, np.maximum(after - 1, 0))
        step = np.maximum(self.years[after] - self.years[before], 1)
        share = (years - self.years[before]) / step
        inside = (years >= self.years[0]) & (years <= self.years[-1])
        value = counts[:, before] + (counts[:, after] - counts[:, before]) * share
        return np.where(inside, value, np.nan)


def _tiles(held: Sequence[tuple[int, int]], ages: tuple[int, int]) -> list[tuple[int, int]]:
    """The finest bands that fill the span without overlap; none where they cannot."""
    tiles: list[tuple[int, int]] = []
    start = ages[0]
    while start <= ages[1]:
        tile = min((span for span in held if span[0] == start and span[1] <= ages[1]), default=None)
        if tile is None:
            return []
        tiles.append(tile)
        start = tile[1] + 1
    return tiles


def _counts(read: Observations, name: str) -> _Counts:
    frame = read.frame
    first_year, last = int(frame[v.TIME_PERIOD].min()), int(frame[v.TIME_PERIOD].max())
    held = np.unique(frame[v.TIME_PERIOD].to_numpy())
    column = np.full(last - first_year + 1, -1)
    column[held - first_year] = np.arange(len(held))
    first, kind = unique_rows(composite_key(frame, v.DIMENSIONS))
    counts = np.full((len(first), len(category(v.REF_AREA).categories), len(held)), np.nan)
    years = column[frame[v.TIME_PERIOD].to_numpy() - first_year]
    counts[kind, frame[v.REF_AREA].cat.codes.to_numpy(), years] = frame[v.OBS_VALUE].to_numpy()
    keys = zip(*(frame[name].iloc[first].astype(str) for name in v.DIMENSIONS), strict=True)
    cells = {(sex, age, urbanisation): counts[index] for index, (sex, age, urbanisation) in enumerate(keys)}
    return _Counts(name, held.astype(np.int16), cells, read.readings)


@dataclass(frozen=True)
class Population:
    """The populations of a run: the editions of the catalogue, or the user's file in their stead."""

    file: str = ""
    readings: dict[str, tuple[Reading, ...]] = field(default_factory=dict)
    """What was read of each source that weighed anything."""

    @cached_property
    def _own(self) -> _Counts:
        read = readers.load(self.file, Path(self.file).name, indicator="population")
        conform(read.frame, read.dimensions)
        other = np.flatnonzero((read.frame[v.INDICATOR] != "population").to_numpy())
        if len(other):
            raise SourceError(
                "population_file_other_indicator",
                found=f"{read.frame[v.INDICATOR].iloc[other[0]]}, in {len(other)} row{'s' * (len(other) != 1)}",
                where=place(read.frame, int(other[0])),
            )
        return _counts(read, Path(self.file).name)

    def _sources(self, weight: Weight) -> list[_Counts]:
        return [self._own] if self.file else [_edition_counts(name) for name in weight.editions]

    def table(self, weight: Weight, breakdown: Mapping[str, str], years: npt.NDArray[np.int16]) -> Table:
        """Persons of the breakdown at the years; NaN everywhere where no edition can form the breakdown."""
        shape = (len(category(v.REF_AREA).categories), len(years))
        persons = np.full(shape, np.nan)
        later = np.zeros(shape, dtype=bool)
        ages = age_span(str(breakdown[v.AGE]))
        other = any(code != v.TOTAL for name, code in breakdown.items() if name not in v.DIMENSIONS)
        used: list[str] = []
        for source in [] if other or ages is None else self._sources(weight):
            span = (max(ages[0], weight.age_from), ages[1])  # type: ignore[index]
            counts = source.of(breakdown[v.SEX], span, breakdown[v.URBANISATION])
            if counts is None:
                continue
            found = source.at(counts, years)
            new = np.isnan(persons) & ~np.isnan(found)
            if new.any():
                met = years[new.any(axis=0)]
                interpolated = "" if np.isin(met, source.years).all() else ", linear between its years"
                used.append(source.name + interpolated)
                self.readings[source.name] = source.readings
            later |= new & bool(len(used) > 1)
            persons = np.where(new, found, persons)
        return Table(persons, later, f"{weight.name} ({'; then '.join(used) or 'none for this breakdown'})")


@cache
def _edition_counts(name: str) -> _Counts:
    return _counts(editions.load(name), name)


def weight_of(indicator: str) -> Weight:
    """The weight of an indicator: the one of its aggregation, else the whole population."""
    known = catalogue()
    return known.weights[known.indicators[indicator].aggregation.weight or "population"]


def tables_of(
    breakdowns: pd.DataFrame, population: Population, years: npt.NDArray[np.int16]
) -> tuple[list[Table], npt.NDArray[np.intp]]:
    """The distinct tables that weigh the breakdowns (rows of INDICATOR and dimensions), and the table of each row."""
    tables: list[Table] = []
    position: dict[tuple[object, ...], int] = {}
    of_row = np.zeros(len(breakdowns), dtype=np.intp)
    further = [name for name in breakdowns if name not in (v.INDICATOR, *v.DIMENSIONS)]
    for index, row in enumerate(breakdowns.astype(object).to_dict("records")):
        weight = weight_of(str(row[v.INDICATOR]))
        breakdown = {str(name): str(code) for name, code in row.items() if name != v.INDICATOR}
        other = any(
            breakdown[str(name)] != v.TOTAL for name in further
        )  # no edition counts these: one table serves all
        key = (weight.id, None if other else tuple(breakdown.values()))
        if key not in position:
            position[key] = len(tables)
            tables.append(population.table(weight, breakdown, years))
        of_row[index] = position[key]
    return tables, of_row
