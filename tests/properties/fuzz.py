"""Whatever files, YAML and options come: a message with exit code 0 to 3, and no value but what an independent parse gives.

`python -m tests.properties.fuzz all 10000` runs so many cases of each family, and prints what came of them; a family's
name instead of `all` runs it alone, and a third number is the seed. A case is given by family, seed and number alone.
"""

import importlib
import os
import random
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

Case = Callable[[random.Random, Path], str]
"""A case: it makes its input in the folder, runs it, and says what came of it; AssertionError if that is wrong."""
MODULES = ("fuzz_files", "fuzz_workbooks", "fuzz_parquet", "fuzz_given", "fuzz_options")
BATCH = 500
"""Cases of one process: a library that aborts its process ends one batch, and is a failure of its case."""


def families() -> Mapping[str, Case]:
    """Each family by name."""
    modules = (importlib.import_module(f"tests.properties.{name}") for name in MODULES)
    return {name: case for module in modules for name, case in module.FAMILIES.items()}


def chance_of(family: str, seed: int, number: int) -> random.Random:
    """The chance of one case, the same in every run."""
    return random.Random(f"{family} {seed} {number}")


def run(family: str, case: Case, numbers: range, seed: int) -> tuple[Counter[str], list[str]]:
    """What came of the cases, and the failures: number of the case and the last lines of its traceback."""
    outcomes: Counter[str] = Counter()
    failures = []
    with tempfile.TemporaryDirectory(prefix="divide-fuzz-") as name:
        for number in numbers:
            folder = Path(name) / f"{number}"
            folder.mkdir()
            try:
                outcomes[case(chance_of(family, seed, number), folder)] += 1
            except Exception:  # noqa: BLE001 (whatever it is, it is the finding)
                outcomes["FAILED"] += 1
                failures.append(f"{family} {seed} {number}\n{traceback.format_exc()}")
            else:
                for path in sorted(folder.rglob("*"), reverse=True):
                    path.rmdir() if path.is_dir() else path.unlink()
                folder.rmdir()
    return outcomes, failures


def _in_a_child(family: str, case: Case, numbers: range, seed: int) -> tuple[Counter[str], list[str]]:
    """The same in a process of its own, whose end by a signal is a failure."""
    with tempfile.NamedTemporaryFile("w+", suffix=".txt") as told:
        child = os.fork()
        if not child:
            outcomes, failures = run(family, case, numbers, seed)
            told.write(repr((dict(outcomes), failures)))
            told.flush()
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        told.seek(0)
        text = told.read()
        if status or not text:
            return Counter({"FAILED": len(numbers)}), [f"{family} {seed} {numbers}: the process ended with {status}"]
        outcomes, failures = eval(text, {})
        return Counter(outcomes), failures


def main(chosen: str, count: int, seed: int) -> int:
    """Runs the families, prints the outcomes of each, and returns the number of failures."""
    failed = total = 0
    for family, case in families().items():
        if chosen not in ("all", family):
            continue
        outcomes: Counter[str] = Counter()
        for first in range(0, count, BATCH):
            numbers = range(first, min(first + BATCH, count))
            some, failures = _in_a_child(family, case, numbers, seed)
            outcomes += some
            for failure in failures[:5]:
                print(failure, file=sys.stderr, flush=True)
        failed += outcomes["FAILED"]
        total += outcomes.total()
        told = ", ".join(f"{what} {number:,}" for what, number in sorted(outcomes.items()))
        print(f"{family:<22}{outcomes.total():>9,} cases: {told}", flush=True)
    print(f"{total:,} cases, {failed:,} failures")
    return failed


if __name__ == "__main__":
    words = [*sys.argv[1:], *("all", "1000", "80173")[len(sys.argv) - 1 :]]
    sys.exit(bool(main(words[0], int(words[1]), int(words[2]))))
