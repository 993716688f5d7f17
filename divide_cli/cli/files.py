"""`divide read`, `divide validate`, `divide rules`, `divide template`: what files contain, and their faults."""

from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import completion, options
from divide_cli.errors import OptionError
from divide_cli.reports import FiguresFormat, Format, ReportFormat, RulesFormat, TemplateFormat
from divide_cli.reports.option_words import Severity, limits
from divide_cli.reports.progress import working

_rules = completion.entries("rules")


def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Files of figures; - reads standard input.")],
    to: Annotated[
        FiguresFormat | None,
        typer.Option("--to", help="Format of the --out file. [default: from its name]"),
    ] = None,
    out: Annotated[Path | None, options.one("FILE", "File to write the figures to.")] = None,
    indicator: options.FileIndicator = "",
    area: options.FileArea = "",
    dataflow: options.FileDataflow = "",
    encoding: options.FileEncoding = "",
    memory: options.Memory = "",
    dimensions: options.FileDimensions = None,
    attributes: options.FileAttributes = None,
    structure: options.FileStructure = None,
    limit: Annotated[int, typer.Option(help="Lines listed per reason; 0 lists all.", **limits("limit"))] = 100,
    format: Annotated[Format, typer.Option(help="Format of the output; csv prints the figures.")] = Format.table,
    excel_safe: options.ExcelSafe = False,
) -> None:
    """Show how files are read, and convert them to one layout.

    Reads files as they were downloaded, and shows which layout was recognised. Every row is used, ignored or rejected,
    with the reason and its lines. Nothing is dropped silently.

    \b
    Examples:
      divide read individuals-using-the-internet.csv
      divide read figures.xlsx --to csv --out figures.csv
    """
    words = locals()
    from divide_cli import api

    if to and not out:
        raise OptionError("to_without_out", found=f"--to {to.value}")
    form = options.form_of(to, out, {".parquet": "parquet", ".csv": "csv"}, "out_format_unclear")
    options.require_other_file([*files, structure], out)
    with working("reading"):
        readings = options.call(api.read, words)
    from divide_cli.reports import reading

    reading.deliver(readings, format.value, limit, form, out, safe=excel_safe)
    if failure := reading.failure(readings):
        raise failure


