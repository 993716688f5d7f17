"""The attributes of the rows: units, statuses and comments."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow, catalogue
from divide_cli.frames import room
from divide_cli.frames.columns import (
    Array,
    Mask,
    Piece,
    Texts,
    category,
    compose,
    constant,
    labelled,
    of_codes,
    row_blocks,
    taken,
    without_number,
)
from divide_cli.frames.observations import Remark
from divide_cli.language import commas, say
from divide_cli.readers.mapping.codes import Meanings, coded, free
from divide_cli.readers.mapping.column_roles import ColumnRoles
from divide_cli.readers.mapping.numbers import PERCENT
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn, joined


def units(
    rows: Rows, roles: ColumnRoles, flow: Dataflow, indicator: Texts, unit_codes: Mapping[str, str] | None
) -> tuple[Texts, tuple[Remark, ...]]:
    """The unit of each row. If the file's units are unreliable, that of the indicator, with remarks on differences.

    `unit_codes` replace the codes of units in the layout, and are treated as unreliable.
    """
    unit_of = {code: entry.unit for code, entry in catalogue().indicators.items()}
    dtype = category(v.UNIT_MEASURE)
    units_of = [unit_of[code] for code in indicator.categories]
    own = of_codes(indicator.codes, units_of, dtype)  # any code will do for rejected rows
    column = roles.column_of.get(v.UNIT_MEASURE)
    if column is None:
        return own, ()
    translate = flow.codes.get(v.UNIT_MEASURE, {}) if unit_codes is None else unit_codes
    source = rows.columns[column]
    if flow.unit_rule == "report" or unit_codes is not None:
        units = [translate.get(text.strip().casefold(), translate.get(text, "?")) for text in source.values]
        differ = (of_codes(source.codes, units, dtype).codes != own.codes) & source.where(bool)
        return own, _disagreements(rows, source, rows.fate.among(differ), own, column)
    if not translate:
        return coded(rows, column, v.UNIT_MEASURE), ()
    read = coded(rows, column, v.UNIT_MEASURE, {"": dtype.categories[0], **translate})
    return pd.Categorical.from_codes(np.where(source.equals(""), own.codes, read.codes), dtype=dtype), ()


def check_percent_signs(rows: Rows, indicator: Texts, column: str) -> None:
    """Rejects values with a percent sign if the indicator is not a percentage: "50%" would be read as 50."""
    if rows.beside is None or PERCENT not in rows.beside.values:
        return
    indicators, units = catalogue().indicators, catalogue().units

    def percentage(row: int) -> str:
        return f"{rows.numbers[row]:g}%"

    percentages = np.array([units[indicators[code].unit].symbol.startswith("%") for code in indicator.categories])
    other = ~taken(percentages, indicator.codes) & rows.beside.equals(PERCENT)
    rows.refuse(other, "percent_sign_unexpected", column, percentage, found=percentage(int(np.argmax(other))))


def _disagreements(rows: Rows, source: TextColumn, differ: Mask, own: Texts, column: str) -> tuple[Remark, ...]:
    remarks = []
    for index in np.unique(source.codes[differ]):
        here = differ & (source.codes == index)
        unit = own.categories[own.codes[int(np.argmax(here))]]
        says, meaning = (
            say("{column} says {source!r}", column=column, source=source.values[index]),
            say("{unit}, the indicator's unit", unit=unit),
        )
        remarks.append(rows.remark("other_unit", column, here, says, meaning))
    return tuple(remarks)


def status(rows: Rows, roles: ColumnRoles, flow: Dataflow, of_period: TextColumn | None) -> Texts:
    """OBS_STATUS: from the file, else from a flag or the spelling of the year; O if a value is missing."""
    dtype = category(v.OBS_STATUS)
    position = {code: index for index, code in enumerate(dtype.categories)}
    normal = position[v.NORMAL]
    codes = np.broadcast_to(np.int8(normal), len(rows))
    if of_period:
        codes = taken(
            np.array([position[code or v.NORMAL] for code in of_period.values], dtype=np.int8), of_period.codes
        )
    if rows.beside:
        codes = _flagged(rows, roles.column_of.get(v.OBS_VALUE, ""), flow, codes, rows.beside)
    column = roles.column_of.get(v.OBS_STATUS)
    unstated = without_number(rows.numbers)
    if column and flow.estimate:
        estimate = re.compile(re.escape(flow.estimate), re.IGNORECASE)
        codes = _either(rows.columns[column].where(estimate.search), position[v.ESTIMATED], codes)
    elif column:
        read = coded(rows, column, v.OBS_STATUS, {"": v.NORMAL, **flow.codes.get(v.OBS_STATUS, {})})
        blank = rows.columns[column].equals("")
        codes = _either(blank, codes, read.codes)
        unstated &= blank
    if unstated.any():
        codes = _either(unstated & (codes == normal), position[v.MISSING], codes)
    return pd.Categorical.from_codes(codes, dtype=dtype)


def _either(condition: Mask, one: Array | int, other: Array) -> Array:
    """`np.where(condition, one, other)` for codes of a status, block by block."""
    made, first = room.column(len(other), np.int8), np.broadcast_to(one, len(other))
    for here in row_blocks(len(other)):
        made[here] = np.where(condition[here], first[here], other[here])
    room.release()
    return made


def _flagged(rows: Rows, column: str, flow: Dataflow, codes: Array, flags: TextColumn) -> Array:
    """The status given by the letters after each number. Rows with letters unknown to the layout are rejected."""
    status_of = {text: flow.flags.get(text, "") for text in flags.values}
    unknown = flags.indices(lambda text: text not in {"", PERCENT, *flow.missing} and not status_of[text])
    found = commas(sorted({flags.values[index] for index in unknown}))
    here = flags.has(unknown)
    rows.refuse(here, "flag_unknown", column, flags.text, expected=commas(flow.flags), found=found)
    of_row = of_codes(flags.codes, [status_of[text] for text in flags.values], category(v.OBS_STATUS)).codes
    return np.where(of_row >= 0, of_row, codes).astype(np.int8)


def comments(
    rows: Rows, roles: ColumnRoles, flow: Dataflow, of_period: TextColumn | None, meanings: Sequence[Meanings]
) -> Texts:
    """OBS_COMMENT: ages and reference period found in the notes, the notes themselves, the spelling of the year."""
    pieces: list[Piece] = []
    sources = [rows.columns[name] for name in roles.comments]
    if flow.notes and sources:
        notes = joined(sources, " ")
        pieces.append((notes.codes, _structured(notes.values, flow.notes)))
    pieces += [(source.codes, source.values) for source in sources]
    if of_period:
        pieces.append((of_period.codes, of_period.values))
    for meaning in meanings:
        texts = meaning.codes(v.OBS_COMMENT)
        if any(texts):
            pieces.append((meaning.column.codes, texts))
    if not pieces:
        return constant("", len(rows))
    if len(pieces) == 1 and not flow.notes and flow.own_codes:
        return free(sources[0])
    return labelled(*compose(pieces, " | "))


def _structured(texts: Sequence[str], patterns: Sequence[Mapping[str, Any]]) -> list[str]:
    """The facts that the patterns find in each note, in a standard form: `age 16-74; last 12 months`.

    A pattern is an entry `{pattern, says}` of the layout. `says` may use the groups of the pattern ({1}, {2}). Its
    first word is the kind of fact. The first pattern that finds a kind of fact is used.
    """
    compiled = [(re.compile(entry["pattern"], re.IGNORECASE), entry["says"]) for entry in patterns]

    def says(text: str) -> str:
        of_kind: dict[str, str] = {}
        for pattern, wording in compiled:
            if match := pattern.search(text):
                of_kind.setdefault(wording.partition(" ")[0], wording.format(match[0], *match.groups()))
        return "; ".join(of_kind.values())

    return [says(text) for text in texts]


def file_column(rows: Rows) -> Texts:
    """FILE: the path, followed by the sheet of a workbook in brackets."""
    if rows.sheet is None:
        return constant(rows.file.name, len(rows))
    return labelled(rows.sheet.codes, [f"{rows.file.name}[{name}]" for name in rows.sheet.values])
