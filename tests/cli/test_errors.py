"""Bad input: one clear message on stderr, the documented exit code, no traceback, no output file touched."""

import pytest

HEAD = "REF_AREA,INDICATOR,SEX,AGE,URBANISATION,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n"
ROWS = "KEN,internet_use,M,_T,_T,2020,40,PT\nKEN,internet_use,F,_T,_T,2020,30,PT\n"
DATAHUB = (
    '"seriesID","seriesCode","seriesName","seriesParent","seriesUnits","entityID","entityIso","entityName","dataValue",'
    '"dataYear","dataNote","dataSource","seriesDescription"\n'
)

CONTENT = {
    "empty": (b"", "f.csv", "0 bytes"),
    "png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "f.csv", "PNG image"),
    "workbook": (b"PK\x03\x04rest", "f.csv", "Excel workbook"),
    "other columns": (b"a,b\n1,2\n", "f.csv", "columns a, b"),
    "truncated utf-16": ((HEAD + ROWS).encode("utf-16")[:-1], "f.csv:3", "truncated"),
    "utf-16 cut between rows' cells": ((HEAD + ROWS).encode("utf-16")[:-20], "f.csv:3", "6 cells"),
    "nul byte": ((HEAD + ROWS.replace("30", "3\0")).encode(), "f.csv:3", "NUL"),
    "unclosed quote": ((HEAD + ROWS + '"KEN,internet_use,_T,_T,_T,2020,35,PT\n').encode(), "f.csv:4", "never closed"),
    "quote swallowed by a later one": (
        (HEAD + 'KEN,"internet_use,M,_T,_T,2020,40,PT\n' + 'KEN,"internet_use",F,_T,_T,2020,30,PT\n').encode(),
        "f.csv:2",
        "not closed",
    ),
    "no number": ((HEAD + ROWS.replace("30", "abc")).encode(), "f.csv:3, column OBS_VALUE", "'abc'"),
    "nan": ((HEAD + ROWS.replace("30", "NaN")).encode(), "f.csv:3, column OBS_VALUE", "'NaN'"),
    "infinity": ((HEAD + ROWS.replace("30", "inf")).encode(), "f.csv:3, column OBS_VALUE", "inf"),
    "percentage of 140": ((HEAD + ROWS.replace("30", "140")).encode(), "f.csv:3", "140"),
    "negative": ((HEAD + ROWS.replace("30", "-3")).encode(), "f.csv:3", "-3"),
    "duplicate key": ((HEAD + ROWS + ROWS.replace("40", "41")[:36]).encode(), "f.csv:4", "40 and 41"),
    "unknown area": ((HEAD + ROWS.replace("KEN", "KNE")).encode(), "f.csv:2, column REF_AREA", "'KNE', in 2 rows"),
    "unknown indicator": (
        (HEAD + ROWS.replace("internet_use", "internet_usage")).encode(),
        "f.csv:2",
        "internet_usage",
    ),
    "unknown sex": ((HEAD + ROWS.replace(",M,", ",X,")).encode(), "f.csv:2, column SEX", "'X', in 1 row"),
    "empty code": ((HEAD + ROWS.replace(",M,", ",,")).encode(), "f.csv:2, column SEX", "''"),
    "other unit": ((HEAD + ROWS.replace("PT", "PP")).encode(), "f.csv:2", "PP"),
    "no year": ((HEAD + ROWS.replace("2020", "2020-21")).encode(), "f.csv:2, column TIME_PERIOD", "2020-21"),
    "year of the other age": ((HEAD + ROWS.replace("2020", "1066")).encode(), "f.csv:2", "1066"),
    "header without rows": (HEAD.encode(), "f.csv", "0 rows"),
    "ragged": ((HEAD + ROWS + "KEN,internet_use\n").encode(), "f.csv:4", "2 cells"),
    "windows-1252": ((HEAD + ROWS).encode() + b"KEN,internet_us\xe9,F,_T,_T,2021,1,PT\n", "f.csv:4", "'internet_us"),
    "neither": ((HEAD + ROWS).encode() + b"KEN,\xc3\xa9\xe9,F,_T,_T,2021,1,PT\n", "f.csv:4", "not UTF-8"),
    "repeated column": ((HEAD.replace("AGE", "SEX") + ROWS).encode(), "f.csv:1", "SEX"),
    "unknown series": (
        (DATAHUB + '1,"i99X","Some",,"%",4,"KEN","Kenya","15.4",2000,"","NSO","text"\n').encode(),
        "f.csv:2, column seriesCode",
        "i99X",
    ),
    "unknown itu area": (
        (DATAHUB + '1,"i99H","Some",,"%",4,"QQQ","Nowhere","15.4",2000,"","NSO","text"\n').encode(),
        "f.csv:2, column entityIso",
        "QQQ",
    ),
    "breakdown of another parent": (
        (DATAHUB + '1,"HHU781l_HHCFemale","Female","i99H","%",4,"KEN","Kenya","15.4",2000,"","NSO","text"\n').encode(),
        "f.csv:2, column seriesParent",
        "i99H",
    ),
    "text answer": (
        (DATAHUB + '1,"i99H","Some",,"%",4,"KEN","Kenya","Without control",2000,"","NSO","text"\n').encode(),
        "f.csv:2, column dataValue",
        "Without control",
    ),
}


