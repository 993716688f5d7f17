"""Intervals from errors that differ below and above the values: MOVER by hand, searches, and samples of two shares."""

from functools import cache
from math import sqrt

import numpy as np
import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli.analysis.inequality import Inequality, measure_inequality
from divide_cli.analysis.inequality.query import Query
from divide_cli.analysis.measures.intervals import Interval, intervals
from divide_cli.analysis.measures.subgroups import Subgroups, evaluate
from divide_cli.analysis.request import Request
from divide_cli.analysis.values import errors
from divide_cli.catalogue import catalogue
from divide_cli.distributions import normal_quantile

KNOWN = catalogue().subgroup_measures
Z = 1.959963984540054
VALUES, SHARES = np.array([88.0, 93.0, 95.0, 98.5]), np.array([0.2, 0.1, 0.4, 0.3])
UNEVEN = np.array([[2.1, 1.6, 1.2, 0.9], [1.5, 1.1, 0.8, 0.3]])
"""Standard errors below and above the values."""


def found(name: str, values: np.ndarray, shares: np.ndarray, uneven: np.ndarray, ordered: bool = True) -> Interval:
    of = Subgroups(values, shares, ordered=ordered, maximum=100.0)
    return intervals([KNOWN[name]], of, uneven.mean(axis=0), uneven=uneven)[0]


def sexes(tmp_path, men: str, women: str, columns: str = "CI_LOWER,CI_UPPER", level: float = 95.0) -> Inequality:
    path = tmp_path / "sexes.csv"
    rows = [f"KEN,internet_use,{sex},2022,{cells}" for sex, cells in (("M", men), ("F", women))]
    path.write_text("\n".join([f"REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,{columns}", *rows]), encoding="utf-8")
    query = Query("internet_use", "SEX", catalogue().comparisons["sex"], ())
    return measure_inequality(query, Request(files=(str(path),), areas=("KEN",), level=level))


def ends(result: Inequality, name: str) -> tuple[float, float]:
    (row,) = result.frame[result.frame[v.MEASURE] == name].to_dict("records")
    return row[v.CI_LOWER], row[v.CI_UPPER]


def mover_r(r: tuple[float, float, float], c: tuple[float, float, float]) -> tuple[float, float]:
    """The limits of r / c from (value, lower limit, upper limit) of each: Donner and Zou 2012, equation 9."""
    (r, rl, ru), (c, cl, cu) = r, c
    lower = (r * c - sqrt((r * c) ** 2 - rl * cu * (2 * r - rl) * (2 * c - cu))) / (cu * (2 * c - cu))
    upper = (r * c + sqrt((r * c) ** 2 - ru * cl * (2 * r - ru) * (2 * c - cl))) / (cl * (2 * c - cl))
    return lower, upper


def test_a_difference_takes_the_sides_that_count(tmp_path) -> None:
    """Men 98 [96, 99], women 90 [85, 94]. It is least where men are 2 lower and women 4 higher, most where men are 1
    higher and women 5 lower. With the means of the sides, 1.5 and 4.5, it was [3.26, 12.74]."""
    result = sexes(tmp_path, "98,96,99", "90,85,94")
    assert ends(result, "absolute_difference") == pytest.approx(
        (8 - sqrt(2**2 + 4**2), 8 + sqrt(1**2 + 5**2)), rel=1e-12
    )
    assert ends(result, "absolute_difference") == pytest.approx((3.5279, 13.0990), abs=5e-5)


def test_a_ratio_is_that_of_mover_r(tmp_path) -> None:
    result = sexes(tmp_path, "98,96,99", "90,85,94")
    low, high = mover_r((98, 96, 99), (90, 85, 94))
    assert ends(result, "ratio") == pytest.approx((low, high), rel=1e-9)
    assert ends(result, "parity_score") == pytest.approx((1 / high, 1 / low), rel=1e-9)
    assert ends(result, "relative_gap_to_compared") == pytest.approx((100 * low - 100, 100 * high - 100), rel=1e-9)
    assert ends(result, "relative_gap") == pytest.approx((100 - 100 / low, 100 - 100 / high), rel=1e-9)


def test_persons_take_the_sides_that_count(tmp_path) -> None:
    """persons_to_parity is (r - c) n_c / 100, excess_persons (r n_r - c n_c) / 100: 2000 men and 3000 women."""
    result = sexes(tmp_path, "98,96,99,2000", "90,85,94,3000", "CI_LOWER,CI_UPPER,POPULATION")
    low, high = 8 - sqrt(2**2 + 4**2), 8 + sqrt(1**2 + 5**2)
    assert ends(result, "persons_to_parity") == pytest.approx((30 * low, 30 * high), rel=1e-12)
    excess = 98 * 20 - 90 * 30
    expected = (excess - sqrt(40**2 + 120**2), excess + sqrt(20**2 + 150**2))
    assert ends(result, "excess_persons") == pytest.approx(expected, rel=1e-12)


