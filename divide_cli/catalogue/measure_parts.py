"""Parts of a measure's entry: its band, constants, readings and where it applies; quantities and directions.

A reading is a sentence with slots. The unit of the indicator, its direction (directions.yaml) and its quantity
(quantities.yaml) fill them.
"""

from typing import Annotated, TypedDict

from msgspec import Meta

from divide_cli.catalogue.entries import (
    AboveZero,
    Base,
    Code,
    Decimals,
    DecimalText,
    Entry,
    Id,
    Ids,
    Number,
    Short,
    Words,
)


class Band(Entry, frozen=True):
    """A closed band for a score over the dimension. The score is tested after rounding half up to `decimals`."""

    over: Code
    """Dimension whose comparisons the band applies to."""
    lower: DecimalText
    """Lower end, as decimal text."""
    upper: DecimalText
    """Upper end, as decimal text."""
    decimals: Decimals
    """Decimals to which the score is rounded half up before the test."""
    of: Ids = ()
    """Ids of the quantities that the band applies to (quantities.yaml)."""


class Constants(TypedDict, total=False):
    """The constants of a formula that are a choice."""

    epsilon: AboveZero
    """Aversion to inequality."""
    alpha: Number
    """Parameter of the generalised entropy; any number except 0 and 1."""
    top: Annotated[int, Meta(gt=0, le=100)] | Annotated[float, Meta(gt=0, le=100)]
    """Percent of people at the top."""
    bottom: Annotated[int, Meta(gt=0, le=100)] | Annotated[float, Meta(gt=0, le=100)]
    """Percent of people at the bottom."""


class Courses(TypedDict, total=False):
    """What a change of the gap means, read aloud, by its course.

    {then} and {now} stand for the side that is behind in the years {first} and {last}, {pace} for the yearly change.
    """

    closed: Words
    """The two are nearer to each other than they were."""
    widened: Words
    """They are farther apart."""
    changed_sides: Words
    """The one that was behind is ahead."""
    unchanged: Words
    """They are as far apart as they were."""
    behind: Words
    """What {then} and {now} stand for: the side {side}, and the distance {gap}."""
    level: Words
    """The same if both have one value."""


class Reading(Entry, frozen=True):
    """What the number means: for any value, and for a value above, below, at and perhaps at equality.

    Slots: {reference} and {compared}, the sides; {better} and {worse}, the sides by what is expected; {unit}, that of a
    difference; {noun}, the word for a value; {range}, the bounds or the interval; and the words of directions.yaml.
    """

    text: Words
    """What the number means, in a few sentences. The first is short."""
    above: Words = ""
    """Reading of a value above equality."""
    below: Words = ""
    """Reading of a value below equality; absent if there is none."""
    equal: Words = ""
    """Reading of a value at equality."""
    open: Words = ""
    """Reading of a value whose bounds or interval include equality."""


class Applies(Entry, frozen=True):
    """The quantities that a measure applies to, and why it does not apply to others."""

    quantities: Ids
    """Ids of quantities (quantities.yaml)."""
    reason: Words
    """Why it does not apply to other quantities."""


class Naming(Entry, frozen=True):
    """A name and a short name."""

    name: Words
    """Full name."""
    short: Short
    """Name for narrow tables."""


class Quantity(Entry, frozen=True):
    """A kind of figure: shares of people, prices, numbers. Each indicator is of one quantity."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """The figures, in the plural."""
    noun: Words
    """The word for one value."""
    units: Annotated[tuple[Code, ...], Meta(min_length=1)]
    """Units of its indicators."""
    bases: Annotated[tuple[Base, ...], Meta(min_length=1)]
    """Population bases of its indicators."""
    note: Annotated[Words, Meta(title="remark")] = ""
    """What to know where people weight the values."""


class Direction(Entry, frozen=True):
    """The words for having a higher or a lower value, for a direction of indicators."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """What the direction says."""
    higher: Words
    """To be at the higher value."""
    lower: Words
    """To be at the lower value."""
    higher_than: Words
    """To have a higher value than the other side, which follows."""
    lower_than: Words
    """To have a lower value than the other side, which follows."""
    behind: Words
    """To be behind the other side, which follows; of measures that are reversed for adverse indicators."""
    ahead_of: Words
    """To be ahead of the other side, which follows; of measures that are reversed for adverse indicators."""
    rise: Words
    """What a rise of the average is."""
    fall: Words
    """What a fall of the average is."""
