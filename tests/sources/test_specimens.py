"""Each specimen tests/sources/<dataflow>/<name>.<ext> is read as <name>.expected.csv says: every row, in order.

A new format is tested by adding the two files, and <name>.choices.yaml where rows are ignored or refused, or where the
file needs --area or --indicator. All values are made up; only the layout is a provider's (synthetic: true marks a layout
of which no real file was available).
"""

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.catalogue import catalogue
from divide_cli.errors import DivideError
from divide_cli.frames.observations import Observations
from divide_cli.frames.schema import conform
from divide_cli.readers import ReadOptions

HERE = Path(__file__).resolve().parent
SPECIMENS = sorted(
    path
    for path in HERE.glob("*/*")
    if path.is_file() and not path.name.endswith((".expected.csv", ".choices.yaml", ".pyc"))
)
every = pytest.mark.parametrize("path", SPECIMENS, ids=lambda path: f"{path.parent.name}/{path.name}")
FLOWS = catalogue().dataflows
TEXT = (".csv", ".tsv")


def said(path: Path) -> dict[str, Any]:
    """What <name>.choices.yaml says about the specimen."""
    beside = path.with_name(f"{path.name.partition('.')[0]}.choices.yaml")
    return dict(yaml.safe_load(beside.read_text(encoding="utf-8"))) if beside.is_file() else {}


LONG = [
    path
    for path in SPECIMENS
    if path.suffix == ".csv" and path.parent.name in ("sdmx_tidy", "itu_datahub_csv") and not said(path)
]
"""Commas between the cells, and every row used: the records of the csv module are the rows."""
every_long = pytest.mark.parametrize("path", LONG, ids=lambda path: f"{path.parent.name}/{path.name}")


def decoded(path: Path) -> str:
    raw = path.read_bytes()
    return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")


def records(text: str) -> list[list[str]]:
    """What the csv module makes of the text, without the blank lines and the header."""
    return [record for record in csv.reader(io.StringIO(text, newline="")) if record][1:]


