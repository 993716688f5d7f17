"""Frozen records of where figures come from: layouts, editions, services, terms; the names are the keys of the YAML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any


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
class Limit:
    """How much of one thing a file may hold before it is refused."""

    id: str
    name: str
    most: int
    reason: str
    source: str
