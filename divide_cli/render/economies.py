"""Gaps of single economies, the latest year of each."""

from collections.abc import Sequence

import pandas as pd

from divide_cli import vocab as v
from divide_cli.catalogue import area_name, catalogue
from divide_cli.pipeline import Result
from divide_cli.render.lookup import Row
from divide_cli.render.numbers import number, with_unit
from divide_cli.render.tables import Block

MOST = 50
"""Rows that are printed; --format csv prints all."""

COLUMNS = ("Gap", "Economy", "Year", "Reference", "Compared", "Measure", "Value")


def block(result: Result, sources: Sequence[str]) -> Block | None:
    """A row for each gap and economy in the measure that the gap shows first (or the measures asked for)."""
    frame = result.gaps
    if not len(frame):
        return None
    shown = {gap.id: gap.shown[0] for gap in catalogue().gaps.values()}
    own = frame[frame[v.EDITION].isin(sources) & (frame[v.MEMBERSHIP] == v.NOT_APPLICABLE)]
    asked = result.request.measures
    first = own[v.GAP].astype(object).map(shown) == own[v.MEASURE].astype(object)
    taken = own[own[v.MEASURE].isin(asked) if asked else first]
    key = [v.GAP, v.REF_AREA, *v.DIMENSIONS, *result.dimensions, v.MEASURE]
    latest = taken.sort_values(v.TIME_PERIOD, kind="stable").drop_duplicates(key, keep="last").sort_values(key)
    if not len(latest):
        return None
    rows = [_cells(row, result.dimensions) for row in latest.head(MOST).to_dict("records")]
    return Block(
        "Gaps of economies: the latest year of each",
        COLUMNS,
        rows,
        numeric=frozenset(("Value",)),
        left_out=max(len(latest) - MOST, 0),
    )


def _cells(row: Row, dimensions: Sequence[str]) -> tuple[str, ...]:
    known = catalogue()
    unit = known.indicators[row[v.INDICATOR]].unit
    breakdown = [row[name] for name in (*v.DIMENSIONS, *dimensions) if row[name] not in (v.TOTAL, v.NOT_APPLICABLE)]
    value = row[v.OBS_VALUE]
    text: str = "undefined" if pd.isna(value) else with_unit(number(value, row[v.UNIT_MEASURE]), row[v.UNIT_MEASURE])
    return (
        row[v.GAP],
        " ".join([f"{row[v.REF_AREA]} {area_name(row[v.REF_AREA])}", *breakdown]),
        str(row[v.TIME_PERIOD]),
        f"{row[v.REFERENCE]} {number(row[v.REFERENCE_VALUE], unit)}",
        f"{row[v.COMPARED]} {number(row[v.COMPARED_VALUE], unit)}",
        known.measures[row[v.MEASURE]].short,
        text,
    )
