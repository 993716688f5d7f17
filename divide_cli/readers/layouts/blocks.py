"""Blocks of a table: each is reduced at once to codes and numbers.

What is kept of a text is its code, in the smallest integers, and each distinct text once. So a long file needs little
more memory than its codes and numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from divide_cli.frames import room
from divide_cli.frames.columns import all_zeros
from divide_cli.readers.mapping.raw_rows import TextColumn


@dataclass
class CodedTexts:
    """A column of text in the making. Texts are numbered in the order in which they first appear."""

    codes: npt.NDArray[np.signedinteger]
    number: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of_size(cls, rows: int) -> "CodedTexts":
        """The column of that many rows, all to be filled."""
        return cls(room.column(rows, np.int8))

    def fill(self, start: int, texts: pa.DictionaryArray) -> None:
        """Puts texts into the rows from `start` on; a missing one is empty."""
        values, places = texts.dictionary.to_pylist(), texts.indices
        if texts.null_count:
            values, places = [*values, ""], pc.fill_null(places.cast(pa.int32()), len(values))
        own = [self.number.setdefault(text or "", len(self.number)) for text in values]
        smallest = np.min_scalar_type(-max(len(self.number), 1))
        if smallest.itemsize > self.codes.itemsize:
            self._widen(smallest, start)
        rows = self.codes[start : start + len(texts)]
        if len(rows) and any(own):  # else they are the zeros of a new column
            np.take(np.array(own, dtype=self.codes.dtype), places.to_numpy(), out=rows, mode="clip")

    def _widen(self, kind: np.dtype[Any], filled: int) -> None:
        """Makes the codes larger integers."""
        narrow, self.codes = self.codes, room.column(len(self.codes), kind)
        self.codes[:filled] = narrow[:filled]

    def column(self, rows: int) -> TextColumn:
        """The first rows of the column."""
        codes = self.codes[:rows] if len(self.number) > 1 else all_zeros(rows)
        return TextColumn(codes, list(self.number))


def written(texts: pa.StringArray, missing: Sequence[str]) -> tuple[pa.DoubleArray, npt.NDArray[np.int8]]:
    """The numbers of texts and their decimals (-1 if missing or with an exponent); ArrowInvalid for other texts."""
    absent = pc.is_in(texts, pa.array(missing, pa.string()))
    numbers = pc.cast(pc.if_else(absent, pa.scalar(None, pa.string()), texts), pa.float64())
    point = pc.find_substring(texts, ".").to_numpy(zero_copy_only=False)
    size = pc.binary_length(texts).to_numpy(zero_copy_only=False)
    decimals = np.where(point < 0, 0, np.minimum(size - point - 1, 99))
    unknown = absent.to_numpy(zero_copy_only=False)
    letters = texts.buffers()[2] or b""
    for mark in b"eE":
        if (np.frombuffer(letters, dtype=np.uint8) == mark).any():  # a quick look at all bytes: exponents are rare
            unknown = unknown | (pc.find_substring(texts, chr(mark)).to_numpy(zero_copy_only=False) >= 0)
    return numbers, np.where(unknown, -1, decimals).astype(np.int8)
