"""The output of a command: blocks (a title, columns, rows, notes) as rich tables or Markdown, frames as JSON or CSV.

Text from data is never markup. Numbers have the decimals of their unit, bounds in brackets, marks next to them; a
missing value is a dash.
"""

import math
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from divide_cli import concepts as v
from divide_cli import language
from divide_cli.catalogue import catalogue
from divide_cli.errors.text_safety import MESSAGE, count_of, excel_safe_csv, shown, visible
from divide_cli.frames import atomic_write
from divide_cli.language import between, commas, digits, ended, measured, say
from divide_cli.reports.bars import column_of
from divide_cli.reports.blocks import NOTHING as NOTHING
from divide_cli.reports.blocks import Block as Block
from divide_cli.reports.blocks import Footnotes as Footnotes
from divide_cli.reports.blocks import Output as Output
from divide_cli.reports.blocks import Row as Row
from divide_cli.reports.blocks import in_language as in_language
from divide_cli.reports.blocks import of_frames as of_frames
from divide_cli.reports.blocks import with_years_across as with_years_across
from divide_cli.reports.blocks import without_empty_columns as without_empty_columns
from divide_cli.reports.widths import fits, full_widths, widths_of_whole

if TYPE_CHECKING:
    from rich.console import Console


def write(output: Output, form: str, out: Path | None = None, what: str = "", safe: bool = False) -> None:
    """Prints the output in that format, or writes it to `out`, complete or not at all; SourceError if that fails.

    Tables are as wide as the terminal and in its encoding, and Markdown in a file. All else is UTF-8 everywhere. `what`
    names the content in the report of writing. If `safe`, texts in CSV are marked that begin like a formula.
    """
    if form == "table" and out is None:
        print_rich(output.blocks())
        return
    text = _pieces_in(form, output)
    text = excel_safe_csv("".join(text)) if safe and form == "csv" else text
    if out is not None:
        atomic_write.write({out: text}, what)
    else:
        print_exactly(text_ended(text) if isinstance(text, str) else text)


def text_in(form: str, output: Output) -> str:
    """The output in a format of texts; Markdown if it has no other way to write that."""
    text = _pieces_in(form, output)
    return text if isinstance(text, str) else "".join(text)


def _pieces_in(form: str, output: Output) -> str | Iterator[str]:
    return output.texts[form]() if form in output.texts else as_markdown(output.blocks())


def text_ended(text: str) -> str:
    """The text as it is printed: with an end of line, unless it is empty."""
    return text if text.endswith("\n") or not text else text + "\n"


