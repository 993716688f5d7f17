"""Breakdowns of national files: the role of each column, and labels -> codes, even in the wrong column.

A column has the concept of its name in the lists, else that of its labels, else it is a dimension of its own.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from divide_cli import concepts as v
from divide_cli.catalogue.labels import column_concept, concepts_with, label_of, shown_labels
from divide_cli.catalogue.names import group_of, names_economy
from divide_cli.errors import SourceError, nearest
from divide_cli.frames.columns import fields
from divide_cli.frames.observations import Remark
from divide_cli.language import commas, say
from divide_cli.readers.layouts.csv_table import NAMELESS
from divide_cli.readers.mapping.column_roles import determined
from divide_cli.readers.mapping.raw_rows import BETWEEN, MELTED, Rows, TextColumn, WrongText, joined
from divide_cli.readers.national.series import Vocabulary, tells_series

SERIES, COMPOSITE, CATEGORY, UNUSED = "SERIES", "COMPOSITE_BREAKDOWN", "CATEGORY", "UNUSED"
SUBNATIONAL = "SUBNATIONAL_AREA"
DESCRIBING = "DESCRIBING"
"""The role of columns that only describe the areas."""
FLAG, GEOCODE, UNIT_MULT, FREQ = "OBS_FLAG", "GEOCODE", "UNIT_MULT", "FREQ"
"""Concepts of data/catalogue/labels/columns.csv that are not dimensions."""
APART = {
    *(*v.DIMENSIONS, v.TIME_PERIOD, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT, v.REF_AREA),
    *(SUBNATIONAL, SERIES, COMPOSITE, CATEGORY, UNUSED, DESCRIBING, FLAG, GEOCODE, UNIT_MULT, FREQ, *v.QUANTITIES, ""),
}
"""Concepts with their own treatment, which may have several columns. Columns of other concepts are dimensions."""
_KEPT = (v.REF_AREA, SERIES, v.TIME_PERIOD, v.OBS_VALUE, v.OBS_COMMENT)
"""Concepts of columns that never only describe the countries of a table."""
_UNSURE = (COMPOSITE, CATEGORY)
_CHARACTERS = re.compile("[\u2e80-\ud7ff]")
"""A Chinese character, or one of the syllables of Japanese and Korean: one or two are a word."""
_SHORTEST = 3
"""The fewest letters of a label that is recognised in another column. Shorter ones ("U", "M") are ambiguous."""


@dataclass(frozen=True)
class NationalRoles:
    """The columns of a file by concept. `own` gives the dimension of each column that is not in the lists."""

    of: Mapping[str, tuple[str, ...]]
    own: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    """Column -> the note on it."""

    def __call__(self, concept: str) -> tuple[str, ...]:
        """The columns of the concept, in the order of the file."""
        return self.of.get(concept, ())


def national_roles(rows: Rows, names: Sequence[str], vocabulary: Vocabulary, melted: str = "") -> NationalRoles:
    """The roles of the columns. A column with several breakdowns, or an unknown one, is a dimension of its own name.

    `melted` is the concept of the heads of a table with years or series in columns.
    """
    of: dict[str, list[str]] = {}
    own: dict[str, str] = {}
    notes: dict[str, str] = {}
    for name in names:
        source = rows.columns[name]
        concept = UNUSED if _counts_rows(name, source) else column_concept(name)
        if name == MELTED and melted == v.TIME_PERIOD:
            concept = v.TIME_PERIOD
        elif name == MELTED:
            concept = _concept_of(source, vocabulary.area) if not tells_series(source.values, vocabulary) else SERIES
            concept = concept if concept in v.DIMENSIONS else SERIES
        if concept in (*_UNSURE, v.UNIT_MEASURE, "") and tells_series(source.values, vocabulary):
            if concept not in _UNSURE:
                what = say("has a name of {concept}", concept=concept) if concept else say("has an unknown name")
                notes[name] = say("column {name} {what}; its labels name the series", name=name, what=what)
            concept = SERIES
        elif concept not in APART and concept in of:
            concept = ""
        elif not concept and (by_labels := _concept_of(source, vocabulary.area)) not in {
            "",
            *of,
            *map(column_concept, names),
        }:
            notes[name] = say(
                "column {name} has an unknown name; its labels are those of {by_labels}", name=name, by_labels=by_labels
            )
            concept = by_labels
        if concept in (*_UNSURE, "") and source.indices(lambda text: text.strip() and label_of("", text) is None):
            own[name] = dimension_name(name, {*own.values(), *map(column_concept, names)} - APART)
            if not concept:
                why = say("is a second column of its kind") if column_concept(name) else say("has an unknown name")
                notes[name] = say(
                    "column {name} {why}; it is kept as dimension {own}", name=name, why=why, own=own[name]
                )
        of.setdefault(concept, []).append(name)
    return NationalRoles({concept: tuple(columns) for concept, columns in of.items()}, own, notes)


def _counts_rows(name: str, column: TextColumn) -> bool:
    """Whether a column without a name has the numbers of the rows, as programs write them."""
    if not NAMELESS.fullmatch(name) or not all(text.isdecimal() for text in column.values):
        return False
    numbers = sorted(int(text) for text in column.values)
    return len(numbers) > 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def without_labels_of_areas(rows: Rows, roles: NationalRoles) -> NationalRoles:
    """The roles without columns that only describe the countries of a table, such as a source for each.

    Each country has one text in such a column, all have the same, or the texts are groups of economies.
    """
    areas = [rows.columns[name] for name in roles(v.REF_AREA)]
    others = [name for concept, names in roles.of.items() if concept not in _KEPT for name in names] if areas else []
    describing = {name for name in others if _of_groups(rows.columns[name])}
    for name in roles.own if areas else ():
        column = rows.columns[name]
        if len(set(column.values)) == 1 or any(determined(area, column) for area in areas):
            describing.add(name)
    of = {concept: tuple(name for name in names if name not in describing) for concept, names in roles.of.items()}
    own = {name: concept for name, concept in roles.own.items() if name not in describing}
    notes = {name: note for name, note in roles.notes.items() if name not in describing}
    nameless = [name for name in roles.own if name in describing and NAMELESS.fullmatch(name)]
    for name in nameless:
        if has_text(rows.columns[name]):
            notes[name] = say("{name} has no name, and is not read", name=name)
    of[DESCRIBING] = tuple(describing)
    return NationalRoles({concept: names for concept, names in of.items() if names}, own, notes)


def _of_groups(column: TextColumn) -> bool:
    """Whether all texts of a column name groups of economies: regions of the world, or income groups."""
    texts = [text for text in column.values if text.strip()]
    return bool(texts) and all(group_of(text) for text in texts)


def _concept_of(column: TextColumn, area: str) -> str:
    """The breakdown (by sex or place) of all labels of a column, if there are at least two; else empty.

    A column is one of countries if more than half of its labels are their names or ISO alpha-3 codes. It is one of
    regions if a label is the name of the country that the file is about.
    """
    labels = [text for text in column.values if text.strip() and label_of("", text) is None]
    listed = [{concept for concept, _ in concepts_with(text)} for text in labels]
    common = set.intersection(*listed) & {v.SEX, v.URBANISATION} if len(listed) > 1 else set[str]()
    if not common and len(labels) > 1 and 2 * sum(bool(names_economy(text)) for text in labels) > len(labels):
        return v.REF_AREA
    if not common and len(labels) > 1 and area and area in [names_economy(text, area) for text in labels]:
        return SUBNATIONAL
    return common.pop() if len(common) == 1 else ""


def has_text(column: TextColumn) -> bool:
    """Whether the column has a text other than spaces."""
    return any(text.strip() for text in column.values)


def dimension_name(name: str, others: Collection[str]) -> str:
    """The name of a column as the id of a dimension, in ASCII capitals; BREAKDOWN_1 ... if that is impossible."""
    reserved = {*fields("gaps"), *fields("aggregates"), *fields("observations"), *v.INTERNAL}
    decomposed = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    concept = re.sub(r"[^A-Z0-9]+", "_", bare.upper()).strip("_") if bare.isascii() else ""
    if re.fullmatch(r"[A-Z][A-Z0-9_]*", concept) and concept not in reserved and concept not in others:
        return concept
    return next(text for text in (f"BREAKDOWN_{number}" for number in range(1, 1000)) if text not in others)


@dataclass
class Breakdowns:
    """The columns of each concept, in order: the name to show and the codes, which may be empty."""

    of: dict[str, list[tuple[str, TextColumn]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def add(self, concept: str, name: str, column: TextColumn) -> None:
        """Adds a column to a concept."""
        self.of.setdefault(concept, []).append((name, column))


def breakdowns_of(rows: Rows, roles: NationalRoles) -> Breakdowns:
    """The columns of each breakdown, as codes; areas are not among them."""
    parts = Breakdowns()
    for concept, names in roles.of.items():
        for name in names:
            if concept in v.DIMENSIONS:
                _broken_down(rows, name, concept, parts)
            elif concept not in APART:
                parts.add(concept, name, _carried(rows, name, concept))
    for name, own in roles.own.items():
        if name in (*roles(CATEGORY), *roles(COMPOSITE)):
            _mixed(rows, name, parts, own)
        else:
            parts.add(own, name, _carried(rows, name, own))
    return parts


def unknown_label(concept: str) -> Callable[[WrongText], SourceError]:
    """The function that makes the error for a label unknown to the concept, with the nearest known labels."""

    def error(wrong: WrongText) -> SourceError:
        close = nearest(wrong.text, shown_labels(concept)) if wrong.text else []
        hint = {"hint": say("did you mean {close}?", close=commas(close))} if close else {}
        return wrong.refusal("label_unknown", "labels", counted=True, concept=concept, **hint)

    return error


def codes_of(rows: Rows, name: str, concept: str) -> TextColumn:
    """The column as codes of a concept, empty for the total. Rows with unknown labels are rejected."""
    source = rows.columns[name]
    rows.refuse_texts(name, source.indices(lambda text: label_of(concept, text) is None), unknown_label(concept))
    return source.mapped(lambda text: code_of(concept, text, ""))


def code_of(concept: str, text: str, unknown: str) -> str:
    """The code of a label, empty for the total, `unknown` for a label that is not in the lists of the concept."""
    label = label_of(concept, text)
    return unknown if label is None else "" if label.code == v.TOTAL else label.code


def _carried(rows: Rows, name: str, concept: str) -> TextColumn:
    """The column as a dimension: the code of each label, or the label if it is unknown; empty for the total."""
    return rows.columns[name].mapped(lambda text: code_of(concept, text, text.strip()))


def words_beside(source: TextColumn) -> TextColumn:
    """Labels of ages that say more than their codes ("58 and over (women 58, men 63)"); empty for the others."""
    labels = [label_of(v.AGE, text) for text in source.values]
    words = [text.strip() if label and label.said else "" for text, label in zip(source.values, labels, strict=True)]
    return TextColumn(source.codes, words)


def _broken_down(rows: Rows, name: str, concept: str, parts: Breakdowns) -> None:
    """Adds a breakdown column as codes. Labels of another breakdown in it ("youth" among sexes) are moved there."""
    source = rows.columns[name]
    foreign = [{} if label_of(concept, text) else elsewhere(text) for text in source.values]
    if any(foreign):
        move(rows, name, foreign, parts)
        own = ["" if codes else text for text, codes in zip(source.values, foreign, strict=True)]
        rows.add({name: TextColumn(source.codes, own)})
    parts.add(concept, name, codes_of(rows, name, concept))


def _mixed(rows: Rows, name: str, parts: Breakdowns, own: str) -> None:
    """Adds a column of several breakdowns ("Male", "Urban", "15-24"): each label goes to the concept that lists it.

    Labels without a concept are kept under `own`.
    """
    source = rows.columns[name]
    move(rows, name, [elsewhere(text) for text in source.values], parts)
    parts.add(own, name, source.mapped(lambda text: "" if elsewhere(text) else code_of(own, text, text.strip())))


def move(rows: Rows, name: str, codes: Sequence[Mapping[str, str]], parts: Breakdowns) -> None:
    """Adds the codes in the column to their concepts, with a remark that says whether a concept has its own column."""
    source = rows.columns[name]
    for concept in dict.fromkeys(concept for of_text in codes for concept in of_text):
        column = TextColumn(source.codes, [of_text.get(concept, "") for of_text in codes])
        here = column.where(bool)
        if here.any():
            beside = say(", as well as the column {of}", of=parts.of[concept][0][0]) if concept in parts.of else ""
            kind = "label_in_wrong_column" if beside else "label_in_other_column"
            says, meaning = (
                say("column {name} contains labels of {concept}", name=name, concept=concept),
                f"{concept}{beside}",
            )
            parts.remarks.append(rows.remark(kind, name, here, says, meaning, quoted=True))
        parts.add(concept, name, column)


def elsewhere(text: str, among: Sequence[str] = ()) -> Mapping[str, str]:
    """The only concept whose lists contain a label from another column, with its code; else empty."""
    if len(text.strip()) < _SHORTEST and not _CHARACTERS.search(text):
        return {}
    codes = [(concept, code) for concept, code in concepts_with(text) if not among or concept in among]
    return dict(codes) if len(codes) == 1 else {}


def united(rows: Rows, concept: str, parts: Breakdowns) -> TextColumn:
    """The columns of a concept as one, `_T` if all are empty. Rows with different codes are rejected."""
    columns = parts.of[concept]
    source = joined([column for _, column in columns], BETWEEN)
    codes = [list(dict.fromkeys(part for part in text.split(BETWEEN) if part)) for text in source.values]
    contradicting = [index for index, of_text in enumerate(codes) if len(of_text) > 1]
    if contradicting:
        shown = say("{concept} of {name}", concept=concept, name=commas(dict.fromkeys(name for name, _ in columns)))
        rows.add({shown: TextColumn(source.codes, [", ".join(of_text) for of_text in codes])})

        def error(wrong: WrongText) -> SourceError:
            return wrong.refusal("codes_contradict", concept=concept, found=f"{wrong.text}{wrong.count}")

        rows.refuse_texts(shown, contradicting, error)
    return TextColumn(source.codes, [of_text[0] if of_text else v.TOTAL for of_text in codes])
