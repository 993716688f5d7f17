"""Pictures that rest on the first figures of a page are drawn while the other figures are computed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from divide_cli import api
from divide_cli.catalogue import catalogue
from divide_cli.reports import charts
from tests.runner import divide

pytest.importorskip("vl_convert", reason="the extra report is not installed")

FIRST = {"result", "levels"}


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The drawings that are begun and the commands that are called, in their order."""
    order: list[str] = []

    def noted(function: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
        def noting(*values: Any, **words: Any) -> Any:
            order.append(name(*values))
            return function(*values, **words)

        return noting

    monkeypatch.setattr(charts, "drawing", noted(charts.drawing, lambda chart, _, size: f"{chart.id} {size}"))
    for command in ("targets", "measure", "diff", "reproduce"):
        monkeypatch.setattr(api, command, noted(getattr(api, command), lambda *_, command=command: command))
    return order


def test_pictures_are_begun_before_further_figures_are_computed(tmp_path: Path, order: list[str]) -> None:
    """Each picture is drawn once in each size; those of targets and changes follow the commands they rest on."""
    assert divide(tmp_path, "report", "--out", "page.html").returncode == 0
    entries = catalogue().charts
    drawings = [one.split()[0] for one in order if " " in one]
    assert len({*order}) == len(order)
    before = {
        name for name in drawings if order.index(f"{name} {next(iter(entries[name].sizes))}") < order.index("targets")
    }
    assert before == {name for name in drawings if {*entries[name].rests_on} <= FIRST}
    assert {"divides", "lines", "tiles", "ranking"} <= before
    assert {*drawings} - before == {"targets", "waterfall"}


def test_a_page_of_areas_is_drawn_when_it_is_written(tmp_path: Path, order: list[str]) -> None:
    assert divide(tmp_path, "report", "KEN", "--out", "page.html").returncode == 0
    assert {one.split()[0] for one in order} == {"position", "course", "area_gaps", "area_targets"}
