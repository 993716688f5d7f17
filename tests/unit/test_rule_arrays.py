"""What rules work with, against the plainest way of doing it."""

import numpy as np
import pytest

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.validation.rules import kinds
from divide_cli.validation.rules import submission as submissions
from divide_cli.validation.rules.equal_values import equal_rows, recurring
from divide_cli.validation.rules.grouping import NO_ROW, KeyPlaces, groups, highest_so_far, in_blocks, ranges
from tests.rules.by_hand import hits, rule, table, three, years


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


@pytest.mark.parametrize("name", ["break_unmarked", "total_outside_sexes"])
def test_cases_are_in_the_order_of_the_rows(name):
    """Of a long list, the first are shown. Rows of a year are apart, and any of them may be the one to correct."""
    random = np.random.default_rng(13)
    made = [
        row
        for area in ("FRA", "KEN")
        for region in ("_T", "R1", "R2")
        for year in range(2000, 2020)
        for row in three(year, *random.uniform(20, 80, 3).round(1).tolist(), REF_AREA=area, SUBNATIONAL_AREA=region)
    ]
    heads = hits(rule(name), table(*made)).rows[:, 0]
    assert len(heads) > 5
    assert (np.diff(heads) > 0).all()


@pytest.mark.parametrize("every", [1, 3, 1000], ids=["dense", "some", "sparse"])
@pytest.mark.parametrize("twice", [False, True])
def test_keys_are_found_where_they_are_first(every: int, twice: bool) -> None:
    """Series of ten years with and without gaps, among keys of series that there are and are not."""
    random = np.random.default_rng(10)
    series = np.repeat(np.arange(7, 7 + 60 * every, every), 10)
    keys = series * 10 + np.tile(np.arange(10), 60)
    keys = keys[(series % 2 == 1) | (random.random(len(keys)) < 0.6)]
    keys = np.sort(np.append(keys, random.choice(keys, 40))) if twice else keys
    wanted = np.concatenate([keys[::-1], [-1, -400, 0, keys[-1] + 1, 10**12], random.integers(0, keys[-1] + 30, 500)])
    first = {key: place for place, key in reversed(list(enumerate(keys.tolist())))}
    assert KeyPlaces.of(keys, 10).of_keys(wanted).tolist() == [first.get(key, NO_ROW) for key in wanted.tolist()]


def test_what_recurs_is_there_twice_and_its_first_place_is_known() -> None:
    hashes = np.random.default_rng(11).integers(0, 900, 1000).astype(np.int64) * 0x1F3779B97F4A7C15
    places, first = recurring(hashes)
    every = hashes.tolist()
    assert places.tolist() == [place for place, one in enumerate(every) if every.count(one) > 1]
    assert first.tolist() == [every.index(every[place]) for place in places]


def test_ranges_follow_each_other() -> None:
    assert ranges(np.array([7, 2, 5]), np.array([2, 0, 3])).tolist() == [7, 8, 5, 6, 7]


def test_a_few_rows_may_have_moved_far() -> None:
    """50, 50, 51.5, none, 55.25, 400: no step, 1.5 points, 3.75 in two years, more than 254 points."""
    made = table(*years("internet_use", 2018, 50.0, 50.0, 51.5, None, 55.25, 400.0))
    assert made.span.tolist() == [0, 1, 1, 2, 1]
    assert made.moved.tolist() == [0, 0, 2, 4, 255]
    rows = [np.flatnonzero(made.moved_by(points)).tolist() for points in (0, 1, 3.5, 4, 1000)]
    assert rows == [[2, 3, 4], [2, 3, 4], [3, 4], [4], [4]]
