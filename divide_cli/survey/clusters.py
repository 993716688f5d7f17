"""Dask and Spark: a cluster that exists, found by its address, or this computer if there is no address.

The libraries themselves try for minutes to reach an address that does not answer, and print many lines. Here it is
tried once, and the reason is in one error.
"""

import os
import re
import shutil
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from divide_cli import temporary
from divide_cli.errors import OptionError, SourceError, reason_of
from divide_cli.language import say

if TYPE_CHECKING:
    import pandas as pd

PATIENCE = 15.0
"""Seconds in which a cluster must answer."""
WITHOUT_WORKERS = 30.0
"""Seconds that a Dask cluster may be without any worker before the work is given up."""
_SCHEMES = {"dask": ("tcp", "tls", "ws", "wss"), "spark": ("spark", "sc", "local", "local-cluster", "yarn", "k8s")}
_EXAMPLES = {"dask": "tcp://HOST:8786", "spark": "spark://HOST:7077"}
_TRACE = re.compile(r"\n\s*\n|\n\s*at |\n.*stacktrace")
_PORTS = {"spark": 7077, "sc": 15002, "https": 443}


def check_address(engine: str, address: str) -> None:
    """Raises OptionError if the engine has no cluster, or if the address is not one of its kind."""
    if engine not in _SCHEMES:
        raise OptionError("engine_without_cluster", engine=engine, found=address)
    if _scheme(address) not in _SCHEMES[engine] or ("://" in address and not _host(address)):
        raise OptionError("cluster_address_malformed", engine=engine, example=_EXAMPLES[engine], found=address)


def _scheme(address: str) -> str:
    """What an address starts with: spark of spark://host, local of local[2]."""
    return re.split(r"[:\[]", address, maxsplit=1)[0]


def _host(address: str) -> tuple[str, int] | None:
    """Host and port of an address, of the first of several masters; None if it has none."""
    try:
        parts = urlsplit(address.partition(",")[0].removeprefix("k8s://"))
        port = parts.port or _PORTS.get(parts.scheme, 8786)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname else None


def _require_answer(engine: str, address: str) -> None:
    """Raises SourceError if nothing listens at the address."""
    place = _host(address) if "://" in address else None
    if place is None:
        return
    try:
        socket.create_connection(place, timeout=PATIENCE).close()
    except OSError as error:
        raise SourceError("cluster_unreachable", engine=engine, where=address, found=line_of(error)) from error


def line_of(error: Exception) -> str:
    """A message as one line, without the trace that some engines append; the kind of error if it has none."""
    lines = [line.strip() for line in _TRACE.split(reason_of(error).strip())[0].splitlines()]
    return f"{'; '.join(lines):.300}" or type(error).__name__


def reason_of_failure(engine: str, error: Exception) -> str:
    """Why an engine could not finish, in one line. Without its Java process, Spark says that classes are missing."""
    return say("Spark's Java process has ended") if engine == "spark" and _java_has_ended() else line_of(error)


def _java_has_ended() -> bool:
    """Whether the Java process that this program started has ended, or does so within a second."""
    import pyspark

    context: Any = pyspark.SparkContext
    process: subprocess.Popen[bytes] | None = getattr(context._gateway, "proc", None)
    if process is None:
        return False
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=1.0)
    return process.returncode is not None


@contextmanager
def dask_client(address: str) -> Iterator[Any]:
    """The client of the cluster. None without an address: Dask uses threads of this process, or the caller's client."""
    if not address:
        yield None
        return
    from distributed import Client

    _require_answer("dask", address)
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError) as error:
        raise SourceError("cluster_unreachable", engine="dask", where=address, found=line_of(error)) from error
    try:
        yield client
    finally:
        with suppress(Exception):  # the cluster may have gone
            client.close(timeout=PATIENCE)


def dask_result(collection: Any) -> "pd.DataFrame":
    """The collection in pandas. Raises SourceError with what a task raised, or if the cluster has gone."""
    import distributed

    try:
        client: Any = distributed.get_client()
    except ValueError:
        client = None
    try:
        return collection.compute() if client is None else _awaited(client, collection)  # type: ignore[no-any-return]
    except _raised_by_tasks() as error:
        raise SourceError("engine_failed", engine="dask", found=line_of(error)) from error


