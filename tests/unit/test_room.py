"""Long columns are in memory or in files, and nothing but the use of memory shows where."""

import errno
import gc
import itertools
import os
import random
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from divide_cli.errors import OptionError, SourceError
from divide_cli.frames import columns, room

ROOT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture
def little(monkeypatch):
    """A limit that no column of a megabyte keeps."""
    monkeypatch.setattr(room._Use, "most", 1000)


@pytest.mark.parametrize(
    ("size", "number"),
    [("500MB", 500_000_000), ("2GiB", 2 * 1024**3), ("1.5 kb", 1500), ("64KiB", 65_536), ("1TB", 10**12), ("7B", 7)],
)
def test_sizes_are_decimal_or_binary(size, number):
    assert room.bytes_of(size) == number


@pytest.mark.parametrize("size", ["", "much", "500", "0MB", "-1GB", "MB", "0.0001B"])
def test_other_sizes_are_errors(size):
    with pytest.raises(OptionError):
        room.bytes_of(size)


def test_without_an_option_a_quarter_of_what_is_free_is_used(monkeypatch):
    monkeypatch.setattr(
        room, "_text", lambda path: {"/proc/meminfo": "MemTotal: 9 kB\nMemAvailable: 4000 kB\n"}.get(path, "")
    )
    room.limit_to("")
    assert room.limit() == 4000 * 1024 // 4
    monkeypatch.setattr(
        room, "_text", lambda path: "2000000\n" if path.endswith("memory.max") else "MemAvailable: 4000 kB"
    )
    room.limit_to("")
    assert room.limit() == 500_000  # a container allows less
    monkeypatch.setattr(room, "_text", lambda _path: "MemAvailable: 64000000 kB")
    room.limit_to("")
    assert room.limit() == 2 * 1024**3  # more would make nothing faster
    room.limit_to("")


def resident(numbers: np.ndarray) -> int:
    """Bytes of the mapping with these numbers that are in the memory of this process: its line Rss in smaps."""
    address, within = numbers.ctypes.data, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if bounds := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
            within = int(bounds[1], 16) <= address < int(bounds[2], 16)
        elif within and line.startswith("Rss:"):
            return 1024 * int(line.split()[1])
    raise AssertionError("the numbers are in no mapping")


@linux
def test_a_column_in_a_file_leaves_memory_and_keeps_its_numbers(little):
    """Eight million doubles are 64 MB: none of them is in memory after the release, and the numbers are still there."""
    numbers = room.column(8_000_000, np.float64)
    assert not numbers.any()
    numbers[:] = np.arange(8_000_000)
    assert resident(numbers) > 0
    room.release()
    assert resident(numbers) == 0
    assert numbers[::1_000_000].tolist() == [1e6 * place for place in range(8)]


def test_columns_in_memory_are_counted_while_they_live(monkeypatch):
    """Of 20 MB a fourth is for columns: two of 2 MB fit, a third does not, and fits again once one has gone."""
    gc.collect()
    monkeypatch.setattr(room._Use, "most", 20_000_000)
    monkeypatch.setattr(room._Use, "columns", 0)
    files = len(room._Use.files)
    first, second = room.column(2_000_000, np.int8), room.column(250_000, np.float64)
    assert len(room._Use.files) == files
    third = room.column(1_000_000, np.int16)
    assert len(room._Use.files) == files + 1
    del second
    fourth = room.column(2_000_000, np.int8)
    assert len(room._Use.files) == files + 1
    assert first.nbytes == third.nbytes == fourth.nbytes


