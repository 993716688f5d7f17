"""Claims -> outcomes: one computation of every edition that they name, then a verdict on each basis for each claim.

If a claim differs, it says why: the other edition, year, membership or formula by which it would be true, or the
nearest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
from msgspec import structs

from divide_cli import concepts as v
from divide_cli.analysis.pipeline import compute, regrouped
from divide_cli.analysis.request import Request, Result
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.catalogue.claims import ANY_ECONOMY, Basis, Claim, ClaimsFile, Verdict
from divide_cli.claims.claims_file import catalogue_entries
from divide_cli.claims.estimates import ClaimEstimate, claim_estimate, estimated_values
from divide_cli.claims.numbers import Absence, Number, Values, index, nearness, no_number, number_of
from divide_cli.claims.printed import PrintedFigure, printed_figure
from divide_cli.claims.verdicts import Judgement, conflicts, implied, judge
from divide_cli.frames.columns import constant
from divide_cli.sources import editions as sources
from divide_cli.sources.groupings import fiscal_years

BASES = tuple(Basis)


@dataclass(frozen=True)
class Outcome:
    """The verdict on a claim, and the judgement of each basis requested."""

    file: ClaimsFile
    claim: Claim
    figure: PrintedFigure
    judgements: Mapping[str, Judgement]
    conflicts: tuple[str, ...]
    estimate: ClaimEstimate | None = None
    """The number with estimates, if they are wanted and the claim is not computable from countries alone."""

    @property
    def id(self) -> str:
        """The claim's id with its publication's."""
        return f"{self.file.publication.id}.{self.claim.id}"

    @property
    def verdict(self) -> Verdict:
        """The verdict: *conflicts* if the claim does, or that of the published figures.

        If the published figures only repeat the claim, or say nothing, it is that of the countries' figures.
        """
        if self.conflicts:
            return Verdict.CONFLICTS
        first, *others = (self.judgements[basis].verdict for basis in BASES if basis in self.judgements)
        repeats = first == Verdict.QUOTED and others == [Verdict.REPRODUCED]
        return others[0] if others and (first == Verdict.NOT_COMPUTABLE or repeats) else first

    @property
    def expect(self) -> str:
        """The verdict expected of this run; if one basis is requested, that of the basis if the claim has it."""
        if len(self.judgements) == 1 and not self.conflicts:
            return self.claim.bases.get(next(iter(self.judgements)), self.claim.expect)
        return self.claim.expect

    @property
    def unexpected(self) -> dict[str, tuple[str, str]]:
        """Expected and actual verdict where they differ: `claim`, `published`, `countries`."""
        verdicts: dict[str, tuple[str, str]] = {"claim": (self.expect, self.verdict)}
        for basis, judgement in self.judgements.items():
            verdicts[basis] = (self.claim.bases.get(basis, judgement.verdict), judgement.verdict)
        return {what: pair for what, pair in verdicts.items() if pair[0] != pair[1]}


@dataclass(frozen=True)
class Reproduction:
    """All outcomes, file by file, the computation that they rest on, and what has changed since a lock."""

    files: tuple[ClaimsFile, ...]
    outcomes: tuple[Outcome, ...]
    result: Result
    values: Values = field(repr=False)
    changes: tuple[str, ...] | None = None
    """Everything that has changed; None if no lock was given."""
    claim_changes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What has changed in each claim."""
    estimated: bool = False
    """Whether claims that are not computable from countries were tried with estimates."""

    @property
    def unexpected(self) -> int:
        """The number of claims whose verdict is not the expected one."""
        return sum(1 for outcome in self.outcomes if outcome.unexpected)


def reproduce(
    files: Sequence[ClaimsFile],
    claims: Mapping[str, Sequence[Claim]],
    editions: Sequence[str] = (),
    bases: Sequence[str] = BASES,
    estimate: bool = False,
) -> Reproduction:
    """The outcome of each of the `claims` (by the path of their file), from `editions` if any, or from their own.

    With `estimate`, those that are not computable from countries have a number with estimates too.

    Raises OptionError for one of the `editions` that is unknown; those that claims name are checked as their file is
    read.
    """
    for name in editions:
        sources.edition(name)
    request = _request([claim for of_file in claims.values() for claim in of_file], editions)
    result = compute(request)
    values = Values.of(result)
    outcomes = [outcome for file in files for outcome in _outcomes(file, claims[file.path], values, editions, bases)]
    reasoned = tuple(_with_reasons(outcomes, result, values))
    if estimate:
        reasoned = tuple(_with_estimates(reasoned, estimated_values(request), editions))
    return Reproduction(tuple(files), reasoned, result, values, estimated=estimate)


