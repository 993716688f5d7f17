"""Trends: series with known answers, numbers of other implementations, and refusals."""

import numpy as np
import pytest

from divide_cli.analysis.trends import (
    CrossingStatus,
    beta,
    crossing,
    fitted,
    logit,
    sigma,
    time_distance,
)

YEARS = np.arange(2015, 2025, dtype=float)


def test_a_straight_gap_closes_where_it_says() -> None:
    """20 points in 2015, two fewer each year: none in 2025."""
    line = fitted(YEARS, 20 - 2 * (YEARS - 2015))
    assert (line.slope, line.remark) == (pytest.approx(-2, rel=1e-12), "")
    found = crossing(line, 0, rising=False)
    assert found.year == pytest.approx(2025, abs=1e-9)
    assert found.lower == pytest.approx(2025, abs=1e-6) and found.upper == pytest.approx(2025, abs=1e-6)


def test_two_logistic_curves_meet_where_they_were_made_to() -> None:
    men, women = (100 / (1 + np.exp(-(a + b * (YEARS - 2030)))) for a, b in ((1.2, 0.10), (1.2, 0.16)))
    found = crossing(fitted(YEARS, logit(men) - logit(women)), 0, rising=False)
    assert found.year == pytest.approx(2030, abs=1e-6)


def test_a_logistic_curve_reaches_a_level_where_it_does() -> None:
    share = 100 / (1 + np.exp(-0.3 * (YEARS - 2020)))
    found = crossing(fitted(YEARS, logit(share)), float(logit(np.array([95.0]))[0]), rising=True)
    assert found.year == pytest.approx(2020 + np.log(19) / 0.3, abs=1e-6)


def test_slope_and_crossing_with_their_intervals() -> None:
    """SciPy: linregress, and the roots of the confidence band of the line (brentq)."""
    years = np.arange(2018, 2024, dtype=float)
    line = fitted(years, np.array([10.2, 9.1, 8.7, 7.2, 6.9, 5.6]))
    assert (line.slope, line.lower, line.upper) == pytest.approx(
        (-0.8885714285714283, -1.0756217430233808, -0.7015211141194758), rel=1e-9
    )
    found = crossing(line, 0, rising=False)
    assert (found.year, found.lower, found.upper) == pytest.approx(
        (2029.4469453376205, 2027.8570555433193, 2031.8665356198314), rel=1e-9
    )


def test_refusals_say_why() -> None:
    three = fitted(YEARS[:3], np.array([3.0, 2, 1]))
    assert three.remark == "no trend: 3 years, 4 are needed"
    assert crossing(three, 0, rising=False).remark == three.remark
    flat = fitted(YEARS, np.array([5.0, 6, 5, 6, 5, 6, 5, 6, 5, 6]))
    assert flat.remark == "no trend: the slope's confidence interval contains 0"
    widening = fitted(YEARS, 5 + 0.5 * (YEARS - 2015))
    assert crossing(widening, 0, rising=False).remark == "moving away at the present pace"
    slow = fitted(YEARS, 50 - 0.01 * (YEARS - 2015))
    assert crossing(slow, 0, rising=False).remark == "more than 100 years away at this pace"


def test_a_line_that_is_past_the_level_is_not_moving_away() -> None:
    """From below: a line that rises beyond it is past it, one that falls moves away, wherever it is."""
    rising, falling = (fitted(YEARS, 95.5 + slope * (YEARS - 2024)) for slope in (2.0, -2.0))
    assert crossing(rising, 95, rising=True).status is CrossingStatus.PASSED
    assert crossing(rising, 95.5, rising=True).status is CrossingStatus.PASSED
    assert crossing(falling, 95, rising=True).remark == "moving away at the present pace"
    assert crossing(falling, 95, rising=False).year == pytest.approx(2024.25)


def test_missing_years_are_left_out() -> None:
    values = 20 - 2 * (YEARS - 2015)
    values[[1, 4]] = np.nan
    line = fitted(YEARS, values)
    assert (line.n, line.slope) == (8, pytest.approx(-2, rel=1e-12))


def test_slopes_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(7)
    held = [
        line.lower <= -1.5 <= line.upper
        for line in (fitted(YEARS, 40 - 1.5 * (YEARS - 2015) + random.normal(0, 2, 10)) for _ in range(2000))
    ]
    assert 0.94 <= np.mean(held) <= 0.96  # 95 +- 2 standard errors of 2000 tries


def test_time_distance_of_a_delayed_series() -> None:
    """The follower is the leader four and a half years later."""
    leader = 3 * (YEARS - 2000)
    follower = 3 * (YEARS - 2004.5)
    found = time_distance(YEARS, leader, follower)
    assert (found.years, found.at, found.open) == (pytest.approx(4.5, rel=1e-12), 2024, False)
    ahead = time_distance(YEARS, follower, leader)
    assert ahead.years == pytest.approx(-4.5, rel=1e-12)


def test_time_distance_by_hand() -> None:
    """Women were at 65.3 in 2024; men passed that between 64.8 (2021) and 66.5 (2022): 2021 + 0.5 / 1.7."""
    years = np.arange(2019, 2025, dtype=float)
    men = np.array([55.5, 61.8, 64.8, 66.5, 67.7, 69.5])
    women = np.array([50.4, 55.9, 58.6, 60.8, 63.0, 65.3])
    assert time_distance(years, men, women).years == pytest.approx(2024 - (2021 + 0.5 / 1.7), rel=1e-12)


def test_time_distance_beyond_the_figures_is_open() -> None:
    years = np.arange(2020, 2025, dtype=float)
    found = time_distance(years, np.array([80.0, 82, 84, 86, 88]), np.array([20.0, 25, 30, 35, 40]))
    assert (found.years, found.open) == (4, True)
    equal = time_distance(years, np.full(5, 50.0), np.full(5, 50.0))
    assert (equal.years, equal.open) == (0, False)
    assert np.isnan(time_distance(years, np.full(5, np.nan), np.full(5, 50.0)).years)


def test_convergence_of_areas_that_halve_their_distance() -> None:
    """Distances from 80 shrink by a tenth a year: the spread does too, and those behind grow faster."""
    start = np.array([10.0, 25, 40, 60, 75])
    values = 80 - (80 - start)[:, None] * 0.9 ** (YEARS - 2015)
    found = sigma(YEARS, values)
    assert found.line.upper < 0 and found.areas == 5 and not found.line.remark
    growth = beta(YEARS, values)
    assert growth.line.upper < 0 and not growth.line.remark


def test_beta_is_the_slope_that_the_series_were_made_with() -> None:
    start = np.array([5.0, 10, 20, 40, 60])
    growth = 0.08 - 0.02 * np.log(start)
    values = start[:, None] * np.exp(growth[:, None] * (YEARS - 2015))
    assert beta(YEARS, values).line.slope == pytest.approx(-0.02, rel=1e-9)


def test_convergence_needs_one_sample() -> None:
    values = np.array([[1.0, 2, np.nan, 4], [2.0, 3, 4, 5], [3.0, np.nan, 5, 6]])
    assert sigma(YEARS[:4], values).line.remark == "1 areas have a figure in every year, 3 are needed"
