"""Parquet: a file opened as far as its metadata. Each column is read by itself, about a million rows at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa

from divide_cli.errors import SourceError
from divide_cli.errors.text_safety import count_of
from divide_cli.frames.observations import InputFile
from divide_cli.language import commas, say
from divide_cli.readers.opening.container import Container, Spool, refuse_above

if TYPE_CHECKING:
    import pyarrow.parquet as pq

BATCH = 1 << 20
"""The most rows of a column that are read at a time. A group of rows that is shorter is read by itself."""


@dataclass(frozen=True)
class ParquetDocument:
    """A Parquet file: where its bytes are, the types and names of its columns, and the number of its rows."""

    unit: ClassVar[str] = "columns"
    file: InputFile
    inner: str
    spool: Spool
    schema: pa.Schema
    rows: int

    def records(self) -> Sequence[Sequence[str]]:
        """The names of the columns."""
        return [self.schema.names]

    def column(self, name: str) -> Iterator[pa.Array]:
        """The rows of a column, some at a time. Texts are codes, each time with a dictionary of their own.

        Raises SourceError if the file is damaged, or the column has texts that are not UTF-8, indices outside its
        dictionary, or another number of rows than the file states.
        """
        read = 0
        with _readable(self.file.name), self.spool.open() as handle:
            for batch in _file(handle).iter_batches(BATCH, columns=[name], use_threads=False):
                part = batch.column(name)
                try:
                    part.validate(full=True)
                except pa.ArrowInvalid as error:
                    raise self._unreadable(name, str(error).splitlines()[0]) from error
                read += len(part)
                if read <= self.rows:
                    yield part
        if read != self.rows:
            raise self._unreadable(name, count_of(read, "row"))

    def _unreadable(self, name: str, problem: str) -> SourceError:
        found = say("column {column}: {splitlines}", column=name, splitlines=problem)
        return SourceError("parquet_unreadable", found=found, where=self.file.name)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Turns an exception of Arrow for a damaged file, such as for a name that is not UTF-8, into one error."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise SourceError("parquet_unreadable", found=str(error).splitlines()[0], where=name) from error


def _file(handle: object) -> "pq.ParquetFile":
    """The file, whose texts are read as codes."""
    import pyarrow.parquet as pq

    schema = pq.ParquetFile(handle).schema
    columns = [schema.column(place) for place in range(len(schema))]
    return pq.ParquetFile(
        handle, read_dictionary=[column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
    )


def open_parquet(container: Container) -> ParquetDocument:
    """The file, ready to be recognised.

    Raises SourceError if it is too large, or two columns have one name. Its size in memory is counted as eight bytes a
    value.
    """
    import pyarrow.parquet as pq

    with _readable(container.name), container.spool.open() as handle:
        file = pq.ParquetFile(handle)
        metadata, schema = file.metadata, file.schema_arrow
        names = schema.names
    refuse_above("columns", metadata.num_columns, "table_too_wide", container.name, "{:,}")
    stored = sum(metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups))
    size = max(stored, 8 * metadata.num_rows * metadata.num_columns)
    refuse_above("parquet_bytes", size, "parquet_too_large", container.name, "{:,}")
    if repeated := sorted({column for column in names if names.count(column) > 1}):
        raise SourceError("column_duplicate", found=commas(repeated), where=container.name)
    if metadata.num_rows < 0:
        raise SourceError("parquet_unreadable", found=count_of(metadata.num_rows, "row"), where=container.name)
    file_of = container.input_file("parquet")
    return ParquetDocument(file_of, container.inner, container.spool, schema, metadata.num_rows)
