"""What a finding says about the figure that was meant, and about the rows next to it: worked by hand."""

from dataclasses import replace
from datetime import date

import pytest

from divide_cli.catalogue import catalogue
from divide_cli.readers import ReadOptions
from divide_cli.readers.mapping.numbers import not_a_number
from divide_cli.readers.mapping.raw_rows import WrongText
from divide_cli.validation.rules.submission import Submission
from divide_cli.validation.run import ValidationRequest, validate
from tests.rules.by_hand import hits, lines, rule, table, years

HEADER = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n"


def expected(name: str, made: Submission, case: int = 0) -> str:
    return hits(rule(name), made).explain(case).expected


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (711.0, "0 to 100; 71.1 would fit; the neighbouring years suggest about 79"),
        (-79.4, "0 to 100; 79.4 would fit; the neighbouring years suggest about 79"),
        (7940.0, "0 to 100; 79.4 would fit; the neighbouring years suggest about 79"),
        (689.0, "0 to 100; the neighbouring years suggest about 79"),  # 68.9 is 10.1 points off, 6.89 more
        (150.0, "0 to 100; the neighbouring years suggest about 79"),  # 15 and 1.5 are far off
    ],
)
def test_a_point_or_a_sign_too_many(value: float, said: str) -> None:
    made = table(*years("internet_use", 2020, 78.0, value, 80.0))
    assert expected("value_out_of_range", made) == said


def test_without_years_around_nothing_fits() -> None:
    assert expected("value_out_of_range", table(*years("internet_use", 2020, 711.0))) == "0 to 100"


def test_of_two_rows_with_one_key_one_may_be_of_the_year_that_is_lacking() -> None:
    """2018 occurs twice and 2017 not at all; of 2015 to 2020 with 2019 twice, no year is missing."""
    made = table(*years("internet_use", 2016, 60.0, None, 64.0, 66.0), *years("internet_use", 2018, 62.0))
    assert expected("duplicate_key", made).startswith(
        "one value for each key; there is no row for 2017: one of these two may belong there"
    )
    full = table(*years("internet_use", 2016, 60.0, 62.0, 64.0), *years("internet_use", 2017, 61.0))
    assert "may belong there" not in expected("duplicate_key", full)
    ends = table(*years("internet_use", 2016, 60.0, 62.0), *years("internet_use", 2017, 61.0))
    assert "may belong there" not in expected("duplicate_key", ends)  # 2018 is not missing: the series ends


def test_years_of_rows_that_contradict_each_other_are_not_lacking(tmp_path) -> None:
    """2021 and 2022 occur twice, with two values each: they are wrong, not missing."""
    path = tmp_path / "x.csv"
    twice = "".join(f"KEN,internet_use,_T,{year},{value}\n" for year in (2021, 2022) for value in (30.1, 35.2))
    path.write_text(f"{HEADER}KEN,internet_use,_T,2020,28.4\n{twice}KEN,internet_use,_T,2023,33.0\n")
    asked = tuple(rule(name) for name in ("duplicate_key", "years_missing"))
    choices = ReadOptions(strict=False, submitted=True)
    found = [
        finding.rule for finding in validate(ValidationRequest((str(path),), asked, read_options=choices)).findings
    ]
    assert found == ["duplicate_key", "duplicate_key"]
    path.write_text(f"{HEADER}KEN,internet_use,_T,2020,28.4\nKEN,internet_use,_T,2023,33.0\n")
    assert [
        finding.rule for finding in validate(ValidationRequest((str(path),), asked, read_options=choices)).findings
    ] == ["years_missing"]


def test_the_rows_above_and_below_each_of_two_with_one_key_are_shown(tmp_path) -> None:
    path = tmp_path / "x.csv"
    rows = [f"KEN,internet_use,{sex},{year},{40 + year % 7}.{place}" for place, (year, sex) in enumerate(
        [(2019, "_T"), (2019, "M"), (2020, "F"), (2020, "_T"), (2020, "M"), (2020, "F"), (2021, "_T")])]  # fmt: skip
    path.write_text(HEADER + "\n".join(rows) + "\n")
    asked, choices = (rule("duplicate_key"),), ReadOptions(strict=False, submitted=True)
    (finding,) = validate(ValidationRequest((str(path),), asked, read_options=choices)).findings
    assert finding.line == 7 and set(finding.lines) == {4, 7}
    assert {3, 5, 6, 8} <= set(finding.context)


def test_a_year_that_has_not_come_yet() -> None:
    made = replace(table(*years("internet_use", 2030, 50.0, 51.0)), today=date(2030, 1, 1))
    assert lines(rule("year_not_yet"), made) == [3]
    assert lines(rule("year_not_yet"), replace(made, today=date(2029, 12, 31))) == [2, 3]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("95.O", "if a letter was typed for a digit, write 95.0; correct the cell"),
        ("l2.4", "if a letter was typed for a digit, write 12.4; correct the cell"),
        ("71,2", "use the decimal mark of the other cells, and no mark between thousands; correct the cell"),
        ("1,234.5", "use the decimal mark of the other cells, and no mark between thousands; correct the cell"),
        ("n/a", "correct the cell, or leave it empty"),
    ],
)
def test_a_letter_for_a_digit(text: str, hint: str) -> None:
    assert (not_a_number(WrongText(text, "x.csv:2")).hint or "").startswith(hint)


def test_advice_has_no_place_that_is_filled_in() -> None:
    """Messages are filled in with the case, hints and reasons are not."""
    assert [known.id for known in catalogue().rules.values() if "{" in known.hint + known.reason] == []


def test_a_value_with_fewer_decimals_is_no_revision(tmp_path) -> None:
    """45.28 for 45.3 is the same figure, 45.24 is another; 46 for 45.3 is one, 45 is not."""
    for name, values in (("before", ("45.3", "45.3", "45.3", "45.3")), ("now", ("45.28", "45.24", "46", "45"))):
        rows = [f"KEN,internet_use,_T,{year},{value}" for year, value in enumerate(values, start=2018)]
        (tmp_path / f"{name}.csv").write_text(HEADER + "\n".join(rows) + "\n")
    asked, choices = (rule("value_revised"),), ReadOptions(strict=False, submitted=True)
    request = ValidationRequest(
        (str(tmp_path / "now.csv"),), asked, previous=str(tmp_path / "before.csv"), read_options=choices
    )
    assert [finding.line for finding in validate(request).findings] == [3, 4]


def test_a_finding_on_a_comment_names_the_column_of_the_file(tmp_path) -> None:
    """UNSD calls it FootNote; a rule knows OBS_COMMENT."""
    path = tmp_path / "x.csv"
    path.write_text(
        "Goal,Target,Indicator,SeriesCode,SeriesDescription,GeoAreaCode,GeoAreaName,TimePeriod,Value,Time_Detail,Source,FootNote,"
        "Nature,Units,Reporting Type,Sex\n"
        "5,5.b,5.b.1,IT_MOB_OWN,Individuals who own a mobile telephone,404,Kenya,2020,71.2,2020,KNBS,SIM cards,C,PERCENT,G,BOTHSEX\n"
    )
    asked, choices = (rule("subscriptions_as_persons"),), ReadOptions(strict=False, submitted=True)
    (finding,) = validate(ValidationRequest((str(path),), asked, read_options=choices)).findings
    assert (finding.line, finding.column) == (2, "FootNote")
