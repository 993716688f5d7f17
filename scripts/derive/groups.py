"""LDC, LLDC, SIDS, ITU regions and the world as dated groups of areas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scripts.derive.common import ROOT, Raw, facts, require, same, text, write_group
from scripts.derive.income import sheet

PRICES = "itu_price_baskets/ITU_ICTPriceBaskets_2008-2023.xlsx"
REGIONS = {
    "Africa": "AFR",
    "The Americas": "AMS",
    "Arab States": "ARB",
    "Asia & Pacific": "ASP",
    "CIS countries": "CIS",
    "Europe countries": "EUR",
}
START = "2017-01-01"
UNDATED = f"; list without dates, carried from {START}"
BOOK = "ITU ICT price baskets 2008-2023, membership columns as of 2023"
M49 = "UN M49 flags (datasets/country-codes)"


def workbook(raw: Raw) -> pd.DataFrame:
    """ITU's membership columns: one row for each economy, with codes of CL_AREA."""
    rows = sheet(raw.path(PRICES), "economies_2008-2023")
    table = pd.DataFrame(rows[1:], columns=[str(cell) for cell in rows[0]])
    columns = ["IsoCode", "ITURegion", "LDC", "LLDC", "SIDS"]
    members = table[columns].astype(str).drop_duplicates()
    aliases = text(ROOT / "data/catalogue/codelists/area_aliases.csv")
    alias = aliases[aliases["scheme"] == "itu"].set_index("alias")["code"]
    members = members.assign(REF_AREA=members["IsoCode"].map(alias).fillna(members["IsoCode"]))
    require(not bool(members["REF_AREA"].duplicated().any()), f"{PRICES}: an economy with two memberships")
    same(set(members["ITURegion"]) - set(REGIONS), {"Other Economies", "NA"}, f"{PRICES}, regions")
    return members


def m49(raw: Raw, column: str) -> set[str]:
    """The alpha-3 codes that are flagged in `column` of UN M49."""
    table = text(raw.path("un_m49/UNSD-en.csv"), encoding="utf-8-sig")
    same(table[column].unique(), {"", "x"}, f"UN M49, {column}")
    return set(table.loc[table[column] == "x", "ISO-alpha3 Code"])


def group(codes: set[str], name: str, source: str) -> pd.DataFrame:
    """The members of one group, from START on."""
    members = pd.DataFrame({"REF_AREA": sorted(codes)})
    return members.assign(GROUP=name, valid_from=START, valid_to="", source=source)


def lay_over(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """`frame` with rows replaced or added by the hand-written facts of area group `name`."""
    hand = facts("memberships.csv")
    hand = hand[hand["area_group"] == name].assign(valid_from=START)
    return pd.concat([frame[~frame["REF_AREA"].isin(hand["REF_AREA"])], hand[frame.columns]])


def write_un_groups(raw: Raw, book: pd.DataFrame, out: Path, areas: set[str]) -> None:
    """Writes ldc, lldc, sids_m49 and sids_un; DeriveError for an unknown difference between the lists."""
    flagged = {name: set(book.loc[book[name] == name, "REF_AREA"]) for name in ("LDC", "LLDC", "SIDS")}
    left = m49(raw, "Least Developed Countries (LDC)")
    same(flagged["LDC"] ^ left, {"BTN"}, "LDC, price workbook against M49")
    ldc = lay_over(group(left, "LDC", M49 + UNDATED), "ldc")
    same(ldc["REF_AREA"], flagged["LDC"] | {"GNQ", "VUT"}, "LDC members")
    write_group(ldc, "ldc", out, areas)
    landlocked = m49(raw, "Land Locked Developing Countries (LLDC)")
    same(flagged["LLDC"], landlocked, "LLDC, price workbook against M49")
    write_group(group(landlocked, "LLDC", M49 + UNDATED), "lldc", out, areas)
    islands = m49(raw, "Small Island Developing States (SIDS)")
    same(islands - flagged["SIDS"], {"BES", "MSR"}, "SIDS in M49 only")
    same(flagged["SIDS"] - islands, {"BHR", "BMU", "CYM", "TCA"}, "SIDS in the price workbook only")
    only = "; not in the UN-OHRLLS list that ITU's price workbook carries"
    both = group(islands, "SIDS", M49 + UNDATED)
    mark = both["REF_AREA"].isin(["BES", "MSR"]).map({True: only, False: ""})
    write_group(both.assign(source=both["source"] + mark), "sids_m49", out, areas)
    listed = group(flagged["SIDS"], "SIDS", f"UN-OHRLLS list as in {BOOK}{UNDATED}")
    mark = listed["REF_AREA"].isin(["BHR", "BMU", "CYM", "TCA"]).map({True: "; not flagged in UN M49", False: ""})
    write_group(listed.assign(source=listed["source"] + mark), "sids_un", out, areas)


def write_regions(book: pd.DataFrame, out: Path, areas: set[str]) -> None:
    """Writes itu_region.csv. ITU's `Other Economies`, and the economy without a region (REU), have no row."""
    same(book.loc[book["ITURegion"] == "NA", "REF_AREA"], {"REU"}, f"{PRICES}, economies without region")
    inside = book[book["ITURegion"].isin(list(REGIONS))]
    regions = inside.assign(
        GROUP=inside["ITURegion"].map(REGIONS), valid_from=START, valid_to="", source=BOOK + UNDATED
    )
    columns = ["REF_AREA", "GROUP", "valid_from", "valid_to", "source"]
    write_group(lay_over(regions[columns], "itu_region"), "itu_region", out, areas)


def write_world(cl_area: pd.DataFrame, wdi: set[str], wpp: set[str], out: Path) -> None:
    """Writes world.csv: every economy with a population in WDI or WPP."""
    economies = set(cl_area.loc[cl_area["kind"] == "economy", "code"])
    same(economies - wdi - wpp, {"PCN"}, "economies without a population")
    members = pd.DataFrame({"REF_AREA": sorted(economies & (wdi | wpp))})
    said = {True: "population: WDI SP.POP.TOTL (July 2026)", False: "population: UN WPP 2024 (none in WDI)"}
    source = members["REF_AREA"].isin(list(wdi)).map(said)
    frame = members.assign(GROUP="WLD", valid_from="1960-01-01", valid_to="", source=source)
    write_group(frame, "world", out, set(cl_area["code"]))


def write_groups(raw: Raw, cl_area: pd.DataFrame, out: Path) -> None:
    """Writes the lists of this module except the world."""
    areas = set(cl_area["code"])
    book = workbook(raw)
    write_un_groups(raw, book, out, areas)
    write_regions(book, out, areas)
