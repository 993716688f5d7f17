"""Records of the catalogue, one class a kind of entry: the one declaration of its keys.

The annotations are what a value may be: they are checked when an entry is read, and schemas/yaml/*.json is generated
from them (`python -m scripts.schemas`) with the text below each key. A title is how `divide show` labels the key.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta

from divide_cli.catalogue.entries import (
    TOGETHER,
    AboveZero,
    Area,
    Code,
    Decimals,
    DecimalText,
    Entry,
    FromZero,
    Id,
    Ids,
    Number,
    OneOf,
    Requirement,
    Short,
    Text,
    Texts,
)

PrintedNumber = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?$")]
Fraction = Annotated[str, Meta(pattern=r"^-?[0-9]+(/[1-9][0-9]*|\.[0-9]+)?$")]
NONE: Any = {}
_Codes = Annotated[list[str], Meta(min_length=1)]


class Aggregation(Entry, frozen=True):
    """How values of economies become the value of a group."""

    method: Literal["weighted_mean", "median_of_areas", "none"]
    """weighted_mean by the people of the weight; median_of_areas, unweighted; none, with a message."""
    weight: Id = ""
    """Id of weights.yaml whose people weigh the values."""
    message: Text = ""
    """Why there is no group value, as the tables say it."""


TOGETHER[Aggregation] = (
    Requirement("method", ("weighted_mean",), needs=("weight",), without=("message",)),
    Requirement("method", ("median_of_areas",), without=("message",)),
    Requirement("method", ("none",), needs=("message",)),
)


class Indicator(Entry, frozen=True):
    """What is measured, in which unit, of whom."""

    id: Id
    """The key of the entry."""
    name: Text
    """Name in full."""
    short: Short
    """Name for narrow tables."""
    unit: Code
    """Code of CL_UNIT_MEASURE and units.yaml."""
    direction: Literal["favourable", "adverse", "none"]
    """Whether more is better (favourable), worse (adverse), or neither (none)."""
    population_base: Text
    """Of whom the value is a share."""
    aggregation: Annotated[Aggregation, Meta(title="group values")]
    """How values of economies become the value of a group."""
    definition: Text
    """What is counted, in our own words."""
    source: Text
    """Where the definition comes from: a document, a page, a standard."""
    sdg: Annotated[Annotated[str, Meta(pattern=r"^[0-9]+\.[0-9a-d]+\.[0-9]+$")] | None, Meta(title="SDG indicator")] = (
        None
    )
    """Number of the SDG indicator; null where it is none."""
    codes: Mapping[Annotated[str, Meta(pattern="^[a-z0-9]+$")], Text] = {}
    """Code of the series at each provider."""


class Unit(Entry, frozen=True):
    """A unit of measure, its range, and the unit of a difference of two values."""

    id: Code
    """The key of the entry."""
    name: Text
    """Name in full."""
    difference: Code
    """Code of the unit of a difference of two values."""
    decimals: Decimals
    """Decimals that tables print."""
    symbol: str
    """Sign beside a number; may be empty."""
    minimum: Number | None = None
    """Lowest value that the unit allows; null where none."""
    maximum: Number | None = None
    """Highest value that the unit allows; null where none."""


class Comparison(Entry, frozen=True):
    """A reference code and a compared code, over a dimension or a grouping of areas."""

    id: Id
    """The key of the entry."""
    name: Text
    """The two sides, reference first."""
    over: Annotated[str, Meta(pattern=r"^([A-Z][A-Z0-9_]*|[a-z][a-z0-9_]*)$")]
    """A dimension of the observation (SEX), or the id of a grouping of areas (income_group)."""
    reference: Annotated[str, Meta(pattern="^[A-Z0-9_]+$")]
    """Code of the side that is expected ahead."""
    compared: Annotated[str, Meta(pattern="^[A-Z0-9_]+$")]
    """Code of the other side."""
    source: Text
    """Where the definition comes from: a document, a page, a standard."""
    area: Area = ""
    """For a grouping: the area within which its groups are compared."""


class Gap(Entry, frozen=True):
    """One indicator by one comparison; group values are combined first and then compared."""

    id: Id
    """The key of the entry."""
    indicator: Id
    """Id of an indicator."""
    comparison: Id
    """Id of comparisons.yaml."""
    cited: Annotated[tuple[Annotated[int, Meta(ge=1)], ...], Meta(extra_json_schema={"uniqueItems": True})] = ()
    """Paragraphs of A/RES/80/173 that print the gap; empty where none does."""
    shown: Annotated[Ids, Meta(title="shown measures")] = ()
    """Measures that the tables print; all are computed."""


class Band(Entry, frozen=True):
    """A closed band that a score over the dimension, rounded half up to `decimals`, lies in or not."""

    over: Code
    """The dimension whose comparisons the band is meant for."""
    lower: DecimalText
    """Lower limit, as decimal text."""
    upper: DecimalText
    """Upper limit, as decimal text."""
    decimals: Decimals
    """Decimals to which the score is rounded half up before it is tested."""


class Constants(TypedDict, total=False):
    """The constants of a formula that somebody could have chosen otherwise."""

    epsilon: AboveZero
    """Aversion to inequality."""
    alpha: Number
    """Parameter of the generalised entropy, neither 0 nor 1."""
    top: Annotated[int, Meta(gt=0, le=100)] | Annotated[float, Meta(gt=0, le=100)]
    """Percent of people at the top."""
    bottom: Annotated[int, Meta(gt=0, le=100)] | Annotated[float, Meta(gt=0, le=100)]
    """Percent of people at the bottom."""


class Measure(Entry, frozen=True):
    """A formula that gives one number: from a reference and a compared value (family pair), or from subgroups."""

    id: Id
    """The key of the entry."""
    name: Text
    """Name in full."""
    short: Short
    """Name for narrow tables."""
    formula: Text
    """The formula in r and c (and N_r and N_c where people are counted), or in y_j, p_j, mu and r_j."""
    unit: Literal["difference", "PT", "RATIO", "PS", "INDEX", "INDEX_1000", "SQUARED", "YEARS"]
    """Unit of the result; `difference` is the unit of a difference of two values (PP for percentages)."""
    equality: Annotated[Number, Meta(title="no inequality")]
    """Its value where both sides are equal."""
    reading: Text
    """What the number says, in one or two sentences."""
    source: Text
    """Where the definition comes from: a document, a page, a standard."""
    increases_with: Literal["reference", "compared", ""] = ""
    """The side whose rise raises the measure, from which its bounds follow."""
    compares_with: Literal["sides", "reference", "best", ""] = ""
    """The values that it looks for: sides (the two named, else the ends of the order, else the highest and the lowest),
    reference (the one named, else the last of the order, else the best), best (the best whatever is named).
    """
    decimals: Decimals | None = None
    """Decimals that tables print where those of the unit would hide it."""
    undefined: Text = ""
    """Where the formula divides by zero; absent where it never does."""
    band: Band | None = None
    """A closed band that the rounded score lies in or not."""
    family: Literal["pair", "simple", "ordered", "unordered", "impact", "areas", "time"] = "pair"
    """What it is formed from: a pair of sides (the default), subgroups (simple, ordered, unordered, impact, areas), or
    the years of a series (time).
    """
    scale: Literal["absolute", "relative", ""] = ""
    """absolute: in the unit of the values; relative: independent of it."""
    weighted: bool = False
    """Whether subgroups count by their population."""
    subgroups: Annotated[int, Meta(ge=2)] = 2
    """The least number of subgroups that it is meant for."""
    needs_maximum: bool = False
    """Whether it needs a unit with a highest value, as percentages have."""
    domain: Annotated[tuple[Number | None, Number | None], Meta(title="values")] = (None, None)
    """Lowest and highest value that it can take; null where there is no limit."""
    interval: Annotated[
        Literal["exact", "closed", "log", "corrected", "simulated", "line", "none", ""],
        Meta(title="interval from standard errors"),
    ] = ""
    """How its interval follows from standard errors: exact (linear), closed (delta method), log, corrected (closed,
    around the estimate less its bias), simulated; from the scatter around a line (line); or none.
    """
    parameters: Constants = NONE
    """Numbers that the formula takes, by name."""
    warnings: Annotated[Texts, Meta(title="beware")] = ()
    """What to beware of when reading it, a sentence each."""


_OF_SUBGROUPS = ("scale", "weighted", "subgroups", "domain", "interval", "warnings")
TOGETHER[Measure] = (
    Requirement(
        "family", ("pair",), needs=("increases_with",), without=(*_OF_SUBGROUPS, "parameters", "needs_maximum")
    ),
    Requirement(
        "family",
        ("simple", "ordered", "unordered", "impact", "areas", "time"),
        needs=_OF_SUBGROUPS,
        without=("increases_with", "band"),
    ),
)


Stage = TypedDict("Stage", {
    "name": Annotated[Text, Meta(description="Name of the stage")],
    "from": Annotated[Number, Meta(description="Lowest value of the stage")],
})  # fmt: skip


class Target(Entry, frozen=True):
    """What is to be reached, of which indicator, by when: a limit of the value, or parity of a comparison."""

    id: Id
    """The key of the entry."""
    name: Text
    """Name in full."""
    short: Short
    """Name for narrow tables."""
    indicator: Id
    """Id of an indicator."""
    year: Annotated[int, Meta(ge=2000, le=2100, title="by")]
    """Calendar year by whose end it is to be reached."""
    source: Text
    """Where the target is set."""
    at_least: PrintedNumber = ""
    """The lowest value that meets the target, as decimal text."""
    at_most: PrintedNumber = ""
    """The highest value that meets the target, as decimal text."""
    parity: Id = ""
    """Id of comparisons.yaml whose parity score is to lie in the band of measures/pair.yaml."""
    bands: Annotated[tuple[Stage, ...], Meta(min_length=2, title="stages")] = ()
    """Stages on the way, from the lowest."""


TOGETHER[Target] = (OneOf((("at_least",), ("at_most",), ("parity",))),)


class Qualifier(Entry, frozen=True):
    """A word beside a printed figure, with its test; or, with `number`, a word that is a figure itself."""

    id: Annotated[str, Meta(pattern="^[a-z][a-z ]*$")]
    """The key of the entry."""
    meaning: Text
    """The test in words: n is the figure, x the unrounded number, a unit that of the last printed place."""
    lower: Fraction = ""
    """Lower end: in units from the figure, or, with number, the number itself."""
    upper: Fraction = ""
    """Upper end, likewise."""
    ends: Literal["included", "excluded"] = "included"
    """Whether the ends themselves pass."""
    number: Annotated[str, Meta(pattern="^[0-9]+(/[1-9][0-9]*)?$")] = ""
    """The number that the word stands for."""
    whole: bool = False
    """Whether the number is a share of a whole: in percent 100 times as much."""
    least: Annotated[int, Meta(ge=1)] = 0
    """Number of economies that must lie below the figure."""


TOGETHER[Qualifier] = (
    OneOf((("lower", "upper"), ("least",))),
    Requirement("number", needs=("lower",)),
)


Severity = Annotated[Literal["note", "warning", "error"], Meta(extra={"error": "severity_unknown"})]


class Scope(TypedDict, total=False):
    """The rows that a rule is applied to."""

    indicators: _Codes
    """Indicators, by id."""
    units: _Codes
    """Units of the indicators."""
    without: list[str]
    """Indicators that are left out."""
    where: Mapping[Code, _Codes]
    """Dimension and the codes that a row must have."""
    subnational: bool
    """Whether parts of the country are asked (true where nothing is said)."""
    further: bool
    """Whether rows broken down by more than sex, age, urbanisation and part of the country are asked (true where
    nothing is said).
    """
    of_parts: bool
    """Only rows of parts of the country or of further breakdowns."""
    families: _Codes
    """Families of layouts whose files are asked."""


class Rule(Entry, frozen=True):
    """What a submission is checked for: which rows (`scope`), how (`kind`, `parameters`, `tolerance`), how grave it is.

    A `gate` sets the rows that break it aside: later rules compare nothing with them. A case that touches rows of a
    rule named in `unless` is that rule's. `together` makes one finding of all cases in a `file`,
    of an `indicator`, or of refused rows of one `reason`.
    """

    id: Id
    """The key of the entry."""
    name: Annotated[str, Meta(min_length=1, max_length=90)]
    """What is wrong where the rule is broken, in a few words."""
    kind: Text
    """How the rule is asked: a kind of divide_cli/rules."""
    severity: Severity
    """How grave it is: error (must be corrected), warning (somebody must look), note (worth knowing)."""
    message: Text
    """What is said of a case; {key}, {found}, {expected}, {detail} and {count} are filled in."""
    hint: Annotated[Text, Meta(title="what to do")]
    """What to do, for somebody who is no programmer."""
    reason: Text
    """Why it is asked."""
    source: Text
    """Who says so, or where it was met."""
    scope: Scope = NONE
    """The rows that it is asked of; all where nothing is said."""
    parameters: Mapping[Annotated[str, Meta(pattern="^[A-Za-z_]+$")], Any] = {}
    """What the kind takes besides; divide_cli/rules describes it with each kind."""
    tolerance: FromZero = 0.0
    """By how much a case may be off, in the unit of its values (a fraction for shares of people)."""
    gate: bool = False
    """Rows that break the rule are compared with nothing by later rules."""
    unless: Annotated[tuple[str, ...], Meta(title="leaves to")] = ()
    """Rules that a case is left to if it touches rows that break them."""
    together: Annotated[Literal["file", "indicator", "reason", ""], Meta(title="one finding for")] = ""
    """One finding for all cases in a file, of an indicator in a file, or of rows refused for one reason."""

    def is_asked_of(self, indicator: Indicator) -> bool:
        """Whether the scope names the indicator, by id or unit, or names none."""
        scope, own, unit = self.scope, indicator.id, indicator.unit
        named = own in scope.get("indicators", (own,)) and own not in scope.get("without", ())
        return named and unit in scope.get("units", (unit,))


class Breakdown(TypedDict, total=False):
    """The codes of a dimension, or of several that are crossed, that have rows of their own."""

    SEX: Annotated[tuple[Literal["F", "M"], ...], Meta(min_length=1)]
    """Codes of CL_SEX."""
    AGE: Annotated[tuple[Annotated[str, Meta(pattern=r"^Y(_GE[0-9]+|[0-9]+T[0-9]+)$")], ...], Meta(min_length=1)]
    """Codes of CL_AGE."""
    URBANISATION: Annotated[tuple[Literal["URB", "RUR"], ...], Meta(min_length=1)]
    """Codes of CL_URBANISATION."""


class Template(Entry, frozen=True):
    """The rows of an empty submission of the indicators that it names."""

    id: Id
    """The key of the entry."""
    name: Text
    """What the rows are of."""
    indicators: Texts
    """Indicators that have these rows, by id; * stands for any letters."""
    breakdowns: Annotated[tuple[Breakdown, ...], Meta(min_length=1)]
    """Dimensions and their codes, one row for each combination; {} is the total."""
    source: Text
    """Who asks for these breakdowns."""
