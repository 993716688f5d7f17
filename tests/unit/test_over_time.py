"""The course of a gap over the years: which way it went, from the signs of the two gaps, and how that is read aloud."""

import numpy as np
import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli.analysis.inequality import Inequality, measure_inequality
from divide_cli.analysis.inequality.subgroup_sets import Query
from divide_cli.analysis.request import Request
from divide_cli.analysis.trends import Course, course, courses, fitted
from divide_cli.catalogue import catalogue
from divide_cli.reports import inequality as reports

HEAD = "REF_AREA,INDICATOR,SEX,AGE,URBANISATION,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE"
YEARS = (2019, 2020, 2021, 2022)


def measured(tmp_path, men: tuple[float, ...], women: tuple[float, ...]) -> Inequality:
    """The inequality of men and women of one economy."""
    rows = [
        f"KEN,internet_use,{sex},_T,_T,{year},{value},PT"
        for sex, values in (("M", men), ("F", women))
        for year, value in zip(YEARS, values, strict=True)
    ]
    path = tmp_path / "by_sex.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    query = Query("internet_use", "SEX", catalogue().comparisons["sex"])
    return measure_inequality(query, Request(files=(str(path),), areas=("KEN",)))


def by_sex(tmp_path, men: tuple[float, ...], women: tuple[float, ...]) -> pd.DataFrame:
    """The measures over the years of men and women of one economy, by measure."""
    return measured(tmp_path, men, women).frame.set_index(v.MEASURE)


def by_income(tmp_path, rich: tuple[float, ...], poor: tuple[float, ...]) -> pd.DataFrame:
    """The same of prices in a high-income and a low-income economy: the side with the higher price is behind."""
    rows = [
        f"{area},price_mobile_data,_T,_T,_T,{year},{value},PT_GNI"
        for area, values in (("DEU", rich), ("ETH", poor))
        for year, value in zip(YEARS, values, strict=True)
    ]
    path = tmp_path / "by_income.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    query = Query("price_mobile_data", "income_group", catalogue().comparisons["income"], ("LIC", "LMC", "UMC", "HIC"))
    request = Request(files=(str(path),), minimum=0.0)
    return measure_inequality(query, request).frame.set_index(v.MEASURE)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (5.1, 4.2, "closed"),
        (4.2, 5.1, "widened"),
        (-3.5, -2.3, "closed"),
        (-2.3, -3.5, "widened"),
        (0.9, -1.6, "changed_sides"),
        (-0.4, 0.1, "changed_sides"),
        (0.0, -1.0, "widened"),
        (-1.0, 0.0, "closed"),
        (2.0, 2.0, "unchanged"),
        (0.0, 0.0, "unchanged"),
        (69.5 - 65.3, 44.3 - 40.1, "unchanged"),  # 4.2 and 4.2: binary numbers differ by 7e-15
        (0.3 - 0.1 - 0.2, 0.2, "widened"),  # level, then 0.2
    ],
)
def test_the_signs_of_two_gaps_say_what_became_of_the_distance(first: float, last: float, expected: str) -> None:
    assert course(first, last).value == expected


def test_bounds_may_allow_several_courses() -> None:
    assert courses((4.0, 5.0), (1.0, 2.0)) == {Course.CLOSED}
    assert courses((-5.0, -4.0), (1.0, 2.0)) == {Course.CHANGED_SIDES}
    assert courses((4.0, 5.0), (4.5, 6.0)) == {Course.CLOSED, Course.WIDENED}
    assert courses((0.1, 0.3), (-0.1, 0.1)) == {Course.CLOSED, Course.CHANGED_SIDES, Course.UNCHANGED}


BEHIND = ((60.0, 62.0, 64.0, 66.0), (50.0, 54.0, 58.0, 62.0))  # gaps 10, 8, 6, 4
AHEAD = ((50.0, 54.0, 58.0, 62.0), (53.5, 57.0, 60.6, 64.3))  # gaps -3.5, -3.0, -2.6, -2.3
CROSSING = ((60.0, 61.0, 62.0, 63.0), (59.1, 61.0, 62.8, 64.6))  # gaps 0.9, 0.0, -0.8, -1.6


