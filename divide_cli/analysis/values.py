"""Values to compare: those of economies and published groups unchanged, and group values combined from economies."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.errors import SourceError
from divide_cli.frames import columns
from divide_cli.frames.bounds import printed
from divide_cli.frames.columns import Array, Mask, Texts
from divide_cli.frames.schema import limits, place
from divide_cli.language import later, say
from divide_cli.sources.groupings import Membership
from divide_cli.sources.population import Population, people_behind

STATED = later("population stated with the values")
LOWEST_LEVEL = 50.0
"""The lowest level of an interval, in percent; an interval more likely to miss its value than not is a mistake."""


def is_group(frame: pd.DataFrame, members: Membership) -> Mask:
    """The rows that belong to a group of areas."""
    return columns.by_category(frame[v.REF_AREA], lambda code: code in members.groups or not is_economy(code))


def in_totals(values: pd.DataFrame, indicator: str, dimensions: Sequence[str], over: str) -> Mask:
    """The rows of the indicator that are totals in every dimension but `over`."""
    others = [name for name in (*v.DIMENSIONS, *dimensions) if name != over]
    return ((values[v.INDICATOR] == indicator) & values[others].isin([v.TOTAL]).all(axis=1)).to_numpy()


def compared_rows(frame: pd.DataFrame, groups: Mask, dimensions: Sequence[str]) -> Array:
    """The rows that a gap may take: its indicator's, with the codes that its comparison names, in a dimension or as a
    group.
    """
    rows, gaps = np.zeros(len(frame), dtype=bool), catalogue().gaps.values()
    for comparison in catalogue().comparisons.values():
        indicators = {gap.indicator for gap in gaps if gap.comparison == comparison.id}
        codes, within = (comparison.reference, comparison.compared), comparison.over in (*v.DIMENSIONS, *dimensions)
        named = columns.with_codes(frame[comparison.over if within else v.REF_AREA], codes)
        named = named & columns.with_codes(frame[v.INDICATOR], indicators)
        rows |= named if within else named & groups
    return rows


def as_published(
    frame: pd.DataFrame, dimensions: Sequence[str], members: Membership, population: Population
) -> pd.DataFrame:
    """Turns observations into values, with bounds from the printed decimals if DECIMALS gives them, or the value
    itself.

    COVERAGE and the numbers of areas of a published group are unknown (null); an economy covers itself. People are
    those that POPULATION states, or those that the populations count.
    """
    values = frame[[*v.KEY, *dimensions, v.OBS_VALUE, v.OBS_STATUS, v.OBS_COMMENT]].copy()
    decimals = frame[v.DECIMALS].to_numpy(dtype=np.float64, na_value=np.nan) if v.DECIMALS in frame else np.nan
    least, most = limits(values)
    values[v.OBS_VALUE] = np.clip(values[v.OBS_VALUE].to_numpy(), least, most)  # 100.00000000000001 is 100
    bounded = printed(values[v.OBS_VALUE].to_numpy(), decimals).within(least, most)
    groups, missing = is_group(frame, members), np.isnan(bounded.value)
    values.loc[missing, v.OBS_STATUS] = v.MISSING
    values[v.REF_AREA] = values[v.REF_AREA].cat.set_categories(columns.area_category(members.groups).categories)
    persons, counts = _people(values, dimensions, groups, members, population)
    if v.POPULATION in frame:
        stated = frame[v.POPULATION].to_numpy(dtype=np.float64)
        persons = np.where(np.isnan(stated), persons, stated)
        counts = pd.Series(counts.add_categories(STATED)).where(np.isnan(stated), STATED).array
    below, above = errors(frame)
    return values.assign(**{
        v.BOUND_LOWER: bounded.lower,
        v.BOUND_UPPER: bounded.upper,
        v.COVERAGE: np.where(groups, np.nan, np.where(missing, 0.0, 100.0)),
        v.N_AREAS: np.where(groups, np.nan, np.where(missing, 0.0, 1.0)),
        v.N_AREAS_TOTAL: np.where(groups, np.nan, 1.0),
        v.WEIGHTS: columns.labelled(groups.astype(np.int8), (v.NOT_APPLICABLE, v.AS_PUBLISHED)),
        v.REPORTERS: 0.0,
        v.COVERAGE_IS_LIMIT: False,
        v.ERROR_BELOW: below,
        v.ERROR_ABOVE: above,
        v.FREEDOM: frame[v.DEGREES_OF_FREEDOM].fillna(np.inf) if v.DEGREES_OF_FREEDOM in frame else np.inf,
        v.POPULATION: persons,
        v.COUNTS: counts,
    })  # fmt: skip


def errors(frame: pd.DataFrame) -> tuple[Array, Array]:
    """The standard errors of each observation below and above it: STD_ERR, or the sides of its interval over z.

    The sides are OBS_VALUE - CI_LOWER and CI_UPPER - OBS_VALUE, z is that of CI_LEVEL, 95 if empty. Sides of the same
    length give (CI_UPPER - CI_LOWER) / (2 z) twice. Errors are NaN if STD_ERR is, and an end too. Raises SourceError if
    an interval does not contain its value.
    """
    if not any(name in frame for name in v.UNCERTAINTY):
        return np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    absent, value = np.full(len(frame), np.nan), frame[v.OBS_VALUE].to_numpy()
    error, lower, upper, level = (frame[name].to_numpy() if name in frame else absent for name in v.UNCERTAINTY)
    level = np.where(np.isnan(level), 95.0, level)
    wrong = np.flatnonzero((lower > value) | (upper < value) | (level < LOWEST_LEVEL) | (level >= 100))
    if len(wrong):
        row = int(wrong[0])
        interval = say(
            "{lower:g} to {upper:g}, level {level:g}, value {value:g}",
            lower=lower[row],
            upper=upper[row],
            level=level[row],
            value=value[row],
        )
        parts = {"lowest_level": LOWEST_LEVEL, "found": interval}
        raise SourceError("interval_not_around_value", where=place(frame, row), **parts)
    from statistics import NormalDist

    levels, of_row = np.unique(level, return_inverse=True)
    z = np.array([NormalDist().inv_cdf(0.5 + each / 200) for each in levels])[of_row.reshape(-1)]
    mean, skew = (upper - lower) / (2 * z), (upper + lower - 2 * value) / (2 * z)
    even = np.abs(skew) <= v.EXACT * np.maximum(np.abs(value), 1)  # to the rounding of doubles
    skew = np.where(even, 0.0, skew)
    below, above = (np.where(np.isnan(error), np.maximum(mean + side, 0), error) for side in (-skew, skew))
    return below, above


def _people(
    values: pd.DataFrame, dimensions: Sequence[str], groups: Array, members: Membership, population: Population
) -> tuple[Array, Texts]:
    """The people of each row, of the economy or of all counted members of the group, and who counts them.

    COUNTS names the members of a group whose people are in no source and not in POPULATION.
    """
    if not len(values):
        return np.full(0, np.nan), columns.constant(v.NOT_APPLICABLE, 0)
    people = people_behind(values, dimensions, population)
    areas, persons = columns.areas(), people.persons.copy()
    table, year = people.table, people.year
    area = values[v.REF_AREA].cat.codes.to_numpy()
    at = np.flatnonzero(groups)
    uncounted = np.isnan(persons[table[at], :, year[at]])
    for code in sorted(set(columns.values_of(values[v.REF_AREA][groups])) & set(members.groups)):
        inside = columns.areas_in(members.groups[code])
        place = areas.index(code)
        uncounted[area[at] == place] &= inside
        persons[:, place, :] = np.nansum(persons[:, inside, :], axis=1)
    counted = persons[table, area, year]
    absent, names = columns.names_where(uncounted, areas)
    without = np.zeros(len(values), dtype=np.int64)
    without[at] = np.where(counted[at] > 0, absent + 1, 0)
    texts = columns.compose([
        (table, [counts.label for counts in people.tables]),
        (groups.astype(np.int64), ("", members.label)),
        (without, ["", *(say("without the people of {codes}", codes=codes) if codes else "" for codes in names)]),
    ])  # fmt: skip
    return np.where(counted > 0, counted, np.nan), columns.labelled(*texts)
