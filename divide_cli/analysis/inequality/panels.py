"""Subgroup sets over the years that rest on a constant panel of economies."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from divide_cli import concepts as v
from divide_cli.analysis.inequality.subgroup_sets import SubgroupSet, subgroup_sets_of
from divide_cli.analysis.panel import SOUND, Panel, PanelValues, panel_of
from divide_cli.analysis.pipeline import stacked_values
from divide_cli.catalogue import catalogue
from divide_cli.errors import NothingComputedError


def series_of(subgroup_sets: Iterable[SubgroupSet]) -> list[list[SubgroupSet]]:
    """The sets of each edition, basis and area, in the order of their years."""
    groups = groupby(subgroup_sets, key=lambda one: (one.edition, one.basis, one.area))
    return [sorted(group, key=lambda one: one.year) for _, group in groups]


def is_used(of: SubgroupSet) -> bool:
    """Whether measures over the years rest on a set: both sides of its comparison have a value, or enough subgroups."""
    if of.query.comparison is None:
        return not of.withheld
    return of.sides is not None and not np.isnan(of.values[list(of.sides)]).any()


def _is_sound(of: SubgroupSet) -> bool:
    """Whether all values that measures over the years rest on have the coverage that a panel's years need."""
    places = list(of.sides) if of.query.comparison and of.sides else slice(None)
    return not (of.covered[places] < SOUND).any() and not of.coverage < SOUND


def constant_sets(subgroup_sets: Iterable[SubgroupSet], values: PanelValues) -> list[SubgroupSet]:
    """The sets with group values of constant panels; those that a source states are unchanged.

    The years are those that the measures over the years use. Raises NothingComputedError if no economy has a figure in
    all of them.
    """
    constant: list[SubgroupSet] = []
    for series in series_of(subgroup_sets):
        used = [one for one in series if is_used(one)]
        combined = series[0].basis == "combined" or series[0].query.over == v.REF_AREA
        sound = [one for one in used if _is_sound(one)]
        constant += _constant(sound if len(sound) > 1 else used, values) if combined and used else series
    return constant


def _constant(series: Sequence[SubgroupSet], values: PanelValues) -> list[SubgroupSet]:
    """The sets of one edition and area, recombined."""
    one, members = series[0], values.values.members[series[0].edition]
    over = one.query.over
    grouping = catalogue().groupings.get(over)
    dimension = "" if grouping or over == v.REF_AREA else over
    codes = {code for of_year in series for code in of_year.codes} if dimension else set[str]()
    if dimension and one.query.sides:
        codes = set(one.query.sides)
    groups = {code: members.groups[code] for code in (grouping.codes if grouping else (one.area,))}
    figures = values.figures(one.edition, one.query.indicator, dimension)
    panel = panel_of(figures, groups, [of_year.year for of_year in series], dimension, codes)
    if not panel.everybody:
        raise _nobody(panel, one)
    frame = values.of(one.edition, figures, panel)
    least = frame.groupby(v.REF_AREA, observed=True)[v.COVERAGE].min()
    panel = replace(
        panel, coverage={str(group): float(share) for group, share in least.items()}, minimum=values.minimum
    )
    if over == v.REF_AREA:
        frame = stacked_values([values.of_economies(one.edition, panel), frame])
    within = replace(members, groups=groups)
    sets = subgroup_sets_of(frame, one.query, values.values.dimensions, within, minimum=0)
    return [replace(made, panel=panel) for made in sets if (made.basis, made.area) == (one.basis, one.area)]


def _nobody(panel: Panel, of: SubgroupSet) -> NothingComputedError:
    first, last = panel.years[0], panel.years[-1]
    return NothingComputedError(
        "panel_empty",
        indicator=of.query.indicator, number=len(panel.years), first=first, last=last, where=f"{of.edition}, {of.area}",
    )  # fmt: skip
