"""Numbers with bounds and coverage, and what claims make of them: complement, persons, change, ratio, remainder.

Bounds are carried through as intervals; a number that is not there (`missing` says why) makes all that follows missing,
and keeps the bounds that can still be given.
"""

from dataclasses import dataclass, replace
from math import isnan, nan

Key = tuple[str, ...]


@dataclass(frozen=True)
class Number:
    """A value with the lowest and highest that it may have; NaN where unknown.

    `coverage` is in percent of the people (NaN for published figures), `persons` the people that the value is of,
    `cells` the keys that it was made from, `missing` why there is no value.
    """

    value: float
    lower: float
    upper: float
    coverage: float = nan
    persons: float = nan
    membership: str = ""
    year: int | None = None
    cells: tuple[Key, ...] = ()
    missing: str = ""

    @property
    def bounded(self) -> bool:
        """Whether both bounds are known."""
        return not isnan(self.lower) and not isnan(self.upper)


def nothing(why: str, year: int | None = None) -> Number:
    """No number, and why."""
    return Number(nan, nan, nan, year=year, missing=why)


def _joined(first: Number, second: Number, value: float, lower: float, upper: float) -> Number:
    """A number made from two; its coverage is that of the one that covers less."""
    return replace(
        first,
        value=value,
        lower=lower,
        upper=upper,
        coverage=min(first.coverage, second.coverage) if not isnan(second.coverage) else first.coverage,
        cells=(*first.cells, *second.cells),
        missing=first.missing or second.missing,
    )


def complement(x: Number) -> Number:
    """100 - x."""
    return replace(x, value=100 - x.value, lower=100 - x.upper, upper=100 - x.lower)


def people(x: Number) -> Number:
    """x N / 100: the persons that a percentage of N persons stands for."""
    if isnan(x.persons):
        return replace(x, value=nan, lower=nan, upper=nan, missing=x.missing or "no source counts these people")
    n = x.persons / 100
    return replace(x, value=x.value * n, lower=x.lower * n, upper=x.upper * n)


def total(parts: list[Number]) -> Number:
    """The sum."""
    made = parts[0]
    for part in parts[1:]:
        made = _joined(made, part, made.value + part.value, made.lower + part.lower, made.upper + part.upper)
    return made


def remainder(whole: Number, part: Number) -> Number:
    """(T N - P n) / (N - n): the share among the people of the whole who are not of the part."""
    if isnan(whole.persons) or isnan(part.persons):
        why = whole.missing or part.missing or "no source counts these people"
        return _joined(replace(whole, missing=why), part, nan, nan, nan)
    n, m = whole.persons, part.persons

    def rest(t: float, p: float) -> float:
        return (t * n - p * m) / (n - m)

    made = _joined(
        whole, part, rest(whole.value, part.value), rest(whole.lower, part.upper), rest(whole.upper, part.lower)
    )
    return replace(made, persons=n - m)


def ratio(x: Number, y: Number, scale: float = 1) -> Number:
    """scale x / y; without value or bound where y is 0."""

    def over(a: float, b: float) -> float:
        return scale * a / b if b else nan

    return _joined(x, y, over(x.value, y.value), over(x.lower, y.upper), over(x.upper, y.lower))


def change(later: Number, earlier: Number, kind: str) -> Number:
    """100 (x1 / x0 - 1) for a `relative` change (percent of the earlier number), x1 - x0 for an `absolute` one."""
    if kind == "absolute":
        value, lower, upper = (
            later.value - earlier.value,
            later.lower - earlier.upper,
            later.upper - earlier.lower,
        )
        return _joined(later, earlier, value, lower, upper)
    quotient = ratio(later, earlier, 100)
    return replace(quotient, value=quotient.value - 100, lower=quotient.lower - 100, upper=quotient.upper - 100)


def scaled(x: Number, power: int) -> Number:
    """The number in units of 10^power."""
    unit = 10.0**power
    return replace(x, value=x.value / unit, lower=x.lower / unit, upper=x.upper / unit) if power else x
