"""Values with bounds, the lowest and highest that each may be, and how values are rounded.

Bounds say what is possible, given what is rounded or missing; they are no confidence interval. Arrays and single
numbers are served alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Numbers: TypeAlias = Any
"""A number, or an array of numbers; NaN where unknown."""


@dataclass(frozen=True)
class Bounded:
    """A value with the lowest and the highest that it may be; NaN where unknown."""

    lower: Numbers
    value: Numbers
    upper: Numbers

    def within(self, lowest: Numbers, highest: Numbers) -> "Bounded":
        """The same value, its bounds cut at the lowest and the highest value that the unit allows."""
        return Bounded(np.maximum(self.lower, lowest), self.value, np.minimum(self.upper, highest))

    def where(self, condition: Numbers, other: "Bounded") -> "Bounded":
        """These values where the condition holds, the others elsewhere."""
        return Bounded(
            np.where(condition, self.lower, other.lower),
            np.where(condition, self.value, other.value),
            np.where(condition, self.upper, other.upper),
        )


def printed(value: Numbers, decimals: Numbers) -> Bounded:
    """A value printed with so many decimals: half a unit of the last place either way; exact where they are NaN."""
    half = np.nan_to_num(0.5 * 10.0**-decimals)
    return Bounded(value - half, value, value + half)


def of_share(value: Numbers, share: Numbers, lowest: Numbers, highest: Numbers) -> Bounded:
    """The mean of a whole, of which a share (0 to 1) has the value: the rest may all be lowest, or all highest."""
    low, high = (share * np.nan_to_num(value) + (1 - share) * limit for limit in (lowest, highest))
    return Bounded(np.fmin(np.maximum(low, lowest), value), value, np.fmax(np.minimum(high, highest), value))


def monotone(
    function: Callable[..., Numbers], rising: Sequence[Bounded] = (), falling: Sequence[Bounded] = ()
) -> Bounded:
    """f(rising, falling) of a function that rises with the former and falls with the latter.

    Its bounds are its values at two corners of the box of possible values: all rising values lowest and all falling
    ones highest, and the reverse. A corner where the function is undefined has no bound (NaN).
    """
    return Bounded(
        function(*(x.lower for x in rising), *(x.upper for x in falling)),
        function(*(x.value for x in rising), *(x.value for x in falling)),
        function(*(x.upper for x in rising), *(x.lower for x in falling)),
    )


def half_up(values: Numbers, decimals: int) -> Numbers:
    """The values rounded half up as decimal numbers: 0.975 -> 0.98, 1.005 -> 1.01, whatever their binary tail is.

    The ninth decimal after the last one kept is taken as exact, which is finer than any quotient of printed figures.
    """
    scaled = np.round(values * 10.0**decimals, 9)
    return np.asarray(np.floor(scaled + 0.5) / 10.0**decimals)


def cut_to_tenths(percent: Numbers) -> Numbers:
    """The percentage cut off after one decimal, not rounded: 74.96 is not shown as the 75 that it falls short of."""
    return np.floor(percent * 10 + 1e-6) / 10
