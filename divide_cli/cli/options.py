"""Options that commands share, each declared once, and the checks of the options that say what is written where."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from inspect import signature
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from divide_cli.errors import OptionError
from divide_cli.reports import Format

Outcome = TypeVar("Outcome")
Severity = StrEnum("Severity", ["error", "warning", "note"])
Basis = StrEnum("Basis", ["published", "countries", "both"])

Words = list[str] | None
Years = list[int] | None

Files = Annotated[
    Words, typer.Argument(metavar="[FILES]...", help="Files of figures (- is standard input); none: embedded data.")
]
Measures = Annotated[Words, typer.Option("--measure", help="Measure id; repeat for more (divide list measures).")]
AreasOrGroups = Annotated[Words, typer.Option("--area", help="Economy or group; repeat for more. [default: WLD]")]
LatestYears = Annotated[
    Years,
    typer.Option("--year", min=1900, max=2100, help="Calendar year; repeat for more. [default: the latest]"),
]
Editions = Annotated[
    Words, typer.Option("--edition", help="Edition of a source; repeat for more (divide list editions).")
]
IncomeYear = Annotated[
    str | None,
    typer.Option("--income-fy", help="World Bank fiscal year of the income groups, as in divide compute."),
]
MinCoverage = Annotated[
    float, typer.Option(min=0, max=100, help="Percent of a group's people below which its value is withheld.")
]
Population = Annotated[
    Path | None,
    typer.Option(help="Tidy CSV of persons by area and year that weighs in place of the embedded populations."),
]
Groups = Annotated[
    Words, typer.Option(help="CSV of area groups (REF_AREA, GROUP), or a list such as sids_m49; repeat for more.")
]
HowToPrint = Annotated[Format, typer.Option(help="How to print.")]

FileIndicator = Annotated[str, typer.Option(help="Indicator of a file that does not say it.")]
FileArea = Annotated[str, typer.Option(help="Economy (ISO alpha-3) of a file that does not say it.")]
FileDataflow = Annotated[str, typer.Option(help="Layout to read as, whatever the file looks like.")]
FileEncoding = Annotated[str, typer.Option(help="Encoding, whatever the bytes look like: windows-1251.")]


def call(verb: Callable[..., Outcome], words: Mapping[str, Any]) -> Outcome:
    """What a function of the api gives for its words: a command's options have their names, and may be more."""
    return verb(**{name: words[name] for name in signature(verb).parameters})


def form_of(form: str | None, out: Path | None, forms: Mapping[str, str], code: str) -> str:
    """The form asked for, else that of the file's name, else ""; the OptionError of that code for any other name."""
    if form or out is None:
        return form or ""
    if out.suffix.lower() not in forms:
        raise OptionError(code, found=str(out))
    return forms[out.suffix.lower()]


def require_workbook(form: str | None, out: Path | None, name: str) -> None:
    """OptionError where a workbook has no file to go to; `name` is one that it could have."""
    if form == "xlsx" and out is None:
        raise OptionError("xlsx_without_out", name=name)
