"""Subgroup sets: the subgroups of one query in one area, year and edition, as arrays for the measures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.inequality.query import Query, codes_of
from divide_cli.analysis.measures.subgroups import Array, Subgroups
from divide_cli.analysis.panel import Panel
from divide_cli.analysis.values import in_totals
from divide_cli.catalogue import catalogue, is_economy
from divide_cli.catalogue.codelists import age_span
from divide_cli.errors import OptionError, suggestion
from divide_cli.frames.bounds import Bounded, cut_to_tenths
from divide_cli.frames.schema import unit_limits
from divide_cli.language import commas, later, say
from divide_cli.sources.groupings import Membership

_NUMBERS = {
    "values": v.OBS_VALUE, "lower": v.BOUND_LOWER, "upper": v.BOUND_UPPER, "persons": v.POPULATION,
    "below": v.ERROR_BELOW, "above": v.ERROR_ABOVE, "freedom": v.FREEDOM,
    "reporters": v.REPORTERS, "areas": v.N_AREAS, "covered": v.COVERAGE,
}  # fmt: skip
"""The arrays of a set, and the columns that they are."""
_WITHIN = "WITHIN"
"""The area whose subgroups are compared."""


class NoValue(Enum):
    """Why a measure has no value; the value of a member is the status of its row."""

    FEW_SUBGROUPS = (v.WITHHELD, later("too few subgroups have a value"))
    LOW_COVERAGE = (v.WITHHELD, later("the coverage is below the minimum"))
    SIDE_MISSING = (v.WITHHELD, later("a side has no value"))
    NO_PEOPLE = (v.MISSING, later("no people in any subgroup"))
    NO_POPULATION = (v.MISSING, later("the people of a subgroup are unknown"))
    NOT_APPLICABLE = (v.MISSING, later("the measure does not apply to these subgroups"))
    UNDEFINED = (v.MISSING, later("the formula is undefined"))

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

    If too few of the `expected` subgroups have a value, the set has them all, with the limits of the unit as bounds of
    those without one; otherwise it has those with a value. `below` and `above` are the standard errors on the two sides
    of each value. `coverage` is the percentage of people whose subgroup has a value, NaN if the people of a subgroup
    are unknown. `least` is the lowest that the known people allow; below `minimum` percent, measures are withheld, and
    the set has all subgroups. `overlap` names two age bands in which people would be counted twice. `unranked` are
    codes of the figures that the order is without. `reporters` identify the economies behind each value, `areas` is
    their number and `covered` the coverage in percent; `panel` is the constant panel of the values, if any.
    `covariance` is that of the errors, shape (J, J), unless they are independent; `errors_text` says what it rests on,
    if covariances were given.
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
    below: Array
    above: Array
    freedom: Array
    reporters: Array
    areas: Array
    covered: Array
    expected: int
    coverage: float
    least: float
    minimum: float
    estimated: bool
    membership: str
    weights: str
    source: str
    overlap: str = ""
    unranked: tuple[str, ...] = ()
    panel: Panel | None = None
    covariance: Array | None = None
    errors_text: str = ""

    @cached_property
    def errors(self) -> Array:
        """The standard errors of the values: the mean of those below and above."""
        return np.asarray((self.below + self.above) / 2)

    @cached_property
    def uneven(self) -> Array | None:
        """The standard errors below and above, shape (2, J); None if they are the same."""
        even = np.array_equal(self.below, self.above, equal_nan=True)
        return None if even else np.stack([self.below, self.above])

    @property
    def present(self) -> int:
        """The number of subgroups with a value."""
        return int((~np.isnan(self.values)).sum())

    @cached_property
    def withheld(self) -> Absence | None:
        """Why all measures of the set are withheld; None if they are not."""
        if not self.query.suffices(self.present, self.expected):
            text = say(
                "withheld: {present} of {expected} subgroups have a value", present=self.present, expected=self.expected
            )
            if self.query.ranks:
                lacking = commas(code for code, y in zip(self.codes, self.values, strict=True) if np.isnan(y))
                text += say(", not {missing}; an order needs all", missing=lacking)
            return Absence(NoValue.FEW_SUBGROUPS, text)
        if self.least < self.minimum:
            least = say("{percent:.1f} %", percent=cut_to_tenths(self.least))
            known = (
                say("coverage {least} is", least=least)
                if not np.isnan(self.coverage)
                else say("the coverage may be only {least},", least=least)
            )
            return Absence(
                NoValue.LOW_COVERAGE, say("withheld: {known} below {minimum:g} %", known=known, minimum=self.minimum)
            )
        return None

    @cached_property
    def uncounted(self) -> Absence | None:
        """Why measures that count people cannot be computed, with the subgroups whose people are unknown; None if they
        can.
        """
        unknown = [code for code, persons in zip(self.codes, self.persons, strict=True) if np.isnan(persons)]
        if unknown:
            names = say("any subgroup") if len(unknown) == len(self.codes) else commas(unknown)
            return Absence(NoValue.NO_POPULATION, say("not computable: no population for {names}", names=names))
        if not self.persons.sum():
            return Absence(NoValue.NO_PEOPLE, say("not computable: no people in any subgroup"))
        return None

    def uncertainty(self, places: Sequence[int]) -> Array:
        """The standard errors of the subgroups at these places, shape (N,), or their covariance, shape (N, N)."""
        at = list(places)
        return self.errors[at] if self.covariance is None else self.covariance[np.ix_(at, at)]

    def place(self, code: str) -> int | None:
        """The position of a subgroup; None if it is absent."""
        return self.codes.index(code) if code in self.codes else None

    @cached_property
    def sides(self) -> tuple[int, int] | None:
        """The positions of the reference and the compared subgroup; None if there are none or one is absent.

        They are those of the comparison. Of two subgroups, they are the reference chosen, or the least disadvantaged
        one of an order, and the other.
        """
        codes = self.query.sides
        if codes is None:
            reference = self.query.reference or (self.codes[-1] if self.query.ranks else "")
            if reference not in self.codes or len(self.codes) != 2:
                return None
            codes = reference, next(code for code in self.codes if code != reference)
        places = self.place(codes[0]), self.place(codes[1])
        return None if places[0] is None or places[1] is None else (places[0], places[1])

    @cached_property
    def ends(self) -> tuple[int, int] | None:
        """The positions of the two subgroups that simple measures compare; None if the values decide.

        They are the sides. Of an order, they are the reference chosen, or the least disadvantaged subgroup, and the
        most disadvantaged one; a reference at that end is compared with the other.
        """
        last = len(self.codes) - 1
        if self.sides is not None or not self.query.ranks or last < 1:
            return self.sides
        reference = self.place(self.query.reference) if self.query.reference else last
        return None if reference is None else (reference, 0 if reference else last)

    @property
    def reference(self) -> str:
        """The code that measures with a reference are relative to; empty if the best value is."""
        if self.query.sides is not None or self.query.reference:
            return self.query.sides[0] if self.query.sides else self.query.reference
        return self.codes[self.ends[0]] if self.ends else ""

    @cached_property
    def unreferenced(self) -> Absence | None:
        """Why measures relative to the reference chosen have no value: it has none itself; None if they have one."""
        place = self.place(self.query.reference)
        if not self.query.reference or (place is not None and not np.isnan(self.values[place])):
            return None
        return Absence(
            NoValue.SIDE_MISSING,
            say("withheld: the reference {reference} has no value", reference=self.query.reference),
        )

    def side(self, place: int) -> tuple[Bounded, Array]:
        """The value of one subgroup with its bounds, and its people, as arrays of one."""
        lower, value, upper, persons = (x[[place]] for x in (self.lower, self.values, self.upper, self.persons))
        return Bounded(lower, value, upper), persons

    def subgroups(self, values: Array | None = None) -> Subgroups:
        """The subgroups in the form that measures take, with other values if given."""
        indicator = catalogue().indicators[self.query.indicator]
        maximum = catalogue().units[indicator.unit].maximum
        total, ends = self.persons.sum(), self.ends
        return Subgroups(
            self.values if values is None else values,
            self.persons / total if total else np.full(len(self.persons), np.nan),
            ends[0] if ends else self.place(self.reference),
            ends[1] if ends else None,
            bool(self.query.order),
            indicator.direction == "adverse",
            np.inf if maximum is None else maximum,
            bool(self.query.reference),
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
    whole = values[in_totals(values, query.indicator, dimensions, over)].reset_index(drop=True)
    frame = whole[~whole[over if over in further else v.REF_AREA].isin(query.without).to_numpy()]
    areas = frame[v.REF_AREA]
    if over in further:
        frame = frame.assign(**{_WITHIN: areas})[~frame[over].isin((v.TOTAL, v.NOT_APPLICABLE)).to_numpy()]
        codes = _in_order_of_age(frame[over].astype(str)) if over == v.AGE else query.kept(codes_of(over, frame[over]))
        return list(_sets(frame, query, over, codes, minimum))
    if over != v.REF_AREA:
        if over not in (groupings := catalogue().groupings):
            expected = (*further, *groupings, v.REF_AREA)
            parts = {"expected": commas(expected), "found": over, "hint": suggestion(over, expected)}
            raise OptionError("option_value_unknown", where="--over", **parts)
        codes = query.kept(groupings[over].codes)
        frame = frame[areas.isin(codes).to_numpy()].assign(**{_WITHIN: v.WORLD})
        return list(_sets(frame, query, v.REF_AREA, codes, minimum))
    combined = frame[(frame[v.BASIS] == "combined").to_numpy()]
    left_out = whole[whole[v.REF_AREA].isin(query.without).to_numpy()]
    counted = frame[areas.map(is_economy).astype(bool).to_numpy() & frame[v.POPULATION].notna().to_numpy()]
    sets: list[SubgroupSet] = []
    for group, inside in members.groups.items():
        part = counted[counted[v.REF_AREA].isin(list(inside)).to_numpy()]
        part = part.assign(**{_WITHIN: group, v.MEMBERSHIP: members.label})
        gone = left_out[left_out[v.REF_AREA].isin(list(inside)).to_numpy()]
        coverage = _coverage_of_rest(combined[(combined[v.REF_AREA] == group).to_numpy()], gone)
        sets += _sets(part, query, over, (), minimum, coverage)
    return sets


def _in_order_of_age(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(codes), key=lambda code: age_span(code) or (0, 0)))


def _overlap(codes: Iterable[str]) -> str:
    """`Y60T69 and Y_GE60`, the first two age bands that overlap; empty if none do."""
    for one, other in pairwise(_in_order_of_age(codes)):
        spans = age_span(one), age_span(other)
        if spans[0] and spans[1] and spans[1][0] <= spans[0][1]:
            return say("{one} and {other}", one=one, other=other)
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
    coverage: Mapping[int, float] | None = None,
) -> Iterator[SubgroupSet]:
    """One set for each basis, area (WITHIN) and year; `coverage` is that of the years where it is known otherwise."""
    by, ordered = [v.EDITION, v.BASIS, _WITHIN, v.TIME_PERIOD], frame.sort_values(v.REF_AREA, kind="stable")
    for (edition, basis, area, year), rows in ordered.groupby(by, observed=True, sort=True):
        row_of = {code: row for row, code in reversed(list(enumerate(rows[over].astype(str))))}
        expected = query.ranks or (_expected(codes, row_of) if over == v.AGE else tuple(codes))
        names = expected or tuple(rows[over].astype(str))
        part = rows.iloc[[row_of[code] for code in names if code in row_of]]
        present = part[v.OBS_VALUE].notna().to_numpy()
        strange = tuple(sorted(set(row_of) - set(query.ranks))) if query.ranks else ()
        if not (len(part) or strange) or not (present.any() or expected):
            continue
        told = part if len(part) else rows
        covered, least = _coverage(part, len(part) == len(names))
        covered = (coverage or {}).get(int(str(year)), covered)
        least = covered if not np.isnan(covered) else least
        enough = query.suffices(int(present.sum()), len(expected)) and not least < minimum
        if enough or not expected:  # or it is withheld, with bounds of all
            part = part[present]
            names = tuple(part[over].astype(str))
        columns = _columns(rows, [row_of.get(code, -1) for code in names], query.indicator)
        persons = told[v.POPULATION].notna().to_numpy()
        yield SubgroupSet(
            query,
            str(area),
            int(str(year)),
            str(edition),
            str(basis),
            names,
            **columns,
            expected=len(expected),
            coverage=covered,
            least=least,
            minimum=minimum,
            estimated=bool((part[v.OBS_STATUS] == v.ESTIMATED).any()),
            membership=str(told[v.MEMBERSHIP].iloc[0]),
            weights=str(told[v.COUNTS].iloc[int(np.argmax(persons))]),
            source=str(told[v.SOURCE].iloc[0]),
            panel=None,
            errors_text="",
            overlap=_overlap(part[over].astype(str)) if over == v.AGE else "",
            unranked=strange,
        )


def _columns(rows: pd.DataFrame, places: Sequence[int], indicator: str) -> dict[str, Array]:
    """The arrays of a set from the rows at these places, NaN at -1; without a value, bounds are the unit's limits."""
    at = np.array(places)
    columns: dict[str, Array] = {
        field: np.where(at < 0, np.nan, rows[name].to_numpy(dtype=np.float64)[at]) for field, name in _NUMBERS.items()
    }
    for field, (limit,) in zip(("lower", "upper"), unit_limits([indicator]), strict=True):
        open_ended = np.isnan(columns["values"]) & np.isnan(columns[field]) & np.isfinite(limit)
        columns[field] = np.where(open_ended, limit, columns[field])
    return columns


