"""Long work tells its stages with rows and bytes, and a terminal shows them."""

import io
import sys
import threading
import time

import pytest

from divide_cli.analysis.pipeline import compute
from divide_cli.analysis.request import Request
from divide_cli.frames import stages
from divide_cli.readers.opening import container, scan
from divide_cli.reports import progress


def test_stages_count_rows_and_bytes_up_to_all(tmp_path, monkeypatch):
    """201 rows in blocks of a thousand bytes: each count rises, and the last is the whole."""
    line, path = "KEN,internet_use,{year},45.123456789012345678\n", tmp_path / "a.csv"
    head = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\n"
    path.write_text(head + "".join(line.format(year=year) for year in range(1900, 2101)) + "\n" * 1000)
    size = path.stat().st_size
    monkeypatch.setattr(container, "CHUNK", 1000)
    monkeypatch.setattr(scan, "BLOCK", 1000)
    told: list[str] = []
    with stages.told_to(told.append):
        compute(Request(files=(str(path),)))
    read = [int(text.split()[1]) for text in told if text.endswith("of 201 rows read")]
    assert read == sorted(set(read))
    assert len(read) > 3
    assert read[-1] == 201
    scanned = [text for text in told if text.startswith(str(path)) and "MB read" in text]
    assert len(scanned) == -(-size // 1000)
    for stage in ("codes and notes of 201 rows", "checking 201 rows", "combining 201 values of economies"):
        assert any(stage in text for text in told), stage
    before = len(told)
    compute(Request(files=(str(path),)))
    assert len(told) == before  # nobody listens any more


def test_bytes_are_told_in_megabytes():
    told: list[str] = []
    with stages.told_to(told.append):
        stages.tell(stages.SCANNED, file="a.csv", done=1234.6, size=6215.8)
    assert told == ["a.csv: 1,235 of 6,216 MB read"]


def test_the_next_part_is_made_while_one_is_worked_on():
    """A part is taken out only once the next has begun; an error comes in its place, after the parts before it."""
    begun = [threading.Event() for _ in range(3)]

    def made():
        for part in range(2):
            begun[part].set()
            yield part
        begun[2].set()
        raise ValueError("the third")

    parts = stages.ahead(made())
    for number in range(2):
        assert next(parts) == number
        assert begun[number + 1].wait(120)
    with pytest.raises(ValueError, match="the third"):
        next(parts)
    assert list(stages.ahead([])) == []


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_shows_the_stage_after_a_second(monkeypatch, terminal):
    shown = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(sys, "stderr", shown)
    with progress.working("computing"):
        stages.tell(stages.PARSED, file="a.csv", done=3, rows=9)
        until = time.monotonic() + (120 if terminal else 0.3)
        while "3 of 9 rows read" not in shown.getvalue() and time.monotonic() < until:
            time.sleep(0.02)
    assert ("a.csv: 3 of 9 rows read" in shown.getvalue()) == terminal
