"""A report as a workbook for the data owner: the submission with its faulty cells marked, a list, and a summary.

It needs the extra `excel`. The list of findings can be sorted and filtered.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from divide_cli import language
from divide_cli.errors.text_safety import CELL, MESSAGE, shown, visible
from divide_cli.language import commas, later, remarked, say
from divide_cli.readers.opening import Grid
from divide_cli.readers.opening.workbook import column_letters
from divide_cli.reports import findings, workbook_cells
from divide_cli.reports.findings import sentence
from divide_cli.reports.json import versions
from divide_cli.validation.report import Described, Finding, Report

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

SUMMARY, FINDINGS = "Summary", "Findings"
LONGEST_NAME = 31


def write(
    report: Report, described: Mapping[str, Described], path: Path, tables: Mapping[str, Grid], safe: bool = False
) -> None:
    """Writes the workbook, whole or not at all; DivideError if xlsxwriter is not installed or the path is not a file.

    `tables` are the cells of the inputs by the names that findings give them (`excerpts.reread`). The findings of an
    input without a table are in the list only. If `safe`, cells that begin like a formula have an apostrophe too.
    """
    with workbook_cells.new_workbook(path, say("the workbook"), constant_memory=True) as book:
        _fill(book, report, described, tables, workbook_cells.Looks(book, safe))


def _fill(
    book: "Workbook",
    report: Report,
    described: Mapping[str, Described],
    tables: Mapping[str, Grid],
    looks: workbook_cells.Looks,
) -> None:
    described = {name: rule for name, (rule, _) in findings.rules(report, described).items()}
    names = sheet_names(tables, report)
    summary, listing = book.add_worksheet(SUMMARY), book.add_worksheet(FINDINGS)
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
        sheets.setdefault(findings.path_of(file, report.inputs), []).append(names[file])
    without = [entry.path for entry in report.inputs if not entry.error and entry.path not in sheets]
    left |= {path: [say("no sheet: the cells of the file cannot be read again")] for path in without}
    write_findings(listing, report, described, cells, looks)
    write_summary(summary, report, described, sheets, left, looks)


def sheet_names(files: Collection[str], report: Report) -> dict[str, str]:
    """A name for the sheet of each file: allowed by Excel, at most 31 characters, unique in any case."""
    taken = {SUMMARY.casefold(), FINDINGS.casefold(), "history"}
    names = {}
    for file in files:
        path = findings.path_of(file, report.inputs)
        text = file[len(path) + 1 : -1] if file != path else re.split(r"[/\\]", path)[-1]
        plain = re.sub(r"[\[\]:*?/\\]", "_", visible(text)).strip("' ") or "Sheet"
        name, number = plain[:LONGEST_NAME].rstrip("' "), 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain[: LONGEST_NAME - len(str(number)) - 3].rstrip()} ({number})"
        taken.add(name.casefold())
        names[file] = name
    return names


LINKS = 65_000
"""Links of a sheet; Excel allows 65,530."""
Cells = Mapping[int, tuple[str, int, int]]


def write_findings(
    sheet: "Worksheet", report: Report, described: Mapping[str, Described], cells: Cells, looks: workbook_cells.Looks
) -> None:
    """Writes a row for each listed finding, with a link to its cell; the header stays visible and has filters."""
    widths, formats = findings.texts()["list"], looks.by_name
    listed = sorted(enumerate(report.findings), key=_rank)[: workbook_cells.ROWS - 1]
    blank: dict[str, str | int] = dict.fromkeys(widths, "")
    rows = [blank | _row(finding, described[finding.rule], report) for _, finding in listed]
    always = ("Cell", [*widths][-1])
    names = [name for name in widths if name in always or not rows or any(row[name] for row in rows)]
    for column, name in enumerate(names):
        sheet.set_column(column, column, widths[name])
        sheet.write_string(0, column, language.translated("texts.list", name), formats["list_columns"])
    several = len({name for name, _, _ in cells.values()}) > 1
    links = 0
    for at, ((place, finding), row) in enumerate(zip(listed, rows, strict=True), start=1):
        kind = workbook_cells.ACCEPTED if finding.waiver else finding.severity
        sheet.set_row(at, workbook_cells.height([str(row[name]) for name in names], [widths[name] for name in names]))
        for column, cell_text in enumerate(row[name] for name in names):
            if isinstance(cell_text, int):
                sheet.write_number(at, column, cell_text, formats["line"])
            elif cell_text:
                look = formats["wrapped"] if column else looks.of(kind)
                sheet.write_string(at, column, looks.text(cell_text), look)
        if place in cells and links < LINKS:
            links += 1
            name, line, beside = cells[place]
            cell = f"{column_letters(beside)}{line + 1}"
            target = name.replace("'", "''")
            link_text = f"{name}!{cell}" if several else cell
            sheet.write_url(at, 1, f"internal:'{target}'!{cell}", formats["link"], link_text, say("Go to the cell"))
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(rows), 1), len(names) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{workbook_cells.ROWS}"})
    sheet.repeat_rows(0)
    workbook_cells.on_paper(sheet)


def _rank(entry: tuple[int, Finding]) -> tuple[bool, int]:
    """Errors first, then warnings, then notes; accepted ones last."""
    return bool(entry[1].waiver), findings.GRAVEST_FIRST.index(entry[1].severity)


def _row(finding: Finding, rule: Described, report: Report) -> dict[str, str | int]:
    """The cells of a finding by the names of their columns, without the last column, which the reader fills in."""
    others = [line for line in finding.lines if line != finding.line]
    waiver = finding.waiver
    alone = len(report.inputs) == 1 and finding.file == report.inputs[0].path
    return {
        "Severity": remarked(say(finding.severity), say(workbook_cells.ACCEPTED)) if waiver else say(finding.severity),
        "Cell": "" if finding.line else say("whole file"),
        "File": "" if alone else shown(finding.file),
        "Line": finding.line or "",
        "Column": shown(finding.column),
        "Rule": shown(sentence(rule.name)),
        "What is wrong": shown(sentence(finding.message), MESSAGE),
        "What to do": shown(sentence(finding.hint or rule.hint), MESSAGE),
        "Expected": shown(finding.expected),
        "Found": shown(finding.found),
        "About": shown(" · ".join(findings.about(finding.key)), MESSAGE),
        "Other lines": commas(map(str, others[:CELL])),
        "Why it matters": shown(sentence(rule.reason), MESSAGE),
        "Accepted": shown(findings.acceptance(waiver), MESSAGE) if waiver else "",
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
    writer.line(say("Findings in the data"), "title")
    guide = say(" To read what is wrong, point at a marked cell. The sheet Findings lists them.")
    writer.line(f"{sentence(findings.totals(report))}.{guide if report.findings else ''}")
    writer.steps(findings.steps(report, copy=True))
    used = {workbook_cells.ACCEPTED if finding.waiver else finding.severity for finding in report.findings}
    used |= {workbook_cells.INVOLVED for finding in report.findings if len(finding.lines) > 1}
    meanings = [(kind, mark["meaning"]) for kind, mark in findings.texts()["marks"].items() if kind in used]
    writer.table(later("How cells are marked"), (), meanings, kinds=True)
    writer.table(
        "Files",
        ("File", "Sheet", "Layout", "Rows", "Used", "Ignored", "Rejected", "Why it could not be read"),
        [
            (entry.path, _named(entry.path, sheets, report), findings.layout(entry.dataflow), entry.rows, entry.used,
             entry.ignored, entry.refused, sentence(findings.reading_error(entry)))
            for entry in report.inputs
        ],
    )  # fmt: skip
    names = {rule: sentence(entry.name) for rule, entry in described.items()}
    rows = [
        (names[one.rule], say(one.severity), one.count, one.waived, one.count - one.listed) for one in report.summary
    ]
    writer.table(later("What is wrong, by rule"), ("Rule", "Severity", "Findings", "Accepted", "Not listed here"), rows)
    omissions = [(file, text) for file, texts in left_out.items() for text in texts]
    beyond = len(report.findings) - workbook_cells.ROWS + 1
    if beyond > 0:
        omissions.append(
            (FINDINGS, say("findings that are not in the list, because the sheet is full: {beyond:,}", beyond=beyond))
        )
    writer.table(later("What this workbook leaves out"), ("File", "Left out"), omissions)
    without = findings.not_checked(report, only_given=True)
    reasons = [(names[rule], checks, sentence(reason)) for rule, checks, reason in without]
    writer.table(later("What was not checked, and why"), ("Rule", "Checks", "Why"), reasons)
    writer.table(
        say("For the person who checks the file (made by divide {divide})", divide=versions()["divide"]),
        ("File", "Layout id", "Bytes", "SHA-256"),
        [(entry.path, entry.dataflow, entry.size, entry.sha256) for entry in report.inputs if entry.sha256],
    )
    writer.table("", ("Rule", "Rule id"), [(names[tally.rule], tally.rule) for tally in report.summary])


def _named(path: str, sheets: Mapping[str, Sequence[str]], report: Report) -> str:
    """The sheets of a file; empty for one file with one sheet."""
    names = sheets.get(path, ())
    return "" if len(report.inputs) == 1 and len(names) == 1 else commas(names)
