"""`divide fetch` is ended at every point: the result is the earlier edition or the new one, and the next run goes on."""

import os
import signal

import pytest

from tests.fetch.provider import Handler, complete, finish, kill, listed, snapshot

ITU = ("fetch", "internet_use")
BANK = ("fetch", "internet_use", "population", "--source", "worldbank")
AUDIT = """
import os, sys
left, armed = int(os.environ["OPERATIONS"]), False
def audit(event, arguments):
    global left, armed
    if event == "open" and ".partial/.divide-" in str(arguments[0]):
        armed = True
    writes = event in ("os.rename", "os.remove", "os.rmdir") or event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    if armed and writes:
        left -= 1
        if left < 0:
            os._exit(9)
sys.addaudithook(audit)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["SIGINT", "SIGKILL"])
@pytest.mark.parametrize(
    ("arguments", "at", "total"), [(ITU, 1, 9), (ITU, 5, 9), (ITU, 9, 9), (BANK, 2, 6), (BANK, 4, 6)]
)
def test_while_a_request_is_under_way(provider, start, tmp_path, monkeypatch, how, arguments, at, total):
    folder = tmp_path / "to"
    address = (*arguments, "--to", str(folder), "--base-url", provider.url)
    assert finish(start(*address))[0] == 0
    (before,) = complete(folder).values()
    edition = next(iter(complete(folder)))
    untouched = snapshot(folder)

    provider.asked, provider.shift = [], 1.0
    running = []
    provider.faults = {at: kill(lambda: running[0], how)}
    running.append(start(*address))
    code, out, err = finish(running[0])
    if how == signal.SIGINT:
        assert code == 130 and out == ""
        assert err == ("divide: interrupted; run the same command again to continue\n")
    else:
        assert code == -signal.SIGKILL
    assert complete(folder) == {edition: before}
    assert {name: content for name, content in snapshot(folder).items() if name in untouched} == untouched
    assert listed(folder, monkeypatch) == {edition: folder / edition}
    left = {path.name for path in folder.iterdir()} - {edition}
    assert left <= {f".{edition}.partial"}

    provider.asked, provider.faults = [], {}
    code, out, err = finish(start(*address))
    assert (code, out) == (0, f"{edition}\n"), err
    assert len(provider.asked) == total - (at - 1)  # what was complete is not downloaded again
    assert at == 1 or f"{at - 1} of an interrupted download" in err
    assert complete(folder)[edition] != before and [path.name for path in folder.iterdir()] == [edition]


def test_while_it_waits_to_ask_again(provider, start, tmp_path, hurried):
    """The back-off is interrupted as soon as the user says so."""

    def act(handler: Handler, body: bytes) -> None:
        handler.send(b"", 429, Retry_After="5")
        running[0].send_signal(signal.SIGINT)

    provider.faults = {2: act}
    running = []
    running.append(start(*ITU, "--to", str(tmp_path / "to"), "--base-url", provider.url))
    code, _, err = finish(running[0])
    assert code == 130 and err.startswith("divide: interrupted") and len(provider.asked) == 2


def test_between_any_two_operations_on_files_at_the_end(provider, start, tmp_path, monkeypatch):
    """The process is ended before each renaming, writing and removal in turn, from the first file on."""
    folder = tmp_path / "to"
    address = ("fetch", "coverage_4g", "--to", str(folder), "--base-url", provider.url)
    assert finish(start(*address))[0] == 0
    edition = next(iter(complete(folder)))
    seen = []
    for operations in range(30):
        old = complete(folder)[edition]
        provider.shift += 1
        code, _, err = finish(start(*address, before=AUDIT, OPERATIONS=str(operations)))
        new = complete(folder)
        assert list(new) == [edition], "there is one edition at any moment, and it is complete"
        where = listed(folder, monkeypatch)[edition]
        assert snapshot(where) and {path.name for path in where.glob("*.json")} >= set(new[edition])
        seen.append(new[edition] == old)
        if code == 0:
            break
        assert code == 9, err
        code, out, err = finish(start(*address))
        assert (code, out) == (0, f"{edition}\n"), err
        assert [path.name for path in folder.iterdir()] == [edition]
    assert code == 0 and True in seen and False in seen and len(seen) > 6


def test_a_mend_after_a_kill_on_another_day(provider, tmp_path):
    """An edition that was moved aside for one that never came is moved back by the next run, whatever its day."""
    from datetime import date

    from divide_cli.reports.progress import Bar
    from divide_cli.sources.fetch import fetch
    from tests.fetch.provider import fast

    def get(day):
        return fetch(["coverage_4g"], fast("itu"), tmp_path, date(2026, 11, day), Bar(), base_url=provider.url)

    get(23)
    os.rename(tmp_path / "itu_datahub_2026_11_23", tmp_path / ".itu_datahub_2026_11_23.old")
    (tmp_path / ".itu_datahub_2026_11_23.partial").mkdir()
    get(24)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["itu_datahub_2026_11_23", "itu_datahub_2026_11_24"]
    assert len(complete(tmp_path)) == 2
