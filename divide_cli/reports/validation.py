"""Hands the report of a validation to its reader: on stdout or in a file, in the form asked for."""

import os
import sys
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from divide_cli.errors.text_safety import count_of
from divide_cli.reports import WRITERS, ReportFormat, findings
from divide_cli.reports.excerpts import reread
from divide_cli.reports.tables import Output, tell_written, write
from divide_cli.validation.report import Described, Report


def deliver(
    report: Report,
    described: Mapping[str, Described],
    form: str,
    out: Path | None,
    encoding: str = "",
    fail_on: str = "error",
) -> None:
    """Prints the report, or writes it to `out`, whole or not at all. SourceError where it cannot be written.

    `encoding` is that of the files where it was given: a workbook and a page show their cells. JUnit's failures are the
    findings at or above `fail_on`.
    """
    if form == ReportFormat.xlsx:
        from divide_cli.reports import workbook

        workbook.write(report, described, out or Path(), reread(report, encoding))
        return
    texts = {each: partial(_text, each, report, described, encoding, fail_on) for each in map(str, ReportFormat)}
    write(Output(lambda: findings.blocks(report, described), texts), form, out, "a report")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if form == ReportFormat.github and summary:
        with Path(summary).open("a", encoding="utf-8") as step:
            step.write(findings.text(report, described))


def _text(form: str, report: Report, described: Mapping[str, Described], encoding: str, fail_on: str) -> str:
    """The report in a form of text; of the modules that make them only the one that is needed is imported."""
    module = import_module(f"divide_cli.reports.{WRITERS.get(form, form)}")
    further: tuple[Any, ...] = ()
    if form == ReportFormat.html:
        further = (reread(report, encoding, faulty=True),)
    elif form == ReportFormat.junit:
        further = (fail_on,)
    text: str = module.text(report, described, *further)
    return text


def tell(report: Report, out: Path | None) -> bool:
    """Says on stderr what was found; whether any row could be checked."""
    counts = {severity: findings.open_findings(report, severity) for severity in findings.GRAVEST_FIRST}
    parts = [count_of(count, severity) for severity, count in counts.items() if count]
    files = count_of(len(report.inputs), "file")
    print(f"divide: {files}: {', '.join(parts) or 'nothing found'}", file=sys.stderr)
    for entry in report.inputs:
        if entry.error:
            print(f"divide: error: {entry.error}", file=sys.stderr)
    checked = any(entry.used for entry in report.inputs)
    if not checked and not report.unreadable:
        print("divide: error: no row of any file could be checked, so that this run proves nothing", file=sys.stderr)
    tell_written([out] if out else [])
    return checked
