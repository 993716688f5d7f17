"""Estimates where something is special: shares of 0 and 100 %, unknown codes, empty domains, samples without a design."""

from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli.survey import cells, intervals
from divide_cli.survey.cells import Kind
from divide_cli.survey.design import Replicates
from divide_cli.survey.estimates import Reason
from divide_cli.survey.replicates import covariance, rank, scales
from divide_cli.survey.variables import Quantity
from tests.survey.by_hand import estimated, prepared, shares

CLUSTERS = {"strata": "stratum", "stages": ["psu"]}


def test_nobody_and_everybody_have_korn_graubards_interval() -> None:
    """8 persons in 4 clusters and 2 strata, none with a yes. SE = 0, so the effective size is 8, and with 2 degrees of
    freedom 8 (t7 / t2)^2 = 8 (2.364624 / 4.302653)^2 = 2.416. The upper end solves (1 - p)^2.416 = 0.025: 78.27 %.
    """
    size = 8 * (2.364624251592785 / 4.302652729749462) ** 2
    end = 100 * (1 - 0.025 ** (1 / size))
    assert (size, end) == (pytest.approx(2.416, abs=1e-3), pytest.approx(78.27, abs=0.01))
    for answers, ends in (("00000000", [0, end]), ("11111111", [100 - end, 100])):
        found = estimated(prepared(shares("AAAABBBB", "11223344", answers), **CLUSTERS)).table.iloc[0]
        assert found[v.STD_ERR] == 0
        assert [found[v.CI_LOWER], found[v.CI_UPPER]] == pytest.approx(ends, rel=1e-12)
        assert [found["LOWER_KG"], found["UPPER_KG"], found["EFFECTIVE_SIZE"]] == pytest.approx([*ends, 8], rel=1e-12)


def test_korn_graubards_interval_of_a_simple_sample_is_clopper_pearsons() -> None:
    """With SE^2 = p (1 - p) / n and n - 1 degrees of freedom: 3 of 10 are from 6.674 to 65.245 %, the tails 2.5 %."""
    share, n = np.array([0.3]), np.array([10.0])
    lower, upper = intervals.korn_graubard(share, np.sqrt(share * (1 - share) / n), n, n - 1, 95)
    assert [lower[0], upper[0]] == pytest.approx([0.06673951117773447, 0.6524528500599973], rel=1e-9)  # R: binom.test
    tail = sum(comb(10, k) * lower[0] ** k * (1 - lower[0]) ** (10 - k) for k in range(3, 11))
    assert tail == pytest.approx(0.025, rel=1e-12)


def test_the_effective_size_is_at_most_the_sample() -> None:
    """A standard error below that of a simple sample does not make the sample larger (NCHS 2017)."""
    share, n = np.array([0.5]), np.array([100.0])
    assert intervals.effective_size(share, np.array([0.01]), n)[0] == 100
    assert intervals.effective_size(share, np.array([0.1]), n)[0] == pytest.approx(25)


def test_people_of_an_unknown_code_are_in_the_total_and_in_no_domain() -> None:
    """Yes: 4 of 8. Of these 8, the sex of one with a yes is unknown: women 2 of 4, men 1 of 3."""
    frame = shares("AAAABBBB", "11223344", "11100010", SEX=["F", "F", "_X", "M", "F", "F", "M", "M"])
    table = estimated(prepared(frame, dimensions=["SEX"], **CLUSTERS), ["SEX"]).table
    assert table["SEX"].tolist() == [v.TOTAL, "F", "M"]
    assert table[v.OBS_VALUE].tolist() == pytest.approx([50, 50, 100 / 3])
    assert table[v.SAMPLE_SIZE].tolist() == [8, 4, 3]


