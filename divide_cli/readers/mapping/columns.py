"""Text columns -> category columns of the canonical frame; a text that no list holds is refused with its line."""

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue.ages import age_span
from divide_cli.errors import SourceError, UnknownCodeError, suggestion
from divide_cli.frames.columns import Texts, category, labelled
from divide_cli.frames.schema import fields
from divide_cli.readers.mapping.numbers import decimal_mark, figures, not_a_number
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn

_AMOUNT = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?")

LISTED_BY = {
    v.REF_AREA: "divide list areas",
    v.INDICATOR: "divide list indicators",
}


def coded(
    rows: Rows, column: str, concept: str, translate: Mapping[str, str] | None = None, known: Sequence[str] = ()
) -> Texts:
    """The column as codes of the concept's codelist; `translate` maps a provider's texts, others stand as they are.

    A text that is no code is refused, with the nearest of `known` (else of the codelist).
    """
    source = rows.columns[column]
    texts = [(translate or {}).get(text, text) for text in source.values]
    dtype = _codes_with_bands(texts) if concept == v.AGE else category(concept)
    position = {code: index for index, code in enumerate(dtype.categories)}
    target = np.array([position.get(text, -1) for text in texts], dtype=np.min_scalar_type(-max(len(position), 1)))
    unknown = np.flatnonzero(target < 0).tolist()

    def error(text: str, others: str, count: str, where: str) -> SourceError:
        listing = LISTED_BY.get(concept, f"divide show {concept}")
        return UnknownCodeError(
            "code_unknown",
            expected="_T for a total" if text == "" else f"a code of {concept}",
            found=f"{text!r}{f'{others} codes' if others else ''}{count}",
            where=where,
            hint=suggestion(text, known or category(concept).categories, f"`{listing}`"),
        )

    rows.refuse_texts(column, unknown, error)
    return pd.Categorical.from_codes(target[source.codes] if len(target) else np.zeros(0, np.int8), dtype=dtype)


def _codes_with_bands(texts: Sequence[str]) -> pd.CategoricalDtype:
    """The category type of ages: the listed bands, and after them others that a file has."""
    listed = category(v.AGE)
    further = sorted({text for text in texts if text not in listed.categories and age_span(text)})
    return pd.CategoricalDtype([*listed.categories, *further]) if further else listed


def by_text(source: TextColumn, concept: str, code_of: Mapping[str, str]) -> Texts:
    """A column whose code follows from the text of another; every text has one."""
    texts = [code_of[text] for text in source.values]
    dtype = _codes_with_bands(texts) if concept == v.AGE else category(concept)
    target = np.array([dtype.categories.get_loc(text) for text in texts], dtype=np.int32)
    return pd.Categorical.from_codes(target[source.codes], dtype=dtype)


def free(source: TextColumn) -> Texts:
    """The column as a category of its own texts, in alphabetical order."""
    order = sorted(range(len(source.values)), key=source.values.__getitem__)
    rank = np.empty(len(order), dtype=np.min_scalar_type(-max(len(order), 1)))
    rank[order] = np.arange(len(order))
    return labelled(rank[source.codes], [source.values[index] for index in order])


def by_indicator(indicator: Texts, text_of: Mapping[str, str], concept: str) -> Texts:
    """A column whose code follows from the indicator (its unit, say); refused rows have any."""
    dtype = category(concept)
    target = np.array([dtype.categories.get_loc(text_of[code]) for code in indicator.categories], dtype=np.int32)
    return pd.Categorical.from_codes(target[indicator.codes], dtype=dtype)


Period = tuple[re.Pattern[str], str, str]
"""A spelling of a year (its group 1), the status that it tells, and what is said of it ({} is the text)."""


