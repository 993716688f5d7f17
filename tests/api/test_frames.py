"""Frames in place of files: every library gives the numbers of the file, with the same findings and places, and one clear error."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pytest

import divide_cli as divide
from divide_cli.errors import Place

duckdb = pytest.importorskip("duckdb", reason="a library of frames that the oldest environment lacks")
pl = pytest.importorskip("polars", reason="a library of frames that the oldest environment lacks")

COLUMNS = {
    "REF_AREA": ["KEN", "KEN", "UGA", "UGA"], "INDICATOR": ["internet_use"] * 4, "SEX": ["M", "F", "M", "F"],
    "TIME_PERIOD": [2024] * 4, "OBS_VALUE": [40.0, 30.0, 20.0, 15.0],
}  # fmt: skip
"""Men minus women: 10 points in Kenya, 5 in Uganda."""


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(COLUMNS)


def differences(source: Any, **words: Any) -> dict[str, float]:
    """The difference of each area."""
    gaps = divide.compute(
        source, gap="internet_use_sex", area=["KEN", "UGA"], measure="absolute_difference", **words
    ).gaps
    known = gaps[gaps["OBS_VALUE"].notna()]
    return dict(zip(known["REF_AREA"], known["OBS_VALUE"], strict=True))


class OnlyInterchange:
    """A table of a library that has the dataframe interface alone."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> Any:
        return self._table.__dataframe__(nan_as_null, allow_copy)


class OnlyCapsule:
    """A table of a library that has the Arrow PyCapsule interface alone."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


OF_LIBRARIES = {
    "pandas": lambda frame: frame,
    "pandas with categories": lambda frame: frame.astype({"REF_AREA": "category", "SEX": "category"}),
    "pandas with nullable types": lambda frame: frame.convert_dtypes(),
    "pandas with Arrow types": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "pandas with levels": lambda frame: frame.set_index(["REF_AREA", "SEX"]),
    "pandas with periods": lambda frame: frame.assign(TIME_PERIOD=pd.PeriodIndex(["2024"] * 4, freq="Y")),
    "pandas with years as doubles": lambda frame: frame.astype({"TIME_PERIOD": "float64"}),
    "pandas with decimals": lambda frame: frame.assign(OBS_VALUE=[Decimal(str(one)) for one in COLUMNS["OBS_VALUE"]]),
    "polars": pl.from_pandas,
    "polars with enums": lambda frame: pl.from_pandas(frame).cast({"SEX": pl.Enum(["F", "M"])}),
    "pyarrow": pa.Table.from_pandas,
    "duckdb": lambda frame: duckdb.sql("SELECT * REPLACE (OBS_VALUE::DECIMAL(6, 1) AS OBS_VALUE) FROM frame"),
    "narwhals": lambda frame: nw.from_native(frame, eager_only=True),
    "capsule": lambda frame: OnlyCapsule(pa.Table.from_pandas(frame, preserve_index=False)),
    "interchange": lambda frame: OnlyInterchange(pa.Table.from_pandas(frame, preserve_index=False)),
}


@pytest.mark.parametrize("library", OF_LIBRARIES)
def test_frames_of_every_library_give_the_same_numbers(library: str, frame: pd.DataFrame) -> None:
    assert differences(OF_LIBRARIES[library](frame)) == {"KEN": 10.0, "UGA": 5.0}


def test_missing_values_are_missing(frame: pd.DataFrame) -> None:
    """Without a value of women in Uganda, its gap has no value."""
    for missing in (
        frame.assign(OBS_VALUE=[40, 30, 20, None]),
        frame.assign(OBS_VALUE=pd.array([40, 30, 20, None], dtype="Int64")),
        pl.DataFrame({**COLUMNS, "OBS_VALUE": [40, 30, 20, None]}),
    ):
        assert differences(missing) == {"KEN": 10.0}
        assert divide.read(missing).outcomes["ROWS"].sum() == 4


def test_a_frame_is_read_as_its_file(frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame gives the findings of its Parquet file, on the same rows; only the name and the bytes differ."""
    monkeypatch.chdir(tmp_path)
    wrong = frame.assign(OBS_VALUE=[40.0, 300.0, 20.0, 15.0], REF_AREA=["KEN", "KEN", "UGA", "XXX"])
    wrong.to_parquet("wrong.parquet", index=False)
    of_file, of_frame = (
        json.loads(divide.validate(source, against="none").to_json()) for source in ("wrong.parquet", wrong)
    )
    findings = [{**one, "file": "<frame 1>"} for one in of_file["findings"]]
    assert findings == of_frame["findings"]
    assert {("value_out_of_range", 2), ("code_unknown", 4)} <= {(one["rule"], one["line"]) for one in findings}


def test_the_place_of_an_error_is_a_row(frame: pd.DataFrame) -> None:
    with pytest.raises(divide.SourceError) as raised:
        divide.compute(frame.assign(REF_AREA=["KEN", "KEN", "XXX", "UGA"]))
    error = raised.value
    assert (error.code, error.where) == ("code_unknown", "<frame 1>, row 3, column REF_AREA")
    assert isinstance(error.where, Place) and (error.where.file, error.where.line) == ("<frame 1>", 3)
    assert "'XXX'" in error.found and error.subject and error.hint


