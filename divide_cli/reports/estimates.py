"""Estimates in the output of commands: a cell beside a figure, the notes, and the economies behind a group value."""

import math
from collections.abc import Mapping, Sequence

from divide_cli import concepts as v
from divide_cli.analysis.estimates.donors import BY, Source, sources_of
from divide_cli.analysis.estimates.results import NOWCAST, REPORTED, GroupEstimates
from divide_cli.catalogue import area_name, catalogue
from divide_cli.errors.text_safety import count_of
from divide_cli.reports.tables import Block, Row, bounds, number, with_unit

COLUMNS = ("Economy", "Estimate", "Interval", "People", "Rests on", "Donors")
MOST = 15
"""The number of estimated economies printed in a table; --format csv prints all economies."""


def estimate_of(row: Row) -> str:
    """`70.2 [69.1, 71.4] e`: the estimate with its interval, and whether it is a nowcast; empty if all report."""
    value = row.get(v.EST_VALUE, math.nan)
    if math.isnan(value) or row[v.EST_KIND] == REPORTED:
        return ""
    unit, mark = str(row[v.UNIT_MEASURE]), "nowcast" if row[v.EST_KIND] == NOWCAST else "e"
    return f"{number(value, unit)} {bounds(row[v.EST_LOWER], row[v.EST_UPPER], unit)} {mark}"


def notes(estimates: Mapping[str, GroupEstimates], wanted: bool) -> list[str]:
    """What estimates are, with their model and level; why there is none, if they were wanted."""
    if not wanted:
        return []
    if not estimates:
        names = ", ".join(model.indicator for model in catalogue().estimates.values())
        return [f"No estimates: there are models for {names} only, if enough economies report (`divide show estimates`)."]
    models = {one.estimated.model.id: one.estimated.model for one in estimates.values()}
    levels = " and ".join(sorted({f"{model.simulation.level:g} %" for model in models.values()}))
    explained = ", ".join(f"`divide show {name}`" for name in models)
    return [
        f"Estimated (e): economies that report, and estimates of the others, with an interval of {levels}; nowcast: a "
        f"year in which few or none report. Values with coverage and bounds rest on reports alone ({explained})."
    ]


def of_group(row: Row, estimates: Mapping[str, GroupEstimates]) -> list[Block]:
    """The estimated economies behind a group value, those with the most people first: donors, interval, what it is."""
    found = estimates.get(str(row[v.EDITION]))
    cell = (str(row[v.REF_AREA]), str(row[v.SEX]), int(row[v.TIME_PERIOD]))
    if not found or not found.knows(cell) or row[v.INDICATOR] != found.estimated.model.indicator:
        return []
    unit, economies = catalogue().indicators[str(row[v.INDICATOR])].unit, sources_of(found, cell)
    if not economies:
        return []
    cells = [_line(one, unit) for one in economies[:MOST]]
    whole = with_unit(estimate_of({**row, **found.known(cell), v.UNIT_MEASURE: unit}), unit)
    title = f"{row[v.REF_AREA]}: {count_of(len(economies), 'estimate')}; all members together {whole}"
    left_out = max(len(economies) - MOST, 0)
    return [Block(title, COLUMNS, cells, frozenset(COLUMNS[1:4]), left_out=left_out, notes=_donors(economies[:MOST]))]


def _line(one: Source, unit: str) -> tuple[str, ...]:
    people = f"{one.people / 1e6:,.2f} M" if one.people > 0 else "–"
    interval = bounds(one.lower, one.upper, unit)
    return (
        f"{one.area} {area_name(one.area)}",
        number(one.value, unit),
        interval,
        people,
        BY[one.kind].format(one),
        one.group,
    )


def _donors(economies: Sequence[Source]) -> tuple[str, ...]:
    """The donors of each group, named once."""
    groups = {one.group: one.donors for one in economies}
    return tuple(f"Donors {group}: {', '.join(donors) or 'none'}." for group, donors in groups.items())
