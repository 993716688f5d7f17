"""The panels that estimates are tested on: DataHub's figures with who observed each, the editions, and the weights.

The rows of DataHub are read from $DIVIDE_RAW and stay there: only errors and counts are written.
"""

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.estimates.model import Panel
from divide_cli.catalogue import catalogue
from divide_cli.sources import editions
from divide_cli.sources.groupings import Membership, membership, vintage
from divide_cli.sources.population import Population

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
ROOT = Path(__file__).resolve().parents[2]
DATAHUB = "itu_datahub_2026_04/individuals-using-the-internet.csv"
YEARS = np.arange(2000, 2026)
MODEL = catalogue().estimates["estimates"]


def raw_folder() -> Path:
    """The folder of raw files."""
    return Path(os.environ.get("DIVIDE_RAW") or ROOT.parent / "shared" / "data")


@dataclass(frozen=True)
class World:
    """The economies in order, their groups, GNI per head and people; a panel is made of percentages of these."""

    areas: tuple[str, ...]
    members: Membership
    income: npt.NDArray[np.int64]
    region: npt.NDArray[np.int64]
    covariate: Array
    people: Array

    def panel(self, percent: Array) -> Panel:
        """The panel with these percentages."""
        return Panel(percent, self.income, self.region, self.covariate)

    def matrix(self, codes: "pd.Series[str]", years: "pd.Series[int]", values: "pd.Series[float]") -> Array:
        """The values by economy and year; NaN where there is none."""
        place = {code: row for row, code in enumerate(self.areas)}
        table = np.full((len(self.areas), len(YEARS)), np.nan)
        row = codes.map(place)
        inside = row.notna() & years.between(YEARS[0], YEARS[-1])
        table[row[inside].astype(int), years[inside] - YEARS[0]] = values[inside]
        return table

    def group(self, code: str) -> Mask:
        """The economies of a group."""
        return np.isin(self.areas, list(self.members.groups[code]))


def world(income_fy: str = "FY26") -> World:
    """All economies, in the groups of that fiscal year."""
    members = membership(vintage(income_fy, date.max))
    areas = tuple(sorted(members.groups[v.WORLD]))
    numbers = [_numbers(areas, members, catalogue().groupings[name].codes) for name in (MODEL.income, MODEL.region)]
    empty = World(areas, members, *numbers, np.zeros(0), np.zeros(0))
    gni = editions.load(MODEL.level.covariate).frame
    covariate = np.log(empty.matrix(gni[v.REF_AREA].astype(str), gni[v.TIME_PERIOD], gni[v.OBS_VALUE]))
    covariate = pd.DataFrame(covariate).ffill(axis=1).bfill(axis=1).to_numpy()
    everybody = dict.fromkeys(v.DIMENSIONS, v.TOTAL)
    table = Population().table(catalogue().weights["population"], everybody, YEARS.astype(np.int16))
    from divide_cli.frames.columns import category

    rows = category(v.REF_AREA).categories.get_indexer(pd.Index(areas))
    return World(areas, members, *numbers, covariate, np.nan_to_num(table.persons[rows]))


def _numbers(areas: tuple[str, ...], members: Membership, codes: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """The group of each economy as a number; the last one for economies of none."""
    numbers = np.full(len(areas), len(codes))
    for number, code in enumerate(codes):
        numbers[np.isin(areas, list(members.groups[code]))] = number
    return numbers


def datahub(of: World) -> tuple[Array, Mask]:
    """DataHub's percentages, and which of them an office observed: `dataSource` names one, and no estimate."""
    rows = pd.read_csv(raw_folder() / DATAHUB, encoding="utf-8-sig")
    source = rows["dataSource"].fillna("").str.strip()
    observed = (source != "") & ~source.str.contains("estimate", case=False)
    key = rows["entityIso"], rows["dataYear"]
    return of.matrix(*key, rows["dataValue"]), of.matrix(*key, observed.astype(float)) == 1


def embedded(of: World, edition: str) -> Array:
    """The percentages of an embedded edition, total in every dimension."""
    frame = editions.load(edition).frame
    return of.matrix(frame[v.REF_AREA].astype(str), frame[v.TIME_PERIOD], frame[v.OBS_VALUE])
