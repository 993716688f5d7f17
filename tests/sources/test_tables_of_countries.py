"""Tables of countries from anywhere: names in words, series or years in columns, and what they must not become.

All values are made up. What a table says is worked out by hand beside it.
"""

from pathlib import Path
from typing import Any

import pytest

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.errors import SourceError
from divide_cli.readers import ReadOptions
from divide_cli.readers.mapping.names import series_named
from divide_cli.readers.national.series import Vocabulary


def read(tmp_path: Path, text: str, name: str = "table.csv", **options: Any) -> Any:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return readers.read(str(path), "x", ReadOptions(strict=False, **options))


def refused(found: Any) -> dict[str, int]:
    """Code -> rejected rows."""
    return {pile.code: pile.rows for pile in found.readings[0].refused}


@pytest.mark.parametrize(
    "text",
    [
        "Individuals NOT using the Internet",
        "Percentage of people who never used the Internet",
        "Individus n'utilisant pas Internet",
        "Personas que no utilizan Internet",
        "Доля населения, не пользующегося интернетом",
        "Доля населения, никогда не пользовавшегося интернетом",
        "Доля населения, имеющего доступ к интернету",
    ],
)
def test_those_who_do_not_use_it_are_never_users(text: str) -> None:
    """The share of those without is 100 less the share of users, and access at home is another indicator."""
    assert Vocabulary("17.8.1", "").meaning(text) is None
    assert series_named(text) is None


def test_no_hint_offers_what_a_label_denies(tmp_path: Path) -> None:
    text = "Year,Series,Value\n2031,Individuals NOT using the internet,18.5\n2031,Individuals using the internet,81.5\n"
    found = read(tmp_path, text, "indicator_17-8-1.csv", area="ATG")
    (pile,) = found.readings[0].refused
    assert (found.frame[v.OBS_VALUE].tolist(), pile.code) == ([81.5], "series_unknown")
    assert "did you mean" not in pile.reason


def test_a_title_names_its_indicator_only_if_it_says_what_it_is() -> None:
    """Counts and rates have the same short titles, and a word of a title may be of another matter."""
    assert series_named("Individuals using the Internet (% of population)") == {v.INDICATOR: "internet_use"}
    assert series_named("IT.NET.USER.ZS") == {v.INDICATOR: "internet_use"}
    assert series_named("Fixed-broadband subscriptions per 100 inhabitants") == {
        v.INDICATOR: "fixed_broadband_subscriptions"
    }
    for text in ("Fixed broadband subscriptions", "Internet users", "Number of Internet users", "Price of 4G plans"):
        assert series_named(text) is None


def test_other_columns_of_a_table_of_countries_are_neither_series_nor_breakdowns(tmp_path: Path) -> None:
    """Texts that each country has one of describe it: no dimension is left, and the numbers of rows are none."""
    text = (
        ",country,continent,year,internet_users_pct,source\n0,Kenya,Africa,2031,40.5,Survey\n"
        "1,Kenya,Africa,2032,41.5,Survey\n2,Fiji,Oceania,2031,70.5,Estimate\n"
    )
    found = read(tmp_path, text, indicator="internet_use")
    assert (found.dimensions, found.frame[v.OBS_VALUE].tolist()) == ((), [40.5, 41.5, 70.5])
    assert read(tmp_path, text.replace("Oceania", "Africa"), indicator="internet_use").dimensions == ()
    national = read(tmp_path, ",Year,Sex,Value\n0,2031,,40.5\n1,2031,Female,39.5\n", "indicator_17-8-1.csv", area="KEN")
    assert national.dimensions == ()


def test_regions_of_the_world_and_income_groups_describe_the_countries(tmp_path: Path) -> None:
    """A region of the world beside a country makes neither a group nor a part of it; the region of a country does."""
    text = (
        "Country,Region,Income group,Year,Individuals using the Internet (% of population)\n"
        "Kenya,Sub-Saharan Africa,Low income,2031,40.5\nKenya,Sub-Saharan Africa,Lower middle income,2032,41.5\n"
        "Fiji,East Asia & Pacific,Upper middle income,2031,70.5\n"
    )
    found = read(tmp_path, text)
    assert (found.dimensions, found.frame[v.OBS_VALUE].tolist()) == ((), [40.5, 41.5, 70.5])
    parts = read(
        tmp_path, "Country,Region,Year,Individuals using the Internet (% of population)\nKenya,Nairobi,2031,60\n"
    )
    assert parts.frame["SUBNATIONAL_AREA"].astype(str).tolist() == ["Nairobi"]


def test_a_number_below_no_head_is_said(tmp_path: Path) -> None:
    """A value beside the last year, in a column without a name, is in no figure and in a note."""
    found = read(
        tmp_path, "country;2031;2032;\nKenya;40.5;41.5;\nFaeroe Islands;70.5;71.5;92.5\n", indicator="internet_use"
    )
    assert (found.dimensions, found.frame[v.OBS_VALUE].tolist()) == ((), [40.5, 41.5, 70.5, 71.5])
    assert found.readings[0].notes == ("column 4 has no name, and is not read",)


