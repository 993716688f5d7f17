"""Frames as CSV and JSON: numbers in full but clean, with at most 15 significant digits (27.2, not 27.200000000000003).

A double keeps 15 decimal digits, whatever they are (DBL_DIG of C); the 16th and 17th are mostly what arithmetic leaves.
Parquet keeps the doubles themselves.
"""

import csv
from typing import Any

import numpy as np
import pandas as pd

from divide_cli.frames.columns import Array

_DIGITS = 15
_EXACT = 22
"""The largest power of ten that a double is: a whole number divided by it is the double nearest to a decimal."""
_ROWS = 20_000
"""The number of rows that are records at once: records take twenty times the memory of columns."""


def significant(values: Array) -> Array:
    """The doubles nearest to the values with 15 significant digits: rint(x 10^e) / 10^e, e = 14 - floor(log10 |x|).

    What is not finite stays as it is. The last digit may be off by one where the 16th is a five. The shortest text of a
    result has at most 15 digits, because whole numbers below 10^15 and powers to 10^22 are exact; for other numbers the
    text is made and read.
    """
    result = values.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        decimals = _DIGITS - 1 - np.floor(np.log10(np.abs(result)))
    near = (decimals >= 0) & (decimals <= _EXACT)
    power = 10.0 ** decimals[near]
    far = np.flatnonzero(~near & np.isfinite(result) & (result != 0))
    rare = np.array([float(f"{value:.{_DIGITS}g}") for value in result[far]], dtype=np.float64)
    result[near] = np.rint(result[near] * power) / power
    result[far] = np.where(np.isinf(rare), result[far], rare)  # the largest double has no neighbour
    return result


def cleaned(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with at most 15 significant digits in columns of doubles."""
    doubles = [name for name in frame if frame[name].dtype == np.float64]
    return frame.assign(**{str(name): significant(frame[name].to_numpy()) for name in doubles})


def as_csv(frame: pd.DataFrame, header: bool = True) -> str:
    """The frame as CSV; what is missing is empty.

    Python quotes no cell with a carriage return alone; if there is one, every text is quoted.
    """
    clean = cleaned(frame)
    text = str(clean.to_csv(index=False, header=header, lineterminator="\n"))
    if "\r" not in text:
        return text
    return str(clean.to_csv(index=False, header=header, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC))


def as_json(frame: pd.DataFrame) -> str:
    """The frame as a JSON list of records; what is missing, or not finite, is null."""
    import msgspec

    columns = [(str(name), _objects(frame[name])) for name in frame]
    names = [name for name, _ in columns]
    texts = []
    for start in range(0, len(frame), _ROWS):
        rows = zip(*(column[start : start + _ROWS].tolist() for _, column in columns), strict=True)
        texts.append(msgspec.json.encode([dict(zip(names, row, strict=True)) for row in rows])[1:-1].decode())
    return f"[{','.join(texts)}]"


def _objects(column: "pd.Series[Any]") -> Array:
    """The column as an array whose `tolist` gives what JSON knows: each text of a category once."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        texts = np.array([*column.cat.categories.tolist(), None], dtype=object)
        return np.asarray(texts[column.cat.codes.to_numpy()])
    if column.dtype == np.float64:
        return significant(column.to_numpy())
    return np.asarray(column.astype(object).where(column.notna(), None).to_numpy(dtype=object))
