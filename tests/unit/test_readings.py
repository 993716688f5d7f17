"""Each reading read aloud for its sign, from values to sentence: readings.yaml has the sentences, written by hand.

Values of those expected to be behind (F; Q1) and of the others (M; Q3) are chosen so that the former are behind (20 against
60 of a favourable indicator, 60 against 20 of an adverse one), are ahead, or may be either. The program computes the
measure and its bounds; the sentence must say what was chosen.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from divide_cli import concepts as v
from divide_cli.analysis.measures.bounds import bounds
from divide_cli.analysis.measures.pairs import Sides, apply
from divide_cli.analysis.measures.subgroups import Subgroups, evaluate
from divide_cli.catalogue import Measure, catalogue
from divide_cli.catalogue.applicability import objection, quantity_of
from divide_cli.frames.bounds import Bounded
from divide_cli.reports import readings
from divide_cli.reports.readings import Place

EXPECTED = yaml.safe_load((Path(__file__).parent / "readings.yaml").read_text(encoding="utf-8"))
INDICATORS, SENTENCES = EXPECTED["indicators"], EXPECTED["readings"]
SUBGROUPS = {**catalogue().measures, **catalogue().subgroup_measures}
CASES = ("behind", "ahead", "crossing")


def values(direction: str, case: str) -> np.ndarray:
    """The values of three subgroups, those expected to be behind first."""
    low_first = {"behind": direction != "adverse", "ahead": direction == "adverse"}
    if case == "crossing":
        return np.array([40.0, 40.5, 41.0])
    return np.array([20.0, 40.0, 60.0] if low_first[case] else [60.0, 40.0, 20.0])


def row(measure: Measure, indicator: str, case: str) -> dict[str, Any]:
    """The row of a measure, with bounds of 5 on either side of each value where the case is open."""
    direction, maximum = (
        INDICATORS[indicator]["direction"],
        catalogue().units[catalogue().indicators[indicator].unit].maximum,
    )
    of, half = values(direction, case), 5.0 if case == "crossing" else 0.0
    low, high = of - half, of + half
    if measure.family == "pair":
        people = np.array([1e6])
        reference, compared = (Bounded(low[[k]], of[[k]], high[[k]]) for k in (2, 0))
        made, _ = apply(measure, Sides(reference, people, compared, people))
        number, ends = made.value[0], (made.lower[0], made.upper[0])
    else:
        ordered = measure.family in ("simple", "ordered", "impact")
        three = Subgroups(of, np.array([0.3, 0.4, 0.3]), None, None, ordered, direction == "adverse", maximum or np.inf)
        found = bounds(measure, three, low, high)
        number, ends = float(evaluate(measure, three)), (found.lower, found.upper)
    return {v.INDICATOR: indicator, v.OBS_VALUE: number, v.BOUND_LOWER: ends[0], v.BOUND_UPPER: ends[1]}


def expected(measure: str, indicator: str, case: str) -> str:
    sentence = SENTENCES[measure].get(case) or SENTENCES[measure]["unequal"]
    about = INDICATORS[indicator]
    sentence = sentence if isinstance(sentence, str) else sentence[about["direction"]]
    if about["direction"] == "none":  # nobody is ahead, whose value is higher
        words = {
            "is behind": "is below",
            "is ahead of": "is above",
            "are behind": "are lower",
            "are ahead": "are higher",
        }
        for word, plain in words.items():
            sentence = sentence.replace(word, plain)
    return sentence.replace("UNIT", about["UNIT"]).replace("NOUN", about["NOUN"])


def applying() -> list[tuple[str, str]]:
    return [(name, one) for name, measure in SUBGROUPS.items() for one in INDICATORS if not objection(measure, one)]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("name", "indicator"), applying())
def test_a_reading_says_who_is_behind(name: str, indicator: str, case: str) -> None:
    measure = SUBGROUPS[name]
    sides = ("M", "F") if measure.family == "pair" else ("Q3", "Q1")
    read = readings.of_row(measure, row(measure, indicator, case), sides)
    assert read == expected(name, indicator, case)


def test_the_sentences_cover_every_measure_unit_and_direction() -> None:
    """A measure without sentences here, or an indicator of a new unit, quantity or direction, is named."""
    assert SENTENCES.keys() == SUBGROUPS.keys()
    entries = catalogue().indicators
    kinds = {(entry.unit, quantity_of(name).id, entry.direction): name for name, entry in entries.items()}
    covered = {(entries[name].unit, quantity_of(name).id, entries[name].direction) for name in INDICATORS}
    assert not {name for kind, name in kinds.items() if kind not in covered}
    assert {name: about["direction"] for name, about in INDICATORS.items()} == {
        name: entries[name].direction for name in INDICATORS
    }


def test_every_measure_has_a_reading_for_every_place() -> None:
    """Below equality too, unless the measure cannot be below."""
    for name, measure in SUBGROUPS.items():
        one_sided = measure.domain[0] == measure.equality
        places = [place for place in Place if place is not Place.BELOW or not one_sided]
        assert all(getattr(measure.reading, place.value) for place in places), name
        assert not (one_sided and measure.reading.below), name
    for name, measure in catalogue().time_measures.items():
        assert measure.reading.text, name


def test_equal_values_are_said_to_be_equal() -> None:
    difference, gini = SUBGROUPS["absolute_difference"], SUBGROUPS["gini_index"]
    equal = {v.INDICATOR: "internet_use", v.OBS_VALUE: 0.0}
    assert readings.of_row(difference, equal) == "Both sides are equal."
    assert readings.of_row(gini, equal) == "All subgroups are equal."


def test_an_interval_that_includes_equality_leaves_it_open() -> None:
    measure = SUBGROUPS["absolute_difference"]
    known = {v.INDICATOR: "internet_use", v.OBS_VALUE: 1.2, v.BOUND_LOWER: 1.1, v.BOUND_UPPER: 1.3}
    assert readings.of_row(measure, known | {v.CI_LOWER: -0.5, v.CI_UPPER: 2.9}) == (
        "Either side may be ahead: the interval includes equality."
    )
    assert readings.of_row(measure, known | {v.CI_LOWER: 0.5, v.CI_UPPER: 1.9}, ("M", "F")) == (
        "M is ahead of F, in percentage points."
    )


def test_an_open_interval_reaches_as_far_as_it_can() -> None:
    """At least 1.1, and at most 1.9: the latter includes equality."""
    measure, ratio = SUBGROUPS["ratio"], {v.INDICATOR: "internet_use", v.OBS_VALUE: 1.5}
    at_least = readings.of_row(measure, ratio | {v.CI_LOWER: 1.1, v.CI_UPPER: float("nan")}, ("M", "F"))
    assert at_least == "M is ahead of F: so many times its share."
    at_most = readings.of_row(measure, ratio | {v.CI_LOWER: float("nan"), v.CI_UPPER: 1.9})
    assert at_most == "Either side may be ahead: the interval includes equality."


def test_a_table_of_many_gaps_reads_the_signs_that_occur() -> None:
    measure = SUBGROUPS["absolute_difference"]
    rows = [{v.INDICATOR: "internet_use", v.OBS_VALUE: value} for value in (12.0, 3.0, float("nan"))]
    assert readings.in_general(measure, rows) == [
        "The reference group is ahead of the compared group, in percentage points."
    ]
    assert readings.in_general(measure, [*rows, {v.INDICATOR: "internet_use", v.OBS_VALUE: -2.0}]) == [
        "above 0: The reference group is ahead of the compared group, in percentage points.",
        "below 0: The reference group is behind the compared group, in percentage points.",
    ]
