"""Breakdowns of national files: an office's labels -> codes of SDMX concepts, also of labels in a wrong column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue.area_names import area_of, area_of_number, area_of_prefix
from divide_cli.catalogue.labels import concepts_with, label_of, shown_labels
from divide_cli.errors import SourceError, UnknownCodeError, nearest
from divide_cli.errors.text_safety import grown
from divide_cli.frames.observations import Remark
from divide_cli.readers.mapping.raw_rows import Rows, TextColumn, joined
from divide_cli.readers.national.roles import SUBNATIONAL
from divide_cli.readers.national.series_labels import BETWEEN

_SHORTEST = 3
"""A label of fewer letters ("U", "M") means something in its own column only."""


@dataclass(frozen=True)
class Columns:
    """The columns of areas: of countries, of their parts, the largest first, and of codes, for rows without a name."""

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass
class _Place:
    country: str
    parts: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)


@dataclass
class Parts:
    """The columns that say a concept: in their order, the name to show and the codes; an empty code says nothing."""

    of: dict[str, list[tuple[str, TextColumn]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def add(self, concept: str, name: str, column: TextColumn) -> None:
        """One more column that says the concept."""
        self.of.setdefault(concept, []).append((name, column))


def unknown_label(concept: str) -> Callable[[str, str, str, str], SourceError]:
    """What words the refusal of a label that no list of the concept knows, with the nearest known ones."""

    def error(text: str, others: str, count: str, where: str) -> SourceError:
        close = nearest(text, shown_labels(concept)) if text else []
        return UnknownCodeError(
            "label_unknown",
            concept=concept,
            found=f"{text!r}{f'{others} labels' if others else ''}{count}",
            where=where,
            hint=f"did you mean {', '.join(close)}?" if close else "correct the cell, or add the label to the list",
        )

    return error


def closed(rows: Rows, name: str, concept: str) -> TextColumn:
    """The column as codes of a concept; empty where it says the total; unknown labels are refused."""
    source = rows.columns[name]
    found = [label_of(concept, text) for text in source.values]
    rows.refuse_texts(name, [index for index, label in enumerate(found) if label is None], unknown_label(concept))
    return TextColumn(source.codes, ["" if label is None or label.code == v.TOTAL else label.code for label in found])


def broken_down(rows: Rows, name: str, concept: str, parts: Parts) -> None:
    """A column of a breakdown as codes; labels of another breakdown in it ("youth" beside ages) go to theirs."""
    source = rows.columns[name]
    moved = [{} if label_of(concept, text) else elsewhere(text) for text in source.values]
    foreign = [index for index, found in enumerate(moved) if found]
    if foreign:
        _move(rows, name, moved, parts)
        own = TextColumn(source.codes, ["" if index in foreign else text for index, text in enumerate(source.values)])
        rows.columns = {**rows.columns, name: own}
    parts.add(concept, name, closed(rows, name, concept))


def said(rows: Rows, name: str, concept: str) -> TextColumn | None:
    """What labels say beside their codes ("58 and over (women 58, men 63)"); None where no label says more."""
    source = rows.columns[name]
    found = [label_of(concept, text) for text in source.values]
    texts = [text.strip() if label and label.said else "" for label, text in zip(found, source.values, strict=True)]
    return TextColumn(source.codes, texts) if any(texts) else None


def carried(rows: Rows, name: str, concept: str) -> TextColumn:
    """The column as a dimension of its own: codes where a list knows the label, else the label; empty for the total."""
    source = rows.columns[name]
    texts = []
    for text in source.values:
        label = label_of(concept, text)
        texts.append(text.strip() if label is None else "" if label.code == v.TOTAL else label.code)
    return TextColumn(source.codes, texts)


def mixed(rows: Rows, name: str, parts: Parts, own: str) -> None:
    """A column of several breakdowns ("Male", "Urban", "15-24"): each label goes to the concept that lists it.

    Others are carried under `own`.
    """
    source = rows.columns[name]
    moved = [elsewhere(text) for text in source.values]
    _move(rows, name, moved, parts)
    rest = carried(rows, name, own)
    kept = ["" if found else text for found, text in zip(moved, rest.values, strict=True)]
    parts.add(own, name, TextColumn(source.codes, kept))


def _move(rows: Rows, name: str, moved: Sequence[Mapping[str, str]], parts: Parts) -> None:
    """Gives each concept the codes that labels in the column say of it, and notes it."""
    source = rows.columns[name]
    for concept in dict.fromkeys(concept for found in moved for concept in found):
        column = TextColumn(source.codes, [found.get(concept, "") for found in moved])
        _note(rows, name, concept, column, parts)
        parts.add(concept, name, column)


def elsewhere(text: str, among: Sequence[str] = ()) -> Mapping[str, str]:
    """The one concept, with the code, whose lists hold a label that stands in a column of something else."""
    if len(text.strip()) < _SHORTEST:
        return {}
    found = [(concept, code) for concept, code in concepts_with(text) if not among or concept in among]
    return dict(found) if len(found) == 1 else {}


def _note(rows: Rows, name: str, concept: str, codes: TextColumn, parts: Parts) -> None:
    """Says that a column holds labels of another concept, and whether the file has a column of that concept too."""
    here = np.array([bool(code) for code in codes.values])[codes.codes]
    if here.any():
        row, source = int(np.argmax(here)), rows.columns[name]
        beside = f", beside the column {parts.of[concept][0][0]}" if concept in parts.of else ""
        text = (
            f"column {name} holds labels of {concept} in {grown(int(here.sum()), 'row')}, the first on line "
            f"{rows.lines[row]} ({source.values[source.codes[row]]!r}): read as {concept}{beside}"
        )
        kind = "label_in_wrong_column" if beside else "label_in_other_column"
        parts.remarks.append(Remark(kind, text, name, rows.lines[here].tolist()))


def places(rows: Rows, columns: Columns, area: str, parts: Parts) -> TextColumn | None:
    """REF_AREA by the columns of areas, where it is not `area` throughout; parts of the country become a dimension.

    The country's own name is its total. A code of a part (KG05) begins with its country's letters.
    """
    names = (*columns.countries, *columns.regions, *columns.codes)
    source = joined([rows.columns[name] for name in names], BETWEEN)
    shown = ", ".join((*columns.countries, *columns.regions) or columns.codes)
    texts = [" / ".join(part.strip() for part in text.split(BETWEEN) if part.strip()) for text in source.values]
    rows.columns = {shown: TextColumn(source.codes, texts), **rows.columns}
    found = [_place((text.split(BETWEEN) + [""] * len(names))[: len(names)], columns, area) for text in source.values]
    _move(rows, shown, [place.moved for place in found], parts)
    parts.add(SUBNATIONAL, shown, TextColumn(source.codes, ["/".join(place.parts) for place in found]))
    countries = [place.country for place in found]
    return None if set(countries) <= {area} else TextColumn(source.codes, countries)


def _place(cells: Sequence[str], columns: Columns, area: str) -> _Place:
    """The country, the names below it from the largest, and labels of other concepts, from the cells of one row."""
    named = len(columns.countries) + len(columns.regions)
    place = _Place(area)
    codes_count = not any(cell.strip() for cell in cells[:named])
    for index, cell in enumerate(cells):
        if (index >= named and not codes_count) or label_of(SUBNATIONAL, cell):
            continue
        country = area_of(cell) or (area_of_number(cell) if index < len(columns.countries) else "")
        if country and (country == area or not area or index < len(columns.countries)):
            place.country = country
        elif index < named and (found := elsewhere(cell, v.DIMENSIONS)):
            place.moved |= found
        else:
            place.parts.append(cell.strip())
            place.country = place.country or area_of_prefix(cell)
    return place


def united(rows: Rows, concept: str, parts: Parts) -> TextColumn:
    """One column of a concept from all that say it, `_T` where none does; rows in which they differ are refused."""
    columns = parts.of[concept]
    source = joined([column for _, column in columns], BETWEEN)
    codes = [list(dict.fromkeys(part for part in text.split(BETWEEN) if part)) for text in source.values]
    name = ", ".join(dict.fromkeys(name for name, _ in columns))
    wrong = [index for index, found in enumerate(codes) if len(found) > 1]

    def differ(text: str, _others: str, count: str, where: str) -> SourceError:
        return SourceError("codes_contradict", concept=concept, found=f"{text}{count}", where=where)

    if wrong:
        shown = f"{concept} of {name}"
        rows.columns = {**rows.columns, shown: TextColumn(source.codes, [", ".join(found) for found in codes])}
        rows.refuse_texts(shown, wrong, differ)
    return TextColumn(source.codes, [found[0] if found else v.TOTAL for found in codes])