def test_a_combination_of_codes_without_anybody_has_a_row_that_says_so() -> None:
    """No man lives in the country; nobody of the women there answered."""
    places = list("RRRRUUUU")
    frame = shares("AAAABBBB", "11223344", "00000010", SEX=list("FFFFMFMF"), URBANISATION=places)
    frame["x"] = [0.0] * 4 + [1.0] * 4
    estimates = estimated(prepared(frame, dimensions=["SEX", "URBANISATION"], **CLUSTERS), ["SEX:URBANISATION"])
    rows = estimates.table.query("TABULATION == 'SEX:URBANISATION'")
    assert list(zip(rows["SEX"], rows["URBANISATION"], rows[v.SAMPLE_SIZE], rows[v.REASON], strict=True)) == [
        ("F", "R", 0, Reason.EMPTY_DOMAIN),
        ("F", "U", 2, ""),
        ("M", "R", 0, Reason.EMPTY_DOMAIN),
        ("M", "U", 2, ""),
    ]
    assert rows[v.OBS_VALUE].isna().tolist() == rows[v.STD_ERR].isna().tolist() == [True, False, True, False]
    matrix = estimates.covariances["internet_use", "SEX:URBANISATION"]
    assert np.isnan(matrix).tolist() == [[not (i % 2 and j % 2) for j in range(4)] for i in range(4)]


def test_without_strata_and_sampling_units_there_is_no_error() -> None:
    estimates = estimated(prepared(shares("AAAA", "1234", "0110")))
    found = estimates.table.iloc[0]
    assert (found[v.OBS_VALUE], found[v.SAMPLE_SIZE], found[v.REASON]) == (50, 4, Reason.NO_DESIGN)
    unknown = [v.STD_ERR, v.CI_LOWER, v.CI_UPPER, v.DEGREES_OF_FREEDOM, v.DESIGN_EFFECT, "LOWER_KG", "EFFECTIVE_SIZE"]
    assert found[unknown].isna().all()


def test_as_many_strata_as_units_leave_no_degree_of_freedom() -> None:
    """The women are in one cluster: they have a standard error, and no interval."""
    frame = shares("AAAABBBB", "11223344", "10100010", SEX=list("FFMMMMMM"))
    table = estimated(prepared(frame, dimensions=["SEX"], **CLUSTERS), ["SEX"]).table
    women = table[table["SEX"] == "F"].iloc[0]
    assert (women[v.DEGREES_OF_FREEDOM], women[v.REASON]) == (0, Reason.NO_FREEDOM)
    assert np.isfinite(women[v.STD_ERR]) and np.isnan(women[v.CI_LOWER]) and np.isnan(women["LOWER_KG"])


def test_a_gap_has_the_degrees_of_freedom_of_both_sides_together() -> None:
    """Women in clusters 1 and 2 of A and 3 of B, men in 2, 3 and 4: together 4 clusters - 2 strata."""
    frame = shares("AAAABBBB", "11223344", "11100010", SEX=list("FFFMFMMM"))
    freedoms = estimated(prepared(frame, dimensions=["SEX"], **CLUSTERS), ["SEX"]).freedoms["internet_use", "SEX"]
    assert freedoms.tolist() == [[1, 2], [2, 1]]


def test_estimates_do_not_depend_on_the_order_of_rows() -> None:
    random = np.random.default_rng(5)
    frame = pd.DataFrame({"stratum": random.integers(0, 5, 4000), "psu": random.integers(0, 40, 4000), "x": 1.0})
    frame["y"], frame["w"] = (random.random(4000) < 0.3).astype(float), random.uniform(1, 900, 4000)
    first, second = (
        estimated(prepared(one, **CLUSTERS)).table for one in (frame, frame.sample(frac=1, random_state=1))
    )
    pd.testing.assert_frame_equal(first, second, rtol=1e-12)


def test_level_of_the_interval() -> None:
    """At 90 % t of 2 degrees of freedom is 2.9199855803537256 for a mean: 0.5 +- 2.92 x 0.17678 (see test_variance)."""
    frame = shares("AAAABBBB", "11223344", "11100010")
    sample = prepared(frame, Quantity("hours", Kind.MEAN, "y", "x"), **CLUSTERS)
    found = estimated(sample, level=90).table.iloc[0]
    assert found[v.CI_UPPER] - 0.5 == pytest.approx(2.9199855803537256 / np.sqrt(32), rel=1e-12)
    assert found[v.CI_LEVEL] == 90


