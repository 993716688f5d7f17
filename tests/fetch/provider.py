"""A server on this machine that replays the shapes of both services with made-up figures, and their faults."""

import gzip
import json
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from msgspec import structs

from divide_cli.catalogue import Manners, Service, catalogue
from divide_cli.sources import editions

ROOT = Path(__file__).resolve().parents[2]
AREAS = {"ETH": ("ET", "Ethiopia"), "FIN": ("FI", "Finland"), "PER": ("PE", "Peru")}
YEARS = (2022, 2023, 2024)
FAST = Manners(
    seconds_between=0,
    connect_seconds=30,
    read_seconds=60,
    answer_seconds=120,
    attempts=3,
    first_wait=0.01,
    longest_wait=0.02,
    jitter=0,
    longest_retry_after=5,
    largest_answer=100_000,
    most_pages=9,
)
"""Retries cost no time, and a busy machine has time to answer: a test of patience says how little it has."""
PATIENCE = 300
"""Seconds after which a command hangs."""
Fault = Callable[["Handler", bytes], None]


def itu_payload(number: int, shift: float = 0.0) -> bytes:
    """Points in the shape of /data/bycode/{codeID}; the figures are made up."""
    names = {number: name for group in catalogue().services["itu"].series.values() for name, number in group.items()}
    points = [
        {
            "codeID": number,
            "shortName": name,
            "dataID": 1000 * number + 10 * i + j,
            "dataNote": "",
            "dataYear": year,
            "code": names[number],
            "dataSource": "Made-up survey",
            "answer": [{"value": str(10.5 + 3 * i + j + shift), "id": 1}],
            "countryID": i,
            "isoCode": iso,
        }
        for i, (iso, (_, name)) in enumerate(AREAS.items())
        for j, year in enumerate(YEARS)
        if number in names
    ]
    return json.dumps(points).encode()


