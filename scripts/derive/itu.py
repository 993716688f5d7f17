"""ITU's aggregates of November 2024 from the workbook, and of November 2025 from the fragment that was recovered."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scripts.derive.common import Raw, observations, require, same, text, unique, write_observations
from scripts.derive.income import sheet
from scripts.derive.itu_cells import AGAIN, BOOK, EDITION, GROUPS, KEPT, SPECIAL, read

LONG = f"{EDITION}/aggregates_nov2024_long.csv"
CELL = ["INDICATOR", "REF_AREA", "SEX", "AGE", "URBANISATION", "TIME_PERIOD"]
EDITION_2025 = "itu_aggregates_2025_11"
FRAGMENT = f"{EDITION_2025}/internet_usage_anti4ris98.csv"
DECODED = f"{EDITION_2025}/decoded_total_urban_rural_2022_2025.csv"
MEANT = [
    *(("total", "_T", year) for year in ("2022", "2023", "2024", "2025")),
    *(("urban", "URB", year) for year in ("2022", "2023", "2024", "2025")),
    *(("rural", "RUR", year) for year in ("2022", "2024", "2025")),
]
LABELS = ["2015", "2016", "2017", "2018", "2020", "2021", "2022", "2023", "2025", "2015", "2016"]


def one_decimal(values: pd.Series[float]) -> pd.Series[str]:
    """The values as ITU publishes them; DeriveError if one has more than one decimal."""
    require(bool(((values * 10 - (values * 10).round()).abs() < 1e-9).all()), f"{BOOK}: more than one decimal")
    return values.map("{:.1f}".format)


def other_value(kept: pd.DataFrame, again: pd.DataFrame) -> pd.Series[str]:
    """The different values of other sheets for each kept cell, with their cells; else empty."""
    both = again.merge(kept[[*CELL, "OBS_VALUE"]], on=CELL, how="left", validate="many_to_one", suffixes=("", "_kept"))
    require(not bool(both["OBS_VALUE_kept"].isna().any()), f"{EDITION}: totals of other sheets without a kept cell")
    both = both[both["OBS_VALUE"] != both["OBS_VALUE_kept"]]
    said = both.assign(said=both["OBS_VALUE"] + " in " + both["CITATION"]).groupby(CELL)["said"].agg("; ".join)
    joined = kept.merge(said.reset_index(), on=CELL, how="left", validate="one_to_one")
    return joined["said"].fillna("")


def check_long(raw: Raw, kept: pd.DataFrame, again: pd.DataFrame) -> None:
    """Compares every value with the long copy made elsewhere, sheet by sheet; it does not have the sheet of regions."""
    long = pd.read_csv(raw.path(LONG))
    indicator = long["indicator"].str.contains
    long["INDICATOR"] = ""
    for name, words in (("internet_use", "using the Internet"), ("mobile_ownership", "owning a mobile phone")):
        long.loc[indicator(words, regex=False), "INDICATOR"] = name
    lte = indicator("LTE", regex=False) & ~long["sheet"].eq(SPECIAL) & long["year"].eq(2024)
    long.loc[lte, "INDICATOR"] = "coverage_4g"
    breakdowns = ["total", "percent", "female", "male", "urban", "rural"]
    youth = long["breakdown"].eq("youth15_24") & long["year"].eq(2024)
    long = long[(long["INDICATOR"] != "") & (long["breakdown"].isin(breakdowns) | youth)]
    long = long.assign(
        REF_AREA=long["group"].replace("World", "WLD"),
        SEX=long["breakdown"].map({"female": "F", "male": "M"}).fillna("_T"),
        AGE=long["breakdown"].map({"youth15_24": "Y15T24"}).fillna("_T"),
        URBANISATION=long["breakdown"].map({"urban": "URB", "rural": "RUR"}).fillna("_T"),
        TIME_PERIOD=long["year"].astype(str),
        OBS_VALUE=long["value"].map("{:.1f}".format),
    )
    mine = pd.concat([kept, again])
    mine = mine.assign(sheet=mine["CITATION"].str.rsplit("!", n=1).str[0])
    mine = mine[mine["sheet"].isin(long["sheet"].unique())]
    columns = ["sheet", *CELL, "OBS_VALUE"]
    unique(long, columns[:-1], LONG)
    same(mine[columns].agg("|".join, axis=1), long[columns].agg("|".join, axis=1), f"{BOOK} against {LONG}")


def itu_2024(raw: Raw, out: Path, areas: set[str]) -> None:
    """Writes the cells of November 2024 that a table or claim cites: one decimal, OBS_STATUS E (ITU estimates)."""
    path = raw.path(BOOK)
    rows = {name: sheet(path, name) for name in {block.sheet for block in [*KEPT, *AGAIN]}}
    kept, again = (pd.concat([read(block, rows[block.sheet]) for block in blocks]) for blocks in (KEPT, AGAIN))
    kept, again = (frame.assign(OBS_VALUE=one_decimal(frame["OBS_VALUE"])) for frame in (kept, again))
    unique(kept, CELL, EDITION)
    check_long(raw, kept, again)
    kept = kept.reset_index(drop=True).assign(DECIMALS="1")
    kept = kept.assign(OBS_COMMENT=other_value(kept, again))
    write_observations(observations(kept, UNIT_MEASURE="PT", OBS_STATUS="E"), EDITION, out, areas, published=True)


def itu_2025(raw: Raw, out: Path, areas: set[str]) -> None:
    """Writes the eleven columns of the fragment under their true years, and checks them against another decoding."""
    table = text(raw.path(FRAGMENT))
    size = len(GROUPS)
    require(len(table) == size * len(MEANT), f"{FRAGMENT}: {len(table)} rows")
    require(table["country"].tolist() == list(GROUPS) * len(MEANT), f"{FRAGMENT}: groups in another order")
    false_years = [year for year in LABELS for _ in range(size)]
    require(table["year"].tolist() == false_years, f"{FRAGMENT}: other year labels than those known to be wrong")
    meant = pd.DataFrame(MEANT, columns=["block", "URBANISATION", "TIME_PERIOD"])
    meant = meant.loc[meant.index.repeat(size)].reset_index(drop=True)
    frame = meant.assign(
        REF_AREA=table["country"].map(GROUPS),
        OBS_VALUE=one_decimal(table["internet_usage_percent"].astype("float64")),
        DECIMALS="1",
        CITATION="By urban-rural area, Internet use block, "
        + meant["block"]
        + " "
        + meant["TIME_PERIOD"]
        + " (recovered; indirect evidence)",
    )
    decoded = text(raw.path(DECODED))
    same(
        decoded["group"].replace("World", "WLD") + decoded["breakdown"] + decoded["year"] + decoded["value"],
        frame["REF_AREA"] + frame["block"] + frame["TIME_PERIOD"] + frame["OBS_VALUE"],
        f"{FRAGMENT} against {DECODED}",
    )
    complete = observations(frame, INDICATOR="internet_use", UNIT_MEASURE="PT", OBS_STATUS="E")
    write_observations(complete, EDITION_2025, out, areas, published=True)