def expected(path: Path) -> list[dict[str, str]]:
    with path.with_name(f"{path.name.partition('.')[0]}.expected.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def as_text(frame: pd.DataFrame, names: list[str]) -> list[dict[str, Any]]:
    """The rows as expected files write them: a missing value is empty; a number is left a number."""
    rows = frame[names].astype(object).to_dict("records")
    return [{str(name): "" if pd.isna(value) else value for name, value in row.items()} for row in rows]


def read(path: Path) -> Any:
    told = said(path)
    return readers.read(
        str(path), "specimen", ReadOptions(indicator=told.get("indicator", ""), area=told.get("area", ""), strict=False)
    )


def test_every_dataflow_has_a_specimen() -> None:
    count = Counter(path.parent.name for path in SPECIMENS)
    assert {name: count[name] for name in FLOWS if not count[name]} == {}
    assert set(count) == set(FLOWS)


def test_every_specimen_has_its_expected_frame_and_no_other_file_lies_about() -> None:
    names = {path.with_name(path.name.partition(".")[0]) for path in SPECIMENS}
    beside = {*HERE.glob("*/*.expected.csv"), *HERE.glob("*/*.choices.yaml")}
    assert {path.with_name(path.name.partition(".")[0]) for path in beside} == names


@every
def test_specimen_is_read_as_expected(path: Path) -> None:
    found = read(path)
    wanted = expected(path)
    numbers = {v.OBS_VALUE: float, v.TIME_PERIOD: int, v.LINE: int, v.DECIMALS: int, **dict.fromkeys(v.AMOUNTS, float)}
    typed = [{name: numbers.get(name, str)(text) if text else "" for name, text in row.items()} for row in wanted]
    if wanted:
        assert as_text(found.frame, list(wanted[0])) == typed
    assert len(found.frame) == len(wanted)
    if wanted and isinstance(found, Observations):
        assert set(found.frame) - {v.FILE, v.EDITION} == set(wanted[0])


@every
def test_every_row_of_a_specimen_is_used_ignored_or_refused(path: Path) -> None:
    found, told = read(path), said(path)
    (reading,) = found.readings
    ignored, refused = (sum(pile.rows for pile in piles) for piles in (reading.ignored, reading.refused))
    assert reading.dataflow == path.parent.name
    assert reading.rows == reading.used + ignored + refused
    if isinstance(found, Observations):  # a membership may rest on the classifications of many years
        assert len(found.frame) == reading.used
    assert (ignored, refused) == (told.get("ignored", 0), told.get("refused", 0))
    assert all(len(pile.lines) == pile.rows for pile in (*reading.ignored, *reading.refused))
    assert reading.file.size == path.stat().st_size
    assert reading.evidence


@every
def test_a_strict_reading_is_the_same_or_an_error(path: Path) -> None:
    """What computes may not go on without the rows that are refused."""
    told = said(path)
    choices = ReadOptions(indicator=told.get("indicator", ""), area=told.get("area", ""))
    if told.get("refused"):
        with pytest.raises(DivideError):
            readers.read(str(path), "specimen", choices)
    else:
        strict = readers.read(str(path), "specimen", choices)
        pd.testing.assert_frame_equal(strict.frame, read(path).frame)


@every
def test_specimen_passes_the_border(path: Path) -> None:
    found = read(path)
    if isinstance(found, Observations):
        conform(found.frame, found.dimensions)


@every_long
def test_line_is_that_on_which_the_record_begins(path: Path) -> None:
    """The text from one line to the next is that record and no other, as the csv module reads it."""
    lines = decoded(path).replace("\r\n", "\n").split("\n")
    begins = [*read(path).frame[v.LINE].tolist(), len(lines) + 1]
    for record, start, end in zip(records(decoded(path).replace("\r\n", "\n")), begins, begins[1:], strict=False):
        piece = "\n".join(lines[start - 1 : end - 1])
        assert [row for row in csv.reader(io.StringIO(piece, newline="")) if row] == [record]


@pytest.mark.parametrize(
    "path", [path for path in SPECIMENS if path.suffix in TEXT], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_line_ends_encodings_and_archives_do_not_change_what_is_read(path: Path, tmp_path: Path) -> None:
    import gzip
    import zipfile

    text = decoded(path).replace("\r\n", "\n")
    told = said(path)
    choices = ReadOptions(indicator=told.get("indicator", ""), area=told.get("area", ""), strict=False)
    columns = [name for name in (*v.KEY, v.OBS_VALUE, v.OBS_STATUS, v.LINE) if name in read(path).frame]
    plain = as_text(read(path).frame, columns)
    ways = {"utf-8": text, "utf-8-sig": text.replace("\n", "\r\n"), "utf-16": text.replace("\n", "\r\n")}
    if text.isascii() is False and "’" not in text:
        try:
            text.encode("windows-1252")
            ways["windows-1252"] = text
        except UnicodeEncodeError:
            pass
    for encoding, content in ways.items():
        other = tmp_path / encoding / path.name
        other.parent.mkdir()
        other.write_bytes(content.encode(encoding))
        found = readers.read(str(other), "specimen", choices)
        assert as_text(found.frame, columns) == plain, encoding
        assert found.readings[0].file.encoding == encoding
    packed = tmp_path / f"{path.name}.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    zipped = tmp_path / "download.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(path.name, text)
        archive.writestr("Metadata_Country_API.csv", "a,b\n")
    for other, compression in ((packed, "gzip"), (zipped, "zip")):
        found = readers.read(str(other), "specimen", choices)
        assert as_text(found.frame, columns) == plain, compression
        assert found.readings[0].file.compression == compression


@every_long
def test_a_last_line_without_its_end_is_read(path: Path, tmp_path: Path) -> None:
    text = decoded(path).replace("\r\n", "\n").rstrip("\n")
    other = tmp_path / "open.csv"
    other.write_text(text, encoding="utf-8", newline="")
    assert len(read(other).frame) == len(records(text)) == len(expected(path))
