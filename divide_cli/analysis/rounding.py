"""The rounding of the user's files: the decimals of each value, from which its bounds follow.

"45.3" stands for 45.25 to 45.35. How a file rounds is seen in its series, all values of one indicator: "45" among
"45.3" has lost a zero, and a single value with many decimals shows that none of them is rounded.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.frames.columns import Array
from divide_cli.frames.observations import Observations, unknown_decimals

MOST_DECIMALS = 9
"""The most decimals to which figures are rounded (DECIMALS has one digit); a value with more is not rounded."""
UNROUNDED = -1
"""In place of decimals: the value is not rounded, or nobody can tell how."""


def with_decimals(read: Observations) -> Observations:
    """The observations of one file with DECIMALS, missing where a value is not rounded.

    Decimals that the file states are kept. All other values of an indicator have the most decimals that any of them
    has: as the file writes it or, in formats that store numbers, as the shortest decimal number does. They are not
    rounded if one has more than MOST_DECIMALS or an exponent, or if all are whole numbers of a unit that counts.
    """
    frame = read.frame
    stated = frame[v.DECIMALS].array if v.DECIMALS in frame else unknown_decimals(len(frame))
    value = frame[v.OBS_VALUE].to_numpy()
    number, unstated = frame[v.INDICATOR].cat.codes.to_numpy(), np.asarray(stated.isna())
    decimals = np.full(len(frame), UNROUNDED, dtype=np.int8)
    for code in np.unique(number):
        series = unstated & (number == code) & ~np.isnan(value)
        if series.any():
            found = _written(frame[v.PRINTED].to_numpy()[series]) if v.PRINTED in frame else _shown(value[series])
            unit = catalogue().units[catalogue().indicators[frame[v.INDICATOR].cat.categories[code]].unit]
            decimals[series] = UNROUNDED if found == unit.decimals == 0 else found
    rounded = decimals != UNROUNDED
    if not rounded.any():
        return read
    known = np.where(rounded, decimals, stated.to_numpy(np.int8, na_value=UNROUNDED))
    both = pd.arrays.IntegerArray(known, unstated & ~rounded)
    return replace(read, frame=frame.assign(**{v.DECIMALS: both}))


def _written(printed: Array) -> int:
    """The most decimals among those written; UNROUNDED if they are too many, or one is unknown."""
    most = int(printed.max())
    return most if printed.min() >= 0 and most <= MOST_DECIMALS else UNROUNDED


def _shown(values: Array) -> int:
    """The fewest decimals with which all values can be written; UNROUNDED if they need too many."""
    sufficient = (places for places in range(MOST_DECIMALS + 1) if (np.round(values, places) == values).all())
    return next(sufficient, UNROUNDED)
