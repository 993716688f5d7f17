"""Markdown from templates and rows. The templates are in scripts/docs/templates/."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scripts.docs import ROOT


def cell(value: object) -> str:
    """A text as the cell of a table: on one line, without a character that would end the cell or start a tag."""
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *([cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "scripts" / "docs" / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters["cell"] = cell
    return environment


def page(template: str, **values: Any) -> str:
    """The text of a template, `errors.md.j2`, with these values."""
    return _environment().get_template(template).render(**values)
