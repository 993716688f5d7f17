"""One number back to its parts: each economy's value, weight and contribution, and what the missing could do to it.

For a weighted mean A with weights w and W = sum(w) over the members that report: CONTRIBUTION = w p / W, in the unit of
the value, sums to A; RELATIVE = w (p - A) / W sums to 0; INFLUENCE = A minus the value without the economy. A missing
member of weight m moves A by m (end - A) / (W + m) if it alone reported the lowest or the highest value that the unit
allows (LOWERS, RAISES); if all did, A would be at its bounds. If its weight is unknown, its whole population is used,
as in the bounds. A median has no weights: each economy counts once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis import pipeline
from divide_cli.analysis.decomposition.parts import figures
from divide_cli.analysis.request import Request, Result, Row
from divide_cli.analysis.values import is_group
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.frames import columns
from divide_cli.frames.columns import Array
from divide_cli.frames.schema import limits
from divide_cli.sources.population import Population, people_behind

WEIGHT, SHARE, CONTRIBUTION, RELATIVE, INFLUENCE = "WEIGHT", "SHARE", "CONTRIBUTION", "RELATIVE", "INFLUENCE"
LOWERS, RAISES, SIDE = "LOWERS", "RAISES", "SIDE"
NUMBERS = (WEIGHT, SHARE, CONTRIBUTION, RELATIVE, INFLUENCE, LOWERS, RAISES)
MEMBER_COLUMNS = (v.REF_AREA, v.OBS_VALUE, v.OBS_STATUS, *NUMBERS, v.FILE, v.LINE, v.OBS_COMMENT)


@dataclass(frozen=True)
class Query:
    """Which number: an indicator or a gap, an area, a year (None: the latest with a value), codes of a breakdown."""

    indicator: str
    area: str
    gap: str = ""
    year: int | None = None
    breakdown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One value with its parts: `members` are those of a group, or the one row of a value that a source states."""

    row: Row
    members: pd.DataFrame

    @property
    def is_combined(self) -> bool:
        """Whether the value is that of a group, combined from economies: its parts are known."""
        return self.row[v.MEMBERSHIP] not in (v.NOT_APPLICABLE, v.AS_PUBLISHED)

    @property
    def lines(self) -> pd.DataFrame:
        """The file and line of each observation behind the value."""
        return self.members.loc[self.members[v.FILE] != "", [v.FILE, v.LINE]]


@dataclass(frozen=True)
class Explanation:
    """What was asked, the rows of the gap by measure (empty for a value), its values, and what they rest on.

    `published` are the figures that other editions state for the same key.
    """

    query: Query
    gaps: tuple[Row, ...]
    parts: tuple[Part, ...]
    published: tuple[Row, ...]
    result: Result


def explain(query: Query, request: Request) -> Explanation | None:
    """Explains one number from the requested files or editions; None if there is none for the query."""
    chosen = replace(
        request,
        indicators=() if query.gap else (query.indicator,),
        gaps=(query.gap,) if query.gap else (),
        years=(query.year,) if query.year else (),
        economies=(query.area,) if is_economy(query.area) else (),
        keep=True,
    )
    return explained(query, pipeline.compute(chosen))


def explained(query: Query, result: Result) -> Explanation | None:
    """Explains one number of a result that keeps its observations; None if it has none for the query."""
    found = _of_gap(query, result) if query.gap else _of_value(query, result)
    if not found:
        return None
    gaps, rows, others = found
    return Explanation(query, gaps, tuple(_part(row, result) for row in rows), others, result)


def _of_value(query: Query, result: Result) -> tuple[tuple[Row, ...], list[Row], tuple[Row, ...]] | None:
    """The value at the key, combined from economies or of an economy if there is one, and those of other editions."""
    rows = _latest(_at(result.aggregates, {**_codes(query, result), v.REF_AREA: query.area}, result), query, result)
    own = [row for row in rows if _is_own(row, result)]
    chosen = (own or rows)[:1]
    return ((), chosen, tuple(row for row in rows if row not in chosen)) if chosen else None


