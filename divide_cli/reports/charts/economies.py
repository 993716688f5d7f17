"""Pictures of economies: ranks, the strip of all economies, the place of one area, and the maps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate
from typing import Any

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue, data_dir
from divide_cli.catalogue.labels import normal
from divide_cli.catalogue.load import read_csv
from divide_cli.errors.text_safety import shown
from divide_cli.language import direction
from divide_cli.reports import estimates, tables, wording
from divide_cli.reports.charts import Picture, palette, width_of
from divide_cli.reports.charts.groups import VALUE_FIGURES, figures, plotted, scale, with_estimates
from divide_cli.reports.overview import Overview
from divide_cli.reports.tables import Block, Row, is_computed
from divide_cli.reports.wording import phrase

MOST = 12
"""The number of economies at each end of a ranking."""
_LONGEST_NAME = 38
"""The number of characters of the name of an economy next to its bar."""
_NAMES = ("ISO_A3_EH", "ISO_A3", "ISO3", "iso_a3", "iso3", "ISO3CD", "iso3cd", "ADM0_A3", "ADMIN0_A3", "REF_AREA")
"""Properties of a GeoJSON feature that may have the code of its economy."""


def ranks(rows: Sequence[Row]) -> list[int]:
    """The rank of each row, from the highest value; equal values share a rank."""
    values = [row[v.OBS_VALUE] for row in rows]
    return [1 + sum(other > value for other in values) for value in values]


def _columns(*names: str) -> tuple[str, ...]:
    texts = wording.phrases("columns")
    return tuple(texts[name] for name in names)


def _ranked(overview: Overview, missing: Sequence[str] = ()) -> Block:
    """The ranked list of all economies, then those without a figure."""
    rows, columns = overview.economies, _columns("rank", "economy", "code", "value", "year", "edition")
    cells: list[tuple[str, ...]] = []
    for rank, row in zip(ranks(rows), rows, strict=True):
        area, year, edition = row[v.REF_AREA], row[v.TIME_PERIOD], row[v.EDITION]
        cells.append((str(rank), wording.named(area), area, wording.stated(row), str(year), edition))
    none, year = tables.NOTHING, str(overview.year)
    cells += [(none, wording.named(area), area, phrase("facts.missing"), year, none) for area in missing]
    return Block("", columns, cells, frozenset((columns[0], columns[3])))


def _unit(overview: Overview) -> str:
    return str(overview.economies[0][v.UNIT_MEASURE])


def _words(overview: Overview) -> dict[str, Any]:
    unit = _unit(overview)
    return {"unit": wording.unit_name(unit), "y_scale": scale(unit)}


def ranking(overview: Overview) -> Picture | None:
    """The economies with the highest and the lowest values."""
    rows = overview.economies
    if not rows:
        return None
    unit, numbers = _unit(overview), ranks(rows)
    drawn: list[dict[str, Any]] = []
    for part in (slice(0, MOST), slice(max(MOST, len(rows) - MOST), None)):
        drawn += [{"name": "|…"}] if drawn else []
        for number, row in zip(numbers[part], rows[part], strict=True):
            value, name = row[v.OBS_VALUE], _shortened(f"{number}. {wording.named(row[v.REF_AREA])}")
            ends = {"lower": row[v.EST_LOWER], "upper": row[v.EST_UPPER]} if estimates.is_filled(row) else {}
            text = f"{tables.number(value, unit)} {tables.ESTIMATE}" if ends else tables.number(value, unit)
            at = {"value": value, "end": ends.get("upper", value), "text": text}
            drawn.append({"name": f"{row[v.REF_AREA]}|{name}", **at, **ends})
    words = {**_words(overview), "order": [row["name"] for row in drawn]}
    first, last = rows[0], rows[-1]
    alternative = phrase(
        "alt.ranking", economies=_counted(rows), year=overview.year,
        highest_name=wording.named(first[v.REF_AREA]), highest=wording.stated(first),
        lowest_name=wording.named(last[v.REF_AREA]), lowest=wording.stated(last),
    )  # fmt: skip
    return Picture(drawn, alternative, _ranked(overview), figures(rows, VALUE_FIGURES), words)


def _shortened(name: str) -> str:
    """The name if it is short enough for a picture; the table below has it in full."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def strip(overview: Overview) -> Picture | None:
    """All economies by ITU region, with the value of the group."""
    codes = catalogue().groupings["itu_region"].codes
    parts = {code: _members(overview, code) for code in codes if _members(overview, code)}
    if not parts:
        return None
    regions = {code: _region(overview, code, rows) for code, rows in parts.items()}
    drawn = [row for region in regions.values() for row in region[0]]
    columns = (
        *_columns("group", "economies"), phrase("facts.lowest"), phrase("facts.highest"),
        *_columns("value", "bounds", "coverage"),
    )  # fmt: skip
    cells, numeric = [region[1] for region in regions.values()], frozenset(columns[1:])
    economies = _counted([row for rows in parts.values() for row in rows])
    said = wording.listed(region[2] for region in regions.values())
    alternative = phrase("alt.strip", economies=economies, year=overview.year, regions=said)
    groups = [row for code in parts if (row := overview.value(code)) is not None]
    if len(groups) == len(parts):
        columns, cells = with_estimates(columns, cells, groups)
    table = Block("", columns, cells, numeric)
    behind = figures([*groups, *(row for rows in parts.values() for row in rows)], VALUE_FIGURES)
    return Picture(drawn, alternative, table, behind, {**_words(overview), "groups": list(map(wording.named, parts))})


