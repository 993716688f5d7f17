"""The order of areas in a result: highest value, widest gap or highest coverage first, and the first of them only."""

from collections.abc import Collection, Sequence
from enum import StrEnum

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.request import Request
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.frames.columns import Array, by_category, composite_key


class Order(StrEnum):
    """What areas are sorted by, from the highest."""

    VALUE = "value"
    GAP = "gap"
    COVERAGE = "coverage"


def economies_wanted(areas: Sequence[str], gaps: Sequence[str], ranks: bool) -> tuple[str, ...]:
    """The economies whose levels a request shows: those named; all if areas are ranked; none if gaps are chosen."""
    if gaps:
        return ()
    if ranks and not areas:
        from divide_cli.catalogue import economies

        return tuple(sorted(economies()))
    return tuple(code for code in areas if is_economy(code))


def ranked(frame: pd.DataFrame, request: Request, dimensions: Sequence[str], editions: Collection[str]) -> pd.DataFrame:
    """The rows of the editions in the order that the request names; if it names a number, of the first areas only.

    Rows of other editions, which figures are compared with, follow unchanged.

    A table is an indicator or a gap of one edition, measure and breakdown; groups and economies are apart. The place of
    an area rests on its latest year with a number: its value, the distance of its gap from equality, or its coverage.
    Areas without a number come last, those of the same number in the order of the frame.
    """
    if not request.ranks or not len(frame):
        return frame
    others = ~frame[v.EDITION].isin(editions).to_numpy()
    table = [name for name in (v.GAP, v.INDICATOR, v.EDITION, v.MEASURE, *v.DIMENSIONS, *dimensions) if name in frame]
    rows = pd.DataFrame({
        "area": composite_key(frame, [*table, v.REF_AREA, v.MEMBERSHIP]),
        "table": 2 * composite_key(frame, table) + by_category(frame[v.REF_AREA], is_economy).astype(np.int64),
        "year": frame[v.TIME_PERIOD].to_numpy(),
        "score": _scores(frame, request.sort),
    })  # fmt: skip
    numbers = rows[rows["score"].notna()].sort_values("year", kind="stable").drop_duplicates("area", keep="last")
    numbers = numbers.sort_index()
    rank = numbers.groupby("table")["score"].rank(method="first", ascending=False).to_numpy()
    place = rows["area"].map(pd.Series(rank, index=numbers["area"])).fillna(np.inf).to_numpy()
    order = np.lexsort((rows["year"].to_numpy(), place, rows["table"].to_numpy()))
    first = order[~others[order] & (place[order] <= (request.top or np.inf))]
    return frame.iloc[np.concatenate((first, np.flatnonzero(others)))].reset_index(drop=True)


def _scores(frame: pd.DataFrame, sort: str) -> Array:
    """The number by which each row is sorted; of a gap, unless its value is named, the distance from equality."""
    values = frame[v.OBS_VALUE].to_numpy(dtype=np.float64)
    if sort == Order.COVERAGE:
        return np.asarray(frame[v.COVERAGE].to_numpy(dtype=np.float64))
    if sort == Order.VALUE or v.MEASURE not in frame:
        return values
    equality = by_category(frame[v.MEASURE], lambda name: catalogue().measures[name].equality)
    return np.asarray(np.abs(values - equality.astype(np.float64)))
