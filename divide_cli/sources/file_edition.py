"""`divide edition add`: makes a file of any known layout an edition of your own, completely or not at all.

The edition has the file as it was given, and an origin.yaml that says how it is read. Rows that cannot be used are left
out in every later reading, as they were when it was added; origin.yaml counts them with their reasons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from divide_cli import __version__, readers
from divide_cli import concepts as v
from divide_cli.catalogue import catalogue, data_dir, is_economy
from divide_cli.errors import NothingComputedError, OptionError, SourceError, reason_of
from divide_cli.errors.text_safety import count_of, in_utf8
from divide_cli.frames.observations import Observations, Reading, SetAside
from divide_cli.language import ENGLISH, current, later, say, speaking
from divide_cli.readers import Memberships, ReadOptions
from divide_cli.sources.editions import editions, folders
from divide_cli.sources.fetch.store import ORIGIN, assembling, day_in_words, origin_document, sha256

UNKNOWN = later("not stated")
"""What is not said about the figures: their producer or their licence."""


@dataclass(frozen=True)
class Facts:
    """What a person says about the figures of a file; empty texts are taken from the file and the day."""

    title: str = ""
    producer: str = ""
    url: str = ""
    licence: str = ""
    citation: str = ""
    vintage: date | None = None


@dataclass(frozen=True)
class Added:
    """An edition that was added: its id, its folder, and how its file was read."""

    edition: str
    folder: Path
    searched: bool
    """Whether the parent folder is searched for editions."""
    reading: Reading
    indicators: tuple[str, ...]
    licence: str


def add(path: Path, edition: str, reading: Mapping[str, str], facts: Facts, parent: Path, day: date) -> Added:
    """Makes the file the edition of that id, in the folder `parent`. `reading` are words of ReadOptions.

    Raises OptionError if an edition has the id, SourceError if the file cannot be read or the folder not written,
    NothingComputedError if the file has no row that can be used.
    """
    if edition in editions() or (parent / edition).exists():
        where = editions()[edition].folder if edition in editions() else parent / edition
        raise OptionError(
            "edition_exists", found=say("{edition} in {where}", edition=edition, where=where), where="--id"
        )
    content, spoken = _content(path, edition, reading), current()
    body, name = _bytes(path), _stored_name(path)
    words = {key: text for key, text in reading.items() if text}
    with speaking(ENGLISH, data_dir()):  # origin.yaml is for machines and for all
        in_english = content if spoken == ENGLISH else _content(path, edition, reading)
        fields = _fields(in_english, edition, path.name, facts, day, sha256(body))
    with assembling(parent, edition, {"file": sha256(body)}) as partial:
        partial.write(name, body)
        partial.finish(origin_document({**fields, "reading": words}, {name: body}), [name])
    editions.cache_clear()
    searched = parent.absolute() in {folder.absolute() for folder in folders()}
    names, licence = tuple(fields["indicators"]), fields["licence"]["id"]
    return Added(edition, parent / edition, searched, content.readings[0], names, licence)


def _content(path: Path, edition: str, reading: Mapping[str, str]) -> Observations:
    """The observations of the file; an error if it has none."""
    content = readers.read(
        str(path) if path.name != "-" else "./-", edition, ReadOptions(**_words(reading), strict=False)
    )
    if isinstance(content, Memberships):
        hint = say("run `divide read {path} --to csv --out groups.csv`, then use `--groups groups.csv`", path=path)
        parts = {"count": len(content.frame), "layout": content.readings[0].dataflow, "hint": hint}
        raise SourceError("memberships_not_observations", where=str(path), **parts)
    if not content.readings[0].used:
        raise NothingComputedError("rows_unusable", where=str(path))
    return content


def _words(reading: Mapping[str, str]) -> dict[str, Any]:
    return {name: reading.get(name, "") for name in ("indicator", "area", "dataflow", "encoding")}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError("edition_unwritable", found=reason_of(error), where=str(path)) from error


def _stored_name(path: Path) -> str:
    """The name of the file in the edition: its own, unless an edition has that file, or does not see it."""
    return f"figures{path.suffix}" if path.name == ORIGIN or path.name.startswith(".") else path.name


def _fields(content: Observations, edition: str, name: str, facts: Facts, day: date, digest: str) -> dict[str, Any]:
    """The keys of origin.yaml, without the file itself."""
    reading, areas = content.readings[0], content.frame[v.REF_AREA].astype(str).unique()
    stated = facts.licence or reading.licence or UNKNOWN
    entry = catalogue().licences.get(stated)
    terms = {"id": stated} | ({"name": entry.name, "url": entry.url} if entry else {})
    producer, file = facts.producer or UNKNOWN, in_utf8(name)
    by = f"{facts.producer}, " if facts.producer else ""
    citation = facts.citation or say(
        "{by}{file} (sha256 {digest}), added {day_in_words}",
        by=by,
        file=file,
        digest=digest[:12],
        day_in_words=day_in_words(day),
    )
    return {
        "id": edition,
        "title": facts.title or say("{file}, added {day_in_words}", file=file, day_in_words=day_in_words(day)),
        "producer": producer,
        "via": None,
        "url": facts.url,
        "accessed": day,
        "vintage": facts.vintage or day,
        "role": "country" if any(map(is_economy, areas)) else "published",
        "default": False,
        "licence": terms,
        "citation": citation,
        "indicators": sorted(content.frame[v.INDICATOR].astype(str).unique().tolist()),
        "left_out": [*_left_out(reading.ignored, "ignored"), *_left_out(reading.refused, "rejected")],
        "notes": [
            say(
                "Added by divide {version}; {used:,} of {rows} of the file are used (layout {layout}).",
                version=__version__,
                used=reading.used,
                rows=count_of(reading.rows, "row"),
                layout=reading.dataflow,
            )
        ],
    }


def _left_out(rows: Sequence[SetAside], fate: str) -> list[dict[str, str]]:
    return [{"what": f"{count_of(part.rows, 'row')} {fate}", "why": part.reason} for part in rows]
