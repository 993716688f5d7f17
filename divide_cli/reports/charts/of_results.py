"""The picture that goes with the result of a verb, where one of the charts applies to it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from divide_cli.analysis.request import Request, Result
from divide_cli.catalogue import Chart, catalogue
from divide_cli.reports.charts import Picture
from divide_cli.reports.charts.changes import picture, title
from divide_cli.reports.overview import Overview, leading

if TYPE_CHECKING:
    from divide_cli.analysis.decomposition.differences import Difference
    from divide_cli.analysis.profiles import Profile
    from divide_cli.analysis.targets import TargetAssessment

Drawing = tuple[Chart, Picture]


def of_result(result: Result) -> Drawing | None:
    """The ranking of areas that are sorted; otherwise both sides of the divides, or values over the years."""
    indicator, year = leading(result)
    ranks = bool(result.request.sort)
    overview = Overview(result, levels=result if ranks else None, indicator=indicator, year=year)
    return _first(overview, ("ranking",) if ranks else ("divides", "lines"))


def of_targets(assessment: "TargetAssessment") -> Drawing | None:
    """The groups on the bands of a target."""
    return _first(Overview(_empty(assessment.request), targets=assessment), ("targets",))


def of_difference(difference: "Difference") -> Drawing | None:
    """The change of the value of the world as the sum of its terms."""
    overview = Overview(difference.after.result, difference=difference, year=difference.after.year or 0)
    changes = difference.decomposition
    indicator = str(changes["INDICATOR"].iloc[0]) if len(changes) else ""
    return _first(replace(overview, indicator=indicator), ("waterfall",))


def of_profile(profile: "Profile") -> Drawing | None:
    """The gaps of the first area, or its values on the bands of targets."""
    return _first(
        Overview(_empty(profile.request), profile=profile, areas=profile.request.areas), ("area_gaps", "area_targets")
    )


def _empty(request: Request) -> Result:
    """A result without figures, for charts that rest on others."""
    return Result(pd.DataFrame(), pd.DataFrame(), request, {}, (), ())


def _first(overview: Overview, names: tuple[str, ...]) -> Drawing | None:
    """The first of the charts for which the overview has something, with its title."""
    charts = catalogue().charts
    for name in names:
        if found := picture(charts[name].rows, overview):
            return charts[name], replace(found, title=title(charts[name], overview))
    return None
