"""The figures of editions next to the rows of a submission with the same area, indicator, sex, age and urbanisation.

Rows that are broken down further, and parts of a country, have no published partner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.frames.columns import Array, Mask
from divide_cli.sources import editions
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules.grouping import NO_ROW, Floats, first_of_each
from divide_cli.validation.rules.sorting import submission_of
from divide_cli.validation.rules.submission import Submission

WHOLE = 0.5 - v.EXACT
"""Half a unit of the last decimal is below this where a figure has decimals."""
_LONGEST = 100
"""The number of characters of a comment that are shown."""
_BREAKDOWN = (v.INDICATOR, v.SEX, v.AGE, v.URBANISATION)


@dataclass(frozen=True, eq=False)
class Published:
    """The figures of an edition as arrays of areas x breakdowns x years; NaN where it has none.

    `half` is half a unit of the last decimal of each figure, and `row` its row in `source`.
    """

    name: str
    source: Submission
    areas: tuple[str, ...]
    breakdowns: tuple[tuple[str, ...], ...]
    first_year: int
    value: Floats
    half: Floats
    row: Array


def published(name: str) -> Published:
    """The figures of an edition."""
    return _published(name, editions.edition(name).folder)


@cache
def _published(name: str, _folder: Path) -> Published:
    """The figures of an edition; the folder tells two editions of one name apart."""
    source = submission_of(editions.load(name))
    rows = np.flatnonzero(source.usable & ~(source.subnational | source.further) & first_of_each(source.key))
    area, years = source.index[v.REF_AREA], source.year[rows].astype(np.intp)
    cells, cell = np.unique(_breakdown_of(source, rows), return_inverse=True)
    first_rows = rows[np.unique(cell, return_index=True)[1]] if len(rows) else rows
    breakdowns = tuple(tuple(source.index[one].code_at(row) for one in _BREAKDOWN) for row in first_rows.tolist())
    first = int(years.min(initial=9999))
    shape = len(area.codes), len(cells), int(years.max(initial=first)) - first + 1
    at = area.numbers[rows].astype(np.intp), cell.reshape(-1), years - first
    value, half, row = np.full(shape, np.nan), np.zeros(shape), np.full(shape, NO_ROW, dtype=np.intp)
    value[at], half[at], row[at] = source.value[rows], source.half[rows], rows
    return Published(name, source, area.codes, breakdowns, first, value, half, row)


def _breakdown_of(submission: Submission, rows: Array) -> Array:
    """The digits of the key of each row that are its indicator, sex, age and urbanisation."""
    return np.asarray(submission.key[rows] % submission.index[v.REF_AREA].stride // submission.years)


@dataclass(frozen=True)
class Beside:
    """Rows of a submission next to the figures of an edition.

    `area` and `cell` are the places of each row's area and breakdown in its arrays; NO_ROW if it has none.
    """

    published: Published
    submission: Submission
    rows: Array
    area: Array
    cell: Array

    @property
    def value(self) -> Floats:
        """The value of each row."""
        return self.submission.value[self.rows]

    @property
    def half(self) -> Floats:
        """Half a unit of the last decimal of each row's value."""
        return self.submission.half[self.rows]

    def places(self, lag: int = 0) -> tuple[Array, Mask]:
        """The place of each row's figure `lag` years later in the flattened arrays, and whether there is one."""
        _, cells, years = self.published.value.shape
        year = self.submission.year[self.rows].astype(np.intp) + lag - self.published.first_year
        inside = (self.area != NO_ROW) & (self.cell != NO_ROW) & (year >= 0) & (year < years)
        return np.where(inside, (self.area * cells + self.cell) * years + year, 0), inside

    def figures(self, lag: int = 0) -> tuple[Floats, Floats]:
        """The published figure of each row `lag` years later, NaN if there is none, and half a unit of its decimals."""
        if not self.published.value.size:
            return np.full(len(self.rows), np.nan), np.zeros(len(self.rows))
        place, inside = self.places(lag)
        value, half = self.published.value.reshape(-1), self.published.half.reshape(-1)
        return np.where(inside, value[place], np.nan), half[place]

    def equal(self, lag: int = 0) -> Mask:
        """Whether each value is the published figure `lag` years later; either may be rounded to fewer decimals."""
        figure, half = self.figures(lag)
        return np.asarray(np.abs(self.value - figure) <= np.maximum(self.half, half) + v.EXACT)

    @property
    def comment(self) -> str:
        """What the edition says about the figure of the first row: whom it is about, for example."""
        return said(self.published.source, int(self.published.row.reshape(-1)[self.places()[0][0]]))

    def only(self, mask: Array) -> "Beside":
        """The rows of a mask, or at these positions."""
        return replace(self, rows=self.rows[mask], area=self.area[mask], cell=self.cell[mask])


