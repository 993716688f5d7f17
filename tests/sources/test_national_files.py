"""National SDG files as their offices publish them ($DIVIDE_RAW; skipped where absent): every row, value and label."""

import csv
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.errors import DivideError, OptionError, SourceError
from divide_cli.frames.schema import conform
from divide_cli.readers import ReadOptions

HERE = Path(__file__).resolve().parents[1]
FOLDER = "national_submissions"
with (HERE / "real_files.csv").open(encoding="utf-8", newline="") as lines:
    TABLE = [row for row in csv.DictReader(lines) if row["file"].startswith(f"{FOLDER}/")]
NAMES = {row["file"].partition("/")[2]: row for row in TABLE}
every = pytest.mark.parametrize("row", TABLE, ids=[row["file"].partition("/")[2] for row in TABLE])
LONG = [row for row in TABLE if row["dataflow"] in ("open_sdg", "sdg_sdmx")]
every_long = pytest.mark.parametrize("row", LONG, ids=[row["file"].partition("/")[2] for row in LONG])
MISSING = ("", "n/a")


def read(raw: Path, row: dict[str, str], **other: Any) -> Any:
    wanted = {"area": row["area"], "indicator": row["indicator"], "strict": False, **other}
    return readers.read(str(raw / row["file"]), "real", ReadOptions(**wanted))


def named(raw: Path, name: str, **other: Any) -> Any:
    return read(raw, NAMES[name], **other)


def records(path: Path) -> list[tuple[int, dict[str, str]]]:
    """(line, record) of every row that the csv module reads, those without any cell left out."""
    made: list[tuple[int, dict[str, str]]] = []
    with path.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text)
        header = next(reader)
        ended = reader.line_num
        for cells in reader:
            if cells:
                made.append((ended + 1, dict(zip(header, cells, strict=False))))
            ended = reader.line_num
    return made


def piles(found: Any) -> list[Any]:
    (reading,) = found.readings
    return [*reading.ignored, *reading.refused]


@every
def test_rows_are_used_ignored_and_refused_as_checked_by_hand(raw: Path, row: dict[str, str]) -> None:
    if not row["dataflow"]:
        with pytest.raises(SourceError) as caught:
            read(raw, row)
        assert caught.value.subject == row["refusal"]
        return
    found = read(raw, row)
    (reading,) = found.readings
    ignored, refused = (sum(pile.rows for pile in part) for part in (reading.ignored, reading.refused))
    told = (reading.dataflow, reading.rows, reading.used, ignored, refused)
    assert told == (row["dataflow"], *(int(row[name]) for name in ("rows", "used", "ignored", "refused")))
    assert reading.rows == len(found.frame) + ignored + refused


@every_long
def test_every_record_goes_to_one_place_and_keeps_its_value(raw: Path, row: dict[str, str]) -> None:
    """Against the csv module: each record is used or piled once, on its line; a used one has the number of its cell."""
    found = read(raw, row)
    known = dict(records(raw / row["file"]))
    places = Counter([*found.frame[v.LINE].tolist(), *(line for pile in piles(found) for line in pile.lines)])
    assert places == Counter(dict.fromkeys(known, 1))
    for line, value in zip(found.frame[v.LINE], found.frame[v.OBS_VALUE], strict=True):
        cell = known[line].get("Value", known[line].get("OBS_VALUE", "")).strip()
        assert math.isnan(value) if cell in MISSING else value == float(cell)


def strictly(raw: Path, row: dict[str, str]) -> int:
    """The number of rows of a strict reading that passes the border."""
    found = read(raw, row, strict=True)
    return len(conform(found.frame, found.dimensions))


@every
def test_a_strict_reading_gives_all_rows_or_one_clear_error(raw: Path, row: dict[str, str]) -> None:
    refused = row["refused"] != "0" or not row["dataflow"]
    if refused:
        with pytest.raises(DivideError) as caught:
            strictly(raw, row)
        assert caught.value.subject
        assert row["file"] in caught.value.where
    else:
        assert strictly(raw, row) == int(row["used"])


def test_no_more_than_five_files_are_refused() -> None:
    assert len(TABLE) == 86
    assert sum(bool(row["refusal"]) or row["used"] == "0" for row in TABLE) <= 5


