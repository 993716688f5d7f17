"""Records of layouts (data/catalogue/dataflows): how a file is recognised, and what its columns and texts mean."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, NotRequired, Required, TypedDict

from msgspec import Meta

from divide_cli.catalogue.entries import (
    TOGETHER,
    Area,
    Code,
    Decimals,
    Entry,
    Id,
    OneOf,
    Requirement,
    Text,
    Texts,
    UniqueTexts,
    Words,
)

NONE: Any = {}
Reasons = Annotated[Mapping[str, Words], Meta(min_length=1)]
AnyCode = Annotated[str, Meta(pattern=r"^(_[A-Z]|[A-Z][A-Z0-9_]*)$")]
Columns = Mapping[Code, Text | Annotated[list[Text], Meta(min_length=1)]]


class Period(TypedDict):
    """A spelling of years."""

    pattern: Text
    """Pattern whose first group is the year."""
    status: NotRequired[Text]
    """OBS_STATUS that the spelling means."""
    says: NotRequired[Text]
    """Text for OBS_COMMENT; {} is the spelling in the file."""


class Note(TypedDict):
    """A pattern in notes, and the uniform text for it."""

    pattern: Text
    """Pattern in the note."""
    says: Text
    """Uniform text; its first word is the kind, {1} the first group."""


class Ignored(TypedDict, total=False):
    """Texts that mark rows to ignore, with the reason."""

    codes: Annotated[list[str], Meta(min_length=1)]
    """The texts."""
    codelist: Text
    """A codelist whose codes are ignored."""
    pattern: Text
    """A pattern of the whole text."""
    why: Required[Words]
    """The reason, as reported."""
    code: Id
    """The code of the reason in messages.yaml, if a rule refers to it."""


TOGETHER[Ignored] = (OneOf((("codes",), ("codelist",), ("pattern",))),)


class Melted(TypedDict):
    """Columns that contain values: what their heads mean, and how they are recognised."""

    concept: Literal["TIME_PERIOD", "INDICATOR"]
    """What the heads are: years or series."""
    columns: Text
    """Pattern of the heads."""
    code: NotRequired[Text]
    """Pattern whose first group is the code."""
    beside: NotRequired[Annotated[Mapping[str, Text], Meta(min_length=1)]]
    """Name of a column -> head of the columns that it consists of, one for each column of values; {} is the code."""


class Sheet(TypedDict, total=False):
    """How a sheet of a workbook is read."""

    shape: Required[Literal["passed", "table", "blocks"]]
    """passed: not read; table: years in columns; blocks: titles, heads and years above the groups."""
    why: Words
    """Why it is not read."""
    columns: Columns
    """Concept -> column."""
    years: Text
    """Pattern of the columns that contain values."""
    comment: Text
    """OBS_COMMENT of each value; {Name} is the cell of that column."""
    unused: Reasons
    """Column that is not used -> why."""
    foot: Text
    """Pattern of the line where the notes begin."""
    cut: Text
    """Pattern of what to remove from titles and heads: footnote marks, repeated units."""
    factors: Annotated[Mapping[str, Annotated[int, Meta(ge=2)]], Meta(min_length=1)]
    """Head of a block -> factor for its values."""
    decimals: Decimals
    """Decimals that the sheet says its values have."""
    constants: Annotated[Mapping[Code, Text], Meta(min_length=1)]
    """Concept -> code for the whole sheet; {1} is the first group of the sheet's pattern."""
    again: Words
    """Why a value is set aside if an earlier sheet has its key."""


TOGETHER[Sheet] = (
    Requirement(
        "shape",
        ("passed",),
        needs=("why",),
        without=("columns", "years", "comment", "unused", "foot", "cut", "factors", "decimals", "constants", "again"),
    ),
    Requirement(
        "shape", ("table",), needs=("columns", "years"), without=("why", "foot", "cut", "factors", "decimals", "again")
    ),
    Requirement("shape", ("blocks",), needs=("foot",), without=("why", "columns", "years", "comment", "unused")),
)


