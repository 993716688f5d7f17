"""Cells that a spreadsheet, a terminal, a browser or a workflow runner would obey are shown and do nothing."""

import csv
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from tests.hostile.makers import HEADER
from tests.reports.reports import TEXTS

SHORT = {name: text for name, text in TEXTS.items() if len(text) < 10_000 and "\0" not in text and "\ud800" not in text}
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff\U000e0000-\U000e0fff]")


@pytest.fixture(scope="module")
def submission(tmp_path_factory):
    """One file with every hostile text as a code, a value, a comment, a breakdown and a column's name."""
    path = tmp_path_factory.mktemp("texts") / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        names = [f"X {text}" for text in SHORT.values()]
        writer.writerow([*HEADER.strip().split(","), "DETAIL", *names])
        rest = [""] * len(names)
        for number, text in enumerate(SHORT.values()):
            year = 2000 + number % 20
            writer.writerow([text, "internet_use", "_T", year, "85.5", "", "_T", *rest])
            writer.writerow(["KAZ", text, "_T", year, "85.5", "", "_T", *rest])
            writer.writerow(["KAZ", "internet_use", text, year, "85.5", "", "_T", *rest])
            writer.writerow(["KAZ", "internet_use", "F", text, "85.5", "", "_T", *rest])
            writer.writerow(["KAZ", "internet_use", "M", year, text, "", "_T", *rest])
            writer.writerow(["KAZ", "internet_use", "_T", year, "185.5", f"{text} last 12 months", text, *rest])
            writer.writerow(["KAZ", "internet_use", "F", year, "85.5", text, f"d{number}", *rest])
    return path


class Page(HTMLParser):
    """Notes the elements of a page, and what they load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.active: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.active += [name for name, value in attrs if name.startswith("on") or name in ("src", "srcset")]
        self.active += [value for name, value in attrs if name == "href" and not (value or "").startswith("#")]


@pytest.mark.parametrize("form", ["table", "json", "sarif", "junit", "github", "markdown", "html"])
def test_a_report_holds_nothing_that_is_obeyed(form, submission, divide):
    made = divide("validate", str(submission), "--format", form, "--limit", "0", columns=200)
    assert made.returncode == 1, made.stderr
    assert not CONTROLS.search(made.stdout + made.stderr), ascii(CONTROLS.search(made.stdout + made.stderr))
    if form in ("json", "sarif"):
        assert json.loads(made.stdout)
    if form == "junit":
        assert ElementTree.fromstring(made.stdout).iter("testcase")
    if form == "github":
        kinds = {line.split(" ")[0].split("::")[1] for line in made.stdout.splitlines() if line.startswith("::")}
        assert kinds <= {"error", "warning", "notice", "group", "endgroup"}
    if form == "markdown":
        assert not re.search(r"(?<!\\)<(script|img)|(?<!\\)\]\(|(?<!\\)@everyone", made.stdout)
    if form == "html":
        page = Page()
        page.feed(made.stdout)
        assert not page.tags & {"script", "img", "iframe", "object", "textarea"} and page.active == []


def test_a_workbook_holds_texts_and_no_formula(submission, divide, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    made = divide("validate", str(submission), "--format", "xlsx", "--out", "report.xlsx")
    assert made.returncode == 1, made.stderr
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert "f" not in kinds and "s" in kinds
    links = [cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert all(not link.target or link.location for link in links)


@pytest.mark.parametrize("command", [("read",), ("read", "--format", "json"), ("read", "--format", "markdown")])
def test_what_was_read_is_shown_harmless(command, submission, divide):
    made = divide(*command, str(submission), columns=200)
    assert made.returncode in (0, 3) and "Traceback" not in made.stderr
    assert not CONTROLS.search(made.stdout + made.stderr), ascii(CONTROLS.search(made.stdout + made.stderr))


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_options_are_shown_harmless(text, divide):
    made = divide("validate", "nothing.csv", "--dataflow", text, "--encoding", text)
    assert made.returncode == 2 and "Traceback" not in made.stderr
    assert not CONTROLS.search(made.stderr), ascii(made.stderr)
