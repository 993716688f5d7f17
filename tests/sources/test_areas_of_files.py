"""Where is this? The cells of a column say what it is: the nation, its parts, countries, groups, urban and rural."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from divide_cli import readers
from divide_cli.errors import SourceError
from divide_cli.frames.observations import Observations
from divide_cli.readers import ReadOptions


def read(folder: Path, lines: Sequence[str], area: str = "", name: str = "indicator_17-8-1.csv") -> Observations:
    (folder / name).write_text("\n".join([*lines, ""]), encoding="utf-8")
    content = readers.read(str(folder / name), "", ReadOptions("", area, strict=False))
    assert isinstance(content, Observations)
    return content


def areas(content: Observations) -> list[str]:
    return content.frame["REF_AREA"].astype(str).tolist()


def parts(content: Observations) -> list[str]:
    column = content.frame.get("SUBNATIONAL_AREA")
    return [] if column is None else column.astype(str).tolist()


def reasons(content: Observations, kind: str = "refused") -> list[str]:
    return [entry.reason for entry in getattr(content.readings[0], kind)]


COUNTRIES = {
    "English": (["Kenya", "United States", "Korea, Rep.", "Cote d'Ivoire"], ["KEN", "USA", "KOR", "CIV"]),
    "with codes among names": (["Kenya", "TZA", "404", "NA"], ["KEN", "TZA", "KEN", "NAM"]),
    "French": (["Kenya", "États-Unis", "République de Corée", "Tchad"], ["KEN", "USA", "KOR", "TCD"]),
    "Russian": (["Кения", "США", "Республика Корея", "Российская Федерация"], ["KEN", "USA", "KOR", "RUS"]),
    "Spanish": (["Kenya", "Estados Unidos de América", "Alemania", "El Salvador"], ["KEN", "USA", "DEU", "SLV"]),
    "Arabic": (["كينيا", "مصر", "المملكة العربية السعودية", "الاردن"], ["KEN", "EGY", "SAU", "JOR"]),
    "Chinese": (["肯尼亚", "美利坚合众国", "大韩民国", "中国"], ["KEN", "USA", "KOR", "CHN"]),
}


@pytest.mark.parametrize("language", COUNTRIES)
def test_countries_by_usual_names(language: str, tmp_path: Path) -> None:
    names, codes = COUNTRIES[language]
    lines = ["Country,Year,Value", *(f'"{name}",{2016 + place},40.1' for place, name in enumerate(names))]
    assert areas(read(tmp_path, lines)) == codes


@pytest.mark.parametrize("heading", ["Country", "Area", "Reference area", "Pays", "Страна", "البلد", "国家", "Nation"])
def test_a_column_of_countries_by_what_it_holds(heading: str, tmp_path: Path) -> None:
    content = read(tmp_path, [f"{heading},Year,Value", "Kenya,2020,40.1", "Uganda,2020,20.3", "Russia,2020,85.0"])
    assert areas(content) == ["KEN", "UGA", "RUS"]
    assert parts(content) == []


def test_one_unknown_spelling_is_one_reason(tmp_path: Path) -> None:
    lines = ["Country,Year,Value", "Kenya,2020,40.1", "Zamunda,2019,20.3", "Zamunda,2020,21.3", "Uganda,2020,9.1"]
    content = read(tmp_path, lines)
    assert areas(content) == ["KEN", "UGA"]
    (reason,) = reasons(content)
    assert reason.startswith("the name of an area is unknown: 'Zamunda'")
    assert "did you mean" not in reason


def test_the_only_name_misspelt_is_named(tmp_path: Path) -> None:
    (reason,) = reasons(read(tmp_path, ["Country,Year,Value", "Kenyya,2020,40.1"]))
    assert "'Kenyya'; did you mean KEN (Kenya)?" in reason


def test_an_ambiguous_name_has_its_candidates(tmp_path: Path) -> None:
    lines = ["Country,Year,Value", "Kenya,2020,40.1", "Congo,2020,20.3", "Korea,2020,96.5"]
    content = read(tmp_path, lines)
    assert areas(content) == ["KEN"]
    congo, korea = reasons(content)
    assert all(code in congo for code in ("COD", "COG"))
    assert all(code in korea for code in ("KOR", "PRK"))


def test_an_ambiguous_name_means_the_country_of_the_file(tmp_path: Path) -> None:
    content = read(tmp_path, ["Year,Area,Value", "2020,Korea,96.5", "2020,Seoul,98.2"], "KOR")
    assert areas(content) == ["KOR", "KOR"]
    assert parts(content) == ["_T", "Seoul"]


@pytest.mark.parametrize(
    "group", ["World", "Euro area", "High income", "Sub-Saharan Africa", "European Union", "Africa"]
)
def test_groups_are_left_aside(group: str, tmp_path: Path) -> None:
    content = read(tmp_path, ["Country,Year,Value", "Kenya,2020,40.1", f"{group},2020,59.0", "Uganda,2020,9.1"])
    assert areas(content) == ["KEN", "UGA"]
    assert reasons(content, "ignored") == [f"a group of economies, not an economy: {group}"]
    assert reasons(content) == []


@pytest.mark.parametrize("heading", ["Country", "Area", "Region"])
def test_a_file_of_countries_has_no_regions_of_one(heading: str, tmp_path: Path) -> None:
    lines = [f"{heading},Year,Value", "Kenya,2020,40.1", "Uganda,2020,20.3", "United States,2020,91.2"]
    with pytest.raises(SourceError) as error:
        read(tmp_path, lines, "KEN")
    assert error.value.code == "area_beside_countries"
    assert "Uganda, United States" in str(error.value)


NATIONS = [
    ("PSE", "Palestine", "West Bank"), ("CAN", "Canada", "Ontario"), ("KAZ", "Республика Казахстан", "Алматы"),
    ("DEU", "Deutschland", "Bayern"), ("CHN", "中国", "浙江省"), ("EGY", "مصر", "القاهرة"), ("TUR", "Türkiye", "Ankara"),
    ("TZA", "United Republic of Tanzania", "Dodoma"), ("CIV", "Côte d'Ivoire", "Abidjan"), ("KGZ", "Kyrgyzstan", "Osh"),
]  # fmt: skip


@pytest.mark.parametrize(("area", "nation", "part"), NATIONS)
def test_the_names_of_the_nation_are_no_region(area: str, nation: str, part: str, tmp_path: Path) -> None:
    content = read(tmp_path, ["Year,AREA,Value", f"2018,{nation},88.6", f"2018,{part},90.2"], area)
    assert areas(content) == [area, area]
    assert parts(content) == ["_T", part]


@pytest.mark.parametrize(
    ("area", "lines"),
    [
        ("USA", ["2019,,70.1", "2019,Georgia,74.2", "2019,Ohio,71.0"]),
        ("MEX", ["2019,Estados Unidos Mexicanos,70.1", "2019,México,74.2", "2019,Jalisco,71.0"]),
        ("PAN", ["2019,,70.1", "2019,Panamá,74.2", "2019,Colón,71.0"]),
        ("BEL", ["2019,Belgium,70.1", "2019,Luxembourg,74.2", "2019,Namur,71.0"]),
    ],
)
def test_parts_that_are_named_like_a_country_are_parts(area: str, lines: list[str], tmp_path: Path) -> None:
    """Georgia is a state and Luxembourg a province; México and Panamá are parts too, since the nation has its own row."""
    content = read(tmp_path, ["Year,Region,Value", *lines], area)
    assert areas(content) == [area] * 3
    assert parts(content) == ["_T", lines[1].split(",")[1], lines[2].split(",")[1]]


def test_towns_and_the_country_are_no_rows_of_the_nation(tmp_path: Path) -> None:
    """Urban and Rural are breakdowns of their own: Jamaica, with another value, is the nation and not a part of it."""
    lines = ["Year,Geographical Region,Value", "2014,Jamaica,40.4", "2014,Urban,26.8", "2014,Rural,13.6"]
    content = read(tmp_path, lines, "JAM")
    assert areas(content) == ["JAM"] * 3
    assert set(parts(content)) <= {"_T"}
    assert content.frame["URBANISATION"].astype(str).tolist() == ["_T", "URB", "RUR"]


def test_regions_next_to_their_countries(tmp_path: Path) -> None:
    """Luxembourg next to Belgium is a province, and Kenya next to Kenya the whole country."""
    lines = [
        "Country,Region,Year,Value",
        "Belgium,Luxembourg,2019,74.2",
        "Kenya,Kenya,2019,20.1",
        "Kenya,Nairobi,2019,40",
    ]
    content = read(tmp_path, lines)
    assert areas(content) == ["BEL", "KEN", "KEN"]
    assert parts(content) == ["Luxembourg", "_T", "Nairobi"]


def test_a_total_of_countries_is_left_aside(tmp_path: Path) -> None:
    content = read(tmp_path, ["Country,Year,Value", "Kenya,2020,40.1", "Total,2020,30.0", "Uganda,2020,20.3"])
    assert areas(content) == ["KEN", "UGA"]
    assert reasons(content, "ignored") == ["a group of economies, not an economy: Total"]


def test_a_column_of_an_unknown_name_with_the_nation_is_one_of_regions(tmp_path: Path) -> None:
    content = read(tmp_path, ["Year,Grandes Zonas,Value", "2019,Brasil,60.1", "2019,Norte,55.0"], "BRA")
    assert parts(content) == ["_T", "Norte"]


def test_codes_of_states_are_no_countries(tmp_path: Path) -> None:
    """CA, GA and IN are also Canada, Gabon and India in ISO alpha-2."""
    content = read(tmp_path, ["Year,State,Value", "2019,,70.1", "2019,CA,74.2", "2019,GA,71.0", "2019,IN,70.2"], "USA")
    assert parts(content) == ["_T", "CA", "GA", "IN"]
    with pytest.raises(SourceError, match="does not name its area"):
        read(tmp_path, ["Year,State,Value", "2019,CA,74.2", "2019,GA,71.0", "2019,IN,70.2"])


PLACES = [
    ("Population of urban areas", "Population of rural areas"),
    ("Urban residents", "Rural residents"),
    ("Households in urban areas", "Households in rural areas"),
    ("People living in cities", "People living in rural areas"),
    ("Population des zones urbaines", "Population des zones rurales"),
    ("Población de zonas urbanas", "Población de zonas rurales"),
    ("Население городской местности", "Население сельской местности"),
    ("Городские жители", "Сельские жители"),
    ("População das áreas urbanas", "População das áreas rurais"),
    ("Қала халқы", "Ауыл халқы"),
    ("المناطق الحضرية", "المناطق الريفية"),
    ("城镇", "农村"),
]


@pytest.mark.parametrize(("urban", "rural"), PLACES)
def test_urban_and_rural_phrases_in_a_column_of_areas(urban: str, rural: str, tmp_path: Path) -> None:
    content = read(tmp_path, ["Year,Area,Value", "2018,,71.3", f"2018,{urban},74.2", f"2018,{rural},66.0"], "KAZ")
    assert content.frame["URBANISATION"].astype(str).tolist() == ["_T", "URB", "RUR"]
    assert parts(content) == []


def tidy(folder: Path, codes: Sequence[str]) -> Observations:
    rows = (f"{code},internet_use,{2010 + place},40.1" for place, code in enumerate(codes))
    return read(folder, ["REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE", *rows], name="figures.csv")


def test_a_code_of_another_scheme_has_one_hint(tmp_path: Path) -> None:
    content = tidy(tmp_path, ["NA", "KEN", "404", "XQ"])
    assert areas(content) == ["KEN"]
    assert reasons(content) == [
        "a code is unknown: 'NA'; did you mean NAM (Namibia)? `divide list areas` lists all",
        "a code is unknown: '404'; did you mean KEN (Kenya)? `divide list areas` lists all",
        "a code is unknown: 'XQ'; `divide list areas` lists all",
    ]


@pytest.mark.parametrize(
    ("codes", "wanted"), [("NA KE ZW", "NAM KEN ZWE"), ("516 404 12", "NAM KEN DZA"), ("404 002 1", "KEN")]
)
def test_a_whole_column_of_another_scheme_is_read(codes: str, wanted: str, tmp_path: Path) -> None:
    content = tidy(tmp_path, codes.split())
    assert areas(content) == wanted.split()
    assert any("read as ISO alpha-3" in note for note in content.readings[0].notes)


def test_names_among_codes_have_the_hint_of_their_area(tmp_path: Path) -> None:
    content = tidy(tmp_path, ["KEN", "Russia", "Kenia"])
    russia, kenya = reasons(content)
    assert "did you mean RUS (Russian Federation)?" in russia
    assert "did you mean KEN (Kenya)?" in kenya


def test_aggregates_of_other_publishers_are_left_aside_at_once(tmp_path: Path) -> None:
    content = tidy(tmp_path, ["KEN", "EUU", "Euro area", "EU27_2020", "SSF"])
    assert areas(content) == ["KEN"]
    (reason,) = reasons(content, "ignored")
    assert reason == ("a group of economies, not an economy: European Union, Euro area, EU27_2020, Sub-Saharan Africa")
