"""`divide explain`: one number back to its parts."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from divide_cli import api
from divide_cli.analysis import pipeline
from divide_cli.analysis.decomposition.explanation import Query, explain, explained
from divide_cli.analysis.request import Request


@pytest.fixture(scope="module")
def everything():
    """All that `compute` prints of the embedded data, with its observations."""
    return pipeline.compute(Request(keep=True))


def test_contributions_sum_and_leave_one_out_is_a_recomputation(tmp_path):
    """LIC in 2024: recomputed for each economy from a list of the group without it."""
    explanation = explain(Query("internet_use", "LIC", year=2024), Request(minimum=0))
    (part,) = explanation.parts
    members = part.members.set_index("REF_AREA")
    value = part.row["OBS_VALUE"]
    assert members["CONTRIBUTION"].sum() == pytest.approx(value)
    assert members["RELATIVE"].sum() == pytest.approx(0, abs=1e-9)
    reporting = members[members["OBS_VALUE"].notna()]
    for left_out in reporting.index[:5]:
        rows = "".join(f"{area},LIC\n" for area in members.index if area != left_out)
        (tmp_path / "without.csv").write_text("REF_AREA,GROUP\n" + rows, encoding="utf-8")
        again = api.compute(
            editions=["wdi_2026_08"], indicators=["internet_use"], years=[2024], areas=["LIC"], min_coverage=0,
            groups=[str(tmp_path / "without.csv")], beside=False,
        ).aggregates  # fmt: skip
        assert members.loc[left_out, "INFLUENCE"] == pytest.approx(value - again["OBS_VALUE"].iloc[0], abs=1e-9)


def test_what_the_missing_could_do_is_the_bounds():
    """If all the missing had the lowest value, or the highest, the value would be at its bounds."""
    explanation = explain(Query("internet_use", "LIC", year=2024), Request())
    (part,) = explanation.parts
    members, row = part.members, part.row
    there = members[members["OBS_VALUE"].notna()]
    absent = members.loc[members["OBS_VALUE"].isna(), "WEIGHT"].sum()
    products, total = (there["WEIGHT"] * there["OBS_VALUE"]).sum(), there["WEIGHT"].sum()
    assert products / (total + absent) == pytest.approx(row["BOUND_LOWER"])
    assert (products + 100 * absent) / (total + absent) == pytest.approx(row["BOUND_UPPER"])
    one = members[members["OBS_VALUE"].isna()].iloc[0]
    alone = products / (total + one["WEIGHT"])
    assert one["LOWERS"] == pytest.approx(alone - row["OBS_VALUE"])


def test_every_number_of_a_sample_is_explained(everything):
    """Group values and gaps: the explanation is of the number that `compute` prints, and contributions sum to it."""
    random = np.random.default_rng(80)
    values = everything.aggregates[everything.aggregates["OBS_VALUE"].notna()]
    for row in values.iloc[random.choice(len(values), 60, replace=False)].to_dict("records"):
        _check(row, everything, "")
    gaps = everything.gaps[(everything.gaps["MEASURE"] == "absolute_difference") & everything.gaps["OBS_VALUE"].notna()]
    for row in gaps.iloc[random.choice(len(gaps), 60, replace=False)].to_dict("records"):
        _check(row, everything, row["GAP"])


def _check(row, everything, gap: str) -> None:
    dimensions = ("SEX", "AGE", "URBANISATION", *everything.dimensions)
    codes = {name: row[name] for name in dimensions if row[name] not in ("_T", "_Z")}
    query = Query(row["INDICATOR"], row["REF_AREA"], gap=gap, year=int(row["TIME_PERIOD"]), breakdown=codes)
    explanation = explained(query, everything)
    same = ("EDITION", "MEMBERSHIP")
    if gap:
        rows = [*explanation.gaps, *explanation.published]
        own = [one for one in rows if one["MEASURE"] == row["MEASURE"] and all(one[name] == row[name] for name in same)]
        assert [one["OBS_VALUE"] for one in own] == [row["OBS_VALUE"]]
        ends = [part.row["OBS_VALUE"] for part in explanation.parts]
        first = next(one for one in explanation.gaps if one["MEASURE"] == "absolute_difference")
        np.testing.assert_array_equal(ends, [first["REFERENCE_VALUE"], first["COMPARED_VALUE"]])
    else:
        rows = [*(part.row for part in explanation.parts), *explanation.published]
        assert row["OBS_VALUE"] in [one["OBS_VALUE"] for one in rows if all(one[name] == row[name] for name in same)]
    for part in explanation.parts:
        if part.is_combined and not np.isnan(part.row["OBS_VALUE"]):
            assert part.members["CONTRIBUTION"].sum() == pytest.approx(part.row["OBS_VALUE"])
        elif not part.is_combined:
            np.testing.assert_array_equal(part.members["OBS_VALUE"], [part.row["OBS_VALUE"]])


def test_a_median_is_explained_without_weights(divide, tmp_path):
    """Prices 1, 2, 9 of three of four economies: the median is 2; without 9 it is 1.5; the missing one moves it to 1.5
    at the least."""
    rows = "".join(f"{area},price_mobile_data,2023,{value}\n" for area, value in (("DEU", 1), ("FRA", 2), ("ITA", 9)))
    (tmp_path / "prices.csv").write_text("REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\n" + rows, encoding="utf-8")
    (tmp_path / "own.csv").write_text("REF_AREA,GROUP\nDEU,OWN\nFRA,OWN\nITA,OWN\nESP,OWN\n", encoding="utf-8")
    explanation = explain(
        Query("price_mobile_data", "OWN", year=2023),
        Request(files=(str(tmp_path / "prices.csv"),), groups=(str(tmp_path / "own.csv"),), minimum=0),
    )
    members = explanation.parts[0].members.set_index("REF_AREA")
    assert members["INFLUENCE"].dropna().to_dict() == {"DEU": -3.5, "ITA": 0.5, "FRA": -3.0}
    assert members.loc["ESP", "LOWERS"] == pytest.approx(-0.5)
    assert members["CONTRIBUTION"].isna().all()


def test_words_of_an_explanation(divide):
    """The formula with its numbers, who is missing by name, file and line, and what rules say."""
    told = divide("explain", "internet_use", "LIC", "2024").stdout
    for words in ("sum(w p) / sum(w) = ", "SDN Sudan", "wdi_2026_08/observations.csv", "19 of 25 economies", "FY27"):
        assert words in told
    assert "What `divide validate` finds in these rows" in told


def test_a_gap_explains_both_sides(divide):
    told = divide("explain", "internet_use_income", "WLD", "2024").stdout
    assert "HIC (High-income economies)" in told and "LIC (Low-income economies)" in told
    assert "93.1 - 20.2 = 72.9" in told and "itu_aggregates_2025_11" in told


def test_a_claim_is_explained(divide):
    told = divide("explain", "p21_urban").stdout
    assert "almost 85 %" in told and "URBANISATION URB" in told
    assert "the economies behind it are not known" in " ".join(told.split())


def test_csv_has_a_row_for_each_economy(divide):
    frame = pd.read_csv(io.StringIO(divide("explain", "internet_use_income", "--format", "csv").stdout))
    assert set(frame["SIDE"]) == {"HIC", "LIC"}
    assert frame.loc[frame["SIDE"] == "LIC", "REF_AREA"].nunique() == 25


def test_json_has_the_query_and_the_findings(divide):
    document = json.loads(divide("explain", "internet_use", "KEN", "--format", "json").stdout)
    assert document["meta"]["query"]["area"] == "KEN"
    assert document["meta"]["values"][0]["EDITION"] == "wdi_2026_08"
    assert document["members"][0]["SOURCE_LINE"] > 1
    assert isinstance(document["meta"]["findings"], list)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nonsense",), 2, "SELECTOR"),
        (("internet_use", "KEN", "BRA"), 2, "more than one area"),
        (("internet_use", "KEN", "1970"), 1, "no such number"),
        (("internet_use", "WLD", "SEX=Q"), 1, "no such number"),
    ],
)
def test_what_cannot_be_explained_is_said(divide, words, code, said):
    finished = divide("explain", *words)
    assert finished.returncode == code and said in finished.stderr


def test_a_withheld_gap_has_no_formula(divide):
    """Women and men of the world in 2023: both sides are withheld, and bounds remain."""
    told = divide("explain", "internet_use_sex", "WLD", "2023").stdout
    assert "withheld [-74.8, 75.7]" in told and "–  -" not in told and "- –" not in told


ROWS = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,2020,x\nUGA,internet_use,2020,12.5\n"


@pytest.mark.parametrize(
    "command",
    [("explain", "internet_use", "UGA", "x.csv"), ("diff", "x.csv", "wdi_2026_08"), ("profile", "UGA", "x.csv")],
)
def test_the_way_on_that_an_error_names_is_there(divide, tmp_path, command):
    """The error about a row names --skip-refused, which every command that computes has; what is left out is said."""
    (tmp_path / "x.csv").write_text(ROWS, encoding="utf-8")
    refused = divide(*command)
    assert refused.returncode == 3 and "--skip-refused" in refused.stderr
    went_on = divide(*command, "--skip-refused")
    assert went_on.returncode == 0, went_on.stderr
    assert "1 of 2 rows left out" in went_on.stderr


@pytest.mark.parametrize("command", [("explain", "internet_use", "KEN", "x.csv"), ("diff", "x.csv", "wdi_2026_08")])
def test_doubts_about_a_file_are_said(divide, tmp_path, command):
    """Five fractions where percentages are expected: on stderr, and below the tables."""
    rows = [f"{area},internet_use,2020,0.{at}" for at, area in enumerate(("KEN", "UGA", "TZA", "ETH", "GHA"), start=1)]
    text = "\n".join(["REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE", *rows, ""])
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    made = divide(*command)
    assert "Are these fractions?" in made.stderr
    assert "Are these fractions?" in " ".join(made.stdout.split())
