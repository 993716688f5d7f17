"""Rules on columns that were copied: an indicator with the figures of another in all groups."""

import numpy as np

from divide_cli import vocab as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.rules.hits import Hits, Said, none, number
from divide_cli.rules.order import matches
from divide_cli.rules.parts import EXACT
from divide_cli.rules.table import Table


def copied_across(table: Table, rule: Rule) -> Hits:
    """An indicator repeats the values of another of the same key and year, group by group: one column was copied.

    Only values with decimals count: `least` of them, of which `distinct` differ, and `share` of the copy's. One case.
    """
    seen = np.flatnonzero(table.of_scope(rule) & (table.half < 0.5 - EXACT) & (table.value > 0))
    seen = seen[(table.value[seen] % 100) != 0]
    indicator = table.digits[v.INDICATOR]
    if len(indicator.codes) < 2 or not len(seen):
        return none(len(seen))
    bare = table.key[seen] - indicator.places[seen].astype(np.int64) * indicator.stride
    own, other = matches(bare, bare, table.value[seen])
    of, by = indicator.places[seen], len(indicator.codes)
    own, other = (rows[table.order[seen[own]] > table.order[seen[other]]] for rows in (own, other))
    pair = of[own].astype(np.int64) * by + of[other]
    whole = np.bincount(of, minlength=by)
    members = []
    for code in np.unique(pair):
        here = np.sort(np.unique(own[pair == code]))
        enough = len(here) >= rule.parameters["least"] and len(here) >= rule.parameters["share"] * whole[code // by]
        if enough and len(np.unique(table.value[seen[here]])) >= rule.parameters["distinct"]:
            members.append((seen[here], indicator.codes[code % by]))
    if not members:
        return none(len(seen))

    def word(case: int) -> Said:
        copies, original = members[case]
        values = ", ".join(number(value) for value in table.value[copies[:4]])
        name = catalogue().indicators[original].short
        return Said("figures of its own", values, name, others=tuple(copies.tolist()))

    flags = np.zeros(len(table), dtype=bool)
    flags[np.concatenate([copies for copies, _ in members])] = True
    lines = [copies[np.argmin(table.order[copies])] for copies, _ in members]
    return Hits(np.array(lines).reshape(-1, 1), word, len(seen), flags=flags)
