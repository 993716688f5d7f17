"""`divide targets` and `divide compute`: what a pace rests on, which groups were used, and what a median of prices is."""

import io
import json

import numpy as np
import pandas as pd
import pytest

HEAD = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE"


def words(finished) -> str:
    """The output of a command on one line."""
    return " ".join(finished.stdout.split())


def written(tmp_path, name: str, rows: pd.DataFrame) -> None:
    rows.to_csv(tmp_path / name, index=False)


def frame(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text))


def test_a_pace_names_its_years(divide, tmp_path):
    """Four figures in five years: the slope of numpy, and the years in the table and in the columns."""
    years, values = [2019, 2020, 2022, 2023], [50.0, 53.0, 58.5, 61.5]
    rows = pd.DataFrame({
        "REF_AREA": "KEN", "INDICATOR": "internet_use", "TIME_PERIOD": years, "OBS_VALUE": values,
    })  # fmt: skip
    written(tmp_path, "four.csv", rows)
    chosen = ("targets", "four.csv", "--target", "universal_internet_use", "--area", "KEN")
    row = frame(divide(*chosen, "--format", "csv").stdout).iloc[0]
    assert (row["N_POINTS"], row["FIRST_YEAR"], row["LAST_YEAR"]) == (4, 2019, 2023)
    assert row["PACE"] == pytest.approx(np.polyfit(years, values, 1)[0])
    told = words(divide(*chosen))
    assert "Pace from 4 years, 2019 to 2023." in told and "the latest years with a figure, 6 at most" in told
    assert "tend to be too early" in told and "tend to be too early" in row["OBS_COMMENT"]
    assert "85 % of series of 6 years" in told


def test_the_course_of_parity_follows_the_sides(divide, tmp_path):
    """Men 60, 61, 62, 63; women 50, 53, 56, 59: the difference closes. Exchanged, it rises by 2 a year and closes too."""
    men, women = [60, 61, 62, 63], [50, 53, 56, 59]
    for name, sides in (("behind.csv", (men, women)), ("ahead.csv", (women, men))):
        rows = [
            {"REF_AREA": "KEN", "INDICATOR": "internet_use", "SEX": sex, "TIME_PERIOD": 2020 + at, "OBS_VALUE": value}
            for sex, values in zip("MF", sides, strict=True)
            for at, value in enumerate(values)
        ]
        written(tmp_path, name, pd.DataFrame(rows))
    chosen = ("--target", "gender_parity_internet", "--area", "KEN", "--format", "json")
    behind, ahead = (
        json.loads(divide("targets", name, *chosen).stdout)["targets"][0] for name in ("behind.csv", "ahead.csv")
    )
    assert (behind["PACE"], behind["COURSE"]) == (pytest.approx(-2), "closed")
    assert (ahead["PACE"], ahead["COURSE"]) == (pytest.approx(2), "closed")


def test_targets_without_a_figure_of_the_area_are_named(divide):
    told = words(divide("targets", "--area", "UGA"))
    assert "No edition available has a figure of UGA for: " in told
    assert "Gender parity in Internet use; Gender parity in mobile telephone ownership" in told


PRICES = {"ETH": 9.0, "MOZ": 5.0, "NER": 7.5, "IND": 1.0, "BGD": 2.0, "PAK": 2.8, "NGA": 4.1}


def prices(year: int, **values: float) -> pd.DataFrame:
    given = values or PRICES
    return pd.DataFrame({
        "REF_AREA": list(given), "INDICATOR": "price_mobile_data", "TIME_PERIOD": year, "OBS_VALUE": list(given.values()),
    })  # fmt: skip


def test_prices_are_called_medians(divide, tmp_path):
    """Each economy counts once, so that India, with 1.0, weighs no more than Nigeria: (2.0 + 2.8) / 2."""
    written(tmp_path, "prices.csv", prices(2023))
    chosen = ("prices.csv", "--min-coverage", "0")
    expected = pd.Series({code: PRICES[code] for code in ("IND", "BGD", "PAK", "NGA")}).median()
    assert expected == pytest.approx(2.4)
    found = json.loads(divide("targets", *chosen, "--format", "json").stdout)["targets"]
    (of_lmc,) = [row for row in found if row["REF_AREA"] == "LMC" and row["TARGET"] == "affordable_mobile_data"]
    assert of_lmc["OBS_VALUE"] == pytest.approx(expected)
    for command in (("compute", *chosen, "--no-write"), ("targets", *chosen)):
        told = words(divide(*command))
        assert "Group values of prices are medians of economies: each economy counts once" in told
        assert "with every economy without data at the lowest possible value, and at the highest" in told
        assert "all the people without data" not in told and "Weights: " not in told
    of_shares = words(divide("compute", "--indicator", "internet_use", "--edition", "wdi_2026_08", "--no-write"))
    assert "medians" not in of_shares and "Weights: population" in of_shares


