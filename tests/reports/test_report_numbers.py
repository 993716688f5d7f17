"""The numbers of the page's further tables are those of the commands, and no chart contains a value that is withheld."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from divide_cli import api
from divide_cli.catalogue import catalogue
from divide_cli.concepts import WITHHELD
from divide_cli.reports import charts
from divide_cli.reports.charts.changes import picture
from divide_cli.reports.html.report import text
from tests.reports.pages import Page, table_of

pytest.importorskip("vl_convert", reason="charts need the extra `report` (vl-convert-python)")

from tests.reports.test_report import run  # noqa: E402 (it skips too)


@pytest.fixture(scope="module")
def overview():
    return api.report()[0]


@pytest.fixture(scope="module")
def page(overview) -> Page:
    return Page(text([overview]))


def tables(page: Page, section: str) -> list[list[dict[str, str]]]:
    found = next(one for one in page.root.all("section") if one.attributes["id"] == section)
    return [table_of(table) for table in found.all("table")]


def same(printed: str, value: float) -> bool:
    """Whether a printed number is the value, rounded to the decimals that are printed."""
    number = re.match(r"([+-]?\d[\d,]*(?:\.(\d+))?)( M)?", printed)
    assert number, printed
    unit = 1e6 if number[3] else 1
    return abs(float(number[1].replace(",", "")) * unit - value) <= 0.5 * unit * 10 ** -len(number[2] or "") + 1e-9


def test_targets_are_those_of_the_command(page, tmp_path):
    rows = json.loads(run(tmp_path, "targets", "--format", "json"))["targets"]
    by_target = [list(group) for group in ([r for r in rows if r["TARGET"] == t] for t in catalogue().targets) if group]
    printed = [rows for rows in tables(page, "targets") if rows and {"Verdict", "Pace\na year"} <= set(rows[0])]
    assert len(printed) == len(by_target) == 3
    for shown, known in zip(printed, by_target, strict=True):
        values = {row["REF_AREA"]: row for row in known}
        for cells in shown:
            row = values[cells["Area"]]
            assert same(cells["Value"], row["OBS_VALUE"])
            assert same(cells["Shortfall"], row["DISTANCE"])
            assert cells["Year"] == str(row["TIME_PERIOD"])
            assert cells["Verdict"].split(",")[0] == row["VERDICT"]
            if re.match(r"[+-]\d", cells["Pace\na year"]):
                assert same(cells["Pace\na year"], row["PACE"])


def test_measures_are_those_of_the_command(page, tmp_path):
    choice = ("internet_use_income", "--edition", "itu_aggregates_2025_11")
    rows = json.loads(run(tmp_path, "measure", *choice, "--format", "json"))["disparities"]
    values = [row["OBS_VALUE"] for row in rows if row["OBS_VALUE"] is not None]
    printed = next(rows for rows in tables(page, "inequality") if {"Measure", "Reading"} <= set(rows[0]))
    numbers = [cells["Value"] for cells in printed if re.match(r"[+-]?\d", cells["Value"])]
    assert len(numbers) > 20
    for number in numbers:
        assert any(same(number, value) for value in values), number


def test_terms_are_those_of_the_command(page, tmp_path):
    choice = ("wdi_2026_08", "--years", "2015:2024", "--indicator", "internet_use")
    rows = json.loads(run(tmp_path, "diff", *choice, "--format", "json"))["decomposition"]
    values = {row["REF_AREA"]: row for row in rows if not row["GAP"] and row["SEX"] == "_T"}
    printed = next(rows for rows in tables(page, "changes") if "Performance" in rows[0] and "Gap" not in rows[0])
    columns = (
        ("From", "FROM"),
        ("To", "TO"),
        ("Difference", "DIFFERENCE"),
        ("Performance", "PERFORMANCE"),
        ("Weights", "WEIGHTS"),
    )
    for cells in printed:
        for name, column in columns:
            if re.match(r"[+-]?\d", cells[name]):
                assert same(cells[name], values[cells["Area"]][column]), (cells, name)


def numbers(part: Any) -> Iterator[float]:
    """Every number of a part of a specification."""
    if isinstance(part, dict):
        for value in part.values():
            yield from numbers(value)
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from numbers(value)
    elif isinstance(part, (int, float)) and not isinstance(part, bool):
        yield float(part)


def test_no_withheld_value_is_in_a_specification_or_a_drawing(overview):
    """The means that 75 % of coverage hides, from a run that hides nothing, are in no chart and on no drawing."""
    shown, hidden = overview.result.aggregates, api.compute(min_coverage=0).aggregates
    key = ["INDICATOR", "REF_AREA", "SEX", "AGE", "URBANISATION", "TIME_PERIOD", "EDITION", "MEMBERSHIP"]
    both = hidden[[*key, "OBS_VALUE"]].astype(dict.fromkeys(key, str)).merge(
        shown[[*key, "OBS_STATUS"]].astype(str), on=key
    )  # fmt: skip
    withheld = both[both["OBS_STATUS"] == WITHHELD]["OBS_VALUE"].dropna()
    withheld = withheld[withheld != withheld.round(3)]  # 50 or 100 may be on any scale
    assert len(withheld) > 20
    for chart in catalogue().charts.values():
        drawn = picture(chart.rows, overview) if "profile" not in chart.rests_on else None
        for size in chart.sizes if drawn else ():
            spec = charts.specification(chart, drawn, size)
            found = [number for number in numbers(spec) if any(abs(number - value) < 1e-9 for value in withheld)]
            assert found == [], (chart.id, found)
            labels = set(re.findall(r">(\d+\.\d)(?: %)?<", charts.svg(chart, drawn, size)))
            valued = {f"{number:.1f}" for number in numbers(spec)}
            assert labels <= valued, (chart.id, labels - valued)
