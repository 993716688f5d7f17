"""Standard streams that are full, cut, closed or of another encoding: all bytes or a message, and the same verdict."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.makers import GOOD
from tests.runner import ROOT

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full and a shell")
DIVIDE = f"{sys.executable} -m divide_cli"


@pytest.fixture
def shell(tmp_path):
    """`shell("divide rules > list", PYTHONUNBUFFERED="1")` -> the finished line of bash."""
    (tmp_path / "good.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.csv").write_text(GOOD.replace("2020", "20x0"), encoding="utf-8")
    (tmp_path / "divide").write_text(f'#!/bin/sh\nexec {DIVIDE} "$@"\n')
    (tmp_path / "divide").chmod(0o755)

    def run(line: str, **variables: str) -> "subprocess.CompletedProcess[bytes]":
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "NO_COLOR": "1", "TMPDIR": str(tmp_path)}
        environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
        return subprocess.run(["bash", "-c", line], cwd=tmp_path, env={**environment, **variables}, capture_output=True, stdin=subprocess.DEVNULL, check=False)  # fmt: skip

    return run


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("line", ["ulimit -f 10; divide rules --format yaml > list", "divide rules --format yaml > /dev/full"])  # fmt: skip
def test_a_short_write_is_a_message_and_code_3(shell, line, unbuffered):
    made = shell(line, PYTHONUNBUFFERED=unbuffered)
    assert made.returncode == 3
    assert made.stderr.startswith(b"divide: error: the output cannot be written\n  found: ")
    assert b"Traceback" not in made.stderr and made.stderr.count(b"\n") == 3


def test_every_byte_arrives_without_a_buffer(shell, tmp_path):
    """Through a pipe that holds less than the output and does not block."""
    reader = "import os, sys, time; os.set_blocking(1, False)"
    made = shell(f'(python3 -c "{reader}"; divide rules --format yaml) | (sleep 1.5; cat) > pipe', PYTHONUNBUFFERED="1")
    assert shell("divide rules --format yaml > file").returncode == made.returncode == 0
    assert (tmp_path / "pipe").read_bytes() == (tmp_path / "file").read_bytes()
    assert (tmp_path / "file").stat().st_size > 65_536


@pytest.mark.parametrize(
    "closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-", "2>/dev/full", "3<&- | true", "2>&1 >&- | true"]
)
def test_what_is_closed_changes_no_verdict(shell, closed):
    for file, expected in (("good.csv", 0), ("bad.csv", 1)):
        made = shell(f"set -o pipefail; divide validate {file} --format sarif {closed}")
        assert made.returncode == expected, made.stderr
        assert b"Traceback" not in made.stderr + made.stdout


def test_messages_do_not_move_to_the_output(shell):
    """With standard error closed, the output is still one JSON document."""
    assert json.loads(shell("divide validate good.csv --format json 2>&-").stdout)["summary"] == []


def test_a_closed_input_is_an_empty_file(shell):
    made = shell("divide read - <&-")
    assert made.returncode == 3 and b"the file is empty" in made.stderr


def test_a_reader_that_leaves_loses_no_file(shell, tmp_path):
    made = shell("set -o pipefail; divide read good.csv --to csv --out out.csv | true")
    assert made.returncode == 0 and (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_formats_for_programs_are_utf_8(shell, tmp_path, encoding):
    """tests/properties/environments.py compares all formats in all environments."""
    comment = "Enquête à l’École “Ñandú”"
    (tmp_path / "accents.csv").write_text(
        f"REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_COMMENT\nKEN,internet_use,2020,40,{comment}\n", encoding="utf-8"
    )
    made = shell("divide read accents.csv --format csv", PYTHONIOENCODING=encoding)
    assert made.returncode == 0 and made.stdout.decode("utf-8").endswith(f",{comment}\n")


def test_tables_keep_the_encoding_of_the_terminal(shell):
    """The name of Côte d'Ivoire, as the terminal writes it."""
    line = "divide show CIV"
    assert "Côte".encode("latin-1") in shell(line, PYTHONIOENCODING="latin-1").stdout
    assert b"C?te" in shell(line, PYTHONIOENCODING="ascii").stdout
