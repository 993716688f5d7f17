"""`divide edition add`: a file as an edition of one's own, which commands name as any other."""

import csv
import hashlib
import json
from io import StringIO
from pathlib import Path

import pytest
import yaml

from divide_cli.reports import catalogue
from divide_cli.sources import editions

HEAD = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n"
GOOD = HEAD + "KEN,internet_use,M,2020,60.5\nKEN,internet_use,F,2020,33.3\nKEN,internet_use,_T,2020,47.1\n"
BAD = "BRA,internet_use,_T,2020,x\nXQQ,internet_use,_T,2020,5\n"
BOOK = Path(__file__).parents[1] / "sources" / "sdmx_tidy_xlsx" / "two_sheets.xlsx"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of editions, which `$DIVIDE_EDITIONS` names; other tests do not see its editions."""
    place = tmp_path / "editions"
    monkeypatch.setenv("DIVIDE_EDITIONS", str(place))
    _forget()
    yield place
    _forget()


def _forget() -> None:
    """A process looks for editions once."""
    editions.editions.cache_clear()
    catalogue.kinds.cache_clear()


def origin(folder: Path, name: str) -> dict:
    return yaml.safe_load((folder / name / "origin.yaml").read_text(encoding="utf-8"))


def test_a_file_becomes_an_edition_that_commands_name(divide, folder, tmp_path):
    (tmp_path / "figures.csv").write_text(GOOD, encoding="utf-8")
    added = divide("edition", "add", "figures.csv", "--id", "my_2026_11")
    assert (added.returncode, added.stdout) == (0, "my_2026_11\n"), added.stderr
    assert "internet_use: 3 of 3 rows used (layout sdmx_tidy)" in added.stderr
    choice = ("--measure", "difference", "--no-write", "--format", "csv")
    gaps = divide("compute", "--edition", "my_2026_11", "--area", "KEN", *choice)
    (gap,) = csv.DictReader(StringIO(gaps.stdout))
    assert (gap["EDITION"], gap["OBS_VALUE"]) == ("my_2026_11", "27.2")  # 60.5 - 33.3
    assert "my_2026_11" in divide("list", "editions").stdout
    assert "yours" in divide("list", "editions").stdout


def test_origin_says_what_is_known(divide, folder, tmp_path):
    (tmp_path / "figures.csv").write_text(GOOD, encoding="utf-8")
    said = ("--title", "Survey", "--producer", "KNBS", "--licence", "CC-BY-4.0", "--vintage", "2021-06-30")
    divide("edition", "add", "figures.csv", "--id", "survey", *said, "--url", "https://example.org/f.csv")
    document = origin(folder, "survey")
    assert {name: document[name] for name in ("id", "title", "producer", "url", "role", "default", "indicators")} == {
        "id": "survey",
        "title": "Survey",
        "producer": "KNBS",
        "url": "https://example.org/f.csv",
        "role": "country",
        "default": False,
        "indicators": ["internet_use"],
    }
    assert document["licence"]["url"] == "https://creativecommons.org/licenses/by/4.0/"
    assert str(document["vintage"]) == "2021-06-30"
    assert document["citation"].startswith("KNBS, figures.csv (sha256 ")
    content = GOOD.encode()
    file = {"path": "figures.csv", "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    assert document["raw"] == [file]
    assert (folder / "survey" / "figures.csv").read_bytes() == content


def test_refused_rows_are_said_and_stay_out(divide, folder, tmp_path):
    (tmp_path / "figures.csv").write_text(GOOD + BAD, encoding="utf-8")
    added = divide("edition", "add", "figures.csv", "--id", "mine")
    assert added.returncode == 0
    assert "3 of 5 rows used" in added.stderr
    assert added.stderr.count("1 row rejected: ") == 2
    assert [part["what"] for part in origin(folder, "mine")["left_out"]] == ["1 row rejected", "1 row rejected"]
    found = divide("compute", "--edition", "mine", "--area", "KEN", "--no-write", "--format", "json")
    areas = {row["REF_AREA"] for row in json.loads(found.stdout)["aggregates"]}
    assert areas == {"KEN"}


def test_what_the_file_does_not_say_is_kept(divide, folder, tmp_path):
    (tmp_path / "17-8-1.csv").write_text("Year,Value\n2020,40\n2021,45\n", encoding="utf-8")
    added = divide("edition", "add", "17-8-1.csv", "--id", "nation", "--area", "Kenya")
    assert added.returncode == 0, added.stderr
    assert origin(folder, "nation")["reading"] == {"area": "KEN"}
    shown = divide("compute", "--edition", "nation", "--area", "Kenya", "--no-write")
    assert ["KEN", "Kenya", "2021", "45.0", "normal"] in [line.split() for line in shown.stdout.splitlines()]


def test_a_workbook_in_another_folder(divide, folder, tmp_path):
    added = divide("edition", "add", str(BOOK), "--id", "book", "--to", "elsewhere")
    assert added.returncode == 0, added.stderr
    assert "DIVIDE_EDITIONS=elsewhere divide compute --edition book" in added.stderr
    assert sorted(path.name for path in (tmp_path / "elsewhere" / "book").iterdir()) == ["origin.yaml", BOOK.name]
    assert not folder.exists()


def test_claims_diff_and_explain_name_it(divide, folder, tmp_path):
    (tmp_path / "old.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "new.csv").write_text(GOOD.replace("47.1", "48.6"), encoding="utf-8")
    for name in ("old", "new"):
        assert divide("edition", "add", f"{name}.csv", "--id", name).returncode == 0
    changes = divide("diff", "old", "new", "--format", "json")
    assert [round(row["DIFFERENCE"], 9) for row in json.loads(changes.stdout)["changes"]] == [1.5]  # 48.6 - 47.1
    explained = divide("explain", "internet_use", "KEN", "2020", "--edition", "new")
    assert "48.6" in explained.stdout and "new.csv:4" in explained.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["figures.csv", "--id", "wdi_2026_08"], 2, "an edition of this id exists"),
        (["figures.csv", "--id", "mine"], 2, "an edition of this id exists"),
        (["figures.csv", "--id", "My edition"], 2, "small letters, digits and _"),
        (["figures.csv", "--id", "../mine"], 2, "small letters, digits and _"),
        (["figures.csv", "--id", "other", "--url", "figures.csv"], 2, "give an http or https address"),
        (["figures.csv", "--id", "other", "--vintage", "soon"], 2, "--vintage"),
        (["missing.csv", "--id", "other"], 3, "the file cannot be opened"),
        (["words.csv", "--id", "other"], 3, "words.csv"),
        (["none.csv", "--id", "other"], 1, "no row could be used"),
        (["-", "--id", "other"], 3, "the file cannot be opened"),
    ],
)
def test_what_is_refused_leaves_nothing(divide, folder, tmp_path, arguments, code, text):
    (tmp_path / "figures.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "none.csv").write_text(HEAD + BAD, encoding="utf-8")
    (tmp_path / "words.csv").write_text("A letter\nwithout figures\n", encoding="utf-8")
    (folder / "mine").mkdir(parents=True)
    finished = divide("edition", "add", *arguments)
    assert finished.returncode == code, finished.stderr
    assert text in finished.stderr and finished.stdout == ""
    assert [path.name for path in folder.iterdir()] == ["mine"]


def test_an_edition_is_told_in_the_language_and_written_in_english(divide, tmp_path, folder):
    """With a rejected row, whose reason is in both."""
    (tmp_path / "a.csv").write_text(GOOD + BAD, encoding="utf-8")
    told = {}
    for code, name in (("en", "one"), ("fr", "two")):
        finished = divide("edition", "add", "a.csv", "--id", name, "--lang", code)
        assert finished.returncode == 0, finished.stderr
        told[code] = finished.stderr
    first, second = origin(folder, "one"), origin(folder, "two")
    assert {**first, "id": ""} == {**second, "id": ""}
    assert "rejected" in told["en"] and "Licence: not stated" in told["en"]
    assert "rejected" not in told["fr"] and "Licence\u00a0: non indiqué" in told["fr"]
