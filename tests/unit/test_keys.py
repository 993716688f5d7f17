"""Keys: several columns packed into one integer."""

import numpy as np
import pandas as pd

from divide_cli.frames.columns import composite_key, unique, unique_rows


def frame(*rows: tuple[str | None, int]) -> pd.DataFrame:
    sex = pd.Categorical([row[0] for row in rows], categories=["F", "M", "_T"])
    return pd.DataFrame({"SEX": sex, "TIME_PERIOD": np.array([row[1] for row in rows], dtype=np.int16)})


def test_equal_rows_have_equal_keys_and_no_others() -> None:
    packed = composite_key(frame(("F", 2020), ("M", 2020), ("F", 2021), ("F", 2020)), ["SEX", "TIME_PERIOD"])
    assert packed[0] == packed[3]
    assert len(set(packed.tolist())) == 3


def test_keys_are_ordered_as_the_columns_are_first_column_first() -> None:
    # categories are in the order F, M, _T: a later year of F is before any year of M
    packed = composite_key(frame(("M", 2019), ("F", 2021), ("F", 2020), ("_T", 1990)), ["SEX", "TIME_PERIOD"])
    assert np.argsort(packed).tolist() == [2, 1, 0, 3]


def test_missing_category_is_a_code_of_its_own() -> None:
    packed = composite_key(frame((None, 2020), ("F", 2020)), ["SEX"])
    assert packed.tolist() == [0, 1]


def test_no_rows() -> None:
    assert composite_key(frame(), ["SEX", "TIME_PERIOD"]).tolist() == []


def test_negative_integers() -> None:
    assert composite_key(pd.DataFrame({"x": [-3, 5, -3]}), ["x"]).tolist() == [0, 8, 0]


def test_key_that_would_overflow_is_made_dense() -> None:
    # 2^40 x 2^40 possible keys do not fit in 62 bits; the two that occur twice must still agree
    large = pd.DataFrame({"x": [0, 2**40, 0, 2**40], "y": [0, 2**40, 0, 0]})
    packed = composite_key(large, ["x", "y"])
    assert packed[0] == packed[2]
    assert len(set(packed.tolist())) == 3
    assert np.argsort(packed, kind="stable").tolist() == [0, 2, 3, 1]


def test_distinct_is_what_numpy_unique_gives() -> None:
    packed = np.array([7, 3, 7, 9, 3], dtype=np.int64)
    first, place = unique_rows(packed)
    assert first.tolist() == [1, 0, 3]  # 3 is first met in row 1, 7 in row 0, 9 in row 3
    assert place.tolist() == [1, 0, 1, 2, 0]


def test_distinct_of_nothing() -> None:
    first, place = unique_rows(np.zeros(0, dtype=np.int64))
    assert (first.tolist(), place.tolist()) == ([], [])


def test_unique() -> None:
    assert unique(np.array([3, 1, 2]))
    assert not unique(np.array([3, 1, 3]))
    assert unique(np.zeros(0, dtype=np.int64))
