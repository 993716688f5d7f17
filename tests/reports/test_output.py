"""What a command prints: one output, in the forms that are registered for its report."""

import json
from importlib import import_module

import pandas as pd
import pytest

from divide_cli.errors import SourceError
from divide_cli.reports import WRITERS, ReportFormat, tables
from divide_cli.reports.tables import Block, Output

FRAME = pd.DataFrame({"REF_AREA": ["ALB", "KEN"], "OBS_VALUE": [0.1, None]})


def output() -> Output:
    blocks = [Block("A table", ("Area",), [("ALB",)])]
    return tables.of_frames(lambda: blocks, {"tool": "divide"}, {"gaps": FRAME, "aggregates": FRAME[:0]})


@pytest.mark.parametrize("form", ReportFormat)
def test_every_form_of_a_report_has_a_module_that_writes_it(form):
    module = import_module(f"divide_cli.reports.{WRITERS.get(form, form)}")
    assert callable(module.write if form == "xlsx" else module.text)


@pytest.mark.parametrize(
    ("coverage", "is_limit", "text"),
    [(74.96, False, "74.9 %"), (74.96, True, "≥ 74.9 %"), (float("nan"), True, "–"), (float("nan"), False, "–")],
)
def test_a_coverage_that_is_unknown_has_no_limit(coverage, is_limit, text):
    assert tables.coverage_of({"COVERAGE": coverage, "COVERAGE_IS_LIMIT": is_limit}) == text


def test_forms_of_a_result(capsys):
    for form in ("json", "csv", "markdown", "table"):
        tables.write(output(), form)
    printed = capsys.readouterr().out
    assert json.loads(printed[: printed.index("REF_AREA,OBS_VALUE")]) == {
        "meta": {"tool": "divide"},
        "gaps": [{"REF_AREA": "ALB", "OBS_VALUE": 0.1}, {"REF_AREA": "KEN", "OBS_VALUE": None}],
        "aggregates": [],
    }
    assert "REF_AREA,OBS_VALUE\nALB,0.1\nKEN,\n### A table\n\n| Area |\n" in printed


def test_only_what_is_asked_for_is_made():
    def never() -> str:
        raise AssertionError

    tables.write(Output(never, {"json": lambda: "{}"}), "json")


def test_a_text_ends_with_a_line_end_and_a_table_in_a_file_is_markdown(tmp_path, capsys):
    tables.write(Output(list, {"yaml": lambda: "a: 1"}), "yaml")
    assert capsys.readouterr().out == "a: 1\n"
    tables.write(output(), "table", tmp_path / "x.md", "a table")
    assert (tmp_path / "x.md").read_text().startswith("### A table")


def test_a_folder_is_no_file_to_write(tmp_path):
    with pytest.raises(SourceError, match="a table cannot be written") as caught:
        tables.write(output(), "csv", tmp_path, "a table")
    assert (caught.value.code, caught.value.found) == ("output_is_folder", "a folder")
    assert list(tmp_path.iterdir()) == []


def test_files_are_written_all_or_none(tmp_path):
    from divide_cli.frames import atomic_write

    (tmp_path / "second").mkdir()
    with pytest.raises(SourceError):
        atomic_write.write({tmp_path / "first": "1", tmp_path / "second": "2"}, "files")
    assert [path.name for path in tmp_path.iterdir()] == ["second"]
