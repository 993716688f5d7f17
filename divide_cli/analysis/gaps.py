"""Gaps: values -> pairs of two sides -> a row for each pair and measure, with bounds, coverage, status and comment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.measures.pairs import BandPlace, Sides, apply, in_band, unit_of
from divide_cli.catalogue import Band, Comparison, Gap, Measure, catalogue
from divide_cli.catalogue.applicability import applicable
from divide_cli.frames import columns
from divide_cli.frames.bounds import Bounded
from divide_cli.frames.columns import Array, Mask, Piece, Texts
from divide_cli.language import say
from divide_cli.sources.population import UNCOUNTED


@dataclass(frozen=True)
class Pairs:
    """Positions of the rows of the two sides, pair by pair, and how many keys had one side only."""

    reference: Array
    compared: Array
    single: int


def pair(frame: pd.DataFrame, comparison: Comparison, dimensions: Sequence[str]) -> Pairs:
    """Pairs the rows of `frame` whose keys differ only in the comparison's code, reference with compared.

    `frame` has the key columns, EDITION and BASIS. Over a dimension, the key is everything else; over a grouping of
    areas, it is everything but REF_AREA. A key that occurs twice on one side is an error of the caller and raises
    ValueError.
    """
    over = comparison.over if comparison.over in (*v.DIMENSIONS, *dimensions) else v.REF_AREA
    key = [name for name in (*v.KEY, *dimensions, v.EDITION, v.BASIS) if name != over]
    sides = [np.flatnonzero((frame[over] == code).to_numpy()) for code in (comparison.reference, comparison.compared)]
    both = np.concatenate(sides)
    packed = columns.composite_key(frame[key].iloc[both], key)
    keys: list[Array] = [packed[: len(sides[0])], packed[len(sides[0]) :]]
    for side in keys:
        if not columns.unique(side):
            raise ValueError(say("comparison {comparison}: a key is twice on one side", comparison=comparison.id))
    shared, first, second = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
    return Pairs(sides[0][first], sides[1][second], len(keys[0]) + len(keys[1]) - 2 * len(shared))


@dataclass(frozen=True)
class _Sides:
    """The two sides of all pairs, row by row, and the gap that each pair is of."""

    reference: pd.DataFrame
    compared: pd.DataFrame
    gap: Array
    gaps: Sequence[Gap]
    comparisons: Mapping[str, Comparison]

    def of_gap(self, text: Callable[[Gap], str]) -> Texts:
        """The text of each pair's gap, as a column."""
        texts = [text(gap) for gap in self.gaps]
        names = sorted(set(texts))
        return columns.labelled(np.array([names.index(text) for text in texts])[self.gap], names)

    def of_comparison(self, text: Callable[[Comparison], str]) -> Texts:
        """The text of each pair's comparison, as a column."""
        return self.of_gap(lambda gap: text(self.comparisons[gap.comparison]))

    @property
    def unlike(self) -> Mask:
        """Where the two sides of a group rest on different economies."""
        within_areas = np.asarray(self.of_comparison(lambda comparison: comparison.area) == "")
        return within_areas & (self.reference[v.REPORTERS] != self.compared[v.REPORTERS]).to_numpy()


