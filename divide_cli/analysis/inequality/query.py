"""Questions: one indicator over one dimension -> disparities, their parts and their course, edition by edition."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.inequality.measured import BETWEEN, WITHIN, Choice, Row, blank, rows_of, uncounted, withheld
from divide_cli.analysis.inequality.over_time import courses
from divide_cli.analysis.inequality.subgroup_sets import Question, Setting, Taken, settings_of
from divide_cli.analysis.measures.decomposition import DECOMPOSED, parted
from divide_cli.analysis.pipeline import current_editions, memberships, published_editions, values_of
from divide_cli.analysis.request import Request, Source
from divide_cli.catalogue import catalogue
from divide_cli.errors import OptionError
from divide_cli.frames.schema import fields
from divide_cli.sources.population import Population

PARTED_BY = ("income_group", "itu_region")
"""Groupings that inequality among economies is parted by."""
UNGROUPED = "ungrouped"


@dataclass(frozen=True)
class Answer:
    """The frame `disparities` (one row a measure), the settings it is of, and the sources of the run."""

    frame: pd.DataFrame
    settings: tuple[Setting, ...]
    sources: dict[str, Source]
    question: Question
    choice: Choice


def ask(question: Question, request: Request, choice: Choice) -> Answer:
    """The disparities of the question for the areas and years asked for.

    Without years, for each area and edition the latest year whose figures are not withheld, or else the latest; an
    edition that has none of the years asked for tells of no course over its other years either. Without
    areas, for the world. Without editions, from the country figures and the newest published edition that have any.
    """
    population = Population(request.population)
    chosen = Request(
        files=request.files,
        editions=request.editions or (() if request.files else tuple(current_editions())),
        indicators=(question.indicator,),
        income_fy=request.income_fy,
        minimum=request.minimum,
        population=request.population,
        groups=request.groups,
    )
    values, dimensions, sources, *_ = values_of(chosen, population, Taken(question))
    every: list[Setting] = []
    for name, members in memberships(chosen).items():
        own = values[(values[v.EDITION] == name).to_numpy()] if len(values) else values
        if len(own):
            every += settings_of(own.reset_index(drop=True), question, dimensions, members)
    every = [setting for setting in every if setting.area in (request.areas or (v.WORLD,))]
    if not request.editions and not request.files:
        every = _newest_published(every, sources)
    rows: list[Row] = []
    taken: list[Setting] = []
    for _, found in groupby(every, key=lambda s: (s.edition, s.basis, s.area)):
        series = sorted(found, key=lambda s: s.year)
        measured = _years(series, request.years, choice)
        for setting in measured:
            _no_overlap(setting)
            taken.append(setting)
            rows += rows_of(setting, choice)
            rows += _parts(setting, choice, request)
        rows += courses([s for s in series if not s.overlap], choice) if measured else []
    return Answer(_frame(rows), tuple(taken), sources, question, choice)


def _newest_published(every: Sequence[Setting], sources: dict[str, Source]) -> list[Setting]:
    """The settings without those of published editions that a newer published edition has too."""
    held = {setting.edition for setting in every}
    older = [name for name in published_editions() if name in held][1:]
    return [
        setting for setting in every if setting.edition not in older or sources[setting.edition].role != "published"
    ]


def _no_overlap(setting: Setting) -> None:
    """OptionError where two age bands of the setting overlap, since people would count twice."""
    if setting.overlap:
        raise OptionError("age_bands_overlap", found=f"{setting.overlap} of {setting.area} in {setting.year}")


def _years(series: Sequence[Setting], years: Sequence[int], choice: Choice) -> list[Setting]:
    """The settings of the years asked for; else the latest that is not withheld, or else the latest."""
    if years:
        return [setting for setting in series if setting.year in years]
    sound = [setting for setting in series if not (withheld(setting, choice) or uncounted(setting))]
    return (sound or list(series))[-1:]


def _parts(setting: Setting, choice: Choice, request: Request) -> list[Row]:
    """Inequality among economies, parted by each grouping; economies of no group are one of their own."""
    if setting.question.over != v.REF_AREA or withheld(setting, choice) or uncounted(setting) or len(setting.codes) < 3:
        return []
    members = memberships(request)[setting.edition].groups
    rows = []
    for grouping in PARTED_BY:
        of = {area: code for code in catalogue().groupings[grouping].codes for area in members.get(code, ())}
        group = np.array([of.get(code, UNGROUPED) for code in setting.codes])
        for name in DECOMPOSED if not choice.measures else [n for n in choice.measures if n in DECOMPOSED]:
            made = parted(name, setting.subgroups(), group)
            row = {**blank(setting, catalogue().subgroup_measures[name]), v.PARTED_BY: grouping}
            alone = int((group == UNGROUPED).sum())
            said = f"{alone} economies of no group are one of their own" if alone else ""
            if np.isnan(made.total):
                said = f"undefined: {catalogue().subgroup_measures[name].undefined}"
            status = v.MISSING if np.isnan(made.total) else v.ESTIMATED if setting.estimated else v.NORMAL
            rows += [
                {**row, v.PART: part, v.OBS_VALUE: value, v.OBS_STATUS: status, v.OBS_COMMENT: said}
                for part, value in ((BETWEEN, made.between), (WITHIN, made.within))
            ]
    return rows


def _frame(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows with the columns of the schema, texts as categories."""
    known = fields("disparities")
    frame = pd.DataFrame(list(rows), columns=list(known))
    types = {"string": "category", "number": "float64", "integer": "Int32"}
    return frame.astype({name: types[field["type"]] for name, field in known.items()})
