"""`divide tabulate` as its users run it: the made-up survey, from the example to a submission without errors."""

import csv
import io
import json
import math

import pandas as pd
import pytest

from divide_cli.distributions import student_quantile
from tests.runner import divide as run

TABULATIONS = "SEX,URBANISATION,AGE,SEX:URBANISATION"


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """A folder with the example, its submission and its covariances."""
    folder = tmp_path_factory.mktemp("survey")
    assert run(folder, "tabulate", "--example", ".").returncode == 0
    data = ("tabulate", "households.csv", "--design", "design.yaml", "--by", TABULATIONS)
    finished = run(folder, *data, "--out", "figures.csv", "--covariance-out", "covariance.csv", "--format", "json")
    assert finished.returncode == 0, finished.stderr
    (folder / "result.json").write_text(finished.stdout, encoding="utf-8")
    return folder


@pytest.fixture
def result(survey):
    return json.loads((survey / "result.json").read_text(encoding="utf-8"))


@pytest.fixture
def tabulate(survey):
    """Runs the command on the example with further options."""
    return lambda *options, **how: run(survey, "tabulate", "households.csv", "--design", "design.yaml", *options, **how)


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("publish", ["flag", "suppress", "all"])
@pytest.mark.parametrize("name", ["figures.csv", "figures.parquet", "figures.sdmx.csv"])
def test_what_is_written_has_no_error(survey, tabulate, publish, name):
    to = ("--to", "sdmx-csv") if "sdmx" in name else ()
    written = tabulate("--by", TABULATIONS, "--publish", publish, "--out", f"{publish}_{name}", *to)
    assert written.returncode == 0, written.stderr
    if name.endswith("csv"):
        checked = run(survey, "validate", f"{publish}_{name}", "--format", "json")
        assert checked.returncode == 0, checked.stdout
        assert not [one for one in json.loads(checked.stdout)["findings"] if one["severity"] == "error"]
    read = run(survey, "read", f"{publish}_{name}", "--format", "json")
    (file,) = json.loads(read.stdout)["files"]
    assert (file["refused"], file["rows_used"]) == ([], file["rows_in"])


@pytest.mark.parametrize("columns", [80, 200])
def test_tables_fit_the_terminal(tabulate, columns):
    finished = tabulate("--by", TABULATIONS, "--publish", "suppress", columns=columns)
    assert finished.returncode == 0, finished.stderr
    assert max(map(len, finished.stdout.splitlines())) <= columns
    assert "\x1b" not in finished.stdout
    for text in ("95 % interval", "Female, rural", "Methods", "Taylor linearisation", "Deff: design effect"):
        assert text in finished.stdout, text


def test_the_submission_says_whom_each_value_is_about(survey):
    (row,) = [
        one
        for one in rows(survey / "figures.csv")
        if one["INDICATOR"] == "mobile_ownership" and {one["SEX"], one["AGE"], one["URBANISATION"]} == {"_T"}
    ]
    assert row["OBS_COMMENT"].split("; ")[:2] == ["persons aged 10 and over", "missing answers left out"]
    assert (row["UNIT_MEASURE"], row["TIME_PERIOD"], row["CI_LEVEL"]) == ("PT", "2024", "95.0")
    assert float(row["CI_LOWER"]) < float(row["OBS_VALUE"]) < float(row["CI_UPPER"])
    assert int(row["SAMPLE_SIZE"]) > 500 and int(row["N_PSU"]) == 48 and int(row["N_STRATA"]) == 4


def test_gaps_have_the_errors_that_follow_from_the_covariance(survey, result):
    """r - c: v_r + v_c - 2 cov. r / c: (r/c) sqrt(v_r / r^2 + v_c / c^2 - 2 cov / (r c)), the delta method."""
    pairs = {
        (one["SUBGROUP"], one["OTHER_SUBGROUP"]): float(one["COVARIANCE"])
        for one in rows(survey / "covariance.csv")
        if (one["INDICATOR"], one["OVER"]) == ("internet_use", "SEX")
    }
    both = pairs["F", "M"]
    errors = {
        one["MEASURE"]: one
        for one in result["gaps"]
        if (one["INDICATOR"], one["OVER"], one["URBANISATION"]) == ("internet_use", "SEX", "_T")
    }
    r, c = errors["ratio"]["REFERENCE_VALUE"], errors["ratio"]["COMPARED_VALUE"]
    difference = math.sqrt(pairs["M", "M"] + pairs["F", "F"] - 2 * both)
    relative = math.sqrt(pairs["M", "M"] / r**2 + pairs["F", "F"] / c**2 - 2 * both / (r * c))
    assert errors["absolute_difference"]["STD_ERR"] == pytest.approx(difference, rel=1e-9)
    assert errors["ratio"]["STD_ERR"] == pytest.approx(r / c * relative, rel=1e-8)
    assert errors["parity_score"]["STD_ERR"] == pytest.approx(c / r * relative, rel=1e-8)
    assert errors["relative_gap"]["STD_ERR"] == pytest.approx(100 * c / r * relative, rel=1e-8)
    assert both > 0 and difference < math.sqrt(pairs["M", "M"] + pairs["F", "F"])
    persons = errors["persons_to_parity"]
    people = next(
        one["POPULATION"]
        for one in result["estimates"]
        if (one["INDICATOR"], one["TABULATION"], one["SEX"]) == ("internet_use", "SEX", "F")
    )
    assert persons["STD_ERR"] == pytest.approx(difference * people / 100, rel=1e-9)


