"""Adverse indicators: WHO reverses difference, ratio, slope and relative index; ACI, RCI, PAR and PAF keep their sign.

Prices of 12, 8, 6, 4 and 2 for five equal subgroups, the most disadvantaged first; mu = 6.4, X_j = 0.1, 0.3, 0.5, 0.7, 0.9.
"""

from pathlib import Path

import numpy as np
import pytest

from divide_cli import api
from divide_cli import concepts as v
from divide_cli.analysis.inequality import Inequality
from divide_cli.analysis.measures.bounds import bounds
from divide_cli.analysis.measures.intervals import intervals
from divide_cli.analysis.measures.subgroups import Subgroups, evaluate, gradient
from divide_cli.catalogue import catalogue
from divide_cli.reports import inequality
from divide_cli.reports.tables import number

PRICES, FIFTHS = np.array([12.0, 8, 6, 4, 2]), np.full(5, 0.2)
BY_HAND = {
    "subgroup_difference": 10.0,  # 12 - 2
    "subgroup_ratio": 6.0,  # 12 / 2
    "slope_index_linear": 12.0,  # -(-0.4 12 - 0.2 8 + 0.2 4 + 0.4 2) / 0.4
    "relative_index_linear": 31.0,  # (6.4 + 6) / (6.4 - 6)
    "absolute_concentration_index": -1.92,  # (-0.8 12 - 0.4 8 + 0.4 4 + 0.8 2) / 5
    "relative_concentration_index": -0.3,  # -1.92 / 6.4
    "population_attributable_risk": -4.4,  # 2 - 6.4
    "population_attributable_fraction": -68.75,  # 100 (-4.4) / 6.4
}
REVERSED = ("subgroup_difference", "subgroup_ratio", "slope_index_linear", "relative_index_linear")


def prices(**told) -> Subgroups:
    return Subgroups(PRICES, FIFTHS, ordered=True, adverse=True, **told)


def value(name: str, of: Subgroups) -> float:
    return float(evaluate(catalogue().subgroup_measures[name], of))


@pytest.mark.parametrize("name", BY_HAND)
def test_ordered_prices_by_hand(name: str) -> None:
    assert value(name, prices()) == pytest.approx(BY_HAND[name], rel=1e-12)


def test_named_sides_are_reversed_too_and_extremes_are_not() -> None:
    """HIC 2 is named as reference for LIC 12: 12 - 2; the highest less the lowest stays what it is."""
    named = Subgroups(PRICES, FIFTHS, reference=4, compared=0, adverse=True)
    assert value("subgroup_difference", named) == 10
    assert value("subgroup_ratio", named) == 6
    unordered = Subgroups(PRICES, FIFTHS, adverse=True)
    assert value("subgroup_difference", unordered) == 10
    assert value("subgroup_ratio", unordered) == 6


def test_the_ends_of_a_logistic_curve_are_reversed() -> None:
    """Shares on 100 / (1 + exp(-1.5 + 2.5 X)) fall from 81.757 at X = 0 to 26.894 at X = 1."""
    ranks = np.cumsum(FIFTHS) - FIFTHS / 2
    shares = 100 / (1 + np.exp(-1.5 + 2.5 * ranks))
    of = Subgroups(shares, FIFTHS, ordered=True, adverse=True, maximum=100.0)
    bottom, top = 100 / (1 + np.exp(-1.5)), 100 / (1 + np.exp(1.0))
    assert value("slope_index", of) == pytest.approx(bottom - top, rel=1e-10)
    assert value("relative_index", of) == pytest.approx(bottom / top, rel=1e-10)


@pytest.mark.parametrize("name", [*REVERSED, "slope_index", "relative_index", "odds_ratio", "complement_ratio"])
def test_derivatives_follow_the_sign(name: str) -> None:
    """Against central differences."""
    measure, of, step = catalogue().subgroup_measures[name], prices(maximum=100.0), 1e-5
    around = np.eye(5) * step
    numeric = (evaluate(measure, of.at(PRICES + around)) - evaluate(measure, of.at(PRICES - around))) / (2 * step)
    np.testing.assert_allclose(gradient(measure, of), numeric, rtol=1e-4, atol=1e-6)


