"""Why a weighted mean differs between two states: the Shapley value over its factors, and each economy's part.

A group value is A = sum(w p) / sum(w), summed over the members that report. Between a state A and a state B may differ
the values p of economies that report in both, the set of members that report, the weights w, the members of the group,
and the estimates among the values. The term of a factor is its Shapley value: the mean, over all orders in which the
factors can change one after another, of the change of A when its turn comes (Shapley 1953; used as in Shorrocks 2013,
Journal of Economic Inequality 11). Terms sum to B - A, whatever the order of factors or rows.

An economy's contribution to one such step, from A to A', is its part relative to the mean of the group. With W =
sum(w), it is half of [w' (p' - A) - w (p - A)] / W' and half of [w' (p' - A') - w (p - A')] / W. This is zero for an
economy that does not change, and the contributions sum to A' - A.

Arrays have the shape (values, economies); a value that is not reported, or a weight that is not known, is NaN.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Flag
from functools import reduce
from itertools import combinations
from math import factorial
from operator import or_
from typing import NamedTuple

import numpy as np

from divide_cli.frames.columns import Array, Mask

CHUNK = 256
"""How many group values are decomposed at once: their arrays for all combinations of factors must fit in memory."""


class Factor(Flag):
    """What may differ between two states of a group value."""

    VALUES = 1
    REPORTERS = 2
    WEIGHTS = 4
    MEMBERSHIP = 8
    ESTIMATES = 16


BLOCKS: tuple[tuple[Factor, ...], ...] = (
    tuple(Factor),
    (Factor.VALUES, Factor.REPORTERS | Factor.MEMBERSHIP, Factor.WEIGHTS, Factor.ESTIMATES),
    (Factor.VALUES, Factor.REPORTERS | Factor.MEMBERSHIP | Factor.ESTIMATES, Factor.WEIGHTS),
    (Factor.VALUES | Factor.REPORTERS | Factor.WEIGHTS | Factor.MEMBERSHIP | Factor.ESTIMATES,),
)
"""Factors that change together, from the finest division on: a coarser one is used where a finer one passes through a
state in which nobody reports.
"""


@dataclass(frozen=True)
class State:
    """Values, weights, membership, and whether a value is an estimate, of each economy in each group value."""

    values: Array
    weights: Array
    members: Mask
    estimates: Mask

    def part(self, rows: slice) -> "State":
        """Some of the group values."""
        return State(self.values[rows], self.weights[rows], self.members[rows], self.estimates[rows])


class Terms(NamedTuple):
    """The terms of each group value (shape (values, factors), in the order of Factor), and what economies contribute.

    `contributions` has the shape (values, factors, economies). `block` is the position in BLOCKS of the division used:
    factors that change together have their sum in the first of them and NaN in the others. All is NaN where a state has
    no reporter.
    """

    terms: Array
    contributions: Array
    block: Array


class _Mean(NamedTuple):
    """A weighted mean with its sum of weights, and the weight and value that each economy has in it (0 if none)."""

    mean: Array
    total: Array
    weights: Array
    values: Array


def decomposed(before: State, after: State, log: bool = False) -> Iterator[tuple[slice, Terms]]:
    """The terms of each group value, in chunks of rows. With `log` they are those of the natural logarithm."""
    for start in range(0, len(before.values), CHUNK):
        rows = slice(start, min(start + CHUNK, len(before.values)))
        yield rows, _terms(before.part(rows), after.part(rows), log)


def _terms(before: State, after: State, log: bool) -> Terms:
    number, economies = before.values.shape
    terms, block = np.full((number, len(Factor)), np.nan), np.zeros(number, dtype=np.int64)
    contributions = np.full((number, len(Factor), economies), np.nan)
    at = _mixture(before, after)
    with np.errstate(invalid="ignore", divide="ignore"):
        open_rows = ~np.isnan(at(Factor(0)).mean + at(~Factor(0)).mean)
        for place, factors in enumerate(BLOCKS):
            if not open_rows.any():
                break
            found = _shapley(at, [factor for factor in factors if _moves(at, factor)], log)
            first = {factor: _position(factor) for factor in factors}
            total = np.zeros((number, len(Factor), economies))
            for factor, amounts in found.items():
                total[:, first[factor]] = amounts
            together = [_position(part) for factor in factors for part in list(factor)[1:]]
            total[:, together] = np.nan
            complete = open_rows & ~np.isnan(np.delete(total, together, axis=1)).any(axis=(1, 2))
            contributions[complete], block[complete] = total[complete], place
            terms[complete] = total[complete].sum(axis=2)
            open_rows &= ~complete
    return Terms(terms, contributions, block)


def positions(block: int) -> list[list[int]]:
    """The positions of the factors that change together, for each group of them in a division."""
    return [[list(Factor).index(part) for part in factor] for factor in BLOCKS[block]]


def folded(found: Terms, block: Array) -> Array:
    """The contributions in a division at least as coarse: the sum of factors together is in the first of them."""
    amounts = found.contributions.copy()
    for row in np.flatnonzero(block > found.block):
        for first, *others in positions(int(block[row])):
            amounts[row, first] = np.nansum(amounts[row, [first, *others]], axis=0)
            amounts[row, others] = np.nan
    return amounts


def _position(factor: Factor) -> int:
    """The position of a factor, or of the first of several, among all of them."""
    return list(Factor).index(next(iter(factor)))


def _mixture(before: State, after: State) -> Callable[[Factor], _Mean]:
    """The mean in a state in which some factors are those of B, and the others those of A.

    REPORTERS concerns only economies that are members in both states. One that joins the group, and reports for the
    first time, is of MEMBERSHIP.
    """
    both_report = ~np.isnan(before.values) & ~np.isnan(after.values)
    both_members = before.members & after.members
    estimated = (before.estimates | after.estimates) & (both_members | both_report)
    new = after.members & ~before.members
    states: dict[Factor, _Mean] = {}

    def mean(factors: Factor) -> _Mean:
        if factors in states:
            return states[factors]
        valued = np.where(
            both_report, Factor.VALUES in factors, np.where(both_members, Factor.REPORTERS in factors, new)
        )
        later = np.where(estimated, Factor.ESTIMATES in factors, valued)
        values = np.where(later, after.values, before.values)
        weights = after.weights if Factor.WEIGHTS in factors else before.weights
        members = after.members if Factor.MEMBERSHIP in factors else before.members
        counted = members & ~np.isnan(values) & ~np.isnan(weights)
        weights, values = np.where(counted, weights, 0.0), np.where(counted, values, 0.0)
        total = weights.sum(axis=1)
        states[factors] = _Mean((weights * values).sum(axis=1) / total, total, weights, values)
        return states[factors]

    return mean


def _moves(at: Callable[[Factor], _Mean], factor: Factor) -> bool:
    """Whether the factor changes anything: alone from A, or last to B."""
    pairs = ((Factor(0), factor), (~factor, ~Factor(0)))
    return any(
        not (np.array_equal(at(a).weights, at(b).weights) and np.array_equal(at(a).values, at(b).values))
        for a, b in pairs
    )


def _shapley(at: Callable[[Factor], _Mean], factors: Sequence[Factor], log: bool) -> dict[Factor, Array]:
    """The contribution of each economy to the term of each factor."""
    number, found = len(factors), dict[Factor, Array]()
    for factor in factors:
        others, amounts = [other for other in factors if other != factor], []
        for size in range(number):
            share = factorial(size) * factorial(number - size - 1) / factorial(number)
            for changed in combinations(others, size):
                state = reduce(or_, changed, Factor(0))
                amounts.append(share * _step(at(state), at(state | factor), log))
        found[factor] = np.sum(amounts, axis=0)
    return found


def _step(before: _Mean, after: _Mean, log: bool) -> Array:
    """What each economy contributes to the change of the mean, or of its logarithm, from one state to the next."""

    def relative_to(mean: Array, total: Array) -> Array:
        middle = mean[:, None]
        moved = after.weights * (after.values - middle) - before.weights * (before.values - middle)
        return np.asarray(moved / total[:, None])

    change = (relative_to(before.mean, after.total) + relative_to(after.mean, before.total)) / 2
    return change * _per_unit_of_log(before.mean, after.mean)[:, None] if log else change


def _per_unit_of_log(before: Array, after: Array) -> Array:
    """(ln b - ln a) / (b - a), or 1 / a where both are equal: it turns parts of b - a into parts of the logarithm."""
    same = np.isclose(before, after, rtol=1e-9, atol=0)
    return np.where(same, 2 / (before + after), (np.log(after) - np.log(before)) / np.where(same, 1, after - before))
