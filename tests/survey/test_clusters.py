"""Clusters that lose processes in the middle: the right answer or one clear error, and never a partial file."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import narwhals as nw
import pandas as pd
import pytest

from divide_cli.errors import DivideError
from divide_cli.survey import clusters, engines
from tests.survey.conftest import PATIENCE, DaskCluster, wait_until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(persons: pd.DataFrame, tmp_path: Path) -> Path:
    """The persons in 12 Parquet files, so that every worker gets some."""
    place = tmp_path / "data"
    place.mkdir()
    for part in range(12):
        persons.iloc[part::12].to_parquet(place / f"{part:02}.parquet")
    return place


def weights(frame: "nw.LazyFrame") -> pd.DataFrame:
    """Weights by stratum, in order."""
    return engines.collect(frame.group_by("stratum").agg(nw.col("weight").sum())).sort_values(
        "stratum", ignore_index=True
    )


def expected(persons: pd.DataFrame) -> pd.DataFrame:
    return persons.groupby("stratum", as_index=False)["weight"].sum()


def when_working(cluster: DaskCluster, action: Callable[[], None]) -> threading.Thread:
    """Starts a thread that acts as soon as the scheduler has given tasks to the first worker, which is stopped."""
    from distributed import Client

    def watch() -> None:
        with Client(cluster.address, set_as_default=False, timeout=PATIENCE) as client:
            workers = client.scheduler_info(n_workers=-1)["workers"]
            first = next(address for address, worker in workers.items() if worker["name"] == "first")
            wait_until(lambda: client.processing().get(first), "tasks on the first worker")
        action()

    os.kill(cluster.workers[0].pid, signal.SIGSTOP)  # what it is given is not finished when it is killed
    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_dask_attaches_by_address(dask_cluster: DaskCluster, folder: Path, persons: pd.DataFrame) -> None:
    with engines.running("dask", master=dask_cluster.address) as engine:
        assert len(engine.session.scheduler_info(n_workers=-1)["workers"]) == 2
        pd.testing.assert_frame_equal(weights(engine.table(folder, "parquet")), expected(persons), rtol=1e-12)


def test_dask_worker_killed(dask_cluster: DaskCluster, folder: Path, persons: pd.DataFrame) -> None:
    """The worker dies with tasks that it has not finished; the other one repeats them."""
    with engines.running("dask", master=dask_cluster.address) as engine:
        thread = when_working(dask_cluster, dask_cluster.workers[0].kill)
        sums = weights(engine.table(folder, "parquet"))
        thread.join()
    assert dask_cluster.workers[0].wait() == -signal.SIGKILL
    pd.testing.assert_frame_equal(sums, expected(persons), rtol=1e-12)


@pytest.mark.parametrize("victims", ["workers", "scheduler"])
def test_dask_cluster_killed(
    victims: str, dask_cluster: DaskCluster, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any worker, or without the scheduler, Dask itself would wait for ever."""
    monkeypatch.setattr(clusters, "WITHOUT_WORKERS", 2.0)

    def kill() -> None:
        for process in dask_cluster.workers if victims == "workers" else [dask_cluster.scheduler]:
            process.kill()

    with pytest.raises(DivideError) as raised, engines.running("dask", master=dask_cluster.address) as engine:  # noqa: PT012
        thread = when_working(dask_cluster, kill)
        weights(engine.table(folder, "parquet"))
    thread.join()
    assert raised.value.code == "engine_failed" and raised.value.exit_code == 3


PROGRAM = """
import sys, time
from pathlib import Path
import narwhals as nw
from divide_cli.errors import DivideError
from divide_cli.frames import atomic_write
from divide_cli.survey import engines

try:
    with engines.running("spark", master=sys.argv[1]) as engine:
        frame = engine.table(Path(sys.argv[2]), "parquet")
        spark = engine.session.sparkContext._jsc.sc()
        while spark.getExecutorMemoryStatus().size() <= int(sys.argv[4]):  # the driver is one of them
            time.sleep(0.05)
        print("ready", flush=True)
        sys.stdin.readline()
        sums = engines.collect(frame.group_by("stratum").agg(nw.col("weight").sum()))
    atomic_write.write({Path(sys.argv[3]): sums.to_csv(index=False)})
except DivideError as error:
    print(f"divide: error: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
"""


