"""Outcomes as findings: an error where a verdict is not the expected one, a note where a claim is known not to hold."""

from collections.abc import Mapping
from math import isnan

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.claims.arithmetic import Key
from divide_cli.claims.judge import Judged, text
from divide_cli.claims.records import (
    COUNTRIES,
    NOT_COMPUTABLE,
    QUOTED,
    REPRODUCED,
    ClaimsFile,
)
from divide_cli.claims.reproduce import Outcome, Reproduction
from divide_cli.claims.values import Values
from divide_cli.sources.editions import quotation
from divide_cli.validation.report import Applied, Described, Finding, Input, Report, tallied

SILENT = (QUOTED, REPRODUCED, NOT_COMPUTABLE)
"""Verdicts that are no finding where they are expected."""
HINT = "correct the figure or its selector, or expect the verdict and say why in `reason`"


def reports(made: Reproduction, moved: Mapping[str, str]) -> list[Report]:
    """A report for each file: every claim is a rule that was applied once. `moved` says what moved of a claim."""
    return [_report(made, file, moved) for file in made.files]


def joined(made: Reproduction, moved: Mapping[str, str]) -> Report:
    """One report of all files."""
    parts = reports(made, moved)
    findings = tuple(finding for part in parts for finding in part.findings)
    return Report(
        tuple(entry for part in parts for entry in part.inputs),
        tuple(rule for part in parts for rule in part.rules),
        tallied(findings),
        findings,
        0,
    )


def described(made: Reproduction) -> dict[str, Described]:
    """What a report says of each claim."""
    return {
        outcome.id: Described(
            outcome.id,
            f"{outcome.claim.id}: {outcome.claim.statement}",
            "error",
            outcome.claim.reason,
            HINT if outcome.unexpected else "",
            f"{outcome.file.publication.citation}, {outcome.claim.where}",
        )
        for outcome in made.outcomes
    }


def _report(made: Reproduction, file: ClaimsFile, moved: Mapping[str, str]) -> Report:
    mine = [outcome for outcome in made.outcomes if outcome.file is file]
    findings = tuple(_finding(outcome, made.values, moved.get(outcome.id, "")) for outcome in mine if _speaks(outcome))
    entry = Input(
        file.path, file.sha256, file.size, "claims", len(file.claims), len(mine), len(file.claims) - len(mine)
    )
    return Report((entry,), tuple(Applied(outcome.id, 1) for outcome in mine), tallied(findings), findings, 0)


def _speaks(outcome: Outcome) -> bool:
    return bool(outcome.unexpected) or outcome.verdict not in SILENT or any(j.tension for j in outcome.judged.values())


def _finding(outcome: Outcome, values: Values, moved: str) -> Finding:
    unlike = outcome.unexpected
    expected = "; ".join(f"{what}: {pair[0]}" for what, pair in unlike.items()) or outcome.expect
    found = "; ".join(f"{what}: {pair[1]}" for what, pair in unlike.items()) or outcome.verdict
    said = [*outcome.conflicts, *(told(outcome, judged, values) for judged in outcome.judged.values())]
    reason = outcome.claim.reason if not unlike else ""
    message = "; ".join(
        part.rstrip(".") for part in (f"{_printed(outcome)}: {outcome.verdict}", *said, moved, reason) if part
    )
    return Finding(
        rule=outcome.id,
        severity="error" if unlike else "note",
        file=outcome.file.path,
        line=outcome.claim.line,
        column="printed",
        key=_codes(outcome),
        expected=expected,
        found=found,
        message=message,
        hint=HINT if unlike else "",
        lines=(outcome.claim.line,),
    )


def _printed(outcome: Outcome) -> str:
    claim = outcome.claim
    unit = catalogue().units[claim.unit].symbol if any(letter.isdigit() for letter in claim.printed) else ""
    power = f"x 10^{claim.unit_mult}" if claim.unit_mult else ""
    said = quotation({"printed": claim.printed, "qualifier": claim.qualifier})
    return " ".join(part for part in (f"printed {said}", power, unit) if part)


def told(outcome: Outcome, judged: Judged, values: Values) -> str:
    """`published: 73.6 of itu_aggregates_2025_11 (file:line): what was found`.

    Where nothing was computed, what is missing, if the claim as a whole is not computable, or not as expected.
    """
    number = judged.number
    if isnan(number.value) and not number.bounded:
        telling = judged.verdict != NOT_COMPUTABLE or outcome.verdict == NOT_COMPUTABLE or outcome.unexpected
        return f"{judged.basis}: {judged.said}" if telling else ""
    value, lower, upper = (text(x, outcome.held.decimals) for x in (number.value, number.lower, number.upper))
    value = "no value" if isnan(number.value) else value
    span = f" [{lower}, {upper}]" if number.lower != number.upper else ""
    of = [judged.edition]
    if judged.basis == COUNTRIES:
        of += [f"coverage {number.coverage:.1f} %"] if not isnan(number.coverage) else []
        of += [f"groups {number.membership}"] if number.membership not in ("", v.NOT_APPLICABLE) else []
    else:
        of += [place for cell in number.cells for place in places(outcome, cell, values)]
    formula = _formula(outcome)
    head = f"{judged.basis}: {value}{span}{f' by {formula}' if formula else ''} from {', '.join(dict.fromkeys(of))}"
    return f"{head}: {judged.verdict}{f', {judged.said}' if judged.said else ''}"


def _formula(outcome: Outcome) -> str:
    selector = outcome.claim.selector
    if not selector.gap:
        return ""
    return f"{selector.measure} = {catalogue().measures[selector.measure].formula}"


def places(outcome: Outcome, cell: Key, values: Values) -> list[str]:
    """Where the figures of a cell stand: `observations.csv:12 (sheet!B7)`; for a gap those of both sides."""
    edition, what, *codes, year = cell
    selector = outcome.claim.selector
    keys = [(what, *codes)]
    if selector.gap:
        gap = catalogue().gaps[selector.gap]
        comparison = catalogue().comparisons[gap.comparison]
        at = (v.REF_AREA, *v.DIMENSIONS).index(comparison.over) if comparison.over in v.DIMENSIONS else 0
        keys = []
        for code in (comparison.reference, comparison.compared):
            side = list(codes)
            side[at] = code
            keys.append((gap.indicator, *side))
    found = [values.place(edition, key, int(year)) for key in keys]
    return [place for place in found if place]


def _codes(outcome: Outcome) -> dict[str, str | int]:
    selector = outcome.claim.selector
    codes: dict[str, str | int] = {v.REF_AREA: " ".join(selector.areas)}
    codes |= {v.GAP: selector.gap, v.MEASURE: selector.measure} if selector.gap else {v.INDICATOR: selector.indicator}
    codes |= {name: code for name, code in zip(v.DIMENSIONS, selector.breakdown, strict=True) if code != v.TOTAL}
    return codes | ({v.TIME_PERIOD: selector.year} if selector.year else {})
