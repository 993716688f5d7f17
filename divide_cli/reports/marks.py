"""Marks beside a printed value, and what they mean."""

from collections.abc import Iterable, Sequence

import numpy as np

from divide_cli import concepts as v
from divide_cli.analysis.gaps import UNLIKE
from divide_cli.analysis.measures import ABOVE, BELOW, INSIDE, UNDETERMINED, Measured, in_band
from divide_cli.catalogue import catalogue
from divide_cli.reports.lookup import Row

ESTIMATE, DIFFERENT = "e", "*"
_BAND = {BELOW: "<", INSIDE: "=", ABOVE: ">", UNDETERMINED: "?", "": ""}


def marks(row: Row) -> str:
    """The marks of a row: `e` where estimates contribute, `*` where the sides rest on different economies, and where a
    score lies in the band of its measure."""
    estimate = ESTIMATE if row[v.OBS_STATUS] == v.ESTIMATED else ""
    return estimate + (DIFFERENT if UNLIKE in row[v.OBS_COMMENT] else "") + _place(row)


def _place(row: Row) -> str:
    known = catalogue()
    band = known.measures[row[v.MEASURE]].band if v.MEASURE in row else None
    if band is None or known.comparisons[known.gaps[row[v.GAP]].comparison].over != band.over:
        return ""
    score, *ends = (np.array([row[name]], dtype=float) for name in (v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER))
    return _BAND[str(in_band(Measured(score, ends[0], ends[1], np.isnan(score)), band)[0])]


def meanings(used: Iterable[str], measures: Sequence[str]) -> list[str]:
    """What the marks used mean, a sentence each."""
    found = set("".join(used))
    notes = ["*: the sides rest on different economies; OBS_COMMENT says on how many."] if DIFFERENT in found else []
    for band in {catalogue().measures[name].band for name in measures} - {None}:
        if band is not None and found & set("<=>?"):
            span = f"Parity is {band.lower} to {band.upper}"
            notes.append(f"{span}: = inside, < below, > above, ? undetermined by coverage or rounding.")
    return notes
