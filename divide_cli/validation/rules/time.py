"""Rules on one key through the years: jumps, breaks, spikes, falls, gaps, repeated values, years filled down."""

from datetime import date

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, codelist
from divide_cli.validation.rules.chunking import slices, whole_groups
from divide_cli.validation.rules.submission import NOWHERE, Array, Floats, Mask, Table
from divide_cli.validation.rules.totals import EXACT, highest_so_far, medians, middles, quantiles, within
from divide_cli.validation.rules.values import said_apart
from divide_cli.validation.rules.violations import Hits, Said, none, number, single


def _following(table: Table, rule: Rule) -> Array:
    """The places of the scope that have an earlier year with a value."""
    return np.flatnonzero(table.of_scope(rule) & (table.before != NOWHERE))


def _change(table: Table, seen: Array) -> tuple[Array, Floats, Floats, Floats]:
    """For such places that of the earlier year, the years between, the change, and what rounding allows."""
    before = table.before[seen]
    span = (table.year[seen] - table.year[before]).astype(np.float64)
    change = table.value[seen] - table.value[before]
    return before, span, change, table.half[seen] + table.half[before]


def _step(table: Table, seen: Array, before: Array, case: int) -> Said:
    place, earlier = seen[case], before[case]
    was, year = number(table.value[earlier]), table.year[earlier]
    return Said(
        f"a value nearer to that of {year} ({was})",
        number(table.value[place]),
        f"{was} in {year}",
        others=(int(place), int(earlier)),
    )


def _year_of_area(table: Table, places: Array) -> Array:
    """A number for each indicator, area and year."""
    area, indicator = table.digits[v.REF_AREA], table.digits[v.INDICATOR]
    group = indicator.places[places].astype(np.int64) * len(area.codes) + area.places[places]
    return np.asarray(group * table.years + table.year[places].astype(np.int64) % table.years)


def _of_many(table: Table, jumps: Array, count: Array, rule: Rule) -> Mask:
    """Jumps in a year in which many series of the indicator and area jump: at least `many`, and `share` of them."""
    group = _year_of_area(table, jumps)
    jumping = np.bincount(group, minlength=len(count))
    many = (jumping >= rule.parameters["many"]) & (jumping >= rule.parameters["share"] * count)
    return np.asarray(many[group])


def jump(table: Table, rule: Rule) -> Hits:
    """A change of more than the tolerance (PP a year) from the last year with a value.

    `of`: `one` for a series that jumps by itself, `many` for a year in which many series of the indicator and area do
    (a case a year), `break` for a jump at which comment, status or citation change too: a break, not growth.
    """
    of, jumping, checked = rule.parameters["of"], [np.zeros(0, dtype=np.intp)], 0
    count = np.zeros(len(table.digits[v.INDICATOR].codes) * len(table.digits[v.REF_AREA].codes) * table.years, np.int32)
    for seen in slices(_following(table, rule)):
        before, span, change, room = _change(table, seen)
        jumping.append(seen[np.abs(change) - room > rule.tolerance * span + EXACT])
        checked += len(seen)
        if of != "break":
            count += np.bincount(_year_of_area(table, seen), minlength=len(count)).astype(np.int32)
    seen = np.concatenate(jumping)
    marked = said_apart(table, seen, table.before[seen])
    if of == "break":
        seen = seen[marked]
    else:
        seen = seen[~marked]
        many = _of_many(table, seen, count, rule)
        if of == "many":
            return _years(table, seen[many], checked)
        seen = seen[~many]
    before = table.before[seen]
    places = np.stack([seen, before], axis=1)
    return Hits(places, lambda case: _step(table, seen, before, case), checked)


