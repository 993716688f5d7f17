"""Plants faults in made-up observations: `python generate.py 1000000 800 FILE`. The same arguments give the same bytes.

The rows are those of benchmarks/compute/generate.py. The faults are of eight kinds in equal numbers, one to a row, in
rows drawn at random; FILE.faults.csv says the line and the kind of each. `--every` plants one in each row instead: a
value out of range, or, with `--every codes`, an unknown area too.
"""

import argparse
import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

COMPUTE = Path(__file__).resolve().parents[1] / "compute" / "generate.py"
KINDS = {
    "area": "an area that is in no codelist",
    "indicator": "an indicator that is in no codelist",
    "sex": "a code of SEX that is in no codelist",
    "place": "a code of URBANISATION that is in no codelist",
    "required": "an empty cell where a code must stand",
    "year": "a year before 1900 or after 2100",
    "range": "a percentage below 0 or above 100",
    "key": "a second row with the key of another, with another value",
}


def observations(rows: int) -> pd.DataFrame:
    """That many observations without a fault."""
    found = importlib.util.spec_from_file_location("compute_generate", COMPUTE)
    if found is None or found.loader is None:
        raise SystemExit(f"{COMPUTE} cannot be imported")
    module: ModuleType = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    made: pd.DataFrame = module.observations(rows)
    return made


def planted(frame: pd.DataFrame, faults: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The observations with the faults, and the line and kind of each."""
    random, each = np.random.default_rng(80_174), faults // len(KINDS)
    # no row next to another: the key fault takes the key of the row above, which must keep its own
    rows = 1 + 2 * random.choice((len(frame) - 1) // 2, each * len(KINDS), replace=False)
    kinds = np.repeat(np.array(list(KINDS)), each)
    at = {kind: rows[kinds == kind] for kind in KINDS}
    value = frame["OBS_VALUE"].to_numpy().copy()
    columns = {name: frame[name].astype("object").to_numpy().copy() for name in frame.columns if name != "OBS_VALUE"}
    columns["REF_AREA"][at["area"]] = "QQX"
    columns["INDICATOR"][at["indicator"]] = "internet_usage"
    columns["SEX"][at["sex"]] = "X"
    columns["URBANISATION"][at["place"]] = "TOWN"
    columns["AGE"][at["required"]] = ""
    columns["TIME_PERIOD"][at["year"]] = random.choice([1812, 2205], each)
    value[at["range"]] = random.choice([-3.25, 100.75, 874.0], each)
    for values in columns.values():
        values[at["key"]] = values[at["key"] - 1]
    value[at["key"] - 1] = 40.0
    value[at["key"]] = 41.0
    made = pd.DataFrame({name: value if name == "OBS_VALUE" else columns[name] for name in frame.columns})
    return made, pd.DataFrame({"line": rows + 2, "kind": kinds}).sort_values("line", ignore_index=True)


def main() -> None:
    """Writes the files that the arguments name."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rows", type=int)
    parser.add_argument("faults", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--every", choices=["values", "codes"], help="a fault in every row instead")
    asked = parser.parse_args()
    frame, faults = planted(observations(asked.rows), asked.faults)
    if asked.every:
        frame["OBS_VALUE"] = 100.5 + np.arange(len(frame)) % 500
    if asked.every == "codes":
        frame["REF_AREA"] = "QQX"
    frame.to_csv(asked.path, index=False, lineterminator="\n")
    faults.to_csv(asked.path.with_name(asked.path.name + ".faults.csv"), index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
