"""Writes results as Parquet with units and provenance in the metadata; both files appear whole, or neither."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from divide_cli.errors import SourceError
from divide_cli.frames import fields
from divide_cli.provenance import provenance

if TYPE_CHECKING:
    from divide_cli.results import Result


def _table(frame: pd.DataFrame, schema: str, about: str) -> pa.Table:
    """The frame as an Arrow table; each field carries its description and unit, the table its provenance."""
    known = fields(schema)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    described = []
    for column in table.schema:
        field = known.get(column.name, {"description": "further dimension"})
        notes = {"description": field["description"], **({"unit": field["unit"]} if "unit" in field else {})}
        described.append(column.with_metadata(notes))
    metadata = {**(table.schema.metadata or {}), b"divide": about.encode()}
    return table.cast(pa.schema(described, metadata=metadata))


def parquet(result: "Result", folder: Path) -> tuple[Path, ...]:
    """Writes gaps.parquet and aggregates.parquet into the folder; SourceError where that cannot be done.

    The files are written under temporary names and moved into place; the same result gives the same bytes.
    """
    about = json.dumps(provenance(result), sort_keys=True, ensure_ascii=False)
    tables = {
        name: _table(frame, name, about) for name, frame in (("gaps", result.gaps), ("aggregates", result.aggregates))
    }
    targets = {name: folder / f"{name}.parquet" for name in tables}
    temporary = {name: folder / f".{name}.parquet.{os.getpid()}" for name in tables}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            texts = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
            # numbers hardly repeat: trying to make a dictionary of them costs memory and gives a larger file
            pq.write_table(table, temporary[name], compression="zstd", use_dictionary=texts)
        for name, path in temporary.items():
            path.replace(targets[name])
    except OSError as error:
        raise SourceError(
            "results cannot be written",
            expected="a folder that can be written to",
            found=os.strerror(error.errno) if error.errno else str(error),
            where=str(folder),
            hint="name another folder with --out, or use --no-write",
        ) from error
    finally:
        for path in temporary.values():
            with suppress(OSError):
                path.unlink()
    return tuple(targets.values())
