"""origin.yaml of a fetched edition: every field that an edition has, from the service, the day and the files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import yaml

from divide_cli import __version__
from divide_cli.catalogue import Service, catalogue
from divide_cli.sources.fetch.store import sha256

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Contents:
    """What an edition holds: its indicators, its files, and the last day that it can know of."""

    indicators: tuple[str, ...]
    files: Mapping[str, bytes]
    vintage: date


def text(edition: str, service: Service, base_url: str, day: date, contents: Contents) -> bytes:
    """The bytes of origin.yaml; the same edition gives the same bytes."""
    entries = [catalogue().indicators[name] for name in contents.indicators]
    codes = [entry.codes[service.id] for entry in entries]
    fields = {
        "id": edition,
        "title": f"{'; '.join(entry.name for entry in entries)} ({service.name}, fetched {in_words(day)})",
        "producer": service.producer,
        "via": None,
        "url": base_url,
        "accessed": day,
        "vintage": contents.vintage,
        "role": "country",
        "default": False,
        **({"method": service.method} if service.method else {}),
        "licence": dict(service.licence),
        "citation": service.citation.format(
            codes=", ".join(codes), accessed=in_words(day), vintage=in_words(contents.vintage)
        ),
        "indicators": list(contents.indicators),
        "raw": [
            {"path": file, "sha256": sha256(content), "bytes": len(content)}
            for file, content in sorted(contents.files.items())
        ],
        "left_out": [],
        "notes": [*service.notes, _requests(service, base_url, codes)],
    }
    document: str = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=120)
    return document.encode()


def _requests(service: Service, base_url: str, codes: Sequence[str]) -> str:
    """The requests behind the files, so that anybody can make them again."""
    series = [f"{name} = {number}" for code in codes for name, number in service.series.get(code, {}).items()]
    path = service.path.replace("{page_size}", str(service.page_size))
    request = f"GET {base_url}{path} ({', '.join(series or codes)})"
    return f"Fetched by divide {__version__}; each file is an answer as received to {request}."


def in_words(day: date) -> str:
    """A day as text: 24 November 2026, whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
