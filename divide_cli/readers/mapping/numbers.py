"""Texts -> numbers: values with missing markers, decimal commas and flags ("85.2 b"), years, amounts.

A comma or point before three digits may be a decimal mark or separate thousands. The other texts of the column decide.
Where they do not, the range of the unit decides (a percentage is not 1,234). Otherwise the rows are rejected.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli.catalogue import Dataflow, catalogue
from divide_cli.errors import SourceError
from divide_cli.frames.columns import Mask, Texts, taken
from divide_cli.language import say
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn, WrongText

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")
PERCENT = "%"
"""The sign that may follow a percentage."""
_MARKED = re.compile(
    r"[<>≤≥~] ?\d+(?:[.,]\d+)?|[+-]?\d+(?:[.,]\d+)?"
    r"(?: ?[*†‡#]{1,3}|[a-km-np-z]{1,2}| [a-zA-Z]{1,2}| ?\((?:[a-zA-Z]{1,2}|\d|\*+)\))"
)
"""A number with a flag or a footnote mark. A letter typed for a digit (9O, 9l) is not a mark."""
_QUARTER = re.compile(r"(\d{4}) ?/ ?([1-4])")
_LETTERS = str.maketrans("OoIl", "0011")
"""Letters that are typed for similar digits."""
_AMOUNT = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?")
_GROUPED = r"[+-]?[1-9]\d{{0,2}}(?:{mark}\d{{3}})+"
"""A number in which a mark may separate thousands."""
_SEPARATORS = re.compile(r"(?<=\d)[,.'’\s](?=\d{3}(?!\d))")
"""What separates thousands somewhere in the world: Python's white space includes the narrow spaces."""
_LEAST = 1000.0
"""The least number with a separator of thousands."""


class Separators(NamedTuple):
    """The decimal mark of a column, and whether the mark of a text such as "345,427" may separate thousands instead."""

    decimal: str
    unclear: bool

    def doubtful(self, texts: Sequence[str]) -> list[int]:
        """The indices of the texts that may have a separator of thousands."""
        grouped = re.compile(_GROUPED.format(mark=re.escape(self.decimal)))
        return [index for index, text in enumerate(texts) if self.unclear and grouped.fullmatch(_bare(text))]


def separators(texts: Sequence[str], delimiter: str) -> Separators:
    """The decimal mark of these texts: a comma if they have commas and no points, else a point.

    A mark is certainly decimal in some text unless exactly three digits follow it and one to three precede it, without
    a 0 in front. It certainly separates thousands in a text that has it twice, or has the other mark after it. If
    neither is so, and semicolons separate the cells, as programs with decimal commas write them, it is unclear.
    """
    numbers = [text for text in map(_bare, texts) if _NUMBER.fullmatch(text)]
    decimals = {mark: any(map(_decimal(mark).fullmatch, numbers)) for mark in ",."}
    thousands = {mark: any(map(_thousands(mark).fullmatch, map(_bare, texts))) for mark in ",."}
    commas, points = (thousands[mark] or any(mark in text for text in numbers) for mark in ",.")
    written_over = decimals[","] and thousands["."] and not decimals["."]  # 1.234,5
    comma = written_over or (commas and not points and (decimals[","] or delimiter == ";"))
    mark = "," if comma else "."
    undecided = not decimals[mark] and (delimiter == ";" or (commas and points))
    return Separators(mark, thousands[mark] or undecided)


@cache
def _decimal(mark: str) -> re.Pattern[str]:
    """Matches a number in which the mark is certainly decimal."""
    return re.compile(rf"(?!{_GROUPED.format(mark=re.escape(mark))}$).*{re.escape(mark)}.*")


@cache
def _thousands(mark: str) -> re.Pattern[str]:
    """Matches a text in which the mark certainly separates thousands: `1,234,567`, `1,234.5`."""
    one, other = re.escape(mark), re.escape(",.".replace(mark, ""))
    return re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:(?:{one}\d{{3}}){{2,}}|(?:{one}\d{{3}})+{other}\d*)")


