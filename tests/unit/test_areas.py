"""Dated groups of areas: fiscal years, lists, users' files."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from divide_cli.catalogue import catalogue, codelist
from divide_cli.errors import OptionError, SourceError, UnknownCodeError
from divide_cli.sources.groupings import INCOME, Vintage, membership, memberships_of, vintage

ANY = date(2026, 11, 1)


@pytest.mark.parametrize("asked", ["FY26", "26", "2026", "fy26", "FY2026", " FY26 ", "FY26_in_force"])
def test_spellings_of_one_fiscal_year(asked: str) -> None:
    found = vintage(asked, ANY)
    assert (found.year, found.list, found.label) == (2026, "in_force", "FY26")
    assert found.on == date(2025, 7, 1)  # FY26 begins on 1 July 2025


@pytest.mark.parametrize("asked", ["FY26_oghist", "26_oghist", "2026_OGHIST"])
def test_the_later_history_is_asked_for_by_name(asked: str) -> None:
    found = vintage(asked, ANY)
    assert (found.year, found.list, found.label) == (2026, "oghist", "FY26_oghist")


def test_year_before_the_lists_in_force_is_taken_from_the_history() -> None:
    assert vintage("FY20", ANY).label == "FY20_oghist"
    assert vintage("99", ANY).year == 1999
    assert vintage("FY89", ANY).on == date(1988, 7, 1)


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2025, 6, 30), "FY25_oghist"),  # no list in force had been published: FY25 = July 2024 to June 2025
        (date(2025, 7, 1), "FY26"),
        (date(2026, 6, 30), "FY26"),
        (date(2026, 7, 1), "FY27"),
        (date.max, "FY27"),
        (date(2021, 12, 31), "FY22_oghist"),
    ],
)
def test_default_is_the_latest_that_was_known_on_the_day(day: date, label: str) -> None:
    assert vintage(None, day).label == label
    assert vintage("", day).label == label


@pytest.mark.parametrize("asked", ["FY99999", "twenty", "FY26_nope", "FY", "2026-27", "FY88", "FY50"])
def test_a_fiscal_year_that_is_none_is_a_wrong_option(asked: str) -> None:
    with pytest.raises(OptionError) as caught:
        vintage(asked, ANY)
    assert caught.value.exit_code == 2
    assert caught.value.found == asked
    assert caught.value.where == "--income-fy"


def test_error_says_which_years_the_lists_cover() -> None:
    with pytest.raises(OptionError) as caught:
        vintage("FY50", ANY)
    assert caught.value.expected == "in_force: FY26 to FY27; oghist: FY89 to FY26"


def test_ethiopia_is_unclassified_in_the_list_in_force_and_low_in_the_later_history() -> None:
    income = catalogue().groupings[INCOME].codes
    in_force, history = membership(vintage("FY26", ANY)), membership(vintage("FY26_oghist", ANY))
    assert [code for code in income if "ETH" in in_force.groups[code]] == []
    assert [code for code in income if "ETH" in history.groups[code]] == ["LIC"]
    assert history.groups["LIC"] - in_force.groups["LIC"] == {"ETH"}


@pytest.mark.parametrize("asked", ["FY89", "FY17", "FY26", "FY26_oghist", "FY27"])
def test_every_economy_is_in_one_income_group_at_most(asked: str) -> None:
    groups = membership(vintage(asked, ANY)).groups
    income = [groups[code] for code in catalogue().groupings[INCOME].codes]
    assert sum(map(len, income)) == len(frozenset().union(*income)) > 100


def test_label_says_vintage_and_day() -> None:
    assert membership(vintage("FY26", ANY)).label == "FY26 (membership of 2025-07-01)"


def test_all_members_are_economies() -> None:
    rows = codelist("CL_AREA").rows
    for code, members in membership(vintage("FY26", ANY)).groups.items():
        assert {rows[area]["kind"] for area in members} == {"economy"}, code


def test_every_group_of_the_catalogue_is_made() -> None:
    groups = membership(vintage("FY26", ANY)).groups
    assert set(groups) == {code for entry in catalogue().groupings.values() for code in entry.codes}
    assert all(groups.values())


def test_leaving_is_dated() -> None:
    """Bhutan left the LDCs on 13 December 2023, Sao Tome and Principe on 13 December 2024."""
    at = {fiscal: membership(vintage(fiscal, ANY)).groups["LDC"] for fiscal in ("FY24", "FY25", "FY26")}
    assert {"BTN", "STP"} <= at["FY24"]  # 1 July 2023
    assert "BTN" not in at["FY25"]
    assert "STP" in at["FY25"]
    assert not {"BTN", "STP"} & at["FY26"]  # 1 July 2025


@pytest.mark.parametrize("asked", ["FY89", "FY05", "FY17"])
def test_a_year_before_a_list_begins_does_not_empty_its_groups(asked: str) -> None:
    """The lists of LDC, LLDC, SIDS and regions begin in 2017 and say nothing of the time before."""
    groups = membership(vintage(asked, ANY)).groups
    # the LDC list of 1 January 2017 is that of July 2017 (FY18) and Equatorial Guinea, which left on 4 June 2017
    assert groups["LDC"] == membership(vintage("FY18", ANY)).groups["LDC"] | {"GNQ"}
    assert all(groups[code] for code in ("LDC", "LLDC", "SIDS", "AFR", "AMS", "ARB", "ASP", "CIS", "EUR"))


def test_sids_of_the_m49_standard_replace_the_default_list() -> None:
    default, m49 = membership(vintage("FY26", ANY)), membership(vintage("FY26", ANY), ["sids_m49"])
    assert default.groups["SIDS"] != m49.groups["SIDS"]
    assert len(m49.groups["SIDS"]) == 53  # the flags of UN M49
    assert m49.label == "FY26 (membership of 2025-07-01); sids list m49"
    assert {code: areas for code, areas in default.groups.items() if code != "SIDS"} == {
        code: areas for code, areas in m49.groups.items() if code != "SIDS"
    }


def listing(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_users_file_adds_groups_and_replaces_those_that_it_defines(tmp_path: Path) -> None:
    path = listing(tmp_path, "REF_AREA,GROUP\nFRA,G2\nUSA,G2\nTUV,SIDS\n")
    found = membership(vintage("FY26", ANY), [path])
    assert found.groups["G2"] == {"FRA", "USA"}
    assert found.groups["SIDS"] == {"TUV"}
    assert found.label.endswith("; G2, SIDS from mine.csv")
    assert found.groups["LDC"] == membership(vintage("FY26", ANY)).groups["LDC"]


def test_users_dates_are_from_inclusive_to_exclusive(tmp_path: Path) -> None:
    day = vintage("FY26", ANY).on
    rows = [("FRA", day, day + timedelta(1)), ("USA", day + timedelta(1), ""), ("DEU", "", day), ("ITA", "", "")]
    text = "REF_AREA,GROUP,valid_from,valid_to\n" + "".join(f"{area},G4,{start},{end}\n" for area, start, end in rows)
    assert membership(vintage("FY26", ANY), [listing(tmp_path, text)]).groups["G4"] == {"FRA", "ITA"}


def test_users_group_without_a_member_on_the_day_is_empty_and_not_absent(tmp_path: Path) -> None:
    path = listing(tmp_path, "REF_AREA,GROUP,valid_from,valid_to\nFRA,OLD,1990-01-01,1991-01-01\n")
    assert membership(vintage("FY26", ANY), [path]).groups["OLD"] == frozenset()


def test_users_file_with_an_unknown_area(tmp_path: Path) -> None:
    path = listing(tmp_path, "REF_AREA,GROUP\nFRA,G2\nFRB,G2\n")
    with pytest.raises(UnknownCodeError) as caught:
        membership(vintage("FY26", ANY), [path])
    assert caught.value.where == f"{path}:3, column REF_AREA"
    assert "FRA" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "subject", "found"),
    [
        ("area,group\nFRA,G2\n", "the list of area groups has missing columns or no rows", "area, group"),
        ("REF_AREA,GROUP\n", "the list of area groups has missing columns or no rows", "no rows"),
        ("REF_AREA,GROUP\nFRA,G2\nUSA\n", "the code of a group is missing", "an empty cell"),
        ("REF_AREA,GROUP\nFRA,\n", "the code of a group is missing", "an empty cell"),
        ("REF_AREA,GROUP\nFRA,USA\n", "a group has the code of an economy", "'USA'"),
        ("REF_AREA,GROUP,valid_from\nFRA,G2,1 July\n", "a date is not valid", "'1 July'"),
    ],
)
def test_users_file_that_is_wrong(tmp_path: Path, text: str, subject: str, found: str) -> None:
    with pytest.raises(SourceError) as caught:
        membership(vintage("FY26", ANY), [listing(tmp_path, text)])
    assert (caught.value.subject, caught.value.found) == (subject, found)


def test_users_file_that_is_absent(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        membership(vintage("FY26", ANY), [str(tmp_path / "nope.csv")])
    assert caught.value.found == "No such file or directory"


def test_memberships_of_an_area_and_members_of_a_group() -> None:
    said = memberships_of("BTN", date(2026, 1, 1))
    assert any(text.startswith("LDC, ldc list un") and text.endswith("to 2023-12-13") for text in said)
    assert any("32 members" in text for text in memberships_of("LLDC", date(2026, 1, 1)))


def test_label_of_a_vintage_pads_the_year() -> None:
    assert Vintage(2005, "oghist").label == "FY05_oghist"