def _of_gap(query: Query, result: Result) -> tuple[tuple[Row, ...], list[Row], tuple[Row, ...]] | None:
    """The gap in each measure with its two values, and the gaps of other editions."""
    gap, codes = catalogue().gaps[query.gap], _codes(query, result)
    comparison = catalogue().comparisons[gap.comparison]
    over_dimension = comparison.over in codes
    key = {**codes, v.REF_AREA: query.area, v.GAP: gap.id}
    if over_dimension:
        key[comparison.over] = v.NOT_APPLICABLE
    rows = _latest(_at(result.gaps, key, result), query, result)
    if not rows:
        return None
    first = next((row for row in rows if _is_own(row, result)), rows[0])
    same = [row for row in rows if (row[v.EDITION], row[v.MEMBERSHIP]) == (first[v.EDITION], first[v.MEMBERSHIP])]
    sides = []
    for code in (comparison.reference, comparison.compared):
        place = {comparison.over: code} if over_dimension else {v.REF_AREA: code}
        at = {
            **codes,
            v.REF_AREA: query.area,
            **place,
            v.TIME_PERIOD: first[v.TIME_PERIOD],
            v.EDITION: first[v.EDITION],
        }
        values = _at(result.aggregates, at, result)
        sides += values[:1] or _observed(at, result)
    return tuple(same), sides, tuple(row for row in rows if row not in same)


def _codes(query: Query, result: Result) -> dict[str, str]:
    """The indicator, and the codes of the breakdown: the total in each dimension that the query does not name."""
    totals = dict.fromkeys((*v.DIMENSIONS, *result.dimensions), v.TOTAL)
    return {v.INDICATOR: query.indicator, **totals, **query.breakdown}


def _at(frame: pd.DataFrame, key: Mapping[str, object], result: Result) -> list[Row]:
    """The rows at the key; those that the sources of economies give come first."""
    mask = np.ones(len(frame), dtype=bool)
    for name, code in key.items():
        mask &= (frame[name] == code).to_numpy() if name in frame else code in (v.TOTAL, v.NOT_APPLICABLE)
    rows: list[Row] = [{str(name): value for name, value in row.items()} for row in frame[mask].to_dict("records")]
    return sorted(rows, key=lambda row: not _is_own(row, result))


def _is_own(row: Row, result: Result) -> bool:
    """Whether a row comes from the user's files or from an edition of country figures."""
    source = result.sources[str(row[v.EDITION])]
    return source.role == "country"


def _latest(rows: Sequence[Row], query: Query, result: Result) -> list[Row]:
    """The rows of the year asked for, else of the latest with a value of the own figures, or of any without these."""
    if query.year or not rows:
        return [row for row in rows if row[v.TIME_PERIOD] == query.year]
    own = [row for row in rows if _is_own(row, result)] or rows
    valued = [row for row in own if not pd.isna(row[v.OBS_VALUE])] or own
    year = max(row[v.TIME_PERIOD] for row in valued)
    return [row for row in rows if row[v.TIME_PERIOD] == year]


def _observed(key: Mapping[str, object], result: Result) -> list[Row]:
    """The observation at the key, as a row of values."""
    frame = result.observed[str(key[v.EDITION])]
    rows = _at(frame.assign(**{v.EDITION: str(key[v.EDITION])}), key, result)[:1]
    return [{**row, v.MEMBERSHIP: v.NOT_APPLICABLE} for row in rows]