def test_groups_of_another_time_than_the_figures_are_named(divide, tmp_path):
    """The list in force at the end of 2019 is of the fiscal year 2020."""
    written(tmp_path, "old.csv", prices(2019))
    for command in (("compute", "old.csv", "--no-write"), ("targets", "old.csv")):
        told = words(divide(*command, "--min-coverage", "0"))
        assert "groups FY27 (membership of 2026-07-01)" in told
        assert "the figures of 2019 or before: --income-fy FY20 takes the groups of that time." in told
        told = words(divide(*command, "--min-coverage", "0", "--income-fy", "FY20"))
        assert "takes the groups of that time" not in told and "groups FY20" in told


def test_income_groups_of_a_file_are_of_no_fiscal_year(divide, tmp_path):
    """No list of the World Bank replaces groups that a file states; one of a part of them leaves the others."""
    written(tmp_path, "old.csv", prices(2019))
    groups = [("ETH", "LIC"), ("KEN", "LMC"), ("BRA", "UMC"), ("DEU", "HIC")]
    written(tmp_path, "all.csv", pd.DataFrame(groups, columns=["REF_AREA", "GROUP"]))
    written(tmp_path, "part.csv", pd.DataFrame(groups[:2], columns=["REF_AREA", "GROUP"]))
    for command in (("compute", "old.csv", "--no-write"), ("targets", "old.csv")):
        told = [words(divide(*command, "--min-coverage", "0", "--groups", file)) for file in ("all.csv", "part.csv")]
        assert ["takes the groups of that time" in text for text in told] == [False, True]
        assert "LIC, LMC, UMC, HIC from all.csv" in told[0]


def test_a_value_of_an_older_year_is_in_parentheses(divide, tmp_path):
    """The low-income economies have a price in 2016 only, the others also in 2023."""
    later = prices(2023, IND=1.0, BGD=2.0, PAK=2.8, NGA=4.1)
    written(tmp_path, "both.csv", pd.concat([prices(2016), later]))
    for command in (("compute", "both.csv", "--no-write"), ("targets", "both.csv")):
        finished = divide(*command, "--min-coverage", "0", "--format", "markdown")
        lines = {line.split(" | ")[0]: line for line in finished.stdout.splitlines()[::-1] if line.startswith("| L")}
        assert "| (2016) |" in lines["| LIC"] and "| 2023 |" in lines["| LMC"]
        assert "A year in parentheses is older than the latest of its table." in finished.stdout


def test_medians_in_the_file_are_the_published_figures(divide, tmp_path):
    """The median that a file states for the economies of the year comes before that for those of all years."""
    economies = prices(2023).assign(COVERED_SET="_T")
    stated = pd.DataFrame({
        "REF_AREA": "LMC", "INDICATOR": "price_mobile_data", "TIME_PERIOD": 2023, "OBS_VALUE": [2.9, 2.3],
        "COVERED_SET": ["2020-2023", "2023"],
    })  # fmt: skip
    written(tmp_path, "medians.csv", pd.concat([economies, stated]))
    told = divide("compute", "medians.csv", "--min-coverage", "0", "--no-write", "--format", "markdown").stdout
    (line,) = [line for line in told.splitlines() if line.startswith("| LMC |")]
    assert line.endswith("| 2.30 (2) | +0.10 |")  # computed: 2.4
    assert "(2) Median stated in medians.csv, of the economies with a figure in 2023." in told


def test_a_pace_over_changing_economies_says_with_how_many(divide, tmp_path):
    """Two low-income economies in 2018 and 2019, three in 2020, two others in 2021."""
    given = {2018: "ETH MOZ", 2019: "ETH MOZ", 2020: "ETH MOZ NER", 2021: "MOZ NER"}
    rows = [
        {"REF_AREA": area, "INDICATOR": "price_mobile_data", "TIME_PERIOD": year, "OBS_VALUE": 40.0 - 5 * (year - 2018)}
        for year, areas in given.items()
        for area in areas.split()
    ]
    written(tmp_path, "changing.csv", pd.DataFrame(rows))
    told = words(divide("targets", "changing.csv", "--area", "LIC", "--min-coverage", "0"))
    assert "The economies behind the pace change over the years: LIC 2 to 3 economies." in told


def test_measures_of_prices_name_medians_and_groups_of_another_time(divide, tmp_path):
    written(tmp_path, "old.csv", pd.concat([prices(2019), prices(2019, DEU=0.5, FRA=0.7)]))
    told = words(divide("measure", "price_mobile_data", "old.csv", "--over", "income_group", "--min-coverage", "0"))
    assert "medians of economies: each economy counts once" in told
    assert "the figures of 2019 or before: --income-fy FY20 takes the groups of that time." in told


