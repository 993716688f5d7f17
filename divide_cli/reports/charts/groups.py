"""Pictures of groups: both sides of the divides, and values over the years."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Gap, catalogue
from divide_cli.reports import estimates, tables, wording
from divide_cli.reports.charts import Picture, palette
from divide_cli.reports.overview import Overview
from divide_cli.reports.published import VALUE_KEY, records, title_of
from divide_cli.reports.tables import Block, Row, is_computed
from divide_cli.reports.wording import phrase
from divide_cli.sources.groupings import INCOME

GAP_FIGURES = (
    v.GAP, v.MEASURE, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD, v.OBS_VALUE, v.UNIT_MEASURE, v.REFERENCE_VALUE,
    v.COMPARED_VALUE, v.BOUND_LOWER, v.BOUND_UPPER, v.COVERAGE, v.OBS_STATUS, v.EDITION, v.MEMBERSHIP, *v.ESTIMATES,
)  # fmt: skip
VALUE_FIGURES = (
    v.INDICATOR, v.REF_AREA, v.TIME_PERIOD, v.OBS_VALUE, v.UNIT_MEASURE, v.BOUND_LOWER, v.BOUND_UPPER, v.COVERAGE,
    v.N_AREAS, v.N_AREAS_TOTAL, v.OBS_STATUS, v.EDITION, v.MEMBERSHIP, v.OBS_COMMENT, *v.ESTIMATES,
)  # fmt: skip
"""The columns of the data of a picture."""
_COLOURS = ("grey", "blue", "green", "violet", "orange", "blue")
"""The colours of lines, in the order of their areas."""
_DISTANCE = 7.0
"""The least distance between labels at the ends of lines, in per cent of the height."""


def figures(rows: Sequence[Row], names: Sequence[str]) -> list[dict[str, Any]]:
    """The rows with the columns named, those that they have; what is missing is None."""
    return [{name: plotted(row[name]) for name in names if name in row} for row in rows]


def plotted(value: Any) -> Any:
    """A value for a specification or a CSV: None if it is missing."""
    return None if pd.isna(value) else value


class Sides:
    """The values of both sides of gaps, with their bounds, from the group values of a result."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._rows = {(*(row[name] for name in VALUE_KEY), row[v.EDITION]): row for row in records(frame)}

    def of(self, row: Row, indicator: str) -> tuple[Row | None, Row | None]:
        """The rows of the reference and of the compared side of a gap."""
        key = {**row, v.INDICATOR: indicator}
        place = row[v.OVER] if row[v.OVER] in v.DIMENSIONS else v.REF_AREA
        names = (*VALUE_KEY, v.EDITION)
        sides = ({**key, place: row[name]} for name in (v.REFERENCE, v.COMPARED))
        first, second = (self._rows.get(tuple(side[name] for name in names)) for side in sides)
        return first, second


def side_row(gap: Gap, row: Row, basis: str, sides: Sides) -> dict[str, Any]:
    """A gap as a row of the picture: both values with their bounds; without values, only the span of the bounds."""
    reference, compared = sides.of(row, gap.indicator)
    unit = catalogue().indicators[gap.indicator].unit
    computed = is_computed(row)
    drawn: dict[str, Any] = {"label": phrase("facts.in_year", basis=basis, year=row[v.TIME_PERIOD])}
    for name, column, side in (("reference", v.REFERENCE_VALUE, reference), ("compared", v.COMPARED_VALUE, compared)):
        value = plotted(row[column]) if computed else None
        drawn |= {name: value, f"{name}_text": tables.number(value, unit) if value is not None else None}
        for end, bound in (("lower", v.BOUND_LOWER), ("upper", v.BOUND_UPPER)):
            drawn[f"{name}_{end}"] = plotted(side[bound]) if side is not None and computed else value
    spans = [
        side[bound] for side in (reference, compared) if side is not None for bound in (v.BOUND_LOWER, v.BOUND_UPPER)
    ]
    withheld = row[v.OBS_STATUS] == v.WITHHELD and len(spans) > 0
    drawn |= {
        "withheld": withheld,
        "lower": min(spans) if withheld else None,
        "upper": max(spans) if withheld else None,
    }
    drawn["note"] = wording.stated(row) if not computed else None
    drawn |= _estimated_sides(row, reference, compared)
    ordered = drawn["reference"] is None or drawn["reference"] >= drawn["compared"]
    right, left = ("reference", "compared") if ordered else ("compared", "reference")
    ends = {"right": drawn[f"{right}_upper"], "left": drawn[f"{left}_lower"]}
    return {**drawn, **ends, "right_text": drawn[f"{right}_text"], "left_text": drawn[f"{left}_text"]}


