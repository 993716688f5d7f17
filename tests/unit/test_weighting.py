"""Group values: weighted mean, coverage, bounds, what is withheld, medians."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli.analysis.aggregation import aggregate
from divide_cli.catalogue import catalogue, data_dir
from divide_cli.catalogue.records import Aggregation
from divide_cli.sources.population import Population
from tests.unit.frames_by_hand import group, observations, only, people

THREE = (("NER", 100), ("KEN", 300), ("UGA", 600))


def combined(
    frame: pd.DataFrame, population: Any, minimum: float = 75, dimensions: tuple[str, ...] = (), **members: str
) -> pd.DataFrame:
    return aggregate(frame, dimensions, group(**(members or {"LIC": "NER KEN UGA"})), population, minimum)


def test_weighted_mean(tmp_path: Path) -> None:
    frame = observations(
        {v.REF_AREA: "NER", v.OBS_VALUE: 10}, {v.REF_AREA: "KEN", v.OBS_VALUE: 20}, {v.REF_AREA: "UGA", v.OBS_VALUE: 40}
    )
    row = only(combined(frame, people(tmp_path, *THREE)), REF_AREA="LIC")
    # (10 x 100 + 20 x 300 + 40 x 600) / 1000 = (1000 + 6000 + 24000) / 1000 = 31
    assert row[v.OBS_VALUE] == 31
    assert (row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (31, 31)
    assert row[v.COVERAGE] == 100
    assert (row[v.N_AREAS], row[v.N_AREAS_TOTAL], row[v.POPULATION]) == (3, 3, 1000)
    assert (row[v.OBS_STATUS], row[v.OBS_COMMENT]) == ("A", "")
    scope = "its scope is not that of wdi_population_2026_07"
    assert row[v.WEIGHTS] == f"population of all ages (people.csv alone: {scope})"


def test_a_missing_member_lowers_coverage_and_opens_bounds(tmp_path: Path) -> None:
    frame = observations({v.REF_AREA: "KEN", v.OBS_VALUE: 20}, {v.REF_AREA: "UGA", v.OBS_VALUE: 40})
    row = only(combined(frame, people(tmp_path, *THREE)), REF_AREA="LIC")
    # (quotients of floats) value (6000 + 24000) / 900 = 33.33; coverage 900 / 1000 = 90 %
    # lowest: Niger at 0: 30000 / 1000 = 30; highest: Niger at 100: (30000 + 10000) / 1000 = 40
    assert row[v.OBS_VALUE] == pytest.approx(100 / 3, rel=1e-12)
    assert row[v.COVERAGE] == pytest.approx(90, rel=1e-12)
    assert (row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (pytest.approx(30, rel=1e-12), pytest.approx(40, rel=1e-12))
    assert (row[v.N_AREAS], row[v.N_AREAS_TOTAL]) == (2, 3)


def test_a_member_whose_value_is_empty_is_missing(tmp_path: Path) -> None:
    frame = observations(
        {v.REF_AREA: "NER", v.OBS_VALUE: np.nan},
        {v.REF_AREA: "KEN", v.OBS_VALUE: 20},
        {v.REF_AREA: "UGA", v.OBS_VALUE: 40},
    )
    row = only(combined(frame, people(tmp_path, *THREE)), REF_AREA="LIC")
    assert (row[v.N_AREAS], round(row[v.COVERAGE], 9)) == (2, 90)


def test_value_below_the_threshold_is_withheld_and_its_row_and_bounds_stay(tmp_path: Path) -> None:
    frame = observations({v.REF_AREA: "UGA", v.OBS_VALUE: 40})
    row = only(combined(frame, people(tmp_path, *THREE)), REF_AREA="LIC")
    # coverage 60 %; lowest 40 x 0.6 = 24, highest 24 + 40 = 64
    assert np.isnan(row[v.OBS_VALUE])
    assert row[v.OBS_STATUS] == "Q"
    assert row[v.OBS_COMMENT] == "withheld: coverage 60.0 % of people is below 75 %"
    assert row[v.COVERAGE] == 60
    assert (row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (24, 64)


def test_coverage_at_the_threshold_is_enough(tmp_path: Path) -> None:
    row = only(
        combined(observations({v.REF_AREA: "UGA", v.OBS_VALUE: 40}), people(tmp_path, *THREE), minimum=60),
        REF_AREA="LIC",
    )
    assert (row[v.OBS_VALUE], row[v.OBS_STATUS]) == (40, "A")


def test_group_of_which_no_member_reports_keeps_its_row(tmp_path: Path) -> None:
    frame = observations({v.REF_AREA: "UGA", v.OBS_VALUE: 40})
    made = combined(frame, people(tmp_path, *THREE), LIC="UGA", LMC="NER KEN", minimum=0)
    row = only(made, REF_AREA="LMC")
    assert np.isnan(row[v.OBS_VALUE])
    assert (row[v.COVERAGE], row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (0, 0, 100)
    assert (row[v.OBS_STATUS], row[v.OBS_COMMENT]) == ("O", "no member reports a value")
    assert (row[v.N_AREAS], row[v.N_AREAS_TOTAL]) == (0, 2)


def test_member_without_weight_is_named_and_coverage_is_a_lower_limit(tmp_path: Path) -> None:
    frame = observations(
        {v.REF_AREA: "KEN", v.OBS_VALUE: 20}, {v.REF_AREA: "UGA", v.OBS_VALUE: 40}, {v.REF_AREA: "NER", v.OBS_VALUE: 90}
    )
    known = people(tmp_path, ("KEN", 300), ("UGA", 600))
    row = only(combined(frame, known, minimum=0), REF_AREA="LIC")
    assert row[v.OBS_VALUE] == pytest.approx(100 / 3, rel=1e-12)  # 30000 / 900: Niger's 90 cannot be weighed
    assert (row[v.COVERAGE], row[v.COVERAGE_IS_LIMIT]) == (0, True)  # Niger may have any number of people
    assert row[v.OBS_COMMENT] == "coverage is a lower limit: no weight for NER"
    assert (row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (0, 100)  # nothing is known of how many people Niger has
    row = only(combined(frame, known), REF_AREA="LIC")
    assert (row[v.OBS_STATUS], row[v.BOUND_UPPER]) == ("Q", 100) and np.isnan(row[v.OBS_VALUE])


def test_member_without_weight_weighs_up_to_its_whole_population_in_the_bounds(tmp_path: Path) -> None:
    frame = observations({v.REF_AREA: "KEN", v.OBS_VALUE: 20}, {v.REF_AREA: "UGA", v.OBS_VALUE: 40}, **{v.SEX: "F"})
    path = tmp_path / "people.csv"
    rows = ["KEN,F,2020,300", "UGA,F,2020,600", "NER,_T,2020,100"]
    path.write_text("\n".join(["REF_AREA,SEX,TIME_PERIOD,OBS_VALUE", *rows]) + "\n", encoding="utf-8")
    row = only(combined(frame, Population(str(path))), REF_AREA="LIC")
    # women of Niger are 100 at most: lowest 30000 / 1000 = 30, highest (30000 + 100 x 100) / 1000 = 40
    assert (row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (pytest.approx(30, rel=1e-12), pytest.approx(40, rel=1e-12))
    assert row[v.COVERAGE] == pytest.approx(90, rel=1e-12)  # 900 of at most 1000
    assert only(combined(frame, Population(str(path)), minimum=90.1), REF_AREA="LIC")[v.OBS_STATUS] == "Q"


def test_users_populations_of_two_members_leave_ours_for_the_others(tmp_path: Path) -> None:
    """Benin and Togo are 1.2 times as many as ours, Niger is ours; only Niger and Benin report.

    By the World Bank's file for 2020: (10 x NER + 40 x 1.2 BEN) / (NER + 1.2 BEN), of NER + 1.2 BEN + 1.2 TGO.
    """
    ours = pd.read_csv(data_dir() / "sources" / "wdi_population_2026_07" / "observations.csv", keep_default_na=False)
    ours = ours[(ours["TIME_PERIOD"] == 2020) & (ours["SEX"] == "_T") & (ours["URBANISATION"] == "_T")]
    niger, benin, togo = (float(ours.set_index("REF_AREA").loc[code, "OBS_VALUE"]) for code in ("NER", "BEN", "TGO"))
    frame = observations({v.REF_AREA: "NER", v.OBS_VALUE: 10}, {v.REF_AREA: "BEN", v.OBS_VALUE: 40})
    file = tmp_path / "people.csv"
    file.write_text(
        f"REF_AREA,TIME_PERIOD,OBS_VALUE\nBEN,2020,{1.2 * benin}\nTGO,2020,{1.2 * togo}\n", encoding="utf-8"
    )
    row = only(combined(frame, Population(str(file)), LIC="NER BEN TGO"), REF_AREA="LIC")
    known = niger + 1.2 * benin
    assert row[v.OBS_VALUE] == pytest.approx((10 * niger + 48 * benin) / known, rel=1e-12)
    assert row[v.COVERAGE] == pytest.approx(100 * known / (known + 1.2 * togo), rel=1e-12)
    assert row[v.OBS_COMMENT] == "weights of wdi_population_2026_07 for NER; of people.csv for the other 2"


def test_second_source_of_weights_is_named() -> None:
    frame = observations({v.REF_AREA: "TWN", v.OBS_VALUE: 90}, {v.REF_AREA: "JPN", v.OBS_VALUE: 90})
    row = only(combined(frame, Population(), ASP="TWN JPN"), REF_AREA="ASP")
    assert row[v.OBS_COMMENT] == "weights of un_wpp_2024 for TWN; of wdi_population_2026_07 for the other 1"
    assert row[v.OBS_VALUE] == pytest.approx(90, rel=1e-12)
    row = only(combined(frame, Population(), ASP="TWN"), REF_AREA="ASP")
    assert row[v.OBS_COMMENT] == "weights of un_wpp_2024"


def test_breakdown_without_any_weight_is_missing_and_says_why(tmp_path: Path) -> None:
    frame = observations({v.REF_AREA: "UGA", v.OBS_VALUE: 40, v.SEX: "F"})
    row = only(combined(frame, people(tmp_path, *THREE)), REF_AREA="LIC")
    assert row[v.OBS_STATUS] == "O"
    assert row[v.OBS_COMMENT] == "not computable: no population for this breakdown and year"
    assert np.isnan([row[name] for name in (v.OBS_VALUE, v.COVERAGE, v.BOUND_LOWER, v.BOUND_UPPER, v.POPULATION)]).all()


def test_estimates_are_counted(tmp_path: Path) -> None:
    frame = observations(
        {v.REF_AREA: "NER", v.OBS_VALUE: 10, v.OBS_STATUS: "E"},
        {v.REF_AREA: "KEN", v.OBS_VALUE: 20, v.OBS_STATUS: "E"},
        {v.REF_AREA: "UGA", v.OBS_VALUE: 40},
    )
    row = only(combined(frame, people(tmp_path, *THREE)), REF_AREA="LIC")
    assert (row[v.OBS_STATUS], row[v.OBS_COMMENT]) == ("E", "2 of the values are estimates")


def test_an_economy_may_be_in_two_groups_and_in_none(tmp_path: Path) -> None:
    frame = observations(
        {v.REF_AREA: "NER", v.OBS_VALUE: 10}, {v.REF_AREA: "KEN", v.OBS_VALUE: 20}, {v.REF_AREA: "UGA", v.OBS_VALUE: 40}
    )
    made = combined(frame, people(tmp_path, *THREE), LIC="NER UGA", LLDC="NER")
    # LIC: (1000 + 24000) / 700 = 35.714...
    assert only(made, REF_AREA="LIC")[v.OBS_VALUE] == pytest.approx(250 / 7, rel=1e-12)
    assert only(made, REF_AREA="LLDC")[v.OBS_VALUE] == 10
    assert len(made) == 2


def test_years_and_breakdowns_are_cells_of_their_own(tmp_path: Path) -> None:
    frame = observations(
        {v.REF_AREA: "UGA", v.OBS_VALUE: 40, "EDUCATION": "_T"},
        {v.REF_AREA: "UGA", v.OBS_VALUE: 30, "EDUCATION": "_T", v.TIME_PERIOD: 2021},
        {v.REF_AREA: "UGA", v.OBS_VALUE: 20, "EDUCATION": "ISCED11_1"},
    )
    made = combined(frame, people(tmp_path, ("UGA", 600)), dimensions=("EDUCATION",), LIC="UGA")
    assert len(made) == 3
    assert only(made, TIME_PERIOD=2020, EDUCATION="_T")[v.OBS_VALUE] == 40
    assert only(made, TIME_PERIOD=2021)[v.OBS_STATUS] == "O"  # the file of people ends in 2020
    assert only(made, EDUCATION="ISCED11_1")[v.OBS_STATUS] == "O"  # nobody counts people by education


@pytest.fixture
def median(monkeypatch: pytest.MonkeyPatch) -> None:
    """Internet use combined as the median of economies, as prices will be."""
    known = catalogue().indicators
    changed = msgspec.structs.replace(known["internet_use"], aggregation=Aggregation("median_of_areas", "population"))
    monkeypatch.setitem(known, "internet_use", changed)


@pytest.mark.usefixtures("median")
def test_median_of_areas_is_unweighted(tmp_path: Path) -> None:
    frame = observations(
        {v.REF_AREA: "NER", v.OBS_VALUE: 10}, {v.REF_AREA: "KEN", v.OBS_VALUE: 20}, {v.REF_AREA: "UGA", v.OBS_VALUE: 40}
    )
    row = only(combined(frame, people(tmp_path, *THREE)), REF_AREA="LIC")
    assert (row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (20, 20, 20)


@pytest.mark.usefixtures("median")
def test_bounds_of_a_median_put_the_missing_at_either_end(tmp_path: Path) -> None:
    frame = observations({v.REF_AREA: "KEN", v.OBS_VALUE: 20}, {v.REF_AREA: "UGA", v.OBS_VALUE: 40})
    row = only(combined(frame, people(tmp_path, *THREE)), REF_AREA="LIC")
    # of 20, 40: 30; with 0: median of 0, 20, 40 = 20; with 100: median of 20, 40, 100 = 40
    assert (row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (30, 20, 40)
    assert row[v.N_AREAS] == 2


@pytest.mark.usefixtures("median")
def test_median_of_which_most_members_are_missing(tmp_path: Path) -> None:
    frame = observations({v.REF_AREA: "UGA", v.OBS_VALUE: 40})
    row = only(combined(frame, people(tmp_path, ("UGA", 900), ("NER", 50), ("KEN", 50))), REF_AREA="LIC")
    # 0, 0, 40 -> 0; 40, 100, 100 -> 100; one economy of three holds 90 % of people
    assert (row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (40, 0, 100)


@pytest.mark.usefixtures("median")
def test_median_of_nobody_is_missing_and_leaves_other_cells_alone(tmp_path: Path) -> None:
    frame = observations({v.REF_AREA: "UGA", v.OBS_VALUE: 40}, {v.REF_AREA: "NER", v.OBS_VALUE: 7, v.SEX: "F"})
    made = combined(frame, people(tmp_path, *THREE), LIC="UGA", LMC="KEN", minimum=0)
    assert only(made, REF_AREA="LIC", SEX="_T")[v.OBS_VALUE] == 40
    assert np.isnan(only(made, REF_AREA="LMC", SEX="_T")[v.OBS_VALUE])
    assert only(made, REF_AREA="LMC", SEX="_T")[v.BOUND_UPPER] == 100


def test_indicator_that_does_not_aggregate_gives_no_row(tmp_path: Path) -> None:
    skills = observations({v.REF_AREA: "UGA", v.OBS_VALUE: 40, v.INDICATOR: "skill_privacy_settings"})
    assert len(combined(skills, people(tmp_path, *THREE))) == 0
    mixed = observations(
        {v.REF_AREA: "UGA", v.OBS_VALUE: 40, v.INDICATOR: "skill_privacy_settings"},
        {v.REF_AREA: "UGA", v.OBS_VALUE: 50},
    )
    made = combined(mixed, people(tmp_path, *THREE), LIC="UGA")
    assert made[v.INDICATOR].tolist() == ["internet_use"]


def test_the_frame_is_not_changed(tmp_path: Path) -> None:
    frame = observations({v.REF_AREA: "UGA", v.OBS_VALUE: 40})
    before = frame.copy(deep=True)
    combined(frame, people(tmp_path, *THREE))
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.usefixtures("median")
def test_coverage_of_a_median_counts_only_reporters_whose_people_are_known(tmp_path: Path) -> None:
    """Two report and two are weighed, but not the same two: UGA's 300 of 400 people are missing."""
    frame = observations({v.REF_AREA: "NER", v.OBS_VALUE: 10}, {v.REF_AREA: "KEN", v.OBS_VALUE: 20})
    row = only(combined(frame, people(tmp_path, ("NER", 100), ("UGA", 300)), minimum=0), REF_AREA="LIC")
    assert (row[v.N_AREAS], row[v.COVERAGE]) == (2, 25)
    assert "coverage is a lower limit: no weight for KEN" in row[v.OBS_COMMENT]


