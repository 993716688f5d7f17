"""The pages docs/reference/catalogue.md and docs/reference/layouts.md: what `divide list` and `divide show` print.

Kinds with a page of their own are links. Entries of the others have their texts here; layouts have a page.
"""

import re
from collections.abc import Iterable

from divide_cli.catalogue import catalogue
from divide_cli.reports.catalogue import Entry, kinds
from divide_cli.reports.findings import sentence
from scripts.docs.markdown import table

PAGES = {
    "indicators": "indicators.md", "gaps": "gaps.md", "comparisons": "gaps.md#comparisons", "measures": "measures.md",
    "estimates": "estimates.md", "targets": "targets.md", "dataflows": "layouts.md", "rules": "../rules/index.md",
    "claims": "claims.md", "charts": "../gallery.md",
}  # fmt: skip
"""Kind -> the page that has its entries."""
NOT_SHOWN = {"areas": "269 codes: `divide list areas`", "codelists": "their codes: `divide show CL_SEX`"}
"""Kinds whose entries are lists of codes, and how to see them."""
CODE = ("columns", "example", "indicators", "series", "verdict")
"""Labels of texts that are names of columns, ids, codes or commands."""
PATTERN = ("(?", "\\", "[A", "[^", ".*")
"""Signs of which a text has one if it is a pattern."""
HERE = ("found in",)
"""Labels of texts about this computer."""
INTRODUCTION = (
    "The facts that `divide` works with are entries of its catalogue, in `data/`. `divide list` names the kinds, "
    "`divide list KIND` the entries of one, and `divide show ID` prints an entry. This page has the same texts."
)
OF_LAYOUTS = (
    "The layouts of files that `divide` recognises. [Formats](../formats.md) says how to use them. Columns are given "
    "as they are searched: some are patterns (regular expressions), since the same column has several names."
)


def pages() -> dict[str, str]:
    """Both pages."""
    layouts = sorted(kinds()["dataflows"].values(), key=lambda entry: catalogue().dataflows[entry.id].name.casefold())
    return {
        "docs/reference/catalogue.md": "\n\n".join(["# Catalogue", INTRODUCTION, _kinds(), *_sections()]),
        "docs/reference/layouts.md": "\n\n".join(["# Layouts of files", OF_LAYOUTS, *map(_entry, layouts)]),
    }


def _kinds() -> str:
    """The table of kinds, with the place of their entries."""
    rows = [
        (
            f"`{name}`",
            len(entries),
            f"[{name}]({PAGES[name]})" if name in PAGES else NOT_SHOWN.get(name, f"[below](#{name})"),
        )
        for name, entries in kinds().items()
    ]
    return table(("kind", "entries", "texts"), rows)


def _sections() -> Iterable[str]:
    """A section for each kind that has no page."""
    for name, entries in kinds().items():
        if name not in PAGES and name not in NOT_SHOWN:
            yield f"## {name}"
            yield from map(_entry, entries.values())


def _entry(entry: Entry) -> str:
    """An entry with its texts, as a list."""
    lines = [_line(label, text) for label, text in entry.describe() if text and label not in HERE]
    return "\n".join([f"### `{entry.id}`", "", f"**{_escaped(entry.name)}**", "", *lines]).strip()


def _line(label: str, text: str) -> str:
    """A label and its text; names of columns, ids, codes and commands are code."""
    head, column, name = label.partition(" column ")
    title = f"{sentence(head).rstrip('.')} column `{name}`" if column else _text(sentence(label).rstrip("."))
    return f"- {title}: {f'`` {text} ``' if label in CODE else _text(text)}"


def _text(text: str) -> str:
    """A text of an entry; one with signs of a pattern is code."""
    text = " ".join(text.split())
    return f"`` {text} ``" if any(sign in text for sign in PATTERN) else _escaped(text)


def _escaped(text: str) -> str:
    """A text with signs of Markdown as signs, except in its code."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([*_\[\]])", r"\\\1", part).replace("<", "&lt;") for part in parts[::2]]
    return "`".join(parts)
