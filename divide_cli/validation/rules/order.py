"""Rules on what must not exceed what (networks, sides, indicators), and on rows that were copied or dragged."""

from itertools import pairwise

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.validation.rules.error_localisation import first, suspects
from divide_cli.validation.rules.submission import NOWHERE, Array, Floats, Mask, Table
from divide_cli.validation.rules.totals import EXACT, highest_so_far, pairs
from divide_cli.validation.rules.violations import Hits, Said, none, number

SWITCHED_OFF = "the older network has been shrinking: switched off"
ALONE = "the other indicator is not in the file"
_ODD = np.int64(-7046029254386353131)
"""2^64 over the golden ratio, made odd: a product with it spreads small numbers over all bits (Knuth)."""


def ordered(table: Table, rule: Rule) -> Hits:
    """Of indicators in `order`, each must reach the next that the file has, give or take rounding and the tolerance.

    `finest`: values have the decimals of the finest of their series, since programs drop a zero at the end.
    `fallen`: where the first of two has fallen from its own highest value by more than that (PP), the pair is not
    checked. `years`, least and most: in how many years the two series must be out of order.
    """
    digit, order = table.digits[v.INDICATOR], rule.parameters["order"]
    held = [code for code in order if code in digit.codes]
    seen = table.of_scope(rule)
    half = _finest(table) if rule.parameters.get("finest") else table.half
    cases: list[Array] = []
    checked, fallen, alone = 0, 0, 0
    for above, below in pairwise(held):
        at = np.flatnonzero(seen & table.is_code(v.INDICATOR, above))
        other = table.partner(at, v.INDICATOR, below)
        both = other != NOWHERE
        alone += int((~both).sum())
        at, other = at[both], other[both]
        shrinking = _fallen(table, at) > rule.parameters.get("fallen", np.inf)
        fallen += int(shrinking.sum())
        at, other = at[~shrinking], other[~shrinking]
        checked += len(at)
        over = table.value[other] - table.value[at] - half[other] - half[at]
        wrong = over > rule.tolerance + EXACT
        least, most = rule.parameters.get("years", (1, np.inf))
        _, series = np.unique(table.series[at], return_inverse=True)
        count = np.bincount(series, weights=wrong)[series] if len(at) else np.zeros(0)
        wrong &= (count >= least) & (count <= most)
        cases.append(np.stack([other, at], axis=1)[wrong])
    not_checked = {why: count for why, count in ((SWITCHED_OFF, fallen), (ALONE, alone)) if count}
    if not cases:
        return none(0, not_checked=not_checked)
    return _conflict(table, np.concatenate(cases), checked, not_checked)


def _finest(table: Table) -> Floats:
    """Half a unit of the last decimal of the finest value of each place's series."""
    _, series = np.unique(table.series, return_inverse=True)
    least = np.full(int(series.max(initial=-1)) + 1, np.inf)
    np.minimum.at(least, series[table.usable], table.half[table.usable])
    return np.asarray(np.minimum(least[series], table.half))


def _fallen(table: Table, places: Array) -> Array:
    """How far each place lies below the highest value of its series in earlier years."""
    usable = np.flatnonzero(table.usable)
    top = np.full(len(table), -np.inf)
    top[usable] = highest_so_far(table.value[usable], table.series[usable])
    return np.asarray(top[places] - table.value[places])


def _conflict(table: Table, places: Array, checked: int, not_checked: dict[str, int]) -> Hits:
    """Cases of a value that exceeds another, the one to mend in front."""
    value = table.value[places]
    named = suspects(table, places, value[:, ::-1])
    indicator = table.digits[v.INDICATOR]

    def word(case: int) -> Said:
        over, under = places[case]
        names = [catalogue().indicators[indicator.codes[indicator.places[place]]].short for place in (over, under)]
        shown = f"{names[0]} {number(table.value[over])} is above {names[1]} {number(table.value[under])}"
        if named[case] == 0:
            return Said(f"at most {number(table.value[under])}", number(table.value[over]), shown)
        return Said(f"at least {number(table.value[over])}", number(table.value[under]), shown)

    return Hits(first(places, named), word, checked, not_checked)


def side_behind(table: Table, rule: Rule) -> Hits:
    """The first part lies below the second, by more than rounding and the tolerance, where it cannot or hardly can."""
    found = pairs(table, rule, total=False)
    value, half = found.value, found.half
    behind = value[:, 2] - value[:, 1] - half[:, 1] - half[:, 2]
    places = found.places[behind > rule.tolerance + EXACT][:, 1:]

    def word(case: int) -> Said:
        one, other = places[case]
        shown = f"{found.names[0]} {number(table.value[one])}, {found.names[1]} {number(table.value[other])}"
        return Said(f"{found.names[0]} at least {found.names[1]}", shown)

    return Hits(places, word, len(value))


def same_sides(table: Table, rule: Rule) -> Hits:
    """Both parts have the same values with decimals in every year, `least` of them: one was copied to the other."""
    found = pairs(table, rule, total=False)
    value, half = found.value, found.half
    equal = (value[:, 1] == value[:, 2]) & (half[:, 1:].max(axis=1) < 0.5 - EXACT) & (value[:, 1] % 100 != 0)
    _, inverse, count = np.unique(table.series[found.places[:, 1]], return_inverse=True, return_counts=True)
    alike = np.bincount(inverse, weights=equal, minlength=len(count))
    wrong = ((alike == count) & (count >= rule.parameters["least"]))[inverse]
    places = found.places[wrong][:, [2, 1]]

    def word(case: int) -> Said:
        shown = number(table.value[places[case][0]])
        return Said(f"{found.names[0]} and {found.names[1]} apart", f"{shown} for both")

    return Hits(places, word, len(value))


