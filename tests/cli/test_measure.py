"""`divide measure` and `divide targets` as their users run them."""

import json

import pytest


@pytest.mark.parametrize("columns", [80, 200])
def test_tables_fit_the_terminal(divide, columns):
    finished = divide("measure", "internet_use_sex", "--edition", "itu_aggregates_2024_11", columns=columns)
    assert finished.returncode == 0, finished.stderr
    assert max(map(len, finished.stdout.splitlines())) <= columns
    for text in (
        "Internet use by sex: World, 2024",
        "4.2 [4.1, 4.3] PP",
        "complement ratio",
        "2.7 years",
        "not a confidence",
    ):
        assert text in " ".join(finished.stdout.split()) or text in finished.stdout, text


def test_machines_get_every_row(divide):
    arguments = ("measure", "internet_use", "--over", "income_group", "--edition", "itu_aggregates_2025_11")
    made = json.loads(divide(*arguments, "--format", "json").stdout)
    assert made["meta"]["order"] == ["LIC", "LMC", "UMC", "HIC"]
    rows = {row["MEASURE"]: row for row in made["disparities"]}
    assert rows["gini_index"]["OBS_VALUE"] == pytest.approx(0.1362, abs=5e-5)
    printed = divide(*arguments, "--format", "csv", "--measure", "gini_index").stdout.splitlines()
    assert len(printed) == 2 and printed[0].endswith("SOURCE,CI_LOWER,CI_UPPER,CI_LEVEL")
    again = divide(*arguments, "--format", "csv", "--measure", "gini_index").stdout.splitlines()
    assert printed == again


def test_the_coverage_of_published_groups_is_unknown(divide):
    """ITU publishes no coverage of its groups: none is stated, as in `compute`, and no minimum withholds them."""
    arguments = (
        "internet_use_income",
        "--edition",
        "itu_aggregates_2025_11",
        "--min-coverage",
        "100",
        "--format",
        "json",
    )
    measured = json.loads(divide("measure", *arguments).stdout)["disparities"]
    computed = json.loads(divide("compute", "--no-write", "--gap", *arguments).stdout)["gaps"]
    assert measured and computed
    assert {row["COVERAGE"] for row in (*measured, *computed)} == {None}
    assert all(row["OBS_VALUE"] is not None for row in measured if row["MEASURE"] in ("ratio", "gini_index"))


@pytest.mark.parametrize(
    ("arguments", "code", "texts"),
    [
        (["measure", "internet_usage"], 2, ["did you mean", "internet_use"]),
        (["measure", "internet_use_sex", "--over", "AGE"], 2, ["SEX", "divide measure internet_use --over AGE"]),
        (["measure", "internet_use", "--over", "sexes"], 2, ["SEX"]),
        (["measure", "internet_use", "--measure", "ginis"], 2, ["gini_index"]),
        (["measure", "internet_use", "--edition", "nope"], 2, ["the edition is unknown"]),
        (["measure", "schools_with_internet"], 1, ["nothing could be measured"]),
        (["measure", "internet_use", "absent.csv"], 3, ["absent.csv"]),
        (["measure", "internet_use", "--year", "1950"], 1, ["nothing could be measured", "1950"]),
        (["targets", "--target", "nope"], 2, ["universal_internet_use"]),
        (["targets", "--area", "KEN", "--year", "1950"], 1, ["no target could be assessed", "1950"]),
    ],
)
def test_bad_input_is_one_message(divide, arguments, code, texts):
    finished = divide(*arguments)
    assert (finished.returncode, finished.stdout) == (code, "")
    assert "Traceback" not in finished.stderr
    for text in texts:
        assert text in finished.stderr, finished.stderr


def test_targets_of_regions_and_of_one_economy(divide):
    finished = divide("targets", "--target", "gender_parity_internet", "--year", "2024")
    assert finished.returncode == 0, finished.stderr
    lines = {line.split()[0]: line for line in finished.stdout.splitlines() if line.strip()}
    assert "not met" in lines["AFR"] and "not met" not in lines["EUR"] and "met" in lines["EUR"]
    one = json.loads(divide("targets", "--area", "KEN", "--format", "json").stdout)["targets"]
    assert {row["TARGET"] for row in one} >= {"universal_internet_use"}
    assert all(row["REF_AREA"] == "KEN" for row in one)


