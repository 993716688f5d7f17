"""Properties of every group value: it is among its members, and its bounds contain the truth that was hidden."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from divide_cli import concepts as v
from divide_cli.analysis.aggregation import aggregate
from divide_cli.catalogue import Weight
from divide_cli.frames.columns import category
from divide_cli.sources.population import Population, Table
from tests.unit.frames_by_hand import group, observations

AREAS = ("AFG", "BDI", "BFA", "CAF", "COD", "ERI", "ETH", "GMB", "GNB", "LBR", "MDG", "MLI", "MOZ", "MWI", "NER", "RWA")
ROUNDING = 1e-12
"""Relative: a sum of sixteen products and a quotient of floats are exact to some 1e-14."""


class Persons:
    """People of each economy, the same in every year; what `Population` gives, without a file."""

    def __init__(self, persons: Mapping[str, float]) -> None:
        self.persons = persons
        self.readings: dict[str, object] = {}

    def table(self, weight: Weight, breakdown: Mapping[str, str], years: npt.NDArray[np.int16]) -> Table:
        counts = [self.persons.get(code, np.nan) for code in category(v.REF_AREA).categories]
        return Table(
            np.repeat(np.array(counts)[:, None], len(years), axis=1),
            np.zeros((len(counts), len(years)), dtype=np.int8),
            ("by hand",),
            "by hand",
        )


member = st.tuples(
    st.integers(0, 1000).map(lambda tenths: tenths / 10),  # percent
    st.one_of(st.integers(1, 10**9).map(float), st.floats(1, 1e9)),  # persons, also between WPP's years
    st.booleans(),  # whether it reports
)
groups = st.lists(member, min_size=1, max_size=len(AREAS)).map(lambda members: dict(zip(AREAS, members, strict=False)))


def combined(
    members: Mapping[str, tuple[float, float, bool]], order: list[str] | None = None, minimum: float = 0
) -> Any:
    rows = [
        {v.REF_AREA: area, v.OBS_VALUE: members[area][0] if members[area][2] else np.nan} for area in order or members
    ]
    people = cast(Population, Persons({area: persons for area, (_, persons, _) in members.items()}))
    return aggregate(observations(*rows), (), group(LIC=" ".join(members)), people, minimum).iloc[0]


def revealed(members: Mapping[str, tuple[float, float, bool]]) -> dict[str, tuple[float, float, bool]]:
    return {area: (value, persons, True) for area, (value, persons, _) in members.items()}


def exactly(members: Mapping[str, tuple[float, float, bool]]) -> tuple[Fraction | None, Fraction]:
    """Value and coverage as fractions."""
    sums = [(Fraction(value), Fraction(persons)) for value, persons, reports in members.values() if reports]
    people = sum((persons for _, persons in sums), Fraction(0))
    every = sum((Fraction(persons) for _, persons, _ in members.values()), Fraction(0))
    return sum(value * persons for value, persons in sums) / people if people else None, 100 * people / every


@given(members=groups)
def test_value_and_coverage_are_the_exact_ones(members: dict[str, tuple[float, float, bool]]) -> None:
    row = combined(members)
    value, coverage = exactly(members)
    if value is None:
        assert np.isnan(row[v.OBS_VALUE])
    else:
        assert row[v.OBS_VALUE] == pytest.approx(float(value), rel=ROUNDING)
    assert row[v.COVERAGE] == pytest.approx(float(coverage), rel=ROUNDING)
    assert 0 <= row[v.COVERAGE] <= 100


@given(members=groups)
def test_value_lies_among_its_members(members: dict[str, tuple[float, float, bool]]) -> None:
    reported = [value for value, _, reports in members.values() if reports]
    assume(reported)
    value = combined(members)[v.OBS_VALUE]
    assert min(reported) * (1 - ROUNDING) <= value <= max(reported) * (1 + ROUNDING)


@given(members=groups)
def test_value_and_bounds_lie_in_the_range_of_the_unit_in_this_order(
    members: dict[str, tuple[float, float, bool]],
) -> None:
    row = combined(members)
    assert 0 <= row[v.BOUND_LOWER] <= row[v.BOUND_UPPER] <= 100
    if not np.isnan(row[v.OBS_VALUE]):
        assert row[v.BOUND_LOWER] <= row[v.OBS_VALUE] <= row[v.BOUND_UPPER]


@given(members=groups)
def test_a_group_of_which_all_report_is_covered_in_full_and_never_withheld(
    members: dict[str, tuple[float, float, bool]],
) -> None:
    """Whatever the rounding of the sums, so that --min-coverage 100 means what it says."""
    row = combined(revealed(members), minimum=100)
    assert (row[v.COVERAGE], row[v.OBS_STATUS]) == (100, "A")
    assert row[v.BOUND_LOWER] == row[v.OBS_VALUE] == row[v.BOUND_UPPER]


@given(members=groups)
def test_bounds_hold_the_value_of_full_information(members: dict[str, tuple[float, float, bool]]) -> None:
    """The hidden values are revealed: the value of all members is within the bounds that were given without them."""
    row, truth = combined(members), combined(revealed(members))[v.OBS_VALUE]
    assert row[v.BOUND_LOWER] * (1 - ROUNDING) <= truth <= row[v.BOUND_UPPER] * (1 + ROUNDING)


@given(members=groups)
def test_bounds_are_reached_by_the_extremes(members: dict[str, tuple[float, float, bool]]) -> None:
    row = combined(members)
    for extreme, bound in ((0.0, row[v.BOUND_LOWER]), (100.0, row[v.BOUND_UPPER])):
        filled = {
            area: (value if reports else extreme, persons, True) for area, (value, persons, reports) in members.items()
        }
        assert combined(filled)[v.OBS_VALUE] == pytest.approx(bound, rel=ROUNDING)


@given(members=groups, random=st.randoms())
def test_order_of_the_rows_does_not_matter(members: dict[str, tuple[float, float, bool]], random: Any) -> None:
    order = list(members)
    random.shuffle(order)
    straight, shuffled = combined(members), combined(members, order)
    for name in (v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER, v.COVERAGE):
        assert shuffled[name] == pytest.approx(straight[name], rel=ROUNDING, nan_ok=True)
    for name in (v.OBS_STATUS, v.OBS_COMMENT, v.N_AREAS):
        assert shuffled[name] == straight[name]


@given(members=groups, minimum=st.integers(0, 100))
def test_a_value_is_withheld_exactly_below_the_threshold(
    members: dict[str, tuple[float, float, bool]], minimum: int
) -> None:
    row = combined(members, minimum=minimum)
    assert (row[v.OBS_STATUS] == "O") == (row[v.N_AREAS] == 0)
    assert (row[v.OBS_STATUS] == "Q") == (row[v.COVERAGE] < minimum and row[v.N_AREAS] > 0)
    assert pd.isna(row[v.OBS_VALUE]) == (row[v.OBS_STATUS] == "Q" or row[v.N_AREAS] == 0)
    whole = combined(members)
    assert (row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (whole[v.BOUND_LOWER], whole[v.BOUND_UPPER])