@pytest.mark.usefixtures("median")
def test_coverage_of_a_median_is_least_if_only_members_without_a_value_weigh_the_most(tmp_path: Path) -> None:
    """Women of Niger (100 people at most) and Togo (60 at most) have no weight: Niger reports, Togo does not.

    The coverage (300 + x) / (300 + 600 + x + y) is least at x = 0, y = 60: 300 / 960 = 31.25 %.
    """
    frame = observations({v.REF_AREA: "KEN", v.OBS_VALUE: 20}, {v.REF_AREA: "NER", v.OBS_VALUE: 40}, **{v.SEX: "F"})
    path = tmp_path / "people.csv"
    rows = ["KEN,F,2020,300", "UGA,F,2020,600", "NER,_T,2020,100", "TGO,_T,2020,60"]
    path.write_text("\n".join(["REF_AREA,SEX,TIME_PERIOD,OBS_VALUE", *rows]) + "\n", encoding="utf-8")
    row = only(combined(frame, Population(str(path)), minimum=0, LIC="KEN UGA NER TGO"), REF_AREA="LIC")
    assert (row[v.OBS_VALUE], row[v.COVERAGE], row[v.COVERAGE_IS_LIMIT]) == (30, 31.25, True)


def test_decimals_of_economies_widen_the_bounds_of_their_group(tmp_path: Path) -> None:
    """Niger's 10 is 9.5 to 10.5, Kenya's 20.0 is 19.95 to 20.05, Uganda's 40.25 is exact; nobody else is in the group.

    Lowest (950 + 5985 + 24150) / 1000 = 31.085; highest (1050 + 6015 + 24150) / 1000 = 31.215.
    """
    rows = [("NER", 10, 0), ("KEN", 20, 1), ("UGA", 40.25, None)]
    frame = observations(*({v.REF_AREA: area, v.OBS_VALUE: value} for area, value, _ in rows))
    frame[v.DECIMALS] = pd.array([decimals for _, _, decimals in rows], dtype="Int8")
    row = only(combined(frame, people(tmp_path, *THREE)), REF_AREA="LIC")
    found = (row[v.BOUND_LOWER], row[v.OBS_VALUE], row[v.BOUND_UPPER])
    assert found == pytest.approx((31.085, 31.15, 31.215), rel=1e-12)


