"""The page for the data owner: whole, harmless, and every finding in it."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from divide_cli.findings import Applied, Report
from divide_cli.plain import visible
from divide_cli.render import html

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
        for part in (finding.message, finding.expected, finding.found, finding.hint):
            assert part in text
        if finding.line:
            row = "Row" if finding.file.endswith("]") else "Line"
            assert f"{row} {finding.line}" in text
    for part in (
        "column Value", "sheet By sex column C", "see lines 8, 12 too", "The whole file",
        "Albania · Individuals using the Internet · Female · 15 to 24 years · 2023", "ALB internet_use F Y15T24 2023",
        "confirmed by the office's letter (A. Statistician, until 2027-06-30)",
        "10 more of this kind are not listed here", "A share of people cannot be less than nobody or more than all.",
    ):  # fmt: skip
        assert part in text, part


def test_inputs_counts_and_what_was_not_checked(report, described):
    text = Page(html.text(report, described)).text
    for part in (
        "1 of 4 files could not be read. 3 errors have to be mended. 9 warnings should be compared with the source.",
        "3 Errors", "9 Warnings", "2 Notes", "4 Accepted", "ab" * 32, "40: 36 used, 3 ignored, 1 refused",
        "SDMX-CSV 1.0 (sdmx_csv_1)", "2,345 bytes", "a file is cut off or damaged", "where: data/torn.csv:17",
        "A total lies between its parts 5 a part is missing", "A sample is large enough all the file has no sample sizes",
        "A value does not jump from one year to the next 3 one year only",
    ):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"findings": (), "summary": ()}, "No fault was found."),
        ({"findings": (), "summary": (), "rules": (Applied("jump", 0, {"one year": 2}),)},
         "Nothing could be checked: this is no sign that the data are sound."),
    ],
)  # fmt: skip
def test_verdict_of_nothing_found(change, verdict, report, described):
    read = replace(report, inputs=report.inputs[:2], **change)
    text = Page(html.text(read, described)).text
    assert verdict in text and "What to do now" not in text


def test_a_note_or_an_accepted_finding_alone_asks_for_nothing(report, described):
    notes = replace(report, inputs=report.inputs[:3], findings=report.findings[4:6], summary=report.summary[3:])
    assert "Nothing has to be mended." in Page(html.text(notes, described)).text
    tally = replace(report.summary[1], count=4)
    accepted = replace(notes, findings=report.findings[3:4], summary=(tally,))
    assert "No fault was found." in Page(html.text(accepted, described)).text


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
