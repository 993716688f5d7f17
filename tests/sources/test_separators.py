"""Commas, points and other marks that may be decimal or separate thousands: the column decides, else the unit.

A mark that neither decides is refused by line; no figure is a thousandth of what its file says.
"""

from pathlib import Path

import numpy as np
import pytest

from divide_cli import readers
from divide_cli.errors import SourceError
from divide_cli.readers import ReadOptions
from divide_cli.readers.mapping.numbers import separators
from divide_cli.sources.population import Population

SHARES, PEOPLE, PRICES = "internet_use", "population", "price_mobile_data_usd"
ONE = ["345,427", "10"]
"""Nothing says whether this is 345427 or 345.427."""


def read(folder: Path, indicator: str, values: list[str], delimiter: str = ";"):
    """The numbers of the rows used by line, and the codes of the errors of those refused, by line."""
    quoted = [f'"{value}"' if delimiter in value else value for value in values]
    rows = [delimiter.join(("KEN", indicator, str(2000 + at), value)) for at, value in enumerate(quoted)]
    path = folder / "figures.csv"
    path.write_text(
        "\n".join([delimiter.join(("REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE")), *rows]) + "\n",
        encoding="utf-8",
    )
    content = readers.read(str(path), "", ReadOptions(strict=False))
    used = dict(zip(content.frame["LINE"].tolist(), content.frame["OBS_VALUE"].tolist(), strict=True))
    return used, {line: part.code for part in content.readings[0].refused for line in part.lines}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["345,427", "45,3"], {2: 345.427, 3: 45.3}),  # one decimal in another row: the comma is decimal
        (["345,427", "0,125"], {2: 345.427, 3: 0.125}),  # no number with thousands begins with 0
        (["345,427", "1234,567"], {2: 345.427, 3: 1234.567}),  # four digits before the mark
        (["345.427", "45.3"], {2: 345.427, 3: 45.3}),
        (["345.427", "0.125"], {2: 345.427, 3: 0.125}),
        (["10", "200"], {2: 10.0, 3: 200.0}),
    ],
)
def test_the_column_decides_that_a_mark_is_decimal(tmp_path, values, expected):
    assert read(tmp_path, PEOPLE, values) == (expected, {})


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        (["1,234,567", "345,427"], {2: "value_not_a_number", 3: "separator_unclear"}),  # twice in one number
        (["1.234.567", "345.427"], {2: "value_not_a_number", 3: "separator_unclear"}),  # the same in German
        (["1,234.5", "345,427"], {2: "value_not_a_number", 3: "separator_unclear"}),
        (["1.234,5", "345.427"], {2: "value_not_a_number", 3: "separator_unclear"}),
        (["345 427", "345\u00a0427", "345\u202f427"], dict.fromkeys((2, 3, 4), "value_not_a_number")),
        (["345'427", "345’427"], dict.fromkeys((2, 3), "value_not_a_number")),
    ],
)
def test_a_column_with_thousands_is_refused_by_line(tmp_path, values, refused):
    assert read(tmp_path, PEOPLE, values) == ({}, refused)


@pytest.mark.parametrize("mark", [",", "."])
@pytest.mark.parametrize("indicator", [PEOPLE, PRICES])
def test_what_is_unclear_is_refused_and_the_rest_used(tmp_path, indicator, mark):
    used, refused = read(tmp_path, indicator, [text.replace(",", mark) for text in ONE])
    assert used == {3: 10.0} and refused == {2: "separator_unclear"}


@pytest.mark.parametrize("mark", [",", "."])
def test_a_percentage_is_no_thousand(tmp_path, mark):
    """1,234 read as thousands would be above 100 %: the mark is decimal, whatever the column shows."""
    used, refused = read(tmp_path, SHARES, [f"1{mark}234", "10"])
    assert used == {2: 1.234, 3: 10.0} and refused == {}


def test_points_are_decimal_where_commas_separate_cells(tmp_path):
    assert read(tmp_path, PEOPLE, ["345.427", "10"], ",") == ({2: 345.427, 3: 10.0}, {})
    assert read(tmp_path, PEOPLE, ["1.234.567", "345.427"], ",")[0] == {}


def test_commas_in_quotes_are_refused_where_commas_separate_cells(tmp_path):
    assert read(tmp_path, PEOPLE, ONE, ",") == ({3: 10.0}, {2: "value_not_a_number"})


def test_each_row_has_the_unit_of_its_own_indicator(tmp_path):
    """The same text, as a share and as people, in one column."""
    path = tmp_path / "both.csv"
    path.write_text(
        "REF_AREA;INDICATOR;TIME_PERIOD;OBS_VALUE\nKEN;internet_use;2020;45,427\nKEN;population;2020;45,427\n"
    )
    content = readers.read(str(path), "", ReadOptions(strict=False))
    assert content.frame["OBS_VALUE"].tolist() == [45.427]
    assert [(part.code, list(part.lines)) for part in content.readings[0].refused] == [("separator_unclear", [3])]


def test_people_given_with_thousands_weigh_nothing_by_mistake(tmp_path):
    """Before, 345,427 people weighed as 345: the run says the line instead."""
    path = tmp_path / "people.csv"
    path.write_text("REF_AREA;TIME_PERIOD;OBS_VALUE\nKEN;2024;56,433\nTUV;2024;10\nUSA;2024;345,427\n")
    with pytest.raises(SourceError) as caught:
        _ = Population(str(path))._own
    assert caught.value.code == "separator_unclear" and caught.value.where.endswith("people.csv:2, column OBS_VALUE")
    assert "write 56433" in caught.value.hint


def test_counts_beside_the_values_are_refused_alike(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text(
        "REF_AREA;INDICATOR;TIME_PERIOD;OBS_VALUE;NUMERATOR;DENOMINATOR\n"
        "KEN;internet_use;2020;41,5;415;1,000\nKEN;internet_use;2021;42,5;425;1000\n"
    )
    content = readers.read(str(path), "", ReadOptions(strict=False, submitted=True))
    assert [(part.code, part.column, list(part.lines)) for part in content.readings[0].refused] == [
        ("separator_unclear", "DENOMINATOR", [2])
    ]


def test_a_text_in_a_workbook_is_refused(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ("REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE"),
        ("KEN", PEOPLE, 2020, "345,427"), ("KEN", PEOPLE, 2021, "1.234.567"), ("KEN", PEOPLE, 2022, "345.427"),
        ("KEN", PEOPLE, 2023, 10.5),
    ):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "figures.xlsx")
    content = readers.read(str(tmp_path / "figures.xlsx"), "", ReadOptions(strict=False))
    assert content.frame["OBS_VALUE"].tolist() == [10.5]
    codes = {line: part.code for part in content.readings[0].refused for line in part.lines}
    assert codes == {2: "value_not_a_number", 3: "value_not_a_number", 4: "separator_unclear"}


def test_what_is_certain_does_not_depend_on_the_order():
    texts = ["345,427", "45,3", "1,234,567", "345.427", "1.234,5", "10", "n/a", "1,5e3"]
    made = {separators(np.roll(texts, shift).tolist(), ";") for shift in range(len(texts))}
    assert len(made) == 1
