"""What a page costs: `python benchmarks/report.py [--rounds 3]`.

Each command runs in fresh processes, all of them once a round. Printed: medians of CPU seconds (user and system) of the
whole process, the ratio to `divide compute`, and of the second command the cost of each further profile page.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FURTHER = ("TZA", "UGA", "RWA")


def cpu(arguments: list[str], folder: str) -> float:
    """CPU seconds of the command, run in the folder."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "divide_cli", *arguments]
    child = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, arguments
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    commands = {
        "compute": ["compute"],
        "report": ["report", "--out", "report.html"],
        "report KEN": ["report", "KEN", "--out", "kenya.html"],
        "report KEN and further": ["report", "KEN", *FURTHER, "--out", "several.html"],
    }
    with tempfile.TemporaryDirectory() as folder:
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, arguments in commands.items():
                times[name].append(cpu(arguments, folder))
        size = (Path(folder) / "report.html").stat().st_size
    median = {name: statistics.median(values) for name, values in times.items()}
    for name, seconds in median.items():
        print(f"{name}: {seconds:.2f} s CPU, {seconds / median['compute']:.2f} times compute")
    further = (median["report KEN and further"] - median["report KEN"]) / len(FURTHER)
    print(f"each further profile page: {further / median['compute']:.2f} of compute; page: {size:,} bytes")


if __name__ == "__main__":
    main()
