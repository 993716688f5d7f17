"""Sorts the rows of a submission by series and year: observations -> the submission that the rules take."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.frames import room
from divide_cli.frames.columns import (
    LIMIT,
    Array,
    Codes,
    Texts,
    column_at,
    counts_of,
    divided,
    packed,
    row_blocks,
    taken,
    texts_type,
    unique_rows,
)
from divide_cli.frames.observations import Observations
from divide_cli.validation.rules.submission import DIMENSIONS, DimensionIndex, Submission

_BITS = 63
"""The bits of a key and the position of its row, which are sorted as one number if they fit."""

AT_ONCE = 1 << 24
"""The most keys that are sorted at a time."""
_SAMPLED = 1 << 10
"""The keys of a sample for each part of the keys that is sorted by itself."""
_SHORTEST = 8
"""The mean length of runs of ascending keys from which on merging them takes less time than sorting all keys."""


def submission_of(
    read: Observations, today: date | None = None, against: tuple[str, ...] = (), give_up: bool = False
) -> Submission:
    """The submission in the form that the rules take, as of today or another day, and the editions to compare with.

    If the observations `give_up` their columns, each leaves the frame as soon as it is sorted: nobody else may need it.
    """
    frame = read.frame if give_up else read.frame.copy(deep=False)
    columns = {name: frame.pop(name).array for name in frame.columns.tolist()}
    key, strides, years = _keys(columns, read.dimensions)
    order = _sorted(key)
    if not all((np.diff(order[rows.start : rows.stop + 1]) > 0).all() for rows in row_blocks(len(order))):
        for name, column in columns.items():
            room.release()
            columns[name] = column_at(column, order)
    frame = pd.DataFrame(columns, copy=False)
    return Submission(
        read=replace(read, frame=frame),
        order=order,
        key=key,
        index={name: _digit(frame[name].array, stride) for name, stride in strides.items()},
        years=years,
        value=frame[v.OBS_VALUE].to_numpy(),
        year=frame[v.TIME_PERIOD].to_numpy(),
        gated=np.zeros(len(frame), dtype=bool),
        today=today or date.today(),
        against=against,
    )


def _keys(columns: dict[str, Any], further: Sequence[str]) -> tuple[Codes, dict[str, int], int]:
    """The key of each row, the stride of each dimension in it, and the number of years.

    The columns of the dimensions keep the codes in use alone, so that the number of a code is its digit.
    """
    year = columns[v.TIME_PERIOD].to_numpy()
    low, high = (int(year.min()), int(year.max())) if len(year) else (0, 0)
    stride = years = high - low + 1
    key = room.column(len(year), np.int64)
    for rows in row_blocks(len(key)):
        key[rows] = year[rows].astype(np.int64) - low
    strides = {}
    for name in reversed(DIMENSIONS):
        numbers, codes = _in_use(columns[name])
        columns[name] = pd.Categorical.from_codes(numbers, dtype=texts_type(codes), validate=False)
        strides[name] = stride
        _add(key, numbers, stride)
        stride *= max(len(codes), 1)
    if further:
        _add_further(key, [columns[name] for name in further], stride)
    return key, strides, years


def _digit(column: Texts, stride: int) -> DimensionIndex:
    """The dimension of a column, all of whose codes are in use."""
    return DimensionIndex(tuple(map(str, column.categories)), column.codes, stride)


def _in_use(column: Texts) -> tuple[Array, tuple[str, ...]]:
    """The number of each row's code among those in use, and these codes."""
    used = np.flatnonzero(counts_of(column))
    number = np.full(len(column.categories) + 1, -1, dtype=np.min_scalar_type(-max(len(used), 1)))
    number[used] = np.arange(len(used))
    return taken(number, column.codes), tuple(map(str, column.categories[used]))


def _add(key: Codes, digits: Array, stride: int) -> None:
    """Adds a digit of that stride to the keys."""
    for rows in row_blocks(len(key)):
        key[rows] += digits[rows].astype(np.int64) * stride


def _add_further(key: Codes, columns: Sequence[Texts], stride: int) -> None:
    """Adds the further dimensions to the keys, the last one with the stride. They are numbered by texts, so that the
    order of rows decides nothing.

    If their digits do not fit, the combinations that occur are numbered instead.
    """
    places = [np.argsort(np.argsort(np.asarray(one.categories, dtype=object), kind="stable")) for one in columns]
    sizes = [len(place) + 1 for place in places]

    def digits(column: Texts, place: Array) -> Array:
        number = np.append(place + 1, 0).astype(np.min_scalar_type(-len(place) - 1))
        return taken(number, column.codes)

    if math.prod(sizes) <= LIMIT // stride or len(columns) == 1:
        for column, place, size in reversed(list(zip(columns, places, sizes, strict=True))):
            _add(key, digits(column, place), stride)
            stride *= size
    else:
        coded = [(digits(column, place), size) for column, place, size in zip(columns, places, sizes, strict=True)]
        _add(key, unique_rows(packed(coded, len(key)))[1], stride)


def _sorted(key: Codes) -> npt.NDArray[np.int32]:
    """Sorts the keys, equal ones in the order of their rows, and returns the row of each.

    Key and row are sorted as one number where they fit into one, which takes less time and memory. A file is mostly
    written in some order: then its runs of ascending keys are merged.
    """
    falls = sum(int(np.count_nonzero(np.diff(key[rows.start : rows.stop + 1]) < 0)) for rows in row_blocks(len(key)))
    bits = len(key).bit_length()
    highest = max((int(key[rows].max()) for rows in row_blocks(len(key))), default=0)
    if highest.bit_length() + bits > _BITS or any(key[rows].min() < 0 for rows in row_blocks(len(key))):
        order = np.argsort(key, kind="stable").astype(np.int32)
        key[:] = key[order]
        return order
    for rows in row_blocks(len(key)):
        key[rows] = key[rows] << bits | np.arange(rows.start, rows.stop)
    room.release()
    if falls:
        _sort(key, "stable" if falls < len(key) // _SHORTEST else None)
    order = room.column(len(key), np.int32)
    for rows in row_blocks(len(key)):
        order[rows] = key[rows] & ((1 << bits) - 1)
        key[rows] >>= bits
    return order


def _sort(keys: Codes, kind: Literal["stable"] | None) -> None:
    """Sorts distinct keys where they are.

    Very many are first divided into parts, by limits that are the quantiles of a sample. The parts are sorted one after
    the other, so that few keys are in memory.
    """
    if len(keys) <= AT_ONCE:
        keys.sort(kind=kind)
        return
    parts = 2 * -(-len(keys) // AT_ONCE)
    step = max(len(keys) // (parts * _SAMPLED), 1)
    sample = np.concatenate([keys[rows][::step].copy() for rows in row_blocks(len(keys))])
    limits = np.sort(sample)[_SAMPLED::_SAMPLED]
    part = room.column(len(keys), np.min_scalar_type(len(limits)))
    size = np.zeros(len(limits) + 1, dtype=np.int64)
    for rows in row_blocks(len(keys)):
        part[rows] = np.searchsorted(limits, keys[rows])
        size += np.bincount(part[rows], minlength=len(size))
    in_parts = divided(keys, part, size)
    for end, count in zip(np.cumsum(size), size, strict=True):
        own = slice(end - count, end)
        in_parts[own].sort(kind=kind)
        keys[own] = in_parts[own]
        room.release()
