"""Age bands: how they tile, what overlaps or is missing, and the mean of bands, with five-year groups that a band cuts."""

import pytest

from divide_cli import concepts as v
from divide_cli.catalogue.codelists import OPEN
from divide_cli.frames.columns import category
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules.age_bands import tiling
from divide_cli.validation.rules.implied_shares import ReferencePopulation
from tests.rules.by_hand import bands, hits, lines, rule, table


@pytest.mark.parametrize(
    ("spans", "kept", "trouble"),
    [
        ([(0, 14), (15, 24), (25, OPEN)], [0, 1, 2], None),
        ([(15, 24), (15, OPEN), (25, OPEN)], [0, 2], None),  # 15 and over holds both others
        ([(6, 10), (20, 29)], [0, 1], NotChecked.BANDS_LEAVE_GAP),
        ([(15, 28), (28, 62)], [0, 1], NotChecked.BANDS_OVERLAP),
        ([(15, 28), (29, 62), (58, OPEN)], [0, 1, 2], NotChecked.BANDS_OVERLAP),
        ([(15, 24)], [0], NotChecked.ONE_BAND),
        ([(15, OPEN), (15, 74)], [1], NotChecked.ONE_BAND),
    ],
)
def test_bands_side_by_side(spans, kept, trouble) -> None:
    assert tiling(spans) == (kept, trouble)


def people(area: str, sex: str, age: str, year: int = 2020) -> float:
    counted = ReferencePopulation(table({v.OBS_VALUE: 1.0, v.TIME_PERIOD: year})).persons(sex, age, v.TOTAL)
    return float(counted[category(v.REF_AREA).categories.get_loc(area), 0])


def test_a_band_takes_its_years_of_a_five_year_group() -> None:
    """12 to 19: three fifths of 10-14 and all of 15-19; with a quarter of uncertainty the part is 0.45 to 0.75."""
    persons, row = ReferencePopulation(table({v.OBS_VALUE: 1.0})), category(v.REF_AREA).categories.get_loc("KEN")
    young, old = people("KEN", "_T", "Y10T14"), people("KEN", "_T", "Y15T19")
    low, high = persons.persons_aged("_T", (12, 19))
    assert low[row, 0] == high[row, 0] == pytest.approx(0.6 * young + old)
    low, high = persons.persons_aged("_T", (12, 19), 0.25)
    assert (low[row, 0], high[row, 0]) == pytest.approx((0.45 * young + old, 0.75 * young + old))
    whole, _ = persons.persons_aged("_T", (0, OPEN))
    assert whole[row, 0] == pytest.approx(people("KEN", "_T", v.TOTAL), rel=0.01)


def test_the_mean_of_bands_is_weighted_by_people() -> None:
    """Kenya, 2020: 15-24 at 60, 25-64 at 40."""
    young = people("KEN", "_T", "Y15T19") + people("KEN", "_T", "Y20T24")
    older = sum(people("KEN", "_T", f"Y{age}T{age + 4}") for age in range(25, 65, 5))
    mean = (60 * young + 40 * older) / (young + older)
    asked = rule("ages_off_total", 0.0)
    rounding = 0.05 + 0.05  # of the total, and of the bands

    def found(total: float) -> list[int]:
        return lines(asked, table(*bands(2020, total, ("Y15T24", 60.0), ("Y25T64", 40.0))))

    assert found(round(mean, 3)) == []
    assert found(mean + rounding - 0.001) == []
    assert found(mean + rounding + 0.001) != []
    assert found(mean - rounding - 0.001) != []


def test_a_band_that_cuts_a_group_widens_the_room() -> None:
    """15-22 and 23-64 cut 20-24: three and two fifths of its people, or a quarter of those more or less.

    The mean moves by that quarter's share of all people times the distance of each band from the mean.
    """
    cut = people("KEN", "_T", "Y20T24")
    low, high = people("KEN", "_T", "Y15T19"), sum(people("KEN", "_T", f"Y{age}T{age + 4}") for age in range(25, 65, 5))
    young, older = low + 0.6 * cut, high + 0.4 * cut
    mean = (60 * young + 40 * older) / (young + older)
    lean = 0.25 * (0.6 * cut * (60 - mean) + 0.4 * cut * (mean - 40)) / (young + older)

    def found(total: float, uncertainty: float) -> bool:
        asked = rule("ages_off_total", 0.0, uncertainty=uncertainty)
        return bool(lines(asked, table(*bands(2020, total, ("Y15T22", 60.0), ("Y23T64", 40.0)))))

    assert found(mean + 0.1 + lean - 0.001, 0.0)
    assert not found(mean + 0.1 + lean - 0.001, 0.25)
    assert found(mean + 0.1 + lean + 0.001, 0.25)


