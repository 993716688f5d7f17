"""Covariances of subgroups in a file: intervals by the textbook formulae, what the file may leave out, and its errors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from divide_cli import api
from divide_cli import concepts as v
from divide_cli.analysis.inequality import Inequality
from divide_cli.catalogue import catalogue
from divide_cli.errors import SourceError

Z = 1.959963984540054
VALUES, ERRORS = (12.1, 19.4, 28.0, 41.5, 66.9), (1.1, 1.2, 1.4, 1.5, 1.6)
HEAD = "REF_AREA,TIME_PERIOD,SUBGROUP,OTHER_SUBGROUP,COVARIANCE"
CODES = [f"Q{place}" for place in range(1, 6)]
VARIANCES = {(code, code): error**2 for code, error in zip(CODES, ERRORS, strict=True)}
EVERY = {(one, other): 0.0 for place, one in enumerate(CODES) for other in CODES[place + 1 :]}
"""All pairs of quintiles, without covariance."""


def quintiles(
    folder: Path, errors: Sequence[object] = ERRORS, areas: Sequence[str] = ("KEN",), more: Sequence[object] = ()
) -> str:
    """Quintiles of equal size in 2022; `more` are degrees of freedom."""
    rows = [
        f"{area},internet_use,{code},2022,{value},1000,{error},{further}"
        for area in areas
        for code, value, error, further in zip(CODES, VALUES, errors, more or [""] * 5, strict=True)
    ]
    path = folder / "quintiles.csv"
    head = "REF_AREA,INDICATOR,WEALTH,TIME_PERIOD,OBS_VALUE,POPULATION,STD_ERR,DEGREES_OF_FREEDOM"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return str(path)


def written(folder: Path, *rows: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    path = folder / "cov.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding=encoding)
    return path


def pairs(covariances: dict[tuple[str, str], float], area: str = "KEN") -> list[str]:
    return [f"{area},2022,{one},{other},{value!r}" for (one, other), value in covariances.items()]


def measure(figures: str, covariance: Path | None, **further: Any) -> Inequality:
    words = {"over": "WEALTH", "order": ",".join(CODES), "areas": ["KEN"], **further}
    return api.measure("internet_use", [figures], covariance=covariance, **words)


def one(result: Inequality, name: str, area: str = "KEN") -> pd.Series:
    frame = result.frame
    return frame[(frame[v.MEASURE] == name) & (frame[v.REF_AREA] == area)].iloc[0]


def interval(result: Inequality, name: str, area: str = "KEN") -> tuple[float, float]:
    row = one(result, name, area)
    return row[v.CI_LOWER], row[v.CI_UPPER]


def around(value: float, half: float) -> Any:
    return pytest.approx((value - half, value + half), rel=1e-12)


def test_the_variance_of_a_difference_loses_twice_the_covariance(tmp_path: Path) -> None:
    """66.9 - 12.1 = 54.8 with variance 1.21 + 2.56 - 2 x 0.9 = 1.97; without the file 3.77."""
    figures = quintiles(tmp_path)
    path = written(tmp_path, *pairs({**EVERY, **VARIANCES, ("Q1", "Q5"): 0.9}))
    result = measure(figures, path)
    assert interval(result, "subgroup_difference") == around(54.8, Z * np.sqrt(1.97))
    assert one(result, "subgroup_difference")[v.OBS_COMMENT] == "errors are as in cov.csv"
    assert interval(measure(figures, None), "subgroup_difference") == around(54.8, Z * np.sqrt(3.77))


def test_the_variance_of_a_concentration_index(tmp_path: Path) -> None:
    """Ranks 0.1 ... 0.9 and shares 0.2 weigh the values by 0.2 (2 X - 1) = -0.16, -0.08, 0, 0.08, 0.16. With
    covariances of 0.9 between Q1 and Q5, and -0.4 between Q2 and Q4, the variance is 0.0256 (1.21 + 2.56) +
    0.0064 (1.44 + 2.25) - 2 x 0.0256 x 0.9 + 2 x 0.0064 x 0.4 = 0.079168."""
    path = written(tmp_path, *pairs({**EVERY, **VARIANCES, ("Q1", "Q5"): 0.9, ("Q2", "Q4"): -0.4}))
    found = interval(measure(quintiles(tmp_path), path), "absolute_concentration_index")
    value = 0.16 * (66.9 - 12.1) + 0.08 * (41.5 - 19.4)
    assert found == around(value, Z * np.sqrt(0.079168))


def test_the_interval_of_a_ratio_of_dependent_values_is_fiellers(tmp_path: Path) -> None:
    """66.9 / 12.1: the roots of (66.9 - 12.1 c)^2 = z^2 (2.56 - 2 c 0.9 + 1.21 c^2). Fieller 1954."""
    path = written(tmp_path, *pairs({**EVERY, **VARIANCES, ("Q1", "Q5"): 0.9}))
    z2 = Z**2
    roots = np.sort(np.roots([12.1**2 - 1.21 * z2, -2 * 66.9 * 12.1 + 1.8 * z2, 66.9**2 - 2.56 * z2]))
    found = interval(measure(quintiles(tmp_path), path), "subgroup_ratio")
    assert found == pytest.approx(tuple(roots), rel=1e-9)


def sexes(folder: Path) -> str:
    path = folder / "sexes.csv"
    rows = "KEN,internet_use,M,2022,60,1.5\nKEN,internet_use,F,2022,50,2\n"
    path.write_text("REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,STD_ERR\n" + rows, encoding="utf-8")
    return str(path)


def test_two_sides_of_a_gap_covary(tmp_path: Path) -> None:
    """60 and 50 with variances 2.25 and 4 and covariance 1.2: 2.25 + 4 - 2.4 = 3.85 for the difference. The ratio is
    Fieller's: the roots of (60 - 50 c)^2 = z^2 (2.25 - 2.4 c + 4 c^2)."""
    path = written(tmp_path, "KEN,2022,F,M,1.2")
    result = api.measure("internet_use_sex", [sexes(tmp_path)], areas=["KEN"], covariance=path)
    assert interval(result, "absolute_difference") == around(10, Z * np.sqrt(3.85))
    z2 = Z**2
    roots = np.sort(np.roots([2500 - 4 * z2, -6000 + 2.4 * z2, 3600 - 2.25 * z2]))
    assert interval(result, "ratio") == pytest.approx(tuple(roots), rel=1e-9)


