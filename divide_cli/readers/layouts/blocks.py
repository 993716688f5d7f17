"""Sheets with blocks of years side by side: titles, heads and years stand above the groups that they hold for.

A line says years, heads of blocks, the values of a group, or a title. A block is a run of years; its head stands above
its first year. Titles, heads and years hold until others follow; the foot begins where the dataflow says.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from divide_cli import concepts as v
from divide_cli.errors import SourceError
from divide_cli.readers.layouts.cells import Cell, Reach, Spec, constants, letters, lines_of, spaced

_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"-?\d+(?:\.(\d+))?")
BETWEEN = " / "
"""Stands between the title and the head in the name of a series."""


@dataclass
class _Above:
    """What the lines so far say of the values below them."""

    title: str = ""
    heads: dict[int, str] = field(default_factory=dict)
    years: dict[int, str] = field(default_factory=dict)
    begins: dict[int, int] = field(default_factory=dict)
    lines: int = 0

    def set_years(self, filled: Mapping[int, str]) -> None:
        """Takes a line of years; each run of columns is a block."""
        self.years = dict(filled)
        self.begins = {}
        for place in sorted(filled):
            self.begins[place] = self.begins.get(place - 1, place)

    def head(self, place: int) -> str:
        """The head of the block that the column belongs to."""
        return self.heads.get(self.begins[place], "")


def blocks(rows: Sequence[Sequence[str]], sheet: str, spec: Spec, missing: Sequence[str], where: str) -> Reach:
    """The cells of all blocks; a value outside them is in trouble."""
    above, cells, foot = _Above(), list[Cell](), len(rows)
    fixed = constants(spec, sheet)
    for line, row in enumerate(rows, start=1):
        label = _label(row[0], spec)
        if re.fullmatch(spec["foot"], label):
            foot = line - 1
            break
        filled = {place: text.strip() for place, text in enumerate(row) if place and text.strip()}
        if filled and not _is_years(filled) and _has_values(filled, missing):
            cells += _values(row, line, sheet, above, spec, fixed, where)
            continue
        above.lines += bool(label or filled)
        above.title = label or above.title
        if _is_years(filled):
            above.set_years(filled)
        else:
            above.heads |= {place: _label(text, spec) for place, text in filled.items()}
    for line, row in enumerate(rows[foot:], start=foot + 1):
        cells += [_stray(row, line, place, sheet, where) for place, text in enumerate(row) if place and text.strip()]
    below = sum(1 for row in rows[foot:] if any(text.strip() for text in row))
    note = (
        f"sheet {sheet}: {lines_of(above.lines)} of titles, heads and years, {lines_of(below)} of notes, without values"
    )
    return Reach(cells, (), (note,))


def _label(text: str, spec: Spec) -> str:
    """A title or head without footnote marks and what the dataflow cuts off, on one line."""
    return spaced(re.sub(spec["cut"], "", spaced(text))) if "cut" in spec else spaced(text)


def _is_years(filled: Mapping[int, str]) -> bool:
    """Whether the cells are years that ascend within each run of columns."""
    return bool(filled) and all(
        _YEAR.fullmatch(text) and (place - 1 not in filled or filled[place - 1] < text)
        for place, text in filled.items()
    )


def _has_values(filled: Mapping[int, str], missing: Sequence[str]) -> bool:
    return any(text in missing or _NUMBER.fullmatch(text) for text in filled.values())


def _values(
    row: Sequence[str], line: int, sheet: str, above: _Above, spec: Spec, fixed: Mapping[str, str], where: str
) -> list[Cell]:
    """The cells of a group's line."""
    found = []
    for place, text in enumerate(row):
        bare = text.strip()
        at = f"{letters(place)}{line}"
        if place in above.years:
            labels = {
                v.REF_AREA: spaced(row[0]),
                v.INDICATOR: f"{above.title}{BETWEEN}{above.head(place)}",
                v.TIME_PERIOD: above.years[place],
                v.CITATION: f"{sheet}!{at}",
                **fixed,
            }
            factor = spec.get("factors", {}).get(above.head(place), 1)
            found.append(Cell(sheet, line, _scaled(bare, factor), labels | _printed(bare, factor, above, place, spec)))
        elif place and bare:
            found.append(_stray(row, line, place, sheet, where))
    return found


def _stray(row: Sequence[str], line: int, place: int, sheet: str, where: str) -> Cell:
    """A cell that no year stands above, or that stands among the notes."""
    text = row[place].strip()
    trouble = SourceError("value_outside_blocks", found=repr(text), where=f"{where}!{letters(place)}{line}")
    return Cell(sheet, line, text, {v.REF_AREA: spaced(row[0])}, trouble)


def _scaled(text: str, factor: int) -> str:
    """The number in units instead of millions; other texts as they are."""
    return format(Decimal(text) * factor, "f") if factor != 1 and _NUMBER.fullmatch(text) else text


def _printed(text: str, factor: int, above: _Above, place: int, spec: Spec) -> dict[str, str]:
    """The decimals of the value, at least those that the sheet promises; of a scaled value, how it was printed."""
    number = _NUMBER.fullmatch(text)
    if not number or "decimals" not in spec:
        return {}
    decimals = max(int(spec["decimals"]), len(number[1] or ""))
    shown = f"{Decimal(text):.{decimals}f}"
    if factor != 1:
        return {v.OBS_COMMENT: f"printed as {shown} {above.head(place).lower()}"}
    return {v.DECIMALS: str(decimals)}
