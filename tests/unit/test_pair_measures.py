"""Measures: one hand-worked example each, and what is undefined."""

import numpy as np
import pytest

from divide_cli.analysis.measures.pairs import PAIR_FORMULAE, Sides, apply
from divide_cli.catalogue import catalogue
from divide_cli.frames.bounds import Bounded

# reference 80 % of 3000 people, compared 60 % of 1000 people
EXAMPLES = {
    "absolute_difference": 20.0,  # 80 - 60
    "ratio": 4 / 3,  # 80 / 60
    "parity_score": 0.75,  # 60 / 80
    "relative_gap": 25.0,  # 20 is a quarter of 80
    "relative_gap_to_compared": 100 * (1 / 3),  # 20 is a third of 60
    "adjusted_parity": 0.75,  # 60 / 80
    "excess_persons": 1800.0,  # 2400 - 600
    "persons_to_parity": 200.0,  # 20 % of 1000
}
# the sides exchanged: 60 % of 1000 people and 80 % of 3000
EXCHANGED = {
    "absolute_difference": -20.0,
    "ratio": 0.75,
    "parity_score": 80 / 60,
    "relative_gap": 100 * (-20 / 60),
    "relative_gap_to_compared": -25.0,
    "adjusted_parity": 1.25,  # 2 - 60 / 80: as far above 1 as 0.75 is below
    "excess_persons": -1800.0,
    "persons_to_parity": -600.0,  # -20 % of 3000
}


def sides(r: float, c: float, n_r: float = 3000, n_c: float = 1000) -> Sides:
    reference, compared, *persons = (np.array([float(number)]) for number in (r, c, n_r, n_c))
    exact = Bounded(reference, reference, reference), Bounded(compared, compared, compared)
    return Sides(exact[0], persons[0], exact[1], persons[1])


def measured(name: str, *numbers: float) -> Bounded:
    return apply(catalogue().measures[name], sides(*numbers))[0]


def undefined(name: str, *numbers: float) -> list[bool]:
    return apply(catalogue().measures[name], sides(*numbers))[1].tolist()


def test_every_measure_has_an_entry_a_formula_and_an_example() -> None:
    entries = catalogue().measures
    assert not entries.keys() - PAIR_FORMULAE.keys(), "entries without a function (`@pair_measure`)"
    assert not PAIR_FORMULAE.keys() - entries.keys(), "functions without an entry in data/catalogue/measures/pair.yaml"
    assert not entries.keys() ^ EXAMPLES.keys(), "measures without a hand-worked example in EXAMPLES"
    assert not entries.keys() ^ EXCHANGED.keys(), "measures without an example with the sides exchanged"


@pytest.mark.parametrize("name", PAIR_FORMULAE)
def test_by_hand(name: str) -> None:
    assert measured(name, 80, 60).value[0] == EXAMPLES[name]
    assert measured(name, 60, 80, 1000, 3000).value[0] == EXCHANGED[name]


def test_the_resolutions_gaps() -> None:
    assert measured("absolute_difference", 94, 23).value[0] == 71  # para 21, high and low income
    assert measured("ratio", 94, 23).value[0] == 94 / 23  # "more than four times"
    assert measured("parity_score", 77, 71).value[0] == 71 / 77  # para 22


def test_the_americas_2024_women_are_ahead() -> None:
    assert measured("absolute_difference", 85.5, 87.1).value[0] == pytest.approx(
        -1.6, rel=1e-12
    )  # 85.5, 87.1 are not binary
    assert measured("adjusted_parity", 85.5, 87.1).value[0] == 2 - 85.5 / 87.1


def test_undefined_is_apart_from_unknown() -> None:
    assert undefined("ratio", 50, 0) == [True]
    assert np.isnan(measured("ratio", np.nan, 0).value[0])
    assert undefined("ratio", np.nan, 0) == [False]
    assert np.isnan(measured("excess_persons", 80, 60, np.nan, 1000).value[0])
    assert undefined("excess_persons", 80, 60, np.nan, 1000) == [False]


def test_zero_on_the_other_side_is_defined() -> None:
    assert measured("ratio", 0, 50).value[0] == 0
    assert measured("parity_score", 50, 0).value[0] == 0
    assert measured("relative_gap", 50, 0).value[0] == 100
    assert measured("adjusted_parity", 0, 50).value[0] == 2
