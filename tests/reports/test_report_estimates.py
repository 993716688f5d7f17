"""`divide report --estimate`: what is estimated is told apart on every picture, and its numbers are those of `compute`."""

import json
import re
from pathlib import Path

import pytest

from divide_cli.reports.charts.economies import _hatches
from tests.reports.pages import Page, figures_of

pytest.importorskip("vl_convert", reason="charts need the extra `report` (vl-convert-python)")

from tests.reports.test_report import row_of, run, same  # noqa: E402 (it skips too)

ESTIMATED = ("filled", "nowcast")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("estimates")


@pytest.fixture(scope="module")
def figures(folder):
    run(folder, "report", "--estimate", "--out", "report.html")
    return figures_of(Page((folder / "report.html").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def economies(folder) -> list[dict]:
    """The levels of 2024 of `divide compute --estimate`."""
    choice = ("--indicator", "internet_use", "--sort", "value", "--year", "2024", "--edition", "wdi_2026_08")
    rows = json.loads(run(folder, "compute", "--no-write", "--estimate", *choice, "--format", "json"))["aggregates"]
    return [row for row in rows if row["MEMBERSHIP"] == "_Z"]


@pytest.fixture(scope="module")
def computed(folder, economies) -> list[dict]:
    document = json.loads(run(folder, "compute", "--no-write", "--estimate", "--format", "json"))
    return [*economies, *document["aggregates"], *document["gaps"]]


def interval(row: dict) -> str:
    """The estimate of a row as a table prints it, from its JSON."""
    mark = "nowcast" if row["EST_KIND"] == "nowcast" else "e"
    return f"{row['EST_VALUE']:.1f} [{row['EST_LOWER']:.1f}, {row['EST_UPPER']:.1f}] {mark}"


def test_every_estimate_in_the_data_is_that_of_compute(figures, computed):
    seen = set()
    for name in ("divides", "lines", "regions", "tiles", "strip", "ranking"):
        for cells in figures[name].rows:
            row = row_of(computed, {key: text for key, text in cells.items() if not key.startswith("EST_")})
            for key in (key for key in cells if key.startswith("EST_")):
                assert same(cells[key], row.get(key)), (name, key, cells)
            seen.add((name, cells["EST_KIND"]))
    assert {(name, "filled") for name in ("divides", "lines", "regions", "tiles", "strip", "ranking")} <= seen


def test_estimated_economies_are_hatched_and_marked_in_the_table(figures, economies):
    """Each estimated economy has four diagonals on its square, and the key has a square with four.

    A code is 0.4 of its square high and 0.8 wide: no diagonal meets that part, so that codes can be read.
    """
    estimated = [row for row in economies if row["EST_KIND"] in ESTIMATED]
    assert estimated and all(row["OBS_STATUS"] == "E" for row in estimated)
    drawing = figures["tiles"].drawings[0]
    diagonals = [line for line in drawing.all("line") if line.attributes.get("stroke-width") == "1.2"]
    assert len(diagonals) == 4 * (len(estimated) + 1)
    for line in _hatches(0, 0, "black"):
        (x0, y0), (x1, y1) = (line["x0"], line["y0"]), (line["x1"], line["y1"])
        points = [(x0 + (x1 - x0) * part / 50, y0 + (y1 - y0) * part / 50) for part in range(51)]
        assert not any(0.1 < x < 0.9 and 0.3 < y < 0.7 for x, y in points)
    cells = {row["Code"]: row["Value"] for row in figures["tiles"].cells}
    assert len(cells) == 232
    for row in economies:
        wanted = interval(row) if row["EST_KIND"] in ESTIMATED else f"{row['OBS_VALUE']:.1f} %"
        assert cells[row["REF_AREA"]] == wanted
    assert f"Estimated, and hatched: {len(estimated)}." in figures["tiles"].element.text


def test_estimated_economies_are_hollow_or_pale(figures, economies):
    """One hollow circle for each estimated economy on the strip; a bar with a dashed edge in the ranking."""
    estimated = {row["REF_AREA"] for row in economies if row["EST_KIND"] in ESTIMATED}
    shown = {row["REF_AREA"] for row in figures["strip"].rows} & estimated
    for drawing in figures["strip"].drawings:
        hollow = [path for path in drawing.all("path") if path.attributes.get("stroke-width") == "1.2"]
        assert len(hollow) == len(shown)
        assert all(path.attributes.get("fill") in (None, "none", "transparent") for path in hollow)
    ranked = sorted(economies, key=lambda row: (-row["OBS_VALUE"], row["REF_AREA"]))
    ends = [row for row in (*ranked[:12], *ranked[-12:]) if row["REF_AREA"] in estimated]
    assert ends
    labels = [label for label in figures["ranking"].labels if label.endswith(" e")]
    assert labels == [f"{row['EST_VALUE']:.1f} e" for row in ends]
    dashed = [path for path in figures["ranking"].drawings[0].all("path") if "stroke-dasharray" in path.attributes]
    assert len(dashed) == len(ends)


def test_lines_with_estimates_are_dashed_and_at_the_estimates(figures, computed):
    """The height of a point is 340 (1 - value / 100): the picture is 340 high, for 0 to 100 per cent."""
    groups = ("WLD", "LIC", "LMC", "UMC", "HIC")
    rows = {
        area: sorted(
            (row for row in computed if "GAP" not in row and row["REF_AREA"] == area and row["SEX"] == "_T" and row["INDICATOR"] == "internet_use"
             and row["EDITION"] == "wdi_2026_08" and row["MEMBERSHIP"] != "as published" and row["EST_VALUE"] is not None),
            key=lambda row: row["TIME_PERIOD"],
        )
        for area in groups
    }  # fmt: skip
    wide = figures["lines"].drawings[0]
    dashed = [path for path in wide.all("path") if path.attributes.get("stroke-dasharray") == "5,3"]
    assert len(dashed) == len(groups)
    heights = sorted([float(y) for y in re.findall(r"[ML][\d.]+,([\d.]+)", path.attributes["d"])] for path in dashed)
    wanted = sorted([340 * (1 - row["EST_VALUE"] / 100) for row in rows[area]] for area in groups)
    for drawn, values in zip(heights, wanted, strict=True):
        assert drawn == pytest.approx(values, abs=0.06)


def test_the_tables_and_the_words_say_what_is_estimated(figures, computed):
    lines = figures["lines"]
    low = next(
        row for row in lines.cells if row["Year"] == "2024" and row["Economy or group"] == "Low-income economies"
    )
    row = next(
        row for row in computed
        if "GAP" not in row and row["REF_AREA"] == "LIC" and row["TIME_PERIOD"] == 2024 and row["SEX"] == "_T" and row["INDICATOR"] == "internet_use"
        and row["EDITION"] == "wdi_2026_08" and row["MEMBERSHIP"] != "as published"
    )  # fmt: skip
    assert low["With estimates"] == interval(row)
    assert low["Value"] == f"{row['OBS_VALUE']:.1f} %"
    for name in ("divides", "lines", "regions"):
        text = figures[name].element.text
        assert "With estimates of economies that did not report" in text
        assert re.search(r"\d\] (e|nowcast) in 20\d\d", text)
    assert "are estimates of economies that did not report (e)" in figures["strip"].element.text


def test_a_page_without_the_option_has_no_estimate(folder: Path):
    run(folder, "report", "--out", "plain.html")
    text = (folder / "plain.html").read_text(encoding="utf-8")
    assert not any(sign in text for sign in ("EST_VALUE", "With estimates", 'stroke-dasharray="5,3"'))


def test_headlines_say_what_countries_report_and_then_what_is_estimated(folder: Path):
    """A year of nowcasts alone takes the place of no reported one: women and men were last reported for 2023."""
    for name, option in (("with.html", ["--estimate"]), ("without.html", [])):
        run(folder, "report", *option, "--out", name)
    with_estimates, without = (headlines(folder / name) for name in ("with.html", "without.html"))
    assert [text for text in with_estimates if not text.startswith("with estimates")] == without
    gap = ("--gap", "internet_use_sex", "--edition", "wdi_by_sex_2019_2023", "--area", "WLD", "--year", "2023")
    rows = json.loads(run(folder, "compute", "--no-write", "--estimate", *gap, "--format", "json"))["gaps"]
    row = next(row for row in rows if row["MEASURE"] == "absolute_difference")
    assert row["OBS_VALUE"] is None
    place = with_estimates.index(f"from countries, 2023: withheld, coverage {int(row['COVERAGE'] * 10) / 10} %")
    assert with_estimates[place + 1] == f"with estimates, 2023: {interval(row)}"


def headlines(path: Path) -> list[str]:
    """The lines of the headlines of a page."""
    (lines,) = Page(path.read_text(encoding="utf-8")).root.all("ul", **{"class": "headlines"})
    return [part.text for part in lines.all("b", "strong", "span")]


def test_the_course_of_an_economy_shows_its_estimates(folder: Path):
    """Sudan last reported for 2017: its later years are estimates, which its line does not join."""
    run(folder, "report", "SDN", "--estimate", "--out", "sudan.html")
    figures = figures_of(Page((folder / "sudan.html").read_text(encoding="utf-8")))
    document = json.loads(
        run(folder, "compute", "--no-write", "--estimate", "--area", "SDN", "--year", "2024", "--indicator", "internet_use",
            "--edition", "wdi_2026_08", "--format", "json")
    )  # fmt: skip
    row = next(row for row in document["aggregates"] if row["SEX"] == "_T")
    cell = next(
        one for one in figures["course-sdn"].cells if one["Year"] == "2024" and one["Economy or group"] == "Sudan"
    )
    assert cell["Value"] == cell["With estimates"] == interval(row)
    assert figures["position-sdn"].rows[0]["EST_KIND"] == "filled"
