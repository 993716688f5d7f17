"""What a command prints: blocks (a title, columns, rows, notes) as rich tables or Markdown, frames as JSON or CSV.

Text from data is never markup.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from divide_cli.errors.text_safety import count_of, harmless_json, shown, visible
from divide_cli.frames import atomic_write

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[Any, Any]
"""A row of a frame: column -> value."""

_NARROW = 10
"""Characters that a column of words is left beside columns whose words are not broken."""


@dataclass(frozen=True)
class Block:
    """One table for a reader. `numeric` columns are set to the right; a rule is drawn before each row of `rules`.

    Words of `whole` columns are ids that are copied: they are not broken while the others have room to wrap.
    """

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numeric: frozenset[str] = frozenset()
    rules: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    empty: str = ""
    left_out: int = field(default=0)
    whole: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Output:
    """What a command prints: blocks for readers, and a text for each further form; made when they are needed."""

    blocks: Callable[[], Sequence[Block]]
    texts: Mapping[str, Callable[[], str]]


def of_frames(
    blocks: Callable[[], Sequence[Block]], meta: Mapping[str, Any], frames: Mapping[str, "pd.DataFrame"]
) -> Output:
    """An output whose JSON is `{"meta": {...}, "gaps": [...], ...}`, and whose CSV is the first of the frames."""
    first = next(iter(frames.values()))
    return Output(blocks, {"json": lambda: _frames_as_json(meta, frames), "csv": lambda: _frame_as_csv(first)})


def write(output: Output, form: str, out: Path | None = None, what: str = "") -> None:
    """Prints the output in that form, or writes it to `out`, whole or not at all; SourceError where it cannot be.

    Tables are as wide as the terminal, and Markdown in a file; `what` is said to be written.
    """
    if form == "table" and out is None:
        print_rich(output.blocks())
        return
    text = output.texts[form]() if form in output.texts else as_markdown(output.blocks())
    if out is None:
        sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")
    else:
        atomic_write.texts({out: text}, what)


def tell_written(paths: Sequence[Path], about: str = "") -> None:
    """Says on stderr what was written, after what it is about."""
    if paths:
        print(f"{about}wrote {' and '.join(shown(str(path)) for path in paths)}", file=sys.stderr)


def _frames_as_json(meta: Mapping[str, Any], frames: Mapping[str, "pd.DataFrame"]) -> str:
    """Numbers to 15 decimals; what is missing is null."""
    from divide_cli.frames.columns import without_internal

    parts = [f'"meta": {json.dumps(meta, ensure_ascii=False)}']
    for name, frame in frames.items():
        rows = without_internal(frame).to_json(orient="records", double_precision=15, force_ascii=False)
        parts.append(f'"{name}": {rows or "[]"}')
    return harmless_json("{" + ",\n".join(parts) + "}\n")


def _frame_as_csv(frame: "pd.DataFrame") -> str:
    """Numbers in full; what is missing is empty."""
    from divide_cli.frames.columns import without_internal

    return str(without_internal(frame).to_csv(index=False, lineterminator="\n"))


def _safe(text: str) -> str:
    """The text without what a terminal obeys; its lines stay lines."""
    return "\n".join(visible(line) for line in text.split("\n"))


def print_rich(blocks: Sequence[Block]) -> None:
    """Prints the blocks on stdout, as wide as the terminal (80 columns in a pipe, or COLUMNS)."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    ascii_only = not (console.encoding or "").lower().startswith("utf")
    for block in blocks:
        console.print(Text(_safe(block.title), style="bold"))
        if block.rows:
            table = Table(box=box.ASCII2 if ascii_only else box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
            widths = _widths(block, console.width)
            for name in block.columns:
                side: Literal["left", "right"] = "right" if name in block.numeric else "left"
                table.add_column(
                    Text(_safe(name)), justify=side, overflow="fold", no_wrap=False, width=widths.get(name)
                )
            for index, row in enumerate(block.rows):
                if index in block.rules:
                    table.add_section()
                table.add_row(*(Text(_safe(cell)) for cell in row))
            console.print(table)
        elif block.empty:
            console.print(Text(_safe(block.empty)))
        for note in _notes(block):
            console.print(Text(_safe(note), style="dim"))
        console.print()


def _widths(block: Block, room: int) -> dict[str, int]:
    """Widths of the `whole` columns that hold their longest word; none where all fits, or where the others would not.

    A column takes two characters more than its text.
    """
    from rich.cells import cell_len

    texts = {name: [name, *(row[at] for row in block.rows)] for at, name in enumerate(block.columns)}
    full = {name: max(cell_len(line) for text in texts[name] for line in text.split("\n")) for name in texts}
    if sum(full.values()) + 2 * len(full) <= room:
        return {}
    words = {name: max(cell_len(word) for text in texts[name] for word in ["", *text.split()]) for name in block.whole}
    least = sum(min(full[name], _NARROW) for name in full if name not in words)
    return words if sum(words.values()) + least + 2 * len(full) <= room else {}


def _notes(block: Block) -> list[str]:
    more = [f"{count_of(block.left_out, 'more row')}: --format csv prints all."] if block.left_out else []
    return [*more, *block.notes]


_MARKS = ("\\", "|", "*", "_", "`", "<", "[", "]")
_LINKS = ("&", "~", "@", "#", "://", "www.")
"""What makes a link, a name or an entity without brackets; a backslash before the first mark or the point ends it."""


def _cell(text: str, links: bool = True) -> str:
    text = _safe(text)
    for mark in _MARKS:
        text = text.replace(mark, f"\\{mark}")
    for mark in () if links else _LINKS:
        text = text.replace(mark, "www\\." if mark == "www." else f"\\{mark}")
    return " ".join(text.split())


def as_markdown(blocks: Sequence[Block], links: bool = True) -> str:
    """The blocks as Markdown tables, one below the other; where `links` is False no address in a text becomes one."""
    escaped = partial(_cell, links=links)
    lines: list[str] = []
    for block in blocks:
        lines += [f"### {escaped(block.title)}", ""]
        if block.rows:
            lines.append("| " + " | ".join(escaped(name) for name in block.columns) + " |")
            lines.append("| " + " | ".join("---:" if name in block.numeric else "---" for name in block.columns) + " |")
            lines += ["| " + " | ".join(escaped(cell) for cell in row) + " |" for row in block.rows]
            lines.append("")
        elif block.empty:
            lines += [escaped(block.empty), ""]
        for note in _notes(block):
            lines += [f"- {escaped(note)}"]
        lines.append("")
    return "\n".join(lines)
