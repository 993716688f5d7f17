"""Finds rows with equal keys and values, which are few among many: by hashes, of which most are sorted out at once."""

import numpy as np
import pandas as pd

from divide_cli.frames.columns import Array
from divide_cli.validation.rules.grouping import Floats

ODD = 0x9E3779B97F4A7C15 - 2**64
"""The odd factor of Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4)."""


def equal_rows(left: Array, right: Array, value: Floats) -> tuple[Array, Array]:
    """All pairs of rows whose keys, left and right, and values are equal: the left and the right rows.

    Where both keys are the same array, no row is paired with itself.
    """
    # few rows have a partner, and only they are joined: a hash of key and value finds them, with a few others
    bits = (value + 0.0).view(np.int64)  # -0.0 becomes 0.0: equal numbers have equal bits
    left_hash, right_hash = (keys * ODD ^ bits for keys in (left, right))
    alike = left is right
    own, other = (repeated_hashes(left_hash),) * 2 if alike else _common(left_hash, right_hash)
    one = pd.DataFrame({"key": left[own], "value": value[own], "own": own})
    two = pd.DataFrame({"key": right[other], "value": value[other], "other": other})
    both = one.merge(two, on=["key", "value"], validate="many_to_many")
    if alike:
        both = both[both["own"] != both["other"]]
    return both["own"].to_numpy(), both["other"].to_numpy()


def _slots(hashes: Array, bits: int) -> Array:
    """The first bits of each hash: few different hashes share a slot if there are several times as many slots."""
    return np.asarray((hashes.view(np.uint64) >> np.uint64(64 - bits)).astype(np.intp))


def repeated_hashes(hashes: Array) -> Array:
    """The positions of hashes that occur more than once. Most are sorted out by the slots that they share with none."""
    bits = len(hashes).bit_length() + 2
    slots, each = _slots(hashes, bits), np.arange(len(hashes), dtype=np.int32)
    last = np.empty(1 << bits, dtype=np.int32)
    last[slots] = each
    shared = np.zeros(1 << bits, dtype=bool)
    shared[slots[last[slots] != each]] = True
    own = np.flatnonzero(shared[slots])
    return np.asarray(own[pd.Series(hashes[own]).duplicated(keep=False).to_numpy()])


def _common(left: Array, right: Array) -> tuple[Array, Array]:
    """The positions of hashes that both have, left and right. Most are sorted out by slots that the others leave."""
    bits = max(len(left), len(right)).bit_length() + 2
    sides = [_slots(hashes, bits) for hashes in (left, right)]
    there = np.zeros((2, 1 << bits), dtype=bool)
    for side, slots in zip(there, sides, strict=True):
        side[slots] = True
    own, other = (np.flatnonzero(there[1 - number][slots]) for number, slots in enumerate(sides))
    ours, theirs = pd.Index(left[own]), pd.Index(right[other])
    return own[ours.isin(theirs)], other[theirs.isin(ours)]
