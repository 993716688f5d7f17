"""How wide the columns of a table are in a terminal, and whether it fits there with its years side by side."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from divide_cli.reports.tables import Block

_NARROW = 10
"""The width left to a column of words next to columns whose words are not broken."""


def that_fits(block: "Block", room: int) -> "Block":
    """The block or, if it fits the width, the one with the same figures in fewer rows."""
    across = block.across
    if across is None or not _fits(_full_widths(across), room):
        return block
    return replace(across, notes=(*across.notes, *block.notes))


def _full_widths(block: "Block") -> dict[str, int]:
    """The width of the longest line of each column."""
    from rich.cells import cell_len

    texts = {name: [name, *(row[at] for row in block.rows)] for at, name in enumerate(block.columns)}
    return {name: max(cell_len(line) for text in texts[name] for line in text.split("\n")) for name in texts}


def _fits(widths: Mapping[str, int], room: int) -> bool:
    """Whether the columns fit side by side; each takes two characters more than its text."""
    return sum(widths.values()) + 2 * len(widths) <= room


def widths_of(block: "Block", room: int) -> dict[str, int]:
    """Widths of the `whole` columns that fit their longest word; none if all fit, or if the others would not."""
    from rich.cells import cell_len

    full = _full_widths(block)
    if _fits(full, room):
        return {}
    texts = {name: [name, *(row[at] for row in block.rows)] for at, name in enumerate(block.columns)}
    words = {name: max(cell_len(word) for text in texts[name] for word in ["", *text.split()]) for name in block.whole}
    least = sum(min(full[name], _NARROW) for name in full if name not in words)
    return words if sum(words.values()) + least + 2 * len(full) <= room else {}
