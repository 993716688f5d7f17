"""Records of input formats (data/catalogue/dataflows): how a file is recognised, what its columns and texts mean."""

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
)

NONE: Any = {}
Reasons = Annotated[Mapping[str, Text], Meta(min_length=1)]
AnyCode = Annotated[str, Meta(pattern=r"^(_[A-Z]|[A-Z][A-Z0-9_]*)$")]
Columns = Mapping[Code, Text | Annotated[list[Text], Meta(min_length=1)]]


class Period(TypedDict):
    """A spelling of years."""

    pattern: Text
    """Pattern whose first group is the year."""
    status: NotRequired[Text]
    """OBS_STATUS that it tells."""
    says: NotRequired[Text]
    """What the comment says; {} is the text."""


class Note(TypedDict):
    """A pattern in notes, and the form that it is given."""

    pattern: Text
    """Pattern in the note."""
    says: Text
    """Its form; the first word is its kind, {1} the first group."""


class Ignored(TypedDict, total=False):
    """Texts of rows that hold nothing for us, with the reason."""

    codes: Annotated[list[str], Meta(min_length=1)]
    """The texts."""
    codelist: Text
    """A codelist whose codes are ignored."""
    pattern: Text
    """A pattern of the whole text."""
    why: Required[Text]
    """The reason, as it is reported."""
    code: Id
    """The code of the reason in messages.yaml, where a rule asks for it."""


TOGETHER[Ignored] = (OneOf((("codes",), ("codelist",), ("pattern",))),)


class Melted(TypedDict):
    """Columns that hold values: what their heads say, and how they are known."""

    concept: Literal["TIME_PERIOD", "INDICATOR"]
    """What the heads say: years or series."""
    columns: Text
    """Pattern of the heads."""
    code: NotRequired[Text]
    """Pattern whose first group is the code."""


class Sheet(TypedDict, total=False):
    """How a sheet of a workbook is read."""

    shape: Required[Literal["passed", "table", "blocks"]]
    """passed: not read; table: years in columns; blocks: titles, heads and years stand above the groups."""
    why: Text
    """Why it is not read."""
    columns: Columns
    """Concept -> column."""
    years: Text
    """Pattern of the columns of values."""
    comment: Text
    """OBS_COMMENT of each value; {Name} is the cell of that column."""
    unused: Reasons
    """Column that is dropped -> why."""
    foot: Text
    """Pattern of the line with which the notes begin."""
    cut: Text
    """Pattern of what is left out of titles and heads: footnote marks, repeated units."""
    factors: Annotated[Mapping[str, Annotated[int, Meta(ge=2)]], Meta(min_length=1)]
    """Head of a block -> what its values are multiplied by."""
    decimals: Decimals
    """Decimals that the sheet promises."""
    constants: Annotated[Mapping[Code, Text], Meta(min_length=1)]
    """Concept -> code of the whole sheet; {1} is the first group of the sheet's pattern."""
    again: Text
    """Why a value is set aside whose key a sheet before it holds."""


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
    """The areas that a code of several stands for."""

    codes: Annotated[list[Annotated[str, Meta(pattern="^[A-Z]{3}$")]], Meta(min_length=2)]
    """The areas."""
    says: Text
    """What is added to the source."""


class FiscalYear(TypedDict):
    """Where the fiscal year of a list stands in its name or cells."""

    pattern: Text
    """Pattern whose first group is a year."""
    add: NotRequired[int]
    """Years to add to it."""


class Lists(TypedDict, total=False):
    """How a list of area groups is read."""

    columns: Required[Annotated[Mapping[str, Annotated[Mapping[str, Area], Meta(min_length=1)]], Meta(min_length=1)]]
    """Pattern of a column -> text in it -> group."""
    none: Required[Reasons]
    """Text that says that there is no group -> why."""
    without_code: Required[Text]
    """What a line without a code is."""
    needs: Reasons
    """Column that an economy has -> why a line without it is none."""
    left_out: Reasons
    """Code that is no economy -> what it is."""
    splits: Annotated[Mapping[str, Split], Meta(min_length=1)]
    """Code of several areas -> the areas."""
    says: Reasons
    """Text in a column of groups -> what is added to the source."""
    year_of_column: Text
    """Pattern of a column's head whose first group is the fiscal year."""
    year_of_file: Annotated[list[FiscalYear], Meta(min_length=1)]
    """Patterns in the file's name or cells whose first group is the fiscal year, the first that fits."""
    begins: Annotated[str, Meta(pattern="^[0-9]{2}-[0-9]{2}$")]
    """Month and day on which a fiscal year begins, in the year before."""
    valid_from: date
    """First day of a list without dates."""
    source: Required[Text]
    """Who says so; {fy} is the latest fiscal year."""


