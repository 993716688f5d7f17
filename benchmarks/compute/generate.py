"""Writes a tidy CSV of invented observations: `python generate.py 1000000 FILE`. Equal arguments give equal bytes.

One row is one value of an indicator of the catalogue (all but population) for an economy and a year from 2000 to 2025:
its total, and its breakdowns by SEX, URBANISATION, AGE and EDUCATION. EDUCATION is a dimension without population
weights; most rows have it. About one economy in twelve is without an indicator, one value in a hundred is empty, one in
six is an estimate. Fewer rows give fewer years, the latest first.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parents[2] / "data"
INDICATORS = ("coverage_4g", "internet_use", "mobile_ownership", "skill_privacy_settings", "skill_security_measures")
YEARS = range(2000, 2026)
AGES = ("Y0T14", "Y15T24", "Y15T29", "Y16T74", "Y25T54", "Y25T64", "Y25T74", "Y55T74", "Y_GE65", "Y_GE75")
EDUCATION = (
    *("ED0", "ED01", "ED02", "ED1", "ED10", "ED2", "ED24", "ED25", "ED3", "ED34", "ED35", "ED4", "ED44", "ED45"),
    *("ED5", "ED54", "ED55", "ED6", "ED64", "ED7", "ED74", "ED8", "ED84", "ED0T2", "ED3T4", "ED5T8"),
)
COLUMNS = ("SEX", "AGE", "URBANISATION", "EDUCATION")


def breakdowns() -> pd.DataFrame:
    """The breakdowns of every figure, one dimension at a time, and how far each is from the total."""
    codes = {"SEX": ("F", "M"), "URBANISATION": ("RUR", "URB"), "AGE": AGES, "EDUCATION": EDUCATION}
    rows = [dict.fromkeys(COLUMNS, "_T")]
    rows += [{**dict.fromkeys(COLUMNS, "_T"), name: code} for name, of in codes.items() for code in of]
    frame = pd.DataFrame(rows)
    frame["shift"] = np.concatenate(
        ([0.0], [-2.0, 2.0], [-9.0, 7.0], np.linspace(12, -20, len(AGES)), np.linspace(-22, 18, len(EDUCATION)))
    )
    return frame


def economies() -> list[str]:
    """The economies of the world that WDI counts the people of."""
    with (DATA / "catalogue" / "area_groups" / "world.csv").open(encoding="utf-8") as lines:
        return sorted({row["REF_AREA"] for row in csv.DictReader(lines) if "WDI" in row["source"]})[:215]


def observations(rows: int) -> pd.DataFrame:
    """That many observations, ordered by key."""
    random = np.random.default_rng(80_173)
    areas, kinds = economies(), breakdowns()
    shape = (len(YEARS), len(areas), len(INDICATORS), len(kinds))
    lacking = random.random((len(areas), len(INDICATORS))) < 1 / 12
    year, area, indicator, kind = (index.reshape(-1) for index in np.indices(shape, dtype=np.int16))
    kept = np.flatnonzero(~lacking[area, indicator])
    kept = kept[np.argsort(-year[kept], kind="stable")][:rows]
    if len(kept) < rows:
        raise SystemExit(f"at most {len(kept)} rows can be made")
    kept.sort()
    year, area, indicator, kind = (index[kept] for index in (year, area, indicator, kind))
    level = 5 + 80 * random.random((len(areas), len(INDICATORS)))
    trend = 0.3 + random.random((len(areas), len(INDICATORS)))
    value = level[area, indicator] + trend[area, indicator] * (year - 12.5) + kinds["shift"].to_numpy()[kind]
    value = np.clip(value + random.normal(0, 2, rows), 0, 100).round(2)
    chance = random.random(rows)
    status = np.select([chance < 0.01, chance < 0.18], ["O", "E"], "A")
    frame = pd.DataFrame({"REF_AREA": np.array(areas)[area], "INDICATOR": np.array(INDICATORS)[indicator]})
    for name in COLUMNS:
        frame[name] = kinds[name].to_numpy()[kind]
    frame["TIME_PERIOD"] = year + YEARS[0]
    frame["OBS_VALUE"] = np.where(status == "O", np.nan, value)
    frame["UNIT_MEASURE"] = "PT"
    frame["OBS_STATUS"] = status
    frame["OBS_COMMENT"] = np.where(status == "E", "estimate of the agency", "")
    return frame.sort_values(["REF_AREA", "INDICATOR", *COLUMNS, "TIME_PERIOD"], ignore_index=True)


def main() -> None:
    """Writes the file that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("rows", type=int)
    parser.add_argument("path", type=Path)
    asked = parser.parse_args()
    observations(asked.rows).to_csv(asked.path, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
