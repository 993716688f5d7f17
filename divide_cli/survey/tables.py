"""CSV and Parquet files of microdata as lazy frames, with the same columns and types on every engine.

Engines guess the types of CSV columns each in its own way: from the first 100, 20,480 or all rows. Here pyarrow infers
them, from all rows for pandas and from the first 64 MB for the others. There, a later cell of another type is an error.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from divide_cli.errors import SourceError
from divide_cli.language import commas, say
from divide_cli.survey.clusters import line_of

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd
    import pyarrow as pa

MISSING = ("", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "NULL", ".")
"""Texts of a CSV cell without an answer, as R, pandas, databases, spreadsheets, SAS and Stata write it."""
_SAMPLE = 64 * 2**20
_EXACT = 2.0**53
"""Integers beyond do not all fit into a float: such a column has identifiers, which are text."""
Kinds = Mapping[str, str]
"""Column -> integer, number, text, boolean or other, in the order of the file."""
Types = Mapping[str, Any]
"""Column -> type of pyarrow."""
Columns = Sequence[str]
_ENDINGS = {"csv": (".csv", ".txt", ".tsv"), "parquet": (".parquet", ".pq", ".parq")}


def kind_of(path: Path) -> str:
    """csv or parquet: by the first bytes of a file, and by the names in a folder."""
    if path.is_dir():
        return "parquet" if _files(path, "parquet") or not _files(path, "csv") else "csv"
    with path.open("rb") as handle:
        return "parquet" if handle.read(4) == b"PAR1" else "csv"


def _files(path: Path, kind: str) -> list[Path]:
    """The CSV or Parquet files that the path stands for: itself, or those of a folder and its subfolders, in order."""
    if not path.is_dir():
        return [path]
    found = sorted(part for part in path.rglob("*") if part.suffix.lower() in _ENDINGS[kind])
    return [part for part in found if not _is_hidden(part, path)]


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)


def names(path: Path, kind: str) -> tuple[str, ...]:
    """The names of the columns, in the order of the file."""
    found = _found(path, kind)
    with _readable(path):
        return tuple(_header(found[0]) if kind == "csv" else _dataset(path).schema.names)


def schema(path: Path, kind: str) -> Kinds:
    """The kinds of the columns."""
    return {name: _kind(type) for name, type in _arrow_schema(path, kind).items()}


def _kind(type: "pa.DataType") -> str:
    from pyarrow import types

    if types.is_dictionary(type):
        type = type.value_type
    if types.is_integer(type):
        return "integer"
    if types.is_floating(type) or types.is_decimal(type):
        return "number"
    if types.is_string(type) or types.is_large_string(type) or str(type) == "string_view" or types.is_null(type):
        return "text"
    return "boolean" if types.is_boolean(type) else "other"


def _found(path: Path, kind: str) -> list[Path]:
    """The files of the path. Raises SourceError if there is none, or if CSV files have different columns."""
    if not (found := _files(path, kind)):
        raise SourceError(
            "microdata_folder_empty",
            where=str(path),
            expected=say("files that end in {ending}", ending=_ENDINGS[kind][0]),
        )
    with _readable(path):
        for file in found[1:] if kind == "csv" else ():
            if (header := _header(file)) != _header(found[0]):
                raise SourceError("microdata_headers_differ", where=str(file), found=commas(header))
    return found


def _arrow_schema(path: Path, kind: str) -> Types:
    found = _found(path, kind)
    with _readable(path):
        if kind == "csv":
            return _csv_schema(found[0])
        return {field.name: field.type for field in _dataset(path).schema}


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turns the errors of libraries that open files, those of pyarrow among them, into SourceError."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise SourceError("microdata_unreadable", where=str(path), found=line_of(error)) from error


def _dataset(path: Path) -> Any:
    from pyarrow import dataset

    return dataset.dataset(str(path), format="parquet", partitioning="hive")


def _csv_schema(path: Path) -> Types:
    """Types of the first rows of the file: integers and numbers; all else is text, dates too."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    with arrow.open_csv(path, arrow.ReadOptions(block_size=_SAMPLE), _dialect(path), _missing()) as reader:
        block = reader.read_next_batch()
    texts = _read_as_text(block)
    return {field.name: pa.string() if field.name in texts else field.type for field in block.schema}


