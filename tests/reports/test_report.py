"""The page of `divide report`: its numbers are those of the commands, nothing that is withheld is drawn, nothing runs."""

import base64
import csv
import hashlib
import json
import math
import re
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

import pytest

from divide_cli.catalogue import catalogue, data_dir
from divide_cli.sources.groupings import membership, vintage
from tests.reports.pages import Page, figures_of, table_of
from tests.runner import divide, in_a_process

pytest.importorskip("vl_convert", reason="charts need the extra `report` (vl-convert-python)")

KEY = (
    "GAP",
    "TARGET",
    "INDICATOR",
    "MEASURE",
    "REF_AREA",
    "SEX",
    "AGE",
    "URBANISATION",
    "TIME_PERIOD",
    "EDITION",
    "MEMBERSHIP",
)
LARGEST = 1_500_000


def run(folder: Path, *arguments: str) -> str:
    finished = divide(folder, *arguments)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def written(folder) -> str:
    run(folder, "report", "--out", "report.html")
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(written) -> Page:
    return Page(written)


@pytest.fixture(scope="module")
def figures(page):
    return figures_of(page)


@pytest.fixture(scope="module")
def computed(folder) -> list[dict]:
    """The rows of the commands that the page is about, as JSON."""
    rows = []
    commands = (
        ("compute", "--no-write"), ("compute", "--no-write", "--indicator", "internet_use", "--sort", "value", "--year", "2024"),
        ("targets",), ("diff", "wdi_2026_08", "--years", "2015:2024", "--indicator", "internet_use"),
    )  # fmt: skip
    for command in commands:
        document = json.loads(run(folder, *command, "--format", "json"))
        rows += [row for name, frame in document.items() if name != "meta" and isinstance(frame, list) for row in frame]
    return rows


def same(text: str, value) -> bool:
    """Whether a cell of the data is a value of JSON, which has 15 digits."""
    if value is None or value == "":
        return text == ""
    return math.isclose(float(text), value, rel_tol=1e-13) if isinstance(value, (int, float)) else text == str(value)


def row_of(computed: list[dict], cells: dict[str, str]) -> dict:
    """The only row of the commands at the key of a row of data."""
    key = {name: cells[name] for name in KEY if name in cells}
    found = [row for row in computed if all(str(row.get(name, "")) == code for name, code in key.items())]
    found = [
        row
        for row in found
        if all(row.get(name, "_T") == "_T" for name in ("SEX", "AGE", "URBANISATION") if name not in key)
    ]
    found = [row for row in found if set(cells) <= set(row) and bool(row.get("GAP")) == bool(cells.get("GAP"))]
    assert found, cells
    assert all(row[name] == found[0][name] for row in found for name in cells), "two commands disagree"
    return found[0]


def test_the_page_has_every_kind_of_picture(figures):
    assert list(figures) == ["divides", "lines", "regions", "tiles", "strip", "ranking", "targets", "waterfall"]


def test_every_number_in_the_data_is_that_of_the_commands(figures, computed):
    for figure in figures.values():
        assert figure.rows
        for cells in figure.rows:
            row = row_of(computed, cells)
            wrong = {name: (text, row[name]) for name, text in cells.items() if not same(text, row[name])}
            assert not wrong, (figure.id, wrong)


def printed(text: str) -> float | None:
    """The first number of a cell; None for a dash or a word."""
    match = re.match(r"[+-]?\d+(\.\d+)?", text)
    return float(match[0]) if match else None


def test_every_number_in_the_tables_is_that_of_the_data(figures):
    for name, column, value in (
        ("divides", "Reference group", "REFERENCE_VALUE"), ("divides", "Compared group", "COMPARED_VALUE"),
        ("divides", "Difference", "OBS_VALUE"), ("lines", "Value", "OBS_VALUE"), ("regions", "Value", "OBS_VALUE"),
        ("ranking", "Value", "OBS_VALUE"), ("tiles", "Value", "OBS_VALUE"), ("targets", "Value", "OBS_VALUE"),
        ("targets", "Shortfall", "DISTANCE"),
    ):  # fmt: skip
        figure = figures[name]
        cells = [row for row in figure.cells if row.get("Value") != "no figure"]
        assert len(cells) == len(figure.rows), name
        for row, data in zip(cells, figure.rows, strict=True):
            withheld = data["OBS_VALUE"] == "" if "OBS_VALUE" in data else False
            if withheld:
                assert printed(row[column]) is None, (name, row)
            else:
                assert row[column].split()[0] == f"{float(data[value]):.1f}", (name, row)


