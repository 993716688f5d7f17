"""The rounding of users' files: the decimals of each value as written or stored, and the bounds that follow."""

import json
from pathlib import Path

import pandas as pd
import pytest

from divide_cli import api, readers
from divide_cli import concepts as v
from divide_cli.analysis.pipeline import values_of
from divide_cli.analysis.request import Request
from divide_cli.analysis.rounding import with_decimals
from divide_cli.sources.population import Population

AREAS = ("KEN", "UGA", "NER", "TZA")
HEAD = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE"


def decimals(path: Path | str) -> list[int | None]:
    """The decimals of each value of a file; None if it is not rounded."""
    frame = with_decimals(readers.load(str(path), "test", readers.ReadOptions(decimals=True))).frame
    if v.DECIMALS not in frame:
        return [None] * len(frame)
    return [None if pd.isna(places) else int(places) for places in frame[v.DECIMALS]]


def csv(folder: Path, *rows: str, head: str = HEAD) -> str:
    path = folder / "own.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return str(path)


def series(folder: Path, *texts: str, indicator: str = "internet_use") -> str:
    return csv(folder, *(f"{area},{indicator},2022,{text}" for area, text in zip(AREAS, texts, strict=False)))


def bounds(row: "pd.Series[float]") -> tuple[float, float, float]:
    return row[v.BOUND_LOWER], row[v.OBS_VALUE], row[v.BOUND_UPPER]


# the decimals of a series


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("45.3", "45"), [1, 1]),  # 45 has lost its zero
        (("45.3", "45", "40.25"), [2, 2, 2]),
        (("45.0", "50.0"), [1, 1]),  # zeros that are written count
        (("45", "50"), [0, 0]),
        (("45.3", ""), [1, None]),
        (("45.123456789", "1"), [9, 9]),
        (("45.1234567891", "45.3"), [None, None]),  # one value with ten decimals: none is rounded
        (("45.300000000000004", "45.3"), [None, None]),
        (("4.53e1", "45.3"), [None, None]),
    ],
)
def test_a_series_has_the_most_decimals_that_a_value_has(tmp_path, texts, expected):
    assert decimals(series(tmp_path, *texts)) == expected


def test_decimals_of_texts_with_decimal_commas(tmp_path):
    rows = ("KEN;internet_use;2022;45,30", "UGA;internet_use;2022;50")
    assert decimals(csv(tmp_path, *rows, head=HEAD.replace(",", ";"))) == [2, 2]


def test_decimals_of_years_in_columns(tmp_path):
    head = "Country Name,Country Code,Series Name,Series Code,2021 [YR2021],2022 [YR2022]"
    row = "Kenya,KEN,Individuals using the Internet (% of population),IT.NET.USER.ZS,45.0,46"
    assert decimals(csv(tmp_path, row, head=head)) == [1, 1]


def test_each_indicator_is_a_series_of_its_own(tmp_path):
    rows = ("KEN,internet_use,2022,45", "KEN,mobile_ownership,2022,60.25", "UGA,mobile_ownership,2022,60")
    assert decimals(csv(tmp_path, *rows)) == [0, 2, 2]


def test_decimals_that_the_file_states_stand(tmp_path):
    """The second and third value state none: together they have one decimal, whatever the others have."""
    rows = ("KEN,internet_use,2022,45.25,0", "UGA,internet_use,2022,50,", "NER,internet_use,2022,22.5,")
    assert decimals(csv(tmp_path, *rows, head=f"{HEAD},DECIMALS")) == [0, 1, 1]


@pytest.mark.parametrize(("texts", "expected"), [(("1200", "90"), [None, None]), (("1200.5", "90"), [1, 1])])
def test_whole_numbers_of_people_are_exact(tmp_path, texts, expected):
    assert decimals(series(tmp_path, *texts, indicator="population")) == expected


NOISE = 45.3 + 2**-47  # the next double: 45.300000000000004
STORED = [
    ((45.3, 45.0), [1, 1]),
    ((45.0, 50.0), [0, 0]),  # a stored number has no zero to show
    ((45.3, 453 / 10), [1, 1]),
    ((45.3, NOISE), [None, None]),
    ((45.3, 136 / 3), [None, None]),
]


@pytest.mark.parametrize(("values", "expected"), STORED)
def test_decimals_of_parquet_are_those_of_the_shortest_text(tmp_path, values, expected):
    columns = {"REF_AREA": ["KEN", "UGA"], "INDICATOR": "internet_use", "TIME_PERIOD": 2022, "OBS_VALUE": values}
    pd.DataFrame(columns).to_parquet(tmp_path / "own.parquet")
    assert decimals(tmp_path / "own.parquet") == expected


@pytest.mark.parametrize(("values", "expected"), STORED)
def test_decimals_of_json_are_those_of_the_shortest_text(tmp_path, values, expected):
    indicator = {"id": "IT.NET.USER.ZS", "value": "Individuals using the Internet"}
    rows = [
        {"indicator": indicator, "country": {"id": area[:2]}, "countryiso3code": area, "date": "2022", "value": value}
        for area, value in zip(AREAS, values, strict=False)
    ]
    (tmp_path / "own.json").write_text(
        json.dumps([{"page": 1, "pages": 1, "per_page": 50, "total": 2}, rows]), encoding="utf-8"
    )
    assert decimals(tmp_path / "own.json") == expected


