"""Workbooks with sheets of different shapes. `sheets` of the layout says how each is read; each cell is one row.

A sheet is a `table` with years in columns, has `blocks` of years side by side, or is `passed` over with a reason. All
lines of other sheets are rejected.

In a sheet of blocks, titles, heads and years are above the groups to which they apply. A line contains years, heads of
blocks, the values of a group, or a title. A block is a run of years, with its head above its first year. Titles, heads
and years apply until others follow. The layout says where the notes begin.

A line with values that is not the line of a group may be a title, heads or years with a stray cell. It and the values
below are rejected by name, until a title, heads and years follow.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from string import Formatter
from typing import Any

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow
from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import count_of
from divide_cli.frames.observations import Observations
from divide_cli.language import commas, say
from divide_cli.readers.mapping import observations
from divide_cli.readers.mapping.codes import is_known_area, series_meaning
from divide_cli.readers.mapping.column_roles import ColumnRoles
from divide_cli.readers.mapping.numbers import figures, not_a_number
from divide_cli.readers.mapping.raw_rows import RowFate, Rows, TextColumn
from divide_cli.readers.opening.workbook import WorkbookDocument, column_letters
from divide_cli.readers.recognition import Match, ReadOptions

_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"-?\d+(?:\.(\d+))?")
BETWEEN = " / "
"""The separator of title and head in the name of a series."""
Spec = Mapping[str, Any]
"""How a sheet is read: an entry in `sheets` of a layout."""


@dataclass(frozen=True)
class Cell:
    """One value as shown in the sheet, with its line and labels; or the error that says why it cannot be used."""

    sheet: str
    line: int
    text: str
    labels: Mapping[str, str] = field(default_factory=dict)
    error: SourceError | None = None


@dataclass(frozen=True)
class SheetContent:
    """The content of a sheet: its cells, unused columns, and remarks on lines without values."""

    cells: list[Cell]
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def load(book: WorkbookDocument, match: Match, options: ReadOptions) -> Observations:
    """The values of all sheets as observations."""
    flow = match.flow
    sheets = [_content(book, name, flow) for name in book.sheets]
    cells = [cell for sheet in sheets for cell in sheet.cells]
    if not cells:
        raise SourceError("workbook_values_missing", found=commas(book.sheets), where=book.file.name)
    if all(cell.error for cell in cells) and (error := cells[0].error):  # then no cell says what it is about
        raise error
    rows = _rows(book, cells, options)
    rows.notes = tuple(note for sheet in sheets for note in sheet.notes)
    rows.numbers, _, wrong = figures(rows.columns[v.OBS_VALUE], flow.missing)
    _set_aside(rows, cells, flow)
    rows.refuse_texts(v.OBS_VALUE, wrong, not_a_number)
    _ignore_repeated(rows, flow)
    column_of, dimensions = (
        {concept: name for concept, name in names.items() if isinstance(name, str) and name in rows.columns}
        for names in (flow.columns, flow.dimensions)
    )
    comments = (v.OBS_COMMENT,) if v.OBS_COMMENT in rows.columns else ()
    unused = tuple(dict.fromkeys(name for sheet in sheets for name in sheet.unused))
    return observations(rows, ColumnRoles(column_of, dimensions, comments, unused), match, options)


def _content(book: WorkbookDocument, sheet: str, flow: Dataflow) -> SheetContent:
    spec, lines, where = spec_of(flow, sheet), book.sheets[sheet], f"{book.file.name}[{sheet}]"
    if spec is None:
        error = SourceError("sheet_unknown", id=flow.id, expected=commas(flow.sheets), found=sheet, where=where)
        filled = [line for line, row in enumerate(lines, start=1) if any(text.strip() for text in row)]
        return SheetContent([Cell(sheet, line, "", {}, error) for line in filled])
    if spec["shape"] == "passed":
        return SheetContent([], (), (passed(lines, sheet, spec["why"]),))
    if spec["shape"] == "table":
        return _table(lines, sheet, spec, where)
    return _blocks(lines, sheet, spec, flow, where)


def _rows(book: WorkbookDocument, cells: Sequence[Cell], options: ReadOptions) -> Rows:
    concepts = dict.fromkeys(concept for cell in cells for concept in cell.labels)
    columns = {concept: TextColumn.of(cell.labels.get(concept, "") for cell in cells) for concept in concepts}
    columns[v.OBS_VALUE] = TextColumn.of(cell.text for cell in cells)
    lines = np.array([cell.line for cell in cells], dtype=np.int32)
    sheet = TextColumn.of(cell.sheet for cell in cells)
    return Rows(book.file, columns, np.zeros(len(cells)), lines, RowFate(lines, options.strict), sheet=sheet)


def _set_aside(rows: Rows, cells: Sequence[Cell], flow: Dataflow) -> None:
    """Rejects cells that cannot be used, and ignores those without a value."""
    places: dict[int, tuple[SourceError, list[int]]] = {}
    for place, cell in enumerate(cells):
        if cell.error:
            places.setdefault(id(cell.error), (cell.error, []))[1].append(place)
    for error, of_error in places.values():
        if rows.fate.strict:
            raise error
        rows.fate.refuse_undecided(np.array(of_error), error)
    rows.ignore_without_value(rows.columns[v.OBS_VALUE], flow.missing)


def _ignore_repeated(rows: Rows, flow: Dataflow) -> None:
    """Ignores values that a sheet gives `again`. The first value of a key is read; its comment gives other values."""
    if rows.sheet is None:
        return
    again = [(spec_of(flow, name) or {}).get("again", "") for name in rows.sheet.values]
    if not any(again):
        return
    keys, sheets = _keys(rows, flow), rows.sheet.codes
    comments = rows.columns.get(v.OBS_COMMENT) or TextColumn.constant("", len(rows))
    texts = [comments.text(row) for row in range(len(rows))]
    first_of: dict[object, int] = {}
    repeated: dict[str, list[int]] = {}
    for row in np.flatnonzero(~np.isnan(rows.numbers) & rows.fate.undecided()).tolist():
        first = first_of.setdefault(keys[row], row)
        why = again[sheets[row]]
        if sheets[first] == sheets[row] or not why:  # equal keys on one sheet are rejected later
            continue
        if rows.numbers[row] != rows.numbers[first]:
            why = say("{why}; it differs: see the comment of the value that is read", why=why)
            citation = rows.columns[v.CITATION].text(row) if v.CITATION in rows.columns else rows.where(row)
            texts[first] = "; ".join(
                filter(None, (texts[first], say("{shown} in {citation}", shown=_shown(rows, row), citation=citation)))
            )
        repeated.setdefault(why, []).append(row)
    for why, places in repeated.items():
        rows.fate.ignore(np.isin(np.arange(len(rows)), places), "not_a_figure", why=why)
    rows.add({v.OBS_COMMENT: TextColumn.of(texts)})


def _keys(rows: Rows, flow: Dataflow) -> list[tuple[object, ...]]:
    """The key of each row: area, year, meaning of the series, further dimensions."""
    source = rows.columns[v.INDICATOR]
    meanings = [(text, series_meaning(text, flow)) for text in source.values]
    about: list[object] = [text if meaning is None else frozenset(meaning.items()) for text, meaning in meanings]
    others = [rows.columns[name] for name in (v.REF_AREA, v.TIME_PERIOD, *flow.dimensions) if name in rows.columns]
    return [(about[code], *(column.codes[row] for column in others)) for row, code in enumerate(source.codes.tolist())]


def _shown(rows: Rows, row: int) -> str:
    decimals = rows.columns[v.DECIMALS].text(row) if v.DECIMALS in rows.columns else ""
    return f"{rows.numbers[row]:.{decimals}f}" if decimals else rows.columns[v.OBS_VALUE].text(row)


def spec_of(flow: Dataflow, sheet: str) -> Spec | None:
    """How a sheet is read: the first entry of the layout whose pattern matches its name; None if there is none.

    Its `constants` are codes of the whole sheet. In them, {1} is the first group of the pattern.
    """
    for pattern, spec in flow.sheets.items():
        if match := re.fullmatch(pattern, sheet):
            constants = spec.get("constants", {}).items()
            return {**spec, "constants": {name: text.format(sheet, *match.groups()) for name, text in constants}}
    return None


def passed(lines: Sequence[Sequence[str]], sheet: str, why: str) -> str:
    """The remark on a sheet that is not read."""
    filled = sum(1 for row in lines if any(text.strip() for text in row))
    return say("sheet {sheet} ({lines}) is not read: {why}", sheet=sheet, lines=count_of(filled, "line"), why=why)


def _spaced(text: str) -> str:
    """The text on one line, with single spaces."""
    return " ".join(text.split())


def _table(rows: Sequence[Sequence[str]], sheet: str, spec: Spec, where: str) -> SheetContent:
    """The cells in the columns of years. The header is the first line that contains all named columns."""
    named = {concept: [name] if isinstance(name, str) else list(name) for concept, name in spec["columns"].items()}
    of_comment = {name for _, name, _, _ in Formatter().parse(spec.get("comment", "")) if name}
    needed = {name for names in named.values() for name in names} | of_comment
    header = next((line for line, row in enumerate(rows) if needed <= {_spaced(text) for text in row}), None)
    if header is None:
        raise SourceError("sheet_columns_missing", expected=commas(sorted(needed)), where=where)
    names = [_spaced(text) for text in rows[header]]
    years = [place for place, name in enumerate(names) if re.fullmatch(spec["years"], name)]
    cells = []
    for line, row in enumerate(rows[header + 1 :], start=header + 2):
        record = {name: text.strip() for name, text in zip(names, row, strict=True)}
        labels = {concept: "/".join(record[name] for name in parts) for concept, parts in named.items()}
        labels |= spec["constants"]
        if "comment" in spec:
            labels[v.OBS_COMMENT] = spec["comment"].format_map(record)
        cells += [Cell(sheet, line, row[place].strip(), {**labels, v.TIME_PERIOD: names[place]}) for place in years]
    named_columns = {*needed, *spec.get("unused", {}), *(names[place] for place in years)}
    unused = tuple(name for name in names if name and name not in named_columns)
    above = say("sheet {sheet}: {lines} above the header, without values", sheet=sheet, lines=count_of(header, "line"))
    return SheetContent(cells, unused, (above,) if header else ())


@dataclass
class _Above:
    """The title, heads and years so far, which apply to the values below them; or the `unclear` line since then."""

    title: str = ""
    heads: dict[int, str] = field(default_factory=dict)
    years: dict[int, str] = field(default_factory=dict)
    begins: dict[int, int] = field(default_factory=dict)
    lines: int = 0
    unclear: SourceError | None = None

    def set_years(self, filled: Mapping[int, str]) -> None:
        """Takes a line of years. Each run of adjacent columns is a block."""
        self.years = dict(filled)
        self.begins = {}
        for place in sorted(filled):
            self.begins[place] = self.begins.get(place - 1, place)

    def head(self, place: int) -> str:
        """The head of the block that contains the column."""
        return self.heads.get(self.begins[place], "")

    def forget(self, error: SourceError) -> None:
        """Takes an unclear line: no title, heads or years apply below it."""
        self.title, self.heads, self.years, self.begins, self.unclear = "", {}, {}, {}, error

    def error(self) -> SourceError | None:
        """The error of values here, if an unclear line is above them and not all that it may have hidden follows."""
        if self.title and self.heads and self.years:
            self.unclear = None
        return self.unclear


def _blocks(rows: Sequence[Sequence[str]], sheet: str, spec: Spec, flow: Dataflow, where: str) -> SheetContent:
    """The cells of all blocks. A value outside them is rejected."""
    above, cells, foot = _Above(), list[Cell](), len(rows)
    for line, row in enumerate(rows, start=1):
        label = _label(row[0], spec)
        if re.fullmatch(spec["foot"], label):
            foot = line - 1
            break
        filled = {place: text.strip() for place, text in enumerate(row) if place and text.strip()}
        years = _is_years(filled) and (len(filled) > 1 or not above.years)
        has_values = any(text in flow.missing or _NUMBER.fullmatch(text) for text in filled.values())
        if has_values and not years:
            if not _is_of_group(_spaced(row[0]), label, filled, above, flow):
                above.forget(_unclear(row, f"{where}!A{line}"))
            cells += _values(row, line, sheet, above, spec, where)
            continue
        above.lines += bool(label or filled)
        above.title = label or above.title
        if years:
            above.set_years(filled)
        else:
            above.heads |= {place: _label(text, spec) for place, text in filled.items()}
    for line, row in enumerate(rows[foot:], start=foot + 1):
        cells += [_stray(row, line, place, sheet, where) for place, text in enumerate(row) if place and text.strip()]
    below = sum(1 for row in rows[foot:] if any(text.strip() for text in row))
    heads, notes = count_of(above.lines, "line"), count_of(below, "line")
    note = say(
        "sheet {sheet}: {heads} of titles, heads and years, {notes} of notes, without values",
        sheet=sheet,
        heads=heads,
        notes=notes,
    )
    return SheetContent(cells, (), (note,))


def _is_of_group(name: str, label: str, filled: Mapping[int, str], above: _Above, flow: Dataflow) -> bool:
    """Whether a line with values is that of a group: its name is known, or it has a cell below each year.

    A title of a series is not a name, and years are not values.
    """
    if is_known_area(name, flow):
        return True
    titles = {series.partition(BETWEEN)[0] for series in flow.series}
    is_year = all(_YEAR.fullmatch(text) for text in filled.values())
    return bool(name) and label not in titles and not is_year and set(above.years) <= set(filled)


def _unclear(row: Sequence[str], where: str) -> SourceError:
    texts = [repr(_spaced(text)) for text in row if text.strip()]
    return SourceError("block_unclear", found=commas(texts), where=where)


def _label(text: str, spec: Spec) -> str:
    """A title or head on one line, without footnote marks and other parts that the layout cuts off."""
    return _spaced(re.sub(spec["cut"], "", _spaced(text))) if "cut" in spec else _spaced(text)


def _is_years(filled: Mapping[int, str]) -> bool:
    """Whether the cells are years, in ascending order within each run of columns."""
    return bool(filled) and all(
        _YEAR.fullmatch(text) and (place - 1 not in filled or filled[place - 1] < text)
        for place, text in filled.items()
    )


def _values(row: Sequence[str], line: int, sheet: str, above: _Above, spec: Spec, where: str) -> list[Cell]:
    """The cells of a line with the values of one group."""
    cells, unclear = [], above.error()
    if unclear:
        texts = [text.strip() for text in row[1:] if text.strip()]
        return [Cell(sheet, line, text, {v.REF_AREA: _spaced(row[0])}, unclear) for text in texts]
    for place, text in enumerate(row):
        bare, at = text.strip(), f"{sheet}!{column_letters(place)}{line}"
        if place in above.years:
            head, year = above.head(place), above.years[place]
            series = f"{above.title}{BETWEEN}{head}"
            labels = {v.REF_AREA: _spaced(row[0]), v.INDICATOR: series, v.TIME_PERIOD: year, v.CITATION: at}
            factor = spec.get("factors", {}).get(head, 1)
            labels |= {**spec["constants"], **_printed(bare, factor, head, spec)}
            in_units = format(Decimal(bare) * factor, "f") if factor != 1 and _NUMBER.fullmatch(bare) else bare
            cells.append(Cell(sheet, line, in_units, labels))
        elif place and bare:
            cells.append(_stray(row, line, place, sheet, where))
    return cells


def _stray(row: Sequence[str], line: int, place: int, sheet: str, where: str) -> Cell:
    """A cell without a year above it, or among the notes, with its error."""
    text = row[place].strip()
    error = SourceError("value_outside_blocks", found=repr(text), where=f"{where}!{column_letters(place)}{line}")
    return Cell(sheet, line, text, {v.REF_AREA: _spaced(row[0])}, error)


def _printed(text: str, factor: int, head: str, spec: Spec) -> dict[str, str]:
    """The decimals of the value, at least as many as the layout states; for a scaled value, its original text."""
    number = _NUMBER.fullmatch(text)
    if not number or "decimals" not in spec:
        return {}
    decimals = max(int(spec["decimals"]), len(number[1] or ""))
    shown = f"{Decimal(text):.{decimals}f}"
    if factor != 1:
        return {v.OBS_COMMENT: say("printed as {shown} {head}", shown=shown, head=head.lower())}
    return {v.DECIMALS: str(decimals)}
