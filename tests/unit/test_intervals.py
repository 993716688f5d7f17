"""Intervals: closed forms against simulation, the frozen study of coverage, and a small new run of it."""

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from divide_cli.analysis.measures.intervals import intervals, normals
from divide_cli.analysis.measures.subgroups import GRADIENTS, Subgroups, evaluate
from divide_cli.catalogue import catalogue

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
    assert found.error == pytest.approx(scatter, rel=0.03)
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
    (found,) = intervals([KNOWN["between_group_variance"]], subgroups(False), ERRORS, draws=200_000)
    assert found.bias == pytest.approx(float((SHARES * (1 - SHARES) * ERRORS**2).sum()), rel=0.02)


def test_a_wider_level_gives_a_wider_interval_and_runs_are_alike() -> None:
    every = [entry for entry in KNOWN.values() if entry.family != "ordered"]
    one, two, wide = (intervals(every, subgroups(False), ERRORS, level) for level in (95.0, 95.0, 99.0))
    assert repr(one) == repr(two)  # NaN does not equal itself
    assert all(w.lower <= o.lower and w.upper >= o.upper for w, o in zip(wide, one, strict=True))
    np.testing.assert_array_equal(normals(10, 3)[:5], -normals(10, 3)[5:])


def test_without_errors_there_is_no_interval() -> None:
    found = intervals(list(KNOWN.values())[:3], subgroups(True), np.full(6, np.nan))
    assert all(np.isnan(each.lower) and np.isnan(each.upper) for each in found)


def said(name: str, values: list[float], errors: float) -> str:
    shares = np.full(len(values), 1 / len(values))
    (found,) = intervals(
        [KNOWN[name]], Subgroups(np.array(values), shares, maximum=100.0), np.full(len(values), errors)
    )
    return "; ".join(found.warnings)


def test_what_cannot_be_trusted_is_said() -> None:
    assert "within 4 standard errors of no inequality" in said("gini_index", [50, 50.5, 51, 50.2, 50.7], 1.0)
    assert "fewer than 5 subgroups" in said("gini_index", [20, 50, 80], 1.0)
    assert "tied" in said("subgroup_difference", [20, 50, 60, 80, 80.5], 1.0)
    assert "of 0" in said("theil_index", [2, 50, 60, 80, 90], 1.0)
    assert said("gini_index", [20, 35, 50, 65, 80], 1.0) == ""
    assert said("mean_log_deviation", [0.5, 50, 60, 80, 90], 1.0).startswith("no interval: in ")


def table() -> list[dict[str, str]]:
    with (FOLDER / "coverage.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_frozen_study_covers_what_it_promises() -> None:
    """10,000 samples a cell: inside the regime 92 to 98 of 100 intervals contain the truth, for every measure."""
    inside = [row for row in table() if row["regime"] == "inside"]
    assert {row["measure"] for row in inside} == set(KNOWN)
    wrong = [row for row in inside if not 92 <= float(row["coverage"]) <= 98]
    assert wrong == []


def test_the_frozen_study_shows_what_lies_outside() -> None:
    outside = [row for row in table() if row["regime"] != "inside"]
    assert min(float(row["coverage"]) for row in outside) < 92
    assert any("near no inequality" in row["regime"] for row in outside)
    assert any("tied" in row["regime"] for row in outside)


def study():  # noqa: ANN201
    spec = importlib.util.spec_from_file_location("coverage_study", FOLDER / "coverage.py")
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["coverage_study"] = module
    spec.loader.exec_module(module)
    return module


def test_a_small_run_of_the_study_agrees_with_the_frozen_one() -> None:
    """200 samples of one design: each coverage within four standard errors of the frozen one."""
    module = study()
    design = module.DESIGNS[0]
    frozen = {row["measure"]: row for row in table() if row["design"] == design.name}
    for row in module.studied(design, 200):
        expected = float(frozen[row["measure"]]["coverage"]) / 100
        error = np.sqrt(max(expected * (1 - expected), 0.01) / 200)
        assert abs(float(row["coverage"]) / 100 - expected) < 4 * error, row
        assert row["true_value"] == frozen[row["measure"]]["true_value"]
