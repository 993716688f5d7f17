"""Entries of the catalogue on the terminal. Text from data is never markup."""

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from divide_cli.reports.catalogue import Entry


def _width() -> int:
    from rich.console import Console

    return Console().width


def print_kinds(kinds: Mapping[str, Mapping[str, "Entry"]]) -> None:
    """Each kind with the number of its entries."""
    for kind, entries in kinds.items():
        print(f"{kind:<14}{len(entries):>5}   divide list {kind}")
    print("\ndivide show ID prints one entry.")


def print_list(kind: str, entries: Mapping[str, "Entry"]) -> None:
    """One entry a paragraph: id, name, and a line about it."""
    width = _width()
    column = min(max((len(name) for name in entries), default=0) + 2, 40)
    for name, entry in entries.items():
        text = " · ".join(part for part in (entry.name, entry.about) if part)
        lines = textwrap.wrap(text, max(width - column, 30), break_long_words=False, break_on_hyphens=False) or [""]
        print(f"{name:<{column}}{lines[0]}")
        for line in lines[1:]:
            print(" " * column + line)
    print(f"\n{len(entries)} {kind}. divide show ID prints one.")


def print_entry(entry: "Entry") -> None:
    """Everything about one entry."""
    width = _width()
    print(f"{entry.id}: {entry.name} ({entry.kind.removesuffix('s')})")
    for label, text in entry.describe():
        if text:
            print(
                textwrap.fill(
                    f"{label}: {text}", width, initial_indent="  ", subsequent_indent="      ",
                    break_long_words=False, break_on_hyphens=False,
                )
            )  # fmt: skip
    print()