def test_markdown_is_a_table(divide):
    finished = divide("targets", "--target", "universal_internet_use", "--format", "markdown")
    assert finished.stdout.startswith("### Who meets the targets, each area in its latest year\n\n| Target | World |")
    assert "| 0 of 13 | 29 of 195 (1) |" in finished.stdout and "### Universal use of the Internet" in finished.stdout
    assert "| WLD | not met, Satisfactory | 73.6 | 2025 | 21.4 |" in finished.stdout


def test_only_the_targets_requested_are_said_to_have_no_figure(divide):
    chosen = ("--target", "universal_internet_use", "--target", "affordable_mobile_data", "--format", "markdown")
    assert "has a figure for: Affordable mobile broadband. Pass a file." in divide("targets", *chosen).stdout


def test_a_target_not_met_in_the_latest_year_is_reached_in_none_before_the_next(divide):
    """Russia's line is at 95 % in 2024.1, after the value of 2024; Kazakhstan's is past it, its value is not."""
    chosen = ("targets", "--target", "universal_internet_use", "--area", "RUS", "--area", "KAZ", "--edition")
    told = divide(*chosen, "wdi_2026_08", "--format", "markdown").stdout
    assert "| 2025 (2024-2025) | 2025 (2025-2026) |" in told and "| – (2) | 2025 (2024-2028) |" in told
    assert "The fit has already passed it, but the latest value has not" in told and "moving away" not in told


def test_a_file_of_ages_is_told_in_words(divide, tmp_path):
    head = "REF_AREA,INDICATOR,SEX,AGE,URBANISATION,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE"
    bands = {"Y3T9": 91.7, "Y10T59": 99.5, "Y_GE60": 74.0}
    rows = [f"KOR,internet_use,_T,{band},_T,2022,{value},PT" for band, value in bands.items()]
    path = tmp_path / "kor.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    told = divide("measure", "internet_use", str(path), "--over", "AGE", "--area", "KOR").stdout
    assert "Y3T9 3 to 9 years" in told and "Y3T9 Y3T9" not in told and "_Z" not in told
    assert "Coverage unknown." in told and "not computable: no population for Y3T9." in told
    assert "MDB, unweighted" in told and "Gini" not in told


def test_a_dimension_that_the_file_does_not_have_is_named_with_those_that_it_has(divide, tmp_path):
    path = tmp_path / "wealth.csv"
    path.write_text(
        "REF_AREA,INDICATOR,WEALTH,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,Q1,2023,10\nKEN,internet_use,Q2,2023,20\n"
    )
    finished = divide("measure", "internet_use", str(path), "--over", "wealths")
    assert (finished.returncode, finished.stdout) == (2, "")
    assert "found: wealths" in finished.stderr and "did you mean WEALTH?" in finished.stderr


def test_the_shares_of_people_are_rounded(divide, tmp_path):
    """Two million men and one million women: 66.67 and 33.33 % of the people, and not 66.6 %."""
    path = tmp_path / "sexes.csv"
    head = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,POPULATION"
    path.write_text(f"{head}\nKEN,internet_use,M,2022,40,2000000\nKEN,internet_use,F,2022,30,1000000\n")
    done = divide("measure", "internet_use_sex", str(path), "--area", "KEN")
    assert "66.7 %" in done.stdout and "33.3 %" in done.stdout and "66.6 %" not in done.stdout


@pytest.fixture
def wealth(tmp_path):
    values = {"Q1": "", "Q2": 20, "Q3": 30, "Q4": 44, "Q5": 70}
    path = tmp_path / "wealth.csv"
    rows = [f"KEN,internet_use,{code},2022,{value},1000\n" for code, value in values.items()]
    path.write_text("REF_AREA,INDICATOR,WEALTH,TIME_PERIOD,OBS_VALUE,POPULATION\n" + "".join(rows), encoding="utf-8")
    return "measure", "internet_use", str(path), "--over", "WEALTH", "--area", "KEN"