def _read_as_text(table: "pa.Table | pa.RecordBatch") -> list[str]:
    """The columns of CSV that are texts: not integers or numbers, or identifiers that no float holds."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def is_number(field: Any) -> bool:
        if pa.types.is_floating(field.type):
            return bool((pc.max(pc.abs(table.column(field.name))).as_py() or 0) < _EXACT)
        return bool(pa.types.is_integer(field.type))

    return [field.name for field in table.schema if not is_number(field)]


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return next(csv.reader(lines, delimiter=separator(path)), [])


def separator(path: Path) -> str:
    """The character between cells: the one of comma, semicolon, tab and bar that the first line has most often."""
    with path.open("rb") as file:
        first = file.readline(2**20).decode("utf-8", "replace")
    return max(",;\t|", key=first.count)


def _dialect(path: Path) -> Any:
    from pyarrow import csv as arrow

    return arrow.ParseOptions(delimiter=separator(path), newlines_in_values=False)


def _missing(**more: Any) -> Any:
    from pyarrow import csv as arrow

    return arrow.ConvertOptions(null_values=list(MISSING), strings_can_be_null=True, **more)


def table(engine: str, session: Any, path: Path, kind: str, columns: Columns | None) -> "nw.LazyFrame[Any]":
    """The columns of a file or folder, all by default, as `Engine.table` promises."""
    import narwhals as nw

    wanted = [name for name in names(path, kind) if columns is None or name in columns]
    if engine == "pandas" and kind == "csv":
        with _readable(path):
            return nw.from_native(_pandas_csv(_found(path, kind), wanted)).lazy()
    types = _arrow_schema(path, kind)
    absolute = path.resolve()  # workers of a cluster have working folders of their own
    open_native = (_CSV if kind == "csv" else _PARQUET)[engine]
    with _readable(path):
        native = open_native(session, _files(absolute, kind) if kind == "csv" else [absolute], types, wanted)
        frame = nw.from_native(native).lazy().select(wanted)
    return _conformed(frame, {name: _kind(types[name]) for name in wanted})


def _conformed(frame: "nw.LazyFrame[Any]", kinds: Kinds) -> "nw.LazyFrame[Any]":
    """The frame with one type for each kind, and null where a CSV cell is missing or a number is NaN."""
    import narwhals as nw

    types = {"integer": nw.Int64(), "number": nw.Float64(), "text": nw.String(), "boolean": nw.Boolean()}
    numpy = frame.implementation.is_pandas_like() or frame.implementation.is_dask()
    changes = []
    for name, type in frame.collect_schema().items():
        column, target = nw.col(name), types.get(kinds[name], type)
        if numpy and type == nw.Float64() and target == nw.Int64():  # some are missing
            target = type
        cast = column if type == target else column.cast(target)
        if target == nw.Float64() and not numpy:
            cast = nw.when(~cast.is_nan()).then(cast)
        if cast is not column:
            changes.append(cast.alias(name))
    return frame.with_columns(*changes) if changes else frame


def adopted(engine: str, session: Any, frame: "pd.DataFrame") -> "nw.LazyFrame[Any]":
    """The rows of a pandas frame on the engine, as `Engine.adopt` promises."""
    import narwhals as nw

    native: Any = frame
    if engine == "duckdb":
        native = session.from_df(frame)
    elif engine == "polars":
        import polars

        native = polars.from_pandas(frame).lazy()
    elif engine == "dask":
        import dask.dataframe

        native = dask.dataframe.from_pandas(frame, npartitions=4)
    elif engine == "spark":
        import pyarrow

        native = session.createDataFrame(pyarrow.Table.from_pandas(frame, preserve_index=False))
    kinds = {str(name): _pandas_kind(column) for name, column in frame.items()}
    return _conformed(nw.from_native(native).lazy(), kinds)


def _pandas_kind(column: "pd.Series[Any]") -> str:
    from pandas.api import types

    if types.is_bool_dtype(column.dtype):
        return "boolean"
    if types.is_numeric_dtype(column.dtype):
        return "integer" if types.is_integer_dtype(column.dtype) else "number"
    return "other" if types.is_datetime64_any_dtype(column.dtype) else "text"


def _pandas_csv(paths: Sequence[Path], wanted: Columns) -> "pd.DataFrame":
    """All rows are in memory, so their types follow from all of them."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    def read(**types: Any) -> list[pa.Table]:
        options = _missing(include_columns=list(wanted), column_types=types)
        return [arrow.read_csv(path, parse_options=_dialect(path), convert_options=options) for path in paths]

    parts = read()
    texts = {name for part in parts for name in _read_as_text(part)}
    if any(not pa.types.is_string(part.schema.field(name).type) for part in parts for name in texts):
        parts = read(**dict.fromkeys(texts, pa.string()))
    return _as_pandas(parts)