@pytest.mark.parametrize(("values", "expected"), [case for case in STORED if NOISE not in case[0]])
def test_decimals_of_a_workbook_are_those_of_the_shortest_text(tmp_path, values, expected):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (HEAD.split(","), *((area, "internet_use", 2022, x) for area, x in zip(AREAS, values, strict=False))):
        book.active.append(row)
    book.save(tmp_path / "own.xlsx")
    assert decimals(tmp_path / "own.xlsx") == expected


# the bounds that follow


def sexes(folder: Path, men: str, women: str) -> str:
    rows = [f"KEN,internet_use,{sex},2022,{text}" for sex, text in (("M", men), ("F", women))]
    return csv(folder, *rows, head="REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE")


def one(frame: pd.DataFrame, **cells: str) -> "pd.Series[float]":
    (row,) = (row for _, row in frame.iterrows() if all(row[name] == cell for name, cell in cells.items()))
    return row


@pytest.mark.parametrize(
    ("men", "women", "difference", "ratio"),
    [
        ("45.3", "40", (5.2, 5.3, 5.4), (45.25 / 40.05, 45.3 / 40, 45.35 / 39.95)),
        ("45", "40", (4, 5, 6), (44.5 / 40.5, 45 / 40, 45.5 / 39.5)),
        ("100", "0", (99, 100, 100), (199, None, None)),  # 99.5 to 100, and 0 to 0.5: ratios begin at 99.5 / 0.5
        ("45.3000000001", "40", (5.3000000001,) * 3, (45.3000000001 / 40,) * 3),
    ],
)
def test_bounds_of_a_gap(tmp_path, men, women, difference, ratio):
    gaps = api.compute(
        [sexes(tmp_path, men, women)], gaps=["internet_use_sex"], measures=["absolute_difference", "ratio"]
    )
    kenya = gaps.gaps[gaps.gaps[v.REF_AREA] == "KEN"]
    assert bounds(one(kenya, MEASURE="absolute_difference")) == pytest.approx(difference)
    expected = [float("nan") if end is None else end for end in ratio]
    assert bounds(one(kenya, MEASURE="ratio")) == pytest.approx(expected, nan_ok=True)


def test_bounds_of_a_group_value(tmp_path):
    """Kenya's 40 is 39.5 to 40.5 and Uganda's 10 is 9.5 to 10.5; 100 and 300 people.

    Lowest (39.5 x 100 + 9.5 x 300) / 400 = 17; value 17.5; highest (40.5 x 100 + 10.5 x 300) / 400 = 18.
    """
    path, people, groups = series(tmp_path, "40", "10"), tmp_path / "people.csv", tmp_path / "groups.csv"
    people.write_text("REF_AREA,TIME_PERIOD,OBS_VALUE\nKEN,2022,100\nUGA,2022,300\n", encoding="utf-8")
    groups.write_text("REF_AREA,GROUP\nKEN,EAC\nUGA,EAC\n", encoding="utf-8")
    found = api.compute([path], areas=["EAC"], population=people, groups=[str(groups)])
    assert bounds(one(found.aggregates, REF_AREA="EAC")) == pytest.approx((17, 17.5, 18))


def test_bounds_of_measures(tmp_path):
    """Of 12.4, 20 and 70.1 in thirds: D = 57.7, 57.6 to 57.8; the mean is (102.5) / 3, 0.05 lower or higher.

    PAR = 70.1 less the mean = 107.8 / 3; lowest and highest (2 x 0.05 + 0.05 + 0.05) / 3 away.
    """
    values = (("Q1", "12.4"), ("Q2", "20"), ("Q3", "70.1"))
    rows = [f"KEN,internet_use,{code},2022,{text},100" for code, text in values]
    path = csv(tmp_path, *rows, head="REF_AREA,INDICATOR,WEALTH,TIME_PERIOD,OBS_VALUE,POPULATION")
    found = api.measure("internet_use", [path], over="WEALTH", order="Q1,Q2,Q3", areas=["KEN"]).frame
    assert bounds(one(found, MEASURE="subgroup_difference")) == pytest.approx((57.6, 57.7, 57.8))
    half = 0.2 / 3
    middle = (2 * 70.1 - 12.4 - 20) / 3
    assert bounds(one(found, MEASURE="population_attributable_risk")) == pytest.approx(
        (middle - half, middle, middle + half)
    )


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("95", "undetermined"),  # from 94.5
        ("95.0", "undetermined"),  # from 94.95
        ("95.1", "met"),
        ("94.9", "not met"),
        ("94.9500000000", "not met"),
        ("100", "met"),
    ],
)
def test_the_verdict_on_a_target_is_open_where_rounding_decides(tmp_path, text, verdict):
    found = api.targets([series(tmp_path, text)], targets=["universal_internet_use"], areas=["KEN"]).frame
    assert list(found["VERDICT"]) == [verdict]


def test_embedded_editions_have_no_bounds_from_decimals():
    request = Request(editions=("wdi_2026_08",), economies=("KEN",), years=(2023,))
    values = values_of(request, Population("")).frame
    kenya = one(values, REF_AREA="KEN", INDICATOR="internet_use")
    assert bounds(kenya) == (32.07040024,) * 3


def test_a_file_of_the_same_figures_has_them(tmp_path):
    """The same with two decimals."""
    request = Request(files=(csv(tmp_path, "KEN,internet_use,2023,32.07"),), economies=("KEN",))
    kenya = one(values_of(request, Population("")).frame, REF_AREA="KEN")
    assert bounds(kenya) == pytest.approx((32.065, 32.07, 32.075))