def _with_estimates(outcomes: Sequence[Outcome], values: Values, editions: Sequence[str]) -> Iterator[Outcome]:
    """The outcomes; those that are not computable from countries with their number from estimates, if it exists."""
    for outcome in outcomes:
        judgement = outcome.judgements.get(Basis.COUNTRIES)
        if judgement and judgement.verdict == Verdict.NOT_COMPUTABLE:
            own = _editions(outcome.claim, editions)
            yield replace(outcome, estimate=claim_estimate(outcome.claim, outcome.figure, values, own))
        else:
            yield outcome


def _request(claims: Sequence[Claim], editions: Sequence[str]) -> Request:
    """The request that serves all claims: their indicators, the measures of their units, and every year.

    It is for every year because a claim about a year missing from an edition is answered with the years that it has.
    """
    measures = catalogue().measures
    entries = catalogue_entries(claims)
    units = {measures[name].unit for name in entries["measures"]}
    names = {name for claim in claims for name in _editions(claim, editions)} or _default_editions()
    return Request(
        editions=tuple(sorted(names)),
        indicators=tuple(sorted(entries["indicators"])),
        measures=tuple(entry.id for entry in measures.values() if entry.unit in units) or ("absolute_difference",),
        economies=_economies(claims),
        keep=True,
    )


def _default_editions() -> list[str]:
    """The default editions of country figures, the newest first."""
    entries = [entry for entry in sources.editions().values() if entry.role == "country" and entry.default]
    return [entry.id for entry in sorted(entries, key=lambda entry: entry.vintage, reverse=True)]


def _editions(claim: Claim, editions: Sequence[str]) -> Sequence[str]:
    """The editions requested, or the claim's own and, if these have no country figures, the default ones."""
    if editions:
        return editions
    has_countries = any(sources.editions()[name].role == "country" for name in claim.editions)
    return claim.editions if has_countries else (*claim.editions, *_default_editions())


def _economies(claims: Sequence[Claim]) -> tuple[str, ...]:
    """The areas of the claims that are economies."""
    areas = {area for claim in claims for area in claim.selector.every_area}
    return tuple(sorted(area for area in areas if is_economy(area)))


def _outcomes(
    file: ClaimsFile, claims: Sequence[Claim], values: Values, editions: Sequence[str], bases: Sequence[str]
) -> Iterator[Outcome]:
    """The outcomes of claims of one file; their relations are to all of its claims."""
    figures = {claim.id: printed_figure(claim) for claim in file.claims}
    conflicts_of = conflicts(file.claims, figures)
    for claim in claims:
        judgements = {basis: _judgement(claim, figures, values, _editions(claim, editions), basis) for basis in bases}
        yield Outcome(file, claim, figures[claim.id], judgements, tuple(conflicts_of.get(claim.id, ())))


def _judgement(
    claim: Claim, figures: Mapping[str, PrintedFigure], values: Values, editions: Sequence[str], basis: str
) -> Judgement:
    """The verdict from the first edition of the basis that gives a value, or from the first that gives bounds."""
    roles = {name: sources.editions()[name].role for name in editions}
    own_roles = ("country",) if basis == Basis.COUNTRIES else ("published", "quoted")
    candidates = [
        name for name in editions if roles[name] in own_roles or (roles[name] == "country" and values.has(name, basis))
    ]
    if not candidates:
        number = no_number(Absence.EDITION, basis=basis)
        return Judgement(basis, Verdict.NOT_COMPUTABLE, number, remark=str(number.lack))
    numbers = {name: number_of(claim, figures[claim.id], values, name, basis) for name in candidates}
    best = [name for name in candidates if not numbers[name].lack]
    best += [name for name in candidates if numbers[name].has_bounds]
    best += sorted(candidates, key=lambda name: -nearness(claim.selector, values, name, basis))
    edition = best[0]
    related = implied(claim, figures)
    return judge(claim, figures[claim.id], numbers[edition], basis, edition, related, roles[edition] == "quoted")


