"""Values to compare: those of economies and published groups as they stand, and group values made from economies."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.errors import SourceError
from divide_cli.frames.bounds import printed
from divide_cli.frames.columns import area_category, by_category, category, constant, labelled
from divide_cli.frames.keys import composite_key, unique_rows
from divide_cli.frames.obs_comment import compose, names_where
from divide_cli.frames.schema import limits, place
from divide_cli.sources.groupings import Membership
from divide_cli.sources.population import Population, tables_of

Array = npt.NDArray[Any]
STATED = "population stated with the values"
LOWEST_LEVEL = 50.0
"""Percent; an interval that holds its value less often than not is a mistake."""


def is_group(frame: pd.DataFrame, members: Membership) -> npt.NDArray[np.bool_]:
    """Which rows are of a group of areas."""
    return by_category(frame[v.REF_AREA], lambda code: code in members.groups or not is_economy(code))


def compared_rows(frame: pd.DataFrame, groups: npt.NDArray[np.bool_], dimensions: Sequence[str]) -> Array:
    """Which rows any comparison may take: the codes that comparisons name, in a dimension or as a group."""
    taken = np.zeros(len(frame), dtype=bool)
    for comparison in catalogue().comparisons.values():
        codes = (comparison.reference, comparison.compared)
        if comparison.over in (*v.DIMENSIONS, *dimensions):
            taken |= frame[comparison.over].isin(codes).to_numpy()
        else:
            taken |= groups & frame[v.REF_AREA].isin(codes).to_numpy()
    return taken


def as_published(
    frame: pd.DataFrame, dimensions: Sequence[str], members: Membership, population: Population
) -> pd.DataFrame:
    """Observations as values: bounds from the printed decimals where DECIMALS gives them, else the value itself.

    COVERAGE and the numbers of areas of a published group are unknown (null); an economy covers itself.
    """
    made = frame[[*v.KEY, *dimensions, v.OBS_VALUE, v.OBS_STATUS, v.OBS_COMMENT]].copy()
    value = made[v.OBS_VALUE].to_numpy()
    decimals = frame[v.DECIMALS].to_numpy(dtype=np.float64, na_value=np.nan) if v.DECIMALS in frame else np.nan
    bounded = printed(value, decimals).within(*limits(made))
    made[v.BOUND_LOWER], made[v.BOUND_UPPER] = bounded.lower, bounded.upper
    groups = is_group(frame, members)
    missing = np.isnan(value)
    made[v.COVERAGE] = np.where(groups, np.nan, np.where(missing, 0.0, 100.0))
    made[v.N_AREAS] = np.where(groups, np.nan, np.where(missing, 0.0, 1.0))
    made[v.N_AREAS_TOTAL] = np.where(groups, np.nan, 1.0)
    made.loc[missing, v.OBS_STATUS] = v.MISSING
    made[v.REF_AREA] = made[v.REF_AREA].cat.set_categories(area_category(members.groups).categories)
    made[v.WEIGHTS] = labelled(groups.astype(np.int8), (v.NOT_APPLICABLE, v.AS_PUBLISHED))
    made[v.REPORTERS] = 0.0
    made[v.COVERAGE_IS_LIMIT] = False
    made[v.ERROR] = errors(frame)
    _count(made, dimensions, groups, members, population)
    if v.POPULATION in frame:
        stated = frame[v.POPULATION].to_numpy(dtype=np.float64)
        said = ~np.isnan(stated)
        made[v.POPULATION] = np.where(said, stated, made[v.POPULATION])
        counts = made[v.COUNTS].cat.add_categories(STATED)
        made[v.COUNTS] = counts.where(~said, STATED)
    return made


def errors(frame: pd.DataFrame) -> Array:
    """The standard error of each observation: STD_ERR, else (CI_UPPER - CI_LOWER) / (2 z), z that of CI_LEVEL (95 where
    empty); NaN where neither is known. SourceError where an interval does not hold its value.
    """
    if not any(name in frame for name in v.UNCERTAINTY):
        return np.full(len(frame), np.nan)
    known = {name: frame[name].to_numpy() if name in frame else np.full(len(frame), np.nan) for name in v.UNCERTAINTY}
    values = frame[v.OBS_VALUE].to_numpy()
    outside = (known[v.CI_LOWER] > values) | (known[v.CI_UPPER] < values)
    level = np.where(np.isnan(known[v.CI_LEVEL]), 95.0, known[v.CI_LEVEL])
    wrong = np.flatnonzero(outside | (level < LOWEST_LEVEL) | (level >= 100))
    if len(wrong):
        row = int(wrong[0])
        raise SourceError(
            "interval_not_around_value",
            lowest_level=LOWEST_LEVEL,
            found=f"{known[v.CI_LOWER][row]:g} to {known[v.CI_UPPER][row]:g}, level {level[row]:g}, "
            f"value {values[row]:g}",
            where=place(frame, row),
        )
    levels, of_row = np.unique(level, return_inverse=True)
    z = np.array([NormalDist().inv_cdf(0.5 + each / 200) for each in levels])[of_row.reshape(-1)]
    return np.where(np.isnan(known[v.STD_ERR]), (known[v.CI_UPPER] - known[v.CI_LOWER]) / (2 * z), known[v.STD_ERR])


def _count(
    made: pd.DataFrame, dimensions: Sequence[str], groups: Array, members: Membership, population: Population
) -> None:
    """POPULATION and COUNTS of each row, in place: of the economy, or of all members of the group that are counted.

    COUNTS names the members of a group whose people no source counts, since POPULATION lacks them.
    """
    made[v.POPULATION] = np.nan
    made[v.COUNTS] = constant(v.NOT_APPLICABLE, len(made))
    if not len(made):
        return
    breakdown = [v.INDICATOR, *v.DIMENSIONS, *dimensions]
    first, kind = unique_rows(composite_key(made, breakdown))
    low = int(made[v.TIME_PERIOD].min())
    years = np.arange(low, int(made[v.TIME_PERIOD].max()) + 1, dtype=np.int16)
    tables, of_kind = tables_of(made[breakdown].iloc[first], population, years)
    persons = np.stack([table.persons for table in tables])
    areas = category(v.REF_AREA).categories
    kind, area, year = of_kind[kind], made[v.REF_AREA].cat.codes.to_numpy(), made[v.TIME_PERIOD].to_numpy() - low
    at = np.flatnonzero(groups)
    uncounted = np.isnan(persons[kind[at], :, year[at]])
    for code in sorted(set(made[v.REF_AREA][groups].astype(str)) & set(members.groups)):
        inside = areas.isin(list(members.groups[code]))
        uncounted[area[at] == areas.get_loc(code)] &= inside
        persons[:, areas.get_loc(code), :] = np.nansum(persons[:, inside, :], axis=1)
    counted = persons[kind, area, year]
    made[v.POPULATION] = np.where(counted > 0, counted, np.nan)
    absent, names = names_where(uncounted, list(areas))
    without = np.zeros(len(made), dtype=np.int64)
    without[at] = np.where(counted[at] > 0, absent + 1, 0)
    said = [
        (kind, [table.label for table in tables]),
        (groups.astype(np.int64), ("", members.label)),
        (without, ["", *(f"without the people of {codes}" if codes else "" for codes in names)]),
    ]
    made[v.COUNTS] = labelled(*compose(said))
