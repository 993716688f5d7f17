"""Texts of values -> numbers: missing markers, decimal commas, and what stands beside a number ("85.2 b")."""

import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from divide_cli.errors import SourceError
from divide_cli.readers.mapping.raw_rows import TextColumn

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")
PERCENT = "%"
"""A sign that may stand after a percentage."""
_MARKED = re.compile(
    r"[<>≤≥~] ?\d+(?:[.,]\d+)?|[+-]?\d+(?:[.,]\d+)?"
    r"(?: ?[*†‡#]{1,3}|[a-km-np-z]{1,2}| [a-zA-Z]{1,2}| ?\((?:[a-zA-Z]{1,2}|\d|\*+)\))"
)
"""A number with a mark beside it: a flag, or that of a footnote; a letter taken for a digit (9O, 9l) is none."""
_LETTERS = str.maketrans("OoIl", "0011")
"""Letters that are typed for the digits that they look like."""
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+")


def decimal_mark(texts: Sequence[str], delimiter: str) -> str:
    """The decimal mark of these texts: a comma where they have commas and no point, else a point.

    Where every comma has exactly three digits after it ("1,234"), it may part thousands: it is taken for a decimal
    comma only in a file that parts its cells with semicolons, as programs with decimal commas do.
    """
    numbers = [text for text in map(_bare, texts) if _NUMBER.fullmatch(text)]
    commas = [text for text in numbers if "," in text]
    if not commas or any("." in text for text in numbers):
        return "."
    return "," if delimiter == ";" or not all(_GROUPED.fullmatch(text) for text in commas) else "."


def _bare(text: str) -> str:
    """The text without blanks around it and the sign of a percentage after it."""
    return text.strip().removesuffix(PERCENT).rstrip()


def figures(
    column: TextColumn, missing: Sequence[str], decimal: str, flagged: bool
) -> tuple[npt.NDArray[np.float64], TextColumn | None, list[int]]:
    """The numbers of a text column (NaN where missing), what stood beside them, and the indices of texts that are none.

    A missing marker, the sign of a percentage, and the letters after a number where `flagged`, are kept as text beside
    it.
    """
    numbers = np.full(len(column.values), np.nan)
    beside = [""] * len(column.values)
    wrong = []
    for index, text in enumerate(column.values):
        bare, _, flag = text.strip().partition(" ") if flagged else (text.strip(), "", "")
        if _NUMBER.fullmatch(_bare(bare)) and bare.endswith(PERCENT):
            bare, flag = _bare(bare), PERCENT
        if bare in missing or not bare:
            beside[index] = flag.strip() if flagged and flag.strip() else bare
        elif _NUMBER.fullmatch(bare) and bare.count(",") <= (decimal == ",") and (decimal == "." or "." not in bare):
            number = float(bare.replace(",", "."))
            if math.isfinite(number):
                numbers[index], beside[index] = number, flag.strip()
            else:
                wrong.append(index)
        else:
            wrong.append(index)
    told = _distinct(column.codes, beside) if any(beside) else None
    return numbers[column.codes] if len(numbers) else np.zeros(0), told, wrong


def _distinct(codes: npt.NDArray[np.signedinteger], texts: Sequence[str]) -> TextColumn:
    """The column with each of its texts once: rows are then found by the place of a text."""
    position = {text: index for index, text in enumerate(dict.fromkeys(texts))}
    return TextColumn(np.array([position[text] for text in texts], dtype=np.int32)[codes], list(position))


def as_written(texts: Sequence[str], decimal: str) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """Decimals of each text that is a number (-1: none, or with an exponent), and whether blanks stand around it."""
    decimals = np.full(len(texts), -1, dtype=np.int8)
    for index, text in enumerate(texts):
        bare = _bare(text.strip().partition(" ")[0])
        if _NUMBER.fullmatch(bare) and "e" not in bare.lower():
            decimals[index] = min(len(bare.partition(decimal)[2]), 99)
    return decimals, np.array([text != text.strip() and bool(text.strip()) for text in texts], dtype=bool)


def not_a_number(text: str, others: str, _rows: str, where: str) -> SourceError:
    """The refusal of a text that is no number, has a mark beside one (`45.3*`), or letters for digits (`9O.1`)."""
    bare = text.strip()
    meant = bare.translate(_LETTERS)
    fits = ""
    if "," in bare and _NUMBER.fullmatch(bare.replace(",", "")):
        fits = "write the decimal mark as in the other cells, and no mark between thousands; "
    elif meant != bare and _NUMBER.fullmatch(meant):
        fits = f"{meant} would fit, if a letter was typed for a digit; "
    return SourceError(
        "value_marked" if _MARKED.fullmatch(text.strip()) else "value_not_a_number",
        found=f"{text!r}{others}",
        where=where,
        hint=f"{fits}correct the cell, or leave it empty and say why in the column for comments",
    )
