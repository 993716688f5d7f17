"""Reader of tables with years, or series, in their columns: one cell is one row of what is counted."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from msgspec import structs

from divide_cli.catalogue import Dataflow
from divide_cli.errors import Place, SourceError
from divide_cli.frames.observations import Observations
from divide_cli.readers.layouts.delimited import cells, text_column
from divide_cli.readers.layouts.layout import Layout, Ragged, names_of, ragged_row
from divide_cli.readers.layouts.recognition import Match, sheet_with
from divide_cli.readers.mapping.column_roles import Plan, plan_of, with_joined
from divide_cli.readers.mapping.numbers import as_written, decimal_mark, figures
from divide_cli.readers.mapping.observations import observations
from divide_cli.readers.mapping.raw_rows import CELLS, MELTED, RowFate, Rows, TextColumn
from divide_cli.readers.opening.documents import Document
from divide_cli.readers.opening.text import Text
from divide_cli.readers.options import ReadOptions


def load(document: Document, match: Match, options: ReadOptions) -> Observations:
    """The cells as observations; empty cells are ignored and counted."""
    text = document.text
    if text is None and document.workbook:
        text, match = sheet_with(document, match)
    if text is None:
        raise TypeError(document.name)
    rows, plan = rows_of(text, match, options)
    return observations(rows, plan, match.flow, options, document.inner, match.evidence)


def rows_of(text: Text, match: Match, options: ReadOptions) -> tuple[Rows, Plan]:
    """One row a cell of the melted columns."""
    flow = match.flow
    layout = Layout(text, tuple(names_of(text.first_records()[match.record])), match.record)
    melted = _melted(flow, layout.names)
    if not melted:
        raise SourceError(
            "value_columns_missing",
            expected=f"columns like {flow.melted['columns']}",
            found=", ".join(layout.names),
            where=Place(text.file.name, layout.text.lines[layout.header]),
        )
    named = [name for name in layout.names if name not in melted]
    table, ragged = cells(layout, named, melted)
    kept = np.delete(np.arange(len(layout.lines)), sorted(ragged))
    size = len(melted)
    own = {name: text_column(table.column(name)) for name in named}
    columns = {name: TextColumn(np.repeat(column.codes, size), column.values) for name, column in own.items()}
    if flow.split:
        columns |= _split(columns, named[0], flow.split)
    columns[MELTED] = TextColumn(np.tile(np.arange(size, dtype=np.int32), len(kept)), _heads(flow, melted))
    said = _interleaved([text_column(table.column(name)) for name in melted])
    decimal = decimal_mark(said.values, text.delimiter)
    numbers, beside, wrong = figures(said, flow.missing, decimal, bool(flow.flags))
    printed, padded = (of_text[said.codes] for of_text in as_written(said.values, decimal))
    lines = np.repeat(layout.lines[kept], size)
    fate = RowFate(lines, options.strict)
    rows = Rows(replace(text.file, decimal=decimal), columns, numbers, lines, fate, beside)
    rows.printed, rows.padded = printed, padded
    if ragged:
        rows = _with_ragged(rows, layout, ragged, flow)
        said = _longer(said, len(ragged))
    concept = flow.melted["concept"]
    plan = plan_of(
        structs.replace(flow, columns={name: c for name, c in flow.columns.items() if name != concept}),
        [*columns],
        options,
    )
    column_of = with_joined(
        rows, {name: flow.columns.get(name, column) for name, column in plan.column_of.items()}, [*columns]
    )
    empty = {name for name, column in columns.items() if column.values == [""]}
    taken = {MELTED, *empty, *([named[0]] if flow.split else [])}
    ignored = tuple(name for name in plan.ignored if name not in taken)
    plan = replace(plan, column_of={**column_of, concept: MELTED}, ignored=ignored)
    _set_aside(rows, said, flow)
    if wrong:
        rows.columns = {**rows.columns, CELLS: said}
        rows.wrong = (CELLS, wrong)
    return rows, plan


def _melted(flow: Dataflow, names: Sequence[str]) -> list[str]:
    """The columns whose heads are years or series."""
    pattern = re.compile(flow.melted["columns"])
    named = {name for names in flow.columns.values() for name in ([names] if isinstance(names, str) else names)}
    taken = {*named, *flow.dimensions.values(), *flow.comments, *flow.unused}
    return [name for name in names if name not in taken and pattern.fullmatch(name)]


def _heads(flow: Dataflow, melted: Sequence[str]) -> list[str]:
    """What the heads say: themselves, or the part of them that the dataflow's pattern takes."""
    pattern = flow.melted.get("code")
    found = [re.search(pattern, name) if pattern else None for name in melted]
    return [match[1] if match else name for match, name in zip(found, melted, strict=True)]