def test_several_frames_have_names_of_their_own(frame: pd.DataFrame) -> None:
    result = divide.validate([frame, frame.assign(OBS_VALUE=500.0)], previous=frame, against="none")
    assert set(result.findings.loc[result.findings["RULE"] == "value_out_of_range", "FILE"]) == {"<frame 2>"}
    revised = divide.diff(frame, pl.from_pandas(frame.assign(OBS_VALUE=[40, 31, 20, 15])), fail_above=0.5)
    assert revised.changes["DIFFERENCE"].tolist() == [1.0] and revised.exit_code == 1


def test_people_may_be_a_frame(frame: pd.DataFrame, tmp_path: Path) -> None:
    """A value of two economies with 1 and 3 million people: (40 x 1 + 20 x 3) / 4 = 25."""
    figures = frame[frame["SEX"] == "M"].assign(SEX="_T")
    people = figures.assign(INDICATOR="population", OBS_VALUE=[1e6, 3e6])
    two = tmp_path / "two.csv"
    two.write_text("REF_AREA,GROUP\nKEN,TWO\nUGA,TWO\n", encoding="utf-8")
    result = divide.compute(figures, population=people, indicator="internet_use", groups=two, area="TWO")
    assert result.aggregates["OBS_VALUE"].tolist() == [25.0]


def test_a_result_is_a_frame_too(frame: pd.DataFrame) -> None:
    assert differences(divide.read(frame)) == {"KEN": 10.0, "UGA": 5.0}
    result = divide.compute(frame, gap="internet_use_sex", area="KEN")
    assert result.to_polars().equals(pl.from_arrow(result.to_arrow())) and pl.DataFrame(result).height == len(
        result.gaps
    )


def test_without_polars_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(divide.SourceError) as raised:
        divide.editions().to_polars()
    assert raised.value.code == "polars_missing" and "pip install 'divide-cli[polars]'" in raised.value.hint


def test_calls_in_several_threads_read_their_own_frames(frame: pd.DataFrame) -> None:
    def gap(add: int) -> float:
        return differences(frame.assign(OBS_VALUE=[40.0 + add, 30.0, 20.0, 15.0]))["KEN"]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(gap, range(4))) == [10.0, 11.0, 12.0, 13.0]


WRONG: dict[str, tuple[Any, str]] = {
    "no column": (pd.DataFrame(), "dataflow_not_recognised"),
    "texts as values": (pd.DataFrame({**COLUMNS, "OBS_VALUE": list("abcd")}), "value_column_not_numeric"),
    "mixed values": (pd.DataFrame({**COLUMNS, "OBS_VALUE": ["a", 1, 2, 3]}), "frame_unreadable"),
    "lists as values": (pl.DataFrame({**COLUMNS, "OBS_VALUE": [[1], [2], [3], [4]]}), "frame_unreadable"),
    "a repeated column": (pd.concat([pd.DataFrame(COLUMNS)] * 2, axis=1), "frame_columns_repeated"),
    "a repeated column of Arrow": (
        pa.table([pa.array([1]), pa.array([2])], names=["SEX", "SEX"]), "frame_columns_repeated",
    ),
    "a lazy query": (pl.DataFrame(COLUMNS).lazy(), "source_not_understood"),
    "a number": (3, "source_not_understood"),
    "a dictionary": ({"REF_AREA": ["KEN"]}, "source_not_understood"),
    "no such file": ("absent.csv", "file_unopenable"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_is_one_clear_error(name: str) -> None:
    source, code = WRONG[name]
    for function in (divide.read, divide.compute):
        with pytest.raises(divide.DivideError) as raised:
            function(source)
        assert raised.value.code == code and raised.value.where and raised.value.hint


def test_a_frame_without_rows_has_no_result(frame: pd.DataFrame) -> None:
    empty = frame.iloc[:0]
    assert divide.read(empty).exit_code == 1
    assert divide.validate(empty, against="none").exit_code == 1
    with pytest.raises(divide.NothingComputedError) as raised:
        divide.compute(empty)
    assert raised.value.code == "nothing_computed"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"min_coverage": 101}, "option_number_wrong"),
        ({"top": 0}, "option_number_wrong"),
        ({"min_coverage": "75"}, "option_number_wrong"),
        ({"sort": "size"}, "option_value_unknown"),
        ({"lang": "de"}, "option_value_unknown"),
        ({"year": 2024.5}, "words_not_understood"),
        ({"area": [None]}, "words_not_understood"),
        ({"area": {"KEN": 1}}, "words_not_understood"),
        ({"area": "Kenia"}, "option_value_unknown"),
    ],
)
def test_wrong_words_are_errors_of_options(words: dict[str, Any], code: str) -> None:
    with pytest.raises(divide.OptionError) as raised:
        divide.compute(**words)
    assert raised.value.code == code and raised.value.expected
