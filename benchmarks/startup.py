"""What starting costs: `python startup.py [--rounds 15]`.

Each command runs in fresh processes, all of them once a round, byte-compiled (PYTHONDONTWRITEBYTECODE unset). Printed:
medians of wall and CPU seconds (user and system) of the whole process, from os.wait4, and the ratios to the bare
imports that no such command can do without. The exit code is 0 whatever the times are.
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

ROOT = Path(__file__).resolve().parents[1]
DIVIDE = [sys.executable, "-m", "divide_cli"]
RATIOS = (
    ("divide --help", "import typer, rich", 1.2),
    ("divide list", "import typer, rich", 3.0),
    ("divide show internet_use", "import typer, rich", 3.0),
    ("divide compute", "import pandas, pyarrow.csv, pandera.pandas", 1.8),
    ("divide profile KEN", "import pandas, pyarrow.csv, pandera.pandas", 2.0),
    ("divide profile WLD", "import pandas, pyarrow.csv, pandera.pandas", 2.0),
)


def measured(command: list[str], folder: str) -> tuple[float, float]:
    """Wall and CPU seconds of the command, run in the folder; its output goes through a pipe."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept["PYTHONPATH"] = str(ROOT)
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder, env=kept)
    assert child.stdout is not None
    child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {child.returncode}")
    return wall, usage.ru_utime + usage.ru_stime


def main() -> None:
    """Runs all in turn and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    compileall.compile_dir(ROOT / "divide_cli", quiet=1)
    commands = {
        "pass": [sys.executable, "-c", "pass"],
        "divide --version": [*DIVIDE, "--version"],
        "import typer, rich": [sys.executable, "-c", "import typer, rich"],
        "divide --help": [*DIVIDE, "--help"],
        "divide list": [*DIVIDE, "list"],
        "divide show internet_use": [*DIVIDE, "show", "internet_use"],
        "import pandas, pyarrow.csv, pandera.pandas": [
            sys.executable,
            "-c",
            "import pandas, pyarrow.csv, pandera.pandas",
        ],
        "divide compute": [*DIVIDE, "compute", "--out", "out"],
        "divide targets": [*DIVIDE, "targets"],
        "divide profile KEN": [*DIVIDE, "profile", "KEN"],
        "divide profile WLD": [*DIVIDE, "profile", "WLD"],
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for command in commands.values():  # not counted: writes bytecode, fills caches
            measured(command, folder)
        for _ in range(asked.rounds):
            for name, command in commands.items():
                found[name].append(measured(command, folder))
    medians = {
        name: [statistics.median(column) for column in zip(*rounds, strict=True)] for name, rounds in found.items()
    }
    print(f"median of {asked.rounds} rounds{'':33}{'wall s':>8}{'CPU s':>8}")
    for name, (wall, processor) in medians.items():
        print(f"{name:52}{wall:>8.3f}{processor:>8.3f}")
    for name, base, most in RATIOS:
        wall, processor = (a / b for a, b in zip(medians[name], medians[base], strict=True))
        print(f"{name} / {base}: wall {wall:.2f}, CPU {processor:.2f}; target at most {most}")


if __name__ == "__main__":
    main()
