"""Reader of tidy CSV with SDMX columns: the project's own layout."""

import re

import pandas as pd

from divide_cli import vocab as v
from divide_cli.catalogue import Dataflow, catalogue
from divide_cli.errors import SourceError
from divide_cli.frames import Texts, constant, fields, fixed
from divide_cli.observations import Observations, Reading
from divide_cli.readers import columns
from divide_cli.readers.delimited import Delimited, header, read
from divide_cli.readers.text import Text

_CONCEPT = re.compile(r"[A-Z][A-Z0-9_]*")


def load(text: Text, dataflow: Dataflow, indicator: str = "") -> Observations:
    """The rows as observations. Absent SEX, AGE and URBANISATION are totals; any further column whose name is an SDMX
    concept id is a dimension; other columns, and those that only results have (COVERAGE, SOURCE ...), are reported as
    ignored. `indicator` stands for an absent INDICATOR column.
    """
    names = header(text)
    known = fields("observations")
    reserved = {*fields("gaps"), *fields("aggregates"), *v.INTERNAL} - set(known)
    free = [name for name in names if name not in known and name not in reserved]
    extra = tuple(sorted(name for name in free if _CONCEPT.fullmatch(name)))
    ignored = tuple(name for name in names if name not in known and name not in extra)
    wanted = [name for name in names if name not in ignored and name != v.OBS_VALUE]
    rows = read(text, wanted, v.OBS_VALUE)
    size = len(rows.lines)
    frame: dict[str, object] = {}
    for name in (v.REF_AREA, v.INDICATOR, *v.DIMENSIONS):
        code = indicator if name == v.INDICATOR else v.TOTAL
        frame[name] = columns.coded(rows, name, name) if name in rows.columns else fixed(code, name, size)
    for name in extra:
        frame[name] = _dimension(rows, name)
    frame[v.TIME_PERIOD] = columns.years(rows, v.TIME_PERIOD)
    frame[v.OBS_VALUE] = rows.numbers
    unit = {code: entry.unit for code, entry in catalogue().indicators.items()}
    frame[v.UNIT_MEASURE] = (
        columns.coded(rows, v.UNIT_MEASURE, v.UNIT_MEASURE)
        if v.UNIT_MEASURE in rows.columns
        else columns.by_indicator(frame[v.INDICATOR], unit, v.UNIT_MEASURE)
    )
    frame[v.OBS_STATUS] = (
        columns.coded(rows, v.OBS_STATUS, v.OBS_STATUS, lambda status: status or v.NORMAL)
        if v.OBS_STATUS in rows.columns
        else fixed(v.NORMAL, v.OBS_STATUS, size)
    )
    for name in (v.OBS_COMMENT, v.CITATION):
        if name in rows.columns:
            frame[name] = columns.free(rows, name)
    frame.setdefault(v.OBS_COMMENT, constant("", size))
    if v.DECIMALS in rows.columns:
        frame[v.DECIMALS] = columns.integers(rows, v.DECIMALS)
    _fixed(rows)
    frame[v.FILE] = constant(text.file.name, size)
    frame[v.LINE] = rows.lines
    made = pd.DataFrame(frame)
    estimates = int((made[v.OBS_STATUS] == v.ESTIMATED).sum())
    return Observations(made, extra, (Reading(text.file, dataflow.id, size, estimates, dataflow.licence, ignored),))


def _dimension(rows: Delimited, name: str) -> Texts:
    source = rows.columns[name]
    if "" in source.values:
        where = rows.where(source.row_of(source.values.index("")), name)
        raise SourceError("a breakdown is empty", expected="a code; _T for a total", found="''", where=where)
    return columns.free(rows, name)


def _fixed(rows: Delimited) -> None:
    """Columns that may hold listed values only (FREQ is A, UNIT_MULT is 0): another would change what a value means."""
    for name, field in fields("observations").items():
        allowed = field.get("constraints", {}).get("enum")
        if not allowed or name not in rows.columns:
            continue
        source = rows.columns[name]
        wrong = [index for index, text in enumerate(source.values) if text not in allowed]
        if wrong:
            raise SourceError(
                f"a value of {name} is not supported",
                expected=" or ".join(allowed),
                found=repr(source.values[wrong[0]]),
                where=rows.where(source.row_of(wrong[0]), name),
            )
