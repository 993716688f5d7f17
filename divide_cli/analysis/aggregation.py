"""Group values from values of economies: weighted mean or median, coverage, bounds.

With weights w, reported values p, and R the members that report: value = sum_R(w p) / sum_R(w); coverage =
100 sum_R(w) / sum_all(w); bounds = the value of the whole group if every missing member stood at the lowest, or at the
highest, value that the unit allows. A member whose weight is not known makes the coverage an upper limit; the bounds
then let it weigh as much as its whole population, and are those of the unit where not even that is known. A value whose
coverage is below the threshold is withheld (null, status Q) and its bounds stay. A value to which an estimate
contributes has status E. Source of the weighted mean: SDG metadata 17.8.1, REG_AGG.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.frames.columns import area_category, category, labelled
from divide_cli.frames.keys import composite_key, unique_rows
from divide_cli.frames.obs_comment import Piece, compose, names_where, numbers_where, text_where
from divide_cli.frames.schema import limits
from divide_cli.sources.groupings import Membership
from divide_cli.sources.population import UNCOUNTED, Population, Table, tables_of

Array = npt.NDArray[Any]

UPPER_LIMIT = "coverage is an upper limit"

_SIGNATURE = np.random.default_rng(0).integers(1, 2**40, size=2**10).astype(float)
"""A number for each area; their sum, exact in a double, stands for a set of areas."""


@dataclass(frozen=True)
class _Cells:
    """Distinct (indicator, breakdown, year) cells, the cell of each observation, and the weights of each cell."""

    frame: pd.DataFrame
    of_row: Array
    tables: Sequence[Table]
    persons: Array  # kinds of weight x areas x years
    unknown: Array  # the most that a member without weight may weigh, 0 for those with one; of the same shape
    kind: Array
    year: Array


def _cells(frame: pd.DataFrame, columns: Sequence[str], population: Population) -> _Cells:
    first, of_row = unique_rows(composite_key(frame, columns))
    cells = frame[list(columns)].iloc[first].reset_index(drop=True)
    breakdown = [name for name in columns if name != v.TIME_PERIOD]
    kinds, kind = unique_rows(composite_key(cells, breakdown))
    low, high = int(cells[v.TIME_PERIOD].min()), int(cells[v.TIME_PERIOD].max())
    years = np.arange(low, high + 1, dtype=np.int16)
    tables, of_kind = tables_of(cells.iloc[kinds][breakdown], population, years)
    persons = np.stack([table.persons for table in tables])
    whole = population.table(catalogue().weights["population"], dict.fromkeys(v.DIMENSIONS, v.TOTAL), years).persons
    ceiling = np.where(np.isnan(whole), np.inf, whole)
    return _Cells(
        cells,
        of_row,
        tables,
        persons,
        np.where(np.isnan(persons), ceiling, 0.0),
        of_kind[kind],
        cells[v.TIME_PERIOD].to_numpy() - low,
    )


def aggregate(
    frame: pd.DataFrame, dimensions: Sequence[str], members: Membership, population: Population, minimum: float
) -> pd.DataFrame:
    """One row for each group and cell, also where no member reports.

    `frame` holds observations of economies of one edition; `minimum` is the coverage in percent below which a value is
    withheld. Columns: REF_AREA, the cell, OBS_VALUE, bounds, COVERAGE (percent), N_AREAS, N_AREAS_TOTAL, POPULATION
    (persons, all members), OBS_STATUS, OBS_COMMENT, WEIGHTS. Indicators that do not aggregate give no row.
    """
    known = catalogue()
    methods = [known.indicators[code].aggregation.method for code in frame[v.INDICATOR].cat.categories]
    combining = np.array([method != "none" for method in methods])[frame[v.INDICATOR].cat.codes.to_numpy()]
    columns = (v.INDICATOR, *v.DIMENSIONS, *dimensions, v.TIME_PERIOD)
    part = frame[[v.REF_AREA, *columns, v.OBS_VALUE, v.OBS_STATUS]]
    part = part if combining.all() else part[combining]
    if not len(part):
        return pd.DataFrame()
    cells = _cells(part, columns, population)
    areas = category(v.REF_AREA).categories
    coded = area_category(members.groups)
    inside = np.array([areas.isin(list(group)) for group in members.groups.values()])
    medians = np.array([method == "median_of_areas" for method in methods])[cells.frame[v.INDICATOR].cat.codes]
    rows = _rows(part, cells, medians)
    results = [_combined(cells, rows, within, medians) for within in inside]
    size = len(cells.frame)
    made = cells.frame.iloc[np.tile(np.arange(size), len(results))].reset_index(drop=True)
    group = np.array([coded.categories.get_loc(code) for code in members.groups]).repeat(size)
    made.insert(0, v.REF_AREA, pd.Series(pd.Categorical.from_codes(group, dtype=coded)))
    for name in results[0]:
        made[name] = np.concatenate([result[name] for result in results])
    _judge(made, cells, inside, minimum)
    labels = labelled(np.tile(cells.kind, len(results)), [table.label for table in cells.tables])
    made[v.WEIGHTS] = made[v.COUNTS] = labels
    made[v.ERROR] = np.nan
    return made


@dataclass(frozen=True)
class _Rows:
    """The observations that count, as arrays: cell, area, value, weight and whether it is an estimate."""

    cell: Array
    area: Array
    value: Array
    weight: Array
    estimate: Array


def _rows(part: pd.DataFrame, cells: _Cells, medians: Array) -> _Rows:
    """A value counts where its weight is known; for a median it counts without.

    They are in the order of cells and areas, so that sums have the same bits whatever the order of the file.
    """
    values = part[v.OBS_VALUE].to_numpy()
    area = part[v.REF_AREA].cat.codes.to_numpy()
    weight = cells.persons[cells.kind[cells.of_row], area, cells.year[cells.of_row]]
    estimate = (part[v.OBS_STATUS] == v.ESTIMATED).to_numpy()
    counted = np.flatnonzero(~np.isnan(values) & (~np.isnan(weight) | medians[cells.of_row]))
    key = cells.of_row[counted] * len(cells.persons[0]) + area[counted]
    if (key[1:] < key[:-1]).any():
        counted = counted[np.argsort(key, kind="stable")]
    taken = (cells.of_row, area, values, weight, estimate)
    return _Rows(*(column[counted] for column in taken))


def _combined(cells: _Cells, rows: _Rows, within: Array, medians: Array) -> dict[str, Array]:
    """The columns of one group, cell by cell; OBS_STATUS holds the number of estimates for `_judge`."""
    member = within[rows.area]
    cell, weight, values = rows.cell[member], np.nan_to_num(rows.weight[member]), rows.value[member]
    size, number = len(cells.frame), int(within.sum())

    def summed(amounts: Array | None = None) -> Array:
        return np.bincount(cell, amounts, minlength=size)

    persons = cells.persons[:, within, :]
    total = np.nansum(persons, axis=1)[cells.kind, cells.year]
    weighs = (~np.isnan(persons)).sum(axis=1)[cells.kind, cells.year]
    unknown = cells.unknown[:, within, :].sum(axis=1)[cells.kind, cells.year]
    lowest, highest = limits(cells.frame)
    people, reporting, weighing = summed(weight), summed(), summed((~np.isnan(rows.weight[member])).astype(float))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.clip(summed(weight * values) / people, lowest, highest)
        share = np.where((weighing == weighs) & (people > 0), 1, np.minimum(people / total, 1))  # 1, not nearly 1
        least = np.where(unknown > 0, people / (total + unknown), share)
        low, high = _bounds(value, least, lowest, highest)
    if medians.any():
        taken = medians[cell]
        middle = _medians(cell[taken], values[taken], size, number, lowest, highest)
        value, low, high = (np.where(medians, m, x) for m, x in zip(middle, (value, low, high), strict=True))
    return {
        v.OBS_VALUE: value,
        v.BOUND_LOWER: np.where(np.isfinite(low) & (total > 0), low, np.nan),
        v.BOUND_UPPER: np.where(np.isfinite(high) & (total > 0), high, np.nan),
        v.COVERAGE: 100 * share,
        v.N_AREAS: reporting,
        v.N_AREAS_TOTAL: np.full(size, number),
        v.POPULATION: np.where(total > 0, total, np.nan),
        v.REPORTERS: summed(_SIGNATURE[rows.area[member]]),
        v.OBS_STATUS: summed(rows.estimate[member].astype(float)).astype(np.int64),
    }


def _bounds(value: Array, share: Array, lowest: Array, highest: Array) -> tuple[Array, Array]:
    """The value of the whole if what the share leaves out stood at the lowest, or at the highest; around the value."""
    low, high = (share * np.nan_to_num(value) + (1 - share) * limit for limit in (lowest, highest))
    return np.fmin(np.maximum(low, lowest), value), np.fmax(np.minimum(high, highest), value)


def _judge(made: pd.DataFrame, cells: _Cells, inside: Array, minimum: float) -> None:
    """Withholds what the coverage does not carry and writes status and comment of each row, in place.

    `made` holds the cells group after group, and in OBS_STATUS how many of the values are estimates.
    """
    coverage, estimated = made[v.COVERAGE].to_numpy(), made[v.OBS_STATUS].to_numpy()
    uncounted = np.isnan(coverage)
    silent = ~uncounted & (made[v.N_AREAS].to_numpy() == 0)
    withheld = ~uncounted & ~silent & (coverage < minimum)
    made[v.OBS_VALUE] = np.where(withheld | uncounted | silent, np.nan, made[v.OBS_VALUE])
    status = np.select([uncounted | silent, withheld, estimated > 0], [1, 2, 3], 0)
    made[v.OBS_STATUS] = labelled(status, (v.NORMAL, v.MISSING, v.WITHHELD, v.ESTIMATED))
    number = cells.persons.shape[2]
    at, where = np.unique(cells.kind * number + cells.year, return_inverse=True)
    kinds, years = np.divmod(at, number)
    row = (np.arange(len(inside))[:, None] * len(at) + where.reshape(-1)).reshape(-1)
    later = np.stack([table.later for table in cells.tables])
    names = list(category(v.REF_AREA).categories)
    unweighed, absent = _members(np.isnan(cells.persons[kinds, :, years]), inside, names)
    second, supplied = _members(later[kinds, :, years], inside, names)
    made[v.OBS_COMMENT] = labelled(
        *compose(
            [
                text_where(uncounted, UNCOUNTED),
                text_where(silent, "no member reports a value"),
                numbers_where(
                    np.floor(coverage * 10 + 1e-6) / 10,
                    f"withheld: coverage {{:.1f}} % of people is below {minimum:g} %",
                    withheld,
                ),
                (
                    np.where(uncounted, 0, unweighed[row]),
                    [f"{UPPER_LIMIT}: no weight for {codes}" if codes else "" for codes in absent],
                ),
                (second[row], [f"weights of the second source for {codes}" if codes else "" for codes in supplied]),
                numbers_where(estimated, "{} of the values are estimates", estimated > 0),
            ]
        )
    )


def _members(marks: Array, inside: Array, names: Sequence[str]) -> Piece:
    """The names of the marked members of each group (the outer order) and row of marks; text 0 is that of none."""
    none = np.zeros((1, marks.shape[1]), dtype=bool)
    codes, texts = names_where(np.concatenate([none, *(marks & within for within in inside)]), names)
    return codes[1:], texts


def _medians(
    cell: Array, values: Array, size: int, members: int, lowest: Array, highest: Array
) -> tuple[Array, Array, Array]:
    """The unweighted median of each cell, and what it would be if the missing members all stood lowest, or highest."""
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
    return np.where(number > 0, at(none, none), np.nan), at(missing, none), at(none, missing)
