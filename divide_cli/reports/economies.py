"""The tables of economies in the output of `divide compute`: their levels and gaps, and areas without any figure."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Result
from divide_cli.catalogue import area_name, catalogue, codelist
from divide_cli.language import clauses, commas, labelled, say
from divide_cli.reports import tables
from divide_cli.reports.estimates import estimate_of
from divide_cli.reports.published import Citations, records, short_of, title_of
from divide_cli.reports.tables import Block, Row

GAP_COLUMNS = ("Economy", "Year", "Reference", "Compared", "Measure", "Value")
LEVEL_COLUMNS = ("Economy", "Year", "Value", "Status")
MOST_ECONOMIES = 20
"""The number of rows printed for one table, unless economies are named or their number is; --format csv prints all."""


def levels(result: Result, sources: Sequence[str], citations: Citations) -> list[Block]:
    """A block for each indicator and edition, a row for each economy and year requested, else for its latest year.

    The years are columns instead, where they fit.
    """
    frame, blocks = result.aggregates, list[Block]()
    of_economies = frame[frame[v.EDITION].isin(sources) & (frame[v.MEMBERSHIP] == v.NOT_APPLICABLE)]
    for (name, edition), rows in of_economies.groupby([v.INDICATOR, v.EDITION], observed=True):
        shown = _shown(result, rows, (v.REF_AREA, *v.DIMENSIONS, *result.dimensions))
        lines = records(shown.head(_most(result)), *result.dimensions)
        indicator = catalogue().indicators[str(name)]
        unit = catalogue().units[indicator.unit].symbol
        title = say(
            "{indicator} by economy{unit} {of}",
            indicator=indicator.short,
            unit=f", {unit}" if unit else "",
            of=citations.of(str(edition)),
        )
        cells: list[tuple[str, ...]] = [
            (_area(row, result.dimensions), str(row[v.TIME_PERIOD]), _level(row, citations), _status(row))
            for row in lines
        ]
        more, notes = max(len(shown) - len(cells), 0), tuple(_years_without(result, rows))
        block = Block(title, LEVEL_COLUMNS, cells, frozenset(("Value",)), notes=notes, left_out=more)
        blocks.append(tables.with_years_across(block, "Economy", "Year", "Value"))
    return blocks


def gaps(result: Result, sources: Sequence[str], citations: Citations) -> list[Block]:
    """A block for each gap, a row for each economy and year requested, else for its latest year.

    They are in the measure that the gap shows first, or in those requested.
    """
    frame, measures = result.gaps, result.request.measures
    economies = frame[frame[v.EDITION].isin(sources) & (frame[v.MEMBERSHIP] == v.NOT_APPLICABLE)]
    key = (v.REF_AREA, *v.DIMENSIONS, *result.dimensions, v.MEASURE)
    which = "economies" if result.request.years else say("the latest year of each economy")
    blocks = []
    for name, rows in economies.groupby(v.GAP, observed=True):
        gap = catalogue().gaps[str(name)]
        of_measures = rows[rows[v.MEASURE].isin(measures or gap.shown[:1])]
        if not len(of_measures):
            continue
        shown = _shown(result, of_measures, key)
        most = _most(result)
        cells = [_gap_cells(row, result.dimensions) for row in shown.head(most).to_dict("records")]
        marks = " ".join(citations.of(str(name)) for name in shown[v.EDITION].unique())
        title, more = labelled(title_of(gap), f"{which} {marks}"), max(len(shown) - most, 0)
        blocks.append(Block(title, GAP_COLUMNS, cells, numeric=frozenset(("Value",)), left_out=more))
    return blocks


def _most(result: Result) -> int:
    """The number of rows of one table that are printed."""
    chosen = bool(result.request.top or result.request.areas)
    return max(len(result.gaps), len(result.aggregates)) if chosen else MOST_ECONOMIES


def _shown(result: Result, rows: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """The rows of the years requested, else of the latest year at each key.

    They are in the order of the frame if it is ranked, else by key, totals before breakdowns.
    """
    request, names = result.request, [*key, *([v.TIME_PERIOD] if result.request.years else [])]
    latest = rows.sort_values(v.TIME_PERIOD, kind="stable").drop_duplicates(names, keep="last")
    return latest.sort_index() if request.ranks else latest.sort_values(names, key=_total_first)


def _total_first(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The column as it is sorted: years as they are, codes as texts, the total before all others."""
    return column if column.name == v.TIME_PERIOD else column.astype(str).replace(v.TOTAL, "")


