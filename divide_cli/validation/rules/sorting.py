"""Sorts the rows of a submission by series and year: observations -> the submission that the rules take."""

from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt

from divide_cli import concepts as v
from divide_cli.frames.columns import LIMIT, Array, Codes, Texts, counts_of, packed, row_blocks, taken, unique_rows
from divide_cli.frames.observations import Observations
from divide_cli.validation.rules.submission import DIMENSIONS, DimensionIndex, Submission

_BITS = 63
"""The bits of a key and the position of its row, which are sorted as one number if they fit."""


def submission_of(read: Observations, today: date | None = None, against: tuple[str, ...] = ()) -> Submission:
    """The submission in the form that the rules take, as of today or another day, and the editions to compare with."""
    frame, year = read.frame, read.frame[v.TIME_PERIOD].to_numpy()
    low, high = (int(year.min()), int(year.max())) if len(year) else (0, 0)
    stride = years = high - low + 1
    key = year.astype(np.int64)
    key -= low
    index = dict[str, DimensionIndex]()
    for name in reversed(DIMENSIONS):
        numbers, codes = _in_use(frame[name].array)
        index[name] = DimensionIndex(codes, numbers, stride)
        _add(key, numbers, stride)
        stride *= max(len(codes), 1)
    if read.dimensions:
        _add(key, _further(read, stride), stride)
    order = _sorted(key)
    in_order = not len(order) or bool((order[1:] > order[:-1]).all())

    def ordered(column: Array) -> Array:
        return column if in_order else taken(column, order)

    return Submission(
        read=read,
        order=order,
        key=key,
        index={name: replace(one, numbers=ordered(one.numbers)) for name, one in index.items()},
        years=years,
        value=ordered(frame[v.OBS_VALUE].to_numpy()),
        year=ordered(year),
        gated=np.zeros(len(frame), dtype=bool),
        today=today or date.today(),
        against=against,
    )


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


def _further(read: Observations, stride: int) -> Array:
    """The further dimensions of each row as one number. They are numbered by texts, so that the order of rows decides
    nothing.
    """
    columns = []
    for name in read.dimensions:
        column = read.frame[name].array
        place = np.argsort(np.argsort(np.asarray(column.categories, dtype=object), kind="stable")) + 1
        number = np.append(place, 0).astype(np.min_scalar_type(-len(place) - 1))
        columns.append((taken(number, column.codes), len(place) + 1))
    if len(columns) == 1:
        return columns[0][0]
    rest = packed(columns, len(read.frame))
    return unique_rows(rest)[1] if int(rest.max(initial=0)) > LIMIT // stride else rest


def _sorted(key: Codes) -> npt.NDArray[np.int32]:
    """Sorts the keys, equal ones in the order of their rows, and returns the row of each.

    Key and row are sorted as one number where they fit into one, which takes less time and memory.
    """
    bits = len(key).bit_length()
    if int(key.max(initial=0)).bit_length() + bits > _BITS or int(key.min(initial=0)) < 0:
        order = np.argsort(key, kind="stable").astype(np.int32)
        key[:] = key[order]
        return order
    for rows in row_blocks(len(key)):
        key[rows] = key[rows] << bits | np.arange(rows.start, rows.stop)
    key.sort()
    order = np.empty(len(key), dtype=np.int32)
    for rows in row_blocks(len(key)):
        order[rows] = key[rows] & ((1 << bits) - 1)
        key[rows] >>= bits
    return order
