"""translations/areas.csv: one name of each economy and region in the five languages of the UN besides English."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from babel import Locale

from scripts.derive.common import Raw, require, text, write
from scripts.derive.names import M49, REGIONS

LANGUAGES = ("fr", "es", "ru", "ar", "zh")
COLUMNS = ["code", *LANGUAGES, "source"]
LIST = "UN M49 (datasets/country-codes)"
CLDR = "Unicode CLDR"


def listed(raw: Raw) -> pd.DataFrame:
    """Code -> name in each language, of the countries (ISO alpha-3) and regions (M49 number) of the M49 lists."""
    columns = []
    for language in LANGUAGES:
        table = text(raw.path(M49[language]), encoding="utf-8-sig")
        parts = [table.set_index("ISO-alpha3 Code")["Country or Area"]]
        parts += [table.set_index(f"{level} Code")[f"{level} Name"] for level in REGIONS]
        names = pd.concat(parts)
        names = names[(names.index != "") & (names != "")].str.strip().str.rstrip("* ")
        columns.append(names[~names.index.duplicated()].rename(language))
    joined: pd.DataFrame = pd.concat(columns, axis="columns", join="inner")
    return joined


def from_cldr(areas: pd.DataFrame, known: set[str]) -> pd.DataFrame:
    """The economies that M49 does not list, as Unicode CLDR names them in every language."""
    missing = areas[(areas["kind"] != "group") & ~areas["code"].isin(known) & (areas["iso2"] != "")]
    names = {language: Locale.parse(language).territories for language in LANGUAGES}
    rows = {
        row["code"]: {language: names[language].get(row["iso2"], "") for language in LANGUAGES}
        for row in missing.to_dict("records")
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(LANGUAGES))
    return table.loc[(table != "").all(axis="columns"), :]


def translated_areas(raw: Raw, areas: pd.DataFrame) -> pd.DataFrame:
    """The names, with where they are from; the regions are those above the economies of the list."""
    official = listed(raw).assign(source=LIST)
    economies = areas.loc[areas["kind"] != "group", "code"]
    official = official[official.index.isin(economies) | official.index.str.isdigit()]
    further = from_cldr(areas, set(official.index)).assign(source=CLDR)
    names = pd.concat([official, further]).rename_axis("code").reset_index()
    require(bool((names[COLUMNS] != "").all(axis=None)), "areas.csv: areas without a name")
    return names.sort_values("code", kind="stable")[COLUMNS]


def write_translated_areas(raw: Raw, areas: pd.DataFrame, out: Path) -> None:
    """Writes translations/areas.csv."""
    write(translated_areas(raw, areas), COLUMNS, out / "translations/areas.csv")
