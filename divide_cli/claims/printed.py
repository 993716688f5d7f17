"""Printed text -> the interval of numbers that it may stand for, with its qualifier.

A figure n of which the last printed place is worth u stands for n - u/2 to n + u/2 ("0.94": 0.935 to 0.945). Words and
qualifiers, with their tests, are data: qualifiers.yaml.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from divide_cli.catalogue import Qualifier, catalogue
from divide_cli.claims.records import Claim
from divide_cli.errors import CatalogueError

_NUMBER = re.compile(r"-?(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d+))?")
"""Commas part thousands (1,234,567) or are none at all: 1,6 is not 16."""
_COMMA = re.compile(r"-?\d+,\d+")
DIGITS = 9
"""Decimals that count in a comparison: finer than any quotient of printed figures, coarser than a double's tail."""


@dataclass(frozen=True)
class Accepted:
    """The numbers for which a printed figure holds: from `lower` to `upper`, the ends included or not.

    `number` is the figure, `nearest` the interval of what rounds to it, `decimals` how many it is printed with (None
    for a word). Where economies are counted that lie below the figure, `least` of them, or more, are accepted.
    """

    number: float
    lower: float
    upper: float
    closed: bool
    nearest: tuple[float, float]
    decimals: int | None
    least: int = 0

    def holds(self, lower: float, upper: float) -> bool:
        """Whether every number from `lower` to `upper` is one of them."""
        low, high = round(lower, DIGITS), round(upper, DIGITS)
        return self.lower <= low and high <= self.upper if self.closed else self.lower < low and high < self.upper

    def meets(self, lower: float, upper: float) -> bool:
        """Whether any number from `lower` to `upper` is one of them."""
        low, high = round(lower, DIGITS), round(upper, DIGITS)
        return self.lower <= high and low <= self.upper if self.closed else self.lower < high and low < self.upper

    def beyond(self, value: float) -> float:
        """How far the value lies outside: positive above the upper end, negative below the lower one, else 0."""
        return value - self.upper if value > self.upper else min(value - self.lower, 0.0)

    def rounds(self, value: float) -> bool:
        """Whether the value rounds to the figure, whatever its qualifier says."""
        return self.nearest[0] <= round(value, DIGITS) <= self.nearest[1]


def accepted(claim: Claim, where: str = "") -> Accepted:
    """What the claim's printed text and qualifier accept; CatalogueError where the text is no figure."""
    known = catalogue().qualifiers
    low, number, high, decimals = _figure(claim, known, where)
    test = known[claim.qualifier]
    if test.number:  # the qualifier is the figure: `a third`
        test = known["exactly"]
    if test.least:
        return Accepted(float(number), test.least, inf, True, (float(low), float(high)), decimals, test.least)
    ends = [number + Fraction(share) * 2 * ((high - number) if Fraction(share) > 0 else (number - low))
            for share in (test.lower, test.upper)]  # fmt: skip
    return Accepted(
        float(number), float(ends[0]), float(ends[1]), test.ends == "included", (float(low), float(high)), decimals
    )


def _figure(claim: Claim, known: dict[str, Qualifier], where: str) -> tuple[Fraction, Fraction, Fraction, int | None]:
    """The lower end, the number, the upper end, and the decimals of a printed text."""
    word = known.get(claim.printed)
    if word is not None and word.number:
        scale = 100 if word.whole and claim.unit == "PT" else 1
        return Fraction(word.lower) * scale, Fraction(word.number) * scale, Fraction(word.upper) * scale, None
    found = _NUMBER.fullmatch(claim.printed)
    if not found and _COMMA.fullmatch(claim.printed):
        raise CatalogueError(
            "printed_figure_comma",
            found=claim.printed,
            where=where,
            hint=f"write {claim.printed.replace(',', '.')}, with a decimal point",
        )
    if not found:
        raise CatalogueError(
            "printed_figure_not_a_number",
            expected='"74", "0.94", or one of ' + ", ".join(name for name, entry in known.items() if entry.number),
            found=claim.printed,
            where=where,
        )
    decimals = len(found[1] or "")
    place = Fraction(claim.place) if claim.place else Fraction(1, 10**decimals)
    number = Fraction(claim.printed.replace(",", ""))
    return number - place / 2, number, number + place / 2, decimals
