"""Measures of subgroups: a hand-worked example of each, what is undefined, and independent implementations."""

from collections.abc import Callable
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest

from divide_cli.analysis.measures.ordered import curve
from divide_cli.analysis.measures.subgroups import GRADIENTS, SUBGROUP_FORMULAE, Subgroups, evaluate, refusal
from divide_cli.catalogue import catalogue

# 20, 40 and 80 % of a half, a quarter and a quarter of the people: mu = 40, r = 1/2, 1, 2, X = 1/4, 5/8, 7/8
VALUES, SHARES = np.array([20.0, 40.0, 80.0]), np.array([0.5, 0.25, 0.25])
EXAMPLES = {
    "subgroup_difference": 60.0,  # 80 - 20
    "subgroup_ratio": 4.0,  # 80 / 20
    "odds_ratio": 16.0,  # (80 / 20) / (20 / 80)
    "complement_ratio": 4.0,  # (100 - 20) / (100 - 80)
    "absolute_concentration_index": 12.5,  # -1/2 20 1/2 + 1/4 40 1/4 + 3/4 80 1/4
    "relative_concentration_index": 0.3125,  # 12.5 / 40
    "slope_index_linear": 800 / 9,  # (-1/4 20 1/2 + 1/8 40 1/4 + 3/8 80 1/4) / (9 / 128)
    "between_group_variance": 600.0,  # 400 / 2 + 0 + 1600 / 4
    "between_group_standard_deviation": sqrt(600),
    "coefficient_of_variation": 2.5 * sqrt(600),
    "mean_difference_from_mean_unweighted": 20.0,  # (20 + 0 + 40) / 3
    "mean_difference_from_mean": 20.0,  # 20 / 2 + 40 / 4
    "mean_difference_from_best_unweighted": 100 / 3,  # (60 + 40 + 0) / 3
    "mean_difference_from_best": 40.0,  # 60 / 2 + 40 / 4
    "mean_difference_from_reference_unweighted": 100 / 3,
    "mean_difference_from_reference": 40.0,
    "index_of_disparity_unweighted": 50.0,  # 100 20 / 40
    "index_of_disparity": 50.0,
    "theil_index": 250 * log(2),  # 1000 (-1/4 ln 2 + 1/2 ln 2)
    "mean_log_deviation": 250 * log(2),  # 1000 (1/2 ln 2 - 1/4 ln 2)
    "population_attributable_risk": 40.0,  # 80 - 40
    "population_attributable_fraction": 100.0,
    "gini_index": 0.3125,  # (1/8 20 + 1/8 60 + 1/16 40) / 40
    "hoover_index": 0.25,  # (1/2 1/2 + 1/4 1) / 2
    "atkinson_index_half": 1 - (0.25 + sqrt(0.5)) ** 2,
    "atkinson_index_one": 1 - 2**-0.25,
    "atkinson_index_two": 3 / 11,  # 1 - 1 / (1 + 1/4 + 1/8)
    "generalised_entropy_minus_one": 0.1875,  # (11/8 - 1) / 2
    "generalised_entropy_two": 0.1875,  # (1/8 + 1/4 + 1 - 1) / 2
    "palma_ratio": 1.0,  # 80 / 10 over 20 4 / 10
    "ratio_20_20": 4.0,
}
LOGISTIC = {"slope_index", "relative_index", "relative_index_linear"}  # examples of their own below


def example(**told) -> Subgroups:
    return Subgroups(VALUES, SHARES, maximum=100.0, **told)


def measured(name: str, of: Subgroups) -> float:
    return float(evaluate(catalogue().subgroup_measures[name], of))


def test_every_measure_has_an_entry_a_formula_and_an_example() -> None:
    entries, examples = catalogue().subgroup_measures, set(EXAMPLES) | LOGISTIC
    exact = {name for name, entry in entries.items() if entry.interval == "exact"}
    assert not entries.keys() - SUBGROUP_FORMULAE.keys(), "entries without a function (`@measure`)"
    assert not SUBGROUP_FORMULAE.keys() - entries.keys(), "functions without an entry in data/catalogue/measures/"
    assert not entries.keys() - examples, "measures without a hand-worked example in EXAMPLES"
    assert not exact - GRADIENTS.keys(), "entries whose interval needs derivatives (`@gradient_of`)"


@pytest.mark.parametrize("name", EXAMPLES)
def test_by_hand(name: str) -> None:
    of = example(ordered=catalogue().subgroup_measures[name].family == "ordered")
    assert measured(name, of) == pytest.approx(EXAMPLES[name], rel=1e-13)


def test_shares_on_a_logistic_curve_give_its_ends() -> None:
    shares = np.array([0.1, 0.4, 0.3, 0.2])
    ranks = np.cumsum(shares) - shares / 2
    of = Subgroups(100 / (1 + np.exp(1.5 - 2.5 * ranks)), shares, ordered=True, maximum=100.0)
    bottom, top = 100 / (1 + exp(1.5)), 100 / (1 + exp(-1.0))
    assert measured("slope_index", of) == pytest.approx(top - bottom, rel=1e-12)
    assert measured("relative_index", of) == pytest.approx(top / bottom, rel=1e-12)


