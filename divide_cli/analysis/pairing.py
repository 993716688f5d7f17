"""Comparisons: two sides of one key, joined so that a key with one side only is counted and none is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Comparison
from divide_cli.frames.keys import composite_key, unique


@dataclass(frozen=True)
class Pairs:
    """Positions of the rows of the two sides, pair by pair, and how many keys had one side only."""

    reference: npt.NDArray[np.int64]
    compared: npt.NDArray[np.int64]
    single: int


def pair(frame: pd.DataFrame, comparison: Comparison, dimensions: Sequence[str]) -> Pairs:
    """The rows of `frame` whose keys agree but for the comparison's code, reference with compared.

    `frame` holds the key columns, EDITION and BASIS; over a dimension the key is everything else, over a grouping of
    areas everything but REF_AREA. A key that stands twice on one side is a bug of the caller and raises ValueError.
    """
    over = comparison.over if comparison.over in (*v.DIMENSIONS, *dimensions) else v.REF_AREA
    key = [name for name in (*v.KEY, *dimensions, v.EDITION, v.BASIS) if name != over]
    sides = [np.flatnonzero((frame[over] == code).to_numpy()) for code in (comparison.reference, comparison.compared)]
    both = np.concatenate(sides)
    packed = composite_key(frame[key].iloc[both], key)
    keys: list[npt.NDArray[Any]] = [packed[: len(sides[0])], packed[len(sides[0]) :]]
    for side in keys:
        if not unique(side):
            raise ValueError(f"comparison {comparison.id}: a key stands twice on one side")
    shared, first, second = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
    return Pairs(sides[0][first], sides[1][second], len(keys[0]) + len(keys[1]) - 2 * len(shared))
