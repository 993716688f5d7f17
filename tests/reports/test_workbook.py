"""The workbook for the data owner, read back as others read it."""

import builtins
import re
import zipfile

import pytest

from divide_cli.errors import DivideError, SourceError
from divide_cli.readers.opening import Grid
from divide_cli.reports import excerpts, workbook, workbook_cells
from divide_cli.reports.workbook_cells import height
from divide_cli.validation.report import Applied, Input, Report, tallied
from tests.reports.reports import DESCRIBED, TEXTS, WAIVER, finding

pytest.importorskip("xlsxwriter")

HEADER = ["REF_AREA", "SEX", "Value"]


def opened(path):
    openpyxl = pytest.importorskip("openpyxl", reason="a development library that the oldest environment lacks")
    return openpyxl.load_workbook(path)


def report_of(*findings, inputs=None, **given):
    return Report(
        inputs or (Input("in/data.csv", "ab" * 32, 10, "national", 3, 3),), (Applied("range_by_unit", 3),),
        tallied(findings), findings, 0, **given,
    )  # fmt: skip


def here(rule="range_by_unit", **given):
    return finding(rule, **{"file": "in/data.csv", "line": 3, **given})


def made(tmp_path, report, tables):
    path = tmp_path / "out" / "report.xlsx"
    workbook.write(report, DESCRIBED, path, tables)
    return opened(path)


def grid(*rows, lines=None, total=None):
    return Grid([list(row) for row in rows], list(lines or range(1, len(rows) + 1)), total or len(rows))


def test_a_cell_is_marked_commented_and_linked(tmp_path):
    table = grid(HEADER, ("ALB", "F", "70.50"), ("ALB", "M", "170.2"))
    book = made(tmp_path, report_of(here()), {"in/data.csv": table})
    assert book.sheetnames == ["Summary", "Findings", "data.csv"]
    sheet = book["data.csv"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == table.rows
    assert sheet["C2"].data_type == "s" and sheet["C2"].value == "70.50"  # a text, with its last nought
    cell = sheet["C3"]
    assert cell.fill.fgColor.rgb == "FFF8CFCF" and cell.font.bold and cell.border.left.style == "thick"
    assert sheet["C2"].fill.fill_type is None and sheet["C2"].comment is None
    assert cell.comment.text.splitlines() == [
        "ERROR: A percentage lies between 0 and 100",
        "Line 3, column Value",
        "170.2 is more than 100 %",
        "Expected: 0 to 100",
        "Found: 170.2",
        "What to do: Correct the value, or the unit if it is no percentage.",
        "Other rows of the file:",
        "line 2 (nearby): SEX F · Value 70.50",
    ]
    assert sheet.freeze_panes == "A2"
    listed = book["Findings"]
    assert listed["B2"].value == "C3" and listed["B2"].hyperlink.location == "'data.csv'!C3"
    assert listed.freeze_panes == "C2" and listed.auto_filter.ref == "A1:L2"
    row = dict(zip((cell.value for cell in listed[1]), (cell.value for cell in listed[2]), strict=True))
    assert list(row) == [
        "Severity", "Cell", "Line", "Column", "Rule", "What is wrong", "What to do", "Expected", "Found",
        "About", "Why it matters", "Your answer (corrected, or right because ...)",
    ]  # fmt: skip
    assert row["Your answer (corrected, or right because ...)"] is None
    assert (row["Severity"], row["Line"], row["What is wrong"]) == ("error", 3, "170.2 is more than 100 %")
    assert row["About"] == "Albania · Individuals using the Internet · Female · 15 to 24 years · 2023"


def test_severities_differ_by_more_than_colour(tmp_path):
    findings = [
        here(line=line, severity=severity, rule=rule, waiver=waiver)
        for line, severity, rule, waiver in (
            (2, "error", "range_by_unit", None), (3, "warning", "jump", None), (4, "note", "repeated_value", None),
            (5, "error", "range_by_unit", WAIVER),
        )
    ]  # fmt: skip
    book = made(tmp_path, report_of(*findings), {"in/data.csv": grid(HEADER, *(["ALB", "F", "1"] for _ in range(4)))})
    cells = [book["data.csv"][f"C{line}"] for line in (2, 3, 4, 5)]
    assert len({cell.border.left.style for cell in cells}) == 4
    assert len({cell.fill.fgColor.rgb for cell in cells}) == 4
    assert [cell.comment.text.split(":")[0] for cell in cells] == ["ERROR", "WARNING", "NOTE", "ACCEPTED ERROR"]
    assert "Accepted until 2027-06-30 by A. Statistician: confirmed" in cells[3].comment.text


def test_several_findings_of_a_cell_share_its_comment_and_the_gravest_shows(tmp_path):
    both = (here("repeated_value", message="one"), here(message="two"), here(message="three", waiver=WAIVER))
    cell = made(tmp_path, report_of(*both), {"in/data.csv": grid(HEADER, HEADER, HEADER)})["data.csv"]["C3"]
    assert cell.border.left.style == "thick"
    assert [part.splitlines()[2] for part in cell.comment.text.split("\n\n")] == ["One", "Two", "Three"]


def test_every_line_involved_is_marked(tmp_path):
    one = here("total_within_parts", line=2, lines=(2, 3, 4))
    sheet = made(tmp_path, report_of(one), {"in/data.csv": grid(HEADER, *(["ALB", "F", "1"] for _ in range(4)))})[
        "data.csv"
    ]
    assert sheet["C3"].comment.text.splitlines() == [
        "WARNING: A total lies between its parts",
        "Line 3, column Value",
        "This line is involved in the finding at line 2:",
        "170.2 is more than 100 %",
        "What to do: Compare the total and its parts with the survey's tables.",
    ]
    assert sheet["C4"].comment and not sheet["C5"].comment


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("Value", "C3"),
        ("SEX", "B3"),
        ("column 2", "B3"),
        ("AB", "AB3"),
        ("unknown", "A3"),
        ("", "A3"),
        ("column 5", "E3"),
    ],
)
def test_the_column_of_a_finding(column, cell, tmp_path):
    sheet = made(tmp_path, report_of(here(column=column)), {"in/data.csv": grid(HEADER, HEADER, ("x", "y", "z"))})[
        "data.csv"
    ]
    assert [one.coordinate for row in sheet.iter_rows() for one in row if one.comment] == [cell]


