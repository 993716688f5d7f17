"""Errors and intervals of two sides, against formulae written here: the delta method and Fieller's interval."""

from math import sqrt

import numpy as np
import pytest

from divide_cli.analysis.measures.pair_intervals import UncertainSides, pair_error, pair_interval
from divide_cli.catalogue import catalogue

R, C, VAR_R, VAR_C, BOTH = 60.0, 50.0, 4.0, 6.25, 2.0
SIDES = UncertainSides(np.array([R, C]), np.array([[VAR_R, BOTH], [BOTH, VAR_C]]), [1000.0, 2000.0], 100.0)
RELATIVE = sqrt(VAR_R / R**2 + VAR_C / C**2 - 2 * BOTH / (R * C))
DIFFERENCE = sqrt(VAR_R + VAR_C - 2 * BOTH)
EXPECTED = {
    "absolute_difference": DIFFERENCE,
    "ratio": R / C * RELATIVE,
    "parity_score": C / R * RELATIVE,
    "relative_gap": 100 * C / R * RELATIVE,  # 100 (1 - c / r)
    "relative_gap_to_compared": 100 * R / C * RELATIVE,
    "adjusted_parity": C / R * RELATIVE,  # c <= r
    "excess_persons": sqrt(10**2 * VAR_R + 20**2 * VAR_C - 2 * 10 * 20 * BOTH),  # (1000 r - 2000 c) / 100
    "persons_to_parity": 20 * DIFFERENCE,
}


def test_every_pair_measure_has_its_error_here() -> None:
    assert set(EXPECTED) == set(catalogue().measures)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_error_is_that_of_the_delta_method(name: str) -> None:
    assert pair_error(catalogue().measures[name], SIDES) == pytest.approx(EXPECTED[name], rel=1e-8)


def test_adjusted_parity_beyond_one_has_the_error_of_its_other_branch() -> None:
    """c > r: 2 - r / c."""
    turned = UncertainSides(SIDES.values[::-1], SIDES.errors[::-1, ::-1], SIDES.persons[::-1], 100.0)
    assert pair_error(catalogue().measures["adjusted_parity"], turned) == pytest.approx(C / R * RELATIVE, rel=1e-8)


@pytest.mark.parametrize("z", [1.96, 2.5])
def test_the_interval_of_a_ratio_is_fiellers(z: float) -> None:
    """The roots of (C^2 - z^2 v_c) x^2 - 2 (R C - z^2 cov) x + R^2 - z^2 v_r."""
    a, b, c = C**2 - z**2 * VAR_C, R * C - z**2 * BOTH, R**2 - z**2 * VAR_R
    ends = [(b + sign * sqrt(b**2 - a * c)) / a for sign in (-1, 1)]
    found = pair_interval(catalogue().measures["ratio"], SIDES, z)
    assert [found.lower, found.upper] == pytest.approx(ends, rel=1e-7)


def test_the_interval_of_a_difference_is_symmetric() -> None:
    found = pair_interval(catalogue().measures["absolute_difference"], SIDES, 2.0)
    assert [found.lower, found.upper] == pytest.approx([10 - 2 * DIFFERENCE, 10 + 2 * DIFFERENCE], rel=1e-12)


def test_an_unknown_error_gives_none() -> None:
    unknown = UncertainSides(SIDES.values, np.full((2, 2), np.nan), SIDES.persons, 100.0)
    for name in EXPECTED:
        measure = catalogue().measures[name]
        assert np.isnan(pair_error(measure, unknown))
        assert np.isnan(pair_interval(measure, unknown, 2.0).lower)
