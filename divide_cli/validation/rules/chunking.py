"""Rules asked of some areas at a time, so that what they work out of a long file stays small.

Only kinds whose cases lie within one area (and one further breakdown) each may be asked so: the places of a block are
those of whole areas, and the cases of all blocks together are those of the file.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from divide_cli import concepts as v
from divide_cli.catalogue import Rule
from divide_cli.validation.rules.submission import NOWHERE, Array, Digit, Table
from divide_cli.validation.rules.violations import Hits, Said, none

Kind = Callable[[Table, Rule], Hits]
SIZE = 1 << 19
"""Places of a block, give or take an area."""


def blocks(table: Table) -> Iterator[tuple[int, Table]]:
    """The table in parts of whole areas, each with the place at which it begins."""
    stride, start = table.digits[v.REF_AREA].stride, 0
    while start < len(table):
        stop = len(table)
        if start + SIZE < stop:
            following = (int(table.key[start + SIZE]) // stride + 1) * stride
            stop = int(np.searchsorted(table.key, following))
        yield start, table if stop - start == len(table) else _part(table, start, stop)
        start = stop


def _part(table: Table, start: int, stop: int) -> Table:
    """The places from `start` to `stop` as a table of their own; what the table has worked out is not done again."""
    here = slice(start, stop)
    digits = {name: Digit(digit.codes, digit.places[here], digit.stride) for name, digit in table.digits.items()}
    arrays = {name: getattr(table, name)[here] for name in ("order", "key", "value", "year", "gated")}
    made = replace(table, digits=digits, **arrays)
    made.__dict__.update({name: getattr(table, name)[here] for name in ("series", "half", "usable")})
    return made


def by_area(kind: Kind) -> Kind:
    """The kind, asked block by block."""

    def asked(table: Table, rule: Rule) -> Hits:
        return _joined(table, [(start, kind(block, rule)) for start, block in blocks(table)])

    return asked


def slices(places: Array) -> Iterator[Array]:
    """The places in parts that are small enough to work with."""
    for start in range(0, len(places), SIZE):
        yield places[start : start + SIZE]


def whole_groups(group: Array) -> Iterator[slice]:
    """Parts of groups in ascending order, each of whole groups."""
    start = 0
    while start < len(group):
        last = group[min(start + SIZE, len(group)) - 1]
        stop = int(np.searchsorted(group, last, side="right"))
        yield slice(start, stop)
        start = stop


def _joined(table: Table, parts: Sequence[tuple[int, Hits]]) -> Hits:
    """The cases of all blocks as cases of the table."""
    if len(parts) == 1:
        return parts[0][1]
    not_checked: dict[str, int] = {}
    for _, hits in parts:
        for why, count in hits.not_checked.items():
            not_checked[why] = not_checked.get(why, 0) + count
    checked = sum(hits.checked for _, hits in parts)
    held = [(start, hits) for start, hits in parts if len(hits)]
    if not held:
        return none(checked, not_checked=not_checked)
    ends = np.cumsum([len(hits) for _, hits in held])
    places = np.full((int(ends[-1]), max(hits.places.shape[1] for _, hits in held)), NOWHERE, dtype=np.intp)
    flags = np.zeros(len(table), dtype=bool) if any(hits.flags is not None for _, hits in held) else None
    for end, (start, hits) in zip(ends.tolist(), held, strict=True):
        own = np.where(hits.places == NOWHERE, NOWHERE, hits.places + start)
        places[end - len(hits) : end, : own.shape[1]] = own
        if hits.flags is not None and flags is not None:
            flags[start : start + len(hits.flags)] = hits.flags

    def word(case: int) -> Said:
        at = int(np.searchsorted(ends, case, side="right"))
        start, hits = held[at]
        said = hits.word(case - int(ends[at]) + len(hits))
        return replace(said, others=[place if place == NOWHERE else place + start for place in said.others])

    return Hits(places, word, checked, not_checked, held[0][1].column, flags)
