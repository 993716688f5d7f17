"""Weights: WDI population by sex and urbanisation, and UN WPP population by sex and five-year age."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scripts.derive.common import Raw, left_out_codes, observations, require, same, text, write_observations

WDI = "wdi_population_2026_07"
WPP = "un_wpp_2024"
TOTAL = "wdi/population/SP.POP.TOTL.csv"
WPP_FILE = "un_wpp_2024/population.csv.gz"
WPP_YEARS = ["1990", "1995", "2000", "2005", "2010", "2015", "2020", "2025", "2030"]
LAST_ESTIMATE = "2023"


def persons(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers of people as observations."""
    return observations(frame, INDICATOR="population", UNIT_MEASURE="PS")


def since_1990(table: pd.DataFrame) -> pd.DataFrame:
    """Code, year and value from 1990. (In earlier years PSE has a female share without a total.)"""
    return table.loc[table["Year"] >= "1990", ["Country Code", "Year", "Value"]]


def wdi_table(raw: Raw) -> pd.DataFrame:
    """Total, urban and female share for every area and year since 1990; DeriveError if one is missing."""
    table = since_1990(text(raw.path(TOTAL))).rename(columns={"Value": "total"})
    for name, column in (("SP.URB.TOTL", "urban"), ("SP.POP.TOTL.FE.ZS", "share")):
        other = since_1990(text(raw.path(f"wdi/population/{name}.csv"))).rename(columns={"Value": column})
        table = table.merge(other, on=["Country Code", "Year"], how="outer", validate="one_to_one", indicator=True)
        same(table["_merge"].astype(str).unique(), {"both"}, f"{WDI}, {name} against SP.POP.TOTL")
        table = table.drop(columns="_merge")
    same(table["Year"].unique(), map(str, range(1990, 2026)), f"{WDI}, years")
    return table.rename(columns={"Country Code": "REF_AREA", "Year": "TIME_PERIOD"})


def wdi_population(raw: Raw, out: Path, areas: set[str]) -> None:
    """Writes _T, F, M, URB and RUR in persons: F = total x share / 100, rounded; M = total - F; RUR = total - URB."""
    table = wdi_table(raw)
    aggregate = table["REF_AREA"].isin(list(left_out_codes(WDI)))
    same(table.loc[aggregate, "REF_AREA"], left_out_codes(WDI), f"{WDI}, codes left out")
    table = table[~aggregate]
    same(set(table["REF_AREA"]) - areas, [], f"{WDI}, codes neither in CL_AREA nor left out")
    total, urban = table["total"].astype("int64"), table["urban"].astype("int64")
    female = (total * table["share"].astype("float64") / 100).round().astype("int64")
    require(bool(((urban <= total) & (female <= total)).all()), f"{WDI}: a part above its total")
    cells = {
        ("_T", "_T"): total,
        ("F", "_T"): female,
        ("M", "_T"): total - female,
        ("_T", "URB"): urban,
        ("_T", "RUR"): total - urban,
    }
    key = table[["REF_AREA", "TIME_PERIOD"]]
    frames = [
        key.assign(SEX=sex, URBANISATION=place, OBS_VALUE=value.astype(str)) for (sex, place), value in cells.items()
    ]
    write_observations(persons(pd.concat(frames)), WDI, out, areas)


def age_code(groups: pd.Series[str]) -> pd.Series[str]:
    """WPP's `0-4` as Y0T4 and `100+` as Y_GE100."""
    closed = "Y" + groups.str.replace("-", "T", regex=False)
    return closed.where(~groups.str.endswith("+"), "Y_GE" + groups.str.rstrip("+"))


def wpp(raw: Raw, cl_area: pd.DataFrame) -> pd.DataFrame:
    """Every WPP row with its REF_AREA, which is empty for aggregates."""
    numbered = cl_area[(cl_area["m49"] != "") & (cl_area["kind"] != "group")]
    codes = pd.Series(numbered["code"].to_numpy(), index=numbered["m49"].astype(int).astype(str))
    table = text(raw.path(WPP_FILE))
    return table.assign(REF_AREA=table["LocID"].map(codes).fillna(""))


def wpp_population(raw: Raw, out: Path, cl_area: pd.DataFrame) -> None:
    """Writes people at mid-year by sex and 21 age groups, every fifth year from 1990 to 2030: E to 2023, then F."""
    table = wpp(raw, cl_area)
    same(table.loc[table["REF_AREA"] == "", "LocID"], left_out_codes(WPP), f"{WPP}, numbers left out")
    kept = table[(table["REF_AREA"] != "") & table["Year"].isin(WPP_YEARS)]
    frame = pd.DataFrame(
        {
            "REF_AREA": kept["REF_AREA"],
            "SEX": kept["Sex"].map({"Female": "F", "Male": "M"}),
            "AGE": age_code(kept["AgeGrp"]),
            "TIME_PERIOD": kept["Year"],
            "OBS_VALUE": kept["Value"],
            "OBS_STATUS": (kept["Year"] <= LAST_ESTIMATE).map({True: "E", False: "F"}),
        }
    )
    expected = frame["REF_AREA"].nunique() * len(WPP_YEARS) * 2 * 21
    require(len(frame) == expected, f"{WPP}: {len(frame)} rows, expected {expected}")
    write_observations(persons(frame), WPP, out, set(cl_area["code"]))


def with_population(raw: Raw, cl_area: pd.DataFrame) -> tuple[set[str], set[str]]:
    """The codes with a population in WDI, and those with one in WPP."""
    wdi = set(text(raw.path(TOTAL))["Country Code"]) & set(cl_area["code"])
    return wdi, set(wpp(raw, cl_area)["REF_AREA"]) - {""}
