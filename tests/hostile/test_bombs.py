"""Files that become large when they are read: refused with one message, in bounded time and memory, nothing left."""

import gzip
import zipfile
import zlib

import pytest

from divide_cli import readers
from divide_cli.errors import SourceError
from divide_cli.readers.opening import container
from tests.hostile.conftest import MEMORY, SECONDS
from tests.hostile.makers import BOMBS, GOOD, HEADER, MADE, MEGABYTE, ROW, deflated, long_text_shown_often, zipped


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_bounds(name, tmp_path, measured):
    path = BOMBS[name](tmp_path)
    made = measured("validate", path, "--format", "json")
    assert made.code == 3, made.err
    assert made.err.count("divide: error:") == 1 and "Traceback" not in made.err
    assert str(path) in made.err and "expected: " in made.err.replace("found: ", "expected: ")
    assert made.peak < MEMORY, f"{made.peak / 1024:,.0f} MB"
    assert made.seconds < SECONDS


def test_read_and_compute_refuse_alike_and_write_nothing(tmp_path, measured):
    path = BOMBS["a zip of gigabytes of rows"](tmp_path)
    out = tmp_path / "out.parquet"
    for command in (("read", path, "--out", out), ("compute", path, "--out", tmp_path / "gaps")):
        made = measured(*command)
        assert made.code == 3 and "the archive unpacks to far more than figures need" in made.err
        assert made.out == ""
        assert not out.exists() and not (tmp_path / "gaps").exists()


def test_standard_input_and_an_earlier_submission_are_bounded_too(tmp_path, measured):
    path = BOMBS["a gzip of gigabytes of rows"](tmp_path)
    good = tmp_path / "good.csv"
    good.write_text(GOOD)
    assert measured("validate", "-", given=path.read_bytes()).code == 3
    assert measured("validate", good, "--previous", path).code == 3


@pytest.mark.parametrize("name", MADE)
def test_a_trick_is_refused_with_one_message(name, tmp_path):
    path = MADE[name](tmp_path)
    with pytest.raises(SourceError) as raised:
        readers.read(str(path))
    text = str(raised.value)
    assert text.splitlines()[0] and f"  where: {path}" in text and len(text) < 3000
    assert text.isprintable() or all(line.isprintable() for line in text.splitlines())


def test_a_text_stored_once_is_kept_once(tmp_path, measured):
    made = measured("read", long_text_shown_often(tmp_path))
    assert "stands twice" in made.out + made.err or made.code == 0
    assert made.peak < MEMORY and made.seconds < SECONDS


def test_honest_archives_of_some_size_are_read_through_a_temporary_file(tmp_path, monkeypatch):
    years = "".join(f"KAZ,internet_use,_T,{year},{year % 100}.5,{'x' * 1000}\n" for year in range(1960, 2024))
    content = (HEADER + years).encode()
    plain = tmp_path / "plain.csv"
    plain.write_bytes(content)
    expected = readers.read(str(plain)).frame[["TIME_PERIOD", "OBS_VALUE"]]
    monkeypatch.setattr(container, "most", lambda limit: 1000 if limit == "bytes_in_memory" else 10**9)
    packed = tmp_path / "x.csv.gz"
    packed.write_bytes(gzip.compress(content))
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("x.csv", content)
    wide = tmp_path / "utf16.csv"
    wide.write_bytes(content.decode().encode("utf-16"))
    for path in (packed, archive, wide):
        read = readers.read(str(path))
        assert read.frame[["TIME_PERIOD", "OBS_VALUE"]].equals(expected), path.name
        assert read.readings[0].used == 64


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le", "cp1252"])
def test_encodings_are_read_alike_block_by_block(encoding, tmp_path, monkeypatch):
    monkeypatch.setattr(container, "CHUNK", 7)
    text = HEADER + "".join(f"KAZ,internet_use,_T,{year},85.5,Über\r\n" for year in range(2000, 2020))
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(encoding))
    read = readers.read(str(path), options=readers.ReadOptions(encoding="utf-16-le" if encoding == "utf-16-le" else ""))
    assert set(read.frame["OBS_COMMENT"]) == {"Über"} and len(read.frame) == 20
    assert read.frame["LINE"].tolist() == list(range(2, 22))


def test_what_a_zip_claims_counts_for_nothing(tmp_path):
    content = GOOD.encode()
    path = tmp_path / "modest.zip"
    path.write_bytes(zipped([("../../etc/passwd.csv", deflated(content), 8, zlib.crc32(content), 7)]))
    read = readers.read(str(path))
    assert len(read.frame) == 1  # read to its true end; its name is shown and not used
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["modest.zip"]


def test_a_row_may_be_as_long_as_the_limit_says(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(HEADER + ROW.rstrip() + "x" * 999_000 + "\n" + ROW.replace("2020", "2021"))
    assert len(readers.read(str(path)).frame) == 2
    path.write_text(HEADER + ROW.rstrip() + "x" * 1_000_000 + "\n")
    with pytest.raises(SourceError, match="a row is too long"):
        readers.read(str(path))


def test_every_limit_has_a_reason_and_none_is_unused():
    from pathlib import Path

    from divide_cli.catalogue import catalogue

    root = Path(readers.__file__).resolve().parents[1]
    code = "".join(path.read_text(encoding="utf-8") for path in root.rglob("*.py"))
    assert [name for name in catalogue().limits if f'"{name}"' not in code] == []


def test_a_megabyte_of_rows_is_no_bomb(tmp_path):
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress((HEADER.encode() + MEGABYTE)[:60_000] + b"\n"))
    assert readers.read(str(path), options=readers.ReadOptions(strict=False, submitted=True)).readings[0].rows > 1000
