"""What is committed under data/ is what the raw files give, and says what it must say."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
RAW = Path(os.environ.get("DIVIDE_RAW") or ROOT.parent / "shared" / "data")
needs_raw = pytest.mark.skipif(not RAW.is_dir(), reason="the raw files are absent (DIVIDE_RAW, default ../shared/data)")
ORIGINS = sorted(DATA.glob("sources/*/origin.yaml"))
OBSERVATIONS = sorted(DATA.glob("sources/*/observations.csv"))
GROUPS = sorted(DATA.glob("catalogue/area_groups/*.csv"))
CODELISTS = sorted(DATA.glob("catalogue/codelists/*.csv"))
LABELS = sorted(DATA.glob("catalogue/labels/*.csv"))
OTHERS = [*sorted(DATA.glob("catalogue/charts/*.csv")), *sorted(DATA.glob("translations/*.csv"))]
KEY = ("REF_AREA", "INDICATOR", "SEX", "AGE", "URBANISATION", "TIME_PERIOD")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes(name: str) -> set[str]:
    return {row["code"] for row in rows(DATA / f"catalogue/codelists/{name}.csv")}


def members(name: str, day: str) -> dict[str, str]:
    """REF_AREA -> GROUP in force on `day`."""
    table = rows(DATA / f"catalogue/area_groups/{name}.csv")
    inside = [row for row in table if row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])]
    assert len({row["REF_AREA"] for row in inside}) == len(inside), f"{name}: an area twice on {day}"
    return {row["REF_AREA"]: row["GROUP"] for row in inside}


def values(edition: str, **key: str) -> dict[tuple[str, str], str]:
    table = rows(DATA / f"sources/{edition}/observations.csv")
    wanted = {"SEX": "_T", "AGE": "_T", "URBANISATION": "_T", **key}
    kept = [row for row in table if all(row[name] == code for name, code in wanted.items())]
    return {(row["REF_AREA"], row["TIME_PERIOD"]): row["OBS_VALUE"] for row in kept}


@needs_raw
def test_committed_is_what_the_raw_files_give(tmp_path: Path) -> None:
    from scripts.derive.__main__ import derive

    derive(RAW, tmp_path)
    made = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(made) > 30
    held = {name: (DATA / name).read_bytes() if (DATA / name).is_file() else b"" for name in made}
    assert [name for name in sorted(made) if made[name] != held[name]] == []
    described = {path.relative_to(DATA).as_posix() for path in [*OBSERVATIONS, *GROUPS, *CODELISTS, *LABELS]}
    assert described <= set(made), "a CSV that no derivation writes"


@needs_raw
def test_a_changed_raw_file_is_one_clear_error(tmp_path: Path) -> None:
    from scripts.derive.__main__ import raw_files
    from scripts.derive.common import DeriveError

    name = "un_m49/UNSD-en.csv"
    (tmp_path / "un_m49").mkdir()
    (tmp_path / name).write_bytes((RAW / name).read_bytes() + b"x")
    with pytest.raises(DeriveError, match=r"un_m49/UNSD-en\.csv: expected sha256 [0-9a-f]{64} and \d+ bytes, found"):
        raw_files(tmp_path).path(name)
    with pytest.raises(DeriveError, match="not found"):
        raw_files(tmp_path).path("wdi/population/SP.POP.TOTL.csv")


@pytest.mark.parametrize("path", ORIGINS, ids=lambda path: path.parent.name)
def test_origin_is_complete(path: Path) -> None:
    about: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name in ("id", "title", "producer", "url", "accessed", "vintage", "role", "licence", "citation"):
        assert about[name], name
    assert about["id"] == path.parent.name
    assert about["role"] in {"country", "published", "weights", "covariate", "quoted"}
    assert about["vintage"] <= about["accessed"]
    assert {"via", "raw", "left_out", "notes", "indicators"} <= set(about)
    assert about["via"] is None or {"repository", "path", "commit"} <= set(about["via"])
    assert {"id", "name", "url", "redistributable", "notes"} <= set(about["licence"])
    assert all(len(raw["sha256"]) == 64 and raw["bytes"] > 0 for raw in about["raw"])
    assert all(entry["what"] and entry["why"] for entry in about["left_out"])
    table = path.parent / "observations.csv"
    assert table.is_file() is ("view" not in about)
    if table.is_file():
        assert about["raw"], "an edition with observations has raw files"
        assert {row["INDICATOR"] for row in rows(table)} == set(about["indicators"])
    if about["producer"].startswith("International Telecommunication Union"):
        assert about["licence"]["id"] == "CC-BY-NC-SA-3.0-IGO"


@pytest.mark.parametrize("path", OBSERVATIONS, ids=lambda path: path.parent.name)
def test_observations_have_a_unique_key_and_known_codes(path: Path) -> None:
    table = rows(path)
    twice = [key for key, n in Counter(tuple(row[name] for name in KEY) for row in table).items() if n > 1]
    assert twice == []
    lists = {"REF_AREA": "CL_AREA", "UNIT_MEASURE": "CL_UNIT_MEASURE", "OBS_STATUS": "CL_OBS_STATUS"}
    for name in ("REF_AREA", "SEX", "AGE", "URBANISATION", "UNIT_MEASURE", "OBS_STATUS"):
        assert {row[name] for row in table} <= codes(lists.get(name, f"CL_{name}")), name
    assert all(0 <= float(row["OBS_VALUE"]) <= (100 if row["UNIT_MEASURE"] == "PT" else 2e9) for row in table)
    order = [tuple(row[name] for name in ("INDICATOR", "REF_AREA", *KEY[2:])) for row in table]
    assert order == sorted(order)


def test_published_figures_are_cited_with_their_decimals() -> None:
    for edition in ("itu_aggregates_2024_11", "itu_aggregates_2025_11"):
        table = rows(DATA / f"sources/{edition}/observations.csv")
        assert all(row["CITATION"] and row["DECIMALS"] == "1" and row["OBS_STATUS"] == "E" for row in table)
        assert all(len(row["OBS_VALUE"].partition(".")[2]) == 1 for row in table)
        assert {row["REF_AREA"] for row in table} <= {
            "WLD",
            "HIC",
            "UMC",
            "LMC",
            "LIC",
            "LDC",
            "LLDC",
            "SIDS",
            "AFR",
            "AMS",
            "ARB",
            "ASP",
            "CIS",
            "EUR",
        }
    assert "rural 2023" in (DATA / "sources/itu_aggregates_2025_11/origin.yaml").read_text(encoding="utf-8")


def test_figures_that_the_publications_print() -> None:
    new = values("itu_aggregates_2025_11")
    assert (new["HIC", "2025"], new["LIC", "2025"], new["WLD", "2025"]) == ("94.2", "23.4", "73.6")
    urban, rural = (values("itu_aggregates_2025_11", URBANISATION=place) for place in ("URB", "RUR"))
    assert (urban["WLD", "2025"], rural["WLD", "2025"]) == ("85.4", "58.2")
    assert not [key for key in rural if key[1] == "2023"]
    women, men = (values("itu_aggregates_2024_11", SEX=sex, INDICATOR="internet_use") for sex in "FM")
    assert (women["WLD", "2024"], men["WLD", "2024"]) == ("65.3", "69.5")
    assert (women["EUR", "2024"], men["EUR", "2024"]) == ("90.2", "92.3")
    cells = rows(DATA / "sources/itu_aggregates_2024_11/observations.csv")
    assert sum(" in By gender!" in row["OBS_COMMENT"] for row in cells) == 4


def test_population_adds_up() -> None:
    total = {key: int(value) for key, value in values("wdi_population_2026_07").items()}
    assert {year for _, year in total} == {str(year) for year in range(1990, 2026)}
    for name, (one, other) in {"SEX": ("F", "M"), "URBANISATION": ("URB", "RUR")}.items():
        first, second = (
            values("wdi_population_2026_07", **{name: one}),
            values("wdi_population_2026_07", **{name: other}),
        )
        assert {key: int(first[key]) + int(second[key]) for key in first} == total
    ages = {row["AGE"] for row in rows(DATA / "sources/un_wpp_2024/observations.csv")}
    assert len(ages) == 21
    assert ages <= codes("CL_AGE")


@pytest.mark.parametrize("path", GROUPS, ids=lambda path: path.stem)
def test_memberships_are_dated_and_do_not_overlap(path: Path) -> None:
    table = rows(path)
    assert list(table[0]) == ["REF_AREA", "GROUP", "valid_from", "valid_to", "source"]
    area = {row["code"]: row["kind"] for row in rows(DATA / "catalogue/codelists/CL_AREA.csv")}
    assert all(area[row["GROUP"]] == "group" and area[row["REF_AREA"]] != "group" for row in table)
    assert all(row["source"] and row["valid_from"] for row in table)
    pairs = zip(table, table[1:], strict=False)
    overlaps = [(a, b) for a, b in pairs if a["REF_AREA"] == b["REF_AREA"] and not a["valid_to"] <= b["valid_from"]]
    assert overlaps == []
    assert all(not a["valid_to"] or a["valid_from"] < a["valid_to"] for a in table)


def test_income_groups_of_the_lists_in_force() -> None:
    before, after = members("income_group", "2025-07-01"), members("income_group", "2026-07-01")
    assert Counter(before.values()) == {"HIC": 88, "UMC": 54, "LMC": 50, "LIC": 25}
    assert Counter(after.values()) == {"HIC": 88, "UMC": 59, "LMC": 47, "LIC": 25}
    assert {"ETH", "VEN"} & set(before) == set()
    moved = {area: after[area] for area in after if before.get(area) != after[area]}
    assert moved == {
        "TGO": "LMC",
        "JOR": "UMC",
        "FSM": "UMC",
        "PHL": "UMC",
        "LKA": "UMC",
        "VNM": "UMC",
        "ETH": "LIC",
        "VEN": "LMC",
    }
    assert members("income_group", "2027-07-01") == {}


def test_later_income_history_differs_from_the_list_in_force_in_ethiopia_only() -> None:
    later, listed = members("income_group_oghist", "2025-07-01"), members("income_group", "2025-07-01")
    assert set(later.items()) ^ set(listed.items()) == {("ETH", "LIC")}
    assert members("income_group_oghist", "1988-07-01")["YEM"] == "LMC"
    assert members("income_group_oghist", "2006-07-01")["YUG"] == "LMC"
    assert not {"CHI", "YUGf"} & set(members("income_group_oghist", "1990-07-01"))


def test_lists_of_the_united_nations() -> None:
    count = {day: len(members("ldc", day)) for day in ("2017-01-01", "2017-06-04", "2020-12-04", "2023-12-13")}
    assert list(count.values()) == [48, 47, 46, 45]
    assert len(members("ldc", "2024-12-13")) == 44
    assert {"LAO", "NPL", "BGD"} <= set(members("ldc", "2026-11-23"))
    assert len(members("lldc", "2024-01-01")) == 32
    flagged, listed = set(members("sids_m49", "2024-01-01")), set(members("sids_un", "2024-01-01"))
    assert (len(flagged), len(listed)) == (53, 55)
    assert (flagged - listed, listed - flagged) == ({"BES", "MSR"}, {"BHR", "BMU", "CYM", "TCA"})


def test_regions_and_world() -> None:
    regions = members("itu_region", "2024-01-01")
    assert Counter(regions.values()) == {"AFR": 44, "AMS": 35, "ARB": 21, "ASP": 40, "CIS": 9, "EUR": 46}
    assert (regions["PRK"], regions["VAT"]) == ("ASP", "EUR")
    assert not {"PSE", "TWN", "PRI", "REU"} & set(regions)
    kind = {row["code"]: row["kind"] for row in rows(DATA / "catalogue/codelists/CL_AREA.csv")}
    world = set(members("world", "2024-01-01"))
    assert {area for area, name in kind.items() if name == "economy"} - world == {"PCN"}
    assert {kind[area] for area in world} == {"economy"}


@needs_raw
@pytest.mark.parametrize(
    ("name", "column", "scheme"),
    [
        ("itu_datahub_2025_08/individuals-using-the-internet.csv", "entityIso", "itu"),
        ("itu_datahub_2025_10/individuals-who-own-a-mobile-cellular-telephone_1760732826255.csv", "entityIso", "itu"),
        ("itu_datahub_2026_04/individuals-using-the-internet.csv", "entityIso", "itu"),
        ("itu_datahub_2026_04/individuals-with-ict-skills-safety.csv", "entityIso", "itu"),
        ("data360_itu/ITU_DH_INT_USR_DAY.csv", "REF_AREA", "worldbank"),
        ("data360_itu/ITU_DH_POP_COV_4G.csv", "REF_AREA", "worldbank"),
        ("wdi/population/SP.POP.TOTL.csv", "Country Code", "worldbank"),
    ],
)
def test_every_area_that_a_provider_names_is_known(name: str, column: str, scheme: str) -> None:
    aliases = {row["alias"] for row in rows(DATA / "catalogue/codelists/area_aliases.csv") if row["scheme"] == scheme}
    origin = yaml.safe_load((DATA / "sources/wdi_population_2026_07/origin.yaml").read_text(encoding="utf-8"))
    aggregates = {code for entry in origin["left_out"] for code in entry.get("codes", [])} | {"FCS"}
    with (RAW / name).open(encoding="utf-8-sig", newline="") as file:
        named = {row[column] for row in csv.DictReader(file)}
    assert named - codes("CL_AREA") - aliases - (aggregates if scheme == "worldbank" else set()) == set()


def test_aliases_lead_to_areas_and_are_none_themselves() -> None:
    table = rows(DATA / "catalogue/codelists/area_aliases.csv")
    assert {row["code"] for row in table} <= codes("CL_AREA")
    assert not {row["alias"] for row in table} & codes("CL_AREA")


def test_every_csv_is_described_with_schema_licence_and_source() -> None:
    package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    assert {item["path"] for item in package["resources"]} == {
        path.relative_to(DATA).as_posix() for path in [*OBSERVATIONS, *GROUPS, *CODELISTS, *LABELS, *OTHERS]
    }
    known = [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "schemas").glob("*.json")]
    for item in package["resources"]:
        assert item["licenses"]
        assert item["sources"]
        assert item["encoding"] == "utf-8"
        (schema,) = [schema for schema in known if schema["title"] == item["schema"]["title"]]
        assert {**item["schema"], "fields": []} == {**schema, "fields": []}
        assert all(field in schema["fields"] for field in item["schema"]["fields"])
        header = (DATA / item["path"]).open(encoding="utf-8").readline().strip().split(",")
        assert header == [field["name"] for field in item["schema"]["fields"]]
