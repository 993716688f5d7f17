"""Bars in the terminal: their characters worked out by hand, and that only a wide terminal shows them."""

import io
import sys

import pytest

from divide_cli import concepts as v
from divide_cli.reports.bars import ASCII, WIDTH, Bar, bars_of, drawn
from divide_cli.reports.tables import Block, print_rich

NAN = float("nan")


@pytest.mark.parametrize(
    ("bar", "text"),
    [
        # a character is 4 per cent of people, and its middle decides: 48 % ends after 12 of 25
        (Bar(48, 48, 48), "############" + " " * 13),
        (Bar(0, 0, 0), " " * 25),
        (Bar(100, 100, 100), "#" * 25),
        # from 40 to 60 with the value 52: 10 full, 3 dark, 2 light
        (Bar(52, 40, 60), "##########===--" + " " * 10),
        (Bar(NAN, 40, 60), " " * 10 + "-----" + " " * 10),
        (None, ""),
    ],
)
def test_characters_of_a_bar(bar, text):
    assert drawn(bar, ASCII) == text
    assert len(drawn(bar)) in (0, WIDTH)


def test_only_shares_of_people_have_bars():
    row = {v.OBS_VALUE: 52.0, v.BOUND_LOWER: 40.0, v.BOUND_UPPER: 60.0, v.UNIT_MEASURE: "PT"}
    without = {**row, v.BOUND_LOWER: NAN, v.BOUND_UPPER: NAN}
    nothing = {**without, v.OBS_VALUE: NAN}
    assert bars_of([row, without, nothing, {**row, v.UNIT_MEASURE: "PP"}]) == (
        Bar(52, 40, 60),
        Bar(52, 52, 52),
        None,
        None,
    )


class Terminal(io.StringIO):
    encoding = "utf-8"

    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


@pytest.mark.parametrize(("terminal", "columns", "shown"), [(True, 100, True), (True, 30, False), (False, 100, False)])
def test_bars_are_for_wide_terminals(terminal, columns, shown, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal(terminal)
    monkeypatch.setattr(sys, "stdout", stream)
    print_rich([Block("Title", ("Group", "Value"), [("WLD", "52.0")], bars=(Bar(52, 40, 60),))])
    assert ("██████████▓▓▓░░" in stream.getvalue()) is shown
    assert ("Bars:" in stream.getvalue()) is shown
