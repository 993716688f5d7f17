"""What no message foresaw: exit code 70, a short message, the traceback in a file; never the code of findings."""

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from divide_cli import cli
from tests.runner import LISTENING, ROOT, divide


@pytest.fixture
def fails(monkeypatch, tmp_path):
    """Runs a command in which something raises the error: `fails(KeyError("SEX"))` -> the finished command."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    def run(error: BaseException, *words: str):
        def fail(_words):
            raise error

        monkeypatch.setattr(cli, "_command", fail)
        return divide(tmp_path, *words)

    run.temporary = temporary
    return run


class Panic(BaseException):
    """A library in Rust panics with an exception of this kind."""


@pytest.mark.parametrize(
    "error",
    [KeyError("SEX"), OSError(errno.EACCES, "no"), RecursionError("deep"), Panic("index out of bounds")],
    ids=repr,
)
def test_a_bug_is_70_and_its_traceback_in_a_file(error, fails):
    made = fails(error)
    (file,) = fails.temporary.iterdir()
    assert made.returncode == 70 and not made.stdout and "Traceback" not in made.stderr
    assert made.stderr.startswith("divide: error: this is a bug of divide")
    assert len(made.stderr.splitlines()) == 4 and f"where: {file}" in made.stderr
    assert f"found: {type(error).__name__ if type(error) is not Panic else ''}" in made.stderr
    assert "Traceback" in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name == "nt"


def test_the_traceback_is_on_stderr_on_request(fails):
    made = fails(KeyError("a\x1b[31m\nb"), "--debug", "compute")
    assert made.returncode == 70 and not list(fails.temporary.iterdir())
    assert "Traceback" in made.stderr and "\x1b" not in made.stderr


def test_the_traceback_is_on_stderr_if_no_file_can_be_written(fails, monkeypatch):
    def full(**_how):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(tempfile, "mkstemp", full)
    made = fails(KeyError("SEX"))
    assert made.returncode == 70 and "Traceback" in made.stderr and "where" not in made.stderr


@pytest.mark.parametrize("error", [MemoryError(), OSError(errno.ENOMEM, "no memory")], ids=repr)
def test_too_little_memory_is_a_message(error, fails):
    made = fails(error)
    assert made.returncode == 3 and made.stderr.startswith("divide: error: there is not enough memory")
    assert not list(fails.temporary.iterdir())


def test_an_interruption_is_130(fails):
    made = fails(KeyboardInterrupt())
    assert (made.returncode, made.stderr) == (130, "divide: interrupted\n")


def test_an_interruption_inside_a_command_is_130(monkeypatch, tmp_path):
    """typer turns it into an exit."""
    from divide_cli import api

    def interrupted(*_files, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "template", interrupted)
    made = divide(tmp_path, "template", "internet_use")
    assert (made.returncode, made.stderr) == (130, "divide: interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_a_signal_is_130(tmp_path: Path):
    """The command waits for the rest of its input, of which it has read more than a pipe holds: it is interrupted there."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"{LISTENING}from divide_cli.__main__ import main\nmain()", "read", "-"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stdin.write("REF_AREA\n" * 200_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (130, "divide: interrupted\n")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit of address space holds on Linux")
def test_a_limit_of_memory_is_no_traceback(tmp_path: Path):
    """Half a gigabyte of address space: too little for pandas and the figures, or just enough; never a traceback."""
    made = subprocess.run(
        ["bash", "-c", f"ulimit -v 700000; OPENBLAS_NUM_THREADS=1 {sys.executable} -m divide_cli compute --no-write"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode in (0, 3) and "Traceback" not in made.stderr, made.stderr
