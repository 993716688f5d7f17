"""Records of where figures come from: editions, licences, services, populations and groups of areas; limits."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta, field

from divide_cli.catalogue.entries import AboveZero, Address, Areas, Count, Entry, FromZero, Id, Ids, Text


class Licence(Entry, frozen=True):
    """The terms of a provider's data; `restricts` is empty where naming the source is enough."""

    id: str
    """The key of the entry."""
    name: Text
    """Name in full."""
    url: Annotated[Address, Meta(title="text")]
    """Its text."""
    restricts: Annotated[str, Meta(title="asks")]
    """What a user must know before passing figures on; empty where attribution is enough."""
    source: Text
    """Where the provider says so."""


class Terms(TypedDict):
    """The licence of figures, as their provider states it."""

    id: Text
    """Short id, SPDX where there is one."""
    name: NotRequired[Text]
    """Name in full."""
    url: NotRequired[Address]
    """Address of the terms."""
    redistributable: NotRequired[bool | Text]
    """true, or on which terms."""
    notes: NotRequired[Text]
    """What the terms leave open."""


class Via(TypedDict):
    """The copy through which figures came."""

    repository: Text
    """Address or name of the repository."""
    path: Text
    """Path inside it."""
    commit: Text
    """Commit or release."""


class Raw(TypedDict):
    """A file as its producer published it."""

    path: Text
    """Path below $DIVIDE_RAW."""
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the file."""
    bytes: Count
    """Size."""


class LeftOut(TypedDict):
    """What the producer publishes and the edition does not hold."""

    what: Text
    """What was left out."""
    codes: NotRequired[Annotated[list[Text], Meta(min_length=1, extra_json_schema={"uniqueItems": True})]]
    """Its codes in the raw files."""
    why: Text
    """Why."""


Role = Annotated[Literal["quoted", "published", "country", "weights"], Meta(extra={"error": "role_unknown"})]


class Edition(Entry, frozen=True):
    """One release of a source: where it is from, under which licence, what it knows and lacks (origin.yaml)."""

    id: Id
    """Id of the edition: the name of its folder."""
    title: Text
    """Title of the release."""
    producer: Text
    """Who made the figures."""
    url: Annotated[Address, Meta(title="address")]
    """Address of the release."""
    accessed: date
    """Day on which the raw files were got."""
    vintage: Annotated[date, Meta(title="knows until")]
    """Day up to which the edition can know anything; the default income groups follow from it."""
    role: Role
    """country: figures of economies; published: group values as published; weights: populations; quoted: figures read
    from a publication.
    """
    licence: Terms
    """Terms of the figures."""
    citation: Text
    """How the figures are cited."""
    indicators: Ids
    """Indicators that it holds."""
    via: Annotated[Via | None, Meta(title="copied through")] = None
    """The third-party copy that was used; null where there is none."""
    default: bool = True
    """Whether compute takes the edition where none is named."""
    membership: Text = ""
    """For published group values: the membership that the publisher says it used."""
    method: Text = ""
    """How the figures came about, where footnotes must say it."""
    view: Annotated[str, Meta(pattern=r"^claims/[a-z0-9_]+\.yaml$")] = ""
    """File below data/ that this edition is a view of; it then holds no CSV."""
    raw: Annotated[tuple[Raw, ...], Meta(extra_json_schema={"uniqueItems": True})] = ()
    """The raw files it was derived from."""
    left_out: Annotated[tuple[LeftOut, ...], Meta(extra_json_schema={"uniqueItems": True})] = ()
    """What the raw files hold and the edition does not."""
    notes: Annotated[tuple[Text, ...], Meta(title="note")] = ()
    """What the user of the figures should know."""
    folder: Annotated[Path, Meta(title="found in")] = field(default_factory=Path)


class Weight(Entry, frozen=True):
    """Whose people weigh an economy's percentage, and the editions that count them, in order of preference."""

    id: Id
    """The key of the entry."""
    name: Text
    """Name in full."""
    age_from: Annotated[int, Meta(ge=0, title="ages")]
    """Youngest age that is counted, in years."""
    editions: Ids
    """Editions that count the people, asked in this order, economy by economy."""
    source: Text
    """Where the definition comes from: a document, a page, a standard."""
    note: Text = ""
    """What the user of the weight should know."""