def test_rounding_that_decides_leaves_the_verdict_open(divide, tmp_path):
    """95 may be 94.5 or 95.4; the value alone would be in the stage "Target met"."""
    (tmp_path / "f.csv").write_text(
        "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,2024,95\n", encoding="utf-8"
    )
    told = words(divide("targets", "f.csv", "--area", "KEN", "--target", "universal_internet_use"))
    assert "KEN undetermined 95.0" in told and "Target met" not in told
    assert "undetermined: the bounds of the value do not decide." in told
    assert "45.3 stands for 45.25 to 45.35." in told


def test_areas_are_on_track_if_the_line_arrives_in_time(divide, tmp_path):
    """Four figures on a line of one point a year end in 2024: 89 arrives in 2030, 88.9 in 2030.1, which is 2031.

    A falling line never arrives; a flat one, and one of two years, are no trend; 95 is met. The line through 86, 88, 90,
    92, 94 and 94.9 has a mean of 90.82 and rises by 32.25 / 17.5 = 1.84 a year, so that it is at 95.42 in the last year.
    """
    end = {
        "KEN": [86, 87, 88, 89], "TZA": [85.9, 86.9, 87.9, 88.9], "UGA": [53, 52, 51, 50], "RWA": [70, 71, 71, 70],
        "BDI": [50, 51], "ETH": [92, 93, 94, 95.0001], "SDN": [86, 88, 90, 92, 94, 94.9],
    }  # fmt: skip
    rows = [
        {"REF_AREA": area, "INDICATOR": "internet_use", "TIME_PERIOD": 2024 - at, "OBS_VALUE": value}
        for area, values in end.items()
        for at, value in enumerate(reversed(values))
    ]
    written(tmp_path, "six.csv", pd.DataFrame(rows).astype({"OBS_VALUE": float}))
    chosen = ("targets", "six.csv", "--target", "universal_internet_use", "--format", "json")
    found = json.loads(divide(*chosen).stdout)
    track = {row["REF_AREA"]: row["TRACK"] for row in found["targets"] if row["REF_AREA"] in end}
    assert track == {
        "KEN": "on_track", "TZA": "off_track", "UGA": "off_track", "RWA": "no_trend", "BDI": "no_trend", "ETH": "met",
        "SDN": "undetermined",
    }  # fmt: skip
    counts = {"met": 1, "on_track": 1, "off_track": 2, "no_trend": 2, "undetermined": 1}
    assert found["meta"]["counts"] == {"universal_internet_use": counts}
    off = json.loads(divide(*chosen, "--status", "off_track").stdout)
    economies = [row["REF_AREA"] for row in off["targets"] if row["REF_AREA"] in end]
    assert economies == ["TZA", "UGA"] and off["meta"]["counts"] == found["meta"]["counts"]
    told = words(divide(*chosen[:-2], "--status", "on_track"))
    assert "95 % 1 1 2 2 1 7" in told and "by 2030: on track" in told and "KEN Kenya 89.0 2024" in told
    assert "TZA" not in told


def test_a_target_not_met_after_its_year_is_off_track(divide, tmp_path):
    """Prices were to be 2 % by 2025. One of 2.4 in 2025 is late, whatever its trend; in 2024 it has no trend yet."""
    for year, track in ((2025, "off_track"), (2024, "no_trend")):
        written(tmp_path, f"{year}.csv", prices(year, NGA=2.4))
        chosen = ("--target", "affordable_mobile_data", "--area", "NGA", "--format", "json")
        (row,) = json.loads(divide("targets", f"{year}.csv", *chosen).stdout)["targets"]
        assert (row["TRACK"], row["VERDICT"]) == (track, "not met")


def test_lists_of_a_status_are_sorted(divide):
    """Those that arrive first come first; groups come before economies; values that meet the target, the highest first."""
    on = frame(divide("targets", "--status", "on_track", "--format", "csv").stdout)
    use = on[on["TARGET"] == "universal_internet_use"]
    groups = use["REF_AREA"].isin(["HIC", "CIS", "EUR", "UMC", "AMS"])
    assert groups.sum() == groups[:5].sum() == 5
    assert use["YEAR_REACHED"][groups.to_numpy()].is_monotonic_increasing
    assert use["YEAR_REACHED"][~groups.to_numpy()].is_monotonic_increasing
    assert (np.ceil(on["YEAR_REACHED"]) <= on["DEADLINE"]).all() and (on["VERDICT"] == "not met").all()
    met = frame(divide("targets", "--status", "met", "--target", "universal_internet_use", "--format", "csv").stdout)
    assert met["OBS_VALUE"].is_monotonic_decreasing and met["OBS_VALUE"].min() >= 95
