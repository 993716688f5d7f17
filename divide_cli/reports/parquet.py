"""Writes results and observations: complete, or not at all. Parquet has units and provenance in its metadata."""

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from divide_cli import concepts as v
from divide_cli.errors import OptionError
from divide_cli.errors.text_safety import excel_safe_csv, in_utf8
from divide_cli.frames import atomic_write, machine_text
from divide_cli.frames.columns import fields, without_internal
from divide_cli.reports.json import of_readings, provenance

if TYPE_CHECKING:
    from divide_cli.analysis.request import Result
    from divide_cli.frames.observations import Observations
    from divide_cli.readers import Memberships

STRUCTURE = {"STRUCTURE": "datastructure", "STRUCTURE_ID": "DIVIDE:DS_OBSERVATIONS(1.0)", "ACTION": "I"}
"""The first columns of SDMX-CSV 2.0: the structure that the rows follow, and the action "information"."""
METADATA = "-metadata.json"


def _as_parquet(frame: pd.DataFrame, schema: str, about: Mapping[str, Any], run: str = "") -> bytes:
    """The frame as Parquet; each column has its description and unit, the file its provenance and the id of the run.

    Texts are written with a dictionary. For numbers, which rarely repeat, it would cost memory and enlarge the file.
    """
    known_fields = {**fields("estimates"), **fields(schema)}
    table = pa.Table.from_pandas(without_internal(frame), preserve_index=False)
    columns = []
    for column in table.schema:
        field = known_fields.get(column.name, {"description": "further dimension"})
        columns.append(column.with_metadata({name: field[name] for name in ("description", "unit") if name in field}))
    provenance_text = json.dumps(about, sort_keys=True, ensure_ascii=False)
    metadata = {**(table.schema.metadata or {}), b"divide": provenance_text.encode("utf-8", "backslashreplace")}
    metadata |= {RUN: run.encode()} if run else {}
    texts = [column.name for column in columns if pa.types.is_dictionary(column.type)]
    out = io.BytesIO()
    pq.write_table(table.cast(pa.schema(columns, metadata=metadata)), out, compression="zstd", use_dictionary=texts)
    return out.getvalue()


SELECTIONS = ("gap", "indicator", "area", "year", "edition", "measure")
"""Options of `divide compute` that limit what is computed; without them, everything is."""


RESULTS = ("gaps", "aggregates")
RUN = b"divide_run"
"""The key of the metadata of Parquet that has the id of the run."""


def _metadata(path: Path) -> Mapping[bytes, bytes]:
    """The metadata of a Parquet file; empty if there is none."""
    try:
        return pq.read_metadata(path).metadata or {}
    except (OSError, pa.ArrowException, ValueError):
        return {}


def asked_before(folder: Path) -> dict[str, Any]:
    """The options of the run that wrote gaps.parquet into the folder; none if there is no such file."""
    try:
        about = json.loads(_metadata(folder / "gaps.parquet").get(b"divide", b"{}"))
    except ValueError:
        return {}
    options = about.get("options", {}) if isinstance(about, dict) else {}
    return options if isinstance(options, dict) else {}


def run_id(result: "Result", about: Mapping[str, Any]) -> str:
    """A name of the run, the same for the same figures and provenance: both files of a run have it."""
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name in RESULTS:
        digest.update(pd.util.hash_pandas_object(getattr(result, name), index=False).to_numpy().tobytes())
    return digest.hexdigest()[:32]


def torn(folder: Path) -> str:
    """What is wrong with the files in the folder if they are not of one run; empty if they are, or there are none."""
    paths = [folder / f"{name}.parquet" for name in RESULTS]
    there = [path for path in paths if os.path.exists(path)]  # false for a name that is too long
    if len({_metadata(path).get(RUN) for path in there}) < 2 and len(there) in (0, len(paths)):
        return ""
    names = " and ".join(path.name for path in there)
    found = f"{names} of different runs" if len(there) == len(paths) else f"only {names}"
    return f"{folder} had {found}: an earlier run may have ended between writing the two files"


def narrowed(result: "Result", before: Mapping[str, Any], folder: Path) -> str:
    """What the files contain now, if the run that they replace asked for more; otherwise empty."""
    now = provenance(result)["options"]
    less = [name for name in SELECTIONS if now[name] and not set(before.get(name) or ()).issubset(now[name])]
    less += [name for name in SELECTIONS if now[name] and before and not before.get(name)]
    fewer = bool(now["top"] and before and not (before.get("top") or np.inf) <= now["top"])
    if not less and not fewer:
        return ""
    texts = [_selection(asked) for asked in (now, before)]
    of_files = f" of {', '.join(map(str, before['files']))}" if before.get("files") else ""
    return f"{folder} now contains only {texts[0]}; before, it had {texts[1] or 'everything'}{of_files}"


def _selection(asked: Mapping[str, Any]) -> str:
    """The options that limit what is computed, as they are typed."""
    typed = [f"--{name} {' '.join(map(str, asked[name]))}" for name in SELECTIONS if asked.get(name)]
    return " ".join([*typed, *([f"--top {asked['top']}"] if asked.get("top") else [])])


