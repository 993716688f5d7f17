"""Terms of a change: values worked out by hand, by enumeration of all orders, and by the laws of Shapley values."""

from itertools import permutations
from math import log

import numpy as np
import pytest

from divide_cli.analysis.decomposition.shapley import Factor, State, decomposed, folded, positions

NAN = np.nan
NAMES = [str(factor.name) for factor in Factor]


def state(values, weights, members=None, estimates=None) -> State:
    """The state of one group value, from lists of economies."""
    size = len(values)
    return State(
        np.array([values], dtype=float),
        np.array([weights], dtype=float),
        np.array([members or [True] * size], dtype=bool),
        np.array([estimates or [False] * size], dtype=bool),
    )


def terms(before: State, after: State, log: bool = False) -> dict[str, float]:
    ((_, found),) = decomposed(before, after, log)
    return dict(zip(NAMES, found.terms[0].tolist(), strict=True))


def mean(one: State) -> np.ndarray:
    counted = one.members & ~np.isnan(one.values) & ~np.isnan(one.weights)
    weights = np.where(counted, one.weights, 0)
    with np.errstate(invalid="ignore"):
        return (weights * np.nan_to_num(one.values)).sum(axis=1) / weights.sum(axis=1)


def test_values_and_reporters_by_hand():
    """X 10 -> 20, Y 50 and Z not reported -> 80, weights 1. Means: 30; values first 35, then 50; reporters first 140/3,
    then 50. VALUES = (5 + 10/3) / 2, REPORTERS = (15 + 50/3) / 2."""
    found = terms(state([10, 50, NAN], [1, 1, 1]), state([20, 50, 80], [1, 1, 1]))
    assert found == pytest.approx(
        {"VALUES": 25 / 6, "REPORTERS": 95 / 6, "WEIGHTS": 0, "MEMBERSHIP": 0, "ESTIMATES": 0}
    )


def test_weights_by_hand():
    """X 10, Y 50; weights 1 and 1 -> 1 and 3: 30 -> 40, all of it weights."""
    assert terms(state([10, 50], [1, 1]), state([10, 50], [1, 3]))["WEIGHTS"] == pytest.approx(10)


def test_an_economy_that_joins_and_reports_anew_is_membership():
    """X 10 stays; Y joins the group and reports 50 for the first time: 10 -> 30."""
    before, after = state([10, NAN], [1, 1], [True, False]), state([10, 50], [1, 1], [True, True])
    found = terms(before, after)
    assert (found["MEMBERSHIP"], found["REPORTERS"]) == (pytest.approx(20), 0)


def test_an_economy_that_leaves_with_a_revised_value():
    """X 10 stays; Y reports 50 -> 70 and leaves the group. Means: 30; revised first 40, then 10; membership first 10,
    then 10. VALUES = (10 + 0) / 2, MEMBERSHIP = (-30 - 20) / 2."""
    found = terms(state([10, 50], [1, 1], [True, True]), state([10, 70], [1, 1], [True, False]))
    assert (found["VALUES"], found["MEMBERSHIP"]) == (pytest.approx(5), pytest.approx(-25))


def test_an_estimate_that_is_replaced_is_of_the_estimates():
    """X 10, Y an estimate of 50 -> a survey of 70: 30 -> 40."""
    before, after = state([10, 50], [1, 1], estimates=[False, True]), state([10, 70], [1, 1])
    found = terms(before, after)
    assert (found["ESTIMATES"], found["VALUES"]) == (pytest.approx(10), 0)


def test_where_nobody_reports_in_between_two_factors_are_one():
    """X reports, then leaves the group; Y stays and reports only afterwards. With X gone and Y silent, nobody reports."""
    before, after = state([10, NAN], [1, 1], [True, True]), state([NAN, 50], [1, 1], [False, True])
    ((_, found),) = decomposed(before, after)
    assert [[NAMES[place] for place in places] for places in positions(int(found.block[0])) if len(places) > 1] == [
        ["REPORTERS", "MEMBERSHIP"]
    ]
    reporters, membership = found.terms[0][1], found.terms[0][3]
    assert reporters == pytest.approx(40) and np.isnan(membership)


def test_a_side_without_a_reporter_has_no_terms():
    assert np.isnan(list(terms(state([NAN], [1]), state([50], [1])).values())).all()


def test_the_logarithm_of_a_ratio():
    """10 -> 20 for everybody: the logarithm doubles by log 2, all of it values."""
    found = terms(state([10, 10], [1, 2]), state([20, 20], [1, 2]), log=True)
    assert found["VALUES"] == pytest.approx(log(2))


