"""Writes made-up persons of a stratified cluster sample: `generate.py ROWS OUT` (a CSV file, or a Parquet folder).

50 strata of 40 sampling units; sex, area and the use of the internet, which depends on both and on the unit. The same
arguments give the same file. Rows are made and written in blocks of a million, so that any number of them fits.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

BLOCK = 1_000_000
STRATA, UNITS = 50, 40


def block(place: int, rows: int) -> pa.Table:
    """The rows of one block."""
    effect = np.random.default_rng(2024).normal(0, 0.3, (STRATA, UNITS))
    random = np.random.default_rng((17, place))
    stratum, unit = random.integers(0, STRATA, rows), random.integers(0, UNITS, rows)
    sex, area = random.integers(1, 3, rows), random.integers(1, 3, rows)
    odds = 0.2 + effect[stratum, unit] + 0.3 * (sex == 1) + 0.5 * (area == 1)
    return pa.table(
        {
            "stratum": stratum + 1,
            "psu": (stratum + 1) * 100 + unit + 1,
            "weight": np.round(random.uniform(50, 300, rows), 4),
            "sex": sex,
            "area": area,
            "internet": (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(int),
        }
    )


def generate(rows: int, out: Path) -> None:
    """Writes the rows to the CSV file, or to a folder of Parquet files of ten million rows."""
    sizes = [min(BLOCK, rows - start) for start in range(0, rows, BLOCK)]
    if out.suffix == ".csv":
        with csv.CSVWriter(out, block(0, 0).schema, write_options=csv.WriteOptions(quoting_style="none")) as file:
            for place, size in enumerate(sizes):
                file.write(block(place, size))
        return
    out.mkdir(parents=True)
    for first in range(0, len(sizes), 10):
        with parquet.ParquetWriter(out / f"{first // 10:03}.parquet", block(0, 0).schema) as file:
            for place in range(first, min(first + 10, len(sizes))):
                file.write(block(place, sizes[place]))


if __name__ == "__main__":
    generate(int(sys.argv[1]), Path(sys.argv[2]))
