"""Checks that frames conform to their Table Schemas (schemas/*.json), with pandera.

A Table Schema states types, required, enum, pattern, minimum, maximum, primary key and foreign keys (to codelists). It
cannot state the range of a unit or the unit of an indicator, so these checks are added here. `conform` asks whether a
frame is valid; rules ask whether its numbers are credible.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.errors import Place, SourceError
from divide_cli.errors.text_safety import count_of
from divide_cli.frames import room, stages, standing
from divide_cli.frames.columns import (
    Array,
    Codes,
    Mask,
    categories_of,
    composite_key,
    fields,
    foreign_codes,
    row_blocks,
    table_schema,
)
from divide_cli.language import clauses, commas, joint, later, say

if TYPE_CHECKING:
    import pandera.pandas as pa

FRACTIONS = later(
    "{file}: no value of {indicator} is above {above:g} % ({count}, {least:g} to "
    "{most:g}). Are these fractions? If so, multiply them by 100: they were used as "
    "percentages"
)
COUNTS = later(
    "{file}: {count} of {indicator} above {above:g} {symbol} (highest: {most:g}). Are "
    "these counts? If so, divide them by the people or households and multiply by 100: "
    "they were used as rates"
)
"""Doubts about a series of a file, in words."""

SINGLY = 100
"""How many failing rows are described one by one in `failures`. The others share one reason."""

SHOWN = 20
"""How many failing cases pandera formats. Counts stay exact, since they come from the output of the checks."""

FAR_ABOVE = 10
"""How many times the highest possible value a number may be a count, if it has decimals."""

INPUT = "observations"
"""The schema of input: an invalid row is an error of the file. All other frames are computed."""

RANGE, UNIT, KEY = "range", "unit", "key"
_CODES = {
    v.TIME_PERIOD: "year_out_of_range",
    RANGE: "value_out_of_range",
    UNIT: "unit_contradicts_indicator",
    KEY: "key_duplicate",
}
"""Check -> the code of its error. Checks of other columns have the code value_not_allowed."""


def limits(frame: pd.DataFrame) -> tuple[Array, Array]:
    """The lowest and highest value that the unit of each row's indicator allows."""
    low, high = unit_limits(categories_of(frame[v.INDICATOR]))
    codes = frame[v.INDICATOR].cat.codes.to_numpy()
    return low[codes], high[codes]


def unit_limits(indicators: Iterable[str]) -> tuple[Array, Array]:
    """The lowest and highest value that the unit of each indicator allows."""
    entries = catalogue()
    units = [entries.units[entries.indicators[code].unit] for code in indicators]
    low = np.array([-np.inf if unit.minimum is None else unit.minimum for unit in units], dtype=np.float64)
    high = np.array([np.inf if unit.maximum is None else unit.maximum for unit in units], dtype=np.float64)
    return low, high


def _possible_limits(frame: pd.DataFrame) -> tuple[Array, Array]:
    """The lowest and highest value with which the figure of each row can be in its unit."""
    low, high = _possible(categories_of(frame[v.INDICATOR]))
    codes = frame[v.INDICATOR].cat.codes.to_numpy()
    return low[codes], high[codes]


def _possible(indicators: Iterable[str]) -> tuple[Array, Array]:
    """The lowest and highest value with which a figure of each indicator can be in its unit."""
    indicators = list(indicators)
    units = [catalogue().units[catalogue().indicators[code].unit] for code in indicators]
    low, high = unit_limits(indicators)
    return low, np.minimum(high, [np.inf if unit.impossible is None else unit.impossible for unit in units])


def doubts(frame: pd.DataFrame) -> tuple[str, ...]:
    """What is possible but improbable in one file: percentages that may be fractions, and rates that may be counts.

    One sentence for each indicator, with the number of values, their range and what to do. No value is changed.
    """
    file, column = str(frame[v.FILE].iloc[0]) if len(frame) else "", frame[v.INDICATOR].array
    codes, values = np.asarray(column.codes), frame[v.OBS_VALUE].to_numpy()
    sentences = []
    for number, (least, most) in enumerate(_least_and_most(codes, values, len(column.categories))):
        if least > most:
            continue
        indicator = catalogue().indicators[column.categories[number]]
        unit = catalogue().units[indicator.unit]
        parts = {"file": file, "indicator": indicator.id, "least": least, "most": most, "symbol": unit.symbol}
        if unit.series_above is not None and 0 < most <= unit.series_above:
            count = int(((codes == number) & ~np.isnan(values)).sum())
            sentences.append(say(FRACTIONS, count=count_of(count, "value"), above=unit.series_above, **parts))
        if unit.plausible is not None and most > unit.plausible:
            count = int(((codes == number) & (values > unit.plausible)).sum())
            sentences.append(say(COUNTS, count=count_of(count, "value"), above=unit.plausible, **parts))
    return tuple(sentences)


