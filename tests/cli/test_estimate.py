"""`--estimate`: what is marked, what stays as reported, and what explain and reproduce say."""

import io
import json

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

from divide_cli import api
from divide_cli.claims import reproduce as claims
from tests.runner import divide

CHOICE = {"indicators": ["internet_use"], "beside": False}
WDI = {**CHOICE, "editions": ["wdi_2026_08"]}


@pytest.fixture(scope="module")
def plain():
    """Group values of the embedded editions."""
    return api.compute(**CHOICE)


@pytest.fixture(scope="module")
def estimated():
    """The same with estimates."""
    return api.compute(**CHOICE, estimate=True)


def test_parquet_describes_the_columns_of_estimates(tmp_path):
    """The share of people is in percent, estimates in the unit of the row (schemas/estimates.json), as for other columns."""
    words = ("--indicator", "internet_use", "--area", "AFR", "--year", "2023", "--estimate", "--out", ".")
    assert divide(tmp_path, "compute", *words).returncode == 0
    for name in ("gaps", "aggregates"):
        schema = pyarrow.parquet.read_schema(tmp_path / f"{name}.parquet")
        units = {column: (schema.field(column).metadata or {}).get(b"unit") for column in ("EST_VALUE", "EST_SHARE")}
        assert units == {"EST_VALUE": b"UNIT_MEASURE", "EST_SHARE": b"PT"}


def at(frame: pd.DataFrame, **key: object) -> pd.Series:
    """The one row of that key."""
    rows = frame[np.logical_and.reduce([(frame[name] == code).to_numpy() for name, code in key.items()])]
    assert len(rows) == 1, key
    return rows.iloc[0]


def test_what_economies_report_stays(plain, estimated):
    """Every group value and gap that there was has the same value, bounds, coverage and status; none has EST_*."""
    assert not [name for name in plain.aggregates if name.startswith("EST_")]
    key = ["INDICATOR", "REF_AREA", "SEX", "AGE", "URBANISATION", "TIME_PERIOD", "EDITION"]
    for before, after, own in (
        (plain.aggregates, estimated.aggregates, key),
        (plain.gaps, estimated.gaps, [*key, "GAP", "MEASURE"]),
    ):
        columns = [*own, "OBS_VALUE", "BOUND_LOWER", "BOUND_UPPER", "COVERAGE", "OBS_STATUS"]
        text = dict.fromkeys((*own, "OBS_STATUS"), str)
        both = before[columns].astype(text).merge(after[columns].astype(text), on=own, suffixes=("", "_after"))
        assert len(both) == len(before)
        for name in columns[len(own) :]:
            pd.testing.assert_series_equal(both[name], both[f"{name}_after"], check_names=False)


def test_a_group_estimate_is_the_mean_of_all_members(estimated):
    """ARB in 2024: 17 economies as reported and 4 estimates, weighted by people, recomputed from `explain`."""
    explained = api.explain(["internet_use", "ARB", "2024"], estimate=True)
    from divide_cli.reports import explain as report

    members = pd.read_csv(io.StringIO(report.output(*explained).texts["csv"]()))
    values = members["OBS_VALUE"].fillna(members["EST_VALUE"])
    row = at(estimated.aggregates, REF_AREA="ARB", TIME_PERIOD=2024, EDITION="wdi_2026_08", SEX="_T")
    assert row["EST_VALUE"] == pytest.approx((values * members["WEIGHT"]).sum() / members["WEIGHT"].sum())
    missing = members["OBS_VALUE"].isna()
    assert row["EST_N_AREAS"] == missing.sum() == 4
    assert row["EST_SHARE"] == pytest.approx(100 * members.loc[missing, "WEIGHT"].sum() / members["WEIGHT"].sum())
    assert row["EST_LOWER"] < row["EST_VALUE"] < row["EST_UPPER"]
    assert row["EST_KIND"] == "filled"
    assert set(members.loc[missing, "REF_AREA"]) == {"SDN", "YEM", "SYR", "DJI"}
    assert members.loc[members["REF_AREA"] == "SDN", "RESTS_ON"].item() == "its value of 2017"
    assert members.loc[members["REF_AREA"] == "SDN", "DONORS"].item() == "SOM"


