"""Which figures two sources have in common: key by key, what was added, withdrawn, revised, or stored otherwise.

A key is an area, an indicator, a breakdown and a year. A value is revised if it differs by more than half a unit of the
last decimal of the coarser of the two, which has at least the decimals that its unit is printed with. A smaller
difference is one of precision: 15.4428 and 15.4428229 are the same figure.
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.frames import columns
from divide_cli.frames.columns import Array, Mask

MOST_DECIMALS = 15
"""A double has no more decimals than these in a percentage."""


class Change(StrEnum):
    """What became of a figure from one source to the other."""

    PRECISION = "precision"
    REVISED = "revised"
    ADDED = "added"
    WITHDRAWN = "withdrawn"


FROM, TO, DIFFERENCE, CHANGE = "FROM", "TO", "DIFFERENCE", "CHANGE"
COMMON, EQUAL = "COMMON", "EQUAL"


def changed(
    before: pd.DataFrame, after: pd.DataFrame, dimensions: Sequence[str], across_years: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The figures that differ, in the order of their keys, and, by indicator, how many keys both have (COMMON) and with
    equal values (EQUAL).

    Columns: the key (without TIME_PERIOD if `across_years`), CHANGE, FROM, TO, DIFFERENCE (to - from) and UNIT_MEASURE.
    Observations without a value count as absent.
    """
    names = [v.INDICATOR, v.REF_AREA, *v.DIMENSIONS, *dimensions, *(() if across_years else (v.TIME_PERIOD,))]
    sides = [_with_values(frame, [*names, v.OBS_VALUE, v.UNIT_MEASURE]) for frame in (before, after)]
    keys = pd.DataFrame(
        {name: columns.stacked([_column(side, name) for side in sides], in_order=True) for name in names}
    )
    units = columns.stacked([side[v.UNIT_MEASURE] for side in sides])
    key = columns.composite_key(keys, names)
    first, second = key[: len(sides[0])], key[len(sides[0]) :]
    place = pd.Index(first).get_indexer(pd.Index(second))
    old, new = place[place >= 0], np.flatnonzero(place >= 0)
    values = [side[v.OBS_VALUE].to_numpy() for side in sides]
    differs = np.flatnonzero(values[0][old] != values[1][new])
    withdrawn = np.setdiff1d(np.arange(len(first)), old, assume_unique=True)
    added = np.flatnonzero(place < 0)
    usual = np.array([catalogue().units[unit].decimals for unit in units.categories])[units.codes[old[differs]]]
    close = _same_but_for_precision(values[0][old[differs]], values[1][new[differs]], usual)
    rows = np.concatenate([old[differs], withdrawn, added + len(first)])
    kinds = np.repeat([0, 2, 1], [len(differs), len(withdrawn), len(added)])
    kinds[: len(differs)] = np.where(close, 3, 0)
    frame = keys.iloc[rows].reset_index(drop=True).assign(**{
        CHANGE: columns.labelled(kinds, [Change.REVISED, Change.ADDED, Change.WITHDRAWN, Change.PRECISION]),
        FROM: np.concatenate([values[0][old[differs]], values[0][withdrawn], np.full(len(added), np.nan)]),
        TO: np.concatenate([values[1][new[differs]], np.full(len(withdrawn), np.nan), values[1][added]]),
    })  # fmt: skip
    frame[DIFFERENCE] = frame[TO] - frame[FROM]
    frame[v.UNIT_MEASURE] = pd.Series(units).iloc[rows].array
    order = np.argsort(key[rows], kind="stable")
    indicator = pd.Series(keys[v.INDICATOR]).iloc[old].reset_index(drop=True)
    common, unequal = (part.value_counts(sort=False) for part in (indicator, indicator.iloc[differs]))
    counts = pd.DataFrame({COMMON: common, EQUAL: common - unequal})
    return frame.iloc[order].reset_index(drop=True), counts[counts[COMMON] > 0]


def _with_values(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The rows with a value, in these columns as far as the frame has them."""
    valued, kept = frame[v.OBS_VALUE].notna().to_numpy(), frame[[name for name in names if name in frame]]
    return kept if valued.all() else kept[valued]


def _column(frame: pd.DataFrame, name: str) -> "pd.Series[str]":
    """The column; a total in a dimension that the frame does not have."""
    return frame[name] if name in frame else pd.Series(columns.constant(v.TOTAL, len(frame)))


def _same_but_for_precision(before: Array, after: Array, usual: Array) -> Mask:
    """Whether both values are equal to the decimals of the coarser one, which has at least the usual ones."""
    decimals = np.maximum(np.minimum(_decimals(before), _decimals(after)), usual)
    return np.asarray(np.abs(after - before) <= 0.5 * 10.0**-decimals * (1 + v.EXACT))


def _decimals(values: Array) -> Array:
    """The fewest decimals with which each value can be written."""
    decimals = np.full(len(values), MOST_DECIMALS)
    for places in range(MOST_DECIMALS - 1, -1, -1):
        decimals[np.round(values, places) == values] = places
    return decimals
