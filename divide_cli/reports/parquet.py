"""Writes results and observations: complete, or not at all. Parquet has units and provenance in its metadata."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from divide_cli import concepts as v
from divide_cli.errors import OptionError
from divide_cli.errors.text_safety import in_utf8
from divide_cli.frames import atomic_write, machine_text
from divide_cli.frames.atomic_write import moved_into_place
from divide_cli.frames.columns import fields, without_internal
from divide_cli.reports.json import of_readings, provenance

if TYPE_CHECKING:
    from divide_cli.analysis.request import Result
    from divide_cli.frames.observations import Observations
    from divide_cli.readers import Memberships

STRUCTURE = {"STRUCTURE": "datastructure", "STRUCTURE_ID": "DIVIDE:DS_OBSERVATIONS(1.0)", "ACTION": "I"}
"""The first columns of SDMX-CSV 2.0: the structure that the rows follow, and the action "information"."""


def _write(frame: pd.DataFrame, schema: str, about: Mapping[str, Any], path: Path) -> None:
    """Writes the frame; each column has its description and unit, the file its provenance.

    Texts are written with a dictionary. For numbers, which rarely repeat, it would cost memory and enlarge the file.
    """
    known_fields = fields(schema)
    table = pa.Table.from_pandas(without_internal(frame), preserve_index=False)
    columns = []
    for column in table.schema:
        field = known_fields.get(column.name, {"description": "further dimension"})
        columns.append(column.with_metadata({name: field[name] for name in ("description", "unit") if name in field}))
    provenance_text = json.dumps(about, sort_keys=True, ensure_ascii=False)
    metadata = {**(table.schema.metadata or {}), b"divide": provenance_text.encode("utf-8", "backslashreplace")}
    texts = [column.name for column in columns if pa.types.is_dictionary(column.type)]
    with path.open("wb") as out:  # opened here, since a name may not be UTF-8
        pq.write_table(table.cast(pa.schema(columns, metadata=metadata)), out, compression="zstd", use_dictionary=texts)


SELECTIONS = ("gap", "indicator", "area", "year", "edition", "measure")
"""Options of `divide compute` that limit what is computed; without them, everything is."""


def asked_before(folder: Path) -> dict[str, Any]:
    """The options of the run that wrote gaps.parquet into the folder; none if there is no such file."""
    try:
        about = json.loads((pq.read_metadata(folder / "gaps.parquet").metadata or {}).get(b"divide", b"{}"))
    except (OSError, pa.ArrowException, ValueError):
        return {}
    options = about.get("options", {}) if isinstance(about, dict) else {}
    return options if isinstance(options, dict) else {}


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
    paths = {name: folder / f"{name}.parquet" for name in ("gaps", "aggregates")}
    folder_parts = {"where": str(folder), "expected": "a folder that can be written to"}
    hint = "name another folder with --out, or use --no-write"
    with ExitStack() as places:
        for name, path in paths.items():
            temporary = places.enter_context(moved_into_place(path, "the results", hint=hint, **folder_parts))
            _write(getattr(result, name), name, about, temporary)
    return tuple(paths.values())


def canonical(figures: "Observations") -> list[str]:
    """The columns of observations in a file: the key, further dimensions, the value and its attributes."""
    further = [name for name in (v.DECIMALS, v.CITATION, *v.AMOUNTS) if name in figures.frame]
    dimensions = [*v.KEY[:-1], *figures.dimensions, v.TIME_PERIOD]
    return [*dimensions, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT, *further]


def observations(figures: "Observations", form: str, path: Path) -> tuple[Path, ...]:
    """Writes the observations as `parquet`, `csv` or `sdmx-csv` (2.0). Raises SourceError if that fails.

    Their origin and licence are in the metadata of Parquet. For CSV they are in a second file, named as the W3C names
    such metadata: `<name>-metadata.json`.
    """
    about = of_readings(figures.readings)
    if form == "parquet":
        with moved_into_place(path) as temporary:
            _write(figures.frame[canonical(figures)], "observations", about, temporary)
        return (path,)
    beside = path.parent / f"{path.name}-metadata.json"  # a folder has no name to replace; it is rejected below
    licences = sorted({entry["licence"] for entry in about["inputs"] if entry["licence"]})
    table = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": in_utf8(path.name),
        "dc:license": licences,
        "divide": about,
    }
    metadata = json.dumps(table, indent=2, ensure_ascii=False) + "\n"
    return atomic_write.texts({path: as_csv(figures, form), beside: metadata}, "the observations")


def as_csv(figures: "Observations", form: str = "csv") -> str:
    """The observations as CSV with SDMX columns, or as SDMX-CSV 2.0."""
    frame = figures.frame[canonical(figures)]
    if form == "sdmx-csv":
        frame = frame.copy(deep=False)
        for place, (name, text) in enumerate(STRUCTURE.items()):
            frame.insert(place, name, text)
    return machine_text.as_csv(frame)


def groups_as_csv(parts: Sequence["Memberships"]) -> str:
    """Memberships as CSV, in the layout that --groups takes."""
    return "".join(machine_text.as_csv(part.frame, header=place == 0) for place, part in enumerate(parts))


def memberships(parts: Sequence["Memberships"], form: str, path: Path) -> tuple[Path, ...]:
    """Writes memberships as CSV. Raises OptionError for another format."""
    if form != "csv":
        raise OptionError("memberships_only_csv", found=f"--to {form}")
    return atomic_write.texts({path: groups_as_csv(parts)}, "the area groups")
