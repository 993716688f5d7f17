"""Names of areas in the UN languages and the spellings of publishers -> codes; what is ambiguous names no area."""

import pytest

from divide_cli.catalogue.codelists import codelist, economies, read_codelist
from divide_cli.catalogue.names import area_hint, area_of, area_of_number, area_of_prefix, codes_named, form, group_of

SPELLINGS = {
    "Russia": "RUS", "Tanzania": "TZA", "Korea, Rep.": "KOR", "Cote d'Ivoire": "CIV", "Côte d’Ivoire": "CIV",
    "Ivory Coast": "CIV", "United States": "USA", "the United States of America": "USA", "UNITED KINGDOM": "GBR",
    "Korea, Dem. People's Rep.": "PRK", "Republic of Korea (the)": "KOR", "Korea, Republic of": "KOR",
    "Congo, Dem. Rep.": "COD", "Congo, Rep.": "COG", "DR Congo": "COD", "Democratic Republic of the Congo": "COD",
    "Congo (Democratic Republic of the)": "COD", "Iran": "IRN", "Iran, Islamic Rep.": "IRN", "Viet Nam": "VNM",
    "Iran (Islamic Republic of)": "IRN", "Vietnam": "VNM", "Venezuela, RB": "VEN", "Bolivia": "BOL", "Laos": "LAO",
    "Lao PDR": "LAO", "Syria": "SYR", "Moldova": "MDA", "Kyrgyz Republic": "KGZ", "Slovak Republic": "SVK",
    "Turkey": "TUR", "Türkiye": "TUR", "Turkiye": "TUR", "Czech Republic": "CZE", "Czechia": "CZE", "Egypt, Arab Rep.": "EGY",
    "Yemen, Rep.": "YEM", "Gambia, The": "GMB", "The Bahamas": "BHS", "St. Lucia": "LCA", "Saint Lucia": "LCA",
    "Hong Kong SAR, China": "HKG", "West Bank and Gaza": "PSE", "State of Palestine": "PSE", "Palestine": "PSE",
    "Micronesia, Fed. Sts.": "FSM", "Cape Verde": "CPV", "Cabo Verde": "CPV", "Swaziland": "SWZ", "Burma": "MMR",
    "Россия": "RUS", "Республика Казахстан": "KAZ", "Египет": "EGY", "مصر": "EGY", "الأردن": "JOR", "الاردن": "JOR",
    "中国": "CHN", "肯尼亚": "KEN", "República Dominicana": "DOM", "México": "MEX", "Alemania": "DEU", "Allemagne": "DEU",
    "Royaume-Uni": "GBR", "대한민국": "KOR", "Ελλάδα": "GRC", "KG": "KGZ", "KGZ": "KGZ", "NA": "NAM", "germany": "DEU",
}  # fmt: skip


@pytest.mark.parametrize(("text", "code"), SPELLINGS.items())
def test_usual_names(text: str, code: str) -> None:
    assert area_of(text) == code


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Congo", {"COD", "COG"}),
        ("Korea", {"KOR", "PRK"}),
        ("Virgin Islands", {"VGB", "VIR"}),
        ("Конго", {"COD", "COG"}),
    ],
)
def test_a_name_of_several_areas_names_none(text: str, codes: set[str]) -> None:
    assert area_of(text) == ""
    assert set(codes_named(text)) == codes
    for code in codes:
        assert area_of(text, code) == code  # a file about one of them means it
        assert code in area_hint(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("NA", "NAM"), ("na", "NAM"), ("ke", "KEN"), ("404", "KEN"), ("4", "AFG"), ("Kenia", "KEN"), ("Gremany", "DEU")],
)
def test_hints_name_the_area(text: str, code: str) -> None:
    assert area_hint(text).startswith(f"did you mean {code} (")


@pytest.mark.parametrize("text", ["QQ", "XQZ", "999", "Q1"])
def test_codes_are_never_compared_by_their_letters(text: str) -> None:
    assert area_hint(text) == "`divide list areas` lists all"


def test_the_hint_for_a_code_is_the_only_one() -> None:
    assert area_hint("NA") == "did you mean NAM (Namibia)? `divide list areas` lists all"


@pytest.mark.parametrize(
    "text",
    ["World", "Euro area", "Sub-Saharan Africa", "High income", "EUU", "European Union", "Europe", "Afrique", "世界",
     "High-income countries", "Europe & Central Asia", "Least developed countries"],
)  # fmt: skip
def test_groups_of_economies(text: str) -> None:
    assert group_of(text)
    assert area_of(text) == ""


@pytest.mark.parametrize("text", ["Kenya", "Nairobi", "", "Total", "Georgia"])
def test_what_is_no_group(text: str) -> None:
    assert group_of(text) == ""


def test_codes_of_parts_and_numbers() -> None:
    assert (area_of_prefix("KZAKM"), area_of_prefix("KG05"), area_of_prefix("Kivu")) == ("KAZ", "KGZ", "")
    assert (area_of_number("12"), area_of_number("012"), area_of_number("5")) == ("DZA", "DZA", "")


def test_the_list_gives_the_form_in_which_names_compare() -> None:
    for row in read_codelist("area_names"):
        assert form(row["name"]) == row["form"], row


def test_every_economy_has_its_names_in_six_languages() -> None:
    named: dict[str, set[str]] = {}
    for row in read_codelist("area_names"):
        named.setdefault(row["code"], set()).add(row["language"])
    members = {code for code in economies() if codelist("CL_AREA").rows[code]["m49"] and len(named.get(code, ())) >= 4}
    assert len(members) > 200
    for code in economies():
        assert area_of(codelist("CL_AREA").name(code), code) == code


def test_names_of_several_areas_are_those_that_are_meant_to_be() -> None:
    """A new name must not take an old one from its area unseen."""
    areas: dict[str, set[str]] = {}
    for row in read_codelist("area_names"):
        if row["code"] in economies():
            areas.setdefault(row["form"], set()).add(row["code"])
    several = {name for name, codes in areas.items() if len(codes) > 1}
    assert several == {
        "congo", "конго", "الكونغو", "刚果", "korea", "corea", "coree", "корея", "كوريا", "islands virgin", "martin saint",
    }  # fmt: skip
