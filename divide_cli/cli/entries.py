"""`divide list` and `divide show`: the catalogue, readable."""

from typing import Annotated, Optional

import typer


def list_entries(
    kind: Annotated[
        Optional[str],  # noqa: UP045 (typer reads the annotation at run time)
        typer.Argument(metavar="[KIND]", help="Kind of entry; none: the kinds."),
    ] = None,
) -> None:
    """List what the catalogue holds: indicators, gaps, measures, editions, areas ..."""
    from divide_cli.reports.catalogue import kinds
    from divide_cli.reports.listing import print_kinds, print_list

    if kind is None:
        print_kinds(kinds())
        return
    from divide_cli.cli.options import known_values

    known_values("KIND", [kind], kinds(), "")
    print_list(kind, kinds()[kind])


def show_entry(
    entry: Annotated[str, typer.Argument(metavar="ID", help="Id of an entry, or the code of an area or a group.")],
) -> None:
    """Show one entry: definition, formula, source, licence, coverage by year."""
    from divide_cli.reports.catalogue import find
    from divide_cli.reports.listing import print_entry

    for found in find(entry):
        print_entry(found)
