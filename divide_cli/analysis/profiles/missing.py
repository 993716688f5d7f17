"""What is missing of an area: the indicators and gaps of the catalogue without a figure, with the reason as a code."""

from enum import StrEnum

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.pipeline import RunValues
from divide_cli.analysis.request import Request, Row, frame_of
from divide_cli.catalogue import catalogue


class Lack(StrEnum):
    """Why there is no figure: of this area in the year, of this area, or of any area."""

    YEAR = "not_in_year"
    AREA = "not_of_area"
    ANY = "not_of_any_area"


def missing(levels: pd.DataFrame, gaps: pd.DataFrame, values: RunValues, request: Request) -> pd.DataFrame:
    """A row for each area and each indicator without a level, and each gap of the catalogue without a value.

    Figures of a breakdown alone do not make a level. Population is left out: it only weights values.
    """
    rows: list[Row] = []
    indicators = [name for name in catalogue().indicators if name != "population"]
    everywhere = {name for frame in values.observed.values() for name in frame[v.INDICATOR].unique()}
    for area in request.areas:
        known, ever = _names(levels, area, v.INDICATOR, request), _names(values.frame, area, v.INDICATOR)
        for name in indicators:
            if name not in known:
                reason = Lack.YEAR if name in ever else Lack.AREA if name in everywhere else Lack.ANY
                rows.append({v.REF_AREA: area, v.INDICATOR: name, v.GAP: "", "REASON": reason})
        have = _names(gaps, area, v.GAP, request)
        for gap in catalogue().gaps.values():
            comparison = catalogue().comparisons[gap.comparison]
            if gap.id not in have and comparison.area in ("", area):
                reason = Lack.AREA if gap.indicator in everywhere else Lack.ANY
                rows.append({v.REF_AREA: area, v.INDICATOR: gap.indicator, v.GAP: gap.id, "REASON": reason})
    return frame_of(rows, "missing")


def _names(frame: pd.DataFrame, area: str, column: str, request: Request | None = None) -> set[str]:
    """The ids in a column of the rows of an area, in the year of a request."""
    if not len(frame):
        return set()
    own = (frame[v.REF_AREA] == area).to_numpy()
    if request is not None and request.years:
        own = own & frame[v.TIME_PERIOD].isin(request.years).to_numpy()
    return set(frame[column][own].astype(str))