def print_exactly(text: str | Iterator[str]) -> None:
    """Prints a text that programs read, or its pieces: UTF-8 with its own ends of lines, whatever the terminal uses."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(encoding="utf-8", errors="replace", newline="")
    sys.stdout.writelines([text] if isinstance(text, str) else text)


def tell_doubts(doubts: Sequence[str]) -> None:
    """Warns on stderr of what is improbable in the files."""
    for doubt in doubts:
        print(say("divide: warning: {doubt}", doubt=visible(doubt)), file=sys.stderr)


def tell_notes(notes: Sequence[str]) -> None:
    """Says on stderr what is worth knowing about files that were replaced; empty texts are left out."""
    for note in filter(None, notes):
        print(say("divide: note: {note}", note=shown(note, MESSAGE)), file=sys.stderr)


def doubts_as_notes(doubts: Sequence[str]) -> list[str]:
    """The doubts as notes below the tables."""
    return [say("Warning: {doubt}.", doubt=visible(doubt)) for doubt in doubts]


def tell_written(paths: Sequence[Path], about: str = "") -> None:
    """Reports on stderr what was written, after what it is about."""
    if paths:
        names = say(" and ").join(shown(str(path)) for path in paths)
        print(say("{about}wrote {names}", about=about, names=names), file=sys.stderr)


def _safe(text: str) -> str:
    """The text without the control sequences of a terminal; its lines stay lines."""
    return "\n".join(visible(line) for line in text.split("\n"))


def print_rich(blocks: Sequence[Block]) -> None:
    """Prints the blocks on stdout, as wide as the terminal (80 columns in a pipe, or COLUMNS)."""
    from rich.console import Console

    _print(Console(highlight=False, markup=False, emoji=False), blocks)


def as_text(blocks: Sequence[Block], width: int) -> str:
    """The blocks as a terminal of that width shows them, without colours."""
    from io import StringIO

    from rich.console import Console

    text = StringIO()
    plain: dict[str, Any] = dict.fromkeys(("highlight", "markup", "emoji", "force_terminal", "force_jupyter"), False)
    _print(Console(file=text, width=width, color_system=None, legacy_windows=False, **plain), blocks)
    return "\n".join(line.rstrip() for line in text.getvalue().split("\n")).strip("\n") + "\n"


def _print(console: "Console", blocks: Sequence[Block]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    ascii_only = not (console.encoding or "").lower().startswith("utf")
    for each in blocks:
        block = _that_fits(in_language(each), console.width)
        if bars := column_of(block.bars, block.columns, block.rows, console.width, ascii_only):
            head, cells, note = bars
            rows = [(*row, cell) for row, cell in zip(block.rows, cells, strict=True)]
            block = replace(block, columns=(*block.columns, head), rows=rows, notes=(*block.notes, note))
        console.print(Text(_safe(block.title), style="bold"))
        if block.rows:
            table = Table(box=box.ASCII2 if ascii_only else box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
            widths = widths_of_whole(block.columns, block.rows, block.whole, console.width)
            for name in block.columns:
                side: Literal["left", "right"] = "right" if name in block.numeric else "left"
                table.add_column(Text(_safe(name)), justify=side, overflow="fold", width=widths.get(name))
            for index, row in enumerate(block.rows):
                if index in block.rules:
                    table.add_section()
                table.add_row(*(Text(_safe(cell)) for cell in row))
            console.print(table)
        elif block.empty:
            console.print(Text(_safe(block.empty)))
        for note in notes(block):
            console.print(Text(_safe(note), style="dim"))
        console.print()


def _that_fits(block: Block, room: int) -> Block:
    """The block or, if it fits the width, the one with the same figures in fewer rows."""
    across = block.across
    if across is None or not fits(full_widths(across.columns, across.rows), room):
        return block
    return replace(across, notes=(*across.notes, *block.notes))


def notes(block: Block) -> list[str]:
    """The notes below a block, after how many rows it leaves out."""
    rows = count_of(block.left_out, "more row")
    more = [say("{rows}: --format csv prints all.", rows=rows)] if block.left_out else []
    return [*more, *block.notes]


_MARKS = r"[\\|*_`<\[\]]"
_LINKS = r"[&~@#]|://|(?<=www)\."
"""The marks of a link, a name or an entity without brackets; a backslash before the mark or the point ends it."""


def _cell(text: str, links: bool = True) -> str:
    marked = re.sub(_MARKS if links else f"{_MARKS}|{_LINKS}", r"\\\g<0>", _safe(text))
    return " ".join(marked.split())


def as_markdown(blocks: Sequence[Block], links: bool = True) -> str:
    """The blocks as Markdown tables, one below the other; where `links` is False no address in a text becomes one."""
    escaped = partial(_cell, links=links)
    lines: list[str] = []
    for block in map(in_language, blocks):
        lines += [f"### {escaped(block.title)}", ""]
        if block.rows:
            lines.append("| " + " | ".join(escaped(name) for name in block.columns) + " |")
            lines.append("| " + " | ".join("---:" if name in block.numeric else "---" for name in block.columns) + " |")
            lines += ["| " + " | ".join(escaped(cell) for cell in row) + " |" for row in block.rows]
            lines.append("")
        elif block.empty:
            lines += [escaped(block.empty), ""]
        for note in notes(block):
            lines += [f"- {escaped(note)}"]
        lines.append("")
    return "\n".join(lines)


def number(value: float | None, unit: str, sign: str = "", decimals: int | None = None) -> str:
    """The value with the decimals of its unit, or those given; persons in millions; `sign="+"` adds a plus sign.

    A value below the last of these decimals is shown with the `significant` digits of its unit, if it has any.
    """
    if value is None or math.isnan(value):
        return NOTHING
    entry = catalogue().units[unit]
    places = entry.decimals if decimals is None else decimals
    if entry.significant and not sign and 0 < abs(value) < 10.0**-places:
        places = entry.significant - 1 - math.floor(math.log10(abs(value)))
    text = f"{value / 1e6:{sign},.0f}" if unit == v.PERSONS else f"{value:{sign}.{places}f}"
    text = digits(text if any(digit in text for digit in "123456789") else text.lstrip("+-"))  # no sign before zero
    return say("{millions} M", millions=text) if unit == v.PERSONS else text


def bounds(lower: float | None, upper: float | None, unit: str, decimals: int | None = None) -> str:
    """`[lower, upper]`, with a dash for an open end; empty if the two are one or both are missing."""
    ends = [number(end, unit, "", decimals) for end in (lower, upper)]
    if ends == [NOTHING, NOTHING] or lower == upper:
        return ""
    return between(*ends)


def interval(lower: float, upper: float, unit: str, decimals: int | None = None) -> str:
    """`[lower, upper]`; `at least lower` or `at most upper` if the other end is open; empty if both are missing."""
    if math.isnan(lower) == math.isnan(upper):
        return bounds(lower, upper, unit, decimals)
    word, end = (say("at least"), lower) if math.isnan(upper) else (say("at most"), upper)
    return f"{word} {number(end, unit, '', decimals)}"


def with_unit(text: str, unit: str) -> str:
    """The text with the symbol of the unit, if it has one."""
    symbol = catalogue().units[unit].symbol
    return text if text == NOTHING or not symbol or unit == v.PERSONS else measured(text, symbol)


def bounded(value: float | None, lower: float | None, upper: float | None, unit: str) -> str:
    """The value with its bounds: `70.8 [70.7, 70.9]`; without those that print as the value does."""
    text, ends = number(value, unit), bounds(lower, upper, unit)
    return f"{text} {ends}" if ends not in ("", between(text, text)) else text


def bounds_of(row: Row) -> str:
    """The bounds of a row of a frame, if it has any."""
    return bounds(row[v.BOUND_LOWER], row[v.BOUND_UPPER], str(row[v.UNIT_MEASURE]))


def value_of(row: Row) -> str:
    """The value of a row of a frame with its bounds and its unit: `70.8 [70.7, 70.9] %`."""
    unit = str(row[v.UNIT_MEASURE])
    return with_unit(bounded(row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER], unit), unit)


def is_computed(row: Row) -> bool:
    """Whether a row has a value."""
    return not math.isnan(row[v.OBS_VALUE])


def stated(row: Row) -> str:
    """The value of a row as `value_of` writes it; without a value, the reason and the bounds."""
    reason = say("withheld") if row[v.OBS_STATUS] == v.WITHHELD else say("no value")
    return value_of(row) if is_computed(row) else f"{reason} {bounds_of(row)}".strip()


def figure(value: float, lower: float, upper: float, unit: str) -> str:
    """The value with its bounds, unless these are no wider than the printed decimals."""
    narrow = not upper - lower > 1.5 * 10.0 ** -catalogue().units[unit].decimals
    return number(value, unit) if narrow else bounded(value, lower, upper, unit)


def percent(share: float | None) -> str:
    """A coverage with one decimal, truncated and not rounded: 74.96 must not appear as 75."""
    from divide_cli.frames.bounds import cut_to_tenths

    return NOTHING if share is None or math.isnan(share) else measured(digits(f"{cut_to_tenths(share):.1f}"), "%")


def rounded_percent(share: float) -> str:
    """A share with one decimal, rounded; unknown shares as a dash."""
    return NOTHING if math.isnan(share) else measured(digits(f"{share:.1f}"), "%")


def coverage_of(row: Row) -> str:
    """The coverage of a row, with `≥` if it is a lower limit."""
    text = percent(row[v.COVERAGE])
    return f"≥ {text}" if row[v.COVERAGE_IS_LIMIT] and text != NOTHING else text


def sentence(text: str) -> str:
    """The text as a sentence: with a capital and a full stop."""
    return ended(f"{text[:1].upper()}{text[1:]}")


def first_sentence(text: str) -> str:
    """The first sentence of a definition; `divide show` prints it all."""
    return sentence(language.first_sentence(text))


ESTIMATE, DIFFERENT = "e", "*"


def marks(row: Row) -> str:
    """`e` if estimates contribute, `*` if the sides rest on other economies, and the position in the parity band."""
    from divide_cli.analysis.measures.pairs import BandPlace

    bands = {BandPlace.BELOW: "<", BandPlace.INSIDE: "=", BandPlace.ABOVE: ">", BandPlace.UNDETERMINED: "?"}
    estimate = ESTIMATE if row[v.OBS_STATUS] == v.ESTIMATED else ""
    different = DIFFERENT if row.get(v.SIDES_UNLIKE) else ""
    return estimate + different + bands.get(row.get(v.BAND_PLACE, BandPlace.NONE), "")


def meanings(used: Iterable[str], measures: Iterable[str]) -> list[str]:
    """The meaning of the marks that were used, a sentence each."""
    shown = set("".join(used))
    notes = [say("e: estimates of the source contribute.")] if ESTIMATE in shown else []
    if DIFFERENT in shown:
        notes.append(say("*: the two sides rest on different economies; OBS_COMMENT says on how many."))
    places = {
        "=": say("inside"), "<": say("below"), ">": say("above"), "?": say("undetermined by coverage or rounding"),
    }  # fmt: skip
    for band in {catalogue().measures[name].band for name in measures} - {None}:
        meaning = commas(f"{mark} {place}" for mark, place in places.items() if mark in shown)
        if band is not None and meaning:
            ends = {"lower": band.lower, "upper": band.upper}
            notes.append(say("Parity is {lower} to {upper}: {meaning}.", **ends, meaning=meaning))
    return notes
