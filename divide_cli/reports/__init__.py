"""Reports for people and machines. The formats of each report are registered here, and the command line offers these.

A format of a report on findings is written by the module of its name, or by the one that `WRITERS` names.
"""

from collections.abc import Mapping
from enum import StrEnum

Format = StrEnum("Format", ["table", "json", "csv", "markdown"])
ResultFormat = StrEnum("ResultFormat", ["table", "json", "csv", "markdown", "xlsx"])
Frame = StrEnum("Frame", ["gaps", "aggregates"])
DiffFrame = StrEnum("DiffFrame", ["changes", "decomposition"])
ProfileFrame = StrEnum("ProfileFrame", ["levels", "ranks", "gaps", "courses", "targets", "missing"])
SurveyFrame = StrEnum("SurveyFrame", ["observations", "estimates", "gaps", "covariances"])
ClaimsFormat = StrEnum("ClaimsFormat", ["table", "json", "junit", "sarif", "github", "markdown"])
ReportFormat = StrEnum("ReportFormat", ["table", "json", "sarif", "junit", "github", "markdown", "html", "xlsx"])
RulesFormat = StrEnum("RulesFormat", ["table", "yaml", "vtl"])
TemplateFormat = StrEnum("TemplateFormat", ["csv", "xlsx"])
FiguresFormat = StrEnum("FiguresFormat", [("parquet", "parquet"), ("csv", "csv"), ("sdmx_csv", "sdmx-csv")])

WRITERS: Mapping[str, str] = {"table": "findings", "markdown": "findings", "github": "annotations", "xlsx": "workbook"}
"""Formats of a report on findings that are written by a module with another name."""
