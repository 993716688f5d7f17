"""Labels of national files: words of offices -> codes; and the lists themselves are sound."""

import re
import unicodedata
from collections import Counter

import pytest

from divide_cli.catalogue import catalogue, codelist
from divide_cli.catalogue.codelists import age_span
from divide_cli.catalogue.labels import column_concept, concepts_with, label_of, normal, read_labels, series_labels
from divide_cli.readers.national.series import Vocabulary


def code(concept: str, text: str) -> str:
    found = label_of(concept, text)
    return found.code if found else "?"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("15 years old and over", "Y_GE15"),
        ("в возрасте 15-24 лет", "Y15T24"),
        ("в возрасте 15 лет и старше", "Y_GE15"),
        ("моложе 15 лет", "Y0T14"),
        ("16 to under 25 years", "Y16T24"),
        ("3-9", "Y3T9"),
        ("3~9", "Y3T9"),
        ("15–24", "Y15T24"),
        ("15 - 24 ans", "Y15T24"),
        ("De 15 à 24 ans", "Y15T24"),
        ("65 ans et plus", "Y_GE65"),
        ("moins de 15 ans", "Y0T14"),
        ("15 a 24 años", "Y15T24"),
        ("65 años y más", "Y_GE65"),
        ("menores de 15 años", "Y0T14"),
        ("Y16T74", "Y16T74"),
        ("Y_GE15", "Y_GE15"),
        ("Y_LT15", "Y0T14"),
        ("60+", "Y_GE60"),
        ("25+ years old", "Y_GE25"),
        ("aged 0-5 years", "Y0T5"),
        ("Below 19 years", "Y0T18"),
        ("Above 60 years", "Y_GE61"),
        ("75 or older", "Y_GE75"),
        ("Total, 15 years and over", "Y_GE15"),
        ("58 years old and over (women 58, men 63)", "Y_GE58"),
        ("i4_4_1_tech54", "Y45T54"),
        ("(3-4)", "Y3T4"),
        ("Молодёжь, 15-28 лет", "Y15T28"),
        ("All age ranges or no breaks by age", "_T"),
        ("None", "_T"),
        ("Todas las edades", "_T"),
        ("15-24 سنة", "Y15T24"),
        ("من 15 إلى 24 سنة", "Y15T24"),
        ("65 سنة فأكثر", "Y_GE65"),
        ("أقل من 15 سنة", "Y0T14"),
        ("15-24岁", "Y15T24"),
        ("65岁及以上", "Y_GE65"),
        ("15岁以下", "Y0T15"),
        ("18岁未满", "Y0T17"),
        ("15-24세", "Y15T24"),
        ("70세 이상", "Y_GE70"),
        ("15-24 yaş", "Y15T24"),
        ("65 yaş ve üzeri", "Y_GE65"),
        ("15-24 жас", "Y15T24"),
        ("65 жас және одан жоғары", "Y_GE65"),
        ("15 a 24 anos de idade", "Y15T24"),
        ("60 anos ou mais", "Y_GE60"),
        ("15-24 жаш", "Y15T24"),
        ("", "_T"),
        ("24-15", "?"),
        ("youth", "?"),
        ("about 20", "?"),
    ],
)
def test_bands_of_age(text: str, wanted: str) -> None:
    assert code("AGE", text) == wanted


def test_what_a_band_says_besides_is_kept() -> None:
    found = label_of("AGE", "58 years old and over (women 58, men 63)")
    assert found
    assert found.said == "(women 58, men 63)"