def _raised_by_tasks() -> tuple[type[Exception], ...]:
    """What tasks raise on workers, those of pandas and pyarrow among them, and what becomes of lost ones."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker

    return (OSError, ValueError, TypeError, KeyError, RuntimeError, CancelledError, KilledWorker)


def _awaited(client: Any, collection: Any) -> Any:
    """The result of a cluster. Dask repeats what a lost worker had; without any worker it would wait for ever."""
    import distributed

    future, since = client.compute(collection), time.monotonic()
    while not future.done():
        with suppress(TimeoutError, distributed.TimeoutError):
            distributed.wait(future, timeout=1.0)
        if client.status == "closed" or client.scheduler is None:
            raise SourceError("engine_failed", engine="dask", found=say("the scheduler has gone"))
        if client.scheduler_info(n_workers=-1)["workers"]:
            since = time.monotonic()
        elif time.monotonic() - since > WITHOUT_WORKERS:
            future.cancel()
            found = say("the cluster has had no worker for {seconds:.0f} seconds", seconds=WITHOUT_WORKERS)
            raise SourceError("engine_failed", engine="dask", found=found)
    return future.result()


@contextmanager
def spark_session(address: str, processors: int) -> Iterator[Any]:
    """A session on the cluster or on this computer. Without an address, the caller's is used and left running."""
    from pyspark.sql import SparkSession

    active = None if address else SparkSession.getActiveSession()
    _require_answer("spark", address)
    session: Any = active or (_remote(address) if address.startswith("sc:") else _started(address, processors))
    strict = session.conf.get("spark.sql.ansi.enabled")
    session.conf.set("spark.sql.ansi.enabled", "true")  # otherwise a text among numbers is missing without a word
    try:
        yield session
    finally:
        with suppress(Exception), warnings.catch_warnings():  # it may have been killed, of which pyspark warns
            warnings.simplefilter("ignore")
            session.conf.set("spark.sql.ansi.enabled", strict) if active else session.stop()


def _remote(address: str) -> Any:
    """A session of Spark Connect, which needs no Java here."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    try:
        return SparkSession.builder.remote(address).getOrCreate()
    except ImportError as error:
        raise SourceError("engine_extra_missing", engine="spark", found=line_of(error)) from error
    except (PySparkException, OSError, RuntimeError) as error:
        raise SourceError("cluster_unreachable", engine="spark", where=address, found=line_of(error)) from error


def _started(address: str, processors: int) -> Any:
    """A session whose messages go into a file of the temporary folder, which says why it failed."""
    import pyspark
    from py4j.protocol import Py4JError
    from pyspark import java_gateway
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    _require_java()
    conf, log = pyspark.SparkConf(), temporary.scratch() / "spark.log"
    for name, value in _settings(address, processors).items():
        conf.set(name, value)
    context: Any = pyspark.SparkContext
    try:
        if context._gateway is None:
            with log.open("wb") as messages:
                launch: Any = java_gateway.launch_gateway
                gateway = launch(conf, popen_kwargs={"stdout": messages, "stderr": messages})
            context._ensure_initialized(gateway=gateway)
        return SparkSession(context(conf=conf))
    except (PySparkException, Py4JError, OSError, RuntimeError) as error:
        messages_of_java = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
        reasons = [line.strip() for line in messages_of_java if re.search("[Ee]rror|[Ee]xception|cannot", line)]
        found = reasons[0] if reasons else line_of(error)
        raise SourceError("spark_start_failed", where=address, found=found) from error


def _settings(address: str, processors: int) -> Mapping[str, str]:
    """What Spark needs to know. A session of its own listens to this computer only."""
    settings = {
        "spark.app.name": "divide tabulate",
        "spark.master": address or "local[*]",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.session.timeZone": "UTC",
        "spark.local.dir": str(temporary.scratch()),
        "spark.sql.warehouse.dir": str(temporary.scratch()),
    }
    if _scheme(address or "local") in ("local", "local-cluster"):
        settings |= {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
        settings |= {"spark.sql.shuffle.partitions": str(2 * processors)}
    return settings


def _require_java() -> None:
    """Raises SourceError if there is no Java runtime."""
    home = os.environ.get("JAVA_HOME")
    if not (shutil.which("java", path=str(Path(home, "bin"))) if home else shutil.which("java")):
        found = (
            say("no program `java` below JAVA_HOME ({home})", home=home)
            if home
            else say("no program `java` in PATH, and no JAVA_HOME")
        )
        raise SourceError("java_missing", found=found)