def _least_and_most(codes: Array, values: Array, size: int) -> list[tuple[float, float]]:
    """The least and the greatest value of each code; infinity and minus infinity if it has none."""
    least, most = np.full(size, np.inf), np.full(size, -np.inf)
    for rows in row_blocks(len(codes)):
        known = ~np.isnan(values[rows])
        np.minimum.at(least, codes[rows][known], values[rows][known])
        np.maximum.at(most, codes[rows][known], values[rows][known])
    return list(zip(least.tolist(), most.tolist(), strict=True))


def _allows(field: Mapping[str, Any], codes: tuple[str, ...] | None) -> Callable[["pd.Series[Any]"], "pd.Series[Any]"]:
    """The check of a column's type and constraints, row by row. Texts are checked once for each category."""
    constraints = field.get("constraints", {})
    required = constraints.get("required", False)
    pattern = re.compile(constraints.get("pattern", "(?s).*"))
    listed = [set(texts) for texts in (constraints.get("enum"), codes) if texts is not None]
    least, most = constraints.get("minimum", -np.inf), constraints.get("maximum", np.inf)

    def sound(text: Any) -> bool:
        if not isinstance(text, str):
            return False
        return not required if text == "" else bool(pattern.fullmatch(text)) and all(text in t for t in listed)

    def check(column: "pd.Series[Any]") -> "pd.Series[Any]":
        if field["type"] == "string":
            texts = column.array if isinstance(column.dtype, pd.CategoricalDtype) else pd.Categorical(column)
            of_category = np.array([*map(sound, texts.categories), not required])  # the last is for code -1
            return pd.Series(of_category[texts.codes], index=column.index)
        kinds = "iu" if field["type"] == "integer" else "iuf"
        if column.dtype.kind not in kinds and len(column):
            return pd.Series(np.zeros(len(column), dtype=bool), index=column.index)
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        within = np.where(np.isnan(values), not required, (values >= least) & (values <= most))
        return pd.Series(within, index=column.index)

    return check


def _in_range(frame: pd.DataFrame) -> "pd.Series[Any]":
    low, high = _possible_limits(frame)
    values = frame[v.OBS_VALUE].to_numpy()
    return pd.Series(np.isnan(values) | ((values >= low - v.EXACT) & (values <= high + v.EXACT)), index=frame.index)


def _unit_agrees(frame: pd.DataFrame) -> "pd.Series[Any]":
    units = [catalogue().indicators[code].unit for code in categories_of(frame[v.INDICATOR])]
    position = {code: index for index, code in enumerate(categories_of(frame[v.UNIT_MEASURE]))}
    codes = np.array([position.get(unit, -2) for unit in units])
    agrees = codes[frame[v.INDICATOR].cat.codes.to_numpy()] == frame[v.UNIT_MEASURE].cat.codes.to_numpy()
    return pd.Series(agrees, index=frame.index)


class _NoSpark(MetaPathFinder):
    """Finds no pyspark."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Raises ModuleNotFoundError for pyspark and its parts; leaves all others to the next finder."""
        if fullname.partition(".")[0] == "pyspark":
            raise ModuleNotFoundError(name=fullname)


def _pandera() -> ModuleType:
    """Imports pandera, late since this is half of all imports, without pyspark, whose import costs time and warns."""
    finder = _NoSpark()
    sys.meta_path.insert(0, finder)
    try:
        import pandera.backends.pandas.builtin_checks
        import pandera.pandas
    finally:
        sys.meta_path.remove(finder)
    return pandera.pandas


@cache
def _schemas(name: str, dimensions: tuple[str, ...]) -> "tuple[pa.DataFrameSchema, pa.DataFrameSchema]":
    """The pandera schemas of a Table Schema with further dimensions: one for single rows, one for the key."""
    pa = _pandera()

    def check(title: str, function: Callable[[Any], "pd.Series[Any]"]) -> Any:
        return pa.Check(function, name=title, n_failure_cases=SHOWN, ignore_na=False)

    further = {"type": "string", "constraints": {"required": True}}
    known = fields(name) | dict.fromkeys(dimensions, further)
    columns = {
        column: pa.Column(
            None,
            check(column, _allows(field, foreign_codes(name, column))),
            nullable=True,
            required=name != INPUT or field.get("constraints", {}).get("required", False),
        )
        for column, field in known.items()
    }
    of_input = [check(RANGE, _in_range), check(UNIT, _unit_agrees)] if name == INPUT else []

    def is_new(frame: pd.DataFrame) -> "pd.Series[Any]":
        keys = composite_key(frame, _key(name, dimensions, frame))
        return ~pd.Series(keys, index=frame.index).duplicated()

    return pa.DataFrameSchema(columns, checks=of_input), pa.DataFrameSchema(checks=check(KEY, is_new))


