"""What `divide read` shows of each file: the dataflow and the evidence, what it holds, and where its rows went."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.errors import DivideError, NothingComputedError, OptionError, SourceError
from divide_cli.errors.text_safety import as_json, shown
from divide_cli.frames.observations import Observations, SetAside, together
from divide_cli.readers import FileReading, Memberships
from divide_cli.readers.opening.text import DELIMITERS
from divide_cli.reports.tables import Block, as_markdown, print_rich

_SHOWN_LINES = 8
_SHOWN_CODES = 12


def deliver(files: Sequence[FileReading], form: str, limit: int, file_form: str, out: Path | None) -> None:
    """Prints the files, writes what they hold to `out` in `file_form`, and says on stderr what was done.

    Nothing is written where a file could not be read: what lacks one of the files asked for would look whole.
    OptionError where figures and memberships would go into one table.
    """
    from divide_cli.reports import parquet

    figures = [file.read for file in files if isinstance(file.read, Observations)]
    groups = [file.read for file in files if isinstance(file.read, Memberships)]
    if figures and groups and (file_form or form == "csv"):
        raise OptionError("observations_with_memberships", found=", ".join(file.path for file in files))
    if form == "csv":
        sys.stdout.write(parquet.as_csv(together(figures)) if figures else parquet.groups_as_csv(groups))
    else:
        show(files, form, limit)
    paths: tuple[Path, ...] = ()
    if out and not any(file.error for file in files):
        if figures:
            paths = parquet.observations(together(figures), file_form, out)
        elif groups:
            paths = parquet.memberships(groups, file_form, out)
    tell(files, paths)


def show(files: Sequence[FileReading], form: str, limit: int) -> None:
    """Prints the files on stdout as `table`, `json` or `markdown`; at most `limit` lines a reason, 0 for all."""
    if form == "json":
        sys.stdout.write(as_json({"files": [_as_data(entry, limit) for entry in files]}))
        return
    blocks = [_block(entry) for entry in files if entry.read is not None]
    if form == "markdown":
        sys.stdout.write(as_markdown(blocks))
    else:
        print_rich(blocks)


def _used(frame: pd.DataFrame, column: str) -> list[str]:
    """The codes of a category column that some row holds."""
    codes = np.unique(frame[column].cat.codes.to_numpy())
    return sorted(str(frame[column].cat.categories[code]) for code in codes if code >= 0)


def _areas(read: Observations | Memberships) -> list[str]:
    return sorted(set(read.frame[v.REF_AREA])) if isinstance(read, Memberships) else _used(read.frame, v.REF_AREA)


def _breakdowns(read: Observations | Memberships) -> dict[str, list[str]]:
    if isinstance(read, Memberships):
        return {"GROUP": sorted(set(read.frame["GROUP"]))}
    names = [name for name in (*v.DIMENSIONS, *read.dimensions) if name in read.frame]
    used = {name: _used(read.frame, name) for name in names}
    return {name: codes for name, codes in used.items() if any(code != v.TOTAL for code in codes)}


def _piles(piles: Sequence[SetAside], limit: int) -> list[dict[str, Any]]:
    return [
        {"reason": pile.reason, "rows": pile.rows, "lines": list(pile.lines[: limit or None])}
        for pile in piles
    ]  # fmt: skip


def _as_data(entry: FileReading, limit: int) -> dict[str, Any]:
    """A file for machines; a file that could not be read has `error`, and no rows."""
    if entry.read is None or entry.error:
        error = entry.error or SourceError("rows_unusable")
        told = {"subject": error.subject, "expected": error.expected, "found": error.found, "where": error.where}
        return {"path": entry.path, "dataflow": None, "error": {**told, "hint": error.hint}}
    read, reading = entry.read, entry.read.readings[0]
    licence = catalogue().licences.get(reading.licence)
    return {
        "path": entry.path,
        "dataflow": reading.dataflow,
        "evidence": reading.evidence,
        "encoding": reading.file.encoding,
        "delimiter": reading.file.delimiter,
        "decimal": reading.file.decimal,
        "compression": reading.file.compression,
        "sha256": reading.file.sha256,
        "rows_in": reading.rows,
        "rows_used": reading.used,
        "ignored": _piles(reading.ignored, limit),
        "refused": _piles(reading.refused, limit),
        "indicators": _used(read.frame, v.INDICATOR) if v.INDICATOR in read.frame else [],
        "areas": _areas(read),
        "years": sorted(read.frame[v.TIME_PERIOD].unique().tolist()) if v.TIME_PERIOD in read.frame else [],
        "breakdowns": _breakdowns(read),
        "licence": reading.licence,
        "licence_restricts": licence.restricts if licence else "",
        "ignored_columns": list(reading.ignored_columns),
        "notes": list(reading.notes),
    }


def _block(entry: FileReading) -> Block:
    """A file for readers."""
    read = entry.read
    if read is None:
        raise ValueError(entry.path)
    data = _as_data(entry, 0)
    flow = catalogue().dataflows[data["dataflow"]]
    ways = (
        data["encoding"],
        DELIMITERS.get(data["delimiter"], ""),
        "decimal comma" if data["decimal"] == "," else "",
        data["compression"],
    )
    years = data["years"]
    span = [f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]} ({len(years)} years)"] if years else []
    rows = [
        ("layout", f"{flow.name} ({flow.id}), known by {data['evidence']}"),
        ("encoding", ", ".join(way for way in ways if way)),
        ("rows", f"{data['rows_in']:,} = {data['rows_used']:,} used + {_total(data['ignored']):,} ignored + "
         f"{_total(data['refused']):,} refused"),
        ("indicators", _few(data["indicators"])),
        ("areas", f"{len(data['areas'])}: {_few(data['areas'])}" if data["areas"] else ""),
        ("years", "".join(span)),
        *((name, _few([code for code in codes if code != v.TOTAL])) for name, codes in data["breakdowns"].items()),
        *(("ignored", _told(pile)) for pile in data["ignored"]),
        *(("refused", _told(pile)) for pile in data["refused"][:_SHOWN_CODES]),
        ("refused", f"and {len(data['refused']) - _SHOWN_CODES} more reasons: --format json lists all"
         if len(data["refused"]) > _SHOWN_CODES else ""),
        ("not used", ", ".join(data["ignored_columns"])),
    ]  # fmt: skip
    return Block(shown(entry.path), ("", "found"), [row for row in rows if row[1]], notes=tuple(data["notes"]))


def _total(piles: Sequence[dict[str, Any]]) -> int:
    return sum(pile["rows"] for pile in piles)


def _few(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - _SHOWN_CODES} more" if len(codes) > _SHOWN_CODES else ""
    return ", ".join(codes[:_SHOWN_CODES]) + more


def _told(pile: dict[str, Any]) -> str:
    lines = list(dict.fromkeys(pile["lines"]))
    more = " ..." if len(lines) > _SHOWN_LINES else ""
    return f"{pile['rows']:,}: {pile['reason']} (line {', '.join(map(str, lines[:_SHOWN_LINES]))}{more})"


def tell(files: Sequence[FileReading], written: Sequence[Path]) -> None:
    """Says on stderr which files could not be read, which terms restrict use, and what was written."""
    for entry in files if len(files) > 1 else ():  # of a single file the error is that of the run
        if entry.error:
            print(f"divide: error: {entry.error}", file=sys.stderr)
    licences = {name for entry in files if entry.read for name in entry.read.readings[0].licence.split("; ")}
    for name in sorted(licences):
        licence = catalogue().licences.get(name)
        if licence and licence.restricts:
            print(f"Licence: {licence.name} ({licence.url}): {licence.restricts}", file=sys.stderr)
    if written:
        print(f"wrote {' and '.join(shown(str(path)) for path in written)}", file=sys.stderr)


def failure(files: Sequence[FileReading]) -> DivideError | None:
    """The error of a run in which a file could not be read, or no row of any file could be used; else None."""
    errors = [file.error for file in files if file.error]
    if errors:
        return errors[0] if len(files) == 1 else SourceError("files_unreadable", failed=len(errors), files=len(files))
    if not any(file.read and file.read.readings[0].used for file in files):
        return NothingComputedError("rows_unusable", where=", ".join(file.path for file in files))
    return None
