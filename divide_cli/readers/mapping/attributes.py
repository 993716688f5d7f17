"""Units, statuses and comments of the rows: what a file says beside its values."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow, catalogue
from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import grown
from divide_cli.frames.columns import Texts, category, constant, labelled
from divide_cli.frames.obs_comment import Piece, compose
from divide_cli.frames.observations import Remark
from divide_cli.readers.mapping import columns, notes
from divide_cli.readers.mapping.column_roles import Plan
from divide_cli.readers.mapping.numbers import PERCENT
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn, joined
from divide_cli.readers.mapping.series import Told


def units(rows: Rows, plan: Plan, flow: Dataflow, indicator: Texts) -> tuple[Texts, tuple[Remark, ...]]:
    """The unit of each row; where the dataflow's units are not to be trusted, the indicator's, and what differs."""
    unit = {code: entry.unit for code, entry in catalogue().indicators.items()}
    own = columns.by_indicator(indicator, unit, v.UNIT_MEASURE)
    column = plan.column_of.get(v.UNIT_MEASURE)
    if column is None:
        return own, ()
    known = flow.codes.get(v.UNIT_MEASURE, {})
    source = rows.columns[column]
    if flow.unit_rule == "report":
        said = [known.get(text.strip().casefold(), known.get(text, "?")) for text in source.values]
        dtype = category(v.UNIT_MEASURE)
        codes = np.array([dtype.categories.get_loc(code) if code in dtype.categories else -1 for code in said])
        differ = (codes[source.codes] != own.codes) & np.array([bool(text) for text in source.values])[source.codes]
        return own, _disagreements(rows, source, rows.fate.among(differ), own, column)
    if not known:
        return columns.coded(rows, column, v.UNIT_MEASURE), ()
    blank = np.array([text == "" for text in source.values])[source.codes]
    read = columns.coded(rows, column, v.UNIT_MEASURE, {"": category(v.UNIT_MEASURE).categories[0], **known})
    return pd.Categorical.from_codes(np.where(blank, own.codes, read.codes), dtype=own.dtype), ()


def check_percent_signs(rows: Rows, indicator: Texts, column: str) -> None:
    """Refuses values with the sign of a percentage where the indicator is none: "50%" would be read as 50."""
    if rows.beside is None or PERCENT not in rows.beside.values:
        return
    known = catalogue()
    percentages = np.array(
        [known.units[known.indicators[code].unit].symbol.startswith("%") for code in indicator.categories]
    )
    other = ~percentages[indicator.codes] & (rows.beside.codes == rows.beside.values.index(PERCENT))
    if other.any():
        row = int(np.argmax(other))
        error = SourceError("percent_sign_unexpected", found=f"{rows.numbers[row]:g}%", where=rows.where(row, column))
        rows.fate.refuse(other, error, column, lambda row: f"{rows.numbers[row]:g}%")


def _disagreements(
    rows: Rows, source: TextColumn, differ: npt.NDArray[np.bool_], own: Texts, column: str
) -> tuple[Remark, ...]:
    made = []
    for index in np.unique(source.codes[differ]):
        here = differ & (source.codes == index)
        unit = own.categories[own.codes[int(np.argmax(here))]]
        text = (
            f"{column} says {source.values[index]!r} in {grown(int(here.sum()), 'row')}, the first on line "
            f"{rows.lines[int(np.argmax(here))]}: read as {unit}, the indicator's unit"
        )
        made.append(Remark("other_unit", text, column, rows.lines[here].tolist()))
    return tuple(made)


def status(rows: Rows, plan: Plan, flow: Dataflow, of_period: TextColumn | None) -> Texts:
    """OBS_STATUS: the file's own, else what a flag or the spelling of the year tells; O where a value is missing."""
    dtype = category(v.OBS_STATUS)
    position = {code: index for index, code in enumerate(dtype.categories)}
    normal, absent = position[v.NORMAL], position[v.MISSING]
    codes = np.full(len(rows), normal, dtype=np.int8)
    if of_period:
        told = np.array([position[code] if code else normal for code in of_period.values])
        codes = told[of_period.codes]
    if rows.beside:
        codes = _flagged(rows, plan.column_of.get(v.OBS_VALUE, ""), flow, codes)
    column = plan.column_of.get(v.OBS_STATUS)
    if column and flow.estimate:
        estimate = re.compile(re.escape(flow.estimate), re.IGNORECASE)
        source = rows.columns[column]
        said = np.array([bool(estimate.search(text)) for text in source.values])[source.codes]
        codes = np.where(said, position[v.ESTIMATED], codes)
    elif column:
        source = rows.columns[column]
        read = columns.coded(rows, column, v.OBS_STATUS, {"": v.NORMAL, **flow.codes.get(v.OBS_STATUS, {})})
        blank = np.array([text == "" for text in source.values])[source.codes]
        codes = np.where(blank, codes, read.codes)
    untold = np.isnan(rows.numbers)
    if column and not flow.estimate:
        untold &= blank
    if untold.any():
        codes = np.where(untold & (codes == normal), absent, codes)
    return pd.Categorical.from_codes(codes, dtype=dtype)


def _flagged(rows: Rows, column: str, flow: Dataflow, codes: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """The status that the letters beside each number tell; letters that the dataflow does not know are refused."""
    dtype, flags = category(v.OBS_STATUS), rows.beside
    if flags is None:
        return codes
    status_of = {text: flow.flags.get(text, "") for text in flags.values}
    known = {"", PERCENT, *flow.missing, *(text for text, code in status_of.items() if code)}
    unknown = [index for index, text in enumerate(flags.values) if text not in known]
    if unknown:
        first = int(np.argmax(np.isin(flags.codes, unknown)))
        rows.fate.refuse(
            np.isin(flags.codes, unknown),
            SourceError(
                "flag_unknown",
                expected=", ".join(flow.flags),
                found=", ".join(sorted(flags.values[index] for index in unknown)),
                where=rows.where(first, column),
            ),
            column,
            lambda row: flags.values[flags.codes[row]],
        )
    told = np.array([dtype.categories.get_loc(status_of[text]) if status_of[text] else -1 for text in flags.values])
    return np.where(told[flags.codes] >= 0, told[flags.codes], codes).astype(np.int8)


def comments(rows: Rows, plan: Plan, flow: Dataflow, of_period: TextColumn | None, told: Sequence[Told]) -> Texts:
    """OBS_COMMENT: what the notes say of ages and reference period, the notes, and the spelling of the year."""
    pieces: list[Piece] = []
    sources = [rows.columns[name] for name in plan.comments]
    if flow.notes and sources:
        said = notes.structured(joined(sources, " "), flow.notes)
        pieces.append((said.codes, said.values))
    pieces += [(source.codes, source.values) for source in sources]
    if of_period:
        pieces.append((of_period.codes, of_period.values))
    for source, meanings in told:
        texts = [(found or {}).get(v.OBS_COMMENT, "") for found in meanings]
        if any(texts):
            pieces.append((source.codes, texts))
    if not pieces:
        return constant("", len(rows))
    if len(pieces) == 1 and not flow.notes and flow.own_codes:
        return columns.free(sources[0])
    return labelled(*compose(pieces, " | "))


def file_column(rows: Rows) -> Texts:
    """FILE: the path, and the sheet of a workbook in brackets."""
    if rows.sheet is None:
        return constant(rows.file.name, len(rows))
    return labelled(rows.sheet.codes, [f"{rows.file.name}[{name}]" for name in rows.sheet.values])
