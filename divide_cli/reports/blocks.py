"""What a report consists of: blocks for readers (a title, columns, rows, notes), and frames for programs.

The blocks are said in the language when they are printed; `tables` and `html` print them.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from divide_cli import language
from divide_cli.errors.text_safety import harmless_json
from divide_cli.language import say
from divide_cli.reports.bars import Bar

if TYPE_CHECKING:
    import pandas as pd

NOTHING = "–"
"""The cell of a missing value."""
Row = Mapping[Any, Any]
"""A row of a frame: column -> value."""


@dataclass(frozen=True)
class Block:
    """One table for a reader. `numeric` columns are aligned right; a rule is drawn before each row of `rules`.

    Words in `whole` columns are ids to be copied: they are not broken while the other columns have room to wrap.
    """

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numeric: frozenset[str] = frozenset()
    rules: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    empty: str = ""
    left_out: int = 0
    whole: frozenset[str] = frozenset()
    across: "Block | None" = None
    """The same figures in fewer rows and more columns; printed instead where it fits the width."""
    bars: tuple[Bar | None, ...] = ()
    """A bar for each row, drawn in a wide terminal."""


def in_language(block: Block) -> Block:
    """The block with its title, heads and sentences in the language; its cells are in it already."""
    if language.current() == language.ENGLISH:
        return block
    heads = {name: say(name) for name in block.columns}
    repeated = Counter(heads.values())
    heads = {name: f"{text} ({name})" if repeated[text] > 1 else text for name, text in heads.items()}
    return replace(
        block,
        title=say(block.title),
        columns=tuple(heads[name] for name in block.columns),
        numeric=frozenset(heads.get(name, name) for name in block.numeric),
        whole=frozenset(heads.get(name, name) for name in block.whole),
        notes=tuple(map(say, block.notes)),
        empty=say(block.empty),
        across=in_language(block.across) if block.across else None,
    )


@dataclass(frozen=True)
class Output:
    """The output of a command: blocks for readers, and a text for each other format, created when needed.

    A text may come in pieces, so that it need not be in memory.
    """

    blocks: Callable[[], Sequence[Block]]
    texts: Mapping[str, Callable[[], str | Iterator[str]]]
    frames: Callable[[], Mapping[str, "pd.DataFrame"]] = dict
    """The frames behind it, by name; the first is the one that CSV prints."""


def of_frames(
    blocks: Callable[[], Sequence[Block]], meta: Mapping[str, Any], frames: Mapping[str, "pd.DataFrame"], csv: str = ""
) -> Output:
    """An output whose JSON is `{"meta": {...}, "gaps": [...], ...}`, and whose CSV is the named frame, or the first."""
    from divide_cli.frames import machine_text
    from divide_cli.frames.columns import without_internal

    usual = csv or next(iter(frames))

    def as_json() -> str:
        """Numbers with 15 significant digits; what is missing is null."""
        parts = [f'"meta": {json.dumps(meta, ensure_ascii=False)}']
        for name, frame in frames.items():
            parts.append(f'"{name}": {machine_text.as_json(without_internal(frame))}')
        return harmless_json("{" + ",\n".join(parts) + "}\n")

    def as_csv() -> str:
        """Numbers with 15 significant digits; what is missing is empty."""
        return machine_text.as_csv(without_internal(frames[usual]))

    def by_name() -> "dict[str, pd.DataFrame]":
        return {name: without_internal(frames[name]) for name in (usual, *(name for name in frames if name != usual))}

    return Output(blocks, {"json": as_json, "csv": as_csv}, by_name)


def without_empty_columns(block: Block) -> Block:
    """The block without the columns that are empty, or a dash, in every row."""
    kept = [at for at in range(len(block.columns)) if any(row[at] not in ("", NOTHING) for row in block.rows)]
    rows, columns = [tuple(row[at] for at in kept) for row in block.rows], tuple(block.columns[at] for at in kept)
    return replace(block, columns=columns, rows=rows, whole=block.whole & {*columns}) if rows else block


def with_years_across(block: Block, head: str, year: str, value: str) -> Block:
    """The block, with a column for each year of the same values to be printed where it fits, if there are several."""
    at = {name: block.columns.index(name) for name in (head, year, value)}
    years = sorted({row[at[year]] for row in block.rows})
    values: dict[str, dict[str, str]] = {}
    for row in block.rows:
        values.setdefault(row[at[head]], {})[row[at[year]]] = row[at[value]]
    if len(years) < 2 or sum(map(len, values.values())) < len(block.rows):
        return block
    rows = [(name, *(of_year.get(one, NOTHING) for one in years)) for name, of_year in values.items()]
    return replace(block, across=Block(block.title, (head, *years), rows, frozenset(years), left_out=block.left_out))


class Footnotes:
    """The notes on an output, numbered in the order in which its cells, titles and sentences cite them."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def mark(self, note: str) -> str:
        """`(1)`: the number of the note."""
        return f"({self._numbers.setdefault(note, len(self._numbers) + 1)})"

    def block(self, *further: str) -> Block:
        """The notes by number, then sentences that no mark cites; without a row, a block is its title and its notes."""
        numbered = (f"({number}) {note}" for note, number in self._numbers.items())
        return Block("Notes", (), [], notes=(*numbered, *(sentence for sentence in further if sentence)))
