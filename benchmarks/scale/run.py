"""Large tables side by side with scripts in DuckDB and polars: `python run.py [--rows 10000000] [--rounds 5]`.

Each round starts every command in a fresh process, one after the other. Printed: wall and CPU seconds (user and system)
and peak memory, medians, and the ratio to the first peer. The exit code is 0 whatever the times, and 1 if `divide
validate` does not find the planted faults. --freeze writes the ratios to results.csv.
"""

import argparse
import compileall
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS = HERE / "results.csv"
RULES = ("code_unknown", "value_not_a_number", "period_not_a_year", "row_ragged", "year_out_of_range",
         "value_out_of_range", "duplicate_key", "repeated_row")  # fmt: skip
GAPS = ("internet_use_income", "internet_use_urbanisation", "internet_use_sex")
Measured = tuple[float, float, float]


def measured(command: list[str], output: Path) -> Measured:
    """Wall seconds, CPU seconds and peak MiB of one process; its output goes into the file."""
    begun = time.perf_counter()
    with output.open("wb") as saved:
        own = {**os.environ, "PYTHONPATH": str(ROOT)}
        child = subprocess.Popen(command, stdout=saved, stderr=subprocess.DEVNULL, env=own)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise SystemExit(f"exit code {child.returncode}: {' '.join(command)}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def words(option: str, values: Iterable[str]) -> list[str]:
    """The option before each value."""
    return [word for value in values for word in (option, value)]


def jobs(folder: Path, table: Path, quoted: Path) -> dict[str, dict[str, list[str]]]:
    """The commands of each job, `divide` first."""
    python, parquet = sys.executable, table.with_suffix(".parquet")
    divide = [python, "-m", "divide_cli"]
    compute, validate = [*divide, "compute"], [*divide, "validate", str(quoted), "--format", "json"]
    of_gaps, of_rules = [python, str(HERE / "gaps_duckdb.py")], [str(quoted), str(folder / "lines.json")]
    out, theirs = ["--out", str(folder / "out")], str(folder / "theirs")
    polars, duckdb = ([python, str(HERE / f"rules_{name}.py"), *of_rules] for name in ("polars", "duckdb"))
    return {
        "three gaps": {
            "divide": [*compute, str(table), *words("--gap", GAPS), *out],
            "duckdb": [*of_gaps, str(table), theirs],
            "duckdb, keys unchecked": [*of_gaps, str(table), theirs, "--unchecked"],
        },
        "all gaps": {"divide": [*compute, str(table), *out], "duckdb, three gaps": [*of_gaps, str(table), theirs]},
        "Parquet": {"divide": [*compute, str(parquet), *out], "duckdb, three gaps": [*of_gaps, str(parquet), theirs]},
        "eight rules": {"divide": [*validate, *words("--only", RULES)], "polars": polars, "duckdb": duckdb},
        "all rules": {"divide": validate, "duckdb, eight rules": duckdb},
    }


def main() -> None:
    """Makes the files, runs all in turn, prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", help="this job only")
    parser.add_argument("--freeze", action="store_true", help="write results.csv")
    parser.add_argument("--folder", type=Path, help="keep the files here")
    asked = parser.parse_args()
    compileall.compile_dir(ROOT / "divide_cli", quiet=1)
    with tempfile.TemporaryDirectory() as place:
        folder = asked.folder or Path(place)
        table, quoted = folder / "table.csv", folder / "quoted.csv"
        generate, environment = [sys.executable, str(HERE / "generate.py"), str(asked.rows)], {**os.environ}
        environment["PYTHONPATH"] = str(ROOT)
        long = [sys.executable, str(ROOT / "benchmarks/validate/generate.py"), str(asked.rows), "800"]
        for file, command in (
            (table, [*generate, str(table)]),
            (table.with_suffix(".parquet"), [*generate, str(table.with_suffix(".parquet"))]),
            (quoted, [*long, str(quoted), "--long"]),
        ):
            if not file.exists():
                subprocess.run(command, check=True, env=environment)
        rows: list[dict[str, str]] = []
        for job, commands in jobs(folder, table, quoted).items():
            if not asked.only or job in asked.only:
                rows += compared(job, commands, asked.rounds, folder)
        planted = sum(1 for _ in quoted.with_name(quoted.name + ".faults.csv").open()) - 1
        report = folder / "eight rules.divide"
        counted = sum(one["count"] for one in json.loads(report.read_text())["summary"]) if report.exists() else planted
    if asked.freeze:
        load = f"{os.getloadavg()[2]:.0f}"
        more = {"rows": str(asked.rows), "rounds": str(asked.rounds), "load": load, "day": str(date.today())}
        freeze([{**row, **more} for row in rows])
    if counted != planted:
        raise SystemExit(f"planted {planted} faults, found {counted}")


def freeze(rows: list[dict[str, str]]) -> None:
    """Writes the rows in place of earlier ones of the same job, peer and number of rows."""

    def subject(row: dict[str, str]) -> tuple[str, str, str]:
        return row["job"], row["against"], row["rows"]

    with RESULTS.open(encoding="utf-8", newline="") as file:
        every = {subject(row): row for row in csv.DictReader(file)} | {subject(row): row for row in rows}
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(every.values())


def compared(job: str, commands: dict[str, list[str]], rounds: int, folder: Path) -> list[dict[str, str]]:
    """Prints the medians of one job, and returns the ratios of `divide` to the others, and its peak."""
    found: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(measured(command, folder / f"{job}.{name}"))
    medians = {name: [statistics.median(column) for column in zip(*runs, strict=True)] for name, runs in found.items()}
    rows = []
    for name, (wall, processor, peak) in medians.items():
        own = medians["divide"]
        print(f"{job:12} {name:24} wall {wall:7.1f} s  CPU {processor:6.1f} s  peak {peak:6.0f} MiB", flush=True)
        if name != "divide":
            ratios = {"wall": own[0] / wall, "processor": own[1] / processor, "memory": own[2] / peak}
            shown = {key: f"{value:.2f}" for key, value in ratios.items()}
            rows.append({"job": job, "against": name, **shown, "peak_mib": f"{own[2]:.0f}"})
            print(f"{'':12} divide / {name}: {shown}", flush=True)
    return rows


if __name__ == "__main__":
    main()
