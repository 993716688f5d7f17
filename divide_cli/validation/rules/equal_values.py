"""Finds rows with equal keys and values, which are few among many: by hashes, of which most are sorted out at once."""

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.frames.columns import Array, Mask
from divide_cli.validation.rules.grouping import Floats, first_of_each, ranges
from divide_cli.validation.rules.submission import Submission

ODD = 0x9E3779B97F4A7C15 - 2**64
"""The odd factor of Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4)."""


def equal_rows(left: Array, right: Array, value: Floats) -> tuple[Array, Array]:
    """All pairs of rows whose keys, left and right, and values are equal: the left and the right rows.

    The left rows ascend, and the right ones of each. Where both keys are the same array, no row is paired with itself.
    """
    alike, left_hash = left is right, hashed(left, value)
    if alike:
        own = other = _sharing(left_hash)
        one, two = _pairs_of_equal(left_hash[own])
    else:
        right_hash = hashed(right, value)
        own, other = _common(left_hash, right_hash)
        one, two = _pairs_of_equal(left_hash[own], right_hash[other])
    own, other = own[one], other[two]
    # another key and value may have the same hash
    same = (left[own] == right[other]) & (value[own] == value[other]) & ~(alike & (own == other))
    return own[same], other[same]


def distinctive(submission: Submission, rule: Rule) -> Mask:
    """The rows of the scope whose values have decimals, so that they are seldom equal by chance."""
    return submission.usable_in(rule) & submission.once("distinctive", _with_distinctive_values)


def _with_distinctive_values(submission: Submission) -> Mask:
    """The rows whose values are above 0 and have decimals, without multiples of 100."""
    value = submission.value
    rows: Mask = submission.half.at_most(0.5 - v.EXACT) & (value > 0)
    hundreds = np.flatnonzero(rows & (value >= 100))
    rows[hundreds[value[hundreds] % 100 == 0]] = False
    return rows


def of_other_indicators(submission: Submission, rule: Rule, lag: int = 0) -> tuple[Array, Array, Array]:
    """The rows with distinctive values, those whose value another indicator has in that year, or `lag` years before,
    and the rows of these originals.
    """
    rows, indicator = np.flatnonzero(distinctive(submission, rule)), submission.index[v.INDICATOR]

    def equal(block: Submission) -> tuple[Array, Array]:
        key = block.key_without(v.INDICATOR, rows)
        own, other = (rows[places] for places in equal_rows(key, key + lag if lag else key, block.value[rows]))
        apart = indicator.numbers[own] != indicator.numbers[other]
        return own[apart].astype(np.int32), other[apart].astype(np.int32)

    if len(indicator.codes) < 2:
        return rows, rows[:0], rows[:0]
    return rows, *submission.once(("equal", lag, repr(rule.scope)), equal)


def hashed(keys: Array, value: Floats) -> Array:
    """A hash of the key and the value of each row."""
    return np.asarray(keys * ODD ^ (value + 0.0).view(np.int64))  # -0.0 becomes 0.0: equal numbers have equal bits


def recurring(hashes: Array) -> tuple[Array, Array]:
    """The positions of hashes that occur more than once, in ascending order, and for each the first of its hash."""
    own = _sharing(hashes)
    order, begins, size = _runs(hashes[own])
    first, several = np.empty(len(own), dtype=np.intp), np.zeros(len(own), dtype=bool)
    first[order] = np.repeat(own[order[begins]], size)
    several[order] = np.repeat(size > 1, size)
    return own[several], first[several]


def _runs(hashes: Array) -> tuple[Array, Array, Array]:
    """The order in which equal hashes are together, and where each of these runs begins in it, and its size."""
    order = np.argsort(hashes, kind="stable")
    begins = np.flatnonzero(first_of_each(hashes[order]))
    return order, begins, np.diff(begins, append=len(hashes))


def _pairs_of_equal(left: Array, right: Array | None = None) -> tuple[Array, Array]:
    """The positions of all pairs of equal hashes, in the order of the left ones; without right ones, among these."""
    order, begins, size = _runs(left if right is None else np.concatenate([left, right]))
    partners, left_size = size, 0
    if right is not None and len(begins):  # in each run, the left ones are before the right ones
        left_size = len(left)
        partners = np.add.reduceat(order >= left_size, begins, dtype=np.intp)
    begin_of, number_of = np.empty((2, len(order)), dtype=np.intp)
    begin_of[order] = np.repeat(begins + size - partners, size)
    number_of[order] = np.repeat(partners, size)
    begin_of, number_of = begin_of[: len(left)], number_of[: len(left)]
    return np.repeat(np.arange(len(left)), number_of), order[ranges(begin_of, number_of)] - left_size


def _sharing(hashes: Array) -> Array:
    """The positions of all hashes that occur more than once, and of few others."""
    # most of the others that share a slot by chance do not share that of another hash
    own = np.flatnonzero(_shared_slots(hashes))
    return own[_shared_slots(hashes[own] * ODD)]


def _common(left: Array, right: Array) -> tuple[Array, Array]:
    """The positions of all hashes that the other side has too, and of few others."""
    own, other = map(np.flatnonzero, _common_slots(left, right))
    again = _common_slots(left[own] * ODD, right[other] * ODD)
    return own[again[0]], other[again[1]]


def _slots(hashes: Array, bits: int) -> Array:
    """The first bits of each hash: few different hashes share a slot if there are several times as many slots."""
    return np.asarray((hashes.view(np.uint64) >> np.uint64(64 - bits)).view(np.int64))


def _shared_slots(hashes: Array) -> Mask:
    """The hashes that share a slot with another one."""
    bits = len(hashes).bit_length() + 1
    slots, each = _slots(hashes, bits), np.arange(len(hashes), dtype=np.int32)
    last = np.empty(1 << bits, dtype=np.int32)
    last[slots] = each
    shared = np.zeros(1 << bits, dtype=bool)
    shared[slots[last[slots] != each]] = True
    return np.asarray(shared[slots])


def _common_slots(left: Array, right: Array) -> tuple[Mask, Mask]:
    """The hashes whose slots the others have too, left and right."""
    bits = max(len(left), len(right)).bit_length() + 2
    ours, theirs = (_slots(hashes, bits) for hashes in (left, right))
    there = np.zeros((2, 1 << bits), dtype=bool)
    there[0, ours] = there[1, theirs] = True
    return there[1, ours], there[0, theirs]
