"""Subgroups: the values and population shares that measures of disparity are formed from, many settings at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def weighted(values: Array, weights: Array) -> Array:
    """sum_j w_j x_j over the last axis, whatever stands before it."""
    if weights.ndim == 1:
        return np.asarray(values @ weights)
    return np.asarray(np.einsum("...j,...j->...", values, weights))


def divided(numerator: Array, denominator: Array) -> Array:
    """The quotient; NaN where the denominator is zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(denominator == 0, np.nan, numerator / denominator))


@dataclass(frozen=True)
class Subgroups:
    """J subgroups: y_j (`values`, shape (..., J)) and p_j (`shares`, shape (J,) or (..., J), summing to 1 over J).

    Leading axes are settings, draws, vertices: every formula reduces the last axis only. Where `ordered`, subgroups
    stand from the most to the least disadvantaged. `reference` and `compared` are positions; without a reference the
    least disadvantaged is it, or without an order the best value (the highest, or the lowest where the indicator is
    `adverse`). `maximum` is the highest value that the unit allows (100 for percentages), infinite where it allows any.
    Values are known: a missing subgroup is left out by the caller, who says so.
    """

    values: Array
    shares: Array
    reference: int | None = None
    compared: int | None = None
    ordered: bool = False
    adverse: bool = False
    maximum: float = np.inf

    def at(self, values: Array) -> "Subgroups":
        """The same subgroups with other values."""
        return Subgroups(values, self.shares, self.reference, self.compared, self.ordered, self.adverse, self.maximum)

    @property
    def number(self) -> int:
        """J, the number of subgroups."""
        return int(self.values.shape[-1])

    @cached_property
    def mean(self) -> Array:
        """mu = sum_j p_j y_j."""
        return weighted(self.values, self.shares)

    @cached_property
    def deviations(self) -> Array:
        """y_j - mu."""
        return np.asarray(self.values - self.mean[..., None])

    @cached_property
    def distances(self) -> Array:
        """|y_j - mu|."""
        return np.abs(self.deviations)

    @cached_property
    def relative(self) -> Array:
        """r_j = y_j / mu; NaN where the mean is zero."""
        return divided(self.values, self.mean[..., None])

    @cached_property
    def logs(self) -> Array:
        """ln r_j; minus infinity where a subgroup stands at zero, NaN below it."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.log(self.relative))

    @cached_property
    def ranks(self) -> Array:
        """X_j = sum_{k<j} p_k + p_j / 2, the fractional rank in the order in which the subgroups stand."""
        return np.asarray(np.cumsum(self.shares, axis=-1) - self.shares / 2)

    @cached_property
    def best(self) -> Array:
        """The best value: the highest, or the lowest where the indicator is adverse."""
        return np.asarray(self.values.min(axis=-1) if self.adverse else self.values.max(axis=-1))

    @property
    def reference_place(self) -> int | None:
        """The position of the reference: as named, else the least disadvantaged of an order; None for the
        best value.
        """
        return self.number - 1 if self.reference is None and self.ordered else self.reference

    @cached_property
    def reference_value(self) -> Array:
        """The value at the reference's position, or the best one where there is none."""
        return self.best if self.reference_place is None else np.asarray(self.values[..., self.reference_place])

    @cached_property
    def ascending(self) -> tuple[Array, Array]:
        """The values from the lowest to the highest, and their shares in that order."""
        order = np.argsort(self.values, axis=-1, kind="stable")
        shares = (
            self.shares[order]
            if self.shares.ndim == 1
            else np.take_along_axis(np.broadcast_to(self.shares, self.values.shape), order, axis=-1)
        )
        return np.take_along_axis(self.values, order, axis=-1), np.asarray(shares)
