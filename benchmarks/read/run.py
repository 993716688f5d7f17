"""Compares reading a file with `pyarrow.csv.read_csv` of the same file: `python run.py [--rows N] [--rounds 5]`.

Each round starts both in fresh processes, one after the other. Measured in the process, without imports: wall seconds
of the reading (including the hash, line numbers and the first checks), and the peak memory of the whole process.
Families: long (the tidy layout, and ITU DataHub's with its notes), wide (years in columns), and a long file in UTF-16,
Windows-1252 or gzip, which is decoded first. The exit code is 0 whatever the times.
"""

import argparse
import csv
import gzip
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATE = ROOT / "benchmarks" / "compute" / "generate.py"

SUFFIXES = (
    *("HHTotalIndividual", "HHCFemale", "HHCMale", "HHCUrbanUsers", "HHCRuralUsers"),
    *("HHCLess15", "HHC15to24", "HHC25to74", "HHCMore74"),
)

DIVIDE = """
import json, sys, time, resource
sys.modules["hypothesis"] = None
from divide_cli import readers
from divide_cli.frames.schema import conform
from divide_cli.readers import FAMILIES
begun = time.perf_counter()
read = readers.load(sys.argv[1], "x")
conform(read.frame, read.dimensions)
took = time.perf_counter() - begun
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(read.frame)]))
"""
ARROW = """
import json, sys, time, resource
import pyarrow as pa, pyarrow.csv
begun = time.perf_counter()
delimiter = "," if len(sys.argv) < 3 else sys.argv[2]
with pa.input_stream(sys.argv[1]) as handle:
    table = pyarrow.csv.read_csv(handle, read_options=pyarrow.csv.ReadOptions(encoding=sys.argv[3]),
                                 parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True))
took = time.perf_counter() - begun
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, table.num_rows]))
"""


def environment() -> dict[str, str]:
    """The environment of the children: the checkout's package, bytecode allowed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT)}


def measured(code: str, *arguments: str) -> tuple[float, float, int]:
    """Seconds, peak MiB and rows that a fresh process reports."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    took, peak, rows = json.loads(done.stdout)
    return took, peak, rows


def datahub(areas: list[str], rows: int, target: Path) -> None:
    """So many rows as ITU DataHub writes them: quoted, with notes and labels; the years are as many as it takes."""
    names = "seriesID,seriesCode,seriesName,seriesParent,seriesUnits,entityID,entityIso,entityName,dataValue,dataYear"
    header = [*names.split(","), "dataNote", "dataSource", "seriesDescription"]
    series = [f"{stem}_{end}" for stem in ("HHU4212", "HHU781l", "HHU781m") for end in SUFFIXES]
    notes = ["", "Aged 16-74.", "Population age 16-74 using Internet in the last 12 months.", "In the last 6 months."]
    sources = ["ITU estimate.", "National Statistical Office", "Household survey, office of statistics"]
    chance = random.Random(80_173)
    with target.open("w", encoding="utf-8", newline="") as made:
        writer = csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\n")
        made.write("\ufeff")
        writer.writerow(header)
        for year, area, code in itertools.islice(itertools.product(range(1900, 2100), areas, series), rows):
            parent = f"{code.partition('_')[0]}_HHTotalIndividual"
            writer.writerow(
                [9230, code, "Female", parent, "%", 4, area, f"Economy {area}", f"{100 * chance.random():.6f}", year,
                 chance.choice(notes), chance.choice(sources), "Refers to the proportion of individuals."]
            )  # fmt: skip


def wide(areas: list[str], target: Path) -> None:
    """An indicator file of the World Bank with so many economies, years in columns."""
    chance, years = random.Random(80_173), range(1960, 2025)
    with target.open("w", encoding="utf-8", newline="") as made:
        made.write(
            '\ufeff"Data Source","World Development Indicators",\r\n\r\n"Last Updated Date","2031-01-28",\r\n\r\n'
        )
        writer = csv.writer(made, quoting=csv.QUOTE_ALL)
        writer.writerow(["Country Name", "Country Code", "Indicator Name", "Indicator Code", *years])
        for area in areas:
            writer.writerow(
                [area, area, "Internet", "IT.NET.USER.ZS", *(round(100 * chance.random(), 3) for _ in years)]
            )


def main() -> None:
    """Makes the files, runs both in turn, prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        tidy = folder / "tidy.csv"
        subprocess.run([sys.executable, str(GENERATE), str(asked.rows), str(tidy)], check=True, env=environment())
        files = {"long, tidy": (tidy, ",", "utf8")}
        areas = sorted({row.split(",")[0] for row in tidy.read_text("utf-8").splitlines()[1:]})
        datahub(areas, asked.rows, folder / "datahub.csv")
        files["long, ITU DataHub"] = (folder / "datahub.csv", ",", "utf8")
        (folder / "utf16.csv").write_text(tidy.read_text("utf-8"), "utf-16")
        files["long, UTF-16"] = (folder / "utf16.csv", ",", "utf-16")
        (folder / "tidy.csv.gz").write_bytes(gzip.compress(tidy.read_bytes(), 1))
        files["long, gzip"] = (folder / "tidy.csv.gz", ",", "utf8")
        heads = ("divide s", "pyarrow s", "ratio", "divide MiB", "pyarrow MiB", "ratio")
        print(f"{'':<20}{'rows':>10}" + "".join(f"{head:>12}" for head in heads))
        for name, (file, delimiter, encoding) in files.items():
            ours, theirs = [], []
            for _ in range(asked.rounds):
                ours.append(measured(DIVIDE, str(file)))
                theirs.append(measured(ARROW, str(file), delimiter, encoding))
            seconds = [statistics.median(run[0] for run in runs) for runs in (ours, theirs)]
            peaks = [statistics.median(run[1] for run in runs) for runs in (ours, theirs)]
            print(
                f"{name:<20}{ours[0][2]:>10}{seconds[0]:>12.2f}{seconds[1]:>12.2f}{seconds[0] / seconds[1]:>12.2f}"
                f"{peaks[0]:>12.0f}{peaks[1]:>12.0f}{peaks[0] / peaks[1]:>12.2f}"
            )
        target = folder / "wide.csv"
        wide(areas, target)
        runs = [measured(DIVIDE, str(target)) for _ in range(asked.rounds)]
        took = statistics.median(run[0] for run in runs)
        print(f"{'wide, World Bank':<20}{runs[0][2]:>10}{took:>12.2f}   (cells; pyarrow has no counterpart)")


if __name__ == "__main__":
    main()
