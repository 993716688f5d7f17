"""Where on a sheet a finding is: its column by the header above its line, by number or by letter."""

import re

from divide_cli.readers.opening.grid import Grid

COLUMNS = 16_384
"""Columns of a sheet of Excel."""
_LETTERS = re.compile(r"[A-Z]{1,3}")
_LAST_HEADER = 30


class Columns:
    """Where the columns are that findings name: by the header above, by number (`column 5`) or by letter."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.found: dict[str, list[tuple[int, int]]] = {}

    def place(self, name: str, line: int) -> int | None:
        """The column, from 0, of a finding on that line; None where it names none that is known."""
        headers = [place for at, place in self._headers(name) if at <= line]
        if headers:
            return headers[0]
        if name.startswith("column ") and name[7:].isdecimal():
            return min(max(int(name[7:]), 1), COLUMNS) - 1
        return _of_letters(name) if _LETTERS.fullmatch(name) else None

    def _headers(self, name: str) -> list[tuple[int, int]]:
        """The cells that hold the name and nothing else: line and column, from the top."""
        if not name:
            return []
        if name not in self.found:
            rows = zip(self.grid.lines, self.grid.rows, strict=True)
            named = ((at, [cell.strip() for cell in row]) for at, row in rows if any(name in cell for cell in row))
            self.found[name] = [(at, row.index(name)) for at, row in named if name in row]
        return self.found[name]

    @property
    def header(self) -> int:
        """The line of the names of the columns that were looked for, 0 where none was found near the top."""
        return max((at for places in self.found.values() for at, _ in places[:1] if at <= _LAST_HEADER), default=0)


def letters(column: int) -> str:
    """The letters of a column, counted from 0: 0 is A, 26 is AA."""
    made, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        made = chr(ord("A") + rest) + made
    return made


def _of_letters(name: str) -> int | None:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1 if number <= COLUMNS else None
