"""Answers of a survey as Narwhals expressions that every engine has: values, conditions, scope, yes and no, codes.

Missing values are stated as such: comparisons are positive, and a condition that is unknown becomes false.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, and_, or_
from typing import Any

import narwhals as nw

from divide_cli import concepts as v
from divide_cli.catalogue.codelists import age_span
from divide_cli.survey.design import (
    OTHER,
    PERSONS,
    UNKNOWN,
    Breakdown,
    Conditions,
    Design,
    Measured,
    Question,
    Range,
    Value,
    Values,
    listed,
)

FEW = 6
"""Up to so many values are compared one by one, which is faster than a set."""


@dataclass(frozen=True)
class Columns:
    """Expressions over the columns of a frame, by the type of each."""

    schema: Mapping[str, Any]

    def is_text(self, name: str) -> bool:
        """Whether the column is of text."""
        return not self.schema[name].is_numeric() and self.schema[name] != nw.Boolean

    def raw(self, name: str) -> nw.Expr:
        """The column as numbers, or as text."""
        dtype, column = self.schema[name], nw.col(name)
        if self.is_text(name):
            return column if dtype == nw.String else column.cast(nw.String)
        if dtype == nw.Boolean:
            return column.cast(nw.Int64).cast(nw.Float64)
        return column if dtype == nw.Float64 else column.cast(nw.Float64)

    def id(self, name: str) -> nw.Expr:
        """The column as it is, categories as text: an id, which is only grouped by."""
        return nw.col(name).cast(nw.String) if self.schema[name] in (nw.Categorical, nw.Enum) else nw.col(name)

    def stated(self, name: str) -> nw.Expr:
        """Whether the column has a value: a number, or a text that is not empty."""
        column = nw.col(name)
        if self.is_text(name):
            return ~column.is_null() & _true(self.raw(name) != "")
        missing = column.is_null()
        return ~(missing | _true(column.is_nan())) if self.schema[name].is_float() else ~missing

    def has(self, name: str, values: Values | None) -> nw.Expr:
        """Whether the value of the column is one of those."""
        if isinstance(values, Range):
            return self._within(name, values)
        sought = self._as_typed(name, listed(values))
        if not sought:
            return nw.lit(value=False)
        column = self._compared(name)
        if len(sought) > FEW:
            return _true(column.is_in(sought))
        return _true(reduce(or_, (column == value for value in sought)))

    def lacks(self, name: str, values: Values | None) -> list[nw.Expr]:
        """The condition that the value is not one of those; no condition if there are none."""
        return [~self.has(name, values)] if isinstance(values, Range) or listed(values) else []

    def _as_typed(self, name: str, values: Iterable[Value]) -> list[Any]:
        if self.is_text(name):
            return [str(value) for value in values]
        numbers = [number for value in values if (number := as_number(value)) is not None]
        return [int(one) for one in numbers if one.is_integer()] if self.schema[name].is_integer() else numbers

    def _compared(self, name: str) -> nw.Expr:
        """The column as it is compared: whole numbers stay what they are, which saves copies."""
        return nw.col(name) if self.schema[name].is_integer() else self.raw(name)

    def _within(self, name: str, values: Range) -> nw.Expr:
        within, column = self.stated(name), self._compared(name)
        if values.at_least is not None:
            within &= _true(column >= float(values.at_least))
        return within & _true(column <= float(values.at_most)) if values.at_most is not None else within

    def meets(self, conditions: Conditions) -> nw.Expr:
        """Whether all conditions hold."""
        return every([self.has(name, values) for name, values in conditions.items()])

    def number(self, name: str, where: nw.Expr) -> nw.Expr:
        """The number of the column where the condition holds, else 0."""
        return nw.when(where).then(self.raw(name)).otherwise(nw.lit(0.0))


def as_number(value: Value) -> float | None:
    """The value as a number; None if it is another text."""
    try:
        return float(value)
    except ValueError:
        return None


def every(conditions: Sequence[nw.Expr]) -> nw.Expr:
    """Whether all conditions hold; true if there are none."""
    return reduce(and_, conditions) if conditions else nw.lit(value=True)


def _true(condition: nw.Expr) -> nw.Expr:
    """The condition, false where it is unknown."""
    return condition.fill_null(value=False)


def indicator_of(condition: nw.Expr) -> nw.Expr:
    """1.0 where the condition holds, else 0.0."""
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def ages_of(design: Design, name: str) -> tuple[int | None, int | None] | None:
    """The first and the last age in the scope of an indicator; None if all ages are."""
    own = design.indicators[name].ages
    return own or (design.ages if design.unit_of(name) == PERSONS else None)


def scope(columns: Columns, design: Design, name: str) -> list[nw.Expr]:
    """The conditions of the scope of the indicator: its filter and its ages; none if everybody is in it."""
    within = [columns.meets(design.indicators[name].filter)] if design.indicators[name].filter else []
    if ages := ages_of(design, name):
        within.append(_of_age(columns, design.breakdowns[v.AGE], *ages))
    return within


def _of_age(columns: Columns, age: Breakdown, first: int | None, last: int | None) -> nw.Expr:
    return coded(columns, age, Range(first if first is not None else 0, last))


@dataclass(frozen=True)
class Answer:
    """Where an indicator is yes, and where no; elsewhere it is not stated."""

    yes: nw.Expr
    no: nw.Expr


def answer(columns: Columns, measured: Measured) -> Answer:
    """The answer to the questions of an indicator: any of them, or all."""
    answers = [_answer(columns, question) for question in measured.questions]
    yes, no = [one.yes for one in answers], [one.no for one in answers]
    if measured.any:
        return Answer(reduce(or_, yes), reduce(and_, no))
    return Answer(reduce(and_, yes), reduce(or_, no))


def _answer(columns: Columns, question: Question) -> Answer:
    """The answer to one question. A range has the values that are not stated left out: 99 is not a number of days."""
    yes = _meant(columns, question, question.yes)
    if question.no == OTHER:
        others = [~yes, *columns.lacks(question.variable, question.not_stated)]
        return Answer(yes, every([columns.stated(question.variable), *others]))
    return Answer(yes, _meant(columns, question, question.no))


def _meant(columns: Columns, question: Question, values: Values | None) -> nw.Expr:
    silent = columns.lacks(question.variable, question.not_stated) if isinstance(values, Range) else []
    return every([columns.has(question.variable, values), *silent])


def counted(columns: Columns, design: Design, name: str) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """y and x of an indicator, and where it is in the scope but not stated."""
    measured, within = design.indicators[name], scope(columns, design, name)
    if measured.is_answer:
        given = answer(columns, measured)
        known, y = every([*within, given.yes | given.no]), indicator_of(every([*within, given.yes]))
    else:
        amounts = [measured.variable, *([measured.per] if measured.per else [])]
        known = every([*within, *(is_amount(columns, measured, amount) for amount in amounts)])
        y = columns.number(measured.variable, known)
    whole = every(within) if design.missing_of(name) == "no" else known
    x = columns.number(measured.per, known) if measured.per else indicator_of(whole)
    return y, x, every([*within, ~known])


def is_amount(columns: Columns, measured: Measured, variable: str) -> nw.Expr:
    """Whether the variable has an amount."""
    return every([columns.stated(variable), *columns.lacks(variable, measured.not_stated)])


def code_values(breakdown: Breakdown) -> dict[str, Values]:
    """The values of each code."""
    values: dict[str, Values] = {}
    for value, code in breakdown.codes.items():
        values[code] = (*listed(values.get(code)), value)
    for code in breakdown.bands:
        first, last = age_span(code) or (0, 0)
        values[code] = Range(first, last)
    return values


def codes(breakdown: Breakdown) -> tuple[str, ...]:
    """The codes that rows have, by number; the first is that of rows whose value is missing or in no age band."""
    return (UNKNOWN, *code_values(breakdown))


def code_numbers(columns: Columns, breakdown: Breakdown) -> nw.Expr:
    """The number of each row's code among `codes`. Numbers are grouped much faster than texts."""
    several = enumerate(code_values(breakdown).values(), start=1)
    return reduce(add, (coded(columns, breakdown, values).cast(nw.Int16) * number for number, values in several))


def coded(columns: Columns, breakdown: Breakdown, values: Values) -> nw.Expr:
    """Whether the row has one of the values, and none that means not stated."""
    return every([columns.has(breakdown.variable, values), *columns.lacks(breakdown.variable, breakdown.unknown)])


def combined(columns: Columns, variables: Sequence[str]) -> nw.Expr:
    """One column that tells the values of several variables apart; the column itself if it is one."""
    if len(variables) == 1:
        return columns.id(variables[0])
    texts = [nw.col(name) if columns.schema[name] == nw.String else nw.col(name).cast(nw.String) for name in variables]
    return nw.concat_str(texts, separator=" / ")


def usable_weight(columns: Columns, variable: str | None) -> nw.Expr:
    """The weight where it is above 0, else 0."""
    if variable is None:
        return nw.lit(1.0)
    weight = columns.raw(variable)
    return nw.when(columns.stated(variable) & _true(weight > 0.0)).then(weight).otherwise(nw.lit(0.0))
