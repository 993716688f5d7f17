"""Rules on single values: range, unit, year, duplicates, slips of the unit, decimals, blanks."""

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.frames.keys import composite_key, unique_rows
from divide_cli.frames.schema import fields, unit_limits
from divide_cli.validation.rules.error_localisation import predicted, suggested
from divide_cli.validation.rules.submission import NOWHERE, Array, Mask, Table, shown_decimals
from divide_cli.validation.rules.violations import Hits, Said, none, number, single


def out_of_range(table: Table, rule: Rule) -> Hits:
    """A value below the least or above the greatest that its unit allows, or above `most`.

    `near`: points from what the years around suggest within which a value is named that a slip made this one of.
    `throughout`: only rows of a further breakdown in which most values are so, three at least (true), or only others
    (false): a breakdown that no list knows may hold another measure.
    """
    indicator = table.digits[v.INDICATOR]
    low, high = unit_limits(indicator.codes)
    high = np.minimum(high, rule.parameters["most"]) if "most" in rule.parameters else high
    seen = table.of_scope(rule)
    wrong = table.value < (low - rule.tolerance)[indicator.places]
    wrong |= table.value > (high + rule.tolerance)[indicator.places]
    wrong &= seen
    if "throughout" in rule.parameters:
        wrong &= _throughout(table, wrong, seen) == rule.parameters["throughout"]

    def word(place: int) -> Said:
        value, least, most = table.value[place], *(limit[indicator.places[place]] for limit in (low, high))
        beyond = f"below {least:g}" if value < least else f"above {most:g}"
        fitting = _fitting(table, place, least, most, rule.parameters.get("near", 0.0))
        expected = f"{least:g} to {most:g}{fitting}{suggested(table, place)}"
        return Said(expected, number(value), beyond)

    return single(np.flatnonzero(wrong), word, int(seen.sum()))


def _fitting(table: Table, place: int, least: float, most: float, near: float) -> str:
    """The value without its sign, or with a decimal point, that comes `near` what the years around suggest."""
    value, told = float(table.value[place]), float(predicted(table, np.array([place]))[0])
    possible = [made for made in (-value, *(value / 10**place for place in range(1, 7))) if least <= made <= most]
    best = min(possible, key=lambda made: abs(made - told), default=np.nan)
    return f"; {number(best)} would fit" if abs(best - told) <= near else ""


def _throughout(table: Table, wrong: Mask, seen: Mask) -> Mask:
    """The places of further breakdowns of which more than half the values are wrong, three at least."""
    names = list(table.read.dimensions)
    if not names or not wrong.any():
        return np.zeros(len(table), dtype=bool)
    group = unique_rows(composite_key(table.frame, names))[1][table.order]
    bad, all_ = (np.bincount(group[mask], minlength=int(group.max()) + 1) for mask in (wrong, seen))
    return np.asarray((table.further | table.subnational) & ((bad >= 3) & (2 * bad > all_))[group])


def year_out_of_range(table: Table, _rule: Rule) -> Hits:
    """A year that no statistics of the kind are of."""
    bounds = fields("observations")[v.TIME_PERIOD]["constraints"]
    wrong = (table.year < bounds["minimum"]) | (table.year > bounds["maximum"])

    def word(place: int) -> Said:
        return Said(f"{bounds['minimum']} to {bounds['maximum']}", str(table.year[place]))

    return single(np.flatnonzero(wrong), word, len(table), column=v.TIME_PERIOD)


def year_not_yet(table: Table, _rule: Rule) -> Hits:
    """A value for a year after the one in which the file is checked, without the status of a forecast."""
    statuses = table.frame[v.OBS_STATUS].cat.categories
    forecast = np.array([code == v.FORECAST for code in statuses], dtype=bool)
    wrong = table.usable & (table.year > table.today.year)
    wrong[wrong] = ~forecast[table.column(v.OBS_STATUS)[wrong]]

    def word(place: int) -> Said:
        return Said(f"{table.today.year} or earlier", str(table.year[place]))

    return single(np.flatnonzero(wrong), word, int(table.usable.sum()), column=v.TIME_PERIOD)


def other_unit(table: Table, _rule: Rule) -> Hits:
    """A unit that is not the indicator's."""
    known = catalogue().indicators
    units = list(table.frame[v.UNIT_MEASURE].cat.categories)
    expected = np.array([units.index(known[code].unit) for code in table.digits[v.INDICATOR].codes], dtype=np.intp)
    own = expected[table.digits[v.INDICATOR].places] if len(expected) else np.zeros(0, dtype=np.intp)
    stated = table.column(v.UNIT_MEASURE)

    def word(place: int) -> Said:
        return Said(units[own[place]], units[stated[place]])

    return single(np.flatnonzero(stated != own), word, len(table), column=v.UNIT_MEASURE)


def said_apart(table: Table, rows: Array, others: Array, *further: str) -> Mask:
    """Whether the file says something else of a row than of another: in its comment, status or citation."""
    made = np.zeros(len(rows), dtype=bool)
    for name in (v.OBS_COMMENT, v.CITATION, v.OBS_STATUS, *further):
        if name in table.frame:
            codes = table.column(name)
            made |= codes[rows] != codes[others]
    return made


