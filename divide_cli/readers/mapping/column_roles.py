"""The role of each column of a file: as the layout names it or, in SDMX layouts, by the id of its concept."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Dataflow, catalogue, codelist
from divide_cli.catalogue.labels import read_labels
from divide_cli.errors import OptionError, suggestion
from divide_cli.frames.columns import fields
from divide_cli.frames.observations import Remark
from divide_cli.language import commas, say
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn, joined
from divide_cli.readers.recognition import ReadOptions, several

_CONCEPT = re.compile(r"[A-Z][A-Z0-9_]*")
LABEL = ("_LABEL", "_NAME", "_DESC")
"""Endings of columns with the names of codes, such as REF_AREA_LABEL for REF_AREA."""


@dataclass(frozen=True)
class ColumnRoles:
    """The column of each concept in a file. `dimensions` are the further breakdowns.

    `also` are columns that decide about rows or give several concepts. `ignored` columns are not used. `doubtful`
    dimensions are those that only their name makes a dimension.
    """

    column_of: Mapping[str, str]
    dimensions: Mapping[str, str]
    comments: tuple[str, ...]
    ignored: tuple[str, ...]
    also: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()

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
    _check_given(options, names, column_of)
    if options.indicator and v.INDICATOR in column_of and not _names_series(flow, present):
        del column_of[v.INDICATOR]
    dimensions = _first_of(flow.dimensions, present)
    comments = tuple(name for name in flow.comments if name in present)
    joint = set(parts_of(named))
    serving = {*column_of.values(), *dimensions.values(), *comments}
    doubtful: tuple[str, ...] = ()
    if flow.own_codes:
        reserved = {*fields("gaps"), *fields("aggregates"), *fields("observations"), *v.INTERNAL}
        doubtful = tuple(
            name for name in names if name not in {*serving, *reserved} and _undecided(name, flow, options)
        )
        stated = options.structure.dimensions if options.structure else ()
        further = [name for name in (*options.dimensions, *stated, *doubtful) if name in present]
        dimensions |= {name: name for name in further if name not in {*serving, *reserved, *options.attributes}}
    if flow.rest == "dimensions":
        others = {*serving, *dimensions.values(), *flow.unused, *flow.compound, *joint}
        dimensions |= {
            _further_concept(name): name for name in names if name.strip("[]") not in others and name not in others
        }
    also = tuple(name for name in (*flow.compound, *flow.ignored, *flow.licences) if name in present)
    used = {*serving, *dimensions.values(), *joint, *also}
    ignored = tuple(name for name in names if name not in used and name.strip("[]") not in flow.unused)
    return ColumnRoles(column_of, dimensions, comments, ignored, also, doubtful)


def _names_series(flow: Dataflow, present: Collection[str]) -> bool:
    """Whether a file has the columns that name its series, those of one of the headers of the layout."""
    own = set(several(flow.columns.get(v.INDICATOR, ())))
    needed = [own & set(header) or own for header in (flow.header, *flow.alternatives)]
    return any(names <= set(present) for names in needed)


def _check_given(options: ReadOptions, names: Sequence[str], column_of: Mapping[str, str]) -> None:
    """Raises OptionError for a column of --dimension or --attribute that is not in the file, or whose role is fixed."""
    for option, given in (("--dimension", options.dimensions), ("--attribute", options.attributes)):
        for name in given:
            if name not in names:
                parts = {"expected": commas(names), "hint": suggestion(name, names, "`divide read FILE`")}
                raise OptionError("column_unknown", found=name, where=option, **parts)
            if name in column_of.values():
                raise OptionError("column_role_fixed", found=name, where=option)


def _undecided(name: str, flow: Dataflow, options: ReadOptions) -> bool:
    """Whether a column named as a concept may be a dimension: it is not decided, a known attribute or a label."""
    if options.structure:
        return False
    known = {*flow.unused, *codelist("CL_ATTRIBUTE").codes, *options.attributes, *options.dimensions}
    return bool(_CONCEPT.fullmatch(name)) and name not in known and not name.endswith(LABEL)


@cache
def _breakdowns() -> frozenset[str]:
    """The concepts that statistical offices and layouts break figures down by."""
    of_layouts = (concept for flow in catalogue().dataflows.values() for concept in flow.dimensions)
    return frozenset([*(row["concept"] for row in read_labels("columns")), *of_layouts])


def settled(rows: Rows, roles: ColumnRoles) -> tuple[ColumnRoles, tuple[Remark, ...]]:
    """The roles once the cells are known: a doubtful column that says nothing beyond the key is an attribute.

    It is one if it is empty, or if it is a label: words, of which each code of one column of the key has only one.
    Without a label the key stays as it is, since its codes determine it. A column of codes stays a dimension, because
    a breakdown may differ between indicators, and so does a known breakdown. Remarks name the columns of words that
    were taken for dimensions.
    """
    coded = [concept for concept in v.KEY if concept in roles.column_of and concept != v.TIME_PERIOD]
    key = [roles.column_of[concept] for concept in coded]
    labels = [name for name in roles.doubtful if _is_attribute(rows, name, key)]
    kept = {concept: name for concept, name in roles.dimensions.items() if name not in labels}
    doubts = tuple(
        rows.remark(
            "dimension_doubtful",
            name,
            ~rows.columns[name].equals(""),
            say("{name} has words", name=name),
            say("a dimension"),
            True,
        )
        for name in roles.doubtful
        if name not in labels and name not in _breakdowns() and _is_doubtful(rows.columns[name].values)
    )
    return replace(roles, dimensions=kept, ignored=(*roles.ignored, *labels)), doubts


def _is_attribute(rows: Rows, name: str, key: Sequence[str]) -> bool:
    """Whether a column is empty, or contains labels of the codes of one column."""
    column = rows.columns[name]
    texts = [text for text in column.values if text]
    if not texts:
        return True
    if name in _breakdowns() or not _is_doubtful(texts):
        return False
    return any(determined(rows.columns[code], column) for code in key)


def _is_doubtful(texts: Sequence[str]) -> bool:
    """Whether texts may be labels or remarks: some are words, and none is the code of a total."""
    return v.TOTAL not in texts and any(map(_is_words, texts))


def _is_words(text: str) -> bool:
    """Whether a text is in words, not a code: it has lower-case letters or spaces."""
    return any(letter.islower() or letter.isspace() or not letter.isascii() for letter in text)


def determined(code: TextColumn, label: TextColumn) -> bool:
    """Whether all rows with one code have one label, and some codes have different labels."""
    label_of = np.zeros(len(code.values), dtype=np.int64)
    label_of[code.codes] = label.codes
    return len(np.unique(label_of[np.unique(code.codes)])) > 1 and bool((label_of[code.codes] == label.codes).all())


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


def _further_concept(name: str) -> str:
    """The concept id of a further dimension. One that every observation has gets an ending: `[Age?]` -> AGE_COLUMN."""
    concept = concept_of(name)
    return f"{concept}_COLUMN" if concept in {*fields("observations"), *v.INTERNAL} else concept


def concept_of(name: str) -> str:
    """A column's name as a concept id: capitals, digits and underscores (`Type of speed` -> TYPE_OF_SPEED)."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "FURTHER"
