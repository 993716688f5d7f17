"""Subgroups that a query names: an order with a subgroup missing, those left out, a reference, and codes that are wrong."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from divide_cli import api
from divide_cli import concepts as v
from divide_cli.analysis.inequality import Inequality
from divide_cli.errors import OptionError
from divide_cli.reports.inequality import output

DECILES = dict(zip([f"D{place:02}" for place in range(1, 11)], (12, 20, 25, 31, 38, 46, 55, 65, 76, 88), strict=True))
ORDER = ",".join(DECILES)
QUINTILES = {"Q1": (12.5, 12), "Q2": (21.0, 11), "Q3": (30.5, 10), "Q4": (44.1, 9), "Q5": (70.2, 8)}
HEAD = "REF_AREA,INDICATOR,WEALTH,TIME_PERIOD,OBS_VALUE,POPULATION,STD_ERR"


def file(path: Path, *rows: str, head: str = HEAD) -> str:
    path = path / "survey.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return str(path)


def deciles(path: Path, *without_value: str, absent: str = "", further: tuple[str, ...] = ()) -> str:
    """Deciles of Kenya in 2022, of half a million people each; some have an empty value, and one may have no row."""
    rows = [
        f"KEN,internet_use,{code},2022,{'' if code in without_value else value},500000,"
        for code, value in DECILES.items()
        if code != absent
    ]
    return file(path, *rows, *further)


def quintiles(path: Path, indicator: str = "internet_use", area: str = "KEN", year: int = 2022) -> str:
    """Quintiles with a mean of (12 x 12.5 + 11 x 21 + 10 x 30.5 + 9 x 44.1 + 8 x 70.2) / 50 = 32.89."""
    rows = [f"{area},{indicator},{code},{year},{x},{n}00000,1.5" for code, (x, n) in QUINTILES.items()]
    return file(path, *rows)


def measure(path: str, over: str = "WEALTH", indicator: str = "internet_use", **options) -> Inequality:
    return api.measure(indicator, [path], over=over, areas=options.pop("areas", ["KEN"]), **options)


def one(result: Inequality, name: str) -> pd.Series:
    (row,) = (row for _, row in result.frame[result.frame[v.MEASURE] == name].iterrows())
    return row


def bounds(result: Inequality, name: str) -> tuple[float, float]:
    row = one(result, name)
    return row[v.BOUND_LOWER], row[v.BOUND_UPPER]


# an order needs every subgroup


def test_the_ends_of_an_order_have_an_interval_whatever_is_between(tmp_path: Path) -> None:
    """D05 has no value: 88 - 12 with 1.96 x sqrt(1.5^2 + 1.5^2) on either side."""
    rows = [f"KEN,internet_use,{code},2022,{'' if code == 'D05' else x},5,1.5" for code, x in DECILES.items()]
    row = one(measure(file(tmp_path, *rows), order=ORDER), "subgroup_difference")
    half = 1.959963984540054 * 1.5 * 2**0.5
    assert (row[v.CI_LOWER], row[v.CI_UPPER]) == pytest.approx((76 - half, 76 + half))


def test_without_the_lowest_of_an_order_measures_have_bounds_only(tmp_path: Path) -> None:
    """With D01 at 0 and at 100, and the others 0.5 lower or higher: D = 88 - D01 is -12.5 to 88.5. 2 X - 1 is -0.9,
    -0.7 ... 0.9, so that ACI = (146.4 - 0.9 D01) / 10 is 5.64 to 14.64, and 0.5 x 4.1 / 10 = 0.205 more on either side.
    The mean is (444 + D01) / 10, and PAR = 88 - mean is 33.6 to 43.6, and 0.5 x (0.9 + 8 x 0.1) = 0.85 more.
    """
    result = measure(deciles(tmp_path, "D01"), order=ORDER)
    assert result.frame[v.OBS_VALUE].isna().all() and (result.frame[v.OBS_STATUS] == v.WITHHELD).all()
    assert result.frame[v.CI_LOWER].isna().all()
    assert bounds(result, "subgroup_difference") == pytest.approx((-12.5, 88.5))
    assert bounds(result, "absolute_concentration_index") == pytest.approx((5.435, 14.845))
    assert bounds(result, "population_attributable_risk") == pytest.approx((32.75, 44.45))
    row = one(result, "gini_index")
    assert row[v.OBS_COMMENT].startswith("withheld: 9 of 10 subgroups have a value, not D01; an order needs all")
    assert (row[v.COVERAGE], row[v.N_SUBGROUPS]) == (90, 9)


def test_the_ends_of_an_order_are_compared_if_one_between_is_missing(tmp_path: Path) -> None:
    """D = 88 - 12 and R = 88 / 12 rest on the ends. The mean is (418 + D05) / 10: PAR is 36.2 to 46.2.

    The others are 0.5 lower or higher: D is 75 to 77, and PAR 0.5 x (0.9 + 8 x 0.1) = 0.85 further on either side.
    """
    result = measure(deciles(tmp_path, "D05"), order=ORDER)
    difference = one(result, "subgroup_difference")
    assert (difference[v.OBS_VALUE], difference[v.OBS_STATUS]) == (76, v.NORMAL)
    assert bounds(result, "subgroup_difference") == (75, 77) and difference[v.OBS_COMMENT] == ""
    assert one(result, "subgroup_ratio")[v.OBS_VALUE] == pytest.approx(88 / 12)
    impact = one(result, "population_attributable_risk")
    assert np.isnan(impact[v.OBS_VALUE]) and bounds(result, "population_attributable_risk") == pytest.approx(
        (35.35, 47.05)
    )


def test_a_subgroup_without_a_row_is_missed_if_another_area_has_it(tmp_path: Path) -> None:
    """Nobody says how many people D01 has: coverage is unknown, and measures that count people have no bounds."""
    path = deciles(tmp_path, absent="D01", further=("UGA,internet_use,D01,2022,9,500000,",))
    result = measure(path, order=ORDER)
    assert result.subgroup_sets[0].codes == tuple(DECILES) and np.isnan(result.subgroup_sets[0].coverage)
    assert result.frame[v.OBS_VALUE].isna().all() and result.frame[v.COVERAGE].isna().all()
    assert bounds(result, "subgroup_difference") == pytest.approx((-12.5, 88.5))
    assert np.isnan(bounds(result, "absolute_concentration_index")).all()


def test_a_missing_subgroup_is_unbounded_above_without_a_maximum_of_the_unit(tmp_path: Path) -> None:
    rows = [f"KEN,fixed_broadband_subscriptions,Q{place},2022,{value},1000," for place, value in enumerate(["", 3, 9])]
    result = measure(file(tmp_path, *rows), indicator="fixed_broadband_subscriptions", order="Q0,Q1,Q2")
    assert result.frame[[v.OBS_VALUE, v.BOUND_LOWER, v.BOUND_UPPER]].isna().all(axis=None)
    assert "not Q0" in one(result, "subgroup_difference")[v.OBS_COMMENT]


def test_without_an_order_85_percent_of_the_subgroups_are_enough(tmp_path: Path) -> None:
    """Nine of ten regions: D = 88 - 20. Eight of ten: withheld, and bounded by the limits of the unit."""
    nine = measure(deciles(tmp_path, "D01"))
    assert one(nine, "subgroup_difference")[v.OBS_VALUE] == 68
    eight = measure(deciles(tmp_path, "D01", "D02"))
    assert np.isnan(one(eight, "subgroup_difference")[v.OBS_VALUE])
    assert bounds(eight, "subgroup_difference") == pytest.approx((62, 100))  # 87.5 - 25.5, and 100 - 0


def test_without_an_order_bounds_take_in_a_subgroup_without_a_row(tmp_path: Path) -> None:
    """Two of three regions have a row, 19.5 to 20.5 and 59.5 to 60.5; the third can be 0 or 100: D is 39 to 80.5."""
    rows = [f"{area},internet_use,{code},2022,{x},1000," for area, code, x in (("KEN", "A", 20), ("KEN", "B", 60))]
    result = measure(file(tmp_path, *rows, "UGA,internet_use,C,2022,30,1000,"))
    assert result.subgroup_sets[0].codes == ("A", "B", "C")
    assert bounds(result, "subgroup_difference") == pytest.approx((39, 80.5))


# left out on request


def test_subgroups_left_out_on_request_are_said(tmp_path: Path) -> None:
    """D = 88 - 20 of the nine that remain, all of which have a value."""
    result = measure(deciles(tmp_path, "D01"), order=ORDER, without="D01")
    row = one(result, "subgroup_difference")
    assert (row[v.OBS_VALUE], row[v.COVERAGE], row[v.OBS_COMMENT]) == (68, 100, "without D01")
    assert result.frame[v.OBS_COMMENT].str.contains("without D01").all()
    assert result.query.ranks == tuple(DECILES)[1:]


def test_a_subgroup_without_any_row_can_be_left_out_of_its_order(tmp_path: Path) -> None:
    result = measure(deciles(tmp_path, absent="D01"), order=ORDER, without="D01")
    assert one(result, "subgroup_difference")[v.OBS_VALUE] == 68


def test_a_group_and_an_economy_can_be_left_out() -> None:
    """HIC - LMC of ITU's figures of 2025, 94.2 - 62.9, where low-income economies are left out."""
    groups = api.measure("internet_use", over="income_group", without="LIC", editions=["itu_aggregates_2025_11"])
    assert one(groups, "subgroup_difference")[v.OBS_VALUE] == pytest.approx(94.2 - 62.9)
    assert groups.subgroup_sets[0].codes == ("LMC", "UMC", "HIC")


