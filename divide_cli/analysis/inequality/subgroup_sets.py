"""Subgroup sets: the subgroups of one query in one area, year and edition, as arrays for the measures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.measures.subgroups import Array, Subgroups
from divide_cli.analysis.values import in_totals
from divide_cli.catalogue import Comparison, catalogue, codelist, is_economy
from divide_cli.catalogue.codelists import age_span
from divide_cli.errors import OptionError, suggestion
from divide_cli.frames.bounds import Bounded, cut_to_tenths
from divide_cli.frames.columns import Mask
from divide_cli.sources.groupings import Membership

PRESENT = 85.0
"""The percentage of subgroups that must have a value: WHO, Health inequality monitoring, rules for several subgroups.
"""
_NUMBERS = {
    "values": v.OBS_VALUE, "lower": v.BOUND_LOWER, "upper": v.BOUND_UPPER, "persons": v.POPULATION, "errors": v.ERROR,
}  # fmt: skip
"""The arrays of a set, and the columns that they are."""
_WITHIN = "WITHIN"
"""The area whose subgroups are compared."""


@dataclass(frozen=True)
class Query:
    """One indicator over one dimension, one grouping of areas, or the areas themselves (REF_AREA).

    `order` names the subgroups from the most to the least disadvantaged; it is empty if they have no order.
    """

    indicator: str
    over: str
    comparison: Comparison | None = None
    order: tuple[str, ...] = ()

    def rows_behind(self, frame: pd.DataFrame, groups: Mask, dimensions: Sequence[str]) -> Mask:
        """Selects the observations of economies that are compared unchanged; those of groups are always taken."""
        if self.over == v.REF_AREA:
            return ~groups
        if self.over in (*v.DIMENSIONS, *dimensions):
            return np.asarray(~frame[self.over].isin((v.TOTAL, v.NOT_APPLICABLE)).to_numpy())
        return np.zeros(len(frame), dtype=bool)


class NoValue(Enum):
    """Why a measure has no value; the value of a member is the status of its row."""

    FEW_SUBGROUPS = (v.WITHHELD, "too few subgroups have a value")
    LOW_COVERAGE = (v.WITHHELD, "the coverage is below the minimum")
    SIDE_MISSING = (v.WITHHELD, "a side has no value")
    NO_PEOPLE = (v.MISSING, "no people in any subgroup")
    NO_POPULATION = (v.MISSING, "the people of a subgroup are unknown")
    NOT_APPLICABLE = (v.MISSING, "the measure does not apply to these subgroups")
    UNDEFINED = (v.MISSING, "the formula is undefined")

    @property
    def status(self) -> str:
        """The OBS_STATUS of a row without a value for this reason."""
        return self.value[0]


@dataclass(frozen=True)
class Absence:
    """Why there is no value, with the wording for the row's comment."""

    reason: NoValue
    text: str


