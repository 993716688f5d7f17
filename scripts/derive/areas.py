"""CL_AREA: every area that a source names, its kind, and the economy with which its people are counted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scripts.derive.common import Raw, facts, require, same, text, unique, write

COLUMNS = ["code", "name", "iso2", "m49", "kind", "part_of", "valid_to", "note", "source"]
KINDS = {"economy", "part", "uninhabited", "former", "group"}


def cl_area(raw: Raw) -> pd.DataFrame:
    """The codelist: the raw table of ISO 3166, with hand-written facts, which take precedence."""
    iso = text(raw.path("country_classification/country_classification.csv"))
    iso = iso.rename(columns={"iso3": "code", "name_en": "name"})[["code", "name", "iso2", "m49"]]
    hand = facts("areas.csv")
    both = iso.merge(hand, on="code", how="outer", validate="one_to_one", suffixes=("", "_hand")).fillna("")
    for column in ("name", "iso2", "m49"):
        clash = both[(both[column] != "") & (both[f"{column}_hand"] != "")]
        require(clash.empty, f"facts/areas.csv repeats {column} of {clash['code'].tolist()}")
        both[column] = both[column] + both[f"{column}_hand"]
    both["kind"] = both["kind"].where(both["kind"] != "", "economy")
    both["source"] = both["source"].where(both["source"] != "", "country_classification")
    both["source"] = both["source"].str.replace(
        "country_classification", "hdx-python-country 4.2.5 (ISO 3166, UN M49)", regex=False
    )
    check(both)
    return both.sort_values("code", kind="stable")[COLUMNS]


def check(areas: pd.DataFrame) -> None:
    """Raises DeriveError unless codes and M49 numbers are unique, kinds known, and `part_of` of parts is an economy."""
    unique(areas, ["code"], "CL_AREA")
    unique(areas[areas["m49"] != ""], ["m49"], "CL_AREA, m49")
    same(set(areas["kind"]) - KINDS, [], "CL_AREA, kinds")
    require(bool((areas["name"] != "").all()), "CL_AREA: areas without a name")
    require(bool(areas.loc[areas["m49"] != "", "m49"].str.fullmatch(r"\d{3}").all()), "CL_AREA: m49 not three digits")
    parts = areas["kind"] == "part"
    require(bool((parts == (areas["part_of"] != "")).all()), "CL_AREA: part_of belongs to parts, and to all of them")
    economies = set(areas.loc[areas["kind"] == "economy", "code"])
    same(set(areas.loc[parts, "part_of"]) - economies, [], "CL_AREA, part_of")


def write_cl_area(areas: pd.DataFrame, out: Path) -> None:
    """Writes codelists/CL_AREA.csv."""
    write(areas, COLUMNS, out / "catalogue/codelists/CL_AREA.csv")
