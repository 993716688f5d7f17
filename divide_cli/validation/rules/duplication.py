"""Rules on columns that were copied: an indicator with the figures of another in all groups."""

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule, catalogue
from divide_cli.validation.rules.chunking import blocks
from divide_cli.validation.rules.order import matches
from divide_cli.validation.rules.submission import Array, Table
from divide_cli.validation.rules.totals import EXACT
from divide_cli.validation.rules.violations import Hits, Said, none, number


def copied_across(table: Table, rule: Rule) -> Hits:
    """An indicator repeats the values of another of the same key and year, group by group: one column was copied.

    Only values with decimals count: `least` of them, of which `distinct` differ, and `share` of the copy's. One case.
    """
    indicator, by = table.digits[v.INDICATOR], len(table.digits[v.INDICATOR].codes)
    found = [_pairs(block, rule, start) for start, block in blocks(table)]
    if not found:
        return none()
    own, other = (np.concatenate([part[side] for part in found]) for side in (0, 1))
    whole = np.sum([count for _, _, count in found], axis=0)
    checked = int(whole.sum())
    pair = indicator.places[own].astype(np.int64) * by + indicator.places[other]
    members = []
    for code in np.unique(pair):
        here = np.unique(own[pair == code])
        enough = len(here) >= rule.parameters["least"] and len(here) >= rule.parameters["share"] * whole[code // by]
        if enough and len(np.unique(table.value[here])) >= rule.parameters["distinct"]:
            members.append((here, indicator.codes[code % by]))
    if not members:
        return none(checked)

    def word(case: int) -> Said:
        copies, original = members[case]
        values = ", ".join(number(value) for value in table.value[copies[:4]])
        name = catalogue().indicators[original].short
        return Said("figures of its own", values, name, others=tuple(copies.tolist()))

    flags = np.zeros(len(table), dtype=bool)
    flags[np.concatenate([copies for copies, _ in members])] = True
    lines = [copies[np.argmin(table.order[copies])] for copies, _ in members]
    return Hits(np.array(lines).reshape(-1, 1), word, checked, flags=flags)


def _pairs(table: Table, rule: Rule, start: int) -> tuple[Array, Array, Array]:
    """The values that stand under an earlier row's indicator too, their originals, and the values of each indicator.

    The places are those of the table of which this is a block that begins at `start`.
    """
    seen = np.flatnonzero(table.of_scope(rule) & (table.half < 0.5 - EXACT) & (table.value > 0))
    seen = seen[(table.value[seen] % 100) != 0]
    indicator = table.digits[v.INDICATOR]
    count = np.bincount(indicator.places[seen], minlength=len(indicator.codes))
    if len(indicator.codes) < 2 or not len(seen):
        return seen[:0], seen[:0], count
    bare = table.key[seen] - indicator.places[seen].astype(np.int64) * indicator.stride
    own, other = (seen[rows] for rows in matches(bare, bare, table.value[seen]))
    later = table.order[own] > table.order[other]
    return own[later] + start, other[later] + start, count
