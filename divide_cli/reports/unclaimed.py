"""The figures of texts that no mark is about, with their candidates: a table, Markdown, CSV or JSON."""

import csv
import io
import sys
from collections.abc import Sequence
from functools import partial

from divide_cli.claims.documents.candidates import Candidate, Unclaimed, as_rows
from divide_cli.errors.text_safety import as_json, count_of
from divide_cli.language import ended, labelled, later, say
from divide_cli.reports.tables import NOTHING, Block, Footnotes, Output, write
from divide_cli.sources.editions import editions

HEADS = (later("Place"), later("Figure"), later("Mark"), later("Value"))
_DECIMALS = 2


def deliver(entries: Sequence[Unclaimed], form: str) -> None:
    """Prints the figures on stdout in the format, and on stderr how many there are and how many have a candidate."""
    texts = {"json": partial(_json, entries), "csv": partial(_csv, entries)}
    write(Output(partial(blocks, entries), texts), form)
    found = sum(bool(entry.candidates) for entry in entries)
    figures = count_of(len(entries), "figure")
    print(say("{figures} without a mark, {found} with candidates", figures=figures, found=found), file=sys.stderr)


def blocks(entries: Sequence[Unclaimed]) -> list[Block]:
    """A block for each text: a row for each candidate, or one for a figure without any."""
    parts, notes = [], Footnotes()
    for file in dict.fromkeys(entry.file for entry in entries):
        rows = [row for entry in entries if entry.file == file for row in _rows(entry, notes)]
        note = say(
            "To claim a figure, put its mark after it: {example}.",
            example="71 % <!-- divide: internet_use HIC 2025 -->",
        )
        title = say("{file}: figures without a mark", file=file)
        parts.append(Block(title, HEADS, rows, frozenset(("Value",)), notes=(note,)))
    return [*parts, notes.block()]


def _rows(entry: Unclaimed, notes: Footnotes) -> list[tuple[str, ...]]:
    head = (f"{entry.line}:{entry.column}", entry.printed)
    rows = [(one.mark, f"{_value(one)} {_source(one, notes)}") for one in entry.candidates] or [(NOTHING, "")]
    return [(*(head if at == 0 else ("", "")), *row) for at, row in enumerate(rows)]


def _source(candidate: Candidate, notes: Footnotes) -> str:
    return notes.mark(ended(labelled(candidate.edition, editions()[candidate.edition].citation)))


def _value(candidate: Candidate) -> str:
    """The value; a number of people without decimals."""
    return (
        f"{candidate.value:,.0f}"
        if "persons" in candidate.mark.split()
        else f"{candidate.value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    )


def _json(entries: Sequence[Unclaimed]) -> str:
    return as_json({"figures": as_rows(entries)})


def _csv(entries: Sequence[Unclaimed]) -> str:
    """A row for each candidate, or one for a figure without any."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("FILE", "LINE", "COLUMN", "PRINTED", "MARK", "OBS_VALUE", "EDITION"))
    for entry in entries:
        place = (entry.file, entry.line, entry.column, entry.printed)
        writer.writerows((*place, one.mark, repr(one.value), one.edition) for one in entry.candidates)
        if not entry.candidates:
            writer.writerow((*place, "", "", ""))
    return text.getvalue()