def test_values_on_a_line_give_its_ends() -> None:
    shares = np.array([0.1, 0.4, 0.3, 0.2])
    of = Subgroups(30 + 40 * (np.cumsum(shares) - shares / 2), shares, ordered=True)
    assert measured("slope_index_linear", of) == pytest.approx(40, rel=1e-12)
    assert measured("relative_index_linear", of) == pytest.approx(70 / 30, rel=1e-12)


def test_four_income_groups_weighted_once() -> None:
    """23, 57, 84 and 94 % of 0.7, 3.1, 2.8 and 1.4 bn people: 69.31, where weighting by population twice gives 65.83."""
    persons = np.array([0.7, 3.1, 2.8, 1.4])
    of = Subgroups(np.array([23.0, 57, 84, 94]), persons / persons.sum(), ordered=True, maximum=100.0)
    assert round(measured("slope_index", of), 2) == 69.31


def test_the_named_reference_and_the_order_are_kept_to() -> None:
    assert measured("population_attributable_risk", example(reference=1)) == 0  # 40 - 40
    assert measured("population_attributable_risk", example(reference=0)) == -20  # the sign stays
    assert measured("mean_difference_from_reference", example(reference=1)) == 20  # 20 / 2 + 40 / 4
    assert measured("mean_difference_from_best", example(reference=1)) == 40
    assert measured("mean_difference_from_best", example(adverse=True)) == 20  # 20 / 4 + 60 / 4
    backwards = Subgroups(VALUES[::-1], SHARES[::-1], ordered=True, maximum=100.0)
    assert measured("subgroup_difference", backwards) == -60
    assert measured("population_attributable_risk", backwards) == -20


@pytest.mark.parametrize(
    "name", [name for name, entry in catalogue().subgroup_measures.items() if entry.undefined == "mu = 0"]
)
def test_undefined_where_nobody_has_it(name: str) -> None:
    entry = catalogue().subgroup_measures[name]
    nothing = Subgroups(np.zeros(3), SHARES, ordered=entry.family == "ordered", maximum=100.0)
    assert np.isnan(measured(name, nothing))


def test_a_subgroup_at_zero_is_stated_not_patched() -> None:
    at_zero = Subgroups(np.array([0.0, 40, 80]), np.array([0.5, 0.25, 0.25]), maximum=100.0)
    assert np.isnan(measured("mean_log_deviation", at_zero))
    assert np.isnan(measured("generalised_entropy_minus_one", at_zero))
    # the limits: r ln r -> 0, and 1 for Atkinson from aversion 1 on
    assert measured("theil_index", at_zero) == pytest.approx(
        1000 * (0.25 * (4 / 3) * log(4 / 3) + 0.25 * (8 / 3) * log(8 / 3))
    )
    assert measured("atkinson_index_one", at_zero) == measured("atkinson_index_two", at_zero) == 1
    assert measured("gini_index", at_zero) == pytest.approx((0.125 * 40 + 0.125 * 80 + 0.0625 * 40) / 30)
    assert np.isnan(measured("ratio_20_20", at_zero)) and np.isnan(measured("subgroup_ratio", at_zero))


def test_odds_and_complement_at_the_ends() -> None:
    full = Subgroups(np.array([20.0, 100.0]), np.array([0.5, 0.5]), reference=1, compared=0, maximum=100.0)
    assert np.isnan(measured("odds_ratio", full)) and np.isnan(measured("complement_ratio", full))
    assert np.isnan(measured("odds_ratio", Subgroups(np.array([0.0, 50.0]), np.array([0.5, 0.5]), maximum=100.0)))


def test_a_line_below_zero_has_no_relative_index() -> None:
    assert np.isnan(measured("relative_index_linear", example(ordered=True)))  # 40 - 400 / 9 at X = 0


@pytest.mark.parametrize(
    "values", [[0.0, 0, 0], [100.0, 100, 100], [0.0, 0, 100], [0.0, 30, 100], [100.0, 100, 30], [30.0, 0, 0]]
)
def test_no_logistic_curve_fits(values: list[float]) -> None:
    """The likelihood of a step from 0 to 100, or to one value beside it, rises with the slope for ever."""
    assert np.isnan(measured("slope_index", Subgroups(np.array(values), SHARES, ordered=True, maximum=100.0)))


@pytest.mark.parametrize("values", [[0.0, 30, 0], [100.0, 99.9, 100], [0.0, 1, 99], [0.001, 0, 100]])
def test_a_logistic_curve_fits_whatever_is_no_step(values: list[float]) -> None:
    assert not np.isnan(measured("slope_index", Subgroups(np.array(values), SHARES, ordered=True, maximum=100.0)))


