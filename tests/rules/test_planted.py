"""Errors planted in copies of real files are found at their line and column, and no error is found anywhere else.

The places are drawn with a fixed seed. Each kind has several: another seed draws others (DRAWS says how many).
"""

from pathlib import Path
from random import Random

import pytest

from divide_cli.catalogue import catalogue
from divide_cli.readers import ReadOptions
from divide_cli.validation.report import Finding
from divide_cli.validation.run import ValidationRequest, validate
from tests.rules.planting import FILES, KINDS, Planted, Sheet

RULES = tuple(catalogue().rules.values())
PAIRS = [(name, kind) for name, (_, kinds) in FILES.items() for kind in kinds]
DRAWS = {"ITU DataHub, telephones": 1, "World Bank, use": 1}
"""Files that take longer to read have one place a kind, the others two."""


@pytest.fixture(scope="module")
def sheets(raw: Path) -> dict[str, Sheet]:
    """The real files, with their own faults fixed."""
    if any(not (raw / source.path).is_file() for source, _ in FILES.values()):
        pytest.skip("a real file is not at hand")
    return {name: Sheet.of(raw, source) for name, (source, _) in FILES.items()}


def findings(sheet: Sheet, folder: Path) -> list[Finding]:
    choices = ReadOptions(area=sheet.source.area, strict=False, submitted=True)
    return list(
        validate(ValidationRequest((str(sheet.written(folder)),), RULES, read_options=choices, limit=0)).findings
    )


def planted(sheet: Sheet, kind: str, seed: str) -> tuple[Sheet, Planted]:
    """A copy with one error of the kind, at the first place drawn that allows it."""
    random = Random(seed)
    for _ in range(1000):
        copy = sheet.copy()
        error = KINDS[kind](copy, random)
        if error is not None:
            return copy, error
    raise AssertionError(f"no place allows {kind}")


def test_there_are_twelve_kinds_and_five_files() -> None:
    assert len(KINDS) >= 12
    assert {kind for _, kind in PAIRS} == set(KINDS)
    assert len(FILES) == 5


@pytest.mark.parametrize("name", FILES)
def test_the_files_have_no_error_of_their_own(name: str, sheets: dict[str, Sheet], tmp_path: Path) -> None:
    assert [finding for finding in findings(sheets[name], tmp_path) if finding.severity == "error"] == []


@pytest.mark.parametrize("name", FILES)
def test_what_is_written_has_the_lines_of_the_file(name: str, sheets: dict[str, Sheet], tmp_path: Path) -> None:
    again = Sheet.of(tmp_path, sheets[name].source.__class__(sheets[name].written(tmp_path).name))
    assert again.records == sheets[name].records
    assert again.lines == sheets[name].lines


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_planted_error_is_found_where_it_is_and_nowhere_else(
    name: str, kind: str, sheets: dict[str, Sheet], tmp_path: Path
) -> None:
    for draw in range(DRAWS.get(name, 2)):
        sheet, error = planted(sheets[name], kind, f"{name}, {kind}, {draw}")
        found = findings(sheet, tmp_path)
        assert any(
            finding.rule in error.rules and finding.line in error.lines and finding.column == error.column
            for finding in found
        ), f"{error} is not among {[(one.rule, one.line, one.column) for one in found if one.severity != 'note']}"
        elsewhere = [one for one in found if one.severity == "error" and one.line not in error.lines]
        assert elsewhere == [], f"{error}: {elsewhere}"
