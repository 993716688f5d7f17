"""A report as a workbook for the data owner: the submission with its faulty cells marked, a list, and a summary.

Needs the extra `excel`. Cells stay texts; a comment says what is wrong at a cell, what was expected, and what to do.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from divide_cli.errors import DivideError, SourceError
from divide_cli.errors.text_safety import visible
from divide_cli.frames.atomic_write import moved_into_place
from divide_cli.readers.opening.grid import Grid
from divide_cli.reports import workbook_cells, workbook_lists
from divide_cli.reports.by_file import path_of, rules
from divide_cli.validation.report import Described, Finding, Report

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

SUMMARY, FINDINGS = "Summary", workbook_lists.FINDINGS
LONGEST_NAME = 31


def write(report: Report, described: Mapping[str, Described], path: Path, tables: Mapping[str, Grid]) -> None:
    """Writes the workbook, whole or not at all; DivideError where xlsxwriter is not installed or the path is no file.

    `tables` are the cells of the inputs by the names that findings give them (`reread.tables`); an input that is not
    among them has its findings in the list only.
    """
    try:
        from xlsxwriter.exceptions import FileCreateError
        from xlsxwriter.workbook import Workbook
    except ImportError as error:
        raise DivideError("excel_extra_missing", where=str(path)) from error
    if path.is_dir():
        raise SourceError(
            "output_unwritable",
            what="the workbook",
            expected="a file",
            found="a folder",
            where=str(path),
            hint="name a file",
        )
    with moved_into_place(path, "the workbook") as temporary:
        options = {
            "constant_memory": True,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        }
        book = Workbook(str(temporary), options)
        _fill(book, report, described, tables)
        try:
            book.close()
        except FileCreateError as error:
            raise OSError(*error.args[0].args) from error


def _fill(book: "Workbook", report: Report, described: Mapping[str, Described], tables: Mapping[str, Grid]) -> None:
    known = {name: rule for name, (rule, _) in rules(report, described).items()}
    names = sheet_names(tables, report)
    summary, listed = book.add_worksheet(SUMMARY), book.add_worksheet(FINDINGS)
    looks = workbook_cells.Looks(book)
    by_file: dict[str, list[tuple[int, Finding]]] = {}
    for number, finding in enumerate(report.findings):
        by_file.setdefault(finding.file, []).append((number, finding))
    cells: dict[int, tuple[str, int, int]] = {}
    left: dict[str, Sequence[str]] = {}
    for file, grid in tables.items():
        marks = workbook_cells.marks(grid, by_file.get(file, ()), known)
        workbook_cells.write(book.add_worksheet(names[file]), grid, marks, looks)
        cells |= {number: (names[file], *cell) for number, cell in marks.cells.items()}
        left[file] = marks.left
    sheets: dict[str, list[str]] = {}
    for file in tables:
        sheets.setdefault(path_of(file, report.inputs), []).append(names[file])
    without = [entry.path for entry in report.inputs if not entry.error and entry.path not in sheets]
    left |= {path: ["no sheet: the file has no cells that can be read again"] for path in without}
    workbook_lists.write_findings(listed, report, known, cells, looks)
    workbook_lists.write_summary(summary, report, known, sheets, left, looks)


def sheet_names(files: Collection[str], report: Report) -> dict[str, str]:
    """A name for the sheet of each file: as Excel takes it, unlike all others whatever their case, 31 characters."""
    taken = {SUMMARY.casefold(), FINDINGS.casefold(), "history"}
    made = {}
    for file in files:
        path = path_of(file, report.inputs)
        said = file[len(path) + 1 : -1] if file != path else re.split(r"[/\\]", path)[-1]
        plain = re.sub(r"[\[\]:*?/\\]", "_", visible(said)).strip("' ") or "Sheet"
        name, number = plain[:LONGEST_NAME].rstrip("' "), 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain[: LONGEST_NAME - len(str(number)) - 3].rstrip()} ({number})"
        taken.add(name.casefold())
        made[file] = name
    return made
