"""`divide tabulate`: from the records of a survey to a submission."""

from pathlib import Path
from typing import Annotated

import typer

from divide_cli.cli import options
from divide_cli.errors import OptionError
from divide_cli.reports import FiguresFormat, Format, SurveyFrame
from divide_cli.reports.option_words import EngineName, OnePsu, PublishChoice, limits
from divide_cli.reports.progress import working


def tabulate(
    data: Annotated[
        Path | None,
        typer.Argument(
            metavar="DATA",
            help="Records of persons or households: CSV, Parquet (a file or a folder), SPSS .sav or Stata .dta.",
        ),
    ] = None,
    design: Annotated[
        Path | None, options.one("FILE", "Design file (YAML): weight, strata, clusters, breakdowns, indicators.")
    ] = None,
    indicators: Annotated[
        options.Words, options.many("--indicator", "ID", "Limit to this indicator of the design")
    ] = None,
    by: Annotated[
        options.Words,
        options.many(
            "--by",
            "BREAKDOWNS",
            "Breakdowns of the design, between commas; a colon crosses them (SEX,AGE,SEX:URBANISATION)",
            "each breakdown of the design",
        ),
    ] = None,
    one_psu: Annotated[
        OnePsu,
        typer.Option(
            help="What becomes of a stratum with one primary sampling unit: an error; centred at the estimate; merged "
            "with the next one; or without variance."
        ),
    ] = OnePsu.error,
    level: Annotated[float, options.one("PERCENT", "Level of confidence intervals.", **limits("level"))] = 95.0,
    publish: Annotated[
        PublishChoice,
        typer.Option(
            help="What becomes of estimates that break a rule (`divide list publication_rules`): flagged; withheld, "
            "with others that would tell them; or all published."
        ),
    ] = PublishChoice.flag,
    *,
    out: Annotated[Path | None, options.one("FILE", "File to write the submission to; with --init, the draft.")] = None,
    to: Annotated[
        FiguresFormat | None, typer.Option("--to", help="Format of the --out file. [default: from its name]")
    ] = None,
    covariance_out: Annotated[
        Path | None, options.one("FILE", "File for the covariances of subgroups, for `divide measure --covariance`.")
    ] = None,
    format: Annotated[Format, typer.Option(help="Format of the output; csv prints the submission.")] = Format.table,
    table: Annotated[SurveyFrame | None, typer.Option(help="What --format csv prints. [default: observations]")] = None,
    excel_safe: options.ExcelSafe = False,
    engine: Annotated[
        EngineName,
        typer.Option(help="Where the records are summed: duckdb for files beyond memory, dask or spark on a cluster."),
    ] = EngineName.pandas,
    master: Annotated[
        str,
        options.one("ADDRESS", "Cluster (tcp://host:8786 of dask, spark://host:7077). [default: this machine]"),
    ] = "",
    memory: Annotated[str, options.one("SIZE", "Memory that duckdb may use.")] = "1GB",
    init: Annotated[bool, typer.Option("--init", help="Write a draft of the design file for DATA instead.")] = False,
    example: Annotated[
        Path | None, options.one("DIR", "Write a made-up survey with its design file into a folder instead.")
    ] = None,
) -> None:
    """Estimate indicators from a survey, with their precision.

    Gives shares, means and totals by sex, place, age and more, with standard errors, confidence intervals and the gaps.
    What --out writes passes `divide validate`.

    --init writes a draft of the design file: complete it. Without strata, clusters or replicate weights there are no
    standard errors.

    \b
    Examples:
      divide tabulate --example survey
      divide tabulate persons.sav --init --out design.yaml
      divide tabulate persons.sav --design design.yaml --by SEX,SEX:URBANISATION --out figures.csv
    """
    words = locals()
    from divide_cli import api

    if example:
        report_written(api.survey_example(example))
        return
    if data is None:
        raise OptionError("tabulate_without_data")
    if init:
        text = api.survey_draft(data, out)
        if out:
            report_written((out,))
        else:
            print_draft(text)
        return
    if design is None:
        raise OptionError("tabulate_without_design", file=str(data))
    if to and not out:
        raise OptionError("to_without_out", found=f"--to {to.value}")
    frame = options.frame_of(table, format, SurveyFrame.observations)
    form = options.form_of(to, out, {".parquet": "parquet", ".csv": "csv"}, "out_format_unclear")
    with working("tabulating"):
        result = options.call(api.tabulate, words)
    from divide_cli.reports import survey

    survey.deliver(result, format.value, frame, out, form, covariance_out, excel_safe)


def print_draft(text: str) -> None:
    """Prints the draft as a program reads it: UTF-8."""
    from divide_cli.reports.tables import print_exactly

    print_exactly(text)


def report_written(paths: tuple[Path, ...]) -> None:
    """Reports on stderr what was written; a draft without a file was printed."""
    from divide_cli.reports.tables import tell_written

    tell_written(paths)
