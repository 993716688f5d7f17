"""Compares `divide reproduce` with `divide compute --no-write` on the embedded data: `reproduce.py [--rounds 11]`.

Both run in turn, each in a fresh process, byte-compiled. Printed: medians of wall and CPU seconds of the whole process,
from os.wait4, and the ratios. The exit code is 0 whatever the times.
"""

import argparse
import compileall
import statistics
import tempfile

from startup import DIVIDE, ROOT, measured

TARGET = 1.5


def main() -> None:
    """Runs both in turn and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=11)
    asked = parser.parse_args()
    compileall.compile_dir(ROOT / "divide_cli", quiet=1)
    commands = {"divide compute": [*DIVIDE, "compute", "--no-write"], "divide reproduce": [*DIVIDE, "reproduce"]}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for command in commands.values():  # not counted: fills caches
            measured(command, folder)
        for _ in range(asked.rounds):
            for name, command in commands.items():
                found[name].append(measured(command, folder))
    medians = {name: [statistics.median(times) for times in zip(*runs, strict=True)] for name, runs in found.items()}
    for name, (wall, cpu) in medians.items():
        print(f"{name:<18}  wall {wall:6.3f} s   CPU {cpu:6.3f} s")
    wall, cpu = (medians["divide reproduce"][at] / medians["divide compute"][at] for at in (0, 1))
    print(f"ratio               wall {wall:6.2f}     CPU {cpu:6.2f}    (target: at most {TARGET})")


if __name__ == "__main__":
    main()
