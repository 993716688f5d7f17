"""Which of several rows that contradict each other is the one to mend: the one whose repair fits its neighbours."""

import numpy as np

from divide_cli.rules.table import NOWHERE, Array, Floats, Table

FARTHEST = 5
"""Years over which a series' neighbours say what a value should be near."""


def predicted(table: Table, places: Array) -> Floats:
    """What the neighbouring years of each place's series suggest: the line between them, or the only one; else NaN."""
    before, after = table.before[places], table.after[places]
    year = table.year.astype(np.float64)
    value = table.value
    back = np.where(before != NOWHERE, year[places] - year[before], np.inf)
    on = np.where(after != NOWHERE, year[after] - year[places], np.inf)
    back, on = np.where(back > FARTHEST, np.inf, back), np.where(on > FARTHEST, np.inf, on)
    both = np.isfinite(back) & np.isfinite(on)
    share = np.divide(back, back + on, out=np.zeros(len(places)), where=both)
    line = value[before] + (value[after] - value[before]) * share
    one = np.where(np.isfinite(back), value[before], value[after])
    known = np.isfinite(back) | np.isfinite(on)
    return np.where(both, line, np.where(known, one, np.nan))


def suspects(table: Table, places: Array, needed: Floats) -> Array:
    """For each case (row) the position of the place whose change to `needed` brings it nearest to its neighbours.

    `places` and `needed` are cases x rows; NaN in `needed` is a row that no change repairs. Where no neighbours speak,
    the first position.
    """
    gain = np.full(places.shape, -np.inf)
    for position in range(places.shape[1]):
        at = places[:, position]
        suggested = predicted(table, at)
        moved = np.abs(table.value[at] - suggested) - np.abs(needed[:, position] - suggested)
        gain[:, position] = np.where(np.isnan(moved), -np.inf, moved)
    best = np.argmax(gain, axis=1)
    return np.where(np.isfinite(gain.max(axis=1)), best, 0)


def first(places: Array, position: Array) -> Array:
    """The places of each case with the one at `position` in front."""
    rows = np.arange(len(places))
    order = np.argsort(np.arange(places.shape[1])[None, :] != position[:, None], axis=1, kind="stable")
    return np.asarray(places[rows[:, None], order])
