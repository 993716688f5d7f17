"""`divide validate`: what is wrong with a submission, where, how grave, and what to do."""

import gc
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from divide_cli.cli.options import known_values

Many = Optional[list[str]]  # noqa: UP045 (typer reads the annotation at run time)
One = Optional[Path]  # noqa: UP045


class Severity(StrEnum):
    """How grave a finding is."""

    error = "error"
    warning = "warning"
    note = "note"


class Form(StrEnum):
    """Forms of the report."""

    table = "table"
    json = "json"
    sarif = "sarif"
    junit = "junit"
    github = "github"
    markdown = "markdown"
    html = "html"
    xlsx = "xlsx"


def validate(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files to check (- is standard input).")],
    previous: Annotated[One, typer.Option(help="An earlier submission to compare with, key by key.")] = None,
    rules: Annotated[Many, typer.Option(help="YAML with rules of your own, in the form of rules.yaml; repeat.")] = None,
    only: Annotated[Many, typer.Option(help="Apply this rule only; repeat for more (divide list rules).")] = None,
    skip: Annotated[Many, typer.Option(help="Do not apply this rule; repeat for more.")] = None,
    fail_on: Annotated[
        Severity, typer.Option("--fail-on", help="The least grave finding that makes the exit code 1.")
    ] = Severity.error,
    waivers: Annotated[One, typer.Option(help="YAML of accepted findings: rule, key, reason, owner, expires.")] = None,
    format: Annotated[Form, typer.Option(help="Form of the report; xlsx needs --out.")] = Form.table,
    out: Annotated[One, typer.Option(help="File to write the report to. [default: standard output]")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Findings listed for each rule; 0: all. Counts are exact.")] = 100,
    indicator: Annotated[str, typer.Option(help="Indicator of a file that does not say it.")] = "",
    area: Annotated[str, typer.Option(help="Economy (ISO alpha-3) of a file that does not say it.")] = "",
    dataflow: Annotated[str, typer.Option(help="Layout to read as, whatever the file looks like.")] = "",
    encoding: Annotated[str, typer.Option(help="Encoding, whatever the bytes look like: windows-1251.")] = "",
) -> None:
    """Check submissions: every finding with file, line, column, rule, severity, expected, found and what to do.

    Exit code 0 where nothing at or above --fail-on is found, 1 where something is, or where no row could be checked, 3
    where a file cannot be read or understood.
    """
    gc.disable()  # importing makes a million objects and no garbage: an eighth of the time would go into looking for it
    from divide_cli.catalogue import catalogue, codelist

    known = catalogue()
    known_values("--indicator", [indicator] if indicator else (), known.indicators, "indicators")
    known_values("--area", [area] if area else (), codelist("CL_AREA").codes, "areas")
    known_values("--dataflow", [dataflow] if dataflow else (), known.dataflows, "dataflows")
    _require_out(format, out)

    from divide_cli.cli.chosen_rules import chosen, described

    applied, skipped = chosen(rules or (), only or (), skip or ())

    sys.modules.setdefault("hypothesis", None)  # type: ignore[arg-type]  # pandera would import it, for nothing here
    from divide_cli.readers import ReadOptions
    from divide_cli.reports import validation as rendering
    from divide_cli.reports.progress import working
    from divide_cli.validation.run import Submission
    from divide_cli.validation.run import validate as run
    from divide_cli.validation.waivers import waivers_from

    gc.freeze()
    gc.enable()

    accepted = waivers_from(str(waivers), [rule.id for rule in applied] + list(skipped)) if waivers else []
    submission = Submission(
        files=tuple(dict.fromkeys(files)),
        rules=applied,
        skipped=skipped,
        previous=str(previous or ""),
        waivers=tuple(accepted),
        read_options=ReadOptions(indicator, area, dataflow, encoding, strict=False, submitted=True),
        limit=limit,
    )
    with working("checking") as tell:
        report = run(submission, tell)
    rendering.deliver(report, described(applied, skipped, rules or ()), format.value, out, encoding, fail_on.value)
    raise typer.Exit(_code(rendering.told(report, out), report.unreadable, report.failing(fail_on.value)))


def _require_out(form: Form, out: Path | None) -> None:
    """OptionError where a workbook has no file to go to."""
    from divide_cli.errors import OptionError

    if form is Form.xlsx and out is None:
        raise OptionError("xlsx_without_out", hint="name the workbook to write with --out report.xlsx")


def _code(checked: bool, unreadable: bool, failing: int) -> int:
    return 3 if unreadable else 1 if failing or not checked else 0
