"""Outcomes of claims for a reader (tables, Markdown) and for machines (JSON); other formats are those of findings."""

import sys
from collections.abc import Mapping, Sequence
from math import isnan, log10
from typing import Any

from divide_cli import __version__
from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.claims import report
from divide_cli.claims.judge import Judged
from divide_cli.claims.records import (
    ANY_ECONOMY,
    BASES,
    COUNTRIES,
    DIFFERS,
    DOUBLE,
    NOT_COMPUTABLE,
    PUBLISHED,
    QUOTED,
    REPRODUCED,
    VERDICTS,
    WITHIN,
)
from divide_cli.claims.report import told
from divide_cli.claims.reproduce import Outcome, Reproduction
from divide_cli.errors import text_safety
from divide_cli.reports import annotations, junit, sarif, tables
from divide_cli.reports.numbers import NOTHING, percent
from divide_cli.reports.tables import Block
from divide_cli.sources.editions import quotation
from divide_cli.validation.report import Described, Report

MARKS = {QUOTED: "q", REPRODUCED: "=", WITHIN: "~", DOUBLE: "~~", DIFFERS: "!", NOT_COMPUTABLE: "?"}
"""Beside the number of each basis."""
SHORT = {WITHIN: "within rounding"}
TELLING = (DIFFERS, DOUBLE)
HEADS = {PUBLISHED: "Published", COUNTRIES: "From countries"}
DIGITS = 10
"""Significant digits of numbers in JSON: more than any figure has, fewer than sums in another order would change."""


def deliver(made: Reproduction, form: str) -> None:
    """Prints the outcomes on stdout in the form, and says on stderr how many are not as expected."""
    if form == "table":
        tables.print_rich(blocks(made, made.moved))
    elif form == "markdown":
        sys.stdout.write(tables.as_markdown(blocks(made, made.moved)))
    elif form == "json":
        sys.stdout.write(as_json(made, made.moved))
    else:
        sys.stdout.write(_as_findings(made, form))
        for line in made.moved or ():
            print(text_safety.visible(line), file=sys.stderr)
    claims = text_safety.grown(len(made.outcomes), "claim")
    print(f"{claims}, {made.unexpected or 'none'} with another verdict than expected", file=sys.stderr)


def _as_findings(made: Reproduction, form: str) -> str:
    """The outcomes as findings, in a form that other programs read."""
    descriptions = report.described(made)
    changes = {name: "; ".join(lines) for name, lines in made.moved_claims.items()}
    if form == "junit":
        return junit.joined(report.reports(made, changes), descriptions, "divide reproduce")
    whole = report.joined(made, changes)
    return (
        as_sarif(whole, descriptions) if form == "sarif" else annotations.text(whole, descriptions, "divide reproduce")
    )


def blocks(made: Reproduction, moved: Sequence[str] | None = None) -> list[Block]:
    """The counts, a block for each publication, and what has moved where a lock was given."""
    shown = [_counts(made), *(_publication(made, path) for path in (file.path for file in made.files))]
    if moved is not None:
        notes = tuple(moved) or ("Nothing has moved.",)
        shown.append(Block("Moved since the lock", (), [], notes=notes))
    return [table for table in shown if table.rows or table.notes]


def _counts(made: Reproduction) -> Block:
    """How many claims of each publication have each verdict."""
    files = [file for file in made.files if any(outcome.file is file for outcome in made.outcomes)]
    rows = []
    for verdict in VERDICTS:
        counts = [sum(1 for o in made.outcomes if o.file is file and o.verdict == verdict) for file in files]
        rows.append((verdict, *map(str, counts)))
    totals = [sum(1 for outcome in made.outcomes if outcome.file is file) for file in files]
    unlike = [sum(1 for o in made.outcomes if o.file is file and o.unexpected) for file in files]
    rows += [("all", *map(str, totals)), ("not as expected", *map(str, unlike))]
    columns = ("Verdict", *(file.publication.citation for file in files))
    rules = frozenset({len(VERDICTS)})
    return Block("Claims by verdict and publication", columns, rows, frozenset(columns[1:]), rules)


def _publication(made: Reproduction, path: str) -> Block:
    mine = [outcome for outcome in made.outcomes if outcome.file.path == path]
    bases = [basis for basis in BASES if any(basis in outcome.judged for outcome in mine)]
    cells = [one for outcome in mine for one in outcome.judged.values() if _known(one)]
    letters = {name: f"({chr(ord('a') + at)})" for at, name in enumerate(sorted({one.edition for one in cells}))}
    columns = ("Claim", "Printed", *(HEADS[basis] for basis in bases), "Verdict")
    rows = []
    for outcome in mine:
        numbers = (_cell(outcome, outcome.judged[basis], letters) for basis in bases)
        mark = "!! " if outcome.unexpected else ""
        rows.append(
            (outcome.claim.id, _quoted(outcome), *numbers, f"{mark}{SHORT.get(outcome.verdict, outcome.verdict)}")
        )
    notes = [", ".join(f"{mark} {verdict}" for verdict, mark in MARKS.items())] if cells else []
    notes += ["; ".join(f"{letter} {name}" for name, letter in letters.items())] if letters else []
    title = f"{mine[0].file.publication.citation}: as printed, from published figures, from countries" if mine else ""
    return Block(title, columns, rows, notes=(*notes, *_explained(mine, made)))


def _known(judged: Judged) -> bool:
    """Whether there is a value or bounds to show."""
    return not isnan(judged.number.value) or judged.number.bounded


