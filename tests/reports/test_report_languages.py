"""The page of `divide report` in other languages: its pictures say what its texts say, and stand as its lines do."""

import re
from xml.etree import ElementTree

import pytest

from divide_cli import language
from divide_cli.catalogue import catalogue, data_dir
from divide_cli.reports.charts import _panels, groups, palette, width_of
from divide_cli.reports.charts.economies import _by_name, _key, places
from tests.reports.pages import Page
from tests.runner import in_a_process

pytest.importorskip("vl_convert", reason="charts need the extra `report` (vl-convert-python)")

COVERAGE_UNKNOWN = {"en": "Coverage unknown.", "fr": "Couverture inconnue.", "ar": "التغطية غير معروفة."}
MARK = re.compile(r"(?<![^\s\d])\(\d\)|\*$|<$")


@pytest.fixture(scope="module", params=COVERAGE_UNKNOWN)
def page(request, tmp_path_factory) -> tuple[str, Page]:
    folder = tmp_path_factory.mktemp("report")
    finished = in_a_process(folder, "report", "--lang", request.param, "--out", "report.html")  # fonts are of a process
    assert finished.returncode == 0, finished.stderr
    return request.param, Page((folder / "report.html").read_text(encoding="utf-8"))


def drawing(page: Page, chart: str, size: str) -> ElementTree.Element:
    """The SVG of a picture."""
    figure = next(one for one in page.root.all("figure") if one.attributes["id"] == f"chart-{chart}")
    block = next(one for one in figure.all("div") if one.attributes.get("class") == f"drawing {size}")
    return block.all("svg")[0]


def labels(svg) -> list[tuple[str, str]]:
    """Each text of a drawing with its anchor; texts begin at their left end if none is stated."""
    return [(one.text, one.attributes.get("text-anchor", "start")) for one in svg.all("text") if one.text.strip()]


def open_parts(section) -> str:
    """The text of a section without what a reader has to open, a line each."""
    if section.tag in ("details", "figure"):
        return ""
    parts = [part if isinstance(part, str) else open_parts(part) for part in section.children]
    return "".join(parts) + ("\n" if section.tag in ("li", "td", "th", "h3", "br") else "")


def test_the_marks_in_open_tables_are_explained_below_them(page):
    """`(1)`, `*` and `<` stand in tables that are open, so what they mean must not be in one that is closed."""
    seen = set()
    for section in page[1].root.all("section"):
        lines = [line.strip().replace("\u00a0", " ") for line in open_parts(section).split("\n")]
        for mark in {mark for line in lines for mark in MARK.findall(line)}:
            seen.add(mark)
            notes = [line for line in lines if line.startswith(mark) and len(line) > len(mark)]
            parity = [line for line in lines if mark == "<" and re.search(r": < \S", line)]
            assert len(notes) + len(parity) == 1, (section.attributes["id"], mark)
    assert seen == {"(1)", "(2)", "(3)", "(4)", "(5)", "*", "<"}


def test_an_unknown_coverage_agrees_with_its_noun(page):
    code, read = page
    assert COVERAGE_UNKNOWN[code] in [one.text for one in read.root.all("li")]


def test_names_and_headings_begin_where_a_line_begins(page):
    """In Arabic they end at the right edge, on the left of which the number axis goes from left to right as ever."""
    code, read = page
    side = "end" if code == "ar" else "start"
    for chart, number in (("strip", 6), ("targets", 14), ("waterfall", 5)):
        svg = drawing(read, chart, "both" if chart != "strip" else "wide")
        found = [anchor for text, anchor in labels(svg) if anchor != "middle" and not re.fullmatch(r"[\d.,]+", text)]
        assert found == [side] * number, chart
    svg = drawing(read, "divides", "wide")
    about = [anchor for text, anchor in labels(svg) if re.search(r"\(.+\).*\(.+\)", text)]
    assert about == [side] * 4


def test_both_sides_of_a_divide_have_their_marks_in_every_language():
    """French has another blank before the colon of `hommes : femmes`, from which the two names are read."""
    gaps = [gap for gap in catalogue().gaps.values() if " : " in catalogue().comparisons[gap.comparison].name]
    assert len(gaps) > 5
    words = {"en": "circle", "fr": "cercle", "es": "círculo", "ru": "круг", "ar": "دائرة", "zh": "圆形"}
    for code, circle in words.items():
        with language.speaking(code, data_dir()):
            assert [circle in groups.gap_heading(catalogue().gaps[gap.id])[1] for gap in gaps] == [True] * len(gaps)


def test_names_without_a_figure_are_in_the_order_of_a_dictionary():
    """`É` is sorted as `E`, and is not after `Z`."""
    with language.speaking("fr", data_dir()):
        assert _by_name({"YEM", "PSE", "ERI", "EGY", "ZMB"}) == ["EGY", "ERI", "PSE", "YEM", "ZMB"]


def test_panels_begin_where_a_line_begins():
    assert _panels("abcdef", 3) == list("abcdef")
    with language.speaking("ar", data_dir()):
        assert _panels("abcdef", 3) == list("cbafed")
        assert _panels("abcdef", 1) == list("abcdef")


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_the_key_of_the_map_has_room_for_its_labels(code):
    """A letter is at most 0.19 squares wide, so that no label reaches the next square or the edge."""
    names = ["under 25.0 %", *["25.0 to under 50.0 %"] * 3, "95.0 % and more"]
    with language.speaking(code, data_dir()):
        entries = [row for row in _key(names, palette("classes"), False) if row.get("legend")]
    if code == "ar":
        ends = [(row["xl"] - 0.19 * width_of(row["legend"]), row["x1"]) for row in entries]
        assert all(begin > right for (begin, _), (_, right) in zip(ends, ends[1:], strict=False))
        assert [row["x0"] for row in entries] == sorted((row["x0"] for row in entries), reverse=True)
    else:
        ends = [(row["x0"], row["xl"] + 0.19 * width_of(row["legend"])) for row in entries]
        assert all(end < left for (_, end), (left, _) in zip(ends, ends[1:], strict=False))
    assert min(min(pair) for pair in ends) > 0.9
    assert max(max(pair) for pair in ends) < 1.1 + max(column for column, _ in places().values())


def test_lines_have_a_sample_before_their_label(page):
    """Kenya ends at 35.0 and Africa at 34.1: only a sample says which of two lines is whose."""
    _, read = page
    colours = {palette("colours")[name].lower() for name in ("grey", "blue", "green", "violet", "orange")}
    samples = [one for one in drawing(read, "lines", "wide").all("path") if one.attributes.get("stroke-width") == "3"]
    assert {one.attributes["stroke"].lower() for one in samples} == colours
    assert [
        one for one in drawing(read, "regions", "wide").all("path") if one.attributes.get("stroke-width") == "3"
    ] == []
