"""Engines and clusters for tests: Dask and Spark on loopback, nothing on a network."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from divide_cli.survey import clusters

PATIENCE = 300.0
"""Seconds that a cluster may take to start; it takes a few on a quiet machine."""


def wait_until(condition: Any, what: str, patience: float = PATIENCE) -> Any:
    """What the condition returns, as soon as it is true."""
    end = time.monotonic() + patience
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {patience:.0f} seconds for {what}"
        time.sleep(0.05)
    return value


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """The one Spark session of this process, on two threads; the test is skipped without Java or pyspark."""
    pytest.importorskip("pyspark", reason="pyspark is not installed (extra spark)")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("there is no Java runtime")
    with clusters.spark_session("local[2]", 2) as session:
        yield session


@dataclass
class DaskCluster:
    """A scheduler and its workers, each a process of its own."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


@pytest.fixture
def dask_cluster(tmp_path: Path) -> Iterator[DaskCluster]:
    """A Dask cluster of two workers, as `dask scheduler` and `dask worker` start it."""
    pytest.importorskip("distributed", reason="distributed is not installed (extra dask)")
    file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    loopback = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    start = (sys.executable, "-m", "dask")
    scheduler = subprocess.Popen((*start, "scheduler", *loopback, "--port", "0"), **quiet)
    cluster = DaskCluster("", scheduler, [])
    try:
        wait_until(lambda: file.exists() and file.read_text().endswith("}"), "the Dask scheduler")
        cluster.address = json.loads(file.read_text())["address"]
        one = (*start, "worker", *loopback, "--no-nanny", "--nthreads", "1", "--local-directory", str(tmp_path))
        cluster.workers = [subprocess.Popen((*one, "--name", name), **quiet) for name in ("first", "second")]
        from distributed import Client

        with Client(cluster.address, set_as_default=False, timeout=PATIENCE) as client:
            client.wait_for_workers(2, timeout=PATIENCE)
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def persons() -> pd.DataFrame:
    """4,000 made-up persons of 5 strata and 40 sampling units, with missing answers of each kind."""
    random, size = np.random.default_rng(17), 4000
    stratum, unit = random.integers(1, 6, size), random.integers(1, 9, size)
    return pd.DataFrame(
        {
            "stratum": stratum,
            "unit": unit,
            "weight": np.round(random.uniform(0.5, 3, size) * 100, 4),
            "sex": pd.array(random.choice([1, 2, 9], size, p=[0.49, 0.49, 0.02]), "Int64"),
            "area": random.choice(["urban", "rural", None], size, p=[0.6, 0.38, 0.02]),
            "age": random.integers(10, 90, size),
            "internet": pd.array(random.choice([1, 2, 8, None], size, p=[0.6, 0.3, 0.05, 0.05]), "Int64"),
            "hours": np.where(random.random(size) < 0.1, np.nan, np.round(random.exponential(10, size), 3)),
        }
    )
