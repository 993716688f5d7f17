"""origin.yaml of a fetched edition: every field that an edition has, from the service, the day and the files."""

from collections.abc import Mapping
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
    """What an edition holds: its indicators, its files, and the last day of which it can know."""

    indicators: tuple[str, ...]
    files: Mapping[str, bytes]
    vintage: date


def text(edition: str, service: Service, base_url: str, day: date, contents: Contents) -> bytes:
    """The bytes of origin.yaml; the same edition gives the same bytes."""
    known = catalogue().indicators
    codes = {name: known[name].codes[service.id] for name in contents.indicators}
    fields = {
        "id": edition,
        "title": f"{'; '.join(known[name].name for name in codes)} ({service.name}, fetched {in_words(day)})",
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
            codes=", ".join(codes.values()), accessed=in_words(day), vintage=in_words(contents.vintage)
        ),
        "indicators": list(codes),
        "raw": [
            {"path": file, "sha256": sha256(content), "bytes": len(content)}
            for file, content in sorted(contents.files.items())
        ],
        "left_out": [],
        "notes": [*service.notes, _requests(service, base_url, codes)],
    }
    dumped: str = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=120)
    return dumped.encode()


def _requests(service: Service, base_url: str, codes: Mapping[str, str]) -> str:
    """How the files were got, so that anybody can get them again."""
    asked = [
        f"{series} = {number}" for code in codes.values() for series, number in service.series.get(code, {}).items()
    ] or list(codes.values())
    path = service.path.replace("{page_size}", str(service.page_size))
    request = f"GET {base_url}{path} ({', '.join(asked)})"
    return f"Fetched by divide {__version__}; each file is an answer as received to {request}."


def in_words(day: date) -> str:
    """A day as text: 24 November 2026, whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
