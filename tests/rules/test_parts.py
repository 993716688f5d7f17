"""Totals and their two parts, with numbers worked by hand: rounding, order, shares, and which row is named."""

import numpy as np
import pytest

from divide_cli import concepts as v
from divide_cli.frames.bounds import shown_decimals
from divide_cli.validation.report import NotChecked
from divide_cli.validation.rules.error_localisation import first, odd_one, predicted, suspects
from divide_cli.validation.rules.grouping import groups
from divide_cli.validation.rules.implied_shares import _implied
from divide_cli.validation.rules.totals import pairs
from tests.rules.by_hand import hits, lines, rule, table, three, years

SEXES = rule("total_outside_sexes")


def test_half_a_unit_of_the_last_printed_decimal() -> None:
    """40 is 39.5 to 40.5, 40.0 is 39.95 to 40.05; DECIMALS says more than the spelling; thirteen decimals are exact."""
    rows = [
        {v.OBS_VALUE: 40.0, v.TIME_PERIOD: 2010 + at, v.PRINTED: printed} for at, printed in enumerate((0, 1, 3, 13))
    ]
    assert table(*rows).half[:].tolist() == pytest.approx([0.5, 0.05, 0.0005, 0.0])


def test_noise_of_arithmetic_is_not_a_decimal() -> None:
    """45.1 + 0.2 is 45.300000000000004 in binary: a value with one decimal."""
    noisy = {v.OBS_VALUE: 45.1 + 0.2, v.PRINTED: 15}
    assert 45.1 + 0.2 != 45.3 and table(noisy).half[:].tolist() == pytest.approx([0.05])


def test_decimals_that_a_number_shows_where_the_file_does_not_tell() -> None:
    assert shown_decimals(np.array([86.0, 86.8, 86.85, 0.1 + 0.2, 1 / 3])).tolist() == [0, 1, 2, 1, 12]
    assert table({v.OBS_VALUE: 86.5, v.PRINTED: -1}).half[:].tolist() == pytest.approx([0.05])


@pytest.mark.parametrize(
    ("total", "women", "men", "printed", "tolerance", "found"),
    [
        (60.2, 59.0, 60.0, 1, 0.0, True),  # 60.15 is above 60.05
        (60.1, 59.0, 60.0, 1, 0.0, False),  # 60.05 is not
        (58.9, 59.0, 60.0, 1, 0.0, False),  # 58.95 reaches 58.95
        (58.8, 59.0, 60.0, 1, 0.0, True),
        (61.0, 59.0, 60.0, 0, 0.0, False),  # 60.5 reaches 60.5
        (62.0, 59.0, 60.0, 0, 0.5, True),  # 61.5 is 1 above 60.5
        (60.6, 59.0, 60.0, 1, 0.5, False),
        (60.7, 59.0, 60.0, 1, 0.5, True),
    ],
)
def test_a_total_outside_its_parts_by_more_than_rounding(total, women, men, printed, tolerance, found) -> None:
    rows = table(*three(2020, total, women, men, **{v.PRINTED: printed}))
    assert bool(len(hits(rule("total_outside_sexes", tolerance), rows))) is found


def test_programs_that_drop_a_zero_are_given_the_finest_decimals() -> None:
    """59 and 60 with 60.2: as whole numbers they would allow anything up to 60.5."""
    rows = [row | {v.PRINTED: printed} for row, printed in zip(three(2020, 60.2, 59, 60), (1, 0, 0), strict=True)]
    assert lines(rule("total_outside_sexes", 0.0), table(*rows)) == []
    assert lines(rule("total_just_outside_sexes"), table(*rows)) == [2]