def said(submission: Submission, row: int) -> str:
    """The comment of a row, or its beginning."""
    comment = " ".join(str(submission.cell(v.OBS_COMMENT, row)).split())
    return comment if len(comment) <= _LONGEST else f"{comment[:_LONGEST]}..."


@dataclass(frozen=True)
class Compared:
    """Rows of a rule's scope, next to each edition that may say something about them.

    `not_checked` counts the other rows of the scope, by reason.
    """

    submission: Submission
    rows: Array
    sides: tuple[Beside, ...]
    not_checked: Mapping[NotChecked, int]

    @property
    def value(self) -> Floats:
        """The value of each row."""
        return self.submission.value[self.rows]

    @property
    def series(self) -> Array:
        """The number of the series of each row."""
        return self.submission.series[self.rows]

    def only(self, mask: Mask) -> "Compared":
        """The rows of the mask."""
        return replace(self, rows=self.rows[mask], sides=tuple(side.only(mask) for side in self.sides))

    def equal_own(self) -> Mask:
        """Whether any edition has the value of each row, for its own area and year."""
        equal = np.zeros(len(self.rows), dtype=bool)
        for side in self.sides:
            equal |= side.equal()
        return equal

    def telling(self, low: float, high: float) -> "Compared":
        """The rows whose values prove something if they are found elsewhere.

        They have decimals, are from `low` to below `high`, and no edition has them for their own area and year.
        """
        value, half = self.value, self.submission.half[self.rows]
        some = self.only(np.asarray((half < WHOLE) & (value >= low) & (value < high)))
        return some.only(~some.equal_own())


def compared(submission: Submission, rule: Rule, lags: Sequence[int] = ()) -> Compared:
    """The rows of the scope next to the editions that have figures of the same area at any of these lags.

    Without lags, next to those that have figures of the same breakdown in any area.
    """
    scope, index = submission.usable_in(rule), submission.index[v.INDICATOR]
    known = {name: set(editions.edition(name).indicators) & set(index.codes) for name in submission.against}
    sources = {name: _cells_once(submission, name) for name, codes in known.items() if codes}
    whole = scope & ~(submission.subnational | submission.further)
    number_of, rows = (
        submission.of_each_indicator(whole),
        np.flatnonzero(whole & submission.of_indicators(set().union(*known.values()))),
    )
    of_edition = sum(int(number_of[index.number_of(code)]) for code in set().union(*known.values()))
    anywhere = np.asarray(np.max([np.full(_breakdowns(submission), NO_ROW), *sources.values()], axis=0) != NO_ROW)
    rows = rows[anywhere[_breakdown_of(submission, rows)]]
    sides = tuple(_beside(submission, rows, published(name), cells) for name, cells in sources.items())
    there = np.zeros(len(rows), dtype=bool) if lags else np.ones(len(rows), dtype=bool)
    for side in sides:
        for lag in lags:
            there |= ~np.isnan(side.figures(lag)[0])
    counts = {
        NotChecked.WITHIN_COUNTRY: int(scope.sum()) - int(number_of.sum()),
        NotChecked.NO_EDITION: int(number_of.sum()) - of_edition,
        NotChecked.NOT_PUBLISHED: of_edition - int(there.sum()),
    }
    not_checked = {reason: count for reason, count in counts.items() if count}
    return Compared(submission, rows, sides, not_checked).only(there)


def _breakdowns(submission: Submission) -> int:
    """How many breakdowns the keys of a submission can have, of each indicator."""
    return max(submission.index[v.REF_AREA].stride // submission.years, 1)


def _cells_once(submission: Submission, name: str) -> Array:
    """The places of the breakdowns of a submission in the arrays of the edition of that name."""
    return submission.once(("cells", name), lambda block: _cells(block, published(name)))


def _cells(submission: Submission, published: Published) -> Array:
    """The place of each breakdown of a submission in the arrays of an edition; NO_ROW if it has none."""
    strides = np.array([submission.index[name].stride // submission.years for name in _BREAKDOWN])
    cells = np.full(_breakdowns(submission), NO_ROW, dtype=np.intp)
    for place, codes in enumerate(published.breakdowns):
        numbers = [submission.index[name].number_of(code) for name, code in zip(_BREAKDOWN, codes, strict=True)]
        if NO_ROW not in numbers:
            cells[np.dot(numbers, strides)] = place
    return cells


def _beside(submission: Submission, rows: Array, published: Published, cells: Array) -> Beside:
    """The rows next to the figures of an edition; `cells` are the places of the submission's breakdowns."""
    area, of_area = submission.index[v.REF_AREA], {code: place for place, code in enumerate(published.areas)}
    areas = np.array([of_area.get(code, NO_ROW) for code in area.codes], dtype=np.intp)
    return Beside(published, submission, rows, areas[area.numbers[rows]], cells[_breakdown_of(submission, rows)])
