"""Estimates in the output of commands: a cell next to a figure, the notes, and the economies behind a group value."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from divide_cli import concepts as v
from divide_cli.analysis.estimates.donors import BY, Source, sources_of
from divide_cli.analysis.estimates.results import NOWCAST, REPORTED, GroupEstimates
from divide_cli.catalogue import area_name, catalogue
from divide_cli.errors.text_safety import count_of
from divide_cli.language import commas, digits, labelled, say
from divide_cli.reports.tables import NOTHING, Block, Row, bounds, number

if TYPE_CHECKING:
    import pandas as pd

    from divide_cli.analysis.decomposition.differences import Difference

COLUMNS = ("Economy", "Estimate", "Interval", "People", "Rests on", "Donors")
ENDS = (v.EST_VALUE, v.EST_LOWER, v.EST_UPPER, v.EST_KIND)
DIFFERENCE = "DIFFERENCE"
PLACES = 6
"""The decimals to which differences are compared for their order."""
MOST = 15
"""The number of estimated economies printed in a table; --format csv prints all economies."""


def estimate_of(row: Row) -> str:
    """`70.2 [69.1, 71.4] e`: the estimate with its interval, and whether it is a nowcast; empty if all report."""
    value = row.get(v.EST_VALUE, math.nan)
    if math.isnan(value) or row[v.EST_KIND] == REPORTED:
        return ""
    unit, mark = str(row[v.UNIT_MEASURE]), say("nowcast") if row[v.EST_KIND] == NOWCAST else "e"
    return f"{number(value, unit)} {bounds(row[v.EST_LOWER], row[v.EST_UPPER], unit)} {mark}"


def is_nowcast(row: Row) -> bool:
    """Whether a row is of a year in which few or no economies report, so that its estimate is all there is."""
    return bool(row.get(v.EST_KIND) == NOWCAST)


def is_filled(row: Row) -> bool:
    """Whether the value of a row is the estimate of an economy that reported nothing."""
    return bool(row.get(v.OBS_STATUS) == v.ESTIMATED and row.get(v.MEMBERSHIP) == v.NOT_APPLICABLE and estimate_of(row))


def notes(estimates: Mapping[str, GroupEstimates], wanted: bool) -> list[str]:
    """What estimates are, with their model and level; why there is none, if they were wanted."""
    if not wanted:
        return []
    if not estimates:
        names = commas(model.indicator for model in catalogue().estimates.values())
        return [
            say(
                "No estimates: there are models for {names} only, if enough economies report "
                "(`divide show estimates`).",
                names=names,
            )
        ]
    models = {one.estimated.model.id: one.estimated.model for one in estimates.values()}
    levels = say(" and ").join(sorted({f"{model.simulation.level:g} %" for model in models.values()}))
    explained = commas(f"`divide show {name}`" for name in models)
    return [
        say(
            "Estimated (e): economies that report, and estimates of the others, with an interval of {levels}; nowcast: "
            "a year in which few or none report. Values with coverage and bounds rest on reports alone ({explained}).",
            levels=levels,
            explained=explained,
        )
    ]


def of_value(row: Row, estimates: Mapping[str, GroupEstimates]) -> list[Block]:
    """The estimates behind a value, those with the most people first: interval, nearest value and donors of each."""
    economies = _sources(row, estimates)
    if not economies:
        return []
    unit = catalogue().indicators[str(row[v.INDICATOR])].unit
    cells = [_line(one, unit) for one in economies[:MOST]]
    title = labelled(row[v.REF_AREA], count_of(len(economies), "estimate"))
    block = Block(title, COLUMNS, cells, frozenset(COLUMNS[1:4]), notes=_donors(economies[:MOST]))
    return [replace(block, left_out=max(len(economies) - MOST, 0))]


def _sources(row: Row, estimates: Mapping[str, GroupEstimates]) -> list[Source]:
    """The estimates behind a value; none if there are no estimates for its edition, indicator and breakdown."""
    found = estimates.get(str(row[v.EDITION]))
    cell = (str(row[v.REF_AREA]), str(row[v.SEX]), int(row[v.TIME_PERIOD]))
    plain = row[v.AGE] == v.TOTAL and row[v.URBANISATION] == v.TOTAL
    if not found or not plain or row[v.INDICATOR] != found.estimated.model.indicator or not found.knows(cell):
        return []
    return sources_of(found, cell)


def beside_members(members: "pd.DataFrame", row: Row, estimates: Mapping[str, GroupEstimates]) -> "pd.DataFrame":
    """The members of a value with the estimates of those that reported nothing, their intervals and donors."""
    own = {one.area: one for one in _sources(row, estimates)}
    areas = [own.get(str(area)) for area in members[v.REF_AREA]]
    numbers = {v.EST_VALUE: "value", v.EST_LOWER: "lower", v.EST_UPPER: "upper"}
    columns = {name: [getattr(one, key) if one else math.nan for one in areas] for name, key in numbers.items()}
    rests_on = [say(BY[one.kind], origin=one.origin) if one else "" for one in areas]
    donors = [" ".join(one.donors) if one else "" for one in areas]
    return members.assign(**columns, RESTS_ON=rests_on, DONORS=donors)


def moved(difference: "Difference") -> list[Block]:
    """The group values with estimates on both sides, those that differ most first; none without estimates."""
    frame = difference.estimates
    if not len(frame):
        return []
    size = frame[DIFFERENCE].abs().round(PLACES)
    rows = frame.iloc[size.argsort(kind="stable")[::-1]].to_dict("records")
    cells = [_moved(row) for row in rows[:MOST]]
    columns = ("Group", "Year", *difference.names, "Difference")
    left_out = max(len(rows) - MOST, 0)
    return [Block(say("Group values with estimates"), columns, cells, frozenset(columns[2:]), left_out=left_out)]


def _moved(row: Row) -> tuple[str, ...]:
    unit = catalogue().indicators[str(row[v.INDICATOR])].unit
    ends = [
        estimate_of({v.UNIT_MEASURE: unit} | {name: row[f"{name}_{side}"] for name in ENDS})
        or number(row[f"{v.EST_VALUE}_{side}"], unit)
        for side in ("FROM", "TO")
    ]
    breakdown = "" if row[v.SEX] == v.TOTAL else f" {row[v.SEX]}"
    difference = number(row[DIFFERENCE], catalogue().units[unit].difference, "+")
    return f"{row[v.REF_AREA]}{breakdown}", str(row.get(v.TIME_PERIOD, "")), *ends, difference


def _line(one: Source, unit: str) -> tuple[str, ...]:
    people = digits(f"{one.people / 1e6:,.2f} M") if one.people > 0 else NOTHING
    name, rests_on = f"{one.area} {area_name(one.area)}", say(BY[one.kind], origin=one.origin)
    return name, number(one.value, unit), bounds(one.lower, one.upper, unit), people, rests_on, one.group


def _donors(economies: Sequence[Source]) -> tuple[str, ...]:
    """The donors of each group, named once."""
    groups = {one.group: one.donors for one in economies}
    return tuple(
        say("Donors {group}: {donors}.", group=group, donors=commas(donors) or say("none"))
        for group, donors in groups.items()
    )
