"""Rules on the figures that editions publish: a series under other years, another area's figures, figures far away.

A comparison proves that two figures differ, not which of them is wrong: these rules warn.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.catalogue.codelists import code_name
from divide_cli.frames.columns import Array, Mask
from divide_cli.validation import vtl
from divide_cli.validation.rules import Stage, kind
from divide_cli.validation.rules.findings import Explanation, Violations, grouped, number
from divide_cli.validation.rules.published_figures import WHOLE, Beside, Compared, compared, said
from divide_cli.validation.rules.submission import Floats, Submission, groups

_SHOWN = 4
"""The number of values or years of a finding that are shown."""
_FINEST = 6
"""The most decimals at which the figures of other areas are compared."""


@dataclass(frozen=True)
class _Match:
    """The rows of a series that are published elsewhere: in which edition, and under which lag or of which area."""

    rows: Array
    edition: str
    lag: int = 0
    area: str = ""


@dataclass(frozen=True)
class _Proof:
    """What proves that values of a series come from one source: their number, different ones, and their share."""

    least: int
    distinct: int
    share: float

    def of(
        self, values: Compared, hits: Array, counts: Mask, source: Array, possible: Array
    ) -> Iterator[tuple[Array, int]]:
        """The rows of each series whose matches prove their source, and the source.

        `hits` are positions in `values`. Each has a mark that says whether it `counts`, the number of its `source`, and
        how many values of its series could have counted.
        """
        if len(hits) < self.least:
            return
        pair = groups(values.series[hits].astype(np.int64) * (int(source.max(initial=0)) + 1) + source)
        counted = pair.count(counts)
        enough = (counted >= self.least) & (counted >= self.share * possible)
        enough &= pair.distinct(values.value[hits]) >= self.distinct
        proved = np.flatnonzero(enough)
        for members in groups(pair.number[proved]).members(proved):
            yield values.rows[hits[members]], int(source[members[0]])


def _best(matches: Iterator[_Match], submission: Submission) -> list[_Match]:
    """The match of most values of each series; of equal ones the first."""
    best: dict[int, _Match] = {}
    for match in matches:
        series = int(submission.series[match.rows[0]])
        if series not in best or len(match.rows) > len(best[series].rows):
            best[series] = match
    return [best[series] for series in sorted(best)]


@kind(vtl.Unsaid.PUBLISHED, stage=Stage.PUBLISHED, by_area=True)
def published_shifted(
    submission: Submission,
    rule: Rule,
    *,
    lags: int,
    least: int,
    distinct: int,
    share: float,
    low: float,
    high: float,
    step: float,
) -> Violations:
    """Values of a series are those that an edition has for other years, up to `lags` years earlier or later.

    Only values with decimals count, from `low` to below `high`, that no edition has for their own year; the published
    figures of the two years must be at least `step` apart. There must be `least` of them, `distinct` different ones,
    and `share` of those with a published figure at that distance. Each series is one case.
    """
    every = [lag for years in range(1, lags + 1) for lag in (-years, years)]
    there = compared(submission, rule, [0, *every])
    values = there.telling(low, high)
    of_series, proof = groups(values.series), _Proof(least, distinct, share)

    def matches() -> Iterator[_Match]:
        for side in values.sides:
            own = side.figures()[0]
            for lag in every:
                figure, half = side.figures(lag)
                apart = ~(np.abs(figure - own) < step)  # also where the own year has no figure
                hits = np.flatnonzero(side.equal(lag) & (half < WHOLE))
                possible = of_series.count(~np.isnan(figure) & apart)[hits]
                source = np.zeros(len(hits), dtype=np.int64)
                for rows, _ in proof.of(values, hits, apart[hits], source, possible):
                    yield _Match(rows, side.published.name, lag)

    best = _best(matches(), submission)

    def explain(case: int, rows: Array) -> Explanation:
        match, years = best[case], submission.year[rows].astype(int)
        published = f"{years.min() + match.lag} to {years.max() + match.lag}"
        there = f"those of {published} ({match.edition}) under {years.min()} to {years.max()}"
        return Explanation("the figures of these years", _values(submission, rows), there)

    return _of_series(there, [match.rows for match in best], explain)


def _values(submission: Submission, rows: Array) -> str:
    shown = ", ".join(number(value) for value in submission.value[rows[:_SHOWN]])
    return f"{shown} ..." if len(rows) > _SHOWN else shown


@kind(vtl.Unsaid.PUBLISHED, stage=Stage.PUBLISHED, by_area=True)
def published_elsewhere(
    submission: Submission, rule: Rule, *, least: int, distinct: int, share: float, low: float, high: float
) -> Violations:
    """Values of a series are those that an edition has for another area in the same years.

    Only values with decimals count, from `low` to below `high`, that no edition has for their own area. There must be
    `least` of them, `distinct` different ones, and `share` of those that count. Each series is one case.
    """
    there = compared(submission, rule)
    values = there.telling(low, high)
    possible, proof = groups(values.series).sizes, _Proof(least, distinct, share)

    def matches() -> Iterator[_Match]:
        for side in values.sides:
            hits, area = _areas_with(side)
            counts = np.ones(len(hits), dtype=bool)
            for rows, other in proof.of(values, hits, counts, area, possible[hits]):
                yield _Match(rows, side.published.name, area=side.published.areas[other])

    best = _best(matches(), submission)

    def explain(case: int, rows: Array) -> Explanation:
        match, years = best[case], submission.year[rows]
        there = f"{code_name(v.REF_AREA, match.area)} of {years.min()} to {years.max()} ({match.edition})"
        own = code_name(v.REF_AREA, submission.index[v.REF_AREA].code_at(int(rows[0])))
        return Explanation(f"figures of {own}", _values(submission, rows), there)

    return _of_series(there, [match.rows for match in best], explain)


def _areas_with(side: Beside) -> tuple[Array, Array]:
    """The positions of rows whose value an edition has for another area and the same year, and that area.

    Published figures are rounded to the decimals of the value. Those without decimals are left out.
    """
    value, first = side.published.value, side.published.first_year
    area, cell, year = (axis.astype(np.int64) for axis in np.nonzero((side.published.half < WHOLE) & ~np.isnan(value)))
    figures = pd.DataFrame({"area": area, "cell": cell, "year": year + first, "figure": value[area, cell, year]})
    own = pd.DataFrame({"cell": side.cell, "year": side.submission.year[side.rows].astype(np.int64)})
    decimals = np.clip(np.round(-np.log10(np.maximum(2 * side.half, 10.0**-_FINEST))), 0, _FINEST).astype(np.int8)
    parts = []
    for places in np.unique(decimals):
        at, scale = np.flatnonzero((decimals == places) & (side.cell >= 0)), 10.0 ** int(places)
        left = own.iloc[at].assign(at=at, figure=np.round(side.value[at] * scale))
        right = _rounded(figures, scale)
        both = left.merge(right, on=["cell", "year", "figure"], validate="many_to_many")
        parts.append(both.loc[both["area"].to_numpy() != side.area[both["at"]], ["at", "area"]])
    found = pd.concat(parts) if parts else pd.DataFrame({"at": [], "area": []}, dtype=np.int64)
    found = found.sort_values(["area", "at"])
    return found["at"].to_numpy(), found["area"].to_numpy()


def _rounded(figures: pd.DataFrame, scale: float) -> pd.DataFrame:
    """The figures as whole numbers of 1 / scale. One in the middle of two numbers is both: offices round either way."""
    exact = figures["figure"] * scale
    both = [
        figures.assign(figure=np.floor(exact + 0.5 + v.EXACT)),
        figures.assign(figure=np.ceil(exact - 0.5 - v.EXACT)),
    ]
    return pd.concat(both).drop_duplicates()


@kind(vtl.Unsaid.PUBLISHED, stage=Stage.PUBLISHED, by_area=True)
def far_from_published(submission: Submission, rule: Rule, *, near: float, least: int, share: float) -> Violations:
    """A value differs by more than the tolerance from the figures that all editions have for its area and year.

    `near` is the tolerance where the series agrees with an edition otherwise: in `least` other years, and in `share`
    of them. Each series is one case.
    """
    there = compared(submission, rule, [0])
    distance, nearest = _nearest(there)
    of_series, agrees = groups(there.series), distance <= v.EXACT
    others = of_series.sizes - 1
    agreeing = of_series.count(agrees) - agrees
    otherwise = (agreeing >= least) & (agreeing >= share * others)
    wrong = np.asarray(distance > np.where(otherwise, near, rule.tolerance) + v.EXACT)
    positions = groups(of_series.number[wrong]).members(np.flatnonzero(wrong))
    furthest = [own[np.argmax(distance[own])] for own in positions]

    def explain(case: int, _rows: Array) -> Explanation:
        head, rest = furthest[case], positions[case][positions[case] != furthest[case]]
        side = there.sides[nearest[head]].only(np.array([head]))
        here, there_said = said(submission, int(side.rows[0])), side.comment
        figure = f"{number(side.figures()[0][0])} ({': '.join(filter(None, (side.published.name, there_said)))})"
        found = number(side.value[0]) + (f" ({here})" if here else "")
        also = [_both(there, nearest, place) for place in rest[:_SHOWN].tolist()] + ["..."] * (len(rest) > _SHOWN)
        return Explanation(figure, found, f"; also {', '.join(also)}" if also else "")

    heads = [int(there.rows[head]) for head in furthest]
    return _of_series(there, [there.rows[own] for own in positions], explain, heads)


def _of_series(
    there: Compared,
    cases: Sequence[Array],
    explain: Callable[[int, Array], Explanation],
    heads: Sequence[int] | None = None,
) -> Violations:
    """A case for the rows of each series, and the number of rows that were compared and that were not."""
    found = grouped(there.submission, cases, explain, len(there.rows), heads)
    return replace(found, not_checked=there.not_checked)


def _nearest(there: Compared) -> tuple[Floats, Array]:
    """How far each value is from the nearest figure of its year, beyond rounding, and the position of that edition."""
    if not there.sides:
        return np.zeros(len(there.rows)), np.zeros(len(there.rows), dtype=np.intp)
    distances = []
    for side in there.sides:
        figure, half = side.figures()
        distances.append(np.maximum(np.abs(side.value - figure) - np.maximum(side.half, half), 0))
    every = np.where(np.isnan(distances), np.inf, distances)
    return np.asarray(every.min(axis=0)), np.asarray(np.round(every, 2).argmin(axis=0))


def _both(there: Compared, nearest: Array, place: int) -> str:
    """A year with its value and the published figure."""
    side = there.sides[nearest[place]].only(np.array([place]))
    year = there.submission.year[there.rows[place]]
    return f"{year}: {number(side.value[0])}, published {number(side.figures()[0][0])}"
