"""Writes results and observations: whole, or not at all. Parquet has units and provenance in its metadata."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from divide_cli import concepts as v
from divide_cli.errors import OptionError, SourceError
from divide_cli.errors.text_safety import in_utf8
from divide_cli.frames.atomic_write import moved_into_place
from divide_cli.frames.columns import without_internal
from divide_cli.frames.schema import fields
from divide_cli.reports.json import of_readings, provenance

if TYPE_CHECKING:
    from divide_cli.analysis.request import Result
    from divide_cli.frames.observations import Observations
    from divide_cli.readers import Memberships

STRUCTURE = {"STRUCTURE": "datastructure", "STRUCTURE_ID": "DIVIDE:DS_OBSERVATIONS(1.0)", "ACTION": "I"}
"""The first columns of SDMX-CSV 2.0: the structure that the rows follow, and that they give information."""


def _table(frame: pd.DataFrame, schema: str, about: str) -> pa.Table:
    """The frame as an Arrow table; each field carries its description and unit, the table its provenance."""
    known = fields(schema)
    table = pa.Table.from_pandas(without_internal(frame), preserve_index=False)
    described = []
    for column in table.schema:
        field = known.get(column.name, {"description": "further dimension"})
        notes = {"description": field["description"], **({"unit": field["unit"]} if "unit" in field else {})}
        described.append(column.with_metadata(notes))
    metadata = {**(table.schema.metadata or {}), b"divide": about.encode("utf-8", "backslashreplace")}
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
            with temporary[name].open("wb") as out:  # opened here: a name may be in other bytes than UTF-8
                pq.write_table(table, out, compression="zstd", use_dictionary=texts)
        for name, path in temporary.items():
            path.replace(targets[name])
    except OSError as error:
        raise SourceError(
            "output_unwritable",
            what="results",
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


def canonical(read: "Observations") -> list[str]:
    """The columns of observations in a file: the key, further dimensions, the value and what is said of it."""
    further = [name for name in (v.DECIMALS, v.CITATION, *v.AMOUNTS) if name in read.frame]
    dimensions = [*v.KEY[:-1], *read.dimensions, v.TIME_PERIOD]
    return [*dimensions, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT, *further]


def observations(read: "Observations", form: str, path: Path) -> tuple[Path, ...]:
    """Writes the observations as `parquet`, `csv` or `sdmx-csv` (2.0); SourceError where that cannot be done.

    Where they come from, and under which licence, is in the Parquet's metadata; beside a CSV it is in a file of the
    name that the W3C gives to such metadata, `<name>-metadata.json`.
    """
    if path.is_dir():
        raise SourceError(
            "output_unwritable",
            what="observations",
            expected="a file",
            found="a folder",
            where=str(path),
            hint="name a file",
        )
    frame = read.frame[canonical(read)]
    about = of_readings(read.readings)
    if form == "parquet":
        table = _table(frame, "observations", json.dumps(about, sort_keys=True, ensure_ascii=False))
        texts = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
        with moved_into_place(path) as temporary, temporary.open("wb") as out:
            pq.write_table(table, out, compression="zstd", use_dictionary=texts)
        return (path,)
    beside = path.with_name(f"{path.name}-metadata.json")
    with moved_into_place(path) as temporary, moved_into_place(beside) as described:
        temporary.write_text(as_csv(read, form), encoding="utf-8", newline="")
        described.write_text(
            json.dumps(_described(in_utf8(path.name), about), indent=2, ensure_ascii=False) + "\n", "utf-8"
        )
    return path, beside


def as_csv(read: "Observations", form: str = "csv") -> str:
    """The observations as CSV with SDMX columns, or as SDMX-CSV 2.0."""
    frame = read.frame[canonical(read)]
    if form == "sdmx-csv":
        frame = frame.copy(deep=False)
        for place, (name, text) in enumerate(STRUCTURE.items()):
            frame.insert(place, name, text)
    return str(frame.to_csv(index=False, lineterminator="\n"))


def groups_as_csv(parts: Sequence["Memberships"]) -> str:
    """Memberships as CSV, in the layout that --groups takes."""
    return "".join(
        str(part.frame.to_csv(index=False, header=place == 0, lineterminator="\n")) for place, part in enumerate(parts)
    )


def memberships(parts: Sequence["Memberships"], form: str, path: Path) -> tuple[Path, ...]:
    """Writes memberships as CSV; OptionError for another form."""
    if form != "csv":
        raise OptionError("memberships_only_csv", found=f"--to {form}")
    with moved_into_place(path) as temporary:
        temporary.write_text(groups_as_csv(parts), encoding="utf-8", newline="")
    return (path,)


def _described(name: str, about: dict[str, Any]) -> dict[str, Any]:
    """CSV on the Web: the table, its licences and its sources."""
    licences = sorted({entry["licence"] for entry in about["inputs"] if entry["licence"]})
    return {"@context": "http://www.w3.org/ns/csvw", "url": name, "dc:license": licences, "divide": about}
