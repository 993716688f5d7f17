"""The role of each column of a file: as the layout names it or, in SDMX layouts, by the id of its concept."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow
from divide_cli.frames.columns import fields
from divide_cli.readers.mapping.raw_rows import Rows, joined
from divide_cli.readers.recognition import ReadOptions, several

_CONCEPT = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class ColumnRoles:
    """The column of each concept in a file. `dimensions` are the further breakdowns.

    `also` are columns that decide about rows or give several concepts. `ignored` columns are not used.
    """

    column_of: Mapping[str, str]
    dimensions: Mapping[str, str]
    comments: tuple[str, ...]
    ignored: tuple[str, ...]
    also: tuple[str, ...] = ()

    @property
    def wanted(self) -> list[str]:
        """The text columns to read."""
        serving = [*self.column_of.items(), *self.dimensions.items()]
        names = [name for concept, name in serving if concept != v.OBS_VALUE]
        return list(dict.fromkeys([*names, *self.comments, *self.also]))


Columns = Mapping[str, str | Sequence[str]]
"""Concept -> its column, or several columns that are joined."""


def column_roles(
    flow: Dataflow, names: Sequence[str], options: ReadOptions, columns: Columns | None = None
) -> ColumnRoles:
    """The roles of the columns with these names. `columns`, if given, replace those of the layout."""
    present, named = set(names), flow.columns if columns is None else columns
    column_of = _first_of(named, present)
    if options.indicator and v.INDICATOR in column_of and named.get(v.INDICATOR) not in present:
        del column_of[v.INDICATOR]
    dimensions = _first_of(flow.dimensions, present)
    comments = tuple(name for name in flow.comments if name in present)
    joint = set(parts_of(named))
    serving = {*column_of.values(), *dimensions.values(), *comments}
    if flow.own_codes:
        reserved = {*fields("gaps"), *fields("aggregates"), *fields("observations"), *v.INTERNAL}
        others = {*serving, *flow.unused, *reserved}
        dimensions |= {name: name for name in names if name not in others and _CONCEPT.fullmatch(name)}
    if flow.rest == "dimensions":
        others = {*serving, *dimensions.values(), *flow.unused, *flow.compound, *joint}
        dimensions |= {
            concept_of(name): name for name in names if name.strip("[]") not in others and name not in others
        }
    also = tuple(name for name in (*flow.compound, *flow.ignored) if name in present)
    used = {*serving, *dimensions.values(), *joint, *also}
    ignored = tuple(name for name in names if name not in used and name.strip("[]") not in flow.unused)
    return ColumnRoles(column_of, dimensions, comments, ignored, also)


def _first_of(columns: Columns, present: Collection[str]) -> dict[str, str]:
    """Concept -> the first of its columns that is present, without concepts that have none."""
    of_concept = {concept: [name for name in several(names) if name in present] for concept, names in columns.items()}
    return {concept: names[0] for concept, names in of_concept.items() if names}


def parts_of(columns: Columns) -> list[str]:
    """The columns that are joined with others."""
    return [name for names in columns.values() if not isinstance(names, str) for name in names]


def with_joined(rows: Rows, columns: Columns, roles: ColumnRoles, names: Sequence[str]) -> dict[str, str]:
    """Concept -> one column. Several columns of a concept are joined into one, as are their names."""
    column_of: dict[str, str] = {}
    for concept, own in roles.column_of.items():
        named = columns.get(concept, own)
        parts = [named] if isinstance(named, str) else [name for name in named if name in names]
        if parts:
            column_of[concept] = "/".join(parts)
        if len(parts) > 1:
            rows.add({column_of[concept]: joined([rows.columns[part] for part in parts])})
    return column_of


def concept_of(name: str) -> str:
    """A column's name as a concept id: capitals, digits and underscores (`Type of speed` -> TYPE_OF_SPEED)."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "FURTHER"
