"""What a page costs: `python benchmarks/report.py [--rounds 5] [--readme]`.

Commands run in turn, each in a fresh process, byte-compiled, from os.wait4. Printed: medians of wall and CPU seconds of
the whole process, and the ratios to `divide compute`; of two commands, the cost of each further profile page.
"""

import argparse
import compileall
import os
import platform
import statistics
import tempfile
from datetime import date
from pathlib import Path

from startup import DIVIDE, ROOT, measured

FURTHER = ("TZA", "UGA", "RWA")
PAGE, PROFILE, SEVERAL = "report", "report KEN", "report KEN and further"
COMMANDS = {
    "compute": ["compute"],
    PAGE: ["report", "--out", "report.html"],
    PROFILE: ["report", "KEN", "--out", "kenya.html"],
    SEVERAL: ["report", "KEN", *FURTHER, "--out", "several.html"],
}
MOST_PAGE, MOST_FURTHER, MOST_BYTES = 3.0, 1 / 3, 1_500_000
README = Path(__file__).with_name("README.md")
MARKS = "<!-- report: written by report.py --readme -->\n", "<!-- end of report -->\n"


def table(rounds: int) -> list[str]:
    """Runs the commands in turn; the lines of the table."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for arguments in COMMANDS.values():  # not counted: fills caches
            measured([*DIVIDE, *arguments], folder)
        for _ in range(rounds):
            for name, arguments in COMMANDS.items():
                times[name].append(measured([*DIVIDE, *arguments], folder))
        size = (Path(folder) / "report.html").stat().st_size
    medians = {name: [statistics.median(side) for side in zip(*runs, strict=True)] for name, runs in times.items()}
    unit = medians["compute"]
    lines = [f"{'divide ':<7}{'':<18}  wall s  / compute    CPU s  / compute"]
    for name, (wall, cpu) in medians.items():
        lines.append(f"{name:<25}  {wall:6.2f}  {wall / unit[0]:9.2f}   {cpu:6.2f}  {cpu / unit[1]:9.2f}")
    further = [(several - one) / len(FURTHER) for one, several in zip(medians[PROFILE], medians[SEVERAL], strict=True)]
    wall, cpu = further
    lines.append(
        f"{'each further profile page':<25}  {wall:6.2f}  {wall / unit[0]:9.2f}   {cpu:6.2f}  {cpu / unit[1]:9.2f}"
    )
    lines.append(f"target: the page at most {MOST_PAGE:g}, each further page at most {MOST_FURTHER:.2f} of compute")
    return [*lines, f"the page has {size:,} bytes; target: at most {MOST_BYTES:,}"]


def keep(lines: list[str], rounds: int) -> None:
    """Puts the table into the README, with the day, the kind of machine and its load."""
    machine = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors"
    made = f"Measured on {date.today()}: {machine}, Python {platform.python_version()}, {rounds} rounds; "
    made += f"load {os.getloadavg()[1]:.1f} in the last 5 minutes."
    before, rest = README.read_text("utf-8").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    text = "\n".join(lines)
    README.write_text(f"{before}{MARKS[0]}\n{made}\n\n```\n{text}\n```\n\n{MARKS[1]}{after}", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--readme", action="store_true", help="put the table into benchmarks/README.md")
    asked = parser.parse_args()
    compileall.compile_dir(ROOT / "divide_cli", quiet=1)
    lines = table(asked.rounds)
    print("\n".join(lines))
    if asked.readme:
        keep(lines, asked.rounds)


if __name__ == "__main__":
    main()
