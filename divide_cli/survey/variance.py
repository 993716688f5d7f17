"""The covariance of linearised estimates under a stratified design of one or more stages.

Each cell has an amount z, its part in the linearised estimate of its domain (Taylor). With ultimate clusters

    V = sum over strata h of (1 - n_h / N_h) n_h / (n_h - 1) sum over units i of (z_hi - mean z_h) (z_hi - mean z_h)'

where z_hi has one element for each domain, 0 where the unit has nobody in it, and n_h counts the units of all domains.
Where populations of further stages are known, the same sum within each unit is added, times the n_h / N_h of the stages
above. Source: Sarndal, Swensson and Wretman 1992, Model Assisted Survey Sampling, 4.3 and 5.5; Binder 1983, Int. Stat.
Rev. 51:279. The R package survey (`svyrecvar`) computes the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from divide_cli.errors import DivideError
from divide_cli.language import commas, counted, say
from divide_cli.survey.cells import ROWS, Cells, Codes, Floats, begins_of, summed

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
CERTAIN = 1e-7
"""The share of a population that was not drawn below which a unit adds nothing: all units are in the sample."""
SHOWN = 5
"""The most strata that an error names."""


class Lonely(StrEnum):
    """What a stratum with one sampling unit adds to the variance.

    error: nothing is estimated. centred: the square of its distance from the estimate (from 0, for a total).
    certainty: nothing. merged: it is one stratum with the next one (the last one with the one before).
    """

    ERROR = "error"
    CENTRED = "centred"
    MERGED = "merged"
    CERTAINTY = "certainty"


@dataclass(frozen=True)
class Stage:
    """The units of a stage and what the scatter within each parent adds to the variance.

    units: cell -> unit; None if they are persons, whose squares the cells have. parents: unit -> parent, or cell ->
    parent. sizes: the units drawn, by parent. factors: what multiplies the sum of squares, by parent. centred: whether
    squares are around the parent's mean.
    """

    units: Codes | None
    parents: Codes
    sizes: Floats
    factors: Floats
    centred: Mask


def merged(cells: Cells) -> Cells:
    """The cells, where each stratum with one unit is one stratum with the next, and the last with the one before."""
    alone = lonely_parents(cells, 0)
    joins_previous = np.concatenate([[False], alone[:-1]])
    joins_previous[-1] |= alone[-1] and len(alone) > 1
    stratum = np.cumsum(~joins_previous) - 1
    names = tuple(cells.strata[k] for k in begins_of(stratum))
    populations = cells.populations
    if populations:
        populations = (summed(stratum, populations[0]), *populations[1:])
    return replace(cells, levels=(stratum[cells.levels[0]], *cells.levels[1:]), strata=names, populations=populations)


def units_drawn(cells: Cells, level: int) -> Floats:
    """The number of units drawn in each unit of a level: of the next level, or persons."""
    if level + 1 < len(cells.levels):
        begins = begins_of(cells.levels[level + 1])
        return np.bincount(cells.levels[level][begins]).astype(np.float64)
    return summed(cells.levels[level], cells.sums[ROWS])


def not_drawn(cells: Cells, level: int) -> Floats:
    """The share of the population that was not drawn, in each unit of a level; 1 if the population is unknown.

    Raises: a population that is smaller than its sample.
    """
    drawn = units_drawn(cells, level)
    if level >= len(cells.populations):
        return np.ones_like(drawn)
    population = cells.populations[level]
    small = population < drawn
    if small.any():
        at = small.argmax()
        found = say(
            "{population:g} in the population, {drawn:g} in the sample", population=population[at], drawn=drawn[at]
        )
        raise DivideError("survey_population_small", stage=level + 1, found=found)
    return np.asarray((population - drawn) / population)


def lonely_parents(cells: Cells, level: int) -> Mask:
    """Which units of a level have one unit drawn, of more than one in the population."""
    return np.asarray((units_drawn(cells, level) == 1) & (not_drawn(cells, level) >= CERTAIN))


def stages_of(cells: Cells, lonely: Lonely = Lonely.ERROR) -> tuple[Stage, ...]:
    """The stages that add to the variance: the first, and further ones while populations are known.

    Raises: a stratum or cluster with one unit, if `lonely` is an error (or merges strata, and it is a cluster).
    """
    stages, above = [], np.ones(1 + int(cells.levels[0].max(initial=0)))
    for level in range(max(1, len(cells.populations))):
        drawn, rest, alone = units_drawn(cells, level), not_drawn(cells, level), lonely_parents(cells, level)
        if alone.any() and lonely in (Lonely.ERROR, Lonely.MERGED):
            raise lonely_error(cells, level, alone)
        with np.errstate(divide="ignore", invalid="ignore"):
            factors = np.where(drawn > 1, above * rest * drawn / (drawn - 1), above * rest)
        factors[rest < CERTAIN] = 0
        if lonely == Lonely.CERTAINTY:
            factors[alone] = 0
        persons = level + 1 == len(cells.levels)
        parents = cells.levels[level] if persons else cells.levels[level][begins_of(cells.levels[level + 1])]
        units = None if persons else cells.levels[level + 1]
        stages.append(Stage(units, parents, drawn, factors, ~alone))
        above = (above * (1 - rest))[parents]
    return tuple(stages)


def lonely_error(cells: Cells, level: int, alone: Mask) -> DivideError:
    """The error that names strata with one sampling unit, or counts such clusters."""
    if level == 0:
        names = np.array(cells.strata, dtype=object)[alone]
        listed = commas([*names[:SHOWN], *(["…"] if len(names) > SHOWN else [])])
        found = counted(len(names), "{number:,} stratum: {listed}", "{number:,} strata: {listed}", listed=listed)
        return DivideError("survey_stratum_single", found=found)
    return DivideError(
        "survey_cluster_single",
        found=counted(int(alone.sum()), "{number:,} cluster", "{number:,} clusters"),
        stage=level + 1,
    )


def covariance(stages: Sequence[Stage], amounts: Floats, squares: Floats, domain: Codes, domains: int) -> Floats:
    """The covariance of linearised estimates, shape (domains, domains).

    amounts: z of each cell. squares: the sum of z^2 over the persons of each cell. domain: that
    of each cell; a number from `domains` on is outside of all.
    """
    total = np.zeros((domains, domains))
    for stage in stages:
        if stage.units is None:
            total += of_persons(stage, amounts, squares, domain, domains)
            continue
        sums = by_unit(stage.units, amounts, domain, domains)
        means = np.add.reduceat(sums, begins_of(stage.parents)) / stage.sizes[:, None] * stage.centred[:, None]
        scaled = (sums - means[stage.parents]) * np.sqrt(stage.factors)[stage.parents, None]
        total += scaled.T @ scaled
    return total


def by_unit(units: Codes, amounts: Floats, domain: Codes, domains: int) -> Floats:
    """Sums of the cells by unit and domain, shape (units, domains); units are all of 0, 1 ... to the last."""
    number, inside = int(units.max(initial=0)) + 1, domain < domains
    place = units[inside] * domains + domain[inside]
    return summed(place, amounts[inside], number * domains).reshape(number, domains)


def of_persons(stage: Stage, amounts: Floats, squares: Floats, domain: Codes, domains: int) -> Floats:
    """What the last stage adds where persons are its units: each is in one domain, so products are by domain only.

    Sum of (z - mean z)^2 = sum of z^2 - n (mean z)^2, with the n of all domains.
    """
    inside = domain < domains
    weighted = (squares * stage.factors[stage.parents])[inside]
    sums = by_unit(stage.parents, amounts, domain, domains)
    scaled = sums * np.sqrt(stage.factors * stage.centred / stage.sizes)[:, None]
    return np.asarray(np.diag(summed(domain[inside], weighted, domains)) - scaled.T @ scaled)
