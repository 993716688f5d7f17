"""An empty submission of an indicator as CSV or a workbook: a row for each breakdown, its key and unit filled in.

The workbook needs the extra `excel`: lists of the codes at the cells, keys locked, a sheet that explains. The sheet is
protected without a password, to prevent keys from being overwritten by accident.
"""

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from divide_cli import concepts as v
from divide_cli.catalogue import Indicator, Template, catalogue, codelist
from divide_cli.errors.text_safety import count_of, shown
from divide_cli.frames import atomic_write
from divide_cli.frames.columns import fields
from divide_cli.language import say
from divide_cli.reports.findings import texts
from divide_cli.reports.tables import print_exactly

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

COLUMNS = (*v.KEY, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT, *v.QUANTITIES)
"""The columns of a submission, in their order."""
GIVEN = (*v.KEY, v.UNIT_MEASURE)
"""Columns that a template fills in; the data owner fills in the others."""


def template_of(indicator: str) -> Template:
    """The template of an indicator: the first whose `indicators` name it."""
    return next(
        entry
        for entry in catalogue().templates.values()
        if any(fnmatchcase(indicator, pattern) for pattern in entry.indicators)
    )


def rows(indicator: Indicator, areas: Sequence[str], years: Sequence[int]) -> list[dict[str, str]]:
    """The rows of the template, by area, year and breakdown; without areas or years, these cells are empty."""
    breakdowns = [codes for entry in template_of(indicator.id).breakdowns for codes in _each(entry)]
    total = dict.fromkeys(v.DIMENSIONS, v.TOTAL)
    submission = []
    for area, year, breakdown in product(areas or [""], [str(year) for year in years] or [""], breakdowns):
        key = {v.REF_AREA: area, v.INDICATOR: indicator.id, **total, **breakdown, v.TIME_PERIOD: year}
        submission.append(dict.fromkeys(COLUMNS, "") | key | {v.UNIT_MEASURE: indicator.unit})
    return submission


def _each(breakdown: Mapping[str, Any]) -> list[dict[str, str]]:
    return [dict(zip(breakdown, codes, strict=True)) for codes in product(*breakdown.values())]


def deliver(indicator: str, rows: Sequence[Mapping[str, str]], form: str, out: Path | None) -> None:
    """Prints the rows as CSV, or writes them to `out` as `csv` or `xlsx`, and says what comes next."""
    if out is None:
        print_exactly(as_csv(rows))
        return
    if form == "xlsx":
        write_workbook(catalogue().indicators[indicator], rows, out)
    else:
        atomic_write.write({out: as_csv(rows)}, say("the template"))
    name = shown(str(out))
    print(
        say(
            "wrote {name}: {rows} to fill in. Next: `divide validate {name}`",
            name=name,
            rows=count_of(len(rows), "row"),
        ),
        file=sys.stderr,
    )