def copied(table: Table, rule: Rule) -> Hits:
    """An indicator repeats the values of another, of the same year or with a `lag` of years, in `least` years or more.

    Only values with decimals count, and at least `share` of the values of the copy must be found. A case is a series.
    """
    seen = np.flatnonzero(table.of_scope(rule) & (table.half < 0.5 - EXACT) & (table.value > 0))
    seen = seen[(table.value[seen] % 100) != 0]
    indicator = table.digits[v.INDICATOR]
    if len(indicator.codes) < 2 or not len(seen):
        return none(len(seen))
    bare = table.key[seen] - indicator.places[seen].astype(np.int64) * indicator.stride
    lag = rule.parameters["lag"]
    own, other = matches(bare, bare + lag if lag else bare, table.value[seen])
    apart = indicator.places[seen[own]] != indicator.places[seen[other]]
    if not lag:  # each pair is met twice: the one that stands later in the file is the copy
        apart &= table.order[seen[own]] > table.order[seen[other]]
    own, other = own[apart], other[apart]
    size = len(indicator.codes)
    pair = table.series[seen[own]].astype(np.int64) * size + indicator.places[seen[other]]
    _, inverse, count = np.unique(pair, return_inverse=True, return_counts=True)
    length = np.unique(table.series[seen], return_counts=True)
    whole = length[1][np.searchsorted(length[0], table.series[seen[own]])]
    enough = (count[inverse] >= rule.parameters["least"]) & (count[inverse] >= rule.parameters["share"] * whole)
    own, other, inverse = own[enough], other[enough], inverse[enough]
    if not len(own):
        return none(len(seen))
    order = np.argsort(inverse, kind="stable")
    cuts = np.flatnonzero(np.diff(inverse[order])) + 1
    members = list(zip(np.split(seen[own[order]], cuts), np.split(seen[other[order]], cuts), strict=True))

    def word(case: int) -> Said:
        copies, originals = members[case]
        name = catalogue().indicators[indicator.codes[indicator.places[originals[0]]]].short
        years = f"{table.year[originals[0]]} to {table.year[originals[-1]]}"
        values = ", ".join(number(value) for value in table.value[copies[:4]])
        return Said("figures of its own", values, f"{name} of {years}", others=tuple(copies.tolist()))

    flags = np.zeros(len(table), dtype=bool)
    flags[seen[own]] = True
    return Hits(np.array([[copies[0]] for copies, _ in members]), word, len(seen), flags=flags)


def matches(left: Array, right: Array, value: Array) -> tuple[Array, Array]:
    """All pairs of rows whose keys, left and right, and values are equal: the left and the right rows.

    Where both keys are the same array, no row is paired with itself.
    """
    import pandas as pd

    ones, others = _mixed(left, value), _mixed(right, value)
    ordered = np.sort(ones if left is right else np.concatenate([ones, others]))
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])  # few rows have a partner: only they are joined
    own, other = (np.flatnonzero(_among(again, mixed)) for mixed in (ones, others))
    one = pd.DataFrame({"key": left[own], "value": value[own], "own": own})
    two = pd.DataFrame({"key": right[other], "value": value[other], "other": other})
    met = one.merge(two, on=["key", "value"], how="inner", validate="many_to_many")
    if left is right:
        met = met[met["own"] != met["other"]]
    return met["own"].to_numpy(), met["other"].to_numpy()


def _mixed(keys: Array, value: Floats) -> Array:
    """One integer for each key and value: equal where both are equal, and seldom elsewhere."""
    return np.asarray(keys * _ODD ^ value.view(np.int64))


def _among(few: Array, many: Array) -> Mask:
    """Which of the many are among the few, which are in ascending order."""
    if not len(few):
        return np.zeros(len(many), dtype=bool)
    return np.asarray(few[np.minimum(np.searchsorted(few, many), len(few) - 1)] == many)


def filled_down(table: Table, rule: Rule) -> Hits:
    """Three consecutive rows say the total and the two parts of consecutive years: one year, dragged down.

    Only where the file has nothing else of that key. Parameters: `dimension`, `parts`.
    """
    dimension = rule.parameters["dimension"]
    digit = table.digits[dimension]
    wanted = sorted(digit.place(code) for code in (v.TOTAL, *rule.parameters["parts"]))
    place_of = np.empty(len(table), dtype=np.int32)
    place_of[table.order] = np.arange(len(table), dtype=np.int32)
    seen = place_of[table.of_scope(rule)[place_of]]
    if len(seen) < 3 or NOWHERE in wanted:
        return none(max(len(seen) - 2, 0))
    bare = table.key[seen]
    bare //= table.years
    own_place = digit.places[seen].astype(np.int64)
    own_place *= digit.stride // table.years
    bare -= own_place
    del own_place
    at = np.flatnonzero((bare[:-2] == bare[1:-1]) & (bare[1:-1] == bare[2:]))
    places = np.stack([seen[at + 1], seen[at], seen[at + 2]], axis=1).astype(np.intp)
    year = table.year[places].astype(np.int64)
    wrong = (year[:, 0] - year[:, 1] == 1) & (year[:, 2] - year[:, 0] == 1)
    wrong &= (np.sort(digit.places[places], axis=1) == np.array(wanted)).all(axis=1)
    keys, own = np.unique(bare[at[wrong]], return_inverse=True)
    among = _among(keys, bare)
    count = np.bincount(np.searchsorted(keys, bare[among]), minlength=len(keys))
    places = places[wrong][count[own] == 3]

    def word(case: int) -> Said:
        years = ", ".join(str(table.year[place]) for place in sorted(places[case], key=lambda place: table.year[place]))
        return Said("one year for the total and its parts", years)

    return Hits(places, word, len(seen) - 2, column=v.TIME_PERIOD)
