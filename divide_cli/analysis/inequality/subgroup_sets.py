"""Settings: the subgroups of one question in one area, year and edition, as arrays that measures are formed from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from divide_cli import concepts as v
from divide_cli.analysis.measures.subgroups import Array, Subgroups
from divide_cli.catalogue import Comparison, catalogue, codelist
from divide_cli.catalogue.ages import age_span
from divide_cli.sources.groupings import Membership

PRESENT = 85.0
"""Percent of the subgroups that must have a value: WHO, Health inequality monitoring, rules for several subgroups."""


@dataclass(frozen=True)
class Question:
    """One indicator over one dimension, one grouping of areas, or the areas themselves (REF_AREA).

    `order` names the subgroups from the most to the least disadvantaged; empty where they stand in no order.
    """

    indicator: str
    over: str
    comparison: Comparison | None = None
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Setting:
    """The subgroups of a question in one area, year and edition; arrays have one entry a subgroup, NaN where unknown.

    `expected` is how many subgroups there should be, `coverage` the percent of people whose subgroup has a value, NaN
    where not every subgroup's people are known. `overlap` names two age bands in which people would count twice.
    """

    question: Question
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
    estimated: bool
    membership: str
    weights: str
    source: str
    overlap: str = ""

    @property
    def known(self) -> bool:
        """Whether every subgroup that stands here has a value and people."""
        return not (np.isnan(self.values).any() or np.isnan(self.persons).any())

    def place(self, code: str) -> int | None:
        """The position of a subgroup, None where it is absent."""
        return self.codes.index(code) if code in self.codes else None

    def subgroups(self, values: Array | None = None) -> Subgroups:
        """The subgroups as measures take them, with other values where they are given."""
        comparison, indicator = self.question.comparison, catalogue().indicators[self.question.indicator]
        reference, compared = (
            (None, None) if comparison is None else (self.place(comparison.reference), self.place(comparison.compared))
        )
        maximum = catalogue().units[indicator.unit].maximum
        total = self.persons.sum()
        return Subgroups(
            self.values if values is None else values,
            self.persons / total if total else np.full(len(self.persons), np.nan),
            reference,
            compared if reference is not None else None,
            bool(self.question.order),
            indicator.direction == "adverse",
            np.inf if maximum is None else maximum,
        )


@dataclass(frozen=True)
class Taken:
    """Which rows of economies a question takes as they stand."""

    question: Question

    def __call__(
        self, frame: pd.DataFrame, groups: npt.NDArray[np.bool_], dimensions: Sequence[str]
    ) -> npt.NDArray[np.bool_]:
        """A mask over the observations; rows of groups are taken whatever it says."""
        if self.question.over == v.REF_AREA:
            return ~groups
        if self.question.over in (*v.DIMENSIONS, *dimensions):
            return np.asarray(~frame[self.question.over].isin((v.TOTAL, v.NOT_APPLICABLE)).to_numpy())
        return np.zeros(len(frame), dtype=bool)


def settings_of(
    values: pd.DataFrame, question: Question, dimensions: Sequence[str], members: Membership
) -> list[Setting]:
    """The settings that the values hold, by edition, area and year.

    `values` are those of pipeline.values_of. Over a dimension, areas are parted; over a grouping or over REF_AREA the
    area is the group whose members or groups are compared (the world, and for REF_AREA every group with a member).
    """
    over, further = question.over, (*v.DIMENSIONS, *dimensions)
    keep = (values[v.INDICATOR] == question.indicator).to_numpy()
    for name in further:
        if name != over:
            keep = keep & (values[name] == v.TOTAL).to_numpy()
    frame = values[keep]
    if over in further:
        frame = frame[~frame[over].isin((v.TOTAL, v.NOT_APPLICABLE)).to_numpy()]
        codes = _bands(frame[over].astype(str)) if over == v.AGE else _known(over, frame[over])
        return list(_parted(frame, question, over, codes, v.REF_AREA, {}))
    if over == v.REF_AREA:
        kinds = codelist("CL_AREA").rows
        economies = [
            code for code in frame[v.REF_AREA].cat.categories if kinds.get(code, {"kind": ""})["kind"] != "group"
        ]
        combined = frame[(frame[v.BASIS] == "combined").to_numpy()]
        keys = zip(combined[v.EDITION], combined[v.REF_AREA], combined[v.TIME_PERIOD], strict=True)
        coverage = dict(zip(keys, combined[v.COVERAGE], strict=True))
        frame = frame[frame[v.REF_AREA].isin(economies).to_numpy() & frame[v.POPULATION].notna().to_numpy()]
        return [
            setting
            for group, inside in members.groups.items()
            for setting in _parted(
                frame[frame[v.REF_AREA].isin(list(inside)).to_numpy()],
                question,
                over,
                (),
                group,
                coverage,
                members.label,
            )
        ]
    codes = catalogue().groupings[over].codes
    return list(_parted(frame[frame[v.REF_AREA].isin(codes).to_numpy()], question, v.REF_AREA, codes, v.WORLD, {}))


def _known(over: str, column: "pd.Series[str]") -> tuple[str, ...]:
    """The codes that a closed dimension should have (the listed ones that are no totals), or those of an open one."""
    if over in v.DIMENSIONS:
        listed = codelist(f"CL_{over}").codes
        return tuple(code for code in listed if code not in (v.TOTAL, v.NOT_APPLICABLE))
    return tuple(sorted(set(column.astype(str))))


def _bands(codes: Iterable[str]) -> tuple[str, ...]:
    """The age bands, in order of age."""
    return tuple(sorted(set(codes), key=lambda code: age_span(code) or (0, 0)))


def _overlap(codes: Iterable[str]) -> str:
    """`Y60T69 and Y_GE60`, the first two age bands that overlap; empty where none do."""
    for one, other in pairwise(_bands(codes)):
        spans = age_span(one), age_span(other)
        if spans[0] and spans[1] and spans[1][0] <= spans[0][1]:
            return f"{one} and {other}"
    return ""


def _expected(bands: Sequence[str], present: Iterable[str]) -> tuple[str, ...]:
    """The bands of a year: those `present`, and those that other years have too, as far as they overlap no other."""
    taken = list(_bands(present))
    if not _overlap(taken):
        for band in bands:
            if not _overlap([*taken, band]):
                taken.append(band)
    return _bands(taken)


def _parted(
    frame: pd.DataFrame,
    question: Question,
    over: str,
    codes: Sequence[str],
    area: str,
    coverage: Mapping[tuple[str, str, int], float],
    membership: str = "",
) -> Iterator[Setting]:
    """One setting for each edition, basis, year and area; `area` is the column of the area, or the area itself."""
    by = [v.EDITION, v.BASIS, *([v.REF_AREA] if area == v.REF_AREA else []), v.TIME_PERIOD]
    for key, rows in frame.groupby(by, observed=True, sort=True):
        where = dict(zip(by, key, strict=True))
        of_code = rows[over].astype(str).to_numpy()
        wanted = list(question.order or (_expected(codes, of_code) if over == v.AGE else codes))
        order = [int(np.flatnonzero(of_code == code)[0]) for code in wanted if code in of_code]
        part = rows.iloc[order] if wanted else rows.sort_values(v.REF_AREA, kind="stable")
        numbers = {
            name: part[name].to_numpy(dtype=np.float64)
            for name in (v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER, v.POPULATION, v.ERROR)
        }
        present = ~np.isnan(numbers[v.OBS_VALUE])
        persons = np.nan_to_num(numbers[v.POPULATION])
        known = part[v.COVERAGE].to_numpy(dtype=np.float64)
        known = np.where(np.isnan(known), 100.0 * present, known)  # a published group states no coverage
        counted = ~np.isnan(numbers[v.POPULATION])
        covered = float(persons @ known / persons.sum()) if counted.all() and persons.sum() else float("nan")
        if not len(part) or not (present.any() or wanted):
            continue
        enough = bool(wanted) and 100 * present.sum() >= PRESENT * len(wanted)
        if not wanted or enough:
            part, numbers = part[present], {name: column[present] for name, column in numbers.items()}
            present = present[present]
        edition, year = str(where[v.EDITION]), int(str(where[v.TIME_PERIOD]))
        yield Setting(
            question=question,
            area=str(where.get(v.REF_AREA, area)),
            year=year,
            edition=edition,
            basis=str(where[v.BASIS]),
            codes=tuple(part[over].astype(str)),
            values=numbers[v.OBS_VALUE],
            lower=numbers[v.BOUND_LOWER],
            upper=numbers[v.BOUND_UPPER],
            persons=numbers[v.POPULATION],
            errors=numbers[v.ERROR],
            expected=len(wanted),
            coverage=coverage.get((edition, area, year), covered),
            estimated=bool((part[v.OBS_STATUS] == v.ESTIMATED).any()),
            membership=membership or str(part[v.MEMBERSHIP].iloc[0]),
            weights=str(part[v.COUNTS].iloc[int(np.argmax(~np.isnan(numbers[v.POPULATION])))]),
            source=str(part[v.SOURCE].iloc[0]),
            overlap=_overlap(part[over].astype(str)) if over == v.AGE else "",
        )
