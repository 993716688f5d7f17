"""The output of `divide targets`: a table a target, a row an area, and how many economies meet it."""

import math
from collections.abc import Sequence
from functools import partial

import pandas as pd

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.analysis.targets import MET, RECENT, TargetAssessment
from divide_cli.catalogue import Target, area_name, catalogue, codelist, is_economy
from divide_cli.reports.json import fields_of
from divide_cli.reports.published import group_order
from divide_cli.reports.tables import NOTHING, Block, Output, Row, bounded, no_wider, number, of_frames, with_unit

COLUMNS = ("Area", "Year", "Value", "Verdict", "Short", "Pace", "On a line", "On a curve")


def output(assessment: TargetAssessment) -> Output:
    """The assessment as tables, JSON, CSV or Markdown."""
    request = assessment.request
    editions = [fields_of(source, "id", "citation", "licence") for source in assessment.sources.values()]
    meta = {"tool": "divide", "version": __version__, **fields_of(request, "areas", "years"), "editions": editions}
    return of_frames(partial(_blocks, assessment), meta, {"targets": assessment.frame})


def _blocks(assessment: TargetAssessment) -> list[Block]:
    parts = {str(name): part for name, part in assessment.frame.groupby("TARGET", observed=True)}
    targets = catalogue().targets.items()
    blocks = [_block(target, parts[name], assessment) for name, target in targets if name in parts]
    without = [target.name for name, target in targets if name not in parts]
    if without and not assessment.request.areas:
        notes = tuple(f"{name}: pass a file." for name in without)
        blocks.append(Block("Targets without figures at hand", (), [], notes=notes))
    return blocks


def _limit(target: Target) -> str:
    if target.parity:
        band = catalogue().measures["parity_score"].band
        return f"parity score {band.lower} to {band.upper}" if band else "parity"
    unit = catalogue().indicators[target.indicator].unit
    return with_unit(f"at least {target.at_least}" if target.at_least else f"at most {target.at_most}", unit)


def _block(target: Target, part: pd.DataFrame, assessment: TargetAssessment) -> Block:
    """The groups, or the areas requested, and how many economies meet the target."""
    chosen = bool(assessment.request.areas)
    rows: Sequence[Row] = part.to_dict("records")
    economies = [row for row in rows if is_economy(str(row[v.REF_AREA]))]
    order = group_order()
    shown = list(rows) if chosen else [row for row in rows if row not in economies]
    shown.sort(key=lambda row: (order.get(str(row[v.REF_AREA]), len(order)), str(row[v.REF_AREA]), row[v.TIME_PERIOD]))
    notes = []
    for edition in dict.fromkeys(str(row[v.EDITION]) for row in ([] if chosen else economies)):
        own = [row for row in economies if row[v.EDITION] == edition]
        meeting = sum(row["VERDICT"] == MET for row in own)
        notes.append(f"{meeting} of {len(own)} economies meet it, each in its latest year ({edition}).")
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
    names = dict.fromkeys(str(row[v.EDITION]) for row in rows)
    notes += [f"{name}: {assessment.sources[name].citation}." for name in names]
    codes = dict.fromkeys(cell[0] for cell in cells)
    notes.append("; ".join(f"{code} {area_name(code)}" for code in codes if code in codelist("CL_AREA").rows) + ".")
    title = f"{target.name}: {_limit(target)} by {target.year}"
    return Block(title, COLUMNS, cells, frozenset(("Value", "Short", "Pace")), notes=tuple(notes),
                 empty="" if cells else "No group has a figure.")  # fmt: skip


def _cells(row: Row, target: Target, marks: dict[str, str]) -> tuple[str, ...]:
    unit = str(row[v.UNIT_MEASURE])
    difference = catalogue().units[unit].difference
    band = f", {row['BAND']}" if row["BAND"] and row["VERDICT"] != MET else ""
    reason = f" ({marks[str(row[v.OBS_COMMENT])]})" if row[v.OBS_COMMENT] else ""
    line = _year(row, "YEAR_REACHED", v.CI_LOWER, v.CI_UPPER)
    curve = _year(row, "LOGISTIC_YEAR", "LOGISTIC_LOWER", "LOGISTIC_UPPER")
    if line == NOTHING:
        line += reason
    elif curve == NOTHING:
        curve += reason
    value, low, high = row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER]
    area, year, verdict = str(row[v.REF_AREA]), str(row[v.TIME_PERIOD]), f"{row['VERDICT']}{band}"
    figure = number(value, unit) if no_wider(low, high, unit) else bounded(value, low, high, unit)
    pace = number(row["PACE"], "PP" if target.parity else difference, "+")
    return area, year, figure, verdict, number(row["DISTANCE"], difference), pace, line, curve


def _year(row: Row, year: str, lower: str, upper: str) -> str:
    """`2035 (2034-2036)`: the first whole year that is not before the time reached; a dash if there is none."""
    if row["VERDICT"] == MET:
        return "met"
    if pd.isna(row[year]):
        return NOTHING
    first, low, high = (math.ceil(round(row[name], 6)) for name in (year, lower, upper))
    return f"{first} ({low}-{high})"
