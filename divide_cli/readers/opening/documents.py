"""A file opened far enough to be recognised: delimited text, JSON, a workbook, or Parquet."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from divide_cli.errors import Place, SourceError
from divide_cli.frames.observations import InputFile
from divide_cli.readers.opening.container import Container, open_container
from divide_cli.readers.opening.file_types import refuse_other_kinds
from divide_cli.readers.opening.sheets import Workbook, open_workbook
from divide_cli.readers.opening.spool import most, too_large
from divide_cli.readers.opening.text import Text, decoded, open_text
from divide_cli.readers.options import ReadOptions

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_JSON = re.compile(rb"(\xef\xbb\xbf)?\s*(\{|\[\s*([\[{\]\"\d-]|true|false|null))")
"""How JSON begins; `[Sex],[Age]` is the header of a table."""
_PARQUET = b"PAR1"
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""What a backslash begins in JSON; `half` is a surrogate without its other half, which no text can be written with."""


@dataclass(frozen=True)
class Payload:
    """A JSON document and the file it was read from; `text` is its source."""

    file: InputFile
    content: Any
    text: str
    inner: str


@dataclass(frozen=True)
class Table:
    """A Parquet file: columns with types."""

    file: InputFile
    content: pa.Table


@dataclass(frozen=True)
class Document:
    """One of four; the others are None."""

    name: str
    inner: str
    text: Text | None = None
    payload: Payload | None = None
    workbook: Workbook | None = None
    table: Table | None = None

    def records(self) -> Sequence[Sequence[str]]:
        """What a dataflow may be recognised by: first records, keys of the JSON objects, or names of sheets."""
        if self.text:
            return self.text.first_records()
        if self.workbook:
            return self.workbook.records()
        if self.table:
            return [self.table.content.column_names]
        return [_keys(self.payload.content)] if self.payload else []

    @property
    def unit(self) -> str:
        """What the records are made of, in words."""
        return "columns" if self.text or self.table else "sheets" if self.workbook else "keys"


def _keys(content: Any) -> list[str]:
    """The keys of the first object; keys of an object that a list nests in it, as in the World Bank's pages."""
    if isinstance(content, dict):
        return list(content)
    if isinstance(content, list):
        for entry in content:
            if isinstance(entry, dict):
                if len(content) == 2 and isinstance(content[1], list):
                    return [*entry, *_keys(content[1])]
                return list(entry)
        return ["(numbers)"] if content and all(isinstance(entry, int) for entry in content) else []
    return []


def open_document(path: str, options: ReadOptions) -> Document:
    """The file at the path, ready to be recognised; SourceError where it is damaged or of another kind."""
    container = open_container(path)
    if container.workbook:
        return Document(container.name, container.inner, workbook=open_workbook(container))
    head = container.head()
    if head.startswith(_PARQUET):
        return Document(container.name, container.inner, table=_table(container))
    refuse_other_kinds(head, container.name)
    if _JSON.match(head):
        return Document(container.name, container.inner, payload=_payload(container, options))
    return Document(container.name, container.inner, text=open_text(container, options.encoding))


def _table(container: Container) -> Table:
    import pyarrow.parquet as pq

    try:
        with container.held.open() as handle:
            file = pq.ParquetFile(handle)
            _refuse_too_large(file, container.name)
            texts = [file.schema.column(place).path for place in range(len(file.schema)) if _is_text(file, place)]
            handle.seek(0)
            content = pq.read_table(handle, read_dictionary=texts)
    except (pa.ArrowException, OSError) as error:
        raise SourceError("parquet_unreadable", found=str(error).splitlines()[0], where=container.name) from error
    sha256, size = container.digest() or container.held.digest()
    return Table(InputFile(container.name, sha256, size, "parquet", compression=container.compression), content)


def _is_text(file: "pq.ParquetFile", place: int) -> bool:
    return bool(file.schema.column(place).physical_type == "BYTE_ARRAY")


def _refuse_too_large(file: "pq.ParquetFile", name: str) -> None:
    """SourceError where the columns take more room than is read: a value takes eight bytes, however it is stored."""
    told = file.metadata
    stored = sum(told.row_group(place).total_byte_size for place in range(told.num_row_groups))
    size = max(stored, 8 * told.num_rows * told.num_columns)
    if told.num_columns > most("columns"):
        raise too_large("table_too_wide", "columns", name, f"{told.num_columns:,}")
    if size > most("parquet_bytes"):
        raise too_large("parquet_too_large", "parquet_bytes", name, f"{size:,}")


def _unsound(name: str, line: int, found: str) -> SourceError:
    return SourceError("json_malformed", found=found, where=Place(name, line))


def _payload(container: Container, options: ReadOptions) -> Payload:
    if container.held.size > most("json_bytes"):
        raise too_large("json_too_large", "json_bytes", container.name, f"{container.held.size:,}")
    text, encoding = decoded(container, options.encoding)
    text = text.removeprefix("\ufeff")
    values = sum(text.count(mark) for mark in ",[{")
    if values > most("json_values"):
        raise too_large("json_too_large", "json_values", container.name, f"about {values:,}")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a whole number of thousands of digits
        raise _unsound(container.name, getattr(error, "lineno", 1), str(error)) from error
    surrogates = "\\ud" in text or "\\uD" in text
    if half := next((found for found in _ESCAPE.finditer(text) if found["half"]), None) if surrogates else None:
        line = text.count("\n", 0, half.start()) + 1
        raise _unsound(container.name, line, f"half a character, {half[0]}")
    sha256, size = container.digest() or container.held.digest()
    file = InputFile(container.name, sha256, size, encoding, compression=container.compression)
    if content in ([], {}):
        raise SourceError("answer_empty", found=f"{text.strip()}", where=container.name)
    return Payload(file, content, text, container.inner)