def test_the_coverage_of_economies_is_that_of_those_that_remain(tmp_path: Path) -> None:
    """CIS economies of which two have a figure: of the others' people, those of the second are covered."""
    rows = [f"{area},internet_use,_T,2022,{x},," for area, x in (("RUS", 90), ("KAZ", 92), ("BLR", 89))]
    path = file(tmp_path, *rows)
    whole = measure(path, over="REF_AREA", areas=["CIS"], min_coverage=0)
    rest = measure(path, over="REF_AREA", areas=["CIS"], min_coverage=0, without="RUS")
    (all_of_them,), (others,) = whole.subgroup_sets, rest.subgroup_sets
    people = dict(zip(all_of_them.codes, all_of_them.persons, strict=True))
    total = sum(people.values()) / (all_of_them.coverage / 100)
    assert others.codes == ("BLR", "KAZ")
    assert others.coverage == pytest.approx(100 * (people["BLR"] + people["KAZ"]) / (total - people["RUS"]))


@pytest.mark.parametrize(("poor", "difference", "ratio"), [(20, 40, 3), (75, -15, 0.8)])
def test_an_order_of_two_compares_the_second_with_the_first(tmp_path: Path, poor: float, difference, ratio) -> None:
    """60 - 20 and 60 / 20; 60 - 75 and 60 / 75."""
    path = file(tmp_path, f"KEN,internet_use,poor,2022,{poor},100,1", "KEN,internet_use,rich,2022,60,300,2")
    result = measure(path, order="poor,rich")
    assert one(result, "absolute_difference")[v.OBS_VALUE] == difference
    assert one(result, "ratio")[v.OBS_VALUE] == pytest.approx(ratio)
    assert one(result, "absolute_difference")[v.REFERENCE] == "rich"
    rows = next(block.rows for block in output(result).blocks() if block.title.startswith("Measures"))
    ahead = "rich is ahead of poor" if difference > 0 else "rich is behind poor"
    assert next(cells[-1] for cells in rows if cells[0] == "difference") == f"{ahead}, in percentage points."