def _coverage(part: pd.DataFrame, complete: bool) -> tuple[float, float]:
    """The percentage of people whose subgroup has a value, and the least that it can be. `part` has a row for each
    subgroup if it is `complete`.

    The first is NaN if that of a subgroup, or its people, are unknown. Both are NaN for published groups, and if no
    people are known. Without a figure, the coverage of a subgroup is 0; without a row, its people are unknown too.
    The least takes any number of people for unknown ones: min(sum(P c) / sum(P) over those known, c of the others).
    """
    persons, coverage = (part[name].to_numpy(dtype=np.float64) for name in (v.POPULATION, v.COVERAGE))
    covered = np.where(part[v.OBS_VALUE].isna().to_numpy() & np.isnan(coverage), 0.0, coverage)
    known = ~np.isnan(persons)
    total = persons[known].sum()
    if not total:
        return np.nan, np.nan
    of_known = float(persons[known] @ covered[known] / total)
    if complete and known.all():
        return of_known, of_known
    return np.nan, float(np.min([of_known, *covered[~known], *([] if complete else [0.0])]))


def _coverage_of_rest(group: pd.DataFrame, left_out: pd.DataFrame) -> dict[int, float]:
    """The coverage of a group in each year without the people of some of its economies: (100 P_values) / P."""
    by_year = group.set_index(v.TIME_PERIOD)
    coverage = by_year[v.COVERAGE]
    if len(left_out):
        valued = left_out[left_out[v.OBS_VALUE].notna().to_numpy()]
        people = [
            rows.groupby(v.TIME_PERIOD)[v.POPULATION].sum().reindex(by_year.index, fill_value=0)
            for rows in (left_out, valued)
        ]
        covered = coverage * by_year[v.POPULATION] - 100 * people[1]
        coverage = covered / (by_year[v.POPULATION] - people[0])
    return {int(str(year)): float(percent) for year, percent in coverage.items()}
