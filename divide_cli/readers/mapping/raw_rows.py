"""The rows of one file, whatever its layout: text columns, one column of numbers, lines; and where each row goes."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from divide_cli.catalogue import Dataflow
from divide_cli.errors import Place, SourceError, UnknownCodeError, messages, suggestion
from divide_cli.errors.text_safety import plural
from divide_cli.frames.columns import packed, unique_rows
from divide_cli.frames.observations import InputFile, Reading, Remark, SetAside

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
Quote = Callable[[int], str]
"""What stands in a row, where rows set aside for one reason differ in it."""
MELTED = "column"
"""Name under which the heads of melted columns are kept."""
CELLS = "cell"
"""Name of the column that holds all cells of such a layout as text: the one that a reader sees is that of MELTED."""
NAMED = 100
"""Distinct wrong texts of one column that get a reason of their own; the others share one. Counts are exact."""
NOTHING = "(?!)"
"""A pattern that no text matches."""
BETWEEN = "\x1f"
"""Parts the texts of several columns that are read together."""


@dataclass(frozen=True)
class TextColumn:
    """A column of text: `values[codes[i]]` is the text of row i."""

    codes: npt.NDArray[np.signedinteger]
    values: list[str]

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

    def text(self, row: int) -> str:
        """The text of a row."""
        return self.values[int(self.codes[row])]

    def mapped(self, text_of: Callable[[str], str]) -> "TextColumn":
        """The column with another text in place of each."""
        return TextColumn(self.codes, [text_of(text) for text in self.values])

    def indices(self, holds: Callable[[str], object]) -> list[int]:
        """The indices of the texts for which it holds."""
        return [index for index, text in enumerate(self.values) if holds(text)]

    def where(self, holds: Callable[[str], object]) -> Mask:
        """The rows whose text it holds for."""
        return np.asarray(np.array([bool(holds(text)) for text in self.values], dtype=bool)[self.codes])

    def equals(self, text: str) -> Mask:
        """The rows with that text, which the column may hold more than once among its values."""
        return np.asarray(np.isin(self.codes, self.indices(lambda value: value == text)))

    def spread(self, places: Places, size: int) -> "TextColumn":
        """The column with its rows at their places among `size` rows; the others have an empty text."""
        values = self.values if "" in self.values else [*self.values, ""]
        codes = np.full(size, values.index(""), dtype=np.min_scalar_type(-len(values)))
        codes[places] = self.codes
        return TextColumn(codes, values)


def joined(columns: Sequence[TextColumn], separator: str = "/") -> TextColumn:
    """One column that says the texts of several, parted by the separator; empty texts at the end are left out."""
    if len(columns) == 1:
        return columns[0]
    sizes = ((column.codes, max(len(column.values), 1)) for column in columns)
    first, inverse = unique_rows(packed(sizes, len(columns[0].codes)))
    texts = [separator.join(column.text(row) for column in columns).rstrip(separator) for row in first]
    return TextColumn(inverse.astype(np.int32), texts)


@dataclass
class RowFate:
    """Where each row goes: used, or ignored or refused for one reason, the first that applies.

    A strict one raises the first refusal: what computes with the rows may not go on without some of them.
    """

    lines: npt.NDArray[np.int32]
    strict: bool = True
    _decided: Mask | None = None
    _reasons: dict[tuple[str, str, str], tuple[str, SourceError | None, Quote | None, list[Places]]] = field(
        default_factory=dict
    )
    """Kind (ignored, refused), reason and column -> code, error and quote of the first rows, and all rows."""

    def undecided(self) -> Mask:
        """The rows that are neither ignored nor refused so far."""
        return np.ones(len(self.lines), dtype=bool) if self._decided is None else ~self._decided

    def among(self, mask: Mask) -> Mask:
        """The undecided rows of the mask."""
        return mask if self._decided is None else mask & ~self._decided

    def ignore(self, mask: Mask, code: str, **parts: str) -> None:
        """Sets rows aside that hold no figure, for the reason of that code in messages.yaml."""
        reason = messages()[code]["subject"].format_map(parts)
        self._decide("ignored", code, reason, np.flatnonzero(self.among(mask)))

    def refuse(self, mask: Mask, error: SourceError, column: str = "", quote: Quote | None = None) -> None:
        """Sets rows aside that cannot be used, for the reason of the error; raises it where the fate is strict.

        `column` is the one that the reason lies in, `quote` what stands in a row, where the rows differ in it.
        """
        rows = np.flatnonzero(self.among(mask))
        if self.strict and len(rows):
            raise error
        self.refuse_undecided(rows, error, column, quote)

    def refuse_undecided(self, rows: Places, error: SourceError, column: str = "", quote: Quote | None = None) -> None:
        """Sets rows aside as `refuse` does, named by their places: undecided ones, where nothing is raised.

        A file may have many wrong texts of few rows each.
        """
        reason = "; ".join(part for part in (error.subject, error.found, error.hint) if part)
        self._decide("refused", error.code, reason, rows, column, error, quote)

    def _decide(
        self, kind: str, code: str, reason: str, rows: Places, column: str = "",
        error: SourceError | None = None, quote: Quote | None = None,
    ) -> None:  # fmt: skip
        if len(rows):
            self._reasons.setdefault((kind, reason, column), (code, error, quote, []))[-1].append(rows)
            if self._decided is None:
                self._decided = np.zeros(len(self.lines), dtype=bool)
            self._decided[rows] = True

    def set_aside(self, kind: str) -> tuple[SetAside, ...]:
        """The rows that are `ignored` or `refused` by reason, in the order of the decisions; equal reasons are one."""
        parts = []
        for (of_kind, reason, column), (code, error, quote, decisions) in self._reasons.items():
            if of_kind == kind:
                rows = np.concatenate(decisions)
                rows = rows[np.argsort(self.lines[rows], kind="stable")]
                lines = array("i", self.lines[rows].astype(np.int32).tobytes())
                by_place = partial(lambda quote, rows, place: quote(int(rows[place])), quote, rows) if quote else None
                parts.append(SetAside(code, reason, len(lines), lines, error, column, by_place))
        return tuple(parts)


@dataclass(frozen=True)
class WrongText:
    """A text that cannot be used, of so many rows, beside so many other wrong texts; the first stands at `where`."""

    text: str
    where: str
    others: int = 0
    rows: int = 0

    def quoted(self, noun: str = "", counted: bool = False) -> str:
        """The text in quotation marks, how many others there are, and, where `counted`, in how many rows."""
        more = f" and {self.others} more{f' {noun}' if noun else ''}" if self.others else ""
        return f"{self.text!r}{more}{self.count if counted else ''}"

    @property
    def count(self) -> str:
        """`, in 3 rows`; empty where the rows are counted elsewhere."""
        return f", in {self.rows} {plural(self.rows, 'row')}" if self.rows else ""

    def refusal(self, code: str, noun: str = "", counted: bool = False, **parts: Any) -> SourceError:
        """The error of that code; what it has found is the text, unless the parts say it."""
        return SourceError(code, where=self.where, **{"found": self.quoted(noun, counted), **parts})

    def unknown(self, code: str, noun: str, listed: Iterable[str], listing: str, **parts: Any) -> UnknownCodeError:
        """The error of a text that is none of those `listed`, with the nearest of them; `listing` shows all."""
        hint = suggestion(self.text, listed, listing)
        return UnknownCodeError(code, where=self.where, found=self.quoted(noun, bool(noun)), hint=hint, **parts)


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

    def add(self, columns: Mapping[str, TextColumn]) -> None:
        """Takes further columns, or others in place of those of the same name."""
        self.columns = {**self.columns, **columns}

    def where(self, row: int, column: str = "") -> Place:
        """`file:line, column X` of a row."""
        sheet = f"[{self.sheet.text(row)}]" if self.sheet else ""
        return Place(f"{self.file.name}{sheet}", int(self.lines[row]), column)

    def ignore_without_value(self, cells: TextColumn, missing: Sequence[str]) -> None:
        """Ignores the rows whose cell is empty or holds a missing marker."""
        for marker in ("", *missing):
            if marker in cells.values:
                code = "value_absent" if marker else "cell_empty"
                self.fate.ignore(cells.equals(marker), code, marker=marker)

    def reading(self, flow: Dataflow, evidence: str, **more: Any) -> Reading:
        """What the file gave: `more` are further fields of the Reading."""
        ignored, refused = self.fate.set_aside("ignored"), self.fate.set_aside("refused")
        entries = {"estimates": 0, "licence": self.licence or flow.licence, "notes": self.notes, **more}
        return Reading(self.file, flow.id, len(self), evidence=evidence, ignored=ignored, refused=refused, **entries)

    def spread(self, places: Places, lines: npt.NDArray[np.int32]) -> "Rows":
        """The rows at their places among more lines; the others have empty texts and no number, and nothing decided."""

        def placed(part: npt.NDArray[Any], blank: float) -> npt.NDArray[Any]:
            whole = np.full(len(lines), blank, dtype=part.dtype)
            whole[places] = part
            return whole

        return replace(
            self,
            lines=lines,
            fate=RowFate(lines, self.fate.strict),
            columns={name: column.spread(places, len(lines)) for name, column in self.columns.items()},
            numbers=placed(self.numbers, np.nan),
            beside=self.beside.spread(places, len(lines)) if self.beside else None,
            printed=None if self.printed is None else placed(self.printed, -1),
            padded=None if self.padded is None else placed(self.padded, False),
        )

    def refuse(self, mask: Mask, code: str, column: str, quote: Quote | None = None, **parts: str) -> None:
        """Refuses the rows of the mask, if it has any, for the reason of that code, which lies in the column."""
        if mask.any():
            error = SourceError(code, where=self.where(int(np.argmax(mask)), column), **parts)
            self.fate.refuse(mask, error, column, quote)

    def refuse_texts(self, column: str, wrong: Sequence[int], error_of: Callable[[WrongText], SourceError]) -> None:
        """Refuses the rows whose text has one of the indices, each text with an error of its own."""
        if not wrong:
            return
        source = self.columns[column]
        among = np.flatnonzero(self.fate.among(np.isin(source.codes, wrong)))
        if not len(among):
            return
        codes = source.codes[among]
        texts, first = np.unique(codes, return_index=True)
        first_of = dict(zip(texts[: NAMED + 1].tolist(), among[first].tolist(), strict=False))
        if self.fate.strict:
            index = min(first_of, key=first_of.__getitem__)
            shown = self.columns[MELTED].text(first_of[index]) if column == CELLS else column
            where = self.where(first_of[index], shown)
            raise error_of(WrongText(source.values[index], where, len(texts) - 1, len(among)))
        for index in list(first_of)[:NAMED]:
            for name, here in self._by_shown(column, among[codes == index]):
                error = error_of(WrongText(source.values[index], self.where(int(here[0]), name)))
                self.fate.refuse_undecided(here, error, name)
        if len(texts) > NAMED:
            text, others = source.text(first_of[int(texts[NAMED])]), len(texts) - NAMED - 1
            for name, here in self._by_shown(column, among[~np.isin(codes, texts[:NAMED])]):
                error = error_of(WrongText(text, self.where(int(here[0]), name), others))
                self.fate.refuse_undecided(here, error, name, lambda row: repr(source.text(row)))

    def _by_shown(self, column: str, rows: Places) -> list[tuple[str, Places]]:
        """The rows by the column of the file that their texts stand in."""
        if column != CELLS:
            return [(column, rows)]
        heads = self.columns[MELTED]
        own = heads.codes[rows]
        return [(heads.values[code], rows[own == code]) for code in np.unique(own)]
