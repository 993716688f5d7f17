"""Compares `divide validate` with frictionless, pandera's CLI and pointblank: `run.py [--rounds 3] [--long N]`.

There is one file of invented observations with planted faults (generate.py) and the rules that all four can express
(specifications.py). All programs run in turn in fresh processes, measured as a whole with os.wait4. What each found is
read from its own output and compared with the planted lines. Then `divide` runs alone: on a clean file, on files in
which every row fails and, with --long, on a file of that many rows in a terminal. The environments of the other
programs are created once, in .benchmarks/validate. The exit code is 0 whatever the times, and 1 if `divide` does not
find what was planted.
"""

import argparse
import compileall
import csv
import os
import platform
import pty
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from programs import Program, divide, environments, programs, specify

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GENERATE = str(HERE / "generate.py")
README = HERE.parent / "README.md"
MARKS = "<!-- validate: written by validate/run.py --readme -->\n", "<!-- end of validate -->\n"
_said: list[str] = []


def say(text: str) -> None:
    """Prints a line, and keeps it for the README."""
    _said.append(text)
    print(text, flush=True)


def keep() -> None:
    """Puts what was printed into the README, with the day and the kind of machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors, {memory:.0f} GiB"
    load = f"load {os.getloadavg()[1]:.1f} in the last 5 minutes"
    made = f"Measured on {date.today()}: {machine}, Python {platform.python_version()}; {load}."
    before, rest = README.read_text("utf-8").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    table = "\n".join(line.rstrip() for line in _said)
    README.write_text(f"{before}{MARKS[0]}\n{made}\n\n```\n{table}\n```\n\n{MARKS[1]}{after}", "utf-8")


@dataclass(frozen=True)
class Run:
    """Seconds, MiB, exit code and output of one process."""

    wall: float
    processor: float
    peak: float
    code: int
    output: bytes


def environment(command: list[str]) -> dict[str, str]:
    """The environment of a child: bytecode allowed, wide tables; the checkout's package for what is its own."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")}
    own = {"PYTHONPATH": str(ROOT)} if command[0] == sys.executable else {}
    return {**kept, **own, "COLUMNS": "200", "NO_COLOR": "1"}


def measured(command: list[str], folder: Path) -> Run:
    """One run of the command in the folder; its output goes through a pipe."""
    begun = time.perf_counter()
    own = environment(command)
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder, env=own)
    assert child.stdout is not None
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, child.returncode, output)


def generated(folder: Path, name: str, *arguments: str) -> Path:
    """The file that generate.py makes with these arguments, made in a process of its own."""
    file = folder / name
    command = [sys.executable, GENERATE, *arguments, str(file)]
    subprocess.run(command, check=True, env=environment(command))
    return file


def planted(file: Path) -> frozenset[int]:
    """The lines with a planted fault."""
    with file.with_name(file.name + ".faults.csv").open(encoding="utf-8", newline="") as rows:
        return frozenset(int(row["line"]) for row in csv.DictReader(rows))


