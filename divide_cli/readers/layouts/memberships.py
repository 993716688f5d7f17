"""Lists of area groups: economies with their group in a column, a mark in it, or a group in each fiscal year.

Each classification is one row: one economy in one column. Consecutive years in one group are one membership. If the
source lists two economies together, each has its own membership.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow
from divide_cli.errors import Place, SourceError, suggestion
from divide_cli.errors.text_safety import count_of
from divide_cli.frames.observations import InputFile, Reading
from divide_cli.language import commas, say
from divide_cli.readers.layouts.csv_table import names_of, refuse_loss
from divide_cli.readers.layouts.workbook import passed, spec_of
from divide_cli.readers.mapping.codes import areas
from divide_cli.readers.mapping.raw_rows import NOTHING, RowFate, Rows, TextColumn, WrongText
from divide_cli.readers.opening import TextDocument, WorkbookDocument
from divide_cli.readers.opening.workbook import column_letters
from divide_cli.readers.recognition import Match, ReadOptions

GROUP, MARK, COLUMN, LISTED = "GROUP", "mark", "column", "listed"
COLUMNS = (v.REF_AREA, GROUP, "valid_from", "valid_to", "source")
_CENTURY = 80
"""Two-digit years from this one on are of the last century. The World Bank's fiscal years begin with FY89."""


@dataclass(frozen=True)
class Memberships:
    """Dated memberships (REF_AREA, GROUP, valid_from, valid_to, source: schemas/area_group.json), and what was read.

    The rows of the Reading are classifications as published. One membership may come from many of them.
    """

    frame: pd.DataFrame
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class _Grid:
    """The lines below the header of the one list in a file, each with its number; `header` is the line of the names."""

    file: InputFile
    names: Sequence[str]
    lines: Sequence[tuple[int, Sequence[str]]]
    header: int
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> int:
        """The position of the column; SourceError if the list has no column of this name, or several."""
        if self.names.count(name) > 1:
            raise SourceError("column_duplicate", found=name, where=Place(self.file.name, self.header))
        if name in self.names:
            return self.names.index(name)
        nameless = re.fullmatch(r"column (\d+)", name)
        place = int(nameless[1]) - 1 if nameless else 0
        own = repr(self.names[place]) if nameless and place < len(self.names) else commas(self.names)
        expected = (
            say("column {place} without a head", place=column_letters(place))
            if nameless
            else say("a column {name}", name=name)
        )
        raise SourceError("list_column_missing", expected=expected, found=own, where=self.where(place))

    def where(self, place: int) -> str:
        """The head of the column at that position: a cell of the sheet, or a line of the text."""
        in_sheet = self.file.name.endswith("]")
        return (
            f"{self.file.name}!{column_letters(place)}{self.header}" if in_sheet else Place(self.file.name, self.header)
        )


def load(document: TextDocument | WorkbookDocument, match: Match, options: ReadOptions) -> Memberships:
    """The memberships of the file. Unknown areas and groups are rejected; economies without a group are ignored."""
    flow = match.flow
    grid = _of_workbook(document, flow) if isinstance(document, WorkbookDocument) else _of_text(document, match)
    rows, heads = _rows(grid, flow, options)
    _ignore(rows, grid, flow)
    _refuse_unknown(rows, flow)
    coded = areas(rows, v.REF_AREA, flow, options)
    used = rows.fate.undecided()
    frame = pd.DataFrame({name: _texts(rows.columns[name])[used] for name in (GROUP, MARK, COLUMN)})
    frame[v.REF_AREA] = np.array(coded.categories, dtype=object)[coded.codes[used]]
    frame[LISTED] = _texts(rows.columns[v.REF_AREA])[used]
    serving = {*heads, *flow.columns.values(), *flow.unused}
    unread = tuple(name for name in grid.names if name not in serving)
    reading = rows.reading(flow, match.evidence, ignored_columns=unread, notes=grid.notes)
    return Memberships(dated(frame, flow.memberships, year_of_file(document, flow)), (reading,))


def _texts(column: TextColumn) -> Any:
    return np.array(column.values, dtype=object)[column.codes]


