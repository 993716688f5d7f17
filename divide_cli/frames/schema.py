"""The border control: Table Schemas (schemas/*.json) as pandera schemas, and frames that conform to them.

A Table Schema says types, required, enum, minimum, maximum, primary key and foreign keys (to codelists). `conform`
answers "is this our frame?"; whether a number is credible is for the rules.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue, schema_dir
from divide_cli.errors import SourceError, messages
from divide_cli.errors.text_safety import grown
from divide_cli.frames.keys import Codes, composite_key, unique

if TYPE_CHECKING:
    import pandera.errors
    import pandera.pandas as pa

SINGLY = 100
"""Failing rows that `failures` words one by one; the others share a reason."""

SHOWN = 20
"""How many failing cases pandera may format; counts stay exact, since they come from the checks' own output."""


@cache
def table_schema(name: str) -> Mapping[str, Any]:
    """The Table Schema of that name."""
    loaded: Mapping[str, Any] = json.loads((schema_dir() / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def fields(name: str) -> dict[str, Mapping[str, Any]]:
    """The fields of a Table Schema, by name."""
    return {field["name"]: field for field in table_schema(name)["fields"]}


def limits(frame: pd.DataFrame) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The lowest and highest value that the unit of each row's indicator allows."""
    low, high = unit_limits(frame[v.INDICATOR].cat.categories)
    codes = frame[v.INDICATOR].cat.codes.to_numpy()
    return low[codes], high[codes]


def unit_limits(indicators: Iterable[str]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The lowest and highest value that the unit of each indicator allows."""
    known = catalogue()
    units = [known.units[known.indicators[code].unit] for code in indicators]
    low = np.array([-np.inf if unit.minimum is None else unit.minimum for unit in units], dtype=np.float64)
    high = np.array([np.inf if unit.maximum is None else unit.maximum for unit in units], dtype=np.float64)
    return low, high


def _year_in_range(frame: pd.DataFrame) -> "pd.Series[Any]":
    years = fields("observations")[v.TIME_PERIOD]["constraints"]
    return pd.Series(frame[v.TIME_PERIOD].between(years["minimum"], years["maximum"]).to_numpy(), index=frame.index)


def _in_range(frame: pd.DataFrame) -> "pd.Series[Any]":
    low, high = limits(frame)
    values = frame[v.OBS_VALUE].to_numpy()
    return pd.Series(np.isnan(values) | ((values >= low) & (values <= high)), index=frame.index)


def _unit_agrees(frame: pd.DataFrame) -> "pd.Series[Any]":
    known = catalogue()
    expected = [known.indicators[code].unit for code in frame[v.INDICATOR].cat.categories]
    position = {code: index for index, code in enumerate(frame[v.UNIT_MEASURE].cat.categories)}
    codes = np.array([position.get(unit, -2) for unit in expected])
    return pd.Series(
        codes[frame[v.INDICATOR].cat.codes.to_numpy()] == frame[v.UNIT_MEASURE].cat.codes.to_numpy(), index=frame.index
    )


def _key_is_unique(dimensions: tuple[str, ...]) -> Any:
    key = [*v.KEY, *dimensions, v.EDITION]

    def check(frame: pd.DataFrame) -> "pd.Series[Any]":
        packed = composite_key(frame, [name for name in key if name in frame])
        if unique(packed):
            return pd.Series(np.ones(len(packed), dtype=bool), index=frame.index)
        order = np.argsort(packed, kind="stable")
        same = packed[order][1:] == packed[order][:-1]
        first = np.ones(len(packed), dtype=bool)
        first[order[1:][same]] = False
        return pd.Series(first, index=frame.index)

    return check


_FAILURES = {
    "range": "value_out_of_range",
    "unit": "unit_contradicts_indicator",
    "key": "key_duplicate",
    "year": "year_out_of_range",
}


@cache
def _schema(extra: tuple[str, ...]) -> "pa.DataFrameSchema":
    """The pandera schema of observations with `extra` dimensions."""
    import pandera.pandas as pa  # here, since half of what a command imports is its: who conforms nothing does without

    def column(name: str) -> pa.Column:
        if name == v.TIME_PERIOD:
            return pa.Column("int16")
        if name == v.OBS_VALUE:
            return pa.Column("float64", nullable=True)
        return pa.Column(pd.CategoricalDtype)

    return pa.DataFrameSchema(
        {name: column(name) for name in (*v.KEY, *extra, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS)},
        checks=[
            pa.Check(_year_in_range, name="year", n_failure_cases=SHOWN),
            pa.Check(_in_range, name="range", n_failure_cases=SHOWN),
            pa.Check(_unit_agrees, name="unit", n_failure_cases=SHOWN),
            pa.Check(_key_is_unique(extra), name="key", n_failure_cases=SHOWN),
        ],
    )


def conform(frame: pd.DataFrame, extra: Sequence[str] = ()) -> pd.DataFrame:
    """The frame, if it is one of observations; else SourceError with the first failure, its line, and the counts.

    Checked: the columns and their types, years, the range of each unit, units against the catalogue, the key
    (area, indicator, breakdowns, year, edition). Codes are checked when the columns are made.
    """
    import pandera.errors

    try:
        _schema(tuple(extra)).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as failure:
        raise _explained(frame, failure, extra) from None
    return frame


def failures(frame: pd.DataFrame, extra: Sequence[str] = ()) -> list[tuple[np.ndarray[Any, Any], SourceError]]:
    """The rows that the border would not let pass, by what is wrong with them, with the error that says it.

    The same checks as `conform`, for readings that count what they refuse: out of range row by row and unit by unit.
    """
    checks = {"year": _year_in_range, "range": _in_range, "unit": _unit_agrees, "key": _key_is_unique(tuple(extra))}
    found: list[tuple[np.ndarray[Any, Any], SourceError]] = []
    sound = np.ones(len(frame), dtype=bool)
    for name, check in checks.items():
        still = np.flatnonzero(sound)
        if name == "key":  # of two rows with one key, the one without a value gives way
            still = still[np.argsort(np.isnan(frame[v.OBS_VALUE].to_numpy()[still]), kind="stable")]
        wrong = np.sort(still[~check(frame.iloc[still]).to_numpy()]) if len(still) else still
        sound[wrong] = False
        worded: dict[tuple[str, str], list[int]] = {}
        packed = composite_key(frame, [*v.KEY, *extra]) if name == "key" and len(wrong) else None
        for row in wrong[:SINGLY]:
            expected, told = _wording(frame, name, int(row), extra, packed)
            worded.setdefault((expected, told if name == "key" else ""), []).append(int(row))
        for (expected, told), rows in worded.items():
            texts = (
                told
                or f"{', '.join(dict.fromkeys(_wording(frame, name, row, extra)[1] for row in rows))}; not {expected}"
            )
            error = SourceError(_FAILURES[name], expected=expected, found=texts, where=place(frame, rows[0]))
            found.append((np.array(rows), error))
        if len(wrong) > SINGLY:
            found.append((wrong[SINGLY:], SourceError(_FAILURES[name], found=grown(len(wrong) - SINGLY, "more row"))))
    return found


def _explained(frame: pd.DataFrame, failure: "pandera.errors.SchemaErrors", extra: Sequence[str]) -> SourceError:
    failed: list[tuple[str, np.ndarray[Any, Any]]] = []
    for error in failure.schema_errors:
        output = error.check_output
        name = getattr(error.check, "name", None)
        if name not in _FAILURES or not isinstance(output, (pd.Series, pd.DataFrame)):
            raise error
        failed.append((name, np.flatnonzero(~output.to_numpy().astype(bool).reshape(len(frame), -1).all(axis=1))))
    name, rows = failed[0]
    row = int(rows[0])
    others = [f"{len(r)} x {messages()[_FAILURES[n]]['subject']}" for n, r in failed[1:]]
    more = f"; {grown(len(rows) - 1, 'more row')}" if len(rows) > 1 else ""
    expected, found = _wording(frame, name, row, extra)
    return SourceError(
        _FAILURES[name],
        expected=expected,
        found="; ".join([found + more, *others]),
        where=place(frame, row),
    )


def place(frame: pd.DataFrame, row: int) -> str:
    """`file:line` of a row."""
    return f"{frame[v.FILE].iloc[row]}:{frame[v.LINE].iloc[row]}"


def _wording(
    frame: pd.DataFrame, name: str, row: int, extra: Sequence[str], packed: Codes | None = None
) -> tuple[str, str]:
    """What is expected and found in a row; `packed` is the key of every row, where it is known."""
    record = frame.iloc[row]
    if name == "range":
        low, high = limits(frame)
        unit = catalogue().indicators[record[v.INDICATOR]].unit
        return f"{low[row]:g} to {high[row]:g} ({unit})", f"{record[v.OBS_VALUE]:g}"
    if name == "unit":
        return catalogue().indicators[record[v.INDICATOR]].unit, str(record[v.UNIT_MEASURE])
    if name == "key":
        columns = [*v.KEY, *extra]
        packed = composite_key(frame, columns) if packed is None else packed
        same = np.flatnonzero(packed == packed[row])
        others = same[same != row]
        valued = others[~np.isnan(frame[v.OBS_VALUE].to_numpy()[others])]
        first = int(valued[0] if len(valued) else others[0])
        key = ", ".join(str(record[column]) for column in columns)
        values = [frame[v.OBS_VALUE].iloc[at] for at in (first, row)]
        told = " and ".join("(empty)" if np.isnan(value) else f"{value:g}" for value in values)
        return "one row a key", f"{told} for {key}; the other is at {place(frame, first)}"
    years = fields("observations")[v.TIME_PERIOD]["constraints"]
    return f"{years['minimum']} to {years['maximum']}", str(record[v.TIME_PERIOD])
