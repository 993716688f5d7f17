"""Properties of every measure of subgroups, whatever the values and shares; a new one is tested without a change here."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from divide_cli.analysis.measures.subgroups import (
    GRADIENTS,
    Subgroups,
    evaluate,
    gradient,
)
from divide_cli.analysis.measures.unordered import DECOMPOSED, parted
from divide_cli.catalogue import Measure, catalogue

few = settings(max_examples=12)  # for each of some thirty measures
EVERY = list(catalogue().subgroup_measures.values())


def those(entries: list[Measure]) -> Any:
    """One case for each of the measures that a law holds for."""
    assert entries
    return pytest.mark.parametrize("measure", entries, ids=lambda measure: measure.id)


every = those(EVERY)
printed = st.integers(min_value=10, max_value=990).map(lambda tenths: tenths / 10)
persons = st.integers(min_value=1, max_value=10**9)
groups = st.lists(st.tuples(printed, persons), min_size=3, max_size=6)
LIMIT_OF_UNIT = {"odds_ratio", "complement_ratio", "slope_index", "relative_index"}
"""Measures that look at the unit's maximum, and so depend on the scale."""
OF_ANY_UNIT = [measure for measure in EVERY if measure.id not in LIMIT_OF_UNIT]
MIDRANKS = ("line", "X")
"""The values in the formula of a fit through midranks, which sees two points in place of one halved subgroup."""


def made(rows: Any, measure: Measure, **told: Any) -> Subgroups:
    values, counts = np.array(rows, dtype=float).T
    told = {"ordered": measure.family == "ordered", "maximum": 100.0, **told}
    return Subgroups(values, counts / counts.sum(), **told)


def value(measure: Measure, of: Subgroups) -> float:
    return float(evaluate(measure, of))


@every
@few
@given(level=printed, counts=st.lists(persons, min_size=3, max_size=7))
def test_equal_subgroups_give_no_inequality(measure: Measure, level: float, counts: list[int]) -> None:
    found = value(measure, made([(level, count) for count in counts], measure))
    assert found == pytest.approx(measure.equality, rel=1e-9, abs=1e-9)


@every
@few
@given(rows=groups)
def test_values_lie_in_the_stated_domain(measure: Measure, rows: Any) -> None:
    found, (low, high) = value(measure, made(rows, measure)), measure.domain
    assert np.isnan(found) or (low is None or found >= low - 1e-9) and (high is None or found <= high + 1e-9)


@those(OF_ANY_UNIT)
@few
@given(rows=groups, factor=st.sampled_from([0.25, 0.5, 3.0]))
def test_scale(measure: Measure, rows: Any, factor: float) -> None:
    """A relative measure does not depend on the unit of the values; an absolute one grows with it, a variance twice."""
    of = made(rows, measure, maximum=np.inf)
    grown = {"relative": 1.0, "absolute": factor}[measure.scale] * (factor if measure.unit == "SQUARED" else 1.0)
    expected = value(measure, of) * grown
    np.testing.assert_allclose(value(measure, of.at(of.values * factor)), expected, rtol=1e-8, atol=1e-9)


@those([measure for measure in OF_ANY_UNIT if measure.scale == "absolute"])
@few
@given(rows=groups, shift=st.sampled_from([0.5, 4.0]))
def test_an_absolute_measure_does_not_depend_on_the_level(measure: Measure, rows: Any, shift: float) -> None:
    of = made(rows, measure, maximum=np.inf)
    np.testing.assert_allclose(value(measure, of.at(of.values + shift)), value(measure, of), rtol=1e-8, atol=1e-9)


@every
@few
@given(rows=groups, times=st.integers(min_value=2, max_value=9))
def test_people_multiplied_change_nothing(measure: Measure, rows: Any, times: int) -> None:
    more = made([(level, count * times) for level, count in rows], measure)
    np.testing.assert_allclose(value(measure, more), value(measure, made(rows, measure)), rtol=1e-9, atol=1e-12)


@those([entry for entry in EVERY if entry.weighted and not any(sign in entry.formula for sign in MIDRANKS)])
@few
@given(rows=groups, place=st.integers(min_value=0, max_value=2))
def test_a_subgroup_in_two_halves_changes_nothing_that_is_weighted(measure: Measure, rows: Any, place: int) -> None:
    """Replication: the measure sees people, not labels."""
    level, count = rows[place]
    halved = [*rows[:place], (level, count / 2), (level, count / 2), *rows[place + 1 :]]
    np.testing.assert_allclose(
        value(measure, made(halved, measure)), value(measure, made(rows, measure)), rtol=1e-8, atol=1e-9
    )


@those([measure for measure in EVERY if measure.family != "ordered"])
@few
@given(rows=groups, random=st.randoms())
def test_the_order_of_unordered_subgroups_does_not_matter(measure: Measure, rows: Any, random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    np.testing.assert_allclose(
        value(measure, made(shuffled, measure)), value(measure, made(rows, measure)), rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("name", GRADIENTS)
@few
@given(rows=groups)
def test_derivatives_are_those_of_the_formula(name: str, rows: Any) -> None:
    """Against central differences, away from ties, where extremes have no derivative."""
    measure = catalogue().subgroup_measures[name]
    rows = [(level + 0.013 * place, count) for place, (level, count) in enumerate(rows)]
    of, step = made(rows, measure), 1e-5
    if np.isnan(value(measure, of)) or np.diff(np.sort(of.values)).min() < 1e-3:
        return
    around = np.eye(of.number) * step
    numeric = (evaluate(measure, of.at(of.values + around)) - evaluate(measure, of.at(of.values - around))) / (2 * step)
    scale = max(1.0, float(np.abs(numeric).max()))
    np.testing.assert_allclose(gradient(measure, of), numeric, atol=2e-4 * scale, rtol=2e-4)


@pytest.mark.parametrize("name", DECOMPOSED)
@few
@given(rows=groups, marks=st.lists(st.sampled_from("abc"), min_size=7, max_size=7))
def test_parts_sum_to_the_whole(name: str, rows: Any, marks: list[str]) -> None:
    measure = catalogue().subgroup_measures[name]
    of = made(rows, measure)
    parts = parted(name, of, np.array(marks[: of.number]))
    assert parts.between + parts.within == pytest.approx(parts.total, rel=1e-9, abs=1e-9)
    assert parts.between >= -1e-9 and all(within >= -1e-9 for within in parts.groups.values())