@pytest.mark.parametrize(
    ("values", "change", "became", "sentence"),
    [
        (BEHIND, -6.0, "closed", "The gap closed: F 10.0 PP behind in 2019, F 4.0 PP behind in 2022."),
        (BEHIND[::-1], 6.0, "closed", "The gap closed: M 10.0 PP behind in 2019, M 4.0 PP behind in 2022."),
        (AHEAD, 1.2, "closed", "The gap closed: M 3.5 PP behind in 2019, M 2.3 PP behind in 2022."),
        (CROSSING, -2.5, "changed_sides", "The gap changed sides: F 0.9 PP behind in 2019, M 1.6 PP behind in 2022."),
        (
            tuple(side[::-1] for side in BEHIND),
            6.0,
            "widened",
            "The gap widened: F 4.0 PP behind in 2019, F 10.0 PP behind in 2022.",
        ),
        (
            ((50.0, 51.0, 52.0, 53.0), (50.0, 52.0, 53.0, 55.0)),
            -2.0,
            "widened",
            "The gap widened: level in 2019, M 2.0 PP behind in 2022. The bounds of the values allow another course.",
        ),
    ],
)
def test_a_change_is_read_from_the_signs_of_its_gaps(tmp_path, values, change, became, sentence) -> None:
    row = by_sex(tmp_path, *values).loc["change"]
    assert (row[v.OBS_VALUE], row[v.COURSE]) == (pytest.approx(change), became)
    assert row[v.REMARK_TEXT] == sentence
    assert (row[v.FIRST_YEAR], row[v.LAST_YEAR], row[v.N_POINTS]) == (2019, 2022, 2)


@pytest.mark.parametrize(
    ("values", "became", "sentence"),
    [
        (BEHIND, "closed", "The gap closes by 2.00 PP a year: on the line, F 10.0 PP behind in 2019, F 4.0 PP"),
        # slope of -3.5, -3.0, -2.6, -2.3: (3 * 1.2 + 0.4) / 10 = 0.40, from -3.45 to -2.25
        (AHEAD, "closed", "The gap closes by 0.40 PP a year: on the line, M 3.5 PP behind in 2019, M 2.2 PP"),
        # slope of 0.9, 0.0, -0.8, -1.6: (3 * -2.5 - 0.8) / 10 = -0.83, around -0.375: from 0.87 to -1.62
        (
            CROSSING,
            "changed_sides",
            "The gap changes sides, by 0.83 PP a year: on the line, F 0.9 PP behind in 2019, M",
        ),
    ],
)
def test_a_pace_is_read_from_both_ends_of_its_line(tmp_path, values, became, sentence) -> None:
    row = by_sex(tmp_path, *values).loc["velocity"]
    men, women = map(np.array, values)
    assert row[v.OBS_VALUE] == pytest.approx(np.polyfit(YEARS, men - women, 1)[0])
    assert row[v.COURSE] == became and row[v.REMARK_TEXT].startswith(sentence)
    assert (row[v.FIRST_YEAR], row[v.LAST_YEAR], row[v.N_POINTS]) == (2019, 2022, 4)


RICH, POOR = (1.0, 0.9, 0.8, 0.7), (12.0, 10.0, 7.0, 4.0)  # r - c: -11.0 to -3.3


@pytest.mark.parametrize(
    ("values", "became", "sentence"),
    [
        ((RICH, POOR), "closed", "LIC 11.00 PP of GNI behind in 2019, LIC 3.30 PP of GNI behind in 2022."),
        ((POOR, RICH), "closed", "HIC 11.00 PP of GNI behind in 2019, HIC 3.30 PP of GNI behind in 2022."),
        (
            ((1.0, 1.0, 1.0, 1.0), (3.0, 2.0, 1.0, 0.5)),
            "changed_sides",
            "LIC 2.00 PP of GNI behind in 2019, HIC 0.50 PP of GNI behind in 2022.",
        ),
    ],
)
def test_of_an_adverse_indicator_the_higher_side_is_behind(tmp_path, values, became, sentence) -> None:
    row = by_income(tmp_path, *values).loc["change"]
    assert row[v.COURSE] == became and row[v.REMARK_TEXT].endswith(sentence)