@pytest.mark.parametrize(
    ("concept", "text", "wanted"),
    [
        ("SEX", "data.Male", "M"),
        ("SEX", "SEXO.F", "F"),
        ("SEX", "BOTHSEX", "_T"),
        ("SEX", " both  sexes", "_T"),
        ("SEX", "Мужской", "M"),
        ("SEX", "i4_4_1_tech_female", "F"),
        ("SEX", "Both sexes or no breakdown by sex", "_T"),
        ("SEX", "None", "_T"),
        ("EDUCATION_LEV", "None", "?"),
        ("UNIT_MEASURE", "единиц", "NUMBER"),
        ("SEX", "Blah", "?"),
        ("UNIT_MULT", "Unité", "0"),
        ("UNIT_MULT", "unite", "0"),
        ("UNIT_MULT", "UNITÉS", "0"),
        ("UNIT_MULT", "Millier", "3"),
        ("SEX", "femme", "F"),
        ("SEX", "ΓΥΝΑΙΚΕΣ", "F"),
        ("SEX", "انثى", "F"),
        ("SEX", "Ерлер", "M"),
        ("SEX", "Kadın", "F"),
        ("SEX", "女性", "F"),
        ("URBANISATION", "Zones rurales", "RUR"),
        ("URBANISATION", "Population of urban areas", "URB"),
        ("URBANISATION", "Население, проживающее в сельской местности", "RUR"),
        ("URBANISATION", "Suburban areas", "?"),
        ("UNIT_MEASURE", "百分比", "PT"),
        ("UNIT_MEASURE", "نسبة مئوية", "PT"),
        ("UNIT_MEASURE", "Percentagem", "PT"),
        ("UNIT_MEASURE", "yüzde", "PT"),
        ("URBANISATION", "U", "URB"),
        ("URBANISATION", "сельское население", "RUR"),
        ("URBANISATION", "Zone  Urbaine", "URB"),
        ("UNIT_MEASURE", "Percentage (%) with Service", "PT"),
        ("UNIT_MEASURE", "UNIDAD_MEDIDA.PT", "PT"),
        ("UNIT_MEASURE", "per 100 inhabitants", "PER_100_POP"),
        ("UNIT_MEASURE", "на 100 домохозяйств", "PER_100_HH"),
        ("UNIT_MEASURE", "Number", "NUMBER"),
        ("UNIT_MEASURE", "percentage points", "?"),
        ("OBS_FLAG", "|", "B"),
        ("OBS_FLAG", "‒", "M"),
    ],
)
def test_labels_in_any_language(concept: str, text: str, wanted: str) -> None:
    assert code(concept, text) == wanted


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("Gender", "SEX"),
        ("Sexe", "SEX"),
        ("Sexo", "SEX"),
        ("Пол", "SEX"),
        ("DIMENSION_DESAGREGACION.SEXO", "SEX"),
        ("Groupe d’âge", "AGE"),
        ("Grupo de edad", "AGE"),
        ("Age (years)", "AGE"),
        ("Milieu de résidence", "URBANISATION"),
        ("Место проживания", "URBANISATION"),
        ("Urban/Rural", "URBANISATION"),
        ("Zone", "SUBNATIONAL_AREA"),
        ("general.territorio", "SUBNATIONAL_AREA"),
        ("Sex of the head of the household", "HOUSEHOLD_HEAD_SEX"),
        ("COMMENT_OBS_2", "OBS_FLAG"),
        ("Nature of data points", "UNUSED"),
        ("Observation-level footnotes", "OBS_COMMENT"),
        ("Urban or rural", "URBANISATION"),
        ("Mood", ""),
    ],
)
def test_names_of_columns(name: str, concept: str) -> None:
    assert column_concept(name) == concept


@pytest.mark.parametrize(
    ("sdg", "area", "text", "wanted"),
    [
        ("9.c.1", "", "At least 3G mobile", "coverage_3g"),
        ("9.c.1", "", "IT_MOB_3GNTWK", "coverage_3g"),
        ("9.c.1", "", "Доля населения, охваченного, как минимум, 3G мобильной сетью", "coverage_3g"),
        ("9.c.1", "", "3G subscriptions", ""),
        ("9.c.1", "", "3G, 4G", ""),
        ("9.c.1", "", "Proporción de hogares cubiertos con redes móviles 3,5G", "coverage_3g"),
        ("9.c.1", "", "Redes 4.5G", "coverage_4g"),
        ("9.c.1", "", "Proportion of population covered by at least a 5G mobile network [9.c.1]", "coverage_5g"),
        ("9.c.1", "", "GSM standard (percentage of coverage by cellular network)", "coverage_2g"),
        ("9.c.1", "", "9.c.1 Proportion of population covered by a mobile network, by technology", "nothing"),
        ("17.6.1", "", "Fixed broadband subscriptions per 100 inhabitants [17.6.1]", "fixed_broadband_subscriptions"),
        ("17.6.1", "", "Fixed broadband subscriptions (number) [17.6.1]", "fixed_broadband_subscriptions_number"),
        ("17.6.1", "", "Fixed broadband subscriptions, number", "fixed_broadband_subscriptions_number"),
        ("17.8.1", "", "Individuals using the Internet by SEX, AREA and TIME PERIOD", "internet_use"),
        ("17.8.1", "", "Individuals using the Internet, by AGE [17.8.1]", "internet_use"),
        ("17.8.1", "", "Utilisateurs d'Internet par SEXE et ANNÉE", "internet_use"),
        ("17.8.1", "", "Uso de Internet por SEXO y AÑO", "internet_use"),
        ("17.8.1", "", "Proportion of individuals using the Internet [17.8.1]", "internet_use"),
        ("17.8.1", "", "17.8.1 Internet users", "internet_use"),
        ("9.c.1", "KAZ", "_L_KZ_090c01_1C", "coverage_4g"),
        ("9.c.1", "KGZ", "_L_KZ_090c01_1C", ""),
        ("17.8.1", "", "Proportion of individuals using the Internet, by sex", "internet_use"),
        ("17.8.1", "", "Individuals NOT using the internet", ""),
        ("17.8.1", "", "Use internet at home", ""),
        ("17.8.1", "", "IT_USE_II99", "internet_use"),
        ("17.8.1", "", "Proportion de la population utilisant Internet", "internet_use"),
        ("17.8.1", "", "Доля населения, использующего Интернет", "internet_use"),
        ("5.b.1", "", "Proportion of individuals who own a mobile telephone", "mobile_ownership"),
        ("5.b.1", "", "Percentage of individuals who use a mobile telephone", "mobile_use"),
        ("5.b.1", "", "Proporción de mujeres entre 16 y 74 años que utilizan el teléfono móvil", "mobile_use"),
        ("5.b.1", "", "private households with at least one mobile phone", "households_with_mobile_telephone"),
        ("4.4.1", "", "Sending e-mails with attached files", "skill_emails_attachments"),
        ("4.4.1", "", "Enviar y recibir correo electrónico", "skill_emails_attachments"),
        ("4.4.1", "", "Написание компьютерной программы", "skill_programming"),
        ("4.4.1", "", "SKILL_ICTPRVCY", "skill_privacy_settings"),
        ("4.4.1", "", "Individuals' level of digital skills", "nothing"),
    ],
)
def test_series(sdg: str, area: str, text: str, wanted: str) -> None:
    said = Vocabulary(sdg, area).meaning(text)
    assert ("" if said is None else said.get("INDICATOR", "nothing")) == wanted