def _members(overview: Overview, code: str) -> list[Row]:
    """The economies of a group that have a value."""
    members = overview.groups.get(code, frozenset())
    return [row for row in overview.economies if row[v.REF_AREA] in members]


def _region(overview: Overview, code: str, rows: Sequence[Row]) -> tuple[list[dict[str, Any]], tuple[str, ...], str]:
    """A region of the strip: the rows that are drawn, the row of the table, and the region in words."""
    name, group = wording.named(code), overview.value(code)
    economies = _counted(rows)
    computed = group is not None and is_computed(group)
    text = wording.stated(group) if group is not None else tables.NOTHING
    label = phrase("facts.mean" if computed else "facts.no_mean", value=text, economies=economies)
    drawn: list[dict[str, Any]] = [{"group": name, "kind": "label", "text": f"{name}\n{label}"}]
    drawn += [{"group": name, "kind": _kind(row), "value": row[v.OBS_VALUE]} for row in rows]
    if group is not None and estimates.estimate_of(group):
        ends = {"lower": group[v.EST_LOWER], "upper": group[v.EST_UPPER]}
        drawn.append({"group": name, "kind": "estimate", "value": group[v.EST_VALUE], **ends})
    if group is not None and computed:
        ends = {"lower": plotted(group[v.BOUND_LOWER]), "upper": plotted(group[v.BOUND_UPPER])}
        drawn.append({"group": name, "kind": "group", "value": group[v.OBS_VALUE], **ends})
    lowest, highest = wording.stated(rows[-1]), wording.stated(rows[0])
    which = "alt.strip_region" if computed else "alt.strip_region_withheld"
    bounds = wording.bounds(group) if group is not None else ""
    coverage = tables.coverage_of(group) if group is not None else tables.NOTHING
    cells = (name, economies, lowest, highest, text, bounds, coverage)
    return drawn, cells, phrase(which, group=name, lowest=lowest, highest=highest, mean=text)


def _counted(rows: Sequence[Row]) -> str:
    """`42 economies and 2 estimated`: how many reported a value, and how many are estimated."""
    estimated = sum(map(estimates.is_filled, rows))
    reported = phrase("facts.economies", number=len(rows) - estimated)
    return phrase("facts.and_estimated", reported=reported, estimated=estimated) if estimated else reported


def _kind(row: Row) -> str:
    """The kind of mark of an economy: one that reported, or one that is estimated."""
    return "estimated_economy" if estimates.is_filled(row) else "economy"