def _pandas_parquet(_session: Any, paths: Sequence[Path], _types: Types, wanted: Columns) -> "pd.DataFrame":
    return _as_pandas([_dataset(paths[0]).to_table(columns=list(wanted))])


def _as_pandas(parts: "list[pa.Table]") -> "pd.DataFrame":
    """The tables, one below the other, in pandas: without dictionaries; integers become floats if some are missing.

    The tables are emptied column by column, so that the rows are in memory once.
    """
    import pandas as pd
    import pyarrow as pa

    whole = pa.concat_tables(parts, promote_options="permissive")
    parts.clear()
    series = {}
    for name in whole.column_names:
        column = whole.column(0)
        whole = whole.remove_column(0)
        coded = pa.types.is_dictionary(column.type)
        series[name] = (column.cast(column.type.value_type) if coded else column).to_pandas()
        del column
        pa.default_memory_pool().release_unused()
    return pd.DataFrame(series, copy=False)


def _duckdb_csv(session: Any, paths: Sequence[Path], types: Types, _wanted: Columns) -> Any:
    names = {"integer": "BIGINT", "number": "DOUBLE", "text": "VARCHAR"}
    dtype = {name: names[_kind(type)] for name, type in types.items()}
    return session.read_csv(
        [str(path) for path in paths], header=True, sep=separator(paths[0]), dtype=dtype, na_values=list(MISSING)
    )


def _duckdb_parquet(session: Any, paths: Sequence[Path], _types: Types, _wanted: Columns) -> Any:
    return session.read_parquet(_dataset(paths[0]).files, hive_partitioning=True)


def _polars_csv(_session: Any, paths: Sequence[Path], types: Types, _wanted: Columns) -> Any:
    import polars

    names = {"integer": polars.Int64, "number": polars.Float64, "text": polars.String}
    dtypes = {name: names[_kind(type)] for name, type in types.items()}
    return polars.scan_csv(
        list(paths), separator=separator(paths[0]), schema_overrides=dtypes, null_values=list(MISSING), glob=False
    )


def _polars_parquet(_session: Any, paths: Sequence[Path], _types: Types, _wanted: Columns) -> Any:
    import polars

    return polars.scan_parquet(_dataset(paths[0]).files, hive_partitioning=True, glob=False)


def _dask_csv(_session: Any, paths: Sequence[Path], types: Types, wanted: Columns) -> Any:
    import dask.dataframe

    names = {"integer": "Int64", "number": "float64", "text": "str"}
    return dask.dataframe.read_csv(
        [str(path) for path in paths], sep=separator(paths[0]), usecols=list(wanted), na_values=list(MISSING),
        keep_default_na=False, dtype={name: names[_kind(types[name])] for name in wanted},
    )  # fmt: skip


def _dask_parquet(_session: Any, paths: Sequence[Path], _types: Types, wanted: Columns) -> Any:
    import dask.dataframe

    return dask.dataframe.read_parquet(str(paths[0]), columns=list(wanted))


def _spark_csv(session: Any, paths: Sequence[Path], types: Types, wanted: Columns) -> Any:
    """Spark knows one text for missing cells only, so it reads texts and casts them."""
    from pyspark.sql import functions
    from pyspark.sql.types import StringType, StructField, StructType

    texts = StructType([StructField(name, StringType()) for name in types])
    reader = session.read.schema(texts).options(header=True, sep=separator(paths[0]), escape='"', mode="FAILFAST")
    frame = reader.csv([path.as_uri() for path in paths])
    names = {"integer": "bigint", "number": "double", "text": "string"}
    cells = ((name, functions.col(f"`{name}`")) for name in wanted)
    return frame.select(
        *(
            functions.when(~cell.isin(*MISSING), cell).cast(names[_kind(types[name])]).alias(name)
            for name, cell in cells
        )
    )


def _spark_parquet(session: Any, paths: Sequence[Path], _types: Types, _wanted: Columns) -> Any:
    return session.read.parquet(paths[0].as_uri())


Opener = Callable[[Any, Sequence[Path], Types, Columns], Any]
"""From the session of an engine, files (of Parquet, the one file or folder), types of all columns, columns to read."""
_CSV: Mapping[str, Opener] = {
    "duckdb": _duckdb_csv,
    "polars": _polars_csv,
    "dask": _dask_csv,
    "spark": _spark_csv,
}
_PARQUET: Mapping[str, Opener] = {
    "pandas": _pandas_parquet,
    "duckdb": _duckdb_parquet,
    "polars": _polars_parquet,
    "dask": _dask_parquet,
    "spark": _spark_parquet,
}
