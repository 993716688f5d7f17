"""A few cases of each family of the fuzzer; `python -m tests.properties.fuzz all 10000` runs many."""

from pathlib import Path

import pytest

pytest.importorskip("openpyxl", reason="an extra that the oldest environment lacks")

from tests.properties import fuzz  # noqa: E402

FEW = {"stray cells": 6, "claims": 6, "options": 12, "validations": 6, "workbook cells": 8, "workbook XML": 8}
FAMILIES = fuzz.families()


@pytest.mark.parametrize("family", FAMILIES)
def test_no_case_ends_in_a_traceback_or_another_value(family: str, tmp_path: Path) -> None:
    count = FEW.get(family, 25)
    outcomes, failures = fuzz.run(family, FAMILIES[family], range(count), 80_173)
    assert not failures, failures[0]
    assert outcomes.total() == count