class SparkRun:
    """A program of its own that sums the weights on Spark once it gets a line, and writes them to a file."""

    def __init__(self, master: str, executors: int, folder: Path, out: Path) -> None:
        command = (sys.executable, "-c", PROGRAM, master, str(folder), str(out), str(executors))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        own = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(out.parent), "SPARK_LOCAL_IP": "127.0.0.1"}
        self.process = subprocess.Popen(command, **pipes, text=True, cwd=out.parent, env=own)

    def is_ready(self) -> bool:
        assert self.process.stdout
        return self.process.stdout.readline() == "ready\n"

    def children(self, words: str) -> list[int]:
        """Java processes below the program whose command line has those words."""
        listing = subprocess.run(
            ("ps", "-ww", "-eo", "pid=,ppid=,args="), capture_output=True, text=True, check=True
        ).stdout
        rows = [line.split(None, 2) for line in listing.splitlines()]
        below, found = {self.process.pid}, []
        for _ in range(6):
            below |= {int(pid) for pid, parent, *_ in rows if int(parent) in below}
        for pid, _, *command in rows:
            if int(pid) in below and command and re.match(r"\S*java\b", command[0]) and words in command[0]:
                found.append(int(pid))
        return found

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self) -> tuple[int, str]:
        """Exit code and what was printed on stderr."""
        _, messages = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, messages


@pytest.fixture
def spark_run(folder: Path, tmp_path: Path) -> Iterator[Callable[[str, int], SparkRun]]:
    """Starts a run on that master, which is ready once so many executors beside the driver can be given tasks."""
    pytest.importorskip("pyspark", reason="pyspark is not installed (extra spark)")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("there is no Java runtime")
    runs: list[SparkRun] = []

    def start(master: str, executors: int) -> SparkRun:
        runs.append(SparkRun(master, executors, folder, tmp_path / "sums.csv"))
        assert runs[-1].is_ready(), runs[-1].end()
        return runs[-1]

    yield start
    for run in runs:
        for pid in run.children(""):
            os.kill(pid, signal.SIGKILL)
        run.process.kill()
        run.process.communicate()


def test_spark_executor_killed(
    spark_run: Callable[[str, int], SparkRun], persons: pd.DataFrame, tmp_path: Path
) -> None:
    """One of two executors dies with tasks that it has not finished; the other one repeats them."""
    run = spark_run("local-cluster[2,1,1024]", 2)
    executors = run.children("CoarseGrainedExecutorBackend")
    os.kill(executors[0], signal.SIGSTOP)
    run.go()
    with pytest.raises(subprocess.TimeoutExpired):  # it waits for the executor that does nothing
        run.process.wait(timeout=8)
    os.kill(executors[0], signal.SIGKILL)
    code, messages = run.end()
    assert (code, messages) == (0, "")
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "sums.csv").sort_values("stratum", ignore_index=True), expected(persons), rtol=1e-12
    )


def test_spark_itself_killed(spark_run: Callable[[str, int], SparkRun], tmp_path: Path) -> None:
    run = spark_run("local[2]", 0)
    (java,) = run.children("SparkSubmit")
    os.kill(java, signal.SIGSTOP)
    run.go()
    with pytest.raises(subprocess.TimeoutExpired):
        run.process.wait(timeout=2)
    os.kill(java, signal.SIGKILL)
    code, messages = run.end()
    assert code == 3 and messages.count("divide: error: the engine spark could not finish") == 1, messages
    assert "Traceback" not in messages and len(messages.splitlines()) <= 4
    assert "found: Spark's Java process has ended" in messages
    assert not (tmp_path / "sums.csv").exists()


RESET = """
import logging, socket, struct, threading
from contextlib import suppress
from py4j.java_gateway import GatewayClient, GatewayParameters
from py4j.protocol import Py4JError
from divide_cli.survey import engines

def reset(server):
    while True:
        connection, _ = server.accept()
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

with QUIET:
    pass
server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=reset, args=(server,), daemon=True).start()
client = GatewayClient(gateway_parameters=GatewayParameters(port=server.getsockname()[1]))
with suppress(Py4JError):
    client.send_command("a command that came too late\\n")
logging.error("a message of somebody else")
"""


@pytest.mark.parametrize(("quiet", "lines"), [("engines.running()", 1), ("suppress()", 2)])
def test_connection_reset_after_the_run_says_nothing(quiet: str, lines: int) -> None:
    """A thread of py4j still speaks to Java when the run is over, and py4j reports a lost connection to the root."""
    pytest.importorskip("py4j", reason="pyspark is not installed (extra spark)")
    command = (sys.executable, "-c", RESET.replace("QUIET", quiet))
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, check=True)
    said = [line for line in run.stderr.splitlines() if line.startswith("ERROR:root:")]
    assert said[-1] == "ERROR:root:a message of somebody else" and len(said) == lines, run.stderr
    assert ("Traceback" in run.stderr) == (lines == 2)
