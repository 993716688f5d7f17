"""The rounding of the user's files: the decimals of each value, from which its bounds follow.

"45.3" stands for 45.25 to 45.35. How a file rounds is seen in its series, all values of one indicator: "45" among
"45.3" has lost a zero, and a single value with many decimals shows that none of them is rounded.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.frames import room
from divide_cli.frames.columns import Array, Mask, row_blocks, with_columns, without_number
from divide_cli.frames.observations import Observations

MOST_DECIMALS = 9
"""The most decimals to which figures are rounded (DECIMALS has one digit); a value with more is not rounded."""
_PRINTED = 101
"""The numbers of decimals that a reading tells: from -1 (unknown) to 99."""
UNROUNDED = -1
"""In place of decimals: the value is not rounded, or nobody can tell how."""


def with_decimals(read: Observations) -> Observations:
    """The observations of one file with DECIMALS, missing where a value is not rounded.

    Decimals that the file states are kept. All other values of an indicator have the most decimals that any of them
    has: as the file writes it or, in formats that store numbers, as the shortest decimal number does. They are not
    rounded if one has more than MOST_DECIMALS or an exponent, or if all are whole numbers of a unit that counts.
    """
    frame = read.frame
    number, value = frame[v.INDICATOR].array.codes, frame[v.OBS_VALUE].to_numpy()
    stated = frame[v.DECIMALS].array if v.DECIMALS in frame else None
    own = ~without_number(value) if stated is None else np.asarray(stated.isna()) & ~without_number(value)
    of_code = np.full(len(frame[v.INDICATOR].cat.categories) + 1, UNROUNDED, dtype=np.int8)
    for code, found in _most_decimals(frame, number, own).items():
        unit = catalogue().units[catalogue().indicators[frame[v.INDICATOR].cat.categories[code]].unit]
        of_code[code] = UNROUNDED if found == unit.decimals == 0 else found
    known, missing = room.column(len(number), np.int8), room.column(len(number), np.bool_)
    for rows in row_blocks(len(number)):
        known[rows] = np.where(own[rows], of_code[number[rows]], UNROUNDED)
        missing[rows] = known[rows] == UNROUNDED
    frame = frame.drop(columns=v.PRINTED, errors="ignore")
    if missing.all():
        return replace(read, frame=frame)
    if stated is not None:
        known = np.where(missing, stated.to_numpy(np.int8, na_value=UNROUNDED), known)
        missing = known == UNROUNDED
    return replace(read, frame=with_columns(frame, {v.DECIMALS: pd.arrays.IntegerArray(known, missing)}))


def _most_decimals(frame: pd.DataFrame, number: Array, own: Mask) -> dict[int, int]:
    """The most decimals of each indicator, by its code, among its own rows; UNROUNDED if nobody can tell."""
    if v.PRINTED not in frame:
        value = frame[v.OBS_VALUE].to_numpy()
        return {int(code): _shown(value[own & (number == code)]) for code in np.unique(number[own])}
    printed = frame[v.PRINTED].to_numpy()
    counts = np.zeros((int(number.max(initial=0)) + 1, _PRINTED), dtype=np.int64)
    for rows in row_blocks(len(number)):
        series, decimals = (column[rows][own[rows]].astype(np.int32) for column in (number, printed))
        kinds = series * _PRINTED + (decimals - UNROUNDED)
        counts += np.bincount(kinds, minlength=counts.size).reshape(counts.shape)
    return {code: _written(np.flatnonzero(row) + UNROUNDED) for code, row in enumerate(counts) if row.any()}


def _written(printed: Array) -> int:
    """The most decimals among those written; UNROUNDED if they are too many, or one is unknown."""
    most = int(printed.max())
    return most if printed.min() >= 0 and most <= MOST_DECIMALS else UNROUNDED


def _shown(values: Array) -> int:
    """The fewest decimals with which all values can be written; UNROUNDED if they need too many."""
    sufficient = (places for places in range(MOST_DECIMALS + 1) if (np.round(values, places) == values).all())
    return next(sufficient, UNROUNDED)
