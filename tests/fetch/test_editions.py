"""What a complete edition holds, and what becomes of an earlier one."""

import json
import multiprocessing
from datetime import date

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from divide_cli.catalogue import Edition, catalogue
from divide_cli.catalogue.load import edition_from
from divide_cli.errors import OptionError, SourceError
from divide_cli.reports.progress import Bar
from divide_cli.sources.fetch import fetch, published
from divide_cli.sources.fetch.store import locked
from tests.fetch.provider import PATIENCE, complete, fast, itu_payload, listed, snapshot, status
from tests.runner import ROOT

DAY = date(2026, 11, 24)
INTERNET = {f"{name}.json" for name in catalogue().services["itu"].series["i99H"]}


def get(provider, folder, *indicators, service="itu", day=DAY):
    return fetch(indicators, fast(service), folder, day, Bar(), base_url=provider.url)


def test_payloads_as_received_and_where_they_are_from(provider, tmp_path, monkeypatch):
    done = get(provider, tmp_path, "internet_use")
    assert done.edition == "itu_datahub_2026_11_24" and done.folder == tmp_path / done.edition
    files = complete(tmp_path)[done.edition]
    assert set(files) == INTERNET and files["HHU4212_HHCFemale.json"] == itu_payload(9230)
    assert provider.asked[:2] == ["/data/bycode/11624", "/data/bycode/9230"] and len(provider.asked) == 9
    assert all(agent.startswith("divide/") for agent in provider.agents)
    assert list(listed(tmp_path, monkeypatch)) == [done.edition]
    found = edition_from(done.folder)
    assert (found.accessed, found.vintage, found.role, found.default) == (DAY, DAY, "country", False)
    assert found.url == provider.url and found.indicators == ("internet_use",)
    assert found.licence["redistributable"] == "non-commercial, share-alike"
    assert found.citation == "ITU DataHub, i99H, fetched 24 November 2026, CC BY-NC-SA 3.0 IGO"
    assert "codeID" not in found.notes[-1] and "HHU4212_HHCMale = 9276" in found.notes[-1]


def test_the_day_of_the_world_banks_figures_is_the_vintage(provider, tmp_path):
    done = get(provider, tmp_path, "internet_use", "population", service="worldbank")
    found = edition_from(done.folder)
    assert (found.vintage, found.accessed) == (date(2026, 10, 7), DAY)
    assert "IT.NET.USER.ZS, SP.POP.TOTL, last updated 7 October 2026" in found.citation
    assert set(complete(tmp_path)[done.edition]) == {
        f"{code}.page0{n}.json" for code in ("IT.NET.USER.ZS", "SP.POP.TOTL") for n in (1, 2, 3)
    }


@pytest.mark.parametrize("service", ["itu", "worldbank"])
def test_the_origin_obeys_the_schema_of_editions(provider, tmp_path, service):
    done = get(provider, tmp_path, "internet_use", service=service)
    text = (done.folder / "origin.yaml").read_text(encoding="utf-8")
    document = json.loads(json.dumps(yaml.safe_load(text), default=date.isoformat))
    schema = json.loads((ROOT / "schemas" / "yaml" / "origin.json").read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(document)) == []
    missing = {name for name in Edition.__struct_fields__ if name not in document}
    assert missing <= {"files", "folder", "membership", "view", "method", "reading"}


def test_indicators_of_one_day_join_one_edition(provider, tmp_path):
    get(provider, tmp_path, "internet_use")
    provider.asked, provider.shift = [], 2.0
    done = get(provider, tmp_path, "coverage_4g", "mobile_ownership")
    assert provider.asked == ["/data/bycode/28027", "/data/bycode/19306"]
    assert (done.downloaded, done.carried) == (2, 9)
    files = complete(tmp_path)[done.edition]
    assert set(files) == {*INTERNET, "i271GA.json", "xHH18_IDI.json"}
    assert files["i99H.json"] == itu_payload(11624) and files["i271GA.json"] == itu_payload(19306, 2.0)
    assert edition_from(done.folder).indicators == ("internet_use", "mobile_ownership", "coverage_4g")


def test_what_is_asked_for_again_is_downloaded_again(provider, tmp_path):
    get(provider, tmp_path, "coverage_4g", "mobile_ownership")
    provider.asked, provider.shift = [], 2.0
    done = get(provider, tmp_path, "coverage_4g")
    assert provider.asked == ["/data/bycode/19306"] and (done.downloaded, done.carried) == (1, 1)
    files = complete(tmp_path)[done.edition]
    assert files == {"i271GA.json": itu_payload(19306, 2.0), "xHH18_IDI.json": itu_payload(28027)}
    assert [path.name for path in tmp_path.iterdir()] == [done.edition]


def test_a_carried_file_that_was_changed_is_fetched_again(provider, tmp_path):
    done = get(provider, tmp_path, "mobile_ownership")
    (done.folder / "xHH18_IDI.json").write_text("[]")
    done = get(provider, tmp_path, "coverage_4g")
    assert (done.downloaded, done.carried) == (2, 0)
    assert complete(tmp_path)[done.edition]["xHH18_IDI.json"] == itu_payload(28027)