def test_intervals_of_values_are_symmetric_where_errors_covary(tmp_path: Path) -> None:
    """60 [57, 62] and 50 [46, 54] have mean errors of 2.5 / z and 4 / z. With a covariance of 1, the half of the
    difference's interval is z sqrt(2.5^2 / z^2 + 4^2 / z^2 - 2) = sqrt(6.25 + 16 - 2 z^2)."""
    figures = tmp_path / "sexes.csv"
    rows = "KEN,internet_use,M,2022,60,57,62\nKEN,internet_use,F,2022,50,46,54\n"
    figures.write_text("REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,CI_LOWER,CI_UPPER\n" + rows, encoding="utf-8")
    path = written(tmp_path, "KEN,2022,F,M,1")
    result = api.measure("internet_use_sex", [str(figures)], areas=["KEN"], covariance=path)
    assert interval(result, "absolute_difference") == around(10, np.sqrt(6.25 + 16 - 2 * Z**2))
    assert "intervals of values are taken as symmetric" in one(result, "absolute_difference")[v.OBS_COMMENT]


def test_two_sides_of_three_subgroups_take_their_own_part(tmp_path: Path) -> None:
    """Of income groups, a gap compares two: 78 and 23 with variances 1 and 4 and covariance 1.5, so 1 + 4 - 3 = 2."""
    path = tmp_path / "groups.csv"
    rows = [f"{code},internet_use,2024,{value},{error}" for code, value, error in (
        ("LIC", 23, 2), ("LMC", 50, 1), ("UMC", 70, 1), ("HIC", 78, 1)
    )]  # fmt: skip
    path.write_text("\n".join(["REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,STD_ERR", *rows]) + "\n", encoding="utf-8")
    given = written(tmp_path, "WLD,2024,LIC,HIC,1.5", "WLD,2024,LIC,UMC,0.3")
    result = api.measure("internet_use_income", [str(path)], covariance=given)
    assert interval(result, "absolute_difference", "WLD") == around(55, Z * np.sqrt(2))


