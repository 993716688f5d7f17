"""The report as tables and Markdown."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest

from divide_cli.reports import findings
from divide_cli.reports.findings import about, files, path_of
from divide_cli.reports.tables import print_rich
from divide_cli.validation.report import Report, tallied

GOLDEN = Path(__file__).parents[1] / "golden"


def printed(report, described, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    with redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) as out:
        print_rich(findings.blocks(report, described))
        out.seek(0)
        return "".join(f"{line.rstrip()}\n" for line in out.read().splitlines())


@pytest.mark.parametrize("width", [80, 200])
def test_tables_are_those_of_the_golden_file(width, report, described, monkeypatch):
    made = printed(report, described, width, monkeypatch)
    golden = GOLDEN / f"findings_{width}.txt"
    if os.environ.get("DIVIDE_GOLDEN"):
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")
    assert max(map(len, made.splitlines())) <= width


def test_markdown_is_that_of_the_golden_file(report, described):
    made = findings.text(report, described)
    golden = GOLDEN / "findings.md"
    if os.environ.get("DIVIDE_GOLDEN"):
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_hostile_texts_on_a_terminal(width, hostile, described, harmless, monkeypatch):
    made = printed(hostile, described, width, monkeypatch)
    harmless(made)
    assert not any(line.lstrip().startswith(("::error", "::set-output")) for line in made.splitlines())
    assert "[bold red]" in made.replace("\n", "").replace(" ", "") or width == 40 or "[bold" in made


def test_hostile_texts_in_markdown(hostile, described, harmless):
    made = findings.text(hostile, described)
    harmless(made)
    bare = made.replace("\\\\", "")
    for mark in ("<script", "<img", "[click]", "![x]", "`code`", "**b**", "@everyone", "https://", " a | b "):
        assert mark not in bare.replace("\\<", "").replace("\\@", "").replace("\\[", "").replace("\\`", ""), mark
    tables = [line for line in made.splitlines() if line.startswith("| ")]
    widths = {len(line.replace("\\|", "").split("|")) for line in tables if "total\\_within" not in line}
    assert widths <= {5, 6, 7, 8}


def test_a_step_summary_is_never_too_long(report, described):
    many = tuple(replace(report.findings[0], line=line, message="long " * 180) for line in range(2, 3000))
    made = findings.text(replace(report, findings=many, summary=tallied(many)), described)
    assert len(made.encode()) <= findings.SUMMARY_BYTES
    assert "2,978 more not listed" in made and "2,998 errors" in made


def test_nothing_found(described, monkeypatch):
    made = printed(Report((), (), (), ()), described, 80, monkeypatch)
    assert "Summary" in made and "No findings. 0 rules, 0 checks made." in made


def test_a_file_none_of_whose_findings_are_listed_says_so(report, described):
    other = replace(report, findings=report.findings[:1], inputs=report.inputs[:3])
    made = findings.text(other, described)
    assert "repeated\\_value), 1 finding in data/second.csv\n\nNone is listed: --limit 0 lists all." in made


def test_what_a_message_says_is_not_said_twice(report, described):
    one = replace(report.findings[0], message="15 is more than 1.5", found="5", expected="1.5")
    made = findings.text(replace(report, findings=(one,)), described)
    assert "15 is more than 1.5; found 5 |" in made


def test_sheets_belong_to_their_workbook(report):
    assert path_of("data/book.xlsx[By sex]", report.inputs) == "data/book.xlsx"
    assert path_of("data/other.xlsx[By sex]", report.inputs) == "data/other.xlsx[By sex]"
    counts = {entry.path: sum(broken.count for broken in found) for entry, found in files(report)}
    assert counts == {
        "data/submission 2024.csv": 15, "data/second.csv": 1, "data/book.xlsx": 1, "data/torn.csv": 0, "waivers.yaml": 1,
    }  # fmt: skip


def test_a_key_in_words():
    key = {"REF_AREA": "ALB", "INDICATOR": "internet_use", "SEX": "F", "AGE": "Y15T24", "URBANISATION": "_T", "X": "a"}
    assert about(key) == ["Albania", "Individuals using the Internet", "Female", "15 to 24 years", "X: a"]
    assert about({"REF_AREA": "XQX", "AGE": "old", "INDICATOR": "none"})[0] == "XQX"
    assert about({"SUBNATIONAL_AREA": "AL-01", "WEALTH_CLASS": "Q1"}) == [
        "Part of the country: AL-01",
        "Wealth class: Q1",
    ]


def test_the_formats_need_no_pandas():
    script = (
        "import sys; from divide_cli.reports import findings, json, sarif, junit, annotations; "
        "sys.exit('pandas' in sys.modules or 'jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