def _part(row: Row, result: Result) -> Part:
    """A value with its parts."""
    edition, area = str(row[v.EDITION]), str(row[v.REF_AREA])
    members, frame = result.members[edition], result.observed[edition]
    combined = row[v.MEMBERSHIP] not in (v.NOT_APPLICABLE, v.AS_PUBLISHED)
    inside = members.groups[area] if combined else frozenset((area,))
    if combined:
        frame = frame[~is_group(frame, members)]
    dimensions = [name for name in result.dimensions if name in frame]
    names = [v.INDICATOR, *v.DIMENSIONS, *dimensions, v.TIME_PERIOD]
    cell = pd.DataFrame({name: [row[name]] for name in names})
    cell = cell.astype(dict.fromkeys(names[:-1], "category")).astype({v.TIME_PERIOD: "int16"})
    population = pipeline.population_of(result.request)
    found = figures(frame, cell, dimensions, population)
    areas = columns.category(v.REF_AREA).categories
    at = np.flatnonzero(areas.isin(list(inside)))
    values, weights = found.values[0][at], found.weights[0][at]
    if not combined:
        numbers = {**dict.fromkeys(NUMBERS, np.full(len(at), np.nan)), WEIGHT: weights}
    elif catalogue().indicators[str(row[v.INDICATOR])].aggregation.method == "median_of_areas":
        numbers = _of_median(values, cell)
    else:
        everybody = cell.assign(**{name: columns.constant(v.TOTAL, 1) for name in (*v.DIMENSIONS, *dimensions)})
        most = _whole_population(everybody, dimensions, population)[at]
        numbers = _of_mean(values, weights, most, cell)
    rows = found.rows[0][at]
    own = {name: _looked_up(frame, name, rows) for name in (v.OBS_STATUS, v.FILE, v.LINE, v.OBS_COMMENT)}
    table = pd.DataFrame({v.REF_AREA: areas[at], v.OBS_VALUE: found.values[0][at], **numbers, **own})
    table[v.OBS_STATUS] = table[v.OBS_STATUS].where(table[v.OBS_VALUE].notna(), v.MISSING)
    influence, possible = table[INFLUENCE].abs().fillna(-1), table[[LOWERS, RAISES]].abs().max(axis=1).fillna(-1)
    order = np.lexsort((table[v.REF_AREA], -possible, -influence, table[v.OBS_VALUE].isna()))
    return Part(row, table[list(MEMBER_COLUMNS)].iloc[order].reset_index(drop=True))


def _whole_population(cell: pd.DataFrame, dimensions: Sequence[str], population: Population) -> Array:
    """The whole population of each area in the year of the cell: the most that its weight may be."""
    people = people_behind(cell, dimensions, population)
    whole = population.table(catalogue().weights["population"], dict.fromkeys(v.DIMENSIONS, v.TOTAL), people.years)
    return np.asarray(whole.persons[:, 0])


def _of_mean(values: Array, weights: Array, most: Array, cell: pd.DataFrame) -> dict[str, Array]:
    """The numbers of a weighted mean, economy by economy."""
    lowest, highest = (ends[0] for ends in limits(cell))
    counted = ~np.isnan(values) & ~np.isnan(weights)
    weight = np.where(counted, weights, 0.0)
    total = weight.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(weight * np.nan_to_num(values)) / total
        relative = np.where(counted, weight * (values - mean) / total, np.nan)
        missing = np.where(np.isnan(values), np.where(np.isnan(weights), most, weights), np.nan)
        moves = missing / (total + missing)
        return {
            WEIGHT: weights,
            SHARE: np.where(counted, 100 * weight / total, np.nan),
            CONTRIBUTION: np.where(counted, weight * values / total, np.nan),
            RELATIVE: relative,
            INFLUENCE: relative * total / (total - weight),
            LOWERS: moves * (lowest - mean),
            RAISES: moves * (highest - mean),
        }


def _of_median(values: Array, cell: pd.DataFrame) -> dict[str, Array]:
    """The numbers of an unweighted median: what it would be without each economy, or with each that is missing."""
    lowest, highest = (ends[0] for ends in limits(cell))
    reported = values[~np.isnan(values)]
    middle = np.median(reported) if len(reported) else np.nan

    def moved(place: int) -> tuple[float, float, float]:
        if not np.isnan(values[place]):
            others = np.delete(values, place)
            others = others[~np.isnan(others)]
            return (middle - np.median(others) if len(others) else np.nan), np.nan, np.nan
        ends = [np.median([*reported, end]) - middle if len(reported) else np.nan for end in (lowest, highest)]
        return np.nan, float(ends[0]), float(ends[1])

    numbers = np.array([moved(place) for place in range(len(values))]).reshape(-1, 3).T
    absent = np.full(len(values), np.nan)
    of_one = dict(zip((INFLUENCE, LOWERS, RAISES), numbers, strict=True))
    return {**dict.fromkeys((WEIGHT, SHARE, CONTRIBUTION, RELATIVE), absent), **of_one}


def _looked_up(frame: pd.DataFrame, name: str, rows: Array) -> Array:
    """The column at the rows; empty where there is none."""
    texts = np.full(len(rows), 0 if name == v.LINE else "", dtype=object)
    if name in frame:
        texts[rows >= 0] = frame[name].astype(object).to_numpy()[rows[rows >= 0]]
    return texts
