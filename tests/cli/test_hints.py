"""Messages test the cause that they name: each case is a mistake that a user makes, and what the message must not say."""

import pytest

HEADER = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE"
GOOD = "KEN,internet_use,F,2020,28.4"
POINT_MISSING = "is a decimal point missing"


@pytest.fixture
def stopped(divide, tmp_path):
    """`stopped(text)` -> what `divide compute` says on stderr about a file with that text."""

    def make(text):
        (tmp_path / "figures.csv").write_text(text + "\n", encoding="utf-8")
        made = divide("compute", "figures.csv", "--no-write", columns=400)
        assert made.returncode == 3
        return made.stderr

    return make


@pytest.mark.parametrize(
    ("value", "asked", "not_asked"),
    [
        ("-30.1", "is the sign wrong?", POINT_MISSING),
        ("100.4", "check the cell and the unit\n", POINT_MISSING),
        ("512", POINT_MISSING, "sign"),
        ("2800000", "a number given in place of a rate or a share?", "sign"),
        ("4512.7", "a number given in place of a rate or a share?", "sign"),
    ],
)
def test_a_value_out_of_range_is_asked_about_only_what_it_leaves_open(stopped, value, asked, not_asked):
    """A value with a decimal point has one, and a negative one is below the range, not above it."""
    said = stopped(f"{HEADER}\nKEN,internet_use,_T,2020,{value}\n{GOOD}")
    assert asked in said and not_asked not in said


def test_rows_with_another_delimiter_than_the_header_are_not_lines_of_text(stopped):
    said = stopped(f"{HEADER.replace(',', ';')}\n{GOOD}\n{GOOD.replace(',F,', ',M,')}")
    assert "its cells are separated by commas, those of the header by semicolons" in said
    assert "only text" not in said and "delete the line" not in said


def test_a_line_of_words_is_still_one(stopped):
    assert "a line contains only text" in stopped(f"{HEADER}\n{GOOD}\nSource: national statistics office")


@pytest.mark.parametrize(("row", "asked"), [("KEN,internet_use,_T,2020,30,1", True), (f"{GOOD},2021,5.5", False)])
def test_a_decimal_comma_is_named_where_there_may_be_one(stopped, row, asked):
    """30,1 may be one number. 2021 before 5.5 is a year, and 5.5 has a point."""
    said = stopped(f"{HEADER}\n{row}")
    assert ("if 30,1 is one number, write it with a point" in said) is asked


def test_an_area_that_is_missing_is_no_total(stopped):
    said = stopped(f"{HEADER}\n{GOOD}\n,internet_use,F,2020,28.4")
    assert "found: an empty cell" in said and "expected: a code of REF_AREA" in said
    assert "_T" not in said


@pytest.mark.parametrize(
    ("command", "typed", "kind", "expected"),
    [
        (("compute", "--gap"), "internet_use", "indicators", "gaps"),
        (("compute", "--indicator"), "internet_use_sex", "gaps", "indicators"),
        (("compute", "--measure"), "universal_internet_use", "targets", "measures"),
        (("targets", "--target"), "internet_use", "indicators", "targets"),
    ],
)
def test_an_id_of_another_kind_is_named_as_such(divide, command, typed, kind, expected):
    said = divide(*command, typed, columns=400).stderr
    assert f"{typed} is one of `divide list {kind}`; `divide list {expected}` lists all" in said


def test_the_file_before_the_question(divide, tmp_path):
    (tmp_path / "figures.csv").write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    said = divide("measure", "figures.csv", "internet_use", columns=400).stderr
    assert "the first argument is a file" in said
    assert "`divide measure internet_use figures.csv`" in said
    unknown = divide("measure", "internet_usee", "figures.csv", columns=400).stderr
    assert "`divide list gaps` or `divide list indicators` lists all" in unknown


def test_a_file_that_was_passed_is_not_asked_for(divide, tmp_path):
    (tmp_path / "figures.csv").write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    said = divide("targets", "figures.csv", "--area", "RWA", columns=400).stderr
    assert "no target could be assessed" in said and "pass a file" not in said
    assert "`divide read FILE`" in said
    assert "pass a file (prices are not embedded)" in divide("targets", "--area", "ATA", columns=400).stderr