def test_rows_stand_on_their_lines(tmp_path):
    table = grid(HEADER, ("a", "b\nc", "1"), ("d", "e", "2"), lines=(1, 2, 5))
    sheet = made(tmp_path, report_of(here(line=5)), {"in/data.csv": table})["data.csv"]
    assert sheet["B2"].value == "b\nc" and sheet["A5"].value == "d" and sheet["A3"].value is None
    assert sheet["C5"].comment


def test_findings_without_a_cell_are_listed(tmp_path):
    book = made(tmp_path, report_of(here(line=0), here(line=99)), {"in/data.csv": grid(HEADER)})
    assert [book["Findings"][f"B{row}"].value for row in (2, 3)] == ["whole file", None]
    assert book["Findings"]["C3"].value == 99
    assert not any(cell.comment for row in book["data.csv"].iter_rows() for cell in row)


def summary(book):
    return "\n".join(
        " | ".join(str(cell.value) for cell in row if cell.value is not None) for row in book["Summary"].iter_rows()
    )


def test_summary(report, tmp_path):
    whole = grid(*([HEADER] * 25))
    book = made(tmp_path, report, {"data/submission 2024.csv": whole, "data/book.xlsx[By sex]": whole})
    assert book.sheetnames == ["Summary", "Findings", "submission 2024.csv", "By sex"]
    said = summary(book)
    for part in (
        "3 errors, 13 warnings and 2 notes; 4 of them accepted", "1. Find out why a file could not be read",
        "2. Correct your own file, not this copy", "data/submission 2024.csv | submission 2024.csv | SDMX-CSV 1.0 | 40 | 36 | 3 | 1\n",
        "The file is cut off or damaged; where: data/torn.csv:17", "A total lies between its parts | warning | 12 | 4 | 10",
        "A sample is large enough | all | The file has no sample sizes", "data/submission 2024.csv | sdmx_csv_1 | 2345 | " + "ab" * 32,
        "data/second.csv | no sheet: the cells of the file cannot be read again",
    ):  # fmt: skip
        assert part in said, part
    listed = [[cell.value for cell in row] for row in book["Findings"].iter_rows()]
    assert len(listed) == len(report.findings) + 1 and "File" in listed[0]
    assert [row[0] for row in listed[1:]] == [*["error"] * 3, *["warning"] * 2, *["note"] * 2, "warning (accepted)"]
    assert "By sex!C3" in [row[1] for row in listed]


