"""Every fault of a service: the right file or the right error, and the earlier edition untouched."""

import json
from datetime import date

import pytest

from divide_cli.errors import DivideError, SourceError
from divide_cli.reports.progress import Bar
from divide_cli.sources.fetch import fetch
from tests.fetch.provider import (
    complete,
    drip,
    dropped,
    fast,
    itu_payload,
    other,
    redirect,
    silent,
    snapshot,
    status,
    truncated,
    worldbank_payload,
    zip_cut,
    zipped,
)

DAY = date(2026, 11, 24)
PAGE = b"<!DOCTYPE html><html><head><title>Please sign in</title></head></html>"
MESSAGE = [{"message": [{"id": "120", "key": "Invalid value", "value": "The provided parameter value is not valid"}]}]
CODE = "IT.NET.USER.ZS"


def get(provider, folder, service="worldbank", indicator="internet_use", day=DAY, **manners):
    return fetch([indicator], fast(service, **manners), folder, day, Bar(), base_url=provider.url)


MENDED = {
    "429 without Retry-After": status(429),
    "429 with Retry-After": status(429, Retry_After="0"),
    "429 with a date": status(429, Retry_After="Tue, 24 Nov 2020 00:00:00 GMT"),
    "429 with nonsense": status(429, Retry_After="soon"),
    "500": status(500),
    "503 with Retry-After": status(503, Retry_After="0"),
    "408": status(408),
    "silence": silent,
    "truncated JSON": truncated,
    "connection dropped mid-body": dropped,
    "slow drip": drip,
    "invalid JSON": other(b'{"a": nan'),
    "NaN is no JSON": other(b"[NaN]"),
    "zip that is cut off": zip_cut,
    "nothing at all": other(b""),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", MENDED)
def test_what_asking_again_mends(provider, tmp_path, fault):
    provider.faults = {2: MENDED[fault]}
    done = get(provider, tmp_path)
    assert done.downloaded == 3 and len(provider.asked) == 4 and provider.asked[1] == provider.asked[2]
    files = complete(tmp_path)[done.edition]
    assert files == {f"{CODE}.page0{n}.json": worldbank_payload(CODE, n, 3) for n in (1, 2, 3)}
    assert [path.name for path in tmp_path.iterdir()] == [done.edition]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", MENDED)
def test_what_asking_again_does_not_mend(provider, tmp_path, fault):
    get(provider, tmp_path)
    before = snapshot(tmp_path)
    provider.shift, provider.asked = 1.0, []
    provider.faults = dict.fromkeys((2, 3, 4), MENDED[fault])
    with pytest.raises(SourceError) as caught:
        get(provider, tmp_path)
    error = caught.value
    assert error.exit_code == 3 and "after 3 attempts" in error.found and "page=2" in error.where
    assert "complete files are kept" in error.hint and len(provider.asked) == 4
    after = snapshot(tmp_path)
    assert {name: after.get(name) for name in before} == before
    left = {name for name in after if name not in before}
    assert left == {f".worldbank_2026_11_24.partial/{name}" for name in (".asked", f"{CODE}.page01.json")}
    provider.faults = {}
    assert get(provider, tmp_path).resumed == 1
    assert complete(tmp_path)["worldbank_2026_11_24"][f"{CODE}.page01.json"] == worldbank_payload(CODE, 1, 3, 1.0)


def changed(code, page, **head):
    first, rows = json.loads(worldbank_payload(code, page, 3))
    return json.dumps([first | head, rows]).encode()


USELESS = {
    "a page of a website": ("worldbank", other(PAGE, "text/html"), "JSON", "Please sign in"),
    "the same, called JSON": ("worldbank", other(b"\xef\xbb\xbf\n" + PAGE), "JSON", "Please sign in"),
    "not found": ("itu", status(404), "status 200", "404 Not Found"),
    "forbidden": ("itu", status(403), "status 200", "403 Forbidden"),
    "no content": ("itu", status(204), "status 200", "204"),
    "Retry-After of an hour": ("itu", status(429, Retry_After="3600"), "status 200", "3600 s"),
    "unknown code": ("itu", other(b"[]"), "HHU4212_HHCFemale (codeID 9230)", "an empty list"),
    "another series": ("itu", other(itu_payload(11624)), "HHU4212_HHCFemale (codeID 9230)", "i99H (codeID 11624)"),
    "an object": ("itu", other(b'{"message": "Missing Authentication Token"}'), "as a list", "Missing Authentication"),
    "points without a year": ("itu", other(itu_payload(9230).replace(b"dataYear", b"year")), "dataYear", "element 1"),
    "a year as text": ("itu", other(itu_payload(9230).replace(b": 2023", b': "2023"')), "a year", '"2023"'),
    "an answer as text": ("itu", other(itu_payload(9230).replace(b'"value"', b'"text"')), "values", '"text"'),
    "World Bank's message": ("worldbank", other(json.dumps(MESSAGE).encode()), CODE, "Invalid value"),
    "another indicator": (
        "worldbank",
        other(worldbank_payload("SP.POP.TOTL", 2, 3)),
        f"a value of {CODE}",
        "SP.POP.TOTL",
    ),
    "another page": ("worldbank", other(worldbank_payload(CODE, 1, 3)), "page 2 of 3", "page 1 of 3"),
    "fewer rows than promised": ("worldbank", other(changed(CODE, 2, per_page=4)), "4 rows", "3 rows"),
    "no rows": ("worldbank", other(b'[{"page": 0, "pages": 0, "per_page": 0, "total": 0}, null]'), CODE, "no rows"),
    "counts as text": ("worldbank", other(changed(CODE, 2, total="8")), "as numbers", '"total": "8"'),
    "a value as text": (
        "worldbank",
        other(worldbank_payload(CODE, 2, 3).replace(b"22.25", b'"22"')),
        "a value",
        '"22"',
    ),
    "too large": ("worldbank", other(b" " * 200_000), "at most 100000 bytes", "larger"),
    "redirections without end": ("worldbank", lambda h, b: redirect(h.path)(h, b), "status 200", "redirect"),
}


@pytest.mark.parametrize("fault", USELESS)
def test_an_answer_of_no_use_is_one_error_at_once(provider, tmp_path, fault):
    service, act, expected, found = USELESS[fault]
    edition = get(provider, tmp_path, service).edition
    before = snapshot(tmp_path)
    provider.asked = []
    provider.faults = dict.fromkeys(range(2, 9), act)
    with pytest.raises(SourceError) as caught:
        get(provider, tmp_path, service)
    error = caught.value
    assert expected in error.expected and found in error.found and error.hint and "attempts" not in error.found
    assert error.where.startswith(provider.url) and ("9230" in error.where or "page=2" in error.where)
    assert {name: content for name, content in snapshot(tmp_path).items() if name in before} == before
    assert list(complete(tmp_path)) == [edition]


@pytest.mark.parametrize(
    "change", [{"pages": 4, "total": 10}, {"lastupdated": "2026-11-25"}], ids=["page count", "last updated"]
)
def test_a_source_that_changes_between_pages_is_downloaded_once_more(provider, tmp_path, change):
    provider.faults = {3: other(changed(CODE, 3, **change) if "total" not in change else longer(3))}
    done = get(provider, tmp_path)
    assert [path[-1] for path in provider.asked] == list("123123") and done.downloaded == 6
    assert set(complete(tmp_path)[done.edition]) == {f"{CODE}.page0{n}.json" for n in (1, 2, 3)}


def longer(page):
    """The page of an edition with two rows more."""
    first, rows = json.loads(worldbank_payload(CODE, page, 3))
    spare = [{**rows[0], "country": {"id": f"Z{n}", "value": "Z"}} for n in range(2)]
    return json.dumps([first | {"pages": 4, "total": 10}, [*rows, *spare][:3]]).encode()


def test_a_source_that_keeps_changing_is_an_error(provider, tmp_path):
    provider.faults = {3: other(longer(3)), 6: other(longer(3))}
    with pytest.raises(SourceError, match="the figures cannot be fetched") as caught:
        get(provider, tmp_path)
    assert "pages of one edition" in caught.value.expected and "the source has changed" in caught.value.found
    assert list(tmp_path.iterdir()) == []  # nothing that a later run could mix with newer pages


def test_pages_of_different_days_are_not_mixed(provider, tmp_path):
    """The pages that an interrupted run left are those of an edition that is replaced meanwhile."""
    provider.faults = {3: status(404)}
    with pytest.raises(SourceError):
        get(provider, tmp_path)
    provider.updated, provider.shift = "2026-11-24", 5.0
    done = get(provider, tmp_path)
    assert complete(tmp_path)[done.edition][f"{CODE}.page01.json"] == worldbank_payload(CODE, 1, 3, 5.0, "2026-11-24")


def test_rows_that_come_twice_are_noticed(provider, tmp_path):
    twice = json.loads(worldbank_payload(CODE, 2, 3))
    twice[1][0] = json.loads(worldbank_payload(CODE, 1, 3))[1][0]
    provider.faults = dict.fromkeys((2, 4), other(json.dumps(twice).encode()))
    with pytest.raises(SourceError) as caught:
        get(provider, tmp_path)
    assert "rows of an earlier page" in caught.value.found


def test_nobody_answers(tmp_path, provider):
    provider.url = "http://127.0.0.1:9"  # no port that the system gives to another program
    with pytest.raises(SourceError) as caught:
        get(provider, tmp_path / "to")
    assert "no connection" in caught.value.found and "check the network" in caught.value.hint
    assert list((tmp_path / "to").iterdir()) == []


def test_a_connection_lost_after_the_first_answer_is_asked_for_again(provider, tmp_path):
    def hang_up(handler, body):
        handler.close_connection = True

    provider.faults = {2: hang_up}
    assert get(provider, tmp_path).downloaded == 3


def test_redirections_and_zipped_answers_are_followed(provider, tmp_path):
    provider.faults = {1: redirect(f"{provider.url}/v3/country/all/indicator/{CODE}?per_page=3&page=1"), 3: zipped}
    done = get(provider, tmp_path)
    assert complete(tmp_path)[done.edition] == {
        f"{CODE}.page0{n}.json": worldbank_payload(CODE, n, 3) for n in (1, 2, 3)
    }


def test_an_answer_over_a_plain_line_is_refused_for_a_secure_address():
    from types import SimpleNamespace

    from divide_cli.sources.fetch import client
    from divide_cli.sources.fetch.client import UnusableError

    answer = SimpleNamespace(url=SimpleNamespace(scheme="http", host="api.example.org"))
    with pytest.raises(UnusableError, match="https"):
        client._require_secure("https://api.example.org/v2", answer)
    client._require_secure("http://127.0.0.1/v2", answer)


def test_a_folder_that_cannot_be_written_is_one_error(provider, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DivideError, match="cannot be written"):
        get(provider, tmp_path / "file")
    (tmp_path / "worldbank_2026_11_24").mkdir()
    with pytest.raises(DivideError, match="another file or folder has the name of the edition"):
        get(provider, tmp_path)
    assert provider.asked == []
