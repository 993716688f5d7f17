"""Where a claim that differs would hold: another edition, year, membership or formula, the nearest where none does."""

from collections.abc import Iterator
from dataclasses import replace
from math import isnan

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.pipeline import regrouped
from divide_cli.analysis.request import Result
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.claims.arithmetic import Number
from divide_cli.claims.judge import Judged, text
from divide_cli.claims.numbers import number
from divide_cli.claims.printed import Accepted
from divide_cli.claims.records import ANY_ECONOMY, COUNTRIES, PUBLISHED, Claim
from divide_cli.claims.values import Values, index
from divide_cli.frames.columns import constant
from divide_cli.sources.groupings import fiscal_years

Other = tuple[str, Number]


class Alternatives:
    """The other ways of a computation; what they need beyond it is made when it is first asked for."""

    def __init__(self, result: Result, values: Values, differing: list[Claim]) -> None:
        self.result, self.values = result, values
        self.years = {year for claim in differing for year in _years(claim)}
        self.indicators = {claim.selector.indicator for claim in differing}
        self.vintages: dict[tuple[str, str], dict[str, Values]] = {}
        self.groups = sorted({area for claim in differing for area in claim.selector.areas})

    def told(self, claim: Claim, held: Accepted, judged: Judged) -> str:
        """`would hold in itu_aggregates_2024_11 (67.6)`, or the nearest of all that was tried; empty where none was."""
        if claim.selector.area == ANY_ECONOMY:
            return ""
        tried = [other for other in self._others(claim, held, judged) if not isnan(other[1].value)]
        fits = [other for other in tried if held.holds(other[1].value, other[1].value)]
        if fits:
            return "would hold " + "; ".join(f"{how} ({text(found.value, held.decimals)})" for how, found in fits[:3])
        nearest = min(tried, key=lambda other: abs(held.beyond(other[1].value)), default=None)
        closer = nearest and abs(held.beyond(nearest[1].value)) < abs(held.beyond(judged.number.value))
        return f"nearest: {nearest[0]} ({text(nearest[1].value, held.decimals)})" if nearest and closer else ""

    def _others(self, claim: Claim, held: Accepted, judged: Judged) -> Iterator[Other]:
        for edition, basis in sorted(self.values.numbers, reverse=True):
            if basis == judged.basis and edition != judged.edition:
                yield f"in {edition}", number(claim, held, self.values, edition, basis)
        yield from self._dialects(claim, held, judged)
        if claim.selector.year is not None:
            for year in (claim.selector.year - 1, claim.selector.year + 1):
                moved = replace(claim, selector=replace(claim.selector, year=year))
                yield f"for {year}", number(moved, held, self.values, judged.edition, judged.basis)
        if not claim.selector.gap and (judged.basis == COUNTRIES or claim.selector.persons):
            for label, overlay in self._vintages(judged.edition, judged.basis).items():
                found = number(claim, held, overlay, judged.edition, judged.basis)
                if found.value != judged.number.value:
                    yield f"with groups {label}", found

    def _dialects(self, claim: Claim, held: Accepted, judged: Judged) -> Iterator[Other]:
        """The same claim by other formulae that give the same unit."""
        selector = claim.selector
        known = catalogue().measures
        if selector.gap:
            for other in known.values():
                if other.unit == known[selector.measure].unit and other.id != selector.measure:
                    moved = replace(claim, selector=replace(selector, measure=other.id))
                    yield f"as {other.id}", number(moved, held, self.values, judged.edition, judged.basis)
        if selector.change == "relative":
            kind = "the percentage" if selector.persons else "the number of people"
            moved = replace(claim, selector=replace(selector, persons=not selector.persons))
            yield f"as growth of {kind}", number(moved, held, self.values, judged.edition, judged.basis)
        if not selector.gap and not selector.persons and not selector.change and claim.unit == "PT":
            moved = replace(claim, selector=replace(selector, complement=not selector.complement))
            yield "as its complement", number(moved, held, self.values, judged.edition, judged.basis)

    def _vintages(self, edition: str, basis: str) -> dict[str, Values]:
        """Values of the groups whose members change with the fiscal year, by fiscal year."""
        if (edition, basis) not in self.vintages:
            frame = self.result.observed[edition]
            rows = frame[v.INDICATOR].isin(self.indicators).to_numpy()
            rows = rows & frame[v.TIME_PERIOD].isin(self.years).to_numpy()
            changed = regrouped(self.result, edition, rows, self.groups, fiscal_years())
            self.vintages[edition, basis] = {
                label: self._overlay(part, edition, basis, label) for label, part in changed.items() if len(part)
            }
        return self.vintages[edition, basis]

    def _overlay(self, changed: pd.DataFrame, edition: str, basis: str, label: str) -> Values:
        """The values of the run with those of other members in their place."""
        said = {v.EDITION: edition, v.MEMBERSHIP: v.AS_PUBLISHED if basis == PUBLISHED else label}
        frame = changed.assign(**{name: constant(text, len(changed)) for name, text in said.items()})
        for name in self.result.dimensions:
            if name not in frame:
                frame[name] = constant(v.TOTAL, len(frame))
        other = index(((frame, frame[v.POPULATION]),), self.result.dimensions)[edition, basis]
        own = self.values.numbers[edition, basis]
        both = {key: {**own.get(key, {}), **series} for key, series in other.items()}
        return Values({(edition, basis): {**own, **both}}, {}, self.result.dimensions)


def _years(claim: Claim) -> set[int]:
    selector = claim.selector
    named = {selector.year, selector.since, selector.relative_to.get("year")}
    return {int(year) for year in named if year is not None}


def economies(claims: list[Claim]) -> tuple[str, ...]:
    """The areas of the claims that are economies."""
    areas = {area for claim in claims for area in claim.selector.areas}
    areas |= {str(claim.selector.relative_to["area"]) for claim in claims if "area" in claim.selector.relative_to}
    return tuple(sorted(area for area in areas if is_economy(area)))
