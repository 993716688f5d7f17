"""Files of records: every format gives the same rows, labels are kept, and only the variables that are named are read."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from divide_cli import readers
from divide_cli.catalogue.survey_words import looks_like_microdata
from divide_cli.errors import SourceError
from divide_cli.survey.draft import draft
from divide_cli.survey.microdata import open_microdata

FRAME = pd.DataFrame({"w": [1.5, 2.0, 3.0], "sex": [1, 2, 2], "place": ["u", "r", "u"], "left": [7, 8, 9]})
WANTED = ("w", "sex", "place", "absent")


def written(folder: Path, kind: str) -> Path:
    path = folder / f"records.{kind}"
    if kind in ("sav", "dta"):
        pyreadstat = pytest.importorskip("pyreadstat")
        labels = {"column_labels": {"sex": "Sex"}, "variable_value_labels": {"sex": {1: "Male", 2: "Female"}}}
        (pyreadstat.write_sav if kind == "sav" else pyreadstat.write_dta)(FRAME, str(path), **labels)
    elif kind == "csv":
        FRAME.to_csv(path, index=False)
    elif kind == "semicolons":
        path = folder / "records.csv"
        FRAME.to_csv(path, index=False, sep=";")
    elif kind == "parquet":
        FRAME.to_parquet(path, index=False)
    elif kind == "folder":
        path.mkdir()
        FRAME[:1].to_parquet(path / "a.parquet", index=False)
        FRAME[1:].to_parquet(path / "b.parquet", index=False)
    else:
        pq.write_to_dataset(pa.Table.from_pandas(FRAME), path, partition_cols=["sex"])
    return path


@pytest.mark.parametrize("kind", ["sav", "dta", "csv", "semicolons", "parquet", "folder", "partitioned"])
def test_every_format_gives_the_same_rows_of_the_wanted_columns(tmp_path: Path, kind: str) -> None:
    data = open_microdata(written(tmp_path, kind), WANTED)
    assert sorted(data.variables) == sorted(FRAME.columns)
    frame = data.frame.collect().to_pandas()
    assert set(frame.columns) == {"w", "sex", "place"}
    rows = [(float(row.w), int(row.sex), str(row.place)) for row in frame.itertuples()]
    assert sorted(rows) == sorted((row.w, row.sex, row.place) for row in FRAME.itertuples())


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_labels_are_kept(tmp_path: Path, kind: str) -> None:
    labels = open_microdata(written(tmp_path, kind), WANTED).labels
    assert labels.variables["sex"] == "Sex"
    assert labels.of("sex", 2) == "Female"
    assert labels.of("sex", 9) == ""


@pytest.mark.parametrize("name", ["absent.csv", "absent.sav", "damaged.sav", "damaged.parquet", "damaged.dta"])
def test_files_that_cannot_be_read_are_one_error(tmp_path: Path, name: str) -> None:
    pytest.importorskip("pyreadstat")
    path = tmp_path / name
    if path.stem == "damaged":
        path.write_bytes((b"PAR1" if path.suffix == ".parquet" else b"$FL2") + b"\x00\x01" * 40)
    with pytest.raises(SourceError) as raised:
        open_microdata(path, WANTED)
    assert raised.value.code == "microdata_unreadable"
    assert raised.value.where == str(path)
    with pytest.raises(SourceError) as raised:
        draft(path)
    assert raised.value.code == "microdata_unreadable"


@pytest.mark.parametrize("kind", ["sav", "dta", "csv", "parquet"])
def test_reading_figures_from_records_names_the_command_for_them(tmp_path: Path, kind: str) -> None:
    frame = FRAME.rename(columns={"w": "weight", "place": "urban"})
    path = tmp_path / f"my records.{kind}"
    if kind in ("sav", "dta"):
        pyreadstat = pytest.importorskip("pyreadstat")
        (pyreadstat.write_sav if kind == "sav" else pyreadstat.write_dta)(frame, str(path))
    else:
        frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path, index=False)
    with pytest.raises(SourceError) as raised:
        readers.read(str(path))
    assert raised.value.code == "file_is_microdata"
    assert f"divide tabulate --init '{path}'" in raised.value.hint


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (("HH1", "weight", "sex"), True),
        (("poids", "sexe", "âge"), True),
        (("sex", "age", "milieu", "internet_use"), True),
        (("weight", "height"), False),
        (("Sex", "Age", "Urban/rural", "Weight", "Year", "Value"), False),
        (("Country", "Sex", "Age", "Education"), False),
    ],
)
def test_records_are_told_from_tables_of_figures_by_their_columns(columns: tuple[str, ...], expected: bool) -> None:
    assert looks_like_microdata(columns) is expected