def test_contributions_are_relative_to_the_mean_and_sum_to_the_terms():
    """X 10 -> 20 with half of the weight contributes 5; Y does not change and contributes nothing."""
    ((_, found),) = decomposed(state([10, 50], [1, 1]), state([20, 50], [1, 1]))
    assert found.contributions[0, 0].tolist() == pytest.approx([5, 0])
    ((_, joined),) = decomposed(state([10, 50, NAN], [1, 1, 1]), state([10, 50, 80], [1, 1, 1]))
    assert joined.contributions[0, 1].tolist() == pytest.approx([0, 0, 50 / 3])  # 30 -> 140/3: Z alone
    unequal = decomposed(state([10, 50, 80], [1, 1, 1]), state([20, 50, NAN], [2, 1, 1]))
    for _, one in unequal:
        assert one.contributions.sum(axis=2) == pytest.approx(one.terms)


def editions(seed: int, rows: int = 60, size: int = 9) -> tuple[State, State]:
    """Two random states, with values, weights, members and estimates that differ."""
    random = np.random.default_rng(seed)

    def one(base: State | None = None) -> State:
        values = random.uniform(1, 99, (rows, size))
        if base is not None:
            values = np.where(random.random((rows, size)) < 0.5, base.values, values)
        values[random.random((rows, size)) < 0.25] = np.nan
        weights = random.uniform(0.1, 5, (rows, size))
        weights[random.random((rows, size)) < 0.05] = np.nan
        return State(values, weights, random.random((rows, size)) < 0.8, random.random((rows, size)) < 0.15)

    before = one()
    return before, one(before)


def all_of(before: State, after: State, log: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = [part for _, part in decomposed(before, after, log)]
    return tuple(np.concatenate([getattr(one, name) for one in found]) for name in ("terms", "contributions", "block"))


@pytest.mark.parametrize("seed", range(8))
def test_terms_of_random_editions_sum_to_the_difference(seed):
    before, after = editions(seed)
    found, contributions, _ = all_of(before, after)
    difference = mean(after) - mean(before)
    known = ~np.isnan(difference)
    assert known.sum() > 40
    assert np.nansum(found, axis=1)[known] == pytest.approx(difference[known], abs=1e-9)
    assert np.nansum(contributions, axis=(1, 2))[known] == pytest.approx(difference[known], abs=1e-9)
    ratio, _, _ = all_of(before, after, log=True)
    assert np.nansum(ratio, axis=1)[known] == pytest.approx(np.log(mean(after) / mean(before))[known], abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_economies_and_sides_does_not_matter(seed):
    before, after = editions(seed)
    found, contributions, _ = all_of(before, after)
    order = np.random.default_rng(seed).permutation(before.values.shape[1])

    def shuffled(one: State) -> State:
        return State(one.values[:, order], one.weights[:, order], one.members[:, order], one.estimates[:, order])

    again, moved, _ = all_of(shuffled(before), shuffled(after))
    np.testing.assert_allclose(again, found, atol=1e-11)
    np.testing.assert_allclose(moved, contributions[:, :, order], atol=1e-11)
    back, returned, _ = all_of(after, before)
    np.testing.assert_allclose(back, -found, atol=1e-11)
    np.testing.assert_allclose(returned, -contributions, atol=1e-11)


def mixed(before: State, after: State, changed: frozenset[str]) -> float:
    """The mean of one group value in which the named factors are those of the later state, economy by economy."""
    weights = products = 0.0
    for place in range(before.values.shape[1]):
        old, new = before.values[0, place], after.values[0, place]
        was, is_now = before.members[0, place], after.members[0, place]
        both_report = not np.isnan(old) and not np.isnan(new)
        estimated = before.estimates[0, place] or after.estimates[0, place]
        if estimated and (both_report or (was and is_now)):
            factor = "ESTIMATES"
        elif both_report:
            factor = "VALUES"
        elif was and is_now:
            factor = "REPORTERS"
        else:
            factor = "MEMBERSHIP" if is_now else ""
        value = new if factor in changed or (factor == "MEMBERSHIP") else old
        weight = (after if "WEIGHTS" in changed else before).weights[0, place]
        member = is_now if "MEMBERSHIP" in changed else was
        if member and not np.isnan(value) and not np.isnan(weight):
            weights, products = weights + weight, products + weight * value
    return products / weights if weights else NAN


@pytest.mark.parametrize("seed", range(6))
def test_terms_are_the_mean_over_all_orders(seed):
    """All 120 orders of the five factors, one after another, from the definition."""
    before, after = editions(seed, rows=1, size=10)
    sums, orders = dict.fromkeys(NAMES, 0.0), list(permutations(NAMES))
    for order in orders:
        for step, name in enumerate(order):
            start = mixed(before, after, frozenset(order[:step]))
            sums[name] += (mixed(before, after, frozenset(order[: step + 1])) - start) / len(orders)
    found, _, block = all_of(before, after)
    assert block[0] == 0
    assert found[0].tolist() == pytest.approx(list(sums.values()), abs=1e-9)


def test_folding_keeps_the_sum():
    """Where the other side of a gap joins two factors, this side joins them too."""
    before, after = editions(3, rows=1)
    ((_, found),) = decomposed(before, after)
    joined = folded(found, np.array([1]))
    assert np.nansum(joined) == pytest.approx(np.nansum(found.contributions))
    assert np.isnan(joined[0, 3]).all()
