"""The output of `divide read` for each file: its layout with the evidence, its contents, the outcomes of its rows."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.errors import DivideError, NothingComputedError, OptionError, SourceError
from divide_cli.errors.text_safety import MESSAGE, as_json, count_of, cut, plural, shown
from divide_cli.frames.atomic_write import descriptor_of
from divide_cli.frames.observations import Observations, combine, together
from divide_cli.language import commas, labelled, later, remarked, say
from divide_cli.readers import FileReading, Memberships
from divide_cli.readers.opening.text import DELIMITERS
from divide_cli.reports.findings import few
from divide_cli.reports.json import fields_of, set_aside
from divide_cli.reports.tables import Block, Output, tell_notes, tell_written, write

_SHOWN_LINES = 8
_SHOWN_CODES = 12


def deliver(
    files: Sequence[FileReading], form: str, limit: int, file_form: str, out: Path | None, safe: bool = False
) -> None:
    """Prints the files, writes their contents to `out` in `file_form`, and reports on stderr.

    At most `limit` lines are named for a reason, 0 for all. If `out` is standard output, the contents are all that is
    printed there. If `safe`, texts in CSV are marked that a spreadsheet takes for formulas. Nothing is written if a
    file could not be read: an output without it would look complete. OptionError if figures and memberships would go
    into one table.
    """
    from divide_cli.reports import parquet

    figures, groups = _contents(files)
    if figures and groups and (file_form or form == "csv"):
        raise OptionError("observations_with_memberships", found=commas(file.path for file in files))
    if not out or descriptor_of(out) != 1:
        write(output(files, limit), form, safe=safe)
    paths: tuple[Path, ...] = ()
    torn = parquet.torn_csv(out) if out and file_form != "parquet" else ""
    if out and not any(file.error for file in files):
        if figures:
            paths = parquet.observations(together(figures), file_form, out, safe)
        elif groups:
            paths = parquet.memberships(groups, file_form, out, safe)
    _tell(files)
    tell_written(paths)
    tell_notes([torn] if paths else [])


def output(files: Sequence[FileReading], limit: int) -> Output:
    """The files as tables, JSON, CSV (the figures, or else the memberships) or Markdown.

    At most `limit` lines are named for a reason, 0 for all.
    """
    from divide_cli.reports import parquet

    figures, groups = _contents(files)
    texts = {
        "json": lambda: as_json({"files": [_as_data(file, limit) for file in files]}),
        "csv": lambda: parquet.as_csv(together(figures)) if figures else parquet.groups_as_csv(groups),
    }

    def frames() -> dict[str, pd.DataFrame]:
        named = {"figures": combine(figures)} if figures else {}
        by_name = {name: content.frame[parquet.canonical(content)] for name, content in named.items()}
        by_name |= {"groups": pd.concat([part.frame for part in groups], ignore_index=True)} if groups else {}
        return by_name | {"outcomes": _outcomes(files)}

    return Output(lambda: [_block(file) for file in files if file.read is not None], texts, frames)


def _contents(files: Sequence[FileReading]) -> tuple[list[Observations], list[Memberships]]:
    """The figures and the memberships of the files."""
    figures = [file.read for file in files if isinstance(file.read, Observations)]
    return figures, [file.read for file in files if isinstance(file.read, Memberships)]


OUTCOMES = ("FILE", "OUTCOME", "REASON", "ROWS", "LINES")


def _outcomes(files: Sequence[FileReading]) -> pd.DataFrame:
    """How many rows of each file are used, ignored and rejected, for which reason and on which lines."""
    rows: list[tuple[object, ...]] = []
    for entry in files:
        for reading in entry.read.readings if entry.read else ():
            rows.append((entry.path, "used", "", reading.used, []))
            for outcome, piles in (("ignored", reading.ignored), ("rejected", reading.refused)):
                rows += [(entry.path, outcome, pile.reason, pile.rows, list(pile.lines)) for pile in piles]
    return pd.DataFrame(rows, columns=list(OUTCOMES))


def _used(frame: pd.DataFrame, column: str) -> list[str]:
    """The codes in a column; none if the frame does not have the column."""
    codes = frame[column].unique() if column in frame else ()
    return sorted(str(code) for code in codes if not pd.isna(code))


def _breakdowns(content: Observations | Memberships) -> dict[str, list[str]]:
    """The codes of each dimension that breaks down some row; the groups for memberships."""
    names = ("GROUP",) if isinstance(content, Memberships) else (*v.DIMENSIONS, *content.dimensions)
    used = {name: _used(content.frame, name) for name in names}
    return {name: codes for name, codes in used.items() if any(code != v.TOTAL for code in codes)}


def _as_data(entry: FileReading, limit: int) -> dict[str, Any]:
    """A file as data; a file that could not be read has `error`, and no rows."""
    if entry.read is None or entry.error:
        error = entry.error or SourceError("rows_unusable")
        texts = fields_of(error, "code", "subject", "expected", "found", "where", "hint")
        return {"path": entry.path, "dataflow": None, "error": texts}
    content, reading = entry.read, entry.read.readings[0]
    licence = catalogue().licences.get(reading.licence)
    return {
        "path": entry.path,
        **fields_of(reading, "dataflow", "evidence"),
        **fields_of(reading.file, "encoding", "delimiter", "decimal", "compression", "sha256"),
        "rows_in": reading.rows,
        "rows_used": reading.used,
        "ignored": set_aside(reading.ignored, limit),
        "refused": set_aside(reading.refused, limit),
        "indicators": _used(content.frame, v.INDICATOR),
        "areas": _used(content.frame, v.REF_AREA),
        "years": sorted(content.frame[v.TIME_PERIOD].unique().tolist()) if v.TIME_PERIOD in content.frame else [],
        "breakdowns": _breakdowns(content),
        "licence": reading.licence,
        "licence_restricts": licence.restricts if licence else "",
        **fields_of(reading, "ignored_columns", "notes"),
    }


def _span(years: Sequence[int]) -> str:
    return say("{first} to {last} ({number} years)", first=years[0], last=years[-1], number=len(years))


_SEPARATED = {
    ",": later("comma-separated"), ";": later("semicolon-separated"), "\t": later("tab-separated"),
    "|": later("bar-separated"),
}  # fmt: skip
"""What separates the cells, in words."""


def _block(entry: FileReading) -> Block:
    """A file as a table."""
    data = _as_data(entry, 0)
    flow, years = catalogue().dataflows[data["dataflow"]], data["years"]
    comma = say("decimal comma") if data["decimal"] == "," else ""
    is_text = data["encoding"] != "xlsx" and data["delimiter"] in DELIMITERS
    separated = say(_SEPARATED[data["delimiter"]]) if is_text else ""
    ways = (data["encoding"], separated, comma, data["compression"])
    ignored, refused = (sum(part["rows"] for part in data[fate]) for fate in ("ignored", "refused"))
    unlisted = len(data["refused"]) - _SHOWN_CODES
    span = "" if not years else f"{years[0]}" if len(years) == 1 else _span(years)
    rows = [
        (say("Layout"), say("{flow} ({id}), recognised by {evidence}", flow=flow.name, id=flow.id,
                            evidence=data["evidence"])),
        (say("Encoding"), commas(way for way in ways if way)),
        (say("Rows"), say("{rows:,} = {used:,} used + {ignored:,} ignored + {rejected:,} rejected",
                          rows=data["rows_in"], used=data["rows_used"], ignored=ignored, rejected=refused)),
        (say("Indicators"), few(data["indicators"], _SHOWN_CODES)),
        (say("Areas"), labelled(len(data["areas"]), few(data["areas"], _SHOWN_CODES)) if data["areas"] else ""),
        (say("Years"), span),
        *((name, few([code for code in codes if code != v.TOTAL], _SHOWN_CODES))
          for name, codes in data["breakdowns"].items()),
        *((say("Ignored"), _reason(part)) for part in data["ignored"]),
        *((say("Rejected"), _reason(part)) for part in data["refused"][:_SHOWN_CODES]),
        (say("Rejected"), say("and {count} more reasons: --format json lists all", count=unlisted)
         if unlisted > 0 else ""),
        (say("Columns not used"), commas(data["ignored_columns"])),
    ]  # fmt: skip
    return Block(
        shown(entry.path),
        ("", "Found"),
        [(label, cut(text, MESSAGE)) for label, text in rows if text],
        notes=tuple(cut(note, MESSAGE) for note in data["notes"]),
    )


def _reason(part: dict[str, Any]) -> str:
    """`3 rows (lines 2, 5, 8): reason`."""
    lines = list(dict.fromkeys(part["lines"]))
    more = " ..." if len(lines) > _SHOWN_LINES else ""
    named = f"{plural(len(lines), 'line')} {commas(map(str, lines[:_SHOWN_LINES]))}{more}"
    return labelled(remarked(count_of(part["rows"], "row"), named), part["reason"])


def _tell(files: Sequence[FileReading]) -> None:
    """Reports on stderr which files could not be read, and which licences restrict use."""
    for entry in files if len(files) > 1 else ():  # of a single file the error is that of the run
        if entry.error:
            print(say("divide: error: {error}", error=entry.error), file=sys.stderr)
    licences = {name for entry in files if entry.read for name in entry.read.readings[0].licence.split("; ")}
    for name in sorted(licences):
        licence = catalogue().licences.get(name)
        if licence and licence.restricts:
            print(
                say(
                    "Licence: {licence} ({url}): {restricts}",
                    licence=licence.name,
                    url=licence.url,
                    restricts=licence.restricts,
                ),
                file=sys.stderr,
            )


def failure(files: Sequence[FileReading]) -> DivideError | None:
    """The error of a run if a file could not be read or no row of any file could be used, otherwise None."""
    errors = [file.error for file in files if file.error]
    if errors:
        return errors[0] if len(files) == 1 else SourceError("files_unreadable", failed=len(errors), files=len(files))
    if not any(file.read and file.read.readings[0].used for file in files):
        return NothingComputedError("rows_unusable", where=commas(file.path for file in files))
    return None
