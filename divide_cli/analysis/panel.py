"""Constant panels: group values that rest on the economies with a figure in every year used, and on no others.

A group value moves when other economies report, even if no economy changes. In a constant panel they are the same in
all years. The years are those that a trend over all reporting economies rests on, if each value has SOUND coverage; the
coverage asked for decides only if fewer than two years have it. An economy is in the panel if it has a figure in each
of these years: of each breakdown that is compared, if one is. Coverage is that of the panel: the share of the people of
all members, whether in the panel or not. No value is withheld for it, since it is the panel's; the panel's text says
where the coverage is below the minimum.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.aggregation import aggregate
from divide_cli.analysis.pipeline import RunValues, attributed
from divide_cli.analysis.values import in_totals
from divide_cli.frames.bounds import cut_to_tenths
from divide_cli.frames.columns import Array, constant
from divide_cli.language import commas, counted, say
from divide_cli.sources.population import Population

SOUND = 75.0
"""The coverage in percent that a year needs to be one of a panel: that of `--min-coverage` by default.

A lower minimum, asked for because a panel covers fewer people, must not add years that make the panel smaller still.
"""


class PanelChoice(StrEnum):
    """Which economies a group value rests on: all that report in its year, or those that report in every year."""

    ALL = "all"
    CONSTANT = "constant"


@dataclass(frozen=True)
class Panel:
    """The years of a constant panel, its economies in each group, and the least coverage that they give in a year.

    Below `minimum`, values are those of the panel, not of the group.
    """

    years: tuple[int, ...]
    economies: Mapping[str, tuple[str, ...]]
    coverage: Mapping[str, float] = field(default_factory=dict)
    minimum: float = 0.0

    @property
    def everybody(self) -> frozenset[str]:
        """The economies of all groups."""
        return frozenset(code for codes in self.economies.values() for code in codes)

    @property
    def text(self) -> str:
        """`constant panel of 17 years, 2007 to 2024: LIC 9 economies, HIC 50 economies`."""
        return self._text(
            counted(len(codes), "{group} {number} economy", "{group} {number} economies", group=group)
            if codes
            else say("{group} no economies", group=group)
            for group, codes in self.economies.items()
        )

    @property
    def names(self) -> str:
        """The same with the codes of the economies."""
        return self._text(f"{group} {' '.join(codes) or say('none')}" for group, codes in self.economies.items())

    def _text(self, groups: Iterable[str]) -> str:
        years = say(
            "{count} years, {years} to {years_2}", count=len(self.years), years=self.years[0], years_2=self.years[-1]
        )
        return say(
            "constant panel of {years}: {groups}{shortfall}",
            years=years,
            groups=commas(groups),
            shortfall=self._shortfall,
        )

    @property
    def _shortfall(self) -> str:
        """The groups of which the panel covers less than the minimum in some year."""
        covered = {group: self.coverage.get(group, 0.0) for group in self.economies}
        few = [
            say("{share:.1f} % of {group}", share=cut_to_tenths(share), group=group)
            for group, share in covered.items()
            if share < self.minimum
        ]
        below = say(
            "below {minimum:g} %: the values are those of the panel, not of the whole group", minimum=self.minimum
        )
        return say("; it covers {few} (people), {below}", few=commas(few), below=below) if few else ""


def panel_of(
    figures: pd.DataFrame, groups: Mapping[str, frozenset[str]], years: Sequence[int], over: str, codes: Collection[str]
) -> Panel:
    """The members of the groups that have, in `figures`, a value of each code of a dimension in each of the years.

    `figures` are observations of one indicator. Without a dimension, one value in each year is enough.
    """
    rows = figures[figures[v.TIME_PERIOD].isin(years).to_numpy() & figures[v.OBS_VALUE].notna().to_numpy()]
    wanted = len(years)
    if over:
        rows, wanted = rows[rows[over].isin(codes).to_numpy()], wanted * len(codes)
    number = rows[v.REF_AREA].astype(str).value_counts()
    whole = set(number.index[number == wanted])
    return Panel(tuple(years), {group: tuple(sorted(members & whole)) for group, members in groups.items()})


@dataclass(frozen=True)
class PanelValues:
    """Recombines the values of a run, whose observations are kept, from the economies of panels alone."""

    values: RunValues
    population: Population
    minimum: float

    def figures(self, edition: str, indicator: str, over: str) -> pd.DataFrame:
        """The observations of an edition that are totals in every dimension but `over`."""
        observed = self.values.observed[edition]
        own = [name for name in self.values.dimensions if name in observed]
        return observed[in_totals(observed, indicator, own, over)]

    def of(self, edition: str, figures: pd.DataFrame, panel: Panel) -> pd.DataFrame:
        """The values of the panel's groups in its years, combined from `figures` of its economies."""
        inside = figures[v.REF_AREA].isin(list(panel.everybody)) & figures[v.TIME_PERIOD].isin(panel.years)
        members = self.values.members[edition]
        groups = replace(members, groups={group: members.groups[group] for group in panel.economies})
        own = [name for name in self.values.dimensions if name in figures]
        combined = aggregate(figures[inside.to_numpy()], own, groups, self.population, minimum=0)
        combined[v.MEMBERSHIP] = constant(members.label, len(combined))
        return attributed(combined, self.values.sources[edition], "combined", self.values.dimensions)

    def of_economies(self, edition: str, panel: Panel) -> pd.DataFrame:
        """The values of the panel's economies in its years, as their source states them."""
        values = self.values.of(edition)
        inside = values[v.REF_AREA].isin(list(panel.everybody)) & values[v.TIME_PERIOD].isin(panel.years)
        return values[inside.to_numpy()]


def changing_reporters(codes: Sequence[str], reporters: Array, areas: Array) -> str:
    """`LIC 12 to 24 economies`: the codes whose values rest on other economies in other years, with how many.

    `reporters` (a number that identifies a set of economies) and `areas` (its size) have shape (years, codes).
    """
    changes = []
    for place, code in enumerate(codes):
        if len(set(reporters[:, place])) > 1:
            fewest, most = int(areas[:, place].min()), int(areas[:, place].max())
            number = (
                counted(most, "{fewest} to {number} economy", "{fewest} to {number} economies", fewest=fewest)
                if fewest < most
                else counted(fewest, "{number} economy, not always the same", "{number} economies, not always the same")
            )
            changes.append(f"{code} {number}")
    return commas(changes)
