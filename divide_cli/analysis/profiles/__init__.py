"""Profiles of areas: all that is known about an economy or a group, put together from one run.

Levels and ranks, gaps, courses over the years and targets come from the same values. Nothing else is computed for other
areas: their figures are only counted and compared, for the ranks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.estimates import results as estimates
from divide_cli.analysis.estimates.results import GroupEstimates
from divide_cli.analysis.pipeline import RunValues, no_rows, population_of, values_of
from divide_cli.analysis.profiles.breakdowns import all_gaps, differences
from divide_cli.analysis.profiles.levels import courses, levels, picked, ranks, totals
from divide_cli.analysis.profiles.missing import missing
from divide_cli.analysis.request import Request, Source, finished
from divide_cli.analysis.targets import TargetAssessment, assessed
from divide_cli.catalogue import catalogue
from divide_cli.frames.observations import Reading
from divide_cli.sources import editions
from divide_cli.sources.groupings import Membership


@dataclass(frozen=True)
class Profile:
    """The frames of a profile, and what they rest on.

    levels: the latest value of each indicator, or that of the year; ranks: of each level of an economy among the groups
    that it is in; gaps: likewise the latest; courses: a row for each series of levels and of differences; targets;
    missing: what has no figure. `members` are those of the latest country edition.
    """

    levels: pd.DataFrame
    ranks: pd.DataFrame
    gaps: pd.DataFrame
    courses: pd.DataFrame
    targets: TargetAssessment
    missing: pd.DataFrame
    members: Membership
    request: Request
    sources: Mapping[str, Source]
    readings: tuple[Reading, ...]
    dimensions: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    estimates: Mapping[str, GroupEstimates] = field(default_factory=dict)


def profile(request: Request) -> Profile:
    """The profile of the areas of the request, in its year or, without one, in the latest year of each series.

    The figures are those of the files, of the editions named, or of the current ones.
    """
    names = request.editions or (() if request.files else tuple(editions.current_editions()))
    wider = replace(request, editions=names, years=(), keep=True)
    values = values_of(wider, population_of(request), no_rows, _wanted(request))
    known = _until(values, request)
    rows, dimensions = totals(known.frame, known.dimensions), values.dimensions
    of_areas = rows[rows[v.REF_AREA].isin(request.areas).to_numpy()] if len(rows) else rows
    gaps = all_gaps(known, request)
    shown = levels(of_areas, request.years, values.sources)
    estimated = levels(_estimated(of_areas, values, request), request.years, values.sources)
    return Profile(
        levels=finished(estimated, "aggregates", dimensions, request, v.ESTIMATES if request.estimate else ()),
        ranks=ranks(shown, values),
        gaps=finished(picked(gaps, (v.GAP, v.MEASURE), request.years), "gaps", dimensions, request),
        courses=courses(of_areas, differences(gaps)),
        targets=assessed(list(catalogue().targets.values()), known, request),
        missing=missing(shown, gaps, values, request),
        members=_latest_members(values),
        request=request,
        sources=values.sources,
        readings=values.readings,
        dimensions=dimensions,
        doubts=values.doubts,
        estimates=values.estimates,
    )


def _estimated(rows: pd.DataFrame, values: RunValues, request: Request) -> pd.DataFrame:
    """The rows with their estimates, and in place of missing levels; a nowcast only if its year is requested."""
    if not request.estimate:
        return rows
    beside = estimates.beside(rows, values.estimates)
    nowcast = (beside[v.EST_KIND] == estimates.NOWCAST).to_numpy()
    return beside if request.years else beside[~nowcast]


def _wanted(request: Request) -> set[str]:
    """The areas whose values are needed: those of the request, and the groups compared within one of them."""
    sides = [
        code
        for comparison in catalogue().comparisons.values()
        if comparison.area in request.areas
        for code in (comparison.reference, comparison.compared)
    ]
    return {*request.areas, *sides}


def _until(values: RunValues, request: Request) -> RunValues:
    """The values up to the year of the request."""
    if not request.years or not len(values.frame):
        return values
    return replace(values, frame=values.frame[(values.frame[v.TIME_PERIOD] <= max(request.years)).to_numpy()])


def _latest_members(values: RunValues) -> Membership:
    """The members of the groups at the vintage of the latest country edition, or of the files."""

    def order(name: str) -> tuple[bool, date]:
        known = editions.editions().get(name)
        return values.sources[name].role == "country", known.vintage if known else date.max

    return values.members[max(values.members, key=order)]
