"""`divide profile`: each figure against the files of the editions, ranks by hand, and what is said of what is missing."""

import csv
import io
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
TEN = ("KEN", "BRA", "DEU", "TUV", "XKX", "TWN", "LIC", "AFR", "SIDS", "WLD")
COUNTRIES = {"wdi_2026_08": "2026-07-01", "unsd_sdg_2021": "2021-07-01", "wdi_by_sex_2019_2023": "2024-07-01"}
"""The editions of country figures, each with the day of its groups: the last 1 July before its vintage."""
PUBLISHED = ("itu_aggregates_2024_11", "itu_aggregates_2025_11")
DIMENSIONS = ["SEX", "AGE", "URBANISATION"]


def edition(name: str) -> pd.DataFrame:
    """The rows of an edition as they stand in its file."""
    return pd.read_csv(
        ROOT / "data" / "sources" / name / "observations.csv", keep_default_na=False, na_values={"OBS_VALUE": [""]}
    )


def totals(name: str) -> pd.DataFrame:
    rows = edition(name)
    return rows[(rows[DIMENSIONS] == "_T").all(axis=1) & rows["OBS_VALUE"].notna()].sort_values("TIME_PERIOD")


def groups_on(day: str) -> dict[str, set[str]]:
    """The members of each group on a day; before the first day of a list, those of that day."""
    income = "income_group.csv" if day >= "2025-07-01" else "income_group_oghist.csv"
    groups: dict[str, set[str]] = {}
    for name in ("world.csv", income, "itu_region.csv", "ldc.csv", "lldc.csv", "sids_un.csv"):
        with (ROOT / "data" / "catalogue" / "area_groups" / name).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        on = max(day, min(row["valid_from"] for row in rows))
        for row in rows:
            if row["valid_from"] <= on < (row["valid_to"] or "9999-12-31"):
                groups.setdefault(row["GROUP"], set()).add(row["REF_AREA"])
    return groups


@pytest.fixture(scope="module")
def ten(tmp_path_factory):
    """The profiles of ten areas, as JSON."""
    from tests import runner

    return json.loads(runner.divide(tmp_path_factory.mktemp("ten"), "profile", *TEN, "--format", "json").stdout)


def of(rows, **key):
    return [row for row in rows if all(row[name] == value for name, value in key.items())]


@pytest.mark.parametrize("area", TEN[:6])
@pytest.mark.parametrize("name", ["wdi_2026_08", "unsd_sdg_2021"])
def test_levels_and_ranks_of_economies_are_those_of_the_files(ten, area, name):
    """The latest value of the file; pandas ranks it among the members with a value of its year, the highest first."""
    rows, found = totals(name), of(ten["levels"], REF_AREA=area, EDITION=name)
    own = rows[rows["REF_AREA"] == area]
    assert len(found) == min(len(own), 1)
    if not found:
        return
    latest = own.iloc[-1]
    assert (found[0]["OBS_VALUE"], found[0]["TIME_PERIOD"]) == (latest["OBS_VALUE"], latest["TIME_PERIOD"])
    same = rows[rows["TIME_PERIOD"] == latest["TIME_PERIOD"]].set_index("REF_AREA")["OBS_VALUE"]
    groups = {group: members for group, members in groups_on(COUNTRIES[name]).items() if area in members}
    ranks = {row["GROUP"]: row for row in of(ten["ranks"], REF_AREA=area, EDITION=name)}
    assert ranks.keys() == groups.keys()
    for group, members in groups.items():
        inside = same[same.index.isin(members)]
        numbers = [ranks[group][column] for column in ("RANK", "TIED", "N_AREAS", "N_AREAS_TOTAL")]
        place = int(inside.rank(ascending=False, method="min")[area])
        assert numbers == [place, int((inside == inside[area]).sum()) - 1, len(inside), len(members)], group


@pytest.mark.parametrize("area", TEN)
def test_courses_start_and_end_with_figures_of_the_files(ten, area):
    """First and latest value, the number between, and the slope of numpy through the latest six, if one is given."""
    checked = 0
    for row in of(ten["courses"], REF_AREA=area, GAP=""):
        if row["MEMBERSHIP"] not in ("_Z", "as published"):
            continue
        rows = totals(row["EDITION"])
        own = rows[(rows["REF_AREA"] == area) & (rows["INDICATOR"] == row["INDICATOR"])]
        years, values = own["TIME_PERIOD"].to_numpy(), own["OBS_VALUE"].to_numpy()
        assert (row["FIRST_YEAR"], row["LAST_YEAR"], row["N_POINTS"]) == (years[0], years[-1], len(years))
        assert (row["FIRST_VALUE"], row["LAST_VALUE"]) == (values[0], values[-1])
        assert [row["TEN_YEARS_BEFORE"]] == (list(values[years == years[-1] - 10]) or [None])
        if row["PACE"] is not None:
            assert row["PACE"] == pytest.approx(np.polyfit(years[-6:], values[-6:], 1)[0])
        checked += 1
    assert bool(checked) == (area not in ("XKX", "TWN"))