def test_of_falling_prices_the_side_with_the_higher_one_is_years_behind(tmp_path) -> None:
    """The rich pay 9, 7, 5, 3; the poor 11, 9, 8, 6 in 2022: the rich paid 6 between 7 (2020) and 5 (2021), at 2020.5."""
    row = by_income(tmp_path, (9.0, 7.0, 5.0, 3.0), (11.0, 9.0, 8.0, 6.0)).loc["time_distance"]
    assert row[v.OBS_VALUE] == pytest.approx(2022 - 2020.5)


@pytest.mark.parametrize(
    ("men", "women", "sentence"),
    [
        ((50, 55, 60, 65), (40, 45, 50, 57.5), "F is where M was so many years ago."),
        ((40, 45, 50, 57.5), (50, 55, 60, 65), "M is where F was so many years ago."),
        ((50, 55, 60, 65), (40, 45, 50, 65), "Both sides are equal."),
        ((50, 55, 60, 65), (10, 15, 20, 25), "F is behind by more than the years available."),
        ((10, 15, 20, 25), (50, 55, 60, 65), "M is behind by more than the years available."),
    ],
)
def test_years_behind_are_read_by_their_sign(tmp_path, men, women, sentence) -> None:
    """57.5 lies between 55 (2020) and 60 (2021): 1.5 years before 2022."""
    blocks = reports.output(measured(tmp_path, men, women)).blocks()
    rows = next(block.rows for block in blocks if block.title.startswith("Over the years"))
    (reading,) = (cells[-1] for cells in rows if cells[0] == "years behind")
    assert reading == sentence


def test_without_a_trend_a_pace_has_no_course(tmp_path) -> None:
    row = by_sex(tmp_path, (60.0, 62.0, 61.0, 62.0), (50.0, 54.0, 51.0, 53.0)).loc["velocity"]
    assert pd.isna(row[v.COURSE]) or row[v.COURSE] == ""
    assert row[v.REMARK_TEXT] == "no trend: the slope's confidence interval contains 0"


def autocorrelated(number: int, length: int, rho: float) -> np.ndarray:
    """Series of errors e_t = rho e_(t-1) + u_t with variance 1, one in each row."""
    random = np.random.default_rng(5)
    errors = random.normal(size=(number, length))
    for at in range(1, length):
        errors[:, at] = rho * errors[:, at - 1] + np.sqrt(1 - rho**2) * errors[:, at]
    return errors


@pytest.mark.parametrize(("length", "printed"), [(6, 85), (15, 77)])
def test_the_caution_at_a_pace_states_what_a_simulation_finds(length: int, printed: int) -> None:
    """20,000 series without a trend: the interval holds 0 as often as the catalogue says, within 1 point (3 SE)."""
    assert f"{printed} % of series of {length}" in catalogue().time_measures["velocity"].caution
    years = np.arange(length, dtype=float)
    lines = [fitted(years, errors) for errors in autocorrelated(20_000, length, 0.5)]
    held = 100 * np.mean([line.lower <= 0 <= line.upper for line in lines])
    assert held == pytest.approx(printed, abs=1)


def test_years_given_only_for_significant_slopes_are_early() -> None:
    """Gaps of 6 that fall by 0.3 a year to parity after 20 years, scatter 1, ten years: most years given are earlier."""
    years = np.arange(10, dtype=float)
    random = np.random.default_rng(11)
    found = []
    for _ in range(2000):
        line = fitted(years, 6 - 0.3 * years + random.normal(0, 1, 10))
        if not line.remark:
            found.append(line.centre - line.mean / line.slope)
    assert 500 < len(found) < 1800 and np.mean(np.array(found) < 20) > 0.7
    assert "too early" in catalogue().time_measures["time_to_parity_linear"].caution


def test_every_interval_of_a_line_and_every_year_of_parity_carries_its_caution(tmp_path) -> None:
    frame = by_sex(tmp_path, *BEHIND)
    entries = catalogue().time_measures
    assert {name for name, entry in entries.items() if entry.interval == "line" and not entry.caution} == {
        "beta_convergence"  # its points are areas, not years
    }
    for name in ("velocity", "time_to_parity_linear"):
        assert entries[name].caution.rstrip(".")[1:] in frame.loc[name, v.OBS_COMMENT]
