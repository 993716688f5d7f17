"""Properties of every registered measure and every pair of shares; a new measure is tested without a change here.

Formulae are tried on fractions, so that nothing is left to rounding; `apply` on floats of one decimal, as figures are
printed, whose neighbours are much farther apart than a float rounds.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from divide_cli.analysis.measures.pairs import PAIR_FORMULAE, Sides, apply
from divide_cli.catalogue import Measure, catalogue
from divide_cli.frames.bounds import Bounded

EVERY = [measure for name, measure in catalogue().measures.items() if name in PAIR_FORMULAE]
every = pytest.mark.parametrize("measure", EVERY, ids=lambda measure: measure.id)
relative = pytest.mark.parametrize(
    "measure", [m for m in EVERY if m.unit in ("RATIO", "PT")], ids=lambda measure: measure.id
)
additive = pytest.mark.parametrize(
    "measure", [m for m in EVERY if m.unit in ("difference", "PS")], ids=lambda measure: measure.id
)

shares = st.fractions(min_value=0, max_value=100, max_denominator=1000)
persons = st.integers(min_value=0, max_value=2 * 10**9).map(Fraction)
factors = st.fractions(min_value=Fraction(1, 1000), max_value=1000, max_denominator=1000).filter(
    lambda factor: factor > 0
)
printed = st.integers(min_value=0, max_value=1000).map(lambda tenths: tenths / 10)
intervals = st.lists(printed, min_size=3, max_size=3).map(sorted)
people = st.integers(min_value=0, max_value=2 * 10**9).map(float)


def exact(measure: Measure, *numbers: Fraction) -> Fraction | None:
    """The formula on fractions; None where it is undefined."""
    result = np.asarray(PAIR_FORMULAE[measure.id](*(np.array([number], dtype=object) for number in numbers))).item()
    return None if isinstance(result, float) and np.isnan(result) else Fraction(result)


def stated_undefined(measure: Measure, r: Fraction, c: Fraction) -> bool:
    """Whether measures/pair.yaml says that the measure is undefined there: `c = 0`, `r = 0 and c = 0`, or never."""
    sides = {"r": r, "c": c}
    conditions = [part.split(" = ") for part in measure.undefined.split(" and ") if part]
    return bool(conditions) and all(sides[side] == Fraction(number) for side, number in conditions)


def arrays(rows: Sequence[Sequence[float]]) -> Sides:
    """Rows of (lowest, value, highest, persons) of the reference and of the compared side."""
    low_r, r, high_r, n_r, low_c, c, high_c, n_c = np.array(rows, dtype=float).T
    return Sides(Bounded(low_r, r, high_r), n_r, Bounded(low_c, c, high_c), n_c)


@every
@given(share=shares, number=persons)
def test_equal_sides_give_the_value_of_equality(measure: Measure, share: Fraction, number: Fraction) -> None:
    assume(not stated_undefined(measure, share, share))
    assert exact(measure, share, share, number, number) == Fraction(measure.equality)


@every
@given(r=shares, c=shares, n_r=persons, n_c=persons)
@example(r=Fraction(0), c=Fraction(0), n_r=Fraction(1), n_c=Fraction(1))
@example(r=Fraction(0), c=Fraction(50), n_r=Fraction(1), n_c=Fraction(1))
@example(r=Fraction(50), c=Fraction(0), n_r=Fraction(1), n_c=Fraction(1))
@example(r=Fraction(50), c=Fraction(20), n_r=Fraction(0), n_c=Fraction(0))
def test_undefined_exactly_where_stated(
    measure: Measure, r: Fraction, c: Fraction, n_r: Fraction, n_c: Fraction
) -> None:
    assert (exact(measure, r, c, n_r, n_c) is None) == stated_undefined(measure, r, c)


@every
@given(pair=st.tuples(shares, shares).map(sorted), other=shares, n_r=persons, n_c=persons)
@example(pair=[Fraction(0), Fraction(100)], other=Fraction(50), n_r=Fraction(1), n_c=Fraction(1))
def test_monotone_in_both_sides(
    measure: Measure, pair: list[Fraction], other: Fraction, n_r: Fraction, n_c: Fraction
) -> None:
    """It rises (or stays) with the side that measures/pair.yaml names, and falls (or stays) with the other."""
    along_reference = [exact(measure, share, other, n_r, n_c) for share in pair]
    along_compared = [exact(measure, other, share, n_r, n_c) for share in pair]
    rising, falling = along_reference, along_compared
    if measure.increases_with == "compared":
        rising, falling = falling, rising
    if None not in rising:
        assert rising == sorted(rising)  # type: ignore[type-var]
    if None not in falling:
        assert falling == sorted(falling, reverse=True)  # type: ignore[type-var]


@every
@given(reference=intervals, compared=intervals, n_r=people, n_c=people)
@example(reference=[0, 50, 100], compared=[0, 50, 100], n_r=10, n_c=10)
def test_bounds_contain_the_value(
    measure: Measure, reference: list[float], compared: list[float], n_r: float, n_c: float
) -> None:
    made, _ = apply(measure, arrays([[*reference, n_r, *compared, n_c]]))
    assume(not np.isnan(made.value[0]))
    assert not made.lower[0] > made.value[0]  # an absent bound (NaN) contains everything
    assert not made.upper[0] < made.value[0]


@every
@given(reference=intervals, compared=intervals, n_r=people, n_c=people)
def test_bounds_are_reached(
    measure: Measure, reference: list[float], compared: list[float], n_r: float, n_c: float
) -> None:
    """The bounds are no wider than the corners of the box of the sides."""
    corners = [[*[r] * 3, n_r, *[c] * 3, n_c] for r in reference[::2] for c in compared[::2]]
    values = apply(measure, arrays(corners))[0].value
    made, _ = apply(measure, arrays([[*reference, n_r, *compared, n_c]]))
    for bound in (made.lower[0], made.upper[0]):
        assert np.isnan(bound) or bound in values


@every
@given(reference=intervals, compared=intervals, n_r=people, n_c=people)
def test_a_bound_is_absent_only_where_the_measure_is_undefined_in_the_box(
    measure: Measure, reference: list[float], compared: list[float], n_r: float, n_c: float
) -> None:
    made, _ = apply(measure, arrays([[*reference, n_r, *compared, n_c]]))
    if np.isnan(made.lower[0]) or np.isnan(made.upper[0]):
        assert any(stated_undefined(measure, Fraction(r), Fraction(c)) for r in reference[::2] for c in compared[::2])


@every
@given(rows=st.lists(st.tuples(intervals, people, intervals, people), min_size=1, max_size=6), random=st.randoms())
def test_each_pair_is_measured_alone_whatever_the_order(measure: Measure, rows: list[Any], random: Any) -> None:
    flat = [[*reference, n_r, *compared, n_c] for reference, n_r, compared, n_c in rows]
    order = list(range(len(flat)))
    random.shuffle(order)
    straight = apply(measure, arrays(flat))
    shuffled = apply(measure, arrays([flat[index] for index in order]))
    np.testing.assert_array_equal(straight[1][order], shuffled[1])
    for name in ("value", "lower", "upper"):
        np.testing.assert_array_equal(getattr(straight[0], name)[order], getattr(shuffled[0], name))


@relative
@given(r=shares, c=shares, factor=factors)
def test_a_relative_measure_does_not_depend_on_the_unit_of_the_sides(
    measure: Measure, r: Fraction, c: Fraction, factor: Fraction
) -> None:
    one = Fraction(1)
    assert exact(measure, r * factor, c * factor, one, one) == exact(measure, r, c, one, one)


@additive
@given(r=shares, c=shares, n_r=persons, n_c=persons, factor=factors)
def test_an_absolute_measure_grows_with_the_sides(
    measure: Measure, r: Fraction, c: Fraction, n_r: Fraction, n_c: Fraction, factor: Fraction
) -> None:
    value = exact(measure, r, c, n_r, n_c)
    assert value is not None
    assert exact(measure, r * factor, c * factor, n_r, n_c) == value * factor


@pytest.mark.parametrize("measure", [m for m in EVERY if m.unit != "PS"], ids=lambda measure: measure.id)
@given(r=shares, c=shares, n=st.tuples(persons, persons), m=st.tuples(persons, persons))
def test_only_measures_of_persons_look_at_persons(measure: Measure, r: Fraction, c: Fraction, n: Any, m: Any) -> None:
    assert exact(measure, r, c, *n) == exact(measure, r, c, *m)


def test_every_measure_falls_under_one_family() -> None:
    assert {measure.unit for measure in EVERY} <= {"RATIO", "PT", "difference", "PS"}