def test_each_anomaly_is_at_its_line_read_or_named(raw: Path) -> None:
    """What a later check must find is in the frame or in a pile that says what is wrong; an empty line is neither."""
    with (raw / FOLDER / "anomalies.csv").open(encoding="utf-8", newline="") as text:
        anomalies = list(csv.DictReader(text))
    absent = []
    for entry in anomalies:
        if entry["lines"] == "all" or not NAMES[entry["file"]]["dataflow"]:
            continue
        found = named(raw, entry["file"])
        there = {*found.frame[v.LINE].tolist(), *(line for pile in piles(found) for line in pile.lines)}
        spans = [part.partition("-") for part in entry["lines"].split(",")]
        wanted = {line for first, _, last in spans for line in range(int(first), int(last or first) + 1)}
        if not wanted <= there:
            absent.append((entry["file"], sorted(wanted - there)))
    assert absent == [("bosnia-fbih/indicator_9-c-1.csv", [24])]


def counted(frame: Any, concept: str) -> dict[str, int]:
    return {str(code): count for code, count in Counter(frame[concept]).items()}


def test_labels_of_the_offices_become_codes(raw: Path) -> None:
    german = named(raw, "germany/indicator_17-8-1.csv").frame
    assert counted(german, v.AGE) == {"_T": 48, "Y16T24": 16, "Y25T64": 16, "Y65T74": 16}
    assert counted(german, v.OBS_STATUS) == {"A": 90, "B": 6}
    korean = named(raw, "korea/indicator_17-8-1.csv").frame
    assert counted(korean, v.SEX) == {"_T": 128, "M": 15, "F": 15}
    assert counted(korean, v.AGE)["Y3T9"] == 15
    russian = named(raw, "kazakhstan-2019/indicator_17-8-1.csv").frame
    assert counted(russian, v.URBANISATION) == {"_T": 145, "URB": 8, "RUR": 8}
    assert counted(russian, v.SEX) == {"_T": 153, "M": 4, "F": 4}
    assert counted(russian, "SUBNATIONAL_AREA")["_T"] == 32
    overlapping = named(raw, "kyrgyzstan-2023/indicator_17-8-1__en.csv").frame
    assert counted(overlapping, v.AGE) == {"Y_GE15": 120, "Y15T28": 5, "Y29T62": 5, "Y_GE58": 5}
    assert counted(overlapping, "EDUCATION_LEV")["ISCED11_6_7"] == 5
    american = named(raw, "usa/indicator_4-4-1.csv").frame
    assert counted(american, v.SEX) == {"_T": 8, "M": 1, "F": 1}
    household = named(raw, "moldova/indicator_5-b-1-1.csv").frame
    assert counted(household, v.SEX) == {"_T": 65}
    assert counted(household, "HOUSEHOLD_HEAD_SEX") == {"_T": 39, "Men": 13, "Women": 13}


def test_two_editions_of_one_file_in_two_languages_are_the_same(raw: Path) -> None:
    names = [*v.KEY, v.OBS_VALUE, v.LINE]
    english, russian = (named(raw, f"kyrgyzstan-2023/indicator_9-c-1__{tongue}.csv").frame for tongue in ("en", "ru"))
    assert english[names].astype(str).equals(russian[names].astype(str))


def test_sdmx_columns_and_the_english_file_say_the_same(raw: Path) -> None:
    """The office publishes both: national rows agree key by key, in the years that both have."""
    names = [*v.KEY, "EDUCATION_LEV", "INCOME_WEALTH_QUANTILE"]
    values = []
    for name in ("kyrgyzstan-2023/indicator_17-8-1__en.csv", "kyrgyzstan/indicator_17-8-1__from-sdmx.csv"):
        frame = named(raw, name, area="").frame if "sdmx" in name else named(raw, name).frame
        own = frame[frame["SUBNATIONAL_AREA"] == "_T"]
        keys = own[names].astype(str).itertuples(index=False, name=None)
        values.append(dict(zip(keys, own[v.OBS_VALUE], strict=True)))
    shared = set(values[0]) & set(values[1])
    assert len(shared) == 90
    assert sum(abs(values[0][key] - values[1][key]) > 0.051 for key in shared) == 0