def _estimated_sides(row: Row, reference: Row | None, compared: Row | None) -> dict[str, Any]:
    """Both sides with estimates, and the ends of their intervals; empty if there is no estimate."""
    if not estimates.estimate_of(row) or reference is None or compared is None:
        return {}
    sides = {"reference": reference, "compared": compared}
    return {f"est_{name}": side[v.EST_VALUE] for name, side in sides.items()} | {
        f"est_{name}_{end}": side[column]
        for name, side in sides.items()
        for end, column in (("lower", v.EST_LOWER), ("upper", v.EST_UPPER))
    }


def gap_heading(gap: Gap) -> tuple[str, str]:
    """`Internet use`, and `high income (circle), low income (diamond)`: the gap, and the marks of its sides."""
    sides = re.split(r"\s:\s", catalogue().comparisons[gap.comparison].name)  # French has a blank that keeps the line
    if len(sides) == 2:
        return wording.indicator_name(gap.indicator), phrase("facts.sides", reference=sides[0], compared=sides[1])
    return wording.indicator_name(gap.indicator), title_of(gap)


def gaps_picture(lines: Sequence[tuple[Gap, str, Row]], sides: Sides) -> Picture | None:
    """The picture of both sides of gaps, a row for each gap and kind of figures."""
    if not lines:
        return None
    drawn: list[dict[str, Any]] = []
    for gap in dict.fromkeys(gap for gap, _, _ in lines):
        own = [side_row(gap, row, basis, sides) for one, basis, row in lines if one is gap]
        heading, about = gap_heading(gap)
        drawn += [{"heading": heading, "label": ""}, {"about": about, "label": ""}, *own]
    drawn = [{**row, "line": f"{place}|{row.pop('label')}"} for place, row in enumerate(drawn)]
    columns = tuple(wording.phrases("columns")[name] for name in _GAP_COLUMNS)
    cells = [(title_of(gap), basis, *_gap_cells(gap, row)) for gap, basis, row in lines]
    columns, cells = with_estimates(columns, cells, [row for *_, row in lines])
    said = []
    for gap in dict.fromkeys(gap for gap, _, _ in lines):
        sides_of_gap = wording.listed(_in_words(one, basis, row) for one, basis, row in lines if one is gap)
        said.append(phrase("alt.divides", gap=title_of(gap), sides=sides_of_gap))
    words = {"lines": [row["line"] for row in drawn]}
    said += [_estimated_in_words(title_of(gap), row) for gap, _, row in lines if estimates.estimate_of(row)]
    table = Block("", columns, cells, frozenset(columns[3:7]))
    return Picture(drawn, " ".join(said), table, figures([row for *_, row in lines], GAP_FIGURES), words)


Cells = list[tuple[str, ...]]


def with_estimates(columns: tuple[str, ...], cells: Cells, rows: Sequence[Row]) -> tuple[tuple[str, ...], Cells]:
    """The columns and cells of a table with a last column of estimates, if one of its rows has an estimate."""
    found = [estimates.estimate_of(row) for row in rows]
    if not any(found):
        return columns, cells
    further = [(*line, text or tables.NOTHING) for line, text in zip(cells, found, strict=True)]
    return (*columns, wording.phrases("columns")["estimate"]), further


def _estimated_in_words(name: str, row: Row) -> str:
    """The estimate of a row in words."""
    return phrase("alt.estimated", name=name, estimate=estimates.estimate_of(row), year=row[v.TIME_PERIOD])


_GAP_COLUMNS = ("gap", "basis", "year", "reference", "compared", "difference", "coverage", "edition")


def _gap_cells(gap: Gap, row: Row) -> tuple[str, ...]:
    unit, computed = catalogue().indicators[gap.indicator].unit, is_computed(row)
    values = [wording.value(row[name] if computed else None, unit) for name in (v.REFERENCE_VALUE, v.COMPARED_VALUE)]
    difference = " ".join(part for part in (wording.stated(row), tables.bounds_of(row)) if part)
    return str(row[v.TIME_PERIOD]), *values, difference, tables.coverage_of(row), str(row[v.EDITION])