def _years(table: Table, places: Array, checked: int) -> Hits:
    """One case for all places of an indicator, area and year."""
    if not len(places):
        return none(checked)
    area, indicator = table.digits[v.REF_AREA], table.digits[v.INDICATOR]
    group = (area.places[places].astype(np.int64) * len(indicator.codes) + indicator.places[places]) * table.years
    group = group + table.year[places]
    _, inverse = np.unique(group, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    members = np.split(places[order], np.flatnonzero(np.diff(inverse[order])) + 1)

    def word(case: int) -> Said:
        rows = members[case]
        change = table.value[rows] - table.value[table.before[rows]]
        return Said(
            "a mark that says what changed",
            f"{len(rows)} series, {change.min():+.3g} to {change.max():+.3g}",
            str(table.year[rows[0]]),
            others=tuple(rows.tolist()),
        )

    flags = np.zeros(len(table), dtype=bool)
    flags[places] = True
    return Hits(np.array([[rows[0]] for rows in members]), word, checked, flags=flags)


def spike(table: Table, rule: Rule) -> Hits:
    """A value that leaves both neighbouring years by more than the tolerance (PP a year), upwards or downwards.

    Parameters: where the neighbours differ by `returns` (PP) at most, it is enough to leave both by more than `alone`,
    however many years lie between.
    """
    seen = np.flatnonzero(table.of_scope(rule) & (table.before != NOWHERE) & (table.after != NOWHERE))
    before, after = table.before[seen], table.after[seen]
    up, down = table.value[seen] - table.value[before], table.value[seen] - table.value[after]
    back = (table.year[seen] - table.year[before]) * rule.tolerance
    on = (table.year[after] - table.year[seen]) * rule.tolerance
    room = table.half[seen] + np.maximum(table.half[before], table.half[after])
    wrong = (np.abs(up) - room > back + EXACT) & (np.abs(down) - room > on + EXACT)
    away = np.minimum(np.abs(up), np.abs(down)) - room > rule.parameters["alone"] + EXACT
    wrong |= away & (np.abs(up - down) <= rule.parameters["returns"] + EXACT)
    wrong &= up * down > 0
    places = np.stack([seen, before, after], axis=1)[wrong]

    def word(case: int) -> Said:
        place, earlier, later = places[case]
        around = f"{number(table.value[earlier])} in {table.year[earlier]} and {number(table.value[later])}"
        return Said(f"{around} in {table.year[later]}", number(table.value[place]))

    return Hits(places, word, len(seen))


def fall(table: Table, rule: Rule) -> Hits:
    """A fall of more than the tolerance (PP a year) where shares are known to grow.

    `regained`: only where a later year is as high again as the year before, so that nothing was given up.
    """
    seen = _following(table, rule)
    before, span, change, room = _change(table, seen)
    wrong = -change - room > rule.tolerance * span + EXACT
    if rule.parameters.get("regained"):
        wrong &= _highest_later(table)[seen] >= table.value[before] - room
    seen, before = seen[wrong], before[wrong]
    return Hits(np.stack([seen, before], axis=1), lambda case: _step(table, seen, before, case), len(span))


def _highest_later(table: Table) -> Floats:
    """The highest value of each place's series in later years."""
    usable = np.flatnonzero(table.usable)[::-1]
    made = np.full(len(table), -np.inf)
    made[usable] = highest_so_far(table.value[usable], table.series[usable])
    return made


def ratio(table: Table, rule: Rule) -> Hits:
    """Hidiroglou and Berthelot: a ratio to the year before that lies far out among those of its group.

    r = x_t / x_(t-1); s = 1 - m/r where r < m, else r/m - 1 (m: the median of r); E = s max(x_t, x_(t-1))^U; out where
    E lies more than C max(q, |A M|) from its median M, q being its distance to the quartile on that side. `among`:
    `group` (the series of the indicator in that year) or `history` (the other years of the series). Parameters: `least`
    ratios, C, A, U. Hidiroglou and Berthelot (1986).
    """
    history = rule.parameters["among"] == "history"
    met, groups = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int32)]
    for seen in slices(_following(table, rule)):
        before, span, change, room = _change(table, seen)
        yearly = (span == 1) & (table.value[seen] > 0) & (table.value[before] > 0) & (np.abs(change) > room)
        met.append(seen[yearly].astype(np.int32))
        groups.append(table.series[met[-1]] if history else _year_of_indicator(table, met[-1]))
    order = np.argsort(np.concatenate(groups), kind="stable")
    places, group = np.concatenate(met)[order], np.concatenate(groups)[order]
    far, checked, short = [places[:0]], 0, 0
    for here in whole_groups(group):
        wrong, enough = _far_out(table, places[here], group[here], rule)
        far.append(places[here][wrong])
        checked, short = checked + int(enough.sum()), short + int((~enough).sum())
    seen = np.sort(np.concatenate(far)).astype(np.intp)
    before = table.before[seen]
    not_checked = {f"fewer than {rule.parameters['least']} ratios to compare with": short}
    return Hits(np.stack([seen, before], axis=1), lambda case: _step(table, seen, before, case), checked, not_checked)


