"""Values with bounds (the lowest and the highest possible value), and the rounding of values.

Bounds give what is possible when figures are rounded or missing. They are not a confidence interval. Functions take
arrays or single numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

MOST_DECIMALS = 12
"""The most decimals that a double represents safely: with more, a value is taken as exact."""
Numbers: TypeAlias = Any
"""A number, or an array of numbers; NaN if unknown."""


@dataclass(frozen=True)
class Bounded:
    """A value with its bounds: the lowest and the highest possible value; NaN if unknown."""

    lower: Numbers
    value: Numbers
    upper: Numbers

    def within(self, lowest: Numbers, highest: Numbers) -> "Bounded":
        """The same value, with its bounds limited to the lowest and the highest value that the unit allows."""
        return Bounded(np.maximum(self.lower, lowest), self.value, np.minimum(self.upper, highest))

    def around(self, low: "Bounded", high: "Bounded") -> "Bounded":
        """The same value, with the lower bound of one and the upper bound of another, if they are further away."""
        return Bounded(np.fmin(self.lower, low.lower), self.value, np.fmax(self.upper, high.upper))

    def where(self, condition: Numbers, other: "Bounded") -> "Bounded":
        """These values where the condition holds, the others elsewhere."""
        pairs = ((self.lower, other.lower), (self.value, other.value), (self.upper, other.upper))
        return Bounded(*(np.where(condition, *pair) for pair in pairs))


def half_unit(decimals: Numbers) -> Numbers:
    """10^-d / 2: half a unit of the last of d decimals; 0 where d is NaN."""
    return np.nan_to_num(0.5 * 10.0**-decimals)


def printed(value: Numbers, decimals: Numbers) -> Bounded:
    """value - 10^-d / 2 to value + 10^-d / 2 for a value printed with d decimals; exact where d is NaN."""
    half = half_unit(decimals)
    return Bounded(value - half, value, value + half)


def of_share(value: Numbers, share: Numbers, lowest: Numbers, highest: Numbers) -> Bounded:
    """s x + (1 - s) lowest to s x + (1 - s) highest: the mean of a whole, if only the share s (0 to 1) has mean x."""
    low, high = (share * np.nan_to_num(value) + (1 - share) * limit for limit in (lowest, highest))
    return Bounded(np.fmin(np.maximum(low, lowest), value), value, np.fmax(np.minimum(high, highest), value))


def monotone(
    function: Callable[..., Numbers], rising: Sequence[Bounded] = (), falling: Sequence[Bounded] = ()
) -> Bounded:
    """f(rising, falling) with bounds, for a function that rises with the first arguments and falls with the others.

    The bounds are its values at two corners of the box of possible values: all rising values at their lowest and all
    falling ones at their highest, and the reverse. If the function is undefined at a corner, that bound is NaN.
    """
    return Bounded(
        function(*(x.lower for x in rising), *(x.upper for x in falling)),
        function(*(x.value for x in rising), *(x.value for x in falling)),
        function(*(x.upper for x in rising), *(x.lower for x in falling)),
    )


def half_up(values: Numbers, decimals: int) -> Numbers:
    """The values rounded half up as decimal numbers: 0.975 -> 0.98, 1.005 -> 1.01, despite their binary representation.

    Values are first rounded to nine decimals after the last one kept, finer than any quotient of printed figures.
    """
    scaled = np.round(values * 10.0**decimals, 9)
    return np.asarray(np.floor(scaled + 0.5) / 10.0**decimals)


def cut_to_tenths(percent: Numbers) -> Numbers:
    """The percentage cut off after one decimal, not rounded: 74.96 is shown as 74.9, since it is below 75."""
    return np.floor(percent * 10 + 1e-6) / 10


def shown_decimals(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """The fewest decimals with which each number can be written: 0 for 86.0, 1 for 86.8."""
    fewest = np.full(len(values), MOST_DECIMALS + 1, dtype=np.int8)
    for decimals in range(MOST_DECIMALS, -1, -1):
        fewest[np.isclose(np.round(values, decimals), values, rtol=0, atol=1e-12)] = decimals
    return fewest


_EVERY = np.arange(np.iinfo(np.int8).max + 1)
_HALF_OF = np.where(_EVERY > MOST_DECIMALS, 0.0, 0.5 * 10.0 ** -_EVERY.astype(np.float64))


@dataclass(frozen=True)
class HalfUnits:
    """Half a unit of the last decimal of each row, kept as the number of decimals: `half[rows]`."""

    decimals: npt.NDArray[np.int8]

    def __getitem__(self, rows: Any) -> npt.NDArray[np.float64]:
        return np.asarray(_HALF_OF[self.decimals[rows]])

    @property
    def greatest(self) -> float:
        """That of the coarsest value."""
        return float(_HALF_OF[self.decimals.min(initial=MOST_DECIMALS)])

    def at_most(self, limit: float) -> npt.NDArray[np.bool_]:
        """The rows in which it is at most the limit."""
        return self.decimals >= np.count_nonzero(limit < _HALF_OF)  # the more decimals, the smaller the half
