"""Intervals: closed forms against simulation, the frozen study of coverage, and a small new run of it."""

import csv
import importlib.util
from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import pytest

from divide_cli.analysis.measures.curved import normals
from divide_cli.analysis.measures.intervals import Interval, interval_ends, intervals
from divide_cli.analysis.measures.subgroups import GRADIENTS, Subgroups, evaluate, gradient
from divide_cli.catalogue import catalogue
from divide_cli.distributions import normal_quantile

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks" / "measures"
KNOWN = catalogue().subgroup_measures
VALUES = np.array([31.0, 48.0, 57.0, 66.0, 74.0, 85.0])
SHARES = np.array([0.10, 0.20, 0.15, 0.25, 0.20, 0.10])
ERRORS = np.array([1.1, 0.9, 1.2, 0.8, 1.0, 0.7])


def subgroups(ordered: bool) -> Subgroups:
    return Subgroups(VALUES, SHARES, ordered=ordered, maximum=100.0)


@pytest.mark.parametrize("name", GRADIENTS)
def test_standard_errors_are_those_of_simulation(name: str) -> None:
    """The scatter of the measure over 100,000 samples: Theil, MLD, PAF, SII and RII too, where errors of a thousandth
    or a hundredth of it, or a slope weighted twice, are in use. Each error is right to three in a hundred."""
    entry = KNOWN[name]
    of = subgroups(entry.family == "ordered")
    draws = VALUES + ERRORS * np.random.default_rng(11).standard_normal((100_000, 6))
    scatter = float(np.nanstd(evaluate(entry, of.at(draws))))
    (found,) = intervals([entry], of, ERRORS)
    assert np.linalg.norm(gradient(entry, of) * ERRORS) == pytest.approx(scatter, rel=0.03)
    if entry.interval == "exact":
        assert found.upper - found.lower == pytest.approx(2 * 1.959964 * scatter, rel=0.03)


def test_linear_measures_have_exact_intervals() -> None:
    (found,) = intervals([KNOWN["subgroup_difference"]], subgroups(True), ERRORS)
    half = 1.959963984540054 * np.hypot(1.1, 0.7)
    assert (found.lower, found.upper) == pytest.approx((54 - half, 54 + half), rel=1e-12)


