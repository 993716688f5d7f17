"""Mobile phone ownership by sex (SDG 5.b.1) from UNSD's gender data portal, 2021 release."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scripts.derive.common import Raw, observations, same, text, write_observations

FILE = "unsd_sdg/5.b.1_by_sex_gender_portal_2021.csv"
EDITION = "unsd_sdg_2021"


def comment(table: pd.DataFrame) -> pd.Series[str]:
    """The remark of UNSD, and the period of a survey over two years."""
    span = "Survey of " + table["TIME_DETAIL"]
    span = span.where(table["TIME_DETAIL"] != table["TIME_PERIOD"], "")
    joint = ((table["COMMENT_OBS"] != "") & (span != "")).map({True: "; ", False: ""})
    return table["COMMENT_OBS"].str.strip() + joint + span


def unsd_sdg_2021(raw: Raw, out: Path, areas: set[str]) -> None:
    """Writes SEX _T, F and M as published; NATURE E becomes OBS_STATUS E, and C (country data) becomes A."""
    table = text(raw.path(FILE), sep="\t", encoding="utf-8-sig")
    same(table["SDG_SeriesID"].unique(), {"IT_MOB_OWN"}, f"{EDITION}, series")
    same(table["UNIT_MEASURE"].unique(), {"PT"}, f"{EDITION}, units")
    same(table["NATURE"].unique(), {"C", "E"}, f"{EDITION}, natures")
    frame = pd.DataFrame(
        {
            "REF_AREA": table["ISO3"],
            "SEX": table["SEX"],
            "TIME_PERIOD": table["TIME_PERIOD"],
            "OBS_VALUE": table["OBS_VALUE"],
            "OBS_STATUS": table["NATURE"].map({"C": "A", "E": "E"}),
            "OBS_COMMENT": comment(table),
        }
    )
    write_observations(observations(frame, INDICATOR="mobile_ownership", UNIT_MEASURE="PT"), EDITION, out, areas)
