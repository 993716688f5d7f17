"""What rules work with, against the plainest way of doing it."""

import numpy as np
import pytest

from divide_cli.validation.rules.duplication import equal_rows
from divide_cli.validation.rules.grouping import groups, highest_so_far, in_blocks


@pytest.fixture
def drawn():
    """Values of groups, in ascending order of groups."""
    random = np.random.default_rng(7)
    group = np.sort(random.integers(0, 40, 500))
    _, group = np.unique(group, return_inverse=True)
    return group, random.normal(size=500).round(1)


def test_highest_so_far_is_that_of_each_series(drawn):
    group, values = drawn
    wanted = np.concatenate([np.maximum.accumulate(values[group == code]) for code in np.unique(group)])
    assert np.array_equal(highest_so_far(values, group), wanted)


def test_medians_and_quantiles_are_those_of_each_group(drawn):
    group, values = drawn
    mixed = np.random.default_rng(8).permutation(len(values))
    group, values = group[mixed], values[mixed]
    wanted = [np.median(values[group == code]) for code in group]
    assert np.allclose(groups(group).median(values), wanted, rtol=0, atol=1e-12)
    quartiles = [np.quantile(values[group == code], 0.25) for code in group]
    same = groups(group)
    assert np.allclose(same.quantiles_of_each(values, 0.25)[0][same.number], quartiles, rtol=0, atol=1e-12)


def test_nothing_has_no_median():
    nothing = np.zeros(0)
    assert len(highest_so_far(nothing, np.zeros(0, dtype=np.int32))) == 0
    assert len(groups(np.zeros(0, dtype=np.intp)).median(nothing)) == 0


@pytest.mark.parametrize("lag", [0, 1])
def test_matches_are_all_pairs_of_equal_key_and_value(lag):
    random = np.random.default_rng(9)
    key, value = random.integers(0, 60, 200).astype(np.int64), random.integers(1, 4, 200) / 10
    other = key + lag if lag else key
    every = ((one, two) for one in range(200) for two in range(200) if lag or one != two)
    pairs = {(one, two) for one, two in every if key[one] == other[two] and value[one] == value[two]}
    assert set(zip(*(rows.tolist() for rows in equal_rows(key, other, value)), strict=True)) == pairs


def test_groups_are_not_torn():
    group = np.repeat(np.arange(30), 40_000)
    parts = list(in_blocks(group))
    assert len(parts) > 1
    assert np.array_equal(np.concatenate([group[part] for part in parts]), group)
    assert not set(group[parts[0]]) & set(group[parts[1]])


def test_zeros_of_both_signs_are_equal_values() -> None:
    key, value = np.array([1, 2, 1, 2]), np.array([0.0, 0.0, -0.0, 3.0])
    own, other = equal_rows(key, key, value)
    assert sorted(zip(own.tolist(), other.tolist(), strict=True)) == [(0, 2), (2, 0)]
