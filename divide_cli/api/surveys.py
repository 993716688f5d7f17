"""The verb `tabulate`: estimates of a survey, and the gaps between its subgroups with the errors of both sides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from divide_cli import concepts as v
from divide_cli.api.choices import Words
from divide_cli.catalogue import Comparison, Measure, catalogue
from divide_cli.catalogue.applicability import objection
from divide_cli.errors import OptionError
from divide_cli.language import later, say

if TYPE_CHECKING:
    import pandas as pd

    from divide_cli.survey.tabulation import Tabulation

WITHHELD = later("withheld: a side is withheld")
UNRELIABLE = later("a side has low reliability")


def tabulate(
    data: Path,
    *,
    design: Path,
    indicators: Words = None,
    by: Words = None,
    engine: str = "pandas",
    master: str = "",
    memory: str = "1GB",
    one_psu: str = "error",
    level: float = 95.0,
    publish: str = "flag",
) -> "Tabulation":
    """Estimates indicators from the records of a survey, by breakdowns, with their gaps.

    `by` are tabulations such as SEX or SEX:URBANISATION, several between commas. Raises OptionError for what the design
    does not have, CatalogueError for a wrong design, and SourceError if the records or the engine cannot be used.
    """
    from divide_cli.survey.publication import Publish
    from divide_cli.survey.tabulation import TabulationRequest
    from divide_cli.survey.tabulation import tabulate as tabulated
    from divide_cli.survey.variance import Lonely

    request = TabulationRequest(
        data,
        design,
        tuple(dict.fromkeys(indicators or ())),
        tabulations(by),
        str(engine),
        master,
        memory,
        Lonely(one_psu),
        level,
        Publish(publish),
    )
    tabulation = tabulated(request)
    return replace(tabulation, gaps=gaps_of(tabulation))


def tabulations(by: Words) -> tuple[str, ...]:
    """The tabulations that --by names, between commas: SEX,SEX:URBANISATION. Those of the same dimensions are one.

    Dimensions are in capitals: first those of every observation, then further ones by name.
    """
    names = [part.strip().upper() for text in by or () for part in text.split(",") if part.strip()]
    places = {name: str(place) for place, name in enumerate(v.DIMENSIONS)}
    ordered = (sorted(set(name.split(":")), key=lambda one: (places.get(one, "9"), one)) for name in names)
    return tuple(dict.fromkeys(":".join(one) for one in ordered))


def gaps_of(tabulation: "Tabulation") -> "pd.DataFrame":
    """The gaps in every measure that applies, for each comparison of the catalogue between two subgroups.

    A gap has the standard error and the interval that follow from the covariance of its sides; with a withheld side it
    has no value. Indicators that the catalogue does not have are left out, since nothing says how to read their gaps.
    """
    from divide_cli.analysis.request import frame_of
    from divide_cli.survey.submission import of_catalogue

    table = tabulation.table[of_catalogue(tabulation.table)]
    rows: list[dict[str, Any]] = []
    for (indicator, one), part in table.groupby([v.INDICATOR, v.TABULATION], sort=False):
        for comparison in (entry for entry in catalogue().comparisons.values() if entry.over in str(one).split(":")):
            rows += _of_comparison(tabulation, str(indicator), str(one), part, comparison)
    further = [name for name in tabulation.dimensions if name not in v.DIMENSIONS]
    return frame_of(rows, "survey_gaps", dimensions=further)


def _of_comparison(
    tabulation: "Tabulation", indicator: str, one: str, part: "pd.DataFrame", comparison: Comparison
) -> Iterator[dict[str, Any]]:
    """The gaps of an indicator in one tabulation: one for each measure and each cell of the other dimensions."""
    from divide_cli.analysis.measures.intervals import NONE
    from divide_cli.survey.submission import weights_count_people

    others = [name for name in one.split(":") if name != comparison.over]
    counted = weights_count_people(tabulation)
    measures = [entry for entry in catalogue().measures.values() if not objection(entry, indicator)]
    covariance, freedom = tabulation.covariance(indicator, one), tabulation.freedom(indicator, one)
    cells: dict[tuple[str, ...], dict[str, int]] = {}
    for place, row in enumerate(part.to_dict("records")):
        cells.setdefault(tuple(str(row[name]) for name in others), {})[str(row[comparison.over])] = place
    for codes, places in cells.items():
        if not {comparison.reference, comparison.compared} <= set(places):
            continue
        pair = [places[comparison.reference], places[comparison.compared]]
        sides = part.iloc[pair].to_dict("records")
        key = dict.fromkeys(tabulation.dimensions, v.TOTAL) | dict(zip(others, codes, strict=True))
        key |= {comparison.over: v.NOT_APPLICABLE}
        shared = _shared(tabulation, indicator, comparison, sides) | key
        errors, of_both = covariance[pair][:, pair], float(freedom[pair[0], pair[1]])
        persons = [float(side[v.POPULATION]) if counted else NONE for side in sides]
        for measure in measures:
            yield shared | _measured(tabulation, indicator, measure, sides, persons, errors, of_both)


def _shared(
    tabulation: "Tabulation", indicator: str, comparison: Comparison, sides: Sequence[Mapping[Any, Any]]
) -> dict[str, Any]:
    """What the gaps of two sides have in common."""
    statuses = {str(side[v.OBS_STATUS]) for side in sides}
    status = next((one for one in (v.WITHHELD, v.MISSING, v.UNRELIABLE) if one in statuses), v.NORMAL)
    return {
        v.INDICATOR: indicator,
        v.OVER: comparison.over,
        v.REFERENCE: comparison.reference,
        v.COMPARED: comparison.compared,
        v.REF_AREA: tabulation.design.area,
        v.TIME_PERIOD: tabulation.design.year,
        v.REFERENCE_VALUE: float(sides[0][v.OBS_VALUE]),
        v.COMPARED_VALUE: float(sides[1][v.OBS_VALUE]),
        v.OBS_STATUS: status,
        v.OBS_COMMENT: {
            v.WITHHELD: say(WITHHELD),
            v.UNRELIABLE: say(UNRELIABLE),
            v.MISSING: say("a side has no respondents"),
        }.get(status, ""),
    }


def _measured(
    tabulation: "Tabulation",
    indicator: str,
    measure: Measure,
    sides: Sequence[Mapping[Any, Any]],
    persons: list[float],
    errors: Any,
    freedom: float,
) -> dict[str, Any]:
    """A measure of two sides, with its standard error and its interval."""
    import numpy as np

    from divide_cli.analysis.measures.intervals import NONE, Interval, distance
    from divide_cli.analysis.measures.pair_intervals import UncertainSides, interval_columns, pair_error, pair_interval
    from divide_cli.analysis.measures.pairs import unit_of
    from divide_cli.frames.schema import unit_limits

    values = np.array([float(side[v.OBS_VALUE]) for side in sides])
    of = UncertainSides(values, errors, persons, float(unit_limits([indicator])[1][0]))
    value = float(of.function(measure)(values))
    row = {v.MEASURE: measure.id, v.OBS_VALUE: value, v.UNIT_MEASURE: unit_of(measure, indicator)}
    interval = Interval()
    if np.isnan(value) and not np.isnan(values).any():
        uncounted = measure.unit == v.PERSONS and np.isnan(persons).any()
        text = (
            say("the people of the sides are unknown")
            if uncounted
            else say("undefined: {undefined}", undefined=measure.undefined)
        )
        row |= {v.OBS_STATUS: v.MISSING, v.OBS_COMMENT: text}
    elif not np.isnan(value) and freedom >= 1:
        interval = pair_interval(measure, of, distance(tabulation.request.level, freedom))
    error = NONE if np.isnan(value) else pair_error(measure, of)
    columns = interval_columns(interval.lower, interval.upper, tabulation.request.level)
    return row | {v.STD_ERR: error, v.DEGREES_OF_FREEDOM: freedom if freedom >= 1 else NONE} | columns


def survey_draft(data: Path, out: Path | None = None) -> str:
    """A commented draft of the design file for the records; it is written to the file, which is a new one."""
    from divide_cli.frames import atomic_write
    from divide_cli.survey.draft import draft

    if out is not None and out.exists():
        raise OptionError("design_exists", found=str(out), where="--out")
    text = draft(data)
    if out is not None:
        atomic_write.write({out: text}, "the draft")
    return text


def survey_example(folder: Path) -> tuple[Path, ...]:
    """Writes a made-up survey and its design file into the folder. Raises SourceError if a file exists."""
    from divide_cli.survey.example import write_example

    return write_example(folder)
