"""Constant panels: the same economies in all years, the years they are chosen by, and what is said where they change."""

import numpy as np
import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli.analysis.inequality import Inequality, measure_inequality
from divide_cli.analysis.inequality.subgroup_sets import Query
from divide_cli.analysis.panel import changing_reporters, panel_of
from divide_cli.analysis.pipeline import current_values
from divide_cli.analysis.request import Request
from divide_cli.catalogue import catalogue
from divide_cli.errors import NothingComputedError
from divide_cli.sources.groupings import membership, vintage

INCOME = ("LIC", "LMC", "UMC", "HIC")
YEARS = (2018, 2019, 2020, 2021)
# HIC: DEU and FRA in all years. LIC: ETH and MOZ in all years, NER (dear) in the first two, UGA (cheap) in the last two.
PRICES = {
    "DEU": (1.0, 1.0, 1.0, 1.0), "FRA": (2.0, 2.0, 2.0, 2.0), "ETH": (10.0, 9.5, 9.0, 8.5), "MOZ": (12.0, 11.5, 11.0, 10.5),
    "NER": (40.0, 40.0, None, None), "UGA": (None, None, 3.0, 3.0),
}  # fmt: skip


def of_income(indicator: str, **request) -> Inequality:
    return measure_inequality(
        Query(indicator, "income_group", catalogue().comparisons["income"], INCOME), Request(**request)
    )


def one(result: Inequality, measure: str) -> pd.Series:
    (place,) = np.flatnonzero((result.frame[v.MEASURE] == measure).to_numpy())
    return result.frame.iloc[place]


@pytest.fixture
def prices(tmp_path) -> str:
    rows = [
        {"REF_AREA": area, "INDICATOR": "price_mobile_data", "TIME_PERIOD": year, "OBS_VALUE": value}
        for area, values in PRICES.items()
        for year, value in zip(YEARS, values, strict=True)
        if value is not None
    ]
    path = tmp_path / "prices.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return str(path)


def test_the_pace_of_a_panel_is_that_of_its_economies(prices: str) -> None:
    """Medians of DEU, FRA: 1.5. Of ETH, MOZ: 11.0, 10.5, 10.0, 9.5, so that the difference rises by 0.5 a year.

    With NER and UGA the medians are 12, 11.5, 9, 8.5: 1.3 a year.
    """
    medians = pd.DataFrame(PRICES, index=YEARS, dtype=float)
    for choice, poor in (("all", ["ETH", "MOZ", "NER", "UGA"]), ("constant", ["ETH", "MOZ"])):
        gap = medians[["DEU", "FRA"]].median(axis=1) - medians[poor].median(axis=1)
        row = one(of_income("price_mobile_data", files=(prices,), minimum=0.0, panel=choice), "velocity")
        assert row[v.OBS_VALUE] == pytest.approx(np.polyfit(YEARS, gap, 1)[0])
        assert row[v.OBS_VALUE] == pytest.approx(1.3 if choice == "all" else 0.5)


def test_a_panel_names_its_economies_and_a_changing_sample_its_sizes(prices: str) -> None:
    constant = of_income("price_mobile_data", files=(prices,), minimum=0.0, panel="constant")
    assert "constant panel of 4 years, 2018 to 2021: HIC DEU FRA" in one(constant, "velocity")[v.OBS_COMMENT]
    assert "LIC ETH MOZ" in one(constant, "velocity")[v.OBS_COMMENT]
    panel = constant.subgroup_sets[0].panel
    assert panel is not None and panel.years == YEARS
    assert {group: codes for group, codes in panel.economies.items() if codes} == {
        "HIC": ("DEU", "FRA"),
        "LIC": ("ETH", "MOZ"),
    }
    comment = one(of_income("price_mobile_data", files=(prices,), minimum=0.0), "velocity")[v.OBS_COMMENT]
    assert "the economies behind the values change over the years (LIC 3 economies, not always the same)" in comment
    assert "--panel constant" in comment and "HIC 2" not in comment


def test_how_many_economies_change_is_counted() -> None:
    reporters, areas = np.array([[1.0, 7.0], [1.0, 9.0], [1.0, 8.0]]), np.array([[5, 12], [5, 24], [5, 18]])
    assert changing_reporters(("HIC", "LIC"), reporters, areas) == "LIC 12 to 24 economies"


