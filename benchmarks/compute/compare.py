"""Checks that two folders contain the same gaps.parquet and aggregates.parquet: `python compare.py FOLDER FOLDER`."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

NUMBERS = (
    *("OBS_VALUE", "REFERENCE_VALUE", "COMPARED_VALUE", "BOUND_LOWER", "BOUND_UPPER"),
    *("COVERAGE", "REFERENCE_COVERAGE", "COMPARED_COVERAGE", "N_AREAS", "N_AREAS_TOTAL"),
)
KEY = ("GAP", "INDICATOR", "MEASURE", "REF_AREA", "SEX", "AGE", "URBANISATION", "EDUCATION", "TIME_PERIOD")
TOLERANCE = 1e-9


def compare(ours: Path, theirs: Path) -> None:
    """Stops where the two results differ in rows, keys, status, or in a number by more than the tolerance."""
    for name in ("gaps", "aggregates"):
        frames = [pd.read_parquet(folder / f"{name}.parquet") for folder in (ours, theirs)]
        key = [column for column in KEY if column in frames[0]]
        frames = [frame.astype(dict.fromkeys(key, "str")).sort_values(key, ignore_index=True) for frame in frames]
        first, second = frames
        if sorted(first.columns) != sorted(second.columns) or not first[key].equals(second[key]):
            raise SystemExit(f"{name}: columns or keys differ ({len(first)} and {len(second)} rows)")
        if (first["OBS_STATUS"].astype("str") != second["OBS_STATUS"].astype("str")).any():
            raise SystemExit(f"{name}: a status differs")
        worst = 0.0
        for column in (column for column in NUMBERS if column in first):
            a, b = (frame[column].to_numpy(dtype=float, na_value=np.nan) for frame in frames)
            if (np.isnan(a) != np.isnan(b)).any():
                raise SystemExit(f"{name}: {column} is missing in one of the two")
            apart = np.nan_to_num(np.abs(a - b) / np.maximum(1.0, np.abs(a)))
            worst = max(worst, float(apart.max(initial=0)))
            if worst > TOLERANCE:
                raise SystemExit(f"{name}: {column} differs by {worst:g}")
        print(f"{name}: {len(first):,} rows, the same; largest relative difference {worst:.1e}")


if __name__ == "__main__":
    compare(Path(sys.argv[1]), Path(sys.argv[2]))
