"""Writes tables of any size, block by block: `python generate.py 100000000 FILE.csv [--shuffled]` (or `FILE.parquet`).

The rows are as those of benchmarks/compute/generate.py: a percentage of an economy and a year from 2000 to 2025, its
total and its breakdowns. More rows have more indicators, and above 14 million also a further dimension, QUANTILE.
Every number follows from the position of its row, so equal arguments give equal bytes. `--shuffled` scatters the rows.
`--faults N` puts a value out of range or an unknown area into N rows, whose lines are in FILE.faults.csv.
"""

import argparse
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from divide_cli.catalogue import catalogue

COMPUTE = Path(__file__).resolve().parents[1] / "compute" / "generate.py"
QUANTILES = ("_T", "Q1", "Q2", "Q3", "Q4", "Q5", "B40", "T10", "T20", "T60")
BLOCK = 1_000_000
STEP = 982_451_653
"""A prime: multiples of it, modulo the number of rows, reach each row once."""


def compute() -> ModuleType:
    """benchmarks/compute/generate.py."""
    found = importlib.util.spec_from_file_location("compute_generate", COMPUTE)
    if found is None or found.loader is None:
        raise SystemExit(f"{COMPUTE} cannot be imported")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def noise(rows: np.ndarray, salt: int) -> np.ndarray:
    """A number from 0 to 1 for each row, the same whenever it is asked for (the mixing steps of splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = rows.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15) * np.uint64(salt)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))).astype(np.float64) / 2**64


def wrong_rows(rows: int, faults: int) -> np.ndarray:
    """The positions of the rows with a fault, in order."""
    return np.sort(np.random.default_rng(80_176).choice(rows, faults, replace=False))


def blocks(rows: int, shuffled: bool = False, faults: int = 0) -> Iterator[pa.Table]:
    """The table in blocks of a million rows."""
    made = compute()
    kinds, areas, years = made.breakdowns(), made.economies(), np.array(made.YEARS)
    known = [code for code, entry in catalogue().indicators.items() if entry.unit == "PT"]
    each = len(areas) * len(kinds) * len(years)
    levels = QUANTILES if rows > each * len(known) else QUANTILES[:1]
    indicators = known[: -(-rows // (each * len(levels)))]
    if rows > each * len(levels) * len(known):
        raise SystemExit(f"at most {each * len(levels) * len(known)} rows can be made")
    shape, wrong = (len(areas), len(indicators), len(levels), len(kinds), len(years)), wrong_rows(rows, faults)
    level, trend = 5 + 80 * noise(np.arange(each), 1), 0.3 + noise(np.arange(each), 2)
    texts = [pa.array(names) for names in (areas, indicators, levels)]
    for start in range(0, rows, BLOCK):
        place = np.arange(start, min(start + BLOCK, rows))
        row = place * STEP % rows if shuffled else place
        area, indicator, quantile, kind, year = np.unravel_index(row, shape)
        series = area * len(indicators) + indicator
        value = level[series] + trend[series] * (year - 12.5) + kinds["shift"].to_numpy()[kind] + quantile
        value = np.clip(value + 4 * noise(row, 3) - 2, 0, 100).round(2)
        here = wrong[(wrong >= start) & (wrong < start + BLOCK)] - start
        value[here[here % 2 == 0]] = 874
        chance = noise(row, 4)
        status = np.select([chance < 0.01, chance < 0.18], [1, 2], 0)
        codes = pa.DictionaryArray.from_arrays(area.astype(np.int32), texts[0]).cast(pa.string())
        odd = np.zeros(len(row), dtype=bool)
        odd[here[here % 2 == 1]] = True
        codes = pa.compute.if_else(pa.array(odd), "QQX", codes) if odd.any() else codes
        columns = {"REF_AREA": codes, "INDICATOR": coded(indicator, texts[1])}
        columns |= {name: coded(kind, pa.array(kinds[name].astype(str).tolist())) for name in made.COLUMNS}
        if len(levels) > 1:
            columns["QUANTILE"] = coded(quantile, texts[2])
        columns["TIME_PERIOD"] = pa.array(years[year], pa.int16())
        columns["OBS_VALUE"] = pa.array(value, pa.float64(), mask=(status == 1) & (value != 874))
        columns["UNIT_MEASURE"] = coded(np.zeros(len(row)), pa.array(["PT"]))
        columns["OBS_STATUS"] = coded(status, pa.array(["A", "O", "E"]))
        columns["OBS_COMMENT"] = coded(status, pa.array(["", "", "estimate of the agency"]))
        yield pa.table(columns)


def coded(codes: np.ndarray, texts: pa.Array) -> pa.Array:
    """A column of texts."""
    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), texts).cast(pa.string())


def write(path: Path, tables: Iterator[pa.Table]) -> None:
    """Writes the blocks as CSV or, by the name, as Parquet."""
    writer = None
    for table in tables:
        if writer is None and path.suffix == ".parquet":
            writer = pa.parquet.ParquetWriter(path, table.schema, compression="zstd")
        elif writer is None:
            writer = pa.csv.CSVWriter(path, table.schema, write_options=pa.csv.WriteOptions(quoting_style="none"))
        writer.write_table(table)
    if writer is not None:
        writer.close()


def main() -> None:
    """Writes the files that the arguments name."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rows", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--shuffled", action="store_true", help="scatter the rows")
    parser.add_argument("--faults", type=int, default=0)
    asked = parser.parse_args()
    write(asked.path, blocks(asked.rows, asked.shuffled, asked.faults))
    if asked.faults:
        lines = "".join(f"{row + 2}\n" for row in wrong_rows(asked.rows, asked.faults))
        asked.path.with_name(asked.path.name + ".faults.csv").write_text("line\n" + lines, "utf-8")


if __name__ == "__main__":
    main()
