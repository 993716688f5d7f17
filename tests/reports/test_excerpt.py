"""Which rows and columns of the file are shown of a finding."""

from dataclasses import replace

import pytest

from divide_cli.readers.opening import Grid
from divide_cli.readers.opening.workbook import column_letters
from divide_cli.reports import excerpts
from tests.reports.reports import WAIVER, finding

HEADER = ["Area", "Sex", "Value"]


def sheet(rows=40, head=HEADER):
    cells = [head, *(["KAZ", "F", str(at)] for at in range(2, rows + 1))]
    return Grid(cells, list(range(1, rows + 1)), rows)


def about(one, grid=None):
    return excerpts.Rows(grid or sheet(), [one]).about(one)


def roles(one, grid=None):
    return {row.line: row.role for row in about(one, grid).rows}


def test_the_rows_stand_in_the_order_of_the_file_each_with_its_part():
    one = finding(line=7, lines=(7, 9, 3), context=(5, 9, 20))
    assert list(roles(one).items()) == [
        (3, "also involved"), (5, "for comparison"), (7, "to correct"), (9, "also involved"), (20, "for comparison"),
    ]  # fmt: skip
    assert about(one).rows[2].cells == ("KAZ", "F", "7") and about(one).marked == 2


@pytest.mark.parametrize(
    ("severity", "role"), [("error", "to correct"), ("warning", "to check"), ("note", "worth checking")]
)
def test_what_is_to_be_done_with_the_row(severity, role):
    one = finding(severity=severity, line=7)
    assert roles(one) == {6: "nearby", 7: role, 8: "nearby"}
    assert roles(replace(one, waiver=WAIVER))[7] == "accepted"


def test_the_header_and_the_ends_of_the_file_have_no_row_beside_them():
    assert list(roles(finding(line=2))) == [2, 3]
    assert list(roles(finding(line=40))) == [39, 40]


def test_of_many_lines_some_are_shown_and_the_others_counted():
    one = finding(line=7, lines=tuple(range(7, 27)), context=(30, 31, 32, 33, 34))
    assert list(roles(one)) == [7, 8, 9, 10, 30, 31, 32, 33]
    assert about(one).more == 16
    assert len(about(replace(one, context=())).rows) == 20  # nothing to compare with: room for more
    assert len(about(replace(one, lines=tuple(range(2, 40)), context=())).rows) == excerpts.LISTED


def test_no_line_no_rows():
    assert about(finding(line=0)) is None and about(finding(line=99)) is None
    assert list(roles(finding(line=0, lines=(3, 4)))) == [3, 4]


def test_a_row_that_ends_early_or_late_shows_it():
    grid = Grid([HEADER, ["KAZ", "F", "1"], ["KAZ", "2"], ["KAZ", "F", "3", "4"]], [1, 2, 3, 4], 4)
    made = about(finding(line=3, column=""), grid)
    assert made.names == ("Area", "Sex", "Value", "") and made.marked is None
    assert [row.cells for row in made.rows] == [
        ("KAZ", "F", "1", None), ("KAZ", "2", None, None), ("KAZ", "F", "3", "4"),
    ]  # fmt: skip


def test_of_many_columns_the_marked_one_and_those_that_differ_are_shown():
    head = [f"c{at}" for at in range(1000)]
    rows = [head, *([*(["same"] * 998), str(at), "x"] for at in range(5))]
    made = about(finding(line=3, column="c500"), Grid(rows, [1, 2, 3, 4, 5, 6], 6))
    assert len(made.columns) == excerpts.LEAST and {500, 998} <= set(made.columns)
    assert made.hidden == 1000 - excerpts.LEAST


def test_names_are_those_of_the_header_even_below_a_title():
    grid = Grid([["Survey of 2023"], HEADER, ["KAZ", "F", "1"], ["KAZ", "M", "2"]], [1, 2, 4, 5], 4)
    assert about(finding(line=4), grid).names == tuple(HEADER)
    assert list(roles(finding(line=4), grid)) == [4, 5]


def test_a_row_in_words():
    made = about(finding(line=3))
    assert excerpts.in_words(made.rows[0], made) == "line 2 (nearby): Value 2"  # area and sex are those of all rows


def test_letters():
    assert [column_letters(column) for column in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