def _key(name: str, dimensions: Sequence[str], frame: pd.DataFrame) -> list[str]:
    """The columns of the frame that make up the key of the schema with further dimensions."""
    key = [*table_schema(name)["primaryKey"], *dimensions, *([v.EDITION] if name == INPUT else [])]
    return [column for column in key if column in frame]


def _passes(of_rows: "pa.DataFrameSchema", frame: pd.DataFrame, key: Sequence[str]) -> bool:
    """Whether a long frame is valid, judged by the rows that stand for all and by its keys."""
    if not {v.INDICATOR, v.UNIT_MEASURE, v.OBS_VALUE} <= set(frame):
        return False
    low, high = _possible(categories_of(frame[v.INDICATOR]))
    limits = np.unique(np.stack([low, high]), axis=1, return_inverse=True)[1].reshape(-1)
    by_indicator = standing.Limited(v.OBS_VALUE, v.INDICATOR, limits)
    rows = standing.standing_rows(frame, [(v.INDICATOR, v.UNIT_MEASURE)], by_indicator)
    judged = pd.DataFrame(dict(_at(frame, rows)), copy=False)
    return not _failed(of_rows, judged) and standing.is_key(frame, key)


def _at(frame: pd.DataFrame, rows: Array) -> Iterator[tuple[str, Any]]:
    """The few rows of each column. What was touched of it leaves memory, if it is in a file."""
    for name in frame:
        yield str(name), frame[name].array.take(rows)
        room.release()


def _failed(schema: "pa.DataFrameSchema", frame: pd.DataFrame) -> dict[str, Mask]:
    """The failed checks with the rows that fail them; SchemaError if the frame has other columns."""
    import pandera.errors

    failed: dict[str, Mask] = {}
    try:
        schema.validate(frame.copy(deep=False), lazy=True, inplace=True)  # pandera would copy every column
    except pandera.errors.SchemaErrors as failure:
        for error in failure.schema_errors:
            output = error.check_output
            if not isinstance(output, (pd.Series, pd.DataFrame)) or len(output) != len(frame):
                raise error from None
            passed = output.to_numpy().astype(bool).reshape(len(frame), -1).all(axis=1)
            failed[str(error.check.name)] = np.logical_not(passed)
    return failed


def conform(frame: pd.DataFrame, dimensions: Sequence[str] = (), name: str = INPUT) -> pd.DataFrame:
    """The frame, if it is valid; else SourceError with the first failure, its line, and the counts.

    Checked are columns, types, constraints and the key. For input, the key is unique within an edition, and values and
    units are checked against the catalogue. An invalid computed frame is a bug (ValueError).
    """
    of_rows, of_key = _schemas(name, tuple(dimensions))
    stages.tell(stages.CHECKED, rows=len(frame))
    if len(frame) >= standing.MANY and _passes(of_rows, frame, _key(name, dimensions, frame)):
        return frame
    failed = _failed(of_rows, frame) | _failed(of_key, frame)
    if not failed:
        return frame
    counts = {check: int(mask.sum()) for check, mask in failed.items()}
    if name != INPUT:
        raise ValueError(f"{name}: {', '.join(f'{count} rows fail {check}' for check, count in counts.items())}")
    (check, mask), *further = failed.items()
    row = int(np.flatnonzero(mask)[0])
    more = f"{joint('semicolon')}{count_of(counts[check] - 1, 'more row')}" if counts[check] > 1 else ""
    others = [f"{count_of(counts[other], 'row')}: {_error(other).subject}" for other, _ in further]
    expected, found = _wording(frame, check, row, dimensions)
    parts = {"expected": expected, "found": clauses([found + more, *others]), "where": place(frame, row)}
    raise _error(check, question=_question(frame, np.array([row])), **parts)


def failures(frame: pd.DataFrame, dimensions: Sequence[str] = ()) -> list[tuple[Array, SourceError]]:
    """The rows that `conform` would reject, each under its first failure, with its error.

    Readings that count rejected rows use it. Rows with the same expected values share an error.
    """
    of_rows, of_key = _schemas(INPUT, tuple(dimensions))
    sound = np.ones(len(frame), dtype=bool)
    failed: dict[str, Array] = {}
    for check, mask in _failed(of_rows, frame).items():
        failed[check] = np.flatnonzero(mask & sound)
        sound &= ~mask
    # of two rows with the same key, the one without a value fails; rows that failed before do not count
    rest = np.flatnonzero(sound)
    rest = rest[np.argsort(np.isnan(frame[v.OBS_VALUE].to_numpy()[rest]), kind="stable")]
    for check, mask in _failed(of_key, frame.iloc[rest]).items():
        failed[check] = np.sort(rest[mask])
    return [pair for check, rows in failed.items() if len(rows) for pair in _worded(frame, check, rows, dimensions)]


