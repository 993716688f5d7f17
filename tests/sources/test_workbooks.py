"""Workbooks and lists of area groups: real files against what was derived from them, and what is refused."""

import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.catalogue import catalogue, data_dir
from divide_cli.errors import SourceError
from divide_cli.readers import Memberships, ReadOptions
from tests.sources import make_workbooks

HERE = Path(__file__).resolve().parent
AGGREGATES = "itu_aggregates_2024_11/ITU_regional_global_Key_ICT_indicator_aggregates_Nov_2024.xlsx"
PRICES = "itu_price_baskets/ITU_ICTPriceBaskets_2008-2023.xlsx"


@pytest.fixture
def original(raw: Path) -> Callable[[str], str]:
    """The path of a raw file; the test is skipped where it is not in the folder of raw files."""

    def path(name: str) -> str:
        if not (raw / name).is_file():
            pytest.skip(f"{name} is not at hand")
        return str(raw / name)

    return path


def counts(made: readers.Memberships | object) -> tuple[int, int, int, int]:
    """Rows, used, ignored, refused."""
    (reading,) = made.readings
    ignored, refused = (sum(pile.rows for pile in piles) for piles in (reading.ignored, reading.refused))
    assert reading.rows == reading.used + ignored + refused
    return reading.rows, reading.used, ignored, refused


def piles(made: readers.Memberships | object) -> dict[str, int]:
    return {pile.reason: pile.rows for pile in made.readings[0].ignored}


