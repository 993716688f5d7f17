"""Outcomes of claims for a reader (tables, Markdown) and for machines (JSON); other formats are those of findings."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import isfinite, isnan, log10
from typing import TYPE_CHECKING, Any

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import ANY_ECONOMY, Basis, ClaimsFile, Verdict
from divide_cli.claims import findings
from divide_cli.claims.documents.patch import patch_of
from divide_cli.claims.estimates import ClaimEstimate
from divide_cli.claims.reproduce import BASES, Outcome, Reproduction
from divide_cli.claims.verdicts import Judgement
from divide_cli.errors import text_safety
from divide_cli.language import between, clauses, commas, digits, ended, labelled, later, say
from divide_cli.reports import annotations, junit, sarif
from divide_cli.reports.findings import findings_frame
from divide_cli.reports.json import fields_of
from divide_cli.reports.tables import (
    NOTHING,
    Block,
    Footnotes,
    Output,
    percent,
    print_exactly,
    with_unit,
    without_empty_columns,
    write,
)

if TYPE_CHECKING:
    import pandas as pd

MARKS = {
    Verdict.QUOTED: "q", Verdict.REPRODUCED: "=", Verdict.WITHIN: "~", Verdict.DOUBLE: "~~", Verdict.DIFFERS: "!",
    Verdict.NOT_COMPUTABLE: "?",
}  # fmt: skip
"""The marks next to the number of each basis."""
SHORT: Mapping[str, str] = {Verdict.WITHIN: later("within rounding")}
TO_EXPLAIN = (Verdict.DIFFERS, Verdict.DOUBLE)
AS_FINDINGS = ("junit", "sarif", "github")
JUDGED = {"OBS_VALUE": "value", "BOUND_LOWER": "lower", "BOUND_UPPER": "upper", "COVERAGE": "coverage"}
"""Column of a frame -> the part of a judgement that it has."""
HEADS = {Basis.PUBLISHED: "Published", Basis.COUNTRIES: later("From countries")}
OF_COUNTRIES = later(
    "From countries: [a, b], bounds; %, coverage, the share of the people who live in economies with data."
)
DIGITS = 10
"""Significant digits of numbers in JSON: more than any figure has, fewer than sums in another order would change."""


def deliver(reproduction: Reproduction, form: str) -> None:
    """Prints the outcomes on stdout in the format, and reports on stderr how many are not as expected.

    Tables, Markdown and JSON list claims; formats for other programs list findings.
    """
    write(output(reproduction), form)
    if form in AS_FINDINGS:
        for line in reproduction.changes or ():
            print(text_safety.visible(line), file=sys.stderr)
    claims, unexpected = text_safety.count_of(len(reproduction.outcomes), "claim"), reproduction.unexpected
    print(
        say("{claims}, {unexpected} not as expected", claims=claims, unexpected=unexpected)
        if unexpected
        else say("{claims}, all as expected", claims=claims),
        file=sys.stderr,
    )


def output(reproduction: Reproduction) -> Output:
    """The outcomes as tables, JSON or Markdown, and as findings for other programs."""
    texts = {"json": partial(as_json, reproduction)} | {
        name: partial(_text, name, reproduction) for name in AS_FINDINGS
    }
    return Output(partial(blocks, reproduction), texts, partial(_frames, reproduction))


def _frames(reproduction: Reproduction) -> "dict[str, pd.DataFrame]":
    """A row for each claim and basis, with the verdict on the printed figure and the number that it is compared with.

    Numbers are in the unit of the claim, times ten to the power of UNIT_MULT.
    """
    import pandas as pd

    rows = []
    for outcome in reproduction.outcomes:
        claim = _claim(outcome)
        place, accepted = claim["place"], claim["accepted"]
        about = {
            "PUBLICATION": claim["publication"], "CLAIM": claim["id"], "FILE": place["file"], "LINE": place["line"],
            "COLUMN": place["column"], "PRINTED": claim["printed"], "UNIT_MEASURE": claim["unit"],
            "UNIT_MULT": claim["unit_mult"], "LOWEST": accepted["lower"], "HIGHEST": accepted["upper"],
            "VERDICT": claim["verdict"], "EXPECTED": claim["expect"], "AS_EXPECTED": claim["as_expected"],
        }  # fmt: skip
        bases = [str(name) for name in BASES if claim[name]]
        for basis in bases or [""]:
            judged = claim.get(basis) or {}
            number = {name: judged.get(part) for name, part in JUDGED.items()}
            rows.append({**about, "BASIS": basis, "BASIS_VERDICT": judged.get("verdict", ""), **number})
            rows[-1]["EDITION"] = judged.get("edition", "")
    claims = pd.DataFrame(rows).astype(dict.fromkeys(JUDGED, "float64"))
    return {"claims": claims, "findings": findings_frame(findings.report(reproduction).findings)}


def deliver_patch(reproduction: Reproduction) -> None:
    """Prints the patch of the texts on stdout, and on stderr how many figures it corrects and which it leaves."""
    patch = patch_of(reproduction.files, reproduction.outcomes)
    print_exactly(patch.text)
    for outcome in patch.left:
        left = say("left as it is: {name}: {verdict}", name=_name(outcome), verdict=say(outcome.verdict.value))
        print(text_safety.visible(left), file=sys.stderr)
    corrected = text_safety.count_of(len(patch.corrected), "figure")
    print(say("{figures} to correct", figures=corrected), file=sys.stderr)


def _text(form: str, reproduction: Reproduction) -> str:
    """The outcomes as findings. SARIF names only the version of `divide`, so it is the same whatever it rests on."""
    descriptions, command = findings.descriptions(reproduction), "divide reproduce"
    if form == "junit":
        return junit.join(findings.reports(reproduction), descriptions, command)
    report = findings.report(reproduction)
    if form == "sarif":
        return text_safety.as_json(sarif.document(report, descriptions, {"divide": __version__}))
    return annotations.text(report, descriptions, command)


def blocks(reproduction: Reproduction) -> list[Block]:
    """What is not as expected, the counts, what has changed since a lock, a block for each publication, the notes."""
    notes, outcomes = Footnotes(), reproduction.outcomes
    parts = [_unexpected(reproduction), _counts(reproduction)]
    if reproduction.estimated:
        parts.append(_estimates(reproduction))
    if reproduction.changes is not None:
        parts.append(
            Block(say("Changed since the lock"), (), [], notes=reproduction.changes or (say("Nothing has changed."),))
        )
    parts += [_publication(reproduction, file, notes) for file in reproduction.files]
    verdicts = {one.verdict for outcome in outcomes for one in outcome.judgements.values() if _is_computed(one)}
    marks = commas(f"{mark} {say(verdict)}" for verdict, mark in MARKS.items() if verdict in verdicts)
    terms = [say("After a figure, its verdict: {marks}.", marks=marks)] if marks else []
    countries = [outcome.judgements[Basis.COUNTRIES] for outcome in outcomes if Basis.COUNTRIES in outcome.judgements]
    terms += [OF_COUNTRIES] if any(map(_is_computed, countries)) else []
    return [block for block in (*parts, notes.block(*terms)) if block.rows or block.notes]


def account(reproduction: Reproduction) -> list[Block]:
    """A block for each publication, and the notes: what the figures were compared with, and why they differ."""
    return blocks(replace(reproduction, changes=None))[1 + bool(reproduction.unexpected) :]


def _unexpected(reproduction: Reproduction) -> Block:
    """An account of each claim whose verdict is not the expected one."""
    lines = []
    for outcome in reproduction.outcomes:
        if outcome.unexpected:
            parts = [
                say("{what} expected {pair}, found {pair_2}", what=say(what), pair=say(pair[0]), pair_2=say(pair[1]))
                for what, pair in outcome.unexpected.items()
            ]
            parts += outcome.conflicts
            parts += [findings.account(outcome, one, reproduction.values) for one in outcome.judgements.values()]
            lines.append(f"!! {ended(labelled(_name(outcome), clauses(part for part in parts if part)))}")
    return Block(say("Not as expected"), (), [], notes=tuple(lines))


def _counts(reproduction: Reproduction) -> Block:
    """The number of claims of each publication, of those not as expected, and of those with each verdict."""
    citations, tallies = [], []
    for file in reproduction.files:
        outcomes = [outcome for outcome in reproduction.outcomes if outcome.file is file]
        if outcomes:
            citations.append(file.publication.citation)
            tally = Counter[str](outcome.verdict for outcome in outcomes)
            tally.update({"all": len(outcomes), "not as expected": sum(bool(one.unexpected) for one in outcomes)})
            tallies.append(tally)
    names = (later("all"), later("not as expected"), *Verdict)
    rows = [(say(SHORT.get(name, name)), *(str(tally[name]) for tally in tallies)) for name in names]
    numeric, rules = frozenset(citations), frozenset({2})
    return Block(say("Claims by verdict and publication"), ("Verdict", *citations), rows, numeric, rules)


def _estimates(reproduction: Reproduction) -> Block:
    """The claims that reports of countries do not decide: how many have a number with estimates, and what they say."""
    countries = [(outcome, outcome.judgements.get(Basis.COUNTRIES)) for outcome in reproduction.outcomes]
    undecided = [one for one, own in countries if own and own.verdict == Verdict.NOT_COMPUTABLE]
    rows: list[tuple[str, ...]] = [
        (one.claim.id, _printed(one), *_with_estimate(one, one.estimate)) for one in undecided if one.estimate
    ]
    confirmed = sum(bool(one.estimate and one.estimate.confirms) for one in undecided)
    note = say(
        "{claims} not computable from countries alone. {numbers} have a number if the other economies are estimated, "
        "and the printed figure of {confirmed} is in its interval. No verdict rests on an estimate.",
        claims=text_safety.count_of(len(undecided), "claim"),
        numbers=len(rows),
        confirmed=confirmed,
    )
    columns = ("Claim", "Printed", later("With estimates"), later("In it"))
    title = say("With estimates of economies that did not report")
    return Block(title, columns, rows, notes=(note,), whole=frozenset(("Claim",)))


def _with_estimate(outcome: Outcome, estimate: ClaimEstimate) -> tuple[str, str]:
    """The number with its interval, in the decimals of the claim and one more, and whether the figure is in it."""
    decimals, number = outcome.figure.decimals, estimate.number
    places = catalogue().units[outcome.claim.unit].decimals if decimals is None else decimals + 1
    value, lower, upper = (digits(f"{x:.{places}f}") for x in (number.value, number.lower, number.upper))
    return f"{value} {between(lower, upper)}", say("yes") if estimate.confirms else say("no")


def _publication(reproduction: Reproduction, file: ClaimsFile, notes: Footnotes) -> Block:
    """A row for each claim, those that are computed first, then an explanation of verdicts."""
    outcomes = [outcome for outcome in reproduction.outcomes if outcome.file is file]
    computed = [any(map(_is_computed, outcome.judgements.values())) for outcome in outcomes]
    bases = [basis for basis in BASES if any(basis in outcome.judgements for outcome in outcomes)]
    rows = []

    def cite(edition: str) -> str:
        return notes.mark(ended(labelled(edition, reproduction.result.sources[edition].citation)))

    for outcome, _ in sorted(zip(outcomes, computed, strict=True), key=lambda pair: not pair[1]):
        cells = [_cell(outcome, outcome.judgements[basis], cite) for basis in bases]
        mark = "!! " if outcome.unexpected else ""
        verdict = f"{mark}{say(SHORT.get(outcome.verdict, outcome.verdict))}"
        rows.append((outcome.place, outcome.claim.id, _printed(outcome), *cells, verdict))
    columns = ("Place", "Claim", "Printed", *(HEADS[basis] for basis in bases), "Verdict")
    rules = frozenset({sum(computed)} - {0, len(rows)})
    title = say("{citation}: as printed and as computed", citation=file.publication.citation)
    explanations = tuple(_explanations(outcomes))
    block = Block(title, columns, rows, rules=rules, notes=explanations, whole=frozenset(("Claim",)))
    return without_empty_columns(block)


def _is_computed(judgement: Judgement) -> bool:
    """Whether there is a value or bounds to show."""
    return judgement.number.has_value or judgement.number.has_bounds


def _name(outcome: Outcome) -> str:
    """The claim as `report.md:12:34 id`, the place only if a text prints it."""
    return f"{outcome.file.path}:{outcome.place} {outcome.claim.id}" if outcome.place else outcome.claim.id


def _printed(outcome: Outcome) -> str:
    claim, passage = outcome.claim, outcome.passage
    if passage and passage.stated:
        return f"{claim.quotation} {passage.stated}"
    power = {0: "", 6: say(" million"), 9: say(" billion")}.get(claim.unit_mult, f" x 10^{claim.unit_mult}")
    printed = f"{claim.quotation}{power}"
    return with_unit(printed, "PT") if claim.unit == "PT" and claim.has_digits else printed


def _cell(outcome: Outcome, judgement: Judgement, cite: Callable[[str], str]) -> str:
    """`73.6 (1) q`: value, edition, verdict; from countries also bounds and coverage; a dash if there is none."""
    if not _is_computed(judgement):
        return NOTHING
    number, selector, decimals = judgement.number, outcome.claim.selector, outcome.figure.decimals
    of_countries = judgement.basis == Basis.COUNTRIES
    places = catalogue().units[outcome.claim.unit].decimals if decimals is None else decimals + 1
    places = 0 if selector.area == ANY_ECONOMY else places
    if selector.plain and number.upper > number.lower and not of_countries:
        # a published figure has the decimals that its edition states
        places = min(places, round(-log10(number.upper - number.lower)))
    value, lower, upper = (digits(f"{x:.{places}f}") for x in (number.value, number.lower, number.upper))
    text = f"{value if number.has_value else say('withheld')} {cite(judgement.edition)} {MARKS[judgement.verdict]}"
    if of_countries:
        text += f" {between(lower, upper)}" if number.has_bounds and lower != upper else ""
        text += "" if isnan(number.coverage) else f" {percent(number.coverage)}"
    return text


def _explanations(outcomes: Sequence[Outcome]) -> list[str]:
    """What conflicts, what differs and why, of the verdicts that are expected."""
    notes = []
    reasons: dict[str, list[str]] = {}
    for outcome in (outcome for outcome in outcomes if not outcome.unexpected):
        judgements, reason = outcome.judgements.values(), outcome.claim.reason
        to_explain = [j for j in judgements if j.verdict in TO_EXPLAIN or j.tension]
        if not reason and outcome.verdict == Verdict.NOT_COMPUTABLE:
            to_explain += [judgement for judgement in judgements if judgement not in to_explain]
        parts = [*outcome.conflicts, *(labelled(say(judgement.basis), judgement.remark) for judgement in to_explain)]
        if parts:
            notes.append(ended(labelled(outcome.claim.id, clauses(parts))))
        if reason:
            reasons.setdefault(reason, []).append(outcome.claim.id)
    return notes + [ended(labelled(commas(ids), reason)) for reason, ids in reasons.items()]


def as_json(reproduction: Reproduction) -> str:
    """`{"claims": [...], "unexpected": 0}`, with `moved` if a lock was given; what is unknown is null."""
    document: dict[str, Any] = {
        "divide": __version__,
        "claims": [_claim(outcome) for outcome in reproduction.outcomes],
        "unexpected": reproduction.unexpected,
    }
    if reproduction.estimated:
        document["estimates"] = [_estimate(one, one.estimate) for one in reproduction.outcomes if one.estimate]
    if reproduction.changes is not None:
        document["moved"] = list(reproduction.changes)
    return text_safety.as_json(document)


def _estimate(outcome: Outcome, estimate: ClaimEstimate) -> dict[str, Any]:
    """The number of a claim with estimates, its interval, and whether the printed figure is in it."""
    numbers = {name: _number(getattr(estimate.number, name)) for name in ("value", "lower", "upper")}
    known = {"edition": estimate.edition, "in_interval": estimate.confirms}
    return {"id": outcome.claim.id, "publication": outcome.file.publication.id, **numbers, **known}


def _claim(outcome: Outcome) -> dict[str, Any]:
    claim, figure = outcome.claim, outcome.figure
    accepted: dict[str, Any] = {"lower": _number(figure.lower), "upper": _number(figure.upper)}
    return {
        "id": claim.id,
        "publication": outcome.file.publication.id,
        "place": _place(outcome),
        **fields_of(claim, "where", "statement", "printed", "unit", "unit_mult", "qualifier"),
        "accepted": accepted | {"ends": "included" if figure.closed else "excluded"},
        **fields_of(outcome, "expect", "verdict"),
        "as_expected": not outcome.unexpected,
        "conflicts": list(outcome.conflicts),
        "reason": claim.reason,
        **{basis: _basis(outcome, basis) for basis in BASES},
    }


def _place(outcome: Outcome) -> dict[str, Any]:
    """File, line and column (null in a claims file) of the figure."""
    passage = outcome.passage
    return {"file": outcome.file.path, "line": outcome.claim.line, "column": passage.column if passage else None}


def _basis(outcome: Outcome, basis: str) -> dict[str, Any] | None:
    judgement = outcome.judgements.get(basis)
    if judgement is None:
        return None
    number = judgement.number
    entry: dict[str, Any] = {name: _number(getattr(number, name)) for name in ("value", "lower", "upper")}
    if basis == Basis.COUNTRIES:
        entry["coverage"] = _number(number.coverage)
        entry["membership"] = "" if number.membership == v.NOT_APPLICABLE else number.membership
    return entry | {
        "edition": judgement.edition,
        "expect": outcome.claim.bases.get(basis),
        "verdict": judgement.verdict,
        "tension": judgement.tension,
        "said": judgement.remark,
        "diagnoses": [
            {"deviation": one.deviation, "ways": [{"way": way, "value": _number(value)} for way, value in one.ways]}
            for one in judgement.diagnoses
        ],
    }


def _number(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if isfinite(value) else None
