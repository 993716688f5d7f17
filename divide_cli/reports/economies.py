"""Gaps of single economies, the latest year of each."""

from collections.abc import Sequence

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Result
from divide_cli.catalogue import area_name, catalogue
from divide_cli.reports.lookup import Row
from divide_cli.reports.numbers import NOTHING, number, with_unit
from divide_cli.reports.tables import Block

MOST = 20
"""Rows of one gap that are printed; --format csv prints all."""

COLUMNS = ("Economy", "Year", "Reference", "Compared", "Measure", "Value")


def blocks(result: Result, sources: Sequence[str]) -> list[Block]:
    """A block for each gap, a row for each economy, in the measure that the gap shows first (or those asked for)."""
    frame = result.gaps
    if not len(frame):
        return []
    known = catalogue()
    shown = result.request.measures or {entry.shown[0] for entry in known.gaps.values()}
    own = frame[
        frame[v.EDITION].isin(sources) & (frame[v.MEMBERSHIP] == v.NOT_APPLICABLE) & frame[v.MEASURE].isin(shown)
    ]
    key = [v.REF_AREA, *v.DIMENSIONS, *result.dimensions, v.MEASURE]
    made = []
    for gap, part in own.groupby(v.GAP, observed=True):
        entry = known.gaps[str(gap)]
        taken = part[part[v.MEASURE].isin(result.request.measures or entry.shown[:1])]
        latest = taken.sort_values(v.TIME_PERIOD, kind="stable").drop_duplicates(key, keep="last").sort_values(key)
        rows = [_cells(row, result.dimensions) for row in latest.head(MOST).to_dict("records")]
        title = f"{known.indicators[entry.indicator].short}, {known.comparisons[entry.comparison].name}"
        more = max(len(latest) - MOST, 0)
        heading = f"{title}: the latest year of each economy"
        made.append(Block(heading, COLUMNS, rows, numeric=frozenset(("Value",)), left_out=more))
    return made


def _cells(row: Row, dimensions: Sequence[str]) -> tuple[str, ...]:
    known = catalogue()
    unit = known.indicators[row[v.INDICATOR]].unit
    breakdown = [row[name] for name in (*v.DIMENSIONS, *dimensions) if row[name] not in (v.TOTAL, v.NOT_APPLICABLE)]
    value = row[v.OBS_VALUE]
    known_sides = not (pd.isna(row[v.REFERENCE_VALUE]) or pd.isna(row[v.COMPARED_VALUE]))
    gone = "undefined" if known_sides else NOTHING
    text: str = gone if pd.isna(value) else with_unit(number(value, row[v.UNIT_MEASURE]), row[v.UNIT_MEASURE])
    return (
        " ".join([f"{row[v.REF_AREA]} {area_name(row[v.REF_AREA])}", *breakdown]),
        str(row[v.TIME_PERIOD]),
        f"{row[v.REFERENCE]} {number(row[v.REFERENCE_VALUE], unit)}",
        f"{row[v.COMPARED]} {number(row[v.COMPARED_VALUE], unit)}",
        known.measures[row[v.MEASURE]].short,
        text,
    )
