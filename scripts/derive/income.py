"""World Bank income groups: the lists in force (FY26, FY27) and the Bank's later history (FY89-FY26)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook

from scripts.derive.common import Raw, require, same, text, write_group

LISTS = [
    (2026, "wb_income/CLASS_FY2026.xlsx"),
    (2027, "wb_income/CLASS_2026_07_01.xlsx"),
]
NAMES = {
    "High income": "HIC",
    "Upper middle income": "UMC",
    "Lower middle income": "LMC",
    "Low income": "LIC",
}
LETTERS = {"H": "HIC", "UM": "UMC", "LM": "LMC", "LM*": "LMC", "L": "LIC"}
HISTORY = "wb_income/OGHIST_FY26_with_iso_anti4ris98.xlsx"
NOT_AREAS = {"YUGf"}
ISLANDS = ("JEY", "GGY")
STAR = "; LM* printed: Yemen, PDR (L) and Yemen, Arab Rep. (LM) would together have been LM"


def sheet(path: Path, name: str) -> list[list[object]]:
    """The cells of a sheet from A1, with empty rows and columns."""
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python(skip_empty_area=False)
    return [list(row) for row in rows]


def apart(frame: pd.DataFrame, code: str) -> pd.DataFrame:
    """The rows, with those of the Channel Islands (CHI) given to both Jersey and Guernsey."""
    both = [frame[frame[code] == "CHI"].assign(**{code: island}) for island in ISLANDS]
    return pd.concat([frame[frame[code] != "CHI"], *both], ignore_index=True)


def as_islands(codes: pd.Series[str]) -> pd.Series[str]:
    """The note in `source` for economies that the World Bank lists as the Channel Islands."""
    return codes.isin(list(ISLANDS)).map({True: "; listed as CHI, Channel Islands", False: ""})


def listed(raw: Raw, year: int, name: str) -> pd.DataFrame:
    """The list in force of one fiscal year, without unclassified economies, checked against the sheet of groups."""
    path = raw.path(name)
    rows = sheet(path, "List of economies")
    table = pd.DataFrame(rows[1:], columns=[str(cell) for cell in rows[0]]).astype(str)
    economies = table[(table["Region"] != "") & (table["Income group"] != "")]
    same(set(economies["Income group"]), NAMES, f"{name}, income groups")
    economies = economies.assign(GROUP=economies["Income group"].map(NAMES))
    rows = sheet(path, "composition")
    parts = pd.DataFrame(rows[1:], columns=[str(cell) for cell in rows[0]]).astype(str)
    parts = parts[parts["WB_Group_Code"].isin(list(NAMES.values()))]
    same(
        economies["Code"] + " " + economies["GROUP"],
        parts["WB_Country_Code"] + " " + parts["WB_Group_Code"],
        f"{name}, list against composition",
    )
    economies = apart(economies, "Code")
    return pd.DataFrame(
        {
            "REF_AREA": economies["Code"],
            "GROUP": economies["GROUP"],
            "valid_from": f"{year - 1}-07-01",
            "valid_to": f"{year}-07-01",
            "source": f"World Bank country classification FY{year % 100} (list in force)"
            + as_islands(economies["Code"]),
        }
    )


def history_cells(raw: Raw) -> pd.DataFrame:
    """OGHIST as code, fy, mark: one row for each classification, with marks as published."""
    rows = sheet(raw.path(HISTORY), "Country Analytical History")
    years = [str(cell) for cell in rows[4][2:]]
    require(years[0] == "FY89" and years[-1] == "FY26" and len(years) == 38, f"{HISTORY}: fiscal years {years}")
    table = pd.DataFrame([row[:1] + row[2:] for row in rows[11:]], columns=["code", *range(1989, 2027)]).astype(str)
    long = table[table["code"] != ""].melt(id_vars="code", var_name="fy", value_name="mark")
    long = long.assign(fy=long["fy"].astype(int))
    same(set(long["mark"]) - set(LETTERS), {"", ".."}, f"{HISTORY}, marks")
    return long[long["mark"].isin(list(LETTERS))]


def history(raw: Raw) -> pd.DataFrame:
    """Runs of the same group in consecutive fiscal years; FYn is (n-1)-07-01 to n-07-01."""
    cells = history_cells(raw)
    other = text(raw.path("country_classification/wb_income_history_FY89_FY26.csv"))
    other = other[other["group"] != ""]
    mine = cells[cells["code"] != "YUGf"]
    same(
        mine["code"] + mine["fy"].astype(str) + mine["mark"].str.rstrip("*"),
        other["iso3"] + other["fy"] + other["group"].str.rstrip("*"),
        f"{HISTORY} against wb_income_history_FY89_FY26.csv",
    )
    kept = apart(cells[~cells["code"].isin(list(NOT_AREAS))], "code").assign(
        GROUP=lambda frame: frame["mark"].map(LETTERS)
    )
    kept = kept.sort_values(["code", "fy"], kind="stable")
    new = (
        (kept["code"] != kept["code"].shift())
        | (kept["GROUP"] != kept["GROUP"].shift())
        | (kept["fy"] != kept["fy"].shift() + 1)
    )
    kept = kept.assign(run=new.cumsum(), star=kept["mark"].eq("LM*"))
    runs = kept.groupby("run", sort=True).agg(
        REF_AREA=("code", "first"),
        GROUP=("GROUP", "first"),
        first=("fy", "min"),
        last=("fy", "max"),
        star=("star", "any"),
    )
    return pd.DataFrame(
        {
            "REF_AREA": runs["REF_AREA"],
            "GROUP": runs["GROUP"],
            "valid_from": (runs["first"] - 1).astype(str) + "-07-01",
            "valid_to": runs["last"].astype(str) + "-07-01",
            "source": "World Bank OGHIST, FY26 edition"
            + runs["star"].map({True: STAR, False: ""})
            + as_islands(runs["REF_AREA"]),
        }
    )


def write_income(raw: Raw, out: Path, areas: set[str]) -> None:
    """Writes income_group.csv and income_group_oghist.csv."""
    write_group(pd.concat([listed(raw, *entry) for entry in LISTS]), "income_group", out, areas)
    write_group(history(raw), "income_group_oghist", out, areas)
