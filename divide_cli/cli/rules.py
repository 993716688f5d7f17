"""`divide rules`: the rules that `divide validate` applies, as a table, as YAML, or as VTL for other engines."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer


class Form(StrEnum):
    """Forms of the list."""

    table = "table"
    yaml = "yaml"
    vtl = "vtl"


def rules(
    format: Annotated[
        Form, typer.Option(help="Form of the list; yaml is what --rules takes, vtl is VTL 2.1.")
    ] = Form.table,
    out: Annotated[Optional[Path], typer.Option(help="File to write. [default: standard output]")] = None,  # noqa: UP045
    rules: Annotated[
        Optional[list[str]],  # noqa: UP045 (typer reads the annotation at run time)
        typer.Option(help="YAML with rules of your own, which are listed too; repeat."),
    ] = None,
    only: Annotated[Optional[list[str]], typer.Option(help="List this rule only; repeat for more.")] = None,  # noqa: UP045
) -> None:
    """List the rules that divide validate applies, in their order.

    --format vtl exports those that the Validation and Transformation Language can say; the others stand there with the
    reason why not.
    """
    from divide_cli.cli.chosen_rules import chosen
    from divide_cli.reports import listing

    applied, _ = chosen(rules or (), only or (), ())
    listing.deliver_rules(applied, format.value, out)
