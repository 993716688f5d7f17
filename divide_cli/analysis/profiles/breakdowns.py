"""The gaps of areas: those of the catalogue's comparisons for every indicator, and the ends of any other breakdown.

A gap that the catalogue does not list has the id INDICATOR_comparison. In a dimension without the codes of a
comparison, the best subgroup is compared with the worst: those of the latest year shown, in every year of the course.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.gaps import gaps_of
from divide_cli.analysis.pipeline import RunValues, stacked_values
from divide_cli.analysis.request import Request
from divide_cli.catalogue import Comparison, Gap, catalogue, is_economy
from divide_cli.language import say

DIFFERENCE = "absolute_difference"


def all_gaps(values: RunValues, request: Request) -> pd.DataFrame:
    """The gaps of the areas in every year, each in the two measures that it shows, with the columns of `gaps_of`."""
    frame = values.frame
    if not len(frame):
        return frame
    sides = {code for one in catalogue().comparisons.values() for code in (one.reference, one.compared)}
    inside = frame[v.REF_AREA].isin({*request.areas, *(code for code in sides if not is_economy(code))}).to_numpy()
    frame = frame[inside].reset_index(drop=True)
    listed = _listed(frame, values.dimensions)
    parts = [_measured(frame, values.dimensions, listed, catalogue().comparisons)]
    keys = parts[0][[v.REF_AREA, v.INDICATOR, v.OVER]].drop_duplicates() if len(parts[0]) else pd.DataFrame()
    compared = set(zip(*(keys[name].astype(str) for name in keys), strict=True))
    for area, edition, comparison, indicator in _ends(frame, values.dimensions, request, compared):
        own = frame[(frame[v.REF_AREA] == area).to_numpy() & (frame[v.EDITION] == edition).to_numpy()]
        gap = _gap(indicator, comparison)
        parts.append(_measured(own.reset_index(drop=True), values.dimensions, [gap], {comparison.id: comparison}))
    parts = [part[part[v.REF_AREA].isin(request.areas).to_numpy()] for part in parts if len(part)]
    known = [part for part in parts if len(part)]
    return stacked_values(known) if known else pd.DataFrame()


def differences(gaps: pd.DataFrame) -> pd.DataFrame:
    """The gaps as differences of their two sides."""
    return gaps[(gaps[v.MEASURE] == DIFFERENCE).to_numpy()] if len(gaps) else gaps


def _gap(indicator: str, comparison: Comparison) -> Gap:
    """The gap of an indicator: that of the catalogue, or one that shows the same measures as others of its kind."""
    every = catalogue().gaps.values()
    for gap in every:
        if (gap.indicator, gap.comparison) == (indicator, comparison.id):
            return gap
    alike = next((gap.shown for gap in every if gap.comparison == comparison.id), (DIFFERENCE, "ratio"))
    return Gap(id=f"{indicator}_{comparison.id}", indicator=indicator, comparison=comparison.id, shown=alike)


def _listed(frame: pd.DataFrame, dimensions: Sequence[str]) -> list[Gap]:
    """The gaps of the catalogue's comparisons for which the frame has both sides."""
    gaps = []
    for comparison in catalogue().comparisons.values():
        over = comparison.over if comparison.over in (*v.DIMENSIONS, *dimensions) else v.REF_AREA
        codes = frame[over]
        sides = [set(frame[v.INDICATOR][(codes == code).to_numpy()].unique()) for code in _codes(comparison)]
        gaps += [_gap(str(indicator), comparison) for indicator in sorted(sides[0] & sides[1])]
    return gaps


def _codes(comparison: Comparison) -> tuple[str, str]:
    return comparison.reference, comparison.compared


def _measured(
    frame: pd.DataFrame, dimensions: Sequence[str], gaps: Sequence[Gap], comparisons: Mapping[str, Comparison]
) -> pd.DataFrame:
    """The gaps in the measures that each shows, of totals in every other dimension."""
    wanted = {name for gap in gaps for name in gap.shown}
    measures = [entry for entry in catalogue().measures.values() if entry.id in wanted]
    measured, _ = gaps_of(frame, gaps, measures, dimensions, comparisons)
    if not len(measured):
        return measured
    keep = measured[[*v.DIMENSIONS, *dimensions]].isin((v.TOTAL, v.NOT_APPLICABLE)).all(axis=1).to_numpy()
    shown = np.zeros(len(measured), dtype=bool)
    for gap in gaps:
        shown |= ((measured[v.GAP] == gap.id) & measured[v.MEASURE].isin(gap.shown)).to_numpy()
    return measured[keep & shown]


def _ends(
    frame: pd.DataFrame, dimensions: Sequence[str], request: Request, compared: set[tuple[str, ...]]
) -> Iterator[tuple[str, str, Comparison, str]]:
    """The best and the worst subgroup of each other breakdown of an area, as a comparison: in the year, or the latest.

    `compared` are the areas, indicators and dimensions that have a gap of a comparison of the catalogue.
    """
    valued = frame[frame[v.OBS_VALUE].notna().to_numpy() & frame[v.REF_AREA].isin(request.areas).to_numpy()]
    for over in (*v.DIMENSIONS, *dimensions):
        others = [name for name in (*v.DIMENSIONS, *dimensions) if name != over]
        parts = (~valued[over].isin((v.TOTAL, v.NOT_APPLICABLE))) & valued[others].isin([v.TOTAL]).all(axis=1)
        rows = valued[parts.to_numpy()]
        for (area, edition, indicator), part in rows.groupby([v.REF_AREA, v.EDITION, v.INDICATOR], observed=True):
            latest = part[(part[v.TIME_PERIOD] == part[v.TIME_PERIOD].max()).to_numpy()]
            if (str(area), str(indicator), over) in compared or len(latest) < 2:
                continue
            adverse = catalogue().indicators[str(indicator)].direction == "adverse"
            ordered = latest.sort_values([v.OBS_VALUE, over], ascending=[adverse, True])[over].astype(str)
            yield str(area), str(edition), _between(over, ordered.iloc[0], ordered.iloc[-1]), str(indicator)


def _between(over: str, best: str, worst: str) -> Comparison:
    """The comparison of two subgroups of a dimension."""
    source = say("the best and the worst of the subgroups")
    return Comparison(
        id=over.lower(), name=f"{best} : {worst}", over=over, reference=best, compared=worst, source=source
    )
