"""Reader of workbooks whose sheets differ in shape: `sheets` of the dataflow says how each is read; a cell is a row.

A sheet is a `table` with years in columns, has `blocks` of years side by side, or is `passed` over with the reason. A
sheet that the dataflow does not name is refused, line by line.
"""

import re
from collections.abc import Sequence

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow
from divide_cli.errors import SourceError
from divide_cli.frames.observations import Observations
from divide_cli.readers.layouts.blocks import blocks
from divide_cli.readers.layouts.cells import Cell, Reach, Spec, passed, table
from divide_cli.readers.layouts.recognition import Match
from divide_cli.readers.mapping import series
from divide_cli.readers.mapping.column_roles import Plan
from divide_cli.readers.mapping.numbers import figures, not_a_number
from divide_cli.readers.mapping.observations import observations
from divide_cli.readers.mapping.raw_rows import RowFate, Rows, TextColumn
from divide_cli.readers.opening.documents import Document
from divide_cli.readers.opening.sheets import Workbook
from divide_cli.readers.options import ReadOptions


def load(document: Document, match: Match, options: ReadOptions) -> Observations:
    """The values of all sheets as observations."""
    book, flow = document.workbook, match.flow
    if book is None:
        raise TypeError(document.name)
    reached = [_reach(book, name, flow) for name in book.names]
    cells = [cell for found in reached for cell in found.cells]
    if not cells:
        raise SourceError("workbook_values_missing", found=", ".join(book.names), where=document.name)
    rows = _rows(book, cells, options)
    rows.notes = tuple(note for found in reached for note in found.notes)
    numbers, _, wrong = figures(rows.columns[v.OBS_VALUE], flow.missing, ".", flagged=False)
    rows.numbers = numbers
    _set_aside(rows, cells, flow)
    rows.refuse_texts(v.OBS_VALUE, wrong, not_a_number)
    _repeated(rows, flow)
    column_of = {
        concept: name for concept, name in flow.columns.items() if isinstance(name, str) and name in rows.columns
    }
    comments = (v.OBS_COMMENT,) if v.OBS_COMMENT in rows.columns else ()
    dimensions = {concept: name for concept, name in flow.dimensions.items() if name in rows.columns}
    unused = tuple(dict.fromkeys(name for found in reached for name in found.unused))
    plan = Plan(column_of, {c: n for c, n in dimensions.items() if isinstance(n, str)}, comments, unused)
    return observations(rows, plan, flow, options, document.inner, match.evidence)


def spec_of(flow: Dataflow, sheet: str) -> Spec | None:
    """How the dataflow says that a sheet is read: the first entry whose pattern its name matches."""
    return next(
        ({**spec, "pattern": pattern} for pattern, spec in flow.sheets.items() if re.fullmatch(pattern, sheet)), None
    )


def _reach(book: Workbook, sheet: str, flow: Dataflow) -> Reach:
    spec, lines, where = spec_of(flow, sheet), book.sheets[sheet], f"{book.file.name}[{sheet}]"
    if spec is None:
        trouble = SourceError("sheet_unknown", id=flow.id, expected=", ".join(flow.sheets), found=sheet, where=where)
        filled = [line for line, row in enumerate(lines, start=1) if any(text.strip() for text in row)]
        return Reach([Cell(sheet, line, "", {}, trouble) for line in filled])
    if spec["shape"] == "passed":
        return Reach([], (), (passed(lines, sheet, spec["why"]),))
    if spec["shape"] == "table":
        return table(lines, sheet, spec, where)
    return blocks(lines, sheet, spec, flow.missing, where)