def test_an_estimate_is_inside_the_bounds(estimated):
    """No estimate can be outside what the missing could make of the value at worst."""
    rows = estimated.aggregates
    rows = rows[rows["EST_VALUE"].notna() & rows["BOUND_LOWER"].notna() & (rows["N_AREAS_TOTAL"] > 1)]
    assert len(rows) > 300
    assert (rows["EST_VALUE"] >= rows["BOUND_LOWER"] - 1e-9).all()
    assert (rows["EST_VALUE"] <= rows["BOUND_UPPER"] + 1e-9).all()


def test_levels_of_economies_are_marked():
    """Sudan last reported in 2017: later levels have status E; that of 2025, which nobody reports, is a nowcast."""
    levels = api.compute(**WDI, areas=["SDN", "KEN"], years=["2017:2025"], estimate=True).aggregates
    kinds = {(row.REF_AREA, row.TIME_PERIOD): (row.OBS_STATUS, row.EST_KIND) for row in levels.itertuples()}
    assert kinds["SDN", 2017] == ("A", "reported")
    assert kinds["SDN", 2018] == kinds["SDN", 2024] == ("E", "filled")
    assert kinds["KEN", 2024] == ("A", "reported")
    assert kinds["SDN", 2025] == kinds["KEN", 2025] == ("E", "nowcast")
    assert max(year for _, year in kinds) == 2025


def test_a_choice_does_not_change_an_estimate(estimated):
    """The same bytes from the same inputs, and the same estimate whatever else is asked."""
    again = api.compute(**CHOICE, estimate=True)
    for one, other in ((estimated.aggregates, again.aggregates), (estimated.gaps, again.gaps)):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    narrow = api.compute(**WDI, areas=["LIC"], years=["2023"], estimate=True).aggregates
    wide = at(estimated.aggregates, REF_AREA="LIC", TIME_PERIOD=2023, EDITION="wdi_2026_08", SEX="_T")
    names = ["EST_VALUE", "EST_LOWER", "EST_UPPER"]
    assert at(narrow, REF_AREA="LIC", TIME_PERIOD=2023)[names].tolist() == wide[names].tolist()


def test_women_and_men_make_the_total():
    """Kenya in 2023 reported no figure by sex: the two, weighted by people, are its total of that year."""
    sides = api.compute(**CHOICE, editions=["wdi_by_sex_2019_2023"], areas=["KEN"], years=["2023"], estimate=True)
    total = api.compute(**WDI, areas=["KEN"], years=["2023"]).aggregates["OBS_VALUE"].item()
    levels = sides.aggregates.set_index(sides.aggregates["SEX"].astype(str))["OBS_VALUE"]
    people = pd.read_csv(api_data("wdi_population_2026_07"))
    people = people[(people["REF_AREA"] == "KEN") & (people["TIME_PERIOD"] == 2023) & (people["URBANISATION"] == "_T")]
    persons = people.set_index("SEX")["OBS_VALUE"]
    assert (levels["F"] * persons["F"] + levels["M"] * persons["M"]) / persons["_T"] == pytest.approx(total)
    gap = at(sides.gaps, GAP="internet_use_sex", MEASURE="absolute_difference", REF_AREA="KEN", TIME_PERIOD=2023)
    assert gap["EST_VALUE"] == pytest.approx(levels["M"] - levels["F"])


def api_data(edition: str):
    """The file of an embedded edition."""
    from divide_cli.catalogue import data_dir

    return data_dir() / "sources" / edition / "observations.csv"


