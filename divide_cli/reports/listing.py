"""Prints the entries of the catalogue: as text for people, and as JSON, CSV or Markdown. Without pandas."""

import csv
import os
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import StringIO
from typing import TYPE_CHECKING, Any

from divide_cli.errors import text_safety
from divide_cli.errors.text_safety import in_paragraph, visible
from divide_cli.language import say
from divide_cli.reports.catalogue import Entry
from divide_cli.reports.entry_words import coded, texts

if TYPE_CHECKING:
    import pandas as pd

    from divide_cli.reports.blocks import Block, Output


def print_as(form: str, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Prints the rows as JSON (`{name: rows}`), as CSV, or as a Markdown table with that title."""
    columns = list(rows[0]) if rows else []
    if form == "json":
        print(as_json(name, rows), end="")
    elif form == "csv":
        text = StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {name: visible(cell) if isinstance(cell, str) else cell for name, cell in row.items()} for row in rows
        )
        print(text.getvalue(), end="")
    else:
        from divide_cli.reports.tables import as_markdown

        print(as_markdown([block_of(name, rows)]), end="")


def as_json(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as `{name: rows}`."""
    return text_safety.as_json({name: list(rows)})


def block_of(name: str, rows: Sequence[Mapping[str, Any]]) -> "Block":
    """The rows as a table with that title."""
    from divide_cli.reports.blocks import Block

    columns = list(rows[0]) if rows else []
    cells = [tuple(str(row[column]) for column in columns) for row in rows]
    return Block(f"{name[:1].upper()}{name[1:]}", tuple(column.capitalize() for column in columns), cells)


def output(name: str, rows: Sequence[Mapping[str, Any]]) -> "Output":
    """The rows as a table, JSON or Markdown."""
    from divide_cli.reports.blocks import Output

    def frames() -> "dict[str, pd.DataFrame]":
        import pandas as pd

        return {name: pd.DataFrame(list(rows)).rename(columns=str.upper)}

    return Output(lambda: [block_of(name, rows)], {"json": lambda: as_json(name, rows)}, frames)


def kinds_as_rows(kinds: Mapping[str, Mapping[str, Entry]]) -> list[dict[str, Any]]:
    """Each kind with the number of its entries, and what they are."""
    return [{"kind": kind, "entries": len(listed), "about": texts()["kinds"][kind]} for kind, listed in kinds.items()]


def list_as_rows(entries: Mapping[str, Entry]) -> list[dict[str, Any]]:
    """Each entry with its id, its name and a line about it."""
    return [{"id": entry.id, "name": entry.name, "about": entry.about} for entry in entries.values()]


def print_entries_as(form: str, entries: Sequence[Entry]) -> None:
    """Prints everything about the entries.

    JSON is `{"entries": [{"kind", "id", "name", "about", "facts": [{"label", "text"}]}]}`; CSV has a row for each fact;
    Markdown has a table for each entry.
    """
    facts = [[{"label": label, "text": text} for label, text in entry.describe() if text] for entry in entries]
    heads = [{"kind": entry.kind, "id": entry.id, "name": entry.name} for entry in entries]
    if form == "json":
        about = [{"about": entry.about, "facts": of_entry} for entry, of_entry in zip(entries, facts, strict=True)]
        document = [head | more for head, more in zip(heads, about, strict=True)]
        print(text_safety.as_json({"entries": document}, levels=4), end="")
    elif form == "csv":
        rows = [head | fact for head, of_entry in zip(heads, facts, strict=True) for fact in of_entry]
        print_as(form, "facts", rows)
    else:
        for entry, of_entry in zip(entries, facts, strict=True):
            print_as(
                form, f"{entry.id}: {entry.name} ({coded(entry.kind.removesuffix('s')).replace('_', ' ')})", of_entry
            )


def _width() -> int:
    """The width of the terminal on any standard stream, or COLUMNS; as in rich, without importing it."""
    for stream in (0, 1, 2):
        with suppress(OSError):
            return shutil.get_terminal_size((os.get_terminal_size(stream).columns, 24)).columns
    return shutil.get_terminal_size((80, 24)).columns


def print_kinds(kinds: Mapping[str, Mapping[str, Entry]]) -> None:
    """Prints each kind with the number of its entries, and what they are."""
    width = max(map(len, kinds))
    for kind, entries in kinds.items():
        print(f"{kind:<{width}}{len(entries):>5}   {texts()['kinds'][kind]}")
    print("\n" + say("To list a kind: divide list KIND. To see one entry: divide show ID."))


def print_list(kind: str, entries: Mapping[str, Entry]) -> None:
    """Prints one entry a paragraph: id, name, and a line about it."""
    width, column = _width(), min(max(map(len, entries), default=0) + 2, 40)
    for name, entry in entries.items():
        text = in_paragraph(" · ".join(part for part in (entry.name, entry.about) if part))
        lines = textwrap.wrap(text, max(width - column, 30), break_long_words=False, break_on_hyphens=False) or [""]
        code = in_paragraph(name)
        head = f"{code:<{column}}" if len(code) < column else f"{code}\n{' ' * column}"
        print(head + f"\n{' ' * column}".join(lines))
    print("\n" + say("{number} {kind}. To see one: divide show ID.", number=len(entries), kind=kind.replace("_", " ")))


def print_entry(entry: Entry) -> None:
    """Prints everything about one entry."""
    wrapped = textwrap.TextWrapper(
        _width(), initial_indent="  ", subsequent_indent=" " * 6, break_long_words=False, break_on_hyphens=False
    )
    head = in_paragraph(f"{entry.id}: {entry.name} ({coded(entry.kind.removesuffix('s'))})")
    print(textwrap.fill(head, wrapped.width, break_on_hyphens=False))
    for label, text in entry.describe():
        if text:
            name = say(label)
            print(wrapped.fill(in_paragraph(say("{label}: {text}", label=f"{name[0].upper()}{name[1:]}", text=text))))
    print()
