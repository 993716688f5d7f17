"""The columns of a table in a workbook of figures: names next to codes, units in heads, shorthand for what is missing.

Numbers are those of JSON: doubles with 15 significant digits. How many decimals a cell shows is a format of the cell.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli import language
from divide_cli.catalogue import Gap, area_name, catalogue, codelist
from divide_cli.catalogue.applicability import naming
from divide_cli.catalogue.codelists import code_name
from divide_cli.catalogue.load import read_yaml
from divide_cli.catalogue.words import texts_in
from divide_cli.errors.text_safety import visible
from divide_cli.frames.columns import Array, fields
from divide_cli.frames.machine_text import significant
from divide_cli.language import filled, say
from divide_cli.reports.published import title_of

WITHHELD, MISSING, NOT_APPLICABLE = "[u]", "[x]", "[z]"
"""Shorthand in place of a number or a text."""
_WITHHELD_COLUMNS = (v.OBS_VALUE, v.REFERENCE_VALUE, v.COMPARED_VALUE, "DISTANCE")
"""The columns without a number in rows that are withheld."""
_DIFFERENCES = ("DISTANCE", "PACE", "PACE_LOWER", "PACE_UPPER")
"""The columns whose unit is that of a difference between two values of the row."""
_OF_INDICATOR = (v.REFERENCE_VALUE, v.COMPARED_VALUE)
"""The columns in the unit of the indicator, where UNIT_MEASURE is that of the gap."""
_LEVELS = ("CI_LEVEL", v.EST_LEVEL)
_SMALLEST, _LONGEST_HEAD = 6, 200
Cell = str | float
"""A number, a text or a shorthand."""


@dataclass(frozen=True)
class Column:
    """A column: its head, the id of the note on it, its cells, and the number format of each cell.

    `code` is that of the column in other formats; `named` marks the names of the codes of that column.
    """

    code: str
    head: str
    cells: Sequence[Cell]
    formats: Sequence[str] = ()
    note: str = ""
    named: bool = False
    meaning: str = ""


@language.ByLanguage
def texts() -> Mapping[str, Any]:
    """The texts of workbooks of figures, and their looks: the content of spreadsheet_texts.yaml, in the language."""
    content = read_yaml(Path(__file__).with_name("spreadsheet_texts.yaml"))
    translated: Mapping[str, Any] = texts_in(content, "spreadsheet", language.translated)
    return translated


def columns_of(frame: pd.DataFrame, schema: str) -> list[Column]:
    """The columns of a frame with the fields of a Table Schema; each column of codes follows one of their names.

    Heads differ in any case of letters, as those of a table of Excel must. A row is withheld if its status says so.
    """
    known = {**fields(schema), **fields("estimates")}
    columns: list[Column] = []
    for name in map(str, frame):
        field = known.get(name, {"description": texts()["heads"]["further"]})
        columns += _columns(frame, name, field)
    return _with_different_heads(columns)


def _columns(frame: pd.DataFrame, name: str, field: Mapping[str, Any]) -> list[Column]:
    """The column, and before it that of the names of its codes, if these have names."""
    entry, heads = texts()["columns"].get(name, {}), texts()["heads"]
    title, note, meaning = entry.get("name", ""), entry.get("note", ""), say(str(field["description"]))
    if pd.api.types.is_numeric_dtype(frame[name].dtype):
        unit = _unit_in_head(frame, name, str(field.get("unit", "")))
        head = filled(heads["unit" if unit else "plain"], {"name": title, "unit": unit, "code": name})
        cells, formats = _numbers(frame, name, str(field.get("unit", "")), entry.get("none", MISSING))
        return [Column(name, head, cells, formats, note, meaning=meaning)]
    codes = _texts(frame, name)
    cells = [visible(say(text) if text == v.AS_PUBLISHED else text) or NOT_APPLICABLE for text in codes]
    if not title:  # a further dimension, whose name is a text of a file
        return [Column(name, _head_of_file(name), cells, meaning=meaning)]
    names = _names(frame, name)
    if names is None:
        return [Column(name, filled(heads["plain"], {"name": title, "code": name}), cells, note=note, meaning=meaning)]
    code = filled(heads["code"], {"name": title, "code": name})
    shown = [visible(text) or NOT_APPLICABLE for text in names]
    return [
        Column(name, title, shown, note=note, named=True, meaning=meaning),
        Column(name, code, cells, meaning=meaning),
    ]


def _head_of_file(name: str) -> str:
    """The name of a column of a file as a head; Excel would take `_x0041_` in the names of a table for an A."""
    head = re.sub(r"_(?=x[0-9a-fA-F]{4}_)", "_ ", visible(name)[:_LONGEST_HEAD])
    return head.strip() or NOT_APPLICABLE


def _with_different_heads(columns: Sequence[Column]) -> list[Column]:
    """The columns, with a number after a head that is an earlier one, in any case of letters."""
    taken: set[str] = set()
    result = []
    for column in columns:
        head, number = column.head, 1
        while head.casefold() in taken:
            number += 1
            head = f"{column.head} ({number})"
        taken.add(head.casefold())
        result.append(replace(column, head=head))
    return result


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    """The texts of a column; empty where one is missing."""
    column = frame[name].astype(object)
    return [str(text) for text in column.where(column.notna(), "")]


# --- names of codes


def _of_over(over: str) -> str:
    """What is compared: the name of a dimension, or of a grouping of areas."""
    groupings = catalogue().groupings
    return groupings[over].name if over in groupings else texts()["columns"].get(over, {"name": over})["name"]


def _of_side(code: str, over: str) -> str:
    """The name of a side of a comparison, which is a code of a dimension or an area."""
    if over in (v.SEX, v.AGE, v.URBANISATION):
        return _in_list(over, code)
    return area_name(code)


def _in_list(concept: str, code: str) -> str:
    """The name of a code of the codelist of that concept; of an age, also of a band that the list does not have."""
    codes = codelist(f"CL_{concept}")
    return codes.name(code) if code in codes.rows else code_name(concept, code)


def _of_measure(measure: str, indicator: str, over: str) -> str:
    """The name of a measure for the indicator and what is compared."""
    return naming(catalogue().every_measure[measure], indicator, over).name


def _of_gap(gap: str, indicator: str) -> str:
    """The indicator of a gap and what is compared; its id without a comparison of the catalogue."""
    comparison = gap.removeprefix(f"{indicator}_")
    if comparison not in catalogue().comparisons:
        return gap
    return title_of(Gap(id=gap, indicator=indicator, comparison=comparison))


def _in_words(code: str) -> str:
    return say(code.replace("_", " "))


_NAMES: Mapping[str, tuple[Callable[..., str], tuple[str, ...]]] = {
    v.GAP: (_of_gap, (v.INDICATOR,)),
    v.INDICATOR: (partial(code_name, v.INDICATOR), ()),
    v.OVER: (_of_over, ()),
    v.REFERENCE: (_of_side, (v.OVER,)),
    v.COMPARED: (_of_side, (v.OVER,)),
    v.MEASURE: (_of_measure, (v.INDICATOR, v.OVER)),
    v.REF_AREA: (area_name, ()),
    "GROUP": (area_name, ()),
    v.SEX: (partial(_in_list, v.SEX), ()),
    v.AGE: (partial(_in_list, v.AGE), ()),
    v.URBANISATION: (partial(_in_list, v.URBANISATION), ()),
    v.UNIT_MEASURE: (lambda code: catalogue().units[code].name, ()),
    v.OBS_STATUS: (partial(_in_list, v.OBS_STATUS), ()),
    "PARTED_BY": (lambda code: "" if code == v.NOT_APPLICABLE else _of_over(code), ()),
    "TARGET": (lambda code: catalogue().targets[code].name, ()),
    "TRACK": (_in_words, ()),
    "COURSE": (_in_words, ()),
    "VERDICT": (say, ()),
}
"""How the codes of a column are named, and by which other columns of the row."""


def _names(frame: pd.DataFrame, name: str) -> list[str] | None:
    """The name of each code of a column, empty where there is none; None if its codes have no names."""
    if name not in _NAMES:
        return None
    function, others = _NAMES[name]
    rows = list(zip(*(_texts(frame, column) for column in (name, *others)), strict=True))
    names = {row: function(*row) if row[0] else "" for row in dict.fromkeys(rows)}
    return [names[row] for row in rows]


# --- numbers


def _numbers(frame: pd.DataFrame, name: str, unit: str, none: str) -> tuple[list[Cell], list[str]]:
    """The numbers of a column with a format each; shorthand where a number is missing or not finite."""
    whole = pd.api.types.is_integer_dtype(frame[name].dtype)
    values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    values = values if whole else significant(values)
    cells: list[Cell] = [int(value) if whole else value for value in np.nan_to_num(values).tolist()]
    absent = ~np.isfinite(values)
    withheld = name in _WITHHELD_COLUMNS and v.OBS_STATUS in frame
    held = (frame[v.OBS_STATUS] == v.WITHHELD).to_numpy() if withheld else np.zeros(len(frame), dtype=bool)
    for row in np.flatnonzero(absent):
        cells[row] = WITHHELD if held[row] else none
    thousands = "0" if unit == "year" else "#,##0"
    if whole:
        return cells, [thousands] * len(cells)
    places = _places(frame, name, unit, np.where(absent, 0, values))
    return cells, [_format(thousands, count) for count in places.tolist()]


def _format(thousands: str, places: int) -> str:
    """The number format with so many decimals; a power of ten for more than six."""
    if places > _SMALLEST:
        return "0.0E+00"
    return f"{thousands}.{'0' * places}" if places else thousands


def _places(frame: pd.DataFrame, name: str, unit: str, values: Array) -> Array:
    """The decimals that each cell shows: those of its unit; more where a number would appear as 0.

    A coverage shows more where it would appear as a whole number that it does not reach: 74.96 is not shown as 75.0.
    """
    by_unit = [catalogue().units[code].decimals for code in _units(frame, name, unit)]
    places = np.array(by_unit if by_unit else [0 if (values % 1 == 0).all() else 1] * len(values), dtype=np.int64)
    size = np.abs(values)
    small = (size > 0) & (size < 0.5 * 10.0**-places)
    with np.errstate(divide="ignore"):
        places = np.where(small, 1 - np.floor(np.log10(np.where(small, size, 1.0))).astype(np.int64), places)
    if unit == "PT" and name not in (*_LEVELS, *_OF_INDICATOR):
        near = (np.round(values, 1) % 1 == 0) & (values < np.round(values, 1))
        places = np.where(near, _SMALLEST, places)
    return places


def _units(frame: pd.DataFrame, name: str, unit: str) -> list[str]:
    """The unit of each number of a column; none for years and counts."""
    units, indicators = catalogue().units, catalogue().indicators
    if name in _OF_INDICATOR:
        return [indicators[code].unit for code in _texts(frame, v.INDICATOR)]
    if unit == v.UNIT_MEASURE or name in _DIFFERENCES:
        codes = _texts(frame, v.UNIT_MEASURE)
        return [units[code].difference for code in codes] if name in _DIFFERENCES else codes
    return [unit] * len(frame) if unit in units else []


def _unit_in_head(frame: pd.DataFrame, name: str, unit: str) -> str:
    """The unit that all numbers of a column have, or where it is found; empty for years and counts."""
    distinct = {*_units(frame, name, unit)}
    if len(distinct) < 2:
        return "".join(catalogue().units[code].name for code in distinct)
    kind = "indicator" if name in _OF_INDICATOR else "difference" if name in _DIFFERENCES else "row"
    return str(texts()["heads"][f"unit_of_{kind}"])