def position(overview: Overview) -> Picture | None:
    """The first area of the page among the economies of the groups that it is in."""
    area = overview.areas[0]
    own = next((row for row in overview.economies if row[v.REF_AREA] == area), None)
    if own is None:
        return None
    wanted = (v.WORLD, *catalogue().groupings["itu_region"].codes, *catalogue().groupings["income_group"].codes)
    drawn, sentences, cells, names = list[dict[str, Any]](), list[str](), list[tuple[str, ...]](), list[str]()
    for code in (code for code in wanted if area in overview.groups.get(code, ())):
        rows = _members(overview, code)
        rank = 1 + sum(row[v.OBS_VALUE] > own[v.OBS_VALUE] for row in rows)
        group = wording.named(code)
        text = phrase("facts.rank", rank=rank, number=len(rows), group=group)
        drawn.append({"group": group, "kind": "label", "text": text})
        drawn += [{"group": group, "kind": _kind(row), "value": row[v.OBS_VALUE]} for row in rows if row is not own]
        drawn.append({"group": group, "kind": "chosen", "value": own[v.OBS_VALUE]})
        names.append(group)
        sentences.append(text)
        cells.append((group, str(rank), str(len(rows)), wording.stated(rows[-1]), wording.stated(rows[0])))
    columns = (*_columns("group", "rank", "economies"), phrase("facts.lowest"), phrase("facts.highest"))
    alternative = phrase(
        "alt.position", area=wording.named(area), value=wording.stated(own), ranks=wording.listed(sentences)
    )
    words = {**_words(overview), "groups": names}
    table = Block("", columns, cells, frozenset(columns[1:]))
    return Picture(drawn, alternative, table, figures([own], VALUE_FIGURES), words)


def _by_name(areas: Iterable[str]) -> list[str]:
    """The areas by name, as a dictionary has them: `Yémen` is after `État de Palestine`."""
    return sorted(areas, key=lambda area: normal(wording.named(area)))


@cache
def places() -> Mapping[str, tuple[int, int]]:
    """The column and the row of the square of each economy, from 1."""
    rows = read_csv(data_dir() / "catalogue" / "charts" / "tiles.csv", "tiles_unreadable")
    return {row["REF_AREA"]: (int(row["COLUMN"]), int(row["ROW"])) for row in rows}