def test_every_number_on_a_drawing_is_in_its_data(figures):
    for figure in figures.values():
        values = {
            f"{abs(float(text)):.1f}"
            for row in figure.rows
            for text in row.values()
            if re.fullmatch(r"-?[\d.]+(e-?\d+)?", text)
        }
        if figure.id == "tiles":
            values |= {"25.0", "50.0", "75.0", "95.0"}  # the edges of the classes
        for label in figure.labels:
            for number in re.findall(r"\d+\.\d", label):
                assert number in values, (figure.id, label)


def test_the_tables_of_groups_are_those_of_the_commands(page, computed):
    tables = [table_of(table) for table in page.root.all("table")]
    of_groups = [
        rows for rows in tables if rows and {"Group", "Year", "Value", "Coverage", "Economies"} <= set(rows[0])
    ]
    assert len(of_groups) == 2
    known = {
        (row["INDICATOR"], row["REF_AREA"], row["TIME_PERIOD"], row["EDITION"]): row
        for row in computed if "GAP" not in row and "TIME_PERIOD" in row and row.get("SEX") == "_T" and row.get("AGE") == "_T" and row.get("URBANISATION") == "_T"
    }  # fmt: skip
    for rows, series in zip(
        of_groups, (("internet_use", "wdi_2026_08"), ("mobile_ownership", "unsd_sdg_2021")), strict=True
    ):
        for row in rows:
            figure = known[series[0], row["Group"], int(row["Year"].strip("()")), series[1]]
            if figure["OBS_VALUE"] is None:
                assert row["Value"].startswith(("withheld", "no value")), row
            else:
                assert row["Value"].split()[0] == f"{figure['OBS_VALUE']:.1f}", row


def test_no_withheld_value_is_drawn(figures):
    """A line breaks where a year is withheld: it has one part for each run of years with a value."""
    figure = figures["lines"]
    low = [row for row in figure.rows if row["REF_AREA"] == "LIC" and row["MEMBERSHIP"] != "as published"]
    known = {int(row["TIME_PERIOD"]): row["OBS_VALUE"] != "" for row in low}
    assert False in known.values()
    every_year = range(min(known), max(known) + 1)
    runs = [valued for valued, _ in groupby(every_year, key=lambda year: known.get(year, False)) if valued]
    orange = "#D55E00"
    for drawing in figure.drawings:
        paths = [
            path
            for path in drawing.all("path")
            if path.attributes.get("stroke", "").upper() == orange and "L" in path.attributes["d"]
        ]
        lines = [path for path in paths if path.attributes.get("stroke-width") == "2.2"]
        assert len(lines) == 1
        assert lines[0].attributes["d"].count("M") == len(runs)
    for figure in figures.values():
        for row in figure.rows:
            if row.get("OBS_STATUS") == "_W" or row.get("OBS_VALUE", "0") == "":
                assert row["OBS_VALUE"] == ""
    withheld = [row for row in figures["divides"].cells if row["Difference"].startswith("withheld")]
    assert len(withheld) == 2
    assert all(row["Reference group"] == row["Compared group"] == "–" for row in withheld)


def test_nothing_is_loaded_or_run(page, written):
    allowed = {
        "html", "head", "meta", "title", "style", "body", "a", "header", "main", "section", "nav", "footer", "h1", "h2", "h3", "p",
        "ul", "ol", "li", "b", "strong", "span", "bdi", "br", "div", "figure", "figcaption", "details", "summary", "table", "thead",
        "tbody", "tr", "th", "td", "svg", "g", "path", "line", "text", "rect", "tspan",
    }  # fmt: skip
    elements = page.root.every()
    assert {element.tag for element in elements} <= allowed
    for element in elements:
        assert not any(
            name.startswith("on") or name in ("style", "src", "srcset", "xlink:href") for name in element.attributes
        )
        address = element.attributes.get("href", "#")
        assert address.startswith("#") or (address.startswith("data:text/csv;") and "download" in element.attributes)
    style = page.root.all("style")[0].text
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(meta.attributes["content"] for meta in page.root.all("meta") if "http-equiv" in meta.attributes)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert len(written.encode()) <= LARGEST