def fieller(over: np.ndarray, under: np.ndarray, values: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    """The c with (over.y - c under.y)^2 <= z^2 Var(over.y - c under.y): the roots of a quadratic, the upper one infinite
    if under.y is less than z of its standard errors from 0."""
    z2 = 1.959963984540054**2
    a = (under @ values) ** 2 - z2 * (under**2 @ errors**2)
    b = -2 * ((over @ values) * (under @ values) - z2 * (over * under) @ errors**2)
    c = (over @ values) ** 2 - z2 * (over**2 @ errors**2)
    roots = (-b + np.array([-1, 1]) * np.sqrt(b * b - 4 * a * c)) / (2 * a)
    return (float(roots[0]), float(roots[1])) if a > 0 else (float(roots.max()), np.inf)


def test_the_interval_of_a_ratio_is_fiellers() -> None:
    (found,) = intervals([KNOWN["subgroup_ratio"]], subgroups(True), ERRORS)
    assert (found.lower, found.upper) == pytest.approx(fieller(np.eye(6)[5], np.eye(6)[0], VALUES, ERRORS), rel=1e-9)
    (found,) = intervals([KNOWN["relative_concentration_index"]], subgroups(True), ERRORS)
    ranks = SHARES * (2 * (np.cumsum(SHARES) - SHARES / 2) - 1)
    assert (found.lower, found.upper) == pytest.approx(fieller(ranks, SHARES, VALUES, ERRORS), rel=1e-9)
    (found,) = intervals([KNOWN["population_attributable_fraction"]], subgroups(True), ERRORS)
    ends = fieller(np.eye(6)[5] - SHARES, SHARES, VALUES, ERRORS)
    assert (found.lower, found.upper) == pytest.approx(tuple(100 * end for end in ends), rel=1e-9)


def test_a_line_that_may_end_at_zero_has_a_half_line_for_an_interval() -> None:
    """The line ends at 0.09 with a standard error of 1.2: Fieller's interval is at least 26.2. On the logarithm, the
    interval was [2.8e-9, 1.9e14]."""
    values, errors = np.array([12.5, 21.0, 30.5, 44.1, 70.2]), np.array([1.1, 1.3, 1.5, 1.7, 2.0])
    shares = np.array([0.24, 0.22, 0.20, 0.18, 0.16])
    centred = np.cumsum(shares) - shares / 2 - 0.5
    slope = shares * centred / (shares @ centred**2)
    low, high = fieller(shares + slope / 2, shares - slope / 2, values, errors)
    (found,) = intervals([KNOWN["relative_index_linear"]], Subgroups(values, shares, ordered=True), errors)
    assert (low, high) == (pytest.approx(26.209889, abs=1e-6), np.inf)
    assert found.lower == pytest.approx(low, rel=1e-9)
    assert np.isnan(found.upper)
    assert found.warnings == ()
    assert found.remarks[0].startswith("no upper end of the interval")


def test_odds_stay_within_their_limits() -> None:
    """At 20 and 99 of 100, errors of 1: both reach 100 within 1.96 errors, and so the odds have no upper end. Their
    lower end is the least odds ratio over the ellipse, here by a search of a million angles."""
    of = Subgroups(np.array([20.0, 50.0, 99.0]), np.full(3, 1 / 3), ordered=True, maximum=100.0)
    (found,) = intervals([KNOWN["odds_ratio"]], of, np.ones(3))
    angles = np.linspace(0, 2 * np.pi, 1_000_001)
    r, c = 99 + 1.959963984540054 * np.sin(angles), 20 + 1.959963984540054 * np.cos(angles)
    inside = r < 100
    least = (r[inside] / (100 - r[inside]) / (c[inside] / (100 - c[inside]))).min()
    assert found.lower == pytest.approx(least, rel=1e-9)
    assert np.isnan(found.upper)


def test_the_bias_of_a_variance_is_the_one_that_theory_says() -> None:
    """E of the variance of estimates = variance + sum p (1 - p) s^2."""
    (found,) = intervals([KNOWN["between_group_variance"]], subgroups(False), ERRORS)
    assert found.bias == pytest.approx(float((SHARES * (1 - SHARES) * ERRORS**2).sum()), rel=1e-9)


def test_a_wider_level_gives_a_wider_interval_and_runs_are_alike() -> None:
    every = [entry for entry in KNOWN.values() if entry.family != "ordered"]
    one, two, wide = (intervals(every, subgroups(False), ERRORS, level) for level in (95.0, 95.0, 99.0))
    assert repr(one) == repr(two)  # NaN does not equal itself
    assert all(w.lower <= o.lower and w.upper >= o.upper for w, o in zip(wide, one, strict=True))
    draws = normals(3)
    np.testing.assert_allclose(draws.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(draws.T @ draws / len(draws), np.eye(3), atol=1e-12)


def test_without_errors_there_is_no_interval() -> None:
    found = intervals(list(KNOWN.values())[:3], subgroups(True), np.full(6, np.nan))
    assert all(np.isnan(each.lower) and np.isnan(each.upper) for each in found)


def found(name: str, values: list[float], errors: list[float] | float, shares: list[float] | None = None) -> Interval:
    people = np.array(shares or [1.0] * len(values))
    of = Subgroups(np.array(values), people / people.sum(), maximum=100.0)
    return intervals([KNOWN[name]], of, np.broadcast_to(np.array(errors), of.values.shape))[0]


def above(x: float, degrees: int, noncentrality: float) -> float:
    """P(noncentral chi-square > x) for even degrees of freedom: a Poisson mixture of sums of Poisson probabilities."""
    weight, total = exp(-noncentrality / 2), 0.0
    for mixed in range(400):
        half = degrees // 2 + mixed
        terms = np.cumsum(np.log(np.maximum(np.arange(half), 1))) * -1 + np.arange(half) * log(x / 2)
        total += weight * float(np.exp(terms - x / 2).sum())
        weight *= noncentrality / 2 / (mixed + 1)
    return total


@pytest.mark.parametrize("values", [[45, 48, 50, 53, 58], [30, 45, 50, 60, 70], [47, 50, 55, 55, 56, 60, 62]])
def test_the_lower_end_of_a_variance_is_that_of_noncentral_chi_square(values: list[float]) -> None:
    """With equal shares and errors s, J V / s^2 is noncentral chi-square with J - 1 degrees of freedom. The lower end
    has a noncentrality at which a larger one has a probability of 2.5 %; the upper end is (sqrt V + z s / sqrt J)^2.
    Ends agree to a tenth of the standard error of the root."""
    number, error = len(values), 2.0
    statistic = number * np.var(values) / error**2
    low, high = 0.0, statistic
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if above(statistic, number - 1, middle) < 0.025 else (low, middle)
    interval, unit = found("between_group_standard_deviation", values, error), error / sqrt(number)
    assert interval.lower == pytest.approx(sqrt(low) * unit, abs=0.1 * unit)
    assert interval.upper == pytest.approx(np.std(values) + normal_quantile(95) * unit, rel=1e-6)
    assert found("between_group_variance", values, error).lower == pytest.approx(interval.lower**2, rel=1e-9)


def test_equal_estimates_allow_equality() -> None:
    assert found("gini_index", [50, 50.5, 51, 50.2, 50.7], 1.0).lower == 0
    assert found("subgroup_ratio", [50, 50.5, 51, 50.2, 50.7], 1.0).lower == 1
    assert found("theil_index", [50, 50.5, 51, 50.2, 50.7], 1.0).lower == 0


def test_a_value_that_may_be_zero_leaves_the_upper_end_open() -> None:
    interval = found("mean_log_deviation", [0.5, 50, 60, 80, 90], 1.0)
    assert interval.lower > 0 and np.isnan(interval.upper)
    assert "an area has the value 0" in interval.remarks[0] or "0" in interval.remarks[0]


def test_one_draw_at_zero_cancels_no_interval() -> None:
    """3 is 3.3 standard errors above 0: one draw in 2,000 is below it. The ratio was then without an interval."""
    interval = found("ratio_20_20", [3, 50, 60, 80, 90], 0.9)
    assert np.isfinite([interval.lower, interval.upper]).all() and interval.warnings == ()


REPORTED = (
    # values, shares, errors; the percentages of intervals that held before, in 2,088 samples
    ("generalised_entropy_minus_one", (30, 40, 50, 58, 64, 84), (1, 1, 1, 4, 1, 1), (1, 1, 1, 8, 1, 1), 86.0),
    ("atkinson_index_two", (30, 40, 50, 58, 64, 84), (1, 1, 1, 4, 1, 1), (1, 1, 1, 8, 1, 1), 86.3),
    ("between_group_variance", (30, 40, 50, 58, 64, 84), (1, 1, 1, 4, 1, 1), (1, 1, 1, 8, 1, 1), 89.1),
    ("mean_log_deviation", (30, 40, 50, 58, 64, 84), (1, 1, 1, 4, 1, 1), (1, 1, 1, 8, 1, 1), 89.4),
    ("hoover_index", (20, 50, 50, 50, 50, 50, 50, 80), (1,) * 8, (3,) * 8, 89.7),
    ("index_of_disparity", (20, 50, 50, 50, 50, 50, 50, 80), (1,) * 8, (3,) * 8, 89.7),
    ("mean_difference_from_mean", (20, 50, 50, 50, 50, 50, 50, 80), (1,) * 8, (3,) * 8, 89.1),
    ("gini_index", (20, 50, 50, 50, 50, 50, 50, 80), (1,) * 8, (3,) * 8, 91.0),
    ("generalised_entropy_two", (20, 35, 50, 62, 85), (1,) * 5, (1, 1, 12, 1, 1), 86.5),
)


@pytest.mark.parametrize(("name", "values", "shares", "errors", "before"), REPORTED)
def test_intervals_hold_where_they_did_not(name: str, values, shares, errors, before: float) -> None:
    """1,000 samples: at least 93 in 100 intervals contain the truth, none is warned of."""
    entry, people, deviation = KNOWN[name], np.array(shares) / sum(shares), np.array(errors, dtype=float)
    truth = Subgroups(np.array(values, dtype=float), people, maximum=100.0)
    draws = np.random.default_rng(5).standard_normal((1000, len(values)))
    samples = truth.at(np.clip(truth.values + deviation * draws, 0, 100))
    low, high = interval_ends([entry], samples, np.diag(deviation**2), normal_quantile(95))[name]
    true = float(evaluate(entry, truth))
    assert 100 * ((low <= true) & (true <= high)).mean() >= 93 > before


def test_upper_ends_are_the_greatest_of_a_search() -> None:
    """200,000 points on the edge of the ellipsoid find nothing greater, and come within half a percent."""
    of, z = subgroups(False), normal_quantile(95)
    points = np.random.default_rng(3).standard_normal((200_000, 6))
    edge = VALUES + z * ERRORS * points / np.linalg.norm(points, axis=1, keepdims=True)
    for entry in (entry for entry in KNOWN.values() if entry.interval.startswith(("curved", "kinked"))):
        greatest = float(np.nanmax(evaluate(entry, of.at(edge))))
        upper = intervals([entry], of, ERRORS)[0].upper
        assert greatest <= upper * (1 + 1e-9), entry.id
        assert upper - greatest <= 0.1 * (upper - float(evaluate(entry, of))), entry.id


def table() -> list[dict[str, str]]:
    with (FOLDER / "coverage.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_frozen_study_covers_what_it_promises() -> None:
    """Intervals without a warning cover at least 93 %, in 10,000 samples of each design; at most a fifth of the cells are
    warned of."""
    rows = table()
    assert {row["measure"] for row in rows} == set(KNOWN)
    assert {row["samples"] for row in rows} == {"10000"}
    assert [row for row in rows if float(row["coverage"]) < 93] == []
    assert sum(float(row["warned"]) > 0 for row in rows) <= len(rows) / 5


def test_the_frozen_study_names_what_covers_more() -> None:
    assert all((row["place"] == "more") == (float(row["coverage"]) > 97.5) for row in table())


def study():  # noqa: ANN201
    spec = importlib.util.spec_from_file_location("coverage_study", FOLDER / "coverage.py")
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["coverage_study"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("ordered", [True, False])
def test_a_small_run_of_the_study_agrees_with_the_frozen_one(ordered: bool) -> None:
    """200 samples of one design: each coverage within four standard errors of the difference to the frozen one."""
    module = study()
    design = module.DESIGNS[1]
    of = "ordered" if ordered else ""
    frozen = {row["measure"]: row for row in table() if (row["design"], row["order"]) == (design.name, of)}
    for row in module.studied(design, ordered, 200):
        expected = float(frozen[row["measure"]]["coverage"]) / 100
        error = np.sqrt(max(expected * (1 - expected), 0.01) * (1 / 200 + 1 / float(frozen[row["measure"]]["samples"])))
        assert abs(float(row["coverage"]) / 100 - expected) < 4 * error, row
        assert row["true_value"] == frozen[row["measure"]]["true_value"]