def is_one_clear_message(stderr: str) -> bool:
    lines = stderr.splitlines()
    return (
        lines[0].startswith("divide: error: ")
        and all(line.startswith("  ") for line in lines[1:])
        and "Traceback" not in stderr
    )


@pytest.mark.parametrize("kind", CONTENT)
def test_content_that_cannot_be_read_or_understood(divide, tmp_path, kind):
    content, where, found = CONTENT[kind]
    (tmp_path / "f.csv").write_bytes(content)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "gaps.parquet").write_bytes(b"earlier")
    finished = divide("compute", "f.csv")
    assert finished.returncode == 3, finished.stderr
    assert finished.stdout == ""
    assert is_one_clear_message(finished.stderr), finished.stderr
    assert f"where: {where}" in finished.stderr and found in finished.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["gaps.parquet"]
    assert (tmp_path / "out" / "gaps.parquet").read_bytes() == b"earlier"


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["missing.csv"], 3, "No such file"),
        (["."], 3, "the path is a folder"),
        (["--gap", "nope"], 2, "--gap"),
        (["--gap", "internet_use_sx"], 2, "did you mean internet_use_sex"),
        (["--indicator", "internet"], 2, "did you mean internet_use"),
        (["--area", "XXX"], 2, "--area"),
        (["--measure", "rato"], 2, "did you mean ratio"),
        (["--edition", "nope"], 2, "divide list editions"),
        (["--edition", "wdi_2026_8"], 2, "did you mean wdi_2026_08"),
        (["--income-fy", "FY77"], 2, "FY89"),
        (["--income-fy", "soon"], 2, "--income-fy"),
        (["--year", "1901"], 1, "nothing could be computed"),
        (["--year", "abc"], 2, "a year from 1900 to 2100"),
        (["--year", "20"], 2, "a year from 1900 to 2100"),
        (["--area", "Kenia"], 2, "did you mean KEN (Kenya)"),
        (["--area", "KEN", "--gap", "internet_use_income"], 1, "nothing could be computed"),
        (["x.csv", "--edition", "wdi_2026_08"], 2, "--edition cannot be combined with FILES"),
        (["--population", "missing.csv"], 3, "missing.csv"),
        (["--groups", "missing.csv"], 3, "missing.csv"),
    ],
)
def test_options(divide, tmp_path, arguments, code, text):
    finished = divide("compute", *arguments)
    assert finished.returncode == code, finished.stderr
    assert is_one_clear_message(finished.stderr) and text in finished.stderr, finished.stderr
    assert finished.stdout == "" and not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [["--bogus"], ["--format", "xml"], ["--min-coverage", "140"]])
def test_options_of_the_wrong_kind(divide, tmp_path, arguments):
    finished = divide("compute", *arguments)
    assert finished.returncode == 2
    assert "Error: " in finished.stderr and "Traceback" not in finished.stderr and finished.stdout == ""
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(divide, tmp_path):
    (tmp_path / "file").write_text("in the way")
    finished = divide("compute", "--out", "file")
    assert finished.returncode == 3 and "cannot be written" in finished.stderr and finished.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("compute --no-write --format csv", "GAP,"),
        ("compute --no-write", ""),
        ("list claims", ""),
        ("reproduce --format json", "{"),
    ],
)
def test_a_pipe_that_is_closed_early_is_no_failure(tmp_path, arguments, text):
    import os
    import subprocess
    import sys
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    command = f"set -o pipefail; {sys.executable} -m divide_cli {arguments} | head -n 1"
    finished = subprocess.run(
        command,
        check=False,
        shell=True,
        executable="/bin/bash",
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith(text)
    assert "Traceback" not in finished.stderr and "Exception" not in finished.stderr


def test_a_terminal_without_the_letters(divide):
    finished = divide("compute", "--no-write", PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
    assert finished.returncode == 0, finished.stderr


def test_unknown_entries_of_the_catalogue(divide):
    for arguments in (["show", "intrnet_use"], ["list", "indicatrs"]):
        finished = divide(*arguments)
        assert finished.returncode == 2 and "did you mean" in finished.stderr and is_one_clear_message(finished.stderr)
