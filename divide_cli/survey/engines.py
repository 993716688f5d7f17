"""The engines on which the one group-by of a survey runs: pandas, duckdb, polars, Dask and Spark.

Only this module, `tables` and `clusters` know them. An engine gives lazy Narwhals frames, and `collect` brings a small
result back as pandas. How work is divided, repeated and written to disk is the engine's own affair.
"""

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from divide_cli import temporary
from divide_cli.errors import DivideError, OptionError, SourceError, suggestion
from divide_cli.language import commas, say
from divide_cli.survey import clusters

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

ENGINES = ("pandas", "duckdb", "polars", "dask", "spark")
MEMORY = "1GB"
"""What duckdb may hold in memory before it writes to the temporary folder; the program itself comes on top."""
_SIZE = re.compile(r"\d+(\.\d+)?\s*[KMGT]i?B", re.IGNORECASE)
_PACKAGES = {
    "duckdb": ("duckdb",),
    "polars": ("polars",),
    "dask": ("dask.dataframe", "distributed"),
    "spark": ("pyspark",),
}
_LOGGERS = ("py4j", "pyspark", "distributed", "tornado", "asyncio")
_ADVICE = "(?s).*(narwhals-dask|PySpark does not yet fully support pandas)"
"""Warnings of libraries to their users, here this program."""


@dataclass(frozen=True)
class Engine:
    """A running engine. `session` is duckdb's connection, Spark's session or Dask's client; the others have none."""

    name: str
    session: Any = None

    def table(self, path: Path, kind: str, columns: "list[str] | None" = None) -> "nw.LazyFrame[Any]":
        """The columns of a file or folder of csv or parquet (`kind`), by default all, with types as `tables.schema`."""
        from divide_cli.survey import tables

        return tables.table(self.name, self.session, path, kind, columns)

    def adopt(self, frame: "pd.DataFrame") -> "nw.LazyFrame[Any]":
        """The rows of a pandas frame, on this engine."""
        from divide_cli.survey import tables

        return tables.adopted(self.name, self.session, frame)


PANDAS = Engine("pandas")
"""The engine that is always there, and needs no start."""


@contextmanager
def running(name: str = "pandas", master: str = "", memory: str = MEMORY) -> Iterator[Engine]:
    """The engine, released at the end. `master` is the address of a cluster; `memory` is the limit of duckdb.

    Raises OptionError if the name, the address or the memory is malformed, and SourceError if the engine is not
    installed or does not answer. A failure of the engine within the block becomes one SourceError.
    """
    if name not in ENGINES:
        raise OptionError("engine_unknown", expected=commas(ENGINES), found=name, hint=suggestion(name, ENGINES))
    if master:
        clusters.check_address(name, master)
    _require(name)
    with _quiet(), _reported(name), _session(name, master, memory) as session:
        yield Engine(name, session)


def _require(name: str) -> None:
    """Raises SourceError, with the extra to install, if a package of the engine is missing."""
    from importlib import import_module

    for package in _PACKAGES.get(name, ()):
        try:
            import_module(package)
        except ImportError as error:
            found = say("{package} is not installed", package=package.partition(".")[0])
            raise SourceError("engine_extra_missing", engine=name, found=found) from error


def _session(name: str, master: str, memory: str) -> AbstractContextManager[Any]:
    if name == "duckdb":
        return _database(memory)
    if name == "dask":
        return clusters.dask_client(master)
    return clusters.spark_session(master, _processors()) if name == "spark" else nullcontext()


@contextmanager
def _database(memory: str) -> Iterator[Any]:
    """A connection of duckdb that may hold `memory`, and uses the temporary folder of this process beyond."""
    import duckdb

    if not _SIZE.fullmatch(memory.strip()):
        raise OptionError("memory_malformed", found=memory)
    settings: dict[str, Any] = {
        "memory_limit": memory.strip(),
        "temp_directory": str(temporary.scratch() / "duckdb"),
        "preserve_insertion_order": "false",
        "threads": str(_processors()),
    }
    connection = duckdb.connect(":memory:", config=settings)
    try:
        yield connection
    finally:
        connection.close()


