"""Results on the terminal: tables for reading, JSON and CSV for machines."""

import sys
from collections.abc import Sequence
from pathlib import Path

from divide_cli.analysis.request import Result
from divide_cli.errors import NothingComputedError
from divide_cli.errors.text_safety import MESSAGE, shown
from divide_cli.reports import data, tables
from divide_cli.reports.summary import summary


def require_something(result: Result) -> None:
    """NothingComputedError where there is neither a gap nor a group value, not even a withheld one."""
    if len(result.gaps) or len(result.aggregates):
        return
    request = result.request
    asked = {
        "gap": request.gaps, "indicator": request.indicators, "area": request.areas, "year": request.years,
        "edition": request.editions,
    }  # fmt: skip
    chosen = "; ".join(f"--{name} {', '.join(map(str, values))}" for name, values in asked.items() if values)
    raise NothingComputedError(
        "nothing_computed",
        found=f"{result.observations} observations, none that the choice takes" + (f" ({chosen})" if chosen else ""),
        where=", ".join(result.sources),
    )


def show(result: Result, form: str) -> None:
    """Prints the result on stdout as `table`, `json`, `csv` (the gaps) or `markdown`."""
    if form == "json":
        sys.stdout.write(data.as_json(result))
    elif form == "csv":
        sys.stdout.write(data.as_csv(result.gaps))
    elif form == "markdown":
        sys.stdout.write(tables.as_markdown(summary(result)))
    else:
        tables.print_rich(summary(result))


def tell(result: Result, written: Sequence[Path]) -> None:
    """Says on stderr what was read and written."""
    for reading in result.readings if result.request.files else ():
        estimates = f", {reading.estimates} of them estimates" if reading.estimates else ""
        print(
            f"{shown(reading.file.name)}: {reading.dataflow}, {reading.file.encoding}, {reading.rows} records read, "
            f"none lost{estimates}",
            file=sys.stderr,
        )
        for pile in reading.ignored:
            print(f"  {pile.rows} ignored: {shown(pile.reason, MESSAGE)}", file=sys.stderr)
        if reading.ignored_columns:
            print(f"  columns not used: {shown(', '.join(reading.ignored_columns), MESSAGE)}", file=sys.stderr)
    if result.dimensions:
        print(f"  taken as further dimensions: {shown(', '.join(result.dimensions), MESSAGE)}", file=sys.stderr)
    for reading in result.readings if result.request.files else ():
        for note in reading.notes:
            print(f"  {shown(note, MESSAGE)}", file=sys.stderr)
    if written:
        rows = f"{len(result.gaps):,} gaps, {len(result.aggregates):,} group values"
        print(f"{rows}: wrote {' and '.join(shown(str(path)) for path in written)}", file=sys.stderr)
