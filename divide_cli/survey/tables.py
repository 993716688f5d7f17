"""CSV and Parquet files of microdata as lazy frames, with the same columns and types on every engine.

Engines guess the types of CSV columns each in its own way: from the first 100, 20,480 or all rows. Here pyarrow infers
them once, from the first rows (64 MB), and every engine gets them. A later cell that is of another type is an error.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from divide_cli.errors import SourceError
from divide_cli.survey.clusters import line_of

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd
    import pyarrow as pa

MISSING = ("", "NA", "NaN", "nan", ".")
"""Texts of a CSV cell without an answer, as R, pandas, SAS and Stata write it."""
_SAMPLE = 64 * 2**20
_EXACT = 2.0**53
"""Integers beyond do not all fit into a float: such a column has identifiers, which are text."""
Kinds = Mapping[str, str]
"""Column -> integer, number, text, boolean or other, in the order of the file."""


def files(path: Path, kind: str) -> list[Path]:
    """The CSV or Parquet files that the path stands for: itself, or those of a folder and its subfolders, in order."""
    if not path.is_dir():
        return [path]
    endings = {"csv": (".csv", ".txt", ".tsv"), "parquet": (".parquet", ".pq", ".parq")}[kind]
    found = sorted(part for part in path.rglob("*") if part.suffix.lower() in endings and not _hidden(part, path))
    if not found:
        raise SourceError("microdata_folder_empty", where=str(path), expected=f"files that end in {endings[0]}")
    return found


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)


def schema(paths: Sequence[Path], kind: str) -> Kinds:
    """The kinds of the columns, the same for every engine."""
    return {name: _kind(type) for name, type in _arrow_schema(paths, kind)}


def _kind(type: "pa.DataType") -> str:
    from pyarrow import types

    if types.is_dictionary(type):
        type = type.value_type
    if types.is_integer(type):
        return "integer"
    if types.is_floating(type) or types.is_decimal(type):
        return "number"
    if types.is_string(type) or types.is_large_string(type) or types.is_string_view(type) or types.is_null(type):
        return "text"
    return "boolean" if types.is_boolean(type) else "other"


def _arrow_schema(paths: Sequence[Path], kind: str) -> "list[tuple[str, pa.DataType]]":
    with _readable(paths):
        if kind == "parquet":
            return [(field.name, field.type) for field in _dataset(paths).schema]
        return _csv_schema(paths)


@contextmanager
def _readable(paths: Sequence[Path]) -> Iterator[None]:
    """Turns the errors of libraries that open files, those of pyarrow among them, into SourceError."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise SourceError("microdata_unreadable", where=str(paths[0]), found=line_of(error)) from error


def _dataset(paths: Sequence[Path]) -> Any:
    from pyarrow import dataset

    source = str(paths[0]) if len(paths) == 1 else [str(path) for path in paths]
    return dataset.dataset(source, format="parquet", partitioning="hive")