def test_a_missing_end_of_an_order_is_said_and_bounded(divide, wealth):
    """69.5 to 70.5, which round to 70, less a value from 0 to 100."""
    told = " ".join(divide(*wealth, "--order", "Q1,Q2,Q3,Q4,Q5").stdout.split())
    assert "Withheld: 4 of 5 subgroups have a value, not Q1; an order needs all." in told
    assert "difference (D) – [-30.5, 70.5] PP" in told and "Coverage 80.0 %." in told


def test_what_is_left_out_and_the_reference_are_said(divide, wealth):
    named = ("--order", "Q1,Q2,Q3,Q4,Q5", "--without", "Q1", "--reference", "Q3")
    told = " ".join(divide(*wealth, *named).stdout.split())
    assert (
        "Left out on request: Q1. Reference: Q3." in told
        and "difference (D) 10.0 [9.0, 11.0] PP Q2 is behind Q3, in percentage points." in told
    )
    assert "The reference is behind the average; WHO shows 0." in told
    made = json.loads(divide(*wealth, *named, "--format", "json").stdout)
    assert {name: made["meta"][name] for name in ("order", "without", "reference")} == {
        "order": ["Q2", "Q3", "Q4", "Q5"], "without": ["Q1"], "reference": "Q3",
    }  # fmt: skip


def test_covariances_are_used_and_said(divide, tmp_path):
    """Variances of 1 and 4 with a covariance of 1.5 leave 1 + 4 - 3 = 2 for the difference of 40: 40 +- 1.96 x 1.414."""
    columns = "REF_AREA,INDICATOR,WEALTH,TIME_PERIOD,OBS_VALUE,STD_ERR"
    rows = [
        f"{area},internet_use,{code}"
        for area in ("KEN", "UGA")
        for code in ("Q1,2022,20,1", "Q2,2022,40,1", "Q3,2022,60,2")
    ]
    (tmp_path / "survey.csv").write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    given = "REF_AREA,TIME_PERIOD,SUBGROUP,OTHER_SUBGROUP,COVARIANCE\nKEN,2022,Q1,Q3,1.5\n"
    (tmp_path / "covariance.csv").write_text(given, encoding="utf-8")
    command = ["measure", "internet_use", "survey.csv", "--over", "WEALTH", "--order", "Q1,Q2,Q3", "--area", "KEN"]
    command += ["--area", "UGA", "--covariance", "covariance.csv", "--measure", "subgroup_difference"]
    shown = divide(*command)
    assert shown.returncode == 0, shown.stderr
    text = " ".join(shown.stdout.split())
    assert "[37.2, 42.8]" in text and "[35.6, 44.4]" in text
    said = "rrors are as in covariance.csv; covariances that are not in it are 0: Q1 with Q2, Q2 with Q3"
    assert f"E{said}." in text
    assert "Errors of UGA in 2022 are taken as independent: covariance.csv has no row of them." in text
    made = json.loads(divide(*command, "--format", "json").stdout)
    assert made["meta"]["covariance"] == "covariance.csv"
    comments = [row["OBS_COMMENT"] for row in made["disparities"] if row["REF_AREA"] == "KEN"]
    assert comments == [f"e{said}"]


def test_a_covariance_of_an_unknown_subgroup_names_the_nearest(divide, tmp_path):
    columns = "REF_AREA,INDICATOR,WEALTH,TIME_PERIOD,OBS_VALUE,STD_ERR"
    rows = ["KEN,internet_use,Q1,2022,20,1", "KEN,internet_use,Q2,2022,60,2"]
    (tmp_path / "survey.csv").write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    given = "REF_AREA,TIME_PERIOD,SUBGROUP,OTHER_SUBGROUP,COVARIANCE\nKEN,2022,Q1,q2,1.5\n"
    (tmp_path / "covariance.csv").write_text(given, encoding="utf-8")
    command = ("measure", "internet_use", "survey.csv", "--over", "WEALTH", "--area", "KEN")
    finished = divide(*command, "--covariance", "covariance.csv")
    assert (finished.returncode, finished.stdout) == (3, "")
    assert "covariance.csv:2, column OTHER_SUBGROUP" in finished.stderr and "did you mean Q2" in finished.stderr