@pytest.mark.parametrize("area", TEN)
def test_gaps_between_stated_values_are_those_of_the_files(ten, area):
    """Both sides are looked up in the file of the edition; difference, ratio and score follow by hand."""
    for row in of(ten["gaps"], REF_AREA=area):
        if row["MEMBERSHIP"] not in ("_Z", "as published"):
            continue
        rows = edition(row["EDITION"])
        rows = rows[(rows["INDICATOR"] == row["INDICATOR"]) & (rows["TIME_PERIOD"] == row["TIME_PERIOD"])]
        sides = []
        for code in (row["REFERENCE"], row["COMPARED"]):
            key = dict.fromkeys(DIMENSIONS, "_T") | {"REF_AREA": area}
            key |= {"REF_AREA": code} if row["OVER"] == "income_group" else {row["OVER"]: code}
            (value,) = rows[(rows[list(key)] == pd.Series(key)).all(axis=1)]["OBS_VALUE"]
            sides.append(value)
        r, c = sides
        expected = {"absolute_difference": r - c, "ratio": r / c, "parity_score": c / r}[row["MEASURE"]]
        assert row["OBS_VALUE"] == pytest.approx(expected)
    latest = {row["TIME_PERIOD"] for row in of(ten["gaps"], REF_AREA="KEN", GAP="internet_use_sex")}
    assert latest == {2019}


def test_a_group_has_its_values_from_countries_next_to_the_published_ones(ten):
    """LIC, 2024: the mean of 19 of 25 economies, weighted by the population of the file; two editions disagree on it."""
    people = pd.read_csv(
        ROOT / "data" / "sources" / "wdi_population_2026_07" / "observations.csv", keep_default_na=False
    )
    people = people[(people[DIMENSIONS] == "_T").all(axis=1) & (people["TIME_PERIOD"] == 2024)]
    weight = people.set_index("REF_AREA")["OBS_VALUE"]
    members = groups_on("2026-07-01")["LIC"]
    rows = totals("wdi_2026_08")
    values = rows[(rows["TIME_PERIOD"] == 2024) & rows["REF_AREA"].isin(members)].set_index("REF_AREA")["OBS_VALUE"]
    reporting = weight[values.index]
    levels = of(ten["levels"], REF_AREA="LIC", INDICATOR="internet_use", TIME_PERIOD=2024)
    (combined,) = of(levels, EDITION="wdi_2026_08")
    assert combined["OBS_VALUE"] == pytest.approx((reporting * values).sum() / reporting.sum())
    assert combined["COVERAGE"] == pytest.approx(100 * reporting.sum() / weight[sorted(members)].sum())
    assert (combined["N_AREAS"], combined["N_AREAS_TOTAL"]) == (len(values), len(members)) == (19, 25)
    published = {row["EDITION"]: row["OBS_VALUE"] for row in levels if row is not combined}
    expected = {}
    for name in PUBLISHED:
        rows = totals(name)
        same = (rows["REF_AREA"] == "LIC") & (rows["INDICATOR"] == "internet_use") & (rows["TIME_PERIOD"] == 2024)
        (expected[name],) = rows[same]["OBS_VALUE"]
    assert published == expected
    assert not of(ten["ranks"], REF_AREA="LIC")
    assert set(ten["meta"]["areas"]["LIC"]["members"]) == members


def test_an_area_without_figures_is_named_and_a_group_that_it_is_not_in_too(divide):
    printed = " ".join(divide("profile", "KEN", "TWN", "XKX").stdout.split())
    assert "No figure in the editions used: TWN Taiwan; XKX Kosovo." in printed
    assert "XKX, TWN" not in printed and "TWN, XKX: Internet use; Mobile phone; 4G coverage" in printed
    assert "XKX Kosovo WLD World; UMC Upper-middle-income economies; no ITU region" in printed
    alone = divide("profile", "XKX")
    assert alone.returncode == 1 and "no figure of XKX" in alone.stderr and not alone.stdout


