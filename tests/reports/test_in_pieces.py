"""Reports of very many findings: created and written one by one, with the same bytes as if all were there at once."""

import random
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from divide_cli.catalogue import catalogue
from divide_cli.frames import atomic_write
from divide_cli.readers import ReadOptions
from divide_cli.reports import json, sarif
from divide_cli.validation import listing
from divide_cli.validation.report import Finding, Report, Waiver
from divide_cli.validation.run import ValidationRequest, validate
from divide_cli.validation.waivers import Entry
from tests.reports.reports import finding

HEADER = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n"
TODAY = date(2026, 7, 1)


def faulty(folder: Path, name: str) -> str:
    """A file whose rows break rules on rows (codes, numbers), on values and on pairs of values."""
    draw = random.Random(name)
    rows = [
        f"{draw.choice(['KEN', 'UGA', 'QQX'])},internet_use,{sex},{year},{draw.choice(['174.0', '20.5', 'n/a', '-3'])}\n"
        for sex in ("F", "M", "_T")
        for year in range(2000, 2022)
    ]
    draw.shuffle(rows)
    (folder / name).write_text(HEADER + "".join(rows), encoding="utf-8")
    return str(folder / name)


def texts(files: Sequence[str], limit: int) -> tuple[str, str]:
    """The report on the files as JSON and SARIF; some findings are accepted."""
    waivers = tuple(
        Entry("waivers.yaml", "value_out_of_range", {"SEX": sex}, Waiver(f"because of {sex}", "the office", "x"), TODAY)
        for sex in ("F", "M")
    )
    rules, choices = tuple(catalogue().rules.values()), ReadOptions(strict=False, submitted=True)
    request = ValidationRequest(tuple(files), rules, limit=limit, today=TODAY, waivers=waivers, read_options=choices)
    report = validate(request)
    assert len(report.findings) > 20
    return json.text(report, {}), sarif.text(report, {})


@pytest.mark.parametrize("limit", [0, 7])
def test_findings_that_are_created_late_are_the_same_in_the_same_order(tmp_path, monkeypatch, limit):
    files = [faulty(tmp_path, name) for name in ("b.csv", "a.csv")]
    at_once = texts(files, limit)
    for few in (0, 2, 5):
        monkeypatch.setattr(listing, "AT_ONCE", few)
        assert texts(files, limit) == at_once


class Counted(Sequence[Finding]):
    """Findings that are created when they are read; the greatest number that was alive at the same time."""

    def __init__(self, size: int) -> None:
        self.size, self.most, self._alive = size, 0, 0

    def _gone(self) -> None:
        self._alive -= 1

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, at):
        raise AssertionError("a report in pieces reads its findings from the first to the last")

    def __iter__(self) -> Iterator[Finding]:
        for line in range(self.size):
            one = finding(line=line + 2, key={"REF_AREA": f"A{line}"})
            self._alive += 1
            weakref.finalize(one, self._gone).atexit = False
            self.most = max(self.most, self._alive)
            yield one


@pytest.mark.parametrize("module", [json, sarif])
def test_a_finding_is_written_before_the_next_is_created(report: Report, described, module):
    many = Counted(3000)
    tally = replace(report.summary[0], count=many.size, listed=many.size)
    longest = max(map(len, module.pieces(replace(report, findings=many, summary=(tally,)), described)))
    assert many.most <= 2  # the one that is written, and the next
    assert longest < 100_000


@pytest.mark.parametrize("module", [json, sarif])
def test_a_report_without_findings_has_an_empty_list(report: Report, described, module):
    text = module.text(replace(report, findings=(), summary=()), described)
    assert '"findings": []' in text or '"results": []' in text


def test_a_file_stays_if_the_pieces_of_the_next_one_fail(tmp_path):
    def pieces() -> Iterator[str]:
        yield "half of "
        raise RuntimeError("no more")

    path = tmp_path / "report.json"
    path.write_text("whole")
    with pytest.raises(RuntimeError, match="no more"):
        atomic_write.write({path: pieces()})
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"] and path.read_text() == "whole"
    atomic_write.write({path: iter(["two ", "pieces"])})
    assert path.read_text() == "two pieces"