def gaps_of(
    values: pd.DataFrame,
    gaps: Sequence[Gap],
    measures: Sequence[Measure],
    dimensions: Sequence[str],
    comparisons: Mapping[str, Comparison] | None = None,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The gaps in every measure for every pair of `values`, and the number of keys with one side only, by gap.

    `comparisons` are those that the gaps name, by id: those of the catalogue if None.

    `values` has one row a key, EDITION and BASIS, with OBS_VALUE, bounds, COVERAGE, N_AREAS, N_AREAS_TOTAL, POPULATION,
    OBS_STATUS, OBS_COMMENT, COVERAGE_IS_LIMIT, MEMBERSHIP, WEIGHTS, COUNTS, SOURCE. A pair with a withheld side is
    kept: null, with bounds.
    """
    pairs, single = _paired(values, gaps, dimensions, comparisons or catalogue().comparisons)
    if not len(pairs.gap):
        return pd.DataFrame(), single
    shared, comments = _shared(pairs, dimensions), _comments(pairs)
    sides = Sides(*_numbers(pairs.reference), *_numbers(pairs.compared))
    measured = [_measured(shared, comments, measure, sides, pairs) for measure in measures]
    applying, own = _applying(pairs, measures), list(measured[0])
    places = np.tile(np.arange(len(shared)), len(measured))[applying]
    # the rows may be many, so each column leaves what it is made of
    others = [str(name) for name in shared.columns if name not in (*own, v.COUNTS)]
    by_name: dict[str, Any] = {name: shared.pop(name).array.take(places) for name in others}
    del pairs, sides, shared, comments
    for name in own:
        column = columns.stacked([part.pop(name) for part in measured])
        by_name[name] = column if applying.all() else column[applying]
    return pd.DataFrame(by_name, index=np.flatnonzero(applying), copy=False), single


def _applying(pairs: _Sides, measures: Sequence[Measure]) -> Mask:
    """Where the measure applies to the indicator of the pair: all pairs in the first measure, then in the next."""
    indicators = [gap.indicator for gap in pairs.gaps]
    of_measures = applicable(measures, set(indicators)).values()
    applies = [np.array([name in own for name in indicators])[pairs.gap] for own in of_measures]
    return np.concatenate(applies)


def _numbers(side: pd.DataFrame) -> tuple[Bounded, Array]:
    """The values of a side with their bounds, and its persons."""
    names = (v.BOUND_LOWER, v.OBS_VALUE, v.BOUND_UPPER, v.POPULATION)
    lower, value, upper, persons = (side[name].to_numpy(dtype=np.float64) for name in names)
    return Bounded(lower, value, upper), persons


def _paired(
    values: pd.DataFrame, gaps: Sequence[Gap], dimensions: Sequence[str], comparisons: Mapping[str, Comparison]
) -> tuple[_Sides, dict[str, int]]:
    single: dict[str, int] = {}
    keys = values[[*v.KEY, *dimensions, v.EDITION, v.BASIS]]
    places: list[tuple[Array, Array, Array]] = [(np.zeros(0, dtype=np.int64),) * 3]
    for index, gap in enumerate(gaps):
        rows = np.flatnonzero((values[v.INDICATOR] == gap.indicator).to_numpy())
        if not len(rows):
            continue
        pairs = pair(keys.iloc[rows], comparisons[gap.comparison], dimensions)
        single[gap.id] = pairs.single
        places.append((rows[pairs.reference], rows[pairs.compared], np.full(len(pairs.reference), index)))
    reference, compared, of_gap = (np.concatenate(column) for column in zip(*places, strict=True))
    sides = [values.iloc[rows].reset_index(drop=True) for rows in (reference, compared)]
    return _Sides(sides[0], sides[1], of_gap, gaps, comparisons), single


def _shared(pairs: _Sides, dimensions: Sequence[str]) -> pd.DataFrame:
    """The columns that all measures of the pairs share."""
    reference, compared = pairs.reference, pairs.compared
    shared = reference[[v.REF_AREA, *v.DIMENSIONS, *dimensions, v.TIME_PERIOD]].copy()
    over = pairs.of_comparison(lambda comparison: comparison.over)
    for name in sorted({*over.categories} & {*v.DIMENSIONS, *dimensions}):
        shared[name] = _not_applicable(shared[name], np.asarray(over == name))
    shared[v.REF_AREA] = _within(shared[v.REF_AREA], pairs.of_comparison(lambda comparison: comparison.area))
    shared[v.GAP] = pairs.of_gap(lambda gap: gap.id)
    shared[v.INDICATOR] = pairs.of_gap(lambda gap: gap.indicator)
    shared[v.OVER] = over
    shared[v.REFERENCE] = pairs.of_comparison(lambda comparison: comparison.reference)
    shared[v.COMPARED] = pairs.of_comparison(lambda comparison: comparison.compared)
    shared[v.REFERENCE_VALUE], shared[v.COMPARED_VALUE] = reference[v.OBS_VALUE], compared[v.OBS_VALUE]
    coverages = reference[v.COVERAGE].to_numpy(), compared[v.COVERAGE].to_numpy()
    shared[v.REFERENCE_COVERAGE], shared[v.COMPARED_COVERAGE] = coverages
    shared[v.COVERAGE] = np.minimum(*coverages)  # unknown where either is
    less = (coverages[1] < coverages[0]) | np.isnan(coverages[1])
    for name in (v.N_AREAS, v.N_AREAS_TOTAL):  # of the side that covers less
        shared[name] = np.where(less, compared[name], reference[name])
    either = [(reference[v.OBS_STATUS] == code) | (compared[v.OBS_STATUS] == code) for code in _STATUSES]
    shared[v.OBS_STATUS] = columns.labelled(np.select(either, range(len(_STATUSES)), len(_STATUSES) - 1), _STATUSES)
    shared[v.COVERAGE_IS_LIMIT] = reference[v.COVERAGE_IS_LIMIT] | compared[v.COVERAGE_IS_LIMIT]
    shared[v.SIDES_UNLIKE] = pairs.unlike
    for name in (v.EDITION, v.MEMBERSHIP, v.WEIGHTS, v.COUNTS, v.SOURCE):
        shared[name] = reference[name]
    return shared


def _within(column: "pd.Series[Any]", area: Texts) -> Texts:
    """The areas of the column; where a comparison names the area within which it compares, that area."""
    values: Texts = pd.Categorical(column)
    named = values.categories.get_indexer(area.categories)[area.codes]  # -1 where it names none
    return pd.Categorical.from_codes(np.where(named < 0, values.codes, named), dtype=values.dtype)


def _not_applicable(column: "pd.Series[Any]", where: Array) -> Texts:
    """The column with the code `_Z` where a comparison is over it."""
    values: Texts = pd.Categorical(column)
    if v.NOT_APPLICABLE not in values.categories:
        values = values.add_categories(v.NOT_APPLICABLE)
    codes = np.where(where, values.categories.get_loc(v.NOT_APPLICABLE), values.codes)
    return pd.Categorical.from_codes(codes, dtype=values.dtype)


_STATUSES = (v.MISSING, v.WITHHELD, v.ESTIMATED, v.NORMAL)
"""Statuses of a gap, the most severe first; any other status of a side leaves the gap normal."""


def _comments(pairs: _Sides) -> list[Piece]:
    """The comments of the sides: one if they are equal, otherwise each with its code; and whether the sides differ."""
    both = pd.concat([side[v.OBS_COMMENT] for side in (pairs.reference, pairs.compared)]).astype("category")
    used, code_of = np.unique(both.cat.codes, return_inverse=True)
    texts = [str(text) for text in both.cat.categories[used]]
    codes = code_of.reshape(2, -1)
    same = codes[0] == codes[1]
    pieces: list[Piece] = [(np.where(same, codes[0] + 1, 0), ["", *texts])]
    heads = (
        pairs.of_comparison(lambda comparison: f"{comparison.reference}:"),
        pairs.of_comparison(lambda comparison: f"{comparison.compared}:"),
    )
    for own, head in zip(codes, heads, strict=True):
        speaks = ~same & np.array([bool(text) for text in texts])[own]
        headed = [f"{name} {text}" for text in texts for name in head.categories]
        pieces.append((np.where(speaks, own * len(head.categories) + head.codes + 1, 0), ["", *headed]))
    return [*pieces, _unlike(pairs)]


def _unlike(pairs: _Sides) -> Piece:
    """States where the two sides of a group rest on different economies, and on how many each."""
    numbers = [side[v.N_AREAS].to_numpy(dtype=np.int64, na_value=0) for side in (pairs.reference, pairs.compared)]
    both, code = np.unique(numbers[0] * _MANY + numbers[1], return_inverse=True)
    texts = [say("the sides rest on different economies ({n} and {n_2})", n=n // _MANY, n_2=n % _MANY) for n in both]
    return np.where(pairs.unlike, code.reshape(-1) + 1, 0), ["", *texts]


_MANY = 10**6


def _measured(
    shared: pd.DataFrame, comments: list[Piece], measure: Measure, sides: Sides, pairs: _Sides
) -> dict[str, Any]:
    """The columns specific to a measure, for every pair: arrays of numbers and categories."""
    result, undefined = apply(measure, sides)
    both = ~np.isnan(sides.reference.value) & ~np.isnan(sides.compared.value)
    without = np.isnan(result.value)
    uncounted = both & without & ~undefined
    status = np.where(without & both, _STATUSES.index(v.MISSING), shared[v.OBS_STATUS].cat.codes)
    no_lower, no_upper = (np.isnan(bound) & ~uncounted for bound in (result.lower, result.upper))
    place = np.full(len(shared), BandPlace.NONE, dtype=np.int64)
    if measure.band:  # for comparisons over the dimension that the band is meant for
        place = np.where(shared[v.OVER] == measure.band.over, in_band(result, measure.band), place)
    pieces = [
        *comments,
        columns.text_where(undefined, say("undefined: {undefined}", undefined=measure.undefined)),
        columns.text_where(uncounted, say(UNCOUNTED)),
        columns.text_where(
            no_lower & ~no_upper, say("no lower bound: {undefined} is possible", undefined=measure.undefined)
        ),
        columns.text_where(
            no_upper & ~no_lower, say("no upper bound: {undefined} is possible", undefined=measure.undefined)
        ),
        *([(place, _band_texts(measure.band))] if measure.band else []),
    ]
    return {
        v.MEASURE: columns.constant(measure.id, len(shared)),
        v.UNIT_MEASURE: pairs.of_gap(lambda gap: unit_of(measure, gap.indicator)),
        v.OBS_VALUE: result.value,
        v.BOUND_LOWER: result.lower,
        v.BOUND_UPPER: result.upper,
        v.OBS_STATUS: columns.labelled(status, _STATUSES),
        v.OBS_COMMENT: columns.labelled(*columns.compose(pieces)),
        v.BAND_PLACE: place,
        v.WEIGHTS: pd.Categorical(shared[v.COUNTS if measure.unit == v.PERSONS else v.WEIGHTS]),
    }


def _band_texts(band: Band) -> list[str]:
    """The text for each BandPlace."""
    span = say("the parity band {lower}-{upper}", lower=band.lower, upper=band.upper)
    texts = {
        BandPlace.NONE: "",
        BandPlace.BELOW: say("below {span}", span=span),
        BandPlace.INSIDE: say("inside {span}", span=span),
        BandPlace.ABOVE: say("above {span}", span=span),
        BandPlace.UNDETERMINED: say("undetermined by rounding or coverage whether in {span}", span=span),
    }
    return [texts[place] for place in BandPlace]