def plain(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    made = frame[columns].astype({name: "str" for name in columns if name != v.OBS_VALUE})
    return made.sort_values(columns, kind="stable").reset_index(drop=True)


# -- specimens


@pytest.mark.parametrize("name", make_workbooks.WORKBOOKS)
def test_workbook_holds_what_the_script_writes(name: str, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    made = tmp_path / "made.xlsx"
    make_workbooks.write(made, make_workbooks.WORKBOOKS[name])
    both = [CalamineWorkbook.from_path(str(path)) for path in (made, HERE / name)]
    cells = [{sheet: book.get_sheet_by_name(sheet).to_python() for sheet in book.sheet_names} for book in both]
    assert cells[0] == cells[1]


def test_workbooks_are_deterministic(tmp_path: Path) -> None:
    sheets = make_workbooks.WORKBOOKS["itu_price_baskets_xlsx/every_shape.xlsx"]
    for name in ("one", "two"):
        make_workbooks.write(tmp_path / name, sheets)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_every_workbook_of_the_specimens_is_made_by_the_script() -> None:
    assert {f"{path.parent.name}/{path.name}" for path in HERE.glob("*/*.xlsx")} == set(make_workbooks.WORKBOOKS)


# -- what is refused


def test_a_workbook_without_the_extra_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(SourceError) as caught:
        readers.load(str(HERE / "worldbank_indicator_xlsx/saved_csv.xlsx"), "x")
    assert caught.value.hint == "run pip install 'divide-cli[excel]'"


def test_a_damaged_workbook_is_one_error(tmp_path: Path) -> None:
    whole = (HERE / "itu_aggregates_xlsx/five_sheets.xlsx").read_bytes()
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match=r"archive|workbook"):
        readers.load(str(path), "x")


def test_a_sheet_that_no_dataflow_names_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        readers.load(str(HERE / "itu_price_baskets_xlsx/unknown_sheet_code_area_and_unit.xlsx"), "x")
    assert (caught.value.subject, caught.value.found) == ("the sheet is unknown", "Annex")


def test_area_groups_are_no_input_of_a_computation() -> None:
    path = str(HERE / "wb_income_class_xlsx/with_composition.xlsx")
    with pytest.raises(SourceError) as caught:
        readers.load(path, "x")
    assert caught.value.subject == "the file contains area groups, not figures"
    assert caught.value.hint == f"run `divide read {path} --to csv --out groups.csv`, then use `--groups groups.csv`"


def test_a_list_that_says_no_fiscal_year_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "classes.xlsx"
    sheets = dict(make_workbooks.LIST)
    del sheets["notes"]
    make_workbooks.write(path, sheets)
    with pytest.raises(SourceError) as caught:
        readers.read(str(path), "x")
    assert caught.value.subject == "the list does not give its fiscal year"
    named = tmp_path / "CLASS_FY2031.xlsx"
    make_workbooks.write(named, sheets)
    found = readers.read(str(named), "x")
    assert set(found.frame["valid_from"]) == {"2030-07-01"}


# -- real files


def test_aggregates_agree_with_the_observations_that_were_derived(original: Callable[[str], str]) -> None:
    """Every committed figure, its decimals, and what its comment says about other sheets; the citation where it is first."""
    made = readers.load(original(AGGREGATES), "x")
    assert counts(made) == (9716, 5624, 4092, 0)
    assert [*piles(made).values()] == [3294, 738, 4, 56]
    committed = readers.load(str(data_dir() / "sources/itu_aggregates_2024_11/observations.csv"), "x").frame
    key = [*v.KEY]
    columns = [*key, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS, v.OBS_COMMENT, v.DECIMALS]
    both = plain(committed, columns).merge(plain(made.frame, columns), on=key, how="left", validate="one_to_one")
    for name in columns[len(key) :]:
        assert (both[f"{name}_x"] == both[f"{name}_y"]).all(), name
    cited = plain(committed, [*key, v.CITATION]).merge(plain(made.frame, [*key, v.CITATION]), on=key)
    moved = cited[cited[f"{v.CITATION}_x"] != cited[f"{v.CITATION}_y"]]
    assert set(moved[v.INDICATOR]) == {
        "coverage_4g"
    }  # derived from the sheet on urban and rural areas, read on the first
    assert set(moved[v.URBANISATION]) == {"_T"}


HEADS = {
    "millions": ("Millions", "Exabytes", "Tbit/s"),
    "percent": ("Per 100 inhabitants", "Percentage", "Per subscription (GB)", "Per Internet user (kbit/s)"),
    "youth15_24": ("Youth (15-24)",),
    "rest": (),
}


def meant(title: str, breakdown: str) -> dict[str, str]:
    """What the dataflow says about a title and a breakdown of the long copy."""
    series = catalogue().dataflows["itu_aggregates_xlsx"].series
    bare = title.replace("*", "").removesuffix(" (%)")
    for head in HEADS.get(breakdown, (breakdown.capitalize(),)):
        if found := series.get(f"{bare} / {head}"):
            return {v.INDICATOR: found} if isinstance(found, str) else dict(found)
    return {}


def test_aggregates_agree_with_the_long_copy_made_elsewhere(original: Callable[[str], str]) -> None:
    """All 4,356 values of the copy: read, repeated (the comment says where they differ), or of no age band."""
    long = pd.read_csv(original("itu_aggregates_2024_11/aggregates_nov2024_long.csv"))
    made = readers.load(original(AGGREGATES), "x")
    frame = made.frame.assign(**{v.OBS_COMMENT: made.frame[v.OBS_COMMENT].astype("str")})
    key = [v.REF_AREA, v.INDICATOR, *v.DIMENSIONS, v.TIME_PERIOD]
    told = [[*map(str, row[:-2]), row[-2], row[-1]] for row in frame[[*key, v.OBS_VALUE, v.OBS_COMMENT]].to_numpy()]
    read = {tuple(row[:-2]): (row[-2], row[-1]) for row in told}
    met = Counter[str]()
    for sheet, title, breakdown, group, year, value in long.to_numpy():
        codes = meant(title, breakdown)
        if not codes:
            met[breakdown] += 1
            continue
        area = "WLD" if group == "World" else group
        found, comment = read[(area, codes[v.INDICATOR], *(codes.get(name, "_T") for name in v.DIMENSIONS), str(year))]
        scaled = comment.startswith("printed as") and breakdown == "millions"
        if found == pytest.approx(value * (1_000_000 if scaled else 1), rel=1e-12):
            met["equal"] += 1
        else:
            assert f"{value:.1f} in {sheet}!" in comment
            met["differs"] += 1
    assert met == {"equal": 4296, "differs": 4, "rest": 56}  # 4: those that the derived comments name


def test_prices_are_read_whole(original: Callable[[str], str]) -> None:
    made = readers.load(original(PRICES), "x")
    assert counts(made) == (60903, 35156, 25747, 0)
    assert made.dimensions == ("ALLOWANCE", "COVERED_SET")
    frame = made.frame
    by_set = frame["COVERED_SET"].value_counts().to_dict()
    assert by_set == {"_T": 30909, "2008-2023": 2357, "2018-2023": 1260, "2022-2023": 420, "2023": 210}
    assert (frame["ALLOWANCE"] != "_T").sum() == (frame[v.OBS_STATUS] == "G").sum() == 1837
    assert int((frame[v.REF_AREA] == "PSE").sum()) > 0
    picked = frame[(frame[v.INDICATOR] == "price_fixed_broadband") & (frame[v.REF_AREA] == "WLD")]
    of_2023 = picked[picked[v.TIME_PERIOD] == 2023].set_index("COVERED_SET")[v.OBS_VALUE].round(2).to_dict()
    assert of_2023 == {"2008-2023": 2.21, "2018-2023": 2.66, "2022-2023": 2.88, "2023": 2.69}


def test_world_bank_workbook_is_read_as_its_csv_is(original: Callable[[str], str]) -> None:
    folder = "wdi/internet_use"
    book = readers.load(original(f"{folder}/IT.NET.USER.ZS_2025-10-07.xlsx"), "x")
    text = readers.load(original(f"{folder}/API_IT.NET.USER.ZS_REBUILT_from_xlsx_2025-10-07.csv"), "x")
    assert counts(book) == counts(text) == (17290, 6078, 11212, 0)
    columns = [name for name in text.frame if name != v.FILE]
    pd.testing.assert_frame_equal(book.frame[columns], text.frame[columns])


def committed(name: str) -> pd.DataFrame:
    return pd.read_csv(data_dir() / "catalogue/area_groups" / f"{name}.csv", dtype=str, keep_default_na=False)


def members(path: str) -> Memberships:
    made = readers.read(path, "x", ReadOptions())
    assert isinstance(made, Memberships)
    return made


def test_income_lists_are_those_of_the_catalogue(original: Callable[[str], str]) -> None:
    lists = [members(original(f"wb_income/{name}.xlsx")) for name in ("CLASS_FY2026", "CLASS_2026_07_01")]
    assert [counts(made) for made in lists] == [(267, 216, 51, 0), (266, 218, 48, 0)]
    united = pd.concat([made.frame for made in lists]).sort_values(["REF_AREA", "valid_from", "GROUP"])
    pd.testing.assert_frame_equal(united.reset_index(drop=True), committed("income_group"), check_dtype=False)


def test_income_history_is_that_of_the_catalogue(original: Callable[[str], str]) -> None:
    made = members(original("wb_income/OGHIST_FY26_with_iso_anti4ris98.xlsx"))
    assert counts(made) == (8523, 7873, 650, 0)
    pd.testing.assert_frame_equal(made.frame, committed("income_group_oghist"), check_dtype=False)


def test_m49_flags_are_those_of_the_catalogue(original: Callable[[str], str]) -> None:
    """Members as UN M49 flags them; the catalogue adds dates of leaving and members of other sources."""
    made = members(original("un_m49/UNSD-en.csv"))
    assert counts(made) == (747, 130, 617, 0)
    for group, name in (("LDC", "ldc"), ("LLDC", "lldc"), ("SIDS", "sids_m49")):
        listed = committed(name)
        flagged = listed[listed["source"].str.startswith("UN M49") | listed["source"].str.startswith("still a member")]
        left = listed[listed["valid_to"] != ""]
        mine = made.frame[made.frame["GROUP"] == group]
        assert set(flagged["REF_AREA"]) <= set(mine["REF_AREA"])
        assert set(mine["REF_AREA"]) - set(flagged["REF_AREA"]) <= set(left["REF_AREA"])
        assert set(mine["valid_from"]) == set(flagged["valid_from"])


def _book(path: Path, total: Any, percent: bool = False, hidden: bool = False) -> Path:
    """A filled-in template with a total of that kind in line 2, and a value of women below it."""
    with xlsxwriter.Workbook(str(path)) as book:
        shares = book.add_format({"num_format": "0.0%"} if percent else {})
        for name in ("Sheet1", "old") if hidden else ("Sheet1",):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["REF_AREA", "INDICATOR", "SEX", "TIME_PERIOD", "OBS_VALUE"])
            sheet.write_row(1, 0, ["KEN", "internet_use", "_T", 2020])
            sheet.write_row(2, 0, ["KEN", "internet_use", "F", 2020])
            if isinstance(total, tuple):
                sheet.write_formula(1, 4, total[0], shares, total[1])
            else:
                sheet.write(1, 4, total, shares)
            sheet.write(2, 4, 0.382 if percent else 38.2, shares)
            if name == "old":
                sheet.hide()
    return path


