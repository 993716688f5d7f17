"""The total against the population-weighted mean of its two parts: the share of people that the three figures imply."""

from collections.abc import Mapping

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.catalogue.ages import age_span
from divide_cli.validation.rules.error_localisation import first, odd_one, possible
from divide_cli.validation.rules.reference_population import Persons
from divide_cli.validation.rules.submission import Floats, Table
from divide_cli.validation.rules.totals import EXACT, Pairs, pairs
from divide_cli.validation.rules.violations import Hits, Said, number

_CORNERS = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)], dtype=np.float64)
NARROW = "the parts differ by no more than rounding"
UNKNOWN = "no population for this area, year and breakdown"
BROKEN_DOWN = "broken down further: whose people, no source counts"


def implied_share(table: Table, rule: Rule) -> Hits:
    """w = (T - P2) / (P1 - P2), the share of the first part's people, lies off the population's share.

    w is an interval, since the three figures are rounded; it must meet the population's share, give or take the
    tolerance (a fraction). Parts of the country are held against `subnational`, the shares possible anywhere, never
    against the nation's; rows that are broken down further are not checked. `scopes` are the ages that a total may be
    of where the file does not say: the population's share is the interval of all of them. The total must be off the
    weighted mean by more than `points` (PP) too: between figures that hardly differ a trifle implies any share.
    """
    found = pairs(table, rule)
    value, half = found.value, found.half
    wide = np.abs(value[:, 1] - value[:, 2]) > half[:, 1] + half[:, 2] + EXACT
    further = table.further[found.places[:, 1]]
    use = found.only(wide & ~further)
    low, high = _shares(use, rule)
    known = ~np.isnan(low)
    use, low, high = use.only(known), low[known], high[known]
    least, greatest = _implied(use)
    wrong = (greatest < low - rule.tolerance - EXACT) | (least > high + rule.tolerance + EXACT)
    share = np.clip((low + high) / 2, low, high)
    mean = share * use.value[:, 1] + (1 - share) * use.value[:, 2]
    wrong &= np.abs(use.value[:, 0] - mean) - use.half.max(axis=1, initial=0) > rule.parameters["points"]
    not_checked = {
        NARROW: int((~wide).sum()),
        BROKEN_DOWN: int((wide & further).sum()),
        UNKNOWN: int((~known).sum()),
    }
    return _worded(use.only(wrong), (low + high)[wrong] / 2, least[wrong], greatest[wrong], len(low), not_checked)


def _implied(use: Pairs) -> tuple[Floats, Floats]:
    """Least and greatest w over the box of the three rounding intervals; linear-fractional, so at a corner."""
    value, half = use.value, use.half
    least, greatest = np.full(len(value), np.inf), np.full(len(value), -np.inf)
    for corner in _CORNERS:
        total, one, other = (value + half * corner).T
        share = (total - other) / (one - other)
        least, greatest = np.minimum(least, share), np.maximum(greatest, share)
    return least, greatest


def _worded(
    met: Pairs, share: Floats, least: Floats, greatest: Floats, checked: int, not_checked: Mapping[str, int]
) -> Hits:
    value = met.value
    mean = share * value[:, 1] + (1 - share) * value[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        one = (value[:, 0] - (1 - share) * value[:, 2]) / share
        other = (value[:, 0] - share * value[:, 1]) / (1 - share)
    needed = possible(np.stack([mean, one, other], axis=1))
    named = odd_one(met.table, met.places, needed, met.dimension == v.SEX)

    def word(case: int) -> Said:
        total, own, second = value[case]
        one, other = met.names
        low, high = (f"{100 * bound[case]:.0f}" for bound in (least, greatest))
        implied = f"{low if low == high else f'{low} to {high}'} % {one}"
        shown = f"total {number(total)}, {one} {number(own)}, {other} {number(second)} imply {implied}"
        told = f"{shown}; the population says about {100 * share[case]:.0f} %"
        fits = needed[case, named[case]]
        expected = "another figure" if np.isnan(fits) else f"about {number(round(float(fits), 1))}"
        return Said(expected, number(value[case, named[case]]), told)

    return Hits(first(met.places, named), word, checked, not_checked)


def _shares(use: Pairs, rule: Rule) -> tuple[Floats, Floats]:
    """Least and greatest share of the first part in the population of each case; NaN where no source counts it."""
    table, settings = use.table, rule.parameters
    low, high = np.full(len(use.places), np.nan), np.full(len(use.places), np.nan)
    side = use.places[:, 1]
    part = table.subnational[side]
    low[part], high[part] = settings["subnational"]
    national = np.flatnonzero(~part)
    persons, ages = Persons(table), table.digits[v.AGE]
    for age in np.unique(ages.places[side[national]]):
        here = national[ages.places[side[national]] == age]
        code = ages.codes[age]
        for scope in settings["scopes"] if code == v.TOTAL else [code]:
            share = _share_of(persons, use, scope)[persons.rows(side[here])]
            low[here], high[here] = np.fmin(low[here], share), np.fmax(high[here], share)
    return low, high


def _share_of(persons: Persons, use: Pairs, age: str) -> Floats:
    """The share of the first part's people among both, by area and year, in an age band."""
    if use.dimension == v.SEX:
        span = age_span(age) or (1, 0)
        one, other = (persons.aged(code, span)[0] for code in use.codes)
    else:
        one, other = (persons.counted(v.TOTAL, age, code) for code in use.codes)
    return np.asarray(np.divide(one, one + other, out=np.full(one.shape, np.nan), where=one + other > 0))
