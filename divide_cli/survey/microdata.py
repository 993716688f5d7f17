"""Records of a survey -> a Narwhals frame of an engine: CSV, Parquet, SPSS (.sav) and Stata (.dta), with their labels.

Only the columns that are named are read. Engines open CSV and Parquet themselves (`tables`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from divide_cli.errors import DivideError, SourceError, reason_of
from divide_cli.survey import tables
from divide_cli.survey.engines import PANDAS, Engine

if TYPE_CHECKING:
    import pandas as pd

LABELLED = frozenset((".sav", ".zsav", ".por", ".dta"))
"""Suffixes of files with labels of variables and values, which pyreadstat reads."""


@dataclass(frozen=True)
class Labels:
    """The labels of a file: of each variable, and of the values of a variable (by value)."""

    variables: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)

    def of(self, variable: str, value: Any) -> str:
        """The label of the value of a variable; empty if it has none."""
        return self.values.get(variable, {}).get(value, "")


@dataclass(frozen=True)
class Microdata:
    """The records: the columns that were read, the names of all that the file has, and labels."""

    path: str
    frame: nw.LazyFrame[Any]
    variables: tuple[str, ...]
    labels: Labels = field(default_factory=Labels)


def in_memory(frame: Any, path: str = "DATA", labels: Labels | None = None) -> Microdata:
    """Records that are a frame already, of any library that Narwhals supports."""
    lazy = nw.from_native(frame).lazy()
    return Microdata(path, lazy, tuple(lazy.collect_schema().names()), labels or Labels())


def open_microdata(path: Path, wanted: Collection[str], engine: Engine = PANDAS) -> Microdata:
    """The records of the file or folder on the engine: of the wanted columns those that it has.

    Raises SourceError if it cannot be read, or if a library for its type is not installed.
    """
    with _reading(path):
        if path.suffix.lower() in LABELLED:
            variables, labels = described(path)
            frame, _ = _reader(path)(str(path), usecols=matching(variables, wanted))
            return Microdata(str(path), engine.adopt(frame), variables, labels)
        kind = tables.kind_of(path)
        variables = tables.names(path, kind)
        return Microdata(str(path), engine.table(path, kind, matching(variables, wanted)), variables)


def described(path: Path) -> tuple[tuple[str, ...], Labels]:
    """The names of all variables of a file, and their labels if its type has them; SourceError as open_microdata."""
    with _reading(path):
        if path.suffix.lower() not in LABELLED:
            return tables.names(path, tables.kind_of(path)), Labels()
        _, metadata = _reader(path)(str(path), metadataonly=True)
        variables = {name: text for name, text in metadata.column_names_to_labels.items() if text}
        return tuple(metadata.column_names), Labels(variables, dict(metadata.variable_value_labels))


def first_rows(path: Path, wanted: Collection[str], most: int) -> "pd.DataFrame":
    """The first rows, in the wanted columns that the file has; of a folder of CSV files, those of its first file."""
    import pandas as pd
    from pyarrow import dataset

    names, _ = described(path)
    columns = matching(names, wanted)
    with _reading(path):
        if path.suffix.lower() in LABELLED:
            rows: pd.DataFrame = _reader(path)(str(path), usecols=columns, row_limit=most)[0]
        elif tables.kind_of(path) == "parquet":
            records = dataset.dataset(str(path), format="parquet", partitioning="hive")
            rows = records.head(most, columns=columns).to_pandas()
        else:
            file = path if path.is_file() else min(path.rglob("*.csv"))
            options: dict[str, Any] = {"sep": tables.separator(file), "na_values": list(tables.MISSING)}
            rows = pd.read_csv(file, usecols=columns, nrows=most, low_memory=False, encoding="utf-8-sig", **options)
    return rows


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turns what libraries raise for a file that they cannot read into a SourceError."""
    try:
        yield
    except DivideError:
        raise
    except _unreadable(path) as error:
        reason = " ".join(reason_of(error).split())
        raise SourceError("microdata_unreadable", found=f"{reason:.300}", where=str(path)) from error


def _unreadable(path: Path) -> tuple[type[Exception], ...]:
    """What libraries raise for a file of this type that they cannot read."""
    if path.suffix.lower() not in LABELLED:
        return (OSError, ValueError)
    from pyreadstat import PyreadstatError, ReadstatError

    return (OSError, ValueError, PyreadstatError, ReadstatError)


def matching(names: Iterable[str], wanted: Collection[str]) -> list[str]:
    """The names that are wanted, also by a pattern with *; rep2 before rep10."""
    exact, patterns = set(wanted), [name for name in wanted if "*" in name]
    found = [name for name in names if name in exact or any(fnmatchcase(name, pattern) for pattern in patterns)]
    return sorted(found, key=lambda name: (len(name), name)) if patterns else found


def _reader(path: Path) -> Any:
    """The function of pyreadstat for the type of the file; SourceError if it is not installed."""
    try:
        import pyreadstat
    except ImportError as error:
        raise SourceError("microdata_extra_missing", where=str(path)) from error
    suffix = path.suffix.lower()
    return {".dta": pyreadstat.read_dta, ".por": pyreadstat.read_por}.get(suffix, pyreadstat.read_sav)