def test_a_steep_logistic_curve_is_found() -> None:
    """61, 27 and 1 % of 2, 2 and 96 % of the people: -48.133113 and 0.000622923 by glm of R, quasibinomial."""
    persons, values = np.array([56546.0, 55280, 2756947]), np.array([61.0652744214, 26.5047369129, 1.41974897938])
    of = Subgroups(values, persons / persons.sum(), ordered=True, maximum=100.0)
    assert measured("slope_index", of) == pytest.approx(-48.133113, abs=5e-7)
    assert measured("relative_index", of) == pytest.approx(0.000622923, abs=5e-10)


def bisected(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is 0."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2


def ends_by_bisection(of: Subgroups) -> Any:
    """The ends of the logistic curve: its intercept a(b) gives the mean of the values, its slope b the second equation.

    The sums of p (y - f) and of p X (y - f) fall in a and in b.
    """

    def rest(a: float, b: float) -> Any:
        return of.shares * (of.values / 100 - (1 + np.tanh((a + b * of.ranks) / 2)) / 2)

    def intercept(b: float) -> float:
        return bisected(lambda a: rest(a, b).sum(), -1000 - abs(b), 1000 + abs(b))

    slope = bisected(lambda b: (rest(intercept(b), b) * of.ranks).sum(), -1000, 1000)
    return 50 * (1 + np.tanh(np.array([intercept(slope), intercept(slope) + slope]) / 2))


def test_extreme_logistic_curves_against_bisection() -> None:
    """Values down to 1e-6 % and up to 100 %, and subgroups of a thousandth of the people."""
    random, tried = np.random.default_rng(7), 0
    for number in (3, 4, 6) * 12:
        shares = random.dirichlet(np.full(number, 0.5)) * 0.99 + 0.01 / number
        odds = random.normal(0, 6, number)
        values = np.where(random.random(number) < 0.2, 100.0 * (odds > 0), 100 / (1 + np.exp(-odds)))
        of = Subgroups(values, shares, ordered=True, maximum=100.0)
        if np.isin(values, [0.0, 100.0]).sum() < number - 1:
            bottom, top = ends_by_bisection(of)
            assert measured("slope_index", of) == pytest.approx(top - bottom, rel=1e-6, abs=1e-6)
            tried += 1
    assert tried > 25


def test_refusals_say_why() -> None:
    known = catalogue().subgroup_measures
    one = Subgroups(np.array([50.0]), np.array([1.0]), maximum=100.0)
    assert {refusal(entry, one) for entry in known.values()} == {"undefined: one subgroup"}
    two = Subgroups(np.array([50.0, 60]), np.array([0.5, 0.5]), maximum=100.0)
    assert refusal(known["gini_index"], two) == "not applicable: 2 subgroups, 3 are needed"
    assert refusal(known["odds_ratio"], two) == ""
    assert refusal(known["slope_index"], example()) == "not applicable: the subgroups have no order"
    assert (
        refusal(known["odds_ratio"], Subgroups(VALUES, SHARES)) == "not applicable: the indicator is not a percentage"
    )


# inequality 1.1.2 (PySAL; BSD-3-Clause) takes no weights: the value of 12.5 three times, of 34.0 once, and so on
PYSAL = {
    "gini_index": 0.24834003275271702,
    "theil_index": 133.61840244134687,
    "hoover_index": 0.1946627958910227,
    "atkinson_index_half": 0.07715516993955485,
    "atkinson_index_one": 0.17580638174163887,
    "atkinson_index_two": 0.402079891441639,
    # scikit-learn 1.x, logistic regression of the same shares, each weighted once
    "slope_index": 82.41998338754523,
    "relative_index": 7.392642463816104,
}
COUNTS = np.array([3, 1, 2, 5, 4])
FIVE = Subgroups(np.array([12.5, 34.0, 56.2, 71.3, 88.8]), COUNTS / COUNTS.sum(), ordered=True, maximum=100.0)


@pytest.mark.parametrize("name", PYSAL)
def test_independent_implementations_give_the_same(name: str) -> None:
    assert measured(name, FIVE) == pytest.approx(PYSAL[name], rel=1e-10)


def test_the_logistic_curve_solves_its_score_equations() -> None:
    a, b = curve(FIVE)
    rest = FIVE.shares * (FIVE.values / 100 - 1 / (1 + np.exp(-(a + b * FIVE.ranks))))
    np.testing.assert_allclose([rest.sum(), (rest * FIVE.ranks).sum()], 0, atol=1e-14)


def test_settings_draws_and_subgroups_at_once() -> None:
    """Leading axes are kept, and every setting is measured alone."""
    random = np.random.default_rng(1)
    values, shares = random.uniform(5, 95, (2, 3, 6)), random.dirichlet(np.ones(6), (2, 1))
    for name, entry in catalogue().subgroup_measures.items():
        of = Subgroups(values, np.broadcast_to(shares, (2, 3, 6)), ordered=entry.family == "ordered", maximum=100.0)
        together = evaluate(entry, of)
        assert together.shape == (2, 3), name
        for i in range(2):
            for j in range(3):
                alone = Subgroups(values[i, j], shares[i, 0], ordered=of.ordered, maximum=100.0)
                np.testing.assert_allclose(together[i, j], evaluate(entry, alone), rtol=1e-9, err_msg=name)
