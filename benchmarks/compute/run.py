"""Compares `divide compute FILE` with plain.py on the same file: `python run.py [--rows N] [--rounds 5] [--compare]`.

Each round starts both in fresh processes, one after the other, byte-compiled. Printed: wall and CPU seconds (user and
system) and peak memory of the whole process, from os.wait4; medians and ratios. --compare first checks that both give
the same numbers. The exit code is 0 whatever the times, and 1 if the numbers differ.
"""

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def environment() -> dict[str, str]:
    """The environment of the children: the checkout's package, bytecode allowed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT)}


def measured(command: list[str], output: Path) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak MiB of the command; its output goes through a pipe into the file."""
    begun = time.perf_counter()
    with output.open("wb") as saved:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        assert child.stdout is not None
        assert child.stderr is not None
        saved.write(child.stdout.read())
        said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)}\n{said.decode()}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Makes the file, runs both in turn, prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--compare", action="store_true", help="ask first that both give the same numbers")
    asked = parser.parse_args()
    compileall.compile_dir(ROOT / "divide_cli", quiet=1)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        file = folder / "observations.csv"
        subprocess.run(
            [sys.executable, str(HERE / "generate.py"), str(asked.rows), str(file)], check=True, env=environment()
        )
        commands = {
            "divide compute": [
                sys.executable,
                "-m",
                "divide_cli",
                "compute",
                str(file),
                "--out",
                str(folder / "divide"),
            ],
            "plain.py": [sys.executable, str(HERE / "plain.py"), str(file), str(folder / "plain")],
        }
        for command in commands.values():  # not counted: fills caches
            measured(command, folder / "printed")
        if asked.compare:
            # in a process of its own: a child's peak would begin at the memory that this one holds
            both = [str(folder / "divide"), str(folder / "plain")]
            answer = subprocess.run([sys.executable, str(HERE / "compare.py"), *both], check=False)
            if answer.returncode:
                raise SystemExit(answer.returncode)
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
        for _ in range(asked.rounds):
            for name, command in commands.items():
                found[name].append(measured(command, folder / "printed"))
        size = file.stat().st_size / 2**20
    print(f"{asked.rows:,} observations, {size:.0f} MiB, median (least to greatest) of {asked.rounds} rounds")
    print(f"{'':16}{'wall s':>22}{'CPU s':>22}{'peak MiB':>22}")
    medians = {}
    for name, rounds in found.items():
        columns = list(zip(*rounds, strict=True))
        medians[name] = [statistics.median(column) for column in columns]
        cells = [
            f"{statistics.median(column):.{digits}f} ({min(column):.{digits}f}-{max(column):.{digits}f})"
            for column, digits in zip(columns, (2, 2, 0), strict=True)
        ]
        print(f"{name:16}" + "".join(f"{cell:>22}" for cell in cells))
    ratios = [a / b for a, b in zip(*medians.values(), strict=True)]
    print(f"{'divide / plain':16}" + "".join(f"{ratio:>22.2f}" for ratio in ratios))
    print("target: wall at most 1.00, peak at most 0.60")


if __name__ == "__main__":
    main()