def test_a_common_error_does_not_blur_a_difference(tmp_path: Path) -> None:
    """Errors that all move together, with variance 4: any difference is exact, and so is the variance of the values."""
    path = written(tmp_path, *pairs(dict.fromkeys([*EVERY, *VARIANCES], 4.0)))
    result = measure(quintiles(tmp_path, [""] * 5), path)
    assert interval(result, "subgroup_difference") == around(54.8, 0)
    variance = float(np.var(VALUES))
    assert interval(result, "between_group_variance") == pytest.approx((variance, variance), rel=1e-4)
    assert list(result.subgroup_sets[0].errors) == [2.0] * 5


def test_measures_of_spread_scatter_as_the_covariance_says(tmp_path: Path) -> None:
    """Half of the interval of the mean log deviation (x 1000) is 1.96 standard deviations of 200,000 samples drawn with
    the covariance, to two in a hundred, if errors are small. With independent errors it is a third wider."""
    errors = np.array(ERRORS) / 10
    covariance = np.diag(errors**2)
    covariance[0, 1] = covariance[1, 0] = -0.009
    path = written(tmp_path, *pairs({**EVERY, ("Q1", "Q2"): -0.009}))
    drawn = np.random.default_rng(3).multivariate_normal(VALUES, covariance, 200_000)
    scatter = 1000 * float(np.log(drawn.mean(axis=1)[:, None] / drawn).mean(axis=1).std())
    low, high = interval(measure(quintiles(tmp_path, errors), path), "mean_log_deviation")
    assert (high - low) / 2 == pytest.approx(Z * scatter, rel=0.02)
    low, high = interval(measure(quintiles(tmp_path, errors), None), "mean_log_deviation")
    assert (high - low) / 2 > 1.25 * Z * scatter


def test_what_is_not_given_is_taken_from_the_figures_or_0(tmp_path: Path) -> None:
    """The file has one pair: variances are squared standard errors, other covariances are 0, and both is said."""
    figures = quintiles(tmp_path)
    result = measure(figures, written(tmp_path, "KEN,2022,Q5,Q1,0.9"))
    assert interval(result, "subgroup_difference") == around(54.8, Z * np.sqrt(1.97))
    text = "covariances that are not in it are 0: Q1 with Q2, Q1 with Q3, Q1 with Q4 and 6 more"
    assert text in one(result, "gini_index")[v.OBS_COMMENT]
    complete = measure(figures, written(tmp_path, *pairs({**EVERY, **VARIANCES, ("Q1", "Q5"): 0.9})))
    assert interval(result, "gini_index") == pytest.approx(interval(complete, "gini_index"), rel=1e-12)


def test_variances_alone_are_independent_errors(tmp_path: Path) -> None:
    result = measure(quintiles(tmp_path, [""] * 5), written(tmp_path, *pairs(VARIANCES)))
    expected = measure(quintiles(tmp_path), None)
    for name in ("gini_index", "subgroup_ratio", "slope_index"):
        assert interval(result, name) == pytest.approx(interval(expected, name), rel=1e-12)


