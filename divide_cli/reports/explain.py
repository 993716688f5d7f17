"""The output of `divide explain`: a number, its formula, its parts, who is missing, and what rules find in its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.decomposition.explanation import (
    CONTRIBUTION,
    INFLUENCE,
    LOWERS,
    RAISES,
    SHARE,
    SIDE,
    WEIGHT,
    Explanation,
    Part,
)
from divide_cli.catalogue import area_name, catalogue
from divide_cli.errors.text_safety import count_of
from divide_cli.language import clauses, commas, labelled, later, remarked, say
from divide_cli.reports import estimates, tables
from divide_cli.reports.claims import account
from divide_cli.reports.findings import findings_frame
from divide_cli.reports.json import fields_of, provenance
from divide_cli.reports.published import is_median_of
from divide_cli.reports.tables import NOTHING, Block, Output, Row, number, of_frames, rounded_percent, with_unit

if TYPE_CHECKING:
    from divide_cli.claims.reproduce import Reproduction
    from divide_cli.validation.report import Finding

REPORTING = ("Economy", "Value", "People", "Share", "Contributes", "Influence", "Source")
MISSING = ("Economy", "People", later("Could lower by"), later("Could raise by"))
MOST = 15
"""The number of economies, and of findings, printed in a table; --format csv prints all economies."""
TERMS = (
    later("Contributes: weight times value over the sum of weights; the contributions sum to the value."),
    later("Influence: the value minus what it would be without the economy."),
)
OF_MISSING = later("Could lower, could raise: if the economy alone had the lowest, or the highest, possible value.")
OF_MEDIAN = later("The value is a median: every economy counts once, whatever its population.")


def output(explanation: Explanation | None, findings: Sequence["Finding"], claim: "Reproduction | None") -> Output:
    """The explanation as tables, JSON, CSV (a row for each economy and side) or Markdown."""
    blocks = partial(_blocks, explanation, findings, claim)
    if explanation is None:
        return of_frames(blocks, {"claim": _claim(claim)}, {"members": pd.DataFrame()})
    query = fields_of(explanation.query, "indicator", "gap", "area", "year", "breakdown")
    shown = {
        "values": [_plain(part.row) for part in explanation.parts],
        "gaps": [_plain(row) for row in explanation.gaps],
    }
    published = [_plain(row) for row in explanation.published]
    rules = [fields_of(one, "rule", "severity", "file", "line", "message") for one in findings]
    meta = {"query": query, **shown, "published": published, "findings": rules, "claim": _claim(claim)}
    whole = of_frames(blocks, {**meta, **provenance(explanation.result)}, {"members": _members(explanation)})
    return replace(whole, frames=lambda: {**whole.frames(), "findings": findings_frame(findings)})


def _claim(claim: "Reproduction | None") -> dict[str, Any] | None:
    outcome = claim.outcomes[0] if claim else None
    return {"id": outcome.id, "printed": outcome.claim.printed, "verdict": outcome.verdict} if outcome else None


def _plain(row: Row) -> dict[str, Any]:
    """The row as JSON writes it: without internal columns; what is missing is null."""
    kept = {name: value for name, value in row.items() if name not in v.INTERNAL}
    return {
        name: None if pd.isna(value) else getattr(value, "item", lambda value=value: value)()
        for name, value in kept.items()
    }


def _members(explanation: Explanation) -> pd.DataFrame:
    """The economies of all sides, each with its side."""
    parts = [part.members.assign(**{SIDE: _side(part, explanation)}) for part in explanation.parts]
    if known := explanation.result.estimates:
        parts = [
            estimates.beside_members(one, part.row, known) for one, part in zip(parts, explanation.parts, strict=True)
        ]
    whole = pd.concat(parts, ignore_index=True)
    return whole[[SIDE, *whole.columns.drop(SIDE)]].rename(columns={v.FILE: "SOURCE_FILE", v.LINE: "SOURCE_LINE"})


def _side(part: Part, explanation: Explanation) -> str:
    """The code by which a side of a gap differs from the other; empty for a value."""
    if not explanation.gaps:
        return ""
    over = str(explanation.gaps[0][v.OVER])
    return str(part.row[over if over in part.row else v.REF_AREA])


def _blocks(
    explanation: Explanation | None, findings: Sequence["Finding"], claim: "Reproduction | None"
) -> list[Block]:
    blocks = account(claim) if claim else []
    if explanation is None:
        return blocks
    if explanation.gaps:
        blocks.append(_gap(explanation))
    for part in explanation.parts:
        blocks += _value(part, explanation)
    blocks += _rules(findings, explanation)
    medians = [OF_MEDIAN] if is_median_of(explanation.query.indicator) else []
    combined = any(part.is_combined for part in explanation.parts)
    missing = any(part.members[v.OBS_VALUE].isna().any() for part in explanation.parts)
    doubts = tables.doubts_as_notes(explanation.result.doubts)
    notes = (
        *doubts,
        *estimates.notes(explanation.result.estimates, explanation.result.request.estimate),
        *medians,
        *(TERMS[bool(medians) :] if combined else ()),
        *((OF_MISSING,) if combined and missing else ()),
    )
    return [*blocks, *([Block("Notes", (), [], notes=notes)] if notes else [])]


def _facts(title: str, facts: Mapping[str, str]) -> Block:
    """A table of two columns: what, and its value."""
    return Block(title, ("About", say("What is known")), [(say(name), text) for name, text in facts.items() if text])


def _title(what: str, row: Row, explanation: Explanation) -> str:
    codes = [
        f"{name} {row[name]}"
        for name in (*v.DIMENSIONS, *explanation.result.dimensions)
        if row.get(name) not in (v.TOTAL, v.NOT_APPLICABLE, None)
    ]
    return commas([what, remarked(row[v.REF_AREA], area_name(str(row[v.REF_AREA]))), *codes, str(row[v.TIME_PERIOD])])


def _gap(explanation: Explanation) -> Block:
    """The gap in each of its measures, with the formula in numbers."""
    gap, first = catalogue().gaps[explanation.query.gap], explanation.gaps[0]
    indicator, comparison = catalogue().indicators[gap.indicator], catalogue().comparisons[gap.comparison]
    unit = indicator.unit
    ends = {"r": number(first[v.REFERENCE_VALUE], unit), "c": number(first[v.COMPARED_VALUE], unit)}
    facts = {
        "Sides": say(
            "reference {reference} (r) {r}, compared {compared} (c) {c}",
            reference=comparison.reference,
            r=ends["r"],
            compared=comparison.compared,
            c=ends["c"],
        )
    }
    for row in explanation.gaps:
        measure = catalogue().measures[str(row[v.MEASURE])]
        if measure.id in gap.shown or len(explanation.gaps) == 1:
            formula = "" if NOTHING in ends.values() else f"{_with_numbers(measure.formula, ends)} = "
            facts[measure.short.capitalize()] = f"{formula}{tables.stated(row)}"
    facts[later("Elsewhere")] = _elsewhere(explanation, first)
    facts[later("Edition")] = _cited(first, explanation)
    return _facts(_title(commas((indicator.name, comparison.name)), first, explanation), facts)


def _with_numbers(formula: str, ends: Mapping[str, str]) -> str:
    """The formula with the numbers in the places of r and c."""
    return " ".join(ends.get(word, word) for word in formula.split())


def _elsewhere(explanation: Explanation, first: Row) -> str:
    """The figures of other editions for the same key, in the measure of the row."""
    same = [row for row in explanation.published if row.get(v.MEASURE) == first.get(v.MEASURE)]
    return clauses(say("{stated} in {edition}", stated=tables.stated(row), edition=row[v.EDITION]) for row in same)


def _cited(row: Row, explanation: Explanation) -> str:
    source = explanation.result.sources[str(row[v.EDITION])]
    return labelled(source.id, source.citation)


def _value(part: Part, explanation: Explanation) -> Iterator[Block]:
    """A value with what it rests on, then the economies behind it, and those that are missing."""
    row, indicator = part.row, catalogue().indicators[str(part.row[v.INDICATOR])]
    reporting = part.members[part.members[v.OBS_VALUE].notna()]
    missing = part.members[part.members[v.OBS_VALUE].isna()]
    facts = {"Value": tables.stated({v.BOUND_LOWER: None, v.BOUND_UPPER: None, **row})}
    if part.is_combined:
        facts |= _of_group(part, reporting)
    else:
        facts |= _of_one(part, explanation)
    facts[later("Elsewhere")] = "" if explanation.gaps else _elsewhere(explanation, row)
    facts[later("Edition")] = _cited(row, explanation)
    yield _facts(_title(indicator.name, row, explanation), facts)
    if part.is_combined:
        yield _reporting(reporting, row)
        yield _missing(missing, row)
    yield from estimates.of_value(row, explanation.result.estimates)


def _of_group(part: Part, reporting: pd.DataFrame) -> dict[str, str]:
    row, unit = part.row, catalogue().indicators[str(part.row[v.INDICATOR])].unit
    counted = reporting[reporting[WEIGHT].notna()]
    total = float(counted[WEIGHT].sum())
    product = float((counted[WEIGHT] * counted[v.OBS_VALUE]).sum())
    mean = number(product / total if total else None, unit)
    formula = f"sum(w p) / sum(w) = {product:,.0f} / {total:,.0f} = {with_unit(mean, unit)}"
    if pd.isna(row[v.OBS_VALUE]):
        formula += say(" for those that report; withheld for the group")
    if is_median_of(str(row[v.INDICATOR])):
        formula = say("median of the values of {members}", members=count_of(len(reporting), "member"))
    return {
        later("Formula"): formula,
        later("Estimated"): estimates.estimate_of(row),
        "Coverage": say(
            "{coverage_of} of the people, {n_areas} of {n_areas_total} economies",
            coverage_of=tables.coverage_of(row),
            n_areas=row[v.N_AREAS],
            n_areas_total=row[v.N_AREAS_TOTAL],
        ),
        later("Members"): str(row[v.MEMBERSHIP]),
        later("Weights"): str(row[v.WEIGHTS]),
        later("Comment"): str(row[v.OBS_COMMENT]),
    }


def _of_one(part: Part, explanation: Explanation) -> dict[str, str]:
    """What is known of a value that a source states."""
    rows = part.members.to_dict("records")
    places = [_place(row) for row in rows if row[v.FILE]]
    status = {v.ESTIMATED: say("estimate"), v.MISSING: say("missing")}.get(str(part.row[v.OBS_STATUS]), "")
    groups = [
        code
        for code, members in explanation.result.members[str(part.row[v.EDITION])].groups.items()
        if part.row[v.REF_AREA] in members
    ]
    return {
        later("Estimated"): estimates.estimate_of(part.row),
        later("Status"): status,
        say("Read from"): commas(places),
        later("Comment"): clauses(str(row[v.OBS_COMMENT]) for row in rows if row[v.OBS_COMMENT]),
        say("Member of"): commas(groups),
        later("Parts"): ""
        if not rows or part.row[v.MEMBERSHIP] != v.AS_PUBLISHED
        else say("its source states it: the economies behind it are not known"),
    }


def _place(row: Row) -> str:
    """`wdi_2026_08/observations.csv:3502`: the file, in its folder, and the line."""
    path = Path(str(row[v.FILE]))
    name = f"{path.parent.name}/{path.name}" if path.parent.name else path.name
    return f"{name}:{row[v.LINE]}" if row[v.LINE] else name


def _people(count: float) -> str:
    return NOTHING if pd.isna(count) else f"{count / 1e6:,.2f} M"


def _reporting(members: pd.DataFrame, row: Row) -> Block:
    """The economies that report, those with the largest influence first."""
    unit = catalogue().indicators[str(row[v.INDICATOR])].unit
    difference = catalogue().units[unit].difference
    places = catalogue().units[difference].decimals + 1
    cells: list[tuple[str, ...]] = []
    for one in members.head(MOST).to_dict("records"):
        value = with_unit(number(one[v.OBS_VALUE], unit), unit) + (" e" if one[v.OBS_STATUS] == v.ESTIMATED else "")
        amounts = number(one[CONTRIBUTION], unit, "", places), number(one[INFLUENCE], difference, "+", places)
        line = say("line {line}", line=one[v.LINE]) if one[v.LINE] else ""
        cells.append((str(one[v.REF_AREA]), value, _people(one[WEIGHT]), rounded_percent(one[SHARE]), *amounts, line))
    title = say(
        "{ref_area}: {members} with a value", ref_area=row[v.REF_AREA], members=count_of(len(members), "member")
    )
    left_out, numeric = max(len(members) - MOST, 0), frozenset(REPORTING[1:-1])
    files = sorted({str(name) for name in members[v.FILE] if name})
    notes = tuple(say("Lines of {place}.", place=_place({v.FILE: name, v.LINE: 0})) for name in files)
    return tables.without_empty_columns(Block(title, REPORTING, cells, numeric, notes=notes, left_out=left_out))


def _missing(members: pd.DataFrame, row: Row) -> Block:
    """The members without a value, those that could move the value most first."""
    if not len(members):
        return Block(say("{ref_area}: every member has a value", ref_area=row[v.REF_AREA]), (), [])
    difference = catalogue().units[catalogue().indicators[str(row[v.INDICATOR])].unit].difference
    places = catalogue().units[difference].decimals + 1
    cells: list[tuple[str, ...]] = [
        (
            f"{one[v.REF_AREA]} {area_name(str(one[v.REF_AREA]))}", _people(one[WEIGHT]),
            number(one[LOWERS], difference, "+", places), number(one[RAISES], difference, "+", places),
        )
        for one in members.head(MOST).to_dict("records")
    ]  # fmt: skip
    people = _people(float(members[WEIGHT].sum()))
    title = say(
        "{ref_area}: {members} without a value, {people} people",
        ref_area=row[v.REF_AREA],
        members=count_of(len(members), "member"),
        people=people,
    )
    return Block(title, MISSING, cells, frozenset(MISSING[1:]), left_out=max(len(members) - MOST, 0))


def _rules(findings: Sequence["Finding"], explanation: Explanation) -> list[Block]:
    """What rules find in the rows behind the number."""
    if not any(len(part.lines) for part in explanation.parts):
        return []
    cells: list[tuple[str, ...]] = [
        (say(one.severity), say("line {line}", line=one.line), one.message) for one in findings[:MOST]
    ]
    title, columns = say("What `divide validate` finds in these rows"), ("Severity", "Where", "What")
    further = (
        [say("{findings}: --format json has all.", findings=count_of(len(findings) - MOST, "more finding"))]
        if len(findings) > MOST
        else []
    )
    return [Block(title, columns, cells, notes=tuple(further), empty="Nothing.")]
