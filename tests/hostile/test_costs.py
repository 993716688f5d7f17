"""No text of a file, and no pattern of a user's rule, costs more than its length deserves."""

import re
import time

import pytest

from divide_cli.errors import SourceError, nearest
from divide_cli.validation.rules import patterns
from divide_cli.validation.rules.patterns import searched

LONG = 900_000
RULES = """
slow: {name: slow, kind: unsaid, severity: note, message: "no comment {detail}", hint: h, reason: r, source: s,
       parameters: {expected: x, pattern: '(a+)+$'}, scope: {indicators: [internet_use]}}
"""


def cpu(act) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


@pytest.mark.parametrize("letters", ["x", "internet_use", "ab cd "])
def test_a_long_unknown_code_is_compared_with_nothing(letters):
    """difflib needed seconds; a ratio of a half is out of reach for a text three times as long as every name."""
    code, known = letters * (LONG // len(letters)), [f"internet_use_{number}" for number in range(300)]
    assert nearest(code, known) == [] and cpu(lambda: nearest(code, known)) < 0.5


@pytest.mark.parametrize(("code", "close"), [("intrnet", ["internet"]), ("internetinternetinternet", ["internet"])])
def test_what_can_be_meant_is_still_compared(code, close):
    """2 x 8 common letters / (24 + 8) is exactly one half."""
    assert nearest(code, ["internet"]) == close


@pytest.mark.parametrize(
    "row", ["{},internet_use,2020,41.5", "KEN,{},2020,41.5", "KEN,internet_use,{},41.5", "KEN,internet_use,2020,{}"]
)
def test_what_is_printed_of_a_long_cell_is_cut(row, divide, tmp_path):
    text = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\n" + row.format("x" * LONG) + "\n"
    (tmp_path / "x.csv").write_text(text)
    for command in (("compute", "x.csv", "--no-write"), ("validate", "x.csv"), ("read", "x.csv")):
        made = divide(*command)
        assert made.returncode in (0, 1, 3) and len(made.stdout + made.stderr) < 20_000


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)+$", "(a|aa)+$", "(.*a){25}$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_pattern_that_backtracks_is_given_up(pattern, monkeypatch):
    monkeypatch.setattr(patterns, "SECONDS", 1)
    with pytest.raises(SourceError) as caught:
        searched(pattern, ["a" * 60 + "!"])
    assert caught.value.code == "pattern_too_slow" and caught.value.found == pattern


@pytest.mark.parametrize("pattern", [r"\bабонент", r"(?<=last )\d+", "ÂGE", r"^(\w+) \1", "x{0}"])
@pytest.mark.parametrize("whole", [False, True])
def test_other_patterns_find_what_python_finds(pattern, whole):
    texts = ["абонентов сети", "last 12 months", "âge 15+", "the the", "", "\ud800", "line\nx"]
    flags = 0 if whole else re.IGNORECASE
    words = re.compile(pattern, flags)
    expected = [match and match[0] for match in map(words.fullmatch if whole else words.search, texts)]
    assert searched(pattern, texts, whole=whole) == expected


def test_a_slow_pattern_of_a_rule_is_one_message(divide, tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES)
    head = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_COMMENT\n"
    (tmp_path / "x.csv").write_text(f"{head}KEN,internet_use,2020,41.5,{'a' * 40}!\n")
    made = divide("validate", "x.csv", "--rules", "rules.yaml")
    assert made.returncode == 3 and "takes too long" in made.stderr and "(a+)+$" in made.stderr
