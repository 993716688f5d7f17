"""The sheets beside the submission: the findings as a list that can be sorted and filtered, and the summary."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from divide_cli.findings import Described, Finding, Report
from divide_cli.plain import CELL, MESSAGE, shown
from divide_cli.render.by_file import CONCEPTS, key_in_codes, key_in_words, not_checked, totals, why
from divide_cli.render.findings_json import versions
from divide_cli.render.workbook_cells import ACCEPTED, ROWS, Looks, fit

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

FINDINGS = "Findings"
LINKS = 65_000
"""Links of a sheet; Excel takes 65,530."""
_COLUMNS = {
    "Severity": 19,
    "Cell": 22,
    "File": 26,
    "Line": 8,
    "Column": 16,
    "What is wrong": 46,
    "What to do": 46,
    "Expected": 20,
    "Found": 20,
    **dict.fromkeys(CONCEPTS.values(), 16),
    "Other dimensions": 16,
    "Codes": 30,
    "Other lines": 14,
    "Accepted": 30,
    "Rule": 22,
}
"""The columns of the list and how wide they are."""
_PRINTED = 9
"""The first columns of the list, which are printed."""
Cells = Mapping[int, tuple[str, int, int]]


def write_findings(
    sheet: "Worksheet", report: Report, known: Mapping[str, Described], cells: Cells, looks: Looks
) -> None:
    """Every listed finding on a row, with a link to its cell; the header stays in sight, and filters."""
    head = looks.book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 2, "bg_color": "#EDEFF2"})
    text = looks.book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    number = looks.book.add_format({"valign": "top", "align": "left"})
    link = looks.book.add_format({"font_color": "#0A4A82", "underline": 1, "valign": "top"})
    for column, (name, width) in enumerate(_COLUMNS.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    findings = report.findings[: ROWS - 1]
    links = 0
    for row, finding in enumerate(findings, start=1):
        kind = ACCEPTED if finding.waiver else finding.severity
        for column, said in enumerate(_row(finding, known[finding.rule]).values()):
            if isinstance(said, int):
                sheet.write_number(row, column, said, number)
            elif said:
                sheet.write_string(row, column, fit(said), looks.of(kind) if column == 0 else text)
        if (place := cells.get(row - 1)) and links < LINKS:
            links += 1
            name, at, beside = place
            cell = f"{_letters(beside)}{at + 1}"
            target = name.replace("'", "''")
            sheet.write_url(row, 1, f"internal:'{target}'!{cell}", link, f"{name}!{cell}", "Go to the cell")
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(findings), 1), len(_COLUMNS) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{ROWS}"})
    sheet.print_area(0, 0, max(len(findings), 1), _PRINTED - 1)
    sheet.repeat_rows(0)
    _on_paper(sheet)


def _on_paper(sheet: "Worksheet") -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def _letters(column: int) -> str:
    made, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        made = chr(ord("A") + rest) + made
    return made


def _row(finding: Finding, rule: Described) -> dict[str, str | int]:
    """The cells of a finding by the names of their columns."""
    words = key_in_words(finding.key)
    others = [line for line in finding.lines if line != finding.line]
    waiver = finding.waiver
    further = "; ".join(f"{name}: {word}" for name, word in words.items() if name not in CONCEPTS.values())
    return {
        "Severity": f"{finding.severity} ({ACCEPTED})" if waiver else finding.severity,
        "Cell": "" if finding.line else "whole file",
        "File": shown(finding.file),
        "Line": finding.line or "",
        "Column": shown(finding.column),
        "What is wrong": shown(finding.message, MESSAGE),
        "What to do": shown(finding.hint or rule.hint, MESSAGE),
        "Expected": shown(finding.expected),
        "Found": shown(finding.found),
        **{name: shown(words.get(name, "")) for name in CONCEPTS.values()},
        "Other dimensions": shown(further),
        "Codes": shown(key_in_codes(finding.key)),
        "Other lines": ", ".join(map(str, others[:CELL])),
        "Accepted": shown(f"{waiver.reason} ({waiver.owner}, until {waiver.expires})", MESSAGE) if waiver else "",
        "Rule": shown(finding.rule),
    }


def write_summary(
    sheet: "Worksheet",
    report: Report,
    known: Mapping[str, Described],
    sheets: Mapping[str, Sequence[str]],
    left: Mapping[str, Sequence[str]],
    looks: Looks,
) -> None:
    """The counts, the files and their `sheets`, the rules broken, what was not checked, what is left out."""
    writer = _Writer(sheet, looks)
    writer.title("What was found in the data")
    told = versions()
    writer.line(f"{totals(report)}. Made by divide {told['divide']}.")
    writer.line(
        "Mend the marked cells in your own file: this is a copy, whose cells are all texts. "
        "Point at a marked cell to read what is wrong with it; the sheet Findings lists all."
    )
    for kind, meaning in (
        ("error", "cannot be right: to be mended"),
        ("warning", "probably wrong: to be compared with the source, then mended or confirmed"),
        ("note", "unusual: worth a look"),
        (ACCEPTED, "found, and accepted for a reason that is given"),
    ):
        writer.row((kind, meaning), kind)
    writer.table(
        "Files",
        ("File", "Sheet", "Read as", "Rows", "Used", "Ignored", "Refused", "Bytes", "Why it was not read", "SHA-256"),
        [
            (entry.path, ", ".join(sheets.get(entry.path, ())), entry.dataflow, entry.rows, entry.used, entry.ignored,
             entry.refused, entry.size, why(entry), entry.sha256)
            for entry in report.inputs
        ],
    )  # fmt: skip
    writer.table(
        "Rules that are broken",
        ("Rule", "Severity", "Findings", "Accepted", "Listed here", "Id"),
        [
            (known[tally.rule].name, tally.severity, tally.count, tally.waived, tally.listed, tally.rule)
            for tally in report.summary
        ],
    )
    rows = [(known[rule].name, cases, reason) for rule, cases, reason in not_checked(report)]
    writer.table("What was not checked, and why", ("Rule", "Cases", "Why"), rows)
    lacking = [(file, said) for file, texts in left.items() for said in texts]
    if len(report.findings) > ROWS - 1:
        lacking.append(
            (FINDINGS, f"findings left out of the list, where a sheet ends: {len(report.findings) - ROWS + 1:,}")
        )
    writer.table("What this workbook leaves out", ("File", "What"), lacking)


class _Writer:
    """Writes a sheet from top to bottom."""

    def __init__(self, sheet: "Worksheet", looks: Looks) -> None:
        self.sheet, self.looks, self.at = sheet, looks, 0
        add = looks.book.add_format
        self.big = add({"bold": True, "font_size": 16})
        self.head = add({"bold": True, "font_size": 12})
        self.name = add({"bold": True, "bottom": 1, "bg_color": "#EDEFF2", "valign": "top"})
        self.text = add({"num_format": "@", "valign": "top"})
        self.number = add({"num_format": "#,##0", "valign": "top", "align": "left"})
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 2, 24)
        sheet.set_column(3, 7, 12)
        sheet.set_column(8, 8, 26)
        sheet.set_column(9, 9, 66)
        _on_paper(sheet)

    def title(self, said: str) -> None:
        self.sheet.write_string(self.at, 0, said, self.big)
        self.at += 1

    def line(self, said: str) -> None:
        self.sheet.write_string(self.at, 0, fit(shown(said, MESSAGE)), self.text)
        self.at += 1

    def row(self, cells: Sequence[str | int], kind: str = "") -> None:
        for column, said in enumerate(cells):
            if isinstance(said, int):
                self.sheet.write_number(self.at, column, said, self.number)
            elif said:
                look = self.looks.of(kind) if kind and not column else self.text
                self.sheet.write_string(self.at, column, fit(shown(said, MESSAGE)), look)
        self.at += 1

    def table(self, title: str, names: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
        """A table below an empty row; nothing where it has no rows."""
        if not rows:
            return
        self.at += 1
        self.sheet.write_string(self.at, 0, title, self.head)
        for column, name in enumerate(names):
            self.sheet.write_string(self.at + 1, column, name, self.name)
        self.at += 2
        for row in rows:
            self.row(row)
