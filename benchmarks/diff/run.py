"""Compares `divide diff` with `pb compare` (pointblank) and datacompy: `run.py [--rows 1000000] [--rounds 5]`.

Two files of invented observations have the same seven key columns; in the second, two figures of a hundred are revised,
and five of a thousand are withdrawn or added. Each program reports how many figures were changed, withdrawn and added.
The counts must be those that were planted; the exit code is 1 if they are not, whatever the times. The programs run in
turn in fresh processes, measured as a whole with os.wait4. Their environments are made once, in .benchmarks/diff.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "validate"))

from programs import environments  # noqa: E402

KEYS = ("REF_AREA", "INDICATOR", "SEX", "AGE", "URBANISATION", "EDUCATION", "TIME_PERIOD")


def planted(folder: Path, rows: int) -> dict[str, int]:
    """Writes a.csv and b.csv, and returns what was changed, withdrawn and added."""
    generate = [sys.executable, str(HERE.parent / "compute" / "generate.py"), str(rows), str(folder / "all.csv")]
    subprocess.run(generate, check=True)
    frame = pd.read_csv(folder / "all.csv", dtype=str, keep_default_na=False)
    frame = frame[frame["OBS_VALUE"] != ""].reset_index(drop=True)
    random = np.random.default_rng(2026)
    in_first, in_second = random.random(len(frame)) >= 0.0025, random.random(len(frame)) >= 0.0025
    value = frame["OBS_VALUE"].astype(float)
    other = (100 - value).round(2)
    revised = (random.random(len(frame)) < 0.02) & (other != value).to_numpy()
    frame[in_first].to_csv(folder / "a.csv", index=False)
    frame["OBS_VALUE"] = frame["OBS_VALUE"].where(~revised, other.astype(str))
    frame[in_second].to_csv(folder / "b.csv", index=False)
    both = in_first & in_second
    return {
        "changed": int((revised & both).sum()),
        "withdrawn": int((in_first & ~in_second).sum()),
        "added": int((in_second & ~in_first).sum()),
    }


def commands(folder: Path, places: dict[str, Path]) -> dict[str, list[str]]:
    """The command of each program on the two files."""
    files = [str(folder / name) for name in ("a.csv", "b.csv")]
    keys = [word for key in KEYS for word in ("-k", key)]
    options = ["-c", "OBS_VALUE", "--schema", "common", "--format", "json", "--no-samples", "--no-exit-code"]
    joined = [str(places["datacompy"] / "python"), str(HERE / "joined.py")]
    return {
        "divide": [sys.executable, "-m", "divide_cli", "diff", *files, "--format", "csv"],
        "pb compare": [str(places["pointblank"] / "pb"), "compare", *files, *keys, *options],
        "datacompy, pandas": [*joined, "pandas", *files, ",".join(KEYS)],
        "datacompy, polars": [*joined, "polars", *files, ",".join(KEYS)],
    }


def counted(program: str, output: str) -> dict[str, int]:
    """The counts that a program reports, in our words."""
    if program == "divide":
        kinds = Counter(pd.read_csv(io.StringIO(output), usecols=["CHANGE"])["CHANGE"])
        revised = kinds["revised"] + kinds["precision"]
        return {"changed": revised, "withdrawn": kinds["withdrawn"], "added": kinds["added"]}
    document = json.loads(output)
    if program == "pb compare":
        statuses = document["status_counts"]
        return {"changed": statuses["changed"], "withdrawn": statuses["missing"], "added": statuses["extra"]}
    return {name: int(count) for name, count in document.items()}


def measured(command: list[str], output: Path) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak MiB of a command."""
    start = time.perf_counter()
    with output.open("w", encoding="utf-8") as target:
        process = subprocess.Popen(command, stdout=target, env={**os.environ, "PYTHONPATH": str(ROOT)})
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[:3]} ended with {status >> 8}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Runs the programs in turn, and prints medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    places = environments(ROOT / ".benchmarks" / "diff", HERE / "requirements.txt")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expected = planted(folder, chosen.rows)
        programs = commands(folder, places)
        figures: dict[str, list[tuple[float, float, float]]] = {program: [] for program in programs}
        wrong = set()
        for _ in range(chosen.rounds):
            for program, command in programs.items():
                figures[program].append(measured(command, folder / "output"))
                if counted(program, (folder / "output").read_text("utf-8")) != expected:
                    wrong.add(program)
    print(f"{chosen.rows:,} rows, planted: {expected}; medians of {chosen.rounds} rounds")
    print(f"{'':20}{'wall s':>8}{'CPU s':>8}{'peak MiB':>10}  counts")
    medians = {
        program: [statistics.median(column) for column in zip(*runs, strict=True)] for program, runs in figures.items()
    }
    for program, (wall, cpu, peak) in medians.items():
        print(f"{program:20}{wall:8.2f}{cpu:8.2f}{peak:10.0f}  {'wrong' if program in wrong else 'as planted'}")
    best = [min(values[place] for program, values in medians.items() if program != "divide") for place in range(3)]
    ratios = [own / other for own, other in zip(medians["divide"], best, strict=True)]
    print("divide / best of the others: wall {:.2f}, CPU {:.2f}, peak {:.2f}; target: at most 1.00".format(*ratios))
    sys.exit("divide" in wrong)


if __name__ == "__main__":
    main()