def _worded(frame: pd.DataFrame, check: str, rows: Array, dimensions: Sequence[str]) -> list[tuple[Array, SourceError]]:
    """The failing rows of a check with their errors: one for each text, and one for all rows beyond SINGLY."""
    packed = composite_key(frame, [*v.KEY, *dimensions]) if check == KEY else None
    alike: dict[tuple[str, str], list[int]] = {}
    quotes: dict[int, str] = {}
    for row in map(int, rows[:SINGLY]):
        expected, quotes[row] = _wording(frame, check, row, dimensions, packed=packed)
        alike.setdefault((expected, quotes[row] if check == KEY else ""), []).append(row)
    errors = []
    for (expected, pair), same in alike.items():
        found = pair or say(
            "{quotes}, not {expected}", quotes=commas(dict.fromkeys(quotes[row] for row in same)), expected=expected
        )
        parts = {"expected": expected, "found": found, "question": _question(frame, np.array(same))}
        errors.append((np.array(same), _error(check, where=place(frame, same[0]), **parts)))
    if len(rows) > SINGLY:
        found, question = count_of(len(rows) - SINGLY, "more row"), _question(frame, rows[SINGLY:])
        errors.append((rows[SINGLY:], _error(check, found=found, question=question)))
    return errors


def _question(frame: pd.DataFrame, rows: Array) -> str:
    """What may be wrong with values out of range, as far as the values leave it open; else empty.

    A value below the range has no point missing, and one with a point that is little above does not count people.
    """
    low, high = (limits[rows] for limits in _possible_limits(frame))
    values = frame[v.OBS_VALUE].to_numpy()[rows]
    if (values < low).all():
        return say(": is the sign wrong?")
    if ((values > high) & ((values == np.round(values)) | (values > FAR_ABOVE * high))).any():
        return say(": is a decimal point missing, or a number given in place of a rate or a share?")
    return ""


def _error(check: str, **parts: str) -> SourceError:
    return SourceError(_CODES.get(check, "value_not_allowed"), column=check, **parts)


def place(frame: pd.DataFrame, row: int) -> Place:
    """`file:line` of a row."""
    return Place(str(frame[v.FILE].iloc[row]), int(frame[v.LINE].iloc[row]))


def _wording(
    frame: pd.DataFrame, check: str, row: int, dimensions: Sequence[str], packed: Codes | None = None
) -> tuple[str, str]:
    """The texts of what is expected and found in a row. `packed` is the key of every row, if known."""
    record = frame.iloc[row]
    if check == RANGE:
        low, high = _possible_limits(frame)
        unit = catalogue().indicators[record[v.INDICATOR]].unit
        least, most, shown = (f"{number:g}" for number in (low[row], high[row], record[v.OBS_VALUE]))
        return say("{least} to {most} ({unit})", least=least, most=most, unit=unit), repr(
            float(record[v.OBS_VALUE])
        ) if shown in (least, most) else shown
    if check == UNIT:
        return catalogue().indicators[record[v.INDICATOR]].unit, str(record[v.UNIT_MEASURE])
    if check == KEY:
        columns = [*v.KEY, *dimensions]
        packed = composite_key(frame, columns) if packed is None else packed
        same = np.flatnonzero(packed == packed[row])
        others = same[same != row]
        valued = others[~np.isnan(frame[v.OBS_VALUE].to_numpy()[others])]
        first = int(valued[0] if len(valued) else others[0])
        key = commas(str(record[column]) for column in columns)
        values = [frame[v.OBS_VALUE].iloc[at] for at in (first, row)]
        both = say(" and ").join(say("(empty)") if np.isnan(value) else f"{value:g}" for value in values)
        return say("one row for each key"), say(
            "{both} for {key}; the other row is at {place}", both=both, key=key, place=place(frame, first)
        )
    constraints = fields(INPUT)[check].get("constraints", {})
    bounds = [str(constraints[bound]) for bound in ("minimum", "maximum") if bound in constraints]
    listed = say(" or ").join(map(str, constraints.get("enum", ())))
    return say(" to ").join(bounds) or listed or say("a code of its codelist"), str(record[check])