def test_a_variance_that_nobody_gives_is_unknown(tmp_path: Path) -> None:
    """Without one of Q3, only the two ends have intervals."""
    figures = quintiles(tmp_path, (1.1, 1.2, "", 1.5, 1.6))
    result = measure(figures, written(tmp_path, "KEN,2022,Q1,Q5,0.9", "KEN,2022,Q3,Q5,0.2"))
    assert interval(result, "subgroup_difference") == around(54.8, Z * np.sqrt(1.97))
    assert "the variance of Q3 is unknown" in one(result, "subgroup_difference")[v.OBS_COMMENT]
    assert np.isnan(interval(result, "gini_index")).all()


def test_areas_without_a_row_have_independent_errors_and_say_so(tmp_path: Path) -> None:
    figures = quintiles(tmp_path, areas=("KEN", "UGA"))
    result = measure(figures, written(tmp_path, "KEN,2022,Q1,Q5,0.9"), areas=["KEN", "UGA"])
    assert interval(result, "subgroup_difference", "UGA") == around(54.8, Z * np.sqrt(3.77))
    text = "errors of UGA in 2022 are taken as independent: cov.csv has no row of them"
    assert one(result, "subgroup_difference", "UGA")[v.OBS_COMMENT] == text
    assert interval(result, "subgroup_difference", "KEN") == around(54.8, Z * np.sqrt(1.97))


def test_rows_of_other_indicators_and_of_areas_not_asked_for_are_for_other_queries(tmp_path: Path) -> None:
    figures = quintiles(tmp_path, areas=("KEN", "UGA"))
    rows = (
        "internet_use,KEN,2022,Q1,Q5,0.9",
        "mobile_phone_ownership,KEN,2022,Q1,Q5,5",
        "internet_use,UGA,2022,Q1,Q5,0.1",
    )
    result = measure(figures, written(tmp_path, *rows, head=f"INDICATOR,{HEAD}"))
    assert interval(result, "subgroup_difference") == around(54.8, Z * np.sqrt(1.97))


def test_a_subgroup_left_out_needs_no_rows_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, *pairs({**EVERY, **VARIANCES, ("Q1", "Q5"): 0.9, ("Q1", "Q3"): 0.7}))
    result = measure(quintiles(tmp_path), path, without="Q3")
    assert interval(result, "subgroup_difference") == around(54.8, Z * np.sqrt(1.97))
    assert one(result, "gini_index")[v.OBS_COMMENT].endswith("errors are as in cov.csv")


def test_errors_that_covary_have_the_least_degrees_of_freedom(tmp_path: Path) -> None:
    """Q1 has 12 degrees and Q5 has 6: t is 2.447 for the difference. Q2, with 2 degrees, does not count for it."""
    figures = quintiles(tmp_path, more=(12, 2, 20, 20, 6))
    result = measure(figures, written(tmp_path, "KEN,2022,Q1,Q5,0.9"))
    low, high = interval(result, "subgroup_difference")
    assert (high - low) / 2 == pytest.approx(2.447 * np.sqrt(1.97), rel=5e-4)


def test_decimal_commas_semicolons_and_other_encodings_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "KEN;2022;Q1;Q5;0,9", head=HEAD.replace(",", ";"), encoding="utf-16")
    result = measure(quintiles(tmp_path), path)
    assert interval(result, "subgroup_difference") == around(54.8, Z * np.sqrt(1.97))


def test_rounded_errors_and_variances_agree(tmp_path: Path) -> None:
    """1.1 may be 1.05 to 1.15, so a variance of 1.3 (1.14 squared) agrees; 1.44 is that of 1.2, which is said."""
    rows = "KEN,2022,Q1,Q1,1.3", "KEN,2022,Q1,Q5,0.9"
    result = measure(quintiles(tmp_path), written(tmp_path, *rows))
    assert "differ" not in one(result, "subgroup_difference")[v.OBS_COMMENT]
    assert interval(result, "subgroup_difference") == around(54.8, Z * np.sqrt(1.3 + 2.56 - 1.8))
    result = measure(quintiles(tmp_path), written(tmp_path, "KEN,2022,Q1,Q1,1.44", rows[1]))
    text = "its standard errors differ from those of the figures: Q1 1.2 for 1.1"
    assert text in one(result, "subgroup_difference")[v.OBS_COMMENT]
    assert interval(result, "subgroup_difference") == around(54.8, Z * np.sqrt(1.44 + 2.56 - 1.8))


