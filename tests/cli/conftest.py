"""Runs the installed command as its users do: in another process, from an empty folder."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def divide(tmp_path: Path) -> Run:
    """`divide("compute", "--no-write", columns=80)` -> the finished process."""

    def run(
        *arguments: str, columns: int = 80, given: bytes | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", "PYTHONPATH": str(ROOT), **variables}
        environment.pop("DIVIDE_EDITIONS", None) if "DIVIDE_EDITIONS" not in variables else None
        finished = subprocess.run(
            [sys.executable, "-m", "divide_cli", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            input=given,
            check=False,
        )
        out, err = finished.stdout.decode(), finished.stderr.decode()
        return subprocess.CompletedProcess(finished.args, finished.returncode, out, err)

    return run
