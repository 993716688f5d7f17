"""Frozen records of the catalogue, one class a kind of entry; the field names are the keys of the YAML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Aggregation:
    """How values of economies become the value of a group."""

    method: str  # weighted_mean | median_of_areas | none
    weight: str = ""
    message: str = ""


@dataclass(frozen=True)
class Indicator:
    """What is measured, in which unit, of whom."""

    id: str
    name: str
    short: str
    unit: str
    direction: str
    population_base: str
    aggregation: Aggregation
    definition: str
    source: str
    sdg: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unit:
    """A unit of measure, its range, and the unit of a difference of two values."""

    id: str
    name: str
    difference: str
    decimals: int
    symbol: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Weight:
    """Whose people weigh an economy's percentage, and the editions that count them, in order of preference."""

    id: str
    name: str
    age_from: int
    editions: tuple[str, ...]
    source: str
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """A reference code and a compared code, over a dimension or a grouping of areas."""

    id: str
    name: str
    over: str
    reference: str
    compared: str
    source: str
    area: str = ""


@dataclass(frozen=True)
class Gap:
    """One indicator by one comparison."""

    id: str
    indicator: str
    comparison: str
    order: str
    cited: tuple[int, ...] = ()
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Band:
    """A closed band that a score over the dimension, rounded half up to `decimals`, lies in or not."""

    over: str
    lower: Decimal
    upper: Decimal
    decimals: int


@dataclass(frozen=True)
class Measure:
    """A formula that gives one number: from a reference and a compared value (family pair), or from subgroups."""

    id: str
    name: str
    short: str
    formula: str
    unit: str
    equality: float
    reading: str
    source: str
    increases_with: str = ""
    undefined: str = ""
    band: Band | None = None
    family: str = "pair"  # pair | simple | ordered | unordered | impact | areas
    scale: str = ""
    weighted: bool = False
    subgroups: int = 2
    needs_maximum: bool = False
    domain: tuple[float | None, float | None] = (None, None)
    interval: str = ""  # exact | closed | log | corrected | simulated
    parameters: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """What is to be reached, of which indicator, by when: a limit of the value, or parity of a comparison."""

    id: str
    name: str
    short: str
    indicator: str
    year: int
    source: str
    at_least: str = ""
    at_most: str = ""
    parity: str = ""
    bands: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Qualifier:
    """A word beside a printed figure, with its test; or, with `number`, a word that is a figure itself."""

    id: str
    meaning: str
    lower: str = ""
    upper: str = ""
    ends: str = "included"
    number: str = ""
    whole: bool = False
    least: int = 0


@dataclass(frozen=True)
class Grouping:
    """A set of groups of areas, in one or more dated lists."""

    id: str
    name: str
    codes: tuple[str, ...]
    lists: Mapping[str, str]
    default: str
    fallback: str = ""
    note: str = ""
    ordered: bool = False  # the codes stand from the least to the most disadvantaged


@dataclass(frozen=True)
class Rule:
    """What a submission is checked for: which rows (`scope`), how (`kind`, `parameters`, `tolerance`), how grave it is.

    A `gate` sets the rows that break it aside: later rules compare nothing with them. A case that touches rows of a
    rule named in `unless` is that rule's. `together` makes one finding of all cases in a `file`,
    of an `indicator`, or of refused rows of one `reason`.
    """

    id: str
    name: str
    kind: str
    severity: str  # error | warning | note
    message: str
    hint: str
    reason: str
    source: str
    scope: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float = 0.0
    gate: bool = False
    unless: tuple[str, ...] = ()
    together: str = ""


@dataclass(frozen=True)
class Template:
    """The rows of an empty submission of the indicators that it names."""

    id: str
    name: str
    indicators: tuple[str, ...]
    breakdowns: tuple[Mapping[str, Sequence[str]], ...]
    source: str
