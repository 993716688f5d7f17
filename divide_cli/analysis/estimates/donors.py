"""What an estimate of an economy rests on: its nearest value, its donors, and its interval."""

from dataclasses import dataclass

import numpy as np

from divide_cli import concepts as v
from divide_cli.analysis.estimates.estimated import Estimated
from divide_cli.analysis.estimates.model import Kind
from divide_cli.analysis.estimates.results import Cell, GroupEstimates
from divide_cli.catalogue import catalogue
from divide_cli.language import later

BY = {
    Kind.BETWEEN: later("two values, the nearer of {origin}"),
    Kind.AFTER: later("its value of {origin}"),
    Kind.BEFORE: later("its value of {origin}"),
    Kind.NEVER: later("the regression"),
}
"""What an estimate of each kind rests on, besides its donors."""


@dataclass(frozen=True)
class Source:
    """The estimate of an economy, with its interval, people and nearest value; `group` names the group of its donors.

    `donors` are the economies of the group with a value in the year; in a nowcast, in the last year with a quorum.
    """

    area: str
    value: float
    lower: float
    upper: float
    people: float
    kind: Kind
    origin: int | None
    group: str
    donors: tuple[str, ...]


def sources_of(estimates: GroupEstimates, cell: Cell) -> list[Source]:
    """The estimates behind the value of an area, a sex and a year, those with the most people first."""
    area, sex, year = cell
    known = estimates.estimated
    column, own = known.years.index(year), known.by_sex[sex]
    rows = [row for row in estimates.rows(area) if own.kind[row, column] != Kind.REPORTED]
    found = [_source(estimates, (known.areas[row], sex, year), int(row), column) for row in rows]
    return sorted(found, key=lambda one: (-np.nan_to_num(one.people), one.area))


def _source(estimates: GroupEstimates, cell: Cell, row: int, column: int) -> Source:
    known, value = estimates.estimated, estimates.known(cell)
    own = known.by_sex[cell[1]]
    origin = int(own.origin[row, column])
    return Source(
        area=cell[0],
        value=value[v.EST_VALUE],
        lower=value[v.EST_LOWER],
        upper=value[v.EST_UPPER],
        people=float(known.persons[cell[1]][row, column]),
        kind=Kind(own.kind[row, column]),
        origin=known.first + origin if origin >= 0 else None,
        group=_group(known, row),
        donors=_donors(known, row, column),
    )


def _group(known: Estimated, row: int) -> str:
    """`LIC x ARB`: the income group and the region of an economy."""
    names = []
    for grouping, numbers in ((known.model.income, known.panel.income), (known.model.region, known.panel.region)):
        codes = catalogue().groupings[grouping].codes
        names.append(codes[numbers[row]] if numbers[row] < len(codes) else f"no {grouping}")
    return " x ".join(names)


def _donors(known: Estimated, row: int, column: int) -> tuple[str, ...]:
    """The economies of the donor group that report in the year, or in the last year with a quorum before it."""
    ahead = int(known.totals.ahead[row, column])
    reported = np.isfinite(known.panel.percent[:, max(column - ahead, 0)])
    same = (known.panel.donors == known.panel.donors[row]) & reported
    same[row] = False
    return tuple(known.areas[other] for other in np.flatnonzero(same))