def _processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _is_not_of_py4j(record: logging.LogRecord) -> bool:
    """Whether another library logged this. py4j logs to the root, and, from a thread of its own, after the run too."""
    return Path(record.pathname).parent.name != "py4j"


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps off the terminal what libraries log about connections that end, and advice to their users."""
    logging.root.addFilter(_is_not_of_py4j)
    loggers = {name: logging.getLogger(name) for name in _LOGGERS}
    before = {name: logger.level for name, logger in loggers.items()}
    silent = logging.NullHandler()  # without a handler, the root would get one for good when py4j reports to it
    logging.root.addHandler(silent)
    try:
        for logger in loggers.values():
            logger.setLevel(logging.CRITICAL + 1)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", _ADVICE)
            yield
    finally:
        logging.root.removeHandler(silent)
        for name, logger in loggers.items():
            logger.setLevel(before[name])


@contextmanager
def _reported(name: str) -> Iterator[None]:
    """Turns what an engine raises when it fails into one SourceError. What is raised otherwise passes."""
    try:
        yield
    except DivideError:
        raise
    except _failures(name) as error:
        if "OutOfMemory" in type(error).__name__:
            raise SourceError("engine_memory_exhausted", engine=name, found=clusters.line_of(error)) from error
        raise SourceError("engine_failed", engine=name, found=clusters.reason_of_failure(name, error)) from error


def _failures(name: str) -> tuple[type[Exception], ...]:
    """The exceptions with which the engine reports that it cannot go on. Narwhals has names of its own for some."""
    from narwhals.exceptions import ComputeError

    if name == "duckdb":
        import duckdb

        return (ComputeError, duckdb.Error)
    if name == "polars":
        import polars

        return (ComputeError, polars.exceptions.PolarsError, OSError)
    if name == "spark":
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        return (ComputeError, PySparkException, Py4JError, OSError, EOFError)
    return ()


def collect(frame: "nw.LazyFrame[Any]") -> "pd.DataFrame":
    """The rows of the frame as pandas: int64, float64, bool, and text as Python objects; the order of rows is open.

    Integers become float64 if some are missing.
    """
    import narwhals as nw

    engine = frame.implementation
    if engine.is_pandas_like():
        return _plain(nw.to_native(frame.collect()))
    if engine.is_dask():
        return _plain(clusters.dask_result(nw.to_native(frame)))
    more = {"engine": "streaming"} if engine.is_polars() else {}
    return _plain(nw.to_native(frame.collect("pyarrow", **more)).to_pandas())


def _plain(frame: "pd.DataFrame") -> "pd.DataFrame":
    """The frame with numpy's types: duckdb sums integers to Decimal, others have types for missing integers."""
    import pandas as pd

    columns: dict[Any, pd.Series[Any]] = {}
    for name, column in frame.reset_index(drop=True).items():
        dtype, missing = column.dtype, bool(column.isna().any())
        if pd.api.types.is_bool_dtype(dtype) and not missing:
            columns[name] = column.astype("bool")
        elif pd.api.types.is_integer_dtype(dtype) and not missing:
            columns[name] = column.astype("int64")
        elif pd.api.types.is_numeric_dtype(dtype) or _is_decimal(column):
            columns[name] = pd.Series(column.to_numpy(dtype="float64", na_value=float("nan")))
        else:
            columns[name] = column.astype("object").where(column.notna(), None)
    return pd.DataFrame(columns, columns=list(frame.columns))


def _is_decimal(column: "pd.Series[Any]") -> bool:
    """Whether the column contains decimals, and nothing else but missing cells."""
    present = column[column.notna()]
    return column.dtype == object and len(present) > 0 and isinstance(present.iloc[0], Decimal)