def measured(survey, *options):
    finished = run(
        survey,
        "measure",
        *options,
        "figures.csv",
        "--area",
        "KEN",
        "--covariance",
        "covariance.csv",
        "--format",
        "json",
    )
    assert finished.returncode == 0, finished.stderr
    return {row["MEASURE"]: row for row in json.loads(finished.stdout)["disparities"]}


def gaps(result, indicator, over):
    """The gaps over one dimension, of all people otherwise."""
    others = [name for name in ("SEX", "AGE", "URBANISATION") if name != over]
    return {
        row["MEASURE"]: row
        for row in result["gaps"]
        if (row["INDICATOR"], row["OVER"]) == (indicator, over) and all(row[name] == "_T" for name in others)
    }


def test_measure_with_the_covariances_gives_the_same_intervals(survey, result):
    """Women and men are in all sampling units, so that both commands have the same degrees of freedom."""
    own, other = gaps(result, "internet_use", "SEX"), measured(survey, "internet_use_sex")
    assert set(own) <= set(other) and len(own) == 8
    for name, row in own.items():
        for column in ("OBS_VALUE", "CI_LOWER", "CI_UPPER"):
            assert row[column] == pytest.approx(other[name][column], rel=2e-5, abs=1e-5), (name, column)


def test_measure_with_the_covariances_gives_the_same_standard_error_of_separate_strata(survey, result):
    """Urban and rural are in different strata. `measure` has Satterthwaite's degrees, (a + b)^2 / (a^2 / n + b^2 / m),
    of the variances a and b; its half-width is t times the standard error. `tabulate` has n + m degrees."""
    over = {
        one["SUBGROUP"]: float(one["COVARIANCE"])
        for one in rows(survey / "covariance.csv")
        if (one["INDICATOR"], one["OVER"]) == ("internet_use", "URBANISATION")
        and one["SUBGROUP"] == one["OTHER_SUBGROUP"]
    }
    a, b = over["URB"], over["RUR"]
    degrees = math.floor((a + b) ** 2 / (a**2 / 22 + b**2 / 22))
    row, other = (
        gaps(result, "internet_use", "URBANISATION"),
        measured(survey, "internet_use", "--over", "URBANISATION"),
    )
    difference, same = row["absolute_difference"], other["absolute_difference"]
    half = (same["CI_UPPER"] - same["CI_LOWER"]) / 2
    assert difference["STD_ERR"] == pytest.approx(half / student_quantile(95, degrees), rel=1e-5)
    assert difference["STD_ERR"] == pytest.approx(math.sqrt(a + b), rel=1e-9)
    assert difference["DEGREES_OF_FREEDOM"] == 44


