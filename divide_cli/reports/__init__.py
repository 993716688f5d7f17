"""What people and machines read. The forms of each report are registered here; the command line offers these.

A form of a report on findings is written by the module of its name, or of the one that `WRITERS` names.
"""

from collections.abc import Mapping
from enum import StrEnum


class ResultForm(StrEnum):
    """How results are printed."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


class ClaimsForm(StrEnum):
    """How outcomes of claims are printed."""

    table = "table"
    json = "json"
    junit = "junit"
    sarif = "sarif"
    github = "github"
    markdown = "markdown"


class ReportForm(StrEnum):
    """Forms of the report on findings."""

    table = "table"
    json = "json"
    sarif = "sarif"
    junit = "junit"
    github = "github"
    markdown = "markdown"
    html = "html"
    xlsx = "xlsx"


class RulesForm(StrEnum):
    """Forms of the list of rules."""

    table = "table"
    yaml = "yaml"
    vtl = "vtl"


class TemplateForm(StrEnum):
    """Forms of a template."""

    csv = "csv"
    xlsx = "xlsx"


class FiguresForm(StrEnum):
    """Forms in which figures are written."""

    parquet = "parquet"
    csv = "csv"
    sdmx_csv = "sdmx-csv"


WRITERS: Mapping[str, str] = {
    "table": "findings", "markdown": "findings", "github": "annotations", "xlsx": "workbook",
}  # fmt: skip
"""Forms of a report on findings that are written by a module of another name."""
