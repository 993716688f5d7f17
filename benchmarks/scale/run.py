"""Large tables next to scripts in DuckDB and polars: `python run.py [--rounds 5] [--only JOB] [--largest] [--list]`.

Each round starts every command of a job in a fresh process, one after the other. Printed: wall and CPU seconds (user
and system) and peak memory, medians, the ratios to the others, and whether each limit is kept. `--list` prints the jobs
with their limits. Jobs on 100 million rows need `--largest` (14 GB of disk), those on 20 rows an older tree of the
project, `--before`. The exit code is 0 whatever the times, and 1 if `divide validate` does not find the planted faults.
`--freeze` writes the ratios to results.csv.

Peak memory is the greatest resident set that the kernel saw (ru_maxrss), in MB of 1,000,000 bytes. It includes pages of
temporary files while they are mapped, which the kernel may take back at any time.
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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS = HERE / "results.csv"
RULES = ("code_unknown", "value_not_a_number", "period_not_a_year", "row_ragged", "year_out_of_range",
         "value_out_of_range", "duplicate_key", "repeated_row")  # fmt: skip
GAPS = ("internet_use_income", "internet_use_urbanisation", "internet_use_sex")
MILLION = 1_000_000
LARGEST = 100 * MILLION
GROWTH = 1.2
"""Ten times the rows take at most ten times this."""
AREAS, SEXES, YEARS = ("KEN", "UGA"), ("F", "M"), range(2018, 2023)
FEW = [f"{area},internet_use,{sex},{year},{year - 1970}.5" for area in AREAS for sex in SEXES for year in YEARS]
TURNS = 15
"""The least number of rounds of a file of few rows, which takes a second."""
Measured = tuple[float, float, float]


@dataclass(frozen=True)
class Job:
    """Commands on one table, `divide` first, with the most that `divide` may take: MB, and wall time of another's."""

    name: str
    rows: int
    commands: dict[str, list[str]]
    files: tuple[str, ...]
    most_mb: float = float("inf")
    most_wall: dict[str, float] = field(default_factory=dict)
    before: str = ""
    """The tree of the project that the second command runs."""