def _bare(text: str) -> str:
    """The text without spaces around it and without a final percent sign."""
    return text.strip().removesuffix(PERCENT).rstrip()


def figures(
    column: TextColumn, missing: Sequence[str], decimal: str = ".", flagged: bool = False
) -> tuple[npt.NDArray[np.float64], TextColumn | None, list[int]]:
    """The numbers of a text column (NaN if missing), the marks next to them, and the indices of invalid texts.

    Marks are missing markers, percent signs and, if `flagged`, the letters after a number.
    """
    numbers = np.full(len(column.values), np.nan)
    beside = [""] * len(column.values)
    wrong = []
    for index, text in enumerate(column.values):
        bare, _, flag = text.strip().partition(" ") if flagged else (text.strip(), "", "")
        if _NUMBER.fullmatch(_bare(bare)) and bare.endswith(PERCENT):
            bare, flag = _bare(bare), PERCENT
        number = _number(bare, decimal)
        if bare in missing or not bare:
            beside[index] = flag.strip() if flagged and flag.strip() else bare
        elif math.isfinite(number):
            numbers[index], beside[index] = number, flag.strip()
        else:
            wrong.append(index)
    marks = TextColumn(column.codes, beside) if any(beside) else None
    return taken(numbers, column.codes), marks, wrong


def _number(text: str, decimal: str) -> float:
    """The number in a text with that decimal mark; NaN if it is not a number."""
    fits = text.count(",") <= (decimal == ",") and (decimal == "." or "." not in text)
    return float(text.replace(",", ".")) if fits and _NUMBER.fullmatch(text) else math.nan


def as_written(column: TextColumn, decimal: str) -> tuple[npt.NDArray[np.int8], Mask]:
    """The decimals of each value (-1 if not a number, or with an exponent), and whether it has spaces around it."""
    decimals = np.full(len(column.values), -1, dtype=np.int8)
    for index, text in enumerate(column.values):
        bare = _bare(text.strip().partition(" ")[0])
        if _NUMBER.fullmatch(bare) and "e" not in bare.lower():
            decimals[index] = min(len(bare.partition(decimal)[2]), 99)
    return taken(decimals, column.codes), column.where(lambda text: text.strip() not in ("", text))


def read_values(rows: Rows, column: str, cells: TextColumn, flow: Dataflow, written: bool) -> None:
    """Gives the rows the numbers in the cells, and how each is `written` if asked for.

    If one is not a number, or may have a separator of thousands, the cells become a column of the rows.
    """
    marks = separators(cells.values, rows.file.delimiter)
    rows.numbers, rows.beside, wrong = figures(cells, flow.missing, marks.decimal, bool(flow.flags))
    rows.file = replace(rows.file, decimal=marks.decimal)
    if written:
        rows.printed, padded = as_written(cells, marks.decimal)
        rows.padded = None if flow.flags else padded  # a layout with flags leaves room for them
    doubtful = marks.doubtful(cells.values)
    if wrong or doubtful:
        rows.add({column: cells})
        rows.wrong = (column, wrong) if wrong else None
        rows.doubtful = (column, doubtful) if doubtful else None


def refuse_doubtful(rows: Rows, column: str, doubtful: Sequence[int], units: Texts) -> None:
    """Rejects the doubtful texts of the rows whose unit does not decide: no percentage is a thousand or more."""
    entries = catalogue().units
    limits = [entries[unit].maximum or entries[unit].impossible or math.inf for unit in units.categories]
    open_ended = np.array(limits)[units.codes] > _LEAST
    rows.refuse_texts(column, doubtful, _unclear, among=open_ended)


def _unclear(wrong: WrongText) -> SourceError:
    """The error for a text that may be a whole number or have decimals; it gives both, 345427 and 345.427."""
    bare = _bare(wrong.text).replace(",", ".")
    return wrong.refusal("separator_unclear", whole=bare.replace(".", ""), fraction=bare)