def _quoted(outcome: Outcome) -> str:
    claim = outcome.claim
    said = quotation({"printed": claim.printed, "qualifier": claim.qualifier})
    power = {0: "", 6: " million", 9: " billion"}.get(claim.unit_mult, f" x 10^{claim.unit_mult}")
    sign = " %" if claim.unit == "PT" and any(letter.isdigit() for letter in claim.printed) else ""
    return f"{said}{power}{sign}"


def _cell(outcome: Outcome, judged: Judged, letters: Mapping[str, str]) -> str:
    """`73.6 (a) q`: value, edition, verdict; from countries also bounds and coverage; a dash where there is none."""
    if not _known(judged):
        return NOTHING
    number = judged.number
    decimals = outcome.held.decimals
    places = catalogue().units[outcome.claim.unit].decimals if decimals is None else decimals + 1
    places = 0 if outcome.claim.selector.area == ANY_ECONOMY else places
    if outcome.claim.selector.plain and number.upper > number.lower and judged.basis == PUBLISHED:
        places = min(
            places, round(-log10(number.upper - number.lower))
        )  # a figure has the decimals that it is held with
    value, lower, upper = (f"{x:.{places}f}" for x in (number.value, number.lower, number.upper))
    parts = ["withheld" if isnan(number.value) else value]
    if number.bounded and judged.basis == COUNTRIES and lower != upper:
        parts.append(f"[{lower}, {upper}]")
    parts.append(letters[judged.edition])
    if judged.basis == COUNTRIES and not isnan(number.coverage):
        parts.append(percent(number.coverage))
    return " ".join([*parts, MARKS[judged.verdict]])


def _explained(mine: Sequence[Outcome], made: Reproduction) -> list[str]:
    """What a reader asks: why a verdict is not the expected one, what conflicts, what differs and why."""
    notes = []
    for outcome in mine:
        if outcome.unexpected:
            unlike = [f"{what} expected {pair[0]}, found {pair[1]}" for what, pair in outcome.unexpected.items()]
            said = [*unlike, *outcome.conflicts, *(told(outcome, one, made.values) for one in outcome.judged.values())]
            notes.append(f"!! {outcome.claim.id}: {'; '.join(part for part in said if part)}.")
            continue
        differing = [one for one in outcome.judged.values() if one.verdict in TELLING or (one.tension and one.said)]
        said = [*outcome.conflicts, *(f"{one.basis}: {one.said}" for one in differing)]
        if not outcome.claim.reason:
            said += [f"{one.basis}: {one.said}" for one in _lacking(outcome) if one not in differing]
        if said:
            notes.append(f"{outcome.claim.id}: {'; '.join(said)}.")
    reasons: dict[str, list[str]] = {}
    for outcome in mine:
        if outcome.claim.reason and not outcome.unexpected:
            reasons.setdefault(outcome.claim.reason, []).append(outcome.claim.id)
    return notes + [f"{reason.rstrip('.')}: {', '.join(ids)}." for reason, ids in reasons.items()]


def _lacking(outcome: Outcome) -> list[Judged]:
    """The bases of a claim that is not computable; each says what is missing."""
    return list(outcome.judged.values()) if outcome.verdict == NOT_COMPUTABLE else []


def as_json(made: Reproduction, moved: Sequence[str] | None = None) -> str:
    """`{"claims": [...], "unexpected": 0}`, with `moved` where a lock was given; what is not known is null."""
    document: dict[str, Any] = {
        "divide": __version__,
        "claims": [_claim(outcome) for outcome in made.outcomes],
        "unexpected": made.unexpected,
    }
    if moved is not None:
        document["moved"] = list(moved)
    return text_safety.as_json(document)


def as_sarif(whole: Report, descriptions: Mapping[str, Described]) -> str:
    """The outcomes as a SARIF log. No version but that of `divide`: the log is the same whatever it rests on."""
    return text_safety.as_json(sarif.document(whole, descriptions, {"divide": __version__}))


def _claim(outcome: Outcome) -> dict[str, Any]:
    claim = outcome.claim
    return {
        "id": claim.id,
        "publication": outcome.file.publication.id,
        "where": claim.where,
        "statement": claim.statement,
        "printed": claim.printed,
        "unit": claim.unit,
        "unit_mult": claim.unit_mult,
        "qualifier": claim.qualifier,
        "accepted": {
            "lower": _number(outcome.held.lower),
            "upper": _number(outcome.held.upper),
            "ends": "included" if outcome.held.closed else "excluded",
        },
        "expect": outcome.expect,
        "verdict": outcome.verdict,
        "as_expected": not outcome.unexpected,
        "conflicts": list(outcome.conflicts),
        "reason": claim.reason,
        **{basis: _basis(outcome, basis) for basis in BASES},
    }


def _basis(outcome: Outcome, basis: str) -> dict[str, Any] | None:
    judged = outcome.judged.get(basis)
    if judged is None:
        return None
    number = judged.number
    found: dict[str, Any] = {name: _number(getattr(number, name)) for name in ("value", "lower", "upper")}
    if basis == COUNTRIES:
        found["coverage"] = _number(number.coverage)
        found["membership"] = "" if number.membership == v.NOT_APPLICABLE else number.membership
    return found | {
        "edition": judged.edition,
        "expect": outcome.claim.bases.get(basis),
        "verdict": judged.verdict,
        "tension": judged.tension,
        "said": judged.said,
    }


def _number(value: float) -> float | None:
    return None if isnan(value) or value in (float("inf"), float("-inf")) else float(f"{value:.{DIGITS}g}")