def test_series_choose_the_indicator(raw: Path) -> None:
    def indicators(name: str) -> dict[str, int]:
        return counted(named(raw, name).frame, v.INDICATOR)

    assert indicators("malta/indicator_9-c-1.csv") == {
        "coverage_2g": 16,
        "coverage_3g": 14,
        "coverage_4g": 13,
        "coverage_5g": 7,
    }
    assert indicators("usa-2018wide/indicator_9-c-1__wide.csv") == {"coverage_3g": 9, "coverage_2g": 15}
    assert indicators("germany/indicator_5-b-1.csv") == {
        "households_with_mobile_telephone": 14,
        "mobile_cellular_subscriptions": 16,
    }
    skills = indicators("kazakhstan/indicator_4-4-1.csv")
    assert len(skills) == 9
    assert sum(skills.values()) == 1613


def test_a_fraction_stays_as_written(raw: Path) -> None:
    frame = named(raw, "usa/indicator_17-8-1.csv").frame
    assert (frame[v.OBS_VALUE].min(), frame[v.OBS_VALUE].max()) == (0.44, 0.78)


def test_labels_in_a_wrong_column_are_read_and_reported(raw: Path) -> None:
    found = named(raw, "jamaica-2022/indicator_17-8-1.csv")
    wrong = found.frame[found.frame[v.LINE].isin([3, 4, 6, 7, 9, 10])]
    assert wrong[v.SEX].tolist() == ["M", "F"] * 3
    assert "contains labels of SEX in 6 rows, the first on line 3 ('Male'): read as SEX, as well as the column Sex" in (
        " ".join(found.readings[0].notes)
    )


def test_a_file_that_does_not_say_its_generation_is_of_none(raw: Path) -> None:
    for name in ("korea/indicator_9-c-1.csv", "usa/indicator_9-c-1.csv", "kazakhstan-2019/indicator_9-c-1.csv"):
        assert set(named(raw, name).frame[v.INDICATOR]) == {"coverage_mobile"}
        assert set(named(raw, name, indicator="coverage_3g").frame[v.INDICATOR]) == {"coverage_3g"}


def test_a_file_without_its_area_asks_for_it_and_another_area_is_an_error(raw: Path) -> None:
    with pytest.raises(SourceError, match="does not name its area"):
        named(raw, "malta/indicator_17-8-1.csv", area="")
    with pytest.raises(OptionError):
        named(raw, "malta/indicator_17-8-1.csv", area="MTL")


@pytest.mark.parametrize(
    "name",
    [
        "itu_aggregates_2025_11/internet_usage_anti4ris98.csv",
        "itu_aggregates_2025_11/decoded_total_urban_rural_2022_2025.csv",
        "itu_aggregates_2024_11/aggregates_nov2024_long.csv",
        "wdi/internet_use/digital_divide_panel_lianaphoenix_2026-08.csv",
        "country_classification/country_classification.csv",
        "un_wpp_2024/wpp2024_pop_by_sex_ageband_5yearly.csv",
    ],
)
def test_what_others_made_of_figures_is_no_national_file(raw: Path, name: str) -> None:
    """It is not recognised, or it is a table of countries, of which none of these rows can be used."""
    for indicator in ("", "internet_use"):
        choices = ReadOptions(area="FRA", indicator=indicator, strict=False)
        try:
            found: Any = readers.read(str(raw / name), "real", choices)
            outcome = f"{found.readings[0].dataflow}, {len(found.frame)} rows"
        except SourceError as error:
            outcome = error.code
        assert outcome in ("dataflow_not_recognised", "area_beside_countries", "country_series, 0 rows")


@pytest.mark.parametrize(
    "head", ["Country Name,Country Code,Year,Value", "Country Code,Year,Value", "Entity,Code,Year,Value"]
)
def test_tables_of_other_providers_are_not_taken_for_national_files(tmp_path: Path, head: str) -> None:
    path = tmp_path / "indicator_17-8-1.csv"
    path.write_text(f"{head}\n" + ",".join(["FRA"] * (head.count(",") - 1)) + ",2020,50\n", encoding="utf-8")
    try:
        found: Any = readers.read(str(path), "x", ReadOptions(indicator="internet_use", strict=False))
    except DivideError:
        return
    assert found.readings[0].dataflow not in ("open_sdg", "open_sdg_wide", "sdg_sdmx")
