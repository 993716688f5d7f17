"""What rules work with, against the plainest way of doing it."""

import numpy as np
import pytest

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.validation.rules import kinds
from divide_cli.validation.rules import submission as submissions
from divide_cli.validation.rules.duplication import equal_rows
from divide_cli.validation.rules.grouping import groups, highest_so_far, in_blocks
from tests.rules.by_hand import table


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


def drawn_rows(areas):
    """Years 2000 to 2009 of both sexes in some areas, some of them without a value."""
    random = np.random.default_rng(12)
    cells = [(area, sex, year) for area in areas for sex in ("F", "M") for year in range(2000, 2010)]
    return [
        {v.REF_AREA: area, v.SEX: sex, v.TIME_PERIOD: year, v.OBS_VALUE: random.choice([np.nan, 40.0, 50.0])}
        for area, sex, year in cells
    ]


def test_what_rules_of_one_kind_share_is_dropped_when_another_kind_begins(monkeypatch):
    monkeypatch.setattr(submissions, "BLOCK", 15)
    long = table(*drawn_rows(("FRA", "KEN")))
    parts = [long, *(block for _, block in long.blocks())]
    for part in parts:
        part.once("pairs", len)
        part.once("bands", len, "mean_of_bands")
    rule = catalogue().rules["ages_off_total"]
    kinds()[rule.kind].violations(long, rule)
    assert all(("mean_of_bands", "bands") in part._shared for part in parts)
    rule = catalogue().rules["spike"]
    kinds()[rule.kind].violations(long, rule)
    assert not any(("mean_of_bands", "bands") in part._shared for part in parts)
    assert all(("", "pairs") in part._shared for part in parts)
