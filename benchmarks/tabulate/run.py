"""Compares `divide tabulate` with R `survey` and svy: `run.py [--rounds 5] [--rows 1000000] [--long 100000000]`.

One file of made-up persons (generate.py), 50 strata of 40 sampling units: shares by sex and area, with standard errors,
and the gap of each with the covariance of its sides. All programs read the same CSV file. They run in turn in fresh
processes, measured as a whole with os.wait4, and their numbers are compared. R and its package must be installed; the
environment of svy is made once, in .benchmarks/tabulate. With --long, `divide --engine duckdb` runs alone, on a Parquet
dataset of that many persons. The exit code is 0 whatever the times, and 1 if the numbers differ.
"""

import argparse
import compileall
import csv
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DESIGN = """survey: {name: Made-up persons}
area: TUN
year: 2024
weight: weight
strata: stratum
clusters: psu
breakdowns:
  SEX: {variable: sex, codes: {1: M, 2: F}}
  URBANISATION: {variable: area, codes: {1: URB, 2: RUR}}
indicators:
  internet_use: {variable: internet, yes: [1], no: [0]}
"""
IMPORTS = "import pandas, pyarrow.csv, narwhals, typer, divide_cli.api.surveys, divide_cli.survey.tabulation"
"""What the command imports, without any work."""


@dataclass(frozen=True)
class Run:
    """Seconds, MiB, exit code and output of one process."""

    wall: float
    processor: float
    peak: float
    code: int
    output: str


def measured(command: list[str]) -> Run:
    """One run of the command."""
    own = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=own)
    assert child.stdout is not None
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, child.returncode, output)


def programs(data: Path, design: Path) -> dict[str, list[str]]:
    """The commands; those of peers that are not installed are left out."""
    by = ["--by", "SEX,URBANISATION", "--format", "csv", "--table", "gaps"]
    tabulate = [sys.executable, "-m", "divide_cli", "tabulate", str(data), "--design", str(design), *by]
    commands = {"divide": tabulate, "divide, duckdb": [*tabulate, "--engine", "duckdb"]}
    if shutil.which("Rscript"):
        commands["R survey"] = ["Rscript", "--vanilla", str(HERE / "survey.R"), str(data)]
    commands["svy"] = [str(environment()), str(HERE / "shares_svy.py"), str(data)]
    return commands


def environment() -> Path:
    """The Python of the environment of svy, made if it is not there."""
    folder = ROOT / ".benchmarks" / "tabulate"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        requirements = str(HERE / "requirements.txt")
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
    return python


def numbers(name: str, output: str) -> list[float]:
    """Of sex and area: both shares, the gap and its standard error, in percent."""
    if not name.startswith("divide"):
        lines = [[float(word) * 100 for word in line.split()[1:]] for line in output.splitlines()]
        return [line[place] for line in lines for place in (0, 1, 4, 5)]
    gaps = [row for row in csv.DictReader(output.splitlines()) if row["MEASURE"] == "absolute_difference"]
    names = ("REFERENCE_VALUE", "COMPARED_VALUE", "OBS_VALUE", "STD_ERR")
    return [float(row[name]) for row in sorted(gaps, key=lambda row: row["OVER"]) for name in names]


def spread(values: list[float], digits: int) -> str:
    """The median, least and greatest of the values."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def compared(data: Path, design: Path, rounds: int) -> bool:
    """Prints the table; whether all programs give the same numbers."""
    commands = programs(data, design)
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for place in range(rounds + 1):
        for name, command in commands.items():
            run = measured(command)
            if place:  # the first round fills caches
                runs[name].append(run)
    print(f"{'':18}{'wall s':>20}{'CPU s':>20}{'peak MiB':>18}")
    for name, own in runs.items():
        cells = (spread([run.wall for run in own], 2), spread([run.processor for run in own], 2))
        print(f"{name:18}{cells[0]:>20}{cells[1]:>20}{spread([run.peak for run in own], 0):>18}")
    expected, same = numbers("divide", runs["divide"][0].output), True
    for name, own in runs.items():
        found = numbers(name, own[0].output) if own[0].code == 0 else []
        differs = max((abs(a / b - 1) for a, b in zip(found, expected, strict=False)), default=1.0)
        same &= len(found) == len(expected) and differs < 1e-9
        print(f"  {name}: numbers differ from divide by at most {differs:.1e} (relative)")
    for name in commands:
        if not name.startswith("divide"):
            ratios = [
                statistics.median(getattr(run, what) for run in runs[name])
                / statistics.median(getattr(run, what) for run in runs["divide"])
                for what in ("wall", "processor")
            ]
            print(f"{name} / divide: wall {ratios[0]:.1f}, CPU {ratios[1]:.1f}")
    imports = statistics.median(measured([sys.executable, "-c", IMPORTS]).peak for _ in range(3))
    over = statistics.median(run.peak for run in runs["divide"]) - imports
    print(f"divide: {over:.0f} MiB over its imports ({imports:.0f} MiB)")
    print("target: R survey at least 6, svy above 1, at most 300 MB (286 MiB) over the imports")
    return same


def long(folder: Path, design: Path, rows: int) -> None:
    """Prints what duckdb needs for a Parquet dataset of that many rows."""
    data = folder / "persons"
    subprocess.run([sys.executable, str(HERE / "generate.py"), str(rows), str(data)], check=True)
    size = sum(file.stat().st_size for file in data.iterdir()) / 1e9
    by = ["--engine", "duckdb", "--by", "SEX,URBANISATION", "--format", "csv"]
    run = measured([sys.executable, "-m", "divide_cli", "tabulate", str(data), "--design", str(design), *by])
    print(f"{rows:,} persons in Parquet ({size:.2f} GB), --engine duckdb on {os.cpu_count()} processors:")
    print(f"  wall {run.wall:.0f} s, CPU {run.processor:.0f} s, peak {run.peak:.0f} MiB; exit code {run.code}")
    print("target: peak at most 2 GB (1,907 MiB)")


def main() -> None:
    """Makes the files, runs all in turn, prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--long", type=int, default=0, help="persons of the Parquet dataset; 0 leaves it out")
    asked = parser.parse_args()
    compileall.compile_dir(ROOT / "divide_cli", quiet=1)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        design = folder / "design.yaml"
        design.write_text(DESIGN, "utf-8")
        same = True
        if asked.rounds:
            data = folder / "persons.csv"
            subprocess.run([sys.executable, str(HERE / "generate.py"), str(asked.rows), str(data)], check=True)
            size = data.stat().st_size / 2**20
            print(f"{asked.rows:,} persons, {size:.0f} MiB of CSV, median (least-greatest) of {asked.rounds} rounds")
            same = compared(data, design, asked.rounds)
        if asked.long:
            long(folder, design, asked.long)
    if not same:
        raise SystemExit("the programs do not give the same numbers")


if __name__ == "__main__":
    main()
