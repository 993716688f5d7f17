"""Gaps: bounds from the corners of both sides, the parity band, statuses and comments."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli.analysis.gaps import gaps_of
from divide_cli.analysis.measures.pairs import BandPlace, in_band
from divide_cli.catalogue import Band, catalogue
from divide_cli.frames.bounds import Bounded, half_up
from divide_cli.frames.columns import labelled
from divide_cli.sources.population import UNCOUNTED
from tests.unit.frames_by_hand import observations, only

EUROPE = {v.REF_AREA: "EUR", v.TIME_PERIOD: 2024}


def values(*rows: dict[str, Any]) -> pd.DataFrame:
    """Values as `gaps_of` takes them; what a row leaves out: exact, full coverage, of one area of a thousand people."""
    filled = []
    for row in rows:
        number = row[v.OBS_VALUE]
        filled.append(
            {
                v.BOUND_LOWER: number,
                v.BOUND_UPPER: number,
                v.COVERAGE: 100.0,
                v.N_AREAS: 1.0,
                v.N_AREAS_TOTAL: 1.0,
                v.POPULATION: 1000.0,
                v.COVERAGE_IS_LIMIT: False,
                v.MEMBERSHIP: "members",
                v.WEIGHTS: "weights",
                v.COUNTS: "counts",
                v.SOURCE: "source",
                v.BASIS: "stated",
                v.REPORTERS: 0.0,
                **row,
            }
        )
    return observations(*filled)


def gaps(frame: pd.DataFrame, gap: str, *measures: str, dimensions: tuple[str, ...] = ()) -> pd.DataFrame:
    known = catalogue()
    made, _ = gaps_of(
        frame, [known.gaps[gap]], [known.measures[name] for name in measures or known.measures], dimensions
    )
    return made


def of_sexes(men: float, women: float, **both: Any) -> pd.DataFrame:
    return values({v.SEX: "M", v.OBS_VALUE: men, **EUROPE, **both}, {v.SEX: "F", v.OBS_VALUE: women, **EUROPE, **both})


def bounded(men: tuple[float, float, float], women: tuple[float, float, float], **both: Any) -> pd.DataFrame:
    """Sides as (value, lowest, highest)."""
    names = (v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER)
    sides = [dict(zip(names, side, strict=True)) for side in (men, women)]
    return values({v.SEX: "M", **EUROPE, **sides[0], **both}, {v.SEX: "F", **EUROPE, **sides[1], **both})


def test_every_measure_by_hand() -> None:
    """Men 80 % of 3000, women 60 % of 1000."""
    men = {v.REF_AREA: "FRA", v.SEX: "M", v.OBS_VALUE: 80, v.POPULATION: 3000}
    women = {v.REF_AREA: "FRA", v.SEX: "F", v.OBS_VALUE: 60, v.POPULATION: 1000}
    frame = values(men, women)
    made = gaps(frame, "internet_use_sex").set_index(v.MEASURE)
    expected = {
        "absolute_difference": (20, "PP"),  # 80 - 60
        "ratio": (80 / 60, "RATIO"),
        "parity_score": (0.75, "RATIO"),  # 60 / 80
        "relative_gap": (25, "PT"),  # 20 of 80
        "relative_gap_to_compared": (100 * (20 / 60), "PT"),
        "adjusted_parity": (0.75, "RATIO"),
        "excess_persons": (1800, "PS"),  # 2400 men, 600 women
        "persons_to_parity": (200, "PS"),  # 20 % of 1000 women
    }
    assert {name: (made.loc[name, v.OBS_VALUE], made.loc[name, v.UNIT_MEASURE]) for name in expected} == expected
    assert set(made.index) == set(catalogue().measures) >= set(expected)


def test_key_and_sides_of_a_gap_over_a_dimension() -> None:
    row = gaps(of_sexes(92.3, 90.2), "internet_use_sex", "absolute_difference").iloc[0]
    assert (row[v.GAP], row[v.INDICATOR], row[v.OVER], row[v.REFERENCE], row[v.COMPARED]) == (
        "internet_use_sex", "internet_use", "SEX", "M", "F",
    )  # fmt: skip
    assert (row[v.REF_AREA], row[v.SEX], row[v.AGE], row[v.TIME_PERIOD]) == ("EUR", "_Z", "_T", 2024)
    assert (row[v.REFERENCE_VALUE], row[v.COMPARED_VALUE]) == (92.3, 90.2)


def test_gap_between_groups_is_of_the_area_within_which_they_are_compared() -> None:
    frame = values(
        {v.REF_AREA: "LIC", v.OBS_VALUE: 23}, {v.REF_AREA: "HIC", v.OBS_VALUE: 94}, {v.REF_AREA: "WLD", v.OBS_VALUE: 74}
    )
    row = gaps(frame, "internet_use_income", "absolute_difference").iloc[0]
    assert (row[v.REF_AREA], row[v.OVER], row[v.REFERENCE], row[v.COMPARED]) == ("WLD", "income_group", "HIC", "LIC")
    assert (row[v.OBS_VALUE], row[v.SEX]) == (71, "_T")


def test_bounds_of_a_difference() -> None:
    """[reference lower - compared upper, reference upper - compared lower] = [70 - 65, 85 - 50]."""
    row = gaps(bounded((80, 70, 85), (60, 50, 65)), "internet_use_sex", "absolute_difference").iloc[0]
    assert (row[v.OBS_VALUE], row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (20, 5, 35)


def test_bounds_of_a_ratio_and_of_a_parity_score() -> None:
    frame = bounded((80, 70, 90), (60, 50, 70))
    ratio = gaps(frame, "internet_use_sex", "ratio").iloc[0]
    assert (ratio[v.BOUND_LOWER], ratio[v.BOUND_UPPER]) == (70 / 70, 90 / 50)
    parity = gaps(frame, "internet_use_sex", "parity_score").iloc[0]
    assert (parity[v.BOUND_LOWER], parity[v.BOUND_UPPER]) == (50 / 90, 70 / 70)


def test_ratio_has_no_upper_bound_where_the_compared_side_may_be_zero() -> None:
    row = gaps(bounded((80, 70, 90), (60, 0, 70)), "internet_use_sex", "ratio").iloc[0]
    assert row[v.OBS_VALUE] == 80 / 60
    assert row[v.BOUND_LOWER] == 1
    assert np.isnan(row[v.BOUND_UPPER])
    assert row[v.OBS_COMMENT] == "no upper bound: c = 0 is possible"
    assert row[v.OBS_STATUS] == "A"


def test_ratio_to_zero_is_undefined_and_says_so() -> None:
    row = gaps(of_sexes(10, 0), "internet_use_sex", "ratio").iloc[0]
    assert np.isnan(row[v.OBS_VALUE])
    assert (row[v.OBS_STATUS], row[v.OBS_COMMENT]) == ("O", "undefined: c = 0")


def test_parity_score_of_a_zero_reference_is_undefined() -> None:
    row = gaps(of_sexes(0, 10), "internet_use_sex", "parity_score").iloc[0]
    assert np.isnan(row[v.OBS_VALUE])
    assert row[v.OBS_STATUS] == "O"
    assert row[v.OBS_COMMENT].startswith("undefined: r = 0")


def test_a_withheld_side_leaves_the_row_with_its_bounds() -> None:
    frame = bounded((80, 80, 80), (np.nan, 40, 70))
    frame[v.OBS_STATUS] = pd.Categorical(["A", "Q"], categories=frame[v.OBS_STATUS].cat.categories)
    row = gaps(frame, "internet_use_sex", "absolute_difference").iloc[0]
    assert np.isnan(row[v.OBS_VALUE])
    assert row[v.OBS_STATUS] == "Q"
    assert (row[v.BOUND_LOWER], row[v.BOUND_UPPER]) == (10, 40)


@pytest.mark.parametrize(
    ("sides", "status"),
    [("AA", "A"), ("AE", "E"), ("EQ", "Q"), ("QO", "O"), ("OA", "O"), ("AB", "A"), ("BE", "E")],
)
def test_status_is_the_graver_of_both(sides: str, status: str) -> None:
    frame = of_sexes(80, 60)
    frame[v.OBS_STATUS] = pd.Categorical(list(sides), categories=frame[v.OBS_STATUS].cat.categories)
    assert gaps(frame, "internet_use_sex", "absolute_difference").iloc[0][v.OBS_STATUS] == status


def commented(men: str, women: str) -> str:
    frame = of_sexes(80, 60)
    frame[v.OBS_COMMENT] = labelled(np.array([0, 1]), [men, women])
    return str(gaps(frame, "internet_use_sex", "absolute_difference").iloc[0][v.OBS_COMMENT])


def test_comments_of_the_sides() -> None:
    assert commented("survey 15+", "survey 15+") == "survey 15+"
    assert commented("survey 15+", "survey 18+") == "M: survey 15+; F: survey 18+"
    assert commented("survey 15+", "") == "M: survey 15+"
    assert commented("", "") == ""


def test_coverage_is_the_lesser_and_areas_are_of_that_side() -> None:
    frame = of_sexes(80, 60)
    frame[v.COVERAGE], frame[v.N_AREAS], frame[v.N_AREAS_TOTAL] = [90.0, 76.0], [5.0, 4.0], [9.0, 8.0]
    row = gaps(frame, "internet_use_sex", "ratio").iloc[0]
    assert (row[v.COVERAGE], row[v.REFERENCE_COVERAGE], row[v.COMPARED_COVERAGE]) == (76, 90, 76)
    assert (row[v.N_AREAS], row[v.N_AREAS_TOTAL]) == (4, 8)


def test_coverage_is_unknown_where_that_of_a_side_is() -> None:
    frame = of_sexes(80, 60)
    frame[v.COVERAGE], frame[v.N_AREAS] = [np.nan, 76.0], [np.nan, 4.0]
    row = gaps(frame, "internet_use_sex", "ratio").iloc[0]
    assert np.isnan([row[v.COVERAGE], row[v.N_AREAS]]).all()
    assert row[v.COMPARED_COVERAGE] == 76


def test_sides_that_rest_on_different_economies_are_said_to() -> None:
    frame = of_sexes(80, 60, **{v.N_AREAS: 5.0})
    frame[v.REPORTERS] = [3.0, 4.0]
    assert (
        gaps(frame, "internet_use_sex", "ratio").iloc[0][v.OBS_COMMENT]
        == "the sides rest on different economies (5 and 5)"
    )


def test_groups_rest_on_different_economies_by_their_nature() -> None:
    frame = values(
        {v.REF_AREA: "LIC", v.OBS_VALUE: 23, v.REPORTERS: 1.0}, {v.REF_AREA: "HIC", v.OBS_VALUE: 94, v.REPORTERS: 2.0}
    )
    assert gaps(frame, "internet_use_income", "ratio").iloc[0][v.OBS_COMMENT] == ""


def test_persons_without_a_population_are_missing_and_say_so() -> None:
    row = gaps(of_sexes(80, 60, **{v.POPULATION: np.nan}), "internet_use_sex", "excess_persons").iloc[0]
    assert np.isnan(row[v.OBS_VALUE])
    assert (row[v.OBS_STATUS], row[v.OBS_COMMENT]) == ("O", UNCOUNTED)
    assert row[v.WEIGHTS] == "counts"


def test_keys_with_one_side_are_counted_by_gap() -> None:
    known = catalogue()
    frame = values(
        {v.REF_AREA: "FRA", v.SEX: "M", v.OBS_VALUE: 1}, {v.REF_AREA: "KEN", v.URBANISATION: "URB", v.OBS_VALUE: 1}
    )
    names = ["internet_use_sex", "internet_use_urbanisation", "mobile_ownership_sex"]
    made, single = gaps_of(frame, [known.gaps[name] for name in names], [known.measures["ratio"]], ())
    assert len(made) == 0
    assert single == {"internet_use_sex": 1, "internet_use_urbanisation": 1}


# ---- the parity band


def band(men: tuple[float, float, float], women: tuple[float, float, float]) -> str:
    return str(gaps(bounded(men, women), "internet_use_sex", "parity_score").iloc[0][v.OBS_COMMENT])


def test_europe_2024_lies_inside_the_band() -> None:
    """90.2 / 92.3 = 0.97725, which rounds to 0.98; as exact figures the answer is sure."""
    assert band((92.3, 92.3, 92.3), (90.2, 90.2, 90.2)) == "inside the parity band 0.98-1.02"


def test_europe_2024_is_inside_with_the_rounding_of_its_printed_figures() -> None:
    """90.15 / 92.35 = 0.97618 -> 0.98 and 90.25 / 92.25 = 0.97832 -> 0.98: sure, although the inputs are rounded."""
    assert band((92.3, 92.25, 92.35), (90.2, 90.15, 90.25)) == "inside the parity band 0.98-1.02"


def test_bounds_on_both_sides_of_the_limit_are_undetermined() -> None:
    """97.45 / 100.05 -> 0.97, 97.55 / 99.95 -> 0.98."""
    said = band((100, 99.95, 100), (97.5, 97.4, 97.6))
    assert said == "undetermined by rounding or coverage whether in the parity band 0.98-1.02"


@pytest.mark.parametrize(
    ("men", "women", "word"),
    [
        (100, 97.5, "inside"),  # 0.975 is a tie: half up to 0.98
        (100, 97.4, "below"),  # 0.974 -> 0.97
        (80, 78, "inside"),  # 0.975 again, from other figures
        (40, 41, "above"),  # 1.025 -> 1.03
        (100, 100, "inside"),
        (97.7, 100, "inside"),  # 1.02354 -> 1.02
        (50, 25, "below"),
    ],
)
def test_the_score_is_rounded_half_up_before_it_is_tested(men: float, women: float, word: str) -> None:
    assert band((men, men, men), (women, women, women)) == f"{word} the parity band 0.98-1.02"


def test_the_band_is_said_of_sexes_only() -> None:
    frame = values(
        {v.REF_AREA: "FRA", v.URBANISATION: "URB", v.OBS_VALUE: 50},
        {v.REF_AREA: "FRA", v.URBANISATION: "RUR", v.OBS_VALUE: 50},
    )
    assert gaps(frame, "internet_use_urbanisation", "parity_score").iloc[0][v.OBS_COMMENT] == ""


def test_no_band_without_a_score() -> None:
    assert "band" not in band((0, 0, 0), (10, 10, 10))


def test_score_whose_upper_bound_is_open_is_undetermined() -> None:
    score = Bounded(np.array([0.99]), np.array([1.0]), np.array([np.nan]))
    parity = catalogue().measures["parity_score"].band
    assert isinstance(parity, Band)
    assert in_band(score, parity).tolist() == [BandPlace.UNDETERMINED]


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (0.975, 0.98),
        (1.005, 1.01),
        (0.985, 0.99),
        (1.015, 1.02),
        (2.675, 2.68),
        (0.97499, 0.97),
        (0.0, 0.0),
        (1.025, 1.03),
    ],
)
def test_half_up_is_decimal_whatever_the_binary_tail_is(value: float, rounded: float) -> None:
    assert half_up(np.array([value]), 2)[0] == rounded


def test_row_order_does_not_matter() -> None:
    frame = values(
        {v.REF_AREA: "FRA", v.SEX: "M", v.OBS_VALUE: 80},
        {v.REF_AREA: "KEN", v.SEX: "F", v.OBS_VALUE: 30},
        {v.REF_AREA: "FRA", v.SEX: "F", v.OBS_VALUE: 60},
        {v.REF_AREA: "KEN", v.SEX: "M", v.OBS_VALUE: 50},
    )
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]):
        made = gaps(frame.iloc[order].reset_index(drop=True), "internet_use_sex", "absolute_difference")
        assert only(made, REF_AREA="FRA")[v.OBS_VALUE] == 20
        assert only(made, REF_AREA="KEN")[v.OBS_VALUE] == 20
