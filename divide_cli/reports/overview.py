"""What a page or a chart is about: the results it shows, its leading indicator, and the rows that charts draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Result
from divide_cli.catalogue import is_economy
from divide_cli.reports.published import country_sources, records
from divide_cli.reports.quotations import Quotations, quotations
from divide_cli.reports.tables import Row, is_computed
from divide_cli.sources.editions import published_editions

if TYPE_CHECKING:
    from divide_cli.analysis.decomposition.differences import Difference
    from divide_cli.analysis.inequality import Inequality
    from divide_cli.analysis.profiles import Profile
    from divide_cli.analysis.targets import TargetAssessment
    from divide_cli.claims.reproduce import Reproduction

WITH_SIDES = (v.OVER, v.REFERENCE, v.COMPARED, v.REFERENCE_VALUE, v.COMPARED_VALUE, v.OBS_COMMENT)


@dataclass(frozen=True)
class Overview:
    """The results of one run of `divide report` or `divide chart`; None for those that are not wanted, or are empty.

    `indicator` leads: charts of one indicator are about it, in `year`, the latest whose value of the world is not
    withheld. `boundaries` are the features of a GeoJSON file.
    """

    result: Result
    levels: Result | None = None
    targets: "TargetAssessment | None" = None
    inequality: "Inequality | None" = None
    reproduction: "Reproduction | None" = None
    difference: "Difference | None" = None
    profile: "Profile | None" = None
    areas: tuple[str, ...] = ()
    indicator: str = ""
    year: int = 0
    boundaries: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def other(self) -> Result:
        """The result that has the published figures."""
        return self.result.published or self.result

    @cached_property
    def quotations(self) -> list[Quotations]:
        """What the quoting editions of the result say."""
        return quotations(self.result)

    @cached_property
    def totals(self) -> list[Row]:
        """The values of the leading indicator from economies or files, total in every dimension, of one edition."""
        return totals(self.result, self.indicator, country_sources(self.result))

    @cached_property
    def published(self) -> dict[tuple[str, int], Row]:
        """The published values of the leading indicator by area and year, of the newest edition that has one."""
        found: dict[tuple[str, int], Row] = {}
        for edition in () if self.result.request.files else published_editions():
            for row in of_indicator(self.other, self.indicator, [edition]):
                if is_computed(row):
                    found.setdefault((row[v.REF_AREA], row[v.TIME_PERIOD]), row)
        return found

    @cached_property
    def economies(self) -> list[Row]:
        """The values of economies of the leading indicator and year, from the highest to the lowest."""
        if self.levels is None:
            return []
        rows = totals(self.levels, self.indicator, country_sources(self.levels))
        of_year = [row for row in rows if row[v.TIME_PERIOD] == self.year and is_economy(row[v.REF_AREA])]
        valued = [row for row in of_year if is_computed(row)]
        return sorted(valued, key=lambda row: (-row[v.OBS_VALUE], row[v.REF_AREA]))

    @cached_property
    def groups(self) -> Mapping[str, frozenset[str]]:
        """The members of each group, at the vintage of the edition that the economies are from."""
        if not self.economies or self.levels is None:
            return {}
        return {
            code: frozenset(areas) for code, areas in self.levels.members[self.economies[0][v.EDITION]].groups.items()
        }

    def series(self, area: str) -> list[Row]:
        """The values of an area over the years."""
        return sorted((row for row in self.totals if row[v.REF_AREA] == area), key=lambda row: row[v.TIME_PERIOD])

    def value(self, area: str) -> Row | None:
        """The value of a group in the year of the economies, withheld or not."""
        return next((row for row in self.series(area) if row[v.TIME_PERIOD] == self.year), None)


def of_indicator(result: Result, indicator: str, editions: Sequence[str]) -> list[Row]:
    """The rows of an indicator and of editions that are total in every dimension."""
    frame = result.aggregates
    if not len(frame):
        return []
    keep = (frame[v.INDICATOR] == indicator) & frame[v.EDITION].isin(editions)
    keep &= (frame[[*v.DIMENSIONS, *result.dimensions]] == v.TOTAL).all(axis=1)
    return records(frame[keep], v.OBS_COMMENT)


def totals(result: Result, indicator: str, editions: Sequence[str]) -> list[Row]:
    """The rows of an indicator in the edition with the latest year, one for each area and year."""
    rows = of_indicator(result, indicator, editions)
    if not rows:
        return []
    newest = max(rows, key=lambda row: (row[v.TIME_PERIOD], row[v.EDITION]))[v.EDITION]
    chosen: dict[tuple[str, int], Row] = {}
    for row in sorted(rows, key=lambda row: str(row[v.MEMBERSHIP]) == v.AS_PUBLISHED):
        if row[v.EDITION] == newest:
            chosen.setdefault((row[v.REF_AREA], row[v.TIME_PERIOD]), row)
    return list(chosen.values())


def leading(result: Result) -> tuple[str, int]:
    """The indicator with most group values from economies, and its latest year in which the world has a value.

    Without one for the world, the latest year of any value; an empty id if nothing is from economies.
    """
    frame = result.aggregates
    if not len(frame):
        return "", 0
    own = frame[frame[v.EDITION].isin(country_sources(result)) & frame[v.OBS_VALUE].notna()]
    counts = own[v.INDICATOR].value_counts()
    if not len(own):
        return "", 0
    indicator = str(counts.index[0])
    rows: pd.DataFrame = own[own[v.INDICATOR] == indicator]
    world = rows[rows[v.REF_AREA] == v.WORLD]
    return indicator, int((world if len(world) else rows)[v.TIME_PERIOD].max())
