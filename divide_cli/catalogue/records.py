"""Records of the catalogue: one class for each kind of entry, which is the only declaration of its keys.

The annotations say what a value may be. They are checked when an entry is read, and schemas/yaml/*.json is generated
from them (`python -m scripts.schemas`) with the text below each key. A title is the label of the key in `divide show`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta

from divide_cli.catalogue.entries import (
    TOGETHER,
    TRANSLATED,
    Area,
    Base,
    Code,
    Decimals,
    Entry,
    Id,
    Ids,
    Number,
    OneOf,
    Requirement,
    Short,
    Text,
    Texts,
    Words,
)
from divide_cli.catalogue.measure_parts import Applies, Band, Constants, Courses, Naming, Reading

PrintedNumber = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?$")]
Fraction = Annotated[str, Meta(pattern=r"^-?[0-9]+(/[1-9][0-9]*|\.[0-9]+)?$")]
NONE: Any = {}


class Aggregation(Entry, frozen=True):
    """How the values of economies are combined into a group value."""

    method: Literal["weighted_mean", "median_of_areas", "none"]
    """weighted_mean: weighted by population; median_of_areas: unweighted; none: no group value, with a message."""
    weight: Id = ""
    """Id of the weight (weights.yaml) that the values are weighted by."""
    message: Words = ""
    """Why there is no group value, as shown in tables."""


TOGETHER[Aggregation] = (
    Requirement("method", ("weighted_mean",), needs=("weight",), without=("message",)),
    Requirement("method", ("median_of_areas",), without=("message",)),
    Requirement("method", ("none",), needs=("message",)),
)


class Indicator(Entry, frozen=True):
    """What is measured, in which unit and for which population."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """Full name."""
    short: Short
    """Name for narrow tables."""
    unit: Code
    """Code of CL_UNIT_MEASURE and units.yaml."""
    direction: Literal["favourable", "adverse", "none"]
    """Whether a higher value is better (favourable), worse (adverse) or neither (none)."""
    population_base: Base
    """Population of which the value is a share."""
    aggregation: Annotated[Aggregation, Meta(title="group values")]
    """How the values of economies are combined into a group value."""
    definition: Words
    """What is counted, in our own words."""
    source: Words
    """Source of the definition: a document, a page or a standard."""
    sdg: Annotated[Annotated[str, Meta(pattern=r"^[0-9]+\.[0-9a-d]+\.[0-9]+$")] | None, Meta(title="SDG indicator")] = (
        None
    )
    """Number of the SDG indicator; null if it is not an SDG indicator."""
    codes: Mapping[Annotated[str, Meta(pattern="^[a-z0-9]+$")], Text] = {}
    """The code of the series that each provider uses."""
    also: tuple[Text, ...] = ()
    """Words not in its names by which a sentence is about it: those whom it counts, or leaves out."""


class Unit(Entry, frozen=True):
    """A unit of measure, its range, and the unit of the difference between two values."""

    id: Code
    """Id of the entry: its key in the file."""
    name: Words
    """Full name."""
    difference: Code
    """Code of the unit of the difference between two values."""
    decimals: Decimals
    """Decimals shown in tables."""
    symbol: Annotated[str, Meta(extra=TRANSLATED)]
    """Symbol shown after a number; may be empty."""
    words: Words = ""
    """The unit in a sentence; empty if the name fits."""
    significant: Decimals = 0
    """Digits shown of values below the last decimal; 0 if these are shown as zero."""
    minimum: Number | None = None
    """Lowest possible value; null if there is none."""
    maximum: Number | None = None
    """Highest possible value; null if there is none."""
    impossible: Number | None = None
    """Value above which a figure is not in this unit, although the unit has no maximum; input with it is rejected."""
    plausible: Number | None = None
    """Value above which a figure is doubted."""
    printed: tuple[Text, ...] = ()
    """How texts print the unit after a figure, the usual way first."""
    series_above: Number | None = None
    """Value that some figure of a series exceeds; a series at or below it is doubted."""


class Comparison(Entry, frozen=True):
    """A reference group and a compared group, over a dimension or a grouping of areas."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """The two groups, reference group first."""
    over: Annotated[str, Meta(pattern=r"^([A-Z][A-Z0-9_]*|[a-z][a-z0-9_]*)$")]
    """A dimension of the observations (SEX), or the id of a grouping of areas (income_group)."""
    reference: Annotated[str, Meta(pattern="^[A-Z0-9_]+$")]
    """Code of the reference group, which is expected to be ahead."""
    compared: Annotated[str, Meta(pattern="^[A-Z0-9_]+$")]
    """Code of the compared group."""
    source: Words
    """Source of the definition: a document, a page or a standard."""
    area: Area = ""
    """For a grouping: the area within which its groups are compared."""


class Gap(Entry, frozen=True):
    """One indicator and one comparison. Values are first combined into group values and then compared."""

    id: Id
    """Id of the entry: its key in the file."""
    indicator: Id
    """Id of an indicator."""
    comparison: Id
    """Id of a comparison."""
    cited: Annotated[tuple[Annotated[int, Meta(ge=1)], ...], Meta(extra_json_schema={"uniqueItems": True})] = ()
    """Paragraphs of A/RES/80/173 that quote the gap; empty if there are none."""
    shown: Annotated[Ids, Meta(title="shown measures")] = ()
    """Measures shown in tables; all measures are computed."""


class Measure(Entry, frozen=True):
    """A formula that gives one number, from a reference and a compared value (family pair) or from subgroups."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """Full name."""
    short: Short
    """Name for narrow tables."""
    formula: Words
    """The formula, in r and c (and N_r and N_c if people are counted) or in y_j, p_j, mu and r_j."""
    unit: Literal["difference", "PT", "RATIO", "PS", "INDEX", "INDEX_1000", "SQUARED", "YEARS"]
    """Unit of the result; `difference` is the unit of the difference between two values (PP for percentages)."""
    equality: Annotated[Number, Meta(title="value at equality")]
    """Value of the measure if both groups are equal."""
    reading: Reading
    """What the number means, by the sign of its distance from equality."""
    source: Words
    """Source of the definition: a document, a page or a standard."""
    increases_with: Literal["reference", "compared", ""] = ""
    """The side whose rise raises the measure; its bounds follow from this."""
    compares_with: Literal["sides", "reference", "best", ""] = ""
    """The values that it compares with. sides: the two that are named, else the ends of the order, else the highest and
    the lowest; a reference that is chosen without an order is compared with the worst of the others. reference: the one
    that is named, else the last of the order, else the best. best: always the best.
    """
    decimals: Decimals | None = None
    """Decimals shown in tables, if those of the unit are too few."""
    undefined: Words = ""
    """When the formula has no result; absent if it always has one."""
    band: Band | None = None
    """A closed band that the rounded score is tested against."""
    elsewhere: Naming | None = None
    """Its names where the band is not meant: over another dimension, or of another quantity than shares of people."""
    applies: Annotated[Applies | None, Meta(title="applies to")] = None
    """The quantities that it applies to; all if absent."""
    family: Literal["pair", "simple", "ordered", "unordered", "impact", "areas", "time"] = "pair"
    """What it is computed from: the two groups of a comparison (pair, the default), subgroups (simple, ordered,
    unordered, impact, areas), or the years of a series (time).
    """
    scale: Literal["absolute", "relative", ""] = ""
    """absolute: in the unit of the values; relative: independent of the unit."""
    weighted: bool = False
    """Whether subgroups are weighted by their population."""
    subgroups: Annotated[int, Meta(ge=2)] = 2
    """Smallest number of subgroups that it is meant for."""
    needs_maximum: bool = False
    """Whether it needs a unit with a highest value, such as percentages."""
    domain: Annotated[tuple[Number | None, Number | None], Meta(title="possible values")] = (None, None)
    """Lowest and highest value that it can take; null if there is no limit."""
    quadratic: bool = False
    """Whether it grows with the square of the distance from equality."""
    interval: Annotated[
        Literal["exact", "ellipse", "curved", "kinked_at_mean", "kinked_at_ties", "line", "none", ""],
        Meta(title="confidence interval"),
    ] = ""
    """How its confidence interval follows from standard errors: exact (linear), ellipse (of two sums of the values),
    curved, kinked_at_mean or kinked_at_ties (a measure of spread, smooth or not); from the residuals of a line (line);
    or none.
    """
    parameters: Constants = NONE
    """Constants of the formula, by name."""
    warnings: Annotated[tuple[Words, ...], Meta(min_length=1, title="beware")] = ()
    """Warnings for readers of the number, one sentence each."""
    courses: Courses = NONE
    """For a change of the gap: what it means, by the signs of the first gap and the last."""
    caution: Words = ""
    """What to take into account wherever the number is shown."""

    @property
    def remark(self) -> str:
        """The caution as a part of a comment, without capital and full stop."""
        return f"{self.caution[:1].lower()}{self.caution[1:].rstrip('.')}"

    @property
    def labels(self) -> tuple[str, ...]:
        """The texts by which people name it: its id, and its names in tables and in full."""
        also = (self.elsewhere.name, self.elsewhere.short) if self.elsewhere else ()
        return (self.id, self.short, self.name, *also)


_OF_SUBGROUPS = ("scale", "weighted", "subgroups", "domain", "interval", "warnings")
TOGETHER[Measure] = (
    Requirement(
        "family",
        ("pair",),
        needs=("increases_with",),
        without=(*_OF_SUBGROUPS, "parameters", "needs_maximum", "quadratic"),
    ),
    Requirement(
        "family",
        ("simple", "ordered", "unordered", "impact", "areas", "time"),
        needs=_OF_SUBGROUPS,
        without=("increases_with", "band"),
    ),
)


Stage = TypedDict("Stage", {
    "name": Annotated[Words, Meta(description="Name of the stage")],
    "from": Annotated[Number, Meta(description="Lowest value of the stage")],
})  # fmt: skip


class Target(Entry, frozen=True):
    """A value of an indicator, or parity of a comparison, that is to be reached by the end of a year."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """Full name."""
    short: Short
    """Name for narrow tables."""
    indicator: Id
    """Id of an indicator."""
    year: Annotated[int, Meta(ge=2000, le=2100, title="by the end of")]
    """Calendar year by the end of which it is to be reached."""
    source: Words
    """Source of the target."""
    at_least: PrintedNumber = ""
    """The lowest value that meets the target, as decimal text."""
    at_most: PrintedNumber = ""
    """The highest value that meets the target, as decimal text."""
    parity: Id = ""
    """Id of a comparison. Its parity score must be in the band of measures/pair.yaml."""
    bands: Annotated[tuple[Stage, ...], Meta(min_length=2, title="stages")] = ()
    """Stages on the way to the target, from the lowest."""


TOGETHER[Target] = (OneOf((("at_least",), ("at_most",), ("parity",))),)


class Qualifier(Entry, frozen=True):
    """A word before a printed figure, with its test; or, with `number`, a word that is itself a figure."""

    id: Annotated[str, Meta(pattern="^[a-z][a-z ]*$")]
    """Id of the entry: its key in the file."""
    meaning: Words
    """The test in words: n is the figure, x the unrounded number, a unit is that of the last printed place."""
    lower: Fraction = ""
    """Lower end, in units from the figure; with number, as a number."""
    upper: Fraction = ""
    """Upper end, in units from the figure; with number, as a number."""
    ends: Literal["included", "excluded"] = "included"
    """Whether the ends themselves pass the test."""
    number: Annotated[str, Meta(pattern="^[0-9]+(/[1-9][0-9]*)?$")] = ""
    """The number that the word stands for."""
    whole: bool = False
    """Whether the number is a share of a whole, which is multiplied by 100 for percentages."""
    least: Annotated[int, Meta(ge=1)] = 0
    """Smallest number of economies that must be below the figure."""
    also: tuple[Text, ...] = ()
    """Words of the same meaning, which a text may print; claims name the entry."""


TOGETHER[Qualifier] = (
    OneOf((("lower", "upper"), ("least",))),
    Requirement("number", needs=("lower",)),
)


class Breakdown(TypedDict, total=False):
    """The codes of a dimension, or of several crossed dimensions, that have their own rows."""

    SEX: Annotated[tuple[Literal["F", "M"], ...], Meta(min_length=1)]
    """Codes of CL_SEX."""
    AGE: Annotated[tuple[Annotated[str, Meta(pattern=r"^Y(_GE[0-9]+|[0-9]+T[0-9]+)$")], ...], Meta(min_length=1)]
    """Codes of CL_AGE."""
    URBANISATION: Annotated[tuple[Literal["URB", "RUR"], ...], Meta(min_length=1)]
    """Codes of CL_URBANISATION."""


class Template(Entry, frozen=True):
    """The rows of an empty submission for the indicators that it names."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """What the rows are about."""
    indicators: Texts
    """Ids of the indicators that have these rows; * stands for any letters."""
    breakdowns: Annotated[tuple[Breakdown, ...], Meta(min_length=1)]
    """Dimensions and their codes: one row for each combination; {} is the total."""
    source: Text
    """Source that asks for these breakdowns."""


class Chart(Entry, frozen=True):
    """A picture as a Vega-Lite specification, without its rows."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """Title above the picture."""
    about: Words
    """What the picture shows."""
    rows: Id
    """Name of the rows that it draws (divide_cli/reports/charts/)."""
    rests_on: Annotated[tuple[Literal["result", "levels", "targets", "difference", "profile"], ...], Meta(min_length=1)]
    """Results that the rows come from."""
    sizes: Mapping[Literal["wide", "narrow", "both"], Mapping[str, Any]]
    """Values of the specification for a wide and for a narrow screen, or for both: one drawing costs less than two."""
    spec: Mapping[str, Any]
    """The specification. A text such as {unit} stands for a value of the size, the labels, the colours or the rows."""
    labels: Mapping[str, Words] = {}
    """Words on the picture."""


class SurveyWords(Entry, frozen=True):
    """Words by which the variable of a survey is found, or by which the label of an answer is understood."""

    id: Annotated[str, Meta(pattern="^[A-Za-z][A-Za-z0-9_]*$")]
    """Id of the entry: a key of the design, a dimension, an indicator, or an answer."""
    role: Literal["sample", "breakdown", "indicator", "answer"]
    """What the variable is in the design; answer: the words of the labels of values."""
    words: Annotated[tuple[Texts, ...], Meta(min_length=1)]
    """Lists of words. A name or label fits if it has a word of each list."""
    source: Text
    """Source of the words."""
    without: tuple[Text, ...] = ()
    """Words of names and labels of other variables."""
