"""Text columns -> category columns of the canonical frame; a code that no list holds is an error with its line."""

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import vocab as v
from divide_cli.errors import SourceError, UnknownCodeError, suggestion
from divide_cli.frames import Texts, category, labelled
from divide_cli.readers.delimited import Delimited

LISTED_BY = {
    v.REF_AREA: "divide list areas",
    v.INDICATOR: "divide list indicators",
}


def coded(rows: Delimited, column: str, concept: str, translate: Callable[[str], str | None] | None = None) -> Texts:
    """The column as codes of the concept's codelist; `translate` maps a provider's text (None: unknown)."""
    dtype = category(concept)
    source = rows.columns[column]
    position = {code: index for index, code in enumerate(dtype.categories)}
    target = np.empty(len(source.values), dtype=np.min_scalar_type(-max(len(position), 1)))
    for index, text in enumerate(source.values):  # over the distinct texts, not the rows
        code = text if translate is None else translate(text)
        target[index] = position.get(code, -1) if code is not None else -1
    unknown = np.flatnonzero(target < 0)
    if len(unknown):
        raise _unknown(rows, column, concept, [source.values[index] for index in unknown], unknown)
    return pd.Categorical.from_codes(target[source.codes], dtype=dtype)


def _unknown(
    rows: Delimited, column: str, concept: str, texts: Sequence[str], indices: npt.NDArray[np.intp]
) -> UnknownCodeError:
    source = rows.columns[column]
    count = int(np.isin(source.codes, indices).sum())
    first = min(indices, key=source.row_of)
    text = source.values[first]
    total = "_T for a total" if text == "" else f"a code of {concept}"
    others = f" and {len(texts) - 1} more codes" if len(texts) > 1 else ""
    listing = LISTED_BY.get(concept, f"divide show {concept}")
    return UnknownCodeError(
        "a code is unknown",
        expected=total,
        found=f"{text!r}{others}, in {count} row{'s' * (count != 1)}",
        where=rows.where(source.row_of(first), column),
        hint=suggestion(text, category(concept).categories, f"`{listing}`"),
    )


def free(rows: Delimited, column: str) -> Texts:
    """The column as a category of its own texts, in alphabetical order."""
    source = rows.columns[column]
    order = sorted(range(len(source.values)), key=source.values.__getitem__)
    rank = np.empty(len(order), dtype=np.min_scalar_type(-max(len(order), 1)))
    rank[order] = np.arange(len(order))
    return labelled(rank[source.codes], [source.values[index] for index in order])


def by_indicator(indicator: Texts, text_of: Mapping[str, str], concept: str) -> Texts:
    """A column whose code follows from the indicator (its unit, say)."""
    dtype = category(concept)
    target = np.array([dtype.categories.get_loc(text_of[code]) for code in indicator.categories], dtype=np.int32)
    return pd.Categorical.from_codes(target[indicator.codes], dtype=dtype)


def years(rows: Delimited, column: str) -> npt.NDArray[np.int16]:
    """The column as calendar years; anything but four digits is an error."""
    source = rows.columns[column]
    wrong = [index for index, text in enumerate(source.values) if not re.fullmatch(r"\d{4}", text)]
    if wrong:
        first = min(wrong, key=source.row_of)
        raise SourceError(
            "a period is not a year",
            expected="four digits, such as 2024",
            found=repr(source.values[first]) + (f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""),
            where=rows.where(source.row_of(first), column),
            hint="give one calendar year a row",
        )
    known: npt.NDArray[np.int16] = np.array([int(text) for text in source.values], dtype=np.int16)
    return np.asarray(known[source.codes])


def integers(rows: Delimited, column: str) -> "pd.Series[int]":
    """The column as numbers of decimals (0 to 9, as the schema says), missing where empty."""
    source = rows.columns[column]
    wrong = [index for index, text in enumerate(source.values) if text and not re.fullmatch(r"\d", text)]
    if wrong:
        first = min(wrong, key=source.row_of)
        raise SourceError(
            "a number of decimals is not a whole number",
            expected="0 to 9, or an empty cell",
            found=repr(source.values[first]),
            where=rows.where(source.row_of(first), column),
        )
    values = pd.array([int(text) if text else None for text in source.values], dtype="Int8")
    return pd.Series(values.take(source.codes))
