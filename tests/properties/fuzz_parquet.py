"""Parquet: columns of every type and shape, and files with mutated bytes. Values are those that went in."""

import datetime
import decimal
import io
import math
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.errors import DivideError
from divide_cli.readers import ReadOptions
from tests.properties.mutations import check

LOOSE = ReadOptions(strict=False)
ROWS = 6
AREAS = ["KEN", "UGA", "TZA", "FRA", "BRA", "NPL"]
TYPES = (
    pa.int8(), pa.int64(), pa.uint16(), pa.float32(), pa.float64(), pa.float16(), pa.bool_(), pa.string(), pa.large_string(),
    pa.binary(), pa.date32(), pa.timestamp("ns"), pa.timestamp("us", "UTC"), pa.time64("us"), pa.decimal128(9, 2), pa.null(),
    pa.list_(pa.int8()), pa.struct([("a", pa.int8())]), pa.map_(pa.string(), pa.int8()), pa.dictionary(pa.int32(), pa.string()),
    pa.dictionary(pa.int8(), pa.int64()), pa.binary(3), pa.duration("s"),
)  # fmt: skip


def _some(kind: pa.DataType, chance: random.Random) -> pa.Array:
    """Six values of a type, some of them missing."""
    number = chance.randint(0, 90)
    made: Any = {
        "bool": True, "string": "x", "large_string": "é", "binary": b"ab\xff", "null": None, "halffloat": None,
    }.get(str(kind), number)  # fmt: skip
    if pa.types.is_decimal(kind):
        made = decimal.Decimal("12.50")
    elif pa.types.is_temporal(kind):
        made = datetime.date(2020, 1, 1) if pa.types.is_date(kind) else None
    elif pa.types.is_list(kind):
        made = [1]
    elif pa.types.is_struct(kind):
        made = {"a": 1}
    elif pa.types.is_map(kind):
        made = [("a", 1)]
    elif pa.types.is_fixed_size_binary(kind):
        made = b"abc"
    elif pa.types.is_dictionary(kind):
        of = "x" if pa.types.is_string(kind.value_type) else number
        return (
            pa.array([of if chance.random() < 0.8 else None for _ in range(ROWS)], kind.value_type)
            .dictionary_encode()
            .cast(kind)
        )
    return pa.array([made if chance.random() < 0.8 else None for _ in range(ROWS)], kind)


def _table(chance: random.Random) -> tuple[dict[str, Any], list[float | None]]:
    figures = [None if chance.random() < 0.1 else round(chance.uniform(0, 100), 3) for _ in range(ROWS)]
    columns: dict[str, Any] = {
        v.REF_AREA: AREAS, v.INDICATOR: ["internet_use"] * ROWS, v.TIME_PERIOD: pa.array([2020] * ROWS, pa.int16()),
        v.OBS_VALUE: pa.array(figures, pa.float64()), v.OBS_COMMENT: ["a", "b", None, "", "é", "x" * 30],
        v.SEX: pa.array(["F"] * ROWS).dictionary_encode(),
    }  # fmt: skip
    return columns, figures


def structure(chance: random.Random, folder: Path) -> str:
    """A table with columns of other types, names and metadata; the values that went in come out."""
    columns, figures = _table(chance)
    changed = set()
    for _ in range(chance.randint(0, 3)):
        name = chance.choice([*columns, "FURTHER", "", "a\nb"])
        columns[name] = _some(chance.choice(TYPES), chance)
        changed.add(name)
    items = list(columns.items())
    chance.shuffle(items)
    if chance.random() < 0.1:
        items.append(chance.choice(items))
        changed.add("twice")
    metadata = {b"divide": chance.choice([b"{}", b"[]", b"null", b"\xff", b'{"inputs": 5}', b'{"inputs": [1, {"licence": 3}]}', b'{"inputs": [{"licence": "x"}]}', b"[" * 5000])}  # fmt: skip
    table = pa.Table.from_arrays([pa.array(part) if isinstance(part, list) else part for _, part in items], names=[name for name, _ in items])  # fmt: skip
    path = folder / "figures.parquet"
    how: dict[str, Any] = {
        "compression": chance.choice(["snappy", "gzip", "zstd", "none"]), "use_dictionary": chance.random() < 0.7,
        "row_group_size": chance.choice([1, 2, 100]), "version": chance.choice(["1.0", "2.6"]),
        "data_page_version": chance.choice(["1.0", "2.0"]), "write_statistics": chance.random() < 0.5,
    }  # fmt: skip
    try:
        pq.write_table(table.replace_schema_metadata(metadata) if chance.random() < 0.5 else table, path, **how)
    except (pa.ArrowException, ValueError):
        return "not for Parquet"
    outcome = check(path, {})
    if outcome == "error":
        return outcome
    read = readers.read(str(path), "", LOOSE).frame
    if v.OBS_VALUE not in changed and "twice" not in changed:
        for line, value in zip(read[v.LINE], read[v.OBS_VALUE], strict=True):
            own = figures[int(line) - 1]
            assert (own is None and math.isnan(value)) or own == value, (line, own, value)
        return f"{outcome}, values compared"
    return outcome


def mutations(chance: random.Random, folder: Path) -> str:
    """A file with mutated bytes. What is read of it is what pyarrow reads in another way."""
    columns, _ = _table(chance)
    raw = io.BytesIO()
    pq.write_table(
        pa.table(columns), raw, compression=chance.choice(["none", "snappy"]), use_dictionary=chance.random() < 0.6
    )
    made = bytearray(raw.getvalue())
    for _ in range(chance.randint(1, 3)):
        place = (
            chance.randrange(4, len(made)) if chance.random() < 0.7 else chance.randrange(len(made) - 700, len(made))
        )
        kind = chance.randrange(4)
        if kind == 0:
            made[place] = chance.randrange(256)
        elif kind == 1:
            made[place] ^= 1 << chance.randrange(8)
        elif kind == 2:
            del made[place : place + chance.randint(1, 4)]
        else:
            made[place:place] = bytes([chance.randrange(256)])
    path = folder / "figures.parquet"
    path.write_bytes(made)
    outcome = check(path, {})
    if outcome == "error":
        return outcome
    try:
        plain = pq.read_table(pa.BufferReader(bytes(made)), use_threads=False).column(v.OBS_VALUE).to_pylist()
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError):
        return outcome
    try:
        frame = readers.read(str(path), "", LOOSE).frame
    except DivideError:
        return outcome
    for line, value in zip(frame[v.LINE], frame[v.OBS_VALUE], strict=True):
        own = plain[int(line) - 1]
        assert (own is None or math.isnan(own)) if math.isnan(value) else own == value, (line, own, value)
    return f"{outcome}, values compared"


FAMILIES = {"Parquet structure": structure, "Parquet bytes": mutations}
