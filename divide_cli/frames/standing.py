"""Judges a long frame by few of its rows: the rows that stand for all others in every check of single rows.

A check of single rows looks at one code, at two codes together, or at whether a number is within limits. So a frame
passes if a row of each code passes, one of each pair, and the rows with the lowest and the highest number. Whether a
key occurs twice shows in the number of combinations that occur. Neither needs much memory beyond the frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from divide_cli.frames import room
from divide_cli.frames.columns import LIMIT, Array, Mask, composite_key, row_blocks, unique

MANY = 1 << 16
"""The number of rows from which on a frame is long."""
_MARKS = 8
"""How many marks for values of a key there may be for each row; each takes one byte."""
_LISTED = 1 << 22
"""The most combinations of which those that occur are numbered again."""


@dataclass(frozen=True)
class Limited:
    """A column of numbers whose limits depend on a category column: code i has those of number `limits[i]`."""

    column: str
    by: str
    limits: Array


def standing_rows(frame: pd.DataFrame, pairs: Sequence[tuple[str, str]] = (), limited: Limited | None = None) -> Array:
    """The rows that stand for all: of each code and each pair of codes, and those with the most extreme numbers.

    `pairs` are pairs of category columns.
    """
    rows = [np.zeros(0, dtype=np.int64)]
    for name in frame:
        codes, least, number = _codes(frame[name])
        if not pd.api.types.is_numeric_dtype(frame[name].dtype) and codes is None:
            return np.arange(len(frame))  # texts that are not coded: each row may differ
        if codes is None:
            own = limited if limited and limited.column == name else None
            rows.append(_extremes(frame[name].array, frame[own.by].array.codes if own else None, own))
        elif isinstance(frame[name].dtype, pd.CategoricalDtype):
            rows.append(_of_each([(codes, least, number)]))
        else:
            rows.append(_ends(codes))
    rows += [_of_each([_codes(frame[name]) for name in pair]) for pair in pairs]
    return np.unique(np.concatenate(rows))


def is_key(frame: pd.DataFrame, columns: Sequence[str]) -> bool:
    """Whether no combination of values occurs twice. Columns are categories or integers.

    Combinations are numbered a few columns at a time, those that occur only. So the numbers stay small, and a mark for
    each shows how many occur. If there are too many for that, the numbers are sorted.
    """
    coded = sorted((_codes(frame[name]) for name in columns), key=lambda column: column[2])
    steps: list[_Step] = []
    size = 1
    while coded:
        some = [coded.pop(0)]
        size *= some[0][2]
        while coded and size * coded[0][2] <= _LISTED:
            size *= coded[0][2]
            some.append(coded.pop(0))
        if size > LIMIT:
            return unique(composite_key(frame, columns))
        steps.append(_Step(some))
        if size <= _LISTED and 2 * (found := np.flatnonzero(_seen(steps, len(frame), size))).size <= size:
            steps[-1].place = np.zeros(size, dtype=np.int32)
            steps[-1].place[found] = np.arange(found.size, dtype=np.int32)
            size = found.size
    if size <= _MARKS * len(frame):
        return int(_seen(steps, len(frame), size).sum()) == len(frame)
    key = room.column(len(frame), np.int64)
    for rows in row_blocks(len(frame)):
        key[rows] = _key(steps, rows, np.int64)
    key.sort()
    return not any((key[rows] == key[rows.start + 1 : rows.stop + 1]).any() for rows in row_blocks(len(key) - 1))


@dataclass
class _Step:
    """Columns that join a key, and the number of each value that it has with them, if few of the values occur."""

    columns: "Sequence[Coded]"
    place: Array | None = None


def _key(steps: Sequence[_Step], rows: slice, kind: type[np.integer]) -> Array:
    """The key of each row after the steps."""
    key = np.zeros(rows.stop - rows.start, dtype=kind)
    for step in steps:
        for codes, least, number in step.columns:
            key *= kind(number)
            key += codes[rows]
            key -= kind(least)
        if step.place is not None:
            key = step.place[key].astype(kind, copy=False)
    return key


def _seen(steps: Sequence[_Step], rows: int, size: int) -> Mask:
    """Which of the values of the key occur."""
    seen, kind = np.zeros(size, dtype=bool), np.int32 if size <= np.iinfo(np.int32).max else np.int64
    for part in row_blocks(rows):
        seen[_key(steps, part, kind)] = True
    return seen


Coded = tuple[Array, int, int]
"""Codes, the least of them, and the number of codes from there on."""


def _codes(column: "pd.Series[Any]") -> tuple[Any, int, int]:
    """The codes of a category column, of which -1 is that of a missing one, or integers; None for other numbers."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.array.codes, -1, len(column.cat.categories) + 1
    if not isinstance(column.dtype, np.dtype) or column.dtype.kind not in "iu":
        return None, 0, 0
    integers = column.to_numpy()
    ends = integers[_ends(integers)]
    low, high = (int(ends.min()), int(ends.max())) if len(ends) else (0, 0)
    return integers, low, high - low + 1


def _ends(integers: Array) -> Array:
    """The rows with the lowest and the highest integer of each block."""
    blocks = ((rows.start, integers[rows]) for rows in row_blocks(len(integers)))
    return np.array([start + end(block) for start, block in blocks for end in (np.argmin, np.argmax)], dtype=np.int64)


def _of_each(columns: Sequence[Coded]) -> Array:
    """A row of each combination that occurs."""
    row_of = np.full(int(np.prod([number for _, _, number in columns])), -1, dtype=np.int64)
    for rows in row_blocks(len(columns[0][0])):
        if len(columns) == 1 and (same := columns[0][0][rows]).min() == same.max():
            row_of[int(same[0]) - columns[0][1]] = rows.start
            continue
        key = np.zeros(rows.stop - rows.start, dtype=np.int32)
        for codes, least, number in columns:
            key = key * number + (codes[rows].astype(np.int32) - least)
        row_of[key] = np.arange(rows.start, rows.stop)
    return row_of[row_of >= 0]


def _extremes(column: Any, codes: Array | None, limited: Limited | None) -> Array:
    """The rows with the lowest and the highest number of each block, under each of the limits, and a missing one."""
    found: list[int] = []
    for rows in row_blocks(len(column)):
        values = np.asarray(column[rows].to_numpy(dtype=np.float64, na_value=np.nan))
        missing = np.isnan(values)
        masks = [~missing]
        if codes is not None and limited is not None:
            limits = limited.limits[codes[rows]]
            masks = [~missing & (limits == number) for number in np.flatnonzero(np.bincount(limits))]
        for mask in masks:
            if mask.any():
                found.append(rows.start + int(np.argmin(np.where(mask, values, np.inf))))
                found.append(rows.start + int(np.argmax(np.where(mask, values, -np.inf))))
        if missing.any():
            found.append(rows.start + int(np.argmax(missing)))
    return np.array(found, dtype=np.int64)
