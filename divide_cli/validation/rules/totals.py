"""Rules on a total and its two parts (women and men, urban and rural): order, composition, lacking or swapped."""

from dataclasses import dataclass

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, codelist
from divide_cli.validation.rules.error_localisation import first, odd_one, suggested
from divide_cli.validation.rules.submission import NOWHERE, Array, Floats, Mask, Table
from divide_cli.validation.rules.violations import Hits, Said, number

EXACT = 1e-9
"""What sums of doubles may be off by."""


@dataclass(frozen=True)
class Pairs:
    """Totals and their two parts: places (NOWHERE where there is none), cases x (total, first part, second part)."""

    table: Table
    dimension: str
    codes: tuple[str, str]
    places: Array

    def only(self, mask: Mask) -> "Pairs":
        """The cases of the mask."""
        return Pairs(self.table, self.dimension, self.codes, self.places[mask])

    @property
    def names(self) -> tuple[str, str]:
        """The two parts in words."""
        known = codelist(f"CL_{self.dimension}")
        return known.name(self.codes[0]).lower(), known.name(self.codes[1]).lower()

    @property
    def value(self) -> Floats:
        """The values, cases x 3."""
        return np.asarray(self.table.value[self.places])

    @property
    def half(self) -> Floats:
        """Half a unit of the last decimal of each value."""
        return np.asarray(self.table.half[self.places])


def pairs(table: Table, rule: Rule, total: bool = True) -> Pairs:
    """Every key with both parts, and with a `total` where that is asked for. Parameters: `dimension`, `parts`."""
    dimension, (one, other) = rule.parameters["dimension"], rule.parameters["parts"]
    side = np.flatnonzero(table.of_scope(rule) & table.is_code(dimension, one))
    second = table.partner(side, dimension, other)
    whole = table.partner(side, dimension, v.TOTAL)
    kept = (second != NOWHERE) & ((whole != NOWHERE) | (not total))
    same = np.ones(len(side), dtype=bool)
    same[1:] = table.key[side[1:]] != table.key[side[:-1]]
    kept &= same
    return Pairs(table, dimension, (one, other), np.stack([whole, side, second], axis=1)[kept])


def total_outside(table: Table, rule: Rule) -> Hits:
    """A total that lies below the least or above the greatest of its parts by more than rounding and the tolerance.

    `finest`: the three are taken to have the decimals of the one that has most (programs drop a zero at the end).
    """
    found = pairs(table, rule)
    wrong = _beyond(found, bool(rule.parameters.get("finest"))) > rule.tolerance + EXACT
    return _conflict(found.only(wrong), len(wrong))


def _beyond(found: Pairs, finest: bool) -> Floats:
    """How far each total lies outside its parts, beyond what rounding explains; not above 0 where it lies between."""
    value, half = found.value, found.half
    if finest:
        half = np.broadcast_to(half.min(axis=1, keepdims=True), half.shape) if len(half) else half
    least = np.minimum(value[:, 1] - half[:, 1], value[:, 2] - half[:, 2])
    greatest = np.maximum(value[:, 1] + half[:, 1], value[:, 2] + half[:, 2])
    short = least - (value[:, 0] + half[:, 0])
    over = (value[:, 0] - half[:, 0]) - greatest
    return np.asarray(np.maximum(short, over))


def _conflict(found: Pairs, checked: int) -> Hits:
    """The cases, the row to mend in front: the one whose repair, each part having half of the people, fits best."""
    value = found.value
    needed = np.stack([value[:, 1:].mean(axis=1), 2 * value[:, 0] - value[:, 2], 2 * value[:, 0] - value[:, 1]], axis=1)
    named = odd_one(found.table, found.places, np.clip(needed, 0, 100), found.dimension == v.SEX)
    places = first(found.places, named)

    def word(case: int) -> Said:
        total, one, other = value[case]
        names, (low, high) = found.names, sorted((one, other))
        away = number(round(max(low - total, total - high), 6))
        parts = f"{names[0]} {number(one)} and {names[1]} {number(other)}"
        shown = f"the total {number(total)} lies outside {parts}, by {away} points"
        if named[case] == 0:
            return Said(f"{number(low)} to {number(high)}", number(total), shown)
        side = "at least" if total > high else "at most"
        expected = f"{side} {number(total)}{suggested(found.table, int(places[case, 0]))}"
        return Said(expected, number(value[case, named[case]]), shown)

    return Hits(places, word, checked)