def test_columns_that_hold_nothing_are_left_out(tmp_path):
    book = made(tmp_path, report_of(here()), {"in/data.csv": grid(HEADER, HEADER, HEADER)})
    assert "File | Layout | Rows | Used\nin/data.csv | national | 3 | 3\n" in summary(book)


def test_the_legend_has_the_marks_that_occur(tmp_path):
    def legend(*findings):
        text = summary(made(tmp_path, report_of(*findings), {"in/data.csv": grid(HEADER, HEADER, HEADER)}))
        return text.split("How cells are marked\n")[1].split("\n\nFiles")[0] if "How cells" in text else ""

    assert legend() == ""
    assert legend(here()) == "error | Cannot be right. Must be corrected before the data are used."
    both = legend(here("total_within_parts", lines=(3, 2)), here(waiver=WAIVER)).splitlines()
    assert [line.split(" | ")[0] for line in both] == ["warning", "accepted", "involved"]


def test_hostile_texts_stay_texts(hostile, tmp_path):
    rows = [["Area", text] for text in TEXTS.values() if "\ud800" not in text]
    path = tmp_path / "hostile.xlsx"
    workbook.write(hostile, DESCRIBED, path, {"data/submission 2024.csv": grid(["Area", "Value"], *rows)})
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
        links = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".rels"))
        comments = "".join(archive.read(name).decode() for name in archive.namelist() if "comments" in name)
    assert not any("<f>" in sheet or "<f " in sheet for sheet in sheets)
    assert "evil" not in links and "External" not in links
    assert "\x1b" not in comments and "\u202e" not in comments
    book = opened(path)
    cells = [row[1].value for row in book["submission 2024.csv"].iter_rows(min_row=2)]
    assert cells[list(TEXTS).index("formula") - 1] == TEXTS["formula"]  # one text before it is left out
    assert book["submission 2024.csv"].cell(len(cells) + 1, 2).value.endswith("… (10,000,000 characters)")
    assert "cells cut after 32,767 characters, the most that a cell can hold: 1" in summary(book)
    assert all(cell.data_type in "sn" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_formula_stays_a_text_when_it_is_edited(tmp_path):
    book = made(
        tmp_path, report_of(here()), {"in/data.csv": grid(HEADER, ("=1+1", "-5.0", "@SUM(A1)"), ("a", "b", "c"))}
    )
    sheet = book["data.csv"]
    assert [cell.quotePrefix for cell in sheet[2]] == [True, False, True]
    assert {cell.number_format for cell in sheet[2]} == {"@"}


def test_limits_of_excel_are_kept_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_cells, "ROWS", 6)
    monkeypatch.setattr(workbook_cells, "COLUMNS", 4)
    monkeypatch.setattr(workbook_cells, "COMMENTS", 1)
    table = grid(["a", "b", "Value", "d", "e"], *(["1", "2", "3"] for _ in range(7)), total=20)
    book = made(tmp_path, report_of(here(), here(line=4), here(line=8)), {"in/data.csv": table})
    sheet = book["data.csv"]
    assert (sheet.max_row, sheet.max_column) == (6, 4)
    said = summary(book)
    for part in (
        "rows without findings, left out of a long table (other rows keep their numbers): 12",
        "rows below row 6, the last row of a sheet: 2", "rows cut after 4 cells, the most that a sheet can hold: 1",
        "cells with findings but no comment, after the first 1 (more make Excel slow): 1",
    ):  # fmt: skip
        assert f"in/data.csv | {part}" in said, part
    assert [book["Findings"][f"B{row}"].value for row in (2, 3, 4)] == ["C3", "C4", None]


def test_what_a_cell_can_hold():
    pictographs = "\U0001f4f1" * 20_000  # each counts twice in Excel
    assert workbook_cells.fit("x" * 32_767) == "x" * 32_767
    for text in ("x" * 32_768, pictographs):
        held = workbook_cells.fit(text)
        assert len(held.encode("utf-16-le")) <= 2 * 32_767 and held.endswith(f"… ({len(text):,} characters)")
    assert workbook_cells.fit("a\ud800\uffffb\x1b") == "a\\ud800\\uffffb\x1b"


def test_rows_that_are_left_out_are_hidden_and_the_others_keep_their_numbers(tmp_path):
    table = grid(HEADER, ("a", "b", "1"), lines=(1, 500), total=600)
    book = made(tmp_path, report_of(here(line=500)), {"in/data.csv": table})
    sheet = book["data.csv"]
    assert sheet["C500"].comment and sheet.sheet_format.zeroHeight