REGIONS = dict(zip([f"R{place}" for place in range(8)], (20, 30, 40, 50, 60, 70, 80, ""), strict=True))


@pytest.mark.parametrize(
    ("people", "absent", "least"),
    [
        ({"R7": 900}, "", 100 * 700 / 1600),  # all are known
        ({"R7": 900, "R0": ""}, "", 100 * 600 / 1500),  # R0 may have nobody
        ({"R7": ""}, "", 0.0),  # R7 may have almost everybody
        ({}, "R7", 0.0),
    ],
)
def test_the_least_coverage_that_known_people_allow_decides(tmp_path: Path, people, absent: str, least: float) -> None:
    """Seven of eight regions, of 100 people each unless said otherwise, have a value. R7 may have any from 0 to 100."""
    rows = [
        f"KEN,internet_use,{code},2022,{value},{people.get(code, 100)},"
        for code, value in REGIONS.items()
        if code != absent
    ]
    elsewhere = [f"KEN,internet_use,{code},2021,50,100," for code in REGIONS]
    result = measure(file(tmp_path, *rows, *elsewhere), years=[2022])
    assert result.subgroup_sets[0].least == pytest.approx(least)
    row = one(result, "subgroup_difference")
    assert np.isnan(row[v.OBS_VALUE]) and row[v.OBS_STATUS] == v.WITHHELD
    assert f"{np.floor(10 * least) / 10:.1f} %" in row[v.OBS_COMMENT]
    assert bounds(result, "subgroup_difference") == (59, 80.5)  # 79.5 - 20.5; 100 - 19.5 or 80.5 - 0


