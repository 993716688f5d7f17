"""CSV and Parquet files have the same columns, types and missing cells on every engine."""

from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from divide_cli.errors import DivideError
from divide_cli.survey import engines, tables

NAMES = ("pandas", "duckdb", "polars", "dask", "spark")


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Any:
    """The engine of that name, started for the test."""
    if request.param == "spark":
        request.getfixturevalue("spark")
    elif request.param != "pandas":
        pytest.importorskip({"dask": "distributed"}.get(request.param, request.param))
    with engines.running(request.param) as running:
        yield running


every_engine = pytest.mark.parametrize("engine", NAMES, indirect=True)

CSV = """id;t;q;r;big
1;a;1;1.5;12345678901234567890123
2;"x; ""y"" z";;.;12345678901234567890124
3;NA;3;;1
4;é;NA;NaN;2
"""
"""Text with the separator, quotes and an accent; each text of a missing cell; integers too long for a float."""
KINDS = {"id": "integer", "t": "text", "q": "integer", "r": "number", "big": "text"}
TYPES = {"id": nw.Int64, "t": nw.String, "q": nw.Int64, "r": nw.Float64, "big": nw.String}


@every_engine
def test_cells_of_csv(engine: engines.Engine, tmp_path: Path) -> None:
    file = tmp_path / "records.csv"
    file.write_text(CSV, encoding="utf-8")
    assert tables.schema(file, "csv") == KINDS
    frame = engine.table(file, "csv")
    of_missing = {"q": nw.Float64} if engine.name == "pandas" else {}  # NumPy has no missing integer
    assert dict(frame.collect_schema()) == TYPES | of_missing
    rows = engines.collect(frame).sort_values("id", ignore_index=True)
    assert rows["id"].tolist() == [1, 2, 3, 4]
    assert rows["t"].tolist() == ["a", 'x; "y" z', None, "é"]
    np.testing.assert_array_equal(rows["q"], [1, np.nan, 3, np.nan])
    np.testing.assert_array_equal(rows["r"], [1.5, np.nan, np.nan, np.nan])
    assert rows["big"].nunique() == 4, "identifiers stay distinct"
    missing = frame.select(nw.all().is_null().cast(nw.Float64)).select(nw.all().sum())
    assert engines.collect(missing).iloc[0].tolist() == [0, 1, 2, 3, 0], "each missing cell is null, none is NaN"


@every_engine
def test_folder_of_csv_and_chosen_columns(engine: engines.Engine, tmp_path: Path) -> None:
    for name, lines in (("b", "3,z"), ("a", "1,x\n2,y")):
        (tmp_path / f"{name}.csv").write_text(f"id,t\n{lines}\n")
    frame = engine.table(tmp_path, "csv", columns=["t"])
    assert sorted(engines.collect(frame)["t"]) == ["x", "y", "z"]


@every_engine
def test_partitioned_parquet(engine: engines.Engine, persons: pd.DataFrame, tmp_path: Path) -> None:
    """A dataset with a folder for each stratum: the stratum is in the names of the folders only."""
    persons.to_parquet(tmp_path / "data", partition_cols=["stratum"])
    frame = engine.table(tmp_path / "data", "parquet")
    assert frame.collect_schema()["stratum"] == nw.Int64
    frame = frame.with_columns(nw.col("hours").is_null().cast(nw.Float64).alias("none"))
    sums = engines.collect(frame.group_by("stratum").agg(nw.col("weight", "hours", "sex", "none").sum()))
    expected = persons.assign(none=persons["hours"].isna() * 1.0).groupby("stratum")[["weight", "hours", "sex", "none"]]
    actual = sums.sort_values("stratum").set_index("stratum")
    pd.testing.assert_frame_equal(actual, expected.sum().astype(float), check_dtype=False, rtol=1e-12)


@every_engine
def test_frame_of_pandas(engine: engines.Engine, persons: pd.DataFrame) -> None:
    """Categories, missing integers and texts of a frame, as readers of SPSS and Stata give it."""
    frame = engine.adopt(persons.assign(area=persons["area"].astype("category")))
    columns = ["stratum", "unit", "weight", "sex", "area", "hours"]
    rows = engines.collect(frame.select(columns).filter(nw.col("stratum") == 1)).sort_values(columns, ignore_index=True)
    expected = persons.query("stratum == 1")[columns].sort_values(columns, ignore_index=True)
    assert rows["area"].tolist() == expected["area"].astype(object).where(expected["area"].notna(), None).tolist()
    for name in ("weight", "hours", "sex"):
        np.testing.assert_array_equal(rows[name], expected[name].astype(float))


@every_engine
def test_text_among_late_numbers_is_not_missing(engine: engines.Engine, tmp_path: Path) -> None:
    """pandas has all rows, and so a column of texts. For others types follow from the first file: it is an error."""
    (tmp_path / "1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "2.csv").write_text("a,b\n1,two\n")
    if engine.name == "pandas":
        assert engines.collect(engine.table(tmp_path, "csv"))["b"].tolist() == ["2", "two"]
        return
    with pytest.raises(DivideError) as raised, engines.running(engine.name) as running:  # noqa: PT012
        engines.collect(running.table(tmp_path, "csv").select(nw.col("b").sum()))
    assert raised.value.code == "engine_failed" and raised.value.exit_code == 3
    assert "two" in raised.value.found


@every_engine
def test_integer_sums_are_numbers(engine: engines.Engine, tmp_path: Path) -> None:
    """Sums of integers are Decimal in duckdb; numbers arrive on every engine, exact beyond 32 bits."""
    (tmp_path / "records.csv").write_text("g,a\nx,4000000000\nx,4000000001\ny,1\n")
    frame = engine.table(tmp_path / "records.csv", "csv").group_by("g").agg(nw.col("a").sum(), nw.len().alias("n"))
    sums = engines.collect(frame).sort_values("g")
    assert sums["a"].tolist() == [8000000001, 1] and sums["n"].tolist() == [2, 1]
    assert sums["a"].dtype.kind in "if" and sums["n"].dtype == np.int64