def _year_of_indicator(table: Table, places: Array) -> Array:
    """A number for each indicator and year."""
    indicator = table.digits[v.INDICATOR].places[places].astype(np.int32)
    return np.asarray(indicator * table.years + table.year[places].astype(np.int32) % table.years)


def _far_out(table: Table, seen: Array, group: Array, rule: Rule) -> tuple[Mask, Mask]:
    """Which of the ratios lie far out in their group, and which groups have enough of them."""
    _, inverse, count = np.unique(group, return_inverse=True, return_counts=True)
    settings = rule.parameters
    now, then = table.value[seen], table.value[table.before[seen]]
    rate = now / then
    middle = medians(rate, inverse, len(count))[inverse]
    centred = np.where(rate < middle, 1 - middle / rate, rate / middle - 1)
    effect = centred * np.maximum(now, then) ** settings["U"]
    ordered = within(effect, inverse)
    median = middles(ordered, count)[inverse]
    low, high = (quantiles(ordered, count, share)[inverse] for share in (0.25, 0.75))
    floor = np.abs(settings["A"] * median)
    far = settings["C"]
    wrong = (effect < median - far * np.maximum(median - low, floor)) | (
        effect > median + far * np.maximum(high - median, floor)
    )
    enough = (count >= settings["least"])[inverse]
    return wrong & enough & (np.abs(now - then) > rule.tolerance + EXACT), enough


def gap_in_years(table: Table, rule: Rule) -> Hits:
    """Years without a value between two that have one: more than the tolerance of them.

    Years whose rows a gate has set aside are not lacking.
    """
    seen = _following(table, rule)
    before = table.before[seen]
    missing = table.year[seen].astype(np.int64) - table.year[before] - 1
    aside = np.unique(table.key[table.gated & ~np.isnan(table.value)])
    between = np.searchsorted(aside, table.key[seen]) - np.searchsorted(aside, table.key[before], side="right")
    wrong = (missing > rule.tolerance) & (between == 0)
    places = np.stack([seen, before], axis=1)[wrong]

    def word(case: int) -> Said:
        place, earlier = places[case]
        return Said("a value for each year", f"nothing between {table.year[earlier]} and {table.year[place]}")

    return Hits(places, word, len(seen), column=v.TIME_PERIOD)


def repeated(table: Table, rule: Rule) -> Hits:
    """A value with decimals that is that of the year before, to the last decimal; 0 and values near the limit apart.

    Parameter `ceiling`: values from there on repeat by nature.
    """
    seen = _following(table, rule)
    before, span, _, _ = _change(table, seen)
    with_decimals = np.minimum(table.half[seen], table.half[before]) < 0.5 - EXACT
    value = table.value[seen]
    wrong = (span == 1) & with_decimals & (value == table.value[before]) & (value > 0)
    wrong &= value < rule.parameters["ceiling"]
    places = np.stack([seen, before], axis=1)[wrong]

    def word(case: int) -> Said:
        place, earlier = places[case]
        return Said(
            "a figure of its own",
            number(table.value[place]),
            f"{number(table.value[earlier])} in {table.year[earlier]}",
        )

    return Hits(places, word, len(seen))


def after_the_end(table: Table, rule: Rule) -> Hits:
    """A value of a year after the one in which the country ceased to exist, or before that of its beginning."""
    known, area = codelist("CL_AREA").rows, table.digits[v.REF_AREA]
    ends = [known[code].get("valid_to", "") if code in known else "" for code in area.codes]
    last = np.array([date.fromisoformat(end).year if end else 9999 for end in ends], dtype=np.int64)
    seen = table.of_scope(rule)
    wrong = seen & (table.year > last[area.places] if len(last) else False)

    def word(place: int) -> Said:
        return Said(f"no year after {last[area.places[place]]}", str(table.year[place]))

    return single(np.flatnonzero(wrong), word, int(seen.sum()), column=v.TIME_PERIOD)
