"""Frames in and out: what a caller gives in place of a file, and result frames for polars and Arrow.

A frame of any library becomes the bytes of a Parquet file with the name `<frame 1>`, and is read as such a file: with
the same layouts, checks and findings. Rows are numbered from 1.
"""

import operator
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from divide_cli.errors import OptionError, SourceError
from divide_cli.language import commas

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Source = Any
"""A path, or a frame: of pandas, or any object with `__arrow_c_stream__` or `__dataframe__`."""


class Sources:
    """The words of a call, and the frames among them by the names that take their places."""

    def __init__(self) -> None:
        self.tables: dict[str, bytes] = {}

    def named(self, source: Source) -> str:
        """The path as text, or the name of a frame. Raises OptionError for anything else."""
        if isinstance(source, str | os.PathLike):
            return os.fsdecode(source)
        name = f"<frame {len(self.tables) + 1}>"
        self.tables[name] = as_parquet(source, name)
        return name

    def each(self, sources: Any) -> list[str]:
        """The names of one source, or of each in a list; none for None."""
        if sources is None:
            return []
        one = is_frame(sources) or isinstance(sources, str | os.PathLike | Mapping) or not isinstance(sources, Iterable)
        return [self.named(each) for each in ([sources] if one else sources)]


def is_frame(value: Any) -> bool:
    """Whether the value is a table of some library."""
    return any(hasattr(value, name) for name in ("__arrow_c_stream__", "__dataframe__"))


def as_parquet(frame: Any, name: str) -> bytes:
    """The frame as a Parquet file. Raises OptionError for another type, SourceError for columns of mixed types."""
    import pyarrow.parquet as pq
    from pyarrow import BufferOutputStream

    table = _plain(_table(frame, name), name)
    content = BufferOutputStream()
    pq.write_table(table, content, compression="none", store_schema=False)
    return bytes(content.getvalue().to_pybytes())


def _table(frame: Any, name: str) -> "pa.Table":
    """The frame as an Arrow table; named levels of the index of a pandas frame become columns."""
    import pandas as pd
    import pyarrow as pa

    if not isinstance(frame, pd.DataFrame) and not is_frame(frame):
        raise OptionError("source_not_understood", found=type(frame).__name__, where=name)
    try:
        if isinstance(frame, pd.DataFrame):
            levels = [level for level in frame.index.names if level is not None]
            whole = frame.reset_index(level=levels) if levels else frame
            _refuse_repeated(map(str, whole.columns), name)
            return pa.Table.from_pandas(_as_written(whole), preserve_index=False)
        if hasattr(frame, "__arrow_c_stream__"):
            return pa.table(frame)
        from pyarrow.interchange import from_dataframe

        return from_dataframe(frame)
    except (ValueError, TypeError, NotImplementedError) as error:  # columns of mixed types, which Arrow does not have
        found = "; ".join(str(part).splitlines()[0] for part in error.args if str(part))
        raise SourceError("frame_unreadable", found=found, where=name) from error


def _as_written(frame: "pd.DataFrame") -> "pd.DataFrame":
    """The frame with names of columns as texts, and periods such as 2024 as texts."""
    import pandas as pd

    columns = {place: column for place, (_, column) in enumerate(frame.items())}
    periods = {place for place, column in columns.items() if isinstance(column.dtype, pd.PeriodDtype)}
    plain = {
        str(name): columns[place].astype("string") if place in periods else columns[place]
        for place, name in enumerate(frame.columns)
    }
    return pd.DataFrame(plain, index=frame.index)


def _refuse_repeated(names: Iterable[str], where: str) -> None:
    """Raises SourceError if two columns have one name."""
    listed = list(names)
    if repeated := sorted({name for name in listed if listed.count(name) > 1}):
        raise SourceError("frame_columns_repeated", found=commas(repeated), where=where)


def _plain(table: "pa.Table", name: str) -> "pa.Table":
    """The table with types that Parquet has; SourceError for columns with one name, or of lists and the like."""
    import pyarrow as pa

    _refuse_repeated(table.column_names, name)
    columns = []
    for head in table.column_names:
        column = table.column(head)
        try:
            columns.append(_decoded(column).cast(_in_parquet(column.type)))
        except (pa.ArrowException, NotImplementedError) as error:
            found = f"{head}: {str(error).splitlines()[0]}"
            raise SourceError("frame_unreadable", found=found, where=name) from error
        if pa.types.is_nested(column.type):
            raise SourceError("frame_unreadable", found=f"{head}: {column.type}", where=name)
    return pa.table(columns, names=table.column_names)


def _decoded(column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """The column with a text in each row, if it has categories."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return column
    kind = _in_parquet(column.type)
    chunks = [chunk.dictionary.cast(kind).take(chunk.indices) for chunk in column.chunks]
    return pa.chunked_array(chunks, kind)


def _in_parquet(kind: "pa.DataType") -> "pa.DataType":
    """The type as which a column is stored: text without its variants, and doubles for decimals and empty columns."""
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(kind):
        return _in_parquet(kind.value_type)
    if types.is_large_string(kind) or getattr(types, "is_string_view", lambda _: False)(kind):
        return pa.string()
    return pa.float64() if types.is_decimal(kind) or types.is_null(kind) or types.is_float16(kind) else kind


def with_plain_texts(frame: "pd.DataFrame") -> "pd.DataFrame":
    """A copy of the frame with texts in place of categories, so that `groupby` and `merge` do what people expect."""
    import pandas as pd

    plain = {
        str(name): column.cat.rename_categories(_plain_text).astype(column.cat.categories.dtype)
        for name, column in frame.items() if isinstance(column.dtype, pd.CategoricalDtype)
    }  # fmt: skip
    plain |= {str(name): column.map(_plain_text) for name, column in frame.items() if column.dtype == object}
    return frame.assign(**plain) if plain else frame.copy()


def _plain_text(label: Any) -> Any:
    """The text of a member of an enumeration, which is a text too, but shows its own name."""
    return str(label) if isinstance(label, str) else label


def as_arrow(frame: "pd.DataFrame") -> "pa.Table":
    """The frame as an Arrow table without the metadata of pandas."""
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)


def as_polars(frame: "pd.DataFrame") -> Any:
    """The frame as a polars frame; SourceError with the command that installs polars where it is missing."""
    try:
        import polars
    except ImportError as error:
        raise SourceError("polars_missing") from error
    return polars.from_arrow(as_arrow(frame))


def words_of(value: Any, option: str) -> list[Any] | None:
    """The words of an option that takes several: one word, or a list of them; None stays None."""
    if value is None:
        return None
    several = [value] if isinstance(value, str | int | os.PathLike) else value
    words = list(several) if isinstance(several, Iterable) and not isinstance(several, Mapping) else [several]
    return [_word_of(word, option) for word in words]


def _word_of(word: Any, option: str) -> str | int:
    """A word: a text, a path, or a whole number. Raises OptionError for anything else."""
    if isinstance(word, str | os.PathLike):
        return os.fsdecode(word)
    if isinstance(word, bool) or not hasattr(word, "__index__"):
        raise OptionError("words_not_understood", found=repr(word)[:80], where=option)
    return operator.index(word)
