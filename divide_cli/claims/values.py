"""The one computation that all claims are taken from, found by key: published figures, and figures from countries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Result
from divide_cli.catalogue import economies
from divide_cli.claims.arithmetic import Key, Number
from divide_cli.claims.records import COUNTRIES, PUBLISHED

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
        """The years at a key; empty where the edition has none on that basis."""
        return self.numbers.get((edition, basis), {}).get(key, {})

    def has(self, edition: str, basis: str) -> bool:
        """Whether the edition has any number on that basis."""
        return (edition, basis) in self.numbers

    def keys(self, edition: str, basis: str, what: str) -> list[Key]:
        """The keys that an edition has of an indicator or gap."""
        return [key for key in self.numbers.get((edition, basis), {}) if key[0] == what]

    def economies(
        self, edition: str, indicator: str, breakdown: tuple[str, str, str], year: int | None
    ) -> pd.DataFrame:
        """The economies' values of one year, or each economy's latest: REF_AREA, TIME_PERIOD, OBS_VALUE."""
        frame = self.observed.get(edition)
        if frame is None:
            return pd.DataFrame({v.REF_AREA: [], v.TIME_PERIOD: [], v.OBS_VALUE: []})
        rows = chosen(frame, self.dimensions, indicator, breakdown) & ~np.isnan(frame[v.OBS_VALUE].to_numpy())
        rows &= frame[v.REF_AREA].isin(economies()).to_numpy()
        if year is not None:
            rows &= (frame[v.TIME_PERIOD] == year).to_numpy()
        part = frame.loc[rows, [v.REF_AREA, v.TIME_PERIOD, v.OBS_VALUE]].sort_values([v.REF_AREA, v.TIME_PERIOD])
        latest: pd.DataFrame = part.drop_duplicates(v.REF_AREA, keep="last")
        return latest

    def place(self, edition: str, key: Key, year: int) -> str:
        """`edition/file:line (cell of the source)` of a published figure; empty where it is none."""
        frame = self.observed.get(edition)
        if frame is None:
            return ""
        rows = chosen(frame, self.dimensions, key[0], (key[2], key[3], key[4]))
        rows &= (frame[v.REF_AREA] == key[1]).to_numpy() & (frame[v.TIME_PERIOD] == year).to_numpy()
        at = np.flatnonzero(rows)
        if not len(at):
            return ""
        row = frame.iloc[at[0]]
        cited = f" ({row[v.CITATION]})" if v.CITATION in frame and row[v.CITATION] else ""
        return f"{edition}/{Path(row[v.FILE]).name}:{row[v.LINE]}{cited}"


def chosen(
    frame: pd.DataFrame, dimensions: tuple[str, ...], indicator: str, breakdown: tuple[str, str, str]
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which rows are of the indicator and the breakdown, and a total in every further dimension."""
    codes = {v.INDICATOR: indicator, **dict(zip(v.DIMENSIONS, breakdown, strict=True))}
    codes |= {name: v.TOTAL for name in dimensions if name in frame}
    rows = np.ones(len(frame), dtype=bool)
    for name, code in codes.items():
        rows &= (frame[name] == code).to_numpy()
    return rows


def index(
    parts: Iterable[tuple[pd.DataFrame, "pd.Series[float] | None"]], dimensions: tuple[str, ...]
) -> dict[tuple[str, str], dict[Key, dict[int, Number]]]:
    """The rows of frames of aggregates or gaps, with the people behind them where they are known, by key."""
    made: dict[tuple[str, str], dict[Key, dict[int, Number]]] = {}
    for frame, persons in parts:
        if len(frame):
            _index(made, frame, dimensions, persons)
    return made


def _index(
    made: dict[tuple[str, str], dict[Key, dict[int, Number]]],
    frame: pd.DataFrame,
    dimensions: tuple[str, ...],
    persons: "pd.Series[float] | None",
) -> None:
    """Adds the rows of aggregates or gaps; a dimension that a gap is over counts as a total."""
    keep = np.ones(len(frame), dtype=bool)
    for name in dimensions:
        keep &= frame[name].isin((v.TOTAL, v.NOT_APPLICABLE)).to_numpy()
    rows = np.flatnonzero(keep)
    part = frame.iloc[rows]
    people = persons.iloc[rows].tolist() if persons is not None else [float("nan")] * len(rows)
    what = [v.GAP, v.MEASURE] if v.GAP in part else [v.INDICATOR]
    names = [" ".join(words) for words in zip(*(part[name].tolist() for name in what), strict=True)]
    key = (v.EDITION, v.MEMBERSHIP, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)
    columns = (*key, v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER, v.COVERAGE, v.OBS_COMMENT)
    for name, n, row in zip(names, people, zip(*(part[c].tolist() for c in columns), strict=True), strict=True):
        edition, membership, area, *breakdown, year, value, lower, upper, coverage, said = row
        basis = PUBLISHED if membership == v.AS_PUBLISHED else COUNTRIES
        codes = [v.TOTAL if code == v.NOT_APPLICABLE else code for code in breakdown]
        key = (name, area, *codes)
        missing = "" if value == value else said or "no value"  # noqa: PLR0124 (NaN is not itself)
        found = Number(value, lower, upper, coverage, n, membership, year, ((edition, *key, str(year)),), missing)
        made.setdefault((edition, basis), {}).setdefault(key, {})[year] = found