def test_a_cell_formatted_as_a_percentage_is_what_the_sheet_shows(tmp_path: Path) -> None:
    """0.401 with the format 0.0% shows 40.1 %, and 7 x 0.01 is 0.07000000000000001 in binary: 7 %."""
    found = readers.read(str(_book(tmp_path / "shares.xlsx", 0.401, percent=True)), "x")
    assert found.frame["OBS_VALUE"].tolist() == [40.1, 38.2]
    noise = readers.read(str(_book(tmp_path / "noise.xlsx", 7 * 0.01, percent=True)), "x")
    assert noise.frame["OBS_VALUE"].tolist() == [7.0, 38.2]


def _with_part(path: Path, name: str, before: str, after: str) -> str:
    """The workbook with other XML in one part."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part).decode() for part in archive.namelist()}
    assert before in parts[name]
    other = path.with_stem(f"{path.stem}_other")
    with zipfile.ZipFile(other, "w") as archive:
        for part, xml in parts.items():
            archive.writestr(part, xml.replace(before, after, 1) if part == name else xml)
    return str(other)


def test_a_cell_without_a_style_has_the_first(tmp_path: Path) -> None:
    """If the first style is a percentage, cells that name no style are percentages: 0.401 shows 40.1 %."""
    rows = [("REF_AREA", "INDICATOR", "SEX", "TIME_PERIOD", "OBS_VALUE"), ("KEN", "internet_use", "_T", "2020", 0.401)]
    with xlsxwriter.Workbook(tmp_path / "shares.xlsx") as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
    first = '<cellXfs count="1"><xf numFmtId="0"'
    found = readers.read(
        _with_part(tmp_path / "shares.xlsx", "xl/styles.xml", first, first.replace('"0"', '"10"')), "x"
    )
    assert found.frame["OBS_VALUE"].tolist() == [40.1]


def test_xml_in_an_unknown_encoding_is_one_error(tmp_path: Path) -> None:
    path = _with_part(_book(tmp_path / "shares.xlsx", 40.1), "xl/styles.xml", "UTF-8", "UTF-nan")
    with pytest.raises(SourceError) as raised:
        readers.read(path, "x")
    assert raised.value.code == "workbook_unreadable"


@pytest.mark.parametrize(
    ("total", "text"),
    [(("=AVERAGE(E3:E3)", ""), "formula without a stored result"), (("=1/0", "#DIV/0!"), "#DIV/0!")],
)
def test_a_formula_without_result_and_an_error_are_no_missing_values(tmp_path: Path, total: Any, text: str) -> None:
    path = _book(tmp_path / "formula.xlsx", total)
    found = readers.read(str(path), "x", ReadOptions(strict=False))
    (refused,) = found.readings[0].refused
    assert (refused.code, list(refused.lines)) == ("value_not_a_number", [2])
    assert text in refused.reason
    assert found.frame["OBS_VALUE"].tolist() == [38.2]


def test_a_formula_with_a_stored_result_is_its_result(tmp_path: Path) -> None:
    found = readers.read(str(_book(tmp_path / "formula.xlsx", ("=AVERAGE(E3:E3)", 40.5))), "x")
    assert found.frame["OBS_VALUE"].tolist() == [40.5, 38.2]


def test_the_visible_sheet_is_read_and_the_hidden_one_is_named(tmp_path: Path) -> None:
    (reading,) = readers.read(str(_book(tmp_path / "two.xlsx", 40.1, hidden=True)), "x").readings
    assert reading.rows == 2
    assert "hidden sheets are not read: old" in reading.evidence
