"""Comments made from pieces: each distinct combination is written once, however many rows have it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from divide_cli.frames.keys import LIMIT, unique_rows

Piece = tuple[npt.NDArray[Any], Sequence[str]]
"""Codes and texts: row i says `texts[codes[i]]`; an empty text says nothing."""


def compose(pieces: Sequence[Piece], separator: str = "; ") -> Piece:
    """The pieces of each row, in order, joined by the separator; blanks around texts and empty texts are dropped."""
    key, size = np.zeros(len(pieces[0][0]), dtype=np.int64), 1
    for codes, texts in pieces:
        number = max(len(texts), 1)
        if size * number > LIMIT:  # the combinations met so far are no more than the rows
            key = unique_rows(key)[1].astype(np.int64)
            size = int(key.max(initial=0)) + 1
        key = key * number + codes
        size *= number
    first, inverse = unique_rows(key)
    parts = [[texts[index].strip() if texts else "" for index in codes[first]] for codes, texts in pieces]
    whole = [separator.join(part for part in row if part) for row in zip(*parts, strict=True)]
    return inverse, whole


def names_where(marks: npt.NDArray[np.bool_], names: Sequence[str]) -> Piece:
    """A piece that lists, for each row of marks, the names marked; each distinct set of marks is written once."""
    sets, codes = np.unique(np.packbits(marks, axis=1), axis=0, return_inverse=True)
    texts_of = np.array(names, dtype=object)
    texts = [", ".join(texts_of[row.astype(bool)]) for row in np.unpackbits(sets, axis=1, count=marks.shape[1])]
    return codes.reshape(-1), texts


def numbers_where(values: npt.NDArray[Any], wording: str, where: npt.NDArray[np.bool_]) -> Piece:
    """A piece that formats a number where `where` holds: `numbers_where(share, "coverage {:.1f} %", low)`."""
    texts = ["", *(wording.format(value) for value in np.unique(values[where]))]
    codes = np.zeros(len(values), dtype=np.int64)
    codes[where] = np.searchsorted(np.unique(values[where]), values[where]) + 1
    return codes, texts


def text_where(where: npt.NDArray[np.bool_], text: str) -> Piece:
    """A piece that says one text where `where` holds."""
    return where.astype(np.int64), ("", text)