class Dataflow(Entry, frozen=True):
    """An input format: by what it is known, what its columns mean, and what is made of their texts.

    FAMILY_KEYS says which keys a family reads beside those that all do.
    """

    id: Id
    """The key of the entry."""
    name: Text
    """Name in full."""
    family: Id
    """Module of divide_cli/readers that reads it."""
    header: UniqueTexts
    """Columns, keys or sheets by which a file is recognised; ~ begins a pattern."""
    example: Text
    """A command that reads such a file."""
    source: Text
    """Where the definition comes from: a document, a page, a standard."""
    recognised: Annotated[Text, Meta(title="recognised by")] = ""
    """By what a file is known, in words."""
    kind: Literal["columns", "keys", "sheets"] = "columns"
    """What the header is made of: columns of a table, keys of JSON objects, or sheets of a workbook."""
    preamble: Annotated[int, Meta(ge=0)] = 0
    """How many records may stand before the header."""
    file_name: Text = ""
    """Pattern that the file's name must hold."""
    name_series: Text = ""
    """Pattern whose first group is the code of the series in the file's name."""
    columns: Columns = NONE
    """Concept -> column."""
    dimensions: Columns = NONE
    """Further dimension -> column."""
    comments: Texts = ()
    """Columns that make OBS_COMMENT."""
    constants: Mapping[Code, Text] = {}
    """Concept -> code of every row."""
    codes: Mapping[Code, Mapping[str, AnyCode]] = {}
    """Concept -> text of the provider -> code."""
    series: Mapping[str, Id | Mapping[Code, Annotated[str, Meta(pattern=r"^[A-Za-z0-9_{}.-]+$")]]] = {}
    """The provider's code of a series -> an indicator, or an indicator and breakdown codes."""
    suffixes: Mapping[Annotated[str, Meta(pattern="^[A-Za-z0-9]+$")], Mapping[Code, AnyCode]] = {}
    """Suffix of a breakdown's series code -> the codes that it stands for; an empty mapping is the total."""
    compound: Mapping[str, Mapping[str, Mapping[Code, Annotated[str, Meta(pattern=r"^[A-Za-z0-9_{}. -]+$")]]]] = {}
    """Column whose texts say codes of several concepts -> text (~ begins a pattern) -> concept -> code."""
    alternatives: Annotated[tuple[Annotated[list[Text], Meta(min_length=1)], ...], Meta(min_length=1)] = ()
    """Other headers by which it is recognised."""
    without: UniqueTexts = ()
    """Columns that such a file has not; after ~ a pattern. They belong to layouts of others."""
    named_only: UniqueTexts = ()
    """Columns that such a file has only where its name says the series (`name_series`); after ~ a pattern."""
    scheme: Id = ""
    """Provider whose codes the indicators name (`codes` of indicators)."""
    own_codes: bool = False
    """Whether the columns are named by SDMX concepts and hold this project's codes."""
    rest: Literal["dimensions", ""] = ""
    """What columns named nowhere are: dimensions, or (where this is absent) reported as not used."""
    area_scheme: Id = ""
    """Scheme of area_aliases.csv by which areas are spelled."""
    missing: Texts = ()
    """Texts that stand for a missing value."""
    flags: Mapping[str, Annotated[str, Meta(pattern="^[A-Z]$")]] = {}
    """Letters beside a value -> OBS_STATUS."""
    periods: Annotated[tuple[Period, ...], Meta(min_length=1)] = ()
    """Spellings of years."""
    notes: Annotated[tuple[Note, ...], Meta(min_length=1)] = ()
    """What the notes say, in one form."""
    ignored: Mapping[str, Annotated[list[Ignored], Meta(min_length=1)]] = {}
    """Concept or column -> texts of rows that hold nothing for us, with the reason."""
    unit_rule: Literal["report", ""] = ""
    """report: the unit is the indicator's, and where the file says another that is reported."""
    estimate: Text = ""
    """Text that marks a value as the provider's estimate, whatever its case."""
    melted: Melted = NONE
    """Columns that hold values: the concept that their heads say, the pattern of the heads, and of the code in them."""
    split: Text = ""
    """Mark that parts the fields joined in the first column."""
    sheets: Annotated[Mapping[str, Sheet], Meta(min_length=1)] = {}
    """Pattern of a sheet's name -> how the sheet is read; the first that fits holds."""
    holds: Literal["area_groups", ""] = ""
    """What a file holds where it holds no observations."""
    memberships: Lists = NONE
    """How a list of area groups is read."""
    companions: Texts = ()
    """Patterns of files that lie beside the data in an archive."""
    licence: Text = ""
    """Id of the licence that the provider gives its data."""
    unused: Mapping[str, Text] = {}
    """Column that is dropped -> why."""


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
"""Family -> the keys that it reads, beside those that all families have: how a file is recognised and described."""

TOGETHER[Dataflow] = tuple(
    Requirement("family", (family,), without=tuple(sorted(frozenset[str]().union(*FAMILY_KEYS.values()) - own)))
    for family, own in FAMILY_KEYS.items()
)
