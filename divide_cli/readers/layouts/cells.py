"""Cells of a workbook's sheets, each with what the sheet says of it, by concept; and the cells of a table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from divide_cli import concepts as v
from divide_cli.errors import SourceError

Spec = Mapping[str, Any]
"""How a sheet is read: an entry of `sheets` of a dataflow."""


@dataclass(frozen=True)
class Cell:
    """One value as the sheet shows it, the line it stands on, and its labels; or why it cannot be used."""

    sheet: str
    line: int
    text: str
    labels: Mapping[str, str] = field(default_factory=dict)
    trouble: SourceError | None = None


@dataclass(frozen=True)
class Reach:
    """What was found on a sheet: its cells, columns that serve nothing, and remarks on lines without values."""

    cells: list[Cell]
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def letters(place: int) -> str:
    """The letters of a column by its place: 0 is A, 26 is AA."""
    return (letters(place // 26 - 1) if place >= 26 else "") + chr(65 + place % 26)


def lines_of(number: int) -> str:
    """The number with its noun."""
    return f"{number:,} line{'s' * (number != 1)}"


def passed(lines: Sequence[Sequence[str]], sheet: str, why: str) -> str:
    """The remark on a sheet that is not read."""
    filled = sum(1 for row in lines if any(text.strip() for text in row))
    return f"sheet {sheet} ({lines_of(filled)}) is not read: {why}"


def spaced(text: str) -> str:
    """The text on one line, with single blanks."""
    return " ".join(text.split())


def constants(spec: Spec, sheet: str) -> dict[str, str]:
    """Concept -> code that the sheet has throughout; {1} is the first group that its pattern finds in its name."""
    found = re.fullmatch(spec["pattern"], sheet)
    groups = found.groups() if found else ()
    return {concept: text.format(sheet, *groups) for concept, text in spec.get("constants", {}).items()}


def table(rows: Sequence[Sequence[str]], sheet: str, spec: Spec, where: str) -> Reach:
    """The cells below the columns of years; the header is the first line that holds every column named."""
    named = {concept: [name] if isinstance(name, str) else list(name) for concept, name in spec["columns"].items()}
    needed = {name for names in named.values() for name in names}
    header = next((line for line, row in enumerate(rows) if needed <= {spaced(text) for text in row}), None)
    if header is None:
        raise SourceError("sheet_columns_missing", expected=", ".join(sorted(needed)), where=where)
    names = [spaced(text) for text in rows[header]]
    years = [place for place, name in enumerate(names) if re.fullmatch(spec["years"], name)]
    fixed = constants(spec, sheet)
    cells = []
    for line, row in enumerate(rows[header + 1 :], start=header + 2):
        record = {name: text.strip() for name, text in zip(names, row, strict=True)}
        labels = {concept: "/".join(record[name] for name in parts) for concept, parts in named.items()} | fixed
        if "comment" in spec:
            labels[v.OBS_COMMENT] = spec["comment"].format_map(record)
        cells += [Cell(sheet, line, row[place].strip(), {**labels, v.TIME_PERIOD: names[place]}) for place in years]
    known = {*needed, *spec.get("unused", {}), *(names[place] for place in years)}
    above = f"sheet {sheet}: {lines_of(header)} above the header, without values" if header else ""
    return Reach(cells, tuple(name for name in names if name and name not in known), (above,) if above else ())
