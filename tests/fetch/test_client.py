"""How a service is asked: the pace, the back-off and Retry-After, with a clock that costs no time."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from divide_cli.catalogue import catalogue
from divide_cli.errors import SourceError
from divide_cli.sources.fetch.client import Client, retry_after
from tests.fetch.provider import FAST, status


class Clock:
    """Time that passes only in sleep."""

    def __init__(self):
        self.now = 100.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


def client(clock, told=None, **changes):
    return Client(
        structs.replace(FAST, **changes), "", (told if told is not None else []).append, clock=clock, sleep=clock.sleep
    )


def test_requests_keep_their_distance(provider, clock):
    with client(clock, seconds_between=2) as asking:
        for _ in range(3):
            asking.get(f"{provider.url}/data/bycode/11624")
        clock.now += 1.5
        asking.get(f"{provider.url}/data/bycode/11624")
        clock.now += 10
        asking.get(f"{provider.url}/data/bycode/11624")
    assert clock.slept == [2, 2, 0.5]


def test_the_wait_doubles_up_to_a_limit(provider, clock):
    provider.always = {"/x": status(503)}
    told = []
    with (
        client(clock, told, attempts=6, first_wait=2, longest_wait=12) as asking,
        pytest.raises(SourceError, match="the figures cannot be fetched") as caught,
    ):
        asking.get(f"{provider.url}/x")
    assert clock.slept == [2, 4, 8, 12, 12] and len(provider.asked) == 6
    assert caught.value.found == "status 503 Service Unavailable, after 6 attempts"
    assert told[0] == "status 503 Service Unavailable; retrying in 2 s"


def test_chance_is_added_to_the_wait(provider, clock):
    provider.always = {"/x": status(500)}
    with client(clock, attempts=9, first_wait=1, longest_wait=1000, jitter=1) as asking, pytest.raises(SourceError):
        asking.get(f"{provider.url}/x")
    added = [wait - 2**n for n, wait in enumerate(clock.slept)]
    assert all(0 <= chance <= 1 for chance in added) and len(set(added)) > 1


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_goes_before_the_back_off(provider, clock, code):
    provider.faults = {1: status(code, Retry_After="7"), 2: status(code), 3: status(code, Retry_After="0")}
    with client(
        clock, attempts=4, first_wait=2, longest_wait=60, longest_retry_after=60, seconds_between=1.5
    ) as asking:
        asking.get(f"{provider.url}/data/bycode/11624")
    assert clock.slept == [7, 4, 0, 1.5]  # even Retry-After: 0 keeps the distance


def test_a_wish_that_is_too_long_is_told_and_not_waited_for(provider, clock):
    provider.faults = {1: status(429, Retry_After="61")}
    with client(clock, longest_retry_after=60) as asking, pytest.raises(SourceError) as caught:
        asking.get(f"{provider.url}/data/bycode/11624")
    assert "61 s at the earliest" in caught.value.found and clock.slept == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Tue, 24 Nov 2026 12:00:30 GMT", 30.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 12:00:30 -0000", 30.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("Tue, 99 Nov 2026 12:00:30 GMT", None),
    ],
)
def test_what_retry_after_says(text, seconds):
    assert retry_after({"retry-after": text}, datetime(2026, 11, 24, 12, tzinfo=UTC)) == seconds


def test_the_manners_of_the_catalogue_are_polite():
    for service in catalogue().services.values():
        manners = service.manners
        assert manners.seconds_between >= 1 and manners.attempts <= 6 and manners.jitter > 0
        assert manners.connect_seconds < manners.read_seconds < manners.answer_seconds


@pytest.mark.parametrize(("variable", "value"), [("ALL_PROXY", "socks9://127.0.0.1:1"), ("HTTP_PROXY", "nonsense://x")])
def test_a_proxy_that_cannot_be_used(monkeypatch, clock, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SourceError, match="the network settings in the environment cannot be used"):
        client(clock)


def test_the_proxy_of_the_environment_is_asked(provider, monkeypatch, clock):
    monkeypatch.setenv("HTTP_PROXY", provider.url)
    with client(clock) as asking:
        asking.get("http://figures.invalid/data/bycode/11624")
    assert provider.asked == ["http://figures.invalid/data/bycode/11624"]
