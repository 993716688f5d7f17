"""Delimited text -> rows: a header, text as dictionary codes, one column of numbers, the line of each row.

A row is rejected if its number of cells differs from the header, or its value is not a number. All others are kept.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from divide_cli.catalogue import Dataflow
from divide_cli.errors import Place, SourceError
from divide_cli.errors.text_safety import count_of, plural
from divide_cli.frames.observations import Remark
from divide_cli.language import commas, say
from divide_cli.readers.mapping.numbers import read_values
from divide_cli.readers.mapping.raw_rows import RowFate, Rows, TextColumn
from divide_cli.readers.opening.text import DELIMITERS, TextDocument, code_of
from divide_cli.readers.recognition import ReadOptions

_TEXT = pa.dictionary(pa.int32(), pa.string())
_SHOWN = 120
_DECIMAL_COMMA = re.compile(r"(?:(?<=,)|^)-?\d{1,3},\d{1,2}(?=[,\r\n]|$)")
"""Matches two cells that may be one number with a decimal comma."""
_FOOTNOTES = 20
"""The most footnotes that are shown."""
NAMELESS = re.compile(r"column \d+")
"""The name of a column without a name (`names_of`)."""
_BLOCK = 4 * 2**20
"""Bytes that one thread parses at a time. Larger blocks need fewer dictionaries of texts, smaller ones less memory."""
Ragged = dict[int, tuple[int, str]]
"""Rows with too many or too few cells: position below the header -> number of cells, text."""


def names_of(record: Sequence[str]) -> list[str]:
    """The names of a header, without spaces around them. The fifth column is `column 5` if it has no name."""
    return [name.strip() or f"column {index}" for index, name in enumerate(record, start=1)]


@dataclass(frozen=True)
class CsvTable:
    """The table of a file before its rows are read: its text, column names, and the record of the header."""

    text: TextDocument
    names: tuple[str, ...]
    header: int = 0

    def __post_init__(self) -> None:
        repeated = sorted(name for name, count in Counter(self.names).items() if count > 1)
        if repeated:
            raise SourceError("column_duplicate", found=commas(repeated), where=self.header_place)
        if len(self.text.lines) < self.header + 2:
            raise SourceError("rows_missing", where=self.text.file.name)

    @property
    def header_place(self) -> Place:
        """`file:line` of the header."""
        return Place(self.text.file.name, self.text.lines[self.header])

    @property
    def lines(self) -> npt.NDArray[np.int32]:
        """The line of each record below the header."""
        return self.text.lines[self.header + 1 :]

    def parse(
        self, kinds: Mapping[str, pa.DataType], missing: Sequence[str] = (), ragged: Ragged | None = None
    ) -> pa.Table:
        """The columns named in `kinds`. If `ragged` is given, it takes rows with too many or too few cells.

        Raises ArrowInvalid for an invalid cell or row. A single block is parsed without threads: threads of a failed
        parse may outlive it, and abort the program if it ends immediately.
        """
        above, threads = int(self.text.lines[self.header]) - 1, ragged is None and self.text.spool.size > _BLOCK

        def set_aside(row: arrow_csv.InvalidRow, ragged: Ragged) -> str:
            ragged[row.number - above - 2] = row.actual_columns, row.text
            return "skip"

        reading = arrow_csv.ReadOptions(
            column_names=list(self.names),
            skip_rows=above,
            skip_rows_after_names=1,
            use_threads=threads,
            block_size=_BLOCK,
        )
        parsing = arrow_csv.ParseOptions(
            delimiter=self.text.delimiter,
            newlines_in_values=self.text.breaks_in_cells,
            invalid_row_handler=None if ragged is None else lambda row: set_aside(row, ragged),
        )
        converting = arrow_csv.ConvertOptions(
            column_types=dict(kinds),
            include_columns=list(kinds),
            null_values=["", *missing],
            strings_can_be_null=False,
            check_utf8=False,  # the document is UTF-8, or was converted
        )
        with self.text.open() as handle:
            return arrow_csv.read_csv(handle, reading, parsing, converting)

    def widened(self, ragged: Ragged) -> "CsvTable":
        """The table with a nameless column for each empty cell that ends every row; itself if some rows differ."""
        sizes = {cells for cells, _ in ragged.values()}
        if len(ragged) < len(self.lines) or len(sizes) > 1:
            return self
        if any(_kind(self, row) != "row_trailing_cells" for row in ragged.values()):
            return self
        return replace(self, names=tuple(names_of([*self.names, *[""] * (sizes.pop() - len(self.names))])))

    def trailing(self, wider: "CsvTable") -> tuple[Remark, ...]:
        """The remark on the empty cells that end every row, if the table had to be widened."""
        if wider is self:
            return ()
        rows = count_of(len(self.lines), "row")
        text = say(
            "all {rows} end with a delimiter that the header does not have: read without the empty cells", rows=rows
        )
        return (Remark("rows_trailing", text, "", self.lines.tolist()),)

    def texts(self, names: Sequence[str]) -> tuple[pa.Table, Ragged]:
        """The columns as text, and the rows with too many or too few cells, which are not in the columns."""
        kinds = dict.fromkeys(names, _TEXT)
        ragged: Ragged = {}
        try:
            table = self.parse(kinds)
        except pa.ArrowInvalid:  # perhaps because of the number of cells in a row
            try:
                table = self.parse(kinds, (), ragged)
            except pa.ArrowInvalid as error:
                name, problem = self.text.file.name, str(error).splitlines()[0]
                raise SourceError("csv_unparsable", found=problem, where=name) from None
        refuse_loss(self.text, len(self.lines), table.num_rows + len(ragged))
        return table, ragged


def refuse_loss(text: TextDocument, records: int, rows: int) -> None:
    """Raises SourceError unless the parser gives one row for each record, since lines would otherwise be unknown."""
    if rows != records:
        expected, found = (
            say("{rows}, one for each record of the file", rows=count_of(records, "row")),
            count_of(rows, "row"),
        )
        raise SourceError("rows_lost", expected=expected, found=found, where=text.file.name)


def read(table: CsvTable, wanted: Sequence[str], number: str, flow: Dataflow, options: ReadOptions) -> Rows:
    """The `wanted` text columns and the `number` column of every row.

    Empty texts stay empty. Only empty numbers and the missing markers of the layout become NaN. If the layout has
    flags, letters may follow a number. Rows with too many or too few cells are rejected.
    """
    as_text = flow.flags or table.text.delimiter == ";"  # where points may separate thousands, the texts decide
    numeric = None if as_text else _with_numbers(table, wanted, number, flow.missing, options.tells_decimals)
    if numeric:
        content, decimals = numeric
        refuse_loss(table.text, len(table.lines), content.num_rows)
        numbers = content.column(number).to_numpy()
        columns = _taken_over(content, wanted, table.text.labelled)
        file, fate = replace(table.text.file, decimal="."), RowFate(table.lines, options.strict)
        return Rows(file, columns, numbers, table.lines, fate, printed=decimals)
    content, ragged = table.texts([*wanted, number])
    if (wider := table.widened(ragged)) is not table:
        return replace(read(wider, wanted, number, flow, options), remarks=table.trailing(wider))
    cells = text_column(content.column(number))
    columns = _taken_over(content, wanted, table.text.labelled)
    kept = np.delete(np.arange(len(table.lines)), sorted(ragged))
    lines = table.lines[kept]
    rows = Rows(table.text.file, columns, np.full(len(lines), np.nan), lines, RowFate(lines, options.strict))
    read_values(rows, number, cells, flow, options.tells_decimals)
    if ragged:
        rows = rows.spread(kept, table.lines)
        _ignore_footnotes(rows, ragged, flow)
        refuse_ragged(rows, table, ragged)
    return rows


def _taken_over(content: pa.Table, names: Sequence[str], labelled: Collection[str]) -> dict[str, TextColumn]:
    """The columns as text, without the names after codes. Each source column is released after its conversion."""
    columns = {}
    for name in names:
        column = text_column(content.column(name))
        columns[name] = column.mapped(code_of) if name in labelled else column
        content = content.drop_columns([name])
    del content
    pa.default_memory_pool().release_unused()
    return columns


def _with_numbers(
    table: CsvTable, wanted: Sequence[str], number: str, missing: Sequence[str], written: bool
) -> tuple[pa.Table, npt.NDArray[np.int8] | None] | None:
    """The table with its numbers, or None if a cell is not a finite number.

    With `written`, the decimals of the numbers too.
    """
    kinds = dict.fromkeys(wanted, _TEXT)
    decimals = None
    try:
        if written:
            content = table.parse({**kinds, number: pa.string()})
            place = content.schema.get_field_index(number)
            with ThreadPoolExecutor() as pool:  # Arrow and NumPy release the lock
                chunks = list(pool.map(lambda chunk: _written(chunk, ["", *missing]), content.column(place).chunks))
            content = content.set_column(place, number, pa.chunked_array([chunk for chunk, _ in chunks], pa.float64()))
            decimals = np.concatenate([np.zeros(0, dtype=np.int8), *(decimals for _, decimals in chunks)])
        else:
            content = table.parse({**kinds, number: pa.float64()}, missing)
    except pa.ArrowInvalid:
        return None
    finite = pc.all(pc.is_finite(content.column(number)), min_count=0).as_py()
    return (content, decimals) if finite else None


def _written(texts: pa.StringArray, missing: Sequence[str]) -> tuple[pa.DoubleArray, npt.NDArray[np.int8]]:
    """The numbers of texts and their decimals (-1 if missing or with an exponent); ArrowInvalid for other texts."""
    absent = pc.is_in(texts, pa.array(missing, pa.string()))
    numbers = pc.cast(pc.if_else(absent, pa.scalar(None, pa.string()), texts), pa.float64())
    point = pc.find_substring(texts, ".").to_numpy(zero_copy_only=False)
    size = pc.binary_length(texts).to_numpy(zero_copy_only=False)
    decimals = np.where(point < 0, 0, np.minimum(size - point - 1, 99))
    unknown = absent.to_numpy(zero_copy_only=False)
    letters = texts.buffers()[2] or b""
    for mark in b"eE":
        if (np.frombuffer(letters, dtype=np.uint8) == mark).any():  # a quick look at all bytes: exponents are rare
            unknown = unknown | (pc.find_substring(texts, chr(mark)).to_numpy(zero_copy_only=False) >= 0)
    return numbers, np.where(unknown, -1, decimals).astype(np.int8)


def text_column(column: pa.ChunkedArray) -> TextColumn:
    """The codes of all chunks as one array of the smallest integer type, with one list of distinct texts.

    A missing text becomes an empty one.
    """
    united = column.unify_dictionaries()
    values = [text or "" for text in (united.chunk(0).dictionary.to_pylist() if united.num_chunks else [])]
    values += [""] * bool(column.null_count)
    codes = np.empty(len(column), dtype=np.min_scalar_type(-max(len(values), 1)))
    start = 0
    for chunk in united.chunks:
        indices = pc.fill_null(chunk.indices, len(values) - 1) if chunk.null_count else chunk.indices
        codes[start : start + len(chunk)] = indices.to_numpy(zero_copy_only=False)
        start += len(chunk)
    distinct = {text: index for index, text in enumerate(dict.fromkeys(values))}
    if len(distinct) < len(values):
        codes = np.array([distinct[text] for text in values], dtype=codes.dtype)[codes]
    return TextColumn(codes, list(distinct))


def _ignore_footnotes(rows: Rows, ragged: Ragged, flow: Dataflow) -> None:
    """Ignores the footnotes that follow a table, from the line above them on; a note shows them."""
    heads = [row for row, (_, text) in ragged.items() if flow.ended_by and re.match(flow.ended_by, text)]
    if not heads:
        return
    notes = sorted(row for row in ragged if row >= min(heads))
    below = np.zeros(len(rows), dtype=bool)
    below[notes] = True
    rows.fate.ignore(below, "not_a_figure", why=say("a footnote of the table"))
    texts = [" ".join(re.findall(r'[^",\r\n][^"\r\n]*', ragged[row][1])) for row in notes if row not in heads]
    rows.notes = (
        *rows.notes,
        *(say("footnote of the file: {text}", text=text[:_SHOWN]) for text in texts[:_FOOTNOTES]),
    )


def refuse_ragged(rows: Rows, table: CsvTable, ragged: Ragged) -> None:
    """Rejects the rows with too many or too few cells, with one reason for each kind."""
    of_kind: dict[str, Ragged] = {}
    for row, cells in ragged.items():
        of_kind.setdefault(_kind(table, cells), {})[row] = cells
    for kind in of_kind.values():
        mask = np.zeros(len(rows), dtype=bool)
        mask[sorted(kind)] = True
        rows.fate.refuse(mask, ragged_row(table, kind), "", lambda row: _cells(ragged[row]))


def _other_delimiter(table: CsvTable, row: tuple[int, str]) -> str:
    """The delimiter that gives the row, which has none of the header's, as many cells as the header; or empty."""
    cells, text = row
    others = [mark for mark in DELIMITERS if text.count(mark) + 1 == len(table.names)]
    return others[0] if others and cells == 1 < len(table.names) else ""