# --- replicate weights


def test_jackknife_by_hand() -> None:
    """Three persons with 0, 1, 1 and weight 1, each left out once, the others raised to 3/2: means 1, 1/2, 1/2 around 2/3.

    (2/3) (1/9 + 1/36 + 1/36) = 1/9. The estimate is 2/3 too.
    """
    frame = shares("AAA", "123", "011", r1=[0, 1.5, 1.5], r2=[1.5, 0, 1.5], r3=[1.5, 1.5, 0])
    design = Replicates(columns=("r1", "r2", "r3"), method="jackknife1")
    found = estimated(prepared(frame, replicates=design)).table.iloc[0]
    assert found[v.OBS_VALUE] == pytest.approx(200 / 3)
    assert found[v.STD_ERR] == pytest.approx(100 / 3, rel=1e-12)
    assert found[v.DEGREES_OF_FREEDOM] == 2


@pytest.mark.parametrize(
    ("method", "given", "scale"),
    [
        ("brr", {}, Fraction(1, 4)),
        ("fay", {"rho": 0.5}, Fraction(1, 4) / Fraction(1, 4)),
        ("jackknife1", {}, Fraction(3, 4)),
        ("bootstrap", {}, Fraction(1, 3)),
        ("successive_differences", {}, Fraction(4, 4)),
        ("successive_differences", {"factor": 0.05}, Fraction(1, 20)),
        ("jackknifen", {"rscales": (0.5, 0.5, 0.5, 0.5)}, Fraction(1, 2)),
    ],
)
def test_scales_of_the_methods(method: str, given: dict, scale: Fraction) -> None:
    """Four replicates, by the documentation of `svrepdesign`."""
    design = Replicates(columns=("a", "b", "c", "d"), method=method, **given)
    assert scales(design) == pytest.approx([float(scale)] * 4)


def test_a_replicate_without_a_value_is_left_out() -> None:
    """Nobody of the domain has a weight in the third replicate: 1 and 3 around 2 with a scale of 1/3."""
    design = Replicates(columns=("a", "b", "c"), method="brr")
    replicates = np.array([[1.0], [3.0], [np.nan]])
    assert covariance(design, replicates, np.array([2.5]))[0, 0] == pytest.approx(2 / 3)
    assert np.isnan(covariance(design, replicates * np.nan, np.array([2.5]))[0, 0])


def test_rank_counts_columns_as_qr_of_r_does() -> None:
    """The third column is the sum of the others; the fourth differs from the first by less than 1e-5 of its length."""
    first, second = np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 0, 1, 0, 1])
    near = first + 1e-6 * np.array([1.0, -1, 0, 0, 0])
    assert rank(np.column_stack([first, second, first + second, near])) == 2
    assert rank(np.column_stack([first, second, first + 0.01 * np.eye(5)[0]])) == 3
    assert rank(np.zeros((0, 3))) == 0


def test_the_rank_of_many_rows_is_that_of_their_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    """12 clusters of 50 persons with different weights: 12 replicates of the jackknife have rank 12, from 100 sums too."""
    random = np.random.default_rng(3)
    cluster = np.repeat(np.arange(12), 50)
    frame = pd.DataFrame({"w": random.uniform(1, 9, 600), "x": 1.0, "y": (random.random(600) < 0.5).astype(float)})
    columns = {f"r{k}": frame["w"] * np.where(cluster == k, 0, 12 / 11) for k in range(12)}
    sample = prepared(frame.assign(**columns), replicates=Replicates(columns=tuple(columns), method="jackknife1"))
    exact = estimated(sample).table.iloc[0]
    monkeypatch.setattr(cells, "MOST_WEIGHTS", 1200)
    assert len(cells.sums(sample, ()).replicated.weights) <= 101
    summed = estimated(sample).table.iloc[0]
    assert exact[v.DEGREES_OF_FREEDOM] == summed[v.DEGREES_OF_FREEDOM] == 11
    assert exact[v.STD_ERR] == summed[v.STD_ERR]
