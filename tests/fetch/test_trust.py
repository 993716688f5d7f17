"""What a service cannot do to `divide fetch`, and the secrets of an address, which reach the service and nothing else."""

import base64
import time
from datetime import date, timedelta

import pytest
import yaml

from divide_cli.api.choices import checked_service
from divide_cli.errors import OptionError, SourceError
from divide_cli.reports.progress import Bar
from divide_cli.sources.fetch import fetch
from divide_cli.sources.fetch.client import Client
from tests.fetch.provider import (
    FAST,
    Provider,
    dropped,
    fast,
    finish,
    itu_payload,
    other,
    redirect,
    silent,
    slow_head,
    snapshot,
    status,
)

DAY = date(2026, 11, 24)
USER, WORD = "analyst", "Tr0ub4dor&3"
SENT = "Basic " + base64.b64encode(f"{USER}:{WORD}".encode()).decode()


def get(provider, folder, service="worldbank", **manners):
    return fetch(["internet_use"], fast(service, **manners), folder, DAY, Bar(), base_url=provider.url)


def with_login(provider: Provider) -> str:
    return provider.url.replace("://", f"://{USER}:{WORD.replace('&', '%26')}@")


def test_headers_that_trickle_count_against_the_time_of_an_answer(provider, tmp_path):
    """Each header comes within the longest silence (60 s); the whole head would take 10 s, an answer may take 0.8 s."""
    provider.faults = {1: slow_head}
    with pytest.raises(SourceError) as caught:
        get(provider, tmp_path, attempts=1, answer_seconds=0.8)
    assert "no complete answer after 0.8 s (0 bytes)" in caught.value.found


def test_redirections_that_trickle_count_together(provider, tmp_path):
    def slow(handler, body):
        time.sleep(0.3)
        redirect(handler.path)(handler, body)

    provider.faults = dict.fromkeys((1, 2, 3), slow)
    with pytest.raises(SourceError) as caught:
        get(provider, tmp_path, attempts=1, answer_seconds=0.8)
    assert "no complete answer after 0.8 s" in caught.value.found


@pytest.mark.usefixtures("impatient")
def test_after_an_answer_that_was_given_up_the_next_attempt_is_whole(provider, tmp_path):
    provider.faults = {1: slow_head, 2: silent}
    assert get(provider, tmp_path).downloaded == 3


def test_a_source_with_too_many_pages_is_refused_at_the_first(provider, tmp_path):
    with pytest.raises(SourceError) as caught:
        get(provider, tmp_path, most_pages=2)  # it has three
    assert (caught.value.expected, caught.value.found) == ("at most 2 pages of IT.NET.USER.ZS", "3 pages")
    assert len(provider.asked) == 1 and list(tmp_path.glob("[!.]*")) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_json_in_another_encoding_is_refused_at_once(provider, tmp_path, encoding):
    provider.faults = {1: other(itu_payload(11624).decode().encode(encoding))}
    with pytest.raises(SourceError) as caught:
        get(provider, tmp_path, "itu")
    assert caught.value.expected == "JSON in UTF-8" and f"in {encoding[:6].upper()}" in caught.value.found
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    ("updated", "vintage"),
    [
        ("9999-12-31", DAY),
        ("2026-11-26", DAY),
        ("2026-11-25", DAY + timedelta(days=1)),  # it is tomorrow already where the service is
        ("2026-10-07", date(2026, 10, 7)),
        ("0001-01-01", DAY),
    ],
)
def test_a_day_that_cannot_be_is_no_vintage(provider, tmp_path, updated, vintage):
    provider.updated = updated
    origin = yaml.safe_load((get(provider, tmp_path).folder / "origin.yaml").read_text(encoding="utf-8"))
    assert origin["vintage"] == vintage


