"""Workbooks: cells put in, taken out and moved; and their XML, mutated. Values are compared with what openpyxl reads."""

import io
import math
import random
import re
import tempfile
import warnings
import zipfile
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.errors import DivideError
from divide_cli.readers import Memberships, ReadOptions
from tests.properties.mutations import SPECIMENS, check, choices_of, mutated
from tests.sources import make_workbooks as books

LOOSE = ReadOptions(strict=False)
ODD: tuple[Any, ...] = (
    0, 1, 5, -3, 2.5, 99.99, 1e300, 2031, 2032, 2033, 2034, "2032", "x", "World", "Notes:", "Total", "Percentage",
    "Millions", "N/A", "", " ", "Africa", "KEN", "HIC", "L", "1e999", "é" * 40, "=1+1", "FY98", "Code", "column 1", "\t", "5 %", "INF",
)  # fmt: skip
BLOCKS = "itu_aggregates_xlsx/five_sheets.xlsx"
_ITU = {"Millions": 1_000_000}


def _grid(rows: Any) -> list[list[Any]]:
    width = max((len(row) for row in rows), default=0) + 1
    return [[*row, *[None] * (width - len(row))] for row in rows]


def cells(chance: random.Random, folder: Path) -> str:
    """A workbook of any layout with cells, lines and columns changed."""
    name = chance.choice(list(books.WORKBOOKS))
    sheets = {sheet: _grid(rows) for sheet, rows in books.WORKBOOKS[name].items()}
    for _ in range(chance.randint(1, 4)):
        sheet = chance.choice(list(sheets))
        rows = sheets[sheet]
        if not rows:
            continue
        line, place = chance.randrange(len(rows)), chance.randrange(len(rows[0]))
        kind = chance.randrange(9)
        if kind <= 3:
            rows[line][place] = chance.choice(ODD)
        elif kind == 4:
            rows[line][place] = None
        elif kind == 5:
            sheets[sheet] = [[*row[:place], chance.choice((None, "x")), *row[place:]] for row in rows]
        elif kind == 6:
            rows.insert(
                line, list(rows[chance.randrange(len(rows))]) if chance.random() < 0.5 else [None] * len(rows[0])
            )
        elif kind == 7:
            sheets[sheet] = [[*row[:place], *row[place + 1 :]] for row in rows] if len(rows[0]) > 2 else rows
        else:
            del rows[line]
    if chance.random() < 0.1:
        sheets.pop(chance.choice(list(sheets))) if len(sheets) > 1 else None
    path = folder / Path(name).name
    books.write(path, sheets)
    outcome = check(path, choices_of(SPECIMENS[name]))
    return outcome + _compared(path, name)


def stray_cells(chance: random.Random, folder: Path) -> str:
    """One cell put into an empty place of ITU's aggregates: no figure moves to another series, area or year."""
    sheets = {sheet: _grid(rows) for sheet, rows in books.WORKBOOKS[BLOCKS].items()}
    sheet = chance.choice(list(sheets))
    free = [
        (line, place) for line, row in enumerate(sheets[sheet]) for place, cell in enumerate(row) if cell is None and place
    ]  # fmt: skip
    line, place = chance.choice(free)
    numbers = (0, 5, 2.5, -1, 2030, 2031, 2032, 2033, 2034, "N/A", "2033", 1e9)
    sheets[sheet][line][place] = chance.choice(numbers)
    path = folder / "aggregates.xlsx"
    books.write(path, sheets)
    outcome = check(path, {})
    own = f"{sheet}!{openpyxl.utils.get_column_letter(place + 1)}{line + 1}"
    if outcome != "error":
        moved = {
            cell: figure for cell, figure in _figures(path).items() if _whole().get(cell) != figure and cell != own
        }
        assert not moved, (own, sheets[sheet][line][place], moved)
    return outcome


@cache
def _whole() -> dict[str, tuple[object, ...]]:
    """The figures of each sheet, read without the others, on which some are repeated."""
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for sheet in books.WORKBOOKS[BLOCKS]:
            path = Path(folder) / "aggregates.xlsx"
            books.write(
                path, {name: rows if name == sheet else [["x"]] for name, rows in books.WORKBOOKS[BLOCKS].items()}
            )
            figures |= _figures(path)
    return figures


def _figures(path: Path) -> dict[str, tuple[object, ...]]:
    """Cell of each figure -> its key and value."""
    try:
        frame = readers.read(str(path), "", LOOSE).frame
    except DivideError:
        return {}
    names = (v.REF_AREA, v.INDICATOR, v.SEX, v.AGE, v.URBANISATION, v.TIME_PERIOD)
    keys = zip(*(frame[name].astype(str) for name in names), frame[v.OBS_VALUE], strict=True)
    return dict(zip(frame[v.CITATION].astype(str), keys, strict=True))


def xml(chance: random.Random, folder: Path) -> str:
    """A workbook whose XML is mutated, part by part."""
    name = chance.choice([name for name, path in SPECIMENS.items() if path.suffix == ".xlsx"])
    source, made = zipfile.ZipFile(SPECIMENS[name]), io.BytesIO()
    parts = source.namelist()
    chosen = {chance.choice(parts) for _ in range(chance.randint(1, 2))}
    if chance.random() < 0.6:
        chosen = {chance.choice([part for part in parts if "sheet" in part or "shared" in part or "styles" in part])}
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for part in parts:
            raw = source.read(part)
            if part in chosen:
                raw = _other_xml(raw, chance)
            if part not in chosen or chance.random() < 0.97:
                target.writestr(part, raw)
    path = folder / Path(name).name
    path.write_bytes(made.getvalue())
    outcome = check(path, choices_of(SPECIMENS[name]))
    return outcome + _compared(path, name)