def test_pictures_have_a_name_a_text_and_tables_have_heads(page, figures):
    ids = [element.attributes["id"] for element in page.root.every() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for figure in figures.values():
        for drawing in figure.drawings:
            assert drawing.attributes["role"] == "img"
            assert {drawing.attributes["aria-labelledby"], drawing.attributes["aria-describedby"]} <= set(ids)
        description = next(
            one for one in figure.element.every() if one.attributes.get("id") == f"chart-{figure.id}-text"
        )
        assert len(description.text) > 40
    for table in page.root.all("table"):
        assert table.all("th", scope="col")
        assert all(row.all("th", scope="row") for row in table.all("tbody")[0].all("tr"))
    assert [len(page.root.all(tag)) for tag in ("h1", "main")] == [1, 1]


def test_sources_have_edition_date_licence_and_hash(page):
    sources = next(section for section in page.root.all("section") if section.attributes["id"] == "sources")
    rows = table_of(sources.all("table")[0])
    assert {"a_res_80_173", "itu_aggregates_2025_11", "wdi_2026_08"} <= {row["Edition"] for row in rows}
    world_bank = next(row for row in rows if row["Edition"] == "wdi_2026_08")
    file = data_dir() / "sources" / "wdi_2026_08" / "observations.csv"
    assert world_bank["SHA-256 of the files"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert world_bank["Date"] == "20 August 2026"
    assert "CC BY 4.0" in world_bank["Licence"] or "CC-BY-4.0" in world_bank["Licence"]
    assert "legal status of any country" in sources.text


def test_the_same_input_gives_the_same_bytes(written, folder):
    finished = in_a_process(
        folder, "report", "--out", "again.html", LC_ALL="C", LANG="de_DE.UTF-8", TZ="Asia/Kathmandu", PYTHONHASHSEED="7"
    )
    assert finished.returncode == 0, finished.stderr
    assert (folder / "again.html").read_text(encoding="utf-8") == written


def test_every_economy_has_a_square_of_its_own():
    with (data_dir() / "catalogue" / "charts" / "tiles.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    from datetime import date

    world = membership(vintage(None, date.max), ()).groups["WLD"]
    assert sorted(row["REF_AREA"] for row in rows) == sorted(world)
    assert len(world) == 232
    assert len({(row["COLUMN"], row["ROW"]) for row in rows}) == 232


@pytest.mark.parametrize(
    ("north", "south"), [("CAN", "MEX"), ("NOR", "ITA"), ("EGY", "ZAF"), ("MNG", "THA"), ("CUB", "BRA"), ("JPN", "AUS")]
)
def test_squares_are_north_of_those_in_the_south(north, south):
    from divide_cli.reports.charts.economies import places

    assert places()[north][1] < places()[south][1]


@pytest.mark.parametrize(
    ("west", "east"), [("USA", "PRT"), ("PRT", "TUR"), ("TUR", "IND"), ("IND", "JPN"), ("CHN", "FJI")]
)
def test_squares_are_west_of_those_in_the_east(west, east):
    from divide_cli.reports.charts.economies import places

    assert places()[west][0] < places()[east][0]


def test_the_map_names_who_has_no_figure(figures):
    missing = [row["Economy"] for row in figures["tiles"].cells if row["Value"] == "no figure"]
    assert len(missing) + len(figures["tiles"].rows) == 232
    text = figures["tiles"].element.text
    assert missing
    assert all(name in text for name in missing)


def test_profile_pages_are_about_their_areas(folder):
    run(folder, "report", "KEN", "AFR", "--out", "kenya.html")
    page = Page((folder / "kenya.html").read_text(encoding="utf-8"))
    figures = figures_of(page)
    assert {"position-ken", "course-ken", "course-afr", "area_gaps-ken"} <= set(figures)
    profile = json.loads(run(folder, "profile", "KEN", "--format", "json"))
    level = next(row for row in profile["levels"] if row["INDICATOR"] == "internet_use")
    rank = next(row for row in profile["ranks"] if row["INDICATOR"] == "internet_use" and row["GROUP"] == "WLD")
    assert same(figures["position-ken"].rows[0]["OBS_VALUE"], level["OBS_VALUE"])
    world = next(row for row in figures["position-ken"].cells if row["Group"] == "World")
    assert (world["Rank"], world["Economies"]) == (str(rank["RANK"]), str(rank["N_AREAS"]))


HOSTILE = "<img src=x onerror=alert(1)>\u202e\"'%0A=cmd|' .csv"


def test_hostile_texts_harm_nothing(folder):
    """The name of the file, a comment, the areas of a map: as texts they are shown, and nothing else."""
    head = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE,OBS_COMMENT\n"
    rows = [
        f'{area},internet_use,{sex},2023,{value},"=HYPERLINK(""http://x"")<script>alert(1)</script>\u202e]]>"\n'
        for area, value in (("KEN", 30), ("UGA", 20), ("TZA", 25)) for sex in ("_T", "F", "M")
    ]  # fmt: skip
    (folder / HOSTILE).write_text(head + "".join(rows), encoding="utf-8")
    shape = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]]]}
    areas = [{"type": "Feature", "properties": {"ISO_A3": "KEN", "name": "</svg><script>"}, "geometry": shape}]
    (folder / "areas.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": areas}), encoding="utf-8"
    )
    groups = 'REF_AREA,GROUP\nKEN,"<img src=x onerror=alert(1)>"\nUGA,"=cmd|\u202e<script>"\n'
    (folder / "groups.csv").write_text(groups, encoding="utf-8")
    options = ["--groups", "groups.csv", "--boundaries", "areas.geojson", "--min-coverage", "0"]
    finished = divide(folder, "report", HOSTILE, *options, "--out", "hostile.html")
    assert finished.returncode == 0, finished.stderr
    text = (folder / "hostile.html").read_text(encoding="utf-8")
    assert "<img" not in text and "<script" not in text and "\u202e" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text  # the name of the group, as text
    page = Page(text)
    test_nothing_is_loaded_or_run(page, text)
    for figure in figures_of(page).values():
        for row in figure.rows:
            assert not any(re.match(r"[=+@]|-(?![\d.])", cell) for cell in row.values())
    for form in ("svg", "png"):
        finished = divide(folder, "chart", "ranking", HOSTILE, "--min-coverage", "0", "--out", f"hostile.{form}")
        assert finished.returncode == 0, finished.stderr
    drawn = (folder / "hostile.svg").read_text(encoding="utf-8")
    assert "<script" not in drawn and "onerror" not in drawn and "\u202e" not in drawn


