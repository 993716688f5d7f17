"""Outcomes of claims for a reader (tables, Markdown) and for machines (JSON); other formats are those of findings."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite, isnan, log10
from typing import Any

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import ANY_ECONOMY, Basis, Claim, ClaimsFile, Verdict
from divide_cli.claims import findings
from divide_cli.claims.reproduce import BASES, Outcome, Reproduction
from divide_cli.claims.verdicts import Judgement
from divide_cli.errors import text_safety
from divide_cli.reports import annotations, junit, sarif
from divide_cli.reports.json import fields_of
from divide_cli.reports.tables import NOTHING, Block, Output, percent, write

MARKS = {
    Verdict.QUOTED: "q", Verdict.REPRODUCED: "=", Verdict.WITHIN: "~", Verdict.DOUBLE: "~~", Verdict.DIFFERS: "!",
    Verdict.NOT_COMPUTABLE: "?",
}  # fmt: skip
"""The marks next to the number of each basis."""
SHORT = {Verdict.WITHIN: "within rounding"}
TO_EXPLAIN = (Verdict.DIFFERS, Verdict.DOUBLE)
AS_FINDINGS = ("junit", "sarif", "github")
HEADS = {Basis.PUBLISHED: "Published", Basis.COUNTRIES: "From countries"}
DIGITS = 10
"""Significant digits of numbers in JSON: more than any figure has, fewer than sums in another order would change."""


def deliver(reproduction: Reproduction, form: str) -> None:
    """Prints the outcomes on stdout in the format, and reports on stderr how many are not as expected.

    Tables, Markdown and JSON list claims; formats for other programs list findings.
    """
    texts = {"json": partial(as_json, reproduction)} | {
        name: partial(_text, name, reproduction) for name in AS_FINDINGS
    }
    write(Output(partial(blocks, reproduction), texts), form)
    if form in AS_FINDINGS:
        for line in reproduction.changes or ():
            print(text_safety.visible(line), file=sys.stderr)
    claims = text_safety.count_of(len(reproduction.outcomes), "claim")
    print(f"{claims}, {reproduction.unexpected or 'none'} with another verdict than expected", file=sys.stderr)


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
    """The counts, a block for each publication, and what has changed if a lock was given."""
    parts = [_counts(reproduction), *(_publication(reproduction, file) for file in reproduction.files)]
    if reproduction.changes is not None:
        notes = reproduction.changes or ("Nothing has moved.",)
        parts.append(Block("Moved since the lock", (), [], notes=notes))
    return [block for block in parts if block.rows or block.notes]


def _counts(reproduction: Reproduction) -> Block:
    """The number of claims of each publication with each verdict."""
    citations, tallies = [], []
    for file in reproduction.files:
        outcomes = [outcome for outcome in reproduction.outcomes if outcome.file is file]
        if outcomes:
            citations.append(file.publication.citation)
            tally = Counter[str](outcome.verdict for outcome in outcomes)
            tally.update({"all": len(outcomes), "not as expected": sum(bool(one.unexpected) for one in outcomes)})
            tallies.append(tally)
    rows = [(name, *(str(tally[name]) for tally in tallies)) for name in (*Verdict, "all", "not as expected")]
    numeric, rules = frozenset(citations), frozenset({len(Verdict)})
    return Block("Claims by verdict and publication", ("Verdict", *citations), rows, numeric, rules)


def _publication(reproduction: Reproduction, file: ClaimsFile) -> Block:
    outcomes = [outcome for outcome in reproduction.outcomes if outcome.file is file]
    bases = [basis for basis in BASES if any(basis in outcome.judgements for outcome in outcomes)]
    computed = [j for outcome in outcomes for j in outcome.judgements.values() if _is_computed(j)]
    editions = sorted({judgement.edition for judgement in computed})
    letters = {name: f"({chr(ord('a') + at)})" for at, name in enumerate(editions)}
    columns = ("Claim", "Printed", *(HEADS[basis] for basis in bases), "Verdict")
    rows = []
    for outcome in outcomes:
        numbers = (_cell(outcome, outcome.judgements[basis], letters) for basis in bases)
        mark = "!! " if outcome.unexpected else ""
        verdict = f"{mark}{SHORT.get(outcome.verdict, outcome.verdict)}"
        rows.append((outcome.claim.id, _printed(outcome.claim), *numbers, verdict))
    notes = [", ".join(f"{mark} {verdict}" for verdict, mark in MARKS.items())] if computed else []
    notes += ["; ".join(f"{letter} {name}" for name, letter in letters.items())] if letters else []
    title = f"{file.publication.citation}: as printed, from published figures, from countries" if outcomes else ""
    return Block(title, columns, rows, notes=(*notes, *_notes(outcomes, reproduction)))


def _is_computed(judgement: Judgement) -> bool:
    """Whether there is a value or bounds to show."""
    return judgement.number.has_value or judgement.number.has_bounds


def _printed(claim: Claim) -> str:
    power = {0: "", 6: " million", 9: " billion"}.get(claim.unit_mult, f" x 10^{claim.unit_mult}")
    sign = " %" if claim.unit == "PT" and claim.has_digits else ""
    return f"{claim.quotation}{power}{sign}"


def _cell(outcome: Outcome, judgement: Judgement, letters: Mapping[str, str]) -> str:
    """`73.6 (a) q`: value, edition, verdict; from countries also bounds and coverage; a dash if there is none."""
    if not _is_computed(judgement):
        return NOTHING
    number, selector, decimals = judgement.number, outcome.claim.selector, outcome.figure.decimals
    of_countries = judgement.basis == Basis.COUNTRIES
    places = catalogue().units[outcome.claim.unit].decimals if decimals is None else decimals + 1
    places = 0 if selector.area == ANY_ECONOMY else places
    if selector.plain and number.upper > number.lower and not of_countries:
        # a published figure has the decimals that its edition states
        places = min(places, round(-log10(number.upper - number.lower)))
    value, lower, upper = (f"{x:.{places}f}" for x in (number.value, number.lower, number.upper))
    parts = [value if number.has_value else "withheld"]
    if number.has_bounds and of_countries and lower != upper:
        parts.append(f"[{lower}, {upper}]")
    parts.append(letters[judgement.edition])
    if of_countries and not isnan(number.coverage):
        parts.append(percent(number.coverage))
    return " ".join([*parts, MARKS[judgement.verdict]])


def _notes(outcomes: Sequence[Outcome], reproduction: Reproduction) -> list[str]:
    """Answers to a reader's questions: why a verdict is not the expected one, what conflicts, what differs and why."""
    notes = []
    reasons: dict[str, list[str]] = {}
    for outcome in outcomes:
        judgements, reason = outcome.judgements.values(), outcome.claim.reason
        if outcome.unexpected:
            parts = [f"{what} expected {pair[0]}, found {pair[1]}" for what, pair in outcome.unexpected.items()]
            parts += [*outcome.conflicts, *(findings.account(outcome, j, reproduction.values) for j in judgements)]
            notes.append(f"!! {outcome.claim.id}: {'; '.join(part for part in parts if part)}.")
            continue
        to_explain = [j for j in judgements if j.verdict in TO_EXPLAIN or j.tension]
        if not reason and outcome.verdict == Verdict.NOT_COMPUTABLE:
            to_explain += [judgement for judgement in judgements if judgement not in to_explain]
        parts = [*outcome.conflicts, *(f"{judgement.basis}: {judgement.remark}" for judgement in to_explain)]
        if parts:
            notes.append(f"{outcome.claim.id}: {'; '.join(parts)}.")
        if reason:
            reasons.setdefault(reason, []).append(outcome.claim.id)
    return notes + [f"{reason.rstrip('.')}: {', '.join(ids)}." for reason, ids in reasons.items()]


def as_json(reproduction: Reproduction) -> str:
    """`{"claims": [...], "unexpected": 0}`, with `moved` if a lock was given; what is unknown is null."""
    document: dict[str, Any] = {
        "divide": __version__,
        "claims": [_claim(outcome) for outcome in reproduction.outcomes],
        "unexpected": reproduction.unexpected,
    }
    if reproduction.changes is not None:
        document["moved"] = list(reproduction.changes)
    return text_safety.as_json(document)


def _claim(outcome: Outcome) -> dict[str, Any]:
    claim, figure = outcome.claim, outcome.figure
    accepted: dict[str, Any] = {"lower": _number(figure.lower), "upper": _number(figure.upper)}
    return {
        "id": claim.id,
        "publication": outcome.file.publication.id,
        **fields_of(claim, "where", "statement", "printed", "unit", "unit_mult", "qualifier"),
        "accepted": accepted | {"ends": "included" if figure.closed else "excluded"},
        **fields_of(outcome, "expect", "verdict"),
        "as_expected": not outcome.unexpected,
        "conflicts": list(outcome.conflicts),
        "reason": claim.reason,
        **{basis: _basis(outcome, basis) for basis in BASES},
    }


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
    }


def _number(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if isfinite(value) else None
