"""The page for the data owner: whole, harmless, and every finding in it."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from divide_cli.errors.text_safety import visible
from divide_cli.readers.opening import Grid
from divide_cli.reports import html
from divide_cli.reports.findings import sentence
from divide_cli.validation.report import Applied, Report, Skipped
from tests.reports.reports import TEXTS

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Elements with their attributes, and the text; fails where tags do not pair."""

    def __init__(self, made):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.words, self.style = [], [], [], ""
        self.feed(made)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(params=["report", "hostile"])
def any_report(request):
    return request.getfixturevalue(request.param)


def test_nothing_is_loaded_or_run(any_report, described):
    page = Page(html.text(any_report, described))
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "svg", "base", "form", "input", "video"}
    for _, attributes in page.elements:
        assert not {"src", "srcset", "style", "background", "action"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("href", "#").startswith("#")
    assert "url(" not in page.style and "@import" not in page.style and "://" not in page.style


def test_the_policy_of_the_page_allows_its_style_and_nothing_else(report, described):
    page = Page(html.text(report, described))
    policy = next(given["content"] for tag, given in page.elements if given.get("http-equiv"))
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_every_finding_is_there_with_all_that_is_said_of_it(report, described):
    text = Page(html.text(report, described)).text
    for finding in report.findings:
        for part in (sentence(finding.message), finding.expected, finding.found, finding.hint):
            assert part in text
        if finding.line:
            row = "Row" if finding.file.endswith("]") else "Line"
            assert f"{row} {finding.line}" in text
    for part in (
        "column Value", "sheet By sex column C", "see also lines 8, 12", "The whole file",
        "Albania · Individuals using the Internet · Female · 15 to 24 years · 2023", "ALB internet_use F Y15T24 2023",
        "Accepted until 2027-06-30 by A. Statistician: confirmed by the office's letter",
        "10 more findings of this rule are not listed here.", "A share of people cannot be less than nobody or more than all.",
    ):  # fmt: skip
        assert part in text, part


def test_inputs_counts_and_what_was_not_checked(report, described):
    text = Page(html.text(report, described)).text
    for part in (
        "1 of 4 files could not be read. 3 errors must be corrected. 9 warnings should be compared with the source.",
        "3 Errors", "9 Warnings", "2 Notes", "4 Accepted", "ab" * 32, "40: 36 used, 3 ignored, 1 rejected",
        "SDMX-CSV 1.0", "2,345 bytes", "The file is cut off or damaged", "Where: data/torn.csv:17",
        "A total lies between its parts 5 A part is missing", "A sample is large enough all The file has no sample sizes",
        "A value does not jump from one year to the next 3 One year only",
    ):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"findings": (), "summary": ()}, "There are no findings."),
        ({"findings": (), "summary": (), "rules": (Applied("jump", 0, {"one year": 2}),)},
         "Nothing could be checked. This does not mean that the data are correct."),
    ],
)  # fmt: skip
def test_verdict_of_nothing_found(change, verdict, report, described):
    read = replace(report, inputs=report.inputs[:2], **change)
    text = Page(html.text(read, described)).text
    assert verdict in text and "What to do now" not in text


def test_a_note_or_an_accepted_finding_alone_asks_for_nothing(report, described):
    notes = replace(report, inputs=report.inputs[:3], findings=report.findings[4:6], summary=report.summary[3:])
    assert "Nothing needs to be corrected." in Page(html.text(notes, described)).text
    tally = replace(report.summary[1], count=4)
    accepted = replace(notes, findings=report.findings[3:4], summary=(tally,))
    assert "There are no findings." in Page(html.text(accepted, described)).text


def test_the_only_file_is_not_counted(report, described):
    only = replace(report, inputs=report.inputs[3:], findings=(), summary=())
    text = Page(html.text(only, described)).text
    assert "The file could not be read. " in text and "1 of 1" not in text


def test_hostile_texts_are_shown_and_harmless(hostile, described, harmless):
    made = html.text(hostile, described)
    harmless(made)
    text = Page(made).text
    for finding in hostile.findings:
        if len(finding.found) < 200:
            assert " ".join(visible(finding.found).split()) in text
    assert "(10,000,000 characters)" in text


def test_links_lead_somewhere_and_ids_are_unique(any_report, described):
    page = Page(html.text(any_report, described))
    ids = [given["id"] for _, given in page.elements if "id" in given]
    assert len(ids) == len(set(ids))
    wanted = {given["href"][1:] for _, given in page.elements if "href" in given}
    assert wanted <= set(ids)
    assert {given["aria-labelledby"] for _, given in page.elements if "aria-labelledby" in given} <= set(ids)


def test_headings_do_not_skip_a_level(any_report, described):
    levels = [int(tag[1]) for tag, _ in Page(html.text(any_report, described)).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_texts_stand_out_from_their_grounds(report, described):
    """WCAG 2.2, 1.4.6: a ratio of at least 7 to 1, in the light, dark and printed colours."""
    style = Page(html.text(report, described)).style
    schemes = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{[^}]*\}", style)
    ]
    assert len(schemes) == 3
    for colours in schemes:
        pairs = [
            (name, ground)
            for name in ("ink", "soft", "link", "error", "warning", "note", "good")
            for ground in ("paper", "panel")
        ]
        pairs += [(name, f"{name}-back") for name in ("error", "warning", "note", "good")]
        pairs += [("ink", "good-back"), ("soft", "good-back")]
        for ink, ground in pairs:
            bright, dark = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= 7, (ink, colours[ink], ground, colours[ground])