def years(
    rows: Rows, column: str, periods: Sequence[Period] = ()
) -> tuple[npt.NDArray[np.int16], TextColumn | None, TextColumn | None]:
    """The column as calendar years, the status that its spelling tells, and what is to be said of the spelling.

    Anything but four digits, or a spelling of `periods`, is refused.
    """
    source = rows.columns[column]
    known = np.zeros(len(source.values), dtype=np.int16)
    status, said = [""] * len(source.values), [""] * len(source.values)
    wrong = []
    for index, text in enumerate(source.values):
        bare = text.strip() if periods else text
        if re.fullmatch(r"\d{4}", bare):
            known[index] = int(bare)
            continue
        for pattern, told, wording in periods:
            if found := pattern.fullmatch(bare):
                known[index], status[index], said[index] = int(found[1]), told, wording.format(bare)
                break
        else:
            wrong.append(index)

    def error(text: str, others: str, _count: str, where: str) -> SourceError:
        return SourceError("period_not_a_year", found=f"{text!r}{others}", text="" if others else text, where=where)

    rows.refuse_texts(column, wrong, error)
    made = known[source.codes] if len(known) else np.zeros(0, dtype=np.int16)
    return (
        np.asarray(made),
        TextColumn(source.codes, status) if any(status) else None,
        TextColumn(source.codes, said) if any(said) else None,
    )


def integers(rows: Rows, column: str) -> "pd.api.extensions.ExtensionArray":
    """The column as numbers of decimals (0 to 9, as the schema says), missing where empty."""
    source = rows.columns[column]
    wrong = [index for index, text in enumerate(source.values) if text and not re.fullmatch(r"\d", text)]

    def error(text: str, _others: str, _count: str, where: str) -> SourceError:
        return SourceError("decimals_malformed", found=repr(text), where=where)

    rows.refuse_texts(column, wrong, error)
    bad = set(wrong)
    values = [int(text) if text and index not in bad else None for index, text in enumerate(source.values)]
    return pd.array(values, dtype="Int8").take(source.codes)


def quantities(rows: Rows, column: str) -> npt.NDArray[np.float64]:
    """A column of numbers beside the values (persons, a standard error); NaN where empty; other texts are refused."""
    source = rows.columns[column]
    numbers, _, wrong = figures(source, (), decimal_mark(source.values, rows.file.delimiter), False)
    rows.refuse_texts(column, wrong, not_a_number)
    return numbers


def amounts(rows: Rows, column: str) -> npt.NDArray[np.float64]:
    """The column as numbers that are not negative (errors, ends and levels of intervals), NaN where empty."""
    source = rows.columns[column]
    wrong = [index for index, text in enumerate(source.values) if text and not _AMOUNT.fullmatch(text)]

    def error(text: str, others: str, _count: str, where: str) -> SourceError:
        return SourceError("amount_not_a_number", column=column, found=f"{text!r}{others}", where=where)

    rows.refuse_texts(column, wrong, error)
    bad = set(wrong)
    values = [float(text) if text and index not in bad else np.nan for index, text in enumerate(source.values)]
    return np.asarray(np.array(values, dtype=np.float64)[source.codes] if values else np.zeros(0))


def dimension(rows: Rows, column: str) -> Texts:
    """The column as a further dimension; an empty cell is refused, since it may be a total or a mistake."""

    def error(_text: str, _others: str, _count: str, where: str) -> SourceError:
        return SourceError("breakdown_missing", where=where)

    source = rows.columns[column]
    rows.refuse_texts(column, [index for index, text in enumerate(source.values) if text == ""], error)
    return free(source)


def _not_supported(name: str, allowed: Sequence[str]) -> Callable[[str, str, str, str], SourceError]:
    def error(text: str, _others: str, _count: str, where: str) -> SourceError:
        return SourceError(
            "attribute_value_unsupported", concept=name, expected=" or ".join(allowed), found=repr(text), where=where
        )

    return error


def check_fixed(rows: Rows, column_of: Mapping[str, str]) -> None:
    """Columns that may hold listed values only (FREQ is A, UNIT_MULT is 0): another would change what a value means."""
    for name, field in fields("observations").items():
        allowed: Sequence[str] = field.get("constraints", {}).get("enum") or ()
        column = column_of.get(name, name)
        if not allowed or column not in rows.columns:
            continue

        source = rows.columns[column]
        wrong = [index for index, text in enumerate(source.values) if text not in allowed]
        rows.refuse_texts(column, wrong, _not_supported(name, allowed))