def test_bands_that_do_not_tile_are_counted_as_not_checked() -> None:
    asked = rule("ages_off_total")
    overlap = hits(asked, table(*bands(2020, 45.0, ("Y15T28", 60.0), ("Y20T64", 40.0))))
    gap = hits(asked, table(*bands(2020, 45.0, ("Y15T24", 60.0), ("Y30T64", 40.0))))
    region = hits(asked, table(*bands(2020, 99.0, ("Y15T24", 60.0), ("Y25T64", 40.0)), SUBNATIONAL_AREA="Coast"))
    nobody = hits(asked, table(*bands(2020, 99.0, ("Y15T24", 60.0), ("Y25T64", 40.0)), REF_AREA="ATA"))
    without = hits(asked, table(*bands(2020, None, ("Y15T24", 60.0), ("Y25T64", 40.0))))
    for found in (overlap, gap, region, nobody, without):
        assert len(found) == 0
        assert found.checked == 0
        assert sum(found.not_checked.values()) == 1


def _years(change: dict[int, tuple[float, float, float]], count: int = 6):
    """Peru: bands that rise by 2 a year, and a total that is their mean."""
    young = sum(people("PER", "_T", f"Y{age}T{age + 4}") for age in (15, 20))
    older = sum(people("PER", "_T", f"Y{age}T{age + 4}") for age in range(25, 65, 5))
    rows = []
    for step in range(count):
        one, other = 70.0 + 2 * step, 50.0 + 2 * step
        total = round((one * young + other * older) / (young + older), 1)
        year = 2018 + step
        total, one, other = change.get(year, (total, one, other))
        rows += bands(year, total, ("Y15T24", one), ("Y25T64", other), REF_AREA="PER")
    return rows


def test_with_a_history_the_row_that_left_its_neighbours_is_named() -> None:
    """44 for 54 in 2020, six points of the total: the band of that year, in the third row of the third year."""
    rows = _years({})
    assert lines(rule("ages_contradict_total"), table(*rows)) == []
    rows[2 * 3 + 2][v.OBS_VALUE] = 44.0
    assert lines(rule("ages_contradict_total"), table(*rows)) == [2 * 3 + 2 + 2]
    assert lines(rule("ages_contradict_total"), table(*rows[: 4 * 3])) == []  # three other years are not a history


def test_an_offset_that_all_years_share_is_no_slip() -> None:
    rows = _years({})
    for row in rows:
        if row[v.AGE] == v.TOTAL:
            row[v.OBS_VALUE] += 4
    assert lines(rule("ages_contradict_total"), table(*rows)) == []


def test_a_year_that_lacks_its_last_band_is_not_held_against_the_total() -> None:
    """With 65 and over missing in one year, the other bands are far above the total of all."""
    rows = []
    for step in range(7):
        rows += bands(2016 + step, 63.0, ("Y15T24", 90.0), ("Y25T64", 66.0), ("Y_GE65", 20.0), REF_AREA="PER")
    every = table(*rows)
    assert lines(rule("ages_contradict_total"), every) == []
    lacking = table(*(row for at, row in enumerate(rows) if at != 3 * 4 + 3))
    assert lines(rule("ages_contradict_total"), lacking) == []


def test_overlaps_and_gaps_are_one_case_a_set_and_indicator() -> None:
    """The rows of the band before the gap, in every year."""
    rows = [row for year in (2019, 2020) for row in bands(year, None, ("Y6T10", 40.0), ("Y20T29", 90.0))]
    made = table(*rows)
    found = hits(rule("age_bands_leave_gap"), made)
    assert len(found) == 1
    assert lines(rule("age_bands_leave_gap"), made) == [2]
    assert sorted(made.frame[v.LINE].to_numpy()[list(found.explain(0).rows)]) == [2, 4]
    assert len(hits(rule("age_bands_overlap"), made)) == 0
