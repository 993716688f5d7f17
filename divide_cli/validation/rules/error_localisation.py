"""Which of several rows that contradict each other is the one to mend: the one whose repair fits its neighbours."""

import numpy as np

from divide_cli import concepts as v
from divide_cli.validation.rules.submission import NOWHERE, Array, Floats, Table

FARTHEST = 5
"""Years over which a series' neighbours say what a value should be near."""

_TRIPLES = ((v.SEX, ("F", "M"), 0.15), (v.URBANISATION, ("URB", "RUR"), 0.0))
"""Totals, the two parts between which they lie, and the least share of people that a part has anywhere."""
_PROOF, _SURE, _CLEAR = 2.0, 20.0, 0.5
"""Weights of `_upset`, and the points from which on a total is taken to lie outside its parts."""


def predicted(table: Table, places: Array) -> Floats:
    """What the neighbouring years of each place's series suggest: the line between them, or the only one; else NaN."""
    before, after = _around(table, places)
    year, value = table.year, table.value
    own = year[places].astype(np.float64)
    back = np.where(before != NOWHERE, own - year[before], np.inf)
    on = np.where(after != NOWHERE, year[after] - own, np.inf)
    back, on = np.where(back > FARTHEST, np.inf, back), np.where(on > FARTHEST, np.inf, on)
    both = np.isfinite(back) & np.isfinite(on)
    share = np.divide(back, back + on, out=np.zeros(len(places)), where=both)
    line = value[before] + (value[after] - value[before]) * share
    one = np.where(np.isfinite(back), value[before], value[after])
    known = np.isfinite(back) | np.isfinite(on)
    return np.where(both, line, np.where(known, one, np.nan))


def _around(table: Table, places: Array) -> tuple[Array, Array]:
    """The usable places before and after each; for one place, when a case is worded, those of all are not needed."""
    if len(places) != 1 or "before" in table.__dict__:
        return table.before[places], table.after[places]
    (place,) = places.tolist()
    series = table.key[place] // table.years * table.years
    start, stop = np.searchsorted(table.key, [series, series + table.years])
    usable = start + np.flatnonzero(table.usable[start:stop])
    first = usable[np.unique(table.key[usable], return_index=True)[1]]  # of two rows with one key, the first
    at = np.flatnonzero(first == place)
    if not len(at):
        return np.array([NOWHERE]), np.array([NOWHERE])
    row = np.concatenate([[NOWHERE], first, [NOWHERE]])
    return row[at], row[at + 2]


def suggested(table: Table, place: int) -> str:
    """What the neighbouring years suggest for a place, in words to be added to what is expected; perhaps nothing."""
    told = float(predicted(table, np.array([place]))[0])
    return "" if np.isnan(told) else f"; the years around suggest about {round(told, 1):g}"


def suspects(table: Table, places: Array, needed: Floats) -> Array:
    """For each case (row) the position of the place whose change to `needed` brings it nearest to its neighbours.

    A change that puts other totals outside their parts tells against it, one that puts them inside for it.
    `places` and `needed` are cases x rows; NaN in `needed` is a row that no change repairs. Where no neighbours speak,
    the first position.
    """
    gain = np.full(places.shape, -np.inf)
    for position in range(places.shape[1]):
        at = places[:, position]
        suggested = predicted(table, at)
        moved = np.abs(table.value[at] - suggested) - np.abs(needed[:, position] - suggested)
        gain[:, position] = np.where(np.isnan(moved), -np.inf, moved)
    gain -= np.nan_to_num(_upset(table, places, needed))
    best = np.argmax(gain, axis=1)
    return np.where(np.isfinite(gain.max(axis=1)), best, 0)


def possible(needed: Floats) -> Floats:
    """The percentages with NaN for those that none can be."""
    return np.where((needed < 0) | (needed > 100), np.nan, needed)


def odd_one(table: Table, places: Array, needed: Floats, alike: bool) -> Array:
    """For each total and its two parts the position of the one to mend.

    It is the one whose change to `needed` brings the distance of the parts nearest to that of neighbouring years, and
    puts the fewest other totals outside their parts. Parts rise and fall together, so that their distance says more
    than their height. Where no neighbours speak, it is the total, unless the others tell against it; of parts that are
    `alike` in most countries one is named that would make them more than twice as much so, and by a point.

    `places` and `needed` are cases x (total, part, part); NaN in `needed` is a row that no change repairs.
    """
    value = table.value[places]
    usual = predicted(table, places[:, 1]) - predicted(table, places[:, 2])
    alone = np.isnan(usual)
    one, other = value[:, 1], value[:, 2]
    apart = np.stack([one - other, needed[:, 1] - other, one - needed[:, 2]], axis=1)
    off = np.abs(apart - np.where(alone, 0, usual)[:, None])
    off[alone] = off[alone] * [1, 2, 2] + [0, 1, 1] if alike else [0, 1, 1]
    return np.asarray(np.argmin(np.where(np.isnan(needed), np.inf, off + _upset(table, places, needed)), axis=1))


def _upset(table: Table, places: Array, needed: Floats) -> Floats:
    """What tells against giving each place the value that is needed of it, in points: other totals and their parts.

    A point by which a total would come to lie outside its parts counts `_PROOF`; a total that lies outside now and
    would not then tells for the change, by `_SURE`: one wrong row explains both conflicts.
    """
    flat = places.reshape(-1)
    made = np.zeros(len(flat))
    for three in _TRIPLES:
        now, then = (_outside(table, flat, values, *three) for values in (table.value[flat], needed.reshape(-1)))
        made += _PROOF * (then - now) - _SURE * ((now > _CLEAR) & (2 * then < now))
    return made.reshape(places.shape)


def _outside(
    table: Table, places: Array, values: Floats, dimension: str, parts: tuple[str, str], least: float
) -> Floats:
    """How far (PP) the total lies outside what its parts can give, of the three of which each place is one."""
    digit = table.digits[dimension]
    three = []
    known = np.ones(len(places), dtype=bool)
    for code in (v.TOTAL, *parts):
        at = table.partner(places, dimension, code)
        known &= at != NOWHERE
        three.append(np.where(digit.places[places] == digit.place(code), values, table.value[at]))
    total, one, other = three
    near, far = one + least * (other - one), other + least * (one - other)
    beyond = np.maximum(np.minimum(near, far) - total, total - np.maximum(near, far))
    return np.where(known, np.maximum(beyond, 0), 0)


def first(places: Array, position: Array) -> Array:
    """The places of each case with the one at `position` in front."""
    rows = np.arange(len(places))
    order = np.argsort(np.arange(places.shape[1])[None, :] != position[:, None], axis=1, kind="stable")
    return np.asarray(places[rows[:, None], order])