def test_members_need_a_figure_of_each_side_in_each_year() -> None:
    rows = [
        *(("KEN", sex, year, 1.0) for sex in "FM" for year in (2020, 2021)),
        *(("UGA", "F", year, 1.0) for year in (2020, 2021)),
        *(("NGA", sex, year, np.nan if year == 2021 else 1.0) for sex in "FM" for year in (2020, 2021)),
        *(("DEU", sex, year, 1.0) for sex in "FM" for year in (2020, 2021)),
    ]
    figures = pd.DataFrame(rows, columns=["REF_AREA", "SEX", "TIME_PERIOD", "OBS_VALUE"])
    groups = {"AFR": frozenset(("KEN", "UGA", "NGA")), "EUR": frozenset(("DEU", "FRA")), "CIS": frozenset(("RUS",))}
    panel = panel_of(figures, groups, (2020, 2021), "SEX", ("M", "F"))
    assert panel.economies == {"AFR": ("KEN",), "EUR": ("DEU",), "CIS": ()}


def test_the_income_gap_on_economies_that_report_in_all_years() -> None:
    """Weighted means by hand of the low- and the high-income economies with a figure in each of the 17 years."""
    result = of_income("internet_use", editions=("wdi_2026_08",), panel="constant")
    (panel,) = {one_set.panel.years: one_set.panel for one_set in result.subgroup_sets if one_set.panel}.values()
    assert (len(panel.years), panel.years[0], panel.years[-1]) == (17, 2007, 2024) and 2017 not in panel.years
    stated = current_values(
        Request(editions=("wdi_2026_08",)), ("internet_use",), lambda frame, *_: np.ones(len(frame), dtype=bool)
    ).frame
    stated = stated[(stated[v.BASIS] == "stated") & stated[v.TIME_PERIOD].isin(panel.years)]
    values, people = (
        stated.pivot_table(index=v.REF_AREA, columns=v.TIME_PERIOD, values=name, observed=True)
        for name in (v.OBS_VALUE, v.POPULATION)
    )
    members, means = membership(vintage("FY27", pd.Timestamp("2026-08-20").date())).groups, {}
    for group in ("LIC", "HIC"):
        whole = [code for code in sorted(members[group]) if code in values.index and values.loc[code].notna().all()]
        assert tuple(whole) == panel.economies[group]
        means[group] = (values.loc[whole] * people.loc[whole]).sum() / people.loc[whole].sum()
    pace = np.polyfit(panel.years, means["HIC"] - means["LIC"], 1)[0]
    assert one(result, "velocity")[v.OBS_VALUE] == pytest.approx(pace) and 0.80 < pace < 0.82
    assert means["LIC"][2007] == pytest.approx(1.0, abs=0.05)


def test_a_panel_that_covers_few_people_says_so() -> None:
    """The 14 low-income economies of the panel have 70.1 % of the people of the group in some year."""
    row = one(of_income("internet_use", editions=("wdi_2026_08",), panel="constant"), "velocity")
    assert row[v.OBS_STATUS] == v.NORMAL
    below = "it covers 70.1 % of LIC (people), below 75 %: the values are those of the panel, not of the whole group"
    assert below in row[v.OBS_COMMENT] and below in row[v.PANEL_TEXT]
    enough = one(of_income("internet_use", editions=("wdi_2026_08",), panel="constant", minimum=70.0), "velocity")
    assert "it covers" not in enough[v.OBS_COMMENT]


def test_published_groups_have_no_panel() -> None:
    request = {"editions": ("itu_aggregates_2024_11",)}
    frames = [of_income("internet_use", **request, panel=choice).frame for choice in ("all", "constant")]
    pd.testing.assert_frame_equal(*frames)
    assert not frames[0][v.OBS_COMMENT].astype(str).str.contains("panel").any()


def test_without_an_economy_in_every_year_there_is_no_panel(tmp_path) -> None:
    path = tmp_path / "changing.csv"
    path.write_text(
        "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nETH,price_mobile_data,2020,5\nDEU,price_mobile_data,2020,1\n"
        "MOZ,price_mobile_data,2021,4\nFRA,price_mobile_data,2021,1\n"
    )
    with pytest.raises(NothingComputedError) as error:
        of_income("price_mobile_data", files=(str(path),), minimum=0.0, panel="constant")
    assert error.value.code == "panel_empty" and "each of the 2 years from 2020 to 2021" in str(error.value)


def test_economies_themselves_are_those_of_the_panel() -> None:
    """Over REF_AREA, a panel has the economies of the area with a figure in every year."""
    query = Query("internet_use", "REF_AREA", None, ())
    request = Request(editions=("wdi_2026_08",), areas=("CIS",), panel="constant")
    (latest,) = measure_inequality(query, request).subgroup_sets
    assert latest.panel is not None and latest.codes == latest.panel.economies["CIS"]