def test_a_share_of_100_has_no_error_above(tmp_path) -> None:
    """Clopper-Pearson limits of 100 of 100 and 97 of 100."""
    result = sexes(tmp_path, "100,96.38,100", "97,91.48,99.38")
    expected = (3 - sqrt(3.62**2 + 2.38**2), 3 + 5.52)
    assert ends(result, "absolute_difference") == pytest.approx(expected, rel=1e-12)
    expected = mover_r((100, 96.38, 100), (97, 91.48, 99.38))
    assert ends(result, "ratio") == pytest.approx(expected, rel=1e-9)


def test_other_levels_scale_the_sides(tmp_path) -> None:
    """A 90 % interval of a value and a 95 % interval of the measure: 1.96 / 1.6449 as long."""
    result = sexes(tmp_path, "98,96,99,90", "90,85,94,90", "CI_LOWER,CI_UPPER,CI_LEVEL")
    longer = Z / 1.6448536269514722
    expected = (8 - longer * sqrt(20), 8 + longer * sqrt(26))
    assert ends(result, "absolute_difference") == pytest.approx(expected, rel=1e-12)


def test_sums_of_several_values_take_the_sides_that_count() -> None:
    """Shares 0.2, 0.3, 0.5 have the ranks 0.1, 0.35, 0.75, and so ACI = -0.16 a - 0.09 b + 0.25 c. The mean rank is 0.5
    and sum p (X - 0.5)^2 = 0.07, so the slope is (-0.08 a - 0.045 b + 0.125 c) / 0.07."""
    values, shares = np.array([90.0, 95.0, 98.0]), np.array([0.2, 0.3, 0.5])
    uneven = np.array([[5, 3, 2], [4, 2, 1]]) / Z
    down, up = np.array([4, 2, 2]), np.array([5, 3, 1])
    weights = np.array([-0.16, -0.09, 0.25])
    for name, factor in (("absolute_concentration_index", 1.0), ("slope_index_linear", 0.5 / 0.07)):
        interval, of = found(name, values, shares, uneven), factor * weights
        expected = (of @ values - np.linalg.norm(of * down), of @ values + np.linalg.norm(of * up))
        assert (interval.lower, interval.upper) == pytest.approx(expected, rel=1e-12), name


@cache
def edge(ordered: bool) -> Subgroups:
    """100,000 values at the distance z, each in units of the error on its side."""
    points = np.random.default_rng(7).standard_normal((100_000, 4))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    offsets = Z * points * np.where(points > 0, UNEVEN[1], UNEVEN[0])
    return Subgroups(np.clip(VALUES + offsets, 0, 100), SHARES, ordered=ordered, maximum=100.0)


@pytest.mark.parametrize("name", [name for name, entry in KNOWN.items() if entry.interval not in ("line", "none", "")])
def test_ends_are_the_extremes_of_a_search(name: str) -> None:
    """No point of the search is beyond an end, and one is near it. Of measures of spread, the lower end is a test."""
    entry, ordered = KNOWN[name], KNOWN[name].family in ("simple", "impact", "ordered")
    interval = found(name, VALUES, SHARES, UNEVEN, ordered)
    values = evaluate(entry, edge(ordered))
    least, greatest = float(np.nanmin(values)), float(np.nanmax(values))
    value = float(evaluate(entry, Subgroups(VALUES, SHARES, ordered=ordered, maximum=100.0)))
    if entry.interval in ("exact", "ellipse"):
        assert interval.lower <= least + 1e-9 * abs(least)
        assert least - interval.lower <= 0.02 * (value - interval.lower)
    if np.isnan(interval.upper):
        assert name == "odds_ratio"  # 98.5 may be 100
        return
    assert interval.upper >= greatest - 1e-9 * abs(greatest)
    assert interval.upper - greatest <= 0.1 * (interval.upper - value)


SPREAD = ("between_group_standard_deviation", "gini_index", "theil_index", "mean_log_deviation", "atkinson_index_two")


@pytest.mark.parametrize("name", SPREAD)
def test_lower_ends_of_measures_of_spread_take_the_sides_towards_equality(name: str) -> None:
    """With errors of a hundredth of the distances the measure is nearly linear: MOVER's limit by numerical derivatives.
    Low values may be higher, by 0.4, and high ones lower, by 0.4; the other sides are 0.1."""
    values, shares = np.array([20.0, 35.0, 65.0, 85.0]), np.full(4, 0.25)
    uneven = np.array([[0.1, 0.1, 0.4, 0.4], [0.4, 0.4, 0.1, 0.1]])
    of = Subgroups(values, shares, maximum=100.0)
    up, down = (evaluate(KNOWN[name], of.at(values + side * 1e-4 * np.eye(4))) for side in (1, -1))
    slopes, value = (up - down) / 2e-4, float(evaluate(KNOWN[name], of))
    interval = found(name, values, shares, uneven, ordered=False)
    lower, upper = Z * np.linalg.norm(0.4 * slopes), Z * np.linalg.norm(0.1 * slopes)
    assert value - interval.lower == pytest.approx(lower, rel=0.03)
    assert interval.upper - value == pytest.approx(upper, rel=0.03)


