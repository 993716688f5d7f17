"""Rules on percentages that were given as fractions: of an indicator, or of one part of it."""

from collections.abc import Sequence

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.validation.rules.submission import NOWHERE, Array, Table
from divide_cli.validation.rules.violations import Hits, Said, none, number

_TWO_DECIMALS = 0.005 + 1e-9
"""Half a unit of the second decimal, from which on values are written as fractions are."""


def fractions(table: Table, rule: Rule) -> Hits:
    """All values of an indicator lie between 0 and 1 where the unit is percent: shares were given as fractions.

    Parameters: `least`, the number of values that it takes, `reach`, what the greatest must exceed; most of the values
    must have two decimals or more, which percentages below 1 seldom have. `whole`: only where no other value of the
    scope exceeds 1 either, and a year after `since` has one.
    """
    seen = table.of_scope(rule)
    places = table.digits[v.INDICATOR].places
    size = len(table.digits[v.INDICATOR].codes)
    count = np.bincount(places[seen], minlength=size)
    above = np.bincount(places[seen & (table.value > 1)], minlength=size)
    reach = np.bincount(places[seen & (table.value > rule.parameters["reach"])], minlength=size)
    precise = np.bincount(places[seen & (table.half <= _TWO_DECIMALS)], minlength=size)
    wrong = (count >= rule.parameters["least"]) & (above == 0) & (reach > 0) & (2 * precise > count)
    if rule.parameters.get("whole"):
        wrong &= not (above.any() or (table.year[seen] <= rule.parameters.get("since", 0)).all())
    members = [np.flatnonzero(seen & (places == index)) for index in np.flatnonzero(wrong)]
    return _of_groups(table, members, int((count > 0).sum()))


def _of_groups(table: Table, members: Sequence[Array], checked: int) -> Hits:
    """One case for the places of each group, with the range of its values."""
    if not members:
        return none(checked)

    def word(case: int) -> Said:
        values = table.value[members[case]]
        found = f"{number(values.min())} to {number(values.max())}"
        return Said("0 to 100", found, f"{len(values):,}", others=members[case])

    flags = np.zeros(len(table), dtype=bool)
    flags[np.concatenate(members)] = True
    heads = np.array([[rows[0]] for rows in members], dtype=np.intp)
    return Hits(heads, word, checked, flags=flags)


def part_fractions(table: Table, rule: Rule) -> Hits:
    """All values of one part (women, say) of an indicator lie between 0 and 1, and a hundredfold they fit the totals.

    Parameters: `dimension` of the part; `least`, the number of values above 0 with a total that it takes, most of which
    must have two decimals or more; `near`, how far (PP) at the median a hundred times such a value may be from the
    total, which must be above 1. Where a network has not come yet, the values are zeros and no fractions.
    """
    dimension, indicator = table.digits[rule.parameters["dimension"]], table.digits[v.INDICATOR]
    seen = np.flatnonzero(table.of_scope(rule) & (dimension.places != dimension.place(v.TOTAL)))
    group = indicator.places[seen].astype(np.int64) * len(dimension.codes) + dimension.places[seen]
    small = np.bincount(group, weights=table.value[seen] > 1) == 0
    members = []
    for one in np.flatnonzero(small & (np.bincount(group) > 0)):
        places = seen[group == one]
        whole = table.partner(places, rule.parameters["dimension"], v.TOTAL)
        told = (whole != NOWHERE) & (table.value[places] > 0)
        paired, totals = places[told], table.value[whole[told]]
        precise = int((table.half[paired] <= _TWO_DECIMALS).sum())
        if len(paired) < rule.parameters["least"] or 2 * precise <= len(paired) or (totals <= 1).any():
            continue
        if np.median(np.abs(100 * table.value[paired] - totals)) <= rule.parameters["near"]:
            members.append(places)
    return _of_groups(table, members, len(np.unique(group)))
