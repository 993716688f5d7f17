"""`divide read`, `divide validate`, `divide rules`, `divide template`: what files hold, and what is wrong with them."""

from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import options
from divide_cli.errors import OptionError
from divide_cli.reports import FiguresFormat, Format, ReportFormat, RulesFormat, TemplateFormat
from divide_cli.reports.progress import working


def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files of figures (- is standard input).")],
    to: Annotated[
        FiguresFormat | None,
        typer.Option("--to", help="Form in which --out is written. [default: what the name of --out says]"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write the figures to.")] = None,
    indicator: options.FileIndicator = "",
    area: options.FileArea = "",
    dataflow: options.FileDataflow = "",
    encoding: options.FileEncoding = "",
    limit: Annotated[int, typer.Option(min=0, help="Lines named for each reason; 0: all.")] = 100,
    format: Annotated[Format, typer.Option(help="How to print; csv prints the figures.")] = Format.table,
) -> None:
    """Read files as they were downloaded: show what was recognised and where each row went, write one common form.

    Every row is used, ignored or refused, with the reason and its lines; nothing is dropped in silence.
    """
    from divide_cli import api

    if to and not out:
        raise OptionError("to_without_out", found=f"--to {to.value}")
    form = options.form_of(to, out, {".parquet": "parquet", ".csv": "csv"}, "out_format_unclear")
    with working("reading"):
        readings = api.read(files, indicator=indicator, area=area, dataflow=dataflow, encoding=encoding)
    from divide_cli.reports import reading

    reading.deliver(readings, format.value, limit, form, out)
    if failure := reading.failure(readings):
        raise failure


def validate(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files to check (- is standard input).")],
    previous: Annotated[Path | None, typer.Option(help="An earlier submission to compare with, key by key.")] = None,
    rules: Annotated[
        options.Words, typer.Option(help="YAML with rules of your own, in the form of rules.yaml; repeat.")
    ] = None,
    only: Annotated[
        options.Words, typer.Option(help="Apply this rule only; repeat for more (divide list rules).")
    ] = None,
    skip: Annotated[options.Words, typer.Option(help="Do not apply this rule; repeat for more.")] = None,
    fail_on: Annotated[
        options.Severity, typer.Option(help="The least grave finding that makes the exit code 1.")
    ] = options.Severity.error,
    waivers: Annotated[
        Path | None, typer.Option(help="YAML of accepted findings: rule, key, reason, owner, expires.")
    ] = None,
    format: Annotated[ReportFormat, typer.Option(help="Form of the report; xlsx needs --out.")] = ReportFormat.table,
    out: Annotated[Path | None, typer.Option(help="File to write the report to. [default: standard output]")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Findings listed for each rule; 0: all. Counts are exact.")] = 100,
    indicator: options.FileIndicator = "",
    area: options.FileArea = "",
    dataflow: options.FileDataflow = "",
    encoding: options.FileEncoding = "",
) -> None:
    """Check submissions: every finding with file, line, column, rule, severity, expected, found and what to do.

    Exit code 0 where nothing at or above --fail-on is found, 1 where something is, or where no row could be checked, 3
    where a file cannot be read or understood.
    """
    words = locals()
    from divide_cli import api

    options.require_workbook(format, out, "report.xlsx")
    with working("checking") as tell:
        report, descriptions = options.call(api.validate, {**words, "tell": tell})
    from divide_cli.reports import validation

    validation.deliver(report, descriptions, format.value, out, encoding, fail_on.value)
    checked = validation.tell(report, out)
    raise typer.Exit(3 if report.unreadable else 1 if report.failing(fail_on.value) or not checked else 0)


def rules(
    format: Annotated[
        RulesFormat, typer.Option(help="Form of the list; yaml is what --rules takes, vtl is VTL 2.1.")
    ] = RulesFormat.table,
    out: Annotated[Path | None, typer.Option(help="File to write. [default: standard output]")] = None,
    rules: Annotated[
        options.Words, typer.Option(help="YAML with rules of your own, which are listed too; repeat.")
    ] = None,
    only: Annotated[options.Words, typer.Option(help="List this rule only; repeat for more.")] = None,
) -> None:
    """List the rules that divide validate applies, in their order.

    --format vtl exports those that the Validation and Transformation Language can say; the others stand there with the
    reason why not.
    """
    from divide_cli import api
    from divide_cli.reports import validation

    validation.deliver_rules(api.rules(rules, only=only), format.value, out)


def template(
    indicator: Annotated[str, typer.Argument(metavar="INDICATOR", help="Indicator (divide list indicators).")],
    areas: Annotated[
        options.Words,
        typer.Option("--area", help="Economy (ISO alpha-3) to fill in; repeat for more. [default: left empty]"),
    ] = None,
    years: Annotated[
        options.Years,
        typer.Option("--year", min=1900, max=2100, help="Year to fill in; repeat for more. [default: left empty]"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write. [default: standard output]")] = None,
    format: Annotated[
        TemplateFormat | None,
        typer.Option(help="Form of the template; xlsx needs --out. [default: what the name of --out says, else csv]"),
    ] = None,
) -> None:
    """Write an empty submission: a row for each breakdown, with keys and unit; xlsx has lists of the codes.

    Fill in OBS_VALUE, and check it with `divide validate`.
    """
    from divide_cli import api
    from divide_cli.reports import template as report

    options.require_workbook(format, out, "template.xlsx")
    form = options.form_of(format, out, {".csv": "csv", ".xlsx": "xlsx"}, "template_form_unclear") or "csv"
    report.deliver(indicator, api.template(indicator, areas=areas, years=years), form, out)
