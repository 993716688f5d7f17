"""Whatever bytes come: a DivideError, or every row used, ignored or refused. Never another exception.

And what the project writes as tidy CSV, SDMX-CSV or Parquet it reads back as it was.
"""

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.catalogue import catalogue, codelist
from divide_cli.errors import DivideError
from divide_cli.readers import ReadOptions
from divide_cli.reports import parquet
from tests.properties.mutations import SPECIMENS, check, choices_of, mutated

SOURCES = Path(__file__).resolve().parents[1] / "sources"
TABLES = [
    name for name, path in SPECIMENS.items()
    if path.suffix == ".csv" and catalogue().dataflows[path.parent.name].family in ("table", "itu_datahub")
]  # fmt: skip
specimen = pytest.mark.parametrize("name", SPECIMENS)
one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example overwrites the file
few = settings(one_folder, max_examples=max(4, settings().max_examples // 16))
"""For each specimen: 4 examples in `make test`, 12 in CI; `tests.properties.mutations` draws thousands."""


def noisy(folder: Path, name: str, raw: bytes) -> str:
    path = folder / SPECIMENS[name].name
    path.write_bytes(raw)
    return check(path, choices_of(SPECIMENS[name]))


@specimen
@few
@given(random=st.randoms(use_true_random=False))
def test_noise(name: str, tmp_path: Path, random: Any) -> None:
    noisy(tmp_path, name, mutated(SPECIMENS[name].read_bytes(), random))


@specimen
@few
@given(data=st.data())
def test_truncation(name: str, tmp_path: Path, data: st.DataObject) -> None:
    raw = SPECIMENS[name].read_bytes()
    noisy(tmp_path, name, raw[: data.draw(st.integers(0, len(raw)))])


@one_folder
@given(raw=st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "noise.csv"
    path.write_bytes(raw)
    with pytest.raises(DivideError):
        readers.read(str(path), "noise", ReadOptions(strict=False))


@pytest.mark.parametrize("name", TABLES)
@few
@given(random=st.randoms(use_true_random=False))
def test_order_of_the_columns_does_not_matter(name: str, tmp_path: Path, random: Any) -> None:
    path = SPECIMENS[name]
    choices = ReadOptions(**choices_of(path), strict=False)
    straight = readers.read(str(path), "noise", choices)
    file = straight.readings[0].file
    text = path.read_bytes().decode(file.encoding).removeprefix("\ufeff").replace("\r\n", "\n")
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=file.delimiter) if row]
    if len({len(row) for row in rows}) > 1:
        return  # other cells are missing from a short row when they are moved
    order = list(range(len(rows[0])))
    random.shuffle(order)
    shuffled_text = io.StringIO(newline="")
    writer = csv.writer(shuffled_text, lineterminator="\n", delimiter=file.delimiter)
    writer.writerows([[row[index] for index in order] for row in rows])
    other = tmp_path / path.name
    other.write_text(shuffled_text.getvalue(), encoding="utf-8", newline="")
    shuffled = readers.read(str(other), "noise", choices)
    columns = [column for column in straight.frame if column not in (v.FILE, v.LINE)]
    pd.testing.assert_frame_equal(shuffled.frame[columns], straight.frame[columns])


# ---- what is written is read back as it was

LAYOUT = (*v.KEY[:-1], v.TIME_PERIOD, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)
row = st.fixed_dictionaries(
    {
        v.REF_AREA: st.sampled_from(codelist("CL_AREA").codes),
        v.INDICATOR: st.sampled_from([code for code, entry in catalogue().indicators.items() if entry.unit == "PT"]),
        v.SEX: st.sampled_from(codelist("CL_SEX").codes),
        v.AGE: st.sampled_from(codelist("CL_AGE").codes),
        v.URBANISATION: st.sampled_from(codelist("CL_URBANISATION").codes),
        v.TIME_PERIOD: st.integers(1900, 2100),
        v.OBS_VALUE: st.none() | st.floats(0, 100),
        v.UNIT_MEASURE: st.just("PT"),
        v.OBS_STATUS: st.sampled_from(codelist("CL_OBS_STATUS").codes),
        v.OBS_COMMENT: texts,
    }
)


further = st.sampled_from(["_T", "ISCED11_1", "a, b", 'say "x"', "é\nü"])


@pytest.mark.parametrize("form", ["csv", "sdmx-csv", "parquet"])
@one_folder
@given(
    rows=st.lists(
        st.tuples(row, further),
        min_size=1,
        max_size=8,
        unique_by=lambda pair: (pair[1], *(pair[0][name] for name in v.KEY)),
    )
)
def test_what_is_written_is_read_as_it_was(form: str, tmp_path: Path, rows: list[tuple[dict[str, Any], str]]) -> None:
    """From a tidy CSV that the csv module wrote, through a form that the project writes, and back."""
    layout = [*LAYOUT[:5], "EDUCATION_LEV", *LAYOUT[5:]]
    path = tmp_path / "tidy.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, layout, lineterminator="\n")
        writer.writeheader()
        for entry, level in rows:
            value = "" if entry[v.OBS_VALUE] is None else repr(entry[v.OBS_VALUE])
            writer.writerow({**entry, v.OBS_VALUE: value, "EDUCATION_LEV": level})
    first = readers.read(str(path), "written")
    found = [
        {**entry, v.OBS_VALUE: None if pd.isna(entry[v.OBS_VALUE]) else entry[v.OBS_VALUE]}
        for entry in first.frame[layout].astype(object).to_dict("records")
    ]
    assert found == [{**entry, "EDUCATION_LEV": level} for entry, level in rows]
    (target, *_) = parquet.observations(first, form, tmp_path / f"again.{'parquet' if form == 'parquet' else 'csv'}")
    second = readers.read(str(target), "written")
    pd.testing.assert_frame_equal(second.frame[layout], first.frame[layout])


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_reading_what_pandas_writes_of_a_frame_gives_the_frame(tmp_path: Path, line_end: str) -> None:
    """A second round changes nothing: the layout is a fixed point."""
    first = readers.load(str(SOURCES / "sdmx_tidy" / "education_dimension.csv"), "e").frame
    columns = [column for column in first if column not in (v.FILE, v.LINE, v.EDITION)]
    path = tmp_path / "again.csv"
    first[columns].to_csv(path, index=False, lineterminator=line_end)
    again = readers.load(str(path), "e").frame
    pd.testing.assert_frame_equal(again[columns], first[columns])
