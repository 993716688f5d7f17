"""Each specimen tests/sources/<dataflow>/<name>.csv is read as <name>.expected.csv says: every row, in order.

A new format is tested by adding the two files. All values are made up; only the layout is a provider's.
"""

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from divide_cli import readers
from divide_cli import vocab as v
from divide_cli.catalogue import catalogue
from divide_cli.frames import conform
from divide_cli.observations import Observations

HERE = Path(__file__).resolve().parent
SPECIMENS = sorted(path for path in HERE.glob("*/*.csv") if not path.name.endswith(".expected.csv"))
every = pytest.mark.parametrize("path", SPECIMENS, ids=lambda path: f"{path.parent.name}/{path.stem}")


def decoded(path: Path) -> str:
    raw = path.read_bytes()
    return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")


def records(text: str) -> list[list[str]]:
    """What the csv module makes of the text, without the blank lines and the header."""
    return [record for record in csv.reader(io.StringIO(text, newline="")) if record][1:]


def expected(path: Path) -> list[dict[str, str]]:
    with path.with_name(f"{path.stem}.expected.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def as_text(frame: pd.DataFrame, names: list[str]) -> list[dict[str, Any]]:
    """The rows as expected files write them: a missing value is empty; a number is left a number."""
    rows = frame[names].astype(object).to_dict("records")
    return [{str(name): "" if pd.isna(value) else value for name, value in row.items()} for row in rows]


def read(path: Path) -> Observations:
    return readers.load(str(path), "specimen")


def test_every_dataflow_has_two_specimens_at_least() -> None:
    count = {name: sum(path.parent.name == name for path in SPECIMENS) for name in catalogue().dataflows}
    assert min(count.values()) >= 2
    assert {path.parent.name for path in SPECIMENS} == set(catalogue().dataflows)


@every
def test_specimen_is_read_as_expected(path: Path) -> None:
    wanted = expected(path)
    numbers = {v.OBS_VALUE: float, v.TIME_PERIOD: int, v.LINE: int, v.DECIMALS: int}
    typed = [{name: numbers.get(name, str)(text) if text else "" for name, text in row.items()} for row in wanted]
    found = read(path)
    assert as_text(found.frame, list(wanted[0])) == typed
    assert set(found.frame) == {*wanted[0], v.FILE, v.EDITION}


@every
def test_specimen_is_recognised_and_its_rows_are_counted(path: Path) -> None:
    found = read(path)
    (reading,) = found.readings
    assert reading.dataflow == path.parent.name
    assert reading.rows == len(found.frame) == len(records(decoded(path)))
    assert reading.estimates == sum(row[v.OBS_STATUS] == "E" for row in expected(path))
    assert reading.file.size == path.stat().st_size


@every
def test_line_is_that_on_which_the_record_begins(path: Path) -> None:
    """The text from one line to the next is that record and no other, as the csv module reads it."""
    lines = decoded(path).replace("\r\n", "\n").split("\n")
    begins = [*read(path).frame[v.LINE].tolist(), len(lines) + 1]
    for record, start, end in zip(records(decoded(path).replace("\r\n", "\n")), begins, begins[1:], strict=False):
        piece = "\n".join(lines[start - 1 : end - 1])
        assert [row for row in csv.reader(io.StringIO(piece, newline="")) if row] == [record]


@every
def test_specimen_passes_the_border(path: Path) -> None:
    found = read(path)
    conform(found.frame, found.dimensions)


@every
def test_lines_ends_and_encodings_do_not_change_what_is_read(path: Path, tmp_path: Path) -> None:
    text = decoded(path).replace("\r\n", "\n")
    plain = as_text(read(path).frame, [*v.KEY, v.OBS_VALUE, v.OBS_STATUS, v.LINE])
    ways = {"utf-8": "\n", "utf-8-sig": "\r\n", "utf-16": "\r\n"}
    for encoding, end in ways.items():
        other = tmp_path / f"{encoding}.csv"
        other.write_bytes(text.replace("\n", end).encode(encoding))
        assert as_text(read(other).frame, [*v.KEY, v.OBS_VALUE, v.OBS_STATUS, v.LINE]) == plain, encoding


@every
def test_a_last_line_without_its_end_is_read(path: Path, tmp_path: Path) -> None:
    text = decoded(path).replace("\r\n", "\n").rstrip("\n")
    other = tmp_path / "open.csv"
    other.write_text(text, encoding="utf-8", newline="")
    assert len(read(other).frame) == len(records(text)) == len(expected(path))
