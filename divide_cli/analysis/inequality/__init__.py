"""Inequality among the subgroups of one indicator: values -> subgroup sets -> measures, parts, and the years."""

from dataclasses import dataclass, replace

import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.inequality.covariances import covarying, read_covariances, require_figures
from divide_cli.analysis.inequality.measured import measured, parts
from divide_cli.analysis.inequality.over_time import over_time
from divide_cli.analysis.inequality.panels import constant_sets, series_of
from divide_cli.analysis.inequality.query import Query, in_short, known_subgroups, require_known
from divide_cli.analysis.inequality.subgroup_sets import SubgroupSet, subgroup_sets_of
from divide_cli.analysis.panel import PanelChoice, PanelValues
from divide_cli.analysis.pipeline import current_values, population_of
from divide_cli.analysis.request import Request, Row, Source, frame_of
from divide_cli.catalogue.applicability import left_out
from divide_cli.errors import OptionError
from divide_cli.language import say
from divide_cli.sources.editions import newest_published, published_editions


@dataclass(frozen=True)
class Inequality:
    """The frame `disparities` (one row a measure), the subgroup sets behind it, and the sources of the run."""

    frame: pd.DataFrame
    subgroup_sets: tuple[SubgroupSet, ...]
    sources: dict[str, Source]
    query: Query
    request: Request
    doubts: tuple[str, ...] = ()

    @property
    def left_out(self) -> dict[str, str]:
        """The measures that do not apply to the query, each with the reason."""
        query = self.query
        sides = query.comparison is not None or bool(query.reference) or len(query.ranks) == 2
        return left_out(query.indicator, query.over, sides, bool(query.ranks))


def measure_inequality(query: Query, request: Request) -> Inequality:
    """Measures the inequality that the query defines, in the areas and years of the request.

    Without years, it is of the latest year of each area and edition whose figures are not withheld, or of the latest.
    An edition without any of the years requested gives no row for its other years. Without areas, it is of the world.
    Without editions, it is from the country figures and the newest published edition that have any. With a constant
    panel, values of groups and the years are those of the panel. A file of the request gives the covariances of errors,
    which are independent without one. Raises OptionError if two age bands overlap, if the
    query names a subgroup that no figure has, or if its order is without one that they have.
    """
    constant = request.panel == PanelChoice.CONSTANT
    values = current_values(replace(request, keep=constant), (query.indicator,), query.rows_behind)
    query = replace(query, over=query.over_in(values.dimensions))
    of_areas = [
        subgroup_set
        for edition, members in values.members.items()
        for subgroup_set in subgroup_sets_of(values.of(edition), query, values.dimensions, members, request.minimum)
    ]
    every = [one for one in of_areas if one.area in (request.areas or (v.WORLD,))]
    known = known_subgroups(query, values.frame, values.dimensions)
    require_known(query, known)
    if not request.editions and not request.files:
        newest = newest_published(one.edition for one in every)
        every = [one for one in every if one.edition == newest or one.edition not in published_editions()]
    if constant:
        every = constant_sets(every, PanelValues(values, population_of(request), request.minimum))
    if request.covariance:
        covariances = read_covariances(request.covariance, query.indicator, query.over)
        if of_areas:
            require_figures(covariances, of_areas, sorted(known.union(query.order, query.without)))
        every = [covarying(one, covariances) for one in every]
    rows: list[Row] = []
    subgroup_sets: list[SubgroupSet] = []
    for series in series_of(every):
        valued = [not (one.withheld or one.uncounted) for one in series]
        of_years = [series[place] for place in request.places([one.year for one in series], valued)]
        for subgroup_set in of_years:
            where = say("of {area} in {year}", area=subgroup_set.area, year=subgroup_set.year)
            if subgroup_set.overlap:  # people would be counted twice
                raise OptionError("age_bands_overlap", found=f"{subgroup_set.overlap} {where}")
            if lacking := subgroup_set.unranked:
                found, typed = f"{in_short(lacking)} {where}", ",".join(lacking)
                raise OptionError("order_incomplete", where="--order", found=found, codes=typed)
            rows += measured(subgroup_set, request)
            rows += parts(subgroup_set, request, values.members[subgroup_set.edition])
        if of_years:
            rows += over_time([one for one in series if not (one.overlap or one.unranked)], request)
        subgroup_sets += of_years
    frame = frame_of(rows, "disparities", (v.NO_VALUE, v.INTERVAL_STATUS, v.PERIOD_TEXT, v.REMARK_TEXT, v.PANEL_TEXT))
    return Inequality(frame, tuple(subgroup_sets), values.sources, query, request, values.doubts)