def _of_workbook(book: WorkbookDocument, flow: Dataflow) -> _Grid:
    """The list on the sheet with the header, with remarks on the other sheets."""
    grid, notes = None, list[str]()
    needed = {name for name in flow.header if not name.startswith("~")}
    for sheet, lines in book.sheets.items():
        header = next((place for place, row in enumerate(lines) if needed <= {text.strip() for text in row}), None)
        spec = spec_of(flow, sheet)
        if grid or header is None or spec:
            notes.append(passed(lines, sheet, spec["why"] if spec else say("the layout does not name it")))
            continue
        file = replace(book.file, name=f"{book.file.name}[{sheet}]")
        grid = _Grid(file, names_of(lines[header]), list(enumerate(lines[header + 1 :], start=header + 2)), header + 1)
        if header:
            notes.append(
                say(
                    "sheet {sheet}: {lines} above the header, without groups",
                    sheet=sheet,
                    lines=count_of(header, "line"),
                )
            )
    if grid is None:
        expected, sheets = commas(sorted(needed)), commas(book.sheets)
        raise SourceError("workbook_list_missing", expected=expected, found=sheets, where=book.file.name)
    return replace(grid, notes=tuple(notes))


def _of_text(text: TextDocument, match: Match) -> _Grid:
    records = [record for _, record in text.numbered_records(newline="")]
    refuse_loss(text, len(text.lines), len(records))
    begin = match.record + 1
    lines = list(zip(text.lines[begin:].tolist(), records[begin:], strict=True))
    return _Grid(text.file, names_of(records[match.record]), lines, int(text.lines[match.record]))


def _rows(grid: _Grid, flow: Dataflow, options: ReadOptions) -> tuple[Rows, list[str]]:
    """One row for each classification. A line without an economy is one row too."""
    meant = {
        name: groups
        for name in grid.names
        for pattern, groups in flow.memberships["columns"].items()
        if re.fullmatch(pattern, name)
    }
    place = {name: index for index, name in enumerate(grid.names)}
    for head in meant:
        grid.column(head)
    area = grid.column(str(flow.columns[v.REF_AREA]))
    if not any(row[area].strip() for _, row in grid.lines if len(row) > area):
        found, where = say("no text below the head of column {area}", area=column_letters(area)), grid.where(area)
        raise SourceError("list_column_missing", expected=say("the code of each area"), found=found, where=where)
    entries, lines = list[dict[str, str]](), list[int]()
    for line, row in grid.lines:
        if len(row) != len(grid.names):
            expected, found = count_of(len(grid.names), "cell"), count_of(len(row), "cell")
            parts = {"expected": expected, "found": found, "advice": say("a delimiter is missing or extra")}
            raise SourceError("row_ragged", where=Place(grid.file.name, line), **parts)
        code = row[area].strip()
        for head in list(meant)[: None if code else 1]:
            mark = row[place[head]].strip()
            entries.append({v.REF_AREA: code, GROUP: meant[head].get(mark, mark), MARK: mark, COLUMN: head})
            lines.append(line)
    names, of_rows = (v.REF_AREA, GROUP, MARK, COLUMN), np.array(lines, dtype=np.int32)
    columns = {name: TextColumn.of(entry[name] for entry in entries) for name in names}
    return Rows(grid.file, columns, np.zeros(len(lines)), of_rows, RowFate(of_rows, options.strict)), list(meant)


def _ignore(rows: Rows, grid: _Grid, flow: Dataflow) -> None:
    """Ignores lines without a code, codes that are not economies, and marks for no group."""
    spec, area = flow.memberships, rows.columns[v.REF_AREA]
    empty = [line for line, row in grid.lines if not any(text.strip() for text in row)]
    rows.fate.ignore(np.isin(rows.lines, empty), "row_empty")
    rows.fate.ignore(area.equals(""), "not_a_figure", why=spec["without_code"])
    for column, why in spec.get("needs", {}).items():
        place = grid.column(column)
        lacking = [line for line, row in grid.lines if not row[place].strip()]
        rows.fate.ignore(np.isin(rows.lines, lacking), "not_a_figure", why=why)
    for code, why in spec.get("left_out", {}).items():
        rows.fate.ignore(area.equals(code), "not_a_figure", why=why)
    for mark, why in spec["none"].items():
        rows.fate.ignore(rows.columns[MARK].equals(mark), "not_a_figure", why=why)


