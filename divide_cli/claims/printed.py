"""Printed text -> the interval of numbers that it may represent, with its qualifier. Loads without numpy.

A figure n with a last printed place worth u represents n - u/2 to n + u/2 ("0.94": 0.935 to 0.945). Words and
qualifiers, with their tests, are data: qualifiers.yaml.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import inf, isnan

from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import Claim
from divide_cli.catalogue.records import Qualifier
from divide_cli.errors import CatalogueError
from divide_cli.language import commas, digits, say

_NUMBER = re.compile(r"-?(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d+))?")
"""A number. Commas separate thousands (1,234,567) or do not occur: 1,6 is not 16."""
_COMMA = re.compile(r"-?\d+,\d+")
DIGITS = 9
"""The decimals that count in a comparison: finer than any quotient of printed figures, coarser than a double's tail."""


@dataclass(frozen=True)
class PrintedFigure:
    """The numbers for which a printed figure is true: from `lower` to `upper`, with or without the ends.

    `number` is the figure, `rounding` the ends of what rounds to it, `decimals` its printed decimals (None for a word).
    If the figure counts economies below it, it is true for `least` of them, or more.
    """

    number: float
    lower: float
    upper: float
    closed: bool
    rounding: tuple[float, float]
    decimals: int | None = None
    least: int = 0

    def holds(self, lower: float, upper: float) -> bool:
        """Whether every number from `lower` to `upper` is one of them."""
        low, high = round(lower, DIGITS), round(upper, DIGITS)
        return self.lower <= low and high <= self.upper if self.closed else self.lower < low and high < self.upper

    def meets(self, lower: float, upper: float) -> bool:
        """Whether any number from `lower` to `upper` is one of them."""
        low, high = round(lower, DIGITS), round(upper, DIGITS)
        return self.lower <= high and low <= self.upper if self.closed else self.lower < high and low < self.upper

    def overlaps(self, lower: float, upper: float) -> bool:
        """Whether more of the range from `lower` to `upper` meets them than one end; a single number may be an end."""
        low, high = round(lower, DIGITS), round(upper, DIGITS)
        if low == high or self.lower == self.upper:
            return self.meets(lower, upper)
        return self.lower < high and low < self.upper

    def beyond(self, value: float) -> float:
        """How far the value is outside: positive above the upper end, negative below the lower one, otherwise 0."""
        return value - self.upper if value > self.upper else min(value - self.lower, 0.0)

    def rounds(self, value: float) -> bool:
        """Whether the value rounds to the figure, whatever its qualifier says."""
        return self.rounding[0] <= round(value, DIGITS) <= self.rounding[1]

    def text(self, value: float) -> str:
        """The value with two decimals more than the printed figure."""
        return number_text(value, self.decimals)


def number_text(value: float, decimals: int | None = None) -> str:
    """The value with two decimals more than a figure has (of a word: two), without trailing zeros."""
    if isnan(value):
        return say("unknown")
    text = f"{value:.{(decimals or 0) + 2}f}"
    return digits(text.rstrip("0").rstrip(".") if "." in text else text)


def printed_figure(claim: Claim, where: str = "") -> PrintedFigure:
    """The numbers that the claim's printed text and qualifier represent; CatalogueError if the text is not a figure."""
    qualifiers = catalogue().qualifiers
    low, number, high, decimals = _rounding(claim, qualifiers, where)
    rounding = (float(low), float(high))
    test = qualifiers[claim.qualifier]
    if test.number:  # the qualifier is the figure: `a third`
        test = qualifiers["exactly"]
    if test.least:
        return PrintedFigure(float(number), test.least, inf, True, rounding, decimals, test.least)
    lower, upper = (
        number + Fraction(share) * 2 * (high - number if Fraction(share) > 0 else number - low)
        for share in (test.lower, test.upper)
    )
    return PrintedFigure(float(number), float(lower), float(upper), test.ends == "included", rounding, decimals)


def _rounding(
    claim: Claim, qualifiers: Mapping[str, Qualifier], where: str
) -> tuple[Fraction, Fraction, Fraction, int | None]:
    """The lower end, the number, the upper end, and the decimals of a printed text."""
    word = qualifiers.get(claim.printed)
    if word is not None and word.number:
        scale = 100 if word.whole and claim.unit == "PT" else 1
        return Fraction(word.lower) * scale, Fraction(word.number) * scale, Fraction(word.upper) * scale, None
    match = _NUMBER.fullmatch(claim.printed)
    if match is None and _COMMA.fullmatch(claim.printed):
        meant = claim.printed.replace(",", ".")
        raise CatalogueError("printed_figure_comma", meant=meant, found=claim.printed, where=where)
    if match is None:
        words = commas(name for name, entry in qualifiers.items() if entry.number)
        raise CatalogueError("printed_figure_not_a_number", words=words, found=claim.printed, where=where)
    decimals = len(match[1] or "")
    place = Fraction(claim.place) if claim.place else Fraction(1, 10**decimals)
    number = Fraction(claim.printed.replace(",", ""))
    return number - place / 2, number, number + place / 2, decimals
