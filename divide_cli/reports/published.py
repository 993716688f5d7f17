"""Published figures: found by key, the newest edition first, and shown with the paragraphs that quote them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Request, Result
from divide_cli.catalogue import area_name, catalogue, codelist
from divide_cli.catalogue.claims import Claim, publications
from divide_cli.reports.tables import ESTIMATE, Block, Row, marks, meanings, number, value_of, with_unit
from divide_cli.sources.editions import edition, published_editions

GAP_KEY = (v.GAP, v.MEASURE, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)
VALUE_KEY = (v.INDICATOR, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)

_SHOWN = (
    v.EDITION, v.INDICATOR, v.UNIT_MEASURE, v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER, v.OBS_STATUS, v.OBS_COMMENT,
    v.COVERAGE, v.N_AREAS, v.N_AREAS_TOTAL, v.MEMBERSHIP, *v.ROW_FLAGS,
)  # fmt: skip
"""The columns, besides the key, that tables print."""


def records(frame: pd.DataFrame) -> list[Row]:
    """The rows as mappings, with the columns that tables print."""
    shown = [name for name in dict.fromkeys((*GAP_KEY, *_SHOWN)) if name in frame]
    columns = [frame[name].tolist() for name in shown]  # faster than to_dict("records") on categories
    return [dict(zip(shown, row, strict=True)) for row in zip(*columns, strict=True)]


def _index(frame: pd.DataFrame, order: Sequence[str], key: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows of the editions by key; the rows of one key in the order of the editions."""
    index: dict[tuple[Any, ...], list[Row]] = {}
    for row in records(frame[frame[v.EDITION].isin(order)]) if len(frame) else ():
        index.setdefault(tuple(row[name] for name in key), []).append(row)
    for rows in index.values():
        rows.sort(key=lambda row: order.index(row[v.EDITION]))
    return index


@dataclass(frozen=True)
class Lookup:
    """Gaps and group values of editions, by key."""

    gaps: Mapping[tuple[Any, ...], list[Row]]
    aggregates: Mapping[tuple[Any, ...], list[Row]]

    @staticmethod
    def of(result: Result, editions: Sequence[str]) -> "Lookup":
        """An index of the frames, for the editions in the order named, and for the measures that are printed.

        These are the measures requested, or those that any gap shows.
        """
        printed = set(result.request.measures) or {name for gap in catalogue().gaps.values() for name in gap.shown}
        gaps = result.gaps[result.gaps[v.MEASURE].isin(printed)]
        return Lookup(_index(gaps, editions, GAP_KEY), _index(result.aggregates, editions, VALUE_KEY))

    def gap(self, row: Row) -> list[Row]:
        """The gaps at the key of the row."""
        return self.gaps.get(tuple(row[name] for name in GAP_KEY), [])

    def value(self, row: Row) -> list[Row]:
        """The group values at the key of the row."""
        return self.aggregates.get(tuple(row[name] for name in VALUE_KEY), [])


