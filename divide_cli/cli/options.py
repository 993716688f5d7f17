"""The options that several commands share, each declared once, and checks of the options for output files."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from inspect import signature
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from divide_cli.cli import completion
from divide_cli.errors import OptionError
from divide_cli.reports import Format, ResultFormat
from divide_cli.reports.option_words import PanelChoice, limits

Outcome = TypeVar("Outcome")
Words = list[str] | None


def many(name: str, metavar: str, help: str, default: str = "", **limits: Any) -> Any:
    """Declares an option that may be given several times, by its names; `default` says what applies without it."""
    usual = f" [default: {default}]" if default else ""
    return typer.Option(*name.split(), metavar=metavar, help=f"{help}; repeat for more.{usual}", **limits)


def areas(help: str, default: str = "") -> Any:
    """Declares the option of areas, which are typed as codes or names."""
    return many("--area --country", "AREA", help, default, autocompletion=completion.areas)


def years(help: str, default: str = "") -> Any:
    """Declares the option of years, which are single ones or spans."""
    return many("--year --years", "YEAR|SPAN", f"{help} (2024, or 2015:2024)", default)


def one(metavar: str, help: str, **limits: Any) -> Any:
    """Declares an option, named as its parameter, whose value is called `metavar` in the help."""
    return typer.Option(metavar=metavar, help=help, **limits)


Files = Annotated[
    Words,
    typer.Argument(metavar="FILES", help="Files of figures; - reads standard input. [default: the embedded data]"),
]
Gaps = Annotated[
    Words, many("--gap", "ID", "Limit to this gap (`divide list gaps`)", autocompletion=completion.entries("gaps"))
]
Indicators = Annotated[
    Words,
    many(
        "--indicator",
        "ID",
        "Limit to this indicator (`divide list indicators`)",
        autocompletion=completion.entries("indicators"),
    ),
]
Measures = Annotated[
    Words,
    many(
        "--measure",
        "ID",
        "Limit to this measure (`divide list measures`)",
        autocompletion=completion.entries("measures"),
    ),
]
AreasOrGroups = Annotated[Words, areas("Economy or group, by code or name", "WLD")]
LatestYears = Annotated[Words, years("Calendar year", "the latest")]
Editions = Annotated[
    Words,
    many(
        "--edition",
        "ID",
        "Limit to this edition (`divide list editions`)",
        autocompletion=completion.entries("editions"),
    ),
]
IncomeYear = Annotated[
    str | None,
    one(
        "FY",
        "World Bank fiscal year of the income groups, as in `divide compute`.",
        autocompletion=completion.fiscal_years,
    ),
]
MinCoverage = Annotated[
    float, one("PERCENT", "Withhold values whose coverage is lower (% of people).", **limits("min_coverage"))
]
Population = Annotated[
    Path | None,
    one("FILE", "Populations to weight by, before the embedded ones (tidy CSV of persons by area and year)."),
]
Covariance = Annotated[
    Path | None,
    one("FILE", "Covariances of the subgroups (CSV: REF_AREA, TIME_PERIOD, SUBGROUP, OTHER_SUBGROUP, COVARIANCE)."),
]
Groups = Annotated[
    Words, many("--groups", "FILE|LIST", "Area groups (CSV with REF_AREA, GROUP), or a list such as sids_m49")
]
Estimate = Annotated[
    bool,
    typer.Option(
        "--estimate", help="Estimate economies that did not report, with 90 % intervals (`divide show estimates`)."
    ),
]
Panel = Annotated[
    PanelChoice,
    typer.Option(
        help="Economies behind group values: all that report in the year, or a constant panel of those that report in "
        "every year of the trend."
    ),
]
ExcelSafe = Annotated[
    bool, typer.Option("--excel-safe", help="Mark cells of CSV and xlsx that begin like a formula (apostrophe).")
]
HowToPrint = Annotated[Format, typer.Option(help="Format of the output.")]
HowToShow = Annotated[ResultFormat, typer.Option(help="Format of the output; xlsx, a workbook, needs --out.")]
OutputFile = Annotated[Path | None, one("FILE", "File for the output. [default: standard output]")]

FileIndicator = Annotated[
    str, one("ID", "Indicator, if the file does not name it.", autocompletion=completion.entries("indicators"))
]
FileArea = Annotated[
    str,
    typer.Option(
        "--area",
        "--country",
        metavar="AREA",
        help="Economy, by code or name, if the file does not name it.",
        autocompletion=completion.areas,
    ),
]
FileDataflow = Annotated[
    str,
    one(
        "ID",
        "Layout to use instead of the recognised one (`divide list dataflows`).",
        autocompletion=completion.entries("dataflows"),
    ),
]
FileDimensions = Annotated[
    Words, many("--dimension", "COLUMN", "Column that is part of the key, if the file leaves this open")
]
FileAttributes = Annotated[
    Words, many("--attribute", "COLUMN", "Column that only describes rows, if the file leaves this open")
]
FileStructure = Annotated[
    Path | None,
    one("FILE", "Structure that says which columns are dimensions (SDMX-ML or SDMX-JSON, or a Table Schema)."),
]
FileEncoding = Annotated[str, one("NAME", "Encoding to use instead of the detected one (example: windows-1251).")]


def _limited(size: str) -> str:
    """The size, which is now the limit of this process; OptionError if it is malformed."""
    from divide_cli.frames import room

    room.limit_to(size)
    return size


Memory = Annotated[
    str,
    one(
        "SIZE",
        "Memory for long files, such as 500MB or 2GiB; what needs more goes to a temporary folder. "
        "[default: a quarter of what is free, 2GiB at most]",
        callback=_limited,
    ),
]
SkipRefused = Annotated[
    bool, typer.Option("--skip-refused", help="Leave out the rows of files that are rejected, and count them.")
]


def call(verb: Callable[..., Outcome], words: Mapping[str, Any]) -> Outcome:
    """Calls a function of the api with those of a command's options that it has parameters for, by name."""
    return verb(**{name: words[name] for name in signature(verb).parameters})


