"""Columns: their fields in the Table Schemas (schemas/*.json), category columns, composite keys, comments.

A category column contains codes of a closed codelist, or texts. It stores each distinct text once.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue, codelist, schema_dir
from divide_cli.frames import room
from divide_cli.language import commas, filled, joint

Texts: TypeAlias = Any
"""A pd.Categorical of texts, which the stubs of pandas cannot express."""
Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
Piece = tuple[Array, Sequence[str]]
"""A part of a comment, as codes and texts: row i has the text `texts[codes[i]]`, which may be empty."""
LIMIT = 2**62
"""The largest number of combinations that one integer may distinguish."""
BLOCK = 1 << 18
"""The number of rows of a long column that are processed at a time, so that intermediate results stay small."""
_HELD = 32
"""The blocks after which columns in files leave memory."""


@cache
def table_schema(name: str) -> Mapping[str, Any]:
    """The Table Schema of that name."""
    loaded: Mapping[str, Any] = json.loads((schema_dir() / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def fields(name: str) -> dict[str, Mapping[str, Any]]:
    """The fields of a Table Schema, by name."""
    return {field["name"]: field for field in table_schema(name)["fields"]}


def foreign_codes(name: str, column: str) -> tuple[str, ...] | None:
    """The codes of the codelist that a foreign key of the schema names for the column; None if there is none."""
    for key in table_schema(name).get("foreignKeys", ()):
        if key["fields"] in (column, [column]):
            return codelist(key["reference"]["resource"].upper()).codes
    return None


@cache
def category(concept: str) -> pd.CategoricalDtype:
    """The category type of a column with a closed codelist. It is the same in every frame, so frames can be joined."""
    if concept == v.INDICATOR:
        return pd.CategoricalDtype(sorted(catalogue().indicators))
    # a code of an age names its own band, so codes that are not listed are valid too
    codes = codelist("CL_AGE").codes if concept == v.AGE else foreign_codes("observations", concept)
    return pd.CategoricalDtype(list(codes or ()))


def area_category(groups: Iterable[str]) -> pd.CategoricalDtype:
    """The category type of REF_AREA, followed by further groups, which a user's list may define."""
    listed = category(v.REF_AREA)
    further = [code for code in groups if code not in listed.categories]
    return pd.CategoricalDtype([*listed.categories, *further]) if further else listed


@cache
def texts_type(texts: tuple[str, ...]) -> pd.CategoricalDtype:
    """The category type of these texts, in their order."""
    return pd.CategoricalDtype(pd.Index(texts, dtype="str"))


def labelled(codes: np.ndarray[Any, Any], texts: Sequence[str]) -> Texts:
    """A category column whose row i has the text `texts[codes[i]]`; equal texts are one category."""
    position = {text: index for index, text in enumerate(dict.fromkeys(texts))}
    if len(position) < len(texts):
        codes = taken(np.array([position[text] for text in texts], dtype=np.min_scalar_type(-len(texts))), codes)
    return pd.Categorical.from_codes(codes, dtype=texts_type(tuple(position)))


def constant(text: str, size: int) -> Texts:
    """A category column with the same text in every row."""
    return labelled(all_zeros(size), [text])


def all_zeros(size: int) -> npt.NDArray[np.int8]:
    """The codes of a column with one text: one zero for all rows, which cannot be written to."""
    return np.broadcast_to(np.int8(0), size)


def of_codes(codes: Array, texts: Sequence[str], dtype: pd.CategoricalDtype) -> Texts:
    """A category column of that type: row i has the code `texts[codes[i]]`, or none if the type has no such code."""
    places = dtype.categories.get_indexer(pd.Index(list(texts), dtype="object"))
    smallest = np.min_scalar_type(-len(dtype.categories) - 1)
    return pd.Categorical.from_codes(taken(places.astype(smallest), codes), dtype=dtype)


def fixed(code: str, concept: str, size: int) -> Texts:
    """A column with the same code of the concept's codelist in every row."""
    return of_codes(all_zeros(size), [code], category(concept))


def in_use(column: Texts) -> Texts:
    """The column with only the categories that occur, in alphabetical order."""
    column = column.remove_unused_categories()
    return column.reorder_categories(column.categories.sort_values())


def categories_of(column: "pd.Series[Any]") -> list[Any]:
    """The categories of a column as a list; an index of texts takes much longer to iterate over."""
    categories: list[Any] = np.asarray(column.cat.categories, dtype=object).tolist()
    return categories


def by_category(column: "pd.Series[Any]", value: Callable[[str], Any]) -> np.ndarray[Any, Any]:
    """The value of the function for the code in each row of a category column. It is called once for each code."""
    return taken(np.array([value(code) for code in categories_of(column)]), _codes_of(column))