@dataclass(frozen=True)
class SubgroupSet:
    """The subgroups of a query in one area, year and edition; arrays have one entry a subgroup, NaN if unknown.

    `expected` is the number of subgroups there should be. `coverage` is the percentage of people whose subgroup has a
    value, NaN if the people of a subgroup are unknown; below `minimum` percent, measures are withheld. `overlap` names
    two age bands in which people would be counted twice.
    """

    query: Query
    area: str
    year: int
    edition: str
    basis: str
    codes: tuple[str, ...]
    values: Array
    lower: Array
    upper: Array
    persons: Array
    errors: Array
    expected: int
    coverage: float
    minimum: float
    estimated: bool
    membership: str
    weights: str
    source: str
    overlap: str = ""

    @property
    def present(self) -> int:
        """The number of subgroups with a value."""
        return int((~np.isnan(self.values)).sum())

    @cached_property
    def withheld(self) -> Absence | None:
        """Why all measures of the set are withheld; None if they are not."""
        if self.expected and 100 * self.present < PRESENT * self.expected:
            text = f"withheld: {self.present} of {self.expected} subgroups have a value"
            return Absence(NoValue.FEW_SUBGROUPS, text)
        if self.coverage < self.minimum:
            text = f"withheld: coverage {cut_to_tenths(self.coverage):.1f} % is below {self.minimum:g} %"
            return Absence(NoValue.LOW_COVERAGE, text)
        return None

    @cached_property
    def uncounted(self) -> Absence | None:
        """Why measures that count people cannot be computed, with the subgroups whose people are unknown; None if they
        can.
        """
        unknown = [code for code, persons in zip(self.codes, self.persons, strict=True) if np.isnan(persons)]
        if unknown:
            names = "any subgroup" if len(unknown) == len(self.codes) else ", ".join(unknown)
            return Absence(NoValue.NO_POPULATION, f"not computable: no population for {names}")
        if not self.persons.sum():
            return Absence(NoValue.NO_PEOPLE, "not computable: no people in any subgroup")
        return None

    def place(self, code: str) -> int | None:
        """The position of a subgroup; None if it is absent."""
        return self.codes.index(code) if code in self.codes else None

    @cached_property
    def sides(self) -> tuple[int, int] | None:
        """The positions of the reference and the compared subgroup; None if none are named or one is absent."""
        comparison = self.query.comparison
        if comparison is None:
            return None
        reference, compared = self.place(comparison.reference), self.place(comparison.compared)
        return None if reference is None or compared is None else (reference, compared)

    def side(self, place: int) -> tuple[Bounded, Array]:
        """The value of one subgroup with its bounds, and its people, as arrays of one."""
        lower, value, upper, persons = (x[[place]] for x in (self.lower, self.values, self.upper, self.persons))
        return Bounded(lower, value, upper), persons

    def subgroups(self, values: Array | None = None) -> Subgroups:
        """The subgroups in the form that measures take, with other values if given."""
        comparison, indicator = self.query.comparison, catalogue().indicators[self.query.indicator]
        maximum = catalogue().units[indicator.unit].maximum
        total = self.persons.sum()
        return Subgroups(
            self.values if values is None else values,
            self.persons / total if total else np.full(len(self.persons), np.nan),
            self.place(comparison.reference) if comparison else None,
            self.sides[1] if self.sides else None,
            bool(self.query.order),
            indicator.direction == "adverse",
            np.inf if maximum is None else maximum,
        )


def subgroup_sets_of(
    values: pd.DataFrame, query: Query, dimensions: Sequence[str], members: Membership, minimum: float
) -> list[SubgroupSet]:
    """The subgroup sets of the values of one edition, by area and year.

    `values` come from pipeline.values_of. Over a dimension, each area is separate. Over a grouping or REF_AREA, the
    area is the group whose members or groups are compared (the world, and for REF_AREA every group with a member).
    """
    if not len(values):
        return []
    over, further = query.over, (*v.DIMENSIONS, *dimensions)
    frame = values[in_totals(values, query.indicator, dimensions, over)].reset_index(drop=True)
    areas = frame[v.REF_AREA]
    if over in further:
        frame = frame.assign(**{_WITHIN: areas})[~frame[over].isin((v.TOTAL, v.NOT_APPLICABLE)).to_numpy()]
        codes = _in_order_of_age(frame[over].astype(str)) if over == v.AGE else _codes_of(over, frame[over])
        return list(_sets(frame, query, over, codes, minimum))
    if over != v.REF_AREA:
        if over not in (groupings := catalogue().groupings):
            expected = (*further, *groupings, v.REF_AREA)
            parts = {"expected": ", ".join(expected), "found": over, "hint": suggestion(over, expected)}
            raise OptionError("option_value_unknown", where="--over", **parts)
        codes = groupings[over].codes
        frame = frame[areas.isin(codes).to_numpy()].assign(**{_WITHIN: v.WORLD})
        return list(_sets(frame, query, v.REF_AREA, codes, minimum))
    combined = frame[(frame[v.BASIS] == "combined").to_numpy()]
    coverage = combined.set_index([v.REF_AREA, v.TIME_PERIOD])[v.COVERAGE].to_dict()
    counted = frame[areas.map(is_economy).astype(bool).to_numpy() & frame[v.POPULATION].notna().to_numpy()]
    sets: list[SubgroupSet] = []
    for group, inside in members.groups.items():
        part = counted[counted[v.REF_AREA].isin(list(inside)).to_numpy()]
        part = part.assign(**{_WITHIN: group, v.MEMBERSHIP: members.label})
        sets += _sets(part, query, over, (), minimum, coverage)
    return sets


