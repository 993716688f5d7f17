"""A selector and an edition -> the number that a claim is about, with bounds, coverage and the cells behind it."""

from dataclasses import replace
from math import isnan
from typing import Any

from divide_cli import concepts as v
from divide_cli.catalogue import area_name
from divide_cli.claims import arithmetic
from divide_cli.claims.arithmetic import Number, nothing
from divide_cli.claims.printed import Accepted
from divide_cli.claims.records import ANY_ECONOMY, PUBLISHED, Claim, Selector
from divide_cli.claims.values import Values


def number(claim: Claim, held: Accepted, values: Values, edition: str, basis: str) -> Number:
    """The number of the claim, in the unit and power of ten that it is printed in."""
    selector = claim.selector
    if selector.area == ANY_ECONOMY:
        return _counted(selector, held, values, edition, basis)
    found = _derived(selector, values, edition, basis, 100.0 if claim.unit == "PT" else 1.0)
    return arithmetic.scaled(found, claim.unit_mult)


def _derived(selector: Selector, values: Values, edition: str, basis: str, scale: float) -> Number:
    year = selector.year if selector.year is not None else _latest(selector, values, edition, basis)
    if year is None:
        return nothing(_absent(selector, selector.areas[0], None, values, edition, basis))
    found = _at(selector, year, values, edition, basis)
    if selector.since is not None:
        found = arithmetic.change(found, _at(selector, selector.since, values, edition, basis), selector.change)
    if selector.relative_to:
        codes: dict[str, Any] = dict(selector.relative_to)
        other = replace(selector, relative_to={}, **codes)
        found = arithmetic.ratio(found, _derived(other, values, edition, basis, scale), scale)
    return found


def _at(selector: Selector, year: int, values: Values, edition: str, basis: str) -> Number:
    """The number before changes and ratios, for one year: the sum over the areas where there are several."""
    parts = []
    for area in selector.areas:
        found = _cell(selector, area, year, values, edition, basis)
        if selector.without:
            codes: dict[str, Any] = {**dict.fromkeys(v.DIMENSIONS, v.TOTAL), **selector.without}
            part = replace(selector, **codes)
            found = arithmetic.remainder(found, _cell(part, area, year, values, edition, basis))
        found = arithmetic.complement(found) if selector.complement else found
        parts.append(arithmetic.people(found) if selector.persons else found)
    return arithmetic.total(parts)


def _key(selector: Selector, area: str) -> tuple[str, ...]:
    what = f"{selector.gap} {selector.measure}" if selector.gap else selector.indicator
    return (what, area, *selector.breakdown)


def _cell(selector: Selector, area: str, year: int, values: Values, edition: str, basis: str) -> Number:
    found = values.series(edition, basis, _key(selector, area)).get(year)
    return found or nothing(_absent(selector, area, year, values, edition, basis), year)


def _latest(selector: Selector, values: Values, edition: str, basis: str) -> int | None:
    """The last year for which every area has a value."""
    series = [values.series(edition, basis, _key(selector, area)) for area in selector.areas]
    years = [{year for year, found in one.items() if not found.missing} for one in series]
    return max(set.intersection(*years), default=None)


def _counted(selector: Selector, held: Accepted, values: Values, edition: str, basis: str) -> Number:
    """How many economies have a value, lie below the printed figure, or at or below `at_most`."""
    lacking = nothing(f"{edition} holds no {selector.indicator} of economies", selector.year)
    if basis == PUBLISHED:
        return lacking
    frame = values.economies(edition, selector.indicator, selector.breakdown, selector.year)
    if not len(frame):
        ever = values.economies(edition, selector.indicator, selector.breakdown, None)
        span = f"{ever[v.TIME_PERIOD].min()} to {ever[v.TIME_PERIOD].max()}" if len(ever) else ""
        why = f"{edition} holds {selector.indicator} of economies (latest values {span}), not for {selector.year}"
        return nothing(why, selector.year) if span else lacking
    value = frame[v.OBS_VALUE].to_numpy()
    if held.least:
        value = value[value < held.number]
    elif selector.at_most is not None:
        value = value[value <= selector.at_most]
    return Number(float(len(value)), float(len(value)), float(len(value)), year=selector.year)


def _absent(selector: Selector, area: str, year: int | None, values: Values, edition: str, basis: str) -> str:
    """What an edition lacks, so that a claim cannot be computed from it."""
    what = selector.gap or selector.indicator
    key = _key(selector, area)
    broken = " ".join(code for code in selector.breakdown if code != v.TOTAL)
    if not values.keys(edition, basis, key[0]):
        return f"{edition} holds no {what}"
    series = values.series(edition, basis, key)
    if not series:
        return f"{edition} holds {what}, but not of {area_name(area)}{f', {broken}' if broken else ''}"
    years = sorted(year for year, found in series.items() if not isnan(found.value)) or sorted(series)
    span = str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
    of = ", ".join(part for part in (area_name(area), broken) if part)
    return f"{edition} holds {what} of {of} for {span}, not for {year}"


def holding(selector: Selector, values: Values, edition: str, basis: str) -> int:
    """How near an edition comes to a number that it lacks: 2 has other years, 1 only the indicator, 0 neither."""
    key = _key(selector, selector.areas[0])
    return 2 if values.series(edition, basis, key) else int(bool(values.keys(edition, basis, key[0])))
