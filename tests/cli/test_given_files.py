"""A file given to any option that cannot be read is exit code 3 with one message; 2 is for options alone."""

from pathlib import Path

import pytest

from tests.runner import divide

FIGURES = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\nKEN,internet_use,F,2020,30\nKEN,internet_use,M,2020,40\n"
GIVEN = {
    "FILES of compute": ("compute", "--no-write", "GIVEN"),
    "FILES of measure": ("measure", "internet_use", "GIVEN"),
    "FILES of targets": ("targets", "GIVEN"),
    "FILES of read": ("read", "GIVEN"),
    "FILES of validate": ("validate", "GIVEN"),
    "claims": ("reproduce", "GIVEN"),
    "claims of lock": ("lock", "GIVEN", "--out", "divide.lock"),
    "--lock": ("reproduce", "--only", "internet_2024", "--lock", "GIVEN"),
    "--population": ("compute", "figures.csv", "--no-write", "--population", "GIVEN"),
    "--groups": ("compute", "figures.csv", "--no-write", "--groups", "GIVEN"),
    "--covariance": ("measure", "internet_use", "figures.csv", "--over", "SEX", "--covariance", "GIVEN"),
    "--rules": ("validate", "figures.csv", "--rules", "GIVEN"),
    "--rules of rules": ("rules", "--rules", "GIVEN"),
    "--waivers": ("validate", "figures.csv", "--waivers", "GIVEN"),
    "--previous": ("validate", "figures.csv", "--previous", "GIVEN"),
    "--structure": ("read", "figures.csv", "--structure", "GIVEN"),
}


def missing(folder: Path) -> str:
    return "missing.csv"


def a_folder(folder: Path) -> str:
    (folder / "folder.csv").mkdir()
    return "folder.csv"


def other_bytes(folder: Path) -> str:
    (folder / "bytes.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff\x00\xfe: [")
    return "bytes.csv"


def too_long(folder: Path) -> str:
    return "x" * 300 + ".csv"


MAKERS = [missing, a_folder, other_bytes, too_long]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("words", GIVEN.values(), ids=GIVEN)
def test_what_cannot_be_read_is_3_wherever_it_is_given(words, make, tmp_path):
    (tmp_path / "figures.csv").write_text(FIGURES)
    path = make(tmp_path)
    made = divide(tmp_path, *(path if word == "GIVEN" else word for word in words), columns=1000)
    said = made.stderr + made.stdout
    assert made.returncode == 3, said[-800:]
    assert path[:200] in said and "Traceback" not in said


@pytest.mark.parametrize(
    "words",
    [
        ("validate", "figures.csv", "--write-waivers", "x" * 300, "--owner", "me", "--expires", "2999-01-01"),
        ("validate", "figures.csv", "--format", "json", "--out", "x" * 300),
        ("read", "figures.csv", "--out", "x" * 300 + ".csv"),
        ("compute", "figures.csv", "--out", "x" * 300),
        ("template", "internet_use", "--out", "x" * 300 + ".csv"),
        ("lock", "--out", "x" * 300),
        ("claims", "new", "x" * 300),
        ("fetch", "internet_use", "--to", "x" * 300, "--base-url", "http://127.0.0.1:9"),
    ],
    ids=lambda words: " ".join(words)[:24],
)
def test_a_name_that_is_too_long_to_write_to_is_3(words, tmp_path):
    (tmp_path / "figures.csv").write_text(FIGURES)
    made = divide(tmp_path, *words)
    assert made.returncode == 3 and made.stderr.count("divide: error: ") == 1, made.stderr
