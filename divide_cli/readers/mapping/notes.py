"""Notes of providers -> what they say of ages and of the reference period, in one form: `age 16-74; last 12 months`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from divide_cli.readers.mapping.raw_rows import TextColumn


def structured(column: TextColumn, patterns: Sequence[Mapping[str, Any]]) -> TextColumn:
    """For each note what the patterns find in it, in their order; empty where they find nothing.

    A pattern is an entry `{pattern, says}` of the dataflow; `says` may take the groups of the pattern ({1}, {2}).
    """
    known = [(re.compile(entry["pattern"], re.IGNORECASE), entry["says"]) for entry in patterns]
    return TextColumn(column.codes, [_said(text, known) for text in column.values])


def _said(text: str, patterns: Sequence[tuple[re.Pattern[str], str]]) -> str:
    met: dict[str, str] = {}
    for pattern, wording in patterns:
        found = pattern.search(text)
        if found:
            kind = wording.partition(" ")[0]
            met.setdefault(kind, wording.format(found[0], *found.groups()))
    return "; ".join(met.values())