@pytest.mark.parametrize("ordered", [True, False])
def test_sides_that_are_alike_change_nothing(ordered: bool) -> None:
    """Every measure, with the same errors below and above: the interval without sides, to what the searches find."""
    even = np.array([1.5, 1.1, 0.8, 0.5])
    of = Subgroups(VALUES, SHARES, ordered=ordered, maximum=100.0)
    entries = [entry for entry in KNOWN.values() if ordered or entry.family != "ordered"]
    plain, sided = intervals(entries, of, even), intervals(entries, of, even, uneven=np.stack([even, even]))
    for entry, one, other in zip(entries, plain, sided, strict=True):
        expected = pytest.approx((one.lower, one.upper, one.bias), rel=1e-9, abs=1e-12, nan_ok=True)
        assert (other.lower, other.upper, other.bias) == expected, entry.id


def frame_of(values, **columns) -> pd.DataFrame:
    return pd.DataFrame({v.OBS_VALUE: values, **columns}, dtype=float)


def test_printed_intervals_that_are_symmetric_have_one_error() -> None:
    """12.1 - 9.8 and 14.4 - 12.1 differ in the last digit of doubles; the error is (14.4 - 9.8) / (2 z), as before."""
    below, above = errors(frame_of([12.1, 41.3], CI_LOWER=[9.8, 40.1], CI_UPPER=[14.4, 42.5]))
    assert (
        below.tolist()
        == above.tolist()
        == [(14.4 - 9.8) / (2 * normal_quantile(95)), (42.5 - 40.1) / (2 * normal_quantile(95))]
    )


def test_the_sides_of_an_interval_are_its_errors() -> None:
    below, above = errors(frame_of([98.0, 40.0, 50.0], CI_LOWER=[95, 38, np.nan], CI_UPPER=[99, 42, 51]))
    np.testing.assert_allclose(below, [3 / Z, 2 / Z, np.nan], rtol=1e-12)
    np.testing.assert_allclose(above, [1 / Z, 2 / Z, np.nan], rtol=1e-12)


def test_a_standard_error_is_used_before_an_interval() -> None:
    below, above = errors(frame_of([98.0, 98.0], STD_ERR=[1.2, np.nan], CI_LOWER=[95, 95], CI_UPPER=[99, 99]))
    np.testing.assert_allclose(below, [1.2, 3 / Z], rtol=1e-12)
    np.testing.assert_allclose(above, [1.2, 1 / Z], rtol=1e-12)


def wilson(count: int, number: int) -> tuple[float, float, float]:
    """The share in percent and its limits: the shares that differ from it by 1.96 of their own errors (Wilson 1927)."""
    share, weight = count / number, Z**2 / number
    centre, half = share + weight / 2, Z * sqrt(share * (1 - share) / number + weight / number / 4)
    return 100 * share, 100 * (centre - half) / (1 + weight), 100 * (centre + half) / (1 + weight)


@cache
def difference(men: int, women: int, number: int) -> tuple[Interval, Interval]:
    """The interval of the difference of two shares with the sides of Wilson's limits, and with their means."""
    (c, c_low, c_high), (r, r_low, r_high) = wilson(women, number), wilson(men, number)
    of = Subgroups(np.array([c, r]), np.full(2, 0.5), reference=1, compared=0, ordered=True, maximum=100.0)
    uneven = np.array([[c - c_low, r - r_low], [c_high - c, r_high - r]]) / Z
    measure = [KNOWN["subgroup_difference"]]
    return (
        intervals(measure, of, uneven.mean(axis=0), uneven=uneven)[0],
        intervals(measure, of, uneven.mean(axis=0))[0],
    )


def test_sides_hold_where_their_means_do_not() -> None:
    """2,000 samples of 100 women at 95 % and 100 men at 99 %, with Wilson's limits, as in Newcombe 1998 (Stat. Med.
    17:873, method 10): at least 93 in 100 intervals contain the difference of 4. With the means of the sides, one tail
    misses more often, and the other nearly never."""
    random = np.random.default_rng(20)
    women, men = (random.binomial(100, share, 2000) for share in (0.95, 0.99))
    sided, averaged = zip(*(difference(int(m), int(w), 100) for m, w in zip(men, women, strict=True)), strict=True)
    too_high, too_low = (
        [100 * np.mean([beyond(interval) for interval in each]) for each in (sided, averaged)]
        for beyond in (lambda interval: interval.lower > 4, lambda interval: interval.upper < 4)
    )
    assert 100 - too_high[0] - too_low[0] >= 93
    assert max(too_high[0], too_low[0]) <= 2.5 < too_low[1]
    assert too_high[1] < too_high[0]
