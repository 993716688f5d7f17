"""CSV and JSON of frames: at most 15 significant digits in each number, nothing else is changed."""

import csv
import json
import math
from decimal import Decimal
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from divide_cli.errors.text_safety import as_json
from divide_cli.frames import machine_text


def digits(number: float) -> int:
    """The significant digits of the shortest text that gives the number back."""
    return len(Decimal(repr(float(number))).normalize().as_tuple().digits)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (27.200000000000003, "27.2"),  # 3.4 * 8
        (0.1 + 0.2, "0.3"),
        (100.00000000000001, "100.0"),
        (-4.300000000000001, "-4.3"),
        (1 / 3, "0.333333333333333"),
        (2 / 3, "0.666666666666667"),
        (8_045_311_447.0, "8045311447.0"),  # people of the world
        (1234567890.1234567, "1234567890.12346"),
        (1e-9 / 3, "3.33333333333333e-10"),
        (0.0, "0.0"),
        (1e300, "1e+300"),
        (5e-324, "5e-324"),
    ],
)
def test_numbers_by_hand(number, text):
    assert machine_text.as_csv(pd.DataFrame({"X": [number]})) == f"X\n{text}\n"
    assert json.loads(machine_text.as_json(pd.DataFrame({"X": [number]}))) == [{"X": float(text)}]
    assert json.loads(as_json({"a": [{"x": number}]})) == {"a": [{"x": float(text)}]}


@given(st.lists(st.floats(-1e308, 1e308), min_size=1))
def test_fifteen_digits_are_kept(numbers):
    """The text has 15 digits or fewer, and is less than one unit of the fifteenth from the number, by decimals."""
    for number, clean in zip(numbers, machine_text.significant(np.array(numbers)), strict=True):
        assert digits(clean) <= 15 or abs(number) < 1e-300  # doubles without all their bits have no 15 digits
        unit = Decimal(1).scaleb(Decimal(number).adjusted() - 14)
        assert abs(Decimal(number) - Decimal(float(clean))) < unit or abs(number) < 1e-300
        assert machine_text.significant(np.array([clean]))[0] == clean


def test_what_is_no_number_stays():
    frame = pd.DataFrame({
        "VALUE": [1.5, math.nan, math.inf],
        "AREAS": pd.array([1, None, 3], dtype="Int32"),
        "YEAR": [2020, 2021, 2022],
        "CODE": pd.Categorical(["A", None, 'q"\u00e9']),
        "FLAG": [True, False, True],
    })  # fmt: skip
    assert json.loads(machine_text.as_json(frame)) == [
        {"VALUE": 1.5, "AREAS": 1, "YEAR": 2020, "CODE": "A", "FLAG": True},
        {"VALUE": None, "AREAS": None, "YEAR": 2021, "CODE": None, "FLAG": False},
        {"VALUE": None, "AREAS": 3, "YEAR": 2022, "CODE": 'q"\u00e9', "FLAG": True},
    ]
    assert "\u00e9" in machine_text.as_json(frame)
    assert machine_text.as_json(frame.head(0)) == "[]"
    assert frame["VALUE"].tolist()[0] == 1.5


def test_rows_of_several_parts_are_all_there(monkeypatch):
    monkeypatch.setattr(machine_text, "_ROWS", 2)
    frame = pd.DataFrame({"YEAR": range(5)})
    assert json.loads(machine_text.as_json(frame)) == [{"YEAR": year} for year in range(5)]


def test_a_command_prints_clean_numbers(divide_words, tmp_path):
    """Men 60.5 minus women 33.3 is 27.200000000000003 in doubles, and 27.2 in JSON and CSV; Parquet keeps the double."""
    rows = "KEN,internet_use,M,2020,60.5\nKEN,internet_use,F,2020,33.3\n"
    (tmp_path / "figures.csv").write_text("REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n" + rows, encoding="utf-8")
    assert 60.5 - 33.3 == 27.200000000000003
    choice = ("compute", "figures.csv", "--measure", "difference")
    printed = divide_words(*choice, "--format", "csv").stdout
    rows_of_csv = [row for row in csv.DictReader(StringIO(printed)) if row["REF_AREA"] == "KEN"]
    assert [row["OBS_VALUE"] for row in rows_of_csv] == ["27.2"]
    assert '"OBS_VALUE":27.2,' in divide_words(*choice, "--format", "json").stdout
    stored = pd.read_parquet(tmp_path / "out" / "gaps.parquet")
    assert stored.loc[stored["REF_AREA"] == "KEN", "OBS_VALUE"].tolist() == [60.5 - 33.3]


@pytest.fixture
def divide_words(tmp_path):
    from functools import partial

    from tests import runner

    return partial(runner.divide, tmp_path)
