"""Claims -> outcomes: one computation of every edition that they name, then a verdict on each basis for each claim.

If a claim differs, it says why (`differences`): the other year, edition, area, unit ... for which it would be true.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from divide_cli.analysis.pipeline import compute
from divide_cli.analysis.request import Result
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import HOLDS, Basis, Claim, ClaimsFile, Passage, Verdict, is_as_expected
from divide_cli.claims.claims_file import UNREMARKABLE, editions_of
from divide_cli.claims.differences import Differences
from divide_cli.claims.estimates import ClaimEstimate, claim_estimate, estimated_values
from divide_cli.claims.numbers import Absence, Values, nearness, no_number, number_of
from divide_cli.claims.printed import PrintedFigure, printed_figure
from divide_cli.claims.request import request_for
from divide_cli.claims.verdicts import Judgement, conflicts, implied, judge
from divide_cli.language import clauses, later, say
from divide_cli.sources import editions as sources

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
    def remarkable(self) -> bool:
        """Whether a report says something about the claim, also if it is as expected."""
        if self.claim.expect == HOLDS:
            return bool(self.unexpected)
        tension = any(judgement.tension for judgement in self.judgements.values())
        return bool(self.unexpected) or self.verdict not in UNREMARKABLE or tension

    @property
    def unexpected(self) -> dict[str, tuple[str, str]]:
        """Expected and actual verdict where they differ: `claim`, `published`, `countries`."""
        verdicts: dict[str, tuple[str, str]] = {later("claim"): (self.expect, self.verdict)}
        for basis, judgement in self.judgements.items():
            verdicts[basis] = (self.claim.bases.get(basis, judgement.verdict), judgement.verdict)
        return {what: pair for what, pair in verdicts.items() if not is_as_expected(*pair)}

    @property
    def passage(self) -> Passage | None:
        """The place in a text that prints the figure; None for a claim of a claims file."""
        return self.file.passages.get(self.claim.id)

    @property
    def place(self) -> str:
        """`12:34`, line and column in a text; empty for a claim of a claims file."""
        return f"{self.passage.line}:{self.passage.column}" if self.passage else ""

    @property
    def deciding(self) -> Judgement | None:
        """The first judgement with the verdict of the claim; None if it conflicts."""
        return next((one for one in self.judgements.values() if one.verdict == self.verdict), None)


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
    request = request_for([claim for of_file in claims.values() for claim in of_file], editions)
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
            own = editions_of(outcome.claim, editions)
            yield replace(outcome, estimate=claim_estimate(outcome.claim, outcome.figure, values, own))
        else:
            yield outcome


def _outcomes(
    file: ClaimsFile, claims: Sequence[Claim], values: Values, editions: Sequence[str], bases: Sequence[str]
) -> Iterator[Outcome]:
    """The outcomes of claims of one file; their relations are to all of its claims."""
    figures = {claim.id: printed_figure(claim) for claim in file.claims}
    conflicts_of = conflicts(file.claims, figures)
    for claim in claims:
        passage = file.passages.get(claim.id)
        judgements = {
            basis: _in_its_unit(_judgement(claim, figures, values, editions_of(claim, editions), basis), claim, passage)
            for basis in bases
        }
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


def _in_its_unit(judgement: Judgement, claim: Claim, passage: Passage | None) -> Judgement:
    """The judgement, or *differs* if the text prints the figure in a unit that the number does not have."""
    if passage is None or not passage.stated or judgement.verdict == Verdict.NOT_COMPUTABLE:
        return judgement
    unit = catalogue().units[claim.unit].name
    remark = clauses(
        part
        for part in (
            say("printed in {stated}, but the number is in {unit}", stated=passage.stated, unit=unit),
            judgement.remark,
        )
        if part
    )
    return replace(judgement, verdict=Verdict.DIFFERS, remark=remark)


def _with_reasons(outcomes: Sequence[Outcome], result: Result, values: Values) -> Iterator[Outcome]:
    """The outcomes; if a basis differs, its remark says how the claim would be true."""
    differing = [o.claim for o in outcomes if any(j.verdict == Verdict.DIFFERS for j in o.judgements.values())]
    differences = Differences(result, values, differing)
    for outcome in outcomes:
        wrong = outcome.verdict in (Verdict.DIFFERS, Verdict.CONFLICTS)
        judgements = {
            basis: differences.explained(outcome.file, outcome.claim, outcome.figure, judgement, wrong=wrong)
            if judgement.verdict == Verdict.DIFFERS
            else judgement
            for basis, judgement in outcome.judgements.items()
        }
        yield replace(outcome, judgements=judgements)