def test_implied_share_is_an_interval_at_the_corners_of_the_rounding() -> None:
    """w = (61 - 70) / (60 - 70) = 0.9; T 61.05, F 59.95, M 69.95 give 8.9 / 10; T 60.95, F 60.05, M 70.05 give 9.1 / 10.

    The least corner moves T to men and F from them: (61.05 - 69.95) / (59.95 - 69.95) = 0.89; the greatest is
    (60.95 - 70.05) / (60.05 - 70.05) = 0.91.
    """
    found = pairs(table(*three(2020, 61.0, 60.0, 70.0)), rule("sexes_imply_impossible_share"), v.SEX, ("F", "M"))
    least, greatest = _implied(found)
    corners = [
        (61 + 0.05 * a - 70 - 0.05 * c) / (60 + 0.05 * b - 70 - 0.05 * c)
        for a in (-1, 1)
        for b in (-1, 1)
        for c in (-1, 1)
    ]
    assert (least[0], greatest[0]) == pytest.approx((min(corners), max(corners)))
    assert min(corners) == pytest.approx(8.9 / 10.0, abs=0.01)


def test_what_the_share_is_not_checked_for_is_counted() -> None:
    asked = rule("sexes_imply_odd_share")
    alike = hits(asked, table(*three(2020, 60.0, 60.0, 60.1)))
    assert (alike.checked, alike.not_checked[NotChecked.NARROW]) == (0, 1)
    further = hits(asked, table(*three(2020, 61.0, 60.0, 70.0, DISABILITY="PD")))
    assert (further.checked, further.not_checked[NotChecked.BROKEN_DOWN]) == (0, 1)
    nowhere = hits(asked, table(*three(2020, 61.0, 60.0, 70.0, REF_AREA="ATA")))
    assert (nowhere.checked, nowhere.not_checked[NotChecked.NO_POPULATION]) == (0, 1)


def test_regions_are_held_against_what_is_possible_anywhere_not_against_the_nation() -> None:
    """w = 0.70 in Qatar, where 0.28 of all people are women: far off for the nation; in a region 0.4 to 0.6, give or
    take 0.35, is possible."""
    rows = three(2020, 63.0, 60.0, 70.0, REF_AREA="QAT")
    asked = rule("sexes_imply_impossible_share")
    assert lines(asked, table(*rows)) != []
    assert lines(asked, table(*rows, SUBNATIONAL_AREA="Al Khor")) == []
    assert lines(rule("sexes_imply_impossible_share", 0.05), table(*rows, SUBNATIONAL_AREA="Al Khor")) != []


def test_shares_that_add_to_the_total_or_to_a_hundred() -> None:
    to_total = rule("sexes_share_out_total")
    assert lines(to_total, table(*three(2020, 37.2, 20.2, 17.0))) == [3]
    assert lines(to_total, table(*three(2020, 37.3, 20.2, 17.0))) == [3]  # three roundings of 0.05 allow 0.1
    assert lines(to_total, table(*three(2020, 37.4, 20.2, 17.0))) == []  # but not 0.2
    assert lines(to_total, table(*three(2020, 20.2, 20.2, 0.0))) == []
    hundred = rule("sexes_share_out_hundred")
    pair = [row for year in (2018, 2019, 2020) for row in three(year, 0, 45 + (year - 2018), 55 - (year - 2018))[1:]]
    assert lines(hundred, table(*pair)) == [2, 4, 6]
    assert lines(hundred, table(*pair[:4])) == []  # two pairs may add to 100 by chance
    assert lines(hundred, table(*three(2020, 60.0, 48.0, 52.0))) == [3]  # but not with a total of 60


def test_swapped_labels_need_years_and_distance() -> None:
    lead = [row for year in range(2015, 2020) for row in three(year, 0, 40, 45)[1:]]
    odd = three(2020, 0, 46, 40)[1:]
    asked = rule("sexes_swapped")
    assert lines(asked, table(*lead, *odd)) == [12]
    assert lines(asked, table(*lead[4:], *odd)) == []  # three other years are too few
    assert lines(asked, table(*lead, *three(2020, 0, 41.9, 40)[1:])) == []  # 1.9 points apart
    assert lines(asked, table(*lead, *three(2020, 0, 60.5, 40)[1:])) == []  # 20.5 is more than three times the usual 5
    assert lines(asked, table(*lead, *odd, *three(2021, 0, 46, 40)[1:])) == []  # two years are not a slip


def test_a_part_without_its_counterpart() -> None:
    rows = [*three(2018, 0, 40, 41)[1:], *three(2019, 0, 42, 43)[1:2], *three(2020, 0, 44, 45)[2:]]
    assert lines(rule("one_sex_only"), table(*rows)) == [4, 5]
    assert lines(rule("one_sex_only"), table(*rows[2:3])) == []