@pytest.mark.parametrize(("area", "year"), [("KEN", 2021), ("TZA", 2022)])
def test_an_order_of_which_a_year_or_an_area_has_no_code_is_refused(tmp_path: Path, area: str, year: int) -> None:
    rows = [f"KEN,internet_use,{code},2022,{x},100," for code, (x, _) in QUINTILES.items()]
    path = file(tmp_path, *rows, f"{area},internet_use,A,{year},30,100,", f"{area},internet_use,B,{year},40,100,")
    with pytest.raises(OptionError, match=f"A, B of {area} in {year}"):
        measure(path, order=",".join(QUINTILES), areas=["KEN", area], years=[2022, year])
    assert len(measure(path, order=",".join(QUINTILES), years=[2022]).subgroup_sets) == 1


def test_areas_and_years_without_figures_are_named(tmp_path: Path) -> None:
    result = measure(quintiles(tmp_path), order=",".join(QUINTILES), areas=["KEN", "RWA"], years=[2021, 2022])
    notes = output(result).blocks()[-1].notes
    assert "No figures by WEALTH of RWA, KEN in 2021." in notes


def test_where_no_people_are_known_the_number_of_subgroups_decides(tmp_path: Path) -> None:
    rows = [f"KEN,internet_use,{code},2022,{value},," for code, value in REGIONS.items()]
    assert one(measure(file(tmp_path, *rows)), "subgroup_difference")[v.OBS_VALUE] == 60


def test_economies_that_are_withheld_have_no_bounds(tmp_path: Path) -> None:
    """Those without a figure are in no row: the rounding of the others bounds nothing."""
    rows = [f"{area},internet_use,2022,{x},1" for area, x in (("KAZ", 92), ("BLR", 89), ("ARM", 79))]
    path = file(tmp_path, *rows, head="REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,DECIMALS")
    result = measure(path, over="REF_AREA", areas=["CIS"])
    assert one(result, "subgroup_difference")[v.OBS_STATUS] == v.WITHHELD
    assert np.isnan(bounds(result, "subgroup_difference")).all()


def test_bands_that_overlap_can_be_left_out(tmp_path: Path) -> None:
    rows = [f"KEN,internet_use,{band},2022,{x}" for band, x in (("Y15T24", 60), ("Y25T74", 40), ("Y_GE60", 10))]
    path = file(tmp_path, *rows, head="REF_AREA,INDICATOR,AGE,TIME_PERIOD,OBS_VALUE")
    with pytest.raises(OptionError, match="age bands overlap"):
        measure(path, over="AGE")
    assert measure(path, over="AGE", without="Y_GE60").subgroup_sets[0].codes == ("Y15T24", "Y25T74")


# codes that are wrong


