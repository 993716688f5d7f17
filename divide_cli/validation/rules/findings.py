"""Cases of a rule in one file, worded when they are listed, and matched with waivers without being worded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue, codelist
from divide_cli.catalogue.ages import age_name
from divide_cli.validation.report import Finding
from divide_cli.validation.rules.submission import NOWHERE, Array, Mask, Table
from divide_cli.validation.rules.violations import Hits, Said

Matches = Callable[[Mapping[str, str]], Mask]
_YEARS_AROUND = 2
_MOST_LINES = 1000
"""Lines that one finding of many rows names; the message says how many there are."""


@dataclass(frozen=True)
class Cases:
    """What a rule found in a file: how many cases, how each is worded, and which of them a waiver's key names."""

    rule: Rule
    size: int
    finding: Callable[[int], Finding]
    matches: Matches


def listed_lines(lines: Sequence[int]) -> tuple[int, ...]:
    """The lines that a finding names: each once, in the order given, the first thousand."""
    return tuple(dict.fromkeys(int(line) for line in lines[: 2 * _MOST_LINES]))[:_MOST_LINES]


def worded(
    rule: Rule,
    path: str,
    line: int,
    column: str,
    key: Mapping[str, str | int],
    expected: str,
    found: str,
    message: str,
    hint: str,
    lines: Sequence[int] = (),
    context: Sequence[int] = (),
) -> Finding:
    """A finding of the rule; the lines involved are at least its own."""
    involved = tuple(dict.fromkeys([*([line] if line else []), *lines]))
    around = tuple(sorted(set(context) - set(involved)))
    return Finding(
        rule.id,
        rule.severity,
        path,
        line,
        column,
        key,
        expected,
        found,
        message,
        hint or rule.hint,
        involved,
        context=around,
    )


def of_hits(rule: Rule, path: str, table: Table, hits: Hits) -> list[Cases]:
    """The cases of a rule on values: one finding each, or one for all of a file or an indicator.

    The parameter `few` is the number of cases up to which they are told one by one all the same.
    """
    if not len(hits):
        return []
    if not rule.together or len(hits) <= rule.parameters.get("few", 0):
        return [Cases(rule, len(hits), lambda case: _one(rule, table, hits, case), _matcher(path, table, hits))]
    heads = hits.places[:, 0]
    group = np.zeros(len(hits), dtype=np.int64)
    if rule.together == "indicator":
        group = table.digits[v.INDICATOR].places[heads].astype(np.int64)
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    whole = Hits(heads[first].reshape(-1, 1), hits.word, hits.checked, column=hits.column)

    def finding(case: int) -> Finding:
        return _many(rule, table, hits, np.flatnonzero(inverse == case))

    return [Cases(rule, len(first), finding, _matcher(path, table, whole))]


def _one(rule: Rule, table: Table, hits: Hits, case: int) -> Finding:
    said = hits.word(case)
    place = int(hits.places[case, 0])
    given = np.asarray(said.others if len(said.others) else hits.places[case])  # a million where a key stands as often
    places = given[given >= 0]
    text = _message(rule, said, table, place, len(places))
    lines = [_line(table, other) for other in places[: 2 * _MOST_LINES].tolist()]
    return worded(
        rule, _file(table, place), _line(table, place), column_at(table, hits.column, place), _key(table, place),
        said.expected, said.found, text, rule.hint, lines,
        [*_next_to_twins(table, place, places), *_context(table, place)],
    )  # fmt: skip