@pytest.mark.parametrize(
    ("rows", "code", "texts"),
    [
        (["KEN,2022,Q1,Q5,0.9", "KEN,2022,Q5,Q1,0.8"], "covariance_contradictory", ("0.9 in line 2", "cov.csv:3")),
        (["KEN,2022,Q1,Q5,high"], "covariance_not_a_number", ("cov.csv:2, column COVARIANCE", "'high'")),
        (["KEN,2022,Q1,Q5,"], "covariance_not_a_number", ("''",)),
        (["KEN,2022,Q1,Q5,1.1%"], "covariance_not_a_number", ("1.1%",)),
        (["KEN,2022,Q1,Q2,0.1", "KEM,2022,Q1,Q5,0.9"], "covariance_unknown", ("no such area", "mean KEN", ":3,")),
        (["KEN,2023,Q1,Q5,0.9"], "covariance_unknown", ("no such year of KEN", "2022", "column TIME_PERIOD")),
        (["KEN,2022,Q1,q5,0.9"], "covariance_unknown", ("no such subgroup", "did you mean Q5", "column OTHER_SUB")),
        (["KEN,2022,Q1,Q5,1.8"], "covariance_impossible", ("KEN in 2022", "eigenvalue of -0.")),
        (["KEN,2022,Q1,Q1,-1.2"], "covariance_impossible", ("KEN in 2022",)),
        (["KEN,2022,Q1,Q1,0.000121"], "covariance_contradicts_error", ("about 1.21", "Q1, KEN in 2022")),
        (["KEN,2022,Q1,Q5"], "row_ragged", ("cov.csv:2", "4 cells")),
        ([], "covariance_columns_wrong", ("and no row", "SUBGROUP, OTHER_SUBGROUP, COVARIANCE")),
    ],
)  # fmt: skip
def test_errors_name_the_row(tmp_path: Path, rows: list[str], code: str, texts: Sequence[str]) -> None:
    """Q1 with Q5 can have at most 1.1 x 1.6 = 1.76."""
    with pytest.raises(SourceError) as caught:
        measure(quintiles(tmp_path), written(tmp_path, *rows))
    assert caught.value.code == code
    for text in texts:
        assert text in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,2022,40\n", "covariance_columns_wrong"),
        (f"{HEAD},COVARIANCE\nKEN,2022,Q1,Q5,0.9,0.9\n".encode(), "column_duplicate"),
        (f"INDICATOR,{HEAD}\nfixed_broadband,KEN,2022,Q1,Q5,0.9\n".encode(), "covariance_of_other_indicator"),
        (b'[{"REF_AREA": "KEN"}]', "covariance_columns_wrong"),
    ],
)  # fmt: skip
def test_other_files_are_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "cov.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        measure(quintiles(tmp_path), path)
    assert caught.value.code == code


def test_every_measure_has_its_interval_with_covariances(tmp_path: Path) -> None:
    path = written(tmp_path, *pairs({**dict.fromkeys(EVERY, 0.5), **VARIANCES}))
    frame = measure(quintiles(tmp_path), path).frame
    assert set(frame[v.MEASURE]) == set(catalogue().subgroup_measures)
    assert (frame[v.CI_LEVEL] == 95).all() and (frame[v.CI_LOWER] <= frame[v.OBS_VALUE]).all()
    assert not (frame[v.CI_UPPER] < frame[v.OBS_VALUE]).any()