class Grouping(Entry, frozen=True):
    """A set of groups of areas, in one or more dated lists."""

    id: Id
    """The key of the entry."""
    name: Text
    """Name in full."""
    codes: Annotated[Areas, Meta(title="groups")]
    """Codes of the groups, in the order of tables."""
    lists: Annotated[Mapping[Id, Annotated[str, Meta(pattern=r"^[a-z0-9_]+\.csv$")]], Meta(min_length=1)]
    """Name of each list -> its file in data/catalogue/area_groups."""
    default: Annotated[Id, Meta(title="default list")]
    """The list taken unless another is asked for."""
    fallback: Id = ""
    """The list for dates before the default one begins."""
    note: Text = ""
    """How the lists differ."""
    ordered: bool = False
    """Whether the codes stand in an order, from the least to the most disadvantaged."""
    parts_inequality: bool = False
    """Whether the inequality among economies is parted into that between and that within these groups."""


class Manners(Entry, frozen=True):
    """How a service is asked: how often, how patiently, how often again, and how much is taken (seconds, bytes)."""

    seconds_between: FromZero
    """Least seconds between the starts of two requests."""
    connect_seconds: AboveZero
    """Longest wait for a connection, in seconds."""
    read_seconds: AboveZero
    """Longest silence of a connection, in seconds."""
    answer_seconds: AboveZero
    """Longest time for a whole answer, in seconds."""
    attempts: Count
    """Attempts at one request."""
    first_wait: FromZero
    """Seconds before the second attempt; doubled before each further one."""
    longest_wait: FromZero
    """Limit of the doubling, in seconds."""
    jitter: FromZero
    """Up to so many seconds are added by chance."""
    longest_retry_after: FromZero
    """Longest Retry-After that is waited for, in seconds."""
    largest_answer: Count
    """Bytes above which an answer is refused."""


class Service(Entry, frozen=True):
    """A provider's interface that `divide fetch` asks: address, series, manners and terms."""

    id: Id
    """The key of the entry."""
    name: Text
    """Name in full."""
    edition: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*[a-z]$")]
    """First part of the ids of its editions, which the day follows; ends with a letter."""
    base_url: Annotated[str, Meta(pattern="^https://.*[^/]$", title="address", extra_json_schema={"format": "uri"})]
    """Address of the interface, without a slash at its end."""
    path: Annotated[str, Meta(pattern=r"^/.*\{code\}")]
    """Path and query below it, with {code} and, where answers have pages, {page_size} and {page}."""
    producer: Text
    """Who made the figures."""
    citation: Text
    """How the figures are cited, with {codes}, {accessed} and, where the answer states it, {vintage}."""
    licence: Terms
    """Terms of the figures, as origin.yaml holds them."""
    instead: Text
    """What the user can do while the service does not answer."""
    manners: Manners
    """How the service is asked."""
    source: Text
    """Where the description comes from: a document, a page."""
    page_size: Count = 0
    """Rows a page; absent where a series is one answer."""
    series: Mapping[
        str, Annotated[Mapping[Annotated[str, Meta(pattern="^[A-Za-z0-9_]+$")], Count], Meta(min_length=1)]
    ] = {}
    """Code of an indicator -> the series that are fetched -> the number that stands for {code}."""
    method: Text = ""
    """How the figures came about, where footnotes must say it."""
    notes: Annotated[tuple[Text, ...], Meta(title="note")] = ()
    """What the user of the figures should know."""


class Limit(Entry, frozen=True):
    """How much of one thing a file may hold before it is refused."""

    id: Id
    """The key of the entry."""
    name: Text
    """What is counted, with its unit."""
    most: Count
    """The greatest number that is read."""
    reason: Text
    """What honest files need, and what others do."""
    source: Text
    """Who says so."""