def _with_reasons(outcomes: Sequence[Outcome], result: Result, values: Values) -> Iterator[Outcome]:
    """The outcomes; if a basis differs, its remark says how the claim would be true."""
    differing = [o.claim for o in outcomes if any(j.verdict == Verdict.DIFFERS for j in o.judgements.values())]
    differences = Differences(result, values, differing)
    for outcome in outcomes:
        judgements = dict(outcome.judgements)
        for basis, judgement in outcome.judgements.items():
            if judgement.verdict == Verdict.DIFFERS:
                reason = differences.reason(outcome.claim, outcome.figure, judgement)
                remark = f"{judgement.remark}; {reason}" if reason else judgement.remark
                judgements[basis] = replace(judgement, remark=remark)
        yield replace(outcome, judgements=judgements)


Alternative = tuple[str, Number]
"""Another way to compute the claim, in words, and its number."""


@dataclass
class Differences:
    """The other ways to compute claims; values for other members are computed when first needed."""

    result: Result
    values: Values
    claims: Sequence[Claim]
    _regrouped: dict[tuple[str, str], dict[str, Values]] = field(default_factory=dict)

    def reason(self, claim: Claim, figure: PrintedFigure, judgement: Judgement) -> str:
        """Writes `would hold in itu_aggregates_2024_11 (67.6)`, or the nearest of the ways tried, if it is nearer."""
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
        edition, basis = judgement.edition, judgement.basis
        for other, other_basis in sorted(self.values.numbers, reverse=True):
            if other_basis == basis and other != edition:
                yield f"in {other}", number_of(claim, figure, self.values, other, basis)
        for way, changed in _variants(claim):
            yield way, number_of(changed, figure, self.values, edition, basis)
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
            groups = sorted({area for s in selectors for area in s.every_area})
            frames = regrouped(self.result, edition, rows, groups, fiscal_years())
            self._regrouped[edition, basis] = {
                fiscal_year: self._overlay(frame, edition, basis, fiscal_year)
                for fiscal_year, frame in frames.items()
                if len(frame)
            }
        return self._regrouped[edition, basis]

    def _overlay(self, frame: pd.DataFrame, edition: str, basis: str, fiscal_year: str) -> Values:
        """The values of the run, with those for other members in their place."""
        texts = {v.EDITION: edition, v.MEMBERSHIP: v.AS_PUBLISHED if basis == Basis.PUBLISHED else fiscal_year}
        texts = {name: v.TOTAL for name in self.result.dimensions if name not in frame} | texts
        frame = frame.assign(**{name: constant(text, len(frame)) for name, text in texts.items()})
        changed = index(((frame, frame[v.POPULATION]),), self.result.dimensions)[edition, basis]
        own = self.values.numbers[edition, basis]
        numbers = {**own, **{key: {**own.get(key, {}), **series} for key, series in changed.items()}}
        return Values({(edition, basis): numbers}, {}, self.result.dimensions)


def _changed(claim: Claim, **codes: Any) -> Claim:
    """The claim with other codes in its selector."""
    return structs.replace(claim, selector=structs.replace(claim.selector, **codes))


def _variants(claim: Claim) -> Iterator[tuple[str, Claim]]:
    """The same claim by other formulae with the same unit, and for the years around, each in words."""
    selector, measures, year = claim.selector, catalogue().measures, claim.selector.year
    if selector.gap:
        for other in measures.values():
            if other.unit == measures[selector.measure].unit and other.id != selector.measure:
                yield f"as {other.id}", _changed(claim, measure=other.id)
    if selector.change == "relative":
        of = "the percentage" if selector.persons else "the number of people"
        yield f"as growth of {of}", _changed(claim, persons=not selector.persons)
    if not selector.gap and not selector.persons and not selector.change and claim.unit == "PT":
        yield "as its complement", _changed(claim, complement=not selector.complement)
    for other_year in (year - 1, year + 1) if year is not None else ():
        yield f"for {other_year}", _changed(claim, year=other_year)
