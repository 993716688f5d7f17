"""A file opened far enough to be recognised: delimited text, JSON, a workbook, or Parquet."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from divide_cli.errors import SourceError
from divide_cli.observations import InputFile
from divide_cli.readers.choices import Choices
from divide_cli.readers.container import Container, open_container
from divide_cli.readers.sheets import Workbook, open_workbook
from divide_cli.readers.text import Text, decoded, open_text, refuse_other_kinds

_JSON = re.compile(rb"(\xef\xbb\xbf)?\s*(\{|\[\s*([\[{\]\"\d-]|true|false|null))")
"""How JSON begins; `[Sex],[Age]` is the header of a table."""
_PARQUET = b"PAR1"


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


def open_document(path: str, choices: Choices) -> Document:
    """The file at the path, ready to be recognised; SourceError where it is damaged or of another kind."""
    container = open_container(path)
    if container.workbook:
        return Document(container.name, container.inner, workbook=open_workbook(container))
    head = container.head()
    if head.startswith(_PARQUET):
        return Document(container.name, container.inner, table=_table(container))
    refuse_other_kinds(head, container.name)
    if _JSON.match(head):
        return Document(container.name, container.inner, payload=_payload(container, choices))
    return Document(container.name, container.inner, text=open_text(container, choices.encoding))


def _table(container: Container) -> Table:
    raw = container.read()
    try:
        content = pq.read_table(pa.BufferReader(raw))
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceError(
            "a Parquet file cannot be read",
            found=str(error).splitlines()[0],
            where=container.name,
            hint="write or download it again",
        ) from error
    sha256, size = container.digest() or (hashlib.sha256(raw).hexdigest(), len(raw))
    return Table(InputFile(container.name, sha256, size, "parquet", compression=container.compression), content)


def _payload(container: Container, choices: Choices) -> Payload:
    text, encoding = decoded(container, choices.encoding)
    text = text.removeprefix("\ufeff")
    try:
        content = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise SourceError(
            "a file is not sound JSON",
            found=str(error),
            where=f"{container.name}:{line}",
            hint="the download may be cut off: fetch it again",
        ) from error
    raw = container.read()
    sha256, size = container.digest() or (hashlib.sha256(raw).hexdigest(), len(raw))
    file = InputFile(container.name, sha256, size, encoding, compression=container.compression)
    if content in ([], {}):
        raise SourceError(
            "an answer is empty",
            expected="at least one figure",
            found=f"{text.strip()}",
            where=container.name,
            hint="the service gives an empty list for a code that it does not know: check the code",
        )
    return Payload(file, content, text, container.inner)
