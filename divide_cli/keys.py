"""Several category columns packed into one integer key, so that duplicates, joins and sums are array work."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.int64]
_LIMIT = 2**62


def _codes(column: "pd.Series[object]") -> tuple[Codes, int]:
    """The codes of a column from 0 on (a missing value is code 0) and their number."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int64) + 1, len(column.cat.categories) + 1
    values = column.to_numpy(dtype=np.int64)
    low = int(values.min()) if len(values) else 0
    high = int(values.max()) if len(values) else 0
    return values - low, high - low + 1


def pack(frame: pd.DataFrame, columns: Sequence[str]) -> Codes:
    """One integer per row, equal where all columns are equal and ordered as the columns are, first column first.

    Columns are categories or integers. Where the product of their sizes would overflow, the key so far is made dense.
    """
    key = np.zeros(len(frame), dtype=np.int64)
    size = 1
    for name in columns:
        codes, number = _codes(frame[name])
        if size * number > _LIMIT:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            size = int(key.max()) + 1 if len(key) else 1
        key = key * number + codes
        size *= number
    return key
