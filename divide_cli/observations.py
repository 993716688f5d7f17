"""Observations: the canonical frame with what was read to make it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from divide_cli import vocab as v
from divide_cli.frames import category, conform, constant


@dataclass(frozen=True)
class InputFile:
    """What was read: the name to show, the hash and size of its bytes as given, and how they were understood.

    `encoding` is utf-8, utf-8-sig, utf-16 or windows-1252; `delimiter` and `decimal` are empty where the layout has
    none; `compression` is gzip, zip or empty.
    """

    name: str
    sha256: str
    size: int
    encoding: str
    delimiter: str = ""
    decimal: str = ""
    compression: str = ""


@dataclass(frozen=True)
class Pile:
    """Rows that were not used for one reason: their number and their lines, in ascending order."""

    reason: str
    rows: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Reading:
    """What one file gave: the dataflow it was recognised as and by what, and where its rows went.

    `rows` is the number of rows in the file: `used` + those of `ignored` + those of `refused`.
    """

    file: InputFile
    dataflow: str
    rows: int
    estimates: int
    licence: str = ""
    ignored_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: str = ""
    ignored: tuple[Pile, ...] = ()
    refused: tuple[Pile, ...] = ()

    @property
    def used(self) -> int:
        """Rows that became observations."""
        return self.rows - sum(pile.rows for pile in (*self.ignored, *self.refused))


@dataclass(frozen=True)
class Observations:
    """One row an observation: the key, `dimensions` beyond it, value, unit, status, comment, edition, file and line."""

    frame: pd.DataFrame
    dimensions: tuple[str, ...]
    readings: tuple[Reading, ...]


def combine(parts: Sequence[Observations]) -> Observations:
    """The rows of all parts, in order; a dimension that a part lacks is a total (`_T`) there."""
    if len(parts) == 1:
        return parts[0]
    extra = tuple(sorted({name for part in parts for name in part.dimensions}))
    optional = [name for name in (v.DECIMALS, v.CITATION, *v.AMOUNTS) if any(name in part.frame for part in parts)]
    frames = []
    for part in parts:
        frame = part.frame.copy(deep=False)
        for name in extra:
            if name not in frame:
                frame[name] = constant(v.TOTAL, len(frame))
        for name in optional:
            if name in frame:
                continue
            if name in v.AMOUNTS:
                frame[name] = np.nan
            else:
                frame[name] = (
                    pd.array([pd.NA] * len(frame), dtype="Int8") if name == v.DECIMALS else constant("", len(frame))
                )
        frames.append(frame)
    joined = {}
    for name in frames[0].columns:
        columns = [frame[name] for frame in frames]
        if isinstance(columns[0].dtype, pd.CategoricalDtype):
            differ = any(column.dtype != columns[0].dtype for column in columns)
            joined[name] = pd.Series(
                pd.api.types.union_categoricals(columns, sort_categories=differ or not _closed(name))
            )
        else:
            joined[name] = pd.concat(columns, ignore_index=True)
    return Observations(pd.DataFrame(joined), extra, tuple(reading for part in parts for reading in part.readings))


def _closed(name: str) -> bool:
    return name in (*v.KEY, v.UNIT_MEASURE, v.OBS_STATUS) and len(category(name).categories) > 0


def together(parts: Sequence[Observations]) -> Observations:
    """The rows of several files in one frame; SourceError where two of them have a key in common."""
    joined = combine(parts)
    return (
        joined
        if len(parts) == 1
        else Observations(conform(joined.frame, joined.dimensions), joined.dimensions, joined.readings)
    )