def test_the_covariance_of_other_queries_in_the_file_is_left_out(survey):
    """The file has the covariances of every indicator and dimension; a query takes its own."""
    finished = run(
        survey, "measure", "internet_use", "figures.csv", "--over", "AGE", "--area", "KEN",
        "--covariance", "covariance.csv",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    unknown = run(
        survey, "measure", "households_with_internet", "figures.csv", "--over", "SEX", "--area", "KEN",
        "--covariance", "covariance.csv",
    )  # fmt: skip
    assert unknown.returncode != 0


def test_without_a_design_there_are_no_errors_and_the_methods_say_why(survey):
    design = (survey / "design.yaml").read_text(encoding="utf-8")
    kept = [line for line in design.splitlines() if not line.startswith(("strata:", "clusters:", "populations:"))]
    (survey / "plain.yaml").write_text("\n".join(kept), encoding="utf-8")
    finished = run(survey, "tabulate", "households.csv", "--design", "plain.yaml", "--by", "SEX", "--format", "json")
    assert finished.returncode == 0, finished.stderr
    plain = json.loads(finished.stdout)
    assert {one["STD_ERR"] for one in plain["estimates"]} == {None}
    assert {one["DESIGN_EFFECT"] for one in plain["estimates"]} == {None}
    assert {one["CI_LOWER"] for one in [*plain["estimates"], *plain["gaps"]]} == {None}
    assert "No standard errors, intervals or design effects are given" in plain["meta"]["methods"]
    assert "Taylor" not in plain["meta"]["methods"] and plain["covariances"] == []
    empty = run(
        survey, "tabulate", "households.csv", "--design", "plain.yaml", "--by", "SEX", "--covariance-out", "none.csv"
    )
    assert empty.returncode == 0 and "none.csv is not written" in empty.stderr
    assert not (survey / "none.csv").exists()
    full = json.loads((survey / "result.json").read_text(encoding="utf-8"))
    values = {
        (one["INDICATOR"], one["SEX"]): one["OBS_VALUE"]
        for one in full["estimates"]
        if one["TABULATION"] in ("", "SEX")
    }
    for one in plain["estimates"]:
        assert one["OBS_VALUE"] == pytest.approx(values[one["INDICATOR"], one["SEX"]], rel=1e-12)


def test_the_methods_name_the_design(result):
    methods = result["meta"]["methods"]
    for text in (
        "Made-up survey of households and persons", "stratified by region, urban", "first stage on, ea, hh_id",
        "Finite populations count at each stage that has one (n_ea, n_hh)", "roster persons.csv", "hh_weight",
        "44 for all people", "divide 0.",
    ):  # fmt: skip
        assert text in methods, text


def test_formats_have_the_same_numbers(survey, tabulate, result):
    printed = tabulate("--by", TABULATIONS, "--format", "csv", "--table", "estimates")
    table = pd.read_csv(io.StringIO(printed.stdout))
    assert table["OBS_VALUE"].to_numpy() == pytest.approx([one["OBS_VALUE"] for one in result["estimates"]])
    own = tabulate("--by", TABULATIONS, "--format", "csv")
    assert own.stdout.encode() == (survey / "figures.csv").read_bytes()
    assert "hours_online" in own.stderr and "hours_online" not in own.stdout


def test_households_are_not_tabulated_by_the_breakdowns_of_persons(result):
    assert "households by SEX" in result["meta"]["not_tabulated"]
    of_households = {one["TABULATION"] for one in result["estimates"] if one["INDICATOR"] == "households_with_internet"}
    assert of_households == {"", "URBANISATION"}


def test_crossed_breakdowns_have_one_order_and_one_table(tabulate):
    """A table that is asked for twice would have each key twice."""
    finished = tabulate(
        "--by", "urbanisation:sex,SEX:URBANISATION", "--by", "SEX:SEX:URBANISATION", "--format", "csv", "--indicator",
        "internet_use",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    assert len(finished.stdout.splitlines()) == 1 + 1 + 4


def test_gaps_within_a_further_breakdown_have_their_own_keys(tabulate):
    """Women and men in each quintile: five gaps in eight measures, whose sides are the estimates."""
    finished = tabulate("--by", "SEX:INCOME_WEALTH_QUANTILE", "--indicator", "internet_use", "--format", "json")
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    values = {(one["SEX"], one["INCOME_WEALTH_QUANTILE"]): one["OBS_VALUE"] for one in found["estimates"]}
    gaps = {(one["INCOME_WEALTH_QUANTILE"], one["MEASURE"]): one for one in found["gaps"]}
    assert len(gaps) == len(found["gaps"]) == 5 * 8
    for quintile in ("Q1", "Q5"):
        row = gaps[quintile, "absolute_difference"]
        assert row["OBS_VALUE"] == pytest.approx(values["M", quintile] - values["F", quintile], rel=1e-9)
        assert (row["SEX"], row["AGE"]) == ("_Z", "_T") and row["STD_ERR"] > 0


def test_an_unknown_breakdown_or_indicator_is_one_error(tabulate):
    for option, name in (("--by", "SEKS"), ("--indicator", "internet_uses")):
        finished = tabulate(option, name)
        assert finished.returncode == 2 and finished.stdout == ""
        assert "did you mean" in finished.stderr


def test_real_records_without_a_design_go_from_the_draft_to_a_submission(raw, tmp_path):
    """Afrobarometer, Tunisia, round 8: 60.5 % use the Internet by the weight of enumeration areas (SOURCE.md)."""
    source = raw / "microdata_afrobarometer" / "tun_r8_data.sav"
    if not source.is_file():
        pytest.skip("the microdata are not at hand (DIVIDE_RAW, default ../shared/data)")
    pytest.importorskip("pyreadstat", reason="the extra `microdata` is not installed")
    assert run(tmp_path, "tabulate", str(source), "--init", "--out", "design.yaml").returncode == 0
    draft = (tmp_path / "design.yaml").read_text(encoding="utf-8")
    for key, value in (("name", "Afrobarometer, round 8"), ("area", "TUN"), ("year", "2020")):
        draft = draft.replace(f'{key}: "?"', f"{key}: {value}", 1)
    (tmp_path / "design.yaml").write_text(draft, encoding="utf-8")
    written = run(
        tmp_path, "tabulate", str(source), "--design", "design.yaml", "--by", TABULATIONS, "--out", "figures.csv"
    )
    assert written.returncode == 0, written.stderr
    (whole,) = [
        one
        for one in rows(tmp_path / "figures.csv")
        if one["INDICATOR"] == "internet_use" and {one["SEX"], one["AGE"], one["URBANISATION"]} == {"_T"}
    ]
    assert (round(float(whole["OBS_VALUE"]), 1), whole["STD_ERR"], whole["POPULATION"]) == (60.5, "", "")
    checked = run(tmp_path, "validate", "figures.csv")
    assert checked.returncode == 0, checked.stdout


def test_all_files_are_written_or_none(survey, tabulate):
    """A folder that does not exist cannot be made below a file: the submission is not written either."""
    finished = tabulate("--by", "SEX", "--out", "new.csv", "--covariance-out", "figures.csv/covariance.csv")
    assert finished.returncode == 3
    assert not (survey / "new.csv").exists() and not (survey / "new.csv-metadata.json").exists()


AMOUNTS = """\
survey: {name: Made up}
area: KEN
year: 2024
weight: w
strata: [h]
clusters: [c]
indicators:
  change: {name: Change of income, kind: mean, variable: change}
  lost: {name: Change of all incomes, kind: total, variable: change, unit_measure: PS}
  users: {name: Users, kind: total, variable: net, yes: [1], no: [2], not_stated: [9]}
"""
PEOPLE = "w,h,c,change,net\n2,1,1,-10,1\n2,1,2,-30,2\n2,2,3,-20,9\n2,2,4,0,2\n"


def test_what_may_be_negative_has_the_whole_interval(tmp_path):
    """By hand. Differences within strata are 20, of weighted amounts 40: the variance of the total is 40^2 + 40^2.

    The total is -120 and the mean -15, with t of 2 degrees of freedom. Users: 2 of 6 people, n = 3; the variance is
    2^2, and no number of people is below 0.
    """
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "amounts.yaml").write_text(AMOUNTS, encoding="utf-8")
    finished = run(tmp_path, "tabulate", "people.csv", "--design", "amounts.yaml", "--format", "json")
    found = {one["INDICATOR"]: one for one in json.loads(finished.stdout)["estimates"]}
    t = student_quantile(95, 2)
    for name, value, error in (("lost", -120, math.sqrt(3200)), ("change", -15, math.sqrt(3200) / 8)):
        ends = (found[name]["CI_LOWER"], found[name]["CI_UPPER"])
        assert ends == pytest.approx((value - t * error, value + t * error), rel=1e-9), name
    users = found["users"]
    assert [users[name] for name in ("OBS_VALUE", "STD_ERR", "CI_LOWER", "SAMPLE_SIZE", "POPULATION")] == [
        2,
        2,
        0,
        3,
        6,
    ]


@pytest.mark.parametrize("option", ["--out", "--covariance-out"])
@pytest.mark.parametrize("name", ["./households.csv", "persons.csv", "design.yaml"])
def test_what_is_read_is_never_replaced(survey, tabulate, option, name):
    before = (survey / name).read_bytes()
    to = ("--to", "csv") if option == "--out" else ()
    finished = tabulate("--by", "SEX", option, name, *to)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert f"where: {option}" in finished.stderr and "would replace" in finished.stderr
    assert (survey / name).read_bytes() == before


def test_one_output_never_replaces_the_other(survey, tabulate):
    finished = tabulate("--by", "SEX", "--out", "both.csv", "--covariance-out", "./both.csv")
    assert (finished.returncode, finished.stdout, (survey / "both.csv").exists()) == (2, "", False)
    assert "two outputs have the same name" in finished.stderr
