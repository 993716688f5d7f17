"""Readers: a file -> observations. `read` composes the stages.

    opening/            bytes -> document          spool, container, encoding, text, workbook, JSON, Parquet
    recognition         document -> layout         its first columns, keys or sheets, with the evidence
    layouts/, national/ document -> raw rows       one function for each family of layouts: FAMILIES
    mapping/            raw rows -> observations   column roles, codes, numbers, attributes; the fate of each row

A new layout of a known family is an entry in data/catalogue/dataflows. A new family is a function in FAMILIES.
"""

import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from divide_cli import concepts as v
from divide_cli.errors import DivideError, Place, SourceError
from divide_cli.frames.columns import constant, with_columns
from divide_cli.frames.observations import Observations
from divide_cli.language import later, say
from divide_cli.readers import national
from divide_cli.readers.layouts import memberships, tables, workbook
from divide_cli.readers.layouts.memberships import Memberships
from divide_cli.readers.opening import JsonDocument, TextDocument, WorkbookDocument, open_document
from divide_cli.readers.recognition import Match, ReadOptions, recognise

Load = Callable[[Any, Match, ReadOptions], Observations | Memberships]
FAMILIES: Mapping[str, tuple[Load, Any]] = {
    "table": (tables.load_table, tables.Table),
    "itu_datahub": (tables.load_table, tables.Table),
    "wide": (tables.load_table, TextDocument | WorkbookDocument),
    "json": (tables.load_json, JsonDocument),
    "workbook": (workbook.load, WorkbookDocument),
    "memberships": (memberships.load, TextDocument | WorkbookDocument),
    "open_sdg": (national.load, TextDocument),
}
"""Family of layouts -> its reader and the types of documents that it handles."""

WAY_ON = later(
    "rejected rows: {rejected:,} of {rows:,}. `--skip-refused` goes on without them and "
    "counts them; `divide read {words} --to csv --out used.csv` writes the others and "
    "lists these"
)
UNCOUNTED = later("if the other rows can be used, `--skip-refused` goes on without the rejected ones and counts them")
"""What an error about rows adds: how to go on without them; the second if a file can be read only once."""


def read(path: str, edition: str = "", options: ReadOptions | None = None) -> Observations | Memberships:
    """The observations of one file (`-` is standard input), with the edition that they belong to.

    A layout of area groups gives memberships instead.

    Every row of the file is used, ignored or rejected, and the Reading says why. A strict reading raises the first
    error instead. Raises SourceError if the file cannot be opened or its layout is unknown.
    """
    options = options or ReadOptions()
    document = open_document(path, options.encoding)
    match = recognise(document, options)
    load_family, handled = FAMILIES[match.flow.family]
    if not isinstance(document, handled):
        raise SourceError("document_unsupported", dataflow=match.flow.id, found=document.file.encoding, where=path)
    content = _with_encoding(load_family(document, match, options))
    if isinstance(content, Observations):
        of_edition = {v.EDITION: constant(edition, len(content.frame))}
        return replace(content, frame=with_columns(content.frame, of_edition))
    return content


def _with_encoding(content: Observations | Memberships) -> Observations | Memberships:
    """The content, with a note on why its encoding was taken and a remark if that is doubtful."""
    reading = content.readings[0]
    file = reading.file
    if not file.reason:
        return content
    notes = (file.decoded_as, *(remark.text for remark in file.remarks), *reading.notes)
    reading = replace(reading, notes=notes, remarks=(*file.remarks, *reading.remarks))
    return replace(content, readings=(reading, *content.readings[1:]))


@dataclass(frozen=True)
class FileReading:
    """A file with its observations or memberships, or the error that says why it cannot be read."""

    path: str
    read: Observations | Memberships | None
    error: DivideError | None = None


@contextmanager
def naming_the_way_on(paths: Sequence[str], options: ReadOptions) -> Iterator[None]:
    """Adds to an error about rows of the files how many are rejected, and how to go on without them.

    The files are read again to count them, except those that can be read only once (pipes).
    """
    try:
        yield
    except SourceError as error:
        if options.strict and all(map(os.path.isfile, paths)):
            error.way_on = _way_on(paths, replace(options, strict=False))
        elif options.strict and isinstance(error.where, Place) and error.where.line:
            error.way_on = say(UNCOUNTED)
        raise


def _way_on(paths: Sequence[str], options: ReadOptions) -> str:
    """How to go on without the rejected rows of the files; empty if none is rejected, or none would be left."""
    try:
        readings = [read(path, "", options).readings[0] for path in paths]
    except DivideError:
        return ""
    rejected = sum(pile.rows for reading in readings for pile in reading.refused)
    if not rejected or not any(reading.used for reading in readings):
        return ""
    rows = sum(reading.rows for reading in readings)
    return say(WAY_ON, rejected=rejected, rows=rows, words=shlex.join([*paths, *options.typed]))


def load(path: str, edition: str, options: ReadOptions | None = None) -> Observations:
    """All observations of one file; SourceError if a row cannot be used.

    If the reading is not strict, such rows are counted, and the first is an error only if no row is left.
    """
    content = read(path, edition, options)
    if isinstance(content, Memberships):
        hint = say("run `divide read {path} --to csv --out groups.csv`, then use `--groups groups.csv`", path=path)
        parts = {"count": len(content.frame), "layout": content.readings[0].dataflow, "hint": hint}
        raise SourceError("memberships_not_observations", where=path, **parts)
    reading = content.readings[0]
    if reading.refused and not reading.used and reading.refused[0].error:
        raise reading.refused[0].error
    return content


__all__ = ["FAMILIES", "FileReading", "Memberships", "ReadOptions", "load", "naming_the_way_on", "read", "recognise"]
