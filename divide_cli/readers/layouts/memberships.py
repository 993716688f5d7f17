"""Reader of lists of area groups: economies with their group in a column, a mark in it, or a group in each fiscal year.

What is counted is the classification: one economy in one column. Consecutive years in one group are one membership, and
an economy that the source lists together with another is given once for each.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow
from divide_cli.errors import Place, SourceError, suggestion
from divide_cli.errors.text_safety import grown
from divide_cli.frames.observations import InputFile, Reading
from divide_cli.readers.layouts.cells import lines_of, passed
from divide_cli.readers.layouts.layout import lost, names_of
from divide_cli.readers.layouts.membership_periods import COLUMN, GROUP, LISTED, MARK, dated, year_of_file
from divide_cli.readers.layouts.recognition import Match
from divide_cli.readers.layouts.workbook import spec_of
from divide_cli.readers.mapping import areas
from divide_cli.readers.mapping.raw_rows import RowFate, Rows, TextColumn
from divide_cli.readers.opening.documents import Document
from divide_cli.readers.options import ReadOptions

HOLDS = "area_groups"
"""What a dataflow of this family holds."""


@dataclass(frozen=True)
class Memberships:
    """Dated memberships (REF_AREA, GROUP, valid_from, valid_to, source: schemas/area_group.json), and what was read.

    The rows of the Reading are classifications as printed: one membership may rest on many of them.
    """

    frame: pd.DataFrame
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class _Grid:
    """The lines of the one list in a file below its header, each with its number."""

    file: InputFile
    names: Sequence[str]
    lines: Sequence[tuple[int, Sequence[str]]]
    notes: tuple[str, ...] = ()


def load(document: Document, match: Match, options: ReadOptions) -> Memberships:
    """The memberships of the file; unknown areas and groups are refused, economies without a group ignored."""
    flow = match.flow
    grid = _of_workbook(document, flow) if document.workbook else _of_text(document, match)
    rows, heads = _rows(grid, flow, options)
    _set_aside(rows, grid, flow)
    _refuse_unknown(rows, flow)
    coded = areas.areas(rows, v.REF_AREA, flow, options)
    still = rows.fate.open()
    used = np.ones(len(rows), dtype=bool) if still is None else still
    frame = pd.DataFrame({name: _texts(rows.columns[name])[used] for name in (GROUP, MARK, COLUMN)})
    frame[v.REF_AREA] = np.array(coded.categories, dtype=object)[coded.codes[used]]
    frame[LISTED] = _texts(rows.columns[v.REF_AREA])[used]
    reading = Reading(
        rows.file,
        flow.id,
        len(rows),
        0,
        flow.licence,
        tuple(name for name in grid.names if name not in {*heads, *flow.columns.values(), *flow.unused}),
        grid.notes,
        match.evidence,
        rows.fate.set_aside("ignored"),
        rows.fate.set_aside("refused"),
    )
    return Memberships(dated(frame, flow.memberships, year_of_file(document, flow)), (reading,))


def _texts(column: TextColumn) -> npt.NDArray[np.object_]:
    return np.asarray(np.array(column.values, dtype=object)[column.codes], dtype=object)


def _of_workbook(document: Document, flow: Dataflow) -> _Grid:
    """The list on the sheet that holds the header, with remarks on the other sheets."""
    book = document.workbook
    if book is None:
        raise TypeError(document.name)
    found, notes = None, list[str]()
    needed = {name for name in flow.header if not name.startswith("~")}
    for sheet, lines in book.sheets.items():
        header = next((place for place, row in enumerate(lines) if needed <= {text.strip() for text in row}), None)
        spec = spec_of(flow, sheet)
        if found or header is None or spec:
            notes.append(passed(lines, sheet, spec["why"] if spec else "the dataflow does not name it"))
            continue
        found = _Grid(
            replace(book.file, name=f"{book.file.name}[{sheet}]"),
            names_of(lines[header]),
            list(enumerate(lines[header + 1 :], start=header + 2)),
        )
        if header:
            notes.append(f"sheet {sheet}: {lines_of(header)} above the header, without groups")
    if found is None:
        raise SourceError(
            "workbook_list_missing", expected=", ".join(needed), found=", ".join(book.names), where=document.name
        )
    return replace(found, notes=tuple(notes))


def _of_text(document: Document, match: Match) -> _Grid:
    text = document.text
    if text is None:
        raise TypeError(document.name)
    with text.open() as handle:
        content = bytes(handle.read()).decode("utf-8-sig")
    try:
        records = [
            record for record in csv.reader(io.StringIO(content, newline=""), delimiter=text.delimiter) if record
        ]
    except csv.Error as error:
        raise SourceError("csv_unparsable", found=str(error), where=text.file.name) from error
    if len(records) != len(text.lines):
        lost(text.file.name, len(text.lines), len(records))
    begin = match.record + 1
    return _Grid(
        text.file, names_of(records[match.record]), list(zip(text.lines[begin:].tolist(), records[begin:], strict=True))
    )


def _rows(grid: _Grid, flow: Dataflow, options: ReadOptions) -> tuple[Rows, list[str]]:
    """One row a classification; a line that names no economy is one row too."""
    meant = {
        name: groups
        for name in grid.names
        for pattern, groups in flow.memberships["columns"].items()
        if re.fullmatch(pattern, name)
    }
    place = {name: index for index, name in enumerate(grid.names)}
    area = place[str(flow.columns[v.REF_AREA])]
    found = list[tuple[int, tuple[str, str, str, str]]]()
    for line, row in grid.lines:
        if len(row) != len(grid.names):
            raise SourceError(
                "row_ragged",
                expected=grown(len(grid.names), "cell"),
                found=grown(len(row), "cell"),
                where=Place(grid.file.name, line),
            )
        code = row[area].strip()
        for head in list(meant)[: None if code else 1]:
            mark = row[place[head]].strip()
            found.append((line, (code, meant[head].get(mark, mark), mark, head)))
    lines = np.array([line for line, _ in found], dtype=np.int32)
    columns = {
        name: TextColumn.of(texts[number] for _, texts in found)
        for number, name in enumerate((v.REF_AREA, GROUP, MARK, COLUMN))
    }
    return Rows(grid.file, columns, np.zeros(len(lines)), lines, RowFate(lines, options.strict)), list(meant)


def _set_aside(rows: Rows, grid: _Grid, flow: Dataflow) -> None:
    """Ignores lines without a code, codes that are no economies, and marks that say that there is no group."""
    told = flow.memberships
    empty = [line for line, row in grid.lines if not any(text.strip() for text in row)]
    rows.fate.ignore(np.isin(rows.lines, empty), "row_empty")
    rows.fate.ignore(_says(rows.columns[v.REF_AREA], ""), "not_a_figure", why=told["without_code"])
    for column, why in told.get("needs", {}).items():
        place = grid.names.index(column)
        lacking = [line for line, row in grid.lines if not row[place].strip()]
        rows.fate.ignore(np.isin(rows.lines, lacking), "not_a_figure", why=why)
    for code, why in told.get("left_out", {}).items():
        rows.fate.ignore(_says(rows.columns[v.REF_AREA], code), "not_a_figure", why=why)
    for mark, why in told["none"].items():
        rows.fate.ignore(_says(rows.columns[MARK], mark), "not_a_figure", why=why)


def _says(column: TextColumn, text: str) -> npt.NDArray[np.bool_]:
    return np.asarray(column.codes == (column.values.index(text) if text in column.values else -1))


def _refuse_unknown(rows: Rows, flow: Dataflow) -> None:
    meant = flow.memberships["columns"].values()
    codes = {code for groups in meant for code in groups.values()}
    marks = dict.fromkeys(mark for groups in meant for mark in groups)

    def error(text: str, others: str, count: str, where: str) -> SourceError:
        return SourceError(
            "group_unknown",
            expected=", ".join(marks),
            found=f"{text!r}{others}{count}",
            where=where,
            hint=suggestion(text, marks, f"`divide show {flow.id}`"),
        )

    rows.refuse_texts(GROUP, [at for at, text in enumerate(rows.columns[GROUP].values) if text not in codes], error)