def test_bounds_and_intervals_follow_the_sign() -> None:
    """Values within 0.5 of the prices: D from 11.5 - 2.5 = 9 to 12.5 - 1.5 = 11, R from 11.5 / 2.5 to 12.5 / 1.5.

    With standard errors of 0.1, D has the error sqrt(0.02), and SII 0.1 sqrt(0.4) 0.2 / (0.2 0.4) = 0.1 / sqrt(0.4).
    """
    measures = catalogue().subgroup_measures
    low, high = PRICES - 0.5, PRICES + 0.5
    difference = bounds(measures["subgroup_difference"], prices(), low, high)
    assert (difference.lower, difference.upper) == pytest.approx((9, 11))
    ratio = bounds(measures["subgroup_ratio"], prices(), low, high)
    assert (ratio.lower, ratio.upper) == pytest.approx((11.5 / 2.5, 12.5 / 1.5))
    names = ("subgroup_difference", "slope_index_linear")
    of_d, of_sii = intervals([measures[name] for name in names], prices(), np.full(5, 0.1))
    assert (of_d.lower + of_d.upper) / 2 == pytest.approx(10)
    assert (of_d.upper - of_d.lower) / (2 * 1.959964) == pytest.approx(0.02**0.5, rel=1e-6)
    assert (of_sii.lower + of_sii.upper) / 2 == pytest.approx(12)
    assert (of_sii.upper - of_sii.lower) / (2 * 1.959964) == pytest.approx(0.1 / 0.4**0.5, rel=1e-6)


def test_a_file_of_prices_by_wealth(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    rows = [f"KEN,price_mobile_data,Q{n + 1},2022,{price},1000000" for n, price in enumerate(PRICES)]
    path.write_text("\n".join(["REF_AREA,INDICATOR,WEALTH,TIME_PERIOD,OBS_VALUE,POPULATION", *rows, ""]))
    ordered = api.measure("price_mobile_data", [str(path)], over="WEALTH", order="Q1,Q2,Q3,Q4,Q5", areas=["KEN"])
    frame = ordered.frame.set_index(v.MEASURE)[v.OBS_VALUE]
    for name, expected in BY_HAND.items():
        assert frame[name] == pytest.approx(expected, rel=1e-12), name
    assert read_aloud(ordered) == ("10.00 [9.90, 10.10] PP of GNI", "Q1 is behind Q5, in percentage points of GNI.")
    unordered = api.measure("price_mobile_data", [str(path)], over="WEALTH", areas=["KEN"])
    assert read_aloud(unordered) == ("10.00 [9.90, 10.10] PP of GNI", "Q1 is behind Q5, in percentage points of GNI.")
    against = api.measure("price_mobile_data", [str(path)], over="WEALTH", reference="Q3", areas=["KEN"])
    assert read_aloud(against) == ("6.00 [5.90, 6.10] PP of GNI", "Q1 is behind Q3, in percentage points of GNI.")


def read_aloud(result: Inequality) -> tuple[str, str]:
    """The value and the reading of D in the table."""
    rows = [row for block in inequality.output(result).blocks() for row in block.rows]
    return next((row[1], row[-1]) for row in rows if row[0] == "difference (D)")


def test_small_ratios_are_printed_with_two_digits() -> None:
    assert number(0.000622923, "RATIO") == "0.00062"
    assert [number(ratio, "RATIO") for ratio in (0.0, 0.0512, 0.17, 1.0, 19.73)] == [
        "0.00",
        "0.05",
        "0.17",
        "1.00",
        "19.73",
    ]
    assert number(1e-16, "RATIO", "+") == "0.00"  # a difference of two ratios that are equal