def _refuse_unknown(rows: Rows, flow: Dataflow) -> None:
    groups_of = flow.memberships["columns"].values()
    codes = {code for groups in groups_of for code in groups.values()}
    marks = dict.fromkeys(mark for groups in groups_of for mark in groups)

    def unknown(wrong: WrongText) -> SourceError:
        hint = suggestion(wrong.text, marks, f"`divide show {flow.id}`")
        return wrong.refusal("group_unknown", counted=True, expected=commas(marks), hint=hint)

    rows.refuse_texts(GROUP, rows.columns[GROUP].indices(lambda text: text not in codes), unknown)


def year_of_file(document: TextDocument | WorkbookDocument, flow: Dataflow) -> int:
    """The fiscal year in the name or the cells of the file; 0 if the layout does not look for one there.

    Raises SourceError if the layout expects a year and the file does not contain one.
    """
    patterns = flow.memberships.get("year_of_file", ())
    sheets = document.sheets.values() if isinstance(document, WorkbookDocument) else ()
    texts = [document.inner, *(text for lines in sheets for row in lines for text in row if text)]
    for entry in patterns:
        for text in texts:
            if match := re.search(entry["pattern"], text):
                return _year(match[1]) + int(entry.get("add", 0))
    if patterns:
        raise SourceError(
            "fiscal_year_missing", found=say("the file name {inner}", inner=document.inner), where=document.file.name
        )
    return 0


def _year(text: str) -> int:
    """The year written with two or four digits."""
    number = int(text)
    return number if number > 99 else number + (1900 if number >= _CENTURY else 2000)


def dated(frame: pd.DataFrame, spec: Mapping[str, Any], year: int) -> pd.DataFrame:
    """The classifications as memberships, in alphabetical order: runs of the same group in consecutive fiscal years.

    Fiscal year n lasts from the day `begins` of year n-1 to that day of year n. Without years, a membership begins on
    `valid_from`.
    """
    if frame.empty:
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    listed = _apart(frame, spec.get("splits", {}))
    pattern = re.compile(spec.get("year_of_column", NOTHING))
    heads = {head: _year(match[1]) if (match := pattern.fullmatch(head)) else year for head in listed[COLUMN].unique()}
    says = spec.get("says", {})
    listed = listed.assign(
        year=listed[COLUMN].map(heads).astype("int64"), says=[says.get(mark, "") for mark in listed[MARK]]
    )
    listed = listed.sort_values([v.REF_AREA, "year", GROUP], kind="stable")
    before, same = listed.shift(), [v.REF_AREA, GROUP]
    follows = (listed[same] == before[same]).all(axis=1) & (listed["year"] == before["year"] + 1)
    of_run = listed.groupby((~follows).cumsum(), sort=True)
    runs = of_run[[*same, "together"]].first()
    runs = runs.assign(start=of_run["year"].min(), end=of_run["year"].max(), says=of_run["says"].max())
    last = max(heads.values(), default=year)
    edition = spec["source"].format(fy=f"{last % 100:02d}")
    parts = zip(runs["says"], runs["together"], strict=True)
    runs["source"] = ["; ".join(part for part in (edition, *more) if part) for more in parts]
    if last:
        runs["valid_from"] = (runs["start"] - 1).astype(str) + f"-{spec['begins']}"
        runs["valid_to"] = runs["end"].astype(str) + f"-{spec['begins']}"
    else:
        runs["valid_from"], runs["valid_to"] = str(spec["valid_from"]), ""
    ordered = runs.sort_values([v.REF_AREA, "valid_from", GROUP], kind="stable")
    return ordered[list(COLUMNS)].reset_index(drop=True)


def _apart(frame: pd.DataFrame, splits: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The classifications, with areas that the list joins given once for each of them."""
    parts = [frame[~frame[LISTED].isin(list(splits))].assign(together="")]
    for joined, entry in splits.items():
        own = frame[frame[LISTED] == joined]
        parts += [own.assign(**{v.REF_AREA: code, "together": entry["says"]}) for code in entry["codes"]]
    return pd.concat(parts, ignore_index=True)