FIGURES = """REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE
KEN,internet_use,2024,40.0
UGA,internet_use,2024,40.0
TZA,internet_use,2024,30.0
RWA,internet_use,2024,50.0
BRA,internet_use,2024,80.0
NGA,internet_use,2023,60.0
KEN,price_mobile_data,2024,2.5
UGA,price_mobile_data,2024,9.0
TZA,price_mobile_data,2024,1.5
"""


def test_ranks_by_hand(divide, tmp_path):
    """In East (KEN, UGA, TZA, NGA), KEN and UGA share the first rank of three: NGA has no value in 2024.

    In the world, Brazil and Rwanda are ahead of both, so that they share the third rank of five. Of prices, the lowest
    is first: KEN is the second of three.
    """
    (tmp_path / "figures.csv").write_text(FIGURES)
    (tmp_path / "east.csv").write_text("REF_AREA,GROUP\nKEN,EAST\nUGA,EAST\nTZA,EAST\nNGA,EAST\n")
    chosen = ("profile", "Kenya", "NGA", "figures.csv", "--groups", "east.csv")
    ranks = json.loads(divide(*chosen, "--format", "json").stdout)["ranks"]
    columns = ("RANK", "TIED", "N_AREAS", "N_AREAS_TOTAL")
    use = {row["GROUP"]: [row[name] for name in columns] for row in of(ranks, REF_AREA="KEN", INDICATOR="internet_use")}
    assert use["EAST"] == [1, 1, 3, 4] and use["WLD"][:3] == [3, 1, 5] and use["AFR"][:3] == [2, 1, 4]
    (price,) = of(ranks, INDICATOR="price_mobile_data", GROUP="WLD")
    assert [price[name] for name in columns[:3]] == [2, 0, 3]
    (nigeria,) = of(ranks, REF_AREA="NGA", GROUP="WLD")
    assert [nigeria[name] for name in (*columns[:3], "TIME_PERIOD")] == [1, 0, 1, 2023]
    printed = divide(*chosen).stdout
    assert "3= of 5" in printed and "2 of 3" in printed and "=: other economies have the same value" in printed


BREAKDOWNS = """REF_AREA,INDICATOR,SEX,QUINTILE,TIME_PERIOD,OBS_VALUE
KEN,internet_use,_T,_T,2022,30.0
KEN,internet_use,_T,_T,2024,35.0
KEN,internet_use,M,_T,2022,34.0
KEN,internet_use,F,_T,2022,26.0
KEN,internet_use,M,_T,2024,37.0
KEN,internet_use,F,_T,2024,33.0
KEN,internet_use,_T,Q1,2022,12.0
KEN,internet_use,_T,Q5,2022,60.0
KEN,internet_use,_T,Q1,2024,10.0
KEN,internet_use,_T,Q3,2024,40.0
KEN,internet_use,_T,Q5,2024,70.0
KEN,households_with_internet,_T,_T,2024,20.0
"""


def test_gaps_of_any_dimension_with_their_course(divide, tmp_path):
    """Sex: 37 - 33 = 4 after 34 - 26 = 8. Quintiles: the best, 70, and the worst, 10, of 2024; 60 - 12 = 48 in 2022."""
    (tmp_path / "figures.csv").write_text(BREAKDOWNS)
    result = json.loads(divide("profile", "KEN", "figures.csv", "--format", "json").stdout)
    differences = {row["GAP"]: row for row in of(result["gaps"], MEASURE="absolute_difference")}
    assert {name: row["OBS_VALUE"] for name, row in differences.items()} == {
        "internet_use_sex": 4, "internet_use_quintile": 60,
    }  # fmt: skip
    wealth = differences["internet_use_quintile"]
    assert (wealth["REFERENCE"], wealth["COMPARED"], wealth["TIME_PERIOD"]) == ("Q5", "Q1", 2024)
    assert (wealth["BOUND_LOWER"], wealth["BOUND_UPPER"]) == (pytest.approx(59.9), pytest.approx(60.1))
    courses = {
        row["GAP"]: (row["FIRST_VALUE"], row["LAST_VALUE"], row["COURSE"]) for row in result["courses"] if row["GAP"]
    }
    assert courses == {"internet_use_sex": (8, 4, "closed"), "internet_use_quintile": (48, 60, "widened")}
    printed = " ".join(divide("profile", "KEN", "figures.csv").stdout.split())
    assert "Internet use, QUINTILE: Q5 : Q1" in printed and "Internet use, men : women" in printed


