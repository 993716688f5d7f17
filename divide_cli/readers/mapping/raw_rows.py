"""The rows of a file in any layout (text columns, one column of numbers, lines), and the fate of each row."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from divide_cli.catalogue import Dataflow
from divide_cli.errors import Place, SourceError, UnknownCodeError, messages, suggestion
from divide_cli.errors.text_safety import count_of, plural
from divide_cli.frames.columns import Mask, packed, taken, unique_rows
from divide_cli.frames.observations import InputFile, Reading, Remark, SetAside
from divide_cli.language import clauses, labelled, later, say

Places = npt.NDArray[np.intp]
Quote = Callable[[int], str]
"""The wrong text of a row, if it differs among rows that are set aside for the same reason."""
MELTED = "column"
"""Name of the column with the heads of melted columns."""
CELLS = "cell"
"""Name of the column with all melted cells as text. Reports name the column of the file, which is in MELTED."""
NAMED = 100
"""How many wrong texts of one column have a reason of their own. The others share one. Counts stay exact."""
NOTHING = "(?!)"
"""A pattern that no text matches."""
BETWEEN = "\x1f"
"""The separator in texts of several columns that are read together."""


@dataclass(frozen=True)
class TextColumn:
    """A column of text: `values[codes[i]]` is the text of row i."""

    codes: npt.NDArray[np.signedinteger]
    values: list[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "TextColumn":
        """The column of these texts, one for each row."""
        position: dict[str, int] = {}
        codes = np.fromiter((position.setdefault(text, len(position)) for text in texts), dtype=np.int64)
        return cls(codes.astype(np.min_scalar_type(-max(len(position), 1))), list(position))

    @classmethod
    def constant(cls, text: str, size: int) -> "TextColumn":
        """The column with the same text in every row."""
        return cls(np.zeros(size, dtype=np.int8), [text])

    def text(self, row: int) -> str:
        """The text of a row."""
        return self.values[int(self.codes[row])]

    def mapped(self, text_of: Callable[[str], str]) -> "TextColumn":
        """The column with each text replaced by the function."""
        return TextColumn(self.codes, [text_of(text) for text in self.values])

    def indices(self, holds: Callable[[str], object]) -> list[int]:
        """The indices of the texts for which the predicate holds."""
        return [index for index, text in enumerate(self.values) if holds(text)]

    def where(self, holds: Callable[[str], object]) -> Mask:
        """The rows for whose text the predicate holds."""
        return taken(np.array([bool(holds(text)) for text in self.values], dtype=bool), self.codes)

    def equals(self, text: str) -> Mask:
        """The rows with that text, which may occur several times in `values`."""
        return self.has(self.indices(lambda value: value == text))

    def has(self, indices: Sequence[int]) -> Mask:
        """The rows whose text has one of the indices."""
        marked = np.zeros(max(len(self.values), 1), dtype=bool)
        marked[list(indices)] = True
        return taken(marked, self.codes)

    def spread(self, places: Places, size: int) -> "TextColumn":
        """The column with its rows at these places among `size` rows. The other rows have empty texts."""
        values = self.values if "" in self.values else [*self.values, ""]
        codes = np.full(size, values.index(""), dtype=np.min_scalar_type(-len(values)))
        codes[places] = self.codes
        return TextColumn(codes, values)


def joined(columns: Sequence[TextColumn], separator: str = "/") -> TextColumn:
    """One column with the texts of several, joined by the separator, without empty texts at the end."""
    if len(columns) == 1:
        return columns[0]
    sizes = ((column.codes, max(len(column.values), 1)) for column in columns)
    first, inverse = unique_rows(packed(sizes, len(columns[0].codes)))
    texts = [separator.join(column.text(row) for column in columns).rstrip(separator) for row in first]
    return TextColumn(inverse.astype(np.int32), texts)


@dataclass
class RowFate:
    """The fate of each row: used, ignored or rejected. Only the first reason that applies is kept.

    If strict, the first rejection is raised as an error, since computations must not go on without some of the rows.
    """

    lines: npt.NDArray[np.int32]
    strict: bool = True
    _decided: Mask | None = None
    _reasons: dict[tuple[str, str, str], tuple[str, SourceError | None, Quote | None, list[Places]]] = field(
        default_factory=dict
    )
    """Fate (ignored, refused), reason and column -> code, error and quote of the first rows, and all rows."""

    def undecided(self) -> Mask:
        """The rows that have not been ignored or rejected so far."""
        return np.ones(len(self.lines), dtype=bool) if self._decided is None else ~self._decided

    def among(self, mask: Mask) -> Mask:
        """The undecided rows of the mask."""
        return mask if self._decided is None else mask & ~self._decided

    def ignore(self, mask: Mask, code: str, **parts: str) -> None:
        """Ignores rows without a figure, with the reason of that code in messages.yaml."""
        if len(rows := np.flatnonzero(self.among(mask))):
            self._decide("ignored", code, messages()[code]["subject"].format_map(parts), rows)

    def refuse(self, mask: Mask, error: SourceError, column: str = "", quote: Quote | None = None) -> None:
        """Rejects rows that cannot be used, with the error as the reason; raises it if the fate is strict.

        `column` is the wrong column. `quote` gives the wrong text of a row, if the texts differ.
        """
        rows = np.flatnonzero(self.among(mask))
        if self.strict and len(rows):
            raise error
        self.refuse_undecided(rows, error, column, quote)

    def refuse_undecided(self, rows: Places, error: SourceError, column: str = "", quote: Quote | None = None) -> None:
        """Rejects rows by their places, as `refuse` does, if they are undecided and no error is raised.

        This is faster for a file with many wrong texts in a few rows each.
        """
        said = labelled(error.subject, error.found) if error.found else error.subject
        reason = clauses(part for part in (said, error.hint) if part)
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
        """The `ignored` or `refused` rows by reason, in the order of the decisions. Equal reasons are merged."""
        parts = []
        for (of_kind, reason, column), (code, error, quote, decisions) in self._reasons.items():
            if of_kind == kind:
                rows = np.concatenate(decisions)
                rows = rows[np.argsort(self.lines[rows], kind="stable")]
                lines = array("i", self.lines[rows].astype(np.int32).tobytes())
                by_place = partial(lambda quote, rows, place: quote(int(rows[place])), quote, rows) if quote else None
                parts.append(SetAside(code, reason, len(lines), lines, error, column, by_place))
        return tuple(parts)


_MORE = {
    "": later(" and {others} more"), "codes": later(" and {others} more codes"),
    "labels": later(" and {others} more labels"), "names": later(" and {others} more names"),
    "series": later(" and {others} more series"),
}  # fmt: skip
"""The number of further wrong texts, by what they are."""


@dataclass(frozen=True)
class WrongText:
    """A text that cannot be used: its first place, the number of other wrong texts, and the number of their rows."""

    text: str
    where: str
    others: int = 0
    rows: int = 0

    def quoted(self, noun: str = "", counted: bool = False) -> str:
        """The text in quotation marks, with the number of others and, if `counted`, the number of rows."""
        more = say(_MORE[noun], others=self.others) if self.others else ""
        return f"{self.text!r}{more}{self.count if counted else ''}"

    @property
    def count(self) -> str:
        """`, in 3 rows`; empty if the rows are counted elsewhere."""
        return say(", in {rows} {noun}", rows=self.rows, noun=plural(self.rows, "row")) if self.rows else ""

    def refusal(self, code: str, noun: str = "", counted: bool = False, **parts: Any) -> SourceError:
        """The error with that code. It quotes the text as `found`, unless the parts contain it."""
        return SourceError(code, where=self.where, **{"found": self.quoted(noun, counted), **parts})

    def unknown(self, code: str, noun: str, listed: Iterable[str], listing: str, **parts: Any) -> UnknownCodeError:
        """The error for a text that is not `listed`, with the nearest listed texts; the command `listing` shows all."""
        hint = suggestion(self.text, listed, listing)
        return UnknownCodeError(code, where=self.where, found=self.quoted(noun, bool(noun)), hint=hint, **parts)


@dataclass
class Rows:
    """The rows of one file. `numbers` are the values, NaN if missing; `lines` are the lines on which the rows begin.

    In a layout with years or series in columns, each cell is a row, and a line occurs once for each of its cells.
    `wrong` is a column of values with the indices of its invalid texts, which are rejected once the series are known;
    `doubtful` are those that may have a separator of thousands, for which the units are needed.
    `licence` is the licence given in the file. `beside` is the mark next to a number ("b" in "85.2 b"), `sheet` the
    sheet of a workbook. `printed` are the decimals of each value as it is written (-1: unknown), `padded` marks values
    with spaces around them, and `labels` are labels that mean the same as others in the file.
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
    doubtful: tuple[str, list[int]] | None = None
    licence: str = ""
    printed: npt.NDArray[np.int8] | None = None
    padded: Mask | None = None
    labels: TextColumn | None = None
    remarks: tuple[Remark, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, columns: Mapping[str, TextColumn]) -> None:
        """Adds columns, which replace those with the same name."""
        self.columns = {**self.columns, **columns}

    def where(self, row: int, column: str = "") -> Place:
        """`file:line, column X` of a row."""
        sheet = f"[{self.sheet.text(row)}]" if self.sheet else ""
        return Place(f"{self.file.name}{sheet}", int(self.lines[row]), column)

    def remark(self, kind: str, column: str, here: Mask, says: str, meaning: str, quoted: bool = False) -> Remark:
        """The remark on what the rows of the mask say in a column, and how it was read."""
        row = int(np.argmax(here))
        quote = f" ({self.columns[column].text(row)!r})" if quoted else ""
        where = say(
            "{rows}, the first on line {lines}{quote}",
            rows=count_of(int(here.sum()), "row"),
            lines=self.lines[row],
            quote=quote,
        )
        return Remark(
            kind,
            say("{says} in {where}: read as {meaning}", says=says, where=where, meaning=meaning),
            column,
            self.lines[here].tolist(),
        )

    def ignore_without_value(self, cells: TextColumn, missing: Sequence[str]) -> None:
        """Ignores the rows with an empty cell or a missing marker."""
        for marker in ("", *missing):
            if marker in cells.values:
                code = "value_absent" if marker else "cell_empty"
                self.fate.ignore(cells.equals(marker), code, marker=marker)

    def reading(self, flow: Dataflow, evidence: str, **more: Any) -> Reading:
        """The Reading of the file; `more` are further fields of it."""
        ignored, refused = self.fate.set_aside("ignored"), self.fate.set_aside("refused")
        entries = {
            "estimates": 0,
            "licence": self.licence if flow.licences else self.licence or flow.licence,
            "notes": self.notes,
            **more,
        }
        return Reading(self.file, flow.id, len(self), evidence=evidence, ignored=ignored, refused=refused, **entries)

    def spread(self, places: Places, lines: npt.NDArray[np.int32]) -> "Rows":
        """The rows at these places among more lines. The others have empty texts, no number and no fate yet."""

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
        """Rejects the rows of the mask, if any, with the error of that code in the column."""
        if mask.any():
            error = SourceError(code, where=self.where(int(np.argmax(mask)), column), **parts)
            self.fate.refuse(mask, error, column, quote)

    def refuse_texts(
        self, column: str, wrong: Sequence[int], error_of: Callable[[WrongText], SourceError], together: bool = False,
        among: Mask | bool = True,
    ) -> None:  # fmt: skip
        """Rejects the rows whose text has one of the indices, with an error for each text or one for all `together`.

        `among` limits the rows.
        """
        if not wrong:
            return
        source = self.columns[column]
        rows = np.flatnonzero(self.fate.among(source.has(wrong) & among))
        if not len(rows):
            return
        codes = source.codes[rows]
        texts, first = np.unique(codes, return_index=True)
        first_of = dict(zip(texts[: NAMED + 1].tolist(), rows[first].tolist(), strict=False))
        if self.fate.strict or together:
            index = min(first_of, key=first_of.__getitem__)
            shown = self.columns[MELTED].text(first_of[index]) if column == CELLS else column
            counted = len(rows) if self.fate.strict else 0  # otherwise the rows are counted where the reason is shown
            error = error_of(
                WrongText(source.values[index], self.where(first_of[index], shown), len(texts) - 1, counted)
            )
            if self.fate.strict:
                raise error
            self.fate.refuse_undecided(rows, error, shown, lambda row: repr(source.text(row)))
            return
        for index in list(first_of)[:NAMED]:
            for name, here in self._by_shown(column, rows[codes == index]):
                error = error_of(WrongText(source.values[index], self.where(int(here[0]), name)))
                self.fate.refuse_undecided(here, error, name)
        if len(texts) > NAMED:
            text, others = source.text(first_of[int(texts[NAMED])]), len(texts) - NAMED - 1
            for name, here in self._by_shown(column, rows[~np.isin(codes, texts[:NAMED])]):
                error = error_of(WrongText(text, self.where(int(here[0]), name), others))
                self.fate.refuse_undecided(here, error, name, lambda row: repr(source.text(row)))

    def _by_shown(self, column: str, rows: Places) -> list[tuple[str, Places]]:
        """The rows by the column of the file that contains their texts."""
        if column != CELLS:
            return [(column, rows)]
        heads = self.columns[MELTED]
        own = heads.codes[rows]
        return [(heads.values[code], rows[own == code]) for code in np.unique(own)]