@pytest.mark.parametrize(
    ("options", "code", "found"),
    [
        ({"order": "Q1,Q2,Q3,Q4"}, "order_incomplete", "Q5 of KEN in 2022"),
        ({"order": "Q1,Q1,Q2,Q3,Q4,Q5"}, "order_repeats", "Q1"),
        ({"order": "Q1,Q2,Q3,Q4,q5"}, "order_unknown", "q5"),
        ({"order": "Q1,Q2,Q3,Q4,Q5,Q6"}, "order_unknown", "Q6"),
        ({"order": "Q1,Q2,Q3,Q4", "without": "Q6"}, "subgroup_unknown", "Q6"),
        ({"without": "q5"}, "subgroup_unknown", "q5"),
        ({"reference": "q5"}, "subgroup_unknown", "q5"),
        ({"reference": "Q5", "without": "Q5"}, "reference_left_out", "Q5"),
    ],
)
def test_a_code_that_is_wrong_is_named(tmp_path: Path, options: dict[str, str], code: str, found: str) -> None:
    with pytest.raises(OptionError) as caught:
        measure(quintiles(tmp_path), **options)
    assert (caught.value.code, caught.value.found) == (code, found)
    if found == "q5":
        assert "did you mean Q5" in caught.value.hint


def test_what_the_order_lacks_can_be_left_out(tmp_path: Path) -> None:
    """D = 44.1 - 12.5, of Q1 to Q4, with a word; the coverage is that of the people of these four."""
    result = measure(quintiles(tmp_path), order="Q1,Q2,Q3,Q4", without="Q5")
    row = one(result, "subgroup_difference")
    assert (row[v.OBS_VALUE], row[v.COVERAGE]) == (pytest.approx(31.6), 100) and "without Q5" in row[v.OBS_COMMENT]


def test_other_years_may_have_other_subgroups(tmp_path: Path) -> None:
    """The order is of the quintiles of 2022. The halves of 2018 are neither an error nor part of a trend."""
    path = quintiles(tmp_path)
    halves = ["KEN,internet_use,H1,2018,10,2500000,", "KEN,internet_use,H2,2018,30,2500000,"]
    file(tmp_path, *Path(path).read_text(encoding="utf-8").splitlines()[1:], *halves)
    result = measure(path, order="Q1,Q2,Q3,Q4,Q5")
    assert [one.year for one in result.subgroup_sets] == [2022] and not result.frame[v.PERIOD_TEXT].notna().any()


# a reference


def test_the_reference_chosen(tmp_path: Path) -> None:
    """Against Q3, 30.5: mean 32.89, PAR -2.39, PAF -7.2666; D 30.5 - 12.5, R 30.5 / 12.5;
    MDR (18 + 9.5 + 0 + 13.6 + 39.7) / 5, by people 0.24 x 18 + 0.22 x 9.5 + 0.18 x 13.6 + 0.16 x 39.7 = 15.21.
    """
    result = measure(quintiles(tmp_path), reference="Q3")
    expected = {
        "population_attributable_risk": -2.39,
        "population_attributable_fraction": -239 / 32.89,
        "subgroup_difference": 18.0,
        "subgroup_ratio": 2.44,
        "mean_difference_from_reference_unweighted": 80.8 / 5,
        "mean_difference_from_reference": 15.21,
    }
    for name, value in expected.items():
        row = one(result, name)
        assert (row[v.OBS_VALUE], row[v.REFERENCE]) == (pytest.approx(value), "Q3"), name
    difference = one(result, "subgroup_difference")
    assert difference[v.CI_UPPER] - 18 == pytest.approx(1.959964 * 1.5 * 2**0.5, rel=1e-6)
    assert "Q3 compared with the worst of the others" in difference[v.OBS_COMMENT]
    impact = one(result, "population_attributable_risk")
    assert impact[v.OBS_COMMENT].startswith("the reference is behind the average; WHO shows 0")
    assert one(result, "gini_index")[v.REFERENCE] == v.NOT_APPLICABLE


@pytest.mark.parametrize(("reference", "difference"), [("Q3", 30.5 - 12.5), ("Q1", 12.5 - 70.2), ("Q5", 70.2 - 12.5)])
def test_the_reference_in_an_order_is_compared_with_its_other_end(
    tmp_path: Path, reference: str, difference: float
) -> None:
    result = measure(quintiles(tmp_path), order="Q1,Q2,Q3,Q4,Q5", reference=reference)
    row = one(result, "subgroup_difference")
    assert (row[v.OBS_VALUE], row[v.REFERENCE]) == (pytest.approx(difference), reference)


