"""Entries that say what is measured: indicators, gaps, comparisons, measures, qualifiers, claims."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from divide_cli.catalogue import (
    Comparison,
    Gap,
    Indicator,
    Measure,
    Qualifier,
    Rule,
    Target,
    catalogue,
    codelist,
)
from divide_cli.catalogue.claims import Claim, Selector
from divide_cli.reports.catalogue.entry import Entry, Lines
from divide_cli.reports.catalogue.sources import by_year
from divide_cli.sources.editions import editions


def indicator(entry: Indicator) -> Entry:
    """An indicator: definition, unit, aggregation, coverage by edition and year."""

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
        (edition.id, by_year(edition, indicator))
        for edition in editions().values()
        if edition.role == "country" and indicator in edition.indicators
    ]


def gap(entry: Gap) -> Entry:
    """A gap: indicator, comparison, paragraphs that cite it."""
    known = catalogue()
    comparison = known.comparisons[entry.comparison]

    def describe() -> Lines:
        return [
            ("indicator", entry.indicator),
            (
                "comparison",
                f"{comparison.name} ({entry.comparison}: {comparison.reference} with {comparison.compared})",
            ),
            ("order", "aggregate then measure"),
            ("cited", ", ".join(f"A/RES/80/173, para {number}" for number in entry.cited) or "not cited"),
            ("shown measures", ", ".join(entry.shown)),
        ]

    return Entry(
        "gaps", entry.id, f"{known.indicators[entry.indicator].name}, {comparison.name}", _cited(entry), describe
    )


def _cited(entry: Gap) -> str:
    return "para " + ", ".join(map(str, entry.cited)) if entry.cited else ""


def comparison(entry: Comparison) -> Entry:
    """A comparison: its two sides."""
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


def measure(entry: Measure) -> Entry:
    """A measure: formula, unit, reading, source."""

    def describe() -> Lines:
        band = entry.band
        weighted = "weighted by population" if entry.weighted else "each subgroup counting once"
        return [
            ("formula", entry.formula),
            ("unit", "that of a difference of two values" if entry.unit == "difference" else entry.unit),
            ("family", "" if entry.family == "pair" else f"{entry.family}, {entry.scale}, {weighted}"),
            ("subgroups", f"{entry.subgroups} or more" if entry.subgroups > 2 else ""),
            ("no inequality", f"{entry.equality:g}" if entry.unit != "YEARS" else ""),
            ("values", _domain(entry)),
            ("undefined", entry.undefined or "never"),
            (
                "band",
                f"{band.lower} to {band.upper}, on the score rounded half up to {band.decimals} decimals"
                if band
                else "",
            ),
            ("reading", entry.reading),
            *(("beware", text) for text in entry.warnings),
            ("interval from standard errors", entry.interval if entry.interval not in ("", "none", "line") else ""),
            ("source", entry.source),
        ]

    return Entry("measures", entry.id, entry.name, entry.formula, describe)


def qualifier(entry: Qualifier) -> Entry:
    """A word beside a printed figure, or one that stands for it."""

    def describe() -> Lines:
        return [
            ("meaning", entry.meaning),
            ("stands for", f"{entry.lower} to {entry.upper}" if entry.number else ""),
            ("kind", "a number in words" if entry.number else "a word beside a figure"),
        ]

    return Entry("qualifiers", entry.id, entry.id, entry.meaning, describe)


def rule(entry: Rule) -> Entry:
    """A rule of a validation: what it asks, of which rows, why, who says so, and what to do."""

    def describe() -> Lines:
        about = {"scope": entry.scope, "parameters": entry.parameters}
        return [
            ("severity", entry.severity),
            ("kind", entry.kind),
            *((name, _plainly(told)) for name, told in about.items() if told),
            ("tolerance", f"{entry.tolerance:g}" if entry.tolerance else ""),
            ("message", entry.message),
            ("what to do", entry.hint),
            ("reason", entry.reason),
            ("source", entry.source),
            ("gate", "rows that break it are compared with nothing by later rules" if entry.gate else ""),
            ("leaves to", ", ".join(entry.unless)),
            ("one finding for", f"all cases of one {entry.together}" if entry.together else ""),
        ]

    return Entry("rules", entry.id, entry.name, entry.severity, describe)


def _plainly(told: Mapping[str, Any]) -> str:
    """A mapping in words: `units PT; dimension SEX; parts F, M`."""
    parts = (
        f"{name} {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}"
        for name, value in told.items()
    )
    return "; ".join(parts)


def _domain(entry: Measure) -> str:
    """`0 to 1`, `0 and above`; empty where it can take any value."""
    low, high = entry.domain
    if low is None or high is None:
        return "" if low is None else f"{low:g} and above"
    return f"{low:g} to {high:g}"


def target(entry: Target) -> Entry:
    """A target: its limit, year and stages."""
    limit = f"at least {entry.at_least}" if entry.at_least else f"at most {entry.at_most}"
    if entry.parity:
        limit = f"parity score of {entry.parity} in the band of parity_score"

    def describe() -> Lines:
        return [
            ("indicator", entry.indicator),
            ("target", limit),
            ("by", str(entry.year)),
            ("stages", ", ".join(f"{band['name']} from {band['from']:g}" for band in entry.bands)),
            ("source", entry.source),
        ]

    return Entry("targets", entry.id, entry.name, f"{entry.indicator}, {limit}, {entry.year}", describe)


def claim(publication: str, entry: Claim) -> Entry:
    """A figure that a publication prints; of its selector the keys that say something, the area and the year last."""
    selector, bare = entry.selector, Selector(entry.selector.area, entry.selector.year)
    keys = [key.name for key in fields(Selector) if getattr(selector, key.name) != getattr(bare, key.name)]
    lines = [
        ("publication", publication),
        ("where", entry.where),
        ("printed", entry.printed),
        ("qualifier", entry.qualifier),
        ("unit", entry.unit + (f", x 10^{entry.unit_mult}" if entry.unit_mult else "")),
        ("number", _plainly({key: getattr(selector, key) for key in (*keys, "area", "year")})),
        ("taken from", ", ".join(entry.editions)),
        ("expected verdict", entry.expect),
        ("reason", entry.reason),
    ]
    about = f"{entry.where}: {entry.quotation}"
    return Entry("claims", f"{publication}.{entry.id}", entry.statement, about, lambda: lines)
