"""Small frames for the tests: observations and values written row by row."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from divide_cli import concepts as v
from divide_cli.catalogue import catalogue
from divide_cli.frames.columns import category
from divide_cli.sources.groupings import Membership
from divide_cli.sources.population import Population

COLUMNS = (v.REF_AREA, v.INDICATOR, *v.DIMENSIONS, v.TIME_PERIOD, v.OBS_VALUE, v.UNIT_MEASURE, v.OBS_STATUS)


def observations(*rows: Mapping[str, Any], **defaults: Any) -> pd.DataFrame:
    """A frame of observations; what a row leaves out is of Internet use, a total, of 2020, of status A."""
    filled = []
    for line, row in enumerate(rows, start=2):
        whole = {
            v.INDICATOR: "internet_use",
            **dict.fromkeys(v.DIMENSIONS, v.TOTAL),
            v.TIME_PERIOD: 2020,
            v.OBS_STATUS: v.NORMAL,
            v.OBS_COMMENT: "",
            v.EDITION: "test",
            v.FILE: "test.csv",
            v.LINE: line,
            **defaults,
            **row,
        }
        whole.setdefault(v.UNIT_MEASURE, catalogue().indicators[whole[v.INDICATOR]].unit)
        filled.append(whole)
    frame = pd.DataFrame(filled)
    closed = (v.REF_AREA, v.INDICATOR, *v.DIMENSIONS, v.UNIT_MEASURE, v.OBS_STATUS)
    text = [name for name in frame if name not in (*closed, v.TIME_PERIOD, v.OBS_VALUE, v.LINE, v.COVERAGE_IS_LIMIT)]
    types = {name: category(name) for name in closed} | dict.fromkeys(text, "category")
    return frame.astype({**types, v.TIME_PERIOD: "int16", v.OBS_VALUE: "float64", v.LINE: "int32"})


def group(**members: str) -> Membership:
    """`group(LIC="NER KEN")` -> that membership."""
    return Membership({code: frozenset(areas.split()) for code, areas in members.items()}, "by hand")


def people(
    tmp_path: Any, *rows: tuple[str, float], header: str = "REF_AREA,TIME_PERIOD,OBS_VALUE", year: int = 2020
) -> Population:
    """A user's population file: persons of each economy in one year."""
    path = tmp_path / "people.csv"
    lines = [header, *(f"{area},{year},{persons:g}" for area, persons in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Population(str(path))


def only(frame: pd.DataFrame, **key: Any) -> "pd.Series[Any]":
    """The one row of that key."""
    found = frame[np.logical_and.reduce([(frame[name] == code).to_numpy() for name, code in key.items()])]
    assert len(found) == 1, f"{len(found)} rows for {key}"
    return found.iloc[0]
