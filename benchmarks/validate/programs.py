"""The programs measured: how each is installed and called, and what its own output says about the planted faults."""

import csv
import json
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import specifications

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
YEARS = range(1800, 2210)


@dataclass(frozen=True)
class Told:
    """What a program reported: the lines that it named, the number of faults that it counted (None: it counts none)."""

    lines: frozenset[int]
    counted: int | None


@dataclass(frozen=True)
class Program:
    """A program, its command on a file in the folder, how its output is read, and the form of that output."""

    name: str
    command: Callable[[Path, Path], list[str]]
    told: Callable[[Path, bytes], Told]
    form: str


def environments(place: Path, requirements: Path = REQUIREMENTS) -> dict[str, Path]:
    """Program -> the folder of its commands, each in its own environment (they import the libraries next to them)."""
    made = {}
    for line in requirements.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        name = re.split(r"\W", line)[0]
        folder = place / name
        made[name] = folder / "bin"
        if not (folder / "ready").is_file() or (folder / "ready").read_text("utf-8") != line:
            venv.create(folder, with_pip=True, clear=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
            subprocess.run([*pip, *line.split()], check=True)
            subprocess.run([str(folder / "bin" / "python"), "-m", "compileall", "-q", str(folder / "lib")], check=False)
            (folder / "ready").write_text(line, "utf-8")
    return made


def specify(folder: Path) -> None:
    """Writes the rules for each program into the folder."""
    specifications.frictionless(folder / "schema.json")
    specifications.pandera(folder / "schema.yaml")
    specifications.pointblank(folder / "steps.yaml", folder / "faults.csv")


def divide(file: str, *more: str) -> list[str]:
    """`divide validate` with the rules that all can express."""
    only = [word for rule in specifications.RULES for word in ("--only", rule)]
    return [sys.executable, "-m", "divide_cli", "validate", file, *(more or only), "--format", "json", "--limit", "0"]


def _of_divide(_folder: Path, output: bytes) -> Told:
    report = json.loads(output)
    lines = [finding["line"] for finding in report["findings"]]
    return Told(frozenset(lines), sum(tally["count"] for tally in report["summary"]))


def _of_frictionless(_folder: Path, output: bytes) -> Told:
    errors = json.loads(output)["tasks"][0]["errors"]
    return Told(frozenset(error["rowNumber"] for error in errors), len(errors))


def _of_pandera(_folder: Path, output: bytes) -> Told:
    """Its tables show up to ten cases of a check by their index from 0; counts of cases, and years, are not lines."""
    details = output.decode().partition("Failure details")[2]
    numbers = {int(word) for word in re.findall(r"(?<![\w.-])\d{4,}(?![\w.])", details)}
    return Told(frozenset(number + 2 for number in numbers if number not in YEARS), None)


def _of_pointblank(folder: Path, _output: bytes) -> Told:
    steps = json.loads((folder / "steps.json").read_text("utf-8"))
    lines: set[int] = set()
    for extract in (folder / "extracts").glob("*.csv"):
        with extract.open(encoding="utf-8", newline="") as rows:
            lines.update(int(row["_row_num_"]) + 1 for row in csv.DictReader(rows))
    return Told(frozenset(lines), sum(step["n_failed"] for step in steps))


def programs(commands: dict[str, Path]) -> list[Program]:
    """All four; pointblank with and without the failing rows, which it writes to files of their own."""

    def frictionless(_folder: Path, _file: Path) -> list[str]:
        script = str(commands["frictionless"] / "frictionless")
        return [script, "validate", "faults.csv", "--schema", "schema.json", "--json", "--limit-errors", "1000000"]

    def pandera(_folder: Path, _file: Path) -> list[str]:
        return [str(commands["pandera"] / "pandera"), "validate", "-s", "schema.yaml", "-d", "faults.csv"]

    def pointblank(_folder: Path, _file: Path) -> list[str]:
        return [str(commands["pointblank"] / "pb"), "run", "steps.yaml", "--output-json", "steps.json"]

    def extracting(folder: Path, file: Path) -> list[str]:
        return [*pointblank(folder, file), "--write-extract", "extracts", "--limit", "1000000"]

    return [
        Program("divide", lambda _folder, file: divide(file.name), _of_divide, "JSON, SARIF, JUnit, xlsx ..."),
        Program("pandera", pandera, _of_pandera, "none"),
        Program("pointblank", pointblank, _of_pointblank, "JSON (counts)"),
        Program("pointblank, extracts", extracting, _of_pointblank, "JSON (counts), CSV of rows"),
        Program("frictionless", frictionless, _of_frictionless, "JSON"),
    ]