def _area(row: Row, dimensions: Sequence[str]) -> str:
    """The code and the name of an economy, and the breakdown of the row."""
    breakdown = [
        str(row[name]) for name in (*v.DIMENSIONS, *dimensions) if row[name] not in (v.TOTAL, v.NOT_APPLICABLE)
    ]
    return " ".join([f"{row[v.REF_AREA]} {area_name(row[v.REF_AREA])}", *breakdown])


def _level(row: Row, citations: Citations) -> str:
    """The value of a row with its bounds, and the mark of an estimate."""
    if estimate := estimate_of(row):
        return estimate
    unit = str(row[v.UNIT_MEASURE])
    text = tables.bounded(row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit)
    return citations.marked(text, row)


def _status(row: Row) -> str:
    return codelist("CL_OBS_STATUS").name(str(row[v.OBS_STATUS])).lower()


def _gap_cells(row: Row, dimensions: Sequence[str]) -> tuple[str, ...]:
    unit, value = catalogue().indicators[row[v.INDICATOR]].unit, row[v.OBS_VALUE]
    codes, values = (v.REFERENCE, v.COMPARED), (row[v.REFERENCE_VALUE], row[v.COMPARED_VALUE])
    sides = [f"{row[code]} {tables.number(side, unit)}" for code, side in zip(codes, values, strict=True)]
    text = tables.with_unit(tables.number(value, row[v.UNIT_MEASURE]), row[v.UNIT_MEASURE])
    text = "undefined" if pd.isna(value) and not any(map(pd.isna, values)) else text
    return _area(row, dimensions), str(row[v.TIME_PERIOD]), *sides, short_of(row), estimate_of(row) or text


def _years_without(result: Result, rows: pd.DataFrame) -> list[str]:
    """A sentence for the years requested in which an economy has no figure."""
    years = result.request.years
    known = {str(area): set(part[v.TIME_PERIOD]) for area, part in rows.groupby(v.REF_AREA, observed=True)}
    missing = {area: [year for year in years if year not in had] for area, had in known.items()}
    texts = [f"{area} {spans(lacking)}" for area, lacking in missing.items() if lacking]
    return (
        [say("No figure: {texts}.", texts=clauses(texts))]
        if texts and (result.request.areas or result.request.top)
        else []
    )


def spans(years: Iterable[int]) -> str:
    """The years with their runs in short: `2005, 2007 to 2010`."""
    ordered = sorted(years)
    breaks = [0, *(at for at, (one, other) in enumerate(pairwise(ordered), 1) if other > one + 1), len(ordered)]
    runs = [ordered[start:end] for start, end in pairwise(breaks)] if ordered else []
    return commas(say("{run} to {run_2}", run=run[0], run_2=run[-1]) if len(run) > 1 else str(run[0]) for run in runs)


def absent_from(frame: pd.DataFrame, areas: Sequence[str]) -> dict[str, list[str]]:
    """The areas that have no row in a frame, in the form of `Result.areas_without_data`."""
    present = set(frame[v.REF_AREA].astype(str))
    return {area: [] for area in areas if area not in present}


def tell_absent(absent: Mapping[str, Sequence[str]]) -> None:
    """Names the areas without data on stderr."""
    for absence in absences(absent):
        print(say("divide: note: {absence}", absence=absence), file=sys.stderr)


def absences(absent: Mapping[str, Sequence[str]]) -> list[str]:
    """A sentence for each area without data: `No data for TUV Tuvalu: internet_use.`"""
    texts = {area: f": {commas(names)}" if names else "" for area, names in absent.items()}
    return [
        say("No data for {part}{what}.", part=" ".join(dict.fromkeys((area, area_name(area)))), what=what)
        for area, what in texts.items()
    ]
