"""Computes group values from values of economies: weighted mean or median, coverage, bounds.

With weights w, reported values p, and R the members that report: value = sum_R(w p) / sum_R(w); coverage = 100 sum_R(w)
/ sum_all(w). The bounds are the value of the whole group if every missing member had the lowest, or the highest, value
that the unit allows. Where DECIMALS says how values are rounded, those reported are half a unit lower, or higher. If
the weight of a member is unknown, it may be as much as its whole population, for the coverage, which is then a lower
limit, and for the bounds. If that population is unknown too, the coverage is at least 0, and the bounds are those of
the unit. A value whose coverage is below the threshold is withheld (null, status Q) and keeps its bounds. A value to
which an estimate contributes has status E. A median counts members without a weight that report, so only those that do
not may lower its coverage. Source of the weighted mean: SDG metadata 17.8.1, REG_AGG.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.frames import columns, stages
from divide_cli.frames.bounds import Bounded, cut_to_tenths, half_unit, of_share
from divide_cli.frames.columns import Array, Piece
from divide_cli.frames.schema import limits
from divide_cli.language import clauses, commas, say
from divide_cli.sources.groupings import Membership
from divide_cli.sources.population import UNCOUNTED, PeopleBehind, Population, people_behind

_SIGNATURE = np.random.default_rng(0).integers(1, 2**40, size=2**10).astype(float)
"""A number for each area; the sum of several, exact in a double, identifies a set of areas."""

Reports = list[Array]
"""The observations that count: cell, area, value and weight of each, whether it is an estimate, and half a unit of its
last decimal (0 if it is not rounded).
"""

LONG = 1 << 20
"""The rows that are aggregated at a time, about."""
_ESTIMATES = "ESTIMATES"
"""The number of values of a group that are estimates."""


@dataclass(frozen=True)
class _Cells:
    """Distinct (indicator, breakdown, year) cells, the cell of each observation, and the weights of each cell."""

    frame: pd.DataFrame
    of_row: Array
    people: PeopleBehind
    unknown: Array  # the most that a member without weight may weigh, 0 for those with one; tables x areas x years
    limits: tuple[Array, Array]  # the lowest and the highest value that the unit of each cell allows


def _cells(frame: pd.DataFrame, cell_names: Sequence[str], dimensions: Sequence[str], population: Population) -> _Cells:
    first, of_row = columns.unique_rows(columns.composite_key(frame, cell_names))
    cells = frame[list(cell_names)].iloc[first].reset_index(drop=True)
    people, everybody = people_behind(cells, dimensions, population), dict.fromkeys(v.DIMENSIONS, v.TOTAL)
    whole = population.table(catalogue().weights["population"], everybody, people.years).persons
    ceiling = np.where(np.isnan(whole), np.inf, whole)
    unknown = np.where(np.isnan(people.persons), ceiling, 0.0)
    return _Cells(cells, of_row, people, unknown, limits(cells))


def aggregate(
    frame: pd.DataFrame, dimensions: Sequence[str], members: Membership, population: Population, minimum: float
) -> pd.DataFrame:
    """Returns one row for each group and cell, including those without a reporting member.

    `frame` contains observations of economies of one edition; `minimum` is the coverage in percent below which a value
    is withheld. Columns: REF_AREA, the cell, OBS_VALUE, bounds, COVERAGE (percent, the least possible), N_AREAS,
    N_AREAS_TOTAL, POPULATION (persons, all members), OBS_STATUS, OBS_COMMENT, COVERAGE_IS_LIMIT, WEIGHTS. Indicators
    that do not aggregate give no row. A long frame is aggregated a few indicators at a time.
    """
    rounded = [v.DECIMALS] if v.DECIMALS in frame else []
    needed = frame[[*v.KEY, *dimensions, v.OBS_VALUE, v.OBS_STATUS, *rounded]]
    parts = [_aggregated(part, dimensions, members, population, minimum) for part in _in_parts(needed)]
    parts = [part for part in parts if len(part)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    return pd.DataFrame({name: columns.stacked([part[name] for part in parts]) for name in parts[0]}, copy=False)


def _in_parts(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The frame, or if it is long, the rows of a few indicators after those of others. They are looked for once."""
    if len(frame) <= LONG:
        yield frame
        return
    number = frame[v.INDICATOR].array
    counts = columns.counts_of(number)
    in_use = np.flatnonzero(counts)
    part, size = np.zeros(len(counts) + 1, dtype=np.int16), counts[in_use]
    part[in_use] = np.unique(np.cumsum(size) // LONG, return_inverse=True)[1]  # its indicators follow each other
    sizes = np.bincount(part[in_use], size).astype(np.int64)
    of_row = columns.taken(part, number.codes)
    places = columns.divided(lambda rows: np.arange(rows.start or 0, rows.stop, dtype=np.int32), of_row, sizes)
    for own in np.split(places, np.cumsum(sizes)[:-1]):
        yield pd.DataFrame({name: columns.column_at(frame[name].array, own, 1) for name in frame}, copy=False)


def _aggregated(
    frame: pd.DataFrame, dimensions: Sequence[str], members: Membership, population: Population, minimum: float
) -> pd.DataFrame:
    """The rows of `aggregate`."""
    stages.tell(stages.COMBINED, rows=len(frame))
    combining = columns.by_category(frame[v.INDICATOR], lambda code: _method(code) != "none").astype(bool)
    cell_names = (v.INDICATOR, *v.DIMENSIONS, *dimensions, v.TIME_PERIOD)
    part = frame if combining.all() else frame[combining]
    if not len(part):
        return pd.DataFrame()
    cells = _cells(part, cell_names, dimensions, population)
    inside = np.array([columns.areas_in(group) for group in members.groups.values()])
    medians = columns.by_category(cells.frame[v.INDICATOR], lambda code: _method(code) == "median_of_areas")
    reports = _reports(part, cells, medians)
    groups = [_combined(cells, reports, within, medians) for within in inside]
    sums = {name: np.concatenate([group[name] for group in groups]) for name in groups[0]}
    size = len(cells.frame)
    keys = cells.frame.iloc[np.tile(np.arange(size), len(groups))].reset_index(drop=True)
    areas = columns.area_category(members.groups)
    weights = columns.labelled(np.tile(cells.people.table, len(groups)), [table.label for table in cells.people.tables])
    return pd.DataFrame({
        v.REF_AREA: columns.of_codes(np.arange(len(groups)).repeat(size), list(members.groups), areas),
        **{name: keys[name] for name in cell_names},
        **sums,
        **_judged(sums, cells, inside, minimum),
        v.WEIGHTS: weights,
        v.COUNTS: weights,
        v.ERROR_BELOW: np.nan,
        v.ERROR_ABOVE: np.nan,
        v.FREEDOM: np.inf,
    }).drop(columns=_ESTIMATES)  # fmt: skip


def _method(indicator: str) -> str:
    return catalogue().indicators[indicator].aggregation.method


def _reports(part: pd.DataFrame, cells: _Cells, medians: Array) -> Reports:
    """Selects the values that count: those with a known weight, and all values of a median.

    They are in the order of cells and areas, so that sums have the same bits whatever the order of the file.
    """
    values = part[v.OBS_VALUE].to_numpy()
    area = part[v.REF_AREA].cat.codes.to_numpy()
    people = cells.people
    weight = people.persons[people.table[cells.of_row], area, people.year[cells.of_row]]
    estimate = (part[v.OBS_STATUS] == v.ESTIMATED).to_numpy()
    counted = np.flatnonzero(~np.isnan(values) & (~np.isnan(weight) | medians[cells.of_row]))
    key = cells.of_row[counted] * len(people.persons[0]) + area[counted]
    if (key[1:] < key[:-1]).any():
        counted = counted[np.argsort(key, kind="stable")]
    decimals = part[v.DECIMALS].to_numpy(dtype=np.float64, na_value=np.nan) if v.DECIMALS in part else np.nan
    half = np.broadcast_to(half_unit(decimals), values.shape)
    return [column[counted] for column in (cells.of_row, area, values, weight, estimate, half)]


def _combined(cells: _Cells, reports: Reports, within: Array, medians: Array) -> dict[str, Array]:
    """The numbers of one group, cell by cell, before any is withheld."""
    cell, area, values, weight, estimate, half = (column[within[reports[1]]] for column in reports)
    size, number = len(cells.frame), int(within.sum())

    def summed(amounts: Array | None = None) -> Array:
        return np.bincount(cell, amounts, minlength=size)

    table, year, persons = cells.people.table, cells.people.year, cells.people.persons[:, within, :]
    total = np.nansum(persons, axis=1)[table, year]
    weighs = (~np.isnan(persons)).sum(axis=1)[table, year]
    unknown = cells.unknown[:, within, :].sum(axis=1)[table, year]
    at = np.flatnonzero(medians & (unknown > 0))
    unknown[at] = _silent(cells, at, within, reports)
    lowest, highest = cells.limits
    reporting, weighing, weight = summed(), summed((~np.isnan(weight)).astype(float)), np.nan_to_num(weight)
    people = summed(weight)
    lower, upper = np.maximum(values - half, lowest[cell]), np.minimum(values + half, highest[cell])
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.clip(summed(weight * values) / people, lowest, highest)
        share = np.where((weighing == weighs) & (people > 0), 1, np.minimum(people / total, 1))  # 1, not nearly 1
        share = np.where((unknown > 0) & (total > 0), people / (total + unknown), share)
        bounded = of_share(mean, share, lowest, highest)
        if half.any():
            ends = (np.clip(summed(weight * end) / people, lowest, highest) for end in (lower, upper))
            bounded = bounded.around(*(of_share(end, share, lowest, highest) for end in ends))
    if medians.any():
        of_median, among = medians[cell], (size, number, lowest, highest)
        middle, low, high = (_medians(cell[of_median], end[of_median], *among) for end in (values, lower, upper))
        bounded = middle.around(low, high).where(medians, bounded)
    return {
        v.OBS_VALUE: bounded.value,
        v.BOUND_LOWER: np.where(np.isfinite(bounded.lower) & (total > 0), bounded.lower, np.nan),
        v.BOUND_UPPER: np.where(np.isfinite(bounded.upper) & (total > 0), bounded.upper, np.nan),
        v.COVERAGE: 100 * share,
        v.N_AREAS: reporting,
        v.N_AREAS_TOTAL: np.full(size, number),
        v.POPULATION: np.where(total > 0, total, np.nan),
        v.REPORTERS: summed(_SIGNATURE[area]),
        _ESTIMATES: summed(estimate.astype(float)).astype(np.int64),
    }


def _silent(cells: _Cells, at: Array, within: Array, reports: Reports) -> Array:
    """The most that members without a weight and without a value weigh in the group, in some of the cells."""
    most = np.where(within, cells.unknown[cells.people.table[at], :, cells.people.year[at]], 0)
    place = np.full(len(cells.frame), -1)
    place[at] = np.arange(len(at))
    row = place[reports[0]]
    most[row[row >= 0], reports[1][row >= 0]] = 0
    return np.asarray(most.sum(axis=1))


def _judged(sums: Mapping[str, Array], cells: _Cells, inside: Array, minimum: float) -> dict[str, Any]:
    """The values with sufficient coverage, and status and comment of each row; `sums` are group after group."""
    coverage, estimates = sums[v.COVERAGE], sums[_ESTIMATES]
    uncounted = np.isnan(coverage)
    silent = ~uncounted & (sums[v.N_AREAS] == 0)
    withheld = ~uncounted & ~silent & (coverage < minimum)
    status = np.select([uncounted | silent, withheld, estimates > 0], [1, 2, 3], 0)
    people = cells.people
    # members are listed once for each group and pair of table and year; `row` is the place of each cell among these
    pairs, of_cell = np.unique(people.table * len(people.years) + people.year, return_inverse=True)
    table, year = np.divmod(pairs, len(people.years))
    row = np.add.outer(np.arange(len(inside)) * len(pairs), of_cell.reshape(-1)).reshape(-1)
    unweighed, unweighed_names = _members(np.isnan(people.persons[table, :, year]), inside)
    supplied, supplied_names = _sources(people, table, year, inside)
    without_weight = np.where(uncounted, 0, unweighed[row])
    comments = columns.compose([
        columns.text_where(uncounted, say(UNCOUNTED)),
        columns.text_where(silent, say("no member reports a value")),
        columns.numbers_where(
            cut_to_tenths(coverage),
            say("withheld: coverage {{:.1f}} % of people is below {minimum:g} %", minimum=minimum),
            withheld,
        ),
        (without_weight, _unweighed(unweighed_names)),
        (supplied[row], supplied_names),
        columns.numbers_where(estimates, say("{} of the values are estimates"), estimates > 0),
    ])  # fmt: skip
    return {
        v.OBS_VALUE: np.where(withheld | uncounted | silent, np.nan, sums[v.OBS_VALUE]),
        v.OBS_STATUS: columns.labelled(status, (v.NORMAL, v.MISSING, v.WITHHELD, v.ESTIMATED)),
        v.OBS_COMMENT: columns.labelled(*comments),
        v.COVERAGE_IS_LIMIT: without_weight > 0,
    }


def _unweighed(names: Sequence[str]) -> list[str]:
    return [say("coverage is a lower limit: no weight for {codes}", codes=codes) if codes else "" for codes in names]


def _members(marks: Array, inside: Array) -> Piece:
    """The marked members of each group (the outer order) and row of marks, by name; text 0 means none."""
    none = np.zeros((1, marks.shape[1]), dtype=bool)
    codes, texts = columns.names_where(np.concatenate([none, *(marks & within for within in inside)]), columns.areas())
    return codes[1:], texts


def _sources(people: PeopleBehind, table: Array, year: Array, inside: Array) -> Piece:
    """Which source weighs which members of each group (the outer order) at each pair of table and year.

    There is no text if the first source of the table weighs them all.
    """
    origin = np.stack([counts.origin for counts in people.tables])[table, :, year]
    alike, first, place = np.unique(np.column_stack([table, origin]), axis=0, return_index=True, return_inverse=True)
    several = (origin[first] > 0).astype(np.int64) @ inside.T.astype(np.int64) > 0
    codes, texts = np.zeros((len(inside), len(alike)), dtype=np.int64), {"": 0}
    for group, pair in zip(*np.nonzero(several.T), strict=True):
        sources = people.tables[alike[pair, 0]].sources
        text = _shares(alike[pair, 1:][inside[group]], sources, inside[group])
        codes[group, pair] = texts.setdefault(text, len(texts))
    return codes[:, place.reshape(-1)].reshape(-1), list(texts)


def _shares(origin: Array, sources: Sequence[str], within: Array) -> str:
    """`weights of pop.csv for BEN, TGO; of un_wpp_2024 for the other 42`: the source of most members comes last."""
    names = np.array(columns.areas(), dtype=object)[within]
    numbers = [int((origin == place).sum()) for place in range(len(sources))]
    most = int(np.argmax(numbers))
    parts = [
        say("of {sources} for {names}", sources=sources[at], names=commas(names[origin == at]))
        for at, number in enumerate(numbers)
        if number and at != most
    ]
    last = (
        say("of {sources} for the other {numbers}", sources=sources[most], numbers=numbers[most])
        if parts
        else say("of {sources}", sources=sources[most])
    )
    return say("weights {part}", part=clauses([*parts, last]))


def _medians(cell: Array, values: Array, size: int, members: int, lowest: Array, highest: Array) -> Bounded:
    """The unweighted median of each cell, with bounds for all missing members at the lowest or at the highest value."""
    order = np.lexsort((values, cell))
    ordered = values[order]
    number = np.bincount(cell, minlength=size)
    start = np.concatenate(([0], np.cumsum(number)[:-1]))

    def at(missing_low: Array, missing_high: Array) -> Array:
        centre = (number + missing_low + missing_high - 1) / 2 - missing_low
        sides = []
        for position in (np.floor(centre), np.ceil(centre)):
            index = np.clip(start + position, 0, max(len(ordered) - 1, 0)).astype(int)
            value = ordered[index] if len(ordered) else np.full(size, np.nan)
            sides.append(np.where(position < 0, lowest, np.where(position >= number, highest, value)))
        return np.asarray((sides[0] + sides[1]) / 2)

    none = np.zeros(size, dtype=int)
    missing = members - number
    return Bounded(at(missing, none), np.where(number > 0, at(none, none), np.nan), at(none, missing))
