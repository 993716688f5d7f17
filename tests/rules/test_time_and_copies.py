"""One key through the years, and rows that were copied or dragged, with numbers worked by hand."""

import numpy as np
import pytest

from divide_cli import concepts as v
from divide_cli.validation.rules.grouping import groups
from divide_cli.validation.rules.time import Comparison
from tests.rules.by_hand import hits, lines, rule, submission, table, three, years


def test_quantiles_lie_between_the_two_nearest_values() -> None:
    """1, 2, 3, 10: the lower quartile is at 0.75 of the way from 1 to 2, the upper at 0.25 of that from 3 to 10."""
    values, same = np.array([10.0, 1, 5, 3, 2]), groups(np.array([0, 0, 1, 0, 0]))
    lower, middle, upper = (one[same.number] for one in same.quantiles_of_each(values, 0.25, 0.5, 0.75))
    assert lower.tolist() == pytest.approx([1.75, 1.75, 5, 1.75, 1.75])
    assert middle.tolist() == [2.5, 2.5, 5, 2.5, 2.5]
    assert upper.tolist() == pytest.approx([4.75, 4.75, 5, 4.75, 4.75])


def test_hidiroglou_berthelot_by_hand() -> None:
    """50 becomes 51, 52, 53 and 60: ratios 1.02, 1.04, 1.06, 1.20 with the median 1.05.

    s = 1 - 1.05/1.02 = -0.02941, -0.00962, 1.06/1.05 - 1 = 0.00952, 0.14286; times the root of the greater value:
    E = -0.2100, -0.0693, 0.0693, 1.1066. Median 0; quartiles -0.1045 and 0.0693 + (1.1066 - 0.0693)/4 = 0.3286. The
    last is 1.1066/0.3286 = 3.367 times the upper distance off, the first 0.2100/0.1045 = 2.01 times the lower.
    """
    rows = [
        row for area, now in zip(("KEN", "UGA", "TZA", "RWA"), (51.0, 52.0, 53.0, 60.0), strict=True)
        for row in years("internet_use", 2019, 50.0, now, REF_AREA=area)
    ]  # fmt: skip
    made = table(*rows)
    named = {limit: lines(rule("ratio_out_of_group", 0.0, least=4, C=limit), made) for limit in (2.0, 2.02, 3.36, 3.38)}
    assert named == {2.0: [3, 9], 2.02: [9], 3.36: [9], 3.38: []}
    few = hits(rule("ratio_out_of_group", least=5), made)
    assert (len(few), few.checked, sum(few.not_checked.values())) == (0, 0, 4)
    assert lines(rule("ratio_out_of_group", 10.0, least=4, C=2.0), made) == []  # 10 points are not more than 10


def test_jumps_are_a_year_and_beyond_rounding() -> None:
    asked = rule("jump")
    assert lines(asked, table(*years("internet_use", 2018, 50.0, 60.2))) == [3]
    assert lines(asked, table(*years("internet_use", 2018, 50.0, 60.1))) == []
    assert lines(asked, table(*years("internet_use", 2018, 50.0, None, 70.1))) == []  # 20.1 in two years
    assert lines(asked, table(*years("internet_use", 2018, 50.0, None, 70.2))) == [3]
    assert lines(asked, table(*years("internet_use", 2018, 50, 61, PRINTED=0))) == []  # 11 less two halves


def test_a_jump_with_a_word_on_what_changed_is_a_break() -> None:
    marked = years("internet_use", 2018, 50.0, 65.0)
    marked[1][v.OBS_STATUS] = "B"
    assert (lines(rule("jump"), table(*marked)), lines(rule("break_marked"), table(*marked))) == ([], [3])


def test_many_series_that_leap_together_are_one_break() -> None:
    """Four of five regions: a case of the year, and no jump of their own; three are three jumps."""

    def regions(*changes: float):
        return table(*(
            row for name, change in zip("abcde", changes, strict=True)
            for row in years("internet_use", 2018, 40.0, 40.0 + change, SUBNATIONAL_AREA=name)
        ))  # fmt: skip

    assert (
        lines(rule("break_unmarked"), regions(11, 12, 13, 14, 1)),
        lines(rule("jump_of_parts"), regions(11, 12, 13, 14, 1)),
    ) == ([3], [])
    assert (
        lines(rule("break_unmarked"), regions(11, 12, 13, 1, 1)),
        lines(rule("jump_of_parts"), regions(11, 12, 13, 1, 1)),
    ) == ([], [3, 5, 7])


def test_spikes_leave_both_neighbours_on_one_side() -> None:
    asked = rule("spike")
    assert lines(asked, table(*years("internet_use", 2018, 50.0, 70.0, 52.0))) == [3]
    assert lines(asked, table(*years("internet_use", 2018, 50.0, 70.0, 90.0))) == []
    assert lines(asked, table(*years("internet_use", 2018, 50.0, None, 72.0, 52.0))) == [3]
    assert (
        lines(asked, table(*years("internet_use", 2018, 50.0, None, 70.0, 53.0))) == []
    )  # 20 in two years, and 3 apart
    assert lines(asked, table(*years("internet_use", 2018, 50.0, None, 59.2, 51.0))) == [3]  # left, and back within 2
    assert lines(asked, table(*years("internet_use", 2018, 50.0, None, 58.1, 50.0))) == []  # 8.1 less 0.1 of rounding


def test_gaps_are_counted_in_years() -> None:
    assert lines(rule("years_missing"), table(*years("internet_use", 2015, 40.0, None, 41.0))) == []
    assert lines(rule("years_missing"), table(*years("internet_use", 2015, 40.0, None, None, 41.0))) == [3]