def test_figures_of_another_address_are_not_mixed_in(provider, tmp_path):
    get(provider, tmp_path, "mobile_ownership")
    done = fetch(["coverage_4g"], fast("itu"), tmp_path, DAY, Bar(), base_url=f"{provider.url}/mirror/")
    assert provider.asked[1:] == ["/mirror/data/bycode/28027", "/mirror/data/bycode/19306"]
    assert edition_from(done.folder).url == f"{provider.url}/mirror"


def test_what_another_address_left_unfinished_is_not_used(provider, tmp_path):
    provider.faults = {2: status(404)}
    with pytest.raises(SourceError):
        get(provider, tmp_path, "internet_use")
    done = fetch(["internet_use"], fast("itu"), tmp_path, DAY, Bar(), base_url=f"{provider.url}/mirror")
    assert (done.downloaded, done.resumed) == (9, 0)


def test_a_file_of_the_users_is_not_thrown_away(provider, tmp_path):
    done = get(provider, tmp_path, "coverage_4g")
    (done.folder / "notes.txt").write_text("mine")
    before = snapshot(tmp_path)
    with pytest.raises(SourceError, match=r"its folder contains files that were not fetched") as caught:
        get(provider, tmp_path, "coverage_4g")
    assert caught.value.found == "notes.txt" and snapshot(tmp_path) == before


def test_unfinished_downloads_of_other_days_are_removed(provider, tmp_path):
    provider.faults = {2: status(404)}
    with pytest.raises(SourceError):
        get(provider, tmp_path, "internet_use", day=date(2026, 11, 23))
    assert (tmp_path / ".itu_datahub_2026_11_23.partial").is_dir()
    (tmp_path / ".worldbank_2026_11_23.partial").mkdir()
    get(provider, tmp_path, "coverage_4g")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".worldbank_2026_11_23.partial",
        "itu_datahub_2026_11_24",
    ]


def test_a_damaged_unfinished_file_is_downloaded_again(provider, tmp_path):
    provider.faults = {4: status(404)}
    with pytest.raises(SourceError):
        get(provider, tmp_path, "internet_use")
    partial = tmp_path / ".itu_datahub_2026_11_24.partial"
    (partial / "i99H.json").write_bytes(itu_payload(11624)[:-5])
    (partial / ".HHU4212_HHCMale.json.tmp").write_bytes(b"[{")
    provider.faults, provider.asked = {}, []
    done = get(provider, tmp_path, "internet_use")
    assert (done.downloaded, done.resumed) == (7, 2) and provider.asked[0] == "/data/bycode/11624"


def _hold(folder, ready, end):
    with locked(folder) as mine:
        assert mine
        ready.set()
        end.wait(PATIENCE)


def test_two_processes_do_not_assemble_the_same_edition(provider, tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, end = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path / ".itu_datahub_2026_11_24.partial", ready, end))
    other.start()
    try:
        assert ready.wait(PATIENCE)
        with pytest.raises(SourceError, match="another process"):
            get(provider, tmp_path, "coverage_4g")
    finally:
        end.set()
        other.join()
    assert get(provider, tmp_path, "coverage_4g").downloaded == 1


def test_every_service_publishes_what_its_series_say():
    known = catalogue()
    for service in known.services.values():
        codes = {indicator.codes.get(service.id) for indicator in known.indicators.values()}
        assert set(service.series) <= codes, "series of no indicator"
        assert published(service)
        numbers = [number for group in service.series.values() for number in group.values()]
        assert len(numbers) == len(set(numbers))
    flow = known.dataflows["itu_datahub_csv"]
    for code, series in known.services["itu"].series.items():
        assert {name.removeprefix(code).removeprefix("_") for name in series} <= {*flow.suffixes, "", *series}


def test_the_series_numbers_are_those_of_datahubs_own_files(raw):
    import csv

    numbers = {name: n for group in catalogue().services["itu"].series.values() for name, n in group.items()}
    seen = set()
    for path in raw.glob("itu_datahub_2*/*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            seen |= {(row["seriesCode"], int(row["seriesID"])) for row in csv.DictReader(lines)}
    assert {name: number for name, number in seen if name in numbers}.items() <= numbers.items()
    assert {"i99H", "xHH18_IDI", "HHU781m_HHCMale"} <= {name for name, _ in seen}
    answer = json.loads((raw / "itu_datahub_api" / "itu-get-indicator.json").read_text(encoding="utf-8"))
    listed_there = {code["code"]: code["codeID"] for group in answer[0]["disaggregation"] for code in group["codes"]}
    assert {name: numbers[name] for name in listed_there} == listed_there


def test_an_indicator_that_is_not_published(provider, tmp_path):
    with pytest.raises(OptionError) as caught:
        get(provider, tmp_path, "coverage_4g", service="worldbank")
    assert caught.value.expected.startswith("internet_use") and caught.value.found == "coverage_4g"
    assert caught.value.hint == "use --source itu" and provider.asked == []
