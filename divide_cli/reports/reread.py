"""The cells of the files that a report is on, read again: what a report shows of a file is what was checked."""

from collections.abc import Iterator
from pathlib import Path

from divide_cli.errors import SourceError
from divide_cli.readers.opening.grid import Grid, grids
from divide_cli.reports.by_file import path_of
from divide_cli.validation.report import Input, Report

_STDIN = ("-", "<stdin>")


def tables(report: Report, encoding: str = "", faulty: bool = False) -> dict[str, Grid]:
    """The cells of the inputs that were read, by the names that findings give them: the path, or `path[sheet]`.

    With `faulty`, of those only that a finding names a line of. SourceError where a file can no longer be read, or is
    another than the one that was checked. What cannot be read twice (standard input, a pipe), JSON and Parquet have no
    cells.
    """
    made: dict[str, Grid] = {}
    lines: dict[str, set[int]] = {}
    for finding in report.findings:
        lines.setdefault(finding.file, set()).update((finding.line, *finding.lines, *finding.context))
    named = {path_of(file, report.inputs) for file, found in lines.items() if any(found)}
    for entry in _lasting(report):
        if faulty and entry.path not in named:
            continue
        file, found = grids(entry.path, lines, encoding)
        if file.sha256 != entry.sha256:
            raise SourceError("file_changed", sha256=entry.sha256, found=f"sha256 {file.sha256}", where=entry.path)
        made |= found
    return made


def _lasting(report: Report) -> Iterator[Input]:
    """The inputs that can be read twice."""
    for entry in report.inputs:
        path = Path(entry.path)
        if not entry.error and entry.path not in _STDIN and (path.is_file() or not path.exists()):
            yield entry
