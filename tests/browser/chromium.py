"""A headless Chromium, driven by the DevTools protocol over a pipe: no library and no port is needed."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120
"""Seconds to wait for an answer: a busy machine is slow."""


def binary() -> str | None:
    """The browser, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """Sends commands and collects events."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._number, self._rest = 0, b""
        self.events: list[dict[str, Any]] = []

    def __call__(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._write, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)
        raise TimeoutError(method)

    def wait_for(self, event: str, **params: Any) -> None:
        """Waits for an event with these parameters, among others."""
        end = time.monotonic() + PATIENCE
        while not any(one.get("method") == event and params.items() <= one["params"].items() for one in self.events):
            if time.monotonic() > end:
                raise TimeoutError(event)
            self.events.append(self._next())

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._read, 1 << 16)
            if not part:
                raise EOFError("the browser has ended")
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\0")
        return json.loads(line)


@contextmanager
def running(profile: Path) -> Iterator[Browser]:
    """The browser, ended with the block."""
    for_browser, to_browser = os.pipe()
    from_browser, by_browser = os.pipe()
    command = [
        binary() or "", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
        f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank",
    ]  # fmt: skip
    shell = ["bash", "-c", f'exec "$@" 3<&{for_browser} 4>&{by_browser}', "bash", *command]
    process = subprocess.Popen(
        shell, pass_fds=(for_browser, by_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(for_browser)
    os.close(by_browser)
    try:
        yield Browser(from_browser, to_browser)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        os.close(to_browser)
        os.close(from_browser)


class View:
    """A page opened at a width, on a screen or as print, light or dark."""

    def __init__(self, browser: Browser, path: Path, width: int, media: str = "", scheme: str = "light") -> None:
        self.browser = browser
        target = browser("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.target = target
        browser.events.clear()
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.send(
            "Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}]
        )
        self.send("Page.setLifecycleEventsEnabled", enabled=True)
        loader = self.send("Page.navigate", url=path.as_uri())["loaderId"]
        browser.wait_for("Page.lifecycleEvent", name="load", loaderId=loader)  # about:blank is loaded too

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        return self.browser(method, self.session, **params)

    def evaluate(self, script: str) -> Any:
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    @property
    def requests(self) -> list[str]:
        sent = [one for one in self.browser.events if one.get("method") == "Network.requestWillBeSent"]
        return [one["params"]["request"]["url"] for one in sent]

    @property
    def complaints(self) -> list[Any]:
        names = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        return [one["params"] for one in self.browser.events if one.get("method") in names]

    def close(self) -> None:
        self.browser("Target.closeTarget", targetId=self.target)
