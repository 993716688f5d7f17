"""Two results, and why their group values and gaps differ: by the figures revised, who reports, weights and members.

The results are of two editions or files, of two fiscal years of one, or of two years. Each group value that is combined
from economies, and each difference or ratio of two of them, is decomposed by the Shapley value of `shapley`. A gap is
the difference of the terms of its groups; a ratio is the difference on the logarithmic scale. Medians
and values that a source states are not decomposed.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis import pipeline
from divide_cli.analysis.decomposition.changes import DIFFERENCE, FROM, TO, changed
from divide_cli.analysis.decomposition.parts import figures
from divide_cli.analysis.decomposition.shapley import Factor, State, decomposed, folded, positions
from divide_cli.analysis.request import Request, Result
from divide_cli.analysis.values import is_group
from divide_cli.catalogue import catalogue
from divide_cli.frames import columns
from divide_cli.frames.columns import Array
from divide_cli.language import clauses, later, say
from divide_cli.sources.population import people_behind

REVISED, PERFORMANCE = "REVISED", "PERFORMANCE"
NOTE, TOP, SCALE, TERM, CONTRIBUTION = "NOTE", "top", "SCALE", "TERM", "CONTRIBUTION"
LOG = "log"
MOST_NAMED = 5
"""The number of economies that `top` names."""
DIFFERENCE_MEASURE, RATIO_MEASURE = "absolute_difference", "ratio"
TOGETHER = later("{factors} are one term: between the two states, nobody reports")
WITHHELD = later("withheld in {side}")
MEDIAN = later("a median is not decomposed")
STATED = later("stated by a source: not decomposed")


@dataclass(frozen=True)
class Side:
    """One of the two results: its name, its only edition or file, and its year if years are compared."""

    name: str
    result: Result
    year: int | None = None

    @property
    def edition(self) -> str:
        """The id of its source of economies, or of its only source."""
        roles = {source.id: source.role for source in self.result.sources.values()}
        return next((name for name, role in roles.items() if role == "country"), next(iter(roles)))

    def of_year(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of its year, or all if years are not compared."""
        return frame if self.year is None or not len(frame) else frame[(frame[v.TIME_PERIOD] == self.year).to_numpy()]

    @property
    def observed(self) -> pd.DataFrame:
        """The observations of all its files, of its year."""
        parts = [self.of_year(part) for part in self.result.observed.values()]
        return pipeline.stacked_values([part[list(_shared_names(parts))] for part in parts])

    @cached_property
    def economies(self) -> pd.DataFrame:
        """The observations of economies from which its group values are combined."""
        frame = self.of_year(self.result.observed[self.edition])
        return frame[~is_group(frame, self.result.members[self.edition])]


def _estimates_of(side: Side, names: Sequence[str]) -> pd.DataFrame:
    """The group values of a side that rest on estimates or could: EST_* of its edition of economies."""
    columns_of = [*names, v.EST_VALUE, v.EST_LOWER, v.EST_UPPER, v.EST_KIND]
    frame = side.of_year(side.result.aggregates)
    if v.EST_VALUE not in frame:
        return pd.DataFrame(columns=columns_of)
    own = (frame[v.EST_VALUE].notna() & (frame[v.EDITION] == side.edition)).to_numpy()
    return frame.loc[own, columns_of].astype({name: str for name in names if name != v.TIME_PERIOD})


def _shared_names(parts: Sequence[pd.DataFrame]) -> list[str]:
    return [str(name) for name in parts[0] if all(name in part for part in parts)]


