"""Records of where figures come from: editions, licences, services, populations and area groups; and limits."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta, field

from divide_cli.catalogue.entries import (
    TRANSLATED,
    AboveZero,
    Address,
    Areas,
    Count,
    Entry,
    FromZero,
    Id,
    Ids,
    Text,
    Words,
)


class Licence(Entry, frozen=True):
    """The terms of a provider's data; `restricts` is empty if naming the source is enough."""

    id: str
    """Id of the entry: its key in the file."""
    name: Words
    """Full name."""
    url: Annotated[Address, Meta(title="text")]
    """Address of its text."""
    restricts: Annotated[str, Meta(title="conditions", extra=TRANSLATED)]
    """What a user must know before redistributing figures; empty if attribution is enough."""
    source: Words
    """Where the provider states the terms."""


class Terms(TypedDict):
    """The licence of figures, as their provider states it."""

    id: Text
    """Short id, from SPDX if it has one."""
    name: NotRequired[Text]
    """Full name."""
    url: NotRequired[Address]
    """Address of the terms."""
    redistributable: NotRequired[bool | Text]
    """true, or the terms of redistribution."""
    notes: NotRequired[Words]
    """Remarks on the terms."""


class Via(TypedDict):
    """The third-party copy that the figures were taken from."""

    repository: Text
    """Address or name of the repository."""
    path: Text
    """Path inside the repository."""
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


