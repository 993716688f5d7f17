"""Category columns: codes of a closed codelist, or texts written once however many rows have them."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue, codelist
from divide_cli.frames.schema import foreign_codes

Texts: TypeAlias = Any
"""A pd.Categorical of texts; the stubs of pandas know only one of the code type."""


def categories(concept: str) -> tuple[str, ...] | None:
    """The codes that a column may hold, in order; None for a dimension that no codelist closes."""
    if concept == v.INDICATOR:
        return tuple(sorted(catalogue().indicators))
    if concept == v.AGE:  # the codes name their bands: others than the listed ones are valid too
        return codelist("CL_AGE").codes
    return foreign_codes("observations", concept)


@cache
def category(concept: str) -> pd.CategoricalDtype:
    """The category type of a column that a codelist closes; the same in every frame, so that frames concatenate."""
    return pd.CategoricalDtype(list(categories(concept) or ()))


def area_category(groups: Iterable[str]) -> pd.CategoricalDtype:
    """The category type of REF_AREA with further groups, which a user's list may define, at its end."""
    areas = categories(v.REF_AREA) or ()
    further = [code for code in groups if code not in areas]
    return pd.CategoricalDtype([*areas, *further]) if further else category(v.REF_AREA)


@cache
def _texts(texts: tuple[str, ...]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(pd.Index(texts, dtype="str"))


def labelled(codes: np.ndarray[Any, Any], texts: Sequence[str]) -> Texts:
    """A category column whose row i says `texts[codes[i]]`; equal texts are one category."""
    position = {text: index for index, text in enumerate(dict.fromkeys(texts))}
    if len(position) < len(texts):
        codes = np.array([position[text] for text in texts], dtype=np.int32)[codes]
    return pd.Categorical.from_codes(codes, dtype=_texts(tuple(position)))


def constant(text: str, size: int) -> Texts:
    """A category column that says one text in every row."""
    return labelled(np.zeros(size, dtype=np.int8), [text])


def fixed(code: str, concept: str, size: int) -> Texts:
    """A column that holds one code of the concept's codelist in every row."""
    dtype = category(concept)
    return pd.Categorical.from_codes(np.full(size, dtype.categories.get_loc(code), dtype=np.int32), dtype=dtype)


def in_use(column: Texts) -> Texts:
    """The column with only the categories in use, in alphabetical order."""
    count = np.bincount(column.codes + np.int64(1), minlength=len(column.categories) + 1)[1:]
    used = sorted(np.flatnonzero(count), key=list(column.categories).__getitem__)
    rank = np.full(len(count) + 1, -1, dtype=np.int32)  # the last one serves code -1, a missing value
    rank[used] = np.arange(len(used))
    return pd.Categorical.from_codes(rank[column.codes], dtype=pd.CategoricalDtype(column.categories.take(used)))


def by_category(column: "pd.Series[Any]", value: Callable[[str], Any]) -> np.ndarray[Any, Any]:
    """What the function gives for the code in each row of a category column; it is asked once for each code."""
    return np.array([value(code) for code in column.cat.categories])[column.cat.codes.to_numpy()]


def without_internal(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without the columns that only the program reads, as it is written and printed for machines."""
    return frame.drop(columns=[name for name in frame if name in v.INTERNAL])