def composition(table: Table, rule: Rule) -> Hits:
    """Parts that add up, to the total or to 100: they share the users out instead of saying how many of each use it.

    Parameters: `adds_to` (`total` or `100`), `least`: with `100`, the pairs of one indicator and area that must all do
    so (a pair may add to 100 by chance), unless the total lies outside its parts as well.
    """
    to_total = rule.parameters["adds_to"] == "total"
    found = pairs(table, rule, total=to_total)
    value, half = found.value, found.half
    both, room = value[:, 1] + value[:, 2], half[:, 1] + half[:, 2]
    positive = (value[:, 1:] > 0).all(axis=1)
    if to_total:
        room = room + half[:, 0]
        outside = value[:, 0] - half[:, 0] > value[:, 1:].max(axis=1) + half[:, 1:].max(axis=1) + EXACT
        wrong = positive & outside & (np.abs(both - value[:, 0]) <= room + EXACT)
    else:
        adds = positive & (np.abs(both - 100) <= room + EXACT)
        outside = np.zeros(len(value), dtype=bool)
        has_total = found.places[:, 0] != NOWHERE
        outside[has_total] = np.abs(value[has_total, 0] - value[has_total, 1:].mean(axis=1)) > np.abs(
            value[has_total, 1] - value[has_total, 2]
        ) / 2 + half[has_total].sum(axis=1)
        wrong = adds & (outside | _whole_series(found, adds, rule.parameters["least"]))

    def word(case: int) -> Said:
        total, one, other = met.value[case]
        codes = met.names
        shown = f"{codes[0]} {number(one)} + {codes[1]} {number(other)} = {number(round(one + other, 6))}"
        return Said("two shares that do not add up", shown, number(total) if to_total else "100")

    met = found.only(wrong)
    return Hits(met.places[:, [1, 2, 0]], word, len(value))


def _whole_series(found: Pairs, adds: Mask, least: int) -> Mask:
    """Cases of an indicator and area all of whose pairs add up, if there are enough of them."""
    table = found.table
    side = found.places[:, 1]
    group = table.digits[v.INDICATOR].places[side].astype(np.int64) * (len(table.digits[v.REF_AREA].codes) + 1)
    group = group + table.digits[v.REF_AREA].places[side]
    _, inverse, count = np.unique(group, return_inverse=True, return_counts=True)
    sums = np.bincount(inverse, weights=adds, minlength=len(count))
    return np.asarray(((sums == count) & (count >= least))[inverse])


def one_side(table: Table, rule: Rule) -> Hits:
    """A part whose counterpart the file lacks for that year, while it has both for other years of the same key.

    A row with an empty cell is a counterpart: somebody has said that there is no figure.
    """
    dimension, codes = rule.parameters["dimension"], rule.parameters["parts"]
    seen = table.of_scope(rule)
    lonely, checked = [], 0
    for code, other in (codes, reversed(codes)):
        side = np.flatnonzero(seen & table.is_code(dimension, code))
        partner = table.partner(side, dimension, other)
        series = table.series[side]
        with_pair = np.isin(series, np.unique(series[partner != NOWHERE]))
        there = table.holds(table.shifted(side, dimension, other))
        lonely.append(side[~there & with_pair])
        checked += len(side)
    places = np.sort(np.concatenate(lonely))
    digit, known = table.digits[dimension], codelist(f"CL_{dimension}")

    def word(case: int) -> Said:
        own = digit.codes[digit.places[places[case]]]
        other = codes[1] if own == codes[0] else codes[0]
        names = known.name(own).lower(), known.name(other).lower()
        return Said(f"{names[0]} and {names[1]}", f"{names[0]} only")

    return Hits(places.reshape(-1, 1), word, checked)