def test_names_of_sheets():
    files = (
        "a/data.csv", "b/Data.csv", "c/summary", "d/" + "x" * 40 + ".csv", "e/" + "x" * 40 + ".csv", "f/[a]:b*?.csv",
        "'g'", "history", "book.xlsx[By/sex]", "\x1b.csv", "'",
    )  # fmt: skip
    report = Report((Input("book.xlsx"),), (), (), ())
    names = workbook.sheet_names(files, report)
    assert len({name.casefold() for name in names.values()}) == len(files)
    for name in names.values():
        assert (
            1 <= len(name) <= 31
            and not re.search(r"[\[\]:*?/\\]", name)
            and not name.startswith("'")
            and not name.endswith("'")
        )
        assert name.casefold() not in ("summary", "findings", "history")
    assert names["book.xlsx[By/sex]"] == "By_sex" and names["b/Data.csv"] == "Data.csv (2)"


def test_a_name_with_an_apostrophe_is_linked(tmp_path):
    one = here(file="o'brien.csv")
    book = made(
        tmp_path,
        report_of(one, inputs=(Input("o'brien.csv", "ab" * 32),)),
        {"o'brien.csv": grid(HEADER, HEADER, HEADER)},
    )
    assert book["Findings"]["B2"].hyperlink.location == "'o''brien.csv'!C3"


def test_from_a_file_on_disk(tmp_path):
    """The cells are those that the reader understood, and its lines are the rows."""
    path = tmp_path / "ofício.csv"
    path.write_bytes(
        'País;Sexo;Ano;Valor\n"Perú";Mujeres;2020;"70,5"\nPerú;Hombres;2020;170,2\n'.encode("windows-1252")
    )
    from divide_cli.readers.opening import open_document

    sha256 = open_document(str(path)).file.sha256
    report = report_of(here(file=str(path), column="Valor"), inputs=(Input(str(path), sha256, 10, "national", 2, 2),))
    tables = excerpts.reread(report)
    sheet = made(tmp_path, report, tables)["ofício.csv"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()][:2] == [
        ["País", "Sexo", "Ano", "Valor"],
        ["Perú", "Mujeres", "2020", "70,5"],
    ]
    assert sheet["D3"].comment


def test_a_file_that_changed_is_not_returned(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    report = report_of(here(file=str(path)), inputs=(Input(str(path), "00" * 32),))
    with pytest.raises(SourceError, match="changed while it was being checked"):
        excerpts.reread(report)


def test_standard_input_and_unreadable_files_have_no_cells():
    assert excerpts.reread(report_of(inputs=(Input("<stdin>", "ab" * 32), Input("none.csv", error="gone")))) == {}


def test_without_the_extra(tmp_path, monkeypatch):
    really = builtins.__import__

    def without(name, *rest):
        if name.startswith("xlsxwriter"):
            raise ImportError(name)
        return really(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DivideError, match="extra `excel`") as caught:
        workbook.write(report_of(), DESCRIBED, tmp_path / "x.xlsx", {})
    assert "pip install" in caught.value.hint and not (tmp_path / "x.xlsx").exists()


def test_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "report.xlsx"
    path.write_bytes(b"before")

    def broken(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workbook, "_fill", broken)
    with pytest.raises(SourceError) as caught:
        workbook.write(report_of(), DESCRIBED, path, {})
    assert caught.value.found == "No space left on device"
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]


def test_a_folder_and_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(SourceError, match="the workbook cannot be written"):
        workbook.write(report_of(), DESCRIBED, tmp_path, {})
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match="the workbook cannot be written"):
        workbook.write(report_of(), DESCRIBED, tmp_path / "file" / "x.xlsx", {})


def test_a_wrapped_row_is_as_high_as_its_longest_text():
    assert height(["a" * 10, "b" * 59], [21, 21]) == 45
    assert height([], []) == 15 and height(["x" * 32_767], [20]) == 409


def test_rows_that_a_finding_is_judged_by_look_otherwise_than_the_one_to_mend(tmp_path):
    table = grid(HEADER, ("ALB", "F", "70.5"), ("ALB", "M", "170.2"), ("ALB", "F", "71.5"))
    sheet = made(
        tmp_path, report_of(here(lines=(3, 2)), here(line=4, severity="note", lines=(4, 2))), {"in/data.csv": table}
    )["data.csv"]
    fills = [sheet[f"C{row}"].fill.fgColor.rgb for row in (2, 3, 4)]
    assert len(set(fills)) == 3
    assert "involved in the finding at line 3" in sheet["C2"].comment.text
