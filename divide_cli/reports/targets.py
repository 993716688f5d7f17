"""What `divide targets` shows: a table a target, an area a row, and how many economies meet it."""

import json
import math
import sys

import pandas as pd

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.analysis.targets import MET, RECENT, TargetAssessment
from divide_cli.catalogue import Target, area_name, catalogue, codelist, is_economy
from divide_cli.reports import tables
from divide_cli.reports.gaps import group_order
from divide_cli.reports.json import as_csv
from divide_cli.reports.numbers import NOTHING, bounded, no_wider, number, with_unit
from divide_cli.reports.tables import Block, Row

COLUMNS = ("Area", "Year", "Value", "Verdict", "Short", "Pace", "On a line", "On a curve")


def show(found: TargetAssessment, form: str) -> None:
    """Prints the result on stdout as `table`, `json`, `csv` or `markdown`."""
    request = found.request
    if form == "json":
        meta = {"tool": "divide", "version": __version__, "areas": list(request.areas), "years": list(request.years),
                "editions": [{"id": s.id, "citation": s.citation, "licence": s.licence} for s in
                found.sources.values()]}  # fmt: skip
        rows = found.frame.to_json(orient="records", double_precision=15, force_ascii=False)
        sys.stdout.write(f'{{"meta": {json.dumps(meta, ensure_ascii=False)},\n"targets": {rows}}}\n')
    elif form == "csv":
        sys.stdout.write(as_csv(found.frame))
    elif form == "markdown":
        sys.stdout.write(tables.as_markdown(_blocks(found)))
    else:
        tables.print_rich(_blocks(found))


def _blocks(found: TargetAssessment) -> list[Block]:
    request = found.request
    made = []
    for name, target in catalogue().targets.items():
        part = found.frame[(found.frame["TARGET"] == name).to_numpy()]
        if len(part):
            made.append(_block(target, part, found, bool(request.areas)))
    lacking = [t.name for name, t in catalogue().targets.items() if name not in set(found.frame["TARGET"].astype(str))]
    if lacking and not request.areas:
        made.append(
            Block("Targets without figures at hand", (), [], notes=tuple(f"{name}: pass a file." for name in lacking))
        )
    return made


def _limit(target: Target) -> str:
    if target.parity:
        band = catalogue().measures["parity_score"].band
        return f"parity score {band.lower} to {band.upper}" if band else "parity"
    unit = catalogue().indicators[target.indicator].unit
    return with_unit(f"at least {target.at_least}" if target.at_least else f"at most {target.at_most}", unit)


def _block(target: Target, part: pd.DataFrame, found: TargetAssessment, chosen: bool) -> Block:
    rows = [{str(name): value for name, value in row.items()} for row in part.to_dict("records")]
    economies = [row for row in rows if is_economy(str(row[v.REF_AREA]))]
    order = group_order()
    shown = rows if chosen else [row for row in rows if row not in economies]
    shown.sort(key=lambda row: (order.get(str(row[v.REF_AREA]), len(order)), str(row[v.REF_AREA]), row[v.TIME_PERIOD]))
    notes = []
    for edition in dict.fromkeys(str(row[v.EDITION]) for row in ([] if chosen else economies)):
        own = [row for row in economies if row[v.EDITION] == edition]
        reached = sum(row["VERDICT"] == MET for row in own)
        notes.append(f"{reached} of {len(own)} economies meet it, each in its latest year ({edition}).")
    reasons = dict.fromkeys(str(row[v.OBS_COMMENT]) for row in shown if row[v.OBS_COMMENT])
    marks = {reason: chr(ord("a") + place) for place, reason in enumerate(reasons)}
    cells = [_cells(row, target, marks) for row in shown]
    notes += [f"({mark}) {reason}." for reason, mark in marks.items()]
    pace = "of the difference of the sides" if target.parity else "of the value"
    if any(cell[5] != NOTHING for cell in cells):
        notes.append(
            f"Pace: change a year {pace} on a least-squares line through the latest {RECENT} years at hand. The years "
            "(in parentheses 95 % intervals) are the first by which that line, and a logistic curve, are there: no "
            "forecast."
        )
    notes += [f"{name}: {found.sources[name].citation}." for name in dict.fromkeys(str(row[v.EDITION]) for row in rows)]
    codes = dict.fromkeys(cell[0] for cell in cells)
    notes.append("; ".join(f"{code} {area_name(code)}" for code in codes if code in codelist("CL_AREA").rows) + ".")
    title = f"{target.name}: {_limit(target)} by {target.year}"
    return Block(title, COLUMNS, cells, frozenset(("Value", "Short", "Pace")), notes=tuple(notes),
                 empty="" if cells else "No group has a figure.")  # fmt: skip


def _cells(row: Row, target: Target, marks: dict[str, str]) -> tuple[str, ...]:
    unit = str(row[v.UNIT_MEASURE])
    difference = catalogue().units[unit].difference
    pace_unit = "PP" if target.parity else difference
    band = f", {row['BAND']}" if row["BAND"] and row["VERDICT"] != MET else ""
    reason = f" ({marks[str(row[v.OBS_COMMENT])]})" if row[v.OBS_COMMENT] else ""
    line = _year(row, "YEAR_REACHED", v.CI_LOWER, v.CI_UPPER)
    curve = _year(row, "LOGISTIC_YEAR", "LOGISTIC_LOWER", "LOGISTIC_UPPER")
    if line == NOTHING:
        line += reason
    elif curve == NOTHING:
        curve += reason
    low, high = row[v.BOUND_LOWER], row[v.BOUND_UPPER]
    if no_wider(low, high, unit):
        low = high = None
    return (
        str(row[v.REF_AREA]),
        str(row[v.TIME_PERIOD]),
        bounded(row[v.OBS_VALUE], low, high, unit),
        f"{row['VERDICT']}{band}",
        number(row["DISTANCE"], difference),
        number(row["PACE"], pace_unit, "+"),
        line,
        curve,
    )


def _year(row: Row, year: str, lower: str, upper: str) -> str:
    """`2035 (2034-2036)`: the first whole year that is not before the time reached; a dash where there is none."""
    if row["VERDICT"] == MET:
        return "met"
    if pd.isna(row[year]):
        return NOTHING
    first, low, high = (math.ceil(round(row[name], 6)) for name in (year, lower, upper))
    return f"{first} ({low}-{high})"
