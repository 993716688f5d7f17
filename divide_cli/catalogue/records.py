"""Frozen records of the catalogue, one class a kind of entry; the field names are the keys of the YAML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
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
    """A formula that gives one number from a reference and a compared value."""

    id: str
    name: str
    short: str
    formula: str
    unit: str
    increases_with: str
    equality: float
    reading: str
    source: str
    undefined: str = ""
    band: Band | None = None


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


@dataclass(frozen=True)
class Licence:
    """The terms of a provider's data; `restricts` is empty where naming the source is enough."""

    id: str
    name: str
    url: str
    restricts: str
    source: str


@dataclass(frozen=True)
class Dataflow:
    """An input format: by what it is known, what its columns mean, and what is made of their texts."""

    id: str
    name: str
    family: str
    header: tuple[str, ...]
    example: str
    source: str
    recognised: str = ""
    kind: str = "columns"
    preamble: int = 0
    file_name: str = ""
    name_series: str = ""
    columns: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    dimensions: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    comments: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    series: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    suffixes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    compound: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    alternatives: tuple[Sequence[str], ...] = ()
    without: tuple[str, ...] = ()
    named_only: tuple[str, ...] = ()
    scheme: str = ""
    own_codes: bool = False
    rest: str = ""
    area_scheme: str = ""
    missing: tuple[str, ...] = ()
    flags: Mapping[str, str] = field(default_factory=dict)
    periods: tuple[Mapping[str, str], ...] = ()
    notes: tuple[Mapping[str, str], ...] = ()
    ignored: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    unit_rule: str = ""
    estimate: str = ""
    melted: Mapping[str, str] = field(default_factory=dict)
    split: str = ""
    sheets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    holds: str = ""
    memberships: Mapping[str, Any] = field(default_factory=dict)
    companions: tuple[str, ...] = ()
    licence: str = ""
    unused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Edition:
    """One release of a source: where it is from, under which licence, what it knows and lacks (origin.yaml)."""

    id: str
    title: str
    producer: str
    url: str
    accessed: date
    vintage: date
    role: str  # country | published | weights | quoted
    licence: Mapping[str, str]
    citation: str
    indicators: tuple[str, ...]
    via: Mapping[str, str] | None = None
    default: bool = True
    membership: str = ""
    method: str = ""
    view: str = ""
    raw: tuple[Mapping[str, object], ...] = ()
    left_out: tuple[Mapping[str, object], ...] = ()
    notes: tuple[str, ...] = ()
    folder: Path = Path()


@dataclass(frozen=True)
class Manners:
    """How a service is asked: how often, how patiently, how often again, and how much is taken (seconds, bytes)."""

    seconds_between: float
    connect_seconds: float
    read_seconds: float
    answer_seconds: float
    attempts: int
    first_wait: float
    longest_wait: float
    jitter: float
    longest_retry_after: float
    largest_answer: int


@dataclass(frozen=True)
class Service:
    """A provider's interface that `divide fetch` asks: address, series, manners and terms."""

    id: str
    name: str
    edition: str
    base_url: str
    path: str
    producer: str
    citation: str
    licence: Mapping[str, object]
    instead: str
    manners: Manners
    source: str
    page_size: int = 0
    series: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    method: str = ""
    notes: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class Limit:
    """How much of one thing a file may hold before it is refused."""

    id: str
    name: str
    most: int
    reason: str
    source: str