def _rows(book: Workbook, cells: Sequence[Cell], options: ReadOptions) -> Rows:
    concepts = dict.fromkeys(concept for cell in cells for concept in cell.labels)
    columns = {concept: TextColumn.of(cell.labels.get(concept, "") for cell in cells) for concept in concepts}
    columns[v.OBS_VALUE] = TextColumn.of(cell.text for cell in cells)
    lines = np.array([cell.line for cell in cells], dtype=np.int32)
    sheet = TextColumn.of(cell.sheet for cell in cells)
    return Rows(book.file, columns, np.zeros(len(cells)), lines, RowFate(lines, options.strict), sheet=sheet)


def _set_aside(rows: Rows, cells: Sequence[Cell], flow: Dataflow) -> None:
    """Cells in trouble are refused, those without a value ignored."""
    troubles = {id(cell.trouble): cell.trouble for cell in cells if cell.trouble}
    for number, trouble in troubles.items():
        rows.fate.refuse(np.array([id(cell.trouble) == number for cell in cells]), trouble)
    said = rows.columns[v.OBS_VALUE]
    for marker in ("", *flow.missing):
        if marker in said.values:
            code = "value_absent" if marker else "cell_empty"
            rows.fate.ignore(said.codes == said.values.index(marker), code, marker=marker)


def _repeated(rows: Rows, flow: Dataflow) -> None:
    """Sets the values aside that a sheet gives `again`: of one key the first is read, and says how others differ."""
    again = {name: spec_of(flow, name) or {} for name in rows.sheet.values} if rows.sheet else {}
    if not rows.sheet or not any("again" in spec for spec in again.values()):
        return
    keys, texts = _keys(rows, flow), rows.columns[v.OBS_VALUE]
    comments = rows.columns.get(v.OBS_COMMENT) or TextColumn.constant("", len(rows))
    said = [comments.values[code] for code in comments.codes]
    first: dict[object, int] = {}
    marks: dict[str, list[int]] = {}
    sheets = rows.sheet.codes
    for row in np.flatnonzero(~np.isnan(rows.numbers) & _unsettled(rows)).tolist():
        kept = first.setdefault(keys[row], row)
        why = again[rows.sheet.values[sheets[row]]].get("again")
        if sheets[kept] == sheets[row] or not why:  # two values of a key on one sheet are for the border to refuse
            continue
        if rows.numbers[row] != rows.numbers[kept]:
            why = f"{why}; it differs, as the comment of the value that is read says"
            other = f"{_shown(rows, row, texts)} in {_cited(rows, row)}"
            said[kept] = "; ".join(part for part in (said[kept], other) if part)
        marks.setdefault(why, []).append(row)
    for why, met in marks.items():
        mask = np.zeros(len(rows), dtype=bool)
        mask[met] = True
        rows.fate.ignore(mask, "not_a_figure", why=why)
    rows.columns = {**rows.columns, v.OBS_COMMENT: TextColumn.of(said)}


def _unsettled(rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    still = rows.fate.open()
    return np.ones(len(rows), dtype=bool) if still is None else still


def _keys(rows: Rows, flow: Dataflow) -> list[tuple[object, ...]]:
    """What each row is about: area, year, what its series means, and its further dimensions."""
    source = rows.columns[v.INDICATOR]
    meanings = [series.meaning(text, flow) for text in source.values]
    about: list[object] = [
        text if told is None else frozenset(told.items()) for text, told in zip(source.values, meanings, strict=True)
    ]
    others = [rows.columns[name] for name in (v.REF_AREA, v.TIME_PERIOD, *flow.dimensions) if name in rows.columns]
    return [(about[code], *(column.codes[row] for column in others)) for row, code in enumerate(source.codes.tolist())]


def _shown(rows: Rows, row: int, texts: TextColumn) -> str:
    decimals = rows.columns.get(v.DECIMALS)
    count = decimals.values[decimals.codes[row]] if decimals else ""
    return f"{rows.numbers[row]:.{count}f}" if count else texts.values[texts.codes[row]]


def _cited(rows: Rows, row: int) -> str:
    cited = rows.columns.get(v.CITATION)
    return cited.values[cited.codes[row]] if cited else rows.where(row)