def require_other_file(files: Iterable[str | Path | None], *outputs: Path | None) -> None:
    """Raises OptionError if an output would replace a file that is read, whose rows would be lost."""
    read = {Path(file).resolve() for file in files if file and str(file) != "-"}
    for out in outputs:
        if out and out.resolve() in read:
            raise OptionError("out_is_read", where="--out", found=str(out))


def form_of(form: str | None, out: Path | None, forms: Mapping[str, str], code: str) -> str:
    """The format asked for, else that of the file name, else ""; an OptionError with that code for any other name."""
    if form or out is None:
        return form or ""
    if out.suffix.lower() not in forms:
        raise OptionError(code, found=str(out))
    return forms[out.suffix.lower()]


def frame_of(frame: StrEnum | None, form: StrEnum, usual: StrEnum) -> str:
    """The frame that CSV prints, the usual one if none is named; an OptionError if one is named for another format."""
    if frame and form != Format.csv:
        raise OptionError("table_without_csv", found=f"--format {form.value}", name=frame.value)
    return str((frame or usual).value)


def require_workbook(form: str | None, out: Path | None, name: str) -> None:
    """Raises OptionError if a workbook has no file to be written to; `name` is an example of one."""
    if form == "xlsx" and out is None:
        raise OptionError("xlsx_without_out", name=name)


def require_one_format(form: ResultFormat, out: Path | None, name: str) -> None:
    """Raises OptionError if a workbook has no file, or the file of another format is named as a workbook."""
    require_workbook(form, out, name)
    if form != "xlsx" and out and out.suffix.lower() == ".xlsx":
        raise OptionError("xlsx_without_format", found=f"--format {form.value} --out {out}")