def test_series_copied_a_year_late() -> None:
    own = (20.1, 30.4, 41.3, 52.6, 60.2)
    asked = rule("series_copied_a_year_late")
    late = [*years("coverage_3g", 2014, *own), *years("coverage_4g", 2015, *own[:4])]
    assert lines(asked, table(*late)) == [7]
    assert sorted(hits(asked, table(*late)).explain(0).rows) == [5, 6, 7, 8]
    whole = [
        *years("coverage_3g", 2014, *map(round, own), PRINTED=0),
        *years("coverage_4g", 2015, *map(round, own[:4]), PRINTED=0),
    ]
    assert lines(asked, table(*whole)) == []  # whole numbers agree by chance
    two_years = [*years("coverage_3g", 2014, *own), *years("coverage_4g", 2016, *own[:4])]
    assert lines(asked, table(*two_years)) == []
    other_sex = [*years("coverage_3g", 2014, *own), *years("coverage_4g", 2015, *own[:4], SEX="F")]
    assert lines(asked, table(*other_sex)) == []
    longer = [*late, *years("coverage_4g", 2019, 70.1, 71.3, 72.9, 74.6, 75.2)]
    assert lines(asked, table(*longer)) == []  # four of nine values are less than half


def test_of_two_series_of_the_same_years_the_one_with_the_later_code_is_the_copy() -> None:
    """mobile_ownership, in lines 6 to 9, or in lines 2 to 5 if the file begins with it."""
    own = (20.1, 30.4, 41.3, 52.6)
    rows = [*years("internet_use", 2014, *own), *years("mobile_ownership", 2014, *own)]
    assert lines(rule("series_copied"), table(*rows)) == [6]
    assert lines(rule("series_copied"), table(*rows[4:], *rows[:4])) == [2]


def test_a_year_that_was_dragged_down() -> None:
    """Total 2016, men 2017, women 2018 in consecutive rows, and nothing else of the key."""
    asked = rule("years_filled_down")
    dragged = [row | {v.TIME_PERIOD: 2016 + at} for at, row in enumerate(three(2016, 60.0, 56.0, 64.0))]
    assert lines(asked, table(*dragged)) == [3]
    assert lines(asked, table(*dragged, *three(2015, 50, 49, 51)[:1])) == []
    assert (
        lines(asked, table(*(row | {v.TIME_PERIOD: 2016 + 2 * at} for at, row in enumerate(three(2016, 60, 56, 64)))))
        == []
    )
    apart = [dragged[0], *years("mobile_ownership", 2016, 40.0), *dragged[1:]]
    assert lines(asked, table(*apart)) == []
    assert lines(asked, table(*three(2016, 60.0, 56.0, 64.0))) == []


def test_a_country_that_ended() -> None:
    rows = years("internet_use", 2005, 26.0, 27.0, 30.0, REF_AREA="YUG")
    assert lines(rule("value_after_end"), table(*rows)) == [4]


def test_a_first_year_has_no_year_before() -> None:
    """The key before that of a first year is of another series: a value that it shares was not under the year before."""
    before = submission(
        *years("internet_use", 2018, 41.3, 42.7, 43.9, REF_AREA="KEN"),
        *years("internet_use", 2018, 51.3, 52.7, 53.9, REF_AREA="UGA"),
    )
    now = submission(
        *years("internet_use", 2018, 41.3, 42.7, 43.9, REF_AREA="KEN"),
        *years("internet_use", 2018, 43.9, 51.3, 52.7, REF_AREA="UGA"),
    )
    rows, earlier = Comparison(now, before).shifted(2)
    assert (len(rows), len(earlier)) == (1, 1)
    assert Comparison(now, before).shifted(3)[0].tolist() == []


def test_a_block_that_returns_is_one_case_at_any_distance() -> None:
    """Seven values, again two years after the last: blocks of six begin at two places, and make one case of seven rows.

    With another value in the middle of the second seven, no six neighbours are left.
    """
    block = (31.2, 34.0, 33.1, 38.7, 41.5, 44.4, 40.2)
    again = table(*years("internet_use", 2000, *block, None, 52.0, *block))
    assert lines(rule("block_repeated"), again) == [10]
    assert int(hits(rule("block_repeated"), again).concerned(len(again)).sum()) == 7
    broken = table(*years("internet_use", 2000, *block, None, 52.0, *block[:3], 39.9, *block[4:]))
    assert lines(rule("block_repeated"), broken) == []
    later = table(*years("internet_use", 2000, *block, None, 52.0, *block[:3], None, *block[3:]))
    assert lines(rule("block_repeated"), later) == []  # the years between are others


def test_the_part_that_breaks_the_sum_is_named() -> None:
    """100 + 200, 110 + 220, ... 150 + 250 for 150 + 275: with 275 the part is on the line of its neighbours.

    Two parts of 2014 are 150 and 250, and their total 425. The total would be 400 between 385 (2013) and 465 (2015); 425
    is exactly between. The second part is 25 from the mean of 247.5 and 302.5, which is 275.
    """
    known = {
        2010: (100, 200),
        2011: (110, 220),
        2012: (125, 230),
        2013: (137.5, 247.5),
        2014: (150, 275),
        2015: (162.5, 302.5),
    }
    rows = [
        {v.INDICATOR: "fixed_broadband_subscriptions_number", v.TIME_PERIOD: year, "SPEED": code, v.OBS_VALUE: value, v.PRINTED: 1}
        for year, (slow, fast) in known.items()
        for code, value in (("_T", slow + fast), ("SLOW", slow), ("FAST", 250.0 if year == 2014 else fast))
    ]  # fmt: skip
    assert lines(rule("parts_break_sum"), table(*rows)) == [16]