@dataclass(frozen=True)
class Difference:
    """What differs between two sides: figure by figure, and the terms of each group value and gap.

    `counts` says, by indicator, how many figures both sides have, and how many of these are equal. `people` are those
    of each row of `changes`: they say how much a revision weighs.
    """

    before: Side
    after: Side
    changes: pd.DataFrame
    counts: pd.DataFrame
    decomposition: pd.DataFrame
    people: Array = field(default_factory=lambda: np.zeros(0))
    dimensions: tuple[str, ...] = field(default=())

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """The group values with estimates on both sides, and the difference of the two; empty without estimates."""
        names = [v.INDICATOR, v.REF_AREA, v.SEX, *([] if self.across_years else [v.TIME_PERIOD])]
        known = [_estimates_of(side, names) for side in (self.before, self.after)]
        both = known[0].merge(known[1], on=names, suffixes=("_FROM", "_TO"))
        return both.assign(**{DIFFERENCE: both[f"{v.EST_VALUE}_TO"] - both[f"{v.EST_VALUE}_FROM"]})

    @property
    def across_years(self) -> bool:
        """Whether the sides are two years."""
        return self.before.year is not None

    @property
    def doubts(self) -> tuple[str, ...]:
        """What is improbable in the files of both sides, in words, each once."""
        return tuple(dict.fromkeys((*self.before.result.doubts, *self.after.result.doubts)))

    @property
    def terms(self) -> tuple[str, ...]:
        """The names of the terms: the first is that of values that economies report on both sides."""
        return (PERFORMANCE if self.across_years else REVISED, *[str(factor.name) for factor in Factor][1:])

    @property
    def names(self) -> tuple[str, str]:
        """What the sides are called in a sentence: the year, or the edition, file or fiscal year."""
        before, after = (str(side.year or side.name) for side in (self.before, self.after))
        return before, after


def differences(
    before: tuple[str, Request], after: tuple[str, Request], years: tuple[int, int] | None, figures_only: bool = False
) -> Difference:
    """Compares the results of two requests, each with its name; of the two years if they are given.

    With `figures_only`, group values and gaps are not compared, and `decomposition` is empty.
    """
    results_of = pipeline.observations_of if figures_only else pipeline.compute
    requests = [before[1]] if after[1] == before[1] else [before[1], after[1]]
    with ThreadPoolExecutor() as both:  # the longest steps of reading use one processor, and need no lock
        runs = [both.submit(copy_context().run, results_of, request) for request in requests]
        found = [run.result() for run in runs]
    result, other = found[0], found[-1]
    ends = years or (None, None)
    sides = Side(before[0], result, ends[0]), Side(after[0], other, ends[1])
    dimensions = tuple(sorted({*result.dimensions, *other.dimensions}))
    wanted = _wanted(sides, before[1].areas)
    figures_of = [side.observed for side in sides]
    if wanted:
        figures_of = [frame[frame[v.REF_AREA].isin(wanted)] for frame in figures_of]
    changes, counts = changed(figures_of[0], figures_of[1], dimensions, years is not None)
    difference = Difference(*sides, changes, counts, pd.DataFrame(), dimensions=dimensions)
    if figures_only:
        return difference
    return replace(difference, decomposition=_decomposition(difference), people=_people(difference))


def _wanted(sides: tuple[Side, Side], areas: Sequence[str]) -> set[str]:
    """The areas asked for, and the members that the groups among them have on either side; empty means all."""
    members = [side.result.members[side.edition].groups for side in sides]
    return {*areas, *(code for groups in members for area in areas for code in groups.get(area, ()))}


def _people(difference: Difference) -> Array:
    """The people of the area of each change, in its year or the later one; NaN where no source counts them."""
    rows = difference.changes[[v.INDICATOR, v.REF_AREA]].copy()
    if not len(rows):
        return np.zeros(0)
    for name in (*v.DIMENSIONS, *difference.dimensions):
        rows[name] = columns.constant(v.TOTAL, len(rows))
    rows[v.TIME_PERIOD] = difference.after.year or difference.changes.get(v.TIME_PERIOD)
    people = people_behind(rows, difference.dimensions, pipeline.population_of(difference.after.result.request))
    areas = columns.category(v.REF_AREA).categories.get_indexer(pd.Index(rows[v.REF_AREA].astype(str)))
    return np.asarray(people.persons[people.table, areas, people.year])


