"""Findings on what the reader could not use, set aside or noticed: each refused row, file by file."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import grown
from divide_cli.frames.observations import Observations, Reading, SetAside
from divide_cli.validation.report import Finding
from divide_cli.validation.rules.findings import Cases, Matches, listed_lines, names_file, worded
from divide_cli.validation.rules.submission import Array, Mask

ANY = "*"
_PLACE = re.compile(r":(\d+)(?:, column (?P<column>.*))?$")
"""Where an error says that it lies: the line, and perhaps the column."""
_NUMBER = re.compile(r"(?:^|[^0-9a-z])(\d{1,2}[-_.](?:\d{1,2}|[a-d])[-_.]\d{1,2})(?![0-9])", re.IGNORECASE)


def unreadable(rules: Sequence[Rule], path: str, error: SourceError) -> list[Cases]:
    """The finding of a file that could not be read or understood: of the rule whose `errors` name the error's code."""
    rule = next((rule for rule in rules if rule.kind == "unreadable" and _fits(rule, error)), None)
    if rule is None:
        return []
    found = _PLACE.search(error.where)
    line, column = (int(found[1]), found["column"] or "") if found else (0, "")
    text = f"{error.subject}: {error.found}" if error.found else error.subject
    finding = worded(rule, path, line, column, {}, error.expected, error.found, text, error.hint)
    return [Cases(rule, 1, lambda _case: finding, _nowhere(1, path, np.array([line])))]


def _fits(rule: Rule, error: SourceError) -> bool:
    """Whether a refusal is one of the rule's `errors`, and what was found is as its `pattern` says, if it has one."""
    named = not {ANY, error.code}.isdisjoint(rule.parameters["errors"])
    return named and bool(re.fullmatch(rule.parameters.get("pattern", "(?s:.*)"), error.found))


def of_reading(rules: Sequence[Rule], path: str, read: Observations) -> list[Cases]:
    """The findings of a file that was read, in the order of the rules."""
    reading = read.readings[0]
    family = catalogue().dataflows[reading.dataflow].family
    taken: set[int] = set()
    made: list[Cases] = []
    for rule in rules:
        if family not in rule.scope.get("families", (family,)):
            continue
        if rule.kind == "refused":
            for index, pile in enumerate(reading.refused):
                if index not in taken and pile.error and _fits(rule, pile.error):
                    taken.add(index)
                    made.append(_refused(rule, path, pile))
        elif rule.kind in READ_KINDS:
            made += READ_KINDS[rule.kind](rule, path, read)
    return made


def _refused(rule: Rule, path: str, pile: SetAside) -> Cases:
    """One case a refused row, or one for all rows of one reason (`together: reason`)."""
    error = pile.error or SourceError("row_refused", reason=pile.reason)
    if rule.together == "reason":
        shown = f" and {grown(pile.rows - 1, 'more row')}" if pile.rows > 1 else ""
        text = f"{error.subject}: {error.found}{shown}" if error.found else f"{error.subject}{shown}"
        lines, first = listed_lines(pile.lines), int(pile.lines[0])
        whole = worded(rule, path, first, pile.column, {}, error.expected, error.found, text, error.hint, lines)
        return Cases(rule, 1, lambda _case: whole, _nowhere(1, path, np.array([first]), pile.column))

    def finding(case: int) -> Finding:
        found = pile.quote(case) if pile.quote else error.found
        text = f"{error.subject}: {found}" if found else error.subject
        return worded(rule, path, pile.lines[case], pile.column, {}, error.expected, found, text, error.hint)

    return Cases(rule, pile.rows, finding, _nowhere(pile.rows, path, np.asarray(pile.lines), pile.column))


def _whole(rule: Rule, path: str, lines: Sequence[int], column: str, found: str, detail: str = "") -> Cases:
    """One finding for rows of one kind; its line is the first of them."""
    first = int(lines[0]) if len(lines) else 0
    expected = str(rule.parameters.get("expected", ""))
    text = rule.message.format(expected=expected, found=found, detail=detail, count=f"{len(lines):,}", key="")
    finding = worded(rule, path, first, column, {}, expected, found, text, rule.hint, listed_lines(lines))
    return Cases(rule, 1, lambda _case: finding, _nowhere(1, path, np.array([first]), column))


def ignored(rule: Rule, path: str, read: Observations) -> list[Cases]:
    """Rows that the reader ignored for a reason whose code is one of `codes`."""
    piles = [pile for pile in read.readings[0].ignored if pile.code in rule.parameters["codes"]]
    return [_whole(rule, path, pile.lines, "", grown(pile.rows, "row"), pile.reason) for pile in piles]


def remarked(rule: Rule, path: str, read: Observations) -> list[Cases]:
    """What the reader noticed in rows that it used, of the kind `remark`."""
    found = [remark for remark in read.readings[0].remarks if remark.kind == rule.parameters["remark"]]
    return [_whole(rule, path, remark.lines, remark.column, remark.text) for remark in found]


def no_values(rule: Rule, path: str, read: Observations) -> list[Cases]:
    """A file whose rows have no value at all."""
    frame = read.frame
    if not len(frame) or not bool(frame[v.OBS_VALUE].isna().all()):
        return []
    lines = np.sort(frame[v.LINE].to_numpy())
    return [_whole(rule, path, lines.tolist(), _column(read.readings[0], v.OBS_VALUE), f"{len(frame):,} empty values")]


def foreign(rule: Rule, path: str, read: Observations) -> list[Cases]:
    """An indicator that is none of the SDG indicator that the file's name says. A case an indicator."""
    said = _NUMBER.search(Path(path).name)
    known, frame = catalogue().indicators, read.frame
    if not said or not len(frame):
        return []
    number = re.sub(r"[-_.]", ".", said[1]).lower()
    codes = frame[v.INDICATOR].cat.codes.to_numpy()
    made = []
    for code in np.unique(codes):
        entry = known[str(frame[v.INDICATOR].cat.categories[code])]
        if entry.sdg != number and number in {indicator.sdg for indicator in known.values()}:
            lines = np.sort(frame[v.LINE].to_numpy()[codes == code]).tolist()
            made.append(_whole(rule, path, lines, _column(read.readings[0], v.INDICATOR), entry.name, number))
    return made


def _column(reading: Reading, concept: str) -> str:
    """The column of the file that says the concept, or the concept's own name."""
    return reading.columns.get(concept, concept)


def _nowhere(size: int, path: str, lines: Array, column: str = "") -> Matches:
    """Which of the cases a waiver's key names: such rows have a file, a line and a column, and no codes."""

    def matches(key: Mapping[str, str]) -> Mask:
        made = np.ones(size, dtype=bool)
        for name, text in key.items():
            if name == v.FILE:
                made &= names_file(text, path)
            elif name == v.LINE:
                made &= lines.astype(str) == text
            elif name == "COLUMN":
                made &= column == text
            else:
                made &= False
        return made

    return matches


READ_KINDS: Mapping[str, Callable[[Rule, str, Observations], list[Cases]]] = {
    "ignored": ignored,
    "remark": remarked,
    "no_values": no_values,
    "foreign_indicator": foreign,
}
"""Kinds of rules that look at what was read as a whole."""
