"""A report as a workbook for the data owner: the submission with its faulty cells marked, a list, and a summary.

Needs the extra `excel`. The list of findings can be sorted and filtered.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from divide_cli.errors.text_safety import CELL, MESSAGE, shown, visible
from divide_cli.readers.opening import Grid
from divide_cli.readers.opening.workbook import column_letters
from divide_cli.reports import workbook_cells
from divide_cli.reports.findings import (
    GRAVEST_FIRST,
    about,
    acceptance,
    layout,
    not_checked,
    path_of,
    reading_error,
    rules,
    sentence,
    steps,
    totals,
)
from divide_cli.reports.json import versions
from divide_cli.validation.report import Described, Finding, Report

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

SUMMARY = "Summary"
LONGEST_NAME = 31


def write(report: Report, described: Mapping[str, Described], path: Path, tables: Mapping[str, Grid]) -> None:
    """Writes the workbook, whole or not at all; DivideError where xlsxwriter is not installed or the path is no file.

    `tables` are the cells of the inputs by the names that findings give them (`excerpts.reread`); an input that is not
    among them has its findings in the list only.
    """
    with workbook_cells.new_workbook(path, "the workbook", constant_memory=True) as book:
        _fill(book, report, described, tables)


def _fill(book: "Workbook", report: Report, described: Mapping[str, Described], tables: Mapping[str, Grid]) -> None:
    described = {name: rule for name, (rule, _) in rules(report, described).items()}
    names = sheet_names(tables, report)
    summary, findings = book.add_worksheet(SUMMARY), book.add_worksheet(FINDINGS)
    looks = workbook_cells.Looks(book)
    by_file: dict[str, list[tuple[int, Finding]]] = {}
    for number, finding in enumerate(report.findings):
        by_file.setdefault(finding.file, []).append((number, finding))
    cells: dict[int, tuple[str, int, int]] = {}
    left: dict[str, Sequence[str]] = {}
    for file, grid in tables.items():
        marks = workbook_cells.marks_of(grid, by_file.get(file, ()), described)
        workbook_cells.write(book.add_worksheet(names[file]), grid, marks, looks)
        cells |= {number: (names[file], *cell) for number, cell in marks.cells.items()}
        left[file] = marks.left
    sheets: dict[str, list[str]] = {}
    for file in tables:
        sheets.setdefault(path_of(file, report.inputs), []).append(names[file])
    without = [entry.path for entry in report.inputs if not entry.error and entry.path not in sheets]
    left |= {path: ["no sheet: the file has no cells that can be read again"] for path in without}
    write_findings(findings, report, described, cells, looks)
    write_summary(summary, report, described, sheets, left, looks)


def sheet_names(files: Collection[str], report: Report) -> dict[str, str]:
    """A name for the sheet of each file: as Excel takes it, unlike all others whatever their case, 31 characters."""
    taken = {SUMMARY.casefold(), FINDINGS.casefold(), "history"}
    names = {}
    for file in files:
        path = path_of(file, report.inputs)
        text = file[len(path) + 1 : -1] if file != path else re.split(r"[/\\]", path)[-1]
        plain = re.sub(r"[\[\]:*?/\\]", "_", visible(text)).strip("' ") or "Sheet"
        name, number = plain[:LONGEST_NAME].rstrip("' "), 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain[: LONGEST_NAME - len(str(number)) - 3].rstrip()} ({number})"
        taken.add(name.casefold())
        names[file] = name
    return names


FINDINGS = "Findings"
ANSWER = "Your answer (mended, or right because ...)"
LINKS = 65_000
"""Links of a sheet; Excel takes 65,530."""
_COLUMNS = {
    "Severity": 12, "Cell": 14, "File": 26, "Line": 7, "Column": 15, "Finding": 30, "What is wrong": 46,
    "What to do": 46, "Expected": 20, "Found": 18, "What it is about": 38, "Other lines": 14, "Why it matters": 40,
    "Accepted": 30, ANSWER: 40,
}  # fmt: skip
"""The columns of the list and how wide they are; empty ones are left out, but for the one to be filled in."""
MEANINGS = (
    ("error", "cannot be right: to be mended"),
    ("warning", "probably wrong: to be compared with the source, then mended or confirmed"),
    ("note", "small or unusual: worth a look; the data can be used as they are"),
    (workbook_cells.ACCEPTED, "found, and accepted for a reason that is given"),
    (workbook_cells.INVOLVED, "another row that a finding is judged by: it may be right"),
)
Cells = Mapping[int, tuple[str, int, int]]


def write_findings(
    sheet: "Worksheet", report: Report, described: Mapping[str, Described], cells: Cells, looks: workbook_cells.Looks
) -> None:
    """Writes every listed finding on a row, with a link to its cell; the header stays in sight, and filters."""
    head = looks.book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 2, "bg_color": "#EDEFF2"})
    text = looks.book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    number = looks.book.add_format({"valign": "top", "align": "left"})
    link = looks.book.add_format({"font_color": "#0A4A82", "underline": 1, "valign": "top"})
    listed = in_order(report.findings)[: workbook_cells.ROWS - 1]
    rows = [_row(finding, described[finding.rule], report) for _, finding in listed]
    names = [name for name in _COLUMNS if name in ("Cell", ANSWER) or not rows or any(row[name] for row in rows)]
    for column, name in enumerate(names):
        sheet.set_column(column, column, _COLUMNS[name])
        sheet.write_string(0, column, name, head)
    several = len({name for name, _, _ in cells.values()}) > 1
    links = 0
    for at, ((place, finding), row) in enumerate(zip(listed, rows, strict=True), start=1):
        kind = workbook_cells.ACCEPTED if finding.waiver else finding.severity
        sheet.set_row(at, workbook_cells.height([str(row[name]) for name in names], [_COLUMNS[name] for name in names]))
        for column, cell_text in enumerate(row[name] for name in names):
            if isinstance(cell_text, int):
                sheet.write_number(at, column, cell_text, number)
            elif cell_text:
                sheet.write_string(at, column, workbook_cells.fit(cell_text), looks.of(kind) if column == 0 else text)
        if place in cells and links < LINKS:
            links += 1
            name, line, beside = cells[place]
            cell = f"{column_letters(beside)}{line + 1}"
            target = name.replace("'", "''")
            link_text = f"{name}!{cell}" if several else cell
            sheet.write_url(at, 1, f"internal:'{target}'!{cell}", link, link_text, "Go to the cell")
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(rows), 1), len(names) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{workbook_cells.ROWS}"})
    sheet.repeat_rows(0)
    workbook_cells.on_paper(sheet)


def in_order(findings: Sequence[Finding]) -> list[tuple[int, Finding]]:
    """The findings with their places in the report: errors first, then warnings, then notes; accepted ones last."""
    return sorted(
        enumerate(findings), key=lambda entry: (bool(entry[1].waiver), GRAVEST_FIRST.index(entry[1].severity))
    )


def _row(finding: Finding, rule: Described, report: Report) -> dict[str, str | int]:
    """The cells of a finding by the names of their columns."""
    others = [line for line in finding.lines if line != finding.line]
    waiver = finding.waiver
    alone = len(report.inputs) == 1 and finding.file == report.inputs[0].path
    return {
        "Severity": f"{finding.severity} ({workbook_cells.ACCEPTED})" if waiver else finding.severity,
        "Cell": "" if finding.line else "whole file",
        "File": "" if alone else shown(finding.file),
        "Line": finding.line or "",
        "Column": shown(finding.column),
        "Finding": shown(sentence(rule.name)),
        "What is wrong": shown(sentence(finding.message), MESSAGE),
        "What to do": shown(sentence(finding.hint or rule.hint), MESSAGE),
        "Expected": shown(finding.expected),
        "Found": shown(finding.found),
        "What it is about": shown(" · ".join(about(finding.key)), MESSAGE),
        "Other lines": ", ".join(map(str, others[:CELL])),
        "Why it matters": shown(sentence(rule.reason), MESSAGE),
        ANSWER: "",
        "Accepted": shown(acceptance(waiver), MESSAGE) if waiver else "",
    }


def write_summary(
    sheet: "Worksheet",
    report: Report,
    described: Mapping[str, Described],
    sheets: Mapping[str, Sequence[str]],
    left_out: Mapping[str, Sequence[str]],
    looks: workbook_cells.Looks,
) -> None:
    """Writes what to do, the files, the rules broken, what is left out, what was not checked, and the codes."""
    writer = workbook_cells.Writer(sheet, looks)
    writer.title("What was found in the data")
    writer.line(
        f"{sentence(totals(report))}. Point at a marked cell to read what is wrong; the sheet Findings lists all."
    )
    writer.steps(steps(report, copy=True))
    writer.table("How cells are marked", (), MEANINGS, kinds=True)
    writer.table(
        "Files",
        ("File", "Sheet", "Read as", "Rows", "Used", "Ignored", "Refused", "Why it was not read"),
        [
            (entry.path, _named(entry.path, sheets, report), layout(entry.dataflow), entry.rows, entry.used,
             entry.ignored, entry.refused, sentence(reading_error(entry)))
            for entry in report.inputs
        ],
    )  # fmt: skip
    writer.table(
        "What is wrong, by rule",
        ("Rule", "Severity", "Findings", "Accepted", "Not listed here"),
        [
            (
                sentence(described[tally.rule].name),
                tally.severity,
                tally.count,
                tally.waived,
                tally.count - tally.listed,
            )
            for tally in report.summary
        ],
    )
    omissions = [(file, text) for file, texts in left_out.items() for text in texts]
    beyond = len(report.findings) - workbook_cells.ROWS + 1
    if beyond > 0:
        omissions.append((FINDINGS, f"findings left out of the list, where a sheet ends: {beyond:,}"))
    writer.table("What this workbook leaves out", ("File", "What"), omissions)
    rows = [
        (sentence(described[rule].name), cases, sentence(reason))
        for rule, cases, reason in not_checked(report, only_given=True)
    ]  # fmt: skip
    writer.table("What was not checked, and why", ("Rule", "Cases", "Why"), rows)
    writer.table(
        f"For whoever checks the file (made by divide {versions()['divide']})",
        ("File", "Layout", "Bytes", "SHA-256"),
        [(entry.path, entry.dataflow, entry.size, entry.sha256) for entry in report.inputs if entry.sha256],
    )
    writer.table("", ("Rule", "Id"), [(sentence(described[tally.rule].name), tally.rule) for tally in report.summary])


def _named(path: str, sheets: Mapping[str, Sequence[str]], report: Report) -> str:
    """The sheets of a file; nothing where there is one file with one sheet."""
    names = sheets.get(path, ())
    return "" if len(report.inputs) == 1 and len(names) == 1 else ", ".join(names)