def _context(table: Table, place: int) -> list[int]:
    """The lines of the same key in the years around, and of the other parts of its total in that year."""
    key = int(table.key[place])
    years = key + np.array([*range(-_YEARS_AROUND, 0), *range(1, _YEARS_AROUND + 1)])
    keys = [years[years // table.years == key // table.years]]
    for dimension in (v.SEX, v.URBANISATION):
        digit = table.digits[dimension]
        keys.append(key + (np.arange(len(digit.codes)) - int(digit.places[place])) * digit.stride)
    found = table.find(np.concatenate(keys)).tolist()
    return [_line(table, other) for other in found if other not in (NOWHERE, place)]


def _next_to_twins(table: Table, place: int, places: Array) -> list[int]:
    """The lines above and below each of the first rows that share one key: they show which block each stands in."""
    if len(places) < 2 or not (table.key[places] == table.key[place]).all():
        return []
    rows = table.order[places[:2]].astype(np.intp)
    near = np.stack([rows - 1, rows + 1], axis=1).reshape(-1)
    near = near[(near >= 0) & (near < len(table)) & ~np.isin(near, table.order[places])]
    return [int(line) for line in dict.fromkeys(table.frame[v.LINE].to_numpy()[near].tolist())]


def _many(rule: Rule, table: Table, hits: Hits, cases: "np.ndarray[Any, Any]") -> Finding:
    """One finding for many cases: the first in the file as the example, and the lines of all."""
    rows = table.order[hits.places[cases, 0]]
    lines = table.frame[v.LINE].to_numpy()[rows]
    order = np.argsort(lines, kind="stable")
    head = int(cases[order[0]])
    said, place = hits.word(head), int(hits.places[head, 0])
    text = _message(rule, said, table, place, len(cases))
    return worded(
        rule, _file(table, place), int(lines[order[0]]), column_at(table, hits.column, place), _key(table, place),
        said.expected, said.found, text, rule.hint, listed_lines(lines[order].tolist()),
    )  # fmt: skip


def _message(rule: Rule, said: Said, table: Table, place: int, count: int) -> str:
    return rule.message.format(
        expected=said.expected, found=said.found, detail=said.detail, count=f"{count:,}", key=in_words(table, place)
    )


def _file(table: Table, place: int) -> str:
    """The file of a row, with the sheet in brackets where it is a workbook."""
    return str(table.cell(v.FILE, place))


def _line(table: Table, place: int) -> int:
    return int(table.cell(v.LINE, place))


def column_at(table: Table, concept: str, place: int) -> str:
    """The column to mend, under the name that it has in the place's own file."""
    if concept == v.OBS_VALUE and v.CELL in table.frame and (cell := str(table.cell(v.CELL, place))):
        return cell
    file, readings = str(table.cell(v.FILE, place)), table.read.readings
    own = (one for one in readings if file == one.file.name or file.startswith(f"{one.file.name}["))
    return next(own, readings[0]).columns.get(concept, concept)


def _key(table: Table, place: int) -> dict[str, str | int]:
    key: dict[str, str | int] = {name: str(table.cell(name, place)) for name in (*v.KEY[:-1], *table.read.dimensions)}
    return {**key, v.TIME_PERIOD: int(table.year[place])}


def in_words(table: Table, place: int) -> str:
    """The key of a row for a reader: the indicator, what it is broken down by, the year."""
    key = _key(table, place)
    parts = [catalogue().indicators[str(key[v.INDICATOR])].short]
    for name, code in key.items():
        if name in (v.INDICATOR, v.TIME_PERIOD, v.REF_AREA) or code in (v.TOTAL, v.NOT_APPLICABLE):
            continue
        parts.append(age_name(str(code)) if name == v.AGE else _named(name, str(code)))
    return ", ".join([str(key[v.REF_AREA]), *parts, str(key[v.TIME_PERIOD])])


@cache
def _named(dimension: str, code: str) -> str:
    if dimension in (v.SEX, v.URBANISATION):
        return codelist(f"CL_{dimension}").name(code).lower()
    return code


def names_file(pattern: str, file: str) -> bool:
    """Whether a waiver's pattern names a file: as findings write it (`a.xlsx[2023]`), or its workbook."""
    book = file.rpartition("[")[0] if file.endswith("]") else ""
    if not pattern:
        return False
    return pattern in (file, Path(file).name) or any(Path(name).match(pattern) for name in (file, book) if name)


def _matcher(path: str, table: Table, hits: Hits) -> Matches:
    return matcher(table, hits.places[:, 0], hits.column, path)


def matcher(table: Table, places: Array, column: str, path: str = "") -> Matches:
    """Which cases a waiver's key names, by the codes of the row to mend; FILE, LINE and COLUMN may be named too.

    FILE is a pattern of the `path`, or, where the rows are of several files, of the row's own.
    """
    rows = table.order[places]

    def matches(key: Mapping[str, str]) -> Mask:
        made = np.ones(len(rows), dtype=bool)
        for name, text in key.items():
            if name == v.FILE:
                files = table.frame[v.FILE].cat
                fits = np.array([names_file(text, path or file) for file in files.categories], dtype=bool)
                made &= fits[files.codes.to_numpy()[rows]]
            elif name == "COLUMN":
                made &= np.array([column_at(table, column, int(place)) == text for place in places], dtype=bool)
            elif name in table.frame:
                made &= table.frame[name].iloc[rows].astype(str).to_numpy() == text
            else:
                made &= False
        return made

    return matches
