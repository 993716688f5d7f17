"""Whatever bytes come: a DivideError, or a frame with as many rows as the file has records. Never another exception.

And what the project writes as tidy CSV it reads back as it was.
"""

import contextlib
import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from divide_cli import readers
from divide_cli import vocab as v
from divide_cli.catalogue import catalogue, codelist
from divide_cli.errors import DivideError
from divide_cli.frames import conform
from divide_cli.observations import Observations

SOURCES = Path(__file__).resolve().parents[1] / "sources"
SPECIMENS = {
    path.stem: path.read_bytes() for path in sorted(SOURCES.glob("*/*.csv")) if not path.name.endswith(".expected.csv")
}
specimen = pytest.mark.parametrize("name", SPECIMENS)
one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example overwrites the file


def decoded(raw: bytes) -> str:
    """The text; bytes that are no UTF-8 are let through, since a column that is not read may hold them."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16")
    return raw.decode("utf-8-sig", errors="replace")


def records(raw: bytes) -> list[list[str]]:
    """The records of the text below its header, blank lines apart, as the csv module reads them."""
    reader = csv.reader(io.StringIO(decoded(raw).replace("\r\n", "\n").replace("\r", "\n"), newline=""))
    return [record for record in reader if record][1:]


def read(folder: Path, raw: bytes) -> Observations | None:
    """The observations, having passed the border, or None where a DivideError says what is wrong."""
    path = folder / "noise.csv"
    path.write_bytes(raw)
    try:
        found = readers.load(str(path), "noise")
    except DivideError as error:
        where, code = error.where, error.code
        found = None
    if found is None:
        assert (str(path) in where, code) == (True, 3)
        return None
    with contextlib.suppress(DivideError):
        conform(found.frame, found.dimensions)
    assert len(found.frame) == len(records(raw)) == found.readings[0].rows
    return found


@specimen
@one_folder
@given(data=st.data())
def test_byte_noise(name: str, tmp_path: Path, data: st.DataObject) -> None:
    raw = bytearray(SPECIMENS[name])
    changes = st.lists(
        st.tuples(st.integers(0, len(raw) - 1), st.sampled_from(b'",\n\r\0 1aZ\xff\xe9') | st.integers(0, 255)),
        min_size=1,
        max_size=4,
    )
    for place, byte in data.draw(changes):
        raw[place] = byte
    read(tmp_path, bytes(raw))


@specimen
@one_folder
@given(data=st.data())
def test_bytes_put_in_and_taken_out(name: str, tmp_path: Path, data: st.DataObject) -> None:
    raw = SPECIMENS[name]
    start = data.draw(st.integers(0, len(raw)))
    stop = data.draw(st.integers(start, min(start + 40, len(raw))))
    put = data.draw(
        st.sampled_from([b"", b'"', b'""', b",", b"\n", b"\r\n", b"\r", b"\0", b"\xef\xbb\xbf"]) | st.binary(max_size=6)
    )
    read(tmp_path, raw[:start] + put + raw[stop:])


@specimen
@one_folder
@given(data=st.data())
def test_truncation(name: str, tmp_path: Path, data: st.DataObject) -> None:
    raw = SPECIMENS[name]
    read(tmp_path, raw[: data.draw(st.integers(0, len(raw)))])


@one_folder
@given(raw=st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, raw: bytes) -> None:
    assert read(tmp_path, raw) is None


@specimen
@one_folder
@given(random=st.randoms())
def test_order_of_the_columns_does_not_matter(name: str, tmp_path: Path, random: Any) -> None:
    rows = [row for row in csv.reader(io.StringIO(decoded(SPECIMENS[name]).replace("\r\n", "\n"), newline="")) if row]
    order = list(range(len(rows[0])))
    random.shuffle(order)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([[row[index] for index in order] for row in rows])
    straight, shuffled = read(tmp_path, SPECIMENS[name]), read(tmp_path, text.getvalue().encode())
    assert straight is not None
    assert shuffled is not None
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


@one_folder
@given(rows=st.lists(row, min_size=1, max_size=8))
def test_tidy_csv_is_read_as_it_was_written(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    path = tmp_path / "tidy.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, LAYOUT, lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            [{**entry, v.OBS_VALUE: "" if entry[v.OBS_VALUE] is None else repr(entry[v.OBS_VALUE])} for entry in rows]
        )
    frame = readers.load(str(path), "written").frame
    found = [
        {**entry, v.OBS_VALUE: None if pd.isna(entry[v.OBS_VALUE]) else entry[v.OBS_VALUE]}
        for entry in frame[list(LAYOUT)].astype(object).to_dict("records")
    ]
    assert found == rows


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_reading_what_pandas_writes_of_a_frame_gives_the_frame(tmp_path: Path, line_end: str) -> None:
    """A second round changes nothing: the layout is a fixed point."""
    first = readers.load(str(SOURCES / "sdmx_tidy" / "education_dimension.csv"), "e").frame
    columns = [column for column in first if column not in (v.FILE, v.LINE, v.EDITION)]
    path = tmp_path / "again.csv"
    first[columns].to_csv(path, index=False, lineterminator=line_end)
    again = readers.load(str(path), "e").frame
    pd.testing.assert_frame_equal(again[columns], first[columns])
