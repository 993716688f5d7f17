"""Finds the row to correct among several that contradict each other: the one whose repair fits its neighbours."""

import numpy as np

from divide_cli import concepts as v
from divide_cli.frames.columns import Array, Mask
from divide_cli.language import say
from divide_cli.validation.rules.grouping import NO_ROW, Floats
from divide_cli.validation.rules.submission import Submission

FARTHEST = 5
"""The number of years within which neighbouring values of a series are used."""
_EXPLAINED, _SURE, _CLEAR = 2.0, 20.0, 0.5
"""Weights of `_other_conflicts`, and the points from which a total counts as outside its parts."""


_TOTALS = ((v.SEX, ("F", "M"), 0.15), (v.URBANISATION, ("URB", "RUR"), 0.0))
"""Dimensions whose total is between two parts, and the least share of people that a part has anywhere."""


def predicted(submission: Submission, rows: Array) -> Floats:
    """The value that neighbouring years suggest for each row: on the line between them, or the only one; or NaN."""
    before, after = _neighbours(submission, rows)
    year, value = submission.year, submission.value
    own = year[rows].astype(np.float64)
    back, ahead = own - year[before], year[after] - own
    is_before, is_after = (before != NO_ROW) & (back <= FARTHEST), (after != NO_ROW) & (ahead <= FARTHEST)
    both = is_before & is_after
    share = np.divide(back, back + ahead, out=np.zeros(len(rows)), where=both)
    line = value[before] + (value[after] - value[before]) * share
    return np.select([both, is_before, is_after], [line, value[before], value[after]], np.nan)


def with_near_year(submission: Submission, asked: Mask) -> int:
    """How many of these rows, which all have an earlier year, have a neighbouring one from which to predict."""
    far = np.flatnonzero(asked & (submission.span > FARTHEST))
    after, year = submission.after[far], submission.year
    late = (after == NO_ROW) | (year[after] - year[far] > FARTHEST)
    return int(np.count_nonzero(asked)) - int(late.sum())


def _neighbours(submission: Submission, rows: Array) -> tuple[Array, Array]:
    """The usable rows before and after each; to explain a single case, only the rows that it needs are computed."""
    if len(rows) > 1 or "before" in submission.__dict__:
        return submission.before[rows], submission.after[rows]
    if not len(rows):
        return rows, rows
    series = submission.rows_of_series(int(rows[0]))
    usable = series.start + np.flatnonzero(submission.usable[series])
    first = usable[np.unique(submission.key[usable], return_index=True)[1]]  # of two rows with one key, the first
    at = np.flatnonzero(first == rows[0])
    if not len(at):
        return np.array([NO_ROW]), np.array([NO_ROW])
    padded = np.concatenate([[NO_ROW], first, [NO_ROW]])
    return padded[at], padded[at + 2]


def suggestion(submission: Submission, row: int) -> str:
    """What the neighbouring years suggest for a row, in words to add to what is expected; may be empty."""
    value = float(predicted(submission, np.array([row]))[0])
    return "" if np.isnan(value) else say("; the neighbouring years suggest about {value:g}", value=round(value, 1))


def suspects(submission: Submission, rows: Array, needed: Floats) -> Array:
    """For each case, the position of the row whose change to `needed` brings it nearest to its neighbours.

    A change that puts other totals outside their parts counts against it; one that puts them inside counts for it.
    `rows` and `needed` are cases x rows; NaN in `needed` is a row that no change repairs. Without neighbours, the first
    position is returned.
    """
    gain = np.full(rows.shape, -np.inf)
    for position in range(rows.shape[1]):
        at = rows[:, position]
        usual = predicted(submission, at)
        nearer = np.abs(submission.value[at] - usual) - np.abs(needed[:, position] - usual)
        gain[:, position] = np.where(np.isnan(nearer), -np.inf, nearer)
    gain -= np.nan_to_num(_other_conflicts(submission, rows, needed))
    best = np.argmax(gain, axis=1)
    return np.where(np.isfinite(gain.max(axis=1)), best, 0)


def odd_one(submission: Submission, rows: Array, needed: Floats, alike: bool) -> Array:
    """For each total and its two parts, the position of the one to correct.

    It is the one whose change to `needed` brings the distance of the parts nearest to that of neighbouring years, and
    puts the fewest other totals outside their parts. Parts rise and fall together, so their distance is better evidence
    than their height. Without neighbours, it is the total, unless the others count against it. If the parts are `alike`
    in most countries, a part is named only if the change would make them more than twice as similar, by at least a
    point.

    `rows` and `needed` are cases x (total, part, part); NaN in `needed` is a row that no change repairs.
    """
    value = submission.value[rows]
    usual = predicted(submission, rows[:, 1]) - predicted(submission, rows[:, 2])
    alone = np.isnan(usual)
    one, other = value[:, 1], value[:, 2]
    apart = np.stack([one - other, needed[:, 1] - other, one - needed[:, 2]], axis=1)
    off = np.abs(apart - np.where(alone, 0, usual)[:, None])
    off[alone] = off[alone] * [1, 2, 2] + [0, 1, 1] if alike else [0, 1, 1]
    off = off + _other_conflicts(submission, rows, needed)
    return np.asarray(np.argmin(np.where(np.isnan(needed), np.inf, off), axis=1))


def _other_conflicts(submission: Submission, rows: Array, needed: Floats) -> Floats:
    """The evidence against giving each row the value needed, in points: other totals and their parts.

    A point by which a total would move outside its parts counts `_EXPLAINED`. A total that is outside now and would not
    be afterwards counts for the change, by `_SURE`: one wrong row explains both conflicts.
    """
    flat = rows.reshape(-1)
    points = np.zeros(len(flat))
    for dimension, parts, least_share in _TOTALS:
        index, codes = submission.index[dimension], (v.TOTAL, *parts)
        if not set(codes) <= set(index.codes):
            continue
        three = np.stack([submission.partner(flat, dimension, code) for code in codes])
        complete = np.flatnonzero((three != NO_ROW).all(axis=0))
        three, row = three[:, complete], flat[complete]
        own = np.stack([index.numbers[row] == index.number_of(code) for code in codes])
        given, value = (row_values[complete] for row_values in (needed.reshape(-1), submission.value[flat]))
        now, then = (_outside(np.where(own, of_row, submission.value[three]), least_share) for of_row in (value, given))
        points[complete] += _EXPLAINED * (then - now) - _SURE * ((now > _CLEAR) & (2 * then < now))
    return points.reshape(rows.shape)


def _outside(three: Floats, least_share: float) -> Floats:
    """How far (PP) each total is outside the range that its parts allow; `three` are totals, and the two parts."""
    total, one, other = three
    near, far = one + least_share * (other - one), other + least_share * (one - other)
    beyond = np.maximum(np.minimum(near, far) - total, total - np.maximum(near, far))
    return np.asarray(np.maximum(beyond, 0))


def first(rows: Array, position: Array) -> Array:
    """The rows of each case, with the one at `position` first."""
    cases = np.arange(len(rows))
    order = np.argsort(np.arange(rows.shape[1])[None, :] != position[:, None], axis=1, kind="stable")
    return np.asarray(rows[cases[:, None], order])
