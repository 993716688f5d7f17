"""What each column of a file serves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow
from divide_cli.frames.schema import fields
from divide_cli.readers.mapping.raw_rows import Rows, joined
from divide_cli.readers.options import ReadOptions

_CONCEPT = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class Plan:
    """Which column of this file serves which concept; `dimensions` are the further breakdowns.

    `also` are columns that decide about rows or tell several concepts; `ignored` are used for nothing.
    """

    column_of: Mapping[str, str]
    dimensions: Mapping[str, str]
    comments: tuple[str, ...]
    ignored: tuple[str, ...]
    also: tuple[str, ...] = ()

    @property
    def wanted(self) -> list[str]:
        """The text columns to read."""
        needed = [*self.column_of.items(), *self.dimensions.items()]
        return list(
            dict.fromkeys([*(name for concept, name in needed if concept != v.OBS_VALUE), *self.comments, *self.also])
        )


def with_joined(rows: Rows, column_of: Mapping[str, str | Sequence[str]], present: Sequence[str]) -> dict[str, str]:
    """Concept -> one column; where the dataflow names several, they are joined into one of that name."""
    made: dict[str, str] = {}
    for concept, names in column_of.items():
        parts = [names] if isinstance(names, str) else [name for name in names if name in present]
        if len(parts) == 1:
            made[concept] = parts[0]
        elif parts:
            name = "/".join(parts)
            rows.columns = {**rows.columns, name: joined([rows.columns[part] for part in parts])}
            made[concept] = name
    return made


def concept_of(name: str) -> str:
    """A column's name as a concept id: capitals, digits and underscores (`Type of speed` -> TYPE_OF_SPEED)."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "FURTHER"


def plan_of(flow: Dataflow, names: Sequence[str], options: ReadOptions) -> Plan:
    """What each column of a file serves: as the dataflow names them, or, in SDMX layouts, by the ids of concepts."""
    present = set(names)
    column_of: dict[str, str] = {}
    for concept, named in flow.columns.items():
        parts = [name for name in ([named] if isinstance(named, str) else named) if name in present]
        if parts:
            column_of[concept] = parts[0]
    if options.indicator and v.INDICATOR in column_of and flow.columns.get(v.INDICATOR) not in present:
        del column_of[v.INDICATOR]
    spelled = {concept: [named] if isinstance(named, str) else named for concept, named in flow.dimensions.items()}
    dimensions = {
        concept: next(name for name in spellings if name in present)
        for concept, spellings in spelled.items()
        if present.intersection(spellings)
    }
    comments = tuple(name for name in flow.comments if name in present)
    if flow.own_codes:
        reserved = {*fields("gaps"), *fields("aggregates"), *v.INTERNAL} - set(fields("observations"))
        taken = {*column_of.values(), *dimensions.values(), *comments, *flow.unused, *fields("observations"), *reserved}
        dimensions |= {name: name for name in names if name not in taken and _CONCEPT.fullmatch(name)}
    if flow.rest == "dimensions":
        taken = {*column_of.values(), *dimensions.values(), *comments, *flow.unused, *flow.compound}
        taken |= {name for named in flow.columns.values() if not isinstance(named, str) for name in named}
        dimensions |= {concept_of(name): name for name in names if name.strip("[]") not in taken and name not in taken}
    also = tuple(name for name in (*flow.compound, *flow.ignored) if name in present)
    joint = {name for named in flow.columns.values() if not isinstance(named, str) for name in named}
    used = {*column_of.values(), *dimensions.values(), *comments, *joint, *also}
    ignored = tuple(name for name in names if name not in used and name.strip("[]") not in flow.unused)
    return Plan(column_of, dimensions, comments, ignored, also)
