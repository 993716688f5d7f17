"""`divide compute` on the embedded data: the figures that the issue and the publications name."""

import hashlib
import io
import json
import math
import re
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from divide_cli.catalogue import catalogue, data_dir


@pytest.fixture(scope="module")
def run(tmp_path_factory, request):
    """The default run, once: its JSON and its Parquet files."""
    import os
    import subprocess
    import sys

    root = Path(__file__).resolve().parents[2]
    folder = tmp_path_factory.mktemp("compute")
    environment = {**os.environ, "PYTHONPATH": str(root)}
    finished = subprocess.run(
        [sys.executable, "-m", "divide_cli", "compute", "--format", "json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=True,
    )
    return json.loads(finished.stdout), folder / "out"


def only(rows, **key):
    found = [row for row in rows if all(row[name] == value for name, value in key.items())]
    assert len(found) == 1, found
    return found[0]


def gap(run, name, measure, edition, year, area="WLD", **key):
    totals = dict.fromkeys(("SEX", "AGE", "URBANISATION"), "_T")
    over = only(
        [{"id": "income", "d": None}, {"id": "urbanisation", "d": "URBANISATION"}, {"id": "sex", "d": "SEX"}],
        id=name.rsplit("_", 1)[1],
    )["d"]
    if over:
        totals[over] = "_Z"
    return only(
        run[0]["gaps"], GAP=name, MEASURE=measure, EDITION=edition, TIME_PERIOD=year, REF_AREA=area, **{**totals, **key}
    )


RESOLUTION = "a_res_80_173"


@pytest.mark.parametrize(
    ("name", "measure", "value", "unit"),
    [
        ("internet_use_income", "absolute_difference", 94 - 23, "PP"),
        ("internet_use_income", "ratio", 94 / 23, "RATIO"),
        ("internet_use_urbanisation", "absolute_difference", 85 - 58, "PP"),
        ("internet_use_urbanisation", "ratio", 85 / 58, "RATIO"),
        ("internet_use_sex", "parity_score", 71 / 77, "RATIO"),
        ("mobile_ownership_sex", "parity_score", 78 / 87, "RATIO"),
    ],
)
def test_the_resolutions_gaps(run, name, measure, value, unit):
    row = gap(run, name, measure, RESOLUTION, 2025)
    assert row["OBS_VALUE"] == pytest.approx(value, rel=1e-14)  # one division of doubles, printed with 15 digits
    assert row["UNIT_MEASURE"] == unit
    assert "quoted: para 2" in row["OBS_COMMENT"]
    assert row["COVERAGE"] is None  # a published group's coverage is not known


def test_bounds_of_quoted_figures_are_their_rounding_intervals(run):
    difference = gap(run, "internet_use_income", "absolute_difference", RESOLUTION, 2025)
    assert (difference["BOUND_LOWER"], difference["BOUND_UPPER"]) == (93.5 - 23.5, 94.5 - 22.5)
    ratio = gap(run, "internet_use_income", "ratio", RESOLUTION, 2025)
    assert ratio["BOUND_LOWER"] == pytest.approx(93.5 / 23.5, rel=1e-14)
    assert ratio["BOUND_UPPER"] == pytest.approx(94.5 / 22.5, rel=1e-14)


@pytest.mark.parametrize(
    ("name", "measure", "printed"),
    [
        ("internet_use_income", "absolute_difference", "70.8"),
        ("internet_use_income", "ratio", "4.03"),
        ("internet_use_urbanisation", "absolute_difference", "27.2"),
    ],
)
def test_the_same_gaps_from_itus_november_2025_figures(run, name, measure, printed):
    row = gap(run, name, measure, "itu_aggregates_2025_11", 2025)
    assert f"{row['OBS_VALUE']:.{len(printed.partition('.')[2])}f}" == printed


def test_parity_scores_that_itu_printed_in_2024(run):
    world = gap(run, "internet_use_sex", "parity_score", "itu_aggregates_2024_11", 2024)
    assert f"{world['OBS_VALUE']:.2f}" == "0.94"
    assert "below the parity band" in world["OBS_COMMENT"]
    phones = gap(run, "mobile_ownership_sex", "parity_score", "itu_aggregates_2024_11", 2024)
    assert f"{phones['OBS_VALUE']:.2f}" == "0.93"
    europe = gap(run, "internet_use_sex", "parity_score", "itu_aggregates_2024_11", 2024, area="EUR")
    assert europe["OBS_VALUE"] < 0.98 and "inside the parity band" in europe["OBS_COMMENT"]


def test_women_ahead_is_a_negative_gap(run):
    americas = gap(run, "internet_use_sex", "absolute_difference", "itu_aggregates_2024_11", 2024, area="AMS")
    assert f"{americas['OBS_VALUE']:.1f}" == "-1.6"  # 85.5 - 87.1


def test_withholdings_are_rows_with_bounds_and_reason(run):
    world = gap(run, "internet_use_sex", "absolute_difference", "wdi_by_sex_2019_2023", 2023)
    assert world["OBS_VALUE"] is None and world["OBS_STATUS"] == "Q"
    assert 20 < world["COVERAGE"] < 55  # the issue expects 25 to 54 % over the years
    assert world["BOUND_LOWER"] < 0 < world["BOUND_UPPER"]
    assert "withheld: coverage" in world["OBS_COMMENT"]
    phones = [
        row
        for row in run[0]["gaps"]
        if row["GAP"] == "mobile_ownership_sex" and row["EDITION"] == "unsd_sdg_2021" and row["REF_AREA"] == "WLD"
    ]
    assert phones and all(row["OBS_VALUE"] is None for row in phones)


def test_withheld_gaps_have_both_bounds_or_a_reason(run):
    for row in run[0]["gaps"]:
        if row["OBS_STATUS"] == "Q" and (row["BOUND_LOWER"] is None) != (row["BOUND_UPPER"] is None):
            assert "is possible" in row["OBS_COMMENT"]


def test_income_gap_from_countries_passes(run):
    row = gap(run, "internet_use_income", "absolute_difference", "wdi_2026_08", 2024)
    assert row["OBS_STATUS"] == "A" and row["COVERAGE"] == min(row["REFERENCE_COVERAGE"], row["COMPARED_COVERAGE"])
    assert row["BOUND_LOWER"] <= row["OBS_VALUE"] <= row["BOUND_UPPER"]


def test_editions_are_never_mixed(run):
    for row in run[0]["gaps"]:
        assert row["EDITION"] in {edition["id"] for edition in run[0]["meta"]["editions"]}


def test_parquet_holds_what_json_says(run):
    document, out = run
    for name in ("gaps", "aggregates"):
        table = pq.read_table(out / f"{name}.parquet")
        assert table.num_rows == len(document[name])
        assert table.column_names == list(document[name][0])
        about = json.loads(table.schema.metadata[b"divide"])
        assert about == document["meta"]
        assert table.schema.field("COVERAGE").metadata[b"unit"] == b"PT"
    frame = pd.read_parquet(out / "gaps.parquet")
    values = [math.nan if row["OBS_VALUE"] is None else row["OBS_VALUE"] for row in document["gaps"]]
    pd.testing.assert_series_equal(frame["OBS_VALUE"], pd.Series(values, name="OBS_VALUE"), rtol=1e-13)


def test_columns_of_gaps_are_those_promised(run):
    promised = [
        "GAP",
        "INDICATOR",
        "OVER",
        "REFERENCE",
        "COMPARED",
        "MEASURE",
        "REF_AREA",
        "SEX",
        "AGE",
        "URBANISATION",
        "TIME_PERIOD",
        "OBS_VALUE",
        "UNIT_MEASURE",
        "REFERENCE_VALUE",
        "COMPARED_VALUE",
        "BOUND_LOWER",
        "BOUND_UPPER",
        "COVERAGE",
        "REFERENCE_COVERAGE",
        "COMPARED_COVERAGE",
        "N_AREAS",
        "N_AREAS_TOTAL",
        "OBS_STATUS",
        "OBS_COMMENT",
        "EDITION",
        "MEMBERSHIP",
        "WEIGHTS",
        "SOURCE",
    ]
    assert list(run[0]["gaps"][0]) == promised
    gone = {
        "GAP",
        "OVER",
        "REFERENCE",
        "COMPARED",
        "MEASURE",
        "REFERENCE_VALUE",
        "COMPARED_VALUE",
        "REFERENCE_COVERAGE",
        "COMPARED_COVERAGE",
    }
    assert list(run[0]["aggregates"][0]) == [name for name in promised if name not in gone]


def test_no_text_cell_is_empty_that_should_be_a_code(run):
    for row in run[0]["gaps"]:
        for name, value in row.items():
            if isinstance(value, str) and name != "OBS_COMMENT":
                assert value, (name, row)


def test_two_runs_give_the_same_bytes(divide, tmp_path):
    assert divide("compute", "--out", "one").returncode == 0
    assert divide("compute", "--out", "two", PYTHONHASHSEED="1").returncode == 0
    for name in ("gaps.parquet", "aggregates.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def aggregates(divide, *arguments):
    finished = divide("compute", "--format", "json", "--no-write", *arguments)
    assert finished.returncode == 0, finished.stderr
    return {row["REF_AREA"]: row for row in json.loads(finished.stdout)["aggregates"]}


def test_income_groups_of_2024_with_the_later_history(divide):
    found = aggregates(divide, "--edition", "wdi_2026_08", "--income-fy", "FY26_oghist", "--year", "2024")
    for group, value in {"HIC": 93.1, "UMC": 86.9, "LMC": 60.6}.items():
        assert abs(found[group]["OBS_VALUE"] - value) <= 0.3
    assert f"{found['LIC']['OBS_VALUE']:.1f}" == "20.5" and round(found["LIC"]["COVERAGE"]) == 79
    assert found["LIC"]["BOUND_LOWER"] < 20.5 < found["LIC"]["BOUND_UPPER"]
    assert found["LIC"]["MEMBERSHIP"].startswith("FY26_oghist")


def test_low_income_is_withheld_with_the_list_in_force(divide):
    """Ethiopia is unclassified in the list in force for FY26: the coverage falls to 75 %, just below the threshold."""
    found = aggregates(divide, "--edition", "wdi_2026_08", "--income-fy", "FY26", "--year", "2024")
    assert found["LIC"]["OBS_VALUE"] is None and found["LIC"]["OBS_STATUS"] == "Q"
    assert 74 < found["LIC"]["COVERAGE"] < 75
    assert (found["LIC"]["N_AREAS"], found["LIC"]["N_AREAS_TOTAL"]) == (19, 25)
    lowered = aggregates(
        divide, "--edition", "wdi_2026_08", "--income-fy", "26", "--year", "2024", "--min-coverage", "70"
    )
    assert lowered["LIC"]["OBS_STATUS"] == "A"


def test_world_2005_differs_between_editions(divide):
    older = aggregates(divide, "--edition", "wdi_2025_10", "--year", "2005")["WLD"]
    assert abs(older["OBS_VALUE"] - 15.6) <= 0.2
    newer = aggregates(divide, "--edition", "wdi_2026_08", "--year", "2005")["WLD"]
    assert f"{newer['OBS_VALUE']:.1f}" == "14.6" and round(newer["COVERAGE"]) == 88


def test_taiwan_is_weighted_by_wpp_and_named(divide):
    found = aggregates(divide, "--edition", "wdi_2026_08", "--year", "2024")
    assert "TWN" in found["WLD"]["OBS_COMMENT"]


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("form", ["table", "markdown"])
def test_tables_are_as_golden(divide, columns, form):
    """The printed summary, to the letter; write it again with DIVIDE_GOLDEN=1 and read the difference."""
    import os

    finished = divide("compute", "--no-write", "--format", form, columns=columns)
    golden = Path(__file__).parents[1] / "golden" / (f"compute_{columns}.txt" if form == "table" else "compute.md")
    text = "\n".join(line.rstrip() for line in finished.stdout.splitlines()) + "\n"
    if os.environ.get("DIVIDE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    if form == "table":
        assert max(map(len, text.splitlines())) <= columns


def test_the_first_screen_has_every_cited_gap_with_the_figures_computed(divide, run):
    """24 lines of 80 columns: quoted, published and from countries, each with its year, its edition and the coverage."""
    lines = divide("compute", "--no-write", columns=80).stdout.splitlines()[:24]
    screen = [re.split(r"  +", line.strip()) for line in lines]

    def gap_lines(name: str, compared: str) -> list[list[str]]:
        at = next(at for at, cells in enumerate(screen) if cells[0] == name and screen[at + 1][0] == compared)
        return screen[at : at + 3]

    assert gap_lines("Para 21: Internet use,", "high income : low income") == [
        ["Para 21: Internet use,", "71.0 PP", "70.8 PP", "72.9 [54.1, 77.3] PP"],
        ["high income : low income", "in 2025", "in 2025 (1)", "in 2024 (2), coverage 78.8 %"],
        ["ratio", "4.09", "4.03", "4.60 [2.46, 5.84]"],
    ]
    assert gap_lines("Para 21: Internet use,", "urban : rural") == [
        ["Para 21: Internet use,", "27.0 PP", "27.2 PP", "–"],
        ["urban : rural", "in 2025", "in 2025 (1)"],
        ["ratio", "1.47", "1.47", "–"],
    ]
    assert gap_lines("Para 22: Internet use,", "men : women") == [
        ["Para 22: Internet use,", "6.0 PP", "4.2 PP", "withheld [-74.8, 75.7]"],
        ["men : women", "in 2025", "in 2024 (3)", "in 2023 (4), coverage 24.3 %"],
        ["parity", "0.92 <", "0.94 <", "withheld [0.21, 4.72]"],
    ]
    assert gap_lines("Para 22: Mobile phone,", "men : women") == [
        ["Para 22: Mobile phone,", "9.0 PP", "5.4 PP", "withheld [-57.8, 62.0] *"],
        ["men : women", "in 2025", "in 2024 (3)", "in 2019 (5), coverage 40.0 %"],
        ["parity", "0.90 <", "0.93 <", "withheld [0.35, 2.60] *"],
    ]
    computed = gap(run, "internet_use_income", "absolute_difference", "wdi_2026_08", 2024)
    assert f"{computed['OBS_VALUE']:.1f}" == "72.9" and int(10 * computed["COVERAGE"]) == 788
    published = gap(run, "internet_use_sex", "absolute_difference", "itu_aggregates_2024_11", 2024)
    assert f"{published['OBS_VALUE']:.1f}" == "4.2"


def test_csv_is_the_gaps(divide):
    finished = divide(
        "compute", "--format", "csv", "--no-write", "--gap", "internet_use_income", "--edition", "a_res_80_173"
    )
    lines = finished.stdout.splitlines()
    assert lines[0].startswith("GAP,INDICATOR,OVER,REFERENCE,COMPARED,MEASURE,REF_AREA") and len(lines) == 1 + len(
        catalogue().measures
    )


def test_no_write_leaves_no_folder(divide, tmp_path):
    assert divide("compute", "--no-write").returncode == 0
    assert not (tmp_path / "out").exists()


def test_markup_in_data_is_text(divide, tmp_path):
    (tmp_path / "f.csv").write_text(
        "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,EDUCATION\nKEN,internet_use,M,2020,40,[bold]\nKEN,internet_use,F,2020,30,[bold]\n",
        encoding="utf-8",
    )
    finished = divide("compute", "f.csv", "--no-write")
    assert finished.returncode == 0 and "[bold]" in finished.stdout


def test_bounds_of_prices_are_not_explained_as_those_of_percentages(divide, tmp_path):
    (tmp_path / "prices.csv").write_text(
        "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,price_mobile_data,2022,4.1\n", encoding="utf-8"
    )
    told = " ".join(divide("compute", "prices.csv", "--no-write").stdout.split())
    assert "medians of economies: each economy counts once, whatever its population." in told
    assert (
        "Bounds of medians: with every economy without data at the lowest possible value, and at the highest." in told
    )
    assert "People, for the coverage of medians: population" in told and "Weights:" not in told
    assert "at 100" not in told and "all the people" not in told


def test_standard_input(divide):
    given = b"REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,M,2020,40\nKEN,internet_use,F,2020,30\n"
    finished = divide("compute", "-", "--format", "json", "--no-write", given=given)
    rows = [
        row
        for row in json.loads(finished.stdout)["gaps"]
        if row["REF_AREA"] == "KEN" and row["MEASURE"] == "absolute_difference"
    ]
    assert [row["OBS_VALUE"] for row in rows] == [10]


def test_a_national_file_without_area_names_the_way_that_works(divide, tmp_path):
    """--area of compute chooses economies: the hint must not ask for what was given."""
    (tmp_path / "17-8-1.csv").write_text("Year,Sex,Value\n2020,,40\n2020,Male,45\n2020,Female,35\n")
    refused = divide("compute", "17-8-1.csv", "--area", "KAZ", "--no-write")
    assert refused.returncode == 3 and "the file does not name its area" in refused.stderr
    assert "run `divide read 17-8-1.csv --area CODE --out x.csv`" in refused.stderr
    assert "what to do: give --area CODE" in divide("read", "17-8-1.csv").stderr
    assert divide("read", "17-8-1.csv", "--area", "KAZ", "--out", "x.csv").returncode == 0
    assert divide("compute", "x.csv", "--area", "KAZ", "--no-write").returncode == 0


def test_further_dimension_is_a_dimension(divide, tmp_path):
    (tmp_path / "f.csv").write_text(
        "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,DISABILITY\n"
        "KEN,internet_use,M,2020,40,_T\nKEN,internet_use,F,2020,30,_T\nKEN,internet_use,M,2020,20,Y\nKEN,internet_use,F,2020,11,Y\n",
        encoding="utf-8",
    )
    finished = divide("compute", "f.csv", "--format", "json", "--no-write", "--measure", "absolute_difference")
    rows = [row for row in json.loads(finished.stdout)["gaps"] if row["REF_AREA"] == "KEN"]
    assert {row["DISABILITY"]: row["OBS_VALUE"] for row in rows} == {"_T": 10, "Y": 9}


def test_own_population_and_groups(divide, tmp_path):
    (tmp_path / "f.csv").write_text(
        "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,2020,40\nUGA,internet_use,2020,10\n",
        encoding="utf-8",
    )
    (tmp_path / "people.csv").write_text(
        "REF_AREA,TIME_PERIOD,OBS_VALUE\nKEN,2020,100\nUGA,2020,200\nTZA,2020,100\n", encoding="utf-8"
    )
    (tmp_path / "groups.csv").write_text("REF_AREA,GROUP\nKEN,EAC\nUGA,EAC\nTZA,EAC\n", encoding="utf-8")
    found = aggregates(divide, "f.csv", "--population", "people.csv", "--groups", "groups.csv", "--area", "EAC")
    assert found["EAC"]["OBS_VALUE"] == 20 and found["EAC"]["COVERAGE"] == 75  # (40 x 100 + 10 x 200) / 300; 300 of 400
    # 39.5 to 40.5, 9.5 to 10.5 and 0 to 100: (3950 + 1900) / 400 and (4050 + 2100 + 10000) / 400
    assert (found["EAC"]["BOUND_LOWER"], found["EAC"]["BOUND_UPPER"]) == (14.625, 40.375)
    assert "groups.csv" in found["EAC"]["MEMBERSHIP"] and "people.csv" in found["EAC"]["WEIGHTS"]


def test_populations_of_two_members_are_no_population_of_the_group(divide, tmp_path):
    """The World Bank's people of Benin and Togo, given as a file, move nothing: not 36.2 from 2 of 44 members."""
    choice = ("--edition", "wdi_2026_08", "--indicator", "internet_use", "--area", "AFR", "--year", "2024")
    (tmp_path / "people.csv").write_text(
        "REF_AREA,TIME_PERIOD,OBS_VALUE\nBEN,2024,14462724\nTGO,2024,8406558\n", encoding="utf-8"
    )
    ours, mine = (aggregates(divide, *choice, *more)["AFR"] for more in ((), ("--population", "people.csv")))
    for name in ("OBS_VALUE", "BOUND_LOWER", "BOUND_UPPER", "COVERAGE", "N_AREAS"):
        assert mine[name] == ours[name]
    assert mine["OBS_COMMENT"] == "weights of people.csv for BEN, TGO; of wdi_population_2026_07 for the other 42"


def test_an_edition_of_ones_own(divide, tmp_path):
    folder = tmp_path / "editions" / "mine"
    folder.mkdir(parents=True)
    figures = b"REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,M,2020,40\nKEN,internet_use,F,2020,30\n"
    (folder / "figures.csv").write_bytes(figures)
    (folder / "origin.yaml").write_text(
        "id: mine\ntitle: Mine\nproducer: me\nurl: none\naccessed: 2026-01-01\nvintage: 2026-01-01\nrole: country\n"
        "licence: {id: CC0-1.0, name: none}\ncitation: me\nindicators: [internet_use]\n"
        f"files: [{{path: figures.csv, sha256: {hashlib.sha256(figures).hexdigest()}, bytes: {len(figures)}}}]\n",
        encoding="utf-8",
    )
    finished = divide(
        "compute", "--edition", "mine", "--format", "json", "--no-write", DIVIDE_EDITIONS=str(tmp_path / "editions")
    )
    assert finished.returncode == 0, finished.stderr
    assert {row["EDITION"] for row in json.loads(finished.stdout)["gaps"]} == {"mine"}
    listed = divide("list", "editions", DIVIDE_EDITIONS=str(tmp_path / "editions"))
    assert str(folder).split("/")[-2] in listed.stdout


def test_the_band_is_marked_in_the_table(divide):
    """Europe 2024, 90.2 / 92.3: inside the band once rounded (ITU prints parity); the world, 65.3 / 69.5: below."""
    chosen = (
        "--edition",
        "itu_aggregates_2024_11",
        "--year",
        "2024",
        "--gap",
        "internet_use_sex",
        "--measure",
        "parity_score",
    )
    lines = divide("compute", "--no-write", *chosen).stdout.splitlines()
    assert [line for line in lines if line.startswith(" EUR") and " 0.98 e=" in line]
    assert [line for line in lines if line.startswith(" WLD") and " 0.94 e<" in line]


def test_persons_of_published_groups_name_the_members_without_a_population(run):
    """Taiwan has no urban population: its people are missing from the excess of persons, and WEIGHTS says so."""
    row = gap(run, "internet_use_urbanisation", "excess_persons", "itu_aggregates_2025_11", 2025)
    assert "without the people of" in row["WEIGHTS"] and "TWN" in row["WEIGHTS"]
    sexes = gap(run, "internet_use_sex", "excess_persons", "itu_aggregates_2024_11", 2024)
    assert "without the people of" not in sexes["WEIGHTS"]  # every member is counted by sex


def test_groups_that_a_file_states_are_its_publishers(divide):
    """A workbook of aggregates has groups only: no country figures, and no income groups of ours."""
    workbook = next((Path(__file__).parents[1] / "sources" / "itu_aggregates_xlsx").glob("*.xlsx"))
    printed = divide("compute", str(workbook), "--no-write").stdout
    assert f"as published in {workbook.name} (1)" in " ".join(printed.split()) and "from countries" not in printed
    assert "groups as published" in " ".join(printed.split()).split("(1) ")[-1] and "groups FY" not in printed


def test_two_files_that_state_the_same_group_are_labelled(divide, tmp_path):
    """The world of 2024 by two publishers, and of 2023 by one: a table and an EDITION for each; economies are combined."""
    header = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\n"
    for name, rows in {
        "one.csv": "WLD,internet_use,2024,67.5\nKEN,internet_use,2024,40\n",
        "two.csv": "WLD,internet_use,2024,68.1\nWLD,internet_use,2023,66\n",
        "three.csv": "AFR,internet_use,2024,37\nUGA,internet_use,2024,10\n",
    }.items():
        (tmp_path / name).write_text(header + rows, encoding="utf-8")
    files = ("one.csv", "two.csv", "three.csv")
    finished = divide("compute", *files, "--format", "json", "--no-write")
    content = json.loads(finished.stdout)
    stated = [row for row in content["aggregates"] if row["MEMBERSHIP"] == "as published"]
    assert {(row["EDITION"], row["REF_AREA"], row["TIME_PERIOD"], row["OBS_VALUE"]) for row in stated} == {
        ("one.csv", "WLD", 2024, 67.5), ("two.csv", "WLD", 2024, 68.1), ("two.csv", "WLD", 2023, 66), ("three.csv", "AFR", 2024, 37),
    }  # fmt: skip
    combined = [row for row in content["aggregates"] if row["MEMBERSHIP"] != "as published"]
    assert {row["EDITION"] for row in combined} == {"one.csv+three.csv"}
    assert [(each["id"], each["role"]) for each in content["meta"]["editions"]] == [
        ("one.csv+three.csv", "country"), ("three.csv", "published"), ("one.csv", "published"), ("two.csv", "published"),
    ]  # fmt: skip
    assert [each["path"] for each in content["meta"]["inputs"]] == list(files)
    printed = divide("compute", *files, "--no-write").stdout
    titles = [line for line in printed.splitlines() if line.startswith("Internet use by group: ")]
    assert sorted(title.split(": ")[1].rsplit(" ", 1)[0] for title in titles) == [
        "as published in one.csv", "as published in three.csv", "as published in two.csv", "from countries",
    ]  # fmt: skip
    assert "Published editions disagree" not in printed


def test_groups_of_two_files_make_one_gap_unless_both_state_the_same(divide, tmp_path):
    """Men in one file and women in another, as DataHub gives them: 48.3 - 45.3 = 3.0."""
    for sex, value in {"M": "48.3", "F": "45.3"}.items():
        text = f"REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\nWLD,internet_use,{sex},2024,{value}\n"
        (tmp_path / f"{sex}.csv").write_text(text, encoding="utf-8")
    choice = ("--measure", "absolute_difference", "--format", "json", "--no-write")
    (row,) = json.loads(divide("compute", "M.csv", "F.csv", *choice).stdout)["gaps"]
    assert (row["EDITION"], round(row["OBS_VALUE"], 9)) == ("M.csv+F.csv", 3)


def test_files_of_the_same_name_are_told_apart_by_their_path(divide, tmp_path):
    for folder, value in {"one": "67.5", "two": "68.1"}.items():
        (tmp_path / folder).mkdir()
        text = f"REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nWLD,internet_use,2024,{value}\n"
        (tmp_path / folder / "figures.csv").write_text(text, encoding="utf-8")
    finished = divide("compute", "one/figures.csv", "two/figures.csv", "--format", "json", "--no-write")
    found = {row["EDITION"]: row["OBS_VALUE"] for row in json.loads(finished.stdout)["aggregates"]}
    assert found == {"one/figures.csv": 67.5, "two/figures.csv": 68.1}


YEARS = ("--year", "2022", "--year", "2023", "--year", "2024")


def world_bank(area, year):
    """The World Bank's figure, read with pandas alone."""
    frame = pd.read_csv(data_dir() / "sources" / "wdi_2026_08" / "observations.csv", keep_default_na=False)
    return float(frame[(frame["REF_AREA"] == area) & (frame["TIME_PERIOD"] == year)]["OBS_VALUE"].iloc[0])


def test_every_year_asked_for_is_printed_in_a_column_where_it_fits(divide, tmp_path):
    """A group of one economy has its figure; 100 columns take three years, 40 do not."""
    (tmp_path / "groups.csv").write_text("REF_AREA,GROUP\nKEN,MINE\n", encoding="utf-8")
    values = [f"{world_bank('KEN', year):.1f} %" for year in (2022, 2023, 2024)]
    chosen = (
        "compute",
        "--edition",
        "wdi_2026_08",
        "--indicator",
        "internet_use",
        "--area",
        "MINE",
        "--groups",
        "groups.csv",
        "--no-write",
        *YEARS,
    )
    wide = divide(*chosen, COLUMNS="100").stdout.splitlines()
    assert [line.split() for line in wide if line.startswith((" Group", " MINE"))] == [
        ["Group", "2022", "2023", "2024"],
        ["MINE", *" ".join(values).split()],
    ]
    assert "100.0 %, 1 of 1" in " ".join(wide) and "Below each value: coverage, economies." in wide
    for lines in (
        divide(*chosen, COLUMNS="40").stdout,
        divide(*chosen, "--format", "markdown").stdout.replace("|", " "),
    ):
        rows = [line.split()[:4] for line in lines.splitlines() if line.split()[:1] == ["MINE"] and "WLD" not in line]
        assert rows[:3] == [
            ["MINE", str(year), *value.split()] for year, value in zip((2022, 2023, 2024), values, strict=True)
        ]


def test_every_year_of_economies_is_printed_and_years_without_figures_are_named(divide, tmp_path):
    lines = ["REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE"]
    lines += [
        f"KEN,internet_use,{sex},{year},{value}" for sex, value in (("M", 40), ("F", 30)) for year in (2020, 2021)
    ]
    (tmp_path / "f.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    printed = divide(
        "compute",
        "f.csv",
        "--gap",
        "internet_use_sex",
        "--no-write",
        "--year",
        "2020",
        "--year",
        "2021",
        "--year",
        "2023",
    ).stdout
    assert [line.split()[2] for line in printed.splitlines() if line.startswith(" KEN")] == ["2020", "2021"]
    assert "No figures from countries or files in 2023." in printed


def test_csv_of_group_values(divide):
    chosen = ("compute", "--edition", "wdi_2026_08", "--indicator", "internet_use", "--year", "2024", "--no-write")
    values = pd.read_csv(
        io.StringIO(divide(*chosen, "--format", "csv", "--table", "aggregates").stdout), keep_default_na=False
    )
    rows = json.loads(divide(*chosen, "--format", "json").stdout)["aggregates"]
    assert list(values["REF_AREA"]) == [row["REF_AREA"] for row in rows] and "GAP" not in values
    assert list(values["COVERAGE"]) == pytest.approx([row["COVERAGE"] for row in rows])
    gaps = divide(*chosen, "--format", "csv", "--table", "gaps").stdout
    assert gaps == divide(*chosen, "--format", "csv").stdout and gaps.startswith("GAP,")


def test_a_year_that_only_published_figures_have_is_named_with_their_edition(divide):
    """WDI's figures by sex end in 2023; ITU's have 2024."""
    chosen = ("compute", "--gap", "internet_use_sex", "--area", "EUR", "--no-write", "--format", "markdown")
    both = divide(*chosen, "--year", "2021", "--year", "2024").stdout.replace("\\", "")
    assert "No figures from countries in 2024. Published figures: --edition itu_aggregates_2024_11." in both
    alone = divide(*chosen, "--year", "2024").stdout.replace("\\", "")
    assert "Published gaps: --edition itu_aggregates_2024_11." in alone
    found = divide(*chosen, "--year", "2024", "--edition", "itu_aggregates_2024_11").stdout
    assert "| EUR | 2024 | difference | 2.1 " in found


def test_the_decimals_of_a_file_give_bounds(divide, tmp_path):
    """45.25 to 45.35, less 39.95 to 40.05; as a ratio 45.25 / 40.05 = 1.1298 to 45.35 / 39.95 = 1.1352."""
    rows = [
        "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE",
        "KEN,internet_use,M,2022,45.3",
        "KEN,internet_use,F,2022,40",
    ]
    (tmp_path / "f.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "groups.csv").write_text("REF_AREA,GROUP\nKEN,ONE\n", encoding="utf-8")
    chosen = ("compute", "f.csv", "--groups", "groups.csv", "--area", "ONE", "--gap", "internet_use_sex", "--no-write")
    printed = divide(*chosen, "--measure", "absolute_difference", "--measure", "ratio").stdout
    assert "5.3 [5.2, 5.4] PP" in printed and "1.13 [1.13, 1.14]" in printed
    assert "45.3 stands for 45.25 to 45.35." in " ".join(printed.split())
    assert max(map(len, printed.splitlines())) <= 80
    (row,) = json.loads(divide(*chosen, "--measure", "absolute_difference", "--format", "json").stdout)["gaps"]
    assert (row["BOUND_LOWER"], row["BOUND_UPPER"]) == pytest.approx((5.2, 5.4))
    table = pd.read_csv(io.StringIO(divide(*chosen, "--measure", "ratio", "--format", "csv").stdout))
    assert list(table["BOUND_LOWER"]) == pytest.approx([45.25 / 40.05])
    assert not {"DECIMALS", "PRINTED"} & {*row, *table}


def test_a_part_does_not_replace_the_whole_without_a_word(divide, tmp_path):
    """Everything of two areas, then one gap of one of them, then the same again, then everything."""
    (tmp_path / "figures.csv").write_text(
        "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n"
        + "".join(f"{area},internet_use,{sex},2020,{value}\n" for area in ("KEN", "UGA") for sex, value in (("M", 40), ("F", 30))),
        encoding="utf-8",
    )  # fmt: skip
    runs = [
        divide("compute", "figures.csv", *options).stderr
        for options in ((), ("--area", "KEN"), ("--area", "KEN"), ("--area", "UGA"), ())
    ]
    said = [[line for line in run.splitlines() if "now contains only" in line] for run in runs]
    assert said == [
        [],
        ["divide: note: out now contains only --area KEN; before, it had everything of figures.csv"],
        [],
        ["divide: note: out now contains only --area UGA; before, it had --area KEN of figures.csv"],
        [],
    ]
