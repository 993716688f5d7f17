"""Queries: one indicator, what is compared, and the subgroups named, checked against those that figures have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.values import in_totals
from divide_cli.catalogue import Comparison, catalogue, codelist, is_economy
from divide_cli.errors import OptionError, suggestion
from divide_cli.frames.columns import Mask
from divide_cli.language import commas, say

PRESENT = 85.0
"""The percentage of subgroups without an order that must have a value; of an order, every one must.

WHO, Health inequality monitoring, rules for several subgroups.
"""


@dataclass(frozen=True)
class Query:
    """One indicator over one dimension, one grouping of areas, or the areas themselves (REF_AREA).

    `order` names the subgroups from the most to the least disadvantaged; it is empty if they have no order. `reference`
    is chosen in place of that of the comparison or of the order. The subgroups of `without` are left out.
    """

    indicator: str
    over: str
    comparison: Comparison | None = None
    order: tuple[str, ...] = ()
    reference: str = ""
    without: tuple[str, ...] = ()

    @property
    def ranks(self) -> tuple[str, ...]:
        """The order without the subgroups that are left out."""
        return self.kept(self.order)

    def kept(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes that are not left out."""
        return tuple(code for code in codes if code not in self.without)

    @property
    def sides(self) -> tuple[str, str] | None:
        """The reference and the compared subgroup of the comparison; its compared one as the reference swaps them."""
        if self.comparison is None:
            return None
        one, other = self.comparison.reference, self.comparison.compared
        reference = self.reference or one
        return reference, one if reference == other else other

    def rows_behind(self, frame: pd.DataFrame, groups: Mask, dimensions: Sequence[str]) -> Mask:
        """Selects the observations of economies that are compared unchanged; those of groups are always taken."""
        if self.over == v.REF_AREA:
            return ~groups
        over = self.over_in(dimensions)
        if over in (*v.DIMENSIONS, *dimensions):
            return np.asarray(~frame[over].isin((v.TOTAL, v.NOT_APPLICABLE)).to_numpy())
        return np.zeros(len(frame), dtype=bool)

    def over_in(self, dimensions: Sequence[str]) -> str:
        """What is compared, spelled as the further dimension that it names in any case."""
        return next((name for name in dimensions if name.casefold() == self.over.casefold()), self.over)

    def suffices(self, present: int, expected: int) -> bool:
        """Whether enough subgroups have a value: every one of an order, else PRESENT percent of those expected."""
        return 100 * present >= (100.0 if self.ranks else PRESENT) * expected


def codes_of(over: str, column: "pd.Series[str]") -> tuple[str, ...]:
    """The codes expected in a dimension: the listed ones without totals if it is closed, otherwise those that occur."""
    if over in v.DIMENSIONS:
        return tuple(code for code in codelist(f"CL_{over}").codes if code not in (v.TOTAL, v.NOT_APPLICABLE))
    return tuple(sorted(set(column.astype(str))))


def known_subgroups(query: Query, values: pd.DataFrame, dimensions: Sequence[str]) -> set[str]:
    """The subgroups that figures have, in any area and year, or that a closed list has; none without a figure."""
    over = query.over
    found = values[in_totals(values, query.indicator, dimensions, over)] if len(values) else values
    if not len(found):
        return set()
    if over in catalogue().groupings:
        known = set(catalogue().groupings[over].codes)
    else:
        known = set(found[over].astype(str)) - {v.TOTAL, v.NOT_APPLICABLE}
        known = {code for code in known if over != v.REF_AREA or is_economy(code)}
    if over in v.DIMENSIONS and over != v.AGE:
        known |= set(codes_of(over, found[over]))
    return known


def require_known(query: Query, known: set[str]) -> None:
    """Raises OptionError if the query names a subgroup that is not known, unless there are none at all."""
    if not known:
        return
    listed = known | set(query.order)
    choices = {"--order": (query.ranks, known), "--without": (query.without, listed)}
    choices["--reference"] = ((query.reference,) if query.reference else (), known)
    for option, (codes, allowed) in choices.items():
        if unknown := [code for code in codes if code not in allowed]:
            meant = suggestion(unknown[0], sorted(known))
            parts = {"expected": in_short(sorted(known)), "found": commas(unknown), "codes": ",".join(unknown)}
            code = "order_unknown" if option == "--order" else "subgroup_unknown"
            raise OptionError(code, where=option, meant=f"{meant} " if meant else "", **parts)


def in_short(codes: Sequence[str], most: int = 20) -> str:
    """The codes, and how many more there are."""
    return commas(codes[:most]) + (say(" and {count} more", count=len(codes) - most) if len(codes) > most else "")