class Split(TypedDict):
    """The areas that one code stands for."""

    codes: Annotated[list[Annotated[str, Meta(pattern="^[A-Z]{3}$")]], Meta(min_length=2)]
    """The areas."""
    says: Text
    """Text added to the source."""


class FiscalYear(TypedDict):
    """Where the name or the cells of a list give its fiscal year."""

    pattern: Text
    """Pattern whose first group is a year."""
    add: NotRequired[int]
    """Years to add to it."""


class Lists(TypedDict, total=False):
    """How a list of area groups is read."""

    columns: Required[Annotated[Mapping[str, Annotated[Mapping[str, Area], Meta(min_length=1)]], Meta(min_length=1)]]
    """Pattern of a column -> text in it -> group."""
    none: Required[Reasons]
    """Text that means no group -> why."""
    without_code: Required[Words]
    """What a line without a code is."""
    needs: Reasons
    """Column that every economy fills in -> what a line without it is."""
    left_out: Reasons
    """Code that is not an economy -> what it is."""
    splits: Annotated[Mapping[str, Split], Meta(min_length=1)]
    """Code that stands for several areas -> the areas."""
    says: Reasons
    """Text in a column of groups -> text added to the source."""
    year_of_column: Text
    """Pattern of a column's head whose first group is the fiscal year."""
    year_of_file: Annotated[list[FiscalYear], Meta(min_length=1)]
    """Patterns in the file's name or cells whose first group is the fiscal year. The first that matches applies."""
    begins: Annotated[str, Meta(pattern="^[0-9]{2}-[0-9]{2}$")]
    """Month and day on which a fiscal year begins, in the calendar year before."""
    valid_from: date
    """First day of a list without dates."""
    source: Required[Text]
    """Source of the list; {fy} is the latest fiscal year."""


