"""Observations: the canonical frame, with the record of what was read to make it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import count_of, plural
from divide_cli.frames.columns import category, constant, stacked
from divide_cli.frames.schema import conform, doubts
from divide_cli.language import clauses, commas, later, remarked, say

LEFT_OUT = later("{file}: {count:,} of {rows} left out, since they are rejected: {reasons}")
"""How a computation names the rows of a file that it goes on without."""
NAMED_LINES = 8


@dataclass(frozen=True)
class Remark:
    """An observation of the reader about rows that it used: its kind, its text, the column and the lines."""

    kind: str
    text: str
    column: str
    lines: Sequence[int]


@dataclass(frozen=True)
class InputFile:
    """A file that was read: its name in reports, the hash and size of its bytes as given, and how they were decoded.

    `encoding` is utf-8, utf-16, windows-1252 or another name that `--encoding` takes. `reason` says why it was taken if
    the file does not show it, and `remarks` what speaks against it. `delimiter` and `decimal` are empty if the layout
    has none. `compression` is gzip, zip or empty.
    """

    name: str
    sha256: str
    size: int
    encoding: str
    delimiter: str = ""
    decimal: str = ""
    compression: str = ""
    reason: str = ""
    remarks: tuple[Remark, ...] = ()

    @property
    def decoded_as(self) -> str:
        """The encoding and why it was taken, in words; empty if the file shows its encoding."""
        return say("read as {encoding}: {reason}", encoding=self.encoding, reason=self.reason) if self.reason else ""


@dataclass(frozen=True)
class SetAside:
    """Rows that were not used for the same reason: its code in messages.yaml, their number, their lines in order.

    For rejected rows, `error` says what is wrong with the first, and `column` names the column if one cell is wrong.
    `quote` gives the wrong text of each row, by its position among them, if the texts differ.
    """

    code: str
    reason: str
    rows: int
    lines: Sequence[int]
    error: SourceError | None = None
    column: str = ""
    quote: Callable[[int], str] | None = None


@dataclass(frozen=True)
class Reading:
    """The record of reading one file: its layout, the evidence for it, and the fate of its rows.

    `rows` is the number of rows in the file: `used` + those of `ignored` + those of `refused`. `remarks` are those of
    the `notes` that concern rows. `doubts` say what is improbable of whole series. `columns` gives the column of the
    file for each concept.
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
    doubts: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def used(self) -> int:
        """Rows that became observations."""
        return self.rows - sum(pile.rows for pile in (*self.ignored, *self.refused))

    @property
    def left_out(self) -> str:
        """How many rows are rejected, for which reasons and on which lines, in words; empty if none is."""
        lines: dict[str, list[int]] = {}
        for pile in self.refused:
            lines.setdefault(pile.error.subject if pile.error else pile.reason, []).extend(pile.lines)
        reasons = clauses(remarked(reason, _lines(of_reason)) for reason, of_reason in lines.items())
        count = sum(pile.rows for pile in self.refused)
        parts = {"file": self.file.name, "count": count, "rows": count_of(self.rows, "row"), "reasons": reasons}
        return say(LEFT_OUT, **parts) if count else ""


def _lines(lines: Sequence[int]) -> str:
    """`lines 2, 5 and 3 more`."""
    distinct = sorted(set(lines))
    more = say(" and {count:,} more", count=len(distinct) - NAMED_LINES) if len(distinct) > NAMED_LINES else ""
    return f"{plural(len(distinct), 'line')} {commas(distinct[:NAMED_LINES])}{more}"


@dataclass(frozen=True)
class Observations:
    """One row for each observation: key, further `dimensions`, value, unit, status, comment, edition, file and line."""

    frame: pd.DataFrame
    dimensions: tuple[str, ...]
    readings: tuple[Reading, ...]


def from_records(records: Sequence[Mapping[str, Any]], names: Iterable[str]) -> pd.DataFrame:
    """The records as a frame of observations with these columns."""
    types: dict[str, Any] = {v.TIME_PERIOD: "int16", v.OBS_VALUE: "float64", v.DECIMALS: "Int8", v.LINE: "int32"}
    types |= dict.fromkeys((v.OBS_COMMENT, v.CITATION, v.FILE, v.EDITION), "category")
    dtypes = {name: types.get(name) or category(name) for name in names}
    return pd.DataFrame(list(records), columns=list(dtypes)).astype(dtypes)


def unknown_decimals(size: int) -> "pd.arrays.IntegerArray":
    """A column of DECIMALS in which every value is missing."""
    return pd.arrays.IntegerArray(np.zeros(size, dtype=np.int8), np.ones(size, dtype=bool))


_ABSENT: Mapping[str, Callable[[int], Any]] = {
    v.DECIMALS: unknown_decimals,
    v.CITATION: lambda size: constant("", size),
    v.PRINTED: lambda size: np.full(size, -1, dtype=np.int8),
    v.PADDED: lambda size: np.zeros(size, dtype=bool),
    v.CELL: lambda size: constant("", size),
    v.LABELS: lambda size: constant("", size),
    **{name: lambda size: np.full(size, np.nan) for name in (*v.QUANTITIES, *v.AMOUNTS)},
}
"""Columns that not every layout has, with their values for the rows of other layouts."""


def combine(parts: Sequence[Observations]) -> Observations:
    """The rows of all parts, in order. A part without one of the dimensions has the total (`_T`) there."""
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
    """The columns, one below the other. Codes keep the order of their codelist; other categories are sorted."""
    closed = name in (*v.KEY, v.UNIT_MEASURE, v.OBS_STATUS) and len(category(name).categories) > 0
    differ = any(column.dtype != columns[0].dtype for column in columns)
    return pd.Series(stacked(columns, differ or not closed))


def doubted(read: Observations) -> Observations:
    """The observations of one file, whose record says which rows are left out and what is improbable of its series."""
    first, *others = read.readings
    told = (*filter(None, [first.left_out]), *doubts(read.frame))
    return replace(read, readings=(replace(first, doubts=told), *others))


def together(parts: Sequence[Observations]) -> Observations:
    """The rows of several files in one frame; SourceError if two files have a key in common."""
    joined = combine(parts)
    return joined if len(parts) == 1 else replace(joined, frame=conform(joined.frame, joined.dimensions))
