"""Published figures found by key, the newest edition first, each edition under a letter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.pipeline import published_editions
from divide_cli.analysis.request import Result
from divide_cli.catalogue import catalogue
from divide_cli.reports.tables import Block

Row = Mapping[Any, Any]
"""A row of a frame: column -> value."""

GAP_KEY = (v.GAP, v.MEASURE, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)
VALUE_KEY = (v.INDICATOR, v.REF_AREA, *v.DIMENSIONS, v.TIME_PERIOD)

_SHOWN = (
    v.EDITION, v.INDICATOR, v.UNIT_MEASURE, v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER, v.OBS_STATUS, v.OBS_COMMENT,
    v.COVERAGE, v.N_AREAS, v.N_AREAS_TOTAL, v.MEMBERSHIP,
)  # fmt: skip
"""The columns beside the key that tables print."""


def records(frame: pd.DataFrame) -> list[Row]:
    """The rows as mappings, with the columns that tables print."""
    shown = [name for name in dict.fromkeys((*GAP_KEY, *_SHOWN)) if name in frame]
    columns = [frame[name].tolist() for name in shown]  # quicker than to_dict("records") on categories
    return [dict(zip(shown, row, strict=True)) for row in zip(*columns, strict=True)]


def printed(result: Result) -> set[str]:
    """The measures that tables print: those asked for, else those that any gap shows."""
    return set(result.request.measures) or {name for gap in catalogue().gaps.values() for name in gap.shown}


def _index(frame: pd.DataFrame, order: Sequence[str], key: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows of the editions by key; the rows of one key in the order of the editions."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in records(frame[frame[v.EDITION].isin(order)]) if len(frame) else ():
        found.setdefault(tuple(row[name] for name in key), []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: order.index(row[v.EDITION]))
    return found


@dataclass(frozen=True)
class Lookup:
    """Gaps and group values of editions, by key."""

    gaps: Mapping[tuple[Any, ...], list[Row]]
    aggregates: Mapping[tuple[Any, ...], list[Row]]

    @staticmethod
    def of(result: Result, editions: Sequence[str]) -> "Lookup":
        """An index over the frames, for the editions named, the first named first."""
        gaps = result.gaps[result.gaps[v.MEASURE].isin(printed(result))]
        return Lookup(_index(gaps, editions, GAP_KEY), _index(result.aggregates, editions, VALUE_KEY))

    def gap(self, row: Row) -> list[Row]:
        """The gaps at the key of the row."""
        return self.gaps.get(tuple(row[name] for name in GAP_KEY), [])

    def value(self, row: Row) -> list[Row]:
        """The group values at the key of the row."""
        return self.aggregates.get(tuple(row[name] for name in VALUE_KEY), [])


def letter(edition: str) -> str:
    """`(a)` for the newest published edition, `(b)` for the one before ..."""
    return f"({chr(ord('a') + published_editions().index(edition))})"


def legend(result: Result, blocks: Iterable[Block]) -> str:
    """The letters that the blocks use and the editions that they stand for."""
    text = " ".join(cell for block in blocks for row in (*block.rows, block.notes) for cell in row)
    known = [name for name in published_editions() if name in result.sources and letter(name) in text]
    cited = [f"{letter(name)} {name}: {result.sources[name].citation}." for name in known]
    methods = dict.fromkeys(result.sources[name].method for name in known)
    return " ".join([*cited, *methods]).strip()
