"""Gaps: pairs of values -> one row for each pair and measure, with bounds, coverage, status and comment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.measures import UNDETERMINED, Measured, Sides, apply, in_band
from divide_cli.analysis.pairing import pair
from divide_cli.catalogue import Band, Comparison, Gap, Measure, catalogue
from divide_cli.frames.columns import Texts, constant, labelled
from divide_cli.frames.obs_comment import Piece, compose, text_where
from divide_cli.sources.population import UNCOUNTED

Array = npt.NDArray[Any]

UNLIKE = "the sides rest on different economies"


@dataclass(frozen=True)
class _Pairs:
    """The two sides of all pairs, row by row, and the gap that each pair is of."""

    reference: pd.DataFrame
    compared: pd.DataFrame
    gap: Array
    gaps: Sequence[Gap]

    def each(self, texts: Sequence[str]) -> Texts:
        """A column that holds the text of each pair's gap."""
        names = sorted(set(texts))
        return labelled(np.array([names.index(text) for text in texts])[self.gap], names)

    @property
    def comparisons(self) -> list[Comparison]:
        return [catalogue().comparisons[gap.comparison] for gap in self.gaps]


def gaps_of(
    values: pd.DataFrame, gaps: Sequence[Gap], measures: Sequence[Measure], dimensions: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The gaps in every measure for every pair that `values` holds, and the number of keys with one side only, by gap.

    `values` has one row a key, EDITION and BASIS, with OBS_VALUE, bounds, COVERAGE, N_AREAS, N_AREAS_TOTAL, POPULATION,
    OBS_STATUS, OBS_COMMENT, MEMBERSHIP, WEIGHTS, COUNTS, SOURCE. A pair with a withheld side stays: null, with bounds.
    """
    pairs, single = _paired(values, gaps, dimensions)
    if not len(pairs.gap):
        return pd.DataFrame(), single
    base, said = _base(pairs, dimensions), _said(pairs)
    numbers = (v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER, v.POPULATION)
    both = (pairs.reference, pairs.compared)
    sides = Sides(*(side[name].to_numpy(dtype=np.float64) for side in both for name in numbers))
    made = [_measured(base, said, measure, sides, pairs) for measure in measures]
    columns: dict[str, Any] = {
        name: base[name].array.take(np.tile(np.arange(len(base)), len(made)))
        for name in map(str, base)
        if name != v.COUNTS
    }
    for name in made[0]:
        parts = [part[name] for part in made]
        texts = isinstance(parts[0], pd.Categorical)
        columns[name] = pd.api.types.union_categoricals(parts) if texts else np.concatenate(parts)
    return pd.DataFrame(columns, copy=False), single


def _paired(values: pd.DataFrame, gaps: Sequence[Gap], dimensions: Sequence[str]) -> tuple[_Pairs, dict[str, int]]:
    single: dict[str, int] = {}
    keys = values[[*v.KEY, *dimensions, v.EDITION, v.BASIS]]
    sides: tuple[list[Array], list[Array]] = ([], [])
    of_gap: list[Array] = []
    for index, gap in enumerate(gaps):
        rows = np.flatnonzero((values[v.INDICATOR] == gap.indicator).to_numpy())
        if not len(rows):
            continue
        found = pair(keys.iloc[rows], catalogue().comparisons[gap.comparison], dimensions)
        single[gap.id] = found.single
        sides[0].append(rows[found.reference])
        sides[1].append(rows[found.compared])
        of_gap.append(np.full(len(found.reference), index))
    positions = [np.concatenate(side) if side else np.zeros(0, dtype=np.int64) for side in (*sides, of_gap)]
    reference, compared = (values.iloc[rows].reset_index(drop=True) for rows in positions[:2])
    return _Pairs(reference, compared, positions[2], gaps), single


def _base(pairs: _Pairs, dimensions: Sequence[str]) -> pd.DataFrame:
    """What all measures of the pairs share."""
    reference, compared = pairs.reference, pairs.compared
    base = reference[[v.REF_AREA, *v.DIMENSIONS, *dimensions, v.TIME_PERIOD]].copy()
    over = pairs.each([comparison.over for comparison in pairs.comparisons])
    for name in sorted({comparison.over for comparison in pairs.comparisons} & {*v.DIMENSIONS, *dimensions}):
        base[name] = _not_applicable(base[name], np.asarray(over == name))
    area = pairs.each([comparison.area for comparison in pairs.comparisons])
    base[v.REF_AREA] = _within(base[v.REF_AREA], area)
    base[v.GAP] = pairs.each([gap.id for gap in pairs.gaps])
    base[v.INDICATOR] = pairs.each([gap.indicator for gap in pairs.gaps])
    base[v.OVER] = over
    base[v.REFERENCE] = pairs.each([comparison.reference for comparison in pairs.comparisons])
    base[v.COMPARED] = pairs.each([comparison.compared for comparison in pairs.comparisons])
    base[v.REFERENCE_VALUE], base[v.COMPARED_VALUE] = reference[v.OBS_VALUE], compared[v.OBS_VALUE]
    covers = reference[v.COVERAGE].to_numpy(), compared[v.COVERAGE].to_numpy()
    base[v.REFERENCE_COVERAGE], base[v.COMPARED_COVERAGE] = covers
    base[v.COVERAGE] = np.minimum(*covers)  # unknown where either is
    less = (covers[1] < covers[0]) | np.isnan(covers[1])
    for name in (v.N_AREAS, v.N_AREAS_TOTAL):  # of the side that covers less
        base[name] = np.where(less, compared[name], reference[name])
    either = [(reference[v.OBS_STATUS] == code) | (compared[v.OBS_STATUS] == code) for code in _STATUSES]
    base[v.OBS_STATUS] = labelled(np.select(either, range(len(_STATUSES)), len(_STATUSES) - 1), _STATUSES)
    for name in (v.EDITION, v.MEMBERSHIP, v.WEIGHTS, v.COUNTS, v.SOURCE):
        base[name] = reference[name]
    return base


def _within(column: "pd.Series[Any]", area: Texts) -> Texts:
    """The areas of the column, but for rows whose comparison names the area within which it compares."""
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
"""Of a gap, the gravest first; any other status of a side leaves the gap normal."""


def _said(pairs: _Pairs) -> list[Piece]:
    """The comments of the sides: once where they are equal, else each with its code."""
    pieces: list[Piece] = []
    both = pd.concat([side[v.OBS_COMMENT] for side in (pairs.reference, pairs.compared)]).astype("category")
    used, code_of = np.unique(both.cat.codes, return_inverse=True)
    texts = [str(text) for text in both.cat.categories[used]]
    codes = code_of.reshape(2, -1)
    same = codes[0] == codes[1]
    pieces.append((np.where(same, codes[0] + 1, 0), ["", *texts]))
    for side, names in enumerate([[c.reference for c in pairs.comparisons], [c.compared for c in pairs.comparisons]]):
        speaks = ~same & np.array([bool(text) for text in texts])[codes[side]]
        heads = pairs.each([f"{name}:" for name in names])
        worded = [f"{head} {text}" for text in texts for head in heads.categories]
        code = codes[side] * len(heads.categories) + heads.codes + 1
        pieces.append((np.where(speaks, code, 0), ["", *worded]))
    pieces.append(_unlike(pairs))
    return pieces


def _unlike(pairs: _Pairs) -> Piece:
    """Says where the two sides of a group rest on different economies, and on how many each."""
    over = np.array([comparison.area == "" for comparison in pairs.comparisons])[pairs.gap]
    unlike = over & (pairs.reference[v.REPORTERS] != pairs.compared[v.REPORTERS]).to_numpy()
    numbers = [
        np.nan_to_num(side[v.N_AREAS].to_numpy(dtype=np.float64)).astype(np.int64)
        for side in (pairs.reference, pairs.compared)
    ]
    both, code = np.unique(numbers[0] * _MANY + numbers[1], return_inverse=True)
    texts = [f"{UNLIKE} ({n // _MANY} and {n % _MANY})" for n in both]
    return np.where(unlike, code.reshape(-1) + 1, 0), ["", *texts]


_MANY = 10**6


def _measured(base: pd.DataFrame, said: list[Piece], measure: Measure, sides: Sides, pairs: _Pairs) -> dict[str, Any]:
    """The columns that a measure has of its own, for every pair: arrays of numbers and categories."""
    known = catalogue()
    result = apply(measure, sides)
    units = [known.units[known.indicators[gap.indicator].unit].difference for gap in pairs.gaps]
    both = ~np.isnan(sides.reference) & ~np.isnan(sides.compared)
    uncounted = both & np.isnan(result.value) & ~result.undefined
    status = np.where(np.isnan(result.value) & both, _STATUSES.index(v.MISSING), base[v.OBS_STATUS].cat.codes)
    unbounded = [np.isnan(bound) & ~uncounted for bound in (result.lower, result.upper)]
    comments = compose(
        [
            *said,
            text_where(result.undefined, f"undefined: {measure.undefined}"),
            text_where(uncounted, UNCOUNTED),
            text_where(unbounded[0] & ~unbounded[1], f"no lower bound: {measure.undefined} is possible"),
            text_where(unbounded[1] & ~unbounded[0], f"no upper bound: {measure.undefined} is possible"),
            *([_band(result, measure.band, pairs)] if measure.band else []),
        ]
    )
    return {
        v.MEASURE: constant(measure.id, len(base)),
        v.UNIT_MEASURE: pairs.each([unit if measure.unit == "difference" else measure.unit for unit in units]),
        v.OBS_VALUE: result.value,
        v.BOUND_LOWER: result.lower,
        v.BOUND_UPPER: result.upper,
        v.OBS_STATUS: labelled(status, _STATUSES),
        v.OBS_COMMENT: labelled(*comments),
        v.WEIGHTS: pd.Categorical(base[v.COUNTS if measure.unit == v.PERSONS else v.WEIGHTS]),
    }


def _band(result: Measured, band: Band, pairs: _Pairs) -> Piece:
    """Whether the score lies in the band, for comparisons over the dimension that the band is meant for."""
    meant = np.array([comparison.over == band.over for comparison in pairs.comparisons])[pairs.gap]
    words = pd.Categorical(np.where(meant, in_band(result, band), ""))
    span = f"the parity band {band.lower}-{band.upper}"
    meaning: Mapping[str, str] = {"": "", UNDETERMINED: f"undetermined by rounding or coverage whether in {span}"}
    return words.codes.astype(np.int64), [meaning.get(word, f"{word} {span}") for word in words.categories]
