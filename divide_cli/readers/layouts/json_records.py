"""Reader of JSON lists of objects, as application interfaces give them: one object is one row."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from divide_cli import concepts as v
from divide_cli.frames.observations import Observations
from divide_cli.readers.mapping import observations
from divide_cli.readers.mapping.column_roles import column_roles
from divide_cli.readers.mapping.numbers import figures
from divide_cli.readers.mapping.raw_rows import RowFate, Rows, TextColumn
from divide_cli.readers.opening import JsonDocument
from divide_cli.readers.recognition import Match, ReadOptions, several

_BLANK = " \t\r\n"
EVERY = ""
"""Name of a column that says nothing in every row: what a dataflow ignores by it, it ignores whole."""


def load(document: JsonDocument, match: Match, options: ReadOptions) -> Observations:
    """The objects as observations; a column of the dataflow is a path of keys (`answer.0.value`)."""
    flow = match.flow
    objects = list(_objects(document))
    lines = np.array([line for _, line in objects], dtype=np.int32)
    paths = [name for columns in flow.columns.values() for name in several(columns)]
    keys = dict.fromkeys(name for entry, _ in objects for name in (entry if isinstance(entry, Mapping) else ()))
    roles = column_roles(flow, list(dict.fromkeys([*paths, *keys])), options)
    wanted = dict.fromkeys([*roles.wanted, *paths])
    columns = {name: TextColumn.of(_text(_at(entry, name)) for entry, _ in objects) for name in wanted}
    columns[EVERY] = TextColumn.constant("", len(objects))
    rows = Rows(document.file, columns, np.full(len(objects), np.nan), lines, RowFate(lines, options.strict))
    number = roles.column_of.get(v.OBS_VALUE)
    if number is not None:
        rows.numbers, rows.beside, wrong = figures(columns[number], flow.missing)
        rows.wrong = (number, wrong)
    return observations(rows, roles, match, options)


def _objects(document: JsonDocument) -> Iterator[tuple[Any, int]]:
    """The entries of the list that holds the figures, each with the line on which it begins."""
    text, decoder = document.text, json.JSONDecoder()
    place, line, counted = _start(document), 1, 0
    while True:
        while text[place] in _BLANK + ",":
            place += 1
        if text[place] == "]":
            return
        line += text.count("\n", counted, place)
        counted = place
        entry, place = decoder.raw_decode(text, place)
        yield entry, line


def _start(document: JsonDocument) -> int:
    """The place after the bracket that opens the list: the outer one, or the second entry of a page and its head."""
    text, decoder = document.text, json.JSONDecoder()
    place = text.index("[") + 1
    content = document.content
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