def duplicate_key(table: Table, rule: Rule) -> Hits:
    """A later row with the key of an earlier one: with another value (`values: different`) or the same (`same`).

    One case for each later row; of two rows the empty one gives way and is no case. With `said_apart` only rows whose
    comment, source or status is another than the earlier row's (true), or is the same (false).
    """
    key, value = table.key, table.value
    usable = table.usable
    again = np.flatnonzero(key[1:] == key[:-1])
    valued = np.union1d(again, again + 1)
    valued = valued[usable[valued]]
    start = np.ones(len(valued), dtype=bool)
    start[1:] = key[valued[1:]] != key[valued[:-1]]
    head = valued[np.maximum.accumulate(np.where(start, np.arange(len(valued)), 0))] if len(valued) else valued
    later = ~start
    differ = value[valued] != value[head]
    met = later & (differ if rule.parameters["values"] == "different" else ~differ)
    if "said_apart" in rule.parameters:
        met &= said_apart(table, valued, head, v.LABELS) == rule.parameters["said_apart"]
    places = np.stack([valued[met], head[met]], axis=1)

    def word(case: int) -> Said:
        place, head_place = places[case]
        same = slice(*np.searchsorted(key, key[place] + np.arange(2)))
        others = np.flatnonzero(usable[same]) + same.start
        told = "one row for one key"
        if value[place] != value[head_place]:
            told = f"one value for one key{_years_between(table, place)}{suggested(table, int(head_place))}"
        return Said(told, number(value[place]), f"{number(value[head_place])}", others=others)

    return Hits(places, word, int(usable.sum()))


def _years_between(table: Table, place: int) -> str:
    """The year before or after, where no row of the series has it though others lie beyond: perhaps it was meant."""
    series = table.key[place] // table.years * table.years
    years = np.unique(table.year[slice(*np.searchsorted(table.key, [series, series + table.years]))]).astype(np.int64)
    year = int(table.year[place])
    lacking = [str(near) for near in (year - 1, year + 1) if years[0] < near < years[-1] and near not in years]
    return f"; no row is of {' or '.join(lacking)}: perhaps one of these two is" if lacking else ""


def slip(table: Table, rule: Rule) -> Hits:
    """A value that its neighbouring years contradict, and that multiplied by `factor` fits them.

    A first value is none: what begins near zero may grow fast. Parameters: `factor`; `apart`, the least distance (in
    the unit) from the neighbours; `near`, how near the corrected value must come, in the unit; `below` and `above`, the
    values that such a slip can give.
    """
    seen = np.flatnonzero(table.of_scope(rule) & (table.before != NOWHERE))
    told, value = predicted(table, seen), table.value[seen]
    known = ~np.isnan(told)
    settings = rule.parameters
    mended = value * settings["factor"]
    wrong = known & (np.abs(value - told) >= settings["apart"]) & (np.abs(mended - told) <= settings["near"])
    wrong &= (value > settings.get("above", -np.inf)) & (value <= settings.get("below", np.inf))

    def word(place: int) -> Said:
        at = np.array([place])
        near = float(predicted(table, at)[0])
        return Said(f"about {number(round(near, 1))}", number(table.value[place]),
                    number(table.value[place] * settings["factor"]))  # fmt: skip

    return single(seen[wrong], word, int(known.sum()), not_checked={"no neighbouring year": int((~known).sum())})


def lonely_zero(table: Table, rule: Rule) -> Hits:
    """A zero between two years whose values are both above `neighbours`: often a missing value."""
    seen = table.of_scope(rule)
    before, after = table.before, table.after
    inside = seen & (before != NOWHERE) & (after != NOWHERE)
    least = rule.parameters["neighbours"]
    wrong = inside & (table.value == 0) & (table.value[before] > least) & (table.value[after] > least)

    def word(place: int) -> Said:
        around = f"{number(table.value[before[place]])} and {number(table.value[after[place]])}"
        return Said("a value, or an empty cell", "0", around)

    return single(np.flatnonzero(wrong), word, int(inside.sum()))


def padded(table: Table, _rule: Rule) -> Hits:
    """A value with blanks around it in its cell."""
    if v.PADDED not in table.frame:
        return none(len(table))

    def word(place: int) -> Said:
        return Said("the number alone", f"{number(table.value[place])} with blanks")

    return single(np.flatnonzero(table.column(v.PADDED)), word, len(table))


def too_precise(table: Table, rule: Rule) -> Hits:
    """A value with more decimals than any survey can give: more than `most`."""
    seen = table.of_scope(rule)
    decimals = shown_decimals(table.value) if v.PRINTED not in table.frame else table.column(v.PRINTED)
    wrong = seen & (decimals > rule.parameters["most"])

    def word(place: int) -> Said:
        return Said(f"at most {rule.parameters['most']} decimals", f"{decimals[place]} decimals")

    return single(np.flatnonzero(wrong), word, int(seen.sum()))