def _codes_of(over: str, column: "pd.Series[str]") -> tuple[str, ...]:
    """The codes expected in a dimension: the listed ones without totals if it is closed, otherwise those that occur."""
    if over in v.DIMENSIONS:
        return tuple(code for code in codelist(f"CL_{over}").codes if code not in (v.TOTAL, v.NOT_APPLICABLE))
    return tuple(sorted(set(column.astype(str))))


def _in_order_of_age(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(codes), key=lambda code: age_span(code) or (0, 0)))


def _overlap(codes: Iterable[str]) -> str:
    """`Y60T69 and Y_GE60`, the first two age bands that overlap; empty if none do."""
    for one, other in pairwise(_in_order_of_age(codes)):
        spans = age_span(one), age_span(other)
        if spans[0] and spans[1] and spans[1][0] <= spans[0][1]:
            return f"{one} and {other}"
    return ""


def _expected(bands: Sequence[str], present: Iterable[str]) -> tuple[str, ...]:
    """The age bands of a year: those `present`, and those of other years that overlap none of them."""
    expected = list(_in_order_of_age(present))
    if not _overlap(expected):
        for band in bands:
            if not _overlap([*expected, band]):
                expected.append(band)
    return _in_order_of_age(expected)


def _sets(
    frame: pd.DataFrame,
    query: Query,
    over: str,
    codes: Sequence[str],
    minimum: float,
    coverage: Mapping[Any, float] | None = None,
) -> Iterator[SubgroupSet]:
    """One set for each basis, area (WITHIN) and year; `coverage` is that of the areas where it is known otherwise."""
    by = [v.EDITION, v.BASIS, _WITHIN, v.TIME_PERIOD]
    for (edition, basis, area, year), rows in frame.groupby(by, observed=True, sort=True):
        codes_here = rows[over].astype(str).to_numpy()
        expected = list(query.order or (_expected(codes, codes_here) if over == v.AGE else codes))
        order = [int(np.flatnonzero(codes_here == code)[0]) for code in expected if code in codes_here]
        part = rows.iloc[order] if expected else rows.sort_values(v.REF_AREA, kind="stable")
        present = part[v.OBS_VALUE].notna().to_numpy()
        if not len(part) or not (present.any() or expected):
            continue
        covered = (coverage or {}).get((area, year), _coverage(part))
        if 100 * present.sum() >= PRESENT * len(expected):  # or it is withheld, with bounds of all
            part = part[present]
        columns: dict[str, Any] = {field: part[name].to_numpy(dtype=np.float64) for field, name in _NUMBERS.items()}
        yield SubgroupSet(
            query,
            str(area),
            int(str(year)),
            str(edition),
            str(basis),
            tuple(part[over].astype(str)),
            **columns,
            expected=len(expected),
            coverage=covered,
            minimum=minimum,
            estimated=bool((part[v.OBS_STATUS] == v.ESTIMATED).any()),
            membership=str(part[v.MEMBERSHIP].iloc[0]),
            weights=str(part[v.COUNTS].iloc[int(np.argmax(~np.isnan(columns["persons"])))]),
            source=str(part[v.SOURCE].iloc[0]),
            overlap=_overlap(part[over].astype(str)) if over == v.AGE else "",
        )


def _coverage(part: pd.DataFrame) -> float:
    """The percentage of people whose subgroup has a value; NaN if that of a subgroup, or its people, are unknown.

    The coverage of a published group is unknown. Without a figure, it is 0.
    """
    persons, coverage = (part[name].to_numpy(dtype=np.float64) for name in (v.POPULATION, v.COVERAGE))
    covered = np.where(part[v.OBS_VALUE].isna().to_numpy() & np.isnan(coverage), 0.0, coverage)
    return float(persons @ covered / persons.sum()) if persons.sum() else float("nan")
