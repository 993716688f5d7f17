"""Every entry of the catalogue under its kind and id, described as label and text. Without pandas."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from divide_cli.catalogue import (
    Comparison,
    Dataflow,
    Edition,
    Gap,
    Grouping,
    Indicator,
    Measure,
    Weight,
    area_name,
    catalogue,
    codelist,
    data_dir,
)
from divide_cli.editions import editions, quotation
from divide_cli.errors import OptionError, suggestion

Lines = list[tuple[str, str]]
CODELISTS = ("CL_AGE", "CL_AREA", "CL_OBS_STATUS", "CL_SEX", "CL_UNIT_MEASURE", "CL_URBANISATION", "CL_WB_AGGREGATE")


@dataclass(frozen=True)
class Entry:
    """One entry: its kind, id, name, one line about it, and all there is to say when it is shown."""

    kind: str
    id: str
    name: str
    about: str
    describe: Callable[[], Lines]


@cache
def kinds() -> Mapping[str, Mapping[str, Entry]]:
    """The entries by kind and id."""
    known = catalogue()
    made: dict[str, Iterable[Entry]] = {
        "indicators": map(_indicator, known.indicators.values()),
        "gaps": map(_gap, known.gaps.values()),
        "comparisons": map(_comparison, known.comparisons.values()),
        "measures": map(_measure, known.measures.values()),
        "editions": map(_edition, editions().values()),
        "dataflows": map(_dataflow, known.dataflows.values()),
        "groupings": map(_grouping, known.groupings.values()),
        "weights": map(_weight, known.weights.values()),
        "claims": (entry for name, document in known.claims.items() for entry in map(_claim(name), document["claims"])),
        "areas": map(_area, codelist("CL_AREA").codes),
        "codelists": map(_codelist, CODELISTS),
    }
    return {kind: {entry.id: entry for entry in entries} for kind, entries in made.items()}


def find(name: str) -> list[Entry]:
    """The entries of that id, of whatever kind (`ken` finds KEN, `sex` CL_SEX too); OptionError where there is none."""
    every = kinds()
    for spelling in (name, name.upper(), f"CL_{name.upper()}"):
        found = [entries[spelling] for entries in every.values() if spelling in entries]
        if found:
            return found
    ids = [entry for entries in every.values() for entry in entries]
    raise OptionError("an entry is unknown", found=name, hint=suggestion(name, ids, "`divide list KIND`"))


def _indicator(entry: Indicator) -> Entry:
    def describe() -> Lines:
        combined = entry.aggregation
        how = {"none": f"none: {combined.message}"}.get(combined.method, f"{combined.method} by {combined.weight}")
        return [
            ("definition", entry.definition),
            ("unit", codelist("CL_UNIT_MEASURE").name(entry.unit)),
            ("direction", entry.direction),
            ("population base", entry.population_base),
            ("group values", how),
            ("SDG indicator", entry.sdg or "none"),
            ("codes", ", ".join(f"{who} {code}" for who, code in entry.codes.items())),
            ("source", entry.source),
            *((f"economies in {name}", text) for name, text in _coverage(entry.id)),
        ]

    return Entry("indicators", entry.id, entry.name, f"{entry.unit}, SDG {entry.sdg or '-'}", describe)


def _coverage(indicator: str) -> Lines:
    """Economies by year, for each edition of country figures that holds the indicator."""
    return [
        (edition.id, _by_year(edition, indicator))
        for edition in editions().values()
        if edition.role == "country" and indicator in edition.indicators
    ]


def _by_year(edition: Edition, indicator: str = "") -> str:
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


def _gap(entry: Gap) -> Entry:
    known = catalogue()
    comparison = known.comparisons[entry.comparison]

    def describe() -> Lines:
        return [
            ("indicator", entry.indicator),
            (
                "comparison",
                f"{comparison.name} ({entry.comparison}: {comparison.reference} with {comparison.compared})",
            ),
            ("order", entry.order.replace("_", " ")),
            ("cited", ", ".join(f"A/RES/80/173, para {number}" for number in entry.cited) or "not cited"),
            ("shown measures", ", ".join(entry.shown)),
        ]

    return Entry(
        "gaps", entry.id, f"{known.indicators[entry.indicator].name}, {comparison.name}", _cited(entry), describe
    )


def _cited(entry: Gap) -> str:
    return "para " + ", ".join(map(str, entry.cited)) if entry.cited else ""


def _comparison(entry: Comparison) -> Entry:
    return Entry(
        "comparisons",
        entry.id,
        entry.name,
        f"over {entry.over}",
        lambda: [
            ("over", entry.over),
            ("reference", entry.reference),
            ("compared", entry.compared),
            ("source", entry.source),
        ],
    )


def _measure(entry: Measure) -> Entry:
    def describe() -> Lines:
        band = entry.band
        return [
            ("formula", entry.formula),
            ("unit", "that of a difference of two values" if entry.unit == "difference" else entry.unit),
            ("no inequality", f"{entry.equality:g}"),
            ("undefined", entry.undefined or "never"),
            (
                "band",
                f"{band.lower} to {band.upper}, on the score rounded half up to {band.decimals} decimals"
                if band
                else "",
            ),
            ("reading", entry.reading),
            ("source", entry.source),
        ]

    return Entry("measures", entry.id, entry.name, entry.formula, describe)


def _edition(entry: Edition) -> Entry:
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
            ("areas by year", _by_year(entry)),
        ]

    where = "your folder" if data_dir() not in entry.folder.parents else "embedded"
    about = f"{entry.role}, {entry.vintage}, {entry.licence['id']}, {where}: {entry.folder}"
    return Entry("editions", entry.id, entry.title, about, describe)


def _dataflow(entry: Dataflow) -> Entry:
    def describe() -> Lines:
        return [
            ("recognised by", ", ".join(entry.header)),
            ("series", ", ".join(f"{code} = {indicator}" for code, indicator in entry.series.items())),
            ("breakdowns", ", ".join(f"_{suffix}" for suffix in entry.suffixes)),
            *((f"column {name} is not used", why) for name, why in entry.unused.items()),
            ("licence", entry.licence),
            ("example", entry.example),
            ("source", entry.source),
        ]

    return Entry("dataflows", entry.id, entry.name, entry.example, describe)


def _grouping(entry: Grouping) -> Entry:
    def describe() -> Lines:
        return [
            ("groups", ", ".join(f"{code} {area_name(code)}" for code in entry.codes)),
            ("lists", ", ".join(f"{entry.id}_{key} ({path})" for key, path in entry.lists.items())),
            ("default list", entry.default),
            ("note", entry.note),
        ]

    return Entry("groupings", entry.id, entry.name, ", ".join(entry.codes), describe)


def _weight(entry: Weight) -> Entry:
    return Entry(
        "weights",
        entry.id,
        entry.name,
        ", then ".join(entry.editions),
        lambda: [
            ("editions", ", then ".join(entry.editions)),
            ("ages", f"{entry.age_from} and over"),
            ("note", entry.note),
            ("source", entry.source),
        ],
    )


def _claim(publication: str) -> Callable[[Mapping[str, Any]], Entry]:
    def make(entry: Mapping[str, Any]) -> Entry:
        about = f"{entry['where']}: {quotation(entry)}"
        lines = [
            ("publication", publication),
            ("where", entry["where"]),
            ("printed", entry["printed"]),
            ("qualifier", entry["qualifier"]),
            ("unit", entry["unit"]),
            ("taken from", ", ".join(entry["editions"])),
            ("expected verdict", entry["expect"]),
            ("reason", entry.get("reason", "")),
        ]
        return Entry("claims", f"{publication}.{entry['id']}", entry["statement"], about, lambda: lines)

    return make


def _area(code: str) -> Entry:
    row = codelist("CL_AREA").rows[code]

    def describe() -> Lines:
        from divide_cli.areas import memberships_of

        return [
            ("kind", row["kind"]),
            ("counted with", row["part_of"]),
            ("ISO alpha-2, M49", ", ".join(part for part in (row["iso2"], row["m49"]) if part)),
            ("ceased to exist", row["valid_to"]),
            ("note", row["note"]),
            *(("groups", text) for text in memberships_of(code, date.today())),
            ("source", row["source"]),
        ]

    return Entry("areas", code, row["name"], row["kind"], describe)


def _codelist(name: str) -> Entry:
    entries = codelist(name)
    return Entry(
        "codelists",
        name,
        name.removeprefix("CL_"),
        f"{len(entries.codes)} codes",
        lambda: [(code, entries.name(code)) for code in entries.codes],
    )
