"""Fixtures: the provider on this machine, and `divide` in another process with the services in a hurry."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fetch.provider import Provider, hurried_data

ROOT = Path(__file__).resolve().parents[2]
LISTENING = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
"""Where the suite runs in the background, a shell lets its processes ignore SIGINT."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def hurried(tmp_path: Path) -> Path:
    """A copy of data/ in which both services are in a hurry; for $DIVIDE_DATA."""
    return hurried_data(tmp_path / "data")


@pytest.fixture
def start(tmp_path: Path, hurried: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """`start("fetch", "internet_use")` -> the command, running in another process."""

    def run(*arguments: str, before: str = "", **variables: str) -> "subprocess.Popen[str]":
        environment = {
            **os.environ,
            "NO_COLOR": "1",
            "COLUMNS": "100",
            "PYTHONPATH": str(ROOT),
            "DIVIDE_DATA": str(hurried),
            "XDG_DATA_HOME": str(tmp_path / "home"),
            **variables,
        }
        script = (
            f"{LISTENING}{before}\nimport sys; sys.argv[0] = 'divide'\nfrom divide_cli.__main__ import main\nmain()"
        )
        return subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return run
