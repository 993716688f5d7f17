"""Runs the command on hostile files: in another process, with its memory and time measured."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
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


@pytest.fixture
def measured(tmp_path: Path) -> Callable[..., Finished]:
    """`measured("read", path)` -> the finished process; skips where the system does not tell a process's peak."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc to measure memory")
    told, temporary = tmp_path / "told.txt", tmp_path / "temporary"
    temporary.mkdir()
    script = (
        "import atexit, resource, sys\n"
        "def tell(told=sys.argv.pop(1)):\n"
        "    status = open('/proc/self/status').read()\n"
        "    spent = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    open(told, 'w').write(status + f'Seconds: {spent.ru_utime + spent.ru_stime}\\n')\n"
        "atexit.register(tell)\n"
        "sys.argv[0] = 'divide'\n"
        "from divide_cli.__main__ import main\n"
        "main()\n"
    )

    def run(*arguments: object, given: bytes | None = None) -> Finished:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), "NO_COLOR": "1"}
        finished = subprocess.run(
            [sys.executable, "-c", script, str(told), *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            input=given,
            timeout=300,
            check=False,
        )
        status = told.read_text()
        assert not list(temporary.iterdir()), "a temporary file was left"
        return Finished(
            finished.returncode,
            finished.stdout.decode(),
            finished.stderr.decode(),
            int(re.search(r"VmHWM:\s+(\d+)", status)[1]),
            float(re.search(r"Seconds: ([\d.]+)", status)[1]),
        )

    return run
