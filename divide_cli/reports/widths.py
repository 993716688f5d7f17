"""How wide the columns of a table are in a terminal, and whether they fit side by side."""

from collections.abc import Collection, Mapping, Sequence

_NARROW = 10
"""The width left to a column of words next to columns whose words are not broken."""
_GAP = 2
"""How many characters more than its text a column takes."""


def full_widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """The width of the longest line of each column."""
    from rich.cells import cell_len

    return {
        name: max(cell_len(line) for text in texts for line in text.split("\n"))
        for name, texts in _texts(columns, rows).items()
    }


def fits(widths: Mapping[str, int], room: int) -> bool:
    """Whether the columns fit side by side."""
    return sum(widths.values()) + _GAP * len(widths) <= room


def widths_of_whole(
    columns: Sequence[str], rows: Sequence[Sequence[str]], whole: Collection[str], room: int
) -> dict[str, int]:
    """Widths of the `whole` columns that fit their longest word; none if all fit, or if the others would not."""
    from rich.cells import cell_len

    full = full_widths(columns, rows)
    if fits(full, room):
        return {}
    texts = _texts(columns, rows)
    words = {name: max(cell_len(word) for text in texts[name] for word in ["", *text.split()]) for name in whole}
    least = sum(min(full[name], _NARROW) for name in full if name not in words)
    return words if sum(words.values()) + least + _GAP * len(full) <= room else {}


def _texts(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """The head and the cells of each column."""
    return {name: [name, *(row[at] for row in rows)] for at, name in enumerate(columns)}
