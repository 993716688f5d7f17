"""Observations: the canonical frame with what was read to make it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.errors import SourceError
from divide_cli.frames.columns import category, constant
from divide_cli.frames.schema import conform


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
class SetAside:
    """Rows that were not used for one reason: its code in messages.yaml, their number, their lines in ascending order.

    Where they were refused, `error` says what is wrong with the first, `column` where, if it is one cell of a row, and
    `quote`, where the rows differ in it, what stands in the row at a place among them.
    """

    code: str
    reason: str
    rows: int
    lines: Sequence[int]
    error: SourceError | None = None
    column: str = ""
    quote: Callable[[int], str] | None = None


@dataclass(frozen=True)
class Remark:
    """What a reader noticed in rows that it used: what kind of thing, in words, and in which column and lines."""

    kind: str
    text: str
    column: str
    lines: Sequence[int]


@dataclass(frozen=True)
class Reading:
    """What one file gave: the dataflow it was recognised as and by what, and where its rows went.

    `rows` is the number of rows in the file: `used` + those of `ignored` + those of `refused`. `remarks` are those of
    the `notes` that are about rows; `columns` names the column of the file that says a concept.
    """

    file: InputFile
    dataflow: str
    rows: int
    estimates: int
    licence: str = ""
    ignored_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: str = ""
    ignored: tuple[SetAside, ...] = ()
    refused: tuple[SetAside, ...] = ()
    remarks: tuple[Remark, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

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


_ABSENT: Mapping[str, Callable[[int], Any]] = {
    v.DECIMALS: lambda size: pd.array([pd.NA] * size, dtype="Int8"),
    v.CITATION: lambda size: constant("", size),
    v.PRINTED: lambda size: np.full(size, -1, dtype=np.int8),
    v.PADDED: lambda size: np.zeros(size, dtype=bool),
    v.CELL: lambda size: constant("", size),
    **{name: lambda size: np.full(size, np.nan) for name in (*v.QUANTITIES, *v.AMOUNTS)},
}
"""Columns that not every layout has, and what they say of the rows of another."""


def combine(parts: Sequence[Observations]) -> Observations:
    """The rows of all parts, in order; a dimension that a part lacks is a total (`_T`) there."""
    if len(parts) == 1:
        return parts[0]
    extra = tuple(sorted({name for part in parts for name in part.dimensions}))
    absent = {name: _ABSENT[name] for name in _ABSENT if any(name in part.frame for part in parts)}
    absent = {**dict.fromkeys(extra, lambda size: constant(v.TOTAL, size)), **absent}
    frames = []
    for part in parts:
        frame = part.frame.copy(deep=False)
        for name, column in absent.items():
            if name not in frame:
                frame[name] = column(len(frame))
        frames.append(frame)
    joined = {name: _stacked(name, [frame[name] for frame in frames]) for name in frames[0].columns}
    return Observations(pd.DataFrame(joined), extra, tuple(reading for part in parts for reading in part.readings))


def _stacked(name: str, columns: "list[pd.Series[Any]]") -> "pd.Series[Any]":
    """The columns below each other; categories keep the order of their codelist, others are sorted."""
    if not isinstance(columns[0].dtype, pd.CategoricalDtype):
        return pd.concat(columns, ignore_index=True)
    closed = name in (*v.KEY, v.UNIT_MEASURE, v.OBS_STATUS) and len(category(name).categories) > 0
    differ = any(column.dtype != columns[0].dtype for column in columns)
    return pd.Series(pd.api.types.union_categoricals(columns, sort_categories=differ or not closed))


def together(parts: Sequence[Observations]) -> Observations:
    """The rows of several files in one frame; SourceError where two of them have a key in common."""
    joined = combine(parts)
    return joined if len(parts) == 1 else replace(joined, frame=conform(joined.frame, joined.dimensions))
