"""`divide fetch` as its users meet it: what it prints, where it writes, its exit codes, and compute on what it fetched."""

import os
import pty
import shutil
import subprocess
import sys
from datetime import date

import pytest

from tests.cli.test_catalogue_commands import imported
from tests.fetch.provider import PATIENCE, complete, drip, finish, status
from tests.runner import ROOT

NETWORK = {"httpx2", "httpcore2", "tenacity", "h11"}


def test_the_id_on_stdout_and_the_rest_on_stderr(provider, start, tmp_path):
    today = date.today()
    code, out, err = finish(start("fetch", "internet_use", "--base-url", provider.url))
    folder, edition = tmp_path / "home" / "divide" / "editions", out.rstrip("\n")
    assert code == 0 and edition in {f"itu_datahub_{day:%Y_%m_%d}" for day in (today, date.today())}
    assert out == f"{edition}\n"
    assert list(complete(folder)) == [edition]
    lines = err.splitlines()
    assert lines[0].startswith("internet_use: 9 downloaded (") and lines[0].endswith(f"in {folder / edition}")
    assert lines[1].startswith("Licence: ITU, Creative Commons Attribution-NonCommercial-ShareAlike 3.0 IGO (https://")
    assert "non-commercial, share-alike" in lines[1]
    assert lines[2:] == [f"divide compute --edition {edition}"]


def test_another_folder_and_free_terms(provider, start, tmp_path):
    code, out, err = finish(
        start("fetch", "population", "--source", "worldbank", "--to", "mine/editions", "--base-url", provider.url)
    )
    edition = out.strip()
    assert code == 0 and list(complete(tmp_path / "mine" / "editions")) == [edition]
    assert err.splitlines()[1:] == [f"DIVIDE_EDITIONS=mine/editions divide compute --edition {edition}"]


def test_what_is_fetched_is_told_in_the_language_and_written_in_english(provider, start, hurried, tmp_path):
    if not (hurried / "translations").is_dir():
        shutil.copytree(ROOT / "data" / "translations", hurried / "translations")
    origins = {}
    for code in ("en", "ru"):
        words = ("fetch", "population", "--source", "worldbank", "--to", code, "--base-url", provider.url)
        _, out, err = finish(start(*words, "--lang", code))
        origins[code] = (tmp_path / code / out.strip() / "origin.yaml").read_bytes()
    assert "загружено" in err and "downloaded" not in err
    assert origins["ru"] == origins["en"]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["coverage_4g", "--source", "worldbank"], 2, "use --source itu"),
        (["population"], 2, "use --source worldbank"),
        (["internet"], 2, "did you mean internet_use"),
        (["internet_use", "--source", "gsma"], 2, "expected: itu (ITU DataHub API), worldbank"),
        (["internet_use", "--base-url", "ftp://example.org"], 2, "--base-url"),
        (["internet_use", "--base-url", "http://[::1"], 2, "--base-url"),
        (["internet_use", "--base-url", "http://localhost:99999"], 2, "--base-url"),
        (["internet_use", "--base-url", "http://localhost/?a=b"], 2, "--base-url"),
        (["internet_use", "--base-url", "http://127.0.0.1:9"], 3, "no connection"),
        (["internet_use", "--base-url", f"http://{'a' * 70}.invalid"], 3, "fetched"),
        (["internet_use", "--to", "data/catalogue/units.yaml"], 3, "cannot be written"),
    ],
)
def test_errors_are_one_clear_message(start, tmp_path, arguments, code, text):
    found, out, err = finish(start("fetch", *arguments))
    assert (found, out) == (code, ""), err
    lines = err.splitlines()
    assert lines[0].startswith("divide: error: ") and all(line.startswith("  ") for line in lines[1:]), err
    assert text in err
    assert not list((tmp_path / "home").rglob("*.*"))


def test_no_indicator_is_an_error(start):
    code, out, err = finish(start("fetch"))
    assert code == 2 and out == "" and "INDICATOR" in err


def test_a_fault_that_stays_is_one_clear_message(provider, start, tmp_path):
    provider.always = {"/data/bycode/9300": status(502)}
    code, out, err = finish(start("fetch", "internet_use", "--base-url", provider.url))
    assert (code, out) == (3, "")
    assert f"where: {provider.url}/data/bycode/9300" in err and "502 Bad Gateway, after 3 attempts" in err
    assert "try again later" in err and "Traceback" not in err


def test_a_bar_on_a_terminal(provider, start, tmp_path, hurried):
    provider.faults = {2: status(503), 4: drip}
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "divide_cli", "fetch", "internet_use", "--base-url", provider.url],
        env={
            **{name: text for name, text in os.environ.items() if name not in ("NO_COLOR", "CI")},
            "DIVIDE_DATA": str(hurried),
            "XDG_DATA_HOME": str(tmp_path),
            "COLUMNS": "120",
            "TERM": "xterm",
        },
        stdout=subprocess.PIPE,
        stderr=follower,
        text=True,
    )
    os.close(follower)
    shown = b""
    try:
        while part := os.read(leader, 65536):
            shown += part
    except OSError:  # the other end is closed
        pass
    os.close(leader)
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and out.startswith("itu_datahub_")
    text = shown.decode()
    assert "ITU DataHub API: HHU4212_HHC" in text and "/9" in text and "Licence" in text


def test_what_does_not_fetch_does_not_import_the_network():
    for arguments in (["--help"], ["fetch", "--help"], ["list"], ["fetch", "nope"], ["fetch", "population"]):
        assert not imported(*arguments) & NETWORK


def test_what_was_fetched_is_computed(provider, start, tmp_path):
    """`divide fetch`, then `divide compute --edition`, for both sources."""
    for source in ("itu", "worldbank"):
        code, edition, err = finish(start("fetch", "internet_use", "--source", source, "--base-url", provider.url))
        assert code == 0, err
        computed = start(
            "compute", "--edition", edition.strip(), "--gap", "internet_use_income", "--format", "csv", "--no-write"
        )
        code, out, err = finish(computed)
        assert code == 0, err
        assert edition.strip() in out