def _decomposition(difference: Difference) -> pd.DataFrame:
    """A row for each group value and gap that both sides combine from economies, with its terms."""
    rows = pd.concat([_group_values(difference), _gaps(difference)], ignore_index=True)
    names = list(difference.terms)
    rows[DIFFERENCE] = rows[TO] - rows[FROM]
    rows[NOTE] = _reasons(rows, difference)
    rows[SCALE] = np.where(rows[v.MEASURE] == RATIO_MEASURE, LOG, "")
    kinds = rows[v.MEASURE].where(rows[NOTE] == "", NOTE)
    parts = [_with_terms(part, difference) for measure, part in rows.groupby(kinds) if measure != NOTE]
    without = rows[kinds == NOTE].copy()
    without[names], without[TOP] = np.nan, None
    whole = pd.concat([*parts, without])
    key = [v.INDICATOR, v.GAP, v.MEASURE, v.REF_AREA, *v.DIMENSIONS, *difference.dimensions]
    period = [] if difference.across_years else [v.TIME_PERIOD]
    shown = [*key, *period, v.UNIT_MEASURE, FROM, TO, DIFFERENCE, SCALE, *names, NOTE, TOP]
    return whole[shown].sort_values([*key, *period], kind="stable", ignore_index=True)


def _group_values(difference: Difference) -> pd.DataFrame:
    key = [v.INDICATOR, v.REF_AREA, *v.DIMENSIONS, *difference.dimensions]
    return _joined(difference, "aggregates", [*key], []).assign(
        **{v.GAP: "", v.MEASURE: "", v.OVER: "", v.REFERENCE: "", v.COMPARED: ""}
    )


def _gaps(difference: Difference) -> pd.DataFrame:
    key = [v.INDICATOR, v.GAP, v.MEASURE, v.REF_AREA, *v.DIMENSIONS, *difference.dimensions]
    joined = _joined(difference, "gaps", key, [v.OVER, v.REFERENCE, v.COMPARED])
    return joined[joined[v.MEASURE].isin([DIFFERENCE_MEASURE, RATIO_MEASURE])]


def _joined(difference: Difference, name: str, key: list[str], further: list[str]) -> pd.DataFrame:
    """The values of both sides that have the same key: groups combined from economies, and gaps of groups."""
    parts = []
    hidden = [v.NOT_APPLICABLE, *([] if v.GAP in key else [v.AS_PUBLISHED])]
    for side, column in ((difference.before, FROM), (difference.after, TO)):
        frame = side.of_year(getattr(side.result, name))
        frame = frame[(frame[v.EDITION] == side.edition) & ~frame[v.MEMBERSHIP].isin(hidden)]
        for missing in set(difference.dimensions) - set(frame.columns):
            frame = frame.assign(**{missing: v.TOTAL})
        period = [] if difference.across_years else [v.TIME_PERIOD]
        names = [*key, *period, *further, v.UNIT_MEASURE, v.OBS_VALUE, v.MEMBERSHIP]
        part = frame[names].rename(columns={v.OBS_VALUE: column, v.MEMBERSHIP: f"{column}_{v.MEMBERSHIP}"})
        parts.append(part.astype({n: object for n in part.columns if isinstance(part[n].dtype, pd.CategoricalDtype)}))
    on = [n for n in parts[0].columns if not n.startswith(FROM)]
    return parts[0].merge(parts[1], on=on, how="inner")


def _reasons(rows: pd.DataFrame, difference: Difference) -> Array:
    """Why a row has no terms: a side is withheld, a source states it, or it is a median; empty if it has terms."""
    withheld = [
        np.where(rows[column].isna(), say(WITHHELD, side=name), "")
        for column, name in zip((FROM, TO), difference.names, strict=True)
    ]
    both = [say(" and ").join(filter(None, pair)) for pair in zip(*withheld, strict=True)]
    stated = rows[[f"{end}_{v.MEMBERSHIP}" for end in (FROM, TO)]].isin([v.AS_PUBLISHED]).any(axis=1)
    methods = {code: catalogue().indicators[code].aggregation.method for code in rows[v.INDICATOR].unique()}
    median = rows[v.INDICATOR].map(methods) == "median_of_areas"
    return np.select([rows[[FROM, TO]].isna().any(axis=1), stated, median], [both, say(STATED), say(MEDIAN)], "")