class Dataflow(Entry, frozen=True):
    """A layout: how a file is recognised, and what its columns and their texts mean.

    FAMILY_KEYS says which keys a family reads in addition to those that all families read.
    """

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """Full name."""
    family: Id
    """Module of divide_cli/readers/layouts that reads it."""
    header: UniqueTexts
    """Columns, keys or sheets by which a file is recognised; ~ begins a pattern, @ the concept of a column's name."""
    example: Text
    """A command that reads such a file."""
    source: Text
    """Source of the definition: a document, a page or a standard."""
    recognised: Annotated[Words, Meta(title="recognised by")] = ""
    """How a file is recognised, in words."""
    kind: Literal["columns", "keys", "sheets"] = "columns"
    """What the header lists: columns of a table, keys of JSON objects, or sheets of a workbook."""
    preamble: Annotated[int, Meta(ge=0)] = 0
    """Number of records that may precede the header."""
    fallback: bool = False
    """Whether the layout is tried only if no other fits, since any producer may use it."""
    ended_by: Text = ""
    """Pattern of the line that ends the table; the lines below it, with fewer cells, are its footnotes."""
    file_name: Text = ""
    """Pattern that the file's name must contain."""
    name_series: Text = ""
    """Pattern whose first group is the code of the series in the file's name."""
    columns: Columns = NONE
    """Concept -> column."""
    dimensions: Columns = NONE
    """Further dimension -> column."""
    comments: Texts = ()
    """Columns whose texts go into OBS_COMMENT."""
    constants: Mapping[Code, Text] = {}
    """Concept -> code for every row."""
    codes: Mapping[Code, Mapping[str, AnyCode]] = {}
    """Concept -> text of the provider -> code."""
    series: Mapping[str, Id | Mapping[Code, Annotated[str, Meta(pattern=r"^[A-Za-z0-9_{}. -]+$")]]] = {}
    """The provider's code of a series -> an indicator, or an indicator and breakdown codes."""
    suffixes: Mapping[Annotated[str, Meta(pattern="^[A-Za-z0-9]+$")], Mapping[Code, AnyCode]] = {}
    """Suffix of the series code of a breakdown -> the codes that it stands for; an empty mapping is the total."""
    compound: Mapping[str, Mapping[str, Mapping[Code, Annotated[str, Meta(pattern=r"^[A-Za-z0-9_{}. -]+$")]]]] = {}
    """Column whose texts combine codes of several concepts -> text (~ begins a pattern) -> concept -> code."""
    alternatives: Annotated[tuple[Annotated[list[Text], Meta(min_length=1)], ...], Meta(min_length=1)] = ()
    """Other headers by which a file is recognised."""
    without: UniqueTexts = ()
    """Columns that such a file does not have, because they mark other layouts; ~ begins a pattern."""
    named_only: UniqueTexts = ()
    """Columns that such a file has only if its name gives the series (`name_series`); ~ begins a pattern."""
    scheme: Id = ""
    """Provider whose codes identify the series (`codes` of indicators)."""
    own_codes: bool = False
    """Whether the columns are named by SDMX concepts and contain this project's codes."""
    rest: Literal["dimensions", ""] = ""
    """What columns are that no key names: dimensions or, if absent, reported as not used."""
    area_scheme: Id = ""
    """Scheme of area_aliases.csv in which areas are spelled."""
    missing: Texts = ()
    """Texts that mean a missing value."""
    flags: Mapping[str, Annotated[str, Meta(pattern="^[A-Z]$")]] = {}
    """Letters after a value -> OBS_STATUS."""
    periods: Annotated[tuple[Period, ...], Meta(min_length=1)] = ()
    """Spellings of years."""
    notes: Annotated[tuple[Note, ...], Meta(min_length=1)] = ()
    """Patterns in notes, and a uniform text for each."""
    ignored: Mapping[str, Annotated[list[Ignored], Meta(min_length=1)]] = {}
    """Concept or column -> texts that mark rows to ignore, with the reason."""
    unit_rule: Literal["report", ""] = ""
    """report: the unit is that of the indicator; if the file states another, this is reported."""
    estimate: Text = ""
    """Text that marks a value as the provider's estimate, in any case."""
    melted: Melted = NONE
    """Columns that contain values: the concept and the pattern of their heads, and the pattern of the code in them."""
    split: Text = ""
    """Separator of the fields joined in the first column."""
    sheets: Annotated[Mapping[str, Sheet], Meta(min_length=1)] = {}
    """Pattern of a sheet's name -> how the sheet is read. The first that matches applies."""
    holds: Literal["area_groups", ""] = ""
    """What a file contains, if it does not contain observations."""
    memberships: Lists = NONE
    """How a list of area groups is read."""
    instead_of: Texts = ()
    """Patterns of a cell in other downloads of the provider that are not read; the message names this one."""
    companions: Texts = ()
    """Patterns of the other files in an archive."""
    licence: Text = ""
    """Id of the licence of the provider's data."""
    licences: Mapping[str, Annotated[Mapping[str, Text], Meta(min_length=1)]] = {}
    """Column that names the database -> its text -> id of the licence, which replaces `licence`."""
    unused: Mapping[str, Words] = {}
    """Column that is not used -> why."""


_OF_COLUMNS = {"comments", "compound", "constants", "dimensions", "scheme", "series", "suffixes", "unit_rule"}
_OF_TEXTS = {"area_scheme", "codes", "estimate", "flags", "ignored", "missing", "notes", "periods"}
_OF_FIGURES = frozenset(_OF_COLUMNS | _OF_TEXTS)
FAMILY_KEYS: Mapping[str, frozenset[str]] = {
    "table": _OF_FIGURES | {"own_codes", "rest"},
    "itu_datahub": _OF_FIGURES,
    "wide": _OF_FIGURES | {"melted", "split"},
    "json": _OF_FIGURES,
    "workbook": _OF_FIGURES | {"sheets"},
    "memberships": frozenset({"area_scheme", "codes", "holds", "memberships", "sheets"}),
    "open_sdg": frozenset({"flags", "ignored", "melted", "missing", "periods"}),
}
"""Family -> the keys that it reads, in addition to those of all families: how a file is recognised and described."""

TOGETHER[Dataflow] = tuple(
    Requirement("family", (family,), without=tuple(sorted(frozenset[str]().union(*FAMILY_KEYS.values()) - own)))
    for family, own in FAMILY_KEYS.items()
)