def _in_words(gap: Gap, basis: str, row: Row) -> str:
    """One kind of figures of a gap in words."""
    unit, year = catalogue().indicators[gap.indicator].unit, row[v.TIME_PERIOD]
    if not is_computed(row):
        return phrase("alt.divides_withheld", basis=basis, year=year, coverage=tables.coverage_of(row))
    reference, compared = (wording.value(row[name], unit) for name in (v.REFERENCE_VALUE, v.COMPARED_VALUE))
    return phrase(
        "alt.divides_side",
        basis=basis,
        year=year,
        reference=reference,
        compared=compared,
        difference=wording.stated(row),
    )


def divides(overview: Overview) -> Picture | None:
    """Both sides of the cited gaps: quoted, published, from countries."""
    bases = [phrase(f"facts.{name}") for name in ("quoted", "published", "countries")]
    lines = [
        (gap, basis, row)
        for quoted in overview.quotations
        for gap, measures in quoted.divides()
        for basis, row in zip(bases, measures[0], strict=True)
        if row is not None
    ]
    return gaps_picture(lines, Sides(_aggregates(overview)))


def _aggregates(overview: Overview) -> pd.DataFrame:
    """The group values of the run and the published ones."""
    both = [overview.result.aggregates]
    both += [overview.result.published.aggregates] if overview.result.published else []
    return both[0] if len(both) == 1 else pd.concat(both)


def lines(overview: Overview) -> Picture | None:
    """The values of the world and the income groups over the years."""
    return series_picture(overview, [v.WORLD, *catalogue().groupings[INCOME].codes])


def regions(overview: Overview) -> Picture | None:
    """The values of the ITU regions over the years, one panel each."""
    picture = series_picture(overview, list(catalogue().groupings["itu_region"].codes))
    if picture is None:
        return None
    years = [row["year"] for row in picture.rows]
    words = {**picture.words, "x_domain": [min(years), max(years) + 1], "y_title": None}
    return replace(picture, rows=[row for row in picture.rows if row["kind"] != "sample"], words=words)


def course(overview: Overview) -> Picture | None:
    """The values of an area over the years, next to those of its region and the world."""
    return series_picture(overview, overview.areas, ("orange", "blue", "grey"))


def series_picture(overview: Overview, areas: Sequence[str], colours: Sequence[str] = _COLOURS) -> Picture | None:
    """The values of areas over the years, with bounds, published values, and gaps where a value is withheld."""
    every = {area: overview.series(area) for area in areas}
    series = {area: rows for area, rows in every.items() if any(map(is_reported, rows))}
    if not series:
        return None
    unit = str(next(iter(series.values()))[0][v.UNIT_MEASURE])
    drawn = [row for area, rows in series.items() for row in _drawn(wording.named(area), rows)]
    shown = [row for rows in series.values() for row in rows]
    first = min(row[v.TIME_PERIOD] for row in shown)
    published = [
        row for row in overview.published.values() if row[v.REF_AREA] in series and row[v.TIME_PERIOD] >= first
    ]
    for row in published:
        at = {"year": row[v.TIME_PERIOD], "value": row[v.OBS_VALUE]}
        drawn.append({"series": wording.named(row[v.REF_AREA]), "kind": "published", **at})
    drawn += [row for area, rows in series.items() for row in _estimated(wording.named(area), rows)]
    drawn += list(_labels(series, unit, max(row["year"] for row in drawn)))
    words = {
        "series": [wording.named(area) for area in series],
        "colours": [palette("colours")[name] for name in colours[: len(series)]],
        "y_title": wording.unit_name(unit), "y_scale": scale(unit),
    }  # fmt: skip
    behind = figures([*shown, *published], VALUE_FIGURES)
    return Picture(drawn, _series_in_words(series), _series_table(shown, published), behind, words)


def _series_table(shown: Sequence[Row], published: Sequence[Row]) -> Block:
    """The values of a picture of series, computed ones first."""
    texts = wording.phrases("columns")
    columns = tuple(texts[name] for name in ("area", "kind", "year", "value", "bounds", "coverage", "edition"))
    cells: list[tuple[str, ...]] = []
    for kind, rows in (("facts.countries", shown), ("facts.published", published)):
        for row in rows:
            figure = wording.stated(row), wording.bounds(row), tables.coverage_of(row), str(row[v.EDITION])
            cells.append((wording.named(row[v.REF_AREA]), phrase(kind), str(row[v.TIME_PERIOD]), *figure))
    numeric = frozenset(columns[2:6])
    columns, cells = with_estimates(columns, cells, [*shown, *published])
    return Block("", columns, cells, numeric)