def test_few_economies_are_not_estimated(tmp_path):
    """A file of one economy has no donors: nothing is estimated, and the notes say so."""
    (tmp_path / "own.csv").write_text(
        "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,2020,30\nKEN,internet_use,2021,\n", encoding="utf-8"
    )
    done = divide(tmp_path, "compute", "own.csv", "--estimate", "--no-write", columns=200)
    assert done.returncode == 0, done.stderr
    assert "No estimates: there are models for internet_use only, if enough economies report" in done.stdout


def test_compute_prints_the_estimate_beside_the_others(tmp_path):
    done = divide(
        tmp_path, "compute", "--indicator", "internet_use", "--year", "2024", "--area", "ARB", "--estimate", "--no-write",
        columns=200,
    )  # fmt: skip
    line = next(line for line in done.stdout.splitlines() if line.split()[:3] == ["ARB", "2024", "79.7"])
    assert "76.0 %" in line
    assert "70.0 [67.8, 72.7] e" in line
    assert "68.6" in line
    assert "Estimated (e): economies that report, and estimates of the others, with an interval of 90 %" in done.stdout


def test_no_verdict_rests_on_an_estimate():
    """Verdicts with and without estimates are the same; each estimate is of a claim that reports do not decide."""
    without, with_estimates = api.reproduce(), api.reproduce(estimate=True)
    judged = [
        [(o.id, o.verdict, {b: j.verdict for b, j in o.judgements.items()}) for o in one.outcomes]
        for one in (without, with_estimates)
    ]
    assert judged[0] == judged[1]
    found = [outcome for outcome in with_estimates.outcomes if outcome.estimate]
    assert len(found) > 30
    for outcome in found:
        number = outcome.estimate.number
        assert outcome.judgements["countries"].verdict == claims.Verdict.NOT_COMPUTABLE
        assert number.lower <= number.value <= number.upper
        assert outcome.estimate.confirms == outcome.figure.meets(number.lower, number.upper)


def test_explain_profile_and_diff_take_estimates(tmp_path):
    done = divide(tmp_path, "explain", "internet_use", "ARB", "2024", "--estimate", columns=200)
    assert "ARB: 4 estimates" in done.stdout
    assert "Donors LIC x ARB: SOM." in done.stdout
    done = divide(tmp_path, "profile", "SDN", "--estimate", columns=200)
    level = next(line for line in done.stdout.splitlines() if line.split()[:3] == ["Internet", "use", "2024"])
    assert "38.5 [25.8, 53.4] e" in level
    done = divide(
        tmp_path,
        "diff",
        "wdi_2025_10",
        "wdi_2026_08",
        "--year",
        "2023",
        "--area",
        "WLD",
        "--estimate",
        "--format",
        "json",
    )
    rows = json.loads(done.stdout)["estimates"]
    row = next(row for row in rows if row["REF_AREA"] == "WLD" and row["SEX"] == "_T")
    assert row["DIFFERENCE"] == pytest.approx(row["EST_VALUE_TO"] - row["EST_VALUE_FROM"])
    assert row["EST_VALUE_TO"] == pytest.approx(69.8, abs=0.05)


def test_a_break_that_is_back_cast_is_an_estimate(monkeypatch):
    """China as declared is kept: 75.6 in 2022. Declared as back-cast, its earlier values count as estimates."""
    from msgspec import structs

    from divide_cli.catalogue import catalogue

    model = catalogue().estimates["estimates"]
    chinese = structs.replace(model.breaks[0], treatment="back_cast")
    kept = at(api.compute(**WDI, areas=["UMC"], years=["2022"], estimate=True).aggregates, REF_AREA="UMC")
    monkeypatch.setitem(catalogue().estimates, "estimates", structs.replace(model, breaks=(chinese,)))
    back = at(api.compute(**WDI, areas=["UMC"], years=["2022"], estimate=True).aggregates, REF_AREA="UMC")
    assert kept["OBS_VALUE"] == back["OBS_VALUE"]
    assert back["EST_N_AREAS"] == kept["EST_N_AREAS"] + 1
    assert 5 < back["EST_VALUE"] - kept["EST_VALUE"] < 9