def as_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """The rows with their header, as CSV."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


DATA, EXPLANATION, CODES = "Data", "Explanation", "Codes"
ROOM = 1_000
"""Rows below the header whose cells offer codes, since users add years."""
_LISTS = (v.REF_AREA, *v.DIMENSIONS, v.OBS_STATUS)
_WIDE = {v.OBS_COMMENT: 40, v.INDICATOR: 22}


def write_workbook(indicator: Indicator, rows: Sequence[Mapping[str, str]], path: Path) -> None:
    """Writes the workbook, whole or not at all; DivideError without xlsxwriter or if the path is not a file."""
    from divide_cli.reports.workbook_cells import new_workbook

    hint = say("run pip install 'divide-cli[excel]', or use --format csv")
    with new_workbook(path, say("the template"), hint) as book:
        data, explanation, codes = (book.add_worksheet(name) for name in (DATA, EXPLANATION, CODES))
        codes.hide()
        decimals = catalogue().units[indicator.unit].decimals
        formats = {name: book.add_format(look) for name, look in texts()["template"]["formats"].items()}
        formats["value"].set_num_format(f"{0:.{decimals}f}")
        _write_data(data, indicator, rows, _write_codes(codes), formats)
        _write_explanation(explanation, indicator, formats)


def _codes_of(name: str) -> dict[str, str]:
    """The codes of a column and their names."""
    codes = codelist(f"CL_{name.removeprefix('REF_')}")
    return {code: codes.name(code) for code in codes.codes}


def _write_codes(sheet: "Worksheet") -> dict[str, str]:
    """Writes the codes, one column for each list; returns the ranges of the lists, as formulas."""
    from xlsxwriter.utility import xl_range_abs

    places = {}
    for column, name in enumerate(_LISTS):
        codes = list(_codes_of(name))
        sheet.write_string(0, column, say("Codes of {name}", name=name))
        sheet.write_column(1, column, codes)
        places[name] = f"={CODES}!{xl_range_abs(1, column, len(codes), column)}"
    return places


def _write_data(
    sheet: "Worksheet",
    indicator: Indicator,
    rows: Sequence[Mapping[str, str]],
    places: Mapping[str, str],
    formats: Mapping[str, "Format"],
) -> None:
    for column, name in enumerate(COLUMNS):
        sheet.set_column(column, column, _WIDE.get(name, max(len(name) + 3, 10)), formats["free"])
        sheet.write_string(0, column, name, formats["head"])
        sheet.write_comment(0, column, fields("observations")[name]["description"])
    for line, row in enumerate(rows, start=1):
        for column, name in enumerate(COLUMNS):
            text = row[name]
            look = formats["key" if name in GIVEN and text else "value" if name == v.OBS_VALUE else "other"]
            if name == v.TIME_PERIOD and text:
                sheet.write_number(line, column, int(text), look)
            elif text:
                sheet.write_string(line, column, text, look)
            else:
                sheet.write_blank(line, column, None, look)
    unit = catalogue().units[indicator.unit]
    _checks(sheet, (unit.minimum, unit.maximum), places)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(COLUMNS) - 1)
    allowed = ("insert_rows", "delete_rows", "format_cells", "format_columns", "format_rows", "sort", "autofilter")
    sheet.protect("", dict.fromkeys(allowed, True))


def _checks(sheet: "Worksheet", limits: tuple[float | None, float | None], places: Mapping[str, str]) -> None:
    """The checks of the cells: codes from their lists, a year, a number in the range of the unit."""
    for column, name in enumerate(COLUMNS):
        check: dict[str, Any] = {"error_title": name, "ignore_blank": True, "criteria": "between"}
        if name in places:
            message = say(
                "Choose a code from the list. The sheet {explanation} gives the meaning of each code.",
                explanation=EXPLANATION,
            )
            check |= {"validate": "list", "source": places[name]}
        elif name == v.TIME_PERIOD:
            message, years = say("Enter a calendar year with four digits."), fields("observations")[name]["constraints"]
            check |= {"validate": "integer", "minimum": years["minimum"], "maximum": years["maximum"]}
        elif name in (v.OBS_VALUE, *v.QUANTITIES):
            least, most = limits if name == v.OBS_VALUE else (0.0, None)
            span = (
                ""
                if least is None
                else say(" of at least {least:g}", least=least)
                if most is None
                else say(" from {least:g} to {most:g}", least=least, most=most)
            )
            message = say("Enter a number{span}.", span=span)
            check |= {"validate": "decimal", "minimum": -1e15 if least is None else least}
            check |= {"maximum": 1e15 if most is None else most}
        else:
            continue
        sheet.data_validation(1, column, ROOM, column, check | {"error_message": message})


def _write_explanation(sheet: "Worksheet", indicator: Indicator, formats: Mapping[str, "Format"]) -> None:
    sheet.set_column(0, 0, 18, formats["wrapped"])
    sheet.set_column(1, 1, 100, formats["wrapped"])
    unit = catalogue().units[indicator.unit]
    sections: list[tuple[str, list[tuple[str, str]]]] = [
        ("Indicator", [("Definition", indicator.definition), ("Unit", f"{unit.id}: {unit.name}"),
                        ("Population", indicator.population_base), ("Source", indicator.source)]),
        (say("What to do"), [(str(number), text) for number, text in enumerate(texts()["template"]["steps"], start=1)]),
        ("Columns", [(name, fields("observations")[name]["description"]) for name in COLUMNS]),
        *((say("Codes of {name}", name=name), list(_codes_of(name).items()))
          for name in (*v.DIMENSIONS, v.OBS_STATUS, v.REF_AREA)),
    ]  # fmt: skip
    sheet.write_string(0, 0, f"{indicator.name} ({indicator.id})", formats["title"])
    line = 2
    for heading, entries in sections:
        sheet.write_string(line, 0, heading, formats["bold"])
        for place, entry in enumerate(entries, start=line + 1):
            sheet.write_row(place, 0, entry, formats["wrapped"])
        line += len(entries) + 2
    sheet.protect("", {"format_columns": True})