class File(TypedDict):
    """A file of figures in the folder of an edition."""

    path: Annotated[str, Meta(pattern=r"^[^./\\][^/\\]*$")]
    """Name of the file."""
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the file."""
    bytes: Count
    """Size."""


class LeftOut(TypedDict):
    """What the producer publishes but the edition does not contain."""

    what: Words
    """What was left out."""
    codes: NotRequired[Annotated[list[Text], Meta(min_length=1, extra_json_schema={"uniqueItems": True})]]
    """Its codes in the raw files."""
    why: Words
    """Why it was left out."""


class ReadWith(TypedDict, total=False):
    """What the files of an edition do not say themselves, as `divide read` takes it."""

    indicator: Text
    """Id of the indicator."""
    area: Text
    """Code of the economy."""
    dataflow: Text
    """Layout of the files."""
    encoding: Text
    """Encoding of the files."""


Role = Annotated[
    Literal["quoted", "published", "country", "weights", "covariate"], Meta(extra={"error": "role_unknown"})
]


class Edition(Entry, frozen=True):
    """One release of a source: its origin, licence, contents and omissions (origin.yaml)."""

    id: Id
    """Id of the edition: the name of its folder."""
    title: Words
    """Title of the release."""
    producer: Words
    """Who made the figures."""
    url: Annotated[str, Meta(title="address", extra_json_schema={"pattern": "^(https?://|$)"})]
    """Address of the release; empty for a file of your own without one."""
    accessed: date
    """Day on which the raw files were downloaded."""
    vintage: Annotated[date, Meta(title="vintage")]
    """Latest day that the edition can describe; the default income groups are those of this day."""
    role: Role
    """country: figures of economies; published: group values as published; weights: populations; covariate: figures
    that only estimates use; quoted: figures read from a publication.
    """
    licence: Terms
    """Terms of the figures."""
    citation: Words
    """How the figures are cited."""
    indicators: Ids
    """Indicators that it contains."""
    via: Annotated[Via | None, Meta(title="copied through")] = None
    """The third-party copy that was used; null if there is none."""
    default: bool = True
    """Whether compute uses the edition if none is named."""
    reading: Annotated[ReadWith | None, Meta(title="read with")] = None
    """For a file of your own: how it is read. Its rows that cannot be used are left out."""
    membership: Words = ""
    """For published group values: the membership that the publisher states."""
    method: Words = ""
    """How the figures were produced, if footnotes must say so."""
    view: Annotated[str, Meta(pattern=r"^claims/[a-z0-9_]+\.yaml$")] = ""
    """File below data/ that this edition is a view of; it then has no CSV."""
    raw: Annotated[tuple[Raw, ...], Meta(extra_json_schema={"uniqueItems": True})] = ()
    """The raw files that it was derived from."""
    files: Annotated[tuple[File, ...], Meta(extra_json_schema={"uniqueItems": True})] = ()
    """The files of figures in its folder; absent if they are the raw files, as the service sent them."""
    left_out: Annotated[tuple[LeftOut, ...], Meta(extra_json_schema={"uniqueItems": True})] = ()
    """What the raw files contain but the edition does not."""
    notes: Annotated[tuple[Words, ...], Meta(title="note")] = ()
    """What users of the figures should know."""
    folder: Annotated[Path, Meta(title="found in")] = field(default_factory=Path)

    @property
    def sha256_of(self) -> Mapping[str, str]:
        """Name of each file of figures in the folder -> its sha256."""
        return {file["path"]: file["sha256"] for file in self.files or self.raw if "/" not in file["path"]}


class Weight(Entry, frozen=True):
    """The population that weights the percentages of economies, and its editions in order of preference."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """Full name."""
    age_from: Annotated[int, Meta(ge=0, title="ages")]
    """Lowest age included, in years."""
    editions: Ids
    """Editions that give the population, used in this order, economy by economy."""
    same_scope: Annotated[float, Meta(ge=1, title="same scope")]
    """A user's file counts the same people as the editions if the median quotient of both is at most this, and at least
    1 divided by it. Otherwise, the editions do not fill the gaps of the file.
    """
    source: Words
    """Source of the definition: a document, a page or a standard."""
    note: Annotated[Words, Meta(title="remark")] = ""
    """What users of the weight should know."""


class Grouping(Entry, frozen=True):
    """A set of groups of areas, in one or more dated lists."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """Full name."""
    codes: Annotated[Areas, Meta(title="groups")]
    """Codes of the groups, in the order of tables."""
    lists: Annotated[Mapping[Id, Annotated[str, Meta(pattern=r"^[a-z0-9_]+\.csv$")]], Meta(min_length=1)]
    """Name of each list -> its file in data/catalogue/area_groups."""
    default: Annotated[Id, Meta(title="default list")]
    """The list used unless another is chosen."""
    fallback: Id = ""
    """The list for dates before the default list begins."""
    note: Annotated[Words, Meta(title="remark")] = ""
    """How the lists differ."""
    ordered: bool = False
    """Whether the codes are in order, from the least to the most disadvantaged."""
    parts_inequality: bool = False
    """Whether inequality among economies is decomposed between and within these groups."""


class Manners(Entry, frozen=True):
    """How a service is used: pace, patience, repeated attempts and the size of answers (seconds, bytes)."""

    seconds_between: FromZero
    """Minimum seconds between the starts of two requests."""
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
    """Longest wait between attempts, in seconds."""
    jitter: FromZero
    """Largest random addition to a wait, in seconds."""
    longest_retry_after: FromZero
    """Longest Retry-After that is respected, in seconds."""
    largest_answer: Count
    """Bytes above which an answer is rejected."""
    most_pages: Count
    """Pages above which the answers about one indicator are rejected."""


class Service(Entry, frozen=True):
    """A provider's interface that `divide fetch` uses: address, series, manners and terms."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Text
    """Full name."""
    edition: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*[a-z]$")]
    """First part of the ids of its editions, before the day; it ends with a letter."""
    base_url: Annotated[str, Meta(pattern="^https://.*[^/]$", title="address", extra_json_schema={"format": "uri"})]
    """Address of the interface, without a slash at its end."""
    path: Annotated[str, Meta(pattern=r"^/.*\{code\}")]
    """Path and query below the address, with {code} and, if answers have pages, {page_size} and {page}."""
    producer: Text
    """Who made the figures."""
    citation: Text
    """How the figures are cited, with {codes}, {accessed} and, if the answer states it, {vintage}."""
    licence: Terms
    """Terms of the figures, as in origin.yaml."""
    instead: Words
    """What users can do while the service does not answer."""
    manners: Manners
    """How the service is used."""
    source: Text
    """Source of the description: a document or a page."""
    page_size: Count = 0
    """Rows per page; absent if a series is one answer."""
    series: Mapping[
        str, Annotated[Mapping[Annotated[str, Meta(pattern="^[A-Za-z0-9_]+$")], Count], Meta(min_length=1)]
    ] = {}
    """Code of an indicator -> series to fetch -> the number to use for {code}."""
    method: Text = ""
    """How the figures were produced, if footnotes must say so."""
    notes: Annotated[tuple[Text, ...], Meta(title="note")] = ()
    """What users of the figures should know."""


class Limit(Entry, frozen=True):
    """How much of one thing a file may contain before it is rejected."""

    id: Id
    """Id of the entry: its key in the file."""
    name: Words
    """What is counted, with its unit."""
    most: Count
    """The largest number that is accepted."""
    reason: Text
    """What legitimate files need, and what others would do."""
    source: Text
    """Source of the limit."""
