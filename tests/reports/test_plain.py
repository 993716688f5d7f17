"""Texts from data are shown as one harmless line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from divide_cli.errors.text_safety import as_json, cut, shown, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain", "plain"),
        ("Größe 81,5 % – 总计", "Größe 81,5 % – 总计"),
        ("\x1b[31m", "\\u001b[31m"),
        ("\x9b31m", "\\u009b31m"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("a\u202eb", "a\\u202eb"),
        ("\ufeffhead", "\\ufeffhead"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner that Persian needs
        ("::set-output name=x::y", ":\\u003aset-output name=x::y"),
        ("##[group]", "#\\u0023[group]"),
        ("std::vector, 12::30", "std::vector, 12::30"),
    ],
)
def test_visible(text, seen):
    assert visible(text) == seen


def test_a_long_text_is_cut_and_says_its_length():
    assert cut("x" * 200) == "x" * 200
    assert cut("x" * 10_000_000) == "x" * 200 + "… (10,000,000 characters)"
    assert shown("\n" * 300, 3) == "\\n\\n\\n… (300 characters)"


@given(st.text())
def test_what_is_shown_is_one_line_of_characters_that_print(text):
    made = visible(text)
    assert len(made.splitlines()) <= 1
    made.encode("utf-8")
    assert visible(made) == made


@given(st.dictionaries(st.text(), st.text()))
def test_json_gives_every_text_back(value):
    made = as_json(value)
    assert json.loads(made) == value
    assert "\x1b" not in made and "\x9b" not in made and "##[" not in made
    made.encode("utf-8")