def test_a_table_of_countries_is_never_one_of_regions(tmp_path: Path) -> None:
    """Neither --area nor names that are no country make figures of an area."""
    text = "country,year,internet_users_pct\nKenya,2031,40.5\nFiji,2031,70.5\n"
    with pytest.raises(SourceError, match="does not apply"):
        read(tmp_path, text, indicator="internet_use", area="FRA")
    of_groups = "country,year,internet_users_pct\nWorld,2031,40.5\nLow-income somewhere,2031,20.5\n"
    found = read(tmp_path, of_groups, indicator="internet_use", area="FRA")
    assert (len(found.frame), refused(found)) == (0, {"area_name_unknown": 1})


def test_unknown_series_of_a_table_are_one_finding(tmp_path: Path) -> None:
    text = "country,year,gdp,trees,cars\nKenya,2031,1,2,3\nFiji,2031,4,5,6\n"
    found = read(tmp_path, text)
    assert (len(found.readings[0].refused), refused(found)) == (1, {"series_unknown": 6})


def test_sexes_as_columns_of_a_table_of_countries_are_one_series(tmp_path: Path) -> None:
    found = read(tmp_path, "Country,Year,Total,Male,Female\nKenya,2031,40.5,41.5,39.5\n", indicator="internet_use")
    assert found.frame[[v.SEX, v.OBS_VALUE]].astype(object).to_numpy().tolist() == [
        ["_T", 40.5],
        ["M", 41.5],
        ["F", 39.5],
    ]


def test_a_table_of_eurostat_without_its_indicator_takes_that_of_the_user(tmp_path: Path) -> None:
    """Some tables are of one indicator, which only their title names."""
    text = (
        "DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\n"
        "ESTAT:X(1.0),01/01/31 11:00:00,A,PC_HH,AT,2031,80.5,\nESTAT:X(1.0),01/01/31 11:00:00,A,PC_HH,AT1,2031,81.5,\n"
    )
    found = read(tmp_path, text, indicator="households_with_internet")
    assert found.frame[[v.REF_AREA, v.OBS_VALUE]].astype(object).to_numpy().tolist() == [["AUT", 80.5]]


def test_a_state_of_the_name_of_its_country_keeps_its_parts(tmp_path: Path) -> None:
    text = (
        "Year,Entidad federativa,Municipio,Value\n2031,Estados Unidos Mexicanos,,70.5\n2031,México,,72.5\n"
        "2031,México,Toluca,81.5\n2031,Colima,,75.5\n"
    )
    found = read(tmp_path, text, "indicator_17-8-1.csv", area="MEX")
    assert found.frame["SUBNATIONAL_AREA"].astype(str).tolist() == ["_T", "México", "México/Toluca", "Colima"]


def test_one_misspelt_code_among_others_stays_an_error(tmp_path: Path) -> None:
    """Names are read only where a column has no code."""
    text = "DATAFLOW,REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\nX,KEN,internet_use,F,2031,40.5\n"
    found = read(tmp_path, text + "X,KEN,internet_use,Male,2031,41.5\n")
    assert (found.frame[v.OBS_VALUE].tolist(), refused(found)) == ([40.5], {"code_unknown": 1})


def test_quarters_are_not_years_with_a_footnote(tmp_path: Path) -> None:
    """A mark behind the year is a footnote as long as each year has one; several are quarters."""
    footnotes = read(tmp_path, "Year,Value\n2030/1,40.5\n2031/2,41.5\n", "indicator_17-6-1.csv", area="MEX")
    assert footnotes.frame[v.TIME_PERIOD].tolist() == [2030, 2031]
    quarters = read(tmp_path, "Year,Value\n2030/1,40.5\n2030/2,41.5\n2031,42\n", "indicator_17-6-1.csv", area="MEX")
    assert (quarters.frame[v.TIME_PERIOD].tolist(), refused(quarters)) == ([2031], {"period_not_a_year": 1})
    assert sum(pile.rows for pile in quarters.readings[0].refused) == 2


def test_the_name_of_the_file_alone_is_said_to_name_the_series(tmp_path: Path) -> None:
    """Offices number their own indicators too: 4.4.1 of a country may be another matter."""
    found = read(tmp_path, "Year,Value\n2030,3.5\n2031,4\n", "indicator_4-4-1.csv", area="UKR")
    says = "the file does not name its series: the number 4.4.1 in the file name says ict_skills_national"
    assert says in found.readings[0].notes


def test_codes_of_eurostat_are_known_among_countries(tmp_path: Path) -> None:
    text = "geo,year,value\nEL,2031,40.5\nUK,2031,41.5\nAT,2031,42.5\nEU27_2020,2031,43.5\n"
    found = read(tmp_path, text, indicator="internet_use")
    assert found.frame[v.REF_AREA].astype(str).tolist() == ["GRC", "GBR", "AUT"]