def _with_terms(rows: pd.DataFrame, difference: Difference) -> pd.DataFrame:
    """The rows of one measure, or the group values, with their terms, a remark on these, and TOP."""
    log, sides = bool((rows[SCALE] == LOG).any()), [v.REFERENCE, v.COMPARED] if (rows[v.OVER] != "").any() else [""]
    states = [_states(rows, side, difference) for side in sides]
    terms, notes, top = [], list[str](), list[list[dict[str, object]]]()
    for chunks in zip(*(decomposed(*pair, log) for pair in states), strict=True):
        first, *second = (found for _, found in chunks)
        block = np.max([found.block for _, found in chunks], axis=0)
        amounts = [folded(found, block) for found in (first, *second)]
        contributions = amounts[0] - amounts[1] if second else amounts[0]
        terms.append(contributions.sum(axis=2))
        notes += [_together(place, difference) for place in block]
        top += _largest(contributions, difference)
    found = rows.copy()
    found[NOTE], found[TOP] = notes, pd.Series(top, index=rows.index, dtype=object)
    found[list(difference.terms)] = np.concatenate(terms)
    return found


def _states(rows: pd.DataFrame, code: str, difference: Difference) -> tuple[State, State]:
    """The states of the group values of rows on both sides; `code` names the column of the side of a gap, if any."""
    keys = rows[[v.INDICATOR, v.REF_AREA, *v.DIMENSIONS, *difference.dimensions]].copy()
    keys[v.TIME_PERIOD] = rows.get(v.TIME_PERIOD, 0)
    if code:
        over = rows[v.OVER].to_numpy()
        of_areas = ~np.isin(over, [*v.DIMENSIONS, *difference.dimensions])
        keys[v.REF_AREA] = keys[v.REF_AREA].where(~of_areas, rows[code])
        for name in set(over[~of_areas]):
            keys[name] = keys[name].where(over != name, rows[code])
    before, after = (_state(keys, side, difference) for side in (difference.before, difference.after))
    return before, after


def _state(keys: pd.DataFrame, side: Side, difference: Difference) -> State:
    if side.year is not None:
        keys = keys.assign(**{v.TIME_PERIOD: side.year})
    cell_names = [v.INDICATOR, *v.DIMENSIONS, *difference.dimensions, v.TIME_PERIOD]
    typed = pd.DataFrame({name: _category(keys[name]) for name in cell_names[:-1]})
    typed[v.TIME_PERIOD] = keys[v.TIME_PERIOD].to_numpy(dtype=np.int16)
    first, of_row = columns.unique_rows(columns.composite_key(typed, cell_names))
    cells, population = typed.iloc[first].reset_index(drop=True), pipeline.population_of(side.result.request)
    found = figures(side.economies, cells, difference.dimensions, population)
    return found.state(list(keys[v.REF_AREA]), of_row, side.result.members[side.edition])


def _category(column: "pd.Series[str]") -> columns.Texts:
    """The texts as a category column, in the order in which they occur first."""
    codes, texts = pd.factorize(column)
    return columns.labelled(codes, [str(text) for text in texts])


def _together(block: int, difference: Difference) -> str:
    """Which factors are one term, if any are."""
    joined = [[difference.terms[place] for place in places] for places in positions(block) if len(places) > 1]
    return clauses(say(TOGETHER, factors=say(" and ").join(names)) for names in joined)


def _largest(contributions: Array, difference: Difference) -> list[list[dict[str, object]]]:
    """For each row, the economies that contribute most, their contributions, and the term of the largest part."""
    areas = columns.category(v.REF_AREA).categories.astype(str)
    amounts = np.nan_to_num(contributions)
    sums = amounts.sum(axis=1)
    at = np.argsort(-np.abs(sums), axis=1, kind="stable")[:, :MOST_NAMED]
    rows = np.arange(len(at))[:, None]
    terms = np.abs(amounts).argmax(axis=1)[rows, at]
    return [
        [
            {v.REF_AREA: areas[area], CONTRIBUTION: amount, TERM: difference.terms[term]}
            for area, amount, term in zip(*row, strict=True)
            if amount
        ]
        for row in zip(at.tolist(), sums[rows, at].tolist(), terms.tolist(), strict=True)
    ]
