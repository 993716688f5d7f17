"""Internet use of economies from copies of the World Bank's WDI: wdi_2026_08, wdi_2025_10, wdi_by_sex_2019_2023."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scripts.derive.common import Raw, left_out_codes, observations, require, same, text, write_observations

FOLDER = "wdi/internet_use"
PANEL = f"{FOLDER}/digital_divide_panel_lianaphoenix_2026-08.csv"
WIDE = f"{FOLDER}/API_IT.NET.USER.ZS_REBUILT_from_xlsx_2025-10-07.csv"
BY_SEX = {"F": "IT.NET.USER.FE.ZS_2019-2023.csv", "M": "IT.NET.USER.MA.ZS_2019-2023.csv"}


GNI = "wdi/gni_per_capita/NY.GNP.PCAP.CD.csv"


def economies(frame: pd.DataFrame, edition: str, areas: set[str]) -> pd.DataFrame:
    """`frame` without aggregates; DeriveError unless the dropped codes are those named in the origin."""
    inside = frame["REF_AREA"].isin(list(areas)) & ~frame["REF_AREA"].isin(list(left_out_codes(edition)))
    same(frame.loc[~inside, "REF_AREA"], left_out_codes(edition), f"{edition}, codes left out")
    return frame[inside]


def internet_use(frame: pd.DataFrame) -> pd.DataFrame:
    """Internet use in percent of the population, with values as their original texts."""
    return observations(frame, INDICATOR="internet_use", UNIT_MEASURE="PT")


def wdi_2026_08(raw: Raw, out: Path, areas: set[str]) -> None:
    """Writes the three columns of the panel, 2004-2024, which has no empty cells."""
    table = text(raw.path(PANEL))
    frame = table.rename(columns={"country_code": "REF_AREA", "year": "TIME_PERIOD", "internet_pct": "OBS_VALUE"})
    require(bool((frame["OBS_VALUE"] != "").all()), "wdi_2026_08: empty cells")
    same(frame["TIME_PERIOD"], map(str, range(2004, 2025)), "wdi_2026_08, years")
    write_observations(internet_use(economies(frame, "wdi_2026_08", areas)), "wdi_2026_08", out, areas)


def wdi_2025_10(raw: Raw, out: Path, areas: set[str]) -> None:
    """Writes the API table in long form, 1990-2024. Empty cells have no row; all cells before 1990 are empty."""
    table = text(raw.path(WIDE), skiprows=4, encoding="utf-8-sig")
    same(table["Indicator Code"].unique(), {"IT.NET.USER.ZS"}, "wdi_2025_10, indicators")
    years = [name for name in table.columns if name.isdigit()]
    require((years[0], years[-1], len(years)) == ("1960", "2024", 65), f"wdi_2025_10: years {years}")
    long = table.rename(columns={"Country Code": "REF_AREA"}).melt(
        id_vars="REF_AREA", value_vars=years, var_name="TIME_PERIOD", value_name="OBS_VALUE"
    )
    kept = economies(long, "wdi_2025_10", areas)
    kept = kept[kept["OBS_VALUE"] != ""]
    require(bool((kept["TIME_PERIOD"] >= "1990").all()), "wdi_2025_10: values before 1990")
    write_observations(internet_use(kept), "wdi_2025_10", out, areas)


def wdi_by_sex(raw: Raw, out: Path, areas: set[str]) -> None:
    """Writes Internet use of women and men, 2019-2023. Both files have the same economies and years."""
    parts = [text(raw.path(f"wdi/internet_use_by_sex/{name}")).assign(SEX=sex) for sex, name in BY_SEX.items()]
    women, men = (part["Country Code"] + part["Year"] for part in parts)
    same(women, men, "wdi_by_sex_2019_2023, women against men")
    columns = {"Country Code": "REF_AREA", "Year": "TIME_PERIOD", "Value": "OBS_VALUE"}
    frame = pd.concat(parts).rename(columns=columns)
    require(bool((frame["OBS_VALUE"] != "").all()), "wdi_by_sex_2019_2023: empty cells")
    edition = "wdi_by_sex_2019_2023"
    write_observations(internet_use(economies(frame, edition, areas)), edition, out, areas)


def wdi_gni(raw: Raw, out: Path, areas: set[str]) -> None:
    """Writes gross national income per head since 2000, with values as their original texts."""
    edition = "wdi_gni_2026_07"
    columns = {"Country Code": "REF_AREA", "Year": "TIME_PERIOD", "Value": "OBS_VALUE"}
    table = text(raw.path(GNI)).rename(columns=columns)
    kept = economies(table, edition, areas)
    kept = kept[kept["TIME_PERIOD"] >= "2000"]
    require(bool((kept["OBS_VALUE"] != "").all()), f"{edition}: empty cells")
    write_observations(observations(kept, INDICATOR="gni_per_head", UNIT_MEASURE="USD"), edition, out, areas)
