"""Rules on the figures that editions publish: a series under other years, another area's figures, figures far away.

A comparison proves that two figures differ, not which of them is wrong: these rules warn.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.catalogue.codelists import code_name
from divide_cli.frames.columns import Array, Mask
from divide_cli.language import commas, say
from divide_cli.validation import vtl
from divide_cli.validation.rules import Stage, kind
from divide_cli.validation.rules.findings import Explanation, Violations, grouped, number
from divide_cli.validation.rules.grouping import Floats, groups
from divide_cli.validation.rules.published_figures import WHOLE, Beside, Compared, Published, compared, said
from divide_cli.validation.rules.submission import Submission

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
        published = say("{lowest} to {highest}", lowest=years.min() + match.lag, highest=years.max() + match.lag)
        there = say(
            "those of {published} ({edition}) under {lowest} to {highest}",
            published=published,
            edition=match.edition,
            lowest=years.min(),
            highest=years.max(),
        )
        return Explanation(say("the figures of these years"), _values(submission, rows), there)

    return _of_series(there, [match.rows for match in best], explain)


def _values(submission: Submission, rows: Array) -> str:
    shown = commas(number(value) for value in submission.value[rows[:_SHOWN]])
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
        there = say(
            "{code_name} of {lowest} to {highest} ({edition})",
            code_name=code_name(v.REF_AREA, match.area),
            lowest=years.min(),
            highest=years.max(),
            edition=match.edition,
        )
        own = code_name(v.REF_AREA, submission.index[v.REF_AREA].code_at(int(rows[0])))
        return Explanation(say("figures of {own}", own=own), _values(submission, rows), there)

    return _of_series(there, [match.rows for match in best], explain)


def _areas_with(side: Beside) -> tuple[Array, Array]:
    """The positions of rows whose value an edition has for another area and the same year, and that area.

    Published figures are rounded to the decimals of the value. Those without decimals are left out.
    """
    if not len(side.rows):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    own = pd.DataFrame({"cell": side.cell, "year": side.submission.year[side.rows].astype(np.int64)})
    decimals = np.clip(np.round(-np.log10(np.maximum(2 * side.half, 10.0**-_FINEST))), 0, _FINEST).astype(np.int8)
    parts = []
    for places in np.unique(decimals):
        at, scale = np.flatnonzero((decimals == places) & (side.cell >= 0)), 10.0 ** int(places)
        left = own.iloc[at].assign(at=at, figure=np.round(side.value[at] * scale))
        both = left.merge(_rounded(side.published, scale), on=["cell", "year", "figure"], validate="many_to_many")
        parts.append(both.loc[both["area"].to_numpy() != side.area[both["at"]], ["at", "area"]])
    found = pd.concat(parts) if parts else pd.DataFrame({"at": [], "area": []}, dtype=np.int64)
    found = found.sort_values(["area", "at"])
    return found["at"].to_numpy(), found["area"].to_numpy()


@cache
def _rounded(published: Published, scale: float) -> pd.DataFrame:
    """The figures of an edition with decimals, by area, cell and year, as whole numbers of 1 / scale.

    One in the middle of two numbers is both: offices round either way.
    """
    value, first = published.value, published.first_year
    area, cell, year = (axis.astype(np.int64) for axis in np.nonzero((published.half < WHOLE) & ~np.isnan(value)))
    figures = pd.DataFrame({"area": area, "cell": cell, "year": year + first, "figure": value[area, cell, year]})
    exact = figures["figure"] * scale
    both = [
        figures.assign(figure=np.floor(exact + 0.5 + v.EXACT)),
        figures.assign(figure=np.ceil(exact - 0.5 - v.EXACT)),
    ]
    return pd.concat(both).drop_duplicates()


@dataclass(frozen=True)
class _Distances:
    """How far each value is from the nearest figure of its year, beyond rounding, and the position of that edition."""

    there: Compared
    distance: Floats
    nearest: Array

    @classmethod
    def of(cls, there: Compared) -> "_Distances":
        """The distances of rows that all have a figure in some edition."""
        every = np.full((max(len(there.sides), 1), len(there.rows)), np.inf)
        for place, side in enumerate(there.sides):
            figure, half = side.figures()
            beyond = np.maximum(np.abs(side.value - figure) - np.maximum(side.half, half), 0)
            every[place] = np.where(np.isnan(beyond), np.inf, beyond)
        return cls(there, every.min(axis=0), np.round(every, 2).argmin(axis=0))

    def agree(self, tolerance: float, kept: int) -> Mask:
        """Whether most values of each row's area and indicator, and `kept` at least, are within the tolerance."""
        own = groups(self.of_indicator)
        near = own.count(self.distance <= tolerance + v.EXACT)
        return np.asarray((near >= kept) & (2 * near > own.sizes))

    @property
    def of_indicator(self) -> Array:
        """A number for the area and the indicator of each row."""
        area, indicator = (self.there.submission.index[name] for name in (v.REF_AREA, v.INDICATOR))
        rows = self.there.rows
        return np.asarray(area.numbers[rows].astype(np.int64) * len(indicator.codes) + indicator.numbers[rows])

    def cases(self, wrong: Mask, of: Array) -> Violations:
        """A case for the wrong rows with the same number, at the one that is furthest away."""
        positions = groups(of[wrong]).members(np.flatnonzero(wrong))
        heads = [int(own[np.argmax(self.distance[own])]) for own in positions]

        def explain(case: int, _rows: Array) -> Explanation:
            head, rest = heads[case], positions[case][positions[case] != heads[case]]
            side = self._side(head)
            said_here, said_there = said(side.submission, int(side.rows[0])), side.comment
            figure = f"{number(side.figures()[0][0])} ({': '.join(filter(None, (side.published.name, said_there)))})"
            found = number(side.value[0]) + (f" ({said_here})" if said_here else "")
            also = [*map(self._both, rest[:_SHOWN].tolist()), *(["..."] if len(rest) > _SHOWN else [])]
            return Explanation(figure, found, say("; also {also}", also=commas(also)) if also else "")

        rows = [self.there.rows[own] for own in positions]
        return _of_series(self.there, rows, explain, [int(self.there.rows[head]) for head in heads])

    def _side(self, place: int) -> Beside:
        """One row next to the nearest figure."""
        return self.there.sides[int(self.nearest[place])].only(np.array([place]))

    def _both(self, place: int) -> str:
        """A year with its value and the published figure."""
        side = self._side(place)
        year = side.submission.year[side.rows[0]]
        return say(
            "{year}: {side}, published {figures}",
            year=year,
            side=number(side.value[0]),
            figures=number(side.figures()[0][0]),
        )


