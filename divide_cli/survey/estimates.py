"""Cells -> estimates: shares, means, totals and ratios by domain, with their errors, intervals and covariances.

A tabulation is a list of dimensions, `SEX:URBANISATION`; the empty text is the whole population. Its domains are the
combinations of codes in the microdata. A domain is a part of the sample, not a sample of its own: units without anybody
in it count (`variance`), and its degrees of freedom are its sampling units less its strata.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.survey import intervals
from divide_cli.survey.cells import Cells, Codes, Floats, Kind, Replicated, summed
from divide_cli.survey.design_effects import design_effects
from divide_cli.survey.replicates import covariance as replicates_covariance
from divide_cli.survey.replicates import freedoms
from divide_cli.survey.variables import Quantity
from divide_cli.survey.variance import Lonely, Stage, covariance, merged, stages_of

WHOLE = ""
PERCENT = 100.0
UNKNOWN = "_X"
"""The code of a breakdown that is not known: its people are in the totals, and in no domain."""


class Reason(StrEnum):
    """Why an estimate has no value, no standard error or no interval; the value is the text of the column REASON."""

    EMPTY_DOMAIN = "empty_domain"  # nobody of the domain is in the denominator
    NO_DESIGN = "no_design"  # strata, sampling units and replicate weights are all unknown
    NO_FREEDOM = "no_freedom"  # as many strata as sampling units


@dataclass(frozen=True)
class Estimates:
    """A table with one row for each estimate, and how those of one indicator and tabulation covary.

    covariances, freedoms: (indicator, tabulation) -> a matrix whose rows and columns are the rows of the table, in
    order: covariances in the square of its unit; degrees of freedom of the union of two domains, for their gap.
    """

    table: pd.DataFrame
    covariances: Mapping[tuple[str, str], Floats]
    freedoms: Mapping[tuple[str, str], Floats]
    level: float = 95.0


@dataclass(frozen=True)
class Domains:
    """The domains of a tabulation: cell -> domain, or `number` if it is in none, and a row of codes for each domain."""

    tabulation: str
    of_cells: Codes
    labels: pd.DataFrame
    number: int

    def total(self, amounts: Floats) -> Floats:
        """Sums over the cells of each domain."""
        return summed(self.of_cells, amounts, self.number + 1)[:-1]

    def at_cells(self, amounts: Floats) -> Floats:
        """Cell -> the amount of its domain, 0 if it has none."""
        return np.append(amounts, 0.0)[self.of_cells]


@dataclass(frozen=True)
class Precision:
    """The covariance of a tabulation's estimates, in units of the estimates, and what it rests on.

    freedoms: degrees of freedom of unions of two domains. odds_errors: standard errors of log odds.
    """

    covariance: Floats
    freedoms: Floats
    odds_errors: Floats
    units: Floats
    strata: Floats


def estimate(cells: Cells, by: Sequence[str] = (), lonely: Lonely = Lonely.ERROR, level: float = 95.0) -> Estimates:
    """The estimates of all quantities for the whole population and for each tabulation.

    Raises: a stratum or cluster with one unit, if it is an error; a population that is smaller than its sample.
    """
    cells = merged(cells) if lonely == Lonely.MERGED else cells
    stages = stages_of(cells, lonely) if cells.designed and not cells.replicated else ()
    tables, covariances, freedoms = [], {}, {}
    for tabulation in dict.fromkeys((WHOLE, *by)):
        domains = domains_of(cells.breakdowns, tabulation)
        for quantity in cells.quantities:
            table, precision = tabulated(cells, stages, quantity, domains, level)
            tables.append(table)
            key, unit = (quantity.indicator, tabulation), unit_of(quantity)
            covariances[key], freedoms[key] = precision.covariance * unit**2, precision.freedoms
    whole = pd.concat(tables, ignore_index=True)
    dimensions = list(cells.breakdowns)
    return Estimates(whole.fillna(dict.fromkeys(dimensions, v.TOTAL)), covariances, freedoms, level)


def unit_of(quantity: Quantity) -> float:
    """What estimates are multiplied by: shares are percentages."""
    return PERCENT if quantity.kind == Kind.SHARE else 1.0


def domains_of(breakdowns: pd.DataFrame, tabulation: str) -> Domains:
    """The domains of a tabulation: all combinations of codes, sorted. Cells with an unknown code are in none."""
    dimensions = tabulation.split(":") if tabulation else []
    of_cells, outside = np.zeros((2, len(breakdowns)), dtype=np.int64)
    labels = pd.DataFrame(index=[0])
    for dimension in dimensions:
        column = breakdowns[dimension].to_numpy(dtype=object)
        codes = sorted(set(pd.unique(column)) - {UNKNOWN})
        place = pd.Index(codes).get_indexer(column)
        of_cells, outside = of_cells * len(codes) + place, outside | (place < 0)
        labels = labels.merge(pd.DataFrame({dimension: codes}), how="cross")
    return Domains(tabulation, np.where(outside, len(labels), of_cells), labels, len(labels))


def tabulated(
    cells: Cells, stages: Sequence[Stage], quantity: Quantity, domains: Domains, level: float
) -> tuple[pd.DataFrame, Precision]:
    """The estimates of a quantity in each domain of a tabulation, and their precision."""
    x, y = quantity.denominator, quantity.numerator
    n, weighted = (domains.total(cells.counted(quantity, power)) for power in (0, 1))
    denominators, numerators = domains.total(cells.sum(x)), domains.total(cells.sum(y))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = numerators / np.where(n > 0, denominators, np.nan)
    values = np.where(n > 0, numerators, np.nan) if quantity.kind == Kind.TOTAL else ratios
    if cells.replicated:
        precision = replicated(cells, cells.replicated, quantity, domains, values)
    else:
        precision = linearised(cells, stages, quantity, domains, ratios)
    errors = np.sqrt(np.diag(precision.covariance))
    squares = residual_squares(cells, quantity, domains, ratios)
    effects = design_effects(quantity.kind, errors**2, squares, denominators, weighted, n)
    unit, freedom = unit_of(quantity), np.diag(precision.freedoms)
    table: dict[str, Any] = {
        **{str(name): column for name, column in domains.labels.items()},
        v.TABULATION: domains.tabulation,
        v.INDICATOR: quantity.indicator,
        v.KIND: str(quantity.kind),
        v.OBS_VALUE: values * unit,
        v.STD_ERR: errors * unit,
        **ends(quantity.kind, values, errors, precision, n, level),
        v.CI_LEVEL: level,
        v.DEGREES_OF_FREEDOM: freedom,
        v.SAMPLE_SIZE: n.astype(np.int64),
        v.N_POSITIVE: domains.total(cells.positive(quantity)).astype(np.int64),
        v.N_PSU: precision.units,
        v.N_STRATA: precision.strata,
        v.POPULATION: weighted,
        v.DESIGN_EFFECT: effects.without_replacement,
        v.DESIGN_EFFECT_REPLACE: effects.with_replacement,
        v.REASON: reasons(cells, n, freedom),
    }
    return pd.DataFrame(table, index=domains.labels.index), precision


def linearised(
    cells: Cells, stages: Sequence[Stage], quantity: Quantity, domains: Domains, ratios: Floats
) -> Precision:
    """The precision by Taylor linearisation: z = (w y - R w x) / X in each cell; for a total, w y."""
    x, y = quantity.denominator, quantity.numerator
    units, strata, freedoms = counts_of_units(cells, quantity, domains)
    if not stages:
        unknown = np.full((domains.number, domains.number), np.nan)
        return Precision(unknown, unknown, unknown[0], unknown[0], unknown[0])
    amounts, squares = cells.sum(y), np.zeros(len(domains.of_cells))
    if cells.persons:
        xx, xy, squares = cells.second_degree(quantity, power=2)
    if quantity.kind != Kind.TOTAL:
        slope, size = domains.at_cells(ratios), domains.at_cells(domains.total(cells.sum(x)))
        size = np.where(size == 0, np.nan, size)
        amounts = (amounts - slope * cells.sum(x)) / size
        if cells.persons:
            squares = np.maximum(squares - 2 * slope * xy + slope**2 * xx, 0) / size**2
    matrix = covariance(stages, amounts, squares, domains.of_cells, domains.number)
    empty = np.isnan(ratios)
    matrix[empty] = matrix[:, empty] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        odds_errors = np.sqrt(np.diag(matrix)) / (ratios * (1 - ratios))
    return Precision(matrix, freedoms, odds_errors, units, strata)


def replicated(cells: Cells, of: Replicated, quantity: Quantity, domains: Domains, values: Floats) -> Precision:
    """The precision from replicate weights; that of log odds from the log odds of each replicate.

    Where a replicate is at 0 or 100 % it has no log odds, and SE / (p (1 - p)) is taken.
    """
    x, y = quantity.denominator, quantity.numerator
    columns = of.design.columns
    numerators = np.array([domains.total(cells.sum(y, weight=column)) for column in columns])
    denominators = np.array([domains.total(cells.sum(x, weight=column)) for column in columns])
    with np.errstate(divide="ignore", invalid="ignore"):
        replicates = numerators if quantity.kind == Kind.TOTAL else numerators / denominators
        matrix = replicates_covariance(of.design, replicates, values)
        odds_errors = np.sqrt(np.diag(matrix)) / (values * (1 - values))
        if quantity.kind == Kind.SHARE:
            odds = intervals.log_odds(replicates)
            scatter = np.sqrt(np.diag(replicates_covariance(of.design, odds, intervals.log_odds(values))))
            odds_errors = np.where(np.isfinite(odds).all(axis=0), scatter, odds_errors)
    rows = domains_of(of.breakdowns, domains.tabulation)
    unknown = np.full(domains.number, np.nan)
    return Precision(matrix, freedoms(of, x, rows.of_cells, rows.number), odds_errors, unknown, unknown)


def counts_of_units(cells: Cells, quantity: Quantity, domains: Domains) -> tuple[Floats, Floats, Floats]:
    """The units and strata with somebody of each domain; the units less strata of unions of two domains."""
    n = cells.counted(quantity)
    strata = present(cells.levels[0], n, domains)
    if len(cells.levels) > 1:
        units = present(cells.levels[1], n, domains)
        return np.diag(units), np.diag(strata), union(units) - union(strata)
    persons = np.diag(domains.total(n))
    return np.diag(persons), np.diag(strata), union(persons) - union(strata)


def present(units: Codes, n: Floats, domains: Domains) -> Floats:
    """The number of units with somebody of both domains, shape (domains, domains)."""
    found = np.zeros((int(units.max(initial=0)) + 1, domains.number + 1))
    found[units[n > 0], domains.of_cells[n > 0]] = 1
    return np.asarray(found.T @ found)[:-1, :-1]


def union(both: Floats) -> Floats:
    """The number of units with somebody of either domain, from those with somebody of both."""
    each = np.diag(both)
    return np.asarray(each[:, None] + each[None, :] - both)


def residual_squares(cells: Cells, quantity: Quantity, domains: Domains, ratios: Floats) -> Floats:
    """sum w (y - R x)^2 in each domain."""
    xx, xy, yy = (domains.total(part) for part in cells.second_degree(quantity))
    return np.maximum(yy - 2 * ratios * xy + ratios**2 * xx, 0)


def ends(kind: str, values: Floats, errors: Floats, precision: Precision, n: Floats, level: float) -> dict[str, Floats]:
    """The columns of the interval; for shares, Korn and Graubard's interval and the effective sample size too."""
    freedom = np.diag(precision.freedoms)
    distance = intervals.student(level, freedom)
    if kind != Kind.SHARE:
        lower, upper = intervals.symmetric(values, errors, distance)
        none = np.full_like(values, np.nan)
        return {v.CI_LOWER: lower, v.CI_UPPER: upper, "LOWER_KG": none, "UPPER_KG": none, "EFFECTIVE_SIZE": none}
    least, most = intervals.korn_graubard(values, errors, n, freedom, level)
    lower, upper = intervals.from_odds(intervals.log_odds(values), precision.odds_errors, distance)
    at_end = (values == 0) | (values == 1)
    lower, upper = np.where(at_end, least, lower), np.where(at_end, most, upper)
    columns = {v.CI_LOWER: lower, v.CI_UPPER: upper, "LOWER_KG": least, "UPPER_KG": most}
    size = intervals.effective_size(values, errors, n)
    return {**{name: column * PERCENT for name, column in columns.items()}, "EFFECTIVE_SIZE": size}


def reasons(cells: Cells, n: Floats, freedom: Floats) -> list[str]:
    """Why a row has no value, no error or no interval; empty if it has all."""
    without = Reason.EMPTY_DOMAIN, Reason.NO_DESIGN, Reason.NO_FREEDOM, ""
    cases = [n == 0, np.full(len(n), not cells.designed), ~(freedom >= 1)]
    return [str(without[k]) for k in np.select(cases, [0, 1, 2], 3)]
