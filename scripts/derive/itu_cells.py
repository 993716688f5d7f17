"""The cells of the figures that tables and claims cite in ITU's workbook of November 2024, and how a block is read."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from scripts.derive.common import require, same

EDITION = "itu_aggregates_2024_11"
BOOK = f"{EDITION}/ITU_regional_global_Key_ICT_indicator_aggregates_Nov_2024.xlsx"
GROUPS = {
    "World": "WLD",
    "Low-income": "LIC",
    "Lower-middle-income": "LMC",
    "Upper-middle-income": "UMC",
    "High-income": "HIC",
    "Least Developed Countries (LDCs)": "LDC",
    "Land Locked Developing Countries (LLDCs)": "LLDC",
    "Small Island Developing States (SIDS)": "SIDS",
    "Africa": "AFR",
    "Americas": "AMS",
    "Arab States": "ARB",
    "Asia-Pacific": "ASP",
    "CIS": "CIS",
    "Europe": "EUR",
}
SPECIAL, REGION, PLACE, GENDER, AGES = (
    "By dvpmnt status and spec. reg.",
    "By BDT region",
    "By urban-rural area",
    "By gender",
    "Internet use by age",
)


@dataclass(frozen=True)
class Block:
    """A rectangle of a sheet: rows `top` to `bottom` (1-based), years in row `years` from column `left` to `right`."""

    sheet: str
    title: tuple[int, str]
    years: int
    top: int
    bottom: int
    left: str
    right: str
    indicator: str
    sex: str = "_T"
    place: str = "_T"
    age: str = "_T"


def pair(
    name: str,
    title: tuple[int, str],
    rows: tuple[int, int, int],
    columns: str,
    indicator: str,
    sex: str = "_T",
    place: str = "_T",
    age: str = "_T",
) -> list[Block]:
    """The stacked blocks of one breakdown: years row, first of eight special groups, first of six regions below."""
    left, right = columns.split(":")
    years, first, second = rows
    return [
        Block(name, title, years, first, first + 7, left, right, indicator, sex, place, age),
        Block(name, title, second - 1, second, second + 5, left, right, indicator, sex, place, age),
    ]


USE, OWN, LTE = "internet_use", "mobile_ownership", "coverage_4g"
USE_PLACE = (84, "Percentage of individuals using the Internet, by urban/rural area")
USE_SEX = (7, "Percentage of individuals using the Internet, by gender")
OWN_SEX = (25, "Percentage of individuals owning a mobile phone*, by gender")
USE_AGE = (3, "Percentage of individuals using the Internet, by age")
COVER = (44, "Population covered by at least an LTE/WiMAX mobile network (%)")
KEPT = [
    Block(SPECIAL, (125, "Individuals using the Internet"), 126, 127, 134, "W", "AP", USE),
    Block(REGION, (103, "Individuals using the Internet(Millions)"), 103, 104, 109, "W", "AP", USE),
    Block(SPECIAL, (136, "Individuals owning a mobile phone***"), 137, 138, 145, "AK", "AP", OWN),
    Block(REGION, (112, "Individuals owning a mobile phone***(Millions)"), 112, 113, 118, "AK", "AP", OWN),
    *pair(GENDER, USE_SEX, (6, 8, 18), "I:N", USE, sex="F"),
    *pair(GENDER, USE_SEX, (6, 8, 18), "P:U", USE, sex="M"),
    *pair(GENDER, OWN_SEX, (27, 28, 38), "G:J", OWN, sex="F"),
    *pair(GENDER, OWN_SEX, (27, 28, 38), "L:O", OWN, sex="M"),
    *pair(PLACE, USE_PLACE, (86, 87, 97), "G:J", USE, place="URB"),
    *pair(PLACE, USE_PLACE, (86, 87, 97), "L:O", USE, place="RUR"),
    *pair(AGES, USE_AGE, (5, 6, 16), "J:J", USE, age="Y15T24"),
    *pair(PLACE, COVER, (46, 47, 57), "K:K", LTE),
    *pair(PLACE, COVER, (46, 47, 57), "V:V", LTE, place="URB"),
    *pair(PLACE, COVER, (46, 47, 57), "AG:AG", LTE, place="RUR"),
]
AGAIN = [
    *pair(GENDER, USE_SEX, (6, 8, 18), "B:G", USE),
    *pair(GENDER, OWN_SEX, (27, 28, 38), "B:E", OWN),
    *pair(PLACE, USE_PLACE, (86, 87, 97), "B:E", USE),
    *pair(AGES, USE_AGE, (5, 6, 16), "B:E", USE),
]


def column(letters: str) -> int:
    """The 0-based number of a column: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def letters(number: int) -> str:
    """The letters of a 0-based column number."""
    return (chr(64 + number // 26) if number >= 26 else "") + chr(65 + number % 26)


def read(block: Block, rows: list[list[object]]) -> pd.DataFrame:
    """The block as REF_AREA, TIME_PERIOD, breakdowns, OBS_VALUE (float) and CITATION; raises if it has moved."""
    row, title = block.title
    found = str(rows[row - 1][0])
    require(found == title, f"{BOOK}: {block.sheet}!A{row}: {found!r}, expected {title!r}")
    span = range(column(block.left), column(block.right) + 1)
    head = rows[block.years - 1]
    years = pd.to_numeric(pd.Series([head[number] for number in span])).astype("int64").astype(str)
    body = rows[block.top - 1 : block.bottom]
    names = list(GROUPS)[:8] if len(body) == 8 else list(GROUPS)[8:]
    same((str(line[0]) for line in body), names, f"{block.sheet}, groups")
    cells = pd.DataFrame(
        [[line[number] for number in span] for line in body],
        index=pd.Index(range(block.top, block.bottom + 1), name="row"),
        columns=[letters(number) for number in span],
    )
    long = cells.melt(ignore_index=False, var_name="column", value_name="OBS_VALUE").reset_index()
    labels = pd.Series({block.top + place: GROUPS[str(line[0])] for place, line in enumerate(body)})
    return pd.DataFrame(
        {
            "REF_AREA": long["row"].map(labels),
            "INDICATOR": block.indicator,
            "SEX": block.sex,
            "AGE": block.age,
            "URBANISATION": block.place,
            "TIME_PERIOD": long["column"].map(dict(zip(cells.columns, years, strict=True))),
            "OBS_VALUE": pd.to_numeric(long["OBS_VALUE"]),
            "CITATION": block.sheet + "!" + long["column"] + long["row"].astype(str),
        }
    )