@kind(vtl.Unsaid.PUBLISHED, stage=Stage.PUBLISHED, by_area=True)
def far_from_published(
    submission: Submission, rule: Rule, *, kept: int, near: float, least: int, share: float
) -> Violations:
    """A value differs by more than the tolerance from the figures that all editions have for its area and year.

    Most values of its area and indicator, and `kept` at least, must be within the tolerance: then both are about the
    same people. `near` is the tolerance where a series has published figures in `least` other years, and in `share` of
    them. Each series is one case. This rule alone counts the rows that are compared with no edition.
    """
    far = _Distances.of(compared(submission, rule, [0]))
    series, equal = groups(far.there.series), far.distance <= v.EXACT
    others = series.count(equal) - equal
    otherwise = (others >= least) & (others >= share * (series.sizes - 1))
    wrong = far.distance > np.where(otherwise, near, rule.tolerance) + v.EXACT
    cases = far.cases(wrong & far.agree(rule.tolerance, kept), far.there.series)
    return replace(cases, not_checked=far.there.not_checked)


@kind(vtl.Unsaid.PUBLISHED, stage=Stage.PUBLISHED, by_area=True)
def differs_from_published(submission: Submission, rule: Rule, *, kept: int) -> Violations:
    """Values differ by more than the tolerance from published figures, as do most others of their area and indicator.

    Fewer than `kept` values, or no more than half, are within the tolerance. Each area and indicator is one case.
    """
    far = _Distances.of(compared(submission, rule, [0]))
    wrong = (far.distance > rule.tolerance + v.EXACT) & ~far.agree(rule.tolerance, kept)
    return far.cases(wrong, far.of_indicator)


def _of_series(
    there: Compared,
    cases: Sequence[Array],
    explain: Callable[[int, Array], Explanation],
    heads: Sequence[int] | None = None,
) -> Violations:
    """A case for each of these groups of rows, and the number of rows that were compared."""
    return grouped(there.submission, cases, explain, len(there.rows), heads)
