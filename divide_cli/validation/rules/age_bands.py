"""Age bands of a key, and the rule that they fill the ages without overlap or gap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.catalogue.codelists import age_name, age_span
from divide_cli.frames.columns import Array
from divide_cli.language import commas, say
from divide_cli.validation import vtl
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules import kind
from divide_cli.validation.rules.findings import Explanation, Violations, grouped
from divide_cli.validation.rules.grouping import NO_ROW, first_of_each, groups
from divide_cli.validation.rules.submission import Submission

Span = tuple[int, int]
"""The first and the last year of age of a band, inclusive."""
_MOST_BANDS = 63
_BITS = 63
SEXES = ("F", "M")
"""The sexes whose totals stand for that of both."""


@dataclass(frozen=True)
class Bands:
    """The keys with the same set of age bands, and these bands: the numbers of their codes, from young to old.

    `rows` is a row of each key: that of the first band in the order of the codes.
    """

    submission: Submission
    numbers: Array
    keys: Array
    rows: Array

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the bands."""
        codes = self.submission.index[v.AGE].codes
        return tuple(codes[number] for number in self.numbers)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The ages of the bands."""
        return tuple(age_span(code) or (0, 0) for code in self.codes)

    def rows_of(self, band: int) -> Array:
        """The row of each key in one of the bands."""
        age = self.submission.index[v.AGE]
        return self.submission.rows_of(self.keys + int(self.numbers[band]) * age.stride)

    @property
    def total(self) -> Array:
        """The row of the total of all ages of each key; NO_ROW if there is none."""
        return self.submission.rows_of(self._total_keys)

    @property
    def _total_keys(self) -> Array:
        age = self.submission.index[v.AGE]
        total = age.number_of(v.TOTAL)
        return self.keys + total * age.stride if total != NO_ROW else np.full(len(self.keys), NO_ROW)

    @property
    def sides(self) -> Array:
        """The totals of women and men (2 x keys) where a key is of both sexes; NO_ROW if there is none."""
        return np.stack([self._of_sex(sex) for sex in SEXES])

    def _of_sex(self, sex: str) -> Array:
        """The rows for all ages and one sex instead of both."""
        index, keys = self.submission.index[v.SEX], self._total_keys
        both, own = index.number_of(v.TOTAL), index.number_of(sex)
        if NO_ROW in (both, own):
            return np.full(len(keys), NO_ROW)
        of_one = np.where(keys == NO_ROW, NO_ROW, keys + (own - both) * index.stride)
        return np.where(index.numbers[self.rows] == both, self.submission.rows_of(of_one), NO_ROW)


def bands(submission: Submission, rule: Rule) -> Iterator[Bands]:
    """The keys of the scope by the set of their bands, in the order of the bands."""
    every = "every row" if submission.in_scope(rule).all() else repr(rule.scope)
    for parts in submission.once(("age bands", every), lambda block: list(_by_set(block, rule))):
        yield Bands(submission, *parts)


def _by_set(submission: Submission, rule: Rule) -> Iterator[tuple[Array, Array, Array]]:
    """The bands of each set, the keys of the scope that have them, and a row of each key."""
    age = submission.index[v.AGE]
    spans = [None if code == v.TOTAL else age_span(code) for code in age.codes]
    is_band = np.array([span is not None for span in spans], dtype=bool)
    if not is_band.any() or is_band.sum() > _MOST_BANDS:
        return
    rows = np.flatnonzero(submission.usable_in(rule) & is_band[age.numbers])
    rows = rows[first_of_each(submission.key[rows])]
    keys = submission.key_without(v.AGE, rows)
    order = _order(keys)
    keys, rows = keys[order], rows[order]
    starts = np.flatnonzero(first_of_each(keys))
    # a set of bands is a number with one bit a band
    bit = np.int64(1) << (np.cumsum(is_band) - 1)
    sets = np.bitwise_or.reduceat(bit[age.numbers[rows]], starts) if len(starts) else starts
    by_set = groups(sets)
    for set_, own in zip(by_set.keys, by_set.members(starts), strict=True):
        numbers = [one for one in np.flatnonzero(is_band) if set_ & bit[one]]
        numbers.sort(key=lambda one: spans[one] or (0, 0))
        yield np.array(numbers), keys[own], rows[own].astype(np.int32)


def _order(keys: Array) -> Array:
    """The order of the keys, equal ones in the order of their rows. Together with the row, a key is sorted at once."""
    bits = len(keys).bit_length()
    lowest = int(keys.min(initial=0))
    if (int(keys.max(initial=0)) - lowest).bit_length() + bits >= _BITS:
        return np.argsort(keys, kind="stable")
    packed = (keys - lowest) << bits | np.arange(len(keys))
    packed.sort()
    return np.asarray(packed & ((1 << bits) - 1))


def tiling(spans: Sequence[Span]) -> tuple[list[int], NotChecked | None]:
    """The finest adjacent bands, without those that contain others, and what is wrong with them, if anything."""
    outer = {
        index
        for index, (low, high) in enumerate(spans)
        for other, (start, end) in enumerate(spans)
        if other != index and low <= start and end <= high and (low, high) != (start, end)
    }
    finest = [index for index in range(len(spans)) if index not in outer]
    if len(finest) < 2:
        return finest, NotChecked.ONE_BAND
    faults = (_between(spans[before], spans[after]) for before, after in pairwise(finest))
    return finest, next((fault for fault in faults if fault), None)


def _between(before: Span, after: Span) -> NotChecked | None:
    """Whether a band overlaps the next, or leaves out ages before it."""
    if after[0] <= before[1]:
        return NotChecked.BANDS_OVERLAP
    return NotChecked.BANDS_LEAVE_GAP if after[0] > before[1] + 1 else None


def parted(spans: Sequence[Span]) -> list[Span]:
    """The bands, each ending a year earlier if another begins in its last year (0-5, 5-14)."""
    starts = {low for low, high in spans if high > low}
    return [(low, high - 1) if high in starts and low < high else (low, high) for low, high in spans]


@kind(vtl.Unsaid.AGES)
def age_bands(submission: Submission, rule: Rule, *, what: Literal["overlap", "gap"]) -> Violations:
    """Age bands that overlap, or leave ages out between them (`what`: overlap or gap).

    There is one case for each set of bands and each indicator. A band that contains others completely (15 and over
    with 15 to 24) does not overlap them. Ages in another row of the file are not left out: that row was lost or set
    aside.
    """
    fault = NotChecked.BANDS_OVERLAP if what == "overlap" else NotChecked.BANDS_LEAVE_GAP
    same_bands: dict[tuple[str, ...], list[tuple[int, Bands]]] = {}
    checked = 0
    for start, block in submission.blocks():
        for one in bands(block, rule):
            same_bands.setdefault(one.codes, []).append((start, one))
            checked += len(one.keys)
    in_scope = _spans_in_scope(submission, rule) if same_bands and what == "gap" else []
    cases: list[Array] = []
    texts: list[tuple[str, str]] = []
    places = {code: place for place, code in enumerate(submission.index[v.AGE].codes)}
    # in the order of the sets as numbers with one bit a band
    for codes in sorted(same_bands, key=lambda codes: sum(1 << places[code] for code in codes)):
        _, one = same_bands[codes][0]
        finest, trouble = tiling(one.spans)
        if trouble is not fault:
            continue
        faulty = (pair for pair in pairwise(finest) if _between(*(one.spans[band] for band in pair)) is fault)
        before, after = next(faulty)
        low, high = one.spans[before][1] + 1, one.spans[after][0] - 1
        if what == "gap" and any(low <= span[0] and span[1] <= high for span in in_scope):
            continue
        labels = commas(age_name(codes[band]) for band in finest)
        where = say("{age_name} and {age_name_2}", age_name=age_name(codes[before]), age_name_2=age_name(codes[after]))
        rows = np.concatenate([start + one.rows_of(before) for start, one in same_bands[codes]])
        indicator = submission.index[v.INDICATOR].numbers[rows]
        for code in np.unique(indicator):
            cases.append(np.sort(rows[indicator == code]))
            texts.append((labels, where))

    def explain(case: int, _rows: Array) -> Explanation:
        return Explanation(say("bands without gaps or overlaps"), *texts[case])

    return grouped(submission, cases, explain, checked, column=v.AGE)


def _spans_in_scope(submission: Submission, rule: Rule) -> list[Span]:
    """The age bands that any row of the scope has, usable or not."""
    index = submission.index[v.AGE]
    in_use = np.zeros(len(index.codes), dtype=bool)
    for _, block in submission.blocks():
        in_use |= np.bincount(block.index[v.AGE].numbers[block.in_scope(rule)], minlength=len(in_use)) > 0
    codes = [code for code, used in zip(index.codes, in_use, strict=True) if used and code != v.TOTAL]
    return [span for code in codes if (span := age_span(code))]
