"""Several category columns packed into one integer key, so that duplicates, joins and sums are array work."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.int64]
LIMIT = 2**62
"""The largest number of combinations that one integer may tell apart."""


def _codes(column: "pd.Series[Any]") -> tuple[Codes, int]:
    """The codes of a column from 0 on (a missing value is code 0) and their number."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int64) + 1, len(column.cat.categories) + 1
    values: Codes = column.to_numpy(dtype=np.int64)
    low = int(values.min()) if len(values) else 0
    high = int(values.max()) if len(values) else 0
    return values - low, high - low + 1


def composite_key(frame: pd.DataFrame, columns: Sequence[str]) -> Codes:
    """One integer per row, equal where all columns are equal and ordered as the columns are, first column first.

    Columns are categories or integers. Where the product of their sizes would overflow, the key so far is made dense.
    """
    key = np.zeros(len(frame), dtype=np.int64)
    size = 1
    for name in columns:
        codes, number = _codes(frame[name])
        if size * number > LIMIT:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            size = int(key.max()) + 1 if len(key) else 1
        key = key * number + codes
        size *= number
    return key


def unique_rows(keys: Codes) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The first row of each distinct key, in ascending order of keys, and the place of each row's key in that order.

    What `np.unique` gives as index and inverse, by hashing: the rows are many and the keys few.
    """
    place, distinct = pd.factorize(keys)
    order = np.argsort(distinct)
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    first = np.empty(len(order), dtype=np.intp)
    first[place[::-1]] = np.arange(len(keys))[::-1]  # the last to be written is the first to be met
    return first[order], rank[place]


def unique(keys: Codes) -> bool:
    """Whether no key stands twice."""
    ordered = np.sort(keys)
    return not bool((ordered[1:] == ordered[:-1]).any())