def test_the_same_report_gives_the_same_page(report, described):
    assert html.text(report, described) == html.text(report, described)


def test_an_empty_report(described):
    assert "Nothing could be checked" in Page(html.text(Report((), (), (), ()), described)).text


HEADER = ["Year", "Sex", "Value"]


def tables(*rows):
    """The cells of the file of the report: a header on line 1, and the rows from line 2 on."""
    filled = [HEADER, *(list(row) for row in rows), *(["2020", "F", str(at)] for at in range(20 - len(rows)))]
    return {"data/submission 2024.csv": Grid(filled, list(range(1, len(filled) + 1)), len(filled))}


def rows_of(made):
    """The excerpts of a page: for each its rows, for each row the text of its cells."""
    found = re.findall(r'<table class="excerpt">(.*?)</table>', made)
    return [
        [
            [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
            for row in re.findall(r"<tr.*?</tr>", table)
        ]
        for table in found
    ]


def test_the_rows_of_the_file_stand_below_a_finding(report, described):
    made = html.text(report, described, tables())
    Page(made)
    first, _, total, *_ = rows_of(made)
    assert first == [
        ["Line", *HEADER], ["4 nearby", "2020", "F", "2"], ["5 to correct", "2020", "F", "3"],
        ["6 nearby", "2020", "F", "4"],
    ]  # fmt: skip
    assert [row[0] for row in total[1:]] == [
        "6 for comparison", "7 to check", "8 also involved", "9 for comparison", "12 also involved",
    ]  # fmt: skip
    marked = re.findall(r"<mark>(.*?)</mark>", made)
    assert [re.sub("<[^>]+>", "", cell) for cell in marked] == ["3", "7", "5", "18", "9"]
    assert "accepted" in rows_of(made)[3][2][0]


def test_the_page_says_from_where_on_a_spreadsheet_counts_otherwise(report, described):
    broken = tables(["2019", "F", "1"], ["2019", "M", "two\nlines"])
    assert "A cell on line 3 contains a line break" in html.text(report, described, broken)
    assert "contains a line break. Below" not in html.text(report, described, tables())


def test_a_finding_about_many_rows_says_about_how_many(report, described):
    many = replace(report.findings[0], lines=tuple(range(2, 14)))
    assert "2 findings in this file, covering 12 rows" in html.text(replace(report, findings=(many,)), described)
    few = replace(many, lines=(2, 3, 4))
    assert "in this file, covering" not in html.text(replace(report, findings=(few,)), described)


def test_without_cells_no_rows_are_shown(report, described):
    assert rows_of(html.text(report, described)) == []


def test_rows_of_hostile_cells_are_harmless(hostile, described, harmless):
    rows = [("2020", "F", text) for text in TEXTS.values()]
    made = html.text(hostile, described, tables(*rows))
    harmless(made)
    page = Page(made)
    assert not {tag for tag, _ in page.elements} & {"script", "img", "textarea"}
    assert "x" * 60 + "… (10,000,000 characters)" in page.text


def test_the_page_says_how_many_findings_have_no_rows(report, described, monkeypatch):
    monkeypatch.setattr(html, "MOST", 2)
    made = html.text(report, described, tables())
    assert len(rows_of(made)) == 2
    assert "The rows of 3 more findings are not shown." in made


def test_steps_tell_the_order(report, described):
    made = html.text(report, described)
    steps = re.findall(r"<li>(.*?)</li>", made[made.index('class="steps"') :].split("</ol>")[0])
    told = ("could not be read", "Correct your own file", "Start with the errors", "bottom of the file", "leave the cell empty",
            "accept the warning", "Send the file back")  # fmt: skip
    assert len(steps) == len(told)
    assert all(part in step for part, step in zip(told, steps, strict=True))
    only = replace(report, inputs=report.inputs[:3], findings=report.findings[:2], summary=report.summary[:1])
    assert "accept the warning" not in html.text(only, described).split("</ol>")[0]
    assert made.index('id="next"') < made.index('class="counts"')


def test_what_is_not_for_everyone_is_folded(report, described):
    made = html.text(report, described)
    outside = re.sub(r"<details>.*?</details>", "", made, flags=re.DOTALL)
    for part in (
        "ab" * 32,
        "range_by_unit",
        "ALB internet_use F",
        "The file has no sample sizes",
        "SDMX CL_UNIT_MEASURE",
    ):
        assert part in made and part not in outside, part
    assert "details:not([open])" in made


def test_what_was_not_given_is_not_missed(report, described):
    rules = (
        *report.rules,
        Applied("jump", skipped=Skipped.NO_PREVIOUS),
        Applied("expired_waiver", skipped=Skipped.NO_WAIVERS),
    )
    made = html.text(replace(report, rules=rules), described)
    assert "--previous" not in made and "--waivers" not in made


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("the total lies outside", "The total lies outside"), ("a row, cut", "A row, cut"),
        ("internet_use: twice", "internet_use: twice"), ("data.Sex is empty", "data.Sex is empty"), ("'9l.2'", "'9l.2'"),
        ("KAZ, 2016", "KAZ, 2016"), ("3g above", "3g above"), ("", ""),
    ],
)  # fmt: skip
def test_a_sentence_begins_with_a_capital(said, shown):
    assert sentence(said) == shown