def not_a_number(wrong: WrongText) -> SourceError:
    """The error for a text that is not a number, has a mark (`45.3*`), or letters for digits (`9O.1`)."""
    bare = wrong.text.strip()
    meant = bare.translate(_LETTERS)
    fits = ""
    digits = _SEPARATORS.sub("", bare).replace(",", "")
    if digits != bare and _NUMBER.fullmatch(digits):
        fits = say("use the decimal mark of the other cells, and no mark between thousands; ")
    elif meant != bare and _NUMBER.fullmatch(meant):
        fits = say("if a letter was typed for a digit, write {meant}; ", meant=meant)
    return wrong.refusal("value_marked" if _MARKED.fullmatch(bare) else "value_not_a_number", fits=fits)


Period = tuple[re.Pattern[str], str, str]
"""A spelling of a year (its group 1), the status that it gives, and the comment on it ({} is the text)."""


def years(
    rows: Rows, column: str, periods: Sequence[Period] = ()
) -> tuple[npt.NDArray[np.int16], TextColumn | None, TextColumn | None]:
    """The column as calendar years, with the status and the comment that their spelling gives.

    Rows are rejected unless the year has four digits or a spelling of `periods`.
    """
    source = rows.columns[column]
    year_of = np.zeros(len(source.values), dtype=np.int16)
    status, comment = [""] * len(source.values), [""] * len(source.values)
    quarters, wrong = _quarters(source.values), list[int]()
    for index, text in enumerate(source.values):
        bare = text.strip() if periods else text
        if index in quarters:
            wrong.append(index)
            continue
        if re.fullmatch(r"\d{4}", bare):
            year_of[index] = int(bare)
            continue
        for pattern, code, wording in periods:
            if match := pattern.fullmatch(bare):
                year_of[index], status[index], comment[index] = int(match[1]), code, wording.format(bare)
                break
        else:
            wrong.append(index)
    rows.refuse_texts(
        column, wrong, lambda wrong: wrong.refusal("period_not_a_year", text="" if wrong.others else wrong.text)
    )
    of_status, of_comment = (TextColumn(source.codes, texts) if any(texts) else None for texts in (status, comment))
    return taken(year_of, source.codes), of_status, of_comment


def _quarters(texts: Sequence[str]) -> set[int]:
    """The indices of quarters ("2019/1", "2019/2"), which are like years with a footnote: a year has several."""
    matches = {index: match for index, text in enumerate(texts) if (match := _QUARTER.fullmatch(text.strip()))}
    parts = {(match[1], match[2]) for match in matches.values()}
    return set(matches) if len(parts) > len({year for year, _ in parts}) else set()


def decimals(rows: Rows, column: str) -> "pd.api.extensions.ExtensionArray":
    """The column as numbers of decimals (0 to 9, as in the schema), missing if empty."""
    source = rows.columns[column]
    rows.refuse_texts(
        column,
        source.indices(lambda text: not re.fullmatch(r"\d?", text)),
        lambda wrong: wrong.refusal("decimals_malformed", found=repr(wrong.text)),
    )
    values = [int(text) if re.fullmatch(r"\d", text) else None for text in source.values]
    return pd.array(values, dtype="Int8").take(source.codes)


def quantities(rows: Rows, column: str, units: Texts) -> npt.NDArray[np.float64]:
    """A column of numbers given with the values (persons, a standard error); NaN if empty. Other texts are rejected."""
    source = rows.columns[column]
    marks = separators(source.values, rows.file.delimiter)
    numbers, _, wrong = figures(source, (), marks.decimal)
    rows.refuse_texts(column, wrong, not_a_number)
    refuse_doubtful(rows, column, marks.doubtful(source.values), units)
    return numbers


def amounts(rows: Rows, column: str) -> npt.NDArray[np.float64]:
    """The column as non-negative numbers (errors, ends and levels of intervals); NaN if empty."""
    source = rows.columns[column]
    values = [float(text) if _AMOUNT.fullmatch(text) else math.nan for text in source.values]
    wrong = [index for index, text in enumerate(source.values) if text and not math.isfinite(values[index])]
    rows.refuse_texts(column, wrong, lambda wrong: wrong.refusal("amount_not_a_number", column=column))
    return taken(np.array(values, dtype=np.float64), source.codes)