def spread(values: list[float], digits: int) -> str:
    """The median, least and greatest of the values."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def compared(folder: Path, faults: Path, rounds: int, once: str) -> bool:
    """Prints the table of all programs; whether `divide` named exactly the planted lines and counted them."""
    known, lines = programs(environments(ROOT / ".benchmarks" / "validate")), planted(faults)
    specify(folder)
    found: dict[str, list[Run]] = {program.name: [] for program in known}
    for place in range(rounds + 1):
        for program in known:
            if program.name == once and place > 1:
                continue
            run = measured(program.command(folder, faults), folder)
            if place or program.name == once:  # the first round fills caches
                found[program.name].append(run)
    say(f"{'':22}{'wall s':>20}{'CPU s':>20}{'peak MiB':>18}{'lines':>14}{'counted':>9}{'exit':>6}  form")
    for program in known:
        say(_row(program, found[program.name], folder, lines))
    told = known[0].told(folder, found["divide"][0].output)
    fastest = min(statistics.median(run.wall for run in runs) for name, runs in found.items() if name != "divide")
    own = found["divide"]
    wall, peak = statistics.median(run.wall for run in own), statistics.median(run.peak for run in own)
    pandera = statistics.median(run.peak for run in found["pandera"])
    say(f"divide / fastest of the others: wall {wall / fastest:.2f}; divide / pandera: peak {peak / pandera:.2f}")
    say("target: both at most 1.00, and every planted line named, no other")
    return told.lines == lines and told.counted == len(lines)


def _row(program: Program, runs: list[Run], folder: Path, lines: frozenset[int]) -> str:
    told = program.told(folder, runs[-1].output) if program.name != "pointblank" else None
    named, others = (len(told.lines & lines), len(told.lines - lines)) if told else (0, 0)
    shown = f"{named}" + (f" + {others}" if others else "") if told else "none"
    again = programs({"frictionless": folder, "pandera": folder, "pointblank": folder})
    counted = next(one for one in again if one.name == program.name).told(folder, runs[-1].output).counted
    cells = (spread([run.wall for run in runs], 2), spread([run.processor for run in runs], 2),
             spread([run.peak for run in runs], 0))  # fmt: skip
    return (
        f"{program.name:22}{cells[0]:>20}{cells[1]:>20}{cells[2]:>18}{shown:>14}"
        f"{counted if counted is not None else '-':>9}{runs[-1].code:>6}  {program.form}"
    )


def alone(folder: Path, rows: int, rounds: int) -> None:
    """Prints what `divide` needs for a clean file and for files in which every row fails, the clean one being 1."""
    files = {
        "clean": generated(folder, "clean.csv", str(rows), "0"),
        **{
            f"wrong {kind} in every row": generated(folder, f"{kind}.csv", str(rows), "0", "--every", kind)
            for kind in ("years", "values", "codes")
        },
    }
    for title, more in (("these rules", []), ("all rules", ["--fail-on", "error"])):
        found: dict[str, list[Run]] = {name: [] for name in files}
        for _ in range(rounds):
            for name, file in files.items():
                command = [word for word in divide(file.name, *more) if word not in ("--limit", "0")]
                found[name].append(measured(command, folder))
        base = statistics.median(run.processor for run in found["clean"])
        say(f"divide, {title:19}{'wall s':>20}{'CPU s':>20}{'peak MiB':>18}{'CPU / clean':>14}")
        for name, runs in found.items():
            ratio = statistics.median(run.processor for run in runs) / base
            cells = [spread([run.wall for run in runs], 2), spread([run.processor for run in runs], 2)]
            peak = spread([run.peak for run in runs], 0)
            say(f"  {name:25}{cells[0]:>20}{cells[1]:>20}{peak:>18}{ratio:>14.2f}")
    say("target: at most 2.00")


def long(folder: Path, rows: int) -> bool:
    """Prints what `divide` needs for a long file, and the stages that a terminal shows; whether counts are exact."""
    file = generated(folder, "long.csv", str(rows), "800", "--long")
    faults = len(planted(file))
    size = file.stat().st_size / 1e9
    leader, follower = pty.openpty()
    shown = bytearray()

    def listen() -> None:
        try:
            while part := os.read(leader, 4096):
                shown.extend(part)
        except OSError:  # the other end is closed
            return

    command = [sys.executable, "-m", "divide_cli", "validate", file.name, "--format", "json", "--out", "report.json"]
    begun = time.perf_counter()
    own = {**environment(command), "TERM": "xterm"}
    child = subprocess.Popen(command, stdout=follower, stderr=follower, cwd=folder, env=own)
    os.close(follower)
    listener = threading.Thread(target=listen)
    listener.start()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    listener.join()
    wall = time.perf_counter() - begun
    stages = list(dict.fromkeys(re.findall(r"(?:reading|checking)[^\x1b\r\n]*?\.\.\.", shown.decode(errors="replace"))))
    report = (folder / "report.json").read_text("utf-8")
    counts = {
        rule: int(count)
        for rule, count in re.findall(r'"rule": "(\w+)",\s*"severity": "\w+",\s*"count": (\d+)', report)
    }
    exact = counts.get("value_out_of_range", 0) + counts.get("code_unknown", 0)
    say(f"{rows:,} rows, {size:.2f} GB, all rules: wall {wall:.1f} s, CPU {usage.ru_utime + usage.ru_stime:.1f} s, "
          f"peak {usage.ru_maxrss / 1024:.0f} MiB; exit code {child.returncode}")  # fmt: skip
    shown = f"{len(stages)} stages, from {stages[0]!r} to {stages[-1]!r}" if stages else "nothing"
    say(f"  faults planted {faults}, counted {exact}; shown meanwhile: {shown}")
    say("target: peak at most 1,430 MiB (1.5 GB), counts exact, progress shown")
    return exact == faults


def main() -> None:
    """Makes the files, runs all in turn, prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--faults", type=int, default=800)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", type=int, default=0, help="rows of the long file; 0 leaves it out")
    parser.add_argument("--readme", action="store_true", help="put the tables into benchmarks/README.md")
    asked = parser.parse_args()
    compileall.compile_dir(ROOT / "divide_cli", quiet=1)
    sound = True
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        faults = generated(folder, "faults.csv", str(asked.rows), str(asked.faults))
        say(f"{asked.rows:,} rows, {faults.stat().st_size / 2**20:.0f} MiB, {len(planted(faults))} faults, "
              f"median (least-greatest) of {asked.rounds} rounds; frictionless once")  # fmt: skip
        sound &= compared(folder, faults, asked.rounds, "frictionless")
        alone(folder, asked.rows, asked.rounds)
        if asked.long:
            sound &= long(folder, asked.long)
    if asked.readme:
        keep()
    if not sound:
        raise SystemExit("divide did not find exactly what was planted")


if __name__ == "__main__":
    main()
