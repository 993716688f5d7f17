"""The order of the rows of a file decides no finding: each rule finds the same in its specimens in any order, up to lines.

Of rows with one key, which is called the later one depends on the order. Of findings that a rule joins, the first does.
"""

import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from divide_cli.catalogue import catalogue
from divide_cli.validation.run import validate
from scripts.docs.submissions import Specimen, specimens

RULES = catalogue().rules
BY_NATURE = ("filled_down", "unreadable")
"""Kinds whose evidence is the order: years that run on from row to row, a quotation mark that the next lines do not end."""


def _lines(specimen: Specimen) -> list[bytes]:
    """The lines of a file, the header first."""
    return specimen.path.read_bytes().rstrip(b"\r\n").split(b"\n")


def _can_be_reordered(specimen: Specimen) -> bool:
    marks = (b"\xff\xfe", b"\xfe\xff")  # in UTF-16, a line does not end with one byte
    plain = specimen.path.suffix == ".csv" and not specimen.path.read_bytes().startswith(marks)
    return plain and specimen.severity != "" and specimen.rule.kind not in BY_NATURE and len(_lines(specimen)) > 2


CASES = [specimen for specimen in specimens() if _can_be_reordered(specimen)]


def found(specimen: Specimen, lines: list[bytes], folder: Path) -> "Counter[tuple[object, ...]]":
    """The findings without their lines."""
    path = folder / specimen.path.name
    path.write_bytes(b"\n".join(lines) + b"\n")
    made: Counter[tuple[object, ...]] = Counter()
    for one in validate(replace(specimen.request(), files=(str(path),))).findings:
        rule = RULES[one.rule]
        joined = bool(rule.together)
        values = "" if joined or rule.kind == "duplicate_key" else re.sub(r"first on line \d+.*", "", one.found)
        made[one.rule, one.severity, len(one.lines), () if joined else tuple(one.key.items()), values] += 1
    return made


def test_every_rule_is_tried():
    """Left out are rules that a file of one row breaks, which has one order, and those by nature."""
    tried = {specimen.rule.id for specimen in CASES}
    others = [one for one in specimens() if one.severity and one.rule.id not in tried]
    assert {one.rule.id for one in others} | tried == set(RULES)
    assert [one.path.name for one in others if one.rule.kind not in BY_NATURE and len(_lines(one)) > 2] == []


@pytest.mark.parametrize("specimen", CASES, ids=lambda specimen: specimen.path.stem)
def test_the_order_of_the_rows_decides_nothing(specimen, tmp_path):
    header, *rows = _lines(specimen)
    expected = found(specimen, [header, *rows], tmp_path)
    shuffled = random.Random(specimen.path.stem).sample(rows, len(rows))
    for other in (rows[::-1], shuffled):
        assert found(specimen, [header, *other], tmp_path) == expected


def test_series_are_copied_in_every_order(tmp_path):
    """Six orders of one file, as chance gives them; four of them hid the copy."""
    specimen = next(one for one in specimens() if one.path.stem == "warn_series_copied")
    header, *rows = _lines(specimen)
    for seed in range(6):
        made = found(specimen, [header, *random.Random(seed).sample(rows, len(rows))], tmp_path)
        assert [key[0] for key in made].count("series_copied") == 1
