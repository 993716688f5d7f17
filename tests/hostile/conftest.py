"""Runs the command on hostile files: in another process, with its memory and time measured."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import divide

__all__ = ["divide"]

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 1 << 20
"""Kilobytes of memory that no hostile file may cost."""
SECONDS = 20
"""Seconds of the processor that no hostile file may cost."""


@dataclass(frozen=True)
class Finished:
    """What became of a run: its exit code, what it printed, kilobytes at its peak, seconds of the processor."""

    code: int
    out: str
    err: str
    peak: int
    seconds: float


SERVER = """
import atexit, json, os, resource, sys, traceback

sys.modules["hypothesis"] = None  # pandera would import it, for nothing here
import pandas, pandera.pandas, pyarrow.csv, pyarrow.parquet
import divide_cli.api, divide_cli.cli.commands, divide_cli.readers, divide_cli.validation.run
from divide_cli.__main__ import main

def run(job):
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["environment"])
    for number, (path, flags) in enumerate(job["streams"]):
        os.dup2(os.open(path, flags, 0o600), number)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))
    sys.argv = ["divide", *job["arguments"]]
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    status = open("/proc/self/status").read()
    spent = resource.getrusage(resource.RUSAGE_SELF)
    open(job["told"], "w").write(status + f"Seconds: {spent.ru_utime + spent.ru_stime}\\n")
    os._exit(code)

for line in sys.stdin:
    child = os.fork()
    if not child:
        run(json.loads(line))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""A process that has imported what a command needs, and runs each job in a child of its own."""


@pytest.fixture(scope="session")
def server() -> Iterator["subprocess.Popen[str]"]:
    """The process that forks; skips if the system does not state the peak memory of a process."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc to measure memory")
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        yield process
        process.stdin.close()


@pytest.fixture
def measured(server: "subprocess.Popen[str]", tmp_path: Path) -> Callable[..., Finished]:
    """`measured("read", path)` -> the finished process, with its peak memory and its time."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    given_path, out, err, told = (tmp_path / f"measured.{name}" for name in ("in", "out", "err", "told"))
    writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC

    def run(*arguments: object, given: bytes = b"") -> Finished:
        given_path.write_bytes(given)
        job = {
            "cwd": str(tmp_path),
            "environment": {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), "NO_COLOR": "1"},
            "streams": [(str(given_path), os.O_RDONLY), (str(out), writing), (str(err), writing)],
            "arguments": [*map(str, arguments)],
            "told": str(told),
        }
        print(json.dumps(job), file=server.stdin, flush=True)
        code = int(server.stdout.readline())
        status = told.read_text()
        assert not list(temporary.iterdir()), "a temporary file was left"
        return Finished(
            code,
            out.read_text(encoding="utf-8"),
            err.read_text(encoding="utf-8"),
            int(re.search(r"VmHWM:\s+(\d+)", status)[1]),
            float(re.search(r"Seconds: ([\d.]+)", status)[1]),
        )

    return run
