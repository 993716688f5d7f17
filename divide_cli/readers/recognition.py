"""Recognises the layout of a file: its first columns, keys or sheets are compared with the catalogue.

ReadOptions supply facts that a file does not contain, or correct them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from divide_cli.catalogue import Dataflow, catalogue
from divide_cli.catalogue.labels import column_concept, label_of
from divide_cli.catalogue.survey_words import looks_like_microdata
from divide_cli.errors import OptionError, SourceError, suggestion
from divide_cli.language import clauses, commas, later, remarked, say
from divide_cli.readers.opening import Document, TextDocument, WorkbookDocument, microdata
from divide_cli.readers.opening.encodings import codec_of
from divide_cli.readers.opening.text import DELIMITERS
from divide_cli.readers.structure import Structure

_SHOWN = 12
_LISTED = {
    "--area CODE": later("`divide list areas` lists the ISO alpha-3 codes"),
    "--indicator ID": later("`divide list indicators` lists the ids"),
}


_EVIDENCE = {
    "columns": later("columns {names}"), "keys": later("keys {names}"), "sheets": later("sheets {names}"),
}  # fmt: skip
"""What a layout is recognised by."""


@dataclass(frozen=True)
class ReadOptions:
    """How a file is read. A `strict` reading raises the first error; others count rejected rows with their reason.

    `indicator` and `area` replace columns that the file does not have. `dataflow` and `encoding` replace the detection.
    `dimensions` and `attributes` are columns that are part of the key, or are not; a `structure` says so for all
    columns. Raises OptionError if the encoding is unknown.

    A reading is `selecting` if --area and --indicator of the command choose figures instead of describing the file.
    A `submitted` file is read to be checked: invalid values stay in the frame (range, unit, key), and the frame also
    tells how each value is written (PRINTED, PADDED, CELL). `decimals` adds PRINTED alone.
    """

    indicator: str = ""
    area: str = ""
    dataflow: str = ""
    encoding: str = ""
    dimensions: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    structure: Structure | None = None
    strict: bool = True
    selecting: bool = False
    submitted: bool = False
    decimals: bool = False

    def __post_init__(self) -> None:
        """Raises OptionError for an encoding that cannot decode text, before any file is opened."""
        if not _decodes(self.encoding):
            raise OptionError("encoding_unknown", found=self.encoding, where="--encoding")

    @property
    def typed(self) -> list[str]:
        """The options of `divide read` that describe a file in the same way, as words."""
        texts = {name: getattr(self, name) for name in ("indicator", "area", "dataflow", "encoding")}
        texts["structure"] = self.structure.path if self.structure else ""
        words = [word for name, text in texts.items() if text for word in (f"--{name}", text)]
        words += [word for name in self.dimensions for word in ("--dimension", name)]
        return words + [word for name in self.attributes for word in ("--attribute", name)]

    @property
    def tells_decimals(self) -> bool:
        """Whether the frame tells the decimals of each value, if the layout shows them."""
        return self.submitted or self.decimals

    def missing(self, code: str, option: str, path: str, **parts: str) -> SourceError:
        """The error for a file without a fact that the option (`--area CODE`) can supply.

        If the option of that name selects figures, the hint is to convert the file first.
        """
        rewritten = say(
            "run `divide read {path} {option} --out x.csv`, then this command on x.csv", path=path, option=option
        )
        hint = say(
            "{rewritten}; {listed}",
            rewritten=rewritten if self.selecting else say("give {option}", option=option),
            listed=say(_LISTED[option]),
        )
        return SourceError(code, where=path, hint=hint, **parts)


def _decodes(encoding: str) -> bool:
    """Whether the encoding can decode texts; an empty one is detected later."""
    try:
        b"a".decode(codec_of(encoding or "utf-8"))
    except LookupError:
        return False
    except UnicodeError:  # a character of several bytes, or a name that is not valid
        return encoding.isascii()
    return True


@dataclass(frozen=True)
class Match:
    """A layout that fits a file: the position of the header, the name of the file, and the evidence."""

    flow: Dataflow
    record: int
    inner: str
    evidence: str


def recognise(document: Document, options: ReadOptions) -> Match:
    """The one layout that fits the file. A layout whose header contains that of another, and more, fits better.

    If no layout fits, SourceError says what is missing for the nearest ones; if several fit, it lists them.
    `--dataflow` chooses one, and the error then says what is missing for it.
    """
    records, flows = document.records(), catalogue().dataflows
    if options.dataflow and options.dataflow not in flows:
        hint = suggestion(options.dataflow, flows, "`divide list dataflows`")
        raise OptionError("dataflow_unknown", found=options.dataflow, where="--dataflow", hint=hint)
    candidates = [flows[options.dataflow]] if options.dataflow else list(flows.values())
    best = _best(candidates, document, records, options)
    if not best:
        raise _unknown(document, records, candidates, options)
    if len(best) > 1:
        ids = commas(match.flow.id for match in best)
        raise SourceError("dataflow_ambiguous", found=ids, where=document.file.name)
    return best[0]


def sheet_with(book: WorkbookDocument, match: Match) -> tuple[TextDocument, Match]:
    """The sheet of a workbook whose first rows contain the header, as text; SourceError if none or several do."""
    header = {head for head in match.flow.header if not head.startswith("~")}
    sheets = []
    for name in book.sheets:
        text = book.as_text(name)
        place = next((place for place, record in enumerate(text.records()) if header <= set(record)), None)
        if place is not None:
            sheets.append(
                (
                    name,
                    text,
                    replace(
                        match,
                        record=place,
                        evidence=say("{evidence}; sheet {name}", evidence=match.evidence, name=name),
                    ),
                )
            )
    visible = [sheet for sheet in sheets if sheet[0] not in book.hidden]
    if len(visible) == 1 < len(sheets):
        name, text, own = visible[0]
        unread = commas(name for name, _, _ in sheets if name in book.hidden)
        sheets = [
            (
                name,
                text,
                replace(
                    own,
                    evidence=say(
                        "{evidence} (hidden sheets are not read: {unread})", evidence=own.evidence, unread=unread
                    ),
                ),
            )
        ]
    if len(sheets) > 1:
        raise SourceError("sheets_ambiguous", found=commas(name for name, _, _ in sheets), where=book.file.name)
    if not sheets:
        raise SourceError("sheet_columns_missing", expected=commas(sorted(header)), where=book.file.name)
    return sheets[0][1:]


def _best(
    flows: Sequence[Dataflow], document: Document, records: Sequence[Sequence[str]], options: ReadOptions
) -> list[Match]:
    """The layouts that fit the records, without those whose header is a part of another's.

    Layouts that any producer may use (`fallback`) count only if no other fits.
    """
    matches: list[Match] = []
    for fallback in (False, True):
        own = (flow for flow in flows if flow.fallback == fallback)
        matches = matches or [match for flow in own if (match := _match(flow, document, records, options))]
    return [
        one
        for one in matches
        if not any(_better(other.flow, one.flow, options) for other in matches if other is not one)
    ]


def _match(flow: Dataflow, document: Document, records: Sequence[Sequence[str]], options: ReadOptions) -> Match | None:
    inner, chosen = document.inner, bool(options.dataflow)
    if flow.kind != document.unit or (flow.file_name and not chosen and not re.search(flow.file_name, inner)):
        return None
    named = bool(flow.name_series) and bool(re.search(flow.name_series, inner))
    foreign = () if chosen else flow.without if named else (*flow.without, *flow.named_only)
    reach = len(records) if isinstance(document, WorkbookDocument) else flow.preamble + 1
    for place, record in enumerate(records[:reach]):
        headers = (flow.header, *flow.alternatives)
        fitting = [header for header in headers if not _lacking(flow, header, record, options)]
        if fitting and not any(_holds(record, name) for name in foreign):
            shown = [name for name in fitting[0] if not name.startswith(("~", "@"))]
            evidence = say(_EVIDENCE[document.unit], names=commas(shown)) if shown else flow.recognised
            if flow.file_name and not chosen:
                evidence += say("; file name {inner}", inner=inner)
            return Match(flow, place, inner, say("--dataflow; {evidence}", evidence=evidence) if chosen else evidence)
    return None


def _lacking(flow: Dataflow, header: Sequence[str], record: Sequence[str], options: ReadOptions) -> list[str]:
    """The entries of the header that are missing in the record; `~` begins a pattern that one name must match."""
    return [name for name in header if name not in _replaced(flow, options) and not _holds(record, name)]


def _replaced(flow: Dataflow, options: ReadOptions) -> set[str]:
    """The columns that an option of the user replaces."""
    return set(several(flow.columns.get("INDICATOR", ()))) if options.indicator else set()


def several(columns: str | Sequence[str]) -> Sequence[str]:
    """The columns that a layout names for one concept, one or several."""
    return [columns] if isinstance(columns, str) else columns


def _holds(record: Sequence[str], name: str) -> bool:
    """Whether a record contains the name, a name that the pattern matches (~), or one that the labels explain (@).

    `@REF_AREA` is the name of a column of areas in any language, and `@SEX=F` a label of women.
    """
    if name.startswith("@"):
        concept, _, code = name[1:].partition("=")
        cells = (cell for cell in record if cell.strip())
        return any(_means(cell, concept, code) for cell in cells)
    return any(re.fullmatch(name[1:], cell) for cell in record) if name.startswith("~") else name in record


def _means(cell: str, concept: str, code: str) -> bool:
    if not code:
        return column_concept(cell) == concept
    label = label_of(concept, cell)
    return label is not None and label.code == code


def _better(one: Dataflow, other: Dataflow, options: ReadOptions) -> bool:
    """Whether the header of one layout contains that of the other, and more."""
    needed = set(other.header) - _replaced(other, options)
    return set(one.header) > needed or (set(one.header) == needed and bool(one.file_name) > bool(other.file_name))


def _unknown(
    document: Document, records: Sequence[Sequence[str]], candidates: Sequence[Dataflow], options: ReadOptions
) -> SourceError:
    """The error for an unknown layout: what the file contains, and what the nearest layouts expect.

    If a header of a layout is further down, or on a sheet, it says where.
    """
    first = [cell for cell in (records[0] if records else []) if cell]
    if looks_like_microdata(first):
        return microdata(_columns(document, first), document.file.name)
    elsewhere = _elsewhere(document, candidates, options)
    hint = say("see the layouts that are read with `divide list dataflows`")
    cells = [cell for record in records for cell in record]
    instead = (flow for flow in candidates if any(re.fullmatch(one, cell) for one in flow.instead_of for cell in cells))
    if flow := next(instead, None):
        hint = say("download the figures as `{flow}`: this form is not read", flow=flow.name)
    elif len(records) > 1 and all(len(record) == 1 and _quoted_whole(record[0]) for record in records):
        hint = say("each line is in quotation marks as a whole: delete the marks at its beginning and end")
    elif isinstance(document, TextDocument) and not _names_columns(first):
        hint = say(
            "put the names of the columns on the first line: delete the lines above it, or add the header; {hint}",
            hint=hint,
        )
    return SourceError(
        "dataflow_not_recognised",
        expected="" if elsewhere else _nearest(document, records, candidates),
        found=_columns(document, first),
        where=document.file.name,
        hint=elsewhere or hint,
    )


def _columns(document: Document, first: Sequence[str]) -> str:
    """`columns REF_AREA, OBS_VALUE`: what a document has by which layouts are recognised."""
    return say(_EVIDENCE[document.unit], names=commas(first[:_SHOWN]) or say("(none)"))


def _quoted_whole(cell: str) -> bool:
    """Whether the only cell of a line has the delimiters of several cells."""
    return any(mark in cell for mark in DELIMITERS)


def _elsewhere(document: Document, candidates: Sequence[Dataflow], options: ReadOptions) -> str:
    """What to do if a header is on a later line of a text, or on a sheet; empty if there is none."""
    if isinstance(document, TextDocument):
        for number, record in enumerate(document.first_lines()[1:], start=2):
            if best := _best(candidates, document, [record], options):
                return say(
                    "line {number} looks like the header of {called}: delete the lines above it",
                    number=number,
                    called=_called(best),
                )
    elif isinstance(document, WorkbookDocument):
        for name in document.sheets:
            sheet = document.as_text(name)
            for record in sheet.records():
                if best := _best(candidates, sheet, [record], options):
                    todo = say("save the sheet as CSV, with its header on the first line")
                    return say(
                        "sheet {name} looks like {called}, which is read from text: {todo}",
                        name=name,
                        called=_called(best),
                        todo=todo,
                    )
    return ""


def _called(best: Sequence[Match]) -> str:
    return say(" or ").join(f"`{match.flow.name}`" for match in best)


def _names_columns(record: Sequence[str]) -> bool:
    """Whether a record may be a header: several cells, without numbers other than years."""
    numbers = [cell for cell in record if re.fullmatch(r"[-+]?\d[\d.,]*", cell)]
    return len(record) > 1 and all(re.fullmatch(r"(19|20)\d\d", cell) for cell in numbers)


def _nearest(document: Document, records: Sequence[Sequence[str]], candidates: Sequence[Dataflow]) -> str:
    """The layouts most similar to the file, each with the text of why the file does not fit."""
    shares: dict[str, float] = {}
    descriptions: dict[str, str] = {}
    for flow in candidates:
        if flow.kind != document.unit or not records:
            continue
        lacks = [(_lacking(flow, flow.header, record, ReadOptions()), record) for record in records]
        lacking, record = min(lacks, key=lambda entry: len(entry[0]))
        if any(_spoken(name) for name in flow.header if name not in lacking) or len(candidates) == 1:
            shares[flow.id] = len(lacking) / len(flow.header)
            descriptions[flow.id] = remarked(flow.name, _against(flow, lacking, record))
    return clauses(descriptions[name] for name in sorted(shares, key=shares.__getitem__)[:3])


def _against(flow: Dataflow, lacking: Sequence[str], record: Sequence[str]) -> str:
    """Why the record is not a header of the layout; if no column explains it, how the layout is recognised."""
    if named := [spoken for name in lacking if (spoken := _spoken(name))]:
        return say("missing: {named}", named=commas(named))
    foreign = [cell for cell in record if any(_holds([cell], name) for name in (*flow.without, *flow.named_only))]
    return flow.recognised if lacking or not foreign else say("unexpected: {foreign}", foreign=commas(foreign))


def _spoken(name: str) -> str:
    """A name of a header as files write it: itself, the first name in a pattern that lists names, or an empty text."""
    if name.startswith("@"):
        return ""
    if not name.startswith("~"):
        return name
    match = re.fullmatch(r"(?:\(\?i:)?(\w+)(?:\|[\w?|]+)?\)?", name[1:])
    return match[1] if match else ""
