"""Why a claim differs: the other edition, year, membership or formula with which it would hold, or the nearest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd
from msgspec.structs import replace

from divide_cli import concepts as v
from divide_cli.analysis.pipeline import regrouped
from divide_cli.analysis.request import Result
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import ANY_ECONOMY, Basis, Claim
from divide_cli.claims.numbers import Number, Values, index, number_of
from divide_cli.claims.printed import PrintedFigure
from divide_cli.claims.verdicts import Judgement
from divide_cli.frames.columns import constant
from divide_cli.sources.groupings import fiscal_years

Alternative = tuple[str, Number]
"""Another way of the computation in words, and its number."""


@dataclass
class Differences:
    """The other ways in which claims may be computed; values of other members are computed when first asked for."""

    result: Result
    values: Values
    claims: Sequence[Claim]
    _regrouped: dict[tuple[str, str], dict[str, Values]] = field(default_factory=dict)

    def reason(self, claim: Claim, figure: PrintedFigure, judgement: Judgement) -> str:
        """`would hold in itu_aggregates_2024_11 (67.6)`, or the nearest of the ways tried, where that comes nearer."""
        if claim.selector.area == ANY_ECONOMY:
            return ""
        alternatives = [other for other in self._alternatives(claim, figure, judgement) if other[1].has_value]
        fits = [f"{way} ({figure.text(n.value)})" for way, n in alternatives if figure.holds(n.value, n.value)]
        if fits:
            return f"would hold {'; '.join(fits[:3])}"
        distances = [abs(figure.beyond(number.value)) for _, number in alternatives]
        if not distances or not min(distances) < abs(figure.beyond(judgement.number.value)):
            return ""
        way, number = alternatives[distances.index(min(distances))]
        return f"nearest: {way} ({figure.text(number.value)})"

    def _alternatives(self, claim: Claim, figure: PrintedFigure, judgement: Judgement) -> Iterator[Alternative]:
        edition, basis, year = judgement.edition, judgement.basis, claim.selector.year
        for other, other_basis in sorted(self.values.numbers, reverse=True):
            if other_basis == basis and other != edition:
                yield f"in {other}", number_of(claim, figure, self.values, other, basis)
        for way, changed in _formulae(claim):
            yield way, number_of(changed, figure, self.values, edition, basis)
        for other_year in (year - 1, year + 1) if year is not None else ():
            changed = replace(claim, selector=replace(claim.selector, year=other_year))
            yield f"for {other_year}", number_of(changed, figure, self.values, edition, basis)
        if not claim.selector.gap and (basis == Basis.COUNTRIES or claim.selector.persons):
            for fiscal_year, values in self._other_members(edition, basis).items():
                number = number_of(claim, figure, values, edition, basis)
                if number.value != judgement.number.value:
                    yield f"with groups {fiscal_year}", number

    def _other_members(self, edition: str, basis: str) -> dict[str, Values]:
        """Values of the groups whose members change with the fiscal year, by fiscal year."""
        if (edition, basis) not in self._regrouped:
            selectors = [claim.selector for claim in self.claims]
            years = {s.year for s in selectors} | {s.since for s in selectors}
            years |= {s.relative_to.get("year") for s in selectors}
            frame = self.result.observed[edition]
            rows = frame[v.INDICATOR].isin({s.indicator for s in selectors}).to_numpy()
            rows = rows & frame[v.TIME_PERIOD].isin([int(year) for year in years if year is not None]).to_numpy()
            groups = sorted({area for s in selectors for area in s.areas})
            frames = regrouped(self.result, edition, rows, groups, fiscal_years())
            self._regrouped[edition, basis] = {
                fiscal_year: self._overlay(frame, edition, basis, fiscal_year)
                for fiscal_year, frame in frames.items()
                if len(frame)
            }
        return self._regrouped[edition, basis]

    def _overlay(self, frame: pd.DataFrame, edition: str, basis: str, fiscal_year: str) -> Values:
        """The values of the run with those of other members in their place."""
        texts = {v.EDITION: edition, v.MEMBERSHIP: v.AS_PUBLISHED if basis == Basis.PUBLISHED else fiscal_year}
        texts = {name: v.TOTAL for name in self.result.dimensions if name not in frame} | texts
        frame = frame.assign(**{name: constant(text, len(frame)) for name, text in texts.items()})
        changed = index(((frame, frame[v.POPULATION]),), self.result.dimensions)[edition, basis]
        own = self.values.numbers[edition, basis]
        numbers = {**own, **{key: {**own.get(key, {}), **series} for key, series in changed.items()}}
        return Values({(edition, basis): numbers}, {}, self.result.dimensions)


def _formulae(claim: Claim) -> Iterator[tuple[str, Claim]]:
    """The same claim by other formulae that give the same unit, each in words."""
    selector, measures = claim.selector, catalogue().measures
    if selector.gap:
        for other in measures.values():
            if other.unit == measures[selector.measure].unit and other.id != selector.measure:
                yield f"as {other.id}", replace(claim, selector=replace(selector, measure=other.id))
    if selector.change == "relative":
        of = "the percentage" if selector.persons else "the number of people"
        yield f"as growth of {of}", replace(claim, selector=replace(selector, persons=not selector.persons))
    if not selector.gap and not selector.persons and not selector.change and claim.unit == "PT":
        yield "as its complement", replace(claim, selector=replace(selector, complement=not selector.complement))