def is_reported(row: Row) -> bool:
    """Whether a row has a value that is not an estimate of an economy that reported nothing."""
    return is_computed(row) and not estimates.is_filled(row)


def scale(unit: str) -> dict[str, Any]:
    """The scale of values: shares of people from 0 to 100."""
    return {"domain": [0, 100], "nice": False} if unit == "PT" else {"zero": True}


def _drawn(name: str, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """The rows of a line; years without a value, or that are withheld, break it."""
    by_year = {row[v.TIME_PERIOD]: row for row in rows}
    for year in range(min(by_year), max(by_year) + 1):
        row = by_year.get(year)
        value = plotted(row[v.OBS_VALUE]) if row is not None and is_reported(row) else None
        ends = {end: plotted(row[column]) if row is not None else None for end, column in _ENDS.items()}
        shown = {f"shown_{end}": bound if value is not None else None for end, bound in ends.items()}
        yield {"series": name, "kind": "value", "year": year, "value": value, **shown}
        if row is not None and row[v.OBS_STATUS] == v.WITHHELD:
            yield {"series": name, "kind": "withheld", "year": year, **ends}


def _estimated(name: str, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """The dashed line of a series with estimates, and their intervals; nothing if all its economies report."""
    if any(map(estimates.estimate_of, rows)):
        for row in rows:
            ends = {"lower": plotted(row[v.EST_LOWER]), "upper": plotted(row[v.EST_UPPER])}
            at = {"year": row[v.TIME_PERIOD], "value": plotted(row[v.EST_VALUE])}
            yield {"series": name, "kind": "estimate", **at, **ends}


_ENDS = {"lower": v.BOUND_LOWER, "upper": v.BOUND_UPPER}


def _labels(series: Mapping[str, Sequence[Row]], unit: str, year: int) -> Iterator[dict[str, Any]]:
    """A label for the end of each line, with a sample of the line, in the last year of the picture.

    Labels are moved apart where lines end close together.
    """
    ends = {area: [row for row in rows if is_reported(row)][-1] for area, rows in series.items()}
    highest = 100.0 if unit == "PT" else max(row[v.OBS_VALUE] for row in ends.values())
    places = apart({area: float(row[v.OBS_VALUE]) for area, row in ends.items()}, _DISTANCE / 100 * highest)
    for area, row in ends.items():
        number, name = tables.number(row[v.OBS_VALUE], unit), wording.named(area)
        texts = {"text": f"{number} {name}", "short": f"{number} {area}", "number": number}
        yield {"series": name, "kind": "label", "year": year, "value": places[area], **texts}
        yield {"series": name, "kind": "sample", "year": year, "value": places[area]}


def apart(places: Mapping[str, float], distance: float) -> dict[str, float]:
    """The places moved as little as needed, so that neighbours are at least the distance apart."""
    moved = dict(sorted(places.items(), key=lambda item: item[1]))
    for _ in range(len(moved) * 4):
        for (low, below), (high, above) in pairwise(list(moved.items())):
            lacking = distance - (moved[high] - moved[low])
            if lacking > 1e-9 and above >= below:
                moved[low], moved[high] = moved[low] - lacking / 2, moved[high] + lacking / 2
    return moved


def _series_in_words(series: Mapping[str, Sequence[Row]]) -> str:
    """The first and the last year, the latest value of each area, and how many years are withheld."""
    rows = [row for each in series.values() for row in each]
    latest = {area: [row for row in each if is_reported(row)][-1] for area, each in series.items()}
    values = [
        phrase(
            "alt.lines_value", group=wording.named(area), code=area, value=wording.stated(row), year=row[v.TIME_PERIOD]
        )
        for area, row in latest.items()
    ]
    years = [row[v.TIME_PERIOD] for row in rows]
    text = phrase("alt.lines", first_year=min(years), last_year=max(years), values=wording.listed(values))
    withheld = sum(row[v.OBS_STATUS] == v.WITHHELD for row in rows)
    parts = [text, phrase("alt.lines_withheld", number=withheld) if withheld else ""]
    for area, each in series.items():
        estimated = [row for row in each if estimates.estimate_of(row)]
        parts += [_estimated_in_words(wording.named(area), estimated[-1])] if estimated else []
    return " ".join(filter(None, parts))
