"""Inputs from the field that were misread, blamed or refused: each gives the outcome that field_reports.yaml names.

The inputs are a folder next to the raw files ($DIVIDE_RAW); the tests are skipped where it is absent.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import runner

TABLE: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).with_name("field_reports.yaml")).read_text(encoding="utf-8")
)
GRAVE = ("error", "warning")


@pytest.fixture
def reports(raw: Path) -> Path:
    folder = raw.resolve().parent / "cases" / "field_reports"
    if not folder.is_dir():
        pytest.skip("the inputs from the field are not at hand (beside the raw files)")
    return folder


def test_every_input_has_its_outcome(reports: Path) -> None:
    assert {path.name for path in reports.iterdir() if path.name != "README.md"} == set(TABLE)


def _marks(name: str) -> list[pytest.MarkDecorator]:
    known = TABLE[name].get("known")
    return [pytest.mark.xfail(reason=known, strict=True)] if known else []


@pytest.mark.parametrize("name", [pytest.param(name, marks=_marks(name)) for name in TABLE])
def test_input_from_the_field_has_the_right_outcome(name: str, reports: Path, tmp_path: Path) -> None:
    right = TABLE[name]
    command, options = right["command"], right.get("options", [])
    form = ["--format", "json"] if command != "compute" else []
    finished = runner.divide(tmp_path, command, str(reports / name), *options, *form, columns=200)
    said = json.loads(finished.stdout) if finished.stdout.startswith("{") else {}
    findings = said.get("findings", [])
    shown = json.dumps(findings or said.get("files", ""), ensure_ascii=False) + finished.stderr
    assert finished.returncode == right.get("exit", 0), shown[:2000]
    assert right.get("says", "") in shown
    assert "never" not in right or right["never"] not in shown
    if command == "read" and not right.get("exit"):
        _check_reading(said["files"][0], right)
    if command == "validate":
        _check_findings(findings, right)


def _check_reading(file: dict[str, Any], right: dict[str, Any]) -> None:
    ignored, refused = (sum(pile["rows"] for pile in file[fate]) for fate in ("ignored", "refused"))
    assert [file["rows_used"], ignored, refused] == right["rows"]
    for name in {"areas", "indicators", "licence"} & set(right):
        assert file[name] == right[name]


def _check_findings(findings: list[dict[str, Any]], right: dict[str, Any]) -> None:
    grave = [one for one in findings if one["severity"] in GRAVE]
    if "finds" in right:
        found: dict[str, list[int]] = {}
        for one in grave:
            found.setdefault(one["rule"], []).append(one["line"])
        assert found == right["finds"]
    assert all(any(word in one["message"] or word in one["rule"] for one in grave) for word in right.get("any", ()))