class Letters:
    """`(a)` for the newest published edition, `(b)` for the one before ...; with a legend of those that were used."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def of(self, edition: str) -> str:
        """The letter of a published edition."""
        self._used.add(edition)
        return f"({chr(ord('a') + published_editions().index(edition))})"

    def legend(self, result: Result) -> str:
        """The letters that were used, with their editions and methods."""
        editions = [name for name in published_editions() if name in self._used and name in result.sources]
        citations = [f"{self.of(name)} {name}: {result.sources[name].citation}." for name in editions]
        methods = dict.fromkeys(result.sources[name].method for name in editions)
        return " ".join([*citations, *methods]).strip()


def disagreement(total: pd.DataFrame, name: str, published: Lookup, letters: Letters) -> list[str]:
    """Lists where published editions give different values for the world in the latest year that they share."""
    world = total[total[v.REF_AREA] == v.WORLD].sort_values(v.TIME_PERIOD, ascending=False)
    for row in world.to_dict("records"):
        others, unit = published.value(row), row[v.UNIT_MEASURE]
        if len({other[v.OBS_VALUE] for other in others}) > 1:
            values = ", ".join(f"{number(other[v.OBS_VALUE], unit)} {letters.of(other[v.EDITION])}" for other in others)
            where = f"{name}, world, {row[v.TIME_PERIOD]}"
            return [f"Published editions disagree on {where}: {values}; the newest is shown."]
    return []


QUOTED_COLUMNS = ("Para", "What", "Quoted", "Published")
ONLY = "quoted only"


@dataclass(frozen=True)
class _Line:
    """What a publication says, its figure as printed, the published figures beside it, and the marks of these."""

    what: str
    quoted: str
    published: str
    marks: str = ""


def quotations(result: Result, other: Result, published: Lookup) -> list[Block]:
    """One block for each quoting publication; `other` holds the published figures that `published` indexes."""
    quoting = [source for source in result.sources.values() if source.role == "quoted"]
    return [block for source in quoting if (block := _quotation(result, other, published, source.id)) is not None]


def _quotation(result: Result, other: Result, published: Lookup, name: str) -> Block | None:
    document = publications()[PurePath(edition(name).view).stem]
    quoted, letters = Lookup.of(result, [name]), Letters()
    paragraphs: dict[str, list[_Line]] = {}
    for claim in document.claims:
        if _is_wanted(claim, result.request):
            paragraph = claim.where.removeprefix("para ")
            paragraphs.setdefault(paragraph, []).append(_figure(claim, published, letters))
    for gap in catalogue().gaps.values():
        lines = [line for measure in gap.shown for line in _gaps(gap.id, measure, quoted, published, letters)]
        for number_of_paragraph in gap.cited if lines else ():
            paragraphs.setdefault(str(number_of_paragraph), []).extend(lines)
    lines = [line for of_paragraph in paragraphs.values() for line in of_paragraph]
    if not lines:
        return None
    rows: list[tuple[str, ...]] = []
    rules = set()
    for paragraph, of_paragraph in paragraphs.items():
        first = len(rows)
        rules.add(first)
        rows += [("", line.what, line.quoted, line.published) for line in of_paragraph]
        rows[first] = (paragraph, *rows[first][1:])
    notes = ["Gaps are computed from the figures of their column; brackets: what the rounding of those figures allows."]
    if any(line.published == ONLY for line in lines):
        lacking = "no published edition at hand holds the figure, so that nothing stands beside the quotation."
        notes.append(f"{ONLY}: {lacking}")
    notes += meanings((line.marks for line in lines), list(catalogue().measures))
    notes += [legend] if (legend := letters.legend(other)) else []
    title = f"The divides that {document.publication.citation} cites: as quoted, and from published figures"
    return Block(title, QUOTED_COLUMNS, rows, rules=frozenset(rules - {0}), notes=tuple(notes))


def _is_wanted(claim: Claim, request: Request) -> bool:
    """Whether the claim prints a figure (or its complement) that the request includes."""
    selector = claim.selector
    return (
        bool(selector.indicator and (claim.is_figure or selector.complement) and not request.gaps)
        and (not request.indicators or selector.indicator in request.indicators)
        and (not request.areas or selector.area in request.areas)
        and (not request.years or selector.year in (None, *request.years))
    )


def _figure(claim: Claim, published: Lookup, letters: Letters) -> _Line:
    """A printed figure beside the newest published value at its place."""
    selector, area = claim.selector, claim.selector.areas[0]
    key = {v.INDICATOR: selector.indicator, v.REF_AREA: area}
    key |= dict(zip(v.DIMENSIONS, selector.breakdown, strict=True))
    what = [catalogue().indicators[selector.indicator].short]
    what += [codelist(f"CL_{name}").name(key[name]).lower() for name in v.DIMENSIONS if key[name] != v.TOTAL]
    what += [area_name(area)] if area != v.WORLD else []
    unit = catalogue().indicators[selector.indicator].unit
    if selector.complement:
        figures = [
            f"{number(100 - row[v.OBS_VALUE], unit)} % in {row[v.TIME_PERIOD]} {letters.of(row[v.EDITION])}"
            for row in _last_years(key, published)
        ]
        return _Line(f"offline: 100 - {', '.join(what)}", claim.quotation, "; ".join(figures) or ONLY)
    figures = [
        f"{with_unit(number(row[v.OBS_VALUE], unit), unit)} {letters.of(row[v.EDITION])}"
        for row in published.value({**key, v.TIME_PERIOD: selector.year})[:1]
    ]
    quoted = with_unit(claim.quotation, claim.unit)
    return _Line(", ".join([*what, str(selector.year)]), quoted, "; ".join(figures) or ONLY)


def _last_years(key: dict[str, str], published: Lookup) -> list[Row]:
    """The value of the last year of each edition at the key, the newest edition first."""
    rows = [row for rows in published.aggregates.values() for row in rows if key.items() <= row.items()]
    latest = {row[v.EDITION]: row for row in sorted(rows, key=lambda row: int(row[v.TIME_PERIOD]))}
    return [latest[name] for name in published_editions() if name in latest]


def _gaps(gap: str, measure: str, quoted: Lookup, published: Lookup, letters: Letters) -> list[_Line]:
    """The gap in that measure for each year for which the publication gives both sides."""
    entries = catalogue()
    comparison = entries.comparisons[entries.gaps[gap].comparison]
    lines = []
    for row in (row for key, rows in quoted.gaps.items() for row in rows if key[:2] == (gap, measure)):
        what = f"{entries.indicators[row[v.INDICATOR]].short}, {comparison.name}, {row[v.TIME_PERIOD]}"
        others = published.gap(row)[:1]
        figures = [f"{_in_words(other)} {letters.of(other[v.EDITION])}" for other in others]
        used = "".join(_marks(shown) for shown in (row, *others))
        what += f": {entries.measures[measure].short}"
        lines.append(_Line(what, _in_words(row), "; ".join(figures) or ONLY, used))
    return lines


def _in_words(row: Row) -> str:
    return f"{value_of(row)} {_marks(row)}".strip()


def _marks(row: Row) -> str:
    """The marks of a row, except that of estimates: ITU's figures are all estimates."""
    return marks(row).replace(ESTIMATE, "")