def measured(command: list[str], output: Path, tree: str = "") -> Measured:
    """Wall seconds, CPU seconds and peak MB of one process; its output goes into the file."""
    begun = time.perf_counter()
    with output.open("wb") as saved:
        own = {**os.environ, "PYTHONPATH": tree or str(ROOT)}
        child = subprocess.Popen(command, stdout=saved, stderr=subprocess.DEVNULL, env=own)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise SystemExit(f"exit code {child.returncode}: {' '.join(command)}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


def words(option: str, values: Iterable[str]) -> list[str]:
    """The option before each value."""
    return [word for value in values for word in (option, value)]


def jobs(folder: Path, before: str, largest: bool) -> Iterator[Job]:
    """The jobs, in the order in which they run."""
    python, theirs, out = sys.executable, str(folder / "theirs"), ["--out", str(folder / "out")]
    divide = [python, "-m", "divide_cli"]
    only, named = words("--only", RULES), words("--gap", GAPS)

    def compute(file: str, *more: str) -> list[str]:
        return [*divide, "compute", str(folder / file), *more, *out]

    def validate(file: str, *more: str) -> list[str]:
        return [*divide, "validate", str(folder / file), "--format", "json", *more]

    def gaps_of(file: str, *more: str) -> list[str]:
        return [python, str(HERE / "gaps_duckdb.py"), str(folder / file), theirs, *more]

    def rules_of(peer: str, file: str) -> list[str]:
        return [python, str(HERE / f"rules_{peer}.py"), str(folder / file), str(folder / "lines.json")]

    ten, stored, quoted = f"table-{10 * MILLION}.csv", f"table-{10 * MILLION}.parquet", f"quoted-{10 * MILLION}.csv"
    three = {
        "divide": compute(ten, *named),
        "duckdb": gaps_of(ten),
        "duckdb, keys unchecked": gaps_of(ten, "--unchecked"),
    }
    yield Job("three gaps", 10 * MILLION, three, (ten,), 500, {"duckdb": 1.2})
    every = {"divide": compute(ten), "duckdb, three gaps": gaps_of(ten)}
    yield Job("all gaps", 10 * MILLION, every, (ten,), 700, {"duckdb, three gaps": 1.5})
    parquet = {"divide": compute(stored), "duckdb, three gaps": gaps_of(stored)}
    yield Job("Parquet", 10 * MILLION, parquet, (stored,), 700, {"duckdb, three gaps": 1.5})
    for rows, most, wall in ((MILLION, float("inf"), 1.2), (10 * MILLION, 700, 1.0)):
        file = f"quoted-{rows}.csv"
        eight = {
            "divide": validate(file, *only),
            "polars": rules_of("polars", file),
            "duckdb": rules_of("duckdb", file),
        }
        yield Job(f"eight rules, {rows // MILLION} million", rows, eight, (file,), most, {"polars": wall})
    whole = {"divide": validate(quoted), "duckdb, eight rules": rules_of("duckdb", quoted)}
    yield Job("all rules", 10 * MILLION, whole, (quoted,), 1000, {"duckdb, eight rules": 1.15})
    wrong = f"wrong-{MILLION}.csv"
    listed = {
        "divide": validate(wrong, *only, "--limit", "0"),
        "divide, a finding listed": validate(wrong, *only, "--limit", "1"),
    }
    yield Job("million findings", MILLION, listed, (wrong,))
    if before:
        few = str(folder / "few.csv")
        for name, more in (("compute", ["--no-write"]), ("validate", ["--format", "json"])):
            command = [*divide, name, few, *more]
            yield Job(
                f"20 rows, {name}",
                20,
                {"divide": command, "before": command},
                ("few.csv",),
                most_wall={"before": 1.0},
                before=before,
            )
    if largest:
        for order in ("", "-shuffled"):
            file = f"table-{LARGEST}{order}.csv"
            for name, command in (
                ("three gaps", compute(file, *named)),
                ("all gaps", compute(file)),
                ("eight rules", validate(file, *only)),
            ):
                yield Job(f"{name}, 100 million{order.replace('-', ', ')}", LARGEST, {"divide": command}, (file,), 2000)
    for name, command_of in (
        ("three gaps", lambda file: compute(file, *named)),
        ("eight rules", lambda file: validate(file, *only)),
    ):
        for rows in (MILLION, 10 * MILLION, *([LARGEST] if largest else [])):
            file = f"table-{rows}.csv"
            yield Job(f"growth, {name}", rows, {"divide": command_of(file)}, (file,))


def make(folder: Path, file: str) -> None:
    """Makes the file of that name, unless it is there."""
    path, environment = folder / file, {**os.environ, "PYTHONPATH": str(ROOT)}
    if path.exists():
        return
    if file == "few.csv":
        path.write_text("\n".join(["REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE", *FEW, ""]), "utf-8")
        return
    kind, rows = file.partition(".")[0].split("-")[:2]
    command = [
        sys.executable,
        str(HERE / "generate.py"),
        rows,
        str(path),
        *(["--shuffled"] if "shuffled" in file else []),
    ]
    command += ["--faults", rows] if kind == "wrong" else []
    if kind == "quoted":
        command = [sys.executable, str(ROOT / "benchmarks/validate/generate.py"), rows, "800", str(path), "--long"]
    subprocess.run(command, check=True, env=environment)


def main() -> None:
    """Makes the files, runs the jobs, prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", help="the jobs whose names begin so")
    parser.add_argument("--largest", action="store_true", help="also 100 million rows")
    parser.add_argument("--before", default="", help="an older tree of the project, for files of 20 rows")
    parser.add_argument("--list", action="store_true", help="print the jobs and their limits")
    parser.add_argument("--freeze", action="store_true", help="write results.csv")
    parser.add_argument("--folder", type=Path, help="keep the files here")
    asked = parser.parse_args()
    compileall.compile_dir(ROOT / "divide_cli", quiet=1)
    with tempfile.TemporaryDirectory() as place:
        folder = asked.folder or Path(place)
        rows, found = [], {}
        for job in jobs(folder, asked.before, asked.largest):
            if asked.only and not any(job.name.startswith(name) for name in asked.only):
                continue
            if asked.list:
                print(f"{job.name:34} {job.rows:11,} rows  {', '.join(limits(job)) or 'no limit'}")
                continue
            for file in job.files:
                make(folder, file)
            found[job.name, job.rows] = own = compared(job, asked.rounds, folder)
            rows += ratios(job, own, found.get((job.name, job.rows // 10)))
            confirm_planted(job, folder)
    if asked.freeze and rows:
        load = f"{os.getloadavg()[2]:.0f}"
        more = {"rounds": str(asked.rounds), "load": load, "day": str(date.today())}
        freeze([{**row, **more} for row in rows])


def limits(job: Job) -> list[str]:
    """The limits of a job in words."""
    memory = [f"at most {job.most_mb:,.0f} MB"] if job.most_mb < float("inf") else []
    growth = [f"at most {GROWTH:g} times ten times a tenth of the rows"] if job.name.startswith("growth") else []
    return [
        *memory,
        *(f"at most {most:g} times the wall time of {name}" for name, most in job.most_wall.items()),
        *growth,
    ]


def confirm_planted(job: Job, folder: Path) -> None:
    """Ends with exit code 1 if the eight rules do not count as many cases as were planted."""
    faults = folder / f"{job.files[0]}.faults.csv"
    if not job.name.startswith("eight rules") or not faults.exists():
        return
    planted = sum(1 for _ in faults.open()) - 1
    counted = sum(one["count"] for one in json.loads((folder / f"{job.name}.divide").read_text())["summary"])
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


def compared(job: Job, rounds: int, folder: Path) -> dict[str, Measured]:
    """Prints and returns the medians of each command of a job."""
    found: dict[str, list[Measured]] = {name: [] for name in job.commands}
    for turn in range(rounds if job.rows >= MILLION else max(rounds, TURNS)):
        for name, command in list(job.commands.items())[:: -1 if turn % 2 else 1]:
            tree = job.before if name == "before" else ""
            found[name].append(measured(command, folder / f"{job.name}.{name}", tree))
    medians = {}
    for name, runs in found.items():
        wall, processor, peak = (statistics.median(column) for column in zip(*runs, strict=True))
        medians[name] = wall, processor, peak
        figures = f"wall {wall:7.2f} s  CPU {processor:7.2f} s  peak {peak:6.0f} MB"
        print(f"{job.name:34} {job.rows:11,} rows  {name:24} {figures}", flush=True)
    return medians


def ratios(job: Job, medians: dict[str, Measured], tenth: dict[str, Measured] | None) -> list[dict[str, str]]:
    """Prints the ratios of `divide` to the others, or to ten times a tenth of the rows, and each limit."""
    own, rows = medians["divide"], []
    others = {name: (median, 1) for name, median in medians.items() if name != "divide"}
    if job.name.startswith("growth"):
        others = {"ten times a tenth of the rows": (tenth["divide"], 10)} if tenth else {}
    for name, (other, times) in others.items() or {"": (own, 1)}.items():
        most = GROWTH if times > 1 else job.most_wall.get(name, float("inf"))
        wall, processor, memory = own[0] / other[0] / times, own[1] / other[1] / times, own[2] / other[2]
        kept = [f"wall {wall:.2f}, at most {most:g}: {said(wall <= most)}"] if most < float("inf") else []
        kept += [f"CPU {processor:.2f}, at most {most:g}: {said(processor <= most)}"] if times > 1 else []
        if name and not kept:
            kept = [f"wall {wall:.2f}, CPU {processor:.2f}, memory {memory:.2f}"]
        if job.most_mb < float("inf"):
            kept.append(f"{own[2]:.0f} MB, at most {job.most_mb:.0f}: {said(own[2] <= job.most_mb)}")
        if kept:
            print(f"{'':34} {f'divide / {name}: ' if name else ''}{'; '.join(kept)}", flush=True)
        shown = (
            {"wall": f"{wall:.2f}", "processor": f"{processor:.2f}", "memory": f"{memory:.2f}"}
            if name
            else dict.fromkeys(("wall", "processor", "memory"), "")
        )
        rows.append({"job": job.name, "against": name, **shown, "peak_mb": f"{own[2]:.0f}", "rows": str(job.rows)})
    return rows


def said(kept: bool) -> str:
    """Whether a limit is kept, in words."""
    return "kept" if kept else "MISSED"


if __name__ == "__main__":
    main()
