"""Compares a total with the population-weighted mean of its two parts: the share of people implied by the figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.catalogue.codelists import OPEN, age_span
from divide_cli.frames.columns import Array, category
from divide_cli.language import say
from divide_cli.sources.population import Population
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.error_localisation import first, odd_one
from divide_cli.validation.rules.findings import Explanation, Violations, number
from divide_cli.validation.rules.grouping import Floats
from divide_cli.validation.rules.submission import Submission
from divide_cli.validation.rules.totals import Pairs, pairs

_FIVE_YEARS = (*((first, first + 4) for first in range(0, 100, 5)), (100, OPEN))


@dataclass(frozen=True)
class ReferencePopulation:
    """Populations of the areas and years of a submission; arrays are areas (order of CL_AREA) x years."""

    submission: Submission

    @cached_property
    def years(self) -> tuple[int, int]:
        """The first year of the submission and the last."""
        first = int(self.submission.year[0]) - int(self.submission.key[0] % self.submission.years)
        return first, first + self.submission.years - 1

    def persons(self, sex: str, age: str, urbanisation: str) -> Floats:
        """The persons of a breakdown that a source counts; NaN if none does."""
        return _persons(sex, age, urbanisation, self.years)

    def persons_aged(self, sex: str, span: tuple[int, int], uncertainty: float = 0.0) -> tuple[Floats, Floats]:
        """The least and greatest number of persons from the first to the last year of age, inclusive.

        A band that cuts a five-year group takes its proportional part of it, plus or minus `uncertainty` (a fraction of
        that part). The numbers are NaN if no source counts the area.
        """
        return _persons_aged(sex, span, uncertainty, self.years)

    def cells(self, rows: Array) -> tuple[Array, Array]:
        """The area and the year of each row of the submission, as indices of these arrays."""
        index = self.submission.index[v.REF_AREA]
        return _places(index.codes)[index.numbers[rows]], self.submission.year[rows].astype(np.intp) - self.years[0]


_population = cache(Population)


@cache
def _places(areas: tuple[str, ...]) -> Array:
    """The places of these areas in CL_AREA."""
    return np.asarray(category(v.REF_AREA).categories.get_indexer(pd.Index(areas, dtype="object")))


@cache
def _persons(sex: str, age: str, urbanisation: str, years: tuple[int, int]) -> Floats:
    breakdown = {v.SEX: sex, v.AGE: age, v.URBANISATION: urbanisation}
    span = np.arange(years[0], years[1] + 1, dtype=np.int16)
    return np.asarray(_population().table(catalogue().weights["population"], breakdown, span).persons)


@cache
def _persons_aged(sex: str, span: tuple[int, int], uncertainty: float, years: tuple[int, int]) -> tuple[Floats, Floats]:
    low = high = np.zeros((len(category(v.REF_AREA).categories), years[1] - years[0] + 1))
    for start, end in _FIVE_YEARS:
        inside = max(0, min(end, span[1]) - max(start, span[0]) + 1)
        if not inside:
            continue
        persons = _persons(sex, f"Y{start}T{end}" if end != OPEN else f"Y_GE{start}", v.TOTAL, years)
        part = inside / 5 if end != OPEN else float(span[0] <= start and span[1] == OPEN)
        spread = uncertainty if 0 < part < 1 else 0.0
        low = low + persons * part * (1 - spread)
        high = high + persons * np.minimum(part * (1 + spread), 1.0)
    return low, high


_CORNERS = np.array(list(product((-1.0, 1.0), repeat=3)))


@kind(vtl.Unsaid.PEOPLE, by_area=True)
def implied_share(
    submission: Submission,
    rule: Rule,
    *,
    dimension: str,
    parts: Sequence[str],
    scopes: Sequence[str],
    subnational: Sequence[float],
    points: float,
) -> Violations:
    """w = (T - P2) / (P1 - P2), the share of the first part's people, differs from the population's share.

    T is the total, P1 and P2 are its parts. w is an interval, since the three figures are rounded; it must meet the
    population's share, within the tolerance (a fraction). Parts of the country are compared with `subnational`, the
    shares possible anywhere, and never with the nation's share. Rows that are broken down further are not checked.
    `scopes` are the ages that a total may cover if the file does not say so: the population's share is then the
    interval of all of them. The total must also differ from the weighted mean by more than `points` (PP): if the
    figures hardly differ, rounding can imply any share.
    """
    three = pairs(submission, rule, dimension, parts)
    value, half = three.value, three.half
    wide = np.abs(value[:, 1] - value[:, 2]) > half[:, 1] + half[:, 2] + v.EXACT
    further = submission.further[three.rows[:, 1]]
    three = three.only(wide & ~further)
    low, high = _population_shares(three, scopes, subnational)
    has_population = ~np.isnan(low)
    three, low, high = three.only(has_population), low[has_population], high[has_population]
    least, greatest = _implied(three)
    wrong = (greatest < low - rule.tolerance - v.EXACT) | (least > high + rule.tolerance + v.EXACT)
    share = np.clip((low + high) / 2, low, high)
    mean = share * three.value[:, 1] + (1 - share) * three.value[:, 2]
    wrong &= np.abs(three.value[:, 0] - mean) - three.half.max(axis=1, initial=0) > points
    not_checked = {
        NotChecked.NARROW: int((~wide).sum()),
        NotChecked.BROKEN_DOWN: int((wide & further).sum()),
        NotChecked.NO_POPULATION: int((~has_population).sum()),
    }
    cases, share, least, greatest = three.only(wrong), (low + high)[wrong] / 2, least[wrong], greatest[wrong]
    value, names = cases.value, cases.names
    needed = _needed(value, share)
    positions = odd_one(submission, cases.rows, needed, dimension == v.SEX)

    def explain(case: int) -> Explanation:
        position = positions[case]
        total, one, other = map(number, value[case])
        lowest, highest = (f"{100 * bound[case]:.0f}" for bound in (least, greatest))
        implied = say(
            "{lowest} % are {names}",
            lowest=lowest if lowest == highest else say("{lowest} to {highest}", lowest=lowest, highest=highest),
            names=names[0],
        )
        figures = say(
            "total {total}, {names} {one} and {names_2} {other} imply that {implied}",
            total=total,
            names=names[0],
            one=one,
            names_2=names[1],
            other=other,
            implied=implied,
        )
        fitting = needed[case, position]
        expected = (
            say("another figure")
            if np.isnan(fitting)
            else say("about {fitting}", fitting=number(round(float(fitting), 1)))
        )
        detail = say("{figures}; in the population it is about {share:.0f} %", figures=figures, share=100 * share[case])
        return Explanation(expected, number(value[case, position]), detail)

    return Violations(first(cases.rows, positions), explain, len(three), not_checked)


def _implied(three: Pairs) -> tuple[Floats, Floats]:
    """The least and greatest w over the box of the three rounding intervals; linear-fractional, so at a corner."""
    value, half = three.value, three.half
    least, greatest = np.full(len(value), np.inf), np.full(len(value), -np.inf)
    for corner in _CORNERS:
        total, one, other = (value + half * corner).T
        share = (total - other) / (one - other)
        least, greatest = np.minimum(least, share), np.maximum(greatest, share)
    return least, greatest


def _needed(value: Floats, share: Floats) -> Floats:
    """The value that the total and each part would need, with the others unchanged; NaN if that is not a percentage."""
    total, one, other = value.T
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.stack(
            [
                share * one + (1 - share) * other,
                (total - (1 - share) * other) / share,
                (total - share * one) / (1 - share),
            ],
            axis=1,
        )
    return np.where((needed < 0) | (needed > 100), np.nan, needed)


def _population_shares(three: Pairs, scopes: Sequence[str], subnational: Sequence[float]) -> tuple[Floats, Floats]:
    """The least and greatest share of the first part in the population of each case; NaN if no source counts it."""
    submission = three.submission
    side = three.rows[:, 1]
    low, high = np.full(len(three), np.nan), np.full(len(three), np.nan)
    part_of_country = submission.subnational[side]
    low[part_of_country], high[part_of_country] = subnational
    national = np.flatnonzero(~part_of_country)
    population, ages = ReferencePopulation(submission), submission.index[v.AGE]
    for age in np.unique(ages.numbers[side[national]]):
        cases = national[ages.numbers[side[national]] == age]
        code = ages.codes[age]
        for scope in scopes if code == v.TOTAL else [code]:
            share = _share_of(population, three, scope)[population.cells(side[cases])]
            low[cases], high[cases] = np.fmin(low[cases], share), np.fmax(high[cases], share)
    return low, high


def _share_of(population: ReferencePopulation, three: Pairs, age: str) -> Floats:
    """The first part's share of the people of both, by area and year, in an age band."""
    if three.dimension == v.SEX:
        span = age_span(age) or (1, 0)
        one, other = (population.persons_aged(code, span)[0] for code in three.codes)
    else:
        one, other = (population.persons(v.TOTAL, age, code) for code in three.codes)
    return np.asarray(np.divide(one, one + other, out=np.full(one.shape, np.nan), where=one + other > 0))
