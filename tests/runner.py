"""Runs the command in this process, as its users would from an empty folder: for tests of texts and exit codes.

A process of its own costs a second of imports; what depends on the process (signals, devices, memory, the environment
before Python starts) is tested in one.
"""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
LISTENING = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
"""Where the suite runs in the background, a shell lets its processes ignore SIGINT."""
BEFORE_PYTHON_STARTS = ("DIVIDE_", "PYTHON", "LC_", "LANG", "TZ", "XDG_")
"""Variables that are read once, when the interpreter or a module is loaded."""


def divide(
    folder: Path, *arguments: str, columns: int = 80, given: bytes | None = None, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """The finished command: in this process, or in one of its own where a variable says something before it starts."""
    if any(name.startswith(BEFORE_PYTHON_STARTS) for name in variables):
        return in_a_process(folder, *arguments, columns=columns, given=given, **variables)
    from divide_cli.cli import run

    out, err, code = _stream(), _stream(), 0
    environment = {"COLUMNS": str(columns), "NO_COLOR": "1", **variables}
    with (
        _inside(folder),
        patch.dict(os.environ, environment),
        patch.object(sys, "argv", ["divide", *arguments]),
        patch.object(sys.modules["__main__"], "__package__", None),  # else help names the module that Python runs
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(given or b""), encoding="utf-8")),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            run()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return subprocess.CompletedProcess(["divide", *arguments], code, _text(out), _text(err))


def in_a_process(
    folder: Path, *arguments: str, columns: int = 80, given: bytes | None = None, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """The finished command, in a process of its own."""
    environment = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", "PYTHONPATH": str(ROOT), **variables}
    if "DIVIDE_EDITIONS" not in variables:
        environment.pop("DIVIDE_EDITIONS", None)
    finished = subprocess.run(
        [sys.executable, "-m", "divide_cli", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        input=given,
        check=False,
    )
    return subprocess.CompletedProcess(
        finished.args, finished.returncode, finished.stdout.decode(), finished.stderr.decode()
    )


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