def test_without_a_reference_that_of_the_order_is_named(tmp_path: Path) -> None:
    ordered = measure(quintiles(tmp_path), order="Q1,Q2,Q3,Q4,Q5")
    assert one(ordered, "population_attributable_risk")[v.REFERENCE] == "Q5"
    assert one(measure(quintiles(tmp_path)), "population_attributable_risk")[v.REFERENCE] == v.NOT_APPLICABLE


def test_the_worst_of_the_others_is_the_highest_of_an_adverse_indicator(tmp_path: Path) -> None:
    """Prices, where the lowest is best: 30.5 is 39.7 from the highest, and the mean of 32.89 is above it."""
    result = measure(quintiles(tmp_path, "price_mobile_data"), indicator="price_mobile_data", reference="Q3")
    assert one(result, "subgroup_difference")[v.OBS_VALUE] == pytest.approx(39.7)
    impact = one(result, "population_attributable_risk")
    assert impact[v.OBS_VALUE] == pytest.approx(-2.39) and "behind" not in impact[v.OBS_COMMENT]


def test_bounds_against_the_worst_of_the_others(tmp_path: Path) -> None:
    """10, 12 and 30, rounded to whole numbers: 29.5 - min(10.5, 12.5) to 30.5 - 9.5."""
    rows = [f"KEN,internet_use,{code},2022,{x},1000,0" for code, x in (("A", 10), ("B", 12), ("C", 30))]
    result = measure(file(tmp_path, *rows, head=HEAD.replace("STD_ERR", "DECIMALS")), reference="C")
    assert bounds(result, "subgroup_difference") == pytest.approx((19, 21))


def test_a_reference_turns_a_comparison_round(tmp_path: Path) -> None:
    """Women, 40, against men, 50: the difference is -10, the ratio 0.8; pace too is that of women less men."""
    rows = [f"KEN,internet_use,{sex},{year},{x}" for year in (2021, 2022) for sex, x in (("F", 40), ("M", 2071 - year))]
    path = file(tmp_path, *rows, head="REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE")
    assert one(measure(path, over="SEX"), "absolute_difference")[v.REFERENCE] == "M"
    result = measure(path, over="SEX", reference="F")
    assert one(result, "absolute_difference")[v.OBS_VALUE] == 40 - 49
    assert one(result, "ratio")[v.OBS_VALUE] == pytest.approx(40 / 49)
    change = one(result, "change")
    assert (change[v.OBS_VALUE], change[v.REFERENCE]) == ((40 - 49) - (40 - 50), "F")


def test_of_two_subgroups_of_ones_own_the_other_is_compared(tmp_path: Path) -> None:
    rows = [f"KEN,internet_use,{code},2022,{x},1000," for code, x in (("HILL", 30), ("TOWN", 70))]
    path = file(tmp_path, *rows)
    row = one(measure(path, reference="TOWN"), "absolute_difference")
    assert (row[v.OBS_VALUE], row[v.REFERENCE]) == (40, "TOWN")


def test_a_reference_without_a_value_is_not_replaced_by_the_best(tmp_path: Path) -> None:
    """Nine of ten regions are enough for a Gini index, but nothing is relative to the tenth."""
    result = measure(deciles(tmp_path, "D03"), reference="D03")
    for name in ("subgroup_difference", "population_attributable_risk", "mean_difference_from_reference"):
        row = one(result, name)
        assert np.isnan(row[v.OBS_VALUE]) and row[v.OBS_STATUS] == v.WITHHELD
        assert row[v.OBS_COMMENT].startswith("withheld: the reference D03 has no value")
        assert np.isnan(row[v.BOUND_LOWER])
    assert one(result, "gini_index")[v.OBS_VALUE] > 0


def test_a_group_can_be_the_reference() -> None:
    """UMC of ITU's figures of 2025, 88.8, against LIC, 23.4."""
    result = api.measure("internet_use_income", reference="UMC", editions=["itu_aggregates_2025_11"])
    assert one(result, "absolute_difference")[v.OBS_VALUE] == pytest.approx(88.8 - 23.4)
