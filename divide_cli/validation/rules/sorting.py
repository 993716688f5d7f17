"""Sorts the rows of a submission by series and year: observations -> the submission that the rules take."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

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
    counts_of,
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

_SHORTEST = 8
"""The mean length of runs of ascending keys from which on merging them takes less time than sorting all keys."""


def submission_of(
    read: Observations, today: date | None = None, against: tuple[str, ...] = (), give_up: bool = False
) -> Submission:
    """The submission in the form that the rules take, as of today or another day, and the editions to compare with.

    If the observations `give_up` their columns, each leaves the frame as soon as it is sorted: nobody else may need it.
    """
    frame = read.frame if give_up else read.frame.copy(deep=False)
    key, strides, years = _keys(frame, read.dimensions)
    order = _sorted(key)
    if not all((np.diff(order[rows.start : rows.stop + 1]) > 0).all() for rows in row_blocks(len(order))):
        room.release()
        frame = pd.DataFrame(
            {name: _taken(frame.pop(name).array, order) for name in frame.columns.tolist()}, copy=False
        )
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


def _keys(frame: pd.DataFrame, further: Sequence[str]) -> tuple[Codes, dict[str, int], int]:
    """The key of each row, the stride of each dimension in it, and the number of years.

    The columns of the dimensions keep the codes in use alone, so that the number of a code is its digit.
    """
    year = frame[v.TIME_PERIOD].to_numpy()
    low, high = (int(year.min()), int(year.max())) if len(year) else (0, 0)
    stride = years = high - low + 1
    key = room.column(len(year), np.int64)
    for rows in row_blocks(len(key)):
        key[rows] = year[rows].astype(np.int64) - low
    strides = {}
    for name in reversed(DIMENSIONS):
        numbers, codes = _in_use(frame[name].array)
        frame[name] = pd.Categorical.from_codes(numbers, dtype=texts_type(codes), validate=False)
        strides[name] = stride
        _add(key, numbers, stride)
        stride *= max(len(codes), 1)
    if further:
        _add_further(key, frame, further, stride)
    return key, strides, years


def _digit(column: Texts, stride: int) -> DimensionIndex:
    """The dimension of a column, all of whose codes are in use."""
    return DimensionIndex(tuple(map(str, column.categories)), column.codes, stride)


def _taken(column: Any, order: Array) -> Any:
    """The column in that order."""
    if isinstance(column, pd.Categorical):
        return pd.Categorical.from_codes(taken(column.codes, order), dtype=column.dtype, validate=False)
    if isinstance(column, pd.arrays.NumpyExtensionArray):
        return taken(column.to_numpy(), order)
    return column.take(order)


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


def _add_further(key: Codes, frame: pd.DataFrame, names: Sequence[str], stride: int) -> None:
    """Adds the further dimensions to the keys, the last one with the stride. They are numbered by texts, so that the
    order of rows decides nothing.

    If their digits do not fit, the combinations that occur are numbered instead.
    """
    places = [
        np.argsort(np.argsort(np.asarray(frame[name].cat.categories, dtype=object), kind="stable")) for name in names
    ]
    sizes = [len(place) + 1 for place in places]

    def digits(name: str, place: Array) -> Array:
        number = np.append(place + 1, 0).astype(np.min_scalar_type(-len(place) - 1))
        return taken(number, frame[name].array.codes)

    if math.prod(sizes) <= LIMIT // stride or len(names) == 1:
        for name, place, size in reversed(list(zip(names, places, sizes, strict=True))):
            _add(key, digits(name, place), stride)
            stride *= size
    else:
        columns = [(digits(name, place), size) for name, place, size in zip(names, places, sizes, strict=True)]
        _add(key, unique_rows(packed(columns, len(frame)))[1], stride)


def _sorted(key: Codes) -> npt.NDArray[np.int32]:
    """Sorts the keys, equal ones in the order of their rows, and returns the row of each.

    Key and row are sorted as one number where they fit into one, which takes less time and memory. A file is mostly
    written in some order: then its runs of ascending keys are merged.
    """
    falls = sum(int(np.count_nonzero(np.diff(key[rows.start : rows.stop + 1]) < 0)) for rows in row_blocks(len(key)))
    bits = len(key).bit_length()
    if int(key.max(initial=0)).bit_length() + bits > _BITS or int(key.min(initial=0)) < 0:
        order = np.argsort(key, kind="stable").astype(np.int32)
        key[:] = key[order]
        return order
    for rows in row_blocks(len(key)):
        key[rows] = key[rows] << bits | np.arange(rows.start, rows.stop)
    room.release()
    if falls:
        key.sort(kind="stable" if falls < len(key) // _SHORTEST else None)
    order = room.column(len(key), np.int32)
    for rows in row_blocks(len(key)):
        order[rows] = key[rows] & ((1 << bits) - 1)
        key[rows] >>= bits
    return order
