"""The border control: anything but a frame of observations is one error with line, expected, found and count."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli.errors import SourceError
from divide_cli.frames import columns
from divide_cli.frames.columns import area_category, category, constant, in_use, labelled
from divide_cli.frames.schema import conform, limits
from tests.unit.frames_by_hand import observations

FRA: dict[str, Any] = {v.REF_AREA: "FRA", v.OBS_VALUE: 50}


def refused(frame: pd.DataFrame, extra: tuple[str, ...] = ()) -> SourceError:
    with pytest.raises(SourceError) as caught:
        conform(frame, extra)
    return caught.value


def test_a_sound_frame_passes_unchanged() -> None:
    frame = observations(
        FRA,
        {**FRA, v.SEX: "F", v.OBS_VALUE: 0},
        {**FRA, v.SEX: "M", v.OBS_VALUE: 100},
        {**FRA, v.AGE: "Y15T24", v.OBS_VALUE: np.nan},
    )
    before = frame.copy(deep=True)
    assert conform(frame) is frame
    pd.testing.assert_frame_equal(frame, before)


def test_value_outside_the_range_of_its_unit() -> None:
    error = refused(
        observations(FRA, {**FRA, v.TIME_PERIOD: 2021, v.OBS_VALUE: 140}, {**FRA, v.TIME_PERIOD: 2022, v.OBS_VALUE: -1})
    )
    assert error.subject == "a value is outside the range of its unit"
    assert (error.expected, error.found, error.where) == ("0 to 100 (PT)", "140; 1 more row", "test.csv:3")


@pytest.mark.parametrize("value", [100.0000001, -0.0000001])
def test_the_range_is_closed_and_exact(value: float) -> None:
    """The message shows the digits beyond the range: 100 is not outside 0 to 100."""
    error = refused(observations({**FRA, v.OBS_VALUE: value}))
    assert (error.subject, error.found) == ("a value is outside the range of its unit", repr(value))


@pytest.mark.parametrize("value", [100.00000000000001, -1e-14])
def test_noise_of_arithmetic_is_within_the_range(value: float) -> None:
    """Both differ from the limit by less than 100 units of the last of the 53 bits of 100 (1.4e-14)."""
    conform(observations({**FRA, v.OBS_VALUE: value}))


def test_persons_may_exceed_a_hundred_and_not_fall_below_zero() -> None:
    population = {v.REF_AREA: "FRA", v.INDICATOR: "population"}
    conform(observations({**population, v.OBS_VALUE: 68e6}))
    assert refused(observations({**population, v.OBS_VALUE: -1})).expected == "0 to inf (PS)"


def test_unit_that_is_not_the_indicators() -> None:
    error = refused(observations(FRA, {**FRA, v.SEX: "F", v.UNIT_MEASURE: "PS"}))
    assert error.subject == "the unit is not that of the indicator"
    assert (error.expected, error.found, error.where) == ("PT", "PS", "test.csv:3")


def test_key_that_stands_twice() -> None:
    error = refused(observations(FRA, {**FRA, v.REF_AREA: "KEN"}, {**FRA, v.OBS_VALUE: 60}, {**FRA, v.OBS_VALUE: 50}))
    assert error.subject == "two rows have the same key"
    assert error.where == "test.csv:4"
    assert (
        error.found == "50 and 60 for FRA, internet_use, _T, _T, _T, 2020; the other row is at test.csv:2; 1 more row"
    )


def test_the_same_key_in_two_editions_is_fine() -> None:
    conform(observations(FRA, {**FRA, v.EDITION: "other"}))


def test_a_further_dimension_belongs_to_the_key() -> None:
    frame = observations({**FRA, "EDUCATION": "ISCED11_1"}, {**FRA, "EDUCATION": "ISCED11_2"})
    conform(frame, ("EDUCATION",))
    assert refused(observations({**FRA, "EDUCATION": "x"}, {**FRA, "EDUCATION": "x"}), ("EDUCATION",)).found.startswith(
        "50 and 50 for FRA, internet_use, _T, _T, _T, 2020, x"
    )


def test_year_out_of_range() -> None:
    error = refused(
        observations({**FRA, v.TIME_PERIOD: 1899}, {**FRA, v.TIME_PERIOD: 2100}, {**FRA, v.TIME_PERIOD: 2101})
    )
    assert error.subject == "a year is out of range"
    assert (error.expected, error.found, error.where) == ("1900 to 2100", "1899; 1 more row", "test.csv:2")


def test_several_kinds_of_failure_are_all_counted() -> None:
    error = refused(
        observations(
            {**FRA, v.TIME_PERIOD: 1800},
            {**FRA, v.OBS_VALUE: 140},
            {**FRA, v.OBS_VALUE: 150},
            {**FRA, v.REF_AREA: "KEN", v.UNIT_MEASURE: "PS"},
        )
    )
    assert error.subject == "a year is out of range"
    assert error.found == (
        "1800; 2 rows: a value is outside the range of its unit; 1 row: the unit is not that of the indicator; 1 row: two rows have the same key"
    )


def test_counts_are_exact_beyond_what_pandera_formats() -> None:
    years = [{**FRA, v.TIME_PERIOD: year, v.OBS_VALUE: 101} for year in range(1950, 2050)]
    assert refused(observations(*years)).found == "101; 99 more rows"


def test_limits_follow_the_indicators_unit() -> None:
    low, high = limits(observations(FRA, {**FRA, v.INDICATOR: "population"}))
    assert (low.tolist(), high.tolist()) == ([0, 0], [100, np.inf])


def test_user_groups_stand_at_the_end_of_the_areas() -> None:
    known = category(v.REF_AREA).categories
    made = area_category(["G2", "WLD"]).categories
    assert made.tolist() == [*known, "G2"]


def test_labelled_makes_equal_texts_one_category() -> None:
    made = labelled(np.array([0, 1, 2, 0]), ["a", "b", "a"])
    assert made.categories.tolist() == ["a", "b"]
    assert made.tolist() == ["a", "b", "a", "a"]


def test_constant() -> None:
    assert constant("x", 3).tolist() == ["x", "x", "x"]
    assert constant("x", 0).tolist() == []


def test_in_use_drops_what_is_not_and_sorts() -> None:
    made = in_use(pd.Categorical(["c", None, "a"], categories=["c", "b", "a"]))
    assert made.categories.tolist() == ["a", "c"]
    assert made[0] == "c"
    assert made.codes[1] == -1
    assert made[2] == "a"


def test_values_and_rows_are_those_that_pandas_gives() -> None:
    """A missing value of a category is NaN, of other columns what the column has; no row gives nothing."""
    frame = pd.DataFrame({
        "code": pd.Categorical(["b", None, "a", "b"], categories=["a", "b", "c"]),
        "year": pd.Categorical([2020, 2021, 2020, None]),
        "value": [1.5, float("nan"), 2.0, 3.0],
        "count": pd.array([1, 2, 3, 4], dtype="Int32"),
    })  # fmt: skip
    assert columns.categories_of(frame["code"]) == ["a", "b", "c"]
    assert repr(columns.values_of(frame["code"])) == "['b', nan, 'a', 'b']"
    assert repr(columns.rows_of(frame)) == repr(frame.to_dict("records"))
    assert columns.rows_of(frame.iloc[:0]) == []


def test_areas_of_a_group() -> None:
    """The marks are at the places of the areas in the codelist; a code that it does not have marks none."""
    marks = columns.areas_in({"KEN", "TZA", "nowhere"})
    assert [area for area, inside in zip(columns.areas(), marks, strict=True) if inside] == ["KEN", "TZA"]
    assert list(columns.category("REF_AREA").categories) == list(columns.areas())
    assert not columns.areas_in(()).any()
