"""An empty submission: one row for each breakdown that an indicator is asked for, with its key and unit filled in."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import product

from divide_cli import concepts as v
from divide_cli.catalogue import Indicator, Template, catalogue

COLUMNS = (*v.KEY, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT, *v.QUANTITIES)
"""The columns of a submission, in their order."""
GIVEN = (*v.KEY, v.UNIT_MEASURE)
"""Columns that a template fills in; the others are for who submits."""


def template_of(indicator: str) -> Template:
    """The template of an indicator: the first whose `indicators` name it."""
    return next(
        entry
        for entry in catalogue().templates.values()
        if any(fnmatchcase(indicator, pattern) for pattern in entry.indicators)
    )


def rows(indicator: Indicator, areas: Sequence[str], years: Sequence[int]) -> list[dict[str, str]]:
    """The rows of the template, by area, year and breakdown; without areas or years these are left to be filled in."""
    breakdowns = [made for entry in template_of(indicator.id).breakdowns for made in _each(entry)]
    total = dict.fromkeys(v.DIMENSIONS, v.TOTAL)
    made = []
    for area, year, breakdown in product(areas or [""], [str(year) for year in years] or [""], breakdowns):
        key = {v.REF_AREA: area, v.INDICATOR: indicator.id, **total, **breakdown, v.TIME_PERIOD: year}
        made.append(dict.fromkeys(COLUMNS, "") | key | {v.UNIT_MEASURE: indicator.unit})
    return made


def _each(breakdown: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    return [dict(zip(breakdown, codes, strict=True)) for codes in product(*breakdown.values())]