def secrets_in(*texts: "str | bytes") -> list[str]:
    whole = b"\n".join(text.encode() if isinstance(text, str) else text for text in texts)
    forms = (USER, WORD, WORD.replace("&", "%26"), SENT.removeprefix("Basic "), "s3cret")
    return [form for form in forms if form.encode() in whole]


def test_a_login_reaches_the_service_and_no_file_or_message(provider, start, tmp_path):
    run = ("fetch", "internet_use", "--to", str(tmp_path / "to"), "--base-url", with_login(provider))
    code, out, err = finish(start(*run))
    assert code == 0 and set(provider.logins) == {SENT}
    _, shown, errors = finish(start("show", out.strip(), DIVIDE_EDITIONS=str(tmp_path / "to")))
    assert provider.url in shown.replace("\n", "")
    written = snapshot(tmp_path / "to")
    assert f"url: {provider.url}\n".encode() in written[f"{out.strip()}/origin.yaml"]
    assert secrets_in(out, err, shown, errors, *written.values(), *written) == []
    finish(start(*run))
    assert secrets_in(*snapshot(tmp_path / "to").values()) == []


@pytest.mark.parametrize(
    "fault",
    [
        status(401), status(404), status(503), dropped, other(b"<html>"), other(b"[]"),
        redirect("ftp://other:s3cret@127.0.0.1/x?token=s3cret"), redirect("http://other:s3cret@[::1/x"),
        redirect("http://other:s3cret@127.0.0.1:1/x?token=s3cret"),
    ],
)  # fmt: skip
def test_no_message_tells_a_login_or_the_address_of_a_redirection(provider, start, tmp_path, fault):
    provider.faults = dict.fromkeys(range(1, 9), fault)
    code, out, err = finish(start("fetch", "internet_use", "--to", "to", "--base-url", with_login(provider)))
    assert code == 3 and "Traceback" not in err and secrets_in(out, err) == []
    assert secrets_in(*snapshot(tmp_path / "to").values()) == []


def test_a_login_is_not_sent_where_a_redirection_leads(provider):
    elsewhere = Provider()
    try:
        import threading

        threading.Thread(target=elsewhere.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        provider.faults = {1: redirect(f"{elsewhere.url}/data/bycode/11624")}
        with Client(FAST, "", print, (USER, WORD)) as client:
            client.get(f"{provider.url}/data/bycode/11624")
        assert provider.logins == [SENT] and elsewhere.logins == [None]
    finally:
        elsewhere.shutdown()
        elsewhere.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://analyst:s3cret@example.org", "https://example.org/?token=s3cret", "https://example.org/#s3cret",
        "analyst:s3cret@example.org", "https://analyst:s3cret", "https://analyst:s3#cret@example.org?x=s3cret",
        "https://analyst:s3/cret@example.org", "https://analyst:s3cret@[::1", "https://analyst:p@s3cret@example.org:x",
    ],
)  # fmt: skip
def test_an_address_that_is_refused_is_shown_without_secrets(url):
    with pytest.raises(OptionError) as caught:
        checked_service("itu", url)
    assert "cret" not in str(caught.value) and "cret" not in caught.value.found


@pytest.mark.parametrize(
    "proxy",
    ["socks9://analyst:s3cret@127.0.0.1:1", "http://analyst:s3cret", "http://analyst:s3cret@127.0.0.1:99999",
     "http://analyst:s3cret@127.0.0.1:1"],
)  # fmt: skip
def test_no_message_tells_the_login_of_a_proxy(monkeypatch, proxy):
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(SourceError) as caught, Client(FAST, "", print) as client:
        client.get("http://figures.invalid/data")
    assert "s3cret" not in str(caught.value) and "analyst" not in str(caught.value)


def test_every_message_leaves_out_the_login_of_an_address(start):
    """A file that is given as an address is refused without its password."""
    code, out, err = finish(start("compute", "https://analyst:s3cret@example.org/figures.csv", "--no-write"))
    assert code == 3 and secrets_in(out, err) == [] and "https://***@example.org/figures.csv" in err