def test_a_year_ends_the_course_and_is_missed_where_others_have_it(divide, tmp_path):
    (tmp_path / "figures.csv").write_text(BREAKDOWNS)
    result = json.loads(divide("profile", "KEN", "figures.csv", "--year", "2022", "--format", "json").stdout)
    assert {row["TIME_PERIOD"] for name in ("levels", "ranks", "gaps", "targets") for row in result[name]} == {2022}
    assert result["courses"] == []
    reasons = {row["INDICATOR"]: row["REASON"] for row in of(result["missing"], GAP="")}
    assert "internet_use" not in reasons and reasons["households_with_internet"] == "not_in_year"
    assert reasons["coverage_4g"] == "not_of_any_area"
    assert "Internet homes (other years have)" in " ".join(
        divide("profile", "KEN", "figures.csv", "--year", "2022").stdout.split()
    )


def test_a_group_of_ones_own_has_its_mean(divide, tmp_path):
    """Two of four economies report in 2024 and are weighted by the people of the file: (40 x 3 + 30 x 1) / 4 = 37.5.

    Coverage is 4 of 8 people, so that the value is withheld unless less is asked for. UGA has no figure in 2023.
    """
    (tmp_path / "figures.csv").write_text("\n".join(FIGURES.splitlines()[i] for i in (0, 1, 3, 6)) + "\n")
    (tmp_path / "east.csv").write_text("REF_AREA,GROUP\nKEN,EAST\nUGA,EAST\nTZA,EAST\nNGA,EAST\n")
    people = "\n".join(f"{code},2024,{count}" for code, count in {"KEN": 3, "TZA": 1, "UGA": 2, "NGA": 2}.items())
    (tmp_path / "people.csv").write_text(f"REF_AREA,TIME_PERIOD,OBS_VALUE\n{people}\n")
    chosen = ("profile", "EAST", "UGA", "figures.csv", "--groups", "east.csv", "--population", "people.csv")
    chosen = (*chosen, "--min-coverage", "50", "--year", "2024")
    result = json.loads(divide(*chosen, "--format", "json").stdout)
    (level,) = of(result["levels"], REF_AREA="EAST", INDICATOR="internet_use")
    assert (level["OBS_VALUE"], level["COVERAGE"], level["N_AREAS"], level["N_AREAS_TOTAL"]) == (37.5, 50, 2, 4)
    assert result["meta"]["areas"]["EAST"]["members"] == ["KEN", "NGA", "TZA", "UGA"]
    printed = " ".join(divide(*chosen).stdout.split())
    assert "EAST 4 economies: KEN NGA TZA UGA" in printed and "No figure of 2024 in the files: UGA Uganda." in printed


def test_names_are_areas_and_existing_files_are_files(divide, tmp_path):
    (tmp_path / "figures.csv").write_text(FIGURES)
    assert divide("profile", "Cote d'Ivoire").stdout.startswith("CIV Côte d’Ivoire\n")
    by_name, by_code = (divide("profile", area, "--format", "csv").stdout for area in ("kenya", "KEN"))
    assert by_name == by_code and frame(by_code)["REF_AREA"].eq("KEN").all()
    refused = divide("profile", "sub-Saharan")
    assert refused.returncode == 2 and "where: AREA" in refused.stderr and "AFR Africa (ITU region)" in refused.stderr
    (tmp_path / "KEN").write_text(FIGURES)
    assert frame(divide("profile", "BRA", "KEN", "--format", "csv").stdout)["EDITION"].eq("KEN").all()
    alone = divide("profile", "KEN")
    assert alone.returncode == 2 and "a profile needs an area" in alone.stderr


def frame(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text))


@pytest.mark.parametrize("table", ["levels", "ranks", "gaps", "courses", "targets", "missing"])
def test_csv_has_the_frames_of_json(divide, ten, table):
    printed = frame(divide("profile", *TEN, "--format", "csv", "--table", table).stdout)
    assert len(printed) == len(ten[table]) and set(printed["REF_AREA"]) <= set(TEN)


@pytest.mark.parametrize(("form", "columns", "name"), [("table", 80, "profile_80.txt"), ("markdown", 80, "profile.md")])
def test_profiles_are_as_golden(divide, form, columns, name):
    """The printed profiles, to the letter; write them again with DIVIDE_GOLDEN=1 and read the difference."""
    finished = divide("profile", "KEN", "TUV", "TWN", "AFR", "--format", form, columns=columns)
    text = "\n".join(line.rstrip() for line in finished.stdout.splitlines()) + "\n"
    if os.environ.get("DIVIDE_GOLDEN"):
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")
    if form == "table":
        assert max(map(len, text.splitlines())) <= columns


def test_ten_profiles_fit_eighty_columns(divide):
    assert max(len(line) for line in divide("profile", *TEN, columns=80).stdout.splitlines()) <= 80
