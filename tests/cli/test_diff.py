"""`divide diff`: what figures became of, and why group values and gaps moved."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from divide_cli import api
from divide_cli.sources.editions import load

FIGURES = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\n"


def csv(finished) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(finished.stdout), keep_default_na=False, na_values=[""])


def write(folder, name, *rows: str) -> str:
    (folder / name).write_text(FIGURES + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return name


def test_what_became_of_each_figure(divide, tmp_path):
    """One equal, one stored with more decimals, one revised, one withdrawn, one added."""
    a = write(
        tmp_path, "a.csv",
        "DEU,internet_use,2020,90.1", "FRA,internet_use,2020,15.4428", "ITA,internet_use,2020,70.5", "ESP,internet_use,2020,80.2",
    )  # fmt: skip
    b = write(
        tmp_path, "b.csv",
        "DEU,internet_use,2020,90.1", "FRA,internet_use,2020,15.4428229", "ITA,internet_use,2020,71", "POL,internet_use,2020,60.3",
    )  # fmt: skip
    found = csv(divide("diff", a, b, "--format", "csv")).set_index("REF_AREA")
    assert found["CHANGE"].to_dict() == {"ESP": "withdrawn", "FRA": "precision", "ITA": "revised", "POL": "added"}
    assert (found.loc["ITA", "FROM"], found.loc["ITA", "TO"], found.loc["ITA", "DIFFERENCE"]) == (70.5, 71, 0.5)
    told = divide("diff", a, b).stdout
    assert "Individuals using the" in told and " 3 " in told


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("50", "50.4", "revised"),  # a percentage is printed with a decimal, so 50 is 50.0
        ("7", "6.956", "precision"),
        ("76.6", "76.63420105", "precision"),
        ("76.6", "76.66", "revised"),
        ("28.25", "28.3", "precision"),
    ],
)
def test_precision_or_revision(divide, tmp_path, before, after, change):
    a = write(tmp_path, "a.csv", f"DEU,internet_use,2020,{before}")
    b = write(tmp_path, "b.csv", f"DEU,internet_use,2020,{after}")
    assert csv(divide("diff", a, b, "--format", "csv"))["CHANGE"].tolist() == [change]


def test_terms_sum_to_the_difference_for_every_group_and_year():
    """WDI of October 2025 against August 2026: every group value and gap that both have."""
    difference = api.diff("wdi_2025_10", "wdi_2026_08", min_coverage=0)
    rows, terms = difference.decomposition, list(difference.terms)
    assert len(rows) > 300 and (rows["NOTE"] == "").all()
    sums, plain = rows[terms].sum(axis=1), rows["SCALE"] == ""
    np.testing.assert_allclose(sums[plain], rows["DIFFERENCE"][plain], atol=1e-9)
    ratios = rows[~plain]
    np.testing.assert_allclose(sums[~plain], np.log(ratios["TO"] / ratios["FROM"]), atol=1e-9)


def test_between_two_editions_the_counts_are_those_of_pandas():
    """Keys and equal values counted by a merge of pandas."""
    difference = api.diff("wdi_2025_10", "wdi_2026_08")
    sides = []
    for name in ("wdi_2025_10", "wdi_2026_08"):
        frame = load(name).frame
        sides.append(frame[frame["OBS_VALUE"].notna()].assign(REF_AREA=frame["REF_AREA"].astype(str)))
    merged = sides[0].merge(sides[1], on=["REF_AREA", "TIME_PERIOD"], how="outer", indicator=True)
    both = merged[merged["_merge"] == "both"]
    kinds = difference.changes["CHANGE"].value_counts()
    assert difference.counts["COMMON"].tolist() == [len(both)]
    assert difference.counts["EQUAL"].tolist() == [(both["OBS_VALUE_x"] == both["OBS_VALUE_y"]).sum()]
    assert kinds["withdrawn"] == (merged["_merge"] == "left_only").sum()
    assert kinds["added"] == (merged["_merge"] == "right_only").sum()


def test_between_two_fiscal_years_all_is_membership():
    """With the lists in force, six economies change their group and two are classified for the first time."""
    difference = api.diff("wdi_2026_08", income_fy="FY26:FY27", min_coverage=0)
    rows = difference.decomposition
    others = [name for name in difference.terms if name != "MEMBERSHIP"]
    assert (rows[others].abs() < 1e-9).all().all()
    members = [side.result.members["wdi_2026_08"].groups for side in (difference.before, difference.after)]
    codes = ("HIC", "UMC", "LMC", "LIC")
    before, after = ({area: code for code in codes for area in groups[code]} for groups in members)
    moved = {area for area in before.keys() & after.keys() if before[area] != after[area]}
    assert (len(moved), len(after.keys() - before.keys())) == (6, 2)
    plain = rows[(rows["SCALE"] == "") & rows["DIFFERENCE"].notna()]
    assert (plain["DIFFERENCE"].abs() > 0.01).any()
    named = {one["REF_AREA"] for top in plain["top"] for one in top}
    assert named <= moved | (after.keys() - before.keys())


def test_between_two_years_performance_is_of_those_that_report_in_both(divide, tmp_path):
    """HIC of three equal economies: DEU 80 -> 90, FRA 70 -> 70, and ITA reports 60 in the later year only.

    Weights are those given. VALUES first: 80; reporters then 220/3. Reporters first: 70; then 220/3. So performance is
    (5 + 10/3) / 2, reporters (-20/3 - 5) / 2."""
    name = write(
        tmp_path, "years.csv",
        "DEU,internet_use,2015,80", "FRA,internet_use,2015,70",
        "DEU,internet_use,2024,90", "FRA,internet_use,2024,70", "ITA,internet_use,2024,60",
    )  # fmt: skip
    people = "".join(f"{area},{year},1000\n" for area in ("DEU", "FRA", "ITA") for year in (2015, 2024))
    (tmp_path / "people.csv").write_text("REF_AREA,TIME_PERIOD,OBS_VALUE\n" + people, encoding="utf-8")
    (tmp_path / "own.csv").write_text("REF_AREA,GROUP\nDEU,OWN\nFRA,OWN\nITA,OWN\n", encoding="utf-8")
    options = ("--population", "people.csv", "--groups", "own.csv", "--min-coverage", "0", "--format", "json")
    found = json.loads(divide("diff", name, "--years", "2015:2024", *options).stdout)["decomposition"]
    own = next(row for row in found if row["REF_AREA"] == "OWN")
    assert (own["FROM"], own["TO"]) == (pytest.approx(75), pytest.approx(220 / 3))
    assert own["PERFORMANCE"] == pytest.approx(25 / 6)
    assert own["REPORTERS"] == pytest.approx(-35 / 6)
    assert (own["WEIGHTS"], own["MEMBERSHIP"]) == (0, 0)
    assert [one["REF_AREA"] for one in own["top"]] == ["ITA", "DEU"]


def test_a_withheld_side_is_said(divide):
    row = next(
        row
        for row in json.loads(
            divide("diff", "wdi_2025_10", "wdi_2026_08", "--year", "2023", "--format", "json").stdout
        )["decomposition"]
        if row["REF_AREA"] == "LIC" and not row["GAP"]
    )
    assert (row["FROM"], row["REVISED"], row["NOTE"]) == (None, None, "withheld in wdi_2025_10")


def test_the_order_of_rows_does_not_matter(tmp_path):
    random = np.random.default_rng(7)
    areas = ["DEU", "FRA", "ITA", "ESP", "POL", "KEN", "NGA", "IND"]
    for name in ("a", "b"):
        rows = [f"{area},internet_use,2020,{random.uniform(5, 95):.3f}" for area in areas if random.random() < 0.8]
        write(tmp_path, f"{name}.csv", *rows)
        write(tmp_path, f"{name}_shuffled.csv", *random.permutation(rows))
    first = api.diff(str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), min_coverage=0)
    second = api.diff(str(tmp_path / "a_shuffled.csv"), str(tmp_path / "b_shuffled.csv"), min_coverage=0)
    pd.testing.assert_frame_equal(
        first.decomposition.drop(columns="NOTE"), second.decomposition.drop(columns="NOTE"), check_exact=True
    )
    pd.testing.assert_frame_equal(first.changes, second.changes)


def test_it_fails_above_a_limit(divide, tmp_path):
    a = write(tmp_path, "a.csv", "DEU,internet_use,2020,90.1")
    b = write(tmp_path, "b.csv", "DEU,internet_use,2020,92.1")
    assert divide("diff", a, b, "--fail-above", "2.5").returncode == 0
    failed = divide("diff", a, b, "--fail-above", "1.5")
    assert failed.returncode == 1
    assert "1 figure" in failed.stderr and "more than 1.5, the largest by 2" in failed.stderr


def test_china_stands_out(raw, divide):
    """ITU DataHub of August 2025 against April 2026: 77.5 -> 90.6 in 2023 weighs most of all revisions of that year."""
    files = [str(raw / f"itu_datahub_{name}" / "individuals-using-the-internet.csv") for name in ("2025_08", "2026_04")]
    told = divide("diff", *files, "--year", "2023").stdout
    first = told.split("Largest revisions")[1].splitlines()[4].split()
    assert first[:4] == ["CHN", "2023", "77.5", "90.6"]
    difference = api.diff(*files)
    assert difference.counts["COMMON"].tolist() == [4844]
    assert (difference.changes["DIFFERENCE"].abs() > 0.05).sum() == 299
    kinds = difference.changes["CHANGE"].value_counts()
    assert kinds["precision"] + kinds["revised"] == 3436


def test_frames_have_the_columns_of_their_schemas(divide):
    """JSON and CSV of `diff` and `explain` against schemas/*.json."""
    root = Path(__file__).resolve().parents[2]

    def columns(name: str) -> list[str]:
        fields = json.loads((root / "schemas" / f"{name}.json").read_text("utf-8"))["fields"]
        return [field["name"] for field in fields]

    chosen = ("diff", "wdi_2025_10", "wdi_2026_08", "--year", "2023", "--format")
    document = json.loads(divide(*chosen, "json").stdout)
    assert list(document["changes"][0]) == list(csv(divide(*chosen, "csv"))) == columns("changes")
    terms = csv(divide(*chosen, "csv", "--table", "decomposition"))
    assert list(document["decomposition"][0]) == list(terms) == columns("decomposition")
    explained = ("explain", "internet_use", "LIC", "2024", "--format")
    members = json.loads(divide(*explained, "json").stdout)["members"]
    assert list(members[0]) == list(csv(divide(*explained, "csv"))) == columns("members")
