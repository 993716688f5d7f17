"""Hands the report of a validation to its reader: on stdout or in a file, in the form asked for."""

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from divide_cli.concepts import SEVERITIES
from divide_cli.errors.text_safety import shown
from divide_cli.frames import atomic_write
from divide_cli.reports.excerpts import reread
from divide_cli.validation.report import Described, Report

MODULES = {"table": "findings", "markdown": "findings", "github": "annotations"}
"""Forms of text that are made by a module of another name."""


def deliver(
    report: Report,
    described: Mapping[str, Described],
    form: str,
    out: Path | None,
    encoding: str = "",
    fail_on: str = "error",
) -> None:
    """Prints the report, or writes it to `out`, whole or not at all. SourceError where it cannot be written.

    `encoding` is that of the files where it was given: a workbook and a page show their cells. JUnit's
    failures are the findings at or above `fail_on`.
    """
    if form == "xlsx":
        from divide_cli.reports.workbook import write

        write(report, described, out or Path(), reread(report, encoding))
        return
    if form == "table" and out is None:
        from divide_cli.reports.findings import show

        show(report, described)
        return
    made = _text(form, report, described, encoding, fail_on)
    if out is None:
        sys.stdout.write(made if made.endswith("\n") or not made else made + "\n")
    else:
        _write(made, out)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if form == "github" and summary:
        with Path(summary).open("a", encoding="utf-8") as step:
            step.write(_text("markdown", report, described, encoding))


def _text(form: str, report: Report, described: Mapping[str, Described], encoding: str, fail_on: str = "error") -> str:
    """The report in a form of text; of the modules that make them only the one that is needed is imported."""
    if form == "html":
        from divide_cli.reports import html

        return html.text(report, described, reread(report, encoding, faulty=True))
    if form == "junit":
        from divide_cli.reports import junit

        return junit.text(report, described, fail_on)
    made: str = import_module(f"divide_cli.reports.{MODULES.get(form, form)}").text(report, described)
    return made


def _write(made: str, path: Path) -> None:
    atomic_write.texts({path: made}, "a report")


def told(report: Report, out: Path | None) -> bool:
    """Says on stderr what was found; whether any row could be checked."""
    counts = dict.fromkeys(reversed(SEVERITIES), 0)
    for tally in report.summary:
        counts[tally.severity] += tally.count - tally.waived
    parts = [f"{count:,} {name}{'s' * (count != 1)}" for name, count in counts.items() if count]
    files = f"{len(report.inputs)} file{'s' * (len(report.inputs) != 1)}"
    print(f"divide: {files}: {', '.join(parts) or 'nothing found'}", file=sys.stderr)
    for entry in report.inputs:
        if entry.error:
            print(f"divide: error: {entry.error}", file=sys.stderr)
    checked = any(entry.used for entry in report.inputs)
    if not checked and not report.unreadable:
        print("divide: error: no row of any file could be checked, so that this run proves nothing", file=sys.stderr)
    if out is not None:
        print(f"wrote {shown(str(out))}", file=sys.stderr)
    return checked
