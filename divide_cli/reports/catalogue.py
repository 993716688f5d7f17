"""Describes every entry of the catalogue as label and text, by kind and id. Without pandas.

KINDS defines what is shown of a kind: its keys in order, labelled by their declared titles, and the wording of values
that need explanation. A kind is read when it is first used.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeAlias

from msgspec import structs

from divide_cli import language
from divide_cli.catalogue import Dataflow, Edition, area_name, catalogue, codelist, codelists, data_dir, records
from divide_cli.catalogue.applicability import where_in_words
from divide_cli.catalogue.claims import Claim, Selector, publications
from divide_cli.catalogue.entries import title
from divide_cli.concepts import RULE_PAGE
from divide_cli.errors import OptionError, SourceError, suggestion
from divide_cli.language import commas, labelled, later, say
from divide_cli.reports.entry_words import coded, conditions, domain, family, numbers, plainly
from divide_cli.reports.readings import in_words
from divide_cli.reports.tables import with_unit
from divide_cli.sources.editions import areas_by_year, editions

Lines = list[tuple[str, str]]
"""Labels and texts."""


@dataclass(frozen=True)
class Entry:
    """One entry: its kind, id, name, a line about it, and the full description."""

    kind: str
    id: str
    name: str
    about: str
    describe: Callable[[], Lines]


Wording: TypeAlias = str | Callable[[Any], str | tuple[str, ...]]
"""A template for an entry (`over {0.over}`), or a function that gives a text, or several, one a line."""


def _worded(wording: Wording, entry: Any) -> tuple[str, ...]:
    texts = language.filled(say(wording), {}, entry) if isinstance(wording, str) else wording(entry)
    return (texts,) if isinstance(texts, str) else texts


class Kind(NamedTuple):
    """How entries of a kind are shown: the line about each, its keys in order, special wordings, further lines."""

    about: Wording
    keys: str = ""
    words: Mapping[str, Wording] = {}
    more: Callable[[Any], Lines] = lambda _entry: []
    name: Wording = "{0.name}"
    entries: Callable[[], Mapping[str, Any]] | None = None
    """The entries, if they are not in the catalogue under the name of the kind."""

    def describe(self, entry: Any) -> Lines:
        """Label and text of each key, then the further lines."""
        lines = []
        for key in self.keys.split():
            texts = _worded(self.words[key], entry) if key in self.words else (plainly(getattr(entry, key)),)
            lines += [(title(type(entry), key), text) for text in texts]
        return lines + self.more(entry)


def _group_values(entry: records.Indicator) -> str:
    how = entry.aggregation
    return (
        say("none: {message}", message=how.message)
        if how.method == "none"
        else language.filled(coded(how.method), {}, how)
    )


def _economies(entry: records.Indicator) -> Lines:
    """The number of economies by year, for each edition of country figures with the indicator."""
    return [
        (say("economies in {edition}", edition=edition.id), by_year(edition, entry.id))
        for edition in editions().values()
        if edition.role == "country" and entry.id in edition.indicators
    ]


def by_year(edition: Edition, indicator: str = "") -> str:
    """The number of areas of an edition with a value, by year; what is wrong with it if it cannot be used."""
    try:
        counts = areas_by_year(edition, indicator)
    except SourceError as error:
        return say("unknown: {subject} ({where})", subject=error.subject, where=error.where)
    return commas(labelled(year, count) for year, count in counts.items())


def _gap_name(entry: records.Gap) -> str:
    return commas((catalogue().indicators[entry.indicator].name, catalogue().comparisons[entry.comparison].name))


def _sides(entry: records.Gap) -> str:
    one = catalogue().comparisons[entry.comparison]
    return say(
        "{one} ({one_2}: {reference} is the reference for {compared})",
        one=one.name,
        one_2=one.id,
        reference=one.reference,
        compared=one.compared,
    )


def _limit(entry: records.Target) -> str:
    if entry.parity:
        return say("parity, {name} (band of parity_score)", name=catalogue().comparisons[entry.parity].name)
    limit = (
        say("at least {at_least}", at_least=entry.at_least)
        if entry.at_least
        else say("at most {at_most}", at_most=entry.at_most)
    )
    return with_unit(limit, catalogue().indicators[entry.indicator].unit)


def _about_edition(entry: Edition) -> str:
    where = say("embedded") if data_dir() in entry.folder.parents else say("yours: {folder}", folder=entry.folder)
    return commas((coded(entry.role), str(entry.vintage), entry.licence["id"], where))


def _layout(entry: Dataflow) -> Lines:
    """How a layout is recognised, its series, and what is not used or ignored."""
    series = {**catalogue().series_codes.get(entry.scheme, {}), **entry.series}
    codes = {code: [one] if isinstance(one, str) else one.values() for code, one in series.items()}
    return [
        (entry.kind, commas(name.removeprefix("~") for name in entry.header)),
        (later("series"), commas(f"{code} = {' '.join(meaning)}" for code, meaning in codes.items())),
        (later("breakdowns"), commas(f"_{suffix}" for suffix in entry.suffixes)),
        *((say("unused column {name}", name=name), why) for name, why in entry.unused.items()),
        *(
            (
                say("ignored if {concept} is {ignored}", concept=concept or "the row", ignored=_ignored(rule)),
                rule["why"],
            )
            for concept, rules in entry.ignored.items()
            for rule in rules
        ),
        *((key, getattr(entry, key)) for key in ("licence", "example", "source")),
    ]


def _ignored(rule: Mapping[str, Any]) -> str:
    return str(rule.get("codelist") or rule.get("pattern") or commas(rule["codes"]) or say("empty"))


def _claims() -> dict[str, Claim]:
    return {f"{name}.{one.id}": one for name, document in publications().items() for one in document.claims}


def _claim(entry: Claim) -> Lines:
    """The printed figure and expected verdict of a claim, and its selector without empty keys, area and year last."""
    selector, bare = entry.selector, Selector(entry.selector.area, entry.selector.year)
    keys = [key.name for key in structs.fields(Selector) if getattr(selector, key.name) != getattr(bare, key.name)]
    return [
        (later("publication"), next(name for name, document in publications().items() if entry in document.claims)),
        (later("where"), entry.where),
        (later("printed"), entry.printed),
        (later("qualifier"), language.translated(f"qualifiers:{entry.qualifier}.word", entry.qualifier)),
        (
            later("unit"),
            coded(entry.unit) + (say(" times 10^{unit_mult}", unit_mult=entry.unit_mult) if entry.unit_mult else ""),
        ),
        (later("number"), plainly({key: getattr(selector, key) or "latest" for key in (*keys, "area", "year")})),
        (later("editions"), commas(entry.editions)),
        (say("expected verdict"), say(entry.expect)),
        (later("reason"), entry.reason),
    ]


def _area(row: Mapping[str, str]) -> Lines:
    from divide_cli.sources.groupings import memberships_of, sources_of

    return [
        (later("kind"), coded(row["kind"])),
        (say("counted in"), row["part_of"]),
        (say("ISO alpha-2, M49"), commas(part for part in (row["iso2"], row["m49"]) if part)),
        (say("ceased to exist"), row["valid_to"]),
        (later("remark"), language.translated(f"CL_AREA:{row['code']}.note", row["note"])),
        *((later("groups"), text) for text in memberships_of(row["code"], date.today())),
        *((say("source of the list"), text) for text in sources_of(row["code"], date.today())),
        (later("source"), row["source"]),
    ]


KINDS: Mapping[str, Kind] = {
    "indicators": Kind(
        lambda entry: coded(entry.unit) + (say(", SDG {sdg}", sdg=entry.sdg) if entry.sdg else ""),
        "definition unit direction population_base aggregation sdg codes source",
        {
            "aggregation": _group_values,
            "sdg": lambda entry: entry.sdg or say("none"),
            "codes": lambda entry: commas(f"{scheme} {code}" for scheme, code in entry.codes.items()),
        },
        _economies,
    ),
    "gaps": Kind(
        lambda entry: say("para ") + commas(map(str, entry.cited)) if entry.cited else "",
        "indicator comparison order cited shown",
        {
            "comparison": _sides,
            "order": later("values are combined into group values first, then compared"),
            "cited": lambda entry: (
                commas(say("A/RES/80/173, para {number}", number=number) for number in entry.cited) or say("not cited")
            ),
        },
        name=_gap_name,
    ),
    "comparisons": Kind(later("over {0.over}"), "over reference compared source"),
    "measures": Kind(
        "{0.formula}",
        "formula unit family subgroups equality domain undefined band reading applies warnings interval source",
        {
            "family": family,
            "subgroups": lambda entry: (
                say("{subgroups} or more", subgroups=entry.subgroups) if entry.subgroups > 2 else ""
            ),
            "equality": lambda entry: f"{entry.equality:g}" if entry.unit != "YEARS" else "",
            "domain": domain,
            "undefined": lambda entry: entry.undefined or say("never"),
            "band": lambda entry: language.filled(coded("band"), {}, entry.band) if entry.band else "",
            "reading": in_words,
            "applies": where_in_words,
            "warnings": lambda entry: entry.warnings,
            "interval": lambda entry: entry.interval if entry.interval not in ("none", "line") else "",
        },
        entries=lambda: catalogue().every_measure,
    ),
    "estimates": Kind(
        later("{0.indicator}, interval of {0.simulation.level:g} %"),
        "indicator explanation nearest nowcast income region growth level errors simulation sexes breaks source",
        {
            "explanation": lambda entry: entry.explanation,
            **{name: partial(numbers, name) for name in ("growth", "level", "errors", "simulation", "sexes")},
            "breaks": lambda entry: tuple(
                f"{commas((area_name(one.area), one.year, coded(one.treatment)))}: {one.reason}" for one in entry.breaks
            ),
        },
    ),
    "targets": Kind(
        lambda entry: say(
            "{indicator}, {limit}, by {year}", indicator=entry.indicator, limit=_limit(entry), year=entry.year
        ),
        "indicator target year bands source",
        {
            "target": _limit,
            "bands": lambda entry: commas(
                say("{name} from {from_:g}", name=stage["name"], from_=stage["from"]) for stage in entry.bands
            ),
        },
    ),
    "editions": Kind(
        _about_edition,
        "producer role method indicators vintage accessed folder reading url via licence citation left_out notes",
        {
            "via": lambda entry: commas(entry.via.values()) if entry.via else "",
            "licence": lambda entry: f"{entry.licence['id']}. {entry.licence.get('notes', '')}",
            "left_out": lambda entry: tuple(f"{item['what']}. {item['why']}" for item in entry.left_out),
            "notes": lambda entry: entry.notes,
        },
        lambda entry: [(say("areas by year"), by_year(entry))],
        "{0.title}",
        editions,
    ),
    "dataflows": Kind("{0.recognised}", "recognised", more=_layout),
    "services": Kind("{0.base_url}", "base_url licence citation", {"licence": "{0.licence[name]}"}),
    "licences": Kind(
        "{0.restricts}",
        "url restricts source",
        {"restricts": lambda entry: entry.restricts or say("name the source")},
    ),
    "groupings": Kind(
        lambda entry: commas(entry.codes),
        "codes lists default note",
        {
            "codes": lambda entry: commas(f"{code} {area_name(code)}" for code in entry.codes),
            "lists": lambda entry: commas(f"{entry.id}_{key} ({path})" for key, path in entry.lists.items()),
        },
    ),
    "weights": Kind(
        lambda entry: say(", then ").join(entry.editions),
        "editions age_from note source",
        {"editions": lambda entry: say(", then ").join(entry.editions), "age_from": later("{0.age_from} and over")},
    ),
    "rules": Kind(
        lambda entry: say(entry.severity),
        "severity reason source hint message kind scope parameters tolerance gate unless together",
        {
            "severity": lambda entry: say(entry.severity),
            "tolerance": lambda entry: f"{entry.tolerance:g}" if entry.tolerance else "",
            "gate": lambda entry: say("later rules leave out the rows that break it") if entry.gate else "",
            "together": lambda entry: (
                say("all cases of one {together}", together=entry.together) if entry.together else ""
            ),
        },
        lambda entry: [(later("page"), RULE_PAGE.format(entry.id))],
    ),
    "publication_rules": Kind(
        lambda entry: coded(entry.verdict),
        "verdict kinds when message reason source",
        {
            "verdict": lambda entry: coded(entry.verdict),
            "kinds": lambda entry: commas(map(coded, entry.kinds)),
            "when": lambda entry: conditions(entry.when),
        },
    ),
    "claims": Kind("{0.where}: {0.quotation}", more=_claim, name="{0.statement}", entries=language.ByLanguage(_claims)),
    "qualifiers": Kind(
        "{0.meaning}",
        "meaning stands_for also",
        {
            "stands_for": lambda entry: (
                say("{lower} to {upper}", lower=entry.lower, upper=entry.upper) if entry.number else ""
            )
        },
        name=lambda entry: say("a number in words") if entry.number else say("a word before a figure"),
    ),
    "charts": Kind("{0.about}", "about rows rests_on"),
    "areas": Kind(
        lambda row: coded(row["kind"]),
        more=_area,
        name=lambda row: area_name(row["code"]),
        entries=lambda: codelist("CL_AREA").rows,
    ),
    "codelists": Kind(
        lambda entry: say("{count} codes", count=len(entry.codes)),
        more=lambda entry: [(code, entry.name(code)) for code in entry.codes],
        name=lambda entry: str(entry.id.removeprefix("CL_")),
        entries=lambda: {name: codelist(name) for name in codelists()},
    ),
}


class Entries(Mapping[str, Entry]):
    """The entries of a kind by id; each is read when it is used."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    @cached_property
    def _ids(self) -> list[str]:
        own = KINDS[self.kind].entries
        return list(own()) if own else catalogue().ids(self.kind)

    def __getitem__(self, name: str) -> Entry:
        how = KINDS[self.kind]
        entry = (how.entries() if how.entries else getattr(catalogue(), self.kind))[name]
        (title_of, *_), (about, *_) = _worded(how.name, entry), _worded(how.about, entry)
        return Entry(self.kind, name, title_of, about, partial(how.describe, entry))

    def __contains__(self, name: object) -> bool:
        return name in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


@language.ByLanguage
def kinds() -> Mapping[str, Mapping[str, Entry]]:
    """The entries by kind and id."""
    return {kind: Entries(kind) for kind in KINDS}


def find(name: str) -> list[Entry]:
    """The entries with that id, of any kind (`ken` and `Kenya` find KEN, `sex` CL_SEX too); OptionError if none has."""
    for spelling in (name, name.upper(), f"CL_{name.upper()}"):
        matches = [entries[spelling] for entries in kinds().values() if spelling in entries]
        if matches:
            return matches
    if name in editions().wrong:
        raise editions().wrong[name]
    from divide_cli.catalogue.names import areas_typed  # reads the labels of national files, which ids do not need

    if codes := areas_typed(name):
        return [kinds()["areas"][code] for code in codes]
    ids = (entry for entries in kinds().values() for entry in entries)
    raise OptionError("entry_unknown", found=name, hint=suggestion(name, list(ids), "`divide list KIND`"))