def _csv_schema(paths: Sequence[Path]) -> "list[tuple[str, pa.DataType]]":
    """Types of the first rows of the first file: integers and numbers; all else is text, dates too."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv as arrow

    with arrow.open_csv(paths[0], arrow.ReadOptions(block_size=_SAMPLE), _dialect(paths[0]), _missing()) as reader:
        block = reader.read_next_batch()
    columns = []
    for field, column in zip(block.schema, block.columns, strict=True):
        type = field.type
        if pa.types.is_floating(type) and (pc.max(pc.abs(column)).as_py() or 0) >= _EXACT:
            type = pa.string()
        columns.append((field.name, type if _kind(type) in ("integer", "number") else pa.string()))
    for path in paths[1:]:
        if (header := _header(path)) != [name for name, _ in columns]:
            raise SourceError("microdata_headers_differ", where=str(path), found=", ".join(header))
    return columns


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


def table(
    engine: str, session: Any, paths: Sequence[Path], kind: str, columns: Sequence[str] | None
) -> "nw.LazyFrame[Any]":
    """The columns of the files, all by default, as `Engine.table` promises."""
    import narwhals as nw

    found = [part for path in paths for part in files(path, kind)] if kind == "csv" else list(paths)
    types = dict(_arrow_schema(found, kind))
    wanted = [name for name in types if columns is None or name in columns]
    open_native = _OPENERS[engine, kind]
    absolute = [path.resolve() for path in found]  # workers of a cluster have working folders of their own
    with _readable(found):
        frame = nw.from_native(open_native(session, absolute, types, wanted)).lazy().select(wanted)
    return _conformed(frame, {name: _kind(types[name]) for name in wanted})


def _conformed(frame: "nw.LazyFrame[Any]", kinds: Kinds) -> "nw.LazyFrame[Any]":
    """The frame with one type for each kind, and null where a CSV cell is missing or a number is NaN."""
    import narwhals as nw

    types = {"integer": nw.Int64(), "number": nw.Float64(), "text": nw.String(), "boolean": nw.Boolean()}
    changes = []
    for name, type in frame.collect_schema().items():
        column, target = nw.col(name), types.get(kinds[name], type)
        if type == nw.String() and target != type:  # a CSV cell on Spark
            column = nw.when(~column.is_in(list(MISSING))).then(column).cast(target)
        elif type != target:
            column = column.cast(target)
        if target == nw.Float64() and not frame.implementation.is_pandas_like() and not frame.implementation.is_dask():
            column = nw.when(~column.is_nan()).then(column)
        elif type == target:
            continue
        changes.append(column.alias(name))
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


Types = Mapping[str, Any]
"""Column -> type of pyarrow."""
Columns = Sequence[str]


def _pandas_csv(_session: Any, paths: Sequence[Path], types: Types, wanted: Columns) -> "pd.DataFrame":
    import pyarrow as pa
    from pyarrow import csv as arrow

    options = _missing(column_types=dict(types), include_columns=list(wanted))
    parts = [arrow.read_csv(path, parse_options=_dialect(path), convert_options=options) for path in paths]
    return _as_pandas(pa.concat_tables(parts))


def _pandas_parquet(_session: Any, paths: Sequence[Path], _types: Types, wanted: Columns) -> "pd.DataFrame":
    return _as_pandas(_dataset(paths).to_table(columns=list(wanted)))


def _as_pandas(table: "pa.Table") -> "pd.DataFrame":
    """The table in pandas; integers of which some are missing remain integers."""
    import pandas as pd
    import pyarrow as pa

    series = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_integer(column.type) and column.null_count:
            nullable = {pa.int64(): pd.Int64Dtype()}
            series[name] = pd.Series(column.cast(pa.int64()).to_pandas(types_mapper=nullable.get))
        elif pa.types.is_dictionary(column.type):
            series[name] = column.cast(column.type.value_type).to_pandas()
        else:
            series[name] = column.to_pandas()
    return pd.DataFrame(series, copy=False)


def _duckdb_csv(session: Any, paths: Sequence[Path], types: Types, _wanted: Columns) -> Any:
    names = {"integer": "BIGINT", "number": "DOUBLE", "text": "VARCHAR"}
    dtype = {name: names[_kind(type)] for name, type in types.items()}
    return session.read_csv(
        [str(path) for path in paths], header=True, sep=separator(paths[0]), dtype=dtype, na_values=list(MISSING)
    )


def _duckdb_parquet(session: Any, paths: Sequence[Path], _types: Types, _wanted: Columns) -> Any:
    return session.read_parquet(_dataset(paths).files, hive_partitioning=True)


def _polars_csv(_session: Any, paths: Sequence[Path], types: Types, _wanted: Columns) -> Any:
    import polars

    names = {"integer": polars.Int64, "number": polars.Float64, "text": polars.String}
    dtypes = {name: names[_kind(type)] for name, type in types.items()}
    return polars.scan_csv(
        list(paths), separator=separator(paths[0]), schema_overrides=dtypes, null_values=list(MISSING), glob=False
    )


def _polars_parquet(_session: Any, paths: Sequence[Path], _types: Types, _wanted: Columns) -> Any:
    import polars

    return polars.scan_parquet(_dataset(paths).files, hive_partitioning=True, glob=False)


def _dask_csv(_session: Any, paths: Sequence[Path], types: Types, wanted: Columns) -> Any:
    import dask.dataframe

    names = {"integer": "Int64", "number": "float64", "text": "str"}
    return dask.dataframe.read_csv(
        [str(path) for path in paths], sep=separator(paths[0]), usecols=list(wanted), na_values=list(MISSING),
        keep_default_na=False, dtype={name: names[_kind(types[name])] for name in wanted},
    )  # fmt: skip


def _dask_parquet(_session: Any, paths: Sequence[Path], _types: Types, wanted: Columns) -> Any:
    import dask.dataframe

    source = str(paths[0]) if len(paths) == 1 else [str(path) for path in paths]
    return dask.dataframe.read_parquet(source, columns=list(wanted))


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
    return session.read.parquet(*(path.as_uri() for path in paths))


_OPENERS: Mapping[tuple[str, str], Callable[[Any, Sequence[Path], Types, Columns], Any]] = {
    ("pandas", "csv"): _pandas_csv,
    ("pandas", "parquet"): _pandas_parquet,
    ("duckdb", "csv"): _duckdb_csv,
    ("duckdb", "parquet"): _duckdb_parquet,
    ("polars", "csv"): _polars_csv,
    ("polars", "parquet"): _polars_parquet,
    ("dask", "csv"): _dask_csv,
    ("dask", "parquet"): _dask_parquet,
    ("spark", "csv"): _spark_csv,
    ("spark", "parquet"): _spark_parquet,
}
