"""Entries that say where figures are from: editions, layouts, services, licences."""

import csv
from collections import Counter
from collections.abc import Mapping

from divide_cli.catalogue import (
    Dataflow,
    Edition,
    Licence,
    Service,
    catalogue,
    data_dir,
)
from divide_cli.reports.catalogue.entry import Entry, Lines


def edition(entry: Edition) -> Entry:
    """An edition: producer, dates, licence, years."""

    def describe() -> Lines:
        return [
            ("producer", entry.producer),
            ("role", f"{entry.role} figures"),
            ("method", entry.method),
            ("indicators", ", ".join(entry.indicators)),
            ("knows until", entry.vintage.isoformat()),
            ("accessed", entry.accessed.isoformat()),
            ("found in", str(entry.folder)),
            ("address", entry.url),
            ("copied through", " ".join(map(str, entry.via.values())) if entry.via else ""),
            ("licence", f"{entry.licence['id']}: {entry.licence.get('notes', '')}"),
            ("citation", entry.citation),
            *(("left out", f"{item['what']}: {item['why']}") for item in entry.left_out),
            *(("note", note) for note in entry.notes),
            ("areas by year", by_year(entry)),
        ]

    where = "your folder" if data_dir() not in entry.folder.parents else "embedded"
    about = f"{entry.role}, {entry.vintage}, {entry.licence['id']}, {where}: {entry.folder}"
    return Entry("editions", entry.id, entry.title, about, describe)


def by_year(edition: Edition, indicator: str = "") -> str:
    """How many areas of an edition have a value, by year."""
    seen: set[tuple[str, str]] = set()
    for path in sorted(edition.folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            seen |= {
                (row["TIME_PERIOD"], row["REF_AREA"])
                for row in rows
                if row.get("OBS_VALUE") and indicator in ("", row.get("INDICATOR"))
            }
    counts = Counter(year for year, _ in seen)
    return ", ".join(f"{year}: {counts[year]}" for year in sorted(counts))


def dataflow(entry: Dataflow) -> Entry:
    """A layout: by what it is known, which series it holds, what is ignored."""

    def describe() -> Lines:
        return [
            ("recognised by", entry.recognised),
            (entry.kind, ", ".join(name.removeprefix("~") for name in entry.header)),
            ("series", ", ".join(f"{code} = {_meant(told)}" for code, told in _series(entry).items())),
            ("breakdowns", ", ".join(f"_{suffix}" for suffix in entry.suffixes)),
            *((f"column {name} is not used", why) for name, why in entry.unused.items()),
            *(
                (
                    f"ignored by {concept}",
                    f"{rule.get('codelist') or rule.get('pattern') or ', '.join(rule['codes'])}: {rule['why']}",
                )
                for concept, rules in entry.ignored.items()
                for rule in rules
            ),
            ("licence", entry.licence),
            ("example", entry.example),
            ("source", entry.source),
        ]

    return Entry("dataflows", entry.id, entry.name, entry.recognised, describe)


def _series(entry: Dataflow) -> dict[str, str | Mapping[str, str]]:
    """The series that a dataflow's indicators claim, and its own."""
    return {**catalogue().series_codes.get(entry.scheme, {}), **entry.series}


def _meant(told: str | Mapping[str, str]) -> str:
    return told if isinstance(told, str) else " ".join(told.values())


def service(entry: Service) -> Entry:
    """A service that figures are fetched from."""

    def describe() -> Lines:
        return [("address", entry.base_url), ("licence", str(entry.licence["name"])), ("citation", entry.citation)]

    return Entry("services", entry.id, entry.name, entry.base_url, describe)


def licence(entry: Licence) -> Entry:
    """The terms of a provider's data."""

    def describe() -> Lines:
        return [("text", entry.url), ("asks", entry.restricts or "that the source is named"), ("source", entry.source)]

    return Entry("licences", entry.id, entry.name, entry.restricts, describe)
