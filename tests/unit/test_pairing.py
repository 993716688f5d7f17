"""Pairs: two sides of one key; a key with one side only is counted."""

from typing import Any

import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli.analysis.gaps import Pairs, pair
from divide_cli.catalogue import catalogue
from tests.unit.frames_by_hand import observations

SEX, INCOME = catalogue().comparisons["sex"], catalogue().comparisons["income"]


def paired(comparison: str, *rows: dict[str, Any], dimensions: tuple[str, ...] = ()) -> Pairs:
    frame = observations(*({v.OBS_VALUE: 1, v.BASIS: "stated", **row} for row in rows))
    return pair(frame, catalogue().comparisons[comparison], dimensions)


def positions(pairs: Pairs) -> list[tuple[int, int]]:
    return sorted(zip(pairs.reference.tolist(), pairs.compared.tolist(), strict=True))


def test_sides_are_joined_by_everything_but_the_dimension() -> None:
    found = paired(
        "sex",
        {v.REF_AREA: "FRA", v.SEX: "F"},
        {v.REF_AREA: "KEN", v.SEX: "M"},
        {v.REF_AREA: "FRA", v.SEX: "M"},
        {v.REF_AREA: "KEN", v.SEX: "F"},
        {v.REF_AREA: "KEN", v.SEX: "_T"},
    )
    assert positions(found) == [(1, 3), (2, 0)]  # men are the reference
    assert found.single == 0


def test_keys_with_one_side_are_counted() -> None:
    found = paired(
        "sex",
        {v.REF_AREA: "FRA", v.SEX: "F"},
        {v.REF_AREA: "FRA", v.SEX: "M"},
        {v.REF_AREA: "FRA", v.SEX: "M", v.TIME_PERIOD: 2021},
        {v.REF_AREA: "KEN", v.SEX: "F"},
    )
    assert positions(found) == [(1, 0)]
    assert found.single == 2


@pytest.mark.parametrize(
    "differing",
    [{v.EDITION: "other"}, {v.BASIS: "combined"}, {v.AGE: "Y15T24"}, {v.URBANISATION: "URB"}, {"EDUCATION": "x"}],
)
def test_editions_bases_and_breakdowns_are_never_mixed(differing: dict[str, str]) -> None:
    found = paired(
        "sex",
        {v.REF_AREA: "FRA", v.SEX: "F", "EDUCATION": "_T"},
        {v.REF_AREA: "FRA", v.SEX: "M", "EDUCATION": "_T", **differing},
        dimensions=("EDUCATION",),
    )
    assert (positions(found), found.single) == ([], 2)


def test_groups_of_areas_are_joined_by_everything_but_the_area() -> None:
    found = paired(
        "income", {v.REF_AREA: "HIC"}, {v.REF_AREA: "LIC"}, {v.REF_AREA: "LIC", v.SEX: "F"}, {v.REF_AREA: "LMC"}
    )
    assert (positions(found), found.single) == ([(0, 1)], 1)


def test_a_key_that_stands_twice_on_one_side_raises() -> None:
    rows = [{v.REF_AREA: "FRA", v.SEX: "F"}, {v.REF_AREA: "FRA", v.SEX: "M"}, {v.REF_AREA: "FRA", v.SEX: "M"}]
    with pytest.raises(ValueError, match="comparison sex: a key is twice on one side"):
        paired("sex", *rows)


def test_a_key_that_stands_twice_outside_the_comparison_is_not_its_concern() -> None:
    assert paired("sex", {v.REF_AREA: "FRA"}, {v.REF_AREA: "FRA"}).single == 0


def test_no_rows() -> None:
    frame = observations({v.REF_AREA: "FRA", v.OBS_VALUE: 1, v.BASIS: "stated"}).iloc[:0]
    assert isinstance(frame, pd.DataFrame)
    found = pair(frame, SEX, ())
    assert (positions(found), found.single) == ([], 0)
    assert pair(frame, INCOME, ()).single == 0
