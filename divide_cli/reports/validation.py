"""Delivers the report of a validation, and the rules as a table, as YAML for --rules, or as VTL.

They go to stdout or a file, in the format requested.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import NODEFAULT, structs, to_builtins

from divide_cli.catalogue import Rule
from divide_cli.errors import SourceError, reason_of
from divide_cli.errors.text_safety import count_of, shown
from divide_cli.language import commas, say
from divide_cli.reports import WRITERS, ReportFormat, findings
from divide_cli.reports.tables import Block, Output, tell_written, write
from divide_cli.validation.report import Described, Report

if TYPE_CHECKING:
    import pandas as pd


def deliver(
    report: Report, described: Mapping[str, Described], form: str, out: Path | None, encoding: str, fail_on: str,
    safe: bool = False,
) -> None:  # fmt: skip
    """Prints the report, or writes it to `out`, complete or not at all. Raises SourceError if that fails.

    `encoding` is that of the files, if it was given: a workbook and a page show their cells. JUnit's failures are the
    findings at or above `fail_on`. If `safe`, cells of a workbook that begin like a formula are marked.
    """
    if form == ReportFormat.xlsx:
        from divide_cli.reports import excerpts, workbook

        workbook.write(report, described, out or Path(), excerpts.reread(report, encoding), safe)
        return
    write(output(report, described, encoding, fail_on), form, out, say("the report"))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if form == ReportFormat.github and summary:
        try:
            with Path(summary).open("a", encoding="utf-8") as step:
                step.write(findings.text(report, described))
        except OSError as error:
            parts = {"what": say("the step summary"), "hint": say("check the variable GITHUB_STEP_SUMMARY")}
            raise SourceError("output_unwritable", found=reason_of(error), where=summary, **parts) from error


def output(report: Report, described: Mapping[str, Described], encoding: str, fail_on: str) -> Output:
    """The report as tables, and as text in every other format but the workbook."""
    texts = {each: partial(_text, each, report, described, encoding, fail_on) for each in map(str, ReportFormat)}
    return Output(lambda: findings.blocks(report, described), texts, partial(_frames, report))


TALLIES = ("rule", "severity", "count", "waived", "listed")


def _frames(report: Report) -> "dict[str, pd.DataFrame]":
    """The findings that are listed, and the counts of each rule that was broken."""
    import pandas as pd

    counts = [[getattr(tally, name) for name in TALLIES] for tally in report.summary]
    summary = pd.DataFrame(counts, columns=[name.upper() for name in TALLIES])
    return {"findings": findings.findings_frame(report.findings), "summary": summary}


def _text(
    form: str, report: Report, described: Mapping[str, Described], encoding: str, fail_on: str
) -> str | Iterator[str]:
    """The report in a text format, in pieces if its module has them; only the module that writes it is imported."""
    module = import_module(f"divide_cli.reports.{WRITERS.get(form, form)}")
    if hasattr(module, "pieces"):
        pieces: Iterator[str] = module.pieces(report, described)
        return pieces
    further: tuple[Any, ...] = ()
    if form == ReportFormat.html:
        from divide_cli.reports import excerpts

        further = (excerpts.reread(report, encoding, faulty=True),)
    elif form == ReportFormat.junit:
        further = (fail_on,)
    text: str = module.text(report, described, *further)
    return text


def tell(report: Report, *out: Path | None) -> None:
    """Reports on stderr the counts, the files that cannot be read, and what was written."""
    counts = {severity: findings.open_findings(report, severity) for severity in findings.GRAVEST_FIRST}
    parts = [count_of(count, severity) for severity, count in counts.items() if count]
    files = count_of(len(report.inputs), "file")
    print(say("divide: {files}: {parts}", files=files, parts=commas(parts) or say("no findings")), file=sys.stderr)
    for entry in report.inputs:
        if entry.encoding:
            print(
                say("divide: {path}: {encoding}", path=shown(entry.path), encoding=shown(entry.encoding)),
                file=sys.stderr,
            )
        if entry.error:
            print(say("divide: error: {error}", error=entry.error), file=sys.stderr)
    checked = any(entry.used for entry in report.inputs)
    if not checked and not report.unreadable:
        print(say("divide: error: no row of any file could be checked, so this result proves nothing"), file=sys.stderr)
    tell_written([path for path in out if path])


def rule_table(rules: Sequence[Rule]) -> list[Block]:
    """One row a rule, in the order in which they are applied."""
    rows: list[tuple[str, ...]] = []
    for rule in rules:
        tolerance = f" ({rule.tolerance:g})" if rule.tolerance else ""
        rows.append((say(rule.severity), rule.id, rule.name, f"{rule.kind}{tolerance}"))
    columns, whole = (
        ("Severity", "Rule", say("What is wrong"), say("Kind (tolerance)")),
        frozenset({"Rule", say("Kind (tolerance)")}),
    )
    note = say("`divide show RULE` prints one rule. `--format yaml` prints entries in the format that --rules takes.")
    return [Block(count_of(len(rules), "rule"), columns, rows, notes=(note,), whole=whole)]


def rules_as_yaml(rules: Sequence[Rule]) -> str:
    """The rules as entries of a file for --rules; default values are left out."""
    import yaml  # here, since listing the catalogue does not need it

    class Dumper(yaml.SafeDumper):
        """Repeats each list: an alias saves a line and costs the reader a search."""

        def ignore_aliases(self, _data: Any) -> bool:
            """No value is replaced by an alias."""
            return True

    usual = {}
    for field in structs.fields(Rule):
        usual[field.name] = field.default if field.default_factory is NODEFAULT else field.default_factory()
    entries = {
        rule.id: {
            name: to_builtins(value)
            for name, value in structs.asdict(rule).items()
            if name != "id" and value != usual[name]
        }
        for rule in rules
    }
    return yaml.dump(entries, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=120)


def deliver_rules(rules: Sequence[Rule], form: str, out: Path | None) -> None:
    """Prints the rules, or writes them to `out`, complete or not at all. Raises SourceError if that fails."""
    texts: dict[str, Callable[[], str]] = {
        "yaml": lambda: rules_as_yaml(rules),
        "vtl": lambda: str(import_module("divide_cli.validation.rules").as_vtl(rules)),
    }
    write(Output(lambda: rule_table(rules), texts), form, out, say("the rules"))
    tell_written([out] if out else [])
