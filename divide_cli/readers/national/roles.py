"""What each column of a national file serves: by its name in the lists of labels, else by its labels, else itself."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from divide_cli import concepts as v
from divide_cli.catalogue.area_names import area_of, area_of_number, area_of_prefix
from divide_cli.catalogue.labels import column_concept, concepts_with, label_of
from divide_cli.frames.schema import fields
from divide_cli.readers.mapping.raw_rows import MELTED, Rows, TextColumn
from divide_cli.readers.national.series_labels import Vocabulary, tells_series
from divide_cli.readers.options import ReadOptions

SERIES, COMPOSITE, CATEGORY, UNUSED = "SERIES", "COMPOSITE_BREAKDOWN", "CATEGORY", "UNUSED"
SUBNATIONAL = "SUBNATIONAL_AREA"
FLAG, GEOCODE, UNIT_MULT, FREQ = "OBS_FLAG", "GEOCODE", "UNIT_MULT", "FREQ"
"""Concepts of data/catalogue/labels/columns.csv that are no dimensions."""
APART = {
    *(*v.DIMENSIONS, v.TIME_PERIOD, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT, v.REF_AREA),
    *(SUBNATIONAL, SERIES, COMPOSITE, CATEGORY, UNUSED, FLAG, GEOCODE, UNIT_MULT, FREQ, *v.QUANTITIES, ""),
}
"""Concepts whose columns have a way of their own, several columns together; a column of another is a dimension."""
_UNSURE = (COMPOSITE, CATEGORY)


@dataclass(frozen=True)
class Roles:
    """The columns of a file by the concept that they serve; `own` is the dimension of columns that no list knows."""

    of: Mapping[str, tuple[str, ...]]
    own: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __call__(self, concept: str) -> tuple[str, ...]:
        """The columns that serve the concept, in the order of the file."""
        return self.of.get(concept, ())


def roles_of(rows: Rows, names: Sequence[str], vocabulary: Vocabulary) -> Roles:
    """The roles of the columns; one of several breakdowns, or of none that a list knows, is a dimension of its name."""
    of: dict[str, list[str]] = {}
    own: dict[str, str] = {}
    notes = []
    for name in names:
        source = rows.columns[name]
        concept = SERIES if name == MELTED else column_concept(name)
        if concept in (*_UNSURE, v.UNIT_MEASURE, "") and tells_series(source.values, vocabulary):
            if concept not in _UNSURE:
                what = f"is named as {concept}" if concept else "is of no known concept"
                notes.append(f"column {name} {what}: its labels say the series")
            concept = SERIES
        elif concept not in APART and concept in of:
            concept = ""
        elif not concept and (said := concept_of(source)) and said not in {*of, *map(column_concept, names)}:
            notes.append(f"column {name} is of no known concept: its labels say {said}")
            concept = said
        if concept in (*_UNSURE, "") and breaks_down(source):
            own[name] = dimension_name(name, {*own.values(), *map(column_concept, names)} - APART)
            if not concept:
                why = "is the second of its concept" if column_concept(name) else "is of no known concept"
                notes.append(f"column {name} {why}: carried as dimension {own[name]}")
        of.setdefault(concept, []).append(name)
    return Roles({concept: tuple(columns) for concept, columns in of.items()}, own, tuple(notes))


def concept_of(column: TextColumn) -> str:
    """The breakdown by sex or place that all labels of a column, two at least, are of; empty where there is none."""
    labels = [text for text in column.values if text.strip() and label_of("", text) is None]
    found = [{concept for concept, _ in concepts_with(text)} for text in labels]
    both = set.intersection(*found) & {v.SEX, v.URBANISATION} if len(found) > 1 else set[str]()
    return both.pop() if len(both) == 1 else ""


def has_text(column: TextColumn) -> bool:
    """Whether any row of the column says something."""
    return any(text.strip() for text in column.values)


def breaks_down(column: TextColumn) -> bool:
    """Whether any row of the column says something other than the total."""
    return any(text.strip() and label_of("", text) is None for text in column.values)


def dimension_name(name: str, taken: Collection[str]) -> str:
    """The name of a column as the id of a dimension, in capitals of ASCII; BREAKDOWN_1 ... where it cannot be one."""
    reserved = {*fields("gaps"), *fields("aggregates"), *fields("observations"), *v.INTERNAL}
    apart = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    made = re.sub(r"[^A-Z0-9]+", "_", bare.upper()).strip("_") if bare.isascii() else ""
    if re.fullmatch(r"[A-Z][A-Z0-9_]*", made) and made not in reserved and made not in taken:
        return made
    return next(text for text in (f"BREAKDOWN_{number}" for number in range(1, 1000)) if text not in taken)


def area_named(rows: Rows, options: ReadOptions) -> str:
    """The economy of the file: the one that the user names, else the only one that its columns of countries name."""
    if options.area:
        return options.area
    columns = [column for name, column in rows.columns.items() if column_concept(name) == v.REF_AREA]
    named = {
        area_of(text) or area_of_number(text) or area_of_prefix(text) for column in columns for text in column.values
    } - {""}
    return named.pop() if len(named) == 1 else ""
