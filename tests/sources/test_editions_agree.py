"""Copies of the same figures agree where they are of the same time ($DIVIDE_RAW; skipped where absent)."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from divide_cli import concepts as v
from divide_cli import readers
from divide_cli.analysis.aggregation import aggregate
from divide_cli.frames.observations import Observations
from divide_cli.sources import groupings
from divide_cli.sources.editions import load
from divide_cli.sources.population import Population

KEY = [v.REF_AREA, v.TIME_PERIOD]
DATAHUB = "itu_datahub_{}/individuals-using-the-internet.csv"
WDI_CSV = "wdi/internet_use/API_IT.NET.USER.ZS_REBUILT_from_xlsx_2025-10-07.csv"
REVISED = {
    ("CHN", 2023): (90.6, 77.4827),
    ("HUN", 2024): (93.779, 91.4501),
    ("JAM", 2023): (89.473, 83.3883),
    ("PAN", 2023): (68.5485, 77.9502),
    ("ZMB", 2022): (15.0, 31.9859),
}
"""Where WDI of October 2025 says another figure (first) than DataHub of August 2025 (second)."""
ROUNDED = {("ZMB", 2020): (24.5, 24.4992), ("ZMB", 2021): (32.5, 32.5434), ("ZMB", 2023): (33.0, 33.0425)}
"""Where WDI gives the same figure with one decimal."""


def values(read: Observations) -> pd.Series:
    frame = read.frame[~read.frame[v.OBS_VALUE].isna()]
    return frame.assign(**{v.REF_AREA: frame[v.REF_AREA].astype(str)}).set_index(KEY)[v.OBS_VALUE].sort_index()


def both(one: Observations, other: Observations) -> pd.DataFrame:
    return pd.concat([values(one).rename("one"), values(other).rename("other")], axis=1, join="inner")


def test_wdi_of_august_2026_is_datahub_of_april_2026(raw: Path) -> None:
    common = both(load("wdi_2026_08"), readers.load(str(raw / DATAHUB.format("2026_04")), "x"))
    assert len(common) == 3714
    assert (common["one"] == common["other"]).all()


def test_wdi_of_october_2025_is_datahub_of_august_2025_but_for_what_is_listed(raw: Path) -> None:
    """4,712 by the codes as they are, and the two values of Kosovo, whose code ITU spells KSO."""
    common = both(readers.load(str(raw / WDI_CSV), "x"), readers.load(str(raw / DATAHUB.format("2025_08")), "x"))
    assert len(common) == 4712 + 2
    assert len(common.loc["XKX"]) == 2
    differ = common[common["one"] != common["other"]]
    found = {key: (row["one"], row["other"]) for key, row in differ.round(4).iterrows()}
    assert found == {**REVISED, **ROUNDED}
    assert all(abs(one - other) <= 0.05 for one, other in ROUNDED.values())


def test_the_embedded_copy_is_the_file(raw: Path) -> None:
    common = both(load("wdi_2025_10"), readers.load(str(raw / WDI_CSV), "x"))
    assert len(common) == len(values(load("wdi_2025_10"))) == 6078
    assert (common["one"] == common["other"]).all()


def group_values(read: Observations, keys: pd.Index) -> pd.Series:
    """The groups' values from the economies and years of `keys` alone, however few of the people they hold."""
    frame = read.frame
    pairs = pd.MultiIndex.from_arrays([frame[v.REF_AREA].astype(str), frame[v.TIME_PERIOD].astype(int)])
    kept = frame[pairs.isin(keys)].reset_index(drop=True)
    members = groupings.membership(groupings.vintage(None, date(2026, 8, 20)), ())
    made = aggregate(kept, read.dimensions, members, Population(""), 0.0)
    return made.assign(**{v.REF_AREA: made[v.REF_AREA].astype(str)}).set_index(KEY)[v.OBS_VALUE].sort_index()


@pytest.mark.parametrize(
    ("datahub", "wdi"), [("2026_04", "wdi_2026_08"), ("2025_08", WDI_CSV)], ids=["April 2026", "August 2025"]
)
def test_groups_of_common_economies_agree(raw: Path, datahub: str, wdi: str) -> None:
    one = load(wdi) if wdi.startswith("wdi_") else readers.load(str(raw / wdi), "x")
    other = readers.load(str(raw / DATAHUB.format(datahub)), "x")
    keys = both(one, other).index.difference(list(REVISED))
    first, second = group_values(one, keys), group_values(other, keys)
    assert first.index.equals(second.index)
    assert len(first) > 200
    assert (first - second).abs().max() <= 0.05