def swapped(table: Table, rule: Rule) -> Hits:
    """Two parts whose order is reversed in one year and the same in all others: their labels may be swapped.

    Of the others, a reversed year whose total lies outside the two does not count: one of its figures is wrong.
    Parameters: `years`, the other years that it takes; `apart`, by how much (PP) the sides must differ in that year
    and, at the median, in the others; `alike`, how many times that median the reversed difference may be.
    """
    found = pairs(table, rule, total=False)
    sound = (found.places[:, 0] == NOWHERE) | (_beyond(found, finest=False) <= EXACT)
    value = found.value
    ahead = value[:, 1] - value[:, 2]
    series = table.series[found.places[:, 1]]
    _, inverse, count = np.unique(series, return_inverse=True, return_counts=True)
    settings, reversed_ = rule.parameters, np.zeros(len(value), dtype=bool)
    for own, other in ((ahead > 0, ahead < 0), (ahead < 0, ahead > 0)):
        alike, usual_way = (
            np.bincount(inverse, weights=way, minlength=len(count))[inverse] for way in (own & sound, other)
        )
        reversed_ |= own & (alike - (own & sound) == 0) & (usual_way >= settings["years"])
    usual = medians(np.abs(ahead), inverse, len(count))[inverse]
    gap = np.abs(ahead)
    wrong = reversed_ & (gap >= settings["apart"]) & (usual >= settings["apart"]) & (gap <= settings["alike"] * usual)
    met = found.only(wrong)

    def word(case: int) -> Said:
        _, one, other = met.value[case]
        shown = f"{met.names[0]} {number(one)}, {met.names[1]} {number(other)}"
        return Said(f"{met.names[0]} {number(other)}, {met.names[1]} {number(one)}", shown)

    return Hits(met.places[:, [1, 2]], word, len(value))


def highest_so_far(values: Floats, series: Array) -> Floats:
    """The highest of each value and those before it of the same series; rows of a series stand together."""
    made, step = values.copy(), 1
    while (same := series[step:] == series[:-step]).any():  # each round looks twice as far back
        made[step:] = np.where(same, np.maximum(made[step:], made[:-step]), made[step:])
        step *= 2
    return made


def within(values: Floats, group: Array) -> Floats:
    """The values by the number of their group and, inside a group, in ascending order."""
    size = len(values)
    order = np.argsort(values)
    rank = np.empty(size, dtype=np.int64)
    rank[order] = np.arange(size)
    place = np.sort(group.astype(np.int64) * size + rank) % max(size, 1)  # sorts integers faster than pairs
    return np.asarray(values[order[place]])


def quantiles(ordered: Floats, count: Array, share: float) -> Floats:
    """The quantile of each group, between the two nearest of its values; `ordered` is what `within` gives."""
    if not len(ordered):
        return np.zeros(len(count))
    start = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.intp)
    at = share * (count - 1)
    low = np.floor(at).astype(np.intp)
    high = np.minimum(low + 1, count - 1)
    return np.asarray(ordered[start + low] * (1 - (at - low)) + ordered[start + high] * (at - low))


def middles(ordered: Floats, count: Array) -> Floats:
    """The median of each group; `ordered` is what `within` gives."""
    if not len(ordered):
        return np.zeros(len(count))
    start = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.intp)
    return np.asarray((ordered[start + (count - 1) // 2] + ordered[start + count // 2]) / 2)


def medians(values: Floats, group: Array, size: int) -> Floats:
    """The median of the values of each group, by the group's number."""
    return middles(within(values, group), np.bincount(group, minlength=size))