def test_what_a_row_without_series_holds() -> None:
    assert Vocabulary("17.8.1", "").of_row() == {"INDICATOR": "internet_use"}
    assert Vocabulary("9.c.1", "").of_row() is None
    assert Vocabulary("5.b.1.1", "KEN").of_row() is None
    assert Vocabulary("5.b.1.1", "MDA").of_row() == {"INDICATOR": "mobile_telephones_per_100_households"}


def test_a_label_of_several_concepts_says_none() -> None:
    assert concepts_with("Urban") == [("URBANISATION", "URB")]
    assert concepts_with("Nairobi") == []


CODES = read_labels("codes")
CODELISTS = {
    "SEX": "CL_SEX",
    "URBANISATION": "CL_URBANISATION",
    "OBS_STATUS": "CL_OBS_STATUS",
    "OBS_FLAG": "CL_OBS_STATUS",
}


def test_every_code_is_one() -> None:
    for row in CODES:
        if row["concept"] in CODELISTS:
            assert row["code"] in codelist(CODELISTS[row["concept"]]).codes, row
        if row["concept"] == "REF_AREA":
            assert row["code"] in codelist("CL_AREA").codes, row
        if row["concept"] == "AGE":
            assert age_span(row["code"]), row
    units = {row["code"] for row in read_labels("patterns") if row["concept"] == "UNIT_MEASURE"}
    assert units <= set(catalogue().units)


def test_a_label_means_one_thing_in_its_concept() -> None:
    count = Counter((row["concept"], normal(row["label"]) or row["label"]) for row in CODES)
    assert [key for key, number in count.items() if number > 1] == []
    columns = Counter(normal(row["label"]) for row in read_labels("columns"))
    doubles = [label for label, number in columns.items() if number > 1]
    for label in doubles:
        assert len({row["concept"] for row in read_labels("columns") if normal(row["label"]) == label}) == 1, label


def test_what_is_said_of_series_names_indicators() -> None:
    for label in series_labels():
        assert label.codes.get("INDICATOR", "internet_use") in catalogue().indicators, label
        assert not label.area or label.area in codelist("CL_AREA").codes


def test_patterns_are_in_the_form_in_which_labels_are_compared() -> None:
    """Else they could never match: capitals, accents on Latin letters, typographic dashes."""
    for row in [*read_labels("patterns"), *(row for row in read_labels("series") if row["label"].startswith("~"))]:
        text = re.sub(r"\\.|\(\?P<\w+>", "", row.get("pattern") or row["label"][1:])
        assert text == text.casefold(), row
        assert not set("_‘’–—ё") & set(text), row
        assert not re.search("[a-z][\u0300-\u036f]", unicodedata.normalize("NFD", text)), row


def test_every_label_has_a_source_and_a_language() -> None:
    for name in ("columns", "codes", "patterns", "series"):
        assert all(row["source"] and row["language"] for row in read_labels(name)), name
