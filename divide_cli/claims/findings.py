"""Outcomes as findings: an error if a verdict is not the expected one, a note if a claim is known to be untrue."""

from collections.abc import Sequence
from math import isnan

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.catalogue.claims import Basis, ClaimsFile, Verdict
from divide_cli.claims.numbers import Key, Values
from divide_cli.claims.reproduce import Outcome, Reproduction
from divide_cli.claims.verdicts import Judgement
from divide_cli.frames.bounds import cut_to_tenths
from divide_cli.language import clauses, commas, joint, labelled, later, say
from divide_cli.validation.report import Applied, Described, Finding, Input, Report, tallied

HINT = later("correct the figure or its selector, or expect the verdict and say why in `reason`")
HINT_IN_TEXT = later("correct the figure (`divide reproduce --write` prints the patch) or the mark")


def reports(reproduction: Reproduction) -> list[Report]:
    """A report for each file."""
    return [report(reproduction, file) for file in reproduction.files]


def report(reproduction: Reproduction, *files: ClaimsFile) -> Report:
    """One report on the files, or on all: every claim is a rule that was applied once."""
    files = files or reproduction.files
    outcomes = [outcome for outcome in reproduction.outcomes if any(outcome.file is file for file in files)]
    findings = tuple(
        _finding(outcome, reproduction.values, reproduction.claim_changes.get(outcome.id, ()))
        for outcome in outcomes
        if outcome.remarkable
    )
    inputs = []
    for file in files:
        rows, count = len(file.claims), sum(outcome.file is file for outcome in outcomes)
        inputs.append(Input(file.path, file.sha256, file.size, "claims", rows, count, rows - count))
    applied = tuple(Applied(outcome.id, 1) for outcome in outcomes)
    return Report(tuple(inputs), applied, tallied(findings), findings, 0)


def descriptions(reproduction: Reproduction) -> dict[str, Described]:
    """The description of each claim for a report."""
    return {
        outcome.id: Described(
            outcome.id,
            f"{outcome.claim.id}: {outcome.claim.statement}",
            "error",
            outcome.claim.reason,
            _hint(outcome),
            f"{outcome.file.publication.citation}, {outcome.claim.where}",
        )
        for outcome in reproduction.outcomes
    }


def _finding(outcome: Outcome, values: Values, changes: Sequence[str]) -> Finding:
    claim, unexpected, passage = outcome.claim, outcome.unexpected, outcome.passage
    bases = [account(outcome, judgement, values) for judgement in outcome.judgements.values()]
    reason = "" if unexpected else claim.reason
    parts = [labelled(_printed(outcome), say(outcome.verdict)), *outcome.conflicts, *bases, clauses(changes), reason]
    return Finding(
        rule=outcome.id,
        severity="error" if unexpected else "note",
        file=outcome.file.path,
        line=claim.line,
        column="" if passage else "printed",
        key=_codes(outcome),
        expected=clauses(labelled(say(what), say(pair[0])) for what, pair in unexpected.items()) or say(outcome.expect),
        found=clauses(labelled(say(what), say(pair[1])) for what, pair in unexpected.items()) or say(outcome.verdict),
        message=clauses(part.rstrip(".") for part in parts if part),
        hint=_hint(outcome),
        lines=(claim.line,),
        span=(passage.column, passage.end_line, passage.end_column) if passage else None,
    )


def _hint(outcome: Outcome) -> str:
    return "" if not outcome.unexpected else say(HINT_IN_TEXT if outcome.passage else HINT)


def _printed(outcome: Outcome) -> str:
    claim = outcome.claim
    if outcome.passage and outcome.passage.stated:
        return say("printed {quotation}", quotation=f"{claim.quotation} {outcome.passage.stated}")
    unit = catalogue().units[claim.unit].symbol if claim.has_digits else ""
    power = f"x 10^{claim.unit_mult}" if claim.unit_mult else ""
    return " ".join(part for part in (say("printed {quotation}", quotation=claim.quotation), power, unit) if part)


def account(outcome: Outcome, judgement: Judgement, values: Values) -> str:
    """`published: 73.6 of itu_aggregates_2025_11 (file:line): quoted, and the remark`.

    If nothing was computed, it says what is missing, provided that the claim as a whole is not computable or not as
    expected.
    """
    number, figure, selector = judgement.number, outcome.figure, outcome.claim.selector
    if not number.has_value and not number.has_bounds:
        other_basis_answers = judgement.verdict == Verdict.NOT_COMPUTABLE != outcome.verdict
        return (
            ""
            if other_basis_answers and (outcome.passage or not outcome.unexpected)
            else labelled(say(judgement.basis), judgement.remark)
        )
    value = figure.text(number.value) if number.has_value else say("no value")
    span = f" [{figure.text(number.lower)}, {figure.text(number.upper)}]" if number.lower != number.upper else ""
    formula = (
        say(
            " by {measure} = {formula}",
            measure=selector.measure,
            formula=catalogue().measures[selector.measure].formula,
        )
        if selector.gap
        else ""
    )
    sources = [judgement.edition]
    if judgement.basis == Basis.COUNTRIES:
        sources += (
            []
            if isnan(number.coverage)
            else [say("coverage {coverage:.1f} %", coverage=cut_to_tenths(number.coverage))]
        )
        sources += (
            []
            if number.membership in ("", v.NOT_APPLICABLE)
            else [say("groups {membership}", membership=number.membership)]
        )
    else:
        sources += dict.fromkeys(place for cell in number.cells for place in _places(outcome, cell, values))
    remark = f"{joint('comma')}{judgement.remark}" if judgement.remark else ""
    return say(
        "{basis}: {value}{span}{formula} from {sources}: {verdict}{remark}",
        basis=say(judgement.basis),
        value=value,
        span=span,
        formula=formula,
        sources=commas(sources),
        verdict=say(judgement.verdict),
        remark=remark,
    )


def _places(outcome: Outcome, cell: Key, values: Values) -> list[str]:
    """The places of the figures of a cell: `observations.csv:12 (sheet!B7)`; for a gap, those of both sides."""
    edition, what, *codes, year = cell
    sides = [(what, *codes)]
    if outcome.claim.selector.gap:
        gap = catalogue().gaps[outcome.claim.selector.gap]
        comparison = catalogue().comparisons[gap.comparison]
        at = (v.REF_AREA, *v.DIMENSIONS).index(comparison.over) if comparison.over in v.DIMENSIONS else 0
        sides = [
            (gap.indicator, *codes[:at], code, *codes[at + 1 :]) for code in (comparison.reference, comparison.compared)
        ]
    return [place for side in sides if (place := values.place(edition, side, int(year)))]


def _codes(outcome: Outcome) -> dict[str, str | int]:
    selector = outcome.claim.selector
    codes: dict[str, str | int] = {v.REF_AREA: " ".join(selector.areas)}
    codes |= {v.GAP: selector.gap, v.MEASURE: selector.measure} if selector.gap else {v.INDICATOR: selector.indicator}
    codes |= {name: code for name, code in zip(v.DIMENSIONS, selector.breakdown, strict=True) if code != v.TOTAL}
    return codes | ({v.TIME_PERIOD: selector.year} if selector.year else {})