def test_a_full_disk_is_one_error(little, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(room.os, "posix_fallocate", full)
    with pytest.raises(SourceError) as error:
        room.column(2_000_000, np.int8)
    assert error.value.code == "columns_no_room"


SORTED = """
import re
from pathlib import Path
import numpy as np
from divide_cli.frames import columns, room
from divide_cli.validation.rules import sorting

def most():
    return 1024 * int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])

room._Use.most, columns._HELD, sorting.AT_ONCE = 1000, 4, 1 << 19
key = room.column(8_000_000, np.int64)
for rows in columns.row_blocks(len(key)):
    key[rows] = np.arange(rows.start, rows.stop) * 982_451_653 % len(key)
before = most()
order = sorting._sorted(key)
print(most() - before, int(order[5]) * 982_451_653 % len(key), all((np.diff(key) == 1).tolist()))
"""


@linux
def test_keys_in_a_file_are_sorted_with_few_of_them_in_memory():
    """Eight million keys in a file are 64 MB, and those sorted at a time 4 MB: less than half of the keys is in memory.

    Key k is in the row r with r times the prime = k, modulo the number of rows.
    """
    run = subprocess.run([sys.executable, "-c", SORTED], capture_output=True, text=True, check=False,
                         env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert run.returncode == 0, run.stderr
    more, key, ascending = run.stdout.split()
    assert int(more) < 32_000_000
    assert (key, ascending) == ("5", "True")


STORED = """
import sys
import pyarrow as pa
import pyarrow.parquet as pq
from divide_cli import readers

print(len(readers.read(sys.argv[1]).frame), pa.default_memory_pool().max_memory())
"""


def test_a_parquet_file_is_never_in_memory_as_a_whole(tmp_path):
    """Four million doubles are 32 MB; of them and of the texts and years, Arrow has 1,048,576 at a time (8 MB)."""
    size = 4_000_000
    row = np.arange(size)
    areas = pa.DictionaryArray.from_arrays((row // 1_000_000).astype(np.int32), pa.array(["BRA", "FRA", "KEN", "UGA"]))
    ages = pa.DictionaryArray.from_arrays(
        (row % 1_000_000 // 200).astype(np.int32), pa.array([f"P{n}" for n in range(5000)])
    )
    table = pa.table({
        "REF_AREA": areas, "QUANTILE": ages, "INDICATOR": pa.array(["internet_use"]).take(pa.array(np.zeros(size, np.int8))),
        "TIME_PERIOD": (1900 + row % 200).astype(np.int16), "OBS_VALUE": row % 1000 / 10,
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    run = subprocess.run([sys.executable, "-c", STORED, "a.parquet"], capture_output=True, text=True, check=False,
                         cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert run.returncode == 0, run.stderr
    rows, most = map(int, run.stdout.split())
    assert rows == size
    assert most < 28_000_000


def test_columns_beside_others_are_not_copied():
    """The arrays of the new frame are those that were given, and those of the frame before."""
    codes, numbers, missing = np.zeros(5, dtype=np.int8), np.arange(5, dtype=np.int8), np.zeros(5, dtype=bool)
    frame = pd.DataFrame({"a": np.arange(5.0)}, index=range(3, 8))
    made = columns.with_columns(frame, {
        "b": pd.Categorical.from_codes(codes, ["x"]), "c": pd.arrays.IntegerArray(numbers, missing), "a2": numbers,
    })  # fmt: skip
    assert made["a"].tolist() == [0, 1, 2, 3, 4]
    assert made["b"].tolist() == ["x"] * 5
    assert made["c"].tolist() == made["a2"].tolist() == [0, 1, 2, 3, 4]
    assert made.index.equals(frame.index)
    for name, given in (("a", frame["a"].to_numpy()), ("a2", numbers)):
        assert np.shares_memory(made[name].to_numpy(), given)
    assert np.shares_memory(made["b"].array.codes, codes)
    numbers[0] = 7
    assert made["c"].iloc[0] == 7


def test_rows_with_codes_are_marked_with_a_byte_each():
    """Of two million rows with codes of one byte, a third has the code `b`; the mask takes 2 MB, and little more."""
    column = pd.Series(pd.Categorical.from_codes(np.tile(np.array([0, 1, -1], np.int8), 700_000), ["a", "b"]))
    tracemalloc.start()
    marked = columns.with_codes(column, {"b", "c"})
    assert tracemalloc.get_traced_memory()[1] < 4_500_000
    tracemalloc.stop()
    assert marked[:6].tolist() == [False, True, False] * 2
    assert marked.sum() == 700_000


@pytest.mark.parametrize("where", [True, False])
def test_chosen_rows_are_those_of_the_mask(where, monkeypatch):
    if where:
        monkeypatch.setattr(room._Use, "most", 1)
        monkeypatch.setattr(room, "SMALL", 0)
    draw = random.Random(3)
    size = 1000
    frame = pd.DataFrame({
        "a": pd.Categorical(draw.choices("xyz", k=size)),
        "b": np.arange(size) / 7,
        "c": pd.array(draw.choices([1, 2, None], k=size), dtype="Int8"),
        "d": columns.constant("same", size),
    })  # fmt: skip
    mask = np.array(draw.choices([True, False], k=size))
    pd.testing.assert_frame_equal(columns.chosen(frame, mask), frame[mask].reset_index(drop=True))
    pd.testing.assert_frame_equal(columns.chosen(frame, ~mask & mask), frame[:0].reset_index(drop=True))
    parts = np.array(draw.choices([0, 1, 2], k=size), dtype=np.int8)
    places = columns.divided(np.arange(size), parts, np.bincount(parts))
    arranged = pd.DataFrame({name: columns.column_at(frame[name].array, places) for name in frame})
    together = pd.concat([frame[parts == part] for part in (0, 1, 2)], ignore_index=True)
    pd.testing.assert_frame_equal(arranged, together)


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
from divide_cli.frames import room
room.SMALL = 1000
sys.argv = ["divide", *sys.argv[1:]]
from divide_cli.__main__ import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits files as POSIX does")
def test_a_command_whose_columns_find_no_room_ends_with_one_error_and_leaves_nothing(tmp_path):
    """No file may be larger than 200 kB; 30,000 values take 240 kB. With memory for them, the command succeeds."""
    areas = ("KEN", "UGA", "FRA", "DEU", "BRA", "CHN", "IND", "USA", "TZA", "RWA")
    indicators = ("internet_use", "mobile_ownership", "mobile_use", "smartphone_use", "smartphone_ownership")
    keys = itertools.product(areas, indicators, ("F", "M", "_T"), range(1900, 2100))
    table, scratch = tmp_path / "a.csv", tmp_path / "scratch"
    scratch.mkdir()
    table.write_text(
        "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n" + "".join(f"{a},{i},{s},{y},50.5\n" for a, i, s, y in keys)
    )
    for size, code in (("1kB", 3), ("1GB", 0)):
        run = subprocess.run(
            [sys.executable, "-c", LIMITED, "compute", str(table), "--memory", size, "--no-write", "--format", "json"],
            capture_output=True, text=True, cwd=tmp_path, check=False,
            env={**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert run.returncode == code, run.stderr
        assert ("find no room" in run.stderr) == (code == 3)
        assert not [*scratch.iterdir()]
