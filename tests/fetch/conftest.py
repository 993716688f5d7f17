"""Fixtures: the provider on this machine, and `divide` in another process with the services in a hurry."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import structs

from divide_cli.sources.fetch.client import Client
from tests.fetch.provider import FAST, Provider, hurried_data
from tests.runner import LISTENING, ROOT


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def impatient(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client waits two seconds for an answer that is a fault, and much longer for the others: the machine is busy."""
    answer = Client._answer

    async def answered(client: Client, url: str) -> bytes:
        fault = len(provider.asked) + 1 in provider.faults
        client.manners = structs.replace(client.manners, answer_seconds=2.5 if fault else FAST.answer_seconds)
        client._http.timeout = 2.0 if fault else FAST.read_seconds
        return await answer(client, url)

    monkeypatch.setattr(Client, "_answer", answered)


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
