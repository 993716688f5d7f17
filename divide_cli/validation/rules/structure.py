"""Findings on files that cannot be read, and on rows that the reader could not use, ignored or noticed."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.errors import Place, SourceError
from divide_cli.errors.text_safety import count_of
from divide_cli.frames.columns import Mask
from divide_cli.frames.observations import Observations, SetAside
from divide_cli.language import labelled, say
from divide_cli.validation import vtl
from divide_cli.validation.report import Finding
from divide_cli.validation.rules import Stage, kind, kinds
from divide_cli.validation.rules.findings import (
    Explanation,
    Findings,
    Places,
    at_lines,
    finding_of,
    listed_lines,
    message_of,
)
from divide_cli.validation.rules.patterns import searched

_SDG_NUMBER = re.compile(r"(?:^|[^0-9a-z])(\d{1,2}[-_.](?:\d{1,2}|[a-d])[-_.]\d{1,2})(?![0-9])", re.IGNORECASE)


def of_unreadable(rules: Sequence[Rule], path: str, error: SourceError) -> list[Findings]:
    """The finding for a file that could not be read or understood, by the first rule that names the error."""
    of_files = (rule for rule in rules if kinds()[rule.kind].stage is Stage.FILE)
    findings = (kinds()[rule.kind].ask(rule, path, error) for rule in of_files)
    return next((one for one in findings if one), [])


@kind(vtl.Unsaid.FILE, stage=Stage.FILE)
def unreadable(path: str, error: SourceError, rule: Rule, *, errors: Sequence[str]) -> list[Findings]:
    """A file that cannot be read for one of the `errors` (codes, or `*` for any)."""
    if not _names(errors, error):
        return []
    line, column = (error.where.line, error.where.column) if isinstance(error.where, Place) else (0, "")
    return [_one(rule, Place(path, line, column), Explanation(error.expected, error.found), error)]


def _names(errors: Sequence[str], error: SourceError) -> bool:
    return not {"*", error.code}.isdisjoint(errors)


def of_reading(rules: Sequence[Rule], path: str, read: Observations) -> list[Findings]:
    """The findings on a file that was read, in the order of the rules; the first rule that names a rejection has it."""
    reading = read.readings[0]
    family = catalogue().dataflows[reading.dataflow].family
    refused = list(reading.refused)
    findings: list[Findings] = []
    for rule in rules:
        own = kinds()[rule.kind]
        if family not in rule.scope.get("families", (family,)):
            continue
        if own.stage is Stage.REFUSED:
            of_rule = [(one, own.ask(rule, path, one)) for one in refused]
            refused = [one for one, finding in of_rule if not finding]
            findings += [finding for _, of_one in of_rule for finding in of_one]
        elif own.stage is Stage.READING:
            findings += own.ask(rule, path, read)
    return findings


@kind(vtl.Unsaid.FILE, stage=Stage.REFUSED)
def refused(
    path: str, rows: SetAside, rule: Rule, *, errors: Sequence[str], pattern: str = "(?s:.*)"
) -> list[Findings]:
    """Rows rejected for one of the `errors`, whose cell matches `pattern`.

    Each row is a case. With `together: reason`, there is one case for all rows with the same reason.
    """
    error = rows.error
    if not error or not _names(errors, error):
        return []
    if searched(pattern, [str(error.parts.get("text", ""))], whole=True) == [None]:
        return []
    if rule.together == "reason":
        more = say(" and {rows}", rows=count_of(rows.rows - 1, "more row")) if rows.rows > 1 else ""
        explanation = Explanation(error.expected, error.found, more)
        return [_one(rule, Place(path, rows.lines[0], rows.column), explanation, error, rows.lines)]

    def finding(case: int) -> Finding:
        explanation = Explanation(error.expected, rows.quote(case) if rows.quote else error.found)
        return _of_error(rule, Place(path, rows.lines[case], rows.column), explanation, error)

    lines = np.asarray(rows.lines)
    places = Places((path,), np.zeros(len(lines), dtype=np.int8), lines)
    return [Findings(rule, rows.rows, finding, at_lines(path, lines, rows.column), places)]


def _of_error(
    rule: Rule, place: Place, explanation: Explanation, error: SourceError, lines: Sequence[int] = ()
) -> Finding:
    message = labelled(error.subject, explanation.found) if explanation.found else error.subject
    message += explanation.detail
    return finding_of(rule, place, {}, explanation, message, error.hint, lines)


def _one(
    rule: Rule, place: Place, explanation: Explanation, error: SourceError | None = None, lines: Sequence[int] = ()
) -> Findings:
    """One finding for all the lines, in the words of the error, or otherwise of the rule."""
    if error:
        finding = _of_error(rule, place, explanation, error, listed_lines(lines))
    else:
        message = message_of(rule, explanation, "", len(lines))
        finding = finding_of(rule, place, {}, explanation, message, lines=listed_lines(lines))
    return Findings(rule, 1, lambda _case: finding, at_lines(place.file, np.array([place.line]), place.column))


@kind(vtl.Unsaid.FILE, stage=Stage.READING)
def ignored(path: str, read: Observations, rule: Rule, *, codes: Sequence[str], expected: str) -> list[Findings]:
    """Rows that the reader ignored for a reason whose code is one of `codes`."""
    findings = []
    for rows in read.readings[0].ignored:
        if rows.code in codes:
            explanation = Explanation(expected, count_of(rows.rows, "row"), rows.reason)
            findings.append(_one(rule, Place(path, rows.lines[0]), explanation, lines=rows.lines))
    return findings


@kind(vtl.Unsaid.FILE, stage=Stage.READING)
def remark(path: str, read: Observations, rule: Rule, *, remark: str, expected: str) -> list[Findings]:
    """Remarks of the reader on rows that it used, of the kind `remark`."""
    return [
        _one(rule, Place(path, one.lines[0], one.column), Explanation(expected, one.text), lines=one.lines)
        for one in read.readings[0].remarks
        if one.kind == remark
    ]


@kind(vtl.Unsaid.FILE, stage=Stage.READING)
def no_values(path: str, read: Observations, rule: Rule, *, expected: str) -> list[Findings]:
    """A file whose rows have no value at all."""
    frame = read.frame
    if not len(frame) or not bool(frame[v.OBS_VALUE].isna().all()):
        return []
    explanation = Explanation(expected, say("{count:,} empty values", count=len(frame)))
    return [_of_rows(rule, path, read, slice(None), v.OBS_VALUE, explanation)]


@kind(vtl.Unsaid.FILE, stage=Stage.READING)
def foreign_indicator(path: str, read: Observations, rule: Rule, *, expected: str) -> list[Findings]:
    """An indicator that does not belong to the SDG indicator in the name of the file.

    There is one case for each indicator.
    """
    match = _SDG_NUMBER.search(Path(path).name)
    indicators, frame = catalogue().indicators, read.frame
    sdg = re.sub(r"[-_.]", ".", match[1]).lower() if match else ""
    if sdg not in {indicator.sdg for indicator in indicators.values() if indicator.sdg} or not len(frame):
        return []
    codes = frame[v.INDICATOR].cat.codes.to_numpy()
    findings = []
    for code in np.unique(codes):
        indicator = indicators[str(frame[v.INDICATOR].cat.categories[code])]
        if indicator.sdg != sdg:
            explanation = Explanation(expected, indicator.name, sdg)
            findings.append(_of_rows(rule, path, read, codes == code, v.INDICATOR, explanation))
    return findings


def _of_rows(
    rule: Rule, path: str, read: Observations, rows: Mask | slice, concept: str, explanation: Explanation
) -> Findings:
    """One finding for rows that were read, in the column of the concept."""
    lines = np.sort(read.frame[v.LINE].to_numpy()[rows]).tolist()
    column = read.readings[0].columns.get(concept, concept)
    return _one(rule, Place(path, lines[0], column), explanation, lines=lines)