def _interleaved(columns: Sequence[TextColumn]) -> TextColumn:
    """The cells of several columns, row by row."""
    position: dict[str, int] = {}
    codes = np.empty((len(columns[0].codes), len(columns)), dtype=np.int32)
    for place, column in enumerate(columns):
        known = np.array([position.setdefault(text, len(position)) for text in column.values], dtype=np.int32)
        codes[:, place] = known[column.codes] if len(known) else 0
    return TextColumn(codes.reshape(-1), list(position))


def _split(columns: dict[str, TextColumn], first: str, mark: str) -> dict[str, TextColumn]:
    """The columns that are joined in the first field (`freq,unit,geo\\TIME_PERIOD`), each under its name."""
    heads = first.partition("\\")[0].split(mark)
    source = columns[first]
    parts = [[part.strip() for part in text.split(mark)] for text in source.values]
    return {
        head: TextColumn(source.codes, [part[place] if place < len(part) else "" for part in parts])
        for place, head in enumerate(heads)
    }


def _with_ragged(rows: Rows, layout: Layout, ragged: Ragged, flow: Dataflow) -> Rows:
    """Rows with too many or too few cells, one a line, at the end: refused, but for lines that the dataflow ignores."""
    count = len(ragged)
    size = len(rows)
    lines = np.concatenate([rows.lines, layout.lines[sorted(ragged)]])
    columns = {name: _longer(column, count) for name, column in rows.columns.items()}
    numbers = np.concatenate([rows.numbers, np.full(count, np.nan)])
    beside = _longer(rows.beside, count) if rows.beside else None
    made = replace(
        rows, lines=lines, columns=columns, numbers=numbers, beside=beside, fate=RowFate(lines, rows.fate.strict)
    )
    if rows.printed is not None and rows.padded is not None:
        made.printed = np.concatenate([rows.printed, np.full(count, -1, dtype=np.int8)])
        made.padded = np.concatenate([rows.padded, np.zeros(count, dtype=bool)])
    for rule in flow.ignored.get(layout.names[0], ()):  # a line about the source, of one cell
        told = [
            re.fullmatch(rule.get("pattern", r"\b\B"), text.strip(' ,;\t"')) for _, (_, text) in sorted(ragged.items())
        ]
        mask = np.concatenate([np.zeros(size, dtype=bool), np.array([bool(found) for found in told])])
        made.fate.ignore(mask, rule.get("code", "not_a_figure"), why=rule["why"])
    rest = made.fate.among(np.arange(size + count) >= size)
    if rest.any():
        places = np.array(sorted(ragged))[rest[size:]]
        made.fate.refuse(rest, ragged_row(layout, {int(place): ragged[int(place)] for place in places}))
    return made


def _longer(column: TextColumn, count: int) -> TextColumn:
    """The column with so many empty texts at its end."""
    values = column.values if "" in column.values else [*column.values, ""]
    return TextColumn(np.concatenate([column.codes.astype(np.int64), np.full(count, values.index(""))]), values)


def _set_aside(rows: Rows, said: TextColumn, flow: Dataflow) -> None:
    """Cells without a value: empty ones, and those with a missing marker."""
    bare = [text.strip() for text in said.values]
    for marker in ("", *flow.missing):
        empty = [index for index, text in enumerate(bare) if (text.partition(" ")[0] == marker if marker else not text)]
        if empty:
            code = "value_absent" if marker else "cell_empty"
            rows.fate.ignore(np.isin(said.codes, empty), code, marker=marker)