def parquet(result: "Result", folder: Path) -> tuple[Path, ...]:
    """Writes gaps.parquet and aggregates.parquet into the folder, both or neither; equal results give equal bytes.

    Raises SourceError if that fails.
    """
    about = provenance(result)
    paths = {name: folder / f"{name}.parquet" for name in RESULTS}
    folder_parts = {"where": str(folder), "expected": "a folder that can be written to"}
    hint = "name another folder with --out, or use --no-write"
    run = run_id(result, about)
    files = {path: _as_parquet(getattr(result, name), name, about, run) for name, path in paths.items()}
    return atomic_write.write(files, "the results", hint=hint, **folder_parts)


def canonical(figures: "Observations") -> list[str]:
    """The columns of observations in a file: the key, further dimensions, the value and its attributes."""
    further = [name for name in (v.DECIMALS, v.CITATION, *v.AMOUNTS, *v.SAMPLE) if name in figures.frame]
    dimensions = [*v.KEY[:-1], *figures.dimensions, v.TIME_PERIOD]
    return [*dimensions, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT, *further]


def observations(
    figures: "Observations", form: str, path: Path, safe: bool = False, about: Mapping[str, Any] | None = None
) -> tuple[Path, ...]:
    """Writes the observations as `parquet`, `csv` or `sdmx-csv` (2.0). Raises SourceError if that fails.

    Their origin and licence (`about`, by default the files that were read) are in the metadata of Parquet. For CSV they
    are in a second file next to it, named as the W3C names such metadata: `<name>-metadata.json`. It has the sha256 of
    the CSV, so that both are known to belong together. A device or a pipe gets the CSV only.
    """
    return atomic_write.write(observation_files(figures, form, path, safe, about))


def observation_files(
    figures: "Observations", form: str, path: Path, safe: bool = False, about: Mapping[str, Any] | None = None
) -> dict[Path, str | bytes]:
    """The files that `observations` writes, with their contents."""
    about = of_readings(figures.readings) if about is None else about
    if form == "parquet":
        return {path: _as_parquet(figures.frame[canonical(figures)], "observations", about)}
    text = as_csv(figures, form)
    content = (excel_safe_csv(text) if safe else text).encode("utf-8", "replace")
    beside = _metadata_of(path)
    if beside is None:
        return {path: content}
    licences = sorted({entry["licence"] for entry in about["inputs"] if entry["licence"]})
    table = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": in_utf8(beside.name.removesuffix(METADATA)),
        "dc:license": licences,
        "divide": {**about, "sha256": hashlib.sha256(content).hexdigest()},
    }
    return {path: content, beside: json.dumps(table, indent=2, ensure_ascii=False) + "\n"}


def _metadata_of(path: Path) -> Path | None:
    """The file of metadata next to the file that the path leads to; None if it leads to a device or a pipe."""
    try:
        target = atomic_write.regular(path)
    except OSError:
        return None  # the error of writing says why
    return target and target.with_name(f"{target.name}{METADATA}")


def torn_csv(path: Path) -> str:
    """What is wrong with a CSV and the metadata next to it if they do not belong together; otherwise empty."""
    beside = _metadata_of(path)
    if beside is None:
        return ""
    try:
        stated = json.loads(beside.read_bytes())["divide"]["sha256"]
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError, LookupError, TypeError):  # there is nothing to compare
        return ""
    if digest == stated:
        return ""
    return (
        f"{path} was not the file that {beside.name} describes: an earlier run may have ended between writing the two"
    )


def as_csv(figures: "Observations", form: str = "csv") -> str:
    """The observations as CSV with SDMX columns, or as SDMX-CSV 2.0.

    Values have no more decimals than they need: 31 written as 31.0 would count as rounded to a tenth when read again.
    """
    frame = figures.frame[canonical(figures)].copy(deep=False)
    values = pa.array(frame[v.OBS_VALUE], from_pandas=True).cast(pa.string())
    frame[v.OBS_VALUE] = values.to_numpy(zero_copy_only=False)
    if form == "sdmx-csv":
        for place, (name, text) in enumerate(STRUCTURE.items()):
            frame.insert(place, name, text)
    return machine_text.as_csv(frame)


def groups_as_csv(parts: Sequence["Memberships"]) -> str:
    """Memberships as CSV, in the layout that --groups takes."""
    return "".join(machine_text.as_csv(part.frame, header=place == 0) for place, part in enumerate(parts))


def memberships(parts: Sequence["Memberships"], form: str, path: Path, safe: bool = False) -> tuple[Path, ...]:
    """Writes memberships as CSV. Raises OptionError for another format."""
    if form != "csv":
        raise OptionError("memberships_only_csv", found=f"--to {form}")
    text = groups_as_csv(parts)
    return atomic_write.write({path: excel_safe_csv(text) if safe else text}, "the area groups")
