"""The total against the population-weighted mean of its two parts: the share of people that the three figures imply."""

from collections.abc import Sequence

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.catalogue.ages import age_span
from divide_cli.concepts import EXACT
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.error_localisation import conflict, odd_one
from divide_cli.validation.rules.reference_population import ReferencePopulation
from divide_cli.validation.rules.submission import Floats, Submission
from divide_cli.validation.rules.totals import Pairs, pairs
from divide_cli.validation.rules.violations import Explanation, Violations, number

_CORNERS = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)], dtype=np.float64)


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
    """w = (T - P2) / (P1 - P2), the share of the first part's people, lies off the population's share.

    w is an interval, since the three figures are rounded; it must meet the population's share, give or take the
    tolerance (a fraction). Parts of the country are held against `subnational`, the shares possible anywhere, never
    against the nation's; rows that are broken down further are not checked. `scopes` are the ages that a total may be
    of where the file does not say: the population's share is the interval of all of them. The total must be off the
    weighted mean by more than `points` (PP) too: between figures that hardly differ a trifle implies any share.
    """
    three = pairs(submission, rule, dimension, parts)
    value, half = three.value, three.half
    wide = np.abs(value[:, 1] - value[:, 2]) > half[:, 1] + half[:, 2] + EXACT
    further = submission.further[three.rows[:, 1]]
    three = three.only(wide & ~further)
    low, high = _population_shares(three, scopes, subnational)
    counted = ~np.isnan(low)
    three, low, high = three.only(counted), low[counted], high[counted]
    least, greatest = _implied(three)
    wrong = (greatest < low - rule.tolerance - EXACT) | (least > high + rule.tolerance + EXACT)
    share = np.clip((low + high) / 2, low, high)
    mean = share * three.value[:, 1] + (1 - share) * three.value[:, 2]
    wrong &= np.abs(three.value[:, 0] - mean) - three.half.max(axis=1, initial=0) > points
    not_checked = {
        NotChecked.NARROW: int((~wide).sum()),
        NotChecked.BROKEN_DOWN: int((wide & further).sum()),
        NotChecked.NO_POPULATION: int((~counted).sum()),
    }
    cases, share, least, greatest = three.only(wrong), (low + high)[wrong] / 2, least[wrong], greatest[wrong]
    value, names = cases.value, cases.names
    needed = _needed(value, share)

    def explain(case: int, named: int) -> Explanation:
        total, one, other = map(number, value[case])
        lowest, highest = (f"{100 * bound[case]:.0f}" for bound in (least, greatest))
        implied = f"{lowest if lowest == highest else f'{lowest} to {highest}'} % {names[0]}"
        figures = f"total {total}, {names[0]} {one}, {names[1]} {other} imply {implied}"
        fitting = needed[case, named]
        expected = "another figure" if np.isnan(fitting) else f"about {number(round(float(fitting), 1))}"
        detail = f"{figures}; the population says about {100 * share[case]:.0f} %"
        return Explanation(expected, number(value[case, named]), detail)

    position = odd_one(submission, cases.rows, needed, dimension == v.SEX)
    return conflict(cases.rows, position, explain, len(three), not_checked)


def _implied(three: Pairs) -> tuple[Floats, Floats]:
    """Least and greatest w over the box of the three rounding intervals; linear-fractional, so at a corner."""
    value, half = three.value, three.half
    least, greatest = np.full(len(value), np.inf), np.full(len(value), -np.inf)
    for corner in _CORNERS:
        total, one, other = (value + half * corner).T
        share = (total - other) / (one - other)
        least, greatest = np.minimum(least, share), np.maximum(greatest, share)
    return least, greatest


def _needed(value: Floats, share: Floats) -> Floats:
    """What the total and each part would have to be, with the others as they are; NaN where that is no percentage."""
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
    """Least and greatest share of the first part in the population of each case; NaN where no source counts it."""
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
    """The share of the first part's people among both, by area and year, in an age band."""
    if three.dimension == v.SEX:
        span = age_span(age) or (1, 0)
        one, other = (population.aged(code, span)[0] for code in three.codes)
    else:
        one, other = (population.counted(v.TOTAL, age, code) for code in three.codes)
    return np.asarray(np.divide(one, one + other, out=np.full(one.shape, np.nan), where=one + other > 0))
