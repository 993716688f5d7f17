"""Claims -> outcomes: one computation of every edition that they name, then a verdict on each basis for each claim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from divide_cli.analysis.pipeline import compute
from divide_cli.analysis.request import Request, Result
from divide_cli.catalogue import catalogue
from divide_cli.claims import explain
from divide_cli.claims.arithmetic import nothing
from divide_cli.claims.judge import Judged, judge
from divide_cli.claims.load import used
from divide_cli.claims.numbers import holding, number
from divide_cli.claims.printed import Accepted, accepted
from divide_cli.claims.records import (
    BASES,
    CONFLICTS,
    COUNTRIES,
    DIFFERS,
    NOT_COMPUTABLE,
    PUBLISHED,
    QUOTED,
    REPRODUCED,
    Claim,
    ClaimsFile,
)
from divide_cli.claims.relations import conflicts, implied
from divide_cli.claims.values import Values
from divide_cli.sources import editions as sources


@dataclass(frozen=True)
class Outcome:
    """The verdict on a claim, and that of each basis that was asked for."""

    file: ClaimsFile
    claim: Claim
    held: Accepted
    judged: Mapping[str, Judged]
    conflicts: tuple[str, ...]

    @property
    def id(self) -> str:
        """The claim's id with its publication's."""
        return f"{self.file.publication.id}.{self.claim.id}"

    @property
    def verdict(self) -> str:
        """*Conflicts* where it does; else what the published figures say, unless they only repeat the claim, or say
        nothing: then what the countries' figures say."""
        if self.conflicts:
            return CONFLICTS
        found = [self.judged[basis].verdict for basis in BASES if basis in self.judged]
        if len(found) == 1:
            return found[0]
        published, countries = found
        if published == NOT_COMPUTABLE or (published == QUOTED and countries == REPRODUCED):
            return countries
        return published

    @property
    def expect(self) -> str:
        """The verdict that is expected of this run; where one basis is asked for, that of the basis if it is given."""
        if len(self.judged) == 1 and not self.conflicts:
            return self.claim.bases.get(next(iter(self.judged)), self.claim.expect)
        return self.claim.expect

    @property
    def unexpected(self) -> dict[str, tuple[str, str]]:
        """Expected and found verdict of whatever is not as expected: `claim`, `published`, `countries`."""
        told = {"claim": (self.expect, self.verdict)}
        told |= {b: (self.claim.bases[b], judged.verdict) for b, judged in self.judged.items() if b in self.claim.bases}
        return {what: pair for what, pair in told.items() if pair[0] != pair[1]}


@dataclass(frozen=True)
class Reproduction:
    """All outcomes, file by file, the one computation that they rest on, and what has moved since a lock."""

    files: tuple[ClaimsFile, ...]
    outcomes: tuple[Outcome, ...]
    result: Result
    values: Values = field(repr=False)
    moved: tuple[str, ...] | None = None
    """Everything that has moved; None where no lock was given."""
    moved_claims: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What has moved of each claim."""

    @property
    def unexpected(self) -> int:
        """Claims with a verdict that is not the expected one."""
        return sum(1 for outcome in self.outcomes if outcome.unexpected)


def reproduce(
    files: Sequence[ClaimsFile],
    claims: Mapping[str, Sequence[Claim]],
    asked: Sequence[str] = (),
    bases: Sequence[str] = BASES,
) -> Reproduction:
    """The outcome of each of the `claims` (by the path of their file); `asked` are editions in place of their own.

    OptionError for an edition asked for that is unknown; those that claims name are checked as their file is read.
    """
    chosen = [claim for taken in claims.values() for claim in taken]
    for name in asked:
        sources.edition(name)
    wanted = {name for claim in chosen for name in _editions(claim, asked)}
    result = compute(_request(chosen, sorted(wanted or set(_default_countries()))))
    values = Values.of(result)
    outcomes = []
    for file in files:
        held = {claim.id: accepted(claim) for claim in file.claims}
        clashes = conflicts(file.claims, held)
        for claim in claims[file.path]:
            judged = {basis: _judged(claim, held, values, _editions(claim, asked), basis) for basis in bases}
            outcomes.append(Outcome(file, claim, held[claim.id], judged, tuple(clashes.get(claim.id, ()))))
    return Reproduction(tuple(files), tuple(_explained(outcomes, result, values)), result, values)


def _default_countries() -> list[str]:
    """The default country editions, the newest first."""
    found = [entry for entry in sources.editions().values() if entry.role == "country" and entry.default]
    return [entry.id for entry in sorted(found, key=lambda entry: entry.vintage, reverse=True)]


def _editions(claim: Claim, asked: Sequence[str]) -> list[str]:
    """The editions asked for, else the claim's own, then, where it names none of countries, the default ones."""
    known = sources.editions()
    if asked:
        return list(asked)
    named = list(claim.editions)
    if not any(known[name].role == "country" for name in named):
        named += _default_countries()
    return named


def _request(claims: Sequence[Claim], editions: Sequence[str]) -> Request:
    """What serves all claims: their indicators, the measures of their units, and every year.

    Of every year, because a claim whose year an edition lacks is told which it has.
    """
    known = catalogue()
    names = used(claims)
    units = {known.measures[name].unit for name in names["measures"]}
    measures = [entry.id for entry in known.measures.values() if entry.unit in units] or ["absolute_difference"]
    return Request(
        editions=tuple(editions),
        indicators=tuple(sorted(names["indicators"])),
        measures=tuple(measures),
        economies=explain.economies(list(claims)),
        keep=True,
    )


def _judged(claim: Claim, held: Mapping[str, Accepted], values: Values, editions: Sequence[str], basis: str) -> Judged:
    """The verdict from the first edition of the basis that gives a value, else from the first that gives bounds."""
    known = sources.editions()
    roles = ("country",) if basis == COUNTRIES else ("published", "quoted", "country")
    candidates = [
        name
        for name in editions
        if known[name].role in roles
        and (basis == COUNTRIES or known[name].role != "country" or values.has(name, basis))
    ]
    own = held[claim.id]
    found = {name: number(claim, own, values, name, basis) for name in candidates}
    best = [name for name in candidates if not found[name].missing]
    best += [name for name in candidates if found[name].bounded]
    best += sorted(candidates, key=lambda name: -holding(claim.selector, values, name, basis))
    if not best:
        lacking = f"no edition of {basis} figures is named"
        return Judged(basis, NOT_COMPUTABLE, nothing(lacking), said=lacking)
    name = best[0]
    view = known[name].role == "quoted"
    return judge(claim, own, found[name], basis, name, implied(claim, held), view)


def _explained(outcomes: Sequence[Outcome], result: Result, values: Values) -> list[Outcome]:
    """The outcomes; where a basis differs it says where the claim would hold."""
    differing = [o.claim for o in outcomes if any(judged.verdict == DIFFERS for judged in o.judged.values())]
    others = explain.Alternatives(result, values, differing)
    made = []
    for outcome in outcomes:
        judged = dict(outcome.judged)
        for basis, one in outcome.judged.items():
            told = others.told(outcome.claim, outcome.held, one) if one.verdict == DIFFERS else ""
            if told:
                judged[basis] = replace(one, said=f"{one.said}; {told}")
        made.append(replace(outcome, judged=judged))
    return made


__all__ = ["PUBLISHED", "Outcome", "Reproduction", "reproduce"]
