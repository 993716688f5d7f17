"""Delimited text -> rows: a header, text as dictionary codes, one column of numbers, the line of each row.

A row is rejected if its number of cells differs from the header, or its value is not a number. All others are kept.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from divide_cli.catalogue import Dataflow
from divide_cli.errors import Place, SourceError
from divide_cli.errors.text_safety import count_of, plural
from divide_cli.frames import room, stages
from divide_cli.frames.observations import Remark
from divide_cli.language import commas, say
from divide_cli.readers.layouts.blocks import CodedTexts, written
from divide_cli.readers.mapping.numbers import read_values
from divide_cli.readers.mapping.raw_rows import RowFate, Rows, TextColumn
from divide_cli.readers.opening.text import DELIMITERS, Block, TextDocument, code_of
from divide_cli.readers.recognition import ReadOptions

_TEXT = pa.dictionary(pa.int32(), pa.string())
_SHOWN = 120
_DECIMAL_COMMA = re.compile(r"(?:(?<=,)|^)-?\d{1,3},\d{1,2}(?=[,\r\n]|$)")
"""Matches two cells that may be one number with a decimal comma."""
_A_BLOCK = 1 << 26
"""Bytes of memory for which one thread more may parse: several times what it needs."""
_HELD = 32
"""The blocks after which columns in files leave memory."""
_FOOTNOTES = 20
"""The most footnotes that are shown."""
NAMELESS = re.compile(r"column \d+")
"""The name of a column without a name (`names_of`)."""
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

    def blocks(
        self, kinds: Mapping[str, pa.DataType], missing: Sequence[str] = (), ragged: Ragged | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The columns named in `kinds`, block by block. If `ragged` is given, it takes rows of another length.

        Raises ArrowInvalid for an invalid cell or row.
        """

        def parsed(block: Block) -> pa.RecordBatch:
            return self._parsed(block, kinds, missing, ragged)

        first, *others = self.text.blocks(self.header)
        blocks = [first, *(block for block in others if block.records)]
        for block, batch in zip(blocks, stages.in_order(parsed, blocks, _A_BLOCK), strict=True):
            yield batch
            rows, done = (count - self.header - 1 for count in (len(self.text.lines), block.first + block.records))
            stages.tell(stages.PARSED, file=self.text.file.name, done=done, rows=rows)

    def _parsed(
        self, block: Block, kinds: Mapping[str, pa.DataType], missing: Sequence[str], ragged: Ragged | None
    ) -> pa.RecordBatch:
        """The columns of one block, in one piece."""
        below_header = block.first > 0
        above = 0 if below_header else int(self.text.lines[self.header]) - 1
        first = block.first - self.header - 1 if below_header else -above - 1  # the position of what Arrow calls row 1

        def set_aside(row: arrow_csv.InvalidRow, ragged: Ragged) -> str:
            ragged[first + row.number - 1] = row.actual_columns, row.text
            return "skip"

        reading = arrow_csv.ReadOptions(
            column_names=list(self.names),
            skip_rows=above,
            skip_rows_after_names=0 if below_header else 1,
            use_threads=False,
            block_size=block.size + 1,
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
        with self.text.spool.open() as handle:
            handle.seek(block.place)
            content = pa.BufferReader(handle.read(block.size))
        table = arrow_csv.read_csv(content, reading, parsing, converting).combine_chunks()
        return next(iter(table.to_batches()), pa.RecordBatch.from_pylist([], schema=table.schema))

    def parse(self, kinds: Mapping[str, pa.DataType], ragged: Ragged | None = None) -> pa.Table:
        """The columns named in `kinds`, as `blocks` gives them."""
        return pa.Table.from_batches(self.blocks(kinds, (), ragged))

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
                table = self.parse(kinds, ragged)
            except pa.ArrowInvalid as error:
                name, problem = self.text.file.name, str(error).splitlines()[0]
                raise SourceError("csv_unparsable", found=problem, where=name) from None
        refuse_loss(self.text, len(self.lines), table.num_rows + len(ragged))
        return table, dict(sorted(ragged.items()))  # threads find them in any order


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
        columns, values = numeric
        columns, fate = _without_names(columns, table.text.labelled), RowFate(table.lines, options.strict)
        file = replace(table.text.file, decimal=".") if values.sound else table.text.file
        rows = Rows(file, columns, values.numbers, table.lines, fate, printed=values.printed)
        if not values.sound:
            read_values(rows, number, _cells(table, number), flow, options.tells_decimals)
        return rows
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
        columns[name] = text_column(content.column(name))
        content = content.drop_columns([name])
    del content
    pa.default_memory_pool().release_unused()
    return _without_names(columns, labelled)


def _without_names(columns: Mapping[str, TextColumn], labelled: Collection[str]) -> dict[str, TextColumn]:
    """The columns, without the names after codes in those that are labelled."""
    return {name: column.mapped(code_of) if name in labelled else column for name, column in columns.items()}


@dataclass
class _Numbers:
    """The numbers of a table in the making, and their decimals if asked for, until a cell is not a finite number."""

    numbers: npt.NDArray[np.float64]
    printed: npt.NDArray[np.int8] | None
    missing: Sequence[str]
    sound: bool = True

    def fill(self, start: int, cells: pa.Array) -> None:
        """Puts numbers, or texts if decimals are asked for, into the rows from `start` on."""
        known = None
        try:
            if self.sound and self.printed is not None:
                cells, known = written(cells, self.missing)
            self.sound = self.sound and pc.all(pc.is_finite(cells), min_count=0).as_py()
        except pa.ArrowInvalid:
            self.sound = False
        if self.sound:
            self.numbers[start : start + len(cells)] = cells.to_numpy(zero_copy_only=False)
        if self.sound and self.printed is not None and known is not None:
            self.printed[start : start + len(cells)] = known


def _with_numbers(
    table: CsvTable, wanted: Sequence[str], number: str, missing: Sequence[str], decimals: bool
) -> tuple[dict[str, TextColumn], _Numbers] | None:
    """The text columns and the numbers of the table; None if a row has another length.

    Without decimals, also None if a cell is not a number.
    """
    kinds = {**dict.fromkeys(wanted, _TEXT), number: pa.string() if decimals else pa.float64()}
    size, rows = len(table.lines), 0
    columns = {name: CodedTexts.of_size(size) for name in wanted}
    values = _Numbers(room.column(size, np.float64), room.column(size, np.int8) if decimals else None, ["", *missing])
    try:
        for place, batch in enumerate(table.blocks(kinds, () if decimals else missing), start=1):
            if rows + len(batch) <= size:  # else rows are lost, which is refused below
                values.fill(rows, batch.column(number))
                for name, column in columns.items():
                    column.fill(rows, batch.column(name))
            rows += len(batch)
            if place % _HELD == 0:
                room.release()
    except pa.ArrowInvalid:
        return None
    pa.default_memory_pool().release_unused()
    refuse_loss(table.text, size, rows)
    return {name: columns.pop(name).column(rows) for name in wanted}, values


def _cells(table: CsvTable, name: str) -> TextColumn:
    """One column of a table without rows of another length, as text."""
    cells, rows = CodedTexts.of_size(len(table.lines)), 0
    for batch in table.blocks({name: _TEXT}):
        cells.fill(rows, batch.column(name))
        rows += len(batch)
    return cells.column(rows)


def text_column(column: pa.ChunkedArray) -> TextColumn:
    """The codes of all chunks as one array of the smallest integer type, with one list of distinct texts.

    A missing text becomes an empty one.
    """
    united = column.unify_dictionaries()
    values = [text or "" for text in (united.chunk(0).dictionary.to_pylist() if united.num_chunks else [])]
    values += [""] * bool(column.null_count)
    smallest, parts = np.min_scalar_type(-max(len(values), 1)), [np.zeros(0, dtype=np.int8)]
    for chunk in united.chunks:
        indices = pc.fill_null(chunk.indices, len(values) - 1) if chunk.null_count else chunk.indices
        parts.append(indices.to_numpy(zero_copy_only=False).astype(smallest, copy=False))
    codes = parts[-1] if len(parts) <= 2 else np.concatenate(parts)
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
        rows.fate.refuse(mask, ragged_row(table, kind), "", lambda row: _shown_cells(ragged[row]))


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


def _shown_cells(row: tuple[int, str]) -> str:
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
        found=f"{_shown_cells(ragged[first])}{others}",
        where=Place(table.text.file.name, table.lines[first]),
    )
