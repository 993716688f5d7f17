"""Plants faults in made-up observations: `python generate.py 1000000 800 FILE`. The same arguments give the same bytes.

The rows are those of benchmarks/compute/generate.py. The faults are of eight kinds in equal numbers, one to a row, in
rows drawn at random; FILE.faults.csv says the line and the kind of each. `--every` plants one in each row instead: a
year, a value out of range, or an unknown area. `--long` writes quoted rows of some 180 bytes, as ITU
publishes them, of as many indicators as it takes; its faults are values out of range and unknown areas.
"""

import argparse
import importlib.util
import itertools
from pathlib import Path
from string import ascii_uppercase
from types import ModuleType

import numpy as np
import pandas as pd

from divide_cli.catalogue import catalogue

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


NOTES = ("", "Aged 16-74.", "Population age 16-74 using Internet in the last 12 months.", "In the last 6 months.")
SOURCES = ("ITU estimate.", "National Statistical Office", "Household survey, office of statistics")
YEARS = 26


def compute() -> ModuleType:
    """benchmarks/compute/generate.py."""
    found = importlib.util.spec_from_file_location("compute_generate", COMPUTE)
    if found is None or found.loader is None:
        raise SystemExit(f"{COMPUTE} cannot be imported")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def planted(frame: pd.DataFrame, faults: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The observations with the faults, and the line and kind of each."""
    random, each = np.random.default_rng(80_174), faults // len(KINDS)
    # no row next to another: the key fault takes the key of the row above, which must keep its own
    rows = 1 + 2 * random.choice((len(frame) - 1) // 2, each * len(KINDS), replace=False)
    kinds = np.repeat(np.array(list(KINDS)), each)
    at = {kind: rows[kinds == kind] for kind in KINDS}
    value = frame["OBS_VALUE"].to_numpy().copy()
    columns = {name: frame[name].astype("object").to_numpy().copy() for name in frame.columns if name != "OBS_VALUE"}
    columns["REF_AREA"][at["area"]] = [f"QQ{letter}" for letter, _ in zip(itertools.cycle(ascii_uppercase), at["area"])]
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
    again = made.duplicated(["REF_AREA", "INDICATOR", *compute().COLUMNS, "TIME_PERIOD"]).to_numpy()
    if set(np.flatnonzero(again)) != set(at["key"]):
        raise SystemExit("a fault repeats a key by chance: take another seed")
    return made, pd.DataFrame({"line": rows + 2, "kind": kinds}).sort_values("line", ignore_index=True)


def long(rows: int, faults: int, path: Path) -> list[int]:
    """Writes the long file; the lines of its faults."""
    made, random = compute(), np.random.default_rng(80_175)
    kinds, areas = made.breakdowns(), made.economies()
    known = catalogue()
    indicators = [code for code, entry in known.indicators.items() if entry.unit == "PT"]
    wrong = set(random.choice(rows, faults, replace=False).tolist())
    row = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write('"REF_AREA","REF_AREA_LABEL","INDICATOR","INDICATOR_LABEL","SEX","AGE","URBANISATION","EDUCATION",')
        file.write('"TIME_PERIOD","OBS_VALUE","UNIT_MEASURE","OBS_STATUS","OBS_COMMENT","DATA_SOURCE"\n')
        for area, indicator in itertools.product(areas, indicators):
            trend = random.uniform(5, 80) + 0.6 * np.arange(YEARS) + kinds["shift"].to_numpy()[:, None]
            values = np.clip(trend + random.normal(0, 1, trend.shape), 0, 100)
            said = random.integers(0, len(NOTES) * len(SOURCES), trend.shape)
            lines = []
            for kind, breakdown in enumerate(kinds[list(made.COLUMNS)].itertuples(index=False)):
                codes = '","'.join(breakdown)
                for year in range(YEARS):
                    fault = row + len(lines) in wrong
                    code = "QQX" if fault and row + len(lines) & 1 else area
                    value = "874.00" if fault and code == area else f"{values[kind, year]:.2f}"
                    note, source = divmod(int(said[kind, year]), len(SOURCES))
                    lines.append(
                        f'"{code}","Economy {area}","{indicator}","{known.indicators[indicator].short}","{codes}",'
                        f'"{2000 + year}","{value}","PT","A","{NOTES[note]}","{SOURCES[source]}"\n'
                    )
            lines = lines[: rows - row]
            file.writelines(lines)
            row += len(lines)
            if row == rows:
                return sorted(at + 2 for at in wrong)
    raise SystemExit(f"at most {row} rows can be made")


def main() -> None:
    """Writes the files that the arguments name."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rows", type=int)
    parser.add_argument("faults", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--every", choices=["years", "values", "codes"], help="a fault in every row instead")
    parser.add_argument("--long", action="store_true", help="quoted rows with labels and notes")
    asked = parser.parse_args()
    if asked.long:
        lines = long(asked.rows, asked.faults, asked.path)
        faults = pd.DataFrame({"line": lines, "kind": ["range" if line % 2 == 0 else "area" for line in lines]})
        faults.to_csv(asked.path.with_name(asked.path.name + ".faults.csv"), index=False, lineterminator="\n")
        return
    frame, faults = planted(compute().observations(asked.rows), asked.faults)
    if asked.every == "years":
        frame["TIME_PERIOD"] += 200
    if asked.every == "values":
        frame["OBS_VALUE"] = 100.5 + np.arange(len(frame)) % 500
    if asked.every == "codes":
        frame["REF_AREA"] = "QQX"
    frame.to_csv(asked.path, index=False, lineterminator="\n")
    faults.to_csv(asked.path.with_name(asked.path.name + ".faults.csv"), index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
