"""The national files of the raw data, with what a careful statistician found in them: what `divide validate` finds.

Each anomaly marked error and proved must be hit at one of its lines by an error or a warning; no file marked clean has an
error; the notes are few.
"""

import csv
import statistics
from pathlib import Path

import pytest

from divide_cli.catalogue import catalogue
from divide_cli.readers import ReadOptions
from divide_cli.validation.report import Report
from divide_cli.validation.run import ValidationRequest, validate

MOST_NOTES = 5


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def lines_of(text: str) -> set[int] | None:
    """The lines that an anomaly names; None where it is of all."""
    if text == "all":
        return None
    made: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        made |= set(range(int(first), int(last or first) + 1))
    return made


@pytest.fixture(scope="module")
def folder(raw: Path) -> Path:
    found = raw / "national_submissions"
    if not found.is_dir():
        pytest.skip("the national files are not among the raw files")
    return found


@pytest.fixture(scope="module")
def reports(folder: Path) -> dict[str, tuple[str, Report]]:
    """The report of each file, with the verdict by hand."""
    rules = tuple(catalogue().rules.values())
    made = {}
    for row in rows(folder / "files.csv"):
        choices = ReadOptions(area=row["area"], strict=False, submitted=True)
        report = validate(ValidationRequest((str(folder / row["file"]),), rules, read_options=choices, limit=0))
        made[row["file"]] = row["status"], report
    return made


def test_proved_errors_are_found_at_one_of_their_lines(folder, reports):
    missed, total = [], 0
    for row in rows(folder / "anomalies.csv"):
        if (row["severity"], row["certainty"]) != ("error", "proved"):
            continue
        total += 1
        wanted = lines_of(row["lines"])
        grave = [one for one in reports[row["file"]][1].findings if one.severity != "note"]
        if not any(wanted is None or one.line in wanted for one in grave):
            missed.append((row["file"], row["lines"], row["kind"]))
    assert total >= 25
    assert missed == []


def test_no_clean_file_has_an_error(reports):
    wrong = [
        (file, one.rule, one.line, one.message)
        for file, (status, report) in reports.items()
        if status == "clean"
        for one in report.findings
        if one.severity == "error"
    ]
    assert wrong == []


def test_what_published_figures_say_of_national_files(reports):
    """Five warnings and three notes, each judged by hand; no figure is one of other years or of another country.

    Jamaica's men and women of 2016, Korea's men of 2018 and Moldova's 2013 were wrong, by arithmetic or as corrected later.
    Cape Town and the Republika Srpska are parts of the country named. Moldova (2014 to 2021) and Montenegro (2011, 2022)
    differ from the World Bank, which has estimates of ITU.
    """
    rules = ("far_from_published", "differs_from_published", "published_shifted", "published_elsewhere")
    found = sorted(
        (file.removesuffix(".csv"), one.rule, one.severity, one.line)
        for file, (_, report) in reports.items()
        for one in report.findings
        if one.rule in rules
    )
    far, other = ("far_from_published", "warning"), ("differs_from_published", "note")
    assert found == [
        ("bosnia-rs/indicator_17-8-1", *far, 4),
        ("capetown/indicator_17-8-1", *other, 17),
        ("capetown/indicator_9-c-1", *other, 29),
        ("jamaica/indicator_5-b-1", *other, 3),
        ("korea-2021/indicator_5-b-1", *far, 3),
        ("moldova-2020/indicator_17-8-1", *far, 5),
        ("moldova/indicator_17-8-1", *far, 6),
        ("montenegro/indicator_17-8-1", *far, 2),
    ]


def test_notes_are_few(reports):
    notes = [sum(one.severity == "note" for one in report.findings) for _, report in reports.values()]
    assert statistics.median(notes) <= MOST_NOTES


def test_true_oddities_raise_no_error(reports):
    """3G that was switched off, a leap of the oldest, overlapping bands, regions with shares of their own, a new network."""
    for file in (
        "germany/indicator_9-c-1.csv",
        "korea/indicator_5-b-1.csv",
        "kyrgyzstan/indicator_17-8-1__from-sdmx.csv",
        "kyrgyzstan/indicator_5-b-1__from-sdmx.csv",
        "bosnia/indicator_9-c-1.csv",
    ):
        assert [one for one in reports[file][1].findings if one.severity == "error"] == [], file


def test_one_cell_of_a_thousand_is_named(reports):
    """Kazakhstan, telephones: one of 1,206 cells is wrong, and only arithmetic over its breakdowns shows it."""
    errors = [one for one in reports["kazakhstan/indicator_5-b-1.csv"][1].findings if one.severity == "error"]
    assert {one.line for one in errors} == {852}
    assert {one.column for one in errors} == {"Value"}


def test_the_band_that_does_not_belong_is_named(reports):
    """Korea 2013: 86.8 for 96.8 at ages 40 to 49, seen only by the weighted mean of the bands, with and without a total."""
    for file, line in (("korea/indicator_17-8-1.csv", 59), ("korea-2021/indicator_17-8-1.csv", 63)):
        errors = [one for one in reports[file][1].findings if one.severity == "error"]
        assert [(one.rule, one.line) for one in errors] == [("ages_contradict_total", line)]
