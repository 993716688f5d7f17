"""A made-up report in four formats: 30 claims, of which 10 are wrong, each in another way.

The right figures are those of ITU's editions, copied by hand: in percent of people, from itu_aggregates_2025_11 HIC 94.2,
LIC 23.4, WLD 73.6 (2024: 71.2), LDC 33.7, UMC 88.8, LMC 62.9, AFR 35.7, EUR 92.2; in towns WLD 85.4, HIC 95.7, LMC 77.0; in
villages WLD 58.2, LIC 13.7, LMC 53.2. From itu_aggregates_2024_11, 2024: WLD 67.6, women 65.3, men 69.5.
"""

import json
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft7Validator

from tests.cli.conftest import divide

__all__ = ["divide"]
REPORT = Path(__file__).parent / "report"
SCHEMA = Path(__file__).resolve().parents[1] / "schemas" / "sarif-2.1.0-rtm.5.json"
WRONG = {
    ("report.md", 9, 3, "71.2"): ("another year", "for 2024", 71.2),
    ("report.md", 9, 84, "67.6"): ("another edition", "in itu_aggregates_2024_11", 67.6),
    ("report.md", 16, 10, "37.3"): ("digits transposed", "as 33.7", 33.7),
    ("report.qmd", 10, 2, "62.9"): ("another area", "for LMC Lower-middle-income economies", 62.9),
    ("report.qmd", 11, 5, "65.3"): ("another sex, age or place", "for F Female", 65.3),
    ("report.qmd", 14, 1, "27.2"): ("another unit", "in percentage points, not %", 27.2),  # 85.4 - 58.2
    ("chapters/chapter.tex", 6, 25, "74"): ("another unit", "in percent", 73.6),
    ("chapters/chapter.tex", 10, 24, "-2.4"): ("another sign", "with the other sign", -2.4),  # 71.2 - 73.6
    ("README.rst", 8, 99, "77.0"): ("another sex, age or place", "for URB Urban", 77.0),
    ("README.rst", 13, 15, "26"): ("its complement", "as its complement", 26.4),  # 100 - 73.6
}
"""File, line, column and text of each wrong figure -> what it deviates in, how, and the number that it would be."""
CORRECTED = {"71.2": "73.6", "67.6": "71.2", "37.3": "33.7", "62.9": "88.8", "65.3": "69.5", "74~": "6047~", "-2.4": "2.4",
             "77.0": "53.2", "26 %": "74 %"}  # fmt: skip
