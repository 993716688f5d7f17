"""Areas of national files: the nation by its own names, its parts, or the countries of a file of several.

The cells decide what a column of areas is. The name of the country is the nation, other names are its parts. In a file
of countries each name must be an economy; names of groups (World, Euro area) are not figures of any country.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from divide_cli import concepts as v
from divide_cli.catalogue.codelists import is_economy
from divide_cli.catalogue.labels import column_concept, label_of
from divide_cli.catalogue.names import (
    area_hint,
    area_of,
    area_of_number,
    area_of_prefix,
    areas_like,
    group_of,
    names_economy,
)
from divide_cli.errors import SourceError
from divide_cli.frames.columns import packed, unique_rows
from divide_cli.language import commas
from divide_cli.readers.mapping.codes import few, ignore_groups
from divide_cli.readers.mapping.raw_rows import BETWEEN, Rows, TextColumn, WrongText, joined
from divide_cli.readers.national.breakdowns import (
    FLAG,
    GEOCODE,
    SUBNATIONAL,
    UNUSED,
    Breakdowns,
    NationalRoles,
    breakdowns_of,
    elsewhere,
    move,
    united,
)
from divide_cli.readers.national.series import shown_together
from divide_cli.readers.recognition import ReadOptions

_TRIED = 5
"""How many unknown names of a column are compared with all names, to see whether it is one of countries."""
_CODE = 3
"""The letters of an ISO alpha-3 code."""
_PART = 1000
"""The rank of parts of the country, above that of every name of the nation."""


@dataclass
class _Place:
    """What the cells of one row say: the country (empty if unknown), its parts, largest first, and other labels."""

    country: str
    parts: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    group: str = ""
    nation: str = ""


@dataclass(frozen=True)
class _Columns:
    """The columns of areas, in this order: of countries, of their parts, of codes, which serve rows without names."""

    countries: tuple[str, ...]
    parts: tuple[str, ...]
    codes: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """The columns of names."""
        return (*self.countries, *self.parts)

    @property
    def shown(self) -> str:
        """Their names, for reports."""
        return commas(self.named or self.codes)


def area_named(rows: Rows, options: ReadOptions) -> str:
    """The economy of the file: the one that the user names, else the only one in its country columns, else empty."""
    if options.area:
        return options.area
    columns = [column for name, column in rows.columns.items() if column_concept(name) == v.REF_AREA]
    named = {_economy(text, "") or area_of_prefix(text) for column in columns for text in column.values} - {""}
    return named.pop() if len(named) == 1 else ""


def columns_of(
    rows: Rows, roles: NationalRoles, options: ReadOptions, table: bool = False
) -> tuple[dict[str, TextColumn], Breakdowns]:
    """One column of codes for each breakdown, and REF_AREA if the file gives it.

    In a `table` of countries, each name in a column of countries must be one: none is a part of the area of the user.
    """
    parts = breakdowns_of(rows, roles)
    _capitals(rows, roles)
    country = _areas(rows, roles, options.area, parts, table and bool(roles(v.REF_AREA)))
    columns = {concept: united(rows, concept, parts) for concept in parts.of}
    if country:
        columns[v.REF_AREA] = country
    return columns, parts


def _capitals(rows: Rows, roles: NationalRoles) -> None:
    """Writes ISO alpha-3 codes in capitals in a column of countries that has only small ones (ken, nam), as DDF has."""
    for name in roles(v.REF_AREA):
        source = rows.columns[name]
        texts = [text.strip() for text in source.values if text.strip()]
        small = texts and all(len(text) == _CODE and text.isascii() and text.islower() for text in texts)
        if small and 2 * sum(is_economy(text.upper()) for text in texts) > len(texts):
            rows.add({name: source.mapped(str.upper)})


def _economy(text: str, area: str) -> str:
    """The economy in a column of countries: by name, ISO code or M49 number."""
    return area_of(text, area) or area_of_number(text)


def _areas(rows: Rows, roles: NationalRoles, area: str, parts: Breakdowns, table: bool) -> TextColumn | None:
    """REF_AREA from the columns of areas, or None if it is always `area`. Parts of the country become a dimension.

    Raises SourceError if the file names other countries than `area`.
    """
    columns = _Columns(roles(v.REF_AREA), roles(SUBNATIONAL), roles(GEOCODE))
    names = (*columns.named, *columns.codes)
    if not names:
        return None
    source = joined([rows.columns[name] for name in names], BETWEEN)
    rows.columns = {columns.shown: source.mapped(shown_together), **rows.columns}
    of_countries = _names_countries(rows, columns, area, table) or table
    cells = [(text.split(BETWEEN) + [""] * len(names))[: len(names)] for text in source.values]
    places = [_place(row, columns, "" if table else area, of_countries) for row in cells]
    _part_from_nation(rows, roles, source, places, columns)
    move(rows, columns.shown, [place.moved for place in places], parts)
    parts.add(SUBNATIONAL, columns.shown, TextColumn(source.codes, ["/".join(place.parts) for place in places]))
    ignore_groups(rows, source, [place.group for place in places])
    unknown = [index for index, place in enumerate(places) if not place.country and not place.group]
    if not of_countries and unknown:
        return None
    if unknown:
        rows.refuse_texts(columns.shown, unknown, _unknown_area)
    of_text = [place.country for place in places]
    return None if area and set(of_text) <= {area} else TextColumn(source.codes, of_text)


def _unknown_area(wrong: WrongText) -> SourceError:
    return wrong.refusal("area_name_unknown", "names", counted=True, hint=area_hint(wrong.text))


def _names_countries(rows: Rows, columns: _Columns, area: str, table: bool) -> bool:
    """Whether the file lists countries, in a column of countries or by at least half of the names in another.

    SourceError if they are others than `area`: several countries are never the regions of one.
    """
    found = False
    for name in columns.named:
        texts = [text for text in rows.columns[name].values if text.strip() and not label_of(SUBNATIONAL, text)]
        listed = name in columns.countries
        texts = [text for text in texts if listed or not elsewhere(text, v.DIMENSIONS)]
        economies = [text for text in texts if _economy_in(text, area, listed)]
        others = [text for text in economies if _economy_in(text, area, listed) != area]
        most = table or 2 * len(economies) >= len(texts) > 0
        several = listed or len(others) > 1 or 1 < len(economies) == len(texts)
        if area and others and most and several:
            raise SourceError("area_beside_countries", area=area, found=few(others), where=f"{rows.file.name}, {name}")
        misspelt = listed and not area and any(areas_like(text) for text in texts[:_TRIED])
        found |= (bool(economies) and (listed or most)) or misspelt
    return found


def _economy_in(text: str, area: str, listed: bool) -> str:
    """The economy that a cell names. In a column that is not of countries, short texts may be codes of regions."""
    if listed or area_of(text, area) == area:
        return _economy(text, area)
    return names_economy(text, area)


def _place(cells: Sequence[str], columns: _Columns, area: str, of_countries: bool) -> _Place:
    """What the cells of one row say. The code of a part (KG05) begins with the letters of its country."""
    place = _Place(area)
    named = len(columns.named)
    codes_count = not any(cell.strip() for cell in cells[:named])
    for index, cell in enumerate(cells):
        if (index >= named and not codes_count) or label_of(SUBNATIONAL, cell):
            continue
        listed = index < len(columns.countries)
        country = _economy_in(cell, area, listed) if index < named else area_of(cell)
        if country and (listed or country == (place.country or country)):
            place.country, place.nation = country, cell.strip()
        elif index < named and (codes := elsewhere(cell, v.DIMENSIONS)):
            place.moved |= codes
        elif of_countries and (group := group_of(cell)):
            place.group = group
        else:
            place.parts.append(cell.strip())
            place.country = place.country or area_of_prefix(cell)
    if of_countries and not (place.country or place.parts):
        place.group = place.group or " ".join(filter(None, map(str.strip, cells[:named])))  # a total of the countries
    return place


def _part_from_nation(
    rows: Rows, roles: NationalRoles, source: TextColumn, places: Sequence[_Place], columns: _Columns
) -> None:
    """Makes parts of the names of the country that name a part here, such as the state of México.

    Such a row has another value than a row of the same key for the nation: one without a name, or with a longer one.
    """
    ranks = [_rank(place) for place in places]
    if len(set(ranks) - {_PART}) < 2 or len({place.country for place in places if place.nation}) > 1:
        return
    key, rank = _key_without_area(rows, roles, columns), np.array(ranks)[source.codes]
    nation = np.full(int(key.max(initial=0)) + 1, _PART)
    np.minimum.at(nation, key, rank)
    value = np.full(len(nation), np.nan)
    of_nation = rank == nation[key]
    value[key[of_nation]] = rows.numbers[of_nation]
    differs = (rank > nation[key]) & (np.abs(rows.numbers - value[key]) > 0)
    for rank_of_part in np.unique(rank[differs & (rank < _PART)]):
        names = {place.nation for place, own in zip(places, ranks, strict=True) if own == rank_of_part}
        for place in places:
            if place.nation in names:
                place.parts, place.nation = [place.nation, *place.parts], ""


def _rank(place: _Place) -> int:
    """How surely the cells mean the whole nation: first no name, then its longest name; parts and breakdowns come last.

    A cell such as `Urban` is a breakdown: the row has another key than that of the nation.
    """
    if place.parts or place.group or place.moved:
        return _PART
    return _PART - min(len(place.nation), _PART - 1) if place.nation else 0


def _key_without_area(rows: Rows, roles: NationalRoles, columns: _Columns) -> npt.NDArray[np.intp]:
    """The key of each row without its area: rows of one key may differ in the area only."""
    apart = {*columns.named, *columns.codes, columns.shown}
    apart |= {name for concept in (v.OBS_VALUE, v.OBS_COMMENT, v.OBS_STATUS, FLAG, UNUSED) for name in roles(concept)}
    names = dict.fromkeys(name for names in roles.of.values() for name in names if name not in apart)
    keys = [rows.columns[name] for name in names]
    return unique_rows(packed(((column.codes, max(len(column.values), 1)) for column in keys), len(rows)))[1]