def validate(
    files: Annotated[
        options.Words,
        typer.Argument(metavar="FILE", help="Files to check; - reads standard input. [default: those of divide.toml]"),
    ] = None,
    previous: Annotated[Path | None, options.one("FILE", "Earlier submission to compare with, key by key.")] = None,
    against: Annotated[
        options.Words,
        options.many(
            "--against",
            "EDITION",
            "Edition of published figures to compare with, or none",
            "the embedded country figures",
        ),
    ] = None,
    rules: Annotated[
        options.Words, options.many("--rules", "FILE", "Rules of your own (YAML, as in rules.yaml)")
    ] = None,
    only: Annotated[
        options.Words,
        options.many("--only", "ID", "Apply this rule only (`divide list rules`)", autocompletion=_rules),
    ] = None,
    skip: Annotated[
        options.Words, options.many("--skip", "ID", "Do not apply this rule", autocompletion=_rules)
    ] = None,
    fail_on: Annotated[
        Severity | None,
        typer.Option(help="Lowest severity that makes the exit code 1. [default: error, or that of divide.toml]"),
    ] = None,
    waivers: Annotated[
        Path | None, options.one("FILE", "Accepted findings (YAML: rule, key, reason, owner, expires).")
    ] = None,
    *,
    write_waivers: Annotated[
        Path | None,
        options.one("FILE", "Accept all findings: write waivers to a new file. Needs --owner and --expires."),
    ] = None,
    owner: Annotated[str, options.one("WHO", "Person responsible for the waivers of --write-waivers.")] = "",
    expires: Annotated[str, options.one("DAY", "Last day of these waivers (example: 2027-03-31).")] = "",
    reason: Annotated[
        str, options.one("TEXT", "Reason of these waivers. [default: found when checks began, with the day]")
    ] = "",
    format: Annotated[ReportFormat, typer.Option(help="Format of the report; xlsx needs --out.")] = ReportFormat.table,
    excel_safe: options.ExcelSafe = False,
    out: Annotated[Path | None, options.one("FILE", "File for the report. [default: standard output]")] = None,
    limit: Annotated[
        int, typer.Option(help="Findings listed per rule; 0 lists all. Counts are exact.", **limits("limit"))
    ] = 100,
    indicator: options.FileIndicator = "",
    area: options.FileArea = "",
    dataflow: options.FileDataflow = "",
    encoding: options.FileEncoding = "",
    memory: options.Memory = "",
    dimensions: options.FileDimensions = None,
    attributes: options.FileAttributes = None,
    structure: options.FileStructure = None,
) -> None:
    """Check files of figures against the rules.

    Each finding gives file, line, column, rule and severity, what was expected and found, and what to do.

    \b
    Exit codes:
      0  No finding at or above --fail-on.
      1  A finding at or above --fail-on, or no row could be checked.
      3  A file cannot be read or understood.

    \b
    Examples:
      divide validate figures.csv
      divide validate figures.csv --format html --out report.html
      divide validate old/*.csv --write-waivers accepted.yaml --owner "A. Statistician" --expires 2027-03-31
    """
    words = locals()
    from divide_cli import api
    from divide_cli.api.project import project

    config = project()
    words = config.validation(words)
    grave = config.severity(fail_on)
    options.require_workbook(format, out, "report.xlsx")
    read_files = [*words["files"], *(words["rules"] or ()), words["previous"], words["waivers"]]
    options.require_other_file(read_files, out, write_waivers)
    with working("checking") as tell:
        result = options.call(api.validate, {**words, "tell": tell})
    from divide_cli.reports import validation

    validation.deliver(*result, format.value, out, encoding, grave, safe=excel_safe)
    validation.tell(result.report, out, write_waivers)
    raise typer.Exit(result.exit_code(grave))


def rules(
    format: Annotated[
        RulesFormat, typer.Option(help="Format of the list; yaml suits --rules, vtl is VTL 2.1.")
    ] = RulesFormat.table,
    out: Annotated[Path | None, options.one("FILE", "File for the list. [default: standard output]")] = None,
    rules: Annotated[options.Words, options.many("--rules", "FILE", "Rules of your own to list too (YAML)")] = None,
    only: Annotated[options.Words, options.many("--only", "ID", "List this rule only", autocompletion=_rules)] = None,
) -> None:
    """List the rules that `divide validate` applies, in order.

    --format vtl exports the rules that the Validation and Transformation Language can express. The others are listed
    with the reason why it cannot.
    """
    from divide_cli import api
    from divide_cli.reports import validation

    validation.deliver_rules(api.rules(rules, only=only), format.value, out)


def template(
    indicator: Annotated[
        str,
        typer.Argument(
            metavar="INDICATOR",
            help="Indicator id (`divide list indicators`).",
            autocompletion=completion.entries("indicators"),
        ),
    ],
    areas: Annotated[options.Words, options.areas("Economy to fill in, by code or name", "left empty")] = None,
    years: Annotated[options.Words, options.years("Year to fill in", "left empty")] = None,
    out: Annotated[Path | None, options.one("FILE", "File for the template. [default: standard output]")] = None,
    format: Annotated[
        TemplateFormat | None,
        typer.Option(help="Format of the template; xlsx needs --out. [default: from the name of --out, or csv]"),
    ] = None,
) -> None:
    """Write an empty submission to fill in.

    It has a row for each breakdown, with keys and unit. The xlsx format has drop-down lists of the codes.

    Fill in OBS_VALUE, then check the file with `divide validate`.
    """
    from divide_cli import api
    from divide_cli.reports import template as report

    options.require_workbook(format, out, "template.xlsx")
    form = options.form_of(format, out, {".csv": "csv", ".xlsx": "xlsx"}, "template_form_unclear") or "csv"
    report.deliver(indicator, api.template(indicator, areas=areas, years=years), form, out)