"""What stands there -> what should: the same decimals, of the numbers above (6,046.9 million people)."""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A copy of the report, in the working directory of `divide`."""
    shutil.copytree(REPORT, tmp_path / "report")
    return tmp_path / "report"


def test_the_places_are_where_the_figures_are():
    """The table above, against the files themselves."""
    for file, line, column, text in WRONG:
        shown = (REPORT / file).read_text(encoding="utf-8").splitlines()[line - 1]
        assert shown[column - 1 :].startswith(text), (file, line)


def test_every_wrong_figure_is_diagnosed_and_no_right_one_is_blamed(divide, report):
    finished = divide("reproduce", str(report), "--format", "json")
    assert finished.returncode == 1 and "30 claims, 10 not as expected" in finished.stderr
    found = {}
    for claim in json.loads(finished.stdout)["claims"]:
        place = (
            str(Path(claim["place"]["file"]).relative_to(report)),
            claim["place"]["line"],
            claim["place"]["column"],
        )
        diagnoses = [one for basis in ("published", "countries") if claim[basis] for one in claim[basis]["diagnoses"]]
        if claim["as_expected"]:
            assert not diagnoses and claim["verdict"] in ("quoted", "reproduced", "within rounding of the inputs")
        else:
            assert claim["verdict"] == "differs"
            ((deviation, ((way, value),)),) = [
                (one["deviation"], [(way["way"], way["value"]) for way in one["ways"]]) for one in diagnoses
            ]
            found[*place, claim["printed"]] = (deviation, way, pytest.approx(value))
    assert found == WRONG


def test_files_in_place_of_folders_give_the_same(divide, report):
    names = ("report.md", "report.qmd", "chapters/chapter.tex", "README.rst")
    finished = divide("reproduce", *(str(report / name) for name in names), "--format", "json")
    assert json.loads(finished.stdout)["unexpected"] == 10
    chapter = json.loads(divide("reproduce", str(report / "chapters"), "--format", "json").stdout)
    assert (len(chapter["claims"]), chapter["unexpected"]) == (7, 2)


def test_every_format_annotates_file_line_and_column(divide, report):
    places = {(f"report/{file}", line, column) for file, line, column, _ in WRONG}
    run = json.loads(divide("reproduce", "report", "--format", "sarif").stdout)
    assert not list(Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).iter_errors(run))
    results = run["runs"][0]["results"]
    found = {}
    for result in results:
        location = result["locations"][0]["physicalLocation"]
        region = location["region"]
        found[location["artifactLocation"]["uri"], region["startLine"], region["startColumn"]] = result["message"][
            "text"
        ]
    assert set(found) == places and len(results) == 10
    github = divide("reproduce", "report", "--format", "github").stdout
    junit = ElementTree.fromstring(divide("reproduce", "report", "--format", "junit").stdout)
    failures = " ".join(failure.text or "" for failure in junit.iter("failure"))
    table = "".join(divide("reproduce", "report", columns=300).stdout.split())
    assert len(list(junit.iter("testcase"))) == 30 and len(list(junit.iter("failure"))) == 10
    for (file, line, column, text), (deviation, way, _) in WRONG.items():
        message = found[f"report/{file}", line, column]
        assert f"rinted {text}" in message and f"{deviation}: would hold {way}" in message
        assert f"::error file=report/{file},line={line},endLine={line},col={column}," in github
        assert f"line {line}, column {column}" in failures and f"{deviation}: would hold {way}" in failures
        assert f"report/{file}:{line}:{column}" in table


def test_the_patch_corrects_what_is_wrong_and_nothing_else(divide, report):
    before = {path: path.read_bytes() for path in report.rglob("*.*")}
    finished = divide("reproduce", "report", "--write")
    assert finished.returncode == 1 and "10 figures to correct" in finished.stderr
    assert before == {path: path.read_bytes() for path in report.rglob("*.*")}, "it only prints"
    subprocess.run(["git", "apply", "-"], input=finished.stdout, text=True, cwd=report.parent, check=True)
    removed = [line[1:] for line in finished.stdout.splitlines() if line.startswith("-") and not line.startswith("---")]
    added = [line[1:] for line in finished.stdout.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert len(removed) == len(added) == 10  # two figures are on one line, and a mark repeats its figure
    for old, new in zip(removed, added, strict=True):
        expected = old
        for wrong, right in CORRECTED.items():
            expected = expected if wrong == "65.3" and "women" in old else expected.replace(wrong, right)
        expected = expected.replace("27.2 %", "27.2 percentage points")
        assert new == expected
    now = divide("reproduce", "report")
    assert now.returncode == 0 and "30 claims, all as expected" in now.stderr
    assert divide("reproduce", "report", "--write").stdout == ""


def test_the_patch_keeps_the_form_of_a_figure_and_leaves_what_it_cannot_know(divide, tmp_path):
    """6,046.9 million people are online; 73.6 % with `more than` is more than 73; no word of a number fits 94.2 %."""
    text = (
        "\ufeff6\u202f100.0 million <!-- divide: internet_use persons WLD 2025 -->\r\n"
        "more than 74 % <!-- divide: internet_use WLD 2025 -->\r\n"
        "half <!-- divide: internet_use HIC 2025 -->\r\n"
        "7 % <!-- divide: internet_use WLD 1950 -->"
    )
    (tmp_path / "report.md").write_bytes(text.encode())
    finished = divide("reproduce", "report.md", "--write")
    assert "2 figures to correct" in finished.stderr
    assert "left as it is: report.md:3:1" in finished.stderr and "left as it is: report.md:4:1" in finished.stderr
    (tmp_path / "patch").write_bytes(finished.stdout.encode())
    subprocess.run(["git", "apply", "patch"], cwd=tmp_path, check=True)
    expected = text.replace("6\u202f100.0", "6\u202f046.9").replace("than 74", "than 73")
    assert (tmp_path / "report.md").read_bytes() == expected.encode()


def test_the_patch_corrects_figures_that_marks_repeat(divide, tmp_path):
    """Lengths change: 9 becomes 94, 27.2 % becomes 27.2 percentage points; claims that disagree about a figure leave it."""
    text = (
        "Online: 9 %, 123 % and 5 %; the gap is 27.2 %.\n\n"
        ".. divide: 9 % = internet_use HIC 2025\n"
        ".. divide: 123 % = internet_use LIC 2025\n"
        ".. divide: 27.2 % = internet_use_urbanisation difference WLD 2025\n"
        ".. divide: 5 % = internet_use WLD 2025\n"
        ".. divide: 5 % = internet_use LDC 2025\n"
    )
    (tmp_path / "a.rst").write_text(text, encoding="utf-8")
    finished = divide("reproduce", "a.rst", "--write")
    assert "3 figures to correct" in finished.stderr and finished.stderr.count("left as it is") == 2
    subprocess.run(["git", "apply", "-"], input=finished.stdout, text=True, cwd=tmp_path, check=True)
    right = text.replace("9 %", "94 %").replace("123 %", "23 %").replace("27.2 %", "27.2 percentage points")
    assert (tmp_path / "a.rst").read_text(encoding="utf-8") == right


def test_a_mark_says_what_it_expects(divide, tmp_path):
    marks = (
        "internet_use WLD 2025 expect=differs reason='Rounding. Old.'",
        "internet_use WLD 1950 expect='not computable'",
    )
    (tmp_path / "a.md").write_text("\n\n".join(f"70 % <!-- divide: {mark} -->" for mark in marks), encoding="utf-8")
    assert divide("reproduce", "a.md").returncode == 0
    (tmp_path / "b.md").write_text("73.6 % <!-- divide: internet_use WLD 1950 -->", encoding="utf-8")
    finished = divide("reproduce", "b.md")
    assert finished.returncode == 1 and "notcomputable" in "".join(finished.stdout.split())


def test_claims_files_and_texts_are_checked_together(divide, tmp_path):
    divide("claims", "new", "claims.yaml")
    (tmp_path / "a.md").write_text("74 % <!-- divide: internet_use WLD 2025 -->", encoding="utf-8")
    finished = divide("reproduce", "claims.yaml", "a.md", "--format", "json")
    assert [claim["publication"] for claim in json.loads(finished.stdout)["claims"]] == ["claims", "a.md"]
    assert (
        divide("reproduce", "claims.yaml", "a.md", "--only", "internet_use_wld_2025").stderr
        == "1 claim, all as expected\n"
    )
    divide("lock", "a.md")
    assert "Nothing has changed" in divide("reproduce", "a.md", "--lock", "divide.lock").stdout


def test_figures_without_a_mark_have_candidates_that_hold(divide, tmp_path):
    """Each candidate, put after its figure as its mark, is right; figures with a mark and examples are not listed."""
    text = (
        "# 3. Report 2025\n\n"
        "In 2025, 94 % of people in high-income economies used the Internet, and 23.4 % in low-income economies.\n"
        "In rural areas 58 % used the Internet in 2025, in urban areas 85 %: a gap of 27 percentage points.\n"
        "In Africa 36 % were online in 2025. Worldwide, about 2.2 billion people were offline in 2025.\n"
        "Men: 69.5 % used the Internet in 2024. Prices rose by 42 %.\n"
        "And 74 % <!-- divide: internet_use WLD 2025 -->. See `5 %`.\n"
    )
    (tmp_path / "report.md").write_text(text, encoding="utf-8")
    finished = divide("claims", "find", "report.md", "--format", "json")
    assert finished.returncode == 0 and "9 figures without a mark, 8 with candidates" in finished.stderr
    figures = json.loads(finished.stdout)["figures"]
    best = {entry["printed"]: [one["mark"] for one in entry["candidates"]][:1] for entry in figures}
    assert best == {
        "94 %": ["internet_use HIC 2025"],
        "23.4 %": ["internet_use LIC 2025"],
        "58 %": ["internet_use WLD RUR 2025"],
        "85 %": ["internet_use WLD URB 2025"],
        "27 percentage points": ["internet_use_urbanisation absolute_difference WLD 2025"],
        "36 %": ["internet_use AFR 2025"],
        "2.2 billion people": ["internet_use complement persons WLD 2025"],
        "69.5 %": ["internet_use WLD M 2024"],
        "42 %": [],
    }
    for printed, marks in best.items():
        for mark in marks:
            text = text.replace(printed, f"{printed} <!-- divide: {mark} -->", 1)
    (tmp_path / "report.md").write_text(text, encoding="utf-8")
    assert divide("reproduce", "report.md").stderr == "9 claims, all as expected\n"
    assert "1 figure without a mark" in divide("claims", "find", "report.md").stderr
    lines = divide("claims", "find", "report.md", "--format", "csv").stdout.splitlines()
    assert lines[0].startswith("FILE,LINE,COLUMN,") and lines[1].startswith("report.md,6,")