def _kind(table: CsvTable, row: tuple[int, str]) -> str:
    """The error code of a row with too many or too few cells.

    A line with only words is a remark between the rows, not a truncated row (`2019`). A row may have all cells of the
    header, followed by empty ones.
    """
    cells, text = row
    if _other_delimiter(table, row):
        return "row_ragged"
    if cells == 1 < len(table.names) and any(letter.isalpha() for letter in text):
        return "row_only_text"
    surplus = text.rstrip("\r\n")[len(text.rstrip(table.text.delimiter + " \r\n")) :]
    if surplus.count(table.text.delimiter) >= cells - len(table.names) > 0:
        return "row_trailing_cells"
    return "row_ragged"


def _cells(row: tuple[int, str]) -> str:
    """The number of cells of a row, with its text."""
    cells, text = row
    bare = text.strip("\r\n")
    return f"{count_of(cells, 'cell')}: {bare if len(bare) <= _SHOWN else bare[:_SHOWN] + ' ...'}"


def ragged_row(table: CsvTable, ragged: Ragged) -> SourceError:
    """The error for rows with too many or too few cells."""
    first, delimiter = min(ragged), table.text.delimiter
    others = say(", and {rows}", rows=count_of(len(ragged) - 1, "more row")) if len(ragged) > 1 else ""
    advice = say("a delimiter (comma, semicolon, tab) is extra, or its cell has no quotation marks")
    if other := _other_delimiter(table, ragged[first]):
        advice = say(
            "its cells are separated by {own}, those of the header by {others}",
            own=plural(2, DELIMITERS[other]),
            others=plural(2, DELIMITERS[delimiter]),
        )
    elif ragged[first][0] < len(table.names):
        advice = say("the row is cut off, or a delimiter (comma, semicolon, tab) is missing")
    elif delimiter == "," and (numbers := _DECIMAL_COMMA.findall(ragged[first][1])):
        advice += say("; if {numbers} is one number, write it with a point", numbers=numbers[-1])
    return SourceError(
        _kind(table, ragged[first]),
        advice=advice,
        expected=count_of(len(table.names), "cell"),
        found=f"{_cells(ragged[first])}{others}",
        where=Place(table.text.file.name, table.lines[first]),
    )
