"""Workbooks (.xlsx): their sheets as texts. Needs the extra `excel`."""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property

from divide_cli.errors import SourceError
from divide_cli.frames.observations import InputFile
from divide_cli.readers.opening.container import HEAD, Container
from divide_cli.readers.opening.csv_scan import Scan
from divide_cli.readers.opening.spool import Held
from divide_cli.readers.opening.text import Text
from divide_cli.readers.opening.workbook_size import refuse_too_large

_FIRST_ROWS = 12
Cell = str


@dataclass(frozen=True)
class Workbook:
    """The sheets of a workbook: each row a list of texts, as the cell shows a number without format."""

    file: InputFile
    sheets: dict[str, list[list[Cell]]]

    @cached_property
    def names(self) -> list[str]:
        """Names of the sheets, in order."""
        return list(self.sheets)

    def records(self) -> Sequence[Sequence[str]]:
        """The names of the sheets, then the first rows of each sheet."""
        rows = [row for sheet in self.sheets.values() for row in sheet[:_FIRST_ROWS]]
        return [self.names, *([cell.strip() for cell in row] for row in rows)]

    def as_text(self, sheet: str) -> Text:
        """A sheet as delimited text, so that layouts of tables are read alike wherever they stand; lines are rows."""
        made = io.StringIO(newline="")
        csv.writer(made, lineterminator="\n").writerows(
            [cell.replace("\r", " ").replace("\n", " ") for cell in row] for row in self.sheets[sheet]
        )
        content = made.getvalue().encode("utf-8")
        scan = Scan(self.file.name, ord(","))
        if content:
            scan.feed(content, ord("\n"))
        file = replace(self.file, name=f"{self.file.name}[{sheet}]", delimiter=",", decimal=".")
        head = content[:HEAD].decode("utf-8", errors="replace")
        return Text(file, head, scan.finish(), held=Held(content), inner=self.file.name)


def open_workbook(container: Container) -> Workbook:
    """The workbook in the container; SourceError where it is damaged or the extra is not installed."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        raise SourceError(
            "excel_extra_missing", found="python-calamine is not installed", where=container.name
        ) from error
    refuse_too_large(container)
    raw = container.read()
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheets = {
            name: [
                [_text(cell) for cell in row]
                for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ]
            for name in book.sheet_names
        }  # fmt: skip
    except (CalamineError, ValueError) as error:
        raise SourceError("workbook_unreadable", found=str(error), where=container.name) from error
    sha256, size = container.digest() or (hashlib.sha256(raw).hexdigest(), len(raw))
    return Workbook(InputFile(container.name, sha256, size, "xlsx", compression=container.compression), sheets)


def _text(cell: object) -> str:
    """The cell as text: a whole number without a point, a date as ISO writes it."""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return str(cell)