def with_codes(column: "pd.Series[Any]", codes: Collection[str]) -> Mask:
    """The rows of a category column that have one of the codes."""
    marked = np.array([*(code in codes for code in categories_of(column)), False])  # the last is for code -1
    return taken(marked, _codes_of(column))


def _codes_of(column: "pd.Series[Any]") -> Array:
    """The codes of a category column, which `cat.codes` would copy."""
    codes: Array = column.array.codes
    return codes


def with_columns(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The frame with these columns next to its own, or in place of them. `assign` would copy them."""
    own = {str(name): frame[name].array for name in frame}
    return pd.DataFrame({**own, **columns}, index=frame.index, copy=False)


def values_of(column: "pd.Series[Any]") -> list[Any]:
    """The values of a column as `tolist` gives them; for categories, in a third of its time."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.tolist())
    texts = np.array([*categories_of(column), np.nan], dtype=object)
    values: list[Any] = texts[_codes_of(column)].tolist()  # a missing value has code -1, that of the last
    return values


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as mappings: as to_dict("records"), in a third of its time."""
    names = list(frame.columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*(values_of(frame[name]) for name in names), strict=True)]


def areas() -> tuple[str, ...]:
    """The areas of the codelist: the categories of REF_AREA, in their order."""
    return foreign_codes("observations", v.REF_AREA) or ()


def areas_in(group: Collection[str]) -> Mask:
    """Which of `areas` are in the group."""
    return np.fromiter(map(frozenset(group).__contains__, areas()), dtype=bool, count=len(areas()))


def stacked(parts: Sequence[Any], in_order: bool = False) -> Any:
    """The columns, one below the other; categories that differ are united and, if `in_order`, sorted."""
    if isinstance(parts[0].dtype, pd.CategoricalDtype):
        return pd.api.types.union_categoricals(list(parts), sort_categories=in_order)
    return pd.concat(list(map(pd.Series, parts)), ignore_index=True)


def without_internal(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without internal columns, as it is written to files and machine formats."""
    return frame.drop(columns=[name for name in frame if name in v.INTERNAL])


def _codes(column: "pd.Series[Any]") -> tuple[Codes, int]:
    """The codes of a column, from 0 (a missing value is code 0), and the number of codes."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _codes_of(column).astype(np.int64) + 1, len(column.cat.categories) + 1
    values: Codes = column.to_numpy(dtype=np.int64)
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    return values - low, high - low + 1


def packed(columns: Iterable[tuple[Array, int]], rows: int) -> Codes:
    """One integer per row from the codes of several columns and their numbers of codes, the first most significant.

    If the product of the numbers would overflow, the integers so far are replaced by their ranks.
    """
    key, size = np.zeros(rows, dtype=np.int64), 1
    for codes, number in columns:
        if size * number > LIMIT:
            key = unique_rows(key)[1].astype(np.int64)
            size = int(key.max(initial=0)) + 1
        key = key * number + codes
        size *= number
    return key


def composite_key(frame: pd.DataFrame, columns: Sequence[str]) -> Codes:
    """One integer per row, which identifies its combination of values and sorts as the columns do, the first one first.

    Columns are categories or integers.
    """
    return packed((_codes(frame[name]) for name in columns), len(frame))


def unique_rows(keys: Codes) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The first row of each distinct key, in ascending order of keys, and the position of each row's key in that order.

    These are the index and inverse of `np.unique`. Hashing is faster, since there are many rows and few keys.
    """
    place, distinct = pd.factorize(keys, sort=True)
    first = np.empty(len(distinct), dtype=np.intp)
    first[place[::-1]] = np.arange(len(keys))[::-1]  # the last one written is the first row
    return first, place


def row_blocks(rows: int, held: int = 0) -> Iterator[slice]:
    """Divides the rows of long columns into blocks. What is in files leaves memory after some of them, or `held`."""
    for number, start in enumerate(range(0, rows, BLOCK), start=1):
        yield slice(start, min(start + BLOCK, rows))
        if number % (held or _HELD) == 0:
            room.release()


def taken(values: Array, codes: Array, held: int = 0) -> Array:
    """`values[codes]`, block by block: NumPy turns codes into large integers first, eight bytes each.

    If all codes are one (`all_zeros`), so is what is taken: it cannot be written to.
    """
    if codes.strides == (0,) and len(codes):
        return np.broadcast_to(values[codes[0]], len(codes))
    made = room.column(len(codes), values.dtype)
    for rows in row_blocks(len(codes), held):
        made[rows] = values[codes[rows]]
    room.release()
    return made


def without_number(values: npt.NDArray[np.float64]) -> Mask:
    """The rows without a number."""
    made = np.empty(len(values), dtype=bool)
    for rows in row_blocks(len(values)):
        np.isnan(values[rows], out=made[rows])
    return made


def chosen(frame: pd.DataFrame, rows: Mask) -> pd.DataFrame:
    """The rows of the mask, numbered from 0, column by column; the frame itself if they are all."""
    if rows.all():
        return frame
    columns: dict[str, Any] = {}
    for name in frame:
        column = frame[name].array
        if isinstance(column, pd.Categorical):
            columns[str(name)] = pd.Categorical.from_codes(_those(column.codes, rows), dtype=column.dtype)
        elif isinstance(column, pd.arrays.NumpyExtensionArray):
            columns[str(name)] = _those(column.to_numpy(), rows)
        else:
            columns[str(name)] = column[rows]
        room.release()
    return pd.DataFrame(columns, copy=False)


def column_at(column: Any, places: Array, held: int = 0) -> Any:
    """The rows of a column at these places. What is touched leaves memory after `held` blocks, if it is in a file."""
    if isinstance(column, pd.Categorical):
        return pd.Categorical.from_codes(taken(column.codes, places, held), dtype=column.dtype, validate=False)
    if isinstance(column, pd.arrays.NumpyExtensionArray):
        return taken(column.to_numpy(), places, held)
    return column.take(places)


def _those(values: Array, rows: Mask) -> Array:
    """`values[rows]`."""
    made, filled = room.column(int(np.count_nonzero(rows)), values.dtype), 0
    for part in row_blocks(len(values)):
        some = values[part][rows[part]]
        made[filled : filled + len(some)] = some
        filled += len(some)
    return made


def divided(values: Array | Callable[[slice], Array], part: Array, counts: Array) -> Array:
    """The values, those of part 0 first, then those of part 1 and so on, in the order that they have in each part.

    `part` is that of each value, `counts` are the numbers of values of each part. A function gives the values of rows.
    """
    some = values if callable(values) else values.__getitem__
    made, filled = room.column(len(part), some(slice(0)).dtype), np.cumsum(counts) - counts
    for rows in row_blocks(len(part)):
        order, here = np.argsort(part[rows], kind="stable"), np.bincount(part[rows], minlength=len(counts))
        for number, own in enumerate(np.split(some(rows)[order], np.cumsum(here)[:-1])):
            made[filled[number] : filled[number] + len(own)] = own
        filled += here
    room.release()
    return made


def counts_of(column: Texts) -> npt.NDArray[np.int64]:
    """How often each category occurs."""
    counts = np.zeros(len(column.categories) + 1, dtype=np.int64)
    for rows in row_blocks(len(column)):
        counts += np.bincount(column.codes[rows].astype(np.intp) + 1, minlength=len(counts))
    return counts[1:]


def unique(keys: Codes) -> bool:
    """Whether no key occurs twice."""
    return pd.Index(keys).is_unique


def compose(pieces: Sequence[Piece], separator: str = "") -> Piece:
    """The pieces of each row, in order, joined by the separator or the semicolon of the language.

    Spaces around pieces and empty texts are dropped.

    Each distinct combination is composed once.
    """
    columns = ((codes, max(len(texts), 1)) for codes, texts in pieces)
    first, inverse = unique_rows(packed(columns, len(pieces[0][0])))
    parts = [[texts[index].strip() if texts else "" for index in codes[first]] for codes, texts in pieces]
    sign = separator or joint("semicolon")
    return inverse, [sign.join(filter(None, row)) for row in zip(*parts, strict=True)]


def names_where(marks: Mask, names: Sequence[str]) -> Piece:
    """A piece that lists the marked names of each row. Each distinct set of marks is composed once."""
    sets, codes = np.unique(np.packbits(marks, axis=1), axis=0, return_inverse=True)
    texts_of = np.array(names, dtype=object)
    texts = [commas(texts_of[row.astype(bool)]) for row in np.unpackbits(sets, axis=1, count=marks.shape[1])]
    return codes.reshape(-1), texts


def numbers_where(values: Array, wording: str, where: Mask) -> Piece:
    """A piece that formats a number where `where` holds: `numbers_where(share, "coverage {:.1f} %", low)`."""
    numbers, place = np.unique(values[where], return_inverse=True)
    codes = np.zeros(len(values), dtype=np.int64)
    codes[where] = place + 1
    return codes, ["", *(filled(wording, {}, number) for number in numbers)]


def text_where(where: Mask, text: str) -> Piece:
    """A piece with the same text in every row where `where` holds."""
    return where.astype(np.int64), ("", text)