OF_AREAS = ("course", "position", "area_gaps", "area_targets")


@pytest.mark.parametrize("name", sorted(set(catalogue().charts) - {"divides", "waterfall", "regions"}))
def test_hostile_names_of_files_groups_and_map_areas_harm_no_picture(name, folder):
    """Each picture of figures from files, with groups whose names are markup, a formula and a change of direction.

    Left out are the cited divides, the regions and what moved: figures of files have none of them.
    """
    head = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n"
    rows = [
        f"{area},internet_use,{sex},{year},{value}\n"
        for area, value in (("KEN", 30), ("UGA", 20), ("TZA", 25)) for sex in ("_T", "F", "M") for year in (2022, 2023)
    ]  # fmt: skip
    (folder / HOSTILE).write_text(head + "".join(rows), encoding="utf-8")
    names = ('"<img src=x onerror=alert(1)>]]>"', '"</text><script>alert(1)</script>\u202e"', "\"=cmd|'/c'!A0\"")
    groups = "".join(f"{area},{group}\n" for area, group in zip(("KEN", "UGA", "TZA"), names, strict=True))
    (folder / "groups.csv").write_text("REF_AREA,GROUP\n" + groups, encoding="utf-8")
    shape = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]]]}
    areas = [{"type": "Feature", "properties": {"ISO_A3": "KEN", "name": "</svg><script>"}, "geometry": shape}]
    (folder / "areas.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": areas}), encoding="utf-8"
    )
    options = ["--groups", "groups.csv", "--min-coverage", "0"]
    options += ["--boundaries", "areas.geojson"] if name == "boundaries" else []
    area = ["KEN"] if name in OF_AREAS else []
    finished = divide(folder, "chart", name, *area, HOSTILE, *options, "--out", "hostile.svg")
    assert finished.returncode == 0, finished.stderr
    drawn = (folder / "hostile.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(drawn)  # it is XML: no text has become an element
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "path", "text", "tspan", "title", "desc", "rect", "line", "defs", "clipPath"}
    attributes = {name.rpartition("}")[2] for element in root.iter() for name in element.attrib}
    assert not {name for name in attributes if name.startswith("on") or name in ("href", "style")}
    assert "\u202e" not in drawn


@pytest.mark.parametrize(("name", "arguments"), [("divides", ()), ("course", ("KEN",))])
def test_one_picture_alone(name, arguments, folder):
    run(folder, "chart", name, *arguments, "--out", "one.svg")
    drawn = (folder / "one.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<svg") and "currentColor" not in drawn and "<desc>" in drawn
    run(folder, "chart", name, *arguments, "--out", "one.png")
    assert (folder / "one.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_findings_are_the_page_of_validate(folder):
    (folder / "figures.csv").write_text(
        "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,2023,130\n", encoding="utf-8"
    )
    assert divide(folder, "report", "--findings", "figures.csv", "--out", "findings.html").returncode == 1
    assert divide(folder, "validate", "figures.csv", "--format", "html", "--out", "validate.html").returncode == 1
    assert (folder / "findings.html").read_bytes() == (folder / "validate.html").read_bytes()


def test_every_chart_has_a_title_and_a_way_to_read_it():
    from divide_cli.reports import wording
    from divide_cli.reports.charts.changes import PICTURES

    charts = catalogue().charts
    assert {chart.rows for chart in charts.values()} == set(PICTURES)
    parts = {"indicator": "Internet use", "year": 2024, "area": "Kenya", "unit": "percent"}
    for name in charts:
        assert wording.phrase(f"titles.{name}", **parts)
        assert wording.phrase(f"reading.{name}").endswith(".")
