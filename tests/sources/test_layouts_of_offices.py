"""Layouts of national files that were met in the sites of offices, with figures of our own: what the reader makes of them."""

from pathlib import Path
from typing import Any

import pytest

from divide_cli import readers
from divide_cli.readers import ReadOptions


def read(tmp_path: Path, name: str, text: str, area: str = "KEN") -> Any:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return readers.read(str(path), "", ReadOptions(area=area, strict=False))


def column(found: Any, name: str) -> list[str]:
    return [str(code) for code in found.frame[name]]


def test_a_column_of_countries_belongs_to_a_file_whose_name_has_the_number(tmp_path: Path) -> None:
    text = "Year,Country,Value\n2019,,84.0\n2019,England,85.0\n2019,Wales,81.0\n"
    found = read(tmp_path, "indicator_5-b-1.csv", text, "GBR")
    assert column(found, "SUBNATIONAL_AREA") == ["_T", "England", "Wales"]


def test_the_unit_tells_the_number_of_subscriptions_from_the_rate(tmp_path: Path) -> None:
    found = read(tmp_path, "indicator_17-6-1.csv", "Year,Units,Value\n2019,PER_100_POP,0.5\n2019,NUMBER,450\n")
    assert column(found, "INDICATOR") == ["fixed_broadband_subscriptions", "fixed_broadband_subscriptions_number"]


def test_a_title_throughout_is_as_no_series(tmp_path: Path) -> None:
    title = '"9.c.1 Proportion of population covered by a mobile network, by technology"'
    found = read(tmp_path, "9-c-1.csv", f"Year,SERIES,Value\n2019,{title},84.7\n2020,{title},93.9\n")
    assert column(found, "INDICATOR") == ["coverage_mobile", "coverage_mobile"]


def test_the_labels_of_an_unknown_column_say_what_it_breaks_down(tmp_path: Path) -> None:
    text = "Year,Usuarios,Value\n2019,,50.0\n2019,Hombres,52.0\n2019,Mujeres,48.5\n"
    assert column(read(tmp_path, "indicator_17-8-1.csv", text, "MEX"), "SEX") == ["_T", "M", "F"]


@pytest.mark.parametrize(("cell", "area"), [("12", "DZA"), ("012", "DZA"), ("DZ", "DZA"), ("716", "ZWE")])
def test_countries_by_their_number(tmp_path: Path, cell: str, area: str) -> None:
    text = f"Year,SERIES,REF_AREA,SEX,Value\n2019,IT_USE_II99,{cell},None,49.0\n2019,IT_USE_II99,{cell},F,42.9\n"
    found = read(tmp_path, "17-8-1.csv", text, area)
    assert column(found, "REF_AREA") == [area, area]
    assert column(found, "SEX") == ["_T", "F"]
    assert found.dimensions == ()


def test_words_between_the_rows_and_marks_beside_numbers_are_told_apart_from_slips(tmp_path: Path) -> None:
    text = "Year,Sex,Value\n2018,,41.0\n2019,,45.3*\n2020,,4O.1\n2021\nSource: household survey\n"
    found = read(tmp_path, "indicator_17-8-1.csv", text)
    subjects = sorted(pile.error.subject for pile in found.readings[0].refused)
    assert subjects == [
        "a line contains only text",
        "a number has a mark next to it",
        "a row has more or fewer cells than the header",
        "a value is not a number",
    ]