def test_medians_and_places_by_group() -> None:
    """1, 2, 9 have the median 2; 4 and 8 have 6; a group without values has none to speak of."""
    assert groups(np.array([0, 1, 0, 1, 0])).median(np.array([9.0, 4, 1, 8, 2])).tolist() == [2, 6, 2, 6, 2]
    assert first(np.array([[5, 6, 7], [8, 9, 1]]), np.array([2, 0])).tolist() == [[7, 5, 6], [8, 9, 1]]


def test_what_the_neighbouring_years_suggest() -> None:
    """40 in 2010 and 46 in 2013: 42 in 2011; one neighbour says itself; more than five years away none speaks."""
    rows = table(*years("internet_use", 2010, 40.0, 99.0, None, 46.0), *years("internet_use", 2020, 80.0))
    assert predicted(rows, np.array([1])).tolist() == pytest.approx([42])
    assert predicted(rows, np.array([0])).tolist() == [99]
    assert np.isnan(predicted(rows, np.array([3]))).all()
    assert predicted(rows, np.array([2])).tolist() == [99]


def test_the_row_to_mend_is_the_one_whose_repair_fits_its_neighbours() -> None:
    """50 between 40 and 42 is to be 41; 60 between 60 and 62 would need to be 69."""
    rows = table(*years("internet_use", 2010, 40.0, 50.0, 42.0), *years("mobile_ownership", 2010, 60.0, 60.0, 62.0))
    at = np.array([[1, 4]])
    assert suspects(rows, at, np.array([[41.0, 69.0]])).tolist() == [0]
    assert suspects(rows, at, np.array([[np.nan, 69.0]])).tolist() == [1]
    alone = table({v.OBS_VALUE: 40.0}, {v.OBS_VALUE: 50.0, v.INDICATOR: "mobile_ownership"})
    assert suspects(alone, np.array([[0, 1]]), np.array([[1.0, 50.0]])).tolist() == [0]


def test_of_a_total_and_its_parts_the_one_is_named_whose_repair_leaves_them_as_far_apart_as_before() -> None:
    """Men 52.9 for 62.9: corrected, they are 2 apart from women, as in both years around."""
    rows = table(*three(2018, 60, 59, 61), *three(2019, 62, 61, 52.9), *three(2020, 64, 63, 65))
    at = {(sex, year): place for place, (sex, year) in enumerate(_keys(rows))}
    case = np.array([[at[sex, 2019] for sex in ("_T", "F", "M")]])
    mean, women, men = (61 + 52.9) / 2, 2 * 62 - 52.9, 2 * 62 - 61
    assert odd_one(rows, case, np.array([[mean, women, men]]), alike=True).tolist() == [2]
    assert lines(SEXES, rows) == [7]


def test_a_row_that_two_totals_contradict_is_named_in_both() -> None:
    """Men in towns are 85.5 for 95.5: the town's total is above both sexes, and men's total above towns and country.

    Nothing else could be wrong twice; no other year speaks.
    """
    place = [("_T", 90.0, 88.0, 92.0), ("URB", 94.0, 92.6, 85.5), ("RUR", 82.0, 81.0, 83.0)]
    rows = table(*(row | {v.URBANISATION: code} for code, *values in place for row in three(2020, *values)))
    assert lines(SEXES, rows) == [7]
    assert lines(rule("total_outside_places"), rows) == [7]


def test_alone_the_total_is_named_unless_a_part_would_make_the_sexes_alike() -> None:
    assert lines(SEXES, table(*three(2020, 70.0, 60.0, 64.0))) == [2]
    assert lines(SEXES, table(*three(2020, 90.2, 90.0, 80.5))) == []
    assert lines(rule("sexes_imply_impossible_share"), table(*three(2020, 90.0, 90.0, 80.5))) == [4]


def _keys(rows):
    sex, year = rows.index[v.SEX], rows.year
    return [(sex.code_at(place), int(year[place])) for place in range(len(rows))]
