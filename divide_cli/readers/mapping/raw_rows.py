"""The rows of one file, whatever its layout: text columns, one column of numbers, lines; and where each row goes."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from divide_cli.errors import Place, SourceError, messages
from divide_cli.frames.observations import InputFile, Remark, SetAside

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
MELTED = "column"
"""Name under which the heads of melted columns are kept."""
CELLS = "cell"
"""Name of the column that holds all cells of such a layout as text: the one that a reader sees is that of MELTED."""
NAMED = 100
"""Distinct wrong texts of one column that get a reason of their own; the others share one. Counts are exact."""


@dataclass(frozen=True)
class TextColumn:
    """A column of text: `values[codes[i]]` is the text of row i."""

    codes: npt.NDArray[np.signedinteger]
    values: list[str]

    def row_of(self, value: int) -> int:
        """The first row that holds the value of that index."""
        return int(np.argmax(self.codes == value))

    @classmethod
    def of(cls, texts: Iterable[str]) -> "TextColumn":
        """The column of these texts, one a row."""
        position: dict[str, int] = {}
        codes = np.fromiter((position.setdefault(text, len(position)) for text in texts), dtype=np.int64)
        return cls(codes.astype(np.min_scalar_type(-max(len(position), 1))), list(position))

    @classmethod
    def constant(cls, text: str, size: int) -> "TextColumn":
        """The column that says one text in every row."""
        return cls(np.zeros(size, dtype=np.int8), [text])


@dataclass
class RowFate:
    """Where each row goes: used, or ignored or refused for one reason, the first that was found.

    A strict fate raises the first refusal: what computes with the rows may not go on without some of them.
    """

    lines: npt.NDArray[np.int32]
    strict: bool = True
    _settled: Mask | None = None
    _decided: list["_Settled"] = field(default_factory=list)

    def open(self) -> Mask | None:
        """The rows that nothing settled yet; None stands for all."""
        return None if self._settled is None else ~self._settled

    def among(self, mask: Mask) -> Mask:
        """The rows of the mask that nothing settled yet."""
        return mask if self._settled is None else mask & ~self._settled

    def ignore(self, mask: Mask, code: str, **parts: str) -> None:
        """Sets rows aside that hold no figure, for the reason of that code in messages.yaml."""
        reason = messages()[code]["subject"].format_map(parts)
        self._settle(_Settled("ignored", code, reason, rows=np.flatnonzero(self.among(mask))))

    def refuse(
        self, mask: Mask, error: SourceError, column: str = "", quote: Callable[[int], str] | None = None
    ) -> None:
        """Sets rows aside that cannot be used, for the reason of the error; raises it where the fate is strict.

        `column` is the one that the reason lies in, `quote` what stands in a row, where the rows differ in it.
        """
        rows = np.flatnonzero(self.among(mask))
        if self.strict and len(rows):
            raise error
        self.refuse_open(rows, error, column, quote)

    def refuse_open(
        self, rows: Places, error: SourceError, column: str = "", quote: Callable[[int], str] | None = None
    ) -> None:
        """Sets rows aside as `refuse` does, named by their places: rows that nothing settled, where nothing is raised.

        A file may have many wrong texts of few rows each.
        """
        reason = "; ".join(part for part in (error.subject, error.found, error.hint) if part)
        self._settle(_Settled("refused", error.code, reason, error, column, quote, rows))

    def _settle(self, entry: "_Settled") -> None:
        if len(entry.rows):
            self._decided.append(entry)
            if self._settled is None:
                self._settled = np.zeros(len(self.lines), dtype=bool)
            self._settled[entry.rows] = True

    def set_aside(self, kind: str) -> tuple[SetAside, ...]:
        """The rows of a kind by reason; reasons in the order in which they were found, equal ones united."""
        united: dict[tuple[str, str], list[_Settled]] = {}
        for entry in self._decided:
            if entry.kind == kind:
                united.setdefault((entry.reason, entry.column), []).append(entry)
        made = []
        for (reason, column), parts in united.items():
            rows = np.concatenate([part.rows for part in parts])
            rows = rows[np.argsort(self.lines[rows], kind="stable")]
            lines = array("i", self.lines[rows].astype(np.int32).tobytes())
            first = parts[0]
            made.append(
                SetAside(first.code, reason, len(lines), lines, first.error, column, _by_place(first.quote, rows))
            )
        return tuple(made)


@dataclass
class _Settled:
    """Rows that went one way for one reason."""

    kind: str
    code: str
    reason: str
    error: SourceError | None = None
    column: str = ""
    quote: Callable[[int], str] | None = None
    rows: npt.NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp))


def _by_place(quote: Callable[[int], str] | None, rows: npt.NDArray[np.intp]) -> Callable[[int], str] | None:
    """What stands in a row, by its place among the rows."""
    return None if quote is None else lambda place: quote(int(rows[place]))


@dataclass
class Rows:
    """The rows of one file. `numbers` holds NaN where a row has no value; `lines` the line on which each begins.

    In a layout with years or series in its columns one cell is one row, so that a line stands as often as it has cells.
    `wrong` are a column of values and the indices of its texts that are no numbers, refused when the series are known.
    `licence` is the one that the file itself carries.
    `beside` is what stood beside the number in its cell ("b" in "85.2 b"), `sheet` the sheet of a workbook. `printed`
    are the decimals of each value as it is written (-1: unknown), `padded` the values with blanks around them,
    `labels` the labels that mean the same as others of the file.
    """

    file: InputFile
    columns: Mapping[str, TextColumn]
    numbers: npt.NDArray[np.float64]
    lines: npt.NDArray[np.int32]
    fate: RowFate
    beside: TextColumn | None = None
    sheet: TextColumn | None = None
    notes: tuple[str, ...] = ()
    wrong: tuple[str, list[int]] | None = None
    licence: str = ""
    printed: npt.NDArray[np.int8] | None = None
    padded: Mask | None = None
    labels: TextColumn | None = None
    remarks: tuple[Remark, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, row: int, column: str = "") -> Place:
        """`file:line, column X` of a row."""
        sheet = f"[{self.sheet.values[self.sheet.codes[row]]}]" if self.sheet else ""
        return Place(f"{self.file.name}{sheet}", int(self.lines[row]), column)

    def refuse_texts(
        self, column: str, wrong: Sequence[int], error_of: Callable[[str, str, str, str], SourceError]
    ) -> None:
        """Refuses the rows whose text has one of the indices; `error_of` gets the text, a quantity and the place."""
        if not wrong:
            return
        source = self.columns[column]
        among = np.flatnonzero(self.fate.among(np.isin(source.codes, wrong)))
        if not len(among):
            return
        codes = source.codes[among]
        met, first = np.unique(codes, return_index=True)
        first_of = dict(zip(met[: NAMED + 1].tolist(), among[first].tolist(), strict=False))
        if self.fate.strict:
            index = min(first_of, key=first_of.__getitem__)
            count = len(among)
            others = f" and {len(met) - 1} more" if len(met) > 1 else ""
            rows = f", in {count} row{'s' * (count != 1)}"
            where = self.where(first_of[index], self._shown(column, first_of[index]))
            raise error_of(source.values[index], others, rows, where)
        for index in list(first_of)[:NAMED]:
            for name, here in self._apart(column, among[codes == index]):
                where = self.where(int(here[0]), name)
                self.fate.refuse_open(here, error_of(source.values[index], "", "", where), name)
        if len(met) > NAMED:
            text = source.values[source.codes[first_of[int(met[NAMED])]]]
            more = f" and {len(met) - NAMED - 1} more"
            for name, here in self._apart(column, among[~np.isin(codes, met[:NAMED])]):
                error = error_of(text, more, "", self.where(int(here[0]), name))
                self.fate.refuse_open(here, error, name, lambda row: repr(source.values[source.codes[row]]))

    def _shown(self, column: str, row: int) -> str:
        """The column of the file that a row's text stands in."""
        heads = self.columns[MELTED] if column == CELLS else None
        return heads.values[heads.codes[row]] if heads else column

    def _apart(self, column: str, rows: Places) -> list[tuple[str, Places]]:
        """The rows by the column of the file that their texts stand in."""
        if column != CELLS:
            return [(column, rows)]
        heads = self.columns[MELTED]
        own = heads.codes[rows]
        return [(heads.values[code], rows[own == code]) for code in np.unique(own)]


def picked(column: TextColumn, rows: npt.NDArray[np.intp] | Mask) -> TextColumn:
    """The column at some of its rows."""
    return TextColumn(column.codes[rows], column.values)


def joined(columns: Sequence[TextColumn], separator: str = "/") -> TextColumn:
    """One column that says the texts of several, parted by the separator; empty texts at the end are left out."""
    if len(columns) == 1:
        return columns[0]
    key = np.zeros(len(columns[0].codes), dtype=np.int64)
    for column in columns:
        key = key * max(len(column.values), 1) + column.codes
    met, inverse = np.unique(key, return_inverse=True)
    parts = []
    for column in reversed(columns):
        met, index = np.divmod(met, max(len(column.values), 1))
        parts.append([column.values[place] for place in index])
    texts = [separator.join(row).rstrip(separator) for row in zip(*reversed(parts), strict=True)]
    return TextColumn(inverse.reshape(-1).astype(np.int32), texts)
