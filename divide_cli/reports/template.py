"""An empty submission as CSV."""

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import grown, shown
from divide_cli.frames.atomic_write import moved_into_place
from divide_cli.reports.template_rows import COLUMNS


def as_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """The rows with their header, as CSV."""
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue()


def write(rows: Sequence[Mapping[str, str]], path: Path) -> None:
    """Writes the CSV, whole or not at all; SourceError where that cannot be done."""
    if path.is_dir():
        raise no_file(path)
    with moved_into_place(path, "a template") as temporary:
        temporary.write_text(as_csv(rows), encoding="utf-8", newline="")


def no_file(path: Path) -> SourceError:
    """The refusal of a folder in place of a file."""
    return SourceError(
        "output_unwritable", what="a template", expected="a file", found="a folder", where=str(path), hint="name a file"
    )


def tell(path: Path, count: int) -> None:
    """Says on stderr what was written, and what comes next."""
    name = shown(str(path))
    print(f"wrote {name}: {grown(count, 'row')} to fill in; then `divide validate {name}`", file=sys.stderr)
