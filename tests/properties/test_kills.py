"""A few of the kills of `python -m tests.properties.kills`, and what a kill between two renamings leaves."""

import os
import signal
from pathlib import Path

import pytest

from tests.properties import kills
from tests.properties.processes import Commands

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals and forks")


def test_some_kills():
    counts = kills.explore(20, 4)
    ended = {name: count for name, count in counts.items() if name.endswith(": ended")}
    assert sum(ended.values()) >= 5 and len(ended) == 3, counts


@pytest.mark.parametrize("name", ["compute", "read --to csv"])
def test_a_kill_before_any_operation_and_the_note_of_the_next_run(tmp_path: Path, name: str):
    """SIGKILL before each operation on files in turn: a mixture is the first file new, and the next run says so."""
    import random

    job = next(job for job in kills.JOBS if job.name == name)
    with Commands() as commands:
        bench = kills.Bench(tmp_path, commands, random.Random(1))
        (old, new), _ = kills.reference(bench, job.words, job.code)
        first = "gaps.parquet" if name == "compute" else "figures.csv"
        mixtures = 0
        words = tuple(word.format(kills.NEW) for word in job.words)
        for operation in range(1, 60):
            folder = bench.fresh(old)
            code = commands.wait(bench.run(folder, words, operation=operation, how=signal.SIGKILL))
            if code == job.code:
                break
            assert code == -signal.SIGKILL
            mixed = kills.check_files(folder, old, new, signal.SIGKILL, pair=True)
            found = kills.state(folder / "out")
            assert not mixed or found[first] == new[first]
            mixtures += mixed
            assert commands.wait(bench.run(folder, words)) == job.code
            assert kills.state(folder / "out") == new and not list((folder / "tmp").iterdir())
            assert (kills.NOTE in (folder / "told").read_text()) == mixed
        assert code == job.code and mixtures >= 1, "one moment is between the renamings"
