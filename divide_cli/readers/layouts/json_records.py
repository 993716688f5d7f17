"""Reader of JSON lists of objects, as application interfaces give them: one object is one row."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from divide_cli import concepts as v
from divide_cli.frames.observations import Observations
from divide_cli.readers.layouts.recognition import Match
from divide_cli.readers.mapping.column_roles import plan_of
from divide_cli.readers.mapping.numbers import figures
from divide_cli.readers.mapping.observations import observations
from divide_cli.readers.mapping.raw_rows import RowFate, Rows, TextColumn
from divide_cli.readers.opening.documents import Document, Payload
from divide_cli.readers.options import ReadOptions

_BLANK = " \t\r\n"
EVERY = ""
"""Name of a column that says nothing in every row: what a dataflow ignores by it, it ignores whole."""


def load(document: Document, match: Match, options: ReadOptions) -> Observations:
    """The objects as observations; a column of the dataflow is a path of keys (`answer.0.value`)."""
    payload, flow = document.payload, match.flow
    if payload is None:
        raise TypeError(document.name)
    objects = list(_objects(payload))
    lines = np.array([line for _, line in objects], dtype=np.int32)
    paths = [name for named in flow.columns.values() for name in ([named] if isinstance(named, str) else named)]
    keys = dict.fromkeys(name for entry, _ in objects for name in (entry if isinstance(entry, Mapping) else ()))
    names = list(dict.fromkeys([*paths, *keys]))
    plan = plan_of(flow, names, options)
    wanted = dict.fromkeys([*plan.wanted, *paths])
    columns = {name: TextColumn.of(_text(_at(entry, name)) for entry, _ in objects) for name in wanted}
    columns[EVERY] = TextColumn.constant("", len(objects))
    rows = Rows(payload.file, columns, np.full(len(objects), np.nan), lines, RowFate(lines, options.strict))
    number = plan.column_of.get(v.OBS_VALUE)
    if number is not None:
        rows.numbers, rows.beside, wrong = figures(columns[number], flow.missing, ".", False)
        rows.wrong = (number, wrong)
    return observations(rows, plan, flow, options, document.inner, match.evidence)


def _objects(payload: Payload) -> Iterator[tuple[Any, int]]:
    """The entries of the list that holds the figures, each with the line on which it begins."""
    text, decoder = payload.text, json.JSONDecoder()
    place, line, counted = _start(payload), 1, 0
    while True:
        while text[place] in _BLANK + ",":
            place += 1
        if text[place] == "]":
            return
        line += text.count("\n", counted, place)
        counted = place
        entry, place = decoder.raw_decode(text, place)
        yield entry, line


def _start(payload: Payload) -> int:
    """The place after the bracket that opens the list: the outer one, or the second entry of a page and its head."""
    text, decoder = payload.text, json.JSONDecoder()
    place = text.index("[") + 1
    content = payload.content
    if isinstance(content, list) and len(content) == 2 and isinstance(content[1], list):
        while text[place] in _BLANK:
            place += 1
        _, place = decoder.raw_decode(text, place)
        place = text.index("[", place) + 1
    return place


def _at(entry: Any, path: str) -> Any:
    """What stands at the end of the path; None where it breaks off."""
    for step in path.split("."):
        if isinstance(entry, Mapping):
            entry = entry.get(step)
        elif isinstance(entry, Sequence) and not isinstance(entry, str) and step.isdigit() and int(step) < len(entry):
            entry = entry[int(step)]
        else:
            return None
    return entry


def _text(value: Any) -> str:
    """The value as text, a missing one as empty text; numbers as JSON writes them."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
