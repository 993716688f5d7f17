"""Files with planted faults, as the benchmark makes them."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GENERATE = ROOT / "benchmarks" / "validate" / "generate.py"


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """`made(20000, 80, "--every", "values")` -> the file, and the kind of each planted line."""
    folder = tmp_path_factory.mktemp("planted")

    def make(rows, faults, *more):
        file = folder / f"{'_'.join(map(str, (rows, faults, *more)))}.csv"
        if not file.exists():
            command = [sys.executable, str(GENERATE), str(rows), str(faults), str(file), *more]
            subprocess.run(command, check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
        with file.with_name(f"{file.name}.faults.csv").open(encoding="utf-8") as lines:
            return str(file), {int(row["line"]): row["kind"] for row in csv.DictReader(lines)}

    return make
