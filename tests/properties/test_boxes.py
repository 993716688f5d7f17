"""Bounds of every measure of subgroups: no value of the box is outside, and none but limits is far from them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divide_cli.analysis.inequality.measured import _remarks
from divide_cli.analysis.measures import highest, spread_limits
from divide_cli.analysis.measures.bounds import Bounds, bounds
from divide_cli.analysis.measures.subgroups import Subgroups, evaluate, shape_of
from divide_cli.catalogue import Measure, catalogue
from tests.properties.boxes import ROUNDING, Box, boxes, corners, judged

few = settings(max_examples=4, deadline=None)  # for each of some thirty measures
EVERY = list(catalogue().subgroup_measures.values())
SPREAD = [measure for measure in EVERY if shape_of(measure) == "spread"]


def those(measures: list[Measure]) -> Any:
    assert measures
    return pytest.mark.parametrize("measure", measures, ids=lambda measure: measure.id)


@those(EVERY)
@few
@given(seed=st.integers(0, 2**31))
def test_a_search_finds_nothing_outside(measure: Measure, seed: int) -> None:
    """Up to 8 subgroups: the value is inside, and an end is unknown only where the formula is undefined in the box."""
    random = np.random.default_rng(seed)
    faults, _ = judged(random, measure, next(boxes(random, measure)), 2000)
    assert not set(faults) - {"not reached"}


@those([measure for measure in EVERY if not measure.needs_maximum or measure.family != "ordered"])
@few
@given(seed=st.integers(0, 2**31))
def test_of_many_subgroups_every_corner_is_inside_and_the_highest_is_the_bound(measure: Measure, seed: int) -> None:
    random = np.random.default_rng(seed)
    made = next(boxes(random, measure, 14, 13))
    found, values = bounds(measure, made.of, made.lower, made.upper), evaluate(measure, made.of.at(corners(made)))
    if np.isnan(values).any():
        return
    slack = ROUNDING * max(1.0, float(np.abs(values).max()))
    assert not found.loose
    assert found.lower <= values.min() + slack and found.upper >= values.max() - slack
    if measure.family == "impact" and made.of.adverse:  # the best is the lowest value: the distance is the reverse
        assert found.lower == pytest.approx(float(values.min()), abs=slack)
    else:
        assert found.upper == pytest.approx(float(values.max()), abs=slack)


@those(SPREAD)
@few
@given(seed=st.integers(0, 2**31))
def test_with_too_many_corners_the_bound_is_a_limit_and_says_so(measure: Measure, seed: int) -> None:
    """Never below a corner; equal to one unless it is called loose."""
    random = np.random.default_rng(seed)
    made = next(boxes(random, measure, 12, 6))
    values = evaluate(measure, made.of.at(corners(made)))
    limit, loose = spread_limits.limit_of(measure, made.of, made.lower, made.upper)
    if np.isnan(values).any() or np.isnan(limit):
        return
    top = float(values.max())
    assert limit >= top - ROUNDING * max(1.0, top)
    assert loose or limit == pytest.approx(top, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("name", "top"), [("mean_difference_from_mean", 50.0), ("between_group_variance", 2500.0)])
def test_more_corners_than_are_tried_give_a_limit(name: str, top: float) -> None:
    """30 subgroups of 0 to 100 %: no values are further from their mean than half of the people at 100 and half at 0.

    29 equal subgroups cannot be halved, unless the 30th is half of all.
    """
    measure, halves = catalogue().subgroup_measures[name], np.append(np.full(29, 0.5 / 29), 0.5)
    for shares, reached in ((halves, True), (np.append(np.full(29, 1 / 29), 0.0), False)):
        of = Subgroups(np.full(30, 50.0), shares, maximum=100.0)
        found = bounds(measure, of, np.zeros(30), np.full(30, 100.0))
        assert found.lower == 0
        assert found.upper == pytest.approx(top, rel=1e-4) and found.upper >= top * (1 - 1e-12)
        assert found.loose or reached


def test_a_limit_is_called_one() -> None:
    entry = catalogue().subgroup_measures["gini_index"]
    assert _remarks(Bounds(0.1, 0.4, loose=True), entry) == ["the upper bound may be too high"]
    assert _remarks(Bounds(0.1, 0.4), entry) == []


def test_few_undecided_corners_are_all_tried_however_many_subgroups() -> None:
    """200 rounded values: at no level are more than a few on both sides of it."""
    values = np.round(np.random.default_rng(2).uniform(0.1, 99.9, 200), 1)
    rows = highest._undecided(values - 0.05, values + 0.05)
    assert sum(2 ** int(free.sum()) for free, _ in rows) < 2000
    assert all(int((values == level).sum()) <= max(int(free.sum()) for free, _ in rows) for level in values)


def grid(made: Box, number: int) -> Any:
    """Every combination of so many values of each subgroup."""
    axes = np.linspace(made.lower, made.upper, number).T
    return np.array(np.meshgrid(*axes)).reshape(len(axes), -1).T


@pytest.mark.parametrize("name", ["slope_index", "relative_index"])
def test_a_logistic_curve_is_extreme_inside_a_side(name: str) -> None:
    """Four income groups at 6.51, 37.55, 49.42 and 82.31 %: the lowest SII, 74.446, is at no corner (74.509 is)."""
    persons = np.array([3682000.0, 2461166 + 461834, 2463000, 932000])
    values, known = np.array([6.51, 37.55, 49.42, 82.31]), 2461166 / (2461166 + 461834)
    lower, upper = values.copy(), values.copy()
    lower[1], upper[1] = values[1] * known, values[1] * known + 100 * (1 - known)
    made = Box(Subgroups(values, persons / persons.sum(), ordered=True, maximum=100.0), lower, upper)
    measure = catalogue().subgroup_measures[name]
    found = bounds(measure, made.of, lower, upper)
    line = evaluate(measure, made.of.at(np.linspace(lower, upper, 20001)))
    assert found.lower == pytest.approx(float(line.min()), rel=1e-7)
    assert found.upper == pytest.approx(float(line.max()), rel=1e-7)
    if name == "slope_index":
        assert round(found.lower, 3) == 74.446
        assert found.lower < min(line[0], line[-1]) - 0.06


def test_limits_of_a_curve_that_becomes_a_step() -> None:
    """0 to 5, 50 and 95 to 100 %: in the end no curve fits (0, 50, 100), and the SII approaches 100, the RII no limit."""
    of = Subgroups(np.array([2.0, 50, 98]), np.array([0.3, 0.4, 0.3]), ordered=True, maximum=100.0)
    lower, upper = np.array([0.0, 50, 95]), np.array([5.0, 50, 100])
    measures = catalogue().subgroup_measures
    assert bounds(measures["slope_index"], of, lower, upper).upper == 100
    ratio = bounds(measures["relative_index"], of, lower, upper)
    assert np.isnan(ratio.upper) and 1 < ratio.lower < evaluate(measures["relative_index"], of)


ZEROS, FULL = np.zeros(3), np.full(3, 100.0)
TINY = np.append(np.full(12, 0.0825), 0.01)
BY_HAND = {
    # one third at 100, the others at 0: mu = 100 / 3, distances 200 / 3, 100 / 3, 100 / 3, so 100 (4 / 9) / (1 / 3)
    "index_of_disparity_unweighted": (np.full(3, 1 / 3), ZEROS, FULL, 0.0, 400 / 3),
    # the same: sqrt(2 / 9) / (1 / 3)
    "coefficient_of_variation": (np.full(3, 1 / 3), ZEROS, FULL, 0.0, 100 * np.sqrt(2)),
    # all people above 0 in the last third, X = 5 / 6: 2 X - 1; or in the first
    "relative_concentration_index": (np.full(3, 1 / 3), ZEROS, FULL, -2 / 3, 2 / 3),
    # 12 of 13 at 40, one percent of the people at 100: 100 - 40.6; all are equal at 40
    "mean_difference_from_best": (TINY, np.append(np.full(12, 40.0), 0), np.append(np.full(12, 60.0), 100), 0.0, 59.4),
    # f(0) = mu - 3 (y_3 - y_1) / 4, which is 0 for some values, and f(1) = mu + 3 (y_3 - y_1) / 4
    "relative_index_linear": (
        np.full(3, 1 / 3), np.array([0.0, 50, 50]), np.array([50.0, 50, 100]), 1.0, np.nan,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
def test_bounds_by_hand(name: str) -> None:
    shares, lower, upper, low, high = BY_HAND[name]
    measure = catalogue().subgroup_measures[name]
    of = Subgroups((lower + upper) / 2, shares, ordered=measure.family == "ordered", maximum=100.0)
    found = bounds(measure, of, lower, upper)
    np.testing.assert_allclose([found.lower, found.upper], [low, high], rtol=1e-12, atol=1e-12)
    assert not found.loose


@pytest.mark.parametrize("measure", EVERY, ids=lambda measure: measure.id)
def test_the_bounds_of_a_point_are_its_value(measure: Measure) -> None:
    values = np.array([20.0, 40, 80])
    of = Subgroups(values, np.array([0.4, 0.4, 0.2]), ordered=measure.family == "ordered", maximum=100.0)
    found, value = bounds(measure, of, values, values), evaluate(measure, of)
    np.testing.assert_allclose([found.lower, found.upper], [value, value], rtol=1e-12)