def edges(rows: Sequence[Row], unit: str) -> list[float]:
    """The edges between the classes of a map: those of the unit, or so that the classes have equally many economies."""
    if unit in palette("edges"):
        return list(map(float, palette("edges")[unit]))
    values = sorted(row[v.OBS_VALUE] for row in rows)
    number = len(palette("classes"))
    return sorted({values[len(values) * part // number] for part in range(1, number)})


def class_of(value: float, ends: Sequence[float]) -> int:
    """The class that a value is in; an edge belongs to the class above it."""
    return sum(value >= end for end in ends)


def labels(ends: Sequence[float], unit: str) -> list[str]:
    """The classes in words: `under 25 %`, `25 to under 50 %`, `95 % and more`."""
    texts = [wording.value(end, unit) for end in ends]
    lower = [tables.number(end, unit) for end in ends]
    between = [phrase("facts.class", lower=low, upper=high) for low, high in zip(lower, texts[1:], strict=False)]
    return [phrase("facts.below", upper=texts[0]), *between, phrase("facts.more_than", lower=texts[-1])]


def tiles(overview: Overview) -> Picture | None:
    """One square for each economy of the world group, with the class of its value; those without one have no fill."""
    rows = {row[v.REF_AREA]: row for row in overview.economies}
    if not rows:
        return None
    unit = _unit(overview)
    ends = edges(overview.economies, unit)
    names, colours = labels(ends, unit), palette("classes")
    missing = _by_name(set(places()) - set(rows))
    drawn = [_square(area, rows.get(area), ends, colours) for area in places()]
    estimated = [area for area, row in rows.items() if estimates.is_filled(row) and area in places()]
    for area in estimated:
        ink = colours[class_of(rows[area][v.OBS_VALUE], ends)]["ink"]
        drawn += _hatches(*places()[area], ink)
    tallies = [sum(class_of(row[v.OBS_VALUE], ends) == number for row in rows.values()) for number in range(len(names))]
    drawn += _key(names, colours, bool(estimated))
    counted = [
        phrase("alt.tiles_class", label=name, number=number) for name, number in zip(names, tallies, strict=True)
    ]
    alternative = phrase(
        "alt.tiles", classes=wording.listed(counted), missing=len(missing), total=len(places()), year=overview.year
    )
    alternative += " " + phrase("alt.tiles_estimated", estimated=len(estimated)) if estimated else ""
    width, height = (max(place[at] for place in places().values()) for at in (0, 1))
    words = {
        "x_domain": [1, width + 1], "y_domain": [height + 1.0, -0.8], "map_width": width * _TILE,
        "map_height": (height + 1.8) * _TILE,
    }  # fmt: skip
    behind = figures(overview.economies, VALUE_FIGURES)
    return Picture(drawn, alternative, _ranked(overview, missing), behind, words)


_TILE = 32
"""The width of a square, in units of the drawing."""
_GAP = 0.05
_MARK, _LETTER = 1.8, 0.19
"""The squares that an entry of the key of a map is wide, besides its label, and for each letter of it."""


def _square(area: str, row: Row | None, ends: Sequence[float], colours: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The square of an economy: its corners, its code, and the colours of its class."""
    column, line = places()[area]
    colour = (
        {"fill": "transparent", "ink": "currentColor"} if row is None else colours[class_of(row[v.OBS_VALUE], ends)]
    )
    return {"kind": "missing" if row is None else "value", "text": area, **_corners(column, line), **colour}


def _corners(column: float, line: float) -> dict[str, float]:
    return {
        "x0": column + _GAP, "x1": column + 1 - _GAP, "y0": line + _GAP, "y1": line + 1 - _GAP, "xt": column + 0.5,
        "yt": line + 0.5,
    }  # fmt: skip


def _hatches(column: float, line: float, ink: str) -> Iterator[dict[str, Any]]:
    """The diagonals in two corners of the square of an economy that is estimated; none crosses its code."""
    for start, end in ((0.16, 0.0), (0.32, 0.0), (1.0, 0.68), (1.0, 0.84)):
        x, y = (_GAP + part * (1 - 2 * _GAP) for part in (start, end))
        ends = {"x0": column + x, "y0": line + y, "x1": column + y, "y1": line + x}
        yield {"kind": "hatch", "hatch": ink, **ends}


def _key(names: Sequence[str], colours: Sequence[Mapping[str, str]], hatched: bool) -> Iterator[dict[str, Any]]:
    """The key of the map: a square and a label for each class, for economies without a figure, and for estimates."""
    looks: list[tuple[str, Mapping[str, str], str]] = [
        (name, colour, "value") for name, colour in zip(names, colours, strict=False)
    ]
    plain = {"fill": "transparent", "ink": "currentColor"}
    looks.append((phrase("facts.missing"), plain, "missing"))
    widths = [_MARK + _LETTER * width_of(name) for name, *_ in looks]
    at = accumulate(widths, initial=0.0)
    for start, (name, colour, kind) in zip(at, looks, strict=False):
        yield {"kind": kind, "text": "", **_entry(name, start, -0.8), **colour}
    if hatched:
        entry = _entry(phrase("facts.estimate"), 0.0, 0.5)
        yield {"kind": "value", "text": "", **entry, **plain}
        yield from _hatches(entry["x0"] - _GAP, 0.5, "currentColor")


def _entry(name: str, start: float, line: float) -> dict[str, Any]:
    """The places of a label of the key and of its square, so many squares from where a line of the language begins."""
    last = max(column for column, _ in places().values())
    right = direction() == "rtl"
    column, label = (last - start, last - 0.2 - start) if right else (1 + start, 2.2 + start)
    return {"legend": name, "xl": label, **_corners(column, line)}


def boundaries(overview: Overview) -> Picture | None:
    """The values on the features of a GeoJSON file whose properties name economies; other features have no fill."""
    if not overview.economies or not overview.boundaries:
        return None
    rows, unit = {row[v.REF_AREA]: row for row in overview.economies}, _unit(overview)
    ends, colours = edges(overview.economies, unit), palette("classes")
    drawn = []
    for feature in overview.boundaries["features"]:
        row = rows.get(_code(feature.get("properties") or {}))
        fill = colours[class_of(row[v.OBS_VALUE], ends)]["fill"] if row is not None else "transparent"
        drawn.append({"type": "Feature", "geometry": feature["geometry"], "properties": {"fill": fill}})
    squares = tiles(overview)
    return replace(squares, rows=drawn, words={}) if squares else None


def _code(properties: Mapping[str, Any]) -> str:
    """The code of the economy of a feature; empty if no property has one."""
    return next((code for name in _NAMES if (code := str(properties.get(name, ""))) in places()), "")


def missing_names(overview: Overview) -> str:
    """The economies without a figure, by name, in a sentence; empty if there are none."""
    missing = _by_name(set(places()) - {row[v.REF_AREA] for row in overview.economies})
    names = wording.listed(map(wording.named, missing), ", ")
    return shown(phrase("alt.tiles_missing", year=overview.year, names=names), 20_000) if missing else ""
