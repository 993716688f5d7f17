"""Published figures by key, the newest edition first; and the notes on the rows and editions that are printed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Request, Result
from divide_cli.catalogue import Gap, area_name, catalogue
from divide_cli.reports import tables
from divide_cli.reports.tables import ESTIMATE, Block, Footnotes, Row, is_computed, marks, number

GAP_KEY = (v.GAP, v.MEASURE, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)
VALUE_KEY = (v.INDICATOR, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)

_SHOWN = (
    v.EDITION, v.INDICATOR, v.UNIT_MEASURE, v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER, v.OBS_STATUS, v.OBS_COMMENT,
    v.COVERAGE, v.N_AREAS, v.N_AREAS_TOTAL, v.MEMBERSHIP, *v.ROW_FLAGS,
)  # fmt: skip
"""The columns that tables print, without the key."""


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


def latest_at(key: Mapping[str, Any], rows: Iterable[Row]) -> Row | None:
    """The row of the latest year with a value at the key, or of the latest year; if several, the first."""
    at_key = (row for row in rows if key.items() <= row.items())
    return max(at_key, key=lambda row: (is_computed(row), row[v.TIME_PERIOD]), default=None)


def place_of(area: str) -> tuple[int, str]:
    """The position of a group in the catalogue; other areas follow by code."""
    codes = [code for grouping in catalogue().groupings.values() for code in grouping.codes]
    return codes.index(area) if area in codes else len(codes), area


def names_of(codes: Iterable[str]) -> str:
    """`WLD World; HIC High-income economies.`: the groups among the codes, then others, each with its name."""
    named = sorted({code for code in codes if area_name(code) != code}, key=place_of)
    return "; ".join(f"{code} {area_name(code)}" for code in named) + "." if named else ""


class Citations:
    """The notes on a run: its editions by number, and explanations of its printed rows."""

    def __init__(self, result: Result, other: Result) -> None:
        self._footnotes, self._rows, self._marks = Footnotes(), list[Row](), list[str]()
        self._request, self.areas, self.compared = result.request, set[str](), False
        self._sources = {**other.sources, **result.sources}
        self._cited, self._methods = dict[str, str](), dict[str, str]()

    def marked(self, text: str, row: Row, estimates: bool = True) -> str:
        """The text printed for a row, with the row's marks; `estimates` keeps that of estimates."""
        mark = marks(row) if estimates else marks(row).replace(ESTIMATE, "")
        self._rows.append(row)
        self._marks.append(mark)
        return f"{text} {mark}".strip()

    def of(self, edition: str) -> str:
        """The number of an edition: its citation, the membership of its groups, and how its figures were made."""
        if edition not in self._cited:
            source = self._sources[edition]
            groups = f"; groups {source.membership}." if source.membership else "."
            first = self._methods.get(source.method)
            method = f" See also {first}." if first else f" {source.method.rstrip('.')}." if source.method else ""
            self._cited[edition] = self._footnotes.mark(f"{source.id}: {source.citation}{groups}{method}")
            if source.method:
                self._methods.setdefault(source.method, self._cited[edition])
        return self._cited[edition]

    def notes(self, of_the_run: Sequence[str]) -> Block:
        """The editions cited; a sentence for each measure, mark and column of the printed rows; the areas named."""
        rows, entries = self._rows, catalogue().measures
        measures = [name for name in entries if any(row.get(v.MEASURE) == name for row in rows)]
        combined = [row for row in rows if row[v.MEMBERSHIP] not in (v.NOT_APPLICABLE, v.AS_PUBLISHED)]
        persons = ", persons with the embedded populations"
        persons = persons if any(entries[name].unit == v.PERSONS for name in self._request.measures) else ""
        withheld = any(row[v.OBS_STATUS] == v.WITHHELD for row in rows)
        units = {catalogue().indicators[row[v.INDICATOR]].unit for row in combined}
        percentages = {catalogue().units[unit].maximum for unit in units} <= {100}
        ends = "0, and at 100" if percentages else "the lowest possible value, and at the highest"
        bounded = any(row[v.BOUND_LOWER] != row[v.BOUND_UPPER] for row in rows)
        sentences = {
            f"The reference group is named first. Formulas and sources: divide show {''.join(measures[:1])}.": measures,
            **dict.fromkeys(tables.meanings(self._marks, measures), True),
            "Coverage: the share of the group's people who live in economies with a value.": combined,
            "Coverage of a gap: the lower of its two groups' coverages.": any(row.get(v.MEASURE) for row in combined),
            "≥: the coverage is at least this, and may be higher.": any(row[v.COVERAGE_IS_LIMIT] for row in combined),
            f"withheld: the coverage is less than {self._request.minimum:g} %; only the bounds are shown.": withheld,
            "[a, b]: bounds, the lowest and the highest possible value.": bounded,
            f"Bounds from countries: with all the people without data at {ends}.": bounded and combined,
            "Bounds of quoted and published figures: what their rounding allows.": bounded
            and len(rows) > len(combined),
            "Minus published: computed minus published, before rounding.": self.compared,
            f"Published gaps are computed from the published percentages{persons}.": self.compared,
        }
        return self._footnotes.block(
            *(f"{entries[name].short}: {tables.first_sentence(entries[name].reading)}" for name in measures),
            *(sentence for sentence, applies in sentences.items() if applies),
            *of_the_run,
            names_of({*self.areas, *(row[v.REF_AREA] for row in rows)}),
        )


def measures_of(request: Request, gap: Gap) -> list[str]:
    """The measures requested, or those that the gap shows."""
    return [name for name in catalogue().measures if name in request.measures] or list(gap.shown)


def title_of(gap: Gap, between: str = ", ") -> str:
    """The indicator and what is compared."""
    entries = catalogue()
    return f"{entries.indicators[gap.indicator].short}{between}{entries.comparisons[gap.comparison].name}"


def disagreement(total: pd.DataFrame, name: str, published: Lookup, citations: Citations) -> list[str]:
    """Lists where published editions give different values for the world in the latest year that they share."""
    world = total[total[v.REF_AREA] == v.WORLD].sort_values(v.TIME_PERIOD, ascending=False)
    for row in world.to_dict("records"):
        others, unit = published.value(row), row[v.UNIT_MEASURE]
        if len({other[v.OBS_VALUE] for other in others}) > 1:
            values = [f"{number(other[v.OBS_VALUE], unit)} {citations.of(other[v.EDITION])}" for other in others]
            where = f"{name}, world, {row[v.TIME_PERIOD]}"
            return [f"Published editions disagree on {where}: {', '.join(values)}; the newest is shown."]
    return []