def worldbank_payload(code: str, page: int, size: int, shift: float = 0.0, updated: str = "2026-10-07") -> bytes:
    """A page in the shape of /country/all/indicator/{code}; the figures are made up, some are null."""
    rows = [
        {
            "indicator": {"id": code, "value": "An indicator"},
            "country": {"id": two, "value": name},
            "countryiso3code": iso,
            "date": str(year),
            "value": None if (iso, year) == ("PER", 2024) else 20.25 + 2 * i + j + shift,
            "unit": "",
            "obs_status": "",
            "decimal": 0,
        }
        for i, (iso, (two, name)) in enumerate(AREAS.items())
        for j, year in enumerate(YEARS)
    ][:-1]  # eight rows, so that the last page is not full
    head = {
        "page": page,
        "pages": -(-len(rows) // size),
        "per_page": str(size),
        "total": len(rows),
        "sourceid": "2",
        "lastupdated": updated,
    }
    return json.dumps([head, rows[size * (page - 1) : size * page]]).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Provider"

    def log_message(self, *_: object) -> None:
        pass

    def send(self, body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        headers = {"Content-Type": kind, "Content-Length": str(len(body))} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        with self.server.counting:
            self.server.asked.append(self.path)
            self.server.agents.append(self.headers["User-Agent"])
            self.server.logins.append(self.headers["Authorization"])
            number = len(self.server.asked)
        parts = urlsplit(self.path)
        fault = self.server.faults.get(number) or self.server.always.get(self.path)
        try:
            (fault or (lambda handler, body: handler.send(body)))(self, self.server.body(parts.path, parts.query))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


class Provider(ThreadingHTTPServer):
    """Both services; `faults` by number of the request, `always` by its path; `asked` is what was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.counting = threading.Lock()
        self.asked: list[str] = []
        self.agents: list[str] = []
        self.logins: list[str | None] = []
        self.faults: dict[int, Fault] = {}
        self.always: dict[str, Fault] = {}
        self.shift = 0.0
        self.updated = "2026-10-07"
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed has hung up."""

    def body(self, path: str, query: str) -> bytes:
        last = path.rsplit("/", 1)[-1]
        if "/bycode/" in path:
            return itu_payload(int(last), self.shift)
        if "/indicator/" not in path:
            return b"{}"
        asked = parse_qs(query)
        page, size = int(asked["page"][0]), int(asked["per_page"][0])
        return worldbank_payload(last, page, size, self.shift, self.updated)


def fast(service: str, **changes: object) -> Service:
    """The service of the catalogue, in a hurry, with pages of three rows."""
    found = catalogue().services[service]
    return structs.replace(found, manners=structs.replace(FAST, **changes), page_size=3 if found.page_size else 0)


def hurried_data(data: Path) -> Path:
    """Makes a copy of data/ in which both services are in a hurry; for $DIVIDE_DATA."""
    shutil.copytree(ROOT / "data" / "catalogue", data / "catalogue")
    for name in ("claims", "sources"):
        (data / name).symlink_to(ROOT / "data" / name)
    path = data / "catalogue" / "services.yaml"
    services = yaml.safe_load(path.read_text(encoding="utf-8"))
    for service in services.values():
        service["manners"] = structs.asdict(FAST)
        if "page_size" in service:
            service["page_size"] = 3
    path.write_text(yaml.safe_dump(services), encoding="utf-8")
    return data


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """The exit code of a command, and what it printed."""
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def complete(folder: Path) -> dict[str, dict[str, bytes]]:
    """The editions that are found below the folder, each with the files that its origin.yaml vouches for."""
    from divide_cli.catalogue.load import edition_from
    from divide_cli.sources.fetch.store import sha256

    found: dict[str, dict[str, bytes]] = {}
    for origin in sorted(folder.glob("*/origin.yaml")):
        edition = edition_from(origin.parent)
        files = {str(file["path"]): (origin.parent / str(file["path"])).read_bytes() for file in edition.raw}
        assert {name: sha256(content) for name, content in files.items()} == {
            str(file["path"]): file["sha256"] for file in edition.raw
        }, f"{origin} vouches for a file that is not there"
        assert all(json.loads(content) for content in files.values())
        found.setdefault(edition.id, files)
    return found


def listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """What editions.editions() finds in the folder."""
    monkeypatch.setenv("DIVIDE_EDITIONS", str(folder))
    editions.editions.cache_clear()
    try:
        return {e.id: e.folder for e in editions.editions().values() if e.folder.parent == folder}
    finally:
        monkeypatch.delenv("DIVIDE_EDITIONS")
        editions.editions.cache_clear()


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# faults: what a service does to a request, in place of sending its body


def status(code: int, **headers: str) -> Fault:
    return lambda handler, body: handler.send(b'{"message": "no"}', code, **headers)


def other(body: bytes, kind: str = "application/json") -> Fault:
    return lambda handler, _: handler.send(body, kind=kind)


def truncated(handler: Handler, body: bytes) -> None:
    handler.send(body[: len(body) // 2])


def dropped(handler: Handler, body: bytes) -> None:
    """Promises more bytes than it sends, and hangs up."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def silent(handler: Handler, body: bytes) -> None:
    """Sends nothing until the client has hung up."""
    handler.connection.settimeout(PATIENCE)
    handler.connection.recv(1)
    handler.close_connection = True


def drip(handler: Handler, body: bytes) -> None:
    """A byte now and then: never silent for long, never done."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    for byte in body[:60]:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.05)
    handler.close_connection = True


def slow_head(handler: Handler, body: bytes) -> None:
    """A header now and then: never silent for long, and the body never comes."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        handler.wfile.write(f"X-{number}: 1\r\n".encode())
        handler.wfile.flush()
        time.sleep(0.1)
    handler.close_connection = True


def zipped(handler: Handler, body: bytes) -> None:
    handler.send(gzip.compress(body), Content_Encoding="gzip")


def zip_cut(handler: Handler, body: bytes) -> None:
    handler.send(gzip.compress(body)[:-40], Content_Encoding="gzip")


def redirect(to: str) -> Fault:
    return lambda handler, _: handler.send(b"", 302, Location=to)


def kill(process: "Callable[[], subprocess.Popen[str]]", how: signal.Signals) -> Fault:
    """Sends the client a signal when its request arrives, and no answer before the client has ended."""

    def act(handler: Handler, body: bytes) -> None:
        process().send_signal(how)
        process().wait(PATIENCE)
        handler.send(body)

    return act
