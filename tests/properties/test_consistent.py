"""Submissions made from true shares have no error; one total that is moved is found."""

from tests.properties.consistent import errors_in, submission


def test_what_is_right_has_no_error_and_a_moved_total_has_one() -> None:
    frame = submission(80)
    number, errors = errors_in(frame)
    assert number > 3000 and errors == {}
    totals = frame[frame["INDICATOR"].eq("internet_use") & frame[["SEX", "AGE"]].eq("_T").all(axis=1)]
    of_sexes = frame[frame["SEX"].ne("_T")].groupby(["REF_AREA", "TIME_PERIOD"])["OBS_VALUE"].max().astype(float)
    row = next(at for at in totals.index if of_sexes[totals.loc[at, "REF_AREA"], totals.loc[at, "TIME_PERIOD"]] < 80)
    moved = frame.copy()
    moved.loc[row, "OBS_VALUE"] = "95.0"
    assert errors_in(moved)[1].get("total_outside_sexes") == 1
