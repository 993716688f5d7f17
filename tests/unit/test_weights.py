"""Populations that weigh: interpolation, age bands, the second source, the user's file."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue, data_dir
from divide_cli.catalogue.codelists import age_span
from divide_cli.errors import SourceError
from divide_cli.frames.columns import category
from divide_cli.sources.population import Population, Table, _tiles, people_behind, weight_of

WDI, WPP = "wdi_population_2026_07", "un_wpp_2024"
TOTALS = {v.SEX: "_T", v.AGE: "_T", v.URBANISATION: "_T"}


def rows(edition: str, **key: str) -> pd.DataFrame:
    """The committed rows of an edition, read with pandas alone."""
    frame = pd.read_csv(data_dir() / "sources" / edition / "observations.csv", dtype=str, keep_default_na=False)
    for name, code in key.items():
        frame = frame[frame[name] == code]
    return frame.assign(OBS_VALUE=frame["OBS_VALUE"].astype(float))


def table(weight: str, *years: int, population: Population | None = None, **breakdown: Any) -> Table:
    asked = np.array(years, dtype=np.int16)
    return (population or Population()).table(catalogue().weights[weight], {**TOTALS, **breakdown}, asked)


def of(found: Table, area: str) -> list[float]:
    return [float(value) for value in found.persons[area_row(area)]]


def area_row(area: str) -> int:
    return list(category(v.REF_AREA).categories).index(area)


def wpp(area: str, year: int, first: int, sex: str = "") -> float:
    """People of `first` years and over by UN WPP, added up from the file."""
    known = rows(WPP, REF_AREA=area, TIME_PERIOD=str(year), **({"SEX": sex} if sex else {}))
    old = [int(age.removeprefix("Y_GE").removeprefix("Y").split("T")[0]) >= first for age in known["AGE"]]
    return float(known.loc[old, "OBS_VALUE"].sum())


def test_total_population_is_the_world_banks() -> None:
    (expected,) = rows(WDI, REF_AREA="FRA", SEX="_T", URBANISATION="_T", TIME_PERIOD="2020")["OBS_VALUE"]
    found = table("population", 2020)
    assert of(found, "FRA") == [expected]
    assert found.sources[found.origin[area_row("FRA"), 0]] == WDI


@pytest.mark.parametrize("breakdown", [{v.SEX: "F"}, {v.SEX: "M"}, {v.URBANISATION: "URB"}, {v.URBANISATION: "RUR"}])
def test_women_are_weighed_by_women_and_urban_people_by_urban_people(breakdown: dict[str, Any]) -> None:
    key = {v.SEX: "_T", v.URBANISATION: "_T", **breakdown}
    (expected,) = rows(WDI, REF_AREA="KEN", TIME_PERIOD="2021", **key)["OBS_VALUE"]
    assert of(table("population", 2021, **breakdown), "KEN") == [expected]


def test_wpp_is_linear_between_its_years() -> None:
    """WPP has 2020 and 2025; 2022 is two fifths of the way from the first to the second."""
    before, after = wpp("KEN", 2020, 10), wpp("KEN", 2025, 10)
    found = of(table("population_10_plus", 2020, 2022, 2025), "KEN")
    assert found[0] == before
    assert found[2] == after
    assert found[1] == pytest.approx(before + (after - before) * 2 / 5, rel=1e-12)  # one rounding of a float


def test_no_population_before_the_first_and_after_the_last_year() -> None:
    found = of(table("population_10_plus", 1989, 1990, 2030, 2031), "KEN")
    assert np.isnan(found).tolist() == [True, False, False, True]


def test_label_declares_the_interpolation() -> None:
    assert table("population_10_plus", 2020, 2025).label == "population aged 10 and over (un_wpp_2024)"
    assert (
        table("population_10_plus", 2024).label == "population aged 10 and over (un_wpp_2024, linear between its years)"
    )


def test_ten_and_over_is_the_sum_of_both_sexes_and_nineteen_bands() -> None:
    assert of(table("population_10_plus", 2020), "NER") == [wpp("NER", 2020, 10)]
    assert of(table("population_10_plus", 2020, SEX="F"), "NER") == [wpp("NER", 2020, 10, "F")]


def test_fifteen_to_24_is_two_bands() -> None:
    known = rows(WPP, REF_AREA="NER", TIME_PERIOD="2020")
    expected = known.loc[known["AGE"].isin(["Y15T19", "Y20T24"]), "OBS_VALUE"].sum()
    assert of(table("population", 2020, AGE="Y15T24"), "NER") == [expected]


def test_youngest_age_of_the_weight_cuts_a_band() -> None:
    """0 to 14 years of a weight that begins at 10 is 10 to 14."""
    known = rows(WPP, REF_AREA="NER", TIME_PERIOD="2020", AGE="Y10T14")
    assert of(table("population_10_plus", 2020, AGE="Y0T14"), "NER") == [known["OBS_VALUE"].sum()]


@pytest.mark.parametrize("age", ["Y16T24", "Y16T74", "Y_GE18", "Y_GE6"])
def test_a_band_that_no_five_year_groups_fill_has_no_weight(age: str) -> None:
    assert np.isnan(table("population", 2020, AGE=age).persons).all()


@pytest.mark.parametrize(
    "breakdown", [{v.AGE: "Y15T24", v.URBANISATION: "URB"}, {v.SEX: "_Z"}, {v.AGE: "_Z"}, {"EDUCATION": "ISCED11_1"}]
)
def test_a_breakdown_that_no_edition_counts_has_no_weight(breakdown: dict[str, Any]) -> None:
    found = table("population", 2020, **breakdown)
    assert np.isnan(found.persons).all()
    assert found.label == "population of all ages (none for this breakdown)"


def test_total_of_a_further_dimension_is_the_whole_population() -> None:
    assert of(table("population", 2020, EDUCATION="_T"), "KEN") == of(table("population", 2020), "KEN")


def test_taiwan_is_taken_from_wpp_and_marked() -> None:
    found = table("population", 2020)
    assert of(found, "TWN") == [wpp("TWN", 2020, 0)]
    assert found.sources[found.origin[area_row("TWN"), 0]] == WPP
    assert found.label == f"population of all ages ({WDI}; then {WPP})"


def test_what_was_read_is_noted_only_where_it_weighed_anything() -> None:
    population = Population()
    table("population_10_plus", 2020, population=population)
    assert list(population.readings) == [WPP]
    table("population", 2020, population=population, AGE="Y16T24")
    assert list(population.readings) == [WPP]


def own(tmp_path: Path, text: str) -> Population:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    return Population(str(path))


def test_users_file_of_another_scope_stands_alone(tmp_path: Path) -> None:
    population = own(
        tmp_path, "REF_AREA,SEX,TIME_PERIOD,OBS_VALUE\nFRA,_T,2020,1000\nFRA,_T,2024,2000\nKEN,_T,2020,7\n"
    )
    found = table("population", 2020, 2021, 2024, population=population)
    assert of(found, "FRA") == [1000, 1250, 2000]  # a quarter of the way: 1000 + 1000 / 4
    assert np.isnan(of(found, "USA")).all()
    assert np.isnan(of(found, "KEN")[1:]).all()
    label = f"people.csv alone: its scope is not that of {WDI}, linear between its years"
    assert found.label == f"population of all ages ({label})"
    assert list(population.readings) == ["people.csv"]


def world_bank(area: str, year: int, **key: str) -> float:
    (persons,) = rows(WDI, REF_AREA=area, TIME_PERIOD=str(year), **{"SEX": "_T", "URBANISATION": "_T", **key})[
        "OBS_VALUE"
    ]
    return float(persons)


def test_users_file_replaces_the_editions_for_what_it_holds(tmp_path: Path) -> None:
    """Benin in 2020 and Togo are the file's; Benin in 2021 and Kenya are the World Bank's; Taiwan is in WPP only."""
    benin, togo = 1.1 * world_bank("BEN", 2020), 0.9 * world_bank("TGO", 2020)
    text = f"REF_AREA,TIME_PERIOD,OBS_VALUE\nBEN,2020,{benin}\nTGO,2020,{togo}\nTGO,2021,{togo}\n"
    population = own(tmp_path, text)
    found = table("population", 2020, 2021, population=population)
    assert of(found, "BEN") == [benin, world_bank("BEN", 2021)]
    assert of(found, "TGO") == [togo, togo]
    assert of(found, "KEN") == [world_bank("KEN", 2020), world_bank("KEN", 2021)]
    assert of(found, "TWN")[0] == wpp("TWN", 2020, 0)
    assert (
        found.label
        == f"population of all ages (people.csv for BEN, TGO; then {WDI}; then {WPP}, linear between its years)"
    )
    assert [found.sources[at] for at in found.origin[area_row("BEN")]] == ["people.csv", WDI]
    women = table("population", 2020, population=population, SEX="F")  # the file does not count them
    assert of(women, "BEN") == [world_bank("BEN", 2020, SEX="F")]
    assert of(table("population_10_plus", 2020, population=population), "BEN") == [wpp("BEN", 2020, 10)]


def test_of_many_areas_of_a_users_file_the_label_gives_the_number(tmp_path: Path) -> None:
    codes = ("BEN", "TGO", "NER", "MLI", "KEN", "UGA")
    lines = [f"{code},2020,{world_bank(code, 2020)}" for code in codes]
    population = own(tmp_path, "\n".join(["REF_AREA,TIME_PERIOD,OBS_VALUE", *lines]))
    assert table("population", 2020, population=population).label.startswith(
        "population of all ages (people.csv for 6 areas;"
    )


@pytest.mark.parametrize(("factor", "fits"), [(1.24, True), (1.26, False), (0.81, True), (0.79, False), (0.001, False)])
def test_a_users_file_has_our_scope_if_it_counts_as_many_people(tmp_path: Path, factor: float, fits: bool) -> None:
    """The median quotient of the file and ours is compared with 1.25 and its inverse 0.8."""
    lines = [f"{code},2020,{round(world_bank(code, 2020) * factor)}" for code in ("BEN", "TGO", "NER")]
    population = own(tmp_path, "\n".join(["REF_AREA,TIME_PERIOD,OBS_VALUE", *lines]))
    assert np.isnan(of(table("population", 2020, population=population), "KEN"))[0] == (not fits)
    # the file has nothing by sex: its totals decide
    assert np.isnan(of(table("population", 2020, population=population, SEX="F"), "BEN"))[0] == (not fits)


def test_a_total_is_added_up_where_the_file_has_only_its_parts(tmp_path: Path) -> None:
    """France has a total; Kenya has both sexes, Niger urban and rural areas; Uganda has women only."""
    lines = [
        "FRA,_T,_T,1000",
        "FRA,F,_T,900",
        "FRA,M,_T,900",
        "KEN,F,_T,20",
        "KEN,M,_T,30",
        "NER,_T,URB,4",
        "NER,_T,RUR,6",
        "UGA,F,_T,5",
    ]
    rows = [line.rsplit(",", 1)[0] + ",2020," + line.rsplit(",", 1)[1] for line in lines]
    population = own(tmp_path, "\n".join(["REF_AREA,SEX,URBANISATION,TIME_PERIOD,OBS_VALUE", *rows]))
    found = table("population", 2020, population=population)
    assert [of(found, code) for code in ("FRA", "KEN", "NER")] == [[1000], [50], [10]]
    assert np.isnan(of(found, "UGA")).all()


def test_users_file_without_the_breakdown_has_no_weight(tmp_path: Path) -> None:
    population = own(tmp_path, "REF_AREA,TIME_PERIOD,OBS_VALUE\nFRA,2020,1000\n")
    assert np.isnan(table("population", 2020, population=population, SEX="F").persons).all()


def test_total_is_added_up_from_both_sexes(tmp_path: Path) -> None:
    population = own(tmp_path, "REF_AREA,SEX,TIME_PERIOD,OBS_VALUE\nFRA,F,2020,600\nFRA,M,2020,400\nKEN,F,2020,5\n")
    found = table("population", 2020, population=population)
    assert of(found, "FRA") == [1000]
    assert np.isnan(of(found, "KEN")).all()  # one sex is not the whole


def test_users_file_of_another_indicator_or_with_negative_people(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="outside the range"):
        table("population", 2020, population=own(tmp_path, "REF_AREA,TIME_PERIOD,OBS_VALUE\nFRA,2020,-1\n"))


def test_tiles_are_the_finest_that_fill_the_span() -> None:
    held = [(0, 4), (0, 14), (5, 9), (10, 14), (15, 24), (25, 1000)]
    assert _tiles(held, (0, 14)) == [(0, 4), (5, 9), (10, 14)]
    assert _tiles(held, (15, 1000)) == [(15, 24), (25, 1000)]
    assert _tiles(held, (15, 20)) == []
    assert _tiles(held, (3, 9)) == []


def test_spans_of_ages() -> None:
    assert [age_span(code) for code in ("_T", "Y15T24", "Y_GE75", "Y3T9")] == [(0, 999), (15, 24), (75, 999), (3, 9)]
    assert [age_span(code) for code in ("_Z", "Y24T15", "15-24", "")] == [None] * 4


def breakdowns(*records: tuple[str, str, str]) -> pd.DataFrame:
    rows = [
        {v.INDICATOR: indicator, **TOTALS, v.SEX: sex, "EDUCATION": education} for indicator, sex, education in records
    ]
    return pd.DataFrame(rows).astype("category").assign(**{v.TIME_PERIOD: 2020})


def test_breakdowns_with_the_same_people_share_a_table() -> None:
    asked = breakdowns(
        ("internet_use", "F", "_T"), ("coverage_4g", "F", "_T"), ("mobile_ownership", "F", "_T"), ("internet_use", "M", "_T"),
        ("internet_use", "M", "ISCED11_1"), ("internet_use", "F", "ISCED11_2"),
    )  # fmt: skip
    people = people_behind(asked, ["EDUCATION"], Population())
    assert people.table.tolist() == [0, 0, 3, 2, 1, 1]
    assert len(people.tables) == 4
    assert np.isnan(people.persons[1]).all()


def test_indicator_without_a_weight_counts_the_whole_population() -> None:
    assert weight_of("skill_privacy_settings").id == "population"
    assert weight_of("mobile_ownership").id == "population_10_plus"