def test_rounding_and_missing_members_are_both_in_the_bounds(tmp_path: Path) -> None:
    """Kenya's 0 is 0 to 0.5 and Uganda's 40 is 39.5 to 40.5; Niger (100 of 1000) is missing.

    Lowest 600 x 39.5 / 1000 = 23.7; highest (300 x 0.5 + 600 x 40.5 + 100 x 100) / 1000 = 34.45.
    """
    frame = observations({v.REF_AREA: "KEN", v.OBS_VALUE: 0}, {v.REF_AREA: "UGA", v.OBS_VALUE: 40})
    frame[v.DECIMALS] = pd.array([0, 0], dtype="Int8")
    row = only(combined(frame, people(tmp_path, *THREE)), REF_AREA="LIC")
    assert (row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == pytest.approx((23.7, 34.45), rel=1e-12)


@pytest.mark.usefixtures("median")
def test_decimals_widen_the_bounds_of_a_median(tmp_path: Path) -> None:
    """10, 20 and 40 are rounded to units: the median is 19.5 to 20.5."""
    frame = observations(
        *({v.REF_AREA: area, v.OBS_VALUE: value} for area, value in (("NER", 10), ("KEN", 20), ("UGA", 40)))
    )
    frame[v.DECIMALS] = pd.array([0, 0, 0], dtype="Int8")
    row = only(combined(frame, people(tmp_path, *THREE)), REF_AREA="LIC")
    assert (row[v.BOUND_LOWER], row[v.OBS_VALUE], row[v.BOUND_UPPER]) == (19.5, 20, 20.5)
