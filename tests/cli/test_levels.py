"""Levels of economies, columns of years, sorted areas, and areas without data, in `divide compute`."""

import csv
import json
from io import StringIO

import pytest

from divide_cli.catalogue import data_dir
from divide_cli.reports.economies import spans

HEAD = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
VALUES = {"KEN": (40, 50, 30, "A"), "BRA": (70, 72, 68, "E"), "DEU": (90, 90, 90, "A")}
"""Total, men and women of 2023; in 2022 each is ten lower."""


@pytest.fixture
def figures(tmp_path):
    rows = [
        f"{area},internet_use,{sex},{year},{value - less},{status}\n"
        for area, (*values, status) in VALUES.items()
        for sex, value in zip(("_T", "M", "F"), values, strict=True)
        for year, less in ((2022, 10), (2023, 0))
    ]
    (tmp_path / "figures.csv").write_text(HEAD + "".join(rows), encoding="utf-8")
    return "figures.csv"


def stored(area: str, year: int) -> float:
    """The share of Internet users as the edition's file has it."""
    with (data_dir() / "sources" / "wdi_2026_08" / "observations.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["REF_AREA"] == area and row["TIME_PERIOD"] == str(year)]
    return next(float(row["OBS_VALUE"]) for row in rows if row["INDICATOR"] == "internet_use")


def values_of(finished, **key) -> list[dict]:
    frame = csv.DictReader(StringIO(finished.stdout))
    return [row for row in frame if all(row[name] == code for name, code in key.items())]


def test_the_level_of_an_economy_with_source_year_and_status(divide):
    shown = divide("compute", "--indicator", "internet_use", "--area", "KEN", "--no-write")
    assert shown.returncode == 0, shown.stderr
    line = next(line for line in shown.stdout.splitlines() if line.split()[:2] == ["KEN", "Kenya"])
    assert line.split()[2:] == ["2024", f"{stored('KEN', 2024):.1f}", "normal"]
    assert "Internet use by economy, % (1)" in shown.stdout and "(1) wdi_2026_08" in shown.stdout


def test_levels_are_in_the_frame_of_group_values(divide):
    choice = ("compute", "--indicator", "internet_use", "--area", "KEN", "--year", "2024", "--no-write", "--format")
    (row,) = values_of(divide(*choice, "csv", "--table", "aggregates"), EDITION="wdi_2026_08", SEX="_T")
    assert float(row["OBS_VALUE"]) == pytest.approx(stored("KEN", 2024), rel=1e-14)
    assert (row["REF_AREA"], row["OBS_STATUS"], row["COVERAGE"]) == ("KEN", "A", "100.0")


def test_csv_has_the_levels_if_there_is_no_gap(divide):
    choice = ("compute", "--indicator", "internet_use", "--area", "KEN", "--year", "2024", "--no-write", "--format")
    (row,) = values_of(divide(*choice, "csv", "--edition", "wdi_2026_08"))
    assert (row["REF_AREA"], row["SEX"], row["TIME_PERIOD"]) == ("KEN", "_T", "2024")


def test_no_level_joins_the_gaps_asked_for(divide, figures):
    found = divide("compute", figures, "--gap", "internet_use_sex", "--area", "KEN", "--no-write", "--format", "json")
    assert not [row for row in json.loads(found.stdout)["aggregates"] if row["REF_AREA"] == "KEN"]


def test_years_are_columns_where_they_fit_and_rows_where_not(divide, figures):
    """40 and 30 (ten lower in 2022) side by side; at 40 characters one below the other."""
    choice = (
        "compute",
        figures,
        "--indicator",
        "internet_use",
        "--area",
        "Kenya",
        "--years",
        "2022:2023",
        "--no-write",
    )
    wide = divide(*choice, columns=80).stdout
    assert ["Economy", "2022", "2023"] in [line.split() for line in wide.splitlines()]
    level = "KEN Kenya 30.0 [29.5, 30.5] 40.0 [39.5, 40.5]"  # the file has no decimals
    assert level.split() in [line.split() for line in wide.splitlines()]
    narrow = divide(*choice, columns=40).stdout
    assert "Status" in narrow and "Status" not in wide


@pytest.mark.parametrize(
    ("options", "order"),
    [
        (("--sort", "value"), ["DEU", "BRA", "KEN"]),  # 90, 70, 40
        (("--sort", "value", "--top", "2"), ["DEU", "BRA"]),
        (("--top", "1"), ["DEU"]),
    ],
)
def test_economies_are_sorted_by_their_latest_value(divide, figures, options, order):
    found = divide("compute", figures, "--indicator", "internet_use", *options, "--no-write", "--format", "csv",
                   "--table", "aggregates")  # fmt: skip
    rows = values_of(found, SEX="_T", TIME_PERIOD="2023", MEMBERSHIP="_Z")
    assert [row["REF_AREA"] for row in rows] == order
    table = divide("compute", figures, "--indicator", "internet_use", *options, "--no-write").stdout
    lines = [line.split()[0] for line in table.splitlines() if " 2023 " in line and line.split()[0] in VALUES]
    whole = [line for line in lines if line in order]
    assert whole[: len(order)] == order


def test_the_widest_gap_comes_first_whatever_its_sign(divide, tmp_path):
    """Men minus women: KEN 20, DEU -25, BRA 4."""
    rows = [("KEN", 50, 30), ("DEU", 60, 85), ("BRA", 72, 68)]
    lines = [
        f"{area},internet_use,{sex},2023,{value},A\n"
        for area, *both in rows
        for sex, value in zip("MF", both, strict=True)
    ]
    (tmp_path / "figures.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
    choice = ("compute", "figures.csv", "--measure", "difference", "--no-write", "--format", "csv")
    by_gap = values_of(divide(*choice, "--sort", "gap"), MEMBERSHIP="_Z")
    assert [(row["REF_AREA"], row["OBS_VALUE"]) for row in by_gap] == [
        ("DEU", "-25.0"),
        ("KEN", "20.0"),
        ("BRA", "4.0"),
    ]
    by_value = values_of(divide(*choice, "--sort", "value", "--top", "2"), MEMBERSHIP="_Z")
    assert [row["REF_AREA"] for row in by_value] == ["KEN", "BRA"]


def test_groups_are_sorted_by_coverage(divide):
    choice = ("compute", "--indicator", "internet_use", "--year", "2024", "--sort", "coverage", "--no-write")
    found = divide(*choice, "--format", "csv", "--table", "aggregates")
    rows = [row for row in values_of(found, EDITION="wdi_2026_08") if row["MEMBERSHIP"] != "_Z"]
    coverages = [float(row["COVERAGE"]) for row in rows]
    assert coverages == sorted(coverages, reverse=True)
    assert len(coverages) > 10


def test_what_is_sorted_is_compared_with_all_published_figures(divide):
    """The first areas are those of countries' figures; published ones are not cut off."""
    choice = ("compute", "--indicator", "internet_use", "--year", "2023", "--no-write", "--format", "csv")
    every = values_of(divide(*choice, "--table", "aggregates"), EDITION="itu_aggregates_2025_11")
    first = values_of(divide(*choice, "--table", "aggregates", "--top", "1"), EDITION="itu_aggregates_2025_11")
    assert every == first and len(every) > 10


def test_an_area_without_data_is_named(divide):
    """The edition has no figure for Niue; of Kenya it has Internet use, but no ownership of mobile telephones."""
    names = ("--indicator", "internet_use", "--indicator", "mobile_ownership", "--area", "Kenya", "--area", "Niue")
    choice = ("compute", *names, "--edition", "wdi_2026_08", "--no-write")
    shown, data = divide(*choice), divide(*choice, "--format", "json")
    assert json.loads(data.stdout)["meta"]["areas_without_data"] == {
        "KEN": ["mobile_ownership"],
        "NIU": ["internet_use", "mobile_ownership"],
    }
    for text in (shown.stdout, shown.stderr, data.stderr):
        assert "No data for KEN Kenya: mobile_ownership." in text
        assert "No data for NIU Niue: internet_use, mobile_ownership." in " ".join(text.split())


@pytest.mark.parametrize("command", [("measure", "internet_use_sex"), ("targets",)])
def test_measure_and_targets_name_an_area_without_data(divide, command):
    """No edition has a figure for Niue; Kenya has one by sex, and in total."""
    choice = (*command, "--area", "Kenya", "--area", "Niue")
    shown, data = divide(*choice), divide(*choice, "--format", "json")
    assert json.loads(data.stdout)["meta"]["areas_without_data"] == {"NIU": []}
    assert "divide: note: No data for NIU Niue." in shown.stderr and shown.stderr == data.stderr
    assert "NIU" in shown.stdout


def test_a_year_without_a_figure_is_named(divide, figures):
    found = divide(
        "compute", figures, "--indicator", "internet_use", "--area", "KEN", "--years", "2019:2024", "--no-write"
    )
    assert "No figure: KEN 2019 to 2021, 2024." in found.stdout


@pytest.mark.parametrize(
    ("years", "text"),
    [([], ""), ([2005], "2005"), ([2006, 2005], "2005 to 2006"), ([2005, 2007, 2008, 2009], "2005, 2007 to 2009")],
)
def test_spans_of_years(years, text):
    assert spans(years) == text


def test_files_cut_to_the_first_areas_are_said(divide, figures):
    """All, then the first, then the first two: only the second run has less than the files that it replaces."""
    choice = ("compute", figures, "--indicator", "internet_use")
    runs = [divide(*choice, *more).stderr for more in ((), ("--top", "1"), ("--top", "2"))]
    said = [[line for line in run.splitlines() if "now contains only" in line] for run in runs]
    told = (
        "out now contains only --indicator internet_use --top 1; before, it had --indicator internet_use of figures.csv"
    )
    assert said == [[], [f"divide: note: {told}"], []]
