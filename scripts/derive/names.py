"""area_names: the names of economies and groups of economies, in the six UN languages and others."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from divide_cli.catalogue.names import form
from scripts.derive.common import ROOT, Raw, facts, require, same, text, write
from scripts.derive.income import sheet

COLUMNS = ["name", "code", "form", "language", "source"]
LANGUAGES = {"English": "en", "French": "fr", "Spanish": "es", "Russian": "ru", "Arabic": "ar", "Chinese": "zh"}
M49 = {"en": "un_m49/UNSD-en.csv", **{name: f"../names/UNSD-{name}.csv" for name in ("ar", "es", "fr", "ru")}}
M49 |= {"zh": "../names/UNSD-cn.csv"}
ARTICLE = re.compile(r"\s*\((?:the|l['’]|le|la|les|el|los|las)\)\s*$")
BEFORE = re.compile(r"^(?:the |l['’]|le |la |les |el |los |las )")
REGIONS = ["Global", "Region", "Sub-region", "Intermediate Region"]
ECONOMIES = "wb_income/CLASS_2026_07_01.xlsx"


def cleaned(name: str) -> str:
    """A name of UNTERM without its article ("Congo (the)", "la República del Congo") and footnote marks."""
    return BEFORE.sub("", ARTICLE.sub("", name.rstrip(" *"))).strip()


def untermed(raw: Raw, codes: set[str]) -> pd.DataFrame:
    """The names of UNTERM (short and formal), M49 and CLDR in the list of countries."""
    table = text(raw.path("../names/country_names_six_languages.csv"))
    table = table[table["ISO3166-1-Alpha-3"].isin(codes)]
    parts = []
    for language, code in LANGUAGES.items():
        for kind in ("Short", "Formal"):
            parts.append((f"UNTERM {language} {kind}", code, f"UNTERM, {kind.lower()} names"))
        official = f"official_name_{'cn' if code == 'zh' else code}"
        parts.append((official, code, "UN M49"))
    parts.append(("CLDR display name", "en", "Unicode CLDR"))
    frames = [
        pd.DataFrame(
            {"name": table[column].map(cleaned), "code": table["ISO3166-1-Alpha-3"], "language": code, "source": source}
        )
        for column, code, source in parts
    ]
    return pd.concat(frames, ignore_index=True)


def regions(raw: Raw, codes: set[str]) -> pd.DataFrame:
    """The names of countries and regions in the M49 lists of the six languages. The code of a region is its number."""
    frames = []
    for language, path in M49.items():
        table = text(raw.path(path), encoding="utf-8-sig")
        areas = table[["Country or Area", "ISO-alpha3 Code"]].set_axis(["name", "code"], axis="columns")
        frames.append(areas[areas["code"].isin(codes)].assign(language=language))
        for level in REGIONS:
            groups = table[[f"{level} Name", f"{level} Code"]].set_axis(["name", "code"], axis="columns")
            frames.append(groups.drop_duplicates().assign(language=language))
    return pd.concat(frames, ignore_index=True).assign(source="UN M49")


def of_the_bank(raw: Raw, codes: set[str]) -> pd.DataFrame:
    """The names of economies and of aggregates in the World Bank's list."""
    rows = sheet(raw.path(ECONOMIES), "List of economies")
    table = pd.DataFrame(rows[1:], columns=[str(cell) for cell in rows[0]]).astype(str)[["Economy", "Code"]]
    table = table[table["Code"] != ""].set_axis(["name", "code"], axis="columns")
    aggregates = text(ROOT / "data/catalogue/codelists/CL_WB_AGGREGATE.csv")[["name", "code"]]
    both = pd.concat([table[table["code"].isin(codes)], aggregates], ignore_index=True)
    return both.assign(language="en", source="World Bank, country and lending groups, FY27")


def area_names(raw: Raw, areas: pd.DataFrame) -> pd.DataFrame:
    """The names, one row for each area and each form in which names compare; a name of several areas has several."""
    codes = set(areas.loc[areas["kind"] != "group", "code"])
    listed = areas[["name", "code"]].assign(language="en", source="CL_AREA")
    parts = [listed, untermed(raw, codes), regions(raw, codes), of_the_bank(raw, codes), facts("area_names.csv")]
    names = pd.concat(parts, ignore_index=True)
    names = names[names["name"] != ""]
    names["form"] = names["name"].map(form)
    require(bool((names["form"] != "").all()), "area_names: names without letters")
    numbers = names.loc[names["code"].str.isdigit(), "code"]
    same(set(numbers) - set(regions(raw, codes)["code"]), [], "area_names: numbers that are not of M49 regions")
    names = names.drop_duplicates(["form", "code"])
    return names.sort_values(["code", "language", "name"], kind="stable")[COLUMNS]


def write_area_names(raw: Raw, areas: pd.DataFrame, out: Path) -> None:
    """Writes codelists/area_names.csv."""
    write(area_names(raw, areas), COLUMNS, out / "catalogue/codelists/area_names.csv")
