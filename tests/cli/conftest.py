"""`divide` as its users run it, from an empty folder: in this process, or in one of its own."""

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests import runner

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def divide(tmp_path: Path) -> Run:
    """`divide("compute", "--no-write", columns=80)` -> the finished command, run in this process."""
    return partial(runner.divide, tmp_path)


@pytest.fixture
def divide_process(tmp_path: Path) -> Run:
    """`divide_process("compute")` -> the finished command, run in a process of its own."""
    return partial(runner.in_a_process, tmp_path)