_EDITS = (
    (rb'r="([A-Z]+)(\d+)"', (b'r="A1"', b'r="XFD\\2"', b'r=""', b'r="\\1"', b'r="\\g<1>99"', b"", b'r="\\1-1"', b'r="a\\2"', b'r="\\g<1>0"')),
    (rb't="s"', (b't="str"', b't="b"', b't="e"', b't="d"', b't="inlineStr"', b"", b't="zz"', b't="n"')),
    (rb"<v>([^<]*)</v>", (b"<v></v>", b"<v>-1</v>", b"<v>99999</v>", b"<v>1e5</v>", b"<v>\\1\\1</v>", b"<v>x</v>", b"<v> \\1 </v>", b"<v>1.5</v>", b"<v>NaN</v>", b"<v>0x10</v>")),
    (rb's="(\d+)"', (b's="0"', b's="9"', b's="99999"', b's="-1"', b's="x"')),
    (rb"<si>", (b"", b"<si><si>", b"<si><t>x</t></si><si>")),
    (rb'numFmtId="(\d+)"', (b'numFmtId="10"', b'numFmtId="14"', b'numFmtId="99999999999"', b'numFmtId="46"')),
    (rb'name="([^"]*)"', (b'name=""', b'name="x"', b'name="\\1\\1"')),
    (rb"<row ", (b"<row hidden=\"1\" ", b"<row r=\"0\" ", b"<row r=\"1048577\" ")),
    (rb"<dimension [^>]*>", (b"", b'<dimension ref="A1:XFD1048576"/>', b'<dimension ref="x"/>')),
    (rb'r:id="([^"]*)"', (b'r:id="rId99"', b'r:id=""', b"")),
    (rb'Target="([^"]*)"', (b'Target="../\\1"', b'Target=""', b'Target="/xl/\\1"', b'Target="x.bin"')),
)  # fmt: skip


def _other_xml(raw: bytes, chance: random.Random) -> bytes:
    """The XML with one to three attributes, types or values replaced, or with its bytes mutated."""
    if chance.random() < 0.3:
        return mutated(raw, chance)
    for _ in range(chance.randint(1, 3)):
        pattern, others = chance.choice(_EDITS)
        places = list(re.finditer(pattern, raw))
        if places:
            match = chance.choice(places)
            raw = raw[: match.start()] + match.expand(chance.choice(others)) + raw[match.end() :]
    return raw


def _compared(path: Path, name: str) -> str:
    """Compares the figures that name their cell, or their line, with openpyxl; says if it could."""
    layout = name.partition("/")[0]
    try:
        content = readers.read(str(path), "", ReadOptions(**choices_of(SPECIMENS[name]), strict=False))
    except DivideError:
        return ""
    if (
        isinstance(content, Memberships)
        or not len(content.frame)
        or layout not in ("itu_aggregates_xlsx", "sdmx_tidy_xlsx")
    ):
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, data_only=True)
    except Exception:  # noqa: BLE001 (openpyxl refuses more)
        return ", not for openpyxl"
    frame = content.frame
    if layout == "itu_aggregates_xlsx":
        places = [str(cell).rpartition("!")[::2] for cell in frame[v.CITATION]]
        for (sheet, at), value, comment in zip(places, frame[v.OBS_VALUE], frame[v.OBS_COMMENT], strict=True):
            if _is_foreign(book, sheet):
                return ", not for openpyxl"
            own = book[sheet][at].value
            factor = 1_000_000 if "millions" in str(comment).lower() else 1
            _assert_same(own, value, factor, f"{sheet}!{at}", book[sheet][at].number_format)
    else:
        sheet = content.readings[0].file.name.rpartition("[")[2].rstrip("]")
        sheet = sheet if sheet in book.sheetnames else "Figures"
        if _is_foreign(book, sheet):
            return ", not for openpyxl"
        rows = book[sheet]
        heads = {
            str(cell.value).strip(): cell.column for row in rows.iter_rows(max_row=30) for cell in row if cell.value
        }
        column = heads.get(content.readings[0].columns.get(v.OBS_VALUE, ""))
        for line, value in zip(frame[v.LINE], frame[v.OBS_VALUE], strict=True) if column else ():
            own = rows.cell(int(line), column)
            _assert_same(own.value, value, 1, own.coordinate, own.number_format)
    return ", values compared"


def _is_foreign(book: openpyxl.Workbook, sheet: str) -> bool:
    """Whether openpyxl finds no such sheet or no cell in it: it wants the names of XML to be in their namespaces."""
    return sheet not in book.sheetnames or not any(any(row) for row in book[sheet].iter_rows(values_only=True))


def _assert_same(own: Any, value: float, factor: int, where: str, form: str) -> None:
    """The value is that of the cell: a number, or a text that is one; a percentage shows a hundred times its number."""
    if math.isnan(value) or isinstance(own, (date, time, timedelta)):  # the format of the cell is that of a day
        return
    if isinstance(own, (int, float)) and not isinstance(own, bool):
        hundred = 100 if "%" in re.sub(r'"[^"]*"|\\.', "", form or "") else 1
        assert math.isclose(own * factor * hundred, value, rel_tol=1e-14), (where, own, value)
        return
    try:
        number = Decimal(str(own).strip().rstrip("%").strip().replace(",", "."))
    except InvalidOperation:
        number = None
    assert number is not None and float(number * factor) == value, (where, own, value)


FAMILIES = {"workbook cells": cells, "stray cells": stray_cells, "workbook XML": xml}
